"""Proposals: what one representative of an account signs and another one approves, before anything moves.

A proposal is an act's request, the account it is for, the representative and a nonce, in canonical bytes that are
signed with Ed25519. An answer names the proposal by the SHA-256 of those bytes and is signed likewise. Both are kept
for ever, and whoever has the files and the public keys can check them without any database.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.refusals import refusal
from openjcm.signed import encode, key_id_of, read_public_key, strict_decode

PROPOSAL_FORM, ANSWER_FORM = "openjcm-proposal-1", "openjcm-proposal-answer-1"
"""The first field of what is signed, so that one kind of signature never passes for another."""
RIGHTS = ("view", "propose", "approve")
ANSWERS = ("approve", "reject", "withdraw")
FINAL = frozenset({"rejected", "withdrawn", "executed"})
"""The steps after which a proposal is closed."""
_CONTROL = "UK ETS Registry (peer): proposals by one representative, approval by another, delay, trusted list, limits"

SIGNATURE_DOES_NOT_FIT = refusal(
    "signature_does_not_fit",
    en="The signature is not the one of {representative} (key {key}) under these bytes ({sha256}).",
    ja="署名が、{representative} (鍵 {key}) によるこの内容 ({sha256}) への署名と一致しません。",
    remedy_en="Sign with the registered key by `openjcm proposal sign`, and send the file unchanged.",
    remedy_ja="登録済みの鍵を用いて `openjcm proposal sign` で署名し、ファイルを変更せずに送信してください。",
    clause="RFC 8032: Ed25519 over the canonical bytes",
)
UNKNOWN_REPRESENTATIVE = refusal(
    "unknown_representative",
    en="{representative} is not a representative of {account}, or no longer.",
    ja="{representative} は口座 {account} の代表者として登録されていません (または取り消されています)。",
    remedy_en="Have the representative registered for this account by the registry's administrator.",
    remedy_ja="登録簿の管理者に、当該口座の代表者としての登録を求めてください。",
    clause="OpenJCM: only registered representatives act for an account",
    status=403,
)
RIGHT_MISSING = refusal(
    "right_missing",
    en="{representative} may not {right} for {account}; the rights on record are: {rights}.",
    ja="{representative} には口座 {account} についての権限 {right} がありません (登録済みの権限: {rights})。",
    remedy_en="Ask a representative who has the right, or have the right registered.",
    remedy_ja="権限を持つ代表者が行うか、権限の登録を求めてください。",
    clause="OpenJCM: a representative acts within the rights registered for the account",
    status=403,
)
SAME_PERSON = refusal(
    "same_person",
    en="{representative} signed the proposal; another representative must approve it.",
    ja="{representative} は提案者本人です。承認は別の代表者が行う必要があります。",
    remedy_en="Have it approved by another representative with the right to approve.",
    remedy_ja="承認の権限を持つ別の代表者による承認を受けてください。",
    clause=_CONTROL,
    status=403,
)
PROPOSAL_CLOSED = refusal(
    "proposal_closed",
    en="The proposal {proposal} is {state} already.",
    ja="提案 {proposal} はすでに「{state}」の状態です。",
    remedy_en="Sign a new proposal if the act is still wanted.",
    remedy_ja="引き続き必要な場合は、新たに提案してください。",
    clause="OpenJCM: a proposal is answered once",
    status=409,
)
PROPOSAL_NOT_APPROVED = refusal(
    "proposal_not_approved",
    en="The proposal {proposal} is not approved.",
    ja="提案 {proposal} は承認されていません。",
    remedy_en="Have it approved by another representative.",
    remedy_ja="別の代表者による承認を受けてください。",
    clause=_CONTROL,
    status=409,
)
PROPOSAL_NOT_DUE = refusal(
    "proposal_not_due",
    en="The proposal {proposal} may be executed from {due} on; now is {now}.",
    ja="提案 {proposal} を実行できるのは {due} 以降です (現在 {now})。",
    remedy_en="Wait for the end of the delay; until then it can be withdrawn or rejected.",
    remedy_ja="待機期間の終了をお待ちください。それまでは取下げまたは却下ができます。",
    clause=_CONTROL,
    status=409,
)
ABOVE_ACT_LIMIT = refusal(
    "above_act_limit",
    en="{quantity} credits are more than the account's limit of {most} for one act.",
    ja="{quantity} トンは、この口座の1件当たりの上限 {most} を超えています。",
    remedy_en="Propose fewer credits, or have the limit changed.",
    remedy_ja="数量を減らすか、上限の変更を行ってください。",
    clause=_CONTROL,
)
ABOVE_DAY_LIMIT = refusal(
    "above_day_limit",
    en="With {done} credits of {day}, {quantity} more are above the account's limit of {most} for one day.",
    ja="{day} の実行済み {done} トンに {quantity} トンを加えると、この口座の1日当たりの上限 {most} を超えます。",
    remedy_en="Execute it on another day, or have the limit changed.",
    remedy_ja="別の日に実行するか、上限の変更を行ってください。",
    clause=_CONTROL,
    status=409,
)
ACCOUNT_NOT_TRUSTED = refusal(
    "account_not_trusted",
    en="{target} is not on the list of trusted accounts of {account}.",
    ja="{target} は口座 {account} の信頼済み口座の一覧にありません。",
    remedy_en="Have it added to the list by a proposal for change_account_controls, or choose a listed account.",
    remedy_ja="change_account_controls の提案により一覧に追加するか、一覧にある口座を指定してください。",
    clause=_CONTROL,
)
NOT_OF_THIS_ACCOUNT = refusal(
    "not_of_this_account",
    en="The proposal is for {account}, but it would change {other}.",
    ja="提案は口座 {account} に関するものですが、対象は {other} です。",
    remedy_en="Name credits of the account, or propose for the account that holds them.",
    remedy_ja="当該口座のクレジットを指定するか、保有する口座について提案してください。",
    clause="Act on Promotion of Global Warming Countermeasures, Art. 57-11 (2025 numbering): the decreasing "
    "account asks",
)


PROPOSAL_FILE_NOT_UNDERSTOOD = refusal(
    "proposal_file_not_understood",
    en="The file holds no signed proposal or answer: {place}.",
    ja="署名付きの提案または回答として読めません: {place}。",
    remedy_en="Hand on the file that `openjcm proposal sign` or `openjcm proposal answer` wrote, unchanged.",
    remedy_ja="`openjcm proposal sign` または `openjcm proposal answer` の出力ファイルを、変更せずに渡してください。",
    clause="OpenJCM: docs/accounts.md, form of a signed proposal",
)
LONGEST_FILE = 2_000_000
"""Bytes of a signed file: some twenty thousand blocks."""


@dataclass(frozen=True)
class Proposal:
    """What a representative wishes to be done."""

    account_id: str
    act: str
    request: Mapping[str, Any]
    """The act's request without its day, which is the day of the execution."""
    representative: str
    nonce: str

    def as_data(self) -> dict[str, Any]:
        """What is signed, as plain data."""
        return {
            "format": PROPOSAL_FORM, "account_id": self.account_id, "act": self.act, "request": dict(self.request),
            "representative": self.representative, "nonce": self.nonce,
        }  # fmt: skip

    def signed_bytes(self) -> bytes:
        """The bytes under the signature."""
        return canonical_bytes(self.as_data())

    @property
    def sha256(self) -> str:
        """The name of the proposal."""
        return sha256_hex(self.signed_bytes())


