"""What is said about the error of an input: kind, size, whose error it is, and the document that says so.

An *error term* is one cause of error of one input (GUM, 4.1). Its ``tag`` says with whom the error is shared: ``own``
(each meter has its own), or any name (the type of the meter, a laboratory, ``global``): all inputs that name the same
tag for the same kind of error are wrong together, in the same direction. The tag is the whole model of correlation.

The standard uncertainty of each kind is a named rule, :data:`KINDS`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from openjcm.dated import Grade
from openjcm.mrv.methodology import Methodology, Parameter
from openjcm.refusals import Refused, refusal
from openjcm.units import conversion_factor, exact

_CLAUSE = "JCGM 100:2008 (GUM), 4.1 and 4.3: every input has its standard uncertainty, with the basis for it"

UNCERTAINTY_NOT_UNDERSTOOD = refusal(
    "uncertainty_not_understood",
    en="What is said about the uncertainty of {symbol} is not well formed: {place}.",
    ja="{symbol} の不確かさの記載の形式が正しくありません: {place}。",
    remedy_en="State kind, size (percent, half_width with unit, or low and high with unit), tag and document, "
    "as docs/uncertainty.md shows.",
    remedy_ja="docs/uncertainty.md に従い、kind、大きさ (percent、half_width と unit、または low・high と unit)、tag、"
    "document を記入してください。",
    clause=_CLAUSE,
)
UNCERTAINTY_OF_UNKNOWN_INPUT = refusal(
    "uncertainty_of_unknown_input",
    en="{methodology} has no input {symbol} whose uncertainty could be stated.",
    ja="{methodology} には、不確かさを記載できる入力 {symbol} がありません。",
    remedy_en="State it for one of: {known}.",
    remedy_ja="次のいずれかについて記載してください: {known}。",
    clause=_CLAUSE,
)
UNCERTAINTY_WITHOUT_DOCUMENT = refusal(
    "uncertainty_without_document",
    en="The uncertainty of {symbol} ({kind}) is stated without a document.",
    ja="{symbol} ({kind}) の不確かさに、根拠となる文書がありません。",
    remedy_en="Name the certificate, data sheet or clause that the figure comes from.",
    remedy_ja="値の根拠となる証明書、仕様書または条項を記入してください。",
    clause=_CLAUSE,
)

LIMITS, STANDARD, COVERAGE_95 = "limits", "standard", "coverage_95"
COVERAGE_FACTOR = 1.959963984540054
"""The quantile 0.975 of the normal distribution: 95 % lie within so many standard uncertainties."""
DISTRIBUTIONS = ("rectangular", "triangular", "normal", "lognormal")
OWN = "own"
FIXED = "fixed_by_methodology"


@dataclass(frozen=True)
class Kind:
    """A kind of error: its distribution, what the stated size means, the rule in words, its source and grade."""

    name: str
    distribution: str
    meaning: str
    en: str
    ja: str
    source: str
    grade: Grade


_GUM = "JCGM 100:2008 (GUM), 4.3.7 and 4.3.9"
KINDS = {
    kind.name: kind
    for kind in (
        Kind("accuracy_class", "rectangular", LIMITS, "Accuracy class of the meter, a: u = a/√3",
             "計量器の精度等級 a: u = a/√3", _GUM, Grade.RECALLED),
        Kind("transformer_class", "rectangular", LIMITS, "Class of the current or voltage transformer, a: u = a/√3",
             "計器用変成器の等級 a: u = a/√3", _GUM, Grade.RECALLED),
        Kind("calibration_drift", "rectangular", LIMITS, "Drift since the last calibration, a: u = a/√3",
             "前回校正からのドリフト a: u = a/√3", _GUM, Grade.RECALLED),
        Kind("resolution", "triangular", LIMITS,
             "Two readings of a register with the step LSB make one difference: u = LSB/√6",
             "分解能 LSB の読み取り 2 回の差: u = LSB/√6", _GUM, Grade.RECALLED),
        Kind("estimated", "normal", STANDARD,
             "Estimated energy: half the range from the 10th to the 90th percentile, or its full value, counts as u",
             "推定した電力量: 10〜90 パーセンタイル幅の半分、または全量を u とする",
             "OpenJCM: on the safe side", Grade.INFERRED),
        Kind(FIXED, "", "", "Printed in the methodology: u = 0 by rule, the text's own conservativeness stands for it",
             "方法論に記載された値: 規則により u = 0 (保守性は本文が担う)",
             "OpenJCM: what the text fixes is not an error of the project", Grade.INFERRED),
        Kind("stated", "", "", "Stated by a document with its distribution", "文書に分布とともに記載された不確かさ",
             _GUM, Grade.RECALLED),
    )
}  # fmt: skip
"""Every kind of error by its name."""

_FIELDS = {
    "kind", "document", "at", "tag", "percent", "half_width", "low", "high", "unit", "distribution", "meaning",
}  # fmt: skip


@dataclass(frozen=True)
class ErrorTerm:
    """One cause of error of one input, as stated.

    The size is ``percent`` (of the value), ``half_width`` or ``low`` and ``high`` (both in the unit of the symbol).
    ``at`` lists the indices it belongs to; empty: all.
    """

    kind: str
    document: str
    tag: str = OWN
    at: tuple[str, ...] = ()
    distribution: str = ""
    meaning: str = LIMITS
    percent: Fraction | None = None
    half_width: Fraction | None = None
    low: Fraction | None = None
    high: Fraction | None = None

    def limits(self, value: Fraction) -> tuple[Fraction, Fraction]:
        """The stated interval around a value; for a standard or a 95 % size, the value minus and plus that size."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        half = abs(value) * self.percent / 100 if self.percent is not None else self.half_width
        assert half is not None
        return value - half, value + half

    def standard(self, value: Fraction) -> float:
        """The standard uncertainty of the value by this cause, in the unit of the symbol."""
        if self.kind == FIXED:
            return 0.0
        low, high = self.limits(value)
        half = (high - low) / 2
        if self.distribution == "rectangular":
            return float(half) / math.sqrt(3)
        if self.distribution == "triangular":
            variance = (low**2 + high**2 + value**2 - low * high - low * value - high * value) / 18
            return math.sqrt(variance)
        return float(half) / COVERAGE_FACTOR if self.meaning == COVERAGE_95 else float(half)

    def is_skewed(self, value: Fraction) -> bool:
        """Whether the error lies differently above and below the value."""
        return self.distribution == "lognormal" or (
            self.low is not None and self.high is not None and self.low + self.high != 2 * value
        )


