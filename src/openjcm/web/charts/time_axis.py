"""A project's life on a time axis to scale: what happened, when it was measured, and where today is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from openjcm.web.charts.svg import line, picture, px, rect, text

WIDTH, LEFT, RIGHT, AXIS = 1120, 24, 1096, 104
LEVELS = (84, 62, 40, 18)
"""Heights at which labels may stand, nearest to the axis first."""


@dataclass(frozen=True)
class Event:
    """Something on a day. ``done`` events are filled, others hollow."""

    day: date
    label: str
    done: bool = True


@dataclass(frozen=True)
class Span:
    """A stretch of time, both days included: a monitoring period."""

    first: date
    last: date


def time_axis(events: Sequence[Event], spans: Sequence[Span], today: date, *, title: str, today_label: str) -> str:
    """The axis. Labels that would meet are set one level higher."""
    days = [event.day for event in events] + [day for span in spans for day in (span.first, span.last)] + [today]
    first, last = min(days).year, max(days).year + 1
    start, whole = date(first, 1, 1).toordinal(), date(last + 1, 1, 1).toordinal() - date(first, 1, 1).toordinal()

    def x(day: date) -> float:
        return LEFT + (day.toordinal() - start) / whole * (RIGHT - LEFT)

    now = x(today)
    parts = [
        line(LEFT, AXIS, now, AXIS, "s-jp", 'stroke-width="2.5"'),
        line(now, AXIS, RIGHT + 14, AXIS, "s-ctl dash", 'stroke-width="1.5"'),
    ]
    step = 1 if last - first <= 14 else 2
    for year in range(first, last + 1):
        at = x(date(year, 1, 1))
        parts.append(line(at, AXIS, at, AXIS + (8 if (year - first) % step == 0 else 5), "s-ctl"))
        if (year - first) % step == 0:
            parts.append(text(at, AXIS + 26, str(year), size=12, anchor="middle"))
    for span in spans:
        parts.append(rect(x(span.first), AXIS - 6, max(x(span.last) - x(span.first), 4), 12, "f-pt", 'rx="3"'))
    taken: list[tuple[float, float, int]] = [(now - 4, now + _width(today_label) + 10, 3)]
    for event in sorted(events, key=lambda one: one.day):
        parts.append(_event(event, x(event.day), taken))
    parts.append(line(now, 6, now, AXIS + 30, "s-tell", 'stroke-width="1.5"'))
    right_side = now + _width(today_label) + 8 < WIDTH
    parts.append(
        text(
            now + (6 if right_side else -6),
            16,
            today_label,
            size=13,
            anchor="start" if right_side else "end",
            css="t-tell",
        )
    )
    return picture(f"0 0 {WIDTH} 140", parts, title=title)


def _event(event: Event, at: float, taken: list[tuple[float, float, int]]) -> str:
    wide = _width(event.label)
    anchor = "start" if at - wide / 2 < 4 else "end" if at + wide / 2 > WIDTH - 4 else "middle"
    left = {"start": at - 4, "end": at - wide, "middle": at - wide / 2}[anchor]
    level = next(
        (
            one
            for one in range(len(LEVELS))
            if all(one != other or left > high + 8 or left + wide < low - 8 for low, high, other in taken)
        ),
        len(LEVELS) - 1,
    )
    taken.append((left, left + wide, level))
    mark = (
        f'<circle cx="{px(at)}" cy="{AXIS}" r="6" class="f-jp s-bg" stroke-width="2"/>'
        if event.done
        else f'<circle cx="{px(at)}" cy="{AXIS}" r="5.5" class="f-bg s-ctl" stroke-width="1.8"/>'
    )
    stem = line(at, LEVELS[level] + 5, at, AXIS - 7, "s-line")
    return stem + mark + text(at, LEVELS[level], event.label, size=13, anchor=anchor, css="ti" if event.done else "")


def _width(words: str) -> float:
    """Roughly how wide a label of 13 px is: Japanese characters are square."""
    return sum(13.5 if ord(character) > 0x2E80 else 7.6 for character in words)
