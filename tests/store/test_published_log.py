"""The log as it is published: read back whole, each changed bit found, over HTTP, and by a program of other people."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.testclient import TestClient

from databases import drop_database
from openjcm.log import check_tree, checkpoint, cosignature, tiles
from openjcm.log.leaf import leaf_hash
from openjcm.log.tree import verify_consistency
from openjcm.refusals import Refused
from openjcm.store.published import reader
from openjcm.store.server import Engine, Server
from openjcm.views.proof import checkpoint_at, newest_checkpoint
from openjcm.views.published_log import check_published, published, static_files, static_paths
from openjcm.web.app import create_app
from trial_log import add
from trial_office import KEY, Trial

ROOT = Path(__file__).parent.parent
NAME = checkpoint.verifier_key("trial.example/log", KEY.public_key())
SIZE = 812


@pytest.fixture(scope="module")
def log(servers: Callable[[Engine], Server], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Trial, Path]]:
    """A log of several hundred entries, and its published form in a folder."""
    server, name = servers("embedded"), f"published_{os.getpid()}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"create database {name} template openjcm_template".encode())
    folder = tmp_path_factory.mktemp("published")
    trial = Trial(urlunsplit(urlsplit(server.url)._replace(path=f"/{name}")), folder)
    for first, end in ((1, 100), (100, 701), (701, SIZE + 1)):
        add(trial, first, end)
    export(trial, folder / "log")
    yield trial, folder / "log"
    trial.close()
    with psycopg.connect(server.url, autocommit=True) as connection:
        drop_database(connection, name)


def export(trial: Trial, folder: Path) -> None:
    with trial.office.transaction() as connection:
        size, note = newest_checkpoint(connection)
        for path, data in static_files(connection, size, lambda path: (folder / path).is_file()):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
    (folder / "checkpoint").write_text(note, encoding="utf-8")


def faults(folder: Path) -> list[str]:
    try:
        return [fault.path for fault in check_published(str(folder), NAME)[1]]
    except Refused as refused:
        return [refused.code]


def test_a_published_log_is_recomputed_and_every_changed_bit_is_found(log: tuple[Trial, Path], tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(log[1], folder)
    signed, wrong = check_published(str(folder), NAME)
    assert (signed.origin, signed.size, list(wrong)) == ("trial.example/log", SIZE, [])
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert {str(path.relative_to(folder)) for path in files} == {
        "checkpoint", *(f"tile/{path}" for path in static_paths(SIZE))
    }  # fmt: skip
    assert len(files) == 1 + 4 + 4 + 1, "entries, leaves, the tile above, the checkpoint"
    for path in files:
        whole = path.read_bytes()
        for place in (0, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            assert faults(folder), f"{path.name} at {place}"
        path.write_bytes(whole[:-1])
        assert faults(folder), f"{path.name} cut"
        path.unlink()
        assert faults(folder) == ["published_log_not_read"]
        path.write_bytes(whole)
    assert faults(folder) == []


def test_a_log_of_another_key_or_name_is_refused(log: tuple[Trial, Path]) -> None:
    for name in (
        checkpoint.verifier_key("other.example/log", KEY.public_key()),
        checkpoint.verifier_key("trial.example/log", Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()),
    ):
        with pytest.raises(Refused) as refused:
            check_published(str(log[1]), name)
        assert refused.value.code == "checkpoint_not_signed"
    for name in ("", "a", "a+b+c", NAME[:-2], NAME.replace("trial", "other"), NAME + " x"):
        with pytest.raises(Refused) as refused:
            check_published(str(log[1]), name)
        assert refused.value.code == "not_a_verifier_key"


@pytest.mark.parametrize(
    "where", ["http://registry.example/log", "ftp://registry.example", "/nowhere/at/all", "file:///"]
)
def test_a_log_is_not_read_from_just_anywhere(where: str) -> None:
    with pytest.raises(Refused) as refused:
        reader(where)
    assert refused.value.code == "address_of_log_not_safe"


def test_growth_is_shown_by_the_tiles(log: tuple[Trial, Path]) -> None:
    """For each kept checkpoint; changed tiles do not fit the signed root, or cannot be read."""
    trial, folder = log
    read = reader(str(folder))
    now = check_tree.read_checkpoint(read, checkpoint.read_verifier_key(NAME))
    with trial.office.transaction() as connection:
        sizes = [row[0] for row in connection.execute("select tree_size from checkpoint")]
        before = [checkpoint.open(checkpoint_at(connection, size), KEY.public_key()) for size in sizes]
    for old in before:
        shown = check_tree.show(read, old.size, now)
        assert shown.root == old.root
        assert verify_consistency(old.size, now.size, shown.proof, shown.root, now.root)

    def false(path: str) -> bytes:
        data = read(path)
        return data[:-1] + bytes([data[-1] ^ 1])

    shown = check_tree.show(false, 99, now)
    assert not verify_consistency(99, now.size, shown.proof, shown.root, now.root)
    for length in (31, 32):
        with pytest.raises(Refused):
            check_tree.show(lambda path, length=length: read(path)[:length], 99, now)  # type: ignore[misc]


def test_over_http_it_is_the_same(log: tuple[Trial, Path]) -> None:
    trial, folder = log
    with TestClient(create_app(trial.office.database_url)) as client:
        answer = client.get("/log/checkpoint")
        assert answer.content == (folder / "checkpoint").read_bytes()
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        for path in static_paths(SIZE):
            answer = client.get(f"/log/tile/{path}")
            assert answer.content == (folder / "tile" / path).read_bytes(), path
            assert answer.headers["content-type"] == "application/octet-stream"
            assert "immutable" in answer.headers["cache-control"]
        earlier = client.get("/log/tile/0/002.p/188").content
        assert client.get("/log/tile/0/002").content.startswith(earlier), "a partial tile of an earlier checkpoint"
        for path in (
            "0/003.p/45",
            "0/003",
            "1/000",
            "2/000.p/1",
            "entries/003",
            "0/004.p/1",
            "64/000",
            "x",
            "0/x000/000",
        ):
            assert client.get(f"/log/tile/{path}").status_code == 404, path


def test_an_empty_log_has_nothing_to_publish(database_url: str, tmp_path: Path) -> None:
    with TestClient(create_app(database_url)) as client:
        assert client.get("/log/checkpoint").status_code == 404
    with psycopg.connect(database_url) as connection:
        assert published(connection, "0/000.p/1") is None
        assert list(static_files(connection, 0, lambda _: False)) == []


def test_hostile_bundles_and_notes_are_named(log: tuple[Trial, Path], tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(log[1], folder)
    bundle = folder / "tile/entries/000"
    for data in (b"", b"\xff", bundle.read_bytes() + b"\0", bundle.read_bytes() * 2, tiles.bundle([b"x"] * 256)):
        bundle.write_bytes(data)
        assert "tile/entries/000" in faults(folder) or "tile/0/000" in faults(folder)
    (folder / "checkpoint").write_bytes(b"\xff\xfe")
    assert faults(folder) == ["not_a_checkpoint"]
    assert leaf_hash(b"x") != leaf_hash(b"")


GO_PACKAGES = Path("/usr/share/gocode")
GO = shutil.which("go") if (GO_PACKAGES / "src/golang.org/x/mod/sumdb/tlog").is_dir() else None
"""Go with its packages for logs: ``apt-get install golang-go golang-golang-x-mod-dev``."""


@pytest.mark.parametrize("_go", [GO] if GO else [], ids=str)
def test_the_go_projects_own_packages_read_it(_go: str, log: tuple[Trial, Path], tmp_path: Path) -> None:
    """golang.org/x/mod/sumdb/note and tlog, of Debian's packages golang-go and golang-golang-x-mod-dev."""
    trial, folder = log
    program = tmp_path / "verifier"
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": str(GO_PACKAGES), "GOCACHE": str(tmp_path / "cache")}
    subprocess.run([str(GO), "build", "-o", program, ROOT / "log/verifier/main.go"], check=True, env=environment)
    older = tmp_path / "older"
    with trial.office.transaction() as connection:
        older.write_text(checkpoint_at(connection, 700), encoding="utf-8")

    def verdict(where: Path, *more: str) -> str:
        said = subprocess.run([program, where, NAME, older, *more], stdout=subprocess.PIPE, text=True, check=False)
        return said.stdout.strip()

    assert verdict(folder) == f"YES: {SIZE} entries"
    for path in ("tile/0/001", "tile/1/000.p/3", "tile/entries/003.p/44", "checkpoint"):
        copy = tmp_path / path.replace("/", "_")
        shutil.copytree(folder, copy)
        data = (copy / path).read_bytes()
        (copy / path).write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])
        assert verdict(copy).startswith("NO"), path
    whole = (folder / "checkpoint").read_text(encoding="utf-8")
    line = cosignature.cosign(whole, "witness.example/log", KEY, 1_700_000_000)
    copy = tmp_path / "cosigned"
    shutil.copytree(folder, copy)
    (copy / "checkpoint").write_text(cosignature.with_lines(whole, [line]), encoding="utf-8")
    key = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()
    assert verdict(copy, "witness.example/log", key).startswith("CO-SIGNED")
    assert verdict(copy, "another.example/log", key).startswith("NO")
    false = cosignature.cosign(whole.replace("812", "813"), "witness.example/log", KEY, 1_700_000_000)
    (copy / "checkpoint").write_text(cosignature.with_lines(whole, [false]), encoding="utf-8")
    assert verdict(copy, "witness.example/log", key).startswith("NO")
