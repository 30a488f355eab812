"""The log's tiles in the database: proofs from them, every changed bit found, and logs of older form converted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from openjcm.log.leaf import leaf_hash
from openjcm.log.tiles import HEIGHT, WIDTH, tiles_of
from openjcm.log.tree import (
    consistency_proof,
    grow,
    inclusion_proof,
    root,
    root_of_peaks,
    subtrees,
    verify_consistency,
    verify_inclusion,
)
from openjcm.refusals import Refused
from openjcm.store import database
from openjcm.store.audit import Journal
from openjcm.store.audit_log import check_log
from openjcm.store.log_tiles import read_bodies, read_nodes, read_tiles
from trial_log import add
from trial_office import KEY, Trial


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tiles")


@pytest.fixture
def trial(database_url: str, folder: Path) -> Iterator[Trial]:
    trial = Trial(database_url, folder)
    yield trial
    trial.close()


def test_proofs_come_from_tiles_and_every_bit_counts(trial: Trial) -> None:
    steps = [1, 2, 255, 256, 257, 300, 1100, 1101]
    for first, end in zip(steps, [*steps[1:], 1400], strict=True):
        add(trial, first, end)
    size = 1399
    with trial.office.transaction() as connection:
        bodies = read_bodies(connection, 0, size + 1)
        nodes = subtrees([leaf_hash(body) for body in bodies])
        assert len(bodies) == size and read_nodes(connection, nodes) == nodes
        whole = root(size, lambda *at: nodes[at])
        for level, index, width in tiles_of(size):
            held = read_tiles(connection, [(level, index)])[level, index]
            assert held == b"".join(nodes[level * HEIGHT, index * WIDTH + place] for place in range(width))
        assert trial_rows(connection) == (1399, 5)
    for index in (0, 254, 255, 256, 1398):
        proof = inclusion_proof(index, size, lambda *at: nodes[at])
        assert verify_inclusion(leaf_hash(bodies[index]), index, size, proof, whole)
    for old in steps[1:]:
        proof = consistency_proof(old - 1, size, lambda *at: nodes[at])
        assert verify_consistency(old - 1, size, proof, root(old - 1, lambda *at: nodes[at]), whole)
    assert problems(trial, "select") == set()
    for change, rule in BITS.items():
        assert rule in problems(trial, change), change


def trial_rows(connection: psycopg.Connection) -> tuple[int, int]:
    row = connection.execute("select (select count(*) from log_leaf), (select count(*) from log_tile)").fetchone()
    assert row is not None
    return row


BITS = {
    "update log_tile set hashes = set_bit(hashes, 9999, 1 - get_bit(hashes, 9999)) where tile_index = 2": "tile_wrong",
    "update log_tile set root = set_bit(root, 0, 1 - get_bit(root, 0)) where tile_index = 4": "tile_wrong",
    "delete from log_tile where tile_index = 1": "tile_wrong",
    "update log_tile set tile_index = 9 where tile_index = 1": "tile_wrong",
    "insert into log_tile select 3, 0, root, hashes from log_tile where tile_index = 0": "tile_wrong",
    "update log_leaf set body = set_bit(body, 77, 1 - get_bit(body, 77)) where leaf_index = 300": "tile_wrong",
    "update log_leaf set body = set_bit(body, 77, 1 - get_bit(body, 77)) where leaf_index = 1398": "checkpoint_wrong",
    "update checkpoint set root_hash = set_bit(root_hash, 5, 1 - get_bit(root_hash, 5)) where tree_size = 1399":
        "checkpoint_wrong",
    "delete from log_leaf where leaf_index = 1398": "head_wrong",
    "update log_head set peaks = set_bit(peaks, 5, 1 - get_bit(peaks, 5))": "peaks_wrong",
}  # fmt: skip
"""A bit of each table of the log, and the rule that names it."""


def problems(trial: Trial, change: str) -> set[str]:
    """What the audit of the log says after a change that is rolled back."""
    with psycopg.connect(trial.office.database_url) as connection:
        for table in ("log_tile", "log_leaf", "log_head", "checkpoint"):
            connection.execute(f"alter table {table} disable trigger user".encode())
        if change != "select":
            assert connection.execute(change.encode()).rowcount == 1, change
        found = {item.rule for item in check_log(connection, Journal(connection), KEY.public_key())}
        connection.rollback()
    return found - {"request_hash_wrong"}  # the entries of this test say nothing


def test_a_leaf_that_no_bundle_could_hold_is_refused(trial: Trial) -> None:
    outcome = f'{{"reason":"{"x" * 66_000}"}}'
    with pytest.raises(Refused) as refused:
        add(trial, 1, 2, outcome)
    assert refused.value.code == "leaf_too_long"
    assert trial.one("select tree_size from log_head") == 0


@pytest.mark.parametrize("size", [0, 5, 256, 66_000])
def test_a_log_of_a_row_for_each_node_is_converted(
    size: int, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tiles and peaks of the converted log are those of its leaves, and it goes on growing."""
    every = database.migrations()
    monkeypatch.setattr(database, "migrations", lambda: [one for one in every if one.name < "0010"])
    database.migrate(empty_database_url)
    hashes = [leaf_hash(b"%d" % number) for number in range(size)]
    nodes = subtrees(hashes)
    with psycopg.connect(empty_database_url) as connection:
        write_old_form(connection, nodes, size)
    monkeypatch.undo()
    database.migrate(empty_database_url)
    with psycopg.connect(empty_database_url) as connection:
        peaks = connection.execute("select peaks from log_head").fetchone()
        assert peaks is not None and bytes(peaks[0]) == b"".join(grow(0, (), hashes).peaks)
        held = read_tiles(connection, [(level, index) for level, index, _ in tiles_of(size)])
        for level, index, width in tiles_of(size):
            at = range(index * WIDTH, index * WIDTH + width)
            assert held[level, index] == b"".join(nodes[level * HEIGHT, place] for place in at)
        tile_roots = connection.execute("select level, tile_index, root from log_tile").fetchall()
        assert {(level, index): bytes(value) for level, index, value in tile_roots} == {
            (level, index): nodes[(level + 1) * HEIGHT, index]
            for level, index, width in tiles_of(size) if width == WIDTH
        }  # fmt: skip
        connection.execute("drop trigger leaves_belong_to_entries on log_leaf")
        from openjcm.store.log_tiles import write_tiles

        grown = grow(size, grow(0, (), hashes).peaks, [leaf_hash(b"%d" % (size + n)) for n in range(300)])
        connection.execute(
            "insert into log_leaf select n, 'entry', convert_to(n::text, 'UTF8'), 1"
            " from generate_series(%s::bigint, %s::bigint) n",
            [size, size + 299],
        )
        write_tiles(connection, grown.rows)
        after = subtrees([*hashes, *(leaf_hash(b"%d" % (size + n)) for n in range(300))])
        assert read_nodes(connection, [(0, size), (8, size // 256), (0, size + 299)]) == {
            at: after[at] for at in [(0, size), (8, size // 256), (0, size + 299)]
        }
        assert root_of_peaks(grown.peaks) == root(size + 300, lambda *at: after[at])
        connection.rollback()


def write_old_form(connection: psycopg.Connection, nodes: dict[tuple[int, int], bytes], size: int) -> None:
    """A log as it was kept before: the hash beside each leaf, and a row for each complete subtree."""
    connection.execute(
        "insert into journal select 1, 'nothing', 'k', '{}', repeat('0', 64), '{}', '2025-01-01', now(), 'trial'"
    )
    connection.execute(
        "insert into log_leaf (leaf_index, kind, body, leaf_hash, entry_no) select n, 'entry',"
        " convert_to(n::text, 'UTF8'), sha256('\\x00'::bytea || convert_to(n::text, 'UTF8')), 1"
        " from generate_series(0, %s::bigint - 1) n",
        [size],
    )
    with connection.cursor() as cursor, cursor.copy("copy log_node (level, node_index, hash) from stdin") as copy:
        for (level, index), value in nodes.items():
            if level:
                copy.write_row((level, index, value))
    connection.execute("alter table log_head disable trigger user")
    connection.execute("update log_head set entry_no = 1, tree_size = %s", [size])
    connection.execute("alter table log_head enable trigger user")
