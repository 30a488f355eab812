"""Palau: a partner since 2014-01-13. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Claim, Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2014, 1, 13),
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
    iso2="PW",
    iso3="PLW",
    name_en="Palau",
    name_ja="パラオ",
    signed=Dated(date(2014, 1, 13), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Ngerulmud", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("7.5", "134.6"),
    departures=(
        Departure(
            "registry_time_zone",
            "Pacific/Palau",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
    ),
    facts=(
        Fact(date(2025, 9, 16), "Initial report under Article 6 submitted", s.A6_WIKI(), Grade.SECONDARY),
        Fact(
            date(2026, 6, 2),
            "First Article 6 transfer to Japan: 194 t, after the decision of 2026-05-16",
            s.A6_WIKI(),
            Grade.SECONDARY,
        ),
    ),
    claims=(
        Claim("signing_place", "ゲルムド (spelling; the MOE slides have ゲルルムド)", s.METI_2026(), Grade.READ),
        Claim("project_cycle_procedure_version", "03.0 and 04.0 both stand on the cover", s.PCP_PALAU(), Grade.READ),
    ),
)
