"""What a methodology's file declares: the value types that :class:`openjcm.mrv.methodology.Methodology` collects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from openjcm.dated import Citation, Grade
from openjcm.mrv.trace import Traced


@dataclass(frozen=True)
class Version:
    """One version of the text: number, day of approval (``None``: not known), how we know it."""

    number: str
    approved: date | None
    citation: Citation
    grade: Grade


@dataclass(frozen=True)
class Criterion:
    """One eligibility criterion; ``shown_by`` says which evidence shows that it is met."""

    number: int
    en: str
    ja: str
    clause: str
    grade: Grade
    shown_by: str = ""
    shown_by_ja: str = ""


@dataclass(frozen=True)
class EmissionSource:
    """A source of emissions on the reference or the project side, with its gas."""

    side: str
    gas: str
    en: str
    ja: str


@dataclass(frozen=True)
class Parameter:
    """A symbol whose value comes from outside the formulas.

    ``kind``: ``monitored`` (option A, B or C of the monitoring method), ``factor`` (belongs to a day, named by
    ``read_on``), ``fixed`` (printed in the text of a version, see :class:`Printed`), ``choice`` (one of the cases the
    text distinguishes), ``interpretation`` (an open question of the text), ``label`` (the number that a label of an
    index is, such as a year, wherever the symbol ``of`` has a value).
    ``minimum`` is the least value allowed (``None`` allows negative ones), ``maximum`` the largest (1 for a share).
    ``by`` names the choices that select the printed value (``tropical_wet/food`` for two of them).
    A monitored count of hours or days with a valid record names in ``of`` the quantity whose records it counts;
    ``versions`` are those whose text asks for it (empty: all).
    """

    name: str
    kind: str
    unit: str
    en: str
    ja: str
    clause: str
    index: tuple[str, ...] = ()
    option: str = ""
    minimum: Fraction | None = Fraction(0)
    maximum: Fraction | None = None
    by: tuple[str, ...] = ()
    of: str = ""
    read_on: str = ""
    answers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    suggestion: Suggestion | None = None
    versions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """A value that somebody remembers. It is shown as such and never used by itself."""

    value: str
    unit: str
    grade: Grade
    note: str


@dataclass(frozen=True)
class Printed:
    """Values that the text of one version prints for a fixed symbol: by answer of a choice, by index, or one."""

    symbol: str
    versions: tuple[str, ...]
    values: Mapping[str, Fraction]
    citation: Citation
    grade: Grade


@dataclass(frozen=True)
class Interpretation:
    """A place where the text leaves room: the question, the readings, the one taken, and who confirmed it."""

    name: str
    en: str
    ja: str
    clause: str
    answers: Mapping[str, tuple[Fraction, str, str]]
    taken: str
    confirmed_by: str | None


@dataclass(frozen=True, eq=False)
class Formula:
    """One formula of the text: the symbol it gives and the function whose arguments are symbols."""

    symbol: str
    unit: str
    index: tuple[str, ...]
    clause: str
    en: str
    function: Callable[..., Traced]
    arguments: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]]
    versions: tuple[str, ...]

    def applies(self, version: str, answers: Mapping[str, str]) -> bool:
        """Whether the formula belongs to the version and to the answers given to the choices."""
        if self.versions and version not in self.versions:
            return False
        return all(answers.get(choice) in allowed for choice, allowed in self.when.items())

    def meets(self, other: Formula) -> bool:
        """Whether there is a version and there are answers for which both formulas apply."""
        if self.versions and other.versions and not set(self.versions) & set(other.versions):
            return False
        shared = self.when.keys() & other.when.keys()
        return all(set(self.when[choice]) & set(other.when[choice]) for choice in shared)
