"""Audit of four eyes: every signature, right, limit and delay is looked at again, and what was executed is replayed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from openjcm.registry.holds import Consent
from openjcm.registry.ledger import held_pieces
from openjcm.registry.proposals import (
    Answer,
    Controls,
    OpenProposal,
    Proposal,
    Representative,
    another_person,
    has_right,
    hold_of,
    is_approved,
    is_due,
    is_not_final,
    is_of_account,
    is_open,
    is_registered,
    signature_fits,
    target_is_trusted,
    within_act_limit,
    within_day_limit,
)
from openjcm.registry.serials import parse_block
from openjcm.store.audit import JournalRow
from openjcm.store.audit_accounts import place, release
from openjcm.store.audit_proposal_rows import inner_row

if TYPE_CHECKING:
    from openjcm.store.audit_ledger import Replay


@dataclass
class FourEyes:
    """What the journal says so far of representatives, controls and proposals."""

    representatives: dict[tuple[str, str], Representative] = field(default_factory=dict)
    key_owners: dict[str, str] = field(default_factory=dict)
    controls: dict[str, Controls] = field(default_factory=dict)
    proposals: dict[str, OpenProposal] = field(default_factory=dict)
    targets: dict[str, str | None] = field(default_factory=dict)
    moved: dict[tuple[str, date], int] = field(default_factory=dict)

    def person(self, account_id: str, representative: str) -> Representative:
        """The person, who is registered."""
        found = self.representatives.get((account_id, representative))
        return is_registered(found, account_id, representative)


def _register(replay: Replay, row: JournalRow) -> None:
    said = row.request
    owner = replay.four_eyes.key_owners.setdefault(said["public_key"], said["representative"])
    if owner != said["representative"]:
        raise ValueError(f"key of {owner}")
    _remember(replay, said["account_id"], said["representative"], tuple(said["rights"]), said["public_key"])


def _revoke(replay: Replay, row: JournalRow) -> None:
    said = row.request
    known = replay.four_eyes.person(said["account_id"], said["representative"])
    _remember(replay, said["account_id"], said["representative"], (), known.public_key)


def _remember(replay: Replay, account_id: str, name: str, rights: tuple[str, ...], key: str) -> None:
    replay.four_eyes.representatives[account_id, name] = Representative(account_id, name, rights, key)


def _control(replay: Replay, row: JournalRow) -> None:
    said = row.request
    account_id = said["account_id"]
    consent = replay.holdings.consent
    if replay.accounts[account_id].four_eyes and (consent is None or consent.account_id != account_id):
        raise ValueError(f"controls of {account_id} changed without a proposal")
    replay.four_eyes.controls[account_id] = Controls(
        said["four_eyes"], said["delay_hours"], tuple(said["trusted"]), said["outside"], said["most_per_act"],
        said["most_per_day"],
    )  # fmt: skip
    replay.accounts[account_id] = replace(replay.accounts[account_id], four_eyes=said["four_eyes"])
    replay.holdings = replay.holdings.with_account(replay.accounts[account_id])


def _propose(replay: Replay, row: JournalRow) -> None:
    said, eyes = row.request, replay.four_eyes
    proposal = Proposal(said["account_id"], said["act"], said["request"], said["representative"], said["nonce"])
    if proposal.sha256 != row.outcome["proposal"] or proposal.sha256 in eyes.proposals:
        raise ValueError(f"proposal {proposal.sha256}")
    who = eyes.person(proposal.account_id, proposal.representative)
    has_right(who, "propose")
    signature_fits(proposal, who.public_key, said["signature"])
    controls = eyes.controls.get(proposal.account_id, Controls())
    blocks = [parse_block(text) for text in proposal.request.get("blocks", ())]
    quantity = sum(block.quantity for block in blocks)
    touched = {item.account.account_id for block in blocks for item, _ in held_pieces(replay.holdings, block)}
    is_of_account(proposal.account_id, touched or {proposal.request["account_id"]})
    within_act_limit(controls, quantity)
    target_is_trusted(controls, proposal.account_id, row.outcome["target_account"])
    if quantity != row.outcome["quantity"]:
        raise ValueError(f"quantity {row.outcome['quantity']}, replayed {quantity}")
    eyes.proposals[proposal.sha256] = OpenProposal(proposal, (), quantity)
    eyes.targets[proposal.sha256] = row.outcome["target_account"]
    if blocks:
        texts = [str(block) for block in blocks]
        place(replay, row, texts, hold_of(proposal.sha256), "all", "proposal", proposal.sha256)


def _answered(replay: Replay, row: JournalRow, answer: str, right: str) -> tuple[OpenProposal, Representative]:
    found = replay.four_eyes.proposals[row.request["proposal"]]
    is_not_final(found)
    who = replay.four_eyes.person(found.proposal.account_id, row.request["representative"])
    has_right(who, right)
    signed = Answer(found.proposal.sha256, answer, who.representative)
    signature_fits(signed, who.public_key, row.request["signature"])
    return found, who


def _approve(replay: Replay, row: JournalRow) -> None:
    found, who = _answered(replay, row, "approve", "approve")
    is_open(found)
    controls = replay.four_eyes.controls.get(found.proposal.account_id, Controls())
    delay = controls.delay_for(replay.four_eyes.targets[found.proposal.sha256])
    due = datetime.fromisoformat(row.outcome["due_at"])
    if (due - row.recorded_at.replace(microsecond=0)).total_seconds() != delay * 3600:
        raise ValueError(f"due {due}, the delay is {delay} h")
    approved = replace(found, steps=("approved",), approved_by=who.representative, due_at=due)
    _still_signed(replay, approved)
    replay.four_eyes.proposals[found.proposal.sha256] = approved
    if row.outcome["executed"] is not None:
        _execute(replay, row)


def _still_signed(replay: Replay, found: OpenProposal) -> None:
    proposer = replay.four_eyes.person(found.proposal.account_id, found.proposal.representative)
    approver = replay.four_eyes.person(found.proposal.account_id, is_approved(found))
    has_right(proposer, "propose")
    has_right(approver, "approve")
    another_person(proposer, approver)


def _execute(replay: Replay, row: JournalRow) -> None:
    """The act is replayed as its own entry would be, under the consent of the two."""
    from openjcm.store.audit_ledger import STEPS

    eyes, found = replay.four_eyes, replay.four_eyes.proposals[row.request["proposal"]]
    proposal = found.proposal
    is_not_final(found)
    is_approved(found)
    is_due(found, row.recorded_at)
    _still_signed(replay, found)
    day = date.fromisoformat(row.outcome["executed_on"])
    done = eyes.moved.get((proposal.account_id, day), 0)
    within_day_limit(eyes.controls.get(proposal.account_id, Controls()), found.quantity, done, day)
    inner = inner_row(row)
    if inner.act != proposal.act or any(inner.request[name] != value for name, value in proposal.request.items()):
        raise ValueError(f"executed {inner.act}, which is not what was proposed")
    consent = Consent(proposal.account_id, found.hold_id, proposal.representative, is_approved(found))
    replay.holdings = replay.holdings.by_consent(consent)
    try:
        STEPS[inner.act](replay, inner)
    finally:
        replay.holdings = replay.holdings.by_consent(None)
    if found.hold_id in replay.holds:
        release(replay, row, found.hold_id)
    eyes.moved[proposal.account_id, day] = done + found.quantity
    eyes.proposals[proposal.sha256] = replace(found, steps=(*found.steps, "executed"))


def _end(replay: Replay, row: JournalRow, answer: str, right: str, step: str) -> None:
    found, who = _answered(replay, row, answer, right)
    if answer == "withdraw" and who.representative != found.proposal.representative:
        raise ValueError(f"withdrawn by {who.representative}")
    replay.four_eyes.proposals[found.proposal.sha256] = replace(found, steps=(*found.steps, step))
    if found.hold_id in replay.holds:
        release(replay, row, found.hold_id)


STEPS: dict[str, Callable[[Replay, JournalRow], None]] = {
    "register_representative": _register,
    "revoke_representative": _revoke,
    "change_account_controls": _control,
    "propose": _propose,
    "approve_proposal": _approve,
    "reject_proposal": lambda replay, row: _end(replay, row, "reject", "approve", "rejected"),
    "withdraw_proposal": lambda replay, row: _end(replay, row, "withdraw", "propose", "withdrawn"),
    "execute_proposal": _execute,
}
