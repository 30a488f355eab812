"""A short run of the crash soak: each kind of kill once, under load. ``make crash`` runs long."""

from __future__ import annotations

from pathlib import Path

from crash_soak import WHAT, Soak


def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(tmp_path: Path) -> None:
    tally = Soak(tmp_path, seed=20261126, callers=3, parties=1).run(kills=3, longest=0.4)
    print(tally)
    assert tally.findings == [] and (tally.lost, tally.doubled) == (0, 0), str(tally)
    assert {name: tally.kills[name] for name in WHAT} == dict.fromkeys(WHAT, 1)
    assert tally.acknowledged + tally.refused == tally.sent, str(tally)
    assert tally.acknowledged > 20, str(tally)
