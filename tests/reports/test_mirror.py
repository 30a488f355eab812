"""What one Party gave the other must have got; every difference is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from openjcm.registry.serials import Block
from openjcm.reports.article6_lines import ActionLine, party_lines
from openjcm.reports.mirror import Kind, mirror

from .article6_world import DATA, HOST, JAPAN, SERIES

GIVEN = party_lines(HOST, 2025, DATA).actions
TAKEN = party_lines(JAPAN, 2025, DATA).actions


def kinds(given: tuple[ActionLine, ...], taken: tuple[ActionLine, ...]) -> list[Kind]:
    return [item.kind for item in mirror(given, taken, HOST, JAPAN).differences]


def changed(**changes: object) -> tuple[ActionLine, ...]:
    return (replace(TAKEN[0], **changes), *TAKEN[1:])  # type: ignore[arg-type]


def test_two_reports_from_one_ledger_mirror_each_other() -> None:
    for one, other, party, partner in ((GIVEN, TAKEN, HOST, JAPAN), (TAKEN, GIVEN, JAPAN, HOST)):
        found = mirror(one, other, party, partner)
        assert found.differences == () and found.agreed == 1000


def test_a_missing_acquisition_is_named_with_its_range() -> None:
    (difference,) = mirror(GIVEN, TAKEN[1:], HOST, JAPAN).differences
    assert difference.as_data() == {
        "kind": "range",
        "giver": "MNG",
        "receiver": "JPN",
        "serials": "JCM-JP-XD001-2022-1-1000",
        "given": "1000",
        "received": None,
    }
    (other,) = mirror((), TAKEN, HOST, JAPAN).differences
    assert (other.given, other.received) == (None, "1000")


def test_a_part_that_is_missing_is_named() -> None:
    found = mirror(GIVEN, changed(block=Block(SERIES, 1, 990), quantity=990), HOST, JAPAN)
    assert [(item.kind, item.block) for item in found.differences] == [(Kind.RANGE, "JCM-JP-XD001-2022-991-1000")]
    assert found.agreed == 990


def test_each_kind_of_difference_is_named() -> None:
    first = TAKEN[0]
    bound = first.bound
    assert bound is not None
    assert kinds(GIVEN, changed(quantity=999)) == [Kind.QUANTITY]
    assert kinds(GIVEN, changed(occurred_on=date(2025, 5, 2))) == [Kind.DATE]
    assert kinds(GIVEN, changed(itmo=replace(first.itmo, vintage="2023"))) == [Kind.VINTAGE]
    assert kinds(GIVEN, changed(itmo=replace(first.itmo, cooperative_approach="CA0001"))) == [Kind.APPROACH]
    assert kinds(GIVEN, changed(itmo=replace(first.itmo, first=2, last=1001))) == [Kind.IDENTIFIER]
    other = replace(bound, authorization=replace(bound.authorization, purposes=("NDC and IMP",)))
    assert kinds(GIVEN, changed(bound=other)) == [Kind.PURPOSE]
    assert kinds(GIVEN, changed(bound=None)) == [Kind.PURPOSE]


def test_what_goes_to_others_is_not_compared() -> None:
    assert mirror(GIVEN, TAKEN, HOST, "CHE").differences == ()


@given(st.lists(st.integers(2, 1000), max_size=6, unique=True))
def test_however_the_receiver_splits_the_rows_they_agree(cuts: list[int]) -> None:
    edges = [1, *sorted(cuts), 1001]
    rows = tuple(
        replace(
            TAKEN[0],
            block=Block(SERIES, first, end - 1),
            quantity=end - first,
            itmo=replace(TAKEN[0].itmo, first=first, last=end - 1),
        )
        for first, end in pairwise(edges)
    )
    found = mirror(GIVEN, rows, HOST, JAPAN)
    assert found.differences == () and found.agreed == 1000
