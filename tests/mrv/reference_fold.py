"""The rules for one cumulative register, written again in plain Python from their sentences, for comparison only.

It shares no code with the program: readings are dictionaries, time is in seconds, limits are fractions.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby, pairwise
from math import ceil, floor
from typing import Any


@dataclass
class Expected:
    """Energy by kind, and how many readings each rule marks."""

    measured: int = 0
    bridged: int = 0
    counts: Counter[str] = field(default_factory=Counter)


def reference_fold(pairs: list[tuple[int, int]], *, capacity_w: int, span: int | None, interval: int) -> Expected:  # noqa: PLR0912 - told in one go
    """Judge (second, Wh) pairs of one register, all inside the period."""
    hourly = ceil(Fraction(capacity_w) * Fraction(21, 20))

    def fits(later: dict[str, Any], earlier: dict[str, Any], energy: int) -> bool:
        return 0 <= energy <= floor(Fraction(hourly * (later["t"] - earlier["t"]), 3600)) + 1

    rows: list[dict[str, Any]] = [{"t": t, "v": v, "marks": set()} for t, v in sorted(pairs)]
    for row in rows:
        if row["v"] < 0 or (span and row["v"] >= span):
            row["marks"].add("Q24")
    line: list[dict[str, Any]] = []
    for _, same in groupby((row for row in rows if not row["marks"]), key=lambda row: row["t"]):
        group = list(same)
        if len({row["v"] for row in group}) > 1:
            for row in group:
                row["marks"].add("Q05")
            continue
        for row in group[1:]:
            row["marks"].add("Q04")
        line.append(group[0])

    def agrees(place: int) -> bool:
        three = line[place : place + 3]
        return len(three) == 3 and all(fits(b, a, b["v"] - a["v"]) for a, b in pairwise(three))

    steps: list[tuple[dict[str, Any], dict[str, Any], int]] = []
    last: dict[str, Any] | None = None
    undo: dict[str, Any] | None = None
    place = 0
    while place < len(line):
        row = line[place]
        if last is None:
            last = row
            place += 1
            continue
        energy = row["v"] - last["v"]
        if energy < 0 and span and span + energy <= floor(Fraction(hourly * (row["t"] - last["t"]), 3600)) + 1:
            row["marks"].add("Q08")
            energy += span
        if fits(row, last, energy):
            steps.append((last, row, energy))
            undo, last = last, row
            place += 1
            continue
        if energy < 0:
            returns = [
                n
                for n in (1, 2, 3)
                if place + n < len(line) and fits(line[place + n], last, line[place + n]["v"] - last["v"])
            ]
            if returns:
                for low in line[place : place + returns[0]]:
                    low["marks"].add("Q09")
                place += returns[0]
                continue
            if (
                undo is not None
                and "Q08" not in last["marks"]
                and agrees(place)
                and fits(row, undo, row["v"] - undo["v"])
            ):
                last["marks"] -= {"Q26"}
                last["marks"].add("Q11")
                steps.pop()
                last, undo = undo, None
                continue
        else:
            three = line[place : place + 3]
            if len(three) < 3 or any(
                later["v"] - last["v"] <= floor(Fraction(hourly * (later["t"] - last["t"]), 3600)) + 1
                for later in three
            ):
                row["marks"].add("Q11")
                place += 1
                continue
        if agrees(place):
            row["marks"].add("Q10")
            last, undo = row, None
        else:
            row["marks"].add("Q09" if energy < 0 else "Q11")
        place += 1
    expected = Expected()
    for begin, end, energy in steps:
        if 2 * (end["t"] - begin["t"]) >= 3 * interval:
            end["marks"].add("Q26")
            expected.bridged += energy
        else:
            expected.measured += energy
    for row in rows:
        expected.counts.update(row["marks"])
    return expected
