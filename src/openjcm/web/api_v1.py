"""The read-only operations of the API. Unknown values are ``null``, never zero; errors are RFC 9457 documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, BeforeValidator, Field
from starlette.exceptions import HTTPException

from openjcm.canonical import plain
from openjcm.refusals import Refused
from openjcm.reports.aef import write_aef
from openjcm.views.decisions import Decision, decisions
from openjcm.views.explain_tonne import explain_tonne
from openjcm.views.log_state import checkpoint, consistency, inclusion, leaf, log_key
from openjcm.views.methodology_catalogue import entry, entry_data, search
from openjcm.views.partners import country_names, partner_rows
from openjcm.views.project import project
from openjcm.views.projects import ProjectRow, projects
from openjcm.views.proof import serial_proof
from openjcm.views.registries import (
    Account,
    HeldBlock,
    Registry,
    YearOfKind,
    accounts,
    holdings,
    registries,
    registry,
    transactions,
)
from openjcm.views.stored import product_bytes, stored_file
from openjcm.web.csv_table import csv_table
from openjcm.web.office import office_of
from openjcm.web.public.aef import aef_of
from openjcm.web.public.issuances import issuances_csv
from openjcm.web.public.log import checker
from openjcm.web.public.methodologies import catalogue_query
from openjcm.web.public.projects import both_names, projects_csv, query_of


class CsvFile(Response):
    """A table for download: RFC 4180, UTF-8."""

    media_type = "text/csv"


class Workbook(Response):
    """An Excel workbook."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Program(Response):
    """A Python program."""

    media_type = "text/x-python"


class Bytes(Response):
    """A file exactly as it was received, of whatever kind."""

    media_type = "application/octet-stream"


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(description="Where the code is explained.")
    title: str = Field(description="The code; stable.")
    status: int
    detail: str = Field(description="What was wrong and where.")
    code: str = Field(description="The code; stable.")


_PROBLEM = {"application/problem+json": {"schema": Problem.model_json_schema()}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: {"description": "What the request names is not on record.", "content": _PROBLEM},
    422: {"description": "The request does not have the described form.", "content": _PROBLEM},
    503: {"description": "The database cannot be reached.", "content": _PROBLEM},
}

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)

Reference = Annotated[
    str, Path(description="Project reference as printed, MN004.", pattern=r"^[A-Z]{2}[A-Z0-9]{1,12}$")
]
Serial = Annotated[
    str,
    Path(
        description="Serial of one credit, JCM-JP-XD001-2022-4 (form proposed by OpenJCM, not official).",
        pattern=(
            r"^JCM-[A-Z]{2}-[A-Z]{2}[A-Z0-9]{1,12}(\.[A-Z]{2}[A-Z0-9]{1,12}){0,30}"
            r"-([0-9]{4}(to[0-9]{4})?|unknown)-[1-9][0-9]{0,14}$"
        ),
    ),
]
Sha256 = Annotated[str, Path(description="SHA-256, lower-case hexadecimal.", pattern=r"^[0-9a-f]{64}$")]


