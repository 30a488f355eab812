"""``openjcm mqtt``: takes batches of live meters from a broker; acknowledges them when they are durably kept."""

from __future__ import annotations

import json
import queue
import re
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from openjcm.cli_parts.speaking import tell
from openjcm.commands import Office, ready_office
from openjcm.commands.receiving import Outcome, receive
from openjcm.gateway.config import MqttConfig
from openjcm.gateway.forward import mqtt_client
from openjcm.mrv.batch import GATEWAY_NAME
from openjcm.refusals import Refused, refusal

BROKER_UNREACHABLE = refusal(
    "broker_unreachable",
    en="The broker {host}:{port} cannot be reached: {reason}.",
    ja="ブローカー {host}:{port} に接続できません: {reason}。",
    remedy_en="Check address, TLS files and that the broker runs.",
    remedy_ja="アドレス、TLS のファイル、ブローカーの稼働を確認してください。",
    clause="OpenJCM: operation",
    status=503,
)
MOST_IN_A_COMMIT = 1_000
"""Batches that are kept together; as many as have come, never waited for."""

app = typer.Typer(help=tell("Take batches from an MQTT broker.", "MQTT ブローカーからバッチを受信します。"))


@dataclass
class Listener:
    """A subscriber with a session that the broker keeps: what comes while it is away, comes when it is back.

    A message holds one batch, or several, one a line, on ``<prefix>/batches/<gateway>``. The answers go to
    ``<prefix>/answers/<gateway>``. A message is acknowledged after its batches are kept and its answers are on the way;
    whatever fails before that is delivered again, and is known then.
    """

    office: Office
    config: MqttConfig
    prefix: str
    client_id: str = "openjcm-receiver"
    keep: Callable[[Office, Sequence[bytes]], list[Outcome]] = receive
    _messages: queue.Queue[Any] = field(default_factory=queue.Queue, init=False)
    _client: Any = field(default=None, init=False)
    subscribed: threading.Event = field(default_factory=threading.Event, init=False)
    """Set when the broker has confirmed the subscription."""

    def run(self, ends: Callable[[], bool]) -> None:
        """Listen until told to end.

        Raises:
            Refused: ``broker_unreachable`` where the broker does not answer at the beginning.
        """
        self._client = mqtt_client(self.client_id, self.config, manual_ack=True)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = lambda *_: self.subscribed.clear()
        self._client.on_message = lambda _client, _data, message: self._messages.put(message)
        try:
            self._client.connect(self.config.host, self.config.port, keepalive=30)
        except (OSError, ValueError) as error:
            raise BROKER_UNREACHABLE(host=self.config.host, port=self.config.port, reason=error) from error
        self._client.loop_start()
        try:
            while not ends():
                self.take(self._gathered())
        finally:
            self._client.disconnect()
            self._client.loop_stop()

    def _on_connect(self, client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        client.subscribe(f"{self.prefix}/batches/+", qos=1)
        typer.echo(tell(f"connected to the broker: {reason}", f"ブローカーに接続しました: {reason}"))

    def _on_subscribe(self, *_: Any) -> None:
        self.subscribed.set()
        typer.echo(tell("listening", "受信を開始しました"))

    def _gathered(self) -> list[Any]:
        """The messages that have come, at most so many batches; an empty list if none comes soon."""
        found: list[Any] = []
        try:
            while len(found) < MOST_IN_A_COMMIT:
                found.append(self._messages.get(timeout=0 if found else 0.2))
        except queue.Empty:
            pass
        return found

    def take(self, messages: Sequence[Any]) -> None:
        """Keep the batches of messages, answer, and acknowledge."""
        if not messages:
            return
        lines = [[line for line in message.payload.split(b"\n") if line] for message in messages]
        outcomes = iter(self._kept([line for part in lines for line in part]))
        for message, part in zip(messages, lines, strict=True):
            answers = [next(outcomes).as_data() for _ in part]
            gateway = message.topic.rpartition("/")[2]
            if re.fullmatch(GATEWAY_NAME, gateway):
                body = json.dumps({"received_us": time.time_ns() // 1_000, "results": answers}, ensure_ascii=False)
                self._client.publish(f"{self.prefix}/answers/{gateway}", body.encode("utf-8"), qos=1)
            self._client.ack(message.mid, message.qos)

    def _kept(self, lines: Sequence[bytes]) -> list[Outcome]:
        """The outcomes; while the database does not answer, it is asked again, and nothing is acknowledged."""
        while True:
            try:
                return self.keep(self.office, lines)
            except Refused as refused:
                typer.echo(f"{refused.code}: {refused.message('en')}", err=True)
                time.sleep(1)


@app.command()
def mqtt(
    host: Annotated[str, typer.Argument(help=tell("The broker.", "ブローカー。"))],
    port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help=tell("1883, with TLS 8883.", "既定は 1883、TLS では 8883。"))
    ] = None,
    prefix: Annotated[
        str, typer.Option(help=tell("Topics begin with this.", "トピックの先頭。"), envvar="OPENJCM_MQTT_PREFIX")
    ] = "openjcm",
    tls: Annotated[bool, typer.Option("--tls", help=tell("Use TLS.", "TLS を使用します。"))] = False,
    ca_file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False)] = None,
    cert_file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False)] = None,
    key_file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False)] = None,
    username: Annotated[str | None, typer.Option()] = None,
    password_file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False)] = None,
    client_id: Annotated[
        str, typer.Option(help=tell("Names the session; one for each process.", "セッション名。プロセスごとに 1 つ。"))
    ] = "openjcm-receiver",
) -> None:
    """Take batches from a broker until interrupted."""
    secure = tls or ca_file is not None
    config = MqttConfig(
        host=host, port=port or (8_883 if secure else 1_883), topic="", answers="", username=username,
        password_file=password_file, ca_file=ca_file, cert_file=cert_file, key_file=key_file, tls=secure,
    )  # fmt: skip
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    office = ready_office()
    try:
        Listener(office, config, prefix, client_id).run(ended.is_set)
    finally:
        office.close()
