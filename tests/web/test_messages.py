"""Both languages say the same things, with the same facts filled in."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import openjcm.web
from openjcm.registry.accounts import Kind
from openjcm.registry.storage import Phase
from openjcm.web.messages import Speaker, texts

WEB = Path(openjcm.web.__file__).parent


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert texts("ja").keys() == texts("en").keys()


@pytest.mark.parametrize("key", sorted(texts("en")))
def test_a_text_is_complete(key: str) -> None:
    english, japanese = texts("en")[key], texts("ja")[key]
    assert english.strip()
    assert japanese.strip()
    assert placeholders(english) == placeholders(japanese)


def test_english_texts_hold_no_japanese_and_japanese_texts_are_translated() -> None:
    for key, text in texts("en").items():
        assert not re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text), key
    untranslated = {
        key
        for key, text in texts("ja").items()
        if text == texts("en")[key] and re.search(r"[a-z]{4,}", text) and not key.startswith("topic.")
    }
    assert not untranslated


def test_every_text_is_used_and_every_used_text_exists() -> None:
    sources = [*WEB.rglob("*.py"), *WEB.rglob("*.j2")]
    code = "\n".join(path.read_text("utf-8") for path in sources)
    literal = set(re.findall(r"""\b(?:t|say)\(\s*f?["']([a-z][\w.]*[\w])["']""", code))
    missing = {key for key in literal if key not in texts("en") and not any(k.startswith(key) for k in texts("en"))}
    assert not missing
    families = set(re.findall(r"""["']([a-z][\w.]*\.)["']\s*~""", code)) | set(
        re.findall(r"""f["']([a-z][\w.]*[._])\{""", code)
    )
    unused = {
        key for key in texts("en") if f"{key}" not in code and not any(key.startswith(family) for family in families)
    }
    assert not unused


def test_every_kind_of_movement_and_every_phase_has_its_words() -> None:
    assert {f"kind.{kind}" for kind in Kind} | {f"phase.{phase}" for phase in Phase} <= texts("en").keys()


def test_retire_and_cancel_are_never_swapped() -> None:
    for key, text in texts("en").items():
        japanese = texts("ja")[key]
        if re.search(r"\bretire", text, re.I):
            assert "無効化" in japanese, key
        if re.search(r"\bcancel", text, re.I):
            assert "取消" in japanese, key


def test_facts_in_markup_are_escaped() -> None:
    say = Speaker("en")
    assert "<wbr>" in say("home.h1_html")
    with pytest.raises(KeyError):
        say("no.such.text")


def test_the_bundled_fonts_hold_what_the_pages_say() -> None:
    """A handful of new characters may wait (readers see them in their own font); more ask for building again."""
    covered = set((Path(__file__).parents[2] / "tools" / "assets" / "covered.txt").read_text("utf-8"))
    said = {character for language in ("ja", "en") for text in texts(language).values() for character in text}
    missing = {character for character in said - covered if character.isprintable()}
    assert len(missing) <= 10, f"build the fonts again (head of tools/assets/fonts.py): {''.join(sorted(missing))}"
