"""Cells of any table as exact integers, with a state each: the same rules for text files, workbooks and Parquet texts.

A cell is a value, blank, not a number or time, not whole, or too large (``VALUE_OK`` and so on in
:mod:`openjcm.mrv.engine.text`). Nothing is refused here: who knows the place of a cell refuses it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from openjcm.mrv.intake_time import SERIAL_DAYS, WHOLE_FORMATS, format_codes
from openjcm.mrv.mapping import Mapping

Ints = NDArray[np.int64]
States = NDArray[np.uint8]
Bytes = NDArray[np.uint8]
Cells = tuple[Bytes, Ints, Ints]
"""Texts: the bytes they stand in, and where each begins and ends."""
LARGEST = 9 * 10**17
"""No meter shows more of its least units."""
NO_OFFSET = -(2**62)
"""The offset of a time that states none."""
NO_SUFFIX = np.zeros(0, dtype=np.uint8)


@dataclass
class Raw:
    """Some rows of a file as exact integers with a state per cell, before anything is refused.

    ``local_us`` is on the file's own clock, ``offset_s`` the offset that the time itself states (``NO_OFFSET``: none).
    ``values`` holds, per value column of the mapping, (whole least units, states). ``meters`` the meter's text per row
    or ``None``; ``keep`` the rows that pass the row filter, or ``None`` for all. ``text`` gives a cell as it stands.
    ``columns`` are the value columns that these rows hold where that is not all of the mapping's, ``status`` what the
    file says of each row (its place in ``readings.STATUSES``), ``notes`` further (what, meter, rows) to tell of.
    """

    rows: Ints
    local_us: Ints
    offset_s: Ints
    time_states: States
    values: list[tuple[Ints, States]]
    meters: pa.Array | None
    keep: NDArray[np.bool_] | None
    text: Callable[[str, int], str]
    sheet: str = "–"
    columns: tuple[tuple[str, str], ...] | None = None
    status: States | None = None
    notes: tuple[tuple[str, str, Ints], ...] = ()


def parse_times(cells: Cells, time_format: str, decimal_mark: str | None = None) -> tuple[Ints, Ints, States]:
    """Texts of times as microseconds on the file's clock, stated offsets, and states."""
    from openjcm.mrv.engine import text as engine

    buffer, starts, ends = cells
    local_us, states = np.empty(len(starts), dtype=np.int64), np.empty(len(starts), dtype=np.uint8)
    offset_s = np.full(len(starts), engine.NO_OFFSET, dtype=np.int64)
    if time_format in WHOLE_FORMATS:
        serial = time_format in SERIAL_DAYS
        shift = 10 if serial else (6 if time_format == "epoch_seconds" else 3)
        engine.numbers(buffer, starts, ends, ord(decimal_mark or "."), shift, serial, NO_SUFFIX, local_us, states)
        if serial:
            local_us = serial_us(local_us / 1e10, time_format)
        else:
            offset_s[:] = 0
        states[(states > 1)] = engine.VALUE_BAD
        states[(states == 0) & (np.abs(local_us) > 13_000_000_000 * 1_000_000)] = engine.VALUE_BAD
        return local_us, offset_s, states
    codes = format_codes(time_format)
    literals, places = _full_width(codes)
    rest: Ints | slice = slice(None)
    if len(literals):
        engine.fixed_times(buffer, starts, ends, literals, places, local_us, states)
        rest = np.flatnonzero(states == engine.VALUE_UNSEEN)
    found = local_us[rest], offset_s[rest], states[rest]
    engine.times(buffer, starts[rest], ends[rest], np.array(codes, dtype=np.int64), *found)
    local_us[rest], offset_s[rest], states[rest] = found
    return local_us, offset_s, states


@lru_cache(maxsize=64)
def _full_width(codes: tuple[int, ...]) -> tuple[Bytes, Ints]:
    """The signs and places of a time written in full width; no signs for a format that has no such form."""
    from openjcm.mrv.engine import text as engine

    known = (engine.YEAR, engine.MONTH, engine.DAY, engine.HOUR, engine.MINUTE, engine.SECOND)
    signs: list[int] = []
    places = np.full(len(known), -1, dtype=np.int64)
    for code in codes:
        if code in known:
            places[known.index(code)] = len(signs)
            signs += [0] * (4 if code == engine.YEAR else 2)
        elif code >= engine.LITERAL:
            signs.append(code - engine.LITERAL)
        else:
            return NO_SUFFIX, places
    return (np.array(signs, dtype=np.uint8), places) if places[:3].min() >= 0 else (NO_SUFFIX, places)


