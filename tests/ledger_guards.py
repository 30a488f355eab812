"""Every guard of the ledger with an attempt that only this guard refuses.

Used by the tests of the pure ledger and by ``tools/delete_guards.py``, which takes the guards away one at a time.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import notice_guards
from account_guards import ATTEMPTS
from openjcm.canonical import canonical_bytes
from openjcm.commands import (
    conclude_verification,
    decide_issuance,
    framework,
    issue,
    record_authorization,
    submit_monitoring_report,
)
from openjcm.registry import allocation, choosing, correction, gate, ledger, storage
from openjcm.registry.accounts import Account, AccountType, Bar, BarGround, Kind
from openjcm.registry.allocation import Allocation, Share, Side
from openjcm.registry.gate import AuthorizationOnFile, RetirementRules
from openjcm.registry.holds import Consent, Ground, Hold, Scope
from openjcm.registry.ledger import (
    Cancel,
    Correction,
    CoverReversal,
    Holding,
    Holdings,
    InternationalTransfer,
    Issue,
    Movement,
    Origin,
    Release,
    Reserve,
    Retire,
    SignedConsent,
    Transfer,
)
from openjcm.registry.serials import Block, Series

SHA = "0" * 64
RULES = RetirementRules(
    2021, issuance_is_first_transfer=True, uses=(("JPN", "shk"), ("MNG", "gx_ets")),
    ndc_periods=(("JPN", 2021, 2030),), needed=(("corsia", ("IMP", "NDC and IMP")),),
)  # fmt: skip
EARLY, DAY, LATER = date(2024, 1, 1), date(2025, 1, 10), date(2025, 3, 1)
SERIES = Series("JP", ("MN901",), "2022")


def account(slug: str, account_type: AccountType, registry: str = "JPN", opened: date = EARLY) -> Account:
    """An account of a registry."""
    return Account(f"{registry}/{slug}", registry, account_type, opened)


GOVERNMENT = account("government", AccountType.GOVERNMENT_HOLDING)
COMPANY = account("company", AccountType.ENTITY_HOLDING)
RETIREMENT = account("retirement", AccountType.RETIREMENT)
CANCELLATION = account("cancellation", AccountType.CANCELLATION)
ABROAD = account("government", AccountType.GOVERNMENT_HOLDING, "MNG")
RESERVE = account("reserve", AccountType.RESERVE)
THIRD = account("government", AccountType.GOVERNMENT_HOLDING, "THA")
REHEARSED = account("government", AccountType.GOVERNMENT_HOLDING, "MNG-demonstration")
LATE = account("late", AccountType.ENTITY_HOLDING, opened=date(2026, 1, 1))
ORIGIN = Origin(1, Block(SERIES, 1, 40), "JPN", "D", DAY, ("JPN", "MNG"), 2022, 2022)
ELSEWHERE = replace(ORIGIN, origin_id=2, block=Block(Series("JP", ("MN901",), "2021"), 1, 5))


def block(first: int, last: int | None = None) -> Block:
    """Serials of the series."""
    return Block(SERIES, first, last or first)


def market() -> Holdings:
    """Forty credits: 1–20 government, 21–30 company, 31–35 retired, 36–40 cancelled."""
    return Holdings(
        Holding(block(first, last), owner, DAY, ORIGIN)
        for first, last, owner in (
            (1, 20, GOVERNMENT),
            (21, 30, COMPANY),
            (31, 35, RETIREMENT),
            (36, 40, CANCELLATION),
        )
    )


def reserved() -> Holdings:
    """Twenty credits in the reserve."""
    return Holdings([Holding(block(1, 20), RESERVE, DAY, ORIGIN)])


def authorizations(**changes: Any) -> tuple[AuthorizationOnFile, ...]:
    """Both Parties' authorizations; the partner's changed as told."""
    japan = AuthorizationOnFile("JPN", "J", 1, EARLY, ("NDC",))
    partner = replace(AuthorizationOnFile("MNG", "M", 1, EARLY, ("NDC",)), **changes)
    return (japan, partner)


def transfer(*blocks: Block, to: Account = COMPANY, on: date = LATER) -> Transfer:
    """A transfer."""
    return Transfer(blocks, to, on)


def retire(*blocks: Block, on_file: tuple[AuthorizationOnFile, ...] | None = None, **changes: Any) -> Retire:
    """A retirement that both Parties authorized, unless told otherwise."""
    allowed = authorizations() if on_file is None else on_file
    return replace(Retire(blocks, RETIREMENT, LATER, 2030, "ndc", allowed, RULES), **changes)


def corsia(on_file: tuple[AuthorizationOnFile, ...]) -> Cancel:
    """A cancellation for CORSIA."""
    return Cancel((block(1),), CANCELLATION, LATER, "corsia", on_file, RULES)


def cross(to: Account, allowed_by: tuple[str, ...] = ("MNG", "THA")) -> InternationalTransfer:
    """A transfer to another registry."""
    return InternationalTransfer((block(1),), to, LATER, allowed_by)


PEOPLE = (("JPN", "a", 1), ("JPN", "b", 2), ("MNG", "c", 3), ("MNG", "d", 4))
"""Side, name and number of the key."""


def correct(
    people: tuple[tuple[str, str, int], ...] = PEOPLE, said: str = "wrong account", **changes: Any
) -> Correction:
    """The taking back of entry 7, which retired five credits of the government."""
    moved = (Movement(Kind.RETIRE, block(1, 5), ORIGIN, GOVERNMENT, RETIREMENT, DAY, 7),)
    entry = Correction((block(1, 5),), GOVERNMENT, LATER, 7, moved, "wrong account", SHA, (), ("retire",))
    entry = replace(entry, **changes)
    blocks = [str(item) for item in entry.blocks]
    data = canonical_bytes(correction.statement_of(7, blocks, entry.occurred_on, said, SHA))
    return replace(entry, consents=tuple(signed(side, name, number, data) for side, name, number in people))


def signed(side: str, name: str, number: int, data: bytes) -> SignedConsent:
    """A person's consent."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))
    texts = (key.public_key().public_bytes_raw(), key.sign(data))
    return SignedConsent(side, name, *(base64.urlsafe_b64encode(item).decode().rstrip("=") for item in texts))


