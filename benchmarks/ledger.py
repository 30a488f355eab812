"""How much of the database's own speed the ledger keeps: durable transfers a second against a function in pgbench.

    python benchmarks/ledger.py [seconds]

A transfer takes locks, asks the pure ledger, writes movement, holdings, journal, log leaf and a signed checkpoint, and
commits durably. The reference is a hand-written SQL function that writes the same rows to equal tables
without asking, hashing or signing anything, called by pgbench, one durable commit a call, with as many clients. All on
the same embedded server with its production settings:

* one act after another, and eight threads;
* a thousand callers at once, each waiting for his own answer, gathered into common transactions;
* single acts and many acts in one call over HTTP, against the real server of the pages.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import psycopg

from openjcm.api import operator_token
from openjcm.commands import Office, act, open_office, run
from openjcm.commands.gathering import Gatherer
from openjcm.commands.together import ask
from openjcm.store.database import migrate
from openjcm.store.server import Server, find_binaries

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


REFERENCE = """
    create table bench_journal (like journal including all excluding statistics);
    create table bench_leaf (like log_leaf including indexes);
    create table bench_movement (like movement including indexes including defaults);
    create table bench_holding (like holding including indexes);
    create table bench_head (entry_no bigint);
    insert into bench_head values (0);
    create function bench_move() returns void language plpgsql as $$
    declare n bigint; key text;
    begin
      update bench_head set entry_no = entry_no + 1 returning entry_no into n;
      key := encode(sha256(n::text::bytea), 'hex');
      insert into bench_journal values (n, 'transfer', key, '{"blocks": ["JCM-JP-MN901-2022-1"], "target_account":
        "JPN/company", "occurred_on": "2025-02-01"}', key, '{"kind": "transfer", "quantity": 1, "blocks":
        ["JCM-JP-MN901-2022-1"], "source_account": "JPN/government", "target_account": "JPN/company"}', '2025-02-01',
        now(), 'reference');
      insert into bench_leaf values (n, 'entry', convert_to(repeat('x', 400), 'UTF8'), n);
      insert into bench_movement (movement_id, entry_no, kind, registry_id, series, serials, origin_id, source_account,
        target_account, occurred_on, from_entry_no) values (n, n, 'transfer', 'JPN', 'JP-MN901-2022',
        int8range(n, n + 1), 1, 'JPN/government', 'JPN/company', '2025-02-01', 1);
      delete from bench_holding where origin_id = 1 and lower(serials) = n;
      insert into bench_holding values ('JP-MN901-2022', int8range(n, n + 1), 'JPN/company', 1, n, '2025-02-01'),
        ('JP-MN901-2022', int8range(n + 1, 10000000), 'JPN/government', 1, 1, '2025-01-10');
    end $$;
"""
"""The rows of a transfer, written by one function, for pgbench to call."""


def reference(url: str, clients: int, seconds: float) -> float:
    """Calls a second of the reference function by pgbench, each a durable commit."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write("select bench_move();\n")
        script.flush()
        command = [str(find_binaries() / "pgbench"), "-n", "-M", "prepared", "-f", script.name, "-c",
                   str(clients), "-j", "1", "-T", str(max(int(seconds), 1)), url]  # fmt: skip
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return float(next(line for line in said.splitlines() if line.startswith("tps")).split()[2])


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


def request_of(number: int) -> dict[str, object]:
    """A transfer of one credit."""
    return {
        "blocks": [f"JCM-JP-MN901-2022-{number}"], "target_account": "JPN/company", "occurred_on": "2025-02-01",
    }  # fmt: skip


def body_of(number: int) -> bytes:
    """The same as the bytes that a caller sends."""
    return (
        f'{{"blocks":["JCM-JP-MN901-2022-{number}"],"target_account":"JPN/company","occurred_on":"2025-02-01"}}'
    ).encode()


def gathered(office: Office, numbers: Iterator[int], seconds: float, callers: int = 1000) -> tuple[float, float]:
    """(transfers a second, median of the callers' waiting in seconds) of many callers who ask again and again."""
    gatherer, transfer, waited = Gatherer(office), act("transfer"), list[float]()
    stop = time.monotonic() + seconds

    async def caller() -> None:
        while time.monotonic() < stop:
            began = time.monotonic()
            await gatherer.ask(ask(transfer, body_of(next(numbers)), None, "benchmark"))
            waited.append(time.monotonic() - began)

    async def everybody() -> None:
        await asyncio.gather(*(caller() for _ in range(callers)))

    began = time.monotonic()
    asyncio.run(everybody())
    spent = time.monotonic() - began
    gatherer.close()
    return len(waited) / spent, statistics.median(waited)


