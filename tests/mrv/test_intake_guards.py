"""Guards behind which another refusal, or a plausible result, would stand if they were taken away."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import python_calamine

from openjcm.mrv import intake_excel
from openjcm.mrv.mapping import Mapping
from openjcm.mrv.meters import Meter
from openjcm.mrv.proposal import propose_mapping
from openjcm.mrv.quality import QualityRules
from openjcm.mrv.readings import read_meter_file
from openjcm.mrv.zones import zone_of
from openjcm.refusals import Refused

from .meter_files import REGISTER, code_of, csv_of, workbook

TIMES = [datetime(2022, 6, 1, 0, 0), datetime(2022, 6, 1, 0, 15)]  # noqa: DTZ001 - a file's own clock has no zone
TWO = [("2022-06-01 00:00", "1000"), ("2022-06-01 00:15", "1010")]
PARQUET = replace(REGISTER, format="parquet", encoding=None, delimiter=None, decimal_mark=None, time_format=None)
EXCEL = replace(PARQUET, format="excel")
BOOK = workbook([["time", "kWh"], *zip(TIMES, [1000, 1010], strict=True)])


def refused(data: bytes, mapping: Mapping) -> Refused:
    with pytest.raises(Refused) as caught:
        read_meter_file(data, "f", mapping)
    return caught.value


def parquet_of(**columns: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("value_columns", "kWh", "pairs"),
        ("row_filter", ["a"], "a pair"),
        ("missing_texts", [1], "a list"),
        ("unit", 5, "a text"),
    ],
)
def test_a_field_of_the_wrong_shape_is_told_its_own_shape(field: str, value: object, allowed: str) -> None:
    with pytest.raises(Refused) as caught:
        Mapping.from_data({**REGISTER.as_data(), field: value})
    assert str(caught.value.facts["allowed"]).startswith(allowed)


def test_a_zone_is_never_a_path() -> None:
    """The folder of zones is left and entered again: the file is there, the name is no zone's."""
    assert code_of(zone_of, "../zoneinfo/UTC") == "unknown_time_zone"


def test_utf8_that_happens_to_be_shift_jis_too_is_refused() -> None:
    text = "計器".encode()
    assert text.decode("cp932") != "計器"
    data = csv_of([("2022-06-01 00:00", "1," + "計器")], "time,kWh,x")
    caught = refused(data, replace(REGISTER, encoding="cp932"))
    assert (caught.code, caught.facts["why"]) == ("mixed_encodings", "UTF-8")


def test_a_line_over_the_limit_is_refused_in_the_header_too() -> None:
    caught = refused(b"time," + b"x" * (2 << 20) + b"\n" + csv_of(TWO), REGISTER)
    assert (caught.code, caught.facts["row"]) == ("line_too_long", "1")


def test_a_header_below_the_end_of_the_file_leaves_nothing_to_read() -> None:
    codes = [
        refused(data, replace(mapping, header_row=7)).code for data, mapping in ((csv_of(TWO), REGISTER), (BOOK, EXCEL))
    ]
    assert codes == ["meter_file_empty"] * 2


@pytest.mark.parametrize(
    "data", [b"", workbook([]), parquet_of(kWh=pa.array([], pa.int64()))], ids=["text", "excel", "parquet"]
)
def test_nothing_can_be_proposed_for_nothing(data: bytes) -> None:
    assert code_of(propose_mapping, data, "f") == "meter_file_empty"


# Workbooks ------------------------------------------------------------------------------------------------------------


def test_the_workbook_itself_is_bounded_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_excel, "MAX_INFLATED", len(BOOK) - 1)
    caught = refused(BOOK, EXCEL)
    assert (caught.code, caught.facts["found"]) == ("meter_file_unpacks_too_large", f"{len(BOOK)} B")


def test_the_declared_sizes_are_bounded_before_anything_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_excel, "MAX_INFLATED", len(BOOK))
    caught = refused(BOOK, EXCEL)
    assert (caught.code, caught.facts["place"]) == ("meter_file_unpacks_too_large", "xlsx")


