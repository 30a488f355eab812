"""Twenty-five years of a JCM many times today's size, through the real acts, and then the audit.

    make bench-years ARGS="--size 30"          or: python benchmarks/twenty_five_years.py --size 30

"Today's size" is what the public record of this package says; where it says nothing, an assumption is made, which is an
option with a default. Both are printed before anything is done. Every project, account, decision, issuance, transfer,
retirement and cancellation is an act of its own, with its day, its entry, its leaf and all rules and walls, on the
embedded server with durable commits; the office's clock goes from month to month. The moves of a month are given in
batches of a thousand at most, everything else one by one. One installation keeps the registries of Japan and of all
partners. The seed makes a run repeatable.

Printed are, for each year, the size of the book, the rate and the CPU time of an act, and the time of the statement of
an account as of the end of the year; for the first, the middle and the last year Japan's annual information under
Article 6 and the holdings of the whole book; at the end the audit.
"""

from __future__ import annotations

import argparse
import calendar
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from openjcm.commands import Office, act, audit_office, is_clean, open_office, run
from openjcm.commands.together import Asked, ask, perform_together
from openjcm.registry.serials import Block, parse_block
from openjcm.reports.aef import build_aef, write_aef
from openjcm.reports.article6_lines import article6_data
from openjcm.rulebook import country
from openjcm.store.database import migrate
from openjcm.store.journal import Receipt
from openjcm.store.server import Server
from openjcm.views.article6_actions import article6_entries
from openjcm.views.holdings_as_of import Cut, Wanted, blocks_as_of, holdings_as_of
from openjcm.world import public_record, tables

T = TypeVar("T")
BATCH = 1000
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "checkpoint_timeout": "30min", "wal_compression": "off"}
"""What a server for a large ledger is given (docs/scale.md)."""


# --- Today, from the public record ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Today:
    """What the public record of this package says of the JCM's size."""

    hosts: tuple[str, ...]
    """The host of each project on the list: drawn from, they come as often as they do there."""
    registered: int
    """Projects that the list calls registered."""
    registrations: Fraction
    """A year: those with a known day, over the whole years in which they lie."""
    years_of_registrations: tuple[int, int]
    accounts: Fraction
    """Participants of Japan's side a project: different ones, over the projects on the list."""
    decisions: int
    """In the twelve months up to the last one known."""
    last_decision: date
    amounts: tuple[tuple[int, int], ...]
    """(Japan's side, host's side) in tonnes, of each decision for which both are known and positive."""


def today() -> Today:
    """The size of the JCM as the public record of this package says it."""
    projects, decided = tables.projects(), public_record.decisions()
    years = [item.registered_on.year for item in projects if item.registered_on]
    first, last = min(years), max(years)
    names = {name for item in projects for name in _participants(item.participants_japan)}
    latest = max(item.decided_on for item in decided)
    return Today(
        hosts=tuple(item.host_party for item in projects),
        registered=sum(public_record.project_status(item) == "registered" for item in projects),
        registrations=Fraction(len(years), last - first + 1),
        years_of_registrations=(first, last),
        accounts=Fraction(len(names), len(projects)),
        decisions=sum(item.decided_on > latest - timedelta(days=365) for item in decided),
        last_decision=latest,
        amounts=tuple(
            (item.japan_amount, item.host_amount) for item in decided if item.japan_amount and item.host_amount
        ),
    )


def _participants(text: str) -> Iterator[str]:
    for part in text.split(";"):
        if name := part.partition("(Focal Point")[0].strip():
            yield name


@dataclass(frozen=True)
class Plan:
    """How large, how long, and what is assumed where the record says nothing."""

    size: int = 1000
    years: int = 25
    first_year: int = 2027
    seed: int = 4
    transfers: Fraction = Fraction(3)
    retirements: Fraction = Fraction(1)
    cancellations: Fraction = Fraction(1, 10)
    split: Fraction = Fraction(1, 2)
    government: Fraction = Fraction(1, 2)


