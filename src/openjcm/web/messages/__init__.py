"""The texts of the pages: ``en.yaml`` and ``ja.yaml`` hold the same keys and placeholders (kept by a test)."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml
from markupsafe import Markup

LANGUAGES = ("ja", "en")


def flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested texts as one table: ``{"home": {"title": …}}`` gives ``home.title``."""
    table: dict[str, str] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        table |= flatten(value, f"{name}.") if isinstance(value, dict) else {name: str(value)}
    return table


@cache
def texts(language: str) -> dict[str, str]:
    """Every text of a language by its dotted key."""
    tree = yaml.safe_load(resources.files(__name__).joinpath(f"{language}.yaml").read_text("utf-8"))
    return flatten(tree)


class Speaker:
    """Says a text in one language. Keys that end in ``_html`` hold markup; what is filled in is escaped there."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = texts(language)

    def __call__(self, key: str, **facts: object) -> str:
        """The text, facts filled in.

        Raises:
            KeyError: if there is no such text, or a fact is missing: a page never shows a bare key.
        """
        text = self._texts[key]
        if key.endswith("_html"):
            return Markup(text).format(**facts)  # noqa: S704 - our own texts; facts are escaped by format()
        return text.format(**facts) if facts else text

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self._texts
