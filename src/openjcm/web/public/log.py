"""The transparency log: its signed checkpoint, proof that it only grew, its latest leaves, and the checker."""

from __future__ import annotations

from importlib import resources

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.views.log_state import (
    checkpoint,
    checkpoint_at_or_before,
    consistency,
    inclusion,
    latest_leaves,
    leaf,
    leaf_body,
)
from openjcm.views.witnesses import witnesses
from openjcm.web.pages import render


def log(request: Request) -> Response:
    """``/ja/log`` and ``/en/log``; ``?from=100`` proves that the log of 100 leaves is the beginning of today's."""
    given = request.query_params.get("from", "")
    asked = int(given) if given.isascii() and given.isdigit() and len(given) < 16 else 0
    with request.app.state.database.reading() as connection:
        head = checkpoint(connection)
        leaves = latest_leaves(connection)
        old = checkpoint_at_or_before(connection, asked) if asked else None
        proof = consistency(connection, old.tree_size, head.tree_size) if old and head else None
        seen = witnesses(connection)
    return render(
        request, "log.html.j2", "log", head=head, leaves=leaves, asked=asked, proof=proof, seen=seen,
        checker=checker() is not None,
    )  # fmt: skip


def log_leaf(request: Request) -> Response:
    """``/ja/log/871``: one leaf and its path to the root."""
    with request.app.state.database.reading() as connection:
        found = leaf(connection, int(request.path_params["index"]))
        proof = inclusion(connection, found) if found else None
    if found is None:
        raise HTTPException(404)
    return render(request, "leaf.html.j2", "log", leaf=found, body=leaf_body(found), proof=proof)


def checker() -> bytes | None:
    """The stand-alone program that checks a proof, if this installation has it."""
    file = resources.files("openjcm.log") / "check_proof.py"
    return file.read_bytes() if file.is_file() else None
