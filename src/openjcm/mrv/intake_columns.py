"""Columns that already hold numbers and times (Parquet, Excel cells) as exact integers.

A logger's binary floating-point number is taken as the decimal that it was written for: ``2.8154`` stored in binary is
the double nearest to 28,154 steps of 0.0001, so with a least unit of 0.1 W it *is* 28,154. Whole steps n are accepted
where the double nearest to n steps is the stored double; all else is not whole, and is refused or, by the named rule,
cut down to the largest n whose nearest double is not above the stored one.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from openjcm.mrv.intake_cells import (
    LARGEST,
    Cells,
    Ints,
    States,
    joined_cells,
    multiplied,
    parse_numbers,
    parse_times,
    serial_us,
)
from openjcm.mrv.intake_time import SERIAL_DAYS, offsets_at
from openjcm.mrv.mapping import Mapping

EXACT_FLOAT = 2**53
FINE_FLOAT = 3
"""Places below the least unit that are read of a binary number before it is multiplied and cut down."""


def floats_to_least(values: NDArray[np.floating], shift: int, round_down: bool) -> tuple[Ints, States]:
    """Binary numbers as whole least units (see the module's text). Not-a-number is blank, infinity is no number."""
    from openjcm.mrv.engine import text as engine

    scale = values.dtype.type(10 ** abs(shift))
    finite = np.isfinite(values)
    with np.errstate(over="ignore", invalid="ignore"):
        known = np.where(finite, values, values.dtype.type(0))
        # The steps are counted in double precision; the comparison below is made in the column's own precision.
        steps = np.rint(known.astype(np.float64) * (10.0**shift if shift >= 0 else 1 / 10.0**-shift))
        large = np.abs(steps) >= EXACT_FLOAT
        steps = np.where(large, 0.0, steps)

        def back(count: NDArray[np.float64]) -> NDArray[np.floating]:
            exact = count / 10.0**shift if shift >= 0 else count * 10.0**-shift
            return exact.astype(values.dtype)

        whole = back(steps) == known
        if round_down:
            steps = np.where(~whole & (back(steps) > known), steps - 1, steps)
    del scale
    states = np.full(len(values), engine.VALUE_OK, dtype=np.uint8)
    if not round_down:
        states[~whole] = engine.VALUE_NOT_WHOLE
    states[large] = engine.VALUE_TOO_LARGE
    states[np.isinf(values)] = engine.VALUE_BAD
    states[np.isnan(values)] = engine.VALUE_BLANK
    return steps.astype(np.int64), states


def whole_to_least(values: Ints, shift: int, round_down: bool) -> tuple[Ints, States]:
    """Whole numbers of the file's unit as whole least units."""
    from openjcm.mrv.engine import text as engine

    states = np.full(len(values), engine.VALUE_OK, dtype=np.uint8)
    factor = 10 ** min(abs(shift), 18)
    if shift >= 0:
        large = np.abs(values) > LARGEST // factor
        states[large] = engine.VALUE_TOO_LARGE
        return np.where(large, 0, values) * factor, states
    steps, rest = np.divmod(values, factor)
    if not round_down:
        states[rest != 0] = engine.VALUE_NOT_WHOLE
    return steps, states


def _text_column(array: pa.Array) -> Cells:
    """An Arrow array of texts as bytes with the start and end of each; a null is an empty text."""
    filled = pc.fill_null(array.cast(pa.large_string()), "")
    _, offsets, data = filled.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[filled.offset : filled.offset + len(filled) + 1]
    buffer = np.frombuffer(data, dtype=np.uint8) if data is not None and data.size else np.zeros(1, dtype=np.uint8)
    return buffer, np.ascontiguousarray(bounds[:-1]), np.ascontiguousarray(bounds[1:])


def number_column(array: pa.Array, mapping: Mapping) -> tuple[Ints, States] | None:
    """A column of numbers or of their texts as whole least units and states; ``None`` for any other type."""
    from openjcm.mrv.engine import text as engine

    round_down, fine = mapping.rounding is not None, mapping.fine_places(FINE_FLOAT)
    shift = mapping.shift + fine
    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.cast(kind.value_type), kind.value_type
    if pa.types.is_floating(kind) and not pa.types.is_float16(kind):
        values = pc.fill_null(array, float("nan")).to_numpy(zero_copy_only=False)
        return multiplied(*floats_to_least(values, shift, round_down), mapping, fine)
    if pa.types.is_integer(kind) and not pa.types.is_uint64(kind):
        blank = np.asarray(array.is_null())
        steps, states = whole_to_least(
            pc.fill_null(array, 0).cast(pa.int64()).to_numpy(zero_copy_only=False), shift, round_down
        )
        states[blank] = engine.VALUE_BLANK
        return multiplied(steps, states, mapping, fine)
    if pa.types.is_decimal(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return parse_numbers(_text_column(array), mapping)
    return None


def time_column(array: pa.Array, mapping: Mapping, clock: pa.Array | None = None) -> tuple[Ints, Ints, States] | None:
    """A column of times as microseconds on the file's clock, stated offsets and states; ``None`` for any other type.

    ``clock`` is the column of the time of day where it stands apart: texts beside texts, or times beside dates.
    """
    from openjcm.mrv.engine import text as engine

    if clock is not None and not _is_text(clock.type):
        day = time_column(array, mapping)
        if day is None or not (pa.types.is_time(clock.type) and pa.types.is_date(array.type)):
            return None
        of_day = clock.cast(pa.time64("us"), safe=False).cast(pa.int64())
        day[2][np.asarray(of_day.is_null())] = engine.VALUE_BLANK
        return day[0] + pc.fill_null(of_day, 0).to_numpy(zero_copy_only=False), day[1], day[2]
    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.cast(kind.value_type), kind.value_type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        blank = np.asarray(array.is_null())
        utc = pc.fill_null(array.cast(pa.timestamp("us"), safe=False).cast(pa.int64()), 0)
        local_us = np.array(utc.to_numpy(zero_copy_only=False), dtype=np.int64)
        offset_s = np.full(len(local_us), engine.NO_OFFSET, dtype=np.int64)
        states = np.where(blank, engine.VALUE_BLANK, engine.VALUE_OK).astype(np.uint8)
        outside = np.abs(local_us) > 13_000_000_000 * 1_000_000
        states[outside & ~blank] = engine.VALUE_BAD
        local_us[outside] = 0
        zone = getattr(kind, "tz", None)
        if zone:
            offset_s = offsets_at("+00:00" if zone in {"UTC", "Etc/UTC"} else zone, local_us).copy()
            local_us = local_us + offset_s * 1_000_000
        return local_us, offset_s, states
    if pa.types.is_integer(kind):
        array = array.cast(pa.string())
    elif not _is_text(kind):
        return None
    cells = _text_column(array)
    if clock is not None:
        cells = joined_cells(cells, _text_column(clock))
    return parse_times(cells, mapping.time_format or "", mapping.decimal_mark)


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


Cell = int | float | str | bool | time | date | datetime | timedelta


def cell_text(cell: Cell) -> str:
    """A spreadsheet cell as text; a whole number without a point."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT_FLOAT:
        return str(int(cell))
    return str(cell)


def _texts(cells: list[Cell]) -> Cells:
    return _text_column(pa.array([cell_text(cell) for cell in cells], type=pa.large_string()))


def number_cells(cells: list[Cell], mapping: Mapping) -> tuple[Ints, States]:
    """Spreadsheet cells (numbers or their texts) as whole least units and states. A cell of ``TRUE`` is no number."""
    from openjcm.mrv.engine import text as engine

    plain = [isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells]
    is_number = np.array(plain, dtype=np.bool_)
    numbers = np.array([cell if ok else 0.0 for cell, ok in zip(cells, plain, strict=True)], dtype=np.float64)
    fine = mapping.fine_places(FINE_FLOAT)
    steps, states = floats_to_least(numbers, mapping.shift + fine, mapping.rounding is not None)
    steps, states = multiplied(steps, states, mapping, fine)
    if not is_number.all():
        of_text = [cell if isinstance(cell, str) else "" for cell in cells]
        text_steps, text_states = parse_numbers(_texts(list(of_text)), mapping)
        other = np.array(
            [not ok and not isinstance(cell, str) for cell, ok in zip(cells, plain, strict=True)], dtype=np.bool_
        )
        steps, states = np.where(is_number, steps, text_steps), np.where(is_number, states, text_states)
        states[other] = engine.VALUE_BAD
    return steps, states.astype(np.uint8)


_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the clock of a spreadsheet has no zone; the mapping states it


def with_clock(day: Cell, clock: Cell) -> Cell:
    """A date cell and a time-of-day cell as one: two texts with a blank between, or a date and a time; else no time."""
    if isinstance(day, str) and isinstance(clock, str):
        return f"{day} {clock}" if day or clock else ""
    if isinstance(clock, datetime) and clock.year < 1905:
        clock = clock.time()  # the day number 0 and a fraction
    if isinstance(clock, time) and clock.tzinfo is None:
        clock = timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)
    elif isinstance(clock, int | float) and not isinstance(clock, bool) and 0 <= clock < 1:
        clock = timedelta(milliseconds=round(clock * 86_400_000))
    if isinstance(day, date) and isinstance(clock, timedelta) and timedelta() <= clock < timedelta(days=1):
        return datetime(day.year, day.month, day.day) + clock  # noqa: DTZ001 - the clock of a spreadsheet
    return False


def time_cells(cells: list[Cell], mapping: Mapping) -> tuple[Ints, Ints, States]:
    """Spreadsheet cells (dates, day numbers or texts) as microseconds on the file's clock, offsets and states."""
    from openjcm.mrv.engine import text as engine

    of_text = [cell if isinstance(cell, str) else "" for cell in cells]
    is_text = np.array([isinstance(cell, str) and bool(cell.strip()) for cell in cells], dtype=np.bool_)
    time_format = mapping.time_format or ""
    if is_text.any():
        local_us, offset_s, states = parse_times(_texts(list(of_text)), time_format, mapping.decimal_mark)
    else:
        local_us = np.zeros(len(cells), dtype=np.int64)
        offset_s = np.full(len(cells), engine.NO_OFFSET, dtype=np.int64)
        states = np.full(len(cells), engine.VALUE_BLANK, dtype=np.uint8)
    for index, cell in enumerate(cells):  # at most the 1,048,576 rows of a sheet
        if isinstance(cell, str):
            continue
        states[index] = engine.VALUE_OK
        if isinstance(cell, datetime) and cell.tzinfo is None:
            local_us[index] = (cell - _EPOCH) // timedelta(milliseconds=1) * 1000
        elif isinstance(cell, date) and not isinstance(cell, datetime):
            local_us[index] = (cell - _EPOCH.date()).days * 86_400_000_000
        elif isinstance(cell, float | int) and not isinstance(cell, bool) and time_format in SERIAL_DAYS:
            local_us[index] = int(serial_us(np.array([float(cell)]), time_format)[0]) if 61 <= cell < 200_000 else 0
            states[index] = engine.VALUE_OK if 61 <= cell < 200_000 else engine.VALUE_BAD
        else:
            states[index] = engine.VALUE_BAD
    return local_us, offset_s, states
