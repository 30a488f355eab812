"""Tunisia: a partner since 2022-08-26. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Claim, Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2022, 8, 26),
        until=date(2026, 1, 13),
    ),
    Dated(
        "adopted",
        s.METI_2026(note="The slide shows the state on its day; the day of adoption was not found."),
        Grade.READ,
        since=date(2026, 1, 14),
    ),
)

COUNTRY = Country(
    iso2="TN",
    iso3="TUN",
    name_en="Tunisia",
    name_ja="チュニジア",
    signed=Dated(date(2022, 8, 26), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Tunis", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("34.1", "9.6"),
    departures=(
        Departure(
            "registry_time_zone",
            "Africa/Tunis",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure(
            "authorization_written_into_rules", True, s.A6_WIKI(note="Its first day was not found."), Grade.SECONDARY
        ),
    ),
    facts=(
        Fact(
            None,
            "1st Joint Committee (its day was not found)",
            s.RESEARCH(note="Rules are adopted, so a first meeting was held."),
            Grade.INFERRED,
        ),
    ),
    claims=(
        Claim(
            "name",
            "ジョージア, signed 2022-08-26 in Tunis (copy error: the memorandum of that day is with Tunisia)",
            s.METI_2026(),
            Grade.READ,
        ),
    ),
)
