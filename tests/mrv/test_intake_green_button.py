# ruff: noqa: E501 - one case per line
"""Green Button XML: exact integers of the wanted streams, what each quality becomes, and refusals that name the reading."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest

from openjcm.mrv import intake_green_button
from openjcm.mrv.intake_bytes import Source
from openjcm.mrv.mapping import Mapping
from openjcm.mrv.proposal import propose_mapping
from openjcm.mrv.readings import ESTIMATED, QUESTIONABLE, SUBSTITUTED, read_meter_file
from openjcm.refusals import Refused

START = 1_654_009_200
ROOT = "https://utility.example/espi/1_1/resource/Subscription/1"
STREAM = "UsagePoint/1/MeterReading/1"
TYPE = {"accumulationBehaviour": 4, "commodity": 1, "flowDirection": 19, "intervalLength": 900, "kind": 12,
        "powerOfTenMultiplier": 0, "uom": 72}  # fmt: skip


def entry(links: Sequence[tuple[str, str]], content: str) -> str:
    """One entry of the feed."""
    shown = "".join(f'<link rel="{rel}" href="{ROOT}{href}"/>' for rel, href in links)
    return f"<entry><id>urn:uuid:1</id>{shown}<title/><content>{content}</content></entry>"


def reading(value: object, place: int, *qualities: int, duration: int = 900) -> str:
    """One IntervalReading."""
    said = "".join(f"<ReadingQuality><quality>{quality}</quality></ReadingQuality>" for quality in qualities)
    period = f"<timePeriod><duration>{duration}</duration><start>{START + 900 * place}</start></timePeriod>"
    return f"<IntervalReading><cost>0</cost>{said}{period}<value>{value}</value></IntervalReading>"


def stream(number: int, kind: dict[str, int], readings: Sequence[str], block_start: int | None = START) -> str:
    """A MeterReading with its ReadingType and one IntervalBlock."""
    own, type_of = f"/UsagePoint/1/MeterReading/{number}", f"/ReadingType/{number}"
    links = [
        ("self", own),
        ("up", "/UsagePoint/1/MeterReading"),
        ("related", f"{own}/IntervalBlock"),
        ("related", type_of),
    ]
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in kind.items())
    start = (
        "" if block_start is None else f"<interval><duration>86400</duration><start>{block_start}</start></interval>"
    )
    return (
        entry(links, '<MeterReading xmlns="http://naesb.org/espi"/>')
        + entry(
            [("self", f"{own}/IntervalBlock/1"), ("up", f"{own}/IntervalBlock")],
            f'<IntervalBlock xmlns="http://naesb.org/espi">{start}{"".join(readings)}</IntervalBlock>',
        )
        + entry([("self", type_of)], f'<ReadingType xmlns="http://naesb.org/espi">{inner}</ReadingType>')
    )


def feed(*streams: str) -> bytes:
    """A whole file."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
    return (head + entry([("self", "/UsagePoint/1")], "<UsagePoint/>") + "".join(streams) + "</feed>\n").encode()


def mapping(**more: object) -> Mapping:
    """The mapping of the first stream."""
    return Mapping.from_data({
        "format": "green_button", "value_columns": [[STREAM, "M1"]], "kind": "interval_energy", "unit": "Wh",
        "least_unit": "Wh", "interval_seconds": 900, **more,
    })  # fmt: skip


FILE = feed(stream(1, TYPE, [reading(120, 0), reading(0, 1, 8), reading(95, 2, 0), reading(-3, 3, 10)]))


