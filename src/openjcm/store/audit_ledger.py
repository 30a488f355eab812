"""Audit of the ledger: every entry is replayed from the journal through the pure function, with all its guards.

Nothing is taken from the tables of the ledger. Accounts, projects, decisions and authorizations come from the
journal's requests, in its order; then origins, movements and holdings are compared with what the tables say, and the
invariants are run over the tables themselves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, LiteralString, TypeVar

import psycopg

from openjcm.refusals import Finding, Refused
from openjcm.registry.accounts import OF_GOVERNMENTS, Account, AccountType, Kind
from openjcm.registry.choosing import Choice, choose
from openjcm.registry.gate import AuthorizationOnFile, RetirementRules
from openjcm.registry.invariants import INVARIANTS, Book, HeldFact, IssuedFact, MovedFact, SideFact
from openjcm.registry.ledger import (
    Cancel,
    Correction,
    Entry,
    Holding,
    Holdings,
    InternationalTransfer,
    Issue,
    Movement,
    Origin,
    Retire,
    SignedConsent,
    Transfer,
    movements,
)
from openjcm.registry.serials import Block, Vintage, parse_block
from openjcm.store import audit_accounts, audit_applications, audit_proposals, audit_storage
from openjcm.store.audit import JournalRow, RulesOnDay, finding, stream
from openjcm.store.audit_accounts import PlacedBar, PlacedHold
from openjcm.store.audit_applications import Applied
from openjcm.store.audit_comparison import Comparison
from openjcm.store.audit_proposals import FourEyes
from openjcm.store.audit_sums import Sums
from openjcm.store.ledger import authorization_of, block_of, brought_by

T = TypeVar("T")


class Tables:
    """What the ledger's tables should say, compared as the journal is replayed."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.origins = Comparison("block_origin", _origin_rows(connection))
        self.movements = Comparison("movement", _movement_rows(connection))
        self.sums = Sums()


@dataclass
class Replay:
    """What the journal says so far."""

    rules_on_day: RulesOnDay
    tables: Tables
    corrected: dict[int, list[Movement]]
    """The movements so far of each entry that a correction names."""
    registries: dict[tuple[str, str], str] = field(default_factory=dict)
    worlds: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    decisions: dict[tuple[str, str], JournalRow] = field(default_factory=dict)
    """Decision and side that has not issued yet."""
    authorizations: dict[str, tuple[AuthorizationOnFile, ...]] = field(default_factory=dict)
    """By world."""
    issued: set[tuple[str, str]] = field(default_factory=set)
    holdings: Holdings = field(default_factory=Holdings)
    holds: dict[str, PlacedHold] = field(default_factory=dict)
    bars: list[PlacedBar] = field(default_factory=list)
    four_eyes: FourEyes = field(default_factory=FourEyes)
    applications: dict[str, Applied] = field(default_factory=dict)
    kept: audit_storage.Kept = field(default_factory=audit_storage.Kept)

    def on_file(self, world: str) -> tuple[AuthorizationOnFile, ...]:
        """The authorizations of a world so far."""
        return self.authorizations.get(world, ())

    def apply(self, row: JournalRow, entry: Entry, details: dict[str, Any]) -> None:
        """Replay an entry that moves credits."""
        _apply(self, row, movements(self.holdings, entry), details)


def check_ledger(
    connection: psycopg.Connection, journal: Iterable[JournalRow], rules_on_day: RulesOnDay
) -> Iterator[Finding]:
    """The ledger's tables are what the journal gives, and every entry keeps every rule."""
    replay = Replay(rules_on_day, Tables(connection), {entry_no: [] for entry_no in _corrected(connection)})
    for row in journal:
        step = STEPS.get(row.act)
        if step is None:
            continue
        try:
            step(replay, row)
        except Refused as refused:
            yield finding("entry_breaks_a_rule", entry=row.entry_no, reason=str(refused))
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError, StopIteration) as error:
            yield finding("entry_not_readable", entry=row.entry_no, reason=f"{type(error).__name__} {error}")
    yield from _compare(connection, replay)
    yield from _check_invariants(connection)


