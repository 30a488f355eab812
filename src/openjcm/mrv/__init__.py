"""Measuring: from the bytes of a meter file to emission reductions per calendar year.

``readings`` takes a file in as exact integers, ``quality`` judges them by named rules, ``gaps`` says what may stand in
for what is missing, ``methodology`` and ``calculation`` turn the energy into emission reductions with every step shown.

For notebooks the usual names are here at once (``import openjcm.mrv as mrv``; see ``docs/notebook.md``): each is loaded
when it is first used. Units, shapes, refusals and sources stand in their own docstrings.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openjcm.mrv.calculation import Result, calculate
    from openjcm.mrv.error_terms import read_statements
    from openjcm.mrv.given import Given
    from openjcm.mrv.mapping import Mapping
    from openjcm.mrv.meters import Calibration, Meter
    from openjcm.mrv.plan import MonitoringPlan
    from openjcm.mrv.proposal import propose_mapping
    from openjcm.mrv.quality import Judgement, QualityRules, judge
    from openjcm.mrv.readings import Readings, read_meter_file
    from openjcm.mrv.uncertainty import Budget, budget
    from openjcm.mrv.uncertainty_draws import draw

_WHERE = {
    "Budget": "uncertainty",
    "Calibration": "meters",
    "Given": "given",
    "Judgement": "quality",
    "Mapping": "mapping",
    "Meter": "meters",
    "MonitoringPlan": "plan",
    "QualityRules": "quality",
    "Readings": "readings",
    "Result": "calculation",
    "budget": "uncertainty",
    "calculate": "calculation",
    "draw": "uncertainty_draws",
    "judge": "quality",
    "propose_mapping": "proposal",
    "read_meter_file": "readings",
    "read_statements": "error_terms",
}
"""Name → the module that has it."""

__all__ = [
    "Budget", "Calibration", "Given", "Judgement", "Mapping", "Meter", "MonitoringPlan", "QualityRules", "Readings",
    "Result", "budget", "calculate", "draw", "judge", "propose_mapping", "read_meter_file", "read_statements",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """The name from its own module, loaded now."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_WHERE])
