"""What every act tells the partners: written with its entry, so no act forgets it and none is told that was not done.

Called by the framework for each act, and once for all acts done together. Without partners it costs one small look, and
nothing at all for acts that are never reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import psycopg

from openjcm.registry.noticed import Entry, may_be_reported
from openjcm.rulebook import rule
from openjcm.store.journal import Receipt
from openjcm.store.notices import Leaf, partner_named, partners, write_backlog, write_outbox

REGISTER = "register_partner"


def first_transfer_trigger(host: str, day: date) -> str:
    """The partner's rule for the first transfer towards an NDC, on that day."""
    return str(rule(host, "first_transfer_trigger", day).value)


def tell_partners(connection: psycopg.Connection, done: Sequence[tuple[str, dict[str, Any], date, Receipt]]) -> None:
    """Put what the entries have to say into the partners' outboxes. ``done``: act, request, day, receipt of each."""
    leaves = [
        Leaf(Entry(receipt.entry_no, act, request, receipt.outcome, day), receipt.leaf_index, receipt.leaf_hash)
        for act, request, day, receipt in done
        if may_be_reported(act, receipt.outcome)
    ]
    if leaves and (to := partners(connection)):
        write_outbox(connection, to, leaves, first_transfer_trigger)
    for act, _, _, receipt in done:
        if act == REGISTER and (partner := partner_named(connection, receipt.outcome["partner"])):
            write_backlog(connection, partner, first_transfer_trigger)
