"""A signed statement: what a registry says of its books, signed by the log's key, with the leaves that it rests on.

The file is one JSON object:

``format``       ``FORMAT``
``statement``    the statement as canonical JSON text: these bytes are signed
``public_key``   the log's verifier key (C2SP ``signed-note`` form)
``signature``    a signed note over the SHA-256 of the statement
``checkpoint``   the signed checkpoint under whose root the leaves stand
``leaves``       the entries that the statement speaks of: ``index``, ``body``, ``path``

The note's text begins with another line than a checkpoint's, so that neither can be taken for the other.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from openjcm.log.check_proof import (
    NO,
    YES,
    Broken,
    Plain,
    Unreadable,
    encodable,
    is_included,
    object_of,
    open_checkpoint,
    strict_base64,
    verifier_key,
    without_doubles,
)
from openjcm.log.checkpoint import KEY_ID_BYTES, key_id
from openjcm.log.tree import ReadNode, inclusion_proof

FORMAT = "openjcm signed statement 1"
MEMBERS = {"format", "statement", "public_key", "signature", "checkpoint", "leaves"}
MOST_BYTES = 8 * 2**20
"""A statement is smaller than this; what is larger is not read."""

SIGNED = "The log's key signed the statement.", "ログの鍵が証明内容に署名している。"
CHECKPOINT = "The log's key signed the checkpoint.", "ログの鍵がチェックポイントに署名している。"
INCLUDED = "Every entry stands in the signed log.", "すべての記録が署名されたログに含まれている。"
AGREES = "The statement says what the entries say.", "証明内容が記録の内容と一致している。"


def signed_text(origin: str, statement: bytes) -> str:
    """The text of the note over a statement."""
    return f"{FORMAT}\n{origin}\n{base64.b64encode(hashlib.sha256(statement).digest()).decode()}\n"


def sign(origin: str, statement: bytes, private_key: Ed25519PrivateKey) -> str:
    """The signed note over a statement. The same statement gives the same note (RFC 8032: Ed25519 is deterministic)."""
    text = signed_text(origin, statement)
    signature = key_id(origin, private_key.public_key()) + private_key.sign(text.encode())
    return f"{text}\n— {origin} {base64.b64encode(signature).decode()}\n"


def build(
    statement: bytes,
    *,
    public_key: str,
    signature: str,
    checkpoint: str,
    size: int,
    leaves: Iterable[tuple[int, bytes]],
    read_node: ReadNode,
) -> bytes:
    """The file as bytes; ``leaves`` are index and body of each entry, under the checkpoint of ``size`` leaves."""
    signed = {
        "format": FORMAT,
        "statement": statement.decode("utf-8"),
        "public_key": public_key,
        "signature": signature,
        "checkpoint": checkpoint,
        "leaves": [
            {
                "index": index,
                "body": body.decode("utf-8"),
                "path": [step.hex() for step in inclusion_proof(index, size, read_node)],
            }
            for index, body in sorted(leaves)
        ],
    }
    return (json.dumps(signed, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")


def read(data: bytes) -> Plain:
    """The file as an object with the right members of the right kinds. Raises ``Unreadable``."""
    if len(data) > MOST_BYTES:
        raise Unreadable("too large / 大きすぎます")
    try:
        signed = json.loads(data.decode("utf-8"), object_pairs_hook=without_doubles)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {error}") from error
    if not isinstance(signed, dict) or set(signed) != MEMBERS or signed["format"] != FORMAT:
        raise Unreadable(f"not of the form “{FORMAT}”")
    texts = [signed[name] for name in ("statement", "public_key", "signature", "checkpoint")]
    if not isinstance(signed["leaves"], list):
        raise Unreadable("leaves are a list")
    for leaf in signed["leaves"]:
        if not isinstance(leaf, dict) or set(leaf) != {"index", "body", "path"} or not isinstance(leaf["path"], list):
            raise Unreadable("a leaf has index, body and path")
        if type(leaf["index"]) is not int:
            raise Unreadable("an index is a whole number")
        texts += [leaf["body"], *leaf["path"]]
    if not all(isinstance(text, str) for text in texts):
        raise Unreadable("texts are strings")
    encodable(signed)
    return signed


def check(data: bytes, trusted_key: str | None = None) -> list[dict[str, str]]:
    """All steps, each with ``answer``, ``en``, ``ja`` and ``detail`` (see ``check_proof``). Raises ``Unreadable``."""
    signed = read(data)
    statement = object_of(signed["statement"])
    bodies = [object_of(leaf["body"]) for leaf in signed["leaves"]]
    steps: list[tuple[str, str, Callable[[], str]]] = [
        (*SIGNED, lambda: _signed(signed, trusted_key)),
        (*CHECKPOINT, lambda: _checkpoint(signed)[2]),
        (*INCLUDED, lambda: _included(signed)),
        (*AGREES, lambda: _agrees(statement, bodies)),
    ]
    results = []
    for en, ja, step in steps:
        try:
            answer, detail = YES, step()
        except Broken as problem:
            answer, detail = NO, str(problem)
        except (KeyError, TypeError, AttributeError, IndexError) as problem:
            answer, detail = NO, f"a field is missing or of another kind: {problem} / 項目の形式が正しくありません"
        results.append({"answer": answer, "en": en, "ja": ja, "detail": detail})
    return results


def _signed(signed: Plain, trusted_key: str | None) -> str:
    if trusted_key is not None and trusted_key.strip() != signed["public_key"]:
        raise Broken("it names another key than the one you trust / 信頼する鍵と異なる鍵です")
    name, number, key = verifier_key(signed["public_key"])
    text = signed_text(name, signed["statement"].encode())
    found = re.fullmatch(rf"{re.escape(text)}\n— {re.escape(name)} ([^ \n]+)\n", signed["signature"])
    if found is None:
        raise Broken("the signature is over something else / 署名の対象が異なります")
    signature = strict_base64(found[1])
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature[KEY_ID_BYTES:], text.encode())
    except (InvalidSignature, ValueError) as error:
        raise Broken("the signature is not valid / 署名が無効です") from error
    if signature[:KEY_ID_BYTES] != number:
        raise Broken("the key's id does not fit / 鍵の識別子が一致しません")
    whose = "your key / 信頼する鍵" if trusted_key else "key inside the file; compare it with one from another source"
    return f"{name} ({whose})"


def _checkpoint(signed: Plain) -> tuple[int, bytes, str]:
    name, number, key = verifier_key(signed["public_key"])
    size, root = open_checkpoint(signed["checkpoint"], name, number, key)
    return size, root, f"{size} leaves"


def _included(signed: Plain) -> str:
    size, root, _ = _checkpoint(signed)
    for leaf in signed["leaves"]:
        if not is_included(leaf, size, root):
            raise Broken(f"leaf {leaf['index']} does not lead to the root / 葉がルートに一致しません")
    if not signed["leaves"] or len({leaf["index"] for leaf in signed["leaves"]}) != len(signed["leaves"]):
        raise Broken("there is no leaf, or one stands twice / 葉がないか、重複しています")
    return f"{len(signed['leaves'])} leaves"


# What the statement says against what the entries say -----------------------------------------------------------------

SAME = ("quantity", "registry_id", "purpose", "used_for_year", "serves", "served", "reason", "decision_id")
"""Fields that a statement of an act repeats from the act's outcome, where the outcome has them."""
LATER = ("reversal_id",)
"""Fields that it repeats since they have one; a statement that is older does without."""
ACTS = {"retirement": {"retire"}, "cancellation": {"cancel", "reversal"}, "issuance": {"issue"}}


