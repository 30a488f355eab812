"""What can be wrong in a filled workbook: the rules by which a check names cells, in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from openjcm.mrv.intake_excel import cell_name
from openjcm.refusals import Finding, Severity
from openjcm.reports.spreadsheet_cells import Place


@dataclass(frozen=True)
class SheetRule:
    """A rule: how severe a breach is, the sentence in both languages, and what it rests on."""

    severity: Severity
    en: str
    ja: str
    clause: str = "JCM: monitoring follows the plan and the methodology that were approved"


_MISSING = "OpenJCM: a missing value is refused, never zero; zero is a value"
_SIZE = "OpenJCM: a size that is off by a power of ten is most often a unit"
RULES = {
    "S01": SheetRule(
        Severity.BLOCKS,
        "The sheet is missing, or hidden.",
        "シートがないか、非表示になっています。",
    ),
    "S02": SheetRule(
        Severity.BLOCKS,
        "{symbol} has no value. If it is zero, write 0.",
        "{symbol} の値がありません。ゼロの場合は 0 と記入してください。",
        _MISSING,
    ),
    "S03": SheetRule(
        Severity.BLOCKS,
        "{symbol}: “{found}” is not a number.",
        "{symbol}: 「{found}」は数値ではありません。",
        _MISSING,
    ),
    "S04": SheetRule(
        Severity.BLOCKS,
        "{symbol} is in “{found}”; the methodology wants {wanted}.{hint_en}",
        "{symbol} の単位が「{found}」ですが、方法論では {wanted} です。{hint_ja}",
        "OpenJCM: dimensions are checked",
    ),
    "S05": SheetRule(
        Severity.BLOCKS,
        "The formula is “{found}”; the methodology's is “{wanted}”.",
        "式が「{found}」ですが、方法論の式は「{wanted}」です。",
    ),
    "S06": SheetRule(
        Severity.BLOCKS,
        "The cell shows {found}; recomputed from the inputs it is {wanted}.",
        "セルの値は {found} ですが、入力から再計算した値は {wanted} です。",
        "OpenJCM: a result is recomputed before anything rests on it",
    ),
    "S07": SheetRule(
        Severity.BLOCKS,
        "The cell holds “{found}”; the methodology has “{wanted}”.",
        "セルの内容は「{found}」ですが、方法論では「{wanted}」です。",
        "OpenJCM: printed values belong to the version bound at registration",
    ),
    "S08": SheetRule(
        Severity.EXPLAIN,
        "The cell holds “{found}”; the layout has nothing there.",
        "セルに「{found}」がありますが、様式では空欄です。",
    ),
    "S09": SheetRule(
        Severity.EXPLAIN,
        "{symbol} is {found} {unit}, about 10^{power} times {wanted} {unit} ({basis_en}).",
        "{symbol} は {found} {unit} で、{wanted} {unit} ({basis_ja}) の約 10^{power} 倍です。",
        _SIZE,
    ),
    "S10": SheetRule(
        Severity.EXPLAIN,
        "{symbol} is {found} {unit}; {least} to {most} {unit} would be plausible ({basis_en}).",
        "{symbol} は {found} {unit} ですが、妥当な範囲は {least}〜{most} {unit} です ({basis_ja})。",
        _SIZE,
    ),
    "S11": SheetRule(
        Severity.BLOCKS,
        "The formula “{found}” reaches outside the workbook. It was not run.",
        "式「{found}」はワークブックの外を参照します。実行していません。",
        "OpenJCM: a workbook is read, never run",
    ),
    "S12": SheetRule(
        Severity.BLOCKS,
        "The calculation refuses the inputs: {reason_en}",
        "入力では計算できません: {reason_ja}",
    ),
    "S13": SheetRule(
        Severity.BLOCKS,
        "{symbol} is {found}; {basis} has {wanted}.",
        "{symbol} は {found} ですが、{basis} では {wanted} です。",
        "OpenJCM: the workbook repeats the report, and the report the readings",
    ),
    "S14": SheetRule(
        Severity.INFORMS,
        "{count} formulas hold no stored value: the workbook was never calculated, so they could not be compared.",
        "{count} 個の式に値が保存されていません。ワークブックが一度も計算されていないため、比較できませんでした。",
        "OpenJCM: what was not compared is said",
    ),
    "S15": SheetRule(
        Severity.EXPLAIN,
        "{symbol} has no source.",
        "{symbol} の出典がありません。",
        "OpenJCM: every value has a source",
    ),
    "S16": SheetRule(
        Severity.BLOCKS,
        "“{found}” is no parameter of the methodology that is given here, or stands twice.",
        "「{found}」は、方法論でここに記入するパラメータではないか、重複しています。",
        "OpenJCM: what no formula uses is refused, so that nothing is silently ignored",
    ),
    "S17": SheetRule(
        Severity.INFORMS,
        "{period}: {exact} tCO2e lie within half a millionth of a whole tonne. The worksheet gives {found} t, the "
        "exact rule {wanted} t.",
        "{period}: {exact} tCO2e は整数トンとの差が 100 万分の 0.5 以内です。ワークシートでは {found} t、"
        "厳密な規則では {wanted} t です。",
        "OpenJCM: a worksheet computes in double precision, the report exactly",
    ),
}
"""Every rule by its identifier; ``docs/spreadsheets.md`` lists them."""


def finding(rule: str, sheet: str, place: Place | None, **facts: str) -> Finding:
    """A breach of a rule, at a sheet and a cell."""
    found = RULES[rule]
    where = {"sheet": sheet, "cell": cell_name(*place) if place else "–", **facts}
    rows = (place[0] + 1,) if place else ()
    return Finding(rule, found.severity, found.en, found.ja, found.clause, where, rows, len(rows))
