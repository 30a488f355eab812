"""From what the meters gave to whole tonnes: every part drawn, rounding included, nothing hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from openjcm.web.charts.svg import line, picture, rect, text

HEIGHT, ROOM, WIDTH = 196, 160, 640


@dataclass(frozen=True)
class Bar:
    """One bar from ``start`` to ``end`` in tonnes. ``kind``: ``given``, ``bridged``, ``taken``, ``sum``."""

    label: tuple[str, ...]
    figure: str
    start: Fraction
    end: Fraction
    kind: str


CSS = {"given": "f-jps", "bridged": "f-jps dash", "taken": "f-tellbg s-tell dash", "sum": "f-jp"}


def waterfall(bars: Sequence[Bar], *, title: str) -> str:
    """The bars from left to right, joined at the height where one ends and the next begins."""
    top = max(max(bar.start, bar.end) for bar in bars) or Fraction(1)
    step = WIDTH / len(bars)
    wide = step * 0.66

    def y(tonnes: Fraction) -> float:
        return HEIGHT - float(tonnes / top) * ROOM

    parts = [line(0, HEIGHT, WIDTH, HEIGHT, "s-ctl")]
    for number, bar in enumerate(bars):
        x = number * step + (step - wide) / 2
        high, low = y(max(bar.start, bar.end)), y(min(bar.start, bar.end))
        more = 'stroke-width="1.5"' if bar.kind in {"bridged", "taken"} else ""
        parts.append(rect(x, high, wide, max(low - high, 2), CSS[bar.kind], more))
        if number + 1 < len(bars):
            parts.append(line(x + wide, y(bar.end), x + step, y(bar.end), "s-ctl dash"))
        parts.append(text(x + wide / 2, high - 8, bar.figure, size=14, anchor="middle", css="ti"))
        for row, words in enumerate(bar.label):
            parts.append(
                text(x + wide / 2, HEIGHT + 19 + row * 17, words, size=12.5, anchor="middle", css="sv" if row else "")
            )
    rows = max(len(bar.label) for bar in bars)
    return picture(f"0 0 {WIDTH} {HEIGHT + 12 + rows * 17 + 6}", parts, title=title, css="ch wfall")
