"""Whatever is asked for in whichever order: held credits lie still, and nobody alone moves what four eyes guard.

The pure ledger is judged by an auditor that knows single credits and shares no code with it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from account_guards import PROPOSAL, PUBLIC
from ledger_guards import COMPANY, DAY, GOVERNMENT, ORIGIN, account, block, transfer
from openjcm.refusals import Refused
from openjcm.registry.accounts import Account, AccountType, Bar, BarGround, Standing
from openjcm.registry.holds import Consent, Ground, Hold, Scope
from openjcm.registry.ledger import Holding, Holdings, apply
from openjcm.registry.proposals import Answer, envelope, read_envelope

ACCOUNTS = {item.account_id: item for item in (GOVERNMENT, COMPANY, account("trader", AccountType.ENTITY_HOLDING))}
NAMES = sorted(ACCOUNTS)
START = date(2025, 3, 1)

runs = st.tuples(st.integers(1, 40), st.integers(0, 6)).map(lambda run: (run[0], min(40, run[0] + run[1])))
holds = st.tuples(st.just("hold"), st.sampled_from(["H1", "H2", "H3"]), runs, st.sampled_from(list(Scope)))
releases = st.tuples(st.just("release"), st.sampled_from(["H1", "H2", "H3"]))
bars = st.tuples(
    st.just("bar"), st.sampled_from(NAMES), st.sampled_from([(True, False), (False, True), (True, True)]),
    st.integers(0, 9), st.one_of(st.none(), st.integers(0, 5)), st.one_of(st.none(), st.integers(0, 9)),
)  # fmt: skip
eyes = st.tuples(st.just("eyes"), st.sampled_from(NAMES), st.booleans())
consents = st.one_of(
    st.none(),
    st.tuples(
        st.sampled_from(NAMES), st.sampled_from(["H1", "H2"]), st.sampled_from(["sato", "kato"]),
        st.sampled_from(["sato", "kato"]),
    ),
)  # fmt: skip
moves = st.tuples(st.just("move"), runs, st.sampled_from(NAMES), st.integers(0, 9), consents)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.one_of(moves, moves, holds, releases, bars, eyes), max_size=25))
def test_the_auditor_agrees(steps: list[tuple]) -> None:
    """Every move is refused or done as the auditor says, and no credit is ever lost or made."""
    holdings = Holdings([Holding(block(1, 40), GOVERNMENT, DAY, ORIGIN)])
    owner = dict.fromkeys(range(1, 41), "JPN/government")
    since = dict.fromkeys(range(1, 41), DAY)
    held: dict[str, set[int]] = {}
    accounts = dict(ACCOUNTS)
    for kind, *rest in steps:
        if kind == "hold":
            name, (first, last), scope = rest
            if name not in held:
                holdings = holdings.with_holds([Hold(name, block(first, last), scope, Ground.OTHER, "R")])
                held[name] = set(range(first, last + 1)) if scope is Scope.ALL else set()
        elif kind == "release":
            holdings = holdings.without_hold(rest[0])
            held.pop(rest[0], None)
        elif kind in ("bar", "eyes"):
            accounts[rest[0]] = changed(accounts[rest[0]], kind, rest)
            holdings = holdings.with_account(accounts[rest[0]])
        else:
            (first, last), to, days, consent = rest
            day = START + timedelta(days=days)
            who = Consent(*consent) if consent else None
            lawful = may_move(range(first, last + 1), owner, since, held, accounts, to, day, consent)
            try:
                holdings = apply(holdings.by_consent(who), transfer(block(first, last), to=accounts[to], on=day))
            except Refused as refused:
                assert not lawful, refused
                continue
            assert lawful
            owner |= dict.fromkeys(range(first, last + 1), to)
            since |= dict.fromkeys(range(first, last + 1), day)
    found = {
        number: item.account.account_id for item in holdings for number in range(item.block.first, item.block.last + 1)
    }
    assert found == owner


def changed(item: Account, kind: str, rest: list) -> Account:
    """The account with one fact more."""
    if kind == "eyes":
        return replace(item, four_eyes=rest[1])
    (sends, receives), begins, lasts, lifted = rest[1:]
    first = START + timedelta(days=begins)
    until = None if lasts is None else first + timedelta(days=lasts)
    lifted_on = None if lifted is None else first + timedelta(days=lifted)
    return replace(item, bars=(*item.bars, Bar(BarGround.SUSPENSION, sends, receives, first, until, lifted_on)))


def may_move(numbers, owner, since, held, accounts, to, day, consent) -> bool:
    """The auditor's own judgement, credit by credit."""
    holders = {owner[number] for number in numbers}
    if len(holders) != 1 or to in holders or any(day < since[number] for number in numbers):
        return False
    holder = accounts[holders.pop()]
    if any(numbers_held & set(numbers) for name, numbers_held in held.items() if not consent or consent[1] != name):
        return False
    if holder.four_eyes and not (consent and consent[0] == holder.account_id and consent[2] != consent[3]):
        return False
    return not (stops(holder, "sends", day) or stops(accounts[to], "receives", day))


def stops(item: Account, way: str, day: date) -> bool:
    """Whether a bar of the account stands in the way on a day, told day by day."""
    for bar in item.bars:
        if not getattr(bar, way) or (bar.until is not None and day > bar.until):
            continue
        if bar.lifted_on is None or day in {
            bar.since + timedelta(days=n) for n in range((bar.lifted_on - bar.since).days)
        }:
            return True
    return False


@pytest.mark.parametrize(
    ("sends", "receives", "ground", "standing"),
    [
        (True, False, BarGround.SUSPENSION, Standing.SUSPENDED_OUT),
        (False, True, BarGround.SUSPENSION, Standing.SUSPENDED_IN),
        (True, True, BarGround.SUSPENSION, Standing.SUSPENDED),
        (True, False, BarGround.ORDER, Standing.SUSPENDED_OUT),
        (True, True, BarGround.CLOSURE, Standing.CLOSED),
    ],
)
def test_standing(sends: bool, receives: bool, ground: BarGround, standing: Standing) -> None:
    """The standing on a day is that of the facts which stood on it."""
    bar = Bar(ground, sends, receives, START)
    item = replace(COMPANY, bars=(bar,))
    assert item.standing_on(START) is standing
    assert item.standing_on(START - timedelta(days=1)) is Standing.OPEN
    over = replace(item, bars=(replace(bar, lifted_on=START + timedelta(days=2)),))
    assert over.standing_on(START + timedelta(days=2)) is Standing.OPEN


def damaged(place: int) -> bytes:
    """A signed file with one byte changed."""
    whole = bytearray(envelope(PROPOSAL, PUBLIC, "A" * 86))
    whole[place % len(whole)] ^= 1
    return bytes(whole)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.integers(0, 400).map(damaged)))
def test_a_file_that_is_none_is_refused(data: bytes) -> None:
    """Whatever bytes come: a signed file in its one form, or a refusal."""
    try:
        found = read_envelope(data)
    except Refused as refused:
        assert refused.code == "proposal_file_not_understood"
    else:
        assert envelope(found.signed, found.public_key, found.signature) == data.rstrip(b"\n")


@pytest.mark.parametrize("signed", [PROPOSAL, replace(PROPOSAL, request={"blocks": ["x"]}), Answer("0" * 64, "a", "b")])
def test_files_read_back(signed) -> None:
    """What was written is read, and no number with a point comes in."""
    whole = envelope(signed, PUBLIC, "A" * 86)
    assert read_envelope(whole + b"\n").signed == signed
    with pytest.raises(Refused):
        read_envelope(whole.replace(b'"format"', b'"x":1.5,"format"'))