def corrected(cause: int = 7) -> Holdings:
    """Ten credits in the retirement account since entry 7."""
    return Holdings([Holding(block(1, 10), RETIREMENT, DAY, ORIGIN, cause)])


S = storage
SITE = (storage.PhaseFact(storage.Phase.INJECTION, DAY),)
THREE = storage.KeptShare(Fraction(3, 100), "up", "reserve")
ESCAPE = storage.Escape("R", "X", storage.Phase.INJECTION, DAY, 5, 5)


def issuance(*items: tuple[Block, Account], on: date = DAY) -> Issue:
    """An issuance of the series."""
    return Issue(DAY, on, tuple((replace(ORIGIN, block=item), item, owner) for item, owner in items))


def dated(vintage: tuple[int | None, int | None]) -> Holdings:
    """One holding of another vintage."""
    origin = replace(ORIGIN, earliest_year=vintage[0], latest_year=vintage[1])
    return Holdings([Holding(block(1, 20), GOVERNMENT, DAY, origin)])


def apply(entry: ledger.Entry, holdings: Holdings | None = None) -> Callable[[], object]:
    """An attempt to apply an entry."""
    return lambda: ledger.apply(market() if holdings is None else holdings, entry)


def held_back(ground: Ground) -> Holdings:
    """The market with the first five credits held back."""
    return market().with_holds([Hold("H", block(1, 5), Scope.ALL, ground, "R")])


def four_eyes(signed: tuple[str, str] | None, of: str = "JPN/government") -> Holdings:
    """The market where the government's account has four eyes, looked at by a proposal of an account."""
    holdings = market().with_account(replace(GOVERNMENT, four_eyes=True))
    return holdings.by_consent(Consent(of, "H", *signed) if signed else None)


def barred(owner: Account, ground: BarGround) -> Account:
    """An account that neither sends nor receives."""
    return replace(owner, bars=(Bar(ground, sends=True, receives=True, since=DAY),))


def check(total: int | None, *sides: Side, **more: Any) -> Callable[[], object]:
    """An attempt to decide."""
    return lambda: allocation.check(Allocation(total, sides, **more))


def side(party: str, amount: int | None, *shares: tuple[str, str, int]) -> Side:
    """A side; without shares all goes to its government for 2022."""
    given = shares or ((("g", "2022", amount),) if amount else ())
    return Side(party, amount, tuple(Share(*share) for share in given))


REPORT = decide_issuance.Verified("MN901", (date(2022, 1, 1), date(2022, 12, 31)), 50, DAY, True, None)


