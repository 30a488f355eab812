#!/usr/bin/env python3
"""Check the proof of a JCM serial, offline, with nothing but Python 3.11 and the package ``cryptography``.

    python check_proof.py P.json [--key NAME+ID+KEY] [--witness NAME+ID+KEY] [--json]

This file stands alone: it shares no code with the system whose word it checks. For each step it says yes, no or
cannot tell, in English and Japanese. Exit code: 0 every step is yes; 1 some step is no; 2 the file cannot be read as
a proof; 3 no step is no, but some cannot be told.

Give ``--key`` with the log's public key from a source of your own. Without it the key inside the proof is used, and
anybody could have made that one. So it is with ``--witness``, the key of another log whose keeper saw this one grow.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "openjcm serial proof 1"
YES, NO, CANNOT_TELL = "yes", "no", "cannot tell"
WORDS_JA = {YES: "はい", NO: "いいえ", CANNOT_TELL: "判断できません"}
MOVES = ("transfer", "retire", "cancel")
MEMBERS = {"format", "serial", "public_key", "checkpoint", "leaves", "documents"}
MAY_HAVE = {"witnesses"}


SIGNED = "The log's key signed the checkpoint.", "ログの鍵がチェックポイントに署名している。"
COSIGNED = "Another log's keeper saw it only grow, and co-signed.", "他のログの管理者が確認し、連署している。"
INCLUDED = "Every leaf stands in the signed tree.", "すべての葉が署名されたツリーに含まれている。"
ISSUED = "An issuance in the log made this serial.", "この識別番号の発行がログに記録されている。"
DECIDED = "The issuance follows a decision that is in the log.", "発行はログにある決定に基づいている。"
REPORTED = "The decision follows a monitoring report that is in the log.", "決定はログにある報告書に基づいている。"
VERIFIED = "The report was verified with a positive opinion.", "報告書は肯定的な意見で検証されている。"
MEASURED = "The meter files of the report are in the log.", "報告書の計量ファイルがログに記録されている。"
MOVED = "What happened to the serial later is in order.", "その後の振替等の記録に矛盾がない。"
COMPLETE = "Nothing stands in the proof that proves nothing.", "証明に不要なものが含まれていない。"
Plain = dict[str, Any]
Step = Callable[[], tuple[str, str]]


class Unreadable(Exception):
    """The file is not a proof."""


class Broken(Exception):
    """A step fails; the text says why."""


def check(data: bytes, trusted_key: str | None = None, witness: str | None = None) -> list[dict[str, str]]:
    """All steps, each with ``answer``, ``en``, ``ja`` and ``detail``. Raises ``Unreadable``."""
    proof = read(data)
    life = Life(proof)
    steps: list[tuple[str, str, Step]] = [
        (*SIGNED, life.signed(trusted_key)),
        *([(*COSIGNED, life.cosigned(witness))] if witness or "witnesses" in proof else []),
        (*INCLUDED, life.included),
        (*ISSUED, life.issued),
        (*DECIDED, life.decided),
        (*REPORTED, life.reported),
        (*VERIFIED, life.verified),
        (*MEASURED, life.measured),
        (*MOVED, life.moved),
        (*COMPLETE, life.complete),
    ]
    results = []
    for en, ja, step in steps:
        try:
            answer, detail = step()
        except Broken as problem:
            answer, detail = NO, str(problem)
        results.append({"answer": answer, "en": en, "ja": ja, "detail": detail})
    return results


def read(data: bytes) -> Plain:
    """The proof as an object with the right members of the right kinds. Raises ``Unreadable``."""
    try:
        proof = json.loads(data.decode("utf-8"), object_pairs_hook=without_doubles)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {error}") from error
    if not isinstance(proof, dict) or set(proof) - MAY_HAVE != MEMBERS or proof["format"] != FORMAT:
        raise Unreadable(f"not of the form “{FORMAT}”")
    texts = [proof["serial"], proof["public_key"], proof["checkpoint"]]
    if not isinstance(proof["documents"], list) or not isinstance(proof["leaves"], list):
        raise Unreadable("documents and leaves are lists")
    witnesses = proof.get("witnesses", ["–"])
    if not isinstance(witnesses, list) or not witnesses:
        raise Unreadable("witnesses are a list that is not empty")
    texts += proof["documents"] + witnesses
    for leaf in proof["leaves"]:
        if not isinstance(leaf, dict) or set(leaf) != {"index", "body", "path"} or not isinstance(leaf["path"], list):
            raise Unreadable("a leaf has index, body and path")
        if type(leaf["index"]) is not int:
            raise Unreadable("an index is a whole number")
        texts += [leaf["body"], *leaf["path"]]
    if not all(isinstance(text, str) for text in texts):
        raise Unreadable("texts are strings")
    encodable(proof)
    return proof


def encodable(value: Any) -> None:
    """Half a character (a lone surrogate) has no bytes, so nothing could be hashed or shown. Raises ``Unreadable``."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise Unreadable("a text holds half a character") from error


