"""One project: its figures, its life on a time axis and step by step, what is missing, and every source's word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from openjcm.views.decisions import Decision, Side
from openjcm.views.methodologies import version_facts
from openjcm.views.partners import country_names
from openjcm.views.project import Project, Told, Transfer, project
from openjcm.views.projects import status_class
from openjcm.views.registries import holdings
from openjcm.views.storage import Storage, storage
from openjcm.web.charts.shares import split
from openjcm.web.charts.time_axis import Event, Span, time_axis
from openjcm.web.messages import Speaker
from openjcm.web.pages import long_day, names_in, number, render, svg

Provenance = tuple[str, str]
"""A grade, and what it is the grade of (a source or a part)."""


@dataclass(frozen=True)
class Step:
    """One step in the life of the project's tonnes. ``kind``: ``y`` established, ``q`` cannot tell, ``w`` not yet."""

    kind: str
    when: str
    title: str
    text: str = ""
    provenance: tuple[Provenance, ...] = ()
    link: str = ""
    link_text: str = ""
    day: date | None = field(default=None)


def project_page(request: Request) -> Response:
    """``/ja/projects/MN004`` and ``/en/projects/MN004``; 404 for a reference that is not on record."""
    language = request.url.path.split("/")[1]
    say = Speaker(language)
    with request.app.state.database.reading() as connection:
        found = project(connection, request.path_params["reference"])
        held = holdings(connection, project=found.reference, limit=40) if found else []
        stored = storage(connection, found.reference) if found else None
    if found is None:
        raise HTTPException(404)
    names = names_in(language, country_names())
    today = datetime.now(UTC).date()
    steps = list(_steps(say, found, names, language))
    latest = found.decisions[-1] if found.decisions else None
    return render(
        request,
        "project.html.j2",
        "projects",
        project=found,
        status=status_class(found.status),
        country=names.get(found.host_party, found.host_party),
        names=names,
        steps=steps,
        missing=[step.title for step in steps if step.kind == "q"],
        axis=svg(_axis(say, found, stored, today, language)),
        stored=stored,
        decided=sum(one.total or 0 for one in found.decisions if len(one.projects) == 1),
        decided_known=sum(one.total is not None and len(one.projects) == 1 for one in found.decisions),
        decided_unknown=sum(one.total is None or len(one.projects) > 1 for one in found.decisions),
        latest=latest,
        latest_split=svg(_split(say, latest, names, found.host_party)) if latest else "",
        value_text=value_text,
        serials=held,
        demonstration=found.world == "demonstration",
    )


def value_text(value: Any) -> str:
    """A stated value for the eye."""
    if isinstance(value, bool):
        return "✓" if value else "–"
    if isinstance(value, int):
        return number(value)
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    return str(value)


def _steps(say: Speaker, one: Project, names: dict[str, str], language: str) -> Iterator[Step]:
    yield from _before_decisions(say, one)
    for decision in one.decisions:
        yield from _decision_steps(say, one, decision, names, language)
    if not one.decisions:
        kind = "w" if status_class(one.status) in {"validation", "public_comments", "public_inputs"} else "q"
        yield Step(kind, "", say("life.decision"), say("life.no_decision"), (("unknown", ""),) if kind == "q" else ())
    for transfer in one.transfers:
        yield from _transfer_steps(say, one, transfer)
    for moved in one.moved:
        where = names.get(moved.party, moved.party)
        year = f" {say('life.for_year', year=moved.used_for_year)}" if moved.used_for_year else ""
        yield Step(
            "y",
            str(moved.occurred_on),
            say(f"kind.{moved.kind}"),
            say("life.moved", where=where, tonnes=number(moved.quantity)) + year,
            (("read", say("life.this_ledger")),),
        )
    if one.decisions and not any(moved.kind == "retire" for moved in one.moved):
        known = one.transfers and one.transfers[-1].value("used_on")
        if not known:
            yield Step(
                "q" if one.transfers else "w",
                say("life.by_2032"),
                say("life.retire"),
                say("life.retire_unknown") if one.transfers else say("life.retire_wait"),
                (("unknown", ""),) if one.transfers else (),
            )


