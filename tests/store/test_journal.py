"""The journal and its log: entries without gaps, and a log that others can check."""

from __future__ import annotations

from pathlib import Path

import psycopg

from openjcm.canonical import canonical_hash
from openjcm.log import checkpoint
from openjcm.log.leaf import leaf_hash
from openjcm.log.tree import consistency_proof, inclusion_proof, root, subtrees, verify_consistency, verify_inclusion
from openjcm.store.journal import product_leaf_body, request_hash
from trial_office import KEY, Trial


def test_every_leaf_is_proven_by_the_last_checkpoint(database_url: str, tmp_path: Path) -> None:
    """From what the database holds, each leaf is proven, and each checkpoint is a beginning of the last."""
    trial = Trial(database_url, tmp_path)
    trial.market()
    with psycopg.connect(database_url) as connection:
        leaves = [bytes(row[0]) for row in connection.execute("select body from log_leaf order by leaf_index")]
        notes = [row[0] for row in connection.execute("select note from checkpoint order by tree_size")]
        entries = connection.execute("select count(*), max(entry_no) from journal").fetchone()

    nodes = subtrees([leaf_hash(body) for body in leaves])

    def read(level: int, index: int) -> bytes:
        return nodes[level, index]

    said = [checkpoint.open(note, KEY.public_key()) for note in notes]
    last = said[-1]
    assert last.size == len(leaves) and last.root == root(len(leaves), read)
    assert entries is not None and entries[0] == entries[1] == len(said), "one checkpoint for each entry"
    for index, body in enumerate(leaves):
        assert verify_inclusion(leaf_hash(body), index, last.size, inclusion_proof(index, last.size, read), last.root)
    for earlier in said:
        proof = consistency_proof(earlier.size, last.size, read)
        assert verify_consistency(earlier.size, last.size, proof, earlier.root, last.root)
    trial.close()


def test_a_leaf_names_what_it_is_of(database_url: str, tmp_path: Path) -> None:
    """The leaf of an entry holds outcome and hash of the request; that of a product its hash."""
    trial = Trial(database_url, tmp_path)
    trial.market()
    key, act, request, said = trial.all(
        "select j.idempotency_key, j.act, j.request, convert_from(l.body, 'UTF8')::jsonb"
        " from journal j join log_leaf l using (entry_no) where j.act = 'decide_issuance' and l.kind = 'entry'"
    )[0]
    assert said["request_sha256"] == request_hash(act, request) == canonical_hash({"act": act, "request": request})
    assert said["key"] == key == said["request_sha256"], "the default key is the hash of act and request"
    assert "sides" not in said and said["outcome"]["total"] == 50
    sha256, entry_no = said["outcome"]["decision_sha256"], said["entry_no"]
    body = trial.one("select body from log_leaf where kind = 'product' and entry_no = %s", entry_no)
    assert bytes(body) == product_leaf_body("issuance_decision", sha256, entry_no)
    trial.close()
