"""The gateway program: configuration, spool, files, SunSpec devices, and what a crash leaves behind."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from openjcm.cli_parts.gateway import app
from openjcm.gateway.agent import Agent
from openjcm.gateway.config import read_config
from openjcm.gateway.forward import NotDelivered
from openjcm.gateway.sources import read_device
from openjcm.gateway.spool import Read, Spool
from openjcm.mrv.batch import NO_BATCH, read_batch
from openjcm.refusals import Refused
from sunspec_server import SunSpecDevice, SunSpecServer

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOW = 1_767_225_600_000_000
MAPPING = {
    "format": "csv", "layout": "long", "encoding": "utf-8", "delimiter": ",", "decimal_mark": ".",
    "time_column": "time", "time_format": "%Y-%m-%d %H:%M", "value_columns": [["kWh", "M1"]],
    "kind": "cumulative", "unit": "kWh", "least_unit": "1 Wh", "time_zone": "+00:00",
}  # fmt: skip


def config(**changes: Any) -> dict[str, Any]:
    """A whole configuration."""
    files = {"folder": "inbox", "pattern": "*.csv", "mapping": {**MAPPING, "least_unit": "Wh"}, "settle_seconds": 0}
    return {
        "gateway": "roof", "data": "data", "batch": {"every_seconds": 60, "most_readings": 100},
        "forward": {"http": {"url": "http://127.0.0.1:1/api/v1/batches", "timeout_seconds": 2}},
        "sources": [{"files": files}], **changes,
    }  # fmt: skip


def written(folder: Path, data: Any) -> Path:
    path = folder / "gateway.yaml"
    path.write_text(data if isinstance(data, str) else yaml.safe_dump(data), encoding="utf-8")
    (folder / "inbox").mkdir(exist_ok=True)
    return path


# Configuration --------------------------------------------------------------------------------------------------------


def test_a_whole_configuration(tmp_path: Path) -> None:
    (tmp_path / "mapping.json").write_text(json.dumps({"mapping": MAPPING | {"least_unit": "Wh"}}))
    device = {"host": "127.0.0.1", "readings": [{"meter": "M1", "model": 203, "point": "TotWhExp", "unit": "Wh"}]}
    power = {"meter": "M2", "model": 103, "point": "W", "unit": "W", "kind": "interval_power", "interval_seconds": 60}
    mqtt = {"mqtt": {"host": "broker", "ca_file": "ca.pem", "username": "roof", "password_file": "secret"}}
    files = {"folder": "inbox", "mapping": "mapping.json"}
    sources = [{"files": files}, {"sunspec": device}, {"sunspec": {"file": "sim.json", "readings": [power]}}]
    read = read_config(written(tmp_path, config(forward=mqtt, sources=sources)))
    assert read.folders[0].mapping.unit == "kWh" and read.folders[0].pattern == "*"
    assert read.devices[0].port == 502 and read.devices[1].file == tmp_path / "sim.json"
    assert read.devices[1].points[0].interval_stamp == "end"
    assert (read.forward.port, read.forward.tls, read.forward.topic) == (8883, True, "openjcm/batches/roof")  # type: ignore[union-attr]


def _without(name: str) -> dict[str, Any]:
    data = config()
    del data[name]
    return data


@pytest.mark.parametrize(
    "data",
    [
        "", "[", "- 1", "gateway: 1", "\x00", _without("gateway"), _without("forward"), _without("sources"),
        config(gateway="a b"), config(more=1), config(keep_days=0), config(keep_days=True), config(data=5),
        config(batch={"every_seconds": "60"}), config(batch={"more": 1}), config(batch=[]), config(sources=[]),
        config(sources=[{}]), config(sources=["x"]), config(sources={"files": 1}), config(forward={}),
        config(forward={"http": {"url": "ftp://x/"}}), config(forward={"http": {"url": "http://"}}),
        config(forward={"http": {"url": "http://x/", "more": 1}}),
        config(forward={"http": {"url": "http://x/"}, "mqtt": {"host": "x"}}),
        config(forward={"mqtt": {}}), config(forward={"mqtt": {"host": "x", "port": 0}}),
        config(sources=[{"files": {"folder": "inbox"}}]),
        config(sources=[{"files": {"folder": "inbox", "mapping": "absent.json"}}]),
        config(sources=[{"files": {"folder": "inbox", "mapping": {**MAPPING, "unit": "J"}}}]),
        config(sources=[{"sunspec": {"host": "x", "readings": [{"meter": "M", "model": 203, "point": "W"}]}}]),
        config(sources=[{"sunspec": {"host": "x", "readings": [
            {"meter": "M", "model": 203, "point": "W", "unit": "kW"}]}}]),
        config(sources=[{"sunspec": {"host": "x", "readings": [
            {"meter": "M", "model": 203, "point": "W", "unit": "W", "kind": "guess"}]}}]),
        config(sources=[{"sunspec": {"readings": []}}]),
    ],
)  # fmt: skip
def test_what_is_no_configuration(tmp_path: Path, data: Any) -> None:
    with pytest.raises(Refused) as caught:
        read_config(written(tmp_path, data))
    assert caught.value.code == "gateway_config_not_understood" and caught.value.remedy("ja")


# Spool ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """A spool of its own."""
    spool = Spool(tmp_path / "spool.sqlite", "roof", KEY)
    yield spool
    spool.close()


def register(first: int, *values: int, meter: str = "M1") -> Read:
    return Read(meter, "cumulative", "Wh", [NOW + (first + step) * 1_000_000 for step in range(len(values))], values)


def test_a_chain_that_goes_on(spool: Spool, tmp_path: Path) -> None:
    spool.keep([register(0, 1, 2, 3)], 0)
    first = spool.seal(NOW + 10_000_000, 2)
    second = spool.seal(NOW + 10_000_000, 2)
    assert first is not None and second is not None and spool.seal(NOW + 10_000_000, 2) is None
    assert (first.batch.previous, second.batch.previous) == (NO_BATCH, first.sha256)
    assert [list(one.batch.series[0].values) for one in (first, second)] == [[1, 2], [3]]
    spool.close()
    again = Spool(tmp_path / "spool.sqlite", "roof", KEY)
    assert [read_batch(line).sha256 for _, line in again.unanswered(9)] == [first.sha256, second.sha256]
    again.keep([register(3, 4)], 0)
    third = again.seal(NOW + 11_000_000, 9)
    assert third is not None and (third.batch.sequence, third.batch.previous) == (3, second.sha256)
    again.answered([(1, {"status": "accepted"}), (2, {"status": "quarantined", "rule": "B05"})])
    assert [number for number, _ in again.unanswered(9)] == [3]
    assert again.counts() == {
        "readings_unsealed": 0, "batches_accepted": 1, "batches_quarantined": 1, "batches_waiting": 1,
    }  # fmt: skip
    assert [number for number, _ in again.kept_apart()] == [2]
    again.close()


def test_the_first_value_stands(spool: Spool) -> None:
    assert spool.keep([register(0, 1, 2)], 0).new == 2
    kept = spool.keep([register(0, 1, 9, 3)], NOW)
    assert (kept.new, kept.conflicting, kept.too_old) == (1, 1, 0)
    assert spool.keep([register(-5, 1)], NOW).too_old == 1
    sealed = spool.seal(NOW + 60_000_000, 99)
    assert sealed is not None and list(sealed.batch.series[0].values) == [1, 2, 3]


def test_one_kind_for_each_meter_in_a_batch(spool: Spool) -> None:
    power = Read("M1", "interval_power", "W", [NOW + 5_000_000], [7], 1, "end")
    spool.keep([register(0, 1), power, register(0, 5, meter="M2")], 0)
    first, second = spool.seal(NOW + 9_000_000, 99), spool.seal(NOW + 9_000_000, 99)
    assert first is not None and second is not None
    assert [(one.meter, one.kind) for one in first.batch.series] == [("M1", "cumulative"), ("M2", "cumulative")]
    assert [one.kind for one in second.batch.series] == ["interval_power"]


def test_a_spool_belongs_to_its_key(spool: Spool, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        Spool(tmp_path / "spool.sqlite", "roof", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    assert caught.value.code == "spool_of_another_key"


def test_what_was_not_answered_is_not_forgotten(spool: Spool) -> None:
    for first in (0, 1):
        spool.keep([register(first, first)], 0)
        spool.seal(NOW, 9)
    spool.answered([(1, {"status": "accepted"})])
    spool.keep([register(2, 2)], 0)
    spool.forget(NOW + 60_000_000)
    assert [number for number, _ in spool.unanswered(9)] == [2] and spool.unsealed() == 1
    assert spool.number_of("x") is None
    assert spool.database.execute("select count(*) from reading").fetchone()[0] == 2


def test_long_batches_are_sent_in_pieces(spool: Spool) -> None:
    spool.keep([register(0, *range(100))], 0)
    while spool.seal(NOW + 200_000_000, 10):
        pass
    assert len(spool.unanswered(99, most_characters=2_000)) in range(1, 5) and len(spool.unanswered(99)) == 10
    assert len(spool.unanswered(99, most_characters=1)) == 1, "one is sent however long it is"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["keep", "seal", "crash"]), st.integers(0, 30)), max_size=25))
def test_a_crash_at_any_step_breaks_no_chain(tmp_path_factory: pytest.TempPathFactory, steps: Any) -> None:
    """A transaction that is cut leaves the chain as it was; at the end every reading is in exactly one batch."""
    path = tmp_path_factory.mktemp("spool") / "spool.sqlite"
    spool = Spool(path, "roof", KEY)
    for step, number in steps:
        if step == "keep":
            spool.keep([register(number, number)], 0)
        elif step == "seal":
            spool.seal(NOW + 60_000_000, 1 + number % 5)
        else:
            spool.database.execute("begin immediate")
            spool.database.execute("update reading set sequence = 99")
            spool.set_state("sequence", "99")
            spool.database.close()  # as a killed program does: the transaction is gone
            spool = Spool(path, "roof", KEY)
    while spool.seal(NOW + 60_000_000, 3):
        pass
    batches = [read_batch(line).batch for _, line in spool.unanswered(999)]
    assert [one.sequence for one in batches] == list(range(1, len(batches) + 1))
    sent = [value for one in batches for part in one.series for value in part.values]
    kept = [row[0] for row in spool.database.execute("select value from reading")]
    assert sorted(sent) == sorted(kept)
    spool.close()


# Files ----------------------------------------------------------------------------------------------------------------


class Kept:
    """A way that keeps what is sent, and fails when it is told to."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.fails = False
        self.status = "accepted"
        self.rule = ""

    def send(self, lines: Any) -> list[dict[str, Any]]:
        if self.fails:
            raise NotDelivered("no connection")
        self.lines += lines
        finding = {"message": {"en": f"because of {self.rule}", "ja": "理由"}}
        more = {"rule": self.rule, "finding": finding} if self.rule else {}
        return [{"status": self.status, "sha256": read_batch(line).sha256, **more} for line in lines]

    def close(self) -> None:
        pass