def _corrected(connection: psycopg.Connection) -> Iterator[int]:
    query = "select request -> 'corrects' from journal where act = 'correct_mistake'"
    return (number for (number,) in connection.execute(query) if isinstance(number, int))


# Replaying ------------------------------------------------------------------------------------------------------------


def _open_registry(replay: Replay, row: JournalRow) -> None:
    request = row.request
    replay.registries[request["party"], request["world"]] = request["registry_id"]
    replay.worlds[request["registry_id"]] = request["world"]


def _open_account(replay: Replay, row: JournalRow) -> None:
    request = row.request
    replay.accounts[request["account_id"]] = Account(
        request["account_id"], request["registry_id"], AccountType(request["account_type"]), row.occurred_on
    )


def _register_project(replay: Replay, row: JournalRow) -> None:
    replay.hosts[row.request["reference"]] = row.request["host_party"]


def _decide(replay: Replay, row: JournalRow) -> None:
    for made in row.outcome.get("reversals_deducted", ()):
        audit_storage.settle(replay, made["reversal_id"], made["tonnes"])
    for side in row.request["sides"]:
        replay.decisions[row.request["decision_id"], side["side"]] = row


def _authorize(replay: Replay, row: JournalRow) -> None:
    request = row.request
    given = authorization_of(
        request["party"], request["authorization_id"], request["version"], row.occurred_on, request
    )
    replay.authorizations[request["world"]] = (*replay.on_file(request["world"]), given)


def _issue(replay: Replay, row: JournalRow) -> None:
    decision_id, side = row.request["decision_id"], row.request["side"]
    if (decision_id, side) in replay.issued:
        raise ValueError(f"second issuance of {side} by {decision_id}")
    decision = replay.decisions.pop((decision_id, side))
    replay.issued.add((decision_id, side))
    decided = next(item for item in decision.request["sides"] if item["side"] == side)
    items = [(parse_block(item["block"]), replay.accounts[item["account_id"]]) for item in row.outcome["blocks"]]
    shares = Counter({(share["account_id"], share["vintage"]): share["quantity"] for share in decided["shares"]})
    given: Counter[tuple[str, str]] = Counter()
    for block, account in items:
        given[account.account_id, block.series.vintage] += block.quantity
    if given != shares:
        raise ValueError(f"issued {dict(given)}, decided {dict(shares)}")
    origins = _origins_of(replay, row, decision, side, [block for block, _ in items])
    entry = Issue(
        decision.occurred_on,
        row.occurred_on,
        tuple((origins[str(block.series)], block, account) for block, account in items),
    )
    _apply(replay, row, movements(replay.holdings, entry), {})
    projects = sorted(set(decision.request["projects"]))
    for origin in origins.values():
        replay.tables.origins.expect(row.entry_no, _origin_row(origin, projects, row.entry_no))


def _origins_of(
    replay: Replay, row: JournalRow, decision: JournalRow, side: str, blocks: Sequence[Block]
) -> dict[str, Origin]:
    request = decision.request
    registry_id = replay.registries[side, request["world"]]
    parties = tuple(sorted({"JPN", side, *(replay.hosts[project] for project in request["projects"])}))
    origins = {}
    for series in {block.series for block in blocks}:
        own = sorted(block for block in blocks if block.series == series)
        vintage = Vintage.parse(series.vintage)
        first, last = vintage.first_year, vintage.last_year
        if first is None and request["monitoring_start"] and request["monitoring_end"]:
            first, last = int(request["monitoring_start"][:4]), int(request["monitoring_end"][:4])
        whole = Block(series, own[0].first, own[-1].last)
        if sum(block.quantity for block in own) != whole.quantity:
            raise ValueError(f"gaps in {whole}")
        origins[str(series)] = Origin(
            0, whole, registry_id, request["decision_id"], row.occurred_on, parties, first, last
        )
    return origins


