"""Two installations in one process: Japan's registry here, Mongolia's there, each with its own book and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openjcm.commands.courier import Answer, next_lines, note_acknowledgement, take
from openjcm.signed import public_text
from openjcm.store.notices import partner_named
from trial_office import ACCOUNTS, Trial

JAPAN, MONGOLIA = "japan.example", "mongolia.example"
NAMES = {"JPN": JAPAN, "MNG": MONGOLIA}


class Side(Trial):
    """One of the two."""

    def __init__(self, url: str, folder: Path, party: str) -> None:
        super().__init__(url, folder)
        self.party = party
        self.name = NAMES[party]

    @property
    def key(self) -> str:
        """Its public key for notices."""
        return public_text(self.office.notice_key.public_key())

    def open_own(self, on: str = "2015-11-01") -> None:
        """Its registry with the usual accounts, and the project."""
        self.do("open_registry", on, registry_id=self.party, party=self.party, world="public")
        for slug, account_type in ACCOUNTS:
            self.do(
                "open_account", on, account_id=f"{self.party}/{slug}", registry_id=self.party,
                account_type=account_type, holder=f"Holder of {slug}",
            )  # fmt: skip
        self.project()

    def knows(self, other: Side, on: str = "2024-01-10", **more: Any) -> None:
        """Put the other on record."""
        fields = {
            "partner": other.name, "our_name": self.name, "address": "files", "notice_key": other.key,
            "keeps": [other.party], **more,
        }  # fmt: skip
        self.do("register_partner", on, **fields)

    def decide_own(self, decision_id: str, on: str, japan: int, host: int, vintage: str = "2022") -> None:
        """The decision, with the shares of this side only."""
        fields = self.decision(decision_id, japan, host, vintage)
        for side in fields["sides"]:
            if side["side"] != self.party:
                side["shares"] = []
        self.do("decide_issuance", on, **fields)

    def lines_for(self, other: Side, most: int = 100) -> list[str]:
        """The next notices for the other."""
        with self.office.transaction() as connection:
            partner = partner_named(connection, other.name)
        assert partner is not None
        return next_lines(self.office, partner, most)

    def send(self, other: Side, most: int = 100) -> Answer:
        """Bring the next notices to the other, and its acknowledgement back."""
        answer = take(other.office, self.lines_for(other, most))
        self.hear(other, answer)
        return answer

    def hear(self, other: Side, answer: Answer) -> None:
        """Take the acknowledgement of the other."""
        with self.office.transaction() as connection:
            partner = partner_named(connection, other.name)
        assert partner is not None
        if answer.acknowledgement:
            note_acknowledgement(self.office, partner, answer.acknowledgement)

    def kinds_for(self, other: Side) -> list[str]:
        """The kinds of notices in the outbox."""
        rows = self.all("select kind from notice_out where partner = %s order by sequence", other.name)
        return [row[0] for row in rows]

    def mirror_of(self, other: Side) -> list[tuple[Any, ...]]:
        """What the other states, as it stands in the mirror."""
        return self.all(
            "select 'JCM-' || series || '-' || lower(serials) || '-' || upper(serials) - 1, state, since::text, purpose"
            " from mirror_holding where partner = %s order by series, serials",
            other.name,
        )


def two_sides(first_url: str, second_url: str, folder: Path) -> tuple[Side, Side]:
    """Both, opened, each knowing the other."""
    japan, mongolia = Side(first_url, folder / "japan", "JPN"), Side(second_url, folder / "mongolia", "MNG")
    for side in (japan, mongolia):
        side.open_own()
    japan.knows(mongolia)
    mongolia.knows(japan)
    return japan, mongolia


def story(japan: Side, mongolia: Side) -> None:
    """A decision that both record, both issuances, authorizations, a retirement and a cancellation."""
    for side in (japan, mongolia):
        side.decide_own("D1", "2025-01-10", 40, 10)
        side.do("issue", "2025-01-20", decision_id="D1", side=side.party)
        side.authorize("JPN", purposes=["NDC and OIMP"])
        side.authorize("MNG", purposes=["NDC and OIMP"])
    japan.do("transfer", "2025-02-01", blocks=["JCM-JP-MN901-2022-11-30"], target_account="JPN/company")
    japan.do(
        "retire", "2025-04-01", blocks=["JCM-JP-MN901-2022-1-7"], retirement_account="JPN/retirement",
        used_for_year=2030, purpose="ndc",
    )  # fmt: skip
    mongolia.do(
        "cancel", "2025-05-01", blocks=["JCM-MN-MN901-2022-4-6"], cancellation_account="MNG/cancellation",
        purpose="oimp", reason="flights",
    )  # fmt: skip
