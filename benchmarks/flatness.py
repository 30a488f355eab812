"""Whether the ledger stays as quick as it grows: the same acts on books of different sizes.

    python benchmarks/flatness.py [holdings entries ...]     default: 1000 1024 100000 131072

Each book is a database of its own on one embedded server, filled as a set: holdings of a hundred credits in a hundredth
as many accounts and a thousandth as many issuances, and a journal with movements, leaves and random keys. Then batches
of a thousand transfers of one credit, each out of another holding chosen at random, are done on the books in turn, so
that whatever else the machine does befalls all alike. Printed are transfers a second and the CPU time of a transfer in
the database and in Python, each beside that of the first book. A million entries take 2 GB of disk and three minutes to
fill, ten million 20 GB.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psycopg
from ledger import prepare

from openjcm.commands import Office, act, open_office
from openjcm.commands.together import ask, perform_together
from openjcm.store.database import migrate
from openjcm.store.journal import Receipt
from openjcm.store.server import Server

WARM, ROUNDS, BATCH, CREDITS, PER_ISSUANCE, PER_ACCOUNT = 10, 20, 1000, 100, 1000, 100
"""The first rounds are not counted: pages that are touched the first time after a checkpoint are logged whole."""
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "checkpoint_timeout": "30min", "wal_compression": "on"}
"""What a server for a ledger of this size is given (docs/scale.md)."""

FILL = """
    alter table journal disable trigger user;
    alter table log_leaf disable trigger user;
    alter table movement disable trigger user;
    alter table holding disable trigger user;
    alter table block_origin disable trigger user;
    alter table log_head disable trigger user;
    insert into account (account_id, registry_id, account_type, holder, opened_on, entry_no)
      select 'JPN/' || n, 'JPN', 'entity_holding', 'Holder ' || n, '2024-01-01', 1
      from generate_series(0, greatest(%(holdings)s / %(per_account)s, 2)) n;
    insert into block_origin (series, registry_id, projects, vintage, serials, decision_id, issued_on, entry_no)
      select 'JP-MN' || (10000 + n) || '-2022', 'JPN', array['MN' || (10000 + n)], '2022',
        int8range(1, %(credits)s * %(per_issuance)s + 1), 'D', '2025-01-10', 1
      from generate_series(0, %(holdings)s / %(per_issuance)s) n;
    insert into journal (entry_no, act, idempotency_key, request, request_sha256, outcome, occurred_on, recorded_at,
                         actor)
      select n, 'transfer', encode(sha256(n::text::bytea), 'hex'),
        '{"blocks": ["JCM-JP-MN10001-2022-1"], "target_account": "JPN/company", "occurred_on": "2025-02-01"}',
        encode(sha256(n::text::bytea), 'hex'), '{"kind": "transfer", "quantity": 1, "blocks": ["JCM-JP-MN10001-2022-1"],
          "source_account": "JPN/1", "target_account": "JPN/2", "registry_id": "JPN"}', '2025-02-01', now(), 'filled'
      from generate_series((select max(entry_no) + 1 from journal), %(entries)s) n;
    insert into log_leaf (leaf_index, kind, body, entry_no)
      select n - 1, 'entry', convert_to(repeat('x', 420) || n, 'UTF8'), n
      from generate_series((select max(leaf_index) + 2 from log_leaf), %(entries)s) n;
    insert into movement (entry_no, kind, registry_id, series, serials, origin_id, source_account, target_account,
                          occurred_on, from_entry_no)
      select n, 'transfer', 'JPN', o.series, int8range(n %% 1000 + 1, n %% 1000 + 2), o.origin_id,
        'JPN/' || n %% greatest(%(holdings)s / %(per_account)s, 2),
        'JPN/' || (n + 1) %% greatest(%(holdings)s / %(per_account)s, 2),
        '2025-02-01', 1
      from generate_series((select max(entry_no) + 1 from movement), %(entries)s) n
      join block_origin o
        on o.series = 'JP-MN' || (10000 + n %% greatest(%(holdings)s / %(per_issuance)s, 1)) || '-2022';
    insert into holding (series, serials, account_id, origin_id, since_entry_no, since)
      select o.series, int8range(n %% %(per_issuance)s * %(credits)s + 1,
                                 (n %% %(per_issuance)s + 1) * %(credits)s + 1),
        'JPN/' || (n / %(per_account)s), o.origin_id, 1, '2025-01-10'
      from generate_series(0, %(holdings)s - 1) n
      join block_origin o on o.series = 'JP-MN' || (10000 + n / %(per_issuance)s) || '-2022';
    insert into account_sum select account_id, sum(upper(serials) - lower(serials))::bigint from holding
      group by 1 on conflict (account_id) do update set quantity = excluded.quantity;
    update log_head set entry_no = %(entries)s, tree_size = %(leaves)s,
      peaks = decode(repeat('ab', 32 * %(peaks)s), 'hex');
    alter table journal enable trigger user;
    alter table log_leaf enable trigger user;
    alter table movement enable trigger user;
    alter table holding enable trigger user;
    alter table block_origin enable trigger user;
    alter table log_head enable trigger user;
