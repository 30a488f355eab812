# ruff: noqa: E501 - each sentence stands on one line, so that the two languages can be read side by side
"""Which batches count: named rules, and the place of each batch in the chain of its key.

A batch that breaks a rule is kept apart (quarantined) with a finding and its readings never enter a total. Three kinds
of rules, in this order:

* *who*: the key is known and the signature is its own (B01, B02). What fails here is from nobody.
* *chain*: the batch is the next of its key (B06, B07, B12), or waits until the missing ones have come (B08). A batch that
  breaks the chain does not move it; what stands in the chain moves it, whatever its contents.
* *contents*: gateway, validity of the key, meters, clock, age, repetition (B03, B04, B05, B09, B10, B11).

:func:`place` is the fold: from (chain, arrivals) to (chain, verdicts). It depends on the batches and on when each was
first received, not on the order in which they come; ``docs/live_meters.md`` states the one exception (a key that signs
two batches of one number).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from openjcm.mrv.batch import NO_BATCH, SignedBatch
from openjcm.mrv.intake_time import instant_text
from openjcm.refusals import Finding, Severity

CLOCK_AHEAD_SECONDS = 120
"""How far a gateway's clock may be ahead of the receiver's (rule Q03 of the meter rule set)."""
LATE_AFTER_DAYS = 45
"""How old a reading may be when it is first received: a month of lost connection and two weeks to mend it."""
WAITING_MOST = 10_000
"""How many batches of one key may wait for a missing one; 96 a day, they last 104 days."""
_OWN = "OpenJCM live meter rules 2026.1"
_RESEARCH = "OpenJCM domain research, 2026-11-21, meter rule set"


@dataclass(frozen=True)
class BatchRule:
    """One rule: name in both languages, where it comes from, and its sentence with the facts of the case."""

    name_en: str
    name_ja: str
    clause: str
    en: str
    ja: str
    severity: Severity = Severity.BLOCKS


BATCH_RULES: dict[str, BatchRule] = {
    "B01": BatchRule(
        "unknown key",
        "未登録の鍵",
        f"{_RESEARCH}, Q01; checklist D1",
        "The key {key} is not registered.",
        "鍵 {key} は登録されていません。",
    ),
    "B02": BatchRule(
        "wrong signature",
        "署名不一致",
        f"{_RESEARCH}, Q01; checklist D2",
        "The signature is not that of the key {key} over these bytes.",
        "署名が鍵 {key} によるものではありません。",
    ),
    "B03": BatchRule(
        "another gateway's key",
        "ゲートウェイ不一致",
        f"{_OWN}, B03; checklist D1",
        "The batch speaks for gateway {gateway}, but its key belongs to {owner}.",
        "バッチはゲートウェイ {gateway} を名乗っていますが、鍵は {owner} のものです。",
    ),
    "B04": BatchRule(
        "key not valid",
        "鍵の有効期間外",
        f"{_OWN}, B04; checklist D1",
        "The key {key} is not valid for this batch: {why}.",
        "鍵 {key} はこのバッチに対して有効ではありません: {why}。",
    ),
    "B05": BatchRule(
        "meter not of the gateway",
        "担当外の計量器",
        f"{_RESEARCH}, Q01",
        "Gateway {gateway} does not speak for meter {meter} at {time}.",
        "ゲートウェイ {gateway} は {time} 時点で計量器 {meter} の送信を認められていません。",
    ),
    "B06": BatchRule(
        "replay",
        "連番の再使用",
        f"{_OWN}, B06; checklist D2, D7",
        "Number {sequence} of the key {key} was used before, by a batch with other contents.",
        "鍵 {key} の連番 {sequence} は、内容の異なるバッチですでに使用されています。",
    ),
    "B07": BatchRule(
        "broken chain",
        "連鎖の不整合",
        f"{_OWN}, B07; checklist D2",
        "Batch {sequence} names {named}… as the one before, but that is {found}….",
        "バッチ {sequence} が示す直前のバッチは {named}… ですが、記録上は {found}… です。",
    ),
    "B08": BatchRule(
        "waits for a missing batch",
        "欠番待ち",
        f"{_OWN}, B08; checklist D2, D6",
        "Batch {sequence} waits: batch {missing} of its key has not come.",
        "バッチ {sequence} は保留中です: 同じ鍵の連番 {missing} が未着です。",
        Severity.EXPLAIN,
    ),
    "B09": BatchRule(
        "clock",
        "時計のずれ",
        f"{_RESEARCH}, Q03; checklist D4",
        "The clock of gateway {gateway} is wrong: {why} ({seconds} s; allowed {allowed} s).",
        "ゲートウェイ {gateway} の時計が正しくありません: {why} ({seconds} 秒、許容 {allowed} 秒)。",
    ),
    "B10": BatchRule(
        "late",
        "遅延",
        f"{_RESEARCH}, Q06; checklist D4",
        "A reading of {time} came too late: {why}.",
        "{time} の計測値の到着が遅すぎます: {why}。",
        Severity.EXPLAIN,
    ),
    "B11": BatchRule(
        "repeated readings",
        "計測値の重複",
        f"{_RESEARCH}, Q04; checklist D4, D7",
        "Batch {sequence} holds the very same readings as an earlier batch of its key.",
        "バッチ {sequence} の計測値は、同じ鍵の以前のバッチとすべて同一です。",
        Severity.INFORMS,
    ),
    "B12": BatchRule(
        "declared lost",
        "喪失登録済み",
        f"{_OWN}, B12; checklist D2",
        "Batch {sequence} came after it had been declared lost.",
        "バッチ {sequence} は喪失として登録された後に到着しました。",
        Severity.EXPLAIN,
    ),
}
"""Every rule that can keep a batch apart, by its identifier."""


def found(rule: str, **facts: object) -> Finding:
    """The finding of a rule."""
    text = BATCH_RULES[rule]
    return Finding(
        rule, text.severity, text.en, text.ja, text.clause, {name: str(item) for name, item in facts.items()}
    )


class Status(StrEnum):
    """What became of a batch."""

    ACCEPTED = "accepted"
    HELD = "held"
    QUARANTINED = "quarantined"


@dataclass(frozen=True)
class KeyFacts:
    """What is on record of a key and its gateway. Instants are UTC microseconds; ``None`` means not so.

    ``meters`` are the lists of meters with the instant from which each holds, ascending. ``closed`` are the spans (from,
    to) of the project that were closed. ``lost`` are numbers (first, last) declared lost.
    """

    key_id: str
    gateway: str
    since_us: int
    until_us: int | None = None
    revoked_us: int | None = None
    meters: tuple[tuple[int, frozenset[str]], ...] = ()
    closed: tuple[tuple[int, int], ...] = ()
    lost: tuple[tuple[int, int], ...] = ()
    clock_ahead_seconds: int = CLOCK_AHEAD_SECONDS
    late_after_days: int = LATE_AFTER_DAYS


@dataclass(frozen=True)
class Arrival:
    """A batch with the right signature, and when it was first received."""

    signed: SignedBatch
    received_us: int
    waited: bool = False
    """Whether it is on record already, held."""


@dataclass(frozen=True)
class Chain:
    """How far the chain of a key has come. An empty ``head`` means that the batch before was lost: any may be named."""

    next_sequence: int = 1
    head: str = NO_BATCH
    last_created_us: int = 0
    """By the gateway's clock, of the newest accepted batch."""


