"""Instants from what a file says: time formats, time zones with daylight saving, and the local days of a period.

The rules of a zone come from the IANA data that Python ships (package ``tzdata``), so every machine with the same
lock file gives the same instants. A local time that occurs twice or never is *doubtful*: it is refused or left out by
a named rule of the mapping, never put on one side.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from openjcm.mrv.zones import zone_of
from openjcm.refusals import refusal

Ints = NDArray[np.int64]
MICRO = 1_000_000
DAY_US = 86_400 * MICRO
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - UTC, which is written as Z

UNKNOWN_TIME_FORMAT = refusal(
    "unknown_time_format",
    en="“{time_format}” is not a time format that we can read: {why}.",
    ja="「{time_format}」は読み取れない時刻の書式です: {why}。",
    remedy_en="Write the format with %Y %y %m %b %d %H %I %p %M %S %f %z, each once, and the signs between them, for "
    "example %Y-%m-%d %H:%M or %m/%d/%Y %I:%M %p; or excel_serial, excel_serial_1904, epoch_seconds, "
    "epoch_milliseconds.",
    remedy_ja="書式は %Y %y %m %b %d %H %I %p %M %S %f %z (それぞれ 1 回) と区切りの記号で書いてください "
    "(例: %Y-%m-%d %H:%M、%m/%d/%Y %I:%M %p)。"
    "excel_serial、excel_serial_1904、epoch_seconds、epoch_milliseconds も使えます。",
    clause="OpenJCM: the form of a time is stated, never guessed",
)
WHOLE_FORMATS = ("excel_serial", "excel_serial_1904", "epoch_seconds", "epoch_milliseconds")
NATIVE_FORMAT = "native"
"""Times that the file holds as times (Parquet timestamps, Excel date cells)."""
SERIAL_DAYS = {"excel_serial": 25_569, "excel_serial_1904": 24_107}
"""Day numbers of a spreadsheet, and the one of 1970-01-01: in the 1900 system and in the 1904 system."""
_CODES = {"Y": 1, "m": 2, "d": 3, "H": 4, "M": 5, "S": 6, "f": 7, "z": 8, "I": 9, "p": 10, "b": 11, "y": 12}
_NEEDED = ("Yy", "mb", "d")
_TOGETHER = ("HI", "Yy", "mb")


@lru_cache(maxsize=256)
def format_codes(time_format: str) -> tuple[int, ...]:
    """A time format as codes for the compiled reader.

    Raises:
        Refused: ``unknown_time_format`` for an unknown sign, a repeated one, a format without year, month or day, or
            one that says the same twice (%H with %I) or half (%I without %p).
    """
    codes: list[int] = []
    at = 0
    while at < len(time_format):
        sign = time_format[at]
        if sign == "%":
            letter = time_format[at + 1 : at + 2]
            if letter not in _CODES or _CODES[letter] in codes:
                raise UNKNOWN_TIME_FORMAT(time_format=time_format, why=f"%{letter}")
            codes.append(_CODES[letter])
            at += 2
            continue
        codes += [1000 + byte for byte in sign.encode()]
        at += 1
    held = {letter for letter, code in _CODES.items() if code in codes}
    missing = [f"%{letters[0]}" for letters in _NEEDED if not held & set(letters)]
    twice = [f"%{letters[0]} %{letters[1]}" for letters in _TOGETHER if set(letters) <= held]
    halves = ["%I %p"] if len(held & {"I", "p"}) == 1 else []
    if missing or twice or halves:
        raise UNKNOWN_TIME_FORMAT(time_format=time_format, why=", ".join(missing + twice + halves))
    return tuple(codes)


@dataclass(frozen=True)
class Transitions:
    """The offsets of a zone over some years: ``offsets[k]`` seconds holds from ``instants[k-1]`` (UTC seconds)."""

    instants: Ints
    offsets: Ints

    def to_utc(self, local_us: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """Instants of local times in microseconds, and which of them are doubtful (occur twice or never)."""
        if not len(self.instants):
            return local_us - self.offsets[0] * MICRO, np.zeros(len(local_us), dtype=np.bool_)
        after, before = self.instants + self.offsets[1:], self.instants + self.offsets[:-1]
        settled, open_from = np.maximum(after, before) * MICRO, np.minimum(after, before) * MICRO
        passed = np.searchsorted(settled, local_us, side="right")
        following = np.minimum(passed, len(settled) - 1)
        doubtful = (passed < len(settled)) & (local_us >= open_from[following])
        return local_us - self.offsets[passed] * MICRO, doubtful

    def offset_at(self, utc_us: Ints) -> Ints:
        """The zone's offset in seconds at instants in UTC microseconds."""
        found: Ints = self.offsets[np.searchsorted(self.instants * MICRO, utc_us, side="right")]
        return found


def _offset_s(zone: tzinfo, utc_s: int) -> int:
    moment = datetime.fromtimestamp(utc_s, UTC).astimezone(zone)
    return int((moment.utcoffset() or timedelta()).total_seconds())


@lru_cache(maxsize=64)
def transitions(name: str, first_year: int, last_year: int) -> Transitions:
    """The changes of a zone's offset in some years, found day by day and then to the second."""
    zone = zone_of(name)
    start = int(datetime(max(first_year, 2) - 1, 12, 30, tzinfo=UTC).timestamp())
    end = int(datetime(min(last_year, 9997) + 1, 1, 3, tzinfo=UTC).timestamp())
    instants: list[int] = []
    offsets = [_offset_s(zone, start)]
    step = 86_400 if not isinstance(zone, timezone) else end - start
    for day in range(start, end, step):
        following = _offset_s(zone, day + step)
        if following == offsets[-1]:
            continue
        low, high = day, day + step
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _offset_s(zone, middle) == offsets[-1] else (low, middle)
        instants.append(high)
        offsets.append(following)
    return Transitions(np.array(instants, dtype=np.int64), np.array(offsets, dtype=np.int64))


def _year(us: int) -> int:
    return 1970 + int(us // (DAY_US * 146097 // 400))


def to_utc(name: str, local_us: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Instants of a zone's local times (microseconds), and which are doubtful."""
    if not len(local_us):
        return local_us, np.zeros(0, dtype=np.bool_)
    return transitions(name, _year(int(local_us.min())), _year(int(local_us.max()))).to_utc(local_us)


def offsets_at(name: str, utc_us: Ints) -> Ints:
    """The offsets of a zone in seconds at instants in UTC microseconds."""
    if not len(utc_us):
        return utc_us
    return transitions(name, _year(int(utc_us.min())), _year(int(utc_us.max()))).offset_at(utc_us)


@lru_cache(maxsize=32)
def day_starts(first: date, last: date, zone_name: str) -> tuple[tuple[date, ...], Ints]:
    """The local days from ``first`` to ``last`` inclusive and the UTC microseconds at which each begins.

    One more instant than days is given: the end of the last day. Where daylight saving skips midnight, the day begins
    with its first existing instant.
    """
    zone = zone_of(zone_name)
    days = tuple(first + timedelta(days=number) for number in range((last - first).days + 1))
    begins = [datetime(day.year, day.month, day.day, tzinfo=zone) for day in (*days, last + timedelta(days=1))]
    return days, np.array([int(moment.timestamp()) * MICRO for moment in begins], dtype=np.int64)


def instant_text(utc_us: int) -> str:
    """An instant as text in UTC, to the second where nothing is smaller: ``2018-09-19T05:15:00Z``."""
    return f"{(EPOCH + timedelta(microseconds=utc_us)).isoformat()}Z"
