"""What a dishonest administrator of the database can do, and what sees it: the list of ``docs/attacks.md``, tried.

The attacker is the superuser of the database, reads the disk, and has the log's private key. Attacks that leave books
in contradiction with themselves are seen by the audit. Books that are rewritten as a whole, or cut short, are in order
by themselves; they are seen by everyone who keeps a checkpoint of before: the partner who witnesses the log, and the
holder of a receipt or a certificate.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from flips import as_superuser
from openjcm.commands import act, audit_office
from openjcm.commands.auditing import audit_all
from openjcm.commands.witnessing import own_key
from openjcm.log import check_tree, checkpoint, witness
from openjcm.refusals import Refused
from openjcm.store import journal
from openjcm.store.log_tiles import read_bodies
from openjcm.store.published import reader
from openjcm.views.published_log import static_files
from openjcm.views.witnesses import published_note
from trial_office import KEY, NOW, Trial

ROOT = Path(__file__).parent.parent.parent
BLOCK = "JCM-JP-MN901-2022-1-10"
METER = b"time,kWh\n2022-01-01 00:00,0\n2022-01-01 01:00,5\n"
UPLOAD = {
    "name": "meter.csv", "media_type": "text/csv", "content_base64": base64.b64encode(METER).decode(),
    "mapping": {
        "format": "csv", "layout": "long", "encoding": "utf-8", "delimiter": ",", "decimal_mark": ".",
        "time_column": "time", "time_format": "%Y-%m-%d %H:%M", "value_columns": [["kWh", "M1"]],
        "kind": "cumulative", "unit": "kWh", "least_unit": "kWh", "time_zone": "Asia/Ulaanbaatar",
    },
}  # fmt: skip


def history(url: str, folder: Path, last: int) -> Trial:
    """The books up to their n-th act."""
    trial = Trial(url, folder)
    trial.market()
    trial.authorize("JPN", on="2025-01-15"), trial.authorize("MNG", on="2025-01-15")
    retire = {"retirement_account": "JPN/retirement", "used_for_year": 2030, "purpose": "ndc"}
    steps: list[Callable[[], Any]] = [
        lambda: trial.do("transfer", "2025-02-01", blocks=[BLOCK], target_account="JPN/company"),
        lambda: trial.do("retire", "2025-05-01", blocks=["JCM-JP-MN901-2022-1-4"], **retire),
        lambda: trial.do("upload_readings", "2025-05-02", **UPLOAD),
        lambda: trial.do("transfer", "2025-06-01", blocks=["JCM-JP-MN901-2022-5-6"], target_account="JPN/trader"),
    ]
    for step in steps[:last]:
        step()
    return trial


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """Books whose company retired four of its ten credits and sold two."""
    trial = history(database_url, tmp_path / "true", 4)
    yield trial
    trial.close()


def forge(connection: psycopg.Connection, trial: Trial, name: str, fields: dict[str, Any], rows: str = "") -> None:
    """An entry that no guard has seen, with its leaf, its tiles and its checkpoint signed with the log's own key."""
    spec = act(name)
    form = spec.journal_form(spec.read(fields))
    target = next((fields[key] for key in ("target_account", "retirement_account") if key in fields), None)
    blocks = list(fields.get("blocks", ()))
    outcome = {"kind": name, "blocks": blocks, "target_account": target}
    receipt = journal.append(
        connection, name, f"forged {name}", form, outcome, spec.read(fields).occurred_on, NOW, "trial", [],
        trial.office.signer,
    )  # fmt: skip
    for statement in filter(None, rows.format(entry=receipt.entry_no).split(";")):
        connection.execute(statement.encode())


def out_of_a_sink(connection: psycopg.Connection, trial: Trial) -> None:
    """Retired credits come back: entry, log, movement and holding all tell the same story."""
    fields = {"blocks": ["JCM-JP-MN901-2022-1-4"], "target_account": "JPN/trader", "occurred_on": "2025-07-01"}
    rows = (
        "insert into movement (entry_no, kind, registry_id, series, serials, origin_id, source_account, target_account,"
        " occurred_on, details, from_entry_no) select {entry}, 'transfer', 'JPN', series, serials, origin_id,"
        " account_id, 'JPN/trader', '2025-07-01', '{{}}', since_entry_no from holding"
        " where account_id = 'JPN/retirement';"
        "update holding set account_id = 'JPN/trader', since_entry_no = {entry}, since = '2025-07-01'"
        " where account_id = 'JPN/retirement'"
    )
    forge(connection, trial, "transfer", fields, rows)


