"""Mongolia: a partner since 2013-01-08. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Country, Departure, Fact

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2013, 1, 8),
        until=date(2026, 1, 13),
    ),
    Dated(
        "preparing",
        s.METI_2026(note="State on the day of the slide."),
        Grade.READ,
        since=date(2026, 1, 14),
        until=date(2026, 6, 3),
        checked_on=s.METI_2026_DAY,
    ),
    Dated(
        "adopted",
        s.CRI(
            clause="rules_forms",
            note="JCM_MN_RG_ver02.0 and F_PIN ver06.0 were in force on this day; the day of adoption was not found.",
        ),
        Grade.INFERRED,
        since=date(2026, 6, 4),
    ),
)

COUNTRY = Country(
    iso2="MN",
    iso3="MNG",
    name_en="Mongolia",
    name_ja="モンゴル",
    signed=Dated(date(2013, 1, 8), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Ulaanbaatar", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("46.9", "103.8"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Ulaanbaatar",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure(
            "sustainable_development_document_name",
            "Sustainable Development Contribution Plan and Report",
            s.MN_OLD(note="Name in the older set; its last day was not found."),
            Grade.READ,
            until=date(2026, 6, 3),
        ),
        Departure(
            "rules_layout",
            "consolidated_rules_and_guidelines",
            s.CRI(clause="rules_forms", note="Seen in force on this day; its first day was not found."),
            Grade.SECONDARY,
            since=date(2026, 6, 4),
        ),
        Departure(
            "implementation_rules_name",
            "Rules and Guidelines (JCM_MN_RG_ver02.0)",
            s.CRI(clause="rules_forms", note="Seen in force on this day; its first day was not found."),
            Grade.SECONDARY,
            since=date(2026, 6, 4),
        ),
        Departure(
            "form_versions",
            ("F_PIN ver06.0", "F_TPE ver06.0", "all other forms ver05.0"),
            s.CRI(clause="rules_forms", note="Seen in force on this day; its first day was not found."),
            Grade.SECONDARY,
            since=date(2026, 6, 4),
        ),
        Departure(
            "registry_system", "The system of Japan's registry, published separately", s.REGISTRY_SUMMARY(), Grade.READ
        ),
        Departure(
            "authorization_written_into_rules", True, s.A6_WIKI(note="Its first day was not found."), Grade.SECONDARY
        ),
    ),
    facts=(
        Fact(
            date(2016, 9, 29),
            "Joint Committee decided the first issuance (157 t); Japan issued on 2016-09-30",
            s.MOFA_2016(),
            Grade.READ,
        ),
        Fact(date(2026, 1, 24), "Joint Committee decided issuances", s.CRI(clause="issuance_records"), Grade.SECONDARY),
        Fact(
            date(2026, 7, 6),
            "First Article 6 transfer to Japan: 86,564 t, after the decision of 2026-06-30",
            s.A6_WIKI(),
            Grade.SECONDARY,
        ),
    ),
)
