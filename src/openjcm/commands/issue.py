"""Issue one side's credits by a decision, on that side's own day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import psycopg
from psycopg.types.range import Range
from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, Name, Party, Request
from openjcm.commands.lookups import known_accounts, registry_of
from openjcm.refusals import refusal
from openjcm.registry.accounts import Account
from openjcm.registry.allocation import Share
from openjcm.registry.ledger import Holdings, Issue, Movement, Origin, movements
from openjcm.registry.serials import Block, Series
from openjcm.rulebook import country
from openjcm.store.ledger import lock_holdings, next_serials, range_of, write_movements, years_of

UNKNOWN_DECISION = refusal(
    "unknown_decision",
    en="There is no decision {decision} with the side {side}.",
    ja="{side} 側についての決定 {decision} はありません。",
    remedy_en="Record the decision first, or check its name and side.",
    remedy_ja="先に決定を記録するか、名称と当事者を確認してください。",
    clause="JCM project cycle: each side issues as the Joint Committee decided",
    status=404,
)
ALREADY_ISSUED = refusal(
    "already_issued",
    en="{side} issued by {decision} already, on {day}.",
    ja="{side} 側は決定 {decision} に基づき {day} にすでに発行済みです。",
    remedy_en="A side issues once by a decision.",
    remedy_ja="1つの決定に基づく発行は、各側1回です。",
    clause="Published issuances (jcm.go.jp/jc/mn-projects-issues): a side issues what was notified to it",
    status=409,
)
AMOUNT_NOT_KNOWN = refusal(
    "amount_not_known",
    en="No source states how much {side} issues by {decision}.",
    ja="決定 {decision} に基づく {side} 側の発行量を示す出典がありません。",
    remedy_en="Record a decision that states the amount, with its source.",
    remedy_ja="発行量を示す出典とともに決定を記録してください。",
    clause="OpenJCM: unknown is never replaced by a guess",
)
NOTHING_TO_ISSUE = refusal(
    "nothing_to_issue",
    en="{side} gets nothing by {decision}.",
    ja="決定 {decision} では {side} 側への発行はありません。",
    remedy_en="Nothing is to be done: the side is not concerned.",
    remedy_ja="手続は不要です。当該側は対象外です。",
    clause="Published issuances (jcm.go.jp/jc/mn-projects-issues): MN005, Japan's side got nothing",
)


class IssueRequest(Request):
    """One side issues on the day ``occurred_on``, not before the decision, and once."""

    decision_id: Name = Field(description="The decision.")
    side: Party = Field(description="JPN or the host country (ISO 3166-1 alpha-3).")


@dataclass(frozen=True)
class State:
    """What the act looks at; the side's row is locked."""

    projects: tuple[str, ...]
    period: Range[date] | None
    decided_on: date
    notified: int | None
    state: str
    issued_on: date | None
    registry_id: str
    shares: tuple[Share, ...]
    accounts: Mapping[str, Account]
    next_serials: Mapping[str, int]
    holdings: Holdings


def load(desk: Desk, request: IssueRequest) -> State:
    """The decision's row of this side, locked; its shares and accounts; where the numbers go on."""
    row = desk.connection.execute(
        "select d.world, d.projects, d.monitoring_period, d.decided_on, s.notified, s.state, s.issued_on"
        " from side_issuance s join issuance_decision d using (decision_id)"
        " where decision_id = %s and side = %s for update of s",
        [request.decision_id, request.side],
    ).fetchone()
    if row is None:
        raise UNKNOWN_DECISION(decision=request.decision_id, side=request.side)
    world, projects, period, decided_on, notified, state, issued_on = row
    shares = tuple(
        Share(*item)
        for item in desk.connection.execute(
            "select account_id, vintage, quantity from side_issuance_share"
            " where decision_id = %s and side = %s order by vintage, account_id",
            [request.decision_id, request.side],
        )
    )
    series = {str(series_of(request.side, projects, share.vintage)) for share in shares}
    first = next_serials(desk.connection, series)
    return State(
        tuple(projects), period, decided_on, notified, state, issued_on,
        registry_of(desk, request.side, world) if notified else "",
        shares, known_accounts(desk, [share.account_id for share in shares]), first,
        lock_holdings(desk.connection, [block for block, _ in number(request.side, projects, shares, first)]),
    )  # fmt: skip


