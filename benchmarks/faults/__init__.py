"""The fault benchmark: faults put into real series, and real labelled ones; see docs/fault_benchmark.md."""
