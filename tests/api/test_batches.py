"""Batches over HTTP: bounded, idempotent, answered one by one, without a token, and fuzzed from their description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as fixed_seed
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from batches import TrialGateway
from live_office import LiveTrial, live_trial
from openjcm.web.app import create_app
from openjcm.web.batches import BODY_LIMIT, PATH


class Site:
    """The application over an office, and a gateway on record."""

    def __init__(self, trial: LiveTrial, client: TestClient) -> None:
        self.trial, self.client = trial, client
        self.roof = trial.gateway(TrialGateway())

    def send(self, *lines: str) -> Any:
        """Deliver lines."""
        return self.client.post(PATH, json={"batches": list(lines)})


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """Such a site."""
    trial = live_trial(database_url, tmp_path)
    app = create_app(database_url)
    app.state.office = trial.office
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Site(trial, client)
    trial.close()


def test_delivered_twice_kept_once(site: Site) -> None:
    made = [one.line for one in site.roof.batches(3)]
    answer = site.send(*made)
    assert answer.status_code == 200 and answer.json()["received_us"] > 1_700_000_000_000_000
    assert [one["status"] for one in answer.json()["results"]] == ["accepted"] * 3
    again = site.send(made[2], "nonsense", made[0]).json()["results"]
    assert [one["status"] for one in again] == ["already_known", "not_understood", "already_known"]
    assert again[0]["recorded"] == "accepted" and again[1]["refusal"]["code"] == "batch_not_understood"
    assert site.trial.one("select count(*) from batch") == 3 and site.trial.clean()


def test_findings_in_both_languages(site: Site) -> None:
    stranger = site.send(TrialGateway(seed=9).batch().line).json()["results"][0]
    assert (stranger["status"], stranger["rule"]) == ("quarantined", "B01")
    assert "登録されていません" in stranger["finding"]["message"]["ja"] and stranger["finding"]["clause"]
    held = site.send(site.roof.batches(2)[1].line).json()["results"][0]
    assert (held["status"], held["finding"]["facts"]["missing"]) == ("held", "1")


def test_a_stranger_is_not_read(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a batch with an unknown key only the header is looked at."""
    from openjcm.commands import receiving

    def fail(_: object) -> None:
        raise AssertionError("read")

    monkeypatch.setattr(receiving, "read_batch", fail)
    header = TrialGateway(seed=9).batch().line.partition(".")[0]
    answer = site.send(f"{header}.anything", f"{header}.\x00\u3042.{'x' * 5000}", ".", "")
    assert [one["status"] for one in answer.json()["results"]] == ["quarantined"] * 2 + ["not_understood"] * 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "request_not_understood"),
        (b"{}", 422, "request_not_understood"),
        (b'{"batches": []}', 422, "request_not_understood"),
        (b'{"batches": "x"}', 422, "request_not_understood"),
        (b'{"batches": [1]}', 422, "request_not_understood"),
        (b'{"batches": ["x"], "more": 1}', 422, "request_not_understood"),
        (b'{"batches": ["\\ud800"]}', 422, "request_not_understood"),
        (json.dumps({"batches": ["x"] * 2_001}).encode(), 422, "request_not_understood"),
        (b" " * (BODY_LIMIT + 1), 413, "body_too_large"),
    ],
)
def test_wrong_bodies(site: Site, body: bytes, status: int, code: str) -> None:
    answer = site.client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status and answer.json()["code"] == code
    assert answer.headers["content-type"] == "application/problem+json" and answer.json()["remedy"]["ja"]


def test_only_json_and_only_post(site: Site) -> None:
    answer = site.client.post(PATH, content=b"x", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415 and answer.json()["code"] == "not_json"
    assert site.client.get(PATH).status_code == 405


def test_without_database_nothing_is_promised(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from openjcm.commands import receiving

    monkeypatch.setattr(receiving, "ATTEMPTS", 1)
    site.trial.office.drop_connections()
    site.trial.office.database_url = "postgresql://127.0.0.1:1/none?connect_timeout=1"
    answer = site.send(site.roof.batch().line)
    assert answer.status_code == 503 and answer.json()["code"] == "try_again"


CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    negative_data_rejection,
]  # fmt: skip


def test_fuzz_from_the_description(site: Site) -> None:
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", site.client.app)
    operation = schema[PATH]["POST"]

    @fixed_seed(20261125)
    @settings(
        max_examples=15, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def call(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
        given(case=operation.as_strategy(generation_mode=mode))(call)()
    assert site.trial.clean()


def test_fuzz_from_real_batches(site: Site) -> None:
    """Lines cut, joined, repeated and overwritten: every answer is one of the six, and only real batches count."""
    real = [one.line for one in site.roof.batches(3)]

    @fixed_seed(20261125)
    @settings(max_examples=40, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.lists(st.tuples(st.sampled_from(real), st.integers(0, 900), st.text(max_size=6)), min_size=1, max_size=4))
    def call(parts: list[tuple[str, int, str]]) -> None:
        lines = [line[:place] + text + line[place + len(text) :] for line, place, text in parts]
        answer = site.send(*lines)
        assert answer.status_code == 200
        for line, one in zip(lines, answer.json()["results"], strict=True):
            known = {"accepted", "held", "already_known"}
            assert (one["status"] in known) == (line in real)
            assert one["status"] in known | {"quarantined", "not_understood"}

    call()
    assert site.trial.one("select count(*) from batch") <= 3 and site.trial.clean()


def test_the_operation_is_described(site: Site) -> None:
    described = site.client.get("/api/openapi.json").json()["paths"][PATH]["post"]
    assert described["operationId"] == "deliver_batches" and "security" not in described
    assert {"200", "413", "415", "422", "503"} <= described["responses"].keys()
