"""India: a partner since 2025-08-07. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Claim, Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "first_joint_committee_pending",
        s.RESEARCH(note="From the days of signing and of the first meeting."),
        Grade.INFERRED,
        since=date(2025, 8, 7),
        until=date(2025, 9, 21),
    ),
    Dated(
        "preparing",
        s.METI_INDIA(note="Rules still being finalised at the 1st Joint Committee, too on the slides of 2026-01-14."),
        Grade.READ,
        since=date(2025, 9, 22),
        checked_on=s.METI_2026_DAY,
    ),
)

COUNTRY = Country(
    iso2="IN",
    iso3="IND",
    name_en="India",
    name_ja="インド",
    signed=Dated(date(2025, 8, 7), s.METI_2026(), Grade.READ),
    signing_place=Dated("Delhi", s.METI_2026(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("22.9", "79.6"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Kolkata",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure(
            "idea_note_name",
            "Project Information Sheet",
            s.METI_INDIA(note="A draft form."),
            Grade.READ,
            since=date(2025, 9, 22),
        ),
    ),
    facts=(Fact(date(2025, 9, 22), "1st Joint Committee", s.METI_INDIA(), Grade.READ),),
    claims=(
        Claim(
            "rules_of_implementation",
            "dated 2026-07-22",
            s.page("third-party listing of an order of the Indian ministry", note="Weak source."),
            Grade.SECONDARY,
        ),
    ),
)
