"""Real data with known answers: labelled rows, the revenue meter of pvops, and the registers of NEM13."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction

import numpy as np
from benchmarks.faults.cases import Case, Marks
from benchmarks.faults.ours import judged
from tests.mrv import site_files
from tests.mrv.meter_files import DATA, PVOPS, PVOPS_ALTERED, readings_of

from openjcm.mrv.meters import Meter
from openjcm.mrv.quality import judge
from openjcm.mrv.readings import read_meter_file

HOUSE_W = 14_490
"""A house on one phase of 63 A at 230 V: the most that a domestic register of the NEM13 files can be asked to carry."""


@dataclass(frozen=True)
class Labelled:
    """A real series whose rows are labelled, and which of our rules are asked."""

    name: str
    case: Case
    rules: tuple[str, ...]
    over_range: bool = False

    def found(self) -> Marks:
        """The rows that our rules mark."""
        judgement, row = judged(self.case)
        marks = np.zeros(len(self.case.values), dtype=np.bool_)
        for rule, _, places in judgement.seen:
            if rule.removesuffix(" withheld") in self.rules:
                marks[row[places]] = True
        if self.over_range:
            marks[row[(judgement.flags & np.uint32(1 << 11)) != 0]] = True
        return marks


def labelled() -> Iterator[Labelled]:
    """The labelled files of pvanalytics. Those interpolated between zeros of the night are once left out."""
    for name, file, label, rules, over in (
        ("stale", "ac_power_inv_2173_stale_data", "stale_data_mask", ("Q12 stuck",), False),
        ("interpolated, all labels", "ac_power_inv_2173_interpolated_data", "interpolated_data_mask",
         ("Q19 straight",), False),
        ("interpolated, not zero", "ac_power_inv_2173_interpolated_data", "interpolated_data_mask",
         ("Q19 straight",), False),
        ("outliers", "ac_power_inv_7539_outliers", "outlier", ("Q31", "Q31 low"), True),
        ("clipped", "ac_power_inv_7539", "label", ("Q18",), False),
    ):  # fmt: skip
        site = site_files.labelled(file, label)
        assert site.labels is not None
        marks = site.labels & (site.values != 0) if name.endswith("not zero") else site.labels
        yield Labelled(name, Case(name, site, 0, site.seconds, site.values, marks, 0), rules, over)


def revenue_meter() -> Iterator[tuple[str, int, int, str]]:
    """(file, counted Wh, bridged Wh, rules seen) of the pvops register and of its copy with three zero readings."""
    for file, mapping, name in (
        ("example_perf_data.csv", PVOPS, "2050.15.003.BLK01.PAD01.MTR01"),
        ("example_prod_data_cumE2.csv", PVOPS_ALTERED, "R27"),
    ):
        readings = read_meter_file(DATA / file, file, mapping)
        meter = Meter(name, "generation", 475_000, 900)
        judgement = judge(readings, [meter], (date(2018, 9, 14), date(2018, 10, 14)), "-05:00")
        counted = sum(line.counted_wh for line in judgement.energy)
        bridged = sum(line.bridged_wh for line in judgement.energy)
        yield file, counted, bridged, " ".join(item.rule for item in judgement.findings if item.rule != "Q22")


@dataclass(frozen=True)
class Turn:
    """A pair of register reads with the energy that the market agreed on, and what we make of it."""

    reads: str
    quantity: Fraction
    turned: bool
    """Whether it is one of the nine registers that passed their end."""
    counted: Fraction
    accepted: bool

    @property
    def verdict(self) -> str:
        """Right, left as an event without energy, or wrong."""
        if self.accepted:
            return "right" if self.counted == self.quantity else "wrong"
        return "event, nothing credited" if self.counted == 0 else "wrong"


def turns() -> list[Turn]:
    """All pairs of the NEM13 files whose second read is below the first."""
    with (DATA / "nem" / "nem13_accumulation_reads.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [_turn(row) for row in rows if Fraction(row["current_read"]) < Fraction(row["previous_read"])]


def _turn(row: dict[str, str]) -> Turn:
    before, after = row["previous_read"], row["current_read"]
    decimals = len(before.partition(".")[2])
    times = [
        int(datetime.strptime(row[name], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp())
        for name in ("previous_read_datetime", "current_read_datetime")
    ]
    values = [int(Fraction(text) * 10**decimals) for text in (before, after)]
    span = 10 ** (len(before.partition(".")[0]) + decimals)
    least = f"0.{'1'.zfill(decimals)} kWh" if decimals else "kWh"
    readings = readings_of(times, values, least_unit=least)
    meter = Meter("M1", "generation", HOUSE_W, times[1] - times[0], register_span=span)
    period = tuple(datetime.fromtimestamp(one, UTC).date() for one in times)
    judgement = judge(readings, [meter], (period[0], period[1]), "+00:00")
    counted = Fraction(sum(line.counted_wh for line in judgement.energy), 1000)
    quantity = Fraction(row["quantity"])
    turned = quantity > 0 and Fraction(values[1] - values[0] + span, 10**decimals) == quantity
    return Turn(
        f"{before} → {after}", quantity, turned, counted,
        any(item.rule == "Q08" for item in judgement.findings),
    )  # fmt: skip
