"""Where a gateway's readings come from: files in a folder, and SunSpec devices over Modbus."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from openjcm.canonical import sha256_hex
from openjcm.gateway.config import FolderConfig, PointConfig, SunSpecConfig
from openjcm.gateway.spool import Kept, Read, Spool
from openjcm.mrv.mapping import ENERGY_UNITS, POWER_UNITS
from openjcm.mrv.readings import Readings, read_meter_file
from openjcm.refusals import Refused, refusal

UNIT_NOT_SENDABLE = refusal(
    "unit_not_sendable",
    en="The least unit {unit} of “{file}” is not a whole number of Wh or W.",
    ja="「{file}」の最小単位 {unit} は Wh または W の整数倍ではありません。",
    remedy_en="State a least unit of 1 Wh (1 W) or more; name the rounding rule down_to_whole_unit if the file has "
    "more digits.",
    remedy_ja="最小単位を 1 Wh (1 W) 以上で指定してください。桁がそれより多い場合は端数処理規則 down_to_whole_unit を"
    "指定してください。",
    clause="OpenJCM: batches hold whole numbers",
)
POINT_NOT_READABLE = refusal(
    "point_not_readable",
    en="The device {device} gives no value of point {point} in model {model}: {why}.",
    ja="機器 {device} のモデル {model}、項目 {point} の値を取得できません: {why}。",
    remedy_en="Look at the device's models with a SunSpec tool, and correct the point; a missing value is not sent.",
    remedy_ja="SunSpec のツールで機器のモデルを確認し、項目を修正してください。取得できない値は送信されません。",
    clause="OpenJCM: a missing value is refused, never zero; zero is a value",
)

Say = Callable[[str, str], None]
"""Tells something in English and Japanese."""


# Files ----------------------------------------------------------------------------------------------------------------


def poll_folder(config: FolderConfig, spool: Spool, oldest_us: int, say: Say) -> int:
    """Read the files that were not read before; gives how many readings were new.

    A file stays where it is. One that grows is read again when its bytes are others; readings that are kept are not
    kept twice. One that is refused is told once, and again when it is changed.
    """
    new = 0
    for path in sorted(config.folder.glob(config.pattern)):
        data = _settled(path, config.settle_seconds)
        if data is None or spool.has_seen(sha256 := sha256_hex(data)):
            continue
        try:
            parts = list(parts_of(read_meter_file(data, path.name, config.mapping)))
        except Refused as refused:
            spool.saw(sha256, path.name, refused.code)
            say(f"{path.name}: {refused}", f"{path.name}: {refused.code}: {refused.message('ja')}")
            continue
        kept = spool.keep(parts, oldest_us, (sha256, path.name))
        _tell(path.name, kept, say)
        new += kept.new
    return new


def _settled(path: Path, seconds: int) -> bytes | None:
    """The bytes of a file that nobody wrote to for a while; ``None`` for anything else."""
    try:
        if not path.is_file() or time.time() - path.stat().st_mtime < seconds:
            return None
        return path.read_bytes()
    except OSError:
        return None


def _tell(name: str, kept: Kept, say: Say) -> None:
    say(f"{name}: {kept.new} new readings", f"{name}: 新しい計測値 {kept.new} 件")
    if kept.conflicting:
        say(
            f"{name}: {kept.conflicting} readings differ from such as were kept before; the first stand",
            f"{name}: {kept.conflicting} 件は保存済みの値と異なります。最初の値を維持します",
        )
    if kept.too_old:
        say(
            f"{name}: {kept.too_old} readings are too old to be sent; upload the file instead",
            f"{name}: {kept.too_old} 件は古いため送信しません。ファイルとして登録してください",
        )


def parts_of(readings: Readings) -> Iterator[Read]:
    """The readings of a file, meter by meter, in a unit that a batch can hold.

    Where a meter has two values at one instant, the first in the file's sorted order is taken; the rest is counted as
    conflicting by the spool.

    Raises:
        Refused: ``unit_not_sendable``.
    """
    unit, factor = _unit(readings)
    codes, t_us, values = readings.codes(), readings.column("t_us"), readings.column("value")
    for place, meter in enumerate(readings.meters()):
        own = codes == place
        yield Read(
            meter, readings.kind, unit, t_us[own].tolist(), [value * factor for value in values[own].tolist()],
            readings.interval_seconds, readings.interval_stamp,
        )  # fmt: skip


def _unit(readings: Readings) -> tuple[str, int]:
    units = POWER_UNITS if readings.kind == "interval_power" else ENERGY_UNITS
    if readings.least_unit in units:
        return readings.least_unit, 1
    size = readings.least_unit_size
    if size.denominator != 1:
        raise UNIT_NOT_SENDABLE(file=readings.source_name, unit=readings.least_unit)
    return ("W" if readings.kind == "interval_power" else "Wh"), size.numerator


# SunSpec --------------------------------------------------------------------------------------------------------------


def read_device(config: SunSpecConfig, clock_us: Callable[[], int], say: Say) -> list[Read]:
    """One reading of each point of a device, all taken at one instant. What the device does not give is not made up."""
    name = str(config.file) if config.file else f"{config.host}:{config.port}"
    try:
        models, t_us = _models(config, clock_us)
    except Exception as error:  # the library raises its own kinds, sockets theirs: each means that nothing was read
        say(f"{name}: no answer: {error}", f"{name}: 応答がありません: {error}")
        return []
    found = []
    for point in config.points:
        try:
            value = _value(models, point, name)
        except Refused as refused:
            say(str(refused), f"{refused.code}: {refused.message('ja')}")
            continue
        found.append(
            Read(point.meter, point.kind, point.unit, [t_us], [value], point.interval_seconds, point.interval_stamp)
        )
    return found


def _models(config: SunSpecConfig, clock_us: Callable[[], int]) -> tuple[dict[Any, Any], int]:
    """The models of the device as they are now, and the instant at which they had been read."""
    if config.file is not None:
        from sunspec2.file.client import FileClientDevice

        simulated = FileClientDevice(filename=str(config.file))
        simulated.scan()
        return simulated.models, clock_us()
    from sunspec2.modbus.client import SunSpecModbusClientDeviceTCP

    device = SunSpecModbusClientDeviceTCP(
        slave_id=config.unit_id, ipaddr=config.host, ipport=config.port, timeout=config.timeout_seconds
    )
    try:
        device.scan()
        return device.models, clock_us()
    finally:
        device.disconnect()


def _value(models: dict[Any, Any], point: PointConfig, device: str) -> int:
    """The value of a point as a whole number of the stated unit, exactly: integer times a power of ten."""

    def missing(why: str) -> Exception:
        return POINT_NOT_READABLE(device=device, point=point.point, model=point.model, why=why)

    found = models.get(point.model)
    if not found or point.point not in found[0].points:
        raise missing("no such point / 項目なし")
    item = found[0].points[point.point]
    scale = item.pdef.get("sf")
    power = 0
    if isinstance(scale, int):
        power = scale
    elif scale:
        power = found[0].points[scale].value
    value = item.value
    if not isinstance(value, int) or isinstance(value, bool) or not isinstance(power, int):
        raise missing("not implemented / 未実装")
    if item.pdef.get("type", "").startswith("acc") and value == 0:
        raise missing("0 = not accumulated (SunSpec) / 0 は未積算")
    units = POWER_UNITS if point.kind == "interval_power" else ENERGY_UNITS
    exact = Fraction(value) * Fraction(Decimal(10) ** power) / 10 ** units[point.unit]
    if exact.denominator != 1 and not point.round_down:
        raise missing(f"{exact} {point.unit} is not whole / 整数でない")
    return int(exact.numerator // exact.denominator)
