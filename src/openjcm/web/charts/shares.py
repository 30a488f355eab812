"""Bars that show the parts of a whole: the states of the projects, the sides of a decision."""

from __future__ import annotations

from collections.abc import Sequence

from openjcm.web.charts.svg import picture, px, rect, text


def status_strip(parts: Sequence[tuple[int, str]], *, title: str) -> str:
    """One strip cut in proportion. Each part is a count and its class of fill."""
    total = sum(count for count, _ in parts) or 1
    x, drawn = 0.0, []
    for count, css in parts:
        width = count / total * 1120
        if count:
            drawn.append(rect(x, 0, max(width - 3, 2), 14, css))
        x += width
    return picture("0 0 1120 14", drawn, title=title, css="strip14").replace(
        'role="img"', 'preserveAspectRatio="none" role="img"', 1
    )


def split(
    japan: int | None, partner: int | None, rest: int | None, *, names: tuple[str, str, str], note: str, title: str
) -> str:
    """How a decision is shared: Japan, the partner, and what nobody has published (dashed).

    Unknown sides get a dashed box of the remaining width; nothing is drawn to a scale that is not known.
    """
    known = [(amount, css, name) for amount, css, name in zip((japan, partner), ("f-jp", "f-pt"), names, strict=False)]
    total = sum(amount for amount, _, _ in known if amount) + (rest or 0)
    boxes: list[tuple[float, str, str, str]] = []
    for amount, css, name in known:
        if amount:
            boxes.append((amount / total * 238 if total else 119, css, name, f"{amount:,} t"))
    if rest or (rest is None and (japan is None or partner is None)):
        width = rest / total * 238 if rest and total else 118.0
        boxes.append((width, "f-tellbg s-tell dash", names[2], f"{rest:,} t" if rest else "?"))
    scale = 238 / (sum(box[0] for box in boxes) or 1)
    x, drawn = 0.0, []
    for width, css, name, words in boxes:
        wide = width * scale
        drawn.append(rect(x + 0.5, 22.5, max(wide - 2, 1.5), 25, css))
        if wide > 40:
            drawn.append(text(x, 15, name, size=13, css="ti"))
            drawn.append(text(x, 70, words, size=17, css="ti"))
        x += wide
    if note:
        drawn.append(text(0, 91, note, size=12))
    return picture(f"0 0 240 {96 if note else 78}", drawn, title=title, css="split")


def decided_squares(japan: int, partner: int, marked: int, *, labels: tuple[str, str], title: str) -> str:
    """Every tonne of a decision as a square, Japan's first; ``marked`` is the number of the tonne that is explained.

    Above sixty tonnes the sides become two bars, and the marked tonne a line in Japan's bar.
    """
    total = japan + partner
    if total > 60:
        return _decided_bars(japan, partner, marked, labels=labels, title=title)
    columns = min(total, 20)
    cell = 640 / columns
    rows = -(-total // columns)
    drawn: list[str] = []
    for index in range(total):
        ours = index < japan
        number = index + 1 if ours else index - japan + 1
        x, y = index % columns * cell, index // columns * 40
        css = "f-jp" if ours and number == marked else "f-jps" if ours else "f-pts"
        drawn.append(rect(x, y, cell - 4, 34, css, 'rx="3"'))
        if columns <= 20:
            chosen = "tb" if ours and number == marked else "sv"
            drawn.append(text(x + cell / 2 - 2, y + 23, str(number), size=14, anchor="middle", css=chosen))
    drawn += _side_labels(rows * 40 + 16, japan, partner, labels)
    return picture(f"0 0 640 {rows * 40 + 24}", drawn, title=title, css="ch")


def _decided_bars(japan: int, partner: int, marked: int, *, labels: tuple[str, str], title: str) -> str:
    wide = 636 * japan / (japan + partner)
    place = wide * (marked - 0.5) / japan if japan else 0
    drawn = [
        rect(0, 14, wide, 34, "f-jps", 'rx="3"'),
        rect(wide + 4, 14, 636 - wide, 34, "f-pts", 'rx="3"'),
        rect(place - 1.5, 8, 3, 46, "f-jp"),
        text(max(place, 20), 6, f"{marked:,}", size=12, anchor="middle", css="t-jp"),
        text(0, 70, labels[0], size=13, css="ti"),
        text(min(wide + 4, 560), 70, labels[1], size=13, css="ti"),
    ]
    return picture(f"0 -8 640 {px(88)}", drawn, title=title, css="ch")


def _side_labels(y: float, japan: int, partner: int, labels: tuple[str, str]) -> list[str]:
    start = 640 * japan / (japan + partner) if japan + partner <= 20 else 320
    return [text(0, y, labels[0], size=13, css="ti"), text(start, y, labels[1], size=13, css="ti")]