def without_doubles(pairs: list[tuple[str, Any]]) -> Plain:
    """An object whose names are all different: with two of one name, two readers could see two proofs."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return dict(pairs)


class Life:
    """The steps of one serial's life, each found in the leaves and documents of the proof."""

    def __init__(self, proof: Plain) -> None:
        self.proof = proof
        self.series, self.number = serial_of(proof["serial"])
        self.bodies = [object_of(leaf["body"]) for leaf in proof["leaves"]]
        self.documents = {sha256(text): object_of(text) for text in proof["documents"]}
        self.used: set[int] = set()
        self.used_documents: set[str] = set()
        self.root = b""
        self.size = 0
        self.issue: Plain = {}
        self.decision: Plain = {}
        self.decision_entry: Plain = {}
        self.report: Plain = {}
        self.report_sha256 = ""

    def signed(self, trusted_key: str | None) -> Step:
        """The step that checks the signature with the trusted key, else with the key inside the proof."""

        def step() -> tuple[str, str]:
            if trusted_key is not None and trusted_key.strip() != self.proof["public_key"]:
                raise Broken("the proof names another key than the one you trust / 信頼する鍵と異なる鍵です")
            name, key_id, key = verifier_key(self.proof["public_key"])
            witnesses = self.proof.get("witnesses", [])
            self.size, self.root = open_checkpoint(self.proof["checkpoint"], name, key_id, key, witnesses)
            whose = "your key" if trusted_key else "key inside the proof; compare it with one from another source"
            return YES, f"{name}, {self.size} leaves ({whose})"

        return step

    def cosigned(self, witness: str | None) -> Step:
        """The step that names the witnesses, whose signatures were checked with the log's."""

        def step() -> tuple[str, str]:
            keys = self.proof.get("witnesses", [])
            if witness is not None and witness.strip() not in keys:
                raise Broken("the witness you trust has not co-signed / 信頼する監視者の連署がありません")
            if not self.root:
                raise Broken("there is no checkpoint to co-sign / 有効なチェックポイントがありません")
            whose = "your key" if witness else "key inside the proof; compare it with one from another source"
            return YES, ", ".join(cosignatures(self.proof["checkpoint"], keys)) + f" ({whose})"

        return step

    def included(self) -> tuple[str, str]:
        if not self.root:
            raise Broken("there is no checkpoint to stand under / 有効なチェックポイントがありません")
        for leaf in self.proof["leaves"]:
            if not is_included(leaf, self.size, self.root):
                raise Broken(f"leaf {leaf['index']} does not lead to the root / 葉がルートに一致しません")
        if len({leaf["index"] for leaf in self.proof["leaves"]}) != len(self.proof["leaves"]):
            raise Broken("a leaf stands twice / 葉が重複しています")
        return YES, f"{len(self.proof['leaves'])} leaves"

    def issued(self) -> tuple[str, str]:
        self.issue = self.one(
            "issue", lambda body: any(self.holds(item["block"]) for item in body["outcome"]["blocks"])
        )
        day, decision = self.issue["occurred_on"], self.issue["outcome"]["decision_id"]
        return YES, f"entry {self.issue['entry_no']}, {day}, decision {decision}"

    def decided(self) -> tuple[str, str]:
        if not self.issue:
            raise Broken("no issuance to follow / 発行がありません")
        name, side = self.issue["outcome"]["decision_id"], self.issue["outcome"]["side"]
        entry = self.one("decide_issuance", lambda body: body["outcome"]["decision_id"] == name)
        self.before(entry, self.issue)
        document = self.document(entry["outcome"]["decision_sha256"], "issuance_decision", entry)
        if document["decision_id"] != name or document["total"] != entry["outcome"]["total"]:
            raise Broken("the decision's text differs from its entry / 決定の文面が記録と異なります")
        given = [item["amount"] for item in document["sides"] if item["side"] == side]
        if given != [self.issue["outcome"]["quantity"]] or given != [entry["outcome"]["sides"].get(side)]:
            raise Broken("another quantity was issued than decided / 発行量が決定と異なります")
        self.decision, self.decision_entry = document, entry
        return YES, f"entry {entry['entry_no']}, {entry['occurred_on']}, {side} {given[0]} t CO2e"

    def reported(self) -> tuple[str, str]:
        if not self.decision:
            raise Broken("no decision to follow / 決定がありません")
        self.report_sha256 = self.decision["report_sha256"] or ""
        if not self.report_sha256:
            return CANNOT_TELL, "the decision is of the public record and names no report / 公開記録で報告書の記載なし"
        entry = self.one(
            "submit_monitoring_report", lambda body: body["outcome"]["report_sha256"] == self.report_sha256
        )
        self.before(entry, self.decision_entry)
        self.report = self.document(self.report_sha256, "monitoring_report", entry)
        if str(self.report.get("emission_reductions")) != str(entry["outcome"]["emission_reductions"]):
            raise Broken("the report's result differs from its entry / 報告書の結果が記録と異なります")
        return YES, f"SHA-256 {self.report_sha256}"

    def verified(self) -> tuple[str, str]:
        if not self.report_sha256:
            return CANNOT_TELL, "there is no report / 報告書がありません"
        entry = self.one("conclude_verification", self.is_on_the_report)
        self.before(entry, self.decision_entry)
        opinion = self.document(entry["outcome"]["opinion_sha256"], None, entry)
        if opinion.get("report_sha256") != self.report_sha256:
            raise Broken("the opinion is on another report / 意見は別の報告書に対するものです")
        if opinion.get("opinion") != "positive" or entry["outcome"]["opinion"] != "positive":
            raise Broken("the opinion is not positive / 意見が肯定的ではありません")
        return YES, f"entry {entry['entry_no']}, {entry['occurred_on']}"

    def measured(self) -> tuple[str, str]:
        if not self.report:
            return CANNOT_TELL, "there is no report / 報告書がありません"
        names = [item["sha256"] for item in self.report["files"]]
        if not names:
            return CANNOT_TELL, "the report names no file / 報告書にファイルの記載がありません"
        for name in names:
            self.product(name, "file", None)
        return YES, f"{len(names)} files: " + ", ".join(name[:12] for name in names)

    def moved(self) -> tuple[str, str]:
        moves = [
            (number, body)
            for number, body in enumerate(self.bodies)
            if body.get("kind") == "entry" and body["act"] in MOVES and any(map(self.holds, body["outcome"]["blocks"]))
        ]
        moves.sort(key=lambda item: item[1]["entry_no"])
        account = self.first_account()
        ended = False
        for number, body in moves:
            self.used.add(number)
            if ended or body["outcome"]["source_account"] != account or not self.issue:
                raise Broken(f"entry {body['entry_no']} cannot follow what came before / 記録の順序に矛盾があります")
            self.before(self.issue, body)
            account, ended = body["outcome"]["target_account"], body["act"] != "transfer"
        history = " → ".join(f"{body['act']} {body['occurred_on']}" for _, body in moves) or "no movement"
        return YES, f"{history}; account {account} (the log may hold later entries that this file does not show)"

    def complete(self) -> tuple[str, str]:
        if self.used != set(range(len(self.bodies))):
            raise Broken("a leaf belongs to no step / どの段階にも属さない葉があります")
        if self.used_documents != set(self.documents) or len(self.documents) != len(self.proof["documents"]):
            raise Broken("a document belongs to no step / どの段階にも属さない文書があります")
        return YES, f"{len(self.bodies)} leaves, {len(self.documents)} documents"

    # Helpers

    def one(self, act: str, fits: Callable[[Plain], bool]) -> Plain:
        """The one entry of an act that fits; it counts as used."""
        found = [
            number
            for number, body in enumerate(self.bodies)
            if body.get("kind") == "entry" and body["act"] == act and fits(body)
        ]
        if len(found) != 1:
            raise Broken(f"{len(found)} entries “{act}” fit / 該当する記録 “{act}” が {len(found)} 件です")
        self.used.add(found[0])
        return self.bodies[found[0]]

    def product(self, name: str, kind: str | None, entry: Plain | None) -> None:
        """The leaf of a product or file must be there, written by the entry if one is given."""
        for number, body in enumerate(self.bodies):
            if body.get("kind") == "product" and body["sha256"] == name and kind in (None, body["product_kind"]):
                if entry is not None and body["entry_no"] > entry["entry_no"]:
                    raise Broken(f"product {name[:12]} is younger than its entry / 記録より後の産物です")
                self.used.add(number)
                return
        raise Broken(f"no leaf for {kind or 'product'} {name} / 葉がありません")

    def document(self, name: str, kind: str | None, entry: Plain) -> Plain:
        """The text of a product whose leaf is in the log; its name is the hash of its bytes."""
        self.product(name, kind, entry)
        if name not in self.documents:
            raise Broken(f"the text of {name} is missing or changed / 文書がないか、改変されています")
        self.used_documents.add(name)
        return self.documents[name]

    def is_on_the_report(self, body: Plain) -> bool:
        """Whether an entry is about the report that the decision names."""
        return bool(body["outcome"]["report_sha256"] == self.report_sha256)

    def makes_the_serial(self, body: Plain) -> bool:
        """Whether an issuance holds the serial."""
        return any(self.holds(item["block"]) for item in body["outcome"]["blocks"])

    def holds(self, block: str) -> bool:
        """Whether the serial is one of the block's."""
        match = re.fullmatch(r"(JCM-.+-[0-9]{4}(?:to[0-9]{4})?|JCM-.+-unknown)-([0-9]{1,16})(?:-([0-9]{1,16}))?", block)
        if match is None or match[1] != self.series:
            return False
        return int(match[2]) <= self.number <= int(match[3] or match[2])

    def first_account(self) -> str:
        blocks = self.issue["outcome"]["blocks"] if self.issue else []
        return next((item["account_id"] for item in blocks if self.holds(item["block"])), "")

    def before(self, earlier: Plain, later: Plain) -> None:
        """The earlier entry stands before the later one in the journal, and its day is not after."""
        if earlier["entry_no"] >= later["entry_no"] or earlier["occurred_on"] > later["occurred_on"]:
            raise Broken(f"entries {earlier['entry_no']} and {later['entry_no']} are out of order / 順序が逆です")


