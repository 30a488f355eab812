"""Energy by day over one month. Measured is solid, what the register carried across a gap is dashed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from openjcm.web.charts.svg import line, nice_ceiling, picture, rect, text

WIDTH, HEIGHT, ROOM, LEFT = 640, 160, 128, 0


@dataclass(frozen=True)
class DayBar:
    """One day: whole Wh measured and bridged, and whether its energy belongs to the tonne that is explained."""

    day: date
    measured_wh: int
    bridged_wh: int
    chosen: bool


def month_days(days: Sequence[DayBar], *, title: str, axis: str, labels: Sequence[tuple[int, str]]) -> str:
    """The bars of a month.

    Args:
        days: every day that the report covers in the month.
        title: the finding with its figures.
        axis: the text of the top line, with ``{kwh}``.
        labels: day of the month and what to print under it.
    """
    top = nice_ceiling(max([(day.measured_wh + day.bridged_wh) / 1000 for day in days] + [1]))
    step = (WIDTH - LEFT) / 31

    def y(wh: int) -> float:
        return HEIGHT - wh / 1000 / top * ROOM

    parts = [
        line(LEFT, HEIGHT, WIDTH, HEIGHT, "s-ctl"),
        line(LEFT, y(top * 500), WIDTH, y(top * 500), "s-grid"),
        line(LEFT, y(top * 1000), WIDTH, y(top * 1000), "s-grid"),
        text(LEFT, y(top * 1000) - 5, axis.format(kwh=f"{top:,}"), size=12),
    ]
    for one in days:
        x = LEFT + (one.day.day - 1) * step + 2
        if one.measured_wh > 0:
            high = max(HEIGHT - y(one.measured_wh), 1.5)
            parts.append(rect(x, HEIGHT - high, step - 4, high, "f-jp" if one.chosen else "f-jps"))
        if one.bridged_wh > 0:
            base = y(one.measured_wh)
            css = "f-jps dash" if not one.chosen else "f-jp-dash dash"
            parts.append(rect(x, base - (HEIGHT - y(one.bridged_wh)), step - 4, HEIGHT - y(one.bridged_wh), css))
    for day, words in labels:
        anchor = "start" if day == 1 else "end" if day >= 30 else "middle"
        at = LEFT + (day - 0.5) * step if anchor == "middle" else LEFT if day == 1 else WIDTH
        parts.append(text(at, HEIGHT + 18, words, size=12, anchor=anchor))
    return picture(f"0 0 {WIDTH} {HEIGHT + 24}", parts, title=title, css="ch")
