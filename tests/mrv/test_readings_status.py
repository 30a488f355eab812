"""What a file itself says of a reading: carried, stored only where something is said, hashed, and found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from openjcm.mrv.quality import judge
from openjcm.mrv.readings import (
    ESTIMATED,
    STATUSES,
    Note,
    Readings,
    readings_from_parquet,
    readings_to_parquet,
    sorted_table,
)
from openjcm.project_cycle.metered import readings_hash
from openjcm.refusals import Refused
from openjcm.verification.recalculation import first_changed_reading

from .meter_files import METER, readings_of

DAY = (date(2022, 6, 1), date(2022, 6, 1))
START = 1_654_041_600


def with_status(status: list[int], values: list[int] | None = None) -> Readings:
    """A register of a few readings, a quarter of an hour apart, with what the file says of each."""
    values = values or [1000 + place for place in range(len(status))]
    plain = readings_of([START + 900 * place for place in range(len(status))], values)
    table = plain.table
    columns = [table.column(name).to_numpy() for name in ("t_us", "value", "row")]
    return replace(plain, table=sorted_table(table.column("meter"), *columns, np.array(status, dtype=np.uint8)))


def test_the_stored_form_keeps_what_was_said_and_has_no_column_where_nothing_was() -> None:
    said, silent = with_status([0, ESTIMATED, 0, 4]), with_status([0, 0, 0, 0])
    again = readings_from_parquet(readings_to_parquet(said))
    assert again.column("status").tolist() == [0, ESTIMATED, 0, 4]
    assert readings_to_parquet(again) == readings_to_parquet(said)
    assert readings_to_parquet(silent) == readings_to_parquet(readings_of([START + 900 * n for n in range(4)], [1000, 1001, 1002, 1003]))  # fmt: skip  # noqa: E501
    assert readings_from_parquet(readings_to_parquet(silent)).column("status").tolist() == [0, 0, 0, 0]


def test_a_status_that_nobody_knows_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        readings_from_parquet(readings_to_parquet(with_status([0, len(STATUSES)])))
    assert caught.value.code == "meter_file_truncated"


def test_what_was_said_is_part_of_what_names_the_readings() -> None:
    said, silent = with_status([0, ESTIMATED]), with_status([0, 0])
    assert readings_hash(said) != readings_hash(silent)
    difference = first_changed_reading(silent, said)
    assert difference is not None and (difference.stored, difference.found) == ("1001", "1001 (estimated)")
    assert first_changed_reading(said, said) is None


def test_the_order_of_rows_does_not_show() -> None:
    column = pa.chunked_array([pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int32()), pa.array(["M1"]))])
    at, value, rows = np.zeros(2, dtype=np.int64), np.full(2, 7, dtype=np.int64), np.array([5, 9])
    one = sorted_table(column, at, value, rows, np.array([3, 0], dtype=np.uint8))
    two = sorted_table(column, at, value, rows, np.array([0, 3], dtype=np.uint8))
    assert one.column("status").to_pylist() == two.column("status").to_pylist() == [0, 3]


@pytest.mark.parametrize("number", range(1, len(STATUSES)))
def test_each_word_is_a_finding_with_its_rows(number: int) -> None:
    judgement = judge(with_status([0, number, 0]), [METER], DAY, "+00:00")
    (found,) = [item for item in judgement.findings if item.rule == "Q29"]
    assert (found.rows, found.row_count, found.facts["first"]) == ((3,), 1, "2022-06-01T00:15:00Z")
    assert STATUSES[number].split("_")[-1][:8] in found.message("en") and "1 件" in found.message("ja")


@pytest.mark.parametrize("what", ["quantity_rolls_over", "quantity_differs"])
def test_stated_energy_that_is_not_the_difference_is_a_finding(what: str) -> None:
    readings = replace(with_status([0, 0]), notes=(Note(what, "M1", (3,), 1),))
    (found,) = [item for item in judge(readings, [METER], DAY, "+00:00").findings if item.rule == "Q30"]
    assert found.rows == (3,) and found.message("ja")
