"""Holds on credits and bars of accounts, as acts on the real database: refused, lifted, replayed by the audit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from openjcm.commands import ACTS, release_hold
from openjcm.commands.together import ask, perform_together
from openjcm.refusals import Refused
from openjcm.registry.holds import Ground
from trial_office import Trial

FIVE = "JCM-JP-MN901-2022-1-5"
SHA = "0" * 64


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """A market of forty credits, five of which the company holds."""
    trial = Trial(database_url, tmp_path)
    trial.market()
    move(trial, "JCM-JP-MN901-2022-36-40", "JPN/company")
    yield trial
    trial.close()


def move(trial: Trial, block: str, to: str, on: str = "2025-02-01") -> None:
    """A transfer."""
    trial.do("transfer", on, blocks=[block], target_account=to)


def place(trial: Trial, hold_id: str = "H1", blocks: tuple[str, ...] = (FIVE,), **changes: Any) -> None:
    """A hold on five credits."""
    trial.do("place_hold", "2025-03-01", **hold(hold_id, blocks, **changes))


def hold(hold_id: str = "H1", blocks: tuple[str, ...] = (FIVE,), **changes: Any) -> dict[str, Any]:
    """The request for a hold."""
    fields = {"scope": "all", "ground": "other", "reference": "R1", "document": "letter", "reason": "checked"}
    return {"hold_id": hold_id, "blocks": list(blocks), **fields, **changes}


def release(trial: Trial, hold_id: str = "H1", on: str = "2025-03-02") -> None:
    """The release of a hold."""
    trial.do("release_hold", on, hold_id=hold_id, document="letter", reason="settled")


@pytest.mark.parametrize(
    ("ground", "code"), [("other", "held_back"), ("order", "held_by_order"), ("difference", "held_by_difference")]
)
def test_what_is_held_back_does_not_move(trial: Trial, ground: str, code: str) -> None:
    """No act moves it, whatever day it states; what lies beside it moves; after the release it moves."""
    place(trial, ground=ground)
    for day in ("2025-02-01", "2025-03-05"):
        trial.refused(code, "transfer", day, blocks=["JCM-JP-MN901-2022-5-6"], target_account="JPN/company")
    trial.refused(
        code, "cancel", "2025-03-05", blocks=["JCM-JP-MN901-2022-1"], cancellation_account="JPN/cancellation",
        purpose="omge", reason="r",
    )  # fmt: skip
    move(trial, "JCM-JP-MN901-2022-6-9", "JPN/company")
    release(trial)
    move(trial, FIVE, "JPN/company", "2025-03-05")
    assert trial.held("JPN/company") == 14
    assert trial.clean()


def test_an_international_hold_leaves_acts_within_the_registry_alone(trial: Trial) -> None:
    """A difference between registries blocks what goes abroad, and nothing else."""
    place(trial, scope="international", ground="difference")
    move(trial, FIVE, "JPN/company", "2025-03-05")
    assert trial.clean()


def test_two_holds_are_released_one_by_one(trial: Trial) -> None:
    """A hold may lie over another; the credits move when both are released."""
    place(trial)
    place(trial, "H2", ("JCM-JP-MN901-2022-4-40",), ground="order")
    release(trial)
    trial.refused("held_by_order", "transfer", "2025-03-05", blocks=[FIVE], target_account="JPN/company")
    release(trial, "H2")
    move(trial, FIVE, "JPN/company", "2025-03-05")
    assert trial.clean()


def test_holds_are_named_once_and_known(trial: Trial) -> None:
    """One hold for each name, on credits that exist; released once, not before it was placed."""
    place(trial)
    trial.refused("already_on_record", "place_hold", "2025-03-01", **hold(reference="R2"))
    trial.refused("not_held", "place_hold", "2025-03-01", **hold("H2", ("JCM-JP-MN901-2022-41",)))
    trial.refused("no_blocks", "place_hold", "2025-03-01", **hold("H2", ()))
    words = {"document": "letter", "reason": "settled"}
    trial.refused("unknown_hold", "release_hold", "2025-03-02", hold_id="H9", **words)
    trial.refused("before_its_cause", "release_hold", "2025-02-28", hold_id="H1", **words)
    release(trial)
    trial.refused("already_on_record", "release_hold", "2025-03-03", hold_id="H1", **words)


def test_the_hold_of_a_proposal_is_not_released_by_itself() -> None:
    """It ends with its proposal."""
    request = release_hold.ReleaseHold(hold_id="proposal:1", document="d", reason="r", occurred_on=date(2025, 3, 1))
    with pytest.raises(Refused) as caught:
        release_hold.decide(request, release_hold.State(Ground.PROPOSAL, "1", date(2025, 2, 1), False))
    assert caught.value.code == "hold_of_a_proposal"


def test_together_the_held_ones_are_refused_alone(trial: Trial) -> None:
    """Among many acts in one transaction, those on held credits are refused and the others done."""
    place(trial)
    asked = [
        ask(
            ACTS["transfer"],
            {"blocks": [f"JCM-JP-MN901-2022-{n}"], "target_account": "JPN/company", "occurred_on": "2025-03-05"},
            None,
            "trial",
        )
        for n in range(1, 11)
    ]
    answers = perform_together(asked, trial.office)
    assert [answer.code if isinstance(answer, Refused) else "" for answer in answers] == ["held_back"] * 5 + [""] * 5
    assert trial.clean()


SUSPENSIONS = [
    ("out", "account_suspended", None),
    ("in", None, "account_suspended"),
    ("both", "account_suspended", "account_suspended"),
]


@pytest.mark.parametrize(("direction", "sends", "receives"), SUSPENSIONS)
def test_a_suspended_account(trial: Trial, direction: str, sends: str | None, receives: str | None) -> None:
    """It sends or receives nothing until the suspension is lifted, and never for the days on which it stood."""
    trial.do("suspend_account", "2025-03-01", account_id="JPN/company", direction=direction, reason="inquiry")
    trial.refused(
        "already_on_record", "suspend_account", "2025-03-02", account_id="JPN/company", direction="both", reason="again"
    )
    out = {"blocks": ["JCM-JP-MN901-2022-36"], "target_account": "JPN/trader"}
    into = {"blocks": ["JCM-JP-MN901-2022-1"], "target_account": "JPN/company"}
    for fields, code in ((out, sends), (into, receives)):
        for day in ("2025-02-10", "2025-03-05"):
            if code:
                trial.refused(code, "transfer", day, **fields)
    trial.refused("before_its_cause", "lift_suspension", "2025-02-28", account_id="JPN/company", reason="over")
    trial.do("lift_suspension", "2025-03-10", account_id="JPN/company", reason="over")
    trial.refused("not_suspended", "lift_suspension", "2025-03-11", account_id="JPN/company", reason="over")
    for fields, code in ((out, sends), (into, receives)):
        if code:
            trial.refused(code, "transfer", "2025-03-05", **fields)
        trial.do("transfer", "2025-03-10", **fields)
    assert trial.clean()


def test_a_suspension_with_an_end(trial: Trial) -> None:
    """After its last day the account sends again, without any act; an end before the beginning is refused."""
    fields = {"account_id": "JPN/company", "direction": "out", "reason": "inquiry"}
    trial.refused("ends_before_it_begins", "suspend_account", "2025-03-01", until="2025-02-28", **fields)
    trial.refused("before_its_cause", "suspend_account", "2015-01-01", **fields)
    trial.do("suspend_account", "2025-03-01", until="2025-03-31", **fields)
    out = {"blocks": ["JCM-JP-MN901-2022-36"], "target_account": "JPN/trader"}
    trial.refused("account_suspended", "transfer", "2025-03-31", **out)
    trial.do("transfer", "2025-04-01", **out)
    assert trial.clean()


def test_issuance_into_a_suspended_account_is_refused(trial: Trial) -> None:
    """An account suspended for what comes in is not issued to either."""
    trial.do("suspend_account", "2025-01-15", account_id="MNG/government", direction="in", reason="inquiry")
    trial.refused("account_suspended", "issue", "2025-02-01", decision_id="D1", side="MNG")


def test_a_restriction_on_disposal(trial: Trial) -> None:
    """An order stops what goes out and lets in; another order stands beside it; lifting needs the right order."""
    order = {"account_id": "JPN/company", "document_sha256": SHA, "reason": "seizure"}
    for number in ("12", "13"):
        trial.do("record_disposal_restriction", "2025-03-01", order=number, authority="court", **order)
    trial.refused(
        "already_on_record", "record_disposal_restriction", "2025-03-02", order="12", authority="court", **order
    )
    out = {"blocks": ["JCM-JP-MN901-2022-36"], "target_account": "JPN/trader"}
    trial.refused("account_under_order", "transfer", "2025-03-05", **out)
    move(trial, "JCM-JP-MN901-2022-1", "JPN/company", "2025-03-05")
    trial.refused("no_such_order", "lift_disposal_restriction", "2025-03-06", order="14", **order)
    trial.do("lift_disposal_restriction", "2025-03-06", order="12", **order)
    trial.refused("account_under_order", "transfer", "2025-03-07", **out)
    trial.do("lift_disposal_restriction", "2025-03-06", order="13", **order)
    trial.refused("no_such_order", "lift_disposal_restriction", "2025-03-06", order="13", **{**order, "reason": "x"})
    trial.do("transfer", "2025-03-07", **out)
    assert trial.clean()


def test_closing(trial: Trial) -> None:
    """Closed only when empty and free of orders, once, and for ever; it then sends and receives nothing."""
    fields = {"account_id": "JPN/company", "reason": "asked for"}
    trial.refused("account_not_empty", "close_account", "2025-03-01", **fields)
    move(trial, "JCM-JP-MN901-2022-36-40", "JPN/trader", "2025-03-01")
    trial.refused("before_its_cause", "close_account", "2025-02-28", **fields)
    order = {"account_id": "JPN/company", "order": "12", "document_sha256": SHA, "reason": "seizure"}
    trial.do("record_disposal_restriction", "2025-03-01", authority="court", **order)
    trial.refused("account_under_order", "close_account", "2025-03-01", **fields)
    trial.do("lift_disposal_restriction", "2025-03-01", **order)
    trial.do("close_account", "2025-03-02", **fields)
    trial.refused("account_closed", "close_account", "2025-03-03", **fields)
    trial.refused("account_closed", "suspend_account", "2025-03-03", direction="in", **fields)
    for day in ("2025-02-10", "2025-03-05"):
        trial.refused("account_closed", "transfer", day, blocks=["JCM-JP-MN901-2022-1"], target_account="JPN/company")
    assert trial.clean()


ATTACKS = {
    "a hold moved": "update block_hold set serials = '[1,2)'",
    "a hold removed": "delete from block_hold",
    "all holds at once": "truncate block_hold",
    "a hold released before it was placed": "update block_hold set released_entry_no = 1",
    "a bar changed": "update account_bar set sends = false, receives = true",
    "a bar removed": "delete from account_bar",
    "all bars at once": "truncate account_bar",
    "a held block moved": (
        "insert into movement (entry_no, kind, registry_id, series, serials, origin_id, source_account,"
        " target_account, occurred_on, from_entry_no) select 1, 'transfer', 'JPN', series, '[5,7)', origin_id,"
        " 'JPN/government', 'JPN/company', '2025-02-01', 1 from block_origin limit 1"
    ),
    "out of a suspended account": (
        "insert into movement (entry_no, kind, registry_id, series, serials, origin_id, source_account,"
        " target_account, occurred_on, from_entry_no) select 1, 'transfer', 'JPN', series, '[36,37)', origin_id,"
        " 'JPN/company', 'JPN/trader', '2025-02-01', 1 from block_origin limit 1"
    ),
    "an account closed with credits": (
        "insert into account_bar (entry_no, account_id, ground, sends, receives, since, reference)"
        " values (1, 'JPN/company', 'closure', true, true, '2025-03-01', 'r')"
    ),
}


def test_the_second_wall(trial: Trial) -> None:
    """Whatever is written past the ledger, the database refuses it."""
    place(trial)
    trial.do("suspend_account", "2025-03-01", account_id="JPN/company", direction="out", reason="inquiry")
    for name, attack in ATTACKS.items():
        with pytest.raises(psycopg.errors.IntegrityError), trial.office.transaction() as connection:
            connection.execute(attack.encode())
            pytest.fail(f"not refused: {name}")
    assert trial.clean()


CORRUPTIONS = {
    "a hold taken out": ("delete from block_hold", "row_missing"),
    "a hold made smaller": ("update block_hold set serials = '[1,2)'", "row_missing"),
    "a hold released in silence": (
        "update block_hold set released_entry_no = (select max(entry_no) from journal)",
        "row_not_from_journal",
    ),
    "a bar taken out": ("delete from account_bar", "row_missing"),
    "a bar ended": ("update account_bar set until = '2025-03-01'", "row_not_from_journal"),
}


def test_the_audit_finds_what_was_changed(trial: Trial) -> None:
    """With the triggers switched off everything can be changed, and the audit names it."""
    from openjcm.store.audit import audit
    from trial_office import KEY

    place(trial)
    trial.do("suspend_account", "2025-03-01", account_id="JPN/company", direction="out", reason="inquiry")
    for name, (change, rule) in CORRUPTIONS.items():
        with trial.office.connect(trial.office.database_url) as connection:
            for table in ("block_hold", "account_bar"):
                connection.execute(f"alter table {table} disable trigger user".encode())
            connection.execute(change.encode())
            found = {item.rule for item in audit(connection, trial.office.files, KEY.public_key())}
            connection.rollback()
        assert rule in found, name


def test_a_race_between_a_hold_and_transfers(trial: Trial) -> None:
    """Whoever is first: what moved was not held before, what is held did not move after, and the audit agrees."""
    told: list[str] = []

    def transfer(number: int) -> None:
        try:
            move(trial, f"JCM-JP-MN901-2022-{number}", "JPN/trader", "2025-03-01")
            told.append("moved")
        except Refused as refused:
            told.append(refused.code)

    def freeze() -> None:
        place(trial, blocks=("JCM-JP-MN901-2022-1-30",))
        trial.do("suspend_account", "2025-03-01", account_id="JPN/trader", direction="in", reason="inquiry")

    threads = [threading.Thread(target=transfer, args=(number,)) for number in range(1, 13)]
    threads.insert(6, threading.Thread(target=freeze))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(told) <= {"moved", "held_back", "account_suspended"}
    assert trial.held("JPN/trader") == told.count("moved")
    assert trial.clean()
