"""The common values of the rules: what holds for a partner whose file says nothing else.

Read and secondary values may refuse a request; recalled and inferred ones only warn; an unknown one is ``None`` and
never stands for zero or for "no". A value without ``since`` has no known beginning.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from openjcm.dated import Citation, Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import RuleValue
from openjcm.rulebook.names import RULES, VERSIONED_DOCUMENTS

ACT_IN_FORCE = date(2025, 4, 1)
"""The day on which Act 56 of 2024 took effect: credits, accounts and retirement stand in law from then on."""


def _value(value: RuleValue, grade: Grade, citation: Citation, since: date | None = None) -> Dated[RuleValue]:
    return Dated(value, citation, grade, since=since, checked_on=s.RESEARCHED_ON)


def _read(value: RuleValue, citation: Citation, since: date | None = None) -> Dated[RuleValue]:
    return _value(value, Grade.READ, citation, since)


def _secondary(value: RuleValue, citation: Citation, since: date | None = None) -> Dated[RuleValue]:
    return _value(value, Grade.SECONDARY, citation, since)


def _recalled(value: RuleValue, note: str) -> Dated[RuleValue]:
    return _value(value, Grade.RECALLED, s.RESEARCH(note=note))


def _inferred(value: RuleValue, note: str, since: date | None = None) -> Dated[RuleValue]:
    return _value(value, Grade.INFERRED, s.RESEARCH(note=note), since)


def _unknown(note: str) -> Dated[RuleValue]:
    return _value(None, Grade.UNKNOWN, s.RESEARCH(note=note))


_PACKAGE = s.jcm_page("lk-jp/jc_decisions", clause="annexes of the 1st Joint Committee, 2023-10-13")
_DECISION_PAGES = "also the decision pages of Costa Rica, Cambodia, Georgia, Kyrgyzstan"
_NOT_READ = "The body of the rules was not readable."
_ISSUANCES = s.CRI(clause="issuance_records")

_DOCUMENTS: dict[str, Dated[RuleValue]] = {
    "rules_layout": _read("separate_documents", _PACKAGE),
    "rule_tracks": _read(("standard",), _PACKAGE),
    "special_rule_sets": _inferred((), "No special set is known for a partner whose file names none."),
    "form_set": _read(
        (
            "F_PIN",
            "F_MoC",
            "F_Asst_Req",
            "F_Val_Rep",
            "F_Crd_Allc",
            "F_Reg_Req",
            "F_Imp_Rep",
            "F_Vrf_Rep",
            "F_Iss_Req",
            "F_Ren_Req",
            "F_AMR_Req",
            "F_PRC_Req",
            "F_PW_Req",
            "F_RW_Req",
            "F_IW_Req",
        ),
        s.jcm_page(
            "lk-jp/jc_decisions",
            clause="annexes 3.1 to 3.15",
            note="The package of the new partners. Older sets lack PIN, assessment of reference emissions, allocation "
            "form, implementation report and renewal. The codes are those of Mongolia's set.",
        ),
    ),
    "form_versions": _unknown("Only Indonesia's and Mongolia's versions were seen."),
    "implementation_rules_name": _read("Rules of Implementation", _PACKAGE),
    "committee_rules_name": _read("Rules of Procedures for the Joint Committee", _PACKAGE),
    "idea_note_name": _read("Project Idea Note", _PACKAGE),
    "allocation_form_name": _read("Percentage of Credit Allocation", _PACKAGE),
    "sustainable_development_document_name": _read("Sustainable Development Implementation Plan and Report", _PACKAGE),
    "confidential_documents_need_public_copy": _read(
        True, s.jcm_page("jc/kz-rules-and-guidelines", note="Also the pages of Thailand, Indonesia and Laos.")
    ),
    "filing_recipients": _inferred(
        ("secretariat of the Joint Committee",), "Each Joint Committee has one mailbox, cc-jc-secretariat@jcm.go.jp."
    ),
}

_VERSIONS: dict[str, Dated[RuleValue]] = {
    f"{document}_version": _unknown("The version was seen only for countries whose file states it.")
    for document, _, _ in VERSIONED_DOCUMENTS
}  # fmt: skip

_IDEA_NOTE: dict[str, Dated[RuleValue]] = {
    "idea_note_required": _read(
        True,
        s.MOE_2024(note="Meant for every JCM project; in January 2026 still being arranged with some partners."),
    ),
    "idea_note_may_be_waived": _unknown("Seen in Cambodia only."),
    "idea_note_one_side_may_object": _inferred(
        True, "The Joint Committee confirms whether there is an objection, and decides by consensus; seen in Sri Lanka."
    ),
    "no_objection_before_grant": _read(
        True,
        s.GEC_NOTICE(note="Order: evaluation, idea note, no objection, selection."),
    ),
}

_DEADLINES: dict[str, Dated[RuleValue]] = {
    "idea_note_completeness_check_days": _recalled(7, _NOT_READ),
    "idea_note_objection_days": _recalled(
        30, "No limit was found; 30 is a default. Observed: Senegal 0 days, Indonesia at most 20, Sri Lanka 14."
    ),
    "methodology_completeness_check_days": _read(7, s.FAQ()),
    "public_input_days_methodology": _read(15, s.FAQ(note="Calendar days, both ends included.")),
    "methodology_consideration_days": _read(60, s.FAQ()),
    "methodology_consideration_days_at_most": _read(90, s.FAQ()),
    "public_input_days_pdd": _recalled(
        30, "The step was read in the contents of JCM_PW_PCP, 1.6.1.2; its length was not."
    ),
    "registration_completeness_check_days": _recalled(7, _NOT_READ),
    "registration_decision_days": _unknown("No fixed limit is known."),
    "issuance_completeness_check_days": _recalled(7, _NOT_READ),
    "issuance_decision_days": _unknown("No fixed limit is known."),
    "change_request_completeness_check_days": _recalled(7, _NOT_READ),
    "publication_days": _recalled(5, "Low confidence. " + _NOT_READ),
    "electronic_decision_silence_days": _recalled(10, "Low confidence. " + _NOT_READ),
    "renewal_reminder_days": _inferred(
        180, "By analogy with Thailand's national T-VER (180 days before the end), which is not the JCM."
    ),
    "overdue_blocks": _inferred(
        False, "Deadlines are targets of service: MN_AM004 was approved 128 days after its public inputs closed."
    ),
    "extension_needs_reason": _inferred(True, "An extension without a reason could not be audited."),
}  # fmt: skip

_COMMITTEE: dict[str, Dated[RuleValue]] = {
    "electronic_decisions": _read(True, s.jcm_page("ge-jp/jc_decisions", note=_DECISION_PAGES)),
    "committee_meetings_per_year_at_least": _unknown("Seen for Indonesia only."),
    "committee_members_per_side_at_most": _recalled(10, _NOT_READ),
    "committee_decides_by": _recalled("consensus", _NOT_READ),
    "conflict_of_interest_declaration": _read(True, _PACKAGE),
}

_THIRD_PARTY: dict[str, Dated[RuleValue]] = {
    "tpe_designated_by": _read("each_joint_committee", s.MN_TPE(note="Also " + _DECISION_PAGES)),
    "tpe_designation_mode": _read(
        ("meeting", "electronic decision"),
        s.jcm_page(
            "jc/kg-jc-decisions", note="Often in batches, outside meetings: Kyrgyzstan 2025-09-02, Georgia 2025-08-06."
        ),
    ),
    "tpe_scopes_apart_for_validation_and_verification": _read(True, s.MN_TPE()),
    "tpe_accreditation": _recalled(
        "ISO 14065 by an IAF member for ISO 14064-2, or CDM designated operational entity",
        "Both grounds are visible on the pages of Cambodia and Mongolia; the text of the guidelines was not read.",
    ),
    "same_tpe_may_validate_and_verify": _read(True, s.METI_2026()),
    "validation_and_verification_may_coincide": _read(True, s.METI_2026()),
    "on_site_assessment": _inferred(
        "required", "Saudi Arabia's interim special measure of 2021-01-16 shows that a visit is the rule."
    ),
    "validation_names_contracting_participant": _read(True, s.VALIDATION_FORM(clause="A.1")),
    "positive_opinion_needs_all_items_closed": _read(True, s.VALIDATION_FORM(clause="A.2, A.3")),
    "materiality_threshold": _recalled(
        Fraction(1, 20),
        "Low confidence, a placeholder: no heading on materiality in the contents of JCM_MN_GL_VV_ver01.0.",
    ),
}

SCOPES = (
    "1 Energy industries",
    "2 Energy distribution",
    "3 Energy demand",
    "4 Manufacturing industries",
    "5 Chemical industry",
    "6 Construction",
    "7 Transport",
    "8 Mining and mineral production",
    "9 Metal production",
    "10 Fugitive emissions from fuels",
    "11 Fugitive emissions from halocarbons and SF6",
    "12 Solvents use",
    "13 Waste handling and disposal",
    "14 Afforestation and reforestation",
    "15 Agriculture",
)
"""The sectoral scopes by name, in their numbering."""

_METHODOLOGY: dict[str, Dated[RuleValue]] = {
    "methodology_validity_date": _read(
        "submission_for_validation",
        s.VALIDATION_FORM(clause="A.3, application of methodology", note="Also in the reports of BD003, MN003."),
    ),
    "reference_emissions_follow_latest_ndc": _read(True, s.METI_2026()),
    "reference_emissions_assessment_trigger": _unknown("Only the name of the form is known."),
    "sectoral_scopes": _recalled(
        SCOPES,
        "The scopes of the CDM. Read: scopes 1 and 2, and that they run from 1 to 15.",
    ),
    "greenhouse_gases": _secondary(("CO2", "CH4", "N2O", "HFCs", "PFCs", "SF6", "NF3"), s.MN_ROI()),
    "gwp_report": _recalled("AR5", "Metric of Article 6 accounting; a methodology names its own source."),
    "monitoring_options": _secondary(
        (
            "A: public data measured by others",
            "B: amounts of transactions, measured directly (invoices)",
            "C: own measurement with measuring equipment",
        ),
        s.ADB_HANDBOOK(),
    ),
    "accuracy_level_required": _read(
        True, s.GL_PDD_MR(clause="appendix “Accuracy Level and Calibration”", note="Contents read, body not.")
    ),
    "correction_of_measured_values": _read(
        True, s.GL_PDD_MR(clause="5.2, data correction for actual measurement", note="Contents read, body not.")
    ),
    "gap_rules": _inferred(
        ("G0", "G4"),
        "G0 register difference, G4 nothing (or capacity times time where a larger value is the cautious one). "
        "No text on gaps was found; the other rules of the ladder are switched on per methodology only.",
    ),
    "lapsed_calibration": _inferred(
        "maximum_permissible_error",
        "Generation less, consumption more, by the class's limit. Notices on CDM issuance requests ask for it "
        "(L9MSXVQNE4AOH25, OEYZXW51RP0S7FI); the JCM appendix “Accuracy Level and Calibration” was not read.",
    ),
    "larger_error_found_later": _recalled(
        "warn",
        "The CDM's guidelines on calibration frequency apply the error found; neither they nor a JCM text was read."
    ),
    "unrecorded_calibration": _inferred(
        "explain", "A rule that nobody here has read does not refuse; the report says that it cannot be told."
    ),
    "emission_reduction_rounding": _inferred(
        "down_to_whole_tonne", "Seen in the PDD of ID003 (25.8 t became 25 t); the text of the rule was not read."
    ),
    "negative_year_treatment": _recalled("kept_and_not_credited", _NOT_READ),
    "reductions_stated_per": _recalled("calendar_year", _NOT_READ),
    "monitoring_period_may_cross_2020_end": _inferred(
        False,
        "Palau's periods are cut at 2020-12-31/2021-01-01 (jcm.go.jp/jc/pw-jc-decisions), the late ones of "
        "Mongolia and Cambodia end on 2020-12-31, and reductions before 2021 cannot be transferred under Article 6.",
    ),
    "monitoring_periods_may_overlap": _inferred(False, "A day in two periods would be credited twice."),
}  # fmt: skip

_CREDITING: dict[str, Dated[RuleValue]] = {
    "earliest_operation_start": _recalled(date(2013, 1, 1), "High confidence; from the older rules."),
    "crediting_period_years": _unknown("The renewal form exists; lengths were not found."),
    "crediting_period_renewals_at_most": _unknown("The renewal form exists; the number of renewals was not found."),
}

_ALLOCATION: dict[str, Dated[RuleValue]] = {
    "allocation_rounding": _inferred(
        "decided_only_sum_checked",
        "No single rule gives the observed parts: 44,817 × 0.8 went up, 30,312 × 0.8 down, 322 × 0.8 became 256.",
    ),
    "allocation_fixed_at": _inferred(
        "registration", "The form stands between validation report and registration request."
    ),
    "government_share_at_least": _read(
        Fraction(1, 2), s.MOFA_2016(note="Of 157 t: Japanese side 125 t, Government of Japan 109 t, participants 16 t.")
    ),
    "government_share_base": _unknown("109 t passes on both bases, of 157 t and of 125 t."),
    "private_jcm_credits_go_to": _read("companies", s.METI_2026()),
    "host_recipient_policy": _unknown("Seen for Uzbekistan only."),
}

_REGISTRY: dict[str, Dated[RuleValue]] = {
    "registry_account_types": _recalled(
        ("government holding", "entity holding", "cancellation", "retirement"),
        "At least one of each with unique numbers; the part of the specification on accounts was not read.",
    ),
    "registry_system": _unknown("Known for Japan and Mongolia only."),
    "registries_may_share_a_system": _read(True, s.SPEC_V1()),
    "cross_registry_transfer_allowed": _inferred(
        False,
        "Version 1 of the specification moves credits only to accounts “established in the respective JCM registry”.",
    ),
    "cross_registry_transfer_in_demonstration": _inferred(
        True, "Not a rule of any country: the demonstration shows how it would go if a partner's rules allowed it."
    ),
    "correctable_acts": _inferred(
        ("cancel", "release", "reserve", "retire", "transfer"),
        "No text on mistakes was found. An issuance is decided by the Joint Committee, and a transfer abroad concerns "
        "another registry: neither is taken back here.",
    ),
    "registry_public_information": _unknown("Known for Japan and Mongolia only."),
    "registry_time_zone": _unknown("No text was found; the country files take the zone of the capital."),
    "serial_format": _unknown(
        "The elements of the official number were not found; OpenJCM numbers are its own proposal."
    ),
    "entity_accounts_open_to": _unknown("Known for Japan only."),
    "transfer_started_by": _read(
        "account_that_decreases", s.SPEC_V1(note="Initiated by a side or account holder from its own holding account.")
    ),
    "retired_and_cancelled_stay": _read(True, s.SPEC_V1()),
    "pledge_allowed": _unknown("Known for Japan only."),
    "trust_recorded": _unknown("Known for Japan only."),
    "disposal_restriction_stops_transfers": _unknown("Known for Japan only."),
    "account_four_eyes_required": _unknown(
        "No text on signatures within a holder was found; without one each account sets its own controls."
    ),
    "account_opening_fee_exists": _unknown("Known for Japan only."),
    "account_opening_fee": _unknown("Known for no registry."),
    "issuance_not_before_decision": _secondary(True, _ISSUANCES),
    "sides_issue_independently": _secondary(
        True, s.CRI(clause="issuance_records", note="MN004: Japan 2025-04-11, Mongolia 2025-05-07; MN005: Japan none.")
    ),
}

_ARTICLE6: dict[str, Dated[RuleValue]] = {
    "first_transfer_trigger": _inferred(
        "japan_side_issuance",
        "TH014 and MV002: Japan's side issues on the host's authorization. Whether issuing in both registries is the "
        "international transfer is a legal question; the law says “first international transfer”.",
    ),
    "first_transfer_for_other_purposes": _read(
        "as_the_authorization_states",
        s.MOE_A6_GUIDE(note="Authorization, issuance, or use or cancellation, as the host states."),
    ),
    "first_transfer_if_authorized_for_both": _secondary("the_earlier_event", s.CMA6()),
    "earliest_article6_vintage": _secondary(2021, s.MOE_A6_GUIDE(note="Summary of decision 2/CMA.3, annex, para 1.")),
    "transfer_flag_needs_host_authorization": _read(True, s.moe_press("01692", note="TH014, 2025-11-11.")),
    "authorization_written_into_rules": _unknown("Seen for Mongolia, Tunisia, Georgia and Sri Lanka only."),
    "acquisition_adjusts": _secondary(False, s.CMA3(clause="para 8")),
    "use_within_same_ndc_period": _secondary(True, s.CHECKER(clause="STC03")),
    "corresponding_adjustment_method": _unknown("Stated by each Party in its initial report; not read."),
    "ndc_period_first_year": _unknown("Stated by each Party in its initial report; not read."),
    "ndc_period_last_year": _unknown("Stated by each Party in its initial report; not read."),
    "authorization_change_after_first_transfer": _recalled(
        "no_effect_unless_its_terms_say_so", "Decision 4/CMA.6; wording and paragraph were not re-read."
    ),
    "initial_report_before_authorization": _secondary(True, s.CMA3(clause="para 18")),
    "aef_deadline": _read(
        "04-15", s.UNFCCC_FAQ(note="For the actions of the calendar year before, whatever the vintage.")
    ),
    "aef_cut_off": _inferred(
        "+00:00",
        "Undefined by the decisions; the nomenclatures print action times in UTC, so the year is taken in UTC.",
    ),
    "party_registry_id": _unknown("Given by the UNFCCC platform; never made up here."),
    "cooperative_approach_id": _unknown("Given by the UNFCCC platform; never made up here."),
    "levies_are_voluntary": _secondary(
        True, s.CMA3(clause="paras 37, 39", note="Strongly encouraged under Article 6.2.")
    ),
}

_HOST: dict[str, Dated[RuleValue]] = {
    "host_law": _unknown("Not searched for every partner."),
    "host_competent_authority": _unknown("Not searched for every partner."),
    "japan_national_authority": _unknown("Seen in the memorandum with Uzbekistan only."),
    "host_positive_list": _unknown("Seen for Thailand only."),
    "mutual_recognition": _unknown("Seen for Indonesia only."),
}

_PERMANENCE: dict[str, Dated[RuleValue]] = {
    name: _unknown("Rules on CCS/CCUS are known for Indonesia only.")
    for name in ("ccs_crediting_period", "ccs_net_reduction_options", "ccs_monitoring_until", "ccs_reserve_share")
} | {
    "ccs_reserve_base": _unknown("Not found."),
    "ccs_reserve_rounding": _inferred("up", "The cautious side; nothing was found."),
    "ccs_reserve_release": _unknown("Not found."),
    "ccs_reversal_during_injection": _inferred(
        "current_period_then_reserve",
        "The summary names separate procedures for leakage during injection and after it, not their content.",
    ),
    "ccs_reversal_after_injection": _inferred(
        "reserve_then_participants", "What the reserve is for; that the participants owe the rest is inferred."
    ),
    "redd_plus_buffer_share": _unknown("Not found. There is no default."),
    "redd_plus_discount_share": _unknown("Not found. There is no default."),
    "afforestation_non_permanence": _unknown("Not found."),
}

_OTHER_PURPOSES = ("OIMP", "IMP", "NDC and OIMP", "NDC and IMP")
_USE: dict[str, Dated[RuleValue]] = {
    "gx_ets_credit_cap": _unknown("A rule of Japan; see Japan's file."),
    "retirement_for_gx_ets": _unknown("Known for Japan only."),
    "retirement_for_shk": _unknown("Known for Japan only."),
    "retirement_for_offset_statement": _unknown("Known for Japan only."),
    "cancellation_corsia_needs": _secondary(
        _OTHER_PURPOSES, s.CMA3(clause="para 1(f)", note="International mitigation purposes, CORSIA named as one.")
    ),
    "cancellation_oimp_needs": _secondary((*_OTHER_PURPOSES, "OP", "NDC and OP"), s.CMA3(clause="para 1(f)")),
    "cancellation_omge_needs": _secondary((), s.CMA3(clause="para 39", note="Voluntary under Article 6.2.")),
    "cancellation_reversal_needs": _inferred((), "What makes good for escaped tonnes is owed, and claimed by nobody."),
    "cancellation_other_needs": _inferred((), "A cancellation that serves no mitigation purpose claims nothing."),
    "corsia_eligible": _recalled(
        False, "Japan and Mongolia applied to ICAO's advisory body in 2020; the JCM is not on the list as recalled."
    ),
}

_RETIREMENT_GATE = (
    Dated[RuleValue](
        True,
        s.RESEARCH(
            note="Before the Act there was no retirement in law; that use towards an NDC needs both authorizations "
            "follows from Article 6.3 of the Paris Agreement."
        ),
        Grade.INFERRED,
        until=ACT_IN_FORCE - timedelta(days=1),
        checked_on=s.RESEARCHED_ON,
    ),
    _read(True, s.BILL(clause="retirement (無効化)"), since=ACT_IN_FORCE),
)

_GROUPS = (
    _DOCUMENTS, _VERSIONS, _IDEA_NOTE, _DEADLINES, _COMMITTEE, _THIRD_PARTY, _METHODOLOGY, _CREDITING, _ALLOCATION,
    _REGISTRY, _ARTICLE6, _HOST, _PERMANENCE, _USE,
)  # fmt: skip


def _common_values() -> dict[str, Timeline[RuleValue]]:
    values = [(name, (dated,)) for group in _GROUPS for name, dated in group.items()]
    every = dict(values) | {"retirement_needs_both_authorizations": _RETIREMENT_GATE}
    if len(every) != len(values) + 1:
        raise ValueError("a rule has its common value in two places")
    if every.keys() != RULES.keys():
        raise ValueError(f"names and common values differ: {sorted(every.keys() ^ RULES.keys())}")
    for name, several in every.items():
        for dated in several:
            RULES[name].check(dated)
    return {name: Timeline(name, every[name]) for name in RULES}


COMMON: dict[str, Timeline[RuleValue]] = _common_values()
"""The common values of every rule, by its name."""
