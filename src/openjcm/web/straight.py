"""What stands around every answer, and the straight way of the acts.

A plain ASGI layer costs a few microseconds where a chain of middlewares and a list of some two hundred routes costs
more than a transfer. The acts of the API are looked up by their path and answered by the very functions that their
routes would call; all else goes the usual way.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openjcm.api import STRAIGHT


class WithHeaders:
    """Adds headers to every answer that does not have them."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self.app = app
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add to the beginning of the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(one for one in self.headers if one[0] not in there)]
            await send(message)

        await self.app(scope, receive, send_with_headers)


class StraightActs:
    """Answers the acts of the API; passes all else on."""

    def __init__(self, app: ASGIApp, site: FastAPI) -> None:
        self.app, self.site = app, site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        handle = STRAIGHT.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if handle is None:
            await self.app(scope, receive, send)
            return
        scope["app"] = self.site
        request = Request(scope, receive)
        try:
            response = await handle(request)
        except Exception as error:
            response = self._failed(request, error)
        await response(scope, receive, send)

    def _failed(self, request: Request, error: Exception) -> Response:
        """The answer of the site's own handler for such an error."""
        handlers = self.site.exception_handlers
        handler = next(handlers[kind] for kind in type(error).__mro__ if kind in handlers)
        answered = handler(request, error)
        assert isinstance(answered, Response), "the site's handlers are plain functions"
        return answered
