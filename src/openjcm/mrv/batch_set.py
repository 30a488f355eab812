"""The batch set of a period: the readings of all accepted batches as one Parquet file that a report can be made from.

The file holds meter, time and value as integers, and in its metadata what ties it to the signed batches: each key with
its public half, the first and last batch of it, the name of the last (which by the chain names all before it), and the
root of a tree over the names of all batches used. Whoever holds the batches makes the same readings again
(:func:`check_batch_set`), without this software's database.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from openjcm.canonical import canonical_bytes
from openjcm.dated import Answer
from openjcm.mrv.batch import NO_BATCH, SignedBatch
from openjcm.mrv.intake_cells import Ints
from openjcm.mrv.mapping import Mapping as FileMapping
from openjcm.mrv.readings import SCHEMA, sorted_table
from openjcm.refusals import Refused, refusal
from openjcm.signed import key_id_of, read_public_key

FORMAT = "openjcm-batch-set-1"
METADATA = "openjcm_batches"

NO_BATCH_SET = refusal(
    "no_batch_set",
    en="“{file}” is no batch set of this software: {why}.",
    ja="「{file}」はこのソフトウェアのバッチ集約ファイルではありません: {why}。",
    remedy_en="Give a file that the act close_live_readings stored, unchanged.",
    remedy_ja="手続 close_live_readings が保管したファイルをそのまま指定してください。",
    clause="OpenJCM: a batch set names the batches it was made from",
)

Kind = tuple[str, str, int | None, str | None]
"""Kind of value, unit, interval in seconds, and its stamp: what one file has in common."""


@dataclass(frozen=True)
class KeyPart:
    """What a set took from one key: first and last number, names of the last, and how many batches."""

    gateway: str
    public_key: str
    first: int
    last: int
    head: str
    batches: int

    def as_data(self) -> dict[str, Any]:
        """The part as plain data."""
        return dict(self.__dict__) | {"key_id": key_id_of(self.public_key)}


@dataclass
class _Columns:
    """Readings of one kind, gathered series by series."""

    meters: list[str] = field(default_factory=list)
    t_us: list[Ints] = field(default_factory=list)
    value: list[Ints] = field(default_factory=list)


@dataclass(frozen=True)
class BatchSet:
    """The file of one kind of readings, how it is read, and what it was made from."""

    data: bytes
    mapping: FileMapping
    about: Mapping[str, Any]


def names_root(names: Iterable[str]) -> str:
    """SHA-256 over the sorted names of batches, one a line: it fixes which batches a set was made from."""
    return sha256("\n".join(sorted(names)).encode("ascii")).hexdigest()


def make_batch_sets(
    batches: Iterable[SignedBatch], public_keys: Mapping[str, str], span: tuple[int, int], about: Mapping[str, Any]
) -> list[BatchSet]:
    """The files of a period, one for each kind of readings, in the order of the kinds.

    Args:
        batches: the accepted batches that hold readings of the span, in any order.
        public_keys: the public key of each key by its name.
        span: first and last instant (UTC microseconds, both included) of the readings that are taken.
        about: project and days, written into the files.
    """
    kinds: dict[Kind, _Columns] = {}
    names: list[str] = []
    parts: dict[str, KeyPart] = {}
    for signed in batches:
        names.append(signed.sha256)
        parts[signed.key_id] = _part(parts.get(signed.key_id), signed, public_keys[signed.key_id])
        for one in signed.batch.series:
            _gather(kinds, one, span)
    facts = {
        "format": FORMAT, **about, "first_us": span[0], "last_us": span[1], "names_sha256": names_root(names),
        "keys": [parts[key_id].as_data() for key_id in sorted(parts)],
    }  # fmt: skip
    order = sorted(kinds, key=lambda kind: (kind[0], kind[1], kind[2] or 0, kind[3] or ""))
    return [_file(kind, kinds[kind], facts) for kind in order if kinds[kind].meters]


def _part(part: KeyPart | None, signed: SignedBatch, public_key: str) -> KeyPart:
    number = signed.batch.sequence
    if part is None:
        return KeyPart(signed.batch.gateway, public_key, number, number, signed.sha256, 1)
    newer = number > part.last
    return KeyPart(
        part.gateway, public_key, min(part.first, number), max(part.last, number),
        signed.sha256 if newer else part.head, part.batches + 1,
    )  # fmt: skip


def _gather(kinds: dict[Kind, _Columns], one: Any, span: tuple[int, int]) -> None:
    t_us = np.array(one.t_us, dtype=np.int64)
    inside = slice(int(np.searchsorted(t_us, span[0])), int(np.searchsorted(t_us, span[1], side="right")))
    if inside.start < inside.stop:
        columns = kinds.setdefault((one.kind, one.unit, one.interval_seconds, one.interval_stamp), _Columns())
        columns.meters.append(one.meter)
        columns.t_us.append(t_us[inside])
        columns.value.append(np.array(one.values, dtype=np.int64)[inside])


def _table(columns: _Columns) -> pa.Table:
    """The readings, sorted; a row's number is its place."""
    names = sorted(set(columns.meters))
    place = {name: code for code, name in enumerate(names)}
    counts = [len(part) for part in columns.t_us]
    codes = np.repeat(np.array([place[name] for name in columns.meters], dtype=np.int32), counts)
    meter = pa.chunked_array(
        [pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(names))], type=SCHEMA.field("meter").type
    )
    t_us, value = np.concatenate(columns.t_us), np.concatenate(columns.value)
    return sorted_table(meter, t_us, value, np.zeros(len(t_us), dtype=np.int64))


