"""The shapes of law: a rule's name, a country's departure from the common value, a country.

Everything checks itself when it is made, so a mistake in a country file stops the import and names its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from openjcm.dated import Citation, Dated, Grade, Timeline

RuleValue: TypeAlias = bool | int | str | date | Fraction | tuple[str, ...] | None
"""What a rule may say. ``None`` means: looked for and not found; it goes with the grade *unknown* and only with it."""

KINDS: dict[str, type] = {
    "flag": bool,
    "count": int,
    "share": Fraction,
    "text": str,
    "choice": str,
    "list": tuple,
    "day": date,
}
"""The value types of rules by the word that ``names.py`` and ``docs/rules.md`` use for them."""

STATUSES = ("adopted", "preparing", "first_joint_committee_pending", "unknown")
"""How far a partner's rules are aligned with Article 6, or the Project Idea Note adopted."""


@dataclass(frozen=True)
class RuleName:
    """One thing that may differ between countries or change over time.

    ``name`` is the identifier, ``topic`` the heading it stands under, ``kind`` one of :data:`KINDS`, ``unit`` the
    unit of a count (empty if it has none), ``clause`` the place in the rules, ``allowed`` the values of a *choice*.
    """

    name: str
    topic: str
    kind: str
    en: str
    ja: str
    clause: str
    unit: str = ""
    allowed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.name}: {self.kind!r} is no kind of value; kinds are {', '.join(KINDS)}")
        if not all(text.strip() for text in (self.name, self.topic, self.en, self.ja, self.clause)):
            raise ValueError(f"{self.name}: a rule needs a name, a topic, its meaning in both languages and a clause")
        if (self.kind == "choice") != bool(self.allowed):
            raise ValueError(f"{self.name}: a choice, and only a choice, lists its allowed values")

    def check(self, dated: Dated[RuleValue]) -> None:
        """Fail if a value does not fit the rule.

        Raises:
            ValueError: wrong type, a choice that is not allowed, a value of grade *unknown*, or a known grade
                without a value.
        """
        value = dated.value
        if (value is None) != (dated.grade is Grade.UNKNOWN):
            raise ValueError(f"{self.name}: the value {value!r} and the grade {dated.grade} do not go together")
        if value is None:
            return
        if type(value) is not KINDS[self.kind]:
            raise ValueError(f"{self.name}: {value!r} is not a {self.kind}")
        if self.allowed and value not in self.allowed:
            raise ValueError(f"{self.name}: {value!r} is not one of {', '.join(self.allowed)}")
        if isinstance(value, tuple) and not all(isinstance(item, str) for item in value):
            raise ValueError(f"{self.name}: a list holds texts only")


@dataclass(frozen=True)
class Departure:
    """A country's value of a rule where it differs from the common one, or where it was seen for that country.

    ``since`` is the first day on which we know it to hold; if a source only shows it in force on some day, that day
    stands here and the citation's note says so. ``None``: no beginning is known.
    """

    rule: str
    value: RuleValue
    citation: Citation
    grade: Grade
    since: date | None = None
    until: date | None = None
    checked_on: date | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.citation, Citation):
            raise ValueError(f"{self.rule}: a departure without a citation is refused")

    @property
    def dated(self) -> Dated[RuleValue]:
        """The departure as a dated value."""
        return Dated(self.value, self.citation, self.grade, self.since, self.until, self.checked_on)


@dataclass(frozen=True)
class Claim:
    """What another source says of a field of the country: a conflict that is kept and shown, not resolved silently."""

    field: str
    value: str
    citation: Citation
    grade: Grade


@dataclass(frozen=True)
class Fact:
    """Something that happened: a meeting of the Joint Committee, a decision, a law. ``on`` is ``None`` if unknown."""

    on: date | None
    what: str
    citation: Citation
    grade: Grade


@dataclass(frozen=True, kw_only=True)
class Country:
    """A partner country: who it is, how far its rules are, and where it departs from the common rules.

    ``centroid`` is latitude and longitude in degrees, for the dot on the map only: approximate, general knowledge.
    """

    iso2: str
    iso3: str
    name_en: str
    name_ja: str
    signed: Dated[date]
    signing_place: Dated[str] | None
    article6_status: Timeline[str]
    pin_status: Timeline[str]
    centroid: tuple[str, str]
    departures: tuple[Departure, ...] = ()
    facts: tuple[Fact, ...] = ()
    claims: tuple[Claim, ...] = ()
    notes: str = ""
    timelines: dict[str, Timeline[RuleValue]] = field(init=False, repr=False, compare=False)
    """The departures by rule name; made from ``departures``."""

    def __post_init__(self) -> None:
        if len(self.iso2) != 2 or len(self.iso3) != 3 or not (self.iso2 + self.iso3).isupper():
            raise ValueError(f"{self.name_en}: the codes are ISO 3166-1, two and three capital letters")
        for timeline in (self.article6_status, self.pin_status):
            for item in timeline:
                if item.value not in STATUSES:
                    raise ValueError(f"{self.name_en}: {timeline.name}: {item.value!r} is not one of {STATUSES}")
        object.__setattr__(self, "timelines", timelines(self.name_en, self.departures))


def timelines(owner: str, departures: tuple[Departure, ...]) -> dict[str, Timeline[RuleValue]]:
    """The departures of one owner, checked and put in order by rule.

    Raises:
        ValueError: a rule that ``names.py`` does not have, a value that does not fit, or two departures on one day.
    """
    from openjcm.rulebook.names import RULES  # names.py is made of the shapes above

    by_rule: dict[str, list[Dated[RuleValue]]] = {}
    for departure in departures:
        if departure.rule not in RULES:
            raise ValueError(f"{owner}: there is no rule {departure.rule!r}; the names stand in rulebook/names.py")
        try:
            RULES[departure.rule].check(departure.dated)
        except ValueError as error:
            raise ValueError(f"{owner}: {error}") from error
        by_rule.setdefault(departure.rule, []).append(departure.dated)
    return {rule: Timeline(f"{owner}: {rule}", tuple(values)) for rule, values in by_rule.items()}
