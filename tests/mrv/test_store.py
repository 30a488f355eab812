"""The clustered store and the engines: the same answers as judging everything at once, however the work is cut."""

from __future__ import annotations

import pickle
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.mrv.engine import clustered
from openjcm.mrv.engine.clustered import MANIFEST, Store, bucket_bytes, bucket_readings, open_store, write_store
from openjcm.mrv.engine.clustering import Layout, cluster_files
from openjcm.mrv.engine.fleet import Case, Cases, Local, judge_bucket, judge_store
from openjcm.mrv.engine.order import in_order, sorted_places
from openjcm.mrv.engine.parts import Part, joined_parts, part_of, reductions, table_bytes, table_from
from openjcm.mrv.engine.spark import Spark, _Work
from openjcm.mrv.mapping import Mapping
from openjcm.mrv.meters import Meter
from openjcm.mrv.quality import judge
from openjcm.mrv.readings import ROWS_PER_FILE, Readings, read_meter_file, sorted_table
from openjcm.refusals import Refused

from .meter_files import DATA, INVERTER, PVOPS, PVOPS_ALTERED, REGISTER, code_of

SMALL = Layout(partitions=3, rows_per_bucket=40, rows_per_run=25, threads=2)
LONG = replace(REGISTER, value_columns=(("kWh", ""),), meter_column="meter", blank="missing")
PERIOD = (date(2022, 6, 1), date(2022, 6, 3))
METERS = tuple(Meter(f"M{number}", "generation", 40_000, 900, register_span=10_000) for number in range(5))
REAL = (
    (DATA / "example_perf_data.csv", "perf.csv", PVOPS),
    (DATA / "example_prod_data_cumE2.csv", "cumE2.csv", PVOPS_ALTERED),
)
PVOPS_METERS = (
    Meter("2050.15.003.BLK01.PAD01.MTR01", "generation", 475_000, 900),
    Meter("R27", "consumption", 475_000, 900),
)
PVOPS_PERIOD = (date(2018, 9, 14), date(2018, 10, 14))


def all_at_once(files: Sequence[tuple[Path, str, Mapping]], case: Case) -> Part:
    """The reference: every file read whole, joined, and judged by one call."""
    read = sorted((read_meter_file(*one) for one in files), key=lambda one: one.source_sha256)
    rows = [one.column("row") + place * ROWS_PER_FILE for place, one in enumerate(read)]
    meter = pa.chunked_array([chunk for one in read for chunk in one.table.column("meter").chunks])
    columns = [np.concatenate([one.column(name) for one in read]) for name in ("t_us", "value")]
    notes: dict[tuple[str, str], tuple[tuple[int, ...], int]] = {}
    for place, one in enumerate(read):
        for note in one.notes:
            if note.what != "open_end":
                old = notes.get((note.what, note.meter), ((), 0))
                more = tuple(row + place * ROWS_PER_FILE for row in note.rows)
                notes[note.what, note.meter] = (old[0] + more, old[1] + note.count)
    table = sorted_table(meter, *columns, np.concatenate(rows))
    joined = replace(read[0], table=table, notes=tuple(_note(key, *found) for key, found in sorted(notes.items())))
    judgement = judge(joined, case.meters, case.period, case.time_zone, case.rules)
    part = part_of([(case.project, judgement)])
    assert [canonical_bytes(line.as_data()) for line in judgement.energy] == [_line(row) for row in rows_of(part)]
    assert part.found() == list(judgement.findings)
    return part


def _note(key: tuple[str, str], rows: tuple[int, ...], count: int) -> object:
    from openjcm.mrv.readings import Note

    return Note(*key, rows[:100], count)


def rows_of(part: Part) -> list[dict[str, object]]:
    return part.energy.to_pylist()


def _line(row: dict[str, object]) -> bytes:
    from openjcm.mrv.quality import EnergyLine

    numbers = [row[f"{name}_wh"] for name in ("measured", "bridged", "substituted", "rejected", "negative")]
    seconds = [Fraction(row[f"{name}_us"], 10**6) for name in ("measured", "bridged", "gap", "period")]  # type: ignore[call-overload]
    return canonical_bytes(EnergyLine(row["meter"], row["year"], row["month"], *numbers, *seconds).as_data())  # type: ignore[arg-type]


