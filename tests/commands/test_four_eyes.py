"""Four eyes on the real database: one signs, another approves, and nothing else moves what the account holds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from openjcm.commands import execute_due
from openjcm.commands.rounds import Rounds
from openjcm.refusals import Refused
from openjcm.store.audit import audit
from signing import DAY, FIVE, KATO, MORI, SATO, SHA, Person, answer, propose, refused_answer, representatives
from trial_office import KEY, NOW, Trial


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """A market of forty credits of the government's."""
    trial = Trial(database_url, tmp_path)
    trial.market()
    yield trial
    trial.close()


def at(trial: Trial, hours: float) -> str:
    """Set the clock some hours after the beginning; gives the day."""
    now = NOW + timedelta(hours=hours)
    trial.office.clock = lambda: now
    return now.date().isoformat()


def test_one_proposes_and_another_approves(trial: Trial) -> None:
    """Reserved at the proposal, moved at the approval; nobody moves it by himself; both signatures are kept."""
    representatives(trial)
    trial.refused("needs_second_person", "transfer", DAY, **FIVE)
    trial.refused(
        "needs_second_person", "cancel", DAY, blocks=FIVE["blocks"], cancellation_account="JPN/cancellation",
        purpose="other", reason="r",
    )  # fmt: skip
    name = propose(trial)
    trial.refused("already_on_record", "propose", "2026-11-20", **SATO.proposal("JPN/government", "transfer", **FIVE))
    trial.refused("held_for_proposal", "propose", DAY, **SATO.proposal("JPN/government", "transfer", 1, **FIVE))
    trial.refused("hold_of_a_proposal", "release_hold", DAY, hold_id=f"proposal:{name}", document="d", reason="r")
    receipt = answer(trial, KATO, name)
    assert receipt.outcome["executed"]["outcome"]["quantity"] == 5
    assert answer(trial, KATO, name).replayed
    assert trial.held("JPN/trader") == 5
    assert trial.one("select count(*) from product where kind like 'proposal%%'") == 2
    assert trial.clean()


def test_without_four_eyes_both_ways_are_open(trial: Trial) -> None:
    """An account without four eyes may still be used by proposals; what is reserved waits for the answer."""
    representatives(trial, four_eyes=False)
    name = propose(trial)
    trial.refused("held_for_proposal", "transfer", DAY, **FIVE)
    trial.do("transfer", DAY, blocks=["JCM-JP-MN901-2022-6"], target_account="JPN/trader")
    answer(trial, MORI, name)
    assert trial.held("JPN/trader") == 6
    assert trial.clean()


def test_who_may_not(trial: Trial) -> None:
    """Rights, persons and signatures are looked at, each by its own refusal."""
    representatives(trial)
    other = Person("other.abe")
    fields = SATO.proposal("JPN/government", "transfer", **FIVE)
    trial.refused("unknown_representative", "propose", DAY, **other.proposal("JPN/government", "transfer", **FIVE))
    trial.refused("right_missing", "propose", DAY, **KATO.proposal("JPN/government", "transfer", **FIVE))
    trial.refused("signature_does_not_fit", "propose", DAY, **{**fields, "nonce": "f" * 32})
    trial.refused("signature_does_not_fit", "propose", DAY, **{**fields, "signature": "A" * 86})
    trial.refused("act_not_proposable", "propose", DAY, **SATO.proposal("JPN/government", "open_registry", **FIVE))
    trial.refused("public_key_not_understood", "register_representative", DAY,
                  **{**other.registration("JPN/government", ("view",)), "public_key": "x"})  # fmt: skip
    trial.refused("key_of_another_person", "register_representative", DAY,
                  **{**other.registration("JPN/company", ("view",)), "public_key": SATO.public})  # fmt: skip
    name = propose(trial, MORI)
    refused_answer(trial, "same_person", MORI, name)
    refused_answer(trial, "right_missing", SATO, name)
    refused_answer(trial, "right_missing", SATO, name, "reject")
    refused_answer(trial, "not_the_proposer", SATO, name, "withdraw")
    refused_answer(trial, "unknown_representative", other, name)
    refused_answer(trial, "unknown_proposal", KATO, SHA)
    wrong = {**KATO.answer(name, "reject"), "representative": KATO.name}
    trial.refused("signature_does_not_fit", "approve_proposal", DAY, **wrong)
    trial.refused("proposal_not_approved", "execute_proposal", DAY, proposal=name)
    assert trial.clean()


