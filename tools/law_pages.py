"""Write ``docs/rules.md`` and the law section of ``docs/open_questions.md`` from the rulebook.

Run it from the root of the repository after changing a rule: ``python tools/law_pages.py``.
"""

from __future__ import annotations

from pathlib import Path

from openjcm.rulebook.pages import BEGIN, END, open_questions, rules_page

DOCS = Path(__file__).resolve().parent.parent / "docs"
INTRODUCTION = """# Open questions

What OpenJCM does not know, or knows only by inference or from memory, and what it does until somebody who knows
answers. An answer is entered as data, with its source: the grade then rises, and the line leaves this page.

"""


def with_law_section(page: str) -> str:
    """The page with its law section replaced, or added at the end if it has none."""
    before, found, rest = page.partition(BEGIN)
    if not found:
        return page.rstrip("\n") + "\n\n" + open_questions()
    _, _, after = rest.partition(END + "\n")
    return before + open_questions() + after


def main() -> None:
    """Write both pages."""
    (DOCS / "rules.md").write_text(rules_page(), encoding="utf-8")
    questions = DOCS / "open_questions.md"
    page = questions.read_text(encoding="utf-8") if questions.exists() else INTRODUCTION
    questions.write_text(with_law_section(page), encoding="utf-8")


if __name__ == "__main__":
    main()
