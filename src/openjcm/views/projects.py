"""Which projects are on the public record, by search, country, scope, status and methodology?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from openjcm.views.statements import GRADE_ORDER

PAGE_SIZE = 25

STATUS_WORDS = {
    "registered": ("project registered", "registered"),
    "validation": ("validation",),
    "public_comments": ("open for public comments", "public_comments"),
    "public_inputs": ("open for public inputs", "public_inputs"),
    "withdrawn": ("withdrawn", "request for registration withdrawn"),
}

SORTS = {
    "reference": "reference",
    "country": "host_party, reference",
    "title": "lower(title)",
    "status": "status, reference",
    "registered": "registered_on",
    "estimate": "estimate",
    "issued": "issued",
}
"""Sort keys of the list and the expression behind each; anything else in the address falls back to the estimate."""


def status_class(status: str) -> str:
    """One of our words for a source's phrase; ``cannot_tell`` for a phrase that we do not understand."""
    folded = status.strip().lower().replace("-", "_")
    for word, phrases in STATUS_WORDS.items():
        if folded == word or folded in phrases:
            return word
    return "withdrawn" if "withdraw" in folded else "cannot_tell"


@dataclass(frozen=True)
class Query:
    """What a reader asked for. Empty text means any."""

    text: str = ""
    country: str = ""
    scope: str = ""
    status: str = ""
    methodology: str = ""
    sort: str = "estimate"
    descending: bool = True
    page: int = 1


@dataclass(frozen=True)
class ProjectRow:
    """One line of the list. Unknown values are ``None``."""

    reference: str
    world: str
    host_party: str
    title: str
    status: str
    registered_on: date | None
    methodologies: tuple[tuple[str, str], ...]
    participant_japan: str | None
    participant_host: str | None
    scope: str | None
    estimate: int | None
    estimate_grade: str | None
    issued: int | None
    issued_grade: str | None
    decisions_unknown: int


@dataclass(frozen=True)
class Listing:
    """One page of the list, how many rows match, and the sum of their estimates."""

    rows: tuple[ProjectRow, ...]
    count: int
    query: Query

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.count // PAGE_SIZE))


@dataclass(frozen=True)
class Facet:
    """A value to filter by and how many projects have it."""

    value: str
    count: int


@dataclass(frozen=True)
class Facets:
    """What can be filtered by, with counts over the whole public record."""

    countries: tuple[Facet, ...]
    scopes: tuple[Facet, ...]
    statuses: tuple[Facet, ...]
    methodologies: tuple[Facet, ...]


@dataclass(frozen=True)
class Sums:
    """Figures over all public projects."""

    projects: int
    registered: int
    countries: int
    estimate: int
    estimates_known: int
    with_issued_amount: int


def _best(expression: str, where: str) -> str:
    """The first value by grade, then by order of statement: the same choice as :attr:`Field.best`."""
    return (
        f"(array_agg({expression} order by {GRADE_ORDER}, statement_id) filter (where {where} and value <> 'null'))[1]"
    )


_SCOPE = "field in ('project_type', 'project_type_unep')"
_ESTIMATE = "field = 'estimated_tco2e_per_year' and jsonb_typeof(value) = 'number'"
_LIST = f"""
    with said as materialized (
        select subject as reference,
               {_best("value #>> '{}'", "field = 'participants_japan'")} as participant_japan,
               {_best("value #>> '{}'", "field = 'participants_host'")} as participant_host,
               {_best("value #>> '{}'", _SCOPE)} as scope,
               {_best("(value #>> '{}')::bigint", _ESTIMATE)} as estimate,
               {_best("grade", _ESTIMATE)} as estimate_grade
        from statement
        where subject_kind = 'project' and field in ('participants_japan', 'participants_host', 'project_type',
              'project_type_unep', 'estimated_tco2e_per_year')
        group by subject),
    issued as materialized (
        select reference, sum(d.total) filter (where cardinality(d.projects) = 1)::bigint as issued,
               count(*) filter (where d.total is null or cardinality(d.projects) > 1) as unknown,
               max(j.request->>'grade') as grade
        from issuance_decision d join journal j on j.entry_no = d.entry_no, unnest(d.projects) as reference
        group by reference),
    listed as (
        select p.reference, p.world, p.host_party, p.title, p.status, p.registered_on, p.methodologies,
               s.participant_japan, s.participant_host, s.scope, s.estimate, s.estimate_grade,
               i.issued, i.grade as issued_grade, coalesce(i.unknown, 0) as unknown
        from project p left join said s using (reference) left join issued i using (reference)
        where p.world = %(world)s)
"""  # noqa: S608

_WHERE = """
    where (%(text)s = '' or concat_ws(' ', reference, title, participant_japan, participant_host,
                                         %(names)s::jsonb->>host_party)
              ilike '%%' || %(pattern)s || '%%')
      and (%(country)s = '' or host_party = %(country)s)
      and (%(scope)s = '' or scope = %(scope)s)
      and (%(statuses)s::text[] is null or lower(status) = any (%(statuses)s::text[]))
      and (%(methodology)s = '' or methodologies @> jsonb_build_array(jsonb_build_object('id', %(methodology)s::text)))
"""


