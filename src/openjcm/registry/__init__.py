"""The registries: accounts, serials and the ledger as a pure function. Japan's and each partner's are instances."""
