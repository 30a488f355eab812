"""A methodology as one Python file that reads like its legal text.

A file in ``openjcm/methodologies/`` makes one :class:`Methodology` named ``m`` and declares, in the order of the text:
versions, eligibility criteria, emission sources, indices, choices, monitored parameters, factors, fixed values, and the
formulas as short pure functions whose argument names are the symbols. Where the text leaves room, an
``interpretation`` stands at the clause and is printed.

Declarations are checked when the file is loaded (:meth:`Methodology.check`): every symbol that a formula names must be
declared, units must fit (each formula is evaluated once with units only), no symbol may depend on itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import combinations, product

from openjcm.canonical import sha256_hex
from openjcm.dated import Citation, Grade
from openjcm.mrv.declarations import (
    Criterion,
    EmissionSource,
    Formula,
    Interpretation,
    Parameter,
    Printed,
    Suggestion,
    Version,
)
from openjcm.mrv.trace import Expression, Symbol, Traced, TraceError, as_text, formula_mathml
from openjcm.refusals import Refused, refusal
from openjcm.units import conversion_factor, exact

__all__ = ["UNKNOWN_METHODOLOGY", "Formula", "Methodology", "Parameter", "Suggestion", "Version"]

UNKNOWN_METHODOLOGY = refusal(
    "unknown_methodology",
    en="There is no methodology “{methodology}” here.",
    ja="方法論「{methodology}」は登録されていません。",
    remedy_en="Name one of: {known}; or add it as docs/add_a_methodology.md shows.",
    remedy_ja="次のいずれかを指定するか、docs/add_a_methodology.md に従って追加してください: {known}。",
    clause="OpenJCM: one file per approved methodology",
    status=404,
)
UNKNOWN_VERSION = refusal(
    "unknown_methodology_version",
    en="{methodology} has no version {version}.",
    ja="{methodology} に版 {version} はありません。",
    remedy_en="Name one of its versions: {known}.",
    remedy_ja="次のいずれかの版を指定してください: {known}。",
    clause="JCM: a project applies the version of the approved methodology that it was registered under",
    status=404,
)
FORMULA_UNKNOWN_SYMBOL = refusal(
    "formula_unknown_symbol",
    en="{methodology}, {clause}: the formula for {symbol} names “{unknown}”, which is not declared.",
    ja="{methodology} {clause}: {symbol} の式にある「{unknown}」が宣言されていません。",
    remedy_en="Declare the symbol as monitored, factor, fixed or by a formula, spelt as in the text.",
    remedy_ja="その記号を、本文どおりの表記で、モニタリング項目・係数・固定値・式のいずれかとして宣言してください。",
    clause="OpenJCM: argument names of a formula are the symbols of the text",
)
FORMULA_WRONG_UNIT = refusal(
    "formula_wrong_unit",
    en="{methodology}, {clause}: the formula for {symbol} gives {found} where {wanted} is declared ({place}).",
    ja="{methodology} {clause}: {symbol} の式の結果は {found} ですが、宣言は {wanted} です ({place})。",
    remedy_en="Correct the unit of a symbol or the formula; every conversion must be by a factor with a unit.",
    remedy_ja="記号の単位または式を直してください。換算はすべて単位付きの係数で行います。",
    clause="OpenJCM: dimensions are checked when a methodology is loaded",
)
FORMULA_WRONG_INDEX = refusal(
    "formula_wrong_index",
    en="{methodology}, {clause}: the formula for {symbol} runs over ({found}) where ({wanted}) is declared ({place}).",
    ja="{methodology} {clause}: {symbol} の式の添字は ({found}) ですが、宣言は ({wanted}) です ({place})。",
    remedy_en="Sum over the index that the text sums over, or declare the index of the result.",
    remedy_ja="本文で合計される添字について合計するか、結果の添字を宣言してください。",
    clause="OpenJCM: indices are checked when a methodology is loaded",
)


class Methodology:
    """An approved methodology, all its versions inside (see the module's text).

    ``evidence`` says how its text is known; anything but ``read`` makes every result provisional. ``text_source`` is
    where the text was seen. ``results`` names the symbols of reference emissions, project emissions and reductions.
    """

    def __init__(
        self,
        methodology_id: str,
        *,
        title: str,
        title_ja: str,
        country: str,
        scope: str,
        summary: str,
        summary_ja: str,
        evidence: Grade,
        text_source: Citation,
        results: tuple[str, str, str] = ("RE_p", "PE_p", "ER_p"),
    ) -> None:
        self.id, self.title, self.title_ja, self.country, self.scope = methodology_id, title, title_ja, country, scope
        self.summary, self.summary_ja = summary, summary_ja
        self.evidence, self.text_source = evidence, text_source
        self.reference, self.project, self.reductions = results
        self.versions: dict[str, Version] = {}
        self.criteria: list[Criterion] = []
        self.sources: list[EmissionSource] = []
        self.indices: dict[str, tuple[str, str]] = {}
        self.parameters: dict[str, Parameter] = {}
        self.prints: list[Printed] = []
        self.interpretations: dict[str, Interpretation] = {}
        self.formulas: list[Formula] = []
        self.source_text = ""

    def __repr__(self) -> str:
        return f"Methodology({self.id!r})"

    @cached_property
    def source_sha256(self) -> str:
        """SHA-256 of the Python file that declares the methodology."""
        return sha256_hex(self.source_text.encode("utf-8"))

    # What the text says, in its order

    def version(self, number: str, *, approved: str | None, source: Citation, grade: Grade) -> None:
        """A version of the text. ``approved`` in ISO 8601, or ``None`` where the day is not known."""
        if number in self.versions:
            raise ValueError(f"{self.id}: version {number} is declared twice")
        day = date.fromisoformat(approved) if approved else None
        self.versions[number] = Version(number, day, source, grade)

    def criterion(
        self,
        number: int,
        en: str,
        *,
        ja: str,
        clause: str = "eligibility criteria",
        grade: Grade,
        shown_by: str = "",
        shown_by_ja: str = "",
    ) -> None:
        """An eligibility criterion. ``shown_by`` names the evidence that shows it: our advice, not the text."""
        self.criteria.append(Criterion(number, en, ja, clause, grade, shown_by, shown_by_ja))

    def emission_source(self, side: str, gas: str, en: str, *, ja: str) -> None:
        """A source of emissions; ``side`` is ``reference`` or ``project``."""
        self.sources.append(EmissionSource(side, gas, en, ja))

    def index(self, name: str, en: str, *, ja: str) -> None:
        """An index over which symbols run: system i, season s …"""
        self.indices[name] = (en, ja)

    def monitored(
        self,
        name: str,
        unit: str,
        en: str,
        *,
        ja: str,
        clause: str,
        option: str = "C",
        index: tuple[str, ...] = (),
        minimum: str | None = "0",
        maximum: str | None = None,
    ) -> None:
        """A monitored parameter; ``option`` A (public data), B (invoices) or C (measurement)."""
        least, most = _bound(minimum), _bound(maximum)
        self._declare(Parameter(name, "monitored", unit, en, ja, clause, index, option, least, most))

    def record_count(
        self, name: str, unit: str, en: str, *, ja: str, clause: str, of: str, versions: tuple[str, ...] = ()
    ) -> None:
        """The hours or days with a valid record of the monitored quantity ``of``, where the text monitors that too.

        It is required although no formula uses it: whoever verifies must see on how many records a total rests. A
        quantity of which no hour or day was recorded is refused.
        """
        index = self.parameters[of].index
        self._declare(Parameter(name, "monitored", unit, en, ja, clause, index, "C", of=of, versions=versions))

    def factor(
        self,
        name: str,
        unit: str,
        en: str,
        *,
        ja: str,
        clause: str,
        read_on: str,
        index: tuple[str, ...] = (),
        minimum: str | None = "0",
        maximum: str | None = None,
        suggestion: Suggestion | None = None,
    ) -> None:
        """A factor from outside the text, given with its citation; ``read_on`` says which day it belongs to."""
        least, most = _bound(minimum), _bound(maximum)
        self._declare(
            Parameter(
                name, "factor", unit, en, ja, clause, index, "", least, most, read_on=read_on, suggestion=suggestion
            ),
        )

    def fixed(
        self,
        name: str,
        unit: str,
        en: str,
        *,
        ja: str,
        clause: str,
        index: tuple[str, ...] = (),
        by: str | tuple[str, ...] = (),
        suggestion: Suggestion | None = None,
    ) -> None:
        """A value printed in the text. ``by`` names the choice(s) that select among several printed values.

        Where the printed values were not read they are given with their source: by index, or by answer of ``by``.
        """
        choices = (by,) if isinstance(by, str) else by
        self._declare(Parameter(name, "fixed", unit, en, ja, clause, index, by=choices, suggestion=suggestion))

    def label(self, name: str, unit: str, en: str, *, ja: str, clause: str, index: str, of: str) -> None:
        """The number that the label of an index is: the year x, wherever the symbol ``of`` has a value at x."""
        self._declare(Parameter(name, "label", unit, en, ja, clause, (index,), of=of))

    def printed(
        self, name: str, values: str | Mapping[str, str], *, versions: tuple[str, ...], source: Citation, grade: Grade
    ) -> None:
        """The value(s) that the text of these versions prints for a fixed symbol."""
        by_answer = {"": values} if isinstance(values, str) else values
        exact_values = {answer: exact(value) for answer, value in by_answer.items()}
        self.prints.append(Printed(name, versions, exact_values, source, grade))

    def choice(
        self,
        name: str,
        answers: Mapping[str, tuple[str, str]],
        en: str,
        *,
        ja: str,
        clause: str,
        index: tuple[str, ...] = (),
    ) -> None:
        """A case distinction of the text: answer → (English, Japanese)."""
        self._declare(Parameter(name, "choice", "", en, ja, clause, index, answers=dict(answers)))

    def interpretation(
        self,
        name: str,
        en: str,
        *,
        ja: str,
        clause: str,
        answers: Mapping[str, tuple[str, str, str]],
        taken: str,
        confirmed_by: str | None = None,
    ) -> None:
        """An open question of the text: answer → (number used in the formula, English, Japanese).

        The reading taken may also select a formula: ``when={"name": ("answer",)}``.
        """
        readings = {answer: (exact(value), text, text_ja) for answer, (value, text, text_ja) in answers.items()}
        if taken not in readings:
            raise ValueError(f"{self.id}: {name} takes {taken!r}, which is none of its readings")
        self.interpretations[name] = Interpretation(name, en, ja, clause, readings, taken, confirmed_by)
        words = {answer: (text, text_ja) for answer, (_, text, text_ja) in readings.items()}
        self._declare(Parameter(name, "interpretation", "-", en, ja, clause, answers=words))

    def formula(
        self,
        symbol: str,
        unit: str,
        *,
        clause: str,
        index: tuple[str, ...] = (),
        when: Mapping[str, tuple[str, ...]] | None = None,
        versions: tuple[str, ...] = (),
    ) -> Callable[[Callable[..., Traced]], Callable[..., Traced]]:
        """A formula of the text, as a decorator; the function's docstring says it in words."""

        def declare(function: Callable[..., Traced]) -> Callable[..., Traced]:
            arguments = tuple(inspect.signature(function).parameters)
            words = inspect.getdoc(function) or ""
            if symbol in self.parameters:
                raise ValueError(f"{self.id}: {symbol} is declared and has a formula")
            made = Formula(symbol, unit, index, clause, words, function, arguments, dict(when or {}), versions)
            self.formulas.append(made)
            return function

        return declare

    def _declare(self, parameter: Parameter) -> None:
        if parameter.name in self.parameters:
            raise ValueError(f"{self.id}: {parameter.name} is declared twice")
        unknown = [index for index in parameter.index if index not in self.indices]
        if unknown:
            raise ValueError(f"{self.id}: {parameter.name} runs over the undeclared index {unknown}")
        if not parameter.clause.strip():
            raise ValueError(f"{self.id}: {parameter.name} has no clause")
        self.parameters[parameter.name] = parameter

    # What it answers

    def version_of(self, number: str) -> Version:
        """The version with that number.

        Raises:
            Refused: ``unknown_methodology_version``.
        """
        if number not in self.versions:
            raise UNKNOWN_VERSION(methodology=self.id, version=number, known=list(self.versions))
        return self.versions[number]

    def printed_in(self, name: str, version: str) -> Printed | None:
        """What the text of that version prints for a fixed symbol; ``None`` where the value was not seen."""
        return next((item for item in self.prints if item.symbol == name and version in item.versions), None)

    def records_of(self, version: str) -> list[Parameter]:
        """The counts of recorded hours or days that the text of a version asks for."""
        counts = (item for item in self.parameters.values() if item.kind == "monitored" and item.of)
        return [item for item in counts if not item.versions or version in item.versions]

    def formulas_of(self, version: str, answers: Mapping[str, str]) -> dict[str, Formula]:
        """The formulas in force for a version and the answers to the choices, by symbol."""
        return {formula.symbol: formula for formula in self.formulas if formula.applies(version, answers)}

    def expressions(self) -> Iterator[tuple[Formula, Expression]]:
        """Every formula with its expression, for pages: evaluated with units only."""
        for formula in self.formulas:
            yield formula, self._units_only(formula).expression

    def formula_text(self, formula: Formula) -> str:
        """The formula on one line."""
        return f"{formula.symbol} = {as_text(self._units_only(formula).expression)}"

    def formula_mathml(self, formula: Formula) -> str:
        """The formula as a MathML element."""
        return formula_mathml(formula.symbol, self._units_only(formula).expression)

    # The check at load

    def check(self) -> Methodology:
        """Check all declarations (see the module's text) and return the methodology.

        Raises:
            Refused: ``formula_unknown_symbol``, ``formula_wrong_unit``, ``formula_wrong_index``.
            ValueError: for a declaration that contradicts another.
        """
        self._check_prints()
        self._check_labels()
        self._check_alternatives()
        for formula in self.formulas:
            self._check_formula(formula)
        self._check_order()
        return self

    def _check_prints(self) -> None:
        for item in self.prints:
            parameter = self.parameters.get(item.symbol)
            if parameter is None or parameter.kind != "fixed":
                raise ValueError(f"{self.id}: printed values for {item.symbol}, which is no fixed symbol")
            unknown = [number for number in item.versions if number not in self.versions]
            if unknown or not item.values.keys() <= self._cases_of(parameter, item):
                raise ValueError(f"{self.id}: printed values for {item.symbol} name an unknown version or answer")
        places = [(item.symbol, number) for item in self.prints for number in item.versions]
        if len(places) != len(set(places)):
            raise ValueError(f"{self.id}: one version prints two tables for one symbol")

    def _cases_of(self, parameter: Parameter, item: Printed) -> set[str]:
        """The cases that a printed table may have: every answer, or every pair of answers, of the choices it is by."""
        if not parameter.by:
            return set(item.values)
        choices = [self.parameters[name] for name in parameter.by]
        if any(choice.index not in {(), parameter.index} for choice in choices):
            raise ValueError(f"{self.id}: {parameter.name} runs over other indices than the choices it is selected by")
        return {"/".join(answers) for answers in product(*(choice.answers for choice in choices))}

    def _check_labels(self) -> None:
        for parameter in self.parameters.values():
            of = self.parameters.get(parameter.of) if parameter.kind == "label" else parameter
            if of is None or not set(parameter.index) <= set(of.index):
                raise ValueError(f"{self.id}: {parameter.name} labels {parameter.of}, which has no such index")

    def _check_alternatives(self) -> None:
        """A symbol may have several formulas, for different versions or answers, but never two at once."""
        for formula in self.formulas:
            for choice, answers in formula.when.items():
                parameter = self.parameters.get(choice)
                if parameter is None or parameter.index or not set(answers) <= parameter.answers.keys():
                    raise ValueError(
                        f"{self.id}: the formula for {formula.symbol} depends on an unknown case of {choice}"
                    )
            if not set(formula.versions) <= self.versions.keys():
                raise ValueError(f"{self.id}: the formula for {formula.symbol} names an unknown version")
        for one, other in combinations(self.formulas, 2):
            if one.symbol != other.symbol:
                continue
            if one.meets(other) or (one.unit, one.index) != (other.unit, other.index):
                raise ValueError(f"{self.id}: two formulas give {one.symbol} at once, or in different units")

    def _check_formula(self, formula: Formula) -> None:
        unknown = [index for index in formula.index if index not in self.indices]
        if unknown or not formula.clause.strip() or not formula.en:
            raise ValueError(f"{self.id}: the formula for {formula.symbol} lacks clause, words or a declared index")
        try:
            value = self._units_only(formula)
            conversion_factor(value.unit, formula.unit)
        except TraceError as error:
            raise FORMULA_WRONG_INDEX(
                methodology=self.id,
                clause=formula.clause,
                symbol=formula.symbol,
                found=error.detail,
                wanted=formula.index,
                place=as_text(error.expression),
            ) from error
        except Refused as error:
            if error.code not in {"wrong_dimension", "unknown_unit"}:
                raise
            found = error.facts.get("given", error.facts.get("unit", ""))
            wanted = error.facts.get("wanted", formula.unit)
            raise self._wrong_unit(formula, found, wanted, formula.function.__name__) from error
        if set(value.indices) != set(formula.index):
            raise FORMULA_WRONG_INDEX(
                methodology=self.id,
                clause=formula.clause,
                symbol=formula.symbol,
                found=value.indices,
                wanted=formula.index,
                place=formula.function.__name__,
            )

    def _wrong_unit(self, formula: Formula, found: str, wanted: str, place: str) -> Refused:
        return FORMULA_WRONG_UNIT(
            methodology=self.id,
            clause=formula.clause,
            symbol=formula.symbol,
            found=found,
            wanted=wanted,
            place=place,
        )

    def _units_only(self, formula: Formula) -> Traced:
        return formula.function(**{name: self._unit_value(name, formula) for name in formula.arguments})

    def _unit_value(self, name: str, asking: Formula) -> Traced:
        if name in self.parameters and self.parameters[name].kind != "choice":
            parameter = self.parameters[name]
            return Traced(Symbol(name, parameter.index), parameter.unit, parameter.index, None)
        made = next((formula for formula in self.formulas if formula.symbol == name), None)
        if made is None:
            raise FORMULA_UNKNOWN_SYMBOL(methodology=self.id, clause=asking.clause, symbol=asking.symbol, unknown=name)
        return Traced(Symbol(name, made.index), made.unit, made.index, None)

    def _check_order(self) -> None:
        for name in (self.reference, self.project, self.reductions):
            if not any(formula.symbol == name for formula in self.formulas):
                raise ValueError(f"{self.id}: no formula gives {name}")
        needs: dict[str, set[str]] = {}
        for formula in self.formulas:
            needs.setdefault(formula.symbol, set()).update(formula.arguments)
        done: set[str] = set(self.parameters)
        while needs:
            ready = [name for name, wanted in needs.items() if wanted <= done]
            if not ready:
                raise ValueError(f"{self.id}: these symbols depend on each other: {sorted(needs)}")
            for name in ready:
                done.add(name)
                del needs[name]


def _bound(text: str | None) -> Fraction | None:
    return None if text is None else exact(text)
