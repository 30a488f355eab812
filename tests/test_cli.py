"""The command line: a refusal teaches in both languages, every word of the overview works, programs end in order."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from openjcm import cli
from openjcm.cli_parts import serve
from openjcm.cli_parts.speaking import Language, language, tell
from openjcm.refusals import REFUSALS, Refused
from openjcm.store.server import Server


def openjcm(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("OPENJCM_", "LANG", "LC_"))}
    command = [sys.executable, "-m", "openjcm", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**environment, **variables})


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("word", sorted(cli.PARTS))
def test_every_word_of_the_overview_has_its_command(word: str) -> None:
    command = cli.load(word)
    assert command.help, f"`openjcm {word}` says what it does"


def test_a_wrong_word_is_answered_with_the_right_one() -> None:
    done = openjcm("methodologi")
    assert done.returncode == 2
    assert "methodology" in done.stderr


def test_a_refusal_is_told_in_english_japanese_and_json(taken_port: int) -> None:
    spoken = openjcm("serve", "--port", str(taken_port))
    assert spoken.returncode == cli.EXIT_REFUSED
    assert "port_in_use" in spoken.stderr
    assert "Remedy: " in spoken.stderr
    assert "Rule: " in spoken.stderr
    for japanese in (
        openjcm("--language", "ja", "serve", PORT=str(taken_port)),
        openjcm("serve", PORT=str(taken_port), LANG="ja_JP.UTF-8"),
        openjcm("serve", PORT=str(taken_port), OPENJCM_LANGUAGE="ja"),
    ):
        assert japanese.returncode == cli.EXIT_REFUSED
        assert "使用できません" in japanese.stderr
        assert "対処: " in japanese.stderr
    data = json.loads(openjcm("--json", "serve", PORT=str(taken_port)).stderr)
    assert data["code"] == "port_in_use"
    assert data["facts"]["port"] == str(taken_port)
    assert set(data["message"]) == {"en", "ja"}


def test_a_database_that_cannot_be_reached_is_told(free_port: int, tmp_path: Path) -> None:
    url = f"postgresql://nobody@/none?host={tmp_path}"
    done = openjcm("serve", PORT=str(free_port), OPENJCM_DATABASE_URL=url)
    assert done.returncode == cli.EXIT_REFUSED
    assert "database_unreachable" in done.stderr


def test_a_first_load_that_fails_is_refused(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setattr(serve.sys, "executable", "/bin/false")
    with pytest.raises(Refused) as caught:
        serve.load_worlds(database_url)
    assert caught.value.code == "loading_failed"


def test_data_of_another_version_are_served_and_the_reader_is_told(
    monkeypatch: pytest.MonkeyPatch, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serve.sys, "executable", "/bin/false")
    monkeypatch.setattr(serve.journal_state, "entries", lambda connection: 656)
    serve.load_worlds(database_url)
    assert "656 entries on record" in capsys.readouterr().out


def test_pages_that_cannot_be_served_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def ends_by_itself(_: object) -> None:
        raise SystemExit(1)

    monkeypatch.setattr("granian.server.mp.MPServer.serve", ends_by_itself)
    with pytest.raises(Refused) as caught:
        serve.serve_on("127.0.0.1", 1)
    assert caught.value.code == "serving_failed"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_was_started_is_stopped(tmp_path: Path, free_port: int, number: signal.Signals) -> None:
    program = start(tmp_path, free_port)
    assert Server(tmp_path).pid is not None
    program.send_signal(number)
    assert program.wait(30) in {0, 128 + number}
    assert Server(tmp_path).pid is None
    assert not answers(free_port)


def test_after_a_kill_the_port_is_free_and_the_database_is_taken_over(tmp_path: Path, free_port: int) -> None:
    program = start(tmp_path, free_port)
    left = Server(tmp_path).pid
    program.kill()
    program.wait()
    wait_until(lambda: not answers(free_port))
    again = start(tmp_path, free_port)
    assert Server(tmp_path).pid == left
    again.terminate()
    again.wait(30)
    assert Server(tmp_path).pid is None


def start(data: Path, port: int) -> subprocess.Popen[str]:
    """``openjcm serve``, once it has said that it is ready."""
    environment = {**os.environ, "OPENJCM_DATA": str(data), "PORT": str(port), "OPENJCM_LANGUAGE": "en"}
    environment.pop("OPENJCM_DATABASE_URL", None)
    command = [sys.executable, "-m", "openjcm", "serve"]
    program = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    said = []
    for line in program.stdout:
        said.append(line)
        if "ready after" in line:
            assert f"http://127.0.0.1:{port}/" in line
            return program
    raise AssertionError(said)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(holds: object) -> None:
    assert callable(holds)
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_home_page_that_fails_is_announced_as_failing(capsys: pytest.CaptureFixture[str]) -> None:
    class Failing(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Failing) as server:
        threading.Thread(target=server.handle_request).start()
        serve.announce("127.0.0.1", server.server_port, time.monotonic())
    assert "status 500" in capsys.readouterr().out


def test_the_operator_starts_finds_migrates_and_stops_the_database(tmp_path: Path) -> None:
    data = {"OPENJCM_DATA": str(tmp_path)}
    assert openjcm("db", "url", **data).returncode == 1
    started = openjcm("db", "start", **data)
    assert started.returncode == 0
    try:
        address = openjcm("db", "url", **data).stdout.strip()
        assert address == started.stdout.strip()
        migrated = openjcm("db", "migrate", **data).stdout.split()
        assert migrated
        assert openjcm("db", "migrate", **data).stdout.split() == []
        with psycopg.connect(address) as connection:
            connection.execute("select * from journal")
        assert openjcm("db", "url", OPENJCM_DATABASE_URL="postgresql://x/y").stdout.strip() == "postgresql://x/y"
        dump = Path(openjcm("db", "programs", **data).stdout.strip()) / "pg_dump"
        assert subprocess.run([dump, "--schema-only", address], capture_output=True, check=True).stdout
    finally:
        assert openjcm("db", "stop", **data).stdout.strip() == "stopped"
    assert openjcm("db", "stop", **data).stdout.strip() == "it was not running"


def test_the_language_is_chosen_by_option_then_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENJCM_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert language() is Language.EN
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert language() is Language.JA
    monkeypatch.setenv("OPENJCM_LANGUAGE", "en")
    assert language() is Language.EN
    assert tell("yes", "はい", Language.JA) == "はい"


def test_every_refusal_of_the_command_line_has_both_languages() -> None:
    for code in ("port_in_use", "database_unreachable", "loading_failed", "serving_failed"):
        assert REFUSALS[code].ja != REFUSALS[code].en
