"""Batches arrive: many in one transaction, each judged, kept and answered, once, however often it comes.

This is no act of the operator: a batch is let in by its signature alone. The batches of one commit share one journal
entry (``receive_batches``), whose outcome holds the root of a tree over their verdicts, so each batch can be proven to
stand in the log (``docs/decisions``: group commit). An answer is given only when its transaction is durable.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg import errors
from psycopg.types.json import Jsonb

from openjcm.canonical import plain
from openjcm.commands.framework import ATTEMPTS, TRY_AGAIN, not_reached, pause
from openjcm.commands.live_desk import (
    Key,
    Placed,
    joined,
    known_batches,
    place_all,
    read_keys,
    root_of,
    to_us,
    write_placed,
    write_receipt,
)
from openjcm.commands.office import Office
from openjcm.mrv.batch import SignedBatch, read_batch, stated_key
from openjcm.mrv.batch_rules import WAITING_MOST, Arrival, Status, Verdict, finding_data, found
from openjcm.refusals import Finding, Refused
from openjcm.signed import read_public_key
from openjcm.store import journal

ENTRY = "receive_batches"
"""The name under which a commit of batches stands in the journal."""
MOST_IN_A_COMMIT = 2_000
STRAYS_KEPT = 10_000
"""How many batches of unknown keys or with wrong signatures are kept to look at; the rest is only answered."""
STRAY_BEGINNING = 4_000
"""Characters kept of such a batch."""


@dataclass(frozen=True)
class Outcome:
    """The answer for one line.

    ``status``: ``accepted``; ``held`` (kept, waits for a missing batch); ``quarantined`` (kept apart, counts nowhere);
    ``already_known`` (``recorded`` says as what); ``not_understood`` (no batch); ``not_taken`` (too many wait for a
    missing one: send that one first). Every status but the last two means that the batch need not be sent again; but
    one that is quarantined as a stranger's (B01, B02) is not kept for a gateway whose key may be registered yet.
    """

    status: str
    sha256: str = ""
    key_id: str = ""
    sequence: int = 0
    recorded: str = ""
    rule: str = ""
    finding: Finding | None = None
    refused: Refused | None = None

    def as_data(self) -> dict[str, Any]:
        """The answer as plain data; what does not apply is left out."""
        data: dict[str, Any] = {"status": self.status}
        for name in ("sha256", "key_id", "sequence", "recorded", "rule"):
            if value := getattr(self, name):
                data[name] = value
        if self.finding is not None:
            data["finding"] = plain(dict(finding_data(self.finding)))
        if self.refused is not None:
            data["refusal"] = self.refused.as_data()
        return data


def receive(office: Office, lines: Sequence[str | bytes]) -> list[Outcome]:
    """Judge and keep the batches; gives the answer for each line, in order. The transaction is durable then.

    Raises:
        Refused: ``try_again`` where the database does not answer; nothing is known to be kept then.
    """
    texts = [line if isinstance(line, str) else line.decode("ascii", "replace") for line in lines]
    outcomes = _insist(office, list(dict.fromkeys(texts))) if texts else {}
    return [outcomes[text] for text in texts]


def _insist(office: Office, lines: list[str]) -> dict[str, Outcome]:
    """Receive in one transaction, again where another was first or the connection broke."""
    for attempt in range(ATTEMPTS):
        try:
            return _once(office, lines)
        except (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable, errors.UniqueViolation):
            pass
        except (psycopg.OperationalError, psycopg.InterfaceError):
            office.drop_connections()  # perhaps after the commit: the next look finds what was kept
        pause(attempt)
    raise not_reached(office)


def _once(office: Office, lines: list[str]) -> dict[str, Outcome]:
    """First who speaks, then what is said, then the place in the chain: each step is asked of what passed the last."""
    received_us = to_us(office.clock())
    named, outcomes = _understood(lines, stated_key)
    with office.transaction() as connection:
        keys = _public_keys(connection, sorted(set(named.values())))
        strays = {line: found("B01", key=key_id) for line, key_id in named.items() if key_id not in keys}
        read, wrong = _understood([line for line in named if line not in strays], read_batch)
        outcomes |= wrong
        for line, one in read.items():
            if not one.is_signed_by(_key_of(keys[one.key_id][1])):
                strays[line] = found("B02", key=one.key_id)
        _keep_strays(connection, strays, received_us)
        outcomes |= {line: _quarantined(line, named[line], finding) for line, finding in strays.items()}
        ours = {one.sha256: one for line, one in read.items() if line not in strays}
        if ours:
            taken = _take(connection, office, list(ours.values()), received_us)
            outcomes |= {line: taken[one.sha256] for line, one in read.items() if line not in strays}
        return outcomes


T = TypeVar("T")


def _understood(lines: Sequence[str], read: Callable[[str], T]) -> tuple[dict[str, T], dict[str, Outcome]]:
    """What could be read of each line, and the answer for the others."""
    good: dict[str, T] = {}
    wrong: dict[str, Outcome] = {}
    for line in lines:
        try:
            good[line] = read(line)
        except Refused as refused:
            wrong[line] = Outcome("not_understood", refused=refused)
    return good, wrong


def _public_keys(connection: psycopg.Connection, key_ids: list[str]) -> dict[str, tuple[int, str]]:
    rows = connection.execute(
        "select key_id, entry_no, public_key from gateway_key where key_id = any(string_to_array(%s, ','))",
        [joined(key_ids)],
    )
    return {row[0]: (row[1], row[2]) for row in rows}


@lru_cache(maxsize=100_000)
def _key_of(text: str) -> Ed25519PublicKey:
    return read_public_key(text)


def _quarantined(line: str, key_id: str, finding: Finding) -> Outcome:
    name = sha256(line.rpartition(".")[0].encode("ascii", "replace")).hexdigest()
    return Outcome(Status.QUARANTINED.value, name, key_id, rule=finding.rule, finding=finding)


def _keep_strays(connection: psycopg.Connection, strays: Mapping[str, Finding], received_us: int) -> None:
    """Keep the beginning of each, up to a number: anybody can make more."""
    if not strays:
        return
    row = connection.execute("select count(*) from stray_batch").fetchone()
    room = max(STRAYS_KEPT - (row[0] if row else 0), 0)
    rows = [
        (
            sha256(plain_text).digest(), plain_text[:STRAY_BEGINNING].decode("ascii").replace("\0", "?"), len(line),
            finding.rule, Jsonb(plain(dict(finding.facts))), received_us,
        )
        for line, finding in islice(strays.items(), room)
        for plain_text in [line.encode("ascii", "replace")]
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into stray_batch (sha256, beginning, length, rule, facts, received_us)"
            " values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
            rows,
        )


def _take(
    connection: psycopg.Connection, office: Office, batches: list[SignedBatch], received_us: int
) -> dict[str, Outcome]:
    """Place the batches of known keys, with one receipt for all that is new."""
    lock_first = sorted({one.key_id for one in batches})
    connection.execute(
        "select 1 from batch_chain c join gateway_key k on k.entry_no = c.key_no"
        " where k.key_id = any(string_to_array(%s, ',')) order by c.key_no for no key update of c",
        [joined(lock_first)],
    )
    keys = read_keys(connection, lock_first)
    known = known_batches(connection, [one.sha256 for one in batches])
    outcomes = {
        one.sha256: Outcome(
            "already_known", one.sha256, one.key_id, one.batch.sequence, recorded=known[one.sha256][0],
            rule=known[one.sha256][1] or "",
        )
        for one in batches
        if one.sha256 in known
    }  # fmt: skip
    arrivals: dict[str, list[Arrival]] = {}
    for one in batches:
        if one.sha256 not in known:
            arrivals.setdefault(one.key_id, []).append(Arrival(one, received_us))
    outcomes |= _leave_out_too_many(connection, arrivals, keys)
    if arrivals:
        placed = place_all(connection, arrivals, keys)
        record(connection, office, placed)
        outcomes |= {one.arrival.signed.sha256: _answer(one) for _, one in placed.verdicts if not one.arrival.waited}
    return outcomes


def _answer(verdict: Verdict) -> Outcome:
    signed = verdict.arrival.signed
    return Outcome(
        verdict.status.value, signed.sha256, signed.key_id, signed.batch.sequence,
        rule=verdict.finding.rule if verdict.finding else "", finding=verdict.finding,
    )  # fmt: skip


def _leave_out_too_many(
    connection: psycopg.Connection, arrivals: dict[str, list[Arrival]], keys: dict[str, Key]
) -> dict[str, Outcome]:
    """Of a key for which too many wait, only the batch that is missing is taken."""
    numbers = [keys[key_id].key_no for key_id in arrivals]
    rows = connection.execute(
        "select key_no, next_sequence from batch_chain"
        " where key_no = any(string_to_array(%s, ',')::bigint[]) and waiting >= %s",
        [joined(numbers), WAITING_MOST],
    )
    full: dict[int, int] = dict(rows.fetchall())
    outcomes = {}
    for key_id in [one for one in arrivals if keys[one].key_no in full]:
        missing = full[keys[key_id].key_no]
        for one in arrivals[key_id]:
            if (sequence := one.signed.batch.sequence) > missing:
                waits = found("B08", sequence=sequence, missing=missing)
                outcomes[one.signed.sha256] = Outcome(
                    "not_taken", one.signed.sha256, key_id, sequence, rule="B08", finding=waits
                )
        arrivals[key_id] = [one for one in arrivals[key_id] if one.signed.sha256 not in outcomes]
        if not arrivals[key_id]:
            del arrivals[key_id]
    return outcomes


def record(connection: psycopg.Connection, office: Office, placed: Placed) -> None:
    """Write what was placed, and its receipt into the journal and the log, in the caller's transaction."""
    receipt_no = write_placed(connection, placed)
    lines = placed.lines()
    root_hash = root_of(lines)
    now = office.clock()
    counts = Counter(("released_" if one.arrival.waited else "") + one.status for _, one in placed.verdicts)
    entry = journal.append(
        connection, ENTRY, f"batches:{receipt_no}:{root_hash}", {"receipt_no": receipt_no, "lines": len(lines)},
        {"receipt_no": receipt_no, "lines": len(lines), "root": root_hash, "counts": dict(counts)},
        now.astimezone(ZoneInfo("Asia/Tokyo")).date(), now, "gateways", (), office.signer,
    )  # fmt: skip
    write_receipt(connection, receipt_no, lines, root_hash, entry.entry_no)


