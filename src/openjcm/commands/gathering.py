"""Callers by themselves, acts together: what arrives while the last transaction is written goes into the next one."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, TypeAlias

from openjcm.commands.ahead import Ahead
from openjcm.commands.office import Office
from openjcm.commands.together import Answer, Asked, perform_together
from openjcm.refusals import Refused
from openjcm.store.journal import Receipt

MOST = 1000
"""The most acts in one transaction."""
FEW = 50
"""Fewer acts are not worth a second thread."""

_Waiting: TypeAlias = "tuple[Asked, asyncio.Future[Answer] | _Place]"


class _Call:
    """Many acts of one caller, who waits for all their answers."""

    def __init__(self, size: int) -> None:
        self.answers: list[Answer | BaseException | None] = [None] * size
        self._open = size
        self._lock = threading.Lock()
        self._done = threading.Event()

    def put(self, place: int, answer: Answer | BaseException) -> None:
        """One answer."""
        self.answers[place] = answer
        with self._lock:
            self._open -= 1
        if not self._open:
            self._done.set()

    def wait(self) -> list[Answer]:
        """The answers; the first error among them is raised."""
        if self._open:
            self._done.wait()
        for answer in self.answers:
            if isinstance(answer, BaseException) and not isinstance(answer, Refused):
                raise answer
        return self.answers  # type: ignore[return-value]  # every place is filled, and by no error


class _Place(NamedTuple):
    """The place of an act among those of its call."""

    call: _Call
    number: int


class Gatherer:
    """Does acts that move credits for any number of callers, in one order, until it is closed.

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
        call = _Call(len(asked))
        self._enter([(one, _Place(call, number)) for number, one in enumerate(asked)])
        return call.wait()

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
        """Few acts are done at once, on this thread. Of many, a batch is decided here while the one before is written
        on another."""
        with ThreadPoolExecutor(1, "ledger-writer") as writer:
            ahead: Ahead | None = None
            writing: Future[None] | None = None
            while items := self._next():
                busy = writing is not None and not writing.done()
                if len(items) < FEW and not busy:
                    _answer(items, partial(perform_together, [one for one, _ in items], self.office))
                    continue
                try:
                    decided = Ahead([one for one, _ in items], self.office, ahead if busy else None)
                except BaseException as error:
                    _tell([(future, error) for _, future in items])
                    continue
                if writing is not None:
                    writing.result()
                decided.settle()
                ahead, writing = decided, writer.submit(_answer, items, decided.write)

    def _next(self) -> list[_Waiting]:
        """What waits, up to a batch; nothing once the gatherer is closed."""
        with self._some:
            while not self._waiting and not self._closed:
                self._some.wait()
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST))]


def _answer(items: Sequence[_Waiting], work: Callable[[], Sequence[Answer]]) -> None:
    try:
        answers: Sequence[Answer | BaseException] = work()
    except BaseException as error:
        answers = [error] * len(items)
    _tell([(future, answer) for (_, future), answer in zip(items, answers, strict=True)])


def _receipt(answer: Answer) -> Receipt:
    if isinstance(answer, Refused):
        raise answer
    return answer


def _tell(told: Sequence[tuple[asyncio.Future[Answer] | _Place, Answer | BaseException]]) -> None:
    """Give each caller his answer; those of one event loop in one call."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Answer], Answer | BaseException]]] = {}
    for future, answer in told:
        if isinstance(future, _Place):
            future.call.put(future.number, answer)
        else:
            by_loop.setdefault(future.get_loop(), []).append((future, answer))
    for loop, items in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle_all, items)


def _settle_all(items: Sequence[tuple[asyncio.Future[Answer], Answer | BaseException]]) -> None:
    for future, answer in items:
        if future.done():
            continue
        if isinstance(answer, BaseException) and not isinstance(answer, Refused):
            future.set_exception(answer)
        else:
            future.set_result(answer)
