"""Work done by some threads, a little ahead of the one who takes the results, so that memory stays bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

Job = TypeVar("Job")
Done = TypeVar("Done")


def ahead(pool: Executor, threads: int, work: Callable[[Job], Done], jobs: Iterable[Job]) -> Iterator[Done]:
    """The results of the jobs in their order; at most one job more than threads is begun and not yet taken."""
    begun: deque[Future[Done]] = deque()
    try:
        for job in jobs:
            if len(begun) > threads:
                yield begun.popleft().result()
            begun.append(pool.submit(work, job))
        while begun:
            yield begun.popleft().result()
    finally:
        for future in begun:
            future.cancel()
