"""Check a published log (C2SP ``tlog-tiles``) by recomputing all of it: entries, tiles of every level, the signed root.

Where the files come from is the caller's: ``read`` gives the bytes of a path below the log's prefix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from openjcm.log import checkpoint, tiles
from openjcm.log.leaf import leaf_hash
from openjcm.log.tree import consistency_proof, root
from openjcm.log.witness import Shown
from openjcm.refusals import refusal

ReadPath: TypeAlias = Callable[[str], bytes]
"""``tile/0/000`` to bytes. Raises ``Refused`` (``published_log_not_read``) where there is nothing."""

PUBLISHED_LOG_NOT_READ = refusal(
    "published_log_not_read",
    en="“{path}” of the published log {where} cannot be read: {reason}.",
    ja="公開ログ {where} の「{path}」を読み取れません: {reason}。",
    remedy_en="Check the address or folder; it is the one in which “checkpoint” and “tile” stand. Try again later.",
    remedy_ja="アドレスまたはフォルダー (checkpoint と tile がある場所) を確認し、時間をおいて再度実行してください。",
    clause="C2SP tlog-tiles",
)


class Fault(NamedTuple):
    """What is wrong at a path of a published log."""

    path: str
    en: str
    ja: str


def check_tree(read: ReadPath, key: checkpoint.VerifierKey) -> tuple[checkpoint.Checkpoint, Iterator[Fault]]:
    """What the log's checkpoint says, and everything that does not fit it, found while it is read.

    Raises:
        Refused: ``not_a_checkpoint``, ``checkpoint_not_signed``; ``published_log_not_read`` at once or while faults are
            read.
    """
    signed = read_checkpoint(read, key)
    return signed, _faults(read, signed)


def read_checkpoint(read: ReadPath, key: checkpoint.VerifierKey) -> checkpoint.Checkpoint:
    """The newest checkpoint that the log publishes.

    Raises:
        Refused: ``not_a_checkpoint``, ``checkpoint_not_signed``, ``published_log_not_read``.
    """
    return checkpoint.open_of(text_of(read("checkpoint")), key)


def text_of(note: bytes) -> str:
    """A note's text.

    Raises:
        Refused: ``not_a_checkpoint``.
    """
    try:
        return note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise checkpoint.NOT_A_CHECKPOINT(reason="not UTF-8 / UTF-8 ではない") from error


def _faults(read: ReadPath, signed: checkpoint.Checkpoint) -> Iterator[Fault]:
    tree = tiles.Filling()
    for number in range((signed.size + tiles.WIDTH - 1) // tiles.WIDTH):
        width = tiles.width_of(0, number, signed.size)
        path = f"tile/{tiles.path_of(None, number, width)}"
        try:
            bodies = tiles.read_bundle(read(path))
        except ValueError:
            bodies = []
        if len(bodies) != width:
            yield Fault(path, f"{len(bodies)} entries instead of {width}", f"{width} 件あるべき葉が {len(bodies)} 件")
            return
        for tile in tree.add([leaf_hash(body) for body in bodies]):
            yield from _compare(read, tile.level, tile.number, tile.hashes)
    for level, hashes in enumerate(tree.open):
        if hashes:
            number = (signed.size >> tiles.HEIGHT * level) // tiles.WIDTH
            yield from _compare(read, level, number, b"".join(hashes))
    if tree.root != signed.root:
        yield Fault("checkpoint", "the entries give another root", "葉から計算したルートが異なる")


def _compare(read: ReadPath, level: int, number: int, hashes: bytes) -> Iterator[Fault]:
    path = f"tile/{tiles.path_of(level, number, len(tiles.split(hashes)))}"
    if read(path) != hashes:
        yield Fault(path, "not the hashes that the entries give", "葉から計算したハッシュ値と異なる")


def show(read: ReadPath, smaller: int, larger: checkpoint.Checkpoint) -> Shown:
    """What the tiles of a log show: the root of its first ``smaller`` leaves, and their consistency with the larger.

    Nothing is believed of the tiles: whether they fit the signed root is for ``witness.judge`` to see.

    Raises:
        Refused: ``published_log_not_read``.
    """
    held: dict[tuple[int, int], bytes] = {}

    def node(level: int, index: int) -> bytes:
        place = tiles.place_of(level, index)
        at = place.level, place.number
        path = f"tile/{tiles.path_of(*at, tiles.width_of(*at, larger.size))}"
        if at not in held:
            held[at] = read(path)
        try:
            return tiles.subtree_hash(place, held[at])
        except ValueError as error:
            raise PUBLISHED_LOG_NOT_READ(path=path, where=larger.origin, reason=str(error)) from error

    return Shown(root(smaller, node), consistency_proof(smaller, larger.size, node))
