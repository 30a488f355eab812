"""The agreed electronic format (AEF): the annual information of a Party, as a workbook of five tables.

``build_aef`` makes the tables as plain data, each row with the serials, authorization versions and decision it rests
on; ``write_aef`` writes the same bytes every time. What is not known stays an empty cell, and a finding names it.
Due on 15 April for the actions of the calendar year before (2/CMA.3 annex para 20; UNFCCC submission FAQ).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import overload

import xlsxwriter

from openjcm.article6.authorization import Authorization, Entity
from openjcm.refusals import Finding, Severity, refusal
from openjcm.reports import aef_layout as layout
from openjcm.reports.aef_layout import CARP, Field, Need, Profile, TableLayout
from openjcm.reports.article6_lines import (
    CUT_OFF,
    ActionLine,
    Article6Data,
    Line,
    PartyLines,
    ndc_period,
    party_lines,
    reporting_party,
)
from openjcm.reports.collector import collector_paused
from openjcm.reports.column_sheet import ColumnSheet

Cell = str | int | None
"""What stands in a cell; ``None`` is an empty one."""

UNKNOWN_PROFILE = refusal(
    "unknown_aef_profile",
    en="There is no export profile “{profile}”.",
    ja="「{profile}」という出力形式はありません。",
    remedy_en="Use one of: {known}.",
    remedy_ja="次のいずれかを指定してください: {known}。",
    clause="4/CMA.6 annex II; the common nomenclatures and the secretariat's checker differ",
)
BAD_VERSION = refusal(
    "bad_aef_version",
    en="“{version}” is not a version of a submission.",
    ja="「{version}」は提出物の版番号の形式ではありません。",
    remedy_en="Write it as X.Y with X from 1; the first submission is 1.0, a higher one replaces it.",
    remedy_ja="X.Y の形 (X は1以上) で記入してください。初回は 1.0 で、より大きい版が前の版に代わります。",
    clause="4/CMA.6 annex II, Table 1, Version",
)


@dataclass(frozen=True)
class Table:
    """One table: its layout, its rows by technical name, and for each row what it rests on."""

    layout: TableLayout
    rows: tuple[Mapping[str, Cell], ...]
    sources: Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class SourcesOf(Sequence[Mapping[str, object]]):
    """What the rows of some lines rest on, told when it is asked for: a workbook does not say it."""

    lines: Sequence[Line]

    def __len__(self) -> int:
        return len(self.lines)

    @overload
    def __getitem__(self, index: int) -> Mapping[str, object]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Mapping[str, object]]: ...
    def __getitem__(self, index: int | slice) -> Mapping[str, object] | Sequence[Mapping[str, object]]:
        return SourcesOf(self.lines[index]) if isinstance(index, slice) else self.lines[index].sources


@dataclass(frozen=True)
class Aef:
    """A Party's annual information for one year: formatted tables, the lines behind them, and what to tell a reader."""

    party: str
    year: int
    version: str
    world: str
    profile: Profile
    tables: tuple[Table, ...]
    lines: PartyLines
    findings: tuple[Finding, ...]

    @property
    def file_name(self) -> str:
        """The name under which it is filed: ``JPN.2025.1.0.xlsx``."""
        return f"{self.party}.{self.year}.{self.version}.xlsx"

    def as_data(self) -> dict[str, object]:
        """The report as plain data for a page or a command: every row with its cells and its sources."""
        return {
            "party": self.party,
            "year": self.year,
            "version": self.version,
            "world": self.world,
            "profile": self.profile.name,
            "cut_off": CUT_OFF,
            "tables": [
                {
                    "number": table.layout.number,
                    "title": table.layout.title,
                    "fields": [
                        {"label": item.label, "name": item.name, "need": item.need.value}
                        for item in table.layout.fields
                    ],
                    "rows": [
                        {"cells": dict(row), "sources": dict(source)}
                        for row, source in zip(table.rows, table.sources, strict=True)
                    ],
                }
                for table in self.tables
            ],
            "findings": [
                {
                    "rule": item.rule,
                    "severity": item.severity.value,
                    "en": item.message("en"),
                    "ja": item.message("ja"),
                    "rows": list(item.rows),
                }
                for item in self.findings
            ],
        }


