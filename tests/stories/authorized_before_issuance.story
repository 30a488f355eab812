# Both Parties authorized before Japan issued: the credits were first transferred under that version, so a later
# revocation does not touch them (decision 4/CMA.6; first transfer in the JCM: the Japanese side's issuance).
2015-11-01 open_registry {registry_id: JPN, party: JPN, world: public}
2015-11-01 open_registry {registry_id: MNG, party: MNG, world: public}
2015-11-01 open_account {account_id: JPN/government, registry_id: JPN, account_type: government_holding, holder: Japan}
2015-11-01 open_account {account_id: JPN/retirement, registry_id: JPN, account_type: retirement, holder: Japan}
2020-12-01 register_project {reference: MN901, world: public, host_party: MNG, status: registered, title: A plant}
2020-12-01 register_project {reference: MN902, world: public, host_party: MNG, status: registered, title: Another plant}
2025-03-31 record_authorization {world: public, party: JPN, authorization_id: A, version: 1, purposes: [NDC], grade: read, source: s}
2025-03-31 record_authorization {world: public, party: MNG, authorization_id: A, version: 1, purposes: [NDC], projects: [MN901], grade: read, source: s}
2025-04-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 10, source: s, grade: read, sides: [ \
    {side: JPN, amount: 10, shares: [{account_id: JPN/government, vintage: "2022", quantity: 10}]}, {side: MNG, amount: 0}]}
2025-04-10 issue {decision_id: D, side: JPN}
2025-05-01 record_authorization {world: public, party: MNG, authorization_id: A, version: 2, purposes: [], projects: [MN901], grade: read, source: s}
2025-06-01 retire {blocks: [JCM-JP-MN901-2022-1-4], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc}
holds JPN/retirement 4

# Another project was never covered.
2025-04-10 decide_issuance {decision_id: E, world: public, projects: [MN902], total: 10, source: s, grade: read, sides: [ \
    {side: JPN, amount: 10, shares: [{account_id: JPN/government, vintage: "2022", quantity: 10}]}, {side: MNG, amount: 0}]}
2025-04-10 issue {decision_id: E, side: JPN}
2025-06-01 retire {blocks: [JCM-JP-MN902-2022-1], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc} => refused not_authorized

# A vintage that no source states may be too early: it is not retired, unless the monitoring period shows the years.
2025-04-10 decide_issuance {decision_id: F, world: public, projects: [MN901], total: 5, source: s, grade: secondary, sides: [ \
    {side: JPN, amount: 5, shares: [{account_id: JPN/government, vintage: unknown, quantity: 5}]}, {side: MNG, amount: null}]}
2025-04-10 issue {decision_id: F, side: JPN}
2025-06-01 retire {blocks: [JCM-JP-MN901-unknown-1-5], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc} => refused vintage_not_known
2025-04-11 decide_issuance {decision_id: G, world: public, projects: [MN901], monitoring_start: 2021-02-01, monitoring_end: 2022-06-30, \
    total: 5, source: s, grade: secondary, sides: [ \
    {side: JPN, amount: 5, shares: [{account_id: JPN/government, vintage: unknown, quantity: 5}]}, {side: MNG, amount: null}]}
2025-04-11 issue {decision_id: G, side: JPN}
2025-06-01 retire {blocks: [JCM-JP-MN901-unknown-6-10], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc}
holds JPN/retirement 9
