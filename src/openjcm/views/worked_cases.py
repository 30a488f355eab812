"""What do the methodologies installed here say of a file of cases? Asked without a database."""

from __future__ import annotations

from openjcm.methodologies import METHODOLOGIES, methodology
from openjcm.mrv.calculation import Result, Step
from openjcm.mrv.cases import Case, Outcome, read_cases, run_case
from openjcm.mrv.error_terms import Statements, read_statements
from openjcm.mrv.methodology import Methodology
from openjcm.refusals import refusal

__all__ = [
    "Methodology",
    "Outcome",
    "Result",
    "Step",
    "explained",
    "explained_with_uncertainty",
    "installed",
    "installed_one",
    "outcomes",
]

NO_SUCH_CASE = refusal(
    "no_such_case",
    en="The file holds no case “{case}” of {methodology}.",
    ja="ファイルに {methodology} のケース「{case}」がありません。",
    remedy_en="Name one of: {known}.",
    remedy_ja="次のいずれかを指定してください: {known}。",
    clause="OpenJCM: every methodology has a file of cases",
    status=404,
)


def installed() -> list[Methodology]:
    """Every methodology whose text is here."""
    return list(METHODOLOGIES.values())


def installed_one(methodology_id: str) -> Methodology:
    """The methodology with that identifier, ``mn_am003`` as well as ``MN_AM003``.

    Raises:
        Refused: ``unknown_methodology``.
    """
    return methodology(methodology_id.upper())


def outcomes(text: str) -> list[Outcome]:
    """What comes of each case of a file.

    Raises:
        Refused: ``cases_not_understood``, ``unknown_methodology``.
    """
    return [run_case(case, methodology(case.methodology)) for case in read_cases(text)]


def explained(text: str, methodology_id: str, name: str | None) -> tuple[Case, Result]:
    """A case of a file (the first of the methodology unless named) and its result.

    Raises:
        Refused: ``no_such_case``, and whatever the calculation refuses.
    """
    wanted = installed_one(methodology_id)
    own = [case for case in read_cases(text) if case.methodology == wanted.id]
    found = next((case for case in own if name is None or case.name == name), None)
    if found is None:
        raise NO_SUCH_CASE(case=name or "–", methodology=wanted.id, known=[case.name for case in own] or "–")
    return found, found.calculate(wanted)


def explained_with_uncertainty(text: str, methodology_id: str, name: str | None) -> tuple[Case, Result, Statements]:
    """A case of a file, its result, and what the case states about the errors of its inputs.

    Raises:
        Refused: as :func:`explained`, and what :func:`openjcm.mrv.error_terms.read_statements` refuses.
    """
    found, result = explained(text, methodology_id, name)
    return found, result, read_statements(found.uncertainty, result.methodology)
