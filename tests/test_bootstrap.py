"""The set-up program: it needs only the standard library, knows when nothing is to do, and says what is missing."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The program, looking at an empty checkout with the lock files only."""
    spec = spec_from_file_location("bootstrap_under_test", ROOT / "tools" / "bootstrap.py")
    assert spec and spec.loader
    program = module_from_spec(spec)
    spec.loader.exec_module(program)
    checkout = tmp_path / "a checkout"
    checkout.mkdir()
    for name in ("requirements.lock", "requirements-test.lock", "requirements-build.lock", "pyproject.toml"):
        (checkout / name).write_text((ROOT / name).read_text())
    monkeypatch.setattr(program, "ROOT", checkout)
    monkeypatch.setattr(program, "ENVIRONMENT", checkout / ".venv")
    monkeypatch.setattr(program, "TOOLS", checkout / ".tools")
    monkeypatch.setattr(program, "STAMP", checkout / ".venv" / "openjcm-stamp.json")
    return program


def pretend_environment(program: Any, kinds: Sequence[str]) -> None:
    """An environment that the stamp says is complete."""
    python = program.python_of_environment()
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    program.STAMP.write_text(json.dumps({kind: program.wanted_hash(kind) for kind in kinds}))


def record_calls(program: Any, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    calls: list[list[str]] = []

    def call(command: Sequence[str | Path], **_: str) -> None:
        calls.append([str(word) for word in command])

    monkeypatch.setattr(program, "call", call)
    return calls


def test_it_needs_only_the_standard_library() -> None:
    tree = ast.parse((ROOT / "tools" / "bootstrap.py").read_text())
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
    names = {(node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imports}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_nothing_is_done_while_the_locks_are_as_they_were(bootstrap: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_environment(bootstrap, ["run", "test"])
    calls = record_calls(bootstrap, monkeypatch)
    bootstrap.ensure_environment("run")
    bootstrap.ensure_environment("test")
    assert calls == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-build.lock", "pyproject.toml"])
def test_a_changed_lock_is_installed(bootstrap: Any, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    pretend_environment(bootstrap, ["run"])
    (bootstrap.ROOT / name).write_text("changed")
    calls = record_calls(bootstrap, monkeypatch)
    monkeypatch.setattr(bootstrap, "find_uv", lambda: Path("/bin/uv"))
    bootstrap.ensure_environment("run")
    assert any("--require-hashes" in call for call in calls)
    calls.clear()
    bootstrap.ensure_environment("run")
    assert calls == [], "and then not again"


def test_the_environment_for_tests_serves_for_running_and_not_the_reverse(bootstrap: Any) -> None:
    pretend_environment(bootstrap, ["run"])
    assert bootstrap.stamped("run")
    assert not bootstrap.stamped("test")


def test_a_moved_checkout_is_installed_again(bootstrap: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_environment(bootstrap, ["run"])
    moved = bootstrap.ROOT.with_name("moved")
    bootstrap.ROOT.rename(moved)
    monkeypatch.setattr(bootstrap, "ROOT", moved)
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", moved / ".venv")
    monkeypatch.setattr(bootstrap, "STAMP", moved / ".venv" / "openjcm-stamp.json")
    assert not bootstrap.stamped("run")


def test_a_broken_stamp_or_environment_is_made_anew(bootstrap: Any) -> None:
    pretend_environment(bootstrap, ["run"])
    bootstrap.STAMP.write_text("[]")
    assert not bootstrap.stamped("run")
    pretend = bootstrap.python_of_environment()
    bootstrap.STAMP.write_text(json.dumps({"run": bootstrap.wanted_hash("run")}))
    pretend.unlink()
    assert not bootstrap.stamped("run")


def test_pip_takes_over_where_uv_fails(bootstrap: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []

    def call(command: Sequence[str | Path], **_: str) -> None:
        calls.append([str(word) for word in command])
        if calls[-1][0] == "/bin/uv":
            raise bootstrap.SetupError("no way through")
        bootstrap.ENVIRONMENT.mkdir(exist_ok=True)

    monkeypatch.setattr(bootstrap, "call", call)
    monkeypatch.setattr(bootstrap, "works", lambda command: True)
    monkeypatch.setattr(bootstrap, "find_uv", lambda: Path("/bin/uv"))
    bootstrap.ensure_environment("run")
    by_pip = [call for call in calls if call[1:3] == ["-m", "pip"]]
    assert "--require-hashes" in by_pip[0], "with hashes all the same"


def test_without_uv_pip_and_venv_it_says_what_to_install(bootstrap: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "find_uv", lambda: None)
    monkeypatch.setattr(bootstrap, "works", lambda command: False)
    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.ensure_environment("run")
    assert f"python{sys.version_info.major}.{sys.version_info.minor}-venv" in str(caught.value)


def test_an_old_python_hands_over_to_a_newer_one(bootstrap: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(bootstrap.os, "execv", lambda program, words: started.append(program))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/opt/{name}" if name == "python3.12" else None)
    with pytest.raises(bootstrap.SetupError):
        bootstrap.use_new_enough_python()
    assert started == ["/opt/python3.12"]


def test_the_browser_named_by_the_user_is_the_only_one_used(bootstrap: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENJCM_CHROMIUM", sys.executable)
    assert bootstrap.find_chromium() == Path(sys.executable)
    monkeypatch.setenv("OPENJCM_CHROMIUM", "/nonexistent/chromium")
    calls = record_calls(bootstrap, monkeypatch)
    bootstrap.ensure_chromium()
    assert bootstrap.find_chromium() is None
    assert calls == []


def test_chromium_comes_from_debian_for_root_else_from_npm(bootstrap: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENJCM_CHROMIUM", raising=False)
    monkeypatch.setattr(bootstrap, "CHROMIUM_PLACES", ())
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    (bootstrap.ROOT / "tools" / "chromium").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "unpack.mjs"):
        (bootstrap.ROOT / "tools" / "chromium" / name).write_text("")
    for user, programs in ((0, {"apt-get", "npm", "node"}), (1000, {"npm", "node"})):
        monkeypatch.setattr(bootstrap.os, "geteuid", lambda user=user: user)
        calls = record_calls(bootstrap, monkeypatch)
        bootstrap.ensure_chromium()
        assert {call[0] for call in calls} == programs


def test_the_tests_are_linter_formatter_types_and_pytest(bootstrap: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_environment(bootstrap, ["test"])
    monkeypatch.setattr(bootstrap, "ensure_chromium", lambda: None)
    calls = record_calls(bootstrap, monkeypatch)
    bootstrap.run_tests(["-x"])
    assert [call[2:] for call in calls] == [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["pytest", "-n", "2", "--dist", "worksteal", "-x"],
    ]


def test_each_check_is_run_and_the_failed_ones_are_named(bootstrap: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_environment(bootstrap, ["test"])
    monkeypatch.setattr(bootstrap, "ensure_chromium", lambda: None)
    ran: list[str] = []

    def call(command: Sequence[str | Path], **_: str) -> None:
        ran.append(str(command[2]))
        if command[2] != "ruff":
            raise bootstrap.SetupError("failed")

    monkeypatch.setattr(bootstrap, "call", call)
    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.run_tests([])
    assert ran == ["ruff", "ruff", "mypy", "pytest"]
    assert str(caught.value) == "failed: mypy, pytest"


def test_running_becomes_the_program(bootstrap: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_environment(bootstrap, ["run"])
    seen: list[Any] = []
    monkeypatch.setattr(bootstrap.os, "execve", lambda *words: seen.extend(words))
    monkeypatch.delenv("OPENJCM_DATA", raising=False)
    bootstrap.run()
    assert seen[1][1:] == ["-m", "openjcm", "run"]
    assert seen[2]["OPENJCM_DATA"] == str(bootstrap.ROOT / ".data")
    monkeypatch.setenv("OPENJCM_DATA", "/elsewhere")
    assert bootstrap.data_folder() == "/elsewhere"


def test_benchmarks_run_one_after_another_and_a_wrong_name_is_told(
    bootstrap: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_environment(bootstrap, ["test"])
    calls = record_calls(bootstrap, monkeypatch)
    with pytest.raises(bootstrap.SetupError):
        bootstrap.bench([])
    (bootstrap.ROOT / "benchmarks").mkdir()
    for name in ("b.py", "a.py", "twenty_five_years.py"):
        (bootstrap.ROOT / "benchmarks" / name).write_text("")
    bootstrap.bench([])
    assert [Path(call[1]).name for call in calls] == ["a.py", "b.py"], "what takes hours runs only by its name"
    bootstrap.bench_years(["--size", "3"])
    assert [Path(calls[2][1]).name, *calls[2][2:]] == ["twenty_five_years.py", "--size", "3"]
    with pytest.raises(bootstrap.SetupError):
        bootstrap.bench(["c"])


def test_clean_leaves_the_data_alone(bootstrap: Any) -> None:
    pretend_environment(bootstrap, ["run"])
    (bootstrap.ROOT / ".data").mkdir()
    bootstrap.clean()
    assert not bootstrap.ENVIRONMENT.exists()
    assert (bootstrap.ROOT / ".data").exists()


def test_a_failed_step_names_its_command(bootstrap: Any) -> None:
    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.call(["/nonexistent/program", "word"])
    assert "/nonexistent/program word" in str(caught.value)


def test_help_names_every_command_and_setting() -> None:
    done = subprocess.run(["make", "-C", ROOT, "-s", "help"], capture_output=True, text=True, check=True)
    for word in ("make run", "make test", "make bench", "make clean", "PORT", "OPENJCM_DATA", "OPENJCM_DATABASE_URL"):
        assert word in done.stdout


def test_an_unknown_command_is_told(bootstrap: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["fly"]) == 2
    assert "fly" in capsys.readouterr().err


def test_ci_does_what_the_readme_says() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text()
