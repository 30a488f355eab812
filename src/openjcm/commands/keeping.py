"""What is kept against reversal: what several acts look up of storage sites and forests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from openjcm.commands.framework import Desk
from openjcm.commands.lookups import UNKNOWN_PROJECT
from openjcm.methodologies import methodology
from openjcm.refusals import Refused, refusal
from openjcm.registry.storage import KEPT_SHARE_MISSING, Escape, KeptShare, Phase, PhaseFact
from openjcm.rulebook import rule

UNKNOWN_REVERSAL = refusal(
    "unknown_reversal",
    en="There is no reversal {reversal} on record.",
    ja="反転 {reversal} は記録されていません。",
    remedy_en="Record it first (record_reversal), or check its name.",
    remedy_ja="先に記録する (record_reversal) か、名称を確認してください。",
    clause="OpenJCM: what is made good for is on record",
    status=404,
)
STORAGE, FOREST = "storage", "forest"
SHARE_RULES = {STORAGE: "ccs_reserve_share", FOREST: "redd_plus_buffer_share"}
ACCOUNT_TYPES = {STORAGE: "reserve", FOREST: "buffer"}


@dataclass(frozen=True)
class Kept:
    """A project against whose reversal something is kept."""

    project: str
    host: str
    kind: str
    """``storage`` or ``forest``."""
    phases: tuple[PhaseFact, ...]
    escapes: tuple[Escape, ...]
    """Those not made good yet."""


def kept_of(desk: Desk, project: str) -> Kept | None:
    """What is on record of a storage site or a forest; ``None`` for any other project.

    A site is known by its methodology or by a phase on record, a forest by its methodology.

    Raises:
        Refused: ``unknown_project``.
    """
    row = desk.connection.execute(
        "select host_party, methodologies, world from project where reference = %s", [project]
    ).fetchone()
    if row is None:
        raise UNKNOWN_PROJECT(project=project, world="–")
    phases = tuple(
        PhaseFact(Phase(phase), since)
        for phase, since in desk.connection.execute(
            "select phase, since from storage_phase where project = %s order by since", [project]
        )
    )
    kind = STORAGE if phases else kind_of(item["id"] for item in row[1])
    return Kept(project, row[0], kind, phases, escapes_of(desk, project)) if kind else None


def kind_of(methodologies: Any) -> str:
    """What the scope of a methodology says: a store, a forest, or neither (an empty text)."""
    for name in methodologies:
        try:
            scope = methodology(name).scope
        except Refused:  # a project of the public record may name a methodology that is not on file
            continue
        if "CCS" in scope:
            return STORAGE
        if "REDD" in scope or "fforestation" in scope:
            return FOREST
    return ""


_ESCAPES = """
    select r.reversal_id, r.project, r.phase, r.found_on, r.tonnes,
           (r.tonnes - coalesce((select sum(s.tonnes) from reversal_settlement s
                                 where s.reversal_id = r.reversal_id), 0))::bigint as left
    from reversal r where (%s::text is null or r.project = %s) and (%s::text is null or r.reversal_id = %s)
    order by r.found_on, r.reversal_id for no key update of r
"""


def escapes_of(desk: Desk, project: str) -> tuple[Escape, ...]:
    """What escaped from a project and is not made good yet, locked until the act ends."""
    rows = desk.connection.execute(_ESCAPES, [project, project, None, None])
    return tuple(escape for row in rows if (escape := _escape(row)).left)


def escape_of(desk: Desk, reversal_id: str) -> Escape:
    """One reversal, locked.

    Raises:
        Refused: ``unknown_reversal``.
    """
    row = desk.connection.execute(_ESCAPES, [None, None, reversal_id, reversal_id]).fetchone()
    if row is None:
        raise UNKNOWN_REVERSAL(reversal=reversal_id)
    return _escape(row)


def _escape(row: Sequence[Any]) -> Escape:
    return Escape(row[0], row[1], Phase(row[2]) if row[2] else None, row[3], row[4], row[5])


def in_reserve(desk: Desk, project: str) -> int:
    """How many credits of a project lie in reserve and buffer accounts."""
    row = desk.connection.execute(
        "select coalesce(sum(upper(h.serials) - lower(h.serials)), 0)::bigint"
        " from account a join holding h using (account_id) join block_origin o using (origin_id)"
        " where a.account_type in ('reserve', 'buffer') and o.projects @> array[%s::text]",
        [project],
    ).fetchone()
    return int(row[0]) if row else 0


def decided_on_period_of(desk: Desk, escape: Escape) -> bool:
    """Whether the Joint Committee decided on a period in which the day of the escape lies."""
    return (
        desk.connection.execute(
            "select 1 from issuance_decision where projects @> array[%s::text] and monitoring_period @> %s::date",
            [escape.project, escape.found_on],
        ).fetchone()
        is not None
    )


def kept_share(kept: Kept, day: date, stated: Mapping[str, str] | None) -> tuple[KeptShare, list[dict[str, str]]]:
    """The share that is kept of an issuance, and the rules it rests on with their grades.

    Raises:
        Refused: ``kept_share_missing`` where neither a rule nor the decision states it.
    """
    name = SHARE_RULES[kept.kind]
    found = rule(kept.host, name, day)
    rounding = rule(kept.host, "ccs_reserve_rounding", day)
    share = found.value if isinstance(found.value, Fraction) else None
    shown = [{"rule": name, "taken": str(share or "–"), "grade": found.grade.value}]
    if stated is not None:
        share = Fraction(stated["share"])
        shown = [{"rule": name, "taken": str(share), "grade": "stated", "source": stated["source"]}]
    if share is None:
        raise KEPT_SHARE_MISSING(project=kept.project, day=day, rule=name)
    base = rule(kept.host, "ccs_reserve_base", day)
    for other, value in (("ccs_reserve_base", base), ("ccs_reserve_rounding", rounding)):
        shown.append({"rule": other, "taken": str(value.value), "grade": value.grade.value})
    return KeptShare(share, str(rounding.value), ACCOUNT_TYPES[kept.kind]), shown
