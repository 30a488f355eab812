"""What is due: approved proposals whose delay is over are executed in the order of their time."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from openjcm.commands.execute_proposal import ACT
from openjcm.commands.framework import perform
from openjcm.commands.office import Office
from openjcm.refusals import Refused
from openjcm.store.journal import Receipt

Told = tuple[str, Receipt | Refused]
"""A proposal, and what came of it."""


def due_proposals(office: Office) -> list[str]:
    """The approved proposals that may be executed now, in order."""
    with office.transaction() as connection:
        rows = connection.execute(
            "select a.proposal from proposal_step a where a.step = 'approved' and a.due_at <= %s and not exists"
            " (select from proposal_step e where e.proposal = a.proposal and e.step <> 'approved')"
            " order by a.due_at, a.entry_no",
            [office.clock()],
        )
        return [row[0] for row in rows]


def execute_due(office: Office) -> list[Told]:
    """Execute what is due, each by itself. What is refused stays approved, and is tried again by the next call."""
    return [execute_one(office, proposal) for proposal in due_proposals(office)]


def execute_one(office: Office, proposal: str, actor: str = "due proposals") -> Told:
    """Execute a due proposal on the registry's day; two that do so at once are answered with one execution."""
    day = office.clock().astimezone(ZoneInfo("Asia/Tokyo")).date()
    request = {"proposal": proposal, "occurred_on": day.isoformat()}
    try:
        return proposal, perform(ACT, request, office=office, key=f"execute:{proposal}", actor=actor)
    except Refused as refused:
        return proposal, refused
