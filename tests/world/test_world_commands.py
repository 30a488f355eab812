"""``openjcm world load`` and ``play`` as a user runs them, also killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from openjcm.world import demonstration, public_record

ALL = len(public_record.planned()) + len(demonstration.story()) + 1  # the comparison with the other system
BATCHES = 1
"""Entries with what the gateway sent, which is no act."""


@pytest.fixture
def surroundings(database_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment of a command: a database and a data folder of its own."""
    return {**os.environ, "OPENJCM_DATABASE_URL": database_url, "OPENJCM_DATA": str(tmp_path), "OPENJCM_LANGUAGE": "en"}


def run(command: list[str], surroundings: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [*command, *words], env=surroundings, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def entries(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select entry_no from log_head").fetchone()
        assert row is not None
        return int(row[0])


def test_load_and_play(openjcm_command: list[str], surroundings: dict[str, str], database_url: str) -> None:
    first = run(openjcm_command, surroundings, "world", "load", "--if-empty")
    assert f"{ALL} acts recorded, 0 were on record already" in first
    again = run(openjcm_command, surroundings, "world", "load", "--if-empty")
    assert f"0 acts recorded, {ALL} were on record already" in again
    assert entries(database_url) == ALL + BATCHES
    played = run(openjcm_command, surroundings, "world", "play")
    for number in range(1, 11):
        assert f"\n{number:>2}. " in played
    assert "60.3216 t CO2e, 60 t" in played
    assert "Mongolia: adds 48 t" in played
    proof = str(Path(surroundings["OPENJCM_DATA"]) / "P.json")
    assert f"openjcm prove {demonstration.FOLLOWED} -o P.json" in played
    run(openjcm_command, surroundings, "prove", demonstration.FOLLOWED, "-o", proof)
    run(openjcm_command, surroundings, "check-proof", proof)
    told = run(openjcm_command, surroundings, "--language", "ja", "world", "play")
    assert "無効化: JCM-JP-XD001-2022-1-6" in told
    assert "モンゴル: 加算 48 t" in told
    assert entries(database_url) == ALL + BATCHES, "telling the story changes nothing"


def test_a_load_that_is_killed_goes_on_and_the_books_are_clean(
    openjcm_command: list[str], surroundings: dict[str, str], database_url: str
) -> None:
    program = subprocess.Popen([*openjcm_command, "world", "load"], env=surroundings, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while entries(database_url) < 200 and time.monotonic() < deadline:
        time.sleep(0.02)
    program.send_signal(signal.SIGKILL)
    program.communicate()
    cut = entries(database_url)
    assert 200 <= cut < ALL
    done = run(openjcm_command, surroundings, "world", "load", "--if-empty")
    assert f"{ALL - cut} acts recorded, {cut} were on record already" in done
    assert "in order" in run(openjcm_command, surroundings, "audit")


def test_nothing_is_loaded_beside_the_entries_of_others(
    openjcm_command: list[str], surroundings: dict[str, str], database_url: str
) -> None:
    words = ("--registry-id", "MNG", "--party", "MNG", "--world", "public", "--occurred-on", "2016-09-29")
    run(openjcm_command, surroundings, "act", "open_registry", *words)
    assert "nothing was loaded" in run(openjcm_command, surroundings, "world", "load", "--if-empty")
    assert entries(database_url) == 1
