"""Which credits are moved, where the holder names a rule instead of serials: a pure choice over what he holds.

The same holdings and the same rule give the same blocks, whoever chooses and whenever: the audit chooses again. The
last block is cut to the quantity; nothing is renumbered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from openjcm.refusals import refusal
from openjcm.registry.entries import Holding
from openjcm.registry.gate import AuthorizationOnFile, covers, in_force
from openjcm.registry.serials import Block

NOT_ENOUGH_TO_CHOOSE = refusal(
    "not_enough_to_choose",
    en="{account} holds {found} credits that fit ({rule}), not {asked}.",
    ja="口座 {account} で条件 ({rule}) に合うクレジットは {found} で、{asked} に足りません。",
    remedy_en="Ask for at most {found}, or loosen the rule.",
    remedy_ja="{found} 以下を指定するか、条件を緩めてください。",
    clause="OpenJCM: a rule chooses among what is held, and gives all or nothing",
    status=409,
)
BLOCKS_OR_CHOICE = refusal(
    "blocks_or_choice",
    en="The request names both blocks and a rule that chooses them.",
    ja="識別番号と選択規則の両方が指定されています。",
    remedy_en="Name the blocks, or the rule (choose), not both.",
    remedy_ja="識別番号 (blocks) か選択規則 (choose) のいずれか一方を指定してください。",
    clause="OpenJCM: a request says one thing once",
)

RULES = ("oldest_vintage_first", "newest_vintage_first")
"""The orders in which credits are taken. Within a vintage: by series, then by number. An unknown vintage comes last."""


@dataclass(frozen=True)
class Choice:
    """What the holder asks for: an order, a quantity, and what the credits must be."""

    rule: str
    quantity: int
    account_id: str
    project: str | None = None
    """Only credits of this project (alone or with others that the record does not split)."""
    itmo_only: bool = False
    """Only credits that the host's authorization in force covers, of 2021 or later."""

    def __str__(self) -> str:
        further = [f"project {self.project}"] * bool(self.project) + ["ITMO only"] * self.itmo_only
        return ", ".join([self.rule, *further])


def choose(
    holdings: Iterable[Holding], choice: Choice, authorizations: Sequence[AuthorizationOnFile], day: date
) -> tuple[Block, ...]:
    """The blocks that the rule takes, in its order.

    Raises:
        Refused: ``not_enough_to_choose``.
    """
    fitting = [item for item in holdings if fits(item, choice, authorizations, day)]
    enough(sum(item.block.quantity for item in fitting), choice)
    chosen: list[Block] = []
    left = choice.quantity
    for item in sorted(fitting, key=_newest if choice.rule == "newest_vintage_first" else _oldest):
        if not left:
            break
        taken = min(left, item.block.quantity)
        chosen.append(Block(item.block.series, item.block.first, item.block.first + taken - 1))
        left -= taken
    return tuple(chosen)


def fits(holding: Holding, choice: Choice, authorizations: Sequence[AuthorizationOnFile], day: date) -> bool:
    """Whether a holding is in the account, of the project and an ITMO, as far as the choice asks."""
    if holding.account.account_id != choice.account_id:
        return False
    if choice.project is not None and choice.project not in holding.block.series.projects:
        return False
    return not choice.itmo_only or is_itmo(holding, authorizations, day)


def is_itmo(holding: Holding, authorizations: Sequence[AuthorizationOnFile], day: date) -> bool:
    """Whether every host has authorized the credits, for whatever purpose, and all their reductions are of 2021 on."""
    years = (holding.origin.earliest_year, holding.origin.latest_year)
    hosts = [party for party in holding.origin.parties if party != "JPN"]
    if years[0] is None or years[0] < 2021 or not hosts:
        return False
    projects = holding.block.series.projects
    return all(
        any(item.purposes and covers(item, projects, years) for item in in_force(authorizations, host, day))
        for host in hosts
    )


def enough(found: int, choice: Choice) -> None:
    """All or nothing. Refuses ``not_enough_to_choose``."""
    if found < choice.quantity:
        raise NOT_ENOUGH_TO_CHOOSE(account=choice.account_id, found=found, asked=choice.quantity, rule=choice)


def _oldest(holding: Holding) -> tuple[int, int, str, int]:
    first, last = holding.origin.earliest_year, holding.origin.latest_year
    return (first or 9999, last or 9999, str(holding.block.series), holding.block.first)


def _newest(holding: Holding) -> tuple[int, int, str, int]:
    first, last = holding.origin.earliest_year, holding.origin.latest_year
    return (-(first or 0), -(last or 0), str(holding.block.series), holding.block.first)
