"""Many acts that move credits, done in one transaction: each decided by itself, in order, all written as sets.

A commit to disk, a signature and some twenty statements cost the same for one act and for a thousand, so what arrives
while the last thousand are written is done together. Each act still has its own entry, its own leaf and its own
answer; one that is refused leaves no trace and hinders no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

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
from openjcm.store.ledger import Moved, brought_by, lock_holdings, read_accounts, write_moved

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
            return _Together(asked, office).perform()
        except (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable):
            pass
        except (errors.IntegrityError, errors.DataError):
            return [_alone(one, office) for one in asked]
        except errors.DiskFull:
            return [DISK_FULL(folder=office.data_dir or "PostgreSQL") for _ in asked]
        except (psycopg.OperationalError, psycopg.InterfaceError):
            # The connection broke, perhaps after the commit: the keys tell on the next try.
            office.drop_connections()
        pause(attempt)
    return [not_reached(office) for _ in asked]


def _alone(one: Asked, office: Office) -> Answer:
    try:
        return perform(one.act, one.request, office=office, key=one.key, actor=one.actor)
    except Refused as refused:
        return refused


class _Together:
    """One transaction of many acts."""

    def __init__(self, asked: Sequence[Asked], office: Office) -> None:
        self.asked, self.office = asked, office
        self.answers: dict[int, Answer] = {}
        self.entries: list[tuple[int, Written, dict[str, Any]]] = []
        """Place among the asked, the entry, its outcome."""
        self.moved: list[Moved] = []
        self.done: dict[str, int] = {}
        """Key → place of the act that was done under it here."""
        self.repeats: dict[int, int] = {}
        """Place of an act under a key that was used before it here → place of that one."""

    def perform(self) -> list[Answer]:
        recorded_at = self.office.clock()
        blocks = self._readable(recorded_at)
        with self.office.transaction() as connection:
            holdings = lock_holdings(connection, [block for found in blocks.values() for block in found])
            before, head = list(holdings), journal.lock_head(connection)
            # Whoever writes holds the head: what is under a key now stands, also what these locks waited for.
            self._answer_known(connection, blocks)
            open_places = [place for place in blocks if place not in self.answers]
            accounts = read_accounts(connection, {self._target(place) for place in open_places})
            self._decide_all(
                Desk(connection, self.office.files, recorded_at), open_places, blocks, accounts, holdings, head
            )
            self._write(connection, head, before, holdings, recorded_at)
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

    def _answer_known(self, connection: psycopg.Connection, places: Iterable[int]) -> None:
        """Answer what is on record under its key."""
        done = journal.find_all(connection, [self.asked[place].key for place in places])
        for place in places if done else ():
            if found := done.get(self.asked[place].key):
                self.answers[place] = _replay(self.asked[place], *found)

    def _decide_all(
        self,
        desk: Desk,
        places: Sequence[int],
        blocks: Mapping[int, tuple[Block, ...]],
        accounts: Mapping[str, Account],
        holdings: Holdings,
        head: journal.Head,
    ) -> None:
        """Decide each act in its turn, upon what those before it left; the holdings go along."""
        number = head.entry_no
        for place in places:
            key = self.asked[place].key
            if key in self.done:
                self.repeats[place] = self.done[key]
                continue
            try:
                account = accounts.get(self._target(place))
                self._decide(desk, place, blocks[place], account, holdings, number + 1)
            except Refused as refused:
                self.answers[place] = refused
            else:
                number += 1
                self.done[key] = place

    def _decide(
        self,
        desk: Desk,
        place: int,
        blocks: tuple[Block, ...],
        account: Account | None,
        holdings: Holdings,
        entry_no: int,
    ) -> None:
        """Decide one act, put it down to be written, and bring the holdings to where it leads.

        Raises:
            Refused: by the rule that it breaks; the holdings are as they were.
        """
        one = self.asked[place]
        assert one.act.moves is not None
        if account is None:
            raise UNKNOWN_ACCOUNT(account=self._target(place))
        state = one.act.moves.complete(desk, one.request, State(blocks, account, holdings))
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

    def _write(
        self,
        connection: psycopg.Connection,
        head: journal.Head,
        before: Sequence[Holding],
        after: Holdings,
        now: datetime,
    ) -> None:
        if not self.entries:
            return
        leaves = journal.append_all(connection, head, [entry for _, entry, _ in self.entries], now, self.office.signer)
        write_moved(connection, self.moved, before, after)
        for (place, entry, outcome), (index, leaf) in zip(self.entries, leaves, strict=True):
            self.answers[place] = Receipt(entry.entry_no, index, leaf, entry.key, outcome, replayed=False)
        self._tell_partners(connection)

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
