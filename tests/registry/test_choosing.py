"""A rule chooses among holdings: in order, exactly so many, the same for everybody."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_guards import COMPANY, DAY, GOVERNMENT
from openjcm.refusals import Refused
from openjcm.registry.choosing import Choice, choose
from openjcm.registry.gate import AuthorizationOnFile
from openjcm.registry.ledger import Holding, Holdings, Origin
from openjcm.registry.serials import Block, Series


def held(project: str, vintage: str, first: int, last: int, owner: object = GOVERNMENT) -> Holding:
    years = (int(vintage), int(vintage)) if vintage.isdigit() else (None, None)
    block = Block(Series("JP", (project,), vintage), first, last)
    return Holding(block, owner, DAY, Origin(1, block, "JPN", "D", DAY, ("JPN", "MNG"), *years))  # type: ignore[arg-type]


HELD = [
    held("MN902", "2023", 1, 10), held("MN901", "2022", 5, 9), held("MN901", "2022", 1, 2), held("MN901", "2020", 1, 4),
    held("MN901", "unknown", 1, 50), held("MN901", "2019", 1, 99, COMPANY),
]  # fmt: skip
ON_FILE = (AuthorizationOnFile("MNG", "M", 1, DAY, ("NDC",), ("MN901",)),)


def chosen(quantity: int, rule: str = "oldest_vintage_first", **more: object) -> list[str]:
    choice = Choice(rule, quantity, "JPN/government", **more)  # type: ignore[arg-type]
    return [str(block).removeprefix("JCM-JP-") for block in choose(HELD, choice, ON_FILE, DAY)]


def test_the_oldest_first_and_the_last_is_cut() -> None:
    assert chosen(3) == ["MN901-2020-1-3"]
    assert chosen(8) == ["MN901-2020-1-4", "MN901-2022-1-2", "MN901-2022-5-6"]
    assert chosen(71)[-1] == "MN901-unknown-1-50", "what is not known comes last"
    assert chosen(4, "newest_vintage_first") == ["MN902-2023-1-4"]


def test_of_one_project_and_only_itmos() -> None:
    assert chosen(3, project="MN902") == ["MN902-2023-1-3"]
    assert chosen(7, itmo_only=True) == ["MN901-2022-1-2", "MN901-2022-5-9"], "2020 and unknown are none, MN902 neither"
    for quantity, more in ((72, {}), (11, {"project": "MN902"}), (8, {"itmo_only": True})):
        with pytest.raises(Refused, match="not_enough_to_choose"):
            chosen(quantity, **more)
    early = Choice("oldest_vintage_first", 1, "JPN/government", None, True)
    with pytest.raises(Refused):
        choose(HELD, early, ON_FILE, date(2024, 1, 1))


runs = st.lists(st.tuples(st.sampled_from(["2021", "2022", "2023", "unknown"]), st.integers(1, 9)), max_size=8)


@given(runs, st.integers(1, 40), st.randoms())
def test_exactly_so_many_whatever_the_order_of_the_holdings(given_runs, quantity, random) -> None:
    places: dict[str, int] = {}
    holdings = []
    for vintage, count in given_runs:
        first = places.get(vintage, 1)
        places[vintage] = first + count + 1
        holdings.append(held("MN901", vintage, first, first + count - 1))
    choice = Choice("oldest_vintage_first", quantity, "JPN/government")
    total = sum(item.block.quantity for item in holdings)
    shuffled = random.sample(holdings, len(holdings))
    if total < quantity:
        with pytest.raises(Refused):
            choose(shuffled, choice, (), DAY)
        return
    found = choose(shuffled, choice, (), DAY)
    assert found == choose(Holdings(holdings), choice, (), DAY)
    assert sum(block.quantity for block in found) == quantity
    ranks = [int(block.series.vintage) if block.series.vintage != "unknown" else 9999 for block in found]
    assert ranks == sorted(ranks)
