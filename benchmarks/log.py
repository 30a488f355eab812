"""How fast the transparency log grows, and how long a proof takes when it is large.

    python benchmarks/log.py [leaves]

The log grows to so many leaves (ten millions, if nothing is said). An addition hashes the leaves and the tree above
them, writes leaves, full tiles, a signed checkpoint and the head, and commits durably; a thousand leaves of 460 bytes
at a time, then larger additions of short leaves to reach the size. In the same run, on the same bytes:

* ``hashlib.sha256`` over each body: what no log can be faster than;
* a plain COPY of each thousand bodies into a table with a key, committed durably.

Then inclusion proofs of leaves at random places, from the database, and the check of such a proof, which needs nothing
but the proof.
"""

from __future__ import annotations

import hashlib
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openjcm.log import checkpoint
from openjcm.log.leaf import leaf_hash
from openjcm.log.tree import verify_inclusion
from openjcm.store import journal
from openjcm.store.database import connect, migrate
from openjcm.store.log_tiles import read_bodies
from openjcm.store.server import Server
from openjcm.views.log_state import inclusion_hashes

TOGETHER, ROUNDS = 1000, 100
SIGNER = journal.Signer("benchmark.example/log", Ed25519PrivateKey.from_private_bytes(bytes(32)))


def body(number: int, length: int) -> bytes:
    """A leaf's body of about so many bytes, each different."""
    return f'{{"entry_no":{number},"outcome":"{"x" * (length - 30)}"}}'.encode()


def add(connection: psycopg.Connection, bodies: Sequence[bytes]) -> None:
    """Add leaves durably, all of one entry."""
    head = journal.lock_head(connection)
    entry = head.entry_no + 1
    connection.execute(
        "insert into journal values (%s, 'benchmark', %s, '{}', repeat('0', 64), '{}', '2025-01-01', now(), '')",
        [entry, str(entry)],
    )
    leaves = [("product", one) for one in bodies]
    new = journal.new_leaves(head, [entry] * len(bodies), leaves, SIGNER, datetime.now(UTC))
    journal.write_leaves(connection, new)
    connection.commit()


def plain_copy(connection: psycopg.Connection, first: int, bodies: Sequence[bytes]) -> None:
    """The same bytes into a table with a key, durably."""
    with connection.cursor() as cursor, cursor.copy("copy plain (number, body) from stdin (format binary)") as copy:
        copy.set_types(["int8", "bytea"])
        for number, one in enumerate(bodies, start=first):
            copy.write_row((number, one))
    connection.commit()


def seconds(work: Callable[[], object]) -> float:
    """How long the work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def growing(connection: psycopg.Connection) -> None:
    """Print the rates of adding."""
    connection.execute("create table plain (number bigint primary key, body bytea not null)")
    connection.commit()
    spent: dict[str, list[float]] = {"hashlib": [], "copy": [], "log": []}
    for turn in range(ROUNDS):
        bodies = [body(turn * TOGETHER + number, 460) for number in range(TOGETHER)]
        spent["hashlib"].append(seconds(lambda bodies=bodies: [hashlib.sha256(one).digest() for one in bodies]))  # type: ignore[misc]
        spent["copy"].append(seconds(lambda bodies=bodies, turn=turn: plain_copy(connection, turn * TOGETHER, bodies)))  # type: ignore[misc]
        spent["log"].append(seconds(lambda bodies=bodies: add(connection, bodies)))  # type: ignore[misc]
    median = {name: statistics.median(times) for name, times in spent.items()}
    for name, words in (
        ("hashlib", "hashlib.sha256 of the bodies"),
        ("copy", f"plain COPY, a commit for {TOGETHER}"),
        ("log", f"appends to the log, a commit for {TOGETHER}"),
    ):
        print(f"{words:44s} {TOGETHER / median[name]:12,.0f} leaves/s, best {TOGETHER / min(spent[name]):12,.0f}"
              f"  (median, best of {ROUNDS} rounds)")  # fmt: skip
    print(f"appends / plain COPY                         {median['copy'] / median['log']:12.2f}")
    print(f"one addition of {TOGETHER} leaves                   {median['log'] * 1000:12.2f} ms")


def proving(connection: psycopg.Connection, size: int) -> None:
    """Print how long proofs and their checks take."""
    places = random.Random(4).sample(range(size), 200)  # noqa: S311 - places for a measurement
    note = connection.execute("select note from checkpoint where tree_size = %s", [size]).fetchone()
    assert note is not None
    root = checkpoint.open(note[0], SIGNER.private_key.public_key()).root
    made, checked = [], []
    for index in places:
        leaf = leaf_hash(read_bodies(connection, index, index + 1)[0])
        began = time.perf_counter()
        proof = inclusion_hashes(connection, index, size)
        made.append(time.perf_counter() - began)
        began = time.perf_counter()
        said = checkpoint.open(note[0], SIGNER.private_key.public_key())
        right = verify_inclusion(leaf, index, said.size, proof, root)
        checked.append(time.perf_counter() - began)
        assert right
    for name, times in (("inclusion proof", made), ("offline check, signature included", checked)):
        print(f"{name:34s} at {size:10,d} leaves  best {min(times) * 1000:6.2f} ms, "
              f"median {statistics.median(times) * 1000:6.2f} ms, "
              f"largest of {len(times)} {max(times) * 1000:6.2f} ms")  # fmt: skip


def main() -> None:
    """Grow, then prove."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        url = server.start()
        try:
            migrate(url)
            with connect(url) as connection:
                growing(connection)
                size = TOGETHER * ROUNDS
                proving(connection, size)
                rates = []
                while size < wanted:
                    part = min(20_000, wanted - size)
                    bodies = [body(size + number, 60) for number in range(part)]
                    rates.append(part / seconds(lambda bodies=bodies: add(connection, bodies)))  # type: ignore[misc]
                    size += part
                if rates:
                    print(f"short leaves, a commit for 20,000            {statistics.median(rates):12,.0f} leaves/s, "
                          f"best {max(rates):12,.0f}  (median, best of {len(rates)} rounds)")  # fmt: skip
                connection.execute("analyze")
                connection.commit()
                proving(connection, size)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
