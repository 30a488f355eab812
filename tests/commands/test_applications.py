"""From the application to the opened account, its changed particulars, and trust property."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from openjcm.commands import review_account_application
from openjcm.dated import Citation, Dated, Grade
from openjcm.store.audit import audit
from openjcm.views import accounts as views
from trial_office import KEY, Trial

SHA = "0" * 64
WORDS = {
    "name_en": "Acme Power", "name_ja": "アクメ電力株式会社", "head_office_en": "1-1 Marunouchi, Tokyo",
    "head_office_ja": "東京都千代田区丸の内1-1", "representative_en": "President A. Sato",
    "representative_ja": "代表取締役 佐藤", "department_en": "Carbon desk", "department_ja": "炭素部",
    "phone": "+81-3-0000-0000",
}  # fmt: skip
APPLICATION = {
    "application_id": "A1", "registry_id": "JPN", "holder_kind": "domestic_corporation", "particulars": WORDS,
    "documents": [{"name": "certificate of registration", "sha256": SHA}], "applicant": "acme.sato",
}  # fmt: skip
OPENED = {"application_id": "A1", "verdict": "accept", "reviewer": "jcma.mori", "reason": "complete",
          "account_id": "JPN/acme", "holder": "アクメ電力株式会社"}  # fmt: skip
RETURNED = {"application_id": "A1", "verdict": "return", "reviewer": "jcma.mori", "reason": "seal missing"}


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """A market of forty credits."""
    trial = Trial(database_url, tmp_path)
    trial.market()
    yield trial
    trial.close()


def without(*names: str, **changes: Any) -> dict[str, Any]:
    """The application, particulars left out and fields changed."""
    return {**APPLICATION, "particulars": {k: v for k, v in WORDS.items() if k not in names}, **changes}


def test_accepted(trial: Trial) -> None:
    """Returned once, applied again, accepted by another person: the account is opened and receives credits."""
    receipt = trial.do("apply_for_account", "2025-04-01", **APPLICATION)
    assert receipt.outcome["fee"] == {"exists": True, "yen": None}
    assert "アクメ" not in str(receipt.outcome)
    trial.refused("application_closed", "apply_for_account", "2025-04-02", **APPLICATION)
    trial.do("review_account_application", "2025-04-02", **RETURNED)
    trial.refused("application_closed", "review_account_application", "2025-04-03", **OPENED)
    trial.do("apply_for_account", "2025-04-03", **{**APPLICATION, "applicant": "acme.kato"})
    for person in ("acme.sato", "acme.kato"):
        trial.refused(
            "reviewer_is_applicant", "review_account_application", "2025-04-04", **{**OPENED, "reviewer": person}
        )
    trial.refused("before_its_cause", "review_account_application", "2025-04-02", **OPENED)
    trial.refused(
        "account_name_does_not_fit", "review_account_application", "2025-04-04", **{**OPENED, "account_id": "MNG/acme"}
    )
    trial.refused(
        "already_on_record", "review_account_application", "2025-04-04", **{**OPENED, "account_id": "JPN/company"}
    )
    trial.refused("holder_is_another", "review_account_application", "2025-04-04", **{**OPENED, "holder": "Other"})
    for fields in ({**OPENED, "verdict": "refuse"}, {**OPENED, "holder": None}, {**RETURNED, "verdict": "accept"}):
        trial.refused("account_id_goes_with_acceptance", "review_account_application", "2025-04-04", **fields)
    with trial.office.transaction() as connection:
        assert [item.application_id for item in views.waiting_applications(connection, "JPN")] == ["A1"]
    trial.do("review_account_application", "2025-04-04", **OPENED)
    trial.refused("application_closed", "apply_for_account", "2025-04-05", **APPLICATION)
    trial.do("transfer", "2025-04-05", blocks=["JCM-JP-MN901-2022-1"], target_account="JPN/acme")
    assert trial.held("JPN/acme") == 1
    assert trial.clean()


def test_refused_for_good(trial: Trial) -> None:
    """A refused application is closed; another one may be made."""
    trial.do("apply_for_account", "2025-04-01", **APPLICATION)
    trial.do("review_account_application", "2025-04-02", **{**RETURNED, "verdict": "refuse"})
    trial.refused("application_closed", "apply_for_account", "2025-04-03", **APPLICATION)
    trial.refused(
        "unknown_application", "review_account_application", "2025-04-03", **{**RETURNED, "application_id": "x"}
    )
    trial.do("apply_for_account", "2025-04-03", **{**APPLICATION, "application_id": "A2"})
    assert trial.clean()


def test_who_may_apply(trial: Trial) -> None:
    """Corporations, and natural persons only as operators of a project; a government has a government account."""
    person = without(
        "department_en", "department_ja", "representative_en", "representative_ja", holder_kind="natural_person"
    )
    trial.refused("not_a_project_operator", "apply_for_account", "2025-04-01", **person)
    trial.refused("unknown_project", "apply_for_account", "2025-04-01", **person, project="MN999")
    trial.do("apply_for_account", "2025-04-01", **person, project="MN901")
    government = {**APPLICATION, "application_id": "A2", "holder_kind": "government"}
    trial.refused("holder_may_not_open", "apply_for_account", "2025-04-01", **government)
    trial.do("apply_for_account", "2025-04-01", **government, account_type="government_holding")
    assert trial.clean()


def test_particulars(trial: Trial) -> None:
    """Japanese and English, English alone for a foreign corporation; documents are needed."""
    for name in WORDS:
        if name.endswith("_ja"):
            trial.refused("particulars_missing", "apply_for_account", "2025-04-01", **without(name))
    japanese = [name for name in WORDS if name.endswith("_ja")]
    trial.refused("particulars_missing", "apply_for_account", "2025-04-01",
                  **without("department_en", holder_kind="foreign_corporation"))  # fmt: skip
    trial.do("apply_for_account", "2025-04-01", **without(*japanese, holder_kind="foreign_corporation"))
    trial.do("apply_for_account", "2025-04-01", **without(*japanese, application_id="M1", registry_id="MNG"))
    trial.refused("request_not_understood", "apply_for_account", "2025-04-01", **{**APPLICATION, "documents": []})
    trial.refused("unknown_registry", "apply_for_account", "2025-04-01", **{**APPLICATION, "registry_id": "NOWHERE"})


def test_where_the_rule_asks_for_four_eyes(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that is opened under such a rule has four eyes from its first day."""
    original = review_account_application.rule

    def rule(party: str, name: str, day: Any) -> Any:
        value: Dated[Any] = original(party, name, day)
        if name != "account_four_eyes_required":
            return value
        return replace(value, value=True, grade=Grade.READ, citation=Citation("trial"))

    monkeypatch.setattr(review_account_application, "rule", rule)
    trial.do("apply_for_account", "2025-04-01", **APPLICATION)
    trial.do("review_account_application", "2025-04-02", **OPENED)
    trial.do("transfer", "2025-04-05", blocks=["JCM-JP-MN901-2022-1"], target_account="JPN/acme")
    trial.refused("needs_second_person", "transfer", "2025-04-05", blocks=["JCM-JP-MN901-2022-1"],
                  target_account="JPN/trader")  # fmt: skip
    assert trial.clean()


