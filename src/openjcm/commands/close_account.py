"""Close an account that holds nothing: it never sends or receives again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pydantic import Field

from openjcm.commands.account_bars import State, bar_rows, not_before_it_was_opened
from openjcm.commands.account_bars import load as load_account
from openjcm.commands.framework import Act, Decision, Desk, Name, Request
from openjcm.commands.suspend_account import not_closed
from openjcm.refusals import refusal
from openjcm.registry.accounts import ACCOUNT_UNDER_ORDER, Account, Bar, BarGround
from openjcm.registry.ledger import BEFORE_ITS_CAUSE

ACCOUNT_NOT_EMPTY = refusal(
    "account_not_empty",
    en="{account} holds {quantity} credits and cannot be closed.",
    ja="口座 {account} には {quantity} トンのクレジットがあるため、廃止できません。",
    remedy_en="Transfer, retire or cancel the credits first. Retirement and cancellation accounts that hold some stay.",
    remedy_ja="先にクレジットの振替・無効化・取消しを行ってください。残高のある無効化口座・取消口座は廃止できません。",
    clause="OpenJCM invariant every_credit_has_one_holder",
    status=409,
)

ACCOUNT_HAS_PROPOSALS = refusal(
    "account_has_proposals",
    en="{account} has {count} proposals that are not answered or not executed.",
    ja="口座 {account} には、未回答または未実行の提案が {count} 件あります。",
    remedy_en="Approve, reject or withdraw the proposals first.",
    remedy_ja="先に提案の承認・却下・取下げを行ってください。",
    clause="OpenJCM: a proposal is answered before its account ends",
    status=409,
)


class CloseAccount(Request):
    """An account is closed, on the holder's application or by the administrator."""

    account_id: Name = Field(description="The account.")
    reason: Name = Field(description="Why, in words.")


@dataclass(frozen=True)
class Contents:
    """What the act looks at."""

    state: State
    held: int
    proposals: int
    moved_later: date | None
    """The last day after the closing on which it sent or received; ``None``: there is none."""


def load(desk: Desk, request: CloseAccount) -> Contents:
    """The account, locked, and what is in it."""
    state = load_account(desk, request.account_id)
    row = desk.connection.execute(
        "select (select coalesce(sum(upper(serials) - lower(serials)), 0)::bigint from holding"
        "        where account_id = %(id)s),"
        " (select count(*) from proposal p where p.account_id = %(id)s and not exists (select from proposal_step s"
        "  where s.proposal = p.proposal and s.step <> 'approved')),"
        " (select max(occurred_on) from movement where registry_id = %(registry)s and occurred_on > %(day)s"
        "  and (source_account = %(id)s or target_account = %(id)s))",
        {"id": request.account_id, "registry": state.account.registry_id, "day": request.occurred_on},
    ).fetchone()
    assert row is not None
    return Contents(state, *row)


def decide(request: CloseAccount, contents: Contents) -> Decision:
    """An open account without credits and without order is closed, on a day on or after its last movement."""
    account = contents.state.account
    not_before_it_was_opened(account, request.occurred_on)
    not_closed(account, request.occurred_on)
    no_open_proposals(account, contents.proposals)
    is_empty(account, contents.held)
    not_under_order(account, request.occurred_on)
    not_before_its_last_movement(account, request.occurred_on, contents.moved_later)
    bar = Bar(BarGround.CLOSURE, sends=True, receives=True, since=request.occurred_on)
    return Decision(outcome={"account_id": request.account_id}, rows=bar_rows(request.account_id, bar, request.reason))


def not_under_order(account: Account, day: date) -> None:
    """An account under a restriction on disposal stays open for it. Refuses ``account_under_order``."""
    for bar in account.bars:
        if bar.ground is BarGround.ORDER and bar.lifted_on is None:
            raise ACCOUNT_UNDER_ORDER(
                account=account.account_id, since=bar.since, until="–", day=day, direction="close / 廃止"
            )


def no_open_proposals(account: Account, count: int) -> None:
    """An account with open proposals stays open. Refuses ``account_has_proposals``."""
    if count:
        raise ACCOUNT_HAS_PROPOSALS(account=account.account_id, count=count)


def is_empty(account: Account, held: int) -> None:
    """An account that holds credits stays open. Refuses ``account_not_empty``."""
    if held:
        raise ACCOUNT_NOT_EMPTY(account=account.account_id, quantity=held)


def not_before_its_last_movement(account: Account, day: date, last: date | None) -> None:
    """An account is not closed before it was used. Refuses ``before_its_cause``."""
    if last is not None and day < last:
        raise BEFORE_ITS_CAUSE(what=account.account_id, day=day, cause=last)


ACT = Act(
    name="close_account",
    title_en="Close an account",
    title_ja="口座の廃止",
    permission="administrator",
    request=CloseAccount,
    load=load,
    decide=decide,
)
