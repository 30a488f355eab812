"""A market against the pure ledger, judged by an auditor that shares no code with it.

The auditor knows single credits only: a dictionary from (series, number) to the account, the day and the issuance. It
decides by itself whether an act may happen; the ledger, which works on ranges, must agree in every case, and both must
say the same of every credit afterwards.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger_guards import PEOPLE, account, signed
from openjcm.canonical import canonical_bytes
from openjcm.refusals import Refused
from openjcm.registry.accounts import AccountType
from openjcm.registry.correction import statement_of
from openjcm.registry.gate import AuthorizationOnFile, RetirementRules
from openjcm.registry.invariants import INVARIANTS, Book, HeldFact, IssuedFact, MovedFact
from openjcm.registry.ledger import (
    Cancel,
    Correction,
    CoverReversal,
    Entry,
    Holdings,
    InternationalTransfer,
    Issue,
    Origin,
    Release,
    Reserve,
    Retire,
    Transfer,
    movements,
)
from openjcm.registry.serials import Block, Series

START = date(2025, 1, 1)
ACCOUNTS = [
    account("government", AccountType.GOVERNMENT_HOLDING),
    account("company", AccountType.ENTITY_HOLDING),
    account("trader", AccountType.ENTITY_HOLDING, opened=date(2025, 1, 5)),
    account("retirement", AccountType.RETIREMENT),
    account("cancellation", AccountType.CANCELLATION),
    account("reserve", AccountType.RESERVE),
    account("buffer", AccountType.BUFFER),
    account("government", AccountType.GOVERNMENT_HOLDING, "MNG"),
    account("cancellation", AccountType.CANCELLATION, "MNG"),
]
SERIES = [
    (Series("JP", ("MN901",), "2022"), "JPN", 2022),
    (Series("JP", ("MN901",), "2020"), "JPN", 2020),
    (Series("MN", ("MN901",), "2022"), "MNG", 2022),
]
TYPES = {item.account_id: item.account_type.value for item in ACCOUNTS}
HOLDERS, KEPT = ("government_holding", "entity_holding"), ("reserve", "buffer")
AUTHORIZED_FROM = START + timedelta(days=6)
AVIATION_FROM = START + timedelta(days=8)
RULES = RetirementRules(
    2021, True, (("JPN", "shk"),), (("JPN", 2021, 2030),), (("corsia", ("IMP",)), ("oimp", ("OP", "IMP")))
)
ON_FILE = (
    *(AuthorizationOnFile(party, party, 1, AUTHORIZED_FROM, ("NDC",)) for party in ("JPN", "MNG")),
    AuthorizationOnFile("MNG", "aviation", 1, AVIATION_FROM, ("IMP",), (), 2022, 2022),
)

days = st.integers(0, 12).map(lambda number: START + timedelta(days=number))
accounts = st.sampled_from(ACCOUNTS)
runs = st.tuples(st.sampled_from(SERIES), st.integers(1, 60), st.integers(1, 12))
requests = st.lists(runs, min_size=0, max_size=3)


class Market(RuleBasedStateMachine):
    """Issuances, transfers, retirements and cancellations in any order, most of them unlawful."""

    @initialize()
    def begin(self) -> None:
        self.holdings = Holdings()
        self.credits: dict[tuple[str, int], tuple[str, date, str, int]] = {}
        self.origins: list[Origin] = []
        self.moved: list[MovedFact] = []
        self.entries: dict[int, list] = {}
        self.last: dict[tuple[str, int], tuple[int, str]] = {}
        for run, to in zip(SERIES, (ACCOUNTS[0], ACCOUNTS[1], ACCOUNTS[7]), strict=True):
            self.issue_run((run, 1, 20), to, START, START)

    @rule(run=runs, to=accounts, on=days, decided=days)
    def issue(self, run, to, on, decided) -> None:
        self.issue_run(run, to, on, decided)

    def issue_run(self, run, to, on, decided) -> None:
        (series, registry, year), first, count = run
        block = Block(series, first, first + count - 1)
        origin = Origin(len(self.origins) + 1, block, registry, "D", on, ("JPN", "MNG"), year, year)
        lawful = (
            on >= decided
            and to.registry_id == registry
            and on >= to.opened_on
            and to.account_type not in ("retirement", "cancellation")
            and not any((str(series), number) in self.credits for number in range(first, first + count))
        )
        self.happen(Issue(decided, on, ((origin, block, to),)), lawful)
        if lawful:
            self.origins.append(origin)
            for number in range(first, first + count):
                self.credits[str(series), number] = (to.account_id, on, registry, year)

    def wish(self, data, fit, day) -> tuple[list, object, date]:
        """What somebody asks for: mostly credits that one account holds, a fitting target, a late day."""
        if not self.credits or data.draw(st.integers(0, 5), label="wild") == 0:
            return data.draw(requests), data.draw(accounts), day
        movable = sorted({credit[0] for credit in self.credits.values()})
        holder = data.draw(st.sampled_from(movable), label="holder")
        names = sorted(name for name, credit in self.credits.items() if credit[0] == holder)
        start = data.draw(st.integers(0, len(names) - 1), label="from")
        chosen = names[start : start + data.draw(st.integers(1, 9), label="count")]
        fitting = [item for item in ACCOUNTS if item.account_type in fit and item.registry_id == holder[:3]]
        to = data.draw(st.sampled_from(fitting or ACCOUNTS), label="to")
        return runs_of(chosen), to, max(day, START + timedelta(days=data.draw(st.sampled_from([0, 7, 12]))))

    @rule(data=st.data(), on=days)
    def transfer(self, data, on) -> None:
        wanted, to, on = self.wish(data, ("government_holding", "entity_holding"), on)
        lawful = self.may_move(wanted, to, on) and to.account_type in HOLDERS
        self.happen(Transfer(blocks_of(wanted), to, on), lawful)
        self.put(wanted, to, on, lawful)

    def known_for_aviation(self, name, on) -> bool:
        """Mongolia allows it for 2022 from a day on; Japan's credits went abroad when they were issued."""
        _, _, registry, year = self.credits[name]
        issued = next(o.issued_on for o in self.origins if str(o.block.series) == name[0] and name[1] in numbers_in(o))
        return year == 2022 and (max(on, issued) if registry == "JPN" else on) >= AVIATION_FROM

    @rule(
        data=st.data(),
        on=days,
        purpose=st.sampled_from(["ndc", "ndc", "ndc", "other"]),
        serves=st.sampled_from([None, None, "shk", "gx_ets"]),
    )
    def retire(self, data, on, purpose, serves) -> None:
        wanted, to, on = self.wish(data, ("retirement",), on)
        lawful = self.may_move(wanted, to, on) and to.account_type == "retirement" and purpose == "ndc"
        for name, number in numbers_of(wanted):
            if lawful:
                _, _, _, year = self.credits[name, number]
                first_transfer = next(
                    o.issued_on
                    for o in self.origins
                    if str(o.block.series) == name and o.block.first <= number <= o.block.last
                )
                lawful = year >= 2021 and (on >= AUTHORIZED_FROM or first_transfer >= AUTHORIZED_FROM)
        lawful = lawful and (serves is None or (serves == "shk" and to.registry_id == "JPN"))
        self.happen(Retire(blocks_of(wanted), to, on, 2030, purpose, ON_FILE, RULES, serves), lawful)
        self.put(wanted, to, on, lawful)

    @rule(data=st.data(), on=days, purpose=st.sampled_from(["omge", "oimp", "other", "corsia", "reversal", "ndc"]))
    def cancel(self, data, on, purpose) -> None:
        wanted, to, on = self.wish(data, ("cancellation",), on)
        lawful = self.may_move(wanted, to, on) and to.account_type == "cancellation" and purpose != "ndc"
        if purpose in ("oimp", "corsia"):
            lawful = lawful and all(self.known_for_aviation(name, on) for name in numbers_of(wanted))
        self.happen(Cancel(blocks_of(wanted), to, on, purpose, ON_FILE, RULES), lawful)
        self.put(wanted, to, on, lawful)

    @rule(data=st.data(), on=days)
    def reserve(self, data, on) -> None:
        wanted, to, on = self.wish(data, KEPT, on)
        lawful = self.may_move(wanted, to, on) and to.account_type in KEPT
        self.happen(Reserve(blocks_of(wanted), to, on), lawful)
        self.put(wanted, to, on, lawful)

    @rule(data=st.data(), on=days)
    def release(self, data, on) -> None:
        wanted, to, on = self.wish(data, HOLDERS, on)
        lawful = self.may_move(wanted, to, on, KEPT) and to.account_type in HOLDERS
        self.happen(Release(blocks_of(wanted), to, on), lawful)
        self.put(wanted, to, on, lawful)

    @rule(data=st.data(), on=days)
    def cover_a_reversal(self, data, on) -> None:
        wanted, to, on = self.wish(data, ("cancellation",), on)
        lawful = self.may_move(wanted, to, on, KEPT) and to.account_type == "cancellation"
        self.happen(CoverReversal(blocks_of(wanted), to, on), lawful)
        self.put(wanted, to, on, lawful)

    @rule(data=st.data(), on=days, allowed=st.sampled_from([("MNG",), ("MNG",), ()]))
    def go_abroad(self, data, on, allowed) -> None:
        wanted, to, on = self.wish(data, HOLDERS, on)
        if data.draw(st.booleans(), label="abroad"):
            to = data.draw(st.sampled_from([item for item in ACCOUNTS if item.account_type in HOLDERS]), label="where")
        lawful = self.may_move(wanted, to, on, abroad=True) and to.account_type in HOLDERS and bool(allowed)
        self.happen(InternationalTransfer(blocks_of(wanted), to, on, allowed), lawful)
        self.put(wanted, to, on, lawful)

    @rule(data=st.data(), on=days, people=st.sampled_from([PEOPLE, PEOPLE, PEOPLE, PEOPLE[:3]]))
    def correct(self, data, on, people) -> None:
        """Somebody wants an entry taken back: lawful only where nothing came after it."""
        if not self.entries:
            return
        number = data.draw(st.sampled_from(sorted(self.entries)), label="entry")
        moved = self.entries[number]
        names = sorted({name for item in moved for name in ((str(item.block.series), n) for n in numbers_in(item))})
        start = data.draw(st.integers(0, len(names) - 1), label="from")
        chosen = names[start : start + data.draw(st.integers(1, 9), label="count")]
        back = moved[0].source
        if back is None:
            return
        lawful = (
            people is PEOPLE
            and moved[0].kind.value in ("transfer", "retire", "cancel")
            and all(self.last.get(name, (0, ""))[0] == number for name in chosen)
            and all(on >= self.credits[name][1] for name in chosen)
            and on >= back.opened_on
        )
        entry = Correction(
            blocks_of(runs_of(chosen)), back, on, number, tuple(moved), "r", "0" * 64, (),
            ("transfer", "retire", "cancel"),
        )  # fmt: skip
        said = statement_of(number, [str(one) for one in entry.blocks], on, "r", "0" * 64)
        consents = tuple(signed(side, name, key, canonical_bytes(said)) for side, name, key in people)
        self.happen(replace(entry, consents=consents), lawful)
        self.put(runs_of(chosen), back, on, lawful)

    def may_move(self, wanted, to, on, giving=HOLDERS, abroad=False) -> bool:
        """The auditor's own judgement, credit by credit."""
        named = list(numbers_of(wanted))
        if not named or len(set(named)) != len(named) or any(name not in self.credits for name in named):
            return False
        holders = {self.credits[name][0] for name in named}
        return (
            len(holders) == 1
            and on >= to.opened_on
            and all(
                TYPES[holder] in giving
                and holder != to.account_id
                and (holder[:3] == to.registry_id) != abroad
                and on >= since
                for holder, since, _, _ in (self.credits[name] for name in named)
            )
        )

    def happen(self, entry: Entry, lawful: bool) -> None:
        """The ledger decides; it must say what the auditor says."""
        try:
            found = movements(self.holdings, entry)
        except Refused as refused:
            assert not lawful, f"refused a lawful act: {refused}"
            return
        assert lawful, f"let an unlawful act pass: {entry}"
        number = len(self.entries) + 1
        found = tuple(replace(item, cause=number) for item in found)
        self.entries[number] = list(found)
        for item in found:
            for one in numbers_in(item):
                self.last[str(item.block.series), one] = (number, item.target.account_id)
        self.holdings = self.holdings.after(found)
        self.moved += [
            MovedFact(
                number,
                item.kind,
                item.block,
                item.origin.origin_id,
                item.source.account_id if item.source else None,
                item.target.account_id,
                item.occurred_on,
                {"corrects": entry.corrects} if isinstance(entry, Correction) else {},
            )
            for item in found
        ]

    def put(self, wanted, to, on, lawful) -> None:
        if lawful:
            for name in numbers_of(wanted):
                self.credits[name] = (to.account_id, on, *self.credits[name][2:])

    @invariant()
    def every_credit_is_where_the_auditor_says(self) -> None:
        if not hasattr(self, "credits"):
            return
        seen = {
            (str(held.block.series), number): (held.account.account_id, held.since)
            for held in self.holdings
            for number in range(held.block.first, held.block.last + 1)
        }
        assert seen == {name: credit[:2] for name, credit in self.credits.items()}

    @invariant()
    def the_named_invariants_hold(self) -> None:
        if not hasattr(self, "credits"):
            return
        book = Book(
            {item.account_id: item for item in ACCOUNTS},
            [
                HeldFact(held.block, held.account.account_id, held.origin.origin_id, held.since)
                for held in self.holdings
            ],
            self.moved,
            [IssuedFact(o.origin_id, o.block, o.registry_id, o.decision_id, o.issued_on) for o in self.origins],
        )
        assert {name: check(book) for name, check in INVARIANTS.items() if check(book)} == {}


