"""Record the Joint Committee's decision on an issuance: integers per side and account, taken as decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field

from openjcm.canonical import canonical_bytes
from openjcm.commands.against_reversal import Against, against_reversal
from openjcm.commands.framework import (
    Act,
    Day,
    Decision,
    Desk,
    GradeName,
    Name,
    Part,
    Party,
    ProjectReference,
    Request,
    Rows,
    Sha256,
    Whole,
    World,
    leaving_out,
)  # fmt: skip
from openjcm.commands.keeping import Kept, kept_of
from openjcm.commands.lookups import (
    ALREADY_ON_RECORD,
    is_on_record,
    keeper_of,
    known_accounts,
    known_projects,
    registry_of,
)
from openjcm.commands.register_project import Period, days
from openjcm.refusals import refusal
from openjcm.registry.accounts import Account, Kind
from openjcm.registry.allocation import Allocation, Share, Side, check
from openjcm.registry.ledger import BEFORE_ITS_CAUSE, account_fits, account_of_registry
from openjcm.registry.serials import Series
from openjcm.store.journal import Product

NOT_VERIFIED = refusal(
    "not_verified",
    en="The report {report} has no positive verification opinion.",
    ja="報告書 {report} には肯定的な検証意見がありません。",
    remedy_en="Conclude the verification with a positive opinion first.",
    remedy_ja="先に肯定的な意見で検証を完了してください。",
    clause="JCM project cycle: issuance is requested with a verified monitoring report",
)
REPORT_ALREADY_DECIDED = refusal(
    "report_already_decided",
    en="The report {report} was decided on already, by {decision}.",
    ja="報告書 {report} については、すでに決定 {decision} がなされています。",
    remedy_en="One report leads to one decision.",
    remedy_ja="1つの報告書に対する決定は1つです。",
    clause="OpenJCM: no tonne is decided twice",
    status=409,
)
DECISION_IS_NOT_OF_THE_REPORT = refusal(
    "decision_is_not_of_the_report",
    en="The decision names {field} {given}, the report {reported}.",
    ja="決定の {field} は {given} ですが、報告書では {reported} です。",
    remedy_en="State the project and monitoring period of the report.",
    remedy_ja="報告書のプロジェクトとモニタリング期間を記入してください。",
    clause="OpenJCM: a product names what it was made from",
)
SIDE_NOT_OF_THE_PROJECT = refusal(
    "side_not_of_the_project",
    en="{side} is neither Japan nor the host of {projects}.",
    ja="{side} は日本でも {projects} のホスト国でもありません。",
    remedy_en="The sides of a decision are Japan and the host country.",
    remedy_ja="決定の当事者は日本とホスト国です。",
    clause="JCM: the mechanism is bilateral",
)


class ShareRequest(Part):
    """Decided tonnes of one account and vintage."""

    account_id: Name = Field(description="The account that receives them.")
    vintage: Name = Field(description="2021; 2021to2022 where the split is not known; unknown.")
    quantity: Whole = Field(description="Whole tonnes, one or more.")


class SideRequest(Part):
    """Decided tonnes of one side."""

    side: Party = Field(description="JPN or the host country (ISO 3166-1 alpha-3).")
    amount: Whole | None = Field(description="Whole tonnes, zero allowed; null: no source states it.")
    shares: Annotated[tuple[ShareRequest, ...], Field(max_length=1000)] = Field(
        default=(), description="What each account gets; they sum to the amount."
    )


class KeptShareRequest(Part):
    """The share of the credits that is kept against reversal, where the decision states one."""

    share: Annotated[str, Field(pattern=r"^(0|0\.[0-9]{1,6}|[0-9]{1,6}/[1-9][0-9]{0,5})$")] = Field(
        description="A fraction or a decimal: 3/100, 0.2."
    )
    source: Name = Field(description="The text that sets it.")


class DecideIssuance(Request):
    """The Joint Committee decided on an issuance on the day ``occurred_on``."""

    decision_id: Name = Field(description="Name of the decision, for example MN004-2025-03-27.")
    world: World = Field(description="public or demonstration.")
    projects: Annotated[tuple[ProjectReference, ...], Field(min_length=1, max_length=100)] = Field(
        description="The project; several only where the record does not split the amounts."
    )
    monitoring_start: Day | None = Field(default=None, description="First day monitored; null: not known.")
    monitoring_end: Day | None = Field(default=None, description="Last day monitored; null: not known.")
    total: Whole | None = Field(description="Whole tonnes decided; null: no source states it.")
    report_sha256: Sha256 | None = Field(
        default=None, description="The verified report decided on; null: public record."
    )
    sides: Annotated[tuple[SideRequest, ...], Field(min_length=1, max_length=4)] = Field(
        description="What each side gets."
    )
    source: Name = Field(description="Document or page that states the decision.")
    grade: GradeName = Field(description="How well the decision is known.")
    kept_share: KeptShareRequest | None = Field(
        default=None, description="Storage and forests: the share kept against reversal; null: as the rules say."
    )


in_the_journal = leaving_out("kept_share")


@dataclass(frozen=True)
class Verified:
    """The report decided on."""

    project: str
    period: tuple[date, date]
    emission_reductions: int
    concluded_on: date | None
    positive: bool
    decided_by: str | None


@dataclass(frozen=True)
class State:
    """What the act looks at."""

    exists: bool
    hosts: Mapping[str, str]
    registries: Mapping[str, str]
    accounts: Mapping[str, Account]
    report: Verified | None
    elsewhere: frozenset[str] = frozenset()
    """Sides whose registry a partner keeps: their shares are that one's matter."""
    kept: Kept | None = None
    """The project, if something is kept against its reversal."""


