"""Many meter files from the command line: clustered, judged with progress, stopped at any time, and resumed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts import progress
from openjcm.cli_parts.judging import Kept, judge_kept, question
from openjcm.cli_parts.progress import Job, job
from openjcm.cli_parts.readings import app
from openjcm.dated import Citation
from openjcm.mrv.calculation import Given
from openjcm.mrv.engine.clustered import Bucket, Store, open_store
from openjcm.mrv.engine.clustering import Layout, cluster_files
from openjcm.mrv.engine.fleet import Case, Cases, Local
from openjcm.mrv.engine.parts import Part
from openjcm.mrv.mapping import Mapping
from openjcm.mrv.meters import Meter
from openjcm.mrv.plan import FileReading, MonitoringPlan, PlanMeter
from openjcm.refusals import Refused

MAPPING = Mapping(
    format="csv", layout="long", time_column="time", value_columns=(("kWh", ""),), meter_column="meter",
    kind="cumulative", unit="kWh", least_unit="kWh", time_zone="+00:00", time_format="%Y-%m-%d %H:%M",
    encoding="utf-8", delimiter=",", decimal_mark=".",
)  # fmt: skip
METERS = tuple(Meter(f"M{number}", "generation", 100_000, 3_600) for number in range(6))
PERIOD = (date(2022, 1, 1), date(2022, 1, 2))


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files in which six registers rise by 10 kWh an hour over two days."""
    paths = []
    for part in range(2):
        rows = [
            f"M{number},2022-01-{hour // 24 + 1:02d} {hour % 24:02d}:00,{10 * hour}"
            for hour in range(48)
            for number in range(6)
            if (hour + number) % 2 == part
        ]
        paths.append(tmp_path / f"readings-{part}.csv")
        paths[-1].write_text("\n".join(["meter,time,kWh", *rows, ""]))
    return paths


@pytest.fixture
def store(files: list[Path], tmp_path: Path) -> Store:
    """A store of those files with several buckets."""
    layout = Layout(partitions=16, rows_per_bucket=50, rows_per_run=60)
    made = cluster_files([(path, path.name, MAPPING) for path in files], tmp_path / "store", layout)
    assert len(made.buckets) >= 4
    return made


CASES = Cases.of([Case("MN001", METERS, PERIOD, "+00:00")])


@dataclass(frozen=True)
class Stopping:
    """An engine in which somebody presses Ctrl-C after some buckets."""

    after: int

    def parts(self, store: Store, cases: Cases, chosen: Sequence[Bucket]) -> Iterator[tuple[Bucket, Part]]:
        yield from Local(1).parts(store, cases, chosen[: self.after])
        raise KeyboardInterrupt


@dataclass
class Counting:
    """An engine that counts what it is asked for."""

    asked: int = 0

    def parts(self, store: Store, cases: Cases, chosen: Sequence[Bucket]) -> Iterator[tuple[Bucket, Part]]:
        self.asked += len(chosen)
        return Local(2).parts(store, cases, chosen)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def judged(store: Store, folder: Path, engine: object) -> dict[str, bytes]:
    kept = Kept(folder, question(store, CASES))
    judge_kept(engine, store, CASES, kept, Job("test", "test", None))  # type: ignore[arg-type]
    return bytes_of(folder)


def test_stopped_work_goes_on_and_gives_the_same_bytes(store: Store, tmp_path: Path) -> None:
    straight = judged(store, tmp_path / "straight", Local(2))
    with pytest.raises(KeyboardInterrupt):
        judged(store, tmp_path / "stopped", Stopping(2))
    damaged = tmp_path / "stopped" / "parts" / "bucket-00000.energy.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    (tmp_path / "stopped" / "parts" / "bucket-00003.energy.parquet").write_bytes(b"half")
    engine = Counting()
    assert judged(store, tmp_path / "stopped", engine) == straight
    assert engine.asked == len(store.buckets) - 1, "one bucket was kept whole"
    again = Counting()
    assert judged(store, tmp_path / "stopped", again) == straight
    assert again.asked == 0


KILLED = """
import os, signal, sys
from pathlib import Path
from openjcm.mrv.engine.clustered import open_store
from openjcm.mrv.engine.fleet import Local
sys.path.insert(0, {tests!r})
from cli_parts.test_fleet import judged
class Killed:
    def parts(self, store, cases, chosen):
        yield from Local(1).parts(store, cases, chosen[:2])
        os.kill(os.getpid(), signal.SIGKILL)
judged(open_store(Path(sys.argv[1])), Path(sys.argv[2]), Killed())
"""


def test_killed_work_goes_on_and_gives_the_same_bytes(store: Store, tmp_path: Path) -> None:
    program = KILLED.format(tests=str(Path(__file__).parent.parent))
    command = [sys.executable, "-c", program, str(store.folder), str(tmp_path / "killed")]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    engine = Counting()
    found = judged(store, tmp_path / "killed", engine)
    assert engine.asked == len(store.buckets) - 2
    assert found == judged(store, tmp_path / "straight", Local(2))


def test_results_of_another_question_are_left_alone(store: Store, tmp_path: Path) -> None:
    judged(store, tmp_path / "results", Local(1))
    other = Cases.of([Case("MN001", METERS[:5], PERIOD, "+00:00")])
    with pytest.raises(Refused) as refused:
        Kept(tmp_path / "results", question(store, other)).begin()
    assert refused.value.code == "results_of_another_question"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(Refused):
        Kept(tmp_path / "mine", question(store, CASES)).begin()


