"""Azerbaijan: a partner since 2022-09-05. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure

_RULES_STATUS = (
    Dated(
        "first_joint_committee_pending", s.METI_2026(), Grade.READ, since=date(2022, 9, 5), checked_on=s.METI_2026_DAY
    ),
)

COUNTRY = Country(
    iso2="AZ",
    iso3="AZE",
    name_en="Azerbaijan",
    name_ja="アゼルバイジャン",
    signed=Dated(date(2022, 9, 5), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Baku", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("40.3", "47.7"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Baku",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
)
