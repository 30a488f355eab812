"""Correct a mistake: take an entry's blocks back to where it took them from, by four people's signed consent."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, LiteralString

import psycopg
from psycopg.types.json import Jsonb
from pydantic import Field

from openjcm.canonical import Plain, plain, sha256_hex
from openjcm.commands.framework import Act, Decision, Desk, Name, Part, Party, Request
from openjcm.commands.lookups import is_on_record, retirement_rules
from openjcm.commands.transfer import BlockTexts, State, moved, moving
from openjcm.commands.upload_readings import CONTENT_NOT_BASE64
from openjcm.registry.accounts import OF_GOVERNMENTS
from openjcm.registry.correction import NOTHING_TO_CORRECT
from openjcm.registry.ledger import Correction, Movement, SignedConsent
from openjcm.store.journal import NewFile
from openjcm.store.ledger import read_movements, write_movements

Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
Signature = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{86}$")]


class ConsentPart(Part):
    """One person who signed the statement."""

    side: Party = Field(description="JPN or the host country (ISO 3166-1 alpha-3).")
    name: Name = Field(description="The person's name and office.")
    public_key: Key = Field(description="Ed25519 public key, base64url without padding.")
    signature: Signature = Field(description="Ed25519 signature of the statement, base64url without padding.")


class CorrectMistake(Request):
    """A mistaken entry is taken back, in whole or in part. Nothing is deleted: both entries stay.

    Signed is the canonical JSON of {"blocks", "corrects", "document_sha256", "kind": "correction", "occurred_on",
    "reason"}, each block written with its first and last number; a refusal of a wrong signature shows it.
    """

    corrects: int = Field(description="Number of the mistaken entry.", ge=1, le=10**15)
    blocks: BlockTexts = Field(description="Serials or runs of serials that it moved and that did not move since.")
    reason: Name = Field(description="What was wrong, in words.")
    name: Name = Field(description="Name of the document that shows the mistake.")
    media_type: Name = Field(description="Its media type: application/pdf.")
    content_base64: str = Field(description="Its bytes, base64.", max_length=20_000_000, repr=False)
    consents: Annotated[tuple[ConsentPart, ...], Field(max_length=20)] = Field(
        description="Two people of each side, each with a key of his own."
    )


@dataclass(frozen=True)
class Mistake:
    """What the act looks at: the holdings, what the mistaken entry moved, and which acts may be corrected."""

    moving: State
    moved: tuple[Movement, ...]
    correctable: tuple[str, ...]
    approvers: Mapping[str, frozenset[str]]
    stored: bool
    """Whether the document is on record already: one letter may show several mistakes."""


def content_of(request: CorrectMistake) -> bytes:
    """The bytes of the document. Refuses ``content_not_base64``."""
    try:
        return base64.b64decode(request.content_base64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CONTENT_NOT_BASE64(name=request.name) from error


def journal_form(request: CorrectMistake) -> Plain:
    """The request with the hash of the document in the place of its bytes."""
    form = request.model_dump(mode="json", exclude={"content_base64"})
    return plain({**form, "content_sha256": sha256_hex(content_of(request))})


def load(desk: Desk, request: CorrectMistake) -> Mistake:
    """The entry's movements and the holdings, locked. The target is the account that the entry took them from."""
    found = read_movements(desk.connection, request.corrects)
    if not found:
        raise NOTHING_TO_CORRECT(entry=request.corrects, blocks=request.blocks)
    target = found[0].source or found[0].target
    state = moving(desk, request.blocks, target.account_id)
    parties = sorted({party for item in state.holdings for party in item.origin.parties})
    stored = is_on_record(desk, "select 1 from stored_file where sha256 = %s", sha256_hex(content_of(request)))
    correctable = retirement_rules(parties, request.occurred_on).correctable
    return Mistake(state, found, correctable, approvers_of_governments(desk, state.target.registry_id), stored)


def approvers_of_governments(desk: Desk, registry_id: str) -> dict[str, frozenset[str]]:
    """By Party of the registry's world: the keys of those who may now approve for its government's accounts."""
    rows = desk.connection.execute(_APPROVERS, [sorted(OF_GOVERNMENTS), registry_id]).fetchall()
    return {party: frozenset(keys) for party, keys in rows}


_APPROVERS: LiteralString = """
    select r.party, array_agg(f.public_key)
    from (select distinct on (account_id, representative) account_id, rights, public_key from representative_fact
      order by account_id, representative, entry_no desc) f
    join account a using (account_id) join registry r using (registry_id)
    where 'approve' = any(f.rights) and a.account_type = any(%s)
      and r.world = (select world from registry where registry_id = %s)
    group by 1
"""


def decide(request: CorrectMistake, state: Mistake) -> Decision:
    """The ledger decides: the act, the people and their signatures, and that nothing came after."""
    file = NewFile(content_of(request), request.media_type, request.name)
    entry = Correction(
        state.moving.blocks, state.moving.target, request.occurred_on, request.corrects, state.moved, request.reason,
        file.sha256, consents_of(request), state.correctable, state.approvers,
    )  # fmt: skip
    details: dict[str, object] = {"corrects": request.corrects, "reason": request.reason}
    made = moved(state.moving, entry, {**details, "document_sha256": file.sha256})
    outcome = {**made.outcome, "document_stored": not state.stored}
    return Decision(outcome, files=() if state.stored else (file,), details=(made.details, request, file.sha256))


def consents_of(request: CorrectMistake) -> tuple[SignedConsent, ...]:
    """The consents as the ledger sees them."""
    return tuple(SignedConsent(item.side, item.name, item.public_key, item.signature) for item in request.consents)


def record(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """The correction's own row first: the database lets nothing out of a sink without it."""
    (before, found, details), request, sha256 = decision.details
    connection.execute(
        "insert into correction (entry_no, corrects, reason, document_sha256, approvals) values (%s, %s, %s, %s, %s)",
        [
            entry_no,
            request.corrects,
            request.reason,
            sha256,
            Jsonb(plain([one.model_dump() for one in request.consents])),
        ],
    )
    write_movements(connection, entry_no, before, found, details)


ACT = Act(
    name="correct_mistake",
    title_en="Correct a mistake",
    title_ja="誤りの訂正",
    permission="operator",
    request=CorrectMistake,
    load=load,
    decide=decide,
    record=record,
    journal_form=journal_form,
)
