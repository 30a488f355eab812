"""Cases of a methodology: a text file that a climate expert can write, with refusals beside results.

Form (YAML; every scalar is read as text, so ``0.797`` stays exact)::

    methodology: MN_AM003
    version: "02.0"
    cases:
      - name: one system on the national grid
        source: where the figures come from
        given:
          EG_i_p: {values: {1: 1000}, unit: MWh, source: meter}
          CASE_i: {values: {1: national_grid}, source: single-line diagram}
        expect: {RE_p: 797, PE_p: 0, ER_p: 797}
        whole_tonnes: {ER_p: 797}
      - name: no generation is given
        given: {…}
        refused: missing_symbol

``expect`` holds exact values in the declared units; ``"EF_RE_i[1]"`` names one index. ``near`` holds values as
printed by a source, each met within half of its last digit. ``whole_tonnes`` are values rounded down to whole tonnes
(``rounding`` names another rule). ``uncertainty`` states errors of inputs (docs/uncertainty.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from openjcm.mrv.calculation import Given, Result, calculate
from openjcm.mrv.methodology import Methodology
from openjcm.refusals import Refused, refusal
from openjcm.units import ROUNDING_RULES, exact, exact_text

CASES_NOT_UNDERSTOOD = refusal(
    "cases_not_understood",
    en="The file of cases is not well formed: {place}.",
    ja="ケースファイルの形式が正しくありません: {place}。",
    remedy_en="Follow the form in docs/add_a_methodology.md.",
    remedy_ja="docs/add_a_methodology.md の書式に従ってください。",
    clause="OpenJCM: every methodology has a file of cases",
)

_CASE_FIELDS = {
    "name", "source", "note", "version", "given", "interpretations", "days", "expect", "near", "whole_tonnes",
    "rounding", "refused", "uncertainty",
}  # fmt: skip


if TYPE_CHECKING or not yaml.__with_libyaml__:
    from yaml import SafeLoader as _SafeLoader
else:  # compiled: ten times as fast, the same documents
    from yaml import CSafeLoader as _SafeLoader


class _TextLoader(_SafeLoader):
    """Reads every scalar as text, so that no number passes through a float; only ``<<`` keeps its meaning."""


_TextLoader.yaml_implicit_resolvers = {"<": [("tag:yaml.org,2002:merge", re.compile("^<<$"))]}


@dataclass(frozen=True)
class Case:
    """One case: what is given, and what must come of it: values, or a refusal by its code."""

    name: str
    methodology: str
    version: str
    given: Mapping[str, Given]
    expect: Mapping[str, str]
    near: Mapping[str, str] = field(default_factory=dict)
    whole_tonnes: Mapping[str, str] = field(default_factory=dict)
    rounding: str = "down_to_whole_tonne"
    refused: str = ""
    interpretations: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, date] = field(default_factory=dict)
    source: str = ""
    note: str = ""
    uncertainty: object = field(default_factory=dict)

    def calculate(self, methodology: Methodology) -> Result:
        """The result of the case's given values.

        Raises:
            Refused: as :func:`openjcm.mrv.calculation.calculate`.
        """
        return calculate(methodology, self.version, self.given, interpretations=self.interpretations, days=self.days)


@dataclass(frozen=True)
class Outcome:
    """What came of a case. ``differences`` is empty when it passed; each names symbol, expected and found."""

    case: Case
    result: Result | None
    refused: Refused | None
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all came as expected."""
        return not self.differences


