"""A monitoring report as results again: each year's inputs are taken from its trace and calculated anew.

So whatever rests on a report (an uncertainty budget, a workbook) rests on the formulas, not on copied figures; a report
whose figures do not come out again is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from openjcm.dated import Citation, Grade
from openjcm.methodologies import methodology
from openjcm.mrv.calculation import Given, Result, calculate
from openjcm.mrv.methodology import Methodology
from openjcm.refusals import refusal
from openjcm.units import exact_text

MAX_REPORT = 64 << 20
REPORT_NOT_READABLE = refusal(
    "monitoring_report_not_readable",
    en="This is no monitoring report of this software: {place}.",
    ja="このソフトウェアのモニタリング報告書として読めません: {place}。",
    remedy_en="Give the report as the JSON that this software wrote (docs/monitoring_report.md).",
    remedy_ja="このソフトウェアが出力した JSON の報告書 (docs/monitoring_report.md) を指定してください。",
    clause="OpenJCM: a report is read as written or not at all",
)
REPORT_NOT_RECOMPUTED = refusal(
    "monitoring_report_not_recomputed",
    en="The report states {stated} tCO2e for {year}; its own inputs give {found} by {methodology} {version}.",
    ja="報告書の {year} 年の値は {stated} tCO2e ですが、記載の入力から {methodology} {version} により計算した値は "
    "{found} tCO2e です。",
    remedy_en="Give the report unchanged, or use the version of the software that made it.",
    remedy_ja="報告書をそのまま指定するか、作成時の版のソフトウェアを使用してください。",
    clause="OpenJCM: a result is recomputed before anything rests on it",
)


def read_report(data: bytes) -> dict[str, Any]:
    """The report as plain data.

    Raises:
        Refused: ``monitoring_report_not_readable``.
    """
    try:
        if len(data) > MAX_REPORT:
            raise ValueError(f"more than {MAX_REPORT} bytes")
        report = json.loads(data)
        if report["schema"]["name"] != "openjcm/monitoring-report":
            raise ValueError(f"schema {report['schema']['name']}"[:100])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise REPORT_NOT_READABLE(place=f"{type(error).__name__} {error}"[:200]) from error
    return dict(report)


def results_of(report: Mapping[str, Any]) -> tuple[tuple[str, Result], ...]:
    """The result of each calendar year of a report, by the year.

    Raises:
        Refused: ``monitoring_report_not_readable``, ``monitoring_report_not_recomputed``, ``unknown_methodology``, and
            whatever the calculation refuses.
    """
    try:
        found = methodology(report["methodology"]["id"])
        version = str(report["methodology"]["version"])
        if not report["years"]:
            raise ValueError("no years")
        return tuple((str(year["year"]), _year(found, version, year)) for year in report["years"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise REPORT_NOT_READABLE(place=f"{type(error).__name__} {error}"[:200]) from error


def _year(found: Methodology, version: str, year: Mapping[str, Any]) -> Result:
    values: dict[str, dict[str, str]] = {}
    steps: dict[str, Mapping[str, Any]] = {}
    taken: dict[str, str] = {}
    for step in year["trace"]:
        symbol, kind = str(step["symbol"]), step["kind"]
        if kind == "interpretation":
            taken[symbol] = str(step["source"]).partition(": ")[0]
        elif kind in {"monitored", "factor", "choice"} or (
            kind == "fixed" and found.printed_in(symbol, version) is None
        ):
            values.setdefault(symbol, {})[str(step["at"])] = str(step["value"])
            steps[symbol] = step
    given = {
        symbol: Given(cells, str(step["unit"]), Citation(str(step["source"])), Grade(step["grade"]))
        for symbol, cells in values.items()
        for step in [steps[symbol]]
    }
    result = calculate(found, version, given, interpretations=taken)
    if exact_text(result.reductions) != year["reductions"]:
        raise REPORT_NOT_RECOMPUTED(
            year=year["year"],
            stated=str(year["reductions"])[:80],
            found=exact_text(result.reductions),
            methodology=found.id,
            version=version,
        )
    return result
