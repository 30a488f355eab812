"""A book of serial ranges as another installation sees it: what the partner's notices say, laid over each other.

The mirror is no holding: it is what the partner states. Of a run it knows the registry, the state, the day and the
purpose, never the account: who holds what inside a registry is that registry's own matter.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from openjcm.registry.notices import Notice
from openjcm.registry.serials import parse_block

HELD = "held"


@dataclass(frozen=True, order=True)
class Run:
    """Serials of one series with one state. ``issued_on`` is empty where no notice said when they were issued."""

    series: str
    first: int
    last: int
    registry: str
    state: str
    issued_on: str
    since: str
    purpose: str = ""

    @property
    def day(self) -> str:
        """The day that both sides can know: of held credits when they were issued, of others since when."""
        return self.issued_on if self.state == HELD else self.since

    def within(self, first: int, last: int) -> Run:
        """The same for a part of its serials."""
        return replace(self, first=max(first, self.first), last=min(last, self.last))


def purpose_of(facts: Any) -> str:
    """Purpose and year of use as one text."""
    return " ".join(str(facts[name]) for name in ("purpose", "used_for_year") if facts.get(name) is not None)


NO_STATE = frozenset({"first_transfer"})
"""Kinds of notices that say something of serials without changing where they are."""


def runs_of(notice: Notice) -> list[Run]:
    """What a notice says of its serials, before it is laid over what was said earlier."""
    if notice.kind in NO_STATE:
        return []
    found = []
    for item in notice.ranges:
        block = parse_block(item.block)
        issued = notice.occurred_on if notice.kind == "issued" else ""
        purpose = "" if item.state == HELD else purpose_of(notice.facts)
        found.append(
            Run(
                str(block.series), block.first, block.last, item.registry, item.state, issued, notice.occurred_on,
                purpose,
            )
        )  # fmt: skip
    return found


def laid_over(old: Sequence[Run], new: Run) -> list[Run]:
    """A run over the runs that share serials with it: what is left of them, and the run itself, in order.

    The day of issuance stays with the serials, so the new run is cut where that day differs beneath it.
    """
    rest: list[Run] = []
    covered: list[Run] = []
    place = new.first
    for run in sorted(old):
        if run.first < new.first:
            rest.append(run.within(run.first, new.first - 1))
        if run.last > new.last:
            rest.append(run.within(new.last + 1, run.last))
        first, last = max(run.first, new.first), min(run.last, new.last)
        if first > place:
            covered.append(replace(new, first=place, last=first - 1))
        covered.append(replace(new, first=first, last=last, issued_on=new.issued_on or run.issued_on))
        place = last + 1
    if place <= new.last:
        covered.append(replace(new, first=place))
    return sorted([*rest, *merged(covered)])


def merged(runs: Iterable[Run]) -> Iterator[Run]:
    """Neighbours that say the same made one; the runs are in order."""
    last: Run | None = None
    for run in runs:
        if last is not None and replace(run, first=last.first) == replace(last, last=run.last) and (
            last.last + 1 == run.first
        ):  # fmt: skip
            last = replace(last, last=run.last)
            continue
        if last is not None:
            yield last
        last = run
    if last is not None:
        yield last


@dataclass
class Mirror:
    """The whole book in memory, for the audit and for the book as it was on a day."""

    series: dict[str, list[Run]] = field(default_factory=dict)

    def lay(self, new: Run) -> None:
        """Lay one run over the book."""
        runs = self.series.setdefault(new.series, [])
        start = bisect_left(runs, new.first, key=lambda run: run.last)
        end = start
        while end < len(runs) and runs[end].first <= new.last:
            end += 1
        runs[start:end] = laid_over(runs[start:end], new)

    def __iter__(self) -> Iterator[Run]:
        for name in sorted(self.series):
            yield from self.series[name]