Statements = Mapping[str, tuple[ErrorTerm, ...]]
"""Error terms by symbol."""


def read_statements(data: object, methodology: Methodology) -> Statements:
    """What is stated about the uncertainty of each input, from plain data: ``{"EG_i_p": [{"kind": …}, …]}``.

    Raises:
        Refused: with a code of this module.
    """
    if not isinstance(data, Mapping):
        raise UNCERTAINTY_NOT_UNDERSTOOD(symbol="–", place=f"{data!r}"[:100])
    without = {"choice", "interpretation", "label"}
    inputs = {name: one for name, one in methodology.parameters.items() if one.kind not in without}
    found: dict[str, tuple[ErrorTerm, ...]] = {}
    for symbol, items in data.items():
        if symbol not in inputs:
            raise UNCERTAINTY_OF_UNKNOWN_INPUT(methodology=methodology.id, symbol=symbol, known=list(inputs))
        if not isinstance(items, list) or not items:
            raise UNCERTAINTY_NOT_UNDERSTOOD(symbol=symbol, place=f"{items!r}"[:100])
        found[symbol] = tuple(_term(inputs[symbol], item) for item in items)
        _refuse_fixed_beside_others(symbol, found[symbol])
    return found


def _refuse_fixed_beside_others(symbol: str, terms: tuple[ErrorTerm, ...]) -> None:
    """A value fixed by the text has no error: no other term may stand beside it at the same place."""
    for one in (term for term in terms if term.kind == FIXED):
        for other in terms:
            if other is not one and (not one.at or not other.at or set(one.at) & set(other.at)):
                raise UNCERTAINTY_NOT_UNDERSTOOD(symbol=symbol, place=f"{FIXED} + {other.kind}")


