"""An empty workbook: the facts of a methodology alone.

An empty workbook still needs its rows, one for each system or stratum. They are found by asking the calculation itself
what it misses, and giving it a one, until it has enough; the ones are then left out of the sheet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import prod

from openjcm.dated import Citation
from openjcm.methodologies import methodology
from openjcm.mrv.calculation import Given, Result, calculate
from openjcm.mrv.methodology import Methodology, Parameter
from openjcm.refusals import Refused, refusal
from openjcm.reports.spreadsheet_facts import Facts, sheet_kind
from openjcm.reports.spreadsheet_layout import TOO_MANY_ROWS

_UNSAID = Citation("to be stated")
MAX_LABELS = 500
"""An empty workbook has at most so many rows for one parameter: the labels of its indices, multiplied."""

TEMPLATE_INDEX_NOT_UNDERSTOOD = refusal(
    "template_index_not_understood",
    en="“{index}” does not name an index of {methodology} with its labels, or a choice with its answer.",
    ja="「{index}」は、{methodology} の添字とその値、または選択とその区分として読み取れません。",
    remedy_en="Write i=roof,camp for an index (known: {known}), or the name of a choice and its answer.",
    remedy_ja="添字は i=roof,camp の形で (使用できるもの: {known})、選択は名称=区分の形で記入してください。",
    clause="OpenJCM: symbols carry the indices of the text",
)


def facts_of_template(methodology_id: str, version: str, kind: str, settings: Mapping[str, str] | None = None) -> Facts:
    """An empty workbook for a methodology.

    Args:
        methodology_id: the methodology.
        version: its version; empty: the last one.
        kind: ``MPS`` or ``MRS``.
        settings: labels by index (``{"i": "roof,camp"}``; else one row, labelled 1), answers by choice.

    Raises:
        Refused: ``template_index_not_understood``, ``spreadsheet_too_large``, ``unknown_spreadsheet_kind``,
            ``unknown_methodology``, ``unknown_methodology_version``.
    """
    found = methodology(methodology_id)
    version = version or list(found.versions)[-1]
    found.version_of(version)
    labels, answers = _settings(found, settings or {})
    labels = {**printed_labels(found, version), **labels}
    if (rows := prod(len(parts) for parts in labels.values())) > MAX_LABELS:
        raise TOO_MANY_ROWS(rows=rows, limit=MAX_LABELS)
    result = stand_in(found, version, labels, answers)
    return Facts(sheet_kind(kind), "", (("", result),), blank=True)


def _settings(found: Methodology, settings: Mapping[str, str]) -> tuple[dict[str, list[str]], dict[str, str]]:
    choices = {name: one for name, one in found.parameters.items() if one.kind == "choice"}
    labels: dict[str, list[str]] = {}
    answers: dict[str, str] = {}
    for name, value in settings.items():
        parts = [part.strip() for part in value.split(",")]
        if name in found.indices and len(set(parts)) == len(parts) and _are_labels(parts):
            labels[name] = parts
        elif name in choices and value in choices[name].answers:
            answers[name] = value
        else:
            known = [*found.indices, *choices]
            raise TEMPLATE_INDEX_NOT_UNDERSTOOD(index=f"{name}={value}"[:80], methodology=found.id, known=known)
    return labels, answers


def printed_labels(found: Methodology, version: str) -> dict[str, list[str]]:
    """The labels of indices over which the text prints a table of its own: kinds of waste, of organic matter …"""
    labels: dict[str, list[str]] = {}
    for parameter in found.parameters.values():
        printed = found.printed_in(parameter.name, version)
        if printed is None or parameter.by or not parameter.index:
            continue
        for place, index in enumerate(parameter.index):
            labels[index] = list(dict.fromkeys(key.split("/")[place] for key in printed.values))
    return labels


def _are_labels(parts: list[str]) -> bool:
    return all(re.fullmatch(r"[^/\[\]]{1,40}", part) for part in parts)


def stand_in(
    found: Methodology,
    version: str,
    labels: Mapping[str, list[str]],
    answers: Mapping[str, str],
) -> Result:
    """A result of ones: its formulas are right, its numbers mean nothing.

    Raises:
        Refused: what the calculation refuses for another reason than a missing value.
    """
    inputs, tried = dict[str, Given](), dict[str, int]()
    while True:
        try:
            return calculate(found, version, inputs)
        except Refused as refused:
            symbol = refused.facts.get("symbol", "")
            parameter = found.parameters.get(symbol)
            if parameter is None or refused.code not in {"missing_symbol", "value_not_read", "division_by_zero"}:
                raise
            if refused.code == "value_not_read" and (other := _selecting(found, version, parameter)):
                symbol, parameter = other, found.parameters[other]
            tried[symbol] = tried.get(symbol, 0) + 1
            if tried[symbol] > max(1, len(parameter.answers)):
                raise
            inputs[symbol] = _one(parameter, labels, answers, tried[symbol] - 1)


def _selecting(found: Methodology, version: str, parameter: Parameter) -> str:
    """The choice whose answer must change because the text prints no value for it; empty where none is printed."""
    return parameter.by[0] if parameter.by and found.printed_in(parameter.name, version) else ""


def _one(parameter: Parameter, labels: Mapping[str, list[str]], answers: Mapping[str, str], turn: int) -> Given:
    value = answers.get(parameter.name) or list(parameter.answers)[turn] if parameter.answers else "1"
    keys = [""]
    for index in parameter.index:
        keys = [f"{key}/{label}" if key else label for key in keys for label in labels.get(index, ["1"])]
    return Given(dict.fromkeys(keys, value), parameter.unit, _UNSAID)
