"""The monitoring spreadsheet of the JCM, laid out from what a methodology declares: MPS, MSS and MRS.

No methodology has code of its own here. The input sheet lists the parameters with the columns of the JCM's form,
``(a)`` to ``(j)``, and in a monitoring report the period before them, ``(a)`` to ``(k)``; the calc_process sheet holds
every formula of the methodology for every index, as live formulas; the structure sheet names who measures what.

The forms themselves (JCM_xx_F_PMS) were not read: sheets and columns are those of secondary sources
(``docs/spreadsheets.md``).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from openjcm.mrv.calculation import Result
from openjcm.mrv.trace import Key, key_text
from openjcm.refusals import refusal
from openjcm.reports.spreadsheet_calculation import CALC_HEADS, SECTIONS, PeriodRows
from openjcm.reports.spreadsheet_cells import Book, Cell, Sheet, Term, both, text
from openjcm.reports.spreadsheet_facts import (
    ALL_PERIODS,
    KINDS,
    LAYOUT,
    STRUCTURE,
    WHOLE,
    Facts,
    Note,
    Row,
    answers_of,
    cases_of,
    rows_of,
    whole_tonnes,
)

VALUE_COLUMN = 4
"""The column of values in the input sheet of a monitoring report, from 0; in a plan it is one to the left."""
MAX_ROWS = 20_000
OPTIONS = (
    ("Option A", "public data that others measure", "他者が測定した公的データ"),
    ("Option B", "transactions that are measured directly (invoices)", "直接計測された取引量 (請求書など)"),
    ("Option C", "measurement with the project's own equipment", "計測機器による実測"),
)

TOO_MANY_ROWS = refusal(
    "spreadsheet_too_large",
    en="The workbook would need {rows} rows; the limit is {limit}.",
    ja="ワークブックに {rows} 行が必要ですが、上限は {limit} 行です。",
    remedy_en="Write one workbook for each period, or for a part of the systems.",
    remedy_ja="期間ごと、または設備の一部ごとにワークブックを分けてください。",
    clause="OpenJCM: a worksheet that people fill in stays readable",
)


def lay_out(facts: Facts) -> Book:
    """The whole workbook.

    Raises:
        Refused: ``spreadsheet_too_large``.
    """
    book = Book(f"{facts.kind} {facts.results[0][1].methodology.id} {facts.project}".strip())
    _Layout(facts, book).make()
    rows = max(sheet.row for sheet in book.sheets)
    if rows > MAX_ROWS:
        raise TOO_MANY_ROWS(rows=rows, limit=MAX_ROWS)
    return book.placed()


class _Layout:
    """Lays out one workbook; tokens of input cells by period, symbol and index."""

    def __init__(self, facts: Facts, book: Book) -> None:
        self.facts, self.book = facts, book
        self.input = Sheet(f"{facts.kind}(input)", (24, 9, 18, 44, 16, 14, 10, 32, 32, 18, 32))
        self.calc = Sheet(f"{facts.kind}(calc_process)", (44, 24, 20, 16, 60, 44))
        self.tokens: dict[tuple[str, str, Key], int] = {}
        self.shift = 0 if facts.kind == "MRS" else 1
        self.listed: dict[str, tuple[int, int, int, int]] = {}
        self.period_cells: dict[str, int] = {}
        self.project = book.token()

    def make(self) -> None:
        self.book.sheets += [self.input, self.calc]
        results = self.facts.results
        self._heading(self.input, "input")
        blanks = [self._table(1), self._table(2)]
        self._heading(self.calc, "calc_process")
        finals = [self._period(period, result) for period, result in results]
        self._list_of_defaults()
        self._totals(finals, [one for one in blanks if one])
        if self.facts.kind == "MPS":
            self.book.sheets.append(self._structure())

    # Headings

    def _heading(self, sheet: Sheet, part: str) -> None:
        first = self.facts.results[0][1]
        m, (en, ja) = first.methodology, KINDS[self.facts.kind]
        sheet.add(text(f"{en} ({part}) / {ja} ({part})", "title"))
        sheet.add(both("Methodology", "方法論"), text(m.id), text(m.title), text(m.title_ja))
        sheet.add(both("Version", "版"), text(first.version))
        sheet.add(both("Project", "プロジェクト"), self._project(sheet))
        sheet.add(both("Rounding rule", "端数処理規則"), text(self.facts.rounding))
        sheet.add(both("Layout", "様式"), text(LAYOUT))
        sheet.add(both("Text of the methodology known as", "方法論本文の確認度"), text(str(m.evidence)))
        sheet.add()

    def _project(self, sheet: Sheet) -> Cell:
        """The project's reference: written on the input sheet, repeated on the others."""
        if sheet is self.input:
            self.book.put(self.project, sheet, sheet.row, 1)
            return Cell(self.facts.project, "open")
        return Cell(self.facts.project, "formula", f'⟦{self.project}⟧&""')

    # The input sheet

    def _table(self, number: int) -> tuple[int, int] | None:
        """Table 1 or 2; gives the first and the last token of its values."""
        sheet, ex_post = self.input, number == 1
        titles = {
            1: ("Table 1: Parameters to be monitored ex post", "表 1: 事後モニタリング項目"),
            2: (
                "Table 2: Project-specific parameters to be fixed ex ante",
                "表 2: 事前に確定するプロジェクト固有の項目",
            ),
        }
        sheet.add(both(*titles[number], "section"))
        for row in self._column_heads(number):
            sheet.add(*row)
        rows = list(rows_of(self.facts.results, ex_post))
        tokens = [self._input_row(row, place, number) for place, row in enumerate(rows, 1)]
        sheet.add()
        return (tokens[0], tokens[-1]) if tokens else None

    def _column_heads(self, number: int) -> tuple[list[Cell], list[Cell]]:
        estimated = (
            ("Estimated values", "推定値") if self.facts.kind == "MPS" else ("Monitored values", "モニタリング値")
        )
        heads = [
            ("Monitoring period", "モニタリング期間"), ("Monitoring point no.", "モニタリングポイント番号"),
            ("Parameters", "パラメータ"), ("Description of data", "データの説明"),
            estimated if number == 1 else ("Values", "値"), ("Units", "単位"),
            ("Monitoring option", "モニタリングオプション"), ("Source of data", "データの出典"),
            ("Measurement methods and procedures", "測定方法・手順"), ("Monitoring frequency", "モニタリング頻度"),
            ("Other comments", "その他"),
        ][self.shift :]  # fmt: skip
        letters = [text(f"({chr(97 + place)})", "head") for place in range(len(heads))]
        return letters, [both(*head) for head in heads]

    def _input_row(self, row: Row, number: int, table: int) -> int:
        parameter, note = row.parameter, self._note(row)
        answers = answers_of(self.facts.results[0][1], parameter)
        value = Cell(row.value, "input", choices=tuple(answers))
        if self.facts.blank and not answers:
            value = Cell(None, "input")
        comments = note.comments or "; ".join(f"{name}: {en} / {ja}" for name, (en, ja) in answers.items())
        cells = [
            self._period_cell(row, table), text(f"({number})" if table == 1 else ""), text(row.name),
            text(f"{parameter.en} / {parameter.ja}"), value, text(parameter.unit), text(parameter.option),
            Cell(note.source, "free"), Cell(note.method, "free"), Cell(note.frequency, "free"),
            Cell(comments, "free"),
        ][self.shift :]  # fmt: skip
        at = self.input.add(*cells)
        token = self.book.token()
        self.book.put(token, self.input, at, VALUE_COLUMN - self.shift)
        periods = [name for name, _ in self.facts.results] if row.period == ALL_PERIODS else [row.period]
        for period in periods:
            self.tokens[period, parameter.name, row.key] = token
        return token

    def _period_cell(self, row: Row, table: int) -> Cell:
        if table == 2:
            return text(row.period)
        if self.facts.kind == "MRS" and row.period not in self.period_cells:
            self.period_cells[row.period] = self.book.token()
            self.book.put(self.period_cells[row.period], self.input, self.input.row, 0)
        return Cell(row.period, "open")

    def _note(self, row: Row) -> Note:
        at = key_text(row.key)
        found = self.facts.notes.get((row.period, row.parameter.name, at)) or self.facts.notes.get(
            ("", row.parameter.name, at), Note()
        )
        if found.source or self.facts.blank:
            return found
        return Note(row.source, found.method, found.frequency, found.comments)

    def _totals(self, finals: Sequence[tuple[str, int, Term]], blanks: Sequence[tuple[int, int]]) -> None:
        """Table 3: reductions of each period, exact and in whole tonnes, and how many inputs are missing."""
        sheet, name = self.input, self.facts.results[0][1].methodology.reductions
        sheet.add(both("Table 3: Emission reductions", "表 3: 排出削減量", "section"))
        heads = (("Period", "期間"), ("Parameter", "パラメータ"), ("Values", "値"), ("Units", "単位"))
        sheet.add(*(both(*head) for head in heads), both("Whole tonnes (not below zero)", "整数トン (ゼロを下限)"))
        counts = "+".join(f"COUNTBLANK(⟦{first}⟧:⟦{last}⟧)" for first, last in blanks) or "0"
        missing = self.book.token()
        wholes = []

        def guarded(formula: str) -> str:
            return f'IF(⟦{missing}⟧>0,"",{formula})'  # a missing value is never zero

        for period, token, term in finals:
            whole = self.book.token()
            wholes.append(whole)
            exact = Cell("" if self.facts.blank else term.value, "formula", guarded(f"⟦{token}⟧"), term.scale)
            rounded = max(whole_tonnes(term.value, self.facts.rounding), 0)
            formula = guarded(f"MAX(0,{WHOLE[self.facts.rounding].format(f'⟦{token}⟧')})")
            shown = Cell("" if self.facts.blank else Fraction(rounded), "whole", formula)
            first = self.period_cells.get(period)
            shown_period = Cell(period, "formula", f'⟦{first}⟧&""') if first else text(period)
            row = sheet.add(shown_period, text(name), exact, text("tCO2e"), shown)
            self.book.put(whole, sheet, row, 4)
        total = sum(max(whole_tonnes(term.value, self.facts.rounding), 0) for _, _, term in finals)
        shown = Cell(
            "" if self.facts.blank else Fraction(total), "whole", guarded(f"SUM(⟦{wholes[0]}⟧:⟦{wholes[-1]}⟧)")
        )
        sheet.add(both("Total", "合計"), None, None, text("tCO2e"), shown)
        empty = sum(cell.content is None and cell.style == "input" for cell in sheet.cells.values())
        row = sheet.add(both("Input values missing", "未入力の値"), None, Cell(Fraction(empty), "whole", counts))
        self.book.put(missing, sheet, row, 2)
        sheet.add()
        sheet.add(both("Monitoring options", "モニタリングオプション", "section"))
        for option, en, ja in OPTIONS:
            sheet.add(text(option), text(f"{en} / {ja}"))

    # The calc_process sheet

    def _period(self, period: str, result: Result) -> tuple[str, int, Term]:
        """One period's calculation; gives its name and the cell of the reductions."""
        made = PeriodRows(self, period, result, self.facts.blank)
        made.gather()
        if len(self.facts.results) > 1:
            self.calc.add(text(period, "title"))
        for part, (en, ja) in SECTIONS.items():
            self.calc.add(both(en, ja, "section"))
            self.calc.add(*(both(*head) for head in CALC_HEADS))
            for token, cells in made.sections[part]:
                row = self.calc.add(*cells)
                self.book.put(token, self.calc, row, 2)
            self.calc.add()
        return period, *made.final

    def listed_cases(self, symbol: str) -> tuple[int, int, int, int]:
        """Tokens of the first and last case, and of the first and last value, in the list of default values."""
        if symbol not in self.listed:
            self.listed[symbol] = tuple(self.book.token() for _ in range(4))  # type: ignore[assignment]
        return self.listed[symbol]

    def _list_of_defaults(self) -> None:
        """The tables that the methodology prints, from which a case selects."""
        result, sheet = self.facts.results[0][1], self.calc
        if not self.listed:
            return
        sheet.add(both("List of default values", "デフォルト値一覧", "section"))
        heads = (("Parameter", "パラメータ"), ("Case", "区分"), ("Value", "値"), ("Units", "単位"), ("Source", "出典"))
        sheet.add(*(both(*head) for head in heads))
        for symbol, tokens in self.listed.items():
            unit, first = result.methodology.parameters[symbol].unit, sheet.row
            for case, value, source in cases_of(result, symbol):
                sheet.add(text(symbol), text(case), Cell(value, "value"), text(unit), text(source))
            for token, (row, column) in zip(
                tokens, ((first, 1), (sheet.row - 1, 1), (first, 2), (sheet.row - 1, 2)), strict=True
            ):
                self.book.put(token, sheet, row, column)

    # The structure sheet

    def _structure(self) -> Sheet:
        sheet = Sheet(STRUCTURE, (40, 60, 16, 18, 18, 40))
        sheet.add(text("Monitoring Structure Sheet / モニタリング体制シート", "title"))
        sheet.add(both("Methodology", "方法論"), text(self.facts.results[0][1].methodology.id))
        sheet.add(both("Project", "プロジェクト"), self._project(sheet))
        sheet.add(both("Layout", "様式"), text(LAYOUT))
        sheet.add()
        sheet.add(both("Responsible personnel", "責任者"), both("Role", "役割"))
        for person, role in (*self.facts.people, *([("", "")] * max(0, 5 - len(self.facts.people)))):
            sheet.add(Cell(person, "free"), Cell(role, "free"))
        sheet.add()
        heads = (
            ("Meter", "計量器"), ("Facts", "諸元"), ("Parameter", "パラメータ"), ("Installed on", "設置日"),
            ("Read every", "計測間隔"), ("Calibration", "校正"),
        )  # fmt: skip
        sheet.add(*(both(*head) for head in heads))
        for meter in self.facts.meters:
            sheet.add(*(Cell(one, "free") for one in meter))
        return sheet
