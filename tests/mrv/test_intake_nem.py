"""NEM12 and NEM13 files: what the Australian market's conformance files hold, and why malformed ones are refused."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from openjcm.mrv import intake_csv
from openjcm.mrv.intake_bytes import Source
from openjcm.mrv.intake_nem import stated_energy
from openjcm.mrv.mapping import Mapping
from openjcm.mrv.readings import ESTIMATED, FINAL_SUBSTITUTED, STATUSES, SUBSTITUTED, Readings, read_meter_file
from openjcm.refusals import Refused

from .meter_files import DATA

NEM = DATA / "nem"


def nem12(*streams: str, minutes: int = 30, unit: str = "kWh", least: str = "Wh", **more: object) -> Mapping:
    """The mapping of some streams of a NEM12 file, each its own meter, on the market's clock."""
    return Mapping.from_data({
        "format": "nem12", "value_columns": [[name, name] for name in streams], "kind": "interval_energy", "unit": unit,
        "least_unit": least, "time_zone": "+10:00", "interval_seconds": 60 * minutes, **more,
    })  # fmt: skip


def nem13(*streams: str, least: str = "0.001 kWh", **more: object) -> Mapping:
    """The mapping of some registers of a NEM13 file."""
    return Mapping.from_data({
        "format": "nem13", "value_columns": [[name, name] for name in streams], "unit": "kWh", "least_unit": least,
        "time_zone": "+10:00", **more,
    })  # fmt: skip


def read(name: str, mapping: Mapping) -> Readings:
    return read_meter_file(NEM / name, name, mapping)


def code_and_row(data: bytes | Path, mapping: Mapping) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        read_meter_file(data, "f", mapping)
    refused = caught.value
    assert "{" not in refused.message("ja") + refused.message("en") + refused.remedy("ja")
    return refused.code, refused.facts.get("row", "")


E1 = "VABD000163/E1"


@pytest.mark.parametrize(
    ("name", "mapping", "count", "total"),
    [
        ("actual_interval", nem12(E1), 48, 48 * 1111),
        ("upper_case_units", nem12(E1), 48, 48 * 1111),
        ("different_interval_length", nem12("C123/E1", "C123/E2"), 96, 374_000),
        ("no_scheduled_read", nem12("NMI111/E1", minutes=15), 96, 5_840),
        ("month_solar", nem12("NMI1234567/B1", "NMI1234567/E1", minutes=5), 2 * 31 * 288, 859_910),
        ("partialchannel", nem12("NMI1234567/B1", "NMI1234567/E1", minutes=5), 9216, 293_904),
    ],
)
def test_each_conformance_file_is_read_to_its_last_value(name: str, mapping: Mapping, count: int, total: int) -> None:
    path = NEM / "nem12" / f"Example_NEM12_{name}.csv"
    readings = read_meter_file(path, name, mapping)
    assert (len(readings), int(readings.column("value").sum())) == (count, total)
    # The same sum by another way through the file: Python's own decimals.
    wanted, energy, stream = dict(mapping.value_columns), Decimal(0), ""
    for row in csv.reader(path.read_text().splitlines()):
        stream = f"{row[1]}/{row[4]}" if row[0] == "200" else stream
        if row[0] == "300" and stream in wanted:
            day = 1440 * 60 // (mapping.interval_seconds or 1)
            energy += sum(Decimal(cell) for cell in row[2 : 2 + day])
    assert energy * 1000 == total


def test_the_western_file_with_its_trailing_commas() -> None:
    readings = read("nem12/Example_WesternPower.csv", nem12("9999999999/B1", "9999999999/E1"))
    assert len(readings) == 96 and not readings.column("value").any()


def test_quality_by_interval_becomes_the_status_of_readings() -> None:
    readings = read("nem12/Example_NEM12_multiple_quality.csv", nem12("CCCC123456/E1"))
    assert readings.column("status").tolist() == [FINAL_SUBSTITUTED] * 20 + [0] * 4 + [SUBSTITUTED] * 24
    first = np.datetime64("2004-04-17T00:00") - np.timedelta64(10, "h")
    assert readings.column("t_us")[0] == first.astype("datetime64[us]").astype(np.int64)
    assert np.unique(np.diff(readings.column("t_us"))).tolist() == [1800 * 1_000_000]
    assert (set(readings.column("row").tolist()), readings.column("value")[0]) == ({3}, 18_023)


