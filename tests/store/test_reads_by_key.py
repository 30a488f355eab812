"""An act reads what it concerns by key, however many accounts, issuances and movements there are beside it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psycopg

from flips import as_superuser
from openjcm.commands import act
from openjcm.commands.together import ask, perform_together
from openjcm.store.journal import Receipt
from trial_office import Trial

MANY, TOGETHER, LONE = 10_000, 500, 12
"""What lies beside; acts done at once; acts done by themselves after that, by plans that were made for many."""
CROWD = f"""
    insert into account (account_id, registry_id, account_type, holder, opened_on, entry_no)
      select 'JPN/' || n, 'JPN', 'entity_holding', 'Holder ' || n, '2024-01-01', 1 from generate_series(1, {MANY}) n;
    insert into account_sum select 'JPN/' || n, 100 from generate_series(1, {MANY}) n;
    insert into block_origin (series, registry_id, projects, vintage, serials, decision_id, issued_on, entry_no)
      select 'JP-MN' || (10000 + n) || '-2022', 'JPN', array['MN' || (10000 + n)], '2022', int8range(1, 101), 'D1',
        '2025-01-10', 1
      from generate_series(1, {MANY}) n;
    insert into movement (entry_no, kind, registry_id, series, serials, origin_id, target_account, occurred_on)
      select 1, 'issue', 'JPN', series, serials, origin_id, 'JPN/' || substr(series, 6, 5)::int - 10000, '2025-01-10'
      from block_origin where series <> 'JP-MN901-2022';
    insert into holding (series, serials, account_id, origin_id, since_entry_no, since)
      select series, serials, 'JPN/' || substr(series, 6, 5)::int - 10000, origin_id, 1, '2025-01-10'
      from block_origin where series <> 'JP-MN901-2022';
"""
READ = """
    select relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) from pg_stat_user_tables
    where relname in ('account', 'account_sum', 'block_origin', 'movement', 'holding')
"""


def test_what_lies_beside_is_not_read(database_url: str, tmp_path: Path) -> None:
    trial = Trial(database_url, tmp_path)
    trial.market()
    trial.close()
    with as_superuser(database_url) as connection:
        connection.execute(CROWD.encode())
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze")
    with as_superuser(database_url) as connection:  # another session: what one has read itself it may tell later
        connection.autocommit = True
        before = _read(connection)
        asked = [ask(act("transfer"), _transfer(number), None, "trial") for number in range(TOGETHER + LONE)]
        for acts in [asked[:TOGETHER], *([one] for one in asked[TOGETHER:])]:
            answers = perform_together(acts, trial.office)
            assert all(isinstance(answer, Receipt) for answer in answers), answers
        trial.close()
        read = {table: rows - before[table] for table, rows in _read(connection).items()}
    assert read["account"] >= TOGETHER and all(rows < MANY for rows in read.values()), read


def _transfer(number: int) -> dict[str, Any]:
    return {
        "blocks": [f"JCM-JP-MN{10_001 + number}-2022-1-100"], "target_account": f"JPN/{number + 2}",
        "occurred_on": "2025-05-01",
    }  # fmt: skip


def _read(connection: psycopg.Connection) -> dict[str, int]:
    """Rows read of each table so far; a session has told all of its own when it has ended."""
    others = "select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    deadline = time.monotonic() + 30
    while connection.execute(others.encode()).rowcount:
        assert time.monotonic() < deadline, "the sessions of the office do not end"
        time.sleep(0.05)
    return dict(connection.execute(READ).fetchall())
