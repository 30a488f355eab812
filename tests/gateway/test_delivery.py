"""From the gateway to the office over real wires: HTTP and MQTT, brokers that restart, processes that are killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from batches import QUARTER, TrialGateway
from brokers import KINDS, Broker, free_port
from live_office import PROJECT, LiveTrial, live_trial
from openjcm.cli_parts import live, mqtt
from openjcm.cli_parts.mqtt import Listener
from openjcm.commands.office import now_utc, write_secret
from openjcm.gateway.config import HttpConfig, MqttConfig
from openjcm.gateway.forward import HttpForwarder, MqttForwarder, NotDelivered
from openjcm.mrv.batch import SignedBatch
from openjcm.refusals import Refused
from openjcm.store.database import migrate
from openjcm.store.server import Server
from trial_office import KEY

TESTS = Path(__file__).parent.parent
MARGIN = 40 * 3_600_000_000


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[LiveTrial]:
    """An office whose clock is the real one."""
    trial = live_trial(database_url, tmp_path / "office")
    trial.office.clock = now_utc
    yield trial
    trial.close()


def yesterday_us() -> int:
    return int(time.time() // 900) * 900_000_000 - MARGIN


def batches(gateway: TrialGateway, count: int) -> list[SignedBatch]:
    """The next batches of a gateway, of the last hours."""
    first = yesterday_us() + gateway.sequence * 4 * QUARTER
    return [gateway.batch(first + step * QUARTER) for step in range(count)]


def wait_for(what: Callable[[], Any], seconds: float = 30) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.05)


# MQTT -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=KINDS)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    """A real broker of each kind."""
    broker = Broker(request.param, tmp_path / "broker")
    broker.start()
    yield broker
    broker.stop()


class Listening:
    """A listener in a thread."""

    def __init__(self, trial: LiveTrial, config: MqttConfig) -> None:
        self.ended = threading.Event()
        self.listener = Listener(trial.office, config, "openjcm")
        self.thread = threading.Thread(target=self.listener.run, args=(self.ended.is_set,), daemon=True)
        self.thread.start()
        assert self.listener.subscribed.wait(30)

    def end(self) -> None:
        self.ended.set()
        self.thread.join()


def mqtt_config(broker: Broker, **more: Any) -> MqttConfig:
    usual = {"topic": "openjcm/batches/roof", "answers": "openjcm/answers/roof", "timeout_seconds": 20}
    return MqttConfig("127.0.0.1", broker.port, **{**usual, **more})


def test_answers_over_mqtt(trial: LiveTrial, broker: Broker) -> None:
    roof = trial.gateway(TrialGateway())
    listening = Listening(trial, mqtt_config(broker))
    way = MqttForwarder(mqtt_config(broker), "roof")
    made = batches(roof, 4)
    answers = way.send([one.line for one in made])
    assert {(one["sha256"], one["status"]) for one in answers} == {(one.sha256, "accepted") for one in made}
    stranger = TrialGateway(seed=9).batch()
    again = way.send([made[0].line, stranger.line])
    assert sorted(one["status"] for one in again) == ["already_known", "quarantined"]
    several = "\n".join(one.line for one in batches(roof, 2)) + "\nnonsense\n"
    way._client.publish("openjcm/batches/roof", several.encode(), qos=1)
    way._client.publish("openjcm/batches/no name", b"\xff\x00", qos=1)
    wait_for(lambda: trial.one("select count(*) from batch") == 6)
    way.close()
    listening.end()
    assert trial.clean()


def test_the_receiver_was_away(trial: LiveTrial, broker: Broker) -> None:
    """The broker keeps for the receiver what came meanwhile; the gateway keeps what nobody answered for.

    amqtt forgets what came for a session that was away: then only the gateway's second sending brings it.
    """
    roof = trial.gateway(TrialGateway())
    Listening(trial, mqtt_config(broker)).end()
    way = MqttForwarder(mqtt_config(broker, timeout_seconds=1), "roof")
    made = batches(roof, 3)
    with pytest.raises(NotDelivered):
        way.send([one.line for one in made])
    listening = Listening(trial, mqtt_config(broker))
    keeps = broker.kind == "mosquitto"
    wait_for(lambda: not keeps or trial.one("select count(*) from batch") == 3)
    way.config = mqtt_config(broker)
    # An answer to the first sending may come late, so either word is right; what counts is that nothing is there twice.
    answers = way.send([one.line for one in made])
    assert len(answers) == 3 and {one["status"] for one in answers} <= {"already_known", "accepted"}
    assert trial.one("select count(*) from batch") == 3
    way.close()
    listening.end()


def test_killed_between_commit_and_acknowledgement(trial: LiveTrial, broker: Broker, tmp_path: Path) -> None:
    roof = trial.gateway(TrialGateway())
    program = [sys.executable, str(TESTS / "crash_receiver.py"), "mqtt", trial.office.database_url,
               str(tmp_path / "office"), str(broker.port)]  # fmt: skip
    mortal = subprocess.Popen([*program, "1"], stdout=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    assert mortal.stdout is not None and b"connected" in mortal.stdout.readline()
    assert b"listening" in mortal.stdout.readline()
    way = MqttForwarder(mqtt_config(broker, timeout_seconds=4), "roof")
    made = batches(roof, 5)
    with pytest.raises(NotDelivered):
        way.send([one.line for one in made])
    assert mortal.wait(20) == -signal.SIGKILL
    kept = trial.one("select count(*) from batch")
    assert kept > 0, "it was killed after the commit"
    listening = Listening(trial, mqtt_config(broker))
    way.config = mqtt_config(broker)
    wait_for(lambda: trial.one("select count(*) from batch") == 5 or way.send([one.line for one in made]))
    answers = way.send([one.line for one in made])
    assert {(one["status"], one["recorded"]) for one in answers} == {("already_known", "accepted")}
    assert trial.one("select count(*) from batch") == 5
    way.close()
    listening.end()
    assert trial.clean()


def test_a_broker_that_restarts(trial: LiveTrial, broker: Broker) -> None:
    roof = trial.gateway(TrialGateway())
    listening = Listening(trial, mqtt_config(broker))
    way = MqttForwarder(mqtt_config(broker), "roof")
    assert len(way.send([one.line for one in batches(roof, 2)])) == 2
    broker.stop()
    way.config = mqtt_config(broker, timeout_seconds=1)
    made = [one.line for one in batches(roof, 2)]
    with pytest.raises(NotDelivered):
        way.send(made)
    broker.start()
    way.config = mqtt_config(broker, timeout_seconds=20)
    assert listening.listener.subscribed.wait(60)
    wait_for(way._client.is_connected, 60)
    for _ in range(5):
        if trial.one("select count(*) from batch") == 4:
            break
        way.send(made)
    assert trial.one("select count(*) from batch") == 4
    way.close()
    listening.end()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that signs itself."""
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "trial")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def test_tls_to_the_broker(trial: LiveTrial, tmp_path: Path) -> None:
    paths = certificate(tmp_path)
    broker = Broker(KINDS[0], tmp_path / "broker", certificate=paths)
    broker.start()
    roof = trial.gateway(TrialGateway())
    secure = {"tls": True, "ca_file": paths[0]}
    listening = Listening(trial, mqtt_config(broker, **secure))
    way = MqttForwarder(mqtt_config(broker, **secure), "roof")
    assert way.send([batches(roof, 1)[0].line])[0]["status"] == "accepted"
    way.close()
    plain = MqttForwarder(mqtt_config(broker, tls=True, timeout_seconds=2), "roof")
    with pytest.raises(NotDelivered):
        plain.send(["x.y.z"])
    listening.end()
    broker.stop()


