"""The gateway program: it stands beside the meters, reads them, signs what it read, and forwards it when it can.

It knows no database of the receiver and no ledger: only readings (``mrv``), its own spool, its key and an address.
"""
