"""What belongs into the recalculation bundle of a report? And what does a bundle say when it is recomputed?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg.rows import tuple_row

from openjcm.canonical import canonical_bytes
from openjcm.dated import Answer
from openjcm.log import check_proof
from openjcm.log.checkpoint import verifier_key
from openjcm.log.proof import places_needed
from openjcm.log.tree import inclusion_proof
from openjcm.methodologies import methodology
from openjcm.project_cycle.bundle import Bundle, read_bundle, write_bundle
from openjcm.refusals import refusal
from openjcm.store.log_tiles import read_nodes
from openjcm.verification.recalculation import Check, Recalculation, verify_bundle
from openjcm.views.proof import newest_checkpoint

PROOF_FORMAT = "openjcm product proof 1"
PROOF_NAME = "log"

REPORT_NOT_ON_RECORD = refusal(
    "report_not_on_record",
    en="No monitoring report on record has a SHA-256 that begins with {report}, or several have.",
    ja="SHA-256 が {report} で始まるモニタリング報告書が記録にないか、複数あります。",
    remedy_en="Give the SHA-256 of the report, at least its first eight characters.",
    remedy_ja="報告書の SHA-256 を 8 文字以上指定してください。",
    clause="OpenJCM: products are named by their hash",
    status=404,
)
METHODOLOGY_TEXT_NOT_HERE = refusal(
    "methodology_text_not_here",
    en="The report was made with the text {named} of {methodology}; the one installed here is {installed}.",
    ja="報告書に使われた {methodology} の本文は {named} ですが、ここにあるものは {installed} です。",
    remedy_en="Export the bundle with the version of the software that made the report ({engine}).",
    remedy_ja="報告書を作成した版のソフトウェア ({engine}) で再計算パッケージを出力してください。",
    clause="OpenJCM: a report names the text it was made with",
)

_REPORTS = "select report_sha256 from monitoring_report where starts_with(report_sha256, %s) limit 2"
_PRODUCT = "select body from product where sha256 = %s"
_LEAVES = """
    select min(l.leaf_index), l.body from log_leaf l
    where l.kind = 'product' and convert_from(l.body, 'UTF8')::jsonb ->> 'sha256' = any(%s)
    group by l.body order by 1
"""


def report_bundle(
    connection: psycopg.Connection[Any],
    read_file: Callable[[str], bytes],
    report: str,
    origin: str,
    public_key: Ed25519PublicKey,
) -> bytes:
    """The bytes of the bundle of a report.

    Args:
        connection: an open connection; only read.
        read_file: gives a stored file by its SHA-256.
        report: the report's SHA-256, or its beginning.
        origin: the log's name.
        public_key: the log's public key.

    Raises:
        Refused: ``report_not_on_record``, ``methodology_text_not_here``, and what the file store refuses.
    """
    cursor = connection.cursor(row_factory=tuple_row)
    found = [row[0] for row in cursor.execute(_REPORTS, [report])] if len(report) >= 8 else []
    if len(found) != 1:
        raise REPORT_NOT_ON_RECORD(report=report[:80])
    body = _product(connection, found[0])
    data = json.loads(body)
    files = {file["sha256"]: read_file(file["sha256"]) for file in data["files"]}
    facts = {fact["sha256"]: _product(connection, fact["sha256"]) for fact in data["meter_facts"]}
    named = [found[0], data["plan_sha256"], *files, *facts]
    return write_bundle(
        Bundle(
            report=body,
            plan=_product(connection, data["plan_sha256"]),
            methodology_text=_methodology_text(data),
            files=files,
            readings={file["sha256"]: read_file(file["parquet_sha256"]) for file in data["files"]},
            facts=facts,
            proofs={PROOF_NAME: products_proof(connection, named, verifier_key(origin, public_key))},
        )
    )


def _product(connection: psycopg.Connection[Any], sha256: str) -> bytes:
    row = connection.cursor(row_factory=tuple_row).execute(_PRODUCT, [sha256]).fetchone()
    if row is None:
        raise REPORT_NOT_ON_RECORD(report=sha256)
    return bytes(row[0])


def _methodology_text(report: Mapping[str, Any]) -> bytes:
    named = report["methodology"]
    installed = methodology(named["id"])
    if installed.source_sha256 != named["source_sha256"]:
        raise METHODOLOGY_TEXT_NOT_HERE(
            methodology=named["id"],
            named=named["source_sha256"],
            installed=installed.source_sha256,
            engine=report["engine"]["version"],
        )
    return installed.source_text.encode("utf-8")


def products_proof(connection: psycopg.Connection[Any], sha256s: list[str], public_key: str) -> bytes:
    """That products and files stand in the log: their leaves, with the paths to the newest signed checkpoint."""
    rows = connection.cursor(row_factory=tuple_row).execute(_LEAVES, [sha256s]).fetchall()
    leaves = [(int(index), bytes(body)) for index, body in rows]
    size, note = newest_checkpoint(connection)
    nodes = read_nodes(connection, places_needed([index for index, _ in leaves], size))
    return canonical_bytes(
        {
            "format": PROOF_FORMAT,
            "public_key": public_key,
            "checkpoint": note,
            "leaves": [
                {
                    "index": index,
                    "body": body.decode("utf-8"),
                    "path": [step.hex() for step in inclusion_proof(index, size, lambda *place: nodes[place])],
                }
                for index, body in leaves
            ],
        }
    )


def recompute_bundle(data: bytes) -> Recalculation:
    """Recompute a bundle offline, its log proof included. The key is the one in the proof: compare it yourself.

    Raises:
        Refused: what :func:`openjcm.verification.recalculation.verify_bundle` refuses.
    """
    result = verify_bundle(data, methodology)
    bundle = read_bundle(data).bundle
    if PROOF_NAME not in bundle.proofs:
        return result
    named = [result.report_sha256, *bundle.files, *bundle.facts]
    return replace(result, checks=(*result.checks, _log_check(bundle.proofs[PROOF_NAME], named)))


def _log_check(proof: bytes, sha256s: list[str]) -> Check:
    try:
        data = json.loads(proof)
        name, key_id, key = check_proof.verifier_key(data["public_key"])
        size, root = check_proof.open_checkpoint(data["checkpoint"], name, key_id, key)
        included = [leaf for leaf in data["leaves"] if check_proof.is_included(leaf, size, root)]
        logged = {json.loads(leaf["body"]).get("sha256") for leaf in included}
    except (check_proof.Broken, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return Check("log", Answer.NO, f"the proof does not hold: {error}", f"証明が成り立ちません: {error}")
    missing = [sha256 for sha256 in sha256s if sha256 not in logged]
    if missing:
        return Check("log", Answer.NO, f"not in the log: {missing[0]}", f"ログにありません: {missing[0]}")
    return Check(
        "log",
        Answer.YES,
        f"report and files stand among the {size} leaves of {name}, signed by {data['public_key']}",
        f"報告書とファイルは {name} の {size} 件のログに含まれます。署名鍵: {data['public_key']}",
    )
