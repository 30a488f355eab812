"""Batches of live meters over HTTP: many signed lines in one request, one answer for each.

No operator's token is asked for: what lets a batch in is its signature. A batch that was answered ``accepted``,
``held`` or ``quarantined`` is durably kept; sent again it is ``already_known``, so a gateway repeats what it is unsure
of.
"""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from openjcm.api import MALFORMED_PROBLEMS, answered_by, office_of, read_strictly
from openjcm.commands.receiving import Receiver

PATH = "/api/v1/batches"
BODY_LIMIT = 8 * 1024 * 1024
MOST_BATCHES = 2_000


class Delivery(BaseModel):
    """Batches in the order in which the gateway made them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    batches: Annotated[tuple[str, ...], Field(min_length=1, max_length=MOST_BATCHES)] = Field(
        description="Signed batches: compact JSON Web Signatures (EdDSA) over canonical JSON (docs/live_meters.md)."
    )


class FindingModel(BaseModel):
    """Why a batch is kept apart or waits."""

    rule: str = Field(description="The rule, B01 to B12.")
    severity: Literal["blocks", "explain", "informs"]
    clause: str
    facts: dict[str, str]
    message: dict[str, str] = Field(description="The sentence in English (en) and Japanese (ja).")


class Answer(BaseModel):
    """What became of one batch."""

    status: Literal["accepted", "held", "quarantined", "already_known", "not_taken", "not_understood"] = Field(
        description="accepted; held: kept until the missing batch comes; quarantined: kept apart, counts nowhere; "
        "already_known: came before; not_taken: too many wait, send the missing one first; not_understood: no batch."
    )
    sha256: str | None = Field(default=None, description="Name of the batch: SHA-256 of what is signed.")
    key_id: str | None = None
    sequence: int | None = None
    recorded: str | None = Field(default=None, description="Of one already known: the status on record.")
    rule: str | None = None
    finding: FindingModel | None = None
    refusal: dict[str, Any] | None = None


class Answers(BaseModel):
    """One answer for each batch, in order; all of it durable when it is sent."""

    received_us: int = Field(description="The receiver's clock, UTC microseconds: compare it with your own.")
    results: list[Answer]


async def deliver(request: Request) -> Response:
    """Judge and keep the batches of a request.

    Raises:
        Refused: to be answered with a problem document.
    """
    delivery = await read_strictly(request, BODY_LIMIT, Delivery, "batches")
    receiver = await run_in_threadpool(_receiver, request)
    outcomes = await run_in_threadpool(receiver.receive, delivery.batches)
    received_us = time.time_ns() // 1_000
    return JSONResponse({"received_us": received_us, "results": [one.as_data() for one in outcomes]})


def _receiver(request: Request) -> Receiver:
    """The application's receiver, made at the first call; it gathers the callers of this process."""
    office = office_of(request)
    state = request.app.state
    receiver: Receiver | None = getattr(state, "receiver", None)
    if receiver is None:
        receiver = state.receiver = Receiver(office)
    return receiver


router = APIRouter(route_class=answered_by(deliver), tags=["live meters"])


@router.post(
    PATH,
    operation_id="deliver_batches",
    summary="Deliver batches of live meters / ライブ計測バッチの送信",
    response_model=Answers,
    response_description="Each batch is answered for; what is kept is durable.",
    responses=MALFORMED_PROBLEMS,
)
def described(body: Delivery) -> None:
    """Signed batches of readings from gateways. The signature lets a batch in; no token is needed. Idempotent."""
