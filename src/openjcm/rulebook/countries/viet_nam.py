"""Viet Nam: a partner since 2013-07-02. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2013, 7, 2),
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
    iso2="VN",
    iso3="VNM",
    name_en="Viet Nam",
    name_ja="ベトナム",
    signed=Dated(date(2013, 7, 2), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Hanoi", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("16.0", "107.8"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Ho_Chi_Minh",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
)
