"""The audit: everything that can be rebuilt is rebuilt from the journal, and each difference is named.

Four parts: the journal and its log (`audit_log`), the rows that acts wrote (`audit_records`), the ledger replayed
through the pure function with all its guards (`audit_ledger`), and the bytes of products and files (here). A finding
says which table and which row is wrong; nothing is mended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import count
from typing import Any, LiteralString

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openjcm.canonical import sha256_hex
from openjcm.refusals import Finding, Refused, Severity
from openjcm.registry.gate import COMMON_RULES, USES, RetirementRules
from openjcm.store.files import FileStore

CLAUSE = "OpenJCM: everything is rebuilt from the journal and compared"

RULES: dict[str, tuple[str, str]] = {
    "entry_number_missing": (
        "The journal goes from entry {before} to entry {after}.",
        "記録番号 {before} の次が {after} になっています。",
    ),
    "clock_went_back": (
        "Entry {entry} says it was recorded at {at}, after one of {before}: the clock was set back or wrong.",
        "記録番号 {entry} の記録時刻 {at} が、それより前の記録の {before} に先立っています (時計の変更または誤り)。",
    ),
    "request_hash_wrong": (
        "The request of entry {entry} does not have the hash that stands beside it.",
        "記録番号 {entry} の請求の内容が、併記されたハッシュ値と一致しません。",
    ),
    "head_wrong": (
        "The head says entry {entry_no}, {tree_size} leaves; there are {entries} entries and {leaves} leaves.",
        "先頭行は記録 {entry_no}・葉 {tree_size} ですが、実際は記録 {entries}・葉 {leaves} です。",
    ),
    "leaf_wrong": (
        "Leaf {leaf} is not what entry {entry} gives: {what}.",
        "葉 {leaf} が記録番号 {entry} と一致しません: {what}。",
    ),
    "leaf_missing": ("{what} has no leaf in the log.", "{what} に対応するログの葉がありません。"),
    "tile_wrong": (
        "The stored tile {tile} of level {level} is not the one that the leaves give.",
        "レベル {level} のタイル {tile} が、葉から計算した値と一致しません。",
    ),
    "peaks_wrong": (
        "The hashes in the head row are not those of the largest complete subtrees of the {leaves} leaves.",
        "先頭行のハッシュ値が、葉 {leaves} の完全部分木の値と一致しません。",
    ),
    "checkpoint_wrong": (
        "The checkpoint of {size} leaves is wrong: {what}.",
        "葉 {size} のチェックポイントが誤っています: {what}。",
    ),
    "witnessed_wrong": (
        "The checkpoint of “{origin}” over {size} leaves that was co-signed here is wrong: {what}.",
        "連署した「{origin}」(葉 {size} 件) のチェックポイントが誤っています: {what}。",
    ),
    "cosignature_wrong": (
        "The co-signature of “{witness}” on the checkpoint of {size} leaves is not valid.",
        "葉 {size} 件のチェックポイントに対する「{witness}」の連署が無効です。",
    ),
    "split_view": (
        "“{origin}” TOLD TWO STORIES: its signed checkpoints over {smaller} and {larger} leaves contradict each other."
        " The evidence is the product {sha256}.",
        "「{origin}」の二重提示: 署名された葉 {smaller} 件と {larger} 件のチェックポイントが矛盾しています。"
        "証拠は生成物 {sha256} にあります。",
    ),
    "product_wrong": (
        "The product {sha256} is not what its name says; its bytes give {found}.",
        "生成物 {sha256} の内容がその名称と一致しません (実際の値 {found})。",
    ),
    "file_missing": (
        "The file {sha256} ({name}) is not in the file store.",
        "ファイル {sha256} ({name}) が保管庫にありません。",
    ),
    "file_changed": (
        "The stored file {sha256} ({name}) has other bytes than when it came.",
        "保管ファイル {sha256} ({name}) の内容が登録時と異なります。",
    ),
    "file_not_on_record": (
        "The file store holds {sha256}, which no entry names (an act that was not finished leaves such a file).",
        "保管庫に、どの記録にもないファイル {sha256} があります (完了しなかった手続の残りと考えられます)。",
    ),
    "row_missing": (
        "{table} lacks a row that entry {entry} wrote: {row}.",
        "{table} に、記録番号 {entry} の行がありません: {row}。",
    ),
    "row_not_from_journal": (
        "{table} holds a row that no entry of the journal wrote: {row}.",
        "{table} に、記録に基づかない行があります: {row}。",
    ),
    "entry_breaks_a_rule": (
        "Entry {entry} would be refused today: {reason}",
        "記録番号 {entry} は規則に反しています: {reason}",
    ),
    "entry_not_readable": (
        "Entry {entry} cannot be replayed: {reason}.",
        "記録番号 {entry} を再現できません: {reason}。",
    ),
    "batch_wrong": (
        "The stored batch {batch} is not what its gateway signed: {what}.",
        "保管中のバッチ {batch} がゲートウェイの署名内容と一致しません: {what}。",
    ),
    "receipt_wrong": (
        "The batches of receipt {receipt} do not give the root that entry {entry} put into the log.",
        "受領番号 {receipt} のバッチから計算したルートが、記録番号 {entry} がログに残した値と一致しません。",
    ),
    "chain_wrong": (
        "The chain of key {key} stands at {stored}; its batches give {found}.",
        "鍵 {key} の連鎖の位置が {stored} ですが、バッチからは {found} となります。",
    ),
    "outbox_wrong": (
        "The outbox to {partner} is not what the journal gives, from notice {sequence} on: {what}.",
        "{partner} への送付控えが、通知 {sequence} 以降、記録と一致しません: {what}。",
    ),
    "notice_wrong": (
        "Notice {sequence} of {partner} is not what it was when it came: {what}.",
        "{partner} の通知 {sequence} が受領時の内容と一致しません: {what}。",
    ),
    "closing_wrong": (
        "The closed span of {project} is not that of its days {days}.",
        "{project} の締切期間が、その日付 {days} と一致しません。",
    ),
    "schema_wrong": (
        "The schema of the database is not what its migrations made: {what}.",
        "データベースの構造が移行の内容と異なります: {what}。",
    ),
    "part_not_readable": (
        "The part “{part}” of the audit found rows that cannot be read together: {reason}.",
        "監査の「{part}」で、読み取れない行がありました: {reason}。",
    ),
    "invariant_broken": ("Not kept: {sentence} {case}", "不変条件「{name}」が守られていません: {case}"),
}
"""What the audit may find, as sentences in English and Japanese."""


def finding(rule: str, severity: Severity = Severity.BLOCKS, **facts: object) -> Finding:
    """A finding of the audit."""
    en, ja = RULES[rule]
    return Finding(rule, severity, en, ja, CLAUSE, {name: str(value) for name, value in facts.items()})


@dataclass(frozen=True)
class JournalRow:
    """One entry as it stands in the journal."""

    entry_no: int
    act: str
    key: str
    request: Any
    request_sha256: str
    outcome: Any
    occurred_on: date
    recorded_at: datetime
    actor: str


_CURSORS = count()


def stream(connection: psycopg.Connection, query: LiteralString, at_once: int = 500) -> Iterator[tuple[Any, ...]]:
    """The rows as they come, by a cursor on the server: a table need not fit into memory."""
    with connection.cursor(name=f"audit_{next(_CURSORS)}") as cursor:
        cursor.itersize = at_once
        yield from cursor.execute(query)


@dataclass(frozen=True)
class Journal:
    """Every entry in order, read each time that it is asked for: the journal of a century need not fit into memory."""

    connection: psycopg.Connection

    def __iter__(self) -> Iterator[JournalRow]:
        for row in stream(
            self.connection,
            "select entry_no, act, idempotency_key, request, request_sha256, outcome, occurred_on, recorded_at, actor"
            " from journal order by entry_no",
        ):
            yield JournalRow(*row)


RulesOnDay = Callable[[Sequence[str], date], RetirementRules]
"""The rulebook's rules of a retirement, by the Parties concerned and the day."""


