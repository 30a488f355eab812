"""Exact quantities with units, and rounding by named, cited rules only.

``tCO2e`` is a dimension of its own: no conversion leads from tonnes of coal to tonnes of CO2 equivalent except
through a factor. Conversions are exact (``Fraction`` inside, checked by ``pint`` for their dimension); a value that
has no finite decimal after conversion stays a fraction until a named rounding rule is applied.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

import pint

from openjcm.refusals import refusal

UNKNOWN_UNIT = refusal(
    "unknown_unit",
    en="“{unit}” is not a unit we know.",
    ja="「{unit}」は登録されていない単位です。",
    remedy_en="Write the unit as in the methodology, for example MWh, kWh, tCO2e, tCO2e/MWh, ha, day.",
    remedy_ja="方法論に書かれたとおりの単位を記入してください (例: MWh、kWh、tCO2e、tCO2e/MWh、ha、day)。",
    clause="OpenJCM: every quantity has a unit",
)
WRONG_DIMENSION = refusal(
    "wrong_dimension",
    en="{given} cannot be converted to {wanted}: they measure different things.",
    ja="{given} は {wanted} に換算できません。異なる量の単位です。",
    remedy_en="State the quantity in {wanted} or in a unit of the same dimension.",
    remedy_ja="{wanted} または同じ次元の単位で記入してください。",
    clause="OpenJCM: dimensions are checked",
)
NOT_A_NUMBER = refusal(
    "not_a_number",
    en="“{text}” is not a number.",
    ja="「{text}」は数値ではありません。",
    remedy_en="Write a decimal number with a point, without thousands separators; leave no cell blank for zero.",
    remedy_ja="小数点にはピリオドを使い、桁区切りなしの数値で記入してください。ゼロの場合も空欄にしないでください。",
    clause="OpenJCM: a missing value is refused, never zero; zero is a value",
)


@lru_cache(maxsize=1)
def _registry() -> pint.UnitRegistry[Fraction]:
    registry: pint.UnitRegistry[Fraction] = pint.UnitRegistry(non_int_type=Fraction, cache_folder=None)
    registry.define("tCO2e = [carbon_dioxide_equivalent] = _ = tCO2 = t_CO2e")
    registry.define("kgCO2e = 1/1000 * tCO2e = kgCO2")
    registry.define("tC = [mass_of_carbon]")
    registry.define("kgC = 1/1000 * tC")
    for gas in ("CH4", "N2O"):
        registry.define(f"t{gas} = [mass_of_{gas}]")
        registry.define(f"kg{gas} = 1/1000 * t{gas}")
    registry.define("tN = [mass_of_nitrogen]")
    registry.define("kgN = 1/1000 * tN")
    registry.define("kgN2O_N = [mass_of_N2O_nitrogen]")
    registry.define("season = [cropping_season]")
    return registry


@lru_cache(maxsize=4096)
def _unit(unit: str) -> pint.Unit:
    try:
        return _registry().Unit("dimensionless" if unit in {"", "-", "1"} else unit)
    except (pint.UndefinedUnitError, pint.errors.DefinitionSyntaxError, ValueError, TypeError, AttributeError) as error:
        raise UNKNOWN_UNIT(unit=unit) from error


@lru_cache(maxsize=4096)
def conversion_factor(given: str, wanted: str) -> Fraction:
    """The exact factor from one unit to another of the same dimension: ``("kWh", "MWh")`` is 1/1000.

    Raises:
        Refused: ``unknown_unit`` or ``wrong_dimension``.
    """
    source, target = _unit(given), _unit(wanted)
    if source.dimensionality != target.dimensionality:
        raise WRONG_DIMENSION(given=given, wanted=wanted)
    return Fraction(_registry().Quantity(Fraction(1), source).to(target).magnitude)


def same_dimension(one: str, other: str) -> bool:
    """Whether two units measure the same thing."""
    return bool(_unit(one).dimensionality == _unit(other).dimensionality)


def product_unit(*powers: tuple[str, int]) -> str:
    """The unit of a product, for the dimension check: ``("MWh", 1), ("tCO2e/MWh", 1)`` gives ``tCO2e``."""
    quantity = _registry().Quantity(Fraction(1), _unit("-"))
    for unit, power in powers:
        quantity = quantity * _registry().Quantity(Fraction(1), _unit(unit)) ** power
    # Written by ourselves: pint's formatter cannot write a Fraction as exponent on every Python.
    powers_by_name = {name: Fraction(str(power)) for name, power in quantity.unit_items()}
    above = [_power_text(name, power) for name, power in powers_by_name.items() if power > 0]
    below = [_power_text(name, -power) for name, power in powers_by_name.items() if power < 0]
    return " / ".join([" * ".join(sorted(above)) or "1", *sorted(below)]) if powers_by_name else "-"


def _power_text(name: str, power: Fraction) -> str:
    return name if power == 1 else f"{name} ** {power if power.denominator == 1 else f'({power})'}"


@dataclass(frozen=True)
class Quantity:
    """An exact value with its unit. The value is a ``Fraction``; ``decimal`` gives the finite decimal if it has one."""

    value: Fraction
    unit: str

    @classmethod
    def of(cls, value: int | str | Decimal | Fraction, unit: str) -> Quantity:
        """A quantity from an exact number or its text.

        Raises:
            Refused: ``not_a_number``, ``unknown_unit``.
        """
        _unit(unit)
        return cls(exact(value), unit)

    def to(self, unit: str) -> Quantity:
        """The same quantity in another unit, exactly.

        Raises:
            Refused: ``unknown_unit`` or ``wrong_dimension``.
        """
        return Quantity(self.value * conversion_factor(self.unit, unit), unit)

    def __str__(self) -> str:
        return f"{exact_text(self.value)} {self.unit}"


_HUGE_EXPONENT = re.compile(r"[eE][+-]?\d{4,}")
"""``1e999999999`` is nine characters that would fill the memory."""
_PLAIN = re.compile(r"([0-9]{1,300})(?:\.([0-9]{1,300}))?")
"""Digits with or without a point: nearly every number, read without the detour over every form a number may have."""


def exact(value: int | str | Decimal | Fraction) -> Fraction:
    """An exact number from an integer, a decimal, a fraction or its text (``"0.797"``, ``"1/3"``).

    Raises:
        Refused: ``not_a_number``, also for a float, which carries no exact value, and for infinities.
    """
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal | Fraction):
        raise NOT_A_NUMBER(text=repr(value))
    if isinstance(value, str):
        if plain := _PLAIN.fullmatch(value):
            before, after = plain.groups(default="")
            return Fraction(int(before + after), 10 ** len(after))
        if len(value) > 1000 or _HUGE_EXPONENT.search(value):
            raise NOT_A_NUMBER(text=value[:80])
    try:
        return Fraction(value.strip().replace("_", "x") if isinstance(value, str) else value)
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        raise NOT_A_NUMBER(text=str(value)) from error


def whole(*factors: int | Fraction, up: bool = False) -> int:
    """The product of exact numbers, cut down to the whole, or raised to it (without reducing fractions on the way)."""
    above, below = 1, 1
    for factor in factors:
        above, below = above * factor.numerator, below * factor.denominator
    return -(-above // below) if up else above // below


_POWERS_OF_FIVE = {5**power: power for power in range(100)}


def _power_of_five(number: int) -> int | None:
    """Which power of five a number is, or ``None``. Small ones, which are nearly all, are looked up."""
    if number in _POWERS_OF_FIVE or number % 5:
        return _POWERS_OF_FIVE.get(number)
    fives = 0
    while number % 5 == 0:
        number, fives = number // 5, fives + 1
    return fives if number == 1 else None


def exact_text(value: Fraction) -> str:
    """The shortest exact text: a finite decimal where there is one (``0.797``), else a fraction (``1/3``)."""
    numerator, denominator = value.as_integer_ratio()
    if denominator == 1:
        return str(numerator)
    twos = (denominator & -denominator).bit_length() - 1
    fives = _power_of_five(denominator >> twos)
    if fives is None:
        return f"{numerator}/{denominator}"
    places = max(twos, fives)
    digits = str(abs(numerator) * 10**places // denominator).zfill(places + 1)
    return f"{'-' if numerator < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def display_text(value: Fraction, places: int) -> str:
    """A reader's text with so many decimals, half up. For the eye only: nothing is computed from it."""
    scaled = Decimal(value.numerator) / Decimal(value.denominator)
    return format(scaled.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP), ",f")


