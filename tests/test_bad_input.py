"""Bad input at the real doors: refused with code, place, rule and remedy in both languages, and nothing half done.

`docs/bad_input.md` says of each case what a user sees and how it is mended; its table names the tests here.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from openjcm.canonical import plain
from openjcm.commands import Receipt
from openjcm.mrv import intake_excel
from openjcm.mrv.calculation import calculate
from openjcm.mrv.given import Given
from openjcm.mrv.mapping import Mapping
from openjcm.refusals import Refused
from openjcm.world import demonstration
from trial_office import Trial

PAGE = Path(__file__).parent.parent / "docs" / "bad_input.md"
ROWS = b"2022-06-01 00:00,1000\n2022-06-01 00:15,1010\n"
GOOD = b"time,kWh\n" + ROWS
MAPPING = Mapping(
    format="csv", layout="long", time_column="time", value_columns=(("kWh", "M1"),), kind="cumulative", unit="kWh",
    least_unit="kWh", time_zone="+08:00", time_format="%Y-%m-%d %H:%M", encoding="utf-8", delimiter=",",
    decimal_mark=".",
)  # fmt: skip
EXCEL = replace(MAPPING, format="excel", time_format=None, encoding=None, delimiter=None, decimal_mark=None)


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """An empty office."""
    trial = Trial(database_url, tmp_path)
    yield trial
    trial.close()


def upload(data: bytes, mapping: Mapping | None = None, name: str = "plant.csv") -> dict[str, Any]:
    """The request that brings a meter file."""
    return {
        "name": name,
        "media_type": "text/csv",
        "content_base64": base64.b64encode(data).decode(),
        "mapping": plain((mapping or MAPPING).as_data()),
    }


def refused_whole(trial: Trial, code: str, act: str, day: str, places: dict[str, str], **fields: Any) -> Refused:
    """Refused with code, place, rule and remedy in both languages; nothing in journal, ledger or file store; clean."""
    files = sorted(trial.office.files.names())
    refused = trial.refused(code, act, day, **fields)
    assert places.items() <= refused.facts.items(), refused.facts
    for fact in places.values():
        assert fact in refused.message("en") and fact in refused.message("ja")
    assert refused.declaration.clause and re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", refused.remedy("ja"))
    assert sorted(trial.office.files.names()) == files, "a refused file was kept"
    assert trial.clean()
    return refused


def sheet(merged: bool) -> bytes:
    """A workbook, its header merged or not."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"})
    page = book.add_worksheet("June")
    page.write_row(0, 0, ["time", "kWh"])
    page.write_row(1, 0, [datetime(2022, 6, 1), 1000])  # noqa: DTZ001 - a workbook has no zones
    if merged:
        page.merge_range("A1:B1", "time and kWh")
    book.close()
    return out.getvalue()


