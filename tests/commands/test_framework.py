"""How an act is done: discovered, described, once, and never half."""

from __future__ import annotations

import dataclasses
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from openjcm.canonical import canonical_text
from openjcm.commands import ACTS, Office, act, framework, open_office, run
from openjcm.commands.field_texts import FIELDS_JA
from openjcm.commands.office import log_key, write_secret
from openjcm.refusals import Refused
from trial_office import Trial

TRANSFER = {"blocks": ["JCM-JP-MN901-2022-1-4"], "target_account": "JPN/company", "occurred_on": "2025-02-01"}


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """A market of forty credits."""
    trial = Trial(database_url, tmp_path)
    trial.market()
    yield trial
    trial.close()


def test_what_came_later_and_is_not_used_leaves_the_text_as_it_was() -> None:
    """The quick way and the whole way write the same text, with and without the fields that came later."""
    fields = {"blocks": ["a"], "retirement_account": "x", "occurred_on": "2025-01-01", "used_for_year": 2030}
    for more in ({}, {"serves": "shk"}, {"serves": "gx_ets", "served": "a company"}):
        request = act("retire").read({**fields, "purpose": "ndc", **more})
        text = act("retire").form_text(request)
        assert text == canonical_text(act("retire").journal_form(request))
        assert ("serves" in text, "choose" in text) == (bool(more), False)


def test_one_file_for_each_act() -> None:
    """An act has the name of its module, texts in both languages, and a description for each field in both."""
    assert len(ACTS) >= 13
    for name, found in ACTS.items():
        assert found.decide.__module__ == f"openjcm.commands.{name}"
        assert found.title_en and found.title_ja and found.permission and found.request.__doc__
        for field, info in found.request.model_fields.items():
            assert info.description, f"{name}.{field}"
            assert FIELDS_JA.get(field), f"{name}.{field} has no Japanese text"


def test_unknown_acts_are_refused(trial: Trial) -> None:
    """The known ones are named."""
    refused = trial.refused("unknown_act", "launder", "2025-02-01")
    assert "transfer" in refused.facts["acts"]


@pytest.mark.parametrize(
    "request_data",
    [
        {},
        [],
        "x",
        None,
        {**TRANSFER, "target_account": 1.5},
        {**TRANSFER, "extra": 1},
        b"{",
        {**TRANSFER, "blocks": "a"},
    ],
)
def test_requests_are_read_strictly(trial: Trial, request_data: Any) -> None:
    """What is not the described request is refused, with the places that are wrong."""
    with pytest.raises(Refused) as caught:
        run("transfer", request_data, office=trial.office, actor="trial")
    assert caught.value.code == "request_not_understood" and caught.value.facts["places"]


@pytest.mark.parametrize(
    "text",
    [
        b'{"blocks": ["JCM-JP-MN901-2022-1"], "blocks": ["JCM-JP-MN901-2022-2"],'
        b' "target_account": "JPN/company", "occurred_on": "2025-02-01"}',
        b'{"blocks": ["JCM-JP-MN901-2022-1"], "target_account": "JPN/company", "occurred_on": "2025-02-01",'
        b' "occurred\\u005fon": "2025-02-02"}',
    ],
)
def test_a_name_stands_once(trial: Trial, text: bytes) -> None:
    """Of two values under one name, a reader before us may have shown the other."""
    before = trial.fingerprint()
    with pytest.raises(Refused) as caught:
        run("transfer", text, office=trial.office, actor="trial")
    assert caught.value.code == "request_not_understood" and "stands twice" in caught.value.facts["places"]
    assert trial.fingerprint() == before


@pytest.mark.parametrize(
    "holder", ["", "  ", "\u3000", "a\u200b", "\u200b", "\u202eKPE", "a\nb", "a\x1bb", "\ufeffa", "a\x85"]
)
def test_names_show_what_they_are(trial: Trial, holder: str) -> None:
    """No blank name, and none with marks that nobody sees: two such names would look the same."""
    account = {"account_id": "JPN/new", "registry_id": "JPN", "account_type": "entity_holding", "holder": holder}
    trial.refused("request_not_understood", "open_account", "2025-01-01", **account)


@pytest.mark.parametrize(
    "holder", ["日本国政府", "Монгол Улс", "বাংলা\u200dদেশ", "ශ්\u200dරී ලංකා", "شركة", "O'Neil & Søn (A/S)"]
)
def test_names_of_every_country_are_taken(trial: Trial, holder: str) -> None:
    """Letters of any script; joiners belong to them."""
    trial.do(
        "open_account", "2025-01-01", account_id="JPN/new", registry_id="JPN", account_type="entity_holding",
        holder=holder,
    )  # fmt: skip


@pytest.mark.parametrize("party", ["ZZZ", "MGN", "CHE", "JPN"])
def test_projects_stand_in_partner_countries(trial: Trial, party: str) -> None:
    """A slip of the pen founds no country, and Japan hosts no project of its own."""
    fields = {"reference": "MN902", "world": "public", "title": "t", "status": "s", "methodologies": []}
    trial.refused("unknown_country", "register_project", "2025-01-01", **fields, host_party=party)


