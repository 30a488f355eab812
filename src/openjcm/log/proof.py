"""The proof of one serial: the log's leaves that tell its life, the paths from them to a signed root, the documents.

The proof is one JSON object. It says nothing that it does not carry the bytes of; ``check_proof.py`` works out the
rest. Its members:

``format``        ``FORMAT``
``serial``        the serial number
``public_key``    the log's verifier key (C2SP ``signed-note`` form)
``checkpoint``    the signed checkpoint under whose root the leaves stand
``leaves``        for each leaf ``index``, ``body`` (its text) and ``path`` (hashes in hexadecimal, lowest first)
``witnesses``     the verifier keys of those who co-signed the checkpoint, in the order of their lines; if there are any
``documents``     the texts of the products that the leaves name by hash: decision, report, opinion
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import partial

from openjcm.log.tree import ReadNode, inclusion_proof, places_of

FORMAT = "openjcm serial proof 1"


def build(
    serial: str,
    *,
    public_key: str,
    checkpoint: str,
    size: int,
    leaves: Iterable[tuple[int, bytes]],
    documents: Sequence[bytes],
    read_node: ReadNode,
    witnesses: Sequence[str] = (),
) -> bytes:
    """The proof as bytes.

    Args:
        serial: the serial number.
        public_key: the verifier key of the log.
        checkpoint: the signed note over ``size`` leaves.
        size: the number of leaves under the checkpoint.
        leaves: index and body of each leaf of the serial's life.
        documents: the bytes of the products that the leaves name.
        read_node: gives the hashes of complete subtrees (see ``log.tree``).
        witnesses: the verifier keys of those whose co-signatures stand on the note, in their order.

    Raises:
        ValueError: for a leaf beyond the checkpoint.
        UnicodeDecodeError: if a body or document is not text.
    """
    proof: dict[str, object] = {
        "format": FORMAT,
        "serial": serial,
        "public_key": public_key,
        "checkpoint": checkpoint,
        "leaves": [
            {
                "index": index,
                "body": body.decode("utf-8"),
                "path": [step.hex() for step in inclusion_proof(index, size, read_node)],
            }
            for index, body in sorted(leaves)
        ],
        "documents": [document.decode("utf-8") for document in documents],
    }
    if witnesses:
        proof["witnesses"] = list(witnesses)
    return (json.dumps(proof, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")


def places_needed(indices: Iterable[int], size: int) -> list[tuple[int, int]]:
    """Which ``(level, index)`` the paths of these leaves read, so that one query can fetch them all."""
    asked = {place for one in indices for place in places_of(partial(inclusion_proof, one, size))}
    return sorted(asked)
