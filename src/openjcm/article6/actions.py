"""From the registries' movements and the authorizations to the actions that Article 6 knows.

First transfer happens once in the life of a unit and stays with its serial through every split and movement
(2/CMA.3 annex para 2). For use towards an NDC it is the first international transfer; what counts as that in the JCM
is a *named rule per partner*, handed in as ``trigger``:

``japan_side_issuance``
    the issuance of the other side's share into that side's registry;
``international_transfer``
    a transfer between accounts of two Parties;
``retirement``
    the retirement (無効化) by the other side.

For other purposes it is what the authorization says (authorization, issuance, use or cancellation); where both
kinds of use are authorized, the earliest event counts (OpenJCM domain research, 2026-11-21, secondary).
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from openjcm.article6.authorization import (
    Authorization,
    Binding,
    Bindings,
    FirstTransferDefinition,
    Outcome,
    first_covering_day,
    outcome_of,
)
from openjcm.frozen import frozen
from openjcm.refusals import Finding, Severity, refusal
from openjcm.registry.runs import Runs
from openjcm.registry.serials import Block, Vintage

EARLIEST_VINTAGE = 2021
"""Outcomes of earlier years are not ITMOs: 2/CMA.3 annex para 1(e)."""

UNKNOWN_VINTAGE = Vintage(None, None)

TRIGGERS = ("japan_side_issuance", "international_transfer", "retirement")

Trigger: TypeAlias = Callable[[str, date], str]
"""``(host Party, day)`` to the name of the rule for first transfer towards an NDC, one of ``TRIGGERS``."""

UNKNOWN_TRIGGER = refusal(
    "unknown_first_transfer_trigger",
    en="“{name}” is not a rule for the first transfer of {host}.",
    ja="「{name}」は {host} の最初の移転 (first transfer) に関する規則として定められていません。",
    remedy_en="Use one of: {known}.",
    remedy_ja="次のいずれかを指定してください: {known}。",
    clause="2/CMA.3 annex para 2(a); OpenJCM rule first_transfer_trigger",
)


class ActionType(StrEnum):
    """Actions of AEF Table 3."""

    FIRST_TRANSFER = "First transfer"
    TRANSFER = "Transfer"
    ACQUISITION = "Acquisition"
    USE = "Use"
    CANCELLATION = "Cancellation"
    VOLUNTARY_CANCELLATION = "Voluntary Cancellation"


class Subtype(StrEnum):
    """Subtypes of actions, by meaning; each export profile has its own spelling."""

    TO_ANOTHER_PARTY = "to another Party"
    AUTHORIZATION = "authorization"
    ISSUANCE = "issuance"
    USE_OR_CANCELLATION = "use or cancellation"
    VOLUNTARY_OMGE = "voluntary OMGE"
    OTHER_CANCELLATION = "other cancellation"


MOVES_ON = frozenset({"transfer", "international_transfer"})
"""Kinds of movement from holder to holder."""
CONSUMES = frozenset({"retire", "cancel", "reversal"})
"""Kinds of movement after which a unit is not held any more."""
SINKS = {ActionType.USE, ActionType.CANCELLATION, ActionType.VOLUNTARY_CANCELLATION}


@frozen()
class LedgerAction:
    """One row of a registry's movements, with what the projection needs to know of its serials.

    ``kind`` is that of the registry (``registry.accounts.Kind``); ``position`` orders the rows of one entry; the
    Parties are those whose account gives and receives (an issuance has no source).
    """

    entry_no: int
    position: int
    kind: str
    registry_party: str
    block: Block
    host: str
    occurred_on: date
    target_party: str
    source_party: str | None = None
    used_for_year: int | None = None
    purpose: str | None = None
    reason: str | None = None
    decision_id: str | None = None
    corrects: int | None = None
    """Of a correction: the entry that it takes back."""
    monitored: Vintage = UNKNOWN_VINTAGE
    """The years of the monitoring period decided on: they stand in where the serials do not tell the vintage."""

    @cached_property
    def outcome(self) -> Outcome:
        """What an authorization would have to cover."""
        return outcome_of(self.host, self.block.series, self.monitored)


@frozen()
class FirstTransfer:
    """The one first transfer of a run of serials: when, why, under which host authorization."""

    block: Block
    on: date
    subtype: Subtype
    rule: str
    entry_no: int
    host: str
    acquirer: str | None
    bound: Binding
    outcome: Outcome


@frozen()
class Article6Action:
    """One action of one Party on one run of serials with one first transfer. See AEF Table 3 for the fields."""

    party: str
    action_type: ActionType
    subtype: Subtype | None
    block: Block
    occurred_on: date
    entry_no: int
    registry_party: str
    first_transfer: FirstTransfer
    own: Binding | None
    transferring_party: str | None = None
    acquiring_party: str | None = None
    using_party: str | None = None
    used_for_year: int | None = None
    other_purpose: str | None = None
    decision_id: str | None = None

    @property
    def towards_ndc(self) -> bool:
        """Whether the outcome was first transferred under an authorization that includes use towards an NDC."""
        return self.first_transfer.bound.authorization.for_ndc


@dataclass(frozen=True)
class History:
    """Everything that follows from the entries, in order; and what a reader must be told."""

    actions: tuple[Article6Action, ...]
    first_transfers: tuple[FirstTransfer, ...]
    findings: tuple[Finding, ...]


def without_corrected(movements: Iterable[LedgerAction]) -> tuple[LedgerAction, ...]:
    """The movements that stand: a corrected one is left out together with its correction, as far as it reaches.

    What was a mistake is reported in no year; a report filed with it is filed again in a new version.
    """
    rows = tuple(movements)
    taken: dict[int, list[Block]] = defaultdict(list)
    for row in rows:
        if row.corrects is not None:
            taken[row.corrects].append(row.block)
    standing = []
    for row in rows:
        parts: tuple[Block, ...] = () if row.corrects is not None else (row.block,)
        for block in taken.get(row.entry_no, ()):
            parts = _without(parts, block)
        standing += [replace(row, block=part) for part in parts]
    return tuple(standing)


def history(movements: Iterable[LedgerAction], authorizations: Iterable[Authorization], trigger: Trigger) -> History:
    """The actions of all Parties that follow from the movements and the authorizations.

    Raises:
        Refused: ``unknown_first_transfer_trigger``.
    """
    return _Projection(tuple(authorizations), trigger).run(movements)


@dataclass(eq=False)
class _Event:
    """A movement; or, with ``subtype``, the day on which an authorization itself makes units first transferred."""

    day: date
    entry_no: int
    position: int
    movement: LedgerAction
    subtype: Subtype | None = None
    rule: str = ""

    def __lt__(self, other: _Event) -> bool:
        return False  # of two events of one day, entry and position neither comes first


class _Projection:
    def __init__(self, authorizations: tuple[Authorization, ...], trigger: Trigger) -> None:
        self.authorizations = authorizations
        self.bindings = Bindings(authorizations)
        self.trigger = trigger
        self.marked: dict[str, Runs[tuple[int, FirstTransfer]]] = defaultdict(Runs)
        """By series the runs that were transferred first, each once, numbered in the order of marking."""
        self.marks = 0
        self.consumed: dict[str, list[Block]] = defaultdict(list)
        self.too_early: dict[str, list[Block]] = defaultdict(list)
        """Issued before 2021: whatever their vintage, it is not of 2021 or later."""
        self.queue: list[tuple[date, int, int, _Event]] = []
        self.actions: list[Article6Action] = []
        self.findings: list[Finding] = []

    def run(self, movements: Iterable[LedgerAction]) -> History:
        for one in movements:
            self._await_event(_Event(one.occurred_on, one.entry_no, one.position, one))
            self._await_authorization(one)
        while self.queue:
            self._take(heapq.heappop(self.queue)[-1])
        transfers = sorted(
            (first for runs in self.marked.values() for _, (_, first) in runs.all()), key=_transfer_order
        )
        return History(tuple(self.actions), tuple(transfers), tuple(self.findings))

    def _await_event(self, event: _Event) -> None:
        heapq.heappush(self.queue, (event.day, event.entry_no, event.position, event))

    def _await_authorization(self, movement: LedgerAction) -> None:
        """An authorization that is itself the first transfer reaches units that were issued before it."""
        if movement.kind != "issue":
            return
        for given in self.authorizations:
            if (
                given.party == movement.host
                and given.first_transfer_definition is FirstTransferDefinition.AUTHORIZATION
                and given.for_other
                and given.authorized_on > movement.occurred_on
            ):
                event = _Event(
                    given.authorized_on, given.entry_no, -1, movement, Subtype.AUTHORIZATION, "authorization"
                )
                self._await_event(event)

    def _take(self, event: _Event) -> None:
        movement = event.movement
        vintage = movement.outcome.vintage
        if vintage.last_year is not None and vintage.last_year < EARLIEST_VINTAGE:
            return
        series = str(movement.block.series)
        if movement.kind == "issue" and movement.occurred_on.year < EARLIEST_VINTAGE:
            self.too_early[series].append(movement.block)
        fresh = self._unmarked(movement.block)
        for block in (*self.too_early[series], *(self.consumed[series] if event.subtype is not None else ())):
            fresh = _without(fresh, block)
        for block in fresh:
            self._first_transfer(event, block)
        if event.subtype is None:
            self._later_action(movement)
            if movement.kind in CONSUMES:
                self.consumed[series].append(movement.block)

    def _first_transfer(self, event: _Event, block: Block) -> None:
        movement = event.movement
        given = self.bindings.of(movement.host, movement.outcome, event.day)
        name = self.trigger(movement.host, event.day)
        if name not in TRIGGERS:
            raise UNKNOWN_TRIGGER(name=name, host=movement.host, known=TRIGGERS)
        international = _is_international(movement, name)
        if given is None:
            if international and event.subtype is None:
                self._not_authorized(movement, block, name)
            return
        subtype, rule = event.subtype, event.rule
        if subtype is None:
            subtype, rule = _reason(movement, given.authorization, international, name)
        if subtype is None:
            return
        abroad = movement.target_party if movement.target_party != movement.host else None
        acquirer = None if subtype is Subtype.USE_OR_CANCELLATION else abroad
        first = FirstTransfer(
            block, event.day, subtype, rule, event.entry_no, movement.host, acquirer, given, movement.outcome
        )
        self.marks += 1
        self.marked[str(block.series)].put(block, (self.marks, first))
        self._note_doubts(first)
        purpose = _other_purpose(movement) if subtype is Subtype.USE_OR_CANCELLATION else None
        kind = ActionType.FIRST_TRANSFER
        self._add(first, block, event, party=movement.host, kind=kind, subtype=subtype, other_purpose=purpose)
        if acquirer is not None:
            self._add(first, block, event, party=acquirer, kind=ActionType.ACQUISITION)

    def _not_authorized(self, movement: LedgerAction, block: Block, name: str) -> None:
        """What crossed a border without an authorization becomes first transferred on the day it gets one."""
        day = first_covering_day(self.authorizations, movement.host, movement.outcome, movement.occurred_on)
        facts = {"block": str(block), "host": movement.host, "day": str(movement.occurred_on)}
        facts |= {"given": str(day), "to": movement.target_party}
        if day is None:
            self.findings.append(_finding("A6-NOT-AUTHORIZED", facts))
            return
        self.findings.append(_finding("A6-AUTHORIZED-LATE", facts))
        event = _Event(day, movement.entry_no, movement.position, movement, Subtype.TO_ANOTHER_PARTY, name)
        self._await_event(event)

    def _note_doubts(self, first: FirstTransfer) -> None:
        year, given = first.outcome.vintage.first_year, first.bound.authorization
        doubts = ["A6-VINTAGE-UNKNOWN"] if year is None or year < EARLIEST_VINTAGE else []
        if given.for_other and given.first_transfer_definition is None:
            doubts.append("A6-DEFINITION-UNKNOWN")
        for name in doubts:
            facts = {"block": str(first.block), "host": first.host, "day": str(first.on), "to": first.acquirer or ""}
            self.findings.append(_finding(name, facts))

    def _later_action(self, movement: LedgerAction) -> None:
        for _, first in sorted(
            (mark for _, mark in self.marked[str(movement.block.series)].on(movement.block)), key=_mark
        ):
            block = movement.block.shared_with(first.block)
            if block is None:
                continue
            if movement.kind in MOVES_ON:
                self._onward(movement, block, first)
            elif movement.kind in CONSUMES:
                self._sink(movement, block, first)

    def _onward(self, movement: LedgerAction, block: Block, first: FirstTransfer) -> None:
        """A transfer between two Parties after the first; within a Party it is no action of Article 6."""
        source, target = movement.source_party, movement.target_party
        if source is None or source == target or first.entry_no == movement.entry_no:
            return
        event = _Event(movement.occurred_on, movement.entry_no, movement.position, movement)
        self._add(first, block, event, party=source, kind=ActionType.TRANSFER)
        self._add(first, block, event, party=target, kind=ActionType.ACQUISITION)

    def _sink(self, movement: LedgerAction, block: Block, first: FirstTransfer) -> None:
        event = _Event(movement.occurred_on, movement.entry_no, movement.position, movement)
        if movement.kind == "retire":
            self._add(first, block, event, party=movement.registry_party, kind=ActionType.USE)
            return
        kind, subtype, purpose = _cancellation(movement)
        party = movement.registry_party
        self._add(first, block, event, party=party, kind=kind, subtype=subtype, other_purpose=purpose)

    def _add(
        self,
        first: FirstTransfer,
        block: Block,
        event: _Event,
        *,
        party: str,
        kind: ActionType,
        subtype: Subtype | None = None,
        other_purpose: str | None = None,
    ) -> None:
        movement = event.movement
        own: Binding | None = first.bound
        if party != first.host:
            own = self.bindings.of(party, movement.outcome, event.day, first_transferred_on=first.on)
        is_first = kind is ActionType.FIRST_TRANSFER
        sender = first.host if event.subtype is not None or movement.kind not in MOVES_ON else movement.source_party
        receiver = first.acquirer if is_first else movement.target_party
        self.actions.append(
            Article6Action(
                party=party,
                action_type=kind,
                subtype=subtype,
                block=block,
                occurred_on=event.day,
                entry_no=event.entry_no,
                registry_party=movement.registry_party,
                first_transfer=first,
                own=own,
                transferring_party=sender if kind is ActionType.ACQUISITION else None,
                acquiring_party=receiver if kind in {ActionType.FIRST_TRANSFER, ActionType.TRANSFER} else None,
                using_party=movement.registry_party if kind in SINKS else None,
                used_for_year=movement.used_for_year if kind is ActionType.USE else None,
                other_purpose=other_purpose,
                decision_id=movement.decision_id,
            )
        )

    def _unmarked(self, block: Block) -> tuple[Block, ...]:
        rest: tuple[Block, ...] = (block,)
        for marked, _ in self.marked[str(block.series)].on(block):
            rest = _without(rest, marked)
        return rest


def _mark(marked: tuple[int, FirstTransfer]) -> int:
    return marked[0]


def _without(blocks: Sequence[Block], taken: Block) -> tuple[Block, ...]:
    return tuple(part for block in blocks for part in block.without(taken))


def _is_international(movement: LedgerAction, rule: str) -> bool:
    """Whether the movement is the international transfer that the named rule means."""
    abroad = movement.target_party != movement.host
    if movement.kind == "international_transfer":
        return abroad and movement.source_party != movement.target_party
    if rule == "japan_side_issuance":
        return movement.kind == "issue" and abroad
    if rule == "international_transfer":
        return movement.kind == "transfer" and abroad and movement.source_party != movement.target_party
    return movement.kind == "retire" and abroad


def _reason(
    movement: LedgerAction, given: Authorization, international: bool, rule: str
) -> tuple[Subtype, str] | tuple[None, str]:
    """Why this movement is a first transfer under the authorization, or ``None`` if it is not one."""
    if given.for_ndc and international:
        return Subtype.TO_ANOTHER_PARTY, rule
    if not given.for_other:
        return None, ""
    meaning = given.first_transfer_definition
    if movement.kind == "issue" and meaning is FirstTransferDefinition.AUTHORIZATION:
        return Subtype.AUTHORIZATION, "authorization"
    if movement.kind == "issue" and meaning is FirstTransferDefinition.ISSUANCE:
        return Subtype.ISSUANCE, "issuance"
    if movement.kind in CONSUMES and meaning is FirstTransferDefinition.USE_OR_CANCELLATION:
        return Subtype.USE_OR_CANCELLATION, "use or cancellation"
    return None, ""


def _cancellation(movement: LedgerAction) -> tuple[ActionType, Subtype, str | None]:
    """Cancellations by purpose. OMGE is voluntary under Article 6.2 (2/CMA.3 annex para 39); what covers a reversal is
    owed, and serves no other mitigation purpose."""
    if movement.kind == "reversal":
        return ActionType.CANCELLATION, Subtype.OTHER_CANCELLATION, None
    if movement.purpose == "omge":
        return ActionType.VOLUNTARY_CANCELLATION, Subtype.VOLUNTARY_OMGE, None
    if movement.purpose in {"oimp", "corsia"}:
        return ActionType.CANCELLATION, Subtype.OTHER_CANCELLATION, _other_purpose(movement)
    if movement.purpose == "reversal":
        return ActionType.CANCELLATION, Subtype.OTHER_CANCELLATION, None
    return ActionType.VOLUNTARY_CANCELLATION, Subtype.OTHER_CANCELLATION, None


def _other_purpose(movement: LedgerAction) -> str | None:
    """The purpose in words, as the format asks for it."""
    return "CORSIA" if movement.purpose == "corsia" else movement.reason


def _transfer_order(first: FirstTransfer) -> tuple[date, int, str, int]:
    return first.on, first.entry_no, str(first.block.series), first.block.first


_SENTENCES = {
    "A6-NOT-AUTHORIZED": (
        Severity.EXPLAIN,
        "{block} reached another Party on {day} without an authorization of {host} on file: "
        "it is not reported as ITMOs.",
        "{block} は {day} に他の締約国へ渡りましたが、{host} の承認が登録されていないため、ITMOとして報告しません。",
    ),
    "A6-AUTHORIZED-LATE": (
        Severity.EXPLAIN,
        "{block} reached another Party on {day}, before {host} authorized it on {given}: taken as first transferred on "
        "the day of authorization.",
        "{block} は {host} の承認 ({given}) より前の {day} に他の締約国へ渡りました。"
        "承認日に最初の移転があったものとします。",
    ),
    "A6-VINTAGE-UNKNOWN": (
        Severity.EXPLAIN,
        "The vintage of {block} is not fully known: whether it lies in 2021 or later cannot be told.",
        "{block} の排出削減年は確定しておらず、2021年以降かどうかを判断できません。",
    ),
    "A6-DEFINITION-UNKNOWN": (
        Severity.EXPLAIN,
        "{host} authorized {block} for other purposes too, without saying what counts as first transfer for them.",
        "{host} は {block} を他の目的にも承認していますが、その目的での最初の移転の定義が示されていません。",
    ),
}


def _finding(rule: str, facts: dict[str, str]) -> Finding:
    severity, en, ja = _SENTENCES[rule]
    return Finding(rule, severity, en, ja, "2/CMA.3 annex paras 1, 2; 4/CMA.6", facts)


RULES = tuple(_SENTENCES)
"""The findings that this projection can make."""