# Group commit ---------------------------------------------------------------------------------------------------------


@dataclass
class Receiver:
    """Gathers the batches of many callers into few transactions. One thread writes; callers wait for their answers.

    While one commit is on its way to the disk the next callers gather, so nobody waits for a timer, and the more come
    at once the fewer commits each costs.
    """

    office: Office
    most: int = MOST_IN_A_COMMIT
    _waiting: queue.Queue[tuple[Sequence[str | bytes], Future[list[Outcome]]] | None] = field(
        default_factory=lambda: queue.Queue(maxsize=1_000), init=False, repr=False
    )
    _thread: threading.Thread | None = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def receive(self, lines: Sequence[str | bytes]) -> list[Outcome]:
        """As :func:`receive`, in a transaction shared with other callers."""
        answer: Future[list[Outcome]] = Future()
        self._start()
        try:
            self._waiting.put((lines, answer), timeout=30)
        except queue.Full as error:
            raise TRY_AGAIN() from error
        return answer.result()

    def close(self) -> None:
        """End the writing thread once it has answered those that wait."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._waiting.put(None)
            thread.join()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="batches", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            group = [first]
            count = len(first[0])
            last = False
            while count < self.most and not last:
                try:
                    more = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                else:
                    group.append(more)
                    count += len(more[0])
            self._answer(group)
            if last:
                return

    def _answer(self, group: list[tuple[Sequence[str | bytes], Future[list[Outcome]]]]) -> None:
        try:
            outcomes = receive(self.office, [line for lines, _ in group for line in lines])
        except BaseException as error:  # every caller gets it
            for _, answer in group:
                answer.set_exception(error)
            return
        start = 0
        for lines, answer in group:
            answer.set_result(outcomes[start : start + len(lines)])
            start += len(lines)
