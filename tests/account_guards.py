"""Every guard around accounts, holds and proposals, called by itself with what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openjcm.commands import (
    account_bars,
    apply_for_account,
    change_account_controls,
    close_account,
    holder_particulars,
    lift_disposal_restriction,
    lift_suspension,
    record_trust,
    register_representative,
    release_hold,
    review_account_application,
    suspend_account,
    withdraw_proposal,
)
from openjcm.registry import proposals
from openjcm.registry.accounts import Account, AccountType, Bar, BarGround
from openjcm.registry.holds import Ground
from openjcm.registry.proposals import Answer, Controls, OpenProposal, Proposal, Representative

P, R = proposals, review_account_application
DAY, LATER = date(2025, 3, 1), date(2025, 3, 2)
NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
SHA = "0" * 64
OWN = Account("JPN/company", "JPN", AccountType.ENTITY_HOLDING, DAY)
CLOSED = replace(OWN, bars=(Bar(BarGround.CLOSURE, sends=True, receives=True, since=DAY),))
SUSPENDED = replace(OWN, bars=(Bar(BarGround.SUSPENSION, sends=True, receives=True, since=DAY),))
ORDERED = replace(OWN, bars=(Bar(BarGround.ORDER, sends=True, receives=False, since=DAY),))
PUBLIC = P.encode(Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw())
SATO = Representative("JPN/company", "sato", ("propose",), PUBLIC)
KATO = Representative("JPN/company", "kato", ("approve",), "B" * 43)
PROPOSAL = Proposal("JPN/company", "transfer", {}, "sato", "0" * 32)
FOUND = OpenProposal(PROPOSAL, (), 5)
WAITS = replace(FOUND, steps=("approved",), approved_by="kato", due_at=datetime(2025, 3, 2, tzinfo=UTC))
REGISTRATION = register_representative.RegisterRepresentative(
    account_id="JPN/company", representative="sato", person_name="Sato", rights=("view",), public_key=PUBLIC,
    document_sha256=SHA, reason="named", occurred_on=DAY,
)  # fmt: skip
RELEASE = release_hold.ReleaseHold(hold_id="H", document="d", reason="r", occurred_on=DAY)
HELD = release_hold.State(Ground.OTHER, "R", DAY, released=False)
LIFTING = lift_disposal_restriction.LiftDisposalRestriction(
    account_id="JPN/company", order="1", document_sha256=SHA, reason="r", occurred_on=DAY
)
GUARDED = change_account_controls.State(OWN, Controls(four_eyes=True), ())
APPLICATION = apply_for_account.ApplyForAccount(
    application_id="A", registry_id="JPN", holder_kind="domestic_corporation", applicant="sato", occurred_on=DAY,
    documents=(holder_particulars.NamedDocument(name="d", sha256=SHA),),
    particulars=holder_particulars.Particulars(name_en="N", head_office_en="H", phone="1"),
)  # fmt: skip
REVIEW = review_account_application.ReviewAccountApplication(
    application_id="A",
    verdict="accept",
    reviewer="mori",
    reason="r",
    account_id="JPN/acme",
    holder="N",
    occurred_on=DAY,
)
APPLIED = review_account_application.State(
    1, "JPN", "JPN", "entity_holding", (None, "N"), ("sato",), DAY, None, taken=False
)
TRUST = record_trust.RecordTrust(
    trust_id="T", account_id="JPN/company", blocks=(), right="pledge", document_sha256=SHA, occurred_on=DAY
)

Attempt = tuple[Any, str, str, Callable[[], object]]
ATTEMPTS: tuple[Attempt, ...] = (
    (P, "signature_fits", "signature_does_not_fit", lambda: P.signature_fits(PROPOSAL, PUBLIC, "A" * 86)),
    (
        P,
        "signature_fits",
        "signature_does_not_fit",
        lambda: P.signature_fits(Answer(SHA, "approve", "x"), PUBLIC, ""),
    ),
    (P, "read_envelope", "proposal_file_not_understood", lambda: P.read_envelope(b"{}")),
    (P, "is_registered", "unknown_representative", lambda: P.is_registered(None, "JPN/company", "x")),
    (
        P,
        "is_registered",
        "unknown_representative",
        lambda: P.is_registered(replace(SATO, rights=()), "JPN/company", "x"),
    ),
    (P, "has_right", "right_missing", lambda: P.has_right(SATO, "approve")),
    (P, "another_person", "same_person", lambda: P.another_person(SATO, replace(SATO, rights=("approve",)))),
    (P, "another_person", "same_person", lambda: P.another_person(SATO, replace(KATO, public_key=SATO.public_key))),
    (P, "is_open", "proposal_closed", lambda: P.is_open(WAITS)),
    (P, "is_not_final", "proposal_closed", lambda: P.is_not_final(replace(WAITS, steps=("approved", "executed")))),
    (P, "is_not_final", "proposal_closed", lambda: P.is_not_final(replace(FOUND, steps=("rejected",)))),
    (P, "is_approved", "proposal_not_approved", lambda: P.is_approved(FOUND)),
    (P, "is_due", "proposal_not_due", lambda: P.is_due(WAITS, NOW)),
    (P, "is_due", "proposal_not_due", lambda: P.is_due(FOUND, NOW)),
    (P, "within_act_limit", "above_act_limit", lambda: P.within_act_limit(Controls(most_per_act=5), 6)),
    (P, "within_day_limit", "above_day_limit", lambda: P.within_day_limit(Controls(most_per_day=5), 3, 3, DAY)),
    (
        P,
        "target_is_trusted",
        "account_not_trusted",
        lambda: P.target_is_trusted(Controls(outside="refuse", trusted=("a",)), "JPN/company", "b"),
    ),
    (P, "is_of_account", "not_of_this_account", lambda: P.is_of_account("JPN/company", {"JPN/company", "JPN/x"})),
    (
        release_hold,
        "released_once",
        "already_on_record",
        lambda: release_hold.released_once(RELEASE, replace(HELD, released=True)),
    ),
    (
        release_hold,
        "not_of_a_proposal",
        "hold_of_a_proposal",
        lambda: release_hold.not_of_a_proposal(RELEASE, replace(HELD, ground=Ground.PROPOSAL)),
    ),
    (
        release_hold,
        "not_before_it_was_placed",
        "before_its_cause",
        lambda: release_hold.not_before_it_was_placed(RELEASE, replace(HELD, placed_on=LATER)),
    ),
    (
        account_bars,
        "not_before_it_was_opened",
        "before_its_cause",
        lambda: account_bars.not_before_it_was_opened(OWN, date(2025, 2, 28)),
    ),
    (
        account_bars,
        "not_before_it_began",
        "before_its_cause",
        lambda: account_bars.not_before_it_began("order", DAY, LATER),
    ),
    (suspend_account, "not_closed", "account_closed", lambda: suspend_account.not_closed(CLOSED, DAY)),
    (
        suspend_account,
        "suspended_once",
        "already_on_record",
        lambda: suspend_account.suspended_once(account_bars.State(SUSPENDED)),
    ),
    (suspend_account, "runs_forward", "ends_before_it_begins", lambda: suspend_account.runs_forward(LATER, DAY)),
    (lift_suspension, "suspended", "not_suspended", lambda: lift_suspension.suspended(account_bars.State(OWN))),
    (
        lift_disposal_restriction,
        "order_stands",
        "no_such_order",
        lambda: lift_disposal_restriction.order_stands(LIFTING, lift_disposal_restriction.State(None)),
    ),
    (close_account, "not_under_order", "account_under_order", lambda: close_account.not_under_order(ORDERED, DAY)),
    (close_account, "no_open_proposals", "account_has_proposals", lambda: close_account.no_open_proposals(OWN, 1)),
    (close_account, "is_empty", "account_not_empty", lambda: close_account.is_empty(OWN, 1)),
    (
        close_account,
        "not_before_its_last_movement",
        "before_its_cause",
        lambda: close_account.not_before_its_last_movement(OWN, DAY, LATER),
    ),
    (
        change_account_controls,
        "two_persons_change_controls",
        "controls_need_a_proposal",
        lambda: change_account_controls.two_persons_change_controls(GUARDED),
    ),
    (
        register_representative,
        "key_is_of_one_person",
        "key_of_another_person",
        lambda: register_representative.key_is_of_one_person(
            REGISTRATION, register_representative.State(OWN, key_is_of_another=True)
        ),
    ),
    (record_trust, "only_trust", "right_not_recorded", lambda: record_trust.only_trust(TRUST)),
    (
        holder_particulars,
        "holder_may_open",
        "holder_may_not_open",
        lambda: holder_particulars.holder_may_open("JPN", "government", date(2025, 5, 1)),
    ),
    (
        holder_particulars,
        "person_names_a_project",
        "not_a_project_operator",
        lambda: holder_particulars.person_names_a_project("natural_person", None),
    ),
    (
        holder_particulars,
        "particulars_complete",
        "particulars_missing",
        lambda: holder_particulars.particulars_complete("natural_person", "JPN", APPLICATION.particulars),
    ),
    (
        apply_for_account,
        "first_or_returned",
        "application_closed",
        lambda: apply_for_account.first_or_returned(APPLICATION, apply_for_account.State("JPN", 1, "refuse")),
    ),
    *(
        (review_account_application, name, code, attempt)
        for name, code, attempt in (
            (
                "waits_for_review",
                "application_closed",
                lambda: R.waits_for_review(REVIEW, replace(APPLIED, verdict="x")),
            ),
            (
                "another_reviews",
                "reviewer_is_applicant",
                lambda: R.another_reviews(REVIEW, replace(APPLIED, applicants=("a", "mori"))),
            ),
            (
                "not_before_it_was_filed",
                "before_its_cause",
                lambda: R.not_before_it_was_filed(REVIEW, replace(APPLIED, applied_on=LATER)),
            ),
            (
                "account_named_if_accepted",
                "account_id_goes_with_acceptance",
                lambda: R.account_named_if_accepted(REVIEW.model_copy(update={"verdict": "return"})),
            ),
            (
                "account_named_if_accepted",
                "account_id_goes_with_acceptance",
                lambda: R.account_named_if_accepted(REVIEW.model_copy(update={"holder": None})),
            ),
            (
                "holder_applied",
                "holder_is_another",
                lambda: R.holder_applied(REVIEW.model_copy(update={"holder": "M"}), APPLIED),
            ),
            ("number_is_free", "already_on_record", lambda: R.number_is_free(REVIEW, replace(APPLIED, taken=True))),
            (
                "number_is_free",
                "account_name_does_not_fit",
                lambda: R.number_is_free(REVIEW, replace(APPLIED, registry_id="MNG")),
            ),
        )
    ),
    (withdraw_proposal, "own_proposal", "not_the_proposer", lambda: withdraw_proposal.own_proposal("sato", "kato")),
)
"""Module, function, code, and a call that the guard alone refuses."""
