"""What are the figures of the whole mechanism: issued, traceable, registered, expected, aimed at?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from openjcm.views.statements import Field, fields


@dataclass(frozen=True)
class KeyFigures:
    """Figures of the public record. ``said`` holds what sources say of the mechanism as a whole, by field.

    ``record_taken_on`` is the day of the newest statements on projects: when sources were looked at, not when this
    installation loaded them.
    """

    said: dict[str, Field]
    decided_known_tonnes: int
    decisions_known: int
    decisions_unknown: int
    last_decided_on: date | None
    projects: int
    projects_registered: int
    countries_with_projects: int
    record_taken_on: date | None


def key_figures(connection: psycopg.Connection[Any]) -> KeyFigures:
    """The figures, without the demonstration world. Decisions of unknown amount are counted, not valued."""
    decided = connection.execute(
        """select coalesce(sum(total), 0)::bigint as tonnes, count(total) as known, count(*) - count(total) as unknown,
                  max(decided_on) as latest
           from issuance_decision where world = 'public'"""
    ).fetchone()
    projects = connection.execute(
        """select count(*) as all_of_them, count(registered_on) as registered, count(distinct host_party) as countries,
                  (select max(occurred_on) from journal where act = 'record_statement' and entry_no in
                     (select entry_no from statement where subject_kind = 'project')) as taken
           from project where world = 'public'"""
    ).fetchone()
    assert decided is not None
    assert projects is not None
    return KeyFigures(
        said=fields(connection, "mechanism", "JCM"),
        decided_known_tonnes=decided.tonnes,
        decisions_known=decided.known,
        decisions_unknown=decided.unknown,
        last_decided_on=decided.latest,
        projects=projects.all_of_them,
        projects_registered=projects.registered,
        countries_with_projects=projects.countries,
        record_taken_on=projects.taken,
    )
