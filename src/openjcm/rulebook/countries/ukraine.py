"""Ukraine: a partner since 2024-02-19. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure

_RULES_STATUS = (
    Dated(
        "first_joint_committee_pending", s.METI_2026(), Grade.READ, since=date(2024, 2, 19), checked_on=s.METI_2026_DAY
    ),
)

COUNTRY = Country(
    iso2="UA",
    iso3="UKR",
    name_en="Ukraine",
    name_ja="ウクライナ",
    signed=Dated(date(2024, 2, 19), s.METI_2026(), Grade.READ),
    signing_place=Dated("Tokyo", s.METI_2026(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("49.0", "31.4"),
    departures=(
        Departure(
            "registry_time_zone",
            "Europe/Kyiv",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
)
