"""What would a draft, or another version, have given for the periods on record? Which tonnes are gained, which lost?

``PERIODS`` is ``all``, project references (``MN003,MN004``), a span of days (``2021-01-01..2022-12-31``), or a path: a
monitoring report, a recalculation bundle, a file of cases, a file with one report on each line (``.jsonl``), or a
folder of such files. Paths need no database.
"""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.methodologies import METHODOLOGIES
from openjcm.mrv.cases import Case, read_cases, read_given
from openjcm.mrv.given import Given
from openjcm.mrv.replay import ProjectTotal, Recorded, Replayed, Target, replay, totals
from openjcm.project_cycle.bundle import read_bundle
from openjcm.project_cycle.recorded_periods import REPORT_SCHEMA, recorded_periods
from openjcm.refusals import Refused, refusal
from openjcm.views.draft import methodology_or_draft

__all__ = ["Over", "Plan", "ProjectTotal", "Replayed", "Work", "over", "read_given", "replay_work", "run", "totals"]

Connect = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]
SMALL = 64
"""So few pieces of work are done in this process: starting others would take longer."""
IN_FLIGHT = 4

PERIODS_NOT_UNDERSTOOD = refusal(
    "periods_not_understood",
    en="“{periods}” names no periods: it is neither all, nor project references, nor a span of days, nor a path here.",
    ja="「{periods}」は期間の指定として読めません (all、プロジェクト番号、日付の範囲、パスのいずれでもありません)。",
    remedy_en="Write all, MN003,MN004, 2021-01-01..2022-12-31, or the path of reports, bundles or cases.",
    remedy_ja="all、MN003,MN004、2021-01-01..2022-12-31、または報告書・再計算パッケージ・ケースのパスを指定してください。",
    clause="OpenJCM: a replay names the periods it covers",
)


@dataclass(frozen=True)
class Plan:
    """What to replay under, in plain terms that another process can take up.

    ``draft`` is ``ID``, ``ID@VERSION`` or a path; ``of`` the methodology whose periods are replayed (that of the draft
    unless named); ``given`` and ``answers`` hold for every period; ``since`` and ``until`` choose among the years.
    """

    draft: str
    of: str = ""
    given: Mapping[str, Given] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None

    def target(self) -> Target:
        """The text with everything given besides.

        Raises:
            Refused: what :func:`openjcm.views.draft.methodology_or_draft` refuses.
        """
        found, version = methodology_or_draft(self.draft)
        return Target(found, version, self.given, self.answers)

    def sha256(self, target: Target, periods: str) -> str:
        """What tells this replay from every other: the text, its version, what is given, and over which periods."""
        return sha256_hex(
            canonical_bytes(
                {
                    "text": target.methodology.source_sha256,
                    "version": target.version,
                    "of": self.of,
                    "given": {name: given.as_data() for name, given in self.given.items()},
                    "answers": dict(self.answers),
                    "since": self.since,
                    "until": self.until,
                    "periods": periods,
                }
            )
        )


@dataclass(frozen=True)
class Work:
    """A piece of work: a report or a file of cases, by its hash. ``name`` is for people."""

    key: str
    kind: str
    name: str
    body: bytes


@dataclass(frozen=True)
class Over:
    """Periods to replay: how many pieces of work, the pieces one after another, and the span of days."""

    pieces: int
    work: Callable[[], Iterator[Work]]
    since: date | None = None
    until: date | None = None
    needs_database: bool = False


# Which periods --------------------------------------------------------------------------------------------------------

_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")
_PROJECTS = re.compile(r"[A-Z]{2}\d{3}(,[A-Z]{2}\d{3})*")
_ON_RECORD = """
    from monitoring_report r
    join project j on j.reference = r.project
    join product p on p.sha256 = r.report_sha256
    where (%(projects)s::text[] is null or r.project = any(%(projects)s))
      and (%(since)s::date is null or r.monitoring_period && daterange(%(since)s, %(until)s, '[]'))
      and j.methodologies @> jsonb_build_array(jsonb_build_object('id', %(methodology)s::text))
"""


def over(periods: str, methodology_id: str, connect: Connect) -> Over:
    """The periods that a text names (see the module), of one methodology where the record is asked.

    Args:
        periods: the text.
        methodology_id: the methodology whose periods are replayed.
        connect: opens the database; not called for a path.

    Raises:
        Refused: ``periods_not_understood``.
    """
    span, projects = _SPAN.fullmatch(periods), _PROJECTS.fullmatch(periods)
    if periods != "all" and not span and not projects:
        if not Path(periods).exists():
            raise PERIODS_NOT_UNDERSTOOD(periods=periods[:200])
        return _over_path(Path(periods))
    try:
        since, until = (date.fromisoformat(span[group]) for group in (1, 2)) if span else (None, None)
    except ValueError as error:
        raise PERIODS_NOT_UNDERSTOOD(periods=periods[:200]) from error
    if since and until and until < since:
        raise PERIODS_NOT_UNDERSTOOD(periods=periods[:200])
    asked = {
        "projects": periods.split(",") if projects else None,
        "since": since,
        "until": until,
        "methodology": methodology_id,
    }
    with connect() as connection:
        row = connection.cursor(row_factory=tuple_row).execute("select count(*)" + _ON_RECORD, asked).fetchone()
    return Over(row[0] if row else 0, lambda: on_record(connect, asked), since, until, needs_database=True)


