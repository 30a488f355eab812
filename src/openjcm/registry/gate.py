"""The gate before a retirement: both Parties have authorized the credits for use towards an NDC.

Japan's statute lets a credit be retired (無効化) only if Japan and the partner authorized it under Article 6.3 of
the Paris Agreement, and reductions count only from 2021. An authorization has immutable versions; the version in
force on the day decides, and a later version that limits or revokes does not touch credits that were first
transferred under an earlier one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from openjcm.refusals import refusal
from openjcm.registry.serials import Block

VINTAGE_TOO_EARLY = refusal(
    "vintage_too_early",
    en="{block} may hold reductions of {year}, before {earliest}: they cannot count for an NDC.",
    ja="{block} には {earliest} 年より前 ({year} 年) の排出削減が含まれうるため、NDC には使えません。",
    remedy_en="Retire credits whose vintage is {earliest} or later; earlier ones can be cancelled.",
    remedy_ja="{earliest} 年以降の排出削減によるクレジットを指定してください。それ以前のものは取消しができます。",
    clause="Decision 2/CMA.3, annex, para 1(e): outcomes from 2021 onward",
)
VINTAGE_NOT_KNOWN = refusal(
    "vintage_not_known",
    en="The vintage of {block} is not known, so nothing shows that it is of {earliest} or later.",
    ja="{block} の排出削減年が不明のため、{earliest} 年以降であることを確認できません。",
    remedy_en="Record the decision with its monitoring period or vintages, from a source that states them.",
    remedy_ja="モニタリング期間または排出削減年を示す出典とともに発行決定を記録してください。",
    clause="Decision 2/CMA.3, annex, para 1(e): outcomes from 2021 onward",
)
NOT_AUTHORIZED = refusal(
    "not_authorized",
    en="No authorization by {party} in force on {day} covers {block} for use towards an NDC.",
    ja="{day} に有効な {party} の承認で、{block} の NDC への使用を対象とするものがありません。",
    remedy_en="Record the authorization of {party} that covers the project, the vintage and the purpose NDC.",
    remedy_ja="当該プロジェクト・排出削減年・目的 (NDC) を対象とする {party} の承認を記録してください。",
    clause="Act on Promotion of Global Warming Countermeasures, retirement of JCM credits: authorized under "
    "Article 6.3 by Japan and by the partner",
)

NOT_AUTHORIZED_FOR_OTHER = refusal(
    "not_authorized_for_other",
    en="No authorization by {party} in force on {day} covers {block} for the purpose {purpose} (one of {needed}).",
    ja="{day} に有効な {party} の承認で、{block} の目的 {purpose} (必要な承認: {needed} のいずれか) を"
    "対象とするものがありません。",
    remedy_en="Record the authorization of {party} for one of these purposes, or cancel for a purpose that needs none.",
    remedy_ja="これらの目的のいずれかについての {party} の承認を記録するか、"
    "承認を要しない目的で取消しを行ってください。",
    clause="Decision 2/CMA.3, annex, para 1(f): outcomes authorized for other international mitigation purposes",
)
USE_NOT_OPEN = refusal(
    "use_not_open",
    en="No rule says that a retirement in the registry of {party} on {day} may also serve “{use}”.",
    ja="{day} の時点で、{party} の登録簿での無効化を「{use}」にも充てられるとする規則がありません。",
    remedy_en="Retire without a further use, or on a day on which it is allowed: see the rules retirement_for_… in "
    "docs/rules.md.",
    remedy_ja="他の用途を指定せずに無効化するか、認められる日に行ってください "
    "(docs/rules.md の retirement_for_… を参照)。",
    clause="OpenJCM: what a retired credit may count for is a dated rule",
)
USE_OUTSIDE_NDC_PERIOD = refusal(
    "use_outside_ndc_period",
    en="{block} (vintage {vintage}) cannot be used for {year}: the NDC period of {party} is {first} – {last}.",
    ja="{block} (排出削減年 {vintage}) は {year} 年分には使えません ({party} の NDC 期間: {first}～{last})。",
    remedy_en="Name a year of the NDC period in which the reductions happened.",
    remedy_ja="排出削減が生じた NDC 期間内の年を指定してください。",
    clause="Secretariat check STC03: outcome and use lie in one NDC implementation period",
)

USES = ("gx_ets", "shk", "offset_statement")
"""What a retirement may serve besides an NDC: a duty under the GX-ETS, a reporter's adjusted emissions (SHK), or a
public statement of offsetting. One of them, once: a retired credit never moves again."""

NDC_PURPOSES = frozenset({"NDC", "NDC and OIMP", "NDC and IMP", "NDC and OP"})
"""The purposes of an authorization that include use towards an NDC (agreed electronic format, list D)."""


@dataclass(frozen=True)
class AuthorizationOnFile:
    """One version of one Party's authorization, as far as the gate looks at it."""

    party: str
    authorization_id: str
    version: int
    authorized_on: date
    purposes: tuple[str, ...]
    """None at all: the version revokes the authorization."""
    projects: tuple[str, ...] = ()
    """Empty: all projects of the bilateral."""
    first_vintage: int | None = None
    last_vintage: int | None = None


