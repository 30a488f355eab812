"""The public record of the JCM as planned acts: what sources say, and the issuances that can be replayed.

Two things are kept apart. *Statements* say what a source says of one field of one subject; several statements on one
field are a conflict, kept and shown, and a statement without value says that the value was looked for and not found.
The *replay* repeats, on their real dates, the decisions of the Joint Committees and the issuances of each side whose
amount and day are known, through the same acts as daily business. A row that sums several projects is a statement
only, so nothing is counted twice.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from openjcm.dated import GRADES_BEST_FIRST, Grade, weakest
from openjcm.world import tables
from openjcm.world.planned import PlannedAct

EDITION = "2026-11-21"
"""The day of this state of knowledge. A later edition has other keys, so its statements are added, never swapped."""

LIST_SOURCE = (
    "jcm.go.jp project list, as scraped by create-to-solve/carbon-registry-intelligence-db@e1fd796 "
    "(projects_all_jcm.csv, mid-2026)"
)
UNEP_SOURCE = (
    "UNEP-CCC Article 6 Pipeline 2026-02-28, as copied in hirotomurayama-coder/carbon-intelligence@b1dfe18 "
    "(article6-pipeline.json)"
)
ADOPTION_SOURCE = "MOE JCM slides December 2022"
PROJECT_LIST_DAY = date(2026, 6, 4)
"""The day on which the project list was scraped: a project without a registration date enters the replay then."""

Statement = dict[str, Any]


# --- Statements -----------------------------------------------------------------------------------------------------


def _say(field: str, value: object, source: str, grade: Grade, note: str = "") -> Statement:
    if value is None:
        grade = Grade.UNKNOWN
    if isinstance(value, date):
        value = value.isoformat()
    return {"field": field, "value": value, "source": source, "grade": grade.value, "note": note}


def project_statements(row: tables.ProjectRow) -> list[Statement]:
    """What the two mirrors of the project list say of one project, field by field."""

    def listed(field: str, value: object, note: str = "") -> Statement:
        return _say(field, value, LIST_SOURCE, Grade.SECONDARY, note)

    def pipeline(field: str, value: object, note: str = "") -> Statement:
        return _say(field, value, UNEP_SOURCE, Grade.SECONDARY, note)

    said = [
        listed("title", row.title),
        listed("status", row.status, "mid-2026"),
        pipeline("status_on_2026_02_28", row.status_unep),
        listed("methodologies", [f"{name} ver{version}" for name, version in row.methodologies]),
        listed("participants_host", row.participants_host),
        listed("participants_japan", row.participants_japan),
        pipeline("estimated_tco2e_per_year", row.estimated_per_year),
        pipeline("project_type", row.project_type),
        listed("url", row.url),
        listed("crediting_period", None, "not on the list"),
    ]
    if row.registered_on:
        said += [listed("registration_date", row.registered_on), pipeline("registration_date", row.registered_on)]
    if row.project_subtype:
        said.append(pipeline("project_subtype", row.project_subtype))
    if row.tpe_name:
        said.append(_say(f"tpe_{row.tpe_role}", row.tpe_name, str(row.tpe_source), Grade.SECONDARY))
    if row.operation_start:
        said.append(_say("operation_start", row.operation_start, "project design document, copy", Grade.SECONDARY))
    if row.operational_lifetime_years:
        years = row.operational_lifetime_years
        said.append(_say("operational_lifetime_years", years, "project design document, copy", Grade.SECONDARY))
    location_source = "project page or design document, copy" if row.location else LIST_SOURCE
    said.append(_say("location", row.location, location_source, Grade.SECONDARY))
    if row.note:
        said.append(_say("note", row.note, "OpenJCM, from identical titles on the list", Grade.INFERRED))
    return said


_OFFICIAL = re.compile(r"METI JCM slides|//(www\.)?(env|mofa|jcm)\.go\.jp")
_MIRROR = "as parsed in"


def source_grade(source: str) -> Grade:
    """The grade of a row's source column: *read* only if every source in it is an official page that was read."""
    parts = source.split(" ; ")
    official = all(_OFFICIAL.search(part) and _MIRROR not in part for part in parts)
    return Grade.READ if official else Grade.SECONDARY


_INFERRED_BY_NOTE = {"refs inferred": "projects", "year of start inferred": "monitoring_start"}


