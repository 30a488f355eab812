"""Serials by a rule: the choice of a request, made among what the account holds, under the locks of the act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, Protocol

from pydantic import Field

from openjcm.commands.framework import HIGHEST_NUMBER, TRY_AGAIN, Desk, Name, Part, ProjectReference
from openjcm.commands.lookups import known_accounts, known_registry, read_blocks
from openjcm.registry.choosing import BLOCKS_OR_CHOICE, Choice, choose
from openjcm.registry.ledger import Holdings
from openjcm.registry.serials import Block
from openjcm.store.ledger import blocks_in_account, lock_holdings, read_authorizations

TRIES = 5
"""How often a choice is made anew because another writer moved what was chosen."""


class ChooseRequest(Part):
    """A rule that names the credits: all that is asked for, or nothing."""

    rule: Literal["oldest_vintage_first", "newest_vintage_first"] = Field(
        description="In which order: by vintage, then series, then number."
    )
    quantity: Annotated[int, Field(ge=1, le=HIGHEST_NUMBER)] = Field(description="How many credits.")
    account: Name = Field(description="The account that gives them.")
    project: ProjectReference | None = Field(default=None, description="Only of this project.")
    itmo_only: bool = Field(
        default=False, description="Only what the host's authorization in force covers, of 2021 or later."
    )


class Choosing(Protocol):
    """A request that names blocks, or a rule."""

    @property
    def blocks(self) -> tuple[str, ...]: ...
    @property
    def choose(self) -> ChooseRequest | None: ...


def choice_of(asked: ChooseRequest) -> Choice:
    """The choice as the pure function sees it."""
    return Choice(asked.rule, asked.quantity, asked.account, asked.project, asked.itmo_only)


def one_of_both(request: Choosing) -> None:
    """Blocks or a rule. Refuses ``blocks_or_choice``."""
    if request.blocks and request.choose is not None:
        raise BLOCKS_OR_CHOICE()


def blocks_and_holdings(desk: Desk, request: Choosing, day: date) -> tuple[tuple[Block, ...], Holdings]:
    """The blocks of the request with their holdings, locked.

    What a rule chooses is chosen again if another writer was first: what is then locked is what was chosen.

    Raises:
        Refused: ``blocks_or_choice``, ``not_enough_to_choose``, ``unknown_account``.
    """
    one_of_both(request)
    if request.choose is None:
        blocks = read_blocks(request.blocks)
        return blocks, lock_holdings(desk.connection, blocks)
    account = known_accounts(desk, [request.choose.account])[request.choose.account]
    _, world = known_registry(desk, account.registry_id)
    for _ in range(TRIES):
        blocks = _choose(desk, request.choose, world, day)
        holdings = lock_holdings(desk.connection, blocks)
        if _choose(desk, request.choose, world, day) == blocks:
            return blocks, holdings
    raise TRY_AGAIN()


def _choose(desk: Desk, asked: ChooseRequest, world: str, day: date) -> tuple[Block, ...]:
    holdings = list(Holdings(blocks_in_account(desk.connection, asked.account, asked.project)))
    parties: Sequence[str] = sorted({name for item in holdings for name in item.origin.parties})
    on_file = read_authorizations(desk.connection, world, parties) if asked.itmo_only else ()
    return choose(holdings, choice_of(asked), on_file, day)
