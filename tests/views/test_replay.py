"""Replaying reports, bundles and cases under drafts and versions: on record, from files, in one process and in two."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import openjcm.views.replay as replay_module
from loaded_record import LoadedRecord
from openjcm.canonical import sha256_hex
from openjcm.dated import Citation
from openjcm.methodologies import methodology
from openjcm.mrv.calculation import calculate
from openjcm.mrv.cases import read_cases
from openjcm.mrv.given import Given
from openjcm.mrv.replay import Target, replay
from openjcm.project_cycle.monitoring_report import SCHEMA
from openjcm.project_cycle.recorded_periods import REPORT_SCHEMA, recorded_periods
from openjcm.refusals import Refused
from openjcm.views.draft import load_draft, methodology_or_draft
from openjcm.views.replay import Over, Plan, Replayed, over, run, totals
from openjcm.views.replay_page import replay_page

CASES = Path(__file__).parents[1] / "cases"
SOLAR = methodology("MN_AM003")


def no_database() -> Any:
    raise AssertionError("a path needs no database")


def worked(covered: Over, plan: Plan, workers: int = 1) -> list[Replayed]:
    found = dict(run(covered.work(), covered.pieces, plan, workers))
    return [period for key in sorted(found) for period in found[key]]


@pytest.fixture
def report(record: LoadedRecord) -> dict[str, Any]:
    """The monitoring report of the demonstration."""
    with record.office.transaction() as connection:
        row = connection.execute("select body from product where kind = 'monitoring_report'").fetchone()
    assert row is not None
    return dict(json.loads(bytes(row[0])))


def on_record(record: LoadedRecord, periods: str, plan: Plan) -> list[Replayed]:
    return worked(over(periods, "MN_AM003", record.office.transaction), plan)


@pytest.mark.parametrize("periods", ["all", "XD001", "2022-01-01..2022-12-31"])
def test_the_version_on_record_gives_what_is_on_record(record: LoadedRecord, periods: str) -> None:
    found = on_record(record, periods, Plan("MN_AM003@02.0"))
    assert sum(period.recorded_tonnes for period in found) == 60
    assert all(period.found == period.recorded for period in found)


def test_another_version_without_its_values_is_refused_and_never_zero(record: LoadedRecord) -> None:
    (total,) = totals(on_record(record, "all", Plan("MN_AM003@03.0")))
    assert (total.recorded, total.found, total.refused, total.recorded_in_refused) == (0, 0, 1, 60)


def test_a_value_given_for_all_systems(record: LoadedRecord) -> None:
    factor = {"EF_RE_i": Given({"*": "0.533"}, "tCO2e/MWh", Citation("what if"))}
    (total,) = totals(on_record(record, "all", Plan("MN_AM003@03.0", given=factor)))
    assert (total.recorded, total.found, total.gained, total.lost) == (60, 40, 0, 20)


@pytest.mark.parametrize("periods", ["MN003", "2018-01-01..2021-12-31"])
def test_periods_that_hold_nothing(record: LoadedRecord, periods: str) -> None:
    covered = over(periods, "MN_AM003", record.office.transaction)
    assert covered.pieces == 0
    assert not on_record(record, periods, Plan("MN_AM003"))


@pytest.mark.parametrize("periods", ["everything", "2022-13-01..2022-12-31", "2023-01-01..2022-12-31", "MN003, MN004"])
def test_what_names_no_periods_is_refused(periods: str) -> None:
    with pytest.raises(Refused) as refused:
        over(periods, "MN_AM003", no_database)
    assert refused.value.code == "periods_not_understood"


def test_a_span_of_days_chooses_among_the_years_of_a_report(report: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(report), encoding="utf-8")
    covered = over(str(tmp_path), "MN_AM003", no_database)
    assert len(worked(covered, Plan("MN_AM003@02.0"))) == 1
    assert not worked(covered, Plan("MN_AM003@02.0", since=date(2023, 1, 1)))
    assert not worked(covered, Plan("MN_AM003@02.0", until=date(2021, 12, 31)))


def test_a_bundle_a_report_a_line_and_cases_say_the_same(
    record: LoadedRecord, report: dict[str, Any], tmp_path: Path
) -> None:
    from openjcm.views.bundle import report_bundle

    public_key = record.office.signer.private_key.public_key()
    with record.office.transaction() as connection:
        row = connection.execute("select report_sha256 from monitoring_report").fetchone()
        assert row is not None
        data = report_bundle(connection, record.office.files.get, row[0], record.office.signer.origin, public_key)
    (tmp_path / "a.zip").write_bytes(data)
    (tmp_path / "b.json").write_text(json.dumps(report), encoding="utf-8")
    (tmp_path / "c.jsonl").write_text(json.dumps(report, indent=None) + "\n\n" + json.dumps(report), encoding="utf-8")
    (tmp_path / "note.txt").write_text("not looked at", encoding="utf-8")
    covered = over(str(tmp_path), "MN_AM003", no_database)
    assert covered.pieces == 4
    found = worked(covered, Plan("MN_AM003@02.0"))
    assert {(period.recorded_tonnes, period.found_tonnes) for period in found} == {(60, 60)}
    assert len({period.key.partition("/")[0] for period in found}) == 2, "equal bytes are one piece"


def test_cases_are_replayed_against_what_their_own_text_gives() -> None:
    covered = over(str(CASES / "ph_am004.yaml"), "PH_AM004", no_database)
    found = worked(covered, Plan("PH_AM004", answers={"n_o": "ipcc_2006"}))
    assert len(found) > 3
    (total,) = [total for total in totals(found) if total.lost]
    assert total.project.startswith("one hectare, straw")


def test_two_processes_give_the_same_as_one(
    report: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "many.jsonl").open("w", encoding="utf-8") as file:
        for number in range(40):
            file.write(json.dumps({**report, "project": f"XE{number:03d}"}) + "\n")
    covered = over(str(tmp_path), "MN_AM003", no_database)
    plan = Plan("MN_AM003@02.0")
    alone = worked(covered, plan)
    monkeypatch.setattr(replay_module, "SMALL", 10)
    assert worked(covered, plan, workers=2) == alone
    assert len(alone) == 40


@pytest.mark.parametrize(
    "change",
    [{"years": [{}]}, {"methodology": {}}, {"rules": {}}, {"schema": {"name": "else"}}, {"years": None}],
)
def test_what_is_no_report_is_refused(report: dict[str, Any], tmp_path: Path, change: dict[str, Any]) -> None:
    (tmp_path / "one.json").write_text(json.dumps({**report, **change}), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        worked(over(str(tmp_path), "MN_AM003", no_database), Plan("MN_AM003"))
    assert refused.value.code == "report_not_understood"


def test_the_name_of_the_schema_is_that_of_reports() -> None:
    assert SCHEMA["name"] == REPORT_SCHEMA


def test_without_the_text_on_record_every_fixed_value_counts_as_printed(report: dict[str, Any]) -> None:
    (known,), (unknown,) = (recorded_periods(report, "0" * 64, text) for text in (SOLAR, None))
    assert known.printed == unknown.printed == {"EF_RE_i"}
    assert known.given["EG_i_p"].unit == "MWh"


# Drafts

DRAFT = SOLAR.source_text


def draft(folder: Path, text: str) -> Path:
    path = folder / "draft.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_draft_with_another_factor(record: LoadedRecord, tmp_path: Path) -> None:
    path = draft(tmp_path, DRAFT.replace('"0.797"', '"0.6"'))
    (total,) = totals(on_record(record, "all", Plan(f"{path}@02.0")))
    assert (total.recorded, total.found, total.lost) == (60, 45, 15)
    text, version = methodology_or_draft(f"{path}@2.0")
    assert (text.source_sha256, version) == (sha256_hex(path.read_bytes()), "02.0")
    assert methodology_or_draft(str(path))[1] == "03.0", "the last version it declares"


REACHING = {
    "os": "import os\n",
    "subprocess": "from subprocess import run\n",
    "openjcm.store": "from openjcm.store import database\n",
    "_unit": "from openjcm.units import _unit\n",
    "open": "x = open('/etc/passwd')\n",
    "__import__": "x = __import__('os')\n",
    "__builtins__": "x = __builtins__\n",
    "__class__": "x = ().__class__\n",
    "__subclasses__": "x = int.__subclasses__()\n",
    "getattr": "x = getattr(int, 'x')\n",
    "While": "while True:\n    pass\n",
    "ClassDef": "class A:\n    pass\n",
    ".": "from . import x\n",
}


@pytest.mark.parametrize("text", REACHING.values(), ids=REACHING.keys())
def test_a_draft_that_reaches_out_is_not_run(tmp_path: Path, text: str) -> None:
    mark = tmp_path / "ran"
    with pytest.raises(Refused) as refused:
        load_draft(draft(tmp_path, text + f"\nm = {str(mark)!r}\n"))
    assert refused.value.code == "draft_reaches_out"
    assert "openjcm.mrv.techniques" in refused.value.remedy("ja")


WRONG = {
    "no methodology": ("x = 1\n", "KeyError"),
    "another m": ("m = 1\n", "m is no Methodology"),
    "no Python": ("m = (\n", "SyntaxError"),
    "a fault": ("m = 1 / 0\n", "ZeroDivisionError"),
    "no versions": (DRAFT.partition("m.version(")[0], "declares no version"),
    "a contradiction": (DRAFT + '\nm.printed("EG_i_p", "1", versions=("02.0",), source=None, grade=None)\n', "EG_i_p"),
    "zero bytes": ("\0", "null bytes"),
}


@pytest.mark.parametrize(("text", "reason"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_methodology_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        load_draft(draft(tmp_path, text))
    assert refused.value.code == "draft_not_understood"
    assert reason in refused.value.message("ja")


def test_a_draft_that_is_not_there_or_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (tmp_path / "none.py", tmp_path):
        with pytest.raises(Refused) as refused:
            load_draft(path)
        assert refused.value.code == "draft_not_understood"
    monkeypatch.setattr("openjcm.views.draft.LARGEST", 10)
    with pytest.raises(Refused, match="more than 10"):
        load_draft(draft(tmp_path, DRAFT))


def test_a_wrong_unit_in_a_draft_is_refused_as_in_every_text(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        load_draft(draft(tmp_path, DRAFT.replace("EG_i_p * EF_RE_i", "EG_i_p / EF_RE_i")))
    assert refused.value.code == "formula_wrong_unit"


@pytest.mark.parametrize(
    ("name", "code"), [("XX_AM999", "unknown_methodology"), ("MN_AM003@9", "unknown_methodology_version")]
)
def test_an_unknown_text_or_version_is_refused(name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        methodology_or_draft(name)
    assert refused.value.code == code


# A page, a little at a time


def test_a_page_works_a_little_at_each_call(record: LoadedRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openjcm.views.replay_page._remembered", {})
    with record.office.transaction() as connection:
        from psycopg.rows import namedtuple_row

        connection.row_factory = namedtuple_row
        page: Callable[[str], Any] = lambda version: replay_page(connection, "MN_AM003", version)  # noqa: E731
        whole = page("02.0")
        assert (whole.reports, whole.done, whole.whole, whole.unreadable) == (1, 1, True, 0)
        assert (whole.totals[0].gained, whole.totals[0].lost) == (0, 0)
        last = page("")
        assert last.version == "03.0"
        assert [(one.refused, count) for one, count in last.reasons] == [("value_not_read", 1)]
        assert page("04.0") is None
        assert replay_page(connection, "XX_AM999", "") is None
        monkeypatch.setattr("openjcm.views.replay_page._remembered", {})
        twice = "select report_sha256, project from monitoring_report where %s <> '' union all select 'f', 'XD002'"
        monkeypatch.setattr("openjcm.views.replay_page._REPORTS", twice)
        monkeypatch.setattr("openjcm.views.replay_page.REPORTS_AT_ONCE", 1)
        monkeypatch.setattr("openjcm.views.replay_page.BUDGET_SECONDS", -1)
        half = page("02.0")
        assert (half.reports, half.done, half.whole, len(half.periods)) == (2, 1, False, 1)
        assert page("02.0").whole


@pytest.mark.parametrize(("answer", "kept"), [("as_transcribed", {}), ("ipcc_2006", {"n_o": "ipcc_2006"})])
def test_only_an_answer_of_the_plan_itself_is_carried_over(answer: str, kept: dict[str, str]) -> None:
    text = methodology("PH_AM004")
    case = next(case for case in read_cases((CASES / "ph_am004.yaml").read_text("utf-8")) if "straw" in case.name)
    result = calculate(text, case.version, case.given, interpretations={"n_o": answer})
    report = {
        "project": "XA001",
        "methodology": {"id": text.id, "version": case.version},
        "rules": {"rounding": {"name": "down_to_whole_tonne"}},
        "years": [
            {
                "year": 2022,
                "start": "2022-01-01",
                "end": "2022-12-31",
                "reductions": str(result.reductions),
                "trace": [step.as_data() for step in result.trace],
            }
        ],
    }
    (found,) = recorded_periods(report, "0" * 64, text)
    assert found.answers == kept
    assert "n_o" not in found.given
    assert replay(found, Target(text, case.version)).found == result.reductions
