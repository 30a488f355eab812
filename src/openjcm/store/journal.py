"""The journal: one row per act, its frozen products, and their leaves in the transparency log, written as one.

The single row ``log_head`` orders all writers. It is locked here, at the end of an act's transaction, so entries are
numbered 1, 2, 3 … without gaps and in the order in which they are committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from json.encoder import encode_basestring
from typing import Any, NamedTuple

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg.types.json import Jsonb

from openjcm.canonical import Plain, canonical_bytes, canonical_hash, canonical_text, sha256_hex
from openjcm.log import checkpoint
from openjcm.log.leaf import leaf_hash
from openjcm.log.tiles import MAX_ENTRY_BYTES, split
from openjcm.log.tree import Row, grow, root_of_peaks
from openjcm.refusals import refusal
from openjcm.store.columns import column
from openjcm.store.log_tiles import write_tiles

LEAF_TOO_LONG = refusal(
    "leaf_too_long",
    en="The log would have to keep {length} bytes of this act in one leaf; a leaf holds up to {limit}.",
    ja="この手続のログの葉は {length} バイトになりますが、葉は {limit} バイトまでです。",
    remedy_en="Split the act, for example into several with fewer blocks each.",
    remedy_ja="ブロック数を減らすなど、手続を複数に分けてください。",
    clause="C2SP tlog-tiles: the length of a log entry is written in 16 bits",
)


@dataclass(frozen=True)
class Product:
    """Frozen canonical JSON that an act made, named by its hash."""

    kind: str
    body: bytes

    @property
    def sha256(self) -> str:
        """The name of the product."""
        return sha256_hex(self.body)


@dataclass(frozen=True)
class NewFile:
    """Bytes for the file store, with what the database says of them."""

    data: bytes = field(repr=False)
    media_type: str
    name: str
    is_public: bool = False

    @property
    def sha256(self) -> str:
        """The name of the file."""
        return sha256_hex(self.data)


@dataclass(frozen=True)
class Signer:
    """The log's name and its private key."""

    origin: str
    private_key: Ed25519PrivateKey

    def note(self, size: int, root_hash: bytes) -> str:
        """The signed checkpoint of a tree (see ``log.checkpoint``)."""
        return checkpoint.sign(self.origin, size, root_hash, self.private_key)


class Receipt(NamedTuple):
    """What a caller gets for an act: its place in the journal and in the log, and what came of it."""

    entry_no: int
    leaf_index: int
    leaf_hash: str
    key: str
    outcome: dict[str, Any]
    replayed: bool

    def as_data(self) -> dict[str, object]:
        """The receipt as plain data."""
        return {
            "entry_no": self.entry_no,
            "leaf_index": self.leaf_index,
            "leaf_hash": self.leaf_hash,
            "key": self.key,
            "outcome": self.outcome,
            "replayed": self.replayed,
        }


@dataclass(frozen=True)
class Entry:
    """One act as the journal keeps it."""

    entry_no: int
    act: str
    key: str
    request_sha256: str
    outcome: Plain
    occurred_on: date
    recorded_at: datetime
    actor: str

    def leaf_body(self) -> bytes:
        """The body of the entry's leaf. The request stands in it by its hash: it may hold what is not public."""
        return canonical_bytes(
            {
                "kind": "entry",
                "entry_no": self.entry_no,
                "act": self.act,
                "key": self.key,
                "request_sha256": self.request_sha256,
                "outcome": self.outcome,
                "occurred_on": self.occurred_on,
                "recorded_at": self.recorded_at,
                "actor": self.actor,
            }
        )


def product_leaf_body(product_kind: str, sha256: str, entry_no: int) -> bytes:
    """The body of the leaf of a product, or of a file (``product_kind`` is then ``file``)."""
    return canonical_bytes({"kind": "product", "product_kind": product_kind, "sha256": sha256, "entry_no": entry_no})


def request_hash(act: str, request: Plain) -> str:
    """SHA-256 over the name of the act and its canonical request; also the key where the caller gives none."""
    return canonical_hash({"act": act, "request": request})


def find(connection: psycopg.Connection, key: str) -> tuple[str, Receipt] | None:
    """The hash of the request that was recorded under the key, and its receipt; ``None`` if there is none."""
    return find_all(connection, [key]).get(key)


def find_all(connection: psycopg.Connection, keys: Sequence[str]) -> dict[str, tuple[str, Receipt]]:
    """By key: the hash of the request that was recorded under it, and its receipt."""
    return found_of(ask_keys(connection, keys))


