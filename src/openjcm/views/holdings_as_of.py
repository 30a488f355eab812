"""What lay in which account as of an instant?

An entry has two clocks, and both can be asked. *By day*: what had happened by the end of a day (24:00 Japan time), by
the days that the entries bear (``occurred_on``), whenever they were written down. *By recording*: what the book said
at an instant, by the times at which entries were written (``recorded_at``). Asked together: what the book said at the
instant about the day. Neither: the book as it is now.

The answer is a sum over movements, or the blocks that movements brought and none took away: nothing is kept for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from openjcm.article6.authorization import Authorization, Outcome, binding
from openjcm.dated import Answer
from openjcm.refusals import refusal
from openjcm.registry.accounts import SINKS
from openjcm.registry.serials import Vintage
from openjcm.views.article6_actions import authorizations

JAPAN_TIME = timezone(timedelta(hours=9), "JST")
DIMENSIONS = ("account", "type", "registry", "project", "vintage", "itmo")
"""What holdings can be summed by."""
EARLIEST_VINTAGE = 2021
"""Outcomes of earlier years are no ITMOs: decision 2/CMA.3, annex, para 1(e)."""

INSTANT_NOT_READABLE = refusal(
    "instant_not_readable",
    en="“{text}” is not an instant.",
    ja="「{text}」は時点として読み取れません。",
    remedy_en="Write a day (2026-12-31: its end, 24:00 Japan time) or, for the time of recording, a time with its zone "
    "(2026-12-31T18:00:00+09:00).",
    remedy_ja="日付 (2026-12-31: その日の終わり、日本時間 24 時) を記入してください。記録時刻による場合は、時差付きの"
    "時刻 (2026-12-31T18:00:00+09:00) も使えます。",
    clause="OpenJCM: an entry bears a day, and the time at which it was recorded",
)
NOT_A_DIMENSION = refusal(
    "not_a_dimension",
    en="Holdings cannot be summed by “{text}”.",
    ja="保有量は「{text}」別には集計できません。",
    remedy_en="Use one or more of: {known}.",
    remedy_ja="次のいずれか (複数可) を指定してください: {known}。",
    clause="OpenJCM: holdings by account, type, registry, project, vintage, ITMO status",
)


@dataclass(frozen=True)
class Cut:
    """Up to where the book is read. ``day`` and ``recorded_by``: the two clocks; ``None``: not limited by that one."""

    day: date | None = None
    recorded_by: datetime | None = None

    @property
    def end_of_day(self) -> date:
        """The day by which authorizations are judged: the one asked about, else that of the instant, else the last."""
        if self.day is not None:
            return self.day
        return self.recorded_by.astimezone(JAPAN_TIME).date() if self.recorded_by else date.max


@dataclass(frozen=True)
class Wanted:
    """Which holdings: all that are given must fit. ``itmo``: yes, no, cannot tell (see :func:`itmo_status`).

    What lies in retirement and cancellation accounts is held no more: it is left out unless ``used`` asks for it, an
    account is named, or sums by type show it apart.
    """

    world: str = "public"
    side: str = ""
    registry: str = ""
    account: str = ""
    project: str = ""
    vintage: str = ""
    itmo: str = ""
    used: bool = False


@dataclass(frozen=True)
class Group:
    """A sum: the values of the dimensions asked for, and tonnes."""

    key: tuple[str, ...]
    quantity: int


@dataclass(frozen=True)
class KeptBlock:
    """A run of serials that lay in an account, with the entry that had brought it there."""

    series: str
    first: int
    last: int
    projects: tuple[str, ...]
    vintage: str
    account_id: str
    since: date
    since_entry_no: int
    itmo: str

    @property
    def quantity(self) -> int:
        """Tonnes."""
        return self.last - self.first + 1

    @property
    def text(self) -> str:
        """The run as printed."""
        return f"JCM-{self.series}-{self.first}-{self.last}"


@dataclass(frozen=True)
class AsOf:
    """The answer: up to which entry the journal was read, the whole sum, and the sums asked for, in their order."""

    cut: Cut
    wanted: Wanted
    by: tuple[str, ...]
    entry_no: int
    total: int
    groups: tuple[Group, ...]

    def as_data(self) -> dict[str, object]:
        """The answer as plain data."""
        return {
            "as_of": self.cut.day,
            "recorded_by": self.cut.recorded_by,
            "entry_no": self.entry_no,
            "by": self.by,
            "total": self.total,
            "groups": [
                {**dict(zip(self.by, group.key, strict=True)), "quantity": group.quantity} for group in self.groups
            ],
        }


@dataclass(frozen=True)
class _Kind:
    """What decides the status of a run of credits: their projects, host, vintage, and the period decided on."""

    projects: tuple[str, ...]
    host: str
    vintage: Vintage


@dataclass
class _Statuses:
    """ITMO status by kind of credit, each worked out once."""

    on_file: tuple[Authorization, ...]
    day: date
    known: dict[_Kind, str] = field(default_factory=dict)

    def of(self, projects: Iterable[str], host: str | None, vintage: str, years: tuple[int | None, int | None]) -> str:
        told = Vintage.parse(vintage)
        kind = _Kind(tuple(projects), host or "", told if told.first_year is not None else Vintage(*years))
        if kind not in self.known:
            outcome = Outcome(kind.host, kind.projects, kind.vintage)
            self.known[kind] = itmo_status(self.on_file, outcome, self.day).value
        return self.known[kind]


def itmo_status(on_file: Iterable[Authorization], outcome: Outcome, day: date) -> Answer:
    """Whether credits were authorized on a day: by both Parties, in versions that were in force then.

    *No* for vintages before 2021 (2/CMA.3, annex, para 1(e)) and where a Party has no version that covers them;
    *cannot tell* where the vintage is not known. Taken (an open question): authorized means by the host and by Japan,
    as for a retirement; under 2/CMA.3 the word of the first transferring Party alone could suffice.
    """
    last = outcome.vintage.last_year
    if last is not None and last < EARLIEST_VINTAGE:
        return Answer.NO
    found = [binding(on_file, party, outcome, day) for party in ("JPN", outcome.host)]
    if None in found:
        return Answer.NO
    first = outcome.vintage.first_year
    early = first is None or first < EARLIEST_VINTAGE
    return Answer.CANNOT_TELL if early or any(one and one.covers is not Answer.YES for one in found) else Answer.YES


def read_cut(as_of: str = "", recorded_by: str = "") -> Cut:
    """The cut from two texts; empty: not limited. A day alone means its end, 24:00 Japan time, on either clock.

    Raises:
        Refused: ``instant_not_readable``.
    """
    return Cut(_day(as_of) if as_of else None, _instant(recorded_by) if recorded_by else None)


def _day(text: str) -> date:
    found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:T24:00(?::00)?(?:\+09:00)?)?", text.strip(), re.ASCII)
    try:
        return date.fromisoformat(found[1] if found else "")
    except ValueError as error:
        raise INSTANT_NOT_READABLE(text=text[:60]) from error


def _instant(text: str) -> datetime:
    """An instant with its zone; a day alone, or its 24:00, is the end of the day in Japan."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}(T24:00(:00)?(\+09:00)?)?", text.strip(), re.ASCII):
            midnight = datetime.combine(_day(text), datetime.min.time(), JAPAN_TIME)
            return midnight + timedelta(days=1, microseconds=-1)
        found = datetime.fromisoformat(text.strip().replace(" ", "+"))
        found.astimezone(JAPAN_TIME)
    except (ValueError, OverflowError) as error:
        raise INSTANT_NOT_READABLE(text=text[:60]) from error
    if found.utcoffset() is None:
        raise INSTANT_NOT_READABLE(text=text[:60])
    return found