@dataclass(frozen=True)
class Answer:
    """What a representative says to a proposal: ``approve``, ``reject`` or ``withdraw``."""

    proposal: str
    answer: str
    representative: str

    def as_data(self) -> dict[str, Any]:
        """What is signed, as plain data."""
        return {
            "format": ANSWER_FORM, "proposal": self.proposal, "answer": self.answer,
            "representative": self.representative,
        }  # fmt: skip

    def signed_bytes(self) -> bytes:
        """The bytes under the signature."""
        return canonical_bytes(self.as_data())


@dataclass(frozen=True)
class Representative:
    """A person who acts for an account, by the latest fact on record."""

    account_id: str
    representative: str
    rights: tuple[str, ...]
    """None: revoked."""
    public_key: str


@dataclass(frozen=True)
class Controls:
    """How an account is guarded. ``None`` as an amount: no limit was set; no default is guessed."""

    four_eyes: bool = False
    delay_hours: int = 0
    trusted: tuple[str, ...] = ()
    outside: str = "delay"
    """What happens to what goes to an account outside the list: ``delay`` (it waits) or ``refuse``."""
    most_per_act: int | None = None
    most_per_day: int | None = None

    def delay_for(self, target: str | None) -> int:
        """Hours between approval and execution; what goes to a trusted account does not wait."""
        return 0 if target is not None and target in self.trusted else self.delay_hours


