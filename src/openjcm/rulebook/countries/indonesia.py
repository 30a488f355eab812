"""Indonesia: a partner since 2013-08-26. Only its facts and its departures from the common rules."""

from datetime import date
from fractions import Fraction

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.common import SCOPES
from openjcm.rulebook.model import Country, Departure, Fact

_CCS_RULES = s.METI_2026(clause="CCS/CCUS rules of the 10th Joint Committee")
_DECISIONS = s.jcm_page("id-jp/jc_decisions")
_RULES_PAGE = s.jcm_page(
    "id-jp/rules_and_guidelines", note="Version read; that it dates from the 10th Joint Committee is inferred."
)

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2013, 8, 26),
        until=date(2024, 12, 17),
    ),
    Dated(
        "adopted",
        s.jcm_page(
            "id-jp/jc_decisions",
            note="10th Joint Committee: revised rules and 14 forms, among them the PIN form ver01.0.",
        ),
        Grade.READ,
        since=date(2024, 12, 18),
    ),
)

COUNTRY = Country(
    iso2="ID",
    iso3="IDN",
    name_en="Indonesia",
    name_ja="インドネシア",
    signed=Dated(date(2013, 8, 26), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Jakarta", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("-2.5", "118.0"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Jakarta",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure("rules_of_implementation_version", "3", _RULES_PAGE, Grade.INFERRED, since=date(2024, 12, 18)),
        Departure("project_cycle_procedure_version", "6", _RULES_PAGE, Grade.INFERRED, since=date(2024, 12, 18)),
        Departure("committee_rules_version", "3", _RULES_PAGE, Grade.INFERRED, since=date(2024, 12, 18)),
        Departure("methodology_guidelines_version", "3", _RULES_PAGE, Grade.INFERRED, since=date(2024, 12, 18)),
        Departure("pdd_monitoring_guidelines_version", "4", _RULES_PAGE, Grade.INFERRED, since=date(2024, 12, 18)),
        Departure(
            "sustainable_development_guidelines_version", "2", _RULES_PAGE, Grade.INFERRED, since=date(2024, 12, 18)
        ),
        Departure("tpe_guidelines_version", "4", _RULES_PAGE, Grade.INFERRED, since=date(2024, 12, 18)),
        Departure(
            "validation_verification_guidelines_version", "2", _RULES_PAGE, Grade.INFERRED, since=date(2024, 12, 18)
        ),
        Departure("registry_specification_version", "2", _RULES_PAGE, Grade.INFERRED, since=date(2024, 12, 18)),
        Departure("glossary_version", "3", _RULES_PAGE, Grade.INFERRED, since=date(2024, 12, 18)),
        Departure(
            "form_set",
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
                "F_PRC_Req",
                "F_PW_Req",
                "F_RW_Req",
                "F_IW_Req",
            ),
            s.jcm_page(
                "id-jp/jc_decisions",
                note="14 forms: no form for revising a methodology; absent or not revised, not stated.",
            ),
            Grade.READ,
            since=date(2024, 12, 18),
        ),
        Departure(
            "form_versions",
            (
                "F_PIN 1.0",
                "F_MoC 2.0",
                "F_Asst_Req 1.0",
                "F_Val_Rep 2.0",
                "F_Crd_Allc 1.0",
                "F_Reg_Req 2.0",
                "F_Imp_Rep 1.0",
                "F_Vrf_Rep 2.0",
                "F_Iss_Req 4.0",
                "F_Ren_Req 1.0",
                "F_PRC_Req 2.0",
                "F_PW_Req 2.0",
                "F_RW_Req 2.0",
                "F_IW_Req 2.0",
            ),
            _DECISIONS,
            Grade.READ,
            since=date(2024, 12, 18),
        ),
        Departure("allocation_form_name", "Credit Allocation Form", _DECISIONS, Grade.READ, since=date(2024, 12, 18)),
        Departure("special_rule_sets", ("CCS/CCUS",), _DECISIONS, Grade.READ, since=date(2024, 12, 18)),
        Departure(
            "sectoral_scopes",
            (*SCOPES, "CCS/CCUS (number not known)"),
            s.METI_2026(note="That the scope was added was read; the list it was added to is recalled."),
            Grade.RECALLED,
            since=date(2024, 12, 18),
        ),
        Departure(
            "ccs_crediting_period", "start_to_end_of_injection", _CCS_RULES, Grade.READ, since=date(2024, 12, 18)
        ),
        Departure(
            "ccs_net_reduction_options",
            ("reference emissions below business as usual", "project emissions marked up", "discount factor"),
            _CCS_RULES,
            Grade.READ,
            since=date(2024, 12, 18),
        ),
        Departure(
            "ccs_monitoring_until",
            "closure_preparation_period",
            s.METI_2026(
                clause="CCS/CCUS rules, items 6 and 8",
                note="Item 8 also sets requirements after closure; those are read as host law.",
            ),
            Grade.READ,
            since=date(2024, 12, 18),
        ),
        Departure(
            "ccs_reserve_share",
            Fraction(3, 100),
            s.METI_2026(
                clause="CCS/CCUS rules, item 9", note="In principle; to the reserve account of the participants."
            ),
            Grade.READ,
            since=date(2024, 12, 18),
        ),
        Departure(
            "ccs_reserve_base",
            "all credits issued, before they are allocated to the sides",
            s.RESEARCH(clause="CCS/CCUS rules, item 9", note="“3 % of credits” is read so; no formula was found."),
            Grade.INFERRED,
            since=date(2024, 12, 18),
        ),
        Departure(
            "ccs_reserve_release",
            "at closure, by decision of the Joint Committee, when every reversal is made good",
            s.RESEARCH(clause="CCS/CCUS rules, item 9", note="When and to whom was not found."),
            Grade.INFERRED,
            since=date(2024, 12, 18),
        ),
        Departure("committee_meetings_per_year_at_least", 1, s.EKON(), Grade.READ),
        Departure(
            "filing_recipients",
            ("Indonesian secretariat", "Japanese secretariat"),
            s.jcm_page("id-jp/contact"),
            Grade.READ,
        ),
        Departure(
            "mutual_recognition",
            "SPEI",
            s.page(
                "spglobal.com 2024-11-13; arma-law.com",
                note="Signed by Indonesia on 2024-10-18 and by Japan on 2024-10-28.",
            ),
            Grade.SECONDARY,
            since=date(2024, 10, 28),
        ),
        Departure(
            "cross_registry_transfer_allowed",
            None,
            s.RESEARCH(note="Version 2 of the registry specification was not read and may differ from version 1."),
            Grade.UNKNOWN,
            since=date(2024, 12, 18),
        ),
    ),
    facts=(
        Fact(date(2024, 12, 18), "10th Joint Committee: revised rules, PIN, CCS/CCUS rules", _DECISIONS, Grade.READ),
        Fact(
            date(2025, 1, 7),
            "No objection to ID_PIN001 and ID_PIN002, at most 20 days after the form was adopted",
            _DECISIONS,
            Grade.READ,
        ),
        Fact(
            date(2025, 12, 2),
            "No objection to the idea notes up to ID_PIN008",
            s.jcm_page("jc/id-jc-decisions"),
            Grade.READ,
        ),
    ),
    notes="Indonesia's own site calls any first proposal “PIN”; that is not the form F_PIN.",
)
