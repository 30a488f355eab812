"""The rulebook as pages to read: every rule with its meaning, value, source, grade and departures; and what is open.

``docs/rules.md`` and the law section of ``docs/open_questions.md`` are these texts; a test keeps them so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from openjcm.dated import Dated, Grade
from openjcm.rulebook import COMMON, COUNTRIES, RULES, RuleName, RuleValue, japan

OPEN_GRADES = (Grade.UNKNOWN, Grade.RECALLED, Grade.INFERRED)
"""The grades whose values are questions to the authorities."""

BEGIN, END = "<!-- law: begin -->", "<!-- law: end -->"
"""The marks around the law section of ``docs/open_questions.md``."""


def rules_page() -> str:
    """``docs/rules.md``."""
    lines = [
        "# The rules that may differ",
        "",
        f"{len(RULES)} rules, in the order of the project cycle. Each stands in `src/openjcm/rulebook/names.py`, its "
        "common value in `common.py`, Japan's own in `japan.py`, and each partner's departures in its one file under "
        "`countries/`. `python tools/law_pages.py` writes this page.",
        "",
        "Grades: **read** in the official document or on the official page; **secondary**, in a source that repeats "
        "it; **recalled**, from background knowledge; **inferred** from other facts; **unknown**, looked for and not "
        "found. "
        "Only read and secondary values may refuse a request; recalled and inferred ones warn; an unknown one is never "
        "replaced by a guess.",
    ]
    topic = ""
    for rule in RULES.values():
        if rule.topic != topic:
            topic = rule.topic
            lines += ["", f"## {topic}"]
        lines += ["", *_rule(rule)]
    return "\n".join(lines) + "\n"


def _rule(rule: RuleName) -> Iterator[str]:
    yield f"### `{rule.name}`"
    yield ""
    yield f"{rule.en}  "
    yield rule.ja
    yield ""
    yield f"- Where: {rule.clause}. Value: {rule.kind}{f' ({rule.unit})' if rule.unit else ''}."
    for dated in COMMON[rule.name]:
        yield f"- Common: {_dated(rule, dated)}"
    for owner, own in departures(rule.name):
        yield f"- {owner}: {_dated(rule, own)}"


def departures(name: str) -> Iterator[tuple[str, Dated[RuleValue]]]:
    """Who departs from the common value of a rule, Japan first, then the partners in order of signing."""
    for dated in japan.TIMELINES.get(name, ()):
        yield "Japan", dated
    for country in COUNTRIES:
        for dated in country.timelines.get(name, ()):
            yield country.name_en, dated


def _dated(rule: RuleName, dated: Dated[RuleValue]) -> str:
    cited = "; ".join(text for text in (dated.citation.source, dated.citation.clause) if text)
    note = f" {dated.citation.note}" if dated.citation.note else ""
    return f"**{value_text(rule, dated.value)}**{_days(dated)} — {dated.grade}: {cited}.{note}"


def value_text(rule: RuleName, value: RuleValue) -> str:
    """A value in words: ``15 days``, ``1/2``, ``yes``, ``not known``."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(value) or "none"
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        counted = rule.unit not in {"", "calendar year", "yen"}
        return f"{value} {rule.unit}{'s' if value != 1 else ''}" if counted else str(value)
    return value


def _days(dated: Dated[RuleValue]) -> str:
    since = f", since {dated.since}" if dated.since else ""
    return since + (f", until {dated.until}" if dated.until else "")


def open_questions() -> str:
    """The law section of ``docs/open_questions.md``: every value that the authorities should confirm or state."""
    lines = [
        BEGIN,
        "## Law",
        "",
        "Every rule whose value is unknown, recalled or inferred, and what OpenJCM does until it is answered. "
        "`python tools/law_pages.py` writes this section.",
        "",
        "| Question | Rule | Now taken | Grade | Why |",
        "|---|---|---|---|---|",
        *_open_rows("All partners", ((name, tuple(COMMON[name])) for name in RULES)),
        *_open_rows("Japan", ((name, tuple(line)) for name, line in japan.TIMELINES.items())),
    ]
    for country in COUNTRIES:
        own = ((name, tuple(line)) for name, line in country.timelines.items() if name != "registry_time_zone")
        lines += _open_rows(country.name_en, own)
    lines += [
        "| All partners: which time zone makes the registry's day? | `registry_time_zone` | zone of the capital | "
        "inferred | No text was found. |",
        "",
        "### State of each partner's rules",
        "",
        *_open_statuses(),
        "",
        "### Factors",
        "",
        "- Mongolia, MN_AM003 version 03.0 (approved 2024-08-04): its emission factors were not read. Is 0.797 (0.533) "
        "tCO2e/MWh of version 02.0 unchanged?",
        "- Indonesia: day and methodology of the paper on grid emission factors, and the grids after Kendari.",
        "- Thailand (TH_AM001), Chile (CL_AM001), Philippines (PH_AM001, PH_AM002): the factors themselves.",
        "- Which assessment report's global warming potentials each methodology means, where it names none.",
        END,
    ]
    return "\n".join(lines) + "\n"


def _open_rows(owner: str, rules: Iterable[tuple[str, tuple[Dated[RuleValue], ...]]]) -> Iterator[str]:
    for name, values in rules:
        for dated in values:
            if dated.grade in OPEN_GRADES:
                rule = RULES[name]
                cells = (
                    f"{owner}: {rule.en}",
                    f"`{name}`",
                    value_text(rule, dated.value) + _days(dated),
                    str(dated.grade),
                    dated.citation.note or dated.citation.source,
                )
                yield "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def _open_statuses() -> Iterator[str]:
    for country in COUNTRIES:
        for dated in country.article6_status:
            if dated.grade in OPEN_GRADES:
                days = f"{dated.since or '…'} to {dated.until or 'now'}"
                yield f"- {country.name_en}, {days}: {dated.value} ({dated.grade}). {dated.citation.note}"
