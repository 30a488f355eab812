"""The bundle of a recorded report: exported from the office, recomputed without it, and found in the log."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from databases import drop_database
from openjcm.canonical import canonical_bytes
from openjcm.commands import Office
from openjcm.commands.office import log_key
from openjcm.dated import Answer
from openjcm.methodologies import methodology
from openjcm.project_cycle.bundle import read_bundle, write_bundle
from openjcm.refusals import Refused
from openjcm.store.files import FileStore
from openjcm.store.journal import Signer
from openjcm.store.server import Server
from openjcm.views.bundle import recompute_bundle, report_bundle
from openjcm.world import demonstration


@pytest.fixture(scope="module")
def office(database_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office with the demonstration in it."""
    folder = tmp_path_factory.mktemp("bundle")
    name = f"bundle_{folder.name.replace('-', '_')}"
    with psycopg.connect(database_server.url, autocommit=True) as connection:
        connection.execute(f"create database {name} template openjcm_template")
    url = urlunsplit(urlsplit(database_server.url)._replace(path=f"/{name}"))
    office = Office(
        url, FileStore(folder / "files"), Signer("openjcm.test/bundle", log_key(folder / "keys" / "log.key"))
    )
    demonstration.load_demonstration(office)
    yield office
    office.close()
    with psycopg.connect(database_server.url, autocommit=True) as connection:
        drop_database(connection, name)


def sha256_of_report(office: Office) -> str:
    with office.transaction() as connection:
        row = connection.execute("select report_sha256 from monitoring_report").fetchone()
    assert row is not None
    return str(row[0])


def export(office: Office, report: str) -> bytes:
    with office.transaction() as connection:
        key = office.signer.private_key.public_key()
        return report_bundle(connection, office.files.get, report, office.signer.origin, key)


@pytest.fixture(scope="module")
def exported(office: Office) -> bytes:
    """The bundle of the demonstration's report."""
    return export(office, sha256_of_report(office))


def test_the_demonstrations_report_is_recomputed_byte_equal_and_found_in_the_log(
    office: Office, exported: bytes
) -> None:
    result = recompute_bundle(exported)
    assert result.answer is Answer.YES, result.as_data()
    assert result.report_sha256 == sha256_of_report(office)
    assert result.checks[-1].name == "log"
    assert len([check for check in result.checks if check.name.startswith("file ")]) == 2


def test_the_beginning_of_the_hash_names_the_report_and_the_bytes_repeat(office: Office, exported: bytes) -> None:
    assert export(office, sha256_of_report(office)[:8]) == exported


@pytest.mark.parametrize("report", ["", "12", "0" * 64, "%", "not a hash at all"])
def test_a_report_that_is_not_on_record_is_refused(office: Office, report: str) -> None:
    with pytest.raises(Refused) as refused:
        export(office, report)
    assert refused.value.code == "report_not_on_record"


def test_a_report_made_with_another_text_cannot_be_exported_with_this_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = type("Other", (), {"source_sha256": "0" * 64, "source_text": "# other"})
    monkeypatch.setattr("openjcm.views.bundle.methodology", lambda _: other)
    with pytest.raises(Refused) as refused:
        export(office, sha256_of_report(office))
    assert refused.value.code == "methodology_text_not_here"


def with_proof(exported: bytes, change: Any) -> bytes:
    bundle = read_bundle(exported).bundle
    proof = json.loads(bundle.proofs["log"])
    change(proof)
    return write_bundle(replace(bundle, proofs={"log": canonical_bytes(proof)}))


def drop_report(proof: dict[str, Any]) -> None:
    proof["leaves"] = [leaf for leaf in proof["leaves"] if "monitoring_report" not in leaf["body"]]


def forge_leaf(proof: dict[str, Any]) -> None:
    for leaf in proof["leaves"]:
        leaf["body"] = leaf["body"].replace("monitoring", "monitored")


def break_path(proof: dict[str, Any]) -> None:
    for leaf in proof["leaves"]:
        leaf["path"] = leaf["path"][1:]


def forge_checkpoint(proof: dict[str, Any]) -> None:
    proof["checkpoint"] = proof["checkpoint"].replace("\n", "\n1", 1)


def forget_key(proof: dict[str, Any]) -> None:
    del proof["public_key"]


def leaves_of_words(proof: dict[str, Any]) -> None:
    proof["leaves"] = ["x"]


@pytest.mark.parametrize("change", [drop_report, forge_leaf, break_path, forge_checkpoint, forget_key, leaves_of_words])
def test_a_forged_proof_says_no(exported: bytes, change: Any) -> None:
    result = recompute_bundle(with_proof(exported, change))
    assert result.answer is Answer.NO
    assert [check.name for check in result.checks if check.answer is Answer.NO] == ["log"]


def test_a_bundle_without_proof_is_recomputed_without_the_question(exported: bytes) -> None:
    bundle = replace(read_bundle(exported).bundle, proofs={})
    assert recompute_bundle(write_bundle(bundle)).answer is Answer.YES


# The command line


def openjcm(*words: str, language: str = "en") -> subprocess.CompletedProcess[str]:
    environment = {
        "OPENJCM_LANGUAGE": language,
        "OPENJCM_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "COLUMNS": "200",
    }
    return subprocess.run(
        [sys.executable, "-m", "openjcm", *words], capture_output=True, text=True, check=False, env=environment
    )


def test_a_bundle_is_verified_without_a_database(exported: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a bundle.zip"
    file.write_bytes(exported)
    done = openjcm("bundle", "verify", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert "Recomputed byte-equal" in done.stdout
    japanese = openjcm("bundle", "verify", str(file), language="ja")
    assert "一致しました" in japanese.stdout
    plain = json.loads(openjcm("bundle", "verify", str(file), "--json").stdout)
    assert plain["answer"] == "yes"


def test_a_changed_bundle_ends_with_exit_code_1_and_a_broken_one_with_2(exported: bytes, tmp_path: Path) -> None:
    bundle = read_bundle(exported).bundle
    report = json.loads(bundle.report)
    report["emission_reductions"] += 1
    file = tmp_path / "changed.zip"
    file.write_bytes(write_bundle(replace(bundle, report=canonical_bytes(report))))
    done = openjcm("bundle", "verify", str(file))
    assert done.returncode == 1
    assert "/emission_reductions" in done.stdout
    file.write_bytes(exported[:-1])
    broken = openjcm("bundle", "verify", str(file))
    assert broken.returncode == 2
    assert "bundle_not_understood" in broken.stderr


def test_a_bundle_made_with_another_text_ends_with_exit_code_3(exported: bytes, tmp_path: Path) -> None:
    bundle = read_bundle(exported).bundle
    report = json.loads(bundle.report)
    report["methodology"]["source_sha256"] = methodology("TH_AM001").source_sha256
    other = replace(
        bundle,
        report=canonical_bytes(report),
        methodology_text=methodology("TH_AM001").source_text.encode(),
        proofs={},
    )
    file = tmp_path / "other.zip"
    file.write_bytes(write_bundle(other))
    assert openjcm("bundle", "verify", str(file)).returncode == 3


def test_export_writes_the_file(
    office: Office, exported: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from openjcm.cli_parts.bundle import app

    monkeypatch.setattr("openjcm.commands.ready_office", lambda: office)
    file = tmp_path / "F.zip"
    done = CliRunner().invoke(app, ["export", sha256_of_report(office), "-o", str(file)])
    assert done.exit_code == 0, done.output
    assert file.read_bytes() == exported
