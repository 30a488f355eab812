# ruff: noqa: E501 - one case per line
"""Fuzzing: whatever bytes come, every reader and the proposal answer with readings or a refusal, soon and in little memory.

Random bytes, good files with pieces cut, doubled, swapped or replaced, and good files under another format's mapping.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openjcm.mrv.mapping import Mapping
from openjcm.mrv.proposal import propose_mapping
from openjcm.mrv.readings import Readings, read_meter_file, readings_from_parquet, readings_to_parquet
from openjcm.refusals import Refused

from .meter_files import DATA, PVOPS, REGISTER
from .test_intake_green_button import FILE as GREEN_BUTTON
from .test_intake_green_button import mapping as green_button
from .test_intake_nem import CONSUMPTION, GOOD, nem12, nem13
from .test_intake_nem import REGISTER as NEM13_STREAM
from .test_intake_shapes import SHAPES
from .test_readings_status import with_status

TOA5 = (DATA / "excerpts" / "Baseline6kW_2015_11_11.dat").read_bytes()[:6000]
LOGGER = replace(
    REGISTER, header_row=2, first_data_row=5, time_column="TIMESTAMP", time_format="%m/%d/%Y %H:%M", unit="Wh",
    value_columns=(("Sys1Wac_Avg", "M1"),), least_unit="Wh", rounding="down_to_whole_unit", blank="missing",
)  # fmt: skip
SEEDS: dict[str, tuple[bytes, Mapping]] = {
    "nem12": (GOOD, nem12("CCCC123456/E1")),
    "nem13": (CONSUMPTION, nem13(NEM13_STREAM)),
    "green button": (GREEN_BUTTON, green_button()),
    "TOA5": (TOA5, LOGGER),
    "pvops": ((DATA / "example_perf_data.csv").read_bytes()[:4000].rpartition(b"\n")[0] + b"\n", PVOPS),
    "stored form": (readings_to_parquet(with_status([0, 3, 0, 4])), REGISTER),
    **{name: SHAPES[name] for name in ("groups", "AM and PM", "units behind", "day numbers with a comma", "date and time apart",
                                       "Excel: date and time apart", "Parquet: dates and times", "UTF-16 with a mark")},
}  # fmt: skip
LONGEST = 5.0
"""Seconds that no small file may take, on a busy machine."""


@st.composite
def mutated(draw: st.DrawFn, seed: bytes) -> bytes:
    """A file with some pieces cut, doubled, moved or replaced by others, and perhaps packed."""
    data = seed
    for _ in range(draw(st.integers(1, 4))):
        size = max(len(data), 1)
        at, length = draw(st.integers(0, size)), draw(st.integers(0, 60))
        piece = draw(st.sampled_from([
            b"", draw(st.binary(max_size=30)), data[at : at + length] * 2, seed[-length:], b"\x00", b"\n", b"\r", b",", b'"',
            b"1e308", b"-" * 40, b"9" * 40, "１２".encode(), b"\xff\xfe", b"<a>", b"&lt;", b"]]>", b"NaN", b"V,,,", b"400,1,48,A,,\n",
        ]))  # fmt: skip
        data = data[:at] + piece + data[at + draw(st.integers(0, 80)) :]
    return gzip.compress(data, mtime=0) if draw(st.integers(0, 19)) == 0 else data


def answered(action: Callable[[], object]) -> object:
    """The answer, or the refusal in both languages; anything else fails the test, and so does a long wait."""
    begin = time.monotonic()
    try:
        return action()
    except Refused as refused:
        assert refused.message("en") and refused.message("ja") and refused.remedy("en") and refused.remedy("ja")
        return refused
    finally:
        assert time.monotonic() - begin < LONGEST


@pytest.mark.parametrize("name", SEEDS)
@given(st.data())
@settings(max_examples=30, deadline=None)
def test_mutated_files_are_read_or_refused(name: str, data: st.DataObject) -> None:
    seed, mapping = SEEDS[name]
    content = data.draw(mutated(seed))
    answered(lambda: propose_mapping(content, "f"))
    read = answered(
        lambda: readings_from_parquet(content) if name == "stored form" else read_meter_file(content, "f", mapping)
    )
    if isinstance(read, Readings):
        assert readings_to_parquet(read) == readings_to_parquet(readings_from_parquet(readings_to_parquet(read)))


@pytest.mark.parametrize("reader", SEEDS)
def test_every_file_under_every_mapping(reader: str) -> None:
    _, mapping = SEEDS[reader]
    for seed, _ in SEEDS.values():
        answered(lambda seed=seed: read_meter_file(seed, "f", mapping))  # type: ignore[misc]


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"100,NEM12\n", b"100,NEM13\n200,", b"<?xml version='1.0'?><feed>", b"time,kWh\n"]),
)
@settings(max_examples=80, deadline=None)
def test_random_bytes(tail: bytes, head: bytes) -> None:
    answered(lambda: propose_mapping(head + tail, "f"))
    for name in ("nem12", "nem13", "green button", "date and time apart"):
        answered(lambda name=name: read_meter_file(head + tail, "f", SEEDS[name][1]))  # type: ignore[misc]


TEXTS = st.text(alphabet="%YmdHMSfzIpby -/:.T年", max_size=24)


@given(TEXTS, st.text(max_size=20), st.text(alphabet="0123456789./", max_size=12))
@settings(max_examples=80, deadline=None)
def test_random_formats_suffixes_and_multipliers(time_format: str, suffix: str, multiplier: str) -> None:
    fields = {
        "time_format": time_format or "%Y",
        "value_suffix": suffix,
        "multiplier": multiplier,
        "multiplier_reason": "r",
    }
    data = b"time,kWh\n2022-06-01 00:00,1000\n"
    answered(lambda: read_meter_file(data, "f", Mapping.from_data({**REGISTER.as_data(), **fields})))
