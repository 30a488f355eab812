"""Transfer credits to another account of the same registry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import psycopg
from pydantic import Field

from openjcm.commands.chosen import ChooseRequest, Choosing, blocks_and_holdings
from openjcm.commands.framework import Act, Decision, Desk, Moves, Name, Request, leaving_out
from openjcm.commands.lookups import known_accounts, read_blocks
from openjcm.frozen import frozen
from openjcm.registry.accounts import Account
from openjcm.registry.ledger import Entry, Holdings, Movement, Transfer, movements
from openjcm.registry.serials import Block
from openjcm.store.ledger import lock_holdings, write_movements

BlockTexts = Annotated[tuple[Name, ...], Field(max_length=10_000)]


class TransferRequest(Request):
    """The holder of an account asks for its decrease in favour of another."""

    blocks: BlockTexts = Field(
        default=(), description="Serials or runs of serials, all in one account: JCM-JP-XD001-2022-1-40."
    )
    choose: ChooseRequest | None = Field(
        default=None, description="Instead of blocks: a rule that chooses them; the outcome names the serials."
    )
    target_account: Name = Field(description="The account that receives them, of the same registry.")


@frozen()
class State:
    """What the act looks at; the holdings are locked."""

    blocks: tuple[Block, ...]
    target: Account
    holdings: Holdings


def load(desk: Desk, request: TransferRequest) -> State:
    """The target and the holdings, locked."""
    return moving_or_choosing(desk, request, request.target_account, request.occurred_on)


def moving(desk: Desk, texts: Sequence[str], target: str) -> State:
    """What every act that moves credits looks at."""
    blocks = read_blocks(texts)
    return State(blocks, known_accounts(desk, [target])[target], lock_holdings(desk.connection, blocks))


def moving_or_choosing(desk: Desk, request: Choosing, target: str, day: date) -> State:
    """The same, of a request that may name a rule instead of blocks."""
    if request.choose is None:
        return moving(desk, request.blocks, target)
    account = known_accounts(desk, [target])[target]
    blocks, holdings = blocks_and_holdings(desk, request, day)
    return State(blocks, account, holdings)


def as_it_is(_: Desk, _request: Request, state: State) -> State:
    """An act that looks at nothing but accounts and holdings."""
    return state


def decide(request: TransferRequest, state: State) -> Decision:
    """The ledger decides."""
    return moved(state, Transfer(state.blocks, state.target, request.occurred_on), {})


def moved(state: State, entry: Entry, details: dict[str, object]) -> Decision:
    """What an entry that moves credits will record."""
    found = movements(state.holdings, entry)
    outcome = {
        "kind": found[0].kind.value,
        "registry_id": found[0].registry_id,
        "source_account": found[0].source.account_id if found[0].source else None,
        "target_account": state.target.account_id,
        "quantity": sum([item.block.quantity for item in found]),
        "blocks": [str(item.block) for item in found],
        **details,
    }
    return Decision(outcome, details=(state.holdings, found, details))


def record(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """Write the movements and the holdings after them."""
    found: Sequence[Movement]
    before, found, details = decision.details
    write_movements(connection, entry_no, before, found, details)


ACT = Act(
    name="transfer",
    title_en="Transfer credits",
    title_ja="クレジットの振替",
    permission="operator",
    request=TransferRequest,
    load=load,
    decide=decide,
    record=record,
    journal_form=leaving_out("choose"),
    moves=Moves("target_account", as_it_is),
)
