# ruff: noqa: E501, DTZ001 - one file per line; a file's own clock has no zone
"""Every shape of a table gives the same integers, a proposal finds its shape, and real files are proposed as recorded here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openjcm.mrv.intake_csv import joined_header
from openjcm.mrv.mapping import Mapping
from openjcm.mrv.proposal import propose_mapping
from openjcm.mrv.readings import read_meter_file
from openjcm.refusals import Refused

from .meter_files import DATA, REGISTER, csv_of, workbook
from .test_intake_nem import nem12
from .test_readings import EXCEL, EXPECTED, PARQUET, TIMES, pairs, parquet_of

KWH = replace(REGISTER, least_unit="kWh")
CLOCK = replace(REGISTER, time_column="date", clock_column="clock")


def of(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


SHAPES: dict[str, tuple[bytes, Mapping]] = {
    "two header rows": (of("time,plant A", ",kWh", "2022-06-01 00:00,1000", "2022-06-01 00:15,1010"), replace(REGISTER, header_rows=2, value_columns=(("plant A kWh", "M1"),))),
    "groups": (of("time,A,,B,", ",kWh,kW,kWh,kW", "2022-06-01 00:00,1000,1,5,1", "2022-06-01 00:15,1010,1,5,1"), replace(REGISTER, header_rows=2, value_columns=(("A kWh", "M1"),))),
    "three header rows": (of("report", "time,energy", "UTC,register", ",kWh", "2022-06-01 00:00,1000", "2022-06-01 00:15,1010"), replace(REGISTER, header_row=2, header_rows=3, time_column="time UTC", value_columns=(("energy register kWh", "M1"),))),
    "TOA5": (of('"TOA5","plant","CR1000","1"', '"TIMESTAMP","RECORD","Energy_kWh"', '"TS","RN","kWh"', '"","","Smp"', '"2022-06-01 00:00:00",0,1000', '"2022-06-01 00:15:00",1,1010', '"2022-06-01 00:30:00",2,"NAN"'), replace(REGISTER, header_row=2, first_data_row=5, time_column="TIMESTAMP", time_format="%Y-%m-%d %H:%M:%S", value_columns=(("Energy_kWh", "M1"),), blank="missing", missing_texts=("NAN",))),
    "no name for the time": (of(",kWh", "2022-06-01 00:00,1000", "2022-06-01 00:15,1010"), replace(REGISTER, time_column="#1")),
    "no header": (of("2022-06-01 00:00,1000", "2022-06-01 00:15,1010"), replace(REGISTER, header_rows=0, time_column="#1", value_columns=(("#2", "M1"),))),
    "Excel: no header": (workbook([["title"], *zip(TIMES, [1000, 1010], strict=True)]), replace(EXCEL, header_row=2, header_rows=0, time_column="#1", value_columns=(("#2", "M1"),))),
    "date and time apart": (of("date,clock,kWh", "2022-06-01,00:00,1000", "2022-06-01,00:15,1010"), CLOCK),
    "AM and PM": (of("time,kWh", "6/1/2022 12:00 AM,1000", "6/1/2022 12:15 a.m.,1010"), replace(REGISTER, time_format="%m/%d/%Y %I:%M %p")),
    "午前": (of("time,kWh", "2022/6/1 午前12:00,1000", "2022/6/1 午前0:15,1010".replace("0:15", "12:15")), replace(REGISTER, time_format="%Y/%m/%d %p%I:%M")),
    "names of months": (of("time,kWh", "01-Jun-2022 00:00,1000", "1-JUN-2022 00:15,1010"), replace(REGISTER, time_format="%d-%b-%Y %H:%M")),
    "two digits of a year": (of("time,kWh", "6/1/22 0:00,1000", "6/1/22 0:15,1010"), replace(REGISTER, time_format="%m/%d/%y %H:%M")),
    "units behind": (of("time,kWh", "2022-06-01 00:00,1000 kWh", "2022-06-01 00:15,1010kWh"), replace(REGISTER, value_suffix="kWh")),
    "decimal comma": (of("time;kWh", "2022-06-01 00:00;1000,0", "2022-06-01 00:15;1010,00"), replace(REGISTER, delimiter=";", decimal_mark=",")),
    "bars": (of("time|kWh", "2022-06-01 00:00|1000", "2022-06-01 00:15|1010"), replace(REGISTER, delimiter="|")),
    "day numbers": (of("time,kWh", "44713,1000", "44713.0104166667,1010"), replace(REGISTER, time_format="excel_serial")),
    "day numbers of 1904": (of("time,kWh", "43251,1000", "43251.0104166667,1010"), replace(REGISTER, time_format="excel_serial_1904")),
    "day numbers with a comma": (of("time;kWh", "44713;1000", "44713,0104166667;1010"), replace(REGISTER, time_format="excel_serial", delimiter=";", decimal_mark=",")),
    "CT ratio": (of("time,kWh", "2022-06-01 00:00,25", "2022-06-01 00:15,25.25"), replace(REGISTER, multiplier="40", multiplier_reason="CT 200/5")),
    "pulses": (of("time,pulses", "2022-06-01 00:00,20000", "2022-06-01 00:15,20200"), replace(REGISTER, value_columns=(("pulses", "M1"),), multiplier="1/20", multiplier_reason="20 pulses per kWh")),
    "UTF-16 with a mark": ("\ufeff".encode("utf-16-be") + of("time\tkWh", "2022-06-01 00:00\t1000", "2022-06-01 00:15\t1010").decode().encode("utf-16-be"), replace(REGISTER, delimiter="\t", encoding="utf-16-be")),
    "Excel: date and time apart": (workbook([["date", "clock", "kWh"], [date(2022, 6, 1), time(0, 0), 1000], [date(2022, 6, 1), time(0, 15), 1010]]), replace(EXCEL, time_column="date", clock_column="clock")),
    "Excel: texts apart": (workbook([["date", "clock", "kWh"], ["2022-06-01", "00:00", 1000], ["2022-06-01", "00:15", 1010]]), replace(EXCEL, time_column="date", clock_column="clock", time_format="%Y-%m-%d %H:%M")),
    "Excel: two header rows": (workbook([["time", "A"], ["", "kWh"], *zip(TIMES, [1000, 1010], strict=True)]), replace(EXCEL, header_rows=2, value_columns=(("A kWh", "M1"),))),
    "Excel: 1904 numbers": (workbook([["time", "kWh"], [43251, 1000], [43251 + 15 / 1440, 1010]]), replace(EXCEL, time_format="excel_serial_1904")),
    "Excel: CT ratio": (workbook([["time", "kWh"], *zip(TIMES, [25, 25.25], strict=True)]), replace(EXCEL, multiplier="40", multiplier_reason="CT 200/5")),
    "Excel: units behind": (workbook([["time", "kWh"], *zip(TIMES, ["1000 kWh", "1010 kWh"], strict=True)]), replace(EXCEL, value_suffix="kWh", decimal_mark=".")),
    "Parquet: dates and times": (parquet_of(date=[date(2022, 6, 1)] * 2, clock=[time(0, 0), time(0, 15)], kWh=[1000, 1010]), replace(PARQUET, time_column="date", clock_column="clock")),
    "Parquet: texts apart": (parquet_of(date=["2022-06-01"] * 2, clock=["00:00", "00:15"], kWh=[1000, 1010]), replace(PARQUET, time_column="date", clock_column="clock", time_format="%Y-%m-%d %H:%M")),
    "Parquet: CT ratio": (parquet_of(time=TIMES, kWh=[25.0, 25.25]), replace(PARQUET, multiplier="40", multiplier_reason="CT 200/5")),
    "Parquet: whole numbers times a ratio": (parquet_of(time=TIMES, kWh=[100, 101]), replace(PARQUET, multiplier="10", multiplier_reason="VT")),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_gives_the_same_integers(name: str) -> None:
    data, mapping = SHAPES[name]
    assert pairs(read_meter_file(data, "f", mapping)) == EXPECTED
    again = Mapping.from_data(mapping.as_data())
    assert again == mapping


def test_a_workbook_of_the_1904_system_gives_its_dates() -> None:
    import io

    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm", "date_1904": True})
    page = book.add_worksheet()
    for place, row in enumerate([["time", "kWh"], *zip(TIMES, [1000, 1010], strict=True)]):
        page.write_row(place, 0, row)
    book.close()
    assert pairs(read_meter_file(out.getvalue(), "f", EXCEL)) == EXPECTED


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([["time", "A", "", "B"], ["", "kWh", "kW", "kWh"]], ["time", "A kWh", "A kW", "B kWh"]),
        ([["", "A"], ["time", "kWh"]], ["time", "A kWh"]),
        ([["title"], ["time", "kWh"]], ["title time", "title kWh"]),
        ([["a", "b", "c"]], ["a", "b", "c"]),
        ([["a", "", ""], ["", "b", ""], ["x", "", "z"]], ["a x", "a b", "a b z"]),
    ],
)
def test_names_of_a_header_of_several_rows(rows: list[list[str]], names: list[str]) -> None:
    assert joined_header(rows) == names


TWO = csv_of([("2022-06-01 00:00", "1000"), ("2022-06-01 00:15", "1010")])


@pytest.mark.parametrize(
    ("code", "data", "mapping"),
    [
        ("unparsable_number", of("time,kWh", "2022-06-01 00:00,1000 MWh"), replace(REGISTER, value_suffix="kWh")),
        ("unparsable_number", of("time,kWh", "2022-06-01 00:00,1000"), replace(REGISTER, value_suffix="kWh")),
        ("unparsable_number", of("time,v", "2022-06-01 00:00,kWh"), replace(REGISTER, value_suffix="kWh", value_columns=(("v", "M1"),))),
        ("wrong_unit", TWO, replace(REGISTER, value_suffix="MWh")),
        ("not_whole_least_unit", TWO, replace(REGISTER, multiplier="1/3", multiplier_reason="r")),
        ("not_whole_least_unit", of("time,kWh", "2022-06-01 00:00,25.01"), replace(REGISTER, multiplier="40", multiplier_reason="r")),
        ("reading_too_large", TWO, replace(REGISTER, multiplier="1000000000", multiplier_reason="r", least_unit="0.001 Wh")),
        ("mapping_incomplete", TWO, replace(REGISTER, multiplier="40")),
        ("mapping_invalid", TWO, replace(REGISTER, multiplier="0", multiplier_reason="r")),
        ("mapping_invalid", TWO, replace(REGISTER, multiplier="1/0", multiplier_reason="r")),
        ("mapping_invalid", TWO, replace(REGISTER, multiplier="-2", multiplier_reason="r")),
        ("mapping_invalid", TWO, replace(REGISTER, multiplier="2e3", multiplier_reason="r")),
        ("mapping_invalid", TWO, replace(REGISTER, multiplier="9999999999", multiplier_reason="r")),
        ("mapping_invalid", TWO, replace(REGISTER, header_rows=10)),
        ("mapping_invalid", TWO, replace(REGISTER, header_rows=2, first_data_row=2)),
        ("unknown_time_format", TWO, replace(REGISTER, time_format="%Y-%m-%d %I:%M")),
        ("unknown_time_format", TWO, replace(REGISTER, time_format="%Y-%m-%d %H:%M %p")),
        ("unknown_time_format", TWO, replace(REGISTER, time_format="%Y-%m-%d %H:%I %p")),
        ("unknown_time_format", TWO, replace(REGISTER, time_format="%Y-%y-%m-%d")),
        ("unknown_time_format", TWO, replace(REGISTER, time_format="%Y-%m-%b-%d")),
        ("unparsable_time", of("time,kWh", "13:00 PM 1 Jan 22,1"), replace(REGISTER, time_format="%I:%M %p %d %b %y")),
        ("unparsable_time", of("time,kWh", "0:30 AM 1 Jan 22,1"), replace(REGISTER, time_format="%I:%M %p %d %b %y")),
        ("unparsable_time", of("time,kWh", "1:30 XM 1 Jan 22,1"), replace(REGISTER, time_format="%I:%M %p %d %b %y")),
        ("unparsable_time", of("time,kWh", "1:30 午中 1 Jan 22,1"), replace(REGISTER, time_format="%I:%M %p %d %b %y")),
        ("unparsable_time", of("time,kWh", "1:30 AM 1 Jxn 22,1"), replace(REGISTER, time_format="%I:%M %p %d %b %y")),
        ("unparsable_time", of("time,kWh", "0000-06-01 00:00,1"), REGISTER),
        ("unparsable_time", of("time,kWh", "20x2-06-01 00:00,1"), REGISTER),
        ("unparsable_time", of("time,kWh", "2022-02-29 00:00,1"), REGISTER),
        ("unparsable_time", of("date,clock,kWh", "2022-06-01,,1"), CLOCK),
        ("unparsable_time", of("date,clock,kWh", ",00:15,1"), CLOCK),
        ("blank_value", of("date,clock,kWh", ",,1"), CLOCK),
        ("unparsable_time", workbook([["date", "clock", "kWh"], [date(2022, 6, 1), "00:00", 1000]]), replace(EXCEL, time_column="date", clock_column="clock")),
        ("meter_column_type", parquet_of(time=TIMES, clock=[1, 2], kWh=[1, 2]), replace(PARQUET, clock_column="clock")),
        ("meter_column_missing", TWO, replace(REGISTER, header_rows=2)),
    ],
)  # fmt: skip
def test_each_guard_of_the_shapes(code: str, data: bytes, mapping: Mapping) -> None:
    with pytest.raises(Refused) as caught:
        read_meter_file(data, "f", mapping)
    assert caught.value.code == code, caught.value


@given(
    st.integers(-(10**6), 10**6), st.integers(0, 5), st.integers(1, 5000), st.sampled_from([1, 2, 3, 5, 8, 20, 1000]),
    st.booleans(),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_a_multiplier_is_exact(number: int, places: int, top: int, under: int, round_down: bool) -> None:
    text = format(Decimal(number).scaleb(-places), "f")
    rounding = "down_to_whole_unit" if round_down else None
    mapping = replace(
        REGISTER, multiplier=f"{top}/{under}", multiplier_reason="r", rounding=rounding, value_columns=(("v", "M1"),)
    )
    data = csv_of([("2022-06-01 00:00", text)], "time,v")
    value = Fraction(text) * Fraction(top, under)
    if value.denominator == 1:
        assert read_meter_file(data, "f", mapping).column("value").tolist() == [value]
    elif round_down:
        assert read_meter_file(data, "f", mapping).column("value").tolist() == [value.numerator // value.denominator]
    else:
        with pytest.raises(Refused):
            read_meter_file(data, "f", mapping)


FORMS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%d-%b-%Y %H:%M",
    "%Y%m%d%H%M%S",
)


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31)),
    st.sampled_from(FORMS),
    st.booleans(),
    st.integers(0, 40),
    st.sampled_from("0x/ 95"),
)
@settings(max_examples=300, deadline=None)
def test_times_are_read_as_python_reads_them(moment: datetime, form: str, change: bool, place: int, sign: str) -> None:
    """Both roads, by places and sign by sign, against the standard library; a changed sign is a time only if it is one there."""
    text = moment.strftime(form)
    if change:
        text = text[: place % len(text)] + sign + text[place % len(text) + 1 :]
    mapping = replace(REGISTER, time_format=form)
    try:
        wanted = datetime.strptime(text.strip(), form)  # noqa: DTZ007
    except ValueError:
        wanted = None
    try:
        found = int(read_meter_file(csv_of([(text, "1")]), "f", mapping).column("t_us")[0])
    except Refused as refused:
        # Python also takes one digit for minutes and seconds, and eats blanks; we do not.
        assert refused.code in {"unparsable_time", "blank_value", "meter_row_malformed"}
        assert wanted is None or change
        return
    assert wanted is not None and found == (wanted - datetime(1970, 1, 1)) // timedelta(microseconds=1)


def test_repeated_and_changing_meters_are_told_apart() -> None:
    rows = [(f"2022-06-01 {hour:02d}:00", f"{hour}", meter) for hour in range(24) for meter in ("A", "B", "B ", "AB")]
    data = ("time,v,m\n" + "".join(",".join(row) + "\n" for row in rows)).encode()
    readings = read_meter_file(data, "f", replace(REGISTER, value_columns=(("v", ""),), meter_column="m"))
    assert readings.meters() == ["A", "AB", "B"] and np.bincount(readings.codes()).tolist() == [24, 24, 48]


def test_the_first_fault_of_a_file_is_told_whatever_is_read_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from openjcm.mrv.intake_bytes import Source

    rows = [("2022-06-01 00:00", "1")] * 2000
    rows[700] = ("2022-06-01 00:00", "x")
    data = csv_of(rows) + b"2022-06-01 00:00,1,2\n" + b"9" * (2 << 20)
    original = Source.blocks
    monkeypatch.setattr(Source, "blocks", lambda self, size=0: original(self, 4096))
    with pytest.raises(Refused) as caught:
        read_meter_file(data, "f", REGISTER)
    assert (caught.value.code, caught.value.facts["row"]) == ("unparsable_number", "702")


def test_a_refused_file_is_not_hashed_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten gigabytes of nothing behind a bad first row: refused at once."""
    import os
    import time as clock

    path = tmp_path / "long.csv"
    path.write_bytes(b"time,MWh\n2022-06-01 00:00,1\n")
    os.truncate(path, 10 << 30)
    begin = clock.monotonic()
    with pytest.raises(Refused) as caught:
        read_meter_file(path, "long", REGISTER)
    assert caught.value.code == "meter_column_missing"
    assert clock.monotonic() - begin < 4


