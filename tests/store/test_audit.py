"""The audit finds each thing that was changed behind its back, in every table and kind of file.

Each corruption is done as the owner of the tables would, with the triggers switched off, in a transaction that is
rolled back afterwards.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from openjcm.commands import audit_office, is_clean
from openjcm.refusals import REFUSALS
from openjcm.store.audit import RULES, audit
from trial_office import KEY, Trial

TABLES = (
    "journal", "product", "stored_file", "log_leaf", "log_tile", "checkpoint", "log_head", "project", "statement",
    "issuance_decision", "side_issuance", "side_issuance_share", "registry", "account", "block_origin", "holding",
    "movement", "party_authorization",
)  # fmt: skip

CORRUPTIONS: dict[str, tuple[str, str]] = {
    "an entry taken out": (
        "delete from log_leaf where entry_no = {statement}; delete from statement where entry_no = {statement};"
        "delete from journal where entry_no = {statement}",
        "entry_number_missing",
    ),
    "a request changed": (
        "update journal set request = jsonb_set(request, '{{occurred_on}}', '\"2025-01-02\"') where act = 'transfer'",
        "request_hash_wrong",
    ),
    "an outcome changed": (
        "update journal set outcome = outcome || '{{\"quantity\": 99}}' where act = 'transfer'",
        "leaf_wrong",
    ),
    "an actor changed": ("update journal set actor = 'nobody' where entry_no = 3", "leaf_wrong"),
    "a time changed": (
        "update journal set recorded_at = recorded_at + interval '1 s' where entry_no = 3",
        "leaf_wrong",
    ),
    "a leaf's body changed": ("update log_leaf set body = body || ' ' where leaf_index = 4", "leaf_wrong"),
    "a leaf taken out": ("delete from log_leaf where kind = 'product'", "leaf_missing"),
    "a leaf's number changed": ("update log_leaf set leaf_index = 999 where leaf_index = 4", "leaf_wrong"),
    "a hash in the head changed": (
        "update log_head set peaks = set_bit(peaks, 9, 1 - get_bit(peaks, 9))",
        "peaks_wrong",
    ),
    "a tile of no leaves": (
        "insert into log_tile values (0, 0, sha256('x'), decode(repeat('00', 8192), 'hex'))",
        "tile_wrong",
    ),
    "a checkpoint's root changed": (
        "update checkpoint set root_hash = sha256('x') where tree_size = 3",
        "checkpoint_wrong",
    ),
    "a checkpoint's note changed": (
        "update checkpoint set note = replace(note, 'trial', 'false') where tree_size = 3",
        "checkpoint_wrong",
    ),
    "a note of another checkpoint": (
        "update checkpoint set note = (select note from checkpoint where tree_size = 4) where tree_size = 3",
        "checkpoint_wrong",
    ),
    "the last checkpoint taken out": (
        "delete from checkpoint where tree_size = (select max(tree_size) from checkpoint)",
        "checkpoint_wrong",
    ),
    "the head set forward": ("update log_head set entry_no = entry_no + 5", "head_wrong"),
    "a product changed": ("update product set body = body || ' '", "product_wrong"),
    "a project renamed": ("update project set title = 'Another'", "row_missing"),
    "a statement changed": ("update statement set value = '7'", "row_missing"),
    "a statement added": (
        "insert into statement (subject_kind, subject, field, value, source, grade, entry_no)"
        " select subject_kind, subject, 'x', value, source, grade, entry_no from statement limit 1",
        "row_not_from_journal",
    ),
    "a decision changed": ("update issuance_decision set total = 51", "row_missing"),
    "a decision moved": ("update issuance_decision set decided_on = '2024-01-01'", "row_missing"),
    "a share changed": ("update side_issuance_share set quantity = 41 where side = 'JPN'", "invariant_broken"),
    "a side set back": (
        "update side_issuance set state = 'notified', issued_on = null where side = 'JPN'",
        "row_missing",
    ),
    "a registry of another world": (
        "update registry set world = 'demonstration' where registry_id = 'MNG'",
        "row_missing",
    ),
    "an account renamed": ("update account set holder = 'Nobody' where account_id = 'JPN/company'", "row_missing"),
    "an account turned into a sink": (
        "update account set account_type = 'retirement' where account_id = 'JPN/company'",
        "invariant_broken",
    ),
    "an origin moved": ("update block_origin set issued_on = '2024-01-01'", "row_missing"),
    "an origin grown": ("update block_origin set serials = '[1,100)'", "invariant_broken"),
    "a holding given to another": (
        "update holding set account_id = 'JPN/trader' where account_id = 'JPN/company'",
        "row_missing",
    ),
    "a holding taken out": ("delete from holding where account_id = 'JPN/company'", "invariant_broken"),
    "a holding's day changed": (
        "update holding set since = '2024-01-01' where account_id = 'JPN/company'",
        "row_not_from_journal",
    ),
    "a holding's entry changed": (
        "update holding set since_entry_no = 1 where account_id = 'JPN/company'",
        "row_not_from_journal",
    ),
    "a movement changed": ("update movement set target_account = 'JPN/trader' where kind = 'transfer'", "row_missing"),
    "a movement's use changed": (
        'update movement set details = \'{{"used_for_year": 2031, "purpose": "ndc"}}\' where kind = \'retire\'',
        "row_missing",
    ),
    "a movement taken out": ("delete from movement where kind = 'transfer'", "row_missing"),
    "an authorization's day changed": ("update party_authorization set authorized_on = '2020-01-01'", "row_missing"),
    "a file renamed": ("update stored_file set name = 'other.csv'", "row_missing"),
    "a file's size changed": ("update stored_file set size_bytes = size_bytes + 1", "file_changed"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files lie."""
    return tmp_path_factory.mktemp("audit")