# Progress ---------------------------------------------------------------------------------------------------------


def test_a_job_says_how_far_it_is_and_how_it_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENJCM_DATA", str(tmp_path))
    place = tmp_path / "jobs" / "a.json"
    clock = iter(range(0, 10_000, 2))
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(clock)))
    with job("a", "Work") as made:
        made.step("judge", 100, 1_000)
        made.step("judge", 300, 1_000)
        seen = json.loads(place.read_text())
        assert (seen["state"], seen["done"], seen["whole"], seen["what"]) == ("running", 300, 1_000, "judge")
        assert seen["rate"] > 0 and seen["seconds_left"] > 0
    assert json.loads(place.read_text())["state"] == "done"
    for error, state in ((KeyboardInterrupt, "stopped"), (ValueError, "failed")):
        with pytest.raises(error), job("a", "Work"):
            raise error
        assert json.loads(place.read_text())["state"] == state


def test_what_is_not_known_is_not_guessed() -> None:
    made = Job("a", "Work", None)
    made.step("read", 5, 0)
    assert made.seconds_left is None
    assert progress.phase_text("something else") == "something else"


# The command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """``openjcm readings …`` in this process."""
    monkeypatch.setenv("OPENJCM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("OPENJCM_LANGUAGE", "en")
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def plan() -> MonitoringPlan:
    source = Citation("a test")
    index = {meter.meter_id[1:]: "national_grid" for meter in METERS}
    return MonitoringPlan(
        "MN001", "MN_AM003", "02.0", (date(2022, 1, 1), date(2022, 12, 31)), "+00:00",
        tuple(PlanMeter(meter, "EG_i_p", meter.meter_id[1:]) for meter in METERS),
        {"CASE_i": Given(index, source=source)},
    )  # fmt: skip


def test_from_files_to_tonnes_by_project_and_month(
    files: list[Path], tmp_path: Path, run: Callable[..., Result]
) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "MN001.json").write_bytes(canonical_bytes(plan().as_data()))
    mapping = tmp_path / "mapping.json"
    mapping.write_bytes(canonical_bytes({"readings-*.csv": MAPPING.as_data()}))
    done = run("cluster", *files, "--mapping", mapping, "--to", tmp_path / "store")
    assert (done.exit_code, done.stdout.split(" in ")[0]) == (0, "288 readings of 6 meters"), done.output
    words = ("judge", tmp_path / "store", "--plan", tmp_path / "plans", "--to", tmp_path / "out")
    days = ("--from", "2022-01-01", "--until", "2022-01-31")
    done = run(*words, *days)
    assert done.exit_code == 0, done.output
    answer = json.loads((tmp_path / "out" / "answer.json").read_text())
    assert answer["not_computed"] == {}, done.output
    # 6 meters × 47 h × 10 kWh = 2.82 MWh, × 0.797
    assert (tmp_path / "out" / "reductions.csv").read_text().splitlines()[1:] == ["MN001,2022,1,2820000,2.24754"]
    assert "2,820,000 Wh" in done.stdout
    states = [json.loads(path.read_text())["state"] for path in (tmp_path / "data" / "jobs").iterdir()]
    assert states == ["done", "done"]
    before = bytes_of(tmp_path / "out")
    assert run(*words, *days).exit_code == 0
    assert bytes_of(tmp_path / "out") == before
    assert code_in(run(*words)) == "results_of_another_question"
    assert code_in(run(*words, "--from", "2022")) == "plan_file_not_understood"


def test_a_plan_that_does_not_settle_the_tonnes_says_so(
    store: Store, tmp_path: Path, run: Callable[..., Result]
) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(canonical_bytes(replace(plan(), parameters={}).as_data()))
    done = run("judge", store.folder, "--plan", path, "--to", tmp_path / "out")
    assert done.exit_code == 0, done.output
    answer = json.loads((tmp_path / "out" / "answer.json").read_text())
    assert answer["not_computed"] == {"MN001": "missing_symbol"}, done.output


def code_in(done: Result) -> str:
    """The code of the refusal with which a command ended."""
    assert isinstance(done.exception, Refused), done.output
    return done.exception.code


def test_a_file_without_a_mapping_is_refused(files: list[Path], tmp_path: Path, run: Callable[..., Result]) -> None:
    mapping = tmp_path / "mapping.json"
    for text, code in (("{}", "no_mapping_for_file"), ("[", "plan_file_not_understood"), ("[]", "plan_file_not")):
        mapping.write_text(text)
        assert code_in(run("cluster", *files, "--mapping", mapping, "--to", tmp_path / "store")).startswith(code)
    mapping.write_bytes(canonical_bytes(replace(plan(), readings=(FileReading("*-0.csv", MAPPING),)).as_data()))
    assert code_in(run("cluster", *files, "--mapping", mapping, "--to", tmp_path / "store")) == "no_mapping_for_file"
    mapping.write_bytes(canonical_bytes(replace(plan(), readings=(FileReading("*", MAPPING),)).as_data()))
    assert run("cluster", *files, "--mapping", mapping, "--to", tmp_path / "store").exit_code == 0


def test_a_store_opens_again(store: Store) -> None:
    assert open_store(store.folder) == store
