"""Kyrgyzstan: a partner since 2023-07-06. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure

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
    ),
)
