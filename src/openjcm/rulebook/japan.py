"""Japan's own values: the side that all partners share. Not a partner, so not among the countries."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from openjcm.dated import Grade, Timeline
from openjcm.rulebook import sources as s
from openjcm.rulebook.common import ACT_IN_FORCE
from openjcm.rulebook.model import Departure, RuleValue, timelines

ISO2, ISO3 = "JP", "JPN"
_NDC_2030_ENDS = date(2030, 12, 31)

DEPARTURES = (
    Departure(
        "registry_time_zone",
        "Asia/Tokyo",
        s.TZ(note="Zone of the capital; no text on the registry's day was found."),
        Grade.INFERRED,
    ),
    Departure(
        "registry_account_types",
        (
            "government: retirement (無効化口座)",
            "government: cancellation (取消口座)",
            "government: other",
            "entity (法人等保有口座)",
        ),
        s.ACCOUNT_ORDINANCE(),
        Grade.READ,
        since=ACT_IN_FORCE,
    ),
    Departure(
        "registry_system",
        "Japan's JCM registry, in operation since November 2015",
        s.METI_1113(note="Since is the day of the press release; operation began in that month."),
        Grade.READ,
        since=date(2015, 11, 13),
    ),
    Departure(
        "registry_public_information",
        ("entity accounts", "amounts per type of account", "yearly summary of transactions"),
        s.REGISTRY_SUMMARY(),
        Grade.READ,
    ),
    Departure(
        "entity_accounts_open_to",
        ("domestic corporations", "foreign corporations", "natural persons who operate a reduction project"),
        s.ACCOUNT_ORDINANCE(note="That foreign corporations may open accounts: carbon-markets.go.jp, JCM in detail."),
        Grade.READ,
        since=ACT_IN_FORCE,
    ),
    Departure(
        "transfer_started_by",
        "account_that_decreases",
        s.ACT(
            clause="Art. 57-11 (numbering of 2025)",
            note="Electronically, with amount, identification numbers, destination and purpose.",
        ),
        Grade.READ,
        since=ACT_IN_FORCE,
    ),
    Departure(
        "retired_and_cancelled_stay",
        True,
        s.ACT(
            clause="Art. 57-11 (numbering of 2025)",
            note="無効化 for use towards Japan's NDC, 取消し for any other purpose.",
        ),
        Grade.READ,
        since=ACT_IN_FORCE,
    ),
    Departure(
        "pledge_allowed",
        False,
        s.GUIDELINES_2015(
            note="In the Implementation Guidelines of 2015, whose main content moved into the Act in 2025."
        ),
        Grade.INFERRED,
    ),
    Departure("trust_recorded", True, s.ACCOUNT_ORDINANCE(), Grade.READ, since=ACT_IN_FORCE),
    Departure("disposal_restriction_stops_transfers", True, s.CARBONWEALTHLAB(), Grade.SECONDARY, since=ACT_IN_FORCE),
    Departure("account_opening_fee_exists", True, s.FEE_ORDER(), Grade.READ, since=ACT_IN_FORCE),
    Departure(
        "account_opening_fee",
        None,
        s.FEE_ORDER(note="The amounts are cut off in every copy that was found."),
        Grade.UNKNOWN,
        since=ACT_IN_FORCE,
    ),
    Departure(
        "corresponding_adjustment_method",
        "averaging",
        s.A6_WIKI(clause="Q1-4", note="ITMOs retired for the NDC over 2021-2030, divided by 10, counted in 2030."),
        Grade.SECONDARY,
        until=_NDC_2030_ENDS,
    ),
    Departure(
        "corresponding_adjustment_method",
        None,
        s.RESEARCH(note="The method for the NDC of 2035 was not found."),
        Grade.UNKNOWN,
        since=_NDC_2030_ENDS + timedelta(days=1),
    ),
    Departure(
        "ndc_period_first_year", 2021, s.A6_WIKI(), Grade.SECONDARY, since=date(2021, 1, 1), until=_NDC_2030_ENDS
    ),
    Departure("ndc_period_last_year", 2030, s.A6_WIKI(), Grade.SECONDARY, since=date(2021, 1, 1), until=_NDC_2030_ENDS),
    Departure(
        "gx_ets_credit_cap",
        Fraction(1, 10),
        s.RESEARCH(
            clause="asiaeec-col.eccj.or.jp policynews-202508-2",
            note="METI's proposal of 2025-07-02 (10 % of actual emissions). That it became law is inferred: the final "
            "text was not seen, and the cap warns only.",
        ),
        Grade.INFERRED,
        since=date(2026, 4, 1),
    ),
    Departure(
        "retirement_for_gx_ets",
        True,
        s.METI_2026(note="Compliance emissions are energy and other CO2 less retired J-Credits and JCM credits."),
        Grade.READ,
        since=date(2026, 4, 1),
    ),
    Departure(
        "retirement_for_shk",
        True,
        s.METI_2026(
            note="JCM credits are 海外認証排出削減量, deducted from adjusted emissions. The notice as revised after "
            "2024-11 (credits usable for the NDC only) was not read."
        ),
        Grade.READ,
    ),
    Departure(
        "retirement_for_offset_statement",
        True,
        s.MOE_2024(note="The guidelines on offsetting name J-Credits, JCM credits and credits of Article 6.4."),
        Grade.READ,
    ),
)

TIMELINES: dict[str, Timeline[RuleValue]] = timelines("Japan", DEPARTURES)
"""Japan's values by rule name."""