def zip_bomb() -> bytes:
    """Some 60 kB that unpack to 64 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(64 << 20))
    return out.getvalue()


FILES: dict[str, tuple[str, bytes, Mapping, dict[str, str]]] = {
    "wrong unit": ("wrong_unit", GOOD, replace(MAPPING, unit="MWh"), {"column": "kWh", "unit": "MWh"}),
    "no such unit": ("unknown_meter_unit", GOOD, replace(MAPPING, unit="J"), {"unit": "J"}),
    "wrong time zone": (
        "wrong_time_zone",
        b"time,kWh\n2022-06-01 00:00+09:00,1000\n",
        replace(MAPPING, time_format="%Y-%m-%d %H:%M%z"),
        {"row": "2"},
    ),
    "no such time zone": ("unknown_time_zone", GOOD, replace(MAPPING, time_zone="Asia/Nowhere"), {}),
    "missing column": ("meter_column_missing", b"time,Wh\n" + ROWS, MAPPING, {"column": "kWh", "row": "1"}),
    "Shift_JIS stated as UTF-8": (
        "mixed_encodings",
        "日時,kWh\n".encode("cp932") + ROWS,
        replace(MAPPING, time_column="日時"),
        {"row": "1"},
    ),
    "UTF-8 stated as Shift_JIS": (
        "mixed_encodings",
        b"\xef\xbb\xbf" + GOOD,
        replace(MAPPING, encoding="cp932"),
        {"row": "1"},
    ),
    "Shift_JIS after UTF-8": (
        "mixed_encodings",
        "日時,kWh\n".encode() + ROWS + "計,1\n".encode("cp932"),
        replace(MAPPING, time_column="日時"),
        {"row": "4"},
    ),
    "byte order mark of UTF-16": ("mixed_encodings", GOOD.decode().encode("utf-16"), MAPPING, {"row": "1"}),
    "merged header": ("merged_cells", sheet(merged=True), EXCEL, {"sheet": "June", "cells": "A1:B1"}),
    "0 bytes": ("meter_file_empty", b"", MAPPING, {"file": "plant.csv"}),
    "truncated text": ("meter_file_truncated", GOOD[:-8], MAPPING, {"place": "row 3"}),
    "truncated workbook": ("meter_file_truncated", sheet(merged=False)[:-300], EXCEL, {"place": "xlsx"}),
    "truncated gzip": ("meter_file_truncated", gzip.compress(GOOD, mtime=0)[:-9], MAPPING, {}),
    "a line without end": ("line_too_long", b"time,kWh\n" + b"1" * (2 << 20), MAPPING, {"row": "2"}),
    "zip bomb": ("meter_file_unpacks_too_large", zip_bomb(), EXCEL, {"place": "xl/worksheets/sheet1.xml"}),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_bad_meter_file(trial: Trial, case: str) -> None:
    """Each fault of a file, through the act that takes it in; the same file mended is taken."""
    code, data, mapping, places = FILES[case]
    refused_whole(trial, code, "upload_readings", "2024-01-01", places, **upload(data, mapping))


def test_the_same_file_without_its_fault(trial: Trial) -> None:
    """UTF-8 with and without mark, Shift_JIS, a workbook: each is taken once its mapping says what it is."""
    taken = [
        upload(GOOD),
        upload(b"\xef\xbb\xbf" + GOOD),
        upload("日時,kWh\n".encode("cp932") + ROWS, replace(MAPPING, time_column="日時", encoding="cp932")),
        upload(sheet(merged=False), EXCEL),
    ]
    for number, fields in enumerate(taken):
        fields["mapping"]["value_columns"] = [["kWh", f"M{number}"]]
        assert trial.do("upload_readings", "2024-01-01", **fields).outcome["readings"] >= 1
    assert trial.clean()


MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""
"""Runs a program from a small process, and says its peak of memory in kB: a child begins with its parent's peak."""


