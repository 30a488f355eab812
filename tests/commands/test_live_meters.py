"""Gateways, keys and batches in the office: what is accepted, what is kept apart, and what a report is made from."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from batches import HOUR, QUARTER, START, TrialGateway
from live_office import PROJECT, TODAY, LiveTrial, live_trial
from openjcm.commands import live_desk, receiving
from openjcm.commands.receiving import Receiver, receive
from openjcm.dated import Answer
from openjcm.log.leaf import leaf_hash
from openjcm.log.tree import inclusion_proof, subtrees, verify_inclusion
from openjcm.mrv.batch import Series, line_of, read_batch
from openjcm.mrv.batch_set import about_of, check_batch_set
from openjcm.refusals import Refused
from openjcm.views.bundle import recompute_bundle, report_bundle
from trial_office import KEY

DAY = 24 * HOUR


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[LiveTrial]:
    """An office with a project."""
    trial = live_trial(database_url, tmp_path)
    yield trial
    trial.close()


@pytest.fixture
def roof(trial: LiveTrial) -> TrialGateway:
    """A gateway on record."""
    return trial.gateway(TrialGateway())


# Acts -----------------------------------------------------------------------------------------------------------------


def test_what_the_acts_refuse(trial: LiveTrial, roof: TrialGateway) -> None:
    gateway = {"gateway": "field", "project": PROJECT, "meters": ["M1"], "meters_since": "2026-01-01T00:00:00Z"}
    trial.refused("unknown_project", "register_gateway", TODAY, **{**gateway, "project": "XL999"})
    trial.refused("meter_not_in_plan", "register_gateway", TODAY, **{**gateway, "meters": ["M1", "M9"]})
    trial.refused("already_on_record", "register_gateway", TODAY, **{**gateway, "gateway": "roof"})
    for wrong in ("2026-01-01T00:00:00", "2026-01-01T00:00:00.5Z", "1066-01-01T00:00:00Z"):
        trial.refused("request_not_understood", "register_gateway", TODAY, **{**gateway, "meters_since": wrong})
    change = {name: gateway[name] for name in ("meters", "meters_since")}
    trial.refused("unknown_gateway", "change_gateway_meters", TODAY, gateway="nobody", **change)
    trial.refused("meter_not_in_plan", "change_gateway_meters", TODAY, gateway="roof", **{**change, "meters": ["M9"]})
    key = {"gateway": "roof", "public_key": TrialGateway(seed=5).public_key, "valid_since": "2026-01-01T00:00:00Z"}
    trial.refused("unknown_gateway", "register_gateway_key", TODAY, **{**key, "gateway": "nobody"})
    trial.refused("public_key_not_understood", "register_gateway_key", TODAY, **{**key, "public_key": "AAAA"})
    trial.refused("public_key_not_understood", "register_gateway_key", TODAY, **{**key, "public_key": "A" * 43})
    trial.refused("already_on_record", "register_gateway_key", TODAY, **{**key, "public_key": roof.public_key})
    ends = {**key, "valid_until": "2026-01-01T00:00:00Z"}
    trial.refused("key_ends_before_it_begins", "register_gateway_key", TODAY, **ends)
    trial.refused("unknown_gateway_key", "revoke_gateway_key", TODAY, key_id="A" * 43, reason="lost")
    lost = {"first_number": 1, "last_number": 1, "reason": "lost"}
    trial.refused("unknown_gateway_key", "declare_batches_lost", TODAY, key_id="A" * 43, **lost)
    trial.refused("not_the_missing_batches", "declare_batches_lost", TODAY, key_id=roof.key_id, **lost)
    trial.do("revoke_gateway_key", TODAY, key_id=roof.key_id, reason="stolen")
    trial.refused("already_on_record", "revoke_gateway_key", TODAY, key_id=roof.key_id, reason="stolen again")
    assert trial.clean()


# Receiving ------------------------------------------------------------------------------------------------------------


def test_accepted_once(trial: LiveTrial, roof: TrialGateway) -> None:
    made = roof.batches(3)
    assert trial.statuses(*made) == ["accepted"] * 3
    entries = trial.one("select count(*) from journal where act = 'receive_batches'")
    again = trial.receive(*made)
    assert [(one.status, one.recorded) for one in again] == [("already_known", "accepted")] * 3
    assert trial.one("select count(*) from journal where act = 'receive_batches'") == entries == 1
    stored = trial.all("select payload, signature from batch order by batch_no")
    assert [line_of(roof.key_id, bytes(one), bytes(two)) for one, two in stored] == [one.line for one in made]
    assert trial.clean()


def test_strangers_and_forgeries(trial: LiveTrial, roof: TrialGateway) -> None:
    first = roof.batch()
    stranger = TrialGateway(seed=9).batch()
    other = TrialGateway(seed=9).batch()
    forged = line_of(roof.key_id, first.payload, other.signature)
    before = trial.fingerprint()
    assert trial.statuses(stranger, forged, "nonsense") == ["quarantined B01", "quarantined B02", "not_understood"]
    assert trial.fingerprint() == before, "what comes from nobody leaves no trace in the journal"
    assert trial.all("select rule from stray_batch order by 1") == [("B01",), ("B02",)]
    assert trial.statuses(stranger, forged, first, forged) == [
        "quarantined B01", "quarantined B02", "accepted", "quarantined B02",
    ]  # fmt: skip
    assert trial.one("select count(*) from stray_batch") == 2
    assert trial.clean()


def test_strays_are_bounded(trial: LiveTrial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "STRAYS_KEPT", 3)
    monkeypatch.setattr(receiving, "STRAY_BEGINNING", 50)
    made = TrialGateway(seed=9).batches(5)
    assert trial.statuses(*made) == ["quarantined B01"] * 5 and trial.statuses(made[4]) == ["quarantined B01"]
    assert trial.all("select distinct length(beginning) from stray_batch") == [(50,)]
    assert trial.one("select count(*) from stray_batch") == 3


def test_a_gap_waits_and_is_released(trial: LiveTrial, roof: TrialGateway) -> None:
    first, second, third, fourth = roof.batches(4)
    assert trial.statuses(third, fourth) == ["held B08", "held B08"]
    assert trial.statuses(first) == ["accepted"]
    assert trial.receive(third)[0].recorded == "held"
    assert trial.statuses(second) == ["accepted"]
    assert trial.receive(third)[0].recorded == "accepted"
    assert [row[3] for row in trial.totals()] == ["accepted"] * 4
    assert trial.one("select waiting from batch_chain") == 0
    assert trial.clean()


def test_too_many_waiting(trial: LiveTrial, roof: TrialGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "WAITING_MOST", 2)
    made = roof.batches(5)
    assert trial.statuses(made[1], made[2]) == ["held B08"] * 2
    assert trial.statuses(made[3]) == ["not_taken B08"]
    assert trial.statuses(made[4], made[0]) == ["not_taken B08", "accepted"]
    assert trial.statuses(made[3], made[4]) == ["accepted"] * 2
    assert trial.clean()


def test_rules_in_the_office(trial: LiveTrial, roof: TrialGateway) -> None:
    """One batch for each rule, through the database."""
    chained = [
        roof.batch(gateway="field"),
        roof.batch(series=[roof.series(START + DAY, meter="M9")]),
        roof.batch(created_us=live_desk.to_us(trial.now) + 121_000_000),
        roof.batch(START - 20 * DAY, created_us=START),
    ]
    good = roof.batch()
    again = roof.batch(series=good.batch.series, created_us=good.batch.created_us)
    replayed = roof.batch(sequence=5, previous=good.batch.previous, created_us=good.batch.created_us + 1)
    broken = roof.batch(sequence=7, previous="a" * 64)
    assert trial.statuses(*chained, good, again, replayed, broken) == [
        "quarantined B03", "quarantined B05", "quarantined B09", "quarantined B10", "accepted", "quarantined B11",
        "quarantined B06", "quarantined B07",
    ]  # fmt: skip
    finding = trial.receive(roof.batch(sequence=7, previous="b" * 64))[0].as_data()["finding"]
    assert finding["rule"] == "B07" and finding["clause"] and "連鎖" not in finding["message"]["en"]
    assert trial.statuses(roof.batch()) == ["accepted"]
    assert trial.clean()


def test_repetition_is_of_what_was_accepted(trial: LiveTrial, roof: TrialGateway) -> None:
    series = [roof.series(START)]
    early = roof.batch(series=series, gateway="field")
    assert trial.statuses(early, roof.batch(series=series), roof.batch(series=series)) == [
        "quarantined B03", "accepted", "quarantined B11",
    ]  # fmt: skip
    made = [roof.batch(), roof.batch()]
    twin = roof.batch(series=made[1].batch.series, created_us=made[1].batch.created_us)
    assert trial.statuses(made[1]) == ["held B08"]
    assert trial.statuses(made[0]) == ["accepted"] and trial.statuses(twin) == ["quarantined B11"]
    field = trial.gateway(TrialGateway("field", seed=2))
    assert trial.statuses(field.batch(series=series)) == ["accepted"], "another gateway may say the same"
    assert trial.clean()


def test_rotation_and_revocation(trial: LiveTrial, roof: TrialGateway) -> None:
    old = roof.batches(2)
    new = TrialGateway(seed=2)
    trial.key(new)
    assert trial.statuses(old[0], new.batch(START + DAY), old[1]) == ["accepted"] * 3
    held = roof.batches(2)[1]
    assert trial.statuses(held) == ["held B08"]
    trial.later(hours=1)
    trial.do("revoke_gateway_key", TODAY, key_id=roof.key_id, reason="the old gateway was stolen")
    assert trial.statuses(roof.batch(sequence=3, previous=old[1].sha256)) == ["quarantined B04"]
    assert trial.totals()[3][3] == "accepted", "what was received before the revocation counts"
    assert trial.statuses(new.batch(START + DAY + HOUR)) == ["accepted"]
    assert trial.clean()


def test_other_meters_from_an_instant_on(trial: LiveTrial, roof: TrialGateway) -> None:
    trial.do("change_gateway_meters", TODAY, gateway="roof", meters=["M2"], meters_since="2026-01-01T02:00:00Z")
    assert trial.statuses(*roof.batches(3)) == ["accepted", "accepted", "quarantined B05"]
    roof.meter = "M2"
    assert trial.statuses(roof.batch()) == ["accepted"]
    trial.do("change_gateway_meters", TODAY, gateway="roof", meters=[], meters_since="2026-01-01T02:00:00Z")
    assert trial.statuses(roof.batch()) == ["quarantined B05"], "the newer list of one instant holds"


def test_numbers_declared_lost(trial: LiveTrial, roof: TrialGateway) -> None:
    made = roof.batches(6)
    lost = {"key_id": roof.key_id, "reason": "the disk of the gateway failed"}
    assert trial.statuses(made[0], made[3], made[4]) == ["accepted", "held B08", "held B08"]
    for first, last in ((1, 3), (2, 2), (2, 4), (3, 3)):
        trial.refused(
            "not_the_missing_batches", "declare_batches_lost", TODAY, first_number=first, last_number=last, **lost
        )
    receipt = trial.do("declare_batches_lost", TODAY, first_number=2, last_number=3, **lost)
    assert receipt.outcome["counts"] == {"released_accepted": 2}
    assert trial.statuses(made[5], made[2]) == ["accepted", "quarantined B12"]
    assert [row[3] for row in trial.totals()].count("accepted") == 4
    assert trial.clean()


def test_any_order_in_the_office(trial: LiveTrial, tmp_path: Path) -> None:
    """Three gateways, batches shuffled, repeated and cut into commits at random: the same set, and the same file."""
    chance = random.Random(7)
    results = []
    for turn in range(6):
        gateways = [trial.gateway(TrialGateway(f"g{turn}-{place}", seed=10 * turn + place + 1)) for place in range(3)]
        made = [one for gateway in gateways for one in gateway.batches(6)]
        delivered = made + chance.choices(made, k=6)
        chance.shuffle(delivered)
        while delivered:
            size = chance.randrange(1, 8)
            trial.receive(*delivered[:size])
            del delivered[:size]
        names = [gateway.name for gateway in gateways]
        rows = trial.all(
            "select right(k.gateway_id, 1), b.sequence, coalesce(r.status, b.status) from batch b"
            " join gateway_key k on k.entry_no = b.key_no left join batch_release r using (batch_no)"
            " where k.gateway_id = any(%s) order by 1, 2",
            names,
        )
        results.append(rows)
    assert len(results[0]) == 18 and all(rows == results[0] for rows in results)
    assert {row[2] for row in results[0]} == {"accepted"}
    assert trial.clean()


def test_two_deliver_at_once(trial: LiveTrial, roof: TrialGateway) -> None:
    made = roof.batches(40)
    answers: list[list[str]] = []

    def deliver() -> None:
        answers.append([one.status for one in receive(trial.office, [one.line for one in made])])

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    [one.start() for one in threads], [one.join() for one in threads]
    assert sorted(one.count("accepted") for one in answers) == [0, 0, 0, 40]
    assert trial.one("select count(*) from batch") == 40 and trial.clean()


def test_the_gathering_of_callers(trial: LiveTrial, roof: TrialGateway) -> None:
    made = roof.batches(60)
    receiver = Receiver(trial.office)
    answers: dict[int, str] = {}

    def deliver(place: int) -> None:
        answers[place] = receiver.receive([made[place].line])[0].sha256

    threads = [threading.Thread(target=deliver, args=(place,)) for place in range(60)]
    [one.start() for one in threads], [one.join() for one in threads]
    assert answers == {place: one.sha256 for place, one in enumerate(made)}
    receiver.close()
    assert trial.one("select count(*) from batch_receipt") < 60
    assert [row[3] for row in trial.totals()] == ["accepted"] * 60
    assert receiver.receive(["nonsense"])[0].status == "not_understood"
    receiver.close()
    assert trial.clean()


def test_a_batch_is_proven_to_stand_in_the_log(trial: LiveTrial, roof: TrialGateway) -> None:
    """With the lines of its receipt, the entry's outcome and the log's own proof of the entry."""
    made = roof.batches(5)
    trial.receive(*made)
    outcome, body = trial.all(
        "select j.outcome, l.body from journal j join log_leaf l on l.entry_no = j.entry_no and l.kind = 'entry'"
        " where act = 'receive_batches'"
    )[0]
    lines = [f"{one.sha256} {live_desk.to_us(trial.now)} received accepted -" for one in made]
    hashes = [leaf_hash(line.encode()) for line in lines]
    tree = subtrees(hashes)
    proof = inclusion_proof(3, 5, lambda *at: tree[at])
    assert verify_inclusion(hashes[3], 3, 5, proof, bytes.fromhex(outcome["root"]))
    assert json.loads(bytes(body))["outcome"]["root"] == outcome["root"]


# Audit ----------------------------------------------------------------------------------------------------------------

CORRUPTIONS = {
    "a payload changed": ("update batch set payload = payload || ' ' where sequence = 1", "batch_wrong"),
    "a signature changed": (
        "update batch set signature = sha256('a') || sha256('b') where sequence = 1",
        "batch_wrong",
    ),
    "a number changed": ("update batch set sequence = 9 where sequence = 1", "batch_wrong"),
    "an instant changed": ("update batch set first_us = 1 where sequence = 1", "batch_wrong"),
    "a key taken out": ("update batch set key_no = 1 where sequence = 1", "batch_wrong"),
    "a verdict changed": (
        "update batch set status = 'accepted', rule = null where status = 'quarantined'",
        "receipt_wrong",
    ),
    "a receipt of time changed": ("update batch set received_us = received_us - 1 where sequence = 1", "receipt_wrong"),
    "a release changed": ("update batch_release set status = 'quarantined', rule = 'B05'", "receipt_wrong"),
    "a root changed": ("update batch_receipt set root = repeat('0', 64) where receipt_no = 1", "receipt_wrong"),
    "a receipt without batches": (
        "insert into batch_receipt select 99, 1, repeat('0', 64), 1",
        "receipt_wrong",
    ),
    "a chain set forward": ("update batch_chain set next_sequence = next_sequence + 1", "chain_wrong"),
    "a chain's head changed": ("update batch_chain set head = repeat('a', 64)", "chain_wrong"),
    "a chain's clock changed": ("update batch_chain set last_created_us = 1", "chain_wrong"),
    "a count of waiting changed": ("update batch_chain set waiting = 5", "chain_wrong"),
    "a gateway moved": ("update gateway set clock_ahead_seconds = 9999", "row_missing"),
    "a key moved": ("update gateway_key set valid_since = '2020-01-01'", "row_missing"),
    "a list changed": ("update gateway_meters set meters = array['M9']", "row_missing"),
    "a revocation taken out": ("delete from gateway_key_revocation", "row_missing"),
    "a loss grown": ("update batch_loss set reason = 'other'", "row_missing"),
    "a closing taken out": ("delete from live_closing", "row_missing"),
}


def test_every_corruption_is_found(trial: LiveTrial, roof: TrialGateway) -> None:
    made = roof.batches(7)
    wrong = roof.batch(series=[roof.series(START + 9 * HOUR, meter="M9")])
    trial.receive(*made[:2], made[3])
    trial.receive(made[2], made[6])
    trial.do("declare_batches_lost", TODAY, key_id=roof.key_id, first_number=5, last_number=6, reason="lost")
    trial.receive(wrong)
    old = TrialGateway(seed=4)
    trial.key(old)
    trial.do("revoke_gateway_key", TODAY, key_id=old.key_id, reason="never used")
    close(trial, "2026-01-01", "2026-01-01")
    assert trial.clean()
    tables = ["batch", "batch_release", "batch_receipt", "batch_chain", "gateway", "gateway_key", "gateway_meters",
              "gateway_key_revocation", "batch_loss", "live_closing"]  # fmt: skip
    for name, (statement, rule) in CORRUPTIONS.items():
        for text in (statement, None):
            with psycopg.connect(trial.office.database_url) as connection:
                for table in tables if text else []:
                    connection.execute(f"alter table {table} disable trigger user".encode())
                if text:
                    assert connection.execute(text.encode()).rowcount > 0, name
                    assert rule in _audited(connection, trial), name
                elif "batch_chain" not in statement:
                    with pytest.raises(psycopg.errors.RestrictViolation):
                        connection.execute(statement.encode() if "insert" not in statement else b"delete from batch")
                connection.rollback()


def _audited(connection: psycopg.Connection, trial: LiveTrial) -> set[str]:
    from openjcm.commands.live_audit import check_batches
    from openjcm.store.audit import audit

    found = [*audit(connection, trial.office.files, KEY.public_key()), *check_batches(connection)]
    assert all(item.message("en") and item.message("ja") for item in found)
    return {item.rule for item in found}


# Closing --------------------------------------------------------------------------------------------------------------


def close(trial: LiveTrial, start: str, end: str, **more: Any) -> dict[str, Any]:
    return trial.do("close_live_readings", TODAY, project=PROJECT, period_start=start, period_end=end, **more).outcome


def two_days(trial: LiveTrial, roof: TrialGateway) -> list[Any]:
    """Readings of two meters from the last hour of December to the first hour of the third day."""
    made = []
    for hour in range(-1, 50):
        first = START + hour * HOUR
        series = [roof.series(first, value=1_000_000 + 40_000 * hour, meter=name) for name in ("M1", "M2")]
        for one in series:
            one.values[:] = [value + 9_990 * step for step, value in enumerate(one.values)]  # type: ignore[index]
        made.append(roof.batch(series=series))
    return made


def test_from_batches_to_a_recomputed_report(trial: LiveTrial, roof: TrialGateway) -> None:
    made = two_days(trial, roof)
    wrong = roof.batch(series=[roof.series(START + 60 * HOUR, meter="M9")])
    assert set(trial.statuses(*made, wrong)) == {"accepted", "quarantined B05"}
    [file] = close(trial, "2026-01-01", "2026-01-02")["files"]
    assert file["meters"] == ["M1", "M2"] and file["readings"] == 2 * 51 * 4 and file["batches"] == 51
    receipt = trial.do(
        "submit_monitoring_report", TODAY, project=PROJECT, monitoring_start="2026-01-01", monitoring_end="2026-01-02",
        files=[file["file_sha256"]],
    )  # fmt: skip
    body = json.loads(bytes(trial.one("select body from product where sha256 = %s", receipt.outcome["report_sha256"])))
    assert body["files"][0]["parquet_sha256"] == file["parquet_sha256"]
    assert "1920" in json.dumps(body["energy"]), "two days at 40 kWh an hour"
    with trial.office.transaction() as connection:
        bundle = report_bundle(
            connection, trial.office.files.get, receipt.outcome["report_sha256"], trial.office.signer.origin,
            KEY.public_key(),
        )  # fmt: skip
    result = recompute_bundle(bundle)
    assert result.answer is Answer.YES, [(one.name, one.en) for one in result.checks]
    assert made[-1].sha256.encode() in bundle, "the bundle names the chain's head"
    assert trial.clean()


def test_the_set_follows_from_the_batches(trial: LiveTrial, roof: TrialGateway) -> None:
    """Whoever holds the signed lines makes the set again; whatever is changed is noticed."""
    made = two_days(trial, roof)
    made.insert(20, roof.batch(series=[roof.series(START + 60 * HOUR, meter="M9")]))
    more = [roof.batch(START + 51 * HOUR)]
    trial.receive(*made, *more)
    [file] = close(trial, "2026-01-01", "2026-01-02")["files"]
    data = trial.office.files.get(file["file_sha256"])
    lines = [read_batch(one.line) for one in [*made, *more]]

    def answers(batches: list[Any]) -> list[str]:
        checks = check_batch_set(data, "set", batches)
        assert all(one.en and one.ja for one in checks)
        return [one.answer.value for one in checks]

    assert answers(lines) == ["yes", "yes", "yes"]
    assert answers(lines[:10] + lines[11:]) == ["yes", "no", "no"]
    assert answers(lines[1:])[1:] == ["no", "no"]
    assert answers(lines[:-20])[1:] == ["no", "no"]
    forged = read_batch(line_of(roof.key_id, lines[5].payload, lines[6].signature))
    assert answers([*lines[:5], forged, *lines[6:]]) == ["no", "yes", "yes"]
    about = about_of(data, "set")
    assert about["keys"][0]["public_key"] == roof.public_key and about["keys"][0]["batches"] == 52
    with pytest.raises(Refused) as caught:
        about_of(data[:-9], "set")
    assert caught.value.code == "no_batch_set"


def test_what_closing_refuses(trial: LiveTrial, roof: TrialGateway) -> None:
    period = {"project": PROJECT, "period_start": "2026-01-01", "period_end": "2026-01-02"}
    act = "close_live_readings"
    trial.refused("no_live_readings", act, TODAY, **period)
    trial.refused("live_period_reversed", act, TODAY, **{**period, "period_end": "2025-12-31"})
    trial.refused("live_period_reversed", act, TODAY, **{**period, "period_end": "2046-12-31"})
    trial.refused("before_its_cause", act, "2026-01-01", **period)
    trial.refused("unknown_project", act, TODAY, **{**period, "project": "XL999"})
    made = roof.batches(4)
    trial.receive(made[0], made[2])
    waits = trial.refused("batches_still_wait", act, TODAY, **period)
    assert waits.facts["gateways"] == "roof" and waits.facts["count"] == "1"
    trial.receive(made[1])
    close(trial, "2026-01-01", "2026-01-02")
    trial.refused("live_period_closed", act, TODAY, **{**period, "period_start": "2026-01-02"})
    assert trial.statuses(made[3]) == ["quarantined B10"], "its readings are of a closed period"
    assert trial.statuses(roof.batch(START + 2 * DAY)) == ["accepted"]
    trial.refused(
        "no_live_readings", act, TODAY, **{**period, "period_start": "2026-01-04", "period_end": "2026-01-05"}
    )
    assert trial.clean()


def test_readings_that_are_stored_already(trial: LiveTrial, roof: TrialGateway) -> None:
    """An upload that holds the very same readings as the period."""
    import base64

    trial.receive(*roof.batches(2))
    text = "time,Wh\n" + "".join(f"{1 * step // 4:02}:{15 * (step % 4):02},{1000 + 10 * step}\n" for step in range(8))
    text = text.replace("\n0", "\n2026-01-01 0")
    mapping = {
        "format": "csv", "layout": "long", "encoding": "utf-8", "delimiter": ",", "decimal_mark": ".",
        "time_column": "time", "time_format": "%Y-%m-%d %H:%M", "value_columns": [["Wh", "M1"]],
        "kind": "cumulative", "unit": "Wh", "least_unit": "Wh", "time_zone": "+00:00",
    }  # fmt: skip
    trial.do(
        "upload_readings", TODAY, name="same.csv", media_type="text/csv", mapping=mapping,
        content_base64=base64.b64encode(text.encode()).decode(),
    )  # fmt: skip
    trial.refused(
        "readings_stored_already", "close_live_readings", TODAY, project=PROJECT, period_start="2026-01-01",
        period_end="2026-01-01",
    )  # fmt: skip


def test_a_stored_batch_that_was_changed(trial: LiveTrial, roof: TrialGateway) -> None:
    trial.receive(*roof.batches(2))
    with trial.office.transaction() as connection:
        connection.execute("alter table batch disable trigger user")
        connection.execute("update batch set signature = (select signature from batch where sequence = 2)")
    trial.refused(
        "stored_batch_changed", "close_live_readings", TODAY, project=PROJECT, period_start="2026-01-01",
        period_end="2026-01-01",
    )  # fmt: skip


def test_kinds_go_into_files_of_their_own(trial: LiveTrial, roof: TrialGateway) -> None:
    t_us = [START + step * QUARTER for step in range(4)]
    power = Series("M2", "interval_power", "W", t_us, [5, 0, 7, 9], 900, "start")
    trial.receive(roof.batch(series=[roof.series(START), power]))
    files = close(trial, "2026-01-01", "2026-01-01")["files"]
    assert [(one["meters"], one["readings"]) for one in files] == [(["M1"], 4), (["M2"], 4)]
    assert trial.clean()