def ask_keys(connection: psycopg.Connection, keys: Sequence[str]) -> psycopg.Cursor:
    """The question for what stands under the keys, whose answer :func:`found_of` reads."""
    return connection.execute(
        "select j.idempotency_key, j.request_sha256, j.entry_no, l.leaf_index,"
        " encode(sha256('\\x00'::bytea || l.body), 'hex'), j.outcome"
        " from journal j join log_leaf l on l.entry_no = j.entry_no and l.kind = 'entry'"
        " where j.idempotency_key = any(cells(%s))",
        [column(keys)],
    )


def found_of(answer: psycopg.Cursor) -> dict[str, tuple[str, Receipt]]:
    """What :func:`find_all` gives."""
    return {row[0]: (row[1], Receipt(row[2], row[3], row[4], row[0], row[5], replayed=True)) for row in answer}


class Head(NamedTuple):
    """Where the journal and the log end."""

    entry_no: int
    tree_size: int
    peaks: bytes


def lock_head(connection: psycopg.Connection) -> Head:
    """The end of the journal, locked: whoever writes next waits. Taken after all other locks."""
    return head_of(ask_head(connection))


def ask_head(connection: psycopg.Connection, *, lock: bool = True) -> psycopg.Cursor:
    """The question for the end of the journal, which is locked, or seen by a snapshot. :func:`head_of` reads it."""
    return connection.execute(b"select entry_no, tree_size, peaks from log_head" + (b" for update" if lock else b""))


def head_of(answer: psycopg.Cursor) -> Head:
    """The end of the journal that was asked for."""
    row = answer.fetchone()
    assert row is not None, "the migration makes the row"
    return Head(row[0], row[1], bytes(row[2]))


class Written(NamedTuple):
    """One entry to be written, with its canonical texts."""

    entry_no: int
    act: str
    key: str
    request: str
    request_sha256: str
    outcome: str
    occurred_on: date
    actor: str


_WRITE_ENTRIES = b"select write_entries(%s, %s, %s, %s, %s, %s, %s, %s, %s)"


class NewEntries(NamedTuple):
    """Entries that have neither products nor files, worked out and not yet written."""

    columns: list[Any]
    leaves: NewLeaves


def new_entries(head: Head, entries: Sequence[Written], recorded_at: datetime, signer: Signer) -> NewEntries:
    """Work out what is written of entries behind a head: columns, leaves and one signed checkpoint.

    Raises:
        Refused: ``leaf_too_long``.
    """
    columns = [
        recorded_at,
        column(one.entry_no for one in entries),
        column(one.act for one in entries),
        column(one.key for one in entries),
        column(one.request for one in entries),
        column(one.request_sha256 for one in entries),
        column(one.outcome for one in entries),
        column(one.occurred_on for one in entries),
        column(one.actor for one in entries),
    ]
    at = canonical_text(recorded_at)
    bodies = [("entry", _entry_body(one, at)) for one in entries]
    return NewEntries(columns, new_leaves(head, [one.entry_no for one in entries], bodies, signer, recorded_at))


def write_entries(connection: psycopg.Connection, new: NewEntries) -> None:
    """Write entries with their leaves; the head behind which they were worked out is locked.

    Raises:
        psycopg.errors.UniqueViolation: if a key is taken.
    """
    connection.execute(_WRITE_ENTRIES, new.columns)
    write_leaves(connection, new.leaves)


def _entry_body(one: Written, recorded_at: str) -> bytes:
    """The same bytes as :meth:`Entry.leaf_body`, joined from the texts that are there already."""
    text = (
        f'{{"act":{encode_basestring(one.act)},"actor":{encode_basestring(one.actor)},"entry_no":{one.entry_no},"key":{encode_basestring(one.key)},'
        f'"kind":"entry","occurred_on":"{one.occurred_on.isoformat()}","outcome":{one.outcome},'
        f'"recorded_at":{recorded_at},"request_sha256":"{one.request_sha256}"}}'
    )
    return text.encode()