def serial_us(days: NDArray[np.float64], time_format: str) -> Ints:
    """Excel's day numbers (1900 or 1904 system) as microseconds since 1970, rounded to the millisecond.

    The day number is a binary fraction that carries a time of day to about a microsecond; the millisecond is what a
    spreadsheet shows. Time only: no energy is computed from it in floating point.
    """
    whole = np.floor(days)
    milliseconds = np.rint((days - whole) * 86_400_000).astype(np.int64)
    result: Ints = ((whole.astype(np.int64) - SERIAL_DAYS[time_format]) * 86_400_000 + milliseconds) * 1000
    return result


def parse_numbers(cells: Cells, mapping: Mapping, *, places: int | None = None) -> tuple[Ints, States]:
    """Texts of numbers as whole least units, and states; with ``places``, as whole 10^-places of the unit instead."""
    from openjcm.mrv.engine import text as engine

    buffer, starts, ends = cells
    values, states = np.empty(len(starts), dtype=np.int64), np.empty(len(starts), dtype=np.uint8)
    fine = mapping.fine_places()
    shift = mapping.shift + fine if places is None else places
    suffix = np.frombuffer((mapping.value_suffix or "").strip().encode(), dtype=np.uint8)
    mark = ord(mapping.decimal_mark or ".")
    engine.numbers(buffer, starts, ends, mark, shift, mapping.rounding is not None, suffix, values, states)
    return multiplied(values, states, mapping, fine) if places is None else (values, states)


def multiplied(values: Ints, states: States, mapping: Mapping, fine: int) -> tuple[Ints, States]:
    """Values with some fine places, times the mapping's multiplier: whole least units, or not whole, or too large."""
    from openjcm.mrv.engine import text as engine

    if mapping.factor == 1:
        return values, states
    top, under = mapping.factor.numerator, mapping.factor.denominator * 10**fine
    large = np.abs(values) > LARGEST // top
    steps, rest = np.divmod(np.where(large, 0, values) * top, under)
    states = states.copy()
    states[large & (states == engine.VALUE_OK)] = engine.VALUE_TOO_LARGE
    if mapping.rounding is None:
        states[(rest != 0) & (states == engine.VALUE_OK)] = engine.VALUE_NOT_WHOLE
    return np.where(states == engine.VALUE_OK, steps, 0), states


def joined_cells(first: Cells, second: Cells) -> Cells:
    """Pairs of cells, each as one text with a blank between."""
    from openjcm.mrv.engine import text as engine

    ends = np.cumsum(first[2] - first[1] + second[2] - second[1] + 1)
    starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1]])[: len(ends)]
    out = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    if first[0] is not second[0]:
        second = (np.concatenate([first[0], second[0]]), second[1] + len(first[0]), second[2] + len(first[0]))
    engine.join(second[0], *first[1:], *second[1:], starts, out)
    # Two blank cells are one blank time, not a lone blank.
    blank = (first[1] == first[2]) & (second[1] == second[2])
    return out, starts, np.where(blank, starts, ends)


def repeated_texts(cells: Cells) -> pa.DictionaryArray:
    """Cells as a dictionary of texts without blanks around them: quick where a text stands in many rows running."""
    from openjcm.mrv.engine import text as engine

    buffer, starts, ends = cells
    heads = np.empty(len(starts), dtype=np.int64)
    heads = heads[: engine.runs(buffer, starts, ends, heads)]
    texts = text_array((buffer, starts[heads], ends[heads])).dictionary_encode()
    lengths = np.diff(np.append(heads, len(starts)))
    codes = np.repeat(texts.indices.to_numpy(zero_copy_only=False), lengths).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(codes), texts.dictionary.cast(pa.string()))


def text_array(cells: Cells) -> pa.Array:
    """Cells as an Arrow array of strings, without blanks around them."""
    from openjcm.mrv.engine import text as engine

    buffer, starts, ends = cells
    offsets = np.zeros(len(starts) + 1, dtype=np.int64)
    np.cumsum(ends - starts, out=offsets[1:])
    out = np.empty(int(offsets[-1]), dtype=np.uint8)
    engine.gather(buffer, starts, ends, offsets, out)
    array = pa.LargeStringArray.from_buffers(len(starts), pa.py_buffer(offsets), pa.py_buffer(out))
    return pa.compute.utf8_trim_whitespace(array)


def equal_to(array: pa.Array, text: str) -> NDArray[np.bool_]:
    """Which texts are this one."""
    mask: NDArray[np.bool_] = np.asarray(pa.compute.fill_null(pa.compute.equal(array, text), False))
    return mask
