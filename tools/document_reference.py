"""Write ``docs/reference.md``: every act, invariant and report column, from the code that defines them.

``python tools/document_reference.py`` writes the page; with ``--check`` it only says whether the page is current.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openjcm.commands import ACTS, Act
from openjcm.commands.field_texts import FIELDS_JA
from openjcm.registry.invariants import INVARIANTS
from openjcm.reports import aef_layout

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference.md"
HEAD = """# Reference: acts, invariants, report columns

(This page is made by `tools/document_reference.py` from the code. Refusals stand in [refusals.md](refusals.md), the
rules that vary between partner countries in [rules.md](rules.md), terms in [glossary.md](glossary.md).)
"""


def acts() -> Iterator[str]:
    """One section for each act: titles, permission, fields of the request."""
    yield "## Acts / 手続"
    yield "Each act is one command (`openjcm act NAME`), one API operation and one entry of the journal."
    for name in sorted(ACTS):
        yield act(ACTS[name])


def act(one: Act[Any, Any]) -> str:
    """The section of one act."""
    schema = one.request.model_json_schema()
    required = set(schema.get("required", ()))
    lines = [f"### {one.name}", "", f"{one.title_en} / {one.title_ja} (permission: `{one.permission}`)", ""]
    lines += ["| Field | Needed | Meaning | 意味 |", "|---|---|---|---|"]
    for field, about in schema["properties"].items():
        meaning = " ".join(str(about.get("description", "")).split()).replace("|", "\\|")
        japanese = FIELDS_JA[field].replace("|", "\\|")
        lines.append(f"| `{field}` | {'yes' if field in required else 'no'} | {meaning} | {japanese} |")
    return "\n".join(lines)


def invariants() -> Iterator[str]:
    """One line for each invariant: its name and the sentence that an auditor may quote."""
    yield "## Invariants / 不変条件"
    yield "`openjcm audit` runs them all over the database."
    rows = (f"| `{name}` | {_sentence(check)} |" for name, check in INVARIANTS.items())
    yield "\n".join(("| Name | Sentence |", "|---|---|", *rows))


def _sentence(check: object) -> str:
    return " ".join((inspect.getdoc(check) or "").split())


def columns() -> Iterator[str]:
    """The tables of the agreed electronic format with their columns, in the order of filing."""
    yield "## Columns of the agreed electronic format (AEF)"
    yield "Annual information under Article 6.2 (4/CMA.6, annex II): `openjcm report aef`."
    for title, labels in aef_columns():
        rows = (f"| {label} | `{technical}` |" for label, technical in labels)
        yield "\n".join((f"### {title}", "", "| Column | Technical name |", "|---|---|", *rows))


def aef_columns() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The title of each table and its columns: (label, technical name)."""
    for table in aef_layout.TABLES:
        yield table.title, [(field.label, field.name) for field in table.fields]


def page() -> str:
    """The whole page."""
    return "\n\n".join((HEAD.rstrip(), *acts(), *invariants(), *columns())) + "\n"


def main() -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the page is current")
    if parser.parse_args().check:
        return 0 if PAGE.read_text(encoding="utf-8") == page() else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
