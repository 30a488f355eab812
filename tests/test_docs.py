"""The documents are true: generated pages are current, every name has its line, links resolve, commands exist."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from openjcm.cli import PARTS, load
from openjcm.commands import ACTS
from openjcm.dated import Grade
from openjcm.refusals import REFUSALS
from openjcm.registry.accounts import AccountType, Kind
from openjcm.registry.invariants import INVARIANTS
from openjcm.reports import aef_layout
from openjcm.rulebook.names import RULES
from openjcm.world import public_record, tables

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "src").rglob("*.md")])


def tool(name: str) -> ModuleType:
    """A program of ``tools/`` as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("program", "page"), [("document_refusals", "refusals.md"), ("document_reference", "reference.md")]
)
def test_generated_pages_are_current(program: str, page: str) -> None:
    assert text(page) == tool(program).page(), f"run: python tools/{program}.py"


def test_every_refusal_has_its_entry() -> None:
    tool("document_refusals").import_everything()
    page = text("refusals.md")
    for code, refusal in REFUSALS.items():
        assert f"\n### {code}\n" in page
        assert refusal.ja in page
        assert refusal.remedy_ja in page


def test_every_act_has_its_entry() -> None:
    page = text("reference.md")
    for name, act in ACTS.items():
        assert f"\n### {name}\n" in page
        assert act.title_ja in page


def test_every_invariant_has_its_sentence() -> None:
    page = text("reference.md")
    for name, check in INVARIANTS.items():
        assert f"| `{name}` |" in page
        assert (check.__doc__ or "").strip(), name


def test_every_report_column_has_its_line() -> None:
    page = text("reference.md")
    for table in aef_layout.TABLES:
        for field in table.fields:
            assert f"| {field.label} | `{field.name}` |" in page


def test_every_rule_has_its_line() -> None:
    page = text("rules.md")
    for name in RULES:
        assert f"`{name}`" in page, name


def glossary() -> dict[str, tuple[str, str]]:
    """Term to (Japanese, meaning)."""
    found: dict[str, tuple[str, str]] = {}
    for line in text("glossary.md").splitlines():
        if line.startswith("| ") and not line.startswith("| Term |"):
            term, japanese, meaning = (cell.strip() for cell in line.strip("|").split("|"))
            assert term not in found, f"{term} stands twice"
            found[term] = japanese, meaning
    return found


def test_every_term_has_both_languages_and_a_meaning() -> None:
    terms = glossary()
    assert len(terms) > 80
    for term, (japanese, meaning) in terms.items():
        assert re.search(r"[ぁ-んァ-ヶ一-龠]", japanese), term
        assert len(meaning) > 8, term


SETTLED = (
    "retire", "cancel", "validate", "verify", "first transfer", "side", "block", "holding", "serial", "series",
    "vintage", "credit", "registry", "transfer", "issue", "authorization", "corresponding adjustment", "AEF",
    "emissions balance", "methodology", "reference emissions", "project emissions", "emission reductions", "statement",
    "monitoring report", "transparency log", "checkpoint", "proof", "leaf", "journal", "act", "product", "refusal",
    "invariant", "departure", "notified", "not_applicable", "world", "cannot tell", "evidence grade", "averaging",
    "trajectory", "mirror check", "notice", "mirror", "reconciliation",
)  # fmt: skip


def test_settled_words_and_words_of_the_data_are_in_the_glossary() -> None:
    terms = glossary()
    words = {*SETTLED, *(grade.value for grade in Grade), *(kind.value for kind in Kind)}
    words |= {kind.value for kind in AccountType} - {"retirement", "cancellation"}
    words |= {"retirement account", "cancellation account"}
    assert not words - terms.keys()


def test_retire_and_cancel_are_never_swapped() -> None:
    terms = glossary()
    assert terms["retire"][0] == "無効化"
    assert terms["cancel"][0] == "取消し"


LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page: Path) -> None:
    body = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in LINK.findall(body):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{page.name}: {target}"
        if anchor and found.suffix == ".md":
            headings = {
                slug(line) for line in re.findall(r"^#+ (.*)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            }
            assert anchor in headings, f"{page.name}: {target}"


def slug(heading: str) -> str:
    """The anchor of a heading, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def code_in(page: Path) -> list[str]:
    """Every line of a code block and every piece of inline code of a page."""
    body = page.read_text(encoding="utf-8")
    blocks = [line.strip() for block in re.findall(r"```\w*\n(.*?)```", body, re.DOTALL) for line in block.splitlines()]
    return blocks + re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", body, flags=re.DOTALL))


COMMAND_PAGES = [ROOT / "README.md", ROOT / "README.ja.md", DOCS / "the_life_of_a_tonne.md"]
COMMAND_PAGES += [DOCS / "the_life_of_a_tonne.ja.md", DOCS / "public_record.md"]
COMMAND_PAGES += [DOCS / "notices.md", DOCS / "two_registries.md"]


@pytest.mark.parametrize("page", COMMAND_PAGES, ids=lambda page: page.name)
def test_commands_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    seen = 0
    for code in code_in(page):
        words = code.split()
        if words[:1] == ["make"] and len(words) > 1:
            assert words[1] in targets, code
            seen += 1
        elif words[:1] == ["openjcm"]:
            openjcm_command_exists(re.sub(r"^openjcm( --language \w+)? ", "", code).split(), code)
            seen += 1
    assert seen


def openjcm_command_exists(words: list[str], code: str) -> None:
    """Fail unless the words name a command, and every option is one of its own."""
    assert words[0] in PARTS, code
    command = load(words[0])
    rest = words[1:]
    if hasattr(command, "commands") and rest and not rest[0].isupper():
        assert rest[0] in command.commands, code
        command, rest = command.commands[rest[0]], rest[1:]
    options = {name for parameter in getattr(command, "params", []) for name in parameter.opts}
    assert {word for word in rest if word.startswith("-")} <= options, code


def test_both_readmes_name_the_two_commands() -> None:
    for name in ("README.md", "README.ja.md"):
        code = code_in(ROOT / name)
        assert "make run" in code
        assert "make test" in code


# Figures ------------------------------------------------------------------------------------------------------------


def test_the_figures_of_the_public_record_are_those_of_the_data() -> None:
    page = text("public_record.md")
    projects = tables.projects()
    decisions = public_record.decisions()
    issued = sum(act.act == "issue" for act in public_record.replay())
    for sentence in (
        f"| {len(projects)}: {sum(p.registered_on is not None for p in projects)} registered",
        f"{len({p.host_party for p in projects})} host countries",
        f"{sum(p.estimated_per_year or 0 for p in projects):,} t CO2e a year",
        f"| {len(tables.issuances())}, of which {sum(r.is_aggregate for r in tables.issuances())} sum",
        f"Decisions whose day is known, replayed | {len(decisions)} |",
        f"amount and day known, replayed | {issued} |",
        f"| {len(tables.adoptions())}, of which {sum(a.registered for a in tables.adoptions())} marked",
        f"the places of {sum(p.location is None for p in projects)} of them",
    ):
        assert sentence in page, sentence


def test_the_table_of_mongolia_is_that_of_the_data() -> None:
    page = text("public_record.md")
    rows = [row for row in tables.issuances() if row.reference.startswith("MN") and not row.is_aggregate]
    assert len(rows) == 12
    for row in rows:
        japan_day = "not applicable" if row.japan_side == 0 else str(row.issued_on_japan)
        host_day = str(row.issued_on_host) if row.issued_on_host else "not known"
        line = (
            f"| {row.reference} | {row.decided_on} | {row.total:,} | {row.host_side:,} | {row.japan_side:,} |"
            f" {host_day} | {japan_day} |"
        )
        assert line in page, line


def test_every_conflict_is_on_the_page() -> None:
    page = text("public_record.md")
    names = {"MEX": "Mexico", "LKA": "Sri Lanka"}
    for _, subject, _, _ in public_record.conflicts():
        name = names.get(subject, subject.partition("-")[0])
        assert re.search(rf"^\| {name}[, ]", page, re.MULTILINE), subject
