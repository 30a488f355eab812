"""One day of readings as power over time; the part behind the explained tonne is filled."""

from __future__ import annotations

from collections.abc import Sequence

from openjcm.web.charts.svg import line, nice_ceiling, picture, px, text

WIDTH, HEIGHT, ROOM = 640, 170, 140


def day_curve(
    points: Sequence[tuple[float, float]], marked: tuple[float, float] | None, *, title: str, label: str, axis: str
) -> str:
    """The curve of a day.

    Args:
        points: hour of the day (0 to 24) and mean power in kW, in order.
        marked: the hours between which the explained tonne's energy was measured.
        title: the finding with its figures.
        label: what to write beside the marked part.
        axis: the text of an axis line, with ``{kw}``.
    """
    top = nice_ceiling(max([kw for _, kw in points] + [0.1]))

    def x(hour: float) -> float:
        return hour / 24 * WIDTH

    def y(kw: float) -> float:
        return HEIGHT - max(kw, 0) / top * ROOM

    parts = [line(0, HEIGHT, WIDTH, HEIGHT, "s-ctl")]
    for value in (top / 2, float(top)):
        words = f"{value:g}"
        parts.append(line(0, y(value), WIDTH, y(value), "s-grid"))
        parts.append(text(0, y(value) - 4, axis.format(kw=words), size=12))
    runs = _runs(points)
    for run in runs:
        parts.append(_area(run, x, y, "f-jps"))
    if marked:
        for run in runs:
            inside = [point for point in run if marked[0] <= point[0] <= marked[1]]
            if len(inside) > 1:
                parts.append(_area(inside, x, y, "f-jp"))
    for run in runs:
        path = "L".join(f"{px(x(hour))} {px(y(kw))}" for hour, kw in run)
        parts.append(f'<path d="M{path}" class="f-no s-jp" stroke-width="1.8"/>')
    for hour in range(0, 25, 6):
        anchor = "start" if hour == 0 else "end" if hour == 24 else "middle"
        parts.append(text(x(hour), HEIGHT + 18, f"{hour:02d}:00", size=12, anchor=anchor))
    if marked:
        parts.append(text(WIDTH, y(top) - 4, label, size=13, anchor="end", css="t-jp"))
    return picture(f"0 -4 {WIDTH} {HEIGHT + 28}", parts, title=title, css="ch")


def _runs(points: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """Stretches without a hole: nothing is drawn across a gap of an hour or more."""
    runs: list[list[tuple[float, float]]] = []
    for point in points:
        if not runs or point[0] - runs[-1][-1][0] >= 1:
            runs.append([])
        runs[-1].append(point)
    return [run for run in runs if len(run) > 1]


def _area(run: Sequence[tuple[float, float]], x: object, y: object, css: str) -> str:
    assert callable(x)
    assert callable(y)
    path = "L".join(f"{px(x(hour))} {px(y(kw))}" for hour, kw in run)
    return f'<path d="M{px(x(run[0][0]))} {HEIGHT}L{path}L{px(x(run[-1][0]))} {HEIGHT}z" class="{css}"/>'
