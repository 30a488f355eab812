"""The periods of a monitoring report as facts that can be replayed: what was given, read back from its own trace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from openjcm.dated import Citation, Grade, weakest
from openjcm.mrv.given import Given
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.replay import Recorded
from openjcm.units import exact

REPORT_SCHEMA = "openjcm/monitoring-report"
"""The name of the schema of a monitoring report, any version."""
GIVEN_KINDS = {"monitored", "factor", "fixed", "choice"}


def recorded_periods(report: Mapping[str, Any], report_sha256: str, installed: Methodology | None) -> list[Recorded]:
    """The calendar years of a report.

    Args:
        report: the report as plain data; of older schemas too, as long as they have what is read here.
        report_sha256: its hash, which names the periods.
        installed: the methodology that it was made with, as installed here. Without it, every fixed value counts as
            printed by the recorded text and is not carried over.

    Raises:
        KeyError, TypeError, ValueError: where the shape is another.
    """
    version = str(report["methodology"]["version"])
    return [_year(report, year, f"{report_sha256}/{year['year']}", version, installed) for year in report["years"]]


def _year(
    report: Mapping[str, Any], year: Mapping[str, Any], key: str, version: str, installed: Methodology | None
) -> Recorded:
    given: dict[str, Given] = {}
    steps: dict[str, list[Mapping[str, Any]]] = {}
    answers: dict[str, str] = {}
    for step in year["trace"]:
        if step["kind"] in GIVEN_KINDS:
            steps.setdefault(step["symbol"], []).append(step)
        elif step["kind"] == "interpretation":
            answers[step["symbol"]] = str(step["source"]).partition(": ")[0]
    for symbol, lines in steps.items():
        values = {str(line["at"]): str(line["value"]) for line in lines}
        source, grade = Citation(str(lines[0]["source"])), weakest(Grade(line["grade"]) for line in lines)
        given[symbol] = Given(values, str(lines[0]["unit"]), source, grade)
    return Recorded(
        key=key,
        project=str(report["project"]),
        start=date.fromisoformat(year["start"]),
        end=date.fromisoformat(year["end"]),
        methodology=str(report["methodology"]["id"]),
        version=version,
        given=given,
        reductions=exact(year["reductions"]),
        rounding=str(report["rules"]["rounding"]["name"]),
        printed=frozenset(name for name in given if _is_printed(name, lines=steps[name], version=version, m=installed)),
        answers={name: answer for name, answer in answers.items() if _is_own_answer(name, answer, installed)},
    )


def _is_printed(name: str, *, lines: list[Mapping[str, Any]], version: str, m: Methodology | None) -> bool:
    return lines[0]["kind"] == "fixed" and (m is None or m.printed_in(name, version) is not None)


def _is_own_answer(name: str, answer: str, m: Methodology | None) -> bool:
    """Whether the plan answered an open question otherwise than the text that it was made with takes it."""
    return m is None or name not in m.interpretations or m.interpretations[name].taken != answer
