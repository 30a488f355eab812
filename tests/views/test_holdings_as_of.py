"""Holdings as of an instant, against a book that moves single credits and is read up to the same point."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from databases import migrated_database
from openjcm.refusals import Refused
from openjcm.views.holdings_as_of import JAPAN_TIME, Cut, Wanted, blocks_as_of, holdings_as_of, read_cut
from trial_office import Trial

HOLDERS = ("JPN/government", "JPN/company", "JPN/trader")
DAY = date(2025, 2, 1)
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Done:
    """One movement as the test's own book keeps it."""

    entry_no: int
    day: date
    recorded_at: datetime
    serials: range
    series: str
    target: str


@dataclass
class Market:
    """A trial office after a random market, and what happened in it."""

    trial: Trial
    done: list[Done]

    def where(self, day: date | None, instant: datetime | None) -> dict[tuple[str, int], tuple[str, int]]:
        """Each credit's account and the entry that brought it there, by replaying single credits."""
        last = max((one.entry_no for one in self.done if instant is None or one.recorded_at <= instant), default=0)
        lies = {}
        for one in self.done:
            if one.entry_no <= last and (day is None or one.day <= day):
                lies |= {(one.series, number): (one.target, one.entry_no) for number in one.serials}
        return lies


@pytest.fixture(scope="module")
def market(servers: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """Two vintages issued, then two hundred acts on random days in random order, some recorded long after their day."""
    with migrated_database(servers("embedded"), f"as_of_{os.getpid()}") as url:
        trial = Trial(url, tmp_path_factory.mktemp("market"))
        yield Market(trial, _played(trial))
        trial.close()


def _played(trial: Trial) -> list[Done]:
    chance, done = random.Random(20261126), []
    now = START

    def at(entry_no: int, day: date, serials: range, series: str, target: str) -> None:
        done.append(Done(entry_no, day, now, serials, series, target))

    trial.office.clock = lambda: now
    trial.open_bilateral()
    trial.project()
    for number, vintage in enumerate(("2020", "2022")):
        now += timedelta(hours=1)
        trial.decide(f"D{number}", "2025-01-10", 60, 10, vintage)
        receipt = trial.do("issue", "2025-01-20", decision_id=f"D{number}", side="JPN")
        at(receipt.entry_no, date(2025, 1, 20), range(1, 61), f"JP-MN901-{vintage}", "JPN/government")
    trial.authorize("JPN", "2025-02-10"), trial.authorize("MNG", "2025-02-20")
    for number in range(200):
        now += timedelta(minutes=chance.choice((0, 1, 600)))
        vintage, first = chance.choice(("2020", "2022")), chance.randint(1, 60)
        serials = range(first, min(first + chance.randint(1, 8), 61))
        day = DAY + timedelta(days=chance.randint(0, 60))
        act, target = chance.choice([("transfer", name) for name in HOLDERS] + [("cancel", "JPN/cancellation")])
        fields: dict[str, Any] = {"blocks": [f"JCM-JP-MN901-{vintage}-{serials.start}-{serials.stop - 1}"]}
        fields |= {"target_account": target} if act == "transfer" else {"cancellation_account": target}
        fields |= {} if act == "transfer" else {"purpose": "omge", "reason": "r"}
        try:
            receipt = trial.do(act, day.isoformat(), key=str(number), **fields)
        except Refused:
            continue
        at(receipt.entry_no, day, serials, f"JP-MN901-{vintage}", target)
    return done


def _cuts() -> list[tuple[date | None, datetime | None]]:
    chance = random.Random(7)
    days = [None, date(2025, 1, 19), *(DAY + timedelta(days=chance.randint(0, 61)) for _ in range(6))]
    instants = [None, START, *(START + timedelta(minutes=chance.randint(0, 24_000)) for _ in range(4))]
    return [(day, instant) for day in days for instant in instants]


def test_the_market_is_worth_asking(market: Market) -> None:
    assert len(market.done) > 25
    assert any(one.day > other.day for one, other in zip(market.done, market.done[1:], strict=False)), "days run back"


@pytest.mark.parametrize("used", [False, True])
def test_equal_to_replaying_the_journal_up_to_that_point(market: Market, used: bool) -> None:
    with market.trial.office.transaction() as connection:
        for day, instant in _cuts():
            lies = market.where(day, instant)
            kept = {
                key: found
                for key, found in lies.items()
                if used or not found[0].endswith(("cancellation", "retirement"))
            }
            cut, wanted = Cut(day, instant), Wanted(used=used)
            blocks = blocks_as_of(connection, cut, wanted)
            told = {
                (one.series, number): (one.account_id, one.since_entry_no)
                for one in blocks
                for number in range(one.first, one.last + 1)
            }
            assert told == kept, (day, instant)
            assert sum(one.quantity for one in blocks) == len(told), "no serial stands in two blocks"
            by_both = Counter((account, series[-4:]) for (series, _), (account, _) in kept.items())
            sums = holdings_as_of(connection, cut, wanted, ("account", "vintage"))
            assert {group.key: group.quantity for group in sums.groups} == by_both
            for name, place in (("account", 0), ("vintage", 1)):
                alone: Counter[tuple[str, ...]] = Counter()
                for key, quantity in by_both.items():
                    alone[(key[place],)] += quantity
                found = holdings_as_of(connection, cut, wanted, (name,))
                assert {group.key: group.quantity for group in found.groups} == alone, name
                assert found.total == len(kept)


def test_filters_and_dimensions(market: Market) -> None:
    lies = market.where(None, None)
    with market.trial.office.transaction() as connection:

        def total(**wanted: Any) -> int:
            return holdings_as_of(connection, Cut(), Wanted(**wanted), ()).total

        assert total(account="JPN/company") == sum(one[0] == "JPN/company" for one in lies.values())
        assert total(account="JPN/cancellation") == sum(one[0] == "JPN/cancellation" for one in lies.values()) > 0
        assert total(vintage="2020", used=True) == 60 and total(project="MN901", used=True) == 120
        assert total(side="JPN", used=True) == total(registry="JPN", used=True) == 120
        assert total(side="MNG") == total(project="MN902") == total(world="demonstration") == 0
        by_type = holdings_as_of(connection, Cut(), Wanted(), ("type", "registry"))
        assert by_type.total == 120 and all(group.key[1] == "JPN" for group in by_type.groups)
        with pytest.raises(Refused, match="not_a_dimension"):
            holdings_as_of(connection, Cut(), Wanted(), ("colour",))


def test_authorized_or_not_on_that_day(market: Market) -> None:
    """Vintage 2020 never; vintage 2022 from the day on which the second Party has authorized it."""
    with market.trial.office.transaction() as connection:
        for day, authorized in ((date(2025, 2, 19), 0), (date(2025, 2, 20), 60)):
            found = holdings_as_of(connection, Cut(day), Wanted(used=True), ("itmo",))
            sums = {group.key[0]: group.quantity for group in found.groups}
            assert sums == ({"yes": 60, "no": 60} if authorized else {"no": 120})
            only = holdings_as_of(connection, Cut(day), Wanted(used=True, itmo="yes"), ("vintage",))
            assert only.total == authorized
            assert sum(one.quantity for one in blocks_as_of(connection, Cut(day), Wanted(used=True, itmo="yes"))) == (
                authorized
            )


def test_both_clocks_are_named(market: Market) -> None:
    """What was recorded late belongs to its day, and was not yet in the book before."""
    late = next(
        one
        for place, one in enumerate(market.done)
        if any(one.day < before.day and before.recorded_at < one.recorded_at for before in market.done[:place])
    )
    before = late.recorded_at - timedelta(microseconds=1)
    with market.trial.office.transaction() as connection:
        known = blocks_as_of(connection, Cut(late.day), Wanted(used=True))
        then = blocks_as_of(connection, Cut(late.day, before), Wanted(used=True))
    assert late.entry_no in {one.since_entry_no for one in known} - {one.since_entry_no for one in then}


def test_instants_are_read() -> None:
    assert read_cut("2026-12-31") == read_cut("2026-12-31T24:00+09:00") == Cut(date(2026, 12, 31))
    end = datetime(2027, 1, 1, tzinfo=JAPAN_TIME) - timedelta(microseconds=1)
    assert read_cut("", "2026-12-31") == read_cut("", "2026-12-31T24:00+09:00") == Cut(None, end)
    assert read_cut("", "2026-12-31T15:00:00Z").recorded_by == datetime(2026, 12, 31, 15, tzinfo=UTC)
    assert read_cut("", "2026-12-31T15:00:00 09:00").recorded_by is not None, "a plus sign lost in an address"
    for as_of, recorded_by in (
        ("2026-12-31T18:00", ""),
        ("31.12.2026", ""),
        ("2026-02-30", ""),
        ("２０２６-12-31", ""),
        ("", "2026-12-31T18:00"),
        ("", "yesterday"),
        ("", "0001-01-01T00:00:00+14:00"),
    ):
        with pytest.raises(Refused, match="instant_not_readable"):
            read_cut(as_of, recorded_by)


def test_the_sums_of_the_pages_follow(market: Market, tmp_path: Path) -> None:
    """The kept sums say what the blocks say; a changed one is found by the audit; nobody gives more than he got."""
    trial = market.trial
    with trial.office.transaction() as connection:
        told = holdings_as_of(connection, Cut(), Wanted(used=True), ("account",))
        kept = dict(connection.execute("select account_id, quantity from account_sum where quantity > 0").fetchall())
    assert {group.key[0]: group.quantity for group in told.groups} == kept
    assert trial.clean()
    with trial.office.transaction() as connection:
        connection.execute("update account_sum set quantity = quantity + 1 where account_id = 'JPN/government'")
        connection.execute("update registry_year set transactions = transactions + 1 where kind = 'issue'")
    assert {finding.split(" ")[1] for finding in trial.findings()} >= {"account_sum", "registry_year"}
    with trial.office.transaction() as connection:
        connection.execute("update account_sum set quantity = quantity - 1 where account_id = 'JPN/government'")
        connection.execute("update registry_year set transactions = transactions - 1 where kind = 'issue'")
    assert trial.clean()


def test_the_blocks_of_each_account_get_a_plan_of_their_own(market: Market) -> None:
    """However often they are asked for: a plan made for any account is slow for one that holds much of the book."""
    with market.trial.office.transaction() as connection:
        for _ in range(12):
            assert blocks_as_of(connection, Cut(DAY), Wanted(account=HOLDERS[0]))
        kept = connection.execute("select statement from pg_prepared_statements").fetchall()
    assert not [text for (text,) in kept if "with gone as" in text]