@dataclass(frozen=True)
class Verdict:
    """What became of an arrival, and why."""

    arrival: Arrival
    status: Status
    finding: Finding | None = None


# Contents -------------------------------------------------------------------------------------------------------------


def contents_finding(arrival: Arrival, facts: KeyFacts) -> Finding | None:
    """The first rule of contents that a batch breaks; ``None`` if none. Repetition is judged in the chain."""
    for check in (_owner, _validity, _meters, _clock, _age):
        if finding := check(arrival, facts):
            return finding
    return None


def _owner(arrival: Arrival, facts: KeyFacts) -> Finding | None:
    named = arrival.signed.batch.gateway
    return found("B03", gateway=named, owner=facts.gateway) if named != facts.gateway else None


def _validity(arrival: Arrival, facts: KeyFacts) -> Finding | None:
    """A planned end is judged by the gateway's clock, a revocation by receipt: a stolen key can state any time."""
    created = arrival.signed.batch.created_us
    why = ""
    if facts.revoked_us is not None and arrival.received_us >= facts.revoked_us:
        why = f"revoked / 失効 {instant_text(facts.revoked_us)}"
    elif created < facts.since_us:
        why = f"since / 開始 {instant_text(facts.since_us)}"
    elif facts.until_us is not None and created > facts.until_us:
        why = f"until / 終了 {instant_text(facts.until_us)}"
    return found("B04", key=facts.key_id, why=why) if why else None


def _meters(arrival: Arrival, facts: KeyFacts) -> Finding | None:
    for series in arrival.signed.batch.series:
        for t_us in _moments(facts, series.t_us[0], series.t_us[-1]):
            if series.meter not in _meters_at(facts, t_us):
                return found("B05", gateway=facts.gateway, meter=series.meter, time=instant_text(t_us))
    return None


def _moments(facts: KeyFacts, first: int, last: int) -> list[int]:
    """The first reading, and each moment up to the last at which another list of meters begins."""
    return [first, *(since for since, _ in facts.meters if first < since <= last)]


def _meters_at(facts: KeyFacts, t_us: int) -> frozenset[str]:
    held = frozenset[str]()
    for since, meters in facts.meters:
        if since <= t_us:
            held = meters
    return held


