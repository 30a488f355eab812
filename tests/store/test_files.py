"""Files by their hash: kept whole or not at all, and never trusted unread."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from openjcm.refusals import Refused
from openjcm.store.files import FileStore


def test_what_is_put_comes_back(tmp_path: Path) -> None:
    """The name is the hash; putting twice changes nothing; empty bytes are bytes."""
    store = FileStore(tmp_path)
    for data in (b"", b"reading", b"reading"):
        name = store.put(data)
        assert name == sha256(data).hexdigest() and store.get(name) == data
    assert len(list(store.names())) == 2


def test_changed_bytes_are_refused(tmp_path: Path) -> None:
    """A file that no longer has its hash is not handed out, and a new put mends it."""
    store = FileStore(tmp_path)
    name = store.put(b"reading")
    store.path(name).write_bytes(b"forged!")
    with pytest.raises(Refused) as caught:
        store.get(name)
    assert caught.value.code == "file_changed"
    store.put(b"reading")
    assert store.get(name) == b"reading"


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "0" * 63, "0" * 64 + "/x", "A" * 64, "\0"])
def test_what_is_not_there(name: str, tmp_path: Path) -> None:
    """No name leads out of the store."""
    with pytest.raises(Refused) as caught:
        FileStore(tmp_path).get(name)
    assert caught.value.code == "file_not_stored"


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fails before the rename, neither the file nor a rest of it stays."""

    def fail(_: int) -> None:
        raise OSError("no space left on device")

    store = FileStore(tmp_path)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space"):
        store.put(b"reading")
    monkeypatch.undo()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
