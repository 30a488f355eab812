"""Law as data: which rules exist, what they commonly say, and where each partner country departs.

``partners(day)`` counts the partners on a day; ``rule(party, name, day)`` says which value held for a Party on a day
and how well it is known; ``may_refuse(value)`` says whether a request may be refused by it.
"""

from __future__ import annotations

from datetime import date

from openjcm.dated import Dated, Timeline
from openjcm.refusals import refusal
from openjcm.rulebook import japan
from openjcm.rulebook.common import COMMON
from openjcm.rulebook.countries import __path__ as _country_files
from openjcm.rulebook.countries import load
from openjcm.rulebook.model import Country, Departure, RuleName, RuleValue
from openjcm.rulebook.names import RULES

__all__ = [
    "COMMON", "COUNTRIES", "RULES", "Country", "Departure", "RuleName", "RuleValue",
    "country", "may_refuse", "partners", "rule", "rule_timeline",
]  # fmt: skip

UNKNOWN_COUNTRY = refusal(
    "unknown_country",
    en="“{code}” is not a partner country of the JCM.",
    ja="「{code}」は JCM パートナー国ではありません。",
    remedy_en="Use the ISO 3166-1 code of a partner: {known}. docs/add_a_country.md says how one is added.",
    remedy_ja="パートナー国の ISO 3166-1 コードを使用してください: {known}。追加方法: docs/add_a_country.md。",
    clause="Memoranda of cooperation on the JCM",
    status=404,
)
UNKNOWN_RULE = refusal(
    "unknown_rule",
    en="There is no rule named “{name}”.",
    ja="「{name}」という名称の規則はありません。",
    remedy_en="Use a name that stands in docs/rules.md. Near to it: {near}.",
    remedy_ja="docs/rules.md にある名称を使用してください。近い名称: {near}。",
    clause="OpenJCM: every rule that may differ has a name",
    status=404,
)

COUNTRIES: tuple[Country, ...] = load(_country_files)
"""Every partner country that has a file, in order of signing."""

CANDIDATES = ("OM",)
"""Not partners: Oman has a secretariat address on jcm.go.jp, but no signed memorandum on the JCM was found."""

_BY_CODE = {code: item for item in COUNTRIES for code in (item.iso2, item.iso3)}
_TIMELINES: dict[str, dict[str, Timeline[RuleValue]]] = {item.iso3: item.timelines for item in COUNTRIES}
_TIMELINES[japan.ISO3] = japan.TIMELINES


def partners(as_of: date) -> tuple[Country, ...]:
    """The countries that had signed on or before that day, in order of signing."""
    return tuple(item for item in COUNTRIES if item.signed.value <= as_of)


def country(code: str) -> Country:
    """The partner with that ISO 3166-1 code, of two or three letters.

    Raises:
        Refused: ``unknown_country``.
    """
    found = _BY_CODE.get(code.upper())
    if found is None:
        raise UNKNOWN_COUNTRY(code=code, known=[item.iso2 for item in COUNTRIES])
    return found


def rule_timeline(party_iso3: str, name: str) -> tuple[Dated[RuleValue], ...]:
    """All values of a rule for a Party over time: its departures first, then the common values.

    Raises:
        Refused: ``unknown_country`` (Japan is known), ``unknown_rule``.
    """
    if name not in RULES:
        raise _no_such_rule(name)
    if party_iso3 != japan.ISO3:
        party_iso3 = country(party_iso3).iso3
    own = _TIMELINES[party_iso3].get(name)
    return (tuple(own) if own else ()) + tuple(COMMON[name])


def rule(party_iso3: str, name: str, day: date) -> Dated[RuleValue]:
    """What a rule said for a Party (``JPN`` or a partner) on a day: its own departure, else the common value.

    A value of ``None`` has the grade *unknown*: looked for and not found.

    Raises:
        Refused: ``unknown_country``, ``unknown_rule``, or ``no_value_on_day``.
    """
    for dated in rule_timeline(party_iso3, name):
        if dated.holds_on(day):
            return dated
    return COMMON[name].on(day)


def may_refuse(dated: Dated[RuleValue]) -> bool:
    """Whether a request may be refused by this value. Recalled and inferred ones warn; an unknown one says nothing."""
    return dated.value is not None and dated.grade.may_refuse


def _no_such_rule(name: str) -> Exception:
    from difflib import get_close_matches

    return UNKNOWN_RULE(name=name, near=get_close_matches(name, RULES, n=3, cutoff=0) or "–")
