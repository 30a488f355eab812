"""Thailand: a partner since 2015-11-19. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2015, 11, 19),
        until=date(2026, 1, 13),
    ),
    Dated(
        "adopted",
        s.METI_2026(note="The slide shows the state on its day; the day of adoption was not found."),
        Grade.READ,
        since=date(2026, 1, 14),
    ),
)

COUNTRY = Country(
    iso2="TH",
    iso3="THA",
    name_en="Thailand",
    name_ja="タイ",
    signed=Dated(date(2015, 11, 19), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Tokyo", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("15.5", "101.0"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Bangkok",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
)