def serial_of(text: str) -> tuple[str, int]:
    """Series and number of a serial. Raises ``Unreadable``."""
    match = re.fullmatch(r"(JCM-[A-Z]{2}-[A-Z0-9.]+-(?:[0-9]{4}(?:to[0-9]{4})?|unknown))-([1-9][0-9]{0,15})", text)
    if match is None:
        raise Unreadable("not a serial number")
    return match[1], int(match[2])


def object_of(text: str) -> Plain:
    """A JSON object, or ``Unreadable``."""
    try:
        value = json.loads(text, object_pairs_hook=without_doubles)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"a leaf or document is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Unreadable("a leaf or document is no object")
    encodable(value)
    return value


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def is_included(leaf: Plain, size: int, root: bytes) -> bool:
    """RFC 9162 section 2.1.3.2."""
    if not all(re.fullmatch(r"[0-9a-f]{64}", step) for step in leaf["path"]) or not 0 <= leaf["index"] < size:
        return False
    found = hashlib.sha256(b"\x00" + leaf["body"].encode("utf-8")).digest()
    place, last = leaf["index"], size - 1
    for step in map(bytes.fromhex, leaf["path"]):
        if last == 0:
            return False
        if place % 2 == 1 or place == last:
            found = hashlib.sha256(b"\x01" + step + found).digest()
            while place % 2 == 0 and place != 0:
                place, last = place // 2, last // 2
        else:
            found = hashlib.sha256(b"\x01" + found + step).digest()
        place, last = place // 2, last // 2
    return last == 0 and found == root


