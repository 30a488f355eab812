"""The log as other people's tools read it: checkpoint, tiles, bundles, co-signatures; all below ``/log``."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from openjcm.commands.witnessing import LARGEST_REQUEST, add_checkpoint
from openjcm.views.published_log import published
from openjcm.views.witnesses import cosigned_note, published_note, witnesses
from openjcm.web.office import office_of

router = APIRouter(prefix="/log", include_in_schema=False)

NOT_LONG = {"Cache-Control": "public, max-age=3"}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""A tile never changes; a path with another width is another tile."""


@router.get("/checkpoint")
def checkpoint(request: Request) -> Response:
    """The newest signed checkpoint, with the co-signatures that it has."""
    with request.app.state.database.reading() as connection:
        size, note = published_note(connection)
    return _note(note if size else None)


@router.get("/witnessed")
def witnessed(request: Request) -> Response:
    """The newest checkpoint of this log that another installation co-signed."""
    with request.app.state.database.reading() as connection:
        return _note(cosigned_note(connection))


@router.get("/witness/{origin_hash}/checkpoint")
def seen(request: Request, origin_hash: str) -> Response:
    """What this installation saw of another log, co-signed (C2SP ``tlog-witness``)."""
    with request.app.state.database.reading() as connection:
        found = [one.cosigned for one in witnesses(connection).watched if one.origin_hash == origin_hash]
    return _note(found[0] if found else None)


def _note(note: str | None) -> Response:
    if note is None:
        raise HTTPException(404, "there is no such checkpoint")
    return Response(note, media_type="text/plain; charset=utf-8", headers=NOT_LONG)


@router.post("/witness/add-checkpoint")
async def add(request: Request) -> Response:
    """Co-sign a checkpoint that continues what was seen of a log that is known (C2SP ``tlog-witness``)."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_REQUEST:
            raise HTTPException(413, "the request is too long")
    status, text = await run_in_threadpool(add_checkpoint, office_of(request), bytes(body))
    kind = "text/x.tlog.size" if status == 409 else "text/plain; charset=utf-8"
    return Response(text, status, media_type=None, headers={"Content-Type": kind, "Cache-Control": "no-store"})


@router.get("/tile/{path:path}")
def tile(request: Request, path: str) -> Response:
    """A tile of hashes, or a bundle of entries."""
    with request.app.state.database.reading() as connection:
        found = published(connection, path)
    if found is None:
        raise HTTPException(404, "the log has no such tile")
    return Response(found, media_type="application/octet-stream", headers=FOR_EVER)
