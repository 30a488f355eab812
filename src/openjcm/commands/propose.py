"""Propose an act for an account: signed by one representative, its credits reserved until another answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import psycopg
from pydantic import Field, StringConstraints

from openjcm.commands.framework import Act, Decision, Desk, ExactJson, Name, Request, Rows, Words, insert_rows
from openjcm.commands.lookups import ALREADY_ON_RECORD, is_on_record, known_account
from openjcm.commands.proposals_desk import SignatureText, Wanted, controls_of, proposable, representative_of, wanted
from openjcm.commands.register_representative import PersonId
from openjcm.commands.suspend_account import not_closed
from openjcm.registry.accounts import Account
from openjcm.registry.holds import Consent, Ground, Hold, Scope
from openjcm.registry.ledger import hold_pieces
from openjcm.registry.proposals import (
    Controls,
    Proposal,
    Representative,
    envelope,
    has_right,
    hold_of,
    is_of_account,
    is_registered,
    signature_fits,
    target_is_trusted,
    within_act_limit,
)
from openjcm.store.journal import Product
from openjcm.store.ledger import write_holds

NOBODY_YET = "–"
"""Stands for the second person while an act is only tried."""


class ProposeRequest(Request):
    """A proposal as `openjcm proposal sign` writes it."""

    account_id: Name = Field(description="The account.")
    act: Name = Field(description="The proposed act: transfer, retire, cancel, change_account_controls …")
    request: dict[Words, ExactJson] = Field(
        description="The request of the proposed act, without its day: it is done on the day of the execution."
    )
    representative: PersonId = Field(description="Name of the person who signs.")
    nonce: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] = Field(
        description="Sixteen bytes at random, so that no two proposals are the same."
    )
    signature: SignatureText = Field(description="Ed25519 signature under the proposal, base64url.")


@dataclass(frozen=True)
class State:
    """What the act looks at; the account's row is locked, then the credits."""

    proposal: Proposal
    account: Account
    exists: bool
    who: Representative | None
    controls: Controls
    wanted: Wanted


def load(desk: Desk, request: ProposeRequest) -> State:
    """The account, locked first, the person, the controls, and the proposed act as it would be done today."""
    proposal = Proposal(request.account_id, request.act, request.request, request.representative, request.nonce)
    proposable(request.act)
    account = known_account(desk, request.account_id)
    exists = is_on_record(desk, "select 1 from proposal where proposal = %s", proposal.sha256)
    who = representative_of(desk, request.account_id, request.representative)
    trial = Consent(request.account_id, hold_of(proposal.sha256), request.representative, NOBODY_YET)
    return State(
        proposal,
        account,
        exists,
        who,
        controls_of(desk, request.account_id),
        wanted(desk, proposal, request.occurred_on, trial),
    )


def decide(request: ProposeRequest, state: State) -> Decision:
    """Signed by a representative who may propose, within the account's limits, and not hopeless today."""
    proposal, want = state.proposal, state.wanted
    if state.exists:
        raise ALREADY_ON_RECORD(what="proposal", name=proposal.sha256)
    not_closed(state.account, request.occurred_on)
    who = is_registered(state.who, request.account_id, request.representative)
    has_right(who, "propose")
    signature_fits(proposal, who.public_key, request.signature)
    is_of_account(request.account_id, want.touched)
    within_act_limit(state.controls, want.quantity)
    target_is_trusted(state.controls, request.account_id, want.target)
    want.decide()
    product = Product("proposal", envelope(proposal, who.public_key, request.signature))
    row = {
        "proposal": proposal.sha256, "account_id": request.account_id, "act": request.act,
        "representative": request.representative, "quantity": want.quantity, "target_account": want.target,
        "proposal_sha256": product.sha256,
    }  # fmt: skip
    holds = [
        (origin, Hold(hold_of(proposal.sha256), piece, Scope.ALL, Ground.PROPOSAL, proposal.sha256))
        for origin, piece in hold_pieces(want.holdings, want.blocks)
    ]
    outcome = {
        "proposal": proposal.sha256, "account_id": request.account_id, "act": request.act,
        "representative": request.representative, "quantity": want.quantity, "target_account": want.target,
        "blocks": [str(hold.block) for _, hold in holds], "proposal_sha256": product.sha256,
    }  # fmt: skip
    return Decision(outcome, (Rows("proposal", (row,)),), (product,), details=(holds, request.occurred_on))


def record(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """The proposal, and the hold on its credits."""
    insert_rows(connection, entry_no, decision)
    holds, day = decision.details
    if holds:
        write_holds(connection, entry_no, holds, day)


ACT = Act(
    name="propose",
    title_en="Propose an act for an account",
    title_ja="口座に関する手続の提案",
    permission="representative",
    request=ProposeRequest,
    load=load,
    decide=decide,
    record=record,
)
