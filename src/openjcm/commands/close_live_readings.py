"""Close the live readings of a period: what was accepted becomes a file that a monitoring report can be made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg.types.range import Range
from pydantic import Field

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.commands.framework import Act, Day, Decision, Desk, ProjectReference, Request, Rows
from openjcm.commands.live_desk import EPOCH
from openjcm.commands.submit_monitoring_report import plan_of
from openjcm.commands.upload_readings import PARQUET, READINGS_STORED_ALREADY
from openjcm.mrv.batch import SignedBatch, line_of, read_batch
from openjcm.mrv.batch_set import BatchSet, make_batch_sets
from openjcm.mrv.intake_time import day_starts
from openjcm.mrv.readings import read_meter_file, readings_to_parquet
from openjcm.refusals import refusal
from openjcm.registry.ledger import BEFORE_ITS_CAUSE
from openjcm.signed import read_public_key
from openjcm.store.journal import NewFile, Product

MARGIN_DAYS = 1
"""Readings of so many days before and after the period go into the file too: they close its edges (rule Q03)."""

LIVE_PERIOD_REVERSED = refusal(
    "live_period_reversed",
    en="The period ends ({end}) before it begins ({start}), or is longer than ten years.",
    ja="期間の終了日 ({end}) が開始日 ({start}) より前か、期間が 10 年を超えています。",
    remedy_en="Give the first and the last day; both belong to it.",
    remedy_ja="期間の初日と最終日を入力してください (両日を含みます)。",
    clause="OpenJCM: periods are given by their first and last day",
)
LIVE_PERIOD_CLOSED = refusal(
    "live_period_closed",
    en="The live readings of {project} were closed already for days of this period, by entry {entry_no}.",
    ja="{project} のライブ計測値は、この期間の一部がすでに締め切られています (記録番号 {entry_no})。",
    remedy_en="Use the file of that entry, and close only the days after it.",
    remedy_ja="その記録のファイルを使用し、以降の日だけを締め切ってください。",
    clause="OpenJCM: no reading is counted twice",
    status=409,
)
BATCHES_STILL_WAIT = refusal(
    "batches_still_wait",
    en="{count} batches of {gateways} wait for a missing one; closing now would leave them out.",
    ja="{gateways} のバッチ {count} 件が欠番の到着を待っています。今締め切ると算入されません。",
    remedy_en="Let the gateway send the missing batches, or declare them lost.",
    remedy_ja="ゲートウェイから未着のバッチを再送するか、喪失として登録してください。",
    clause="OpenJCM: a missing value is refused, never zero; zero is a value",
    status=409,
)
NO_LIVE_READINGS = refusal(
    "no_live_readings",
    en="No accepted batch of {project} holds readings of {start} – {end}.",
    ja="{project} の {start} – {end} の計測値を含む受理済みバッチがありません。",
    remedy_en="Look at the gateways with `openjcm live status`; what is in quarantine does not count.",
    remedy_ja="`openjcm live status` でゲートウェイの状態を確認してください。隔離中のバッチは算入されません。",
    clause="OpenJCM: a missing value is refused, never zero; zero is a value",
)
STORED_BATCH_CHANGED = refusal(
    "stored_batch_changed",
    en="The stored batch {sha256} is no longer what its gateway signed.",
    ja="保管中のバッチ {sha256} が、ゲートウェイの署名したものと一致しません。",
    remedy_en="Restore the database from a backup, and run `openjcm audit`.",
    remedy_ja="データベースをバックアップから復元し、`openjcm audit` を実行してください。",
    clause="OpenJCM: stored bytes are checked whenever they are read",
    status=500,
)


class CloseLiveReadings(Request):
    """A period of live readings is closed: later batches with readings of it are kept apart as late (rule B10)."""

    project: ProjectReference = Field(description="The project.")
    period_start: Day = Field(description="First day of the period.")
    period_end: Day = Field(description="Last day of the period.")


@dataclass(frozen=True)
class Closed:
    """One file of the period: the batch set, and its readings as the report will read them."""

    made: BatchSet
    name: str
    parquet: bytes
    readings: int
    inside: int
    """How many of them lie in the period itself, without its margin."""


@dataclass(frozen=True)
class State:
    """What the act looks at."""

    closed_by: int | None
    waiting: tuple[int, tuple[str, ...]]
    span: tuple[int, int]
    sets: tuple[Closed, ...]
    stored: int | None


def load(desk: Desk, request: CloseLiveReadings) -> State:
    """The accepted batches of the period, made into files, while no batch of the project is being taken.

    Raises:
        Refused: ``live_period_reversed``, ``unknown_project``, ``no_monitoring_plan``, ``stored_batch_changed``.
    """
    if not 0 <= (request.period_end - request.period_start).days <= 3_660:
        raise LIVE_PERIOD_REVERSED(start=request.period_start, end=request.period_end)
    zone = plan_of(desk, request.project).time_zone
    span = instants(request.period_start, request.period_end, zone)
    lock_project(desk.connection, request.project)
    closed_by = _closed_by(desk.connection, request.project, span)
    waiting = _waiting(desk.connection, request.project)
    sets: tuple[Closed, ...] = ()
    if closed_by is None and not waiting[0]:
        sets = _sets(desk.connection, request, zone)
    return State(closed_by, waiting, span, sets, _stored(desk.connection, sets))


def instants(first: date, last: date, zone: str) -> tuple[int, int]:
    """The instants (UTC microseconds) at which the first day begins and the last day ends."""
    _, starts = day_starts(first, last, zone)
    return int(starts[0]), int(starts[-1])


def lock_project(connection: psycopg.Connection, project: str) -> None:
    """Lock the chains of all keys of a project: what is being received ends first, and then waits."""
    connection.execute(
        "select 1 from batch_chain c join gateway_key k on k.entry_no = c.key_no join gateway g using (gateway_id)"
        " where g.project = %s order by c.key_no for no key update of c",
        [project],
    )


def _closed_by(connection: psycopg.Connection, project: str, span: tuple[int, int]) -> int | None:
    row = connection.execute(
        "select entry_no from live_closing where project = %s and span && %s limit 1", [project, _range(span)]
    ).fetchone()
    return int(row[0]) if row else None


def _range(span: tuple[int, int]) -> Range[Any]:
    first, end = (EPOCH + timedelta(microseconds=one) for one in span)
    return Range(first, end, "[)")


def _waiting(connection: psycopg.Connection, project: str) -> tuple[int, tuple[str, ...]]:
    rows = connection.execute(
        "select g.gateway_id, c.waiting from batch_chain c join gateway_key k on k.entry_no = c.key_no"
        " join gateway g using (gateway_id) where g.project = %s and c.waiting > 0 order by 1",
        [project],
    ).fetchall()
    return sum(row[1] for row in rows), tuple(sorted({row[0] for row in rows}))


_BATCHES: LiteralString = """
    select k.key_id, k.public_key, encode(b.sha256, 'hex'), b.payload, b.signature, coalesce(r.status, b.status)
    from gateway g join gateway_key k using (gateway_id) join batch b on b.key_no = k.entry_no
      left join batch_release r using (batch_no)
    where g.project = %s and b.last_us >= %s and b.first_us <= %s