@collector_paused()
def build_aef(
    party: str,
    year: int,
    data: Article6Data,
    profile: str = "nomenclature",
    *,
    version: str = "1.0",
    submitted_on: date | None = None,
) -> Aef:
    """The AEF of a Party for the actions of a calendar year.

    ``submitted_on`` is the date of submission; left out, its cell stays empty and a finding says so.

    Raises:
        Refused: ``unknown_aef_profile``, ``bad_aef_version``, ``unknown_country``,
            ``unknown_first_transfer_trigger``.
    """
    party = reporting_party(party)
    if profile not in layout.PROFILES:
        raise UNKNOWN_PROFILE(profile=profile, known=list(layout.PROFILES))
    major, dot, minor = version.partition(".")
    if not (dot and major.isdecimal() and minor.isdecimal() and version.isascii() and int(major) >= 1):
        raise BAD_VERSION(version=version)
    form = _Form(layout.PROFILES[profile])
    lines = party_lines(party, year, data)
    submission = form.submission(party, year, version, submitted_on)
    entities = [(given, entity) for given in lines.authorizations for entity in given.entities]
    tables = (
        Table(layout.TABLES[0], (submission,), ({"party": party, "year": year},)),
        Table(
            layout.TABLES[1],
            tuple(form.authorization(item) for item in lines.authorizations),
            tuple(
                {"entry_no": item.entry_no, "source": item.source, "grade": item.grade} for item in lines.authorizations
            ),
        ),
        Table(
            layout.TABLES[2],
            tuple(form.action(line) for line in lines.actions),
            SourcesOf(lines.actions),
        ),
        Table(
            layout.TABLES[3],
            tuple(form.line(line) for line in lines.holdings),
            SourcesOf(lines.holdings),
        ),
        Table(
            layout.TABLES[4],
            tuple(form.entity(given, entity) for given, entity in entities),
            tuple(_origin(given) for given, _ in entities),
        ),
    )
    findings = (*_missing(tables), *form.doubts(lines), *_of_this_report(lines))
    return Aef(party, year, version, data.world, form.profile, tables, lines, findings)


