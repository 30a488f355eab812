"""Register a key with which a gateway signs: its first, or the next one (rotation)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import psycopg
from pydantic import Field, StringConstraints

from openjcm.commands.framework import Act, Decision, Desk, Request, Rows, insert_rows
from openjcm.commands.lookups import ALREADY_ON_RECORD, is_on_record
from openjcm.commands.register_gateway import GatewayName, Instant, known_gateway
from openjcm.refusals import refusal
from openjcm.signed import key_id_of, public_text, read_public_key

KEY_ENDS_BEFORE_IT_BEGINS = refusal(
    "key_ends_before_it_begins",
    en="The key is valid until {until}, which is not after {since}.",
    ja="鍵の有効期間の終了 ({until}) が開始 ({since}) より後ではありません。",
    remedy_en="Give the end of its validity later than the beginning, or leave it out.",
    remedy_ja="終了は開始より後の時刻にするか、省略してください。",
    clause="OpenJCM: a key signs for a span of time",
)


class RegisterGatewayKey(Request):
    """A gateway gets a key. The chain of its batches begins anew with number 1."""

    gateway: GatewayName = Field(description="The gateway.")
    public_key: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")] = Field(
        description="Ed25519 public key, base64url, as `openjcm gateway init` prints it."
    )
    valid_since: Instant = Field(description="Batches made (by the gateway's clock) from this instant on are taken.")
    valid_until: Instant | None = Field(default=None, description="The last such instant; null: not known.")


@dataclass(frozen=True)
class State:
    """What the act looks at."""

    exists: bool


def load(desk: Desk, request: RegisterGatewayKey) -> State:
    """Whether the gateway is there, and the key already (of whichever gateway)."""
    known_gateway(desk, request.gateway)
    key_id = key_id_of(public_text(read_public_key(request.public_key)))
    return State(is_on_record(desk, "select 1 from gateway_key where key_id = %s", key_id))


def decide(request: RegisterGatewayKey, state: State) -> Decision:
    """One gateway for each key."""
    key_id = key_id_of(request.public_key)
    if state.exists:
        raise ALREADY_ON_RECORD(what="key", name=key_id)
    if request.valid_until is not None and request.valid_until <= request.valid_since:
        raise KEY_ENDS_BEFORE_IT_BEGINS(since=request.valid_since, until=request.valid_until)
    row = {
        "key_id": key_id,
        "gateway_id": request.gateway,
        "public_key": request.public_key,
        "valid_since": request.valid_since,
        "valid_until": request.valid_until,
    }
    return Decision(outcome={"gateway": request.gateway, "key_id": key_id}, rows=(Rows("gateway_key", (row,)),))


def record(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """The key, and the beginning of its chain."""
    insert_rows(connection, entry_no, decision)
    connection.execute("insert into batch_chain (key_no) values (%s)", [entry_no])


ACT = Act(
    name="register_gateway_key",
    title_en="Register a key of a gateway",
    title_ja="ゲートウェイの鍵の登録",
    permission="operator",
    request=RegisterGatewayKey,
    load=load,
    decide=decide,
    record=record,
)
