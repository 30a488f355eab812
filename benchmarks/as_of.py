"""How long it takes to say what lay in which account as of an instant, over a million blocks.

    python benchmarks/as_of.py

A registry of a thousand issuances and a thousand accounts, in which each issuance was split into a thousand blocks and
moved: a million blocks, a million and a thousand movements. The reference is a plain count over the same movements in
the same run. Each figure is the best of five.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg

from openjcm.store.database import migrate
from openjcm.store.server import Server
from openjcm.views import registries
from openjcm.views.holdings_as_of import Cut, Wanted, blocks_as_of, holdings_as_of
from openjcm.web.database import Database

PREPARE = """
    insert into journal select n, 'bench', n::text, '{}', repeat('0', 64), '{}', date '2022-01-01' + n * 3 / 40,
      timestamptz '2022-01-01 00:00Z' + n * interval '2 hours', 'bench' from generate_series(1, 20000) n;
    update log_head set entry_no = 20000, tree_size = 20000;
    insert into product values (repeat('0', 64), 'bench', '', 1);
    insert into registry values ('JPN', 'JPN', 'public', 1), ('MNG', 'MNG', 'public', 1);
    insert into account select 'JPN/' || n, 'JPN', 'entity_holding', 'h' || n, '2022-01-01', 1
      from generate_series(0, 999) n;
    insert into project select 'MN' || n, 'public', 'MNG', 't', 'registered', null, '[]', null, null, 1
      from generate_series(1, 100) n;
    insert into issuance_decision select 'D' || n, 'public', array['MN' || (n % 100 + 1)], null, '2022-01-01', null,
      null, repeat('0', 64), 1 from generate_series(1, 1000) n;
    insert into side_issuance select 'D' || n, 'JPN', 2000, 'issued', '2022-01-01', 1 from generate_series(1, 1000) n;
    insert into block_origin (series, registry_id, projects, vintage, serials, decision_id, issued_on, entry_no)
      select 'JP-MN' || (n % 100 + 1) || '-' || (2013 + n / 100), 'JPN', array['MN' || (n % 100 + 1)],
        (2013 + n / 100)::text, int8range(1, 2001), 'D' || n, '2022-01-01', n from generate_series(1, 1000) n;
    insert into movement (entry_no, kind, registry_id, series, serials, origin_id, target_account, occurred_on)
      select entry_no, 'issue', 'JPN', series, serials, origin_id, 'JPN/' || origin_id % 1000, '2022-01-01'
      from block_origin;
    insert into movement (entry_no, kind, registry_id, series, serials, origin_id, source_account, target_account,
        occurred_on, from_entry_no)
      select 1001 + b * 10 + origin_id % 10, 'transfer', 'JPN', series, int8range(b * 2 + 1, b * 2 + 3), origin_id,
        'JPN/' || origin_id % 1000, 'JPN/' || (origin_id + 1 + b * 7 % 999) % 1000,
        date '2022-01-01' + (1000 + b * 10) * 3 / 40, entry_no
      from block_origin, generate_series(0, 999) b;
    insert into holding select m.series, m.serials, m.target_account, m.origin_id, m.entry_no, m.occurred_on
      from movement m where kind = 'transfer';
"""
"""A million blocks written as sets, past the acts; the walls of the database stand."""

DAY = Cut(date(2023, 12, 31))
INSTANT = Cut(None, datetime(2025, 1, 1, tzinfo=UTC))
NOW = Cut()


def best(work: Callable[[], Any], times: int = 5) -> float:
    """The shortest of some runs, in seconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def questions(connection: Any) -> list[tuple[str, Callable[[], Any]]]:
    """What is asked, by name."""
    asked: list[tuple[str, Callable[[], Any]]] = [
        (f"{name}, by {' and '.join(by)}", lambda cut=cut, by=by: holdings_as_of(connection, cut, Wanted(), by))
        for name, cut in (("day", DAY), ("recording", INSTANT), ("now", NOW))
        for by in (("account",), ("project",), ("vintage",), ("itmo",), ("account", "project"))
    ]
    return [
        *asked,
        ("day, one account by project", lambda: holdings_as_of(connection, DAY, Wanted(account="JPN/5"), ("project",))),
        ("day, one project by account", lambda: holdings_as_of(connection, DAY, Wanted(project="MN5"), ("account",))),
        ("day, blocks of one account", lambda: blocks_as_of(connection, DAY, Wanted(account="JPN/5"))),
        ("page: accounts of a registry", lambda: registries.accounts(connection, "JPN")),
        ("page: a registry's totals", lambda: registries.registry(connection, "JPN")),
        ("page: years of a registry", lambda: registries.transactions(connection, "JPN")),
        ("page: its first 200 blocks", lambda: registries.holdings(connection, "JPN", limit=200)),
    ]


def main() -> None:
    """Make the books, ask, print."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        server.start()
        try:
            migrate(server.url)
            with psycopg.connect(server.url, autocommit=True) as connection:
                with connection.transaction():
                    connection.execute(PREPARE.encode())
                connection.execute("vacuum analyze")
            database = Database(server.url)
            with database.reading() as connection:
                count = best(lambda: connection.execute("select count(*) from movement").fetchone())
                print(f"{'count over 1,001,000 movements':40} {count * 1000:9.1f} ms")
                for name, ask in questions(connection):
                    spent = best(ask)
                    print(f"{name:40} {spent * 1000:9.1f} ms  {spent / count:7.1f} × the count")
            database.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
