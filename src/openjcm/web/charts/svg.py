"""Small helpers for drawing SVG as text. Only pixels are floats; figures arrive exact and are printed exact."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from fractions import Fraction
from html import escape


def px(value: float | Fraction) -> str:
    """A coordinate to a tenth of a pixel, as short as it goes."""
    text = f"{float(value):.1f}"
    return text.removesuffix(".0")


def rect(x: float, y: float, width: float, height: float, css: str, more: str = "") -> str:
    """A rectangle."""
    extra = f" {more}" if more else ""
    return f'<rect x="{px(x)}" y="{px(y)}" width="{px(width)}" height="{px(height)}" class="{css}"{extra}/>'


def line(x1: float, y1: float, x2: float, y2: float, css: str, more: str = "") -> str:
    """A line."""
    extra = f" {more}" if more else ""
    return f'<line x1="{px(x1)}" y1="{px(y1)}" x2="{px(x2)}" y2="{px(y2)}" class="{css}"{extra}/>'


def text(x: float, y: float, words: str, *, size: float = 12, anchor: str = "start", css: str = "") -> str:
    """A text; what it says is escaped."""
    klass = f' class="{css}"' if css else ""
    place = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{px(x)}" y="{px(y)}" font-size="{px(size)}"{place}{klass}>{escape(words)}</text>'


def picture(view_box: str, parts: Iterable[str], *, title: str, desc: str = "", css: str = "") -> str:
    """The whole picture with its title (the finding, with figures) and, where that is not enough, a description."""
    number = hashlib.sha256(f"{title}{view_box}".encode()).hexdigest()[:8]  # the same picture has the same bytes
    label = f"t{number}" + (f" d{number}" if desc else "")
    more = f'<desc id="d{number}">{escape(desc)}</desc>' if desc else ""
    klass = f' class="{css}"' if css else ""
    return (
        f'<svg{klass} viewBox="{view_box}" role="img" aria-labelledby="{label}">'
        f'<title id="t{number}">{escape(title)}</title>{more}{"".join(parts)}</svg>'
    )


def nice_ceiling(value: float) -> int:
    """The next round figure for the top of an axis: 1, 2, 2.5 or 5 times a power of ten."""
    power = 1
    while power * 10 < value:
        power *= 10
    for step in (1, 2, 2.5, 5, 10):
        if step * power >= value:
            return int(step * power) if step * power == int(step * power) else int(step * power) + 1
    return power * 10
