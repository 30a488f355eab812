"""Many acts that move credits, done in one transaction: each decided by itself, in order, all written as sets.

A commit to disk, a signature and some twenty statements cost the same for one act and for a thousand, so what arrives
while the last thousand are written is done together. Each act still has its own entry, its own leaf and its own
answer; one that is refused leaves no trace and hinders no other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, TypeAlias

import psycopg
from psycopg import errors

from openjcm.canonical import canonical_text, sha256_hex
from openjcm.commands.framework import (
    ATTEMPTS,
    Act,
    Desk,
    Request,
    checked_key,
    not_in_the_future,
    not_reached,
    pause,
    perform,
    same_request_under_key,
    today_in_tokyo,
)
from openjcm.commands.lookups import UNKNOWN_ACCOUNT, read_blocks
from openjcm.commands.noticing import tell_partners
from openjcm.commands.office import Office
from openjcm.commands.transfer import State
from openjcm.refusals import Refused
from openjcm.registry.accounts import Account
from openjcm.registry.entries import Holding
from openjcm.registry.ledger import Holdings
from openjcm.registry.serials import Block
from openjcm.store import journal
from openjcm.store.disk import DISK_FULL
from openjcm.store.journal import Receipt, Written
from openjcm.store.ledger import (
    Moved,
    accounts_of,
    ask_accounts,
    brought_by,
    holdings_of,
    lock_issuances,
    moves_of,
    write_moves,
)

Answer = Receipt | Refused


class Asked(NamedTuple):
    """An act that somebody asks for: read and found well-formed, not yet looked at."""

    act: Act[Any, Any]
    request: Request
    form: str
    """The canonical text of the request."""
    sha256: str
    key: str
    actor: str


def ask(act: Act[Any, Any], data: object, key: str | None, actor: str) -> Asked:
    """Read a request for an act that moves credits.

    Raises:
        Refused: ``request_not_understood``.
    """
    assert act.moves is not None, "only what moves credits is done together"
    request = act.read(data)
    form = act.form_text(request)
    sha256 = sha256_hex(f'{{"act":"{act.name}","request":{form}}}'.encode())
    return Asked(act, request, form, sha256, sha256 if key is None else checked_key(act, key), actor)


def perform_together(asked: Sequence[Asked], office: Office) -> list[Answer]:
    """Do the acts in their order, each once, and answer each: its receipt, or its refusal.

    What breaks a transaction as a whole (a key that another writer took meanwhile, a wall of the database) is done
    again one by one, so that one act never fails for another's sake.
    """
    if any(getattr(one.request, "choose", None) is not None for one in asked):
        return [_alone(one, office) for one in asked]  # what a rule takes depends on what was done before
    for attempt in range(ATTEMPTS):
        try:
            return _under_locks(asked, office)
        except (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable):
            pass
        except (errors.IntegrityError, errors.DataError, Refused):
            return [_alone(one, office) for one in asked]
        except errors.DiskFull:
            return [DISK_FULL(folder=office.data_dir or "PostgreSQL") for _ in asked]
        except (psycopg.OperationalError, psycopg.InterfaceError):
            # The connection broke, perhaps after the commit: the keys tell on the next try.
            office.drop_connections()
        pause(attempt)
    return [not_reached(office) for _ in asked]


def _under_locks(asked: Sequence[Asked], office: Office) -> list[Answer]:
    batch = Batch(asked, office)
    # Questions that do not depend on each other's answers travel together, and the writing with the commit.
    with office.transaction() as connection, connection.pipeline():
        issuances = lock_issuances(connection, batch.all_blocks)
        # Whoever writes holds the head: what stands under a key now is all, also what these locks waited for.
        end = journal.ask_head(connection)
        looks = batch.look(connection)
        holdings, head = holdings_of(connection, batch.all_blocks, issuances), journal.head_of(end)
        batch.decide(connection, looks, holdings, head.entry_no)
        batch.prepare(head)
        batch.write(connection)
        connection.commit()
    return batch.said()


def _alone(one: Asked, office: Office) -> Answer:
    try:
        return perform(one.act, one.request, office=office, key=one.key, actor=one.actor)
    except Refused as refused:
        return refused


Looks: TypeAlias = "tuple[psycopg.Cursor, psycopg.Cursor]"


class Batch:
    """Acts that are decided in their order, upon what was read at one state of the journal, and written as sets."""

    def __init__(self, asked: Sequence[Asked], office: Office) -> None:
        self.asked, self.office = asked, office
        self.recorded_at = office.clock()
        self.answers: dict[int, Answer] = {}
        self.entries: list[tuple[int, Written, dict[str, Any]]] = []
        """Place among the asked, the entry, its outcome."""
        self.moved: list[Moved] = []
        self.done: dict[str, int] = {}
        """Key → place of the act that was done under it here."""
        self.repeats: dict[int, int] = {}
        """Place of an act under a key that was used before it here → place of that one."""
        self.blocks = self._readable(self.recorded_at)
        self.before: list[Holding] = []
        self.holdings = Holdings()
        self.new: tuple[journal.NewEntries, list[str]] | None = None
        """What is to be written of entries and of movements."""

    @property
    def all_blocks(self) -> list[Block]:
        """All that the acts ask for."""
        return [block for blocks in self.blocks.values() for block in blocks]

    def look(self, connection: psycopg.Connection) -> Looks:
        """Ask for what stands under the keys, and for the accounts that receive."""
        keys = journal.ask_keys(connection, [self.asked[place].key for place in self.blocks])
        return keys, ask_accounts(connection, {self._target(place) for place in self.blocks})

    def decide(
        self,
        connection: psycopg.Connection,
        looks: Looks,
        holdings: Holdings,
        entry_no: int,
        in_flight: Sequence[Moved] = (),
    ) -> None:
        """Decide the acts upon holdings as they were after an entry, and after movements that are being written."""
        keys, targets = looks
        for moved in in_flight:
            if holdings.overlapping(moved.movement.block):
                holdings.take([moved.movement], moved.entry_no)
        self.before, self.holdings = list(holdings), holdings
        self._answer_known(journal.found_of(keys))
        open_places = [place for place in self.blocks if place not in self.answers]
        accounts = accounts_of(connection, targets)
        self._decide_all(Desk(connection, self.office.files, self.recorded_at), open_places, accounts, entry_no)

    def prepare(self, head: journal.Head) -> journal.Head:
        """Work out what is to be written of what was decided, behind a head; gives the head behind it.

        Raises:
            Refused: ``leaf_too_long``.
        """
        if not self.entries:
            return head
        entries = [entry for _, entry, _ in self.entries]
        new = journal.new_entries(head, entries, self.recorded_at, self.office.signer)
        self.new = new, moves_of(self.moved, self.before, self.holdings)
        for index, ((place, entry, outcome), leaf) in enumerate(zip(self.entries, new.leaves.hashes, strict=True)):
            self.answers[place] = Receipt(
                entry.entry_no, head.tree_size + index, leaf.hex(), entry.key, outcome, replayed=False
            )
        return new.leaves.head

    def write(self, connection: psycopg.Connection) -> None:
        """Write it; the head behind which it was worked out is locked."""
        if self.new is None:
            return
        entries, moves = self.new
        journal.write_entries(connection, entries)
        write_moves(connection, moves)
        self._tell_partners(connection)

    def said(self) -> list[Answer]:
        """The answers, in the order of the asked."""
        return [self._answer(place) for place in range(len(self.asked))]

    def _readable(self, now: datetime) -> dict[int, tuple[Block, ...]]:
        """The blocks of each act; those that cannot be read are answered."""
        blocks, today = {}, today_in_tokyo(now)
        for place, one in enumerate(self.asked):
            try:
                if one.request.occurred_on > today:
                    not_in_the_future(one.request.occurred_on, now)
                blocks[place] = read_blocks(one.request.blocks)  # type: ignore[attr-defined]
            except Refused as refused:
                self.answers[place] = refused
        return blocks

    def _target(self, place: int) -> str:
        one = self.asked[place]
        assert one.act.moves is not None
        return str(getattr(one.request, one.act.moves.target))

    def _answer_known(self, done: Mapping[str, tuple[str, Receipt]]) -> None:
        """Answer what is on record under its key."""
        for place in self.blocks if done else ():
            if found := done.get(self.asked[place].key):
                self.answers[place] = _replay(self.asked[place], *found)

    def _decide_all(
        self,
        desk: Desk,
        places: Sequence[int],
        accounts: Mapping[str, Account],
        number: int,
    ) -> None:
        """Decide each act in its turn, upon what those before it left; the holdings go along."""
        for place in places:
            key = self.asked[place].key
            if key in self.done:
                self.repeats[place] = self.done[key]
                continue
            try:
                account = accounts.get(self._target(place))
                self._decide(desk, place, account, number + 1)
            except Refused as refused:
                self.answers[place] = refused
            else:
                number += 1
                self.done[key] = place

    def _decide(
        self,
        desk: Desk,
        place: int,
        account: Account | None,
        entry_no: int,
    ) -> None:
        """Decide one act, put it down to be written, and bring the holdings to where it leads.

        Raises:
            Refused: by the rule that it breaks; the holdings are as they were.
        """
        one, holdings = self.asked[place], self.holdings
        assert one.act.moves is not None
        if account is None:
            raise UNKNOWN_ACCOUNT(account=self._target(place))
        state = one.act.moves.complete(desk, one.request, State(self.blocks[place], account, holdings))
        decision = one.act.decide(one.request, state)
        _, found, details = decision.details
        text = canonical_text(details) if details else "{}"
        self.moved += [Moved(entry_no, item, text, brought_by(holdings, item)) for item in found]
        outcome = canonical_text(decision.outcome)
        entry = Written(
            entry_no, one.act.name, one.key, one.form, one.sha256, outcome, one.request.occurred_on, one.actor
        )
        self.entries.append((place, entry, decision.outcome))
        holdings.take(found, entry_no)

    def _tell_partners(self, connection: psycopg.Connection) -> None:
        """What the partners are told of all acts, in the order of their entries."""
        done: list[tuple[str, dict[str, Any], date, Receipt]] = []
        for place, entry, _ in self.entries:
            receipt = self.answers[place]
            assert isinstance(receipt, Receipt), "it was just written"
            done.append((entry.act, {}, entry.occurred_on, receipt))  # what moves credits is told from its outcome
        tell_partners(connection, done)

    def _answer(self, place: int) -> Answer:
        """The answer to one act; a later one under the same key gets what the first got."""
        if place not in self.repeats:
            return self.answers[place]
        first = self.repeats[place]
        receipt = self.answers[first]
        assert isinstance(receipt, Receipt), "only what was done is repeated"
        return _replay(self.asked[place], self.asked[first].sha256, receipt._replace(replayed=True))


def _replay(one: Asked, recorded: str, receipt: Receipt) -> Answer:
    try:
        same_request_under_key(recorded, one.sha256, one.key, receipt.entry_no)
    except Refused as refused:
        return refused
    return receipt