def test_serials_are_signed(trial: Trial) -> None:
    """A rule that would choose the credits later is not proposed, alone or beside serials."""
    representatives(trial)
    chosen = {"choose": {"account": "JPN/government", "quantity": 5, "rule": "oldest_vintage_first"}}
    for more in ({}, {"blocks": FIVE["blocks"]}):
        fields = {"target_account": "JPN/trader", **chosen, **more}
        trial.refused("proposal_names_serials", "propose", DAY, **SATO.proposal("JPN/government", "transfer", **fields))


def test_only_what_the_account_holds(trial: Trial) -> None:
    """A representative of one account proposes nothing for another; the rules of the act hold already now."""
    representatives(trial)
    trial.do("register_representative", DAY, **SATO.registration("JPN/company", ("propose",)))
    trial.refused("not_of_this_account", "propose", DAY, **SATO.proposal("JPN/company", "transfer", **FIVE))
    controls = {"account_id": "JPN/company", "four_eyes": False}
    trial.refused(
        "not_of_this_account", "propose", DAY, **SATO.proposal("JPN/government", "change_account_controls", **controls)
    )
    retire = {
        "blocks": FIVE["blocks"], "retirement_account": "JPN/retirement", "used_for_year": 2030, "purpose": "ndc",
    }  # fmt: skip
    trial.refused("not_authorized", "propose", DAY, **SATO.proposal("JPN/government", "retire", **retire))
    trial.refused(
        "request_not_understood", "propose", DAY, **SATO.proposal("JPN/government", "transfer", blocks=FIVE["blocks"])
    )


@pytest.mark.parametrize(("who", "word"), [(KATO, "reject"), (SATO, "withdraw")])
def test_an_end_without_execution(trial: Trial, who: Person, word: str) -> None:
    """Rejected or withdrawn, the credits are free again, and the proposal is closed for ever."""
    representatives(trial, delay_hours=24)
    name = propose(trial)
    answer(trial, MORI, name)
    answer(trial, who, name, word)
    for code_word in ("approve", "reject", "withdraw"):
        person = {"approve": KATO, "reject": MORI, "withdraw": SATO}[code_word]
        if (person, code_word) != (who, word):
            refused_answer(trial, "proposal_closed", person, name, code_word)
    trial.refused("proposal_closed", "execute_proposal", at(trial, 30), proposal=name)
    assert execute_due(trial.office) == []
    at(trial, 0)
    other = propose(trial, nonce=1)
    assert trial.held("JPN/trader") == 0
    assert other != name
    assert trial.clean()


def test_a_delay_and_the_trusted_list(trial: Trial) -> None:
    """What goes to a trusted account goes at once; the rest waits, and is executed in the order of its time."""
    representatives(trial, delay_hours=48, trusted=["JPN/company"])
    fast = propose(trial, blocks=["JCM-JP-MN901-2022-40"], target_account="JPN/company")
    assert answer(trial, KATO, fast).outcome["executed"]
    slow = [propose(trial, nonce=n, blocks=[f"JCM-JP-MN901-2022-{n}"], target_account="JPN/trader") for n in (1, 2, 3)]
    for hours, place in ((1, 2), (2, 0), (3, 1)):
        at(trial, hours)
        assert answer(trial, MORI, slow[place]).outcome["executed"] is None
    trial.refused("proposal_not_due", "execute_proposal", at(trial, 48.9), proposal=slow[2])
    assert execute_due(trial.office) == []
    at(trial, 50.5)
    assert [name for name, _ in execute_due(trial.office)] == [slow[2], slow[0]]
    at(trial, 52)
    assert [name for name, _ in execute_due(trial.office)] == [slow[1]]
    assert execute_due(trial.office) == []
    assert trial.held("JPN/trader") == 3
    assert trial.clean()


