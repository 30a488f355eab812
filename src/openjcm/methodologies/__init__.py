"""Approved methodologies, one file each, all versions inside. A new file is found by itself.

Each module makes one ``m``. A module is imported, and its declarations and dimensions are checked, when its methodology
is first asked for: whoever needs one does not wait for all, and whoever needs the names only does not wait for the
arithmetic of units. What is only on file, without a calculation, stands in
:mod:`openjcm.methodologies.catalogue`.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openjcm.mrv.methodology import Methodology


def files_of(path: list[str]) -> tuple[str, ...]:
    """The names of the modules that hold a methodology each, without importing them."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(path) if not found.ispkg))


def load(name: str) -> Methodology:
    """Import one module of this folder and check its declarations.

    Raises:
        Refused, ValueError: where the file contradicts itself (see :meth:`Methodology.check`).
    """
    from openjcm.mrv.methodology import Methodology

    module = import_module(f"{__name__}.{name}")
    found = module.m
    assert isinstance(found, Methodology), name
    if found.id.lower() != name:
        raise ValueError(f"{name}.py declares {found.id}")
    found.source_text = inspect.getsource(module)
    return found.check()


def load_all() -> dict[str, Methodology]:
    """Import every methodology of this folder and check its declarations; for the tests.

    Raises:
        Refused, ValueError: where a file contradicts itself.
    """
    return {found.id: found for found in map(load, files_of(__path__))}


class Installed(Mapping[str, "Methodology"]):
    """The methodologies of this folder by identifier. Names are known at once, texts are loaded when asked for."""

    @staticmethod
    @cache
    def _names() -> dict[str, str]:
        return {name.upper(): name for name in files_of(__path__)}

    @staticmethod
    @cache
    def _loaded(name: str) -> Methodology:
        return load(name)

    def __getitem__(self, methodology_id: str) -> Methodology:
        return self._loaded(self._names()[methodology_id])

    def __contains__(self, methodology_id: object) -> bool:
        return methodology_id in self._names()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())


METHODOLOGIES: Mapping[str, Methodology] = Installed()
"""Every methodology by its identifier as printed, ``MN_AM003``."""


def methodology(methodology_id: str) -> Methodology:
    """The methodology with that identifier.

    Raises:
        Refused: ``unknown_methodology``.
    """
    if methodology_id not in METHODOLOGIES:
        from openjcm.mrv.methodology import UNKNOWN_METHODOLOGY

        raise UNKNOWN_METHODOLOGY(methodology=methodology_id, known=list(METHODOLOGIES))
    return METHODOLOGIES[methodology_id]
