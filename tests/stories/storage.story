# A storage site in Indonesia (fictitious): 3 % kept at issue, two escapes, closure.
2024-12-20 open_registry {registry_id: JPN, party: JPN, world: public}
2024-12-20 open_registry {registry_id: IDN, party: IDN, world: public}
2024-12-20 open_account {account_id: JPN/company, registry_id: JPN, account_type: entity_holding, holder: A participant}
2024-12-20 open_account {account_id: JPN/reserve, registry_id: JPN, account_type: reserve, holder: The participants}
2024-12-20 open_account {account_id: JPN/buffer, registry_id: JPN, account_type: buffer, holder: The participants}
2024-12-20 open_account {account_id: JPN/cancellation, registry_id: JPN, account_type: cancellation, holder: Japan}
2024-12-20 open_account {account_id: IDN/government, registry_id: IDN, account_type: government_holding, holder: Indonesia}
2024-12-20 register_project {reference: ID901, world: public, host_party: IDN, status: registered, title: A store, methodologies: [{id: ID_CCS, version: "01.0"}]}
2024-12-20 register_project {reference: ID902, world: public, host_party: IDN, status: registered, title: A plant}

# Phases in order; nothing before injection, and nothing on days outside it.
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [ID901], monitoring_start: 2025-01-01, monitoring_end: 2025-01-05, total: 10, source: s, grade: read, sides: [ \
    {side: JPN, amount: 10, shares: [{account_id: JPN/company, vintage: "2025", quantity: 10}]}]} => refused outside_injection
2025-01-10 record_reversal {reversal_id: R0, project: ID901, tonnes: 5, name: l.pdf, media_type: application/pdf, content_base64: YQ==} => refused escaped_before_injection
2025-01-10 record_reversal {reversal_id: R0, project: ID902, tonnes: 5, name: l.pdf, media_type: application/pdf, content_base64: YQ==} => refused escaped_before_injection
2025-01-10 record_reversal {reversal_id: R0, project: ID999, tonnes: 5, name: l.pdf, media_type: application/pdf, content_base64: YQ==} => refused unknown_project
2025-01-01 record_storage_phase {project: ID901, phase: closed, source: s, grade: read} => refused phase_out_of_order
2025-01-01 record_storage_phase {project: ID901, phase: injection, source: s, grade: read}
2025-02-01 record_storage_phase {project: ID901, phase: injection, source: s, grade: read} => refused phase_out_of_order
2026-01-10 decide_issuance {decision_id: D, world: public, projects: [ID901], monitoring_start: 2024-12-31, monitoring_end: 2025-12-31, total: 10, source: s, grade: read, sides: [ \
    {side: JPN, amount: 10, shares: [{account_id: JPN/company, vintage: "2025", quantity: 10}]}]} => refused outside_injection

# 3 % of 1,010, rounded up, is 31: before the sides share the rest.
2026-01-10 decide_issuance {decision_id: D, world: public, projects: [ID901], monitoring_start: 2025-01-01, monitoring_end: 2025-12-31, total: 1010, source: s, grade: read, sides: [ \
    {side: JPN, amount: 800, shares: [{account_id: JPN/company, vintage: "2025", quantity: 770}, {account_id: JPN/reserve, vintage: "2025", quantity: 30}]}, \
    {side: IDN, amount: 210, shares: [{account_id: IDN/government, vintage: "2025", quantity: 210}]}]} => refused reserve_not_kept
2026-01-10 decide_issuance {decision_id: D, world: public, projects: [ID901], monitoring_start: 2025-01-01, monitoring_end: 2025-12-31, total: 1010, source: s, grade: read, sides: [ \
    {side: JPN, amount: 800, shares: [{account_id: JPN/company, vintage: "2025", quantity: 769}, {account_id: JPN/buffer, vintage: "2025", quantity: 31}]}, \
    {side: IDN, amount: 210, shares: [{account_id: IDN/government, vintage: "2025", quantity: 210}]}]} => refused reserve_not_kept
2026-01-10 decide_issuance {decision_id: D, world: public, projects: [ID901], monitoring_start: 2025-01-01, monitoring_end: 2025-12-31, total: 1010, source: s, grade: read, sides: [ \
    {side: JPN, amount: 800, shares: [{account_id: JPN/company, vintage: "2025", quantity: 769}, {account_id: JPN/reserve, vintage: "2025", quantity: 31}]}, \
    {side: IDN, amount: 210, shares: [{account_id: IDN/government, vintage: "2025", quantity: 210}]}]}
2026-01-20 issue {decision_id: D, side: JPN}
2026-01-20 issue {decision_id: D, side: IDN}
holds JPN/reserve 31
2026-01-21 transfer {blocks: [JCM-JP-ID901-2025-770-779], target_account: JPN/company} => refused account_cannot_give
2026-01-21 reserve {blocks: [JCM-JP-ID901-2025-1-9], reserve_account: JPN/reserve}
2026-01-21 reserve {blocks: [JCM-JP-ID901-2025-10], reserve_account: JPN/company} => refused account_type_does_not_fit
holds JPN/reserve 40

