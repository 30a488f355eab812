"""Reading operations of the API on registries: holdings as of an instant, certificates, statements of account."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from openjcm.canonical import plain
from openjcm.refusals import refusal
from openjcm.reports import certificate as certificates
from openjcm.views.certificate import Signed, entry_statement, holding_statement
from openjcm.views.holdings_as_of import AsOf, Wanted, blocks_as_of, holdings_as_of, read_cut
from openjcm.web.api_v1 import PROBLEMS, CsvFile, Filter, table
from openjcm.web.csv_table import csv_table
from openjcm.web.office import office_of

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)

Day = Annotated[
    str, Query(max_length=40, description="By day of the entry: what had happened by the end of this day, Japan time.")
]
Instant = Annotated[
    str,
    Query(max_length=40, description="By time of recording: the book as it stood then (ISO 8601 with zone, or a day)."),
]
By = Annotated[
    str, Query(max_length=100, pattern=r"^[a-z,]*$", description="account,type,registry,project,vintage,itmo")
]
Answer = Annotated[Literal["", "yes", "no", "cannot tell"], Query(description="Authorized on the day, or not.")]
World = Annotated[Literal["public", "demonstration"], Query(description="Which world; never mixed.")]
BLOCKS = 5000


@router.get("/holdings/as-of", tags=["registries"], summary="What lay in which account as of an instant")
def as_of_now(
    request: Request,
    as_of: Day = "",
    recorded_by: Instant = "",
    by: By = "account",
    world: World = "public",
    side: Filter = "",
    registry: Filter = "",
    account: Filter = "",
    project: Filter = "",
    vintage: Filter = "",
    itmo: Answer = "",
    used: bool = False,
) -> JSONResponse:
    """Sums of tonnes. Without a clock: now. Retired and cancelled credits only where `used` or a sum by type asks."""
    wanted = Wanted(world, side, registry, account, project, vintage, itmo, used)
    return JSONResponse(plain(_asked(request, as_of, recorded_by, by, wanted).as_data()))


@router.get("/holdings/as-of.csv", tags=["tables"], summary="Holdings as of an instant as CSV", response_class=CsvFile)
def as_of_table(
    request: Request,
    as_of: Day = "",
    recorded_by: Instant = "",
    by: By = "account",
    world: World = "public",
    side: Filter = "",
    registry: Filter = "",
    account: Filter = "",
    project: Filter = "",
    vintage: Filter = "",
    itmo: Answer = "",
    used: bool = False,
) -> Response:
    """One row per sum, UTF-8 with a byte order mark."""
    found = _asked(
        request, as_of, recorded_by, by, Wanted(world, side, registry, account, project, vintage, itmo, used)
    )
    rows = [(*group.key, group.quantity) for group in found.groups]
    return table(csv_table((*found.by, "quantity_tco2e"), rows), "jcm-holdings-as-of.csv")


@router.get("/holdings/as-of/blocks", tags=["registries"], summary="Blocks as they lay as of an instant")
def as_of_blocks(
    request: Request,
    account: Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[^\x00]*$", description="An account.")],
    as_of: Day = "",
    recorded_by: Instant = "",
    world: World = "public",
) -> JSONResponse:
    """Up to 5,000 runs of serials of one account, each with the entry that had brought it there."""
    with request.app.state.database.reading() as connection:
        found = blocks_as_of(connection, read_cut(as_of, recorded_by), Wanted(world, account=account), BLOCKS)
    return JSONResponse(
        [
            {
                "block": one.text, "quantity": one.quantity, "projects": list(one.projects), "vintage": one.vintage,
                "account": one.account_id, "since": one.since.isoformat(), "since_entry_no": one.since_entry_no,
                "itmo": one.itmo,
            }
            for one in found
        ]
    )  # fmt: skip


def _asked(request: Request, as_of: str, recorded_by: str, by: str, wanted: Wanted) -> AsOf:
    """The answer to a question as it stands in an address."""
    cut = read_cut(as_of, recorded_by)
    with request.app.state.database.reading() as connection:
        return holdings_as_of(connection, cut, wanted, [name for name in by.split(",") if name])


# Certificates ---------------------------------------------------------------------------------------------------------

STATEMENT_NEEDS_SIGN_IN = refusal(
    "statement_needs_sign_in",
    en="The statement of {account} is given to its holder only.",
    ja="口座 {account} の口座記録事項証明書は、名義人にのみ交付されます。",
    remedy_en="Ask the registry's administrator, who can make it with `openjcm certificate holding`.",
    remedy_ja="登録簿の管理者に請求してください (openjcm certificate holding により作成されます)。",
    clause="Account-book ordinance: the holder may ask for a certificate of what is recorded (secondary)",
    status=403,
)


class Pdf(Response):
    """A certificate."""

    media_type = "application/pdf"


EntryNo = Annotated[int, Path(ge=1, lt=2**53, description="Number of the journal entry.")]
Account = Annotated[str, Query(min_length=1, max_length=300, pattern=r"^[^\x00]*$", description="Account number.")]


def signed_entry(request: Request, entry_no: int) -> Signed:
    """The signed statement of an entry."""
    office = office_of(request)
    with request.app.state.database.reading() as connection:
        return entry_statement(
            connection, entry_no, signer=office.signer, address=office.address, renderer=certificates.renderer()
        )


@router.get("/certificates/{entry_no}.pdf", tags=["proofs"], summary="Certificate of an entry", response_class=Pdf)
def certificate_pdf(request: Request, entry_no: EntryNo) -> Response:
    """Issuance, retirement or cancellation: PDF/A-3 with the signed statement attached; the same bytes each time."""
    signed = signed_entry(request, entry_no)
    return Pdf(certificates.certificate(signed.file), headers=_named(f"{signed.kind}-{entry_no}.pdf"))


@router.get("/certificates/{entry_no}.json", tags=["proofs"], summary="Signed statement of an entry")
def certificate_json(request: Request, entry_no: EntryNo) -> Response:
    """What the certificate is made from: statement, signature, checkpoint, inclusion proof."""
    signed = signed_entry(request, entry_no)
    return Response(signed.file, media_type="application/json", headers=_named(f"{signed.kind}-{entry_no}.json"))


@router.get("/statements/holding.pdf", tags=["proofs"], summary="Statement of account", response_class=Pdf)
def holding_pdf(
    request: Request, account: Account, as_of: Day = "", recorded_by: Instant = "", project: Filter = "",
    vintage: Filter = "",
) -> Response:  # fmt: skip
    """What an account held as of an instant; of the demonstration, and of public accounts, until holders sign in."""
    signed = _holding(request, account, as_of, recorded_by, project, vintage)
    return Pdf(certificates.certificate(signed.file), headers=_named("holding.pdf"))


@router.get("/statements/holding.json", tags=["proofs"], summary="Signed statement of account")
def holding_json(
    request: Request, account: Account, as_of: Day = "", recorded_by: Instant = "", project: Filter = "",
    vintage: Filter = "",
) -> Response:  # fmt: skip
    """What the statement of account is made from."""
    signed = _holding(request, account, as_of, recorded_by, project, vintage)
    return Response(signed.file, media_type="application/json", headers=_named("holding.json"))


def _holding(request: Request, account: str, as_of: str, recorded_by: str, project: str, vintage: str) -> Signed:
    office, cut = office_of(request), read_cut(as_of, recorded_by)
    with request.app.state.database.reading() as connection:
        signed = holding_statement(
            connection, account, cut, signer=office.signer, address=office.address, renderer=certificates.renderer(),
            project=project, vintage=vintage,
        )  # fmt: skip
    if not is_open(signed.statement["account"]["type"], signed.statement["world"]):
        raise STATEMENT_NEEDS_SIGN_IN(account=account)
    return signed


def is_open(account_type: str, world: str) -> bool:
    """Whether anybody may have the statement of an account: in the demonstration, and of accounts of governments."""
    return world == "demonstration" or account_type != "entity_holding"


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
