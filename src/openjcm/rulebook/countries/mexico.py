"""Mexico: a partner since 2014-07-25. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Claim, Country, Departure

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2014, 7, 25),
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
    iso2="MX",
    iso3="MEX",
    name_en="Mexico",
    name_ja="メキシコ",
    signed=Dated(date(2014, 7, 25), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Mexico City", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("23.9", "-102.5"),
    departures=(
        Departure(
            "registry_time_zone",
            "America/Mexico_City",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure("rules_of_implementation_version", "2", s.jcm_page("jc/mx-rules-and-guidelines"), Grade.READ),
        Departure("project_cycle_procedure_version", "2", s.jcm_page("jc/mx-rules-and-guidelines"), Grade.READ),
    ),
    claims=(Claim("signed", "2014-07-26", s.UNEP(), Grade.SECONDARY),),
)
