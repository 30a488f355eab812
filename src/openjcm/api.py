"""The acts over HTTP: one POST operation for each, made from its request.

Everything is refused unless the caller shows the operator's token. Refusals are problem documents (RFC 9457) with
the code, the text in both languages, the remedy and the clause; ``kind`` tells the forms apart. ``Idempotency-Key``
(or, without it, the hash of the request) makes a repeated call harmless: it is answered with the same receipt.
"""

from __future__ import annotations

import hmac
import re
import secrets
import threading
from collections.abc import Callable, Coroutine
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union

from fastapi import APIRouter, Header, Request, Response, Security
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, create_model
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool

from openjcm.commands import ACTS, Act, Office, Receipt, open_office, run
from openjcm.commands.framework import REQUEST_NOT_UNDERSTOOD, refuse_doubles, wrong_places
from openjcm.commands.gathering import Gatherer
from openjcm.commands.office import data_folder, write_secret
from openjcm.commands.together import Answer, ask
from openjcm.refusals import Refusal, Refused, refusal

PREFIX = "/api/v1/acts"
ACTOR = "operator (API)"
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Model = TypeVar("Model", bound=BaseModel)
BODY_LIMITS = {"upload_readings": 192 * 1024 * 1024}
BODY_LIMIT = 4 * 1024 * 1024
"""The most bytes of a request; more only where files are sent."""
MANY_LIMIT = 16 * 1024 * 1024
MOST_ACTS = 10_000
"""The most bytes and the most acts of a request for many acts."""
KEY = r"^[A-Za-z0-9._:/+-]{1,200}$"

UNAUTHORIZED = refusal(
    "unauthorized",
    en="This operation needs the operator's token.",
    ja="この操作には運用者のトークンが必要です。",
    remedy_en="Send the header “Authorization: Bearer …” with the token from keys/operator.token in the data folder.",
    remedy_ja="データフォルダーの keys/operator.token にあるトークンを「Authorization: Bearer …」ヘッダーで"
    "送信してください。",
    clause="OpenJCM: acts are refused unless allowed",
    status=401,
)
BODY_TOO_LARGE = refusal(
    "body_too_large",
    en="The request is larger than {limit} bytes.",
    ja="請求の大きさが上限 {limit} バイトを超えています。",
    remedy_en="Split the request; compress a meter file with gzip, or split it.",
    remedy_ja="請求を分割してください。計量ファイルは gzip で圧縮するか、分割してください。",
    clause="OpenJCM: requests are bounded",
    status=413,
)
NOT_JSON = refusal(
    "not_json",
    en="The request is sent as “{media_type}”, not as application/json.",
    ja="請求の形式が application/json ではなく「{media_type}」です。",
    remedy_en="Send JSON with the header “Content-Type: application/json”.",
    remedy_ja="「Content-Type: application/json」ヘッダーを付けて JSON を送信してください。",
    clause="OpenJCM: every act has a described request",
    status=415,
)
BAD_KEY = refusal(
    "bad_idempotency_key",
    en="The Idempotency-Key is not 1 to 200 of the characters A–Z a–z 0–9 . _ : / + -.",
    ja="Idempotency-Key は A–Z a–z 0–9 . _ : / + - の1〜200文字でなければなりません。",
    remedy_en="Choose a key of these characters, for example a UUID.",
    remedy_ja="UUID など、これらの文字からなるキーを指定してください。",
    clause="OpenJCM: an act is done once, by its key",
    status=400,
)


class Texts(BaseModel):
    """One text in both languages."""

    en: str
    ja: str


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(description="Where the code is explained.")
    title: str = Field(description="The code of the refusal; stable.")
    status: int
    detail: str = Field(description="What was wrong and where, in English.")
    code: str = Field(description="The code of the refusal; stable.")
    message: Texts
    remedy: Texts
    clause: str = Field(description="The rule that refuses.")
    facts: dict[str, str]