class _Form:
    """How one export profile writes values into cells."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._blank = {table.number: self._with_placeholders(table.fields) for table in layout.TABLES}

    def submission(self, party: str, year: int, version: str, submitted_on: date | None) -> dict[str, Cell]:
        first, last = ndc_period(party, year)
        return {
            **self._blank[1],
            "ParticipatingParty": party,
            "SubmissionVersion": version,
            "ReportedYear": year,
            "DateOfSubmission": _day(submitted_on),
            "FirstYearOfNDCPeriod": first,
            "LastYearOfNDCPeriod": last,
        }

    def authorization(self, given: Authorization) -> dict[str, Cell]:
        definition = given.first_transfer_definition
        other = [purpose for purpose in given.purposes if purpose != "NDC"]
        frame = given.vintages if self.profile.timeframe else None
        return {
            **self._blank[2],
            "AuthorizationID": given.stated_id,
            "DateOfAuthorization": _day(given.authorized_on),
            "CooperativeApproachID": given.cooperative_approach_id,
            "AuthorizationVersion": given.version,
            "AuthorizedQuantity": given.quantity,
            "Metric": layout.METRIC,
            "Non-GHGMetric": layout.NOT_APPLICABLE,
            "Sectors": _list(given.sectors),
            "ActivityType": _list(given.activity_types),
            "PurposeForAuthorization": _list(given.purposes),
            "AuthorizedPartyIDs": _list(given.authorized_parties),
            "AuthorizedEntityIDs": _list([item.identification for item in given.entities if item.identification]),
            "OIMPAuthorized": None if other else layout.NOT_APPLICABLE,
            "AuthorizedTimeframe": f"{frame[0]} - {frame[1]}" if frame else None,
            "AuthorizationT&Cs": given.terms,
            "FirstTransferDefnForOIMP": (
                (self.profile.definitions[definition] if definition else None) if other else layout.NOT_APPLICABLE
            ),
            "AdditionalExplanatoryInformation": _withdrawal(given),
        }

    def line(self, line: Line) -> dict[str, Cell]:
        """What actions and holdings have in common."""
        itmo = line.itmo
        ids = (itmo.first, itmo.last) if not self.profile.full_ids else (itmo.full(itmo.first), itmo.full(itmo.last))
        unit = f"JCM-{line.block.series}"
        return {
            "CooperativeApproachID": itmo.cooperative_approach,
            "AuthorizationID": line.authorization_id,
            "FirstTransferringPartyID": itmo.first_party,
            "PartyITMORegistryID": itmo.registry,
            "FirstID": ids[0],
            "LastID": ids[1],
            "UnderlyingUnitRegistryID": line.underlying_registry,
            "UnderlyingUnitFirstUnitID": f"{unit}-{line.block.first}",
            "UnderlyingUnitLastUnitID": f"{unit}-{line.block.last}",
            "Metric": line.metric,
            "GWPValues": None,
            "Non-GHGMetric": layout.NOT_APPLICABLE,
            "QuantityCO2": line.quantity,
            "QuantityNon-GHG": layout.NOT_APPLICABLE,
            "MitigationType": layout.MITIGATION_TYPE,
            "Vintage": int(itmo.vintage) if itmo.vintage.isdecimal() else None,
        }

    def action(self, line: ActionLine) -> dict[str, Cell]:
        day = line.occurred_on
        cells = {
            "ActionDateTime": f"{day.isoformat()}T00:00:00.000Z" if self.profile.date_time else _day(day),
            "ActionType": self.profile.action_types[line.action_type],
            "ActionSubtype": self.profile.subtypes[line.subtype] if line.subtype else None,
            **self.line(line),
            "TransferringPartyID": line.transferring,
            "AcquiringPartyID": line.acquiring,
            "PurposeITMOUsedForOIMP": line.other_purpose,
            "Using/cancellingPartyID": line.using_party,
            "Using/cancellingEntityID": line.using_entity,
            "YearITMOUsedTowardsNDC": line.used_for_year,
        }
        return {**self._blank[3], **cells}

    def entity(self, given: Authorization, entity: Entity) -> dict[str, Cell]:
        cells: dict[str, Cell] = {
            "DateOfAuthorization": _day(given.authorized_on),
            "AuthorizedEntityName": entity.name,
            "AuthorizedEntityCountryOfIncorporation": entity.country,
            "AuthorizedEntityID": entity.identification,
            "CooperativeApproachID": given.cooperative_approach_id,
            "AuthorizedEntityConditions": entity.conditions,
            "AuthorizedEntityChangeConditions": entity.change_conditions,
            "AdditionalExplanatoryInformation": entity.note,
        }
        return {**self._blank[5], **cells}

    def doubts(self, lines: PartyLines) -> list[Finding]:
        """What a cell cannot say of itself."""
        found = []
        if self.profile.date_time and lines.actions:
            found.append(_finding("AEF-TIME-UNKNOWN", {"table": "3"}, range(1, len(lines.actions) + 1)))
        if not self.profile.timeframe and any(item.vintages for item in lines.authorizations):
            rows = [number for number, item in enumerate(lines.authorizations, 1) if item.vintages]
            found.append(_finding("AEF-TIMEFRAME-OF-USE-UNKNOWN", {"table": "2"}, rows))
        without = [number for number, line in enumerate(lines.actions, 1) if line.bound is None]
        if without:
            found.append(_finding("AEF-NO-OWN-AUTHORIZATION", {"table": "3", "party": lines.party}, without))
        return found

    def _with_placeholders(self, fields: tuple[Field, ...]) -> dict[str, Cell]:
        """A row with nothing in it but what stands for the platform's own cells."""
        row: dict[str, Cell] = dict.fromkeys(item.name for item in fields)
        if self.profile.placeholders:
            for item in fields:
                if item.need is CARP:
                    row[item.name] = layout.CARP_LINK if item.name in layout.CARP_LINKS else layout.CARP_TEXT
        return row