class Bench:
    """An agent over a folder, with everything that it said."""

    def __init__(self, folder: Path, data: dict[str, Any]) -> None:
        self.folder = folder
        self.config = read_config(written(folder, data))
        self.said: list[str] = []
        self.spool = Spool(self.config.spool_file, "roof", KEY)
        self.way = Kept()
        self.agent = Agent(self.config, self.spool, self.way, self.say)

    def say(self, en: str, ja: str) -> None:
        assert en and ja
        self.said.append(en)

    def values(self) -> list[int]:
        """What was sent, in order."""
        return [value for line in self.way.lines for one in read_batch(line).batch.series for value in one.values]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Such an agent."""
    bench = Bench(tmp_path, config())
    yield bench
    bench.spool.close()


def rows(first: int, count: int, day: str | None = None) -> str:
    day = day or time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86_400))
    return "".join(f"{day} {step // 60:02}:{step % 60:02},{step}.5\n" for step in range(first, first + count))


def test_files_once_and_growing(bench: Bench) -> None:
    log = bench.folder / "inbox" / "a.csv"
    log.write_text("time,kWh\n" + rows(0, 3))
    bench.agent.step(at_once=True)
    bench.agent.step(at_once=True)
    log.write_text("time,kWh\n" + rows(0, 5))
    bench.agent.step(at_once=True)
    assert bench.values() == [500, 1500, 2500, 3500, 4500]
    assert [name for name, _ in bench.spool.files()] == ["a.csv", "a.csv"]


def test_files_that_are_refused_or_old_or_differ(bench: Bench) -> None:
    inbox = bench.folder / "inbox"
    (inbox / "bad.csv").write_text("time,kWh\n2026-01-01 00:00,x\n")
    (inbox / "old.csv").write_text("time,kWh\n" + rows(0, 2, "2020-01-01"))
    (inbox / "other.txt").write_text("nothing")
    (inbox / "folder.csv").mkdir()
    bench.agent.step(at_once=True)
    bench.agent.step(at_once=True)
    assert sum("unparsable_number" in one for one in bench.said) == 1
    assert sum("too old" in one for one in bench.said) == 1 and not bench.values()
    (inbox / "a.csv").write_text("time,kWh\n" + rows(0, 2))
    bench.agent.step(at_once=True)
    (inbox / "a.csv").write_text("time,kWh\n" + rows(0, 2).replace("1.5", "9.9"))
    bench.agent.step(at_once=True)
    assert bench.values() == [500, 1500] and any("differ" in one for one in bench.said)


def test_a_file_still_being_written_waits(tmp_path: Path) -> None:
    data = config()
    data["sources"][0]["files"]["settle_seconds"] = 3_600
    bench = Bench(tmp_path, data)
    log = tmp_path / "inbox" / "a.csv"
    log.write_text("time,kWh\n" + rows(0, 3))
    bench.agent.step(at_once=True)
    assert not bench.values()
    os.utime(log, (time.time() - 7_200,) * 2)
    bench.agent.step(at_once=True)
    assert len(bench.values()) == 3
    bench.spool.close()


@pytest.mark.parametrize(
    ("least", "unit", "first"), [("0.01 kWh", "Wh", 500), ("kWh", "kWh", 0), ("100 Wh", "Wh", 500)]
)
def test_units_of_files(tmp_path: Path, least: str, unit: str, first: int) -> None:
    data = config()
    data["sources"][0]["files"]["mapping"] |= {"least_unit": least, "rounding": "down_to_whole_unit"}
    bench = Bench(tmp_path, data)
    (tmp_path / "inbox" / "a.csv").write_text("time,kWh\n" + rows(0, 2))
    bench.agent.step(at_once=True)
    series = read_batch(bench.way.lines[0]).batch.series[0]
    assert (series.unit, series.values[0]) == (unit, first)
    bench.spool.close()


def test_a_unit_that_no_batch_can_hold(tmp_path: Path) -> None:
    data = config()
    data["sources"][0]["files"]["mapping"] |= {
        "unit": "Wh",
        "least_unit": "0.1 Wh",
        "value_columns": [["energy", "M1"]],
    }
    bench = Bench(tmp_path, data)
    (tmp_path / "inbox" / "a.csv").write_text("time,energy\n" + rows(0, 2))
    bench.agent.step(at_once=True)
    assert any("unit_not_sendable" in one for one in bench.said) and not bench.values()
    bench.spool.close()


# Forwarding -----------------------------------------------------------------------------------------------------------


def test_days_without_connection(bench: Bench) -> None:
    bench.way.fails = True
    for place in range(30):
        (bench.folder / "inbox" / f"{place}.csv").write_text("time,kWh\n" + rows(10 * place, 10))
        bench.agent.step(at_once=True)
    assert bench.spool.counts()["batches_waiting"] == 30 and not bench.values()
    assert "30 batches wait" in bench.said[-1]
    said = len(bench.said)
    bench.agent.step()
    assert len(bench.said) == said, "not tried again before its time"
    bench.way.fails = False
    bench.agent.step(at_once=True)
    assert bench.values() == [1000 * step + 500 for step in range(300)]
    assert bench.spool.counts() == {"readings_unsealed": 0, "batches_accepted": 30}


def test_what_is_not_taken_is_sent_again(bench: Bench) -> None:
    (bench.folder / "inbox" / "a.csv").write_text("time,kWh\n" + rows(0, 3))
    for status in ("not_taken", "not_understood"):
        bench.way.status = status
        bench.agent.step(at_once=True)
        assert f"took none of 1 batches: {status}" in bench.said[-1]
    bench.way.status = "already_known"
    bench.agent.step(at_once=True)
    assert bench.spool.counts()["batches_already_known"] == 1 and len(bench.way.lines) == 3


def test_a_key_that_is_not_registered_yet(bench: Bench) -> None:
    """What the receiver keeps apart as a stranger's is sent again: the key may be registered tomorrow."""
    (bench.folder / "inbox" / "a.csv").write_text("time,kWh\n" + rows(0, 3))
    bench.way.status = "quarantined"
    for rule in ("B01", "B02"):
        bench.way.rule = rule
        bench.agent.step(at_once=True)
        assert f"quarantined {rule}" in bench.said[-1] and bench.spool.counts()["batches_waiting"] == 1
    bench.way.status, bench.way.rule = "accepted", ""
    bench.agent.step(at_once=True)
    assert bench.spool.counts()["batches_accepted"] == 1


