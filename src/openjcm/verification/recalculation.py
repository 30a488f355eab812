"""Recalculating a bundle: offline, without database, and without executing anything that it holds.

Each check answers *yes*, *no* (naming the first difference) or *cannot tell* (naming why). The whole is *yes* only if
every check is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.dated import Answer
from openjcm.mrv.mapping import Mapping as FileMapping
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.plan import MonitoringPlan
from openjcm.mrv.readings import STATUSES, Readings, read_meter_file, readings_from_parquet, readings_to_parquet
from openjcm.project_cycle.bundle import BUNDLE_MEMBER_MISSING, Bundle, read_bundle
from openjcm.project_cycle.monitoring_report import Upload, make_monitoring_report, readings_hash
from openjcm.refusals import Refused
from openjcm.verification.rerun import first_difference, read_facts, read_report, report_period, rerun


@dataclass(frozen=True)
class Check:
    """One question put to a bundle: its name, the answer, and the figures in both languages."""

    name: str
    answer: Answer
    en: str
    ja: str

    def as_data(self) -> dict[str, str]:
        """The check as plain data."""
        return {"name": self.name, "answer": self.answer.value, "en": self.en, "ja": self.ja}


@dataclass(frozen=True)
class Recalculation:
    """All checks of a bundle."""

    report_sha256: str
    checks: tuple[Check, ...]

    @property
    def answer(self) -> Answer:
        """*no* if any check says no, else *cannot tell* if any cannot, else *yes*."""
        answers = {check.answer for check in self.checks}
        return next((one for one in (Answer.NO, Answer.CANNOT_TELL) if one in answers), Answer.YES)

    def as_data(self) -> dict[str, Any]:
        """The answer as plain data."""
        return {
            "answer": self.answer,
            "report_sha256": self.report_sha256,
            "checks": [check.as_data() for check in self.checks],
        }


def verify_bundle(data: bytes, methodology_of: Callable[[str], Methodology]) -> Recalculation:
    """Recompute a bundle.

    Args:
        data: the bytes of the bundle.
        methodology_of: gives the methodology installed here by its identifier, or refuses.

    Raises:
        Refused: what :func:`openjcm.project_cycle.bundle.read_bundle` refuses; ``report_not_understood``,
            ``plan_not_understood``; ``bundle_member_missing`` for a file that the report names.
    """
    opened = read_bundle(data)
    bundle, report = opened.bundle, read_report(opened.bundle.report)
    for file in report["files"]:
        for folder, parts, ending in (("files/", bundle.files, ""), ("readings/", bundle.readings, ".parquet")):
            if file["sha256"] not in parts:
                raise BUNDLE_MEMBER_MISSING(member=f"{folder}{file['sha256']}{ending}")
    for fact in report["meter_facts"]:
        if fact["sha256"] not in bundle.facts:
            raise BUNDLE_MEMBER_MISSING(member=f"facts/{fact['sha256']}.json")
    checks = [_members(opened.changed), _plan(bundle, report), _text(bundle, report)]
    for file in report["files"]:
        checks += [_file(bundle, file), _readings(bundle, file)]
    if report["meter_facts"]:
        checks.append(_facts(bundle, report))
    checks.append(_result(bundle, report, methodology_of))
    return Recalculation(sha256_hex(bundle.report), tuple(checks))


def _yes_or_no(name: str, good: bool, yes: tuple[str, str], no: tuple[str, str]) -> Check:
    return Check(name, Answer.YES if good else Answer.NO, *(yes if good else no))


def _members(changed: tuple[str, ...]) -> Check:
    names = ", ".join(changed)
    return _yes_or_no(
        "members",
        not changed,
        ("every member has the bytes that the manifest names", "すべての構成ファイルが目録のハッシュ値と一致します"),
        (f"changed: {names}", f"変更されています: {names}"),
    )


def _plan(bundle: Bundle, report: Mapping[str, Any]) -> Check:
    found = sha256_hex(bundle.plan)
    return _yes_or_no(
        "plan",
        found == report["plan_sha256"],
        ("the plan is the one that the report names", "報告書が示すモニタリング計画です"),
        (
            f"the report names {report['plan_sha256']}, plan.json has {found}",
            f"報告書の計画は {report['plan_sha256']}、plan.json は {found} です",
        ),
    )


def _text(bundle: Bundle, report: Mapping[str, Any]) -> Check:
    found, named = sha256_hex(bundle.methodology_text), report["methodology"]["source_sha256"]
    return _yes_or_no(
        "methodology text",
        found == named,
        ("the text is the one that the report names", "報告書が示す方法論の本文です"),
        (
            f"the report names {named}, methodology.py has {found}",
            f"報告書の本文は {named}、methodology.py は {found} です",
        ),
    )


def _file(bundle: Bundle, file: Mapping[str, Any]) -> Check:
    found = sha256_hex(bundle.files[file["sha256"]])
    return _yes_or_no(
        f"file {file['name']}",
        found == file["sha256"],
        ("its bytes are those that were handed in", "提出されたファイルと同一です"),
        (
            f"the report names {file['sha256']}, the file has {found}",
            f"報告書は {file['sha256']}、ファイルは {found} です",
        ),
    )


def _facts(bundle: Bundle, report: Mapping[str, Any]) -> Check:
    named = [fact["sha256"] for fact in report["meter_facts"]]
    changed = [sha256 for sha256 in named if sha256_hex(bundle.facts[sha256]) != sha256]
    return _yes_or_no(
        "facts of meters",
        not changed,
        (
            f"{len(named)} facts are those that the report names",
            f"報告書が示す計量器の情報 {len(named)} 件と一致します",
        ),
        (f"changed: {', '.join(changed)}", f"変更されています: {', '.join(changed)}"),
    )


def _readings(bundle: Bundle, file: Mapping[str, Any]) -> Check:
    """Whether the file's readings are those stored as Parquet and named by the report; else the first that differs."""
    name = f"readings of {file['name']}"
    try:
        stored = readings_from_parquet(bundle.readings[file["sha256"]])
        found = read_meter_file(bundle.files[file["sha256"]], str(file["name"]), FileMapping.from_data(file["mapping"]))
    except Refused as refused:
        return Check(name, Answer.NO, str(refused), f"{refused.code}: {refused.message('ja')}")
    if difference := first_changed_reading(stored, found):
        return Check(name, Answer.NO, difference.en, difference.ja)
    if readings_hash(found) != file["readings_sha256"]:
        named = file["readings_sha256"]
        return Check(
            name,
            Answer.NO,
            f"the report names {named}, the readings have {readings_hash(found)}",
            f"報告書は {named}、計測値は {readings_hash(found)} です",
        )
    same_bytes = readings_to_parquet(found) == bundle.readings[file["sha256"]]
    more_en = "" if same_bytes else "; the Parquet library here writes other bytes for the same readings"
    more_ja = "" if same_bytes else "。ただし Parquet のバイト列はライブラリの違いにより異なります"
    return Check(
        name, Answer.YES, f"{len(found)} readings are the same{more_en}", f"計測値 {len(found)} 件が一致します{more_ja}"
    )


