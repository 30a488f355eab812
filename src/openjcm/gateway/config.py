"""The configuration of a gateway: one YAML file, read whole or refused with the place."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from openjcm.mrv.batch import GATEWAY_NAME
from openjcm.mrv.mapping import ENERGY_UNITS, POWER_UNITS, Mapping
from openjcm.refusals import Refused, refusal

CONFIG_NOT_UNDERSTOOD = refusal(
    "gateway_config_not_understood",
    en="The gateway's configuration {file} is not usable: {place}.",
    ja="ゲートウェイの設定ファイル {file} が使えません: {place}。",
    remedy_en="Correct the place; docs/live_meters.md shows a whole file.",
    remedy_ja="該当箇所を修正してください。全体の例は docs/live_meters.md にあります。",
    clause="OpenJCM: what is not stated is asked, never guessed",
)
EVERY_SECONDS = 900
MOST_READINGS = 5_000
KEEP_DAYS = 60


@dataclass(frozen=True)
class FolderConfig:
    """Files of one kind in a folder, read as confirmed."""

    folder: Path
    pattern: str
    mapping: Mapping
    settle_seconds: int


@dataclass(frozen=True)
class PointConfig:
    """One register of a SunSpec device: which model and point, and whose meter it is."""

    meter: str
    model: int
    point: str
    unit: str
    kind: str = "cumulative"
    interval_seconds: int | None = None
    interval_stamp: str | None = None
    round_down: bool = False
    """Whether a value that is no whole number of the unit is cut down; else it is refused."""


@dataclass(frozen=True)
class SunSpecConfig:
    """A device that speaks SunSpec over Modbus TCP, or (``file``) pysunspec2's simulation of one from a JSON file."""

    host: str
    port: int
    unit_id: int
    every_seconds: int
    timeout_seconds: int
    points: tuple[PointConfig, ...]
    file: Path | None = None


@dataclass(frozen=True)
class HttpConfig:
    """Where batches go over HTTP."""

    url: str
    ca_file: Path | None
    timeout_seconds: int


@dataclass(frozen=True)
class MqttConfig:
    """Where batches go over MQTT. The password stands in a file of its own."""

    host: str
    port: int
    topic: str
    answers: str
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    tls: bool = False
    timeout_seconds: int = 30


@dataclass(frozen=True)
class GatewayConfig:
    """The whole configuration. Paths are absolute: they are taken from the folder of the file."""

    gateway: str
    data: Path
    every_seconds: int
    most_readings: int
    keep_days: int
    forward: HttpConfig | MqttConfig
    folders: tuple[FolderConfig, ...]
    devices: tuple[SunSpecConfig, ...]

    @property
    def key_file(self) -> Path:
        """Where the private key lies."""
        return self.data / "gateway.key"

    @property
    def spool_file(self) -> Path:
        """Where readings and batches wait."""
        return self.data / "spool.sqlite"


