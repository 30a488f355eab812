"""Moldova: a partner since 2022-09-06. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "first_joint_committee_pending",
        s.RESEARCH(note="From the days of signing and of the first meeting."),
        Grade.INFERRED,
        since=date(2022, 9, 6),
        until=date(2024, 9, 24),
    ),
    Dated(
        "adopted",
        s.METI_2026(note="Day of the 1st Joint Committee, which adopts the package; listed as adopted on 2026-01-14."),
        Grade.INFERRED,
        since=date(2024, 9, 25),
    ),
)

COUNTRY = Country(
    iso2="MD",
    iso3="MDA",
    name_en="Moldova",
    name_ja="モルドバ",
    signed=Dated(date(2022, 9, 6), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Chisinau", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("47.2", "28.5"),
    departures=(
        Departure(
            "registry_time_zone",
            "Europe/Chisinau",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
    facts=(
        Fact(
            date(2024, 9, 25), "1st Joint Committee", s.RESEARCH(clause="table of partner countries"), Grade.SECONDARY
        ),
    ),
)
