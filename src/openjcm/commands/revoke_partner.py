"""Revoke a partner: nothing is sent to it and nothing taken from it until it is registered anew."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, Name, Request, Rows
from openjcm.refusals import refusal
from openjcm.registry.notices import InstallationName
from openjcm.store.notices import partner_named

UNKNOWN_PARTNER = refusal(
    "unknown_partner",
    en="{partner} is no partner of this installation, or was revoked.",
    ja="{partner} はこのシステムの相手方として登録されていないか、失効しています。",
    remedy_en="Register the partner with its key first, or check its name.",
    remedy_ja="先に相手方を鍵とともに登録するか、名称を確認してください。",
    clause="OpenJCM: notices are exchanged with partners on record (docs/two_registries.md)",
    status=404,
)


class RevokePartner(Request):
    """A partner is no longer trusted, for example because its key may be known to others."""

    partner: InstallationName = Field(description="The partner.")
    reason: Name = Field(description="Why.")


@dataclass(frozen=True)
class State:
    """What the act looks at: the version in force."""

    version: int | None


def load(desk: Desk, request: RevokePartner) -> State:
    """The version in force, if there is one."""
    found = partner_named(desk.connection, request.partner)
    return State(found.version if found else None)


def decide(request: RevokePartner, state: State) -> Decision:
    """What is in force can be revoked."""
    if state.version is None:
        raise UNKNOWN_PARTNER(partner=request.partner)
    names = {"partner": request.partner, "version": state.version}
    return Decision(dict(names), (Rows("partner_revocation", ({**names, "reason": request.reason},)),))


ACT = Act(
    name="revoke_partner",
    title_en="Revoke a partner installation",
    title_ja="相手方システムの失効",
    permission="operator",
    request=RevokePartner,
    load=load,
    decide=decide,
)