def _file(kind: Kind, columns: _Columns, facts: Mapping[str, Any]) -> BatchSet:
    table = _table(columns)
    time = table.column("t_us").cast(pa.timestamp("us", tz="UTC"))
    shown = pa.table({"meter": table.column("meter"), "time": time, "value": table.column("value")})
    about = {**facts, "kind": kind[0], "unit": kind[1], "interval_seconds": kind[2], "interval_stamp": kind[3],
             "readings": shown.num_rows, "meters": sorted(set(columns.meters))}  # fmt: skip
    out = io.BytesIO()
    with pq.ParquetWriter(
        out, shown.schema, compression="zstd", compression_level=3, use_dictionary=["meter"], version="2.6",
        data_page_version="2.0", store_schema=False,
        column_encoding={"time": "DELTA_BINARY_PACKED", "value": "DELTA_BINARY_PACKED"},
    ) as writer:  # fmt: skip
        writer.write_table(shown, row_group_size=1 << 20)
        writer.add_key_value_metadata({METADATA: canonical_bytes(about).decode()})
    return BatchSet(out.getvalue(), set_mapping(kind), about)


def set_mapping(kind: Kind) -> FileMapping:
    """How a batch set is read: as any Parquet file of a known shape."""
    return FileMapping(
        format="parquet", layout="long", time_column="time", value_columns=(("value", ""),), meter_column="meter",
        kind=kind[0], unit=kind[1], least_unit=kind[1], time_zone="+00:00", interval_seconds=kind[2],
        interval_stamp=kind[3],
    )  # fmt: skip


# Checking, by whoever holds the batches -------------------------------------------------------------------------------


def about_of(data: bytes, name: str) -> dict[str, Any]:
    """What a batch set says of itself.

    Raises:
        Refused: ``no_batch_set``.
    """
    try:
        metadata = pq.ParquetFile(pa.BufferReader(data)).metadata.metadata or {}
        about = json.loads(metadata[METADATA.encode()])
        if about["format"] != FORMAT:
            raise ValueError(about["format"])
        return dict(about)
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise NO_BATCH_SET(file=name, why=f"{type(error).__name__} {error}"[:160]) from error


@dataclass(frozen=True)
class SetCheck:
    """One question about a batch set, its answer, and what was seen."""

    name: str
    answer: Answer
    en: str
    ja: str


