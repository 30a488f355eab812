"""Philippines: a partner since 2017-01-12. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2017, 1, 12),
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
    iso2="PH",
    iso3="PHL",
    name_en="Philippines",
    name_ja="フィリピン",
    signed=Dated(date(2017, 1, 12), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Manila", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("12.5", "122.5"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Manila",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure(
            "special_rule_sets",
            ("REDD-plus", "afforestation and reforestation"),
            s.METI_2026(clause="2nd Joint Committee"),
            Grade.READ,
            since=date(2025, 11, 6),
        ),
    ),
    facts=(
        Fact(date(2018, 2, 9), "1st Joint Committee, Quezon City", s.page("ph.emb-japan.go.jp"), Grade.READ),
        Fact(date(2025, 11, 6), "2nd Joint Committee", s.METI_2026(), Grade.READ),
    ),
)