def test_a_line_of_a_gigabyte_at_the_command_line(tmp_path: Path) -> None:
    """Refused by the program that a user runs, without reading the line into memory."""
    path = tmp_path / "line.csv"
    path.write_bytes(b"time,kWh\n2022-06-01 00:00,")
    os.truncate(path, 1 << 30)
    (tmp_path / "mapping.json").write_text(json.dumps({"mapping": plain(MAPPING.as_data())}))
    upload_it = ["act", "upload-readings", "--content", str(path), "--media-type", "text/csv", "--occurred-on"]
    upload_it += ["2024-01-01", "--json", str(tmp_path / "mapping.json")]
    environment = {**os.environ, "OPENJCM_LANGUAGE": "en", "OPENJCM_DATA": str(tmp_path / "data")}
    for words, code in ((["readings", "propose", str(path)], "line_too_long"), (upload_it, "request_not_understood")):
        program = [sys.executable, "-c", MEASURED, sys.executable, "-m", "openjcm", *words]
        done = subprocess.run(program, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 2 and code in done.stdout + done.stderr, done
        assert int(done.stderr.splitlines()[-1]) < 700_000, "the line was read into memory"
    assert not (tmp_path / "data").exists()


def test_a_duplicate_upload(trial: Trial) -> None:
    """The very same bytes under another name; the same request again is only a replay."""
    first = trial.do("upload_readings", "2024-01-01", **upload(GOOD))
    assert trial.do("upload_readings", "2024-01-01", **upload(GOOD)).replayed
    again = upload(GOOD, name="another.csv")
    place = {"sha256": first.outcome["file_sha256"], "entry_no": str(first.entry_no)}
    refused = trial.refused("file_stored_already", "upload_readings", "2024-01-02", **again)
    assert place.items() <= refused.facts.items() and trial.clean()


def test_the_same_readings_in_another_file(trial: Trial) -> None:
    """A byte order mark, another line end, another order of rows: the same readings are not taken twice."""
    first = trial.do("upload_readings", "2024-01-01", **upload(GOOD))
    place = {"entry_no": str(first.entry_no)}
    lines = GOOD.splitlines(keepends=True)
    for data in (b"\xef\xbb\xbf" + GOOD, GOOD.replace(b"\n", b"\r\n"), lines[0] + lines[2] + lines[1]):
        refused_whole(trial, "readings_stored_already", "upload_readings", "2024-01-02", place, **upload(data))


def test_two_uploads_at_once(trial: Trial) -> None:
    """Eight clerks bring the same file under their own names: one is taken, the books stay in order."""

    def bring(number: int) -> str:
        try:
            trial.do("upload_readings", "2024-01-01", **upload(GOOD, name=f"copy-{number}.csv"))
        except Refused as refused:
            return refused.code
        return "taken"

    with ThreadPoolExecutor(8) as clerks:
        answers = list(clerks.map(bring, range(8)))
    assert sorted(answers) == ["file_stored_already"] * 7 + ["taken"]
    assert trial.clean()


# A methodology's inputs ---------------------------------------------------------------------------------------------


def test_an_unknown_symbol_and_a_missing_factor() -> None:
    """A symbol that the methodology does not know; a factor that must be given and is not."""
    from openjcm.methodologies import METHODOLOGIES

    methodology = METHODOLOGIES["TH_AM001"]
    version = next(iter(methodology.versions))
    with pytest.raises(Refused) as unknown:
        calculate(methodology, version, {"EG_nonsense": Given({"": "1"}, "MWh")})
    assert unknown.value.code == "unknown_symbol" and "EG_nonsense" in unknown.value.message("ja")
    with pytest.raises(Refused) as missing:
        calculate(methodology, version, {})
    assert missing.value.code == "missing_symbol" and missing.value.remedy("ja")


def test_a_report_with_an_unknown_symbol(trial: Trial) -> None:
    """Through the act: the input's name is the place."""
    done: dict[str, Receipt] = {}
    for act in demonstration.story():
        planned = act.planned(done)
        request = dict(planned.request)
        if act.name == "report":
            day = request.pop("occurred_on")
            request["inputs"] = {"EG_nonsense": {"value": "1", "unit": "MWh"}}
            refused = trial.refused("unknown_symbol", "submit_monitoring_report", day, **request)
            assert "EG_nonsense" in refused.message("en") and "EG_nonsense" in refused.message("ja")
            break
        if planned.act in {"open_registry", "register_project", "upload_readings"}:
            done[act.name] = trial.do(planned.act, request.pop("occurred_on"), **request)
    assert trial.clean()


# Deciding, issuing, holding, using ----------------------------------------------------------------------------------


def test_a_decision_that_does_not_sum(trial: Trial) -> None:
    """Sides against the total; shares against their side."""
    trial.open_bilateral()
    trial.project()
    sides = {**trial.decision("D1", 40, 10), "total": 51}
    refused_whole(trial, "sides_do_not_sum", "decide_issuance", "2025-01-10", {"total": "51"}, **sides)
    shares = trial.decision("D1", 40, 10)
    shares["sides"][0]["shares"][0]["quantity"] = 39
    refused_whole(trial, "shares_do_not_sum", "decide_issuance", "2025-01-10", {"side": "JPN"}, **shares)


def test_a_second_issuance(trial: Trial) -> None:
    """A side issues what was decided once, also with another key or on another day."""
    trial.market()
    place = {"decision": "D1", "side": "JPN"}
    for number, day in enumerate(("2025-01-20", "2025-02-20")):
        refused = trial.refused("already_issued", "issue", day, key=f"again-{number}", decision_id="D1", side="JPN")
        assert set(place.values()) <= set(refused.facts.values())
    assert trial.one("select count(*) from block_origin") == 1 and trial.clean()


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ("JCM-JP-MN901-2022-41", "not_held"),
        ("JCM-JP-MN901-2022-40-41", "not_held"),
        ("JCM-JP-MN902-2022-1", "not_held"),
        ("JCM-JP-MN901-2022-01", "block_not_readable"),
        ("JCM-JP-MN901-2022-\uff11", "block_not_readable"),
        ("JCM-JP-MN901-2022-2-1", "block_not_readable"),
        ("JCM-JP-MN901-2022--1", "block_not_readable"),
        ("JCM-JP-MN901-2022-99999999999999999999", "block_not_readable"),
    ],
)
def test_a_transfer_of_what_is_not_held(trial: Trial, block: str, code: str) -> None:
    """Beyond the block, of another series, or a serial in a form that could hide one."""
    trial.market()
    for act, account in (("transfer", "target_account"), ("cancel", "cancellation_account")):
        slug = "company" if act == "transfer" else "cancellation"
        more = {} if act == "transfer" else {"purpose": "other", "reason": "trial"}
        fields = {"blocks": [block], account: f"JPN/{slug}", **more}
        refused = refused_whole(trial, code, act, "2025-02-01", {}, **fields)
        assert block in refused.message("en") and block in refused.message("ja")


