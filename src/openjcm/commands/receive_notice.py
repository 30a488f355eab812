"""Take a partner's notice: its bytes are kept, its place in the chain, and what it states. Nothing of ours moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from pydantic import Field

from openjcm.canonical import Plain, sha256_hex
from openjcm.commands.framework import Act, Decision, Desk, Request, Rows, insert_rows
from openjcm.commands.revoke_partner import UNKNOWN_PARTNER
from openjcm.refusals import refusal
from openjcm.registry.mirror import Mirror, Run, runs_of
from openjcm.registry.notices import LONGEST_LINE, NO_NOTICE, SignedNotice, read_notice
from openjcm.signed import read_public_key
from openjcm.store.journal import Product
from openjcm.store.notices import Partner, Place, inbox_place, mirrored, partner_named, write_mirror

_CLAUSE = "OpenJCM: two registries, one truth (docs/notices.md)"
NOTICE_NOT_FOR_US = refusal(
    "notice_not_for_us",
    en="The notice of {sender} is for {recipient}; {sender} calls this installation {ours}.",
    ja="{sender} の通知の宛先は {recipient} です。{sender} が用いるこのシステムの名称は {ours} です。",
    remedy_en="Send it to its recipient, or agree on the names with `register_partner`.",
    remedy_ja="宛先に送付するか、`register_partner` で名称を取り決めてください。",
    clause=_CLAUSE,
)
NOTICE_SIGNATURE_WRONG = refusal(
    "notice_signature_wrong",
    en="The notice {sequence} is not signed with the key of {sender} on record.",
    ja="通知 {sequence} は、登録されている {sender} の鍵で署名されていません。",
    remedy_en="Nothing was recorded. If the partner changed its key, register the new one; else ask who sent this.",
    remedy_ja="記録されていません。相手方が鍵を変更した場合は新しい鍵を登録し、そうでなければ送付元を確認してください。",
    clause=_CLAUSE,
    status=403,
)
NOTICE_OUT_OF_TURN = refusal(
    "notice_out_of_turn",
    en="Notice {sequence} of {sender} came before notice {expected}.",
    ja="{sender} の通知 {sequence} が、通知 {expected} より先に届きました。",
    remedy_en="Send the missing ones first, beginning with {expected}; nothing is lost.",
    remedy_ja="通知 {expected} から順に送付してください。失われた通知はありません。",
    clause=_CLAUSE,
    status=409,
)
NOTICE_CONTRADICTS = refusal(
    "notice_contradicts",
    en="Notice {sequence} of {sender} does not fit what {sender} said before: {reason}.",
    ja="{sender} の通知 {sequence} は、以前の通知の内容と矛盾しています: {reason}。",
    remedy_en="The sender's history was changed or restored from an old backup: stop, compare both sides' notices, "
    "reconcile.",
    remedy_ja="送付元の履歴が変更されたか、古いバックアップから復元されています。処理を止め、双方の通知を比較して照合"
    "してください。",
    clause=_CLAUSE,
    status=409,
)
NOTICE_ALREADY_KNOWN = refusal(
    "notice_already_known",
    en="Notice {sequence} of {sender} is on record already.",
    ja="{sender} の通知 {sequence} はすでに記録されています。",
    remedy_en="Nothing is to be done.",
    remedy_ja="手続は不要です。",
    clause=_CLAUSE,
    status=409,
)


class ReceiveNotice(Request):
    """A notice of a partner arrived on the day ``occurred_on``."""

    line: str = Field(max_length=LONGEST_LINE, pattern=r"^[A-Za-z0-9_.-]+$", description="The signed line, unchanged.")


def journal_form(request: ReceiveNotice) -> Plain:
    """The journal names the line by its hash; its bytes are a product."""
    return {"occurred_on": request.occurred_on.isoformat(), "line_sha256": sha256_hex(request.line.encode())}


@dataclass(frozen=True)
class State:
    """What the act looks at; the partner's row is locked, so its notices are taken one after the other."""

    signed: SignedNotice
    partner: Partner | None
    place: Place
    same_number: str | None
    """The name of the notice on record under that number."""
    mirror: tuple[Run, ...]


def load(desk: Desk, request: ReceiveNotice) -> State:
    """The notice, who sent it, and where that one's chain ends."""
    signed = read_notice(request.line)
    notice = signed.notice
    desk.connection.execute(
        "select 1 from partner where partner = %s order by version for no key update", [notice.sender]
    )
    row = desk.connection.execute(
        "select sha256 from notice_in where partner = %s and sequence = %s", [notice.sender, notice.sequence]
    ).fetchone()
    return State(
        signed,
        partner_named(desk.connection, notice.sender),
        inbox_place(desk.connection, notice.sender),
        row[0] if row else None,
        tuple(mirrored(desk.connection, notice.sender, runs_of(notice))),
    )


