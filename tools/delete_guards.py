"""Take the guards of the ledger away one at a time, and show that a test turns red each time.

    python tools/delete_guards.py            all guards, two at a time
    python tools/delete_guards.py --only sinks

A guard is deleted in a copy of the source: a function that refuses is left without one of its ``raise``, one that
answers yes or no answers yes. Then the tests of the pure ledger run against the copy. Exit code 1 if any stays green.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
MODULES = (
    "registry/ledger.py",
    "registry/accounts.py",
    "registry/holds.py",
    "registry/proposals.py",
    "commands/account_bars.py",
    "commands/apply_for_account.py",
    "commands/holder_particulars.py",
    "commands/record_trust.py",
    "commands/review_account_application.py",
    "commands/release_hold.py",
    "commands/suspend_account.py",
    "commands/lift_suspension.py",
    "commands/lift_disposal_restriction.py",
    "commands/close_account.py",
    "commands/change_account_controls.py",
    "commands/register_representative.py",
    "commands/withdraw_proposal.py",
    "registry/gate.py",
    "registry/correction.py",
    "registry/storage.py",
    "registry/choosing.py",
    "registry/crossing.py",
    "registry/allocation.py",
    "commands/issue.py",
    "commands/decide_issuance.py",
    "commands/record_authorization.py",
    "commands/submit_monitoring_report.py",
    "commands/conclude_verification.py",
    "commands/framework.py",
    "registry/notices.py",
    "commands/receive_notice.py",
    "commands/register_partner.py",
    "commands/reconcile.py",
    "log/witness.py",
)
PREDICATES = ("for_ndc", "for_one_of", "all_projects", "all_years")
TESTS = ("tests/registry", "tests/simulation/test_pure_market.py", "tests/log/test_witness.py")


@dataclass(frozen=True)
class Guard:
    """A guard: the file below ``openjcm``, the function, and which of its refusals, counted from 0."""

    file: str
    function: str
    refusal: int = 0

    def __str__(self) -> str:
        return f"{self.function}[{self.refusal}]" if self.refusal else self.function


def guards() -> list[Guard]:
    """Every refusal of a function that says in its docstring what it refuses, and the predicates of the gate."""
    found = []
    for file in MODULES:
        tree = ast.parse((SOURCE / "openjcm" / file).read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                text = ast.get_docstring(node) or ""
                if node.name in PREDICATES:
                    found.append(Guard(file, node.name))
                elif "Refuses ``" in text or node.name == "authorized_by":
                    refusals = sum(isinstance(part, ast.Raise) for part in ast.walk(node))
                    found += [Guard(file, node.name, refusal) for refusal in range(refusals)]
    return found


class _Deleter(ast.NodeTransformer):
    """Takes one refusal out of one function."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self.inside = False
        self.seen = 0
        self.deleted = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if node.name != self.guard.function and not self.inside:
            return node
        if node.name in PREDICATES:
            node.body = [ast.Return(ast.Constant(value=True))]
            self.deleted += 1
            return node
        before, self.inside = self.inside, True
        self.generic_visit(node)
        self.inside = before
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        self.seen += 1
        if self.seen != self.guard.refusal + 1:
            return node
        self.deleted += 1
        return ast.copy_location(ast.Pass(), node)


def delete(guard: Guard, copy: Path) -> None:
    """Delete the guard in a copy of the source."""
    path = copy / "openjcm" / guard.file
    deleter = _Deleter(guard)
    tree = ast.fix_missing_locations(deleter.visit(ast.parse(path.read_text(encoding="utf-8"))))
    if not deleter.deleted:
        raise SystemExit(f"nothing to delete in {guard}")
    path.write_text(ast.unparse(tree), encoding="utf-8")


def first_red(guard: Guard) -> str | None:
    """The first test that fails without the guard, or ``None`` if all stay green."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "src"
        shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__", "static", "data"))
        delete(guard, copy)
        environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *TESTS]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1}:
        raise SystemExit(f"{guard}: the tests did not run\n{done.stdout}{done.stderr}")
    found = re.search(r"^FAILED (\S+)", done.stdout, re.MULTILINE)
    return found.group(1) if found else None


def main() -> int:
    """Print the table; 1 if a guard could go unnoticed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only guards whose name holds this")
    only = parser.parse_args().only
    chosen = [guard for guard in guards() if only in guard.function]
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(first_red, chosen))
    width = max(len(str(guard)) for guard in chosen)
    green = 0
    for guard, red in zip(chosen, results, strict=True):
        green += red is None
        print(f"{guard!s:<{width}}  {guard.file:<36}  {'red: ' + red if red else 'STAYS GREEN'}")
    print(f"{len(chosen)} guards deleted one at a time, {len(chosen) - green} turned a test red, {green} did not")
    return 1 if green else 0


if __name__ == "__main__":
    sys.exit(main())