@pytest.fixture
def trial(database_url: str, folder: Path) -> Iterator[Trial]:
    """Books with something in every table."""
    trial = Trial(database_url, folder)
    block = trial.market()
    statement = {"field": "a", "value": 0, "source": "s", "grade": "read"}
    trial.do("record_statement", "2025-01-01", subject_kind="project", subject="MN901", fields=[statement])
    trial.authorize("JPN"), trial.authorize("MNG")
    trial.do("transfer", "2025-02-01", blocks=["JCM-JP-MN901-2022-11-30"], target_account="JPN/company")
    trial.do(
        "retire", "2025-05-01", blocks=["JCM-JP-MN901-2022-11-15"], retirement_account="JPN/retirement",
        used_for_year=2030, purpose="ndc",
    )  # fmt: skip
    trial.do("upload_readings", "2025-01-01", **UPLOAD)
    assert block.endswith("1-40")
    yield trial
    trial.close()


METER_FILE = b"time,kWh\n2022-01-01 00:00,0\n2022-01-01 01:00,5\n2022-01-01 02:00,11\n"
UPLOAD = {
    "name": "meter.csv",
    "media_type": "text/csv",
    "content_base64": base64.b64encode(METER_FILE).decode(),
    "mapping": {
        "format": "csv", "layout": "long", "encoding": "utf-8", "delimiter": ",", "decimal_mark": ".",
        "time_column": "time", "time_format": "%Y-%m-%d %H:%M", "value_columns": [["kWh", "M1"]],
        "kind": "cumulative", "unit": "kWh", "least_unit": "kWh", "time_zone": "Asia/Ulaanbaatar",
    },
}  # fmt: skip


def found(trial: Trial, corruption: str) -> set[str]:
    """The rules that the audit finds broken after a corruption, which is rolled back."""
    with psycopg.connect(trial.office.database_url) as connection:
        for table in TABLES:
            connection.execute(f"alter table {table} disable trigger user".encode())
        entry = connection.execute("select entry_no from journal where act = 'record_statement'").fetchone()
        assert entry is not None
        for statement in corruption.format(statement=entry[0]).split(";"):
            assert connection.execute(statement.encode()).rowcount > 0, f"nothing was changed: {statement}"
        findings = audit(connection, trial.office.files, KEY.public_key())
        connection.rollback()
    assert all(item.message("en") and item.message("ja") for item in findings)
    return {item.rule for item in findings}


def test_every_corruption_is_found(trial: Trial) -> None:
    """The audit names each, and is clean before and after."""
    assert trial.clean()
    missed = {
        name: sorted(rules)
        for name, (corruption, rule) in CORRUPTIONS.items()
        if rule not in (rules := found(trial, corruption))
    }
    assert missed == {}
    assert trial.clean()