def _inferred_fields(row: tables.IssuanceRow) -> frozenset[str]:
    """The fields that a row marks as derived from others or inferred: they are never better than *inferred*."""
    match = re.fullmatch(r"(\S+) derived", row.evidence)
    names = {"host": "host_side"}
    derived = {names.get(name, name) for name in match[1].split("+")} if match else set()
    words = f"{row.evidence}; {row.note}"
    return frozenset(derived | {field for mark, field in _INFERRED_BY_NOTE.items() if mark in words})


ISSUANCE_FIELDS = {
    "monitoring_start": "monitoring_start",
    "monitoring_end": "monitoring_end",
    "jc_decision_date": "decided_on",
    "total": "total",
    "host_side": "host_side",
    "japan_side": "japan_side",
    "japan_government": "japan_government",
    "host_government": "host_government",
    "issued_on_host": "issued_on_host",
    "issued_on_japan": "issued_on_japan",
}
"""The fields of an issuance as stated, and the columns they come from."""


def issuance_statements(row: tables.IssuanceRow) -> list[Statement]:
    """What the table says of one decision. Blank cells are stated as unknown, derived cells as inferred."""
    inferred = _inferred_fields(row)
    base = Grade.SECONDARY if row.evidence.startswith("secondary") else source_grade(row.source)
    of = Grade.INFERRED if "projects" in inferred else base
    said = [_say("projects", row.reference, row.source, of), _say("host_country", row.host_country, row.source, base)]
    for field, column in ISSUANCE_FIELDS.items():
        grade = Grade.INFERRED if field in inferred else base
        note = row.note if field == "total" else ""
        said.append(_say(field, getattr(row, column), row.source, grade, note))
    if row.japan_side == 0:
        said[-1] = _say("issued_on_japan", "not applicable", row.source, base, "Japan's side received nothing")
    if row.is_aggregate:
        said.append(_say("aggregate", True, row.source, base, "a sum over projects; never added to its parts"))
    return said


def adoption_statements(row: tables.AdoptionRow) -> list[Statement]:
    """What the ministry's list of December 2022 prints of one adopted project."""

    def printed(field: str, value: object, note: str = "") -> Statement:
        return _say(field, value, ADOPTION_SOURCE, Grade.READ, note)

    said = [
        printed("country", row.country_en),
        printed("title_ja", row.title_ja),
        printed("programme", row.programme),
        printed("registered", row.registered),
        printed("operating", None, "shown by an underline that the text of the slides does not carry"),
    ]
    if row.eco_lease:
        said.append(printed("eco_lease", True))
    if row.capacity_value:
        said.append(printed("first_capacity", f"{row.capacity_value} {row.capacity_unit}"))
    return said


def _further() -> Iterator[tuple[str, str, list[Statement]]]:
    loaded = tables.further_statements()
    sources = loaded["sources"]
    for entry in loaded["statements"]:
        said = []
        for item in entry["fields"]:
            source = sources[item["source"]]
            grade = Grade(item.get("grade", source["grade"]))
            said.append(_say(item["field"], item["value"], source["text"], grade, item.get("note", "")))
        yield entry["kind"], entry["subject"], said


@lru_cache(maxsize=1)
def statements_by_subject() -> dict[tuple[str, str], list[Statement]]:
    """Every statement of this edition by (kind, subject), in the order: projects, issuances, adoptions, the rest."""
    said: dict[tuple[str, str], list[Statement]] = defaultdict(list)
    for project in tables.projects():
        said["project", project.reference] += project_statements(project)
    for issuance in tables.issuances():
        said["issuance", issuance.subject] += issuance_statements(issuance)
    for adoption in tables.adoptions():
        said["adoption", adoption.subject] += adoption_statements(adoption)
    for kind, subject, further in _further():
        said[kind, subject] += further
    return dict(said)


def best_known(kind: str, subject: str, field: str) -> tuple[Any, Grade] | None:
    """The best-graded value stated for a field and its grade; ``None`` if nothing is known. First stated wins a tie."""
    said = [item for item in statements_by_subject().get((kind, subject), []) if item["field"] == field]
    known = [item for item in said if item["value"] is not None]
    if not known:
        return None
    best = min(known, key=lambda item: GRADES_BEST_FIRST.index(Grade(item["grade"])))
    return best["value"], Grade(best["grade"])