def append(
    connection: psycopg.Connection,
    act: str,
    key: str,
    request: Plain,
    outcome: dict[str, Any],
    occurred_on: date,
    recorded_at: datetime,
    actor: str,
    products: Sequence[Product],
    signer: Signer,
    files: Sequence[NewFile] = (),
) -> Receipt:
    """Write the entry, its products and their leaves, and sign the new checkpoint, in the caller's transaction.

    Raises:
        psycopg.errors.UniqueViolation: if the key, or a product that must be new, is taken.
    """
    head = lock_head(connection)
    entry_no, size = head.entry_no + 1, head.tree_size
    entry = Entry(entry_no, act, key, request_hash(act, request), outcome, occurred_on, recorded_at, actor)
    connection.execute(
        "insert into journal (entry_no, act, idempotency_key, request, request_sha256, outcome, occurred_on,"
        " recorded_at, actor) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [entry_no, act, key, Jsonb(request), entry.request_sha256, Jsonb(outcome), occurred_on, recorded_at, actor],
    )
    new_products = _write_products(connection, entry_no, products)
    new_files = _write_files(connection, entry_no, files)
    bodies = [("entry", entry.leaf_body())]
    bodies += [("product", product_leaf_body(kind, sha256, entry_no)) for kind, sha256 in new_products + new_files]
    leaves = new_leaves(head, [entry_no] * len(bodies), bodies, signer, recorded_at)
    write_leaves(connection, leaves)
    return Receipt(entry_no, size, leaves.hashes[0].hex(), key, outcome, replayed=False)


def _write_products(
    connection: psycopg.Connection, entry_no: int, products: Sequence[Product]
) -> list[tuple[str, str]]:
    """Insert the products; gives (kind, hash) of those that were new. Equal bytes are one product."""
    unique = {product.sha256: product for product in products}
    new = []
    for product in unique.values():
        written = connection.execute(
            "insert into product (sha256, kind, body, entry_no) values (%s, %s, %s, %s) on conflict do nothing",
            [product.sha256, product.kind, product.body, entry_no],
        )
        if written.rowcount:
            new.append((product.kind, product.sha256))
    return new


def _write_files(connection: psycopg.Connection, entry_no: int, files: Sequence[NewFile]) -> list[tuple[str, str]]:
    """Insert the rows of the files; each must be new, so that every entry has the rows that it says it wrote."""
    unique = {file.sha256: file for file in files}
    for sha256, file in unique.items():
        connection.execute(
            "insert into stored_file (sha256, size_bytes, media_type, name, is_public, entry_no)"
            " values (%s, %s, %s, %s, %s, %s)",
            [sha256, len(file.data), file.media_type, file.name, file.is_public, entry_no],
        )
    return [("file", sha256) for sha256 in unique]


_WRITE_LEAVES = f"select write_leaves({', '.join(['%s'] * 10)})".encode()


class NewLeaves(NamedTuple):
    """Leaves and what follows from them, worked out and not yet written."""

    hashes: list[bytes]
    """The first stands at the ``tree_size`` of the head before."""
    rows: Sequence[Row]
    """The rows of the tree that they lengthen (``log.tree.grow``)."""
    columns: list[Any]
    head: Head
    """Where journal and log end behind them."""


def new_leaves(
    head: Head, entries: Sequence[int], bodies: Sequence[tuple[str, bytes]], signer: Signer, recorded_at: datetime
) -> NewLeaves:
    """Work out leaves behind a head, each of the entry named beside it, with a signed checkpoint and the head behind.

    Raises:
        Refused: ``leaf_too_long``.
    """
    longest = max(len(body) for _, body in bodies)
    if longest > MAX_ENTRY_BYTES:
        raise LEAF_TOO_LONG(length=longest, limit=MAX_ENTRY_BYTES)
    hashes = [leaf_hash(body) for _, body in bodies]
    grown = grow(head.tree_size, split(head.peaks), hashes)
    after = Head(entries[-1], head.tree_size + len(bodies), b"".join(grown.peaks))
    root_hash = root_of_peaks(grown.peaks)
    columns = [
        column(range(head.tree_size, after.tree_size)),
        column(kind for kind, _ in bodies),
        column(body.decode() for _, body in bodies),
        column(entries),
        after.tree_size,
        root_hash,
        signer.note(after.tree_size, root_hash),
        recorded_at,
        after.entry_no,
        after.peaks,
    ]
    return NewLeaves(hashes, grown.rows, columns, after)


def write_leaves(connection: psycopg.Connection, leaves: NewLeaves) -> None:
    """Write leaves, the tiles that they fill, the checkpoint over them and the head."""
    write_tiles(connection, leaves.rows)
    connection.execute(_WRITE_LEAVES, leaves.columns)
