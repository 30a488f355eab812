"""The AEF: labels and order, rows, both profiles, unknown cells, bytes that repeat, and the way back from every row."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from openjcm.article6.authorization import FirstTransferDefinition
from openjcm.refusals import Refused
from openjcm.registry.serials import Block
from openjcm.reports import aef_layout as layout
from openjcm.reports.aef import HEADER_ROW, build_aef, columns, write_aef
from openjcm.reports.aef_layout import Need
from openjcm.reports.article6_lines import article6_data

from .article6_world import DATA, GIVEN, HOST, JAPAN, MOVEMENTS, SERIES, TAKEN, UNKNOWN


def test_the_tables_have_the_published_number_of_fields() -> None:
    assert [len(table.fields) for table in layout.TABLES] == [9, 19, 27, 16, 8]
    assert layout.SHEETS == (
        "Index", "Summary information", "Table 1 Submission", "Table 2 Authorizations", "Table 3 Actions",
        "Table 4 Holdings", "Table 5 Auth. entities",
    )  # fmt: skip
    assert (len(layout.SECTORS), len(layout.ACTIVITY_TYPES)) == (9, 27)


def test_japans_rows_of_the_year() -> None:
    aef = build_aef(JAPAN, 2025, DATA)
    rows = aef.tables[2].rows
    assert [(row["ActionType"], row["QuantityCO2"], row["FirstID"], row["LastID"]) for row in rows] == [
        ("Acquisition", 1000, 1, 1000),
        ("Use", 400, 1, 400),
        ("Voluntary Cancellation", 50, 601, 650),
    ]
    assert rows[0] == {
        "ActionDateTime": "2025-05-01T00:00:00.000Z",
        "ActionType": "Acquisition",
        "ActionSubtype": None,
        "CooperativeApproachID": "CA9999",
        "AuthorizationID": "JPN-XD-1",
        "FirstTransferringPartyID": "MNG",
        "PartyITMORegistryID": "JPN99",
        "FirstID": 1,
        "LastID": 1000,
        "UnderlyingUnitRegistryID": "JCM",
        "UnderlyingUnitFirstUnitID": "JCM-JP-XD001-2022-1",
        "UnderlyingUnitLastUnitID": "JCM-JP-XD001-2022-1000",
        "Metric": "GHG",
        "GWPValues": None,
        "Non-GHGMetric": "NA",
        "QuantityCO2": 1000,
        "QuantityNon-GHG": "NA",
        "MitigationType": "Emission reductions",
        "Vintage": 2022,
        "TransferringPartyID": "MNG",
        "AcquiringPartyID": None,
        "PurposeITMOUsedForOIMP": None,
        "Using/cancellingPartyID": None,
        "Using/cancellingEntityID": None,
        "YearITMOUsedTowardsNDC": None,
        "ResultOfConsistencyChecks": None,
        "AdditionalExplanatoryInformation": None,
    }
    assert (rows[1]["Using/cancellingPartyID"], rows[1]["YearITMOUsedTowardsNDC"]) == ("JPN", 2030)
    assert rows[2]["ActionSubtype"] == "Voluntary cancellation to deliver OMGE"


def test_the_hosts_row_is_a_first_transfer_to_japan() -> None:
    aef = build_aef(HOST, 2025, DATA)
    (row,) = aef.tables[2].rows
    assert (row["ActionType"], row["ActionSubtype"], row["AcquiringPartyID"], row["TransferringPartyID"]) == (
        "First transfer", "First transfer to another Party", "JPN", None,
    )  # fmt: skip
    assert row["AuthorizationID"] == "MNG-XD-1"
    assert aef.tables[3].rows == ()
    (entity,) = aef.tables[4].rows
    assert (entity["AuthorizedEntityName"], entity["AuthorizedEntityID"]) == ("Demo Power", "1234567890123")


def test_holdings_stand_at_31_december_and_roll_on() -> None:
    in_2025 = build_aef(JAPAN, 2025, DATA).tables[3].rows
    assert [(row["FirstID"], row["LastID"], row["QuantityCO2"]) for row in in_2025] == [
        (401, 600, 200),
        (651, 1000, 350),
    ]
    in_2026 = build_aef(JAPAN, 2026, DATA).tables[3].rows
    assert [(row["FirstID"], row["LastID"]) for row in in_2026] == [(501, 600), (651, 1000), (1001, 1200)]
    in_2027 = build_aef(JAPAN, 2027, DATA)
    assert in_2027.tables[3].rows == in_2026 and in_2027.tables[2].rows == ()


def test_an_earlier_year_does_not_know_what_comes_later() -> None:
    late = replace(DATA, movements=MOVEMENTS[:4])
    assert write_aef(build_aef(JAPAN, 2025, DATA)) == write_aef(build_aef(JAPAN, 2025, late))


def test_domestic_transfers_are_no_rows() -> None:
    aef = build_aef(JAPAN, 2025, DATA)
    assert not any(row["ActionType"] == "Transfer" for row in aef.tables[2].rows)


def test_the_checkers_profile() -> None:
    aef = build_aef(JAPAN, 2025, DATA, "checker", submitted_on=date(2026, 4, 10))
    acquisition, _, cancellation = aef.tables[2].rows
    assert acquisition["ActionDateTime"] == "01/05/2025"
    assert acquisition["FirstID"] == "CA9999-JPN99-MNG-1-2022"
    assert acquisition["LastID"] == "CA9999-JPN99-MNG-1000-2022"
    assert acquisition["ResultOfConsistencyChecks"] == layout.CARP_TEXT
    assert cancellation["ActionType"] == "Cancellation"
    (submission,) = aef.tables[0].rows
    assert submission["DateOfSubmission"] == "10/04/2026"
    assert submission["ReferenceToTerReport"] == layout.CARP_LINK
    (authorization,) = aef.tables[1].rows
    assert authorization["AuthorizationDocumentation"] == layout.CARP_LINK
    assert authorization["AuthorizedTimeframe"] is None
    assert "AEF-TIMEFRAME-OF-USE-UNKNOWN" in {item.rule for item in aef.findings}
    host = build_aef(HOST, 2025, DATA, "checker")
    assert host.tables[2].rows[0]["ActionSubtype"] == "First international transfer"


@pytest.mark.parametrize(
    ("profile", "spelling"), [("nomenclature", "Use or Cancellation"), ("checker", "Use of cancellation")]
)
def test_other_purposes_in_table_2(profile: str, spelling: str) -> None:
    given = replace(
        GIVEN, purposes=("NDC and OIMP",), first_transfer_definition=FirstTransferDefinition.USE_OR_CANCELLATION
    )
    (row,) = build_aef(HOST, 2025, replace(DATA, authorizations=(given,)), profile).tables[1].rows
    assert (row["PurposeForAuthorization"], row["FirstTransferDefnForOIMP"]) == ("NDC and OIMP", spelling)


def test_table_2_lists_versions_of_the_year_and_those_that_rows_rest_on() -> None:
    second = replace(GIVEN, version=2, authorized_on=date(2026, 6, 1), terms="changed")
    data = replace(DATA, authorizations=(GIVEN, TAKEN, second))
    assert [row["AuthorizationVersion"] for row in build_aef(HOST, 2025, data).tables[1].rows] == [1]
    assert [row["AuthorizationVersion"] for row in build_aef(HOST, 2026, data).tables[1].rows] == [1, 2]
    assert [row["AuthorizationVersion"] for row in build_aef(HOST, 2027, data).tables[1].rows] == []
    assert [row["AuthorizationID"] for row in build_aef(JAPAN, 2027, data).tables[1].rows] == ["JPN-XD-1"]


@pytest.mark.parametrize("profile", sorted(layout.PROFILES))
def test_what_is_not_known_stays_empty_and_is_named(profile: str) -> None:
    aef = build_aef(JAPAN, 2025, UNKNOWN, profile)
    (row,) = aef.tables[2].rows
    for name in ("CooperativeApproachID", "AuthorizationID", "Vintage", "PartyITMORegistryID"):
        assert row[name] is None
    named = {item.facts.get("label") for item in aef.findings if item.rule == "AEF-CELL-UNKNOWN"}
    assert {"Cooperative approach ID", "Authorization ID", "Vintage", "Date of submission"} <= named
    assert ("First ID" in named) == (profile == "checker")
    assert "AEF-NO-OWN-AUTHORIZATION" in {item.rule for item in aef.findings}
    host = build_aef(HOST, 2025, UNKNOWN, profile)
    assert "Sector(s)" in {item.facts.get("label") for item in host.findings}
    assert host.tables[1].rows[0]["AuthorizationID"] is None
    for finding in (*aef.findings, *host.findings):
        assert finding.message("en") and finding.message("ja") != finding.message("en")


def test_every_row_leads_back_to_serials_authorization_and_decision() -> None:
    aef = build_aef(JAPAN, 2025, DATA)
    use = aef.tables[2].sources[1]
    assert use == {
        "entry_no": 12,
        "occurred_on": "2025-11-01",
        "decision": "XD001-2025-05-01",
        "serials": "JCM-JP-XD001-2022-1-400",
        "quantity": 400,
        "first_transfer": {
            "on": "2025-05-01", "rule": "japan_side_issuance", "entry_no": 10, "serials": "JCM-JP-XD001-2022-1-1000",
        },
        "host_authorization": {
            "party": "MNG", "authorization_id": "MNG-XD-1", "version": 1, "authorized_on": "2025-01-15", "entry_no": 3,
            "source": "demonstration", "grade": "read", "covers": "yes",
        },
        "own_authorization": {
            "party": "JPN", "authorization_id": "JPN-XD-1", "version": 1, "authorized_on": "2025-01-20", "entry_no": 4,
            "source": "demonstration", "grade": "read", "covers": "yes",
        },
    }  # fmt: skip
    data = aef.as_data()
    assert data["party"] == "JPN"
    for table in aef.tables:
        assert len(table.rows) == len(table.sources)


def test_rows_split_where_the_first_transfer_differs() -> None:
    """One movement over two issuances is two rows: each rests on its own first transfer."""
    rows = (*MOVEMENTS[:1], replace(MOVEMENTS[5], occurred_on=date(2025, 5, 2), entry_no=10))
    use = replace(MOVEMENTS[2], block=Block(SERIES, 900, 1100))
    aef = build_aef(JAPAN, 2025, replace(DATA, movements=(*rows, use)))
    assert [(row["ActionType"], row["FirstID"], row["LastID"]) for row in aef.tables[2].rows][2:] == [
        ("Use", 900, 1000),
        ("Use", 1001, 1100),
    ]


@pytest.mark.parametrize("profile", sorted(layout.PROFILES))
def test_the_workbook_has_the_published_layout(profile: str) -> None:
    aef = build_aef(JAPAN, 2025, DATA, profile)
    book = openpyxl.load_workbook(BytesIO(write_aef(aef)))
    assert tuple(book.sheetnames) == layout.SHEETS
    for table in aef.tables[1:]:
        sheet = book[table.layout.sheet]
        assert (sheet["B2"].value, sheet["B3"].value) == ("JPN", 2025)
        printed = [cell.value for cell in sheet[HEADER_ROW + 1]]
        wanted: list[str | None] = []
        for item in table.layout.fields:
            wanted += [item.label, None] if item.spacer_after else [item.label]
        assert printed == wanted
        for number, row in enumerate(table.rows, start=HEADER_ROW + 2):
            for item, column in columns(table.layout):
                assert sheet.cell(number, column + 1).value == row[item.name]
    submission = book["Table 1 Submission"]
    assert [submission.cell(HEADER_ROW + 1 + place, 1).value for place in range(9)] == [
        item.label for item in layout.SUBMISSION
    ]
    assert submission["B6"].value == "JPN"
    assert "DEMONSTRATION" in str(submission["A4"].value)
    assert build_aef(JAPAN, 2025, DATA).file_name == "JPN.2025.1.0.xlsx"


def test_spacers_stand_where_the_template_has_them() -> None:
    spaced = {table.number: [item.label for item in table.fields if item.spacer_after] for table in layout.TABLES}
    assert spaced == {
        1: [],
        2: ["Version of the authorization"],
        3: [
            "Last ID", "Last unit ID", "Quantity (in non-GHG metric)", "Vintage", "Acquiring participating Party ID",
            "Calendar year for which the ITMOs are used towards the Party's NDC",
        ],
        4: ["Last ID", "Last unit ID", "Quantity (in non-GHG metric)"],
        5: [],
    }  # fmt: skip


def test_a_public_report_bears_no_mark_of_fiction() -> None:
    book = openpyxl.load_workbook(BytesIO(write_aef(build_aef(JAPAN, 2025, UNKNOWN))))
    assert book["Table 3 Actions"]["A4"].value is None


_ELSEWHERE = """
import hashlib
from tests.reports.article6_world import DATA
from openjcm.reports.aef import build_aef, write_aef
print(hashlib.sha256(write_aef(build_aef("JPN", 2025, DATA))).hexdigest())
"""


def test_the_same_report_gives_the_same_bytes_in_another_process() -> None:
    first, again = write_aef(build_aef(JAPAN, 2025, DATA)), write_aef(build_aef(JAPAN, 2025, DATA))
    assert first == again
    root = Path(__file__).parent.parent.parent
    elsewhere = subprocess.run(
        [sys.executable, "-c", _ELSEWHERE], cwd=root, capture_output=True, text=True, check=True,
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PATH": "/usr/bin"},
    )  # fmt: skip
    assert elsewhere.stdout.strip() == hashlib.sha256(first).hexdigest()


def test_the_order_of_the_input_does_not_matter() -> None:
    turned = replace(DATA, movements=MOVEMENTS[::-1], authorizations=(TAKEN, GIVEN))
    assert write_aef(build_aef(JAPAN, 2026, turned)) == write_aef(build_aef(JAPAN, 2026, DATA))


def test_needed_cells_are_known_by_name() -> None:
    """Every field that a row builder fills is a field of the layout, and the other way round."""
    for aef in (build_aef(JAPAN, 2025, DATA), build_aef(HOST, 2025, DATA)):
        for table in aef.tables:
            for row in table.rows:
                assert list(row) == [item.name for item in table.layout.fields] or set(row) == {
                    item.name for item in table.layout.fields
                }
                for item in table.layout.fields:
                    if item.need is Need.CARP:
                        assert row[item.name] is None


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        build_aef(JAPAN, 2025, DATA, "legacy")
    assert refused.value.code == "unknown_aef_profile"


@pytest.mark.parametrize("version", ["1", "0.1", "x.y", "1.", "", "１.0"])
def test_a_malformed_version_is_refused(version: str) -> None:
    with pytest.raises(Refused) as refused:
        build_aef(JAPAN, 2025, DATA, version=version)
    assert refused.value.code == "bad_aef_version"


def test_a_party_that_does_not_report_here_is_refused() -> None:
    """An empty report for a misspelt Party would look like a year without actions."""
    assert build_aef("mn", 2025, DATA).party == "MNG"
    assert build_aef("jp", 2025, DATA).party == "JPN"
    with pytest.raises(Refused) as refused:
        build_aef("XYZ", 2025, DATA)
    assert refused.value.code == "unknown_country"


def test_a_world_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        article6_data("private", [], [])
    assert refused.value.code == "unknown_report_world"
