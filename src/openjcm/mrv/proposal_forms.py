"""A first mapping of files in formats of their own (NEM12, NEM13, Green Button): what they say of their streams."""

from __future__ import annotations

from itertools import islice

from openjcm.mrv.intake_bytes import FILE_EMPTY, Source
from openjcm.mrv.intake_green_button import NO_VALUE, ReadingType, read_feed
from openjcm.mrv.intake_nem import CURRENT, MINUTES_OF_DAY, PREVIOUS, UNIT, Stream, records, register_name
from openjcm.mrv.mapping import ENERGY_UNITS, OWN_FORMS, POWER_UNITS, Proposal, units_by_lower
from openjcm.mrv.proposal_draft import SHOWN_ROWS, Draft

RECORDS = 20_000
"""Records that are looked at."""
MARKET_CLOCKS = ("+10:00", "+08:00")
"""Eastern and western standard time, the clocks of the Australian markets; a file does not say which."""
_FIXED = ("the format fixes it", "形式で定められています")


class _Facts:
    """What the records say of one stream: unit, interval in seconds, most decimals seen."""

    def __init__(self, unit: str, seconds: int | None, kind: str) -> None:
        self.unit, self.seconds, self.kind, self.decimals = unit, seconds, kind, 0

    def see(self, texts: list[str]) -> None:
        """Values, for their decimals."""
        self.decimals = max([self.decimals, *(len(text.partition(".")[2]) for text in texts)])


def from_nem(draft: Draft, source: Source, form: str) -> Proposal:
    """The mapping of a NEM12 or NEM13 file; the clock is asked, and the stream where there are several.

    Raises:
        Refused: what ``records`` refuses.
    """
    draft.found(
        "format", form, f"its first record says {form.upper()}", f"最初のレコードが {form.upper()} を示しています"
    )
    draft.found("encoding", "utf-8", "the format is plain ASCII", "ASCII の形式です")
    streams: dict[str, _Facts] = {}
    shown: list[list[str]] = []
    stream: Stream | None = None
    for cells, line, row, kind in islice(records(source, "utf-8", form), RECORDS):
        record = cells.record(line)
        if len(shown) < SHOWN_ROWS:
            shown.append(record[:12])
        if kind == "200":
            stream = Stream.of(record, source.name, row)
            energy = "interval_power" if _named(stream.unit) in POWER_UNITS else "interval_energy"
            streams.setdefault(stream.name, _Facts(stream.unit, 60 * stream.minutes, energy))
        elif kind == "300" and stream is not None:
            streams[stream.name].see(record[2 : 2 + MINUTES_OF_DAY // stream.minutes])
        elif kind == "250" and len(record) > UNIT:
            facts = streams.setdefault(register_name(record), _Facts(record[UNIT], None, "cumulative"))
            facts.see([record[PREVIOUS], record[CURRENT]])
    if not streams:
        raise FILE_EMPTY(file=source.name)
    _streams(draft, streams)
    draft.ask("time_zone", choices=MARKET_CLOCKS)
    return draft.proposal(list(streams), shown)


def from_green_button(draft: Draft, source: Source) -> Proposal:
    """The mapping of a Green Button file.

    Raises:
        Refused: what ``read_feed`` refuses; ``meter_file_empty``.
    """
    draft.found("format", "green_button", "an Atom feed of XML", "XML の Atom フィードです")
    streams: dict[str, _Facts] = {}
    shown: list[list[str]] = []
    for name, (stated, block) in read_feed(source).streams().items():
        kind = stated or ReadingType()
        arrays = block.arrays()
        seconds = kind.interval or (int(arrays[1][0]) if len(arrays[1]) and arrays[1][0] > 0 else None)
        facts = streams[name] = _Facts(kind.unit or "", seconds, kind.kind or "")
        facts.decimals = max(-kind.power, 0)
        shown += [
            [name, *("–" if value == NO_VALUE else str(value) for value in row)]
            for row in zip(*(array[: SHOWN_ROWS - len(shown)].tolist() for array in arrays), strict=True)
        ]
    if not streams:
        raise FILE_EMPTY(file=source.name)
    _streams(draft, streams)
    return draft.proposal(list(streams), shown)


def _named(unit: str) -> str | None:
    return units_by_lower.get(unit.lower())


def _streams(draft: Draft, streams: dict[str, _Facts]) -> None:
    """The stream of active energy or power, if there is one; else it is asked which."""
    for name, value in OWN_FORMS[str(draft.fields["format"])].items():
        draft.found(name, value, *_FIXED)
    wanted = {name: facts for name, facts in streams.items() if _named(facts.unit) in {*ENERGY_UNITS, *POWER_UNITS}}
    if len(wanted) == 1:
        name = next(iter(wanted))
        why = (
            "the only stream of active energy or power; name the plan's meter",
            "有効電力量または電力の唯一の系列です。計画の計量器名を指定してください",
        )
        draft.found("value_columns", [[name, name]], *why)
    else:
        draft.ask("value_columns", choices=tuple(wanted or streams))
    alike = {(_named(facts.unit), facts.seconds, facts.kind) for facts in wanted.values()}
    unit, seconds, kind = alike.pop() if len(alike) == 1 else (None, None, "")
    if unit is None:
        for field in ("unit", "least_unit"):
            draft.ask(field)
    else:
        decimals = max(facts.decimals for facts in wanted.values())
        draft.found("unit", unit, "the file says so", "ファイルが示しています")
        least = unit if not decimals else f"0.{'0' * (decimals - 1)}1 {unit}"
        draft.found("least_unit", least, f"the values have {decimals} decimals", f"値の小数は {decimals} 桁です")
    if "kind" not in draft.fields:
        if kind:
            draft.found("kind", kind, "the file says so", "ファイルが示しています")
        else:
            draft.ask("kind")
    if seconds is not None:
        draft.found("interval_seconds", seconds, "the file says so", "ファイルが示しています")
    elif draft.fields.get("kind") != "cumulative":
        draft.ask("interval_seconds")
    en = "the file names none; state a CT or VT ratio or the weight of a pulse if the values still lack it"
    ja = "ファイルに記載がありません。変流比・変圧比・パルス定数を乗じる前の値であれば指定してください"
    draft.found("multiplier", "1", en, ja)
