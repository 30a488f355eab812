"""``openjcm gateway``: the program that stands beside the meters."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.core import TyperGroup

from openjcm.cli_parts.speaking import language, tell
from openjcm.gateway.agent import Agent
from openjcm.gateway.config import GatewayConfig, read_config
from openjcm.gateway.forward import forwarder_of
from openjcm.gateway.spool import Spool
from openjcm.refusals import refusal
from openjcm.signed import key_id_of, public_text

NO_GATEWAY_KEY = refusal(
    "no_gateway_key",
    en="The gateway has no key at {file}, or what lies there is no key.",
    ja="ゲートウェイの鍵が {file} にないか、読み取れません。",
    remedy_en="Make one with `openjcm gateway init CONFIG.yaml`, and register its public half.",
    remedy_ja="`openjcm gateway init CONFIG.yaml` で作成し、公開鍵を登録してください。",
    clause="OpenJCM: each batch is signed by its gateway",
)


class _Words(TyperGroup):
    """``openjcm gateway CONFIG.yaml`` is short for ``openjcm gateway run CONFIG.yaml``."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command of a word; the name of a file means ``run``."""
        if args[0] not in self.commands and Path(args[0]).is_file():
            args = ["run", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    help=tell("Read meters, sign batches, forward them.", "計量器を読み取り、バッチに署名して送信します。"),
    cls=_Words,
    no_args_is_help=True,
    add_completion=False,
)
Config = Annotated[
    Path,
    typer.Argument(
        metavar="CONFIG.yaml", exists=True, dir_okay=False, help=tell("The configuration.", "設定ファイル。")
    ),
]


def say(en: str, ja: str) -> None:
    """Tell what happens, a line each."""
    typer.echo(tell(en, ja))


@app.command()
def init(config: Config) -> None:
    """Make the gateway's key (kept as it is if there is one) and say how to register it."""
    from openjcm.commands.office import write_secret

    read = read_config(config)
    write_secret(read.key_file, Ed25519PrivateKey.generate().private_bytes_raw().hex())
    public = public_text(_key(read).public_key())
    typer.echo(
        json.dumps(
            {
                "gateway": read.gateway,
                "key_file": str(read.key_file),
                "key_id": key_id_of(public),
                "public_key": public,
            },
            indent=2,
        )
    )
    say(
        "Give gateway, key_id and public_key to the operator, who registers them with the acts register_gateway and "
        "register_gateway_key. The key file never leaves this machine.",
        "gateway、key_id、public_key を運用者に渡し、手続 register_gateway と register_gateway_key による登録を依頼して"
        "ください。鍵ファイルはこの機器の外に出さないでください。",
    )


def _key(config: GatewayConfig) -> Ed25519PrivateKey:
    try:
        text = config.key_file.read_text(encoding="ascii").strip()
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))
    except (OSError, ValueError) as error:
        raise NO_GATEWAY_KEY(file=config.key_file) from error


@contextmanager
def _agent(config: Path) -> Iterator[Agent]:
    read = read_config(config)
    spool = Spool(read.spool_file, read.gateway, _key(read))
    forwarder = forwarder_of(read.forward, read.gateway)
    try:
        yield Agent(read, spool, forwarder, say)
    finally:
        forwarder.close()
        spool.close()


@app.command()
def run(
    config: Config,
    once: Annotated[
        bool,
        typer.Option(
            "--once", help=tell("Read, seal and forward once, then end.", "読み取り・封入・送信を 1 回行い終了します。")
        ),
    ] = False,
) -> None:
    """Work until interrupted: read, seal, forward; go on through days without connection."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with _agent(config) as agent:
        say(f"gateway {agent.config.gateway} begins", f"ゲートウェイ {agent.config.gateway} を開始します")
        if once:
            agent.step(at_once=True)
        else:
            agent.run(ended.is_set)
        _print_counts(agent.spool)
        waits = agent.spool.counts().get("batches_waiting", 0)
    if once and waits:
        raise typer.Exit(1)


@app.command()
def status(config: Config) -> None:
    """What is in the spool, and what the receiver answered."""
    read = read_config(config)
    spool = Spool(read.spool_file, read.gateway, _key(read))
    try:
        _print_counts(spool)
        for name, outcome in spool.files():
            typer.echo(f"{name}: {outcome}")
        spoken = language()
        for number, answer in spool.kept_apart():
            message = answer.get("finding", {}).get("message", {}).get(spoken.value) or answer.get("rule", "")
            typer.echo(f"{number}: {message}")
    finally:
        spool.close()


def _print_counts(spool: Spool) -> None:
    typer.echo(", ".join(f"{name} {count}" for name, count in spool.counts().items()))
