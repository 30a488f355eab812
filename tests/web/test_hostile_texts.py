"""Texts and files that were made to do harm, shown: no markup, no formula, nothing that its owner keeps private."""

from __future__ import annotations

import base64
import contextlib
import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from openjcm.commands import run
from openjcm.commands.record_statement import FORMS
from openjcm.refusals import Refused
from openjcm.views.upload import upload_page
from openjcm.web.app import create_app
from openjcm.web.csv_table import FORMULA_SIGNS, csv_table
from openjcm.web.database import Database
from openjcm.world import demonstration
from trial_office import Trial

MARKUP = '"><svg onload=alert(1)></title><script>alert(1)</script>{{7*7}}'
FORMULA = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """An empty office."""
    trial = Trial(database_url, tmp_path)
    yield trial
    trial.close()


def caller(trial: Trial) -> TestClient:
    """A caller of the pages over the trial's record."""
    app = create_app(trial.office.database_url)
    app.state.office = trial.office
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


def record_hostile_texts(trial: Trial, text: str) -> str:
    """A project, a holder and an issued decision whose every free text is the given one; gives a serial."""
    trial.open_bilateral()
    trial.do(
        "open_account", "2016-01-01", account_id="JPN/evil", registry_id="JPN", account_type="entity_holding",
        holder=text,
    )  # fmt: skip
    trial.do(
        "register_project", "2020-12-01", reference="MN901", world="public", host_party="MNG", title=text,
        status=text, registered_on="2020-12-01", methodologies=[{"id": "MN_AM003", "version": "02.0"}],
    )  # fmt: skip
    fields = [
        {"field": name, "value": text, "source": text, "grade": "read", "note": text}
        for name in ("title", "participants_japan", "participants_host", "location", text)
    ]
    trial.do("record_statement", "2021-01-01", subject_kind="project", subject="MN901", fields=fields)
    decision = trial.decision(text, 5, 5, source=text)
    decision["sides"][0]["shares"][0]["account_id"] = "JPN/evil"
    trial.do("decide_issuance", "2025-01-10", **decision)
    trial.do("issue", "2025-01-20", decision_id=text, side="JPN")
    return "JCM-JP-MN901-2022-1"


def test_no_text_becomes_markup(trial: Trial) -> None:
    """Every page that shows the texts shows them as texts, in charts and titles too."""
    serial = record_hostile_texts(trial, MARKUP)
    paths = ("/", "/projects", "/projects/MN901", "/issuances", "/registries/JPN", f"/explain/{serial}", "/log/6")
    shown = 0
    with caller(trial) as client:
        for path in paths:
            for language in ("en", "ja"):
                answer = client.get(f"/{language}{path}")
                assert answer.status_code == 200, (path, answer.text[:500])
                assert "<svg onload" not in answer.text and "<script>alert" not in answer.text, path
                assert ">49" not in answer.text
                shown += "&lt;svg onload" in answer.text
    assert shown >= 10, "the texts are shown"


def test_texts_of_a_meter_file_stay_texts(trial: Trial) -> None:
    """Its name, its columns, its meters: all of them are somebody's words, in the picture's title too."""
    trial.open_bilateral()
    rows = "".join(f"2024-05-01 {hour:02d}:00,{hour}\n" for hour in range(24))
    quoted = MARKUP.replace('"', '""')
    data = f'time,"{quoted}"\n{rows}'.encode()
    mapping = {
        "format": "csv", "layout": "wide", "time_column": "time", "value_columns": [[MARKUP, MARKUP]],
        "kind": "interval_energy", "unit": "kWh", "least_unit": "kWh", "time_zone": "UTC",
        "time_format": "%Y-%m-%d %H:%M", "encoding": "utf-8", "delimiter": ",", "decimal_mark": ".",
        "interval_seconds": 3600, "interval_stamp": "start",
    }  # fmt: skip
    upload = {"name": MARKUP, "media_type": "text/csv", "content_base64": base64.b64encode(data).decode()}
    public = trial.do("upload_readings", "2024-06-01", **upload, mapping=mapping, is_public=True)
    with caller(trial) as client:
        for language in ("en", "ja"):
            page = client.get(f"/{language}/readings/{public.outcome['file_sha256']}")
            assert page.status_code == 200, page.text[:500]
            assert "<svg onload" not in page.text and "<script>alert" not in page.text and ">49" not in page.text
            assert page.text.count("&lt;svg onload") >= 4 and 'class="f-jps"' in page.text