class RuleProblem(Problem):
    """A rule refuses the act; nothing was changed."""

    kind: Literal["refused"]


class MalformedProblem(Problem):
    """The request does not have the described form."""

    kind: Literal["malformed"]


class AccessProblem(Problem):
    """The caller may not do this."""

    kind: Literal["access"]


AnyProblem = Annotated[RuleProblem | MalformedProblem | AccessProblem, Field(discriminator="kind")]
MALFORMED = frozenset({"request_not_understood", "body_too_large", "not_json", "bad_idempotency_key"})


class ReceiptModel(BaseModel):
    """The act's place in the journal and in the transparency log, and what came of it."""

    entry_no: int = Field(description="Number of the journal entry.")
    leaf_index: int = Field(description="Index of the entry's leaf in the transparency log.")
    leaf_hash: str = Field(description="Hash of the leaf, hexadecimal.")
    key: str = Field(description="The idempotency key under which the act stands.")
    outcome: dict[str, Any] = Field(description="What came of the act.")
    replayed: bool = Field(description="Whether the act had been done before, under the same key.")


def problem(refused: Refused) -> Response:
    """The answer to a refused call."""
    status = refused.declaration.status
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(problem_data(refused), status, headers, media_type="application/problem+json")


def problem_data(refused: Refused) -> dict[str, Any]:
    """A refusal as a problem document."""
    declaration: Refusal = refused.declaration
    kind = "access" if declaration.status == 401 else "malformed" if refused.code in MALFORMED else "refused"
    return {
        "type": f"/en/api#{refused.code}",
        "title": refused.code,
        "status": declaration.status,
        "detail": refused.message("en"),
        "kind": kind,
        **refused.as_data(),
    }


class ActRoute(APIRoute):
    """An operation whose description is made by FastAPI from its signature, and whose work is done by ``answer``.

    The request is read strictly by the act itself: no text passes for a number, and a body is bounded before it is
    parsed.
    """

    def get_route_handler(self) -> Handler:
        """The handler that Starlette calls."""
        return _handler(ACTS[self.path.rsplit("/", 1)[-1]])


def _handler(act: Act[Any, Any]) -> Handler:
    return with_problems(partial(answer, act))


def with_problems(answerer: Handler) -> Handler:
    """The same answerer, which answers a refusal with its problem document."""

    async def handle(request: Request) -> Response:
        try:
            return await answerer(request)
        except Refused as refused:
            return problem(refused)

    return handle


def answered_by(answerer: Handler) -> type[APIRoute]:
    """A route that FastAPI describes from its function and that ``answerer`` answers, reading the body itself."""

    class AnsweredRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            return with_problems(answerer)

    return AnsweredRoute


async def read_strictly(request: Request, limit: int, model: type[Model], act: str) -> Model:
    """The body as ``model``, bounded to ``limit`` bytes before it is parsed; no text passes for a number.

    Raises:
        Refused: ``body_too_large``, ``request_not_understood``.
    """
    body = await bounded_body(request, limit)
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise REQUEST_NOT_UNDERSTOOD(act=act, places=wrong_places(error)) from error


async def answer(act: Act[Any, Any], request: Request) -> Response:
    """Do the act that the request asks for.

    Raises:
        Refused: to be answered with a problem document.
    """
    office = await _opened(request)
    _allowed(request, office)
    key = _key(request)
    body = await bounded_body(request, BODY_LIMITS.get(act.name, BODY_LIMIT))
    receipt: Receipt
    if act.moves is not None:
        receipt = await _gatherer(request, office).ask(ask(act, body, key, ACTOR))
    else:
        receipt = await run_in_threadpool(run, act.name, body, office=office, key=key, actor=ACTOR)
    status = 200 if receipt.replayed else 201
    return Response(to_json(receipt.as_data()), status, media_type="application/json")


async def _opened(request: Request) -> Office:
    """The application's office, opened away from the event loop at the first call."""
    office: Office | None = getattr(request.app.state, "office", None)
    return office if office is not None else await run_in_threadpool(office_of, request)