def _before_decisions(say: Speaker, one: Project) -> Iterator[Step]:
    for methodology, version in one.methodologies:
        facts = version_facts(methodology, version)
        text = f"{methodology} v{version}" if version else methodology
        if facts and facts.approved:
            yield Step("y", str(facts.approved), say("life.methodology"), text, ((facts.grade, facts.source),))
        else:
            yield Step("q", "", say("life.methodology"), say("life.methodology_unknown", name=text), (("unknown", ""),))
    status = status_class(one.status)
    if one.registered_on:
        said = one.said.get("registration_date")
        provenance = ((said.best.grade, said.best.source),) if said else (("read", say("life.this_ledger")),)
        agree = (
            say("life.sources_agree", count=len(said.said)) if said and len(said.said) > 1 and not said.conflict else ""
        )
        yield Step("y", str(one.registered_on), say("life.registration"), agree, provenance)
    elif status == "withdrawn":
        yield Step("q", "", say("life.registration"), say("life.withdrawn"), (("secondary", ""),))
    elif status == "registered":
        yield Step("q", "", say("life.registration"), say("life.registered_undated"), (("unknown", ""),))
    else:
        yield Step("w", "", say("life.registration"), say(f"status.{status}"))


def _decision_steps(
    say: Speaker, one: Project, decision: Decision, names: dict[str, str], language: str
) -> Iterator[Step]:
    report = next((item for item in one.reports if item.report_sha256 == decision.report_sha256), None)
    if decision.monitoring_start and decision.monitoring_end:
        period = f"{decision.monitoring_start} – {decision.monitoring_end}"
        source = say("life.this_ledger") if report else decision.source
        grade = "read" if report else decision.grade
        extra = say("life.readings_on_file") if report else say("life.readings_unknown")
        yield Step(
            "y", str(decision.monitoring_end.year), say("life.measured"), f"{period}. {extra}", ((grade, source),)
        )
    elif decision.vintages:
        years = ", ".join(decision.vintages).replace("to", "–")
        provenance = ((decision.grade, say("life.year")), ("unknown", say("life.period")))
        yield Step("q", years, say("life.measured"), say("life.vintage_only", years=years), provenance)
    else:
        yield Step("q", "", say("life.measured"), say("life.period_unknown"), (("unknown", ""),))
    if report:
        text = say("life.report_says", tonnes=number(report.emission_reductions), start=report.starts, end=report.ends)
        yield Step(
            "y",
            str(report.submitted_on),
            say("life.report"),
            text,
            (("read", report.report_sha256[:16]),),
            f"/projects/{one.reference}/periods/{report.starts}",
            say("life.see_period"),
        )
        if report.concluded_on:
            verified = say("life.verified_by", verifier=report.verifier or "")
            yield Step(
                "y", str(report.concluded_on), say("life.verified"), verified, (("read", say("life.byte_equal")),)
            )
    else:
        yield Step("q", "", say("life.report_and_verification"), say("life.report_unknown"), (("unknown", ""),))
    group = say("life.group", projects=", ".join(decision.projects)) if len(decision.projects) > 1 else ""
    total = (
        say("life.total", tonnes=number(decision.total)) if decision.total is not None else say("life.total_unknown")
    )
    yield Step(
        "y",
        str(decision.decided_on),
        say("life.decision"),
        f"{total} {group}".strip(),
        ((decision.grade, decision.source),),
    )
    for side in (decision.host, decision.japan):
        if side:
            yield _side_step(say, one, decision, side, names)


def _side_step(say: Speaker, one: Project, decision: Decision, side: Side, names: dict[str, str]) -> Step:
    title = say("life.issued_in", country=names.get(side.party, side.party))
    if side.state == "issued" and side.issued_on:
        assert side.amount is not None
        text = say("life.issued_amount", tonnes=number(side.amount))
        if side.to_government:
            text += " " + say("life.to_government", tonnes=number(side.to_government))
        return Step("y", str(side.issued_on), title, text, ((decision.grade, say("life.same_source")),))
    if side.state == "not_applicable":
        return Step(
            "y", str(decision.decided_on), title, say("life.nothing_due"), ((decision.grade, say("life.same_source")),)
        )
    if one.told and side is decision.host and one.told.due:
        return _told_step(say, title, one.told)
    if decision.world == "demonstration":
        return Step("w", "", title, say("life.not_issued"))
    if side.amount is not None:
        text = say("life.amount_no_day", tonnes=number(side.amount))
        return Step("q", "", title, text, ((decision.grade, say("life.amount")), ("unknown", say("life.day"))))
    return Step("q", "", title, say("life.side_unknown"), (("unknown", ""),))


