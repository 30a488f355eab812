"""Audit of the rows that acts wrote: each is made again from the journal's request and outcome, and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Any, LiteralString

import psycopg

from openjcm.refusals import Finding
from openjcm.store.audit import JournalRow, finding, stream
from openjcm.store.audit_applications import ROW_MAKERS as APPLICATION_ROWS
from openjcm.store.audit_comparison import Comparison
from openjcm.store.audit_proposal_rows import ROW_MAKERS as PROPOSAL_ROWS

Row = dict[str, Any]
Expected = Iterator[tuple[str, Row]]
Sides = dict[tuple[str, str], Row]
"""Decision and side → the row of ``side_issuance``."""

ROWS: dict[str, LiteralString] = {
    "registry": "select entry_no, to_jsonb(t) from registry t order by 1",
    "account": "select entry_no, to_jsonb(t) from account t order by 1",
    "project": "select entry_no, to_jsonb(t) from project t order by 1",
    "statement": "select entry_no, to_jsonb(t) - 'statement_id' from statement t order by 1",
    "monitoring_report": "select entry_no, to_jsonb(t) from monitoring_report t order by 1",
    "verification": "select entry_no, to_jsonb(t) from verification t order by 1",
    "issuance_decision": "select entry_no, to_jsonb(t) from issuance_decision t order by 1",
    "side_issuance": "select entry_no, to_jsonb(t) from side_issuance t order by 1",
    "side_issuance_share": "select coalesce(d.entry_no, 0), to_jsonb(t) from side_issuance_share t"
    " left join issuance_decision d using (decision_id) order by 1",
    "party_authorization": "select entry_no, to_jsonb(t) from party_authorization t order by 1",
    "meter_fact": "select entry_no, to_jsonb(t) from meter_fact t order by 1",
    "reading_profile": "select entry_no, to_jsonb(t) from reading_profile t order by 1",
    "stored_file": "select entry_no, to_jsonb(t) - 'size_bytes' from stored_file t order by 1",
    "gateway": "select entry_no, to_jsonb(t) from gateway t order by 1",
    "gateway_key": "select entry_no, to_jsonb(t) from gateway_key t order by 1",
    "gateway_key_revocation": "select entry_no, to_jsonb(t) from gateway_key_revocation t order by 1",
    "gateway_meters": "select entry_no, to_jsonb(t) from gateway_meters t order by 1",
    "storage_phase": "select entry_no, to_jsonb(t) from storage_phase t order by 1",
    "reversal": "select entry_no, to_jsonb(t) from reversal t order by 1",
    "reversal_settlement": "select entry_no, to_jsonb(t) from reversal_settlement t order by 1",
    "correction": "select entry_no, to_jsonb(t) from correction t order by 1",
    "batch_loss": "select entry_no, to_jsonb(t) from batch_loss t order by 1",
    "partner": "select entry_no, to_jsonb(t) from partner t order by 1",
    "partner_revocation": "select entry_no, to_jsonb(t) from partner_revocation t order by 1",
    "notice_in": "select entry_no, to_jsonb(t) from notice_in t order by 1",
    "reconciliation": "select entry_no, to_jsonb(t) from reconciliation t order by 1",
    "account_application": "select entry_no, to_jsonb(t) from account_application t order by 1",
    "account_review": "select entry_no, to_jsonb(t) from account_review t order by 1",
    "account_change": "select entry_no, to_jsonb(t) from account_change t order by 1",
    "trust_record": "select entry_no, to_jsonb(t) from trust_record t order by 1",
    "trust_end": "select entry_no, to_jsonb(t) from trust_end t order by 1",
    "representative_fact": "select entry_no, to_jsonb(t) from representative_fact t order by 1",
    "account_control": "select entry_no, to_jsonb(t) from account_control t order by 1",
    "proposal": "select entry_no, to_jsonb(t) from proposal t order by 1",
    "proposal_step": "select entry_no, to_jsonb(t) from proposal_step t order by 1",
    "live_closing": "select entry_no, to_jsonb(t) - 'span' from live_closing t order by 1",
    "split_view": "select entry_no, to_jsonb(t) from split_view t order by 1",
}
"""The tables that follow from requests: entry and row as JSON, in the order of the entries."""


def check_records(connection: psycopg.Connection, journal: Iterable[JournalRow]) -> Iterator[Finding]:
    """Every row follows from an entry, and every entry has its rows."""
    tables = {table: Comparison(table, stream(connection, query)) for table, query in ROWS.items()}
    sides: Sides = {}
    for row in journal:
        try:
            for table, made in rows_of(row):
                tables[table].expect(row.entry_no, made)
            _follow_sides(sides, row)
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError, StopIteration) as error:
            yield finding("entry_not_readable", entry=row.entry_no, reason=f"{type(error).__name__} {error}")
    for side in sorted(sides.values(), key=lambda side: side["entry_no"]):
        tables["side_issuance"].expect(side["entry_no"], side)
    for comparison in tables.values():
        yield from comparison.differences()


def rows_of(row: JournalRow) -> Expected:
    """The rows that an entry wrote, except those of the ledger and the changing state of a side."""
    make = MAKERS.get(row.act)
    if make is not None:
        for table, made in make(row):
            yield table, made if table == "side_issuance_share" else {**made, "entry_no": row.entry_no}


def _days(start: str | None, end: str | None) -> str | None:
    """Two days, both included, as the database writes the range."""
    if start is None or end is None:
        return None
    return f"[{start},{date.fromisoformat(end) + timedelta(days=1)})"


def _pick(data: Row, *names: str) -> Row:
    return {name: data[name] for name in names}


def _registry(row: JournalRow) -> Expected:
    yield "registry", _pick(row.request, "registry_id", "party", "world")


def _account(row: JournalRow) -> Expected:
    picked = _pick(row.request, "account_id", "registry_id", "account_type", "holder")
    yield "account", {**picked, "opened_on": row.request["occurred_on"]}


def _project(row: JournalRow) -> Expected:
    picked = _pick(row.request, "reference", "world", "host_party", "title", "status", "registered_on", "methodologies")
    period = row.request["crediting_period"] or {}
    span = _days(period.get("start"), period.get("end"))
    yield "project", {**picked, "crediting_period": span, "plan_sha256": row.outcome["plan_sha256"]}


def _statements(row: JournalRow) -> Expected:
    for item in row.request["fields"]:
        yield "statement", {**item, **_pick(row.request, "subject_kind", "subject")}


def _report(row: JournalRow) -> Expected:
    span = _days(row.request["monitoring_start"], row.request["monitoring_end"])
    picked = _pick(row.outcome, "report_sha256", "emission_reductions")
    yield "monitoring_report", {**picked, "project": row.request["project"], "monitoring_period": span}


def _verification(row: JournalRow) -> Expected:
    picked = _pick(row.request, "report_sha256", "opinion")
    made = {"opinion_sha256": row.outcome["opinion_sha256"], "concluded_on": row.request["occurred_on"]}
    yield "verification", {**picked, **made}


def _decision(row: JournalRow) -> Expected:
    request = row.request
    picked = _pick(request, "decision_id", "world", "total", "report_sha256")
    yield (
        "issuance_decision",
        {
            **picked,
            "projects": sorted(set(request["projects"])),
            "monitoring_period": _days(request["monitoring_start"], request["monitoring_end"]),
            "decided_on": request["occurred_on"],
            "decision_sha256": row.outcome["decision_sha256"],
        },
    )
    for made in row.outcome.get("reversals_deducted", ()):
        yield "reversal_settlement", {**made, "how": "deducted"}
    for side in request["sides"]:
        for share in side["shares"]:
            yield "side_issuance_share", {"decision_id": request["decision_id"], "side": side["side"], **share}


def _authorization(row: JournalRow) -> Expected:
    picked = _pick(row.request, "party", "authorization_id", "version", "world")
    made = {"authorized_on": row.request["occurred_on"], "body_sha256": row.outcome["body_sha256"]}
    yield "party_authorization", {**picked, **made}


def _upload(row: JournalRow) -> Expected:
    request = row.request
    shared = {"is_public": request["is_public"]}
    yield "stored_file", {**shared, "sha256": request["content_sha256"], **_pick(request, "media_type", "name")}
    yield (
        "stored_file",
        {
            **shared,
            "sha256": row.outcome["parquet_sha256"],
            "media_type": "application/vnd.apache.parquet",
            "name": f"{request['name']}.readings.parquet",
        },
    )


def _meter_fact(row: JournalRow) -> Expected:
    request = row.request
    picked = _pick(request, "project", "meter", "kind", "day", "corrects")
    yield "meter_fact", {**picked, "fact_sha256": row.outcome["fact_sha256"]}
    if row.outcome["document_stored"]:
        stored = _pick(request, "is_public", "media_type", "name")
        yield "stored_file", {**stored, "sha256": request["content_sha256"]}


def _profile(row: JournalRow) -> Expected:
    picked = _pick(row.outcome, "version", "fingerprint", "profile_sha256")
    yield "reading_profile", {**picked, "name": row.request["profile"], "confirmed_on": row.request["occurred_on"]}


def _instant(text: str | None) -> str | None:
    """An instant of a request as the database writes it."""
    return text and text.replace("Z", "+00:00")


def _gateway(row: JournalRow) -> Expected:
    request = row.request
    yield (
        "gateway",
        {"gateway_id": request["gateway"], **_pick(request, "project", "clock_ahead_seconds", "late_after_days")},
    )
    yield from _gateway_meters(row)


def _gateway_meters(row: JournalRow) -> Expected:
    made = {"valid_since": _instant(row.request["meters_since"]), "meters": sorted(set(row.request["meters"]))}
    yield "gateway_meters", {"gateway_id": row.request["gateway"], **made}


def _gateway_key(row: JournalRow) -> Expected:
    made = {name: _instant(row.request[name]) for name in ("valid_since", "valid_until")}
    named = {"gateway_id": row.request["gateway"], "key_id": row.outcome["key_id"]}
    yield "gateway_key", {**named, **made, **_pick(row.request, "public_key")}


def _revocation(row: JournalRow) -> Expected:
    yield (
        "gateway_key_revocation",
        {**_pick(row.request, "key_id", "reason"), "revoked_at": row.recorded_at.isoformat()},
    )


def _loss(row: JournalRow) -> Expected:
    numbers = f"[{row.request['first_number']},{row.request['last_number'] + 1})"
    yield "batch_loss", {**_pick(row.request, "key_id", "reason"), "numbers": numbers}


def _closing(row: JournalRow) -> Expected:
    days = _days(row.request["period_start"], row.request["period_end"])
    yield "live_closing", {**_pick(row.request, "project"), "days": days}
    shared = {"is_public": False, "media_type": "application/vnd.apache.parquet"}
    for file in row.outcome["files"]:
        yield "stored_file", {**shared, "sha256": file["file_sha256"], "name": file["name"]}
        yield "stored_file", {**shared, "sha256": file["parquet_sha256"], "name": f"{file['name']}.readings.parquet"}


def _partner(row: JournalRow) -> Expected:
    picked = _pick(row.request, "partner", "our_name", "address", "notice_key", "log_key")
    made = {"keeps": row.outcome["keeps"], "version": row.outcome["version"], "valid_since": row.request["occurred_on"]}
    yield "partner", {**picked, **made}


def _partner_revocation(row: JournalRow) -> Expected:
    yield "partner_revocation", {**_pick(row.outcome, "partner", "version"), "reason": row.request["reason"]}


def _notice(row: JournalRow) -> Expected:
    names = ("partner", "sequence", "sha256", "kind", "occurred_on", "sum", "line_sha256")
    yield "notice_in", _pick(row.outcome, *names)


def _reconciliation(row: JournalRow) -> Expected:
    picked = _pick(row.outcome, "partner", "statement_sha256", "report_sha256", "differences", "under_way")
    yield "reconciliation", {**picked, "on_day": row.request["on"]}
    made = {"media_type": "text/plain", "name": row.outcome["statement_name"], "is_public": False}
    yield "stored_file", {**made, "sha256": row.outcome["statement_sha256"]}


def _correction(row: JournalRow) -> Expected:
    request = row.request
    sha256 = request["content_sha256"]
    made = {"document_sha256": sha256, "approvals": request["consents"]}
    yield "correction", {**_pick(request, "corrects", "reason"), **made}
    if row.outcome.get("document_stored", True):
        yield "stored_file", {"is_public": False, "sha256": sha256, **_pick(request, "media_type", "name")}


def _storage_phase(row: JournalRow) -> Expected:
    picked = _pick(row.request, "project", "phase", "source", "grade")
    yield "storage_phase", {**picked, "since": row.request["occurred_on"]}


def _reversal(row: JournalRow) -> Expected:
    request = row.request
    sha256 = request["content_sha256"]
    made = {"phase": row.outcome["phase"], "found_on": request["occurred_on"], "document_sha256": sha256}
    yield "reversal", {**_pick(request, "reversal_id", "project", "tonnes"), **made}
    if row.outcome["document_stored"]:
        yield "stored_file", {"is_public": False, "sha256": sha256, **_pick(request, "media_type", "name")}


def _settlement(row: JournalRow) -> Expected:
    how = "reserve" if row.act == "cover_reversal" else "replaced"
    made = {"reversal_id": row.request["reversal_id"], "how": how, "tonnes": row.outcome["quantity"]}
    yield "reversal_settlement", made


def _split_view(row: JournalRow) -> Expected:
    yield "split_view", _pick(row.outcome, "origin", "evidence_sha256", "smaller", "larger")


MAKERS: dict[str, Callable[[JournalRow], Expected]] = {
    "open_registry": _registry,
    "open_account": _account,
    "correct_mistake": _correction,
    "record_storage_phase": _storage_phase,
    "record_reversal": _reversal,
    "cover_reversal": _settlement,
    "replace_reversal": _settlement,
    "register_project": _project,
    "record_statement": _statements,
    "submit_monitoring_report": _report,
    "conclude_verification": _verification,
    "decide_issuance": _decision,
    "record_authorization": _authorization,
    "upload_readings": _upload,
    "record_meter_fact": _meter_fact,
    "record_reading_profile": _profile,
    "register_gateway": _gateway,
    "change_gateway_meters": _gateway_meters,
    "register_gateway_key": _gateway_key,
    "revoke_gateway_key": _revocation,
    "declare_batches_lost": _loss,
    "close_live_readings": _closing,
    "register_partner": _partner,
    "revoke_partner": _partner_revocation,
    "receive_notice": _notice,
    "reconcile": _reconciliation,
    **PROPOSAL_ROWS,
    **APPLICATION_ROWS,
    "record_split_view": _split_view,
}


def _follow_sides(sides: Sides, row: JournalRow) -> None:
    """The state of every side after one more entry."""
    if row.act == "decide_issuance":
        for side in row.request["sides"]:
            sides[row.request["decision_id"], side["side"]] = {
                "decision_id": row.request["decision_id"],
                "side": side["side"],
                "notified": side["amount"],
                "state": "not_applicable" if side["amount"] == 0 else "notified",
                "issued_on": None,
                "entry_no": row.entry_no,
            }
    if row.act == "issue" and (side := sides.get((row.request["decision_id"], row.request["side"]))):
        side |= {"state": "issued", "issued_on": row.request["occurred_on"], "entry_no": row.entry_no}
