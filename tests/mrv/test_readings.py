# ruff: noqa: E501, DTZ001 - each case stands on one line, so that the cases can be read as a table
"""Taking files in: exact integers from every format, and a refusal with its place for everything that is wrong."""

from __future__ import annotations

import gzip
import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openjcm.mrv import intake_bytes, intake_excel, intake_green_button, intake_nem
from openjcm.mrv.intake_bytes import Source
from openjcm.mrv.intake_columns import floats_to_least
from openjcm.mrv.mapping import Mapping, least_unit_size
from openjcm.mrv.readings import Readings, read_meter_file, readings_from_parquet, readings_to_parquet
from openjcm.refusals import REFUSALS, Refused

from .meter_files import DATA, ENERGY, INVERTER, PVOPS, REGISTER, code_of, csv_of, workbook

TWO = [("2022-06-01 00:00", "1000"), ("2022-06-01 00:15", "1010")]
PARQUET = replace(REGISTER, format="parquet", encoding=None, delimiter=None, decimal_mark=None, time_format=None)
EXCEL = replace(PARQUET, format="excel")


def pairs(readings: Readings) -> list[tuple[str, int]]:
    """Instants as text and values."""
    stamps = [str(np.datetime64(int(t), "us"))[:19] for t in readings.column("t_us")]
    return list(zip(stamps, readings.column("value").tolist(), strict=True))


def refused(data: bytes | Path, mapping: Mapping, name: str = "f") -> Refused:
    with pytest.raises(Refused) as caught:
        read_meter_file(data, name, mapping)
    assert "{" not in caught.value.message("ja") + caught.value.remedy("ja")
    return caught.value


def parquet_of(**columns: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


EXPECTED = [("2022-06-01T00:00:00", 1000), ("2022-06-01T00:15:00", 1010)]
TIMES = [datetime(2022, 6, 1, 0, 0), datetime(2022, 6, 1, 0, 15)]


# Every format gives the same integers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "mapping"),
    [
        (csv_of(TWO), REGISTER),
        (b"\xef\xbb\xbf" + csv_of(TWO), REGISTER),
        (csv_of(TWO).replace(b"\n", b"\r\n"), REGISTER),
        (csv_of(TWO).replace(b"\n", b"\n\n"), REGISTER),
        (csv_of(TWO).replace(b"1000", b'"1000"').replace(b"1010", b" +1010.000 "), REGISTER),
        (csv_of(TWO).replace(b",", b"\t"), replace(REGISTER, delimiter="\t")),
        (csv_of(TWO).replace(b",", b";").replace(b"1000", b"1000,0"), replace(REGISTER, delimiter=";", decimal_mark=",")),
        ("\ufeff".encode("utf-16-le") + csv_of(TWO).decode().encode("utf-16-le"), replace(REGISTER, encoding="utf-16-le")),
        (csv_of(TWO).decode().encode("utf-16-be"), replace(REGISTER, encoding="utf-16-be")),
        (csv_of(TWO, "日時,kWh").decode().encode("cp932"), replace(REGISTER, encoding="cp932", time_column="日時")),
        (csv_of(TWO, "日時,kWh"), replace(REGISTER, time_column="日時")),
        (gzip.compress(csv_of(TWO), mtime=0), REGISTER),
        (b"plant 7\nunits\n" + csv_of(TWO), replace(REGISTER, header_row=3)),
        (csv_of([("TS", "kWh"), *TWO]), replace(REGISTER, first_data_row=3)),
        (csv_of(TWO, "time,MWh"), replace(REGISTER, value_columns=(("MWh", "M1"),), unit="MWh", least_unit="MWh")),
        (parquet_of(time=TIMES, kWh=[1000, 1010]), PARQUET),
        (parquet_of(time=TIMES, kWh=[1000.0, 1010.0]), PARQUET),
        (parquet_of(time=TIMES, kWh=[Decimal("1000.0"), Decimal("1010.0")]), PARQUET),
        (parquet_of(time=[t for t, _ in TWO], kWh=["1000", "1010"]), replace(PARQUET, time_format="%Y-%m-%d %H:%M", decimal_mark=".")),
        (parquet_of(time=[1654041600, 1654042500], kWh=[1000, 1010]), replace(PARQUET, time_format="epoch_seconds")),
        (parquet_of(time=pa.array(TIMES, pa.timestamp("us", "UTC")), kWh=[1000, 1010]), PARQUET),
        (workbook([["time", "kWh"], *zip(TIMES, [1000, 1010], strict=True)]), EXCEL),
        (workbook([["time", "kWh"], [44713.0, 1000], [44713 + 15 / 1440, 1010]]), replace(EXCEL, time_format="excel_serial")),
        (workbook([["time", "kWh"], *TWO]), replace(EXCEL, time_format="%Y-%m-%d %H:%M", decimal_mark=".")),
        (workbook([["title"], ["time", "kWh"], *zip(TIMES, [1000, 1010], strict=True)], "A1:B1"), replace(EXCEL, header_row=2)),
    ],
)  # fmt: skip
def test_every_form_of_a_file_gives_the_same_integers(data: bytes, mapping: Mapping) -> None:
    assert pairs(read_meter_file(data, "f", mapping)) == EXPECTED


