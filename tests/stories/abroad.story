# Between two registries: refused by default, with the clause; in the demonstration rehearsed.
2015-11-01 open_registry {registry_id: JPN, party: JPN, world: public}
2015-11-01 open_registry {registry_id: MNG, party: MNG, world: public}
2015-11-01 open_registry {registry_id: THA, party: THA, world: public}
2015-11-01 open_registry {registry_id: JPN-demonstration, party: JPN, world: demonstration}
2015-11-01 open_registry {registry_id: MNG-demonstration, party: MNG, world: demonstration}
2015-11-01 open_account {account_id: JPN/government, registry_id: JPN, account_type: government_holding, holder: Japan}
2015-11-01 open_account {account_id: JPN/company, registry_id: JPN, account_type: entity_holding, holder: A company}
2015-11-01 open_account {account_id: MNG/government, registry_id: MNG, account_type: government_holding, holder: Mongolia}
2015-11-01 open_account {account_id: THA/government, registry_id: THA, account_type: government_holding, holder: Thailand}
2015-11-01 open_account {account_id: JPN-demonstration/company, registry_id: JPN-demonstration, account_type: entity_holding, holder: A company}
2015-11-01 open_account {account_id: JPN-demonstration/retirement, registry_id: JPN-demonstration, account_type: retirement, holder: Japan}
2015-11-01 open_account {account_id: MNG-demonstration/government, registry_id: MNG-demonstration, account_type: government_holding, holder: Mongolia}
2015-11-01 open_account {account_id: MNG-demonstration/retirement, registry_id: MNG-demonstration, account_type: retirement, holder: Mongolia}
2020-12-01 register_project {reference: MN901, world: public, host_party: MNG, status: registered, title: A plant}
2020-12-01 register_project {reference: XD901, world: demonstration, host_party: MNG, status: registered, title: A plant}
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 10, source: s, grade: read, sides: [ \
    {side: JPN, amount: 10, shares: [{account_id: JPN/government, vintage: "2022", quantity: 10}]}]}
2025-01-10 decide_issuance {decision_id: X, world: demonstration, projects: [XD901], total: 10, source: s, grade: read, sides: [ \
    {side: MNG, amount: 10, shares: [{account_id: MNG-demonstration/government, vintage: "2022", quantity: 10}]}]}
2025-01-20 issue {decision_id: D, side: JPN}
2025-01-20 issue {decision_id: X, side: MNG}

2025-02-01 international_transfer {blocks: [JCM-JP-MN901-2022-1-5], target_account: MNG/government} => refused transfer_abroad_not_allowed
2025-02-01 international_transfer {blocks: [JCM-JP-MN901-2022-1-5], target_account: THA/government} => refused registries_cannot_exchange
2025-02-01 international_transfer {blocks: [JCM-JP-MN901-2022-1-5], target_account: JPN/company} => refused registries_cannot_exchange
2025-02-01 international_transfer {blocks: [JCM-JP-MN901-2022-1-5], target_account: MNG-demonstration/government} => refused registries_cannot_exchange

# One entry: out of one registry, into the other.
2025-02-02 international_transfer[there] {blocks: [JCM-MN-XD901-2022-3-6], target_account: JPN-demonstration/company}
2025-02-02 international_transfer[there] {blocks: [JCM-MN-XD901-2022-3-6], target_account: JPN-demonstration/company} => replayed
holds MNG-demonstration/government 6
holds JPN-demonstration/company 4
2025-02-03 transfer {blocks: [JCM-MN-XD901-2022-3], target_account: MNG-demonstration/government} => refused cross_registry_transfer
2025-02-03 retire {blocks: [JCM-MN-XD901-2022-3], retirement_account: MNG-demonstration/retirement, used_for_year: 2030, purpose: ndc} => refused cross_registry_transfer
2025-02-01 record_authorization {world: demonstration, party: JPN, authorization_id: A-JPN, version: 1, purposes: [NDC], grade: read, source: s}
2025-02-01 record_authorization {world: demonstration, party: MNG, authorization_id: A-MNG, version: 1, purposes: [NDC], grade: read, source: s}
2025-02-04 retire {blocks: [JCM-MN-XD901-2022-3-4], retirement_account: JPN-demonstration/retirement, used_for_year: 2030, purpose: ndc}
2025-02-05 international_transfer {blocks: [JCM-MN-XD901-2022-5], target_account: MNG-demonstration/government}
2025-02-05 international_transfer {blocks: [JCM-MN-XD901-2022-3], target_account: MNG-demonstration/government} => refused sink_never_releases
holds MNG-demonstration/government 7
holds JPN-demonstration/company 1
holds JPN-demonstration/retirement 2
