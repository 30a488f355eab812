"""This installation as a witness of another log: fetch, compare, keep, co-sign; and take the other's co-signature.

What is seen is kept before it is co-signed, and only a checkpoint that continues the one seen before. A contradiction
is recorded as an act (``record_split_view``) and told; nothing is co-signed then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from openjcm.commands.framework import ATTEMPTS, perform
from openjcm.commands.office import Office
from openjcm.commands.record_split_view import ACT as RECORD_SPLIT_VIEW
from openjcm.log import check_tree, checkpoint, cosignature, tree, witness
from openjcm.log.check_tree import ReadPath
from openjcm.log.checkpoint import Checkpoint, VerifierKey
from openjcm.log.witness import Shown, View
from openjcm.refusals import Refused, refusal
from openjcm.store import witness as kept
from openjcm.store.log_tiles import read_nodes
from openjcm.store.published import reader

LARGEST_REQUEST = witness.LARGEST_REQUEST

OWN_RECORD_LOST = refusal(
    "own_record_lost",
    en="“{origin}” publishes a checkpoint over {size} leaves that was co-signed here, but here none is on record.",
    ja="「{origin}」は、当方の連署がある葉 {size} 件のチェックポイントを公開していますが、当方に記録がありません。",
    remedy_en="Rows of the witness were lost, for example by an old backup: find out how before co-signing again.",
    remedy_ja="古いバックアップなどにより連署の記録が失われています。再び連署する前に原因を調べてください。",
    clause="C2SP tlog-witness: the witness keeps what it saw before it signs",
    status=409,
)
LOG_SHRANK = refusal(
    "log_shrank",
    en="“{origin}” shows {size} leaves; {seen} were seen before, and it does not show that these continue.",
    ja="「{origin}」は葉 {size} 件を示していますが、以前は {seen} 件でした。続きであることが示されていません。",
    remedy_en="Ask the log's operator what happened; the larger checkpoint is kept here. Nothing was co-signed.",
    remedy_ja="ログの運営者に事情を確認してください。以前のチェックポイントは保管されています。連署はしていません。",
    clause="C2SP tlog-witness: the witness does not go back",
    status=409,
)


@dataclass(frozen=True)
class Seen:
    """What came of a look at another log: how its checkpoint stands, and the sizes co-signed on either side."""

    origin: str
    view: View
    size: int
    cosigned_by_them: int | None


def witness_once(office: Office, where: str, key: VerifierKey) -> Seen:
    """Look at another log once, at an address or in a folder.

    Raises:
        Refused: ``not_a_checkpoint``, ``checkpoint_not_signed``, ``published_log_not_read``, ``published_log_damaged``,
            ``log_shrank``, ``own_record_lost``, ``address_of_log_not_safe``.
    """
    read = reader(where)
    note = check_tree.text_of(read("checkpoint"))
    now = checkpoint.open_of(note, key)
    view, size = View.OLDER, now.size
    for _ in range(ATTEMPTS):
        with office.transaction() as connection:
            before = kept.newest_witnessed(connection, key.name)
        _nothing_was_lost(office, note, now, before)
        view, shown = _view(read, before, now)
        if view is View.SPLIT:
            assert before is not None, "a first look contradicts nothing"
            _shout(office, key, before.note, note, shown)
            return Seen(key.name, view, size, None)
        if view is not View.NEW or _keep(office, before, _cosigned(office, note, now, key, shown.proof)):
            break
    return Seen(key.name, view, size, take_cosignature(office, read, key))


def _keep(office: Office, before: kept.Witnessed | None, one: kept.Witnessed) -> bool:
    """Write what was seen, unless another witness of this installation was faster."""
    with office.transaction() as connection:
        kept.lock_log(connection, one.origin)
        if kept.newest_witnessed(connection, one.origin) != before:
            return False
        kept.write_witnessed(connection, one)
    return True


def _nothing_was_lost(office: Office, note: str, now: Checkpoint, before: kept.Witnessed | None) -> None:
    """What bears this witness's co-signature must be on record here. Refuses ``own_record_lost``."""
    if cosignature.cosignatures(note, own_key(office)) and (before is None or before.tree_size < now.size):
        raise OWN_RECORD_LOST(origin=now.origin, size=now.size)


def _view(read: ReadPath, before: kept.Witnessed | None, now: Checkpoint) -> tuple[View, Shown]:
    if before is None:
        return View.NEW, Shown(b"", [])
    smaller, larger = sorted((before.checkpoint, now), key=lambda one: one.size)
    try:
        shown = check_tree.show(read, smaller.size, larger)
        return witness.judge(before.checkpoint, now, shown), shown
    except Refused as refused:
        if now.size < before.tree_size and refused.code in {"published_log_not_read", "published_log_damaged"}:
            raise LOG_SHRANK(origin=now.origin, size=now.size, seen=before.tree_size) from refused
        raise


def _cosigned(office: Office, note: str, now: Checkpoint, key: VerifierKey, proof: list[bytes]) -> kept.Witnessed:
    at = office.clock().replace(microsecond=0)
    line = cosignature.cosign(note, office.signer.origin, office.signer.private_key, int(at.timestamp()))
    return kept.Witnessed(now.origin, now.size, now.root, note, key.text, b"".join(proof), line, at)


