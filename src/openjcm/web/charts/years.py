"""Tonnes decided by year; decisions of unknown amount are counted as dashed boxes above the bar."""

from __future__ import annotations

from collections.abc import Sequence

from openjcm.views.decisions import Year
from openjcm.web.charts.svg import line, nice_ceiling, picture, rect, text

WIDTH, BASE, HEIGHT, BAR = 462, 196, 150, 25
LEFT = {"ja": 44, "en": 62}
"""Room for the figures of the axis: Japanese counts in 万."""


def years(rows: Sequence[Year], *, title: str, language: str) -> str:
    """The chart. ``title`` says the figures of every year."""
    top = nice_ceiling(max([row.tonnes for row in rows] + [10]) / 1)
    left = LEFT[language]
    step = (WIDTH - left - 8) / max(1, len(rows))
    wide = min(BAR, step * 0.72)
    parts: list[str] = []
    highest = 0.0
    for share in range(6):
        value = top * share // 5
        y = BASE - HEIGHT * share / 5
        parts.append(line(left, y, WIDTH, y, "s-grid" if value else "s-ctl"))
        parts.append(text(left - 5, y + 4, _axis(value, language), size=11, anchor="end"))
    for number, row in enumerate(rows):
        x = left + number * step + (step - wide) / 2
        height = max(row.tonnes / top * HEIGHT, 1.5 if row.tonnes else 0)
        middle = x + wide / 2
        if row.tonnes:
            parts.append(rect(x, BASE - height, wide, height, "f-jp"))
            small = "" if row.tonnes >= top / 5 and row.tonnes == _around(rows, number) else " sv"
            parts.append(
                text(middle, BASE - height - 5, f"{row.tonnes:,}", size=10.5, anchor="middle", css=f"tn{small}")
            )
        foot = BASE - height - (18 if row.tonnes else 4)
        for box in range(min(row.unknown, 12)):
            parts.append(
                rect(
                    middle - 8.5,
                    foot - (box + 1) * 9 + 3,
                    17,
                    6.5,
                    "f-tellbg s-tell",
                    'rx="1.5" stroke-dasharray="2 1.6"',
                )
            )
        highest = min(highest, foot - min(row.unknown, 12) * 9)
        odd = "sv" if row.year % 2 else ""
        parts.append(text(middle, BASE + 17, str(row.year), size=11, anchor="middle", css=odd))
    return picture(f"-4 {highest - 4:.0f} {WIDTH + 4} {218 - highest + 4:.0f}", parts, title=title, css="yr")


def _around(rows: Sequence[Year], number: int) -> int:
    """The largest of a year and its neighbours: on a phone only that one has room for its figure."""
    return max(row.tonnes for row in rows[max(0, number - 1) : number + 2])


def _axis(value: int, language: str) -> str:
    if value == 0:
        return "0 t"
    if language == "ja" and value >= 10_000:
        man, rest = divmod(value, 10_000)
        return f"{man}.{rest // 1000}万" if rest else f"{man}万"
    return f"{value:,}"
