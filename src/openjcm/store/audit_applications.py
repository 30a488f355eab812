"""Audit of applications, reviews, particulars and trust: rows follow from entries, each step from the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from openjcm.registry.accounts import Account, AccountType
from openjcm.registry.ledger import held_pieces
from openjcm.registry.proposals import Controls, is_of_account
from openjcm.registry.serials import parse_block
from openjcm.store.audit import JournalRow

if TYPE_CHECKING:
    from openjcm.store.audit_ledger import Replay

Expected = Iterator[tuple[str, dict[str, Any]]]


@dataclass
class Applied:
    """What the journal says so far of one application."""

    registry_id: str
    account_type: str
    applicants: set[str] = field(default_factory=set)
    version: int = 0
    verdict: str | None = None
    names: tuple[str | None, str] = (None, "")


def _apply(replay: Replay, row: JournalRow) -> None:
    said = row.request
    found = replay.applications.setdefault(
        said["application_id"], Applied(said["registry_id"], said["account_type"], verdict="return")
    )
    if found.verdict != "return" or row.outcome["version"] != found.version + 1:
        raise ValueError(f"version {row.outcome['version']} of {said['application_id']} after {found.verdict}")
    found.version, found.verdict = found.version + 1, None
    found.registry_id, found.account_type = said["registry_id"], said["account_type"]
    found.names = (said["particulars"]["name_ja"], said["particulars"]["name_en"])
    found.applicants.add(said["applicant"])


def _review(replay: Replay, row: JournalRow) -> None:
    said = row.request
    found = replay.applications[said["application_id"]]
    if found.verdict is not None or said["reviewer"] in found.applicants:
        raise ValueError(f"reviewed by {said['reviewer']} after {found.verdict}")
    found.verdict = said["verdict"]
    if said["account_id"] is None:
        return
    opened = (row.outcome["registry_id"], row.outcome["account_type"])
    if (
        said["account_id"] in replay.accounts
        or opened != (found.registry_id, found.account_type)
        or said["holder"] not in found.names
    ):
        raise ValueError(f"account {said['account_id']} is not what was applied for")
    replay.accounts[said["account_id"]] = Account(
        said["account_id"], found.registry_id, AccountType(found.account_type), row.occurred_on,
        four_eyes=row.outcome["four_eyes"],
    )  # fmt: skip
    if row.outcome["four_eyes"]:
        replay.four_eyes.controls[said["account_id"]] = Controls(four_eyes=True)


def _trust(replay: Replay, row: JournalRow) -> None:
    blocks = [parse_block(text) for text in row.request["blocks"]]
    held = {item.account.account_id for block in blocks for item, _ in held_pieces(replay.holdings, block)}
    is_of_account(row.request["account_id"], held)


STEPS: dict[str, Callable[[Replay, JournalRow], None]] = {
    "apply_for_account": _apply,
    "review_account_application": _review,
    "record_trust": _trust,
}


# Rows -----------------------------------------------------------------------------------------------------------------


def _pick(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: data[name] for name in names}


def _application(row: JournalRow) -> Expected:
    names = ("application_id", "registry_id", "account_type", "holder_kind", "particulars", "documents", "project",
             "applicant")  # fmt: skip
    made = {"version": row.outcome["version"], "applied_on": row.request["occurred_on"]}
    yield "account_application", {**_pick(row.request, *names), **made}


def _verdict(row: JournalRow) -> Expected:
    said, day = row.request, row.request["occurred_on"]
    names = ("application_id", "verdict", "reviewer", "reason", "account_id")
    yield "account_review", {**_pick(said, *names), "version": row.outcome["version"], "reviewed_on": day}
    if said["account_id"] is None:
        return
    opened = _pick(row.outcome, "account_id", "registry_id", "account_type")
    yield "account", {**opened, "holder": said["holder"], "opened_on": day}
    if row.outcome["four_eyes"]:
        yield (
            "account_control",
            {
                "account_id": said["account_id"], "four_eyes": True, "delay_hours": 0, "trusted": [],
                "outside": "delay", "most_per_act": None, "most_per_day": None, "since": day,
            },
        )  # fmt: skip


def _change(row: JournalRow) -> Expected:
    said = row.request
    holder = said["particulars"]["name_ja"] or said["particulars"]["name_en"]
    picked = _pick(said, "account_id", "particulars", "documents")
    yield "account_change", {**picked, "holder": holder, "since": said["occurred_on"]}


def _trust_row(row: JournalRow) -> Expected:
    picked = _pick(row.request, "trust_id", "account_id", "document_sha256")
    blocks = [str(parse_block(text)) for text in row.request["blocks"]]
    yield "trust_record", {**picked, "blocks": blocks, "since": row.request["occurred_on"]}


def _trust_end(row: JournalRow) -> Expected:
    yield "trust_end", {**_pick(row.request, "trust_id", "reason"), "ended_on": row.request["occurred_on"]}


ROW_MAKERS: dict[str, Callable[[JournalRow], Expected]] = {
    "apply_for_account": _application,
    "review_account_application": _verdict,
    "change_account": _change,
    "record_trust": _trust_row,
    "end_trust": _trust_end,
}
