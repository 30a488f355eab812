"""Tonnes that lie in the ground (CCS) or in trees may come back: what is kept against it, and who makes good for it.

By the rules of Indonesia (10th Joint Committee, 2024-12-18, items 1, 6 and 9) credits are for the time of injection
only, and in principle 3 % of them go to the participants' reserve account. What escapes during injection is deducted
from the reductions of the current period; what they do not cover, and what escapes later, is cancelled from the
reserve first, then made good by the participants. Each point that the summary leaves open is a rule with its grade.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from openjcm.refusals import refusal
from openjcm.registry.serials import Block

_CCS = "CCS/CCUS rules of the 10th Joint Committee with Indonesia (2024-12-18)"

PHASE_OUT_OF_ORDER = refusal(
    "phase_out_of_order",
    en="{project} cannot enter the phase {phase} on {day}: {known}.",
    ja="{project} は {day} に {phase} の段階へ移れません ({known})。",
    remedy_en="Record the phases in their order, each on a later day: {order}.",
    remedy_ja="段階は順に、後の日付で記録してください: {order}。",
    clause=f"{_CCS}, items 1, 6 and 8",
)
OUTSIDE_INJECTION = refusal(
    "outside_injection",
    en="The monitoring period {period} of {project} does not lie within its injection ({injection}).",
    ja="{project} のモニタリング期間 {period} は圧入期間 ({injection}) に含まれません。",
    remedy_en="Decide only on days from the start of injection to its end; record the phases first.",
    remedy_ja="圧入の開始から終了までの期間についてのみ決定してください。先に段階を記録してください。",
    clause=f"{_CCS}, item 1: crediting period from the start of injection to its end",
)
KEPT_SHARE_MISSING = refusal(
    "kept_share_missing",
    en="No rule says which share of the credits of {project} is kept against reversal on {day} ({rule}).",
    ja="{day} の時点で、{project} のクレジットのうち反転に備えて留保する割合が定められていません ({rule})。",
    remedy_en="State kept_share with the text that sets it: there is no default.",
    remedy_ja="根拠となる文書とともに kept_share を記入してください。既定値はありません。",
    clause="OpenJCM: rates against reversal are parameters without default",
)
RESERVE_NOT_KEPT = refusal(
    "reserve_not_kept",
    en="{kept} of {total} credits go to {account_type} accounts; {share} of them, rounded {rounding}, is {needed}.",
    ja="{total} のうち {account_type} 口座への配分は {kept} です。"
    "{share} を端数処理 ({rounding}) した {needed} が必要です。",
    remedy_en="Give {needed} credits to a {account_type} account of the participants.",
    remedy_ja="参加者の {account_type} 口座に {needed} を配分してください。",
    clause=f"{_CCS}, item 9: in principle 3 % to the reserve account; forests: the share stated with the decision",
)
ABOVE_WHAT_IS_LEFT = refusal(
    "above_what_is_left",
    en="Of {verified} verified, {escaped} escaped and are not made good: at most {left} can be issued, not {total}.",
    ja="検証済み {verified} のうち {escaped} が漏洩し未補填のため、発行できるのは {left} までです ({total} は不可)。",
    remedy_en="Decide on at most {left}. What the period does not cover is cancelled from the reserve.",
    remedy_ja="{left} 以下で決定してください。当期で差し引けない分はリザーブから取り消されます。",
    clause=f"{_CCS}, item 9, leakage during injection (rule ccs_reversal_during_injection)",
)
ESCAPED_BEFORE_INJECTION = refusal(
    "escaped_before_injection",
    en="On {day} {project} is in no phase in which stored tonnes can escape ({phase}).",
    ja="{day} の時点の {project} の段階 ({phase}) では、貯留からの漏洩は生じません。",
    remedy_en="Record the start of injection first; after closure JCM monitoring has ended.",
    remedy_ja="先に圧入の開始を記録してください。終了後は JCM のモニタリングの対象外です。",
    clause=f"{_CCS}, items 6 and 9",
)
MORE_THAN_ESCAPED = refusal(
    "more_than_escaped",
    en="{quantity} credits are more than the {left} tonnes of {reversal} that are not made good yet.",
    ja="{quantity} は、{reversal} の未補填量 {left} トンを超えています。",
    remedy_en="Name at most {left} credits.",
    remedy_ja="{left} 以下のクレジットを指定してください。",
    clause=f"{_CCS}, item 9",
    status=409,
)
RESERVE_COMES_FIRST = refusal(
    "reserve_comes_first",
    en="{held} credits of {project} are still in reserve: they cover {reversal} before the participants do.",
    ja="{project} のリザーブに {held} が残っています。{reversal} は参加者より先にリザーブで補填します。",
    remedy_en="Cover the reversal from the reserve first (cover_reversal).",
    remedy_ja="先にリザーブから補填してください (cover_reversal)。",
    clause=f"{_CCS}, item 9 (rule ccs_reversal_after_injection)",
    status=409,
)
CURRENT_PERIOD_COMES_FIRST = refusal(
    "current_period_comes_first",
    en="{reversal} happened during injection: it is deducted from the current period's reductions first.",
    ja="{reversal} は圧入中に生じたため、まず当期の排出削減量から差し引きます。",
    remedy_en="Decide on the period in which it happened; what that does not cover is cancelled from the reserve.",
    remedy_ja="その期間の発行決定を先に行ってください。差し引けない分をリザーブから取り消します。",
    clause=f"{_CCS}, item 9, leakage during injection (rule ccs_reversal_during_injection)",
    status=409,
)
CREDITS_OF_ANOTHER_PROJECT = refusal(
    "credits_of_another_project",
    en="{block} are not credits of {project}.",
    ja="{block} は {project} のクレジットではありません。",
    remedy_en="A reserve stands for its own project. Name credits of {project}.",
    remedy_ja="リザーブは当該プロジェクトのものに限ります。{project} のクレジットを指定してください。",
    clause=f"{_CCS}, item 9: the participants' reserve account",
)
NOT_CLOSED_YET = refusal(
    "not_closed_yet",
    en="{project} is not closed on {day}: its reserve is released at closure.",
    ja="{project} は {day} の時点で終了していません。リザーブの解除は終了時に行います。",
    remedy_en="Record the closure first, with the Joint Committee's decision.",
    remedy_ja="先に合同委員会の決定に基づき終了を記録してください。",
    clause=f"{_CCS}, item 9 (rule ccs_reserve_release)",
)
REVERSAL_NOT_MADE_GOOD = refusal(
    "reversal_not_made_good",
    en="{left} tonnes that escaped from {project} are not made good yet.",
    ja="{project} から漏洩した {left} トンが未補填です。",
    remedy_en="Cover them from the reserve, or by the participants' credits, before anything is released.",
    remedy_ja="解除の前に、リザーブまたは参加者のクレジットで補填してください。",
    clause=f"{_CCS}, item 9",
    status=409,
)


class Phase(StrEnum):
    """The life of a storage site, in order."""

    INJECTION = "injection"
    CLOSURE_PREPARATION = "closure_preparation"
    POST_CLOSURE = "post_closure"
    CLOSED = "closed"


ORDER = tuple(Phase)


@dataclass(frozen=True)
class PhaseFact:
    """A phase and the first day of it. The day before the next phase is its last."""

    phase: Phase
    since: date


@dataclass(frozen=True)
class Escape:
    """Tonnes that came back: how many, in which phase, and how many are not made good yet."""

    reversal_id: str
    project: str
    phase: Phase | None
    """``None``: a forest, which has no phases."""
    found_on: date
    tonnes: int
    left: int


@dataclass(frozen=True)
class KeptShare:
    """How much of an issuance is kept. ``rounding`` is ``up``, ``down`` or ``nearest`` (half up)."""

    share: Fraction
    rounding: str
    account_type: str

    def needed(self, total: int) -> int:
        """Whole credits that are kept of the total issued, before it is allocated to the sides."""
        exact = self.share * total
        whole, rest = divmod(exact.numerator, exact.denominator)
        if self.rounding == "nearest":
            return whole + (2 * rest >= exact.denominator)
        return whole + (rest > 0 and self.rounding == "up")


def phase_on(facts: Sequence[PhaseFact], day: date) -> Phase | None:
    """The phase on a day; ``None`` before injection."""
    begun = [fact for fact in facts if fact.since <= day]
    return max(begun, key=lambda fact: ORDER.index(fact.phase)).phase if begun else None


def phase_is_next(project: str, facts: Sequence[PhaseFact], phase: Phase, since: date) -> None:
    """Phases follow each other, each later than the one before. Refuses ``phase_out_of_order``."""
    known = sorted(facts, key=lambda fact: fact.since)
    if ORDER[len(known) : len(known) + 1] != (phase,) or (known and since <= known[-1].since):
        shown = ", ".join(f"{fact.phase} {fact.since}" for fact in known) or "–"
        raise PHASE_OUT_OF_ORDER(project=project, phase=phase, day=since, known=shown, order=list(ORDER))


def period_within_injection(project: str, facts: Sequence[PhaseFact], period: tuple[date, date] | None) -> None:
    """Credits are for the days of injection only. Refuses ``outside_injection``."""
    begun = {fact.phase: fact.since for fact in facts}
    start, end = begun.get(Phase.INJECTION), begun.get(Phase.CLOSURE_PREPARATION)
    if period is None or start is None or period[0] < start or (end is not None and period[1] >= end):
        raise OUTSIDE_INJECTION(
            project=project,
            period=f"{period[0]} – {period[1]}" if period else "–",
            injection=f"{start or '–'} – {end or ''}",
        )


def share_is_kept(kept: int, total: int, rule: KeptShare) -> None:
    """Exactly the share that the rule asks for goes to reserve or buffer. Refuses ``reserve_not_kept``."""
    if kept != rule.needed(total):
        raise RESERVE_NOT_KEPT(
            kept=kept, total=total, account_type=rule.account_type, share=rule.share, rounding=rule.rounding,
            needed=rule.needed(total),
        )  # fmt: skip


def deducted(verified: int, escapes: Sequence[Escape]) -> list[tuple[Escape, int]]:
    """What the period's reductions make good, oldest escape first: never more than there are."""
    rest, found = max(verified, 0), []
    for escape in sorted(escapes, key=lambda one: (one.found_on, one.reversal_id)):
        taken = min(rest, escape.left)
        if taken:
            found.append((escape, taken))
        rest -= taken
    return found


