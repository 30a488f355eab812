"""Open the registry of a Party in a world."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from openjcm.commands.framework import Act, Decision, Desk, Party, Request, Rows, World
from openjcm.commands.lookups import (
    ALREADY_ON_RECORD,
    REGISTRY_KEPT_ELSEWHERE,
    is_on_record,
    keeper_of,
    registry_name,
)
from openjcm.refusals import refusal
from openjcm.rulebook import country

REGISTRY_NAME_DOES_NOT_FIT = refusal(
    "registry_name_does_not_fit",
    en="The registry of {party} in the {world} world is called {expected}, not {registry}.",
    ja="{world} における {party} の登録簿の名称は {expected} です ({registry} ではありません)。",
    remedy_en="Name it {expected}, so that nobody takes a demonstration for the real record.",
    remedy_ja="実際の記録と実演用の記録が混同されないよう、{expected} と命名してください。",
    clause="OpenJCM: public totals never include the demonstration",
)

RegistryId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}(-demonstration)?$")]


class OpenRegistry(Request):
    """A Party's registry is opened."""

    registry_id: RegistryId = Field(description="JPN, MNG …; JPN-demonstration in the demonstration world.")
    party: Party = Field(description="The Party whose registry it is (ISO 3166-1 alpha-3).")
    world: World = Field(description="public: the real public record; demonstration: fictitious.")


def load(desk: Desk, request: OpenRegistry) -> bool:
    """Whether the Party has a registry in that world; a partner keeps none of that name."""
    if partner := keeper_of(desk, request.party, request.world):
        raise REGISTRY_KEPT_ELSEWHERE(registry=request.registry_id, partner=partner)
    return is_on_record(desk, "select 1 from registry where party = %s and world = %s", request.party, request.world)


def decide(request: OpenRegistry, exists: bool) -> Decision:
    """One registry for each Party and world, with the world in its name. Japan and its partners have registries."""
    if request.party != "JPN":
        country(request.party)
    expected = registry_name(request.party, request.world)
    if request.registry_id != expected:
        raise REGISTRY_NAME_DOES_NOT_FIT(
            party=request.party, world=request.world, expected=expected, registry=request.registry_id
        )
    if exists:
        raise ALREADY_ON_RECORD(what="registry", name=request.registry_id)
    row = {"registry_id": request.registry_id, "party": request.party, "world": request.world}
    return Decision(outcome=dict(row), rows=(Rows("registry", (row,)),))


ACT = Act(
    name="open_registry",
    title_en="Open a registry",
    title_ja="登録簿の開設",
    permission="operator",
    request=OpenRegistry,
    load=load,
    decide=decide,
)
