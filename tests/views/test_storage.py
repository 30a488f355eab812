"""What stands against reversal: the demonstration's site, and a site whose escapes are made good in three ways."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from openjcm.views.storage import Escape, Phase, storage
from openjcm.web.database import Database
from trial_office import Trial


def test_the_demonstrations_site(connection: Any) -> None:
    found = storage(connection, "XD002")
    assert found is not None
    assert found.phases == (Phase("injection", date(2025, 1, 1), "OpenJCM demonstration, fictitious", "read"),)
    assert found.reserved == 11
    assert found.escapes == (Escape("XD002-2026-05-10", date(2026, 5, 10), "injection", 20, 0, 20, 0),)
    assert found.escapes[0].left == 0
    assert storage(connection, "XD001") is None


def test_made_good_in_three_ways_and_not_all(database_url: str, tmp_path: Path) -> None:
    trial = Trial(database_url, tmp_path)
    for registry in ("JPN", "IDN"):
        trial.do("open_registry", "2024-12-20", registry_id=registry, party=registry, world="public")
    for slug, kind in (("company", "entity_holding"), ("reserve", "reserve"), ("cancellation", "cancellation")):
        trial.do(
            "open_account", "2024-12-20", account_id=f"JPN/{slug}", registry_id="JPN", account_type=kind, holder="h"
        )
    trial.do(
        "register_project", "2024-12-20", reference="ID901", world="public", host_party="IDN", status="registered",
        title="A store", methodologies=[{"id": "ID_CCS", "version": "01.0"}],
    )  # fmt: skip
    trial.do("record_storage_phase", "2025-01-01", project="ID901", phase="injection", source="s", grade="read")

    def decide(name: str, on: str, start: str, end: str, company: int, reserve: int) -> None:
        shares = [
            {"account_id": f"JPN/{slug}", "vintage": start[:4], "quantity": quantity}
            for slug, quantity in (("company", company), ("reserve", reserve))
            if quantity
        ]
        trial.do(
            "decide_issuance", on, decision_id=name, world="public", projects=["ID901"], monitoring_start=start,
            monitoring_end=end, total=company + reserve, source="s", grade="read",
            sides=[{"side": "JPN", "amount": company + reserve, "shares": shares}],
        )  # fmt: skip

    decide("D", "2026-01-10", "2025-01-01", "2025-12-31", 97, 3)
    trial.do("issue", "2026-01-20", decision_id="D", side="JPN")
    trial.do(
        "record_reversal", "2026-03-01", reversal_id="R", project="ID901", tonnes=9, name="l.pdf",
        media_type="application/pdf", content_base64="YQ==",
    )  # fmt: skip
    decide("E", "2026-04-01", "2026-01-01", "2026-03-02", 0, 0)
    trial.do("cover_reversal", "2026-04-02", reversal_id="R", blocks=["JCM-JP-ID901-2025-98-100"],
             cancellation_account="JPN/cancellation")  # fmt: skip
    trial.do("replace_reversal", "2026-04-03", reversal_id="R", blocks=["JCM-JP-ID901-2025-1-2"],
             cancellation_account="JPN/cancellation", reason="r")  # fmt: skip
    database = Database(database_url)
    with database.reading() as connection:
        found = storage(connection, "ID901")
    database.close()
    assert found is not None
    assert found.reserved == 0
    assert [(one.tonnes, one.deducted, one.covered, one.replaced, one.left) for one in found.escapes] == [
        (9, 0, 3, 2, 4)
    ]
    trial.close()
