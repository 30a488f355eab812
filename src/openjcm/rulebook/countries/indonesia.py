"""Indonesia: a partner since 2013-08-26. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2013, 8, 26),
        until=date(2024, 12, 17),
    ),
    Dated(
        "adopted",
        s.jcm_page(
            "id-jp/jc_decisions",
            note="10th Joint Committee: revised rules and 14 forms, among them the PIN form ver01.0.",
        ),
        Grade.READ,
        since=date(2024, 12, 18),
    ),
)

COUNTRY = Country(
    iso2="ID",
    iso3="IDN",
    name_en="Indonesia",
    name_ja="インドネシア",
    signed=Dated(date(2013, 8, 26), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Jakarta", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("-2.5", "118.0"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Jakarta",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
)
