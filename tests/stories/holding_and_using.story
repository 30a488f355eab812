# Moving, retiring and cancelling credits, and all that is refused on the way.
2015-11-01 open_registry {registry_id: JPN, party: JPN, world: public}
2015-11-01 open_registry {registry_id: MNG, party: MNG, world: public}
2015-11-01 open_account {account_id: JPN/government, registry_id: JPN, account_type: government_holding, holder: Japan}
2015-11-01 open_account {account_id: JPN/company, registry_id: JPN, account_type: entity_holding, holder: A company}
2025-06-01 open_account {account_id: JPN/late, registry_id: JPN, account_type: entity_holding, holder: A late company}
2015-11-01 open_account {account_id: JPN/retirement, registry_id: JPN, account_type: retirement, holder: Japan}
2015-11-01 open_account {account_id: JPN/cancellation, registry_id: JPN, account_type: cancellation, holder: Japan}
2015-11-01 open_account {account_id: MNG/government, registry_id: MNG, account_type: government_holding, holder: Mongolia}
2015-11-01 open_account {account_id: MNG/cancellation, registry_id: MNG, account_type: cancellation, holder: Mongolia}
2020-12-01 register_project {reference: MN901, world: public, host_party: MNG, status: registered, title: A plant}
2025-01-10 decide_issuance {decision_id: D, world: public, projects: [MN901], total: 50, source: s, grade: read, sides: [ \
    {side: JPN, amount: 40, shares: [{account_id: JPN/government, vintage: "2022", quantity: 40}]}, \
    {side: MNG, amount: 10, shares: [{account_id: MNG/government, vintage: "2022", quantity: 10}]}]}
2025-01-20 issue {decision_id: D, side: JPN}
2025-02-20 issue {decision_id: D, side: MNG}

# Transfers.
2025-03-01 transfer[first] {blocks: [JCM-JP-MN901-2022-11-20], target_account: JPN/company}
2025-03-01 transfer[first] {blocks: [JCM-JP-MN901-2022-11-20], target_account: JPN/company} => replayed
2025-03-01 transfer[first] {blocks: [JCM-JP-MN901-2022-11-21], target_account: JPN/company} => refused idempotency_key_reused
2025-03-01 issue[first] {decision_id: D, side: JPN} => refused idempotency_key_reused
holds JPN/government 30
holds JPN/company 10
2025-03-02 transfer {blocks: [], target_account: JPN/company} => refused no_blocks
2025-03-02 transfer {blocks: [JCM-JP-MN901-2022-1-5, JCM-JP-MN901-2022-5-6], target_account: JPN/company} => refused block_named_twice
2025-03-02 transfer {blocks: [JCM-JP-MN901-2022-1, JCM-JP-MN901-2022-1], target_account: JPN/company} => refused block_named_twice
2025-03-02 transfer {blocks: [JCM-JP-MN901-2022-40-41], target_account: JPN/company} => refused not_held
2025-03-02 transfer {blocks: [JCM-JP-MN901-2023-1], target_account: JPN/company} => refused not_held
2025-03-02 transfer {blocks: [the first ten], target_account: JPN/company} => refused block_not_readable
2025-03-02 transfer {blocks: [JCM-JP-MN901-2022-0-4], target_account: JPN/company} => refused block_not_readable
2025-03-02 transfer {blocks: [JCM-JP-MN901-2022-4-1], target_account: JPN/company} => refused block_not_readable
2025-03-02 transfer {blocks: [JCM-JP-MN901-2022-9-12], target_account: JPN/company} => refused more_than_one_source
2025-03-02 transfer {blocks: [JCM-JP-MN901-2022-12], target_account: JPN/company} => refused same_account
2025-03-02 transfer {blocks: [JCM-JP-MN901-2022-1], target_account: JPN/nobody} => refused unknown_account
2025-03-02 transfer {blocks: [JCM-JP-MN901-2022-1], target_account: MNG/government} => refused cross_registry_transfer
2025-03-02 transfer {blocks: [JCM-JP-MN901-2022-1], target_account: JPN/retirement} => refused account_type_does_not_fit
2025-03-02 transfer {blocks: [JCM-JP-MN901-2022-1], target_account: JPN/late} => refused account_not_open_yet
2025-01-19 transfer {blocks: [JCM-JP-MN901-2022-1], target_account: JPN/company} => refused before_its_cause
2025-02-28 transfer {blocks: [JCM-JP-MN901-2022-11], target_account: JPN/government} => refused before_its_cause

# A block across two holdings of one account moves whole; numbers never change.
2025-03-03 transfer {blocks: [JCM-JP-MN901-2022-11-15], target_account: JPN/government}
2025-03-04 transfer {blocks: [JCM-JP-MN901-2022-9-15], target_account: JPN/company}
holds JPN/company 12

