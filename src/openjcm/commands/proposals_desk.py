"""What the acts around proposals share: who acts for an account, how it is guarded, and the proposed act itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import psycopg
from pydantic import Field, StringConstraints

from openjcm.commands.framework import Act, Decision, Desk, Request, Rows, Sha256, insert_rows
from openjcm.commands.lookups import known_account
from openjcm.commands.transfer import moving
from openjcm.refusals import refusal
from openjcm.registry.accounts import Account
from openjcm.registry.holds import Consent
from openjcm.registry.ledger import Holdings, held_pieces
from openjcm.registry.proposals import (
    Answer,
    Controls,
    OpenProposal,
    Proposal,
    Representative,
    another_person,
    envelope,
    has_right,
    is_registered,
    signature_fits,
    within_day_limit,
)
from openjcm.registry.serials import Block
from openjcm.store.journal import Product
from openjcm.store.ledger import release_holds

UNKNOWN_PROPOSAL = refusal(
    "unknown_proposal",
    en="There is no proposal {proposal}.",
    ja="提案 {proposal} は記録されていません。",
    remedy_en="Name the proposal by the SHA-256 that its receipt and `openjcm proposal check` show.",
    remedy_ja="受付票または `openjcm proposal check` に表示される SHA-256 で指定してください。",
    clause="OpenJCM: an answer names its proposal",
    status=404,
)
ACT_NOT_PROPOSABLE = refusal(
    "act_not_proposable",
    en="“{act}” is no act that a representative proposes.",
    ja="「{act}」は代表者が提案できる手続ではありません。",
    remedy_en="Propose one of: {acts}.",
    remedy_ja="次のいずれかを提案してください: {acts}。",
    clause="OpenJCM: representatives propose what their account gives away, and how it is guarded",
)
PROPOSAL_NAMES_SERIALS = refusal(
    "proposal_names_serials",
    en="A proposal for {act} names its serials; a rule that chooses them is not signed.",
    ja="{act} の提案では識別番号を明記してください。選択規則 (choose) による提案はできません。",
    remedy_en="Name the serials in blocks: both persons sign the very credits that move.",
    remedy_ja="blocks に識別番号を記入してください。代表者は、動かすクレジットそのものに署名します。",
    clause="OpenJCM: what is signed is what is done",
)

SignatureText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{86}$")]
CONTROLS_ACT = "change_account_controls"
TOKYO = ZoneInfo("Asia/Tokyo")
"""The day of the limit per day is the registry's; OpenJCM's installations keep the day of Tokyo (see framework)."""


class AnswerRequest(Request):
    """A representative's signed answer to a proposal."""

    proposal: Sha256 = Field(description="SHA-256 of the proposal.")
    representative: str = Field(description="Name of the person who signs.", max_length=63, pattern=r"^[^\x00]*$")
    signature: SignatureText = Field(description="Ed25519 signature under the answer, base64url.")


# Looking up ---------------------------------------------------------------------------------------------------------


def representative_of(desk: Desk, account_id: str, representative: str) -> Representative | None:
    """The person by the latest fact on record, or ``None``."""
    row = desk.connection.execute(
        "select rights, public_key from representative_fact where account_id = %s and representative = %s"
        " order by entry_no desc limit 1",
        [account_id, representative],
    ).fetchone()
    return Representative(account_id, representative, tuple(row[0]), row[1]) if row else None


def controls_of(desk: Desk, account_id: str) -> Controls:
    """How the account is guarded; the controls of an account for which none are on record guard nothing."""
    row = desk.connection.execute(
        "select four_eyes, delay_hours, trusted, outside, most_per_act, most_per_day from account_control"
        " where account_id = %s order by entry_no desc limit 1",
        [account_id],
    ).fetchone()
    return Controls(row[0], row[1], tuple(row[2]), *row[3:]) if row else Controls()


def moved_on(desk: Desk, account_id: str, day: date) -> int:
    """How many credits proposals of the account moved on a day."""
    row = desk.connection.execute(
        "select coalesce(sum(p.quantity), 0)::bigint from proposal p join proposal_step e using (proposal)"
        " where p.account_id = %s and e.step = 'executed' and e.executed_on = %s",
        [account_id, day],
    ).fetchone()
    assert row is not None
    return int(row[0])