def _transfer(replay: Replay, row: JournalRow) -> None:
    target = replay.accounts[row.request["target_account"]]
    _apply(replay, row, movements(replay.holdings, Transfer(_chosen(replay, row), target, row.occurred_on)), {})


def _retire(replay: Replay, row: JournalRow) -> None:
    request = row.request
    target = replay.accounts[request["retirement_account"]]
    blocks = _chosen(replay, row)
    rules, on_file = _gate(replay, row, target, blocks)
    year, purpose, serves = request["used_for_year"], request["purpose"], request.get("serves")
    entry = Retire(blocks, target, row.occurred_on, year, purpose, on_file, rules, serves)
    details = {"used_for_year": year, "purpose": purpose}
    details |= {name: request[name] for name in ("serves", "served") if name in request}
    _apply(replay, row, movements(replay.holdings, entry), details)


def _cross(replay: Replay, row: JournalRow) -> None:
    target = replay.accounts[row.request["target_account"]]
    blocks, world = _blocks(row), replay.worlds[target.registry_id]
    parties = {held.account.party for block in blocks for held in replay.holdings.overlapping(block)}
    rules = replay.rules_on_day(sorted(parties | {target.party}), row.occurred_on)
    allowed = tuple(party for where, party in rules.crossing if where == world)
    entry = InternationalTransfer(blocks, target, row.occurred_on, allowed)
    _apply(replay, row, movements(replay.holdings, entry), {"acquiring_registry": target.registry_id})


def _correct(replay: Replay, row: JournalRow) -> None:
    request = row.request
    moved = tuple(replay.corrected[request["corrects"]])
    sha256 = request["content_sha256"]
    consents = tuple(SignedConsent(**one) for one in request["consents"])
    source = next(item.source for item in moved if item.source is not None)
    entry = Correction(
        _blocks(row), replay.accounts[source.account_id], row.occurred_on, request["corrects"], moved,
        request["reason"], sha256, consents, _gate(replay, row, moved[0].target, _blocks(row))[0].correctable,
        _approvers(replay, replay.worlds[source.registry_id]),
    )  # fmt: skip
    details = {"corrects": request["corrects"], "reason": request["reason"], "document_sha256": sha256}
    _apply(replay, row, movements(replay.holdings, entry), details)


def _approvers(replay: Replay, world: str) -> dict[str, frozenset[str]]:
    """By Party: the keys of those who approve for its government's accounts, at this entry."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for person in replay.four_eyes.representatives.values():
        account = replay.accounts[person.account_id]
        here = replay.worlds[account.registry_id] == world
        if here and "approve" in person.rights and account.account_type in OF_GOVERNMENTS:
            found[account.party].add(person.public_key)
    return {party: frozenset(keys) for party, keys in found.items()}


def _gate(
    replay: Replay, row: JournalRow, target: Account, blocks: Sequence[Block]
) -> tuple[RetirementRules, tuple[AuthorizationOnFile, ...]]:
    """The rules of the day for the Parties concerned, and the authorizations of the registry's world so far."""
    parties = {name for block in blocks for held in replay.holdings.overlapping(block) for name in held.origin.parties}
    on_file = replay.on_file(replay.worlds[target.registry_id])
    return replay.rules_on_day(sorted(parties), row.occurred_on), on_file


def _cancel(replay: Replay, row: JournalRow) -> None:
    request = row.request
    target = replay.accounts[request["cancellation_account"]]
    blocks = _chosen(replay, row)
    rules, on_file = _gate(replay, row, target, blocks)
    entry = Cancel(blocks, target, row.occurred_on, request["purpose"], on_file, rules)
    details = {"purpose": request["purpose"], "reason": request["reason"]}
    _apply(replay, row, movements(replay.holdings, entry), details)


def _chosen(replay: Replay, row: JournalRow) -> tuple[Block, ...]:
    """The blocks of a request; where it names a rule, the rule chooses again and must choose the same."""
    asked = row.request.get("choose")
    if asked is None:
        return _blocks(row)
    choice = Choice(asked["rule"], asked["quantity"], asked["account"], asked["project"], asked["itmo_only"])
    world = replay.worlds[replay.accounts[choice.account_id].registry_id]
    return choose(replay.holdings, choice, replay.on_file(world), row.occurred_on)


