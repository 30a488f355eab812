"""Register a representative of an account: a person, what he may do, and the key with which he signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from openjcm.commands.framework import Act, Decision, Desk, Name, Request, Rows, Sha256
from openjcm.commands.lookups import is_on_record, known_account
from openjcm.commands.suspend_account import not_closed
from openjcm.refusals import refusal
from openjcm.registry.accounts import Account
from openjcm.signed import key_id_of, read_public_key

KEY_OF_ANOTHER_PERSON = refusal(
    "key_of_another_person",
    en="The key {key} is registered for another person than {representative}.",
    ja="鍵 {key} は {representative} 以外の人の鍵として登録されています。",
    remedy_en="Make a key of your own with `openjcm proposal key`; a key is never shared.",
    remedy_ja="`openjcm proposal key` で本人専用の鍵を作成してください。鍵は共有できません。",
    clause="OpenJCM: a signature shows one person",
    status=409,
)

PersonId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,62}$")]
"""Name of a person, the same in every account: acme.sato."""
PublicKey = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]


class RegisterRepresentative(Request):
    """A person may act for an account. A later registration replaces rights and key of the same person."""

    account_id: Name = Field(description="The account.")
    representative: PersonId = Field(description="Name of the person, the same in every account: acme.sato.")
    person_name: Name = Field(description="The person's name as in the documents.")
    rights: Annotated[tuple[Literal["view", "propose", "approve"], ...], Field(min_length=1, max_length=3)] = Field(
        description="view, propose, approve: what the person may do for the account."
    )
    public_key: PublicKey = Field(description="Ed25519 public key, base64url, as `openjcm proposal key` prints it.")
    document_sha256: Sha256 = Field(description="SHA-256 of the document by which the holder names the person.")
    reason: Name = Field(description="Why, in words: named, replaced, key lost …")


@dataclass(frozen=True)
class State:
    """What the act looks at."""

    account: Account
    key_is_of_another: bool


def load(desk: Desk, request: RegisterRepresentative) -> State:
    """The account, locked, and whether another person has the key."""
    read_public_key(request.public_key)
    account = known_account(desk, request.account_id)
    other = is_on_record(
        desk,
        "select 1 from representative_fact where key_id = %s and representative <> %s",
        key_id_of(request.public_key),
        request.representative,
    )
    return State(account, other)


def decide(request: RegisterRepresentative, state: State) -> Decision:
    """A key of his own, for an account that is not closed."""
    not_closed(state.account, request.occurred_on)
    key_is_of_one_person(request, state)
    row = {
        **fact(request, request.public_key),
        "name": request.person_name,
        "rights": sorted(set(request.rights)),
    }
    outcome = {name: row[name] for name in ("account_id", "representative", "rights", "key_id")}
    return Decision(outcome, (Rows("representative_fact", (row,)),))


def fact(request: RegisterRepresentative, public_key: str) -> dict[str, object]:
    """What every fact of a representative says."""
    return {
        "account_id": request.account_id, "representative": request.representative, "public_key": public_key,
        "key_id": key_id_of(public_key), "since": request.occurred_on, "reason": request.reason,
    }  # fmt: skip


def key_is_of_one_person(request: RegisterRepresentative, state: State) -> None:
    """Two persons never sign with one key. Refuses ``key_of_another_person``."""
    if state.key_is_of_another:
        raise KEY_OF_ANOTHER_PERSON(key=key_id_of(request.public_key), representative=request.representative)


ACT = Act(
    name="register_representative",
    title_en="Register a representative of an account",
    title_ja="口座の代表者の登録",
    permission="administrator",
    request=RegisterRepresentative,
    load=load,
    decide=decide,
)
