"""How long two governments need to compare their whole books, beside the database's own full outer join.

    python benchmarks/reconciliation.py [runs of serials in each book] [differences]

Our book and our mirror of the partner's book hold as many runs each, every one a run of its own (neighbours say
different things, so nothing can be joined). The partner states the same but for the differences. Timed: writing our own
statement, and the whole act of reconciliation (read the statement and its signature, read our books at one moment,
compare both, name the differences, hold back what they touch, record report and statement). The references, on the same
rows: reading them only, and a plain full outer join of the two sides lying in tables ready to be joined.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openjcm.commands import Office, open_office, run
from openjcm.commands.courier import known_partner
from openjcm.commands.statements_of_books import compare_statement, report_of, statement_for
from openjcm.registry.reconciliation import STATEMENT, StatementHead, read_statement, tonnes_of, write_statement
from openjcm.signed import public_text
from openjcm.store.database import migrate
from openjcm.store.server import Server

RUNS_IN_A_SERIES = 1_000
THEIR_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
T = TypeVar("T")


def prepare(office: Office, runs: int) -> None:
    """Registry, partner, and the rows of both books, written past the acts."""

    def do(act: str, **fields: object) -> None:
        run(act, {**fields, "occurred_on": "2025-01-10"}, office=office, actor="benchmark")

    do("open_registry", registry_id="JPN", party="JPN", world="public")
    for slug, kind in (("government", "government_holding"), ("retirement", "retirement"), ("cancel", "cancellation")):
        do("open_account", account_id=f"JPN/{slug}", registry_id="JPN", account_type=kind, holder=slug)
    do("register_project", reference="MN901", world="public", host_party="MNG", title="t", status="registered")
    do("register_partner", partner="theirs", our_name="ours", address="files",
       notice_key=public_text(THEIR_KEY.public_key()), keeps=["MNG"])  # fmt: skip
    do("decide_issuance", decision_id="D", world="public", projects=["MN901"], total=1, source="s", grade="read",
       sides=[{"side": "JPN", "amount": 1,
               "shares": [{"account_id": "JPN/government", "vintage": "2022", "quantity": 1}]}])  # fmt: skip
    tables = ("block_origin", "holding", "movement", "mirror_holding")
    with office.transaction() as connection:
        for table in tables:
            connection.execute(f"alter table {table} disable trigger user".encode())
        series = runs // RUNS_IN_A_SERIES
        connection.execute(
            "insert into block_origin (series, registry_id, projects, vintage, serials, decision_id, issued_on,"
            " entry_no) select 'JP-MN901A' || s || '-2022', 'JPN', '{MN901}', '2022', int8range(1, %s), 'D',"
            " '2025-01-10', 1 from generate_series(1, %s) s",
            [RUNS_IN_A_SERIES * 3 + 1, series],
        )
        connection.execute(
            "insert into holding (series, serials, account_id, origin_id, since_entry_no, since)"
            " select o.series, int8range(n * 3 + 1, n * 3 + 4),"
            "   case n %% 3 when 0 then 'JPN/government' when 1 then 'JPN/retirement' else 'JPN/cancel' end,"
            "   o.origin_id, 1, '2025-02-01' from block_origin o, generate_series(0, %s) n order by o.origin_id, n",
            [RUNS_IN_A_SERIES - 1],
        )
        connection.execute(
            "insert into movement (entry_no, kind, registry_id, series, serials, origin_id, source_account,"
            " target_account, occurred_on, details, from_entry_no)"
            " select 1, case a.account_type when 'retirement' then 'retire' else 'cancel' end, 'JPN', h.series,"
            "   h.serials, h.origin_id, 'JPN/government', h.account_id, h.since, case a.account_type when 'retirement'"
            '     then \'{"purpose": "ndc", "used_for_year": 2030}\'::jsonb else \'{"purpose": "oimp"}\' end, 1'
            " from holding h join account a using (account_id) where a.account_type <> 'government_holding'"
        )
        connection.execute(
            "insert into mirror_holding (partner, series, serials, registry_id, state, issued_on, since, purpose)"
            " select 'theirs', 'MN-MN901A' || s || '-2022', int8range(n * 3 + 1, n * 3 + 4), 'MNG',"
            "   case n %% 2 when 0 then 'held' else 'cancelled' end, '2025-01-10', '2025-02-01',"
            "   case n %% 2 when 0 then '' else 'oimp' end"
            " from generate_series(1, %s) s, generate_series(0, %s) n",
            [series, RUNS_IN_A_SERIES - 1],
        )
        for table in tables:
            connection.execute(f"alter table {table} enable trigger user".encode())
    with office.connect(office.database_url) as connection:
        connection.autocommit = True
        connection.execute("vacuum analyze")


def theirs(ours: bytes, differences: int) -> bytes:
    """The partner's statement: the same books from the other side, some lines of each told otherwise."""
    lines = list(read_statement(ours).lines)
    swapped = [{"b": "m", "m": "b"}.get(line[0], line[0]) + line[1:] for line in lines]
    for number in range(differences):
        place = (number * 7919) % len(swapped)
        swapped[place] = swapped[place].replace("\tMNG\t", "\tMNG-demonstration\t").replace("\tJPN\t", "\tMNG\t")
    body = "".join(f"{line}\n" for line in swapped).encode()
    tonnes = tonnes_of(line for line in swapped if line.startswith("b"))
    head = StatementHead(
        format=STATEMENT, sender="theirs", recipient="ours", made_at="2026-01-01T00:00:00+00:00", on=None, sent=0,
        sent_head="0" * 64, received=0, received_head="0" * 64, lines=len(swapped), tonnes=tonnes,
        lines_sha256=sha256(body).hexdigest(),
    )  # fmt: skip
    return write_statement(head, body, THEIR_KEY)


