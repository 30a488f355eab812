"""Revoke a representative: what he signs from now on counts for nothing, and what he signed is not executed."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, Name, Request, Rows
from openjcm.commands.lookups import known_account
from openjcm.commands.proposals_desk import representative_of
from openjcm.commands.register_representative import PersonId
from openjcm.registry.proposals import Representative, is_registered
from openjcm.signed import key_id_of


class RevokeRepresentative(Request):
    """A person no longer acts for an account."""

    account_id: Name = Field(description="The account.")
    representative: PersonId = Field(description="Name of the person.")
    reason: Name = Field(description="Why, in words.")


@dataclass(frozen=True)
class State:
    """What the act looks at."""

    found: Representative | None


def load(desk: Desk, request: RevokeRepresentative) -> State:
    """The account, locked, and the person."""
    known_account(desk, request.account_id)
    return State(representative_of(desk, request.account_id, request.representative))


def decide(request: RevokeRepresentative, state: State) -> Decision:
    """Who is registered is revoked once."""
    found = is_registered(state.found, request.account_id, request.representative)
    row = {
        "account_id": request.account_id, "representative": request.representative, "public_key": found.public_key,
        "key_id": key_id_of(found.public_key), "since": request.occurred_on, "reason": request.reason,
        "name": "–", "rights": [],
    }  # fmt: skip
    outcome = {
        "account_id": request.account_id, "representative": request.representative, "key_id": row["key_id"],
        "public_key": found.public_key,
    }  # fmt: skip
    return Decision(outcome, (Rows("representative_fact", (row,)),))


ACT = Act(
    name="revoke_representative",
    title_en="Revoke a representative of an account",
    title_ja="口座の代表者の登録の取消し",
    permission="administrator",
    request=RevokeRepresentative,
    load=load,
    decide=decide,
)
