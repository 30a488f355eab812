"""A small history for the report tests: Mongolia and Japan, one project, from issuance to use and cancellation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from openjcm.article6.actions import LedgerAction
from openjcm.article6.authorization import Authorization, Entity
from openjcm.registry.serials import Block, Series
from openjcm.reports.article6_lines import Article6Data

HOST, JAPAN = "MNG", "JPN"
SERIES = Series.of("JP", ["XD001"], "2022")
REGISTRIES = {"JPN": "JPN99", "MNG": "MNG99"}
GIVEN = Authorization(
    HOST, "MNG-XD-1", 1, date(2025, 1, 15), HOST, ("NDC",), "CA9999", None, ("JPN",), ("XD001",), (2021, 2030), 5000,
    ("Energy generation",), ("Solar",), "No transfer after 2030.",
    (Entity("Demo Power", "JPN", "1234567890123"),), entry_no=3, source="demonstration",
)  # fmt: skip
TAKEN = replace(
    GIVEN, party=JAPAN, authorization_id="JPN-XD-1", authorized_on=date(2025, 1, 20), entities=(), entry_no=4
)


def at_issuance(host: str, day: date) -> str:
    return "japan_side_issuance"


def move(kind: str, first: int, last: int, day: str, entry_no: int, **changes: object) -> LedgerAction:
    source = None if kind == "issue" else JAPAN
    row = LedgerAction(
        entry_no, 1, kind, JAPAN, Block(SERIES, first, last), HOST, date.fromisoformat(day), JAPAN, source,
        2030 if kind == "retire" else None, decision_id="XD001-2025-05-01",
    )  # fmt: skip
    return replace(row, **changes)  # type: ignore[arg-type]


MOVEMENTS = (
    move("issue", 1, 1000, "2025-05-01", 10),
    move("transfer", 1, 600, "2025-06-01", 11),
    move("retire", 1, 400, "2025-11-01", 12),
    move("cancel", 601, 650, "2025-12-31", 13, purpose="omge", reason="overall mitigation"),
    move("retire", 401, 500, "2026-02-01", 14),
    move("issue", 1001, 1200, "2026-03-01", 15),
)
DATA = Article6Data("demonstration", MOVEMENTS, (GIVEN, TAKEN), at_issuance, REGISTRIES)
UNKNOWN = replace(
    DATA,
    world="public",
    movements=(replace(MOVEMENTS[0], block=Block(Series.of("JP", ["XD001"], "2021to2022"), 1, 433)),),
    authorizations=(
        replace(
            GIVEN,
            authorization_id="not stated (MNG 2025)",
            cooperative_approach_id=None,
            sectors=(),
            activity_types=(),
            entities=(),
        ),
    ),
    itmo_registries={},
)
"""As the public record is: no approach, no number, no sector, no split by year, no authorization of Japan's own."""
