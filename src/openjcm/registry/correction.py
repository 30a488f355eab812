"""The controlled correction of a mistake: a compensating entry, never a deletion.

A correction takes the blocks of one entry back to the account from which that entry took them, as long as they are
still where it put them. It needs a reason, a document, and the signed consent of two people of each side. It is the
only door out of a retirement or cancellation account. What is then to be done rightly is done by an act of its own.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import date

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openjcm.canonical import canonical_bytes
from openjcm.refusals import refusal
from openjcm.registry.entries import Correction, Holding, Movement, SignedConsent
from openjcm.registry.serials import Block

_CLAUSE = (
    "OpenJCM: a mistake is taken back by a further entry (own rule; the account-book ordinance was not read on it)"
)

NOTHING_TO_CORRECT = refusal(
    "nothing_to_correct",
    en="Entry {entry} moved none of {blocks}.",
    ja="記録番号 {entry} は {blocks} を移動していません。",
    remedy_en="Name the entry that brought these credits to where they are.",
    remedy_ja="対象のクレジットを現在の口座に移した記録の番号を指定してください。",
    clause=_CLAUSE,
    status=404,
)
ACT_NOT_CORRECTABLE = refusal(
    "act_not_correctable",
    en="Entry {entry} is an act of the kind {kind}, which is not corrected in this way.",
    ja="記録番号 {entry} の手続 ({kind}) は、この方法では訂正できません。",
    remedy_en="Correctable are: {allowed} (rule correctable_acts).",
    remedy_ja="訂正できる手続: {allowed} (規則 correctable_acts)。",
    clause=_CLAUSE,
)
MOVED_SINCE = refusal(
    "moved_since",
    en="{block} is no longer where entry {entry} put it: entry {later} moved it on.",
    ja="{block} は記録番号 {entry} の後、記録番号 {later} により移動しています。",
    remedy_en="Correct the later entry first, or name only blocks that did not move since.",
    remedy_ja="後の記録を先に訂正するか、その後移動していない範囲だけを指定してください。",
    clause=_CLAUSE,
    status=409,
)
CONSENT_MISSING = refusal(
    "consent_missing",
    en="A correction needs {needed} people of each side; {side} has {found}.",
    ja="訂正には各側 {needed} 名の同意が必要です ({side} 側: {found} 名)。",
    remedy_en="Let {needed} different people of each side ({sides}) sign the statement, each with a key of his own."
    " Where a side has registered who approves for its government's accounts, only these people count.",
    remedy_ja="各側 ({sides}) の異なる {needed} 名が、それぞれ自らの鍵で書面に署名してください。"
    "政府の口座の承認者が登録されている側では、その承認者の署名だけが有効です。",
    clause=_CLAUSE,
)
CONSENT_NOT_SIGNED = refusal(
    "consent_not_signed",
    en="The signature of {name} ({side}) is not one of the statement: {statement}",
    ja="{name} ({side}) の署名は、次の書面に対するものではありません: {statement}",
    remedy_en="Sign exactly these bytes (UTF-8) with the Ed25519 key that is named.",
    remedy_ja="示された鍵 (Ed25519) で、この書面の文字列 (UTF-8) そのものに署名してください。",
    clause=_CLAUSE,
)

PEOPLE_OF_EACH_SIDE = 2
"""How many people of each side consent (own rule, on the safe side)."""


def statement_of(
    entry_no: int, blocks: Sequence[str], occurred_on: date, reason: str, document_sha256: str
) -> Mapping[str, object]:
    """What the people sign: which entry is corrected, for which blocks, when, why, by which document."""
    return {
        "kind": "correction",
        "corrects": entry_no,
        "blocks": list(blocks),
        "occurred_on": occurred_on.isoformat(),
        "reason": reason,
        "document_sha256": document_sha256,
    }


def two_of_each_side(
    consents: Sequence[SignedConsent], sides: Sequence[str], approvers: Mapping[str, frozenset[str]]
) -> None:
    """Two people of each side, with keys of their own, consent. Refuses ``consent_missing``.

    Where people are registered who approve for the accounts of a side's government, only theirs count.
    """
    keys = [consent.public_key for consent in consents]
    for side in sides:
        known = approvers.get(side, frozenset(keys))
        own = {(item.public_key, item.name) for item in consents if item.side == side and item.public_key in known}
        found = min(len({key for key, _ in own if keys.count(key) == 1}), len({name for _, name in own}))
        if found < PEOPLE_OF_EACH_SIDE:
            raise CONSENT_MISSING(needed=PEOPLE_OF_EACH_SIDE, side=side, found=found, sides=list(sides))


def each_signed(consents: Sequence[SignedConsent], statement: Mapping[str, object]) -> None:
    """Every signature is one of these very bytes. Refuses ``consent_not_signed``."""
    data = canonical_bytes(statement)
    for consent in consents:
        if not _is_signed(consent, data):
            raise CONSENT_NOT_SIGNED(name=consent.name, side=consent.side, statement=data.decode())


def _is_signed(consent: SignedConsent, data: bytes) -> bool:
    try:
        key, signature = (_bytes(text) for text in (consent.public_key, consent.signature))
        Ed25519PublicKey.from_public_bytes(key).verify(signature, data)
    except (ValueError, binascii.Error, InvalidSignature):
        return False
    return True


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def act_is_correctable(entry_no: int, moved: Sequence[Movement], allowed: Sequence[str]) -> None:
    """Only an act that the rule names is taken back. Refuses ``act_not_correctable``."""
    for item in moved:
        if item.kind.value not in allowed:
            raise ACT_NOT_CORRECTABLE(entry=entry_no, kind=item.kind, allowed=sorted(allowed))


def moved_by_it(entry_no: int, blocks: Sequence[Block], moved: Sequence[Movement]) -> None:
    """The entry moved every serial that is named. Refuses ``nothing_to_correct``."""
    left = list(blocks)
    for item in moved:
        left = [part for block in left for part in block.without(item.block)]
    if left or not blocks:
        raise NOTHING_TO_CORRECT(entry=entry_no, blocks=left)


def not_moved_since(holding: Holding, corrects: int) -> None:
    """The block is still where the mistaken entry put it. Refuses ``moved_since``."""
    if holding.cause != corrects:
        raise MOVED_SINCE(block=holding.block, entry=corrects, later=holding.cause)


def may_be_corrected(holding: Holding, entry: Correction) -> None:
    """What taking back a mistake asks: the act, the people, the signatures, and that nothing came after it.

    Raises:
        Refused: by the guard that it breaks.
    """
    act_is_correctable(entry.corrects, entry.moved, entry.correctable)
    moved_by_it(entry.corrects, entry.blocks, entry.moved)
    two_of_each_side(entry.consents, holding.origin.parties, entry.approvers)
    blocks = [str(block) for block in entry.blocks]
    statement = statement_of(entry.corrects, blocks, entry.occurred_on, entry.reason, entry.document_sha256)
    each_signed(entry.consents, statement)
    not_moved_since(holding, entry.corrects)
