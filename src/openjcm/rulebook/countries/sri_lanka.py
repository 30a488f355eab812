"""Sri Lanka: a partner since 2022-10-10. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Claim, Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "first_joint_committee_pending",
        s.RESEARCH(note="From the days of signing and of the first meeting."),
        Grade.INFERRED,
        since=date(2022, 10, 10),
        until=date(2023, 10, 12),
    ),
    Dated("adopted", s.jcm_page("lk-jp/jc_decisions"), Grade.READ, since=date(2023, 10, 13)),
)

COUNTRY = Country(
    iso2="LK",
    iso3="LKA",
    name_en="Sri Lanka",
    name_ja="スリランカ",
    signed=Dated(date(2022, 10, 10), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Colombo", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("7.7", "80.7"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Colombo",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure(
            "idea_note_one_side_may_object",
            True,
            s.jcm_page(
                "lk-jp/jc_decisions", note="The Sri Lankan side saw no additionality (under 10 MW, feed-in tariff)."
            ),
            Grade.READ,
            since=date(2025, 6, 17),
        ),
        Departure(
            "authorization_written_into_rules", True, s.A6_WIKI(note="Its first day was not found."), Grade.SECONDARY
        ),
    ),
    facts=(
        Fact(date(2023, 10, 13), "1st Joint Committee", s.jcm_page("lk-jp/jc_decisions"), Grade.READ),
        Fact(
            date(2023, 10, 27),
            "Review of LK_PIN001 closed, 14 days after it was tabled",
            s.moe_press("02285"),
            Grade.READ,
        ),
        Fact(date(2024, 8, 16), "2nd Joint Committee", s.jcm_page("lk-jp/jc_decisions"), Grade.READ),
        Fact(
            date(2025, 6, 17),
            "Idea note refused by the Sri Lankan side, with its reason published",
            s.jcm_page("lk-jp/jc_decisions"),
            Grade.READ,
        ),
    ),
    claims=(Claim("signed", "2022-10-11", s.UNEP(), Grade.SECONDARY),),
    notes="The number LK_PIN002 stands for two projects: idea note numbers are labels, not keys.",
)
