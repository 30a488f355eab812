"""An expression written out with its numbers: the line of an explanation that a reader can check with a pencil."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from openjcm.mrv.trace import (
    SIGN_TEXT,
    Expression,
    Function,
    Number,
    Operation,
    Sum,
    Symbol,
    Traced,
    natural_order,
    needs_brackets,
    symbols_in,
)
from openjcm.units import exact_text

SHOWN_TERMS = 6


Writer: TypeAlias = Callable[[Mapping[str, Traced], Mapping[str, str]], str]
"""Writes an expression with the numbers of the values, at an index: ``{"i": "1"}``."""


def writer(expression: Expression) -> Writer:
    """How to write the expression with its numbers and units, sums written out (the first few terms of a long one).

    What hangs on the form alone is settled here, once; what comes out of it is asked for as often as there are numbers.
    """
    if isinstance(expression, Symbol):
        return _symbol_writer(expression.name)
    if isinstance(expression, Number):
        text = str(expression)
        return lambda values, where: text
    if isinstance(expression, Sum):
        return _sum_writer(expression)
    if isinstance(expression, Function):
        name, parts = expression.name, [writer(part) for part in expression.arguments]
        return lambda values, where: f"{name}({', '.join(part(values, where) for part in parts)})"
    return _operation_writer(expression)


def _symbol_writer(name: str) -> Writer:
    def write(values: Mapping[str, Traced], where: Mapping[str, str]) -> str:
        value = values[name]
        assert value.cells is not None
        number = exact_text(value.cells[tuple([where[index] for index in value.indices])])
        return number if value.unit in {"-", "1", ""} else f"{number} {value.unit}"

    return write


def _sum_writer(expression: Sum) -> Writer:
    body, index, symbols = writer(expression.body), expression.index, symbols_in(expression.body)

    def write(values: Mapping[str, Traced], where: Mapping[str, str]) -> str:
        terms = sorted(_index_values(index, symbols, values, where), key=lambda term: natural_order([term]))
        shown = [body(values, {**where, index: term}) for term in terms[:SHOWN_TERMS]]
        if len(shown) == 1:
            return shown[0]
        more = [f"… ({len(terms)} terms)"] if len(terms) > SHOWN_TERMS else []
        return " + ".join([f"({text})" for text in shown] + more)

    return write


def _operation_writer(expression: Operation) -> Writer:
    sign = SIGN_TEXT[expression.sign]
    sides = [(writer(side), isinstance(side, Sum)) for side in (expression.left, expression.right)]
    (left, left_is_sum), (right, right_is_sum) = sides
    left_needs, right_needs = (needs_brackets(expression, side) for side in ("left", "right"))

    def write(values: Mapping[str, Traced], where: Mapping[str, str]) -> str:
        one, other = left(values, where), right(values, where)
        one = f"({one})" if left_needs or (left_is_sum and " + " in one) else one
        other = f"({other})" if right_needs or (right_is_sum and " + " in other) else other
        return one + sign + other

    return write


def _index_values(
    summed: str, symbols: Iterable[Symbol], values: Mapping[str, Traced], where: Mapping[str, str]
) -> set[str]:
    """The values of the summed index for which every symbol that runs over it has a number here."""
    found: set[str] | None = None
    for symbol in symbols:
        value = values[symbol.name]
        if summed not in value.indices or value.cells is None:
            continue
        place = value.indices.index(summed)
        fixed = [(other, where[index]) for other, index in enumerate(value.indices) if index in where]
        here = {key[place] for key in value.cells if all(key[other] == part for other, part in fixed)}
        found = here if found is None else found & here
    return found or set()
