"""Compile a plain Python function with numba, also where the package's folder cannot be written to.

numba keeps its compiled code beside the source file, else in the user's cache folder. On a machine where neither can
be written (a read-only installation run by a service user) it raises ``RuntimeError`` at import; then the function is
compiled in memory, which costs a few seconds per process and changes no answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """The function compiled to machine code; its compiled form is kept on disk where there is a place for it."""
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # "cannot cache function: no locator available"
        return cast(F, numba.njit(nogil=True)(function))


def inlined(function: F) -> F:
    """A small function that is copied into its callers: handing arrays over costs more than the work it does."""
    return cast(F, numba.njit(inline="always")(function))
