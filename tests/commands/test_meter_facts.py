"""Facts of meters in the journal: recorded once, with documents; a correction is a further fact."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import psycopg
import pytest
from typer.testing import CliRunner

from openjcm import commands
from openjcm.cli_parts import meter as meter_cli
from openjcm.commands import Receipt
from openjcm.commands.record_meter_fact import RecordMeterFact
from openjcm.mrv.meter_facts import KINDS
from openjcm.project_cycle.bundle import read_bundle
from openjcm.refusals import Refused
from openjcm.store.audit import audit
from openjcm.views.bundle import recompute_bundle, report_bundle
from openjcm.views.meter import effects_on_reports, meter_page
from trial_office import KEY, Trial, play, request_of

DAY = "2024-11-01"
PDF = base64.b64encode(b"%PDF-1.7 certificate").decode()
FIRMWARE = {
    "project": "XD001", "meter": "XD001-M1", "kind": "firmware", "day": "2022-03-01", "value": {"version": "2.1"},
    "documents": [{"name": "service report 7"}],
}  # fmt: skip


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """An empty office."""
    trial = Trial(database_url, tmp_path)
    yield trial
    trial.close()


def record(trial: Trial, **changes: Any) -> Receipt:
    return trial.do("record_meter_fact", changes.pop("on", DAY), **{**FIRMWARE, **changes})


def test_kinds_are_those_of_the_facts() -> None:
    assert list(get_args(RecordMeterFact.model_fields["kind"].annotation)) == list(KINDS)


def test_a_fact_is_recorded_once_with_its_document(trial: Trial) -> None:
    play(trial, "project")
    fields = {"content_base64": PDF, "name": "service-7.pdf", "documents": []}
    first = record(trial, **fields)
    assert record(trial, **fields).replayed
    known = trial.refused("already_on_record", "record_meter_fact", DAY, key="other", **{**FIRMWARE, **fields})
    assert known.facts["name"] == first.outcome["fact_sha256"]
    fact = json.loads(bytes(trial.one("select body from product where kind = 'meter_fact'")))
    (document,) = fact["documents"]
    assert trial.office.files.get(document["sha256"]) == base64.b64decode(PDF)
    assert first.outcome["changes"] == {
        "first": "2022-03-01",
        "last": None,
        "before": None,
        "after": {"version": "2.1"},
    }
    again = record(trial, meter="XD001-M2", day="2022-09-14", **fields)
    assert (first.outcome["document_stored"], again.outcome["document_stored"]) == (True, False)
    named = {"documents": [{"name": "service-7.pdf", "sha256": document["sha256"]}], "day": "2022-10-01"}
    assert record(trial, meter="XD001-M2", **named).outcome["changes"]["before"] == {"version": "2.1"}
    assert "content_base64" not in trial.one("select request from journal where entry_no = %s", first.entry_no)
    assert trial.clean()


def test_what_is_no_fact_is_refused(trial: Trial) -> None:
    play(trial, "project")
    for code, changes in (
        ("unknown_project", {"project": "XD009"}),
        ("fact_of_unknown_meter", {"meter": "XD001-M9"}),
        ("meter_fact_invalid", {"value": {}}),
        ("meter_fact_invalid", {"content_base64": PDF}),
        ("content_not_base64", {"content_base64": "QUJ", "name": "a.pdf"}),
        ("fact_without_document", {"documents": []}),
        ("before_its_cause", {"day": "2024-11-02"}),
        ("file_not_stored", {"documents": [{"name": "a", "sha256": "0" * 64}]}),
        ("file_not_stored", {"approval": {"name": "a", "sha256": "0" * 64}}),
        ("corrected_fact_unknown", {"corrects": "0" * 64}),
        ("request_not_understood", {"kind": "colour"}),
        ("request_not_understood", {"value": {"version": 2.1}}),
    ):
        trial.refused(code, "record_meter_fact", DAY, **{**FIRMWARE, **changes})
    day, fields = request_of("project", {})
    trial.do("register_project", day, **{**fields, "reference": "XD002", "plan": None})
    trial.refused("no_monitoring_plan", "record_meter_fact", DAY, **{**FIRMWARE, "project": "XD002"})


def test_a_correction_names_what_it_corrects_and_is_one(trial: Trial) -> None:
    play(trial, "project")
    wrong = record(trial).outcome["fact_sha256"]
    right = record(trial, value={"version": "2.2"}, corrects=wrong)
    assert right.outcome["changes"]["before"] == {"version": "2.1"}
    trial.refused("fact_corrected_already", "record_meter_fact", DAY, **{**FIRMWARE, "corrects": wrong, "day": DAY})
    gone = record(trial, value={}, corrects=right.outcome["fact_sha256"], withdrawn=True)
    assert gone.outcome["changes"]["after"] is None
    page = meter_page_of(trial)
    known = [item for item in page.facts if item.fact.kind == "firmware"]
    assert [item.fact.value.get("version") for item in known] == ["2.1", "2.2", None]
    assert not any(item.stands for item in known)
    assert page.timeline.of_day(date(2022, 4, 1)).firmware is None
    assert trial.clean()


def meter_page_of(trial: Trial, meter: str = "XD001-M1") -> Any:
    with trial.office.transaction() as connection:
        return meter_page(connection, meter)


def test_facts_enter_the_report_by_hash_and_the_bundle_carries_them(trial: Trial) -> None:
    done = play(trial, "readings/register")
    wrong = record(trial).outcome["fact_sha256"]
    right = record(trial, value={"version": "2.2"}, corrects=wrong).outcome["fact_sha256"]
    day, fields = request_of("report", done)
    report = trial.do("submit_monitoring_report", day, **fields)
    sha256 = report.outcome["report_sha256"]
    body = json.loads(bytes(trial.one("select body from product where sha256 = %s", sha256)))
    assert [(fact["sha256"], fact["stands"]) for fact in body["meter_facts"]] == [(wrong, False), (right, True)]
    with trial.office.transaction() as connection:
        public_key = KEY.public_key()
        bundle = report_bundle(connection, trial.office.files.get, sha256, "trial.example/log", public_key)
    assert sorted(read_bundle(bundle).bundle.facts) == sorted([wrong, right])
    result = recompute_bundle(bundle)
    assert result.answer.value == "yes", [(check.name, check.en) for check in result.checks]
    assert "facts of meters" in {check.name for check in result.checks}
    late = record(trial, day="2022-06-01", value={"version": "3"})
    assert late.outcome["reports_touched"] == [sha256]
    before = record(trial, day="2019-06-01", value={"version": "0.9"})
    assert before.outcome["changes"]["last"] == "2022-02-28"
    opinion = {"report_sha256": sha256, "verifier": "TPE", "opinion": "positive", "statement": "Byte-equal."}
    assert trial.do("conclude_verification", "2024-11-20", **opinion).outcome["byte_equal"] == "yes"
    with trial.office.transaction() as connection:
        (effect,) = effects_on_reports(connection, trial.office.files.get, "XD001")
    assert (effect.reported_tonnes, effect.tonnes, effect.difference) == (60, 60, 0)
    assert trial.clean()


def test_the_command_line_shows_the_timeline(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    play(trial, "project")
    record(trial)
    monkeypatch.setattr(commands, "ready_office", lambda: trial.office)
    monkeypatch.setenv("COLUMNS", "200")
    for language, words in (
        ("en", ("firmware", "stands", "not on file")),
        ("ja", ("ファームウェア", "有効", "未保管")),
    ):
        monkeypatch.setenv("OPENJCM_LANGUAGE", language)
        shown = CliRunner().invoke(meter_cli.app, ["show", "XD001-M1", "--effects"])
        assert shown.exit_code == 0, shown.output
        assert all(word in shown.output for word in words), shown.output
    data = json.loads(CliRunner().invoke(meter_cli.app, ["show", "XD001-M1", "--json"]).output)
    assert [fact["kind"] for fact in data["facts"]] == [
        "installation", "calibration", "accuracy", "firmware",
    ]  # fmt: skip
    unknown = CliRunner().invoke(meter_cli.app, ["show", "M9"])
    assert isinstance(unknown.exception, Refused) and unknown.exception.code == "meter_not_on_record"


def test_the_database_keeps_facts_as_they_are(trial: Trial) -> None:
    play(trial, "project")
    record(trial)
    for statement in ("update meter_fact set meter = 'x'", "delete from meter_fact", "truncate meter_fact"):
        with pytest.raises(Exception, match="append"), trial.office.transaction() as connection:
            connection.execute(statement.encode())


def test_a_correction_shows_by_how_much_a_report_would_change(trial: Trial) -> None:
    """The plan's calibration had ended early, and the accuracy is 20 %: the report would lose tonnes."""
    play(trial, "report")
    page = meter_page_of(trial)
    (planned,) = [known.fact for known in page.facts if known.fact.kind == "calibration"]
    record(trial, kind="accuracy", day="2022-02-01", value={"percent": "20"}, documents=[{"name": "data sheet"}])
    changed = record(
        trial, kind="calibration", day="2022-02-01", value={"valid_from": "2022-02-01", "valid_until": "2022-02-28"},
        documents=[{"name": "certificate, second page"}], corrects=planned.id,
    )  # fmt: skip
    assert changed.outcome["changes"]["before"]["valid_until"] == "2032-02-29"
    assert len(changed.outcome["reports_touched"]) == 1
    with trial.office.transaction() as connection:
        (effect,) = effects_on_reports(connection, trial.office.files.get, "XD001")
    assert effect.difference is not None and effect.difference < 0
    assert (effect.reported_tonnes, trial.one("select emission_reductions from monitoring_report")) == (60, 60)


