"""What judging gives, as tables: energy by meter and month, energy by meter and day, findings.

The tables hold whole numbers and texts alone. Their rows stand in a fixed order, so their bytes, and the SHA-256 taken
over them, do not depend on how the work was cut.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

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
                digest.update(_cells(column))
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


def joined_parts(parts: Sequence[Part]) -> Part:
    """Parts as one, energy in the order of meters, findings in the order of rule and meter (as in a judgement)."""
    if len(parts) == 1:
        return parts[0]
    energy, daily, findings = (
        pa.concat_tables([part.tables()[name] for part in parts]).unify_dictionaries()
        for name in ("energy", "daily", "findings")
    )
    return Part(_by(energy, "meter"), _by_meter(daily), _by(findings, "rule", "meter"))


def _by(table: pa.Table, *names: str) -> pa.Table:
    """The rows sorted by columns; rows that are equal in them keep their order."""
    keys = list(zip(*(table.column(name).to_pylist() for name in names), strict=True))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    if order == list(range(len(keys))):
        return table.combine_chunks()
    return table.take(pa.array(order, type=pa.int64())).combine_chunks()


def _by_meter(table: pa.Table) -> pa.Table:
    """The lines by day sorted by meter; each meter's lines keep their order."""
    meter = table.column("meter").combine_chunks()
    meter = meter.chunk(0) if isinstance(meter, pa.ChunkedArray) else meter
    names = meter.dictionary.to_pylist()
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), dtype=np.int32)
    rank[order] = np.arange(len(names), dtype=np.int32)
    codes = rank[meter.indices.to_numpy(zero_copy_only=False)] if len(meter) else np.zeros(0, dtype=np.int32)
    places = np.argsort(codes, kind="stable")
    sorted_names = pa.array([names[place] for place in order], type=pa.string())
    column = pa.DictionaryArray.from_arrays(pa.array(codes[places]), sorted_names)
    rest = [table.column(name).take(pa.array(places)).combine_chunks() for name in DAILY.names[1:]]
    return pa.Table.from_arrays([column, *rest], schema=DAILY)


def _cells(column: pa.ChunkedArray) -> bytes:
    """The cells of a column as bytes that depend on their values alone."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_list(kind):
        return canonical_bytes(column.to_pylist())
    whole = column.cast(pa.int32()) if pa.types.is_date32(kind) else column
    found: bytes = whole.cast(pa.int64()).to_numpy().astype("<i8").tobytes()
    return found


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
