"""The proof of one serial: which leaves tell its life, and the paths from them to the latest signed root."""

from __future__ import annotations

import json
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from openjcm.log import proof
from openjcm.log.cosignature import with_lines
from openjcm.log.tree import consistency_proof, places_of
from openjcm.refusals import refusal
from openjcm.registry.serials import parse_serial, serial_text
from openjcm.store.log_tiles import read_nodes

SERIAL_NOT_ISSUED = refusal(
    "serial_not_issued",
    en="No issuance made the serial {serial}.",
    ja="識別番号 {serial} は発行されていません。",
    remedy_en="Check the number; the register shows which serials exist.",
    remedy_ja="番号を確認してください。存在する識別番号は登録簿に表示されます。",
    clause="OpenJCM: a proof is made for what is in the log",
    status=404,
)
CHECKPOINT_NOT_KEPT = refusal(
    "checkpoint_not_kept",
    en="The log has no checkpoint over {size} leaves.",
    ja="{size} 件の時点のチェックポイントはありません。",
    remedy_en="Use the size of a checkpoint that the log published; the newest is over {newest} leaves.",
    remedy_ja="ログが公開したチェックポイントの件数を指定してください。最新は {newest} 件です。",
    clause="OpenJCM: a checkpoint is signed with every entry",
    status=404,
)

_LIFE = """
    with origin as (
      select o.entry_no as issue_entry, d.entry_no as decision_entry, d.decision_sha256, d.report_sha256
      from block_origin o join issuance_decision d using (decision_id)
      where o.series = %(series)s and o.serials @> %(number)s::bigint),
    report as (
      select r.report_sha256, r.entry_no as report_entry, v.entry_no as opinion_entry, v.opinion_sha256
      from origin join monitoring_report r using (report_sha256) left join verification v using (report_sha256)),
    told as (
      select issue_entry as entry_no from origin union select decision_entry from origin
      union select report_entry from report union select opinion_entry from report
      union select entry_no from life_of(%(series)s, %(number)s::bigint) where kind <> 'issue'),
    named as (
      select decision_sha256 as sha256 from origin union select report_sha256 from report
      union select opinion_sha256 from report
      union select file ->> 'sha256' from report join product p on p.sha256 = report.report_sha256,
        jsonb_array_elements(convert_from(p.body, 'UTF8')::jsonb -> 'files') as file)
    select l.leaf_index, l.body from told join log_leaf l on l.entry_no = told.entry_no and l.kind = 'entry'
    union all
    (select distinct on (n.sha256) l.leaf_index, l.body from named n
       join lateral (select entry_no from product p where p.sha256 = n.sha256
                     union select entry_no from stored_file f where f.sha256 = n.sha256) made on true
       join log_leaf l on l.entry_no = made.entry_no and l.kind = 'product'
         and convert_from(l.body, 'UTF8')::jsonb ->> 'sha256' = n.sha256
     order by n.sha256, l.leaf_index)
    order by leaf_index
"""

_DOCUMENTS = """
    select p.body from product p
    where p.sha256 = any(%s) and p.kind in ('issuance_decision', 'monitoring_report', 'verification_opinion')
    order by p.entry_no, p.sha256
"""


def serial_proof(connection: psycopg.Connection[Any], serial: str, public_key: str) -> bytes:
    """The proof of a serial as the bytes of ``P.json`` (see ``log.proof``), if possible under a co-signed checkpoint.

    Args:
        connection: an open connection; only read.
        serial: the serial number, ``JCM-JP-XD001-2022-4``.
        public_key: the log's verifier key (``log.checkpoint.verifier_key``).

    Raises:
        Refused: ``serial_not_issued``, ``block_not_readable``.
    """
    series, number = parse_serial(serial)
    cursor = connection.cursor(row_factory=tuple_row)
    leaves = cursor.execute(_LIFE, {"series": str(series), "number": number}).fetchall()
    if not leaves:
        raise SERIAL_NOT_ISSUED(serial=serial)
    leaves = [(index, bytes(body)) for index, body in leaves]
    size, note, witnesses = best_checkpoint(connection, leaves[-1][0])
    bodies = [json.loads(body) for _, body in leaves]
    named = [body["sha256"] for body in bodies if body["kind"] == "product"]
    documents = [bytes(row[0]) for row in cursor.execute(_DOCUMENTS, [named])]
    nodes = read_nodes(connection, proof.places_needed([index for index, _ in leaves], size))
    return proof.build(
        serial_text(series, number),
        public_key=public_key,
        checkpoint=note,
        size=size,
        leaves=leaves,
        documents=documents,
        read_node=lambda level, index: nodes[level, index],
        witnesses=witnesses,
    )


def best_checkpoint(connection: psycopg.Connection[Any], last_leaf: int) -> tuple[int, str, list[str]]:
    """Size and note of a checkpoint over a leaf, and the keys of those who co-signed it: the newest that somebody did.

    Where no co-signed checkpoint covers the leaf, the newest of all.
    """
    cursor = connection.cursor(row_factory=tuple_row)
    rows = cursor.execute(
        "select tree_size, note, line, witness_key from cosignature join checkpoint using (tree_size)"
        " where tree_size = (select max(tree_size) from cosignature) and tree_size > %s order by witness",
        [last_leaf],
    ).fetchall()
    if not rows:
        return *newest_checkpoint(connection), []
    return rows[0][0], with_lines(rows[0][1], [row[2] for row in rows]), [row[3] for row in rows]


def newest_checkpoint(connection: psycopg.Connection[Any]) -> tuple[int, str]:
    """Size and note of the newest checkpoint; size 0 and an empty text for a log without entries."""
    row = (
        connection.cursor(row_factory=tuple_row)
        .execute("select tree_size, note from checkpoint order by tree_size desc limit 1")
        .fetchone()
    )
    return (row[0], row[1]) if row else (0, "")


def checkpoint_at(connection: psycopg.Connection[Any], size: int) -> str:
    """The note over so many leaves.

    Raises:
        Refused: ``checkpoint_not_kept``.
    """
    row = (
        connection.cursor(row_factory=tuple_row)
        .execute("select note from checkpoint where tree_size = %s", [size])
        .fetchone()
    )
    if row is None:
        raise CHECKPOINT_NOT_KEPT(size=size, newest=newest_checkpoint(connection)[0])
    return str(row[0])


def consistency(connection: psycopg.Connection[Any], old: int, new: int) -> tuple[str, ...]:
    """The hashes (hexadecimal) that show the tree of ``old`` leaves to be the beginning of that of ``new``.

    Raises:
        Refused: ``checkpoint_not_kept`` unless both are sizes of checkpoints.
        ValueError: if ``old`` is greater than ``new``.
    """
    for size in (old, new):
        checkpoint_at(connection, size)
    nodes = read_nodes(connection, places_of(lambda read: consistency_proof(old, new, read)))
    return tuple(step.hex() for step in consistency_proof(old, new, lambda level, index: nodes[level, index]))
