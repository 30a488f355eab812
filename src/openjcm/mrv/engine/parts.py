"""What judging gives, as tables: energy by meter and month, energy by meter and day, findings.

The tables hold whole numbers and texts alone. Their rows stand in a fixed order, so their bytes, and the SHA-256 taken
over them, do not depend on how the work was cut.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from openjcm.canonical import canonical_bytes
from openjcm.mrv.lines import MONTHLY, months_of
from openjcm.mrv.quality import Judgement
from openjcm.refusals import Finding, Severity
from openjcm.units import exact_text

ENERGY = pa.schema(
    [
        ("project", pa.string()),
        ("meter", pa.string()),
        ("year", pa.int32()),
        ("month", pa.int32()),
        *((name, pa.int64()) for name in MONTHLY),
    ]
)
DAILY = pa.schema(
    [
        ("meter", pa.dictionary(pa.int32(), pa.string())),
        ("day", pa.date32()),
        ("measured_wh", pa.int64()),
        ("bridged_wh", pa.int64()),
    ]
)
FINDINGS = pa.schema(
    [
        ("project", pa.string()),
        *((name, pa.string()) for name in ("rule", "meter", "severity", "en", "ja", "clause", "facts")),
        ("rows", pa.list_(pa.int64())),
        ("row_count", pa.int64()),
    ]
)
REDUCTIONS = pa.schema(
    [
        *((name, pa.string()) for name in ("project",)),
        ("year", pa.int32()),
        ("month", pa.int32()),
        ("counted_wh", pa.int64()),
        ("tco2e", pa.string()),
    ]
)


@dataclass(frozen=True)
class Part:
    """What was found in some of the readings."""

    energy: pa.Table
    daily: pa.Table
    findings: pa.Table

    def tables(self) -> dict[str, pa.Table]:
        """The tables by name."""
        return {"energy": self.energy, "daily": self.daily, "findings": self.findings}

    def found(self) -> list[Finding]:
        """The findings as objects."""
        return [
            Finding(
                row["rule"], Severity(row["severity"]), row["en"], row["ja"], row["clause"], json.loads(row["facts"]),
                tuple(row["rows"]), row["row_count"],
            )
            for row in self.findings.to_pylist()
        ]  # fmt: skip

    @property
    def sha256(self) -> str:
        """SHA-256 over all cells: texts with their lengths, whole numbers as 64-bit little-endian; table by table."""
        digest = hashlib.sha256()
        for name, table in self.tables().items():
            digest.update(canonical_bytes([name, table.num_rows, table.column_names]))
            for column in table.columns:
                for some in _cells(column):
                    digest.update(some)
        return digest.hexdigest()


def part_of(judged: Sequence[tuple[str, Judgement]]) -> Part:
    """Judgements of different meters, each with its project, as tables."""
    lines = sorted(
        (meter, project, place, judgement.columns)
        for project, judgement in judged
        for place, meter in enumerate(judgement.columns.meters)
    )
    findings = [(project, one) for project, judgement in judged for one in judgement.findings]
    findings.sort(key=lambda pair: (pair[1].rule, pair[1].facts.get("meter", "")))
    if not lines:
        return Part(ENERGY.empty_table(), DAILY.empty_table(), _findings(findings))
    months = [months_of(columns.days)[0] for *_, columns in lines]
    energy = [
        pa.array([project for (_, project, *_), each in zip(lines, months, strict=True) for _ in each]),
        pa.array([meter for (meter, *_), each in zip(lines, months, strict=True) for _ in each]),
        *(pa.array(np.array([month[which] for each in months for month in each], dtype=np.int32)) for which in (0, 1)),
        *map(pa.array, np.concatenate([columns.monthly[place] for *_, place, columns in lines], axis=1)),
    ]
    days = [len(columns.days) for *_, columns in lines]
    first = [columns.days[0].toordinal() - EPOCH for *_, columns in lines]
    meter = pa.array(np.repeat(np.arange(len(lines), dtype=np.int32), days))
    day = np.concatenate([np.arange(a, a + n, dtype=np.int32) for a, n in zip(first, days, strict=True)])
    daily = [
        pa.DictionaryArray.from_arrays(meter, pa.array([line[0] for line in lines])),
        pa.array(day).cast(pa.date32()),
        *map(pa.array, np.concatenate([columns.daily[place] for *_, place, columns in lines], axis=1)),
    ]
    return Part(
        pa.Table.from_arrays(energy, schema=ENERGY), pa.Table.from_arrays(daily, schema=DAILY), _findings(findings)
    )


EPOCH = 719_163
"""The ordinal of 1970-01-01, from which Arrow counts days."""


AT_ONCE = 20_000
"""Cells that become bytes together."""
FACTS = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
"""Facts are texts, so this is their canonical form; made once, as there are some for every meter."""


def _findings(findings: Sequence[tuple[str, Finding]]) -> pa.Table:
    found = [one for _, one in findings]
    texts = [
        [project for project, _ in findings],
        [one.rule for one in found],
        [one.facts.get("meter", "") for one in found],
        [str(one.severity) for one in found], [one.en for one in found], [one.ja for one in found],
        [one.clause for one in found], [FACTS.encode(dict(one.facts)) for one in found],
    ]  # fmt: skip
    rows, counts = [list(one.rows) for one in found], [one.row_count for one in found]
    columns = [*(pa.array(each, type=pa.string()) for each in texts), pa.array(rows, type=FINDINGS.field("rows").type)]
    return pa.Table.from_arrays([*columns, pa.array(counts, type=pa.int64())], schema=FINDINGS)


def empty_part() -> Part:
    """Nothing found in no readings."""
    return Part(ENERGY.empty_table(), DAILY.empty_table(), FINDINGS.empty_table())


def joined_parts(parts: Iterable[Part]) -> Part:
    """Parts as one, energy in the order of meters, findings in the order of rule and meter (as in a judgement).

    The parts are let go column by column as they are brought together, so that no column is held twice for long.
    """
    tables = [part.tables() for part in parts]
    energy, daily, findings = ([one.pop(name) for one in tables] for name in ("energy", "daily", "findings"))
    return Part(_by(energy, "meter"), _by_meter(daily), _by(findings, "rule", "meter"))


def _by(tables: list[pa.Table], *names: str) -> pa.Table:
    """The rows of tables in the order of some columns; rows that are equal in them keep their order."""
    table = pa.concat_tables(tables)
    tables.clear()
    keys = list(zip(*(table.column(name).to_pylist() for name in names), strict=True))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    if order == list(range(len(keys))):
        return table.combine_chunks()
    del keys
    places, schema = pa.array(order, type=pa.int64()), table.schema
    columns = list(table.columns)
    del table, order
    for number, column in enumerate(columns):
        columns[number] = column.take(places).combine_chunks()
    return pa.Table.from_arrays(columns, schema=schema)


def _by_meter(tables: list[pa.Table]) -> pa.Table:
    """The lines by day in the order of meters; each meter's lines stand together and keep their order."""
    stretches: list[tuple[str, int, int, int]] = []
    for number, table in enumerate(tables):
        meter = _whole(table.column("meter"))
        codes, names = meter.indices.to_numpy(zero_copy_only=False), meter.dictionary.to_pylist()
        edges = np.append(np.flatnonzero(np.diff(codes, prepend=-1)), len(codes)).tolist()
        stretches += [(names[codes[a]], number, a, b) for a, b in pairwise(edges)]
    stretches.sort()
    code_of = {name: place for place, name in enumerate(dict.fromkeys(name for name, *_ in stretches))}
    codes = np.repeat(
        np.array([code_of[name] for name, *_ in stretches], dtype=np.int32), [b - a for _, _, a, b in stretches]
    )
    columns = [pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(list(code_of), type=pa.string()), safe=False)]
    rest = [[table.column(name) for table in tables] for name in DAILY.names[1:]]
    tables.clear()
    for name in DAILY.names[1:]:
        pieces = [_whole(column) for column in rest.pop(0)]
        numbers = [piece.cast(pa.int32()) if name == "day" else piece for piece in pieces]
        arrays = [number.to_numpy() for number in numbers]
        joined = pa.array(_joined([arrays[number][a:b] for _, number, a, b in stretches], DAILY.field(name).type))
        columns.append(joined.cast(pa.date32()) if name == "day" else joined)
    return pa.Table.from_arrays(columns, schema=DAILY)


