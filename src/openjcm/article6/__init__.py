"""Article 6.2 of the Paris Agreement as projections of ledger entries: nothing here is stored.

From the registries' movements and the Parties' authorizations follow the actions (first transfer, acquisition, use,
cancellation), the corresponding adjustments and the emissions balances. The rules are those of decision 2/CMA.3,
annex; what the decision leaves open for the JCM is a named rule handed in by the caller (``docs/article6.md``).
"""
