"""Withdraw a proposal: it is not executed, and its credits are free again."""

from __future__ import annotations

from openjcm.commands.framework import Act, Decision, Desk
from openjcm.commands.proposals_desk import Answering, AnswerRequest, answering, ended, record_end, signed_answer
from openjcm.refusals import refusal
from openjcm.registry.proposals import has_right, is_not_final, is_registered

NOT_THE_PROPOSER = refusal(
    "not_the_proposer",
    en="{representative} did not sign the proposal; {proposer} did.",
    ja="この提案を行ったのは {proposer} であり、{representative} は取り下げることができません。",
    remedy_en="Have the proposer withdraw it, or a representative with the right to approve reject it.",
    remedy_ja="提案者が取り下げるか、承認の権限を持つ代表者が却下してください。",
    clause="OpenJCM: a proposal is withdrawn by who made it",
    status=403,
)


class WithdrawProposal(AnswerRequest):
    """The proposer takes it back; also when it is approved and still waits."""


def load(desk: Desk, request: WithdrawProposal) -> Answering:
    """The proposal, its account locked, and the person."""
    return answering(desk, request)


def decide(request: WithdrawProposal, state: Answering) -> Decision:
    """What is not executed, rejected or withdrawn ends by a signed answer."""
    found = state.found
    is_not_final(found)
    own_proposal(found.proposal.representative, request.representative)
    who = is_registered(state.answers, state.account.account_id, request.representative)
    has_right(who, "propose")
    return ended(request, "withdrawn", signed_answer(request, "withdraw", who), found)


def own_proposal(proposer: str, who: str) -> None:
    """Nobody takes back what another proposed. Refuses ``not_the_proposer``."""
    if who != proposer:
        raise NOT_THE_PROPOSER(representative=who, proposer=proposer)


ACT = Act(
    name="withdraw_proposal",
    title_en="Withdraw a proposal",
    title_ja="提案の取下げ",
    permission="representative",
    request=WithdrawProposal,
    load=load,
    decide=decide,
    record=record_end,
)
