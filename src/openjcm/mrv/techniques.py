"""Arithmetic that methodologies share. Never legal text: that stands in each methodology's own file."""

from __future__ import annotations

from fractions import Fraction

from openjcm.mrv.trace import Traced, sum_over
from openjcm.units import exact

__all__ = [
    "KG_TO_TONNE", "at_standard_lift", "constant", "exponential", "first_order_decay", "larger", "nothing", "smaller",
    "sum_over", "weighted_mean",
]  # fmt: skip


def constant(value: str, unit: str = "-") -> Traced:
    """A number printed inside a formula, with its unit: ``constant("44/28", "kgN2O/kgN2O_N")``."""
    return Traced.number(exact(value), unit=unit, printed=value)


def nothing(unit: str) -> Traced:
    """The zero that a text states outright (“project emissions are zero”), with its unit."""
    return Traced.number(Fraction(0), unit=unit)


KG_TO_TONNE = "0.001"
"""The 10⁻³ that texts print where kilograms become tonnes; use it as ``constant(KG_TO_TONNE, "tCH4/kgCH4")``."""


def exponential(exponent: Traced) -> Traced:
    """e to the power of a pure number: a decimal of 30 significant digits, half to even."""
    return exponent.exponential()


def larger(one: Traced, other: Traced | int) -> Traced:
    """The larger of two like quantities, index by index."""
    return one.extreme("max", other)


def smaller(one: Traced, other: Traced | int) -> Traced:
    """The smaller of two like quantities, index by index."""
    return one.extreme("min", other)


def first_order_decay(rate: Traced, age: Traced) -> Traced:
    """The share of a substance that decays within one year, ``age`` years after decay began.

    e to the power of −rate × age, less the same one year later. Before decay begins (age of −1 year or less) the share
    is exactly zero, so a history of disposal may hold later years than the one that is asked for. ``rate`` is per year.
    """
    year = constant("1", "year")
    begun, over = larger(age, nothing("year")), larger(age + year, nothing("year"))
    return exponential(-1 * rate * begun) - exponential(-1 * rate * over)


def weighted_mean(one: Traced, its_weight: Traced, other: Traced, others_weight: Traced) -> Traced:
    """The mean of two like values by their weights, such as two factors by the energy from each source."""
    return (one * its_weight + other * others_weight) / (its_weight + others_weight)


def at_standard_lift(cop: Traced, warm: Traced, cold: Traced, approach: Traced, standard_lift: Traced) -> Traced:
    """A coefficient of performance at other temperatures, brought to the standard ones by the ratio of the lifts.

    The lift is the warm less the cold temperature plus the approach of the heat exchangers; only differences enter, so
    both temperatures may be in degrees Celsius.
    """
    return cop * (warm - cold + approach) / (standard_lift + approach)
