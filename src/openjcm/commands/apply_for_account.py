"""Apply for an account in a registry, with the holder's particulars and documents; also again after a return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from openjcm.commands.framework import Act, Decision, Desk, JsonColumn, ProjectReference, Request, Rows
from openjcm.commands.holder_particulars import (
    Documents,
    HolderKind,
    Particulars,
    holder_may_open,
    particulars_complete,
    person_names_a_project,
    plain_documents,
)
from openjcm.commands.lookups import known_projects, known_registry
from openjcm.commands.register_representative import PersonId
from openjcm.refusals import refusal
from openjcm.rulebook import rule

APPLICATION_CLOSED = refusal(
    "application_closed",
    en="The application {application}, version {version}, is not open: {state}.",
    ja="申請 {application} (第 {version} 版) は受付中ではありません: {state}。",
    remedy_en="Wait for the review; after a return apply again under the same name, else under a new one.",
    remedy_ja="審査をお待ちください。補正の場合は同じ名称で、それ以外は新しい名称で申請してください。",
    clause="OpenJCM: an application is decided once in each version",
    status=409,
)

ApplicationId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$")]


class ApplyForAccount(Request):
    """A holder asks for an account."""

    application_id: ApplicationId = Field(description="Name of the application, for example JPN-2026-0042.")
    registry_id: str = Field(description="The registry.", max_length=40, pattern=r"^[^\x00]*$")
    account_type: Literal["entity_holding", "government_holding"] = Field(
        default="entity_holding", description="entity_holding, or government_holding for a government."
    )
    holder_kind: HolderKind = Field(description="Corporation (domestic, foreign), government, or natural person.")
    particulars: Particulars = Field(description="Who the holder is; kept in the journal, not in the public log.")
    documents: Documents = Field(description="The documents handed in, each by its SHA-256.")
    project: ProjectReference | None = Field(
        default=None, description="Of a natural person: the project that the person operates."
    )
    applicant: PersonId = Field(description="Name of the person who applies.")


@dataclass(frozen=True)
class State:
    """What the act looks at: the registry's Party, and the last version with its verdict."""

    party: str
    last_version: int
    verdict: str | None


def load(desk: Desk, request: ApplyForAccount) -> State:
    """The registry, the project, and the application as far as it is on record.

    Raises:
        Refused: ``unknown_registry``, ``unknown_project``.
    """
    party, world = known_registry(desk, request.registry_id)
    if request.project is not None:
        known_projects(desk, [request.project], world)
    row = desk.connection.execute(
        "select a.version, r.verdict from account_application a left join account_review r"
        " using (application_id, version) where a.application_id = %s order by a.version desc limit 1",
        [request.application_id],
    ).fetchone()
    return State(party, *(row or (0, None)))


def decide(request: ApplyForAccount, state: State) -> Decision:
    """A new application, or the next version of one that was returned."""
    first_or_returned(request, state)
    kind_fits_type(request, state)
    person_names_a_project(request.holder_kind, request.project)
    particulars_complete(request.holder_kind, state.party, request.particulars)
    version = state.last_version + 1
    row: dict[str, Any] = {
        "application_id": request.application_id, "version": version, "registry_id": request.registry_id,
        "account_type": request.account_type, "holder_kind": request.holder_kind,
        "particulars": JsonColumn(request.particulars.model_dump(mode="json")),
        "documents": JsonColumn(plain_documents(request.documents)), "project": request.project,
        "applicant": request.applicant, "applied_on": request.occurred_on,
    }  # fmt: skip
    outcome = {
        "application_id": request.application_id, "version": version, "registry_id": request.registry_id,
        "fee": opening_fee(state.party, request),
    }  # fmt: skip
    return Decision(outcome, (Rows("account_application", (row,)),))


def first_or_returned(request: ApplyForAccount, state: State) -> None:
    """An application comes again after a return only. Refuses ``application_closed``."""
    if state.last_version and state.verdict != "return":
        raise APPLICATION_CLOSED(
            application=request.application_id, version=state.last_version, state=state.verdict or "under review"
        )


def kind_fits_type(request: ApplyForAccount, state: State) -> None:
    """A government has a government account, all others an entity account where the rule opens it to them."""
    government = request.holder_kind == "government"
    if not government or request.account_type != "government_holding":
        holder_may_open(state.party, request.holder_kind, request.occurred_on)


def opening_fee(party: str, request: ApplyForAccount) -> dict[str, Any]:
    """What the rulebook says of a fee on that day; ``None`` is not known, and no amount is made up."""
    exists = rule(party, "account_opening_fee_exists", request.occurred_on).value
    amount = rule(party, "account_opening_fee", request.occurred_on).value
    return {"exists": exists, "yen": amount}


ACT = Act(
    name="apply_for_account",
    title_en="Apply for an account",
    title_ja="口座開設の申請",
    permission="participant",
    request=ApplyForAccount,
    load=load,
    decide=decide,
)