def test_the_serving_process_executes_what_is_due(trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
    """Once, at its time, by the rounds alone; one that is refused is tried again later, and not in every round."""
    representatives(trial, delay_hours=24)
    names = [propose(trial, nonce=n, blocks=[f"JCM-JP-MN901-2022-{n}"], target_account="JPN/trader") for n in (1, 2)]
    for name in names:
        answer(trial, KATO, name)
    rounds = Rounds(lambda: trial.office, 0)
    rounds._round(trial.office)
    assert trial.held("JPN/trader") == 0, "not before its time"
    day = at(trial, 24)
    trial.do("suspend_account", day, account_id="JPN/trader", direction="in", reason="r")
    for _ in range(3):
        rounds._round(trial.office)
    assert caplog.text.count("account_suspended") == 2, "each is named once"
    trial.do("lift_suspension", day, account_id="JPN/trader", reason="r")
    rounds._round(trial.office)
    assert trial.held("JPN/trader") == 0, "what was refused waits"
    rounds._tried_again.clear()
    for _ in range(2):
        rounds._round(trial.office)
    assert trial.held("JPN/trader") == 2
    assert trial.one("select count(*) from proposal_step where step = 'executed'") == 2
    assert trial.clean()


def test_outside_the_list_refused(trial: Trial) -> None:
    """Where the account says so, only listed targets are proposed."""
    representatives(trial, trusted=["JPN/company"], outside="refuse")
    trial.refused("account_not_trusted", "propose", DAY, **SATO.proposal("JPN/government", "transfer", **FIVE))
    propose(trial, blocks=FIVE["blocks"], target_account="JPN/company")
    trial.refused("unknown_account", "change_account_controls", DAY, account_id="JPN/company", four_eyes=True,
                  trusted=["JPN/nobody"])  # fmt: skip


def test_limits(trial: Trial) -> None:
    """Zero is no limit that can be set; the limit of one act binds the proposal, that of a day the execution."""
    representatives(trial, most_per_act=5, most_per_day=7)
    trial.refused("request_not_understood", "change_account_controls", DAY, account_id="JPN/company", four_eyes=True,
                  most_per_act=0)  # fmt: skip
    six = {"blocks": ["JCM-JP-MN901-2022-1-6"], "target_account": "JPN/trader"}
    trial.refused("above_act_limit", "propose", DAY, **SATO.proposal("JPN/government", "transfer", **six))
    answer(trial, KATO, propose(trial))
    more = propose(trial, nonce=1, blocks=["JCM-JP-MN901-2022-11-13"], target_account="JPN/trader")
    refused_answer(trial, "above_day_limit", KATO, more)
    day = at(trial, 24)
    answer(trial, KATO, more, on=day)
    assert trial.held("JPN/trader") == 8
    assert trial.clean()


def test_controls_change_by_two_persons(trial: Trial) -> None:
    """What guards the account is itself guarded, and its delay holds for its own change."""
    representatives(trial, delay_hours=24)
    fields = {"account_id": "JPN/government", "four_eyes": False}
    trial.refused("controls_need_a_proposal", "change_account_controls", DAY, **fields)
    receipt = trial.do("propose", DAY, **SATO.proposal("JPN/government", "change_account_controls", **fields))
    name = receipt.outcome["proposal"]
    assert answer(trial, KATO, name).outcome["executed"] is None
    trial.refused("needs_second_person", "transfer", DAY, **FIVE)
    at(trial, 24)
    assert [done for done, _ in execute_due(trial.office)] == [name]
    trial.do("transfer", DAY, **FIVE)
    assert trial.clean()


def test_a_revoked_person(trial: Trial) -> None:
    """What a person signed is not executed when he was revoked meanwhile; the new key signs, the old does not."""
    representatives(trial, delay_hours=24)
    name = propose(trial)
    answer(trial, KATO, name)
    trial.do("revoke_representative", DAY, account_id="JPN/government", representative=SATO.name, reason="left")
    trial.refused("unknown_representative", "revoke_representative", DAY, account_id="JPN/government",
                  representative=SATO.name, reason="again")  # fmt: skip
    trial.refused("unknown_representative", "execute_proposal", at(trial, 25), proposal=name)
    told = execute_due(trial.office)
    assert [(done, what.code) for done, what in told if isinstance(what, Refused)] == [(name, "unknown_representative")]
    answer(trial, MORI, name, "reject", at(trial, 25))
    renewed = Person("acme.sato2")
    trial.do("register_representative", DAY, **{**renewed.registration("JPN/government", ("propose",)),
                                                "representative": SATO.name})  # fmt: skip
    trial.refused("signature_does_not_fit", "propose", DAY, **SATO.proposal("JPN/government", "transfer", 7, **FIVE))
    renewed.name = SATO.name
    propose(trial, renewed, nonce=8)
    assert trial.clean()


def test_a_suspended_account_executes_nothing(trial: Trial) -> None:
    """No rule of the act is passed by: a suspension, an order or a closed target stops the execution."""
    representatives(trial)
    name = propose(trial)
    trial.do("record_disposal_restriction", DAY, account_id="JPN/government", order="9", authority="court",
             document_sha256=SHA, reason="seizure")  # fmt: skip
    refused_answer(trial, "account_under_order", KATO, name)
    trial.refused("account_has_proposals", "close_account", DAY, account_id="JPN/government", reason="r")
    assert trial.clean()


def test_two_approvals_at_once(trial: Trial) -> None:
    """Of all who approve at one moment, one does; the credits move once."""
    representatives(trial)
    people = [Person(f"acme.p{number}") for number in range(6)]
    for person in people:
        trial.do("register_representative", DAY, **person.registration("JPN/government", ("approve",)))
    name = propose(trial)
    told: list[str] = []

    def approve(person: Person) -> None:
        try:
            answer(trial, person, name)
            told.append("done")
        except Refused as refused:
            told.append(refused.code)

    threads = [threading.Thread(target=approve, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["done"] + ["proposal_closed"] * 5
    assert trial.held("JPN/trader") == 5
    assert trial.clean()


MOVE = (
    "insert into movement (entry_no, kind, registry_id, series, serials, origin_id, source_account, target_account,"
    " occurred_on, from_entry_no) select 1, 'transfer', 'JPN', series, '[11,12)', origin_id, 'JPN/government',"
    " 'JPN/company', '2026-11-21', 1 from block_origin limit 1"
)
STEP = "insert into proposal_step (proposal, step, representative, answer_sha256, due_at, executed_on, entry_no)"
ATTACKS = {
    "moved by one alone": MOVE,
    "approved by its proposer": f"{STEP} select proposal, 'approved', representative, proposal_sha256, now(), null, 1"
    " from proposal where proposal = '{open}'",
    "executed unapproved": f"{STEP} values ('{{open}}', 'executed', null, null, null, '2026-11-21', 1)",
    "executed before its time": f"{STEP} values ('{{waits}}', 'executed', null, null, null, '2026-11-21', 1)",
    "approved when closed": f"{STEP} select '{{closed}}', 'approved', 'x', proposal_sha256, now(), null, 1"
    " from proposal limit 1",
    "ended twice": f"{STEP} select '{{closed}}', 'withdrawn', 'x', proposal_sha256, null, null, 1"
    " from proposal limit 1",
    "one key for two persons": "insert into representative_fact select 1, account_id, 'x', name, rights, public_key,"
    " key_id, since, reason from representative_fact limit 1",
    "a proposal changed": "update proposal set quantity = 1",
    "a step removed": "delete from proposal_step",
    "rights changed": "update representative_fact set rights = '{{approve}}'",
    "controls removed": "truncate account_control",
}


def test_the_second_wall_and_the_audit(trial: Trial) -> None:
    """The database refuses what is written past the ledger; what its owner writes is found."""
    representatives(trial, delay_hours=24)
    names = {
        kind: propose(trial, nonce=n, blocks=[f"JCM-JP-MN901-2022-{n}"], target_account="JPN/trader")
        for n, kind in enumerate(("open", "waits", "closed"), 1)
    }
    answer(trial, KATO, names["waits"])
    answer(trial, KATO, names["closed"], "reject")
    for name, attack in ATTACKS.items():
        with pytest.raises(psycopg.errors.IntegrityError), trial.office.transaction() as connection:
            connection.execute(attack.format(**names).encode())
            pytest.fail(f"not refused: {name}")
    assert trial.clean()
    tables = ("representative_fact", "account_control", "proposal", "proposal_step")
    changes = (
        "update representative_fact set rights = '{approve,propose}'", "delete from account_control",
        "update proposal set quantity = 2", "delete from proposal_step where step = 'approved'",
        "update proposal_step set due_at = due_at - interval '1 day' where step = 'approved'",
    )  # fmt: skip
    for change in changes:
        with trial.office.connect(trial.office.database_url) as connection:
            for table in tables:
                connection.execute(f"alter table {table} disable trigger user".encode())
            connection.execute(change.encode())
            found = {item.rule for item in audit(connection, trial.office.files, KEY.public_key())}
            connection.rollback()
        assert found & {"row_missing", "row_not_from_journal"}, change