def test_without_a_broker(trial: LiveTrial) -> None:
    config = MqttConfig("127.0.0.1", free_port(), "t", "a", timeout_seconds=1)
    with pytest.raises(NotDelivered):
        MqttForwarder(config, "roof").send(["x.y.z"])
    with pytest.raises(Refused) as caught:
        Listener(trial.office, config, "openjcm").run(lambda: False)
    assert caught.value.code == "broker_unreachable"


def test_nothing_is_acknowledged_while_the_database_is_away(trial: LiveTrial, monkeypatch: pytest.MonkeyPatch) -> None:
    from openjcm.commands.framework import TRY_AGAIN

    done: list[str] = []

    class Client:
        def publish(self, topic: str, *_: Any, **__: Any) -> None:
            done.append(topic)

        def ack(self, mid: int, qos: int) -> None:
            done.append(f"ack {mid}")

    def keep(_: Any, lines: Any) -> Any:
        done.append(f"keep {len(lines)}")
        if len(done) == 1:
            raise TRY_AGAIN()
        return []

    class Message:
        topic, payload, mid, qos = "openjcm/batches/roof", b"", 7, 1

    monkeypatch.setattr(mqtt.time, "sleep", lambda _: None)
    listener = Listener(trial.office, MqttConfig("x", 1, "", ""), "openjcm", keep=keep)
    listener._client = Client()
    listener.take([Message()])
    assert done == ["keep 0", "keep 0", "openjcm/answers/roof", "ack 7"]


