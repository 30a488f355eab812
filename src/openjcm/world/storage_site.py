"""The demonstration's second project, XD002: a storage site in Indonesia (CCS), whose registry another system keeps.

All of it is invented: the site, its tonnes, what escaped. It shows what stands against reversal: 3 % of an issuance
in the participants' reserve account, and an escape made good from there (rules of the 10th Joint Committee with
Indonesia).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from openjcm.dated import Grade

PROJECT = "XD002"
HOST = "IDN"
HOST_REGISTRY = "IDN-demonstration"
JAPAN_REGISTRY = "JPN-demonstration"
FICTITIOUS = "OpenJCM demonstration, fictitious"
TITLE = "Storage of carbon dioxide in a depleted gas field in Java (demonstration, fictitious)"
DECISION, SECOND_DECISION = "XD002-2026-03-10", "XD002-2026-08-20"
JAPAN_AMOUNT, HOST_AMOUNT = 800, 210
RESERVED = 31
"""3 % of 1,010, rounded up: a whole tonne is rather kept than given out."""
ESCAPED = 20
REVERSAL = "XD002-2026-05-10"
COVERED = f"JCM-JP-XD002-2025-{JAPAN_AMOUNT - RESERVED + 1}-{JAPAN_AMOUNT - RESERVED + ESCAPED}"

Planned = tuple[str, str, dict[str, Any]]
"""Name within the story, act, request."""


def acts() -> Iterator[Planned]:
    """From the accounts of the participants to the escape that their reserve made good."""
    for slug, kind, holder in (
        ("demo-storage", "entity_holding", "Demo Storage Co., Ltd. (fictitious)"),
        ("reserve", "reserve", "The participants of XD002 (fictitious)"),
    ):
        request = {"account_id": f"{JAPAN_REGISTRY}/{slug}", "registry_id": JAPAN_REGISTRY, "account_type": kind,
                   "holder": holder, "occurred_on": "2024-12-20"}  # fmt: skip
        yield f"account/{JAPAN_REGISTRY}/{slug}", "open_account", request
    yield "site/project", "register_project", _project()
    yield "site/about", "record_statement", _about()
    phase = {"project": PROJECT, "phase": "injection", "source": FICTITIOUS, "grade": Grade.READ.value}
    yield "site/injection", "record_storage_phase", {**phase, "occurred_on": "2025-01-01"}
    japan = [("demo-storage", JAPAN_AMOUNT - RESERVED), ("reserve", RESERVED)]
    yield (
        "site/decision",
        "decide_issuance",
        _decision(DECISION, ("2025-01-01", "2025-12-31"), "2026-03-10", JAPAN_AMOUNT, HOST_AMOUNT, japan),
    )
    yield "site/issue", "issue", {"decision_id": DECISION, "side": "JPN", "occurred_on": "2026-03-20"}
    yield "site/escape", "record_reversal", _escape()
    yield (
        "site/no-issuance",
        "decide_issuance",
        _decision(SECOND_DECISION, ("2026-01-01", "2026-06-30"), "2026-08-20", 0, 0, []),
    )
    yield "site/cover", "cover_reversal", {
        "reversal_id": REVERSAL, "blocks": [COVERED], "cancellation_account": f"{JAPAN_REGISTRY}/cancellation",
        "occurred_on": "2026-09-01",
    }  # fmt: skip


def _project() -> dict[str, Any]:
    return {
        "reference": PROJECT,
        "world": "demonstration",
        "host_party": HOST,
        "title": TITLE,
        "status": "registered",
        "registered_on": "2024-12-20",
        "methodologies": [{"id": "ID_CCS", "version": "01.0"}],
        "crediting_period": {"start": "2025-01-01", "end": "2034-12-31"},
        "occurred_on": "2024-12-20",
    }


def _about() -> dict[str, Any]:
    said = {
        "title": TITLE,
        "estimated_tco2e_per_year": 1_000,
        "participants_japan": "Demo Storage Co., Ltd. (fictitious)",
        "project_type": "CCS",
        "location": "Java (fictitious)",
        "note": "The project is invented, and no report was made for it: it shows the reserve and a reversal.",
    }
    fields = [
        {"field": name, "value": value, "source": FICTITIOUS, "grade": Grade.READ.value, "note": ""}
        for name, value in said.items()
    ]
    return {"subject_kind": "project", "subject": PROJECT, "fields": fields, "occurred_on": "2024-12-20"}


def _decision(
    name: str, period: tuple[str, str], day: str, japan: int, host: int, shares: list[tuple[str, int]]
) -> dict[str, Any]:
    """A decision in which Indonesia's side has no shares: to whom it issues is that registry's matter."""
    return {
        "decision_id": name,
        "world": "demonstration",
        "projects": [PROJECT],
        "monitoring_start": period[0],
        "monitoring_end": period[1],
        "total": japan + host,
        "sides": [
            {
                "side": "JPN",
                "amount": japan,
                "shares": [
                    {"account_id": f"{JAPAN_REGISTRY}/{slug}", "vintage": period[0][:4], "quantity": quantity}
                    for slug, quantity in shares
                ],
            },
            {"side": HOST, "amount": host, "shares": []},
        ],
        "source": FICTITIOUS,
        "grade": Grade.READ.value,
        "occurred_on": day,
    }


def _escape() -> dict[str, Any]:
    """Twenty tonnes escaped while nothing else was injected, so no reductions of the period could cover them."""
    letter = f"Demonstration: {ESCAPED} t escaped from {PROJECT} at a wellhead. There is no such site."
    return {
        "reversal_id": REVERSAL,
        "project": PROJECT,
        "tonnes": ESCAPED,
        "name": "escape.txt",
        "media_type": "text/plain",
        "content_base64": base64.b64encode(letter.encode()).decode("ascii"),
        "occurred_on": "2026-05-10",
    }
