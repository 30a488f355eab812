"""Set up this checkout and run it, with nothing but a Python (3.11 or newer) and its standard library.

Called by the Makefile: ``python3 tools/bootstrap.py run | test | bench | bench-faults | guards | clean | help``.

The environment lies in ``.venv``, made from the lock files with their hashes: with ``uv`` if it is found or can be
had through pip, else with ``venv`` and pip. A stamp keeps the hash of what was installed, so a later start looks at
one file only. Data lie in ``.data`` (``OPENJCM_DATA``).
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
TOOLS = ROOT / ".tools"
STAMP = ENVIRONMENT / "openjcm-stamp.json"
LOCKS = {"run": "requirements.lock", "test": "requirements-test.lock"}
OLDEST = (3, 11)
NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")
CHROMIUM_PLACES = (
    "/usr/bin/chromium",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/usr/bin/chromium-browser",
)


class SetupError(Exception):
    """Something is missing that this program cannot make; the text says what to do."""


def say(text: str) -> None:
    """Print one step of the progress."""
    print(f"openjcm: {text}", flush=True)


def call(command: Sequence[str | Path], **variables: str) -> None:
    """Run a command in the checkout.

    Raises:
        SetupError: if it cannot be run or fails.
    """
    words = [str(word) for word in command]
    try:
        subprocess.run(words, cwd=ROOT, check=True, env={**os.environ, **variables})
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(f"this step failed: {' '.join(words)}\n  {error}") from error


def works(command: Sequence[str | Path]) -> bool:
    """Whether a command runs and succeeds; its words are not shown."""
    try:
        return (
            subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


# The environment ---------------------------------------------------------------------------------------------------


def use_new_enough_python() -> None:
    """Go on with a newer Python of this machine if the present one is too old.

    Raises:
        SetupError: if there is none.
    """
    if sys.version_info[:2] >= OLDEST:
        return
    for name in NEWER_PYTHONS:
        found = shutil.which(name)
        if found:
            os.execv(found, [found, *sys.argv])  # noqa: S606
    raise SetupError(
        f"Python 3.11 or newer is needed; this is {platform.python_version()}. Install one (Debian, Ubuntu: "
        "`apt-get install python3`; Fedora: `dnf install python3.13`), or name it: `make run PYTHON=/path/to/python3`."
    )


def python_of_environment() -> Path:
    """The Python inside the environment."""
    return ENVIRONMENT / "bin" / "python"


def wanted_hash(kind: str) -> str:
    """What the environment for ``run`` or ``test`` must have been made from: locks, project file, and this place."""
    names = [LOCKS[kind], "requirements-build.lock", "pyproject.toml"]
    digest = hashlib.sha256(os.fsencode(ROOT))
    for name in names:
        digest.update(hashlib.sha256((ROOT / name).read_bytes()).digest())
    return digest.hexdigest()


def stamped(kind: str) -> bool:
    """Whether the environment is already as the locks want it."""
    try:
        same = str(json.loads(STAMP.read_text())[kind]) == wanted_hash(kind)
        return same and python_of_environment().exists()
    except (OSError, ValueError, KeyError, TypeError):
        return False


def ensure_environment(kind: str) -> None:
    """Make or complete the environment for ``run`` or ``test``; at once if the stamp says that nothing changed.

    Raises:
        SetupError: with what to install where neither uv nor pip nor venv is to be had.
    """
    if stamped(kind):
        return
    began = time.monotonic()
    if ENVIRONMENT.exists() and not works([python_of_environment(), "-c", ""]):
        say("the environment does not run; making it anew")
        shutil.rmtree(ENVIRONMENT)
    uv = find_uv()
    if not (uv and _installed_with_uv(uv, kind)):
        _install_with_pip(kind)
    # The locks for testing hold all that running needs, at the same versions.
    kinds = ("run", "test") if kind == "test" else ("run",)
    STAMP.write_text(json.dumps({name: wanted_hash(name) for name in kinds}))
    say(f"environment ready after {time.monotonic() - began:.0f} s")


def find_uv() -> Path | None:
    """uv on the path or fetched before, else fetched now through pip with its hash; ``None`` if there is no way."""
    found = shutil.which("uv")
    if found:
        return Path(found)
    place = TOOLS / "uv"
    program = place / "bin" / "uv"
    if not works([program, "--version"]) and works([sys.executable, "-m", "pip", "--version"]):
        say("fetching uv")
        shutil.rmtree(place, ignore_errors=True)
        lock = ROOT / "requirements-uv.lock"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        try:
            call([*command, "--no-deps", "--target", place, "-r", lock], PIP_ROOT_USER_ACTION="ignore")
        except SetupError:
            say("uv is not to be had; using pip")
    return program if works([program, "--version"]) else None


def _installed_with_uv(uv: Path, kind: str) -> bool:
    """Install with uv; ``False`` if that failed, as behind a network that uv does not get through and pip may."""
    say(f"installing the locked packages ({LOCKS[kind]}) with uv")
    pip: list[str | Path] = [uv, "pip", "install", "--quiet", "--python", python_of_environment()]
    # The certificates of the system know the inspecting proxy of an office; uv's own do not.
    certificates = {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
    try:
        if not python_of_environment().exists():
            call([uv, "venv", "--quiet", "--python", sys.executable, ENVIRONMENT], **certificates)
        call([*pip, "--require-hashes", "-r", LOCKS[kind], "-r", "requirements-build.lock"], **certificates)
        call([*pip, "--no-deps", "--no-build-isolation", "--editable", "."], **certificates)
    except SetupError as error:
        say(f"{error}\nopenjcm: trying again with pip")
        return False
    return True


def _install_with_pip(kind: str) -> None:
    if not works([python_of_environment(), "-m", "pip", "--version"]):
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        if not works([sys.executable, "-m", "venv", ENVIRONMENT]):
            raise SetupError(missing_venv())
    say(f"installing the locked packages ({LOCKS[kind]}) with pip; this takes some minutes")
    pip: list[str | Path] = [python_of_environment(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    call([*pip, "--require-hashes", "-r", LOCKS[kind], "-r", "requirements-build.lock"])
    call([*pip, "--no-deps", "--no-build-isolation", "--editable", "."])


def missing_venv() -> str:
    """What to install where Python comes without ``venv`` and pip."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (
        f"This Python ({sys.executable}, {version}) has neither pip nor a working venv, and uv was not found.\n"
        f"  Debian, Ubuntu:  apt-get install python{version}-venv   (as root, or with sudo)\n"
        "  Fedora:          dnf install python3-pip\n"
        "  anywhere:        install uv, then run this again"
    )


