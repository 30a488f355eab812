# What a decision may and may not say.
2015-11-01 open_registry {registry_id: JPN, party: JPN, world: public}
2015-11-01 open_registry {registry_id: JPN, party: JPN, world: public} => replayed
2015-11-02 open_registry {registry_id: JPN, party: JPN, world: public} => refused already_on_record
2015-11-01 open_registry {registry_id: MNG, party: MNG, world: public}
2015-11-01 open_registry {registry_id: MNG, party: MNG, world: demonstration} => refused registry_name_does_not_fit
2015-11-01 open_registry {registry_id: MGN, party: MGN, world: public} => refused unknown_country
2015-11-01 open_account {account_id: JPN/government, registry_id: JPN, account_type: government_holding, holder: Japan}
2015-11-01 open_account {account_id: JPN/company, registry_id: JPN, account_type: entity_holding, holder: A company}
2015-11-01 open_account {account_id: JPN/retirement, registry_id: JPN, account_type: retirement, holder: Japan}
2015-11-01 open_account {account_id: MNG/government, registry_id: MNG, account_type: government_holding, holder: Mongolia}
2015-11-02 open_account {account_id: MNG/government, registry_id: MNG, account_type: government_holding, holder: Mongolia} => refused already_on_record
2015-11-01 open_account {account_id: MNG/other, registry_id: JPN, account_type: government_holding, holder: Mongolia} => refused account_name_does_not_fit
2015-11-01 open_account {account_id: THA/other, registry_id: THA, account_type: government_holding, holder: Thailand} => refused unknown_registry
2020-12-01 register_project {reference: MN901, world: public, host_party: MNG, status: registered, title: A plant}
2020-12-02 register_project {reference: MN901, world: public, host_party: MNG, status: registered, title: A plant} => refused already_on_record
2020-12-01 register_project {reference: MN902, world: public, host_party: MNG, status: registered, title: A plant, crediting_period: {start: 2022-01-01, end: 2021-01-01}} => refused period_ends_before_it_begins
2099-12-01 register_project {reference: MN903, world: public, host_party: MNG, status: registered, title: A plant} => refused dated_in_the_future

# Sums.
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 50, source: s, grade: read, sides: [ \
    {side: JPN, amount: 40, shares: [{account_id: JPN/government, vintage: "2022", quantity: 40}]}, {side: MNG, amount: 11, \
    shares: [{account_id: MNG/government, vintage: "2022", quantity: 11}]}]} => refused sides_do_not_sum
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 30, source: s, grade: read, sides: [ \
    {side: JPN, amount: 40, shares: [{account_id: JPN/government, vintage: "2022", quantity: 40}]}, {side: MNG, amount: null}]} => refused sides_do_not_sum
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 40, source: s, grade: read, sides: [ \
    {side: JPN, amount: 40, shares: [{account_id: JPN/government, vintage: "2022", quantity: 39}]}]} => refused shares_do_not_sum
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 40, source: s, grade: read, sides: [ \
    {side: JPN, amount: null, shares: [{account_id: JPN/government, vintage: "2022", quantity: 39}]}]} => refused shares_do_not_sum
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 40, source: s, grade: read, sides: [ \
    {side: JPN, amount: 40, shares: [{account_id: JPN/government, vintage: "2022", quantity: 20}, \
    {account_id: JPN/government, vintage: "2022", quantity: 20}]}]} => refused share_named_twice
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 40, source: s, grade: read, sides: [ \
    {side: JPN, amount: 40, shares: [{account_id: JPN/government, vintage: "2022", quantity: 41}, \
    {account_id: JPN/company, vintage: "2022", quantity: -1}]}]} => refused quantity_not_positive
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 40, source: s, grade: read, sides: [ \
    {side: JPN, amount: 40, shares: [{account_id: JPN/government, vintage: "2022", quantity: 40}, \
    {account_id: JPN/company, vintage: "2022", quantity: 0}]}]} => refused quantity_not_positive
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: -1, source: s, grade: read, sides: [{side: JPN, amount: null}]} => refused quantity_not_positive
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: null, source: s, grade: read, sides: [{side: JPN, amount: -5}]} => refused quantity_not_positive
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 2, source: s, grade: read, sides: [ \
    {side: JPN, amount: 1, shares: [{account_id: JPN/government, vintage: "2022", quantity: 1}]}, \
    {side: JPN, amount: 1, shares: [{account_id: JPN/government, vintage: "2022", quantity: 1}]}]} => refused side_named_twice

