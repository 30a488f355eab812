"""One walk over a formula for any kind of value: draws of a Monte Carlo run, cells of a worksheet.

:class:`openjcm.mrv.trace.Traced` computes exact fractions. Whoever wants the same formula in other values says what the
arithmetic of those values is (:class:`Arithmetic`); indices, units and the order of terms are handled here, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, Protocol, TypeVar

from openjcm.mrv.trace import Expression, Function, Key, Number, Operation, Sum, Symbol, natural_order, parts_of
from openjcm.units import conversion_factor, product_unit

V = TypeVar("V")


@dataclass(frozen=True)
class Indexed(Generic[V]):
    """Values by key, with their unit and the indices that the keys run over."""

    unit: str
    indices: tuple[str, ...]
    cells: Mapping[Key, V]


class Arithmetic(Protocol[V]):
    """What can be done with one kind of value."""

    def number(self, number: Number) -> V:
        """A number that stands in the formula."""

    def scale(self, value: V, factor: Fraction) -> V:
        """A value in another unit: times an exact factor."""

    def combine(self, sign: str, left: V, right: V) -> V:
        """``left sign right`` with sign one of ``+ - * / ^``."""

    def function(self, name: str, arguments: Sequence[V]) -> V:
        """``exp`` of one value, ``max`` or ``min`` of two."""

    def total(self, node: Sum, outer: Key, terms: Sequence[tuple[Key, V]]) -> V:
        """The sum of the terms, each with its whole key; ``outer`` is the key of the sum itself."""


def fold(expression: Expression, symbols: Mapping[str, Indexed[V]], arithmetic: Arithmetic[V]) -> Indexed[V]:
    """The value of an expression at every index.

    The exact calculation went before: every index has its values and every unit fits.
    """
    if isinstance(expression, Symbol):
        return symbols[expression.name]
    if isinstance(expression, Number):
        return Indexed(expression.unit, (), {(): arithmetic.number(expression)})
    if isinstance(expression, Sum):
        return _total(expression, fold(expression.body, symbols, arithmetic), arithmetic)
    if isinstance(expression, Function) and expression.name == "exp":
        (argument,) = expression.arguments
        top = in_unit(fold(argument, symbols, arithmetic), "-", arithmetic)
        return Indexed("-", top.indices, {key: arithmetic.function("exp", (one,)) for key, one in top.cells.items()})
    left, right = (fold(side, symbols, arithmetic) for side in parts_of(expression))
    if isinstance(expression, Function):
        name, other = expression.name, in_unit(right, left.unit, arithmetic)
        return _joined(left.unit, left, other, lambda one, two: arithmetic.function(name, (one, two)))
    return _combined(expression, left, right, arithmetic)


def in_unit(value: Indexed[V], unit: str, arithmetic: Arithmetic[V]) -> Indexed[V]:
    """The same values in another unit."""
    factor = conversion_factor(value.unit, unit)
    if factor == 1:
        return Indexed(unit, value.indices, value.cells)
    return Indexed(unit, value.indices, {key: arithmetic.scale(one, factor) for key, one in value.cells.items()})


def in_order(value: Indexed[V], indices: tuple[str, ...]) -> Indexed[V]:
    """The same values with the parts of their keys in the order of ``indices``, sorted."""
    places = [value.indices.index(index) for index in indices]
    turned = {tuple(key[place] for place in places): one for key, one in value.cells.items()}
    return Indexed(value.unit, indices, {key: turned[key] for key in sorted(turned, key=natural_order)})


def _total(node: Sum, body: Indexed[V], arithmetic: Arithmetic[V]) -> Indexed[V]:
    place = body.indices.index(node.index)
    groups: dict[Key, list[tuple[Key, V]]] = {}
    for key in sorted(body.cells, key=natural_order):
        groups.setdefault(key[:place] + key[place + 1 :], []).append((key, body.cells[key]))
    rest = body.indices[:place] + body.indices[place + 1 :]
    return Indexed(
        body.unit,
        rest,
        {outer: arithmetic.total(node, outer, groups[outer]) for outer in sorted(groups, key=natural_order)},
    )


def _combined(node: Operation, left: Indexed[V], right: Indexed[V], arithmetic: Arithmetic[V]) -> Indexed[V]:
    unit = left.unit
    if node.sign in "+-":
        right = in_unit(right, left.unit, arithmetic)
    elif node.sign == "^":
        left, right, unit = in_unit(left, "-", arithmetic), in_unit(right, "-", arithmetic), "-"
    else:
        unit = product_unit((left.unit, 1), (right.unit, 1 if node.sign == "*" else -1))
    return _joined(unit, left, right, lambda one, two: arithmetic.combine(node.sign, one, two))


def _joined(unit: str, left: Indexed[V], right: Indexed[V], operate: Callable[[V, V], V]) -> Indexed[V]:
    """Both sides together where they belong together: equal on the indices that they share."""
    extra = [place for place, index in enumerate(right.indices) if index not in left.indices]
    shared = [(left.indices.index(index), place) for place, index in enumerate(right.indices) if index in left.indices]
    partners: dict[Key, list[tuple[Key, V]]] = {}
    for key, value in right.cells.items():
        on_shared = tuple(key[place] for _, place in shared)
        partners.setdefault(on_shared, []).append((tuple(key[place] for place in extra), value))
    cells = {
        key + rest: operate(value, other)
        for key, value in left.cells.items()
        for rest, other in partners[tuple(key[place] for place, _ in shared)]
    }
    return Indexed(unit, left.indices + tuple(right.indices[place] for place in extra), cells)