def strict_base64(text: str) -> bytes:
    """The bytes of a base64 text in its one canonical spelling. Raises ``Broken``."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Broken("not base64 / base64 ではありません") from error
    if base64.b64encode(data).decode() != text:
        raise Broken("not canonical base64 / base64 の表記が正しくありません")
    return data


def verifier_key(text: str) -> tuple[str, bytes, bytes]:
    """Name, key id and 32 bytes of a verifier key (C2SP signed-note). Raises ``Broken``."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not re.fullmatch(r"[^\s+]+", parts[0]):
        raise Broken("not a verifier key / 検証鍵の形式ではありません")
    data = strict_base64(parts[2])
    key_id = hashlib.sha256(parts[0].encode() + b"\n" + data).digest()[:4]
    if len(data) != 33 or data[0] != 1 or parts[1] != key_id.hex():
        raise Broken("the key's id does not fit / 鍵の識別子が一致しません")
    return parts[0], key_id, data[1:]


def open_checkpoint(
    note: str, name: str, key_id: bytes, key: bytes, witnesses: list[str] | None = None
) -> tuple[int, bytes]:
    """Size and root of a checkpoint that the key signed (C2SP tlog-checkpoint). Raises ``Broken``.

    The log's signature is the first line; each further one is that of a witness, in their order, and nothing else.
    """
    text, lines = signature_lines(note)
    said = text.split("\n")
    if len(said) < 4 or said[0] != name or not re.fullmatch(r"0|[1-9][0-9]{0,17}", said[1]):
        raise Broken("not a checkpoint of this log / このログのチェックポイントではありません")
    if len(lines) != 1 + len(witnesses or []) or lines[0][0] != name:
        raise Broken("one signature line is expected / 署名行の形式が正しくありません")
    if lines[0][1][:4] != key_id:
        raise Broken("the key's id does not fit / 鍵識別子が不正です")
    verify(key, lines[0][1][4:], text)
    root = strict_base64(said[2])
    if len(root) != 32:
        raise Broken("the root does not fit / ルートが不正です")
    cosignatures(note, witnesses or [])
    return int(said[1]), root


