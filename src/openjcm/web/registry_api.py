"""Reading operations of the API on registries: holdings as of an instant, certificates, statements of account."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from openjcm.canonical import plain
from openjcm.commands.lookups import read_blocks
from openjcm.reports import certificate as certificates
from openjcm.views.block_history import block_history
from openjcm.views.holdings_as_of import AsOf, Wanted, blocks_as_of, holdings_as_of, read_cut
from openjcm.web.api_v1 import PROBLEMS, CsvFile, Filter, table
from openjcm.web.csv_table import csv_table
from openjcm.web.signed import signed_entry, signed_holding

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


@router.get("/history/{block}", tags=["registries"], summary="The history of a run of serials")
def history(
    request: Request,
    block: Annotated[str, Path(max_length=400, description="A run of serials, JCM-JP-XD001-2022-1-40, or one.")],
) -> JSONResponse:
    """A tree: each movement took a part of what the one above it had brought; what stays is there still."""
    (asked,) = read_blocks([block])
    with request.app.state.database.reading() as connection:
        found = block_history(connection, asked)
    if found is None:
        raise HTTPException(404, f"{block} was never issued")
    return JSONResponse(plain(found.as_data()))


# Certificates ---------------------------------------------------------------------------------------------------------


class Pdf(Response):
    """A certificate."""

    media_type = "application/pdf"


EntryNo = Annotated[int, Path(ge=1, lt=2**53, description="Number of the journal entry.")]
Account = Annotated[str, Query(min_length=1, max_length=300, pattern=r"^[^\x00]*$", description="Account number.")]


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
    signed = signed_holding(request, account, read_cut(as_of, recorded_by), project, vintage)
    return Pdf(certificates.certificate(signed.file), headers=_named("holding.pdf"))


@router.get("/statements/holding.json", tags=["proofs"], summary="Signed statement of account")
def holding_json(
    request: Request, account: Account, as_of: Day = "", recorded_by: Instant = "", project: Filter = "",
    vintage: Filter = "",
) -> Response:  # fmt: skip
    """What the statement of account is made from."""
    signed = signed_holding(request, account, read_cut(as_of, recorded_by), project, vintage)
    return Response(signed.file, media_type="application/json", headers=_named("holding.json"))


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