def test_wide_and_long_layouts_agree() -> None:
    wide = b"time,A,B\n2022-06-01 00:00,1,3\n2022-06-01 00:15,2,4\n"
    long = b"time,m,v\n2022-06-01 00:00,A,1\n2022-06-01 00:00,B,3\n2022-06-01 00:15,A,2\n2022-06-01 00:15,B,4\n"
    one = read_meter_file(wide, "w", replace(REGISTER, layout="wide", value_columns=(("A", "A"), ("B", "B"))))
    two = read_meter_file(long, "l", replace(REGISTER, value_columns=(("v", ""),), meter_column="m"))
    assert one.meters() == two.meters() == ["A", "B"]
    assert readings_to_parquet(one) == readings_to_parquet(two)


def test_rows_and_hash_lead_back_to_the_source() -> None:
    readings = read_meter_file(DATA / "example_perf_data.csv", "perf", PVOPS)
    assert readings.source_sha256 == "c44f7001e4c7efc116cecf24ae4d86d78dc06045adb32e1906eb61f1cc50e3d2"
    lines = (DATA / "example_perf_data.csv").read_text().splitlines()
    row = int(readings.column("row")[300])
    assert lines[row - 1].split(",")[4] == str(readings.column("value")[300])


def test_blocks_do_not_change_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read_meter_file(DATA / "example_perf_data.csv", "perf", PVOPS)
    original = Source.blocks
    monkeypatch.setattr(Source, "blocks", lambda self, size=0: original(self, 1000))
    assert read_meter_file(DATA / "example_perf_data.csv", "perf", PVOPS).table.equals(whole.table)


def test_parquet_form_is_the_same_bytes_again_and_small() -> None:
    readings = read_meter_file(DATA / "TAEFC1044741.parquet", "t", INVERTER)
    data = readings_to_parquet(readings)
    assert readings_to_parquet(readings_from_parquet(data)) == data
    assert len(data) < 2.2 * len(readings)


@given(st.integers(-(10**12), 10**12), st.integers(0, 4), st.sampled_from(["Wh", "kWh", "MWh"]))
@settings(max_examples=200, deadline=None)
def test_decimals_are_exact(number: int, places: int, unit: str) -> None:
    text = format(Decimal(number).scaleb(-places), "f")
    least = "0.001 Wh" if unit == "Wh" else "0.1 Wh"
    mapping = replace(REGISTER, unit=unit, least_unit=least, value_columns=(("value", "M1"),))
    data = csv_of([(TWO[0][0], text)], "time,value")
    value = Fraction(text) * {"Wh": 1, "kWh": 1000, "MWh": 10**6}[unit]
    steps = value / least_unit_size(least, "cumulative")
    if steps.denominator != 1:
        assert refused(data, mapping).code == "not_whole_least_unit"
    elif abs(steps) < 10**16:
        assert read_meter_file(data, "f", mapping).column("value").tolist() == [steps]


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
@settings(max_examples=300, deadline=None)
def test_binary_numbers_are_the_decimals_they_were_written_for(number: int, places: int) -> None:
    text = format(Decimal(number).scaleb(-places), "f")
    for shift in (places, places + 2):
        steps, states = floats_to_least(np.array([float(text)]), shift, False)
        assert (steps[0], states[0]) == (number * 10 ** (shift - places), 0)
    if places:
        steps, _ = floats_to_least(np.array([float(text)]), places - 1, True)
        assert steps[0] == number // 10