# Asking ---------------------------------------------------------------------------------------------------------------

_HOST = "(select min(p.host_party) from project p where p.reference = any(o.projects))"
_YEAR = "(select extract(year from {})::int from issuance_decision d where d.decision_id = o.decision_id)"
_STATUS_COLUMNS = (
    "o.projects",
    _HOST,
    "o.vintage",
    _YEAR.format("lower(d.monitoring_period)"),
    _YEAR.format("upper(d.monitoring_period) - 1"),
)
"""What the ITMO status of an issuance follows from."""
_ORIGIN_COLUMNS = {
    "project": "array_to_string(o.projects, '.')",
    "vintage": "o.vintage",
}
_ACCOUNT_COLUMNS = {
    "account": "s.account_id",
    "registry": "(select a.registry_id from account a where a.account_id = s.account_id)",
    "type": "(select a.account_type from account a where a.account_id = s.account_id)",
}

# Each movement counts for the account that received and against the one that gave. Issuances that are alike in what is
# asked are one class; both sides are summed by account and class before they are put together. A plain transfer leaves
# the sums of a class as they are, so it is not read where accounts do not matter.
_SUMS = """
    with o as materialized (
      select o.origin_id, {dimensions}, dense_rank() over (order by {class}) as class from block_origin o
      where {origins}),
    s as (
      select {keys}, sum(quantity) as quantity from (
        select {received}, sum(upper(serials) - lower(serials)) as quantity from movement m {join}
          where {cut} and {mine_received} group by {places}
        union all
        select {given}, sum(lower(serials) - upper(serials)) from movement m {join}
          where source_account is not null and {cut} and {mine_given} group by {places}) moved
      group by {keys} having sum(quantity) <> 0)
    select {shown}, sum(s.quantity)::bigint from s {named} group by {shown_places}
"""

