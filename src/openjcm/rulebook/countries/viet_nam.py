"""Viet Nam: a partner since 2013-07-02. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2013, 7, 2),
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
    iso2="VN",
    iso3="VNM",
    name_en="Viet Nam",
    name_ja="ベトナム",
    signed=Dated(date(2013, 7, 2), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Hanoi", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("16.0", "107.8"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Ho_Chi_Minh",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure(
            "host_law",
            "Circular 17/2015/TT-BTNMT",
            s.page("thuvienphapluat.vn; jcmvietnam.vn", note="Title and scope read, body not."),
            Grade.READ,
            since=date(2015, 4, 6),
            until=date(2026, 11, 20),
        ),
        Departure(
            "host_law",
            "Circular 17/2015/TT-BTNMT; Decree 112/2026/ND-CP",
            s.page("luatgpt.vn", note="Decree seen on this day; its first day and the circular's fate were not found."),
            Grade.SECONDARY,
            since=date(2026, 11, 21),
        ),
    ),
    facts=(
        Fact(
            None,
            "Memorandum extended, October 2021 (day not found)",
            s.METI_2026(
                note="Photo note under Viet Nam; the MOE slides of December 2022 place it after the Philippines."
            ),
            Grade.INFERRED,
        ),
        Fact(
            date(2026, 9, 30),
            "20 projects registered, VN001 to VN020",
            s.page("third-party copy of the registry's project list"),
            Grade.SECONDARY,
        ),
    ),
)
