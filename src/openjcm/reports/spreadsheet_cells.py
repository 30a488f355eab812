"""Cells of a workbook before it is written: what each holds, and formulas that follow a methodology's expressions.

A formula names other cells by tokens (``⟦7⟧``) while the rows are still being gathered; :meth:`Book.placed` puts the
addresses in. Beside its text every formula carries its exact value, and the largest figure that entered it: double
precision can be off by a small part of that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from openjcm.mrv.intake_excel import cell_name
from openjcm.mrv.trace import Key, Number, Sum, Traced, key_text, rounded_exponential
from openjcm.units import exact_text

Place = tuple[int, int]
"""Row and column, counted from 0."""
_TOKEN = re.compile(r"⟦(\d+)⟧")


@dataclass(frozen=True)
class Cell:
    """One cell. ``content`` is what it shows: an exact number, a text, or nothing yet (``None``: to be filled in).

    ``style`` says what it is: ``input`` (filled in by people), ``free`` (words of theirs, never compared), ``open``
    (words by which rows are found), ``value`` (a number of the methodology), ``formula``, ``whole`` (whole tonnes), or
    a kind of heading. ``scale`` is the largest figure that entered a formula, ``choices`` the texts that an input has.
    """

    content: Fraction | str | None
    style: str
    formula: str = ""
    scale: Fraction = Fraction(0)
    choices: tuple[str, ...] = ()


def text(content: str, style: str = "text") -> Cell:
    """A cell with words."""
    return Cell(content, style)


def both(en: str, ja: str, style: str = "head") -> Cell:
    """A heading in both languages."""
    return Cell(f"{en} / {ja}", style)


@dataclass
class Sheet:
    """One sheet: its cells by place, and the widths of its columns."""

    name: str
    widths: tuple[int, ...]
    cells: dict[Place, Cell] = field(default_factory=dict)
    row: int = 0

    def add(self, *cells: Cell | None) -> int:
        """Write a row and go to the next; ``None`` leaves a cell out. Gives the row's number, from 0."""
        for column, cell in enumerate(cells):
            if cell is not None:
                self.cells[self.row, column] = cell
        self.row += 1
        return self.row - 1


@dataclass
class Book:
    """The sheets of a workbook, and where each token stands."""

    title: str
    sheets: list[Sheet] = field(default_factory=list)
    places: dict[int, tuple[str, Place]] = field(default_factory=dict)

    def token(self) -> int:
        """A new token, to be placed later."""
        self.places[len(self.places) + 1] = ("", (0, 0))
        return len(self.places)

    def put(self, token: int, sheet: Sheet, row: int, column: int) -> None:
        """Say where a token stands."""
        self.places[token] = (sheet.name, (row, column))

    def placed(self) -> Book:
        """The same book with addresses in place of tokens."""
        for sheet in self.sheets:
            for place, cell in sheet.cells.items():
                if cell.formula:
                    sheet.cells[place] = replace(cell, formula=self._addressed(cell.formula, sheet.name))
        return self

    def _addressed(self, formula: str, on: str) -> str:
        def address(found: re.Match[str]) -> str:
            sheet, place = self.places[int(found[1])]
            assert sheet, f"token {found[1]} of {formula} stands nowhere"
            own = sheet == on or formula[: found.start()].endswith("⟧:")
            return cell_name(*place) if own else f"'{sheet}'!{cell_name(*place)}"

        return _TOKEN.sub(address, formula)


# Formulas -------------------------------------------------------------------------------------------------------------

_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
ATOM = 4


@dataclass(frozen=True)
class Term:
    """A piece of a formula: its text, how strongly it binds, its exact value, and its largest figure."""

    text: str
    strength: int
    value: Fraction
    scale: Fraction

    def within(self, strength: int) -> str:
        """The text, in brackets unless it binds more strongly."""
        return self.text if self.strength > strength else f"({self.text})"


def reference(token: int, value: Fraction, scale: Fraction | None = None) -> Term:
    """A piece that is another cell."""
    return Term(f"⟦{token}⟧", ATOM, value, abs(value) if scale is None else scale)


def literal(value: Fraction, printed: str = "") -> Term:
    """A number that stands in the formula: as printed (``44/28``) where that is plain, else exact."""
    text = printed if re.fullmatch(r"\d+(\.\d+)?(/\d+)?", printed) else exact_text(value)
    return Term(f"({text})" if "/" in text or "-" in text else text, ATOM, value, abs(value))


class Formulas:
    """Arithmetic of formula texts, for :func:`openjcm.mrv.fold.fold`.

    ``emit`` writes one term of a sum into a cell of its own and gives the token of that cell, so that a sum over any
    number of systems stays a short formula whose terms can be read.
    """

    def __init__(self, emit: Callable[[str, Term], int]) -> None:
        self.emit = emit

    def number(self, number: Number) -> Term:
        return literal(number.value, number.printed)

    def scale(self, value: Term, factor: Fraction) -> Term:
        if factor.denominator != 1:
            value = self.combine("/", value, literal(Fraction(factor.denominator)))
        if abs(factor.numerator) != 1 or factor < 0:
            value = self.combine("*", value, literal(Fraction(factor.numerator)))
        return value

    def combine(self, sign: str, left: Term, right: Term) -> Term:
        strength = _STRENGTH[sign]
        text = left.within(strength if sign == "^" else strength - 1) + sign + right.within(strength)
        value = _VALUES[sign](left.value, right.value)
        return Term(text, strength, value, max(abs(value), _scale(sign, left, right, value)))

    def function(self, name: str, arguments: Sequence[Term]) -> Term:
        text = f"{name.upper()}({','.join(one.text for one in arguments)})"
        if name == "exp":
            value = Fraction(rounded_exponential(arguments[0].value))
            return Term(text, ATOM, value, value * max(Fraction(1), arguments[0].scale))
        value = {"max": max, "min": min}[name](one.value for one in arguments)
        return Term(text, ATOM, value, max(one.scale for one in arguments))

    def total(self, node: Sum, outer: Key, terms: Sequence[tuple[Key, Term]]) -> Term:
        tokens = [self.emit(key_text(key), term) for key, term in terms]
        value = sum((term.value for _, term in terms), Fraction(0))
        scale = sum((term.scale for _, term in terms), Fraction(0))
        return Term(f"SUM(⟦{tokens[0]}⟧:⟦{tokens[-1]}⟧)", ATOM, value, scale)


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    made = (Traced.number(base) ** Traced.number(exponent)).cells
    assert made is not None
    return made[()]


_VALUES: Mapping[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "^": _power,
}


def _scale(sign: str, left: Term, right: Term, value: Fraction) -> Fraction:
    """The largest figure in a result: what cancels in a difference still leaves the rounding of its parts behind."""
    if sign in "+-":
        return max(left.scale, right.scale)
    if sign == "*":
        return left.scale * right.scale
    if sign == "/":
        return left.scale * right.scale / right.value**2
    own = left.scale / abs(left.value) if left.value else Fraction(1)
    return abs(value) * max(Fraction(1), own * abs(right.value))
