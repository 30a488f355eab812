"""Rows that should stand in a table beside those that do: what differs is named, in whatever order it is read."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from openjcm.canonical import canonical_bytes
from openjcm.store.audit_comparison import Comparison

ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=12)


def row(entry_no: int, value: int) -> dict[str, Any]:
    return {"entry_no": entry_no, "value": value}


@given(expected=ROWS, actual=ROWS)
def test_what_differs_is_named_whatever_the_order(
    expected: list[tuple[int, int]], actual: list[tuple[int, int]]
) -> None:
    comparison = Comparison("table", [(place, row(place, value)) for place, value in actual])
    for place, value in expected:
        comparison.expect(place, row(place, value))
    said = {(item.rule, item.facts["row"]) for item in comparison.differences()}
    lacking, extra = Counter(expected) - Counter(actual), Counter(actual) - Counter(expected)
    assert said == {
        *(("row_missing", canonical_bytes(row(*one)).decode()) for one in lacking),
        *(("row_not_from_journal", canonical_bytes(row(*one)).decode()) for one in extra),
    }


def test_in_the_order_of_the_table_nothing_is_kept() -> None:
    comparison = Comparison("table", ((place, row(place, 1)) for place in range(1000)))
    for place in range(1000):
        comparison.expect(place, row(place, 1))
        assert not comparison._lacking
    assert list(comparison.differences()) == []