def on_record(connect: Connect, asked: Mapping[str, Any]) -> Iterator[Work]:
    """The reports on record, by project and period, read as they are needed."""
    query = "select r.report_sha256, r.project, p.body" + _ON_RECORD + " order by r.project, r.monitoring_period"
    with connect() as connection, connection.cursor("replay", row_factory=tuple_row) as cursor:
        cursor.itersize = 50
        for sha256, project, body in cursor.execute(query, asked):
            yield Work(sha256, "report", project, bytes(body))


def _over_path(path: Path) -> Over:
    files = sorted(item for item in path.rglob("*") if item.is_file()) if path.is_dir() else [path]
    kept = [
        item for item in files if item.suffix in {".json", ".jsonl", ".yaml", ".yml", ".zip", ".bundle"} or path == item
    ]
    pieces = sum(_lines(item) if item.suffix == ".jsonl" else 1 for item in kept)
    return Over(pieces, lambda: (work for item in kept for work in _work_of(item)))


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip())


def _work_of(path: Path) -> Iterator[Work]:
    if path.suffix == ".jsonl":
        with path.open("rb") as file:
            for line in file:
                if line.strip():
                    yield Work(sha256_hex(line.strip()), "report", path.name, line.strip())
        return
    body = path.read_bytes()
    if body.startswith(b"PK"):
        body = read_bundle(body).bundle.report
    kind = "report" if body.startswith(b"{") else "cases"
    yield Work(sha256_hex(body), kind, path.name, body)


# The work -------------------------------------------------------------------------------------------------------------


def periods_of(work: Work, methodology_id: str) -> list[Recorded]:
    """The periods of a piece of work that are of that methodology.

    Raises:
        Refused: ``report_not_understood``, ``cases_not_understood``, ``unknown_methodology``.
    """
    if work.kind == "cases":
        return _periods_of_cases(work, methodology_id)
    try:
        report = json.loads(work.body)
        if report["schema"]["name"] != REPORT_SCHEMA:
            raise ValueError(f"schema {report['schema']}")
        if report["methodology"]["id"] != methodology_id:
            return []
        return recorded_periods(report, work.key, METHODOLOGIES.get(methodology_id))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        from openjcm.verification.rerun import (
            REPORT_NOT_UNDERSTOOD,
        )  # heavy: it brings in all that reads meters

        raise REPORT_NOT_UNDERSTOOD(place=f"{work.name}: {type(error).__name__} {error}"[:300]) from error


def _periods_of_cases(work: Work, methodology_id: str) -> list[Recorded]:
    found: list[Recorded] = []
    for case in read_cases(work.body.decode("utf-8", errors="replace")):
        if case.methodology != methodology_id or case.refused or case.methodology not in METHODOLOGIES:
            continue
        with suppress(Refused):  # a case that its own text refuses has no tonnes on record
            found.append(_recorded_case(case, f"{work.key}/{len(found)}"))
    return found


def _recorded_case(case: Case, key: str) -> Recorded:
    return Recorded(
        key=key,
        project=case.name,
        start=None,
        end=None,
        methodology=case.methodology,
        version=case.version,
        given=case.given,
        reductions=case.calculate(METHODOLOGIES[case.methodology]).reductions,
        rounding=case.rounding,
        answers=case.interpretations,
        days=case.days,
    )


def replay_work(work: Work, target: Target, plan: Plan) -> list[Replayed]:
    """All periods of a piece of work under the target's text, within the plan's span of days.

    Raises:
        Refused: what :func:`periods_of` refuses. A period that the target refuses is told in its result.
    """
    found = periods_of(work, plan.of or target.methodology.id)
    return [replay(period, target) for period in found if _within(period, plan)]


def _within(period: Recorded, plan: Plan) -> bool:
    if period.start is None or period.end is None:
        return True
    return (plan.until is None or period.start <= plan.until) and (plan.since is None or plan.since <= period.end)


_Ours = tuple[Plan, Target]
_mine: list[_Ours] = []


def _begin(plan: Plan) -> None:
    """What another process does first. The terminal's Ctrl-C is for the process that gathers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _mine[:] = [(plan, plan.target())]


def _together(pieces: list[Work]) -> list[tuple[str, list[Replayed]]]:
    plan, target = _mine[0]
    return [(work.key, replay_work(work, target, plan)) for work in pieces]


def run(work: Iterator[Work], pieces: int, plan: Plan, workers: int) -> Iterator[tuple[str, list[Replayed]]]:
    """Each piece of work by its key with what came of it, as it is done; the order is not that of the work.

    Raises:
        Refused: what :func:`replay_work` refuses, and then nothing more is begun.
    """
    if workers < 2 or pieces <= SMALL:
        target = plan.target()
        yield from ((one.key, replay_work(one, target, plan)) for one in work)
        return
    chunk = max(1, min(50, pieces // (workers * 8)))
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(plan,)) as pool:
        try:
            yield from _gathered(pool, work, chunk, workers)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _gathered(
    pool: ProcessPoolExecutor, work: Iterator[Work], chunk: int, workers: int
) -> Iterator[tuple[str, list[Replayed]]]:
    waiting: set[Future[list[tuple[str, list[Replayed]]]]] = set()
    while True:
        while len(waiting) < workers * IN_FLIGHT and (pieces := list(islice(work, chunk))):
            waiting.add(pool.submit(_together, pieces))
        if not waiting:
            return
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            yield from future.result()