def test_another_chain_of_the_same_key(bench: Bench) -> None:
    """Told once: this gateway cannot go on."""
    bench.way.status, bench.way.rule = "quarantined", "B07"
    for place in range(2):
        (bench.folder / "inbox" / f"{place}.csv").write_text("time,kWh\n" + rows(10 * place, 3))
        bench.agent.step(at_once=True)
    assert sum("because of B07" in one for one in bench.said) == 2
    assert sum("another chain" in one for one in bench.said) == 1
    assert bench.spool.counts()["batches_quarantined"] == 2


def test_sealing_keeps_its_turn(bench: Bench) -> None:
    """Readings are gathered for the interval; a batch is made when a new one begins."""
    now = [NOW]
    bench.agent.clock = lambda: now[0]
    bench.agent.step()
    bench.spool.keep([register(0, 1)], 0)
    now[0] += 59_000_000
    bench.agent.step()
    assert not bench.values()
    now[0] += 1_000_000
    bench.agent.step()
    assert bench.values() == [1]


# SunSpec --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def device() -> Iterator[SunSpecServer]:
    """A device on the loopback."""
    server = SunSpecServer(SunSpecDevice())
    yield server
    server.shutdown()
    server.server_close()


def sunspec(port: int, *points: dict[str, Any], **more: Any) -> dict[str, Any]:
    usual = ({"meter": "M1", "model": 203, "point": "TotWhExp", "unit": "Wh"},
             {"meter": "M2", "model": 103, "point": "WH", "unit": "Wh"})  # fmt: skip
    one = {"host": "127.0.0.1", "port": port, "timeout_seconds": 2, "readings": list(points or usual), **more}
    return config(sources=[{"sunspec": one}])


