"""Myanmar: a partner since 2015-09-16. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "unknown",
        s.METI_2026(note="Listed in none of the three groups (14, 3 and 13 of 31 partners)."),
        Grade.UNKNOWN,
        since=date(2015, 9, 16),
        checked_on=s.METI_2026_DAY,
    ),
)

COUNTRY = Country(
    iso2="MM",
    iso3="MMR",
    name_en="Myanmar",
    name_ja="ミャンマー",
    signed=Dated(date(2015, 9, 16), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Naypyidaw", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("21.2", "96.5"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Yangon",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure(
            "implementation_rules_name",
            "Guidance for the Implementation",
            s.jcm_page("jc/mm-rules-and-guidelines"),
            Grade.READ,
        ),
        Departure(
            "committee_rules_name",
            "Guidance for Procedures for the Joint Committee",
            s.jcm_page("jc/mm-rules-and-guidelines"),
            Grade.READ,
        ),
        Departure("rules_of_implementation_version", "2", s.jcm_page("jc/mm-rules-and-guidelines"), Grade.READ),
    ),
    facts=(
        Fact(
            None,
            "Awards to projects in Myanmar may be withheld (call for FY2023)",
            s.page("lawinsider.com/ja, 採択優先国"),
            Grade.READ,
        ),
    ),
)