def proposable(act_name: str) -> Act[Any, Any]:
    """The act that is proposed. Refuses ``act_not_proposable``."""
    from openjcm.commands import ACTS

    allowed = sorted(name for name, one in ACTS.items() if one.moves or name == CONTROLS_ACT)
    if act_name not in allowed:
        raise ACT_NOT_PROPOSABLE(act=act_name[:80], acts=allowed)
    return ACTS[act_name]


@dataclass(frozen=True)
class Wanted:
    """The proposed act as it would be done today: its request, what it decides on, and what it would move."""

    act: Act[Any, Any]
    request: Any
    state: Any
    blocks: tuple[Block, ...] = ()
    holdings: Holdings = field(default_factory=Holdings)
    target: str | None = None

    @property
    def touched(self) -> set[str]:
        """The accounts that it would take from, or whose controls it would change."""
        if self.target is None:
            return {self.request.account_id}
        return {holding.account.account_id for block in self.blocks for holding, _ in held_pieces(self.holdings, block)}

    @property
    def quantity(self) -> int:
        """How many credits it would move."""
        return sum(block.quantity for block in self.blocks)

    def decide(self) -> Decision:
        """What the act itself decides: no rule of it is passed by."""
        decision: Decision = self.act.decide(self.request, self.state)
        return decision


def wanted(desk: Desk, proposal: Proposal, day: date, consent: Consent) -> Wanted:
    """Load the proposed act for a day; the credits that it names are locked.

    Raises:
        Refused: by the look-ups of the act, ``act_not_proposable``, ``request_not_understood``.
    """
    act = proposable(proposal.act)
    request = act.read({**proposal.request, "occurred_on": day.isoformat()})
    if act.moves is None:
        return Wanted(act, request, replace(act.load(desk, request), consent=consent))
    names_its_serials(request, proposal.act)
    target = str(getattr(request, act.moves.target))
    state = moving(desk, request.blocks, target)
    state = replace(state, holdings=state.holdings.by_consent(consent))
    complete = act.moves.complete(desk, request, state)
    return Wanted(act, request, complete, state.blocks, state.holdings, target)


def names_its_serials(request: Any, act_name: str) -> None:
    """Two persons sign the very credits that move, and no rule. Refuses ``proposal_names_serials``."""
    if getattr(request, "choose", None) is not None:
        raise PROPOSAL_NAMES_SERIALS(act=act_name)


def find_proposal(desk: Desk, sha256: str) -> tuple[Account, OpenProposal]:
    """The account, whose row is locked first, and the proposal with its steps.

    Raises:
        Refused: ``unknown_proposal``.
    """
    row = desk.connection.execute("select account_id from proposal where proposal = %s", [sha256]).fetchone()
    if row is None:
        raise UNKNOWN_PROPOSAL(proposal=sha256)
    account = known_account(desk, row[0])
    row = desk.connection.execute(
        "select j.request, p.quantity from proposal p join journal j using (entry_no) where p.proposal = %s", [sha256]
    ).fetchone()
    assert row is not None
    steps = desk.connection.execute(
        "select step, representative, due_at from proposal_step where proposal = %s order by entry_no, step", [sha256]
    ).fetchall()
    approval = next((step for step in steps if step[0] == "approved"), (None, None, None))
    names = tuple(step[0] for step in steps)
    return account, OpenProposal(proposal_of(row[0]), names, row[1], approval[1], approval[2])


def proposal_of(request: Mapping[str, Any]) -> Proposal:
    """The proposal from the request by which it was recorded."""
    return Proposal(
        request["account_id"], request["act"], request["request"], request["representative"], request["nonce"]
    )


# Answering ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answering:
    """What an answer looks at: the proposal, who proposed it and who answers."""

    account: Account
    found: OpenProposal
    proposer: Representative | None
    answers: Representative | None


