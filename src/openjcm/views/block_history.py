"""What happened to a block since it was issued? A tree: every move cuts a piece off, and no number ever changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from openjcm.registry.serials import Block, Series

MOST_MOVEMENTS = 20_000
"""A block is shown with at most so many movements; a history that is longer says so."""


@dataclass(frozen=True)
class Step:
    """One movement of one run of serials."""

    entry_no: int
    kind: str
    block: Block
    source: str | None
    target: str
    occurred_on: date
    details: dict[str, Any]


@dataclass
class Node:
    """A run of serials that came into an account by one entry, and what became of its parts."""

    step: Step
    block: Block
    """The part of the step's block that was asked about."""
    children: list[Node] = field(default_factory=list)
    stays: tuple[Block, ...] = ()
    """What is still there now."""

    @property
    def account(self) -> str:
        """Where it came to lie."""
        return self.step.target

    def as_data(self) -> dict[str, Any]:
        """The tree as plain data, for pages and programs."""
        return {
            "block": str(self.block),
            "quantity": self.block.quantity,
            "account": self.account,
            "kind": self.step.kind,
            "entry_no": self.step.entry_no,
            "occurred_on": self.step.occurred_on.isoformat(),
            "details": self.step.details,
            "stays": [str(block) for block in self.stays],
            "children": [child.as_data() for child in self.children],
        }


@dataclass(frozen=True)
class BlockHistory:
    """The trees of a block, one for each issuance that it comes from; ``whole``: no movement was left out."""

    block: Block
    roots: tuple[Node, ...]
    whole: bool

    def as_data(self) -> dict[str, Any]:
        """Plain data."""
        return {"block": str(self.block), "whole": self.whole, "roots": [root.as_data() for root in self.roots]}


def life_of(steps: Iterable[Step], block: Block) -> tuple[Node, ...]:
    """The trees of a block from its movements, in the order of the journal.

    Each movement finds the runs that lie where it takes from, cuts its own part out of them, and hangs below.
    """
    roots: list[Node] = []
    resting: list[Node] = []
    for step in steps:
        part = step.block.shared_with(block)
        if part is None:
            continue
        if step.source is None:
            node = Node(step, part, stays=(part,))
            roots.append(node)
            resting.append(node)
            continue
        for parent in [node for node in resting if any(piece.overlaps(part) for piece in node.stays)]:
            moved = [shared for piece in parent.stays if (shared := piece.shared_with(part))]
            parent.stays = tuple(rest for piece in parent.stays for rest in piece.without(part))
            for piece in moved:
                node = Node(step, piece, stays=(piece,))
                parent.children.append(node)
                resting.append(node)
        resting = [node for node in resting if node.stays]
    return tuple(roots)


_MOVEMENTS = """
    select m.entry_no, m.kind, m.series, lower(m.serials), upper(m.serials) - 1, m.source_account, m.target_account,
           m.occurred_on, m.details
    from block_origin o join movement m using (origin_id)
    where o.series = %(series)s and o.serials && int8range(%(first)s, %(last)s, '[]')
      and m.serials && int8range(%(first)s, %(last)s, '[]')
    order by m.entry_no, lower(m.serials) limit %(most)s
"""


def block_history(connection: psycopg.Connection[Any], block: Block) -> BlockHistory | None:
    """The history of a block, or ``None`` if none of its serials was ever issued."""
    cursor = connection.cursor(row_factory=tuple_row)
    asked = {"series": str(block.series), "first": block.first, "last": block.last, "most": MOST_MOVEMENTS + 1}
    rows = cursor.execute(_MOVEMENTS, asked).fetchall()
    steps = [
        Step(row[0], row[1], Block(Series.parse(row[2]), row[3], row[4]), row[5], row[6], row[7], row[8])
        for row in rows[:MOST_MOVEMENTS]
    ]
    roots = life_of(steps, block)
    return BlockHistory(block, roots, len(rows) <= MOST_MOVEMENTS) if roots else None


def lines(history: BlockHistory, kinds: dict[str, str]) -> Iterator[str]:
    """The trees as text, a line for each run, drawn with lines to what it came from."""
    for root in history.roots:
        yield _line(root, kinds)
        yield from _below(root, "", kinds)


def _below(node: Node, margin: str, kinds: dict[str, str]) -> Iterator[str]:
    for place, child in enumerate(node.children):
        last = place == len(node.children) - 1
        yield f"{margin}{'└─ ' if last else '├─ '}{_line(child, kinds)}"
        yield from _below(child, margin + ("   " if last else "│  "), kinds)


def _line(node: Node, kinds: dict[str, str]) -> str:
    step = node.step
    held = sum(block.quantity for block in node.stays)
    rest = f"  [{held} t]" if node.stays else ""
    said = {name: step.details[name] for name in ("serves", "purpose", "reason", "corrects") if name in step.details}
    why = f"  ({', '.join(f'{name}: {value}' for name, value in said.items())})" if said else ""
    what = kinds.get(step.kind, step.kind)
    return f"{step.occurred_on}  #{step.entry_no}  {what}  {node.block}  → {node.account}{rest}{why}"
