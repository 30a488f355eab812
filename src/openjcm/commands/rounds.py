"""The rounds of the serving process: what is outstanding is brought to the partners, and what is due is executed."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

import psycopg

from openjcm.commands.courier import deliver_all
from openjcm.commands.execution import due_proposals, execute_one
from openjcm.commands.office import Office
from openjcm.commands.statements_of_books import reconcile_with, reconciliations_due
from openjcm.refusals import Refused

LOGGER = logging.getLogger(__name__)
SECONDS = "OPENJCM_NOTICE_SECONDS"
"""The setting that says how long a round pauses; 0: no rounds."""


DAILY = "OPENJCM_DAILY_RECONCILIATION"
"""The setting that says whether the books are compared once a day: 0 or 1."""
SECONDS_TO_ASK_AGAIN = 3600
SECONDS_TO_TRY_AGAIN = 300
"""How long a proposal that was refused at its time waits: what bars it seldom ends sooner."""


class Rounds:
    """A thread that looks every few seconds for outstanding notices and due proposals, until it is closed."""

    def __init__(self, opened: Callable[[], Office], seconds: float | None = None) -> None:
        self._opened = opened
        self.seconds = float(os.environ.get(SECONDS) or 2) if seconds is None else seconds
        self._ended = threading.Event()
        self._asked_again: dict[str, float] = {}
        self._tried_again: dict[str, float] = {}
        self.daily = os.environ.get(DAILY, "1") != "0"
        self._thread = threading.Thread(target=self._work, name="rounds", daemon=True)
        if self.seconds > 0:
            self._thread.start()

    def close(self) -> None:
        """End after the delivery that is under way."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _work(self) -> None:
        office: Office | None = None
        while not self._ended.wait(self.seconds):
            try:
                office = office or self._opened()
                self._round(office)
            except psycopg.Error as error:
                LOGGER.warning("no round was made: %s", error)
                if office is not None:
                    office.drop_connections()
            except Exception as error:  # a round that fails must not end the rounds
                LOGGER.exception("a round failed", exc_info=error)
        if office is not None:
            office.close()

    def _round(self, office: Office) -> None:
        for one in deliver_all(office, now=False):
            if one.error is not None:
                LOGGER.warning("%s", one.error)
        for name in reconciliations_due(office) if self.daily else ():
            self._reconcile(office, name)
        self._execute(office)

    def _execute(self, office: Office) -> None:
        """The approved proposals whose delay is over; one that is refused stays approved and is tried again later."""
        now = time.monotonic()
        due = due_proposals(office)
        self._tried_again = {name: at for name, at in self._tried_again.items() if name in due}
        for name in due:
            if now < self._tried_again.get(name, 0):
                continue
            self._tried_again[name] = now + SECONDS_TO_TRY_AGAIN
            _, told = execute_one(office, name)
            if isinstance(told, Refused):
                LOGGER.warning("the due proposal %s is not executed: %s", name, told)

    def _reconcile(self, office: Office, name: str) -> None:
        """Once a day with each partner; one that cannot be had is asked again an hour later."""
        now = time.monotonic()
        if now < self._asked_again.get(name, 0):
            return
        self._asked_again[name] = now + SECONDS_TO_ASK_AGAIN
        try:
            reconcile_with(office, name, actor="daily reconciliation")
        except Refused as refused:
            LOGGER.warning("no reconciliation with %s: %s", name, refused)