# The receiver is killed -----------------------------------------------------------------------------------------------


def test_nothing_lost_nothing_twice(own_server: Server, tmp_path: Path) -> None:
    """Killed after a commit and before its answer, again and again: every batch is kept once, in the chain's order."""
    migrate(own_server.url)
    trial = live_trial(own_server.url, tmp_path / "office")
    trial.office.clock = now_utc
    roof = trial.gateway(TrialGateway())
    made = batches(roof, 60)
    chance = random.Random(3)
    told: set[str] = set()
    while len(told) < 60:
        order = [one.line for one in made]
        chance.shuffle(order)
        path = tmp_path / "lines"
        path.write_text("\n".join(order))
        program = [sys.executable, str(TESTS / "crash_receiver.py"), "lines", own_server.url, str(tmp_path / "office")]
        death = chance.randrange(2, 6) if len(told) < 20 else 0
        ended = subprocess.run([*program, str(path), str(death)], stdout=subprocess.PIPE, check=False)
        assert ended.returncode in (0, -signal.SIGKILL)
        told |= {line.split()[0] for line in ended.stdout.decode().splitlines()}
        kept = {row[2] for row in trial.totals()}
        assert told <= kept, "what was answered for is kept"
    rows = trial.totals()
    assert [(row[1], row[3]) for row in rows] == [(number, "accepted") for number in range(1, 61)]
    assert trial.clean()
    trial.close()


# HTTP, whole programs -------------------------------------------------------------------------------------------------


