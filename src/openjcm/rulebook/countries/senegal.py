"""Senegal: a partner since 2022-08-25. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "first_joint_committee_pending",
        s.RESEARCH(note="From the days of signing and of the first meeting."),
        Grade.INFERRED,
        since=date(2022, 8, 25),
        until=date(2024, 5, 22),
    ),
    Dated(
        "adopted", s.moe_press("03251", note="1st Joint Committee: rules adopted."), Grade.READ, since=date(2024, 5, 23)
    ),
)

COUNTRY = Country(
    iso2="SN",
    iso3="SEN",
    name_en="Senegal",
    name_ja="セネガル",
    signed=Dated(date(2022, 8, 25), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Dakar", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("14.5", "-14.5"),
    departures=(
        Departure(
            "registry_time_zone",
            "Africa/Dakar",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
    facts=(
        Fact(
            date(2024, 5, 23),
            "1st Joint Committee: rules adopted, first private-JCM idea note tabled and cleared the same day",
            s.moe_press("03251"),
            Grade.READ,
        ),
    ),
)
