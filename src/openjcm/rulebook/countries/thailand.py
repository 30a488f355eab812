"""Thailand: a partner since 2015-11-19. Only its facts and its departures from the common rules."""

from datetime import date

from openjcm.dated import Dated, Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.model import Claim, Country, Departure, Fact

_RULES_PAGE = s.jcm_page(
    "th-jp/rules_and_guidelines", note="Text read; that it dates from the revision of 2024-07-08 is inferred."
)

_RULES_STATUS = (
    Dated(
        "unknown",
        s.RESEARCH(note="The day on which the rules were aligned, or their earlier state, was not found."),
        Grade.UNKNOWN,
        since=date(2015, 11, 19),
        until=date(2026, 1, 13),
    ),
    Dated(
        "adopted",
        s.METI_2026(note="The slide shows the state on its day; the day of adoption was not found."),
        Grade.READ,
        since=date(2026, 1, 14),
    ),
)

COUNTRY = Country(
    iso2="TH",
    iso3="THA",
    name_en="Thailand",
    name_ja="タイ",
    signed=Dated(date(2015, 11, 19), s.MOE_2022(), Grade.READ),
    signing_place=Dated("Tokyo", s.MOE_2022(), Grade.READ),
    article6_status=Timeline("article6_status", _RULES_STATUS),
    pin_status=Timeline("pin_status", _RULES_STATUS),
    centroid=("15.5", "101.0"),
    departures=(
        Departure(
            "registry_time_zone",
            "Asia/Bangkok",
            s.TZ(note="Zone of the capital; no text on the registry's day was found."),
            Grade.INFERRED,
        ),
        Departure(
            "rule_tracks",
            ("Premium T-VER (new projects)", "existing projects"),
            _RULES_PAGE,
            Grade.INFERRED,
            since=date(2024, 7, 8),
        ),
        Departure(
            "implementation_rules_name",
            "Rules of Implementation: for the JCM track under Premium T-VER; for Existing Projects",
            _RULES_PAGE,
            Grade.INFERRED,
            since=date(2024, 7, 8),
        ),
        Departure(
            "rules_of_implementation_version",
            "3 (existing projects; with glossary and registry specification)",
            _RULES_PAGE,
            Grade.INFERRED,
            since=date(2024, 7, 8),
        ),
        Departure("committee_rules_version", "2", _RULES_PAGE, Grade.INFERRED, since=date(2024, 7, 8)),
        Departure(
            "sustainable_development_document_name",
            "Sustainable Development and Safeguards Assessment Report and Monitoring Report",
            _RULES_PAGE,
            Grade.INFERRED,
            since=date(2024, 7, 8),
        ),
        Departure(
            "host_positive_list",
            (
                "CCS, CCU, direct air capture",
                "green hydrogen, offshore wind, tidal, geothermal, sustainable aviation fuel, green ammonia",
                "efficient boilers, motors, furnaces",
                "storage",
                "electrified transport",
                "low-carbon industry and F-gas",
                "rice, soil, livestock",
                "waste and wastewater",
                "forestry",
                "others approved by the national committee",
            ),
            s.page("climate-laws.org, Thai guideline on international transfer"),
            Grade.SECONDARY,
        ),
    ),
    facts=(
        Fact(date(2024, 7, 8), "Memorandum and Rules of Implementation revised and signed", s.METI_2026(), Grade.READ),
        Fact(
            date(2024, 9, 23), "6th Joint Committee", s.RESEARCH(clause="table of partner countries"), Grade.SECONDARY
        ),
        Fact(date(2025, 10, 30), "7th Joint Committee; issuance for TH014 decided", s.moe_press("01692"), Grade.READ),
        Fact(
            date(2025, 11, 11),
            "First Article 6 transfer under the JCM: 1,009 t of TH014 issued by Japan",
            s.moe_press("01692"),
            Grade.READ,
        ),
        Fact(
            None,
            "Solar like that of past projects gets no Japanese subsidy, at Thailand's wish (call for FY2023)",
            s.page("lawinsider.com/ja, 採択優先国"),
            Grade.READ,
        ),
    ),
    claims=(
        Claim(
            "allocation",
            "Split between the Government of Japan and participants by the ratio of financial support",
            s.page("insightplus.bakermckenzie.com"),
            Grade.SECONDARY,
        ),
    ),
)