def _gatherer(request: Request, office: Office) -> Gatherer:
    """The application's gatherer of acts that move credits, started at the first call."""
    state = request.app.state
    with _OPENING:
        if getattr(state, "gatherer", None) is None:
            state.gatherer = Gatherer(office)
    gatherer: Gatherer = state.gatherer
    return gatherer


_OPENING = threading.Lock()


def office_of(request: Request) -> Office:
    """The application's office, opened at the first call."""
    state = request.app.state
    with _OPENING:
        if getattr(state, "office", None) is None:
            database = getattr(state, "database", None)
            state.office = open_office(database_url=database.url if database is not None else None)
    office: Office = state.office
    return office


def _allowed(request: Request, office: Office) -> None:
    """Only the holder of the operator's token acts. Refuses ``unauthorized``."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    token = operator_token(office.data_dir or data_folder())
    if scheme.lower() != "bearer" or not hmac.compare_digest(_digest(given.strip()), _digest(token)):
        raise UNAUTHORIZED()


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogateescape")).digest()


def operator_token(data_dir: Path) -> str:
    """The operator's token, made at the first call and kept in a file that only its owner may read."""
    path = data_dir / "keys" / "operator.token"
    try:
        state = path.stat()
    except FileNotFoundError:
        return write_secret(path, secrets.token_urlsafe(32))
    return _token_in(path, (state.st_ino, state.st_mtime_ns, state.st_size))


@lru_cache(8)
def _token_in(path: Path, _state: tuple[int, int, int]) -> str:
    """What the file holds, read again when it was changed."""
    return path.read_text(encoding="ascii").strip()


def _key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not re.fullmatch(KEY, key, re.ASCII):
        raise BAD_KEY()
    return key


async def bounded_body(request: Request, limit: int) -> bytes:
    """The bytes of the body, read no further than the limit."""
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type != "application/json":
        raise NOT_JSON(media_type=media_type or "–")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BODY_TOO_LARGE(limit=limit)
    return bytes(body)


router = APIRouter(prefix=PREFIX, route_class=ActRoute, tags=["acts"])
_BEARER = HTTPBearer(description="The operator's token (keys/operator.token in the data folder).", auto_error=False)


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """A schema without references, so that it can stand anywhere in a document."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    return {
        name: _inlined(item, definitions) for name, item in schema.items() if name not in {"$defs", "discriminator"}
    }


_PROBLEM_SCHEMA = TypeAdapter(AnyProblem).json_schema()
_PROBLEM_CONTENT = {"application/problem+json": {"schema": _inlined(_PROBLEM_SCHEMA, _PROBLEM_SCHEMA["$defs"])}}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": _PROBLEM_CONTENT}
    for status, text in {
        400: "The request does not have the described form.",
        401: "No valid token.",
        404: "Something that the request names is not on record.",
        409: "The present state does not allow it.",
        413: "The request is too large.",
        415: "The request is not JSON.",
        422: "A rule refuses it, or the request does not have the described form.",
        503: "The database is busy; send the same request again.",
        507: "There is no space left on the disk; send the same request again when there is.",
    }.items()
}

MALFORMED_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: _PROBLEMS[status] for status in (400, 413, 415, 422, 503, 507)
}
"""The problems of an operation that needs no token."""


def _add(act: Act[Any, Any]) -> None:
    model = act.request

    def operation(body: Any, idempotency_key: Any = None) -> None:
        """Described only; ``ActRoute`` does the work."""

    operation.__annotations__ = {
        "body": model,
        "idempotency_key": Annotated[
            str | None,
            Header(
                alias="Idempotency-Key",
                description="Makes a repeated call harmless.",
                min_length=1,
                max_length=200,
                pattern=KEY,
            ),
        ],
        "return": None,
    }
    router.add_api_route(
        f"/{act.name}",
        operation,
        methods=["POST"],
        operation_id=act.name,
        summary=f"{act.title_en} / {act.title_ja}",
        description=(model.__doc__ or "").strip(),
        response_model=ReceiptModel,
        status_code=201,
        response_description="Done and recorded.",
        responses={200: {"description": "Was done before under the same key.", "model": ReceiptModel}, **_PROBLEMS},
        dependencies=[Security(_BEARER)],
    )


for _act in ACTS.values():
    _add(_act)


# Many acts in one call ----------------------------------------------------------------------------------------------

_KeyText = Annotated[str, StringConstraints(pattern=KEY)]


def _item(act: Act[Any, Any]) -> type[BaseModel]:
    """One act among many, with its own key."""
    fields: dict[str, Any] = {
        "act": (Literal[act.name], ...),
        "key": (_KeyText | None, Field(default=None, description="Makes a repeated call harmless.")),
        "request": (act.request, ...),
    }
    return create_model(f"One_{act.name}", __config__=ConfigDict(frozen=True, extra="forbid"), **fields)


_MOVING = [act for act in ACTS.values() if act.moves is not None]
_AnyItem = Annotated[Union[tuple(_item(act) for act in _MOVING)], Field(discriminator="act")]  # type: ignore[valid-type]  # noqa: UP007


class ManyActs(BaseModel):
    """Acts that move credits, to be done in this order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    acts: Annotated[tuple[_AnyItem, ...], Field(min_length=1, max_length=MOST_ACTS)]  # type: ignore[valid-type]


