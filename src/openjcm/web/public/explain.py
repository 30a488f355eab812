"""*Explain a tonne*: one credit, walked back from its serial to the readings that earned it and to its leaf."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from openjcm.refusals import Refused
from openjcm.units import exact
from openjcm.views.day_readings import DayReadings, Reading, day_readings
from openjcm.views.explain_tonne import Calculated, Explanation, Portion, explain_tonne, issued_among
from openjcm.views.methodologies import methodology_shown
from openjcm.views.registries import holdings
from openjcm.web.charts.day_curve import day_curve
from openjcm.web.charts.month_days import DayBar, month_days
from openjcm.web.charts.shares import decided_squares, split
from openjcm.web.charts.waterfall import Bar, waterfall
from openjcm.web.messages import Speaker
from openjcm.web.office import office_of
from openjcm.web.pages import long_day, number, render, svg
from openjcm.web.public.common import language_of, names_for, speaker

EXAMPLES = ("JCM-JP-TH014-2021-1", "JCM-JP-MN004-2017-1", "JCM-JP-MN003.MN004.MN006.MN007-unknown-1")
"""Serials of the real record that show how far the public record goes."""


@dataclass(frozen=True)
class Verdict:
    """One line of *How do you know?*: yes (``y``), no (``n``) or cannot tell (``q``)."""

    kind: str
    title: str
    text: str


@dataclass(frozen=True)
class Day:
    """The day's picture, and the readings behind it."""

    chart: str
    readings: tuple[Reading, ...]
    shown: DayReadings | None
    marked: tuple[datetime, datetime] | None


def explain_index(request: Request) -> Response:
    """``/ja/explain``: choose a serial. ``?serial=…`` leads to its page."""
    typed = request.query_params.get("serial", "").strip()[:200]
    if typed:
        return RedirectResponse(f"/{language_of(request)}/explain/{typed}", 303)
    with request.app.state.database.reading() as connection:
        demonstration = holdings(connection, project="XD001", limit=50)
        examples = issued_among(connection, EXAMPLES)
    blocks = [one for one in demonstration if one.series.startswith("JP-")]
    first = next((one for one in blocks if one.first <= 4 <= one.last), blocks[0] if blocks else None)
    serial = f"JCM-{first.series}-{4 if first.first <= 4 <= first.last else first.first}" if first else None
    return render(request, "explain_index.html.j2", "explain", serial=serial, examples=examples, blocks=demonstration)


def explain(request: Request) -> Response:
    """``/en/explain/JCM-JP-XD001-2022-4``; 404 for a serial that was never issued."""
    say = speaker(request)
    language = language_of(request)
    with request.app.state.database.reading() as connection:
        try:
            found = explain_tonne(connection, request.path_params["serial"])
        except Refused as refused:
            raise HTTPException(404) from refused
        if found is None:
            raise HTTPException(404)
        shown = methodology_shown(connection, found.methodologies[0][0]) if found.methodologies else None
    made = found.calculated
    day = _day(request, say, made, language) if made and made.portion else None
    formulas = [(one, svg(one.mathml)) for one in shown.formulas] if shown and len(shown.formulas) <= 6 else []
    return render(
        request,
        "explain.html.j2",
        "explain",
        x=found,
        made=made,
        names=names_for(request),
        shares=svg(_shares(say, found, names_for(request))),
        waterfall=svg(_waterfall(say, made)) if made else "",
        parts=made.parts if made else (),
        formulas=formulas,
        steps=[step for year in made.body["years"] for step in year["trace"]] if made else [],
        year=made.body["years"][-1] if made else None,
        equation=_equation(made) if made else None,
        month=svg(_month(say, made.portion, language)) if made and made.portion else "",
        day_=day,
        day_chart=svg(day.chart) if day else "",
        findings=_findings(made, language) if made else [],
        verdicts=_verdicts(say, found),
        demonstration=found.world == "demonstration",
        exact_tonnes=number(exact(made.body["total"]["reductions"]), 3) if made else "",
    )


