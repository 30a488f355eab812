"""From the meter file to the decision: what these acts record, and what they refuse, nothing half done."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openjcm.verification import rerun as rerun_module
from openjcm.world import demonstration
from trial_office import Trial, play, request_of


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """An empty office."""
    trial = Trial(database_url, tmp_path)
    yield trial
    trial.close()


def test_the_whole_way(trial: Trial) -> None:
    """Every act of the demonstration is recorded, and the audit rebuilds it all."""
    done = play(trial, demonstration.story()[-1].name)
    assert done["verification"].outcome["byte_equal"] == "yes"
    assert trial.one("select emission_reductions from monitoring_report") == 60
    assert trial.clean()


def test_uploads(trial: Trial) -> None:
    """The same file twice, no base64, an unreadable file, a mapping that leaves something open."""
    done = play(trial, "project")
    day, fields = request_of("readings/register", done)
    trial.refused("content_not_base64", "upload_readings", day, **{**fields, "content_base64": "QUJ"})
    trial.refused("request_not_understood", "upload_readings", day, **{**fields, "content_base64": "not base64!"})
    trial.refused("meter_file_empty", "upload_readings", day, **{**fields, "content_base64": ""})
    mapping = {name: value for name, value in fields["mapping"].items() if name != "time_zone"}
    trial.refused("mapping_incomplete", "upload_readings", day, **{**fields, "mapping": mapping})
    trial.refused(
        "unknown_meter_unit", "upload_readings", day, **{**fields, "mapping": {**fields["mapping"], "unit": "J"}}
    )
    renamed = {**fields["mapping"], "time_column": "Time"}
    trial.refused("meter_column_missing", "upload_readings", day, **{**fields, "mapping": renamed})
    first = trial.do("upload_readings", day, **fields)
    assert trial.office.files.get(first.outcome["file_sha256"]) == base64.b64decode(fields["content_base64"])
    assert trial.do("upload_readings", day, **fields).replayed
    again = trial.refused("file_stored_already", "upload_readings", day, **{**fields, "name": "again.csv"})
    assert again.facts["sha256"] == first.outcome["file_sha256"]
    marked = base64.b64encode(b"\xef\xbb\xbf" + base64.b64decode(fields["content_base64"])).decode()
    same = trial.refused("readings_stored_already", "upload_readings", day, **{**fields, "content_base64": marked})
    assert same.facts["entry_no"] == str(first.entry_no)
    request = trial.one("select request from journal where act = 'upload_readings'")
    assert "content_base64" not in request and request["content_sha256"] == first.outcome["file_sha256"]


def test_plans(trial: Trial) -> None:
    """A plan must be one, and of this project."""
    day, fields = request_of("project", {})
    trial.refused("plan_of_another_project", "register_project", day, **{**fields, "reference": "XD002"})
    trial.refused("plan_not_understood", "register_project", day, **{**fields, "plan": {"project": "XD001"}})
    trial.do("register_project", day, **{**fields, "plan": None})
    report = {"project": "XD001", "monitoring_start": "2022-01-01", "monitoring_end": "2022-12-31", "files": ["0" * 64]}
    trial.refused("no_monitoring_plan", "submit_monitoring_report", "2023-01-01", **report)
    trial.refused("unknown_project", "submit_monitoring_report", "2023-01-01", **{**report, "project": "XD009"})


def test_reports(trial: Trial) -> None:
    """Files must be stored and unchanged; periods must be over, inside the crediting period, and not overlap."""
    done = play(trial, "readings/register")
    day, fields = request_of("report", done)
    trial.refused("file_not_stored", "submit_monitoring_report", day, **{**fields, "files": ["0" * 64]})
    stray = trial.office.files.put(b"time,kWh\n2022-03-06 00:00,0\n")  # in the store, by no act on record
    trial.refused("file_not_stored", "submit_monitoring_report", day, **{**fields, "files": [stray]})
    trial.refused("before_its_cause", "submit_monitoring_report", "2022-06-01", **fields)
    early = {**fields, "monitoring_start": "2020-03-01"}
    trial.refused("monitoring_period_outside_crediting_period", "submit_monitoring_report", day, **early)
    path = trial.office.files.path(fields["files"][0])
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"?")
    trial.refused("file_changed", "submit_monitoring_report", day, **fields)
    path.write_bytes(whole)
    first = trial.do("submit_monitoring_report", day, **fields)
    trial.refused("monitoring_period_overlaps", "submit_monitoring_report", "2024-11-21", **fields)
    body = trial.one("select body from product where sha256 = %s", first.outcome["report_sha256"])
    assert json.loads(bytes(body))["project"] == "XD001"
    assert trial.clean()


def test_verifications(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """A positive opinion needs a byte-equal rerun; it comes once, and after the report."""
    done = play(trial, "report")
    day, fields = request_of("verification", done)
    trial.refused("unknown_report", "conclude_verification", day, **{**fields, "report_sha256": "0" * 64})
    trial.refused("before_its_cause", "conclude_verification", "2024-11-19", **fields)
    trial.refused("opinion_incomplete", "conclude_verification", day, **{**fields, "statement": " "})
    made = rerun_module.make_monitoring_report

    def otherwise(*given: Any, **more: Any) -> bytes:
        return made(*given, **more).replace(b'"emission_reductions":60', b'"emission_reductions":61')

    monkeypatch.setattr(rerun_module, "make_monitoring_report", otherwise)
    refused = trial.refused("rerun_not_byte_equal", "conclude_verification", day, **fields)
    assert refused.facts["place"] == "/emission_reductions"
    monkeypatch.undo()
    trial.do("conclude_verification", day, **fields)
    trial.refused("already_verified", "conclude_verification", day, **{**fields, "opinion": "negative"})


def test_a_negative_opinion_leads_nowhere(trial: Trial) -> None:
    """Without a positive opinion there is no decision on the report."""
    done = play(trial, "report")
    day, fields = request_of("verification", done)
    done["verification"] = trial.do("conclude_verification", day, **{**fields, "opinion": "negative"})
    day, decision = request_of("decision", done)
    trial.refused("not_verified", "decide_issuance", day, **decision)
    assert trial.clean()


def test_decisions_on_a_report(trial: Trial) -> None:
    """Not above the verified amount, nothing left open, of that report, after its verification, once."""
    done = play(trial, "authorization/MNG")
    day, fields = request_of("decision", done)

    def with_total(total: int) -> dict[str, Any]:
        japan = {
            **fields["sides"][0],
            "amount": total,
            "shares": [{**fields["sides"][0]["shares"][0], "quantity": total}],
        }
        return {**fields, "total": total, "sides": [japan]}

    trial.refused("above_verified", "decide_issuance", day, **with_total(61))
    open_side = [fields["sides"][0], {"side": "MNG", "amount": None, "shares": []}]
    trial.refused("amount_must_be_known", "decide_issuance", day, **{**fields, "sides": open_side})
    trial.refused(
        "decision_is_not_of_the_report", "decide_issuance", day, **{**fields, "monitoring_start": "2022-03-07"}
    )
    trial.refused("before_its_cause", "decide_issuance", "2025-01-19", **fields)
    trial.do("decide_issuance", day, **fields)
    trial.refused("report_already_decided", "decide_issuance", day, **{**fields, "decision_id": "another"})
    assert trial.clean()