def told(plan: Plan, now: Today) -> list[str]:
    """The assumptions, in sentences, before anything is done."""
    tonnes = Fraction(sum(japan + host for japan, host in now.amounts), len(now.amounts))
    first, last = now.years_of_registrations
    return [
        f"{plan.size} times today's size, {plan.years} years from {plan.first_year}, seed {plan.seed}",
        "from the public record (src/openjcm/world/data), each times the size:",
        f"  {now.registered} registered projects at the beginning, and {float(now.registrations):.1f} more a year (the"
        f" registrations of {first} to {last}), in {len(set(now.hosts))} partner countries as often as on the list",
        f"  {now.decisions} decisions on issuances a year (the twelve months up to {now.last_decision}), each of"
        " another project, each issued by both sides",
        f"  amounts drawn from the {len(now.amounts)} decisions whose two amounts are known, {float(tonnes):,.0f} t on"
        f" average: {float(tonnes * now.decisions * plan.size):,.0f} t a year",
        "assumed, because the record says nothing of it:",
        f"  {float(now.accounts):.2f} accounts of Japan's side a project (different participants on the list, over its"
        " projects; how many accounts there are is not known)",
        f"  for each issuance of Japan's side: --transfers {float(plan.transfers):g} --retirements"
        f" {float(plan.retirements):g} --cancellations {float(plan.cancellations):g}, each of one block drawn among all"
        " that are held",
        f"  --split {float(plan.split):g} of these take a part of the block and leave the rest; --government"
        f" {float(plan.government):g} of Japan's tonnes are issued to its government",
        "  all acts of a month bear its last day; every Party authorizes all its credits for NDC use; a retirement"
        " counts for the year of its vintage; the host's credits stay in its government's account",
    ]


# --- The acts -------------------------------------------------------------------------------------------------------


@dataclass
class Lot:
    """A block that can be moved, and where it lies."""

    block: Block
    account: str


@dataclass
class Spent:
    """Acts of one kind within a year, and what they took."""

    acts: int = 0
    wall: float = 0
    cpu: float = 0
    """Seconds of this program and of the database's process."""

    @property
    def rate(self) -> float:
        """Acts a second."""
        return self.acts / self.wall if self.wall else 0

    @property
    def each(self) -> float:
        """CPU seconds of an act."""
        return self.cpu / self.acts if self.acts else 0