def answering(desk: Desk, request: AnswerRequest) -> Answering:
    """The proposal, its account locked, and both persons by the latest facts."""
    account, found = find_proposal(desk, request.proposal)
    return Answering(
        account,
        found,
        representative_of(desk, account.account_id, found.proposal.representative),
        representative_of(desk, account.account_id, request.representative),
    )


def signed_answer(request: AnswerRequest, answer: str, who: Representative) -> Product:
    """The answer as it is kept, if the person signed it."""
    signed = Answer(request.proposal, answer, request.representative)
    signature_fits(signed, who.public_key, request.signature)
    return Product("proposal_answer", envelope(signed, who.public_key, request.signature))


def ended(request: AnswerRequest, step: str, product: Product, found: OpenProposal) -> Decision:
    """The decision that ends a proposal without execution; its credits are released."""
    row = step_row(request.proposal, step, request.representative, product)
    outcome = {
        "proposal": request.proposal, "account_id": found.proposal.account_id, "step": step,
        "representative": request.representative, "answer_sha256": product.sha256,
    }  # fmt: skip
    return Decision(outcome, (Rows("proposal_step", (row,)),), (product,), details=found.hold_id)


def record_end(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """The step, and the release of the credits."""
    insert_rows(connection, entry_no, decision)
    release_holds(connection, entry_no, [decision.details])


def step_row(
    proposal: str,
    step: str,
    representative: str | None,
    product: Product | None,
    due_at: datetime | None = None,
    executed_on: date | None = None,
) -> dict[str, object]:
    """One step of a proposal."""
    return {
        "proposal": proposal, "step": step, "representative": representative,
        "answer_sha256": product.sha256 if product else None, "due_at": due_at, "executed_on": executed_on,
    }  # fmt: skip


# Executing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Execution:
    """What an execution looks at beside the proposal itself."""

    wanted: Wanted
    controls: Controls
    done_today: int
    day: date
    """The registry's day of the execution."""


def execution(desk: Desk, found: OpenProposal, approved_by: str, day: date) -> Execution:
    """The proposed act on the day of its execution, the credits locked."""
    proposal = found.proposal
    consent = Consent(proposal.account_id, found.hold_id, proposal.representative, approved_by)
    today = desk.now.astimezone(TOKYO).date()
    return Execution(
        wanted(desk, proposal, day, consent),
        controls_of(desk, proposal.account_id),
        moved_on(desk, proposal.account_id, today),
        today,
    )


def still_signed(account_id: str, proposer: Representative | None, name: str, approver: Representative) -> None:
    """Both persons still have the rights by which they signed, and are two."""
    proposer = is_registered(proposer, account_id, name)
    has_right(proposer, "propose")
    has_right(approver, "approve")
    another_person(proposer, approver)


@dataclass(frozen=True)
class Done:
    """What an execution records: the act's own decision under the journal entry of the proposal."""

    outcome: dict[str, Any]
    """The act, its whole request and its outcome, as its own entry would keep them."""
    row: dict[str, object]
    inner: Decision
    details: tuple[OpenProposal, Wanted, Decision]


def executed(found: OpenProposal, what: Execution) -> Done:
    """What the act itself decides, and the step that goes with it; the limit of the day is kept."""
    within_day_limit(what.controls, found.quantity, what.done_today, what.day)
    want = what.wanted
    inner = want.decide()
    outcome = {"act": want.act.name, "request": want.act.journal_form(want.request), "outcome": inner.outcome}
    row = step_row(found.proposal.sha256, "executed", None, None, executed_on=what.day)
    return Done(outcome, row, inner, (found, want, inner))


def record_execution(
    connection: psycopg.Connection, entry_no: int, found: OpenProposal, want: Wanted, inner: Decision
) -> None:
    """Release the credits of the proposal, and record the act as its own entry would."""
    release_holds(connection, entry_no, [found.hold_id])
    want.act.record(connection, entry_no, inner)


def due_at(now: datetime, controls: Controls, target: str | None) -> datetime:
    """From when on an approved proposal may be executed, in whole seconds."""
    return now.replace(microsecond=0) + timedelta(hours=controls.delay_for(target))