def decide(request: ReceiveNotice, state: State) -> Decision:
    """A notice is taken from a partner in force, for us, rightly signed, in its turn: then it was said."""
    signed, notice = state.signed, state.signed.notice
    partner = known_sender(signed, state.partner)
    for_us(signed, partner)
    signed_by_partner(signed, partner)
    says_the_same(signed, state.same_number)
    new_to_us(signed, state.same_number)
    in_turn(signed, state.place)
    follows(signed, state.place)
    product = Product("notice", request.line.encode())
    row = {
        "partner": notice.sender,
        "sequence": notice.sequence,
        "sha256": signed.sha256,
        "kind": notice.kind,
        "occurred_on": notice.occurred_on,
        "sum": notice.sum,
        "line_sha256": product.sha256,
    }
    outcome = {
        **row,
        "reported_entry_no": notice.reported.entry_no,
        "reported_leaf": notice.reported.leaf_hash,
    }
    gone, new = changed(state.mirror, runs_of(notice))
    return Decision(outcome, (Rows("notice_in", (row,)),), (product,), details=(notice.sender, gone, new))


def changed(old: Sequence[Run], said: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """What of the mirror goes, and what stands there instead."""
    mirror = Mirror()
    for run in old:
        mirror.lay(run)
    for run in said:
        mirror.lay(run)
    after = set(mirror)
    return [run for run in old if run not in after], sorted(after - set(old))


def known_sender(signed: SignedNotice, partner: Partner | None) -> Partner:
    """Only partners in force are heard. Refuses ``unknown_partner``."""
    if partner is None:
        raise UNKNOWN_PARTNER(partner=signed.notice.sender)
    return partner


def for_us(signed: SignedNotice, partner: Partner) -> None:
    """A notice for somebody else is not ours. Refuses ``notice_not_for_us``."""
    if signed.notice.recipient != partner.our_name:
        raise NOTICE_NOT_FOR_US(sender=signed.notice.sender, recipient=signed.notice.recipient, ours=partner.our_name)


def signed_by_partner(signed: SignedNotice, partner: Partner) -> None:
    """The signature is the partner's over these very bytes. Refuses ``notice_signature_wrong``."""
    if not signed.line.is_signed_by(read_public_key(partner.notice_key)):
        raise NOTICE_SIGNATURE_WRONG(sequence=signed.notice.sequence, sender=signed.notice.sender)


def says_the_same(signed: SignedNotice, on_record: str | None) -> None:
    """A number stands for one notice. Refuses ``notice_contradicts``."""
    if on_record is not None and on_record != signed.sha256:
        raise NOTICE_CONTRADICTS(
            sequence=signed.notice.sequence, sender=signed.notice.sender,
            reason=f"{signed.sha256[:16]}… ≠ {on_record[:16]}…",
        )  # fmt: skip


def new_to_us(signed: SignedNotice, on_record: str | None) -> None:
    """A notice is taken once. Refuses ``notice_already_known``."""
    if on_record is not None:
        raise NOTICE_ALREADY_KNOWN(sequence=signed.notice.sequence, sender=signed.notice.sender)


def in_turn(signed: SignedNotice, place: Place) -> None:
    """Notices come in their order; a gap waits. Refuses ``notice_out_of_turn``."""
    if signed.notice.sequence > place.sequence + 1:
        raise NOTICE_OUT_OF_TURN(
            sequence=signed.notice.sequence, sender=signed.notice.sender, expected=place.sequence + 1
        )


def follows(signed: SignedNotice, place: Place) -> None:
    """Each notice names the one before. Refuses ``notice_contradicts``."""
    if signed.notice.previous != (place.head if place.sequence else NO_NOTICE):
        raise NOTICE_CONTRADICTS(
            sequence=signed.notice.sequence, sender=signed.notice.sender,
            reason=f"previous {signed.notice.previous[:16]}… ≠ {place.head[:16]}…",
        )  # fmt: skip


def record(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """The notice, and what it changes in the mirror of the partner's book."""
    insert_rows(connection, entry_no, decision)
    partner, gone, new = decision.details
    write_mirror(connection, partner, gone, new)


ACT = Act(
    name="receive_notice",
    title_en="Receive a partner's notice",
    title_ja="相手方の通知の受領",
    permission="operator",
    request=ReceiveNotice,
    load=load,
    decide=decide,
    record=record,
    journal_form=journal_form,
)
