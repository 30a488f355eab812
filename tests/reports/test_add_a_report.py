"""The recipe is tried by following it: its files are written where it says, its test is run, its command called."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from openjcm.article6 import actions
from openjcm.reports import aef
from openjcm.reports.aef_checks import CHECKS

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = re.compile(r"^`(?P<path>[^`\n]+)`\n\n```python\n(?P<code>.*?)```", re.M | re.S)
BLOCK = re.compile(r"```python\n(.*?)```", re.S)


def test_the_recipe_works(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "add_a_report.md").read_text(encoding="utf-8")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "data", "static"))
    (tmp_path / "tests" / "reports").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "reports" / "article6_world.py", tmp_path / "tests" / "reports")
    files = {match["path"]: match["code"] for match in FILE.finditer(text)}
    assert len(files) == 2
    for path, code in files.items():
        (tmp_path / path).write_text(code, encoding="utf-8")
    (command,) = (code for code in BLOCK.findall(text) if code not in files.values())
    with (tmp_path / "src/openjcm/cli_parts/report.py").open("a", encoding="utf-8") as module:
        module.write("\n\n" + command)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words], cwd=tmp_path, capture_output=True, text=True, check=False,
            env={"PYTHONPATH": str(tmp_path / "src"), "PATH": "/usr/bin:/bin", "OPENJCM_LANGUAGE": "en"},
        )  # fmt: skip

    tested = run("-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", ".", "--import-mode=importlib", "tests")
    assert tested.returncode == 0 and "2 passed" in tested.stdout, tested.stdout + tested.stderr
    helped = run("-m", "openjcm", "report", "uses", "--help")
    assert helped.returncode == 0 and "year by year" in helped.stdout, helped.stdout + helped.stderr
    formed = run("-m", "ruff", "check", "--isolated", "--line-length", "120", *files, "src/openjcm/cli_parts/report.py")
    assert formed.returncode == 0, formed.stdout


def test_every_check_and_finding_has_its_line() -> None:
    page = (ROOT / "docs" / "article6.md").read_text(encoding="utf-8")
    for code in (*(check.code for check in CHECKS), *actions.RULES, *aef.RULES):
        assert f"| `{code}` |" in page, code
