"""The acts over HTTP: deny by default, strict input, refusals as problem documents."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from openjcm.api import BODY_LIMIT, PREFIX, operator_token
from openjcm.commands import ACTS

if TYPE_CHECKING:
    from conftest import Caller

TRANSFER = {"blocks": ["JCM-JP-MN901-2022-1-4"], "target_account": "JPN/company", "occurred_on": "2025-02-01"}


def assert_problem(response: Any, status: int, code: str, kind: str) -> None:
    """The response is a problem document of RFC 9457 with both languages."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/problem+json")
    body = response.json()
    assert (body["status"], body["code"], body["title"], body["kind"]) == (status, code, code, kind)
    assert body["message"]["ja"] and body["message"]["en"] and body["remedy"]["ja"] and body["clause"]


def test_an_act_is_done_and_replayed(caller: Caller) -> None:
    """201 with a receipt, then 200 with the same one."""
    first = caller.act("transfer", TRANSFER, Idempotency_Key="k-1")
    assert first.status_code == 201 and not first.json()["replayed"]
    assert first.json()["outcome"]["quantity"] == 4
    again = caller.act("transfer", TRANSFER, Idempotency_Key="k-1")
    assert again.status_code == 200 and again.json() == {**first.json(), "replayed": True}
    other = caller.act("transfer", {**TRANSFER, "blocks": ["JCM-JP-MN901-2022-9"]}, Idempotency_Key="k-1")
    assert_problem(other, 409, "idempotency_key_reused", "refused")
    assert caller.trial.clean()


@pytest.mark.parametrize("token", [None, "", "wrong", "right "])
def test_without_the_token_nothing_is_done(caller: Caller, token: str | None) -> None:
    """Deny by default, before anything is read of the request."""
    given = token.replace("right", caller.token[:-1]) if token else token
    response = caller.act("transfer", {"whatever": 1}, token=given)
    assert_problem(response, 401, "unauthorized", "access")
    assert response.headers["www-authenticate"] == "Bearer"


def test_other_schemes_are_no_token(caller: Caller) -> None:
    """Basic authentication with the token is refused."""
    headers = {"Authorization": f"Basic {caller.token}"}
    assert_problem(
        caller.client.post(f"{PREFIX}/transfer", json=TRANSFER, headers=headers), 401, "unauthorized", "access"
    )


def test_the_token_is_kept_from_others(tmp_path: Path) -> None:
    """The file is readable by its owner only, and the token stays the same."""
    token = operator_token(tmp_path)
    path = tmp_path / "keys" / "operator.token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert operator_token(tmp_path) == token and len(token) >= 32