# Retirement waits for both Parties.
2025-04-01 retire {blocks: [JCM-JP-MN901-2022-16-20], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc} => refused not_authorized
2025-03-31 record_authorization {world: public, party: JPN, authorization_id: A-JPN, version: 1, purposes: [NDC], grade: read, source: s}
2025-04-01 retire {blocks: [JCM-JP-MN901-2022-16-20], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc} => refused not_authorized
2025-04-15 record_authorization {world: demonstration, party: MNG, authorization_id: A-MNG, version: 1, purposes: [NDC], grade: read, source: s}
2025-04-16 retire {blocks: [JCM-JP-MN901-2022-16-20], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc} => refused not_authorized
2025-04-15 record_authorization {world: public, party: MNG, authorization_id: A-MNG, version: 1, purposes: [OIMP], grade: read, source: s}
2025-04-16 retire {blocks: [JCM-JP-MN901-2022-16-20], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc} => refused not_authorized
2025-04-17 record_authorization {world: public, party: MNG, authorization_id: A-MNG, version: 2, purposes: [NDC and OIMP], vintages: {first: 2023, last: 2030}, grade: read, source: s}
2025-04-18 retire {blocks: [JCM-JP-MN901-2022-16-20], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc} => refused not_authorized
2025-04-18 record_authorization {world: public, party: MNG, authorization_id: A-MNG, version: 4, purposes: [NDC], grade: read, source: s} => refused version_not_next
2025-04-16 record_authorization {world: public, party: MNG, authorization_id: A-MNG, version: 3, purposes: [NDC], grade: read, source: s} => refused before_its_cause
2025-04-18 record_authorization {world: public, party: MNG, authorization_id: A-MNG, version: 3, purposes: [NDC], vintages: {first: 2030, last: 2021}, grade: read, source: s} => refused vintages_in_wrong_order
2025-04-18 record_authorization {world: public, party: MNG, authorization_id: A-MNG, version: 3, purposes: [NDC], projects: [MN902], grade: read, source: s} => refused unknown_project
2025-04-18 record_authorization {world: public, party: MNG, authorization_id: A-MNG, version: 3, purposes: [NDC and OIMP], vintages: {first: 2021, last: 2030}, projects: [MN901], grade: read, source: s}
2025-04-17 retire {blocks: [JCM-JP-MN901-2022-16-20], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc} => refused not_authorized
2025-04-18 retire {blocks: [JCM-JP-MN901-2022-16-20], retirement_account: JPN/retirement, used_for_year: 2030, purpose: omge} => refused unknown_purpose
2025-04-18 retire {blocks: [JCM-JP-MN901-2022-16-20], retirement_account: JPN/cancellation, used_for_year: 2030, purpose: ndc} => refused account_type_does_not_fit
2025-04-18 retire {blocks: [JCM-JP-MN901-2022-16-20], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc}
holds JPN/retirement 5

# What a retirement serves besides, once.
2025-04-18 retire {blocks: [JCM-JP-MN901-2022-21], retirement_account: JPN/retirement, used_for_year: 2031, purpose: ndc} => refused use_outside_ndc_period
2026-03-31 retire {blocks: [JCM-JP-MN901-2022-21], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc, serves: gx_ets} => refused use_not_open
2026-04-01 retire {blocks: [JCM-JP-MN901-2022-21], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc, serves: party} => refused request_not_understood
2026-04-01 retire {blocks: [JCM-JP-MN901-2022-21], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc, serves: gx_ets, served: A power company}
2026-04-02 retire {blocks: [JCM-JP-MN901-2022-21], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc, serves: shk} => refused sink_never_releases
2025-04-18 retire {blocks: [JCM-JP-MN901-2022-22], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc, serves: shk}
holds JPN/retirement 7

# Cancellation for aviation and the like needs the host's authorization for it.
2025-04-14 cancel {blocks: [JCM-MN-MN901-2022-1], cancellation_account: MNG/cancellation, purpose: corsia, reason: r} => refused not_authorized_for_other
2025-04-14 cancel {blocks: [JCM-MN-MN901-2022-1], cancellation_account: MNG/cancellation, purpose: oimp, reason: r} => refused not_authorized_for_other
2025-04-18 cancel {blocks: [JCM-MN-MN901-2022-1], cancellation_account: MNG/cancellation, purpose: oimp, reason: a programme}
2025-04-18 cancel {blocks: [JCM-MN-MN901-2022-2], cancellation_account: MNG/cancellation, purpose: corsia, reason: an airline}
holds MNG/cancellation 2

# Cancellation, for any other purpose.
2025-05-01 cancel {blocks: [JCM-JP-MN901-2022-9-15], cancellation_account: JPN/cancellation, purpose: ndc, reason: r} => refused unknown_purpose
2025-05-01 cancel {blocks: [JCM-JP-MN901-2022-9-15], cancellation_account: JPN/retirement, purpose: omge, reason: r} => refused account_type_does_not_fit
2025-05-01 cancel {blocks: [JCM-JP-MN901-2022-9-15], cancellation_account: MNG/cancellation, purpose: omge, reason: r} => refused cross_registry_transfer
2025-05-01 cancel {blocks: [JCM-JP-MN901-2022-9-15], cancellation_account: JPN/cancellation, purpose: omge, reason: overall mitigation}
holds JPN/cancellation 7

# Nothing comes back.
2025-05-02 transfer {blocks: [JCM-JP-MN901-2022-16], target_account: JPN/company} => refused sink_never_releases
2025-05-02 transfer {blocks: [JCM-JP-MN901-2022-9], target_account: JPN/company} => refused sink_never_releases
2025-05-02 cancel {blocks: [JCM-JP-MN901-2022-16], cancellation_account: JPN/cancellation, purpose: other, reason: r} => refused sink_never_releases
2025-05-02 retire {blocks: [JCM-JP-MN901-2022-9], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc} => refused sink_never_releases

# A revocation stops what was not first transferred under the old version.
2025-05-03 record_authorization {world: public, party: MNG, authorization_id: A-MNG, version: 4, purposes: [], grade: read, source: s}
2025-05-04 retire {blocks: [JCM-JP-MN901-2022-1], retirement_account: JPN/retirement, used_for_year: 2030, purpose: ndc} => refused not_authorized
holds JPN/government 26
holds MNG/government 8
