"""What receiving and the acts of live meters read and write: keys with their facts, chains, batches, verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import psycopg
from psycopg.types.json import Jsonb

from openjcm.canonical import plain
from openjcm.log.leaf import leaf_hash
from openjcm.log.tree import grow, root_of_peaks
from openjcm.mrv.batch import line_of, read_batch
from openjcm.mrv.batch_rules import Arrival, Chain, KeyFacts, Status, Verdict, place

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def joined(values: Iterable[object]) -> str:
    """Numbers, hexadecimal names or thumbprints as one text, for ``string_to_array``.

    A list of thousands costs the driver more than all the rest of a query; none of these holds a comma.
    """
    return ",".join(map(str, values))


def to_us(moment: datetime) -> int:
    """UTC microseconds of an instant, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Key:
    """A key on record: its number in the tables of batches, and what judges its batches."""

    key_no: int
    facts: KeyFacts


_KEYS: LiteralString = """
    select k.entry_no, k.key_id, k.gateway_id, k.valid_since, k.valid_until, r.revoked_at, g.project,
      g.clock_ahead_seconds, g.late_after_days
    from gateway_key k join gateway g using (gateway_id) left join gateway_key_revocation r on r.key_id = k.key_id
    where k.key_id = any(string_to_array(%s, ','))
"""
_LISTS: LiteralString = """
    select gateway_id, valid_since, meters from gateway_meters where gateway_id = any(string_to_array(%s, ','))
    order by valid_since, entry_no
"""
_CLOSED: LiteralString = "select project, lower(span), upper(span) from live_closing where project = any(%s) order by 2"
_LOST: LiteralString = (
    "select key_id, lower(numbers), upper(numbers) - 1 from batch_loss where key_id = any(string_to_array(%s, ','))"
)


def read_keys(connection: psycopg.Connection, key_ids: Sequence[str]) -> dict[str, Key]:
    """The keys on record among those named, with all that their batches are judged by."""
    rows = connection.execute(_KEYS, [joined(key_ids)]).fetchall()
    lists: dict[str, list[tuple[int, frozenset[str]]]] = {}
    for gateway, since, meters in connection.execute(_LISTS, [joined({row[2] for row in rows})]):
        lists.setdefault(gateway, []).append((to_us(since), frozenset(meters)))
    closed: dict[str, list[tuple[int, int]]] = {}
    for project, first, end in connection.execute(_CLOSED, [list({row[6] for row in rows})]):
        closed.setdefault(project, []).append((to_us(first), to_us(end)))
    lost: dict[str, list[tuple[int, int]]] = {}
    for key_id, first, last in connection.execute(_LOST, [joined(key_ids)]):
        lost.setdefault(key_id, []).append((first, last))
    return {
        key_id: Key(
            number,
            KeyFacts(
                key_id=key_id,
                gateway=gateway,
                since_us=to_us(since),
                until_us=to_us(until) if until else None,
                revoked_us=to_us(revoked) if revoked else None,
                meters=tuple(lists.get(gateway, ())),
                closed=tuple(closed.get(project, ())),
                lost=tuple(lost.get(key_id, ())),
                clock_ahead_seconds=ahead,
                late_after_days=late,
            ),
        )
        for number, key_id, gateway, since, until, revoked, project, ahead, late in rows
    }


@dataclass(frozen=True)
class Held:
    """The chain of a key, locked, and how many of its batches wait."""

    chain: Chain
    waiting: int


def lock_chains(connection: psycopg.Connection, key_nos: Iterable[int]) -> dict[int, Held]:
    """Lock the chains of keys, in the order of their numbers, until the transaction ends."""
    rows = connection.execute(
        "select key_no, next_sequence, head, last_created_us, waiting from batch_chain"
        " where key_no = any(string_to_array(%s, ',')::bigint[]) order by key_no for no key update",
        [joined(key_nos)],
    )
    return {row[0]: Held(Chain(row[1], row[2], row[3]), row[4]) for row in rows}