"""


def stored_batches(
    connection: psycopg.Connection, project: str, first_us: int, last_us: int, keys: dict[str, str]
) -> Iterator[tuple[SignedBatch, str]]:
    """The batches of a project with readings between two instants and what became of each; fills in the public keys.

    Raises:
        Refused: ``stored_batch_changed``: name and signature are checked again.
    """
    with connection.cursor(name="live_batches") as cursor:
        for key_id, public_key, name, payload, signature, status in cursor.execute(
            _BATCHES, [project, first_us, last_us]
        ):
            signed = read_batch(line_of(key_id, bytes(payload), bytes(signature)))
            if signed.sha256 != name or not signed.is_signed_by(read_public_key(public_key)):
                raise STORED_BATCH_CHANGED(sha256=name)
            keys[key_id] = public_key
            yield signed, status


def _sets(connection: psycopg.Connection, request: CloseLiveReadings, zone: str) -> tuple[Closed, ...]:
    margin = timedelta(days=MARGIN_DAYS)
    first, end = instants(request.period_start - margin, request.period_end + margin, zone)
    keys: dict[str, str] = {}
    not_used: list[str] = []
    used: list[SignedBatch] = []
    for signed, status in stored_batches(connection, request.project, first, end, keys):
        if status == "accepted":
            used.append(signed)
        else:
            not_used.append(signed.sha256)
    about = {
        "project": request.project,
        "start": request.period_start.isoformat(),
        "end": request.period_end.isoformat(),
        "time_zone": zone,
        "not_used": sorted(not_used),
    }
    span = instants(request.period_start, request.period_end, zone)
    return tuple(_closed(one, request, span) for one in make_batch_sets(used, keys, (first, end), about))


def _closed(made: BatchSet, request: CloseLiveReadings, span: tuple[int, int]) -> Closed:
    name = f"live-{request.project}-{request.period_start}-{request.period_end}-{made.about['kind']}.parquet"
    readings = read_meter_file(made.data, name, made.mapping)
    t_us = readings.column("t_us")
    inside = int(((t_us >= span[0]) & (t_us <= span[1])).sum())
    return Closed(made, name, readings_to_parquet(readings), len(readings), inside)


def _stored(connection: psycopg.Connection, sets: tuple[Closed, ...]) -> int | None:
    names = [sha256_hex(data) for one in sets for data in (one.made.data, one.parquet)]
    row = connection.execute("select entry_no from stored_file where sha256 = any(%s) limit 1", [names]).fetchone()
    return int(row[0]) if row else None


def decide(request: CloseLiveReadings, state: State) -> Decision:
    """A period is closed once, when it is over and nothing waits."""
    if request.occurred_on < request.period_end:
        raise BEFORE_ITS_CAUSE(what="closing", day=request.occurred_on, cause=request.period_end)
    if state.closed_by is not None:
        raise LIVE_PERIOD_CLOSED(project=request.project, entry_no=state.closed_by)
    if state.waiting[0]:
        raise BATCHES_STILL_WAIT(count=state.waiting[0], gateways=list(state.waiting[1]))
    if not any(one.inside for one in state.sets):
        raise NO_LIVE_READINGS(project=request.project, start=request.period_start, end=request.period_end)
    if state.stored is not None:
        raise READINGS_STORED_ALREADY(name=state.sets[0].name, entry_no=state.stored)
    days = Range(request.period_start, request.period_end + timedelta(days=1), "[)")
    row = {"project": request.project, "days": days, "span": _range(state.span)}
    files = [_outcome(one) for one in state.sets]
    outcome = {"project": request.project, "span_us": list(state.span), "files": files}
    return Decision(
        outcome,
        (Rows("live_closing", (row,)),),
        tuple(product for one in state.sets for product in _products(one)),
        tuple(
            NewFile(data, PARQUET, name)
            for one in state.sets
            for data, name in ((one.made.data, one.name), (one.parquet, f"{one.name}.readings.parquet"))
        ),
    )


def _outcome(one: Closed) -> dict[str, Any]:
    return {
        "name": one.name,
        "file_sha256": sha256_hex(one.made.data),
        "file_bytes": len(one.made.data),
        "parquet_sha256": sha256_hex(one.parquet),
        "readings": one.readings,
        "meters": one.made.about["meters"],
        "batches": sum(part["batches"] for part in one.made.about["keys"]),
    }


def _products(one: Closed) -> tuple[Product, Product]:
    """How the file is read (as for an upload), and what it was made from."""
    upload = {"kind": "readings_upload", "mapping": one.made.mapping.as_data(), **_outcome(one)}
    about = {**one.made.about, "file_sha256": sha256_hex(one.made.data)}
    return Product("readings_upload", canonical_bytes(upload)), Product("batch_set", canonical_bytes(about))


ACT = Act(
    name="close_live_readings",
    title_en="Close the live readings of a period",
    title_ja="ライブ計測値の期間の締切り",
    permission="operator",
    request=CloseLiveReadings,
    load=load,
    decide=decide,
)