# What is proposed ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (of("発電所A 日報", "日付,時刻,積算電力量(kWh)", "2022/06/01,0:30,1000.5", "2022/06/01,1:00,1010.0"), {"header_row": 2, "time_column": "日付", "clock_column": "時刻", "time_format": "%Y/%m/%d %H:%M", "unit": "kWh", "kind": "cumulative", "interval_seconds": 1800, "least_unit": "0.1 kWh"}),
        (of("time,A,,B,", ",kWh,kW,kWh,kW", "2022-06-13 00:00,1000,1,5,1", "2022-06-13 00:15,1010,1,5,1"), {"header_row": 1, "header_rows": 2, "layout": "wide", "time_format": "%Y-%m-%d %H:%M"}),
        (of(",Meter A,,Meter B,", "Time,kWh,kW,kWh,kW", "2022-06-13 00:00,1000,1,5,1", "2022-06-13 00:15,1010,1,5,1"), {"header_row": 1, "header_rows": 2, "time_column": "Time"}),
        (of("time,energy [kWh]", "6/13/2022 1:00 PM,10 kWh", "6/13/2022 1:30 PM,11 kWh", "6/13/2022 2:00 PM,12 kWh"), {"time_format": "%m/%d/%Y %I:%M %p", "value_suffix": "kWh", "unit": "kWh", "interval_seconds": 1800}),
        (of("time,energy", "13.06.22 10:00,1", "13.06.22 10:30,2"), {"time_format": "%d.%m.%y %H:%M"}),
        (of("time,energy", "13-Jun-2022 10:00,1", "13-Jun-2022 10:30,2"), {"time_format": "%d-%b-%Y %H:%M"}),
        (of("time,energy", "1654041600,1", "1654043400,2"), {"time_format": "epoch_seconds", "time_zone": "file", "interval_seconds": 1800}),
        (of("2022-06-13 00:00,1,2", "2022-06-13 00:15,1,2"), {"header_row": 1, "header_rows": 0, "time_column": "#1", "interval_seconds": 900}),
        (of("sep=;", "Datum;Zählerstand kWh", "13.01.2022 00:00;1000,5", "13.01.2022 00:15;1001,0"), {"header_row": 2, "time_column": "Datum", "decimal_mark": ",", "unit": "kWh"}),
        (of("timestamp,M1_kWh,M2_kWh", *(f"2022-06-13 0{hour}:00,{hour}.5,{hour}" for hour in range(9))), {"layout": "wide", "unit": "kWh", "least_unit": "0.1 kWh", "interval_seconds": 3600}),
        (of("date,energy", "2022-06-13,1", "2022-06-14,2"), {"time_format": "%Y-%m-%d", "interval_seconds": 86400}),
        (of("TIMESTAMP,RECORD,Wh_Tot", "TS,RN,kWh", "2022-06-13 00:00,0,1", "2022-06-13 00:15,1,NAN", *(f"2022-06-13 0{hour}:30,1,1" for hour in range(9))), {"first_data_row": 3, "missing_texts": ["NAN"], "unit": "Wh"}),
        (of("time,x", ",kWh", "2022-06-13 00:00,1", "2022-06-13 00:15,1"), {"first_data_row": 3, "unit": "kWh"}),
    ],
)  # fmt: skip
def test_the_shape_of_a_file_is_found(data: bytes, fields: dict[str, object]) -> None:
    proposal = propose_mapping(data, "f")
    assert fields.items() <= proposal.fields.items(), proposal.fields
    assert proposal.fields.keys() == proposal.reasons.keys()
    assert all(en and ja for en, ja in proposal.reasons.values())