def known_batches(connection: psycopg.Connection, names: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Status and rule of the batches that are on record, by name."""
    rows = connection.execute(
        "select encode(sha256, 'hex'), coalesce(r.status, b.status), case when r.batch_no is null then b.rule"
        " else r.rule end from batch b left join batch_release r using (batch_no)"
        " where sha256 = any (array(select decode(name, 'hex') from unnest(string_to_array(%s, ',')) name))",
        [joined(names)],
    )
    return {row[0]: (row[1], row[2]) for row in rows}


_WAITING: LiteralString = """
    select k.key_id, b.key_no, b.batch_no, b.received_us, b.payload, b.signature
    from batch b join gateway_key k on k.entry_no = b.key_no
    where b.key_no = any(%s) and b.status = 'held'
      and not exists (select 1 from batch_release r where r.batch_no = b.batch_no)
"""


def waiting_batches(
    connection: psycopg.Connection, key_nos: Sequence[int]
) -> tuple[dict[int, list[Arrival]], dict[str, int]]:
    """The batches that wait, by key, and their numbers in the table by name."""
    waiting: dict[int, list[Arrival]] = {}
    numbers: dict[str, int] = {}
    for key_id, key_no, batch_no, received_us, payload, signature in connection.execute(_WAITING, [list(key_nos)]):
        signed = read_batch(line_of(key_id, bytes(payload), bytes(signature)))
        waiting.setdefault(key_no, []).append(Arrival(signed, received_us, waited=True))
        numbers[signed.sha256] = batch_no
    return waiting, numbers


_SAME_CONTENT: LiteralString = """
    select b.key_no, b.content from batch b left join batch_release r using (batch_no)
    where (b.key_no, b.content) in (
        select * from unnest(string_to_array(%s, ',')::bigint[], string_to_array(%s, ',')::bigint[])
      ) and b.status <> 'quarantined'
      and coalesce(r.status, b.status) = 'accepted'
"""


@dataclass(frozen=True)
class Placed:
    """What a commit will write: the moved chains, and verdicts on batches; those that waited have a number."""

    chains: Mapping[int, Held]
    verdicts: Sequence[tuple[int, Verdict]]
    numbers: Mapping[str, int]

    def lines(self) -> list[str]:
        """What the receipt commits to: one line for each verdict, in the order in which the rows are written."""
        return [verdict_line(verdict) for _, verdict in self.verdicts]


def verdict_line(verdict: Verdict) -> str:
    """Name, instant of receipt, status and rule of a verdict; one leaf of its receipt's tree."""
    rule = verdict.finding.rule if verdict.finding else "-"
    return receipt_line(
        verdict.arrival.signed.sha256, verdict.arrival.received_us, verdict.arrival.waited, verdict.status, rule
    )


def receipt_line(name: str, received_us: int, waited: bool, status: str, rule: str | None) -> str:
    """One leaf of a receipt's tree, from its parts."""
    return f"{name} {received_us} {'released' if waited else 'received'} {status} {rule or '-'}"


def place_all(
    connection: psycopg.Connection, arrivals: Mapping[str, Sequence[Arrival]], keys: Mapping[str, Key]
) -> Placed:
    """Put new arrivals, by key, into their chains (which are locked here), with those that waited for them.

    A key whose facts changed and that has no arrivals (numbers declared lost) is placed again with an empty list.
    """
    numbers_of_keys = {keys[key_id].key_no: key_id for key_id in arrivals}
    held = lock_chains(connection, numbers_of_keys)
    waiting, numbers = waiting_batches(connection, [number for number, one in held.items() if one.waiting])
    new = [(keys[key_id].key_no, one.signed) for key_id, items in arrivals.items() for one in items]
    new += [(number, one.signed) for number, items in waiting.items() for one in items]
    contents = [(number, signed.content) for number, signed in new]
    numbers_asked, contents_asked = (joined(part) for part in (zip(*contents, strict=True) if contents else ((), ())))
    same = set(connection.execute(_SAME_CONTENT, [numbers_asked, contents_asked]))
    chains: dict[int, Held] = {}
    verdicts: list[tuple[int, Verdict]] = []
    for number, key_id in sorted(numbers_of_keys.items()):
        items = [*waiting.get(number, ()), *arrivals[key_id]]
        chain, made = place(
            held[number].chain, items, keys[key_id].facts,
            lambda signed, number=number: (number, signed.content) in same,  # type: ignore[misc]
        )  # fmt: skip
        more = sum(one.status is Status.HELD for one in made) - sum(one.arrival.waited for one in made)
        chains[number] = Held(chain, held[number].waiting + more)
        verdicts += [(number, one) for one in made]
    verdicts.sort(key=lambda pair: (pair[1].arrival.waited, numbers.get(pair[1].arrival.signed.sha256, 0)))
    return Placed(chains, verdicts, numbers)


_BATCH_COLUMNS: tuple[tuple[str, str], ...] = (
    ("sha256", "bytea"), ("key_no", "int8"), ("sequence", "int8"), ("content", "int8"), ("first_us", "int8"),
    ("last_us", "int8"), ("received_us", "int8"), ("status", "text"), ("rule", "text"), ("facts", "jsonb"),
    ("payload", "bytea"), ("signature", "bytea"), ("receipt_no", "int8"),
)  # fmt: skip
_COPY = f"copy batch ({', '.join(name for name, _ in _BATCH_COLUMNS)}) from stdin (format binary)".encode()


def write_placed(connection: psycopg.Connection, placed: Placed) -> int:
    """Write batches, releases and chains; gives the number of the receipt, whose own row :func:`write_receipt` adds."""
    row = connection.execute("select nextval('batch_receipt_number')").fetchone()
    assert row is not None
    receipt_no = int(row[0])
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types([kind for _, kind in _BATCH_COLUMNS])
        for key_no, verdict in placed.verdicts:
            if not verdict.arrival.waited:
                copy.write_row(_batch_row(key_no, verdict, receipt_no))
    released = [
        (placed.numbers[one.arrival.signed.sha256], one.status.value, *_rule_and_facts(one), receipt_no)
        for _, one in placed.verdicts
        if one.arrival.waited
    ]
    if released:
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into batch_release (batch_no, status, rule, facts, receipt_no) values (%s, %s, %s, %s, %s)",
                released,
            )
    chains = sorted(placed.chains.items())
    connection.execute(
        "update batch_chain c set next_sequence = n.next_sequence, head = substr(n.head, 2),"
        " last_created_us = n.created, waiting = n.waiting"
        " from unnest(string_to_array(%s, ',')::bigint[], string_to_array(%s, ',')::bigint[],"
        " string_to_array(%s, ','), string_to_array(%s, ',')::bigint[], string_to_array(%s, ',')::int[])"
        " as n (key_no, next_sequence, head, created, waiting) where c.key_no = n.key_no",
        [
            joined(number for number, _ in chains), joined(one.chain.next_sequence for _, one in chains),
            joined(f"h{one.chain.head}" for _, one in chains), joined(one.chain.last_created_us for _, one in chains),
            joined(one.waiting for _, one in chains),
        ],
    )  # fmt: skip
    return receipt_no


