"""How much of the database's own speed the ledger keeps: durable transfers a second against bare commits.

    python benchmarks/ledger.py [seconds]

A transfer takes locks, asks the pure ledger, writes movement, holdings, journal, log leaf, tree nodes and a signed
checkpoint, and commits durably. A bare commit inserts one row. Both on the same embedded server, with its production
settings, in one thread and in eight.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import psycopg

from openjcm.commands import Office, open_office, run
from openjcm.store.database import migrate
from openjcm.store.server import Server

CREDITS = 1_000_000


def prepare(office: Office) -> None:
    """Registries, accounts and a large issuance."""

    def do(act: str, **fields: object) -> None:
        run(act, {**fields, "occurred_on": "2025-01-10"}, office=office, actor="benchmark")

    for party in ("JPN", "MNG"):
        do("open_registry", registry_id=party, party=party, world="public")
    for slug in ("government", "company"):
        do("open_account", account_id=f"JPN/{slug}", registry_id="JPN", account_type="entity_holding", holder=slug)
    do("register_project", reference="MN901", world="public", host_party="MNG", title="t", status="registered")
    share = {"account_id": "JPN/government", "vintage": "2022", "quantity": CREDITS}
    sides = [{"side": "JPN", "amount": CREDITS, "shares": [share]}]
    do("decide_issuance", decision_id="D", world="public", projects=["MN901"], total=CREDITS, sides=sides, source="s",
       grade="read")  # fmt: skip
    do("issue", decision_id="D", side="JPN")


def rate(work: Callable[[int], None], threads: int, seconds: float) -> float:
    """How often a second the work is done."""
    stop = time.monotonic() + seconds
    numbers, lock = count(1), threading.Lock()

    def loop(_: int) -> int:
        done = 0
        while time.monotonic() < stop:
            with lock:
                number = next(numbers)
            work(number)
            done += 1
        return done

    began = time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        total = sum(pool.map(loop, range(threads)))
    return total / (time.monotonic() - began)


def bare_commits(url: str) -> Callable[[int], None]:
    """A commit of one row, each thread on its own connection."""
    local = threading.local()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table if not exists bare (number bigint, text text)")

    def commit(number: int) -> None:
        if not hasattr(local, "connection"):
            local.connection = psycopg.connect(url, autocommit=True)
        local.connection.execute(
            "insert into bare values (%s, 'a row of some length, as a movement would be')", [number]
        )

    return commit


def transfers(office: Office) -> Callable[[int], None]:
    """A transfer of one credit; the numbers run on over all calls."""
    numbers, lock = count(1), threading.Lock()

    def transfer(_: int) -> None:
        with lock:
            number = next(numbers)
        blocks = [f"JCM-JP-MN901-2022-{number}"]
        request = {"blocks": blocks, "target_account": "JPN/company", "occurred_on": "2025-02-01"}
        run("transfer", request, office=office, actor="benchmark")

    return transfer


def main() -> None:
    """Print rates and ratios."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 4.0
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        url = server.url
        migrate(url)
        office = open_office(Path(folder), url)
        prepare(office)
        commit, transfer = bare_commits(url), transfers(office)
        for threads in (1, 8):
            bare, ledger = rate(commit, threads, seconds), rate(transfer, threads, seconds)
            print(
                f"{threads} thread(s): {ledger:,.0f} transfers/s, {bare:,.0f} bare commits/s, ratio {ledger / bare:.3f}"
            )
        office.close()


if __name__ == "__main__":
    main()
