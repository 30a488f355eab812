"""The house keeps its own rules: who may know whom, what is pure, where SQL and ``float`` stand, how long things get.

The rules are those of ``docs/decisions/0001-the-house.md``. Each exception is named here with its reason; the lists of
long modules and functions may only shrink.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "openjcm"

FREE = {"canonical", "dated", "frozen", "refusals", "signed", "units"}
"""Values that anybody may import. They import nothing of ours but each other."""

CORE = {"mrv", "methodologies", "project_cycle", "verification", "registry", "article6", "rulebook", "factors", "log"}
MAY_IMPORT: dict[str, set[str]] = {
    **{part: set() for part in FREE},
    "log": set(),
    "rulebook": set(),
    "factors": set(),
    "mrv": {"factors"},
    "methodologies": {"mrv"},
    "project_cycle": {"mrv", "rulebook"},
    "verification": {"mrv", "rulebook", "project_cycle"},
    "registry": set(),
    "article6": {"registry"},
    "reports": {"article6", "registry", "mrv", "methodologies", "project_cycle", "verification", "rulebook", "log"},
    "store": {"log", "registry"},
    "commands": {*CORE, "reports", "store"},
    "views": {*CORE, "store"},
    "api": {"commands", "views", "reports"},
    "web": {"api", "commands", "views", "reports"},
    "world": {"commands", "reports", "views"},
    "gateway": {"mrv"},
    "cli_parts": {"commands", "views", "reports", "world", "gateway"},
    "cli": {"cli_parts"},
    "__main__": {"cli"},
}
"""Part of the house → the parts it may import, beside itself and the free values."""

MAY_ALSO_IMPORT: dict[str, tuple[set[str], str]] = {
    "cli_parts.serve": ({"store", "web"}, "starts the database and the pages: the only place where a program begins"),
    "world.demonstration": ({"mrv"}, "writes its monitoring plan and mappings as the value types of mrv"),
    "cli_parts.fleet": ({"mrv"}, "clusters and judges meter files that are not on record"),
    "cli_parts.judging": ({"mrv"}, "keeps what an engine finds, bucket by bucket"),
    "cli_parts.replay": ({"web"}, "draws the picture of the page into a file; charts are pure"),
    "cli_parts.readings": ({"mrv"}, "looks at a meter file before anything is recorded"),
    "cli_parts.certificate": ({"log"}, "checks a certificate offline, in the words of the checker of proofs"),
    "cli_parts.mqtt": ({"mrv"}, "knows the form of a gateway's name, which stands in the topic"),
    "cli_parts.live": ({"mrv"}, "checks a batch set offline against the signed batches"),
    "cli_parts.proposal": ({"registry"}, "signs and checks proposals offline with the pure functions themselves"),
    "cli_parts.log": ({"log"}, "the checker is a program of its own in log, and checkpoints are opened and shown"),
    "cli_parts.witness": ({"log"}, "the key of the log to be watched is read where it is typed"),
    "world.live_gateway": ({"mrv"}, "reads the register and signs batches as a gateway does"),
    "world.other_system": ({"registry"}, "writes notices and a statement in the form of another system"),
    "world.life": ({"article6"}, "tells of first transfer and adjustment with the pure functions themselves"),
    "cli_parts.database": ({"store"}, "the operator's door to the embedded database"),
}
"""Module → further parts, and why."""

PURE = {*FREE, *CORE, "uses"}
IMPURE_MODULES = {
    *{"os", "io.open", "pathlib", "shutil", "tempfile", "glob", "fcntl", "mmap"},
    *{"time", "sched", "random", "secrets", "uuid"},
    *{"socket", "ssl", "http", "urllib", "requests", "httpx", "ftplib", "smtplib", "asyncio", "aiohttp"},
    *{"psycopg", "sqlite3", "duckdb", "subprocess", "multiprocessing", "signal", "ctypes"},
    *{"fastapi", "starlette", "granian", "typer", "jinja2", "structlog", "logging"},
}
IMPURE_CALLS = {"open", "input", "print", "eval", "exec", "breakpoint"}
IMPURE_METHODS = {"now", "utcnow", "today", "read_text", "read_bytes", "write_text", "write_bytes"}
MAY_BE_IMPURE: dict[str, tuple[set[str], str]] = {
    "frozen": ({"exec"}, "writes a class's __init__ from the names of its fields, as dataclasses does"),
    "log.check_proof": ({"pathlib", "print", "read_bytes"}, "a small program of its own, which anyone runs alone"),
    "mrv.engine.clustered": ({"pathlib", "read_bytes", "write_bytes"}, "readings beyond memory lie in a folder"),
    "mrv.engine.clustering": ({"pathlib", "write_bytes"}, "and are brought there through runs on disk"),
    "mrv.intake_bytes": ({"pathlib"}, "a meter file may be larger than memory, so it may be handed in by its path"),
}
"""Pure module → the impure names it may use, and why."""

EXACT = {"canonical", "units", "registry", "article6", "commands"}
MAY_USE_FLOAT = {
    "commands.framework": "seconds to wait before the next try",
    "commands.rounds": "seconds to wait before the next round",
}
SQL_PARTS = {"views", "store", "commands", "gateway"}
"""The gateway's spool is a file of its own beside the meters; it knows no other database."""
SQL = re.compile(
    r"\s*(select\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s|create\s+table\s)", re.I
)

