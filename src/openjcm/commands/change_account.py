"""Change the particulars of an account's holder, on documents; the account and what it holds stay as they are."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from openjcm.commands.account_bars import State, not_before_it_was_opened
from openjcm.commands.account_bars import load as load_account
from openjcm.commands.framework import Act, Decision, Desk, JsonColumn, Name, Request, Rows
from openjcm.commands.holder_particulars import Documents, Particulars, plain_documents, shown_name
from openjcm.commands.suspend_account import not_closed


class ChangeAccount(Request):
    """The holder's name, head office, representative, department or telephone number is another now."""

    account_id: Name = Field(description="The account.")
    particulars: Particulars = Field(description="All particulars as they are now.")
    documents: Documents = Field(description="The documents that show the change.")
    reason: Name = Field(description="What changed, in words.")


def load(desk: Desk, request: ChangeAccount) -> State:
    """The account, locked."""
    return load_account(desk, request.account_id)


def decide(request: ChangeAccount, state: State) -> Decision:
    """The particulars of an account that is not closed are stated anew."""
    not_before_it_was_opened(state.account, request.occurred_on)
    not_closed(state.account, request.occurred_on)
    row: dict[str, Any] = {
        "account_id": request.account_id, "holder": shown_name(request.particulars),
        "particulars": JsonColumn(request.particulars.model_dump(mode="json")),
        "documents": JsonColumn(plain_documents(request.documents)), "since": request.occurred_on,
    }  # fmt: skip
    return Decision({"account_id": request.account_id}, (Rows("account_change", (row,)),))


ACT = Act(
    name="change_account",
    title_en="Change the particulars of an account's holder",
    title_ja="口座名義人の記載事項の変更",
    permission="administrator",
    request=ChangeAccount,
    load=load,
    decide=decide,
)
