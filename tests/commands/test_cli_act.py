"""``openjcm act``: an option for each field, JSON from a file or standard input, a receipt for people or programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from openjcm.cli_parts import act as part
from openjcm.commands import ACTS
from openjcm.commands.office import write_secret
from openjcm.refusals import Refused
from trial_office import KEY, Trial


@pytest.fixture
def trial(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    """A market, and the command line in front of it."""
    trial = Trial(database_url, tmp_path)
    trial.market()
    monkeypatch.setenv("OPENJCM_DATABASE_URL", database_url)
    monkeypatch.setenv("OPENJCM_DATA", str(tmp_path))
    monkeypatch.setenv("OPENJCM_LOG_ORIGIN", trial.office.signer.origin)
    write_secret(tmp_path / "keys" / "log.key", KEY.private_bytes_raw().hex())
    return trial


def test_options_and_receipts(trial: Trial, tmp_path: Path) -> None:
    """Options may be repeated; the same call is a replay; JSON says the same."""
    words = [
        "transfer", "--blocks", "JCM-JP-MN901-2022-1-4", "--blocks", "JCM-JP-MN901-2022-9", "--target-account",
        "JPN/company", "--occurred-on", "2025-02-01",
    ]  # fmt: skip
    first = CliRunner().invoke(part.app, words)
    assert first.exit_code == 0 and "quantity: 5" in first.output, first.output
    assert "before" in CliRunner().invoke(part.app, words).output
    file = tmp_path / "request.json"
    file.write_text(json.dumps({"blocks": ["JCM-JP-MN901-2022-10"], "target_account": "JPN/company"}))
    second = CliRunner().invoke(
        part.app, ["transfer", "--json", str(file), "--occurred-on", "2025-02-01", "--key", "k", "--json-output"]
    )
    assert json.loads(second.output)["key"] == "k" and json.loads(second.output)["outcome"]["quantity"] == 1
    body = json.dumps({"decision_id": "D1", "side": "MNG", "occurred_on": "2025-02-02"})
    third = CliRunner().invoke(part.app, ["issue", "--json", "-", "--json-output"], input=body)
    assert json.loads(third.output)["outcome"]["quantity"] == 10
    assert trial.clean()
    trial.close()


def test_structured_fields_are_json(trial: Trial) -> None:
    """Parts of a request are given as JSON."""
    fields = '[{"field": "a", "value": {"b": [1, null]}, "source": "s", "grade": "read"}]'
    words = ["record-statement", "--subject-kind", "project", "--subject", "MN901", "--occurred-on", "2025-02-01"]
    done = CliRunner().invoke(part.app, [*words, "--fields", fields])
    assert done.exit_code == 0 and trial.one("select value from statement") == {"b": [1, None]}
    for wrong in ("[", "[1]", '[{"field": "a", "value": 1.5, "source": "s", "grade": "read"}]'):
        refused = CliRunner().invoke(part.app, [*words, "--fields", wrong])
        assert isinstance(refused.exception, Refused) and refused.exception.code == "request_not_understood"
    trial.close()


def test_files_are_uploaded_from_disk(trial: Trial, tmp_path: Path) -> None:
    """``--content`` names the file; its name is taken from it."""
    file = tmp_path / "meter.csv"
    file.write_text("time,kWh\n2022-01-01 00:00,0\n2022-01-01 01:00,5\n")
    mapping = {
        "format": "csv", "layout": "long", "encoding": "utf-8", "delimiter": ",", "decimal_mark": ".",
        "time_column": "time", "time_format": "%Y-%m-%d %H:%M", "value_columns": [["kWh", "M1"]],
        "kind": "cumulative", "unit": "kWh", "least_unit": "kWh", "time_zone": "Asia/Ulaanbaatar",
    }  # fmt: skip
    words = ["upload-readings", "--content", str(file), "--media-type", "text/csv", "--mapping", json.dumps(mapping)]
    done = CliRunner().invoke(part.app, [*words, "--occurred-on", "2025-02-01"])
    assert done.exit_code == 0, done.output
    assert trial.one("select name from stored_file where media_type = 'text/csv'") == "meter.csv"
    trial.close()


@pytest.mark.parametrize("name", ACTS)
def test_every_act_has_help(name: str) -> None:
    """Each field is an option, by both spellings of the act."""
    for word in {name, name.replace("_", "-")}:
        shown = CliRunner().invoke(part.app, [word, "--help"], env={"COLUMNS": "200"})
        assert shown.exit_code == 0
        for field in ACTS[name].request.model_fields:
            if field != "content_base64":
                assert f"--{field.replace('_', '-')}" in shown.output


def test_wrong_words_are_refused(trial: Trial, tmp_path: Path) -> None:
    """A missing field, a JSON file that is no object, and one that is no JSON are refused with the place."""
    for words, place in (
        (["issue", "--side", "JPN"], "decision_id"),
        (["issue", "--json", str(_list(tmp_path))], "object expected"),
        (["issue", "--json", str(_list(tmp_path, "{"))], "body: "),
    ):
        refused = CliRunner().invoke(part.app, words)
        assert isinstance(refused.exception, Refused) and refused.exception.code == "request_not_understood"
        assert place in refused.exception.facts["places"]
    trial.close()


def _list(folder: Path, text: str = "[]") -> Path:
    path = folder / f"{len(text)}.json"
    path.write_text(text)
    return path
