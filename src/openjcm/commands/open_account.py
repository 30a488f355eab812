"""Open an account in a registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from openjcm.commands.framework import Act, Decision, Desk, Name, Request, Rows
from openjcm.commands.lookups import ALREADY_ON_RECORD, is_on_record, known_registry
from openjcm.refusals import refusal

ACCOUNT_NAME_DOES_NOT_FIT = refusal(
    "account_name_does_not_fit",
    en="{account} does not begin with the name of its registry, {registry}/.",
    ja="口座番号 {account} が登録簿名 {registry}/ で始まっていません。",
    remedy_en="Name the account {registry}/<short name>.",
    remedy_ja="{registry}/<略称> の形で指定してください。",
    clause="OpenJCM: account numbers are unique over all registries",
)

AccountId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}(-demonstration)?/[a-z0-9][a-z0-9.-]{0,80}$")]


class OpenAccount(Request):
    """An account is opened."""

    account_id: AccountId = Field(description="<registry>/<short name>, for example JPN/government.")
    registry_id: str = Field(description="The registry in which it is opened.", max_length=40, pattern=r"^[^\x00]*$")
    account_type: Literal[
        "government_holding", "entity_holding", "retirement", "cancellation", "holder_not_stated", "reserve", "buffer"
    ] = Field(
        description="What the account is for. Retirement and cancellation accounts never release credits; reserve (CCS)"
        " and buffer (forests) accounts keep them against reversal."
    )
    holder: Name = Field(description="The holder's name; “not stated” where the public record names none.")


@dataclass(frozen=True)
class State:
    """What the act looks at."""

    exists: bool


def load(desk: Desk, request: OpenAccount) -> State:
    """Whether the registry is there, and the account already."""
    known_registry(desk, request.registry_id)
    return State(is_on_record(desk, "select 1 from account where account_id = %s", request.account_id))


def decide(request: OpenAccount, state: State) -> Decision:
    """One account for each number, in an existing registry."""
    if not request.account_id.startswith(f"{request.registry_id}/"):
        raise ACCOUNT_NAME_DOES_NOT_FIT(account=request.account_id, registry=request.registry_id)
    if state.exists:
        raise ALREADY_ON_RECORD(what="account", name=request.account_id)
    names = {"account_id": request.account_id, "registry_id": request.registry_id}
    row = {
        **names,
        "account_type": request.account_type,
        "holder": request.holder,
        "opened_on": request.occurred_on,
    }
    return Decision(outcome={**names, "account_type": request.account_type}, rows=(Rows("account", (row,)),))


ACT = Act(
    name="open_account",
    title_en="Open an account",
    title_ja="口座の開設",
    permission="operator",
    request=OpenAccount,
    load=load,
    decide=decide,
)
