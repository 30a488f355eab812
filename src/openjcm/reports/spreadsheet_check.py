"""A filled workbook held against the methodology: its inputs are calculated anew, and every other cell is compared.

The workbook that these inputs should give is laid out once more, and the file is compared with it cell by cell:
formulas as text, numbers within :data:`TOLERANCE`, words as they are. So nothing here knows what a methodology looks
like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from openjcm.dated import Answer
from openjcm.mrv.calculation import Result
from openjcm.mrv.plan import MonitoringPlan
from openjcm.mrv.trace import Key
from openjcm.refusals import Finding, Severity
from openjcm.reports.monitoring_spreadsheet import shortened
from openjcm.reports.spreadsheet_cells import Cell, Place, Sheet
from openjcm.reports.spreadsheet_facts import ALL_PERIODS, STRUCTURE, named, rows_of, whole_tonnes
from openjcm.reports.spreadsheet_inputs import (
    Inputs,
    is_dangerous,
    read_inputs,
    recognised_kinds,
    unit_hint,
)
from openjcm.reports.spreadsheet_layout import lay_out
from openjcm.reports.spreadsheet_reading import Filled, Found, read_workbook
from openjcm.reports.spreadsheet_rules import finding
from openjcm.reports.spreadsheet_sizes import Expected, implausible
from openjcm.units import ROUNDING_RULES, exact_text

TOLERANCE = Fraction(1, 10**12)
"""Double precision against exact numbers: by this share of the largest figure that entered a cell they may differ."""
MAX_FINDINGS = 500
Results = tuple[tuple[str, Result], ...]


@dataclass(frozen=True)
class CheckedSheet:
    """What became of one input sheet: its inputs, its results recomputed, its findings in the order of the cells.

    There are no results where a value is missing.
    """

    inputs: Inputs
    results: Results
    findings: tuple[Finding, ...]

    def as_data(self) -> dict[str, Any]:
        """The sheet as plain data."""
        inputs, m = self.inputs, self.inputs.m
        return {
            "sheet": inputs.sheet,
            "methodology": m.id,
            "version": inputs.version,
            "project": inputs.project,
            "periods": [
                {
                    "period": period,
                    "reductions": exact_text(result.reductions),
                    "whole_tonnes": max(ROUNDING_RULES[inputs.rounding](result.reductions), 0),
                }
                for period, result in self.results
            ],
        }


@dataclass(frozen=True)
class Checked:
    """A workbook that was checked. ``agrees``: yes, no, or cannot tell where nothing was calculated to compare."""

    file: str
    sheets: tuple[CheckedSheet, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, sheet by sheet."""
        return tuple(one for sheet in self.sheets for one in sheet.findings)

    @property
    def agrees(self) -> Answer:
        """Whether the workbook says what the methodology gives for its inputs."""
        if any(one.severity is Severity.BLOCKS for one in self.findings):
            return Answer.NO
        return Answer.CANNOT_TELL if any(one.rule == "S14" for one in self.findings) else Answer.YES

    def as_data(self) -> dict[str, Any]:
        """The check as plain data."""
        return {
            "file": self.file,
            "agrees": self.agrees,
            "sheets": [sheet.as_data() for sheet in self.sheets],
            "findings": [
                {
                    "rule": one.rule,
                    "severity": one.severity,
                    "sheet": one.facts["sheet"],
                    "cell": one.facts["cell"],
                    "message": {"en": one.message("en"), "ja": one.message("ja")},
                    "clause": one.clause,
                    "facts": dict(one.facts),
                }
                for one in self.findings
            ],
        }


def check_spreadsheet(
    data: bytes,
    name: str,
    *,
    against: Results = (),
    against_name: str = "",
    expected: Expected | None = None,
    plan: MonitoringPlan | None = None,
) -> Checked:
    """Read a filled workbook, calculate its inputs anew, and name every cell that differs.

    Args:
        data: the bytes of the file.
        name: its name, for messages.
        against: results whose inputs the workbook must repeat (of a monitoring report, for example), period by period.
        against_name: what these are called in messages.
        expected: sizes that were expected, such as the estimates of the plan.
        plan: the monitoring plan, for what its meters can carry.

    Raises:
        Refused: what reading refuses; ``spreadsheet_not_recognised``, ``unknown_methodology``,
            ``unknown_methodology_version``.
    """
    return check_filled(read_workbook(data, name), name, Standards(against, against_name, expected or {}, plan))


