"""A meter's series by day: the span from least to greatest power, the mean, and a lane of marks for each rule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from openjcm.web.charts.svg import line, nice_ceiling, picture, px, rect, text

WIDTH, ROOM, LANE, LEFT = 640, 140, 22, 52
MOST_COLUMNS = 300
"""Longer series are drawn with several days in a column."""


@dataclass(frozen=True)
class Lane:
    """The days (numbers from 0) on which a rule marked readings."""

    label: str
    days: Sequence[int]


@dataclass(frozen=True)
class Days:
    """Least, mean and greatest power in W by day; NaN where there is none."""

    low: Sequence[float]
    mean: Sequence[float]
    high: Sequence[float]


def series_days(days: Days, lanes: Sequence[Lane], *, title: str, desc: str, labels: Sequence[tuple[int, str]]) -> str:
    """The picture.

    Args:
        days: the series.
        lanes: the rules and their days, drawn one below the other.
        title: the finding with its figures.
        desc: each rule with its figures, for whoever does not see the lanes.
        labels: number of a day and what to print under it.
    """
    count = len(days.mean)
    columns = _columns(days, math.ceil(count / MOST_COLUMNS))
    top, unit = _top([high for _, _, _, high in columns])
    step = (WIDTH - LEFT) / max(count, 1)
    wide = max(step * math.ceil(count / MOST_COLUMNS), 0.8)

    def y(watt: float) -> float:
        return ROOM - min(max(watt / top, 0.0), 1.0) * ROOM

    parts = [line(LEFT, y(top * share), WIDTH, y(top * share), "s-grid") for share in (0.5, 1)]
    kilo = 1000 if unit == "kW" else 1
    parts += [text(0, y(top * share) + 5, f"{top * share / kilo:,.6g}", size=12) for share in (0.5, 1)]
    parts += [text(0, ROOM, unit, size=12), line(LEFT, ROOM, WIDTH, ROOM, "s-ctl")]
    span = "".join(
        f"M{px(LEFT + day * step)} {px(y(low))}H{px(LEFT + day * step + wide)}V{px(min(y(high), y(low) - 0.6))}"
        f"H{px(LEFT + day * step)}z"
        for day, low, _, high in columns
    )
    mean = "".join(f"M{px(LEFT + day * step)} {px(y(mid))}h{px(wide)}" for day, _, mid, _ in columns)
    parts.append(f'<path d="{span}" class="f-jps"/><path d="{mean}" class="f-no s-ink" stroke-width="1.5"/>')
    for place, lane in enumerate(lanes):
        under = ROOM + 10 + place * LANE
        parts.append(text(0, under + 14, lane.label, size=12))
        parts.append(line(LEFT, under + 9, WIDTH, under + 9, "s-grid"))
        parts += [
            rect(LEFT + first * step, under + 2, max((last - first + 1) * step, 2), 14, "f-ink")
            for first, last in _runs(lane.days, WIDTH / step / MOST_COLUMNS if count else 1)
        ]
    height = ROOM + 10 + len(lanes) * LANE
    for day, words in labels:
        anchor = "start" if day < count * 0.1 else "end" if day > count * 0.9 else "middle"
        parts.append(text(LEFT + day * step, height + 14, words, size=12, anchor=anchor))
    return picture(f"0 -8 {WIDTH} {height + 32}", parts, title=title, desc=desc, css="ch")


def _columns(days: Days, size: int) -> list[tuple[int, float, float, float]]:
    """First day, least, mean and greatest of each column; columns without power are left out."""
    found = []
    for first in range(0, len(days.mean), max(size, 1)):
        held = [place for place in range(first, min(first + size, len(days.mean))) if not math.isnan(days.mean[place])]
        if held:
            mean = sum(days.mean[place] for place in held) / len(held)
            least, most = min(days.low[place] for place in held), max(days.high[place] for place in held)
            found.append((first, least, mean, most))
    return found


def _top(highs: Sequence[float]) -> tuple[float, str]:
    """The top of the axis in W, and its unit. One column in fifty may be cut off: a spike must not flatten the rest."""
    ordered = sorted(highs)
    usual = ordered[min(len(ordered) * 49 // 50, len(ordered) - 1)] if ordered else 0.0
    usual = max(usual, 0.001)
    return (nice_ceiling(usual / 1000) * 1000.0, "kW") if usual >= 5000 else (float(nice_ceiling(usual)), "W")


def _runs(days: Sequence[int], near: float) -> list[tuple[int, int]]:
    """Neighbouring days together; days nearer than a column's width are one mark."""
    runs: list[list[int]] = []
    for day in days:
        if runs and day - runs[-1][1] <= max(1.0, near):
            runs[-1][1] = day
        else:
            runs.append([day, day])
    return [(first, last) for first, last in runs]