def decision(on: date = LATER, report: decide_issuance.Verified = REPORT, **changes: Any) -> Callable[[], object]:
    """An attempt to decide on a report."""
    share = {"account_id": "JPN/government", "vintage": "2022", "quantity": 40}
    fields: dict[str, Any] = {
        "decision_id": "D", "world": "public", "projects": ["MN901"], "total": 40, "report_sha256": SHA,
        "monitoring_start": "2022-01-01", "monitoring_end": "2022-12-31", "source": "s", "grade": "read",
        "sides": [{"side": "JPN", "amount": 40, "shares": [share]}], "occurred_on": on, **changes,
    }  # fmt: skip
    registries = dict.fromkeys(("JPN", "THA"), "JPN")
    state = decide_issuance.State(False, {"MN901": "MNG"}, registries, {"JPN/government": GOVERNMENT}, report)
    return lambda: decide_issuance.decide(decide_issuance.DecideIssuance.model_validate(fields), state)


def one_side(**changes: Any) -> Callable[[], object]:
    """An attempt to issue."""
    request = issue.IssueRequest(decision_id="D", side="JPN", occurred_on=DAY)
    shares = (Share("JPN/government", "2023", 5),)
    state = issue.State(
        ("MN901",), None, DAY, 5, "notified", None, "JPN", shares, {"JPN/government": GOVERNMENT},
        {"JP-MN901-2023": 1}, Holdings(),
    )  # fmt: skip
    return lambda: issue.decide(request, replace(state, **changes))


def version(number: int) -> Callable[[], object]:
    """An attempt to record a version after version 1."""
    request = record_authorization.RecordAuthorization(
        world="public", party="JPN", authorization_id="A", version=number, purposes=("NDC",), grade="read",
        source="s", occurred_on=LATER,
    )  # fmt: skip
    return lambda: record_authorization.decide(request, record_authorization.State(1, DAY))


def report_on(day: date) -> Callable[[], object]:
    """An attempt to report a period that ends on a day."""
    request = submit_monitoring_report.SubmitMonitoringReport(
        project="MN901", monitoring_start=EARLY, monitoring_end=DAY, files=(SHA,), occurred_on=day
    )
    return lambda: submit_monitoring_report.not_before_its_end(request)


def verify(verified: tuple[str, date] | None) -> Callable[[], object]:
    """An attempt to conclude a verification."""
    request = conclude_verification.ConcludeVerification(
        report_sha256=SHA, verifier="v", opinion="positive", statement="s", occurred_on=LATER
    )
    state: Any = conclude_verification.State(b"", None, {}, DAY, verified, {})  # type: ignore[arg-type]
    return lambda: conclude_verification.not_concluded_yet(request, state)


@dataclass(frozen=True)
class Guard:
    """A guard, by module and function, an attempt that it refuses, and the code."""

    module: Any
    function: str
    code: str
    attempt: Callable[[], object]

    @property
    def name(self) -> str:
        """Module and function."""
        return f"{self.module.__name__}.{self.function}"


