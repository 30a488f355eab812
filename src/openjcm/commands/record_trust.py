"""Record that credits are trust property (信託財産). No other right in credits is recorded, and no pledge."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, Name, Request, Rows, Sha256
from openjcm.commands.lookups import ALREADY_ON_RECORD, is_on_record, known_account, read_blocks
from openjcm.commands.suspend_account import not_closed
from openjcm.commands.transfer import BlockTexts
from openjcm.refusals import refusal
from openjcm.registry.accounts import Account
from openjcm.registry.ledger import Holdings, each_serial_named_once, held_pieces, some_blocks
from openjcm.registry.proposals import is_of_account
from openjcm.registry.serials import Block
from openjcm.store.ledger import lock_holdings

RIGHT_NOT_RECORDED = refusal(
    "right_not_recorded",
    en="“{right}” is not recorded: credits cannot be pledged, and the account book records trust property alone.",
    ja="「{right}」は記録できません。クレジットに質権を設定することはできず、記録できるのは信託財産である旨のみです。",
    remedy_en="Leave the right out of the registry; a restriction by order is recorded as one.",
    remedy_ja="登録簿外で取り扱ってください。命令による処分の制限は、その旨の記録として受け付けます。",
    clause="Implementation Guidelines for the JCM in Japan (2015): ban on pledges, whose main content moved into the "
    "Act in 2025 (inferred); Ordinance on the account book 507M60001400001: trust flag",
)


class RecordTrust(Request):
    """The holder applies to have it recorded that credits are trust property."""

    trust_id: Name = Field(description="Name of the record.")
    account_id: Name = Field(description="The account that holds them.")
    blocks: BlockTexts = Field(description="Serials or runs of serials in the account.")
    right: Name = Field(default="trust", description="trust; any other right, such as a pledge, is refused.")
    document_sha256: Sha256 = Field(description="SHA-256 of the document that shows the trust.")


@dataclass(frozen=True)
class State:
    """What the act looks at; account and holdings are locked."""

    exists: bool
    account: Account
    blocks: tuple[Block, ...]
    holdings: Holdings


def load(desk: Desk, request: RecordTrust) -> State:
    """The account and the credits, locked."""
    exists = is_on_record(desk, "select 1 from trust_record where trust_id = %s", request.trust_id)
    account = known_account(desk, request.account_id)
    blocks = read_blocks(request.blocks)
    return State(exists, account, blocks, lock_holdings(desk.connection, blocks))


def decide(request: RecordTrust, state: State) -> Decision:
    """Trust, and nothing else, in credits that the account holds."""
    only_trust(request)
    if state.exists:
        raise ALREADY_ON_RECORD(what="trust", name=request.trust_id)
    not_closed(state.account, request.occurred_on)
    some_blocks(state.blocks)
    each_serial_named_once(state.blocks)
    held = [holding for block in state.blocks for holding, _ in held_pieces(state.holdings, block)]
    is_of_account(request.account_id, {holding.account.account_id for holding in held})
    texts = [str(block) for block in state.blocks]
    row = {
        "trust_id": request.trust_id, "account_id": request.account_id, "blocks": texts,
        "document_sha256": request.document_sha256, "since": request.occurred_on,
    }  # fmt: skip
    return Decision({"trust_id": request.trust_id}, (Rows("trust_record", (row,)),))


def only_trust(request: RecordTrust) -> None:
    """No pledge, nor any other right than trust, is recorded. Refuses ``right_not_recorded``."""
    if request.right != "trust":
        raise RIGHT_NOT_RECORDED(right=request.right)


ACT = Act(
    name="record_trust",
    title_en="Record that credits are trust property",
    title_ja="信託財産である旨の記録",
    permission="administrator",
    request=RecordTrust,
    load=load,
    decide=decide,
)