# Chromium for the browser tests ------------------------------------------------------------------------------------


def find_chromium() -> Path | None:
    """The browser: ``OPENJCM_CHROMIUM``, else an installed one, else the one unpacked here, else ``None``."""
    named = os.environ.get("OPENJCM_CHROMIUM")
    if named:
        return Path(named) if Path(named).exists() else None
    for place in (*CHROMIUM_PLACES, str(TOOLS / "chromium" / "unpacked" / "chromium")):
        if os.access(place, os.X_OK):
            return Path(place)
    return None


def ensure_chromium() -> None:
    """Install Chromium if there is none. Where none can be had it says so, and the browser tests fail."""
    if find_chromium():
        return
    if os.environ.get("OPENJCM_CHROMIUM"):
        say(f"OPENJCM_CHROMIUM names {os.environ['OPENJCM_CHROMIUM']}, which does not exist: browser tests will fail")
        return
    for way in (_chromium_from_debian, _chromium_from_npm):
        try:
            way()
        except SetupError as error:
            say(str(error))
        if find_chromium():
            return
    say("no Chromium could be installed: the browser tests will fail. Install one, or name it in OPENJCM_CHROMIUM")


def _chromium_from_debian() -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    say("installing Chromium (Debian's package)")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    call(["apt-get", "-qq", "update"], **quiet)
    call(["apt-get", "-qq", "-y", "--no-install-recommends", "-o=Dpkg::Use-Pty=0", "install", "chromium"], **quiet)