"""


class Book:
    """A filled database and what was measured on it."""

    def __init__(self, server_url: str, folder: Path, holdings: int, entries: int) -> None:
        self.holdings, self.entries = holdings, entries
        name = f"book_{holdings}_{entries}"
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
        url = psycopg.conninfo.make_conninfo(server_url, dbname=name)
        migrate(url)
        self.office: Office = open_office(folder, url)
        prepare(self.office)
        began = time.monotonic()
        with psycopg.connect(url) as connection:
            leaves = entries
            sizes = {
                "holdings": holdings, "entries": entries, "credits": CREDITS, "per_issuance": PER_ISSUANCE,
                "per_account": PER_ACCOUNT, "leaves": leaves, "peaks": leaves.bit_count(),
            }  # fmt: skip
            with psycopg.ClientCursor(connection) as cursor:
                cursor.execute(FILL.encode(), sizes)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("vacuum analyze")
            size = connection.execute("select pg_database_size(current_database())").fetchone()
        assert size is not None
        print(f"{holdings:,} holdings, {entries:,} entries: {size[0] / 1e9:.2f} GB, {time.monotonic() - began:.0f} s",
              flush=True)  # fmt: skip
        self.wall: list[float] = []
        self.python: list[float] = []
        self.database: list[float] = []
        with self.office.transaction() as connection:
            self.backend = connection.info.backend_pid

    def batch(self, chance: random.Random, number: int) -> None:
        """A thousand transfers of one credit, each out of another holding."""
        transfer, count = act("transfer"), min(BATCH, self.holdings)
        places = chance.sample(range(self.holdings), count)
        asked = []
        for place in places:
            serial = place % PER_ISSUANCE * CREDITS + 1 + number
            request = {
                "blocks": [f"JCM-JP-MN{10000 + place // PER_ISSUANCE}-2022-{serial}"], "target_account": "JPN/company",
                "occurred_on": "2025-06-01",
            }  # fmt: skip
            asked.append(ask(transfer, request, None, "flatness"))
        wall, python, database = time.perf_counter(), time.thread_time(), _cpu(self.backend)
        answers = perform_together(asked, self.office)
        self.python.append((time.thread_time() - python) / count)
        self.database.append((_cpu(self.backend) - database) / count)
        self.wall.append((time.perf_counter() - wall) / count)
        refused = [answer for answer in answers if not isinstance(answer, Receipt)]
        assert not refused, refused[0]


def _cpu(pid: int) -> float:
    """Seconds that a process has run."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def main() -> None:
    """Fill, measure in turn, print."""
    given = [int(word) for word in sys.argv[1:]] or [1000, 1024, 100_000, 131_072]
    sizes = list(zip(given[::2], given[1::2], strict=True))
    chance = random.Random(4)  # noqa: S311 - a workload that can be repeated
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), settings=SETTINGS) as server:
        books = [Book(server.url, Path(folder), *size) for size in sizes]
        for number in range(WARM + ROUNDS):
            for book in books:
                book.batch(chance, number)
        first = books[0]
        for book in books:
            figures = [(statistics.median(found[WARM:]), statistics.median(base[WARM:])) for found, base in (
                (book.wall, first.wall), (book.database, first.database), (book.python, first.python))]  # fmt: skip
            (wall, wall0), (base, base0), (python, python0) = figures
            print(
                f"{book.holdings:,} holdings, {book.entries:,} entries: {1 / wall:,.0f} transfers/s"
                f" ({wall0 / wall:.2f}); CPU in the database {base * 1e6:.0f} us ({base / base0:.2f}),"
                f" in Python {python * 1e6:.0f} us ({python / python0:.2f})"
            )
            book.office.close()


if __name__ == "__main__":
    main()
