"""Real MQTT brokers for tests: Mosquitto where it is installed, and amqtt, which the test environment brings."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from ports import free_port

MOSQUITTO = shutil.which(
    "mosquitto", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
)
KINDS = [*(["mosquitto"] if MOSQUITTO else []), "amqtt"]


@dataclass
class Broker:
    """One broker in a process of its own."""

    kind: str
    folder: Path
    port: int = field(default_factory=free_port)
    certificate: tuple[Path, Path] | None = None
    """Certificate and key for TLS."""
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = self._mosquitto() if self.kind == "mosquitto" else self._amqtt()
        with (self.folder / "broker.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.poll() is None, (self.folder / "broker.log").read_text()
            time.sleep(0.05)
        raise AssertionError("the broker does not listen")

    def stop(self) -> None:
        """Stop it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def _mosquitto(self) -> list[str]:
        lines = [f"listener {self.port} 127.0.0.1", "allow_anonymous true", "persistence true", "user root",
                 f"persistence_location {self.folder}/", "max_inflight_messages 200"]  # fmt: skip
        if self.certificate:
            lines += [f"certfile {self.certificate[0]}", f"keyfile {self.certificate[1]}"]
        path = self.folder / "mosquitto.conf"
        path.write_text("\n".join(lines) + "\n")
        assert MOSQUITTO is not None
        return [MOSQUITTO, "-c", str(path)]

    def _amqtt(self) -> list[str]:
        listener: dict[str, object] = {"type": "tcp", "bind": f"127.0.0.1:{self.port}", "max_connections": 50}
        if self.certificate:
            listener |= {"ssl": True, "certfile": str(self.certificate[0]), "keyfile": str(self.certificate[1])}
        plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
        path = self.folder / "amqtt.yaml"
        path.write_text(yaml.safe_dump({"listeners": {"default": listener}, "plugins": plugins}))
        program = "from amqtt.scripts.broker_script import main; main()"
        return [sys.executable, "-c", program, "-c", str(path)]
