"""What the records of the meters say of the errors of a report's inputs, and the budget that follows.

The accuracy of a meter is a dated fact (class or percent, with its document); energy that a gap step put in place of
readings errs by its whole size. What the plan itself states in ``uncertainty`` stands beside them, and goes before them
for its symbol. About every other input nothing is known here, and the budget says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from openjcm.mrv.calibration_rules import ACCURACY_CLASSES
from openjcm.mrv.error_terms import STANDARD, ErrorTerm, Statements, read_statements
from openjcm.mrv.meter_facts import MeterFact
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.plan import MonitoringPlan, PlanMeter
from openjcm.mrv.timeline import MeterTimeline, timeline_of
from openjcm.reports.report_results import results_of
from openjcm.reports.uncertainty_budget import UncertaintyReport, uncertainty_report
from openjcm.units import exact


def report_uncertainty(
    report: Mapping[str, Any],
    plan: MonitoringPlan,
    recorded: Sequence[MeterFact],
    draws: int | None = None,
) -> UncertaintyReport:
    """The uncertainty of a monitoring report by what is on record of its meters.

    Args:
        report: the report as plain data.
        plan: the plan that it was made from.
        recorded: the facts of the plan's meters that are on record beside the plan.
        draws: see :func:`openjcm.reports.uncertainty_budget.uncertainty_report`.

    Raises:
        Refused: what :func:`~openjcm.reports.report_results.results_of`, :func:`statements_on_record` and the budget
            refuse.
    """
    results = results_of(report)
    statements = statements_on_record(report, plan, recorded, results[0][1].methodology)
    last = date.fromisoformat(report["monitoring_period"]["end"])
    return uncertainty_report(results, statements, last, draws=draws)


def statements_on_record(
    report: Mapping[str, Any], plan: MonitoringPlan, recorded: Sequence[MeterFact], methodology: Methodology
) -> Statements:
    """The error terms by symbol: those of the plan; for symbols that it does not name, those of the meters' records.

    Where two meters make one value together, each one's percentage is taken of the whole: the wider side.

    Raises:
        Refused: what :func:`openjcm.mrv.error_terms.read_statements` and a meter's timeline refuse.
    """
    period = report["monitoring_period"]
    days = date.fromisoformat(period["start"]), date.fromisoformat(period["end"])
    stated = read_statements(plan.uncertainty, methodology) if plan.uncertainty else {}
    by_place: dict[tuple[str, str], list[PlanMeter]] = {}
    for item in plan.meters:
        if item.symbol not in stated:
            by_place.setdefault((item.symbol, item.at), []).append(item)
    found: dict[str, tuple[ErrorTerm, ...]] = dict(stated)
    for (symbol, _), items in by_place.items():
        accuracies = [tuple(_accuracy(item, timeline_of(item.meter, recorded), days)) for item in items]
        if all(accuracies):  # a place of which one meter is unknown is unknown
            estimated = (term for item in items for term in _estimated(item, report["energy"]))
            found[symbol] = (*found.get(symbol, ()), *(term for terms in accuracies for term in terms), *estimated)
    return found


def _accuracy(item: PlanMeter, timeline: MeterTimeline, days: tuple[date, date]) -> Iterable[ErrorTerm]:
    """The widest error limit of the facts on accuracy that held on a day of the period since the meter stands there.

    None if a day has none.
    """
    installed = [fact.day for fact in timeline.standing("installation") if fact.day is not None]
    first, last = max(days[0], min(installed, default=days[0])), days[1]
    facts = [fact for fact in timeline.standing("accuracy") if fact.day is not None and first < fact.day <= last]
    held = timeline.holding("accuracy", first)
    limits = [(limit, fact) for fact in (held, *facts) if fact is not None and (limit := error_limit(fact)) is not None]
    if held is None or len(limits) <= len(facts):
        return ()
    percent, fact = max(limits, key=lambda pair: pair[0])
    return (
        ErrorTerm("accuracy_class", _document(item, fact), at=_at(item), distribution="rectangular", percent=percent),
    )


def error_limit(fact: MeterFact) -> Fraction | None:
    """The error limit of a fact on accuracy, in percent; ``None`` for a class that is not on file."""
    if "percent" in fact.value:
        return fact.number("percent")
    known = ACCURACY_CLASSES.get(str(fact.value.get("class")))
    return known.percent if known else None


def _document(item: PlanMeter, fact: MeterFact) -> str:
    named = ", ".join(document.name for document in fact.documents)
    return f"{item.meter.meter_id}: {named or fact.id[:12]}"


def _estimated(item: PlanMeter, energy: Sequence[Mapping[str, Any]]) -> Iterable[ErrorTerm]:
    """Energy that a gap step estimated errs by its whole size: the largest share of it in a calendar year."""
    whole: dict[int, Fraction] = {}
    estimated: dict[int, Fraction] = {}
    steps: set[str] = set()
    for line in (line for line in energy if line["meter"] == item.meter.meter_id):
        year, kwh = line["year"], {name: exact(text) for name, text in line["kwh"].items()}
        by_step = {name: exact(text) for name, text in line["substituted_by_step"]["kwh"].items() if exact(text)}
        steps |= by_step.keys()
        estimated[year] = estimated.get(year, Fraction(0)) + sum(by_step.values(), Fraction(0))
        counted = kwh["measured"] + kwh["bridged"] + kwh["calibration"] + sum(by_step.values(), Fraction(0))
        whole[year] = whole.get(year, Fraction(0)) + counted
    shares = [100 * estimated[year] / whole[year] for year in whole if whole[year] and estimated[year]]
    if not shares:
        return ()
    document = f"{item.meter.meter_id}: {', '.join(sorted(steps))}"
    return (
        ErrorTerm("estimated", document, at=_at(item), distribution="normal", meaning=STANDARD, percent=max(shares)),
    )


def _at(item: PlanMeter) -> tuple[str, ...]:
    return (item.at,) if item.at else ()