@collector_paused()
def write_aef(aef: Aef) -> bytes:
    """The workbook. The same report gives the same bytes, in every process and on every machine."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": aef.file_name, "author": "OpenJCM", "created": _FIXED})
    label = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EDF2", "border": 1}
    styles = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "label": book.add_format(label),
        "cell": book.add_format({"valign": "top", "text_wrap": True}),
        "fiction": book.add_format({"bold": True, "font_color": "#A40000"}),
    }
    sheets = [book.add_worksheet(name, ColumnSheet) for name in layout.SHEETS]
    _write_index(sheets[0], aef, styles)
    _write_summary(sheets[1], aef, styles)
    for sheet, table in zip(sheets[2:], aef.tables, strict=True):
        _write_heading(sheet, aef, table.layout.title, styles)
        if table.layout.number == 1:
            _write_vertical(sheet, table, styles)
        else:
            _write_rows(sheet, table, styles)
    book.close()
    return buffer.getvalue()


_FIXED = datetime(2000, 1, 1)  # noqa: DTZ001 - the format has no zone; a fixed instant keeps the bytes the same
HEADER_ROW = 5
"""0-based row of the labels on the sheets of Tables 2 to 5, and of the first label of Table 1."""


def _write_heading(sheet: xlsxwriter.worksheet.Worksheet, aef: Aef, title: str, styles: Mapping[str, object]) -> None:
    sheet.write_string(0, 0, title, styles["title"])
    sheet.write_string(1, 0, "Party", styles["label"])
    sheet.write_string(1, 1, aef.party)
    sheet.write_string(2, 0, "Reported year", styles["label"])
    sheet.write_number(2, 1, aef.year)
    if aef.world != "public":
        sheet.write_string(3, 0, "DEMONSTRATION: fictitious, not a submission / 実演用の架空データ", styles["fiction"])


def _write_vertical(sheet: xlsxwriter.worksheet.Worksheet, table: Table, styles: Mapping[str, object]) -> None:
    sheet.set_column(0, 0, 60)
    sheet.set_column(1, 1, 40)
    for place, item in enumerate(table.layout.fields):
        sheet.write_string(HEADER_ROW + place, 0, item.label, styles["label"])
        _write_cell(sheet, HEADER_ROW + place, 1, table.rows[0][item.name], styles["cell"])


def _write_rows(sheet: ColumnSheet, table: Table, styles: Mapping[str, object]) -> None:
    for item, column in columns(table.layout):
        sheet.set_column(column, column, 22)
        sheet.write_string(HEADER_ROW, column, item.label, styles["label"])
        sheet.write_column_of(HEADER_ROW + 1, column, [row[item.name] for row in table.rows], styles["cell"])
        if item.spacer_after:
            sheet.set_column(column + 1, column + 1, 3)
    sheet.freeze_panes(HEADER_ROW + 1, 0)


def columns(table: TableLayout) -> list[tuple[Field, int]]:
    """Each field of a table with its 0-based column, blank spacer columns counted."""
    placed, column = [], 0
    for item in table.fields:
        placed.append((item, column))
        column += 2 if item.spacer_after else 1
    return placed


def _write_cell(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: Cell, style: object) -> None:
    if isinstance(value, int):
        sheet.write_number(row, column, value, style)
    elif value is not None:
        sheet.write_string(row, column, value, style)


def _write_index(sheet: xlsxwriter.worksheet.Worksheet, aef: Aef, styles: Mapping[str, object]) -> None:
    _write_heading(sheet, aef, "Agreed electronic format: annual information", styles)
    sheet.set_column(0, 0, 32)
    for place, name in enumerate(layout.SHEETS):
        sheet.write_string(HEADER_ROW + place, 0, name)


def _write_summary(sheet: xlsxwriter.worksheet.Worksheet, aef: Aef, styles: Mapping[str, object]) -> None:
    _write_heading(sheet, aef, "Summary information", styles)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 100)
    totals: dict[str, int] = defaultdict(int)
    for line in aef.lines.actions:
        totals[line.action_type.value] += line.quantity
    facts: list[tuple[str, Cell]] = [
        ("Version", aef.version),
        ("Export profile", aef.profile.name),
        ("Cut-off of holdings", CUT_OFF),
        ("Authorizations (versions)", len(aef.tables[1].rows)),
        ("Actions (rows)", len(aef.tables[2].rows)),
        *((f"{name} (t CO2 eq)", total) for name, total in sorted(totals.items())),
        ("Holdings on 31 December (t CO2 eq)", sum(line.quantity for line in aef.lines.holdings)),
        *((item.rule, item.message("en")) for item in aef.findings),
    ]
    for place, (label, value) in enumerate(facts):
        sheet.write_string(HEADER_ROW + place, 0, label, styles["label"])
        _write_cell(sheet, HEADER_ROW + place, 1, value, styles["cell"])


def _day(day: date | None) -> str | None:
    return day.strftime("%d/%m/%Y") if day else None


def _origin(given: Authorization) -> dict[str, object]:
    """What a row of Tables 2 and 5 rests on."""
    return {
        "authorization_id": given.authorization_id,
        "version": given.version,
        "entry_no": given.entry_no,
        "source": given.source,
        "grade": given.grade.value,
    }


def _list(items: tuple[str, ...] | list[str]) -> str | None:
    return ", ".join(items) if items else None


def _withdrawal(given: Authorization) -> str | None:
    return "This version withdraws the authorization." if given.withdrawn else None


def _of_this_report(lines: PartyLines) -> list[Finding]:
    """Of the findings of the whole history those about this Party that concern the year or what its rows rest on."""
    if not lines.history.findings:
        return []
    resting = {str(line.first_transfer.block) for line in (*lines.actions, *lines.holdings)}
    return [
        item
        for item in lines.history.findings
        if lines.party in (item.facts["host"], item.facts["to"])
        and (item.facts["block"] in resting or item.facts["day"].startswith(str(lines.year)))
    ]


def _missing(tables: tuple[Table, ...]) -> list[Finding]:
    """One finding for every field that must be filled and is empty somewhere, with the rows."""
    found = []
    for table in tables:
        for item in table.layout.fields:
            if item.need is not Need.YES:
                continue
            name = item.name
            rows = [number for number, row in enumerate(table.rows, 1) if row[name] is None]
            if rows:
                facts = {"table": str(table.layout.number), "label": item.label, "count": str(len(rows))}
                found.append(_finding("AEF-CELL-UNKNOWN", facts, rows))
    return found


_SENTENCES = {
    "AEF-CELL-UNKNOWN": (
        Severity.EXPLAIN,
        "Table {table}, “{label}”: not known in {count} row(s); the cell stays empty.",
        "表{table}「{label}」: {count}行で値が不明なため、空欄としています。",
    ),
    "AEF-TIME-UNKNOWN": (
        Severity.INFORMS,
        "Table {table}: only the day of an action is known; midnight stands for it.",
        "表{table}: 行為の日付のみが分かっているため、時刻は0時と表記しています。",
    ),
    "AEF-TIMEFRAME-OF-USE-UNKNOWN": (
        Severity.INFORMS,
        "Table {table}: this profile also asks for the frame of use, which is not stated; left empty.",
        "表{table}: この出力形式は使用期間も求めますが、承認に記載がないため空欄としています。",
    ),
    "AEF-NO-OWN-AUTHORIZATION": (
        Severity.EXPLAIN,
        "Table {table}: no authorization of {party} itself is on file for these rows.",
        "表{table}: これらの行について {party} 自身の承認が登録されていません。",
    ),
}
RULES = tuple(_SENTENCES)
"""The findings that the report can make, beside those of the projection."""


def _finding(rule: str, facts: dict[str, str], rows: list[int] | range) -> Finding:
    severity, en, ja = _SENTENCES[rule]
    return Finding(rule, severity, en, ja, "4/CMA.6 annex II", facts, tuple(rows)[:100], len(rows))