@dataclass
class Simulation:
    """The office, its clock, and what the simulation knows of its own book."""

    office: Office
    plan: Plan
    now: Today
    chance: random.Random
    day: date
    projects: list[tuple[str, str]] = field(default_factory=list)
    """(reference, host)"""
    accounts: list[str] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)
    decided: int = 0
    single: Spent = field(default_factory=Spent)
    moved: Spent = field(default_factory=Spent)
    backend: int = 0

    def do(self, name: str, **fields: object) -> Receipt:
        """One act on the day of the clock."""
        return run(name, {**fields, "occurred_on": self.day.isoformat()}, office=self.office, actor="simulation")

    def found(self) -> None:
        """Registries, the Parties' accounts and authorizations, and what is there today."""
        hosts = sorted(set(self.now.hosts))
        for party in ("JPN", *hosts):
            self.do("open_registry", registry_id=party, party=party, world="public")
            self.do("open_account", account_id=f"{party}/government", registry_id=party,
                    account_type="government_holding", holder=f"Government of {party}")  # fmt: skip
            self.do("record_authorization", world="public", party=party, authorization_id=f"A-{party}", version=1,
                    purposes=["NDC"], grade="read", source="simulation")  # fmt: skip
        for kind in ("retirement", "cancellation"):
            self.do("open_account", account_id=f"JPN/{kind}", registry_id="JPN", account_type=kind, holder=kind)
        self.register(self.now.registered * self.plan.size)

    def register(self, count: int) -> None:
        """So many projects more, and the accounts that come with them."""
        for _ in range(count):
            host = self.chance.choice(self.now.hosts)
            reference = f"{country(host).iso2}{len(self.projects) + 100_001}"
            self.do("register_project", reference=reference, world="public", host_party=host, title=reference,
                    status="registered", registered_on=self.day.isoformat())  # fmt: skip
            self.projects.append((reference, host))
        wanted = max(int(len(self.projects) * self.now.accounts), 2)
        for number in range(len(self.accounts), wanted):
            self.accounts.append(f"JPN/participant-{number + 1}")
            self.do("open_account", account_id=self.accounts[-1], registry_id="JPN", account_type="entity_holding",
                    holder=f"Participant {number + 1}")  # fmt: skip

    def issue(self, reference: str, host: str) -> None:
        """A decision on the year before, issued by both sides."""
        self.decided += 1
        japan, theirs = self.chance.choice(self.now.amounts)
        vintage, government = str(self.day.year - 1), int(japan * self.plan.government)
        parts = (("JPN/government", government), (self.chance.choice(self.accounts), japan - government))
        shares = [_share(account, vintage, quantity) for account, quantity in parts if quantity]
        sides = [
            {"side": "JPN", "amount": japan, "shares": shares},
            {"side": host, "amount": theirs, "shares": [_share(f"{host}/government", vintage, theirs)]},
        ]
        name = f"D{self.decided}"
        self.do("decide_issuance", decision_id=name, world="public", projects=[reference], total=japan + theirs,
                monitoring_start=f"{vintage}-01-01", monitoring_end=f"{vintage}-12-31", sides=sides,
                source="simulation", grade="read")  # fmt: skip
        done = self.do("issue", decision_id=name, side="JPN")
        self.do("issue", decision_id=name, side=host)
        self.lots += [Lot(parse_block(item["block"]), item["account_id"]) for item in done.outcome["blocks"]]

    def move(self, kinds: Sequence[str]) -> None:
        """Moves of the kinds, in their order; each of a block that is held when it comes to it."""
        for start in range(0, len(kinds), BATCH):
            asked = [one for kind in kinds[start : start + BATCH] if self.lots and (one := self._asked(kind))]
            answers = perform_together(asked, self.office)
            refused = [answer for answer in answers if not isinstance(answer, Receipt)]
            assert not refused, refused[0]
            self.moved.acts += len(asked)

    def _asked(self, kind: str) -> Asked:
        place = self.chance.randrange(len(self.lots))
        lot = self.lots[place]
        block = lot.block
        if block.quantity > 1 and self.chance.random() < self.plan.split:
            cut = self.chance.randrange(block.first, block.last)
            self.lots[place] = Lot(Block(block.series, cut + 1, block.last), lot.account)
            block = Block(block.series, block.first, cut)
        else:
            self.lots[place] = self.lots[-1]
            self.lots.pop()
        request: dict[str, object] = {"blocks": [str(block)], "occurred_on": self.day.isoformat()}
        if kind == "transfer":
            target = self.chance.choice([one for one in self.chance.sample(self.accounts, 2) if one != lot.account])
            self.lots.append(Lot(block, target))
            request["target_account"] = target
        elif kind == "retire":
            year = int(str(block.series.vintage))
            request |= {"retirement_account": "JPN/retirement", "used_for_year": year, "purpose": "ndc"}
        else:
            request |= {"cancellation_account": "JPN/cancellation", "purpose": "omge", "reason": "simulation"}
        return ask(act(kind), request, None, "simulation")

    def year(self, year: int) -> None:
        """Twelve months, each with its registrations, decisions, issuances and moves on its last day."""
        self.single, self.moved = Spent(), Spent()
        count = min(self.now.decisions * self.plan.size, len(self.projects))
        issuing = self.chance.sample(self.projects, count)
        new = int(self.now.registrations * self.plan.size)
        for month in range(12):
            self.day = date(year, month + 1, calendar.monthrange(year, month + 1)[1])
            before = self.entries()
            with_issuances = issuing[count * month // 12 : count * (month + 1) // 12]

            def singly(month: int = month, todo: Sequence[tuple[str, str]] = with_issuances) -> None:
                self.register(new * (month + 1) // 12 - new * month // 12)
                for reference, host in todo:
                    self.issue(reference, host)

            self.timed(self.single, singly)
            self.single.acts += self.entries() - before
            kinds = self.kinds(len(with_issuances))
            self.timed(self.moved, lambda kinds=kinds: self.move(kinds))

    def kinds(self, issuances: int) -> list[str]:
        """The moves that go with so many issuances, in a random order; a fraction of one is drawn."""
        rates = (
            ("transfer", self.plan.transfers),
            ("retire", self.plan.retirements),
            ("cancel", self.plan.cancellations),
        )
        found: list[str] = []
        for kind, rate in rates:
            whole, rest = divmod(rate * issuances, 1)
            found += [kind] * (int(whole) + (self.chance.random() < rest))
        self.chance.shuffle(found)
        return found

    def entries(self) -> int:
        """How many entries the journal has."""
        with self.office.transaction() as connection:
            self.backend = connection.info.backend_pid
            return int(connection.execute("select entry_no from log_head").fetchone()[0])  # type: ignore[index]

    def timed(self, spent: Spent, work: Callable[[], None]) -> None:
        """Do it, and add what it took."""
        wall, cpu = time.perf_counter(), time.process_time() + _cpu(self.backend)
        work()
        spent.wall += time.perf_counter() - wall
        spent.cpu += time.process_time() + _cpu(self.backend) - cpu


def _share(account: str, vintage: str, quantity: int) -> dict[str, object]:
    return {"account_id": account, "vintage": vintage, "quantity": quantity}


def _cpu(pid: int) -> float:
    """Seconds that a process has run; zero where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
    except OSError:
        return 0


# --- What is asked of the book --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class YearEnd:
    """The book at the end of a year."""

    year: int
    entries: int
    holdings: int
    leaves: int
    size: int
    single: Spent
    moved: Spent
    statement: float
    """Seconds, the median of some participants' accounts chosen at random."""
    government: float
    """Seconds: the same of the account that holds most."""


def seconds(work: Callable[[], T]) -> tuple[float, T]:
    """How long it takes, and what it gives."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def statement(connection: Any, account: str, day: date) -> int:
    """The statement of an account as of the end of a day: its sums by project and vintage, and its blocks."""
    cut, wanted = Cut(day), Wanted(account=account)
    total = holdings_as_of(connection, cut, wanted, ("project", "vintage")).total
    assert total == sum(block.quantity for block in blocks_as_of(connection, cut, wanted))
    return total


def year_end(simulation: Simulation, samples: int = 9) -> YearEnd:
    """Measure the book as it is."""
    accounts = random.Random(simulation.day.year).sample(  # noqa: S311 - a choice that can be repeated
        simulation.accounts, min(samples, len(simulation.accounts))
    )
    with simulation.office.transaction() as connection:
        times = [seconds(lambda name=name: statement(connection, name, simulation.day))[0] for name in accounts]
        government = seconds(lambda: statement(connection, "JPN/government", simulation.day))[0]
        row = connection.execute(
            "select h.entry_no, (select count(*) from holding), h.tree_size, pg_database_size(current_database())"
            " from log_head h"
        ).fetchone()
    assert row is not None
    return YearEnd(simulation.day.year, *row, simulation.single, simulation.moved, statistics.median(times), government)


@dataclass(frozen=True)
class Reports:
    """The questions over the whole book at the end of a year, in seconds."""

    year: int
    actions: int
    build: float
    write: float
    holdings: float
    cpu: float
    """CPU seconds of this program for all three: a busy machine inflates them less."""


def reports(simulation: Simulation) -> Reports:
    """Japan's annual information under Article 6, and all holdings by account and by project as of the year's end."""
    day = simulation.day

    def build() -> Any:
        with simulation.office.transaction() as connection:
            entries = article6_entries(connection, "public")
        return build_aef("JPN", day.year, article6_data("public", entries.movements, entries.authorizations))

    def book() -> None:
        with simulation.office.transaction() as connection:
            holdings_as_of(connection, Cut(day), Wanted(), ("account",))
            holdings_as_of(connection, Cut(day), Wanted(), ("project",))

    began = time.process_time()
    built, aef = seconds(build)
    return Reports(
        day.year, sum(len(table.rows) for table in aef.tables), built, seconds(lambda: write_aef(aef))[0],
        seconds(book)[0], time.process_time() - began,
    )  # fmt: skip


# --- A run ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What a run found."""

    years: tuple[YearEnd, ...]
    reports: tuple[Reports, ...]
    audit: float
    audited: int
    clean: bool


HEAD = (
    "year    entries   holdings     leaves  MB on disk  singly/s  CPU ms  moves/s  CPU us  statement ms  government ms"
)


def line(item: YearEnd) -> str:
    """One year as printed under ``HEAD``."""
    return (
        f"{item.year} {item.entries:>10,} {item.holdings:>10,} {item.leaves:>10,} {item.size / 1e6:>11,.0f}"
        f" {item.single.rate:>9,.0f} {item.single.each * 1e3:>7.1f} {item.moved.rate:>8,.0f}"
        f" {item.moved.each * 1e6:>7,.0f} {item.statement * 1e3:>13,.1f} {item.government * 1e3:>14,.1f}"
    )


def simulate(office: Office, plan: Plan, say: Callable[[str], None]) -> Result:
    """Found the book, let the years go by, ask, audit; what is found is said as it comes."""
    now = today()
    for sentence in told(plan, now):
        say(sentence)
    chance = random.Random(plan.seed)  # noqa: S311 - a workload that can be repeated
    simulation = Simulation(office, plan, now, chance, date(plan.first_year - 1, 12, 31))
    office.clock = lambda: datetime(*simulation.day.timetuple()[:3], 12, tzinfo=UTC)
    began = seconds(simulation.found)[0]
    say(f"\nfounded with {simulation.entries():,} entries in {began:,.0f} s\n{HEAD}")
    years, asked = [], []
    last = plan.first_year + plan.years - 1
    for year in range(plan.first_year, last + 1):
        simulation.year(year)
        years.append(year_end(simulation))
        say(line(years[-1]))
        if year in {plan.first_year, (plan.first_year + last) // 2, last}:
            asked.append(reports(simulation))
    for item in asked:
        say(
            f"{item.year}: Japan's annual information, {item.actions:,} rows: {item.build:.2f} s to build,"
            f" {item.write:.2f} s to write; holdings of the whole book as of the year's end, by account and by project:"
            f" {item.holdings:.2f} s; CPU of this program {item.cpu:.1f} s"
        )
    cpu = time.process_time()
    spent, (findings, entries) = seconds(lambda: audit_office(office))
    clean = is_clean(findings)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said = "clean" if clean else "NOT CLEAN"
    cpu = time.process_time() - cpu
    say(f"audit of {entries:,} entries: {spent:.1f} s (CPU {cpu:.1f} s), {said}; most memory {memory:,.0f} MB")
    for finding in [] if clean else findings[:20]:
        say(f"  {finding.message('en')}")
    return Result(tuple(years), tuple(asked), spent, entries, clean)


def ratios(result: Result) -> list[str]:
    """The last year beside the first."""
    first, last = result.years[0], result.years[-1]
    pairs = (
        ("entries", first.entries, last.entries), ("holdings", first.holdings, last.holdings),
        ("acts a second, singly", first.single.rate, last.single.rate),
        ("acts a second, moves", first.moved.rate, last.moved.rate),
        ("CPU of an act, singly", first.single.each, last.single.each),
        ("CPU of a move", first.moved.each, last.moved.each),
        ("statement of an account", first.statement, last.statement),
        ("statement of the government's account", first.government, last.government),
    )  # fmt: skip
    return [f"last year : first year, {name}: {b / a:.2f}" for name, a, b in pairs if a]


def arguments() -> Plan:
    """The plan as the command line says it."""
    parser = argparse.ArgumentParser(description="Years of a JCM many times today's size, through the real acts.")
    default = Plan()
    for name in ("size", "years", "first_year", "seed"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(default, name))
    for name in ("transfers", "retirements", "cancellations", "split", "government"):
        parser.add_argument(f"--{name}", type=Fraction, default=getattr(default, name))
    return Plan(**vars(parser.parse_args()))


def main() -> None:
    """Print a run's figures; the exit code says whether the audit was clean."""
    plan = arguments()
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), settings=SETTINGS) as server:
        migrate(server.url)
        office = open_office(Path(folder), server.url)
        result = simulate(office, plan, lambda text: print(text, flush=True))
        office.close()
    print("\n".join(ratios(result)))
    raise SystemExit(0 if result.clean else 1)


if __name__ == "__main__":
    main()
