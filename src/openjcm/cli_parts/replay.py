"""``openjcm methodology replay``: recorded periods under a draft or another version; tonnes gained and lost.

The work can be stopped with Ctrl-C at any time. What is done stands in a file beside the command, one line for each
report, and the same command goes on from there.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts.speaking import language, tell

if TYPE_CHECKING:
    import psycopg

    from openjcm.views.replay import Over, Plan, ProjectTotal, Replayed, Work

STOPPED = 130
PROCESSORS = os.cpu_count() or 1
SPEAK_EVERY = 2
"""Seconds between two lines of progress where the terminal cannot redraw a line."""


@dataclass
class Kept:
    """What is done already, in a file: a head that names the replay, then one line for each piece of work."""

    path: Path
    replay: str
    done: dict[str, list[Replayed]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read what an earlier run kept. A line cut short, or the file of another replay, is left aside."""
        from openjcm.views.replay import Replayed

        whole = b""
        with suppress(OSError):
            whole = self.path.read_bytes()
        head, *lines = whole.split(b"\n")
        if head != self._head():
            return
        for line in lines:
            with suppress(ValueError, KeyError, TypeError):
                data = json.loads(line)
                self.done[str(data["key"])] = [Replayed.from_data(item) for item in data["periods"]]

    def _head(self) -> bytes:
        return canonical_bytes({"replay": self.replay})

    def writing(self) -> io.BufferedWriter:
        """The file, rewritten with what was whole, ready for more."""
        new = self.path.with_name(self.path.name + ".new")
        new.write_bytes(self._head() + b"\n" + b"".join(self._line(*item) for item in self.done.items()))
        new.replace(self.path)
        return self.path.open("ab")

    def add(self, file: io.BufferedWriter, key: str, periods: list[Replayed]) -> None:
        """Keep one piece of work."""
        self.done[key] = periods
        file.write(self._line(key, periods))

    def _line(self, key: str, periods: list[Replayed]) -> bytes:
        return canonical_bytes({"key": key, "periods": [period.as_data() for period in periods]}) + b"\n"


class Progress:
    """Pieces done, rate and time left, on the error output: one line that is redrawn, or a line now and then."""

    def __init__(self, total: int, before: int) -> None:
        self.total, self.before, self.done = total, before, before
        self.began = self.spoke = time.monotonic()
        self.redraws = sys.stderr.isatty()

    def step(self) -> None:
        """One more piece is done."""
        self.done += 1
        now = time.monotonic()
        if now - self.spoke >= (0.2 if self.redraws else SPEAK_EVERY):
            self.spoke = now
            self.speak(now)

    def speak(self, now: float) -> None:
        """Say how far it is."""
        rate = (self.done - self.before) / max(now - self.began, 0.001)
        left = round((self.total - self.done) / rate) if rate else 0
        speed = f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"
        words = tell(
            f"{self.done:,} of {self.total:,} reports · {speed}/s · about {left} s left",
            f"{self.total:,} 件中 {self.done:,} 件 · {speed} 件/秒 · 残り約 {left} 秒",
        )
        print(f"\r{words}\033[K" if self.redraws else words, end="" if self.redraws else "\n", file=sys.stderr)

    def end(self) -> None:
        """Leave the line."""
        if self.redraws and self.done > self.before:
            self.speak(time.monotonic())
            print(file=sys.stderr)


Draft = Annotated[
    str,
    typer.Argument(
        metavar="DRAFT",
        help=tell(
            "ID, ID@VERSION, or the path of a Python file that is your own; it is run.",
            "ID、ID@版、または自分の Python ファイルのパス (実行されます)。",
        ),
    ),
]
Periods = Annotated[
    str,
    typer.Option(
        "--over",
        metavar="PERIODS",
        help=tell(
            "all; MN003,MN004; 2021-01-01..2022-12-31; or the path of reports, bundles or cases.",
            "all、MN003,MN004、2021-01-01..2022-12-31、または報告書・再計算パッケージ・ケースのパス。",
        ),
    ),
]
Of = Annotated[
    str,
    typer.Option("--of", metavar="ID", help=tell("Replay the periods of this methodology.", "対象とする方法論の ID。")),
]
GivenFile = Annotated[
    Path | None,
    typer.Option(
        "--given",
        exists=True,
        dir_okay=False,
        help=tell("Values for all periods, as in a case.", "全期間に適用する値 (ケースの given と同じ書式)。"),
    ),
]
Take = Annotated[
    list[str] | None,
    typer.Option("--take", metavar="NAME=ANSWER", help=tell("Answer an open question.", "未確定の解釈を指定します。")),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help=tell("Folder for CSV, JSON and SVG.", "CSV・JSON・SVG の出力先フォルダー。")),
]
State = Annotated[
    Path | None, typer.Option("--state", help=tell("Where to keep what is done.", "途中経過を保存するファイル。"))
]
Workers = Annotated[int, typer.Option("--workers", min=1, help=tell("Processes.", "プロセス数。"))]
AsJson = Annotated[bool, typer.Option("--json", help=tell("Print JSON.", "JSON で出力します。"))]