def _blocks(row: JournalRow) -> tuple[Block, ...]:
    return tuple(parse_block(text) for text in row.request["blocks"])


def _apply(replay: Replay, row: JournalRow, found: Sequence[Movement], details: dict[str, Any]) -> None:
    said = [item if isinstance(item, str) else item["block"] for item in row.outcome["blocks"]]
    if said != [str(item.block) for item in found]:
        raise ValueError(f"outcome {said}, replayed {[str(item.block) for item in found]}")
    for item in found:
        made = _movement_row(item, details, row.entry_no, brought_by(replay.holdings, item))
        replay.tables.movements.expect(row.entry_no, made)
        replay.tables.sums.add(item, row.entry_no)
    if row.entry_no in replay.corrected:
        replay.corrected[row.entry_no] += [replace(item, cause=row.entry_no) for item in found]
    replay.holdings.take(found, row.entry_no)


STEPS: dict[str, Callable[[Replay, JournalRow], None]] = {
    "open_registry": _open_registry,
    "open_account": _open_account,
    "register_project": _register_project,
    "decide_issuance": _decide,
    "record_authorization": _authorize,
    "issue": _issue,
    "transfer": _transfer,
    "retire": _retire,
    "cancel": _cancel,
    **audit_accounts.STEPS,
    **audit_storage.STEPS,
    **audit_proposals.STEPS,
    **audit_applications.STEPS,
    "international_transfer": _cross,
    "correct_mistake": _correct,
}


# Comparing ------------------------------------------------------------------------------------------------------------


Row = dict[str, Any]
Placed = tuple[Any, Row]


def _compare(connection: psycopg.Connection, replay: Replay) -> Iterator[Finding]:
    yield from audit_accounts.compare(connection, replay)
    yield from replay.tables.origins.differences()
    yield from replay.tables.movements.differences()
    holdings = Comparison("holding", _holding_rows(connection))
    for item in replay.holdings:
        holdings.expect((str(item.block.series), item.block.first), _holding_row(item))
    yield from holdings.differences()
    yield from replay.tables.sums.differences(connection)


def _origin_row(origin: Origin, projects: Sequence[str], entry_no: int) -> Row:
    return {
        "block": str(origin.block), "registry": origin.registry_id, "projects": projects,
        "vintage": origin.block.series.vintage, "decision": origin.decision_id, "issued_on": origin.issued_on,
        "entry_no": entry_no,
    }  # fmt: skip


def _origin_rows(connection: psycopg.Connection) -> Iterator[Placed]:
    for series, serials, registry, projects, vintage, decision, issued_on, entry_no in stream(
        connection,
        "select series, serials, registry_id, projects, vintage, decision_id, issued_on, entry_no from block_origin"
        " order by entry_no",
    ):
        yield (
            entry_no,
            {
                "block": str(block_of(series, serials)), "registry": registry, "projects": projects,
                "vintage": vintage, "decision": decision, "issued_on": issued_on, "entry_no": entry_no,
            },
        )  # fmt: skip


def _movement_row(item: Movement, details: Row, entry_no: int, from_entry_no: int | None) -> Row:
    return {
        "kind": item.kind, "registry": item.registry_id, "block": str(item.block),
        "origin": str(item.origin.block), "source": item.source.account_id if item.source else None,
        "target": item.target.account_id, "occurred_on": item.occurred_on, "details": details,
        "entry_no": entry_no, "from_entry_no": from_entry_no,
    }  # fmt: skip


def _movement_rows(connection: psycopg.Connection) -> Iterator[Placed]:
    for kind, registry, series, serials, o_series, o_serials, source, target, day, details, entry_no, since in stream(
        connection,
        "select m.kind, m.registry_id, m.series, m.serials, o.series, o.serials, m.source_account,"
        " m.target_account, m.occurred_on, m.details, m.entry_no, m.from_entry_no"
        " from movement m join block_origin o using (origin_id) order by m.entry_no",
    ):
        yield (
            entry_no,
            {
                "kind": kind, "registry": registry, "block": str(block_of(series, serials)),
                "origin": str(block_of(o_series, o_serials)), "source": source, "target": target, "occurred_on": day,
                "details": details, "entry_no": entry_no, "from_entry_no": since,
            },
        )  # fmt: skip