def _clock(arrival: Arrival, facts: KeyFacts) -> Finding | None:
    batch = arrival.signed.batch
    newest = max(one.t_us[-1] for one in batch.series)
    for us, against, why in (
        (batch.created_us, arrival.received_us, "made after it was received / 作成時刻が受信時刻より後"),
        (newest, batch.created_us, "a reading is later than the batch / 計測時刻が作成時刻より後"),
    ):
        if us - against > facts.clock_ahead_seconds * 1_000_000:
            return found(
                "B09", gateway=facts.gateway, why=why, seconds=(us - against) // 1_000_000,
                allowed=facts.clock_ahead_seconds,
            )  # fmt: skip
    return None


def _age(arrival: Arrival, facts: KeyFacts) -> Finding | None:
    oldest = min(one.t_us[0] for one in arrival.signed.batch.series)
    if arrival.received_us - oldest > facts.late_after_days * 86_400_000_000:
        return found("B10", time=instant_text(oldest), why=f"> {facts.late_after_days} d / 日")
    for series in arrival.signed.batch.series:
        for first, end in facts.closed:
            inside = [t_us for t_us in (series.t_us[0], series.t_us[-1]) if first <= t_us < end]
            if inside or series.t_us[0] < first <= series.t_us[-1]:
                return found(
                    "B10", time=instant_text(inside[0] if inside else first),
                    why=f"the period is closed / 期間は締切済み ({instant_text(first)} – {instant_text(end)})",
                )  # fmt: skip
    return None


# The chain ------------------------------------------------------------------------------------------------------------

SameReadings = Callable[[SignedBatch], bool]
"""Whether an accepted batch of the same key holds the very same readings."""


def place(
    chain: Chain, arrivals: Sequence[Arrival], facts: KeyFacts, repeats: SameReadings
) -> tuple[Chain, list[Verdict]]:
    """Put the arrivals of one key (those that waited included) into its chain.

    Gives the chain as it is then, and a verdict for each arrival; one that waited before and still waits has none.
    """
    by_number: dict[int, list[Arrival]] = {}
    for one in sorted(arrivals, key=lambda item: item.signed.sha256):
        by_number.setdefault(one.signed.batch.sequence, []).append(one)
    verdicts: list[Verdict] = []
    seen: set[int] = set()
    for number in sorted(by_number):
        chain = _past_losses(chain, facts)
        for one in by_number[number]:
            chain, verdict = _next(chain, one, facts, lambda signed: signed.content in seen or repeats(signed))
            if verdict.status is Status.ACCEPTED:
                seen.add(one.signed.content)
            if not (one.waited and verdict.status is Status.HELD):
                verdicts.append(verdict)
    return _past_losses(chain, facts), verdicts


def _past_losses(chain: Chain, facts: KeyFacts) -> Chain:
    """Behind the numbers that were declared lost, where the chain stands at one of them."""
    for first, last in sorted(facts.lost):
        if first <= chain.next_sequence <= last:
            chain = replace(chain, next_sequence=last + 1, head="")
    return chain


def _next(chain: Chain, one: Arrival, facts: KeyFacts, repeats: SameReadings) -> tuple[Chain, Verdict]:
    batch, sequence = one.signed.batch, one.signed.batch.sequence
    if any(first <= sequence <= last for first, last in facts.lost):
        return chain, Verdict(one, Status.QUARANTINED, found("B12", sequence=sequence))
    if sequence < chain.next_sequence:
        return chain, Verdict(one, Status.QUARANTINED, found("B06", sequence=sequence, key=facts.key_id))
    if sequence > chain.next_sequence:
        waits = found("B08", sequence=sequence, missing=chain.next_sequence)
        return chain, Verdict(one, Status.HELD, waits)
    if chain.head and batch.previous != chain.head:
        broken = found("B07", sequence=sequence, named=batch.previous[:12], found=chain.head[:12])
        return chain, Verdict(one, Status.QUARANTINED, broken)
    finding = contents_finding(one, facts) or _set_back(chain, one, facts)
    if finding is None and repeats(one.signed):
        finding = found("B11", sequence=sequence)
    after = replace(chain, next_sequence=sequence + 1, head=one.signed.sha256)
    if finding is not None:
        return after, Verdict(one, Status.QUARANTINED, finding)
    return replace(after, last_created_us=batch.created_us), Verdict(one, Status.ACCEPTED)


def _set_back(chain: Chain, one: Arrival, facts: KeyFacts) -> Finding | None:
    """A clock that runs backwards from one batch to the next was set, and nobody knows which of the two was right."""
    back = chain.last_created_us - one.signed.batch.created_us
    if back <= facts.clock_ahead_seconds * 1_000_000:
        return None
    return found(
        "B09", gateway=facts.gateway, why="set back since the batch before / 直前のバッチより時計が戻っている",
        seconds=back // 1_000_000, allowed=facts.clock_ahead_seconds,
    )  # fmt: skip


def finding_data(finding: Finding) -> Mapping[str, object]:
    """A finding as plain data."""
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "clause": finding.clause,
        "facts": dict(finding.facts),
        "message": {"en": finding.message("en"), "ja": finding.message("ja")},
    }
