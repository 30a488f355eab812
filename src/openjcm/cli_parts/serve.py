"""``openjcm run`` and ``openjcm serve``: the database, its schema, its contents, and the pages, in this order.

Both stop what they started when they are interrupted (Ctrl-C, SIGTERM, a closed terminal). If they are killed, the
pages end with them and the database stays, to be taken over by the next start.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import http.client
import importlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Annotated, Any, NoReturn

import psycopg
import typer

from openjcm.cli_parts.speaking import tell
from openjcm.commands import open_office
from openjcm.refusals import Refused, refusal
from openjcm.store.database import migrate
from openjcm.store.server import Server
from openjcm.views import journal_state

PORT_IN_USE = refusal(
    "port_in_use",
    en="Port {port} of {host} cannot be used: {reason}.",
    ja="{host} のポート {port} は使用できません: {reason}。",
    remedy_en="Stop the program that uses it, or choose another port: `PORT=8001 make run`.",
    remedy_ja="使用中のプログラムを停止するか、別のポートを指定してください: `PORT=8001 make run`。",
    clause="OpenJCM: operation",
    status=503,
)
DATABASE_UNREACHABLE = refusal(
    "database_unreachable",
    en="The database named in OPENJCM_DATABASE_URL cannot be reached: {reason}",
    ja="OPENJCM_DATABASE_URL のデータベースに接続できません: {reason}",
    remedy_en="Check the address and that the server runs, or unset the variable to use the embedded database.",
    remedy_ja="アドレスとサーバーの稼働を確認するか、変数を外して組み込みデータベースを使用してください。",
    clause="OpenJCM: operation",
    status=503,
)
LOADING_FAILED = refusal(
    "loading_failed",
    en="Loading the public record and the demonstration failed (exit code {code}).",
    ja="公開記録とデモンストレーションの読み込みに失敗しました（終了コード {code}）。",
    remedy_en="Read the message above. `openjcm serve` serves what is there without loading.",
    remedy_ja="上のメッセージを確認してください。`openjcm serve` は読み込みをせずに公開します。",
    clause="OpenJCM: operation",
    status=503,
)
SERVING_FAILED = refusal(
    "serving_failed",
    en="The pages could not be served; the web server ended by itself.",
    ja="ページを公開できませんでした。ウェブサーバーが終了しました。",
    remedy_en="Read the message above.",
    remedy_ja="上のメッセージを確認してください。",
    clause="OpenJCM: operation",
    status=503,
)

_SERVES: int | None = None
"""The process that serves, as its children know it."""

app = typer.Typer(help="Serve the pages.")
Port = Annotated[int, typer.Option(envvar="PORT", min=1, max=65535, help="The port to serve on.")]
Host = Annotated[str, typer.Option(envvar="HOST_ADDRESS", help="The address to serve on.")]


@app.command()
def run(port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """Start the database, migrate, load the public record and the demonstration if they are missing, and serve."""
    serve_pages(host, port, loading=True)


@app.command()
def serve(port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """Start the database, migrate, and serve; load nothing."""
    serve_pages(host, port, loading=False)


def say(en: str, ja: str) -> None:
    """Print one step of the progress."""
    print(f"openjcm: {tell(en, ja)}", flush=True)


def serve_pages(host: str, port: int, *, loading: bool) -> None:
    """Do the steps one after another, and serve until interrupted.

    Raises:
        Refused: ``port_in_use``, ``database_unreachable``, ``loading_failed``, ``serving_failed``, and what the
            embedded database refuses.
    """
    began = time.monotonic()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    check_port(host, port)
    importing = threading.Thread(target=_import_pages)
    importing.start()
    url = os.environ["OPENJCM_DATABASE_URL"] = open_database()
    if loading:
        load_worlds(url)
    importing.join()
    threading.Thread(target=announce, args=(host, port, began), daemon=True).start()
    serve_on(host, port)


def _import_pages() -> None:
    """Import the web application beside the other steps; the serving process is forked from this one and has it then.

    If it fails, the serving process fails in the same way and says so.
    """
    with contextlib.suppress(Exception):
        importlib.import_module("openjcm.web.app")


def _end(number: int, frame: object) -> NoReturn:
    """Leave in order, so that what was started is stopped."""
    raise SystemExit(128 + number)


def check_port(host: str, port: int) -> None:
    """Try the port before any work is done.

    Raises:
        Refused: ``port_in_use``.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PORT_IN_USE(host=host, port=port, reason=error.strerror or error) from error