# A block that came stays where nothing of it went on. What went on names the entry that had brought it.
_BLOCKS = """
    with gone as (
      select origin_id, from_entry_no as entry_no, range_agg(serials) as serials from movement m
      where source_account is not null and {cut} and {mine_given} group by 1, 2),
    kept as (
      select m.series, part.serials, m.target_account as account_id, m.origin_id, m.occurred_on, m.entry_no
      from movement m join gone using (origin_id, entry_no)
      cross join lateral unnest(int8multirange(m.serials) - gone.serials) as part (serials)
      where {cut} and {mine_received}
      union all
      select m.series, m.serials, m.target_account, m.origin_id, m.occurred_on, m.entry_no from movement m
      where {cut} and {mine_received} and not exists (
        select from gone g where g.origin_id = m.origin_id and g.entry_no = m.entry_no))
    select s.series, lower(s.serials), upper(s.serials) - 1, s.account_id, s.occurred_on, s.entry_no, {status}
    from kept s join block_origin o using (origin_id) order by s.series, lower(s.serials) {limit}
"""


def holdings_as_of(
    connection: psycopg.Connection[Any], cut: Cut, wanted: Wanted = Wanted(), by: Iterable[str] = ("account",)
) -> AsOf:
    """The sums of what lay in the accounts, by the dimensions named.

    Raises:
        Refused: ``not_a_dimension``.
    """
    dimensions = tuple(dict.fromkeys(by))
    if "type" in dimensions:
        wanted = replace(wanted, used=True)
    for name in dimensions:
        if name not in DIMENSIONS:
            raise NOT_A_DIMENSION(text=name[:60], known=DIMENSIONS)
    cursor = connection.cursor(row_factory=tuple_row)
    cursor.execute("set local max_parallel_workers_per_gather = 2")  # a million movements are summed on two cores
    entry_no, conditions = _conditions(cursor, cut, wanted)
    by_status = "itmo" in dimensions or bool(wanted.itmo)
    rows = cursor.execute(_sums(dimensions, by_status, wanted, conditions), _values(cut, wanted, entry_no)).fetchall()
    found: dict[tuple[str, ...], int] = {}
    statuses = _statuses(connection, wanted.world, cut) if by_status else None
    for row in rows:
        status = statuses.of(row[-6], row[-5], row[-4], (row[-3], row[-2])) if statuses else ""
        if wanted.itmo and status != wanted.itmo:
            continue
        values = iter(row)
        key = tuple(status if name == "itmo" else str(next(values)) for name in dimensions)
        found[key] = found.get(key, 0) + row[-1]
    groups = tuple(Group(key, quantity) for key, quantity in sorted(found.items()) if quantity)
    return AsOf(cut, wanted, dimensions, entry_no, sum(group.quantity for group in groups), groups)


def _sums(dimensions: Sequence[str], by_status: bool, wanted: Wanted, conditions: Mapping[str, str]) -> sql.Composed:
    """The query: the dimensions in their order, then what the status follows from, then the sum."""
    of_origin = [_ORIGIN_COLUMNS[name] for name in dimensions if name in _ORIGIN_COLUMNS]
    of_origin += _STATUS_COLUMNS if by_status else ()
    of_account = any(name in _ACCOUNT_COLUMNS for name in dimensions)
    names = iter(f"d{place}" for place in range(len(of_origin)))
    shown = [_ACCOUNT_COLUMNS.get(name) or f"c.{next(names)}" for name in dimensions if name != "itmo"]
    shown += [f"c.{name}" for name in names]
    classed = bool(of_origin) or not of_account
    listed = ", ".join(f"{column} as d{place}" for place, column in enumerate(of_origin))
    keys = ["account_id"] * of_account + ["class"] * classed
    parts = {
        "dimensions": listed or "true as d0",
        "class": ", ".join(of_origin) or "true",
        "keys": ", ".join(keys),
        "received": ", ".join(["target_account as account_id"] * of_account + ["o.class"] * classed),
        "given": ", ".join(["source_account"] * of_account + ["o.class"] * classed),
        "places": ", ".join(str(place + 1) for place in range(len(keys))),
        "join": "join o using (origin_id)" if classed else "",
        "named": "join (select distinct on (class) * from o) c using (class)" if classed else "",
        "shown": ", ".join(shown) or "true",
        "shown_places": ", ".join(str(place + 1) for place in range(max(len(shown), 1))),
        **conditions,
    }
    if not of_account and not wanted.account:  # plain transfers stay within a registry
        parts["cut"] += " and m.kind <> 'transfer'"
    return sql.SQL(_SUMS).format(**{name: sql.SQL(text) for name, text in parts.items()})


