"""The people of the demonstration: who acts for its accounts, and what waits there for a second person. All invented.

Their keys are made from public words (:mod:`openjcm.commands.demonstration_people`), so anyone can play them.
"""

from __future__ import annotations

from typing import Any

from openjcm.canonical import sha256_hex
from openjcm.commands.demonstration_people import demonstration_public_key, signed_proposal

JAPAN, HOST = "JPN-demonstration", "MNG-demonstration"
PEOPLE = (
    (f"{JAPAN}/demo-power", "demo-power.sato", "Hanako Sato (fictitious)", ("view", "propose")),
    (f"{JAPAN}/demo-power", "demo-power.suzuki", "Ichiro Suzuki (fictitious)", ("view", "approve")),
    (f"{JAPAN}/demo-trading", "demo-trading.ito", "Jiro Ito (fictitious)", ("view", "propose", "approve")),
    (f"{JAPAN}/demo-trading", "demo-trading.kato", "Yoko Kato (fictitious)", ("view", "propose", "approve")),
    (f"{HOST}/demo-solar", "demo-solar.bat", "Bat-Erdene (fictitious)", ("view", "propose")),
    (f"{HOST}/demo-solar", "demo-solar.oyun", "Oyunchimeg (fictitious)", ("view", "approve")),
)
"""Account, name in the journal, name, rights."""
APPLICATION: dict[str, Any] = {
    "application_id": "XD-2025-0001",
    "registry_id": JAPAN,
    "holder_kind": "foreign_corporation",
    "particulars": {
        "name_en": "Demo Retail LLC (fictitious)",
        "head_office_en": "Ulaanbaatar (fictitious)",
        "representative_en": "President, D. Ganbold (fictitious)",
        "department_en": "Climate desk",
        "phone": "+976-0000-0000",
    },
    "documents": [
        {
            "name": "Certificate of registration (fictitious: there is no such document)",
            "sha256": sha256_hex(b"demonstration: there is no such document (Demo Retail)"),
        }
    ],
    "applicant": "demo-retail.ganbold",
    "occurred_on": "2025-11-12",
}
"""A company asks for an account; the administrator has not reviewed it."""
PROPOSED = "JCM-JP-XD001-2022-11-13"


def registrations() -> list[dict[str, Any]]:
    """The requests that register the people."""
    return [
        {
            "account_id": account,
            "representative": person,
            "person_name": name,
            "rights": list(rights),
            "public_key": demonstration_public_key(person),
            "document_sha256": sha256_hex(f"demonstration: there is no such document ({person})".encode()),
            "reason": "Named by the holder (fictitious)",
            "occurred_on": "2025-11-04",
        }
        for account, person, name, rights in PEOPLE
    ]


def proposal() -> dict[str, Any]:
    """Three tonnes of Demo Power for Demo Trading, signed by the first person; the second has not answered."""
    account, person, *_ = PEOPLE[0]
    return signed_proposal(
        person, account, "transfer", {"blocks": [PROPOSED], "target_account": f"{JAPAN}/demo-trading"}, "0" * 31 + "1",
        "2025-11-10",
    )  # fmt: skip