def back_dated(connection: psycopg.Connection, trial: Trial) -> None:
    """A retirement dated before both Parties authorized it."""
    fields = {"retirement_account": "JPN/retirement", "used_for_year": 2030, "purpose": "ndc"}
    forge(connection, trial, "retire", {**fields, "blocks": ["JCM-JP-MN901-2022-11-14"], "occurred_on": "2025-01-12"})


def entry_without_log(connection: psycopg.Connection, trial: Trial) -> None:
    """An entry put into the journal past the log."""
    connection.execute(
        "insert into journal select entry_no + 1, act, 'forged', request, request_sha256, outcome, occurred_on,"
        " recorded_at, actor from journal order by entry_no desc limit 1"
    )


def tail_cut_badly(connection: psycopg.Connection, trial: Trial) -> None:
    """The last entry is deleted, and its effects undone, but not the log."""
    connection.execute("delete from journal where entry_no = (select max(entry_no) from journal)")


STATEMENTS: dict[str, tuple[str, str]] = {
    "credits from nothing": (
        "insert into holding (series, serials, account_id, origin_id, since_entry_no, since)"
        " select series, '[41,1041)', account_id, origin_id, since_entry_no, since from holding limit 1",
        "row_not_from_journal",
    ),
    "credits given to another": (
        "update holding set account_id = 'JPN/trader' where account_id = 'JPN/company'",
        "row_missing",
    ),
    "the holder of an account changed": (
        "update account set holder = 'My cousin' where account_id = 'JPN/company'",
        "row_missing",
    ),
    "an account made a sink no more": (
        "update account set account_type = 'entity_holding' where account_id = 'JPN/retirement'",
        "row_missing",
    ),
    "a use taken off the record": ("delete from movement where kind = 'retire'", "row_missing"),
    "the year of a use changed": (
        "update movement set details = details || '{\"used_for_year\": 2031}' where kind = 'retire'",
        "row_missing",
    ),
    "a request rewritten": (
        "update journal set request = jsonb_set(request, '{target_account}', '\"JPN/company\"')"
        " where act = 'transfer' and entry_no = (select max(entry_no) from journal)",
        "request_hash_wrong",
    ),
    "a request and its hash rewritten": (
        "update journal set request_sha256 = repeat('0', 64) where act = 'retire'",
        "leaf_wrong",
    ),
    "who did it": ("update journal set actor = 'somebody else' where act = 'retire'", "leaf_wrong"),
    "when it was recorded": (
        "update journal set recorded_at = recorded_at - interval '1 y' where act = 'retire'",
        "leaf_wrong",
    ),
    "an authorization widened": ("update party_authorization set authorized_on = '2010-01-01'", "row_missing"),
    "a decision grown": ("update issuance_decision set total = total + 100", "row_missing"),
    "a file of the record exchanged": (
        "update stored_file set sha256 = repeat('a', 64) where media_type = 'text/csv'",
        "leaf_missing",
    ),
    "a guard put to sleep": ("alter table holding disable trigger every_credit_has_one_holder", "schema_wrong"),
    "a guard dropped": ("drop trigger movements_are_lawful on movement", "schema_wrong"),
    "a guard given another text": (
        "create or replace function refuse_change() returns trigger language plpgsql as 'begin return new; end'",
        "schema_wrong",
    ),
    "a rule of the database changed": ("delete from movement_rule where kind = 'cancel'", "schema_wrong"),
    "a checkpoint signed with another key": (
        "update checkpoint set note = replace(note, 'trial.example', 'other.example')",
        "checkpoint_wrong",
    ),
}
"""What one statement does, and the finding that names it."""
WORKS: dict[str, tuple[Callable[[psycopg.Connection, Trial], None], str]] = {
    "a retired credit sold again, signed with the log's key": (out_of_a_sink, "entry_breaks_a_rule"),
    "a retirement dated before its authorization, signed with the log's key": (back_dated, "entry_breaks_a_rule"),
    "an entry past the log": (entry_without_log, "leaf_missing"),
    "the last entry deleted, the log left": (tail_cut_badly, "leaf_wrong"),
}


