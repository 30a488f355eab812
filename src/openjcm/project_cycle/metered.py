"""Meter files of a report: read as confirmed, named by hash, judged together where they hold the same meters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.mrv.explanations import Explanations, ends_a_span, explained, explanations_of
from openjcm.mrv.intake_time import day_starts
from openjcm.mrv.mapping import Mapping as FileMapping
from openjcm.mrv.plan import MonitoringPlan
from openjcm.mrv.plausibility.among import Group, compare_meters
from openjcm.mrv.plausibility.comparisons import Comparisons, IndependentTotal
from openjcm.mrv.quality import EnergyLine, Judgement, judge
from openjcm.mrv.readings import ROWS_PER_FILE, Readings, read_meter_file, readings_to_parquet, sorted_table
from openjcm.mrv.timeline import MeterTimeline, Segment
from openjcm.refusals import Finding, Severity, refusal

Period = tuple[date, date]
"""First and last day, both included."""

FILE_NOT_AS_NAMED = refusal(
    "file_not_as_named",
    en="The bytes given as {named} have the SHA-256 {found}.",
    ja="{named} として渡されたファイルの SHA-256 は {found} です。",
    remedy_en="Give the file that was stored under that hash.",
    remedy_ja="そのハッシュ値で保存されたファイルを指定してください。",
    clause="OpenJCM: files are named by their SHA-256",
)
FILE_WITHOUT_MAPPING = refusal(
    "file_without_mapping",
    en="Neither the plan nor the upload says how the file {file} is read.",
    ja="ファイル {file} の読み取り設定が、計画にもアップロード記録にもありません。",
    remedy_en="Confirm a mapping for the file when uploading it, or state one in the plan.",
    remedy_ja="アップロード時に読み取り設定を確認するか、計画に記載してください。",
    clause="OpenJCM: a mapping is confirmed, never guessed",
)
METER_IN_TWO_FILES = refusal(
    "meter_in_two_files",
    en="Meter {meter} stands in two files, {files}, that are read differently.",
    ja="計量器 {meter} が、読み取り設定の異なる 2 つのファイル ({files}) に含まれています。",
    remedy_en="Give the readings of one meter in files of one kind.",
    remedy_ja="1 つの計量器の計測値は、同じ種類のファイルで提出してください。",
    clause="OpenJCM: a meter has one series of readings",
)
METER_WITHOUT_READINGS = refusal(
    "meter_without_readings",
    en="No reading of meter {meter} ({symbol}) lies in {start} – {end}.",
    ja="計量器 {meter} ({symbol}) の計測値が {start} – {end} にありません。",
    remedy_en="Give its readings. If it was off, give the readings that show it.",
    remedy_ja="計測値を提出してください。停止していた場合は、それを示す計測値を提出してください。",
    clause="OpenJCM: a missing value is refused, never zero; zero is a value",
)
BLOCKING_FINDINGS = refusal(
    "blocking_findings",
    en="The readings of {meters} have findings that block a report: {rules}.",
    ja="{meters} の計測値に、報告書の作成を止める指摘事項があります: {rules}。",
    remedy_en="Settle them first: by the fact that is missing (a replacement, a ratio), or by an explanation with its"
    " documents (docs/meters.md, 1.1). `openjcm readings judge` shows them with the rows that prove them.",
    remedy_ja="先に解消してください。不足している情報 (交換、変流比など) を記録するか、書類を添えて説明を記録します"
    " (docs/meters.md の 1.1)。`openjcm readings judge` で、根拠となる行とともに確認できます。",
    clause="OpenJCM: a finding blocks, asks to be explained, or informs",
)


@dataclass(frozen=True)
class Upload:
    """What was recorded when a file was uploaded: its name, how it is read, and the hash of its stored Parquet form."""

    name: str
    mapping: FileMapping
    parquet_sha256: str = ""


@dataclass(frozen=True)
class MeterFile:
    """A meter file that has been read."""

    sha256: str
    upload: Upload
    readings: Readings

    def as_data(self) -> dict[str, Any]:
        """What the report says of the file.

        ``readings_sha256`` names the readings themselves (see :func:`readings_hash`); ``parquet_sha256`` is the stored
        form recorded at upload.
        """
        return {
            "sha256": self.sha256,
            "name": self.upload.name,
            "mapping": self.upload.mapping.as_data(),
            "meters": self.readings.meters(),
            "readings": len(self.readings),
            "readings_sha256": readings_hash(self.readings),
            "parquet_sha256": self.upload.parquet_sha256 or sha256_hex(readings_to_parquet(self.readings)),
        }


def readings_hash(readings: Readings) -> str:
    """SHA-256 that names readings whatever the order of their rows, the file they came in, or the Parquet library.

    It is taken over the canonical JSON of kind, units, interval and the meters with their counts, then for each meter
    (by identifier) all times and all values as 64-bit little-endian integers, sorted by time, value, status; and where
    a file says something of a reading (substituted, estimated), all statuses as bytes.
    """
    meters, codes = readings.meters(), readings.codes()
    counts = np.bincount(codes, minlength=len(meters))
    head = {
        "kind": readings.kind,
        "unit": readings.unit,
        "least_unit": readings.least_unit,
        "interval_seconds": readings.interval_seconds,
        "interval_stamp": readings.interval_stamp,
        "meters": [[name, int(count)] for name, count in zip(meters, counts, strict=True)],
    }
    parts = [canonical_bytes(head)]
    parts += [readings.column(name).astype("<i8").tobytes() for name in ("t_us", "value")]
    if readings.column("status").any():
        parts.append(readings.column("status").tobytes())
    return sha256_hex(b"\n".join(parts))


def readings_by_day(readings: Readings, first: date, last: date, time_zone: str) -> dict[str, list[int]]:
    """By meter: how many readings each local day from ``first`` to ``last`` has.

    A reading stamped at the end of its interval belongs to the day in which the interval ends, midnight to the day
    before; any other to the day of its stamp.
    """
    meters, codes = readings.meters(), readings.codes()
    _, starts = day_starts(first, last, time_zone)
    stamps = readings.column("t_us") - (1 if readings.interval_stamp == "end" else 0)
    begins = np.searchsorted(codes, np.arange(len(meters) + 1))
    return {
        name: np.diff(np.searchsorted(stamps[begins[place] : begins[place + 1]], starts)).tolist()
        for place, name in enumerate(meters)
    }


def judged_files(
    plan: MonitoringPlan,
    files: Mapping[str, bytes],
    uploads: Mapping[str, Upload],
    period: Period,
    meters: Mapping[str, MeterTimeline] | None = None,
) -> list[Judged]:
    """The meter files, read and judged for the period, each reading by the facts of its day (``meters``).

    Raises:
        Refused: ``file_not_as_named``, ``file_without_mapping``, ``meter_in_two_files``, ``meter_without_readings``,
            ``blocking_findings``, and what reading a file refuses.
    """
    read = [_read_file(plan, sha256, files[sha256], uploads.get(sha256)) for sha256 in sorted(files)]
    segments = {name: line.segments(*period, plan.time_zone) for name, line in (meters or {}).items()}
    explanations = explanations_of((meters or {}).values(), plan.quality.explainable)
    comparisons = Comparisons(totals=tuple(_totals(plan, meters or {})))
    judged = [
        _judge_together(plan, group, period, segments, explanations, comparisons) for group in _files_by_meter(read)
    ]
    compared = compare_meters(
        [Group(one.readings, one.judgement) for one in judged], [item.meter for item in plan.meters], plan.quality
    )
    judged = [
        replace(one, judgement=_explained(plan, one, judgement, explanations))
        for one, judgement in zip(judged, compared, strict=True)
    ]
    _refuse_silent_meters(plan, [line for group in judged for line in group.judgement.energy], period)
    _refuse_blocking(judged)
    return judged


def _explained(plan: MonitoringPlan, one: Judged, judgement: Judgement, given: Explanations) -> Judgement:
    """The judgement, where also what shows only among meters may be explained."""
    ends = ends_a_span(one.readings)
    findings = explained(judgement.findings, given, plan.time_zone, ends=ends)
    return replace(judgement, findings=findings)


def _read_file(plan: MonitoringPlan, sha256: str, data: bytes, upload: Upload | None) -> MeterFile:
    found = sha256_hex(data)
    if found != sha256:
        raise FILE_NOT_AS_NAMED(named=sha256, found=found)
    if upload is None:
        mapping = plan.mapping_of(sha256, sha256)
        if mapping is None:
            raise FILE_WITHOUT_MAPPING(file=sha256)
        upload = Upload(sha256, mapping)
    readings = read_meter_file(data, upload.name, upload.mapping)
    return MeterFile(sha256, upload, readings)


def _refuse_silent_meters(plan: MonitoringPlan, lines: Sequence[EnergyLine], period: Period) -> None:
    heard = {line.meter_id for line in lines if line.measured_seconds or line.bridged_seconds}
    for item in plan.meters:
        if item.meter.meter_id not in heard:
            raise METER_WITHOUT_READINGS(meter=item.meter.meter_id, symbol=item.symbol, start=period[0], end=period[1])


def _refuse_blocking(judged: Sequence[Judged]) -> None:
    found = [finding for group in judged for finding in group.judgement.findings]
    blocking = [finding for finding in found if finding.severity is Severity.BLOCKS]
    if blocking:
        raise BLOCKING_FINDINGS(
            rules=sorted({finding.rule for finding in blocking}),
            meters=sorted({finding.facts.get("meter", "–") for finding in blocking}),
        )


@dataclass(frozen=True)
class Judged:
    """The judgement of the readings of one or more files that hold the same meters."""

    files: tuple[MeterFile, ...]
    judgement: Judgement
    readings: Readings

    def findings(self) -> list[dict[str, Any]]:
        """The findings as plain data, with file and rows that prove them."""
        return [self._finding(finding) for finding in self.judgement.findings]

    def _finding(self, finding: Finding) -> dict[str, Any]:
        rows: dict[str, list[int]] = {}
        for row in finding.rows:
            rows.setdefault(self.files[row // ROWS_PER_FILE].sha256, []).append(row % ROWS_PER_FILE)
        return {
            "rule": finding.rule,
            "severity": finding.severity,
            "message": {"en": finding.message("en"), "ja": finding.message("ja")},
            "clause": finding.clause,
            "facts": dict(finding.facts),
            "places": [{"file": sha256, "rows": numbers} for sha256, numbers in sorted(rows.items())],
            "row_count": finding.row_count,
        }


def _files_by_meter(files: Sequence[MeterFile]) -> list[tuple[MeterFile, ...]]:
    """Files that share a meter, together: a register that goes on in the next file is one series."""
    groups: list[tuple[set[str], list[MeterFile]]] = []
    for file in files:
        meters, together = set(file.readings.meters()), [file]
        for group in [group for group in groups if group[0] & meters]:
            groups.remove(group)
            meters, together = meters | group[0], group[1] + together
        groups.append((meters, together))
    return [tuple(sorted(together, key=lambda item: item.sha256)) for _, together in groups]


def _totals(plan: MonitoringPlan, meters: Mapping[str, MeterTimeline]) -> Iterator[IndependentTotal]:
    """Recorded invoices, which the readings are held against (Q20), unless the plan fills gaps from them (G1)."""
    if "G1" in plan.gaps.steps:
        return
    for name, timeline in meters.items():
        for fact in timeline.standing("invoice"):
            first, last, energy = fact.day_of("start"), fact.day_of("end"), fact.energy_wh("energy")
            error = fact.number("error_percent")
            if first is None or last is None or energy is None or error is None:
                continue  # an invoice without its error limit is no measure
            document = fact.documents[0].name if fact.documents else fact.id
            yield IndependentTotal(name, first, last, energy.numerator // energy.denominator, error, document)


def _judge_together(
    plan: MonitoringPlan,
    files: tuple[MeterFile, ...],
    period: Period,
    segments: Mapping[str, Sequence[Segment]],
    explanations: Explanations,
    comparisons: Comparisons,
) -> Judged:
    readings = files[0].readings if len(files) == 1 else _joined(files)
    here = set(readings.meters())
    meters = [item.meter for item in plan.meters if item.meter.meter_id in here]
    judgement = judge(
        readings, meters, period, plan.time_zone, plan.quality, comparisons=comparisons, segments=segments,
        explanations=explanations,
    )  # fmt: skip
    series = {source.series for source in plan.gaps.sources}
    kept = tuple(item for item in judgement.findings if item.rule != "Q01" or item.facts.get("meter") not in series)
    return Judged(files, replace(judgement, findings=kept), readings)


def _joined(files: tuple[MeterFile, ...]) -> Readings:
    first = files[0].readings
    kinds = {
        (part.kind, part.unit, part.least_unit, part.interval_seconds, part.interval_stamp)
        for part in (file.readings for file in files)
    }
    if len(kinds) > 1:
        shared = sorted(set.union(*(set(file.readings.meters()) for file in files)))
        raise METER_IN_TWO_FILES(meter=shared[0], files=[file.upload.name for file in files])
    tables = [file.readings.table for file in files]
    rows = [table.column("row").to_numpy() + place * ROWS_PER_FILE for place, table in enumerate(tables)]
    meter = pa.chunked_array([chunk for table in tables for chunk in table.column("meter").chunks])
    names = ("t_us", "value", "status")
    columns = [np.concatenate([table.column(name).to_numpy() for table in tables]) for name in names]
    notes = tuple(note for file in files for note in file.readings.notes)
    table = sorted_table(meter, columns[0], columns[1], np.concatenate(rows), columns[2].astype(np.uint8))
    return replace(first, table=table, source_name=", ".join(file.upload.name for file in files), notes=notes)
