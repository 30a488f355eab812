"""The people of the demonstration: invented, with keys made from public words, so that anyone can act for them.

A key of theirs is worth nothing outside the demonstration: it is registered for accounts of the demonstration only, and
what is done here is refused for an account of any other world.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openjcm.commands.framework import perform
from openjcm.commands.office import Office
from openjcm.refusals import refusal
from openjcm.registry.proposals import Answer, Proposal, sign
from openjcm.signed import public_text
from openjcm.store import journal
from openjcm.store.journal import Receipt

NOT_OF_THE_DEMONSTRATION = refusal(
    "not_of_the_demonstration",
    en="{account} is no account of the demonstration; its representatives sign with keys of their own.",
    ja="{account} は実演の口座ではありません。その代表者は自身の鍵で署名します。",
    remedy_en="Use the desk for accounts of the demonstration; for others sign by `openjcm proposal sign`.",
    remedy_ja="実演の口座を指定してください。その他の口座については `openjcm proposal sign` で署名してください。",
    clause="OpenJCM: the desk acts in the demonstration world only",
    status=403,
)


def demonstration_key(person: str) -> Ed25519PrivateKey:
    """The key of a person of the demonstration, from public words."""
    return Ed25519PrivateKey.from_private_bytes(sha256(f"openjcm demonstration: {person}".encode()).digest())


def demonstration_public_key(person: str) -> str:
    """The public half as it is registered."""
    return public_text(demonstration_key(person).public_key())


def signed_proposal(
    person: str, account_id: str, act_name: str, request: dict[str, Any], nonce: str, day: str
) -> dict[str, Any]:
    """The request of the act ``propose``, signed for a person of the demonstration."""
    made = Proposal(account_id, act_name, request, person, nonce)
    data = {name: value for name, value in made.as_data().items() if name != "format"}
    return data | {"signature": sign(made, demonstration_key(person)), "occurred_on": day}


def done_before(key: str, office: Office) -> Receipt | None:
    """What was done under a key, if anything: a form sent twice is answered with what the first sending did."""
    with office.transaction() as connection:
        found = journal.find(connection, key)
    return found[1] if found else None


def propose_as(
    person: str,
    account_id: str,
    act_name: str,
    request: dict[str, Any],
    nonce: str,
    *,
    day: str,
    key: str,
    office: Office,
) -> Receipt:
    """Sign a proposal for a person of the demonstration and put it on record.

    Raises:
        Refused: ``not_of_the_demonstration``, and what the act ``propose`` refuses.
    """
    from openjcm.commands import act

    of_the_demonstration(office, account_id)
    data = signed_proposal(person, account_id, act_name, request, nonce, day)
    return perform(act("propose"), data, office=office, key=key, actor=f"demonstration: {person}")


def answer_as(person: str, proposal: str, answer: str, *, day: str, office: Office) -> Receipt:
    """Sign an answer (``approve``, ``reject``, ``withdraw``) for a person of the demonstration and put it on record.

    Raises:
        Refused: ``not_of_the_demonstration``, and what the act of the answer refuses.
    """
    from openjcm.commands import act

    with office.transaction() as connection:
        row = connection.execute("select account_id from proposal where proposal = %s", [proposal]).fetchone()
    of_the_demonstration(office, row[0] if row else proposal)
    signed = sign(Answer(proposal, answer, person), demonstration_key(person))
    data = {"proposal": proposal, "representative": person, "signature": signed, "occurred_on": day}
    key = f"desk/{answer}/{proposal}/{person}"
    return perform(act(f"{answer}_proposal"), data, office=office, key=key, actor=f"demonstration: {person}")


def administer_as(act_name: str, request: dict[str, Any], registry_id: str, *, key: str, office: Office) -> Receipt:
    """Do an act of a registry's administrator in the demonstration.

    Raises:
        Refused: ``not_of_the_demonstration``, and what the act refuses.
    """
    from openjcm.commands import act

    of_the_demonstration(office, str(request.get("account_id") or f"{registry_id}/"))
    return perform(
        act(act_name), request, office=office, key=key, actor=f"demonstration: administrator of {registry_id}"
    )


def of_the_demonstration(office: Office, account_id: str) -> None:
    """The desk touches accounts of the demonstration only. Refuses ``not_of_the_demonstration``."""
    with office.transaction() as connection:
        row = connection.execute(
            "select 1 from registry where world = 'demonstration' and starts_with(%s, registry_id || '/')", [account_id]
        ).fetchone()
    if row is None:
        raise NOT_OF_THE_DEMONSTRATION(account=account_id[:80])
