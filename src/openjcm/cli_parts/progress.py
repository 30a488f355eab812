"""How far long work has come: its rate and the time that is left, in the terminal and in a small file for the pages.

The file ``jobs/<name>.json`` in the data folder says what is done, how much of how much, since when, how fast, and how
it ended. It is written anew at most once a second, whole, so a reader never sees half of it. Work that was killed
leaves a file that says ``running`` and is no longer touched; the page says so from its age.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts.speaking import tell
from openjcm.refusals import Refused

EVERY_SECONDS = 1
LINE_EVERY_SECONDS = 10
"""Where the output is no terminal, a line is printed so often."""


PHASES = {
    "read": ("read files (bytes)", "ファイルの読み取り (バイト)"),
    "order": ("put readings in order", "計測値の並べ替え"),
    "judge": ("judge readings", "計測値の判定"),
}


def phase_text(what: str) -> str:
    """What is being done, in the language that is spoken."""
    return tell(*PHASES[what]) if what in PHASES else what


def data_folder() -> Path:
    """``OPENJCM_DATA``, else ``.data``."""
    return Path(os.environ.get("OPENJCM_DATA") or ".data")


@dataclass
class Job:
    """Work under way. ``step`` tells of progress; everything else follows from it."""

    name: str
    title: str
    place: Path | None
    bar: Progress | None = None
    what: str = ""
    done: int = 0
    whole: int = 0
    began: float = field(default_factory=time.monotonic)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    phase_began: float = field(default_factory=time.monotonic)
    phase_from: int = 0
    written: float = 0
    printed: float = field(default_factory=time.monotonic)
    task: TaskID | None = None

    def step(self, what: str, done: int, whole: int) -> None:
        """So much of so much is done (``whole`` 0: nobody knows of how much)."""
        now = time.monotonic()
        if what != self.what:
            self.what, self.phase_began, self.phase_from, self.task = what, now, done, None
        self.done, self.whole = done, whole
        self._show(now)
        if now - self.written >= EVERY_SECONDS:
            self.written = now
            self.write("running")

    @property
    def rate(self) -> int:
        """Units a second in this phase (what an earlier run had done does not count); 0 where nothing is known yet."""
        elapsed = time.monotonic() - self.phase_began
        return int((self.done - self.phase_from) / elapsed) if elapsed > 0 else 0

    @property
    def seconds_left(self) -> int | None:
        """Seconds until this phase is done at the present rate; ``None`` where nobody can tell."""
        return -(-(self.whole - self.done) // self.rate) if self.whole and self.rate else None

    def write(self, state: str, reason: str = "") -> None:
        """Write the file for the pages."""
        if self.place is None:
            return
        data = {
            "name": self.name, "title": self.title, "what": self.what, "state": state, "reason": reason,
            "done": self.done, "whole": self.whole, "rate": self.rate,
            "seconds_left": self.seconds_left if state == "running" else None, "started": self.started,
            "changed": datetime.now(UTC), "seconds": int(time.monotonic() - self.began),
        }  # fmt: skip
        self.place.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.place.with_suffix(".unfinished")
        unfinished.write_bytes(canonical_bytes(data))
        unfinished.replace(self.place)

    def _show(self, now: float) -> None:
        if self.bar is not None:
            if self.task is None:
                self.task = self.bar.add_task(phase_text(self.what), total=self.whole or None)
            self.bar.update(self.task, completed=self.done, total=self.whole or None, rate=f"{self.rate:,}")
        elif now - self.printed >= LINE_EVERY_SECONDS:
            self.printed = now
            share = f"{100 * self.done // self.whole} %" if self.whole else ""
            left = f"{self.seconds_left} s" if self.seconds_left is not None else "–"
            print(f"{phase_text(self.what)}: {self.done:,} {share} {self.rate:,}/s, {left}", file=sys.stderr)


@contextmanager
def job(name: str, title: str, *, keep: bool = True) -> Iterator[Job]:
    """Work with progress. However it ends, the file says so: done, stopped (Ctrl-C), refused, or failed."""
    console = Console(stderr=True)
    bar = None
    if console.is_terminal:
        columns = [
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f}"),
            TextColumn("{task.fields[rate]}/s"), TimeElapsedColumn(), TimeRemainingColumn(),
        ]  # fmt: skip
        bar = Progress(*columns, console=console)
    made = Job(name, title, data_folder() / "jobs" / f"{name}.json" if keep else None, bar)
    if bar is not None:
        bar.start()
    try:
        yield made
    except KeyboardInterrupt:
        made.write("stopped")
        raise
    except Refused as refused:
        made.write("refused", refused.code)
        raise
    except BaseException as error:
        made.write("failed", type(error).__name__)
        raise
    else:
        made.write("done")
    finally:
        if bar is not None:
            bar.stop()