def test_particulars_change(trial: Trial) -> None:
    """The new name stands in the record from then on; a closed account changes no more."""
    fields = {"account_id": "JPN/company", "particulars": {**WORDS, "name_ja": "新社名株式会社"},
              "documents": APPLICATION["documents"], "reason": "renamed"}  # fmt: skip
    trial.refused("before_its_cause", "change_account", "2015-01-01", **fields)
    trial.do("change_account", "2025-04-01", **fields)
    assert trial.one("select holder_of('JPN/company')") == "新社名株式会社"
    assert trial.one("select holder_of('JPN/trader')") == "Holder of trader"
    trial.do("close_account", "2025-04-02", account_id="JPN/company", reason="asked for")
    trial.refused("account_closed", "change_account", "2025-04-03", **fields)
    assert trial.clean()


def test_trust_and_no_pledge(trial: Trial) -> None:
    """Trust is recorded and deleted; a pledge is refused; only what the account holds."""
    fields = {"trust_id": "T1", "account_id": "JPN/government", "blocks": ["JCM-JP-MN901-2022-1-5"],
              "document_sha256": SHA}  # fmt: skip
    trial.refused("right_not_recorded", "record_trust", "2025-04-01", **fields, right="pledge")
    trial.refused("not_of_this_account", "record_trust", "2025-04-01", **{**fields, "account_id": "JPN/company"})
    trial.refused("not_held", "record_trust", "2025-04-01", **{**fields, "blocks": ["JCM-JP-MN901-2022-41"]})
    trial.do("record_trust", "2025-04-01", **fields)
    trial.refused("already_on_record", "record_trust", "2025-04-02", **fields)
    trial.refused("unknown_trust", "end_trust", "2025-04-02", trust_id="T9", reason="over")
    trial.refused("before_its_cause", "end_trust", "2025-03-31", trust_id="T1", reason="over")
    trial.do("end_trust", "2025-04-02", trust_id="T1", reason="over")
    trial.refused("already_on_record", "end_trust", "2025-04-03", trust_id="T1", reason="over")
    assert trial.clean()


ATTACKS = {
    "reviewed by its applicant": "insert into account_review values ('A1', 1, 'refuse', 'acme.sato', 'r', null,"
    " '2025-04-02', 1)",
    "a version nobody asked for": "insert into account_application select application_id, 2, registry_id, account_type,"
    " holder_kind, particulars, documents, project, applicant, applied_on, 1 from account_application",
    "an application changed": "update account_application set applicant = 'x'",
    "an application removed": "delete from account_application",
    "a trust removed": "delete from trust_record",
    "all trusts at once": "truncate trust_record cascade",
}


def test_the_second_wall_and_the_audit(trial: Trial) -> None:
    """The database refuses what is written past the acts; what its owner writes is found."""
    trial.do("apply_for_account", "2025-04-01", **APPLICATION)
    trial.do("record_trust", "2025-04-01", trust_id="T1", account_id="JPN/government", document_sha256=SHA,
             blocks=["JCM-JP-MN901-2022-1-5"])  # fmt: skip
    for name, attack in ATTACKS.items():
        with pytest.raises(psycopg.errors.IntegrityError), trial.office.transaction() as connection:
            connection.execute(attack.encode())
            pytest.fail(f"not refused: {name}")
    assert trial.clean()
    for change in (
        "update account_application set particulars = '{}'",
        "delete from trust_record",
        "update account_application set documents = jsonb_set(documents, '{0,name}', '\"x\"')",
    ):
        with trial.office.connect(trial.office.database_url) as connection:
            for table in ("account_application", "trust_record"):
                connection.execute(f"alter table {table} disable trigger user".encode())
            connection.execute(change.encode())
            found = {item.rule for item in audit(connection, trial.office.files, KEY.public_key())}
            connection.rollback()
        assert "row_missing" in found, change
