"""Cambodia: a partner since 2014-04-11. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.common import SCOPES
from openjcm.rulebook.model import Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2014, 4, 11),
        until=date(2026, 1, 13),
    ),
    Dated(
        "preparing",
        s.METI_2026(note="State on the day of the slide."),
        Grade.READ,
        since=date(2026, 1, 14),
        until=date(2026, 3, 4),
        checked_on=s.METI_2026_DAY,
    ),
    Dated("adopted", s.moe_press("03301", note="7th Joint Committee."), Grade.READ, since=date(2026, 3, 5)),
)

COUNTRY = Country(
    iso2="KH",
    iso3="KHM",
    name_en="Cambodia",
    name_ja="カンボジア",
    signed=Dated(date(2014, 4, 11), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Phnom Penh", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("12.6", "104.9"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Phnom_Penh",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure(
            "special_rule_sets",
            ("REDD-plus",),
            s.page(
                "cambodia-redd.org",
                note="Agreed in May 2018; the day was not found, so the last day of the month stands.",
            ),
            Grade.READ,
            since=date(2018, 5, 31),
            until=date(2026, 3, 4),
        ),
        Departure(
            "special_rule_sets",
            ("REDD-plus", "afforestation and reforestation"),
            s.moe_press("03301", note="New REDD-plus guidelines replace those of 2018."),
            Grade.READ,
            since=date(2026, 3, 5),
        ),
        Departure(
            "idea_note_may_be_waived",
            True,
            s.moe_press("03301", note="7th Joint Committee: six existing projects exempted."),
            Grade.READ,
            since=date(2026, 3, 5),
        ),
        Departure(
            "sectoral_scopes",
            (*SCOPES[:13], "14 REDD-plus", SCOPES[14]),
            s.jcm_page("kh-jp/methodologies/97", note="The name of scope 14 was read; the other names are recalled."),
            Grade.RECALLED,
        ),
    ),
    facts=(
        Fact(
            date(2023, 12, 22),
            "6th Joint Committee; first REDD-plus credits decided (KH005)",
            s.jcm_page("kh-jp/jc_decisions"),
            Grade.READ,
        ),
        Fact(
            date(2026, 3, 5),
            "7th Joint Committee: Article 6 rules, REDD-plus and afforestation guidelines, one idea note, six waivers",
            s.moe_press("03301"),
            Grade.READ,
        ),
    ),
)
