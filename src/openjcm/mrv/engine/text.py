"""Compiled readers of text: lines into cells, cells into exact integers and instants. No row is touched by Python.

All functions take the bytes as ``uint8`` arrays and answer with arrays and a status, because compiled code cannot
raise our refusals; the callers in ``intake_csv`` turn a status into a refusal with its place.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.engine.jit import compiled, inlined

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

OK, NUL, SHORT_ROW, LONG_ROW, OPEN_QUOTE, BAD_QUOTE, LONE_RETURN, LONG_LINE = range(8)
MAX_LINE = 1 << 20
"""Bytes of a line, its end not counted; longer ones are refused."""
VALUE_OK, VALUE_BLANK, VALUE_BAD, VALUE_NOT_WHOLE, VALUE_TOO_LARGE, VALUE_UNSEEN = range(6)
NO_OFFSET = -(2**62)
LIMIT = 9 * 10**17


@compiled
def split(  # noqa: PLR0912 - one pass over the bytes
    buffer: Bytes, size: int, delimiter: int, slots: Ints, first_row: int, starts: Ints, ends: Ints, rows: Ints
) -> tuple[int, int, int, int, int, int]:
    """Cut complete lines into cells and note where the wanted ones stand.

    ``slots[c]`` is the place of column ``c`` in ``starts``/``ends`` (places by rows) or -1. ``rows`` receives the row
    number of each line that is not empty. Every line ends with a line feed (the caller adds the last one).
    Returns (lines kept, next row number, status, row, column, byte position) with the status of the first fault.
    """
    columns = slots.shape[0]
    kept, row, at = 0, first_row, 0
    while at < size:
        column, begin = 0, at
        if buffer[at] == 10 or (buffer[at] == 13 and at + 1 < size and buffer[at + 1] == 10):
            at += 1 if buffer[at] == 10 else 2
            row += 1
            continue
        while True:
            if column >= columns:
                return kept, row, LONG_ROW, row, column, at
            start = at
            if buffer[at] == 34:
                at += 1
                start = at
                while at < size and buffer[at] != 34 and buffer[at] != 10:
                    if buffer[at] == 0:
                        return kept, row, NUL, row, column, at
                    at += 1
                if at >= size or buffer[at] == 10:
                    return kept, row, OPEN_QUOTE, row, column, start - 1
                end = at
                at += 1
                if buffer[at] != delimiter and buffer[at] != 10 and buffer[at] != 13:
                    return kept, row, BAD_QUOTE, row, column, at
            else:
                while buffer[at] != delimiter and buffer[at] != 10 and buffer[at] != 13:
                    if buffer[at] == 0:
                        return kept, row, NUL, row, column, at
                    at += 1
                end = at
            if slots[column] >= 0:
                starts[slots[column], kept] = start
                ends[slots[column], kept] = end
            column += 1
            if buffer[at] == delimiter:
                at += 1
                continue
            if buffer[at] == 13:
                at += 1
                if at >= size or buffer[at] != 10:
                    return kept, row, LONE_RETURN, row, column - 1, at - 1
            at += 1
            break
        if at - begin > MAX_LINE + 2:
            return kept, row, LONG_LINE, row, 0, begin
        if column < columns:
            return kept, row, SHORT_ROW, row, column, at - 1
        rows[kept] = row
        kept += 1
        row += 1
    return kept, row, OK, 0, 0, 0


@inlined
def _trimmed(buffer: Bytes, at: int, end: int) -> tuple[int, int]:
    """A cell without the blanks around it."""
    while at < end and buffer[at] == 32:
        at += 1
    while end > at and buffer[end - 1] == 32:
        end -= 1
    return at, end


@compiled
def _without(buffer: Bytes, at: int, end: int, suffix: Bytes) -> int:
    """Where a cell ends without its suffix and the blanks before it; its beginning where it has another or none."""
    size = suffix.shape[0]
    if end - at <= size:
        return at
    for place in range(size):
        if buffer[end - size + place] != suffix[place]:
            return at
    end -= size
    while end > at and buffer[end - 1] == 32:
        end -= 1
    return end


@compiled
def numbers(  # noqa: PLR0912, PLR0915 - one pass over the bytes
    buffer: Bytes, starts: Ints, ends: Ints, mark: int, shift: int, round_down: bool, suffix: Bytes,
    values: Ints, states: Bytes,
) -> None:  # fmt: skip
    """Decimal texts as whole numbers of 10^-shift: ``12.5`` with shift 3 is 12500. Exact, in integers.

    ``mark`` is the decimal mark, ``suffix`` the bytes that must stand behind every number (none: an empty array). A
    power of ten (``1e-05``) is read only with ``round_down``, since such a text has usually lost digits. ``states``
    says per cell whether it is a value, blank, not a number, not whole or too large.
    """
    for index in range(starts.shape[0]):
        at, end = _trimmed(buffer, starts[index], ends[index])
        values[index] = 0
        if at == end:
            states[index] = VALUE_BLANK
            continue
        if suffix.shape[0]:
            end = _without(buffer, at, end, suffix)
        negative = buffer[at] == 45
        if buffer[at] == 45 or buffer[at] == 43:
            at += 1
        digits, total, places, seen_mark, bad, large, dropped = 0, 0, 0, False, False, False, False
        power, power_sign = 0, 1
        while at < end:
            sign = buffer[at]
            if 48 <= sign <= 57:
                digits += 1
                if total >= LIMIT // 10:
                    # Past the range: zeros after the mark say nothing, anything else does.
                    if not seen_mark:
                        large = True
                    elif sign != 48:
                        dropped = True
                else:
                    total = total * 10 + (sign - 48)
                    places += 1 if seen_mark else 0
            elif sign == mark and not seen_mark:
                seen_mark = True
            elif sign in (69, 101) and round_down and digits > 0:
                at += 1
                if at < end and (buffer[at] == 45 or buffer[at] == 43):
                    power_sign = -1 if buffer[at] == 45 else 1
                    at += 1
                if at == end:
                    bad = True
                while at < end:
                    if not 48 <= buffer[at] <= 57 or power > 400:
                        bad = True
                        break
                    power = power * 10 + (buffer[at] - 48)
                    at += 1
                break
            else:
                bad = True
                break
            at += 1
        if bad or digits == 0:
            states[index] = VALUE_BAD
            continue
        step = shift - places + power_sign * power
        while step > 0 and total != 0 and not large:
            large = total >= LIMIT // 10
            total *= 10
            step -= 1
        whole = not dropped
        while step < 0 and total != 0:
            whole = whole and total % 10 == 0
            total //= 10
            step += 1
        if large:
            states[index] = VALUE_TOO_LARGE
        elif not whole and not round_down:
            states[index] = VALUE_NOT_WHOLE
        else:
            values[index] = -(total + (0 if whole else 1)) if negative else total
            states[index] = VALUE_OK


YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, FRACTION, OFFSET, HOUR12, HALF, MONTH_NAME, YEAR2 = range(1, 13)
LITERAL = 1000
"""A sign of the time format itself is coded as LITERAL + its byte."""
_MONTHS = np.frombuffer(b"janfebmaraprmayjunjulaugsepoctnovdec", dtype=np.uint8)
_HALVES = np.frombuffer("午前午後".encode(), dtype=np.uint8)


@compiled
def _days(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 in the Gregorian calendar (the civil-from-days arithmetic in whole numbers)."""
    shifted = year - 1 if month <= 2 else year
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


