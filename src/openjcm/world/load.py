"""Loading the worlds: planned acts are done one after another, each once.

A load that was cut off is simply started again: what is on record is found by its key and left as it is, the rest is
done. Nothing is written except through :func:`openjcm.commands.run`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from openjcm.commands import Office, Receipt, run
from openjcm.refusals import Refused
from openjcm.views import journal_state
from openjcm.world.planned import PlannedAct

ACTOR = "openjcm world load"
"""Who the journal says did it."""

Progress = Callable[[int, int, PlannedAct, bool], None]
"""Told after each act: how many are done, how many there are, the act, whether it was on record already."""


@dataclass(frozen=True)
class Loaded:
    """What a load did: acts newly recorded, acts that were on record already, and those of them that differ.

    An act differs if an earlier edition of this package recorded it with other words. What is written stays written.
    """

    recorded: int = 0
    on_record: int = 0
    differing: int = 0

    def __add__(self, other: Loaded) -> Loaded:
        return Loaded(
            self.recorded + other.recorded, self.on_record + other.on_record, self.differing + other.differing
        )


@dataclass(frozen=True)
class Done:
    """One act done: its receipt, and whether the record has it with another request."""

    receipt: Receipt
    differs: bool = False

    @property
    def loaded(self) -> Loaded:
        """The act as a count."""
        return Loaded(int(not self.receipt.replayed), int(self.receipt.replayed), int(self.differs))


def silent(done: int, total: int, act: PlannedAct, on_record: bool) -> None:
    """Tell nobody."""


def perform(office: Office, act: PlannedAct) -> Done:
    """Do one planned act, once.

    Raises:
        Refused: by the rule that the request breaks.
    """
    try:
        return Done(run(act.act, dict(act.request), office=office, key=act.key, actor=ACTOR))
    except Refused as refused:
        if refused.code != "idempotency_key_reused":
            raise
        return Done(_on_record(office, act.key), differs=True)


def _on_record(office: Office, key: str) -> Receipt:
    with office.transaction() as connection:
        found = journal_state.receipt(connection, key)
    assert found is not None, "a key that was refused as used is on record"
    return found


def load(office: Office, acts: Iterable[PlannedAct], progress: Progress = silent) -> Loaded:
    """Do the planned acts in their order.

    Raises:
        Refused: at the first act that breaks a rule; what came before it stays recorded.
    """
    planned = tuple(acts)
    total = Loaded()
    for number, act in enumerate(planned, start=1):
        done = perform(office, act)
        total += done.loaded
        progress(number, len(planned), act, done.receipt.replayed)
    return total


FIRST_KEYS = ("public-record/registry/JPN", "demonstration/XD001/registry/JPN-demonstration")
"""The keys of the first act of each world: where one stands in the journal, we have begun to load."""


def may_load(office: Office) -> bool:
    """Whether the journal is empty, or holds the beginning of a load (which may then go on)."""
    with office.transaction() as connection:
        begun = any(journal_state.receipt(connection, key) for key in FIRST_KEYS)
        return begun or journal_state.entries(connection) == 0
