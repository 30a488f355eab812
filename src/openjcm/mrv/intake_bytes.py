"""The bytes of a file, bounded: kind by its first bytes, gzip unpacked within a limit, blocks instead of the whole.

Nothing here trusts a declared size. A file may be given as bytes or as a path; a path is read block by block.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from openjcm.refusals import refusal

FileData: TypeAlias = bytes | Path
"""A file as its bytes, or as the path at which it stands."""
BLOCK = 8 << 20
MAX_LINE = 1 << 20
MAX_UNPACKED = 4 << 30
MAX_RATIO = 200
"""A compressed meter file unpacks to at most 200 times its size (real ones: 3 to 30) once it is over 64 MiB."""
RATIO_FROM = 64 << 20
MAX_ROWS = 50_000_000
ROWS_PER_BYTE = 100
"""A Parquet file of over a million rows has at most so many rows per byte (a real meter in our own form: under 1)."""
MAX_COLUMNS = 4096

CLAUSE = "OpenJCM: a file is taken in whole and exactly, or refused with the place"

FILE_EMPTY = refusal(
    "meter_file_empty",
    en="The file “{file}” is empty (0 bytes, or no line with readings).",
    ja="ファイル「{file}」は空です (0 バイト、または計測値の行がありません)。",
    remedy_en="Export the readings again and check the size before uploading.",
    remedy_ja="計測値を書き出し直し、サイズを確認してからアップロードしてください。",
    clause=CLAUSE,
)
FILE_TRUNCATED = refusal(
    "meter_file_truncated",
    en="The file “{file}” is cut off or damaged at {place}: {why}.",
    ja="ファイル「{file}」は {place} で途切れているか壊れています: {why}。",
    remedy_en="Upload the complete file again; compare its size and SHA-256 with the original's.",
    remedy_ja="元のファイルとサイズおよび SHA-256 を照合し、完全なファイルをアップロードし直してください。",
    clause=CLAUSE,
)
FILE_BOMB = refusal(
    "meter_file_unpacks_too_large",
    en="The file “{file}” unpacks to {found}, more than the limit of {limit}; it was not unpacked ({place}).",
    ja="ファイル「{file}」は展開すると {found} となり、上限 {limit} を超えるため展開しませんでした ({place})。",
    remedy_en="Split the readings into several files, or export without filler columns and formatting.",
    remedy_ja="計測値を複数のファイルに分けるか、不要な列や書式を除いて書き出してください。",
    clause="OpenJCM: unpacking is bounded",
    status=413,
)
LINE_TOO_LONG = refusal(
    "line_too_long",
    en="Row {row} of “{file}” is longer than {limit} bytes (it begins at byte {byte}).",
    ja="「{file}」の {row} 行目は {limit} バイトを超えています (先頭は {byte} バイト目)。",
    remedy_en="Export the readings as lines of text, one reading per line.",
    remedy_ja="1 行に 1 つの計測値となるよう、改行のあるテキストとして書き出してください。",
    clause="OpenJCM: reading is bounded",
    status=413,
)
WRONG_FORMAT = refusal(
    "meter_file_wrong_format",
    en="“{file}” is not a file of the format “{wanted}”: its first bytes say {found}.",
    ja="「{file}」は「{wanted}」形式のファイルではありません。先頭のバイトは {found} を示しています。",
    remedy_en="State the format that the file has (csv, parquet or excel as .xlsx), or export it again.",
    remedy_ja="実際の形式 (csv、parquet、または .xlsx の excel) を指定するか、書き出し直してください。",
    clause=CLAUSE,
)


@dataclass(frozen=True)
class Source:
    """A file as bytes or as a path, with the name to show in refusals."""

    data: FileData
    name: str

    def blocks(self, size: int = BLOCK) -> Iterator[bytes]:
        """The raw bytes, block by block."""
        if isinstance(self.data, bytes):
            for at in range(0, len(self.data), size):
                yield self.data[at : at + size]
            return
        with self.data.open("rb") as stream:
            while block := stream.read(size):
                yield block

    @property
    def size(self) -> int:
        """The size in bytes."""
        return len(self.data) if isinstance(self.data, bytes) else self.data.stat().st_size

    def head(self, count: int = 16) -> bytes:
        """The first bytes."""
        return next(self.blocks(count), b"")

    def last(self) -> bytes:
        """The last byte."""
        if isinstance(self.data, bytes):
            return self.data[-1:]
        with self.data.open("rb") as stream:
            stream.seek(max(self.size - 1, 0))
            return stream.read(1)

    def sha256(self, stopped: Callable[[], bool] = lambda: False) -> str:
        """SHA-256 of the file's bytes in lower-case hexadecimal; left unfinished when nobody needs it any more."""
        digest = hashlib.sha256()
        for block in self.blocks():
            if stopped():
                break
            digest.update(block)
        return digest.hexdigest()

    def plain_blocks(self) -> Iterator[bytes]:
        """The bytes with gzip unpacked (found by its first bytes), bounded.

        Raises:
            Refused: ``meter_file_unpacks_too_large``, ``meter_file_truncated``.
        """
        return self._unpacked() if self.head(2) == b"\x1f\x8b" else self.blocks()

    def _unpacked(self) -> Iterator[bytes]:
        """The members of a gzip file one after another, as ``gzip`` itself reads them."""
        inflate = zlib.decompressobj(wbits=31)
        total, taken = 0, 0
        for block in self.blocks(1 << 16):
            taken += len(block)
            rest = block
            while rest:
                if inflate.eof:
                    inflate = zlib.decompressobj(wbits=31)
                try:
                    piece = inflate.decompress(rest, BLOCK)
                except zlib.error as error:
                    raise FILE_TRUNCATED(file=self.name, place=f"byte {taken}", why=f"gzip: {error}") from error
                rest = inflate.unconsumed_tail or inflate.unused_data
                total += len(piece)
                self._bound(total, taken)
                if piece:
                    yield piece
        if not inflate.eof:
            raise FILE_TRUNCATED(file=self.name, place=f"byte {taken}", why="gzip: no end")

    def _bound(self, unpacked: int, packed: int) -> None:
        if unpacked > MAX_UNPACKED or (unpacked > RATIO_FROM and unpacked > packed * MAX_RATIO):
            limit = MAX_UNPACKED if unpacked > MAX_UNPACKED else packed * MAX_RATIO
            raise FILE_BOMB(file=self.name, found=f"≥ {unpacked} B", limit=f"{limit} B", place="gzip")

    def format(self) -> str:
        """``parquet``, ``excel``, ``gzip``, ``empty``, ``old excel`` or ``text``, by the first bytes."""
        head = self.head(8)
        if not head:
            return "empty"
        if head[:4] == b"PAR1":
            return "parquet"
        if head[:4] in {b"PK\x03\x04", b"PK\x05\x06"}:
            return "excel"
        if head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            return "old excel"
        return "gzip" if head[:2] == b"\x1f\x8b" else "text"
