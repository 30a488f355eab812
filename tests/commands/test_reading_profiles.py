"""Mappings kept for loggers: confirmed once, offered for the same columns, named by an upload, never just applied."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from openjcm.canonical import plain
from openjcm.cli_parts import readings as readings_cli
from openjcm.commands import Receipt
from openjcm.mrv.mapping import Mapping
from openjcm.mrv.profile import header_fingerprint
from openjcm.mrv.proposal import propose_mapping
from openjcm.views.reading_profiles import profiles_for, reading_profiles
from trial_office import Trial

DAY = "2024-11-01"
FILE = b"time (UTC),kWh\n2022-06-13 00:00,1000\n2022-06-13 00:15,1010\n"
COLUMNS = ["time (UTC)", "kWh"]
MAPPING = Mapping(
    format="csv", layout="long", time_column="time (UTC)", value_columns=(("kWh", "M1"),), kind="cumulative",
    unit="kWh", least_unit="kWh", time_zone="+00:00", time_format="%Y-%m-%d %H:%M", encoding="utf-8", delimiter=",",
    decimal_mark=".",
)  # fmt: skip
PROFILE = {
    "profile": "acme-7", "logger": "Acme 7, plant A", "columns": COLUMNS, "mapping": plain(MAPPING.as_data()),
}  # fmt: skip
UPLOAD = {"name": "june.csv", "media_type": "text/csv", "content_base64": base64.b64encode(FILE).decode()}


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """An empty office."""
    trial = Trial(database_url, tmp_path)
    yield trial
    trial.close()


def record(trial: Trial, on: str = DAY, **changes: Any) -> Receipt:
    return trial.do("record_reading_profile", on, **{**PROFILE, **changes})


def test_versions_follow_one_another_and_nothing_is_edited(trial: Trial) -> None:
    first = record(trial)
    assert (first.outcome["version"], record(trial).replayed) == (1, True)
    trial.refused("reading_profile_unchanged", "record_reading_profile", "2024-11-02", **PROFILE)
    changed = {**plain(MAPPING.as_data()), "time_zone": "+08:00"}
    trial.refused(
        "reading_profile_before_its_time", "record_reading_profile", "2024-10-31", **{**PROFILE, "mapping": changed}
    )
    second = record(trial, mapping=changed)
    assert (second.outcome["version"], second.outcome["fingerprint"]) == (2, first.outcome["fingerprint"])
    assert record(trial, profile="acme-8").outcome["version"] == 1
    with trial.office.transaction() as connection:
        kept = {item.name: item for item in reading_profiles(connection)}
        assert (kept["acme-7"].version, kept["acme-7"].mapping["time_zone"]) == (2, "+08:00")
        assert [item.name for item in profiles_for(connection, "csv", COLUMNS)] == ["acme-7", "acme-8"]
        assert profiles_for(connection, "excel", COLUMNS) == profiles_for(connection, "csv", []) == []
        assert profiles_for(connection, "csv", [*COLUMNS, "x"]) == profiles_for(connection, "csv", COLUMNS[::-1]) == []
    for statement in (
        "update reading_profile set name = 'x'",
        "delete from reading_profile",
        "truncate reading_profile",
    ):
        with pytest.raises(psycopg.Error), trial.office.transaction() as connection:
            connection.execute(statement)
    assert trial.clean()


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("mapping_incomplete", {"mapping": {"format": "csv"}}),
        ("meter_column_missing", {"columns": ["time (UTC)", "MWh"]}),
        ("meter_column_twice", {"columns": ["time (UTC)", "kWh", "kWh"]}),
        ("request_not_understood", {"profile": "Acme 7"}),
        ("request_not_understood", {"columns": []}),
    ],
)
def test_a_profile_is_complete_and_fits_its_columns(trial: Trial, code: str, changes: dict[str, Any]) -> None:
    trial.refused(code, "record_reading_profile", DAY, **{**PROFILE, **changes})


def test_an_upload_names_a_profile_and_its_version_is_on_record(trial: Trial) -> None:
    record(trial)
    record(trial, mapping={**plain(MAPPING.as_data()), "time_zone": "+08:00"})
    done = trial.do("upload_readings", DAY, **UPLOAD, profile="acme-7", profile_version=1)
    assert (done.outcome["profile"], done.outcome["profile_version"], done.outcome["readings"]) == ("acme-7", 1, 2)
    body = json.loads(bytes(trial.one("select body from product where kind = 'readings_upload'")))
    assert Mapping.from_data(body["mapping"]) == MAPPING and body["profile_version"] == 1
    other = {
        **UPLOAD,
        "name": "july.csv",
        "content_base64": base64.b64encode(FILE + b"2022-07-01 00:00,1020\n").decode(),
    }
    latest = trial.do("upload_readings", DAY, **other, profile="acme-7")
    assert latest.outcome["profile_version"] == 2
    request = trial.one("select request from journal where entry_no = %s", latest.entry_no)
    assert request["profile"] == "acme-7" and "mapping" not in request and "profile_version" not in request
    assert trial.clean()


def test_an_upload_with_a_mapping_is_written_as_ever(trial: Trial) -> None:
    done = trial.do("upload_readings", DAY, **UPLOAD, mapping=PROFILE["mapping"])
    request = trial.one("select request from journal where entry_no = %s", done.entry_no)
    assert set(request) == {
        "name",
        "media_type",
        "mapping",
        "is_public",
        "occurred_on",
        "content_sha256",
        "content_bytes",
    }
    assert "profile" not in done.outcome


def test_either_a_mapping_or_a_profile(trial: Trial) -> None:
    record(trial)
    trial.refused("mapping_incomplete", "upload_readings", DAY, **UPLOAD)
    trial.refused("mapping_incomplete", "upload_readings", DAY, **UPLOAD, mapping=PROFILE["mapping"], profile_version=1)
    trial.refused("mapping_invalid", "upload_readings", DAY, **UPLOAD, mapping=PROFILE["mapping"], profile="acme-7")
    trial.refused("unknown_reading_profile", "upload_readings", DAY, **UPLOAD, profile="acme-9")
    trial.refused("unknown_reading_profile", "upload_readings", DAY, **UPLOAD, profile="acme-7", profile_version=2)


def test_the_fingerprint_is_of_format_and_names_alone() -> None:
    assert header_fingerprint("csv", [" time ", "kWh"]) == header_fingerprint("csv", ["time", "kWh"])
    different = {
        header_fingerprint(form, names) for form in ("csv", "excel") for names in (["a", "b"], ["b", "a"], ["a b"])
    }
    assert len(different) == 6


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_command_offers_what_fits_and_applies_nothing(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    record(trial)
    path, runner = tmp_path / "june.csv", CliRunner()
    path.write_bytes(FILE)
    monkeypatch.setenv("OPENJCM_LANGUAGE", language)
    monkeypatch.delenv("OPENJCM_DATABASE_URL", raising=False)
    monkeypatch.setenv("OPENJCM_DATA", str(tmp_path / "none"))
    assert json.loads(runner.invoke(readings_cli.app, ["propose", str(path), "--json-output"]).output)["profiles"] == []
    assert not (tmp_path / "none").exists(), "looking at a file sets nothing up"
    monkeypatch.setenv("OPENJCM_DATABASE_URL", trial.office.database_url)
    monkeypatch.setenv("OPENJCM_DATA", str(tmp_path / "data"))
    data = json.loads(runner.invoke(readings_cli.app, ["propose", str(path), "--json-output"]).output)
    assert [(item["profile"], item["version"]) for item in data["profiles"]] == [("acme-7", 1)]
    assert "value_columns" not in data["mapping"], "offered, not applied"
    shown = runner.invoke(readings_cli.app, ["propose", str(path)]).output
    assert "--profile acme-7" in shown.replace("\n", " ") and "Acme 7, plant A" in shown.replace("\n", " ")
    assert "acme-7" in runner.invoke(readings_cli.app, ["profiles"]).output
    assert json.loads(runner.invoke(readings_cli.app, ["profiles", "--json-output"]).output)[0]["columns"] == COLUMNS
    monkeypatch.setenv("OPENJCM_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    alone = runner.invoke(readings_cli.app, ["propose", str(path)])
    assert alone.exit_code == 0 and "--profile" not in alone.output


def test_what_a_file_holds_is_never_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENJCM_DATABASE_URL", raising=False)
    monkeypatch.setenv("OPENJCM_DATA", str(tmp_path / "none"))
    path = tmp_path / "hostile.csv"
    path.write_bytes(b"time [/b],kWh [red],[/]\n2022-06-13 00:00,1,[/x]\n2022-06-13 00:15,2,[bold]\n")
    shown = CliRunner().invoke(readings_cli.app, ["propose", str(path)])
    assert shown.exit_code == 0 and "[/x]" in shown.output


def test_a_proposal_gives_the_columns_that_a_profile_is_kept_for() -> None:
    assert list(propose_mapping(FILE, "june.csv").columns) == COLUMNS