def replay(
    draft: Draft,
    periods: Periods = "all",
    of: Of = "",
    given: GivenFile = None,
    take: Take = None,
    out: Out = None,
    state: State = None,
    workers: Workers = PROCESSORS,
    as_json: AsJson = False,
) -> None:
    """Rerun recorded periods under a draft or another version: tonnes gained and lost per project."""
    from dataclasses import replace

    from openjcm.views.replay import over

    plan = _plan(draft, of, given, take or [])
    target = plan.target()
    office = _Office()
    try:
        covered = over(periods, of or target.methodology.id, office.connect)
        plan = replace(plan, since=covered.since, until=covered.until)
        name = plan.sha256(target, periods)
        kept = Kept(state or Path(f".openjcm-replay-{name[:12]}.jsonl"), name)
        found = _work_through(covered, plan, kept, workers)
    finally:
        office.close()
    _tell(found, f"{target.methodology.id} {target.version}", target.methodology.source_sha256, out, as_json)
    kept.path.unlink(missing_ok=True)


class _Office:
    """The record, opened only if it is asked for."""

    def __init__(self) -> None:
        self.office: Any = None

    def connect(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        from openjcm.commands import ready_office

        if self.office is None:
            self.office = ready_office()
        opened: AbstractContextManager[psycopg.Connection[Any]] = self.office.transaction()
        return opened

    def close(self) -> None:
        if self.office is not None:
            self.office.close()


def _plan(draft: str, of: str, given: Path | None, take: list[str]) -> Plan:
    from openjcm.views.replay import Plan, read_given

    answers = dict(item.partition("=")[::2] for item in take)
    values = read_given(given.read_text(encoding="utf-8")) if given else {}
    return Plan(draft, of.upper(), values, answers)


def _work_through(covered: Over, plan: Plan, kept: Kept, workers: int) -> list[Replayed]:
    from openjcm.views.replay import run

    progress = Progress(covered.pieces, min(len(kept.done), covered.pieces))
    with kept.writing() as file:
        before = set(kept.done)
        order: list[str] = []
        left = _left(covered.work(), before, order)
        try:
            for key, periods in run(left, covered.pieces - len(before), plan, workers):
                kept.add(file, key, periods)
                progress.step()
        except KeyboardInterrupt:
            file.flush()
            progress.end()
            print(
                tell(
                    f"Stopped. {len(kept.done):,} of {covered.pieces:,} are kept in {kept.path}; "
                    "the same command goes on.",
                    f"中断しました。{covered.pieces:,} 件中 {len(kept.done):,} 件を {kept.path} に保存しました。"
                    "同じコマンドで続行できます。",
                ),
                file=sys.stderr,
            )
            raise typer.Exit(STOPPED) from None
    progress.end()
    found = [period for key in order for period in kept.done.get(key, [])]
    return sorted(found, key=lambda period: (period.project, period.start is not None, period.start or 0, period.key))


def _left(work: Iterator[Work], done: set[str], order: list[str]) -> Iterator[Work]:
    """The pieces that are not done, each once, and the order of all of them."""
    seen: set[str] = set()
    for one in work:
        if one.key in seen:
            continue
        seen.add(one.key)
        order.append(one.key)
        if one.key not in done:
            yield one


# What came of it ------------------------------------------------------------------------------------------------------


def _tell(found: list[Replayed], name: str, text_sha256: str, out: Path | None, as_json: bool) -> None:
    from openjcm.views.replay import totals

    by_project = totals(found)
    data = replay_data(found, by_project, name, text_sha256)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / "replay.json").write_bytes(canonical_bytes(data) + b"\n")
        for table in ("projects", "periods"):
            (out / f"{table}.csv").write_text(csv_text(data[table]), encoding="utf-8")
        (out / "replay.svg").write_text(_picture(by_project, name), encoding="utf-8")
    if as_json:
        typer.echo(canonical_bytes(data))
        return
    _print(found, by_project, name)
    if out:
        print(tell(f"Written: {out}/replay.json, projects.csv, periods.csv, replay.svg", f"出力先: {out}"))


