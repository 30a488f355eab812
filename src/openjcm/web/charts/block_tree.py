"""The history of a block as a picture: serials from left to right, each movement a bar under the one it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openjcm.web.charts.svg import line, picture, px, rect, text

WIDTH = 1080.0
HEIGHT = 44.0
"""Of one level, bar and gap."""
BAR = 34.0
FILLS = {"retire": "f-jp", "cancel": "f-mute", "reversal": "f-mute", "issue": "f-sunk s-ctl"}
"""Kinds that end a life, and the issuance; all others move credits that live on."""


@dataclass(frozen=True)
class Bar:
    """One movement: its place in the list below, level, first and last serial, kind, and its words."""

    number: int
    level: int
    first: int
    last: int
    kind: str
    words: str


def block_tree(bars: Sequence[Bar], *, title: str, ends: tuple[str, str]) -> str:
    """The picture. Bars too narrow for their words bear their number in the list, the narrowest nothing."""
    first, last = min(bar.first for bar in bars), max(bar.last for bar in bars)
    scale = WIDTH / (last - first + 1)
    drawn = [text(0, 14, ends[0], size=12), text(WIDTH, 14, ends[1], size=12, anchor="end")]
    drawn.append(line(0.5, 20, WIDTH, 20, "s-ctl"))
    for bar in bars:
        x, y = (bar.first - first) * scale, 28 + bar.level * HEIGHT
        width = max((bar.last - bar.first + 1) * scale - 2, 1.5)
        drawn.append(rect(x + 0.5, y, width, BAR, FILLS.get(bar.kind, "f-jps")))
        ink = "on" if bar.kind == "retire" else "ti"
        label = f"{bar.number} {bar.words}"
        if width > 12 * len(label) * 0.62 + 12:
            drawn.append(text(x + 8, y + 22, label, size=12, css=ink))
        elif width > 8 * len(str(bar.number)) + 6:
            drawn.append(text(x + width / 2, y + 22, str(bar.number), size=12, anchor="middle", css=ink))
    height = 28 + (max(bar.level for bar in bars) + 1) * HEIGHT
    return picture(f"0 0 {px(WIDTH)} {px(height)}", drawn, title=title, css="tree")