def test_rounding_cuts_down_and_only_where_it_is_named() -> None:
    data = csv_of([("2022-06-01 00:00", "1.2345"), ("2022-06-01 00:15", "-1.2345"), ("2022-06-01 00:30", "5e-05")])
    cut = replace(ENERGY, rounding="down_to_whole_unit")
    assert [value for _, value in pairs(read_meter_file(data, "f", cut))] == [1234, -1235, 0]
    caught = refused(data, ENERGY)
    assert (caught.code, caught.facts["row"], caught.facts["column"]) == ("not_whole_least_unit", "2", "kWh")
    column = parquet_of(time=TIMES, kWh=[1.2345, -1.2345])
    parquet = replace(PARQUET, least_unit="Wh", rounding="down_to_whole_unit")
    assert [value for _, value in pairs(read_meter_file(column, "f", parquet))] == [1234, -1235]


# Time -----------------------------------------------------------------------------------------------------------


def test_daylight_saving_is_applied_and_doubtful_times_are_refused() -> None:
    mapping = replace(REGISTER, time_zone="Europe/Berlin")
    good = csv_of([("2022-03-27 01:45", "1"), ("2022-03-27 03:00", "2"), ("2022-10-30 03:00", "3")])
    stamps = [stamp for stamp, _ in pairs(read_meter_file(good, "f", mapping))]
    assert stamps == ["2022-03-27T00:45:00", "2022-03-27T01:00:00", "2022-10-30T02:00:00"]
    never = refused(csv_of([("2022-03-27 02:15", "1")]), mapping)
    twice = refused(csv_of([("2022-10-30 02:15", "1")]), mapping)
    assert (never.code, twice.code) == ("doubtful_local_time", "doubtful_local_time")
    assert "never" in never.message("en") and "twice" in twice.message("en")


