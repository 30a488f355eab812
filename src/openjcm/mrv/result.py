"""What a calculation gives: the values of all symbols, and how each came about, step by step.

The explanation is put into words when somebody asks for it: a replay of many periods asks for the numbers only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from weakref import WeakKeyDictionary

from openjcm.dated import Grade
from openjcm.mrv.explanation import Writer, writer
from openjcm.mrv.methodology import Formula, Methodology, Parameter
from openjcm.mrv.trace import (
    EXP_ROUNDING,
    POWER_ROUNDING,
    Expression,
    Function,
    Key,
    Operation,
    Traced,
    as_text,
    key_text,
    natural_order,
    walk,
)
from openjcm.units import exact_text


@dataclass(frozen=True)
class Step:
    """One line of the explanation.

    ``at`` is the key (system, stratum …), ``expression`` the formula in symbols, ``numbers`` the same with numbers and
    units, ``value`` the exact value as text, ``kind`` where the value comes from: ``formula``, ``monitored``,
    ``factor``, ``fixed``, ``choice``, ``interpretation`` or ``label``.
    """

    clause: str
    symbol: str
    kind: str
    at: str
    expression: str
    numbers: str
    value: str
    unit: str
    source: str
    grade: Grade
    inputs: tuple[str, ...]

    def as_data(self) -> dict[str, object]:
        """The step as plain data."""
        return {**self.__dict__, "grade": self.grade.value, "inputs": list(self.inputs)}


@dataclass(frozen=True)
class ParameterLine:
    """One value of a parameter, not yet in words. ``value`` is a number, or the answer to a choice."""

    parameter: Parameter
    at: Key
    value: Fraction | str
    source: str
    grade: Grade

    def steps(self, result: Result) -> Iterator[Step]:
        """The line in words."""
        yield Step(
            clause=self.parameter.clause,
            symbol=self.parameter.name,
            kind=self.parameter.kind,
            at=key_text(self.at),
            expression=self.parameter.name,
            numbers="",
            value=self.value if isinstance(self.value, str) else exact_text(self.value),
            unit=self.parameter.unit,
            source=self.source,
            grade=self.grade,
            inputs=(),
        )


@dataclass(frozen=True)
class FormulaLine:
    """The values of a formula, not yet in words."""

    formula: Formula
    grade: Grade

    def steps(self, result: Result) -> Iterator[Step]:
        """One step for each index, in natural order."""
        formula, expression = self.formula, result.expressions[self.formula.symbol]
        words, rounded, numbers = _words(formula, expression)
        source = f"{result.methodology.id} {result.version}, {formula.clause}{rounded}"
        cells = result.values[formula.symbol].cells or {}
        for key in sorted(cells, key=natural_order):
            yield Step(
                clause=formula.clause,
                symbol=formula.symbol,
                kind="formula",
                at=key_text(key),
                expression=words,
                numbers=numbers(result.values, dict(zip(formula.index, key, strict=True))),
                value=exact_text(cells[key]),
                unit=formula.unit,
                source=source,
                grade=self.grade,
                inputs=formula.arguments,
            )


def _words(formula: Formula, expression: Expression) -> tuple[str, str, Writer]:
    """A formula in symbols, its named roundings, and how to write it with numbers: once, as its form stays the same."""
    if formula not in _written:
        rounded = "".join(f"; {name}" for name in _roundings(expression))
        _written[formula] = as_text(expression), rounded, writer(expression)
    return _written[formula]


_written: WeakKeyDictionary[Formula, tuple[str, str, Writer]] = WeakKeyDictionary()


def _roundings(expression: Expression) -> list[str]:
    """The named roundings of the powers and exponentials in an expression."""
    parts = list(walk(expression))
    power = any(isinstance(part, Operation) and part.sign == "^" for part in parts)
    exponential = any(isinstance(part, Function) and part.name == "exp" for part in parts)
    return [name for name, used in ((POWER_ROUNDING, power), (EXP_ROUNDING, exponential)) if used]


@dataclass(frozen=True)
class Result:
    """Values of all symbols with their trace. ``reasons`` says, in English, why the result is provisional.

    ``values`` stand in an order in which each comes after those it is made from; ``expressions`` says how. ``lines``
    are the steps of the trace, put into words by :attr:`trace`.
    """

    methodology: Methodology
    version: str
    values: Mapping[str, Traced]
    lines: tuple[ParameterLine | FormulaLine, ...] = field(repr=False)
    grade: Grade
    reasons: tuple[str, ...]
    expressions: Mapping[str, Expression] = field(default_factory=dict, repr=False)

    @cached_property
    def trace(self) -> tuple[Step, ...]:
        """Every step with clause, symbol, numbers, unit, source and grade, each after those it is made from."""
        return tuple(step for line in self.lines for step in line.steps(self))

    @property
    def provisional(self) -> bool:
        """Whether anything it rests on was not read in the official document, or an open question stands."""
        return bool(self.reasons)

    def value(self, symbol: str, at: str = "") -> Fraction:
        """The exact value of a symbol in its declared unit; ``at`` names the system, stratum … (``"dry/st1"``)."""
        cells = self.values[symbol].cells
        assert cells is not None
        return cells[tuple(at.split("/")) if at else ()]

    @property
    def reductions(self) -> Fraction:
        """Emission reductions in tCO2e, before any rounding."""
        return self.value(self.methodology.reductions)
