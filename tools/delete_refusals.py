"""Which refusals does no test reach, and which could be deleted without a test turning red?

    python tools/delete_refusals.py reach [TESTS …]       run the suite, and name the refusals that nothing reached
    python tools/delete_refusals.py delete --only mrv/    delete them one at a time, and run the tests that reach each

Every ``raise`` in the package is a refusal. In a copy of the source each tells by which test it was reached, and can
be left out by a variable of the environment. ``reach`` takes as long as the suite and writes what it found into
``.tools/refusals``; ``delete`` takes some seconds for each refusal. Processes that a test starts with another source
are not seen, so a refusal that only the command line shows may be named wrongly. ``make guards`` does the same for
the guards of the ledger alone, with the pure tests, and much quicker.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".tools" / "refusals"
COPY, REACHED, FOUND = FOLDER / "src", FOLDER / "reached", FOLDER / "reached.json"
SLOW = ("tests/browser/", "crash", "soak", "standby", "backup", "full_disk")
"""Tests that are asked last: they take long."""
FIRST, MOST = 4, 40
"""How many tests are asked first, and at most."""
HELPER = '''
import os

_seen = set()
deleted = os.environ.get("DELETED_REFUSAL")


def reached(place):
    """Note the test under way; whether the refusal stands."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
    if (place, test) not in _seen:
        _seen.add((place, test))
        if folder := os.environ.get("REACHED_REFUSALS"):
            with open(os.path.join(folder, str(os.getpid())), "a") as file:
                file.write(f"{place}\\t{test}\\n")
    return place != deleted
'''


class _Marker(ast.NodeTransformer):
    """Asks before each ``raise`` of a function whether it stands."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[str, str] = {}

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        if node.exc is None:
            return node
        place = f"{self.file}:{node.lineno}"
        self.places[place] = ast.unparse(node)[:100]
        asked = ast.parse(f"__import__('reached_refusals').reached({place!r})", mode="eval").body
        return ast.copy_location(ast.If(test=asked, body=[node], orelse=[]), node)


def marked_copy() -> dict[str, str]:
    """A copy of the source whose refusals tell; gives each place and what stands there."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.copytree(ROOT / "src", COPY, ignore=shutil.ignore_patterns("__pycache__"))
    REACHED.mkdir()
    (COPY / "reached_refusals.py").write_text(HELPER, encoding="utf-8")
    places: dict[str, str] = {}
    for path in sorted((COPY / "openjcm").rglob("*.py")):
        marker = _Marker(path.relative_to(COPY / "openjcm").as_posix())
        tree = marker.visit(ast.parse(path.read_text(encoding="utf-8")))
        if marker.places:
            path.write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")
            places |= marker.places
    return places


def tests(*words: str, **environment: str) -> int:
    """Run tests against the copy; gives the exit code."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    around = {**os.environ, "PYTHONPATH": str(COPY), **environment}
    quiet = subprocess.DEVNULL if "DELETED_REFUSAL" in environment else None
    return subprocess.run(command, cwd=ROOT, env=around, stdout=quiet, stderr=quiet, check=False).returncode


def reach(words: list[str]) -> int:
    """Run the suite, or some tests, and name what was never reached."""
    places = marked_copy()
    tests("-n", "2", "--dist", "worksteal", *words, REACHED_REFUSALS=str(REACHED))
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file in REACHED.iterdir():
        for line in file.read_text(encoding="utf-8").splitlines():
            place, _, test = line.partition("\t")
            found[place].add(test.partition("[")[0])
    FOUND.write_text(json.dumps({"places": places, "tests": {name: sorted(by) for name, by in found.items()}}))
    lost = [name for name in places if name not in found]
    for name in lost:
        print(f"{name}: never reached: {places[name]}")
    print(f"{len(places)} refusals, {len(lost)} of them never reached")
    return 1 if lost else 0


def delete(only: str) -> int:
    """Delete each refusal that was reached, and name those whose tests stay green."""
    data = json.loads(FOUND.read_text())
    chosen = {name: by for name, by in data["tests"].items() if only in name and any(by)}
    green = 0
    for name, by in sorted(chosen.items()):
        ordered = sorted(filter(None, by), key=lambda test: (any(word in test for word in SLOW), len(test)))
        codes = (tests("-x", "--timeout=120", *asked, DELETED_REFUSAL=name)
                 for asked in (ordered[:FIRST], ordered[FIRST:MOST]) if asked)  # fmt: skip
        code = next(filter(None, codes), 0)
        if code > 1:
            raise SystemExit(f"{name}: the tests did not run")
        if not code:
            green += 1
            print(f"{name}: STAYS GREEN without {data['places'][name]}", flush=True)
    print(f"{len(chosen)} refusals deleted one at a time, {len(chosen) - green} turned a test red, {green} did not")
    return 1 if green else 0


def main() -> int:
    """The exit code is 1 if a refusal could go unnoticed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["reach", "delete"])
    parser.add_argument("words", nargs="*", help="what is told to pytest")
    parser.add_argument("--only", default="", help="only refusals whose place holds this")
    asked = parser.parse_args()
    return reach(asked.words) if asked.what == "reach" else delete(asked.only)


if __name__ == "__main__":
    sys.exit(main())
