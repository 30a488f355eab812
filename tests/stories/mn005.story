# MN005, power lines in Mongolia: one tonne in all, for Mongolia; Japan gets nothing and issues nothing.
2015-11-01 open_registry {registry_id: JPN, party: JPN, world: public}
2015-11-01 open_registry {registry_id: MNG, party: MNG, world: public}
2015-11-01 open_account {account_id: MNG/holder-not-stated, registry_id: MNG, account_type: holder_not_stated, holder: not stated}
2017-11-16 register_project {reference: MN005, world: public, host_party: MNG, status: Project registered, title: Power lines}
2019-05-17 decide_issuance {decision_id: MN005-2019-05-17, world: public, projects: [MN005], \
    monitoring_start: 2017-12-02, monitoring_end: 2018-12-31, total: 1, source: jcm.go.jp, grade: read, sides: [ \
    {side: JPN, amount: 0}, \
    {side: MNG, amount: 1, shares: [{account_id: MNG/holder-not-stated, vintage: 2017to2018, quantity: 1}]}]}
side MN005-2019-05-17 JPN not_applicable
2019-05-17 issue {decision_id: MN005-2019-05-17, side: JPN} => refused nothing_to_issue
2019-05-17 issue {decision_id: MN005-2019-05-17, side: MNG}
holds MNG/holder-not-stated 1