@dataclass(frozen=True)
class ChangedReading:
    """The first reading in which two sets differ."""

    meter: str
    time: str
    stored: str
    found: str
    unit: str

    @property
    def en(self) -> str:
        """In English."""
        return f"meter {self.meter} at {self.time}: stored {self.stored} {self.unit}, the file gives {self.found}"

    @property
    def ja(self) -> str:
        """In Japanese."""
        return f"計量器 {self.meter}、{self.time}: 保存値 {self.stored} {self.unit}、ファイルの値 {self.found}"


def first_changed_reading(stored: Readings, found: Readings) -> ChangedReading | None:
    """The first reading (by meter, time, value) that stands in one set and not in the other; ``None`` if none does."""
    columns = [_columns(one, sorted({*stored.meters(), *found.meters()})) for one in (stored, found)]
    shorter = min(len(stored), len(found))
    differs = np.zeros(shorter, dtype=np.bool_)
    for one, other in zip(*columns, strict=True):
        differs |= one[:shorter] != other[:shorter]
    place = int(np.argmax(differs)) if differs.any() else shorter
    rows = [_reading(one, place) for one in (stored, found)]
    same_unit = stored.least_unit == found.least_unit
    present = [row[:2] for row in rows if row is not None]
    if not differs.any() and len(stored) == len(found) and same_unit:
        return None
    meter, t_us = min(present, default=("–", 0))
    values = [row[2] if row is not None and row[:2] == (meter, t_us) else "—" for row in rows]
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=t_us)
    unit = stored.least_unit if same_unit else f"{stored.least_unit} / {found.least_unit}"
    return ChangedReading(meter, time.isoformat().replace("+00:00", "Z"), values[0], values[1], unit)


