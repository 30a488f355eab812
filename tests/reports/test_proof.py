"""The proof of a serial: every byte that matters is bound, and the checker runs alone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openjcm.commands import Office
from openjcm.log import check_proof, checkpoint, proof, tree
from openjcm.log.leaf import leaf_hash
from openjcm.refusals import Refused
from openjcm.views import proof as proofs

SERIAL = "JCM-JP-XD001-2022-4"


@pytest.fixture(scope="module")
def key(both_worlds: Office) -> str:
    return checkpoint.verifier_key("openjcm.test/log", both_worlds.signer.private_key.public_key())


@pytest.fixture(scope="module")
def made(both_worlds: Office, key: str) -> bytes:
    with both_worlds.transaction() as connection:
        return proofs.serial_proof(connection, SERIAL, key)


def verdict(data: bytes, key: str | None = None) -> int:
    """The exit code that the program would give."""
    try:
        return check_proof.exit_code(check_proof.check(data, key))
    except (check_proof.Unreadable, KeyError, TypeError, AttributeError):
        return 2


def test_a_sound_proof_says_yes_to_every_step(made: bytes, key: str) -> None:
    steps = check_proof.check(made, key)
    assert [step["answer"] for step in steps] == ["yes"] * 9, steps
    assert verdict(made) == 0


def test_the_history_is_told(made: bytes) -> None:
    moved = check_proof.check(made)[7]["detail"]
    assert moved.startswith("transfer 2025-07-15 → retire 2025-09-30; account JPN-demonstration/retirement")


def test_the_same_proof_again(both_worlds: Office, made: bytes, key: str) -> None:
    with both_worlds.transaction() as connection:
        assert proofs.serial_proof(connection, SERIAL, key) == made


def test_every_serial_of_the_demonstration_can_be_proved(both_worlds: Office, key: str) -> None:
    with both_worlds.transaction() as connection:
        for number in (1, 6, 7, 10, 11, 18, 19, 48):
            assert verdict(proofs.serial_proof(connection, f"JCM-JP-XD001-2022-{number}", key), key) == 0
        for number in (1, 2, 3, 12):
            assert verdict(proofs.serial_proof(connection, f"JCM-MN-XD001-2022-{number}", key), key) == 0


def test_the_real_record_has_no_report_and_says_so(both_worlds: Office, key: str) -> None:
    with both_worlds.transaction() as connection:
        real = proofs.serial_proof(connection, "JCM-JP-TH014-2021-1009", key)
    steps = check_proof.check(real, key)
    assert [step["answer"] for step in steps] == ["yes"] * 4 + ["cannot tell"] * 3 + ["yes"] * 2, steps
    assert verdict(real) == 3


def test_a_serial_that_nobody_issued_is_refused(both_worlds: Office, key: str) -> None:
    with both_worlds.transaction() as connection, pytest.raises(Refused) as refused:
        proofs.serial_proof(connection, "JCM-JP-XD001-2022-49", key)
    assert refused.value.code == "serial_not_issued"


def test_a_size_without_a_checkpoint_is_refused(both_worlds: Office) -> None:
    with both_worlds.transaction() as connection, pytest.raises(Refused) as refused:
        proofs.checkpoint_at(connection, 10**9)
    assert refused.value.code == "checkpoint_not_kept"


def test_every_earlier_checkpoint_is_the_beginning_of_the_newest(both_worlds: Office) -> None:
    public_key = both_worlds.signer.private_key.public_key()
    with both_worlds.transaction() as connection:
        new = checkpoint.open(proofs.newest_checkpoint(connection)[1], public_key)
        sizes = [row[0] for row in connection.execute("select tree_size from checkpoint order by 1")]
        for size in sizes[:: max(1, len(sizes) // 40)]:
            old = checkpoint.open(proofs.checkpoint_at(connection, size), public_key)
            steps = [bytes.fromhex(step) for step in proofs.consistency(connection, size, new.size)]
            assert tree.verify_consistency(size, new.size, steps, old.root, new.root)


# Tampering ------------------------------------------------------------------------------------------------------------


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every single value of the JSON stands."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from places(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))
    else:
        yield path


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(copy[path[0]], path[1:], new)
    return copy


def get(value: Any, path: tuple[Any, ...]) -> Any:
    for word in path:
        value = value[word]
    return value


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_character_anywhere_is_found(made: bytes, data: st.DataObject) -> None:
    """The serial itself aside: changed, it asks for another serial, and then the file must prove that one."""
    whole = json.loads(made)
    path = data.draw(st.sampled_from([place for place in places(whole) if place != ("serial",)]))
    old = get(whole, path)
    if isinstance(old, int):
        new: Any = data.draw(st.integers(-5, 10**6).filter(lambda number: number != old))
    else:
        position = data.draw(st.integers(0, len(old) - 1))
        letter = data.draw(st.characters(codec="utf-8").filter(lambda letter: letter != old[position]))
        new = old[:position] + letter + old[position + 1 :]
    assert verdict(json.dumps(put(whole, path, new)).encode()) in {1, 2}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_missing_or_doubled_part_is_found(made: bytes, data: st.DataObject) -> None:
    whole = json.loads(made)
    name = data.draw(st.sampled_from(["leaves", "documents"]))
    index = data.draw(st.integers(0, len(whole[name]) - 1))
    fewer = {**whole, name: whole[name][:index] + whole[name][index + 1 :]}
    more = {**whole, name: [*whole[name], whole[name][index]]}
    is_last_move = name == "leaves" and '"act":"retire"' in whole[name][index]["body"]
    assert verdict(json.dumps(more).encode()) in {1, 2}
    assert is_last_move or verdict(json.dumps(fewer).encode()) in {1, 2}
    member = data.draw(st.sampled_from(sorted(whole)))
    assert verdict(json.dumps({key: value for key, value in whole.items() if key != member}).encode()) == 2
    assert verdict(json.dumps({**whole, "note": "trust me"}).encode()) == 2


def test_another_serial_of_another_life_is_not_proved(made: bytes) -> None:
    """Serial 7 was transferred but not retired: the leaves of serial 4 do not fit it."""
    whole = json.loads(made)
    for number in (7, 11, 49, 0):
        assert verdict(json.dumps({**whole, "serial": f"JCM-JP-XD001-2022-{number}"}).encode()) in {1, 2}
    assert verdict(json.dumps({**whole, "serial": "JCM-MN-XD001-2022-4"}).encode()) == 1
    assert verdict(json.dumps({**whole, "serial": "JCM-JP-XD001-2022-" + "9" * 5000}).encode()) == 2
    assert verdict(json.dumps({**whole, "serial": "JCM-JP-XD001-2022-3"}).encode()) == 0


@pytest.mark.parametrize("what", ["another key", "another signature", "another size", "another root", "a second line"])
def test_the_checkpoint_is_bound_to_the_key(made: bytes, key: str, what: str) -> None:
    whole = json.loads(made)
    liar = Ed25519PrivateKey.from_private_bytes(bytes(32))
    text, signature = whole["checkpoint"].split("\n\n")
    name, size, root = text.split("\n")
    foreign = checkpoint.sign(name, int(size), bytes(32), liar).split("\n\n")[1]
    changed = {
        "another key": {"public_key": checkpoint.verifier_key(name, liar.public_key())},
        "another signature": {"checkpoint": f"{text}\n\n{foreign}"},
        "another size": {"checkpoint": f"{name}\n{int(size) + 1}\n{root}\n\n{signature}"},
        "another root": {"checkpoint": f"{name}\n{size}\n{'A' * 43}=\n\n{signature}"},
        "a second line": {"checkpoint": f"{text}\n\n{signature}{foreign}"},
    }[what]
    (first, *_) = check_proof.check(json.dumps({**whole, **changed}).encode())
    assert first["answer"] == "no"


def test_a_log_of_ones_own_making_is_found_by_the_trusted_key(made: bytes, key: str) -> None:
    """Whoever signs a forged tree with another key passes only until the key is compared."""
    whole = json.loads(made)
    forger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    leaves = [leaf["body"].encode() for leaf in whole["leaves"]]
    nodes = tree.subtrees([leaf_hash(body) for body in leaves])

    def read(level: int, index: int) -> bytes:
        return nodes[level, index]

    forged = proof.build(
        SERIAL,
        public_key=checkpoint.verifier_key("openjcm.test/log", forger.public_key()),
        checkpoint=checkpoint.sign("openjcm.test/log", len(leaves), tree.root(len(leaves), read), forger),
        size=len(leaves),
        leaves=list(enumerate(leaves)),
        documents=[text.encode() for text in whole["documents"]],
        read_node=read,
    )
    assert verdict(forged) == 0
    assert verdict(forged, key) == 1


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"[]", b"{}", b"1", b"null", b'{"format": 1, "format": 1}', b"[" * 100000, b"{" * 9]
)
def test_what_is_no_proof_is_unreadable(data: bytes) -> None:
    assert verdict(data) == 2


@given(st.binary(max_size=100))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert verdict(data) == 2


@pytest.mark.parametrize("member", ["checkpoint", "public_key", "documents", "leaves", "inside a leaf"])
def test_half_a_character_is_no_text(made: bytes, member: str, tmp_path: Path) -> None:
    """A lone surrogate has no bytes: the file is no proof (2), where an exit code of 1 would say that one failed."""
    whole = json.loads(made)
    half = {
        "checkpoint": {"checkpoint": "\ud800"},
        "public_key": {"public_key": "\ud800" + whole["public_key"]},
        "documents": {"documents": [*whole["documents"], '{"a":"\ud800"}']},
        "leaves": {"leaves": [{**whole["leaves"][0], "body": "\ud800"}]},
        "inside a leaf": {"leaves": [{**whole["leaves"][0], "body": '{"kind":"\\ud800"}'}]},
    }[member]
    path = tmp_path / "P.json"
    path.write_text(json.dumps({**whole, **half}), encoding="ascii")
    assert check_proof.run(str(path), None, False) == 2


def test_the_checker_runs_alone(made: bytes, key: str, tmp_path: Path) -> None:
    """Copied away from the package, in a Python that may import nothing of it, with a path of blanks."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    program = folder / "check_proof.py"
    shutil.copy(Path(check_proof.__file__), program)
    (folder / "P.json").write_bytes(made)
    assert not re.search(r"^(?:import|from) openjcm", program.read_text(encoding="utf-8"), re.M)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", str(program), *words], cwd=folder, capture_output=True, text=True, check=False
        )

    done = run("P.json", "--key", key)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(SERIAL) and done.stdout.count("[yes / はい]") == 9
    as_json = json.loads(run("P.json", "--json").stdout)
    assert as_json["serial"] == SERIAL and len(as_json["steps"]) == 9
    assert run().returncode == 2
    assert run("missing.json").returncode == 2


def test_a_proof_of_what_is_not_under_the_checkpoint_is_an_error() -> None:
    with pytest.raises(ValueError):
        proof.build(
            SERIAL, public_key="", checkpoint="", size=1, leaves=[(1, b"{}")], documents=[], read_node=lambda *_: b""
        )


def test_the_proof_is_read_only(both_worlds: Office, key: str) -> None:
    with psycopg.connect(both_worlds.database_url) as connection:
        connection.execute("set transaction read only")
        assert proofs.serial_proof(connection, SERIAL, key)
