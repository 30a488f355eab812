"""Signed statements for whoever may have them, by the key of the installation behind the pages."""

from __future__ import annotations

from fastapi import Request

from openjcm.refusals import refusal
from openjcm.reports.certificate import renderer
from openjcm.views.certificate import Signed, entry_statement, holding_statement
from openjcm.views.holdings_as_of import Cut
from openjcm.web.office import office_of

STATEMENT_NEEDS_SIGN_IN = refusal(
    "statement_needs_sign_in",
    en="The statement of {account} is given to its holder only.",
    ja="口座 {account} の口座記録事項証明書は、名義人にのみ交付されます。",
    remedy_en="Ask the registry's administrator, who can make it with `openjcm certificate holding`.",
    remedy_ja="登録簿の管理者に請求してください (openjcm certificate holding により作成されます)。",
    clause="Account-book ordinance: the holder may ask for a certificate of what is recorded (secondary)",
    status=403,
)


def signed_entry(request: Request, entry_no: int) -> Signed:
    """The signed statement of an issuance, retirement or cancellation.

    Raises:
        Refused: ``no_certificate``, ``entry_corrected``.
    """
    office = office_of(request)
    with request.app.state.database.reading() as connection:
        return entry_statement(connection, entry_no, signer=office.signer, address=office.address, renderer=renderer())


def signed_holding(request: Request, account: str, cut: Cut, project: str, vintage: str) -> Signed:
    """The signed statement of an account.

    Raises:
        Refused: ``statement_needs_sign_in``, and as ``holding_statement``.
    """
    office = office_of(request)
    with request.app.state.database.reading() as connection:
        signed = holding_statement(
            connection, account, cut, signer=office.signer, address=office.address, renderer=renderer(),
            project=project, vintage=vintage,
        )  # fmt: skip
    if not is_open(signed.statement["account"]["type"], signed.statement["world"]):
        raise STATEMENT_NEEDS_SIGN_IN(account=account)
    return signed


def is_open(account_type: str, world: str) -> bool:
    """Whether anybody may have the statement of an account: in the demonstration, and of accounts of governments."""
    return world == "demonstration" or account_type != "entity_holding"
