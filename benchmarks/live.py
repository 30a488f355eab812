"""How many batches of live meters are received a second: signatures checked, chains kept, durable.

    python benchmarks/live.py [rounds] [gateways]
    python benchmarks/live.py soak [seconds] [gateways]

Each gateway sends a batch of 96 readings in every round; two processes receive half of the gateways each, in commits of
1,000 batches, on the embedded server with its production settings. Batches are signed between the rounds, outside the
time that is measured. Printed beside it, from the same run and in two processes as well: how many signatures alone are
checked a second, how many lines are parsed and checked without a database, and how many of the same rows are inserted
into a bare table. ``soak`` goes on for the seconds given and prints the memory of the receiving processes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openjcm.canonical import plain
from openjcm.commands import open_office, run
from openjcm.commands.receiving import receive
from openjcm.mrv.batch import NO_BATCH, Batch, Series, read_batch, sign_batch
from openjcm.signed import public_text, read_public_key
from openjcm.store.database import migrate
from openjcm.store.server import Server

PROCESSES = 2
COMMIT = 1_000
READINGS = 96
QUARTER = 900_000_000
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_US = 1_767_225_600_000_000


def plan(gateways: int) -> dict[str, Any]:
    """A monitoring plan with one meter for each gateway."""
    meters = [
        {"meter": {"meter_id": f"M{number}", "direction": "generation", "capacity_w": 100_000, "interval_seconds": 900},
         "symbol": "EG_i_p", "at": str(number)}
        for number in range(gateways)
    ]  # fmt: skip
    cases = {str(number): "national_grid" for number in range(gateways)}
    return {
        "project": "XL001", "methodology": {"id": "MN_AM003", "version": "02.0"}, "time_zone": "+00:00",
        "crediting_period": {"start": "2026-01-01", "end": "2032-12-31"}, "meters": meters,
        "parameters": {"CASE_i": {"value": cases, "source": plain({"document": "benchmark"})}},
    }  # fmt: skip


def key_of(number: int) -> Ed25519PrivateKey:
    """The key of a gateway."""
    return Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))


def prepare(data_dir: Path, url: str, gateways: int) -> None:
    """A project, its gateways and their keys, by the acts."""
    office = open_office(data_dir, url)

    def do(act: str, **fields: object) -> None:
        run(act, {**fields, "occurred_on": "2026-01-01"}, office=office, actor="benchmark")

    do(
        "register_project", reference="XL001", world="demonstration", host_party="MNG", title="t", status="registered",
        registered_on="2026-01-01", methodologies=[{"id": "MN_AM003", "version": "02.0"}], plan=plan(gateways),
    )  # fmt: skip
    for number in range(gateways):
        do("register_gateway", gateway=f"g{number}", project="XL001", meters=[f"M{number}"],
           meters_since="2026-01-01T00:00:00Z")  # fmt: skip
        do("register_gateway_key", gateway=f"g{number}", public_key=public_text(key_of(number + 1).public_key()),
           valid_since="2026-01-01T00:00:00Z")  # fmt: skip
    office.close()


class Fleet:
    """Gateways that sign one batch each for every round."""

    def __init__(self, numbers: range) -> None:
        self.numbers = numbers
        self.keys = {number: key_of(number + 1) for number in numbers}
        self.heads = dict.fromkeys(numbers, NO_BATCH)

    def round(self, number: int) -> list[str]:
        """The lines of a round: a day's readings of each meter."""
        start = FIRST_US + number * READINGS * QUARTER
        t_us = [start + step * QUARTER for step in range(READINGS)]
        lines = []
        for gateway in self.numbers:
            values = [gateway * 10**9 + (number * READINGS + step) * 2_500 + step % 7 for step in range(READINGS)]
            series = Series(f"M{gateway}", "cumulative", "Wh", t_us, values)
            batch = Batch(f"g{gateway}", number + 1, self.heads[gateway], t_us[-1] + 1, (series,))
            signed = sign_batch(batch, self.keys[gateway])
            self.heads[gateway] = signed.sha256
            lines.append(signed.line)
        return lines


def work(pipe: Connection, data_dir: str, url: str, numbers: range) -> None:
    """One receiving process: does what it is told and says how long it took."""
    office = open_office(Path(data_dir), url)
    fleet = Fleet(numbers)
    lines: list[str] = []
    number = 0

    def received() -> None:
        now = FIRST + timedelta(days=number)
        office.clock = lambda: now
        for start in range(0, len(lines), COMMIT):
            answers = receive(office, lines[start : start + COMMIT])
            assert {one.status for one in answers} == {"accepted"}, answers[0]

    def verified() -> None:
        for one, key in signed:
            key.verify(one.signature, one.signed)

    def parsed() -> None:
        for line, (_, key) in zip(lines, signed, strict=True):
            assert read_batch(line).is_signed_by(key)

    def inserted() -> None:
        with psycopg.connect(url) as connection:
            for start in range(0, len(signed), COMMIT):
                with connection.cursor() as cursor, cursor.copy("copy bare from stdin (format binary)") as copy:
                    copy.set_types(["text", "bytea", "bytea"])
                    for one, _ in signed[start : start + COMMIT]:
                        copy.write_row((one.sha256, one.payload, one.signature))
                connection.commit()

    signed: list[Any] = []
    for told in iter(pipe.recv, "end"):
        if told == "sign":
            lines = fleet.round(number)
            number += 1
        elif told == "signatures":
            public = {gateway: read_public_key(public_text(fleet.keys[gateway].public_key())) for gateway in numbers}
            signed = [(read_batch(line), public[gateway]) for line, gateway in zip(lines, numbers, strict=True)]
        tasks: dict[str, Callable[[], None]] = {
            "receive": received, "verify": verified, "parse": parsed, "insert": inserted
        }  # fmt: skip
        began, cpu = time.monotonic(), time.process_time()
        if told in tasks:
            tasks[told]()
        pipe.send((time.monotonic() - began, time.process_time() - cpu, psutil.Process().memory_info().rss))


