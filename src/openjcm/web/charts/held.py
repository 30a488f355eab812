"""What an account holds: one bar for each project, cut by vintage, to one scale."""

from __future__ import annotations

from collections.abc import Sequence

from openjcm.web.charts.svg import picture, rect, text

WIDTH, LABEL, ROW, BAR = 720, 150, 40, 24


def held(rows: Sequence[tuple[str, Sequence[tuple[str, int]]]], *, title: str) -> str:
    """The chart. Each row: the project, and its vintages with tonnes."""
    largest = max((sum(tonnes for _, tonnes in parts) for _, parts in rows), default=0) or 1
    scale = (WIDTH - LABEL - 90) / largest
    drawn: list[str] = []
    for place, (name, parts) in enumerate(rows):
        y, x = place * ROW + 8, float(LABEL)
        drawn.append(text(LABEL - 10, y + 17, name, size=13, anchor="end", css="ti"))
        for vintage, tonnes in parts:
            width = max(tonnes * scale, 1.5)
            drawn.append(rect(x, y, max(width - 2, 1.5), BAR, "f-jps"))
            if width > 44:
                drawn.append(text(x + 6, y + 17, vintage, size=12, css="ti"))
            x += width
        drawn.append(text(x + 6, y + 17, f"{sum(tonnes for _, tonnes in parts):,} t", size=13, css="ti"))
    return picture(f"0 0 {WIDTH} {len(rows) * ROW + 10}", drawn, title=title, css="ch")
