"""Long work as a page sees it: from the files that the work keeps, and from nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from openjcm.cli_parts.progress import job
from openjcm.views.jobs import LARGEST, MOST, jobs
from openjcm.web.app import create_app

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def write(folder: Path, file: str, **changes: Any) -> None:
    data = {
        "name": file, "title": "store → results", "what": "judge", "state": "running", "reason": "", "done": 30,
        "whole": 120, "rate": 15, "seconds_left": 6, "started": (NOW - timedelta(minutes=9)).isoformat(),
        "changed": NOW.isoformat(), "seconds": 9,
    }  # fmt: skip
    (folder / "jobs").mkdir(exist_ok=True)
    (folder / "jobs" / f"{file}.json").write_text(json.dumps(data | changes))


def test_work_under_way_has_its_share_and_the_time_left(tmp_path: Path) -> None:
    write(tmp_path, "judge-1")
    (found,) = jobs(tmp_path, NOW)
    assert (found.kind, found.state, found.percent, found.rate, found.seconds_left) == ("judge", "running", 25, 15, 6)


def test_killed_work_is_silent_and_promises_no_time(tmp_path: Path) -> None:
    write(tmp_path, "judge-1", changed=(NOW - timedelta(minutes=3)).isoformat())
    (found,) = jobs(tmp_path, NOW)
    assert (found.state, found.seconds_left) == ("silent", None)


def test_what_is_not_known_is_not_shown_as_a_figure(tmp_path: Path) -> None:
    write(tmp_path, "cluster-1", whole=0, seconds_left=None)
    assert (jobs(tmp_path, NOW)[0].percent, jobs(tmp_path, NOW)[0].seconds_left) == (None, None)


def test_files_that_are_no_jobs_are_left_out(tmp_path: Path) -> None:
    assert jobs(tmp_path, NOW) == ()
    write(tmp_path, "judge-1")
    wrong = {"name": "else-1"}, {"state": "well"}, {"what": "<script>"}, {"changed": "soon"}, {"done": "many"}
    for number, changes in enumerate(wrong):
        write(tmp_path, f"judge-x{number}", **changes)
    (tmp_path / "jobs" / "a.json").write_text("[" * 2_000)
    (tmp_path / "jobs" / "b.json").write_text(json.dumps({"name": "judge-" + "x" * LARGEST}))
    assert len(jobs(tmp_path, NOW)) == 1
    for number in range(MOST + 5):
        write(tmp_path, f"judge-{number}", changed=(NOW + timedelta(seconds=number)).isoformat())
    found = jobs(tmp_path, NOW)
    assert len(found) == MOST
    assert found[0].changed > found[-1].changed


def test_the_page_shows_what_the_command_line_keeps(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("OPENJCM_DATA", str(tmp_path))
    with job("judge-1", "<b>store</b> → results") as work:
        work.step("judge", 1_000, 4_000)
    client = TestClient(create_app("postgresql:///nowhere"))
    for language, state, phase in (("en", "Done", "readings judged"), ("ja", "完了", "判定済みの計測値")):
        page = client.get(f"/{language}/jobs").text
        assert state in page
        assert f"{phase}: 1,000 / 4,000 (25 %)" in page
        assert "&lt;b&gt;store" in page