def test_a_workbook_that_the_reader_cannot_open_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    assert refused(out.getvalue(), EXCEL).code == "meter_file_truncated"


def test_a_defect_of_the_reader_is_refused_and_an_interruption_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    for failure in (PanicException, KeyboardInterrupt):

        class Broken:
            raised = failure

            @classmethod
            def from_filelike(cls, _file: object) -> object:
                raise cls.raised

        monkeypatch.setattr(python_calamine, "CalamineWorkbook", Broken)
        if failure is KeyboardInterrupt:
            with pytest.raises(KeyboardInterrupt):
                read_meter_file(BOOK, "f", EXCEL)
        else:
            assert refused(BOOK, EXCEL).facts["why"] == "the reader gave up"


# Parquet --------------------------------------------------------------------------------------------------------------


def test_a_damaged_page_is_refused_and_not_the_end_of_the_readings() -> None:
    """The first row group can be read, the second cannot: half of the readings would be a plausible file."""
    out = io.BytesIO()
    times = pa.array(np.arange(4000) * 900_000_000 + 1_654_041_600_000_000).cast(pa.timestamp("us"))
    table = pa.table({"time": times, "kWh": np.arange(4000)})
    pq.write_table(table, out, row_group_size=2000, compression="zstd", use_dictionary=False)
    data = bytearray(out.getvalue())
    at = pq.ParquetFile(io.BytesIO(out.getvalue())).metadata.row_group(1).column(1).data_page_offset
    data[at : at + 400] = b"\xff" * 400
    caught = refused(bytes(data), PARQUET)
    assert (caught.code, caught.facts["place"][:4]) == ("meter_file_truncated", "row ")


@pytest.mark.parametrize(
    ("mapping", "column"),
    [
        (replace(PARQUET, value_columns=(("kWh", ""),), meter_column="half"), "half"),
        (replace(PARQUET, row_filter=("half", "0.5")), "half"),
    ],
)
def test_a_column_of_fractions_names_no_meter_and_filters_no_row(mapping: Mapping, column: str) -> None:
    caught = refused(parquet_of(time=TIMES, kWh=[1, 2], half=[0.5, 0.5]), mapping)
    assert (caught.code, caught.facts["column"]) == ("meter_column_type", column)


# Facts and rules ------------------------------------------------------------------------------------------------------

FACTS: dict[str, object] = {"meter_id": "M1", "direction": "generation", "capacity_w": 5, "interval_seconds": 900}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"direction": None}, "direction"),
        ({"capacity_w": None}, "capacity_w"),
        ({"meter_id": " "}, "meter_id"),
        ({"capacity_w": 0}, "capacity_w"),
        ({"capacity_w": 1.5}, "capacity_w"),
        ({"interval_seconds": 0}, "interval_seconds"),
        ({"register_span": 0}, "register_span"),
        ({"latitude": "90.1"}, "latitude"),
        ({"longitude": "east"}, "longitude"),
        ({"solar": "yes"}, "solar"),
        ({"calibration": ["certificate 7"]}, "meter"),
        ({"calibration": [{"valid_from": "2016-01-01"}]}, "meter"),
        ({"installed_on": "yesterday"}, "meter"),
    ],
)
def test_facts_of_a_meter_that_cannot_be_used_are_named(change: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as caught:
        Meter.from_data({**FACTS, **change})
    assert (caught.value.code, caught.value.facts["field"]) == ("meter_facts_invalid", field)


@pytest.mark.parametrize(
    "change",
    [
        {"sentinels": "-1"},
        {"sentinels": [-1]},
        {"night_elevation": "low"},
        {"night_elevation": 91},
        {"night_elevation": True},
        {"over_range": "0"},
        {"rounding_generation": "half_up"},
        {"solar_meters": ["M1"]},
        {"energy_allocation": "by_guess"},
    ],
)
def test_parameters_of_rules_that_cannot_be_used_are_refused(change: dict[str, object]) -> None:
    assert code_of(QualityRules.from_data, change) == "quality_rules_invalid"
