"""Audit of what is exchanged with partners: outbox, inbox and mirror are made again from the journal and compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import psycopg

from openjcm.canonical import sha256_hex
from openjcm.refusals import Finding, Refused
from openjcm.registry.mirror import Mirror, merged, runs_of
from openjcm.registry.noticed import Around, Body, Entry, Trigger, bodies, concerns
from openjcm.registry.notices import read_notice
from openjcm.signed import read_public_key
from openjcm.store.audit import JournalRow, finding, stream
from openjcm.store.audit_comparison import compared
from openjcm.store.notices import Leaf, Partner, Place, notice_for, whole_mirror


@dataclass
class _Replay:
    """The partners and their outboxes as the journal gives them so far."""

    trigger: Trigger
    last_registration: int
    """The entry of the last registration of a partner; 0 if none ever was."""
    hosts: dict[str, str] = field(default_factory=dict)
    account_types: dict[str, str] = field(default_factory=dict)
    registries: set[str] = field(default_factory=set)
    told: set[int] = field(default_factory=set)
    """The entries of which partners are told."""
    said: list[tuple[Entry, Body]] = field(default_factory=list)
    """What a partner that is registered later will be told."""
    versions: dict[str, Partner] = field(default_factory=dict)
    in_force: dict[str, Partner] = field(default_factory=dict)
    out: dict[str, list[tuple[Partner, Entry, Body]]] = field(default_factory=dict)
    keys: dict[tuple[str, int], str] = field(default_factory=dict)
    """Partner and the entry of a receipt → the key then in force."""


def check_notices(connection: psycopg.Connection, journal: Iterable[JournalRow], trigger: Trigger) -> Iterator[Finding]:
    """What is wrong with outbox, inbox and mirror."""
    replay = _Replay(trigger, _last_registration(connection))
    for row in journal:
        try:
            _step(replay, row)
        except (LookupError, TypeError, ValueError, AttributeError, Refused) as error:
            yield finding("entry_not_readable", entry=row.entry_no, reason=f"{type(error).__name__} {error}")
    yield from _untold(connection, replay)
    yield from _outboxes(connection, replay)
    yield from _inboxes(connection, replay)


def _last_registration(connection: psycopg.Connection) -> int:
    row = connection.execute("select coalesce(max(entry_no), 0) from journal where act = 'register_partner'").fetchone()
    return row[0] if row else 0


def _step(replay: _Replay, row: JournalRow) -> None:
    request = row.request
    if row.act == "open_registry":
        replay.registries.add(request["registry_id"])
    elif row.act == "open_account":
        replay.account_types[request["account_id"]] = request["account_type"]
    elif row.act == "register_project":
        replay.hosts[request["reference"]] = request["host_party"]
    elif row.act == "register_partner":
        _register(replay, row)
    elif row.act == "revoke_partner":
        replay.in_force.pop(request["partner"], None)
    elif row.act == "receive_notice":
        replay.keys[row.outcome["partner"], row.entry_no] = replay.in_force[row.outcome["partner"]].notice_key
    else:
        entry = Entry(row.entry_no, row.act, request, row.outcome, row.occurred_on)
        around = Around(replay.hosts, replay.account_types, frozenset(replay.registries), replay.trigger)
        said = [(entry, body) for body in bodies(entry, around)]
        replay.told |= {entry.entry_no for entry, _ in said}
        if row.entry_no < replay.last_registration:
            replay.said += said
        for partner in replay.in_force.values():
            _tell(replay, partner, said)


def _register(replay: _Replay, row: JournalRow) -> None:
    request = row.request
    partner = Partner(
        request["partner"], row.outcome["version"], request["our_name"], request["address"], request["notice_key"],
        request["log_key"], tuple(row.outcome["keeps"]), row.entry_no,
    )  # fmt: skip
    replay.in_force[partner.partner] = partner
    told = {entry.entry_no for _, entry, _ in replay.out.get(partner.partner, [])}
    _tell(replay, partner, [(entry, body) for entry, body in replay.said if entry.entry_no not in told])


def _tell(replay: _Replay, partner: Partner, said: Sequence[tuple[Entry, Body]]) -> None:
    told = [(partner, entry, body) for entry, body in said if concerns(body, partner.keeps)]
    replay.out.setdefault(partner.partner, []).extend(told)


def _untold(connection: psycopg.Connection, replay: _Replay) -> Iterator[Finding]:
    """Whatever act moved credits otherwise than between holders is one that partners are told of."""
    for (entry_no,) in connection.execute("select distinct entry_no from movement where kind <> 'transfer' order by 1"):
        if entry_no not in replay.told:
            yield finding("outbox_wrong", partner="–", sequence="–", what=f"entry / 記録 {entry_no}")


_OUT = """
    select partner, sequence, sha256, kind, payload, entry_no from notice_out order by partner, sequence
