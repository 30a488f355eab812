"""The home page: what the JCM is, its key figures, the targets, the partners, the latest decisions."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from fastapi import Request
from fastapi.responses import Response

from openjcm.dated import Grade, weakest
from openjcm.views.decisions import Year, by_year, decisions
from openjcm.views.key_figures import key_figures
from openjcm.views.partners import Partner, country_names, partner_rows
from openjcm.views.statements import Field
from openjcm.web.charts.partner_map import partner_map
from openjcm.web.charts.targets import targets
from openjcm.web.charts.years import years
from openjcm.web.messages import Speaker
from openjcm.web.pages import assets, names_in, number, render, svg

STEPS = (
    ("measure", "/explain"),
    ("calculate", "/methodologies"),
    ("verify", "/explain"),
    ("decide", "/issuances"),
    ("issue", "/registries"),
    ("transfer", "/registries"),
    ("report", "/downloads"),
)
MILLION = 1_000_000


def home(request: Request) -> Response:
    """``/ja/`` and ``/en/``."""
    language = request.url.path.split("/")[1]
    say = Speaker(language)
    today = datetime.now(UTC).date()
    with request.app.state.database.reading() as connection:
        figures = key_figures(connection)
        partners = partner_rows(connection, today)
        decided = decisions(connection)
        by_years = by_year(connection)
    issued, expected = (
        figures.said.get("issued_total"),
        figures.said.get("expected_from_existing_projects"),
    )
    goals = figures.said.get("target_fy2030"), figures.said.get("target_fy2040")
    issued_mt, expected_mt = _millions(issued), _millions(expected)
    ranked = sorted(partners, key=lambda one: (-one.projects, one.name_en))
    counts = {status: sum(one.article6_status == status for one in partners) for status in _STATUSES}
    checked = [one.checked_on for one in partners if one.checked_on]
    return render(
        request,
        "home.html.j2",
        "home",
        steps=STEPS,
        figures=figures,
        issued=issued,
        expected=expected,
        target=goals[0],
        target_mt=tuple(number(_millions(goal) or 0) for goal in goals),
        issued_mt=number(issued_mt, 2) if issued_mt is not None else "",
        expected_mt=number(expected_mt) if expected_mt is not None else "",
        targets_lead=(
            say("home.targets_lead", share=f"{number(issued_mt * 100)} %" if issued_mt < 1 else "100 %")
            if issued_mt is not None
            else say("home.targets_lead_unknown")
        ),
        targets_chart=svg(_targets(say, issued_mt, expected_mt)),
        partners=partners,
        partner_grade=weakest(Grade(one.signed_grade) for one in partners).value,
        partner_source=partners[-1].signed_source if partners else "",
        partners_checked=max(checked, default=today),
        ranked=ranked,
        status_counts=counts,
        status_grade=weakest(Grade(one.article6_grade) for one in partners if one.article6_status != "unknown").value,
        status_source=_most_common([one.article6_source for one in partners]),
        map_lead=_map_lead(say, partners, language),
        map_chart=svg(_map(say, partners, ranked, language)),
        years=by_years,
        years_chart=svg(years(by_years, title=years_title(say, by_years), language=language)),
        decided_grade=weakest(Grade(one.grade) for one in decided).value,
        latest=decided[:7],
        decision_count=len(decided),
        names=names_in(language, country_names()),
    )


_STATUSES = ("adopted", "preparing", "first_joint_committee_pending", "unknown")


def _millions(field: Field | None) -> Fraction | None:
    if field is None or not isinstance(field.best.value, int):
        return None
    return Fraction(field.best.value, MILLION)


def _targets(say: Speaker, issued: Fraction | None, expected: Fraction | None) -> str:
    title = say(
        "home.targets_title",
        issued=number(issued, 2) if issued is not None else say("word.unknown"),
        expected=number(expected) if expected is not None else say("word.unknown"),
    )
    return targets(issued, expected, title=title, first=say("home.first_target"), second=say("home.second_target"))


def _map_lead(say: Speaker, partners: list[Partner], language: str) -> str:
    if not partners:
        return ""
    first, last = partners[0], partners[-1]
    return say(
        "home.map_lead",
        count=len(partners),
        first=first.name(language),
        first_year=first.signed_on.year,
        last=last.name(language),
        last_year=last.signed_on.year,
    )


def _map(say: Speaker, partners: list[Partner], ranked: list[Partner], language: str) -> str:
    most = say("word.comma").join(
        say("home.map_dot", name=one.name(language), count=one.projects) for one in ranked[:6] if one.projects
    )
    return partner_map(
        partners,
        land=assets().url("land.svg"),
        language=language,
        title=say("home.map_title", count=len(partners)),
        desc=say("home.map_desc", most=most),
        japan=say("word.japan"),
        inset=say("home.map_inset"),
        projects=say("home.map_dot", name="{name}", count="{count}"),
    )


def years_title(say: Speaker, rows: list[Year]) -> str:
    """The title of the chart by year: every year with its figures."""

    def one(row: Year) -> str:
        known = say("home.year_known", tonnes=number(row.tonnes)) if row.known else say("word.none_on_record")
        unknown = say("home.year_unknown", count=row.unknown) if row.unknown else ""
        return say("home.year_says", year=row.year, known=known, unknown=unknown)

    return say("home.years_title", years=" ".join(one(row) for row in rows))


def _most_common(texts: list[str]) -> str:
    return max(texts, key=texts.count, default="")
