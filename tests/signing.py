"""Representatives for trials: persons with keys, who sign proposals and answers."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openjcm.commands import Receipt
from openjcm.refusals import Refused
from openjcm.registry.proposals import Answer, Proposal, sign
from openjcm.signed import public_text
from trial_office import Trial

SHA = "0" * 64
DAY = "2026-11-21"


class Person:
    """A representative with a key made from his name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.key = Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b".")[:32])

    @property
    def public(self) -> str:
        """The public key as text."""
        return public_text(self.key.public_key())

    def registration(self, account: str, rights: tuple[str, ...]) -> dict[str, Any]:
        """The request that registers the person."""
        return {
            "account_id": account, "representative": self.name, "person_name": self.name.title(),
            "rights": list(rights), "public_key": self.public, "document_sha256": SHA, "reason": "named",
        }  # fmt: skip

    def proposal(self, account: str, act: str, nonce: int = 0, **request: Any) -> dict[str, Any]:
        """A signed proposal."""
        made = Proposal(account, act, request, self.name, f"{nonce:032x}")
        data = {name: value for name, value in made.as_data().items() if name != "format"}
        return {**data, "signature": sign(made, self.key)}

    def answer(self, proposal: str, answer: str) -> dict[str, Any]:
        """A signed answer."""
        made = Answer(proposal, answer, self.name)
        return {"proposal": proposal, "representative": self.name, "signature": sign(made, self.key)}


SATO, KATO, MORI = Person("acme.sato"), Person("acme.kato"), Person("acme.mori")
FIVE = {"blocks": ["JCM-JP-MN901-2022-1-5"], "target_account": "JPN/trader"}


def representatives(trial: Trial, account: str = "JPN/government", **controls: Any) -> None:
    """Three persons act for the account, which has four eyes unless told otherwise."""
    for person, rights in ((SATO, ("propose", "view")), (KATO, ("approve",)), (MORI, ("approve", "propose"))):
        trial.do("register_representative", DAY, **person.registration(account, rights))
    trial.do("change_account_controls", DAY, **{"account_id": account, "four_eyes": True, **controls})


def propose(trial: Trial, who: Person = SATO, account: str = "JPN/government", nonce: int = 0, **request: Any) -> str:
    """Record a proposal for a transfer; gives its name."""
    fields = who.proposal(account, "transfer", nonce, **(request or FIVE))
    return str(trial.do("propose", DAY, **fields).outcome["proposal"])


def answer(trial: Trial, who: Person, proposal: str, word: str = "approve", on: str = DAY) -> Receipt:
    """Record an answer."""
    return trial.do(f"{word}_proposal", on, **who.answer(proposal, word))


def refused_answer(trial: Trial, code: str, who: Person, proposal: str, word: str = "approve") -> Refused:
    """The answer is refused."""
    return trial.refused(code, f"{word}_proposal", DAY, **who.answer(proposal, word))
