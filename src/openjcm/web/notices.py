"""Notices of partners over HTTP: signed lines in their order, one answer for each, and how far the inbox has come.

No operator's token is asked for: what lets a notice in is its signature. It moves nothing in this installation's books.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from openjcm.api import MALFORMED_PROBLEMS, answered_by, office_of, read_strictly
from openjcm.commands.courier import NOTICES_PATH, Answer, take
from openjcm.commands.statements_of_books import STATEMENTS_PATH, answer_request

BODY_LIMIT = 32 * 1024 * 1024
MOST_NOTICES = 1_000


class NoticeDelivery(BaseModel):
    """A partner's notices, in their order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    notices: Annotated[tuple[str, ...], Field(min_length=1, max_length=MOST_NOTICES)] = Field(
        description="Signed notices: compact JSON Web Signatures (EdDSA) over canonical JSON (docs/notices.md)."
    )


class NoticeAnswer(BaseModel):
    """What became of one notice."""

    status: Literal["accepted", "already_known", "waits", "refused"] = Field(
        description="accepted; already_known: came before; waits: an earlier one is missing; refused: see refusal."
    )
    sequence: int | None = None
    refusal: dict[str, Any] | None = None


class NoticeAnswers(BaseModel):
    """One answer for each notice, in order, and the signed acknowledgement."""

    results: list[NoticeAnswer]
    acknowledgement: str | None = Field(
        description="How far the inbox has come, signed by the receiver; null where no notice could be believed."
    )


class StatementOrder(BaseModel):
    """A partner asks for this installation's statement."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    request: str = Field(max_length=10_000, description="The signed request (docs/two_registries.md).")


async def state(request: Request) -> Response:
    """The statement for the partner that signed the request.

    Raises:
        Refused: to be answered with a problem document.
    """
    order = await read_strictly(request, BODY_LIMIT, StatementOrder, "statements")
    data = await run_in_threadpool(lambda: answer_request(office_of(request), order.request))
    return Response(data, media_type="text/plain; charset=utf-8")


async def deliver(request: Request) -> Response:
    """Take the notices of a request.

    Raises:
        Refused: to be answered with a problem document.
    """
    delivery = await read_strictly(request, BODY_LIMIT, NoticeDelivery, "notices")
    answer: Answer = await run_in_threadpool(lambda: take(office_of(request), delivery.notices))
    return JSONResponse(
        {"results": [one.as_data() for one in answer.results], "acknowledgement": answer.acknowledgement}
    )


router = APIRouter(route_class=answered_by(deliver), tags=["partners"])


@router.post(
    NOTICES_PATH,
    operation_id="deliver_notices",
    summary="Deliver notices of a partner / 相手方の通知の送付",
    response_model=NoticeAnswers,
    response_description="Each notice is answered for; what is accepted is durable.",
    responses=MALFORMED_PROBLEMS,
)
def described(body: NoticeDelivery) -> None:
    """Signed notices from a partner installation. The signature lets a notice in; no token is needed. Idempotent."""


def asked(body: StatementOrder) -> None:
    """What this installation holds by serial ranges, for a partner on record, which signs its request."""


router.add_api_route(
    STATEMENTS_PATH,
    asked,
    methods=["POST"],
    operation_id="give_statement",
    summary="State the books to a partner / 相手方への明細の提示",
    response_class=PlainTextResponse,
    response_description="A signed head, then one line for each run of serials.",
    responses={**MALFORMED_PROBLEMS, 403: MALFORMED_PROBLEMS[422], 404: MALFORMED_PROBLEMS[422]},
    route_class_override=answered_by(state),
)
