"""Signed notices: what one registry's installation tells another, so that both keep one truth in two books.

A notice is one line of text: canonical JSON signed with Ed25519 (:mod:`openjcm.signed`). It names sender and recipient,
counts from 1 for each of the two, names the notice before it by its hash, and says which entry of the sender's journal
it reports, with the serial ranges concerned, their quantities and their sum. ``docs/notices.md`` shows it;
``notice.schema.json`` describes the payload. A notice never moves anything in the recipient's book.

The chain is over what is said, the signature says who says it: a sender that changes its key signs the same notices
with the new one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from openjcm.canonical import canonical_bytes
from openjcm.refusals import Refused, refusal
from openjcm.registry.serials import PROJECT_REFERENCE, VINTAGE, Block, parse_block
from openjcm.signed import SignedLine, read_line, sign_line

FORMAT: Final = "openjcm-notice-1"
ACKNOWLEDGEMENT: Final = "openjcm-acknowledgement-1"
NO_NOTICE = "0" * 64
"""The hash that the first notice names as the one before."""
LONGEST_LINE = 16 * 1024 * 1024
MOST_RANGES = 100_000
HIGHEST = 10**15

_CLAUSE = "OpenJCM: two registries, one truth (docs/notices.md)"
NOTICE_NOT_UNDERSTOOD = refusal(
    "notice_not_understood",
    en="The text is no signed notice: {place}.",
    ja="署名付き通知として読めません: {place}。",
    remedy_en="Send the line that `openjcm notices` writes, unchanged; docs/notices.md describes its form.",
    remedy_ja="`openjcm notices` が出力した行をそのまま送付してください。形式は docs/notices.md を参照してください。",
    clause=_CLAUSE,
)
NOTICE_SUM_WRONG = refusal(
    "notice_sum_wrong",
    en="Notice {sequence} of {sender} states {stated}; its serial ranges give {found}.",
    ja="{sender} の通知 {sequence} に記載された数量は {stated} ですが、識別番号の範囲からは {found} となります。",
    remedy_en="Nothing was recorded. Ask the sender to look at its book (`openjcm audit`) before it sends more.",
    remedy_ja="記録されていません。送付元に、以降の送付の前に帳簿の監査 (`openjcm audit`) を依頼してください。",
    clause=_CLAUSE,
)

InstallationName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
_Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
_Registry = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}(-demonstration)?$")]
_DayText = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
_BlockText = Annotated[
    str,
    StringConstraints(
        pattern=rf"^JCM-[A-Z]{{2}}-{PROJECT_REFERENCE}(\.{PROJECT_REFERENCE})*-{VINTAGE}-[1-9][0-9]{{0,15}}-[1-9][0-9]{{0,15}}$"
    ),
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Ranged(_Part):
    """A run of serials and where it is after the entry."""

    block: _BlockText = Field(description="First and last serial: JCM-JP-XD001-2022-1-40.")
    quantity: int = Field(ge=1, le=HIGHEST, description="Tonnes of CO2 equivalent in the run.")
    registry: _Registry = Field(description="The registry in whose book it is.")
    state: _Word = Field(description="held, retired, cancelled, or the type of another account.")


class Reported(_Part):
    """The entry of the sender's journal that the notice reports, with its leaf in the sender's log."""

    entry_no: int = Field(ge=1, le=HIGHEST)
    leaf_index: int = Field(ge=0, le=HIGHEST)
    leaf_hash: _Hash


class Notice(_Part):
    """What one installation tells another of one entry."""

    format: Literal["openjcm-notice-1"]
    sender: InstallationName = Field(description="The installation that says it.")
    recipient: InstallationName = Field(description="The installation to which it is said.")
    sequence: int = Field(ge=1, le=HIGHEST, description="1, 2, 3 … from this sender to this recipient.")
    previous: _Hash = Field(description="SHA-256 of the payload of the notice before; zeros in the first.")
    kind: _Word = Field(description="decision, issued, authorization, first_transfer, retired, cancelled …")
    world: Literal["public", "demonstration"]
    reported: Reported
    occurred_on: _DayText = Field(description="The day on which it happened.")
    ranges: tuple[Ranged, ...] = Field(max_length=MOST_RANGES, description="The serials concerned, once each.")
    sum: int = Field(ge=0, le=HIGHEST, description="Sum of the quantities.")
    facts: dict[str, Any] = Field(description="What else belongs to the kind: purpose, year of use, decision …")

    @property
    def payload(self) -> bytes:
        """The canonical JSON."""
        return canonical_bytes(self.model_dump(mode="json"))


@dataclass(frozen=True)
class SignedNotice:
    """A notice with the line it came in."""

    notice: Notice
    line: SignedLine

    @property
    def sha256(self) -> str:
        """Its name: SHA-256 of the payload."""
        return self.line.sha256

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Its serial ranges."""
        return tuple(parse_block(item.block) for item in self.notice.ranges)


