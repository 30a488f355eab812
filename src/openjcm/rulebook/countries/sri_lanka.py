"""Sri Lanka: a partner since 2022-10-10. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure

_RULES_STATUS = (
    Dated(
        "first_joint_committee_pending",
        s.RESEARCH(note="From the days of signing and of the first meeting."),
        Grade.INFERRED,
        since=date(2022, 10, 10),
        until=date(2023, 10, 12),
    ),
    Dated("adopted", s.jcm_page("lk-jp/jc_decisions"), Grade.READ, since=date(2023, 10, 13)),
)

COUNTRY = Country(
    iso2="LK",
    iso3="LKA",
    name_en="Sri Lanka",
    name_ja="スリランカ",
    signed=Dated(date(2022, 10, 10), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Colombo", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("7.7", "80.7"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Colombo",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
)
