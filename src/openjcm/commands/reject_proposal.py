"""Reject a proposal: it is not executed, and its credits are free again."""

from __future__ import annotations

from openjcm.commands.framework import Act, Decision, Desk
from openjcm.commands.proposals_desk import Answering, AnswerRequest, answering, ended, record_end, signed_answer
from openjcm.registry.proposals import has_right, is_not_final, is_registered


class RejectProposal(AnswerRequest):
    """A representative who may approve rejects; also an approved proposal that still waits."""


def load(desk: Desk, request: RejectProposal) -> Answering:
    """The proposal, its account locked, and the person."""
    return answering(desk, request)


def decide(request: RejectProposal, state: Answering) -> Decision:
    """What is not executed, rejected or withdrawn ends by a signed answer."""
    found = state.found
    is_not_final(found)
    who = is_registered(state.answers, state.account.account_id, request.representative)
    has_right(who, "approve")
    return ended(request, "rejected", signed_answer(request, "reject", who), found)


ACT = Act(
    name="reject_proposal",
    title_en="Reject a proposal",
    title_ja="提案の却下",
    permission="representative",
    request=RejectProposal,
    load=load,
    decide=decide,
    record=record_end,
)
