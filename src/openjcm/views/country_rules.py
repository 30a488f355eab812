"""Which rules hold for a partner on a day, where does it depart from the common ones, and how well do we know it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from openjcm.dated import Dated
from openjcm.refusals import Refused
from openjcm.rulebook import RULES, Country, country, rule, rule_timeline


@dataclass(frozen=True)
class RuleRow:
    """A rule as it stands for a Party on a day. ``text`` is ``None`` where the value was looked for and not found."""

    name: str
    topic: str
    meaning_en: str
    meaning_ja: str
    clause: str
    unit: str
    text: str | None
    own: bool
    grade: str
    source: str
    source_clause: str
    url: str
    note: str
    since: date | None
    others: int
    """How many other values the rule has had or will have for this Party."""


@dataclass(frozen=True)
class CountryRules:
    """A partner and its rules by topic."""

    country: Country
    day: date
    topics: tuple[tuple[str, tuple[RuleRow, ...]], ...]
    own: int


def country_rules(code: str, day: date) -> CountryRules:
    """The rules of one partner on one day.

    Raises:
        Refused: ``unknown_country``.
    """
    found = country(code)
    topics: dict[str, list[RuleRow]] = {}
    for name in RULES:
        row = _row(found, name, day)
        if row:
            topics.setdefault(row.topic, []).append(row)
    ordered = tuple((topic, tuple(rows)) for topic, rows in topics.items())
    return CountryRules(found, day, ordered, sum(row.own for _, rows in ordered for row in rows))


def _row(found: Country, name: str, day: date) -> RuleRow | None:
    words = RULES[name]
    try:
        dated = rule(found.iso3, name, day)
    except Refused:
        return None
    timeline = rule_timeline(found.iso3, name)
    own = found.timelines.get(name)
    return RuleRow(
        name=name,
        topic=words.topic,
        meaning_en=words.en,
        meaning_ja=words.ja,
        clause=words.clause,
        unit=words.unit,
        text=_text(dated),
        own=bool(own and own.find(day) is dated),
        grade=dated.grade.value,
        source=dated.citation.source,
        source_clause=dated.citation.clause,
        url=dated.citation.url,
        note=dated.citation.note,
        since=dated.since,
        others=len(timeline) - 1,
    )


def _text(dated: Dated[Any]) -> str | None:
    value = dated.value
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(str(item) for item in value)
    if isinstance(value, Fraction):
        return str(value)
    return str(value).replace("_", " ") if isinstance(value, str) and " " not in value else str(value)
