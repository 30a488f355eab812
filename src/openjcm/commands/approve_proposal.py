"""Approve a proposal, as another person than the one who proposed; without a delay it is executed at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg

from openjcm.commands.framework import Act, Decision, Desk, Rows, insert_rows
from openjcm.commands.proposals_desk import (
    Answering,
    AnswerRequest,
    Execution,
    answering,
    due_at,
    executed,
    execution,
    record_execution,
    signed_answer,
    step_row,
    still_signed,
)
from openjcm.registry.proposals import is_open, is_registered


class ApproveProposal(AnswerRequest):
    """A second representative approves."""


@dataclass(frozen=True)
class State:
    """What the act looks at; the account's row is locked, then the credits."""

    answering: Answering
    execution: Execution
    now: datetime


def load(desk: Desk, request: ApproveProposal) -> State:
    """The proposal, both persons, and the proposed act as it would be done today."""
    found = answering(desk, request)
    return State(found, execution(desk, found.found, request.representative, request.occurred_on), desk.now)


def decide(request: ApproveProposal, state: State) -> Decision:
    """Approved by another person who may; done at once where nothing is to be waited for."""
    account, found = state.answering.account, state.answering.found
    is_open(found)
    who = is_registered(state.answering.answers, account.account_id, request.representative)
    still_signed(account.account_id, state.answering.proposer, found.proposal.representative, who)
    product = signed_answer(request, "approve", who)
    due = due_at(state.now, state.execution.controls, state.execution.wanted.target)
    rows = [step_row(request.proposal, "approved", request.representative, product, due)]
    outcome = {
        "proposal": request.proposal, "account_id": account.account_id, "step": "approved",
        "representative": request.representative, "due_at": due.isoformat(), "act": found.proposal.act,
        "answer_sha256": product.sha256, "executed": None, "executed_on": None,
    }  # fmt: skip
    if due > state.now:
        return Decision(outcome, (Rows("proposal_step", tuple(rows)),), (product,))
    done = executed(found, state.execution)
    return Decision(
        {**outcome, "executed": done.outcome, "executed_on": state.execution.day.isoformat()},
        (Rows("proposal_step", (*rows, done.row)),),
        (product, *done.inner.products),
        done.inner.files,
        details=done.details,
    )


def record(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """The steps, and what the act itself records."""
    insert_rows(connection, entry_no, decision)
    if decision.details is not None:
        record_execution(connection, entry_no, *decision.details)


ACT = Act(
    name="approve_proposal",
    title_en="Approve a proposal",
    title_ja="提案の承認",
    permission="representative",
    request=ApproveProposal,
    load=load,
    decide=decide,
    record=record,
)
