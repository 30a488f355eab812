"""Emission factors, global warming potentials, fuels and waste: one dated row per value, each with its source.

A look-up names its table, its key and its day. A key that is not there, a value that the source does not give and a
day on which no value held are refused; nothing is replaced by a neighbour or by zero.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files

from openjcm.dated import Citation, Grade
from openjcm.refusals import refusal

TABLES = ("grid_emission_factor", "gwp", "fuel", "solid_waste")
"""The tables, by the names of their CSV files in this folder."""

STANDINGS = ("jcm", "national", "reference", "derived")
"""``jcm``: value of a JCM document. ``national``: a country's figure that is *not* the JCM's. ``reference``: IPCC.
``derived``: computed here from others."""

UNKNOWN_FACTOR_TABLE = refusal(
    "unknown_factor_table",
    en="There is no table of factors named “{table}”.",
    ja="「{table}」という係数表はありません。",
    remedy_en="The tables are: {known}.",
    remedy_ja="利用できる係数表: {known}。",
    clause="OpenJCM: a factor stands in a named table",
    status=404,
)
UNKNOWN_FACTOR = refusal(
    "unknown_factor",
    en="The table “{table}” has no value for “{key}”, column “{column}”.",
    ja="係数表「{table}」には「{key}」(列「{column}」) の値がありません。",
    remedy_en="Give the value with its citation as an input, or use one of: {known}.",
    remedy_ja="出典を付けて値を入力するか、次のいずれかを使用してください: {known}。",
    clause="OpenJCM: a missing factor is refused, never taken as zero",
)
FACTOR_COLUMN_NEEDED = refusal(
    "factor_column_needed",
    en="“{key}” in the table “{table}” has several values; the look-up does not say which.",
    ja="係数表「{table}」の「{key}」には複数の値があり、どれを用いるか指定されていません。",
    remedy_en="Name the column: {known}.",
    remedy_ja="列を指定してください: {known}。",
    clause="OpenJCM: a look-up is unambiguous",
)
NO_FACTOR_ON_DAY = refusal(
    "no_factor_on_day",
    en="“{key}”, column “{column}”, in the table “{table}” has no value for {day}.",
    ja="係数表「{table}」の「{key}」(列「{column}」) には {day} の値がありません。",
    remedy_en="Name a day on which a value holds ({known}), or give the value with its citation as an input.",
    remedy_ja="値が有効な日 ({known}) を指定するか、出典を付けて値を入力してください。",
    clause="OpenJCM: a look-up names its day, and a day without a value is refused",
)


@dataclass(frozen=True)
class FactorValue:
    """One value of a table: exact, with unit, days, source, grade and standing (see :data:`STANDINGS`).

    ``since`` is ``None`` where the document's day is not known, ``until`` is ``None`` while no end is known.
    """

    table: str
    key: str
    column: str
    value: Fraction
    unit: str
    since: date | None
    until: date | None
    citation: Citation
    grade: Grade
    standing: str

    def holds_on(self, day: date) -> bool:
        """Whether the value holds on that day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def look_up(table: str, key: str, day: date, column: str | None = None) -> FactorValue:
    """The value of a key that held on a day. ``column`` may be left out where the key has only one.

    Raises:
        Refused: ``unknown_factor_table``, ``unknown_factor``, ``factor_column_needed``, ``no_factor_on_day``.
    """
    columns = _columns(table, key, column)
    if column is None:
        if len(columns) > 1:
            raise FACTOR_COLUMN_NEEDED(table=table, key=key, known=sorted(columns))
        column = next(iter(columns))
    found = next((value for value in columns[column] if value.holds_on(day)), None)
    if found is None:
        spans = [f"{value.since or '…'} – {value.until or '…'}" for value in columns[column]]
        raise NO_FACTOR_ON_DAY(table=table, key=key, column=column, day=day, known=spans)
    return found


def _columns(table: str, key: str, column: str | None) -> dict[str, list[FactorValue]]:
    by_key = _index(table)
    columns = by_key.get(key)
    if columns is None:
        raise UNKNOWN_FACTOR(table=table, key=key, column=column or "–", known=_near(key, list(by_key)))
    if column is not None and column not in columns:
        raise UNKNOWN_FACTOR(table=table, key=key, column=column, known=sorted(columns))
    return columns


def _near(word: str, words: list[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(word, words, n=8, cutoff=0.3) or words[:8]


def all_values(table: str) -> tuple[FactorValue, ...]:
    """Every value of a table, in the order of its file.

    Raises:
        Refused: ``unknown_factor_table``.
    """
    if table not in TABLES:
        raise UNKNOWN_FACTOR_TABLE(table=table, known=list(TABLES))
    return _read(table)


@cache
def _read(table: str) -> tuple[FactorValue, ...]:
    text = files(__name__).joinpath(f"{table}.csv").read_text(encoding="utf-8")
    return tuple(_factor(table, row) for row in csv.DictReader(text.splitlines()))


@cache
def _index_of(table: str) -> dict[str, dict[str, list[FactorValue]]]:
    index: dict[str, dict[str, list[FactorValue]]] = {}
    for value in _read(table):
        index.setdefault(value.key, {}).setdefault(value.column, []).append(value)
    return index


def _index(table: str) -> dict[str, dict[str, list[FactorValue]]]:
    if table not in TABLES:
        raise UNKNOWN_FACTOR_TABLE(table=table, known=list(TABLES))
    return _index_of(table)


def _factor(table: str, row: dict[str, str]) -> FactorValue:
    if row["standing"] not in STANDINGS:
        raise ValueError(f"{table}: {row['key']}: {row['standing']!r} is not one of {STANDINGS}")
    return FactorValue(
        table,
        row["key"],
        row["column"],
        Fraction(row["value"]),
        row["unit"],
        _day(row["since"]),
        _day(row["until"]),
        Citation(row["source"], row["clause"], row["url"], row["note"]),
        Grade(row["grade"]),
        row["standing"],
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
