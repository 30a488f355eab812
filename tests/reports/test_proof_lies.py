"""A log whose own operator lies: every leaf is signed and included, but the story does not hold together."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.commands import Office
from openjcm.log import check_proof, checkpoint, proof, tree
from openjcm.log.leaf import leaf_hash
from openjcm.views import proof as proofs

SERIAL = "JCM-JP-XD001-2022-4"
SIGNED, INCLUDED, ISSUED, DECIDED, REPORTED, VERIFIED, MEASURED, MOVED, COMPLETE = range(9)


class Story:
    """The leaves and documents of a proof as objects that can be falsified, and signed again by the liar."""

    def __init__(self, data: bytes) -> None:
        whole = json.loads(data)
        self.bodies: list[dict[str, Any]] = [json.loads(leaf["body"]) for leaf in whole["leaves"]]
        self.documents: dict[str, str] = {sha256_hex(text.encode()): text for text in whole["documents"]}

    def entry(self, act: str) -> dict[str, Any]:
        return next(body for body in self.bodies if body.get("act") == act)

    def product(self, kind: str) -> dict[str, Any]:
        return next(body for body in self.bodies if body.get("product_kind") == kind)

    def rewrite(self, kind: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Change a document and put its new hash everywhere the old one stood."""
        old = self.product(kind)["sha256"]
        content = json.loads(self.documents.pop(old))
        change(content)
        text = canonical_bytes(content).decode()
        new = sha256_hex(text.encode())
        self.bodies = json.loads(json.dumps(self.bodies).replace(old, new))
        for name, other in list(self.documents.items()):
            if old in other:
                del self.documents[name]
                moved = other.replace(old, new)
                renamed = sha256_hex(moved.encode())
                self.documents[renamed] = moved
                self.bodies = json.loads(json.dumps(self.bodies).replace(name, renamed))
        self.documents[new] = text

    def signed(self) -> bytes:
        key = Ed25519PrivateKey.from_private_bytes(bytes(32))
        texts = [canonical_bytes(body) for body in self.bodies]
        nodes = tree.subtrees([leaf_hash(text) for text in texts])
        root = tree.root(len(texts), lambda level, index: nodes[level, index])
        return proof.build(
            SERIAL,
            public_key=checkpoint.verifier_key("liar.example/log", key.public_key()),
            checkpoint=checkpoint.sign("liar.example/log", len(texts), root, key),
            size=len(texts),
            leaves=list(enumerate(texts)),
            documents=[text.encode() for text in self.documents.values()],
            read_node=lambda level, index: nodes[level, index],
        )


@pytest.fixture(scope="module")
def true_proof(both_worlds: Office) -> bytes:
    key = checkpoint.verifier_key("openjcm.test/log", both_worlds.signer.private_key.public_key())
    with both_worlds.transaction() as connection:
        return proofs.serial_proof(connection, SERIAL, key)


def answers(story: Story) -> list[str]:
    return [step["answer"] for step in check_proof.check(story.signed())]


def test_the_true_story_signed_by_anybody_holds(true_proof: bytes) -> None:
    assert answers(Story(true_proof)) == ["yes"] * 9


def _another_issuance(story: Story) -> None:
    story.bodies.append({**story.entry("issue"), "entry_no": 10**6})


def _another_range(story: Story) -> None:
    story.entry("issue")["outcome"]["blocks"] = [
        {"block": "JCM-JP-XD001-2022-5-48", "account_id": "JPN-demonstration/demo-power"}
    ]


def _another_series(story: Story) -> None:
    blocks = story.entry("issue")["outcome"]["blocks"]
    for item in blocks:
        item["block"] = item["block"].replace("2022", "2023")


def _issued_before_the_decision(story: Story) -> None:
    story.entry("issue")["occurred_on"] = "2025-01-01"


def _entered_before_the_decision(story: Story) -> None:
    story.entry("issue")["entry_no"] = 1


def _more_than_decided(story: Story) -> None:
    story.entry("issue")["outcome"]["quantity"] = 49


