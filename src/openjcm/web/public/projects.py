"""The list of projects: a GET form, sortable, in pages, and as CSV."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from openjcm.views.key_figures import key_figures
from openjcm.views.partners import country_names
from openjcm.views.projects import (
    PAGE_SIZE,
    SORTS,
    Facets,
    Listing,
    Query,
    demonstration_references,
    facets,
    projects,
    status_class,
    sums,
)
from openjcm.web.charts.shares import status_strip
from openjcm.web.csv_table import csv_table
from openjcm.web.messages import Speaker
from openjcm.web.pages import long_day, names_in, number, render, svg


def query_of(request: Request) -> Query:
    """What the address asks for; a page or sort key that makes no sense falls back to the first, or the estimate."""
    given = request.query_params
    sort = given.get("sort", "-estimate")
    page = given.get("page", "1")
    return Query(
        text=given.get("q", "").strip()[:100],
        country=given.get("country", "")[:8],
        scope=given.get("scope", "")[:80],
        status=given.get("status", "")[:40],
        methodology=given.get("methodology", "")[:40],
        sort=sort.removeprefix("-") if sort.removeprefix("-") in SORTS else "estimate",
        descending=sort.startswith("-") or sort not in SORTS,
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )


def address_of(query: Query, **changes: object) -> str:
    """The query part of an address for these filters."""
    fields = {
        "q": query.text,
        "country": query.country,
        "scope": query.scope,
        "status": query.status,
        "methodology": query.methodology,
        "sort": ("-" if query.descending else "") + query.sort,
    } | changes
    return urlencode({key: value for key, value in fields.items() if value not in {"", None}})


def project_list(request: Request) -> Response:
    """``/ja/projects`` and ``/en/projects``."""
    language = request.url.path.split("/")[1]
    say = Speaker(language)
    query = query_of(request)
    names = country_names()
    with request.app.state.database.reading() as connection:
        figures = key_figures(connection)
        listing = projects(connection, query, names=both_names(names))
        if query.page > listing.pages:
            query = replace(query, page=listing.pages)
            listing = projects(connection, query, names=both_names(names))
        found = facets(connection)
        totals = sums(connection)
        demonstration = demonstration_references(connection)
    text, chart = _status(say, found)
    taken = long_day(figures.record_taken_on, language) if figures.record_taken_on else say("word.unknown")
    return render(
        request,
        "projects.html.j2",
        "projects",
        query=query,
        listing=listing,
        facets=found,
        sums=totals,
        names=names_in(language, names),
        taken=say("projects.kf.source", day=taken),
        estimate_mt=number(Fraction(totals.estimate, 1_000_000), 2),
        status_chart=svg(chart),
        status_text=text,
        status_class=status_class,
        first=(query.page - 1) * PAGE_SIZE + 1,
        largest=max((row.estimate or 0 for row in listing.rows), default=0),
        filtered=bool(query.text or query.country or query.scope or query.status or query.methodology),
        csv_url="/api/v1/projects.csv?" + address_of(query),
        page_url=lambda page: f"/{language}/projects?{address_of(query, page=page)}",
        first_of=first_of,
        demonstration=demonstration,
    )


def both_names(names: dict[str, tuple[str, str]]) -> str:
    """Country names in both languages as one text per code, so that either finds the country's projects."""
    return json.dumps({code: " ".join(pair) for code, pair in names.items()}, ensure_ascii=False)


def first_of(participants: str | None) -> str:
    """The first of several participants, without the remark in brackets."""
    return (participants or "").split(";")[0].split(" (")[0].strip()


def _status(say: Speaker, found: Facets) -> tuple[str, str]:
    counts = {facet.value: facet.count for facet in found.statuses}
    still_open = sum(counts.get(word, 0) for word in ("validation", "public_comments", "public_inputs"))
    registered, withdrawn, tell = (counts.get(word, 0) for word in ("registered", "withdrawn", "cannot_tell"))
    text = say("projects.strip", registered=registered, open=still_open, withdrawn=withdrawn, tell=tell)
    parts = [(registered, "f-jp"), (still_open, "f-jps"), (withdrawn, "f-mute"), (tell, "f-tellbg s-tell dash")]
    return text, status_strip(parts, title=text)


def projects_csv(listing: Listing, names: dict[str, tuple[str, str]]) -> str:
    """The rows as CSV (RFC 4180, UTF-8 with a byte order mark so that spreadsheets read Japanese). Unknown is empty."""
    header = (
        "reference", "host_party", "host_country", "title", "status", "registered_on", "methodologies",
        "participants_host", "participants_japan", "scope", "estimated_tco2e_per_year", "estimate_grade",
        "issued_tco2e_known", "issued_grade", "decisions_of_unknown_amount",
    )  # fmt: skip
    rows = (
        (
            row.reference, row.host_party, names.get(row.host_party, (row.host_party, ""))[0], row.title,
            status_class(row.status), row.registered_on,
            "; ".join(" v".join(pair) for pair in row.methodologies),
            row.participant_host, row.participant_japan, row.scope,
            row.estimate, row.estimate_grade or "unknown", row.issued,
            row.issued_grade, row.decisions_unknown,
        )
        for row in listing.rows
    )  # fmt: skip
    return csv_table(header, rows)
