"""The lines behind the Article 6 reports, before any format: actions, holdings and identifiers of one Party and year.

ITMO numbers are a pure projection: within one cooperative approach, registry, first transferring Party and vintage
the units are numbered 1, 2, 3 … in the order of their first transfers, and keep their number for ever. The unit
underneath is the JCM credit with its serial.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from openjcm.article6.actions import (
    CONSUMES,
    ActionType,
    Article6Action,
    FirstTransfer,
    History,
    LedgerAction,
    Subtype,
    Trigger,
    history,
    without_corrected,
)
from openjcm.article6.authorization import Authorization, Binding, Bindings
from openjcm.dated import Answer
from openjcm.frozen import frozen
from openjcm.refusals import refusal
from openjcm.registry.runs import Runs
from openjcm.registry.serials import Block, Series
from openjcm.rulebook import country, rule

FIRST_NDC_PERIOD = (2021, 2030)
"""The years over which balances are drawn: outcomes count from 2021 (2/CMA.3 annex para 1(e)), and Japan's first
period ends in 2030. What a Party's own period is, the rulebook says (:func:`ndc_period`)."""

JAPAN = "JPN"
WORLDS = ("public", "demonstration")

UNKNOWN_REPORT_WORLD = refusal(
    "unknown_report_world",
    en="There is no world “{world}” to report on.",
    ja="「{world}」というワールドはありません。",
    remedy_en="Use one of: {known}.",
    remedy_ja="次のいずれかを指定してください: {known}。",
    clause="OpenJCM: the public record and the demonstration are never mixed",
    status=404,
)

CUT_OFF = "aef_cut_off: the days that the registry's acts carry, 31 December included"
"""Holdings are those at the end of 31 December. The instant is not defined in any text that could be read (the rule
``aef_cut_off`` infers UTC); the acts know days only, so a day counts as the registry wrote it."""


@dataclass(frozen=True)
class Article6Data:
    """What the reports are made from.

    ``itmo_registries`` gives the Party ITMO registry ID (``JPN01``) where it is known; no entry: not known.
    """

    world: str
    movements: tuple[LedgerAction, ...]
    authorizations: tuple[Authorization, ...]
    trigger: Trigger
    itmo_registries: Mapping[str, str] = field(default_factory=dict)


def article6_data(
    world: str, movements: Iterable[LedgerAction], authorizations: Iterable[Authorization]
) -> Article6Data:
    """The data of a world, with the rulebook's trigger of first transfer.

    Party ITMO registry IDs are given by the UNFCCC platform and not known to us; only the demonstration has some, of
    its own making (``JPN99``), so that its identifiers can be seen whole.

    Raises:
        Refused: ``unknown_report_world``.
    """
    if world not in WORLDS:
        raise UNKNOWN_REPORT_WORLD(world=world, known=WORLDS)
    moved = without_corrected(movements)
    parties = {item.registry_party for item in moved} | {item.host for item in moved}
    registries = {party: f"{party}99" for party in sorted(parties)} if world == "demonstration" else {}
    return Article6Data(world, moved, tuple(authorizations), _rule_of_first_transfer, registries)


def reporting_party(code: str) -> str:
    """The ISO 3166-1 alpha-3 code of Japan or a partner, from its code of two or three letters.

    Raises:
        Refused: ``unknown_country``.
    """
    return JAPAN if code.upper() in {JAPAN, "JP"} else country(code).iso3


def ndc_period(party: str, year: int) -> tuple[int | None, int | None]:
    """First and last year of the Party's NDC period in which a year lies; ``None``: the rulebook does not know it."""
    day = date(year, 12, 31)
    first, last = (rule(party, name, day).value for name in ("ndc_period_first_year", "ndc_period_last_year"))
    return (first if isinstance(first, int) else None, last if isinstance(last, int) else None)


def _rule_of_first_transfer(host: str, day: date) -> str:
    return str(rule(host, "first_transfer_trigger", day).value)


@frozen()
class Itmo:
    """The identifiers of a run of ITMOs. ``None``: not known, so the full identifier does not exist."""

    cooperative_approach: str | None
    registry: str | None
    first_party: str
    vintage: str
    first: int
    last: int

    def full(self, number: int) -> str | None:
        """``CA0099-JPN01-MNG-1-2021`` (6/CMA.4 annex I para 5), or ``None`` if a part of it is not known."""
        if self.cooperative_approach is None or self.registry is None or len(self.vintage) != 4:
            return None
        return f"{self.cooperative_approach}-{self.registry}-{self.first_party}-{number}-{self.vintage}"


