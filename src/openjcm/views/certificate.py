"""What does the record say of one entry, or of one account as of an instant, in a form that can be signed?

A statement of an entry depends on that entry and what came before it, and its proof stands under the first checkpoint
that covers the entry: so the same entry gives the same certificate for ever.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import psycopg
from psycopg.rows import namedtuple_row

from openjcm.canonical import canonical_bytes
from openjcm.log import statement as statements
from openjcm.log.checkpoint import verifier_key
from openjcm.log.proof import places_needed
from openjcm.refusals import refusal
from openjcm.store.journal import Signer
from openjcm.store.log_tiles import read_nodes
from openjcm.views.holdings_as_of import Cut, Wanted, blocks_as_of, holdings_as_of

KINDS = {"issue": "issuance", "retire": "retirement", "cancel": "cancellation", "reversal": "cancellation"}
"""Kinds of movement that have a certificate, and which."""
MOST_BLOCKS = 1000

NO_CERTIFICATE = refusal(
    "no_certificate",
    en="Entry {entry} has no certificate: it neither issued, nor retired, nor cancelled credits.",
    ja="記録番号 {entry} には証明書がありません (発行・無効化・取消しの記録ではありません)。",
    remedy_en="Choose an entry of an issuance, retirement or cancellation; the registry's page lists them.",
    remedy_ja="発行・無効化・取消しの記録番号を指定してください。登録簿の画面に一覧があります。",
    clause="OpenJCM: certificates are of issuance, holding, retirement and cancellation",
    status=404,
)
ENTRY_CORRECTED = refusal(
    "entry_corrected",
    en="Entry {entry} was corrected by entry {correction} on {day}: what it recorded was a mistake.",
    ja="記録番号 {entry} は誤りのため、{day} に記録番号 {correction} で訂正されています。",
    remedy_en="Look at the correction and at the history of the serials.",
    remedy_ja="訂正の記録と識別番号の履歴を確認してください。",
    clause="OpenJCM: a mistake is corrected by a further entry, and no certificate is given of it",
    status=409,
)
NO_SUCH_ACCOUNT = refusal(
    "no_such_account",
    en="There is no account “{account}”.",
    ja="口座「{account}」はありません。",
    remedy_en="Name an account as the registry's page lists it.",
    remedy_ja="登録簿の画面に示された口座番号を指定してください。",
    clause="OpenJCM: a statement is of an account on record",
    status=404,
)
STATEMENT_TOO_LONG = refusal(
    "statement_too_long",
    en="{account} held more than {most} blocks then.",
    ja="口座 {account} には、その時点で {most} 件を超える範囲がありました。",
    remedy_en="Ask for one project or one vintage, or take the table of blocks.",
    remedy_ja="プロジェクトまたは排出削減年を指定するか、識別番号の一覧表を利用してください。",
    clause="OpenJCM: a statement of account lists every block",
)
NOTHING_RECORDED_YET = refusal(
    "nothing_recorded_yet",
    en="Nothing was recorded by {instant}.",
    ja="{instant} までの記録はありません。",
    remedy_en="Name a later instant.",
    remedy_ja="より後の時点を指定してください。",
    clause="OpenJCM: a statement stands under a checkpoint of the log",
)


@dataclass(frozen=True)
class Signed:
    """A statement and its signed file."""

    statement: Mapping[str, Any]
    file: bytes

    @property
    def kind(self) -> str:
        """issuance, holding, retirement or cancellation."""
        return str(self.statement["kind"])


_ENTRY = """
    select j.entry_no, j.act, j.outcome, j.occurred_on, l.leaf_index, l.body from journal j
    join log_leaf l on l.entry_no = j.entry_no and l.kind = 'entry' where j.entry_no = %s
"""
_MOVED = """
    select m.kind, m.registry_id, r.world, m.series, lower(m.serials) as first, upper(m.serials) - 1 as last,
           o.projects, o.vintage, m.source_account, m.target_account
    from movement m join block_origin o using (origin_id) join registry r on r.registry_id = m.registry_id
    where m.entry_no = %s order by m.movement_id
