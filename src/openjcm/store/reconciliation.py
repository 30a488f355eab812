"""The lines of a statement from the database: own book, mirror and decisions, all seen at one moment.

One SQL statement reads everything, so no act falls between its parts. Runs that say the same are joined by the
database: a registry's own transfers leave no trace in a statement.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from openjcm.registry.mirror import HELD, Mirror, Run, merged, purpose_of, runs_of
from openjcm.registry.noticed import STATES, state_of
from openjcm.registry.notices import NO_NOTICE, read_notice
from openjcm.registry.reconciliation import BOOK, DECISION, MIRROR, Span
from openjcm.store.notices import Partner, Place

_CASES = " ".join(f"when '{account_type}' then '{state}'" for account_type, state in STATES.items())
_CONCERNED = """
    keeps as (
      select left(name, 3) as party,
        case when name like '%%-demonstration' then 'demonstration' else 'public' end as world
      from unnest(%(keeps)s::text[]) as name),
    concerned as materialized (
      select o.origin_id, o.series, o.issued_on from block_origin o join registry r using (registry_id)
      where exists (select 1 from keeps k where k.world = r.world and (k.party = 'JPN' or exists (
        select 1 from project p where p.reference = any(o.projects) and p.host_party = k.party)))),
    decided as (
      select d.decision_id, d.total, d.decided_on, d.projects, d.monitoring_period,
        (select string_agg(s.side || '=' || coalesce(s.notified::text, '?'), ',' order by s.side)
         from side_issuance s where s.decision_id = d.decision_id) as sides
      from issuance_decision d
      where d.decided_on <= coalesce(%(on)s, 'infinity'::date) and exists (
        select 1 from keeps k where k.world = d.world and (k.party = 'JPN'
          or exists (select 1 from project p where p.reference = any(d.projects) and p.host_party = k.party)
          or exists (select 1 from side_issuance s where s.decision_id = d.decision_id and s.side = k.party))))"""
_BOOKS = f"""
  copy (
    with {_CONCERNED},
    book as (
      select h.series collate "C" as series, lower(h.serials) as first, upper(h.serials) - 1 as last, a.registry_id,
        s.state, case s.state when '{HELD}' then o.issued_on else h.since end as day,
        case s.state when '{HELD}' then ''
          else concat_ws(' ', d.details ->> 'purpose', d.details ->> 'used_for_year') end as purpose
      from holding h join concerned o using (origin_id) join account a on a.account_id = h.account_id
      cross join lateral (select case a.account_type {_CASES} else a.account_type end as state) s
      left join movement m on s.state <> '{HELD}' and m.entry_no = h.since_entry_no and m.origin_id = h.origin_id
        and lower(m.serials) = lower(h.serials)
      cross join lateral (select case when s.state = '{HELD}' or m.details is not null then m.details else
        (select p.details from movement p where p.entry_no = h.since_entry_no and p.origin_id = h.origin_id
           and lower(p.serials) <= lower(h.serials) order by lower(p.serials) desc limit 1) end as details) d
      where %(on)s::date is null),
    mirrored as (
      select series collate "C" as series, lower(serials) as first, upper(serials) - 1 as last, registry_id,
        state, case state when '{HELD}' then issued_on else since end as day, purpose
      from mirror_holding where partner = %(partner)s and %(on)s::date is null),
    runs as (
      select '{BOOK}' as part, * from book union all select '{MIRROR}', * from mirrored),
    begun as (
      select *, case when lag(last) over along = first - 1 and lag(state) over along = state
          and lag(registry_id) over along = registry_id and lag(purpose) over along = purpose
          and lag(day) over along is not distinct from day then 0 else 1 end as begins
      from runs window along as (partition by part, series order by first)),
    numbered as (
      select *, sum(begins) over (partition by part, series order by first) as island from begun)
    select * from (
    select part, series, min(first) as first, max(last), min(registry_id), min(state), min(day)::text, min(purpose)
      from numbered group by part, series, island
    union all
    select '{DECISION}', decision_id, total, null, array_to_string(projects, '.'), sides, decided_on::text,
      coalesce(monitoring_period::text, '') from decided
    union all
    select 'p', '', coalesce(sent.sequence, 0), coalesce(received.sequence, 0),
      coalesce(sent.sha256, '{NO_NOTICE}'), coalesce(received.sha256, '{NO_NOTICE}'), '', ''
    from (select 1) as one
      left join lateral (select sequence, sha256 from notice_out where partner = %(partner)s
        order by sequence desc limit 1) sent on true
      left join lateral (select sequence, sha256 from notice_in where partner = %(partner)s
        order by sequence desc limit 1) received on true
    ) lines order by part, series collate "C", first
  ) to stdout
