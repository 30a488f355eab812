"""``openjcm proposal``: made and checked without any database, recorded and executed with one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from openjcm.cli_parts import proposal as module
from openjcm.cli_parts.proposal import app
from openjcm.refusals import Refused
from openjcm.views import accounts as views
from signing import DAY, FIVE, representatives
from trial_office import Trial

PERSONS = (("acme.sato", "propose"), ("acme.kato", "approve"))


def run(*words: object) -> str:
    """What a command prints; a refusal comes up."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def signed(tmp_path: Path) -> dict[str, str]:
    """A proposal and its approval as files; gives the names and public keys."""
    (tmp_path / "request.json").write_text(json.dumps(FIVE))
    keys = {name: run("key", tmp_path / f"{name}.key").strip() for name, _ in PERSONS}
    words = ("--account", "JPN/government", "--act", "transfer", "--request", tmp_path / "request.json")
    sato = ("--representative", "acme.sato", "--key", tmp_path / "acme.sato.key")
    name = run("sign", *words, *sato, "--out", tmp_path / "p.json").strip()
    kato = ("--representative", "acme.kato", "--key", tmp_path / "acme.kato.key")
    run("answer", "approve", tmp_path / "p.json", *kato, "--out", tmp_path / "a.json")
    return {**keys, "name": name}


def test_offline(tmp_path: Path, signed: dict[str, str]) -> None:
    """Both files are checked against the registered keys; a changed file or another's key is refused."""
    told = run("check", tmp_path / "p.json", "--answer", tmp_path / "a.json", "--public-key", signed["acme.sato"],
               "--public-key", signed["acme.kato"])  # fmt: skip
    assert signed["name"] in told
    assert "JCM-JP-MN901-2022-1-5" in told
    assert (tmp_path / "acme.sato.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        run("key", tmp_path / "acme.sato.key")
    with pytest.raises(Refused, match="signature_does_not_fit"):
        run("check", tmp_path / "p.json", "--public-key", signed["acme.kato"])
    changed = (tmp_path / "p.json").read_bytes().replace(b"JPN/trader", b"JPN/thief0")
    (tmp_path / "changed.json").write_bytes(changed)
    with pytest.raises(Refused, match="signature_does_not_fit"):
        run("check", tmp_path / "changed.json")
    with pytest.raises(Refused, match="answer_to_another"):
        run("check", tmp_path / "a.json", "--answer", tmp_path / "a.json")
    with pytest.raises(Refused, match="no_signing_key"):
        run("answer", "approve", tmp_path / "p.json", "--representative", "x", "--key", tmp_path / "none", "--out",
            tmp_path / "x.json")  # fmt: skip
    with pytest.raises(Refused, match="proposal_file_not_understood"):
        run("check", tmp_path / "request.json")


@pytest.fixture
def trial(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    """The office of the command line."""
    trial = Trial(database_url, tmp_path / "office")
    trial.market()
    monkeypatch.setattr(module, "ready_office", lambda: trial.office)
    yield trial
    trial.close()


def test_recorded_and_executed(trial: Trial, tmp_path: Path, signed: dict[str, str]) -> None:
    """The files are recorded as they are, kept, exported with the same bytes; views tell how the account stands."""
    representatives(trial, delay_hours=0)
    for name, right in PERSONS:
        trial.do(
            "register_representative", DAY, account_id="JPN/government", representative=name, person_name=name,
            rights=[right], public_key=signed[name], document_sha256="0" * 64, reason="new key",
        )  # fmt: skip
    assert signed["name"] in run("record", tmp_path / "p.json")
    with trial.office.transaction() as connection:
        state = views.account_state(connection, "JPN/government")
        waits = views.waiting_proposals(connection, "JPN")
        frozen = views.holds_in_force(connection, "JPN")
        nobody = views.account_state(connection, "JPN/nobody")
    assert state
    assert state.controls
    assert state.controls.four_eyes
    assert [(hold.ground, hold.first, hold.last) for hold in state.holds] == [("proposal", 1, 5)]
    assert [person.representative for person in state.representatives] == ["acme.kato", "acme.mori", "acme.sato"]
    assert [item.state for item in state.proposals] == ["open"] == [item.state for item in waits]
    assert (frozen, nobody) == ([], None)
    run("record", tmp_path / "a.json")
    assert trial.held("JPN/trader") == 5
    run("export", signed["name"], "--out", tmp_path / "kept")
    for kept, made in (("proposal.json", "p.json"), ("answer-approved.json", "a.json")):
        assert (tmp_path / "kept" / kept).read_bytes() == (tmp_path / made).read_bytes()
    with pytest.raises(Refused, match="unknown_proposal"):
        run("export", "0" * 64, "--out", tmp_path / "kept")
    assert run("execute-due") == ""
    assert trial.clean()