@dataclass(frozen=True)
class RetirementRules:
    """What the rulebook says on the day of an act that moves credits."""

    earliest_vintage: int
    issuance_is_first_transfer: bool
    """Whether Japan's issuance is the first international transfer of its credits (a rule per partner)."""
    uses: tuple[tuple[str, str], ...] = ()
    """(Party whose registry retires, use): what a retirement may serve besides."""
    ndc_periods: tuple[tuple[str, int, int], ...] = ()
    """(Party, first year, last year), where known."""
    needed: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(purpose of a cancellation, authorized purposes of which the host must have given one); none: no need."""
    crossing: tuple[tuple[str, str], ...] = ()
    """(world, partner): where credits may move between registries."""
    correctable: tuple[str, ...] = ()
    """The kinds of movement that may be corrected."""


COMMON_RULES = RetirementRules(2021, issuance_is_first_transfer=True)
"""Outcomes from 2021 onward count (decision 2/CMA.3, annex, para 1(e)); nothing else is said."""


def in_force(authorizations: Sequence[AuthorizationOnFile], party: str, day: date) -> list[AuthorizationOnFile]:
    """The party's authorizations on that day: of each, the highest version that was made by then."""
    latest: dict[str, AuthorizationOnFile] = {}
    for item in authorizations:
        known = latest.get(item.authorization_id)
        if item.party == party and item.authorized_on <= day and (known is None or known.version < item.version):
            latest[item.authorization_id] = item
    return list(latest.values())


def covers(item: AuthorizationOnFile, projects: Sequence[str], years: tuple[int | None, int | None]) -> bool:
    """Whether an authorization covers credits of these projects and years, whatever for."""
    return all_projects(item, projects) and all_years(item, years)


def for_ndc(item: AuthorizationOnFile) -> bool:
    """Whether use towards an NDC is among the purposes."""
    return bool(NDC_PURPOSES.intersection(item.purposes))


def for_one_of(item: AuthorizationOnFile, needed: Sequence[str]) -> bool:
    """Whether one of the needed purposes is among those authorized."""
    return bool(set(needed).intersection(item.purposes))


def all_projects(item: AuthorizationOnFile, projects: Sequence[str]) -> bool:
    """Whether every project is covered."""
    return not item.projects or set(projects) <= set(item.projects)


def all_years(item: AuthorizationOnFile, years: tuple[int | None, int | None]) -> bool:
    """Whether every year in which the reductions may have happened is covered."""
    first, last = years
    starts = item.first_vintage is None or (first is not None and item.first_vintage <= first)
    ends = item.last_vintage is None or (last is not None and last <= item.last_vintage)
    return starts and ends


def may_be_retired(
    block: Block,
    *,
    parties: Sequence[str],
    years: tuple[int | None, int | None],
    earliest_vintage: int,
    first_transferred_on: date,
    occurred_on: date,
    authorizations: Sequence[AuthorizationOnFile],
) -> None:
    """Let a block into the retirement account, or refuse.

    Raises:
        Refused: ``vintage_not_known``, ``vintage_too_early``, ``not_authorized``.
    """
    vintage_is_known(block, years, earliest_vintage)
    vintage_is_recent(block, years, earliest_vintage)
    for party in parties:
        authorized_by(party, block, years, (occurred_on, first_transferred_on), authorizations)


def vintage_is_known(block: Block, years: tuple[int | None, int | None], earliest: int) -> None:
    """What may be older than the earliest year is not retired. Refuses ``vintage_not_known``."""
    if years[0] is None:
        raise VINTAGE_NOT_KNOWN(block=block, earliest=earliest)


def vintage_is_recent(block: Block, years: tuple[int | None, int | None], earliest: int) -> None:
    """Only reductions of the earliest year or later are retired. Refuses ``vintage_too_early``."""
    if years[0] is not None and years[0] < earliest:
        raise VINTAGE_TOO_EARLY(block=block, year=years[0], earliest=earliest)


def authorized_by(
    party: str,
    block: Block,
    years: tuple[int | None, int | None],
    days: tuple[date, date],
    authorizations: Sequence[AuthorizationOnFile],
) -> None:
    """The party's version in force on the day of retirement, or of first transfer, covers the block.

    Raises:
        Refused: ``not_authorized``.
    """
    on_file = [item for day in days for item in in_force(authorizations, party, day)]
    if not any(for_ndc(item) and covers(item, block.series.projects, years) for item in on_file):
        raise NOT_AUTHORIZED(party=party, block=block, day=days[0])


def use_is_open(party: str, use: str | None, day: date, uses: Sequence[tuple[str, str]]) -> None:
    """A retirement serves besides only what a rule opens on that day. Refuses ``use_not_open``."""
    if use is not None and (party, use) not in uses:
        raise USE_NOT_OPEN(party=party, use=use, day=day)


def use_within_period(
    block: Block,
    party: str,
    year: int,
    years: tuple[int | None, int | None],
    periods: Sequence[tuple[str, int, int]],
) -> None:
    """Outcome and use lie in one NDC period, where it is known. Refuses ``use_outside_ndc_period``."""
    for owner, first, last in periods:
        inside = all(first <= one <= last for one in (year, *years) if one is not None)
        if owner == party and not inside:
            raise USE_OUTSIDE_NDC_PERIOD(
                block=block, vintage=block.series.vintage, year=year, party=party, first=first, last=last
            )


def authorized_for_other(
    block: Block,
    purpose: str,
    hosts: Sequence[str],
    years: tuple[int | None, int | None],
    days: tuple[date, date],
    needed: Sequence[str],
    authorizations: Sequence[AuthorizationOnFile],
) -> None:
    """The host authorized a purpose that this one needs, if it needs any. Refuses ``not_authorized_for_other``."""
    for party in hosts if needed else ():
        on_file = [item for day in days for item in in_force(authorizations, party, day)]
        if not any(for_one_of(item, needed) and covers(item, block.series.projects, years) for item in on_file):
            raise NOT_AUTHORIZED_FOR_OTHER(party=party, block=block, day=days[0], purpose=purpose, needed=needed)
