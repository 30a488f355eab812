"""The worked example of the docs runs as it stands, and the names for notebooks are what they say."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

from openjcm import mrv

PAGE = Path(__file__).parent.parent / "docs" / "notebook.md"


def test_the_page_says_what_happens() -> None:
    text = PAGE.read_text(encoding="utf-8")
    example = doctest.DocTestParser().get_doctest(text, {}, "notebook", str(PAGE), 0)
    assert len(example.examples) > 20
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    said: list[str] = []
    runner.run(example, out=said.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(said)


@pytest.mark.parametrize("name", mrv.__all__)
def test_every_name_is_there_and_explained(name: str) -> None:
    assert (getattr(mrv, name).__doc__ or "").strip()
    assert name in dir(mrv)


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = mrv.nothing


def test_importing_the_package_loads_no_engine() -> None:
    program = "import sys, openjcm.mrv; sys.exit(any(name in sys.modules for name in ('numba', 'pyarrow', 'pint')))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
