"""Execute an approved proposal when its delay is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg
from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, Request, Rows, Sha256, insert_rows
from openjcm.commands.proposals_desk import (
    Execution,
    executed,
    execution,
    find_proposal,
    record_execution,
    representative_of,
    still_signed,
)
from openjcm.registry.proposals import (
    OpenProposal,
    Representative,
    is_approved,
    is_due,
    is_not_final,
    is_registered,
)


class ExecuteProposal(Request):
    """The registry does what two representatives signed."""

    proposal: Sha256 = Field(description="SHA-256 of the proposal.")


@dataclass(frozen=True)
class State:
    """What the act looks at; the account's row is locked, then the credits."""

    found: OpenProposal
    proposer: Representative | None
    approver: Representative | None
    execution: Execution
    now: datetime


def load(desk: Desk, request: ExecuteProposal) -> State:
    """The proposal, both persons by the latest facts, and the proposed act on its day."""
    account, found = find_proposal(desk, request.proposal)
    is_not_final(found)
    approver = is_approved(found)
    return State(
        found,
        representative_of(desk, account.account_id, found.proposal.representative),
        representative_of(desk, account.account_id, approver),
        execution(desk, found, approver, request.occurred_on),
        desk.now,
    )


def decide(request: ExecuteProposal, state: State) -> Decision:
    """Once, when due, while both persons still have the rights by which they signed."""
    found, account_id = state.found, state.found.proposal.account_id
    is_due(found, state.now)
    approver = is_registered(state.approver, account_id, is_approved(found))
    still_signed(account_id, state.proposer, found.proposal.representative, approver)
    done = executed(found, state.execution)
    outcome = {
        "proposal": request.proposal, "account_id": account_id, "step": "executed", "act": found.proposal.act,
        "executed": done.outcome, "executed_on": state.execution.day.isoformat(),
    }  # fmt: skip
    return Decision(
        outcome, (Rows("proposal_step", (done.row,)),), done.inner.products, done.inner.files, details=done.details
    )


def record(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """The step, and what the act itself records."""
    insert_rows(connection, entry_no, decision)
    record_execution(connection, entry_no, *decision.details)


ACT = Act(
    name="execute_proposal",
    title_en="Execute an approved proposal",
    title_ja="承認された提案の実行",
    permission="operator",
    request=ExecuteProposal,
    load=load,
    decide=decide,
    record=record,
)
