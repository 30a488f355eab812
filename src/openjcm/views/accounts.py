"""How does an account stand: holder, standing, representatives, controls, holds, proposals; and what waits for whom?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.rows import tuple_row

MOST_ROWS = 200
"""The most rows of one list on a page."""


@dataclass(frozen=True)
class BarRow:
    """What keeps, or kept, the account from sending or receiving."""

    ground: str
    sends: bool
    receives: bool
    since: date
    until: date | None
    reference: str
    lifted_on: date | None
    entry_no: int


@dataclass(frozen=True)
class RepresentativeRow:
    """A person by the latest fact; without rights: revoked."""

    representative: str
    name: str
    rights: tuple[str, ...]
    key_id: str
    since: date
    entry_no: int


@dataclass(frozen=True)
class ControlsRow:
    """How the account is guarded. ``None`` as a limit: none was set."""

    four_eyes: bool
    delay_hours: int
    trusted: tuple[str, ...]
    outside: str
    most_per_act: int | None
    most_per_day: int | None
    since: date


@dataclass(frozen=True)
class HoldRow:
    """A hold in force on credits of the account."""

    hold_id: str
    series: str
    first: int
    last: int
    scope: str
    ground: str
    reference: str
    placed_on: date


@dataclass(frozen=True)
class ProposalRow:
    """A proposal and where it stands: open, approved, rejected, withdrawn or executed."""

    proposal: str
    account_id: str
    act: str
    representative: str
    quantity: int
    target_account: str | None
    state: str
    answered_by: str | None
    due_at: datetime | None
    proposed_at: datetime
    entry_no: int
    signed_sha256: str
    """The kept proposal with its signature, a product."""

    @property
    def waits(self) -> bool:
        """Whether it waits for an answer or for its time."""
        return self.state in {"open", "approved"}


@dataclass(frozen=True)
class AccountState:
    """One account with everything on record about it."""

    account_id: str
    registry_id: str
    account_type: str
    holder: str
    opened_on: date
    held: int
    bars: list[BarRow]
    representatives: list[RepresentativeRow]
    controls: ControlsRow | None
    holds: list[HoldRow]
    proposals: list[ProposalRow]


_PROPOSALS = """
    select p.proposal, p.account_id, p.act, p.representative, p.quantity, p.target_account,
           coalesce(ended.step, approved.step, 'open'), coalesce(ended.representative, approved.representative),
           approved.due_at, j.recorded_at, p.entry_no, p.proposal_sha256
    from proposal p join journal j using (entry_no)
    left join proposal_step ended on ended.proposal = p.proposal and ended.step <> 'approved'
    left join proposal_step approved on approved.proposal = p.proposal and approved.step = 'approved'
