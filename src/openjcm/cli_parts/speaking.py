"""In which language the command line speaks."""

from __future__ import annotations

import os
from enum import StrEnum


class Language(StrEnum):
    """The two languages of all texts."""

    EN = "en"
    JA = "ja"


def language() -> Language:
    """``OPENJCM_LANGUAGE`` (which ``--language`` sets), else the language of the locale, else English."""
    chosen = os.environ.get("OPENJCM_LANGUAGE", "")
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return Language.JA if (chosen or locale).lower().startswith("ja") else Language.EN


def tell(en: str, ja: str, spoken: Language | None = None) -> str:
    """One of two texts, in the language that is spoken."""
    return ja if (spoken or language()) is Language.JA else en
