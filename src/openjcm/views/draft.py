"""What would a draft of a methodology say? A draft is a Python file that the operator names on the own machine.

A file is looked at before it is run: it may import the parts that a methodology is made of, and nothing else, and use
none of the names that reach out of a formula. That keeps slips and unread attachments out; it is no wall against an
author who means harm. Drafts come from the command line only, never from a page, an upload or a bundle.
"""

from __future__ import annotations

import ast
from pathlib import Path
from types import ModuleType

from openjcm.methodologies import methodology
from openjcm.mrv.methodology import Methodology
from openjcm.refusals import Refused, refusal

ALLOWED_MODULES = {
    "__future__",
    "fractions",
    "openjcm.dated",
    "openjcm.units",
    "openjcm.mrv.declarations",
    "openjcm.mrv.methodology",
    "openjcm.mrv.techniques",
    "openjcm.mrv.trace",
}
"""What a methodology is made of (see ``docs/add_a_methodology.md``)."""

FORBIDDEN_NAMES = {
    *{"open", "exec", "eval", "compile", "input", "print", "breakpoint", "globals", "locals", "vars", "dir"},
    *{"getattr", "setattr", "delattr", "type", "object", "super", "memoryview", "help", "exit", "quit"},
}
LARGEST = 1_000_000

DRAFT_NOT_UNDERSTOOD = refusal(
    "draft_not_understood",
    en="The draft {file} is no methodology: {reason}.",
    ja="草案 {file} は方法論として読めません: {reason}。",
    remedy_en="Write the file as docs/add_a_methodology.md shows: one methodology named m.",
    remedy_ja="docs/add_a_methodology.md のとおり、m という名前の方法論を 1 つ記述してください。",
    clause="OpenJCM: a draft is one Python file that declares one methodology",
)
DRAFT_REACHES_OUT = refusal(
    "draft_reaches_out",
    en="The draft {file} was not run: line {line} uses “{name}”, which no methodology needs.",
    ja="草案 {file} は実行されませんでした: {line} 行目で、方法論に不要な「{name}」が使われています。",
    remedy_en="A draft imports only {allowed}, and has neither names that begin with __ nor access to files.",
    remedy_ja="草案が読み込めるのは {allowed} のみです。__ で始まる名前やファイル操作は使えません。",
    clause="OpenJCM: the core is pure; a methodology knows neither disk nor network",
)


def methodology_or_draft(name: str) -> tuple[Methodology, str]:
    """A methodology by ``ID``, ``ID@VERSION`` or the path of a Python file (``PATH@VERSION``), and the version named.

    Without a version, the last one that the text declares.

    Raises:
        Refused: ``unknown_methodology``, ``unknown_methodology_version``, ``draft_not_understood``,
            ``draft_reaches_out``, and what the check of the declarations refuses.
    """
    where, _, version = (name, "", "") if name.endswith(".py") or "@" not in name else name.rpartition("@")
    found = load_draft(Path(where)) if where.endswith(".py") else methodology(where.upper())
    chosen = version or list(found.versions)[-1]
    if chosen not in found.versions and chosen.zfill(4) in found.versions:
        chosen = chosen.zfill(4)
    return found, found.version_of(chosen).number


def load_draft(path: Path) -> Methodology:
    """The methodology of a file, checked as those of this software are.

    Raises:
        Refused: ``draft_not_understood``, ``draft_reaches_out``, and what the check of the declarations refuses.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"more than {LARGEST} bytes")
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text, str(path))
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError) as error:
        raise DRAFT_NOT_UNDERSTOOD(file=path.name, reason=f"{type(error).__name__} {error}"[:200]) from error
    _refuse_reaching_out(tree, path.name)
    module = ModuleType("openjcm_draft")
    try:
        exec(compile(tree, str(path), "exec"), module.__dict__)  # noqa: S102 - the operator's own file, looked at above
        found = module.__dict__["m"]
        if not isinstance(found, Methodology):
            raise TypeError("m is no Methodology")
        if not found.versions:
            raise ValueError("it declares no version")
        found.source_text = text
        return found.check()
    except Refused:
        raise
    except Exception as error:
        raise DRAFT_NOT_UNDERSTOOD(file=path.name, reason=f"{type(error).__name__} {error}"[:200]) from error


def _refuse_reaching_out(tree: ast.Module, file: str) -> None:
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name not in ALLOWED_MODULES]
        elif isinstance(node, ast.ImportFrom):
            known = node.level == 0 and node.module in ALLOWED_MODULES
            names = [f"{node.module}"] if not known else [alias.name for alias in node.names if alias.name[0] == "_"]
            names = [] if node.module == "__future__" else names
        elif isinstance(node, ast.Name) and (node.id in FORBIDDEN_NAMES or node.id.startswith("__")):
            names = [node.id]
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            names = [node.attr]
        elif isinstance(node, ast.While | ast.AsyncFunctionDef | ast.ClassDef | ast.Await):
            names = [type(node).__name__]
        if names:
            raise DRAFT_REACHES_OUT(
                file=file, line=getattr(node, "lineno", 0), name=names[0], allowed=sorted(ALLOWED_MODULES)
            )
