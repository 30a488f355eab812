"""The parameters of the quality rules: by version, in every report, from plain data and back."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, fields
from fractions import Fraction

from openjcm.mrv.gaps import BRIDGED_ENERGY_ALLOCATION
from openjcm.mrv.meter_facts import EXPLAINABLE
from openjcm.mrv.plausibility.rules import Limits
from openjcm.refusals import refusal
from openjcm.units import ROUNDING_RULES, exact

RULES_INVALID = refusal(
    "quality_rules_invalid",
    en="In the parameters of the quality rules, “{field}” cannot be “{value}”.",
    ja="品質規則のパラメータ「{field}」に「{value}」は指定できません。",
    remedy_en="Use the names and kinds of values that docs/readings.md lists.",
    remedy_ja="docs/readings.md にある名前と値の形で指定してください。",
    clause="OpenJCM: the parameters of rules carry a version and stand in the report",
)


@dataclass(frozen=True)
class QualityRules(Limits):
    """The parameters of the rules, by version. ``sentinels`` are values as printed in the file's own unit."""

    version: str = "2026.3"
    sentinels: tuple[str, ...] = ("-1000000",)
    over_range: Fraction = Fraction(21, 20)
    """A value over capacity × time × this is impossible (Q11; also the limit of a rollover, Q08)."""
    gap_from_intervals: Fraction = Fraction(3, 2)
    """A step of at least so many intervals is a gap (Q26); readings so near outside the period still close it (Q03)."""
    rounding_generation: str = "down_to_whole_unit"
    rounding_consumption: str = "up_to_whole_unit"
    night_elevation: int = -6
    """Q13: below this elevation of the sun (whole degrees) a solar meter, its coordinates known, shows nothing."""
    night_share: Fraction = Fraction(1, 100)
    """Q13: mean power above this share of capacity at night is impossible for a solar meter."""
    explainable: tuple[str, ...] = EXPLAINABLE
    """Rules whose findings a recorded explanation with its documents answers, so that they block no report."""

    def as_data(self) -> dict[str, object]:
        """The parameters as plain data, with the named allocation rule, for the report."""
        data = {item.name: getattr(self, item.name) for item in fields(self)}
        return {**data, "energy_allocation": BRIDGED_ENERGY_ALLOCATION.name}

    @classmethod
    def from_data(cls, data: AbstractMapping[str, object]) -> QualityRules:
        """The parameters from plain data; what is not named stays at its default.

        Raises:
            Refused: ``quality_rules_invalid``.
        """
        known = {item.name: item.default for item in fields(cls)}
        values: dict[str, object] = {}
        for name, value in data.items():
            if name == "energy_allocation" and value == BRIDGED_ENERGY_ALLOCATION.name:
                continue
            if name not in known:
                raise RULES_INVALID(field=name, value=value)
            values[name] = _parameter(name, value, known[name])
        return cls(**values)  # type: ignore[arg-type]


def _parameter(name: str, value: object, default: object) -> object:
    """One parameter in the type of its default."""
    if isinstance(default, tuple) and isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        for text in value if name == "sentinels" else ():
            exact(text)
        if name == "explainable" and not set(value) <= set(EXPLAINABLE):
            raise RULES_INVALID(field=name, value=value)
        return tuple(value)
    if isinstance(default, Fraction) and isinstance(value, int | str | Fraction) and exact(value) > 0:
        return exact(value)
    if isinstance(default, str) and isinstance(value, str) and (name == "version" or value in ROUNDING_RULES):
        return value
    if isinstance(default, int) and isinstance(value, int) and not isinstance(value, bool):
        low, high = (-90, 90) if name == "night_elevation" else (1, 1000)
        if low <= value <= high:
            return value
    raise RULES_INVALID(field=name, value=value)