class Web:
    """The real server of the pages over this data folder."""

    def __init__(self, folder: Path, url: str) -> None:
        self.port = 18000 + os.getpid() % 10000
        self.token = operator_token(folder)
        environment = {**os.environ, "OPENJCM_DATA": str(folder), "OPENJCM_DATABASE_URL": url, "PORT": str(self.port)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "openjcm", "serve"], env=environment, stdout=subprocess.DEVNULL
        )
        for _ in range(300):
            with contextlib.suppress(OSError):
                if self.post(http.client.HTTPConnection("127.0.0.1", self.port), "/transfer", {}) != 503:
                    return
            time.sleep(0.2)
        raise RuntimeError("the server does not answer")

    def post(self, connection: http.client.HTTPConnection, path: str, body: object) -> int:
        """The status of one call."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.request("POST", f"/api/v1/acts{path}", json.dumps(body), headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status not in {200, 201, 422}:
            raise RuntimeError(said[:300])
        return answer.status

    def line(self) -> socket.socket:
        """An open connection; a caller as lean as pgbench's, so that the server is measured and not the caller."""
        line = socket.create_connection(("127.0.0.1", self.port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line

    def send(self, line: socket.socket, path: str, body: bytes) -> None:
        """One call, which must succeed; returns when the whole answer is there."""
        line.sendall(
            f"POST /api/v1/acts{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        said = b""
        while b"\r\n\r\n" not in said:
            said += line.recv(1 << 20)
        head, _, rest = said.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])  # type: ignore[index]
        chunks, got = [rest], len(rest)
        while got < length:
            chunks.append(line.recv(1 << 20))
            got += len(chunks[-1])
        answer = b"".join(chunks)
        if head.split(None, 2)[1] not in {b"200", b"201"} or b'"problem"' in answer:
            raise RuntimeError((head + answer)[:500])

    def close(self) -> None:
        """Stop the server."""
        self.process.terminate()
        self.process.wait()


def over_http(web: Web, numbers: Iterator[int], clients: int, seconds: float, together: int = 1) -> float:
    """Transfers a second of clients who each hold one connection and send one call after another."""
    lock, local = threading.Lock(), threading.local()

    def call(_: int) -> None:
        if not hasattr(local, "line"):
            local.line = web.line()
        with lock:
            mine = [next(numbers) for _ in range(together)]
        if together == 1:
            web.send(local.line, "/transfer", body_of(mine[0]))
            return
        acts = b",".join([b'{"act":"transfer","request":%b}' % body_of(number) for number in mine])
        web.send(local.line, "", b'{"acts":[%b]}' % acts)

    return rate(call, clients, seconds) * together


def main() -> None:
    """Print rates and ratios."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 4.0
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        url = server.url
        migrate(url)
        office = open_office(Path(folder), url)
        prepare(office)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(REFERENCE.encode())
        numbers, transfer = count(CREDITS // 2), transfers(office)
        for threads in (1, 8):
            theirs, ours = reference(url, threads, seconds), rate(transfer, threads, seconds)
            print(f"direct, {threads} thread(s): {ours:,.0f} transfers/s; reference {theirs:,.0f}; {ours / theirs:.2f}")
        best = reference(url, 64, seconds)
        gc.collect()
        gc.freeze()  # as the server of the pages does when it begins
        gc.set_threshold(50_000, 20, 50)
        ours, median = gathered(office, numbers, seconds)
        print(
            f"1,000 callers at once: {ours:,.0f} transfers/s, median {1000 * median:.0f} ms; "
            f"reference with 64 clients {best:,.0f}; {ours / best:.2f}"
        )
        office.close()
        web = Web(Path(folder), url)
        for clients in (1, 16, 64):
            theirs = reference(url, clients, seconds)
            ours = over_http(web, numbers, clients, seconds)
            print(f"HTTP, {clients} client(s): {ours:,.0f} transfers/s; reference {theirs:,.0f}; {ours / theirs:.2f}")
        ours = over_http(web, numbers, 4, seconds, together=1000)
        print(f"HTTP, 1,000 acts a call: {ours:,.0f} transfers/s; reference {best:,.0f}; {ours / best:.2f}")
        web.close()


if __name__ == "__main__":
    main()
