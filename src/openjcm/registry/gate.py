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
    """What the rulebook says on the day of a retirement."""

    earliest_vintage: int
    issuance_is_first_transfer: bool
    """Whether Japan's issuance is the first international transfer of its credits (a rule per partner)."""


def in_force(authorizations: Sequence[AuthorizationOnFile], party: str, day: date) -> list[AuthorizationOnFile]:
    """The party's authorizations on that day: of each, the highest version that was made by then."""
    latest: dict[str, AuthorizationOnFile] = {}
    for item in authorizations:
        known = latest.get(item.authorization_id)
        if item.party == party and item.authorized_on <= day and (known is None or known.version < item.version):
            latest[item.authorization_id] = item
    return list(latest.values())


def covers(item: AuthorizationOnFile, projects: Sequence[str], years: tuple[int | None, int | None]) -> bool:
    """Whether an authorization covers credits of these projects and years for use towards an NDC."""
    return for_ndc(item) and all_projects(item, projects) and all_years(item, years)


def for_ndc(item: AuthorizationOnFile) -> bool:
    """Whether use towards an NDC is among the purposes."""
    return bool(NDC_PURPOSES.intersection(item.purposes))


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
    if not any(covers(item, block.series.projects, years) for item in on_file):
        raise NOT_AUTHORIZED(party=party, block=block, day=days[0])
