"""What several acts look up, with the refusals for what is not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from openjcm.commands.framework import Desk
from openjcm.refusals import refusal
from openjcm.registry.accounts import Account
from openjcm.registry.gate import USES, RetirementRules
from openjcm.registry.ledger import CANCELLATION_PURPOSES
from openjcm.registry.serials import Block, parse_block
from openjcm.rulebook import may_refuse, rule
from openjcm.store.ledger import read_accounts
from openjcm.store.notices import kept_by

UNKNOWN_REGISTRY = refusal(
    "unknown_registry",
    en="There is no registry {registry}.",
    ja="登録簿 {registry} はありません。",
    remedy_en="Open the registry first, or check its name.",
    remedy_ja="先に登録簿を開設するか、名称を確認してください。",
    clause="OpenJCM: accounts belong to a registry",
    status=404,
)
REGISTRY_KEPT_ELSEWHERE = refusal(
    "registry_kept_elsewhere",
    en="The registry {registry} is kept by {partner}, not in this installation.",
    ja="登録簿 {registry} は {partner} が管理しており、このシステムにはありません。",
    remedy_en="Do it in the partner's installation; its notice will tell this one.",
    remedy_ja="相手方のシステムで手続を行ってください。結果は通知で届きます。",
    clause="OpenJCM: a registry is kept in one installation (docs/two_registries.md)",
    status=409,
)
UNKNOWN_ACCOUNT = refusal(
    "unknown_account",
    en="There is no account {account}.",
    ja="口座 {account} はありません。",
    remedy_en="Open the account first, or check its number.",
    remedy_ja="先に口座を開設するか、口座番号を確認してください。",
    clause="OpenJCM: credits are held in accounts",
    status=404,
)
UNKNOWN_PROJECT = refusal(
    "unknown_project",
    en="The project {project} is not on record in the {world} world.",
    ja="プロジェクト {project} は {world} の記録にありません。",
    remedy_en="Register the project first, or check its reference number.",
    remedy_ja="先にプロジェクトを登録するか、参照番号を確認してください。",
    clause="OpenJCM: a product names what it was made from",
    status=404,
)
ALREADY_ON_RECORD = refusal(
    "already_on_record",
    en="{what} “{name}” is on record already.",
    ja="{what}「{name}」はすでに記録されています。",
    remedy_en="Use the one on record, or choose another name; a record is never overwritten.",
    remedy_ja="既存の記録を使うか、別の名称を指定してください。記録の上書きはできません。",
    clause="OpenJCM: what is written stays written",
    status=409,
)


NEVER_ISSUED = refusal(
    "never_issued",
    en="No serial of {block} was ever issued here.",
    ja="{block} の識別番号は、ここでは一つも発行されていません。",
    remedy_en="Check the serial numbers: side, project, vintage, first and last number.",
    remedy_ja="識別番号 (側、プロジェクト、排出削減年、始番と終番) を確認してください。",
    clause="OpenJCM: form of serial numbers (own proposal, not official)",
    status=404,
)


def known_registry(desk: Desk, registry_id: str) -> tuple[str, str]:
    """Party and world of a registry.

    Raises:
        Refused: ``unknown_registry``.
    """
    row = desk.connection.execute("select party, world from registry where registry_id = %s", [registry_id]).fetchone()
    if row is None:
        raise UNKNOWN_REGISTRY(registry=registry_id)
    return row[0], row[1]


def registry_of(desk: Desk, party: str, world: str) -> str:
    """The registry of a Party in a world.

    Raises:
        Refused: ``unknown_registry``, ``registry_kept_elsewhere``.
    """
    row = desk.connection.execute(
        "select registry_id from registry where party = %s and world = %s", [party, world]
    ).fetchone()
    if row is None:
        if partner := keeper_of(desk, party, world):
            raise REGISTRY_KEPT_ELSEWHERE(registry=registry_name(party, world), partner=partner)
        raise UNKNOWN_REGISTRY(registry=f"{party} ({world})")
    return str(row[0])


def registry_name(party: str, world: str) -> str:
    """What the registry of a Party in a world is called."""
    return party if world == "public" else f"{party}-{world}"


def keeper_of(desk: Desk, party: str, world: str) -> str | None:
    """The partner that keeps a Party's registry, if one does."""
    return kept_by(desk.connection, registry_name(party, world))


def known_accounts(desk: Desk, account_ids: Iterable[str]) -> dict[str, Account]:
    """The accounts of those ids.

    Raises:
        Refused: ``unknown_account`` for the first that is not there.
    """
    wanted = list(dict.fromkeys(account_ids))
    accounts = read_accounts(desk.connection, wanted)
    for account_id in wanted:
        if account_id not in accounts:
            raise UNKNOWN_ACCOUNT(account=account_id)
    return accounts


