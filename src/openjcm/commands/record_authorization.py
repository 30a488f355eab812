"""Record one version of a Party's Article 6 authorization. A version is never changed; a change is a new version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from openjcm.canonical import canonical_bytes, plain
from openjcm.commands.framework import (
    Act,
    Decision,
    Desk,
    GradeName,
    Name,
    Part,
    Party,
    ProjectReference,
    Request,
    Rows,
    Words,
    World,
    Year,
)  # fmt: skip
from openjcm.commands.lookups import known_projects
from openjcm.refusals import refusal
from openjcm.registry.ledger import BEFORE_ITS_CAUSE
from openjcm.store.journal import Product

VERSION_NOT_NEXT = refusal(
    "version_not_next",
    en="The next version of {party}'s authorization “{authorization}” is {expected}, not {given}.",
    ja="{party} の承認「{authorization}」の次の版は {expected} です ({given} ではありません)。",
    remedy_en="Versions are numbered 1, 2, 3 … and never changed.",
    remedy_ja="版は 1、2、3 … と順に付番し、変更しません。",
    clause="OpenJCM: what is written stays written; 4/CMA.6 on changes of authorizations (recalled)",
    status=409,
)
VINTAGES_IN_WRONG_ORDER = refusal(
    "vintages_in_wrong_order",
    en="The authorized vintages end ({last}) before they begin ({first}).",
    ja="承認対象の排出削減年の終わり ({last}) が始まり ({first}) より前です。",
    remedy_en="State the first and the last year.",
    remedy_ja="最初の年と最後の年を記入してください。",
    clause="Agreed electronic format, table Authorizations: authorized timeframe",
)


class Vintages(Part):
    """The authorized years, both included."""

    first: Year = Field(description="First year.")
    last: Year = Field(description="Last year.")


Names = Annotated[tuple[Name, ...], Field(max_length=500)]
Purpose = Literal["NDC", "OIMP", "IMP", "OP", "NDC and OIMP", "NDC and IMP", "NDC and OP"]


class RecordAuthorization(Request):
    """A Party authorized, changed or revoked on the day ``occurred_on``."""

    world: World = Field(description="public or demonstration.")
    party: Party = Field(description="The Party that authorizes (ISO 3166-1 alpha-3).")
    authorization_id: Name = Field(description="Its identifier, or a label where the source states none.")
    version: Annotated[int, Field(ge=1, le=10_000)] = Field(description="1, 2, 3 … within the identifier.")
    cooperative_approach_id: Name | None = Field(default=None, description="CA identifier; null: not known.")
    purposes: Annotated[tuple[Purpose, ...], Field(max_length=7)] = Field(
        description="Authorized purposes (agreed electronic format, list D); none: the version revokes."
    )
    first_transfer_definition: Literal["Authorisation", "Issuance", "Use or Cancellation"] | None = Field(
        default=None,
        description="First transfer for other international mitigation purposes (list E); null: not stated.",
    )
    authorized_parties: Annotated[tuple[Party, ...], Field(max_length=200)] = Field(
        default=(), description="Parties authorized to use; empty: not stated."
    )
    first_transferring_party: Party | None = Field(
        default=None, description="First transferring Party; null: not stated."
    )
    projects: Annotated[tuple[ProjectReference, ...], Field(max_length=2000)] = Field(
        default=(), description="Projects covered; empty: all of the bilateral."
    )
    vintages: Vintages | None = Field(default=None, description="Years covered; null: not limited.")
    quantity: Annotated[int, Field(ge=1, le=10**15)] | None = Field(
        default=None, description="Most tonnes authorized; null: not limited."
    )
    sectors: Names = Field(default=(), description="Sectors (list B).")
    activity_types: Names = Field(default=(), description="Activity types (list C).")
    terms: Words = Field(default="", description="Terms and conditions, among them how it may be changed.")
    entities: Names = Field(default=(), description="Authorized entities.")
    document: Words = Field(default="", description="The authorization's document, title or address.")
    grade: GradeName = Field(description="How well the authorization is known.")
    source: Name = Field(description="Document or page that states it.")


@dataclass(frozen=True)
class State:
    """What the act looks at: the last version on file."""

    version: int
    authorized_on: date | None


def load(desk: Desk, request: RecordAuthorization) -> State:
    """The last version on file; the projects must be on record."""
    known_projects(desk, request.projects, request.world)
    row = desk.connection.execute(
        "select version, authorized_on from party_authorization"
        " where world = %s and party = %s and authorization_id = %s order by version desc limit 1",
        [request.world, request.party, request.authorization_id],
    ).fetchone()
    return State(row[0], row[1]) if row else State(0, None)


def decide(request: RecordAuthorization, state: State) -> Decision:
    """Versions follow each other in number and day."""
    version_is_next(request, state)
    if state.authorized_on is not None and request.occurred_on < state.authorized_on:
        raise BEFORE_ITS_CAUSE(what=f"version {request.version}", day=request.occurred_on, cause=state.authorized_on)
    if request.vintages is not None and request.vintages.last < request.vintages.first:
        raise VINTAGES_IN_WRONG_ORDER(first=request.vintages.first, last=request.vintages.last)
    body = request.model_dump(mode="json", exclude={"occurred_on"})
    product = Product(
        "authorization",
        canonical_bytes(plain({"kind": "authorization", "authorized_on": request.occurred_on, **body})),
    )
    names = {"party": request.party, "authorization_id": request.authorization_id, "version": request.version}
    row = {
        **names,
        "world": request.world,
        "authorized_on": request.occurred_on,
        "body_sha256": product.sha256,
    }
    outcome = {**names, "body_sha256": product.sha256}
    return Decision(outcome, (Rows("party_authorization", (row,)),), (product,))


def version_is_next(request: RecordAuthorization, state: State) -> None:
    """Versions are numbered without gaps. Refuses ``version_not_next``."""
    if request.version != state.version + 1:
        raise VERSION_NOT_NEXT(
            party=request.party,
            authorization=request.authorization_id,
            expected=state.version + 1,
            given=request.version,
        )


ACT = Act(
    name="record_authorization",
    title_en="Record an Article 6 authorization",
    title_ja="パリ協定第6条の承認の記録",
    permission="operator",
    request=RecordAuthorization,
    load=load,
    decide=decide,
)
