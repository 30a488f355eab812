"""Papua New Guinea: a partner since 2022-11-18. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "first_joint_committee_pending",
        s.RESEARCH(note="From the days of signing and of the first meeting."),
        Grade.INFERRED,
        since=date(2022, 11, 18),
        until=date(2025, 3, 20),
    ),
    Dated(
        "adopted",
        s.METI_2026(note="Day of the 1st Joint Committee, which adopts the package; listed as adopted on 2026-01-14."),
        Grade.INFERRED,
        since=date(2025, 3, 21),
    ),
)

COUNTRY = Country(
    iso2="PG",
    iso3="PNG",
    name_en="Papua New Guinea",
    name_ja="パプアニューギニア",
    signed=Dated(date(2022, 11, 18), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Sharm el-Sheikh", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("-6.5", "145.2"),
    departures=(
        Departure(
            "registry_time_zone",
            "Pacific/Port_Moresby",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
    facts=(
        Fact(
            date(2025, 3, 21), "1st Joint Committee", s.RESEARCH(clause="table of partner countries"), Grade.SECONDARY
        ),
    ),
)
