"""The calc_process sheet of one period: every formula of the methodology, for every index, as live formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Protocol

from openjcm.mrv.calculation import Result
from openjcm.mrv.fold import Indexed, fold, in_order, in_unit
from openjcm.mrv.methodology import Parameter
from openjcm.mrv.result import ParameterLine
from openjcm.mrv.trace import Key, as_text, natural_order, symbols_in
from openjcm.reports.spreadsheet_cells import Book, Cell, Formulas, Term, reference, text
from openjcm.reports.spreadsheet_facts import is_given, named

SECTIONS = {
    "result": ("1. Calculations for emission reductions", "1. 排出削減量の計算"),
    "defaults": ("2. Selected default values, etc.", "2. 選択されたデフォルト値等"),
    "reference": ("3. Calculations for reference emissions", "3. リファレンス排出量の計算"),
    "project": ("4. Calculations of the project emissions", "4. プロジェクト排出量の計算"),
}
CALC_HEADS = (
    ("Description", "説明"), ("Parameter", "パラメータ"), ("Value", "値"), ("Units", "単位"), ("Formula", "式"),
    ("Clause", "条項"),
)  # fmt: skip


class Inputs(Protocol):
    """Where the inputs stand, and the lists of default values."""

    book: Book

    @property
    def tokens(self) -> dict[tuple[str, str, Key], int]:
        """Tokens of the input cells by period, symbol and index."""

    def listed_cases(self, symbol: str) -> tuple[int, int, int, int]:
        """Tokens of the first and last case, and of the first and last value, in the list of default values."""


class PeriodRows:
    """The rows of one period's calculation, gathered section by section in the order of the formulas."""

    def __init__(self, inputs: Inputs, period: str, result: Result, blank: bool) -> None:
        self.inputs, self.period, self.result, self.blank = inputs, period, result, blank
        self.sections: dict[str, list[tuple[int, tuple[Cell, ...]]]] = {name: [] for name in SECTIONS}
        self.values: dict[str, Indexed[Term]] = {}
        self.final: tuple[int, Term] = (0, reference(0, Fraction(0)))
        self.formulas = {
            line.formula.symbol: line.formula for line in result.lines if not isinstance(line, ParameterLine)
        }
        m = result.methodology
        self.behind = {"reference": self._behind(m.reference), "project": self._behind(m.project)}
        self.answers = {
            (line.parameter.name, line.at): str(line.value)
            for line in result.lines
            if isinstance(line, ParameterLine) and line.parameter.kind == "choice"
        }

    def gather(self) -> None:
        """Go through all values in the order in which each is made from those before it."""
        for symbol in self.result.values:
            parameter = self.result.methodology.parameters.get(symbol)
            if parameter is None:
                self._formula(symbol)
            elif is_given(self.result, parameter) and parameter.kind != "interpretation":
                self._input(parameter)
            else:
                self._default(parameter)

    def _cells(self, symbol: str) -> Mapping[Key, Fraction]:
        cells = self.result.values[symbol].cells
        assert cells is not None
        return {key: cells[key] for key in sorted(cells, key=natural_order)}

    def _input(self, parameter: Parameter) -> None:
        tokens = self.inputs.tokens
        terms = {
            key: reference(tokens[self.period, parameter.name, key], value)
            for key, value in self._cells(parameter.name).items()
        }
        self.values[parameter.name] = Indexed(parameter.unit, parameter.index, terms)

    def _default(self, parameter: Parameter) -> None:
        terms: dict[Key, Term] = {}
        for key, value in self._cells(parameter.name).items():
            selecting = (parameter.name,) if parameter.kind == "interpretation" else parameter.by
            formula = self._selection(parameter.name, selecting, key) if selecting else ""
            cell = Cell(value, "formula" if formula else "value", formula, abs(value))
            token = self._row("defaults", parameter, key, cell, "", parameter.clause)
            terms[key] = reference(token, value)
        self.values[parameter.name] = Indexed(parameter.unit, parameter.index, terms)

    def _selection(self, symbol: str, selecting: Sequence[str], key: Key) -> str:
        """The look-up of a value by the answers to the choices, or to the open question, that it depends on."""
        first, last, first_value, last_value = self.inputs.listed_cases(symbol)
        chosen = [
            self.inputs.tokens[self.period, name, key if (name, key) in self.answers else ()] for name in selecting
        ]
        case = '&"/"&'.join(f"⟦{token}⟧" for token in chosen)
        return f"INDEX(⟦{first_value}⟧:⟦{last_value}⟧,MATCH({case},⟦{first}⟧:⟦{last}⟧,0))"

    def _row(
        self, part: str, what: Parameter | str, key: Key, cell: Cell, expression: str, clause: str, unit: str = ""
    ) -> int:
        token = self.inputs.book.token()
        words, name = (what, "") if isinstance(what, str) else (f"{what.en} / {what.ja}", named(what.name, key))
        unit = unit if isinstance(what, str) else what.unit
        cells = (text(words), text(name), cell, text(unit), text(expression), text(clause))
        self.sections[part].append((token, cells))
        return token

    def _formula(self, symbol: str) -> None:
        formula, expression = self.formulas[symbol], self.result.expressions[symbol]
        part, blank = self._section(symbol), self.blank

        def emit(at: str, term: Term) -> int:
            cell = Cell(None if blank else term.value, "formula", term.text, term.scale)
            return self._row(part, f"{symbol}: term / 項 [{at}]", (), cell, "", formula.clause)

        arithmetic = Formulas(emit)
        made = in_order(in_unit(fold(expression, self.values, arithmetic), formula.unit, arithmetic), formula.index)
        words, terms = as_text(expression), dict[Key, Term]()
        for key, value in self._cells(symbol).items():
            term = made.cells[key]
            cell = Cell(None if blank else value, "formula", term.text, term.scale)
            token = self.inputs.book.token()
            cells = (
                text(formula.en), text(named(symbol, key)), cell, text(formula.unit), text(f"{symbol} = {words}"),
                text(formula.clause),
            )  # fmt: skip
            self.sections[part].append((token, cells))
            terms[key] = reference(token, value, term.scale)
            if symbol == self.result.methodology.reductions:
                self.final = token, terms[key]
        self.values[symbol] = Indexed(formula.unit, formula.index, terms)

    def _section(self, symbol: str) -> str:
        return next((part for part, symbols in self.behind.items() if symbol in symbols), "result")

    def _behind(self, goal: str) -> set[str]:
        """A symbol and every symbol with a formula that it is made from."""
        found, todo = set[str](), [goal]
        while todo:
            symbol = todo.pop()
            if symbol not in found:
                found.add(symbol)
                todo += (
                    [one.name for one in symbols_in(self.result.expressions[symbol])]
                    if (symbol in self.result.expressions)
                    else []
                )
        return found
