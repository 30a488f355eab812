"""Audit of the rows that representatives, controls and proposals wrote: made again from the journal's entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from openjcm.signed import key_id_of
from openjcm.store.audit import JournalRow

Expected = Iterator[tuple[str, dict[str, Any]]]


def inner_row(row: JournalRow) -> JournalRow:
    """The executed act as the entry that it would have been by itself."""
    done = row.outcome["executed"]
    return replace(row, act=done["act"], request=done["request"], outcome=done["outcome"])


def _pick(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: data[name] for name in names}


def _representative(row: JournalRow) -> Expected:
    said = row.request
    known = said if row.act == "register_representative" else row.outcome
    yield (
        "representative_fact",
        {
            **_pick(said, "account_id", "representative", "reason"),
            "name": said["person_name"] if row.act == "register_representative" else "–",
            "rights": sorted(set(said.get("rights", ()))),
            "public_key": known["public_key"],
            "key_id": key_id_of(known["public_key"]),
            "since": said["occurred_on"],
        },
    )


def _controls(row: JournalRow) -> Expected:
    names = ("account_id", "four_eyes", "delay_hours", "outside", "most_per_act", "most_per_day")
    trusted = sorted(set(row.request["trusted"]))
    yield "account_control", {**_pick(row.request, *names), "trusted": trusted, "since": row.request["occurred_on"]}


def _proposal(row: JournalRow) -> Expected:
    names = ("proposal", "account_id", "act", "representative", "quantity", "target_account", "proposal_sha256")
    yield "proposal", _pick(row.outcome, *names)


def _step(row: JournalRow) -> Expected:
    """The steps of one entry, and the rows of an act that it executed."""
    from openjcm.store.audit_records import MAKERS

    said = row.outcome
    none = dict.fromkeys(("representative", "answer_sha256", "due_at", "executed_on"))
    if said["step"] != "executed":
        signed = _pick(said, "proposal", "step", "representative", "answer_sha256")
        yield "proposal_step", {**none, **signed, "due_at": said.get("due_at")}
    if said.get("executed") is not None:
        yield (
            "proposal_step",
            {**none, "proposal": said["proposal"], "step": "executed", "executed_on": said["executed_on"]},
        )
        inner = inner_row(row)
        if inner.act in MAKERS:
            yield from MAKERS[inner.act](inner)


ROW_MAKERS: dict[str, Callable[[JournalRow], Expected]] = {
    "register_representative": _representative,
    "revoke_representative": _representative,
    "change_account_controls": _controls,
    "propose": _proposal,
    "approve_proposal": _step,
    "reject_proposal": _step,
    "withdraw_proposal": _step,
    "execute_proposal": _step,
}
