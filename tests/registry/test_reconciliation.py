"""The comparison as a pure function: against one that looks at every serial by itself."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from openjcm.registry.reconciliation import Books, Difference, Said, Span, UnderWay, compared, cut, differences

RUNS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5), st.sampled_from("abc")), max_size=8)
SPANS = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 8)), max_size=4)


def lines(runs: list[tuple[int, int, str]], series: str = "JP-MN901-2022") -> list[str]:
    """Lines of runs given as gap, length and state."""
    place, found = 1, []
    for gap, length, state in runs:
        first = place + gap
        found.append(f"{series}\t{first}\t{first + length - 1}\tJPN\t{state}\t2025-01-20\t")
        place = first + length
    return found


def by_serial(said: list[str]) -> dict[tuple[str, int], str]:
    found = {}
    for line in said:
        series, first, last, _, state, _, _ = line.split("\t")
        found |= {(series, number): state for number in range(int(first), int(last) + 1)}
    return found


def state(said: Said | None) -> str | None:
    return said.state if said else None


@given(RUNS, RUNS, RUNS)
@settings(max_examples=300, deadline=None)
def test_every_serial_that_differs_is_named_once(left: list, right: list, other: list) -> None:  # type: ignore[type-arg]
    ours, theirs = lines(left) + lines(other, "JP-MN902-2022"), lines(right) + lines(other, "JP-MN902-2022")
    here, there = by_serial(ours), by_serial(theirs)
    expected = {key: (here.get(key), there.get(key)) for key in here.keys() | there.keys()}
    expected = {key: pair for key, pair in expected.items() if pair[0] != pair[1]}
    found: dict[tuple[str, int], tuple[str | None, str | None]] = {}
    runs = list(compared("ours", ours, theirs))
    for one in runs:
        assert one.span is not None
        for number in range(one.span.first, one.span.last + 1):
            assert (one.span.series, number) not in found
            found[one.span.series, number] = (state(one.here), state(one.there))
    assert found == expected
    for one, two in pairwise(runs):
        assert one.span is not None and two.span is not None
        same = (one.here, one.there) == (two.here, two.there)
        assert not (same and one.span.series == two.span.series and one.span.last + 1 == two.span.first)


@given(SPANS)
@settings(max_examples=200, deadline=None)
def test_what_is_under_way_is_cut_out(given: list[tuple[int, int]]) -> None:
    whole = Difference("ours", Span("JP-MN901-2022", 10, 30), None, Said("JPN", "held", "2025-01-20", ""))
    spans = [Span("JP-MN901-2022", first, first + more) for first, more in given] + [Span("JP-XX901-2022", 10, 30)]
    explained = {number for first, more in given for number in range(first, first + more + 1)}
    found: dict[int, bool] = {}
    for one in cut(whole, spans, "there"):
        assert one.span is not None
        found |= dict.fromkeys(range(one.span.first, one.span.last + 1), one.explained)
    assert found == {number: number in explained for number in range(10, 31)}


def test_a_difference_says_what_differs() -> None:
    here, there = Said("JPN", "retired", "2025-04-01", "ndc 2030"), Said("JPN", "cancelled", "2025-04-02", "oimp")
    one = Difference("ours", Span("JP-MN901-2022", 1, 7), here, there)
    assert one.fields == ("state", "day", "purpose")
    assert one.as_data()["quantity"] == 7 and one.as_data()["vintage"] == "2022"


def test_notices_that_have_not_come_explain_everything_of_theirs() -> None:
    theirs = Books(lines([(0, 5, "a")]), [], ["D1\tx"])
    found = list(differences(Books([], [], []), theirs, UnderWay(all_of_theirs=True)))
    assert {(one.book, one.behind, one.explained) for one in found} == {
        ("both", "here", True), ("theirs", "here", True),
    }  # fmt: skip
    found = list(differences(Books([], [], []), theirs, UnderWay()))
    assert {(one.book, one.behind, one.explained) for one in found} == {
        ("both", "here", False), ("theirs", "", False),
    }  # fmt: skip
