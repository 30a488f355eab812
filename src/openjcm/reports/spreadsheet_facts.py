"""What a monitoring spreadsheet is made from, and which values people fill into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from openjcm.mrv.calculation import Result
from openjcm.mrv.methodology import Parameter
from openjcm.mrv.result import ParameterLine
from openjcm.mrv.trace import Key, key_text
from openjcm.refusals import refusal

LAYOUT = "openjcm-monitoring-spreadsheet 1"
KINDS = {
    "MPS": ("Monitoring Plan Sheet", "モニタリング計画シート"),
    "MRS": ("Monitoring Report Sheet", "モニタリング報告シート"),
}
STRUCTURE = "MSS"
ALL_PERIODS = "all periods / 全期間"


UNKNOWN_SHEET_KIND = refusal(
    "unknown_spreadsheet_kind",
    en="There is no monitoring spreadsheet “{kind}”.",
    ja="モニタリングスプレッドシート「{kind}」はありません。",
    remedy_en="Name one of: {known}.",
    remedy_ja="次のいずれかを指定してください: {known}。",
    clause="JCM: proposed methodology spreadsheet, sheets MPS, MSS and MRS",
)


def sheet_kind(kind: str) -> str:
    """``MPS`` or ``MRS``.

    Raises:
        Refused: ``unknown_spreadsheet_kind``.
    """
    if kind.upper() not in KINDS:
        raise UNKNOWN_SHEET_KIND(kind=kind[:40], known=list(KINDS))
    return kind.upper()


@dataclass(frozen=True)
class Note:
    """Words beside a value: source, method of measurement, frequency, comments."""

    source: str = ""
    method: str = ""
    frequency: str = ""
    comments: str = ""


@dataclass(frozen=True)
class Facts:
    """What a workbook is made from.

    ``results`` gives each period's name and result; ``notes`` the words by period, symbol and index (period empty: for
    all); ``people`` the responsible persons with their roles, ``meters`` the rows of monitoring points. ``blank``
    leaves every number out that people fill in.
    """

    kind: str
    project: str
    results: tuple[tuple[str, Result], ...]
    rounding: str = "down_to_whole_tonne"
    notes: Mapping[tuple[str, str, str], Note] = field(default_factory=dict)
    people: tuple[tuple[str, str], ...] = ()
    meters: tuple[tuple[str, ...], ...] = ()
    blank: bool = False


@dataclass(frozen=True)
class Row:
    """One value in the input sheet."""

    period: str
    parameter: Parameter
    key: Key
    value: Fraction | str
    source: str

    @property
    def name(self) -> str:
        """The parameter as written in the sheet: ``EG_i_p[1]``."""
        return named(self.parameter.name, self.key)


def named(symbol: str, key: Key) -> str:
    """A symbol with its index: ``EG_i_p[1]``."""
    return f"{symbol}[{key_text(key)}]" if key else symbol


def rows_of(results: Sequence[tuple[str, Result]], ex_post: bool) -> Iterator[Row]:
    """The rows of Table 1 (monitored, for each period) or of Table 2 (fixed ex ante: once where all periods agree)."""
    by_period = [(period, list(_given(result, ex_post))) for period, result in results]
    facts = [[(row.parameter.name, row.key, row.value) for row in rows] for _, rows in by_period]
    if results and not ex_post and all(one == facts[0] for one in facts):
        by_period = [(ALL_PERIODS, by_period[0][1])]
    for period, rows in by_period:
        yield from (Row(period, row.parameter, row.key, row.value, row.source) for row in rows)


def _given(result: Result, ex_post: bool) -> Iterator[Row]:
    lines = [line for line in result.lines if isinstance(line, ParameterLine)]
    order = {name: number for number, name in enumerate(result.methodology.parameters)}
    for line in sorted(lines, key=lambda line: order[line.parameter.name]):
        if (line.parameter.kind == "monitored") == ex_post and is_given(result, line.parameter):
            taken = line.source.partition(": ")[0] if line.parameter.kind == "interpretation" else line.value
            yield Row("", line.parameter, line.at, taken, line.source)


def is_given(result: Result, parameter: Parameter) -> bool:
    """Whether people give the value: not the text, and not the index itself."""
    if parameter.kind == "fixed":
        return result.methodology.printed_in(parameter.name, result.version) is None
    return parameter.kind in {"monitored", "factor", "choice", "interpretation"}


def answers_of(result: Result, parameter: Parameter) -> Mapping[str, tuple[str, str]]:
    """The answers that a choice or an open question allows, in both languages; none for a number."""
    if parameter.kind == "interpretation":
        readings = result.methodology.interpretations[parameter.name].answers
        return {answer: (en, ja) for answer, (_, en, ja) in readings.items()}
    return parameter.answers


def cases_of(result: Result, symbol: str) -> list[tuple[str, Fraction, str]]:
    """Case, value and source of each value among which a case, or the reading of an open question, selects."""
    m = result.methodology
    if symbol in m.interpretations:
        return [(answer, value, en) for answer, (value, en, _) in m.interpretations[symbol].answers.items()]
    printed = m.printed_in(symbol, result.version)
    assert printed is not None
    return [(case, value, printed.citation.source) for case, value in printed.values.items()]


WHOLE = {
    "down_to_whole_tonne": "INT(ROUND({},6))",
    "half_up_to_whole_tonne": "INT(ROUND({},6)+0.5)",
}
"""How a worksheet makes whole tonnes. Doubles are rounded to the sixth decimal first: 24.999999999999996 is 25."""


def whole_tonnes(value: Fraction, rounding: str) -> int:
    """What the worksheet's formula gives for the exact value: rounded to the sixth decimal, then by the rule."""
    millionths = (2 * value * 10**6 + 1) // 2
    half = 5 * 10**5 if rounding == "half_up_to_whole_tonne" else 0
    return int((millionths + half) // 10**6)
