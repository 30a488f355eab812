"""What the offline checkers refuse, each by its own reason: a file that is almost a proof, almost a statement."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openjcm.log import check_proof, checkpoint, statement
from openjcm.log.check_proof import Broken, Unreadable
from openjcm.log.leaf import leaf_hash

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ORIGIN = "registry.example/log"
VERIFIER = checkpoint.verifier_key(ORIGIN, KEY.public_key())
NAME, KEY_ID, RAW = check_proof.verifier_key(VERIFIER)
LEAF = {"index": 0, "body": "{}", "path": ["0" * 64]}
PROOF: dict[str, Any] = {
    "format": check_proof.FORMAT, "serial": "JCM-JP-MN901-2022-1", "public_key": VERIFIER, "checkpoint": "",
    "documents": [], "leaves": [LEAF],
}  # fmt: skip
STATEMENT: dict[str, Any] = {
    "format": statement.FORMAT, "statement": "{}", "public_key": VERIFIER, "signature": "", "checkpoint": "",
    "leaves": [LEAF],
}  # fmt: skip


def signed_note(text: str, name: str = ORIGIN, key_id: bytes = KEY_ID) -> str:
    blob = base64.b64encode(key_id + KEY.sign(text.encode())).decode()
    return f"{text}\n— {name} {blob}\n"


ROOT = base64.b64encode(hashlib.sha256(b"root").digest()).decode()
NOTE = signed_note(f"{ORIGIN}\n1\n{ROOT}\n")


def opened(note: str, name: str = ORIGIN) -> Any:
    return check_proof.open_checkpoint(note, name, KEY_ID, RAW)


def test_what_is_right_is_read() -> None:
    assert check_proof.read(json.dumps(PROOF).encode()) == PROOF
    assert statement.read(json.dumps(STATEMENT).encode()) == STATEMENT
    assert opened(NOTE)[0] == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"documents": {}}, "documents and leaves are lists"),
        ({"leaves": "x"}, "are? (a )?lists?"),
        ({"witnesses": []}, "witnesses are a list that is not empty"),
        ({"leaves": [{"index": 0}]}, "a leaf has index, body and path"),
        ({"leaves": [{**LEAF, "path": "x"}]}, "a leaf has index, body and path"),
        ({"leaves": [{**LEAF, "index": True}]}, "an index is a whole number"),
        ({"leaves": [{**LEAF, "body": 1}]}, "texts are strings"),
        ({"leaves": [{**LEAF, "path": [1]}]}, "texts are strings"),
        ({"checkpoint": None}, "texts are strings"),
    ],
)
def test_a_file_of_another_form_is_unreadable(change: dict[str, Any], reason: str) -> None:
    if not change.keys() & {"documents", "witnesses"}:
        with pytest.raises(Unreadable, match=reason):
            statement.read(json.dumps({**STATEMENT, **change}).encode())
    with pytest.raises(Unreadable, match=reason):
        check_proof.read(json.dumps({**PROOF, **change}).encode())


def test_a_statement_may_not_be_endless() -> None:
    with pytest.raises(Unreadable, match="too large"):
        statement.read(b" " * (statement.MOST_BYTES + 1))


@pytest.mark.parametrize(
    ("read", "error", "reason"),
    [
        (lambda: check_proof.object_of("[]"), Unreadable, "is no object"),
        (lambda: check_proof.object_of('{"a": 1, "a": 2}'), Unreadable, "stands twice"),
        (lambda: check_proof.serial_of("JCM-JP-MN901-2022-0"), Unreadable, "not a serial number"),
        (lambda: check_proof.serial_of("JCM-JP-MN901-2022-1-2"), Unreadable, "not a serial number"),
        (lambda: check_proof.strict_base64("AB=="), Broken, "not canonical base64"),
        (lambda: check_proof.strict_base64("A"), Broken, "^not base64"),
        (lambda: check_proof.verifier_key("registry.example"), Broken, "not a verifier key"),
        (lambda: check_proof.verifier_key(VERIFIER.replace("registry", "registry two")), Broken, "not a verifier key"),
        (lambda: check_proof.verifier_key(VERIFIER.replace("registry", "other")), Broken, "key's id does not fit"),
        (lambda: opened(NOTE, "other.example/log"), Broken, "not a checkpoint of this log"),
        (lambda: opened(signed_note(f"{ORIGIN}\n01\n{ROOT}\n")), Broken, "not a checkpoint of this log"),
        (lambda: opened(signed_note(f"{ORIGIN}\n1\n")), Broken, "not a checkpoint of this log"),
        (lambda: opened(NOTE + NOTE.splitlines()[-1] + "\n"), Broken, "one signature line"),
        (lambda: opened(f"{ORIGIN}\n1\n{ROOT}\n\nno line\n"), Broken, "one signature line"),
        (lambda: opened(signed_note(f"{ORIGIN}\n1\n{ROOT}\n", "other.example")), Broken, "one signature line"),
        (lambda: opened(signed_note(f"{ORIGIN}\n1\n{ROOT}\n", ORIGIN, b"0000")), Broken, "鍵識別子が不正です"),
        (lambda: opened(NOTE.replace("\n1\n", "\n2\n")), Broken, "signature is not valid"),
        (lambda: opened(signed_note(f"{ORIGIN}\n1\nAAAA\n")), Broken, "the root does not fit"),
        (lambda: statement._span("MN901-1"), Broken, "not a run of serials"),
    ],
)
def test_each_part_is_refused_for_its_own_reason(
    read: Callable[[], object], error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        read()


def answers(**change: Any) -> list[str]:
    """What the checker says of each step of a statement that the key signed."""
    body = '{"entry_no": 1, "kind": "entry"}'
    root = base64.b64encode(leaf_hash(body.encode())).decode()
    said = '{"entry_no": 1}'
    signature = statement.sign(ORIGIN, said.encode(), KEY)
    whole = {
        **STATEMENT, "statement": said, "signature": signature, "checkpoint": signed_note(f"{ORIGIN}\n1\n{root}\n"),
        "leaves": [{"index": 0, "body": body, "path": []}],
    }  # fmt: skip
    made = {name: one(whole) if callable(one) else one for name, one in change.items()}
    return [step["detail"] for step in statement.check(json.dumps({**whole, **made}).encode())]


def test_the_signature_of_a_statement_is_over_the_statement() -> None:
    assert answers()[0].startswith(ORIGIN)
    assert "over something else" in answers(statement='{"entry_no": 2}')[0]

    def another_number(whole: dict[str, Any]) -> str:
        text, _, line = whole["signature"].rpartition(" ")
        blob = b"0000" + base64.b64decode(line)[4:]
        return f"{text} {base64.b64encode(blob).decode()}\n"

    assert "鍵の識別子が一致しません" in answers(signature=another_number)[0]
    assert (
        "the signature is not valid"
        in answers(
            signature=lambda whole: statement.sign(ORIGIN, whole["statement"].encode(), Ed25519PrivateKey.generate())
        )[0]
    )


def test_leaves_stand_once() -> None:
    assert answers()[2] == "1 leaves"
    assert "one stands twice" in answers(leaves=lambda whole: whole["leaves"] * 2)[2]
    assert "there is no leaf" in answers(leaves=[])[2]


def test_a_proof_stands_under_a_checkpoint_and_names_each_leaf_once() -> None:
    body = '{"kind": "other"}'
    note = signed_note(f"{ORIGIN}\n1\n{base64.b64encode(leaf_hash(body.encode())).decode()}\n")
    leaf = {"index": 0, "body": body, "path": []}

    def included(**change: Any) -> str:
        proof = json.dumps({**PROOF, "checkpoint": note, "leaves": [leaf], **change}).encode()
        return check_proof.check(proof)[1]["detail"]

    assert included() == "1 leaves"
    assert "a leaf stands twice" in included(leaves=[leaf, leaf])
    assert "no checkpoint to stand under" in included(checkpoint=note.replace("\n1\n", "\n2\n"))
