"""From given values to emission reductions, each step with clause, symbol, numbers, unit, source and grade.

:func:`calculate` evaluates the formulas of one version of a methodology over exact fractions. The result carries its
whole trace and the weakest grade of everything it rests on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from openjcm.dated import Grade, weakest
from openjcm.mrv.given import (
    DAY_NOT_NAMED,
    DIVISION_BY_ZERO,
    EXPONENT_TOO_LARGE,
    FIXED_VALUE_GIVEN,
    INDEX_WITHOUT_VALUE,
    INPUT_WRONG_UNIT,
    MISSING_SYMBOL,
    POWER_WITHOUT_VALUE,
    QUANTITY_WITHOUT_RECORD,
    UNKNOWN_ANSWER,
    UNKNOWN_DAY,
    UNKNOWN_SYMBOL,
    UNUSED_SYMBOL,
    VALUE_ABOVE_MAXIMUM,
    VALUE_BELOW_MINIMUM,
    VALUE_NOT_A_NUMBER,
    VALUE_NOT_IN_FORCE,
    VALUE_NOT_READ,
    VALUE_WITHOUT_SOURCE,
    VERSION_NOT_APPROVED_YET,
    WRONG_INDEX,
    Given,
    citation_text,
)
from openjcm.mrv.methodology import Formula, Methodology, Parameter, Version
from openjcm.mrv.result import FormulaLine, ParameterLine, Result, Step
from openjcm.mrv.trace import (
    Expression,
    Key,
    Symbol,
    Traced,
    TraceError,
    as_text,
    key_text,
    natural_order,
)
from openjcm.refusals import Refused
from openjcm.units import conversion_factor, exact, exact_text

__all__ = ["Given", "Result", "Step", "calculate", "calendar_years", "citation_text"]


def calculate(
    methodology: Methodology,
    version: str,
    inputs: Mapping[str, Given],
    *,
    interpretations: Mapping[str, str] | None = None,
    days: Mapping[str, date] | None = None,
) -> Result:
    """Emission reductions of one period by one version of a methodology.

    Args:
        methodology: the methodology.
        version: its version as printed, ``"02.0"``.
        inputs: what is given for each symbol that does not stand in the text.
        interpretations: readings taken where the text leaves room, if other than the one the file takes.
        days: the days that factors belong to, by the name the text uses: ``{"validation": date(2017, 1, 30)}``.

    Raises:
        Refused: with one of the codes declared in this module, or ``unknown_methodology_version``.
    """
    return _Calculation(methodology, version, inputs, interpretations or {}, days or {}).result()


@dataclass
class _Calculation:
    methodology: Methodology
    version: str
    inputs: Mapping[str, Given]
    interpretations: Mapping[str, str]
    days: Mapping[str, date]
    values: dict[str, Traced] = field(default_factory=dict)
    grades: dict[str, Grade] = field(default_factory=dict)
    answers: dict[str, dict[Key, str]] = field(default_factory=dict)
    lines: list[ParameterLine | FormulaLine] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    expressions: dict[str, Expression] = field(default_factory=dict)

    def result(self) -> Result:
        m = self.methodology
        text = m.version_of(self.version)
        self._refuse_unknown_symbols()
        self._refuse_unknown_days()
        self._refuse_version_not_approved_yet(text)
        if m.evidence is not Grade.READ:
            self.reasons.append(f"The text of {m.id} is known as “{m.evidence}”: {m.text_source.source}")
        chosen = {name: cells[()] for name, cells in self._unindexed_choices().items()}
        formulas = m.formulas_of(self.version, chosen)
        for symbol in (m.reference, m.project, m.reductions):
            self._resolve(symbol, formulas)
        self._count_records()
        self._refuse_unused()
        grade = weakest([m.evidence, text.grade, *self.grades.values()])
        reasons = tuple(dict.fromkeys(self.reasons))
        return Result(m, self.version, self.values, tuple(self.lines), grade, reasons, self.expressions)

    # Before

    def _refuse_unknown_symbols(self) -> None:
        m = self.methodology
        given = [name for name, parameter in m.parameters.items() if parameter.kind not in {"interpretation", "label"}]
        for name in self.inputs:
            if name not in given:
                raise UNKNOWN_SYMBOL(methodology=m.id, version=self.version, symbol=name, known=given)
        for name, taken in self.interpretations.items():
            if name not in m.interpretations:
                raise UNKNOWN_SYMBOL(
                    methodology=m.id, version=self.version, symbol=name, known=list(m.interpretations) or "–"
                )
            if taken not in m.interpretations[name].answers:
                raise UNKNOWN_ANSWER(
                    symbol=name,
                    clause=m.interpretations[name].clause,
                    at="",
                    answer=taken,
                    known=list(m.interpretations[name].answers),
                )

    def _refuse_unknown_days(self) -> None:
        known = {parameter.read_on for parameter in self.methodology.parameters.values()} - {""} | {
            "monitoring",
            "registration",
            "validation",
        }
        for which in self.days:
            if which not in known:
                raise UNKNOWN_DAY(methodology=self.methodology.id, which=which, known=sorted(known))

    def _refuse_version_not_approved_yet(self, text: Version) -> None:
        """A project cannot have been registered under a version that was approved later."""
        registered = self.days.get("registration")
        if registered and text.approved and text.grade.may_refuse and registered < text.approved:
            raise VERSION_NOT_APPROVED_YET(
                methodology=self.methodology.id, version=text.number, approved=text.approved, day=registered
            )

    def _unindexed_choices(self) -> dict[str, dict[Key, str]]:
        deciding = {name for formula in self.methodology.formulas for name in formula.when}
        return {name: self._decided(self.methodology.parameters[name]) for name in sorted(deciding)}

    def _decided(self, parameter: Parameter) -> dict[Key, str]:
        if parameter.kind == "choice":
            return self._choice(parameter)
        return {(): self.interpretations.get(parameter.name, self.methodology.interpretations[parameter.name].taken)}

    def _count_records(self) -> None:
        """Ask for the counts of records of every quantity that was used, and refuse a quantity without any record."""
        for parameter in self.methodology.records_of(self.version):
            used = self.values.get(parameter.of)
            if used is None:
                continue
            counts = self._resolve(parameter.name, {}).cells or {}
            for key, value in (used.cells or {}).items():
                if key not in counts:
                    raise self._without_value(parameter, parameter.name, key)
                if value and not counts[key]:
                    raise QUANTITY_WITHOUT_RECORD(
                        symbol=parameter.of, clause=parameter.clause, at=_at(key), count=parameter.name
                    )

    def _refuse_unused(self) -> None:
        for name in self.inputs:
            if self.methodology.parameters[name].kind == "choice":
                self._choice(self.methodology.parameters[name])
            elif name not in self.values:
                raise UNUSED_SYMBOL(methodology=self.methodology.id, version=self.version, symbol=name)

    # Symbols

    def _resolve(self, name: str, formulas: Mapping[str, Formula]) -> Traced:
        if name not in self.values:
            parameter = self.methodology.parameters.get(name)
            if parameter is not None:
                self.values[name] = self._parameter(parameter)
            elif name in formulas:
                self.values[name] = self._formula(formulas[name], formulas)
            else:
                raise MISSING_SYMBOL(
                    methodology=self.methodology.id,
                    version=self.version,
                    clause="–",
                    symbol=name,
                    meaning="no formula of this version and choice gives it",
                    unit="–",
                )
        return self.values[name]

    def _parameter(self, parameter: Parameter) -> Traced:
        if parameter.kind == "interpretation":
            return self._interpretation(parameter)
        if parameter.kind == "fixed":
            return self._fixed(parameter)
        if parameter.kind == "label":
            return self._label(parameter)
        given = self.inputs.get(parameter.name)
        if given is None:
            raise MISSING_SYMBOL(
                methodology=self.methodology.id,
                version=self.version,
                clause=parameter.clause,
                symbol=parameter.name,
                meaning=parameter.en,
                unit=parameter.unit or "–",
            )
        return self._given(parameter, given)

    def _given(self, parameter: Parameter, given: Given) -> Traced:
        source = self._source(parameter, given)
        self._refuse_out_of_force(parameter, given)
        try:
            scale = conversion_factor(given.unit, parameter.unit)
        except Refused as error:
            raise INPUT_WRONG_UNIT(
                symbol=parameter.name, clause=parameter.clause, given=given.unit, wanted=parameter.unit
            ) from error
        cells: dict[Key, Fraction] = {}
        for text_key, text in sorted(given.values.items(), key=lambda item: natural_order(item[0].split("/"))):
            key = self._key(parameter, text_key)
            cells[key] = self._number(parameter, key, text) * scale
            self._refuse_too_large(parameter, key, cells[key])
            stated = "" if given.unit == parameter.unit else f" ({text} {given.unit})"
            self._note(parameter, key, cells[key], source + stated, given.grade)
        return Traced(Symbol(parameter.name, parameter.index), parameter.unit, parameter.index, cells)

    def _number(self, parameter: Parameter, key: Key, text: str) -> Fraction:
        at = _at(key)
        try:
            value = exact(text)
        except Refused as error:
            raise VALUE_NOT_A_NUMBER(symbol=parameter.name, clause=parameter.clause, at=at, text=text) from error
        if parameter.minimum is not None and value < parameter.minimum:
            raise VALUE_BELOW_MINIMUM(
                symbol=parameter.name,
                clause=parameter.clause,
                at=at,
                value=text,
                unit=parameter.unit,
                minimum=exact_text(parameter.minimum),
            )
        return value

    def _refuse_too_large(self, parameter: Parameter, key: Key, value: Fraction) -> None:
        """Refuse a value above the maximum, in the unit of the methodology: 50 % is 0.5."""
        if parameter.maximum is not None and value > parameter.maximum:
            raise VALUE_ABOVE_MAXIMUM(
                symbol=parameter.name,
                clause=parameter.clause,
                at=f" [{key_text(key)}]" if key else "",
                value=exact_text(value),
                unit=parameter.unit,
                maximum=exact_text(parameter.maximum),
            )

    def _key(self, parameter: Parameter, text: str) -> Key:
        key = tuple(text.split("/")) if text else ()
        if len(key) != len(parameter.index) or any(not part.strip() for part in key):
            wanted = ", ".join(parameter.index) or "no index"
            raise WRONG_INDEX(symbol=parameter.name, clause=parameter.clause, wanted=wanted, at=text)
        return key

    def _source(self, parameter: Parameter, given: Given) -> str:
        if given.source is None:
            raise VALUE_WITHOUT_SOURCE(symbol=parameter.name, clause=parameter.clause)
        return citation_text(given.source)

    def _refuse_out_of_force(self, parameter: Parameter, given: Given) -> None:
        if not given.since and not given.until:
            return
        day = self.days.get(parameter.read_on or "monitoring")
        if day is None:
            raise DAY_NOT_NAMED(symbol=parameter.name, clause=parameter.clause, which=parameter.read_on or "monitoring")
        if (given.since and day < given.since) or (given.until and given.until < day):
            raise VALUE_NOT_IN_FORCE(
                symbol=parameter.name,
                clause=parameter.clause,
                day=day,
                which=parameter.read_on or "monitoring",
                since=given.since or "…",
                until=given.until or "…",
            )

    def _fixed(self, parameter: Parameter) -> Traced:
        m = self.methodology
        printed, given = m.printed_in(parameter.name, self.version), self.inputs.get(parameter.name)
        if printed is not None and given is not None:
            raise FIXED_VALUE_GIVEN(
                symbol=parameter.name, methodology=m.id, version=self.version, clause=parameter.clause
            )
        if given is not None:
            return self._given(parameter, self._by_index(parameter, given))
        if printed is None:
            raise self._not_read(parameter)
        cells: dict[Key, Fraction] = {}
        places = self._cases(parameter) if parameter.by else None
        by_key = places or {self._key(parameter, text): text for text in printed.values}
        for key, answer in by_key.items():
            if answer not in printed.values:
                raise self._not_read(parameter, answer)
            cells[key] = printed.values[answer]
            case = f"; {', '.join(parameter.by)} = {answer}" if parameter.by else ""
            self._note(parameter, key, cells[key], citation_text(printed.citation) + case, printed.grade)
        return Traced(Symbol(parameter.name, parameter.index), parameter.unit, parameter.index, cells)

    def _by_index(self, parameter: Parameter, given: Given) -> Given:
        """What is given for each case of the text, written out for each index; a value by index stays as it is."""
        answers = {answer for name in parameter.by for answer in self.methodology.parameters[name].answers}
        by_answer = bool(answers) and all(set(text.split("/")) <= answers for text in given.values)
        if not by_answer:
            return given
        cases = self._cases(parameter)
        for case in cases.values():
            if case not in given.values:
                raise self._not_read(parameter, case)
        return replace(given, values={key_text(key): given.values[case] for key, case in cases.items()})

    def _cases(self, parameter: Parameter) -> dict[Key, str]:
        """Which case of a printed table holds at each index: the answers of the choices that select it, joined."""
        chosen = {name: self._choice(self.methodology.parameters[name]) for name in parameter.by}
        places = {key for answers in chosen.values() for key in answers if key} or {()}
        cases: dict[Key, str] = {}
        for key in sorted(places, key=natural_order):
            for name, answers in chosen.items():
                if key not in answers and () not in answers:
                    raise self._without_value(parameter, name, key)
            cases[key] = "/".join(answers.get(key) or answers[()] for answers in chosen.values())
        return cases

    def _without_value(self, parameter: Parameter, term: str, key: Key) -> Refused:
        return INDEX_WITHOUT_VALUE(
            methodology=self.methodology.id,
            version=self.version,
            clause=parameter.clause,
            symbol=parameter.name,
            term=term,
            at=key_text(key),
        )

    def _label(self, parameter: Parameter) -> Traced:
        of = self._resolve(parameter.of, {})
        place = of.indices.index(parameter.index[0])
        assert of.cells is not None
        cells: dict[Key, Fraction] = {}
        for text in sorted({key[place] for key in of.cells}, key=lambda part: natural_order([part])):
            cells[text,] = self._number(parameter, (text,), text)
            self._note(parameter, (text,), cells[text,], f"label of {parameter.of}", Grade.READ)
        return Traced(Symbol(parameter.name, parameter.index), parameter.unit, parameter.index, cells)

    def _not_read(self, parameter: Parameter, answer: str = "") -> Refused:
        hint = parameter.suggestion
        return VALUE_NOT_READ(
            methodology=self.methodology.id,
            version=self.version,
            clause=parameter.clause,
            symbol=parameter.name,
            case=f" ({answer})" if answer else "",
            unit=parameter.unit,
            suggestion=f"[{hint.grade}: {hint.value} {hint.unit}]" if hint else "",
        )

    def _choice(self, parameter: Parameter) -> dict[Key, str]:
        if parameter.name in self.answers:
            return self.answers[parameter.name]
        given = self.inputs.get(parameter.name)
        if given is None:
            raise MISSING_SYMBOL(
                methodology=self.methodology.id,
                version=self.version,
                clause=parameter.clause,
                symbol=parameter.name,
                meaning=parameter.en,
                unit=" | ".join(parameter.answers),
            )
        source = self._source(parameter, given)
        chosen: dict[Key, str] = {}
        for text_key, answer in sorted(given.values.items(), key=lambda item: natural_order(item[0].split("/"))):
            key = self._key(parameter, text_key)
            if answer not in parameter.answers:
                at = _at(key)
                raise UNKNOWN_ANSWER(
                    symbol=parameter.name,
                    clause=parameter.clause,
                    at=at,
                    answer=answer,
                    known=list(parameter.answers),
                )
            chosen[key] = answer
            self._note(parameter, key, answer, source, given.grade)
        self.answers[parameter.name] = chosen
        return chosen

    def _interpretation(self, parameter: Parameter) -> Traced:
        item = self.methodology.interpretations[parameter.name]
        taken = self.interpretations.get(item.name, item.taken)
        value, words, _ = item.answers[taken]
        grade = Grade.READ if item.confirmed_by else Grade.INFERRED
        if not item.confirmed_by:
            self.reasons.append(f"Open question {item.name} ({item.clause}): taken as “{taken}”, confirmed by nobody")
        self._note(parameter, (), value, f"{taken}: {words}", grade)
        return Traced(Symbol(parameter.name), "-", (), {(): value})

    def _note(self, parameter: Parameter, key: Key, value: Fraction | str, source: str, grade: Grade) -> None:
        self.grades[parameter.name] = weakest([self.grades.get(parameter.name, Grade.READ), grade])
        if grade is not Grade.READ and parameter.kind != "interpretation":
            self.reasons.append(f"{parameter.name} is known as “{grade}”: {source}")
        self.lines.append(ParameterLine(parameter, key, value, source, grade))

    # Formulas

    def _formula(self, formula: Formula, formulas: Mapping[str, Formula]) -> Traced:
        arguments = {name: self._resolve(name, formulas) for name in formula.arguments}
        readings = [name for name in formula.when if name in self.methodology.interpretations]
        for name in readings:
            self._resolve(name, formulas)
        try:
            made = formula.function(**arguments)
        except TraceError as error:
            raise self._refusal(formula, error) from error
        value = made.to(formula.unit)
        grade = weakest([self.methodology.evidence, *(self.grades[name] for name in (*formula.arguments, *readings))])
        self.grades[formula.symbol] = grade
        self.expressions[formula.symbol] = made.expression
        assert value.cells is not None
        self.lines.append(FormulaLine(formula, grade))
        order = [value.indices.index(index) for index in formula.index]
        cells = {tuple(key[place] for place in order): number for key, number in value.cells.items()}
        return Traced(Symbol(formula.symbol, formula.index), formula.unit, formula.index, cells)

    def _refusal(self, formula: Formula, error: TraceError) -> Refused:
        place = {"methodology": self.methodology.id, "version": self.version, "clause": formula.clause}
        at = _at(error.key)
        if error.kind == "index_without_value":
            return INDEX_WITHOUT_VALUE(**place, symbol=formula.symbol, term=error.detail, at=key_text(error.key) or "–")
        declaration = _NO_VALUE[error.kind]
        return declaration(**place, symbol=formula.symbol, at=at, term=as_text(error.expression))


def _at(key: Key) -> str:
    return f" [{key_text(key)}]" if key else ""


_NO_VALUE = {
    "division_by_zero": DIVISION_BY_ZERO,
    "power_of_negative": POWER_WITHOUT_VALUE,
    "exponent_too_large": EXPONENT_TOO_LARGE,
}


def calendar_years(start: date, end: date) -> Iterator[tuple[int, date, date]]:
    """The calendar years of a period (both days included), each with its first and last day in the period."""
    for year in range(start.year, end.year + 1):
        yield year, max(start, date(year, 1, 1)), min(end, date(year, 12, 31))