def database_cpu(data_dir: Path) -> float:
    """CPU seconds that the database's processes have used."""
    [pid_file] = data_dir.rglob("postmaster.pid")
    server = psutil.Process(int(pid_file.read_text().split()[0]))
    total = 0.0
    for process in (server, *server.children(recursive=True)):
        times = process.cpu_times()
        total += times.user + times.system
    return total


class Crew:
    """The receiving processes."""

    def __init__(self, data_dir: Path, url: str, gateways: int) -> None:
        self.data_dir = data_dir
        context = get_context("spawn")
        share = gateways // PROCESSES
        self.pipes = []
        self.processes = []
        for place in range(PROCESSES):
            ours, theirs = context.Pipe()
            numbers = range(place * share, (place + 1) * share)
            process = context.Process(target=work, args=(theirs, str(data_dir), url, numbers), daemon=True)
            process.start()
            self.pipes.append(ours)
            self.processes.append(process)

    def all(self, told: str) -> tuple[float, float, int]:
        """Tell all of them; gives the time until the last is done, their CPU time and their memory."""
        began = time.monotonic()
        for pipe in self.pipes:
            pipe.send(told)
        answers = [pipe.recv() for pipe in self.pipes]
        return time.monotonic() - began, sum(one[1] for one in answers), sum(one[2] for one in answers)

    def end(self) -> None:
        """Let them end."""
        for pipe, process in zip(self.pipes, self.processes, strict=True):
            pipe.send("end")
            process.join()


def measure(crew: Crew, rounds: int, gateways: int) -> None:
    """The table of figures."""
    wall = cpu = database = best = 0.0
    crew.all("sign"), crew.all("receive")  # the first round opens connections and fills caches
    for _ in range(rounds):
        crew.all("sign")
        before = database_cpu(crew.data_dir)
        seconds, used, _ = crew.all("receive")
        database += database_cpu(crew.data_dir) - before
        wall, cpu, best = wall + seconds, cpu + used, max(best, gateways / seconds)
    total = rounds * gateways
    print(f"{total} batches of {READINGS} readings from {gateways} gateways, {PROCESSES} processes, {COMMIT} a commit")
    micro = 1e6 / total
    more = f"best round {best:,.0f}/s; CPU {micro * cpu:.0f} µs and {micro * database:.0f} µs of the database"
    rows = [("received (all checks, durable)", total / wall, more)]
    crew.all("signatures")
    for told, name in (
        ("verify", "Ed25519 signatures alone"),
        ("parse", "parsed and signature checked, no database"),
        ("insert", "bare rows inserted (COPY, no index, same bytes)"),
    ):
        times = [crew.all(told) for _ in range(3)]
        seconds, used, _ = min(times)
        rows.append((name, gateways / seconds, f"CPU {1e6 * used / gateways:.0f} µs"))
    for name, rate, more in rows:
        ratio = f"{rate / rows[0][1]:6.2f} x"
        print(f"  {name:50} {rate:10,.0f} batches/s  {rate * READINGS:13,.0f} readings/s  {ratio}   {more}")
    print(f"  {PROCESSES} cores busy with nothing else: {PROCESSES / (micro * (cpu + database)) * 1e6:,.0f} batches/s")


def soak(crew: Crew, seconds: float, gateways: int) -> None:
    """Rounds until the time is over, with the memory of the receivers and the rate of each minute."""
    began = time.monotonic()
    done = minute = 0
    spent = 0.0
    print("  minute   batches    batches/s   memory of the receivers (MiB)")
    while time.monotonic() - began < seconds:
        crew.all("sign")
        used, _, memory = crew.all("receive")
        done, spent = done + gateways, spent + used
        if time.monotonic() - began >= minute * 60:
            print(f"  {minute:6} {done:9,} {done / spent:12,.0f} {memory / 2**20:12.1f}", flush=True)
            minute += 1
    print(f"  end    {done:9,} {done / spent:12,.0f} {memory / 2**20:12.1f}")


def main(arguments: list[str]) -> None:
    """Measure, or soak."""
    soaking = arguments[:1] == ["soak"]
    numbers = [int(item) for item in (arguments[1:] if soaking else arguments)]
    length = numbers[0] if numbers else (3_600 if soaking else 20)
    gateways = numbers[1] if len(numbers) > 1 else 1_000
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        server = Server(data_dir)
        url = server.start()
        try:
            migrate(url)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("create table bare (name text, payload bytea, signature bytea)")
            prepare(data_dir, url, gateways)
            crew = Crew(data_dir, url, gateways)
            soak(crew, length, gateways) if soaking else measure(crew, length, gateways)
            crew.end()
        finally:
            server.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