def test_the_audit_sees_books_that_contradict_themselves(trial: Trial) -> None:
    """Each attack is undone after the look; the books are in order before and after."""
    assert trial.clean()
    unseen = {}
    with as_superuser(trial.office.database_url) as connection:
        for name, (statement, rule) in STATEMENTS.items():
            assert connection.execute(statement.encode()).rowcount != 0, name
            found = {item.rule for item in audit_all(connection, trial.office.files, KEY.public_key())}
            unseen |= {} if rule in found else {name: found}
            connection.rollback()
        for name, (work, rule) in WORKS.items():
            work(connection, trial)
            found = {item.rule for item in audit_all(connection, trial.office.files, KEY.public_key())}
            unseen |= {} if rule in found else {name: found}
            connection.rollback()
    assert unseen == {}
    assert trial.clean()


def test_the_audit_sees_exchanged_and_lost_files(trial: Trial) -> None:
    files = trial.office.files
    sha256 = trial.one("select sha256 from stored_file where media_type = 'text/csv'")
    path = files.path(sha256)
    for data, rule in ((METER.replace(b"5", b"9"), "file_changed"), (None, "file_missing")):
        path.unlink()
        if data is not None:
            path.write_bytes(data)
        assert rule in {item.rule for item in audit_office(trial.office)[0]}


def publish(trial: Trial, folder: Path) -> check_tree.ReadPath:
    """The log as it is published at the moment; gives its reader."""
    with trial.office.transaction() as connection:
        size, note = published_note(connection)
        for path, data in static_files(connection, size, lambda path: False):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
    (folder / "checkpoint").write_text(note, encoding="utf-8")
    return reader(str(folder))


REWRITTEN: dict[str, int] = {
    "the tail cut off, the rest left as it was": 3,
    "an old backup replayed, and on from there": 2,
    "the history written anew from an earlier act on": 1,
}
"""Attack → how many acts of the true history stay."""


@pytest.mark.parametrize("attack", REWRITTEN)
def test_who_keeps_a_checkpoint_sees_what_the_audit_cannot(
    attack: str, trial: Trial, second_database_url: str, tmp_path: Path
) -> None:
    """The books are in order by themselves; a checkpoint from before (a witness's, a certificate's) is not of them."""
    key = own_key(trial.office)
    read = publish(trial, tmp_path / "before")
    kept_note = check_tree.text_of(read("checkpoint"))
    kept = checkpoint.open_of(kept_note, key)
    with trial.office.transaction() as connection:
        (own_leaf,) = read_bodies(connection, kept.size - 1, kept.size)
    rewritten = history(second_database_url, tmp_path / "rewritten", REWRITTEN[attack])
    if REWRITTEN[attack] < 3:
        for number in range(8):
            rewritten.do(
                "transfer", "2025-06-02", blocks=[f"JCM-JP-MN901-2022-{20 + number}"], target_account="JPN/trader"
            )
    assert rewritten.clean(), "by itself it is in order"
    now_read = publish(rewritten, tmp_path / "after")
    now = check_tree.read_checkpoint(now_read, key)
    if now.size < kept.size:
        assert REWRITTEN[attack] == 3  # shorter than what was seen before: the log does not contain it
    else:
        shown = check_tree.show(now_read, kept.size, now)
        assert shown.root != kept.root
        now_note = check_tree.text_of(now_read("checkpoint"))
        # Two notes that the same key signed and that cannot both be true: anybody can check this evidence.
        witness.contradiction(kept_note, now_note, shown, key)
    with rewritten.office.transaction() as connection:
        bodies = read_bodies(connection, 0, now.size)
    assert own_leaf not in bodies, "the act is not in this log"
    rewritten.close()


def test_the_clock_set_back_does_not_change_the_order(trial: Trial) -> None:
    """Entries recorded with a wrong clock keep their place in the log, and the audit tells of the clock."""
    trial.office.clock = lambda: NOW - timedelta(days=400)
    with pytest.raises(Refused) as refused:
        trial.do("transfer", "2026-06-01", blocks=["JCM-JP-MN901-2022-30"], target_account="JPN/trader")
    assert refused.value.code == "dated_in_the_future"
    trial.do("transfer", "2025-07-01", blocks=["JCM-JP-MN901-2022-30"], target_account="JPN/trader")
    assert "clock_went_back" in {item.rule for item in audit_office(trial.office)[0]}
    assert trial.clean(), "it is told, not blamed: clocks are set right, too"


def test_the_list_tells_the_tests() -> None:
    """Every attack tried here is in ``docs/attacks.md``, and every test named there exists."""
    page = (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8")
    missing = [name for name in (*STATEMENTS, *WORKS, *REWRITTEN) if name not in page]
    assert missing == []
    for path, test in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page):
        assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), f"{path}::{test}"
