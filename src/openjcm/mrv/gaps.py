"""What may stand in for what is missing: named rules, each on the conservative side, and nothing else.

Until a methodology or a Joint Committee says otherwise only G0 and G4 are used (OpenJCM domain research, 2026-11-21);
the steps between them are in :mod:`openjcm.mrv.gap_fill`, and a plan may use them only with their basis:

* ``G0``: the difference of a cumulative register across a gap, within one segment and within capacity, *is* the
  measurement. It is shown apart as *bridged*.
* ``G4``: what no reading covers counts as nothing where more of it would raise the reductions (generation), and as
  capacity × time where more of it would lower them (consumption).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class GapRule:
    """A named rule for missing readings, with its source and how well it is known."""

    name: str
    en: str
    ja: str
    source: str
    grade: str


_LADDER = "OpenJCM domain research, 2026-11-21, gap ladder tested on five real series"
GAP_RULES = {
    rule.name: rule
    for rule in (
        GapRule(
            "G0",
            "The register's difference across the gap is the measurement, shown apart as bridged.",
            "欠測区間の前後の積算値の差を計測値とし、「積算値で確定」として区別して示します。",
            "OpenJCM domain research, 2026-11-21 (the register carries the energy across a communication gap)",
            "inferred",
        ),
        GapRule(
            "G1",
            "A second instrument inside the gap, or an invoice less what was read beside the gap; less both error "
            "limits (consumption: plus).",
            "欠測区間内の別の計量器の値、または請求書の値から区間外の計測値を除いた値を、"
            "双方の許容誤差だけ小さく (消費では大きく) 見積もります。",
            f"{_LADDER}; UNFCCC review 07OWUARDMZL9NGP (factors 0.9979 and 1.0021 for meter error)",
            "inferred",
        ),
        GapRule(
            "G2",
            "Irradiation of the hour times the tenth-percentile yield of 14 days on each side (consumption: "
            "ninetieth), only with proof of operation.",
            "その時間の日射量に、前後 14 日間の発電効率の下位 10 パーセンタイル (消費では上位) を乗じます。"
            "運転していた証拠がある場合に限ります。",
            f"{_LADDER}: credited 0.90 of the truth, 0 to 7 % of gaps above it, irradiance measured on site",
            "inferred",
        ),
        GapRule(
            "G3",
            "The tenth-percentile energy of the same hour on 14 days on each side (consumption: ninetieth); at most "
            "7 days in a row, together at most 2 % of the period.",
            "前後 14 日間の同じ時間の下位 10 パーセンタイル (消費では上位) とします。"
            "連続 7 日以内、合計で期間の 2% 以内に限ります。",
            f"{_LADDER}: credited 0.72 to 0.74 of the truth, 3 to 8 % of gaps above it",
            "inferred",
        ),
        GapRule(
            "G4",
            "What no reading covers counts as nothing (generation) or as capacity times time (consumption).",
            "どの計測値にも含まれない時間は、発電ではゼロ、消費では容量×時間として数えます。",
            "CDM review 0ODZFVSXKW63LI2, citing VVS version 2 paragraph 246(a): the most conservative assumption "
            "theoretically possible; a zero claim for the gap is the accepted case",
            "secondary",
        ),
    )
}
"""The steps of the ladder, in their order. The first and the last are always in use."""

BRIDGED_ENERGY_ALLOCATION = GapRule(
    "in_proportion_to_time_rest_later",
    "Energy between two readings belongs to the local days between them in proportion to time, cut down to the whole "
    "least unit at each midnight; the rest falls to the later day, month and year.",
    "2 つの計測値の間の電力量は、その間の現地日に時間に比例して配分し、各日の終わりで最小単位に切り捨てます。"
    "端数は後の日・月・年に入れます。",
    "OpenJCM: no JCM text read says how energy across the end of a year is shared; an open question to the Joint "
    "Committee. The shares always add up to the register's difference.",
    "inferred",
)
"""How bridged (and any other) energy that crosses a midnight, a month's or a year's end is shared."""


def substituted_wh(direction: str, capacity_w: int, uncovered_us: int) -> int:
    """Rule G4 in whole Wh: nothing for generation; capacity × time, raised to the whole Wh, for consumption."""
    if direction == "generation":
        return 0
    energy = Fraction(capacity_w * uncovered_us, 3_600_000_000)
    return -(-energy.numerator // energy.denominator)