@dataclass(frozen=True)
class Standards:
    """What a workbook is held to beside the methodology: see :func:`check_spreadsheet`."""

    against: Results = ()
    against_name: str = ""
    expected: Expected = field(default_factory=dict)
    plan: MonitoringPlan | None = None


def check_filled(filled: Filled, name: str, standards: Standards) -> Checked:
    """The check of a workbook that has been read.

    Raises:
        Refused: ``spreadsheet_not_recognised``, ``unknown_methodology``, ``unknown_methodology_version``.
    """
    checked = []
    for kind in recognised_kinds(filled, name):
        inputs = read_inputs(filled, kind, name)
        results = inputs.results()
        found = list(inputs.findings)
        if results is not None:
            found += _Comparison(filled, inputs).findings(results)
            found += implausible(inputs, standards.expected, standards.plan)
            found += _unlike(inputs, standards.against, standards.against_name)
            found += _on_the_edge(inputs, results) if inputs.whole else ()
        found += _elsewhere(filled, kind)
        order = {sheet: number for number, sheet in enumerate(filled.sheets)}
        found.sort(key=lambda one: (order.get(one.facts["sheet"], -1), one.rows, one.rule))
        known = results if results and inputs.whole else ()
        checked.append(CheckedSheet(inputs, known, tuple(found[:MAX_FINDINGS])))
    return Checked(name, tuple(checked))


def _on_the_edge(inputs: Inputs, results: Results) -> Iterator[Finding]:
    """Periods whose whole tonnes differ between the worksheet and the exact rule."""
    for period, result in results:
        exact = max(ROUNDING_RULES[inputs.rounding](result.reductions), 0)
        if (shown := max(whole_tonnes(result.reductions, inputs.rounding), 0)) != exact:
            facts = {"period": period, "exact": exact_text(result.reductions)}
            yield finding("S17", inputs.sheet, None, found=str(shown), wanted=str(exact), **facts)


def _elsewhere(filled: Filled, kind: str) -> Iterator[Finding]:
    """Hidden sheets, and formulas that reach outside, wherever they stand beside the sheets that are compared."""
    for sheet in filled.hidden:
        yield finding("S01", sheet, None)
    for sheet, cells in filled.sheets.items():
        if sheet in {f"{kind}(input)", f"{kind}(calc_process)"}:
            continue
        for place, cell in cells.items():
            if cell.formula and is_dangerous(cell.formula):
                yield finding("S11", sheet, place, found=f"={cell.formula}"[:200])


# Cell by cell ---------------------------------------------------------------------------------------------------------


class _Comparison:
    """The file against the workbook that its inputs should give."""

    def __init__(self, filled: Filled, inputs: Inputs) -> None:
        self.filled, self.inputs, self.uncalculated = filled, inputs, 0

    def findings(self, results: Results) -> list[Finding]:
        """Every difference."""
        book = lay_out(self.inputs.facts(results))
        found: list[Finding] = []
        for sheet in book.sheets:
            if sheet.name not in self.filled.sheets:
                found.append(finding("S01", sheet.name, None))
            elif sheet.name != STRUCTURE:
                found += self._sheet(sheet)
        if self.uncalculated:
            found.append(finding("S14", self.inputs.sheet, None, count=str(self.uncalculated)))
        return found

    def _sheet(self, sheet: Sheet) -> Iterator[Finding]:
        cells = self.filled.sheets[sheet.name]
        for place, cell in sheet.cells.items():
            yield from self._cell(sheet.name, place, cell, cells.get(place, Found("", None)))
        for place in cells.keys() - sheet.cells.keys():
            yield from self._extra(sheet.name, place, cells[place])

    def _cell(self, sheet: str, place: Place, wanted: Cell, found: Found) -> Iterator[Finding]:
        if wanted.formula:
            yield from self._formula(sheet, place, wanted, found)
        elif wanted.style in {"free", "input", "open"}:
            if wanted.style != "input" and found.formula:
                yield from self._extra(sheet, place, found)
        elif wanted.content is None or wanted.content == "":  # zero is a value
            yield from self._extra(sheet, place, found)
        elif found.formula or not _same(wanted, found.value):
            shown, meant = f"={found.formula}" if found.formula else _text(found.value), _text(wanted.content)
            rule = "S11" if found.formula and is_dangerous(found.formula) else "S07"
            if sheet == self.inputs.sheet and place in self.inputs.units and not found.formula:
                symbol, unit = self.inputs.units[place]
                yield finding("S04", sheet, place, symbol=symbol, found=shown, wanted=unit, **unit_hint(shown, unit))
            else:
                yield finding(rule, sheet, place, found=shown[:200], wanted=meant[:200])

    def _formula(self, sheet: str, place: Place, wanted: Cell, found: Found) -> Iterator[Finding]:
        if _plain(found.formula) != _plain(wanted.formula):
            shown = f"={found.formula}" if found.formula else _text(found.value)
            rule = "S11" if is_dangerous(found.formula) else "S05"
            yield finding(rule, sheet, place, found=shown[:200], wanted=f"={wanted.formula}"[:200])
        elif not self.inputs.whole:
            return
        elif found.value is None and wanted.content != "":
            self.uncalculated += 1
        elif not _same(wanted, found.value):
            yield finding("S06", sheet, place, found=_text(found.value)[:80], wanted=_text(wanted.content)[:80])

    def _extra(self, sheet: str, place: Place, found: Found) -> Iterator[Finding]:
        shown = f"={found.formula}" if found.formula else _text(found.value)
        rule = "S11" if found.formula and is_dangerous(found.formula) else "S08"
        if shown:
            yield finding(rule, sheet, place, found=shown[:200])