@dataclass(frozen=True)
class OpenProposal:
    """A proposal as it stands: its steps so far, and what it would move."""

    proposal: Proposal
    steps: tuple[str, ...]
    quantity: int
    approved_by: str | None = None
    due_at: datetime | None = None

    @property
    def state(self) -> str:
        """``open``, ``approved`` (it waits), ``rejected``, ``withdrawn`` or ``executed``."""
        return self.steps[-1] if self.steps else "open"

    @property
    def hold_id(self) -> str:
        """The hold that reserves its credits."""
        return hold_of(self.proposal.sha256)


def hold_of(sha256: str) -> str:
    """The name of the hold that reserves the credits of a proposal."""
    return f"proposal:{sha256}"


# Keys and signatures ------------------------------------------------------------------------------------------------


def envelope(signed: Proposal | Answer, public_key: str, signature: str) -> bytes:
    """The file that is kept and handed on: what was signed, the key and the signature, as canonical JSON."""
    return canonical_bytes({"signed": signed.as_data(), "public_key": public_key, "signature": signature})


@dataclass(frozen=True)
class SignedFile:
    """What a file holds: what was signed, the key that it names, the signature."""

    signed: Proposal | Answer
    public_key: str
    signature: str

    def check(self) -> None:
        """Whether the named key signed exactly this; see :func:`signature_fits`."""
        signature_fits(self.signed, self.public_key, self.signature)


def read_envelope(data: bytes) -> SignedFile:
    """Read a signed file, in its one form of bytes. Refuses ``proposal_file_not_understood``."""
    try:
        if len(data) > LONGEST_FILE:
            raise ValueError(f"{len(data)} > {LONGEST_FILE} B")
        whole = json.loads(data, parse_float=_no_float, parse_constant=_no_float)
        said = dict(whole["signed"])
        form = said.pop("format")
        made = {PROPOSAL_FORM: Proposal, ANSWER_FORM: Answer}[form](**said)
        texts = [value for name, value in vars(made).items() if name != "request"]
        if not all(isinstance(value, str) for value in (*texts, whole["public_key"], whole["signature"])):
            raise ValueError("text expected")
        found = SignedFile(made, whole["public_key"], whole["signature"])
        if envelope(found.signed, found.public_key, found.signature) != data.rstrip(b"\n"):
            raise ValueError("not the canonical bytes of what it says")
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise PROPOSAL_FILE_NOT_UNDERSTOOD(place=f"{type(error).__name__} {error}"[:200]) from error
    return found


def _no_float(text: str) -> object:
    raise ValueError(f"{text[:40]} is no whole number")


def sign(signed: Proposal | Answer, key: Ed25519PrivateKey) -> str:
    """The signature as text: base64url, 86 characters."""
    return encode(key.sign(signed.signed_bytes()))


