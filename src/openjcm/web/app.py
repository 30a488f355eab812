"""The application: pages in Japanese and English, static files, and the read-only part of the API."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

import openjcm
from openjcm.refusals import Refused
from openjcm.web import api_v1, desk, registry_api, tlog, workbooks
from openjcm.web.database import Database
from openjcm.web.pages import assets, environment, preferred_language, render
from openjcm.web.public import PAGES
from openjcm.web.straight import StraightActs, WithHeaders

LOGGER = logging.getLogger(__name__)

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""No inline script or style, nothing from elsewhere."""


def create_app(database_url: str | None = None) -> FastAPI:
    """The application.

    Args:
        database_url: the PostgreSQL to read; from ``OPENJCM_DATABASE_URL`` where it is not given.
    """
    database = Database(database_url or os.environ.get("OPENJCM_DATABASE_URL", ""))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        for name in ("receiver", "rounds"):
            if (worker := getattr(app.state, name, None)) is not None:
                worker.close()
        database.close()

    app = FastAPI(
        title="OpenJCM",
        summary="Runs the Joint Crediting Mechanism from the meter reading to the national account.",
        version=getattr(openjcm, "__version__", "0.1.0"),
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        lifespan=lifespan,
    )
    app.state.database = database
    app.add_middleware(GZipMiddleware, minimum_size=600, compresslevel=5)
    app.add_middleware(StraightActs, site=app)
    app.add_middleware(WithHeaders, headers=SECURITY_HEADERS)
    _add_error_answers(app)
    app.add_api_route("/", _choose_language, include_in_schema=False)
    app.add_api_route("/healthz", _health, include_in_schema=False)
    app.add_api_route("/robots.txt", _robots, include_in_schema=False)
    app.add_route("/static/{name:path}", assets().answer)
    for language in ("ja", "en"):
        for path, endpoint in (*PAGES, *desk.PAGES):
            app.add_api_route(f"/{language}{path}", endpoint, include_in_schema=False)
        for path, endpoint in desk.FORMS:
            app.add_api_route(f"/{language}{path}", endpoint, methods=["POST"], include_in_schema=False)
    app.include_router(api_v1.router)
    app.include_router(workbooks.router)
    app.include_router(registry_api.router)
    app.include_router(tlog.router)
    _mount_acts(app)
    environment()
    return app


def _mount_acts(app: FastAPI) -> None:
    """Add the operations of the acts where that part of the house is installed."""
    if importlib.util.find_spec("openjcm.api") is None:
        return
    for name in ("openjcm.api", "openjcm.web.batches", "openjcm.web.notices"):
        app.include_router(importlib.import_module(name).router)


def _choose_language(request: Request) -> Response:
    """``/`` leads to the reader's language."""
    return RedirectResponse(
        f"/{preferred_language(request)}/", 302, {"Vary": "Accept-Language", "Cache-Control": "no-cache"}
    )


def _health(request: Request) -> Response:
    """200 when the database answers, 503 when it does not."""
    try:
        with request.app.state.database.reading() as connection:
            connection.execute("select")
    except psycopg.Error as error:
        LOGGER.warning("the database does not answer: %s", error)
        return PlainTextResponse("database unreachable\n", 503)
    return PlainTextResponse("ok\n")


def _robots() -> Response:
    return PlainTextResponse("User-agent: *\nAllow: /\n")


def _add_error_answers(app: FastAPI) -> None:
    """Problem documents (RFC 9457) for the API, pages in the reader's language for everyone else."""

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        if _wants_problem(request):
            return problem(
                error.status_code, "not_found" if error.status_code == 404 else "http_error", str(error.detail)
            )
        kind = "missing" if error.status_code == 404 else "refused"
        return render(request, "error.html.j2", "", http_status=error.status_code, kind=kind, code=error.status_code)

    @app.exception_handler(RequestValidationError)
    def _validation(request: Request, error: RequestValidationError) -> Response:
        if _wants_problem(request):
            places = [
                {"place": ".".join(str(part) for part in one["loc"]), "message": one["msg"]} for one in error.errors()
            ]
            return problem(422, "request_malformed", "The request does not have the described form.", errors=places)
        return render(request, "error.html.j2", "", http_status=404, kind="missing", code=404)

    @app.exception_handler(Refused)
    def _refused(request: Request, refused: Refused) -> Response:
        status = refused.declaration.status
        if _wants_problem(request):
            data = refused.as_data()
            return problem(
                status, refused.code, refused.message("en"), **{key: data[key] for key in data if key != "code"}
            )
        return render(request, "error.html.j2", "", http_status=status, kind="refused", code=status, refused=refused)

    @app.exception_handler(psycopg.DataError)
    def _data(request: Request, error: psycopg.DataError) -> Response:
        """What no database can hold (a NUL, a number beyond all numbers) is on no record."""
        if _wants_problem(request):
            return problem(422, "request_malformed", "The request holds a value that cannot be looked up.")
        return render(request, "error.html.j2", "", http_status=404, kind="missing", code=404)

    @app.exception_handler(psycopg.OperationalError)
    def _database(request: Request, error: psycopg.OperationalError) -> Response:
        LOGGER.error("the database does not answer: %s", error)
        if _wants_problem(request):
            return problem(503, "database_unreachable", "The ledger cannot be read at the moment. Try again shortly.")
        return render(request, "error.html.j2", "", http_status=503, kind="unreachable", code=503)

    @app.exception_handler(Exception)
    def _unexpected(request: Request, error: Exception) -> Response:
        LOGGER.exception("a page failed: %s", request.url.path, exc_info=error)
        if _wants_problem(request):
            return problem(500, "internal_error", "Something failed here. Nothing was changed.")
        response = render(request, "error.html.j2", "", http_status=500, kind="failed", code=500)
        response.headers.update(SECURITY_HEADERS)
        return response


def _wants_problem(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """A problem document (RFC 9457)."""
    body = {"type": f"/en/api#{code}", "title": code, "status": status, "detail": detail, "code": code, **more}
    return JSONResponse(body, status, media_type="application/problem+json")
