"""Saudi Arabia: a partner since 2015-05-13. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2015, 5, 13),
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
    iso2="SA",
    iso3="SAU",
    name_en="Saudi Arabia",
    name_ja="サウジアラビア",
    signed=Dated(date(2015, 5, 13), s.MOE_2022(), Grade.READ),
    signing_place=None,
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("24.2", "44.5"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Riyadh",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure(
            "on_site_assessment",
            "relaxed_by_interim_measure",
            s.jcm_page(
                "sa-jp/jc_decisions", note="Interim special measure on on-site assessment; its last day was not found."
            ),
            Grade.READ,
            since=date(2021, 1, 16),
        ),
    ),
    notes="No source gives the place of signing.",
)
