"""Whole installations for tests: ``openjcm serve`` in a process of its own, with its own database, folder and keys."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from brokers import free_port
from openjcm.commands import Office, audit_office, open_office
from openjcm.commands.courier import known_partner, next_lines
from openjcm.commands.office import log_key
from openjcm.commands.statements_of_books import reconcile_with
from openjcm.refusals import Severity
from openjcm.signed import public_text
from openjcm.store.journal import Signer

ACCOUNTS = (("government", "government_holding"), ("company", "entity_holding"), ("retirement", "retirement"),
            ("cancellation", "cancellation"))  # fmt: skip


def wait_for(what: Callable[[], Any], seconds: float = 30, every: float = 0.05) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come"
        time.sleep(every)


class Installation:
    """One government's installation: everything is done over HTTP or its own command line."""

    def __init__(self, party: str, folder: Path, command: list[str]) -> None:
        self.party, self.folder, self.command = party, folder, command
        self.name = f"{party.lower()}.example"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.database_url = ""
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are told."""
        known = {name: value for name, value in os.environ.items() if not name.startswith("OPENJCM_")}
        more = {
            "OPENJCM_DATA": str(self.folder), "PORT": str(self.port), "OPENJCM_NOTICE_SECONDS": "0.2",
            "OPENJCM_DAILY_RECONCILIATION": "0",
            "OPENJCM_LOG_ORIGIN": f"{self.name}/log", "OPENJCM_LANGUAGE": "en",
        }  # fmt: skip
        return known | more

    def start(self) -> None:
        """Begin to serve; :meth:`ready` waits for it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log = (self.folder / "serve.log").open("ab")
        self.process = subprocess.Popen([*self.command, "serve"], env=self.environment, stdout=log, stderr=log)

    def ready(self) -> None:
        """Wait until it answers."""
        wait_for(self._answers, 90)

    def _answers(self) -> bool:
        assert self.process is not None and self.process.poll() is None, (self.folder / "serve.log").read_text()
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self) -> None:
        """End in order."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def run(self, *words: str, code: int | None = 0) -> str:
        """A command of its own; gives what it prints."""
        command = [*self.command, *words]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done.stdout

    @property
    def notice_key(self) -> str:
        """What `openjcm notices key` prints."""
        return public_text(log_key(self.folder / "keys" / "notice.key").public_key())

    def act(self, act: str, on: str, **fields: Any) -> dict[str, Any]:
        """An act over HTTP; gives the receipt, or the problem."""
        token_file = self.folder / "keys" / "operator.token"
        if not token_file.exists():
            self._post("/api/v1/acts/open_registry", {}, "")
        return self._post(f"/api/v1/acts/{act}", {**fields, "occurred_on": on}, token_file.read_text().strip())

    def _post(self, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        request = urllib.request.Request(
            self.address + path, json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}, method="POST",
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            return dict(json.load(error))

    def status(self, path: str) -> int:
        """The status with which a page is answered."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def deliver(self, lines: list[str]) -> dict[str, Any]:
        """Notices over HTTP, as a partner sends them."""
        return self._post("/api/v1/notices", {"notices": lines})

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """What an administrator of the database can do."""
        self.database_url = self.database_url or self.run("db", "url").strip()
        with psycopg.connect(self.database_url) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def tamper(self, table: str, statement: str) -> None:
        """What an administrator of the database can do past the rules."""
        self.sql(f"alter table {table} disable trigger user; {statement}; alter table {table} enable trigger user")

    def office(self) -> Office:
        """Its office, for a look from this process."""
        self.sql("select 1")
        return open_office(self.folder, self.database_url)

    def lines(self, other: Installation) -> list[str]:
        """Every notice for the other, signed."""
        office = self.office()
        found = next_lines(office, known_partner(office, other.name), 1000, after=0)
        office.close()
        return found

    def reconcile(self, other: Installation) -> dict[str, Any]:
        """What `openjcm reconcile` records."""
        office = self.office()
        office.signer = Signer(f"{self.name}/log", office.signer.private_key)
        receipt = reconcile_with(office, other.name)
        office.close()
        return receipt.outcome

    def audit(self) -> list[str]:
        """What the audit finds."""
        office = self.office()
        office.signer = Signer(f"{self.name}/log", office.signer.private_key)
        found, _ = audit_office(office)
        office.close()
        return [f"{item.rule}: {item.message('en')}" for item in found if item.severity is not Severity.INFORMS]

    # A usual beginning ------------------------------------------------------------------------------------------------

    def open_own(self) -> None:
        """Its registry, the accounts, the project."""
        on = "2015-11-01"
        self.done("open_registry", on, registry_id=self.party, party=self.party, world="public")
        for slug, account_type in ACCOUNTS:
            self.done("open_account", on, account_id=f"{self.party}/{slug}", registry_id=self.party,
                      account_type=account_type, holder=slug)  # fmt: skip
        self.done("register_project", "2020-12-01", reference="MN901", world="public", host_party="MNG",
                  title="A plant", status="registered")  # fmt: skip

    def knows(self, other: Installation) -> None:
        """Put the other on record."""
        self.done("register_partner", "2024-01-10", partner=other.name, our_name=self.name, address=other.address,
                  notice_key=other.notice_key, keeps=[other.party])  # fmt: skip

    def done(self, act: str, on: str, **fields: Any) -> dict[str, Any]:
        """An act that must be done."""
        receipt = self.act(act, on, **fields)
        assert "entry_no" in receipt, receipt
        return receipt

    def decide(self, name: str, on: str, japan: int, host: int, vintage: str = "2022") -> None:
        """The decision, with the shares of this side."""
        sides = [
            {"side": side, "amount": amount,
             "shares": [{"account_id": f"{side}/government", "vintage": vintage, "quantity": amount}]
             if side == self.party else []}
            for side, amount in (("JPN", japan), ("MNG", host))
        ]  # fmt: skip
        self.done("decide_issuance", on, decision_id=name, world="public", projects=["MN901"], total=japan + host,
                  sides=sides, source="trial", grade="read")  # fmt: skip

    def authorize(self) -> None:
        """Both Parties authorize everything for NDC use."""
        for party in ("JPN", "MNG"):
            self.done("record_authorization", "2025-03-31", world="public", party=party, authorization_id=f"A-{party}",
                      version=1, purposes=["NDC"], grade="read", source="trial")  # fmt: skip

    def received(self) -> int:
        """How many notices are on record here."""
        return int(self.sql("select count(*) from notice_in")[0][0])
