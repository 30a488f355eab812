"""Disks of its own that are small, full, or read-only, and what the acts and the server say on them.

``python full_disk.py`` puts itself into a user and mount namespace of its own (no rights are needed, and nothing is
left behind), mounts small file systems in memory, and runs the trials one after another.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

INSIDE = "OPENJCM_TRIAL_INSIDE"
NAMESPACES = (("unshare", "--user", "--map-root-user", "--mount"), ("unshare", "--mount"))


def mount(folder: Path, megabytes: int) -> None:
    """An empty file system of that size in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder)], check=True)


def remount(folder: Path, how: str) -> None:
    """``ro`` or ``rw``."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """The disk is full to the last byte."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        size = 1 << 20
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size >>= 1
    try:
        yield
    finally:
        ballast.unlink()


def refusal_of(work: Any) -> str:
    """The code with which it is refused; its text names the folder, its remedy stands in both languages."""
    from openjcm.refusals import Refused

    try:
        work()
    except Refused as refused:
        assert refused.remedy("en") and refused.remedy("ja") and str(refused.facts["folder"]) in refused.message("ja")
        return refused.code
    return "done"


def trials(root: Path) -> None:
    """Every trial; says each that was passed."""
    from crash_writer import transfer, upload
    from openjcm.commands import act, run
    from openjcm.commands.together import ask, perform_together
    from openjcm.store.database import migrate
    from openjcm.store.server import Server
    from trial_office import Trial

    data = root / "data"
    mount(data, 190)
    mount(data / "files", 3)
    server = Server(data)
    migrate(server.start())
    trial = Trial(server.url, data)
    trial.market(5000)
    office = trial.office

    def move(number: int) -> Any:
        return run("transfer", transfer(number), office=office, key=f"k{number}", actor="trial")

    def store(number: int) -> Any:
        return run("upload_readings", upload(number), office=office, key=f"u{number}", actor="trial")

    # The store of files is full, then read-only: the act is refused whole, and done later under the same key.
    before = trial.fingerprint()
    with filled(data / "files"):
        assert refusal_of(lambda: store(1)) == "disk_full"
        assert move(1).entry_no, "what needs no file is done"
    assert trial.fingerprint()[0][5] == before[0][5] == 0
    assert not store(1).replayed and store(1).replayed
    remount(data / "files", "ro")
    assert refusal_of(lambda: store(2)) == "disk_read_only"
    remount(data / "files", "rw")
    assert not store(2).replayed and trial.clean()
    print("files: full, read-only")

    # The database's disk is full: acts are refused (together and alone), those on record are there, pages can be read.
    with filled(data):
        number, code = 10, "done"
        while code == "done":
            number += 1
            code = refusal_of(partial(move, number))
        assert code == "disk_full", code
        wishes = [ask(act("transfer"), transfer(n), f"k{n}", "trial") for n in range(number, number + 400)]
        answers = perform_together(wishes, office)
        assert {getattr(answer, "code", "done") for answer in answers} == {"disk_full"}
        assert trial.one("select count(*) from journal where actor = 'trial'") > 10
    done = number
    assert not move(done).replayed and trial.clean()
    print(f"database: full after {done - 11} more acts, then going on")

    # Its log has no room for a further piece: the server stops, and comes back when there is space.
    with filled(data):
        code = "done"
        with server.as_superuser() as connection:
            for _ in range(40):
                try:
                    connection.execute("select pg_switch_wal()")
                    number += 1
                    code = refusal_of(partial(move, number))
                except Exception:  # the server ends
                    code = refusal_of(partial(move, number))
                if code != "done":
                    break
        assert code == "disk_full", code
    server.revive()
    server.start()
    office.drop_connections()
    move(number)
    assert trial.one("select count(*) from journal where idempotency_key = %s", f"k{number}") == 1
    assert trial.clean()
    print("write-ahead log: full, then going on")

    # Read-only from the start, as after a fault of the disk.
    trial.close()
    server.stop()
    server.leave()
    remount(data, "ro")
    assert refusal_of(Server(data).start) == "disk_read_only"
    remount(data, "rw")
    server = Server(data)
    server.start()
    assert move(number).replayed and trial.clean()
    trial.close()
    server.stop()
    print("data folder: read-only, then going on")


def main() -> int:
    """Run the trials inside the namespaces; its exit code."""
    if inside := os.environ.get(INSIDE):
        trials(Path(inside))
        return 0
    for words in NAMESPACES:
        if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
            with tempfile.TemporaryDirectory() as folder:
                command = [*words, sys.executable, __file__]
                return subprocess.run(command, env={**os.environ, INSIDE: folder}, check=False).returncode
    print("this system allows neither user namespaces nor, to root, mounts: the trials need one of them")
    return 1


if __name__ == "__main__":
    sys.exit(main())