def known_projects(desk: Desk, references: Sequence[str], world: str) -> dict[str, str]:
    """Host Party of each project, all of which are of that world.

    Raises:
        Refused: ``unknown_project`` for the first that is not there.
    """
    rows = desk.connection.execute(
        "select reference, host_party from project where reference = any(%s) and world = %s", [list(references), world]
    ).fetchall()
    hosts: dict[str, str] = dict(rows)
    for reference in references:
        if reference not in hosts:
            raise UNKNOWN_PROJECT(project=reference, world=world)
    return hosts


def read_blocks(texts: Iterable[str]) -> tuple[Block, ...]:
    """The blocks of a request.

    Raises:
        Refused: ``block_not_readable``, ``vintage_not_readable``.
    """
    return tuple(parse_block(text) for text in texts)


def retirement_rules(parties: Sequence[str], day: date) -> RetirementRules:
    """What the rulebook says on that day of a retirement or cancellation that concerns those Parties."""
    return _retirement_rules(tuple(parties), day)


@lru_cache(maxsize=4096)
def _retirement_rules(parties: tuple[str, ...], day: date) -> RetirementRules:
    years = [rule(party, "earliest_article6_vintage", day).value for party in parties]
    triggers = {rule(party, "first_transfer_trigger", day).value for party in parties if party != "JPN"}
    earliest = max((year for year in years if isinstance(year, int)), default=2021)
    return RetirementRules(
        earliest,
        issuance_is_first_transfer=triggers == {"japan_side_issuance"},
        uses=tuple(
            (party, use) for party in parties for use in USES if rule(party, f"retirement_for_{use}", day).value
        ),
        ndc_periods=tuple(found for party in parties if (found := _ndc_period(party, day))),
        needed=tuple((purpose, _needed(parties, purpose, day)) for purpose in CANCELLATION_PURPOSES),
        crossing=tuple((world, party) for party in parties if party != "JPN" for world in _crossing(party, day)),
        correctable=_correctable(parties, day),
    )


def _crossing(party: str, day: date) -> list[str]:
    """The worlds in which credits may cross to or from the registry of that partner.

    A rule that is only inferred or unknown opens nothing in the public world; the demonstration has a rule of its own.
    """
    public = rule(party, "cross_registry_transfer_allowed", day)
    rehearsed = rule(party, "cross_registry_transfer_in_demonstration", day).value is True
    allowed = public.value is True and may_refuse(public)
    return ["public"] * allowed + ["demonstration"] * rehearsed


def _correctable(parties: Sequence[str], day: date) -> tuple[str, ...]:
    """The kinds of movement that every partner's rules let be corrected."""
    values = [rule(party, "correctable_acts", day).value for party in parties if party != "JPN"]
    return tuple(sorted(set.intersection(*(set(item) for item in values if isinstance(item, tuple))))) if values else ()


def _ndc_period(party: str, day: date) -> tuple[str, int, int] | None:
    """The NDC period on that day, if it is known and credits must be used in the period of their reductions."""
    first, last = (rule(party, name, day) for name in ("ndc_period_first_year", "ndc_period_last_year"))
    same = rule(party, "use_within_same_ndc_period", day)
    if not (same.value is True and may_refuse(same) and may_refuse(first) and may_refuse(last)):
        return None
    assert isinstance(first.value, int) and isinstance(last.value, int), "years are counts"
    return party, first.value, last.value


def _needed(parties: Sequence[str], purpose: str, day: date) -> tuple[str, ...]:
    """Which authorized purposes the hosts' rules ask for; one that only warns asks for none."""
    hosts = [party for party in parties if party != "JPN"]
    found = [rule(party, f"cancellation_{purpose}_needs", day) for party in hosts]
    values = [item.value for item in found if may_refuse(item) and isinstance(item.value, tuple)]
    return values[0] if values else ()


def is_on_record(desk: Desk, query: str, *values: object) -> bool:
    """Whether a ``select`` of ours finds a row."""
    return desk.connection.execute(query.encode(), values).fetchone() is not None


def known_account(desk: Desk, account_id: str) -> Account:
    """The account of that id, its row locked until the act ends: acts on one account wait for each other.

    Raises:
        Refused: ``unknown_account``.
    """
    desk.connection.execute("select from account where account_id = %s for no key update", [account_id])
    return known_accounts(desk, [account_id])[account_id]
