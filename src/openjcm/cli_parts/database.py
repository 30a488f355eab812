"""``openjcm db``: the embedded database, for operators."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from openjcm.cli_parts.speaking import tell
from openjcm.store.database import migrate as apply_migrations
from openjcm.store.launch import find_binaries
from openjcm.store.server import Server

app = typer.Typer(
    help=tell("Start, stop, find and migrate the database.", "データベースの起動・停止・アドレス表示・移行。"),
    no_args_is_help=True,
)


def _server() -> Server:
    return Server(Path(os.environ.get("OPENJCM_DATA") or ".data"))


def _address() -> str:
    return os.environ.get("OPENJCM_DATABASE_URL") or _server().start()


@app.command(
    help=tell(
        "Start the embedded database, and let it run until `openjcm db stop`; prints its address.",
        "組み込みのデータベースを起動し、`openjcm db stop` まで動かします。アドレスを表示します。",
    )
)
def start() -> None:
    """Start the embedded database, and let it run until `openjcm db stop`; prints its address."""
    server = _server()
    address = server.start()
    server.keep()
    print(address)


@app.command(
    help=tell(
        "Stop the embedded database, whoever started it.",
        "組み込みのデータベースを停止します。",
    )
)
def stop() -> None:
    """Stop the embedded database, whoever started it."""
    server = _server()
    was_running = server.pid is not None
    server.stop()
    print(tell("stopped", "停止しました") if was_running else tell("it was not running", "動いていませんでした"))


@app.command(
    help=tell(
        "Print the address of the running database, for psql and other programs.",
        "動いているデータベースのアドレスを表示します (psql などで使用)。",
    )
)
def url() -> None:
    """Print the address of the running database, for psql and other programs."""
    named = os.environ.get("OPENJCM_DATABASE_URL")
    server = None if named else _server()
    if server is not None and server.pid is None:
        print(tell("it is not running: `openjcm db start`", "動いていません: `openjcm db start`"))
        raise typer.Exit(1)
    print(named or (server.url if server else ""))


@app.command(
    help=tell(
        "Bring the schema up to date; prints the names of the migrations applied.",
        "スキーマを最新にし、適用した移行の名称を表示します。",
    )
)
def migrate() -> None:
    """Bring the schema up to date; prints the names of the migrations applied."""
    for name in apply_migrations(_address()):
        print(name)


@app.command(
    help=tell(
        "Print the folder of the server's own programs (pg_dump, pg_restore, psql), of its version.",
        "サーバーと同じ版のプログラム (pg_dump、pg_restore、psql) のフォルダーを表示します。",
    )
)
def programs() -> None:
    """Print where the programs of the embedded server lie: those of another version may refuse it."""
    print(find_binaries())
