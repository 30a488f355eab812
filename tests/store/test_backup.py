"""Backups and the way back: whole, to an entry, to an instant; and everything that is refused on the way."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from crash_writer import upload
from openjcm.cli_parts.backup import app
from openjcm.commands import is_clean, run
from openjcm.commands.office import Office, now_utc, open_office
from openjcm.commands.safekeeping import back_up, bring_back, rehearse
from openjcm.commands.together import ask, perform_together
from openjcm.commands.transfer import ACT as TRANSFER
from openjcm.refusals import Refused
from openjcm.store.backup import BackupFolder
from openjcm.store.database import migrate
from openjcm.store.server import Server
from trial_office import KEY, Trial


class Books:
    """An installation with a market, in a data folder of its own, and its backups beside it."""

    def __init__(self, root: Path) -> None:
        self.data, self.target = root / "data", root / "backups"
        self.key = root / "log.key"
        self.key.write_text(KEY.private_bytes_raw().hex() + "\n")
        (self.data / "keys").mkdir(parents=True)
        shutil.copy(self.key, self.data / "keys" / "log.key")
        self.server = Server(self.data)
        migrate(self.server.start())
        self.trial = Trial(self.server.url, self.data)
        self.trial.market(1000)
        self.serial = 0

    def move(self) -> int:
        """One more transfer; gives its entry."""
        self.serial += 1
        request = self.request(self.serial)
        return run("transfer", request, office=self.trial.office, actor="trial").entry_no

    @staticmethod
    def request(serial: int) -> dict[str, Any]:
        return {"blocks": [f"JCM-JP-MN901-2022-{serial}"], "target_account": "JPN/company", "occurred_on": "2025-02-01"}

    def head(self) -> tuple[Any, ...]:
        return head(self.server.url)


def head(url: str) -> tuple[Any, ...]:
    """Where the books stand: entry, size, and the root of the tree."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select h.entry_no, h.tree_size, c.root_hash from log_head h join checkpoint c using (tree_size)"
        ).fetchone()
    assert row is not None
    return row


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """Books in which a whole backup, many acts, a backup of changes, and more acts follow one another."""
    patched = pytest.MonkeyPatch()
    patched.delenv("OPENJCM_DATABASE_URL", raising=False)
    patched.setenv("OPENJCM_LOG_ORIGIN", "trial.example/log")
    patched.setenv("OPENJCM_LANGUAGE", "en")
    made = Books(tmp_path_factory.mktemp("books"))
    yield made
    made.trial.close()
    made.server.stop()
    patched.undo()


def restored(books: Books, folder: Path, **wanted: Any) -> Office:
    """The office of a restored data folder, whose books are in order."""
    office, findings, _ = bring_back(books.target, folder, key=books.key, **wanted)
    assert is_clean(findings), [item.message("en") for item in findings]
    return office


def done_with(office: Office) -> None:
    assert office.data_dir is not None
    office.close()
    Server(office.data_dir).stop()


def test_whole_then_to_each_entry_and_instant(books: Books, tmp_path: Path) -> None:
    """One whole backup, and from it every later state: all there is, an entry, an instant, an entry of a batch."""
    first = back_up(books.data, books.target, passphrase=b"correct horse")
    heads = {}
    for number in range(6):
        if number == 3:
            run("upload_readings", upload(1), office=books.trial.office, actor="trial")
        books.move()
        heads[books.head()[0]] = books.head()
        if number == 2:
            instant = now_utc() + timedelta(milliseconds=1)
            at_instant = books.head()
    batch = [ask(TRANSFER, books.request(500 + number), None, "trial") for number in range(3)]
    perform_together(batch, books.trial.office)
    heads[books.head()[0]] = books.head()
    last = back_up(books.data, books.target, whole=False)
    assert (last.whole, last.entry_no, last.files) == (first.number, books.head()[0], 2)

    # A rehearsal says that everything is there and in order, and leaves nothing behind.
    found = rehearse(books.target)
    assert is_clean(found.findings) and found.same_head and found.entries == last.entry_no

    office = restored(books, tmp_path / "all")
    assert head(office.database_url) == books.head()
    # The restored books go on: the same act is there under its key, a further one is recorded.
    again = run("transfer", books.request(1), office=office, actor="trial")
    assert again.replayed
    assert run("transfer", books.request(900), office=office, actor="trial").entry_no == last.entry_no + 1
    done_with(office)

    wanted = sorted(heads)[2]
    office, findings, entries = bring_back(
        books.target, tmp_path / "entry", entry_no=wanted, passphrase=b"correct horse"
    )
    assert is_clean(findings) and entries == wanted and head(office.database_url) == heads[wanted]
    done_with(office)

    office = restored(books, tmp_path / "batch", entry_no=last.entry_no - 1)  # the second of three of one transaction
    assert head(office.database_url) == heads[last.entry_no]
    done_with(office)

    office = restored(books, tmp_path / "instant", until=instant)
    assert head(office.database_url) == at_instant
    done_with(office)

    for wanted_state, code in (
        ({"entry_no": first.entry_no - 1}, "before_all_backups"),
        ({"entry_no": last.entry_no + 1}, "not_in_backup"),
        ({"until": datetime.now(UTC) + timedelta(days=1)}, "not_in_backup"),
        ({"until": first.at - timedelta(days=1)}, "before_all_backups"),
    ):
        with pytest.raises(Refused) as caught:
            bring_back(books.target, tmp_path / "none", key=books.key, **wanted_state)
        assert caught.value.code == code
        assert not (tmp_path / "none" / "postgres").exists()


def code_of(work: Any) -> str:
    """The code with which something is refused; its text stands in both languages."""
    with pytest.raises(Refused) as caught:
        work()
    assert caught.value.message("ja") and caught.value.remedy("en") and caught.value.remedy("ja")
    return caught.value.code