def _term(parameter: Parameter, item: object) -> ErrorTerm:
    if not isinstance(item, Mapping):
        raise UNCERTAINTY_NOT_UNDERSTOOD(symbol=parameter.name, place=f"{item!r}"[:100])
    kind = KINDS.get(str(item.get("kind")))
    if kind is None or (unknown := sorted(str(name) for name in item.keys() - _FIELDS)):
        place = f"kind: {item.get('kind')}; {', '.join(KINDS)}" if kind is None else ", ".join(unknown)
        raise UNCERTAINTY_NOT_UNDERSTOOD(symbol=parameter.name, place=place[:200])
    document = str(item.get("document") or "").strip()
    if not document:
        raise UNCERTAINTY_WITHOUT_DOCUMENT(symbol=parameter.name, kind=kind.name)
    at = item.get("at", [])
    places = tuple(str(one) for one in (at if isinstance(at, list) else [at]))
    if kind.name == FIXED:
        return ErrorTerm(kind.name, document, at=places)
    distribution, meaning = _shape(parameter, kind, item)
    sizes = _sizes(parameter, item)
    if distribution == "lognormal" and "percent" not in sizes:
        raise UNCERTAINTY_NOT_UNDERSTOOD(symbol=parameter.name, place="lognormal: percent")
    tag = str(item.get("tag") or OWN)
    return ErrorTerm(kind.name, document, tag, places, distribution, meaning, **sizes)


def _shape(parameter: Parameter, kind: Kind, item: Mapping[str, object]) -> tuple[str, str]:
    """Distribution and meaning of the size: the kind's own, or for ``stated`` those that the document gives."""
    if kind.name != "stated":
        if said := sorted(item.keys() & {"distribution", "meaning"}):
            raise UNCERTAINTY_NOT_UNDERSTOOD(symbol=parameter.name, place=f"{said[0]}: {kind.name}")
        return kind.distribution, kind.meaning
    distribution = str(item.get("distribution"))
    bounded = distribution in {"rectangular", "triangular"}
    meaning = str(item.get("meaning", LIMITS if bounded else ""))
    if distribution not in DISTRIBUTIONS or meaning not in ((LIMITS,) if bounded else (STANDARD, COVERAGE_95)):
        raise UNCERTAINTY_NOT_UNDERSTOOD(
            symbol=parameter.name, place=f"distribution: {distribution}, meaning: {meaning or '–'}"[:200]
        )
    return distribution, meaning


def _sizes(parameter: Parameter, item: Mapping[str, object]) -> dict[str, Fraction]:
    """The stated size, converted into the unit of the symbol."""
    named = tuple(name for name in ("percent", "half_width", "low", "high") if name in item)
    if named not in {("percent",), ("half_width",), ("low", "high")} or (named != ("percent",)) != ("unit" in item):
        raise UNCERTAINTY_NOT_UNDERSTOOD(symbol=parameter.name, place="percent | half_width + unit | low + high + unit")
    try:
        scale = conversion_factor(str(item["unit"]), parameter.unit) if "unit" in item else Fraction(1)
        sizes = {name: exact(str(item[name])) * scale for name in named}
    except Refused as error:
        raise UNCERTAINTY_NOT_UNDERSTOOD(symbol=parameter.name, place=error.message("en")) from error
    if named == ("low", "high") and sizes["low"] > sizes["high"]:
        raise UNCERTAINTY_NOT_UNDERSTOOD(symbol=parameter.name, place="low > high")
    if min(sizes.values()) < 0 and named != ("low", "high"):
        raise UNCERTAINTY_NOT_UNDERSTOOD(symbol=parameter.name, place=f"{named[0]} < 0")
    return sizes