def _holding_row(item: Holding) -> Row:
    return {
        "block": str(item.block), "account": item.account.account_id, "origin": str(item.origin.block),
        "since": item.since, "entry_no": item.cause,
    }  # fmt: skip


def _holding_rows(connection: psycopg.Connection) -> Iterator[Placed]:
    for series, serials, account, o_series, o_serials, since, entry_no in stream(
        connection,
        "select h.series, h.serials, h.account_id, o.series, o.serials, h.since, h.since_entry_no"
        " from holding h join block_origin o using (origin_id)"
        ' order by h.series collate "C", lower(h.serials)',
    ):
        block = block_of(series, serials)
        yield (
            (str(block.series), block.first),
            {
                "block": str(block), "account": account, "origin": str(block_of(o_series, o_serials)),
                "since": since, "entry_no": entry_no,
            },
        )  # fmt: skip


def _check_invariants(connection: psycopg.Connection) -> Iterator[Finding]:
    book = read_book(connection)
    for name, check in INVARIANTS.items():
        for case in check(book):
            yield finding("invariant_broken", name=name, sentence=(check.__doc__ or "").strip(), case=case)


@dataclass(frozen=True)
class _Facts(Generic[T]):
    """Rows of a table as facts, read each time that they are asked for."""

    connection: psycopg.Connection
    query: LiteralString
    make: Callable[..., T]

    def __iter__(self) -> Iterator[T]:
        return (self.make(*row) for row in stream(self.connection, self.query))


def read_book(connection: psycopg.Connection) -> Book:
    """The tables of the ledger as the invariants look at them."""
    accounts = {
        row[0]: Account(row[0], row[1], AccountType(row[2]), row[3])
        for row in connection.execute("select account_id, registry_id, account_type, opened_on from account")
    }
    holdings = _Facts(
        connection,
        "select series, serials, account_id, origin_id, since from holding",
        lambda series, serials, *rest: HeldFact(block_of(series, serials), *rest),
    )
    moved = _Facts(
        connection,
        "select entry_no, kind, series, serials, origin_id, source_account, target_account, occurred_on, details"
        " from movement order by entry_no, movement_id",
        lambda entry_no, kind, series, serials, *rest: MovedFact(
            entry_no, Kind(kind), block_of(series, serials), *rest
        ),
    )
    origins = _Facts(
        connection,
        "select origin_id, series, serials, registry_id, decision_id, issued_on from block_origin",
        lambda origin_id, series, serials, *rest: IssuedFact(origin_id, block_of(series, serials), *rest),
    )
    return Book(accounts, holdings, moved, origins, _side_facts(connection))


def _side_facts(connection: psycopg.Connection) -> list[SideFact]:
    # Both sums are made once for all sides: asked for each side, the time would grow with the square of the issuances.
    rows = connection.execute(
        "with shared as (select decision_id, side, sum(quantity) as quantity from side_issuance_share group by 1, 2),"
        " issued as (select o.decision_id, r.party as side, sum(upper(o.serials) - lower(o.serials)) as quantity"
        "   from block_origin o join registry r using (registry_id) group by 1, 2)"
        " select s.decision_id, s.side, d.decided_on, d.total, s.notified, s.state, s.issued_on,"
        " coalesce(h.quantity, 0)::bigint, coalesce(i.quantity, 0)::bigint,"
        " s.notified is not distinct from 0 or exists (select 1 from registry r"
        "   where r.party = s.side and r.world = d.world)"
        " from side_issuance s join issuance_decision d using (decision_id)"
        " left join shared h using (decision_id, side) left join issued i using (decision_id, side) order by 1, 2"
    )
    return [SideFact(*row) for row in rows]
