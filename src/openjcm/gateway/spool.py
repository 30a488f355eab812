"""The gateway's spool: readings and signed batches in one durable file; nothing is lost, nothing is signed twice.

A reading is kept once, by meter and instant. Sealing takes the readings that are in no batch yet, signs them as the
next number of the chain, and writes batch and chain in one transaction: whenever the program is killed, the chain on
disk is whole, and what was sent before is on disk already. A batch stays until the receiver has answered for it, then
until it is old.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openjcm.mrv.batch import NO_BATCH, Batch, Series, SignedBatch, sign_batch
from openjcm.refusals import refusal
from openjcm.signed import key_id_of, public_text

SPOOL_OF_ANOTHER_KEY = refusal(
    "spool_of_another_key",
    en="The spool {file} was begun with the key {found}, but the gateway's key is {key}.",
    ja="スプール {file} は鍵 {found} で作成されていますが、ゲートウェイの鍵は {key} です。",
    remedy_en="Use the key file of this spool. For a new key move the spool away when all of it is delivered: the "
    "chain of a key begins with number 1.",
    remedy_ja="このスプールの鍵ファイルを使用してください。鍵を更新する場合は、すべて送信した後にスプールを移動してください"
    " (連番は鍵ごとに 1 から始まります)。",
    clause="OpenJCM: a chain of batches belongs to one key",
)
SCHEMA = """
create table if not exists reading (
  meter text not null, kind text not null, unit text not null, interval_seconds integer, interval_stamp text,
  t_us integer not null, value integer not null, sequence integer,
  primary key (meter, t_us)
) without rowid;
create index if not exists reading_unsealed on reading (t_us) where sequence is null;
create index if not exists reading_time on reading (t_us);
create table if not exists batch (
  sequence integer primary key, sha256 text not null, line text not null, created_us integer not null, answer text
);
create index if not exists batch_unanswered on batch (sequence) where answer is null;
create table if not exists seen_file (sha256 text primary key, name text not null, outcome text not null);
create table if not exists state (name text primary key, value text not null);
"""


@dataclass(frozen=True)
class Read:
    """Readings of one meter, as a source gave them."""

    meter: str
    kind: str
    unit: str
    t_us: Sequence[int]
    values: Sequence[int]
    interval_seconds: int | None = None
    interval_stamp: str | None = None


@dataclass(frozen=True)
class Kept:
    """What became of readings that a source gave: new ones, and such as differ from one that was kept before."""

    new: int
    conflicting: int
    too_old: int


class Spool:
    """The file. One process uses it."""

    def __init__(self, path: Path, gateway: str, key: Ed25519PrivateKey) -> None:
        self.gateway, self.key = gateway, key
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.database = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.database.execute("pragma journal_mode = wal")
        self.database.execute("pragma synchronous = full")
        self.database.executescript(SCHEMA)
        key_id = key_id_of(public_text(key.public_key()))
        found = self.state("key_id", key_id)
        if found != key_id:
            raise SPOOL_OF_ANOTHER_KEY(file=path, found=found, key=key_id)
        self.set_state("key_id", key_id)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def state(self, name: str, default: str = "") -> str:
        """A value that is kept by name."""
        row = self.database.execute("select value from state where name = ?", [name]).fetchone()
        return str(row[0]) if row else default

    def set_state(self, name: str, value: str) -> None:
        """Keep a value by name."""
        self.database.execute(
            "insert into state values (?, ?) on conflict (name) do update set value = excluded.value", [name, value]
        )

    # Readings ---------------------------------------------------------------------------------------------------------

    def keep(self, parts: Iterable[Read], oldest_us: int, file: tuple[str, str] | None = None) -> Kept:
        """Keep readings, each meter and instant once, and the file they came from, in one transaction.

        The first value of an instant stands: a later one that differs is counted and told, never sent in its place.
        Readings before ``oldest_us`` would be late at the receiver, and may have been sent and forgotten here.
        """
        new = conflicting = too_old = 0
        with self._transaction():
            for part in parts:
                for t_us, value in zip(part.t_us, part.values, strict=True):
                    if t_us < oldest_us:
                        too_old += 1
                        continue
                    done = self.database.execute(
                        "insert into reading values (?, ?, ?, ?, ?, ?, ?, null) on conflict do nothing",
                        [part.meter, part.kind, part.unit, part.interval_seconds, part.interval_stamp, t_us, value],
                    )
                    new += done.rowcount
                    if not done.rowcount and self._value(part.meter, t_us) != value:
                        conflicting += 1
            if file is not None:
                outcome = json.dumps({"new": new, "conflicting": conflicting, "too_old": too_old})
                self._saw(*file, outcome)
        return Kept(new, conflicting, too_old)

    def _value(self, meter: str, t_us: int) -> int:
        row = self.database.execute("select value from reading where meter = ? and t_us = ?", [meter, t_us]).fetchone()
        return int(row[0])

    def has_seen(self, sha256: str) -> bool:
        """Whether a file of these bytes was read before."""
        return self.database.execute("select 1 from seen_file where sha256 = ?", [sha256]).fetchone() is not None

    def saw(self, sha256: str, name: str, outcome: str) -> None:
        """Remember a file that gave no readings, and why."""
        with self._transaction():
            self._saw(sha256, name, outcome)

    def _saw(self, sha256: str, name: str, outcome: str) -> None:
        self.database.execute("insert or replace into seen_file values (?, ?, ?)", [sha256, name, outcome])

    def _transaction(self) -> _Transaction:
        return _Transaction(self.database)

    # Batches ----------------------------------------------------------------------------------------------------------

    def unsealed(self) -> int:
        """How many readings are in no batch yet."""
        return int(self.database.execute("select count(*) from reading where sequence is null").fetchone()[0])

    def seal(self, now_us: int, most: int) -> SignedBatch | None:
        """Sign the oldest readings that are in no batch as the next one; ``None`` if there are none.

        One batch holds one kind of values for each meter; what does not fit goes into the next.
        """
        with self._transaction():
            rows = self.database.execute(
                "select meter, kind, unit, interval_seconds, interval_stamp, t_us, value from reading"
                " where sequence is null order by t_us, meter limit ?",
                [most],
            ).fetchall()
            series = _series(rows)
            if not series:
                return None
            sequence, head = self._head()
            batch = Batch(self.gateway, sequence + 1, head, now_us, tuple(series))
            signed = sign_batch(batch, self.key)
            self.database.execute(
                "insert into batch values (?, ?, ?, ?, null)", [sequence + 1, signed.sha256, signed.line, now_us]
            )
            self.database.executemany(
                "update reading set sequence = ? where meter = ? and t_us = ?",
                [(sequence + 1, one.meter, t_us) for one in series for t_us in one.t_us],
            )
            self.set_state("sequence", str(sequence + 1))
            self.set_state("head", signed.sha256)
            return signed

    def _head(self) -> tuple[int, str]:
        return int(self.state("sequence", "0")), self.state("head", NO_BATCH)

    def unanswered(self, most: int, most_characters: int = 4_000_000) -> list[tuple[int, str]]:
        """The oldest batches for which no answer came: number and line, at most so many and so long together."""
        found: list[tuple[int, str]] = []
        length = 0
        for number, line in self.database.execute(
            "select sequence, line from batch where answer is null order by sequence limit ?", [most]
        ):
            length += len(line)
            if found and length > most_characters:
                break
            found.append((number, line))
        return found

    def answered(self, answers: Iterable[tuple[int, dict[str, Any]]]) -> None:
        """Keep the receiver's answers; such batches are not sent again."""
        with self._transaction():
            self.database.executemany(
                "update batch set answer = ? where sequence = ?",
                [(json.dumps(answer, ensure_ascii=False, sort_keys=True), number) for number, answer in answers],
            )

    def number_of(self, sha256: str) -> int | None:
        """The number of a batch by its name."""
        row = self.database.execute("select sequence from batch where sha256 = ?", [sha256]).fetchone()
        return int(row[0]) if row else None

    def forget(self, before_us: int) -> None:
        """Drop readings and answered batches that are older; what was not answered stays."""
        with self._transaction():
            self.database.execute(
                "delete from reading where t_us < ? and sequence is not null and sequence not in"
                " (select sequence from batch where answer is null)",
                [before_us],
            )
            self.database.execute("delete from batch where created_us < ? and answer is not null", [before_us])

    def counts(self) -> dict[str, int]:
        """How many readings wait, how many batches wait, and what the receiver answered of the others."""
        rows = self.database.execute(
            "select coalesce(json_extract(answer, '$.recorded'), json_extract(answer, '$.status'), 'waiting'), count(*)"
            " from batch group by 1"
        )
        return {"readings_unsealed": self.unsealed(), **{f"batches_{name}": int(count) for name, count in rows}}

    def files(self, most: int = 20) -> list[tuple[str, str]]:
        """The files that were read, newest last: name, and what came of it."""
        rows = self.database.execute("select name, outcome from seen_file order by rowid desc limit ?", [most])
        return [(str(name), str(outcome)) for name, outcome in rows][::-1]

    def kept_apart(self, most: int = 20) -> list[tuple[int, dict[str, Any]]]:
        """The newest batches that the receiver keeps apart, with its answers."""
        rows = self.database.execute(
            "select sequence, answer from batch where json_extract(answer, '$.status') = 'quarantined'"
            " order by sequence desc limit ?",
            [most],
        )
        return [(int(number), dict(json.loads(answer))) for number, answer in rows][::-1]


class _Transaction:
    """A transaction that holds the file from its beginning."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database

    def __enter__(self) -> None:
        self.database.execute("begin immediate")

    def __exit__(self, kind: object, *_: object) -> None:
        self.database.execute("commit" if kind is None else "rollback")


def _series(rows: Sequence[tuple[Any, ...]]) -> list[Series]:
    """One series for each meter, all of the kind of its first reading; rows stand in order of time."""
    kinds: dict[str, tuple[Any, ...]] = {}
    found: dict[str, tuple[list[int], list[int]]] = {}
    for meter, kind, unit, seconds, stamp, t_us, value in rows:
        if kinds.setdefault(meter, (kind, unit, seconds, stamp)) == (kind, unit, seconds, stamp):
            times, values = found.setdefault(meter, ([], []))
            times.append(t_us)
            values.append(value)
    return [
        Series(meter, kinds[meter][0], kinds[meter][1], times, values, kinds[meter][2], kinds[meter][3])
        for meter, (times, values) in sorted(found.items())
    ]