def test_null_intervals_are_missing_whatever_stands_in_their_cells() -> None:
    data = (NEM / "invalid" / "Example_NEM12_15min_200_30min_300.csv").read_bytes().replace(b"kWh,15", b"kWh,30")
    readings = read_meter_file(data, "f", nem12("123/E1"))
    assert len(readings) == 47
    assert [(note.what, note.meter, note.rows, note.count) for note in readings.notes] == [
        ("missing_value", "123/E1", (3,), 1)
    ]


@pytest.mark.parametrize(
    ("name", "mapping", "code", "row"),
    [
        ("NEM12_15min_200_30min_300", nem12("123/E1", minutes=15), "nem_intervals_wrong", "3"),
        ("NEM12_15min_200_30min_400", nem12("123/E1", minutes=15), "nem_quality_wrong", "3"),
        ("NEM12_30min_200_15min_300", nem12("123/E1"), "nem_intervals_wrong", "3"),
        ("NEM12_30min_200_15min_400", nem12("123/E1"), "nem_intervals_wrong", "3"),
        ("NEM12_empty", nem12(E1), "meter_file_empty", ""),
        ("NEM12_incomplete_interval", nem12(E1), "nem_intervals_wrong", "3"),
        ("NEM12_missing_header", nem12(E1), "nem_record_unexpected", "2"),
        ("NEM12_powercor", nem12(E1), "nem_record_unexpected", "2"),
        ("empty_file", nem12(E1), "meter_file_empty", ""),
    ],
)
def test_each_malformed_file_is_refused_with_its_row(name: str, mapping: Mapping, code: str, row: str) -> None:
    assert code_and_row(NEM / "invalid" / f"Example_{name}.csv", mapping) == (code, row)


GOOD = (NEM / "nem12" / "Example_NEM12_multiple_quality.csv").read_bytes().replace(b"\r\n", b"\n")
CHANGES: list[tuple[str, str, bytes, bytes]] = [
    ("nem_quality_wrong", "3", b",V,,,", b",,,,"),
    ("nem_quality_wrong", "4", b"400,1,20,F14", b"400,1,20,X14"),
    ("nem_quality_wrong", "4", b"400,1,20,F14", b"400,1,20,V"),
    ("nem_quality_wrong", "4", b"400,1,20", b"400,2,20"),
    ("nem_quality_wrong", "4", b"400,1,20", b"400,1,"),
    ("nem_quality_wrong", "5", b"400,21,24", b"400,20,24"),
    ("nem_quality_wrong", "5", b"400,21,24", b"400,21,20"),
    ("nem_quality_wrong", "6", b"400,25,48", b"400,25,49"),
    ("nem_quality_wrong", "3", b"400,25,48,S14,1,\n", b""),
    ("nem_record_unexpected", "4", b",V,,,", b",A,,,"),
    ("nem_record_unexpected", "2", b"200,CCCC", b"300,CCCC"),
    ("nem_record_unexpected", "2", b"200,CCCC", b"201,CCCC"),
    ("nem_record_unexpected", "1", b"NEM12", b"NEM13"),
    ("nem_record_unexpected", "8", b"900\n", b"900\n100,NEM12\n"),
    ("nem_record_unexpected", "8", b"900\n", b"900\n900\n"),
    ("nem_intervals_wrong", "2", b"kWh,30", b"kWh,7"),
    ("nem_intervals_wrong", "2", b"kWh,30", b"kWh,"),
    ("nem_intervals_wrong", "3", b",14.733,", b","),
    ("interval_differs", "2", b"kWh,30", b"kWh,15"),
    ("unparsable_time", "3", b"300,20040417", b"300,20040431"),
    ("unparsable_number", "3", b",24.155,", b",24.155kWh,"),
    ("not_whole_least_unit", "3", b",24.155,", b",24.1555,"),
    ("blank_value", "3", b",24.155,", b",,"),
    ("meter_file_truncated", "", b"900\n", b""),
    ("meter_column_missing", "2", b"CCCC123456", b"CCCC123457"),
    ("wrong_unit", "", b"kWh", b"kVArh"),
    ("nul_byte", "3", b"24.155", b"24\x00155"),
    ("line_too_long", "7", b"900\n", b"9" * 70_000 + b"\n900\n"),
    ("too_many_columns", "7", b"900\n", b"," * 5_000 + b"\n900\n"),
]


@pytest.mark.parametrize(("code", "row", "old", "new"), CHANGES)
def test_each_guard_of_nem12(code: str, row: str, old: bytes, new: bytes) -> None:
    assert GOOD.count(old) == 1
    assert code_and_row(GOOD.replace(old, new), nem12("CCCC123456/E1")) == (code, row)