@frozen()
class Line:
    """What actions and holdings have in common: a run of units with one first transfer under one authorization.

    ``bound`` is the reporting Party's own authorization, ``None`` if none is on file; ``block`` the JCM serials.
    ``quantity`` in t CO2 eq.
    """

    party: str
    block: Block
    itmo: Itmo
    quantity: int
    first_transfer: FirstTransfer
    bound: Binding | None
    metric: str = "GHG"
    underlying_registry: str | None = "JCM"

    @property
    def authorization_id(self) -> str | None:
        """The number of the reporting Party's authorization as stated; ``None``: not stated or none on file."""
        return None if self.bound is None else self.bound.authorization.stated_id

    @property
    def sources(self) -> dict[str, object]:
        """From the row back to what it rests on: serials, first transfer, authorization versions. Plain data."""
        first = self.first_transfer
        return {
            "serials": str(self.block),
            "quantity": self.quantity,
            "first_transfer": {
                "on": first.on.isoformat(),
                "rule": first.rule,
                "entry_no": first.entry_no,
                "serials": str(first.block),
            },
            "host_authorization": _authorization_source(first.bound),
            "own_authorization": _authorization_source(self.bound),
        }


@frozen()
class ActionLine(Line):
    """One action. The fields are those of AEF Table 3."""

    occurred_on: date = date.min
    entry_no: int = 0
    action_type: ActionType = ActionType.TRANSFER
    subtype: Subtype | None = None
    transferring: str | None = None
    acquiring: str | None = None
    other_purpose: str | None = None
    using_party: str | None = None
    using_entity: str | None = None
    used_for_year: int | None = None
    decision_id: str | None = None

    @property
    def sources(self) -> dict[str, object]:
        """As for every line, with the entry and the decision of the action."""
        return {
            "entry_no": self.entry_no,
            "occurred_on": self.occurred_on.isoformat(),
            "decision": self.decision_id,
            **super().sources,
        }


@frozen()
class HoldingLine(Line):
    """One holding on 31 December. The fields are those of AEF Table 4."""


@dataclass(frozen=True)
class PartyLines:
    """Everything that one Party reports for one calendar year, before any format."""

    party: str
    year: int
    actions: tuple[ActionLine, ...]
    holdings: tuple[HoldingLine, ...]
    opening: tuple[HoldingLine, ...]
    authorizations: tuple[Authorization, ...]
    history: History
    earlier: tuple[ActionLine, ...] = ()
    """The Party's actions of earlier years: what was consumed before stays consumed."""


def party_lines(party: str, year: int, data: Article6Data) -> PartyLines:
    """The actions of a calendar year, the holdings at its end and at its beginning, the authorizations to list.

    Listed are the Party's authorization versions of the year, and every version on which a row rests.

    Raises:
        Refused: ``unknown_country``, ``unknown_first_transfer_trigger``.
    """
    party = reporting_party(party)
    seen = [item for item in data.movements if item.occurred_on.year <= year]
    known = [item for item in data.authorizations if item.authorized_on.year <= year]
    told = history(seen, known, data.trigger)
    numbers = _numbers(told.first_transfers, data.itmo_registries)
    own = [_action_line(action, numbers) for action in told.actions if action.party == party]
    actions = tuple(line for line in own if line.occurred_on.year == year)
    end = date(year, 12, 31)
    bindings = Bindings(known)
    holdings = _holdings(party, end, seen, told, numbers, bindings)
    opening = _holdings(party, date(year - 1, 12, 31), seen, told, numbers, bindings)
    rests_on = {line.bound.authorization for line in (*actions, *holdings) if line.bound is not None}
    listed = [
        item
        for item in data.authorizations
        if item.party == party and (item.authorized_on.year == year or item in rests_on)
    ]
    listed.sort(key=lambda item: (item.authorized_on, item.authorization_id, item.version))
    earlier = tuple(line for line in own if line.occurred_on.year < year)
    return PartyLines(party, year, actions, holdings, opening, tuple(listed), told, earlier)