def test_of_a_private_meter_file_only_counts_are_shown(trial: Trial) -> None:
    """No reading, no meter, no column, no finding: name, hash, day and counts."""
    trial.open_bilateral()
    data = b"time,secret-column\n" + b"".join(b"2024-05-01 %02d:00,7777\n" % hour for hour in range(24))
    mapping = {
        "format": "csv", "layout": "wide", "time_column": "time", "value_columns": [["secret-column", "secret-meter"]],
        "kind": "interval_energy", "unit": "Wh", "least_unit": "Wh", "time_zone": "UTC",
        "time_format": "%Y-%m-%d %H:%M", "encoding": "utf-8", "delimiter": ",", "decimal_mark": ".",
        "interval_seconds": 3600, "interval_stamp": "start",
    }  # fmt: skip
    upload = {"name": "hours.csv", "media_type": "text/csv", "content_base64": base64.b64encode(data).decode()}
    done = trial.do("upload_readings", "2024-06-01", **upload, mapping=mapping, is_public=False)
    sha256, parquet = done.outcome["file_sha256"], done.outcome["parquet_sha256"]
    database = Database(trial.office.database_url)
    with database.reading() as connection:
        found = upload_page(connection, sha256)
    database.close()
    assert found is not None
    assert (found.meter_count, found.meters, found.mapping, found.parquet_sha256) == (1, (), {}, "")
    with caller(trial) as client:
        page = client.get(f"/en/readings/{sha256}").text
        assert "hours.csv" in page and "did not make this file public" in page
        assert "secret" not in page and "7777" not in page and parquet not in page and 'class="f-jps"' not in page
        assert 'class="f-jps"' not in client.get(f"/en/readings/{sha256}?meter=secret-meter").text
        assert client.get(f"/en/readings/{parquet}").status_code == 404
        assert client.get("/en/readings/%00").status_code == 404


def test_no_text_of_a_table_becomes_a_formula(trial: Trial) -> None:
    """A spreadsheet computes no cell of a downloaded table."""
    record_hostile_texts(trial, FORMULA)
    with caller(trial) as client:
        for name in ("projects", "issuances", "holdings"):
            answer = client.get(f"/api/v1/{name}.csv")
            rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
            assert len(rows) >= 2
            assert [cell for row in rows for cell in row if cell.startswith(FORMULA_SIGNS)] == []
        assert f"'{FORMULA}" in {
            cell for row in csv.reader(io.StringIO(client.get("/api/v1/projects.csv").text)) for cell in row
        }


@pytest.mark.parametrize("sign", [*FORMULA_SIGNS, " =", "\u3000＝"])
def test_cells_that_begin_like_formulas_are_texts(sign: str) -> None:
    """The apostrophe makes a text of it; figures, also negative ones, stay figures."""
    rows = list(csv.reader(io.StringIO(csv_table(["a", "b", "c"], [[f"{sign}1+1", -5, None]]).removeprefix("\ufeff"))))
    assert rows[1][1:] == ["-5", ""]
    assert rows[1][0].startswith("'")


def test_readings_of_a_private_file_are_not_shown(trial: Trial) -> None:
    """The page of a tonne shows a day's readings only where the owner made the file public; else days and sums."""
    done = {}
    for act in demonstration.story():
        planned = act.planned(done)
        request = dict(planned.request)
        if planned.act == "upload_readings":
            request["is_public"] = False
        done[act.name] = run(planned.act, request, office=trial.office, key=planned.key, actor="trial")
    files = [row[0] for row in trial.all("select sha256 from stored_file")]
    with caller(trial) as client:
        assert [client.get(f"/api/v1/files/{name}").status_code for name in files] == [404] * 5
        for serial in ("JCM-JP-XD001-2022-4", "JCM-JP-XD001-2022-20"):
            page = client.get(f"/en/explain/{serial}")
            assert page.status_code == 200
            assert "readings of the day" not in page.text.lower() and 'class="scroll short"' not in page.text


@pytest.mark.parametrize("value", [0, -1, True, [], ["a"], {}, {"a": 1}, "", 10**15, "\u0661", "9" * 4000])
def test_what_a_source_says_in_an_odd_form_is_shown_or_left_out(trial: Trial, value: object) -> None:
    """No value that the act takes makes a page fail; what the pages cannot read is refused at the door."""
    trial.open_bilateral()
    trial.project()
    trial.decide("D1", "2025-01-10", 5, 5)
    subjects = {
        "project": "MN901",
        "issuance": "D1",
        "adoption": "2022-12/MN/01",
        "itmo_transfer": "T1",
        "mechanism": "JCM",
    }
    for kind, subject in subjects.items():
        for name in (*FORMS[kind], "anything_else"):
            said = {"field": name, "value": value, "source": "s", "grade": "read"}
            with contextlib.suppress(Refused):
                trial.do("record_statement", "2021-01-01", subject_kind=kind, subject=subject, fields=[said])
    with caller(trial) as client:
        for path in (
            "/en/",
            "/en/projects",
            "/en/projects/MN901",
            "/en/issuances",
            "/en/registries/JPN",
            "/ja/projects/MN901",
        ):
            assert client.get(path).status_code == 200, path
        for path in ("projects", "projects.csv", "projects/MN901", "issuances", "issuances.csv"):
            assert client.get(f"/api/v1/{path}").status_code == 200, path
