"""The real server over the loaded record, and a real Chromium."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from loaded_record import LoadedRecord, loaded_record
from openjcm.store.server import Server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def record(servers: Callable[[str], Server], tmp_path_factory: pytest.TempPathFactory) -> LoadedRecord:
    """The public record and the demonstration."""
    return loaded_record(servers("embedded"), tmp_path_factory)


@pytest.fixture(scope="session")
def site(record: LoadedRecord) -> Iterator[str]:
    """The address of the pages, served by the server that serves them in use."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "OPENJCM_DATABASE_URL": record.url, "OPENJCM_DATA": str(record.folder)}
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "openjcm.web.app:create_app"]
    server = subprocess.Popen([*command, "--host", "127.0.0.1", "--port", str(port)], env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{address}/healthz", server)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended by itself"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server did not answer within a minute")


@pytest.fixture(scope="session")
def browser(chromium_path: Path) -> Iterator[Browser]:
    """One Chromium for all tests; each opens a context of its own."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(chromium_path), args=FLAGS)
        yield opened
        opened.close()
