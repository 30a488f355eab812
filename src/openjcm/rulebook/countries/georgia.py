"""Georgia: a partner since 2022-09-13. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Claim, Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "first_joint_committee_pending",
        s.RESEARCH(note="From the days of signing and of the first meeting."),
        Grade.INFERRED,
        since=date(2022, 9, 13),
        until=date(2024, 1, 22),
    ),
    Dated("adopted", s.jcm_page("ge-jp/jc_decisions"), Grade.READ, since=date(2024, 1, 23)),
)

COUNTRY = Country(
    iso2="GE",
    iso3="GEO",
    name_en="Georgia",
    name_ja="ジョージア",
    signed=Dated(date(2022, 9, 13), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Tbilisi", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("42.2", "43.5"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Tbilisi",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure(
            "authorization_written_into_rules", True, s.A6_WIKI(note="Its first day was not found."), Grade.SECONDARY
        ),
    ),
    facts=(
        Fact(date(2024, 1, 23), "1st Joint Committee", s.jcm_page("ge-jp/jc_decisions"), Grade.READ),
        Fact(
            date(2025, 8, 6),
            "No objection to GE_PIN001; third-party entities designated electronically",
            s.jcm_page("ge-jp/jc_decisions"),
            Grade.READ,
        ),
    ),
    claims=(
        Claim(
            "signed",
            "Two entries named ジョージア; this is the true one, the other is Tunisia",
            s.METI_2026(),
            Grade.READ,
        ),
    ),
)
