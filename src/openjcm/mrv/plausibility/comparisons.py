"""Readings against what others say: expected yields, neighbours (Q12, Q17), invoices and check meters (Q20)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.meters import Meter
from openjcm.mrv.sun import cosine
from openjcm.refusals import refusal
from openjcm.units import exact

Ints = NDArray[np.int64]
T = TypeVar("T")

COMPARISON_INVALID = refusal(
    "comparison_invalid",
    en="The comparison “{what}” is not usable: {why}.",
    ja="比較資料「{what}」が使えません: {why}。",
    remedy_en="State expected (meter_id, year, month, wh, source) and totals (meter_id, first, last, wh, "
    "error_percent, document) as docs/quality_rules.md describes.",
    remedy_ja="docs/quality_rules.md のとおり、expected (meter_id, year, month, wh, source) と totals (meter_id, "
    "first, last, wh, error_percent, document) を記載してください。",
    clause="OpenJCM: a comparison names its source",
)


@dataclass(frozen=True)
class ExpectedYield:
    """What a month should have given by a satellite or weather model: Wh, and the model as its source."""

    meter_id: str
    year: int
    month: int
    wh: int
    source: str


@dataclass(frozen=True)
class IndependentTotal:
    """What an invoice, a check meter or the sum of the inverters says for whole local days, both included.

    ``error_percent`` is the limit of its own error.
    """

    meter_id: str
    first: date
    last: date
    wh: int
    error_percent: Fraction
    document: str


@dataclass(frozen=True)
class Comparisons:
    """What the readings of a period are compared with. Nothing of it is needed."""

    expected: tuple[ExpectedYield, ...] = ()
    totals: tuple[IndependentTotal, ...] = ()

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Comparisons:
        """Comparisons from plain data.

        Raises:
            Refused: ``comparison_invalid``.
        """
        if unknown := data.keys() - {"expected", "totals"}:
            raise COMPARISON_INVALID(what=", ".join(sorted(unknown)), why="unknown")
        return cls(
            tuple(_read(_expected, item) for item in data.get("expected", ())),
            tuple(_read(_total, item) for item in data.get("totals", ())),
        )


def _read(reader: Callable[[Any], T], item: Any) -> T:
    try:
        return reader(item)
    except (KeyError, TypeError, ValueError) as error:
        raise COMPARISON_INVALID(what=str(item)[:80], why=f"{type(error).__name__} {error}"[:80]) from error


def _expected(item: Mapping[str, Any]) -> ExpectedYield:
    month, source = int(item["month"]), str(item["source"])
    if not 1 <= month <= 12 or not source:
        raise ValueError("month or source")
    return ExpectedYield(str(item["meter_id"]), int(item["year"]), month, _positive(item["wh"]), source)


def _total(item: Mapping[str, Any]) -> IndependentTotal:
    first, last = date.fromisoformat(str(item["first"])), date.fromisoformat(str(item["last"]))
    error, document = exact(item["error_percent"]), str(item["document"])
    if last < first or not 0 <= error <= 20 or not document:
        raise ValueError("first, last, error_percent or document")
    return IndependentTotal(str(item["meter_id"]), first, last, _positive(item["wh"]), error, document)


def _positive(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("wh is a whole number, from 0")
    return value


@dataclass(frozen=True)
class Difference:
    """A register and an independent total that differ by more than their errors allow, and which of the two counts."""

    total: IndependentTotal
    register_wh: int
    counted_wh: int


def differences(
    direction: str, found: Sequence[tuple[IndependentTotal, int]], own_percent: Fraction
) -> Iterator[Difference]:
    """Q20: totals further from the register than twice both error limits; the conservative one of the two counts.

    That is the lower for generation and the higher for consumption.
    """
    for total, register in found:
        limit = 2 * (own_percent + total.error_percent) / 100 * max(register, total.wh)
        if abs(register - total.wh) > limit:
            choose = min if direction == "generation" else max
            yield Difference(total, register, choose(register, total.wh))


def against_expected(
    monthly: Mapping[tuple[int, int], int], expected: Sequence[ExpectedYield], least: Fraction, most: Fraction
) -> Iterator[tuple[ExpectedYield, Fraction]]:
    """Q17: months whose yield is less or more than these shares of what is expected, with the ratio."""
    for one in expected:
        yielded = monthly.get((one.year, one.month))
        if yielded is not None and one.wh and not least <= Fraction(yielded, one.wh) <= most:
            yield one, Fraction(yielded, one.wh)


def near(meter: Meter, others: Sequence[Meter], kilometres: int) -> list[int]:
    """The places of the other solar meters that are known to stand within so many kilometres."""
    if meter.latitude is None or meter.longitude is None:
        return []
    shrink = float(cosine(np.full(1, float(meter.latitude)))[0])
    found = []
    for place, other in enumerate(others):
        if other is meter or not other.solar or other.latitude is None or other.longitude is None:
            continue
        north = (float(other.latitude) - float(meter.latitude)) * 111
        east = (float(other.longitude) - float(meter.longitude)) * 111 * shrink
        if north * north + east * east <= kilometres * kilometres:
            found.append(place)
    return found


def odd_among_peers(own: Fraction, peers: Sequence[Fraction], deviations: int) -> bool:
    """Q17: whether a yield stands out among at least four peers: robust z above ``deviations``, and a fifth off.

    The robust standard deviation is 1.4826 × the median distance from the median.
    """
    if len(peers) < 4:
        return False
    middle = _median(peers)
    spread = _median([abs(one - middle) for one in peers]) * Fraction(14826, 10_000)
    return abs(own - middle) > deviations * spread and abs(own - middle) * 5 > middle


def _median(values: Sequence[Fraction]) -> Fraction:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]