def same(one: Part, other: Part) -> bool:
    """Equal, cell by cell and by name (findings of meters that no plan lists carry no project)."""
    return one.sha256 == other.sha256 and all(
        one.tables()[name].to_pylist() == other.tables()[name].to_pylist() for name in one.tables()
    )


def random_files(folder: Path, dice: random.Random, count: int = 4) -> list[tuple[Path, str, Mapping]]:
    """Registers with zeros, jumps, blanks, duplicates and conflicts, their rows spread over files in any order."""
    rows: list[str] = []
    for number in range(6):  # one more than the plan knows
        value = dice.randrange(9_900)
        for quarter in range(dice.choice((0, 20, 60))):
            value += dice.choice((0, 1, 5, 9)) - (10_000 if value > 9_990 else 0)
            text = dice.choice((*[str(value)] * 30, "0", "", str(value + 5_000)))
            day, rest = divmod(quarter, 30)
            line = f"M{number},2022-06-{day + 1:02d} {rest // 4:02d}:{rest % 4 * 15:02d},{text}"
            rows += [line] * dice.choice((1, 1, 1, 1, 1, 0, 2))
    dice.shuffle(rows)
    rows = rows or ["M0,2022-06-01 00:00,1"]
    files = []
    for place in range(count):
        path = folder / f"part-{place}.csv"
        mine = [row for number, row in enumerate(rows) if number % count == place] or [f"M0,2022-06-01 05:0{place},1"]
        path.write_text("\n".join(["meter,time,kWh", *mine]) + "\n")
        files.append((path, path.name, LONG))
    return files


