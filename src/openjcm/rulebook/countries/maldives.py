"""Maldives: a partner since 2013-06-29. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Claim, Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2013, 6, 29),
        until=date(2025, 12, 15),
    ),
    Dated("adopted", s.moe_press("02265", note="5th Joint Committee."), Grade.READ, since=date(2025, 12, 16)),
)

COUNTRY = Country(
    iso2="MV",
    iso3="MDV",
    name_en="Maldives",
    name_ja="モルディブ",
    signed=Dated(date(2013, 6, 29), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Okinawa", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("3.2", "73.2"),
    departures=(
        Departure(
            "registry_time_zone",
            "Indian/Maldives",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
    facts=(
        Fact(
            date(2025, 12, 16),
            "5th Joint Committee; issuance for MV002 decided, and 433 t issued by Japan",
            s.moe_press("02265"),
            Grade.READ,
        ),
    ),
    claims=(Claim("day of the transfer of MV002", "2025-12-17", s.A6_WIKI(), Grade.SECONDARY),),
)
