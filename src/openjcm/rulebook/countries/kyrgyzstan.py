"""Kyrgyzstan: a partner since 2023-07-06. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "first_joint_committee_pending",
        s.RESEARCH(note="From the days of signing and of the first meeting."),
        Grade.INFERRED,
        since=date(2023, 7, 6),
        until=date(2025, 5, 15),
    ),
    Dated("adopted", s.jcm_page("jc/kg-jc-decisions"), Grade.READ, since=date(2025, 5, 16)),
)

COUNTRY = Country(
    iso2="KG",
    iso3="KGZ",
    name_en="Kyrgyzstan",
    name_ja="キルギス",
    signed=Dated(date(2023, 7, 6), s.METI_2026(), Grade.READ),
    signing_place=Dated("Bishkek", s.METI_2026(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("41.5", "74.6"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Bishkek",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure(
            "allocation_form_name",
            "Credit Allocation Form",
            s.jcm_page("jc/kg-jc-decisions"),
            Grade.READ,
            since=date(2025, 5, 16),
        ),
        Departure(
            "rules_layout",
            "consolidated_rules_and_guidelines",
            s.jcm_page("jc/kg-jc-decisions", note="Electronic decision on documents titled Rules and Guidelines."),
            Grade.READ,
            since=date(2026, 5, 25),
        ),
    ),
    facts=(
        Fact(date(2025, 5, 16), "1st Joint Committee", s.jcm_page("jc/kg-jc-decisions"), Grade.READ),
        Fact(
            date(2025, 9, 2),
            "Third-party entities designated electronically",
            s.jcm_page("jc/kg-jc-decisions"),
            Grade.READ,
        ),
        Fact(
            date(2026, 5, 25),
            "Rules and Guidelines decided electronically",
            s.jcm_page("jc/kg-jc-decisions"),
            Grade.READ,
        ),
    ),
    notes="Also written Kyrgyz Republic.",
)
