"""The database attacked directly with SQL: it keeps the ledger's promises by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from openjcm.registry.accounts import SOURCES, TARGETS, Kind
from trial_office import Trial

ISSUE = (
    "insert into block_origin (series, registry_id, projects, vintage, serials, decision_id, issued_on, entry_no)"
    " values ('JP-MN901-2022', {registry}, '{{MN901}}', '2022', '{serials}', '{decision}', '{day}', 1)"
)
MOVE = (
    "insert into movement (entry_no, kind, registry_id, series, serials, origin_id, source_account, target_account,"
    " occurred_on) select 1, '{kind}', 'JPN', series, '{serials}', origin_id, {source}, '{target}', '{day}'"
    " from block_origin limit 1"
)


def issue(serials: str = "[41,42)", registry: str = "'JPN'", decision: str = "D1", day: str = "2025-02-01") -> str:
    """An issuance written past the ledger."""
    return ISSUE.format(serials=serials, registry=registry, decision=decision, day=day)


def move(
    kind: str = "transfer", serials: str = "[1,2)", source: str = "'JPN/government'", target: str = "JPN/company",
    day: str = "2025-02-01",
) -> str:  # fmt: skip
    """A movement written past the ledger."""
    return MOVE.format(kind=kind, serials=serials, source=source, target=target, day=day)


def hold(serials: str, account: str) -> str:
    """A holding written past the ledger."""
    return (
        f"insert into holding select series, '{serials}', '{account}', origin_id, 1, since from holding"
        " where account_id = 'JPN/government' limit 1"
    )


TILE = "insert into log_tile values (0, 0, sha256('x'), decode(repeat('00', 8192), 'hex'))"
"""A market has too few leaves to fill a tile."""
GIVE = (
    "insert into movement (entry_no, kind, registry_id, series, serials, origin_id, source_account, target_account,"
    " occurred_on, from_entry_no) select 1, 'transfer', 'JPN', series, '[1,6)', origin_id, 'JPN/company', 'JPN/trader',"
    " '2025-02-01', 1 from block_origin limit 1"
)
"""Credits that lie in another account, given by one that holds none."""

ATTACKS = {
    "two holders of a serial": hold("[5,6)", "JPN/company"),
    "a holding of serials never issued": hold("[100,101)", "JPN/government"),
    "a holding in another registry": "update holding set account_id = 'MNG/government' where account_id ~ 'JPN/g'",
    "out of a sink": "update holding set account_id = 'JPN/company' where account_id = 'JPN/cancellation'",
    "a sink emptied": "delete from holding where account_id = 'JPN/cancellation'",
    "all holdings at once": "truncate holding",
    "serials issued twice": issue("[40,41)"),
    "more than notified": issue("[41,42)"),
    "issued before the decision": issue(decision="D2", day="2025-01-01"),
    "issued by the wrong side": issue(registry="'MNG'", serials="[41,99)"),
    "issued in the other world": issue(registry="'JPN-demonstration'"),
    "a movement of serials never issued": move(serials="[100,101)"),
    "a movement out of a sink": move(source="'JPN/cancellation'"),
    "a movement to another registry": move(target="MNG/government"),
    "a transfer into a sink": move(target="JPN/retirement"),
    "a retirement into no sink": move(kind="retire"),
    "a cancellation into the retirement account": move(kind="cancel", target="JPN/retirement"),
    "a release out of a holding": move(kind="release"),
    "a reserve that is transferred": move(source="'JPN/reserve'"),
    "a reserve that is retired": move(kind="retire", source="'JPN/reserve'", target="JPN/retirement"),
    "a holding that covers a reversal": move(kind="reversal", target="JPN/cancellation"),
    "a reserve in no reserve account": move(kind="reserve"),
    "a rule of movements changed": "update movement_rule set kind = 'transfer' where kind = 'release'",
    "a rule of movements removed": "delete from movement_rule",
    "a movement before the issuance": move(day="2025-01-01"),
    "a movement without an entry": move().replace("select 1,", "select 99,"),
    "a holding without an entry": "with gone as (delete from holding where account_id = 'JPN/government' returning *)"
    " insert into holding select series, serials, account_id, origin_id, 99, since from gone",
    "an entry beyond a gap": "insert into journal select entry_no + 9, act, 'k', request, request_sha256, outcome,"
    " occurred_on, recorded_at, actor from journal order by entry_no desc limit 1",
    "a movement to itself": move(target="JPN/government"),
    "a transfer without source": move(source="null"),
    "more given than was got": GIVE,
    "a sum removed": "delete from account_sum",
    "a year removed": "delete from registry_year",
    "the sums emptied": "truncate account_sum",
    "a journal entry changed": "update journal set actor = 'nobody' where entry_no = 1",
    "a journal entry removed": "delete from journal where entry_no = (select max(entry_no) from journal)",
    "the journal emptied": "truncate journal cascade",
    "a movement changed": "update movement set target_account = 'JPN/trader'",
    "a movement removed": "delete from movement",
    "an origin changed": "update block_origin set issued_on = '2024-01-01'",
    "a decision changed": "update issuance_decision set total = 99",
    "a share changed": "update side_issuance_share set quantity = 99",
    "a side set back": "update side_issuance set state = 'notified', issued_on = null where state = 'issued'",
    "a side's amount changed": "update side_issuance set notified = 9, state = 'issued', issued_on = now()"
    " where state = 'notified'",
    "a side removed": "delete from side_issuance",
    "an account turned into another": "update account set account_type = 'entity_holding'",
    "an authorization changed": "update party_authorization set authorized_on = '2020-01-01'",
    "a product changed": "update product set body = ''",
    "a leaf changed": "update log_leaf set body = ''",
    "a leaf removed": "delete from log_leaf",
    "a leaf of no entry": "insert into log_leaf values (9999, 'entry', '', 9999)",
    "a tile changed": f"{TILE}; update log_tile set root = sha256('y')",
    "a tile removed": f"{TILE}; delete from log_tile",
    "the tiles emptied": "truncate log_tile",
    "a checkpoint changed": "update checkpoint set note = ''",
    "the head set back": "update log_head set entry_no = entry_no - 1",
    "a second head": "insert into log_head values (false, 0, 0)",
    "the head removed": "delete from log_head",
    "a statement changed": "update statement set value = '1'",
    "a project removed": "delete from project",
    "a registry renamed": "update registry set party = 'THA'",
}


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """A market with a cancellation, a second decision, an authorization and a statement."""
    trial = Trial(database_url, tmp_path)
    trial.market()
    trial.do("open_registry", "2015-11-01", registry_id="JPN-demonstration", party="JPN", world="demonstration")
    trial.do(
        "open_account", "2015-11-01", account_id="JPN/reserve", registry_id="JPN", account_type="reserve", holder="h"
    )
    trial.decide("D2", "2025-01-15", 5, 5)
    trial.authorize("JPN")
    statement = {"field": "a", "value": 0, "source": "s", "grade": "read"}
    trial.do("record_statement", "2025-01-01", subject_kind="project", subject="MN901", fields=[statement])
    trial.do(
        "cancel", "2025-02-01", blocks=["JCM-JP-MN901-2022-31-40"], cancellation_account="JPN/cancellation",
        purpose="omge", reason="r",
    )  # fmt: skip
    yield trial
    trial.close()


def test_the_database_knows_the_same_rules_as_the_ledger(trial: Trial) -> None:
    """What each type of account gives and receives by each kind stands twice, and is the same."""
    rules = {
        (kind.value, gives, receives.value)
        for kind in Kind
        for receives in TARGETS[kind]
        for gives in ([source.value for source in SOURCES[kind]] or [""])
    }
    assert set(trial.all("select kind, gives, receives from movement_rule")) == rules


@pytest.mark.both_engines
def test_every_attack_is_refused(trial: Trial) -> None:
    """Whatever is written past the ledger, the database refuses it, and the books stay in order."""
    for name, attack in ATTACKS.items():
        with pytest.raises(psycopg.errors.IntegrityError), trial.office.transaction() as connection:
            connection.execute(attack.encode())
            pytest.fail(f"not refused: {name}")
    assert trial.clean()
