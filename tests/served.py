"""The application as people run it, ``openjcm serve`` in a process of its own, and callers of its acts over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openjcm.api import PREFIX, operator_token
from ports import free_port
from trial_office import KEY


class Served:
    """``openjcm serve`` over a data folder whose log has the key and the name of the trials."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder, self.port = folder, free_port()
        (folder / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "keys" / "log.key").write_text(KEY.private_bytes_raw().hex() + "\n")
        self.token = operator_token(folder)
        self.environment = {
            **os.environ, "OPENJCM_DATA": str(folder), "OPENJCM_DATABASE_URL": database_url,
            "OPENJCM_LOG_ORIGIN": "trial.example/log", "OPENJCM_LANGUAGE": "en",
        }  # fmt: skip
        self.log = folder / "served.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        words = [sys.executable, "-m", "openjcm", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(words, env=self.environment, stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
        raise AssertionError(f"the pages did not come:\n{self.log.read_text(errors='replace')[-2000:]}")

    def kill(self) -> None:
        """Kill -9 of the program and of the process that serves."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it in order."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def caller(self) -> Caller:
        """Somebody with a connection of his own and the operator's token."""
        return Caller(self.port, self.token)


@dataclass
class Caller:
    """Calls acts; what breaks on the way is an ``OSError``."""

    port: int
    token: str
    connection: http.client.HTTPConnection | None = None

    def post(self, act: str | None, body: Any, key: str | None = None) -> tuple[int, dict[str, Any]]:
        """The status and the answer of one act, or of many (``None``).

        Raises:
            OSError: if no whole answer came; the act may be done or not.
        """
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            self.connection.request("POST", f"{PREFIX}/{act}" if act else PREFIX, json.dumps(body), headers)
            answer = self.connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise OSError(f"no answer: {error!r}") from error

    def close(self) -> None:
        """Hang up."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None