def within_what_is_left(total: int, verified: int, escapes: Sequence[Escape]) -> None:
    """What escaped during injection is deducted from the period. Refuses ``above_what_is_left``."""
    left = verified - sum(taken for _, taken in deducted(verified, escapes))
    if escapes and total > left:
        escaped = sum(escape.left for escape in escapes)
        raise ABOVE_WHAT_IS_LEFT(verified=verified, escaped=escaped, left=left, total=total)


def can_escape(project: str, phase: Phase | None, day: date, *, has_phases: bool) -> None:
    """Something escapes from injection on until the site is closed. Refuses ``escaped_before_injection``."""
    if has_phases and phase in (None, Phase.CLOSED):
        raise ESCAPED_BEFORE_INJECTION(project=project, day=day, phase=phase or "–")


def no_more_than_escaped(quantity: int, escape: Escape) -> None:
    """Nobody makes good for more than escaped. Refuses ``more_than_escaped``."""
    if quantity > escape.left:
        raise MORE_THAN_ESCAPED(quantity=quantity, left=escape.left, reversal=escape.reversal_id)


def current_period_first(escape: Escape, *, decided_since: bool) -> None:
    """In injection the reserve covers what the period's decision left. Refuses ``current_period_comes_first``."""
    if escape.phase is Phase.INJECTION and not decided_since:
        raise CURRENT_PERIOD_COMES_FIRST(reversal=escape.reversal_id)


def reserve_first(escape: Escape, held: int) -> None:
    """The participants replace what the reserve does not cover. Refuses ``reserve_comes_first``."""
    if held:
        raise RESERVE_COMES_FIRST(held=held, project=escape.project, reversal=escape.reversal_id)


def credits_of_the_project(blocks: Sequence[Block], project: str) -> None:
    """A reserve stands for its own project. Refuses ``credits_of_another_project``."""
    for block in blocks:
        if project not in block.series.projects:
            raise CREDITS_OF_ANOTHER_PROJECT(block=block, project=project)


def closed_and_made_good(project: str, phase: Phase | None, day: date, left: int) -> None:
    """A reserve is released at closure, when nothing is owed. Refuses ``not_closed_yet`` and
    ``reversal_not_made_good``."""
    if phase is not Phase.CLOSED:
        raise NOT_CLOSED_YET(project=project, day=day)
    if left:
        raise REVERSAL_NOT_MADE_GOOD(left=left, project=project)
