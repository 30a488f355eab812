"""``openjcm methodology replay``: table, files, JSON; stopped in the middle and taken up again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

import openjcm.views.replay as replay_module
from openjcm.cli_parts.methodology import app
from openjcm.cli_parts.replay import Kept, csv_text
from openjcm.views.replay import Replayed

CASES = Path(__file__).parents[1] / "cases"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "220")
    monkeypatch.setenv("OPENJCM_LANGUAGE", "en")


def said(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["replay", *words])
    assert done.exit_code == code, (done.output, done.exception)
    return done.stdout if code == 0 else done.output  # progress goes to the error stream, and depends on the machine


RICE = ("PH_AM004", "--over", str(CASES / "ph_am004.yaml"), "--take", "n_o=ipcc_2006", "--workers", "1")


def test_the_table_names_what_is_gained_and_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    text = said(*RICE)
    assert "Gained 0 t, lost 1 t." in text
    assert "one hectare, straw just before the season" in text
    monkeypatch.setenv("OPENJCM_LANGUAGE", "ja")
    assert "減少 1 t" in said(*RICE)
    assert not list(Path().glob(".openjcm-replay-*")), "nothing is left once all is told"


def test_files_are_written_and_agree() -> None:
    data = json.loads(said(*RICE, "--out", "out", "--json"))
    assert data["total"]["lost"] == 1
    assert json.loads(Path("out/replay.json").read_text("utf-8")) == data
    picture = ElementTree.fromstring(Path("out/replay.svg").read_text("utf-8"))
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert Path("out/projects.csv").read_text("utf-8").count("\n") == len(data["projects"]) + 1
    assert "lost" in Path("out/periods.csv").read_text("utf-8") or len(data["periods"]) > 0


def test_refusals_and_symbols_left_out_are_told(tmp_path: Path) -> None:
    text = said("MN_AM003@03.0", "--over", str(CASES / "mn_am003.yaml"))
    assert "Refused (" in text
    assert "value_not_read" in text
    given = tmp_path / "given.yaml"
    given.write_text('EF_RE_i: {values: {"*": 0.5}, unit: tCO2e/MWh, source: what if}', encoding="utf-8")
    text = said("MN_AM003@03.0", "--over", str(CASES / "mn_am003.yaml"), "--given", str(given))
    assert "On record, and not asked for by this text: CASE_i" not in text
    assert "lost" in text


def test_nothing_of_that_methodology() -> None:
    assert "No period on record" in said("TH_AM007", "--over", str(CASES / "mn_am003.yaml"))


def interrupted(after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run is stopped with Ctrl-C after so many pieces."""
    whole = replay_module.run

    def run(*arguments: Any) -> Iterator[tuple[str, list[Replayed]]]:
        for number, one in enumerate(whole(*arguments)):
            if number == after:
                raise KeyboardInterrupt
            yield one

    monkeypatch.setattr(replay_module, "run", run)


def test_stopped_and_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("MN_AM003@02.0", "--over", str(CASES), "--workers", "1", "--json")
    whole = said(*words)
    with monkeypatch.context() as stopped:
        interrupted(5, stopped)
        assert "Stopped. 5 of" in said(*words, code=130)
    (state,) = Path().glob(".openjcm-replay-*.jsonl")
    assert state.read_bytes().count(b"\n") == 6
    state.write_bytes(state.read_bytes() + b'{"key": "cut sho')
    done: list[str] = []
    again = replay_module.replay_work

    def counted(work: Any, *rest: Any) -> list[Replayed]:
        done.append(work.key)
        return again(work, *rest)

    monkeypatch.setattr(replay_module, "replay_work", counted)
    assert said(*words) == whole
    assert len(done) == len(list(CASES.glob("*.yaml"))) - 5, "what was done is not done again"


def test_what_another_replay_kept_is_not_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    first = Kept(path, "a" * 64)
    with first.writing() as file:
        first.add(file, "one", [])
    assert Kept(path, "a" * 64).done == {"one": []}
    assert Kept(path, "b" * 64).done == {}


def test_a_text_that_looks_like_a_formula_is_no_formula_in_the_table() -> None:
    assert csv_text([{"project": "=1+1", "left_out": ["a", "b"], "gained": -3}]) == (
        "project,left_out,gained\r\n'=1+1,a b,-3\r\n"
    )
    assert csv_text([]) == ""


def test_progress_says_rate_and_time_left(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from openjcm.cli_parts import replay

    monkeypatch.setattr(replay, "SPEAK_EVERY", 0)
    progress = replay.Progress(total=10, before=4)
    progress.began -= 2
    progress.step()
    assert capsys.readouterr().err == "5 of 10 reports · 0.5/s · about 10 s left\n"
