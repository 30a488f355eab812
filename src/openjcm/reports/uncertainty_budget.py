"""The uncertainty budget of a project: each input with its share, the interval, materiality, and what a rule deducts.

The table is that of the GUM: input, value, unit, u, sensitivity, contribution, share of variance, tag, document.
Figures are rounded by :data:`ROUNDING` when they are shown. The tonnes themselves are not touched: no deduction applies
unless its rule is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any

from openjcm.dated import Answer, Grade
from openjcm.mrv.calculation import Result
from openjcm.mrv.cases import read_yaml
from openjcm.mrv.error_terms import COVERAGE_FACTOR, KINDS, Statements, read_statements
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.trace import key_text
from openjcm.mrv.uncertainty import Budget, Contribution, Unspoken, budget, is_material
from openjcm.mrv.uncertainty_draws import DRAWS, SEED, Sample, draw
from openjcm.refusals import refusal
from openjcm.rulebook import rule
from openjcm.units import exact_text

ROUNDING = "three_significant_digits_half_even"
"""Uncertainties are shown with three significant digits, half to even (JCGM 100:2008, 7.2.6 says two are enough)."""
DEDUCTED_ROUNDING = "three_significant_digits_up"
"""A deduction rests on the standard uncertainty with three significant digits, rounded up: the conservative side. The
twelfth digit is rounded first, so that the last bit of a floating-point number decides nothing."""

UNKNOWN_DEDUCTION = refusal(
    "unknown_uncertainty_deduction",
    en="There is no rule “{rule}” that deducts for uncertainty.",
    ja="不確かさによる控除の規則「{rule}」はありません。",
    remedy_en="Name one of: {known}; or none, which is the default.",
    remedy_ja="次のいずれかを指定するか、指定を省いてください (既定では控除しません): {known}。",
    clause="OpenJCM: a deduction only by a named, cited rule",
)


@dataclass(frozen=True)
class Deduction:
    """A rule that deducts for uncertainty: what it says, its source and grade, and the tonnes from (ER, u), exact."""

    name: str
    en: str
    ja: str
    source: str
    grade: Grade
    tonnes: Callable[[Fraction, Fraction], Fraction]


_ONE_SIDED = Fraction("1.645")
"""The quantile 0.95 of the normal distribution: also half the width of the 90 % interval."""
_BANDS = tuple(
    (Fraction(limit), Fraction(factor))
    for limit, factor in (("0.10", "0.982"), ("0.30", "0.943"), ("0.50", "0.893"), ("1", "0.836"))
)
_BEYOND_BANDS = Fraction("0.73")


def _by_band(reductions: Fraction, u: Fraction) -> Fraction:
    relative = Fraction("1.96") * u / abs(reductions) if reductions else Fraction(2)
    factor = next((factor for limit, factor in _BANDS if relative <= limit), _BEYOND_BANDS)
    return abs(reductions) * (1 - factor)


DEDUCTIONS = {
    one.name: one
    for one in (
        Deduction(
            "one_sided_95",
            "The lower bound that holds with 95 %: 1.645 u is deducted.",
            "片側 95 % の下限: 1.645 u を控除します。",
            "OpenJCM domain research (mrv.md 5.4, no. 3)",
            Grade.INFERRED,
            lambda reductions, u: _ONE_SIDED * u,
        ),
        Deduction(
            "half_width_90_above_10_percent",
            "What half the 90 % interval exceeds 10 % of the reductions by is deducted.",
            "90 % 信頼区間の半幅が排出削減量の 10 % を超える部分を控除します。",
            "VCS style, recalled (mrv.md 5.4, no. 4)",
            Grade.RECALLED,
            lambda reductions, u: max(Fraction(0), _ONE_SIDED * u - abs(reductions) / 10),
        ),
        Deduction(
            "cdm_bands",
            "A factor by the band of the relative half-width (95 %): 0.982 up to 10 %, 0.943 up to 30 %, 0.893 up to "
            "50 %, 0.836 up to 100 %, 0.73 above.",
            "相対半幅 (95 %) の区分による係数: 10 % 以下 0.982、30 % 以下 0.943、50 % 以下 0.893、100 % 以下 0.836、"
            "それ以上 0.73。",
            "Conservativeness factors of decision 20/CMP.1, recalled (mrv.md 5.4, no. 5)",
            Grade.RECALLED,
            _by_band,
        ),
    )
}
"""Rules of deduction by name; by default none. Whole tonnes and lapsed calibration are settled before."""


@dataclass(frozen=True)
class Threshold:
    """From which share of the reductions an error is material: the rule ``materiality_threshold`` of the country."""

    value: Fraction | None
    source: str
    grade: Grade


@dataclass(frozen=True)
class UncertaintyReport:
    """A budget with its interval, materiality and deductions. ``sample`` is there where draws were made."""

    budget: Budget
    sample: Sample | None
    threshold: Threshold
    material: Answer
    deductions: tuple[tuple[Deduction, Fraction], ...]

    @property
    def half_width(self) -> float:
        """Half the 95 % interval in tCO2e: of the draws where linear propagation is not enough, else linear."""
        wanted = self.sample is not None and bool(self.budget.wants_draws())
        return self.sample.half_width if wanted and self.sample else self.budget.expanded

    def as_data(self) -> dict[str, Any]:
        """The report as plain data; figures are rounded texts."""
        found = self.budget
        relative = found.standard / float(abs(found.reductions)) if found.reductions else None
        return {
            "methodology": found.methodology.id,
            "periods": [period for period, _ in found.results],
            "reductions": exact_text(found.reductions),
            "unit": "tCO2e",
            "complete": found.complete,
            "standard_uncertainty": shown(found.standard),
            "relative": None if relative is None else shown(relative),
            "coverage": "95 %",
            "coverage_factor": shown(COVERAGE_FACTOR),
            "expanded_uncertainty": shown(found.expanded),
            "wants_monte_carlo": list(found.wants_draws()),
            "monte_carlo": self.sample and _sample_data(self.sample),
            "half_width": shown(self.half_width),
            "rounding": ROUNDING,
            "materiality": {
                "rule": "materiality_threshold",
                "threshold": None if self.threshold.value is None else exact_text(self.threshold.value),
                "source": self.threshold.source,
                "grade": self.threshold.grade,
                "material": self.material,
            },
            "budget": self.rows(),
            "zero_by_rule": [_unspoken(one) for one in found.by_rule],
            "not_stated": [_unspoken(one) for one in found.unstated],
            "deductions": [
                {"rule": rule.name, "tonnes": exact_text(tonnes), "source": rule.source, "grade": rule.grade}
                for rule, tonnes in self.deductions
            ],
        }

    def rows(self) -> list[dict[str, Any]]:
        """The budget table, the largest share first."""
        paired = list(zip(self.budget.contributions, self.budget.shares(), strict=True))
        paired.sort(key=lambda pair: -pair[1])
        return [_row(one, share) for one, share in paired]


def _row(one: Contribution, share: float) -> dict[str, Any]:
    return {
        "period": one.period,
        "input": place_text(one),
        "value": exact_text(one.value),
        "unit": one.unit,
        "kind": one.term.kind,
        "distribution": one.term.distribution,
        "u": shown(one.standard),
        "sensitivity": shown(float(one.sensitivity)),
        "contribution": shown(one.signed),
        "share": f"{100 * share:.1f}",
        "tag": one.tag,
        "document": one.term.document,
    }


def place_text(one: Contribution | Unspoken) -> str:
    """An input as one writes it: ``EG_i_p[1]``."""
    return f"{one.symbol}[{key_text(one.key)}]" if one.key else one.symbol


def _unspoken(one: Unspoken) -> dict[str, Any]:
    return {
        "period": one.period,
        "input": place_text(one),
        "value": exact_text(one.value),
        "unit": one.unit,
        "kind": one.kind,
    }


def _sample_data(sample: Sample) -> dict[str, Any]:
    return {
        "draws": sample.draws,
        "seed": sample.seed,
        "generator": f"PCG64, numpy {sample.numpy}",
        "mean": shown(sample.mean, 6),
        "standard_uncertainty": shown(sample.standard),
        "low": shown(sample.low, 6),
        "high": shown(sample.high, 6),
        "half_width": shown(sample.half_width),
    }


def shown(figure: float, digits: int = 3) -> str:
    """A figure with its significant digits, half to even: the rule :data:`ROUNDING`."""
    rounded = Context(prec=digits, rounding=ROUND_HALF_EVEN).create_decimal(Decimal(figure))
    return format(rounded, "f") if Decimal("1e-6") <= abs(rounded) < Decimal("1e15") or not rounded else str(rounded)


def rounded_up(figure: float) -> Fraction:
    """A standard uncertainty as an exact number that a deduction may rest on: the rule :data:`DEDUCTED_ROUNDING`."""
    settled = Context(prec=12, rounding=ROUND_HALF_EVEN).create_decimal(Decimal(figure))
    return Fraction(Context(prec=3, rounding=ROUND_CEILING).create_decimal(settled))


def threshold_on(country: str, day: date) -> Threshold:
    """The threshold of materiality of a partner country on a day."""
    found = rule(country, "materiality_threshold", day)
    assert found.value is None or isinstance(found.value, Fraction)
    return Threshold(found.value, f"{found.citation.source} {found.citation.note}".strip(), found.grade)


def uncertainty_report(
    results: Sequence[tuple[str, Result]],
    statements: Statements,
    day: date,
    *,
    draws: int | None = None,
    seed: int = SEED,
    deductions: Sequence[str] = (),
) -> UncertaintyReport:
    """The uncertainty of one or several periods.

    Args:
        results: name of each period and its result.
        statements: what is stated about the inputs.
        day: the day whose threshold of materiality applies.
        draws: how many to make; ``None`` makes them where linear propagation is not enough, 0 never does.
        seed: of the draws.
        deductions: names of :data:`DEDUCTIONS` to state.

    Raises:
        Refused: ``unknown_uncertainty_deduction``, and what budget and draws refuse.
    """
    for name in deductions:
        if name not in DEDUCTIONS:
            raise UNKNOWN_DEDUCTION(rule=name, known=list(DEDUCTIONS))
    found = budget(results, statements)
    if draws is None:
        draws = DRAWS if found.wants_draws() else 0
    sample = draw(found, draws, seed) if draws else None
    threshold = threshold_on(found.methodology.country, day)
    report = UncertaintyReport(found, sample, threshold, Answer.CANNOT_TELL, ())
    material = (
        Answer.CANNOT_TELL
        if threshold.value is None
        else is_material(report.half_width, found.reductions, threshold.value, complete=found.complete)
    )
    u = rounded_up(found.standard)
    taken = tuple((DEDUCTIONS[name], DEDUCTIONS[name].tonnes(found.reductions, u)) for name in deductions)
    return UncertaintyReport(found, sample, threshold, material, taken)


def read_statements_of(text: str, methodology: Methodology) -> Statements:
    """The statements of a YAML file: symbols at its top, or under ``uncertainty``.

    Raises:
        Refused: ``cases_not_understood``, and what :func:`openjcm.mrv.error_terms.read_statements` refuses.
    """
    data = read_yaml(text)
    inner = data.get("uncertainty", data) if isinstance(data, dict) else data
    return read_statements(inner, methodology)


def kind_text(name: str, language: str) -> str:
    """A kind of error in words."""
    return KINDS[name].ja if language == "ja" else KINDS[name].en
