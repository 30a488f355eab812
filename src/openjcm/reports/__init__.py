"""Reports: projections of the ledger for a reader outside. One file per report; nothing is stored."""
