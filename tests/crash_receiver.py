"""Receives batches and is killed between commit and acknowledgement. Started in a process of its own.

    python crash_receiver.py lines URL FOLDER BATCHES DEATH   each group of lines is kept, then its names are printed
    python crash_receiver.py mqtt URL FOLDER PORT DEATH       a subscriber of the broker on that port

DEATH: after how many commits the program kills itself before it tells anybody (0: never).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from openjcm.cli_parts.mqtt import Listener
from openjcm.commands.receiving import Outcome, receive
from openjcm.gateway.config import MqttConfig
from trial_office import Trial

GROUP = 7


class Mortal:
    """Keeps batches as the office does, and dies after some commits before anybody hears of it."""

    def __init__(self, death: int) -> None:
        self.left = death

    def __call__(self, office: Any, lines: Sequence[Any]) -> list[Outcome]:
        outcomes = receive(office, lines)
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return outcomes


def main(way: str, url: str, folder: str, where: str, death: str) -> None:
    """Receive until done or dead."""
    from openjcm.commands.office import now_utc

    office = Trial(url, Path(folder)).office
    office.clock = now_utc
    keep = Mortal(int(death))
    if way == "mqtt":
        config = MqttConfig("127.0.0.1", int(where), "", "")
        Listener(office, config, "openjcm", keep=keep).run(lambda: False)
    lines = Path(where).read_text().split()
    for start in range(0, len(lines), GROUP):
        for one in keep(office, lines[start : start + GROUP]):
            os.write(1, f"{one.sha256} {one.status}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