def test_a_rewritten_history_is_found_by_its_signature(trial: Trial) -> None:
    """Who rewrites entry, leaf, tiles and roots alike still lacks the log's key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    with psycopg.connect(trial.office.database_url) as connection:
        assert audit(connection, trial.office.files, KEY.public_key()) == []
        other = audit(connection, trial.office.files, Ed25519PrivateKey.generate().public_key())
    assert {item.rule for item in other} == {"checkpoint_wrong"}


def test_changed_and_missing_files_are_found(trial: Trial) -> None:
    """The bytes in the store are looked at; a file that no entry names is mentioned, not blamed."""
    files = trial.office.files
    sha256, other = (row[0] for row in trial.all("select sha256 from stored_file order by sha256"))
    path, bytes_before = files.path(sha256), files.get(sha256)
    path.write_bytes(bytes_before + b"x")
    files.path(other).rename(files.path(other).with_suffix(".gone"))
    assert {text.split(":")[0] for text in trial.findings()} >= {"file_changed", "file_missing"}
    path.write_bytes(bytes_before)
    files.path(other).with_suffix(".gone").rename(files.path(other))
    files.put(b"left over from an act that was not finished")
    findings, _ = audit_office(trial.office)
    assert [item.rule for item in findings] == ["file_not_on_record"] and is_clean(findings)


def test_an_unlawful_act_in_the_journal_is_found(trial: Trial) -> None:
    """An entry that the guards would refuse is named, though hashes and tables agree with it."""
    rules = found(
        trial,
        "update journal set occurred_on = '2024-01-01',"
        " request = jsonb_set(request, '{{occurred_on}}', '\"2024-01-01\"') where act = 'transfer'",
    )
    assert "entry_breaks_a_rule" in rules


def test_an_unreadable_entry_is_found(trial: Trial) -> None:
    """A request that lost a field does not stop the audit."""
    rules = found(trial, "update journal set request = request - 'blocks' where act = 'transfer'")
    assert {"entry_not_readable", "request_hash_wrong"} <= rules
    rules = found(trial, "update journal set request = request - 'fields' where act = 'record_statement'")
    assert "entry_not_readable" in rules


def test_the_command(trial: Trial, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """``openjcm audit`` ends with 0 where the books are in order, else with 1 and the findings."""
    from openjcm.cli_parts.audit import app

    (folder / "keys").mkdir(exist_ok=True)
    (folder / "keys" / "log.key").write_text(KEY.private_bytes_raw().hex())
    monkeypatch.setenv("OPENJCM_DATABASE_URL", trial.office.database_url)
    monkeypatch.setenv("OPENJCM_DATA", str(folder))
    monkeypatch.setenv("OPENJCM_LOG_ORIGIN", "trial.example/log")
    in_order = CliRunner().invoke(app, [])
    assert in_order.exit_code == 0 and "in order" in in_order.output
    with trial.office.transaction() as connection:
        connection.execute("alter table holding disable trigger user")
        connection.execute("delete from holding where account_id = 'JPN/company'")
    wrong = CliRunner().invoke(app, ["--json-output"])
    assert wrong.exit_code == 1 and '"clean":false' in wrong.output and "row_missing" in wrong.output
    monkeypatch.setenv("OPENJCM_LANGUAGE", "ja")
    assert "帳簿に誤り" in CliRunner().invoke(app, []).output


def test_every_rule_of_the_audit_is_tried(trial: Trial) -> None:
    """Each sentence of the audit has a trial above."""
    tried = {rule for _, rule in CORRUPTIONS.values()}
    tried |= {"file_missing", "file_not_on_record", "entry_breaks_a_rule", "entry_not_readable", "row_not_from_journal"}
    tried |= {"batch_wrong", "receipt_wrong", "chain_wrong"}  # tests/commands/test_live_meters.py
    tried |= {"witnessed_wrong", "cosignature_wrong", "split_view"}  # tests/commands/test_witnessing.py
    tried |= {"notice_wrong", "outbox_wrong"}  # tests/commands/test_notices.py
    tried |= {
        "schema_wrong",
        "part_not_readable",
        "closing_wrong",
        "clock_went_back",
    }  # tests/store/test_flipped_bits.py
    assert set(RULES) == tried
    assert not set(RULES) & set(REFUSALS) - {"file_changed"}
