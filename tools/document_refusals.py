"""Write ``docs/refusals.md``: every refusal that OpenJCM can give, in both languages, with its remedy and its clause.

``python tools/document_refusals.py`` writes the page; with ``--check`` it only says whether the page is current.
"""

from __future__ import annotations

import argparse
import pkgutil
import sys
from importlib import import_module
from pathlib import Path

import openjcm
from openjcm.refusals import REFUSALS, Refusal

PAGE = Path(__file__).resolve().parent.parent / "docs" / "refusals.md"
HEAD = """# Refusals / 受け付けられない場合の一覧

Every request that breaks a rule is refused with a code that never changes, a sentence that says what was wrong and
where, and a way to mend it. Nothing is half done: after a refusal the state is as before. Words in braces are filled
with the facts of the case. The number is the HTTP status of the answer of the API.

規則に反する請求には、変わることのないコード、何がどこで誤っているかの説明、直し方を付けて受け付けない旨を答えます。
途中まで処理されることはありません。波括弧の語には実際の値が入ります。数字は API が返す HTTP ステータスです。

(This page is made by `tools/document_refusals.py`. / このページは自動生成です。)
"""


def import_everything() -> None:
    """Import every module of the package, so that every refusal is declared."""
    for module in pkgutil.walk_packages(openjcm.__path__, "openjcm."):
        if not module.name.endswith(("__main__", ".check_proof")):
            import_module(module.name)


def entry(refusal: Refusal) -> str:
    """The lines of one refusal."""
    return "\n".join(
        (
            f"### {refusal.code}",
            "",
            f"{refusal.status} · {refusal.clause}",
            "",
            f"- {refusal.en}",
            f"  → {refusal.remedy_en}",
            f"- {refusal.ja}",
            f"  → {refusal.remedy_ja}",
        )
    )


def page() -> str:
    """The whole page."""
    import_everything()
    codes = sorted(REFUSALS)
    index = " · ".join(f"[`{code}`](#{code})" for code in codes)
    entries = (entry(REFUSALS[code]) for code in codes)
    return "\n\n".join((HEAD.rstrip(), f"{len(codes)} codes: {index}", *entries)) + "\n"


def main() -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the page is current")
    if parser.parse_args().check:
        return 0 if PAGE.read_text(encoding="utf-8") == page() else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
