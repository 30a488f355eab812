"""The rules for one cumulative register, written again in plain Python from their sentences, for comparison only.

It shares no code with the program: readings are dictionaries, time is in seconds, limits are fractions.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby, pairwise, takewhile
from math import ceil, floor
from typing import Any

STRIDE = 30
"""Times are whole multiples of so many seconds."""


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

    def at_work() -> set[int]:
        """The quarters of the UTC day in which at least a tenth of the steps pass over 1 % of capacity."""
        seen: Counter[int] = Counter()
        moving: Counter[int] = Counter()
        for a, b in pairwise(line):
            step, seconds = b["v"] - a["v"], b["t"] - a["t"]
            if fits(b, a, step):
                touched = {(a["t"] // 900 + n) % 96 for n in range(min(seconds // 900, 95) + 1)}
                seen.update(touched)
                if 100 * step > floor(Fraction(hourly * seconds, 3600)) + 1:
                    moving.update(touched)
        return {slot for slot in moving if 10 * moving[slot] >= seen[slot]}

    def thawed(row: dict[str, Any], last: dict[str, Any], place: int) -> dict[str, Any] | None:
        """The first of the flat readings before a jump that capacity allows over the hours at work since then."""
        flat = last
        for _, earlier in takewhile(lambda pair: pair[0]["v"] == pair[1]["v"], reversed(chain_of(last))):
            flat = earlier
        if flat is last or not agrees(place) or not fits(row, flat, row["v"] - flat["v"]):
            return None
        work = at_work()
        seconds = sum(1 for second in range(flat["t"], row["t"], STRIDE) if second // 900 % 96 in work) * STRIDE
        return flat if row["v"] - flat["v"] <= floor(Fraction(hourly * seconds, 3600)) + 1 else None

    steps: list[tuple[dict[str, Any], dict[str, Any], int]] = []

    def chain_of(last: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """The steps up to ``last`` in its segment, each as (later, earlier)."""
        chain = []
        for begin, end, _ in reversed(steps):
            if end is not (chain[-1][1] if chain else last):
                break
            chain.append((end, begin))
        return chain[::-1]

    last: dict[str, Any] | None = None
    undo: dict[str, Any] | None = None
    old: dict[str, Any] | None = None
    place = 0
    while place < len(line):
        row = line[place]
        if last is None:
            last = row
            place += 1
            continue
        energy = row["v"] - last["v"]
        most = floor(Fraction(hourly * (row["t"] - last["t"]), 3600)) + 1
        if energy < 0 and span and span + energy <= most and (most < span or span + energy <= Fraction(span, 10)):
            row["marks"].add("Q08")
            energy += span
        low = [last, *(begin for _, begin in reversed(chain_of(last)))]
        one_level = "Q10" in low[-1]["marks"] and len({item["v"] for item in low}) == 1
        if old is not None and one_level and low[0]["v"] < old["v"] and fits(row, old, row["v"] - old["v"]):
            steps = [step for step in steps if not any(step[1] is item for item in low)]
            for item in low:
                item["marks"] = {"Q09"} | (item["marks"] - {"Q10"})
            steps.append((old, row, row["v"] - old["v"]))
            undo, last = old, row
            place += 1
            continue
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
                and not {"Q08", "Q12"} & last["marks"]
                and agrees(place)
                and fits(row, undo, row["v"] - undo["v"])
            ):
                last["marks"] -= {"Q26"}
                last["marks"].add("Q11")
                steps.pop()
                last, undo = undo, None
                continue
        else:
            flat = thawed(row, last, place)
            if flat is not None:
                row["marks"].add("Q12")
                steps = [step for step in steps if not (step[0]["t"] >= flat["t"])]
                steps.append((flat, row, row["v"] - flat["v"]))
                undo, last = flat, row
                place += 1
                continue
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
            old, last, undo = last, row, None
        else:
            row["marks"].add("Q09" if energy < 0 else "Q11")
        place += 1
    expected = Expected()
    for begin, end, energy in steps:
        if 2 * (end["t"] - begin["t"]) >= 3 * interval:
            end["marks"].add("Q12" if "Q12" in end["marks"] else "Q26")
            expected.bridged += energy
        else:
            expected.measured += energy
    for row in rows:
        expected.counts.update(row["marks"])
    return expected