COPIES = (
    "copy (select series, serials, account_id, since from holding) to stdout",
    "copy (select series, serials, registry_id, state, since, purpose from mirror_holding) to stdout",
)
JOINED = """
    select count(*) from mine m full outer join said t on t.part = m.part and t.series = m.series and t.first = m.first
      and t.last = m.last and t.rest = m.rest where m.series is null or t.series is null
"""


def references(office: Office, runs: int) -> tuple[float, float]:
    """Seconds to read the rows, and to join two tables that hold both sides as rows."""

    def read() -> None:
        with office.transaction() as connection, connection.cursor() as cursor:
            for query in COPIES:
                with cursor.copy(query.encode()) as copy:
                    for _ in copy:
                        pass

    with office.transaction() as connection:
        for name in ("mine", "said"):
            connection.execute(
                f"create table {name} as"  # noqa: S608 - our own names
                " select 'b' as part, h.series, lower(h.serials) as first,"
                "  upper(h.serials) - 1 as last, h.account_id || h.since as rest from holding h"
                " union all select 'm', series, lower(serials), upper(serials) - 1,"
                "   registry_id || state || since || purpose from mirror_holding".encode()
            )
        connection.execute("analyze mine, said")

    def join() -> None:
        with office.transaction() as connection:
            connection.execute(JOINED.encode())

    return timed(read)[0], timed(join)[0]


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds that a piece of work takes, and what it gives."""
    began = time.monotonic()
    result = work()
    return time.monotonic() - began, result


def main() -> None:
    """Print the figures."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
    differences = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data")
        url = server.start()
        try:
            migrate(url)
            office = open_office(Path(folder) / "data", url)
            prepare(office, runs)
            partner = known_partner(office, "theirs")
            write, ours = timed(lambda: statement_for(office, partner, None))
            said = theirs(ours, differences)
            compare, receipt = timed(lambda: compare_statement(office, "theirs", said, None, "benchmark"))
            report = json.loads(report_of(office, receipt.outcome["report_sha256"]))
            read, join = references(office, runs)
            office.close()
        finally:
            server.stop()
    print(f"runs of serials: {runs:,} in our book, {runs:,} in the mirror; statement {len(said) / 1e6:,.0f} MB")
    held = len(receipt.outcome["held"])
    print(f"differences named: {report['differences']:,} ({report['tonnes']:,} t), held back: {held:,}")
    print(f"writing our statement               {write:8.2f} s")
    print(f"reconciliation, the whole act       {compare:8.2f} s")
    print(f"reference: reading the rows only    {read:8.2f} s   reconciliation takes {compare / read:.1f} times that")
    print(f"reference: plain full outer join    {join:8.2f} s   reconciliation takes {compare / join:.1f} times that")


if __name__ == "__main__":
    main()