def _same(wanted: Cell, found: Fraction | str | None) -> bool:
    if isinstance(wanted.content, Fraction):
        room = TOLERANCE * max(wanted.scale, abs(wanted.content))
        return isinstance(found, Fraction) and abs(found - wanted.content) <= room
    return shortened(wanted.content or "").strip() == _text(found).strip()


def _text(value: Fraction | str | None) -> str:
    if isinstance(value, Fraction):
        text = exact_text(value)
        return text if len(text) <= 30 else f"{Decimal(value.numerator) / Decimal(value.denominator):.16g}"
    return value or ""


def _plain(formula: str) -> str:
    """A formula without what does not change its meaning: blanks, capitals and fixed references, outside of quotes."""
    parts = re.split(r"('[^']*'|\"[^\"]*\")", formula.replace("_xlfn.", ""))
    return "".join(part if number % 2 else re.sub(r"[\s$]", "", part).upper() for number, part in enumerate(parts))


# Against a report -----------------------------------------------------------------------------------------------------


def _unlike(inputs: Inputs, against: Results, name: str) -> Iterator[Finding]:
    """Inputs that are not those of the results they must repeat (S13), period by period."""
    if not against:
        return
    wanted = _by_place(against)
    mine = _by_place_of(inputs)
    for place in sorted(wanted.keys() | mine.keys()):
        theirs, (own, cell) = wanted.get(place), mine.get(place, (None, None))
        if not _alike(own, theirs) and cell not in inputs.stand_ins:
            unit = inputs.m.parameters[place[1]].unit
            shown, meant = (f"{_text(one) or '–'} {unit}".strip() for one in (own, theirs))
            yield finding("S13", inputs.sheet, cell, symbol=named(*place[1:]), found=shown, wanted=meant, basis=name)


def _by_place(results: Results) -> Mapping[tuple[int, str, Key], Fraction | str]:
    found: dict[tuple[int, str, Key], Fraction | str] = {}
    for number, (period, result) in enumerate(results):
        for ex_post in (True, False):
            for row in rows_of([(period, result)], ex_post):
                found[number, row.parameter.name, row.key] = row.value
    return found


def _by_place_of(inputs: Inputs) -> Mapping[tuple[int, str, Key], tuple[Fraction | str, Place]]:
    found: dict[tuple[int, str, Key], tuple[Fraction | str, Place]] = {}
    periods: Sequence[str] = inputs.periods()
    for (of, symbol), cells in inputs.values.items():
        for number, period in enumerate(periods):
            if of in {period, ALL_PERIODS}:
                for key, value in cells.items():
                    found[number, symbol, key] = value, inputs.places[of, symbol, key]
    return found


def _alike(own: Fraction | str | None, theirs: Fraction | str | None) -> bool:
    if isinstance(own, Fraction) and isinstance(theirs, Fraction):
        return abs(own - theirs) <= TOLERANCE * abs(theirs)
    return own == theirs