def test_two_answers_are_both_offered() -> None:
    serial = propose_mapping(of("time,energy", "44713,1", "44713.5,2", "44714,3"), "f")
    assert (
        serial.choices["time_format"] == ("excel_serial", "excel_serial_1904")
        and serial.fields["interval_seconds"] == 43_200
    )
    pulses = propose_mapping(of("time,pulses", "2022-06-13 00:00,1", "2022-06-13 00:15,1"), "f")
    assert "multiplier" in {item.field for item in pulses.questions} and "multiplier" not in pulses.fields
    blank = propose_mapping(of("time,energy", "2022-06-13 00:00,1", "2022-06-13 00:15,", "2022-06-13 00:30,3"), "f")
    assert blank.choices["blank"] == ("missing", "refuse")


def test_a_proposed_multiplier_of_one_is_no_field_of_the_mapping() -> None:
    assert Mapping.from_data({**REGISTER.as_data(), "multiplier": "1"}) == REGISTER


REAL: dict[str, tuple[dict[str, object], set[str]]] = {
    "ac_power_inv_2173.csv": ({"time_column": "timestamp", "time_zone": "file", "interval_seconds": 900}, {"unit", "kind", "least_unit", "meter_column", "value_columns", "interval_stamp"}),
    "ac_power_inv_2173_stale_data.csv": ({"time_zone": "file"}, {"unit", "kind", "least_unit", "meter_column", "value_columns", "interval_stamp"}),
    "ac_power_inv_7539.csv": ({"time_zone": "file", "time_format": "%Y-%m-%d %H:%M:%S%z"}, {"unit", "kind", "least_unit", "meter_column", "value_columns", "interval_stamp"}),
    "nrel_RSF_II.csv": ({"time_column": "#1", "layout": "wide", "interval_seconds": 900}, {"time_format", "time_zone", "value_columns", "unit", "kind", "least_unit", "interval_stamp"}),
    "serf_east_15min_ac_power.csv": ({"time_zone": "file", "interval_seconds": 900}, {"unit", "kind", "least_unit", "meter_column", "value_columns", "interval_stamp"}),
    "serf_east_1min_ac_power.csv": ({"time_zone": "file", "interval_seconds": 60}, {"unit", "kind", "least_unit", "meter_column", "value_columns", "interval_stamp"}),
    "Baseline6kW_2015_11_11.dat": ({"header_row": 2, "first_data_row": 5, "time_column": "TIMESTAMP", "interval_seconds": 60}, {"time_format", "time_zone", "value_columns", "unit", "kind", "least_unit", "interval_stamp"}),
    "MET_2015_11_11.dat": ({"header_row": 2, "first_data_row": 5, "time_column": "TIMESTAMP"}, {"time_format", "time_zone", "value_columns", "unit", "kind", "least_unit", "interval_stamp"}),
    "example_prod_with_covariates.csv": ({"time_column": "date", "time_format": "%Y-%m-%d %H:%M:%S", "interval_seconds": 3600, "unit": "kW", "kind": "interval_power"}, {"time_zone", "value_columns", "meter_column", "interval_stamp"}),
    "il-electricity-cdd-hdd-daily.csv.gz": ({"time_zone": "file", "interval_seconds": 86400}, {"unit", "kind", "least_unit", "meter_column", "value_columns", "interval_stamp"}),
    "il-electricity-cdd-hdd-hourly.csv.gz": ({"time_zone": "file", "interval_seconds": 3600}, {"unit", "kind", "least_unit", "meter_column", "value_columns", "interval_stamp"}),
    "il-tempF.csv.gz": ({"time_column": "dt"}, {"unit", "kind", "least_unit", "meter_column", "value_columns", "interval_stamp"}),
    "uk-electricity-hdd-only-hourly-sample-0.csv.gz": ({"time_zone": "file", "interval_seconds": 3600}, {"unit", "kind", "least_unit", "meter_column", "value_columns", "interval_stamp"}),
    "uk-electricity-hdd-only-hourly-sample-1.csv.gz": ({"interval_seconds": 1800}, {"time_zone", "unit", "kind", "least_unit", "meter_column", "value_columns", "interval_stamp"}),
    "uk-electricity-hdd-only-hourly-sample-2.csv.gz": ({"interval_seconds": 1800}, {"time_zone", "unit", "kind", "least_unit", "meter_column", "value_columns", "interval_stamp"}),
    "uk-gas-hdd-only-hourly-sample-0.csv.gz": ({"time_zone": "file"}, {"unit", "kind", "least_unit", "meter_column", "value_columns", "interval_stamp"}),
    "uk-tempC-sample-0.csv.gz": ({"time_column": "dt", "layout": "wide"}, {"time_zone", "value_columns", "unit", "kind", "least_unit", "interval_stamp"}),
    "uk-tempC-sample-1_2.csv.gz": ({"time_column": "dt", "layout": "wide"}, {"time_zone", "value_columns", "unit", "kind", "least_unit", "interval_stamp"}),
}  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_what_is_proposed_and_asked_for_each_real_file(name: str) -> None:
    fields, questions = REAL[name]
    proposal = propose_mapping(DATA / "excerpts" / name, name)
    assert fields.items() <= proposal.fields.items(), proposal.fields
    asked = {item.field for item in proposal.questions}
    # A quiet night shows no decimals or gaps in an excerpt that the whole file has: these two may be found or asked.
    assert asked - {"blank"} == questions, asked
    assert proposal.first_rows and proposal.columns


