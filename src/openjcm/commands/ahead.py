"""Deciding ahead: while one batch of acts is written, the next is decided.

The head of the journal stands for all that went before: its peaks are hashes over every leaf. So what was decided upon
one head holds for as long as the head is that one. A batch is decided upon a snapshot, and upon the movements of the
batch that is being written; it is written if, once the head is locked, the head is the very one that the decision
presumed. If it is not (another writer came between, or the batch before was not written as it was decided), the acts
are done anew under locks, as if nothing had been decided.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from openjcm.commands.office import Office
from openjcm.commands.together import Answer, Asked, Batch, perform_together
from openjcm.commands.transfer import as_it_is
from openjcm.refusals import Refused
from openjcm.store import journal
from openjcm.store.journal import Head
from openjcm.store.ledger import lock_issuances, read_holdings


class Ahead:
    """A batch that is decided before it may be written."""

    def __init__(self, asked: Sequence[Asked], office: Office, before: Ahead | None) -> None:
        """Decide upon the newest snapshot; ``before`` is the batch that is being written meanwhile, if there is one."""
        self.office, self.batch = office, Batch(asked, office)
        self.before: Ahead | None = None
        """The batch whose writing the decision presumes, until that is over."""
        self.presumed: Head | None = None
        """The head behind which the batch may be written; ``None`` while it is not known, or where none is right."""
        self.behind: Head | None = None
        """The head behind the batch, as it was worked out."""
        self.after: Head | None = None
        """That head, once the batch is written as it was decided."""
        try:
            with office.transaction() as connection:
                connection.execute("set transaction isolation level repeatable read, read only")
                self._decide(connection, before)
        except (psycopg.Error, Refused):
            self.before = self.presumed = None

    def _decide(self, connection: psycopg.Connection, before: Ahead | None) -> None:
        head, looks = journal.head_of(journal.ask_head(connection, lock=False)), self.batch.look(connection)
        number, in_flight = head.entry_no, self.batch.moved
        if before is not None and head == before.presumed:
            if not self._fits_behind(before):
                return
            assert before.behind is not None, "what is being written was worked out"
            self.before, in_flight, base = before, before.batch.moved, before.behind
            number += len(before.batch.entries)
        else:
            self.presumed = base = head
        holdings = read_holdings(connection, self.batch.all_blocks)
        self.batch.decide(connection, looks, holdings, number, in_flight)
        self.behind = self.batch.prepare(base)

    def _fits_behind(self, before: Ahead) -> bool:
        """Whether of the batch before nothing but its movements concerns this one."""
        keys = {one.key for one in self.batch.asked}
        return keys.isdisjoint(before.batch.done) and self._plain and before._plain

    @property
    def _plain(self) -> bool:
        """Whether all acts look at accounts and holdings alone."""
        return all(one.act.moves is not None and one.act.moves.complete is as_it_is for one in self.batch.asked)

    def settle(self) -> None:
        """The batch before is over: now it is known behind which head this one may be written."""
        if self.before is not None:
            self.presumed, self.before = self.before.after, None

    def write(self) -> list[Answer]:
        """Write the batch if the head is the one presumed; else do its acts anew. Gives their answers."""
        if self.presumed is None or not self._written_behind(self.presumed):
            return perform_together(self.batch.asked, self.office)
        return self.batch.said()

    def _written_behind(self, expected: Head) -> bool:
        try:
            # One round trip for the locks and one for the writing with the commit: each waits for Python's lock too.
            with self.office.transaction() as connection, connection.pipeline():
                lock_issuances(connection, self.batch.all_blocks)
                if journal.lock_head(connection) != expected:
                    return False
                self.batch.write(connection)
                connection.commit()
        except psycopg.Error:
            return False  # also after a broken connection: the keys tell then what was written
        self.after = self.behind
        return True