@pytest.mark.parametrize("seed", range(12))
def test_a_store_gives_the_same_as_judging_all_at_once(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    files = random_files(tmp_path, dice)
    case = Case("XX001", METERS, PERIOD, "+00:00")
    reference = all_at_once(files, case)
    folders = []
    for attempt, threads in enumerate((1, 2)):
        dice.shuffle(files)
        store = cluster_files(files, tmp_path / f"store-{attempt}", replace(SMALL, threads=threads))
        folders.append({path.name: path.read_bytes() for path in store.folder.iterdir()})
        found = judge_store(Local(threads), open_store(store.folder), Cases.of([case]))
        assert found.energy == reference.energy
        assert found.daily == reference.daily
        assert found.findings.drop(["project"]) == reference.findings.drop(["project"])
    assert folders[0] == folders[1], "the order of the files or the threads changed the bytes"
    larger = cluster_files(files, tmp_path / "larger", Layout())
    assert judge_store(Local(1), larger, Cases.of([case])).sha256 == found.sha256


def test_real_registers_in_one_store(tmp_path: Path) -> None:
    case = Case("XD001", PVOPS_METERS, PVOPS_PERIOD, "-05:00")
    store = cluster_files(REAL, tmp_path / "store", Layout(rows_per_bucket=1_000, rows_per_run=500))
    assert len(store.buckets) == 2
    found = judge_store(Local(2), store, Cases.of([case]))
    assert same(found, all_at_once(REAL, case))
    counted = dict.fromkeys(("2050.15.003.BLK01.PAD01.MTR01", "R27"), 0)
    for row in rows_of(found):
        counted[row["meter"]] += row["measured_wh"] + row["bridged_wh"]  # type: ignore[index, operator]
    assert set(counted.values()) == {68_697_000}


def test_meters_of_two_plans_are_judged_by_their_own(tmp_path: Path) -> None:
    cases = [
        Case("A", PVOPS_METERS[:1], PVOPS_PERIOD, "-05:00"),
        Case("B", PVOPS_METERS[1:], (date(2018, 10, 1), date(2018, 10, 14)), "+09:00"),
    ]
    store = cluster_files(REAL, tmp_path / "store")
    assert len(store.buckets) == 1
    found = judge_store(Local(2), store, Cases.of(cases))
    alone = [
        all_at_once(REAL[:1], cases[0]),
        all_at_once(REAL[1:], cases[1]),
    ]
    assert found.energy == joined_parts(alone).energy
    assert found.daily.to_pylist() == joined_parts(alone).daily.to_pylist()
    assert {row["project"] for row in found.findings.to_pylist() if row["rule"] == "Q22"} == {"A", "B"}
    assert code_of(Cases.of, [cases[0], replace(cases[1], meters=PVOPS_METERS)]) == "meter_in_two_plans"


def test_power_values_and_registers_lie_in_one_store(tmp_path: Path) -> None:
    name = "1913110809_SMA-SB-7000TL-US-22"
    period = (date(2016, 3, 1), date(2017, 7, 31))
    cases = [
        Case("A", PVOPS_METERS[:1], PVOPS_PERIOD, "-05:00"),
        Case("B", (Meter(name, "generation", 7_000, 300),), period, "-07:00"),
    ]
    inverter = (DATA / "TAEFC1044741.parquet", "inverter.parquet", INVERTER)
    store = cluster_files([REAL[0], inverter], tmp_path / "store")
    assert [bucket.kind.kind for bucket in store.buckets] == ["cumulative", "interval_power"]
    found = judge_store(Local(2), store, Cases.of(cases))
    alone = [all_at_once(REAL[:1], cases[0]), all_at_once([inverter], cases[1])]
    assert found.energy == joined_parts([alone[1], alone[0]]).energy


def test_a_meter_without_readings_is_named(tmp_path: Path) -> None:
    silent = Meter("SILENT", "consumption", 1_000, 900)
    case = Case("XD001", (*PVOPS_METERS, silent), PVOPS_PERIOD, "-05:00")
    found = judge_store(Local(1), cluster_files(REAL, tmp_path / "store"), Cases.of([case]))
    assert [one.facts["meter"] for one in found.found() if one.rule == "Q01"] == ["SILENT"]
    assert {row["substituted_wh"] for row in rows_of(found) if row["meter"] == "SILENT"} == {408_000, 336_000}


def test_the_same_file_given_twice_is_taken_once(tmp_path: Path) -> None:
    twice = (*REAL, (REAL[0][0], "another name.csv", PVOPS))
    assert cluster_files(twice, tmp_path / "store").readings == cluster_files(REAL, tmp_path / "other").readings


# Order ------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 3)] * 5), max_size=60), st.booleans())
def test_sorting_is_that_of_numpy(rows: list[tuple[int, ...]], many: bool) -> None:
    numbers = np.array(rows * (40 if many else 1), dtype=np.int64).reshape(-1, 5)
    codes, t_us, value, status, row = (np.ascontiguousarray(column) for column in numbers.T)
    codes, status = codes.astype(np.int32), status.astype(np.uint8)
    places = sorted_places(codes, t_us, value, status, row, 4)
    expected = np.lexsort((row, status, value, t_us, codes))
    assert np.array_equal(numbers[places], numbers[expected])
    assert in_order(*(each[places] for each in (codes, t_us, value, status, row)))
    assert in_order(codes, t_us, value, status, row) == np.array_equal(numbers, numbers[expected])


# Refusals ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return cluster_files(REAL, tmp_path / "store")


def test_a_changed_bucket_is_refused(store: Store) -> None:
    bucket = store.buckets[0]
    path = store.folder / bucket.file
    data = path.read_bytes()
    path.write_bytes(data[:-1] + b"x")
    with pytest.raises(Refused, match=r"SHA-256 [0-9a-f]{64}") as refused:
        store.read(bucket)
    assert refused.value.code == "bucket_changed"
    path.unlink()
    assert code_of(store.read, bucket) == "bucket_changed"
    garbage = b"PAR1 and nothing else"
    assert code_of(bucket_readings, replace(bucket, sha256=sha256_hex(garbage)), garbage) == "bucket_changed"
    fewer = replace(bucket, readings=bucket.readings - 1)
    assert code_of(bucket_readings, fewer, data) == "bucket_changed"


def test_a_bucket_too_large_or_of_other_meters_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    readings = store.read(store.buckets[0])
    with pytest.raises(ValueError, match=r"^meters$"):
        clustered._in_order(readings.table, [("M0", len(readings) + 1)])
    monkeypatch.setattr(clustered, "LARGEST_BUCKET", 10)
    with pytest.raises(Refused, match="> 10 B") as refused:
        store.read(store.buckets[0])
    assert refused.value.code == "bucket_changed"


def test_a_bucket_out_of_order_is_refused(store: Store) -> None:
    readings = store.read(store.buckets[0])
    for table in (readings.table.take(pa.array(range(len(readings) - 1, -1, -1))), _with_status(readings, 9)):
        data = bucket_bytes(table)
        bucket = replace(store.buckets[0], sha256=sha256_hex(data))
        assert code_of(bucket_readings, bucket, data) == "bucket_changed"
    data = bucket_bytes(_with_status(readings, 2))
    assert bucket_readings(replace(store.buckets[0], sha256=sha256_hex(data)), data).column("status").min() == 2


def _with_status(readings: Readings, status: int) -> pa.Table:
    column = pa.array(np.full(len(readings), status, dtype=np.uint8))
    return readings.table.set_column(4, "status", column)


def test_a_folder_without_its_last_file_is_no_store(store: Store, tmp_path: Path) -> None:
    assert code_of(open_store, tmp_path) == "no_clustered_store"
    manifest = store.folder / MANIFEST
    good = manifest.read_bytes()
    for bad in (b"[]", b"{", good.replace(b"clustered-readings", b"something"), good.replace(b"bucket-", b"../buck-")):
        manifest.write_bytes(bad)
        assert code_of(open_store, store.folder) == "no_clustered_store"
    write_store(store)
    assert open_store(store.folder) == store


def test_a_store_is_never_changed(store: Store, tmp_path: Path) -> None:
    assert code_of(cluster_files, REAL, store.folder) == "clustered_store_exists"
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("mine")
    assert code_of(cluster_files, REAL, tmp_path / "letters") == "clustered_store_exists"
    (store.folder / MANIFEST).unlink()  # a stopped attempt is begun anew
    assert cluster_files(REAL, store.folder) == store


def test_a_meter_of_two_kinds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wh.csv"
    path.write_text("meter,time,kWh\nR27,2018-09-14 00:00,5\n")
    files = [*REAL, (path, path.name, replace(LONG, least_unit="Wh"))]
    assert code_of(cluster_files, files, tmp_path / "store") == "meter_of_two_kinds"
    assert not (tmp_path / "store" / MANIFEST).exists()


# Parts ------------------------------------------------------------------------------------------------------------


def test_parts_come_back_from_their_files(store: Store) -> None:
    part = judge_bucket(store.read(store.buckets[0]), Cases.of([Case("A", PVOPS_METERS, PVOPS_PERIOD, "-05:00")]))
    again = Part(**{name: table_from(table_bytes(table), name) for name, table in part.tables().items()})
    assert same(part, again)
    for name, table in part.tables().items():
        fewer = Part(**{**part.tables(), name: table.slice(1)})
        assert fewer.sha256 != part.sha256


def test_reductions_are_exact_and_by_project(store: Store) -> None:
    cases = Cases.of([Case("A", PVOPS_METERS[:1], PVOPS_PERIOD, "-05:00")])
    part = judge_store(Local(1), store, cases)
    found = reductions(part.energy, {("2050.15.003.BLK01.PAD01.MTR01", 2018): Fraction(1, 3)}).to_pylist()
    assert [(row["project"], row["year"], row["month"]) for row in found] == [("A", 2018, 9), ("A", 2018, 10)]
    assert sum(row["counted_wh"] for row in found) == 68_697_000
    assert sum(Fraction(row["tco2e"]) for row in found) == Fraction(68_697, 3_000)
    assert reductions(part.energy, {}).num_rows == 0


# Spark ------------------------------------------------------------------------------------------------------------


def test_a_worker_of_spark_judges_as_everybody_does(store: Store) -> None:
    """What a worker does with its batches; ``benchmarks/spark.py`` does it on a real cluster."""
    cases = Cases.of([Case("A", PVOPS_METERS, PVOPS_PERIOD, "-05:00")])
    numbers = {bucket.file: number for number, bucket in enumerate(store.buckets)}
    work = _Work(pickle.dumps((list(store.buckets), cases, numbers)))
    paths = [f"file:{store.folder / bucket.file}" for bucket in store.buckets]
    contents = [(store.folder / bucket.file).read_bytes() for bucket in store.buckets]
    batch = pa.RecordBatch.from_pydict({"path": paths, "content": contents})
    for row, (_, part) in zip(
        [row for one in work([batch]) for row in one.to_pylist()],
        Local(1).parts(store, cases, store.buckets),
        strict=True,
    ):
        assert same(part, Part(**{name: table_from(row[name], name) for name in part.tables()}))


def test_without_spark_the_program_says_what_to_install(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    cases = Cases.of([Case("A", PVOPS_METERS, PVOPS_PERIOD, "-05:00")])
    assert code_of(lambda: list(Spark().parts(store, cases, store.buckets))) == "spark_not_installed"
    assert list(Spark().parts(store, cases, [])) == []
