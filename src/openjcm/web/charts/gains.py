"""Tonnes gained and lost per project, as bars to the right and to the left of a line. The figures carry the sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openjcm.web.charts.svg import line, picture, rect, text

WIDTH, ROW, LABEL, FIGURE, TOP = 720, 24, 212, 76, 34
LETTERS = 28
MOST = 40
"""So many bars are drawn: the largest changes. The table has all."""

STYLE = (
    "text{font-family:'BIZ UDPGothic','Noto Sans JP',sans-serif;fill:#4d4d4d}.ti{fill:#1a1a1a;font-weight:700}"
    ".f-jp{fill:#0055ad}.f-tellbg{fill:#fbf5e0}.s-tell{stroke:#6e5600;stroke-width:1.5}.s-ctl{stroke:#767676}"
)
"""What the page's style sheet says of these classes, for a picture that stands alone."""


@dataclass(frozen=True)
class Gain:
    """One project: credited tonnes gained and lost over its periods, and whether some could not be told."""

    project: str
    gained: int
    lost: int
    refused: int = 0


@dataclass(frozen=True)
class Words:
    """The words of the picture: over the two sides, and the mark of a project whose periods were refused."""

    lost: str
    gained: str
    refused: str
    more: str


def gains(rows: Sequence[Gain], words: Words, *, title: str) -> str:
    """The chart: the projects with the largest changes first. ``title`` says the finding, with figures."""
    shown = sorted(rows, key=lambda row: (-(row.gained + row.lost), row.project))[:MOST]
    most = max([row.gained for row in shown] + [row.lost for row in shown] + [1])
    half = (WIDTH - LABEL - 2 * FIGURE) / 2
    middle = LABEL + FIGURE + half
    foot = TOP + ROW * max(len(shown), 1)
    parts = [
        text(middle - 10, 18, f"← {words.lost}", size=12.5, anchor="end"),
        text(middle + 10, 18, f"{words.gained} →", size=12.5),
        line(middle, TOP - 6, middle, foot, "s-ctl"),
    ]
    for number, row in enumerate(shown):
        y = TOP + number * ROW
        mark = f" ({words.refused})" if row.refused else ""
        parts.append(text(0, y + 15, _short(row.project, LETTERS - len(mark)) + mark, size=12.5))
        right, left = row.gained / most * half, row.lost / most * half
        if row.gained:
            parts.append(rect(middle, y + 3, max(right, 1), ROW - 8, "f-jp"))
            parts.append(text(middle + right + 6, y + 15, f"+{row.gained:,}", size=12.5, css="ti"))
        if row.lost:
            parts.append(rect(middle - max(left, 1), y + 3, max(left, 1), ROW - 8, "f-tellbg s-tell"))
            parts.append(text(middle - left - 6, y + 15, f"−{row.lost:,}", size=12.5, anchor="end", css="ti"))
        if not row.gained and not row.lost:
            parts.append(text(middle + 6, y + 15, "–" if row.refused else "±0", size=12.5))
    if len(rows) > len(shown):
        parts.append(text(0, foot + 16, words.more.format(count=len(rows) - len(shown)), size=12.5))
    return picture(f"0 0 {WIDTH} {foot + 24}", parts, title=title, css="gains")


def _short(name: str, most: int) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"


def alone(svg: str) -> str:
    """The picture as a file of its own: with its name space, its size and its styles."""
    head, _, rest = svg.partition(">")
    named = head.replace("<svg", f'<svg xmlns="{_NAME_SPACE}"', 1)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{named}><style>{STYLE}</style>{rest}\n'


_NAME_SPACE = "http://www.w3.org/2000/svg"
