"""Tonnes decided by year; decisions of unknown amount are counted as dashed boxes above the bar."""

from __future__ import annotations

from collections.abc import Sequence

from openjcm.views.decisions import Year
from openjcm.web.charts.svg import line, nice_ceiling, picture, rect, text

WIDTH, BASE, HEIGHT, LEFT, BAR = 462, 196, 150, 46, 25


def years(rows: Sequence[Year], *, title: str, language: str) -> str:
    """The chart. ``title`` says the figures of every year."""
    top = nice_ceiling(max([row.tonnes for row in rows] + [10]) / 1)
    step = (WIDTH - LEFT - 8) / max(1, len(rows))
    parts: list[str] = []
    highest = 0.0
    for share in range(6):
        value = top * share // 5
        y = BASE - HEIGHT * share / 5
        parts.append(line(LEFT, y, WIDTH, y, "s-grid" if value else "s-ctl"))
        parts.append(text(LEFT - 5, y + 4, _axis(value, language), size=11, anchor="end"))
    for number, row in enumerate(rows):
        x = LEFT + number * step + (step - BAR) / 2
        height = max(row.tonnes / top * HEIGHT, 1.5 if row.tonnes else 0)
        middle = x + BAR / 2
        if row.tonnes:
            parts.append(rect(x, BASE - height, BAR, height, "f-jp"))
            small = " sv" if row.tonnes < top / 5 else ""
            parts.append(
                text(middle, BASE - height - 5, f"{row.tonnes:,}", size=10.5, anchor="middle", css=f"tn{small}")
            )
        foot = BASE - height - (18 if row.tonnes else 4)
        for box in range(min(row.unknown, 12)):
            parts.append(
                rect(x + 4, foot - (box + 1) * 9 + 3, 17, 6.5, "f-tellbg s-tell", 'rx="1.5" stroke-dasharray="2 1.6"')
            )
        highest = min(highest, foot - min(row.unknown, 12) * 9)
        odd = "sv" if row.year % 2 else ""
        parts.append(text(middle, BASE + 17, str(row.year), size=11, anchor="middle", css=odd))
    return picture(f"-4 {highest - 4:.0f} {WIDTH + 4} {218 - highest + 4:.0f}", parts, title=title, css="yr")


def _axis(value: int, language: str) -> str:
    if value == 0:
        return "0 t"
    if language == "ja" and value >= 10_000:
        man, rest = divmod(value, 10_000)
        return f"{man}.{rest // 1000}万" if rest else f"{man}万"
    return f"{value:,}"