def test_what_cannot_be_made_again_says_why(trial: Trial) -> None:
    """Without the error limit of a meter whose calibration is taken back, the report would be refused."""
    play(trial, "report")
    (planned,) = [known.fact for known in meter_page_of(trial).facts if known.fact.kind == "calibration"]
    short = {"valid_from": "2022-02-01", "valid_until": "2022-02-02"}
    record(trial, kind="calibration", day="2022-02-01", value=short, corrects=planned.id)
    (limit,) = [known.fact for known in meter_page_of(trial).facts if known.fact.kind == "accuracy"]
    record(trial, kind="accuracy", day="2022-02-01", value={}, corrects=limit.id, withdrawn=True)
    with trial.office.transaction() as connection:
        (effect,) = effects_on_reports(connection, trial.office.files.get, "XD001")
    assert (effect.tonnes, effect.difference) == (None, None)
    assert "blocking_findings" in effect.why_en and effect.why_ja


@pytest.mark.parametrize(
    ("corruption", "rule"),
    [
        ("delete from meter_fact", "row_missing"),
        ("update meter_fact set meter = 'XD001-M2'", "row_not_from_journal"),
        ("update meter_fact set day = null", "row_missing"),
    ],
)
def test_the_audit_finds_what_was_changed_behind_its_back(trial: Trial, corruption: str, rule: str) -> None:
    play(trial, "project")
    record(trial)
    with psycopg.connect(trial.office.database_url) as connection:
        connection.execute("alter table meter_fact disable trigger user")
        assert connection.execute(corruption.encode()).rowcount == 1
        found = audit(connection, trial.office.files, KEY.public_key())
        connection.rollback()
    assert rule in {item.rule for item in found}
    assert trial.clean()