@compiled
def _month_days(year: int, month: int) -> int:
    if month == 2:
        return 29 if (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 else 28
    return 30 if month in (4, 6, 9, 11) else 31


@compiled
def _offset(buffer: Bytes, at: int, end: int) -> tuple[int, int]:
    """A stated offset from UTC (``Z``, ``+09:00``, ``-0330``) in seconds, and where it ends; -1 where it is none."""
    if at < end and buffer[at] == 90:
        return 0, at + 1
    sign = 0
    if at < end and (buffer[at] == 43 or buffer[at] == 45):
        sign = 1 if buffer[at] == 43 else -1
    at += 1
    hours, minutes, digits = 0, 0, 0
    while at < end and digits < 4 and (48 <= buffer[at] <= 57 or (buffer[at] == 58 and digits == 2)):
        if buffer[at] != 58:
            if digits < 2:
                hours = hours * 10 + (buffer[at] - 48)
            else:
                minutes = minutes * 10 + (buffer[at] - 48)
            digits += 1
        at += 1
    good = sign != 0 and digits in (2, 4) and hours <= 14 and minutes < 60
    return sign * (hours * 3600 + minutes * 60), at if good else -1


@compiled
def _half(buffer: Bytes, at: int, end: int) -> tuple[int, int]:
    """Half of the day (0 before noon, 1 after) written AM, p.m. or 午後, and where it ends; -1 where it is none."""
    if end - at >= 6 and buffer[at] == _HALVES[0]:
        for half in range(2):
            same = True
            for place in range(6):
                same = same and buffer[at + place] == _HALVES[6 * half + place]
            if same:
                return half, at + 6
        return 0, -1
    letter = buffer[at] | 32 if at < end else 0
    at += 1
    if at < end and buffer[at] == 46:
        at += 1
    if letter not in (97, 112) or at >= end or (buffer[at] | 32) != 109:
        return 0, -1
    at += 1
    if at < end and buffer[at] == 46:
        at += 1
    return (1 if letter == 112 else 0), at


@compiled
def _month_name(buffer: Bytes, at: int, end: int) -> tuple[int, int]:
    """A month by the first three letters of its English name, and where they end; -1 where they are none."""
    if end - at >= 3:
        for month in range(12):
            same = True
            for place in range(3):
                same = same and (buffer[at + place] | 32) == _MONTHS[3 * month + place]
            if same:
                return month + 1, at + 3
    return 0, -1


@compiled
def times(buffer: Bytes, starts: Ints, ends: Ints, codes: Ints, local_us: Ints, offset_s: Ints, states: Bytes) -> None:
    """Texts of times by a coded format: microseconds since 1970-01-01 on the file's own clock, and the stated offset.

    Month, day and hour may have one or two digits, minute and second two, the year four (or two: 2000 to 2099).
    ``offset_s`` stays ``NO_OFFSET`` where the format has none. 24:00 and second 60 are not times.
    """
    part = np.zeros(YEAR2 + 1, dtype=np.int64)
    for index in range(starts.shape[0]):
        at, end = _trimmed(buffer, starts[index], ends[index])
        local_us[index] = 0
        offset_s[index] = NO_OFFSET
        if at == end:
            states[index] = VALUE_BLANK
            continue
        part[:] = 0
        part[HALF] = part[YEAR] = -1
        for code in codes:
            if code >= LITERAL:
                at = at + 1 if at < end and buffer[at] == code - LITERAL else -1
            elif code == OFFSET:
                offset_s[index], at = _offset(buffer, at, end)
            elif code == HALF:
                part[HALF], at = _half(buffer, at, end)
            elif code == MONTH_NAME:
                part[MONTH], at = _month_name(buffer, at, end)
            else:
                least = 4 if code == YEAR else (2 if code in (MINUTE, SECOND, YEAR2) else 1)
                most = 4 if code == YEAR else (6 if code == FRACTION else 2)
                number, digits = 0, 0
                while at < end and digits < most and 48 <= buffer[at] <= 57:
                    number = number * 10 + (buffer[at] - 48)
                    digits += 1
                    at += 1
                part[code] = number * 10 ** (6 - digits) if code == FRACTION else number
                at = at if digits >= least else -1
            if at < 0:
                break
        if at != end or not _to_local(part, local_us, index):
            local_us[index] = 0
            states[index] = VALUE_BAD
            continue
        states[index] = VALUE_OK


@inlined
def _two(buffer: Bytes, at: int) -> int:
    """The number of two digits; far above any part of a time where one of them is none."""
    tens, ones = buffer[at] - 48, buffer[at + 1] - 48
    return tens * 10 + ones if 0 <= tens <= 9 and 0 <= ones <= 9 else 100_000


@compiled
def fixed_times(
    buffer: Bytes, starts: Ints, ends: Ints, literals: Bytes, places: Ints, local_us: Ints, states: Bytes
) -> None:
    """Times written in full width (``2022-06-01 00:15``), which most are: no sign is looked for, each has its place.

    ``literals`` are the format's own signs at their places and 0 at all others, ``places`` where year, month, day,
    hour, minute and second stand (-1: nowhere). What does not fit is left to ``times``, with ``VALUE_UNSEEN``.
    """
    width, part = literals.shape[0], np.zeros(6, dtype=np.int64)
    last, days = -1, 0
    for index in range(starts.shape[0]):
        at = starts[index]
        states[index] = VALUE_UNSEEN
        if ends[index] - at != width:
            continue
        good = True
        for place in range(width):
            good = good and (literals[place] == 0 or literals[place] == buffer[at + place])
        century = _two(buffer, at + places[0])
        part[0] = century * 100 + _two(buffer, at + places[0] + 2)
        good = good and part[0] <= 2400 and century >= 16
        for number in range(1, 6):
            part[number] = _two(buffer, at + places[number]) if places[number] >= 0 else 0
        date = (part[0] * 100 + part[1]) * 100 + part[2]
        if not good or part[3] > 23 or part[4] > 59 or part[5] > 59:
            continue
        if date != last:
            if not 1 <= part[1] <= 12 or not 1 <= part[2] <= _month_days(part[0], part[1]):
                continue
            last, days = date, _days(part[0], part[1], part[2])
        local_us[index] = (days * 86_400 + part[3] * 3600 + part[4] * 60 + part[5]) * 1_000_000
        states[index] = VALUE_OK


@compiled
def _to_local(part: Ints, local_us: Ints, index: int) -> bool:
    """Microseconds of the parts of a time; whether they are a time."""
    year = part[YEAR] if part[YEAR] >= 0 else 2000 + part[YEAR2]
    month, day, hour = part[MONTH], part[DAY], part[HOUR]
    if part[HALF] >= 0:
        if not 1 <= part[HOUR12] <= 12:
            return False
        hour = part[HOUR12] % 12 + 12 * part[HALF]
    if not (1600 <= year <= 2400 and 1 <= month <= 12 and 1 <= day <= _month_days(year, month)):
        return False
    if hour > 23 or part[MINUTE] > 59 or part[SECOND] > 59:
        return False
    seconds = _days(year, month, day) * 86_400 + hour * 3600 + part[MINUTE] * 60 + part[SECOND]
    local_us[index] = seconds * 1_000_000 + part[FRACTION]
    return True


@compiled
def join(
    buffer: Bytes, first: Ints, first_end: Ints, second: Ints, second_end: Ints, offsets: Ints, out: Bytes
) -> None:
    """Pairs of cells, each pair as one text with a blank between; ``offsets`` says where each begins in ``out``."""
    for index in range(first.shape[0]):
        place = offsets[index]
        for at in range(first[index], first_end[index]):
            out[place] = buffer[at]
            place += 1
        out[place] = 32
        place += 1
        for at in range(second[index], second_end[index]):
            out[place] = buffer[at]
            place += 1


@compiled
def runs(buffer: Bytes, starts: Ints, ends: Ints, heads: Ints) -> int:
    """Where a cell differs from the one before it: the places in ``heads``, and how many there are."""
    count = 0
    for index in range(starts.shape[0]):
        size = ends[index] - starts[index]
        same = index > 0 and size == ends[index - 1] - starts[index - 1]
        place = 0
        while same and place < size:
            same = buffer[starts[index] + place] == buffer[starts[index - 1] + place]
            place += 1
        if not same:
            heads[count] = index
            count += 1
    return count


@compiled
def lines(buffer: Bytes) -> int:
    """How many lines end here."""
    count = 0
    for sign in buffer:
        count += sign == 10
    return count


@compiled
def gather(buffer: Bytes, starts: Ints, ends: Ints, offsets: Ints, out: Bytes) -> None:
    """Copy cells one after another into ``out``; ``offsets`` (one longer than the cells) says where each begins."""
    for index in range(starts.shape[0]):
        place = offsets[index]
        for at in range(starts[index], ends[index]):
            out[place] = buffer[at]
            place += 1


@compiled
def utf8_lines(buffer: Bytes, size: int) -> tuple[int, int, int, int]:
    """Where lines stand that are surely UTF-8 and lines that are surely not.

    Returns (row index of the first line with a valid three-byte sequence and nothing invalid, its byte position,
    row index of the first line that is not UTF-8, position of the offending byte); -1 where there is none.
    """
    row, good_row, good_at, bad_row, bad_at = 0, -1, -1, -1, -1
    at = 0
    while at < size:
        line_start, long_sequences, line_bad = at, 0, -1
        while at < size and buffer[at] != 10:
            lead = buffer[at]
            if lead < 128:
                at += 1
                continue
            length = 2 if 194 <= lead <= 223 else (3 if 224 <= lead <= 239 else (4 if 240 <= lead <= 244 else 0))
            valid = length > 0 and at + length <= size
            if valid:
                for step in range(1, length):
                    follow = buffer[at + step]
                    low = 160 if step == 1 and lead == 224 else (144 if step == 1 and lead == 240 else 128)
                    high = 159 if step == 1 and lead == 237 else (143 if step == 1 and lead == 244 else 191)
                    valid = valid and low <= follow <= high
            if not valid:
                if line_bad < 0:
                    line_bad = at
                at += 1
                continue
            long_sequences += 1 if length >= 3 else 0
            at += length
        if line_bad >= 0 and bad_row < 0:
            bad_row, bad_at = row, line_bad
        if line_bad < 0 and long_sequences > 0 and good_row < 0:
            good_row, good_at = row, line_start
        at += 1
        row += 1
    return good_row, good_at, bad_row, bad_at


def as_bytes(data: bytes | bytearray | memoryview) -> Any:
    """The bytes as an array of ``uint8`` without copying."""
    return np.frombuffer(data, dtype=np.uint8)