def _shout(office: Office, key: VerifierKey, first: str, second: str, shown: Shown) -> None:
    """Record the contradiction; one proof of each log is enough, and is told again at every look."""
    with office.transaction() as connection:
        if kept.has_split_view(connection, key.name):
            return
    request = {
        "occurred_on": _today(office),
        "verifier_key": key.text,
        "first_note": first,
        "second_note": second,
        "shown_root": shown.root.hex(),
        "proof": [step.hex() for step in shown.proof],
    }
    try:
        perform(RECORD_SPLIT_VIEW, request, office=office, key=None, actor="witness")
    except Refused as refused:
        if refused.code != "already_on_record":
            raise


def _today(office: Office) -> str:
    return office.clock().date().isoformat()


def own_key(office: Office) -> VerifierKey:
    """The verifier key of this installation's log, with which it also co-signs."""
    return VerifierKey(office.signer.origin, office.signer.private_key.public_key())


# What the other saw of this log --------------------------------------------------------------------------------------


def witness_path(origin: str) -> str:
    """Where a witness publishes what it saw of a log, below its prefix. C2SP ``tlog-witness``."""
    return f"witness/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"


def take_cosignature(office: Office, read: ReadPath, key: VerifierKey) -> int | None:
    """Take the other's newest co-signature on this log; the size it is on, ``None`` where it has none.

    If the other saw a checkpoint that this log's key signed and that this log does not continue, that is recorded: the
    history here was rewritten, or the key was used elsewhere.
    """
    try:
        note = check_tree.text_of(read(witness_path(office.signer.origin)))
    except Refused:
        return None
    own = own_key(office)
    said = checkpoint.open_of(note, own)
    if not cosignature.cosignatures(note, key):
        return None
    with office.transaction() as connection:
        conflict = own_conflict(connection, said)
        if conflict is None:
            line = cosignature.lines_of(note, key)[0]
            kept.write_cosignature(connection, said.size, key.name, key.text, line, office.clock())
    if conflict is not None:
        _shout(office, own, note, *conflict)
    return said.size


def own_conflict(connection: psycopg.Connection, said: Checkpoint) -> tuple[str, Shown] | None:
    """The newest checkpoint of this log and what its tiles show, if a signed one is not the beginning of it.

    Raises:
        Refused: ``log_shrank`` if the signed one is larger than the log.
    """
    row = connection.execute("select tree_size, note from checkpoint order by tree_size desc limit 1").fetchone()
    size, note = row if row else (0, "")
    if said.size > size:
        raise LOG_SHRANK(origin=said.origin, size=size, seen=said.size)
    places = set(tree.places_of(lambda read: tree.root(said.size, read)))
    places |= set(tree.places_of(lambda read: tree.consistency_proof(said.size, size, read)))
    nodes = read_nodes(connection, places)
    root = tree.root(said.size, lambda *at: nodes[at])
    if root == said.root:
        return None
    return note, Shown(root, tree.consistency_proof(said.size, size, lambda *at: nodes[at]))


# Partners, and what is asked over HTTP --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Partner:
    """Another installation whose log is to be witnessed."""

    name: str
    where: str
    key: VerifierKey


def partners(connection: psycopg.Connection) -> Iterator[Partner]:
    """The partners on record whose log key is known and whose pages have an address."""
    for name, address, log_key in connection.execute(
        "select partner, address, log_key from partner_in_force where log_key is not null order by partner"
    ):
        yield Partner(
            name, "" if address == "files" else f"{address.rstrip('/')}/log", checkpoint.read_verifier_key(log_key)
        )


def trusted_key(connection: psycopg.Connection, origin: str) -> VerifierKey | None:
    """The key of a log that is witnessed here: of a partner on record, or as it was trusted before."""
    for partner in partners(connection):
        if partner.key.name == origin:
            return partner.key
    before = kept.newest_witnessed(connection, origin)
    return checkpoint.read_verifier_key(before.log_key) if before else None


def add_checkpoint(office: Office, body: bytes) -> tuple[int, str]:
    """Answer a request to co-sign (C2SP ``tlog-witness``): the status, and a signature line or the size seen last."""
    sent = witness.read_submission(body)
    origin = witness.origin_of(sent.note) if sent else ""
    with office.transaction() as connection:
        key = trusted_key(connection, origin) if sent else None
        if key is not None:
            kept.lock_log(connection, origin)
        before = kept.newest_witnessed(connection, origin) if key else None
        answer = witness.answer(sent, key, before.checkpoint if before else None)
        if answer.status == 409:
            return 409, f"{before.tree_size if before else 0}\n"
        if answer.status == 200 and sent and key and answer.said:
            if before is not None and before.tree_size == answer.said.size:
                return 200, f"{before.cosignature}\n"
            one = _cosigned(office, sent.note, answer.said, key, sent.proof)
            kept.write_witnessed(connection, one)
            return 200, f"{one.cosignature}\n"
    if answer.said and sent and key and before and before.tree_size == answer.said.size:
        _shout(office, key, before.note, sent.note, Shown(answer.said.root, []))
    return answer.status, ""
