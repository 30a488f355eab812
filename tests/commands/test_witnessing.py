"""Two installations witness each other: over HTTP and by folder, a rewritten history, a split view, a lost record."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.testclient import TestClient
from typer.testing import CliRunner

from openjcm.cli_parts import witness as cli_witness
from openjcm.commands import audit_office, is_clean
from openjcm.commands.witnessing import own_key, witness_once, witness_path
from openjcm.log import check_proof, checkpoint, cosignature, tree, witness
from openjcm.log.leaf import leaf_hash
from openjcm.log.witness import View
from openjcm.refusals import Refused
from openjcm.signed import public_text
from openjcm.store.audit import audit
from openjcm.store.database import migrate
from openjcm.store.journal import Signer
from openjcm.store.log_tiles import read_bodies
from openjcm.views.proof import serial_proof
from openjcm.views.published_log import static_files
from openjcm.views.witnesses import cosigned_note, published_note, witnesses
from openjcm.web.app import create_app
from trial_office import NOW, Trial


def installation(url: str, folder: Path, name: str, secret: int) -> Trial:
    trial = Trial(url, folder)
    trial.office.signer = Signer(f"{name}/log", Ed25519PrivateKey.from_private_bytes(bytes([secret] * 32)))
    return trial


@pytest.fixture
def japan(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    trial = installation(database_url, tmp_path / "japan", "japan.example", 1)
    trial.market()
    yield trial
    trial.close()


@pytest.fixture
def mongolia(second_database_url: str, tmp_path: Path) -> Iterator[Trial]:
    trial = installation(second_database_url, tmp_path / "mongolia", "mongolia.example", 2)
    trial.do("open_registry", "2015-11-01", registry_id="MNG", party="MNG", world="public")
    yield trial
    trial.close()


def publish(trial: Trial, folder: Path) -> str:
    """Write the log as static files, as `openjcm log export` does."""
    with trial.office.transaction() as connection:
        size, note = published_note(connection)
        for path, data in static_files(connection, size, lambda path: False):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
    (folder / "checkpoint").write_text(note, encoding="utf-8")
    return str(folder)


def statement(trial: Trial, number: int) -> None:
    trial.do("record_statement", "2025-01-01", subject_kind="project", subject="X",
             fields=[{"field": f"f{number}", "value": number, "source": "s", "grade": "read"}])  # fmt: skip


def rules(trial: Trial) -> set[str]:
    return {item.rule for item in audit_office(trial.office)[0]}


def test_each_witnesses_the_other_by_files(japan: Trial, mongolia: Trial, tmp_path: Path) -> None:
    """A memory stick carries logs and co-signatures both ways."""
    stick = tmp_path / "stick"
    their_key, our_key = own_key(mongolia.office), own_key(japan.office)
    first = witness_once(japan.office, publish(mongolia, stick / "mongolia"), their_key)
    assert (first.view, first.cosigned_by_them) == (View.NEW, None)
    assert witness_once(japan.office, str(stick / "mongolia"), their_key).view is View.SAME
    for number in range(5):
        statement(mongolia, number)
    assert witness_once(japan.office, publish(mongolia, stick / "mongolia"), their_key).view is View.NEW
    back = witness_once(mongolia.office, publish(japan, stick / "japan"), our_key)
    assert back.view is View.NEW and back.cosigned_by_them == mongolia.one("select tree_size from log_head")
    with mongolia.office.transaction() as connection:
        note, newest = cosigned_note(connection), published_note(connection)[1]
    assert note == newest and cosignature.cosignatures(note, our_key)[0].time == int(NOW.timestamp())
    assert rules(japan) == rules(mongolia) == set(), "a witness writes nothing into its own journal"
    with japan.office.transaction() as connection:
        now = witnesses(connection)
    assert [one.origin for one in now.watched] == ["mongolia.example/log"]
    older = stick / "older"
    older.mkdir()
    with mongolia.office.transaction() as connection:
        before = connection.execute("select note from checkpoint order by tree_size limit 1").fetchone()
        assert before is not None
    publish(mongolia, older)
    (older / "checkpoint").write_text(before[0], encoding="utf-8")
    assert witness_once(japan.office, str(older), their_key).view is View.OLDER


def test_over_http_and_asked_by_the_log_itself(japan: Trial, mongolia: Trial, tmp_path: Path) -> None:
    folder = publish(mongolia, tmp_path / "published")
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        seen = witness_once(japan.office, f"http://127.0.0.1:{server.server_port}/", own_key(mongolia.office))
        assert seen.view is View.NEW
        server.shutdown()
    app = create_app(japan.office.database_url)
    app.state.office = japan.office
    with TestClient(app) as client:
        path = witness_path("mongolia.example/log")
        published = client.get(f"/log/{path}").text
        assert cosignature.cosignatures(published, own_key(japan.office)), "C2SP tlog-witness: what was seen"
        assert client.get(f"/log/{witness_path('nobody.example')}").status_code == 404
        assert client.get("/log/witnessed").status_code == 404
        statement(mongolia, 1)
        with mongolia.office.transaction() as connection:
            note = published_note(connection)[1]
            size = checkpoint.open(note, own_key(mongolia.office).public_key).size
            nodes = tree.subtrees([leaf_hash(body) for body in read_bodies(connection, 0, size)])
        url = "/log/witness/add-checkpoint"
        conflict = client.post(url, content=witness.submission(0, [], note))
        assert (conflict.status_code, conflict.headers["content-type"]) == (409, "text/x.tlog.size")
        old = int(conflict.text)
        proof = tree.consistency_proof(old, size, lambda *at: nodes[at])
        answer = client.post(url, content=witness.submission(old, proof, note))
        assert answer.status_code == 200
        assert cosignature.cosignatures(note + answer.text, own_key(japan.office))
        assert client.post(url, content=witness.submission(size, [], note)).text == answer.text
        unknown = checkpoint.sign("nobody.example", 1, bytes(32), Ed25519PrivateKey.generate())
        assert client.post(url, content=witness.submission(0, [], unknown)).status_code == 404
        assert client.post(url, content=b"x" * 200_000).status_code == 413
        false = checkpoint.sign("mongolia.example/log", size, bytes(32), mongolia.office.signer.private_key)
        assert client.post(url, content=witness.submission(size, [], false)).status_code == 422
    assert rules(japan) == {"split_view"}, "two roots of one size, both signed"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        """Not on the test's output."""


