"""The form of the cells of an AEF: columns, patterns, code lists. The first thing a checker looks at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from openjcm.dated import Answer
from openjcm.reports import aef_layout as layout
from openjcm.reports.aef import Aef, Cell
from openjcm.reports.aef_layout import Field, Need

Problem = tuple[Answer, str]
"""An answer other than yes, and the row or run it is about, in words and numbers."""

_ALPHA3 = re.compile(r"[A-Z]{3}")
_SYNTAX: dict[str, re.Pattern[str]] = {
    "ParticipatingParty": _ALPHA3,
    "CooperativeApproachID": re.compile(r"CA[0-9]{4}"),
    "AuthorizationID": re.compile(r"[A-Za-z0-9 -]+"),
    "FirstTransferringPartyID": _ALPHA3,
    "TransferringPartyID": _ALPHA3,
    "AcquiringPartyID": _ALPHA3,
    "Using/cancellingPartyID": _ALPHA3,
    "AuthorizedEntityCountryOfIncorporation": _ALPHA3,
    "PartyITMORegistryID": re.compile(r"[A-Z]{3}[0-9]{2}"),
    "DateOfAuthorization": re.compile(r"[0-3][0-9]/[01][0-9]/[0-9]{4}"),
    "DateOfSubmission": re.compile(r"[0-3][0-9]/[01][0-9]/[0-9]{4}"),
    "ActionDateTime": re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-9:.]{12}Z|[0-3][0-9]/[01][0-9]/[0-9]{4}"),
    "Vintage": re.compile(r"[0-9]{4}"),
    "YearITMOUsedTowardsNDC": re.compile(r"[0-9]{4}"),
}
_LISTS: dict[str, frozenset[str]] = {
    "Sectors": frozenset(layout.SECTORS),
    "ActivityType": frozenset(layout.ACTIVITY_TYPES),
    "Metric": frozenset({"GHG", "non-GHG"}),
    "MitigationType": frozenset({"Emission reductions", "Removals", "Emission reductions and removals"}),
}


def structure(aef: Aef) -> Iterable[Problem]:
    """Every row has the columns of its table, and every cell a value of the form or list that its field asks for."""
    for table in aef.tables:
        wanted = {item.name for item in table.layout.fields}
        doubted = [item for item in table.layout.fields if _is_doubted(item, table.rows)]
        for number, row in enumerate(table.rows, 1):
            place = f"T{table.layout.number} row {number}"
            if row.keys() != wanted:
                yield Answer.NO, f"{place}: columns {sorted(set(row) ^ wanted)}"
                continue
            for item in doubted:
                yield from _cell(item.name, item.need, row[item.name], f"{place} {item.label}")


def _is_doubted(field: Field, rows: Sequence[Mapping[str, Cell]]) -> bool:
    """Whether any value in the column is not what its field asks for: most columns repeat few values, and all fit."""
    name, need = field.name, field.need
    if need is not Need.YES and name not in _SYNTAX and name not in _LISTS:
        return False
    return any(problem for value in {row.get(name) for row in rows} for problem in _cell(name, need, value, ""))


def _cell(name: str, need: Need, value: Cell, place: str) -> Iterable[Problem]:
    if value is None:
        if need is Need.YES:
            yield Answer.CANNOT_TELL, f"{place}: empty"
        return
    pattern, allowed = _SYNTAX.get(name), _LISTS.get(name)
    if pattern is not None and not pattern.fullmatch(str(value)):
        yield Answer.NO, f"{place}: {value}"
    if allowed is not None and not set(str(value).split(", ")) <= allowed:
        yield Answer.NO, f"{place}: {value}"
