"""How batches leave the gateway: over HTTP or MQTT, answered one by one. What is not answered is sent again."""

from __future__ import annotations

import importlib
import json
import queue
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Protocol

from openjcm.gateway.config import HttpConfig, MqttConfig

LARGEST_ANSWER = 16 * 1024 * 1024


class NotDelivered(Exception):
    """Nothing is known of what was sent; it is sent again."""


class Forwarder(Protocol):
    """A way to the receiver."""

    def send(self, lines: Sequence[str]) -> list[dict[str, Any]]:
        """Send batches; gives the receiver's answers, which name each batch by its SHA-256.

        Raises:
            NotDelivered: where no answer came.
        """

    def close(self) -> None:
        """End the connection."""


class HttpForwarder:
    """POSTs batches to the receiver's address."""

    def __init__(self, config: HttpConfig) -> None:
        self.config = config
        self.received_us = 0
        """The receiver's clock in its newest answer."""
        secure = config.url.startswith("https:")
        self._tls = ssl.create_default_context(cafile=_text(config.ca_file)) if secure else None

    def send(self, lines: Sequence[str]) -> list[dict[str, Any]]:
        """As :meth:`Forwarder.send`."""
        body = json.dumps({"batches": list(lines)}).encode("ascii")
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked when the configuration was read
            self.config.url, body, {"Content-Type": "application/json", "Accept": "application/json"}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=self.config.timeout_seconds, context=self._tls) as answer:  # noqa: S310
                data = json.loads(answer.read(LARGEST_ANSWER))
            self.received_us = int(data["received_us"])
            return [dict(one) for one in data["results"]]
        except urllib.error.HTTPError as error:
            raise NotDelivered(f"{error.code} {error.read(500).decode('utf-8', 'replace')}") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NotDelivered(f"{type(error).__name__} {error}") from error

    def close(self) -> None:
        """Nothing stays open."""


class MqttForwarder:
    """Publishes batches with QoS 1, and waits for the receiver's answers on a topic of the gateway's own.

    The broker's acknowledgement only says that the broker has a batch; the receiver's answer says that it is kept.
    """

    def __init__(self, config: MqttConfig, gateway: str) -> None:
        self.config = config
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._client = mqtt_client(f"openjcm-gateway-{gateway}", config)
        self._client.on_message = self._on_message
        self._client.on_connect = self._on_connect
        self._started = False

    def send(self, lines: Sequence[str]) -> list[dict[str, Any]]:
        """As :meth:`Forwarder.send`."""
        until = time.monotonic() + self.config.timeout_seconds
        self._start(until)
        waiting = {_name(line) for line in lines}
        while not self._answers.empty():  # late answers of an earlier try are as good
            self._answers.get_nowait()
        for line in lines:
            self._client.publish(self.config.topic, line.encode("ascii"), qos=1)
        found: list[dict[str, Any]] = []
        while waiting:
            try:
                answer = self._answers.get(timeout=max(until - time.monotonic(), 0.01))
            except queue.Empty as error:
                if found:
                    return found
                raise NotDelivered(f"no answer for {len(waiting)} batches") from error
            if answer.get("sha256") in waiting:
                waiting.discard(answer["sha256"])
                found.append(answer)
        return found

    def _start(self, until: float) -> None:
        try:
            if not self._started:
                self._client.connect(self.config.host, self.config.port, keepalive=30)
                self._client.loop_start()
                self._started = True
            while not self._client.is_connected():
                if time.monotonic() > until:
                    raise NotDelivered("not connected to the broker")
                time.sleep(0.02)
        except (OSError, ValueError) as error:
            raise NotDelivered(f"{type(error).__name__} {error}") from error

    def _on_connect(self, client: Any, *_: Any) -> None:
        client.subscribe(self.config.answers, qos=1)

    def _on_message(self, _client: Any, _data: Any, message: Any) -> None:
        try:
            for answer in json.loads(message.payload)["results"]:
                self._answers.put(dict(answer))
        except (ValueError, KeyError, TypeError):
            return  # not from our receiver

    def close(self) -> None:
        """Leave the broker."""
        if self._started:
            self._client.disconnect()
            self._client.loop_stop()


def mqtt_client(client_id: str, config: MqttConfig, **more: Any) -> Any:
    """A client with a session that the broker keeps, with name, password and TLS as configured; not connected yet."""
    mqtt = importlib.import_module("paho.mqtt.client")
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False, **more)
    if config.username is not None:
        password = config.password_file.read_text(encoding="utf-8").strip() if config.password_file else None
        client.username_pw_set(config.username, password)
    if config.tls:
        client.tls_set(ca_certs=_text(config.ca_file), certfile=_text(config.cert_file), keyfile=_text(config.key_file))
    return client


def _name(line: str) -> str:
    return sha256(line.rpartition(".")[0].encode("ascii")).hexdigest()


def _text(path: Any) -> str | None:
    return str(path) if path is not None else None


def forwarder_of(config: HttpConfig | MqttConfig, gateway: str) -> Forwarder:
    """The way that the configuration names."""
    return HttpForwarder(config) if isinstance(config, HttpConfig) else MqttForwarder(config, gateway)
