# ruff: noqa: E501, DTZ001 - one case per line; a file's own clock has no zone
"""Mappings: complete or refused, the same through plain data, proposed from the file and never guessed."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from openjcm.canonical import canonical_bytes
from openjcm.mrv.mapping import ENERGY_UNITS, POWER_UNITS, Mapping, least_unit_size, unit_power
from openjcm.mrv.proposal import propose_mapping
from openjcm.mrv.quality import judge
from openjcm.mrv.readings import read_meter_file
from openjcm.refusals import Refused

from .meter_files import DATA, ENERGY, INVERTER, METER, POWER, PVOPS, PVOPS_ALTERED, REGISTER, csv_of, workbook


@pytest.mark.parametrize("mapping", [REGISTER, POWER, ENERGY, PVOPS, PVOPS_ALTERED, INVERTER])
def test_plain_data_and_back_is_the_same_mapping(mapping: Mapping) -> None:
    data = json.loads(canonical_bytes(mapping.as_data()))
    assert Mapping.from_data(data) == mapping


@pytest.mark.parametrize(
    ("code", "field", "change"),
    [
        ("mapping_incomplete", "encoding", {"encoding": None}),
        ("mapping_incomplete", "delimiter", {"delimiter": None}),
        ("mapping_incomplete", "decimal_mark", {"decimal_mark": None}),
        ("mapping_incomplete", "time_format", {"time_format": None}),
        ("mapping_incomplete", "unit", {"unit": None}),
        ("mapping_incomplete", "time_zone", {"time_zone": None}),
        ("mapping_incomplete", "value_columns", {"value_columns": []}),
        ("mapping_incomplete", "meter_column", {"value_columns": [["kWh", ""]]}),
        ("mapping_incomplete", "interval_seconds", {"kind": "interval_energy", "interval_stamp": "start"}),
        ("mapping_incomplete", "interval_stamp", {"kind": "interval_energy", "interval_seconds": 900}),
        ("mapping_incomplete", "clock_correction_reason", {"clock_correction_seconds": 5}),
        ("mapping_invalid", "format", {"format": "pdf"}),
        ("mapping_invalid", "kind", {"kind": "mean"}),
        ("mapping_invalid", "encoding", {"encoding": "latin-1"}),
        ("mapping_invalid", "decimal_mark", {"decimal_mark": ",", "delimiter": ","}),
        ("mapping_invalid", "rounding", {"rounding": "half_up"}),
        ("mapping_invalid", "blank", {"blank": "zero"}),
        ("mapping_invalid", "doubtful_times", {"doubtful_times": "guess"}),
        ("mapping_invalid", "header_row", {"header_row": 0}),
        ("mapping_invalid", "header_row", {"header_row": "1"}),
        ("mapping_invalid", "first_data_row", {"first_data_row": 1}),
        ("mapping_invalid", "interval_seconds", {"interval_seconds": 0}),
        ("mapping_invalid", "interval_seconds", {"interval_seconds": True}),
        ("mapping_invalid", "clock_correction_seconds", {"clock_correction_seconds": 10**12}),
        ("mapping_invalid", "value_columns", {"value_columns": [["a", "A"], ["b", "B"]]}),
        ("mapping_invalid", "value_columns", {"value_columns": "kWh"}),
        ("mapping_invalid", "value_columns", {"layout": "wide", "value_columns": [["a", "A"], ["b", "A"]]}),
        ("mapping_invalid", "meter_column", {"layout": "wide", "meter_column": "m"}),
        ("mapping_invalid", "row_filter", {"row_filter": ["a"]}),
        ("mapping_invalid", "missing_texts", {"missing_texts": [1]}),
        ("mapping_invalid", "unit", {"unit": 5}),
        ("mapping_invalid", "mapping", {"colour": "red"}),
        ("unknown_meter_unit", "unit", {"unit": "t"}),
        ("unknown_meter_unit", "unit", {"least_unit": "0.5 kWh"}),
        ("unknown_meter_unit", "unit", {"kind": "interval_power", "interval_seconds": 900, "interval_stamp": "end"}),
        ("unknown_time_zone", "zone", {"time_zone": "+25:00"}),
    ],
)
def test_incomplete_and_contradictory_mappings_are_refused(code: str, field: str, change: dict[str, object]) -> None:
    with pytest.raises(Refused) as caught:
        Mapping.from_data({**REGISTER.as_data(), **change})
    assert caught.value.code == code
    assert caught.value.facts.get("field", field) == field
    assert caught.value.message("ja") and caught.value.remedy("ja")


def test_units_are_powers_of_ten() -> None:
    assert [unit_power(unit, "cumulative") for unit in ENERGY_UNITS] == [0, 3, 6, 9]
    assert [unit_power(unit, "interval_power") for unit in POWER_UNITS] == [0, 3, 6, 9]
    assert (least_unit_size("0.1 W", "interval_power") * 10, least_unit_size("10 kWh", "cumulative")) == (1, 10_000)


# Proposals --------------------------------------------------------------------------------------------------------


def asked(data: bytes | Path, name: str = "f") -> set[str]:
    proposal = propose_mapping(data, name)
    assert proposal.fields.keys() == proposal.reasons.keys()
    assert all(en and ja for en, ja in proposal.reasons.values())
    assert all(item.en and item.ja and proposal.choices[item.field] for item in proposal.questions)
    assert not proposal.fields.keys() & {item.field for item in proposal.questions}
    return {item.field for item in proposal.questions}


def test_unit_and_zone_are_asked_where_the_file_is_silent() -> None:
    data = csv_of([("2022-06-01 00:00", "1000"), ("2022-06-01 00:15", "1010")], "time,energy")
    assert {"unit", "time_zone", "kind", "meter_column"} <= asked(data)


@pytest.mark.parametrize(
    "name", ["example_perf_data.csv", "example_prod_data_cumE2.csv", "TAEFC1044741.parquet", "system_50_ac_power_2_full_DST.parquet"]
)  # fmt: skip
def test_no_real_file_here_states_everything(name: str) -> None:
    open_questions = asked(DATA / name, name)
    assert open_questions
    assert ("time_zone" in open_questions) == (name != "system_50_ac_power_2_full_DST.parquet")


def test_what_the_file_states_is_found_with_its_reason() -> None:
    data = "日時(JST);計器番号;積算電力量[kWh]\n2022/06/01 00:30;A-1;1000,5\n2022/06/01 01:00;A-1;1010,0\n".encode(
        "cp932"
    )
    proposal = propose_mapping(data, "f")
    assert proposal.is_complete
    mapping = proposal.confirm()
    assert (mapping.encoding, mapping.delimiter, mapping.decimal_mark) == ("cp932", ";", ",")
    assert (mapping.time_zone, mapping.unit, mapping.kind, mapping.least_unit) == (
        "Asia/Tokyo",
        "kWh",
        "cumulative",
        "0.1 kWh",
    )
    readings = read_meter_file(data, "f", mapping)
    assert (readings.meters(), readings.column("value").tolist()) == (["A-1"], [10005, 10100])


def test_day_before_month_is_asked_where_both_fit() -> None:
    both = csv_of([("1/2/2022 0:00", "1"), ("2/2/2022 0:00", "2")])
    proposal = propose_mapping(both, "f")
    assert "time_format" in asked(both)
    assert set(proposal.choices["time_format"]) == {"%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"}
    assert (
        propose_mapping(csv_of([("1/2/2022 0:00", "1"), ("13/2/2022 0:00", "2")]), "f").fields["time_format"]
        == "%d/%m/%Y %H:%M"
    )


def test_a_workbook_with_a_merged_title_is_proposed_with_the_row_below() -> None:
    rows = [
        ["Plant report", ""],
        ["time (UTC)", "register [kWh]"],
        *[[datetime(2022, 6, day), day] for day in range(1, 9)],
    ]
    data = workbook(rows, "A1:B1")
    proposal = propose_mapping(data, "f")
    assert proposal.fields["header_row"] == 2
    assert {item.field for item in proposal.questions} == {"meter_column", "value_columns"}
    mapping = proposal.confirm(value_columns=[["register [kWh]", "M1"]])
    assert len(read_meter_file(data, "f", mapping)) == 8


def test_units_rows_below_the_header_are_stepped_over() -> None:
    rows = "".join(f"2022-06-13 {hour:02d}:15,{hour},1\n" for hour in range(24)).encode()
    data = b"TOA5,plant,CR1000\nTIMESTAMP,Energy_kWh,x\nTS,kWh,\n,Avg,\n" + rows
    proposal = propose_mapping(data, "f")
    assert (proposal.fields["header_row"], proposal.fields["first_data_row"]) == (2, 5)
    assert proposal.first_rows


def test_mixed_encodings_are_refused_when_proposing() -> None:
    data = "時刻,kWh\n".encode() + "計器,1\n".encode("cp932")
    with pytest.raises(Refused) as caught:
        propose_mapping(data, "f")
    assert (caught.value.code, caught.value.facts["row"], caught.value.facts["byte"]) == ("mixed_encodings", "2", "11")


def test_files_that_no_mapping_can_help_are_refused() -> None:
    for data, code in (
        (b"", "meter_file_empty"),
        (b"\n\n", "meter_file_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "meter_file_wrong_format"),
    ):
        with pytest.raises(Refused) as caught:
            propose_mapping(data, "f")
        assert caught.value.code == code


def test_every_field_of_a_mapping_is_described() -> None:
    page = (Path(__file__).parents[2] / "docs" / "readings.md").read_text(encoding="utf-8")
    assert not [item.name for item in fields(Mapping) if f"`{item.name}`" not in page]


# The command ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_command_proposes_and_checks(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from openjcm.cli_parts.readings import app

    monkeypatch.setenv("OPENJCM_LANGUAGE", language)
    file, mapping, meter = DATA / "example_perf_data.csv", tmp_path / "mapping.json", tmp_path / "meter.json"
    runner = CliRunner()
    proposed = runner.invoke(app, ["propose", str(file)])
    assert proposed.exit_code == 0
    assert ("時計" if language == "ja" else "clock") in proposed.output
    data = json.loads(runner.invoke(app, ["propose", str(file), "--json-output"]).output)
    mapping.write_bytes(canonical_bytes({**data["mapping"], **PVOPS.as_data()}))
    meter_id = "2050.15.003.BLK01.PAD01.MTR01"
    meter.write_bytes(canonical_bytes(replace(METER, meter_id=meter_id).as_data()))
    arguments = ["check", str(file), "--mapping", str(mapping), "--meter", str(meter)]
    shown = runner.invoke(app, arguments)
    assert shown.exit_code == 0, shown.output
    assert "Q26 explain" in shown.output
    checked = json.loads(runner.invoke(app, [*arguments, "--json-output"]).output)
    assert sum(line["measured_wh"] + line["bridged_wh"] for line in checked["energy"]) == 68_697_000
    mapping.write_text("[")
    refused = runner.invoke(app, arguments)
    assert isinstance(refused.exception, Refused)
    assert refused.exception.code == "json_file_not_understood"


def test_a_confirmed_proposal_judges_like_a_written_mapping() -> None:
    file = DATA / "example_perf_data.csv"
    answers = {
        name: PVOPS.as_data()[name]
        for name in ("time_zone", "value_columns", "meter_column", "kind", "unit", "least_unit")
    }
    mapping = propose_mapping(file, "f").confirm(**answers)
    meter = replace(METER, meter_id="2050.15.003.BLK01.PAD01.MTR01")
    period = (datetime(2018, 9, 14).date(), datetime(2018, 10, 14).date())
    judged = [judge(read_meter_file(file, "f", item), [meter], period, "-05:00") for item in (mapping, PVOPS)]
    assert judged[0].energy == judged[1].energy
