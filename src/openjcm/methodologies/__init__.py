"""Approved methodologies, one file each, all versions inside. A new file is found by itself.

Each module makes one ``m``; its declarations and dimensions are checked when this package is first asked.
"""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module

from openjcm.mrv.methodology import UNKNOWN_METHODOLOGY, Methodology


def load_all() -> dict[str, Methodology]:
    """Import every methodology of this folder and check its declarations.

    Raises:
        Refused, ValueError: where a file contradicts itself (see :meth:`Methodology.check`).
    """
    loaded: dict[str, Methodology] = {}
    for found in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        module = import_module(f"{__name__}.{found.name}")
        methodology = module.m
        assert isinstance(methodology, Methodology), found.name
        if methodology.id.lower() != found.name:
            raise ValueError(f"{found.name}.py declares {methodology.id}")
        methodology.source_text = inspect.getsource(module)
        loaded[methodology.id] = methodology.check()
    return loaded


METHODOLOGIES: dict[str, Methodology] = load_all()
"""Every methodology by its identifier as printed, ``MN_AM003``."""


def methodology(methodology_id: str) -> Methodology:
    """The methodology with that identifier.

    Raises:
        Refused: ``unknown_methodology``.
    """
    if methodology_id not in METHODOLOGIES:
        raise UNKNOWN_METHODOLOGY(methodology=methodology_id, known=list(METHODOLOGIES))
    return METHODOLOGIES[methodology_id]
