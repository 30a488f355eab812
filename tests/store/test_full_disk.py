"""A full disk and a read-only one, real ones: a clear refusal, nothing lost, and on again once there is space."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from openjcm.cli_parts.serve import keep_alive
from openjcm.store.disk import refused_by_disk, trouble
from openjcm.store.server import Server

TRIALS = Path(__file__).parent.parent / "full_disk.py"


def test_full_and_read_only_disks() -> None:
    done = subprocess.run([sys.executable, str(TRIALS)], capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        "files", "database", "write-ahead log", "data folder",
    ]  # fmt: skip


def test_what_the_disk_says(tmp_path: Path) -> None:
    for number, code in ((errno.ENOSPC, "disk_full"), (errno.EDQUOT, "disk_full"), (errno.EROFS, "disk_read_only")):
        refused = refused_by_disk(OSError(number, "trial"), tmp_path)
        assert refused is not None and refused.code == code
    assert refused_by_disk(OSError(errno.EACCES, "trial"), tmp_path) is None
    assert trouble(None) is None and trouble(tmp_path / "missing") is None and trouble(tmp_path) is None


def test_a_database_that_died_is_started_again_and_a_stopped_one_is_not(
    own_server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    watching = threading.Thread(target=keep_alive, args=(own_server,), daemon=True)
    watching.start()
    own_server.kill()
    end = time.monotonic() + 60
    while own_server.pid is None and time.monotonic() < end:
        time.sleep(0.1)
    assert own_server.pid is not None
    while "started again" not in capsys.readouterr().out:
        time.sleep(0.1)
    Server(own_server.data_dir).stop()
    assert own_server.revive() is False and own_server.pid is None
    own_server.leave()
    watching.join(10)
    assert not watching.is_alive()
