"""Delete the record that credits are trust property: it ends on a day, and stays readable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pydantic import Field

from openjcm.commands.account_bars import not_before_it_began
from openjcm.commands.framework import Act, Decision, Desk, Name, Request, Rows
from openjcm.commands.lookups import ALREADY_ON_RECORD
from openjcm.refusals import refusal

UNKNOWN_TRUST = refusal(
    "unknown_trust",
    en="There is no record of trust {trust}.",
    ja="信託の記録 {trust} はありません。",
    remedy_en="Name the record as it was made.",
    remedy_ja="記録された名称を指定してください。",
    clause="OpenJCM: what ends was recorded before",
    status=404,
)


class EndTrust(Request):
    """The holder applies to have the record deleted."""

    trust_id: Name = Field(description="Name of the record.")
    reason: Name = Field(description="Why, in words.")


@dataclass(frozen=True)
class State:
    """What the act looks at."""

    since: date
    ended: bool


def load(desk: Desk, request: EndTrust) -> State:
    """The record.

    Raises:
        Refused: ``unknown_trust``.
    """
    row = desk.connection.execute(
        "select since, exists (select from trust_end e where e.trust_id = t.trust_id) from trust_record t"
        " where trust_id = %s",
        [request.trust_id],
    ).fetchone()
    if row is None:
        raise UNKNOWN_TRUST(trust=request.trust_id)
    return State(*row)


def decide(request: EndTrust, state: State) -> Decision:
    """A record ends once, and not before it began."""
    if state.ended:
        raise ALREADY_ON_RECORD(what="end of trust", name=request.trust_id)
    not_before_it_began("trust", request.occurred_on, state.since)
    row = {"trust_id": request.trust_id, "ended_on": request.occurred_on, "reason": request.reason}
    return Decision({"trust_id": request.trust_id}, (Rows("trust_end", (row,)),))


ACT = Act(
    name="end_trust",
    title_en="Delete the record of a trust",
    title_ja="信託財産である旨の記録の抹消",
    permission="administrator",
    request=EndTrust,
    load=load,
    decide=decide,
)