def _chromium_from_npm() -> None:
    if not shutil.which("npm"):
        return
    say("installing Chromium (npm package @sparticuz/chromium)")
    place = TOOLS / "chromium"
    place.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "unpack.mjs"):
        shutil.copyfile(ROOT / "tools" / "chromium" / name, place / name)
    call(["npm", "ci", "--silent", "--no-audit", "--no-fund", "--prefix", place])
    call(["node", place / "unpack.mjs", place / "unpacked"])


# The commands --------------------------------------------------------------------------------------------------------


def run() -> None:
    """``make run``: set up, then become the program, which starts the database, loads what is missing, and serves."""
    ensure_environment("run")
    environment = {**os.environ, "OPENJCM_DATA": data_folder()}
    command = [str(python_of_environment()), "-m", "openjcm", "run"]
    os.execve(command[0], command, environment)  # noqa: S606


def data_folder() -> str:
    """The data folder: ``OPENJCM_DATA``, else ``.data`` in the checkout."""
    return os.environ.get("OPENJCM_DATA") or str(ROOT / ".data")


def run_tests(arguments: Sequence[str]) -> None:
    """``make test``: set up, then the linter, the formatter, the types, and all tests on two processes.

    Raises:
        SetupError: naming every check that failed; each was run.
    """
    ensure_environment("test")
    ensure_chromium()
    python = python_of_environment()
    failed = []
    for name, command in (
        ("ruff check", ["ruff", "check", "."]),
        ("ruff format --check", ["ruff", "format", "--check", "."]),
        ("mypy", ["mypy"]),
        ("pytest", ["pytest", "-n", "2", "--dist", "worksteal", *arguments]),
    ):
        say(name)
        try:
            call([python, "-m", *command])
        except SetupError:
            failed.append(name)
    if failed:
        raise SetupError(f"failed: {', '.join(failed)}")


BY_NAME_ONLY = ("twenty_five_years",)
"""Benchmarks that take hours unless they are told a size."""


def bench(arguments: Sequence[str]) -> None:
    """``make bench``: every program of ``benchmarks/`` but those of hours, or those named, one after another."""
    ensure_environment("test")
    programs = [
        path
        for path in sorted((ROOT / "benchmarks").glob("*.py"))
        if (path.stem in arguments if arguments else path.stem not in BY_NAME_ONLY)
    ]
    if not programs:
        raise SetupError(f"no such benchmark: {', '.join(arguments) or 'benchmarks/ is empty'}")
    for program in programs:
        say(f"benchmark {program.stem}")
        call([python_of_environment(), program])


def bench_billion(arguments: Sequence[str]) -> None:
    """``make bench-billion``: judge 10^8 and 10^9 readings, and compare the time per reading."""
    ensure_environment("test")
    call([python_of_environment(), ROOT / "benchmarks" / "fleet.py", *(arguments or ("100000000", "1000000000"))])


def bench_years(arguments: Sequence[str]) -> None:
    """``make bench-years``: 25 years of a JCM many times today's size, through the real acts, and the audit."""
    ensure_environment("test")
    call([python_of_environment(), ROOT / "benchmarks" / "twenty_five_years.py", *arguments])


def soak_live(arguments: Sequence[str]) -> None:
    """``make soak-live``: batches of live meters for an hour, or for the seconds given; memory must stay flat."""
    ensure_environment("test")
    call([python_of_environment(), ROOT / "benchmarks" / "live.py", "soak", *arguments])