# Names.
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 1, source: s, grade: read, \
    monitoring_start: 2022-01-01, monitoring_end: 2022-12-31, sides: [ \
    {side: JPN, amount: 1, shares: [{account_id: JPN/government, vintage: "2023", quantity: 1}]}]} => refused vintage_outside_period
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 1, source: s, grade: read, sides: [ \
    {side: JPN, amount: 1, shares: [{account_id: JPN/government, vintage: last year, quantity: 1}]}]} => refused vintage_not_readable
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 1, source: s, grade: read, sides: [ \
    {side: JPN, amount: 1, shares: [{account_id: JPN/nobody, vintage: "2022", quantity: 1}]}]} => refused unknown_account
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 1, source: s, grade: read, sides: [ \
    {side: JPN, amount: 1, shares: [{account_id: MNG/government, vintage: "2022", quantity: 1}]}]} => refused cross_registry_transfer
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 1, source: s, grade: read, sides: [ \
    {side: JPN, amount: 1, shares: [{account_id: JPN/retirement, vintage: "2022", quantity: 1}]}]} => refused account_type_does_not_fit
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN999], total: 1, source: s, grade: read, sides: [{side: JPN, amount: null}]} => refused unknown_project
2025-01-10 decide_issuance {decision_id: D, world: demonstration, projects: [MN901], total: 1, source: s, grade: read, sides: [{side: JPN, amount: null}]} => refused unknown_project
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 1, source: s, grade: read, sides: [{side: THA, amount: null}]} => refused side_not_of_the_project
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 1, source: s, grade: read, report_sha256: \
    "0000000000000000000000000000000000000000000000000000000000000000", sides: [{side: JPN, amount: null}]} => refused not_verified

# Unknown amounts stay unknown and cannot be issued; two accounts of one side get neighbouring numbers.
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 50, source: s, grade: secondary, sides: [ \
    {side: JPN, amount: 40, shares: [{account_id: JPN/government, vintage: "2022", quantity: 30}, \
    {account_id: JPN/company, vintage: "2022", quantity: 10}]}, {side: MNG, amount: null}]}
2025-01-11 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 50, source: s, grade: secondary, sides: [{side: MNG, amount: null}]} => refused already_on_record
2025-01-12 issue {decision_id: D, side: MNG} => refused amount_not_known
2025-01-12 issue {decision_id: E, side: MNG} => refused unknown_decision
2025-01-12 issue {decision_id: D, side: JPN}
holds JPN/government 30
holds JPN/company 10

# A later issuance of the same series goes on with the numbers.
2025-02-10 decide_issuance {decision_id: E, world: public, projects: [MN901], total: 5, source: s, grade: read, sides: [ \
    {side: JPN, amount: 5, shares: [{account_id: JPN/government, vintage: "2022", quantity: 5}]}, {side: MNG, amount: 0}]}
2025-02-10 issue {decision_id: E, side: JPN}
2025-02-11 transfer {blocks: [JCM-JP-MN901-2022-41-45], target_account: JPN/company}
holds JPN/company 15

# A side whose registry is opened nowhere has nobody to issue to.
2025-03-01 register_project {reference: TH901, world: public, host_party: THA, status: registered, title: A plant}
2025-03-01 decide_issuance {decision_id: T, world: public, projects: [TH901], total: 5, source: s, grade: read, sides: [{side: THA, amount: 5, shares: [{account_id: MNG/government, vintage: "2022", quantity: 5}]}]} => refused unknown_registry
