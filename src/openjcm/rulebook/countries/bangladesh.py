"""Bangladesh: a partner since 2013-03-19. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Claim, Country, Departure

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2013, 3, 19),
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
    iso2="BD",
    iso3="BGD",
    name_en="Bangladesh",
    name_ja="バングラデシュ",
    signed=Dated(date(2013, 3, 19), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Dhaka", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("23.7", "90.4"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Dhaka",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
    claims=(
        Claim(
            "government_share_at_least",
            "50 % of the credits are transferred",
            s.page("jcmbangladesh.com, eligibility"),
            Grade.SECONDARY,
        ),
    ),
)
