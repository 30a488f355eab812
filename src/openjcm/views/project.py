"""What is known of one project, from registration to use, and what is missing?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from openjcm.rulebook import country
from openjcm.views.decisions import Decision, decisions
from openjcm.views.statements import Field, fields, subjects


@dataclass(frozen=True)
class Report:
    """A monitoring report on file, with its verification if there is one."""

    report_sha256: str
    starts: date
    ends: date
    emission_reductions: int
    submitted_on: date
    opinion: str | None
    verifier: str | None
    concluded_on: date | None


@dataclass(frozen=True)
class Moved:
    """Credits of the project that moved on one day: kind, registry, tonnes."""

    kind: str
    registry_id: str
    party: str
    occurred_on: date
    quantity: int
    used_for_year: str | None


@dataclass(frozen=True)
class Transfer:
    """An international transfer that sources report, with the fields they give."""

    subject: str
    said: dict[str, Field]

    def value(self, name: str) -> Any:
        """The best known value of a field, or ``None``."""
        return self.said[name].best.value if name in self.said else None

    def grade(self, name: str) -> str:
        """The grade of the best known value."""
        return self.said[name].best.grade if name in self.said else "unknown"

    def source(self, name: str) -> str:
        """The source of the best known value."""
        return self.said[name].best.source if name in self.said else ""


@dataclass(frozen=True)
class Told:
    """What the notices of the partner that keeps the host's registry tell of the project's credits there."""

    partner: str
    quantity: int
    first_issued_on: date | None
    last_issued_on: date | None
    due: int | None
    """What all decisions together give that side; ``None`` where one of them does not say."""


@dataclass(frozen=True)
class Project:
    """One project with everything on record."""

    reference: str
    world: str
    host_party: str
    title: str
    status: str
    registered_on: date | None
    methodologies: tuple[tuple[str, str], ...]
    plan_sha256: str | None
    crediting: tuple[date, date] | None
    said: dict[str, Field]
    decisions: tuple[Decision, ...]
    reports: tuple[Report, ...]
    moved: tuple[Moved, ...]
    transfers: tuple[Transfer, ...]
    told: Told | None
    """``None`` where the host's registry is kept here, or nobody keeps it."""

    def best(self, *names: str) -> Any:
        """The best known value of the first of these fields that is known, or ``None``."""
        return next(
            (self.said[name].best.value for name in names if name in self.said and self.said[name].best.known), None
        )

    @property
    def conflicts(self) -> tuple[Field, ...]:
        """Fields on which sources disagree."""
        return tuple(field for field in self.said.values() if field.conflict)


def project(connection: psycopg.Connection[Any], reference: str) -> Project | None:
    """The project of that reference in either world, or ``None``."""
    row = connection.execute(
        """select reference, world, host_party, title, status, registered_on, methodologies, plan_sha256,
                  lower(crediting_period) as first, upper(crediting_period) - 1 as last
           from project where reference = %s""",
        (reference,),
    ).fetchone()
    if row is None:
        return None
    decided = tuple(reversed(decisions(connection, world=row.world, project=reference)))
    return Project(
        reference=row.reference,
        world=row.world,
        host_party=row.host_party,
        title=row.title,
        status=row.status,
        registered_on=row.registered_on,
        methodologies=tuple((item["id"], item.get("version") or "") for item in row.methodologies),
        plan_sha256=row.plan_sha256,
        crediting=(row.first, row.last) if row.first and row.last else None,
        said=fields(connection, "project", reference),
        decisions=decided,
        reports=_reports(connection, reference),
        moved=_moved(connection, reference),
        transfers=transfers(connection, reference),
        told=_told(connection, row.world, row.host_party, decided),
    )


def transfers(connection: psycopg.Connection[Any], reference: str | None = None) -> tuple[Transfer, ...]:
    """The international transfers that sources report, of one project if it is named."""
    found = [Transfer(subject, said) for subject, said in subjects(connection, "itmo_transfer").items()]
    return tuple(one for one in found if reference is None or reference in (one.value("projects") or []))


def _told(connection: psycopg.Connection[Any], world: str, host: str, decided: tuple[Decision, ...]) -> Told | None:
    registry = host if world == "public" else f"{host}-{world}"
    keeper = connection.execute(
        "select partner from partner_in_force where %s = any(keeps) limit 1", (registry,)
    ).fetchone()
    if keeper is None:
        return None
    row = connection.execute(
        """select coalesce(sum(upper(h.serials) - lower(h.serials)), 0)::bigint as quantity, min(h.issued_on) as first,
                  max(h.issued_on) as last
           from unnest(%s::text[]) as begins join mirror_holding h
             on h.partner = %s and h.series collate "C" >= begins || '-' and h.series collate "C" < begins || '.'""",
        (sorted({_begin_of_series(host, one) for one in decided}), keeper.partner),
    ).fetchone()
    assert row is not None, "a sum is one row"
    amounts = [one.host.amount for one in decided if one.host and one.host.amount is not None]
    due = sum(amounts) if len(amounts) == len(decided) else None
    return Told(keeper.partner, row.quantity, row.first, row.last, due)


def _begin_of_series(host: str, decision: Decision) -> str:
    """Side and projects, with which the series of the host's side begin; a hyphen and the vintage follow."""
    return f"{country(host).iso2}-{'.'.join(sorted(decision.projects))}"


def _reports(connection: psycopg.Connection[Any], reference: str) -> tuple[Report, ...]:
    rows = connection.execute(
        """select r.report_sha256, lower(r.monitoring_period) as starts, upper(r.monitoring_period) - 1 as ends,
                  r.emission_reductions, j.occurred_on, v.opinion, w.request->>'verifier' as verifier, v.concluded_on
           from monitoring_report r join journal j on j.entry_no = r.entry_no
           left join verification v using (report_sha256) left join journal w on w.entry_no = v.entry_no
           where r.project = %s order by 2""",
        (reference,),
    )
    return tuple(
        Report(
            row.report_sha256, row.starts, row.ends, row.emission_reductions, row.occurred_on, row.opinion,
            row.verifier, row.concluded_on,
        )
        for row in rows
    )  # fmt: skip


def _moved(connection: psycopg.Connection[Any], reference: str) -> tuple[Moved, ...]:
    rows = connection.execute(
        """select m.kind, m.registry_id, r.party, m.occurred_on,
                  sum(upper(m.serials) - lower(m.serials))::bigint as quantity,
                  m.details->>'used_for_year' as used_for_year
           from block_origin o join movement m using (origin_id)
           join registry r on r.registry_id = m.registry_id
           where %s = any (o.projects) and m.kind <> 'issue'
           group by 1, 2, 3, 4, 6 order by 4, 1""",
        (reference,),
    )
    return tuple(
        Moved(row.kind, row.registry_id, row.party, row.occurred_on, row.quantity, row.used_for_year) for row in rows
    )
