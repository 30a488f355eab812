"""Uzbekistan: a partner since 2022-10-25. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "first_joint_committee_pending",
        s.RESEARCH(note="From the days of signing and of the first meeting."),
        Grade.INFERRED,
        since=date(2022, 10, 25),
        until=date(2025, 2, 25),
    ),
    Dated("adopted", s.jcm_page("uz-jp/jc_decisions"), Grade.READ, since=date(2025, 2, 26)),
)

COUNTRY = Country(
    iso2="UZ",
    iso3="UZB",
    name_en="Uzbekistan",
    name_ja="ウズベキスタン",
    signed=Dated(date(2022, 10, 25), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Tashkent", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("41.8", "63.1"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Tashkent",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure(
            "host_recipient_policy",
            "state_only",
            s.page("vaqt.uz", note="Law reported on this day: reductions of green projects belong to the State."),
            Grade.SECONDARY,
            since=date(2025, 7, 7),
        ),
        Departure(
            "host_law",
            "Cabinet Resolution 117 of 2024-03-07 (temporary regulation)",
            s.page("invest-in-uzbekistan.org"),
            Grade.SECONDARY,
            since=date(2024, 3, 7),
        ),
        Departure(
            "host_competent_authority",
            "Ministry of Economy and Finance",
            s.page("invest-in-uzbekistan.org"),
            Grade.SECONDARY,
            since=date(2024, 3, 7),
        ),
        Departure(
            "japan_national_authority",
            "JCM Promotion and Utilization Council",
            s.page("worldjpn.net, memorandum of 2022-10-25"),
            Grade.READ,
            since=date(2022, 10, 25),
        ),
    ),
    facts=(Fact(date(2025, 2, 26), "1st Joint Committee", s.jcm_page("uz-jp/jc_decisions"), Grade.READ),),
)
