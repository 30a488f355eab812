"""A stand-by under load: the first one is killed, the stand-by takes over, and no acknowledged act is lost."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crash_party import do
from crash_soak import Direct, Said
from crash_writer import transfer
from openjcm.cli_parts.standby import app
from openjcm.commands import Receipt, run
from openjcm.refusals import Refused
from openjcm.store import standby
from openjcm.store.database import migrate
from openjcm.store.server import Server
from trial_office import KEY, Trial


@pytest.fixture
def first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The server of a data folder with a market."""
    monkeypatch.delenv("OPENJCM_DATABASE_URL", raising=False)
    monkeypatch.setenv("OPENJCM_LOG_ORIGIN", "trial.example/log")
    monkeypatch.setenv("OPENJCM_LANGUAGE", "en")
    monkeypatch.setenv("OPENJCM_DATA", str(tmp_path / "first"))
    (tmp_path / "first" / "keys").mkdir(parents=True)
    (tmp_path / "first" / "keys" / "log.key").write_text(KEY.private_bytes_raw().hex() + "\n")
    server = Server(tmp_path / "first")
    migrate(server.start())
    trial = Trial(server.url, server.data_dir)
    trial.market(2_100_000)
    trial.close()
    yield server
    for folder in ("first", "second", "third"):
        if (tmp_path / folder / "postgres").exists():
            Server(tmp_path / folder).kill()


def call(*words: str) -> str:
    """What the command says, which succeeds."""
    done = CliRunner().invoke(app, [*words])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def code_of(*words: str) -> str:
    """The code with which the command is refused."""
    refused = CliRunner().invoke(app, [*words]).exception
    assert isinstance(refused, Refused) and refused.message("ja") and refused.remedy("ja")
    return refused.code


def test_the_first_is_killed_under_load_and_nothing_acknowledged_is_lost(first: Server, tmp_path: Path) -> None:
    second = tmp_path / "second"
    before = Direct(first.url, first.data_dir, 0)
    before.start()
    before.wait()
    assert "in step" in call("create", str(second))  # under load
    assert "in step" in call("status")
    after = Direct(first.url, first.data_dir, 1)
    after.start()
    after.wait()
    assert code_of("promote", str(second)) == "first_still_runs"
    time.sleep(1)
    first.kill()
    shutil.rmtree(first.data_dir / "files")  # and its disk is lost
    before.kill()
    after.kill()
    said = call("promote", str(second))
    assert "took over" in said
    trial = Trial(Server(second).start(), second)
    promised: dict[str, Said] = before.promised | after.promised
    rows = trial.all(
        "select j.idempotency_key, j.entry_no, l.leaf_index, encode(sha256('\\x00'::bytea || l.body), 'hex')"
        " from journal j join log_leaf l on l.entry_no = j.entry_no and l.kind = 'entry'"
    )
    found = {key: (entry, index, leaf) for key, entry, index, leaf in rows}
    lost = [key for key, said_of in promised.items() if found.get(key) != said_of]
    assert lost == [] and len(promised) > 20
    # What was not heard is done again under its key, once.
    for party in (before, after):
        do(trial.office, party.first, party.step)
    assert trial.one("select count(*) from stored_file") >= 2
    assert trial.clean()
    trial.close()
    # The first one, should its machine come back, knows that it is over.
    with pytest.raises(Refused) as caught:
        Server(first.data_dir).start()
    assert caught.value.code == "data_folder_superseded"
    assert code_of("promote", str(second)) == "no_standby"
    Server(second).stop()


def test_without_its_stand_by_an_act_waits_and_removal_lets_it_go_on(first: Server, tmp_path: Path) -> None:
    second = tmp_path / "second"
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    assert code_of("create", str(tmp_path / "full")) == "standby_folder_unusable"
    assert code_of("create", str(first.data_dir / "inside")) == "standby_folder_unusable"
    assert code_of("create", str(tmp_path / "it's")) == "standby_folder_unusable"
    assert code_of("status") == code_of("remove") == code_of("promote", str(second)) == "no_standby"
    call("create", str(second))
    assert code_of("create", str(tmp_path / "third")) == "has_standby"

    trial = Trial(first.url, first.data_dir)
    Server(second).kill()
    answers: list[Receipt] = []

    def ask() -> None:
        answers.append(run("transfer", transfer(1), office=trial.office, actor="trial"))

    waiting = threading.Thread(target=ask)
    waiting.start()
    waiting.join(1.5)
    assert waiting.is_alive(), "acknowledged without the stand-by"
    assert CliRunner().invoke(app, ["status"]).exit_code == 1
    assert "no longer" in call("remove")
    waiting.join(30)
    assert [answer.replayed for answer in answers] == [False]
    assert trial.clean()
    trial.close()


def test_both_come_back_together_after_a_stop(first: Server, tmp_path: Path) -> None:
    second = tmp_path / "second"
    call("create", str(second))
    first.stop()
    assert Server(second).pid is None
    first.leave()
    again = Server(first.data_dir)
    again.start()
    assert Server(second).pid is not None
    trial = Trial(again.url, first.data_dir)
    run("transfer", transfer(1), office=trial.office, actor="trial")
    assert standby.state(again).in_step
    trial.close()
    again.stop()
