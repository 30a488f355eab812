"""Write the rules and their parameters into docs/quality_rules.md, between its markers, from the rules themselves.

.venv/bin/python tools/document_quality_rules.py
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from openjcm.mrv.plausibility.rules import Limits
from openjcm.mrv.quality_parameters import QualityRules
from openjcm.mrv.quality_rules import FINDINGS

PAGE = Path(__file__).parent.parent / "docs" / "quality_rules.md"
BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"


def rules() -> str:
    """What stands between the markers."""
    lines = []
    for name, rule in FINDINGS.items():
        lines += [f"### {name} {rule.name_en} ({rule.name_ja})", ""]
        lines += [f"Action: {rule.action}. Source: {rule.clause}.", ""]
        for variant, text in (("", rule.text), *rule.variants.items()):
            shown = f" ({variant.replace('_', ' ')})" if variant else ""
            lines.append(f"* **{text.severity}**{shown}: {text.en}")
        lines.append("")
    lines += ["## Parameters", ""]
    lines += [f"Version `{QualityRules().version}`; they stand in the monitoring plan and in every report.", ""]
    lines += ["| parameter | default |", "|---|---|"]
    later = {item.name for item in fields(Limits)}
    for item in sorted(fields(QualityRules), key=lambda item: item.name in later):
        default = ", ".join(item.default) if isinstance(item.default, tuple) else str(item.default)
        lines.append(f"| `{item.name}` | {default} |")
    return "\n".join(lines) + "\n"


def page(text: str) -> str:
    """The page with the rules as they are."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{rules()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
