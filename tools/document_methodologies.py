"""Write the generated sections of ``docs/methodologies.md`` and ``docs/open_questions.md`` from the methodologies.

``python tools/document_methodologies.py`` writes both pages; with ``--check`` it only says whether they are current.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from openjcm.dated import GRADES_BEST_FIRST
from openjcm.methodologies import METHODOLOGIES
from openjcm.methodologies.catalogue import FAMILIES, catalogue
from openjcm.mrv.methodology import Methodology
from openjcm.views.partners import country_names

DOCS = Path(__file__).resolve().parent.parent / "docs"
BEGIN, END = "<!-- {name}: begin -->", "<!-- {name}: end -->"


def counts() -> Iterator[str]:
    """How many are on file and how many run, by evidence grade."""
    on_file = Counter(one.calculation_grade for one in catalogue().values())
    runs = Counter(m.evidence for m in METHODOLOGIES.values())
    yield f"{len(catalogue())} are on file, approved or proposed. {len(METHODOLOGIES)} texts can be calculated."
    yield ""
    yield "| how the calculation is known | on file | runs |"
    yield "|---|---:|---:|"
    for grade in GRADES_BEST_FIRST:
        yield f"| {grade} | {on_file[grade]} | {runs[grade]} |"


def running() -> Iterator[str]:
    """Every text that can be calculated."""
    yield "| ID | title | kind | versions | how the text is known | open readings |"
    yield "|---|---|---|---|---|---:|"
    for name, m in METHODOLOGIES.items():
        versions = ", ".join(v.number + (f" ({v.approved})" if v.approved else "") for v in m.versions.values())
        on_file = catalogue().get(name)
        family = FAMILIES[on_file.family][0] if on_file and on_file.family else "–"
        title = f"{m.title} ({_country(m)})"
        yield f"| {name} | {title} | {family} | {versions} | {m.evidence} | {len(m.interpretations)} |"


def on_file_only() -> Iterator[str]:
    """What is known of too little to be calculated."""
    rest = [one for one in catalogue().values() if one.id not in METHODOLOGIES]
    yield f"{len(rest)} more are on file only:"
    yield ""
    yield "| ID | title | versions |"
    yield "|---|---|---|"
    for one in rest:
        versions = ", ".join(v.number + (f" ({v.approved})" if v.approved else "") for v in one.versions)
        yield f"| {one.id} | {one.title or 'not known'} | {versions or 'not known'} |"


def readings() -> Iterator[str]:
    """Every open reading, for the page of methodologies."""
    yield "| methodology | name | question | taken |"
    yield "|---|---|---|---|"
    for name, m in METHODOLOGIES.items():
        for one in m.interpretations.values():
            others = ", ".join(f"`{answer}`" for answer in one.answers if answer != one.taken)
            can = f"; {others} can be chosen" if others else ""
            yield f"| {name} | `{one.name}` | {one.en} | `{one.taken}`{can} |"


def questions() -> Iterator[str]:
    """Every open reading, for the page of open questions, with whom to ask."""
    yield "| Question | Now taken | Grade | Whom to ask |"
    yield "|---|---|---|---|"
    for name, m in METHODOLOGIES.items():
        for one in m.interpretations.values():
            whom = f"Joint Committee with {_country(m)}"
            yield f"| {name}: {one.en} | `{one.name}` = `{one.taken}` | {m.evidence} | {whom} |"


def _country(m: Methodology) -> str:
    return country_names().get(m.country, (m.country, ""))[0]


SECTIONS: dict[str, dict[str, Callable[[], Iterator[str]]]] = {
    "methodologies.md": {"counts": counts, "running": running, "on file only": on_file_only, "readings": readings},
    "open_questions.md": {"readings": questions},
}


def with_sections(page: str, sections: dict[str, Callable[[], Iterator[str]]]) -> str:
    """The page with each marked section written anew."""
    for name, lines in sections.items():
        begin, end = BEGIN.format(name=name), END.format(name=name)
        before, found, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        assert found and closed, f"the page has no section {name!r}"
        body = "\n".join(lines())
        page = f"{before}{begin}\n{body}\n{end}{after}"
    return page


def main() -> None:
    """Write or check both pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = []
    for name, sections in SECTIONS.items():
        old = (DOCS / name).read_text(encoding="utf-8")
        new = with_sections(old, sections)
        if new != old:
            stale.append(name)
        if not check:
            (DOCS / name).write_text(new, encoding="utf-8")
    if check and stale:
        sys.exit(f"not current: {stale}; run python tools/document_methodologies.py")


if __name__ == "__main__":
    main()
