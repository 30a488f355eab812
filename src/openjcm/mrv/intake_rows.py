"""Rows of a file as readings: instants in UTC, whole least units, each with its row, or refused with its place.

Chunks of a text file are worked on side by side; what is refused is the first fault of the file all the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from openjcm.mrv.intake_bytes import FILE_BOMB, Source
from openjcm.mrv.intake_cells import Ints, Raw, States
from openjcm.mrv.intake_csv import read_csv
from openjcm.mrv.intake_refusals import (
    BLANK_VALUE,
    DOUBTFUL_TIME,
    HEADER_REPEATED,
    NOT_WHOLE,
    TOO_LARGE,
    UNPARSABLE_NUMBER,
    UNPARSABLE_TIME,
    WRONG_TIME_ZONE,
    ZONE_NOT_IN_FILE,
)
from openjcm.mrv.intake_time import instant_text, offsets_at, to_utc
from openjcm.mrv.mapping import ZONE_IN_FILE, Mapping
from openjcm.refusals import Refused

WORKERS = 3
"""Chunks of a text file that are read at the same time. More threads than cores do no harm; each holds some 40 MB."""


def parts_of(source: Source, mapping: Mapping, most: int | None) -> Iterator[Part]:
    """The readings of a file, some rows at a time, in the order of the file, and not more than ``most``."""

    def read(work: Callable[[], Raw]) -> Part:
        return Part.of(work(), mapping, source.name)

    if mapping.format == "csv":
        parts = _in_order(partial(read, work) for work in read_csv(source, mapping))
    else:
        parts = (Part.of(raw, mapping, source.name) for raw in _rows(source, mapping))
    count = 0
    for part in parts:
        count += len(part.row)
        if most is not None and count > most:
            raise FILE_BOMB(file=source.name, found=f"> {most} readings", limit=f"{most} readings", place="–")
        yield part


def _rows(source: Source, mapping: Mapping) -> Iterator[Raw]:
    if mapping.format == "parquet":
        from openjcm.mrv.intake_parquet import read_parquet

        return read_parquet(source, mapping)
    if mapping.format == "excel":
        from openjcm.mrv.intake_excel import read_excel

        return read_excel(source, mapping)
    from openjcm.mrv.intake_green_button import read_green_button
    from openjcm.mrv.intake_nem import read_nem12, read_nem13

    readers = {"nem12": read_nem12, "nem13": read_nem13, "green_button": read_green_button}
    return readers[mapping.format](source, mapping)


def _in_order(work: Iterator[Callable[[], Part]]) -> Iterator[Part]:
    """The answers to pieces of work in their order, some pieces being done at the same time.

    What is refused is what would be refused one piece after the other: the first fault of the file.
    """
    waiting: deque[Future[Part]] = deque()
    fault: Refused | None = None
    with ThreadPoolExecutor(WORKERS) as pool:
        while fault is None:
            try:
                waiting.append(pool.submit(next(work)))
            except StopIteration:
                break
            except Refused as refused:
                fault = refused
            if len(waiting) > WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    if fault is not None:
        raise fault


@dataclass
class Part:
    """The readings of some rows, and the rows that became none."""

    meter: pa.Array
    t_us: Ints
    value: Ints
    row: Ints
    status: States
    left_out: list[tuple[str, str, Ints]]
    """(what, meter, rows)"""

    @classmethod
    def of(cls, raw: Raw, mapping: Mapping, file: str) -> Part:
        chosen = np.ones(len(raw.rows), dtype=np.bool_) if raw.keep is None else raw.keep
        left_out: list[tuple[str, str, Ints]] = list(raw.notes)
        good_time = _check_states(raw, raw.time_states, mapping.time_column, chosen, mapping, file)
        _leave_out(left_out, "missing_time", "", raw.rows[chosen & ~good_time])
        t_us, doubtful = _instants(raw, mapping, chosen & good_time, file)
        _leave_out(left_out, "doubtful_time", "", raw.rows[doubtful])
        usable = chosen & good_time & ~doubtful
        if raw.meters is not None:
            blank = equal_blank(raw.meters)
            _refuse_blank(raw, mapping, mapping.meter_column or "", chosen & blank, file)
            _leave_out(left_out, "missing_meter", "", raw.rows[usable & blank])
            usable &= ~blank
        meters, instants, values, rows, status = [], [], [], [], []
        for (column, meter), (numbers, states) in zip(raw.columns or mapping.value_columns, raw.values, strict=True):
            good = _check_states(raw, states, column, usable, mapping, file)
            _leave_out(left_out, "missing_value", meter if raw.meters is None else "", raw.rows[usable & ~good])
            whole = bool(usable.all()) and bool(good.all())
            picked = np.flatnonzero(usable & good)
            place = slice(None) if whole else picked
            count = len(picked)
            named = raw.meters if whole or raw.meters is None else raw.meters.take(pa.array(picked))
            meters.append(_dictionary(meter if named is None else named, count))
            instants.append(t_us[place])
            values.append(numbers[place])
            rows.append(raw.rows[place])
            status.append(raw.status[place] if raw.status is not None else np.zeros(count, dtype=np.uint8))
        joined = pa.chunked_array(meters).unify_dictionaries()
        t_us, value, row = (np.concatenate(each) for each in (instants, values, rows))
        return cls(joined, t_us, value, row, np.concatenate(status), left_out)


def _dictionary(meters: pa.Array | str, count: int) -> pa.DictionaryArray:
    if isinstance(meters, str):
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), pa.array([meters]))
    texts = meters if pa.types.is_dictionary(meters.type) else meters.dictionary_encode()
    return texts.cast(pa.dictionary(pa.int32(), pa.string()))


def equal_blank(meters: pa.Array) -> NDArray[np.bool_]:
    """Which meter cells are blank."""
    texts = meters.cast(meters.type.value_type) if pa.types.is_dictionary(meters.type) else meters
    mask: NDArray[np.bool_] = np.asarray(pc.equal(pc.fill_null(pc.utf8_trim_whitespace(texts), ""), ""))
    return mask


def _leave_out(left_out: list[tuple[str, str, Ints]], what: str, meter: str, rows: Ints) -> None:
    if len(rows):
        left_out.append((what, meter, rows))


def _check_states(
    raw: Raw, states: States, column: str, chosen: NDArray[np.bool_], mapping: Mapping, file: str
) -> NDArray[np.bool_]:
    """Which cells are values; blanks pass only where the mapping takes them as missing. Anything else is refused."""
    from openjcm.mrv.engine import text as engine

    good: NDArray[np.bool_] = states == engine.VALUE_OK
    if good.all():
        return good
    blank = states == engine.VALUE_BLANK
    if mapping.missing_texts:
        for index in np.flatnonzero(chosen & (states == engine.VALUE_BAD)):
            blank[index] = raw.text(column, int(index)).strip() in mapping.missing_texts
    _refuse_blank(raw, mapping, column, chosen & blank, file)
    wrong = np.flatnonzero(chosen & ~good & ~blank)
    if len(wrong):
        _refuse_cell(raw, mapping, column, int(wrong[0]), states, chosen, file)
    return good


def _refuse_blank(raw: Raw, mapping: Mapping, column: str, blank: NDArray[np.bool_], file: str) -> None:
    if mapping.blank == "refuse" and blank.any():
        row = int(raw.rows[np.argmax(blank)])
        raise BLANK_VALUE(file=file, sheet=raw.sheet, row=row, column=column, count=int(blank.sum()))


def _refuse_cell(
    raw: Raw, mapping: Mapping, column: str, index: int, states: States, chosen: NDArray[np.bool_], file: str
) -> None:
    from openjcm.mrv.engine import text as engine

    place = {"file": file, "sheet": raw.sheet, "row": int(raw.rows[index])}
    text = raw.text(column, index)[:80]
    state = states[index]
    if text.strip() == column:
        raise HEADER_REPEATED(**place)
    if column == mapping.time_column:
        raise UNPARSABLE_TIME(**place, column=column, text=text, time_format=mapping.time_format or "–")
    if state == engine.VALUE_NOT_WHOLE:
        count = int((chosen & (states == engine.VALUE_NOT_WHOLE)).sum())
        raise NOT_WHOLE(
            **place, column=column, text=text, unit=mapping.unit, least_unit=mapping.least_unit, count=count
        )
    if state == engine.VALUE_TOO_LARGE:
        raise TOO_LARGE(**place, column=column, text=text)
    raise UNPARSABLE_NUMBER(**place, column=column, text=text)


def _instants(raw: Raw, mapping: Mapping, chosen: NDArray[np.bool_], file: str) -> tuple[Ints, NDArray[np.bool_]]:
    """UTC microseconds of the chosen rows, and which of them are doubtful local times."""
    from openjcm.mrv.engine import text as engine

    t_us = np.zeros(len(raw.rows), dtype=np.int64)
    doubtful = np.zeros(len(raw.rows), dtype=np.bool_)
    place = np.flatnonzero(chosen)
    local, offset = raw.local_us[place], raw.offset_s[place]
    stated = offset != engine.NO_OFFSET
    if stated.any():
        t_us[place] = local - np.where(stated, offset, 0) * 1_000_000
        if mapping.time_zone != ZONE_IN_FILE:
            _check_offsets(raw, mapping, place, t_us, offset, file)
    elif mapping.time_zone == ZONE_IN_FILE:
        if len(place):
            raise ZONE_NOT_IN_FILE(
                file=file,
                sheet=raw.sheet,
                row=int(raw.rows[place[0]]),
                text=raw.text(mapping.time_column, int(place[0])),
            )
    else:
        t_us[place], unsure = to_utc(mapping.time_zone, local)
        doubtful[place] = unsure
        if unsure.any() and mapping.doubtful_times == "refuse":
            _refuse_doubtful(raw, mapping, place[unsure], t_us, file)
    t_us[place] += mapping.clock_correction_seconds * 1_000_000
    return t_us, doubtful


def _check_offsets(raw: Raw, mapping: Mapping, place: Ints, t_us: Ints, offset: Ints, file: str) -> None:
    expected = offsets_at(mapping.time_zone, t_us[place])
    wrong = np.flatnonzero(expected != offset)
    if len(wrong):
        first = int(wrong[0])
        index = int(place[first])
        raise WRONG_TIME_ZONE(
            file=file, sheet=raw.sheet, row=int(raw.rows[index]), found=int(offset[first]), zone=mapping.time_zone,
            expected=int(expected[first]), time=instant_text(int(t_us[index])),
        )  # fmt: skip


def _refuse_doubtful(raw: Raw, mapping: Mapping, which: Ints, t_us: Ints, file: str) -> None:
    index = int(which[0])
    # A local time that exists comes back from its instant; one that never occurs does not.
    utc = t_us[index : index + 1]
    exists = int(utc[0] + offsets_at(mapping.time_zone, utc)[0] * 1_000_000) == int(raw.local_us[index])
    how = "twice / 2 回あります" if exists else "never / 存在しません"
    raise DOUBTFUL_TIME(
        file=file, sheet=raw.sheet, row=int(raw.rows[index]), text=raw.text(mapping.time_column, index),
        zone=mapping.time_zone, how=how, count=len(which),
    )  # fmt: skip