def load(desk: Desk, request: DecideIssuance) -> State:
    """The projects, the sides' registries, the accounts, the report."""
    elsewhere = frozenset(
        side.side for side in request.sides if side.amount and keeper_of(desk, side.side, request.world)
    )
    concerned = [side.side for side in request.sides if side.amount and side.side not in elsewhere]
    return State(
        exists=is_on_record(desk, "select 1 from issuance_decision where decision_id = %s", request.decision_id),
        hosts=known_projects(desk, request.projects, request.world),
        registries={side: registry_of(desk, side, request.world) for side in concerned},
        elsewhere=elsewhere,
        accounts=known_accounts(desk, [share.account_id for side in request.sides for share in side.shares]),
        report=_report(desk, request.report_sha256) if request.report_sha256 else None,
        kept=kept_of(desk, request.projects[0]) if len(request.projects) == 1 else None,
    )


def _report(desk: Desk, sha256: str) -> Verified:
    row = desk.connection.execute(
        "select r.project, lower(r.monitoring_period), upper(r.monitoring_period) - 1, r.emission_reductions,"
        " v.concluded_on, coalesce(v.opinion = 'positive', false), d.decision_id"
        " from monitoring_report r left join verification v using (report_sha256)"
        " left join issuance_decision d using (report_sha256) where r.report_sha256 = %s",
        [sha256],
    ).fetchone()
    if row is None:
        raise NOT_VERIFIED(report=sha256)
    return Verified(row[0], (row[1], row[2]), row[3], row[4], row[5], row[6])


def decide(request: DecideIssuance, state: State) -> Decision:
    """The integers sum, the accounts are the sides' own, and a report carries at most one decision."""
    if state.exists:
        raise ALREADY_ON_RECORD(what="decision", name=request.decision_id)
    period = monitoring_period(request)
    if state.report is not None:
        positively_verified(request, state.report)
        not_decided_yet(request, state.report)
        of_the_report(request, state.report, period)
        not_before_verification(request, state.report)
    allocation = Allocation(
        request.total,
        tuple(side_of(side, state.elsewhere) for side in request.sides),
        period,
        state.report.emission_reductions if state.report else None,
    )
    check(allocation)
    for side in request.sides:
        side_of_the_project(side.side, state.hosts)
        for share in side.shares:
            Series.of("JP", request.projects, share.vintage)  # refuses what could not be numbered later
            account_of_registry(state.accounts[share.account_id], state.registries[side.side])
            account_fits(state.accounts[share.account_id], Kind.ISSUE)
    stated = request.kept_share.model_dump() if request.kept_share else None
    against = against_reversal(
        state.kept, allocation, state.accounts, request.occurred_on, stated, here=not state.elsewhere
    )
    return _recorded(request, period, against)


