"""The questions that pages and the API ask of the store, one module per question. Read only: plain SQL, typed rows.

Every function takes an open connection. The pages open it with ``default_transaction_read_only``, in one
repeatable-read transaction per page, so that all figures of a page belong to one state of the ledger.
"""
