"""Values of law: a value, since when it holds, who says so, and how well we know it.

A rule of the JCM, an emission factor or the status of a country is never a bare constant here. It is a
:class:`Dated` value with its citation and its grade of evidence, and a :class:`Timeline` answers "which held on
that day?". A day without a value is *refused* (or answered with ``None`` where the caller asks for that), never
filled with the nearest value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Generic, TypeVar

from openjcm.refusals import refusal

T = TypeVar("T")


class Grade(StrEnum):
    """How well a fact is known, best first. A computed figure carries the weakest grade of its inputs."""

    READ = "read"
    """Read in the official document or on the official page."""
    SECONDARY = "secondary"
    """Read in a secondary source that quotes or repeats the official one."""
    RECALLED = "recalled"
    """Known from background knowledge, not re-read. Warns, never refuses."""
    INFERRED = "inferred"
    """Deduced from other facts. Warns, never refuses."""
    UNKNOWN = "unknown"
    """Looked for and not found. It is never replaced by zero or by a guess."""

    @property
    def may_refuse(self) -> bool:
        """Whether a rule of this grade may refuse a request; recalled and inferred ones only warn."""
        return self in {Grade.READ, Grade.SECONDARY}


GRADES_BEST_FIRST = tuple(Grade)
_RANK = {grade: place for place, grade in enumerate(GRADES_BEST_FIRST)}


def weakest(grades: Iterable[Grade]) -> Grade:
    """The weakest of some grades; ``READ`` for none, because nothing weakens it."""
    return max(grades, key=_RANK.__getitem__, default=Grade.READ)


@dataclass(frozen=True)
class Citation:
    """Where a fact stands.

    ``source`` names the document or page, ``clause`` the place in it, ``url`` its address if it has one,
    ``note`` what a reader should know (a conflict between sources, a doubt). ``source`` may not be empty.
    """

    source: str
    clause: str = ""
    url: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise ValueError("a citation without a source is no citation")


@dataclass(frozen=True)
class Dated(Generic[T]):
    """A value with the days on which it holds, its citation and its grade.

    ``since`` is the first day on which it holds (``None``: no beginning is known), ``until`` the last day
    (``None``: still in force as far as we know), ``checked_on`` the day somebody last looked.
    """

    value: T
    citation: Citation
    grade: Grade
    since: date | None = None
    until: date | None = None
    checked_on: date | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.until < self.since:
            raise ValueError(f"ends ({self.until}) before it begins ({self.since})")

    def holds_on(self, day: date) -> bool:
        """Whether the value holds on that day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


NO_VALUE_ON_DAY = refusal(
    "no_value_on_day",
    en="There is no value of “{name}” for {day}.",
    ja="「{name}」には {day} の値がありません。",
    remedy_en="Give a value with its citation and the days on which it holds, or name a day that has one: {known}.",
    remedy_ja="出典と適用期間を付けて値を登録するか、値のある日を指定してください: {known}。",
    clause="OpenJCM: a look-up names its day, and a missing value is refused",
)


@dataclass(frozen=True)
class Timeline(Generic[T]):
    """The values of one named thing over time. Two values on one day fail when the timeline is made."""

    name: str
    values: tuple[Dated[T], ...]

    def __post_init__(self) -> None:
        ordered = sorted(self.values, key=lambda item: item.since or date.min)
        for earlier, later in pairwise(ordered):
            if earlier.until is None or later.since is None or earlier.until >= later.since:
                raise ValueError(
                    f"{self.name}: two values on one day: {earlier.value!r} ({earlier.citation.source}) and "
                    f"{later.value!r} ({later.citation.source}) from {later.since}"
                )

    def __iter__(self) -> Iterator[Dated[T]]:
        return iter(self.values)

    def find(self, day: date) -> Dated[T] | None:
        """The value that held on that day, or ``None`` if there is none."""
        return next((item for item in self.values if item.holds_on(day)), None)

    def on(self, day: date) -> Dated[T]:
        """The value that held on that day.

        Raises:
            Refused: ``no_value_on_day``.
        """
        found = self.find(day)
        if found is None:
            spans = "; ".join(f"{item.since or '…'} – {item.until or '…'}" for item in self.values) or "–"
            raise NO_VALUE_ON_DAY(name=self.name, day=day, known=spans)
        return found


class Answer(StrEnum):
    """A three-valued answer. *Cannot tell* is ignorance, which is neither yes nor no."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot tell"