def _joined(pieces: list[NDArray[np.int64]], kind: pa.DataType) -> NDArray[np.int64]:
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int32 if kind == pa.date32() else np.int64)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    joined = column.unify_dictionaries().combine_chunks()
    return joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined


def _cells(column: pa.ChunkedArray) -> Iterator[bytes]:
    """The cells of a column as bytes that depend on their values alone, some thousands at a time."""
    kind = column.type
    texts = pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_list(kind)
    begun = False
    yield b"[" if texts else b""
    for first in range(0, len(column), AT_ONCE):
        some = column.slice(first, AT_ONCE)
        if texts:
            yield (b"," if begun else b"") + canonical_bytes(some.to_pylist())[1:-1]
            begun = True
            continue
        whole = some.cast(pa.int32()) if pa.types.is_date32(kind) else some
        yield whole.cast(pa.int64()).to_numpy().astype("<i8").tobytes()
    yield b"]" if texts else b""


# Files ------------------------------------------------------------------------------------------------------------


def table_bytes(table: pa.Table) -> bytes:
    """A table as Parquet, the same bytes for the same table."""
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", version="2.6", data_page_version="2.0", store_schema=False)
    return out.getvalue()


def table_from(data: bytes, name: str) -> pa.Table:
    """A table of a part back from its bytes.

    Raises:
        pyarrow.ArrowException, OSError: where they are none.
    """
    schema = {"energy": ENERGY, "daily": DAILY, "findings": FINDINGS}[name]
    keep = ["meter"] if name == "daily" else None
    return pq.read_table(pa.BufferReader(data), read_dictionary=keep).cast(schema)


