"""A mistake is taken back by a further entry that four people signed, and by nothing else."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger_guards import PEOPLE, signed
from openjcm.article6.actions import ActionType
from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.refusals import Refused
from openjcm.registry.correction import statement_of
from openjcm.registry.serials import parse_block
from openjcm.reports.article6_lines import article6_data, party_lines
from openjcm.views.article6_actions import article6_entries
from openjcm.views.certificate import entry_statement
from trial_office import Trial

DOCUMENT = b"%PDF-1.7 the letter of 3 June"
RETIRED = ["JCM-JP-MN901-2022-1-10"]


def request(
    entry_no: int, blocks: list[str], on: str = "2025-06-03", people: Any = PEOPLE, said: str = "wrong blocks"
) -> dict[str, Any]:
    """A correction that the people sign."""
    named = [str(parse_block(block)) for block in blocks]
    data = canonical_bytes(statement_of(entry_no, named, date.fromisoformat(on), said, sha256_hex(DOCUMENT)))
    consents = [signed(side, name, number, data) for side, name, number in people]
    return {
        "corrects": entry_no, "blocks": blocks, "reason": "wrong blocks", "name": "letter.pdf",
        "media_type": "application/pdf", "content_base64": base64.b64encode(DOCUMENT).decode(),
        "consents": [vars(one) for one in consents],
    }  # fmt: skip


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """Forty credits; ten of them retired, by mistake."""
    trial = Trial(database_url, tmp_path)
    trial.market()
    for party in ("JPN", "MNG"):
        trial.authorize(party, on="2025-01-15")
    yield trial
    trial.close()


def retired(trial: Trial) -> int:
    """The number of the mistaken entry."""
    fields = {"retirement_account": "JPN/retirement", "used_for_year": 2030, "purpose": "ndc"}
    return trial.do("retire", "2025-05-01", blocks=RETIRED, **fields).entry_no


@pytest.mark.both_engines
def test_a_retirement_is_taken_back_in_part(trial: Trial) -> None:
    """Six of the ten come back; both entries stay; the audit finds nothing, and the report no use of them."""
    number = retired(trial)
    back = ["JCM-JP-MN901-2022-1-4", "JCM-JP-MN901-2022-9-10"]
    receipt = trial.do("correct_mistake", "2025-06-03", key="k", **request(number, back))
    assert receipt.outcome["kind"] == "correction" and receipt.outcome["target_account"] == "JPN/government"
    assert trial.do("correct_mistake", "2025-06-03", key="k", **request(number, back)).replayed
    assert (trial.held("JPN/government"), trial.held("JPN/retirement")) == (36, 4)
    assert trial.clean()
    with trial.office.transaction() as connection:
        entries = article6_entries(connection, "public")
    lines = party_lines("JPN", 2025, article6_data("public", entries.movements, entries.authorizations))
    used = [line for line in lines.actions if line.action_type is ActionType.USE]
    assert [str(line.block) for line in used] == ["JCM-JP-MN901-2022-5-8"]
    trial.do("transfer", "2025-06-04", blocks=["JCM-JP-MN901-2022-1"], target_account="JPN/company")
    on = ["JCM-JP-MN901-2022-1"]
    trial.refused("moved_since", "correct_mistake", "2025-06-05", **request(number, on, "2025-06-05"))
    trial.refused(
        "sink_never_releases", "transfer", "2025-06-05", blocks=["JCM-JP-MN901-2022-5"], target_account="JPN/company"
    )


def test_a_transfer_to_the_wrong_account_is_taken_back(trial: Trial) -> None:
    """And the correction itself is not corrected: what is right then is done by an act of its own."""
    moved = trial.do("transfer", "2025-05-01", blocks=RETIRED, target_account="JPN/trader").entry_no
    again = trial.do("correct_mistake", "2025-06-03", **request(moved, RETIRED)).entry_no
    assert trial.held("JPN/trader") == 0
    trial.refused("act_not_correctable", "correct_mistake", "2025-06-04", **request(again, RETIRED, "2025-06-04"))
    assert trial.clean()


def test_what_is_refused(trial: Trial) -> None:
    number = retired(trial)
    one_key = (*PEOPLE[:3], ("MNG", "d", 3))
    for code, fields in {
        "consent_missing": request(number, RETIRED, people=PEOPLE[:3]),
        "consent_not_signed": request(number, RETIRED, said="something else"),
        "nothing_to_correct": request(2, RETIRED),
        "content_not_base64": request(number, RETIRED) | {"content_base64": "?"},
        "act_not_correctable": request(trial.one("select max(entry_no) from movement where kind = 'issue'"), RETIRED),
    }.items():
        trial.refused(code, "correct_mistake", "2025-06-03", **fields)
    trial.refused("consent_missing", "correct_mistake", "2025-06-03", **request(number, RETIRED, people=one_key))
    trial.refused("before_its_cause", "correct_mistake", "2025-04-30", **request(number, RETIRED, "2025-04-30"))
    wider = ["JCM-JP-MN901-2022-1-12"]
    trial.refused("more_than_one_source", "correct_mistake", "2025-06-03", **request(number, wider))
    assert trial.clean()


def test_only_who_approves_for_a_government_consents_for_it(trial: Trial) -> None:
    """Keys of anybody count until a side has registered its approvers; theirs alone count from then on."""
    number = retired(trial)
    anybody, approvers = PEOPLE, (("JPN", "a", 11), ("JPN", "b", 12), *PEOPLE[2:])
    reason = b""

    def key(number: int) -> str:
        return signed("JPN", "x", number, reason).public_key

    def register(account: str, name: str, number: int, rights: list[str]) -> None:
        trial.do(
            "register_representative", "2025-06-01", account_id=account, representative=name, person_name=name,
            rights=rights, public_key=key(number), document_sha256="0" * 64, reason="named",
        )  # fmt: skip

    register("JPN/company", "c.one", 21, ["approve"])  # a company's people are not the government's
    register("JPN/government", "g.view", 22, ["view", "propose"])
    trial.do("correct_mistake", "2025-06-03", **request(number, ["JCM-JP-MN901-2022-1"], people=anybody))
    register("JPN/government", "g.one", 11, ["approve"])
    register("JPN/retirement", "g.two", 12, ["approve"])
    missing = trial.refused(
        "consent_missing", "correct_mistake", "2025-06-03", **request(number, ["JCM-JP-MN901-2022-2"], people=anybody)
    )
    assert (missing.facts["side"], missing.facts["found"]) == ("JPN", "0")
    trial.do("correct_mistake", "2025-06-03", **request(number, ["JCM-JP-MN901-2022-2"], people=approvers))
    trial.do(
        "revoke_representative", "2025-06-03", account_id="JPN/retirement", representative="g.two", reason="left",
    )  # fmt: skip
    fields = request(number, ["JCM-JP-MN901-2022-3"], people=approvers)
    assert trial.refused("consent_missing", "correct_mistake", "2025-06-03", **fields).facts["found"] == "1"
    assert trial.clean()


ATTACKS = {
    "a correction without a record": "insert into movement (entry_no, kind, registry_id, series, serials, origin_id,"
    " source_account, target_account, occurred_on, from_entry_no) select entry_no, 'correction', registry_id, series,"
    " serials, origin_id, target_account, source_account, occurred_on, entry_no from movement where kind = 'retire'",
    "a sink emptied": "delete from holding where account_id = 'JPN/retirement'",
    "three people": "insert into correction select entry_no, 1, 'r', (select sha256 from stored_file limit 1),"
    " '[1, 2, 3]' from journal where entry_no = 3",
    "a correction changed": "update correction set reason = 'another'",
    "a correction removed": "delete from correction",
    "a transfer abroad that stays": "insert into movement (entry_no, kind, registry_id, series, serials, origin_id,"
    " source_account, target_account, occurred_on, from_entry_no) select entry_no, 'international_transfer', 'JPN',"
    " series, '[30,31)', origin_id, 'JPN/government', 'JPN/company', occurred_on, entry_no from movement limit 1",
}


def test_the_database_keeps_both_doors(trial: Trial) -> None:
    number = retired(trial)
    trial.do("correct_mistake", "2025-06-03", **request(number, ["JCM-JP-MN901-2022-1"]))
    for name, attack in ATTACKS.items():
        with pytest.raises(psycopg.errors.IntegrityError), trial.office.transaction() as connection:
            connection.execute(attack.encode())
            pytest.fail(f"not refused: {name}")
    assert trial.clean()


def test_a_correction_forged_behind_the_office_is_found(trial: Trial) -> None:
    """A consent changed in the table is named."""
    number = retired(trial)
    trial.do("correct_mistake", "2025-06-03", **request(number, ["JCM-JP-MN901-2022-1"]))
    with trial.office.transaction() as connection:
        connection.execute("alter table correction disable trigger append_only")
        connection.execute("update correction set approvals = jsonb_set(approvals, '{0,name}', '\"nobody\"')")
    with pytest.raises(AssertionError, match="correction lacks a row"):
        trial.clean()


def test_no_certificate_is_given_of_a_mistake(trial: Trial) -> None:
    number = retired(trial)
    asked = {"signer": trial.office.signer, "address": "https://registry.example", "renderer": "none"}
    with trial.office.transaction() as connection:
        assert entry_statement(connection, number, **asked).kind == "retirement"
    trial.do("correct_mistake", "2025-06-03", **request(number, RETIRED))
    with trial.office.transaction() as connection, pytest.raises(Refused, match="entry_corrected"):
        entry_statement(connection, number, **asked)
