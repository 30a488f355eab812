"""``openjcm db``: the embedded database, for operators."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from openjcm.cli_parts.speaking import tell
from openjcm.store.database import migrate as apply_migrations
from openjcm.store.server import Server

app = typer.Typer(help="Start, stop, find and migrate the database.", no_args_is_help=True)


def _server() -> Server:
    return Server(Path(os.environ.get("OPENJCM_DATA") or ".data"))


def _address() -> str:
    return os.environ.get("OPENJCM_DATABASE_URL") or _server().start()


@app.command()
def start() -> None:
    """Start the embedded database, and let it run until `openjcm db stop`; prints its address."""
    server = _server()
    address = server.start()
    server.keep()
    print(address)


@app.command()
def stop() -> None:
    """Stop the embedded database, whoever started it."""
    server = _server()
    was_running = server.pid is not None
    server.stop()
    print(tell("stopped", "停止しました") if was_running else tell("it was not running", "動いていませんでした"))


@app.command()
def url() -> None:
    """Print the address of the running database, for psql and other programs."""
    named = os.environ.get("OPENJCM_DATABASE_URL")
    server = None if named else _server()
    if server is not None and server.pid is None:
        print(tell("it is not running: `openjcm db start`", "動いていません: `openjcm db start`"))
        raise typer.Exit(1)
    print(named or (server.url if server else ""))


@app.command()
def migrate() -> None:
    """Bring the schema up to date; prints the names of the migrations applied."""
    for name in apply_migrations(_address()):
        print(name)