"""


def account_state(connection: psycopg.Connection[Any], account_id: str) -> AccountState | None:
    """The account, or ``None``; of proposals the last ones."""
    row = (
        _rows(connection)
        .execute(
            "select account_id, registry_id, account_type, holder_of(account_id), opened_on, (select"
            " coalesce(sum(upper(serials) - lower(serials)), 0)::bigint from holding h"
            "  where h.account_id = a.account_id) from account a where account_id = %s",
            [account_id],
        )
        .fetchone()
    )
    if row is None:
        return None
    bars = _rows(connection).execute(
        "select ground, sends, receives, since, until, reference, lifted_on, entry_no from account_bar"
        " where account_id = %s order by entry_no",
        [account_id],
    )
    people = _rows(connection).execute(
        "select distinct on (representative) representative, name, rights, key_id, since, entry_no"
        " from representative_fact where account_id = %s order by representative, entry_no desc",
        [account_id],
    )
    controls = (
        _rows(connection)
        .execute(
            "select four_eyes, delay_hours, trusted, outside, most_per_act, most_per_day, since from account_control"
            " where account_id = %s order by entry_no desc limit 1",
            [account_id],
        )
        .fetchone()
    )
    return AccountState(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        row[5],
        [BarRow(*item) for item in bars],
        [RepresentativeRow(item[0], item[1], tuple(item[2]), *item[3:]) for item in people],
        ControlsRow(controls[0], controls[1], tuple(controls[2]), *controls[3:]) if controls else None,
        holds_of(connection, account_id),
        proposals_of(connection, account_id),
    )


def holds_of(connection: psycopg.Connection[Any], account_id: str) -> list[HoldRow]:
    """The holds in force that touch credits of the account."""
    rows = _rows(connection).execute(
        "select distinct b.hold_id, b.series, lower(b.serials), upper(b.serials) - 1, b.scope, b.ground, b.reference,"
        " b.placed_on from block_hold b join holding h on h.origin_id = b.origin_id and h.serials && b.serials"
        " where b.released_entry_no is null and h.account_id = %s order by 2, 3, 1 limit %s",
        [account_id, MOST_ROWS],
    )
    return [HoldRow(*row) for row in rows]


def proposals_of(connection: psycopg.Connection[Any], account_id: str) -> list[ProposalRow]:
    """The last proposals of an account, the newest first."""
    rows = _rows(connection).execute(
        f"{_PROPOSALS} where p.account_id = %s order by p.entry_no desc limit %s".encode(), [account_id, MOST_ROWS]
    )
    return [ProposalRow(*row) for row in rows]


def waiting_proposals(connection: psycopg.Connection[Any], registry_id: str) -> list[ProposalRow]:
    """The proposals of a registry that wait for an answer or for their day, the oldest first."""
    rows = _rows(connection).execute(
        f"{_PROPOSALS} join account a on a.account_id = p.account_id where ended.step is null"
        " and a.registry_id = %s order by p.entry_no limit %s".encode(),
        [registry_id, MOST_ROWS],
    )
    return [ProposalRow(*row) for row in rows]


def holds_in_force(connection: psycopg.Connection[Any], registry_id: str) -> list[HoldRow]:
    """The holds in force on credits of a registry, without those of proposals: what its administrator froze."""
    rows = _rows(connection).execute(
        "select b.hold_id, b.series, lower(b.serials), upper(b.serials) - 1, b.scope, b.ground, b.reference,"
        " b.placed_on from block_hold b join block_origin o using (origin_id) where b.released_entry_no is null"
        " and b.ground <> 'proposal' and o.registry_id = %s order by b.entry_no limit %s",
        [registry_id, MOST_ROWS],
    )
    return [HoldRow(*row) for row in rows]


def signed_files(connection: psycopg.Connection[Any], proposal: str) -> list[tuple[str, bytes]]:
    """The kept proposal and its answers as named bytes."""
    rows = _rows(connection).execute(
        "select 'proposal.json', r.body from proposal p join product r on r.sha256 = p.proposal_sha256"
        " where p.proposal = %(p)s union all"
        " select 'answer-' || s.step || '.json', r.body from proposal_step s"
        " join product r on r.sha256 = s.answer_sha256 where s.proposal = %(p)s order by 1 desc",
        {"p": proposal},
    )
    return [(row[0], bytes(row[1])) for row in rows]


@dataclass(frozen=True)
class ApplicationRow:
    """An application for an account: open, or with the verdict on its last version."""

    application_id: str
    version: int
    registry_id: str
    account_type: str
    holder_kind: str
    holder: str
    documents: int
    applicant: str
    applied_on: date
    verdict: str | None
    account_id: str | None
    entry_no: int


_APPLICATIONS = """
    select a.application_id, a.version, a.registry_id, a.account_type, a.holder_kind,
           coalesce(a.particulars ->> 'name_ja', a.particulars ->> 'name_en'), jsonb_array_length(a.documents),
           a.applicant, a.applied_on, r.verdict, r.account_id, a.entry_no
    from account_application a left join account_review r using (application_id, version)
    where a.registry_id = %s and not exists (select from account_application later
      where later.application_id = a.application_id and later.version > a.version)
"""


def waiting_applications(connection: psycopg.Connection[Any], registry_id: str) -> list[ApplicationRow]:
    """The applications of a registry that wait for a review, the oldest first."""
    rows = _rows(connection).execute(
        f"{_APPLICATIONS} and r.verdict is null order by a.entry_no limit %s".encode(), [registry_id, MOST_ROWS]
    )
    return [ApplicationRow(*row) for row in rows]


def applications(connection: psycopg.Connection[Any], registry_id: str) -> list[ApplicationRow]:
    """The last applications of a registry with their verdicts, the newest first."""
    rows = _rows(connection).execute(
        f"{_APPLICATIONS} order by a.entry_no desc limit %s".encode(), [registry_id, MOST_ROWS]
    )
    return [ApplicationRow(*row) for row in rows]


def _rows(connection: psycopg.Connection[Any]) -> psycopg.Cursor[tuple[Any, ...]]:
    """A cursor that gives plain tuples, whatever the connection gives otherwise."""
    return connection.cursor(row_factory=tuple_row)
