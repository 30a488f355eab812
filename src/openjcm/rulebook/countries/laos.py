"""Lao PDR: a partner since 2013-08-07. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2013, 8, 7),
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
    iso2="LA",
    iso3="LAO",
    name_en="Lao PDR",
    name_ja="ラオス",
    signed=Dated(date(2013, 8, 7), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Vientiane", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("18.5", "103.8"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Vientiane",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure(
            "special_rule_sets",
            ("REDD-plus",),
            s.page(
                "Forestry Agency notice of 2019-10-31 (gov-base.info)",
                note="Second country after Cambodia. Five documents, version 1.",
            ),
            Grade.READ,
            since=date(2019, 10, 17),
        ),
        Departure("rules_of_implementation_version", "4", s.jcm_page("la-jp/rules_and_guidelines"), Grade.READ),
        Departure("project_cycle_procedure_version", "3", s.jcm_page("la-jp/rules_and_guidelines"), Grade.READ),
    ),
)