def held(movements: Iterable[LedgerAction], party: str) -> tuple[Block, ...]:
    """The blocks that a Party's accounts hold after the movements, sinks left out, in order of series and number.

    This is a fold of its own over the ledger, apart from the actions, so that the two can be held against each other.
    """
    blocks: dict[str, Runs[None]] = defaultdict(Runs)
    for item in sorted(movements, key=lambda item: (item.occurred_on, item.entry_no, item.position)):
        series = str(item.block.series)
        if item.source_party == party:
            blocks[series].cut(item.block)
        if item.target_party == party and item.kind not in CONSUMES:
            blocks[series].put(item.block, None)
    return tuple(sorted((block for runs in blocks.values() for block, _ in runs.all()), key=_block_order))


def _holdings(
    party: str,
    end: date,
    movements: Sequence[LedgerAction],
    told: History,
    numbers: Mapping[tuple[str, int], Itmo],
    bindings: Bindings,
) -> tuple[HoldingLine, ...]:
    in_time = [item for item in movements if item.occurred_on <= end]
    by_series: dict[Series, Runs[FirstTransfer]] = defaultdict(Runs)
    for first in told.first_transfers:
        if first.on <= end:
            by_series[first.block.series].put(first.block, first)
    lines = []
    for block in _joined(held(in_time, party)):
        for run, first in by_series[block.series].on(block):
            part = block.shared_with(run)
            if part is None:
                continue
            bound: Binding | None = first.bound
            if party != first.host:
                bound = bindings.of(party, first.outcome, end, first_transferred_on=first.on)
            itmo = _part(numbers[_block_order(first.block)], first, part)
            lines.append(HoldingLine(party, part, itmo, part.quantity, first, bound))
    return tuple(sorted(lines, key=lambda line: _block_order(line.block)))


def _action_line(action: Article6Action, numbers: Mapping[tuple[str, int], Itmo]) -> ActionLine:
    first = action.first_transfer
    return ActionLine(
        party=action.party,
        block=action.block,
        itmo=_part(numbers[_block_order(first.block)], first, action.block),
        quantity=action.block.quantity,
        first_transfer=first,
        bound=action.own,
        occurred_on=action.occurred_on,
        entry_no=action.entry_no,
        action_type=action.action_type,
        subtype=action.subtype,
        transferring=action.transferring_party,
        acquiring=action.acquiring_party,
        other_purpose=action.other_purpose,
        using_party=action.using_party,
        used_for_year=action.used_for_year,
        decision_id=action.decision_id,
    )


def _numbers(transfers: Iterable[FirstTransfer], registries: Mapping[str, str]) -> dict[tuple[str, int], Itmo]:
    """The ITMO numbers of every first transfer, given in order within approach, registry, host and vintage.

    By series and first serial: no two first transfers share a serial.
    """
    taken: dict[tuple[str | None, str, str, str], int] = defaultdict(int)
    numbered = {}
    for first in transfers:
        approach = first.bound.authorization.cooperative_approach_id
        tracked_by = first.acquirer or first.host
        vintage = str(first.outcome.vintage)
        key = (approach, tracked_by, first.host, vintage)
        start = taken[key] + 1
        taken[key] += first.block.quantity
        numbered[_block_order(first.block)] = Itmo(
            approach, registries.get(tracked_by), first.host, vintage, start, taken[key]
        )
    return numbered


def _part(whole: Itmo, first: FirstTransfer, block: Block) -> Itmo:
    start = whole.first + block.first - first.block.first
    return Itmo(
        whole.cooperative_approach,
        whole.registry,
        whole.first_party,
        whole.vintage,
        start,
        start + block.quantity - 1,
    )


def _joined(blocks: Sequence[Block]) -> list[Block]:
    """Neighbouring blocks as one: a position does not show how often it was split on the way."""
    joined: list[Block] = []
    for block in blocks:
        if joined and joined[-1].series == block.series and joined[-1].last + 1 == block.first:
            joined[-1] = Block(block.series, joined[-1].first, block.last)
        else:
            joined.append(block)
    return joined


def _block_order(block: Block) -> tuple[str, int]:
    return str(block.series), block.first


def _authorization_source(bound: Binding | None) -> dict[str, object] | None:
    if bound is None:
        return None
    given = bound.authorization
    return {
        "party": given.party,
        "authorization_id": given.authorization_id,
        "version": given.version,
        "authorized_on": given.authorized_on.isoformat(),
        "entry_no": given.entry_no,
        "source": given.source,
        "grade": given.grade.value,
        "covers": Answer(bound.covers).value,
    }