def test_other_kinds_of_file_are_named() -> None:
    assert code_and_row(DATA / "TAEFC1044741.parquet", nem12(E1))[0] == "meter_file_wrong_format"


def test_blocks_part_no_day_from_its_quality(monkeypatch: pytest.MonkeyPatch) -> None:
    begin, rest = GOOD.split(b"\n300,")
    days = [rest.replace(b"20040417", b"200404%02d" % day).rpartition(b"900")[0] for day in range(1, 29)]
    data = begin + b"\n" + b"".join(b"300," + day for day in days) + b"900\n"
    whole = read_meter_file(data, "f", nem12("CCCC123456/E1"))
    assert len(whole) == 28 * 48
    original = Source.blocks
    for size in (97, 1000, 5000):
        monkeypatch.setattr(Source, "blocks", lambda self, _=0, size=size: original(self, size))
        assert read_meter_file(data, "f", nem12("CCCC123456/E1")).table.equals(whole.table)


def test_only_data_streams_of_the_mapping_are_read() -> None:
    readings = read("nem12/Example_NEM12_different_interval_length.csv", nem12("C123/E2"))
    assert readings.meters() == ["C123/E2"] and len(readings) == 48


# NEM13 ---------------------------------------------------------------------------------------------------------------


def oracle() -> list[dict[str, str]]:
    """The 120 flattened 250 records, and the file that each came from."""
    with (NEM / "nem13_accumulation_reads.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def as_file(rows: list[dict[str, str]]) -> bytes:
    """The 250 records of some rows, as a NEM13 file."""
    lines = [["100", "NEM13", "200501010000", "MDP1", "RET1"]]
    lines += [["250", *list(row.values())[1:]] for row in rows]
    return "".join(",".join(line) + "\n" for line in [*lines, ["900"]]).encode()


def stream_of(row: dict[str, str]) -> str:
    return f"{row['nmi']}/{row['nmi_suffix']}/{row['meter_serial']}"


def test_all_register_reads_of_the_oracle_are_readings_with_their_status() -> None:
    rows = oracle()
    files = {row["source_file"] for row in rows}
    assert (len(rows), len(files)) == (120, 61)
    letters: Counter[str] = Counter()
    for name in sorted(files):
        mine = [row for row in rows if row["source_file"] == name]
        readings = read_meter_file(as_file(mine), name, nem13(*sorted({stream_of(row) for row in mine})))
        found = Counter(zip(
            (readings.meters()[code] for code in readings.codes()), readings.column("t_us").tolist(),
            readings.column("value").tolist(), readings.column("row").tolist(),
            (STATUSES[status] for status in readings.column("status")), strict=True,
        ))  # fmt: skip
        expected: Counter[tuple[str, int, int, int, str]] = Counter()
        for place, row in enumerate(mine, 2):
            for which in ("previous", "current"):
                text, letter = row[f"{which}_read_datetime"], row[f"{which}_quality"][:1]
                letters[letter] += 1
                local = np.datetime64(
                    f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:]}", "us"
                )
                instant = int(local.astype(np.int64)) - 36_000_000_000
                status = {"A": "as_read", "F": "final_substituted", "S": "substituted", "E": "estimated"}[letter]
                value = int(Decimal(row[f"{which}_read"]) * 1000)
                expected[stream_of(row), instant, value, place, status] += 1
        assert found == expected, name
    assert letters == {"A": 179, "S": 27, "F": 1, "E": 33}


def test_nine_rollovers_and_three_disagreements_are_noted_with_their_rows() -> None:
    rows = oracle()
    readings = read_meter_file(as_file(rows), "all", nem13(*sorted({stream_of(row) for row in rows})))
    noted = {
        what: {rows[row - 2]["nmi"] for note in readings.notes if note.what == what for row in note.rows}
        for what in ("quantity_rolls_over", "quantity_differs")
    }
    assert noted["quantity_rolls_over"] == {
        "NEM1313042", "NEM1313043", "NEM1313051", "NEM1313047", "NEM1313049", "NEM1313041", "NEM1316101", "NEM1318141",
        "NEM1313046",
    }  # fmt: skip
    assert noted["quantity_differs"] == {"NEM1311002", "NEM1312026", "NEM1313048", "NEM1315088"}