def _shares(say: Speaker, found: Explanation, names: dict[str, str]) -> str:
    one = found.decision
    japan = one.japan.amount if one.japan else None
    host = one.host.amount if one.host else None
    host_name = names.get(one.host_party, one.host_party)
    labels = tuple(
        f"{name} {number(amount)} t" if amount is not None else f"{name} ?"
        for name, amount in ((say("word.japan"), japan), (host_name, host))
    )
    if japan is not None and host is not None and japan + host:
        ours = found.side_party == "JPN"
        marked = found.local_number if ours else 0
        title = say(
            "explain.shares_title", japan=number(japan), host=number(host), country=host_name, number=found.number
        )
        return decided_squares(japan, host, marked, labels=(labels[0], labels[1]), title=title)
    rest = one.total - (japan or 0) - (host or 0) if one.total is not None else None
    told = say("word.comma").join(labels)
    return split(
        japan,
        host,
        rest or None,
        names=(say("word.japan"), host_name, say("life.rest")),
        note="",
        title=say("life.split_title", parts=told),
    )


def _waterfall(say: Speaker, made: Calculated) -> str:
    bars: list[Bar] = []
    reached = Fraction(0)
    for part in made.parts:
        kind = "taken" if part.tonnes < 0 else "bridged" if part.kind == "bridged" else "given"
        label = (say(f"explain.part.{part.kind}"), part.meter)
        bars.append(Bar(label, number(part.tonnes, 3), reached, reached + part.tonnes, kind))
        reached += part.tonnes
    whole = Fraction(made.body["emission_reductions"])
    total = exact(made.body["total"]["reductions"])
    if total != reached:
        bars.append(Bar((say("explain.part.project"),), number(total - reached, 3), reached, total, "taken"))
    bars.append(Bar((say("explain.part.exact"),), number(total, 3), Fraction(0), total, "sum"))
    bars.append(Bar((say("explain.part.rounding"),), number(whole - total, 3), total, whole, "taken"))
    bars.append(Bar((say("explain.part.whole"),), number(whole), Fraction(0), whole, "sum"))
    told = say("word.comma").join(f"{' '.join(bar.label)} {bar.figure}" for bar in bars)
    return waterfall(bars, title=say("explain.waterfall_title", parts=told))


@dataclass(frozen=True)
class Equation:
    """Reductions as energy times factor, where that is the whole formula."""

    tonnes: str
    energy: str
    factor: str
    factor_grade: str


def _equation(made: Calculated) -> Equation | None:
    """``60.322 = 75.686 × 0.797`` where one factor serves every meter and nothing is subtracted; else ``None``."""
    trace = [step for year in made.body["years"] for step in year["trace"]]
    factors = {(step["value"], step["grade"]) for step in trace if step["kind"] in {"fixed", "factor"}}
    energy = sum((part.kwh for part in made.parts), Fraction(0)) / 1000
    if len(factors) != 1:
        return None
    value, grade = next(iter(factors))
    total = exact(made.body["total"]["reductions"])
    if energy * exact(value) != total:
        return None
    return Equation(number(total, 3), number(energy, 3), value, grade)


def _month(say: Speaker, portion: Portion, language: str) -> str:
    bars = [
        DayBar(one.day, one.measured_wh, one.bridged_wh, portion.first_day <= one.day <= portion.last_day)
        for one in portion.month
    ]
    measured = Fraction(sum(bar.measured_wh for bar in bars), 1000)
    bridged = Fraction(sum(bar.bridged_wh for bar in bars), 1000)
    first = bars[0].day
    title = say(
        "explain.month_title",
        month=long_day(f"{first:%Y-%m}", language),
        measured=number(measured, 1),
        bridged=number(bridged, 1),
        first=portion.first_day,
        last=portion.last_day,
    )
    labels = [(one, long_day(first.replace(day=one), language)) for one in (1, 15)]
    return month_days(bars, title=title, axis=say("explain.kwh_axis", kwh="{kwh}"), labels=labels)