def test_bad_targets_and_sources_are_refused(books: Books, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "letters.txt").write_text("not ours")
    assert code_of(lambda: back_up(books.data, full)) == "backup_target_not_ours"
    assert code_of(lambda: back_up(books.data, books.data / "backups")) == "backup_target_inside"
    assert code_of(lambda: back_up(books.data, tmp_path / "it's")) == "backup_target_unusable"
    assert code_of(lambda: back_up(books.data, full / "letters.txt" / "x")) == "backup_target_unusable"
    assert code_of(lambda: back_up(books.data, tmp_path / "new", whole=False)) == "no_whole_backup"
    folder = BackupFolder(tmp_path / "new")
    with folder.locked():
        assert code_of(lambda: back_up(books.data, folder.root)) == "backup_running"
    assert code_of(lambda: bring_back(full, tmp_path / "d", key=books.key)) == "not_a_backup"
    assert code_of(lambda: bring_back(folder.root, tmp_path / "d", key=books.key)) == "not_a_backup"


def test_interrupted_backups_and_restores(books: Books, tmp_path: Path) -> None:
    """Killed in the middle, a backup is none, a restore is no books; the next run of either goes through."""
    target = tmp_path / "backups"
    program = "import sys; from pathlib import Path; from openjcm.commands.safekeeping import back_up; "
    words = [sys.executable, "-c", program + "back_up(*map(Path, sys.argv[1:]))", str(books.data), str(target)]
    process = subprocess.Popen(words)
    while not list((target / "whole").glob(".incoming-*")):
        assert process.poll() is None, "the backup ended before it was killed"
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert code_of(lambda: bring_back(target, tmp_path / "data", key=books.key)) == "not_a_backup"
    # A whole copy whose mark was never written counts no more than half a one.
    mark = back_up(books.data, target)
    (target / "marks" / "0001.json").unlink()
    assert code_of(lambda: bring_back(target, tmp_path / "data", key=books.key)) == "not_a_backup"
    assert back_up(books.data, target).number == mark.number == 1

    # What an interrupted restore has left: a workplace, files and key in place, no database.
    data = tmp_path / "data"
    for name in ("restoring/postgres", "files/aa", "keys"):
        (data / name).mkdir(parents=True)
    office, findings, _ = bring_back(target, data, key=books.key)
    assert is_clean(findings) and not (data / "restoring").exists() and not (data / "files" / "aa").exists()
    done_with(office)
    # Nothing is restored over books, and without the log's own key there are none.
    assert code_of(lambda: bring_back(target, data, key=books.key)) == "data_folder_in_use"
    other = tmp_path / "other.key"
    other.write_text("00" * 32)
    for given in ({}, {"key": other}, {"key": tmp_path / "missing"}, {"passphrase": b"there is no key inside"}):
        assert code_of(lambda given=given: bring_back(target, tmp_path / "d", **given)) == "log_key_needed"
    # A restored history is another one: its backups go elsewhere.
    assert code_of(lambda: back_up(data, target)) == "backup_of_another_history"
    Server(data).stop()


def test_a_damaged_backup_is_found_before_it_is_needed(books: Books, tmp_path: Path) -> None:
    """A flipped bit in the copy of the database, a missing file, a missing piece of the log."""
    target = tmp_path / "backups"
    run("upload_readings", upload(77), office=books.trial.office, actor="trial")
    mark = back_up(books.data, target)
    folder = BackupFolder(target)
    files = sorted(folder.files.names())
    folder.files.path(files[0]).unlink()
    found = rehearse(target)
    assert [item.rule for item in found.findings] == ["file_missing"] and found.same_head
    damaged = folder.base(mark.whole) / "global" / "pg_control"
    whole = damaged.read_bytes()
    damaged.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    assert code_of(lambda: rehearse(target)) == "restore_failed"
    damaged.write_bytes(whole)
    # The next backup brings the missing file again.
    books.move()
    back_up(books.data, target, whole=False)
    assert rehearse(target).findings == []
    # Without one piece of the log the way ends early: that is said, not passed over.
    sorted(folder.wal.glob("0*"))[-1].rename(tmp_path / "piece")
    assert code_of(lambda: rehearse(target)) == "restore_failed"
    books.move()
    assert code_of(lambda: back_up(books.data, target, whole=False)) == "backup_failed"


def test_the_commands(books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    books.move()
    monkeypatch.setenv("OPENJCM_DATA", str(books.data))
    made = CliRunner().invoke(app, ["backup", str(tmp_path / "b"), "--rehearse"])
    assert made.exit_code == 0, made.output
    assert "backup 1 is complete" in made.output and "in order" in made.output and "trial.example/log" in made.output
    monkeypatch.setenv("OPENJCM_DATA", str(tmp_path / "new"))
    wanted = books.head()[0]
    words = ["restore", str(tmp_path / "b"), "--entry", str(wanted), "--key", str(books.key)]
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 0 and f"{wanted} entries" in again.output, again.output
    done_with(open_office(tmp_path / "new"))
    for wrong in (["--until", "noon"], ["--until", "2026-01-01"], ["--entry", "1", "--until", "2026-01-01T00:00Z"]):
        refused = CliRunner().invoke(app, ["restore", str(tmp_path / "b"), *wrong])
        assert isinstance(refused.exception, Refused) and refused.exception.code == "request_not_understood"
    monkeypatch.setenv("OPENJCM_DATABASE_URL", "postgresql:///elsewhere")
    refused = CliRunner().invoke(app, ["backup", str(tmp_path / "b")])
    assert isinstance(refused.exception, Refused) and refused.exception.code == "embedded_database_only"
