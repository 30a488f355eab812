"""Change how an account is guarded: four eyes, delay, trusted accounts, limits.

Once an account has four eyes, this act too is done by a proposal of its representatives alone, after its delay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, Name, Request, Rows
from openjcm.commands.lookups import known_account, known_accounts
from openjcm.commands.proposals_desk import controls_of
from openjcm.commands.suspend_account import not_closed
from openjcm.refusals import refusal
from openjcm.registry.accounts import Account
from openjcm.registry.holds import Consent
from openjcm.registry.proposals import Controls

CONTROLS_NEED_A_PROPOSAL = refusal(
    "controls_need_a_proposal",
    en="{account} has four eyes; its controls change by an approved proposal only.",
    ja="口座 {account} には二者確認が設定されており、設定の変更は承認された提案によってのみ行えます。",
    remedy_en="Have a representative propose change_account_controls, and another one approve it.",
    remedy_ja="代表者が change_account_controls を提案し、別の代表者の承認を受けてください。",
    clause="UK ETS Registry (peer): changes of the trusted account list need two persons and a delay",
    status=403,
)

Most = Annotated[int, Field(ge=1, le=10**15)]


class ChangeAccountControls(Request):
    """All controls of an account as they are from now on."""

    account_id: Name = Field(description="The account.")
    four_eyes: bool = Field(description="Whether what goes out needs a proposal of one person and another's approval.")
    delay_hours: Annotated[int, Field(ge=0, le=8784)] = Field(
        default=0, description="Hours between approval and execution, in which it can be withdrawn or rejected."
    )
    trusted: Annotated[tuple[Name, ...], Field(max_length=1000)] = Field(
        default=(), description="Accounts of the same registry to which credits go without delay."
    )
    outside: Literal["delay", "refuse"] = Field(
        default="delay", description="What goes to other accounts: delay (it waits) or refuse."
    )
    most_per_act: Most | None = Field(default=None, description="Most credits of one act; null: no limit.")
    most_per_day: Most | None = Field(default=None, description="Most credits of one day; null: no limit.")


@dataclass(frozen=True)
class State:
    """What the act looks at; the account's row is locked."""

    account: Account
    controls: Controls
    trusted: tuple[Account, ...]
    consent: Consent | None = None


def load(desk: Desk, request: ChangeAccountControls) -> State:
    """The account, its controls as they are, and the accounts that it shall trust."""
    account = known_account(desk, request.account_id)
    trusted = tuple(known_accounts(desk, request.trusted).values())
    return State(account, controls_of(desk, request.account_id), trusted)


def decide(request: ChangeAccountControls, state: State) -> Decision:
    """The controls are replaced as a whole."""
    not_closed(state.account, request.occurred_on)
    two_persons_change_controls(state)
    row = {
        "account_id": request.account_id, "four_eyes": request.four_eyes, "delay_hours": request.delay_hours,
        "trusted": sorted(set(request.trusted)), "outside": request.outside, "most_per_act": request.most_per_act,
        "most_per_day": request.most_per_day, "since": request.occurred_on,
    }  # fmt: skip
    outcome = {"account_id": request.account_id, "four_eyes": request.four_eyes, "delay_hours": request.delay_hours}
    return Decision(outcome, (Rows("account_control", (row,)),))


def two_persons_change_controls(state: State) -> None:
    """What guards an account is not lifted by one alone. Refuses ``controls_need_a_proposal``."""
    own = state.consent is not None and state.consent.account_id == state.account.account_id
    if state.controls.four_eyes and not own:
        raise CONTROLS_NEED_A_PROPOSAL(account=state.account.account_id)


ACT = Act(
    name="change_account_controls",
    title_en="Change the controls of an account",
    title_ja="口座の管理設定の変更",
    permission="administrator",
    request=ChangeAccountControls,
    load=load,
    decide=decide,
)
