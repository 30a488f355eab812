"""The uncertainty of emission reductions: linear propagation (GUM) through the formulas that made them.

With the exact sensitivity c of the reductions to each input, and the standard uncertainty u of each error term::

    var = Σ over tags ( Σ of c·u in the tag )²

Errors that share a tag go in one direction, so their signed products add up before they are squared; a shared error of
reference and project cancels as far as it should. Tags are independent of each other. Cost is linear in the inputs.

Uncertainties are floating-point numbers, summed in a fixed order with ``math.fsum``. They never enter the tonnes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from openjcm.dated import Answer
from openjcm.mrv.calculation import Result
from openjcm.mrv.error_terms import COVERAGE_FACTOR, FIXED, OWN, ErrorTerm, Statements
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.sensitivity import sensitivities
from openjcm.mrv.trace import Function, Key, TraceError, key_text, natural_order, walk
from openjcm.refusals import refusal

UNCERTAINTY_AT_NO_VALUE = refusal(
    "uncertainty_at_no_value",
    en="An uncertainty is stated for {symbol} at {at}, which has no value there.",
    ja="{symbol} の {at} に不確かさが記載されていますが、その値はありません。",
    remedy_en="State it for one of: {known}; or leave `at` out for all of them.",
    remedy_ja="次のいずれかについて記載するか、at を省いてすべてを対象としてください: {known}。",
    clause="OpenJCM: what no formula uses is refused, so that nothing is silently ignored",
)
NO_SENSITIVITY = refusal(
    "no_sensitivity",
    en="The reductions have no derivative at these inputs ({place}).",
    ja="この入力値では、排出削減量を微分できません ({place})。",
    remedy_en="Correct the value that makes the base of the power zero.",
    remedy_ja="累乗の底がゼロとなる値を見直してください。",
    clause="JCGM 100:2008 (GUM), 5.1.2",
)
MONTE_CARLO_FROM = Fraction(1, 5)
"""Rule ``monte_carlo_relative_u``: an input with a relative standard uncertainty above this share asks for Monte Carlo
(range of 20 to 30 % in the IPCC Guidelines 2006, volume 1, chapter 3, recalled; the lower end is taken)."""


_FREE_OF_ERROR = {"fixed", "interpretation", "label"}
"""What the text prints, how it is read, and years that label themselves: u = 0 by rule, unless something is stated."""


@dataclass(frozen=True)
class Contribution:
    """What one error term of one input adds. ``sensitivity`` is in tCO2e per unit of the input, ``standard`` in it."""

    period: str
    symbol: str
    key: Key
    value: Fraction
    unit: str
    term: ErrorTerm
    tag: str
    standard: float
    sensitivity: Fraction

    @property
    def signed(self) -> float:
        """The signed product c·u, in tCO2e."""
        return float(self.sensitivity) * self.standard


@dataclass(frozen=True)
class Unspoken:
    """An input about whose uncertainty nothing is stated, or whose uncertainty is zero by rule."""

    period: str
    symbol: str
    key: Key
    value: Fraction
    unit: str
    kind: str


@dataclass(frozen=True)
class Budget:
    """The uncertainty of reductions, with all that makes it.

    ``by_rule`` are the inputs whose u is zero by rule, ``unstated`` those that matter and about which nothing is said:
    with any of these, ``standard`` is only a lower bound.
    """

    methodology: Methodology
    results: tuple[tuple[str, Result], ...]
    reductions: Fraction
    contributions: tuple[Contribution, ...]
    by_rule: tuple[Unspoken, ...]
    unstated: tuple[Unspoken, ...]

    @property
    def complete(self) -> bool:
        """Whether every input that the reductions depend on has its uncertainty."""
        return not self.unstated

    def tags(self) -> dict[str, float]:
        """The signed sum of each tag, in tCO2e."""
        parts: dict[str, list[float]] = {}
        for one in self.contributions:
            parts.setdefault(one.tag, []).append(one.signed)
        return {tag: math.fsum(parts[tag]) for tag in sorted(parts)}

    @property
    def standard(self) -> float:
        """The combined standard uncertainty in tCO2e."""
        return math.sqrt(math.fsum(part**2 for part in self.tags().values()))

    @property
    def expanded(self) -> float:
        """Half the width of the interval that covers 95 %, in tCO2e (normal distribution)."""
        return COVERAGE_FACTOR * self.standard

    def shares(self) -> list[float]:
        """The share of each contribution in the variance; they add up to 1. Negative where it cancels another."""
        tags, variance = self.tags(), self.standard**2
        return [one.signed * tags[one.tag] / variance if variance else 0.0 for one in self.contributions]

    def wants_draws(self) -> tuple[str, ...]:
        """Why linear propagation is not enough here (rule names); empty where it is."""
        large = any(
            one.value and one.standard > abs(float(one.value)) * float(MONTE_CARLO_FROM) for one in self.contributions
        )
        skewed = any(one.term.is_skewed(one.value) for one in self.contributions)
        kinked = any(has_kink(result) for _, result in self.results)
        reasons = (("monte_carlo_relative_u", large), ("skewed_distribution", skewed), ("kinked_formula", kinked))
        return tuple(name for name, holds in reasons if holds)


def has_kink(result: Result) -> bool:
    """Whether a formula of the result has a kink: a maximum or a minimum."""
    return any(
        isinstance(part, Function) and part.name in {"max", "min"}
        for expression in result.expressions.values()
        for part in walk(expression)
    )


def budget(results: Sequence[tuple[str, Result]], statements: Statements) -> Budget:
    """The uncertainty budget of one or several periods of a project, taken together.

    Args:
        results: name of each period (a calendar year, or empty) and its result, all by one methodology. A meter's own
            error and every shared error go through all periods.
        statements: what is stated about the inputs' errors.

    Raises:
        Refused: ``uncertainty_at_no_value``, ``no_sensitivity``.
    """
    contributions: list[Contribution] = []
    by_rule: list[Unspoken] = []
    unstated: list[Unspoken] = []
    for period, result in results:
        _refuse_places(result, statements)
        for place, slope in _inputs(period, result):
            terms = [term for term in statements.get(place.symbol, ()) if _belongs(term, place.key)]
            if any(term.kind == FIXED for term in terms) or (
                not terms and place.kind in {"fixed", "interpretation", "label"}
            ):
                by_rule.append(place)
            elif terms:
                contributions.extend(_contributions(place, terms, slope))
            elif slope:
                unstated.append(place)
    total = sum((result.reductions for _, result in results), Fraction(0))
    return Budget(
        results[0][1].methodology, tuple(results), total, tuple(contributions), tuple(by_rule), tuple(unstated)
    )


def _inputs(period: str, result: Result) -> Iterator[tuple[Unspoken, Fraction]]:
    """Every input value with the sensitivity of the reductions to it."""
    try:
        slopes = sensitivities(result)
    except TraceError as error:
        raise NO_SENSITIVITY(place=str(error)[:200]) from error
    for symbol, value in result.values.items():
        parameter = result.methodology.parameters.get(symbol)
        if parameter is None or value.cells is None:
            continue
        for key in sorted(value.cells, key=natural_order):
            place = Unspoken(period, symbol, key, value.cells[key], value.unit, parameter.kind)
            yield place, slopes.get(symbol, {}).get(key, Fraction(0))


def _belongs(term: ErrorTerm, key: Key) -> bool:
    return not term.at or key_text(key) in term.at


def _contributions(place: Unspoken, terms: Sequence[ErrorTerm], slope: Fraction) -> Iterator[Contribution]:
    for number, term in enumerate(terms):
        own = f"{term.kind} {number} of {place.symbol}[{key_text(place.key)}]"
        tag = own if term.tag == OWN else f"{term.kind}: {term.tag}"
        standard = term.standard(place.value)
        yield Contribution(place.period, place.symbol, place.key, place.value, place.unit, term, tag, standard, slope)


def _refuse_places(result: Result, statements: Statements) -> None:
    for symbol, terms in statements.items():
        cells = result.values[symbol].cells if symbol in result.values else None
        known = [key_text(key) or "–" for key in cells or {}]
        for at in (at for term in terms for at in term.at):
            if at not in known:
                raise UNCERTAINTY_AT_NO_VALUE(symbol=symbol, at=at, known=known)


# What follows from it -------------------------------------------------------------------------------------------------


def is_material(half_width: float, reductions: Fraction, threshold: Fraction, *, complete: bool) -> Answer:
    """Whether half the width of the 95 % interval exceeds a share of the reductions.

    With inputs about which nothing is stated the half-width is a lower bound: above the threshold it is material all
    the same, below it nobody can tell.
    """
    if half_width > float(abs(reductions) * threshold):
        return Answer.YES
    return Answer.NO if complete else Answer.CANNOT_TELL
