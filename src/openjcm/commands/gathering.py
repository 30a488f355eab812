"""Callers by themselves, acts together: what arrives while the last transaction is written goes into the next one."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TypeAlias

from openjcm.commands.office import Office
from openjcm.commands.together import Answer, Asked, perform_together
from openjcm.refusals import Refused
from openjcm.store.journal import Receipt

MOST = 1000
"""The most acts in one transaction."""

_Waiting: TypeAlias = "tuple[Asked, asyncio.Future[Answer] | Future[Answer]]"


class Gatherer:
    """Does acts that move credits for any number of callers, on one thread, until it is closed.

    A caller waits for the commit of the transaction that his act is in: an answer is an answer for ever. Nothing is
    held back to fill a transaction: a lone act is done at once.
    """

    def __init__(self, office: Office) -> None:
        self.office = office
        self._waiting: deque[_Waiting] = deque()
        self._some = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="gatherer", daemon=True)
        self._thread.start()

    async def ask(self, asked: Asked) -> Receipt:
        """The receipt of an act, when it is durable.

        Raises:
            Refused: by the rule that the act breaks.
        """
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._enter([(asked, future)])
        return _receipt(await future)

    def ask_all(self, asked: Sequence[Asked]) -> list[Answer]:
        """The answers to many acts of one caller, in their order; they may share transactions with others'."""
        futures: list[Future[Answer]] = [Future() for _ in asked]
        self._enter(list(zip(asked, futures, strict=True)))
        return [future.result() for future in futures]

    def close(self) -> None:
        """Do what was asked, and end."""
        with self._some:
            self._closed = True
            self._some.notify()
        self._thread.join()

    def _enter(self, items: Sequence[_Waiting]) -> None:
        with self._some:
            if self._closed:
                raise RuntimeError("the gatherer is closed")
            self._waiting.extend(items)
            self._some.notify()

    def _work(self) -> None:
        while True:
            with self._some:
                while not self._waiting:
                    if self._closed:
                        return
                    self._some.wait()
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST))]
            try:
                answers: Sequence[Answer | BaseException] = perform_together([one for one, _ in batch], self.office)
            except BaseException as error:
                answers = [error] * len(batch)
            _tell([(future, answer) for (_, future), answer in zip(batch, answers, strict=True)])


def _receipt(answer: Answer) -> Receipt:
    if isinstance(answer, Refused):
        raise answer
    return answer


def _tell(told: Sequence[tuple[asyncio.Future[Answer] | Future[Answer], Answer | BaseException]]) -> None:
    """Give each caller his answer; those of one event loop in one call."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Answer], Answer | BaseException]]] = {}
    for future, answer in told:
        if isinstance(future, Future):
            _settle(future, answer)
        else:
            by_loop.setdefault(future.get_loop(), []).append((future, answer))
    for loop, items in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle_all, items)


def _settle_all(items: Sequence[tuple[asyncio.Future[Answer], Answer | BaseException]]) -> None:
    for future, answer in items:
        if not future.done():
            _settle(future, answer)


def _settle(future: asyncio.Future[Answer] | Future[Answer], answer: Answer | BaseException) -> None:
    if isinstance(answer, BaseException) and not isinstance(answer, Refused):
        future.set_exception(answer)
    else:
        future.set_result(answer)