def _iso_day(text: object) -> object:
    """A day as YYYY-MM-DD and nothing else: pydantic alone would read a number as seconds since 1970."""
    if isinstance(text, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError("a day is written YYYY-MM-DD")
    return text


Day = Annotated[date | None, BeforeValidator(_iso_day), Query(description="The day asked about; today if left out.")]
Filter = Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")]
Size = Annotated[int, Query(ge=1, lt=2**53, description="Number of leaves of a checkpoint.")]


@dataclass(frozen=True)
class ProjectList:
    """One page of projects: how many match in all, and the rows."""

    count: int
    page: int
    pages: int
    projects: tuple[ProjectRow, ...]


@dataclass(frozen=True)
class RegistryPage:
    """A registry's public information."""

    registry: Registry
    accounts: tuple[Account, ...]
    transactions: tuple[YearOfKind, ...]


@dataclass(frozen=True)
class PartnerRow:
    """A partner country."""

    iso2: str
    iso3: str
    name_en: str
    name_ja: str
    signed_on: date
    signed_grade: str
    article6_status: str
    article6_grade: str
    article6_since: date | None
    projects: int


def table(text: str, name: str) -> Response:
    """A CSV file for download."""
    return CsvFile(text, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/projects", tags=["record"], summary="Projects on the public record")
def list_projects(
    request: Request,
    q: Filter = "",
    country: Filter = "",
    scope: Filter = "",
    status: Filter = "",
    methodology: Filter = "",
    sort: Filter = "-estimate",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> ProjectList:
    """Twenty-five to a page; the same filters as the page of projects."""
    asked = query_of(request)
    with request.app.state.database.reading() as connection:
        found = projects(connection, asked, names=both_names(country_names()))
    return ProjectList(found.count, asked.page, found.pages, found.rows)


@router.get("/projects.csv", tags=["tables"], summary="Projects as CSV", response_class=CsvFile)
def projects_table(
    request: Request,
    q: Filter = "",
    country: Filter = "",
    scope: Filter = "",
    status: Filter = "",
    methodology: Filter = "",
    sort: Filter = "-estimate",
) -> Response:
    """Every row that matches, UTF-8 with a byte order mark."""
    with request.app.state.database.reading() as connection:
        found = projects(connection, query_of(request), names=both_names(country_names()), everything=True)
    return table(projects_csv(found, country_names()), "jcm-projects.csv")


@router.get("/projects/{reference}", tags=["record"], summary="One project with every source's word")
def one_project(request: Request, reference: Reference) -> JSONResponse:
    """Everything on record of one project, from registration to use."""
    with request.app.state.database.reading() as connection:
        found = project(connection, reference)
    if found is None:
        raise HTTPException(404, f"{reference} is not on record")
    said = {
        name: [{"value": one.value, "source": one.source, "grade": one.grade, "note": one.note} for one in field.said]
        for name, field in found.said.items()
    }
    return JSONResponse(
        {
            "reference": found.reference,
            "world": found.world,
            "host_party": found.host_party,
            "title": found.title,
            "status": found.status,
            "registered_on": plain(found.registered_on),
            "methodologies": [{"id": name, "version": version} for name, version in found.methodologies],
            "statements": said,
            "decisions": [one.decision_id for one in found.decisions],
            "reports": [one.report_sha256 for one in found.reports],
        }
    )


@router.get("/methodologies", tags=["record"], summary="Methodologies on file")
def list_methodologies(
    request: Request,
    q: Filter = "",
    country: Filter = "",
    scope: Filter = "",
    family: Filter = "",
    grade: Filter = "",
    runs: Literal["", "yes", "no"] = "",
) -> JSONResponse:
    """What is known of each; ``null`` where it is not. ``runs`` says whether it can be calculated here."""
    names = {code: " ".join(pair) for code, pair in country_names().items()}
    return JSONResponse([plain(entry_data(one)) for one in search(catalogue_query(request), names)])


@router.get("/methodologies/{methodology}", tags=["record"], summary="One methodology on file")
def one_methodology(methodology: Annotated[str, Path(pattern=r"^[A-Z]{2}_[A-Z]{2}[0-9]{3}$")]) -> JSONResponse:
    """Everything that is known of it, version by version."""
    try:
        return JSONResponse(plain(entry_data(entry(methodology))))
    except Refused as refused:
        raise HTTPException(404, f"{methodology} is not on file") from refused


@router.get("/issuances", tags=["record"], summary="Decisions to issue and what each side issued")
def list_issuances(
    request: Request, world: Literal["public", "demonstration"] = "public", project: Filter = ""
) -> list[Decision]:
    """Latest first. Amounts that no source gives are ``null``."""
    with request.app.state.database.reading() as connection:
        return decisions(connection, world=world, project=project or None)


@router.get("/issuances.csv", tags=["tables"], summary="Decisions as CSV", response_class=CsvFile)
def issuances_table(request: Request, project: Filter = "") -> Response:
    """One row per decision of the public record, UTF-8 with a byte order mark."""
    with request.app.state.database.reading() as connection:
        found = decisions(connection, project=project or None)
    return table(issuances_csv(found), "jcm-issuances.csv")


@router.get("/registries", tags=["registries"], summary="Registries")
def list_registries(request: Request) -> list[Registry]:
    """Every registry; those of the demonstration say so in ``world``."""
    with request.app.state.database.reading() as connection:
        return registries(connection)


@router.get("/registries/{registry_id}", tags=["registries"], summary="A registry's public information")
def one_registry(request: Request, registry_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{2,60}$")]) -> RegistryPage:
    """Account holders, amounts per type of account, yearly transactions."""
    with request.app.state.database.reading() as connection:
        found = registry(connection, registry_id)
        if found is None:
            raise HTTPException(404, f"there is no registry {registry_id}")
        held, moved = accounts(connection, registry_id), transactions(connection, registry_id)
    return RegistryPage(found, tuple(held), tuple(moved))


@router.get("/holdings", tags=["registries"], summary="Blocks of serials as they are held now")
def list_holdings(request: Request, registry: Filter = "", project: Filter = "") -> list[HeldBlock]:
    """Up to 5,000 blocks, of one registry or one project if named."""
    with request.app.state.database.reading() as connection:
        return holdings(connection, registry or None, project or None, limit=5000)


@router.get("/holdings.csv", tags=["tables"], summary="Holdings as CSV", response_class=CsvFile)
def holdings_table(request: Request, registry: Filter = "", project: Filter = "") -> Response:
    """One row per block, UTF-8 with a byte order mark."""
    with request.app.state.database.reading() as connection:
        found = holdings(connection, registry or None, project or None, limit=100_000)
    header = ("block", "quantity_tco2", "projects", "vintage", "account", "since")
    rows = ((one.text, one.quantity, " ".join(one.projects), one.vintage, one.account_id, one.since) for one in found)
    return table(csv_table(header, rows), "jcm-holdings.csv")


@router.get("/partners", tags=["record"], summary="Partner countries on a day")
def list_partners(request: Request, on: Day = None) -> list[PartnerRow]:
    """In order of signing."""
    with request.app.state.database.reading() as connection:
        found = partner_rows(connection, on or datetime.now(UTC).date())
    return [
        PartnerRow(
            one.iso2, one.iso3, one.name_en, one.name_ja, one.signed_on, one.signed_grade, one.article6_status,
            one.article6_grade, one.article6_since, one.projects,
        )
        for one in found
    ]  # fmt: skip


@contextmanager
def _never_issued(serial: str) -> Iterator[None]:
    """A serial that cannot be (a span of years that runs backwards) was never issued."""
    try:
        yield
    except Refused as refused:
        if refused.code not in {"block_not_readable", "vintage_not_readable"}:
            raise
        raise HTTPException(404, f"{serial} was never issued") from refused


@router.get("/explain/{serial}", tags=["proofs"], summary="Where one tonne comes from")
def explain(request: Request, serial: Serial) -> JSONResponse:
    """From the serial to the decision, the report, the files and the log; ends where the record ends."""
    with request.app.state.database.reading() as connection, _never_issued(serial):
        found = explain_tonne(connection, serial)
    if found is None:
        raise HTTPException(404, f"{serial} was never issued")
    return JSONResponse(found.as_data())


@router.get("/proof/{serial}", tags=["proofs"], summary="Proof of a serial's life, to be checked offline")
def proof(request: Request, serial: Serial) -> Response:
    """The file that ``check_proof.py`` checks."""
    signer = office_of(request).signer
    key = log_key(signer.origin, signer.private_key.public_key())
    with request.app.state.database.reading() as connection, _never_issued(serial):
        body = serial_proof(connection, serial, key)
    name = f"{serial}.proof.json"
    return Response(
        body, media_type="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.get("/log/checkpoint", tags=["log"], summary="The newest signed checkpoint", response_class=PlainTextResponse)
def newest_checkpoint(request: Request) -> PlainTextResponse:
    """C2SP signed note (Ed25519)."""
    with request.app.state.database.reading() as connection:
        found = checkpoint(connection)
    if found is None:
        raise HTTPException(404, "the log is empty")
    return PlainTextResponse(found.note)


@router.get("/log/key", tags=["log"], summary="The log's public key", response_class=PlainTextResponse)
def public_key(request: Request) -> PlainTextResponse:
    """In the form of C2SP signed notes. Compare it with a copy that reached you in another way."""
    signer = office_of(request).signer
    return PlainTextResponse(log_key(signer.origin, signer.private_key.public_key()) + "\n")


@router.get("/log/leaves/{index}", tags=["log"], summary="A leaf and its path to the root")
def one_leaf(request: Request, index: Annotated[int, Path(ge=0, lt=2**53)]) -> JSONResponse:
    """The leaf's canonical bytes as text, and the inclusion proof under the newest checkpoint."""
    with request.app.state.database.reading() as connection:
        found = leaf(connection, index)
        path = inclusion(connection, found) if found else None
    if found is None or path is None:
        raise HTTPException(404, f"the log has no leaf {index}")
    return JSONResponse(
        {
            "leaf_index": found.leaf_index,
            "kind": found.kind,
            "body": found.body,
            "leaf_hash": found.leaf_hash,
            "tree_size": path.checkpoint.tree_size,
            "root_hash": path.checkpoint.root_hash,
            "hashes": list(path.hashes),
        }
    )


@router.get("/log/consistency", tags=["log"], summary="That the log only grew")
def grew(request: Request, old: Size, new: Size) -> JSONResponse:
    """Hashes that lead from the root of the old checkpoint to that of the new one (RFC 6962)."""
    with request.app.state.database.reading() as connection:
        found = consistency(connection, old, new)
    if found is None:
        raise HTTPException(404, "there is no checkpoint of that size, or the old one is larger than the new one")
    return JSONResponse(
        {
            "old_size": found.old.tree_size,
            "old_root": found.old.root_hash,
            "new_size": found.new.tree_size,
            "new_root": found.new.root_hash,
            "hashes": list(found.hashes),
        }
    )


@router.get("/log/check_proof.py", tags=["log"], summary="The program that checks proofs", response_class=Program)
def check_program() -> Response:
    """One file that needs Python and the package ``cryptography``, and no network."""
    body = checker()
    if body is None:
        raise HTTPException(404, "this installation has no copy of the checker")
    headers = {"Content-Disposition": 'attachment; filename="check_proof.py"'}
    return Program(body, headers=headers)


@router.get("/products/{sha256}", tags=["proofs"], summary="A frozen product by its hash")
def one_product(request: Request, sha256: Sha256) -> Response:
    """Monitoring plan, report, opinion, decision or authorization: canonical JSON, byte for byte."""
    with request.app.state.database.reading() as connection:
        found = product_bytes(connection, sha256)
    if found is None:
        raise HTTPException(404, "there is no such product")
    return Response(
        found[1], media_type="application/json", headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


@router.get("/files/{sha256}", tags=["proofs"], summary="A public meter file by its hash", response_class=Bytes)
def one_file(request: Request, sha256: Sha256) -> Response:
    """Byte for byte as it was received. Files that their owner did not make public are not given out."""
    with request.app.state.database.reading() as connection:
        found = stored_file(connection, sha256)
    if found is None or not found.is_public:
        raise HTTPException(404, "there is no public file of that hash")
    body = office_of(request).files.get(sha256)
    headers = {"Content-Disposition": f'attachment; filename="{sha256[:16]}"', "Content-Security-Policy": "sandbox"}
    return Bytes(body, headers=headers)


World = Annotated[Literal["public", "demonstration"], Query(description="Which world; never mixed.")]
Profile = Annotated[Literal["nomenclature", "checker"], Query(description="Which spelling of the code lists.")]
PartyCode = Annotated[str, Path(description="ISO 3166-1 alpha-3.", pattern=r"^[A-Z]{3}$")]
ReportYear = Annotated[int, Path(ge=2021, le=2100)]


@router.get("/reports/aef/{party}/{year}.xlsx", tags=["reports"], summary="AEF workbook", response_class=Workbook)
def aef_workbook(
    request: Request, party: PartyCode, year: ReportYear, world: World = "public", profile: Profile = "nomenclature"
) -> Response:
    """The agreed electronic format as this ledger computes it; not a submission of a government."""
    made = aef_of(request, party, year, world, profile)
    name = made.file_name if world == "public" else f"demonstration.{made.file_name}"
    return Workbook(write_aef(made), headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/reports/aef/{party}/{year}", tags=["reports"], summary="AEF as data, every row with its sources")
def aef_data(
    request: Request, party: PartyCode, year: ReportYear, world: World = "public", profile: Profile = "nomenclature"
) -> JSONResponse:
    """The same tables as the workbook; each row names serials, authorization version and decision."""
    return JSONResponse(plain(aef_of(request, party, year, world, profile).as_data()))
