"""Declare that batches of a key will never come, so that those which wait for them are placed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Annotated

import psycopg
from psycopg.types.range import Range
from pydantic import Field

from openjcm.commands.framework import HIGHEST_NUMBER, Act, Decision, Desk, Name, Request, Rows, insert_rows
from openjcm.commands.live_desk import (
    Held,
    Placed,
    lock_chains,
    place_all,
    read_keys,
    root_of,
    write_placed,
    write_receipt,
)
from openjcm.commands.revoke_gateway_key import KeyId, lock_chain
from openjcm.refusals import refusal

NOT_THE_MISSING_BATCHES = refusal(
    "not_the_missing_batches",
    en="Of the key {key}, number {missing} is the next that is missing, and {held} is the first that waits; {first} to "
    "{last} cannot be declared lost.",
    ja="鍵 {key} の次の欠番は {missing}、保留中の最初の連番は {held} のため、"
    "{first}〜{last} を喪失として登録できません。",
    remedy_en="Declare lost exactly the numbers from the missing one to the one before the first that waits.",
    remedy_ja="欠番から、保留中の最初の連番の直前までを指定してください。",
    clause="OpenJCM: only what is missing can be lost",
    status=409,
)

Number = Annotated[int, Field(ge=1, le=HIGHEST_NUMBER)]


class DeclareBatchesLost(Request):
    """The gateway can no longer send these batches: its storage failed. What they held is missing, never zero."""

    key_id: KeyId = Field(description="Thumbprint of the key (RFC 7638).")
    first_number: Number = Field(description="First number that will never come.")
    last_number: Number = Field(description="Last such number.")
    reason: Name = Field(description="Why they will not come.")


@dataclass(frozen=True)
class State:
    """What the act looks at: the chain of the key, the first number that waits, and what becomes of those that wait."""

    held: Held
    first_waiting: int | None
    placed: Placed


def load(desk: Desk, request: DeclareBatchesLost) -> State:
    """The chain, locked, and the batches that wait, placed as if the numbers were lost."""
    key_no = lock_chain(desk, request.key_id)
    held = lock_chains(desk.connection, [key_no])[key_no]
    row = desk.connection.execute(
        "select min(sequence) from batch b where key_no = %s and status = 'held'"
        " and not exists (select 1 from batch_release r where r.batch_no = b.batch_no)",
        [key_no],
    ).fetchone()
    key = read_keys(desk.connection, [request.key_id])[request.key_id]
    lost = (*key.facts.lost, (request.first_number, request.last_number))
    keys = {request.key_id: replace(key, facts=replace(key.facts, lost=lost))}
    return State(held, row[0] if row else None, place_all(desk.connection, {request.key_id: []}, keys))


def decide(request: DeclareBatchesLost, state: State) -> Decision:
    """The numbers are those between the chain and the first that waits."""
    missing, held = state.held.chain.next_sequence, state.first_waiting
    if request.first_number != missing or held is None or request.last_number != held - 1:
        raise NOT_THE_MISSING_BATCHES(
            key=request.key_id, missing=missing, held=held if held is not None else "–",
            first=request.first_number, last=request.last_number,
        )  # fmt: skip
    lines = state.placed.lines()
    row = {
        "key_id": request.key_id,
        "numbers": Range(request.first_number, request.last_number + 1, "[)"),
        "reason": request.reason,
    }
    outcome = {
        "key_id": request.key_id,
        "lines": len(lines),
        "root": root_of(lines),
        "counts": dict(Counter(f"released_{one.status}" for _, one in state.placed.verdicts)),
    }
    return Decision(outcome, (Rows("batch_loss", (row,)),), details=state.placed)


def record(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """The loss, and the verdicts on what waited."""
    insert_rows(connection, entry_no, decision)
    placed: Placed = decision.details
    receipt_no = write_placed(connection, placed)
    write_receipt(connection, receipt_no, placed.lines(), decision.outcome["root"], entry_no)


ACT = Act(
    name="declare_batches_lost",
    title_en="Declare batches lost",
    title_ja="バッチの喪失の登録",
    permission="operator",
    request=DeclareBatchesLost,
    load=load,
    decide=decide,
    record=record,
)
