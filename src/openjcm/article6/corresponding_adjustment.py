"""Corresponding adjustments: averaging and trajectory, on the basis of vintage or of the event's year.

The sign carries the meaning: an exporting host's adjustment is positive, so that its balance rises; a Party that
*uses* outcomes has a negative one. Acquisition alone adjusts nothing. Decision 2/CMA.3 annex paras 7, 8, 9, 23.
Letters in the text (c, d, e, n, N) are those of para 23.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from openjcm.dated import Answer
from openjcm.registry.serials import Vintage


class Method(StrEnum):
    """How a Party applies its adjustments through the NDC period (2/CMA.3 annex para 7); one, consistently."""

    AVERAGING = "averaging"
    """Para 7(a)(ii): cumulative net quantity over elapsed years; indicative each year, final in the NDC year."""
    TRAJECTORY = "trajectory"
    """Para 7(a)(i) and 7(b): each year's own quantity, and the sum at the end of the period."""


class YearBasis(StrEnum):
    """To which year a first transfer is counted. Para 8(a) names the year of the outcome; tables in use differ."""

    VINTAGE = "vintage"
    EVENT = "event"


class Kind(StrEnum):
    """Which line of para 23 a quantity belongs to."""

    FIRST_TRANSFERRED = "c"
    OTHER_PURPOSES = "d"
    USED = "e"


@dataclass(frozen=True)
class Flow:
    """A quantity that counts: what it is, how much, in which year the event fell and in which the outcome occurred.

    For ``USED`` the ``event_year`` is the calendar year *for which* it is used. Quantities in t CO2 eq, or in the
    metric of the account that is asked about.
    """

    kind: Kind
    quantity: Fraction
    event_year: int
    vintage: Vintage


@dataclass(frozen=True)
class Adjustment:
    """One year's figures. ``None`` with *cannot tell*: the vintage of a part is not known, so the year's sum is not.

    ``net`` is para 23(f) of the year, ``cumulative`` 23(h), ``average`` 7(a)(ii), ``applied`` 23(g).
    """

    year: int
    basis: YearBasis
    method: Method
    net: Fraction | None
    cumulative: Fraction | None
    average: Fraction | None
    applied: Fraction | None

    @property
    def answer(self) -> Answer:
        """*Yes* when the adjustment is known."""
        return Answer.CANNOT_TELL if self.applied is None else Answer.YES


def adjustment(flows: Iterable[Flow], method: Method, year: int, *, start: int, basis: YearBasis) -> Adjustment:
    """The adjustment of one year of an NDC period that starts with the year ``start``.

    Raises:
        ValueError: for a year before the period.
    """
    if year < start:
        raise ValueError(f"{year} lies before the NDC period, which starts in {start}")
    known = tuple(flows)
    net = _net(known, year, year, basis)
    cumulative = _net(known, start, year, basis)
    average = None if cumulative is None else cumulative / (year - start + 1)
    applied = average if method is Method.AVERAGING else net
    return Adjustment(year, basis, method, net, cumulative, average, applied)


def emissions_balance(emissions: Fraction | None, applied: Fraction | None) -> Fraction | None:
    """EB = E + adjustment (2/CMA.3 annex paras 8, 23(k)(i)). Unknown emissions give an unknown balance, never zero."""
    return None if emissions is None or applied is None else emissions + applied


def adjusted_indicator(level: Fraction | None, first_transferred: Fraction, used: Fraction) -> Fraction | None:
    """For a metric other than GHG the signs turn: level − first transferred + used (2/CMA.3 annex paras 9, 23(k)(ii)).

    All three in the unit of the metric (MWh, ha …).
    """
    return None if level is None else level - first_transferred + used


def by_year(flows: Iterable[Flow], kind: Kind, years: Iterable[int], basis: YearBasis) -> Mapping[int, Fraction | None]:
    """Each year's quantity of one kind; ``None`` where a part may or may not belong to the year."""
    of_kind = [flow for flow in flows if flow.kind is kind]
    return {year: _sum(of_kind, year, year, basis) for year in years}


def _net(flows: tuple[Flow, ...], first: int, last: int, basis: YearBasis) -> Fraction | None:
    sums = {kind: _sum([flow for flow in flows if flow.kind is kind], first, last, basis) for kind in Kind}
    out, other, used = sums[Kind.FIRST_TRANSFERRED], sums[Kind.OTHER_PURPOSES], sums[Kind.USED]
    return None if out is None or other is None or used is None else out + other - used


def _sum(flows: Iterable[Flow], first: int, last: int, basis: YearBasis) -> Fraction | None:
    """The quantity that falls in the years ``first`` to ``last``; ``None`` if a part may or may not."""
    total = Fraction(0)
    for flow in flows:
        begin, end = _years(flow, basis)
        if begin is None or end is None or (begin < first <= end) or (begin <= last < end):
            return None
        if first <= begin and end <= last:
            total += flow.quantity
    return total


def _years(flow: Flow, basis: YearBasis) -> tuple[int | None, int | None]:
    if flow.kind is Kind.USED or basis is YearBasis.EVENT:
        return flow.event_year, flow.event_year
    return flow.vintage.first_year, flow.vintage.last_year
