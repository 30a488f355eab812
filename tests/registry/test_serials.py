"""Serial numbers: one name per tonne, read and written the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjcm.refusals import Refused
from openjcm.registry.serials import HIGHEST_SERIAL, Block, Series, Vintage, parse_block, parse_serial, serial_text

series = st.builds(
    Series.of,
    st.sampled_from(["JP", "MN", "TH"]),
    st.lists(st.from_regex(r"\A[A-Z]{2}[0-9]{3}\Z"), min_size=1, max_size=3),
    st.sampled_from(["2021", "2021to2022", "unknown"]),
)
blocks = st.builds(
    lambda s, a, b: Block(s, min(a, b), max(a, b)),
    series,
    st.integers(1, HIGHEST_SERIAL),
    st.integers(1, HIGHEST_SERIAL),
)
small = st.builds(
    lambda a, b: Block(Series("JP", ("MN001",), "2021"), min(a, b), max(a, b)), st.integers(1, 30), st.integers(1, 30)
)


@given(blocks)
def test_text_and_back(block: Block) -> None:
    """A block reads back as it was written."""
    assert parse_block(str(block)) == block


@given(series, st.integers(1, HIGHEST_SERIAL))
def test_one_serial(one: Series, number: int) -> None:
    """A single serial names one credit."""
    assert parse_serial(serial_text(one, number)) == (one, number)


@given(small, small)
def test_ranges_behave_like_sets(one: Block, other: Block) -> None:
    """Overlap, intersection and difference are those of sets of numbers."""

    def numbers(block: Block | None) -> set[int]:
        return set(range(block.first, block.last + 1)) if block else set()

    assert one.overlaps(other) == bool(numbers(one) & numbers(other))
    assert numbers(one.shared_with(other)) == numbers(one) & numbers(other)
    assert set().union(*map(numbers, one.without(other))) == numbers(one) - numbers(other)
    assert one.within(other) == (numbers(one) <= numbers(other))
    assert one.quantity == len(numbers(one))


@pytest.mark.parametrize(
    "text",
    [
        "", "JCM", "JCM-JP-MN004-2017", "JCM-JP-MN004-2017-0", "JCM-JP-MN004-2017-5-4", "JCM-JP-MN004-2017-01",
        "jcm-JP-MN004-2017-1", "JCM-JPN-MN004-2017-1", "JCM-JP-mn004-2017-1", "JCM-JP-MN004-17-1",
        "JCM-JP-MN004-2017-1 ", "JCM-JP-MN004-2017-1\n", "JCM-JP-MN004-2017-1-2-3", "JCM-JP-MN004-2017-１",
        "JCM-JP--2017-1", "JCM-JP-MN004.-2017-1", "JCM-JP-MN004-2017--1", "JCM-JP-MN004-2017-1000000000000001",
        "JCM-JP-MN004-2017-99999999999999999999",
    ],
)  # fmt: skip
def test_what_is_no_block(text: str) -> None:
    """Anything else is refused with its text."""
    with pytest.raises(Refused) as caught:
        parse_block(text)
    assert caught.value.code == "block_not_readable"


@pytest.mark.parametrize("text", ["JCM-JP-MN004-2022to2021-1", "JCM-JP-MN004-2022to2022-1"])
def test_a_span_of_years_runs_forward(text: str) -> None:
    """A span that ends before it begins is no vintage."""
    with pytest.raises(Refused) as caught:
        parse_block(text)
    assert caught.value.code == "vintage_not_readable"


def test_vintages() -> None:
    """A year, a span, or not known."""
    assert (Vintage.parse("2021").first_year, Vintage.parse("2021").last_year) == (2021, 2021)
    assert Vintage.parse("2021to2023") == Vintage(2021, 2023)
    assert Vintage.parse("unknown") == Vintage(None, None)
    assert [str(Vintage.parse(text)) for text in ("2021", "2021to2023", "unknown")] == ["2021", "2021to2023", "unknown"]


def test_projects_of_a_series_stand_in_order() -> None:
    """One set of projects has one name."""
    assert str(Series.of("JP", ["MN006", "MN003", "MN006"], "unknown")) == "JP-MN003.MN006-unknown"


def test_a_run_is_no_single_serial() -> None:
    """Where one credit is asked for, a run is refused."""
    with pytest.raises(Refused):
        parse_serial("JCM-JP-MN004-2017-1-2")