def read_config(path: Path) -> GatewayConfig:
    """The configuration of a file.

    Raises:
        Refused: ``gateway_config_not_understood`` with the place.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        return _config(_Reader(data, path.absolute().parent, ""))
    except Refused as refused:
        raise CONFIG_NOT_UNDERSTOOD(file=path, place=refused.message("en")) from refused
    except (OSError, UnicodeError, yaml.YAMLError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise CONFIG_NOT_UNDERSTOOD(file=path, place=str(error)[:300]) from error


class _Reader:
    """Takes the fields of one object, each once, and complains of those that nobody asked for."""

    def __init__(self, data: object, folder: Path, place: str) -> None:
        if not isinstance(data, dict):
            raise ValueError(f"{place or 'the file'}: not a list of named values")
        self.data: dict[Any, Any] = dict(data)
        self.folder, self.place = folder, place

    def take(self, name: str, kind: type, default: Any = ...) -> Any:
        """A field of a type; the default where it is not there."""
        value = self.data.pop(name, None)
        if value is None:
            if default is ...:
                raise ValueError(f"{self.place}{name}: missing")
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise ValueError(f"{self.place}{name}: not of the type {kind.__name__}")
        return value

    def whole(self, name: str, least: int, most: int, default: Any = ...) -> int:
        """A whole number within bounds."""
        value: int = self.take(name, int, default)
        if not least <= value <= most:
            raise ValueError(f"{self.place}{name}: not from {least} to {most}")
        return value

    def path(self, name: str, default: Any = ...) -> Path | None:
        """A path, from the folder of the file."""
        text = self.take(name, str, default)
        return self.folder / text if text is not None else None

    def parts(self, name: str) -> list[_Reader]:
        """A list of objects."""
        return [
            _Reader(one, self.folder, f"{self.place}{name}[{number}].")
            for number, one in enumerate(self.take(name, list))
        ]

    def part(self, name: str) -> _Reader:
        """One object."""
        return _Reader(self.take(name, dict), self.folder, f"{self.place}{name}.")

    def end(self) -> None:
        """Nothing else stands there."""
        if self.data:
            raise ValueError(f"{self.place}{sorted(map(str, self.data))[0]}: unknown")


def _config(read: _Reader) -> GatewayConfig:
    import re

    name = read.take("gateway", str)
    if not re.fullmatch(GATEWAY_NAME, name):
        raise ValueError("gateway: 1 to 64 of A–Z a–z 0–9 . _ -")
    data = read.path("data", "gateway-data")
    batch = read.part("batch") if "batch" in read.data else _Reader({}, read.folder, "batch.")
    every = batch.whole("every_seconds", 1, 86_400, EVERY_SECONDS)
    most = batch.whole("most_readings", 1, 10_000, MOST_READINGS)
    batch.end()
    forward = _forward(read.part("forward"), name)
    folders, devices = _sources(read)
    keep = read.whole("keep_days", 1, 3_660, KEEP_DAYS)
    read.end()
    assert data is not None
    return GatewayConfig(name, data, every, most, keep, forward, folders, devices)


def _forward(read: _Reader, gateway: str) -> HttpConfig | MqttConfig:
    way = "http" if "http" in read.data else "mqtt"
    part = read.part(way)
    read.end()
    made = _http(part) if way == "http" else _mqtt(part, gateway)
    part.end()
    return made


def _http(read: _Reader) -> HttpConfig:
    url = read.take("url", str)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{read.place}url: not an address of http or https")
    return HttpConfig(url, read.path("ca_file", None), read.whole("timeout_seconds", 1, 600, 30))


def _mqtt(read: _Reader, gateway: str) -> MqttConfig:
    ca, cert, key = (read.path(name, None) for name in ("ca_file", "cert_file", "key_file"))
    tls = read.take("tls", bool, bool(ca or cert))
    return MqttConfig(
        host=read.take("host", str),
        port=read.whole("port", 1, 65_535, 8_883 if tls else 1_883),
        topic=read.take("topic", str, f"openjcm/batches/{gateway}"),
        answers=read.take("answers", str, f"openjcm/answers/{gateway}"),
        username=read.take("username", str, None),
        password_file=read.path("password_file", None),
        ca_file=ca,
        cert_file=cert,
        key_file=key,
        tls=tls,
        timeout_seconds=read.whole("timeout_seconds", 1, 600, 30),
    )


def _sources(read: _Reader) -> tuple[tuple[FolderConfig, ...], tuple[SunSpecConfig, ...]]:
    folders: list[FolderConfig] = []
    devices: list[SunSpecConfig] = []
    for one in read.parts("sources"):
        if "files" in one.data:
            folders.append(_folder(one.part("files")))
        else:
            devices.append(_device(one.part("sunspec")))
        one.end()
    if not folders and not devices:
        raise ValueError("sources: none")
    return tuple(folders), tuple(devices)


def _folder(read: _Reader) -> FolderConfig:
    folder = read.path("folder")
    assert folder is not None
    mapping = read.data.pop("mapping", None)
    if isinstance(mapping, str):  # a file, as `openjcm readings propose --json-output` begins one
        mapping = yaml.safe_load((read.folder / mapping).read_text(encoding="utf-8"))
        mapping = mapping.get("mapping", mapping) if isinstance(mapping, dict) else mapping
    if not isinstance(mapping, AbstractMapping):
        raise ValueError(f"{read.place}mapping: a confirmed mapping, or the file that holds it")
    made = FolderConfig(
        folder, read.take("pattern", str, "*"), Mapping.from_data(mapping), read.whole("settle_seconds", 0, 3_600, 5)
    )
    read.end()
    return made


def _device(read: _Reader) -> SunSpecConfig:
    file = read.path("file", None)
    made = SunSpecConfig(
        host=read.take("host", str, "" if file else ...),
        port=read.whole("port", 1, 65_535, 502),
        unit_id=read.whole("unit_id", 0, 255, 1),
        every_seconds=read.whole("every_seconds", 1, 86_400, EVERY_SECONDS),
        timeout_seconds=read.whole("timeout_seconds", 1, 60, 5),
        points=tuple(_point(one) for one in read.parts("readings")),
        file=file,
    )
    read.end()
    return made


def _point(read: _Reader) -> PointConfig:
    kind = read.take("kind", str, "cumulative")
    unit = read.take("unit", str)
    if kind not in ("cumulative", "interval_power"):
        raise ValueError(f"{read.place}kind: cumulative or interval_power")
    if unit not in (ENERGY_UNITS if kind == "cumulative" else POWER_UNITS):
        raise ValueError(f"{read.place}unit: not a unit of {kind}")
    power = kind == "interval_power"
    made = PointConfig(
        meter=read.take("meter", str),
        model=read.whole("model", 1, 65_534),
        point=read.take("point", str),
        unit=unit,
        kind=kind,
        interval_seconds=read.whole("interval_seconds", 1, 86_400) if power else None,
        interval_stamp=read.take("interval_stamp", str, "end") if power else None,
        round_down=read.take("round_down", bool, False),
    )
    read.end()
    return made