def _day(request: Request, say: Speaker, made: Calculated, language: str) -> Day | None:
    portion = made.portion
    assert portion is not None
    last = next(one for one in portion.month if one.day == portion.last_day)
    file = next((one for one in made.files if last.main_meter in one.meters and one.stored and one.is_public), None)
    if file is None:
        return None
    try:
        read = day_readings(office_of(request).files, file, last.main_meter, portion.last_day, made.body["time_zone"])
    except Refused:
        return None
    points = [
        (one.at.hour + one.at.minute / 60, one.power_w / 1000) for one in read.readings if one.power_w is not None
    ]
    inside = _inside(read.readings, float(portion.day_begins_at), float(portion.day_ends_at))
    hours = (
        (inside[0].at.hour + inside[0].at.minute / 60, inside[-1].at.hour + inside[-1].at.minute / 60)
        if inside
        else None
    )
    label = (
        say("explain.marked", number=portion.number, start=f"{inside[0].at:%H:%M}", end=f"{inside[-1].at:%H:%M}")
        if inside
        else ""
    )
    if len(points) < 2:
        return Day("", (), read, None)
    peak = max(kw for _, kw in points)
    title = say(
        "explain.day_title",
        day=long_day(portion.last_day, language),
        meter=read.meter,
        peak=f"{peak:,.1f}",
        label=label,
    )
    chart = day_curve(points, hours, title=title, label=label, axis="{kw} kW")
    return Day(chart, inside, read, (inside[0].at, inside[-1].at) if inside else None)


def _inside(readings: tuple[Reading, ...], begin: float, end: float) -> tuple[Reading, ...]:
    """The readings of the day between two shares of its energy."""
    whole = sum(one.energy_wh or 0 for one in readings)
    if whole <= 0:
        return ()
    reached, chosen = 0.0, []
    for one in readings:
        before = reached
        reached += one.energy_wh or 0
        if one.energy_wh and reached > begin * whole and before < end * whole:
            chosen.append(one)
    return tuple(chosen)


def _findings(made: Calculated, language: str) -> list[dict[str, Any]]:
    order = {"blocks": 0, "explain": 1, "informs": 2}
    found = sorted(made.body["findings"], key=lambda one: order.get(one["severity"], 3))
    return [
        {"rule": one["rule"], "severity": one["severity"], "text": one["message"][language], "clause": one["clause"]}
        for one in found
    ]


def _verdicts(say: Speaker, found: Explanation) -> list[Verdict]:
    made = found.calculated
    verdicts = []
    if made is None:
        for name in ("recomputed", "file", "measured"):
            verdicts.append(Verdict("q", say(f"verdict.{name}"), say("verdict.not_public")))
        kind = "y" if found.decision.grade == "read" else "q"
        verdicts.append(Verdict(kind, say("verdict.decision_read"), say(f"grade_text.{found.decision.grade}")))
    else:
        equal = {True: "y", False: "n", None: "q"}[made.byte_equal]
        verdicts.append(
            Verdict(equal, say("verdict.recomputed"), say(f"verdict.recomputed_{equal}", verifier=made.verifier))
        )
        stored = all(one.stored for one in made.files)
        verdicts.append(
            Verdict("y" if stored else "q", say("verdict.file"), say("verdict.file_text", count=len(made.files)))
        )
        gap = sum((exact(line["gap_seconds"]) for line in made.body["energy"]), Fraction(0))
        verdicts.append(
            Verdict(
                "n" if gap else "y",
                say("verdict.measured"),
                say("verdict.measured_gap", days=number(gap / 86400, 1)) if gap else say("verdict.measured_whole"),
            )
        )
        factors = [step for year in made.body["years"] for step in year["trace"] if step["kind"] in {"fixed", "factor"}]
        read = all(step["grade"] == "read" for step in factors)
        value = factors[0]["value"] if factors else ""
        text = say("verdict.factor_read") if read else say(f"grade_text.{factors[0]['grade']}")
        verdicts.append(Verdict("y" if read else "q", say("verdict.factor", value=value), text))
    if found.log:
        size = number(found.log.checkpoint.tree_size)
        text = say("verdict.log_text", index=number(found.log.leaf.leaf_index), size=size)
        verdicts.append(Verdict("y", say("verdict.log"), text))
    return verdicts