def replay_data(
    found: list[Replayed], by_project: tuple[ProjectTotal, ...], name: str, text_sha256: str
) -> dict[str, Any]:
    """Everything as plain data."""
    return {
        "replayed_under": name,
        "text_sha256": text_sha256,
        "unit": "tCO2e",
        "total": {
            name: sum(getattr(total, name) for total in by_project)
            for name in ("periods", "recorded", "found", "gained", "lost", "net", "refused", "recorded_in_refused")
        },
        "projects": [total.__dict__ | {"net": total.net} for total in by_project],
        "periods": [{**period.as_data(), "gained": period.gained} for period in found],
    }


def csv_text(rows: list[dict[str, Any]]) -> str:
    """Rows as CSV; a text that a spreadsheet would take for a formula gets an apostrophe."""
    made = io.StringIO()
    if rows:
        writer = csv.DictWriter(made, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: _cell(value) for name, value in row.items()})
    return made.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, list):
        value = " ".join(str(item) for item in value)
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "@", "\t", "\r"} else value


def _picture(by_project: tuple[ProjectTotal, ...], name: str) -> str:
    from openjcm.web.charts.gains import Gain, Words, alone, gains

    gained, lost = (sum(getattr(total, side) for total in by_project) for side in ("gained", "lost"))
    title = tell(
        f"Under {name}: {gained:,} t gained and {lost:,} t lost by {len(by_project)} projects",
        f"{name} による再計算: {len(by_project)} 件のプロジェクトで増加 {gained:,} t、減少 {lost:,} t",
    )
    words = Words(
        lost=tell("lost (t)", "減少 (t)"),
        gained=tell("gained (t)", "増加 (t)"),
        refused=tell("in part not told", "一部判断不能"),
        more=tell("and {count} projects with smaller changes", "ほか変化の小さい {count} 件"),
    )
    rows = [Gain(total.project, total.gained, total.lost, total.refused) for total in by_project]
    return alone(gains(rows, words, title=title))


def _print(found: list[Replayed], by_project: tuple[ProjectTotal, ...], name: str) -> None:
    console = Console()
    if not found:
        print(tell("No period on record is of this methodology.", "この方法論の記録された期間はありません。"))
        return
    names = [
        ("Project", "プロジェクト"), ("Periods", "期間"), ("On record (t)", "記録 (t)"), ("Replayed (t)", "再計算 (t)"),
        ("Gained (t)", "増加 (t)"), ("Lost (t)", "減少 (t)"), ("Refused", "判断不能"),
    ]  # fmt: skip
    table = Table(title=tell(f"Under {name}", f"{name} による再計算"), title_justify="left")
    for place, pair in enumerate(names):
        table.add_column(tell(*pair), justify="left" if place == 0 else "right", overflow="fold")
    for total in by_project:
        figures = (total.periods, total.recorded, total.found, total.gained, total.lost, total.refused)
        table.add_row(escape(total.project), *(f"{figure:,}" for figure in figures))
    console.print(table)
    gained, lost = (sum(getattr(total, side) for total in by_project) for side in ("gained", "lost"))
    print(tell(f"Gained {gained:,} t, lost {lost:,} t.", f"増加 {gained:,} t、減少 {lost:,} t。"))
    reasons: dict[str, int] = {}
    for period in found:
        if period.refused:
            words = f"{period.refused}: {period.reason_ja if language() == 'ja' else period.reason_en}"
            reasons[words] = reasons.get(words, 0) + 1
    for words, count in sorted(reasons.items(), key=lambda item: -item[1])[:5]:
        console.print(tell(f"Refused ({count}): ", f"判断不能 ({count}): ") + escape(words), highlight=False)
    left_out = sorted({name for period in found for name in period.left_out})
    if left_out:
        print(
            tell("On record, and not asked for by this text: ", "記録にあるがこの本文では用いない値: ")
            + ", ".join(left_out)
        )
