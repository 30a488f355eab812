"""Issued credits against the two targets: one square is one million tonnes."""

from __future__ import annotations

from fractions import Fraction

from openjcm.web.charts.svg import picture, rect, text

SIDE, GAP, BETWEEN = 18, 4, 34
BLOCK = 10 * (SIDE + GAP) - GAP


def targets(issued: Fraction | None, expected: Fraction | None, *, title: str, first: str, second: str) -> str:
    """Two blocks of a hundred squares.

    Args:
        issued: million tonnes issued so far, filled; ``None`` draws nothing, because it is not known.
        expected: million tonnes expected from existing projects, tinted.
        title: what the picture shows, with its figures.
        first: label of the first hundred.
        second: label of the second hundred.
    """
    parts = [text(0, -12, first, size=11.5, css="ti"), text(BLOCK + BETWEEN, -12, second, size=11.5, css="ti")]
    for number in range(200):
        block, place = divmod(number, 100)
        x = block * (BLOCK + BETWEEN) + place % 10 * (SIDE + GAP)
        y = place // 10 * (SIDE + GAP)
        tinted = expected is not None and number < expected
        parts.append(rect(x, y, SIDE, SIDE, "f-jps" if tinted else "f-sunk s-line", 'rx="2"'))
        filled = min(Fraction(1), issued - number) if issued is not None and issued > number else Fraction(0)
        if filled > 0:
            height = float(filled) * SIDE
            parts.append(rect(x, y + SIDE - height, SIDE, height, "f-jp", 'rx="1.5"'))
    width = 2 * BLOCK + BETWEEN
    return picture(f"-1 -30 {width + 2} {BLOCK + 34}", parts, title=title, css="wf")