@pytest.mark.parametrize("end", ["9999-12-31", "2201-01-01", "1989-12-31"])
def test_periods_lie_in_our_time(trial: Trial, end: str) -> None:
    """The last day that a calendar knows has no day after it, and is no day of a project."""
    fields = {"reference": "MN902", "world": "public", "host_party": "MNG", "title": "t", "status": "s"}
    period = {"start": "2021-01-01", "end": end}
    trial.refused("request_not_understood", "register_project", "2025-01-01", **fields, crediting_period=period)


@pytest.mark.parametrize("key", ["", "a" * 201, "tab\there", "nul\0"])
def test_keys_are_printable(trial: Trial, key: str) -> None:
    """A key is 1 to 200 printable characters."""
    with pytest.raises(Refused) as caught:
        run("transfer", TRANSFER, office=trial.office, key=key, actor="trial")
    assert caught.value.code == "request_not_understood"


def test_a_request_may_be_a_model_bytes_or_data(trial: Trial) -> None:
    """Three ways to say the same are one request."""
    model = act("transfer").request.model_validate(TRANSFER)
    receipts = [
        run("transfer", data, office=trial.office, actor="trial")
        for data in (model, model.model_dump_json().encode(), TRANSFER)
    ]
    assert [receipt.replayed for receipt in receipts] == [False, True, True]
    assert len({receipt.entry_no for receipt in receipts}) == 1
    assert receipts[0].outcome == receipts[1].outcome


def test_what_the_database_refuses_is_a_refusal(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """An act that breaks a constraint is refused with its name, after some tries, and leaves nothing."""
    before = trial.fingerprint()
    for statement in (
        "insert into holding select series, serials, account_id, origin_id, since_entry_no, since from holding",
        "delete from movement",
    ):

        def spoil(connection: psycopg.Connection, entry_no: int, decision: Any, text: str = statement) -> None:
            connection.execute(text.encode())

        monkeypatch.setitem(ACTS, "spoiled", dataclasses.replace(ACTS["transfer"], record=spoil))
        with pytest.raises(Refused) as caught:
            run("spoiled", TRANSFER, office=trial.office, actor="trial")
        assert caught.value.code == "refused_by_database" and caught.value.facts["rule"]
        assert trial.fingerprint() == before


def test_a_programmers_error_leaves_nothing(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception in the middle rolls everything back and comes through."""

    def fail(connection: psycopg.Connection, entry_no: int, decision: Any) -> None:
        raise ZeroDivisionError

    before = trial.fingerprint()
    monkeypatch.setitem(ACTS, "broken", dataclasses.replace(ACTS["transfer"], record=fail))
    with pytest.raises(ZeroDivisionError):
        run("broken", TRANSFER, office=trial.office, actor="trial")
    assert trial.fingerprint() == before


def test_deadlocks_are_tried_again(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the database calls temporary is tried again; at last the caller is told to."""
    calls = []

    def load(desk: framework.Desk, request: Any) -> Any:
        calls.append(1)
        if len(calls) < 3:
            raise psycopg.errors.DeadlockDetected
        return ACTS["transfer"].load(desk, request)

    monkeypatch.setitem(ACTS, "slow", dataclasses.replace(ACTS["transfer"], load=load))
    assert run("slow", TRANSFER, office=trial.office, actor="trial").outcome["quantity"] == 4
    assert len(calls) == 3


def test_the_day_is_tokyos(trial: Trial) -> None:
    """An act of the 22nd in Tokyo is recorded while it is still the 21st in Greenwich."""
    late = dataclasses.replace(trial.office, clock=lambda: datetime(2026, 11, 21, 15, 0, tzinfo=UTC))
    assert run("transfer", {**TRANSFER, "occurred_on": "2026-11-22"}, office=late, actor="trial").entry_no
    with pytest.raises(Refused) as caught:
        run("transfer", {**TRANSFER, "occurred_on": "2026-11-23"}, office=late, actor="trial")
    assert caught.value.code == "dated_in_the_future"
    late.close()


def test_an_office_opens_by_its_folder(trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log's key is made once, for its owner only; two openings share it."""
    monkeypatch.setenv("OPENJCM_DATABASE_URL", trial.office.database_url)
    first: Office = open_office(tmp_path / "data")
    second = open_office(tmp_path / "data")
    assert first.signer.private_key.private_bytes_raw() == second.signer.private_key.private_bytes_raw()
    assert stat.S_IMODE((tmp_path / "data" / "keys" / "log.key").stat().st_mode) == 0o600
    assert write_secret(tmp_path / "data" / "keys" / "log.key", "another") != "another", "the first writer's stands"
    assert log_key(tmp_path / "data" / "keys" / "log.key").private_bytes_raw()