"""


def _outboxes(connection: psycopg.Connection, replay: _Replay) -> Iterator[Finding]:
    stored: dict[str, list[tuple[int, str, str, bytes, int]]] = {}
    for partner, *rest, payload, entry_no in connection.execute(_OUT):
        stored.setdefault(partner, []).append((*rest, bytes(payload), entry_no))
    leaves = {
        row[0]: (row[1], row[2])
        for row in connection.execute(
            "select l.entry_no, l.leaf_index, encode(sha256('\\x00'::bytea || l.body), 'hex') from log_leaf l"
            " where l.kind = 'entry'"
            " and l.entry_no in (select entry_no from notice_out)"
        )
    }
    for name in sorted(stored.keys() | replay.out.keys()):
        yield from _outbox(name, stored.get(name, []), replay.out.get(name, []), leaves)


def _outbox(
    name: str,
    stored: Sequence[tuple[int, str, str, bytes, int]],
    said: Sequence[tuple[Partner, Entry, Body]],
    leaves: dict[int, tuple[int, str]],
) -> Iterator[Finding]:
    place = Place()
    for (sequence, sha256, kind, payload, entry_no), (partner, entry, body) in zip(stored, said, strict=False):
        index, leaf_hash = leaves.get(entry.entry_no, (0, "0" * 64))
        made = notice_for(partner, body, Leaf(entry, index, leaf_hash), place).payload
        right = (place.sequence + 1, sha256_hex(made), body.kind, made, entry.entry_no)
        if (sequence, sha256, kind, payload, entry_no) != right:
            yield finding("outbox_wrong", partner=name, sequence=right[0], what=f"entry / 記録 {entry.entry_no}")
            return
        place = Place(sequence, sha256)
    if len(stored) != len(said):
        what = f"{len(stored)} ≠ {len(said)}"
        yield finding("outbox_wrong", partner=name, sequence=min(len(stored), len(said)) + 1, what=what)


_IN = """
    select n.partner, n.sequence, n.sha256, n.kind, n.sum, n.occurred_on::text, n.entry_no, p.body
    from notice_in n join product p on p.sha256 = n.line_sha256 order by n.partner, n.sequence
"""


def _inboxes(connection: psycopg.Connection, replay: _Replay) -> Iterator[Finding]:
    mirrors: dict[str, Mirror] = {}
    place = Place()
    for partner, sequence, sha256, kind, total, day, entry_no, line in stream(connection, _IN):
        place = place if sequence > 1 else Place()
        stated = (partner, sequence, sha256, kind, total, day)
        mirror = mirrors.setdefault(partner, Mirror())
        what = _what_is_wrong(stated, bytes(line), place, replay.keys.get((partner, entry_no)), mirror)
        if what:
            yield finding("notice_wrong", partner=partner, sequence=sequence, what=what)
        place = Place(sequence, sha256)
    rows = connection.execute("select distinct partner from mirror_holding")
    for name in sorted({row[0] for row in rows} | mirrors.keys()):
        expected = map(vars, merged(mirrors.get(name, Mirror())))
        yield from compared(f"mirror_holding {name}", expected, map(vars, merged(whole_mirror(connection, name))))


def _what_is_wrong(
    stated: tuple[str, int, str, str, int, str], line: bytes, place: Place, key: str | None, mirror: Mirror
) -> str:
    """What is wrong with a notice, in words; what it says is laid over the mirror."""
    try:
        signed = read_notice(line)
    except Refused as refused:
        return refused.code
    notice = signed.notice
    for run in runs_of(notice):
        mirror.lay(run)
    if stated != (notice.sender, notice.sequence, signed.sha256, notice.kind, notice.sum, notice.occurred_on):
        return "row / 行"
    if key is None or not signed.line.is_signed_by(read_public_key(key)):
        return "signature / 署名"
    return "" if (notice.sequence, notice.previous) == (place.sequence + 1, place.head) else "chain / 連鎖"