def projects(
    connection: psycopg.Connection[Any],
    query: Query,
    *,
    names: str = "{}",
    world: str = "public",
    everything: bool = False,
) -> Listing:
    """One page of the projects that match, or all of them.

    Args:
        connection: an open connection.
        query: filters, order and page.
        names: JSON object of country names by ISO 3166-1 alpha-3 code, so that a country's name finds its projects.
        world: ``public``, or ``demonstration`` for the fictitious projects, which are never mixed in.
        everything: all rows on one page, for downloads.
    """
    expression = SORTS.get(query.sort, SORTS["estimate"])
    direction = "desc" if query.descending else "asc"
    order = ", ".join(f"{part} {direction} nulls last" for part in expression.split(", "))
    parameters = {
        "world": world,
        "text": query.text,
        "pattern": query.text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_"),
        "names": names,
        "country": query.country,
        "scope": query.scope,
        "statuses": list(STATUS_WORDS.get(query.status, (query.status,))) if query.status else None,
        "methodology": query.methodology,
        "limit": None if everything else PAGE_SIZE,
        "offset": 0 if everything else (query.page - 1) * PAGE_SIZE,
    }
    rows = connection.execute(
        f"{_LIST} select *, count(*) over () as matched from listed {_WHERE} order by {order}, reference"  # noqa: S608
        " limit %(limit)s offset %(offset)s",
        parameters,
    ).fetchall()
    count = rows[0].matched if rows else 0
    if not rows and query.page > 1:
        counted = connection.execute(f"{_LIST} select count(*) as matched from listed {_WHERE}", parameters).fetchone()  # noqa: S608
        count = counted.matched if counted else 0
    return Listing(tuple(_row(row) for row in rows), count, query)


def facets(connection: psycopg.Connection[Any], world: str = "public") -> Facets:
    """What the list can be filtered by."""
    rows = connection.execute(
        """select 'country' as kind, host_party as value, count(*) as count
               from project where world = %(world)s group by 2
           union all select 'status', status, count(*) from project where world = %(world)s group by 2
           union all select 'methodology', m->>'id', count(*)
               from project, jsonb_array_elements(methodologies) as m where world = %(world)s group by 2
           union all select 'scope', s.value #>> '{}', count(distinct s.subject)
               from statement s join project p on p.reference = s.subject
               where s.subject_kind = 'project' and s.field in ('project_type', 'project_type_unep')
                 and p.world = %(world)s and s.value <> 'null' group by 2
           order by 3 desc, 2""",
        {"world": world},
    ).fetchall()
    groups: dict[str, list[Facet]] = {"country": [], "status": [], "methodology": [], "scope": []}
    for row in rows:
        groups[row.kind].append(Facet(row.value, row.count))
    statuses: dict[str, int] = {}
    for facet in groups["status"]:
        statuses[status_class(facet.value)] = statuses.get(status_class(facet.value), 0) + facet.count
    return Facets(
        countries=tuple(groups["country"]),
        scopes=tuple(groups["scope"]),
        statuses=tuple(Facet(value, count) for value, count in statuses.items()),
        methodologies=tuple(sorted(groups["methodology"], key=lambda facet: facet.value)),
    )


def sums(connection: psycopg.Connection[Any]) -> Sums:
    """Figures over all public projects; unknown estimates are counted out, never taken as zero."""
    row = connection.execute(
        _LIST  # noqa: S608
        + """select count(*) as projects, count(registered_on) as registered, count(distinct host_party) as countries,
                coalesce(sum(estimate), 0)::bigint as estimate, count(estimate) as known, count(issued) as issued
            from listed""",
        {"world": "public"},
    ).fetchone()
    assert row is not None
    return Sums(row.projects, row.registered, row.countries, row.estimate, row.known, row.issued)


def demonstration_references(connection: psycopg.Connection[Any]) -> list[str]:
    """The fictitious projects, which stand apart."""
    rows = connection.execute("select reference from project where world = 'demonstration' order by reference")
    return [row.reference for row in rows]


def per_country(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Number of public projects by host Party (ISO 3166-1 alpha-3)."""
    rows = connection.execute("select host_party, count(*) as count from project where world = 'public' group by 1")
    return {row.host_party: row.count for row in rows}


def _row(row: Any) -> ProjectRow:
    return ProjectRow(
        reference=row.reference,
        world=row.world,
        host_party=row.host_party,
        title=row.title,
        status=row.status,
        registered_on=row.registered_on,
        methodologies=tuple((item["id"], item.get("version") or "") for item in row.methodologies),
        participant_japan=row.participant_japan,
        participant_host=row.participant_host,
        scope=row.scope,
        estimate=row.estimate,
        estimate_grade=row.estimate_grade,
        issued=row.issued,
        issued_grade=row.issued_grade,
        decisions_unknown=row.unknown,
    )