def refused(data: bytes | Path, chosen: Mapping | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        read_meter_file(data, "gb.xml", chosen or mapping())
    assert "{" not in caught.value.message("ja") + caught.value.message("en") + caught.value.remedy("ja")
    return caught.value


def test_values_times_rows_and_qualities() -> None:
    readings = read_meter_file(FILE, "gb.xml", mapping())
    assert readings.column("value").tolist() == [120, 0, 95, -3]
    assert readings.column("t_us").tolist() == [(START + 900 * place) * 1_000_000 for place in range(4)]
    assert readings.column("row").tolist() == [1, 2, 3, 4]
    assert readings.column("status").tolist() == [0, ESTIMATED, 0, QUESTIONABLE]
    assert (readings.kind, readings.unit, readings.interval_stamp, readings.notes) == (
        "interval_energy",
        "Wh",
        "start",
        (),
    )


@pytest.mark.parametrize(
    ("qualities", "status"),
    [
        ((0,), 0), ((14,), 0), ((17,), 0), ((18,), 0), ((19,), 0), ((7,), SUBSTITUTED), ((8,), ESTIMATED),
        ((9,), ESTIMATED), ((10,), QUESTIONABLE), ((11,), SUBSTITUTED), ((12,), ESTIMATED), ((13,), QUESTIONABLE),
        ((15,), SUBSTITUTED), ((16,), QUESTIONABLE), ((99,), QUESTIONABLE), ((17, 8), ESTIMATED), ((8, 19), ESTIMATED),
        ((), 0),
    ],
)  # fmt: skip
def test_each_quality(qualities: tuple[int, ...], status: int) -> None:
    readings = read_meter_file(feed(stream(1, TYPE, [reading(1, 0, *qualities)])), "gb.xml", mapping())
    assert readings.column("status").tolist() == [status]


def test_the_default_quality_stands_where_a_reading_says_none() -> None:
    data = feed(stream(1, {**TYPE, "defaultQuality": 8}, [reading(1, 0), reading(1, 1, 17)]))
    assert read_meter_file(data, "gb.xml", mapping()).column("status").tolist() == [ESTIMATED, 0]


@pytest.mark.parametrize(
    ("power", "unit", "least", "expected"),
    [
        (0, "Wh", "Wh", 12),
        (3, "kWh", "kWh", 12),
        (3, "kWh", "Wh", 12_000),
        (6, "MWh", "kWh", 12_000),
        (-3, "Wh", "0.001 Wh", 12),
    ],
)
def test_the_power_of_ten_is_exact(power: int, unit: str, least: str, expected: int) -> None:
    data = feed(stream(1, {**TYPE, "powerOfTenMultiplier": power}, [reading(12, 0)]))
    assert read_meter_file(data, "gb.xml", mapping(unit=unit, least_unit=least)).column("value").tolist() == [expected]


def test_registers_stand_at_the_end_of_their_period_and_power_is_power() -> None:
    register = feed(stream(1, {**TYPE, "accumulationBehaviour": 3}, [reading(5000, 0), reading(5100, 1)]))
    readings = read_meter_file(register, "gb.xml", mapping(kind="cumulative"))
    assert readings.column("t_us").tolist() == [(START + 900) * 1_000_000, (START + 1800) * 1_000_000]
    power = feed(stream(1, {**TYPE, "accumulationBehaviour": 12, "uom": 38}, [reading(700, 0)]))
    assert read_meter_file(power, "gb.xml", mapping(kind="interval_power", unit="W", least_unit="W")).column(
        "value"
    ).tolist() == [700]


def test_readings_without_a_period_follow_one_another_in_their_block() -> None:
    bare = "<IntervalReading><value>{}</value></IntervalReading>"
    data = feed(stream(1, TYPE, [bare.format(value) for value in (1, 2, 3)]))
    readings = read_meter_file(data, "gb.xml", mapping())
    assert readings.column("t_us").tolist() == [(START + 900 * place) * 1_000_000 for place in range(3)]


def test_prefixes_single_entries_gzip_and_utf_16() -> None:
    prefixed = FILE.decode().replace(
        '<IntervalBlock xmlns="http://naesb.org/espi">', '<espi:IntervalBlock xmlns:espi="x">'
    )
    prefixed = prefixed.replace("</IntervalBlock>", "</espi:IntervalBlock>").replace(
        "IntervalReading>", "espi:IntervalReading>"
    )
    whole = read_meter_file(FILE, "gb.xml", mapping())
    utf16 = prefixed.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    for data in (prefixed.encode(), gzip.compress(FILE, mtime=0), utf16):
        assert read_meter_file(data, "gb.xml", mapping()).table.equals(whole.table)


def test_a_blank_value_is_refused_or_missing() -> None:
    data = feed(stream(1, TYPE, [reading("", 0), reading(7, 1)]))
    assert refused(data).code == "blank_value"
    readings = read_meter_file(data, "gb.xml", mapping(blank="missing"))
    assert (readings.column("value").tolist(), [(note.what, note.rows) for note in readings.notes]) == (
        [7],
        [("missing_value", (1,))],
    )


def test_only_the_wanted_streams_are_read_and_blocks_do_not_change_them(monkeypatch: pytest.MonkeyPatch) -> None:
    data = feed(stream(1, TYPE, [reading(1, 0)]), stream(2, TYPE, [reading(2, 0), reading(3, 1)]))
    chosen = mapping(value_columns=[["UsagePoint/1/MeterReading/2", "M2"]])
    whole = read_meter_file(data, "gb.xml", chosen)
    assert (whole.meters(), whole.column("value").tolist()) == (["M2"], [2, 3])
    original = Source.blocks
    monkeypatch.setattr(Source, "blocks", lambda self, size=0: original(self, 100))
    assert read_meter_file(data, "gb.xml", chosen).table.equals(whole.table)


@pytest.mark.parametrize(
    ("code", "data", "chosen", "facts"),
    [
        ("meter_file_empty", b"", None, {}),
        ("meter_file_empty", feed(), None, {}),
        ("meter_file_wrong_format", b"<html></html>", None, {"found": "<html>"}),
        ("meter_file_wrong_format", b"PAR1xxxx", None, {"found": "parquet"}),
        ("meter_file_truncated", FILE[:-20], None, {}),
        ("meter_file_truncated", FILE.replace(b"</entry>", b"</entri>", 1), None, {"place": "line 2"}),
        ("meter_file_truncated", gzip.compress(FILE, mtime=0)[:-12], None, {}),
        ("meter_file_truncated", FILE.replace(b"UTF-8", b"UTF-88"), None, {"place": "XML"}),
        ("meter_file_truncated", FILE.replace(b"UTF-8", b"Shift_JIS"), None, {}),
        ("xml_forbidden", FILE.replace(b"<feed", b'<!DOCTYPE feed [<!ENTITY a "b">]><feed', 1), None, {}),
        ("xml_forbidden", FILE.replace(b"<feed", b"<!DOCTYPE feed><feed", 1), None, {}),
        ("meter_column_missing", FILE, mapping(value_columns=[["UsagePoint/9", "M"]]), {"column": "UsagePoint/9"}),
        ("green_button_type_missing", FILE.replace(b"<uom>72</uom>", b""), None, {"stream": STREAM}),
        ("green_button_type_missing", FILE.replace(b"/ReadingType/1", b"/ReadingType/2", 1), None, {"stream": STREAM}),
        ("wrong_unit", FILE.replace(b"<uom>72", b"<uom>169"), None, {"found": "uom 169"}),
        ("wrong_unit", FILE, mapping(unit="kWh"), {"found": "Wh", "unit": "kWh"}),
        ("kind_differs", FILE, mapping(kind="cumulative"), {"found": "interval_energy"}),
        ("interval_differs", feed(stream(1, TYPE, [reading(1, 0), reading(1, 1, duration=1800)])), None, {"row": "2", "found": "1800"}),
        ("green_button_value_wrong", feed(stream(1, TYPE, [reading("1.5", 0)])), None, {"row": "1", "text": "1.5"}),
        ("green_button_value_wrong", feed(stream(1, TYPE, [reading(1, 10**9)])), None, {"row": "1"}),
        ("green_button_value_wrong", feed(stream(1, TYPE, [reading(1, 0, duration=-900)])), None, {"row": "1"}),
        ("green_button_value_wrong", feed(stream(1, TYPE, [reading(1, 0, duration=10**9)])), None, {"row": "1"}),
        ("green_button_value_wrong", feed(stream(1, TYPE, ["<IntervalReading><value>1</value></IntervalReading>"], None)), None, {"row": "1"}),
        ("green_button_type_missing", feed(stream(1, {**TYPE, "intervalLength": 0}, ["<IntervalReading><value>1</value></IntervalReading>"])), None, {}),
        ("reading_too_large", feed(stream(1, {**TYPE, "powerOfTenMultiplier": 9}, [reading(10**12, 0)])), mapping(unit="GWh"), {"row": "1"}),
        ("not_whole_least_unit", FILE, mapping(least_unit="kWh"), {"row": "1"}),
        ("meter_file_unpacks_too_large", feed("<entry>" * 100 + "</entry>" * 100), None, {"limit": "64 levels"}),
        ("meter_file_unpacks_too_large", FILE.replace(b"<uom>72", b"<uom>" + b"7" * 5000), None, {"place": "uom"}),
        ("meter_file_unpacks_too_large", b"<feed><!--" + b"x" * (6 << 20) + b"--></feed>", None, {"limit": "4194304 B"}),
    ],
)  # fmt: skip
def test_each_guard(code: str, data: bytes, chosen: Mapping | None, facts: dict[str, str]) -> None:
    found = refused(data, chosen)
    assert found.code == code, found
    assert facts.items() <= found.facts.items(), found.facts


def test_too_many_readings_or_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_green_button, "MAX_ROWS", 3)
    assert refused(FILE).code == "meter_file_unpacks_too_large"
    monkeypatch.setattr(intake_green_button, "MAX_ROWS", 100)
    monkeypatch.setattr(intake_green_button, "MAX_STREAMS", 2)
    assert (
        refused(feed(*(stream(number, TYPE, [reading(1, 0)]) for number in range(3)))).code
        == "meter_file_unpacks_too_large"
    )


def test_a_proposal_is_complete_where_one_stream_holds_energy() -> None:
    proposal = propose_mapping(FILE, "gb.xml")
    assert proposal.is_complete and proposal.columns == (STREAM,)
    assert proposal.fields["unit"] == "Wh" and proposal.fields["kind"] == "interval_energy"
    readings = read_meter_file(FILE, "gb.xml", proposal.confirm())
    assert len(readings) == 4 and proposal.first_rows[0][3] == "120"


def test_a_proposal_asks_which_of_several_streams() -> None:
    proposal = propose_mapping(
        feed(stream(1, TYPE, [reading(1, 0)]), stream(2, {**TYPE, "powerOfTenMultiplier": 3}, [reading(2, 0)])),
        "gb.xml",
    )
    assert {item.field for item in proposal.questions} == {
        "value_columns",
        "unit",
        "least_unit",
        "kind",
        "interval_seconds",
    }
    assert set(proposal.choices["value_columns"]) == {STREAM, "UsagePoint/1/MeterReading/2"}
