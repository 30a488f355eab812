"""Audit of what is kept against reversal: phases, reversals and what made good for them, replayed with their guards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from openjcm.registry.ledger import Cancel, CoverReversal, Entry, Release, Reserve
from openjcm.registry.serials import parse_block
from openjcm.registry.storage import (
    Escape,
    Phase,
    PhaseFact,
    closed_and_made_good,
    credits_of_the_project,
    no_more_than_escaped,
    phase_is_next,
    phase_on,
)
from openjcm.store.audit import JournalRow

if TYPE_CHECKING:
    from openjcm.store.audit_ledger import Replay


@dataclass
class Kept:
    """What the journal says so far of sites and forests."""

    phases: dict[str, tuple[PhaseFact, ...]] = field(default_factory=dict)
    escapes: dict[str, Escape] = field(default_factory=dict)


def _phase(replay: Replay, row: JournalRow) -> None:
    project, phase = row.request["project"], Phase(row.request["phase"])
    known = replay.kept.phases.get(project, ())
    phase_is_next(project, known, phase, row.occurred_on)
    replay.kept.phases[project] = (*known, PhaseFact(phase, row.occurred_on))


def _reversal(replay: Replay, row: JournalRow) -> None:
    request = row.request
    phase = phase_on(replay.kept.phases.get(request["project"], ()), row.occurred_on)
    if row.outcome["phase"] != (phase.value if phase else None):
        raise ValueError(f"phase {row.outcome['phase']}, replayed {phase}")
    name, tonnes = request["reversal_id"], request["tonnes"]
    replay.kept.escapes[name] = Escape(name, request["project"], phase, row.occurred_on, tonnes, tonnes)


def settle(replay: Replay, reversal_id: str, tonnes: int) -> None:
    """Somebody made good for tonnes of a reversal.

    Raises:
        Refused: ``more_than_escaped``.
    """
    escape = replay.kept.escapes[reversal_id]
    no_more_than_escaped(tonnes, escape)
    replay.kept.escapes[reversal_id] = replace(escape, left=escape.left - tonnes)


def _cover(replay: Replay, row: JournalRow) -> None:
    request = row.request
    blocks, target = tuple(map(parse_block, request["blocks"])), replay.accounts[request["cancellation_account"]]
    details = {"reversal_id": request["reversal_id"]}
    entry: Entry = CoverReversal(blocks, target, row.occurred_on)
    if row.act == "replace_reversal":
        entry = Cancel(blocks, target, row.occurred_on, "reversal")
        details |= {"purpose": "reversal", "reason": request["reason"]}
    else:
        credits_of_the_project(blocks, replay.kept.escapes[request["reversal_id"]].project)
    settle(replay, request["reversal_id"], sum(block.quantity for block in blocks))
    replay.apply(row, entry, details)


def _reserve(replay: Replay, row: JournalRow) -> None:
    blocks = tuple(map(parse_block, row.request["blocks"]))
    replay.apply(row, Reserve(blocks, replay.accounts[row.request["reserve_account"]], row.occurred_on), {})


def _release(replay: Replay, row: JournalRow) -> None:
    request = row.request
    blocks = tuple(map(parse_block, request["blocks"]))
    left = sum(escape.left for escape in replay.kept.escapes.values() if escape.project == request["project"])
    phase = phase_on(replay.kept.phases.get(request["project"], ()), row.occurred_on)
    closed_and_made_good(request["project"], phase, row.occurred_on, left)
    credits_of_the_project(blocks, request["project"])
    entry = Release(blocks, replay.accounts[request["target_account"]], row.occurred_on)
    replay.apply(row, entry, {"source": request["source"], "grade": request["grade"]})


STEPS: dict[str, Callable[[Replay, JournalRow], None]] = {
    "record_storage_phase": _phase,
    "record_reversal": _reversal,
    "cover_reversal": _cover,
    "replace_reversal": _cover,
    "reserve": _reserve,
    "release_reserve": _release,
}