def common_rules(parties: Sequence[str], _day: date) -> RetirementRules:
    """The common rules: outcomes from 2021 onward count (decision 2/CMA.3, annex, para 1(e))."""
    return replace(
        COMMON_RULES,
        uses=tuple(("JPN", use) for use in USES),
        crossing=tuple(("demonstration", party) for party in parties),
        correctable=("cancel", "release", "reserve", "retire", "transfer"),
    )


def audit(
    connection: psycopg.Connection,
    files: FileStore,
    public_key: Ed25519PublicKey | None = None,
    rules_on_day: RulesOnDay = common_rules,
) -> list[Finding]:
    """Everything that is wrong; an empty list, or one of information only, means that the books are in order.

    The connection's transaction should be ``repeatable read``, so that all is seen at one moment. ``public_key`` is the
    log's; without it the checkpoints' signatures are not checked. ``rules_on_day`` asks the rulebook.
    """
    from openjcm.store.audit_ledger import check_ledger
    from openjcm.store.audit_log import check_log
    from openjcm.store.audit_records import check_records
    from openjcm.store.audit_schema import check_schema
    from openjcm.store.audit_witness import check_witness

    journal = Journal(connection)
    return [
        *whole("schema", connection, check_schema(connection)),
        *whole("log", connection, check_log(connection, journal, public_key)),
        *whole("witness", connection, check_witness(connection, public_key)),
        *whole("products", connection, check_products(connection)),
        *whole("files", connection, check_files(connection, files)),
        *whole("records", connection, check_records(connection, journal)),
        *whole("ledger", connection, check_ledger(connection, journal, rules_on_day)),
    ]


def whole(name: str, connection: psycopg.Connection, part: Iterable[Finding]) -> Iterator[Finding]:
    """What a part of the audit finds. Rows so wrong that they cannot be read are a finding, too, not its end."""
    try:
        with connection.transaction():
            yield from part
    except (LookupError, TypeError, ValueError, AttributeError, AssertionError, OverflowError, psycopg.Error) as error:
        yield finding("part_not_readable", part=name, reason=f"{type(error).__name__} {error}")


def is_clean(findings: Iterable[Finding]) -> bool:
    """Whether nothing is wrong; information does not count."""
    return all(item.severity is Severity.INFORMS for item in findings)


def check_products(connection: psycopg.Connection) -> Iterator[Finding]:
    """Products are named by the hash of their bytes."""
    for sha256, body in stream(connection, "select sha256, body from product order by sha256", 20):
        found = sha256_hex(bytes(body))
        if found != sha256:
            yield finding("product_wrong", sha256=sha256, found=found)


def check_files(connection: psycopg.Connection, files: FileStore) -> Iterator[Finding]:
    """Stored files have the bytes that came; what no entry names is mentioned."""
    on_record = set()
    for sha256, name, size in connection.execute("select sha256, name, size_bytes from stored_file order by sha256"):
        on_record.add(sha256)
        try:
            right = len(files.get(sha256)) == size
        except Refused as refused:
            right = False
            if refused.code == "file_not_stored":
                yield finding("file_missing", sha256=sha256, name=name)
                continue
        if not right:
            yield finding("file_changed", sha256=sha256, name=name)
    for sha256 in files.names():
        if sha256 not in on_record:
            yield finding("file_not_on_record", Severity.INFORMS, sha256=sha256)