def test_logger_files_are_read_once_the_questions_are_answered() -> None:
    name = "Baseline6kW_2015_11_11.dat"
    proposal = propose_mapping(DATA / "excerpts" / name, name)
    answers = {
        "time_format": "%m/%d/%Y %H:%M", "time_zone": "-07:00", "value_columns": [["Sys1Wac_Avg", "S1"], ["Sys2Wac_Avg", "S2"]],
        "unit": "W", "kind": "interval_power", "least_unit": "0.001 W", "interval_stamp": "end", "rounding": "down_to_whole_unit",
    }  # fmt: skip
    readings = read_meter_file(DATA / "excerpts" / name, name, proposal.confirm(**answers))
    assert (readings.meters(), len(readings), readings.column("value")[0]) == (["S1", "S2"], 60, -2497)


@pytest.mark.parametrize("path", sorted((DATA / "nem" / "nem12").glob("*.csv")), ids=lambda path: path.stem)
def test_what_is_proposed_for_market_files(path: Path) -> None:
    proposal = propose_mapping(path, path.name)
    form = "nem13" if "NEM13" in path.name else "nem12"
    assert proposal.fields["format"] == form and proposal.choices["time_zone"] == ("+10:00", "+08:00")
    assert proposal.first_rows[0][0] in {"200", "250"}


def test_a_proposal_of_a_market_file_reads_it() -> None:
    path = DATA / "nem" / "nem12" / "Example_NEM12_upper_case_units.csv"
    mapping = propose_mapping(path, path.name).confirm(time_zone="+10:00")
    assert mapping == nem12("VABD000163/E1", least="0.001 kWh", encoding="utf-8")
    assert len(read_meter_file(path, path.name, mapping)) == 48
    for bad in (DATA / "nem" / "invalid").glob("*missing_header*"):
        assert propose_mapping(bad, bad.name).questions, "a file that does not name its format is a table of text"


def test_texts_stay_dictionaries() -> None:
    """A megabyte of text in every row of a Parquet file stays one megabyte when rows are filtered."""
    wide = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), pa.array(["x" * 1000, "keep"]))
    data = parquet_of(time=TIMES, kWh=[1, 2], name=wide)
    assert len(read_meter_file(data, "f", replace(PARQUET, row_filter=("name", "keep")))) == 1