def _agrees(statement: Plain, bodies: list[Plain]) -> str:
    entries = {body["entry_no"]: body for body in bodies if body.get("kind") == "entry"}
    entry = entries.get(statement["entry_no"])
    if entry is None or len(entries) != len(bodies):
        raise Broken("its entry is not among the leaves / 対象の記録がありません")
    if entry["recorded_at"] != statement["recorded_at"]:
        raise Broken("the time of recording differs / 記録時刻が異なります")
    if statement["kind"] == "holding":
        _holding_agrees(statement, entries)
    else:
        _act_agrees(statement, entry)
    return f"{statement['kind']}, entry {entry['entry_no']}"


def _act_agrees(statement: Plain, entry: Plain) -> None:
    outcome = entry["outcome"]
    if (
        outcome.get("kind", entry["act"]) not in ACTS[statement["kind"]]
        or statement["occurred_on"] != entry["occurred_on"]
    ):
        raise Broken("act or day differ / 手続または日付が異なります")
    for name in SAME:
        if statement.get(name) != outcome.get(name):
            raise Broken(f"{name} differs / {name} が異なります")
    for name in LATER:
        if name in statement and statement[name] != outcome.get(name):
            raise Broken(f"{name} differs / {name} が異なります")
    told = [(one["block"], one["account"]) for one in statement["blocks"]]
    if told != _blocks(outcome) or statement["quantity"] != sum(_span(block)[2] for block, _ in told):
        raise Broken("the serials differ / 識別番号が異なります")
    if any(one["quantity"] != _span(one["block"])[2] for one in statement["blocks"]):
        raise Broken("a quantity does not fit its serials / 数量と識別番号が一致しません")
    if statement["source"] != outcome.get("source_account"):
        raise Broken("the account differs / 口座が異なります")


def _holding_agrees(statement: Plain, entries: dict[int, Plain]) -> None:
    """Each block was brought to the account by an entry that is there. (That it stayed, the signature says.)"""
    total = 0
    for one in statement["blocks"]:
        series, first, quantity = _span(one["block"])
        total += quantity
        entry = entries.get(one["entry_no"])
        brought = (
            [_span(block) for block, account in _blocks(entry["outcome"]) if account == one["account"]] if entry else []
        )
        if not any(
            series == other and start <= first and first + quantity <= start + count for other, start, count in brought
        ):
            raise Broken(f"no entry brought {one['block']} / {one['block']} の受入れの記録がありません")
        if one["account"] != statement["account"]["id"] or one["quantity"] != quantity:
            raise Broken(f"account or quantity of {one['block']} differ / 口座または数量が異なります")
    if total != statement["quantity"] or any(number > statement["entry_no"] for number in entries):
        raise Broken("the sum differs, or an entry is younger / 合計が異なるか、後の記録が含まれています")


def _blocks(outcome: Any) -> list[tuple[str, str]]:
    """The blocks of an outcome, each with the account that received it."""
    return [
        (item, outcome["target_account"]) if isinstance(item, str) else (item["block"], item["account_id"])
        for item in outcome["blocks"]
    ]


def _span(block: str) -> tuple[str, int, int]:
    """Series, first number and quantity of a run of serials. Raises ``Broken``."""
    found = re.fullmatch(r"(JCM-.+-(?:[0-9]{4}(?:to[0-9]{4})?|unknown))-([0-9]{1,16})(?:-([0-9]{1,16}))?", block)
    if found is None:
        raise Broken("not a run of serials / 識別番号の範囲ではありません")
    first, last = int(found[2]), int(found[3] or found[2])
    return found[1], first, last - first + 1
