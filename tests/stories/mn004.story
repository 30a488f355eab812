# MN004, 10 MW solar plant at Darkhan, Mongolia: two issuances, seven years apart.
# Figures and days: jcm.go.jp, Mongolia, issuance of JCM credits.
2015-11-01 open_registry {registry_id: JPN, party: JPN, world: public}
2015-11-01 open_registry {registry_id: MNG, party: MNG, world: public}
2015-11-01 open_account {account_id: JPN/holder-not-stated, registry_id: JPN, account_type: holder_not_stated, holder: not stated}
2015-11-01 open_account {account_id: MNG/holder-not-stated, registry_id: MNG, account_type: holder_not_stated, holder: not stated}
2017-05-26 register_project {reference: MN004, world: public, host_party: MNG, status: Project registered, \
    title: 10MW Solar Power Project in Darkhan City, registered_on: 2017-05-26, methodologies: [{id: MN_AM003, version: "02.0"}]}

# The first decision: 80 % of 8,947 is 7,157.6; 7,158 was decided.
2017-10-24 decide_issuance {decision_id: MN004-2017-10-24, world: public, projects: [MN004], \
    monitoring_start: 2017-01-01, monitoring_end: 2017-07-31, total: 8947, source: jcm.go.jp, grade: read, sides: [ \
    {side: JPN, amount: 7158, shares: [{account_id: JPN/holder-not-stated, vintage: "2017", quantity: 7158}]}, \
    {side: MNG, amount: 1789, shares: [{account_id: MNG/holder-not-stated, vintage: "2017", quantity: 1789}]}]}
2017-10-23 issue {decision_id: MN004-2017-10-24, side: JPN} => refused before_its_cause
2017-10-24 issue {decision_id: MN004-2017-10-24, side: JPN}
2017-10-24 issue {decision_id: MN004-2017-10-24, side: MNG}
holds JPN/holder-not-stated 7158
holds MNG/holder-not-stated 1789

# The second: 35,853.6 became 35,854. Japan issued on 11 April 2025, Mongolia on 7 May.
2025-03-27 decide_issuance {decision_id: MN004-2025-03-27, world: public, projects: [MN004], \
    monitoring_start: 2017-08-01, monitoring_end: 2020-12-31, total: 44817, source: jcm.go.jp, grade: read, sides: [ \
    {side: JPN, amount: 35854, shares: [{account_id: JPN/holder-not-stated, vintage: 2017to2020, quantity: 35854}]}, \
    {side: MNG, amount: 8963, shares: [{account_id: MNG/holder-not-stated, vintage: 2017to2020, quantity: 8963}]}]}
2025-04-11 issue {decision_id: MN004-2025-03-27, side: JPN}
side MN004-2025-03-27 JPN issued
side MN004-2025-03-27 MNG notified
2025-05-07 issue {decision_id: MN004-2025-03-27, side: MNG}
2025-05-07 issue {decision_id: MN004-2025-03-27, side: MNG} => replayed
2025-05-08 issue {decision_id: MN004-2025-03-27, side: MNG} => refused already_issued
holds JPN/holder-not-stated 43012
holds MNG/holder-not-stated 10752

# Reductions before 2021 cannot be retired for an NDC, whatever is authorized.
2025-05-07 open_account {account_id: JPN/retirement, registry_id: JPN, account_type: retirement, holder: Government of Japan}
2025-05-08 record_authorization {world: public, party: JPN, authorization_id: not stated, version: 1, purposes: [NDC], grade: secondary, source: trial}
2025-05-08 record_authorization {world: public, party: MNG, authorization_id: not stated, version: 1, purposes: [NDC], grade: secondary, source: trial}
2025-06-01 retire {blocks: [JCM-JP-MN004-2017to2020-1-35854], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc} => refused vintage_too_early
2025-06-01 retire {blocks: [JCM-JP-MN004-2017-1], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc} => refused vintage_too_early
