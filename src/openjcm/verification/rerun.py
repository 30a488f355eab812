"""The verifier's rerun: the report is made again from the stored bytes and must be the same, byte for byte.

Everything that a report was made from stands in it or is named in it by hash, so the rerun takes the report, the plan
and the files, and nothing else. Where the bytes differ, the first difference is named: its place and both values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.dated import Answer
from openjcm.mrv.mapping import Mapping as FileMapping
from openjcm.mrv.meter_facts import MeterFact
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.plan import MonitoringPlan
from openjcm.project_cycle.monitoring_report import SCHEMA, Upload, make_monitoring_report
from openjcm.refusals import Refused, refusal

REPORT_NOT_UNDERSTOOD = refusal(
    "report_not_understood",
    en="The bytes are no monitoring report of this software: {place}.",
    ja="このソフトウェアのモニタリング報告書として読めません: {place}。",
    remedy_en="Give the canonical bytes of a monitoring report, as they were stored.",
    remedy_ja="保存されたモニタリング報告書のバイト列をそのまま指定してください。",
    clause="OpenJCM: products are canonical JSON, named by their hash",
)


@dataclass(frozen=True)
class Difference:
    """The first place where two documents differ, as a JSON pointer (``/years/0/reductions``), and both values."""

    place: str
    stored: str
    found: str


@dataclass(frozen=True)
class Rerun:
    """What a rerun says: *yes* (byte-equal), *no* (with the first difference) or *cannot tell* (with the reason)."""

    answer: Answer
    report_sha256: str
    recomputed_sha256: str = ""
    difference: Difference | None = None
    reason_en: str = ""
    reason_ja: str = ""

    def as_data(self) -> dict[str, Any]:
        """The answer as plain data."""
        data = {"answer": self.answer, "report_sha256": self.report_sha256}
        for name in ("recomputed_sha256", "reason_en", "reason_ja"):
            if getattr(self, name):
                data[name] = getattr(self, name)
        return data | ({"difference": dict(self.difference.__dict__)} if self.difference else {})


def read_report(report: bytes) -> dict[str, Any]:
    """The report as plain data.

    Raises:
        Refused: ``report_not_understood`` where the bytes are no canonical JSON of a monitoring report.
    """
    try:
        data = json.loads(report)
        if canonical_bytes(data) != report:
            raise ValueError("the bytes are not canonical")
        if data["schema"] != SCHEMA:
            raise ValueError(f"schema {data['schema']}")
        _check_shape(data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise REPORT_NOT_UNDERSTOOD(place=f"{type(error).__name__} {error}"[:300]) from error
    return dict(data)


def _check_shape(data: Mapping[str, Any]) -> None:
    """Touch what a rerun reads, so that a wrong shape fails here."""
    for name in ("id", "version", "source_sha256"):
        str.strip(data["methodology"][name])
    for file in data["files"]:
        for name in ("sha256", "name", "parquet_sha256"):
            str.strip(file[name])
        file["mapping"].items()
    for period in (data["monitoring_period"], *data["earlier_periods"]):
        report_period(period)
    str.strip(data["engine"]["version"])
    data["inputs"].items()
    for fact in data["meter_facts"]:
        str.strip(fact["sha256"])
    for year in data["years"]:
        int.bit_length(year["credited_tonnes"])
        int.bit_length(year["year"])


def rerun(
    report: bytes,
    plan: MonitoringPlan,
    files: Mapping[str, bytes],
    methodology: Methodology,
    facts: Mapping[str, bytes] | None = None,
) -> Rerun:
    """Make the report again and compare.

    Args:
        report: the stored bytes of the report.
        plan: the monitoring plan that the report names.
        files: the meter files by SHA-256.
        methodology: the methodology as installed here.
        facts: the recorded facts of meters by SHA-256.

    Raises:
        Refused: ``report_not_understood``.
    """
    data = read_report(report)
    named = sha256_hex(report)
    unable = _cannot_tell(data, files, methodology, facts or {})
    if unable:
        return Rerun(Answer.CANNOT_TELL, named, reason_en=unable[0], reason_ja=unable[1])
    try:
        again = make_again(data, plan, files, methodology, read_facts(data, facts or {}))
    except Refused as refused:
        return Rerun(Answer.NO, named, reason_en=str(refused), reason_ja=f"{refused.code}: {refused.message('ja')}")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise REPORT_NOT_UNDERSTOOD(place=f"{type(error).__name__} {error}"[:300]) from error
    if again == report:
        return Rerun(Answer.YES, named, sha256_hex(again))
    difference = first_difference(data, json.loads(again))
    return Rerun(
        Answer.NO,
        named,
        sha256_hex(again),
        difference,
        f"{difference.place}: the report says {difference.stored}, the rerun gives {difference.found}",
        f"{difference.place}: 報告書は {difference.stored}、再計算は {difference.found}",
    )


def _cannot_tell(
    data: Mapping[str, Any], files: Mapping[str, bytes], methodology: Methodology, facts: Mapping[str, bytes]
) -> tuple[str, str] | None:
    stated = data["methodology"]
    missing = [file["sha256"] for file in data["files"] if file["sha256"] not in files]
    if missing:
        return f"the file {missing[0]} is missing", f"ファイル {missing[0]} がありません"
    if lacking := [fact["sha256"] for fact in data["meter_facts"] if fact["sha256"] not in facts]:
        return f"the fact {lacking[0]} of a meter is missing", f"計量器の情報 {lacking[0]} がありません"
    if stated["id"] != methodology.id:
        return (
            f"the report applies {stated['id']}, but {methodology.id} was given",
            f"報告書の方法論は {stated['id']} ですが、{methodology.id} が指定されました",
        )
    if stated["source_sha256"] != methodology.source_sha256:
        return (
            f"the text of {methodology.id} installed here ({methodology.source_sha256[:12]}…) is not the one that the "
            f"report was made with ({str(stated['source_sha256'])[:12]}…)",
            f"ここにある {methodology.id} の本文 ({methodology.source_sha256[:12]}…) は、報告書の作成に使われたもの "
            f"({str(stated['source_sha256'])[:12]}…) と異なります",
        )
    return None


def make_again(
    data: Mapping[str, Any],
    plan: MonitoringPlan,
    files: Mapping[str, bytes],
    methodology: Methodology,
    facts: Sequence[MeterFact],
) -> bytes:
    """The bytes of the report that plan, files and facts give, all else being as the report says.

    Raises:
        Refused: what making a report refuses.
    """
    named = [file["sha256"] for file in data["files"]]
    uploads = {
        file["sha256"]: Upload(file["name"], FileMapping.from_data(file["mapping"]), file["parquet_sha256"])
        for file in data["files"]
    }
    return make_monitoring_report(
        plan,
        {sha256: files[sha256] for sha256 in named if sha256 in files},
        data["inputs"],
        report_period(data["monitoring_period"]),
        methodology,
        data["engine"]["version"],
        earlier_periods=[report_period(item) for item in data["earlier_periods"]],
        uploads=uploads,
        meter_facts=facts,
    )


def read_facts(report: Mapping[str, Any], facts: Mapping[str, bytes]) -> list[MeterFact]:
    """The facts that a report names, in its order, from their bytes.

    Raises:
        Refused: ``report_not_understood``, ``meter_fact_invalid``.
    """
    try:
        return [MeterFact.from_data(json.loads(facts[named["sha256"]])) for named in report["meter_facts"]]
    except (KeyError, ValueError, AttributeError, RecursionError) as error:
        raise REPORT_NOT_UNDERSTOOD(place=f"meter_facts: {type(error).__name__} {error}"[:300]) from error


def report_period(data: Mapping[str, str]) -> tuple[date, date]:
    """A period of a report as days: first and last, both included."""
    return date.fromisoformat(data["start"]), date.fromisoformat(data["end"])


_ABSENT = object()


def first_difference(stored: object, found: object, place: str = "") -> Difference:
    """The first difference between two JSON values in the order of their canonical form.

    Raises:
        ValueError: if there is none.
    """
    difference = _difference(stored, found, place)
    if difference is None:
        raise ValueError("the values are equal")
    return difference


def _difference(stored: object, found: object, place: str) -> Difference | None:
    if isinstance(stored, dict) and isinstance(found, dict):
        for key in sorted(stored.keys() | found.keys()):
            here = f"{place}/{str(key).replace('~', '~0').replace('/', '~1')}"
            if inner := _difference(stored.get(key, _ABSENT), found.get(key, _ABSENT), here):
                return inner
        return None
    if isinstance(stored, list) and isinstance(found, list):
        for index in range(max(len(stored), len(found))):
            one, other = (items[index] if index < len(items) else _ABSENT for items in (stored, found))
            if inner := _difference(one, other, f"{place}/{index}"):
                return inner
        return None
    if type(stored) is type(found) and stored == found:
        return None
    return Difference(place or "/", _shown(stored), _shown(found))


def _shown(value: object) -> str:
    if value is _ABSENT:
        return "—"
    text = canonical_bytes(value).decode()
    return text if len(text) <= 200 else text[:200] + "…"
