"""Chile: a partner since 2015-05-26. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2015, 5, 26),
        until=date(2026, 1, 13),
    ),
    Dated(
        "preparing",
        s.METI_2026(note="State on the day of the slide."),
        Grade.READ,
        since=date(2026, 1, 14),
        checked_on=s.METI_2026_DAY,
    ),
)

COUNTRY = Country(
    iso2="CL",
    iso3="CHL",
    name_en="Chile",
    name_ja="チリ",
    signed=Dated(date(2015, 5, 26), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Santiago", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("-35.7", "-71.2"),
    departures=(
        Departure(
            "registry_time_zone",
            "America/Santiago",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
)