def test_the_ninth_rollover_rests_on_substituted_reads() -> None:
    rows = [row for row in oracle() if row["nmi"] == "NEM1318141"]
    readings = read_meter_file(as_file(rows), "f", nem13(*{stream_of(row) for row in rows}))
    over = [note.rows for note in readings.notes if note.what == "quantity_rolls_over"]
    place = over[0][0]
    status = readings.column("status")[readings.column("row") == place]
    assert sorted(status.tolist()) == [SUBSTITUTED, ESTIMATED]


@pytest.mark.parametrize(
    ("previous", "current", "quantity", "factor", "answer"),
    [
        ("99890", "02034", "2144", 1, "quantity_rolls_over"),
        ("43501", "44991", "-1490", 1, ""),
        ("280.00", "270.00", "-10.000", 1, ""),
        ("100", "110", "400", 40, ""),
        ("990", "010", "800", 40, "quantity_rolls_over"),
        ("100", "110", "11", 1, "quantity_differs"),
        ("100", "110", "", 1, ""),
        ("100", "x", "10", 1, ""),
        ("100", "NaN", "10", 1, ""),
        ("1e99", "1", "1" * 41, 1, ""),
    ],
)
def test_how_stated_energy_agrees_with_the_reads(
    previous: str, current: str, quantity: str, factor: int, answer: str
) -> None:
    assert stated_energy(previous, current, quantity, Fraction(factor)) == answer


CONSUMPTION = (NEM / "nem12" / "Example_NEM13_consumption_data.csv").read_bytes()
REGISTER = "VABC005890/11/METSER123"


def test_the_two_example_files_of_nem13() -> None:
    readings = read("nem12/Example_NEM13_consumption_data.csv", nem13(REGISTER, least="0.1 kWh"))
    assert (readings.column("value").tolist(), readings.notes) == ([63_428, 76_549], ())
    forward = read("nem12/Example_NEM13_forward_estimate.csv", nem13("VDEF005890/11/MET12345", "VDEF005890/41/MET5678"))
    assert forward.column("value").tolist() == [888_000, 999_000, 950_000, 10_015_000]
    assert forward.column("status").tolist() == [0, ESTIMATED, 0, ESTIMATED]
    assert [(note.what, note.rows) for note in forward.notes] == [("quantity_differs", (4,))]


@pytest.mark.parametrize(
    ("code", "row", "old", "new"),
    [
        ("nem_quality_wrong", "2", b",A,,,007654.9", b",V,,,007654.9"),
        ("nem_quality_wrong", "2", b",A,,,1312.1", b",,,,1312.1"),
        ("wrong_unit", "", b"kWh", b"kVArh"),
        ("nem_record_unexpected", "2", b"250,V", b"300,V"),
        ("nem_record_unexpected", "2", b",kWh,20040407, 20040108100333,20040108091133", b""),
        ("unparsable_time", "2", b"20040107100333", b"20041307100333"),
        ("unparsable_number", "2", b"007654.9", b"00765x.9"),
        ("meter_column_missing", "2", b"METSER123", b"METSER124"),
        ("meter_file_truncated", "", b"900\n", b""),
        ("blank_value", "2", b"007654.9", b""),
    ],
)
def test_each_guard_of_nem13(code: str, row: str, old: bytes, new: bytes) -> None:
    data = CONSUMPTION.replace(b"\r\n", b"\n")
    assert data.count(old) == 1
    assert code_and_row(data.replace(old, new), nem13(REGISTER)) == (code, row)


def test_a_null_read_is_missing() -> None:
    data = CONSUMPTION.replace(b"006342.8,20031005093055,A", b",,N")
    readings = read_meter_file(data, "f", nem13(REGISTER))
    assert (len(readings), [(note.what, note.count) for note in readings.notes]) == (1, [("missing_value", 1)])


def test_blocks_do_not_change_registers(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = oracle()
    data, mapping = as_file(rows), nem13(*sorted({stream_of(row) for row in rows}))
    whole = read_meter_file(data, "f", mapping)
    original = Source.blocks
    monkeypatch.setattr(Source, "blocks", lambda self, size=0: original(self, 1000))
    again = read_meter_file(data, "f", mapping)
    assert again.table.equals(whole.table) and again.notes == whole.notes
    assert intake_csv.MAX_LINE > 1000


def test_what_the_own_form_fixes_cannot_be_stated_otherwise() -> None:
    for change in ({"layout": "long"}, {"interval_stamp": "end"}, {"time_column": "t"}):
        with pytest.raises(Refused) as caught:
            Mapping.from_data({**nem12(E1).as_data(), **change})
        assert caught.value.code == "mapping_invalid"
    assert replace(nem12(E1), clock_correction_seconds=0) == nem12(E1)
