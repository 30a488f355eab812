"""The same budget by Monte Carlo (JCGM 101): for large or skewed errors, and for formulas with a kink.

Each tag gets one random number per draw, and every error term of the tag takes its own deviation from it, so shared
errors stay shared. Terms of one tag must therefore be of one family: normal and lognormal follow a normal number,
rectangular and triangular a uniform one. Draws come in chunks from one seeded ``PCG64`` generator; the seed, the number
of draws and the version of numpy stand in the result.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.calculation import Result
from openjcm.mrv.error_terms import ErrorTerm
from openjcm.mrv.fold import Indexed, fold, in_order, in_unit
from openjcm.mrv.trace import Key, Number, Sum
from openjcm.mrv.uncertainty import Budget, Contribution
from openjcm.refusals import refusal

CHUNK = 100_000
MAX_DRAWS = 10_000_000
DRAWS = 200_000
SEED = 20_260_115
"""Used where none is given; any other number may be, and stands in the report."""
_NORMAL = {"normal", "lognormal"}

Draws: TypeAlias = NDArray[np.float64]

TAG_OF_TWO_FAMILIES = refusal(
    "tag_of_two_families",
    en="The errors that share “{tag}” are stated with distributions of two families: {found}.",
    ja="「{tag}」を共有する誤差に、異なる系統の分布が指定されています: {found}。",
    remedy_en="One shared error has one distribution: normal (or lognormal), or rectangular (or triangular).",
    remedy_ja="共有される誤差の分布は、正規 (または対数正規) か、矩形 (または三角) のいずれかに揃えてください。",
    clause="OpenJCM: errors that share a tag are one error",
)
DRAWS_OUT_OF_RANGE = refusal(
    "draws_out_of_range",
    en="{draws} draws were asked for; from {least} to {most} are made.",
    ja="試行回数 {draws} が指定されましたが、{least} から {most} までです。",
    remedy_en="Give a number in that range; 200000 settles the second digit of an uncertainty.",
    remedy_ja="この範囲の回数を指定してください。200000 回で不確かさの 2 桁目が定まります。",
    clause="JCGM 101:2008, 7.2: the number of draws is chosen for the digits that are reported",
)


@dataclass(frozen=True)
class Sample:
    """What the draws say of the reductions, in tCO2e: mean, standard deviation, the 2.5 % and 97.5 % quantiles."""

    draws: int
    seed: int
    numpy: str
    mean: float
    standard: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the width of the interval that holds the middle 95 % of the draws."""
        return (self.high - self.low) / 2


def draw(budget: Budget, draws: int = DRAWS, seed: int = SEED) -> Sample:
    """Draw the inputs of a budget and evaluate the formulas for each draw.

    Raises:
        Refused: ``tag_of_two_families``, ``draws_out_of_range``.
    """
    if not 1_000 <= draws <= MAX_DRAWS:
        raise DRAWS_OUT_OF_RANGE(draws=draws, least=1_000, most=MAX_DRAWS)
    families = _families(budget.contributions)
    generator = np.random.Generator(np.random.PCG64(seed))
    parts = [_chunk(budget, families, generator, min(CHUNK, draws - start)) for start in range(0, draws, CHUNK)]
    found = np.concatenate(parts)
    low, high = (float(one) for one in np.quantile(found, (0.025, 0.975)))
    return Sample(draws, seed, np.__version__, float(found.mean()), float(found.std(ddof=1)), low, high)


def _families(contributions: Sequence[Contribution]) -> dict[str, bool]:
    """By tag, in a fixed order: whether it follows a normal number."""
    kinds: dict[str, set[str]] = {}
    for one in contributions:
        kinds.setdefault(one.tag, set()).add(one.term.distribution)
    for tag, found in kinds.items():
        if found & _NORMAL and found - _NORMAL:
            raise TAG_OF_TWO_FAMILIES(tag=tag, found=sorted(found))
    return {tag: bool(kinds[tag] & _NORMAL) for tag in sorted(kinds)}


def _chunk(budget: Budget, families: Mapping[str, bool], generator: np.random.Generator, count: int) -> Draws:
    numbers = {
        tag: generator.standard_normal(count) if normal else generator.random(count) for tag, normal in families.items()
    }
    moved: dict[tuple[str, str, Key], Draws] = {}
    for one in budget.contributions:
        place = one.period, one.symbol, one.key
        deviation = _deviation(one.term, one.value, one.standard, numbers[one.tag])
        moved[place] = moved[place] + deviation if place in moved else deviation + float(one.value)
    total = np.zeros(count)
    for period, result in budget.results:
        total += _evaluate(result, {place[1:]: values for place, values in moved.items() if place[0] == period})
    return total


def _deviation(term: ErrorTerm, value: Fraction, standard: float, number: Draws) -> Draws:
    """How far each draw lies from the value, by one error term."""
    low, high = term.limits(value)
    if term.distribution == "normal":
        return number * standard + float((low + high) / 2 - value)
    if term.distribution == "lognormal":
        spread = math.log1p((standard / float(value)) ** 2) if value else 0.0
        grown: Draws = float(value) * np.expm1(number * math.sqrt(spread) - spread / 2)
        return grown
    if term.distribution == "rectangular":
        return number * float(high - low) + float(low - value)
    return _triangular(number, float(low), float(value), float(high)) - float(value)


def _triangular(number: Draws, low: float, mode: float, high: float) -> Draws:
    """The quantile function of the triangular distribution. A mode outside the limits counts as the nearer limit."""
    width, mode = high - low, min(max(mode, low), high)
    if not width:
        return np.full_like(number, low)
    rising = low + np.sqrt(number * width * (mode - low))
    falling = high - np.sqrt((1 - number) * width * (high - mode))
    quantile: Draws = np.where(number * width < mode - low, rising, falling)
    return quantile


class _Floats:
    """Arithmetic of draws; a single float stands for an input that does not move."""

    def number(self, number: Number) -> Draws:
        return np.asarray(float(number.value))

    def scale(self, value: Draws, factor: Fraction) -> Draws:
        return value * float(factor)

    def combine(self, sign: str, left: Draws, right: Draws) -> Draws:
        match sign:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
        powered: Draws = left**right
        return powered

    def function(self, name: str, arguments: Sequence[Draws]) -> Draws:
        if name == "exp":
            return np.asarray(np.exp(arguments[0]))
        return np.asarray((np.maximum if name == "max" else np.minimum)(*arguments))

    def total(self, node: Sum, outer: Key, terms: Sequence[tuple[Key, Draws]]) -> Draws:
        found = terms[0][1]
        for _, term in terms[1:]:
            found = found + term
        return found


def _evaluate(result: Result, moved: Mapping[tuple[str, Key], Draws]) -> Draws:
    """The reductions for every draw."""
    arithmetic, values = _Floats(), dict[str, Indexed[Draws]]()
    for symbol, exact in result.values.items():
        assert exact.cells is not None
        if symbol in result.expressions:
            made = in_unit(fold(result.expressions[symbol], values, arithmetic), exact.unit, arithmetic)
            values[symbol] = in_order(made, exact.indices)
            continue
        cells: dict[Key, Draws] = {
            key: moved.get((symbol, key), np.asarray(float(value))) for key, value in exact.cells.items()
        }
        values[symbol] = Indexed(exact.unit, exact.indices, cells)
    return values[result.methodology.reductions].cells[()]
