"""Every refusal of the ledger, the acts, the store and the API has a trial or a story that raises it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DECLARED = re.compile(r'= refusal\(\s*"(\w+)"')
SOURCES = ("registry/*.py", "commands/*.py", "store/database.py", "store/files.py", "api.py")
TRIALS = ("stories/*.story", "registry/*.py", "commands/*.py", "store/*.py", "api/*.py", "ledger_guards.py")
ELSEWHERE = {"commands/test_every_refusal.py"}


def test_every_refusal_is_raised_somewhere() -> None:
    """The code stands in a trial, which fails unless exactly that refusal comes."""
    codes = {
        code
        for pattern in SOURCES
        for file in sorted((ROOT / "src" / "openjcm").glob(pattern))
        for code in DECLARED.findall(file.read_text(encoding="utf-8"))
    }
    text = "\n".join(
        file.read_text(encoding="utf-8")
        for pattern in TRIALS
        for file in sorted((ROOT / "tests").glob(pattern))
        if file.relative_to(ROOT / "tests").as_posix() not in ELSEWHERE
    )
    untried = {code for code in codes if not re.search(rf"\b{code}\b", text)}
    assert len(codes) > 50
    assert untried == set()