def _another_side_amount(story: Story) -> None:
    story.entry("decide_issuance")["outcome"]["sides"]["JPN"] = 49


def _another_total(story: Story) -> None:
    story.entry("decide_issuance")["outcome"]["total"] = 61


def _the_decision_of_another(story: Story) -> None:
    story.rewrite("issuance_decision", lambda content: content.update(decision_id="XD002-2025-05-20"))


def _no_decision(story: Story) -> None:
    story.entry("decide_issuance")["outcome"]["decision_id"] = "XD002-2025-05-20"


def _a_younger_decision_text(story: Story) -> None:
    story.product("issuance_decision")["entry_no"] = 10**6


def _a_report_after_the_decision(story: Story) -> None:
    story.entry("submit_monitoring_report")["occurred_on"] = "2025-12-31"


def _another_result(story: Story) -> None:
    story.entry("submit_monitoring_report")["outcome"]["emission_reductions"] = 10**6


def _no_report_leaf(story: Story) -> None:
    story.bodies.remove(story.product("monitoring_report"))


def _a_negative_opinion(story: Story) -> None:
    story.rewrite("verification_opinion", lambda content: content.update(opinion="negative"))


def _a_negative_outcome(story: Story) -> None:
    story.entry("conclude_verification")["outcome"]["opinion"] = "negative"


def _an_opinion_on_another_report(story: Story) -> None:
    story.rewrite("verification_opinion", lambda content: content.update(report_sha256="0" * 64))


def _an_opinion_after_the_decision(story: Story) -> None:
    story.entry("conclude_verification")["occurred_on"] = "2025-12-31"


def _a_file_that_is_not_in_the_log(story: Story) -> None:
    story.bodies.remove(story.product("file"))


def _retired_twice(story: Story) -> None:
    again = json.loads(json.dumps(story.entry("retire")))
    again["outcome"]["source_account"] = again["outcome"]["target_account"]
    story.bodies.append({**again, "entry_no": 10**6})


def _from_another_account(story: Story) -> None:
    story.entry("transfer")["outcome"]["source_account"] = "JPN-demonstration/somebody"


def _moved_before_it_existed(story: Story) -> None:
    story.entry("transfer")["occurred_on"] = "2024-01-01"


def _a_leaf_of_something_else(story: Story) -> None:
    story.bodies.append({"kind": "product", "product_kind": "file", "sha256": "0" * 64, "entry_no": 1})


def _a_document_of_something_else(story: Story) -> None:
    story.documents[sha256_hex(b"{}")] = "{}"


LIES = {
    _another_issuance: ISSUED,
    _another_range: ISSUED,
    _another_series: ISSUED,
    _issued_before_the_decision: DECIDED,
    _entered_before_the_decision: DECIDED,
    _more_than_decided: DECIDED,
    _another_side_amount: DECIDED,
    _another_total: DECIDED,
    _the_decision_of_another: DECIDED,
    _no_decision: DECIDED,
    _a_younger_decision_text: DECIDED,
    _a_report_after_the_decision: REPORTED,
    _another_result: REPORTED,
    _no_report_leaf: REPORTED,
    _a_negative_opinion: VERIFIED,
    _a_negative_outcome: VERIFIED,
    _an_opinion_on_another_report: VERIFIED,
    _an_opinion_after_the_decision: VERIFIED,
    _a_file_that_is_not_in_the_log: MEASURED,
    _retired_twice: MOVED,
    _from_another_account: MOVED,
    _moved_before_it_existed: MOVED,
    _a_leaf_of_something_else: COMPLETE,
    _a_document_of_something_else: COMPLETE,
}


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__.strip("_"))
def test_each_lie_is_found_at_its_step(true_proof: bytes, lie: Callable[[Story], None]) -> None:
    story = Story(true_proof)
    lie(story)
    found = answers(story)
    assert found[SIGNED] == found[INCLUDED] == "yes"
    assert found[LIES[lie]] == "no", found
