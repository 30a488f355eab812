"""Review an application for an account: accept (the account is opened), refuse, or return for correction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from openjcm.commands.apply_for_account import APPLICATION_CLOSED, ApplicationId
from openjcm.commands.framework import Act, Decision, Desk, Name, Request, Rows
from openjcm.commands.lookups import ALREADY_ON_RECORD, is_on_record, known_registry
from openjcm.commands.open_account import ACCOUNT_NAME_DOES_NOT_FIT, AccountId
from openjcm.commands.register_representative import PersonId
from openjcm.refusals import refusal
from openjcm.registry.ledger import BEFORE_ITS_CAUSE
from openjcm.rulebook import rule

UNKNOWN_APPLICATION = refusal(
    "unknown_application",
    en="There is no application {application}.",
    ja="申請 {application} は記録されていません。",
    remedy_en="Name the application as it was filed.",
    remedy_ja="提出された申請の名称を指定してください。",
    clause="OpenJCM: a review names its application",
    status=404,
)
REVIEWER_IS_APPLICANT = refusal(
    "reviewer_is_applicant",
    en="{person} filed the application {application} and cannot review it.",
    ja="{person} は申請 {application} の申請者であるため、審査できません。",
    remedy_en="Have it reviewed by another person.",
    remedy_ja="別の担当者が審査してください。",
    clause="OpenJCM: nobody decides on his own application",
    status=403,
)
ACCOUNT_ID_GOES_WITH_ACCEPTANCE = refusal(
    "account_id_goes_with_acceptance",
    en="An acceptance states the account that is opened and its holder, and no other verdict does.",
    ja="口座番号と名義人は、受理の場合に限り記入します。",
    remedy_en="State account_id and holder if the verdict is accept; leave them out otherwise.",
    remedy_ja="受理 (accept) の場合は account_id と holder を記入し、それ以外の場合は省略してください。",
    clause="OpenJCM: an accepted application opens one account",
)


HOLDER_IS_ANOTHER = refusal(
    "holder_is_another",
    en="The application was made for another holder than “{holder}”.",
    ja="申請の名義人は「{holder}」ではありません。",
    remedy_en="State the name of the application, in Japanese or in English, as it shall stand in the public record.",
    remedy_ja="申請書の名称 (日本語または英語) を、公表する表記で記入してください。",
    clause="OpenJCM: an account is opened for who applied",
)


class ReviewAccountApplication(Request):
    """The registry decides on an application."""

    application_id: ApplicationId = Field(description="Name of the application.")
    verdict: Literal["accept", "refuse", "return"] = Field(description="accept, refuse, or return for correction.")
    reviewer: PersonId = Field(description="Name of the person who reviewed.")
    reason: Name = Field(description="Why, in words.")
    account_id: AccountId | None = Field(default=None, description="Of an acceptance: the account that is opened.")
    holder: Name | None = Field(
        default=None, description="Of an acceptance: the holder's name as it stands in the public record."
    )


@dataclass(frozen=True)
class State:
    """What the act looks at: the last version of the application, and whether the account number is taken."""

    version: int
    registry_id: str
    party: str
    account_type: str
    names: tuple[str | None, str | None]
    """Of the holder, in Japanese and in English."""
    applicants: tuple[str, ...]
    applied_on: date
    verdict: str | None
    taken: bool


def load(desk: Desk, request: ReviewAccountApplication) -> State:
    """The application, locked.

    Raises:
        Refused: ``unknown_application``.
    """
    desk.connection.execute(
        "select from account_application where application_id = %s for no key update", [request.application_id]
    )
    row = desk.connection.execute(
        "select a.version, a.registry_id, a.account_type, a.particulars ->> 'name_ja',"
        " a.particulars ->> 'name_en', a.applied_on, r.verdict, array(select b.applicant from account_application b"
        " where b.application_id = a.application_id) from account_application a left join account_review r"
        " using (application_id, version) where a.application_id = %s order by a.version desc limit 1",
        [request.application_id],
    ).fetchone()
    if row is None:
        raise UNKNOWN_APPLICATION(application=request.application_id)
    version, registry_id, account_type, name_ja, name_en, applied_on, verdict, applicants = row
    party, _ = known_registry(desk, registry_id)
    taken = is_on_record(desk, "select 1 from account where account_id = %s", request.account_id)
    names = (name_ja, name_en)
    return State(version, registry_id, party, account_type, names, tuple(applicants), applied_on, verdict, taken)


def decide(request: ReviewAccountApplication, state: State) -> Decision:
    """One verdict for a version, by another person than who applied; an acceptance opens the account."""
    waits_for_review(request, state)
    another_reviews(request, state)
    not_before_it_was_filed(request, state)
    account_named_if_accepted(request)
    row = {
        "application_id": request.application_id, "version": state.version, "verdict": request.verdict,
        "reviewer": request.reviewer, "reason": request.reason, "account_id": request.account_id,
        "reviewed_on": request.occurred_on,
    }  # fmt: skip
    outcome = {
        "application_id": request.application_id, "version": state.version, "verdict": request.verdict,
        "account_id": request.account_id,
    }  # fmt: skip
    if request.account_id is None:
        return Decision(outcome, (Rows("account_review", (row,)),))
    holder_applied(request, state)
    number_is_free(request, state)
    four_eyes = rule(state.party, "account_four_eyes_required", request.occurred_on).value is True
    account = {
        "account_id": request.account_id, "registry_id": state.registry_id, "account_type": state.account_type,
        "holder": request.holder, "opened_on": request.occurred_on,
    }  # fmt: skip
    controls = {
        "account_id": request.account_id, "four_eyes": True, "delay_hours": 0, "trusted": [], "outside": "delay",
        "most_per_act": None, "most_per_day": None, "since": request.occurred_on,
    }  # fmt: skip
    opened = {"registry_id": state.registry_id, "account_type": state.account_type, "four_eyes": four_eyes}
    return Decision(
        {**outcome, **opened},
        (
            Rows("account", (account,)),
            Rows("account_review", (row,)),
            Rows("account_control", (controls,) if four_eyes else ()),
        ),
    )


def waits_for_review(request: ReviewAccountApplication, state: State) -> None:
    """A version is decided once. Refuses ``application_closed``."""
    if state.verdict is not None:
        raise APPLICATION_CLOSED(application=request.application_id, version=state.version, state=state.verdict)


def another_reviews(request: ReviewAccountApplication, state: State) -> None:
    """Who applied, in whichever version, does not review. Refuses ``reviewer_is_applicant``."""
    if request.reviewer in state.applicants:
        raise REVIEWER_IS_APPLICANT(person=request.reviewer, application=request.application_id)


def not_before_it_was_filed(request: ReviewAccountApplication, state: State) -> None:
    """A verdict is not dated before the application. Refuses ``before_its_cause``."""
    if request.occurred_on < state.applied_on:
        raise BEFORE_ITS_CAUSE(what="review", day=request.occurred_on, cause=state.applied_on)


def account_named_if_accepted(request: ReviewAccountApplication) -> None:
    """An acceptance names its account, and nothing else does. Refuses ``account_id_goes_with_acceptance``."""
    if {request.account_id is not None, request.holder is not None} != {request.verdict == "accept"}:
        raise ACCOUNT_ID_GOES_WITH_ACCEPTANCE()


def holder_applied(request: ReviewAccountApplication, state: State) -> None:
    """The account is opened for who applied. Refuses ``holder_is_another``."""
    if request.holder not in state.names:
        raise HOLDER_IS_ANOTHER(holder=request.holder)


def number_is_free(request: ReviewAccountApplication, state: State) -> None:
    """An account number is of its registry, and new.

    Refuses ``account_name_does_not_fit`` or ``already_on_record``.
    """
    if not str(request.account_id).startswith(f"{state.registry_id}/"):
        raise ACCOUNT_NAME_DOES_NOT_FIT(account=request.account_id, registry=state.registry_id)
    if state.taken:
        raise ALREADY_ON_RECORD(what="account", name=request.account_id)


ACT = Act(
    name="review_account_application",
    title_en="Review an application for an account",
    title_ja="口座開設申請の審査",
    permission="administrator",
    request=ReviewAccountApplication,
    load=load,
    decide=decide,
)
