"""What holds, barred accounts and four eyes cost those who have nothing to do with them.

    python benchmarks/holds.py [seconds]

Transfers of a thousand callers at once, gathered, on one server: first in a registry without any hold, bar or control;
then with ten thousand holds on other serials of the same issuance, two thousand closed accounts, and a thousand
accounts with four eyes.
"""

from __future__ import annotations

import sys
import tempfile
from itertools import count
from pathlib import Path

from ledger import gathered, prepare

from openjcm.commands import Office, open_office
from openjcm.store.database import migrate
from openjcm.store.server import Server

HOLDS, CLOSED, GUARDED = 10_000, 2_000, 1_000

CROWD = """
insert into account (account_id, registry_id, account_type, holder, opened_on, entry_no)
  select 'JPN/other' || n, 'JPN', 'entity_holding', 'x', '2025-01-01', 1 from generate_series(1, {accounts}) n;
insert into account_control (entry_no, account_id, four_eyes, delay_hours, trusted, outside, since)
  select n, 'JPN/other' || n, true, 0, '{{}}', 'delay', '2025-01-01' from generate_series(1, {guarded}) n;
insert into account_bar (entry_no, account_id, ground, sends, receives, since, reference)
  select n, 'JPN/other' || n, 'closure', true, true, '2025-01-01', 'x' from generate_series(1, {closed}) n;
insert into block_hold (hold_id, origin_id, series, serials, scope, ground, reference, placed_on, entry_no)
  select 'H' || n, origin_id, series, int8range(999999 - n * 2, 1000000 - n * 2), 'all', 'other', 'x', '2025-01-01', 1
  from generate_series(1, {holds}) n, block_origin;
"""


def crowd(office: Office) -> None:
    """What would take long by acts, written by the owner of the tables; the entries named are those of transfers."""
    fill = CROWD.format(accounts=max(CLOSED, GUARDED), guarded=GUARDED, closed=CLOSED, holds=HOLDS)
    with office.connect(office.database_url) as connection:
        connection.execute(fill.encode())
    with office.connect(office.database_url) as connection:
        connection.autocommit = True
        connection.execute("analyze")


def main() -> None:
    """Print both rates and their ratio."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            url = server.start()
            migrate(url)
            office = open_office(Path(folder), url)
            prepare(office)
            numbers = count(1)
            gathered(office, numbers, 1.0)
            plain = max(gathered(office, numbers, seconds)[0] for _ in range(2))
            crowd(office)
            gathered(office, numbers, 1.0)
            crowded = max(gathered(office, numbers, seconds)[0] for _ in range(2))
            print(f"gathered transfers/s: {plain:,.0f} alone; {crowded:,.0f} beside {HOLDS:,} holds, {CLOSED:,} closed")
            print(f"accounts and {GUARDED:,} accounts with four eyes: {crowded / plain:.2f}")
            office.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
