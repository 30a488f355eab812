"""What long work is under way, or was: read from the small files that it keeps itself (``jobs/`` in the data folder).

The files say what is done, how fast, and how it ended; nothing else is asked. Work that was killed cannot say so: what
calls itself running and has been silent for a while is shown as silent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SILENT_AFTER = timedelta(minutes=2)
MOST, LARGEST = 50, 10_000
STATES = ("running", "done", "stopped", "refused", "failed")
PHASES = ("read", "order", "judge")
KINDS = ("cluster", "judge")


@dataclass(frozen=True)
class JobState:
    """One piece of work. ``whole`` is 0 and ``seconds_left`` ``None`` where nobody knows them."""

    kind: str
    title: str
    phase: str
    state: str
    reason: str
    done: int
    whole: int
    rate: int
    seconds_left: int | None
    started: datetime
    changed: datetime

    @property
    def percent(self) -> int | None:
        """How much of the present phase is done."""
        return min(100 * self.done // self.whole, 100) if self.whole else None


def jobs(folder: Path, now: datetime | None = None) -> tuple[JobState, ...]:
    """The newest pieces of work, the latest change first. What is no such file is left out."""
    moment = now or datetime.now(UTC)
    paths = sorted((folder / "jobs").glob("*.json"), key=lambda path: path.name)[: 20 * MOST]
    found = [one for path in paths if (one := _state(path, moment)) is not None]
    return tuple(sorted(found, key=lambda one: one.changed, reverse=True)[:MOST])


def _state(path: Path, now: datetime) -> JobState | None:
    try:
        if path.stat().st_size > LARGEST:
            return None
        data = json.loads(path.read_bytes())
        return _read(data, now)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _read(data: dict[str, Any], now: datetime) -> JobState:
    kind, state, phase = str(data["name"]).partition("-")[0], data["state"], data["what"]
    if kind not in KINDS or state not in STATES or phase not in {*PHASES, ""}:
        raise ValueError("not a job")
    started, changed = (datetime.fromisoformat(data[name]) for name in ("started", "changed"))
    if state == "running" and now - changed > SILENT_AFTER:
        state = "silent"
    done, whole, rate = (int(data[name]) for name in ("done", "whole", "rate"))
    left = None if data["seconds_left"] is None or state != "running" else int(data["seconds_left"])
    return JobState(
        kind,
        str(data["title"])[:200],
        phase,
        state,
        str(data["reason"])[:100],
        done,
        whole,
        rate,
        left,
        started,
        changed,
    )