# 50 t escape in injection: deducted from the period, of which 20 t are left over for the reserve.
2026-03-01 record_reversal {reversal_id: R1, project: ID901, tonnes: 50, name: l.pdf, media_type: application/pdf, content_base64: YQ==}
2026-03-01 record_reversal {reversal_id: R1, project: ID901, tonnes: 51, name: l.pdf, media_type: application/pdf, content_base64: YQ==} => refused already_on_record
2026-03-01 record_reversal {reversal_id: R2, project: ID901, tonnes: 5, name: l.pdf, media_type: application/pdf, content_base64: "?"} => refused content_not_base64
2026-03-02 cover_reversal {reversal_id: R1, blocks: [JCM-JP-ID901-2025-1-9], cancellation_account: JPN/cancellation} => refused current_period_comes_first
2026-03-02 cover_reversal {reversal_id: R9, blocks: [JCM-JP-ID901-2025-1-9], cancellation_account: JPN/cancellation} => refused unknown_reversal
2026-03-03 record_storage_phase {project: ID901, phase: closure_preparation, source: s, grade: read}
2026-04-01 decide_issuance {decision_id: E, world: public, projects: [ID901], monitoring_start: 2026-01-01, monitoring_end: 2026-03-03, total: 0, source: s, grade: read, sides: [{side: JPN, amount: 0}]} => refused outside_injection
2026-04-01 decide_issuance {decision_id: E, world: public, projects: [ID901], monitoring_start: 2026-01-01, monitoring_end: 2026-03-02, total: 30, source: s, grade: read, sides: [ \
    {side: JPN, amount: 30, shares: [{account_id: JPN/company, vintage: "2026", quantity: 29}, {account_id: JPN/reserve, vintage: "2026", quantity: 1}]}]} => refused above_what_is_left
2026-04-01 decide_issuance {decision_id: E, world: public, projects: [ID901], monitoring_start: 2026-01-01, monitoring_end: 2026-03-02, total: 0, source: s, grade: read, sides: [{side: JPN, amount: 0}]}
2026-04-02 replace_reversal {reversal_id: R1, blocks: [JCM-JP-ID901-2025-101-110], cancellation_account: JPN/cancellation, reason: r} => refused reserve_comes_first
2026-04-02 cover_reversal {reversal_id: R1, blocks: [JCM-ID-ID901-2025-1], cancellation_account: JPN/cancellation} => refused account_cannot_give
2026-04-02 cover_reversal {reversal_id: R1, blocks: [JCM-JP-ID901-2025-770-800], cancellation_account: JPN/cancellation}
2026-04-02 cover_reversal {reversal_id: R1, blocks: [JCM-JP-ID901-2025-1-9], cancellation_account: JPN/cancellation}
holds JPN/reserve 0
2026-04-03 cancel {blocks: [JCM-JP-ID901-2025-101-110], cancellation_account: JPN/cancellation, purpose: reversal, reason: r} => refused reversal_not_named
2026-04-03 replace_reversal {reversal_id: R1, blocks: [JCM-JP-ID901-2025-101-111], cancellation_account: JPN/cancellation, reason: r} => refused more_than_escaped
2026-04-03 replace_reversal {reversal_id: R1, blocks: [JCM-JP-ID901-2025-101-105], cancellation_account: JPN/cancellation, reason: r}

# A reserve again, for the time after; another project's credits cover nothing, nor is anything released early.
2026-04-04 reserve {blocks: [JCM-JP-ID901-2025-201-220], reserve_account: JPN/reserve}
2026-05-01 record_storage_phase {project: ID901, phase: post_closure, source: s, grade: read}
2026-06-01 record_reversal {reversal_id: R3, project: ID901, tonnes: 8, name: l.pdf, media_type: application/pdf, content_base64: YQ==}
2026-06-02 cover_reversal {reversal_id: R3, blocks: [JCM-JP-ID901-2025-201-209], cancellation_account: JPN/cancellation} => refused more_than_escaped
2026-06-02 cover_reversal {reversal_id: R3, blocks: [JCM-JP-ID902-2025-1-2], cancellation_account: JPN/cancellation} => refused credits_of_another_project
2026-06-02 release_reserve {project: ID901, blocks: [JCM-JP-ID901-2025-201-220], target_account: JPN/company, source: s, grade: read} => refused not_closed_yet
2026-07-01 record_storage_phase {project: ID901, phase: closed, source: JC, grade: read}
2026-07-02 release_reserve {project: ID901, blocks: [JCM-JP-ID901-2025-201-220], target_account: JPN/company, source: s, grade: read} => refused reversal_not_made_good
2026-07-02 cover_reversal {reversal_id: R3, blocks: [JCM-JP-ID901-2025-201-208], cancellation_account: JPN/cancellation}
2026-07-02 cover_reversal {reversal_id: R1, blocks: [JCM-JP-ID901-2025-209-213], cancellation_account: JPN/cancellation}
2026-07-03 release_reserve {project: ID901, blocks: [JCM-JP-ID901-2025-214-220], target_account: JPN/company, source: JC, grade: read}
2026-07-04 record_reversal {reversal_id: R4, project: ID901, tonnes: 5, name: l.pdf, media_type: application/pdf, content_base64: YQ==} => refused escaped_before_injection
holds JPN/reserve 0
holds JPN/cancellation 58

# A forest: a decision on a report states its share, because no rule does; what the record publishes is taken as it is.
2019-01-01 open_registry {registry_id: KHM, party: KHM, world: public}
2019-01-01 register_project {reference: KH901, world: public, host_party: KHM, status: registered, title: A forest, methodologies: [{id: KH_AM004, version: "01.0"}]}
2023-12-22 decide_issuance {decision_id: F, world: public, projects: [KH901], total: 10, source: s, grade: read, sides: [{side: JPN, amount: 10, shares: [{account_id: JPN/company, vintage: unknown, quantity: 10}]}]}