def conflicts() -> list[tuple[str, str, str, tuple[Any, ...]]]:
    """Fields on which sources disagree: (kind, subject, field, the different values as stated)."""
    found = []
    for (kind, subject), said in statements_by_subject().items():
        values: dict[str, dict[str, Any]] = defaultdict(dict)
        for item in said:
            if item["value"] is not None:
                values[item["field"]].setdefault(repr(item["value"]), item["value"])
        found += [(kind, subject, field, tuple(v.values())) for field, v in values.items() if len(v) > 1]
    return found


# --- Replay ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decision:
    """One decision of a Joint Committee as far as it is known. ``None`` means not known, zero means zero."""

    decision_id: str
    host_party: str
    projects: tuple[str, ...]
    monitoring: tuple[date, date] | None
    decided_on: date
    total: int | None
    host_amount: int | None
    japan_amount: int | None
    japan_government: int | None
    vintage: str
    host_issued_on: date | None
    japan_issued_on: date | None
    source: str
    grade: Grade


def vintage_text(start: date | None, end: date | None) -> str:
    """The vintage of a monitoring period: ``2017``, ``2017to2020`` (the split is not known) or ``unknown``."""
    if start is None or end is None:
        return "unknown"
    return str(start.year) if start.year == end.year else f"{start.year}to{end.year}"


def decisions() -> tuple[Decision, ...]:
    """Every decision on named projects whose day is known, in the order of the days."""
    hosts = {project.reference: project.host_party for project in tables.projects()}
    known = [
        _decision(
            row.subject,
            hosts[row.reference],
            (row.reference,),
            (row.monitoring_start, row.monitoring_end),
            row.source,
            row.evidence,
        )
        for row in tables.issuances()
        if not row.is_aggregate and row.decision_day
    ]
    known.append(
        _decision(
            MONGOLIA_2026,
            "MNG",
            ("MN003", "MN004", "MN006", "MN007"),
            (None, None),
            tables.further_statements()["sources"]["transfers"]["text"],
            "secondary",
        )
    )
    return tuple(sorted(known, key=lambda item: (item.decided_on, item.decision_id)))


MONGOLIA_2026 = "MN003.MN004.MN006.MN007-2026-06-30"
"""Mongolia's transfer of 86,564 t: four projects together, their shares and years not known."""


def _decision(
    decision_id: str,
    host: str,
    projects: tuple[str, ...],
    monitored: tuple[date | None, date | None],
    source: str,
    evidence: str,
) -> Decision:
    grades = [source_grade(source)] if not evidence.startswith("secondary") else [Grade.SECONDARY]

    def best(field: str) -> Any:
        found = best_known("issuance", decision_id, field)
        if found is None:
            return None
        grades.append(found[1])
        return found[0]

    def day(field: str) -> date | None:
        text = best(field)
        return date.fromisoformat(text) if text and text != "not applicable" else None

    start, end = monitored
    decided_on = day("jc_decision_date")
    assert decided_on is not None, f"{decision_id}: a decision in the replay has its day"
    return Decision(
        decision_id=decision_id,
        host_party=host,
        projects=projects,
        monitoring=(start, end) if start and end else None,
        decided_on=decided_on,
        total=best("total"),
        host_amount=best("host_side"),
        japan_amount=best("japan_side"),
        japan_government=best("japan_government"),
        vintage=best("vintage") or vintage_text(start, end),
        host_issued_on=day("issued_on_host"),
        japan_issued_on=day("issued_on_japan"),
        source=source,
        grade=weakest(grades),
    )


def _shares(side: str, amount: int | None, government: int | None, vintage: str) -> list[dict[str, Any]]:
    """The accounts of one side: what the government is known to hold, and the rest where the holder is not stated."""
    if not amount:
        return []
    stated = min(government or 0, amount)
    parts = (("government", stated), ("holder-not-stated", amount - stated))
    return [
        {"account_id": f"{side}/{account}", "vintage": vintage, "quantity": quantity}
        for account, quantity in parts
        if quantity
    ]