# Reductions ---------------------------------------------------------------------------------------------------------


def reductions(energy: pa.Table, tonnes_per_mwh: Mapping[tuple[str, int], Fraction]) -> pa.Table:
    """Emission reductions by project and month: each meter's counted energy times what a MWh on it adds, exactly.

    ``tonnes_per_mwh`` is by meter and year (negative where consumption lowers the reductions). The tonnes are exact
    texts, not rounded: whole tonnes are made once, for a period, by the plan's rule.
    """
    counted = sum(energy.column(f"{name}_wh").to_numpy() for name in ("measured", "bridged", "substituted"))
    sums: dict[tuple[str, int, int], tuple[int, Fraction]] = {}
    keys = zip(*(energy.column(name).to_pylist() for name in ("project", "meter", "year", "month")), strict=True)
    by_factor: dict[tuple[str, int, int, Fraction], int] = {}
    for (project, meter, year, month), wh in zip(keys, np.asarray(counted).tolist(), strict=True):
        if (meter, year) in tonnes_per_mwh:
            key = (project, year, month, tonnes_per_mwh[meter, year])
            by_factor[key] = by_factor.get(key, 0) + wh
    for (project, year, month, factor), wh in by_factor.items():
        old = sums.get((project, year, month), (0, Fraction(0)))
        sums[project, year, month] = (old[0] + wh, old[1] + factor * wh / 1_000_000)
    rows = [
        {"project": project, "year": year, "month": month, "counted_wh": wh, "tco2e": exact_text(tonnes)}
        for (project, year, month), (wh, tonnes) in sorted(sums.items())
    ]
    return pa.Table.from_pylist(rows, schema=REDUCTIONS)
