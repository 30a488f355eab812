"""What OpenJCM and a naive sum make of a case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from benchmarks.faults.cases import Case, energy_of
from numpy.typing import NDArray

from openjcm.mrv.engine import flags
from openjcm.mrv.quality import Judgement, QualityRules, judge
from openjcm.refusals import Severity

Marks = NDArray[np.bool_]
FAULT_BITS = ("Q02", "Q04", "Q05", "Q08", "Q09", "Q10", "Q11", "Q12", "Q13", "Q14", "Q23", "Q24", "Q26")
WHOLE = {"Q10", "Q11", "Q13", "Q15", "Q16", "Q32", "Q33"}
"""What tells of a fault of a whole series: clock, zone, unit, factor. (Q13 also says that it cannot be told.)"""


@dataclass(frozen=True)
class Verdict:
    """What was found in a case: marked rows, rules seen, energy, and whether a finding blocks the meter.

    ``counted_wh`` holds substituted energy, ``measured_wh`` does not.
    """

    marks: Marks
    rules: frozenset[str]
    counted_wh: int
    measured_wh: int
    blocked: bool


def judged(case: Case, rules: QualityRules | None = None) -> tuple[Judgement, NDArray[np.int64]]:
    """The judgement of a case, and for each of its readings the row of the case."""
    meter = replace(case.site.meter, **case.facts)
    readings = case.site.readings([int(one) for one in case.seconds], [int(one) for one in case.values])
    first, last = (datetime.fromtimestamp(int(one), UTC).date() for one in (case.seconds.min(), case.seconds.max()))
    period = (first - timedelta(days=1), last + timedelta(days=1))
    return judge(readings, [meter], period, case.site.zone, rules), readings.column("row") - 2


def verdict(case: Case, rules: QualityRules | None = None) -> Verdict:
    """What the rules say of a case."""
    judgement, row = judged(case, rules)
    wrong = np.uint32(sum(getattr(flags, rule) for rule in FAULT_BITS))
    standby = _standby(case)
    found = ((judgement.flags & wrong) != 0) & ~standby[row]
    for rule, _, places in judgement.seen:
        if rule not in {"Q18", "Q15", "Q16", "Q32", "Q32 down", "Q33", "Q33 low"}:
            found[places] = True
    marks = np.zeros(len(case.values), dtype=np.bool_)
    marks[row[found]] = True
    told = frozenset(item.rule for item in judgement.findings if item.row_count or item.rule != "Q13")
    severe = {item.rule for item in judgement.findings if item.severity is Severity.BLOCKS}
    counted = sum(line.counted_wh for line in judgement.energy)
    measured = sum(line.measured_wh + line.bridged_wh for line in judgement.energy)
    return Verdict(marks, told, counted, measured, bool(severe))


def _standby(case: Case) -> Marks:
    """Rows whose only peculiarity is a small negative value: what an inverter takes at night."""
    if case.site.kind == "cumulative":
        return np.zeros(len(case.values), dtype=np.bool_)
    top = int(np.quantile(case.site.values, 0.99))
    small: Marks = (case.values < 0) & (case.values > -top // 20)
    return small


def naive(case: Case) -> int:
    """What a plain sum gives: all positive differences of a register, all values of a record."""
    order = np.argsort(case.seconds, kind="stable")
    values = case.values[order]
    if case.site.kind == "cumulative":
        steps = np.diff(values)
        return int(steps[steps > 0].sum())
    return energy_of(case.site, values)