LONGEST_MODULE = 500
LONGEST_FUNCTION = 60
LONG_MODULES: dict[str, int] = {
    "world.public_record": 700,
}
LONG_FUNCTIONS: dict[str, int] = {
    "mrv.engine.text.numbers": 80,
    "mrv.engine.text.split": 65,
}
"""What was longer when the rule was made, and how long. Shorten one, and take it off."""


@dataclass(frozen=True)
class Module:
    """One module of the source, read but not imported."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def part(self) -> str:
        return self.name.partition(".")[0]

    def imports(self) -> Iterator[str]:
        """The full names of what it imports, wherever the import stands."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name}: a relative import hides who is known"
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def parts_known(self) -> set[str]:
        """The other parts of the house that it imports."""
        ours = (name.split(".") for name in self.imports() if name.split(".")[0] == "openjcm")
        return {words[1] for words in ours if len(words) > 1} - {self.part}


def module(path: Path) -> Module:
    name = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
    return Module(name, path.read_text(encoding="utf-8"))


MODULES = [module(path) for path in sorted(SOURCE.rglob("*.py")) if path != SOURCE / "__init__.py"]
PARTS = sorted({item.part for item in MODULES})


def unknown_neighbours(item: Module) -> set[str]:
    """The parts that a module imports and may not."""
    also = MAY_ALSO_IMPORT.get(item.name, (set(), ""))[0]
    return item.parts_known() - MAY_IMPORT[item.part] - FREE - also