def test_registers_over_modbus(device: SunSpecServer, tmp_path: Path) -> None:
    bench = Bench(tmp_path, sunspec(device.port, every_seconds=1))
    bench.agent.step(at_once=True)
    device.device.export_wh += 44
    device.device.build()
    bench.agent.step(at_once=True)
    [first, second] = [read_batch(line).batch for line in bench.way.lines]
    assert [(one.meter, list(one.values)) for one in first.series] == [("M1", [123_456]), ("M2", [9_876])]
    assert [list(one.values) for one in second.series] == [[123_500], [9_876]]
    assert first.series[0].t_us[0] == first.series[1].t_us[0] and abs(first.series[0].t_us[0] / 1e6 - time.time()) < 60
    bench.spool.close()


@pytest.mark.parametrize(
    ("scale", "unit", "expected"), [(1, "Wh", 1_234_560), (3, "kWh", 123_456), (-1, "Wh", None), (-3, "Wh", None)]
)
def test_scale_factors_are_exact(device: SunSpecServer, tmp_path: Path, scale: int, unit: str, expected: Any) -> None:
    device.device.export_scale = scale
    device.device.build()
    point = {"meter": "M1", "model": 203, "point": "TotWhExp", "unit": unit}
    said: list[str] = []
    [one] = read_config(written(tmp_path, sunspec(device.port, point))).devices
    found = read_device(one, lambda: NOW, lambda en, _: said.append(en))
    assert [list(part.values) for part in found] == ([[expected]] if expected else [])
    assert bool(said) == (expected is None)
    [one] = read_config(written(tmp_path, sunspec(device.port, point | {"round_down": True}))).devices
    [part] = read_device(one, lambda: NOW, lambda en, _: said.append(en))
    assert (
        part.values[0] == 123_456 * 10**scale // (1000 if unit == "kWh" else 1)
        if scale > 0
        else int(123_456 // 10**-scale)
    )


def test_what_a_device_does_not_say_is_not_sent(device: SunSpecServer, tmp_path: Path) -> None:
    device.device.inverter_wh = 0
    device.device.build()
    points = [
        {"meter": "M1", "model": 103, "point": "WH", "unit": "Wh"},
        {"meter": "M2", "model": 203, "point": "TotVAhExp", "unit": "Wh"},
        {"meter": "M3", "model": 203, "point": "Nothing", "unit": "Wh"},
        {"meter": "M4", "model": 201, "point": "TotWhExp", "unit": "Wh"},
        {"meter": "M5", "model": 203, "point": "TotWhImp", "unit": "Wh"},
    ]
    bench = Bench(tmp_path, sunspec(device.port, *points))
    bench.agent.step(at_once=True)
    assert bench.values() == [77] and sum("point_not_readable" in one for one in bench.said) == 4
    bench.spool.close()


def test_a_device_that_does_not_answer(tmp_path: Path) -> None:
    server = SunSpecServer(SunSpecDevice())
    port = server.port
    server.shutdown(), server.server_close()
    bench = Bench(tmp_path, sunspec(port))
    bench.agent.step(at_once=True)
    assert not bench.values() and "no answer" in bench.said[0]
    bench.spool.close()


def test_the_simulation_of_the_library(tmp_path: Path) -> None:
    models = [{"ID": 1, "L": 66, "Mn": "Trial"}, {"ID": 203, "L": 105, "TotWhExp": 5_000, "TotWh_SF": 1}]
    (tmp_path / "device.json").write_text(json.dumps({"models": models}))
    point = {"meter": "M1", "model": 203, "point": "TotWhExp", "unit": "Wh"}
    bench = Bench(tmp_path, config(sources=[{"sunspec": {"file": "device.json", "readings": [point]}}]))
    bench.agent.step(at_once=True)
    assert bench.values() == [50_000], bench.said
    models[1]["TotWhExp"] = 0
    (tmp_path / "device.json").write_text(json.dumps({"models": models}))
    bench.agent.step(at_once=True)
    assert bench.values() == [50_000] and "not accumulated" in bench.said[-1]
    bench.spool.close()


# The command ----------------------------------------------------------------------------------------------------------


def test_the_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    path = written(tmp_path, config())
    first = CliRunner().invoke(app, ["init", str(path)])
    again = CliRunner().invoke(app, ["init", str(path)])
    assert first.exit_code == 0 and first.output == again.output
    key = tmp_path / "data" / "gateway.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 and key.read_text().strip() not in first.output
    assert json.loads(first.output[: first.output.index("}") + 1])["gateway"] == "roof"


def test_run_once_and_status(tmp_path: Path) -> None:
    path = written(tmp_path, config())
    missing = CliRunner().invoke(app, ["run", "--once", str(path)])
    assert isinstance(missing.exception, Refused) and missing.exception.code == "no_gateway_key"
    CliRunner().invoke(app, ["init", str(path)])
    (tmp_path / "inbox" / "a.csv").write_text("time,kWh\n" + rows(0, 3))
    done = CliRunner().invoke(app, [str(path), "--once"])
    assert done.exit_code == 1 and "1 batches wait" in done.output, "nothing listens there"
    told = CliRunner().invoke(app, ["status", str(path)])
    assert "batches_waiting 1" in told.output and "a.csv" in told.output
    with sqlite3.connect(tmp_path / "data" / "spool.sqlite") as database:
        finding = {"message": {"en": "why", "ja": "理由"}}
        answer = json.dumps({"status": "quarantined", "rule": "B05", "finding": finding})
        database.execute("update batch set answer = ?", [answer])
    assert "1: why" in CliRunner().invoke(app, ["status", str(path)]).output
