"""Values that remember how they were made.

A formula of a methodology is an ordinary Python function of :class:`Traced` values. Each operation computes the exact
number (``Fraction``) for every index (system 1, system 2 …), carries the unit along, and keeps the expression, so that
one and the same function gives the number, the explanation, the dimension check and the formula on the page.

Evaluated without numbers (``cells=None``) the same function checks units and indices only.

An expression is a tree of five kinds of node, and whoever walks one (derivatives, uncertainty, a spreadsheet) needs to
know these and no more: :class:`Symbol`, :class:`Number`, :class:`Operation`, :class:`Sum` and :class:`Function`
(``exp``, ``max``, ``min``: named as in a spreadsheet, which can write them as they are).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from html import escape
from typing import TypeAlias

from openjcm.units import conversion_factor, exact_text, product_unit

Key: TypeAlias = tuple[str, ...]
"""Which system, stratum, season … a number belongs to, in the order of the indices; ``()`` for a single number."""

POWER_DIGITS = 30
"""A power with a fractional exponent is irrational. It is taken as the decimal with this many significant digits,
half to even (computed with twice as many): the named rounding ``power_to_30_digits``."""
POWER_ROUNDING = "power_to_30_digits"
EXP_ROUNDING = "exp_to_30_digits"
LARGEST_EXPONENT = 1000
"""e to the power of more than this, or of less than its negative, is refused: no text of a methodology means it."""


class TraceError(Exception):
    """An operation that has no value. The calculation turns it into a refusal that names clause and symbol."""

    def __init__(self, kind: str, expression: Expression, key: Key = (), detail: str = "") -> None:
        super().__init__(f"{kind}: {as_text(expression)} {key} {detail}")
        self.kind, self.expression, self.key, self.detail = kind, expression, key, detail


# Expressions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Symbol:
    """A symbol as printed, ``EG_i_p``, with the indices that it runs over (the period is no index)."""

    name: str
    indices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Number:
    """A number that stands in the formula itself, as it is printed there (``44/28``)."""

    value: Fraction
    printed: str = ""
    unit: str = "-"

    def __str__(self) -> str:
        return self.printed or exact_text(self.value)


@dataclass(frozen=True)
class Operation:
    """``left sign right``, with sign one of ``+ - * / ^``."""

    sign: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Sum:
    """The sum of the body over one index."""

    index: str
    body: Expression


@dataclass(frozen=True)
class Function:
    """A function of one or two expressions: ``exp`` of one pure number, ``max`` or ``min`` of two like quantities.

    ``exp`` is irrational and rounded as powers are (:data:`EXP_ROUNDING`). ``max`` and ``min`` have a kink where both
    sides are equal; :func:`openjcm.mrv.sensitivity.kinks` says how far a result is from it.
    """

    name: str
    arguments: tuple[Expression, ...]


Expression: TypeAlias = Symbol | Number | Operation | Sum | Function

_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
SIGN_TEXT = {"+": " + ", "-": " - ", "*": " × ", "/": " / ", "^": "^"}


def _strength(expression: Expression) -> int:
    if isinstance(expression, Operation):
        return _STRENGTH[expression.sign]
    if isinstance(expression, Sum):
        return 2
    return 4


def needs_brackets(expression: Operation, side: str) -> bool:
    """Whether the left or the right side of an operation is written in brackets."""
    child = expression.left if side == "left" else expression.right
    mine, its = _STRENGTH[expression.sign], _strength(child)
    if isinstance(child, Sum):
        return side == "left" or mine == 3
    return its < mine or (its == mine and side == "right" and expression.sign in "-/") or (its == mine == 3)


def as_text(expression: Expression, write: Callable[[Symbol], str] | None = None) -> str:
    """The expression on one line, ``Σ_i EG_i_p × EF_RE_i``; ``write`` may put numbers in place of symbols."""
    if isinstance(expression, Symbol):
        return write(expression) if write else expression.name
    if isinstance(expression, Number):
        return str(expression)
    if isinstance(expression, Sum):
        body = as_text(expression.body, write)
        return f"Σ_{expression.index} " + (f"({body})" if _strength(expression.body) < 2 else body)
    if isinstance(expression, Function):
        return f"{expression.name}({', '.join(as_text(part, write) for part in expression.arguments)})"
    left, right = (as_text(child, write) for child in (expression.left, expression.right))
    left = f"({left})" if needs_brackets(expression, "left") else left
    right = f"({right})" if needs_brackets(expression, "right") else right
    return left + SIGN_TEXT[expression.sign] + right


def as_mathml(expression: Expression) -> str:
    """The expression as presentation MathML, without the enclosing ``math`` element."""
    if isinstance(expression, Symbol):
        return symbol_mathml(expression.name)
    if isinstance(expression, Number):
        return f"<mn>{escape(str(expression))}</mn>"
    if isinstance(expression, Sum):
        body = as_mathml(expression.body)
        body = _in_brackets(body) if _strength(expression.body) < 2 else body
        return f"<mrow><munder><mo>∑</mo><mi>{escape(expression.index)}</mi></munder>{body}</mrow>"
    if isinstance(expression, Function):
        return _function_mathml(expression)
    left, right = as_mathml(expression.left), as_mathml(expression.right)
    if expression.sign == "/":
        return f"<mfrac>{left}{right}</mfrac>"
    left = _in_brackets(left) if needs_brackets(expression, "left") else left
    if expression.sign == "^":
        return f"<msup>{left}{right}</msup>"
    right = _in_brackets(right) if needs_brackets(expression, "right") else right
    sign = {"*": "×", "-": "−", "+": "+"}[expression.sign]
    return f"<mrow>{left}<mo>{sign}</mo>{right}</mrow>"


def _function_mathml(expression: Function) -> str:
    parts = [as_mathml(part) for part in expression.arguments]
    if expression.name == "exp":
        return f"<msup><mi>e</mi>{parts[0]}</msup>"
    return f"<mrow><mi>{expression.name}</mi>{_in_brackets('<mo>,</mo>'.join(parts))}</mrow>"


def _in_brackets(mathml: str) -> str:
    return f"<mrow><mo>(</mo>{mathml}<mo>)</mo></mrow>"


def symbol_mathml(name: str) -> str:
    """A symbol with its subscripts: ``EF_RE_i`` is EF with the subscripts RE and i."""
    base, *subscripts = name.split("_")
    letter = f'<mi mathvariant="italic">{escape(base)}</mi>'
    if not subscripts:
        return letter
    marks = "<mo>,</mo>".join(f"<mi>{escape(mark)}</mi>" for mark in subscripts)
    return f"<msub>{letter}<mrow>{marks}</mrow></msub>"


def formula_mathml(symbol: str, expression: Expression) -> str:
    """The whole formula, ``symbol = expression``, as a ``math`` element that a page can hold."""
    return (
        '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mrow>'
        f"{symbol_mathml(symbol)}<mo>=</mo>{as_mathml(expression)}</mrow></math>"
    )


# Values -------------------------------------------------------------------------------------------------------------


def natural_order(key: Iterable[str]) -> tuple[tuple[tuple[int, int, str], ...], ...]:
    """Sort key that puts system 2 before system 10."""
    return tuple(_natural(item) for item in key)


@lru_cache(maxsize=65_536)
def _natural(item: str) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", item) if part)


def key_text(key: Key) -> str:
    """A key as one writes it in an input: ``dry/st1/f2``; empty for a single number."""
    return "/".join(key)


@lru_cache(maxsize=4096)
def _product_unit(left: str, right: str, power: int) -> str:
    return product_unit((left, 1), (right, power))


@dataclass(frozen=True)
class Traced:
    """Exact values by index, with their unit and the expression that made them. ``cells=None``: units only."""

    expression: Expression
    unit: str
    indices: tuple[str, ...] = ()
    cells: Mapping[Key, Fraction] | None = None

    @classmethod
    def number(cls, value: Fraction | int, *, unit: str = "-", printed: str = "") -> Traced:
        """A number that stands in the formula itself."""
        return cls(Number(Fraction(value), printed, unit), unit, (), {(): Fraction(value)})

    def __add__(self, other: Traced | int) -> Traced:
        return self._additive("+", _traced(other))

    def __radd__(self, other: int) -> Traced:
        return _traced(other)._additive("+", self)

    def __sub__(self, other: Traced | int) -> Traced:
        return self._additive("-", _traced(other))

    def __rsub__(self, other: int) -> Traced:
        return _traced(other)._additive("-", self)

    def __mul__(self, other: Traced | int) -> Traced:
        return self._multiplicative("*", _traced(other))

    def __rmul__(self, other: int) -> Traced:
        return _traced(other)._multiplicative("*", self)

    def __truediv__(self, other: Traced | int) -> Traced:
        return self._multiplicative("/", _traced(other))

    def __rtruediv__(self, other: int) -> Traced:
        return _traced(other)._multiplicative("/", self)

    def __pow__(self, exponent: Traced | int) -> Traced:
        """A power of a pure number; a fractional exponent is rounded as :data:`POWER_DIGITS` says.

        Raises:
            Refused: ``wrong_dimension`` for a quantity with a unit.
        """
        other = _traced(exponent)
        made = Operation("^", self.expression, other.expression)
        base, top = self.to("-"), other.to("-")
        return base._combined(made, top, "-", lambda left, right, key: _power(left, right, made, key))

    def to(self, unit: str) -> Traced:
        """The same values in another unit of the same dimension, exactly.

        Raises:
            Refused: ``wrong_dimension`` or ``unknown_unit``.
        """
        if unit == self.unit:
            return self
        factor = conversion_factor(self.unit, unit)
        cells = None if self.cells is None else {key: value * factor for key, value in self.cells.items()}
        return Traced(self.expression, unit, self.indices, cells)

    def _additive(self, sign: str, other: Traced) -> Traced:
        direction = 1 if sign == "+" else -1
        made = Operation(sign, self.expression, other.expression)
        return self._alike(made, other, lambda left, right, _: left + direction * right)

    def extreme(self, name: str, other: Traced | int) -> Traced:
        """The larger (``max``) or the smaller (``min``) of two like quantities, index by index."""
        other = _traced(other)
        made = Function(name, (self.expression, other.expression))
        choose = {"max": max, "min": min}[name]
        return self._alike(made, other, lambda left, right, _: choose(left, right))

    def exponential(self) -> Traced:
        """e to the power of a pure number, rounded as :data:`EXP_ROUNDING` says.

        Raises:
            Refused: ``wrong_dimension`` for a quantity with a unit.
            TraceError: ``exponent_too_large``.
        """
        made, top = Function("exp", (self.expression,)), self.to("-")
        cells = None if top.cells is None else {key: _exponential(part, made, key) for key, part in top.cells.items()}
        return Traced(made, "-", self.indices, cells)

    def _alike(self, made: Expression, other: Traced, operate: Callable[[Fraction, Fraction, Key], Fraction]) -> Traced:
        """Two quantities of one dimension over the same indices (or one of them over none)."""
        other = other.to(self.unit)
        if self.indices and other.indices and set(self.indices) != set(other.indices):
            found = " / ".join(", ".join(part.indices) for part in (self, other))
            raise TraceError("indices_differ", made, detail=found)
        return self._combined(made, other, self.unit, operate)

    def _multiplicative(self, sign: str, other: Traced) -> Traced:
        made = Operation(sign, self.expression, other.expression)
        unit = _product_unit(self.unit, other.unit, 1 if sign == "*" else -1)
        if sign == "*":
            return self._combined(made, other, unit, lambda left, right, _: left * right)
        return self._combined(made, other, unit, lambda left, right, key: _quotient(left, right, made, key))

    def _combined(
        self, made: Expression, other: Traced, unit: str, operate: Callable[[Fraction, Fraction, Key], Fraction]
    ) -> Traced:
        indices = self.indices + tuple(index for index in other.indices if index not in self.indices)
        if self.cells is None or other.cells is None:
            return Traced(made, unit, indices, None)
        if self.indices == other.indices and self.cells.keys() == other.cells.keys():
            theirs = other.cells
            return Traced(made, unit, indices, {key: operate(one, theirs[key], key) for key, one in self.cells.items()})
        if not other.indices:
            (only,) = other.cells.values()
            return Traced(made, unit, indices, {key: operate(one, only, key) for key, one in self.cells.items()})
        pairs = _joined(self, other, made)
        return Traced(made, unit, indices, {key: operate(left, right, key) for key, left, right in pairs})


def _traced(value: Traced | int) -> Traced:
    return value if isinstance(value, Traced) else Traced.number(value)


def _quotient(left: Fraction, right: Fraction, made: Expression, key: Key) -> Fraction:
    if right == 0:
        raise TraceError("division_by_zero", made, key)
    return left / right


def _power(base: Fraction, exponent: Fraction, made: Expression, key: Key) -> Fraction:
    if exponent.denominator == 1:
        if base == 0 and exponent < 0:
            raise TraceError("division_by_zero", made, key)
        return base ** int(exponent)
    if base < 0 or (base == 0 and exponent < 0):
        raise TraceError("power_of_negative", made, key)
    return Fraction(rounded_power(base, exponent))


def rounded_power(base: Fraction, exponent: Fraction) -> Decimal:
    """A power with a fractional exponent as a decimal of :data:`POWER_DIGITS` significant digits, half to even."""
    context = Context(prec=2 * POWER_DIGITS, rounding=ROUND_HALF_EVEN)
    parts = [context.divide(Decimal(part.numerator), Decimal(part.denominator)) for part in (base, exponent)]
    return Context(prec=POWER_DIGITS, rounding=ROUND_HALF_EVEN).plus(context.power(*parts))


def _exponential(exponent: Fraction, made: Expression, key: Key) -> Fraction:
    if abs(exponent) > LARGEST_EXPONENT:
        raise TraceError("exponent_too_large", made, key)
    return Fraction(rounded_exponential(exponent))


@lru_cache(maxsize=65_536)
def rounded_exponential(exponent: Fraction) -> Decimal:
    """e to that power as a decimal of :data:`POWER_DIGITS` significant digits, half to even."""
    context = Context(prec=2 * POWER_DIGITS, rounding=ROUND_HALF_EVEN)
    top = context.divide(Decimal(exponent.numerator), Decimal(exponent.denominator))
    return Context(prec=POWER_DIGITS, rounding=ROUND_HALF_EVEN).plus(context.exp(top))


def _joined(left: Traced, right: Traced, made: Expression) -> list[tuple[Key, Fraction, Fraction]]:
    """Pairs of numbers that belong together: equal on the shared indices. Each side must meet the other wholly."""
    assert left.cells is not None and right.cells is not None
    shared = [index for index in right.indices if index in left.indices]
    extra = [place for place, index in enumerate(right.indices) if index not in left.indices]
    left_places = [left.indices.index(index) for index in shared]
    right_places = [right.indices.index(index) for index in shared]
    groups: dict[Key, list[tuple[Key, Fraction]]] = {}
    for key, value in right.cells.items():
        on_shared = tuple(key[place] for place in right_places)
        groups.setdefault(on_shared, []).append((tuple(key[place] for place in extra), value))
    pairs: list[tuple[Key, Fraction, Fraction]] = []
    met: set[Key] = set()
    for key, value in left.cells.items():
        on_shared = tuple(key[place] for place in left_places)
        if on_shared not in groups:
            raise TraceError("index_without_value", made, on_shared, as_text(right.expression))
        met.add(on_shared)
        pairs.extend((key + rest, value, other) for rest, other in groups[on_shared])
    lonely = sorted(groups.keys() - met, key=natural_order)
    if lonely:
        raise TraceError("index_without_value", made, lonely[0], as_text(left.expression))
    return pairs


def sum_over(index: str, value: Traced) -> Traced:
    """The sum over one index, Σ. A sum over nothing is no value: at least one term must be there."""
    made = Sum(index, value.expression)
    if index not in value.indices:
        raise TraceError("no_such_index", made, detail=index)
    place = value.indices.index(index)
    rest = value.indices[:place] + value.indices[place + 1 :]
    if value.cells is None:
        return Traced(made, value.unit, rest, None)
    sums: dict[Key, Fraction] = {}
    for key, term in value.cells.items():
        outer = key[:place] + key[place + 1 :]
        sums[outer] = sums.get(outer, Fraction(0)) + term
    return Traced(made, value.unit, rest, sums)


def symbols_in(expression: Expression) -> list[Symbol]:
    """The symbols of an expression, in order of appearance, each once."""
    if isinstance(expression, Symbol):
        return [expression]
    return list(dict.fromkeys(symbol for part in parts_of(expression) for symbol in symbols_in(part)))


def parts_of(expression: Expression) -> tuple[Expression, ...]:
    """The expressions that an expression is directly made of."""
    if isinstance(expression, Operation):
        return expression.left, expression.right
    if isinstance(expression, Function):
        return expression.arguments
    return (expression.body,) if isinstance(expression, Sum) else ()


def walk(expression: Expression) -> Iterator[Expression]:
    """An expression and everything that it is made of, from outside to inside."""
    yield expression
    for part in parts_of(expression):
        yield from walk(part)