def check_batch_set(data: bytes, name: str, batches: Sequence[SignedBatch]) -> list[SetCheck]:
    """Signatures, chain, and whether the batches give exactly the readings of the set.

    ``batches`` are those that the export gives: all of the keys' chains from the first used to the last, accepted or
    not; ``used`` are recognised by the root over their names. Raises ``no_batch_set``.
    """
    about = about_of(data, name)
    keys = {part["key_id"]: part for part in about["keys"]}
    ours = sorted((one for one in batches if one.key_id in keys), key=lambda one: (one.key_id, one.batch.sequence))
    return [_signatures(ours, keys), _chains(ours, keys), _same_readings(data, ours, keys, about)]


def _signatures(batches: Sequence[SignedBatch], keys: Mapping[str, Any]) -> SetCheck:
    try:
        public = {key_id: read_public_key(part["public_key"]) for key_id, part in keys.items()}
        named = all(key_id_of(part["public_key"]) == key_id for key_id, part in keys.items())
    except Refused as refused:
        return SetCheck("signatures", Answer.NO, str(refused), f"{refused.code}: {refused.message('ja')}")
    wrong = [one for one in batches if not one.is_signed_by(public[one.key_id])]
    if wrong or not named:
        what = wrong[0].sha256 if wrong else "key"
        return SetCheck("signatures", Answer.NO, f"not signed by its key: {what}", f"署名が一致しません: {what}")
    return SetCheck(
        "signatures", Answer.YES, f"{len(batches)} batches are signed by {len(keys)} keys",
        f"バッチ {len(batches)} 件は {len(keys)} 個の鍵により正しく署名されています",
    )  # fmt: skip


def _chains(batches: Sequence[SignedBatch], keys: Mapping[str, Any]) -> SetCheck:
    before: dict[str, SignedBatch] = {}
    for one in batches:
        last = before.get(one.key_id)
        if last is None and one.batch.sequence > keys[one.key_id]["first"]:
            return _gap(one)
        if last is not None and (one.batch.sequence, one.batch.previous) != (last.batch.sequence + 1, last.sha256):
            return _gap(one)
        before[one.key_id] = one
    for key_id, part in keys.items():
        if key_id not in before or before[key_id].batch.sequence < part["last"]:
            return SetCheck("chain", Answer.NO, f"ends early: {key_id}", f"途中で終わっています: {key_id}")
    heads = {one.sha256 for one in batches}
    if not all(part["head"] in heads for part in keys.values()):
        return SetCheck("chain", Answer.NO, "a head is another batch", "末尾のバッチが一致しません")
    return SetCheck("chain", Answer.YES, "each batch names the one before", "各バッチの連鎖は連続しています")


def _gap(one: SignedBatch) -> SetCheck:
    where = f"{one.key_id} {one.batch.sequence}" if one.batch.previous != NO_BATCH else one.key_id
    return SetCheck("chain", Answer.NO, f"broken before {where}", f"連鎖が {where} の前で途切れています")


def _same_readings(
    data: bytes, batches: Sequence[SignedBatch], keys: Mapping[str, Any], about: Mapping[str, Any]
) -> SetCheck:
    span = (about["first_us"], about["last_us"])
    public = {key_id: part["public_key"] for key_id, part in keys.items()}
    own = ("project", "start", "end", "time_zone", "not_used")
    unused = set(about["not_used"])
    used = [one for one in batches if one.sha256 not in unused and _touches(one, span)]
    again = make_batch_sets(used, public, span, {name: about[name] for name in own})
    same = [one for one in again if dict(one.about) == dict(about)]
    if not same:
        return SetCheck(
            "readings", Answer.NO, "the batches give another set", "バッチから得られる集約ファイルが異なります"
        )
    tables = [pq.read_table(pa.BufferReader(item)) for item in (data, same[0].data)]
    if not tables[0].equals(tables[1]):
        return SetCheck("readings", Answer.NO, "a reading differs", "計測値に相違があります")
    count = tables[0].num_rows
    return SetCheck(
        "readings", Answer.YES, f"the batches give the same {count} readings", f"計測値 {count} 件はバッチと一致します"
    )


def _touches(signed: SignedBatch, span: tuple[int, int]) -> bool:
    return any(one.t_us[0] <= span[1] and one.t_us[-1] >= span[0] for one in signed.batch.series)
