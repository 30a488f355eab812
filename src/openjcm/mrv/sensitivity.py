"""How much the reductions change with each value: exact derivatives, from the same expressions as the result.

The derivative of the result with respect to every value at every index is found in one pass from the result back to the
inputs (the chain rule). It says what one more MWh on a meter adds, and it is the sensitivity that an uncertainty budget
needs. Exponents of powers are constants of the text and have no derivative here; that of ``exp`` has one.

``max`` and ``min`` have a kink. The derivative is that of the side that was taken, of the first one where both are
equal; :func:`kinks` lists every such place with its distance from the kink, so that whoever uses a derivative knows
how far it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from openjcm.mrv.calculation import Result
from openjcm.mrv.trace import (
    Expression,
    Function,
    Key,
    Number,
    Operation,
    Sum,
    Symbol,
    Traced,
    TraceError,
    as_text,
    sum_over,
    symbols_in,
    walk,
)
from openjcm.units import conversion_factor

Cells = dict[Key, Fraction]
Slopes = Callable[[Fraction, Fraction, Fraction, Fraction], tuple[Fraction, Fraction]]


@dataclass(frozen=True)
class Kink:
    """A place where a formula takes the larger or the smaller of two values.

    ``distance`` is how far apart the two are, in ``unit``: zero on the kink itself. ``symbols`` are given.
    """

    symbol: str
    expression: str
    at: Key
    distance: Fraction
    unit: str
    symbols: tuple[str, ...]


def kinks(result: Result) -> tuple[Kink, ...]:
    """Every ``max`` and ``min`` behind a result, in the order of the formulas, index by index."""
    back, found = _Back(result.values), []
    for symbol, expression in result.expressions.items():
        for part in walk(expression):
            if isinstance(part, Function) and part.name in {"max", "min"}:
                one, other = (back.evaluate(argument) for argument in part.arguments)
                apart, names = one - other, tuple(_leaves(part, result.expressions))
                found += [
                    Kink(symbol, as_text(part), key, abs(gap), apart.unit, names) for key, gap in _cells(apart).items()
                ]
    return tuple(found)


def _leaves(expression: Expression, made: Mapping[str, Expression]) -> dict[str, None]:
    """The symbols that an expression rests on in the end: those that no formula gives."""
    found: dict[str, None] = {}
    for symbol in symbols_in(expression):
        found |= _leaves(made[symbol.name], made) if symbol.name in made else {symbol.name: None}
    return found


def sensitivities(result: Result) -> dict[str, Cells]:
    """Derivatives of the emission reductions, in tCO2e per unit of the symbol, by symbol and index.

    Raises:
        TraceError: ``no_derivative`` for a power below one of a base that is zero.
    """
    back = _Back(result.values)
    back.add(result.methodology.reductions, (), Fraction(1))
    for symbol in reversed(list(result.values)):
        if symbol in result.expressions and symbol in back.found:
            value = result.values[symbol]
            made = back.evaluate(result.expressions[symbol])
            scale = conversion_factor(made.unit, value.unit)
            order = [value.indices.index(index) for index in made.indices]
            adjoint = {tuple(key[place] for place in order): part * scale for key, part in back.found[symbol].items()}
            back.spread(result.expressions[symbol], adjoint)
    return back.found


@dataclass
class _Back:
    """The way back: derivatives found so far, by symbol and index."""

    values: Mapping[str, Traced]
    found: dict[str, Cells] = field(default_factory=dict)

    def add(self, symbol: str, key: Key, part: Fraction) -> None:
        cells = self.found.setdefault(symbol, {})
        cells[key] = cells.get(key, Fraction(0)) + part

    def evaluate(self, expression: Expression) -> Traced:
        """The value of an expression again."""
        if isinstance(expression, Symbol):
            return self.values[expression.name]
        if isinstance(expression, Number):
            return Traced.number(expression.value, unit=expression.unit)
        if isinstance(expression, Sum):
            return sum_over(expression.index, self.evaluate(expression.body))
        if isinstance(expression, Function):
            first, *others = (self.evaluate(argument) for argument in expression.arguments)
            return first.exponential() if expression.name == "exp" else first.extreme(expression.name, others[0])
        left, right = self.evaluate(expression.left), self.evaluate(expression.right)
        match expression.sign:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
        return left**right

    def spread(self, expression: Expression, adjoint: Cells) -> None:
        """Hand the derivative with respect to an expression on to its parts, down to the symbols."""
        if isinstance(expression, Symbol):
            for key, part in adjoint.items():
                self.add(expression.name, key, part)
        elif isinstance(expression, Sum):
            body = self.evaluate(expression.body)
            place = body.indices.index(expression.index)
            self.spread(expression.body, {key: adjoint[key[:place] + key[place + 1 :]] for key in _cells(body)})
        elif isinstance(expression, Function) and expression.name == "exp":
            value, scale = _cells(self.evaluate(expression)), self._scale_to_number(expression.arguments[0])
            self.spread(expression.arguments[0], {key: part * value[key] * scale for key, part in adjoint.items()})
        elif isinstance(expression, Function):
            self._spread_pair(expression, expression.arguments, _DERIVATIVES[expression.name], adjoint)
        elif isinstance(expression, Operation):
            sides = (expression.left, expression.right)
            self._spread_pair(expression, sides, _DERIVATIVES[expression.sign], adjoint)

    def _scale_to_number(self, expression: Expression) -> Fraction:
        return conversion_factor(self.evaluate(expression).unit, "-")

    def _spread_pair(
        self, expression: Operation | Function, sides: tuple[Expression, ...], derive: Slopes, adjoint: Cells
    ) -> None:
        left, right = self.evaluate(sides[0]), self.evaluate(sides[1])
        indices = left.indices + tuple(index for index in right.indices if index not in left.indices)
        places = [[indices.index(index) for index in side.indices] for side in (left, right)]
        parts: tuple[Cells, Cells] = ({}, {})
        scales = _scales(expression, left, right)
        for key, part in adjoint.items():
            keys = [tuple(key[place] for place in side) for side in places]
            values = _cells(left)[keys[0]], _cells(right)[keys[1]]
            for cells, own, slope in zip(parts, keys, derive(*values, *scales), strict=True):
                cells[own] = cells.get(own, Fraction(0)) + part * slope
        self.spread(sides[0], parts[0])
        self.spread(sides[1], parts[1])


def _cells(value: Traced) -> Mapping[Key, Fraction]:
    assert value.cells is not None
    return value.cells


def _scales(expression: Operation | Function, left: Traced, right: Traced) -> tuple[Fraction, Fraction]:
    """What the units of the two sides are multiplied with before they meet."""
    if isinstance(expression, Function) or expression.sign in {"+", "-"}:
        return Fraction(1), conversion_factor(right.unit, left.unit)
    if expression.sign == "^":
        return conversion_factor(left.unit, "-"), conversion_factor(right.unit, "-")
    return Fraction(1), Fraction(1)


def _power(base: Fraction, exponent: Fraction, scale: Fraction, exponent_scale: Fraction) -> tuple[Fraction, Fraction]:
    top, bottom = exponent * exponent_scale, base * scale
    if top == 1:
        return scale, Fraction(0)
    if bottom == 0 and top < 1:
        raise TraceError("no_derivative", Number(base))
    lower = (Traced.number(bottom) ** Traced.number(top - 1)).cells
    assert lower is not None
    return top * lower[()] * scale, Fraction(0)


def _larger(left: Fraction, right: Fraction, one: Fraction, other: Fraction) -> tuple[Fraction, Fraction]:
    return (one, Fraction(0)) if left * one >= right * other else (Fraction(0), other)


def _smaller(left: Fraction, right: Fraction, one: Fraction, other: Fraction) -> tuple[Fraction, Fraction]:
    return (one, Fraction(0)) if left * one <= right * other else (Fraction(0), other)


_DERIVATIVES: dict[str, Slopes] = {
    "max": _larger,
    "min": _smaller,
    "+": lambda left, right, one, other: (one, other),
    "-": lambda left, right, one, other: (one, -other),
    "*": lambda left, right, one, other: (right, left),
    "/": lambda left, right, one, other: (1 / right, -left / right**2),
    "^": _power,
}
"""Slopes of an operation with respect to its left and its right side, from both values and both scales."""