def blocks_of(wanted) -> tuple[Block, ...]:
    """The runs as blocks."""
    return tuple(Block(series, first, first + count - 1) for (series, _, _), first, count in wanted)


def runs_of(names) -> list:
    """Single credits as runs, in the form of a request."""
    found: list = []
    by_name = {str(series): (series, registry, year) for series, registry, year in SERIES}
    for name, number in names:
        if found and str(found[-1][0][0]) == name and found[-1][1] + found[-1][2] == number:
            found[-1] = (found[-1][0], found[-1][1], found[-1][2] + 1)
        else:
            found.append((by_name[name], number, 1))
    return found


def numbers_in(item) -> range:
    """The numbers of an issuance or a movement."""
    return range(item.block.first, item.block.last + 1)


def numbers_of(wanted):
    """The runs credit by credit."""
    for (series, _, _), first, count in wanted:
        for number in range(first, first + count):
            yield str(series), number


TestMarket = Market.TestCase
TestMarket.settings = settings(max_examples=120, stateful_step_count=30, deadline=None, derandomize=True, database=None)


def test_origins_survive_splits() -> None:
    """A transfer of the middle of a block leaves both ends where they were, with the same origin and day."""
    origin = Origin(1, Block(SERIES[0][0], 1, 30), "JPN", "D", START, ("JPN", "MNG"), 2022, 2022)
    issued = movements(Holdings(), Issue(START, START, ((origin, origin.block, ACCOUNTS[0]),)))
    holdings = Holdings().after(issued)
    moved = movements(holdings, Transfer((Block(SERIES[0][0], 11, 20),), ACCOUNTS[1], START + timedelta(days=1)))
    after = list(holdings.after(moved))
    assert [(held.block.first, held.block.last, held.account.account_id) for held in after] == [
        (1, 10, "JPN/government"), (11, 20, "JPN/company"), (21, 30, "JPN/government"),
    ]  # fmt: skip
    assert {held.origin for held in after} == {origin}
    assert [held.since for held in after] == [START, START + timedelta(days=1), START]
    assert replace(origin, origin_id=2) != origin