def test_a_rewritten_history_is_refused_and_shouted(
    japan: Trial, mongolia: Trial, empty_database_url: str, tmp_path: Path
) -> None:
    """Mongolia's administrator writes another history with the true key; its log alone cannot tell."""
    their_key = own_key(mongolia.office)
    for number in range(5):
        statement(mongolia, number)
    witness_once(japan.office, publish(mongolia, tmp_path / "true"), their_key)
    witness_once(mongolia.office, publish(japan, tmp_path / "japan"), own_key(japan.office))
    migrate(empty_database_url)
    rewritten = installation(empty_database_url, tmp_path / "rewritten", "mongolia.example", 2)
    rewritten.do("open_registry", "2015-11-01", registry_id="MNG", party="MNG", world="public")
    for number in range(7, 14):
        statement(rewritten, number)
    assert rules(rewritten) == set(), "by itself it is in order"
    before = japan.one("select count(*) from witnessed_checkpoint")
    for _ in range(2):
        assert witness_once(japan.office, publish(rewritten, tmp_path / "rewritten log"), their_key).view is View.SPLIT
    assert japan.one("select count(*) from witnessed_checkpoint") == before, "nothing was co-signed"
    assert rules(japan) == {"split_view"} and not is_clean(audit_office(japan.office)[0])
    assert japan.one("select count(*) from split_view") == 1, "one proof is enough"
    kind, body = japan.all("select kind, convert_from(body, 'UTF8')::jsonb from product order by entry_no desc")[0]
    assert kind == "split_view_evidence"
    shown = witness.Shown(bytes.fromhex(body["shown_root"]), [bytes.fromhex(step) for step in body["proof"]])
    smaller, larger = witness.contradiction(body["first_note"], body["second_note"], shown, their_key)
    assert (smaller.size, larger.size) == (6, 8)
    # The rewritten installation learns it too, from what Japan had co-signed before.
    witness_once(rewritten.office, str(tmp_path / "japan"), own_key(japan.office))
    rewritten.close()


