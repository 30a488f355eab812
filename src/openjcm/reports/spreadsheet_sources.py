"""Where a workbook's facts come from: a case, a monitoring report, or a plan with estimates; and what it is held to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from openjcm.methodologies import methodology
from openjcm.mrv.calculation import Given, Result, calculate
from openjcm.mrv.cases import Case, read_cases, read_yaml
from openjcm.mrv.plan import PLAN_NOT_UNDERSTOOD, MonitoringPlan
from openjcm.mrv.trace import key_text
from openjcm.refusals import refusal
from openjcm.reports.report_results import read_report, results_of
from openjcm.reports.spreadsheet_facts import Facts, Note, named, rows_of, sheet_kind
from openjcm.reports.spreadsheet_inputs import read_inputs, recognised_kinds
from openjcm.reports.spreadsheet_reading import read_workbook

CASE_TO_WRITE_MISSING = refusal(
    "case_to_write_missing",
    en="The file holds no case “{case}”.",
    ja="ファイルにケース「{case}」がありません。",
    remedy_en="Name one of: {known}.",
    remedy_ja="次のいずれかを指定してください: {known}。",
    clause="OpenJCM: every methodology has a file of cases",
    status=404,
)
PEOPLE_NOT_UNDERSTOOD = refusal(
    "people_not_understood",
    en="The file of responsible persons is not a list of person and role.",
    ja="責任者のファイルが、person と role の一覧として読み取れません。",
    remedy_en="Write YAML such as: [{{person: “…”, role: “…”}}].",
    remedy_ja="YAML で [{{person: “…”, role: “…”}}] の形に記入してください。",
    clause="JCM: monitoring structure sheet (MSS)",
)


def read_plan(data: bytes) -> MonitoringPlan:
    """A monitoring plan from its JSON.

    Raises:
        Refused: ``plan_not_understood`` and what the plan itself refuses.
    """
    try:
        parsed = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise PLAN_NOT_UNDERSTOOD(place=f"{type(error).__name__} {error}"[:200]) from error
    return MonitoringPlan.from_data(parsed)


def case_named(text: str, name: str | None) -> Case:
    """The case of that name in a file of cases; the first without refusal unless named.

    Raises:
        Refused: ``case_to_write_missing``, ``cases_not_understood``.
    """
    cases = read_cases(text)
    found = next((one for one in cases if (name is None and not one.refused) or one.name == name), None)
    if found is None:
        raise CASE_TO_WRITE_MISSING(case=name or "–", known=[one.name for one in cases] or "–")
    return found


def facts_of_case(case: Case, kind: str, project: str = "", period: str = "") -> Facts:
    """A workbook of one case.

    Raises:
        Refused: ``unknown_spreadsheet_kind``, and what the calculation refuses.
    """
    result = case.calculate(methodology(case.methodology))
    whole = case.rounding if case.rounding.endswith("_whole_tonne") else "down_to_whole_tonne"
    return Facts(sheet_kind(kind), project, ((period, result),), whole)


def facts_of_report(report: Mapping[str, Any], plan: MonitoringPlan | None = None) -> Facts:
    """The monitoring report sheet of a report, one period for each calendar year.

    Raises:
        Refused: as :func:`openjcm.reports.report_results.results_of`.
    """
    results = results_of(report)
    spans = [f"{year['start']} – {year['end']}" for year in report["years"]]
    periods = tuple((span, result) for span, (_, result) in zip(spans, results, strict=True))
    rounding = str(report["rules"]["rounding"]["name"])
    return Facts("MRS", str(report["project"]), periods, rounding, _meter_notes(plan) if plan else {})


def facts_of_plan(plan: MonitoringPlan, estimates: str, people: str = "") -> Facts:
    """The monitoring plan sheet and the structure sheet.

    Args:
        plan: the plan.
        estimates: YAML of estimated values by symbol, each as in a case: what meters and inputs give in a year.
        people: YAML of the responsible persons with their roles.

    Raises:
        Refused: what the calculation refuses: a value without estimate is missing.
    """
    found = methodology(plan.methodology)
    data = read_yaml(estimates) or {}
    given = {symbol: Given.from_data(one, symbol) for symbol, one in (data.items() if isinstance(data, dict) else ())}
    days: dict[str, date] = {"monitoring": plan.crediting_period[1], **plan.days}
    result = calculate(
        found, plan.version, {**plan.parameters, **given}, interpretations=plan.interpretations, days=days
    )
    facts = Facts("MPS", plan.project, (("", result),), plan.rounding, _meter_notes(plan))
    return replace(facts, people=_people(people), meters=_meter_rows(plan))


def _people(text: str) -> tuple[tuple[str, str], ...]:
    data = read_yaml(text) if text.strip() else []
    if not isinstance(data, list) or not all(
        isinstance(one, dict) and one.keys() == {"person", "role"} for one in data
    ):
        raise PEOPLE_NOT_UNDERSTOOD()
    return tuple((str(one["person"]), str(one["role"])) for one in data)


def _meter_notes(plan: MonitoringPlan) -> dict[tuple[str, str, str], Note]:
    """What the meters of a plan say beside the values that they measure."""
    notes: dict[tuple[str, str, str], Note] = {}
    for item in sorted(plan.meters, key=lambda item: item.meter.meter_id):
        place, meter = ("", item.symbol, item.at), item.meter
        before = notes.get(place, Note())
        notes[place] = Note(
            "",
            _joined(before.method, f"meter {meter.meter_id}, up to {meter.capacity_w} W"),
            _joined(before.frequency, f"every {meter.interval_seconds} s"),
            _joined(before.comments, *meter.documents),
        )
    return notes


def _joined(*words: str) -> str:
    return "; ".join(dict.fromkeys(one for one in words if one))


def _meter_rows(plan: MonitoringPlan) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            item.meter.meter_id,
            f"{item.meter.direction}, {item.meter.capacity_w} W",
            named(item.symbol, tuple(item.at.split("/")) if item.at else ()),
            str(item.meter.installed_on or ""),
            f"{item.meter.interval_seconds} s",
            "; ".join(f"{one.valid_from} – {one.valid_until}: {one.document}" for one in item.meter.calibration),
        )
        for item in sorted(plan.meters, key=lambda item: item.meter.meter_id)
    )


# What a workbook is held to -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standard:
    """Results that a workbook must repeat, or sizes that were expected, and the name of the file they stand in."""

    name: str
    results: tuple[tuple[str, Result], ...]

    def expected(self) -> dict[tuple[str, str], Fraction]:
        """The numbers by symbol and index; of several periods the first."""
        found: dict[tuple[str, str], Fraction] = {}
        for ex_post in (True, False):
            for row in rows_of(self.results, ex_post):
                if isinstance(row.value, Fraction):
                    found.setdefault((row.parameter.name, key_text(row.key)), row.value)
        return found


def read_standard(data: bytes, name: str, case: str | None = None) -> Standard:
    """A monitoring report (JSON), a workbook (.xlsx) or a file of cases (YAML), by its first bytes.

    Raises:
        Refused: what reading the file refuses.
    """
    if data[:2] == b"PK":
        filled = read_workbook(data, name)
        inputs = read_inputs(filled, recognised_kinds(filled, name)[0], name)
        return Standard(name, inputs.results() or () if inputs.whole else ())
    if data.lstrip()[:1] == b"{":
        return Standard(name, results_of(read_report(data)))
    found = case_named(data.decode("utf-8", errors="replace"), case)
    return Standard(name, (("", found.calculate(methodology(found.methodology))),))
