"""Logs for trials, grown by entries that say nothing."""

from __future__ import annotations

from datetime import date

from openjcm.store.journal import Written, lock_head, new_entries, write_entries
from trial_office import NOW, Trial


def entries(first: int, end: int, outcome: str = "{}") -> list[Written]:
    """Entries that say nothing, numbered from ``first`` up to ``end``."""
    return [
        Written(number, "nothing", f"key {number}", "{}", "0" * 64, outcome, date(2025, 1, 1), "trial")
        for number in range(first, end)
    ]


def add(trial: Trial, first: int, end: int, outcome: str = "{}") -> None:
    """Add them, under one checkpoint."""
    with trial.office.transaction() as connection:
        head = lock_head(connection)
        write_entries(connection, new_entries(head, entries(first, end, outcome), NOW, trial.office.signer))