def test_the_log_itself_learns_that_its_history_was_rewritten(
    japan: Trial, mongolia: Trial, empty_database_url: str, tmp_path: Path
) -> None:
    for number in range(5):
        statement(mongolia, number)
    witness_once(japan.office, publish(mongolia, tmp_path / "true"), own_key(mongolia.office))
    stick = publish(japan, tmp_path / "japan")
    migrate(empty_database_url)
    rewritten = installation(empty_database_url, tmp_path / "rewritten", "mongolia.example", 2)
    rewritten.do("open_registry", "2015-11-01", registry_id="MNG", party="MNG", world="public")
    with pytest.raises(Refused) as refused:
        witness_once(rewritten.office, stick, own_key(japan.office))
    assert refused.value.code == "log_shrank", "it is shorter than what Japan saw of it"
    for number in range(7, 14):
        statement(rewritten, number)
    witness_once(rewritten.office, stick, own_key(japan.office))
    assert rules(rewritten) == {"split_view"}
    assert rewritten.all("select origin from split_view") == [("mongolia.example/log",)]
    rewritten.close()


def test_a_shrunken_log_and_a_damaged_copy_are_refused(
    japan: Trial, mongolia: Trial, empty_database_url: str, tmp_path: Path
) -> None:
    their_key = own_key(mongolia.office)
    for number in range(5):
        statement(mongolia, number)
    where = publish(mongolia, tmp_path / "true")
    witness_once(japan.office, where, their_key)
    statement(mongolia, 9)
    publish(mongolia, tmp_path / "true")
    tile = tmp_path / "true/tile/0/000.p/7"
    whole = tile.read_bytes()
    tile.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    with pytest.raises(Refused) as refused:
        witness_once(japan.office, where, their_key)
    assert refused.value.code == "published_log_damaged"
    tile.unlink()
    with pytest.raises(Refused) as refused:
        witness_once(japan.office, where, their_key)
    assert refused.value.code == "published_log_not_read"
    tile.write_bytes(whole)
    assert witness_once(japan.office, where, their_key).view is View.NEW
    migrate(empty_database_url)
    young = installation(empty_database_url, tmp_path / "young", "mongolia.example", 2)
    young.do("open_registry", "2015-11-02", registry_id="MNG", party="MNG", world="public")
    with pytest.raises(Refused) as refused:
        witness_once(japan.office, publish(young, tmp_path / "young log"), their_key)
    assert refused.value.code == "log_shrank"
    young.close()
    assert rules(japan) == set()


def test_a_witness_that_lost_its_record_does_not_sign_again(japan: Trial, mongolia: Trial, tmp_path: Path) -> None:
    their_key = own_key(mongolia.office)
    witness_once(japan.office, publish(mongolia, tmp_path / "m"), their_key)
    witness_once(mongolia.office, publish(japan, tmp_path / "j"), own_key(japan.office))
    where = publish(mongolia, tmp_path / "m")
    with psycopg.connect(japan.office.database_url) as connection:
        connection.execute("alter table witnessed_checkpoint disable trigger user")
        connection.execute("delete from witnessed_checkpoint")
    with pytest.raises(Refused) as refused:
        witness_once(japan.office, where, their_key)
    assert refused.value.code == "own_record_lost"


def test_evidence_is_checked_before_it_is_recorded(japan: Trial, mongolia: Trial) -> None:
    statement(mongolia, 1)
    notes = [row[0] for row in mongolia.all("select note from checkpoint order by tree_size")]
    request = {
        "verifier_key": own_key(mongolia.office).text, "first_note": notes[0], "second_note": notes[1],
        "shown_root": "0" * 64, "proof": [],
    }  # fmt: skip
    japan.refused("no_split_view", "record_split_view", "2025-01-01", **request)
    signer = mongolia.office.signer
    false = checkpoint.sign(signer.origin, 1, bytes(32), signer.private_key)
    proven = {**request, "second_note": false}
    receipt = japan.do("record_split_view", "2025-01-01", **proven)
    assert receipt.outcome["origin"] == signer.origin
    japan.refused("already_on_record", "record_split_view", "2025-01-02", **proven)