def decision_request(decision: Decision) -> dict[str, Any]:
    """The request of the act ``decide_issuance`` for one decision of the record."""
    host, japan = decision.host_amount, decision.japan_amount
    return {
        "decision_id": decision.decision_id,
        "world": "public",
        "projects": list(decision.projects),
        "monitoring_start": decision.monitoring[0].isoformat() if decision.monitoring else None,
        "monitoring_end": decision.monitoring[1].isoformat() if decision.monitoring else None,
        "total": decision.total,
        "report_sha256": None,
        "sides": [
            {
                "side": decision.host_party,
                "amount": host,
                "shares": _shares(decision.host_party, host, None, decision.vintage),
            },
            {
                "side": "JPN",
                "amount": japan,
                "shares": _shares("JPN", japan, decision.japan_government, decision.vintage),
            },
        ],
        "source": decision.source,
        "grade": decision.grade.value,
        "occurred_on": decision.decided_on.isoformat(),
    }


REGISTRIES = (("JPN", date(2015, 11, 13)), ("MNG", date(2016, 9, 29)))
"""Registries that hold something in the replay, and the day from which the replay uses them: Japan's began in
November 2015 (METI press release 2015-11-13); for Mongolia's the day of its first known decision is taken."""

ACCOUNTS = (
    ("government", "government_holding", "Government of {party}"),
    ("holder-not-stated", "holder_not_stated", "holder not stated in the sources"),
    ("retirement", "retirement", "Government of {party}"),
    ("cancellation", "cancellation", "Government of {party}"),
)
PARTY_NAMES = {"JPN": "Japan", "MNG": "Mongolia"}


def _registries() -> Iterator[PlannedAct]:
    for party, opened in REGISTRIES:
        request = {"registry_id": party, "party": party, "world": "public", "occurred_on": opened.isoformat()}
        yield PlannedAct("open_registry", f"public-record/registry/{party}", request)
        for slug, kind, holder in ACCOUNTS:
            yield PlannedAct(
                "open_account",
                f"public-record/account/{party}/{slug}",
                {
                    "account_id": f"{party}/{slug}",
                    "registry_id": party,
                    "account_type": kind,
                    "holder": holder.format(party=PARTY_NAMES[party]),
                    "occurred_on": opened.isoformat(),
                },
            )


def project_status(row: tables.ProjectRow) -> str:
    """The status as one word: ``registered``, ``validation`` or ``withdrawn`` (request for registration withdrawn)."""
    return {
        "Project registered": "registered",
        "Validation": "validation",
        "Request for Registration withdrawn": "withdrawn",
    }[row.status]


def _registrations() -> Iterator[PlannedAct]:
    for row in tables.projects():
        entered = row.registered_on or PROJECT_LIST_DAY
        yield PlannedAct(
            "register_project",
            f"public-record/project/{row.reference}",
            {
                "reference": row.reference,
                "world": "public",
                "host_party": row.host_party,
                "title": row.title,
                "status": project_status(row),
                "registered_on": row.registered_on.isoformat() if row.registered_on else None,
                "methodologies": [{"id": name, "version": version} for name, version in row.methodologies],
                "crediting_period": None,
                "plan": None,
                "occurred_on": entered.isoformat(),
            },
        )


def _issuances() -> Iterator[PlannedAct]:
    for decision in decisions():
        name = decision.decision_id
        yield PlannedAct("decide_issuance", f"public-record/decision/{name}", decision_request(decision))
        sides = (
            (decision.host_party, decision.host_amount, decision.host_issued_on),
            ("JPN", decision.japan_amount, decision.japan_issued_on),
        )
        for side, amount, issued_on in sides:
            if amount and issued_on:
                request = {"decision_id": name, "side": side, "occurred_on": issued_on.isoformat()}
                yield PlannedAct("issue", f"public-record/issue/{name}/{side}", request)


@dataclass(frozen=True)
class HostAuthorization:
    """A partner's authorization of credits that Japan received. Its day is taken to be that of the decision."""

    party: str
    authorization_id: str
    day: date
    projects: tuple[str, ...]
    vintages: tuple[int, int] | None
    grade: Grade
    terms: str