def sign_notice(payload: bytes, key: Ed25519PrivateKey) -> str:
    """A notice as it is sent."""
    return sign_line(FORMAT, payload, key)


def read_notice(line: str | bytes) -> SignedNotice:
    """The notice of a line, its sum checked. Nothing is believed yet: the signature is checked by its reader.

    Raises:
        Refused: ``notice_not_understood`` with the place that is wrong, ``notice_sum_wrong``.
    """
    try:
        signed, _ = read_line(FORMAT, line, LONGEST_LINE)
        notice = Notice.model_validate_json(signed.payload)
        date.fromisoformat(notice.occurred_on)
        if (notice.sequence == 1) != (notice.previous == NO_NOTICE):
            raise ValueError("previous: zeros stand in the first notice, and nowhere else")
        blocks = [parse_block(item.block) for item in notice.ranges]
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = f"{'.'.join(map(str, first['loc'])) or 'payload'}: {first['msg']}"
        raise NOTICE_NOT_UNDERSTOOD(place=place[:200]) from error
    except Refused as refused:
        raise NOTICE_NOT_UNDERSTOOD(place=str(refused)[:200]) from refused
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise NOTICE_NOT_UNDERSTOOD(place=str(error)[:200] or type(error).__name__) from error
    sums_agree(notice, blocks)
    return SignedNotice(notice, signed)


def sums_agree(notice: Notice, blocks: list[Block]) -> None:
    """Quantities are those of their ranges, no serial stands twice, all give the sum. Refuses ``notice_sum_wrong``."""
    for item, block in zip(notice.ranges, blocks, strict=True):
        if item.quantity != block.quantity:
            raise NOTICE_SUM_WRONG(
                sequence=notice.sequence, sender=notice.sender, stated=f"{item.block} = {item.quantity}",
                found=block.quantity,
            )  # fmt: skip
    ordered = sorted(blocks)
    for left, right in pairwise(ordered):
        if left.overlaps(right):
            raise NOTICE_SUM_WRONG(sequence=notice.sequence, sender=notice.sender, stated=left, found=right)
    total = sum(block.quantity for block in blocks)
    if total != notice.sum:
        raise NOTICE_SUM_WRONG(sequence=notice.sequence, sender=notice.sender, stated=notice.sum, found=total)


def schema() -> Mapping[str, Any]:
    """The JSON schema (2020-12) of the payload."""
    from importlib import resources

    text = (resources.files("openjcm.registry") / "notice.schema.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


# Acknowledgements -----------------------------------------------------------------------------------------------------

ACKNOWLEDGEMENT_WRONG = refusal(
    "acknowledgement_wrong",
    en="The acknowledgement of {partner} is not to be believed: {reason}.",
    ja="{partner} の受領確認は信頼できません: {reason}。",
    remedy_en="Look at both sides' `openjcm notices status`, and reconcile; do not send the notices anew by hand.",
    remedy_ja="双方の `openjcm notices status` を確認し、照合してください。手作業で再送しないでください。",
    clause=_CLAUSE,
    status=502,
)


class Acknowledgement(_Part):
    """How far the recipient's inbox has come: every notice before ``next_sequence`` is on record there."""

    format: Literal["openjcm-acknowledgement-1"]
    sender: InstallationName = Field(description="The installation that acknowledges.")
    recipient: InstallationName = Field(description="The installation whose notices are acknowledged.")
    next_sequence: int = Field(ge=1, le=HIGHEST, description="The number that is waited for.")
    head: _Hash = Field(description="SHA-256 of the payload of the newest notice on record; zeros: none.")


def sign_acknowledgement(said: Acknowledgement, key: Ed25519PrivateKey) -> str:
    """An acknowledgement as it is sent."""
    return sign_line(ACKNOWLEDGEMENT, canonical_bytes(said.model_dump(mode="json")), key)


def read_acknowledgement(line: str | bytes, partner: str) -> tuple[Acknowledgement, SignedLine]:
    """The acknowledgement of a line; its signature is checked by the reader.

    Raises:
        Refused: ``acknowledgement_wrong``.
    """
    try:
        signed, _ = read_line(ACKNOWLEDGEMENT, line, 10_000)
        return Acknowledgement.model_validate_json(signed.payload), signed
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ACKNOWLEDGEMENT_WRONG(partner=partner, reason=str(error)[:200]) from error
