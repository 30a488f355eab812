"""Whether the ledger stays as quick as it grows: the same acts on books of different sizes.

    python benchmarks/flatness.py [holdings entries ...]     default: 1000 1024 100000 131072

Each book is a database of its own on one embedded server, filled as a set: holdings of a hundred credits, ten of them
to an account and to an issuance, and a journal with movements, leaves and random keys. Three kinds of work are then
done on the books in turn, so that whatever else the machine does befalls all alike:

* whole: a thousand transfers at once, each of a whole holding. The book keeps its size;
* split: a thousand at once, each of the first credit left of a holding. Each makes a holding more;
* lone: whole holdings, one act and one commit after another.

A thousand touch a hundred issuances and accounts, drawn by lot, in every book: the work is the same, and only what lies
around it differs. Printed are transfers a second and the CPU time of a transfer in the database and in Python, each
beside that of the first book. Entries come in multiples of 65,536, or in some hundreds: what is filled leaves no tile
of the log open. A million entries take 2 GB of disk and a minute to fill, ten million 20 GB.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import psycopg
from ledger import prepare

from openjcm.commands import Office, act, open_office
from openjcm.commands.together import Asked, ask, perform_together
from openjcm.store.database import migrate
from openjcm.store.journal import Receipt
from openjcm.store.server import Server

BATCH, CREDITS, TOGETHER = 1000, 100, 10
"""Transfers at once; credits of a holding; holdings that share an issuance and an account."""
ROUNDS = {"whole": (10, 20), "split": (2, 8), "lone": (1, 4)}
"""Rounds that are not counted and that are: a page touched the first time after a checkpoint is logged whole."""
SETTINGS = {"shared_buffers": "4GB", "max_wal_size": "8GB", "checkpoint_timeout": "30min", "wal_compression": "off"}
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
      from generate_series(0, greatest(%(holdings)s / %(together)s, 2)) n;
    insert into block_origin (series, registry_id, projects, vintage, serials, decision_id, issued_on, entry_no)
      select 'JP-MN' || (10000 + n) || '-2022', 'JPN', array['MN' || (10000 + n)], '2022',
        int8range(1, %(credits)s * %(together)s + 1), 'D', '2025-01-10', 1
      from generate_series(0, %(holdings)s / %(together)s) n;
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
        'JPN/' || n %% greatest(%(holdings)s / %(together)s, 2),
        'JPN/' || (n + 1) %% greatest(%(holdings)s / %(together)s, 2),
        '2025-02-01', 1
      from generate_series((select max(entry_no) + 1 from movement), %(entries)s) n
      join block_origin o
        on o.series = 'JP-MN' || (10000 + n %% greatest(%(holdings)s / %(together)s, 1)) || '-2022';
    insert into holding (series, serials, account_id, origin_id, since_entry_no, since)
      select o.series, int8range(n %% %(together)s * %(credits)s + 1,
                                 (n %% %(together)s + 1) * %(credits)s + 1),
        'JPN/' || (n / %(together)s), o.origin_id, 1, '2025-01-10'
      from generate_series(0, %(holdings)s - 1) n
      join block_origin o on o.series = 'JP-MN' || (10000 + n / %(together)s) || '-2022';
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
                "holdings": holdings, "entries": entries, "credits": CREDITS, "together": TOGETHER,
                "leaves": leaves, "peaks": leaves.bit_count(),
            }  # fmt: skip
            with psycopg.ClientCursor(connection) as cursor:
                cursor.execute(FILL.encode(), sizes)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("vacuum analyze")
            size = connection.execute("select pg_database_size(current_database())").fetchone()
        assert size is not None
        print(f"{holdings:,} holdings, {entries:,} entries: {size[0] / 1e9:.2f} GB, {time.monotonic() - began:.0f} s",
              flush=True)  # fmt: skip
        self.owners = [place // TOGETHER for place in range(holdings)]
        self.first_left = [place % TOGETHER * CREDITS + 1 for place in range(holdings)]
        self.found: dict[str, list[Cost]] = {kind: [] for kind in ROUNDS}
        with self.office.transaction() as connection:
            self.backend = connection.info.backend_pid

    def round(self, kind: str, chance: random.Random) -> None:
        """A thousand transfers, their cost put down."""
        issuances = chance.sample(range(self.holdings // TOGETHER), BATCH // TOGETHER)
        places = [issuance * TOGETHER + number for issuance in issuances for number in range(TOGETHER)]
        asked = [self._transfer(kind, place, issuances, chance) for place in places]
        wall, python, database = time.perf_counter(), time.thread_time(), _cpu(self.backend)
        for together in [[one] for one in asked] if kind == "lone" else [asked]:
            refused = [answer for answer in perform_together(together, self.office) if not isinstance(answer, Receipt)]
            assert not refused, refused[0]
        spent = (time.perf_counter() - wall, _cpu(self.backend) - database, time.thread_time() - python)
        self.found[kind].append(Cost(*(seconds / BATCH for seconds in spent)))

    def _transfer(self, kind: str, place: int, accounts: list[int], chance: random.Random) -> Asked:
        """Another of the accounts gets what is left of a holding, or its first credit."""
        series, first, last = 10000 + place // TOGETHER, self.first_left[place], (place % TOGETHER + 1) * CREDITS
        target = chance.choice([account for account in chance.sample(accounts, 2) if account != self.owners[place]])
        if kind == "split":
            last, self.first_left[place] = first, first + 1
        else:
            self.owners[place] = target
        request = {
            "blocks": [f"JCM-JP-MN{series}-2022-{first}" + (f"-{last}" if last > first else "")],
            "target_account": f"JPN/{target}", "occurred_on": "2025-06-01",
        }  # fmt: skip
        return ask(act("transfer"), request, f"{kind} {len(self.found[kind])} {place}", "flatness")


class Cost(NamedTuple):
    """Seconds a transfer."""

    wall: float
    database: float
    python: float


def _cpu(pid: int) -> float:
    """Seconds that a process has run."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def _tell(book: Book, first: Book, kind: str) -> None:
    """One line: the book beside the first one."""
    warm, _ = ROUNDS[kind]
    own, base = (
        Cost(*(statistics.median(costs) for costs in zip(*one.found[kind][warm:], strict=True)))
        for one in (book, first)
    )
    print(
        f"{kind}: {book.holdings:,} holdings, {book.entries:,} entries: {1 / own.wall:,.0f} transfers/s"
        f" ({base.wall / own.wall:.2f}); CPU in the database {own.database * 1e6:.0f} us"
        f" ({own.database / base.database:.2f}), in Python {own.python * 1e6:.0f} us ({own.python / base.python:.2f})",
        flush=True,
    )


def main() -> None:
    """Fill, measure in turn, print."""
    given = [int(word) for word in sys.argv[1:]] or [1000, 1024, 100_000, 131_072]
    sizes = list(zip(given[::2], given[1::2], strict=True))
    chance = random.Random(4)  # noqa: S311 - a workload that can be repeated
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), settings=SETTINGS) as server:
        books = [Book(server.url, Path(folder), *size) for size in sizes]
        for kind, (warm, counted) in ROUNDS.items():
            for _ in range(warm + counted):
                for book in books:
                    book.round(kind, chance)
            for book in books:
                _tell(book, books[0], kind)
        for book in books:
            book.office.close()


if __name__ == "__main__":
    main()