def impurities(item: Module) -> set[str]:
    """Clock, disk, network, database and console, as far as a reader of the source can see them."""
    found = set()
    for name in item.imports():
        words = name.split(".")
        found |= {".".join(words[:length]) for length in (1, 2)} & IMPURE_MODULES
    for node in ast.walk(item.tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in IMPURE_CALLS:
                found.add(called.id)
            if isinstance(called, ast.Attribute) and called.attr in IMPURE_METHODS and not _is_resource(called.value):
                found.add(called.attr)
    return found - MAY_BE_IMPURE.get(item.name, (set(), ""))[0]


def _is_resource(node: ast.expr) -> bool:
    """Whether the value is a file of the package itself, which is as constant as the source."""
    text = ast.unparse(node)
    return "files(" in text or "resources." in text


def floats(item: Module) -> list[str]:
    """Where a module makes a floating-point number."""
    found = []
    for node in ast.walk(item.tree):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
        if literal or called:
            found.append(f"{item.name}:{node.lineno}")  # type: ignore[attr-defined]
    return found


def sql_texts(item: Module) -> list[str]:
    """Where a text stands that begins like SQL."""
    texts = (node for node in ast.walk(item.tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [f"{item.name}:{node.lineno}" for node in texts if SQL.match(str(node.value)) and len(str(node.value)) > 15]


def functions(item: Module) -> Iterator[tuple[str, int]]:
    """Each function and its number of lines."""
    for node in ast.walk(item.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{item.name}.{node.name}", (node.end_lineno or 0) - node.lineno + 1


@pytest.mark.parametrize("part", PARTS)
def test_each_part_imports_only_whom_it_may_know(part: str) -> None:
    assert part in MAY_IMPORT, f"the new part {part!r} needs its line in the rules"
    wrong = {item.name: sorted(unknown_neighbours(item)) for item in MODULES if item.part == part}
    assert not {name: parts for name, parts in wrong.items() if parts}


@pytest.mark.parametrize("part", sorted(PURE & set(PARTS)))
def test_the_core_is_pure(part: str) -> None:
    wrong = {item.name: sorted(impurities(item)) for item in MODULES if item.part == part}
    assert not {name: names for name, names in wrong.items() if names}


@pytest.mark.parametrize("part", sorted(EXACT & set(PARTS)))
def test_no_floating_point_near_tonnes_and_law(part: str) -> None:
    assert not [
        place for item in MODULES if item.part == part and item.name not in MAY_USE_FLOAT for place in floats(item)
    ]


def test_sql_stands_only_with_the_store_the_views_and_the_acts() -> None:
    assert not [place for item in MODULES if item.part not in SQL_PARTS for place in sql_texts(item)]


def test_modules_stay_short() -> None:
    lengths = {item.name: len(item.text.splitlines()) for item in MODULES}
    assert not {name: n for name, n in lengths.items() if n > LONG_MODULES.get(name, LONGEST_MODULE)}


def test_functions_stay_short() -> None:
    lengths = dict(pair for item in MODULES for pair in functions(item))
    assert not {name: n for name, n in lengths.items() if n > LONG_FUNCTIONS.get(name, LONGEST_FUNCTION)}


def test_the_lists_of_exceptions_name_what_exists_and_needs_them() -> None:
    by_name = {item.name: item for item in MODULES}
    for name, (parts, reason) in MAY_ALSO_IMPORT.items():
        assert reason and by_name[name].parts_known() >= parts, name
    for name, (_, reason) in MAY_BE_IMPURE.items():
        assert reason and name in by_name, name
    long_modules = {name for name, item in by_name.items() if len(item.text.splitlines()) > LONGEST_MODULE}
    assert LONG_MODULES.keys() <= long_modules
    long_functions = {name for item in MODULES for name, lines in functions(item) if lines > LONGEST_FUNCTION}
    assert LONG_FUNCTIONS.keys() <= long_functions


@pytest.mark.parametrize(
    ("name", "text", "offence"),
    [
        ("registry.x", "from openjcm.mrv import readings", unknown_neighbours),
        ("log.x", "import openjcm.registry.serials", unknown_neighbours),
        ("web.x", "def f():\n    from openjcm import store", unknown_neighbours),
        ("registry.x", "import os", impurities),
        ("mrv.x", "from datetime import datetime\ndatetime.now()", impurities),
        ("mrv.x", "from urllib.request import urlopen", impurities),
        ("rulebook.x", "open('f')", impurities),
        ("article6.x", "float('1')", floats),
        ("commands.x", "half = 0.5", floats),
        ("web.x", "q = 'select * from account'", sql_texts),
        ("web.x", "q = '''\n  insert into account values (1)'''", sql_texts),
    ],
)
def test_each_rule_notices_an_offence(name: str, text: str, offence: object) -> None:
    assert callable(offence)
    assert offence(Module(name, text))


def test_nothing_is_left_unfinished_or_skipped() -> None:
    unfinished = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|raise NotImplemented" r"Error)\b")
    skipped = re.compile(r"pytest\.(mark\.)?(sk" r"ip|xf" r"ail|import" r"orskip)")
    texts = {
        path: path.read_text(encoding="utf-8")
        for folder in ("src", "tools", "tests")
        for path in (ROOT / folder).rglob("*.py")
    }
    assert not [path for path, text in texts.items() if unfinished.search(text)]
    assert not [path for path, text in texts.items() if "tests" in path.parts and skipped.search(text)]


def test_no_text_knows_the_machine_it_was_written_on() -> None:
    known = re.compile(r"/wor" r"k/|/roo" r"t/|pypi" r"\.org|pythonhosted" r"\.org|npmjs" r"\.(org|com)")
    folders = ("src", "tests", "tools", "docs", "benchmarks", ".ci")
    paths = (
        [path for folder in folders for path in (ROOT / folder).rglob("*")]
        + list(ROOT.glob("*.*"))
        + [ROOT / "Makefile"]
    )
    kinds = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".lock", ".sql", ".html", ".mjs", ".ts", ".css", ""}
    texts = [
        path
        for path in paths
        if path.is_file() and path.suffix in kinds and not {"node_modules", ".git"} & {*path.parts}
    ]
    assert not [path for path in texts if known.search(path.read_text(encoding="utf-8", errors="replace"))]


def test_help_starts_fast_and_without_the_heavy_libraries() -> None:
    program = (
        "import sys; sys.argv = ['openjcm', '--help']\n"
        "from openjcm.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('heavy:', sorted({'numba', 'pyarrow', 'numpy', 'fastapi', 'psycopg', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "heavy: []" in done.stdout
    assert "methodology" in done.stdout
