"""Refusals that teach: what was wrong, where, by which rule, and how to mend it, in Japanese and English.

A module declares each of its refusals once, next to the code that raises it::

    OVERDRAFT = refusal(
        "overdraft",
        en="…{account} holds {held}, asked for {asked}.", ja="…",
        remedy_en="…", remedy_ja="…", clause="…")

    raise OVERDRAFT(account=…, held=…, asked=…)

The declaration checks itself: a code used twice or a text whose placeholders differ between the languages fails at
import, and ``docs/refusals.md`` lists every code (kept by a test).

A :class:`Finding` is the softer form: something seen in data, with the rows that prove it. It *blocks*, asks to be
*explained*, or merely *informs*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from string import Formatter

REFUSALS: dict[str, Refusal] = {}
"""Every declared refusal by its code, filled as the modules are imported."""


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@dataclass(frozen=True)
class Refusal:
    """The declaration of one refusal. Calling it with its facts makes the exception to raise."""

    code: str
    en: str
    ja: str
    remedy_en: str
    remedy_ja: str
    clause: str
    status: int = 422

    def __call__(self, **facts: object) -> Refused:
        """The exception, with its facts filled in. A missing fact is a programmer's error (``KeyError``)."""
        missing = (_placeholders(self.en) | _placeholders(self.remedy_en)) - facts.keys()
        if missing:
            raise KeyError(f"refusal {self.code} lacks the facts {sorted(missing)}")
        return Refused(self, {name: _fact_text(value) for name, value in facts.items()})


def _fact_text(value: object) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list | tuple) else str(value)


def refusal(code: str, *, en: str, ja: str, remedy_en: str, remedy_ja: str, clause: str, status: int = 422) -> Refusal:
    """Declare a refusal (see the module's text). ``status`` is the HTTP status that the API answers with.

    Raises:
        ValueError: if the code is taken, a text is empty, or the languages name different facts.
    """
    if code in REFUSALS:
        raise ValueError(f"the refusal code {code!r} is declared twice")
    for text in (en, ja, remedy_en, remedy_ja, clause):
        if not text.strip():
            raise ValueError(f"refusal {code!r} has an empty text")
    if _placeholders(en) != _placeholders(ja) or _placeholders(remedy_en) != _placeholders(remedy_ja):
        raise ValueError(f"refusal {code!r} names different facts in Japanese and English")
    REFUSALS[code] = Refusal(code, en, ja, remedy_en, remedy_ja, clause, status)
    return REFUSALS[code]


class Refused(Exception):
    """A request was refused; nothing was changed. Carries the declaration and the facts of the case."""

    def __init__(self, declaration: Refusal, facts: Mapping[str, str]) -> None:
        self.declaration = declaration
        self.facts = dict(facts)
        super().__init__(f"{declaration.code}: {self.message('en')}")

    def __reduce__(self) -> tuple[type[Refused], tuple[Refusal, dict[str, str]]]:
        """A refusal may come from another process."""
        return Refused, (self.declaration, self.facts)

    @property
    def code(self) -> str:
        """The stable code, part of the public interface."""
        return self.declaration.code

    def message(self, language: str) -> str:
        """What was wrong and where, in ``"ja"`` or ``"en"``."""
        return (self.declaration.ja if language == "ja" else self.declaration.en).format(**self.facts)

    def remedy(self, language: str) -> str:
        """How to mend it, in ``"ja"`` or ``"en"``."""
        return (self.declaration.remedy_ja if language == "ja" else self.declaration.remedy_en).format(**self.facts)

    def as_data(self) -> dict[str, object]:
        """The refusal as plain data for CLI, API (RFC 9457 members are added there) and pages."""
        return {
            "code": self.code,
            "message": {"en": self.message("en"), "ja": self.message("ja")},
            "remedy": {"en": self.remedy("en"), "ja": self.remedy("ja")},
            "clause": self.declaration.clause,
            "facts": dict(self.facts),
        }


class Severity(StrEnum):
    """What a finding asks for."""

    BLOCKS = "blocks"
    EXPLAIN = "explain"
    INFORMS = "informs"


@dataclass(frozen=True)
class Finding:
    """Something seen in the data, with what proves it.

    ``rule`` is the identifier of the rule that found it (for readings ``Q04``, ``Q08`` …), ``facts`` its figures as
    text, ``rows`` the 1-based row numbers in the source file that prove it (the first hundred), ``row_count`` how
    many there are in all.
    """

    rule: str
    severity: Severity
    en: str
    ja: str
    clause: str
    facts: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[int, ...] = ()
    row_count: int = 0

    def message(self, language: str) -> str:
        """The sentence of the finding in ``"ja"`` or ``"en"``, facts filled in."""
        return (self.ja if language == "ja" else self.en).format(**self.facts)