"""  # noqa: S608 - our own constants


@dataclass(frozen=True)
class Lines:
    """What a statement says, as bytes of lines, and where the chains stood at that moment."""

    body: bytes
    sent: Place
    received: Place

    @property
    def lines(self) -> list[str]:
        """The lines."""
        return self.body.decode("utf-8").split("\n")[:-1]


def read_lines(connection: psycopg.Connection, partner: Partner, on: date | None) -> Lines:
    """The lines for a partner, as everything stood at one moment; with ``on``, at the end of that day."""
    values = {"keeps": list(partner.keeps), "on": on, "partner": partner.partner}
    parts: list[bytes] = []
    with connection.cursor() as cursor, cursor.copy(_BOOKS.encode(), values) as copy:
        parts += (bytes(part) for part in copy)
    body, _, last = b"".join(parts).removesuffix(b"\n").rpartition(b"p\t\t")
    sent, received, sent_head, received_head, *_ = last.decode().split("\t")
    if on is not None:
        body = _of_day(connection, partner, on, body)
    return Lines(body, Place(int(sent), sent_head), Place(int(received), received_head))


# As of a day ----------------------------------------------------------------------------------------------------------

_MOVED = f"""
    with {_CONCERNED}
    select m.series, lower(m.serials), upper(m.serials) - 1, a.registry_id, a.account_type, m.kind, m.occurred_on,
      o.issued_on, m.details
    from movement m join concerned o using (origin_id) join account a on a.account_id = m.target_account
    where m.occurred_on <= %(on)s order by m.entry_no, m.movement_id
"""  # noqa: S608 - our own constants
_HEARD = """
    select p.body from notice_in n join product p on p.sha256 = n.line_sha256
    where n.partner = %(partner)s and n.occurred_on <= %(on)s order by n.sequence
"""


def _of_day(connection: psycopg.Connection, partner: Partner, on: date, decisions: bytes) -> bytes:
    """The same lines from what had happened by the end of a day."""
    values = {"keeps": list(partner.keeps), "on": on, "partner": partner.partner}
    book, mirror = Mirror(), Mirror()
    for series, first, last, registry, account_type, _, day, issued, details in connection.execute(
        _MOVED.encode(), values
    ):
        state = state_of(account_type)
        purpose = "" if state == HELD else purpose_of(details)
        book.lay(Run(series, first, last, registry, state, issued.isoformat(), day.isoformat(), purpose))
    for (line,) in connection.execute(_HEARD, values):
        for run in runs_of(read_notice(bytes(line)).notice):
            mirror.lay(run)
    return b"".join([*_lines(BOOK, book), decisions, *_lines(MIRROR, mirror)])


def _lines(part: str, mirror: Mirror) -> Iterable[bytes]:
    said = [Run(r.series, r.first, r.last, r.registry, r.state, r.day, r.day, r.purpose) for r in mirror]
    for run in merged(said):
        fields = [part, run.series, run.first, run.last, run.registry, run.state, run.since or "\\N", run.purpose]
        yield ("\t".join(map(str, fields)) + "\n").encode()


# What notices under way explain ---------------------------------------------------------------------------------------

_UNDER_WAY = """
    select convert_from(payload, 'UTF8')::jsonb -> 'ranges', kind, convert_from(payload, 'UTF8')::jsonb -> 'facts'
    from notice_out where partner = %s and sequence > %s
"""
_CAME_LATER = """
    select p.body from notice_in n join product p on p.sha256 = n.line_sha256
    where n.partner = %s and n.sequence > %s
"""


def spans_sent_after(connection: psycopg.Connection, partner: str, number: int) -> tuple[list[Span], frozenset[str]]:
    """The serials and the decisions in our notices after a number."""
    spans: list[Span] = []
    decisions: set[str] = set()
    for ranges, kind, facts in connection.execute(_UNDER_WAY, [partner, number]):
        spans += [_span(item["block"]) for item in ranges]
        if kind == "decision":
            decisions.add(facts["decision_id"])
    return spans, frozenset(decisions)


def spans_received_after(connection: psycopg.Connection, partner: str, number: int) -> list[Span]:
    """The serials in a partner's notices after a number."""
    found: list[Span] = []
    for (line,) in connection.execute(_CAME_LATER, [partner, number]):
        found += [_span(item.block) for item in read_notice(bytes(line)).notice.ranges]
    return found


def _span(block: str) -> Span:
    series, first, last = block.removeprefix("JCM-").rsplit("-", 2)
    return Span(series, int(first), int(last))


def head_of(connection: psycopg.Connection, box: str, partner: str, sequence: int) -> str:
    """The name of the notice of that number, in outbox (``out``) or inbox (``in``); zeros for number 0; empty: none."""
    if sequence == 0:
        return NO_NOTICE
    query = {
        "out": "select sha256 from notice_out where partner = %s and sequence = %s",
        "in": "select sha256 from notice_in where partner = %s and sequence = %s",
    }[box]
    row: Any = connection.execute(query.encode(), [partner, sequence]).fetchone()
    return str(row[0]) if row else ""
