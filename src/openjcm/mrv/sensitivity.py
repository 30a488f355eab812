"""How much the reductions change with each value: exact derivatives, from the same expressions as the result.

The derivative of the result with respect to every value at every index is found in one pass from the result back to the
inputs (the chain rule). It says what one more MWh on a meter adds, and it is the sensitivity that an uncertainty budget
needs. Exponents are constants of the text and have no derivative here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from openjcm.mrv.calculation import Result
from openjcm.mrv.trace import Expression, Key, Number, Operation, Sum, Symbol, Traced, TraceError, sum_over
from openjcm.units import conversion_factor

Cells = dict[Key, Fraction]


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
        elif isinstance(expression, Operation):
            self._spread_operation(expression, adjoint)

    def _spread_operation(self, expression: Operation, adjoint: Cells) -> None:
        left, right = self.evaluate(expression.left), self.evaluate(expression.right)
        indices = left.indices + tuple(index for index in right.indices if index not in left.indices)
        places = [[indices.index(index) for index in side.indices] for side in (left, right)]
        parts: tuple[Cells, Cells] = ({}, {})
        derive = _DERIVATIVES[expression.sign]
        scales = _scales(expression, left, right)
        for key, part in adjoint.items():
            keys = [tuple(key[place] for place in side) for side in places]
            values = _cells(left)[keys[0]], _cells(right)[keys[1]]
            for cells, own, slope in zip(parts, keys, derive(*values, *scales), strict=True):
                cells[own] = cells.get(own, Fraction(0)) + part * slope
        self.spread(expression.left, parts[0])
        self.spread(expression.right, parts[1])


def _cells(value: Traced) -> Mapping[Key, Fraction]:
    assert value.cells is not None
    return value.cells


def _scales(expression: Operation, left: Traced, right: Traced) -> tuple[Fraction, Fraction]:
    """What the units of the two sides are multiplied with before they meet."""
    if expression.sign in {"+", "-"}:
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


_DERIVATIVES = {
    "+": lambda left, right, one, other: (one, other),
    "-": lambda left, right, one, other: (one, -other),
    "*": lambda left, right, one, other: (right, left),
    "/": lambda left, right, one, other: (1 / right, -left / right**2),
    "^": _power,
}
"""Slopes of an operation with respect to its left and its right side."""
