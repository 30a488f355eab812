"""A grid of states as a PNG with a palette: one byte per cell, drawn by numpy and packed by zlib (ISO/IEC 15948)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, TALLEST = 1000, 600, 40
"""Pixels that a small grid is enlarged to, as far as whole cells allow; no row is taller than ``TALLEST``."""


def heat_map(cells: NDArray[np.uint8], colours: Sequence[str]) -> bytes:
    """The picture of a grid.

    Args:
        cells: rows and columns of places in ``colours``.
        colours: each as ``#rrggbb``.
    """
    rows, columns = cells.shape
    tall, wide = max(1, min(TALLEST, HEIGHT // max(rows, 1))), max(1, WIDTH // max(columns, 1))
    pixels = np.repeat(np.repeat(cells, tall, axis=0), wide, axis=1)
    lines = np.zeros((pixels.shape[0], pixels.shape[1] + 1), dtype=np.uint8)  # each line begins with filter 0, none
    lines[:, 1:] = pixels
    palette = b"".join(bytes.fromhex(colour.removeprefix("#")) for colour in colours)
    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", palette), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
