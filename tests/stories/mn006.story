# MN006, 15 MW solar plant near the new airport of Ulaanbaatar: Japan issued, Mongolia has not yet.
# Figures and days: jcm.go.jp, Mongolia, issuance of JCM credits.
2015-11-01 open_registry {registry_id: JPN, party: JPN, world: public}
2015-11-01 open_registry {registry_id: MNG, party: MNG, world: public}
2015-11-01 open_account {account_id: JPN/holder-not-stated, registry_id: JPN, account_type: holder_not_stated, holder: not stated}
2015-11-01 open_account {account_id: MNG/holder-not-stated, registry_id: MNG, account_type: holder_not_stated, holder: not stated}
2023-06-02 register_project {reference: MN006, world: public, host_party: MNG, status: Project registered, \
    title: Introduction of 15MW Solar Power System near New Airport, registered_on: 2023-06-02}

# 80 % of 30,312 is 24,249.6; here 24,249 was decided: splits are taken as decided, never computed.
2026-01-24 decide_issuance {decision_id: MN006-2026-01-24, world: public, projects: [MN006], \
    monitoring_start: 2019-07-06, monitoring_end: 2020-12-31, total: 30312, source: jcm.go.jp, grade: read, sides: [ \
    {side: JPN, amount: 24249, shares: [{account_id: JPN/holder-not-stated, vintage: 2019to2020, quantity: 24249}]}, \
    {side: MNG, amount: 6063, shares: [{account_id: MNG/holder-not-stated, vintage: 2019to2020, quantity: 6063}]}]}
2026-01-30 issue {decision_id: MN006-2026-01-24, side: JPN}
side MN006-2026-01-24 MNG notified
holds JPN/holder-not-stated 24249
holds MNG/holder-not-stated 0
