"""Approved methodologies, one file each, all versions inside. A new file is found by itself.

Each module makes one ``m``; its declarations and dimensions are checked when this package is first asked.
"""

from __future__ import annotations

import pkgutil
from functools import lru_cache
from importlib import import_module

from openjcm.mrv.methodology import UNKNOWN_METHODOLOGY, Methodology


def _load() -> dict[str, Methodology]:
    loaded: dict[str, Methodology] = {}
    for found in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        methodology = import_module(f"{__name__}.{found.name}").m
        assert isinstance(methodology, Methodology), found.name
        if methodology.id.lower() != found.name:
            raise ValueError(f"{found.name}.py declares {methodology.id}")
        text = pkgutil.get_data(__name__, f"{found.name}.py")
        assert text is not None
        methodology.source_text = text.decode("utf-8")
        loaded[methodology.id] = methodology.check()
    return loaded


METHODOLOGIES: dict[str, Methodology] = _load()
"""Every methodology by its identifier as printed, ``MN_AM003``."""


@lru_cache
def methodology(methodology_id: str) -> Methodology:
    """The methodology with that identifier.

    Raises:
        Refused: ``unknown_methodology``.
    """
    if methodology_id not in METHODOLOGIES:
        raise UNKNOWN_METHODOLOGY(methodology=methodology_id, known=list(METHODOLOGIES))
    return METHODOLOGIES[methodology_id]