NOT_STATED = (
    "The number and the day of this authorization were not found; the day of the Joint Committee's decision is taken."
)
HOST_AUTHORIZATIONS = (
    HostAuthorization(
        "THA",
        "JCM-TH-JP-2018-3026-01401",
        date(2025, 10, 30),
        ("TH014",),
        (2021, 2021),
        Grade.INFERRED,
        "The number is known from a secondary source, its day is not: the day of the decision is taken.",
    ),
    HostAuthorization(
        "MDV", "not stated 2025-12-16", date(2025, 12, 16), ("MV002",), (2021, 2022), Grade.INFERRED, NOT_STATED
    ),
    HostAuthorization(
        "PLW",
        "not stated 2026-05-16",
        date(2026, 5, 16),
        ("PW001", "PW002", "PW003", "PW004"),
        (2021, 2021),
        Grade.INFERRED,
        NOT_STATED,
    ),
    HostAuthorization(
        "MNG",
        "not stated 2026-06-30",
        date(2026, 6, 30),
        ("MN003", "MN004", "MN006", "MN007"),
        None,
        Grade.INFERRED,
        NOT_STATED,
    ),
)
JAPAN_AUTHORIZATION_DAY = date(2025, 3, 31)
COMPREHENSIVE = (
    "Read: Japan's comprehensive authorization (包括承認) of the JCM as a cooperative approach. Inferred: that it "
    "authorizes these credits for use towards Japan's NDC; the procedure adopted on the same day was not read. It "
    "stands here once for each partner whose credits it has reached. No number is stated."
)


def authorization_request(
    *,
    world: str,
    party: str,
    authorization_id: str,
    day: date,
    first_transferring_party: str,
    projects: tuple[str, ...],
    vintages: tuple[int, int] | None,
    terms: str,
    source: str,
    grade: Grade,
    document: str = "",
) -> dict[str, Any]:
    """The request of the act ``record_authorization`` for use towards Japan's NDC."""
    return {
        "world": world,
        "party": party,
        "authorization_id": authorization_id,
        "version": 1,
        "cooperative_approach_id": None,
        "purposes": ["NDC"],
        "first_transfer_definition": None,
        "authorized_parties": ["JPN"],
        "first_transferring_party": first_transferring_party,
        "projects": list(projects),
        "vintages": {"first": vintages[0], "last": vintages[1]} if vintages else None,
        "quantity": None,
        "sectors": [],
        "activity_types": [],
        "terms": terms,
        "entities": [],
        "document": document,
        "source": source,
        "grade": grade.value,
        "occurred_on": day.isoformat(),
    }


def _authorizations() -> Iterator[PlannedAct]:
    sources = tables.further_statements()["sources"]
    for host in HOST_AUTHORIZATIONS:
        yield PlannedAct(
            "record_authorization",
            f"public-record/authorization/JPN/{host.party}/{JAPAN_AUTHORIZATION_DAY.isoformat()}",
            authorization_request(
                world="public",
                party="JPN",
                authorization_id=f"not stated comprehensive {JAPAN_AUTHORIZATION_DAY.isoformat()} {host.party}",
                day=JAPAN_AUTHORIZATION_DAY,
                first_transferring_party=host.party,
                projects=(),
                vintages=None,
                terms=COMPREHENSIVE,
                source=sources["moe_authorization"]["text"],
                grade=Grade.INFERRED,
            ),
        )
        yield PlannedAct(
            "record_authorization",
            f"public-record/authorization/{host.party}/{host.day.isoformat()}",
            authorization_request(
                world="public",
                party=host.party,
                authorization_id=host.authorization_id,
                day=host.day,
                first_transferring_party=host.party,
                projects=host.projects,
                vintages=host.vintages,
                terms=host.terms,
                source=sources["transfers"]["text"],
                grade=host.grade,
            ),
        )


_ORDER_ON_A_DAY = (
    "open_registry",
    "open_account",
    "register_project",
    "record_authorization",
    "decide_issuance",
    "issue",
)


def replay() -> tuple[PlannedAct, ...]:
    """Registries, projects, authorizations, decisions and issuances in the order in which they happened."""
    acts = [*_registries(), *_registrations(), *_authorizations(), *_issuances()]
    return tuple(sorted(acts, key=lambda act: (act.occurred_on, _ORDER_ON_A_DAY.index(act.act))))


def record_of_statements() -> tuple[PlannedAct, ...]:
    """One act ``record_statement`` for each subject of this edition."""
    return tuple(
        PlannedAct(
            "record_statement",
            f"public-record/{EDITION}/statement/{kind}/{subject}",
            {"subject_kind": kind, "subject": subject, "fields": said, "occurred_on": EDITION},
        )
        for (kind, subject), said in statements_by_subject().items()
    )


def planned() -> tuple[PlannedAct, ...]:
    """The whole public record: first the replay of history, then what the sources say."""
    return replay() + record_of_statements()