def test_a_retirement_without_authorization(trial: Trial) -> None:
    """With none on file, with one Party's, and with both but for other years."""
    block = trial.market()
    retire = {"blocks": [block], "retirement_account": "JPN/retirement", "used_for_year": 2030, "purpose": "ndc"}
    refused_whole(trial, "not_authorized", "retire", "2025-05-01", {}, **retire)
    trial.authorize("JPN")
    refused_whole(trial, "not_authorized", "retire", "2025-05-01", {"party": "MNG"}, **retire)
    trial.authorize("MNG", vintages={"first": 2023, "last": 2024})
    refused_whole(trial, "not_authorized", "retire", "2025-05-01", {"party": "MNG"}, **retire)
    assert trial.held("JPN/retirement") == 0


def test_a_replayed_request_with_a_changed_body(trial: Trial) -> None:
    """The key stands for the first request; the journal says which entry that was."""
    trial.market()
    first = {"blocks": ["JCM-JP-MN901-2022-1-4"], "target_account": "JPN/company"}
    done = trial.do("transfer", "2025-02-01", key="k-1", **first)
    assert trial.do("transfer", "2025-02-01", key="k-1", **first).entry_no == done.entry_no
    place = {"key": "k-1", "entry_no": str(done.entry_no)}
    for changed in ({"blocks": ["JCM-JP-MN901-2022-1-5"]}, {"target_account": "JPN/trader"}):
        fields = {**first, **changed}
        refused_whole(trial, "idempotency_key_reused", "transfer", "2025-02-01", place, key="k-1", **fields)
    refused_whole(trial, "idempotency_key_reused", "transfer", "2025-02-02", place, key="k-1", **first)
    other_act = {
        "blocks": first["blocks"],
        "cancellation_account": "JPN/cancellation",
        "purpose": "other",
        "reason": "r",
    }
    refused_whole(trial, "idempotency_key_reused", "cancel", "2025-02-01", place, key="k-1", **other_act)


# The page -----------------------------------------------------------------------------------------------------------


def test_the_page_names_real_tests_and_codes() -> None:
    """Every test and every code in the page's table exists, and every test of this file is in it."""
    from openjcm.refusals import REFUSALS

    page = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", page))
    root = PAGE.parent.parent
    for file, test in named:
        assert f"def {test}(" in (root / file).read_text(encoding="utf-8"), (file, test)
    own = set(re.findall(r"^def (test_\w+)\(", Path(__file__).read_text(encoding="utf-8"), re.MULTILINE))
    assert own - {test for _, test in named} == {"test_the_page_names_real_tests_and_codes"}
    codes = set(re.findall(r"^\|[^|]+\| `(\w+)`", page, re.MULTILINE))
    assert intake_excel.MERGED_CELLS.code in codes <= REFUSALS.keys()