def open_database() -> str:
    """Start the embedded database unless one is named, and bring its schema up to date; gives the address."""
    url = os.environ.get("OPENJCM_DATABASE_URL")
    if url:
        say("using the database of OPENJCM_DATABASE_URL", "OPENJCM_DATABASE_URL のデータベースを使用します")
    else:
        folder = Path(os.environ.get("OPENJCM_DATA") or ".data").absolute()
        os.environ["OPENJCM_DATA"] = str(folder)
        say(f"starting the database in {folder}", f"データベースを起動します: {folder}")
        server = Server(folder)
        url = server.start()
        threading.Thread(target=keep_alive, args=(server,), daemon=True).start()
    try:
        applied = migrate(url)
    except psycopg.OperationalError as error:
        raise DATABASE_UNREACHABLE(reason=str(error).strip()) from error
    say(f"schema is up to date ({len(applied)} migrations applied)", f"スキーマは最新です（適用 {len(applied)} 件）")
    return url


def keep_alive(server: Server, seconds: int = 1) -> None:
    """Start the embedded database again when it dies by itself, as it does when its disk is full, until it can."""
    told = ""
    while server.in_use:
        time.sleep(seconds)
        try:
            if server.revive():
                say("the database had died and was started again", "停止したデータベースを再起動しました")
        except Refused as refused:
            if refused.code != told:
                say(f"the database cannot be started: {refused.message('en')}", refused.message("ja"))
            told = refused.code


def load_worlds(url: str) -> None:
    """Load the public record and the demonstration where they are missing, in a process that ends afterwards.

    So the server keeps none of the memory that loading takes. A data folder that another version of the program has
    filled may refuse what this version would load; what it holds is whole, so it is served, and the reader is told.

    Raises:
        Refused: ``loading_failed``, where nothing was on record before.
    """
    with psycopg.connect(url) as connection:
        on_record = journal_state.entries(connection)
    say("loading the public record and the demonstration, if missing", "公開記録とデモを確認し、なければ読み込みます")
    done = subprocess.run([sys.executable, "-m", "openjcm", "world", "load", "--if-empty"], check=False)
    if done.returncode == 0:
        return
    if on_record == 0:
        raise LOADING_FAILED(code=done.returncode)
    say(
        f"nothing more was loaded (see above); serving the {on_record} entries on record. "
        "A new data folder gets the newest record: OPENJCM_DATA=.data-new make run",
        f"追加の読み込みはできませんでした（上記参照）。記録済みの {on_record} 件を公開します。"
        "最新の記録は新しいデータフォルダーで読み込めます: OPENJCM_DATA=.data-new make run",
    )


def announce(host: str, port: int, began: float) -> None:
    """Print the address as soon as the home page answers."""
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    while True:
        connection = http.client.HTTPConnection(host, port, timeout=10)
        try:
            connection.request("GET", "/")
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
            continue
        finally:
            connection.close()
        seconds = f"{time.monotonic() - began:.1f}"
        if status >= 500:
            say(f"the home page fails with status {status}", f"トップページが失敗しています（{status}）")
        say(
            f"ready after {seconds} s: {address}   (Ctrl-C stops it)",
            f"{seconds} 秒で準備完了: {address}（Ctrl-C で停止）",
        )
        return


def serve_on(host: str, port: int) -> None:
    """Serve until interrupted.

    Raises:
        Refused: ``serving_failed``.
    """
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server.mp import MPServer

    class Pages(MPServer):
        """The web server; a closed terminal ends it, where Granian would begin anew."""

        def signal_handler_reload(self, *_: object, **__: object) -> None:
            self.signal_handler_interrupt()  # type: ignore[no-untyped-call]

    server = Pages(
        f"{__name__}:application",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=10,
    )
    global _SERVES  # noqa: PLW0603 - the serving process is forked from this one, and asks whose child it is
    _SERVES = os.getpid()
    try:
        server.serve()
    except SystemExit as ended:
        if ended.code:
            raise SERVING_FAILED() from ended
        raise


def application() -> Any:
    """The web application, made inside the serving process, which ends when its parent is gone."""
    _die_with_parent()
    from openjcm.commands.rounds import Rounds
    from openjcm.web.app import create_app

    app = create_app()
    app.state.rounds = Rounds(open_office)
    app.openapi()  # made now, not while its first reader waits
    # What is there by now stays: the collector need not look through it while acts come by the thousand.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    return app


def _die_with_parent() -> None:
    """Ask Linux to end this process when its parent dies, so that a killed program leaves no port in use."""
    if sys.platform == "linux":
        death_signal = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(death_signal, signal.SIGTERM)
        if _SERVES is not None and os.getppid() != _SERVES:
            raise SystemExit(1)  # it died before it could be asked for
