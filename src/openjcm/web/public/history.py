"""The history of a block: a picture of the tree, and the same as a list."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.commands.lookups import read_blocks
from openjcm.refusals import Refused
from openjcm.views.block_history import BlockHistory, Node, block_history
from openjcm.web.charts.block_tree import Bar, block_tree
from openjcm.web.messages import Speaker
from openjcm.web.pages import number, render, svg
from openjcm.web.public.common import speaker

MOST = 120
"""A longer history is cut on the page; the command line and the API tell more."""


@dataclass(frozen=True)
class Line:
    """One movement with its place in the order of reading: each before what was taken out of it."""

    number: int
    depth: int
    parent: int | None
    node: Node


def history_page(request: Request) -> Response:
    """``/ja/history/JCM-JP-XD001-2022-1-40``; 404 for serials that were never issued."""
    try:
        (block,) = read_blocks([request.path_params["block"]])
    except Refused as refused:
        raise HTTPException(404) from refused
    with request.app.state.database.reading() as connection:
        found = block_history(connection, block)
    if found is None:
        raise HTTPException(404)
    told = lines(found)
    return render(
        request,
        "history.html.j2",
        "registries",
        block=block,
        lines=told[:MOST],
        whole=found.whole and len(told) <= MOST,
        picture=svg(_picture(speaker(request), found, told[:MOST])),
        demonstration=any("-demonstration" in line.node.account for line in told),
    )


def lines(found: BlockHistory) -> list[Line]:
    """Every movement in the order of reading."""
    told: list[Line] = []
    waiting: list[tuple[Node, int, int | None]] = [(root, 0, None) for root in reversed(found.roots)]
    while waiting:
        node, depth, parent = waiting.pop()
        told.append(Line(len(told) + 1, depth, parent, node))
        children = sorted(node.children, key=lambda one: (one.block.first, one.step.entry_no), reverse=True)
        waiting += [(child, depth + 1, len(told)) for child in children]
    return told


def _picture(say: Speaker, found: BlockHistory, told: list[Line]) -> str:
    bars = [
        Bar(
            line.number, line.depth, line.node.block.first, line.node.block.last, line.node.step.kind,
            f"{say('kind.' + line.node.step.kind)} {line.node.step.occurred_on} {number(line.node.block.quantity)} t",
        )
        for line in told
    ]  # fmt: skip
    ended = sum(line.node.block.quantity for line in told if line.node.step.kind in {"retire", "cancel", "reversal"})
    title = say(
        "history.picture", block=str(found.block), count=len(told), quantity=number(found.block.quantity),
        ended=number(ended),
    )  # fmt: skip
    return block_tree(bars, title=title, ends=(str(found.block.first), str(found.block.last)))
