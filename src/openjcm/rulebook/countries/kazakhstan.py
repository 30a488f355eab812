"""Kazakhstan: a partner since 2023-10-30. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "first_joint_committee_pending",
        s.RESEARCH(note="From the days of signing and of the first meeting."),
        Grade.INFERRED,
        since=date(2023, 10, 30),
        until=date(2025, 1, 27),
    ),
    Dated(
        "adopted",
        s.METI_2026(note="Day of the 1st Joint Committee, which adopts the package; listed as adopted on 2026-01-14."),
        Grade.INFERRED,
        since=date(2025, 1, 28),
    ),
)

COUNTRY = Country(
    iso2="KZ",
    iso3="KAZ",
    name_en="Kazakhstan",
    name_ja="カザフスタン",
    signed=Dated(date(2023, 10, 30), s.METI_2026(), Grade.READ),
    signing_place=Dated("Astana", s.METI_2026(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("48.2", "67.3"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Almaty",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
    facts=(
        Fact(
            date(2025, 1, 28), "1st Joint Committee", s.RESEARCH(clause="table of partner countries"), Grade.SECONDARY
        ),
    ),
)