"""


def not_corrected(connection: psycopg.Connection[Any], entry_no: int) -> None:
    """No certificate is given of an entry that was a mistake.

    Raises:
        Refused: ``entry_corrected``.
    """
    cursor = connection.cursor(row_factory=namedtuple_row)
    row: Any = cursor.execute(
        "select c.entry_no, j.occurred_on from correction c join journal j using (entry_no) where c.corrects = %s"
        " order by c.entry_no desc limit 1",
        [entry_no],
    ).fetchone()
    if row is not None:
        raise ENTRY_CORRECTED(entry=entry_no, correction=row.entry_no, day=row.occurred_on)


def entry_statement(
    connection: psycopg.Connection[Any], entry_no: int, *, signer: Signer, address: str, renderer: str
) -> Signed:
    """The signed statement of an issuance, retirement or cancellation.

    Args:
        connection: an open connection; only read.
        entry_no: number of the journal entry.
        signer: the log's key.
        address: where the public record is, without a slash at its end; the QR code leads there.
        renderer: what will set the certificate (``reports.certificate.renderer``).

    Raises:
        Refused: ``no_certificate``, ``entry_corrected``.
    """
    not_corrected(connection, entry_no)
    cursor = connection.cursor(row_factory=namedtuple_row)
    rows: list[Any] = cursor.execute(_MOVED, [entry_no]).fetchall()
    entry: Any = cursor.execute(_ENTRY, [entry_no]).fetchone() if rows and rows[0].kind in KINDS else None
    if entry is None:
        raise NO_CERTIFICATE(entry=entry_no)
    known = _accounts(cursor, {name for row in rows for name in (row.source_account, row.target_account) if name})
    blocks = [
        {
            "block": _text(row.series, row.first, row.last), "vintage": row.vintage, "account": row.target_account,
            "quantity": row.last - row.first + 1,
        }
        for row in rows
    ]  # fmt: skip
    source = rows[0].source_account
    projects = _projects(cursor, [(row.projects, row.last - row.first + 1) for row in rows])
    said = {
        **{name: entry.outcome[name] for name in (*statements.SAME, *statements.LATER) if name in entry.outcome},
        "kind": KINDS[rows[0].kind],
        "world": rows[0].world,
        "registry_id": rows[0].registry_id,
        "entry_no": entry_no,
        "occurred_on": entry.occurred_on,
        "recorded_at": json.loads(bytes(entry.body))["recorded_at"],
        "record": f"{address}/ja/certificates/{entry_no}",
        "source": source,
        "source_account": known.get(source),
        "target_account": known[rows[0].target_account],
        "blocks": blocks,
        "projects": projects,
        "renderer": renderer,
    }
    return _signed(cursor, said, [(entry.leaf_index, bytes(entry.body))], signer)


def holding_statement(
    connection: psycopg.Connection[Any],
    account_id: str,
    cut: Cut,
    *,
    signer: Signer,
    address: str,
    renderer: str,
    project: str = "",
    vintage: str = "",
) -> Signed:
    """The signed statement of what an account held as of an instant, with the entries that had brought it.

    Raises:
        Refused: ``no_such_account``, ``statement_too_long``, ``nothing_recorded_yet``.
    """
    cursor = connection.cursor(row_factory=namedtuple_row)
    account = _accounts(cursor, {account_id}).get(account_id)
    if account is None:
        raise NO_SUCH_ACCOUNT(account=account_id[:80])
    wanted = Wanted(account["world"], account=account_id, project=project, vintage=vintage)
    found = holdings_as_of(connection, cut, wanted, ())
    blocks = blocks_as_of(connection, cut, wanted, MOST_BLOCKS + 1)
    if len(blocks) > MOST_BLOCKS:
        raise STATEMENT_TOO_LONG(account=account_id, most=MOST_BLOCKS)
    leaves = _leaves(cursor, {found.entry_no, *(one.since_entry_no for one in blocks)})
    if found.entry_no not in leaves:
        raise NOTHING_RECORDED_YET(instant=cut.recorded_by)
    recorded_at = json.loads(leaves[found.entry_no][1])["recorded_at"]
    asked = {
        "world": account["world"],
        "account": account_id,
        "as_of": cut.day,
        "recorded_by": cut.recorded_by or recorded_at,
    }
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    said = {
        "kind": "holding",
        "world": account["world"],
        "registry_id": account["registry"],
        "entry_no": found.entry_no,
        "as_of": cut.day,
        "recorded_by": cut.recorded_by,
        "recorded_at": recorded_at,
        "record": f"{address}/ja/holdings?{query}",
        "account": account,
        "project": project,
        "vintage": vintage,
        "quantity": sum(one.quantity for one in blocks),
        "blocks": [
            {
                "block": one.text, "vintage": one.vintage, "account": one.account_id, "quantity": one.quantity,
                "since": one.since, "entry_no": one.since_entry_no, "itmo": one.itmo,
            }
            for one in blocks
        ],
        "projects": _projects(cursor, [(list(one.projects), one.quantity) for one in blocks]),
        "renderer": renderer,
    }  # fmt: skip
    return _signed(cursor, said, list(leaves.values()), signer)


def _signed(
    cursor: psycopg.Cursor[Any], said: Mapping[str, Any], leaves: list[tuple[int, bytes]], signer: Signer
) -> Signed:
    """The file: signed, under the first checkpoint that covers the youngest entry."""
    row: Any = cursor.execute(
        "select tree_size, note from checkpoint where tree_size > %s order by tree_size limit 1",
        [max(index for index, _ in leaves)],
    ).fetchone()
    assert row is not None, "every entry is written with a checkpoint"
    nodes = read_nodes(cursor.connection, places_needed([index for index, _ in leaves], row.tree_size))
    text = canonical_bytes(said)
    file = statements.build(
        text,
        public_key=verifier_key(signer.origin, signer.private_key.public_key()),
        signature=statements.sign(signer.origin, text, signer.private_key),
        checkpoint=row.note,
        size=row.tree_size,
        leaves=leaves,
        read_node=lambda level, index: nodes[level, index],
    )
    return Signed(json.loads(text), file)


def _accounts(cursor: psycopg.Cursor[Any], names: Iterable[str]) -> dict[str, dict[str, str]]:
    rows: Any = cursor.execute(
        "select a.account_id, a.account_type, a.holder, a.registry_id, r.world from account a"
        " join registry r using (registry_id) where a.account_id = any(%s)",
        [list(names)],
    )
    return {
        row.account_id: {
            "id": row.account_id, "type": row.account_type, "holder": row.holder, "registry": row.registry_id,
            "world": row.world,
        }
        for row in rows
    }  # fmt: skip


def _projects(cursor: psycopg.Cursor[Any], parts: list[tuple[list[str], int]]) -> list[dict[str, Any]]:
    """The projects of some blocks with their titles; several in one line where no source splits an issuance."""
    sums: Counter[tuple[str, ...]] = Counter()
    for projects, quantity in parts:
        sums[tuple(projects)] += quantity
    wanted = sorted({name for key in sums for name in key})
    rows: Any = cursor.execute("select reference, title from project where reference = any(%s)", [wanted])
    titles = {row.reference: row.title for row in rows}
    return [
        {"project": ", ".join(key), "title": "; ".join(titles[name] for name in key), "quantity": quantity}
        for key, quantity in sorted(sums.items())
    ]


def _leaves(cursor: psycopg.Cursor[Any], entries: set[int]) -> dict[int, tuple[int, bytes]]:
    rows: Any = cursor.execute(
        "select entry_no, leaf_index, body from log_leaf where entry_no = any(%s) and kind = 'entry'", [list(entries)]
    )
    return {row.entry_no: (row.leaf_index, bytes(row.body)) for row in rows}


def _text(series: str, first: int, last: int) -> str:
    """A block as the journal's outcomes print it."""
    return f"JCM-{series}-{first}-{last}"