BITS = {
    "update witnessed_checkpoint set root_hash = set_bit(root_hash, 3, 1 - get_bit(root_hash, 3)) where tree_size = 1":
        "witnessed_wrong",
    "update witnessed_checkpoint set note = replace(note, 'mongolia', 'mongolie') where tree_size = 1":
        "witnessed_wrong",
    "update witnessed_checkpoint set proof = sha256('x') where tree_size = 2": "witnessed_wrong",
    "update witnessed_checkpoint set proof = sha256('x') where tree_size = 1": "witnessed_wrong",
    "update witnessed_checkpoint set cosignature = replace(cosignature, 'A', 'B') where tree_size = 2":
        "witnessed_wrong",
    "update witnessed_checkpoint set seen_at = seen_at + interval '1 s' where tree_size = 2": "witnessed_wrong",
    "update witnessed_checkpoint set log_key = replace(log_key, '+', '-') where tree_size = 2": "witnessed_wrong",
    "update witnessed_checkpoint set origin = 'other.example/log' where tree_size = 2": "witnessed_wrong",
    "update cosignature set line = replace(line, 'A', 'B')": "cosignature_wrong",
    "update cosignature set witness = 'other.example/log'": "cosignature_wrong",
    "update cosignature set witness_key = 'other.example/log'": "cosignature_wrong",
    "insert into split_view select 'x', sha256, 1, 2, 1 from product limit 1": "row_not_from_journal",
}  # fmt: skip


def test_every_changed_row_of_the_witness_is_found(japan: Trial, mongolia: Trial, tmp_path: Path) -> None:
    their_key = own_key(mongolia.office)
    witness_once(japan.office, publish(mongolia, tmp_path / "m"), their_key)
    japan.office.clock = lambda: NOW + timedelta(minutes=5)
    statement(mongolia, 1)
    witness_once(japan.office, publish(mongolia, tmp_path / "m"), their_key)
    witness_once(mongolia.office, publish(japan, tmp_path / "j"), own_key(japan.office))
    witness_once(japan.office, publish(mongolia, tmp_path / "m"), their_key)
    for change, rule in BITS.items():
        with psycopg.connect(japan.office.database_url) as connection:
            for table in ("witnessed_checkpoint", "cosignature", "split_view"):
                connection.execute(f"alter table {table} disable trigger user".encode())
            assert connection.execute(change.encode()).rowcount == 1, change
            found = audit(connection, japan.office.files, japan.office.signer.private_key.public_key())
            connection.rollback()
        assert rule in {item.rule for item in found}, change
    for attack in (
        "update witnessed_checkpoint set note = ''",
        "delete from cosignature",
        "truncate split_view",
        "insert into witnessed_checkpoint select origin, 0, root_hash, note, log_key, '', cosignature, seen_at"
        " from witnessed_checkpoint limit 1",
    ):
        with pytest.raises(psycopg.errors.IntegrityError), japan.office.transaction() as connection:
            connection.execute(attack.encode())
    assert rules(japan) == set()