def blocks_as_of(
    connection: psycopg.Connection[Any], cut: Cut, wanted: Wanted = Wanted(), limit: int | None = None
) -> list[KeptBlock]:
    """The runs of serials that lay in the accounts, in order of serials; runs brought by one entry are one."""
    cursor = connection.cursor(row_factory=tuple_row)
    entry_no, conditions = _conditions(cursor, cut, wanted)
    parts = {
        **conditions,
        "status": ", ".join(_STATUS_COLUMNS),
        "limit": "" if wanted.itmo or limit is None else "limit %(limit)s",
    }
    statement = sql.SQL(_BLOCKS).format(**{name: sql.SQL(text) for name, text in parts.items()})
    values = {**_values(cut, wanted, entry_no), "limit": limit}
    # Not prepared: a plan made for any account is many times slower for one that holds a large part of the book.
    rows = cursor.execute(statement, values, prepare=False).fetchall()
    statuses = _statuses(connection, wanted.world, cut)
    found = []
    for series, first, last, account_id, since, cause, projects, host, vintage, *years in rows:
        status = statuses.of(projects, host, vintage, (years[0], years[1]))
        if not wanted.itmo or status == wanted.itmo:
            found.append(KeptBlock(series, first, last, tuple(projects), vintage, account_id, since, cause, status))
    return found if limit is None else found[:limit]


def _statuses(connection: psycopg.Connection[Any], world: str, cut: Cut) -> _Statuses:
    on_file = authorizations(connection, world)
    return _Statuses(tuple(one for one in on_file), cut.end_of_day)


def _conditions(cursor: psycopg.Cursor[Any], cut: Cut, wanted: Wanted) -> tuple[int, dict[str, str]]:
    """Up to which entry the journal is read, and the conditions on movements and on issuances."""
    if cut.recorded_by is None:
        row = cursor.execute("select entry_no from log_head").fetchone()
    else:
        row = cursor.execute("select entry_by(%s)", [cut.recorded_by]).fetchone()
    assert row is not None, "log_head has its row"
    until = ["m.entry_no <= %(entry_no)s::bigint"] * bool(cut.recorded_by)
    until += ["m.occurred_on <= %(day)s::date"] * bool(cut.day)
    world = "registry_id = any (array(select r.registry_id from registry r where r.world = %(world)s::text))"
    origins = [f"o.{world}"]
    origins += ["o.projects @> array[%(project)s::text]"] * bool(wanted.project)
    origins += ["o.vintage = %(vintage)s::text"] * bool(wanted.vintage)
    of_origins = " and ".join(origins)
    mine = f"m.{world}"
    if len(origins) > 1:
        mine += f" and m.origin_id = any (array(select o.origin_id from block_origin o where {of_origins}))"  # noqa: S608
    account = " and m.{0}_account = %(account)s::text" if wanted.account else "" if wanted.used else _NOT_USED
    account += _OF_REGISTRY if wanted.side or wanted.registry else ""
    return int(row[0]), {
        "cut": " and ".join(until) or "true",
        "origins": of_origins,
        "mine_received": mine + account.format("target"),
        "mine_given": mine + account.format("source"),
    }


_OF_REGISTRY = (
    " and exists (select from account a join registry r using (registry_id) where a.account_id = m.{0}_account"
    " and (%(side)s::text = '' or r.party = %(side)s::text)"
    " and (%(registry)s::text = '' or r.registry_id = %(registry)s::text))"
)
"""The account's own registry: after an international transfer it is another than that of the issuance."""
_NOT_USED = (
    " and m.{0}_account <> all (array("
    "select a.account_id from account a where a.account_type = any (%(sinks)s::text[])))"
)


def _values(cut: Cut, wanted: Wanted, entry_no: int) -> dict[str, object]:
    return {
        "entry_no": entry_no, "day": cut.day, "world": wanted.world, "side": wanted.side, "registry": wanted.registry,
        "account": wanted.account, "project": wanted.project, "vintage": wanted.vintage,
        "sinks": [item.value for item in SINKS],
    }  # fmt: skip
