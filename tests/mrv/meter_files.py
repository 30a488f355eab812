"""Meter files made for tests, and the mappings that read them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import xlsxwriter

from openjcm.mrv.mapping import Mapping
from openjcm.mrv.quality import Meter
from openjcm.mrv.readings import Readings, sorted_table
from openjcm.refusals import Refused

DATA = Path(__file__).parent.parent / "data" / "meters"

REGISTER = Mapping(
    format="csv",
    layout="long",
    time_column="time",
    value_columns=(("kWh", "M1"),),
    kind="cumulative",
    unit="kWh",
    least_unit="kWh",
    time_zone="+00:00",
    time_format="%Y-%m-%d %H:%M",
    encoding="utf-8",
    delimiter=",",
    decimal_mark=".",
)
POWER = replace(
    REGISTER,
    value_columns=(("kW", "M1"),),
    kind="interval_power",
    unit="kW",
    least_unit="W",
    interval_seconds=900,
    interval_stamp="start",
)
ENERGY = replace(
    REGISTER, kind="interval_energy", unit="kWh", least_unit="Wh", interval_seconds=900, interval_stamp="start"
)
PVOPS = replace(
    REGISTER,
    time_column="Date",
    time_format="%m/%d/%Y %H:%M",
    time_zone="-05:00",
    value_columns=(("energy_delivered", ""),),
    meter_column="AssetId",
)
PVOPS_ALTERED = replace(
    PVOPS, value_columns=(("Energy", ""),), meter_column="randid", row_filter=("randid", "R27"), blank="missing"
)
INVERTER = Mapping(
    format="parquet",
    layout="long",
    time_column="ts",
    value_columns=(("meas_val_f", ""),),
    meter_column="sensor",
    kind="interval_power",
    unit="kW",
    least_unit="0.1 W",
    time_zone="+00:00",
    interval_seconds=300,
    interval_stamp="start",
    row_filter=("meas_name", "ac_power"),
)
METER = Meter("M1", "generation", 475_000, 900)


def csv_of(rows: Sequence[tuple[str, str]], header: str = "time,kWh") -> bytes:
    """A text file of two columns."""
    return ("\n".join([header, *(",".join(row) for row in rows)]) + "\n").encode()


def workbook(rows: Sequence[Sequence[object]], merged: str = "", sheet: str = "Sheet1", date_format: str = "") -> bytes:
    """A workbook with one sheet; ``merged`` is a range to merge."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": date_format or "yyyy-mm-dd hh:mm"})
    page = book.add_worksheet(sheet)
    for place, row in enumerate(rows):
        page.write_row(place, 0, row)
    if merged:
        page.merge_range(merged, "merged")
    book.close()
    return out.getvalue()


def readings_of(
    times: Sequence[int], values: Sequence[int], *, kind: str = "cumulative", least_unit: str = "Wh", meter: str = "M1",
    interval_seconds: int | None = 900, stamp: str | None = "start",
) -> Readings:  # fmt: skip
    """Readings from UTC seconds and whole least units, as if row n of a file held the n-th."""
    column = pa.chunked_array(
        [pa.array([meter] * len(times)).dictionary_encode().cast(pa.dictionary(pa.int32(), pa.string()))]
    )
    rows = np.arange(2, len(times) + 2, dtype=np.int64)
    t_us = np.array(times, dtype=np.int64) * 1_000_000
    table = sorted_table(column, t_us, np.array(values, dtype=np.int64), rows)
    unit = "kW" if kind == "interval_power" else "kWh"
    return Readings(table, kind, unit, least_unit, interval_seconds, stamp, "0" * 64, "made")


def code_of(action: object, *arguments: object) -> str:
    """The code of the refusal that a call raises."""
    try:
        action(*arguments)  # type: ignore[operator]
    except Refused as refused:
        assert refused.message("en") and refused.message("ja") and refused.remedy("ja") and refused.remedy("en")
        return refused.code
    return "not refused"
