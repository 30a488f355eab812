"""What is on record of an uploaded meter file: how it is read, what it holds, and which reports used it?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.rows import tuple_row

_FILE = """
    select f.name, f.media_type, f.size_bytes, f.is_public, f.entry_no, j.occurred_on, j.recorded_at
    from stored_file f join journal j on j.entry_no = f.entry_no where f.sha256 = %s
"""
_UPLOADS = """
    select p.body from log_leaf l join product p on p.sha256 = convert_from(l.body, 'UTF8')::jsonb ->> 'sha256'
    where l.entry_no = %s and l.kind = 'product' and p.kind = 'readings_upload'
"""
_REPORTS = """
    select r.report_sha256, r.project, o.world, lower(r.monitoring_period), upper(r.monitoring_period) - 1, p.body
    from journal j join monitoring_report r on r.report_sha256 = j.outcome ->> 'report_sha256'
    join project o on o.reference = r.project join product p on p.sha256 = r.report_sha256
    where j.act = 'submit_monitoring_report' and j.request -> 'files' @> to_jsonb(%s::text)
    order by 4 desc, 1 limit %s
"""
_BODIES = "select sha256, body from product where sha256 = any(%s)"
MOST_REPORTS = 12
"""Reports that are shown for a file, the latest first."""


@dataclass(frozen=True)
class Use:
    """A monitoring report that used the file.

    ``findings`` are those on the file's meters or rows, as the report states them. ``plan`` and ``facts`` are the
    canonical bytes of what the readings were judged by: the monitoring plan, and the facts of meters in their order.
    """

    report_sha256: str
    project: str
    world: str
    first: date
    last: date
    findings: tuple[Mapping[str, Any], ...]
    plan: bytes
    facts: tuple[bytes, ...]


@dataclass(frozen=True)
class UploadPage:
    """A meter file on record. ``mapping`` is as confirmed; ``profile`` is empty where the mapping came by itself.

    What only the owner may see is left empty where the file is not public: mapping, profile, meters, and the name of
    the stored Parquet form. Counts stay.
    """

    sha256: str
    name: str
    media_type: str
    size_bytes: int
    is_public: bool
    entry_no: int
    occurred_on: date
    recorded_at: datetime
    readings: int
    meter_count: int
    meters: tuple[str, ...]
    mapping: Mapping[str, Any]
    profile: str
    profile_version: int | None
    parquet_sha256: str
    uses: tuple[Use, ...]


def upload_page(connection: psycopg.Connection[Any], sha256: str) -> UploadPage | None:
    """The upload of a file by its SHA-256; ``None`` where no meter file of that hash is on record."""
    cursor = connection.cursor(row_factory=tuple_row)
    file = cursor.execute(_FILE, [sha256]).fetchone()
    if file is None:
        return None
    uploads = (json.loads(bytes(row[0])) for row in cursor.execute(_UPLOADS, [file[4]]).fetchall())
    body = next((one for one in uploads if one["file_sha256"] == sha256), None)
    if body is None:
        return None
    name, media_type, size_bytes, public, entry_no, occurred_on, recorded_at = file
    meters = tuple(body["meters"])
    return UploadPage(
        sha256, name, media_type, size_bytes, public, entry_no, occurred_on, recorded_at, int(body["readings"]),
        len(meters),
        meters=meters if public else (),
        mapping=body["mapping"] if public else {},
        profile=body.get("profile", "") if public else "",
        profile_version=body.get("profile_version") if public else None,
        parquet_sha256=body["parquet_sha256"] if public else "",
        uses=_uses(cursor, sha256, set(meters), public),
    )  # fmt: skip


def _uses(cursor: psycopg.Cursor[Any], sha256: str, meters: set[str], public: bool) -> tuple[Use, ...]:
    rows = [
        (*row[:5], json.loads(bytes(row[5]))) for row in cursor.execute(_REPORTS, [sha256, MOST_REPORTS]).fetchall()
    ]
    named = {row[5]["plan_sha256"] for row in rows} | {fact["sha256"] for row in rows for fact in _facts(row[5])}
    bodies = {name: bytes(data) for name, data in cursor.execute(_BODIES, [list(named)]).fetchall()}
    uses = []
    for report_sha256, project, world, first, last, body in rows:
        findings = [one for one in body["findings"] if _concerns(one, sha256, meters)] if public else []
        facts = tuple(bodies[fact["sha256"]] for fact in _facts(body) if fact["sha256"] in bodies)
        plan = bodies.get(body["plan_sha256"], b"")
        uses.append(Use(report_sha256, project, world, first, last, tuple(findings), plan, facts))
    return tuple(uses)


def _facts(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(report.get("meter_facts", ()))


def _concerns(finding: Mapping[str, Any], sha256: str, meters: set[str]) -> bool:
    """Whether a finding is about the file: rows of it prove it, or it is about one of its meters as a whole."""
    places = {place["file"] for place in finding["places"]}
    return sha256 in places or (not places and finding["facts"].get("meter") in meters)