def cosignatures(note: str, witnesses: list[str]) -> list[str]:
    """Who co-signed and when (C2SP tlog-cosignature), one line for each witness in order. Raises ``Broken``."""
    text, (_, *lines) = signature_lines(note)
    found = []
    for (signer, blob), witness in zip(lines, witnesses, strict=True):
        name, _, key = verifier_key(witness)
        seconds = int.from_bytes(blob[4:12], "big")
        if signer != name or blob[:4] != hashlib.sha256(name.encode() + b"\n\x04" + key).digest()[:4]:
            raise Broken("a co-signature is of another key / 連署の鍵が異なります")
        verify(key, blob[12:], f"cosignature/v1\ntime {seconds}\n{text}")
        found.append(f"{name} {datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC")
    return found


def signature_lines(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text of a signed note, and name and bytes of each signature line. Raises ``Broken``."""
    text, _, signatures = note.rpartition("\n\n")
    found = re.fullmatch(r"(?:— [^ \n]+ [^ \n]+\n)+", signatures)
    if found is None:
        raise Broken("one signature line is expected / 署名行の形式が正しくありません")
    parts = [line.split(" ") for line in signatures.rstrip("\n").split("\n")]
    return text + "\n", [(name, strict_base64(encoded)) for _, name, encoded in parts]


def verify(key: bytes, signature: bytes, text: str) -> None:
    """The signature is the key's over the text. Raises ``Broken``."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text.encode())
    except (InvalidSignature, ValueError) as error:
        raise Broken("the signature is not valid / 署名が無効です") from error


def exit_code(steps: list[dict[str, str]]) -> int:
    """0 all yes, 1 some no, 3 some cannot be told."""
    answers = {step["answer"] for step in steps}
    return 1 if NO in answers else 3 if CANNOT_TELL in answers else 0


def run(path: str, trusted_key: str | None, as_json: bool, witness: str | None = None) -> int:
    """Check a file, print each step, and give the exit code."""
    try:
        data = Path(path).read_bytes()
        steps = check(data, trusted_key, witness)
    except (OSError, Unreadable, KeyError, TypeError, AttributeError) as error:
        print(f"Cannot read a proof / 証明として読み取れません: {error}", file=sys.stderr)
        return 2
    if as_json:
        print(json.dumps({"serial": json.loads(data)["serial"], "steps": steps}, ensure_ascii=False, indent=1))
        return exit_code(steps)
    print(json.loads(data)["serial"])
    for step in steps:
        print(f"[{step['answer']} / {WORDS_JA[step['answer']]}] {step['en']} / {step['ja']}\n    {step['detail']}")
    return exit_code(steps)


def main(arguments: list[str]) -> int:
    """The command line: a path, ``--key KEY``, ``--witness KEY``, ``--json``."""
    words = [word for word in arguments if word != "--json"]
    keys: dict[str, str] = {}
    for option in ("--key", "--witness"):
        if option in words[:-1]:
            place = words.index(option)
            keys[option] = words[place + 1]
            del words[place : place + 2]
    if len(words) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    return run(words[0], keys.get("--key"), "--json" in arguments, keys.get("--witness"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
