"""How long the annual information of a Party takes for a year with many actions.

    python benchmarks/aef.py [actions]          default: 100000

The actions are made from movements as the registries keep them: issuances of four credits each in two hundred series, a
transfer of each within the registry, and the retirement of one of the four towards the NDC. Timed are the projection of
the movements to actions, first transfers and holdings (``build_aef``), the writing of the workbook, and the checks.
"""

from __future__ import annotations

import sys
import time
from datetime import date, timedelta

from openjcm.article6.actions import LedgerAction
from openjcm.article6.authorization import Authorization
from openjcm.registry.serials import Block, Series
from openjcm.reports.aef import build_aef, write_aef
from openjcm.reports.aef_checks import run_checks
from openjcm.reports.article6_lines import article6_data

YEAR, SERIES, EACH = 2025, 200, 4


def authorizations() -> list[Authorization]:
    """Both Parties authorize everything for the NDC."""
    return [
        Authorization.from_body(
            {
                "world": "public", "party": party, "authorization_id": f"A-{party}", "version": 1, "purposes": ["NDC"],
                "authorized_on": "2024-01-15", "projects": [], "vintages": None, "grade": "read", "source": "benchmark",
            },
            1,
        )
        for party in ("JPN", "MNG")
    ]  # fmt: skip


def movements(actions: int) -> list[LedgerAction]:
    """Issuances, and for each block of them one transfer and one retirement of a quarter, in order of time."""
    found: list[LedgerAction] = []
    day, blocks = date(YEAR, 1, 5), actions // 2
    every = [Series("JP", (f"MN{number:04d}",), "2022") for number in range(SERIES)]  # one object each, as when read
    for number in range(blocks):
        series = every[number % SERIES]
        first = number // SERIES * EACH + 1
        whole, used = Block(series, first, first + EACH - 1), Block(series, first, first)
        on = day + timedelta(days=number * 340 // blocks)
        for kind, block, source in (("issue", whole, None), ("transfer", whole, "JPN"), ("retire", used, "JPN")):
            found.append(
                LedgerAction(
                    len(found) + 1, len(found) + 1, kind, "JPN", block, "MNG", on, "JPN", source,
                    used_for_year=YEAR if kind == "retire" else None, purpose="ndc" if kind == "retire" else None,
                    decision_id=f"D{number % SERIES}",
                )
            )  # fmt: skip
    return found


def main() -> None:
    """Print seconds."""
    actions = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    data = article6_data("public", movements(actions), authorizations())
    began = time.process_time()
    made = build_aef("JPN", YEAR, data)
    built = time.process_time()
    body = write_aef(made)
    written = time.process_time()
    run_checks(made)
    checked = time.process_time()
    rows = {table.layout.number: len(table.rows) for table in made.tables}
    print(
        f"{len(data.movements):,} movements, rows by table {rows}: {built - began:.1f} s of CPU to build,"
        f" {written - built:.1f} s to write {len(body) / 1e6:.1f} MB, {checked - written:.1f} s to check"
    )


if __name__ == "__main__":
    main()
