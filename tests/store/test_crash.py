"""Kill -9 of application and database during writes: no promise is lost, nothing is half done."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from crash_writer import act
from openjcm.commands import run
from openjcm.store.database import migrate
from openjcm.store.server import Server
from trial_office import Trial

WRITER = Path(__file__).parent.parent / "crash_writer.py"


def start(url: str, folder: Path) -> subprocess.Popen[bytes]:
    """The writer in a process of its own."""
    return subprocess.Popen([sys.executable, str(WRITER), url, str(folder)], stdout=subprocess.PIPE)


def promised(writer: subprocess.Popen[bytes], at_least: int) -> list[tuple[int, int]]:
    """Wait for so many acknowledged acts, then give them; the writer goes on."""
    assert writer.stdout is not None
    return [tuple(map(int, writer.stdout.readline().split())) for _ in range(at_least)]  # type: ignore[misc]


def rest(writer: subprocess.Popen[bytes]) -> list[tuple[int, int]]:
    """What else was acknowledged before the end."""
    assert writer.stdout is not None
    lines = writer.stdout.read().splitlines(keepends=True)
    return [tuple(map(int, line.split())) for line in lines if line.endswith(b"\n")]  # type: ignore[misc]


def assert_kept(trial: Trial, acknowledged: list[tuple[int, int]]) -> int:
    """Every promised act is there under its entry; the unheard one is done at most once. Gives the next number."""
    for number, entry_no in acknowledged:
        found = trial.one("select entry_no from journal where idempotency_key = %s", f"act {number}")
        assert found == entry_no
    done = trial.one("select count(*) from journal where actor = 'writer'")
    assert len(acknowledged) <= done <= len(acknowledged) + 1
    assert trial.clean()
    return len(acknowledged) + 1


def retry(trial: Trial, number: int) -> None:
    """Send the unheard act again: it is there once afterwards."""
    name, request = act(number)
    run(name, request, office=trial.office, key=f"act {number}", actor="writer")
    assert trial.one("select count(*) from journal where idempotency_key = %s", f"act {number}") == 1


def test_the_application_is_killed(own_server: Server, tmp_path: Path) -> None:
    """Three times killed at odd moments; each time the books are in order and the writing goes on."""
    migrate(own_server.url)
    trial = Trial(own_server.url, tmp_path)
    trial.market(5000)
    total: list[tuple[int, int]] = []
    for wanted in (3, 14, 8):
        writer = start(own_server.url, tmp_path)
        replayed = len(total)
        heard = promised(writer, replayed + wanted)
        writer.kill()
        heard += rest(writer)
        writer.wait()
        _wait_until_idle(trial)
        assert heard[:replayed] == total, "a replay gave another receipt"
        total = heard
        retry(trial, assert_kept(trial, total))
        total = [(n, int(trial.one("select entry_no from journal where idempotency_key = %s", f"act {n}")))
                 for n in range(1, len(total) + 2)]  # fmt: skip
    assert trial.clean()
    trial.close()


def _wait_until_idle(trial: Trial) -> None:
    """Until the killed writer's transaction is rolled back by the server."""
    for _ in range(200):
        others = trial.one(
            "select count(*) from pg_stat_activity where application_name = 'openjcm' and pid <> pg_backend_pid()"
        )
        if not others:
            return
        time.sleep(0.05)
    pytest.fail("the killed writer's connection stays")


def test_the_database_is_killed(own_server: Server, tmp_path: Path) -> None:
    """Killed with all its processes, started again: it recovers, and the writer's promises hold."""
    migrate(own_server.url)
    trial = Trial(own_server.url, tmp_path)
    trial.market(5000)
    total: list[tuple[int, int]] = []
    for wanted in (5, 12):
        trial.close()
        writer = start(own_server.url, tmp_path)
        heard = promised(writer, len(total) + wanted)
        own_server.kill()
        writer.kill()
        heard += rest(writer)
        writer.wait()
        own_server.start()
        total = heard
        retry(trial, assert_kept(trial, total))
        total = [(n, int(trial.one("select entry_no from journal where idempotency_key = %s", f"act {n}")))
                 for n in range(1, len(total) + 2)]  # fmt: skip
    assert trial.clean()
    trial.close()


def test_a_writer_outlives_a_restart_of_the_database(own_server: Server, tmp_path: Path) -> None:
    """The office finds the database again by itself, without a wrong or doubled act."""
    migrate(own_server.url)
    trial = Trial(own_server.url, tmp_path)
    trial.market(5000)
    for number in range(1, 30):
        if number % 10 == 0:
            own_server.kill()
            own_server.start()
        name, request = act(number)
        assert not run(name, request, office=trial.office, key=f"act {number}", actor="writer").replayed
    assert trial.one("select count(*) from journal where actor = 'writer'") == 29
    assert trial.clean()
    trial.close()