class OneAnswer(BaseModel):
    """The answer to one act: the status it would have had alone, and its receipt or its problem."""

    status: int
    receipt: ReceiptModel | None = None
    problem: AnyProblem | None = None


class ManyAnswers(BaseModel):
    """One answer for each act, in order."""

    answers: list[OneAnswer]


async def _do_many(request: Request) -> Response:
    office = await _opened(request)
    _allowed(request, office)
    body = await bounded_body(request, MANY_LIMIT)
    answers = await run_in_threadpool(_answers, body, _gatherer(request, office))
    return Response(to_json({"answers": [_answer_data(answer) for answer in answers]}), media_type="application/json")


def _answers(body: bytes, gatherer: Gatherer) -> list[Answer]:
    try:
        many: Any = ManyActs.model_validate_json(body, strict=True)
    except ValidationError as error:
        refuse_doubles("many", body)
        raise REQUEST_NOT_UNDERSTOOD(act="many", places=wrong_places(error)) from error
    members = sum([len(one.model_fields_set) + len(one.request.model_fields_set) for one in many.acts])
    if body.count(b":") != 1 + members:
        refuse_doubles("many", body)
    return gatherer.ask_all([ask(ACTS[one.act], one.request, one.key, ACTOR) for one in many.acts])


def _answer_data(answer: Answer) -> dict[str, Any]:
    if isinstance(answer, Refused):
        return {"status": answer.declaration.status, "problem": problem_data(answer)}
    return {"status": 200 if answer.replayed else 201, "receipt": answer.as_data()}


def _many(body: ManyActs) -> None:
    """Transfers, retirements and cancellations, done in order, each by itself: one refused hinders no other.

    Each act has its own key, entry and answer. What is answered with 200 or 201 is durable.
    """


router.add_api_route(
    "",
    _many,
    methods=["POST"],
    operation_id="many",
    summary="Do many acts / 複数の手続の一括処理",
    response_model=ManyAnswers,
    response_model_exclude_none=True,
    response_description="One answer for each act.",
    responses={status: _PROBLEMS[status] for status in (400, 401, 413, 415, 422, 503, 507)},
    dependencies=[Security(_BEARER)],
    route_class_override=answered_by(_do_many),
)

STRAIGHT: dict[str, Handler] = {
    PREFIX: with_problems(_do_many),
    **{f"{PREFIX}/{act.name}": _handler(act) for act in _MOVING},
}
"""The operations that are looked up by their path, past the list of routes: those that move credits."""