def _told_step(say: Speaker, title: str, told: Told) -> Step:
    """What the partner's notices tell of the issuances in its registry, all decisions together."""
    assert told.due is not None, "the amounts are known"
    text = say("life.told", partner=told.partner, tonnes=number(told.quantity), due=number(told.due))
    days = {str(day) for day in (told.first_issued_on, told.last_issued_on) if day}
    return Step(
        "y" if told.quantity == told.due else "w", " – ".join(sorted(days)), title, text,
        (("read", say("life.told_by")),), "/partners", say("life.see_partner"),
    )  # fmt: skip


def _transfer_steps(say: Speaker, one: Project, transfer: Transfer) -> Iterator[Step]:
    quantity, day = transfer.value("quantity"), transfer.value("transferred_on")
    projects = transfer.value("projects") or []
    text = say("life.transferred", tonnes=number(quantity)) if isinstance(quantity, int) else say("life.total_unknown")
    if len(projects) > 1:
        text += " " + say("life.group", projects=", ".join(projects))
    number_of_authorization = transfer.value("authorization_id_host")
    if number_of_authorization:
        text += " " + say("life.authorization", number=number_of_authorization)
    provenance = [(transfer.grade("quantity"), transfer.source("quantity"))]
    if not number_of_authorization:
        provenance.append(("unknown", say("life.authorization_number")))
    yield Step("y" if day else "q", str(day or ""), say("life.first_transfer"), text, tuple(provenance))
    if day:
        year = int(str(day)[:4])
        yield Step(
            "q",
            say("life.due", day=f"{year + 1}-04-15"),
            say("life.aef"),
            say("life.aef_unknown", year=year),
            (("unknown", ""),),
            f"/reports/aef/JPN/{year}",
            say("life.aef_ours"),
        )
        due = 2026 if year <= 2025 else 2028
        yield Step("w", say("life.due", day=f"{due}-12-31"), say("life.adjustment"), say("life.adjustment_text"))


def _axis(say: Speaker, one: Project, stored: Storage | None, today: date, language: str) -> str:
    events = [Event(one.registered_on, say("life.registration"))] if one.registered_on else []
    spans = []
    for decision in one.decisions:
        events.append(Event(decision.decided_on, say("life.decision_short")))
        if decision.monitoring_start and decision.monitoring_end:
            spans.append(Span(decision.monitoring_start, decision.monitoring_end))
        elif decision.vintages and all(one[:4].isdigit() for one in decision.vintages):
            first, last = min(decision.vintages)[:4], max(decision.vintages)[-4:]
            spans.append(Span(date(int(first), 1, 1), date(int(last), 12, 31)))
    events += [Event(moved.occurred_on, say(f"kind.{moved.kind}")) for moved in one.moved]
    if stored:
        events += [Event(phase.since, say(f"phase.{phase.name}")) for phase in stored.phases]
        events += [Event(escape.found_on, say("stored.escaped")) for escape in stored.escapes]
    told = [f"{event.label} {long_day(event.day, language)}" for event in sorted(events, key=lambda event: event.day)]
    told += [say("life.span", start=long_day(s.first, language), end=long_day(s.last, language)) for s in spans]
    told.append(say("life.today", day=long_day(today, language)))
    return time_axis(
        events,
        spans,
        today,
        title=say("life.axis_title", events=say("word.comma").join(told)),
        today_label=say("life.today", day=str(today)),
    )


def _split(say: Speaker, decision: Decision, names: dict[str, str], host_party: str) -> str:
    japan = decision.japan.amount if decision.japan else None
    host = decision.host.amount if decision.host else None
    rest = None
    if decision.total is not None:
        rest = decision.total - (japan or 0) - (host or 0)
        rest = rest if rest and (japan is None or host is None) else None
    labels = (say("word.japan"), names.get(host_party, host_party), say("life.rest"))
    known = {labels[0]: japan, labels[1]: host, labels[2]: rest}
    told = [f"{name} {number(amount)} t" for name, amount in known.items() if amount is not None]
    title = say("life.split_title", parts=say("word.comma").join(told) or say("word.unknown"))
    everything = japan is not None and host is not None
    return split(
        japan,
        host,
        rest if not everything else 0,
        names=labels,
        note=say("life.rest_note") if rest else "",
        title=title,
    )