@dataclass(frozen=True)
class RoundingRule:
    """A named way to get from an exact value to a whole number, with its source and how well we know it."""

    name: str
    to_whole: Callable[[Fraction], int]
    source: str
    grade: str

    def __call__(self, value: Fraction) -> int:
        return self.to_whole(value)


def _whole(mode: str) -> Callable[[Fraction], int]:
    def round_whole(value: Fraction) -> int:
        if mode == ROUND_FLOOR:
            return value.numerator // value.denominator
        if mode == ROUND_CEILING:
            return -(-value.numerator // value.denominator)
        return (2 * value.numerator + value.denominator) // (2 * value.denominator)

    return round_whole


ROUNDING_RULES = {
    rule.name: rule
    for rule in (
        RoundingRule(
            "down_to_whole_tonne",
            _whole(ROUND_FLOOR),
            "ID003 project design document (copy on businessdocbox.com, 91152413), where 25.8 t became 25 t: one case",
            "inferred",
        ),
        RoundingRule(
            "down_to_whole_unit",
            _whole(ROUND_FLOOR),
            "OpenJCM: energy from power samples is cut to the meter's whole least unit, the conservative side",
            "inferred",
        ),
        RoundingRule(
            "up_to_whole_unit",
            _whole(ROUND_CEILING),
            "OpenJCM: a quantity that lowers reductions (project fuel, auxiliary power) is raised to the whole unit",
            "inferred",
        ),
        RoundingRule(
            "half_up_to_whole_tonne",
            _whole(ROUND_HALF_UP),
            "Planning study FY2013 for Mongolia, where 3.96 t was printed as 4 t; a study, not an issuance",
            "secondary",
        ),
    )
}
"""Every rounding rule by name. A result names the rule that made it whole."""
