"""The log as other people's tools read it: checkpoint, tiles, bundles (C2SP ``tlog-tiles``), all below ``/log``."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from openjcm.views.proof import newest_checkpoint
from openjcm.views.published_log import published

router = APIRouter(prefix="/log", include_in_schema=False)

NOT_LONG = {"Cache-Control": "public, max-age=3"}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""A tile never changes; a path with another width is another tile."""


@router.get("/checkpoint")
def checkpoint(request: Request) -> Response:
    """The newest signed checkpoint."""
    with request.app.state.database.reading() as connection:
        size, note = newest_checkpoint(connection)
    if not size:
        raise HTTPException(404, "the log is empty")
    return Response(note, media_type="text/plain; charset=utf-8", headers=NOT_LONG)


@router.get("/tile/{path:path}")
def tile(request: Request, path: str) -> Response:
    """A tile of hashes, or a bundle of entries."""
    with request.app.state.database.reading() as connection:
        found = published(connection, path)
    if found is None:
        raise HTTPException(404, "the log has no such tile")
    return Response(found, media_type="application/octet-stream", headers=FOR_EVER)