def monitoring_period(request: DecideIssuance) -> tuple[date, date] | None:
    """The days monitored, both included, if both are known. Refuses a period that ends before it begins."""
    if request.monitoring_start is None or request.monitoring_end is None:
        return None
    days(Period(start=request.monitoring_start, end=request.monitoring_end))
    return request.monitoring_start, request.monitoring_end


def side_of(side: SideRequest, elsewhere: frozenset[str]) -> Side:
    """A side as the allocation rules see it."""
    shares = tuple(Share(item.account_id, item.vintage, item.quantity) for item in side.shares)
    return Side(side.side, side.amount, shares, kept_elsewhere=side.side in elsewhere)


def positively_verified(request: DecideIssuance, report: Verified) -> None:
    """Only a positively verified report is decided on. Refuses ``not_verified``."""
    if not report.positive:
        raise NOT_VERIFIED(report=request.report_sha256)


def not_decided_yet(request: DecideIssuance, report: Verified) -> None:
    """A report is decided on once. Refuses ``report_already_decided``."""
    if report.decided_by is not None:
        raise REPORT_ALREADY_DECIDED(report=request.report_sha256, decision=report.decided_by)


def of_the_report(request: DecideIssuance, report: Verified, period: tuple[date, date] | None) -> None:
    """Project and period are the report's. Refuses ``decision_is_not_of_the_report``."""
    if request.projects != (report.project,):
        raise DECISION_IS_NOT_OF_THE_REPORT(field="projects", given=request.projects, reported=report.project)
    if period != report.period:
        given = "–" if period is None else f"{period[0]} – {period[1]}"
        raise DECISION_IS_NOT_OF_THE_REPORT(
            field="monitoring period", given=given, reported=f"{report.period[0]} – {report.period[1]}"
        )


def not_before_verification(request: DecideIssuance, report: Verified) -> None:
    """The decision follows the verification. Refuses ``before_its_cause``."""
    if report.concluded_on is not None and request.occurred_on < report.concluded_on:
        raise BEFORE_ITS_CAUSE(what=request.decision_id, day=request.occurred_on, cause=report.concluded_on)


def side_of_the_project(side: str, hosts: Mapping[str, str]) -> None:
    """The sides are Japan and the host. Refuses ``side_not_of_the_project``."""
    if side != "JPN" and side not in hosts.values():
        raise SIDE_NOT_OF_THE_PROJECT(side=side, projects=sorted(hosts))


def _recorded(request: DecideIssuance, period: tuple[date, date] | None, against: Against) -> Decision:
    form = in_the_journal(request)
    assert isinstance(form, dict), "a request is an object"
    product = Product("issuance_decision", canonical_bytes({"kind": "issuance_decision", **form}))
    decision = {
        "decision_id": request.decision_id,
        "world": request.world,
        "projects": sorted(set(request.projects)),
        "monitoring_period": days(Period(start=period[0], end=period[1])) if period else None,
        "decided_on": request.occurred_on,
        "total": request.total,
        "report_sha256": request.report_sha256,
        "decision_sha256": product.sha256,
    }
    sides = tuple(
        {
            "decision_id": request.decision_id,
            "side": side.side,
            "notified": side.amount,
            "state": "not_applicable" if side.amount == 0 else "notified",
            "issued_on": None,
        }
        for side in request.sides
    )
    shares = tuple(
        {"decision_id": request.decision_id, "side": side.side, **share.model_dump()}
        for side in request.sides
        for share in side.shares
    )
    outcome = {
        "decision_id": request.decision_id,
        "decision_sha256": product.sha256,
        "total": request.total,
        "sides": {side.side: side.amount for side in request.sides},
        **against.shown,
    }
    rows = (
        Rows("issuance_decision", (decision,)),
        Rows("side_issuance", sides),
        Rows("side_issuance_share", shares, numbered=False),
        Rows("reversal_settlement", against.settlements),
    )
    return Decision(outcome, rows, (product,))


ACT = Act(
    name="decide_issuance",
    title_en="Decide an issuance",
    title_ja="クレジット発行の決定",
    permission="operator",
    request=DecideIssuance,
    load=load,
    decide=decide,
    journal_form=in_the_journal,
)