def crash(arguments: Sequence[str]) -> None:
    """``make crash``: kill application, database and both at random moments under load; nothing may be lost."""
    ensure_environment("test")
    call([python_of_environment(), ROOT / "tests" / "crash_soak.py", *arguments])


def twins(arguments: Sequence[str]) -> None:
    """``make twins``: two governments against each other for a minute, or for the seconds given."""
    ensure_environment("test")
    call([python_of_environment(), ROOT / "tests" / "simulation" / "two_governments.py", *arguments])


def bench_faults(arguments: Sequence[str]) -> None:
    """``make bench-faults``: faults put into real meter series, ours beside the field's libraries.

    These have an environment of their own (``.tools/faults``), made from ``requirements-faults.lock``, because they
    need an older pandas.
    """
    ensure_environment("test")
    python = ensure_faults_environment()
    call([python_of_environment(), ROOT / "benchmarks" / "faults" / "run.py", "--references", python, *arguments])


def ensure_faults_environment() -> Path:
    """The Python of the fault benchmark's references; made anew when their lock changes.

    Raises:
        SetupError: where it cannot be made.
    """
    place, lock = TOOLS / "faults", ROOT / "requirements-faults.lock"
    python, stamp = place / "bin" / "python", place / "openjcm-stamp.txt"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    shutil.rmtree(place, ignore_errors=True)
    say("installing the references of the fault benchmark (requirements-faults.lock)")
    certificates = {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
    uv = find_uv()
    if uv:
        call([uv, "venv", "--quiet", "--python", sys.executable, place], **certificates)
        call([uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", lock], **certificates)
    else:
        call([sys.executable, "-m", "venv", place])
        call([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock])
    stamp.write_text(wanted)
    return python


def guards(arguments: Sequence[str]) -> None:
    """``make guards``: delete the guards of the ledger one at a time; each must turn a test red."""
    ensure_environment("test")
    call([python_of_environment(), ROOT / "tools" / "delete_guards.py", *arguments])


def clean() -> None:
    """``make clean``: remove what can be made again. Data stay."""
    for name in (".venv", ".tools", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"):
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for parent in ("src", "tests", "tools", "benchmarks"):
        for folder in list((ROOT / parent).rglob("__pycache__")):
            shutil.rmtree(folder, ignore_errors=True)
    say(f"cleaned. The data in {data_folder()} were left alone; remove that folder yourself if you wish")


def show_help() -> None:
    """``make help``: the commands as the Makefile describes them, and what can be set."""
    for line in (ROOT / "Makefile").read_text().splitlines():
        name, found, words = line.partition("## ")
        if found and ":" in name:
            print(f"  make {name.split(':')[0]:<12} {words}")
    print(
        """
Settings:
  PORT                  8000 unless set
  OPENJCM_DATA          the data folder, .data unless set
  OPENJCM_DATABASE_URL  a PostgreSQL of your own; none is started then
  OPENJCM_CHROMIUM      the browser for the tests
  PYTHON                the Python to set up with, python3 unless set
  ARGS                  further words for pytest or for the benchmarks"""
    )


COMMANDS: dict[str, Callable[[Sequence[str]], None]] = {
    "test": run_tests,
    "bench": bench,
    "bench-billion": bench_billion,
    "bench-faults": bench_faults,
    "bench-years": bench_years,
    "soak-live": soak_live,
    "twins": twins,
    "crash": crash,
    "guards": guards,
}


def main(words: Sequence[str]) -> int:
    """Run one command; 0 if it succeeded."""
    command, arguments = (words[0], words[1:]) if words else ("help", [])
    try:
        use_new_enough_python()
        if command == "run":
            run()
        elif command in COMMANDS:
            COMMANDS[command](arguments)
        else:
            {"clean": clean, "help": show_help}[command]()
    except SetupError as error:
        print(f"openjcm: {error}", file=sys.stderr)
        return 1
    except KeyError:
        print(f"openjcm: no command {command!r}; see `make help`", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
