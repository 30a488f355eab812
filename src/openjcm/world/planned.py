"""A planned act: what will be asked of :mod:`openjcm.commands`, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PlannedAct:
    """One request with its idempotency key.

    The key is stable: the same thing planned twice carries the same key, so a second run changes nothing and a run
    that was cut off goes on where it stopped. ``request`` is plain JSON data (dates in ISO 8601).
    """

    act: str
    key: str
    request: Mapping[str, Any]

    @property
    def occurred_on(self) -> str:
        """The day on which the act happened, ISO 8601."""
        return str(self.request["occurred_on"])
