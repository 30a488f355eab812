"""The particulars of an account's holder, as the account book states them, and the rules on who may hold one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from openjcm.commands.framework import Name, Part, Sha256
from openjcm.refusals import refusal
from openjcm.rulebook import may_refuse, rule

_ORDINANCE = (
    "Ordinance on the account book (METI, MOE Ordinance 1 of 2025; 507M60001400001): items of an entity account"
)

HOLDER_MAY_NOT_OPEN = refusal(
    "holder_may_not_open",
    en="In the registry of {party} an entity account is not open to: {holder_kind}. It is open to: {allowed}.",
    ja="{party} の登録簿では、{holder_kind} は法人等保有口座を開設できません。開設できる者: {allowed}。",
    remedy_en="Apply in the name of a holder who may open one.",
    remedy_ja="口座を開設できる者の名義で申請してください。",
    clause=_ORDINANCE,
)
NOT_A_PROJECT_OPERATOR = refusal(
    "not_a_project_operator",
    en="A natural person opens an account only as the operator of an emission-reduction project; none is named.",
    ja="自然人が口座を開設できるのは排出削減等協力事業者である場合に限られますが、プロジェクトの記載がありません。",
    remedy_en="Name the registered project that the person operates.",
    remedy_ja="本人が実施する登録済みプロジェクトの参照番号を記入してください。",
    clause=_ORDINANCE,
)
PARTICULARS_MISSING = refusal(
    "particulars_missing",
    en="The particulars of the holder ({holder_kind}) lack: {fields}.",
    ja="名義人 ({holder_kind}) の記載事項が不足しています: {fields}。",
    remedy_en="State names, head office and department in both languages; a foreign corporation in English alone.",
    remedy_ja="名称・主たる事務所・部署は日本語と英語で記入してください (外国法人は英語のみで可)。",
    clause=_ORDINANCE,
)

HolderKind = Literal["domestic_corporation", "foreign_corporation", "government", "natural_person"]
RULE_WORDS: dict[str, str] = {
    "domestic_corporation": "domestic corporations",
    "foreign_corporation": "foreign corporations",
    "natural_person": "natural persons who operate a reduction project",
}
"""The words of the rule ``entity_accounts_open_to`` for each kind of holder."""


class Particulars(Part):
    """Who the holder is. What is written in Japanese stands with its English form."""

    name_en: Name = Field(description="Name in English.")
    name_ja: Name | None = Field(default=None, description="Name in Japanese.")
    head_office_en: Name = Field(description="Head office (of a natural person: address) in English.")
    head_office_ja: Name | None = Field(default=None, description="Head office in Japanese.")
    representative_en: Name | None = Field(default=None, description="Office and name of the legal representative.")
    representative_ja: Name | None = Field(default=None, description="The same in Japanese.")
    department_en: Name | None = Field(default=None, description="Department that manages the account, in English.")
    department_ja: Name | None = Field(default=None, description="The same in Japanese.")
    phone: Name = Field(description="Telephone number.")


class NamedDocument(Part):
    """A document that is handed in, named by its hash."""

    name: Name = Field(description="Title.")
    sha256: Sha256 = Field(description="SHA-256 of its bytes.")


Documents = Annotated[tuple[NamedDocument, ...], Field(min_length=1, max_length=100)]


def shown_name(particulars: Particulars) -> str:
    """The name under which the holder stands in the public record."""
    return particulars.name_ja or particulars.name_en


def plain_documents(documents: Sequence[NamedDocument]) -> list[dict[str, Any]]:
    """The documents as the tables keep them."""
    return [document.model_dump(mode="json") for document in documents]


def holder_may_open(party: str, holder_kind: str, day: date) -> None:
    """An entity account is opened for whom the registry's rule names. Refuses ``holder_may_not_open``."""
    dated = rule(party, "entity_accounts_open_to", day)
    allowed = dated.value
    if may_refuse(dated) and isinstance(allowed, tuple) and RULE_WORDS.get(holder_kind) not in allowed:
        raise HOLDER_MAY_NOT_OPEN(party=party, holder_kind=holder_kind, allowed=list(allowed))


def person_names_a_project(holder_kind: str, project: str | None) -> None:
    """A natural person holds an account as operator of a project only. Refuses ``not_a_project_operator``."""
    if holder_kind == "natural_person" and project is None:
        raise NOT_A_PROJECT_OPERATOR()


def particulars_complete(holder_kind: str, party: str, particulars: Particulars) -> None:
    """Every statutory item is stated, in both languages where Japan asks for both. Refuses ``particulars_missing``."""
    wanted = ["name_en", "head_office_en"]
    if holder_kind != "natural_person":
        wanted += ["representative_en", "department_en"]
    if party == "JPN" and holder_kind != "foreign_corporation":
        wanted += [name.replace("_en", "_ja") for name in wanted]
    missing = [name for name in wanted if getattr(particulars, name) is None]
    if missing:
        raise PARTICULARS_MISSING(holder_kind=holder_kind, fields=missing)
