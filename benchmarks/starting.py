"""How long things take to start: help, embedded database (first and later), migrations, a database for one test."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from openjcm.store.database import migrate
from openjcm.store.server import Server, binaries_of


def seconds(action: Callable[[], object]) -> float:
    """How long an action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def run(*words: str) -> None:
    """Run Python with these words."""
    subprocess.run([sys.executable, *words], check=True, capture_output=True)


def clone(server: Server) -> None:
    """Copy the migrated database, as every test does."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("create database copy template template_of_tests")
        connection.execute("drop database copy")


def main() -> None:
    """Print the table."""
    bare = min(seconds(lambda: run("-c", "pass")) for _ in range(3))
    shown = min(seconds(lambda: run("-m", "openjcm", "--help")) for _ in range(3))
    print(f"{'openjcm --help':<44}{shown:8.2f} s   {shown / bare:6.1f} x a bare Python")
    for engine in ("embedded", "debian"):
        binaries = binaries_of(engine)
        if binaries is None:
            continue
        with tempfile.TemporaryDirectory() as folder:
            server = Server(Path(folder), binaries)
            first = seconds(server.start)
            print(f"{f'{engine}: first start, with a new data folder':<44}{first:8.2f} s")
            server.stop()
            later = seconds(server.start)
            print(f"{f'{engine}: later start':<44}{later:8.2f} s   {later / first:6.2f} x the first")
            print(f"{f'{engine}: all migrations':<44}{seconds(lambda: migrate(server.url)):8.2f} s")  # noqa: B023
            with psycopg.connect(server.url, autocommit=True) as connection:
                connection.execute("create database template_of_tests")
            migrate(server.url.replace("@/openjcm", "@/template_of_tests"))
            print(f"{f'{engine}: a database for one test':<44}{seconds(lambda: clone(server)):8.2f} s")  # noqa: B023
            server.kill()
            print(f"{f'{engine}: start after a kill':<44}{seconds(server.start):8.2f} s")
            server.stop()


if __name__ == "__main__":
    main()