@given(st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)), st.sampled_from(["Asia/Ulaanbaatar", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo", "Africa/Casablanca"]))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_instants_equal_those_of_the_standard_library(moment: datetime, zone: str) -> None:
    from openjcm.mrv.zones import zone_of

    moment = moment.replace(microsecond=0)
    local = moment.replace(tzinfo=zone_of(zone))
    first, second = (int(local.replace(fold=fold).timestamp()) for fold in (0, 1))
    mapping = replace(REGISTER, time_zone=zone, time_format="%Y-%m-%d %H:%M:%S")
    data = csv_of([(moment.isoformat(sep=" "), "1")])
    if first != second:
        assert code_of(read_meter_file, data, "f", mapping) == "doubtful_local_time"
    else:
        assert read_meter_file(data, "f", mapping).column("t_us")[0] == first * 1_000_000


def test_offsets_in_the_file_are_taken_and_compared_with_the_stated_zone() -> None:
    mapping = replace(REGISTER, time_format="%Y-%m-%d %H:%M:%S%z", time_zone="file")
    data = csv_of([("2022-06-01 02:00:00+02:00", "1000"), ("2022-06-01T00:15:00Z".replace("T", " "), "1010")])
    assert pairs(read_meter_file(data, "f", mapping)) == EXPECTED
    berlin = replace(mapping, time_zone="Europe/Berlin")
    assert refused(data, berlin).facts["row"] == "3"
    assert refused(data, berlin).code == "wrong_time_zone"
    assert refused(csv_of(TWO), replace(REGISTER, time_zone="file")).code == "zone_not_in_file"
    aware = parquet_of(time=pa.array(TIMES, pa.timestamp("us", "-07:00")), kWh=[1, 2])
    assert refused(aware, replace(PARQUET, time_zone="America/Denver")).code == "wrong_time_zone"


def test_a_documented_clock_correction_is_added() -> None:
    mapping = replace(REGISTER, clock_correction_seconds=-60, clock_correction_reason="logger a minute fast")
    assert pairs(read_meter_file(csv_of(TWO), "f", mapping))[0][0] == "2022-05-31T23:59:00"


# Refusals, each with its place ----------------------------------------------------------------------------------------


def broken_parquet() -> bytes:
    return parquet_of(time=TIMES, kWh=[1000, 1010])[:-30]


def bomb(size: int) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as stream,
    ):
        for _ in range(size >> 20):
            stream.write(bytes(1 << 20))
    return out.getvalue()


GOOD_BOOK = workbook([["time", "kWh"], *zip(TIMES, [1000, 1010], strict=True)])


BAD: list[tuple[str, bytes, Mapping, dict[str, str]]] = [
    ("meter_file_empty", b"", REGISTER, {}),
    ("meter_file_empty", b"time,kWh\n", REGISTER, {}),
    ("meter_file_empty", b"", PARQUET, {}),
    ("meter_file_empty", parquet_of(time=pa.array([], pa.timestamp("us")), kWh=pa.array([], pa.int64())), PARQUET, {}),
    ("meter_file_empty", workbook([["time", "kWh"]]), EXCEL, {}),
    ("meter_file_truncated", csv_of(TWO)[:-6], REGISTER, {"place": "row 3"}),
    ("meter_file_truncated", gzip.compress(csv_of(TWO), mtime=0)[:-9], REGISTER, {}),
    ("meter_file_truncated", gzip.compress(csv_of(TWO), mtime=0)[:20] + b"\0" * 40, REGISTER, {}),
    ("meter_file_truncated", broken_parquet(), PARQUET, {}),
    ("meter_file_truncated", GOOD_BOOK[:-200], EXCEL, {}),
    ("meter_file_truncated", GOOD_BOOK[:60] + b"\0" * 40 + GOOD_BOOK[100:], EXCEL, {}),
    ("meter_file_wrong_format", csv_of(TWO), PARQUET, {}),
    ("meter_file_wrong_format", csv_of(TWO), EXCEL, {}),
    ("meter_file_wrong_format", GOOD_BOOK, REGISTER, {}),
    ("meter_file_wrong_format", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), EXCEL, {"found": "old excel"}),
    ("meter_file_unpacks_too_large", bomb(64 << 20), EXCEL, {"place": "xl/worksheets/sheet1.xml"}),
    ("meter_file_unpacks_too_large", gzip.compress(b"time,kWh\n" + b"\n" * (96 << 20), mtime=0), REGISTER, {"place": "gzip"}),
    ("line_too_long", b"time,kWh\n" + b"1" * (3 << 20), REGISTER, {"row": "2", "byte": "9"}),
    ("line_too_long", csv_of(TWO) + b"1" * (3 << 20) + b"\n", REGISTER, {"row": "4"}),
    ("mixed_encodings", csv_of(TWO, "日時,kWh") + "計".encode("cp932") + b",1\n", replace(REGISTER, time_column="日時"), {"row": "4", "byte": "55"}),
    ("mixed_encodings", csv_of(TWO, "time,kWh,場所").decode().replace("0\n", "0,計\n").encode("cp932") + "x,1,計".encode(), replace(REGISTER, encoding="cp932"), {"row": "4"}),
    ("mixed_encodings", b"\xef\xbb\xbf" + csv_of(TWO), replace(REGISTER, encoding="cp932"), {"row": "1"}),
    ("mixed_encodings", csv_of(TWO).decode().encode("utf-16-le") + b"\0", replace(REGISTER, encoding="utf-16-le"), {"row": "4"}),
    ("mixed_encodings", b"\xff\xfe" + csv_of(TWO).decode().encode("utf-16-le"), REGISTER, {"row": "1", "byte": "0"}),
    ("meter_column_missing", csv_of(TWO, "time,MWh"), REGISTER, {"column": "kWh", "row": "1"}),
    ("meter_column_missing", parquet_of(time=TIMES, x=[1, 2]), PARQUET, {"column": "kWh"}),
    ("meter_column_missing", workbook([["time", "x"], [TIMES[0], 1]], sheet="June"), EXCEL, {"sheet": "June"}),
    ("meter_column_twice", b"time,kWh,kWh\n2022-06-01 00:00,1,2\n", REGISTER, {"column": "kWh"}),
    ("too_many_columns", ",".join(f"c{n}" for n in range(5000)).encode() + b"\n", REGISTER, {"found": "5000"}),
    ("meter_row_malformed", csv_of([*TWO, ("2022-06-01 00:30", "1,2")]), REGISTER, {"row": "4"}),
    ("meter_row_malformed", csv_of([("2022-06-01 00:30",), *TWO]), REGISTER, {"row": "2"}),
    ("meter_row_malformed", csv_of([("2022-06-01 00:30", '"1'), *TWO]), REGISTER, {"row": "2"}),
    ("meter_row_malformed", csv_of([("2022-06-01 00:30", '"1"2'), *TWO]), REGISTER, {"row": "2"}),
    ("meter_row_malformed", csv_of(TWO).replace(b"0\n2", b"0\r2"), REGISTER, {"row": "2"}),
    ("meter_row_malformed", b'ti"me,"kWh\n' + csv_of(TWO), REGISTER, {"row": "1"}),
    ("nul_byte", csv_of([("2022-06-01 00:15", "1\x000")]), REGISTER, {"row": "2", "byte": "27"}),
    ("nul_byte", b"time,k\0Wh\n", REGISTER, {"row": "1", "byte": "6"}),
    ("unparsable_number", csv_of([*TWO, ("2022-06-01 00:30", "1 000")]), REGISTER, {"row": "4", "column": "kWh", "text": "1 000"}),
    ("unparsable_number", csv_of([("2022-06-01 00:30", "5.22E+06")]), REGISTER, {"text": "5.22E+06"}),
    ("unparsable_number", csv_of([("2022-06-01 00:30", "0x10")]), REGISTER, {}),
    ("unparsable_number", csv_of([("2022-06-01 00:30", "NaN")]), REGISTER, {}),
    ("unparsable_number", csv_of([("2022-06-01 00:30", "1１")]), REGISTER, {}),
    ("unparsable_number", parquet_of(time=TIMES, kWh=[1.0, float("inf")]), PARQUET, {"row": "2"}),
    ("unparsable_number", workbook([["time", "kWh"], [TIMES[0], True]]), EXCEL, {"row": "2"}),
    ("unparsable_time", csv_of([("2022-02-29 00:00", "1")]), REGISTER, {"row": "2", "text": "2022-02-29 00:00"}),
    ("unparsable_time", csv_of([("2022-06-01 24:00", "1")]), REGISTER, {}),
    ("unparsable_time", csv_of([("1/6/2022 0:00", "1")]), REGISTER, {}),
    ("unparsable_time", workbook([["time", "kWh"], [12.5, 1]]), EXCEL, {"row": "2", "sheet": "Sheet1"}),
    ("blank_value", csv_of([*TWO, ("2022-06-01 00:30", "")]), REGISTER, {"row": "4", "column": "kWh", "count": "1"}),
    ("blank_value", csv_of([("", "5"), *TWO]), REGISTER, {"row": "2", "column": "time"}),
    ("blank_value", parquet_of(time=TIMES, kWh=[1, None]), PARQUET, {"row": "2"}),
    ("blank_value", workbook([["time", "kWh"], [TIMES[0], None], [TIMES[1], 1]]), EXCEL, {"row": "2"}),
    ("blank_value", b"time,m,v\n2022-06-01 00:00,,1\n", replace(REGISTER, value_columns=(("v", ""),), meter_column="m"), {"column": "m"}),
    ("reading_too_large", csv_of([("2022-06-01 00:30", "9" * 19)]), REGISTER, {"row": "2"}),
    ("reading_too_large", parquet_of(time=TIMES, kWh=[1e17, 1.0]), PARQUET, {"row": "1"}),
    ("header_repeated", csv_of([*TWO, ("time", "kWh"), *TWO]), REGISTER, {"row": "4"}),
    ("meter_column_type", parquet_of(time=TIMES, kWh=[[1], [2]]), PARQUET, {"column": "kWh"}),
    ("meter_column_type", parquet_of(time=[1.5, 2.5], kWh=[1, 2]), PARQUET, {"column": "time"}),
    ("merged_cells", workbook([["time", "kWh"], [TIMES[0], 1]], "A1:B1"), EXCEL, {"cells": "A1:B1", "sheet": "Sheet1"}),
    ("merged_cells", workbook([["time", "kWh"], [TIMES[0], 1], [TIMES[0], 1]], "A3:B3"), EXCEL, {"cells": "A3:B3"}),
    ("sheet_missing", GOOD_BOOK, replace(EXCEL, sheet="July"), {"found": "“Sheet1”"}),
    ("unknown_time_format", csv_of(TWO), replace(REGISTER, time_format="%Q"), {}),
    ("unknown_time_format", csv_of(TWO), replace(REGISTER, time_format="%H:%M"), {}),
    ("unknown_time_zone", csv_of(TWO), replace(REGISTER, time_zone="Asia/Nowhere"), {}),
    ("unknown_time_zone", csv_of(TWO), replace(REGISTER, time_zone="../etc/passwd"), {}),
    ("unknown_meter_unit", csv_of(TWO), replace(REGISTER, unit="kW"), {}),
    ("wrong_unit", csv_of(TWO), replace(REGISTER, unit="MWh"), {"column": "kWh", "found": "kWh", "unit": "MWh"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "data", "mapping", "facts"), BAD, ids=[f"{place}-{case[0]}" for place, case in enumerate(BAD)]
)
def test_bad_files_are_refused_with_their_place(
    code: str, data: bytes, mapping: Mapping, facts: dict[str, str]
) -> None:
    caught = refused(data, mapping, "bad.file")
    assert caught.code == code, caught
    assert facts.items() <= caught.facts.items(), caught.facts


def test_every_refusal_of_the_intake_is_raised_by_a_test() -> None:
    """Each module's declarations against the codes that stand in these tests."""
    source = Path(intake_bytes.__file__).parent
    modules = [
        *source.glob("intake_*.py"),
        *(source / f"{name}.py" for name in ("readings", "mapping", "zones", "meters", "quality")),
    ]
    declared = {code for path in modules for code in re.findall(r'refusal\(\n    "(\w+)"', path.read_text())}
    assert declared <= REFUSALS.keys() and intake_nem.SPECIFICATION and intake_green_button.ESPI
    texts = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert {code for code in declared if f'"{code}"' not in texts} == set()


def test_a_gigabyte_in_one_line_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "line.csv"
    path.write_bytes(b"time,kWh\n2022-06-01 00:00,")
    os.truncate(path, 1 << 30)
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from openjcm.refusals import Refused; from openjcm.mrv.mapping import Mapping\n"
        "from openjcm.mrv.readings import read_meter_file\n"
        "from openjcm.mrv.proposal import propose_mapping\n"
        f"mapping = Mapping(**{dict(vars(REGISTER))!r})\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read_meter_file(Path(sys.argv[1]), 'line.csv', mapping)\n"
        "except Refused as refused: print(refused.code, refused.facts['row'])\n"
        "try: propose_mapping(Path(sys.argv[1]), 'line.csv')\n"
        "except Refused as refused: print(refused.code, refused.facts['row'])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["line_too_long", "2"] * 2 + ["True"]


def far_corner(edit: Callable[[str], str], member: str = "xl/worksheets/sheet1.xml") -> bytes:
    """A small workbook whose last cell stands in the far corner, its sheet edited or put elsewhere."""
    from openpyxl import Workbook

    book, whole, out = Workbook(), io.BytesIO(), io.BytesIO()
    book.active["XFD1048576"] = 1  # type: ignore[index]
    book.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            text = source.read(item).decode().replace("worksheets/sheet1.xml", member.removeprefix("xl/"))
            is_sheet = item.filename == "xl/worksheets/sheet1.xml"
            target.writestr(member if is_sheet else item.filename, edit(text) if is_sheet else text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("edit", "member"),
    [
        (str, "xl/worksheets/sheet1.xml"),
        (str, "xl/other/sheet.xml"),
        (str, "xl/worksheets/inner/sheet.xml"),
        (str, "xl/picture.png"),
        (lambda text: text.replace('r="XFD', 'r = "XFD'), "xl/worksheets/sheet1.xml"),
        (lambda text: text.replace('r="XFD1048576"', f'r{" " * 5000}="XFD1048576"'), "xl/worksheets/sheet1.xml"),
        (lambda text: text.replace("XFD1", "&#88;FD1"), "xl/worksheets/sheet1.xml"),
        (lambda text: text.replace("XFD", "xfd"), "xl/worksheets/sheet1.xml"),
        (lambda text: text.replace("XFD1", "XFD0000000000001"), "xl/worksheets/sheet1.xml"),
        (lambda text: text.replace('<c r="XFD1048576"', "<c/>" * 16383 + "<c"), "xl/worksheets/sheet1.xml"),
    ],
)
def test_one_cell_in_the_far_corner_is_refused_before_a_reader_allocates_the_rectangle(
    edit: Callable[[str], str], member: str
) -> None:
    """Wherever the sheet lies and however the cell is written: the reader would need 400 GB, and end the program."""
    caught = refused(far_corner(edit, member), EXCEL)
    assert (caught.code, caught.facts["place"]) == ("meter_file_unpacks_too_large", member)
    assert caught.facts["found"].startswith("≥ 1048576 × ")


@pytest.mark.parametrize("member", ["content.xml", "Content.xml", "xl/workbook.bin"])
def test_other_formats_of_spreadsheets_are_refused(member: str) -> None:
    """The reader would open them too, unbounded: a repeated cell of OpenDocument fills any memory."""
    out = io.BytesIO(GOOD_BOOK)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(member, "<x/>")
    assert refused(out.getvalue(), EXCEL).code == "meter_file_wrong_format"


def test_a_worksheet_of_an_unknown_encoding_is_refused() -> None:
    def encoded(text: str) -> str:
        return '<?xml version="1.0" encoding="UTF-88"?>' + text.removeprefix("<?xml").rpartition("?>")[2]

    assert refused(far_corner(encoded), EXCEL).code == "meter_file_truncated"


def test_a_worksheet_declares_no_entities() -> None:
    def declared(text: str) -> str:
        return '<!DOCTYPE x [<!ENTITY a "XFD">]>' + text

    assert refused(far_corner(declared), EXCEL).code == "meter_file_truncated"


def test_declared_sizes_of_a_parquet_file_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = parquet_of(time=TIMES, kWh=[1000, 1010])
    monkeypatch.setattr("openjcm.mrv.intake_parquet.MAX_ROWS", 1)
    assert refused(data, PARQUET).code == "meter_file_unpacks_too_large"
    monkeypatch.undo()
    monkeypatch.setattr("openjcm.mrv.intake_parquet.MAX_UNPACKED", 10)
    assert refused(data, PARQUET).code == "meter_file_unpacks_too_large"


def test_millions_of_rows_in_a_few_bytes_are_refused() -> None:
    count = 3_000_000
    table = pa.table(
        {"time": pa.array(np.zeros(count, dtype=np.int64)).cast(pa.timestamp("us")), "kWh": np.zeros(count, np.int64)}
    )
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    assert len(out.getvalue()) * 100 < count
    assert refused(out.getvalue(), PARQUET).code == "meter_file_unpacks_too_large"


def test_the_number_of_readings_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openjcm.mrv.readings.MAX_ROWS", 1)
    assert refused(csv_of(TWO), REGISTER).code == "meter_file_unpacks_too_large"


def test_a_zip_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(bomb(32 << 20))
    for signature, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = data.index(signature) + at
        data[place : place + 4] = (1000).to_bytes(4, "little")
    assert refused(bytes(data), EXCEL).code in {"meter_file_truncated", "meter_file_unpacks_too_large"}
    assert intake_excel.cell_name(0, 27) == "AB1"


def test_texts_that_stand_for_missing_values_are_missing() -> None:
    mapping = replace(REGISTER, blank="missing", missing_texts=("NA", "-"))
    readings = read_meter_file(csv_of([*TWO, ("2022-06-01 00:30", "NA"), ("2022-06-01 00:45", "-")]), "f", mapping)
    assert (len(readings), readings.notes[0].rows, readings.notes[0].count) == (2, (4, 5), 2)
    nan = parquet_of(time=TIMES, kWh=[1.0, float("nan")])
    assert read_meter_file(nan, "f", replace(PARQUET, blank="missing")).notes[0].rows == (2,)


def test_parquet_form_refuses_other_bytes() -> None:
    for data in (
        b"",
        b"PAR1",
        csv_of(TWO),
        parquet_of(a=[1]),
        readings_to_parquet(read_meter_file(csv_of(TWO), "f", REGISTER))[:-5],
    ):
        assert code_of(readings_from_parquet, data).startswith("meter_file_")


# Any bytes at all -----------------------------------------------------------------------------------------------------

MAPPINGS: list[tuple[Mapping, bytes]] = [
    (replace(REGISTER, blank="missing", rounding="down_to_whole_unit"), csv_of(TWO)),
    (replace(REGISTER, encoding="cp932", time_zone="Asia/Tokyo"), csv_of(TWO)),
    (replace(REGISTER, encoding="utf-16-le"), csv_of(TWO).decode().encode("utf-16-le")),
    (
        replace(REGISTER, time_format="%Y-%m-%d %H:%M:%S.%f%z", time_zone="file"),
        csv_of([("2022-06-01 00:00:00.5+09", "1")]),
    ),
    (replace(REGISTER, time_format="epoch_seconds"), csv_of([("1654041600", "1")])),
    (REGISTER, gzip.compress(csv_of(TWO), mtime=0)),
    (PARQUET, parquet_of(time=TIMES, kWh=[1000, 1010])),
    (EXCEL, GOOD_BOOK),
]


@pytest.mark.parametrize(("mapping", "seed"), MAPPINGS, ids=range(len(MAPPINGS)))
@given(st.data())
@settings(max_examples=120, deadline=5_000)
def test_arbitrary_bytes_are_read_or_refused(mapping: Mapping, seed: bytes, data: st.DataObject) -> None:
    """Random bytes, and a good file with a piece replaced: never another exception, never long."""
    from openjcm.mrv.proposal import propose_mapping

    piece = data.draw(st.binary(max_size=40))
    at = data.draw(st.integers(0, len(seed)))
    cut = data.draw(st.integers(0, 20))
    for content in (piece, seed[:at] + piece + seed[at + cut :], b"time,kWh\n" + piece):
        actions: tuple[Callable[[], object], ...] = (
            lambda content=content: read_meter_file(content, "f", mapping),
            lambda content=content: propose_mapping(content, "f"),
        )
        for action in actions:
            try:
                action()
            except Refused as caught:
                assert caught.message("ja")


def test_a_read_only_package_still_compiles(tmp_path: Path) -> None:
    """Without any folder for compiled code the functions are compiled in memory and give the same."""
    program = (
        "from numba.core import caching\n"
        "caching.CacheImpl._locator_classes = []\n"
        "import numba.core.caching as c\n"
        "from openjcm.mrv.engine.jit import compiled\n"
        "print(compiled(lambda x: x + 1)(41))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "42"