@lru_cache(maxsize=64)
def read_cases(text: str) -> tuple[Case, ...]:
    """The cases of a YAML text; what was read is kept, since pages and tests ask for the same text again and again.

    Raises:
        Refused: ``cases_not_understood``.
    """
    data = read_yaml(text)
    try:
        return tuple(_case(data, item) for item in data["cases"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CASES_NOT_UNDERSTOOD(place=f"{type(error).__name__} {error}") from error


def read_yaml(text: str) -> Any:
    """YAML with every scalar as text.

    Raises:
        Refused: ``cases_not_understood``.
    """
    try:
        return yaml.load(text, Loader=_TextLoader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, RecursionError) as error:
        raise CASES_NOT_UNDERSTOOD(place=" ".join(str(error).split())[:500]) from error


def read_given(text: str) -> dict[str, Given]:
    """Values by symbol, each as a case has them under ``given``.

    Raises:
        Refused: ``cases_not_understood``, ``given_not_understood``.
    """
    try:
        data = yaml.load(text, Loader=_TextLoader) or {}  # noqa: S506 - a safe loader
        return {str(symbol): Given.from_data(given, str(symbol)) for symbol, given in data.items()}
    except yaml.YAMLError as error:
        raise CASES_NOT_UNDERSTOOD(place=" ".join(str(error).split())) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise CASES_NOT_UNDERSTOOD(place=f"{type(error).__name__} {error}") from error


def _case(data: Mapping[str, Any], item: Mapping[str, Any]) -> Case:
    name = item["name"]
    if unknown := item.keys() - _CASE_FIELDS:
        raise ValueError(f"{name}: unknown fields {sorted(unknown)}")
    expected = [part for part in ("expect", "near", "whole_tonnes", "refused") if item.get(part)]
    if not expected or ("refused" in expected and len(expected) > 1):
        raise ValueError(f"{name}: a case expects values or one refusal")
    return Case(
        name=name,
        methodology=data["methodology"],
        version=item.get("version", data.get("version", "")),
        given={symbol: Given.from_data(given, symbol) for symbol, given in item.get("given", {}).items()},
        expect=item.get("expect", {}),
        near=item.get("near", {}),
        whole_tonnes=item.get("whole_tonnes", {}),
        rounding=item.get("rounding", "down_to_whole_tonne"),
        refused=item.get("refused", ""),
        interpretations=item.get("interpretations", {}),
        days={which: date.fromisoformat(day) for which, day in item.get("days", {}).items()},
        source=item.get("source", data.get("source", "")),
        note=item.get("note", ""),
        uncertainty=item.get("uncertainty", {}),
    )


def run_case(case: Case, methodology: Methodology) -> Outcome:
    """Calculate a case and compare it with what it expects."""
    try:
        result = case.calculate(methodology)
    except Refused as refused:
        if refused.code == case.refused:
            return Outcome(case, None, refused, ())
        wanted = f"refused: {case.refused}" if case.refused else "a result"
        return Outcome(case, None, refused, (f"expected {wanted}, found refused: {refused}",))
    if case.refused:
        found = exact_text(result.reductions)
        return Outcome(case, result, None, (f"expected refused: {case.refused}, found {found} tCO2e",))
    return Outcome(case, result, None, tuple(_differences(case, result)))


def _differences(case: Case, result: Result) -> list[str]:
    found: list[str] = []
    whole = ROUNDING_RULES[case.rounding]
    checks = (
        (case.expect, lambda value, wanted: value == exact(wanted)),
        (case.near, lambda value, wanted: abs(value - exact(wanted)) <= _half_of_last_digit(wanted)),
        (case.whole_tonnes, lambda value, wanted: whole(value) == exact(wanted)),
    )
    for wanted_values, agrees in checks:
        for place, wanted in wanted_values.items():
            value = _value(result, place)
            if value is None:
                found.append(f"{place}: expected {wanted}, found no such value")
            elif not agrees(value, wanted):
                found.append(f"{place}: expected {wanted}, found {exact_text(value)}")
    return found


def _value(result: Result, place: str) -> Fraction | None:
    match = re.fullmatch(r"([^\[\]]+)(?:\[([^\[\]]+)\])?", place)
    if match is None or match[1] not in result.values:
        return None
    key = tuple(match[2].split("/")) if match[2] else ()
    return (result.values[match[1]].cells or {}).get(key)


def _half_of_last_digit(text: str) -> Fraction:
    decimals = len(text.partition(".")[2])
    return Fraction(1, 2 * 10**decimals)