class Site:
    """``openjcm serve`` in a process of its own."""

    def __init__(self, trial: LiveTrial, folder: Path, command: list[str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/api/v1/batches"
        more = {"OPENJCM_DATABASE_URL": trial.office.database_url, "OPENJCM_DATA": str(folder), "PORT": str(self.port),
                "OPENJCM_LOG_ORIGIN": trial.office.signer.origin}  # fmt: skip
        write_secret(folder / "keys" / "log.key", KEY.private_bytes_raw().hex())
        self.process = subprocess.Popen([*command, "serve"], env=os.environ | more, stdout=subprocess.DEVNULL)
        wait_for(self._answers, 60)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """Kill it, and wait for the process of the pages, which the system ends a moment after its parent."""
        self.process.kill()
        self.process.wait()
        wait_for(lambda: not self._answers())


MAPPING = {
    "format": "csv", "layout": "long", "encoding": "utf-8", "delimiter": ",", "decimal_mark": ".",
    "time_column": "time", "time_format": "%Y-%m-%d %H:%M", "value_columns": [["kWh", "M1"]],
    "kind": "cumulative", "unit": "kWh", "least_unit": "kWh", "time_zone": "+00:00",
}  # fmt: skip


def meter_file(folder: Path, number: int, first_us: int) -> None:
    """A file of four readings of M1, of which each is one more than the one before."""
    rows = ["time,kWh"]
    for step in range(4 * number, 4 * number + 4):
        moment = datetime.fromtimestamp((first_us + step * QUARTER) // 1_000_000, UTC)
        rows.append(f"{moment:%Y-%m-%d %H:%M},{1000 + step}")
    path = folder / f"{number}.csv"
    path.with_suffix(".part").write_text("\n".join(rows) + "\n")
    path.with_suffix(".part").rename(path)


def test_whole_programs_that_are_killed(
    trial: LiveTrial, tmp_path: Path, openjcm_command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gateway and receiver are killed while files arrive; then all readings are there, once, and are reported."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    first = Site(trial, tmp_path / "office", openjcm_command)
    path = tmp_path / "gateway.yaml"
    files = {"folder": "inbox", "pattern": "*.csv", "mapping": MAPPING, "settle_seconds": 0}
    data = {"gateway": "roof", "batch": {"every_seconds": 1}, "sources": [{"files": files}],
            "forward": {"http": {"url": first.url, "timeout_seconds": 5}}}  # fmt: skip
    path.write_text(yaml.safe_dump(data))
    made = subprocess.run([*openjcm_command, "gateway", "init", str(path)], capture_output=True, check=True)
    named = yaml.safe_load(made.stdout[: made.stdout.index(b"}") + 1])
    trial.do("register_gateway", "2026-01-01", gateway="roof", project=PROJECT, meters=["M1"],
             meters_since="2025-12-01T00:00:00Z")  # fmt: skip
    trial.do("register_gateway_key", "2026-01-01", gateway="roof", public_key=named["public_key"],
             valid_since="2025-12-01T00:00:00Z")  # fmt: skip
    start = yesterday_us()
    number = 0
    for turn in range(3):
        running = subprocess.Popen([*openjcm_command, "gateway", "run", str(path)], stdout=subprocess.DEVNULL)
        before = trial.one("select count(*) from batch")
        for _ in range(3):
            meter_file(inbox, number, start)
            number += 1
        wait_for(lambda before=before: trial.one("select count(*) from batch") > before)  # type: ignore[misc]
        if turn == 1:
            first.kill()
        meter_file(inbox, number, start)
        number += 1
        time.sleep(0.3)
        running.kill()
        running.wait()
        if turn == 1:
            first = Site(trial, tmp_path / "office", openjcm_command)
            data["forward"] = {"http": {"url": first.url, "timeout_seconds": 5}}
            path.write_text(yaml.safe_dump(data))
    done = subprocess.run([*openjcm_command, "gateway", "run", "--once", str(path)], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    with pytest.raises(NotDelivered):
        HttpForwarder(HttpConfig(first.url.replace("batches", "nothing"), None, 5)).send(["x"])
    first.kill()
    with pytest.raises(NotDelivered):
        HttpForwarder(HttpConfig(first.url, None, 1)).send(["x"])
    day = datetime.fromtimestamp(start // 1_000_000, UTC).date()
    last = datetime.fromtimestamp((start + 4 * number * QUARTER) // 1_000_000, UTC).date()
    closed = trial.do("close_live_readings", last.isoformat(), project=PROJECT, period_start=day.isoformat(),
                      period_end=last.isoformat())  # fmt: skip
    [file] = closed.outcome["files"]
    assert file["readings"] == 4 * number and file["meters"] == ["M1"]
    assert trial.clean()
    _check_by_the_command(trial, file, tmp_path, monkeypatch)


def _check_by_the_command(
    trial: LiveTrial, file: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``openjcm live``: status, quarantine, export, and the offline check."""
    monkeypatch.setenv("OPENJCM_DATABASE_URL", trial.office.database_url)
    monkeypatch.setenv("OPENJCM_DATA", str(folder / "office"))
    batch_set, lines = folder / "set.parquet", folder / "lines"
    batch_set.write_bytes(trial.office.files.get(file["file_sha256"]))
    word = CliRunner().invoke
    assert word(live.app, ["export", str(batch_set), "-o", str(lines)]).exit_code == 0
    checked = word(live.app, ["check", str(batch_set), str(lines)])
    assert checked.exit_code == 0 and checked.output.count("yes") == 3
    lines.write_text("".join(lines.read_text().splitlines(keepends=True)[1:]))
    assert word(live.app, ["check", str(batch_set), str(lines)]).exit_code == 1
    trial.receive(TrialGateway(seed=9).batch())
    assert "B01" in word(live.app, ["quarantine"]).output and "roof" in word(live.app, ["status"]).output
    assert '"rule":"B01"' in word(live.app, ["quarantine", "--json-output"]).output
    told = word(live.app, ["status", "--json-output", "--project", PROJECT]).output
    assert '"waiting":0' in told and '"quarantined":0' in told
