"""How long each kind of page takes at the server on the public record, against the smallest page of the same server.

The record and the demonstration are loaded into an embedded database of its own; the pages are asked for in the same
process, warm, so the figures are the server's work alone. The reference is ``/healthz``, which asks the database one
question: the ratio says how many such pages a page costs.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from openjcm.store.server import Server

PAGES = (
    "/ja/",
    "/en/",
    "/en/projects",
    "/en/projects?country=IDN&sort=title&page=2",
    "/en/projects/MN003",
    "/ja/projects/XD001",
    "/en/issuances",
    "/en/registries",
    "/en/registries/JPN",
    "/en/methodologies",
    "/en/methodologies/PH_AM004",
    "/en/rules/MNG",
    "/en/explain/JCM-JP-XD001-2022-4",
    "/en/explain/JCM-JP-TH014-2021-1",
    "/en/log",
    "/en/api",
    "/en/reports/aef/JPN/2025",
    "/api/v1/projects",
    "/api/v1/projects.csv",
)
TRIES = 15


def main() -> int:
    """Print a line per page: the median of some tries, the ratio to the reference, the size."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["OPENJCM_DATA"] = folder
        server = Server(Path(folder))
        os.environ["OPENJCM_DATABASE_URL"] = server.start()
        try:
            return measure()
        finally:
            server.stop()


def measure() -> int:
    """Load, then ask for every page; 1 if one does not answer."""
    from starlette.testclient import TestClient

    from openjcm.cli import main as openjcm
    from openjcm.web.app import create_app

    sys.argv = ["openjcm", "db", "migrate"]
    quietly(openjcm)
    began = time.perf_counter()
    sys.argv = ["openjcm", "world", "load"]
    quietly(openjcm)
    print(f"loading the record and the demonstration: {time.perf_counter() - began:.1f} s")
    failed = 0
    with TestClient(create_app(), follow_redirects=False) as client:
        reference, _, _ = asked(client, "/healthz")
        print(f"{'page':<52}{'median':>10}{'ratio':>8}{'size':>11}")
        print(f"{'/healthz (reference)':<52}{reference * 1000:7.1f} ms{1:8.1f}")
        for page in PAGES:
            seconds, size, status = asked(client, page)
            failed |= status != 200
            mark = "" if status == 200 else f"   status {status}"
            print(f"{page:<52}{seconds * 1000:7.1f} ms{seconds / reference:8.1f}{size / 1000:8.1f} kB{mark}")
    return int(failed)


def quietly(program: Any) -> None:
    """Run the command line of this process; it leaves by ``SystemExit``."""
    try:
        program()
    except SystemExit as end:
        if end.code:
            raise


def asked(client: Any, page: str) -> tuple[float, int, int]:
    """Median seconds, size in bytes and status of a page."""
    times = []
    for _ in range(TRIES):
        began = time.perf_counter()
        answer = client.get(page)
        times.append(time.perf_counter() - began)
    return statistics.median(times), len(answer.content), answer.status_code


if __name__ == "__main__":
    sys.exit(main())
