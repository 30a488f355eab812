"""``openjcm readings cluster`` and ``readings judge``: many meter files into a store, and judge it by its plans."""

from __future__ import annotations

import fnmatch
import json
import os
import sys
from collections import Counter
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.cli_parts.progress import job
from openjcm.cli_parts.speaking import language, tell
from openjcm.mrv.mapping import Mapping
from openjcm.mrv.plan import MonitoringPlan
from openjcm.refusals import refusal

PLAN_FILE_NOT_UNDERSTOOD = refusal(
    "plan_file_not_understood",
    en="“{file}” cannot be used here: {why}.",
    ja="「{file}」は使用できません: {why}。",
    remedy_en="Give one mapping, an object of file names (with * and ?) and mappings, or plans as docs/scale.md shows.",
    remedy_ja="読み取り設定 1 つ、ファイル名 (* と ? が使えます) ごとの読み取り設定、または docs/scale.md の形の計画を"
    "指定してください。",
    clause="OpenJCM: a mapping is proposed from the file and confirmed by a person, never guessed",
)
NO_MAPPING_FOR_FILE = refusal(
    "no_mapping_for_file",
    en="Nothing says how “{file}” is read.",
    ja="「{file}」の読み取り設定がありません。",
    remedy_en="Name it in the file of mappings, or in the plan's readings.",
    remedy_ja="読み取り設定のファイル、または計画の readings に記載してください。",
    clause="OpenJCM: a mapping is confirmed, never guessed",
)


class EngineName(StrEnum):
    """The engines."""

    LOCAL = "local"
    SPARK = "spark"


Threads = Annotated[int, typer.Option("--threads", min=1, max=256, help=tell("Threads.", "スレッド数。"))]


def cluster(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", exists=True, dir_okay=False, help=tell("Meter files.", "計量ファイル。")),
    ],
    mapping: Annotated[
        Path,
        typer.Option(
            "--mapping", metavar="M.json", exists=True, dir_okay=False,
            help=tell("A confirmed mapping, mappings by file name, or a plan.", "確認済みの読み取り設定、または計画。"),
        ),
    ],
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help=tell("The new store.", "新しいストア。"))],
    threads: Threads = 2,
) -> None:  # fmt: skip
    """Bring meter files of any number and order into one store: by meter, sorted, as integers, with bounded memory."""
    from openjcm.mrv.engine.clustering import Layout, cluster_files

    data = _json(mapping)
    chosen = [(path, path.name, _mapping_of(data, path, mapping)) for path in files]
    with job(_name("cluster", to), f"{files[0].name} … ({len(files)}) → {to.name}") as progress:
        store = cluster_files(chosen, to, Layout(threads=threads), progress.step)
    size = sum((store.folder / bucket.file).stat().st_size for bucket in store.buckets)
    meters = sum(bucket.meters for bucket in store.buckets)
    typer.echo(
        tell(
            f"{store.readings:,} readings of {meters:,} meters in {len(store.buckets):,} buckets, {size:,} bytes",
            f"計測値 {store.readings:,} 件、計量器 {meters:,} 台、バケット {len(store.buckets):,} 個、{size:,} バイト",
        )
    )
    for note in store.notes:
        typer.echo(f"{note.what} {note.meter}: {note.count:,}")