WRONG_BODIES = {
    "no JSON": b"{",
    "empty": b"",
    "a list": b"[]",
    "a text": b'"transfer"',
    "null": b"null",
    "no UTF-8": b'{"target_account": "\xff"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a lone surrogate": b'{"blocks": ["\\ud800"], "target_account": "x", "occurred_on": "2025-02-01"}',
    "NUL": b'{"blocks": ["a\\u0000"], "target_account": "JPN/company", "occurred_on": "2025-02-01"}',
    "NUL in the account": b'{"blocks": ["x"], "target_account": "\\u0000", "occurred_on": "2025-02-01"}',
    "an unknown field": b'{"blocks": ["x"], "target_account": "a", "occurred_on": "2025-02-01", "x": 1}',
    "a number for a text": b'{"blocks": ["JCM-JP-MN901-2022-1"], "target_account": 5, "occurred_on": "2025-02-01"}',
    "a number for a day": b'{"blocks": ["JCM-JP-MN901-2022-1"], "target_account": "a", "occurred_on": 20250201}',
    "no such day": b'{"blocks": ["JCM-JP-MN901-2022-1"], "target_account": "a", "occurred_on": "2025-02-30"}',
    "a time": b'{"blocks": ["JCM-JP-MN901-2022-1"], "target_account": "a", "occurred_on": "2025-02-01T01:00:00Z"}',
    "deep": b'{"blocks": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    "too many blocks": b'{"blocks": ['
    + b'"a",' * 10_000
    + b'"a"], "target_account": "a", "occurred_on": "2025-02-01"}',
}


def test_wrong_bodies_are_refused(caller: Caller) -> None:
    """Whatever is not the described request is refused with a problem document."""
    before = caller.trial.fingerprint()
    for body in WRONG_BODIES.values():
        assert_problem(caller.raw("transfer", body), 422, "request_not_understood", "malformed")
    assert caller.trial.fingerprint() == before


def test_numbers_are_whole_and_bounded(caller: Caller) -> None:
    """A fraction, a text, a truth value or a giant is no number of tonnes; a year neither."""
    for value in ["1.5", "1e3", "NaN", "Infinity", "true", '"1"', "10" * 200, "9" * 5000, "-" + "9" * 30]:
        retire = (
            b'{"blocks": ["JCM-JP-MN901-2022-1"], "retirement_account": "JPN/retirement", "purpose": "ndc",'
            b' "occurred_on": "2025-02-01", "used_for_year": ' + value.encode() + b"}"
        )
        assert_problem(caller.raw("retire", retire), 422, "request_not_understood", "malformed")


def test_free_values_are_exact(caller: Caller) -> None:
    """Where any JSON may stand, floats and giants may not."""
    for value in ["1.5", "1e400", "9" * 5000]:
        body = (
            b'{"subject_kind": "project", "subject": "MN901", "occurred_on": "2025-02-01", "fields":'
            b' [{"field": "f", "source": "s", "grade": "read", "value": {"deep": [' + value.encode() + b"]}}]}"
        )
        assert_problem(caller.raw("record_statement", body), 422, "request_not_understood", "malformed")


def test_a_huge_body_is_refused_unread(caller: Caller) -> None:
    """Beyond the limit the body is not parsed."""
    assert_problem(caller.raw("transfer", b" " * (BODY_LIMIT + 1)), 413, "body_too_large", "malformed")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json(caller: Caller, media_type: str) -> None:
    """A form from another page cannot act."""
    assert_problem(caller.raw("transfer", b"{}", media_type), 415, "not_json", "malformed")


@pytest.mark.parametrize("key", ["", "a b", "a" * 201, "é", "a\tb"])
def test_keys_are_plain(caller: Caller, key: str) -> None:
    """An odd key is refused."""
    headers = {
        "Authorization": f"Bearer {caller.token}".encode(),
        "Idempotency-Key": key.encode(),
        "Content-Type": b"application/json",
    }
    response = caller.client.post(f"{PREFIX}/transfer", json=TRANSFER, headers=headers)
    assert_problem(response, 400, "bad_idempotency_key", "malformed")


def test_refusals_carry_their_status(caller: Caller) -> None:
    """Not found, conflict and rule each have their status."""
    unknown = caller.act("transfer", {**TRANSFER, "target_account": "JPN/nobody"})
    assert_problem(unknown, 404, "unknown_account", "refused")
    assert_problem(caller.act("transfer", {**TRANSFER, "blocks": ["JCM-JP-MN901-2022-41"]}), 409, "not_held", "refused")
    assert_problem(caller.act("transfer", {**TRANSFER, "blocks": []}), 422, "no_blocks", "refused")


def test_what_is_no_operation(caller: Caller) -> None:
    """An unknown act is not found, and acts are not read with GET."""
    assert caller.act("launder", {}).status_code == 404
    assert caller.client.get(f"{PREFIX}/transfer").status_code == 405


def test_every_act_is_described(caller: Caller) -> None:
    """One operation for each act, each field with its description, refusals as problem documents."""
    document = caller.client.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for name, act in ACTS.items():
        operation = document["paths"][f"{PREFIX}/{name}"]["post"]
        assert act.title_en in operation["summary"] and act.title_ja in operation["summary"]
        assert {"201", "401", "409", "422"} <= operation["responses"].keys()
        assert list(operation["responses"]["422"]["content"]) == ["application/problem+json"]
        assert operation["security"]
    models = [model for name, model in document["components"]["schemas"].items() if name in
              {act.request.__name__ for act in ACTS.values()}]  # fmt: skip
    assert len(models) == len(ACTS)
    for model in models:
        assert all(field.get("description") for field in model["properties"].values()), model["title"]


def many(caller: Caller, acts: list[dict[str, Any]]) -> Any:
    """POST many acts in one call."""
    return caller.client.post(PREFIX, json={"acts": acts}, headers={"Authorization": f"Bearer {caller.token}"})


def test_many_acts_in_one_call_are_each_answered(caller: Caller) -> None:
    """Done in order, each by itself; asked again, the same answers and nothing done twice."""
    acts = [
        {"act": "transfer", "key": "m-1", "request": TRANSFER},
        {"act": "transfer", "key": "m-2", "request": TRANSFER},
        {"act": "cancel", "key": "m-3", "request": {
            "blocks": ["JCM-JP-MN901-2022-1"], "cancellation_account": "JPN/cancellation", "purpose": "omge",
            "reason": "r", "occurred_on": "2025-02-02"}},
    ]  # fmt: skip
    answers = many(caller, acts).json()["answers"]
    assert [one["status"] for one in answers] == [201, 422, 201]
    assert answers[0]["receipt"]["outcome"]["quantity"] == 4
    assert answers[1]["problem"]["code"] == "same_account" and answers[1]["problem"]["message"]["ja"]
    again = many(caller, acts).json()["answers"]
    assert [one["status"] for one in again] == [200, 422, 200]
    assert again[2]["receipt"] == {**answers[2]["receipt"], "replayed": True}
    assert caller.trial.clean()


@pytest.mark.parametrize(
    "acts",
    [
        [],
        [{"act": "issue", "request": {"decision_id": "D1", "side": "MNG", "occurred_on": "2025-02-01"}}],
        [{"act": "transfer", "request": {**TRANSFER, "extra": 1}}],
        [{"act": "transfer", "request": TRANSFER, "key": "no spaces"}],
        [{"act": "transfer", "request": TRANSFER}, {"act": "transfer"}],
    ],
)
def test_many_acts_of_which_one_is_malformed_are_refused_whole(caller: Caller, acts: list[dict[str, Any]]) -> None:
    before = caller.trial.fingerprint()
    assert_problem(many(caller, acts), 422, "request_not_understood", "malformed")
    assert caller.trial.fingerprint() == before


def test_many_acts_need_the_token_too(caller: Caller) -> None:
    assert_problem(caller.client.post(PREFIX, json={"acts": []}), 401, "unauthorized", "access")
