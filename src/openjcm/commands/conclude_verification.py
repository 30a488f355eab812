"""Conclude a verification: the verifier's own rerun gives the report byte for byte, and the opinion is recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from openjcm.commands.framework import Act, Decision, Desk, Name, Request, Rows, Sha256, Words
from openjcm.commands.submit_monitoring_report import plan_of, stored_bytes
from openjcm.methodologies import methodology
from openjcm.mrv.plan import MonitoringPlan
from openjcm.refusals import refusal
from openjcm.registry.ledger import BEFORE_ITS_CAUSE
from openjcm.store.journal import Product
from openjcm.verification.opinion import make_opinion
from openjcm.verification.rerun import rerun

UNKNOWN_REPORT = refusal(
    "unknown_report",
    en="There is no monitoring report {report}.",
    ja="モニタリング報告書 {report} はありません。",
    remedy_en="Submit the report first, or check its SHA-256.",
    remedy_ja="先に報告書を提出するか、SHA-256 を確認してください。",
    clause="OpenJCM: a product names what it was made from",
    status=404,
)
ALREADY_VERIFIED = refusal(
    "already_verified",
    en="The report {report} was verified already, on {day}, with a {opinion} opinion.",
    ja="報告書 {report} は {day} に検証済みです (意見: {opinion})。",
    remedy_en="A verification is concluded once.",
    remedy_ja="検証の結論は1回だけ記録できます。",
    clause="OpenJCM: what is written stays written",
    status=409,
)


class ConcludeVerification(Request):
    """The third-party entity concludes on a report, with its statement."""

    report_sha256: Sha256 = Field(description="The monitoring report.")
    verifier: Name = Field(description="The third-party entity.")
    opinion: Literal["positive", "negative"] = Field(description="The opinion.")
    statement: Words = Field(description="The words of the opinion.")


@dataclass(frozen=True)
class State:
    """What the act looks at: the report, everything to make it again, and the day of its submission."""

    body: bytes
    plan: MonitoringPlan
    files: Mapping[str, bytes]
    submitted_on: date
    verified: tuple[str, date] | None
    facts: Mapping[str, bytes]


def load(desk: Desk, request: ConcludeVerification) -> State:
    """The report with the stored bytes from which it is made again."""
    row = desk.connection.execute(
        "select p.body, r.project, j.occurred_on, v.opinion, v.concluded_on from monitoring_report r"
        " join product p on p.sha256 = r.report_sha256 join journal j on j.entry_no = r.entry_no"
        " left join verification v using (report_sha256) where report_sha256 = %s",
        [request.report_sha256],
    ).fetchone()
    if row is None:
        raise UNKNOWN_REPORT(report=request.report_sha256)
    body = bytes(row[0])
    files = tuple(str(file["sha256"]) for file in json.loads(body)["files"])
    return State(
        body,
        plan_of(desk, row[1]),
        {sha256: stored_bytes(desk, sha256) for sha256 in files},
        row[2],
        (row[3], row[4]) if row[3] else None,
        facts_named_by(desk, body),
    )


def facts_named_by(desk: Desk, report: bytes) -> dict[str, bytes]:
    """The bytes of the facts of meters that a report names, by SHA-256."""
    named = [str(fact["sha256"]) for fact in json.loads(report).get("meter_facts", ())]
    rows = desk.connection.execute("select sha256, body from product where sha256 = any(%s)", [named])
    return {row[0]: bytes(row[1]) for row in rows}


def decide(request: ConcludeVerification, state: State) -> Decision:
    """A positive opinion needs a byte-equal rerun; the report is not concluded yet; the opinion follows it."""
    not_concluded_yet(request, state)
    if request.occurred_on < state.submitted_on:
        raise BEFORE_ITS_CAUSE(what="verification", day=request.occurred_on, cause=state.submitted_on)
    body = make_opinion(
        state.body,
        rerun(state.body, state.plan, state.files, methodology(state.plan.methodology), state.facts),
        verifier=request.verifier,
        opinion=request.opinion,
        statement=request.statement,
        concluded_on=request.occurred_on,
    )
    opinion = Product("verification_opinion", body)
    row = {
        "report_sha256": request.report_sha256,
        "opinion": request.opinion,
        "opinion_sha256": opinion.sha256,
        "concluded_on": request.occurred_on,
    }
    outcome = {
        "report_sha256": request.report_sha256,
        "opinion": request.opinion,
        "opinion_sha256": opinion.sha256,
        "byte_equal": str(json.loads(body)["rerun"]["answer"]),
    }
    return Decision(outcome, (Rows("verification", (row,)),), (opinion,))


def not_concluded_yet(request: ConcludeVerification, state: State) -> None:
    """A verification is concluded once. Refuses ``already_verified``."""
    if state.verified is not None:
        opinion, day = state.verified
        raise ALREADY_VERIFIED(report=request.report_sha256, opinion=opinion, day=day)


ACT = Act(
    name="conclude_verification",
    title_en="Conclude a verification",
    title_ja="検証の完了",
    permission="operator",
    request=ConcludeVerification,
    load=load,
    decide=decide,
)