def signature_fits(signed: Proposal | Answer, public_key: str, signature: str) -> None:
    """What is not signed by the registered key is nobody's wish. Refuses ``signature_does_not_fit``."""
    data = signed.signed_bytes()
    key = read_public_key(public_key)
    try:
        key.verify(strict_decode(signature), data)
    except (InvalidSignature, ValueError) as error:
        raise SIGNATURE_DOES_NOT_FIT(
            representative=signed.representative, key=key_id_of(public_key), sha256=sha256_hex(data)
        ) from error


# The other guards ---------------------------------------------------------------------------------------------------


def is_registered(found: Representative | None, account_id: str, representative: str) -> Representative:
    """Only who is registered acts for an account. Refuses ``unknown_representative``."""
    if found is None or not found.rights:
        raise UNKNOWN_REPRESENTATIVE(representative=representative, account=account_id)
    return found


def has_right(who: Representative, right: str) -> None:
    """A representative acts within his rights. Refuses ``right_missing``."""
    if right not in who.rights:
        raise RIGHT_MISSING(
            representative=who.representative, right=right, account=who.account_id, rights=list(who.rights)
        )


def another_person(proposer: Representative | str, approver: Representative) -> None:
    """Nobody approves what he proposed, under whichever name or key. Refuses ``same_person``."""
    name = proposer if isinstance(proposer, str) else proposer.representative
    same_key = not isinstance(proposer, str) and proposer.public_key == approver.public_key
    if name == approver.representative or same_key:
        raise SAME_PERSON(representative=approver.representative)


def is_open(found: OpenProposal) -> None:
    """A proposal waits for approval once. Refuses ``proposal_closed``."""
    if found.steps:
        raise PROPOSAL_CLOSED(proposal=found.proposal.sha256, state=found.state)


def is_not_final(found: OpenProposal) -> None:
    """What was executed, rejected or withdrawn stays so. Refuses ``proposal_closed``."""
    if FINAL.intersection(found.steps):
        raise PROPOSAL_CLOSED(proposal=found.proposal.sha256, state=found.state)


def is_approved(found: OpenProposal) -> str:
    """Nothing is executed that nobody else approved; gives who did. Refuses ``proposal_not_approved``."""
    if found.approved_by is None:
        raise PROPOSAL_NOT_APPROVED(proposal=found.proposal.sha256)
    return found.approved_by


def is_due(found: OpenProposal, now: datetime) -> None:
    """Nothing is executed before the window for a cancellation is over. Refuses ``proposal_not_due``."""
    if found.due_at is None or now < found.due_at:
        raise PROPOSAL_NOT_DUE(proposal=found.proposal.sha256, due=found.due_at or "–", now=now)


def within_act_limit(controls: Controls, quantity: int) -> None:
    """No act moves more than the account allows for one. Refuses ``above_act_limit``."""
    if controls.most_per_act is not None and quantity > controls.most_per_act:
        raise ABOVE_ACT_LIMIT(quantity=quantity, most=controls.most_per_act)


def within_day_limit(controls: Controls, quantity: int, done: int, day: object) -> None:
    """No day moves more than the account allows for one. Refuses ``above_day_limit``."""
    if controls.most_per_day is not None and done + quantity > controls.most_per_day:
        raise ABOVE_DAY_LIMIT(quantity=quantity, done=done, day=day, most=controls.most_per_day)


def target_is_trusted(controls: Controls, account_id: str, target: str | None) -> None:
    """Where the account allows listed targets only, others are refused. Refuses ``account_not_trusted``."""
    if target is not None and controls.outside == "refuse" and target not in controls.trusted:
        raise ACCOUNT_NOT_TRUSTED(target=target, account=account_id)


def is_of_account(account_id: str, touched: Collection[str]) -> None:
    """A proposal changes nothing but its own account. Refuses ``not_of_this_account``."""
    for other in sorted(touched):
        if other != account_id:
            raise NOT_OF_THIS_ACCOUNT(account=account_id, other=other)
