"""Free ports for servers of tests: those of one worker are never those of another that runs beside it."""

from __future__ import annotations

import os
import random
import socket

FIRST, EACH = 20_000, 3_000
"""Below the ports that the system gives to clients by itself; so many for each worker of the suite."""


def free_port() -> int:
    """A port that nobody uses at the moment, out of those of this worker."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
    while True:
        port = FIRST + EACH * worker + random.randrange(EACH)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
