"""The acts: one file each. The only place where the parts meet, and where clock, key and disk are.

``ACTS`` holds every act by its name; the command line, the API and its description are made from it.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from openjcm.commands.auditing import audit_office
from openjcm.commands.execution import execute_due
from openjcm.commands.framework import UNKNOWN_ACT, Act, Decision, Request, perform
from openjcm.commands.office import Office, office_if_any, open_office, ready_office
from openjcm.store.audit import is_clean
from openjcm.store.journal import Receipt

__all__ = [
    "ACTS", "Act", "Decision", "Office", "Receipt", "Request",
    "act", "audit_office", "execute_due", "is_clean", "office_if_any", "open_office", "ready_office", "run",
]  # fmt: skip


def _discover() -> dict[str, Act[Any, Any]]:
    found: dict[str, Act[Any, Any]] = {}
    for module in pkgutil.iter_modules(__path__):
        candidate = getattr(import_module(f"{__name__}.{module.name}"), "ACT", None)
        if isinstance(candidate, Act):
            found[candidate.name] = candidate
    return found


ACTS: dict[str, Act[Any, Any]] = _discover()
"""Every act by its name, which is the name of its module."""


def act(name: str) -> Act[Any, Any]:
    """The act of that name (``retire``).

    Raises:
        Refused: ``unknown_act``.
    """
    if name not in ACTS:
        raise UNKNOWN_ACT(act=name[:80], acts=sorted(ACTS))
    return ACTS[name]


def run(act_name: str, request: object, *, office: Office, key: str | None = None, actor: str) -> Receipt:
    """Do an act in one transaction, and once: the same key and request give the same receipt (``replayed``).

    ``request`` is the act's request model, its JSON bytes, or plain data. Without a ``key`` the hash of act and
    request is the key. ``actor`` says who did it.

    Raises:
        Refused: by the rule that the request breaks; then nothing was changed.
    """
    return perform(act(act_name), request, office=office, key=key, actor=actor)