def _rule_and_facts(verdict: Verdict) -> tuple[str | None, Jsonb | None]:
    if verdict.finding is None:
        return None, None
    return verdict.finding.rule, Jsonb(plain(dict(verdict.finding.facts)))


def _batch_row(key_no: int, verdict: Verdict, receipt_no: int) -> tuple[object, ...]:
    signed, batch = verdict.arrival.signed, verdict.arrival.signed.batch
    first = min(one.t_us[0] for one in batch.series)
    last = max(one.t_us[-1] for one in batch.series)
    return (
        bytes.fromhex(signed.sha256), key_no, batch.sequence, signed.content, first, last,
        verdict.arrival.received_us, verdict.status.value, *_rule_and_facts(verdict), signed.payload,
        signed.signature, receipt_no,
    )  # fmt: skip


def write_receipt(
    connection: psycopg.Connection, receipt_no: int, lines: Sequence[str], root_hash: str, entry_no: int
) -> None:
    """The row that ties a receipt to its journal entry."""
    connection.execute(
        "insert into batch_receipt (receipt_no, lines, root, entry_no) values (%s, %s, %s, %s)",
        [receipt_no, len(lines), root_hash, entry_no],
    )


def root_of(lines: Sequence[str]) -> str:
    """The root of the RFC 6962 tree over the lines of a receipt, in hexadecimal."""
    hashes = [leaf_hash(line.encode("ascii")) for line in lines]
    return root_of_peaks(grow(0, (), hashes).peaks).hex()