def judge(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help=tell("The store.", "ストア。"))
    ],
    plan: Annotated[
        list[Path],
        typer.Option(
            "--plan", metavar="PLAN.json", exists=True,
            help=tell("A plan, or a folder of plans; may be repeated.", "計画、または計画のフォルダ (複数指定可)。"),
        ),
    ],
    to: Annotated[Path, typer.Option("--to", metavar="RESULTS", help=tell("Folder of results.", "結果のフォルダ。"))],
    first: Annotated[str, typer.Option("--from", metavar="YYYY-MM-DD", help=tell("First day.", "最初の日。"))] = "",
    last: Annotated[str, typer.Option("--until", metavar="YYYY-MM-DD", help=tell("Last day.", "最後の日。"))] = "",
    threads: Threads = 2,
    engine: Annotated[
        EngineName, typer.Option("--engine", help=tell("Where the buckets are judged.", "判定を行う場所。"))
    ] = EngineName.LOCAL,
    master: Annotated[
        str, typer.Option("--master", metavar="URL", help=tell("Spark's master.", "Spark のマスター。"))
    ] = "local[2]",
) -> None:  # fmt: skip
    """Judge a store by the plans of its meters. Stopped work goes on where it stood when the command is given again."""
    from openjcm.cli_parts.judging import Kept, judge_kept, question
    from openjcm.mrv.engine.clustered import open_store
    from openjcm.reports.monthly_reductions import cases_of, monthly_reductions

    plans = [MonitoringPlan.from_data(_object(path, _json(path))) for path in _plan_files(plan)]
    period = _period(first, last, folder)
    cases, store = cases_of(plans, period), open_store(folder)
    with job(_name("judge", to), f"{folder.name} → {to.name}") as progress:
        kept = Kept(to, question(store, cases))
        whole = judge_kept(_engine(engine, threads, master), store, cases, kept, progress)
        made = monthly_reductions(plans, period, whole.energy)
        (to / "reductions.csv").write_text(made.csv(), encoding="utf-8")
        answer = {
            **kept.question,
            "answer_sha256": whole.sha256,
            "readings": store.readings,
            "not_computed": {project: refused.code for project, refused in made.refused.items()},
        }
        (to / "answer.json").write_bytes(canonical_bytes(answer))
    _print(whole.findings, made.table, to)
    for project, refused in made.refused.items():
        typer.echo(f"{project}: {refused.code}: {refused.message(language())}")


def _print(findings: Any, reductions: Any, to: Path) -> None:
    console = Console()
    counts = Counter(zip(*(findings.column(name).to_pylist() for name in ("rule", "severity")), strict=True))
    table = Table(tell("Rule", "規則"), tell("Severity", "区分"), tell("Meters", "計量器数"))
    for (rule, severity), count in sorted(counts.items()):
        table.add_row(rule, severity, f"{count:,}")
    console.print(table)
    energy = sum(reductions.column("counted_wh").to_pylist())
    console.print(
        tell(
            f"{energy:,} Wh count, in {reductions.num_rows:,} project-months: {to / 'reductions.csv'}",
            f"算入電力量 {energy:,} Wh、プロジェクト・月 {reductions.num_rows:,} 件: {to / 'reductions.csv'}",
        ),
        markup=False,
        soft_wrap=True,
    )


def _engine(name: EngineName, threads: int, master: str) -> Any:
    if name is EngineName.SPARK:
        from openjcm.mrv.engine.spark import Spark

        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the workers' Python, unless a cluster has its own
        return Spark(master)
    from openjcm.mrv.engine.fleet import Local

    return Local(threads)


def _name(what: str, folder: Path) -> str:
    """A name for the job's file: what it does, and of what folder."""
    return f"{what}-{sha256_hex(str(folder.resolve()).encode())[:12]}"


def _plan_files(given: list[Path]) -> list[Path]:
    return [path for one in given for path in (sorted(one.glob("*.json")) if one.is_dir() else [one])]


def _mapping_of(data: Any, path: Path, where: Path) -> Mapping:
    """The mapping of a file: the one given, the first whose name fits, or the plan's.

    Raises:
        Refused: ``no_mapping_for_file``, ``plan_file_not_understood``, and what a mapping refuses.
    """
    found = _object(where, data)
    if "kind" in found:
        return Mapping.from_data(found)
    if "crediting_period" in found:
        of_plan = MonitoringPlan.from_data(found).mapping_of(sha256_hex(path.read_bytes()), path.name)
        if of_plan is None:
            raise NO_MAPPING_FOR_FILE(file=path.name)
        return of_plan
    for pattern, value in found.items():
        if fnmatch.fnmatchcase(path.name, pattern):
            return Mapping.from_data(_object(where, value))
    raise NO_MAPPING_FOR_FILE(file=path.name)


def _period(first: str, last: str, folder: Path) -> tuple[date, date] | None:
    if not first and not last:
        return None
    try:
        return date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as error:
        raise PLAN_FILE_NOT_UNDERSTOOD(file=folder.name, why=f"--from, --until: {error}") from error


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise PLAN_FILE_NOT_UNDERSTOOD(file=path.name, why=str(error)[:120]) from error


def _object(path: Path, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PLAN_FILE_NOT_UNDERSTOOD(file=path.name, why=type(value).__name__)
    return value
