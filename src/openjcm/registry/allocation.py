"""The rules of a decision on issuance: integers per side and account, taken as decided and never recomputed.

How a percentage became the integers differs from case to case (observed splits of one ratio round up and down), so
only sums are checked. Not known is not zero: a side's amount may be unknown in the public record, and a side may
get nothing at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from openjcm.refusals import refusal
from openjcm.registry.serials import Vintage

_SUMS = "Published issuances (jcm.go.jp/jc/mn-projects-issues): whole tonnes; both sides sum to the total (inferred)"

QUANTITY_NOT_POSITIVE = refusal(
    "quantity_not_positive",
    en="The amount {quantity} of {where} is not a number of credits.",
    ja="{where} の数量 {quantity} はクレジットの数量として認められません。",
    remedy_en="State whole tonnes: of a side zero or more, of an account's share one or more.",
    remedy_ja="トン単位の整数で記入してください (各側は0以上、口座ごとの配分は1以上)。",
    clause=_SUMS,
)
SIDES_DO_NOT_SUM = refusal(
    "sides_do_not_sum",
    en="The sides' amounts sum to {sum}, the decision says {total}.",
    ja="各側の数量の合計は {sum} で、決定の総量 {total} と一致しません。",
    remedy_en="State the integers of the decision itself; do not compute them from a percentage.",
    remedy_ja="比率から計算せず、決定に記載された整数を記入してください。",
    clause=_SUMS,
)
SHARES_DO_NOT_SUM = refusal(
    "shares_do_not_sum",
    en="The accounts' shares of {side} sum to {sum}, its amount is {amount}.",
    ja="{side} 側の口座別配分の合計は {sum} で、同側の数量 {amount} と一致しません。",
    remedy_en="State the share of every account and vintage; they sum to the side's amount.",
    remedy_ja="口座・排出削減年ごとの配分を、合計が同側の数量になるように記入してください。",
    clause=_SUMS,
)
SHARE_NAMED_TWICE = refusal(
    "share_named_twice",
    en="{account} has two shares of the vintage {vintage} in one decision.",
    ja="同じ決定の中で、口座 {account} に排出削減年 {vintage} の配分が2つあります。",
    remedy_en="State one share for an account and vintage.",
    remedy_ja="口座と排出削減年の組ごとに配分を1つ記入してください。",
    clause=_SUMS,
)
SIDE_NAMED_TWICE = refusal(
    "side_named_twice",
    en="The side {side} stands in the decision more than once.",
    ja="決定の中に {side} 側が重複して記載されています。",
    remedy_en="State each side once.",
    remedy_ja="各側は1回だけ記入してください。",
    clause=_SUMS,
)
AMOUNT_MUST_BE_KNOWN = refusal(
    "amount_must_be_known",
    en="A decision on a verified report states its total and every side's amount; {what} is missing.",
    ja="検証済み報告書に基づく決定には、総量と各側の数量が必要です。{what} がありません。",
    remedy_en="State all amounts. Unknown amounts are for the public record only.",
    remedy_ja="すべての数量を記入してください。「不明」は公表記録の取込みでのみ使用できます。",
    clause=_SUMS,
)
ABOVE_VERIFIED = refusal(
    "above_verified",
    en="The decision issues {total}, the verified report shows {verified}.",
    ja="決定の総量 {total} が、検証済みの排出削減量 {verified} を超えています。",
    remedy_en="Decide at most the verified emission reductions.",
    remedy_ja="検証済みの排出削減量以下で決定してください。",
    clause="JCM project cycle: the Joint Committee decides on verified emission reductions (inferred rule)",
)
VINTAGE_OUTSIDE_PERIOD = refusal(
    "vintage_outside_period",
    en="The vintage {vintage} does not lie in the monitoring period {start} – {end}.",
    ja="排出削減年 {vintage} がモニタリング期間 {start}～{end} に含まれません。",
    remedy_en="State the calendar years of the monitoring period.",
    remedy_ja="モニタリング期間に含まれる暦年を記入してください。",
    clause="JCM: verified emission reductions are stated by calendar year (recalled; rule reductions_stated_per)",
)


@dataclass(frozen=True)
class Share:
    """Decided tonnes of one account and vintage."""

    account_id: str
    vintage: str
    quantity: int


@dataclass(frozen=True)
class Side:
    """Decided tonnes of one side; ``amount`` is ``None`` where no source states it."""

    party: str
    amount: int | None
    shares: tuple[Share, ...] = ()
    kept_elsewhere: bool = False
    """Whether another installation keeps the side's registry: then its accounts are that one's matter."""


@dataclass(frozen=True)
class Allocation:
    """A decision's integers. ``verified`` is the verified emission reductions if the decision is on a report."""

    total: int | None
    sides: tuple[Side, ...]
    monitoring_period: tuple[date, date] | None = None
    verified: int | None = None


