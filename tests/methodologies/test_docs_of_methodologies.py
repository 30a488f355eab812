"""The page on methodologies names each of them, its versions, and every open question."""

from __future__ import annotations

import runpy
from pathlib import Path

from openjcm.methodologies import METHODOLOGIES
from openjcm.mrv.gaps import BRIDGED_ENERGY_ALLOCATION, GAP_RULES

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "methodologies.md").read_text(encoding="utf-8")


def test_every_methodology_version_and_open_question_is_on_the_page() -> None:
    for name, m in METHODOLOGIES.items():
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| {name} |"))
        assert all(version in row for version in m.versions)
        assert str(m.evidence) in row
        for approved in (version.approved for version in m.versions.values() if version.approved):
            assert approved.isoformat() in row
        for question in m.interpretations.values():
            assert f"| {name} | `{question.name}` |" in PAGE
            assert f"`{question.taken}`" in PAGE


def test_the_open_questions_name_each_interpretation_and_each_rule_for_gaps() -> None:
    questions = (DOCS / "open_questions.md").read_text(encoding="utf-8")
    for name, m in METHODOLOGIES.items():
        for question in m.interpretations.values():
            assert f"| {name}: " in questions
            assert f"`{question.name}` = `{question.taken}`" in questions
    assert f"`{BRIDGED_ENERGY_ALLOCATION.name}`" in questions
    assert all(f"rule {name}" in questions for name in GAP_RULES)


def test_the_generated_sections_are_current() -> None:
    tool = runpy.run_path(str(DOCS.parent / "tools" / "document_methodologies.py"))
    for name, sections in tool["SECTIONS"].items():
        page = (DOCS / name).read_text(encoding="utf-8")
        assert tool["with_sections"](page, sections) == page, "run: python tools/document_methodologies.py"
