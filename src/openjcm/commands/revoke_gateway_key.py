"""Revoke a key of a gateway: what is received from now on is kept apart, whatever time it states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import psycopg
from pydantic import Field, StringConstraints

from openjcm.commands.framework import Act, Decision, Desk, Name, Request
from openjcm.commands.lookups import ALREADY_ON_RECORD, is_on_record
from openjcm.refusals import refusal

UNKNOWN_GATEWAY_KEY = refusal(
    "unknown_gateway_key",
    en="There is no gateway key {key}.",
    ja="ゲートウェイの鍵 {key} は登録されていません。",
    remedy_en="Name the key by its thumbprint, as it was registered.",
    remedy_ja="登録時の鍵の識別子 (サムプリント) を指定してください。",
    clause="OpenJCM: batches are signed by registered keys",
    status=404,
)

KeyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]


class RevokeGatewayKey(Request):
    """A key is no longer trusted, for example because it may be known to others."""

    key_id: KeyId = Field(description="Thumbprint of the key (RFC 7638).")
    reason: Name = Field(description="Why.")


@dataclass(frozen=True)
class State:
    """What the act looks at."""

    revoked: bool


def load(desk: Desk, request: RevokeGatewayKey) -> State:
    """The key, with its chain locked, so that no batch is being taken meanwhile."""
    lock_chain(desk, request.key_id)
    return State(is_on_record(desk, "select 1 from gateway_key_revocation where key_id = %s", request.key_id))


def lock_chain(desk: Desk, key_id: str) -> int:
    """Lock the chain of a key until the act ends; gives the number of the key.

    Raises:
        Refused: ``unknown_gateway_key``.
    """
    row = desk.connection.execute(
        "select c.key_no from batch_chain c join gateway_key k on k.entry_no = c.key_no where k.key_id = %s"
        " for no key update of c",
        [key_id],
    ).fetchone()
    if row is None:
        raise UNKNOWN_GATEWAY_KEY(key=key_id)
    return int(row[0])


def decide(request: RevokeGatewayKey, state: State) -> Decision:
    """A key is revoked once."""
    if state.revoked:
        raise ALREADY_ON_RECORD(what="revocation", name=request.key_id)
    return Decision(outcome={"key_id": request.key_id}, details=request)


def record(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """The revocation holds from the moment at which it is recorded."""
    request: RevokeGatewayKey = decision.details
    connection.execute(
        "insert into gateway_key_revocation (key_id, revoked_at, reason, entry_no)"
        " select %s, recorded_at, %s, entry_no from journal where entry_no = %s",
        [request.key_id, request.reason, entry_no],
    )


ACT = Act(
    name="revoke_gateway_key",
    title_en="Revoke a key of a gateway",
    title_ja="ゲートウェイの鍵の失効",
    permission="operator",
    request=RevokeGatewayKey,
    load=load,
    decide=decide,
    record=record,
)