def check(allocation: Allocation) -> None:
    """Let a decision's integers pass, or refuse.

    Raises:
        Refused: by the guard that they break.
    """
    each_side_once(allocation.sides)
    amounts_not_negative(allocation)
    if allocation.verified is not None:
        all_amounts_known(allocation)
        not_above_verified(allocation, allocation.verified)
    sides_sum_to_total(allocation)
    for side in allocation.sides:
        shares_positive(side)
        shares_sum_to_amount(side)
        each_share_once(side)
        for share in side.shares:
            vintage_in_period(Vintage.parse(share.vintage), allocation.monitoring_period)


def each_side_once(sides: Sequence[Side]) -> None:
    """A side stands in a decision once. Refuses ``side_named_twice``."""
    for party, count in Counter(side.party for side in sides).items():
        if count > 1:
            raise SIDE_NAMED_TWICE(side=party)


def amounts_not_negative(allocation: Allocation) -> None:
    """No amount is negative; zero is an amount. Refuses ``quantity_not_positive``."""
    for where, amount in [("total", allocation.total), *((side.party, side.amount) for side in allocation.sides)]:
        if amount is not None and amount < 0:
            raise QUANTITY_NOT_POSITIVE(quantity=amount, where=where)


def all_amounts_known(allocation: Allocation) -> None:
    """A decision on a report leaves nothing open. Refuses ``amount_must_be_known``."""
    for where, amount in [("total", allocation.total), *((side.party, side.amount) for side in allocation.sides)]:
        if amount is None:
            raise AMOUNT_MUST_BE_KNOWN(what=where)


def not_above_verified(allocation: Allocation, verified: int) -> None:
    """No more is issued than was verified. Refuses ``above_verified``."""
    if allocation.total is not None and allocation.total > verified:
        raise ABOVE_VERIFIED(total=allocation.total, verified=verified)


def sides_sum_to_total(allocation: Allocation) -> None:
    """The sides sum to the total; if one is unknown the others do not exceed it. Refuses ``sides_do_not_sum``."""
    if allocation.total is None:
        return
    known = sum(side.amount or 0 for side in allocation.sides)
    complete = all(side.amount is not None for side in allocation.sides)
    if known > allocation.total or (complete and known != allocation.total):
        raise SIDES_DO_NOT_SUM(sum=known, total=allocation.total)


def shares_positive(side: Side) -> None:
    """A share is at least one tonne. Refuses ``quantity_not_positive``."""
    for share in side.shares:
        if share.quantity < 1:
            raise QUANTITY_NOT_POSITIVE(quantity=share.quantity, where=share.account_id)


def shares_sum_to_amount(side: Side) -> None:
    """A side's shares sum to its amount; one unknown or kept elsewhere has none. Refuses ``shares_do_not_sum``."""
    total = sum(share.quantity for share in side.shares)
    if total != (0 if side.kept_elsewhere else side.amount or 0):
        raise SHARES_DO_NOT_SUM(side=side.party, sum=total, amount="–" if side.amount is None else side.amount)


def each_share_once(side: Side) -> None:
    """An account has one share of a vintage. Refuses ``share_named_twice``."""
    for (account, vintage), count in Counter((share.account_id, share.vintage) for share in side.shares).items():
        if count > 1:
            raise SHARE_NAMED_TWICE(account=account, vintage=vintage)


def vintage_in_period(vintage: Vintage, period: tuple[date, date] | None) -> None:
    """Vintages are years of the monitoring period, where both are known. Refuses ``vintage_outside_period``."""
    if period is None or vintage.first_year is None or vintage.last_year is None:
        return
    if vintage.first_year < period[0].year or vintage.last_year > period[1].year:
        raise VINTAGE_OUTSIDE_PERIOD(vintage=vintage, start=period[0], end=period[1])
