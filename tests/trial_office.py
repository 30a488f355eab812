"""An office for trials: fresh database, temporary files, a clock that stands still unless it is moved."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openjcm.commands import Office, Receipt, audit_office, is_clean, run
from openjcm.refusals import Refused
from openjcm.store.files import FileStore
from openjcm.store.journal import Signer
from openjcm.world import demonstration

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class Trial:
    """An office with short words for acts and for what is expected of them."""

    def __init__(self, url: str, folder: Path) -> None:
        self.office = Office(
            url, FileStore(folder / "files"), Signer("trial.example/log", KEY), clock=lambda: NOW, data_dir=folder
        )

    def do(self, act: str, on: str, /, *, key: str | None = None, **fields: Any) -> Receipt:
        """Do an act on a day."""
        return run(act, {**fields, "occurred_on": on}, office=self.office, key=key, actor="trial")

    def refused(self, code: str, act: str, on: str, /, *, key: str | None = None, **fields: Any) -> Refused:
        """The act is refused with that code, and neither journal nor ledger change."""
        before = self.fingerprint()
        with pytest.raises(Refused) as caught:
            self.do(act, on, key=key, **fields)
        assert caught.value.code == code, str(caught.value)
        assert caught.value.message("ja") and caught.value.remedy("ja") and caught.value.remedy("en")
        assert self.fingerprint() == before, "a refused act left a trace"
        return caught.value

    def all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.office.transaction() as connection:
            return connection.execute(query, values).fetchall()

    def one(self, query: str, *values: object) -> Any:
        """The single value of a query."""
        return self.all(query, *values)[0][0]

    def fingerprint(self) -> list[tuple[Any, ...]]:
        """What any act would change."""
        return self.all(
            "select (select count(*) from journal), (select entry_no from log_head), (select tree_size from log_head),"
            " (select count(*) from product), (select count(*) from movement), (select count(*) from stored_file),"
            " (select md5(coalesce(string_agg(h::text, ',' order by series, serials), '')) from holding h)"
        )

    def held(self, account: str) -> int:
        """How many credits an account holds."""
        return int(
            self.one(
                "select coalesce(sum(upper(serials) - lower(serials)), 0) from holding where account_id = %s", account
            )
        )

    def findings(self) -> list[str]:
        """What the audit finds, as text."""
        found, _ = audit_office(self.office)
        return [f"{item.rule}: {item.message('en')}" for item in found]

    def clean(self) -> bool:
        """Whether the audit finds nothing wrong."""
        found, _ = audit_office(self.office)
        assert is_clean(found), [item.message("en") for item in found]
        return True

    def close(self) -> None:
        """Close the connections."""
        self.office.close()

    # Short ways to a usual state --------------------------------------------------------------------------------------

    def open_bilateral(self, world: str = "public", host: str = "MNG", on: str = "2015-11-01") -> None:
        """Both registries, each with the usual accounts."""
        for party in ("JPN", host):
            registry = party if world == "public" else f"{party}-demonstration"
            self.do("open_registry", on, registry_id=registry, party=party, world=world)
            for slug, account_type in ACCOUNTS:
                self.do(
                    "open_account",
                    on,
                    account_id=f"{registry}/{slug}",
                    registry_id=registry,
                    account_type=account_type,
                    holder=f"Holder of {slug}",
                )

    def project(self, reference: str = "MN901", world: str = "public", host: str = "MNG") -> None:
        """A project without plan."""
        self.do(
            "register_project", "2020-12-01", reference=reference, world=world, host_party=host,
            title=f"Project {reference}", status="registered", registered_on="2020-12-01",
            methodologies=[{"id": "MN_AM003", "version": "02.0"}],
        )  # fmt: skip

    def decide(self, decision_id: str, on: str, japan: int, host: int, vintage: str = "2022", **more: Any) -> None:
        """A decision of the public record: all to the governments."""
        self.do("decide_issuance", on, **self.decision(decision_id, japan, host, vintage, **more))

    @staticmethod
    def decision(decision_id: str, japan: int, host: int, vintage: str = "2022", **more: Any) -> dict[str, Any]:
        """The request of such a decision."""
        sides = [
            {
                "side": side,
                "amount": amount,
                "shares": [{"account_id": f"{side}/government", "vintage": vintage, "quantity": amount}]
                if amount
                else [],
            }
            for side, amount in (("JPN", japan), ("MNG", host))
        ]
        return {
            "decision_id": decision_id, "world": "public", "projects": ["MN901"], "total": japan + host,
            "monitoring_start": None, "monitoring_end": None, "sides": sides, "source": "trial", "grade": "read",
            **more,
        }  # fmt: skip

    def authorize(self, party: str, on: str = "2025-03-31", version: int = 1, **more: Any) -> Receipt:
        """One Party authorizes everything for NDC use."""
        fields = {
            "world": "public", "party": party, "authorization_id": f"A-{party}", "version": version,
            "purposes": ["NDC"], "grade": "read", "source": "trial", **more,
        }  # fmt: skip
        return self.do("record_authorization", on, **fields)

    def market(self, japan: int = 40, host: int = 10) -> str:
        """Registries, one project, one decision, Japan's credits issued; gives the block of Japan's credits."""
        self.open_bilateral()
        self.project()
        self.decide("D1", "2025-01-10", japan, host)
        self.do("issue", "2025-01-20", decision_id="D1", side="JPN")
        return f"JCM-JP-MN901-2022-1-{japan}"


ACCOUNTS = (
    ("government", "government_holding"),
    ("company", "entity_holding"),
    ("trader", "entity_holding"),
    ("holder-not-stated", "holder_not_stated"),
    ("retirement", "retirement"),
    ("cancellation", "cancellation"),
)


def play(trial: Trial, until: str) -> dict[str, Receipt]:
    """The demonstration's story up to and with the named act."""
    done: dict[str, Receipt] = {}
    for act in demonstration.story():
        planned = act.planned(done)
        done[act.name] = run(planned.act, dict(planned.request), office=trial.office, key=planned.key, actor="trial")
        if act.name == until:
            return done
    raise AssertionError(f"the story has no act {until}")


def request_of(name: str, done: dict[str, Receipt]) -> tuple[str, dict[str, Any]]:
    """Day and fields of an act of the story."""
    act = next(item for item in demonstration.story() if item.name == name)
    fields = dict(act.planned(done).request)
    return fields.pop("occurred_on"), fields
