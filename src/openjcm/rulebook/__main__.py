"""Print a page of the rulebook: ``python -m openjcm.rulebook rules`` or ``… open-questions``."""

from __future__ import annotations

import sys

from openjcm.rulebook.pages import open_questions, rules_page

PAGES = {"rules": rules_page, "open-questions": open_questions}


def main(arguments: list[str]) -> int:
    """Print the page asked for; 2 if there is no such page."""
    if len(arguments) != 1 or arguments[0] not in PAGES:
        sys.stderr.write(f"usage: python -m openjcm.rulebook {{{'|'.join(PAGES)}}}\n")
        return 2
    sys.stdout.write(PAGES[arguments[0]]())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
