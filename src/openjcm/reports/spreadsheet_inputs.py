"""The inputs of a filled workbook: which parameter, period and index each row holds, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from openjcm.dated import Citation
from openjcm.methodologies import methodology
from openjcm.mrv.calculation import Given, Result, calculate
from openjcm.mrv.methodology import Methodology, Parameter
from openjcm.mrv.trace import Key, key_text
from openjcm.refusals import Finding, Refused, refusal
from openjcm.reports.spreadsheet_cells import Place
from openjcm.reports.spreadsheet_facts import ALL_PERIODS, KINDS, LAYOUT, WHOLE, Facts, Note
from openjcm.reports.spreadsheet_layout import VALUE_COLUMN
from openjcm.reports.spreadsheet_reading import Filled, Found
from openjcm.reports.spreadsheet_rules import finding
from openjcm.units import conversion_factor, exact_text

_NAME = re.compile(r"([^\[\]]+)(?:\[([^\[\]]+)\])?")
_DANGER = re.compile(
    r"\[\d*\]|\[[^\]]*\.xl|\||\b(DDE|WEBSERVICE|HYPERLINK|IMPORT\w+|CALL|REGISTER(\.ID)?|EXEC|RTD|FILTERXML|INDIRECT|INFO"
    r"|CUBE\w+|STOCKHISTORY|IMAGE)\s*\(",
    re.IGNORECASE,
)
HEAD = {"methodology": (1, 1), "version": (2, 1), "project": (3, 1), "rounding": (4, 1), "layout": (5, 1)}

NOT_RECOGNISED = refusal(
    "spreadsheet_not_recognised",
    en="“{file}” has no input sheet in the layout “{layout}”; its sheets: {found}.",
    ja="「{file}」に、様式「{layout}」の入力シートがありません。シート: {found}。",
    remedy_en="Fill in a workbook written by `openjcm report spreadsheet`, and leave its headings as they are.",
    remedy_ja="`openjcm report spreadsheet` が出力したワークブックに、見出しを変えずに記入してください。",
    clause="OpenJCM: a workbook is read in the layout it was written in",
)


@dataclass
class Inputs:
    """The inputs of one sheet: values by period, symbol and index; ``whole`` if nothing was missing or unreadable.

    ``stand_ins`` are the cells that were, and got a stand-in so that the formulas can still be compared.
    """

    kind: str
    project: str
    rounding: str
    m: Methodology
    version: str
    values: dict[tuple[str, str], dict[Key, Fraction | str]] = field(default_factory=dict)
    places: dict[tuple[str, str, Key], Place] = field(default_factory=dict)
    units: dict[Place, tuple[str, str]] = field(default_factory=dict)
    notes: dict[tuple[str, str, str], Note] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    whole: bool = True
    stand_ins: set[Place] = field(default_factory=set)

    @property
    def sheet(self) -> str:
        """The name of the input sheet."""
        return f"{self.kind}(input)"

    @property
    def shift(self) -> int:
        """A plan has no column for the period."""
        return 0 if self.kind == "MRS" else 1

    def say(self, rule: str, place: Place | None, **facts: str) -> None:
        """Note a breach of a rule."""
        self.findings.append(finding(rule, self.sheet, place, **facts))

    def periods(self) -> list[str]:
        """The periods in the order in which they first stand."""
        found = list(dict.fromkeys(period for period, _ in self.values if period != ALL_PERIODS))
        return found or [""]

    def given(self, period: str) -> tuple[dict[str, Given], dict[str, str]]:
        """What the calculation is given for a period: values and answers, and readings of open questions."""
        given: dict[str, Given] = {}
        readings: dict[str, str] = {}
        for (of, symbol), cells in self.values.items():
            parameter = self.m.parameters[symbol]
            if of not in {period, ALL_PERIODS}:
                continue
            texts = {key_text(key): one if isinstance(one, str) else exact_text(one) for key, one in cells.items()}
            if parameter.kind == "interpretation":
                readings[symbol] = texts[""]
            else:
                given[symbol] = Given(texts, parameter.unit, Citation("the workbook"))
        return given, readings

    def results(self) -> tuple[tuple[str, Result], ...] | None:
        """The result of each period; ``None`` where the calculation refuses the inputs, which is then a finding."""
        found = []
        for period in self.periods():
            given, readings = self.given(period)
            try:
                found.append((period, calculate(self.m, self.version, given, interpretations=readings)))
            except Refused as refused:
                self.whole = False
                reasons = {"reason_en": refused.message("en"), "reason_ja": refused.message("ja")}
                self.say("S12", self._place_of(period, refused.facts.get("symbol", "")), **reasons)
                return None
        return tuple(found)

    def _place_of(self, period: str, symbol: str) -> Place | None:
        return next(
            (place for (of, name, _), place in self.places.items() if name == symbol and of in {period, ALL_PERIODS}),
            None,
        )

    def facts(self, results: tuple[tuple[str, Result], ...]) -> Facts:
        """What a workbook with these inputs is made from."""
        return Facts(self.kind, self.project, results, self.rounding, self.notes)


def read_inputs(filled: Filled, kind: str, name: str) -> Inputs:
    """The inputs of one sheet of a workbook, with findings.

    Raises:
        Refused: ``spreadsheet_not_recognised``, ``unknown_methodology``, ``unknown_methodology_version``.
    """
    sheet = f"{kind}(input)"
    head = {what: filled.text(sheet, *place) for what, place in HEAD.items()}
    if head["layout"] != LAYOUT:
        raise NOT_RECOGNISED(file=name, layout=LAYOUT, found=list(filled.sheets))
    found = methodology(head["methodology"])
    version = found.version_of(head["version"]).number
    rounding = head["rounding"] if head["rounding"] in WHOLE else next(iter(WHOLE))
    inputs = Inputs(kind, head["project"], rounding, found, version)
    for number in (1, 2):
        if starts := _rows_of_table(filled, sheet, number):
            _Table(inputs, filled, number).read(min(starts) + 3)
    return inputs


def _rows_of_table(filled: Filled, sheet: str, number: int) -> set[int]:
    """The rows at which a table begins: one, in a workbook as it was written."""
    title = f"Table {number}:"
    return {
        row
        for (row, column), cell in filled.sheets[sheet].items()
        if column == 0 and isinstance(cell.value, str) and cell.value.startswith(title)
    }


def recognised_kinds(filled: Filled, name: str) -> list[str]:
    """Which of the input sheets the workbook has.

    Raises:
        Refused: ``spreadsheet_not_recognised`` for a workbook with none.
    """
    kinds = [kind for kind in KINDS if f"{kind}(input)" in filled.sheets]
    if not kinds:
        raise NOT_RECOGNISED(file=name, layout=LAYOUT, found=list(filled.sheets))
    return kinds


class _Table:
    """Reads the rows of one table until a row without parameter."""

    def __init__(self, inputs: Inputs, filled: Filled, number: int) -> None:
        self.inputs, self.filled, self.number = inputs, filled, number

    def read(self, row: int) -> None:
        """Read from the first row on."""
        while self._text(row, 2):
            self._row(row)
            row += 1

    def _text(self, row: int, column: int) -> str:
        return self.filled.text(self.inputs.sheet, row, column - self.inputs.shift)

    def _row(self, row: int) -> None:
        inputs, name, shift = self.inputs, self._text(row, 2), self.inputs.shift
        place = (row, VALUE_COLUMN - shift)
        match = _NAME.fullmatch(name)
        parameter = inputs.m.parameters.get(match[1]) if match else None
        key = tuple(match[2].split("/")) if match and match[2] else ()
        period = self._period(row)
        if parameter is None or not self._belongs(parameter, key) or (period, parameter.name, key) in inputs.places:
            inputs.say("S16", (row, 2 - shift), found=name)
            return
        inputs.places[period, parameter.name, key] = place
        inputs.units[row, 5 - shift] = name, parameter.unit
        words = [self._text(row, column) for column in (7, 8, 9, 10)]
        inputs.notes[period, parameter.name, key_text(key)] = Note(*words)
        if not words[0]:
            inputs.say("S15", (row, 7 - shift), symbol=name)
        value = self._value(place, parameter, name)
        inputs.values.setdefault((period, parameter.name), {})[key] = value

    def _period(self, row: int) -> str:
        """The period of a row. A plan has no column for it: its monitored values are of one period, without name."""
        if self.inputs.kind == "MRS":
            return self._text(row, 0)
        return "" if self.number == 1 else ALL_PERIODS

    def _belongs(self, parameter: Parameter, key: Key) -> bool:
        monitored, printed = parameter.kind == "monitored", parameter.kind == "label"
        if parameter.kind == "fixed":
            printed = self.inputs.m.printed_in(parameter.name, self.inputs.version) is not None
        return monitored == (self.number == 1) and not printed and len(key) == len(parameter.index)

    def _value(self, place: Place, parameter: Parameter, name: str) -> Fraction | str:
        """The value of a row; where there is none, a stand-in that keeps the formulas comparable, and a finding."""
        cell = self.filled.sheets[self.inputs.sheet].get(place, Found("", None))
        answers = _answers(self.inputs.m, parameter)
        if cell.formula:
            self.inputs.say("S11" if is_dangerous(cell.formula) else "S08", place, found=f"={cell.formula}"[:200])
        if isinstance(cell.value, str) and cell.value.strip() and answers:
            return cell.value.strip()
        if isinstance(cell.value, Fraction) and not answers:
            return cell.value
        self.inputs.whole = False
        self.inputs.stand_ins.add(place)
        blank = cell.value is None or cell.value == ""
        shown = exact_text(cell.value) if isinstance(cell.value, Fraction) else str(cell.value)
        self.inputs.say("S02" if blank else "S03", place, symbol=name, found=shown[:80])
        return answers[0] if answers else Fraction(1)


def _answers(m: Methodology, parameter: Parameter) -> list[str]:
    if parameter.kind == "interpretation":
        return list(m.interpretations[parameter.name].answers)
    return list(parameter.answers)


def is_dangerous(formula: str) -> bool:
    """Whether a formula reaches outside the workbook, or calls what could."""
    return bool(_DANGER.search(formula))


def unit_hint(found: str, wanted: str) -> Mapping[str, str]:
    """By how much a value in the wrong unit is off, where that can be told."""
    try:
        factor = exact_text(conversion_factor(found, wanted))
    except Refused:
        return {"hint_en": "", "hint_ja": ""}
    return {"hint_en": f" 1 {found} is {factor} {wanted}.", "hint_ja": f"1 {found} は {factor} {wanted} です。"}
