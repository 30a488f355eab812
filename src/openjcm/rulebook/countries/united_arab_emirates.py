"""United Arab Emirates: a partner since 2023-04-16. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure

_RULES_STATUS = (
    Dated(
        "first_joint_committee_pending", s.METI_2026(), Grade.READ, since=date(2023, 4, 16), checked_on=s.METI_2026_DAY
    ),
)

COUNTRY = Country(
    iso2="AE",
    iso3="ARE",
    name_en="United Arab Emirates",
    name_ja="アラブ首長国連邦",
    signed=Dated(date(2023, 4, 16), s.METI_2026(), Grade.READ),
    signing_place=Dated("Sapporo", s.METI_2026(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("23.9", "54.3"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Dubai",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
)