L, G, A, C = ledger, gate, allocation, correction
BARRED = {
    BarGround.SUSPENSION: "account_suspended",
    BarGround.ORDER: "account_under_order",
    BarGround.CLOSURE: "account_closed",
}
GUARDS: tuple[Guard, ...] = (
    Guard(L, "some_blocks", "no_blocks", apply(transfer())),
    Guard(L, "each_serial_named_once", "block_named_twice", apply(transfer(block(1, 5), block(5, 6)))),
    Guard(
        L, "each_serial_named_once", "block_named_twice", apply(issuance((block(50), GOVERNMENT), (block(50), COMPANY)))
    ),
    Guard(L, "held_pieces", "not_held", apply(transfer(block(1, 20), Block(SERIES, 41, 41)))),
    Guard(
        L,
        "one_source",
        "more_than_one_source",
        apply(transfer(block(20, 21), to=account("x", AccountType.ENTITY_HOLDING))),
    ),
    Guard(L, "purpose_fits", "unknown_purpose", apply(Cancel((block(1),), CANCELLATION, LATER, "ndc"))),
    Guard(L, "purpose_fits", "unknown_purpose", apply(retire(block(1), purpose="omge"))),
    Guard(L, "account_fits", "account_type_does_not_fit", apply(transfer(block(1), to=RETIREMENT))),
    Guard(L, "account_fits", "account_type_does_not_fit", apply(Cancel((block(1),), RETIREMENT, LATER, "omge"))),
    Guard(L, "account_of_registry", "cross_registry_transfer", apply(transfer(block(1), to=ABROAD))),
    Guard(L, "account_of_registry", "cross_registry_transfer", apply(issuance((block(50), ABROAD)))),
    Guard(L, "registries_can_exchange", "registries_cannot_exchange", apply(cross(COMPANY))),
    Guard(L, "registries_can_exchange", "registries_cannot_exchange", apply(cross(THIRD))),
    Guard(L, "registries_can_exchange", "registries_cannot_exchange", apply(cross(REHEARSED))),
    Guard(L, "transfer_abroad_is_allowed", "transfer_abroad_not_allowed", apply(cross(ABROAD, allowed_by=("THA",)))),
    Guard(C, "act_is_correctable", "act_not_correctable", apply(correct(correctable=("transfer",)), corrected())),
    Guard(C, "moved_by_it", "nothing_to_correct", apply(correct(blocks=(block(1, 6),)), corrected())),
    Guard(C, "two_of_each_side", "consent_missing", apply(correct(people=PEOPLE[:3]), corrected())),
    Guard(C, "two_of_each_side", "consent_missing", apply(correct(approvers={"MNG": frozenset()}), corrected())),
    Guard(C, "two_of_each_side", "consent_missing", apply(correct(people=(*PEOPLE[:3], PEOPLE[2])), corrected())),
    Guard(C, "two_of_each_side", "consent_missing", apply(correct(people=(*PEOPLE[:3], ("MNG", "d", 1))), corrected())),
    Guard(C, "each_signed", "consent_not_signed", apply(correct(said="another reason"), corrected())),
    Guard(C, "not_moved_since", "moved_since", apply(correct(), corrected(cause=9))),
    Guard(L, "account_open", "account_not_open_yet", apply(transfer(block(1), to=LATE))),
    Guard(L, "issue_not_before_decision", "before_its_cause", apply(issuance((block(50), GOVERNMENT), on=EARLY))),
    Guard(L, "serials_are_new", "serials_already_issued", apply(issuance((block(40, 50), GOVERNMENT)))),
    Guard(L, "not_from_a_sink", "sink_never_releases", apply(transfer(block(31)))),
    Guard(L, "not_from_a_sink", "sink_never_releases", apply(Cancel((block(31),), CANCELLATION, LATER, "omge"))),
    Guard(L, "source_fits", "account_cannot_give", apply(transfer(block(1)), reserved())),
    Guard(L, "source_fits", "account_cannot_give", apply(Release((block(1),), COMPANY, LATER))),
    Guard(L, "source_fits", "account_cannot_give", apply(CoverReversal((block(1),), CANCELLATION, LATER))),
    Guard(L, "source_fits", "account_cannot_give", apply(Cancel((block(1),), CANCELLATION, LATER, "omge"), reserved())),
    Guard(L, "account_fits", "account_type_does_not_fit", apply(Reserve((block(1),), COMPANY, LATER))),
    Guard(L, "account_fits", "account_type_does_not_fit", apply(Release((block(1),), CANCELLATION, LATER), reserved())),
    Guard(L, "not_to_itself", "same_account", apply(transfer(block(21)))),
    Guard(L, "not_before_received", "before_its_cause", apply(transfer(block(1), on=date(2025, 1, 9)))),
    Guard(L, "not_held_back", "held_back", apply(transfer(block(5, 6)), held_back(Ground.OTHER))),
    Guard(L, "not_held_back", "held_by_order", apply(retire(block(5, 6)), held_back(Ground.ORDER))),
    Guard(L, "not_held_back", "held_by_difference", apply(transfer(block(1)), held_back(Ground.DIFFERENCE))),
    Guard(L, "not_held_back", "held_for_proposal", apply(transfer(block(1)), held_back(Ground.PROPOSAL))),
    *(
        guard
        for ground, code in BARRED.items()
        for guard in (
            Guard(L, "account_may_receive", code, apply(transfer(block(1), to=barred(COMPANY, ground)))),
            Guard(L, "account_may_receive", code, apply(issuance((block(50), barred(COMPANY, ground))))),
            Guard(
                L,
                "account_may_send",
                code,
                apply(transfer(block(1)), market().with_account(barred(GOVERNMENT, ground))),
            ),
        )
    ),
    Guard(L, "four_eyes_kept", "needs_second_person", apply(transfer(block(1)), four_eyes(None))),
    Guard(L, "four_eyes_kept", "needs_second_person", apply(retire(block(1)), four_eyes(("sato", "sato")))),
    Guard(
        L,
        "four_eyes_kept",
        "needs_second_person",
        apply(transfer(block(1)), four_eyes(("sato", "kato"), "JPN/company")),
    ),
    Guard(G, "vintage_is_known", "vintage_not_known", apply(retire(block(1)), dated((None, None)))),
    Guard(G, "vintage_is_recent", "vintage_too_early", apply(retire(block(1)), dated((2020, 2022)))),
    Guard(G, "authorized_by", "not_authorized", apply(retire(block(1), on_file=authorizations()[:1]))),
    Guard(G, "authorized_by", "not_authorized", apply(retire(block(1), on_file=authorizations()[1:]))),
    Guard(
        G,
        "authorized_by",
        "not_authorized",
        apply(retire(block(1), on_file=authorizations(authorized_on=date(2025, 4, 1)))),
    ),
    Guard(G, "for_ndc", "not_authorized", apply(retire(block(1), on_file=authorizations(purposes=("OIMP",))))),
    Guard(G, "all_projects", "not_authorized", apply(retire(block(1), on_file=authorizations(projects=("MN902",))))),
    Guard(G, "all_years", "not_authorized", apply(retire(block(1), on_file=authorizations(first_vintage=2023)))),
    Guard(G, "all_years", "not_authorized", apply(retire(block(1), on_file=authorizations(last_vintage=2021)))),
    Guard(L, "use_is_open", "use_not_open", apply(retire(block(1), serves="gx_ets"))),
    Guard(L, "use_within_period", "use_outside_ndc_period", apply(retire(block(1), used_for_year=2031))),
    Guard(
        L,
        "use_within_period",
        "use_outside_ndc_period",
        apply(retire(block(1), rules=replace(RULES, ndc_periods=(("JPN", 2023, 2030),)))),
    ),
    Guard(L, "authorized_for_other", "not_authorized_for_other", apply(corsia(authorizations()))),
    Guard(G, "for_one_of", "not_authorized_for_other", apply(corsia(authorizations()))),
    Guard(
        L,
        "authorized_for_other",
        "not_authorized_for_other",
        apply(corsia(authorizations(purposes=("IMP",), authorized_on=date(2025, 4, 1)))),
    ),
    Guard(
        G,
        "all_projects",
        "not_authorized_for_other",
        apply(corsia(authorizations(purposes=("IMP",), projects=("MN902",)))),
    ),
    Guard(
        choosing,
        "enough",
        "not_enough_to_choose",
        lambda: choosing.choose(market(), choosing.Choice("oldest_vintage_first", 21, GOVERNMENT.account_id), (), DAY),
    ),
    Guard(S, "phase_is_next", "phase_out_of_order", lambda: S.phase_is_next("X", SITE, S.Phase.POST_CLOSURE, LATER)),
    Guard(S, "phase_is_next", "phase_out_of_order", lambda: S.phase_is_next("X", SITE, S.ORDER[1], SITE[0].since)),
    Guard(S, "period_within_injection", "outside_injection", lambda: S.period_within_injection("X", (), (DAY, DAY))),
    Guard(S, "share_is_kept", "reserve_not_kept", lambda: S.share_is_kept(2, 100, THREE)),
    Guard(S, "within_what_is_left", "above_what_is_left", lambda: S.within_what_is_left(6, 10, [ESCAPE])),
    Guard(S, "can_escape", "escaped_before_injection", lambda: S.can_escape("X", None, DAY, has_phases=True)),
    Guard(S, "no_more_than_escaped", "more_than_escaped", lambda: S.no_more_than_escaped(6, ESCAPE)),
    Guard(
        S,
        "current_period_first",
        "current_period_comes_first",
        lambda: S.current_period_first(ESCAPE, decided_since=False),
    ),
    Guard(S, "reserve_first", "reserve_comes_first", lambda: S.reserve_first(ESCAPE, 1)),
    Guard(S, "credits_of_the_project", "credits_of_another_project", lambda: S.credits_of_the_project([block(1)], "X")),
    Guard(S, "closed_and_made_good", "not_closed_yet", lambda: S.closed_and_made_good("X", None, DAY, 0)),
    Guard(
        S, "closed_and_made_good", "reversal_not_made_good", lambda: S.closed_and_made_good("X", S.Phase.CLOSED, DAY, 1)
    ),
    Guard(A, "each_side_once", "side_named_twice", check(2, side("JPN", 1), side("JPN", 1))),
    Guard(A, "amounts_not_negative", "quantity_not_positive", check(-1, side("JPN", None))),
    Guard(A, "all_amounts_known", "amount_must_be_known", check(5, side("JPN", 5), side("MNG", None), verified=9)),
    Guard(A, "not_above_verified", "above_verified", check(10, side("JPN", 10), verified=9)),
    Guard(A, "sides_sum_to_total", "sides_do_not_sum", check(10, side("JPN", 8), side("MNG", 1))),
    Guard(A, "sides_sum_to_total", "sides_do_not_sum", check(7, side("JPN", 8), side("MNG", None))),
    Guard(A, "shares_positive", "quantity_not_positive", check(5, side("JPN", 5, ("a", "2022", 6), ("b", "2022", -1)))),
    Guard(A, "shares_positive", "quantity_not_positive", check(5, side("JPN", 5, ("a", "2022", 5), ("b", "2022", 0)))),
    Guard(A, "shares_sum_to_amount", "shares_do_not_sum", check(5, side("JPN", 5, ("a", "2022", 4)))),
    Guard(A, "each_share_once", "share_named_twice", check(5, side("JPN", 5, ("a", "2022", 4), ("a", "2022", 1)))),
    Guard(
        A,
        "vintage_in_period",
        "vintage_outside_period",
        check(5, side("JPN", 5), monitoring_period=(date(2021, 1, 1), date(2021, 12, 31))),
    ),
    Guard(issue, "issued_once", "already_issued", one_side(state="issued", issued_on=DAY)),
    Guard(issue, "amount_known", "amount_not_known", one_side(notified=None)),
    Guard(issue, "something_to_issue", "nothing_to_issue", one_side(notified=0)),
    Guard(decide_issuance, "positively_verified", "not_verified", decision(report=replace(REPORT, positive=False))),
    Guard(
        decide_issuance, "not_decided_yet", "report_already_decided", decision(report=replace(REPORT, decided_by="C"))
    ),
    Guard(decide_issuance, "of_the_report", "decision_is_not_of_the_report", decision(projects=["MN902"])),
    Guard(decide_issuance, "of_the_report", "decision_is_not_of_the_report", decision(monitoring_end="2022-12-30")),
    Guard(decide_issuance, "not_before_verification", "before_its_cause", decision(on=EARLY)),
    Guard(
        decide_issuance,
        "side_of_the_project",
        "side_not_of_the_project",
        decision(
            sides=[
                {
                    "side": "THA",
                    "amount": 40,
                    "shares": [{"account_id": "JPN/government", "vintage": "2022", "quantity": 40}],
                }
            ]
        ),
    ),
    Guard(record_authorization, "version_is_next", "version_not_next", version(3)),
    Guard(submit_monitoring_report, "not_before_its_end", "before_its_cause", report_on(EARLY)),
    Guard(conclude_verification, "not_concluded_yet", "already_verified", verify(("positive", DAY))),
    Guard(
        framework,
        "same_request_under_key",
        "idempotency_key_reused",
        lambda: framework.same_request_under_key("a" * 64, "b" * 64, "key", 1),
    ),
    Guard(
        framework,
        "not_in_the_future",
        "dated_in_the_future",
        lambda: framework.not_in_the_future(date(2026, 11, 22), datetime(2026, 11, 21, 14, 59, tzinfo=UTC)),
    ),
    Guard(
        framework,
        "refuse_doubles",
        "request_not_understood",
        lambda: framework.refuse_doubles("transfer", '{"key": 1, "key": 2}'),
    ),
    *(Guard(*attempt) for attempt in (*ATTEMPTS, *notice_guards.ATTEMPTS)),
)
"""Each attempt is refused by its guard alone: with the guard gone, nothing else stops it."""

DIRECT = {
    "phase_is_next",
    "period_within_injection",
    "share_is_kept",
    "within_what_is_left",
    "can_escape",
    "no_more_than_escaped",
    "current_period_first",
    "reserve_first",
    "credits_of_the_project",
    "closed_and_made_good",
    "same_request_under_key",
    "not_in_the_future",
    "not_before_its_end",
    "not_concluded_yet",
    "refuse_doubles",
    *(function for _, function, _, _ in (*ATTEMPTS, *notice_guards.ATTEMPTS)),
}
"""Guards that are called here by themselves."""