def series_of(side: str, projects: Iterable[str], vintage: str) -> Series:
    """The series of a side's credits; the side stands in it with its alpha-2 code."""
    return Series.of("JP" if side == "JPN" else country(side).iso2, projects, vintage)


def number(
    side: str, projects: Sequence[str], shares: Sequence[Share], first: Mapping[str, int]
) -> list[tuple[Block, str]]:
    """A block for each share, one after the other within a series, with the account that receives it."""
    counters = dict(first)
    blocks = []
    for share in shares:
        series = series_of(side, projects, share.vintage)
        start = counters[str(series)]
        blocks.append((Block(series, start, start + share.quantity - 1), share.account_id))
        counters[str(series)] = start + share.quantity
    return blocks


def decide(request: IssueRequest, state: State) -> Decision:
    """Each side issues what was decided, once, and not before the decision."""
    issued_once(request, state)
    amount_known(request, state)
    something_to_issue(request, state)
    numbered = number(request.side, state.projects, state.shares, state.next_serials)
    origins = _origins(request, state, [block for block, _ in numbered])
    items = tuple((origins[block.series], block, state.accounts[account]) for block, account in numbered)
    moved = movements(state.holdings, Issue(state.decided_on, request.occurred_on, items))
    outcome = {
        "decision_id": request.decision_id,
        "side": request.side,
        "registry_id": state.registry_id,
        "quantity": state.notified,
        "blocks": [{"block": str(item.block), "account_id": item.target.account_id} for item in moved],
    }
    return Decision(outcome, details=(request, state.projects, moved))


def _origins(request: IssueRequest, state: State, blocks: Sequence[Block]) -> dict[Series, Origin]:
    origins = {}
    for series in {block.series for block in blocks}:
        numbers = [block for block in blocks if block.series == series]
        whole = Block(series, numbers[0].first, numbers[-1].last)
        first, last = years_of(series.vintage, state.period)
        origins[series] = Origin(0, whole, state.registry_id, request.decision_id, request.occurred_on, (), first, last)
    return origins


def issued_once(request: IssueRequest, state: State) -> None:
    """A side issues once by a decision. Refuses ``already_issued``."""
    if state.state == "issued":
        raise ALREADY_ISSUED(side=request.side, decision=request.decision_id, day=state.issued_on)


def amount_known(request: IssueRequest, state: State) -> None:
    """What is not known is not issued. Refuses ``amount_not_known``."""
    if state.notified is None:
        raise AMOUNT_NOT_KNOWN(side=request.side, decision=request.decision_id)


def something_to_issue(request: IssueRequest, state: State) -> None:
    """A side that gets nothing issues nothing. Refuses ``nothing_to_issue``."""
    if state.notified == 0:
        raise NOTHING_TO_ISSUE(side=request.side, decision=request.decision_id)


def record(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """Write the origins, the movements into the accounts, and the side's state."""
    request, projects, moved = decision.details
    numbered = _write_origins(connection, entry_no, projects, moved)
    write_movements(connection, entry_no, Holdings(), numbered, {})
    connection.execute(
        "update side_issuance set state = 'issued', issued_on = %s, entry_no = %s where decision_id = %s and side = %s",
        [request.occurred_on, entry_no, request.decision_id, request.side],
    )


def _write_origins(
    connection: psycopg.Connection, entry_no: int, projects: Sequence[str], moved: Sequence[Movement]
) -> list[Movement]:
    ids: dict[Origin, int] = {}
    for item in moved:
        origin = item.origin
        if origin not in ids:
            row = connection.execute(
                "insert into block_origin (series, registry_id, projects, vintage, serials, decision_id, issued_on,"
                " entry_no) values (%s, %s, %s, %s, %s, %s, %s, %s) returning origin_id",
                [
                    str(origin.block.series), origin.registry_id, list(projects), origin.block.series.vintage,
                    range_of(origin.block), origin.decision_id, origin.issued_on, entry_no,
                ],
            ).fetchone()  # fmt: skip
            assert row is not None, "an insert returns its row"
            ids[origin] = row[0]
    return [replace(item, origin=replace(item.origin, origin_id=ids[item.origin])) for item in moved]


ACT = Act(
    name="issue",
    title_en="Issue credits",
    title_ja="クレジットの発行",
    permission="operator",
    request=IssueRequest,
    load=load,
    decide=decide,
    record=record,
)
