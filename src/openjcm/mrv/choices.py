"""Where a plan departs from the common rules on calibration and gaps: what it chooses, and who allowed it.

The common rules are the rulebook's. A methodology or a decision of the Joint Committee may say otherwise; the plan then
states the choice and cites it. A choice without its basis is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from openjcm.mrv.meter_facts import PERCENT
from openjcm.refusals import refusal

BASES = ("methodology", "joint_committee_decision")

CHOICE_WITHOUT_BASIS = refusal(
    "choice_without_basis",
    en="The plan chooses {choice} for {field}, and cites neither its methodology nor a Joint Committee decision.",
    ja="計画は「{field}」について {choice} を選択していますが、方法論または合同委員会決定の引用がありません。",
    remedy_en="State the basis (kind: methodology or joint_committee_decision; source; clause), or choose nothing.",
    remedy_ja="根拠 (kind: methodology または joint_committee_decision、source、clause) を記載するか、"
    "選択を削除してください。",
    clause="OpenJCM: the common rules hold unless a methodology or a Joint Committee decision says otherwise",
)
CHOICE_NOT_KNOWN = refusal(
    "choice_not_known",
    en="“{choice}” is no choice for {field}.",
    ja="「{field}」に「{choice}」は選択できません。",
    remedy_en="Choose one of: {known}.",
    remedy_ja="次から選択してください: {known}。",
    clause="OpenJCM: the common rules hold unless a methodology or a Joint Committee decision says otherwise",
)


@dataclass(frozen=True)
class Basis:
    """What allows a departure: a methodology or a decision of the Joint Committee, with its place."""

    kind: str
    source: str
    clause: str = ""

    def as_data(self) -> dict[str, str]:
        """The basis as plain data."""
        return {"kind": self.kind, "source": self.source, "clause": self.clause}

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None) -> Basis | None:
        """A basis from plain data.

        Raises:
            Refused: ``choice_not_known``.
        """
        if data is None:
            return None
        kind, source = str(data.get("kind")), str(data.get("source") or "")
        if kind not in BASES or not source.strip():
            raise CHOICE_NOT_KNOWN(field="basis", choice=f"{kind}: {source}"[:100], known=list(BASES))
        return cls(kind, source, str(data.get("clause") or ""))


CALIBRATION_CHOICES = {
    "lapsed": ("maximum_permissible_error", "none"),
    "larger_error": ("warn", "apply"),
    "unrecorded": ("explain", "refuse"),
}


@dataclass(frozen=True)
class CalibrationChoice:
    """What the plan says on calibration where it departs from the common rules; empty: it does not."""

    lapsed: str = ""
    larger_error: str = ""
    unrecorded: str = ""
    basis: Basis | None = None

    def as_data(self) -> dict[str, Any]:
        """The choice as plain data; what is not chosen is left out."""
        chosen = {name: getattr(self, name) for name in CALIBRATION_CHOICES if getattr(self, name)}
        return chosen | ({"basis": self.basis.as_data()} if self.basis else {})

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> CalibrationChoice:
        """A choice from plain data.

        Raises:
            Refused: ``choice_not_known``, ``choice_without_basis``.
        """
        made = cls(**_known(data, cls), basis=Basis.from_data(data.get("basis")))
        for name, allowed in CALIBRATION_CHOICES.items():
            chosen = getattr(made, name)
            if chosen and chosen not in allowed:
                raise CHOICE_NOT_KNOWN(field=f"calibration.{name}", choice=str(chosen)[:80], known=list(allowed))
            if chosen and made.basis is None:
                raise CHOICE_WITHOUT_BASIS(field=f"calibration.{name}", choice=chosen)
        return made


def _known(data: Mapping[str, Any], kind: type[Any]) -> dict[str, Any]:
    names = {item.name for item in fields(kind)}
    for name in sorted(data.keys() - names):
        raise CHOICE_NOT_KNOWN(field=name, choice=str(data[name])[:80], known=sorted(names))
    return {name: value for name, value in data.items() if name != "basis"}


GAP_STEPS = ("G0", "G1", "G2", "G3", "G4")
ALWAYS = ("G0", "G4")
SOURCE_KINDS = ("second_instrument", "irradiance")


@dataclass(frozen=True)
class GapSource:
    """A further series that stands in a meter file under its own identifier: what it is, and for which meter.

    ``error_percent`` is its error limit. An irradiance sensor's readings are read with the units of energy or power,
    which then stand for those per square metre: only ratios are used.
    """

    meter: str
    kind: str
    series: str
    error_percent: str = ""

    def as_data(self) -> dict[str, str]:
        """The source as plain data."""
        return {item.name: getattr(self, item.name) for item in fields(self) if getattr(self, item.name)}


@dataclass(frozen=True)
class GapChoice:
    """The steps of the gap ladder that the plan uses beside G0 and G4, with their basis and their further series."""

    steps: tuple[str, ...] = ALWAYS
    basis: Basis | None = None
    sources: tuple[GapSource, ...] = field(default=())

    def as_data(self) -> dict[str, Any]:
        """The choice as plain data; nothing where only G0 and G4 are used."""
        if self == GapChoice():
            return {}
        data: dict[str, Any] = {"steps": list(self.steps), "sources": [item.as_data() for item in self.sources]}
        return data | ({"basis": self.basis.as_data()} if self.basis else {})

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> GapChoice:
        """A choice from plain data.

        Raises:
            Refused: ``choice_not_known``, ``choice_without_basis``.
        """
        values = _known(data, cls)
        steps = tuple(str(step) for step in values.get("steps", ALWAYS))
        for step in steps:
            if step not in GAP_STEPS:
                raise CHOICE_NOT_KNOWN(field="gaps.steps", choice=step[:80], known=list(GAP_STEPS))
        for step in ALWAYS:
            if step not in steps:
                raise CHOICE_NOT_KNOWN(field="gaps.steps", choice=f"–{step}", known=[f"{step} and more"])
        basis = Basis.from_data(data.get("basis"))
        if set(steps) != set(ALWAYS) and basis is None:
            raise CHOICE_WITHOUT_BASIS(field="gaps.steps", choice=", ".join(sorted(set(steps) - set(ALWAYS))))
        sources = tuple(GapSource(**dict(item)) for item in values.get("sources", ()))
        for source in sources:
            if source.kind not in SOURCE_KINDS:
                raise CHOICE_NOT_KNOWN(field="gaps.sources", choice=source.kind[:80], known=list(SOURCE_KINDS))
            if source.kind == "second_instrument" and not PERCENT.fits(source.error_percent):
                said = source.error_percent[:80] or "–"
                raise CHOICE_NOT_KNOWN(field="gaps.sources.error_percent", choice=said, known=[PERCENT.allowed])
        return cls(tuple(sorted(set(steps))), basis, sources)
