"""Arithmetic that methodologies share. Never legal text: that stands in each methodology's own file."""

from __future__ import annotations

from fractions import Fraction

from openjcm.mrv.trace import Traced, sum_over
from openjcm.units import exact

__all__ = ["KG_TO_TONNE", "constant", "nothing", "sum_over"]


def constant(value: str, unit: str = "-") -> Traced:
    """A number printed inside a formula, with its unit: ``constant("44/28", "kgN2O/kgN2O_N")``."""
    return Traced.number(exact(value), unit=unit, printed=value)


def nothing(unit: str) -> Traced:
    """The zero that a text states outright (“project emissions are zero”), with its unit."""
    return Traced.number(Fraction(0), unit=unit)


KG_TO_TONNE = "0.001"
"""The 10⁻³ that texts print where kilograms become tonnes; use it as ``constant(KG_TO_TONNE, "tCH4/kgCH4")``."""