def _columns(readings: Readings, meters: list[str]) -> tuple[NDArray[np.int64], ...]:
    """Meter (by its place in a common list), time, value and status of all readings."""
    ranks = np.array([meters.index(name) for name in readings.meters()], dtype=np.int64)
    codes = ranks[readings.codes()] if len(readings) else np.zeros(0, dtype=np.int64)
    return codes, readings.column("t_us"), readings.column("value"), readings.column("status")


def _reading(readings: Readings, place: int) -> tuple[str, int, str] | None:
    if place >= len(readings):
        return None
    name = readings.meters()[int(readings.codes()[place])]
    value, status = (int(readings.column(column)[place]) for column in ("value", "status"))
    return name, int(readings.column("t_us")[place]), f"{value} ({STATUSES[status]})" if status else str(value)


def _result(bundle: Bundle, report: Mapping[str, Any], methodology_of: Callable[[str], Methodology]) -> Check:
    name = "result"
    try:
        methodology = methodology_of(report["methodology"]["id"])
    except Refused as refused:
        return Check(name, Answer.CANNOT_TELL, str(refused), f"{refused.code}: {refused.message('ja')}")
    plan = _read_plan(bundle)
    if any(sha256_hex(data) != sha256 for sha256, data in bundle.files.items()):
        return _result_of_substitutes(bundle, report, plan, methodology)
    again = rerun(bundle.report, plan, bundle.files, methodology, bundle.facts)
    if again.answer is Answer.YES:
        tonnes = report["emission_reductions"]
        return Check(
            name,
            Answer.YES,
            f"recomputed byte-equal: {tonnes} tCO2e",
            f"再計算の結果はバイト単位で一致しました: {tonnes} tCO2e",
        )
    return Check(name, again.answer, again.reason_en, again.reason_ja)


def _read_plan(bundle: Bundle) -> MonitoringPlan:
    from openjcm.mrv.plan import PLAN_NOT_UNDERSTOOD

    try:
        data = json.loads(bundle.plan)
    except (ValueError, RecursionError) as error:
        raise PLAN_NOT_UNDERSTOOD(place=f"plan.json: {error}"[:200]) from error
    return MonitoringPlan.from_data(data)


RESULT_PARTS = ("years", "total", "emission_reductions", "energy", "daily")


def _result_of_substitutes(
    bundle: Bundle, report: Mapping[str, Any], plan: MonitoringPlan, methodology: Methodology
) -> Check:
    """A file is not the one that was handed in. Say whether its readings would give the same result all the same."""
    files = {sha256_hex(data): data for data in bundle.files.values()}
    try:
        uploads = {
            sha256_hex(bundle.files[file["sha256"]]): Upload(
                file["name"], FileMapping.from_data(file["mapping"]), file["parquet_sha256"]
            )
            for file in report["files"]
        }
        again = make_monitoring_report(
            plan,
            files,
            report["inputs"],
            report_period(report["monitoring_period"]),
            methodology,
            report["engine"]["version"],
            earlier_periods=[report_period(item) for item in report["earlier_periods"]],
            uploads=uploads,
            meter_facts=read_facts(report, bundle.facts),
        )
    except Refused as refused:
        return Check("result", Answer.NO, str(refused), f"{refused.code}: {refused.message('ja')}")
    found = json.loads(again)
    stated, computed = ({part: data[part] for part in RESULT_PARTS} for data in (report, found))
    if canonical_bytes(stated) == canonical_bytes(computed):
        return Check(
            "result",
            Answer.YES,
            "the files given instead lead to the same figures, byte for byte",
            "差し替えられたファイルからも、同じ数値がバイト単位で得られます",
        )
    difference = first_difference(stated, computed)
    return Check(
        "result",
        Answer.NO,
        f"{difference.place}: the report says {difference.stored}, recomputed {difference.found}",
        f"{difference.place}: 報告書は {difference.stored}、再計算は {difference.found}",
    )