def test_a_proof_carries_the_cosignature(japan: Trial, mongolia: Trial, tmp_path: Path) -> None:
    """The checker names the witness; whatever is changed of it, the answer is never yes."""
    witness_once(mongolia.office, publish(japan, tmp_path / "j"), own_key(japan.office))
    witness_once(japan.office, publish(mongolia, tmp_path / "m"), own_key(mongolia.office))
    statement(japan, 1)  # a newer checkpoint, which nobody has seen
    key, trusted = own_key(japan.office).text, own_key(mongolia.office).text
    with japan.office.transaction() as connection:
        made = serial_proof(connection, "JCM-JP-MN901-2022-1", key)
    steps = check_proof.check(made, key, trusted)
    assert check_proof.exit_code(steps) in {0, 3} and {step["answer"] for step in steps[:3]} == {"yes"}
    assert steps[1]["en"] == check_proof.COSIGNED[0]
    assert steps[1]["detail"] == "mongolia.example/log 2026-11-21 03:00:00 UTC (your key)"
    assert check_proof.check(made, key)[1]["answer"] == "yes"
    assert check_proof.check(made, key, key)[1]["answer"] == "no", "another witness is trusted"
    whole = json.loads(made)
    note = whole["checkpoint"]
    first, second = note.rstrip("\n").rsplit("\n", 2)[1:]
    changed = {
        "no witness is named": {key: value for key, value in whole.items() if key != "witnesses"},
        "the line taken out": {**whole, "checkpoint": note.replace(f"{second}\n", "")},
        "the lines changed about": {**whole, "checkpoint": note.replace(f"{first}\n{second}", f"{second}\n{first}")},
        "a line more": {**whole, "checkpoint": f"{note}{second}\n"},
        "another witness": {**whole, "witnesses": [key]},
        "a witness more": {**whole, "witnesses": [trusted, trusted]},
        "a bit of the line": {**whole, "checkpoint": note[:-9] + ("B" if note[-9] != "B" else "C") + note[-8:]},
    }
    for name, proof in changed.items():
        found = check_proof.check(json.dumps(proof).encode(), key)
        assert found[0]["answer"] == "no", name
    with pytest.raises(check_proof.Unreadable):
        check_proof.check(json.dumps({**whole, "witnesses": []}).encode(), key)


def test_the_commands_with_partners_on_record(
    japan: Trial, mongolia: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`openjcm witness` looks at the partners that are registered; without any it says what to give."""
    monkeypatch.setenv("OPENJCM_DATABASE_URL", japan.office.database_url)
    monkeypatch.setenv("OPENJCM_DATA", str(tmp_path / "japan"))
    monkeypatch.setenv("OPENJCM_LOG_ORIGIN", "japan.example/log")
    (tmp_path / "japan" / "keys").mkdir(parents=True, exist_ok=True)
    (tmp_path / "japan" / "keys" / "log.key").write_text(bytes([1] * 32).hex())

    def said(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli_witness.app, list(words))
        return result.exit_code, result.output

    assert said("once")[0] == 2
    assert said("status") == (0, "Nobody watches, nobody is watched.\n")
    where = publish(mongolia, tmp_path / "published" / "log")
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path / "published"))
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        japan.do(
            "register_partner", "2025-01-01", partner="mongolia.example", our_name="japan.example",
            address=f"http://127.0.0.1:{server.server_port}",
            notice_key=public_text(mongolia.office.signer.private_key.public_key()),
            log_key=own_key(mongolia.office).text, keeps=["THA"],
        )  # fmt: skip
        code, text = said("loop", "--times", "2", "--every", "1")
        assert code == 0 and "co-signed" in text and "nothing new" in text
        server.shutdown()
    assert said("once")[0] == 2, "the partner cannot be reached"
    assert said("once", "--from", where, "--log", own_key(mongolia.office).text)[0] == 0
    signer = mongolia.office.signer
    (tmp_path / "published/log/checkpoint").write_text(checkpoint.sign(signer.origin, 1, bytes(32), signer.private_key))
    assert said("once", "--from", where, "--log", own_key(mongolia.office).text)[0] == 1, "tiles do not fit: damaged"
    request = {
        "verifier_key": own_key(mongolia.office).text,
        "first_note": mongolia.one("select note from checkpoint where tree_size = 1"),
        "second_note": (tmp_path / "published/log/checkpoint").read_text(),
        "shown_root": "0" * 64,
    }
    japan.do("record_split_view", "2025-01-01", **request)
    code, text = said("status")
    assert code == 1 and "TOLD TWO STORIES" in text
    app = create_app(japan.office.database_url)
    with TestClient(app) as client:
        page = client.get("/en/log").text
        assert "Two stories" in page and "mongolia.example/log" in page and 'role="alert"' in page
