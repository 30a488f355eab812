"""How fast periods are calculated with their trace, and how fast a whole world is replayed under another text.

    python benchmarks/methodologies.py [PERIODS] [PROJECTS] [YEARS]      (default 200,000, 1,000 and 13)

References in the same run: the same formula written by hand over ``Fraction``, with the numbers already read, which
gives the number and nothing else; and, for the replay, decoding the same reports as JSON. The ratio says what trace,
units, sources and grades cost.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path

from openjcm.canonical import canonical_bytes
from openjcm.dated import Citation
from openjcm.methodologies import methodology
from openjcm.mrv.calculation import Given, Result, calculate
from openjcm.project_cycle.monitoring_report import SCHEMA
from openjcm.views.replay import Plan, over, run, totals

SOURCE = Citation("a benchmark")
WORKERS = 2
SYSTEMS = 4


def solar(number: int, year: int = 0) -> Result:
    """Four systems of a solar project."""
    energy = {str(i): str(900_000_000 + 7919 * (number + 31 * year) % 10**8 + i) for i in range(1, SYSTEMS + 1)}
    cases = {str(i): "captive_or_off_grid" if i == SYSTEMS else "national_grid" for i in range(1, SYSTEMS + 1)}
    return calculate(
        methodology("MN_AM003"),
        "02.0",
        {"EG_i_p": Given(energy, "Wh", SOURCE), "CASE_i": Given(cases, source=SOURCE)},
    )


def solar_by_hand(number: int) -> Fraction:
    """The same number and nothing else."""
    energy = [Fraction(900_000_000 + 7919 * number % 10**8 + i, 10**6) for i in range(1, SYSTEMS + 1)]
    return sum(energy[:-1], Fraction(0)) * Fraction(797, 1000) + energy[-1] * Fraction(533, 1000)


def chiller(number: int) -> Result:
    """Two chillers."""
    return calculate(
        methodology("ID_AM002"),
        "02.0",
        {
            "EC_PJ_i_p": Given({"1": str(1000 + number % 997), "2": "800.25"}, "MWh", SOURCE),
            "COP_PJ_i": Given({"1": "6.2", "2": "6.4"}, "-", SOURCE),
            "COP_RE_i": Given({"1": "5.59", "2": "5.85"}, "-", SOURCE),
            "EF_elec": Given({"": "0.814"}, "tCO2e/MWh", SOURCE),
        },
    )


def chiller_by_hand(number: int) -> Fraction:
    """The same number and nothing else."""
    factor = Fraction(814, 1000)
    energy = [(Fraction(1000 + number % 997), Fraction(62, 10), Fraction(559, 100))]
    energy.append((Fraction(80025, 100), Fraction(64, 10), Fraction(585, 100)))
    reference = sum((mwh * ours / theirs * factor for mwh, ours, theirs in energy), Fraction(0))
    return reference - sum((mwh * factor for mwh, _, _ in energy), Fraction(0))


def rate(label: str, times: int, work: Callable[[int], object]) -> float:
    """Print how many a second, of one process."""
    work(0)
    began = time.perf_counter()
    for number in range(times):
        work(number)
    found = times / (time.perf_counter() - began)
    print(f"  {label:<46} {found:>10,.0f} /s")
    return found


def share(start: int, stop: int) -> int:
    """A share of the traced periods, alternating between both kinds; how many steps were written."""
    return sum(len((solar(number) if number % 2 else chiller(number)).trace) for number in range(start, stop))


def used() -> float:
    """Seconds of processor time of the processes that have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def traced(periods: int) -> None:
    """The rates of one process, then all the periods with the explanation written, in two."""
    print(f"traced calculations, one process (a sample of {max(periods // 50, 100):,})")
    sample = max(periods // 50, 100)
    for name, ours, by_hand in (
        ("solar, 4 systems", solar, solar_by_hand),
        ("chiller, 2 units", chiller, chiller_by_hand),
    ):
        assert ours(17).reductions == by_hand(17)
        bare = rate(f"{name}: by hand, the number only", sample, by_hand)
        numbers = rate(f"{name}: calculated, explanation not asked for", sample, ours)
        words = rate(f"{name}: calculated and explained", sample, lambda number, ours=ours: ours(number).trace)
        print(f"  {name}: {bare / numbers:.0f} and {bare / words:.0f} times the time of the bare number")
    began = time.perf_counter()
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        chunk = max(periods // 40, 1)
        starts = range(0, periods, chunk)
        steps = sum(pool.map(share, starts, [min(start + chunk, periods) for start in starts]))
    spent = time.perf_counter() - began
    print(f"{periods:,} traced period calculations, {steps:,} steps in words, {WORKERS} processes: {spent:.1f} s")
    print(f"  {used():.1f} s of processor time: on two processors that nobody else uses, {used() / WORKERS:.1f} s")


def report(project: int, year: int) -> bytes:
    """A monitoring report of one calendar year, with the daily series that real ones have."""
    result = solar(project, year)
    m, start, end = result.methodology, date(year, 1, 1), date(year, 12, 31)
    whole = int(result.reductions)
    span = {"start": start, "end": end}
    return canonical_bytes(
        {
            "schema": SCHEMA,
            "engine": {"name": "openjcm", "version": "benchmark"},
            "project": f"XB{project:04d}",
            "methodology": {"id": m.id, "version": "02.0", "source_sha256": m.source_sha256},
            "monitoring_period": span,
            "earlier_periods": [],
            "files": [],
            "inputs": {},
            "rules": {"rounding": {"name": "down_to_whole_tonne"}},
            "years": [
                {
                    "year": year,
                    **span,
                    "reductions": str(result.reductions),
                    "credited_tonnes": whole,
                    "trace": [step.as_data() for step in result.trace],
                }
            ],
            "daily": [{"meter": f"M{i}", "measured_wh": [2_000_000 + i] * 365} for i in range(SYSTEMS)],
        }
    )


DRAFT = ("0.797", "0.710")
"""What the draft changes: the factor of the national grid."""


def replayed(projects: int, years: int) -> None:
    """Write a world, and replay it under a draft."""
    with tempfile.TemporaryDirectory() as folder:
        path, draft = Path(folder) / "reports.jsonl", Path(folder) / "draft.py"
        draft.write_text(methodology("MN_AM003").source_text.replace(*DRAFT), encoding="utf-8")
        with path.open("wb") as file:
            for project in range(projects):
                for year in range(2018, 2018 + years):
                    file.write(report(project, year) + b"\n")
        size = path.stat().st_size
        began = time.perf_counter()
        with path.open("rb") as file:
            for line in file:
                json.loads(line)
        decoding = time.perf_counter() - began
        began, before = time.perf_counter(), used()
        covered = over(str(path), "MN_AM003", _no_database)
        found = [
            item for _, items in run(covered.work(), covered.pieces, Plan(f"{draft}@02.0"), WORKERS) for item in items
        ]
        spent, worked = time.perf_counter() - began, used() - before
        by_project = totals(found)
    assert len(found) == projects * years
    assert not any(item.refused for item in found), found[0]
    lost = sum(total.lost for total in by_project)
    print(f"replay of {projects:,} projects × {years} years ({size / 1e6:,.0f} MB of reports), {WORKERS} processes")
    print(f"  {spent:.1f} s, {len(found) / spent:,.0f} periods/s; {lost:,} t lost under the draft")
    print(f"  {worked:.1f} s of processor time in the processes that work")
    print(f"  decoding the same reports as JSON, one process: {decoding:.1f} s; ratio {spent / decoding:.1f}")


def _no_database() -> None:  # type: ignore[return]
    raise AssertionError("a path needs no database")


if __name__ == "__main__":
    numbers = [int(text.replace(",", "")) for text in sys.argv[1:]]
    periods, projects, years = numbers + [200_000, 1_000, 13][len(numbers) :]
    traced(periods)
    replayed(projects, years)
