"""Tanzania: a partner since 2025-05-28. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "first_joint_committee_pending",
        s.RESEARCH(note="From the days of signing and of the first meeting."),
        Grade.INFERRED,
        since=date(2025, 5, 28),
        until=date(2025, 9, 15),
    ),
    Dated(
        "adopted",
        s.METI_2026(note="Day of the 1st Joint Committee, which adopts the package; listed as adopted on 2026-01-14."),
        Grade.INFERRED,
        since=date(2025, 9, 16),
    ),
)

COUNTRY = Country(
    iso2="TZ",
    iso3="TZA",
    name_en="Tanzania",
    name_ja="タンザニア",
    signed=Dated(date(2025, 5, 28), s.METI_2026(), Grade.READ),
    signing_place=Dated("Tokyo", s.METI_2026(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("-6.3", "34.8"),
    departures=(
        Departure(
            "registry_time_zone",
            "Africa/Dar_es_Salaam",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
    facts=(Fact(date(2025, 9, 16), "1st Joint Committee", s.moe_press("00877", note="Read in a copy."), Grade.READ),),
)
