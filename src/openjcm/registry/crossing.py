"""Between two registries: shut by the common specifications, open only where a partner's rulebook says so."""

from __future__ import annotations

from openjcm.refusals import refusal
from openjcm.registry.accounts import Account
from openjcm.registry.entries import Holding, InternationalTransfer

REGISTRIES_CANNOT_EXCHANGE = refusal(
    "registries_cannot_exchange",
    en="{block} is in the registry {source}; {target} is not the registry of the other Party to it ({parties}).",
    ja="{block} は登録簿 {source} にあり、{target} はこのクレジットの他方の締約国 ({parties}) の登録簿ではありません。",
    remedy_en="Name an account of the other Party's registry in the same world; within a registry use transfer.",
    remedy_ja="他方の締約国の登録簿 (実際の記録と実演用は別) の口座を指定してください。"
    "同じ登録簿内では振替によります。",
    clause="Memoranda of cooperation on the JCM: the mechanism is bilateral",
)
TRANSFER_ABROAD_NOT_ALLOWED = refusal(
    "transfer_abroad_not_allowed",
    en="The rules of {party} in force on {day} do not let credits move from the registry {source} to {target}.",
    ja="{day} に有効な {party} の規則では、登録簿 {source} から {target} への国際移転は認められていません。",
    remedy_en="Transfer within the registry. If the partner's rules allow it, record that in its rulebook file "
    "(cross_registry_transfer_allowed) with the clause.",
    remedy_ja="同じ登録簿内で振替を行ってください。相手国の規則が認める場合は、その条項とともに"
    "規則 cross_registry_transfer_allowed を記録してください。",
    clause="Common Specifications of the JCM Registry v1: transfers go to accounts “established in the respective JCM "
    "registry”",
)


def registries_can_exchange(holding: Holding, target: Account) -> None:
    """Between two registries of one world, of Parties to these credits. Refuses ``registries_cannot_exchange``."""
    source = holding.account
    one_world = source.registry_id[3:] == target.registry_id[3:]
    if source.registry_id == target.registry_id or not one_world or target.party not in holding.origin.parties:
        raise REGISTRIES_CANNOT_EXCHANGE(
            block=holding.block, source=source.registry_id, target=target.registry_id, parties=holding.origin.parties
        )


def transfer_abroad_is_allowed(holding: Holding, entry: InternationalTransfer) -> None:
    """The partner's rulebook lets credits cross. Refuses ``transfer_abroad_not_allowed``."""
    for party in (holding.account.party, entry.target.party):
        if party != "JPN" and party not in entry.allowed_by:
            raise TRANSFER_ABROAD_NOT_ALLOWED(
                party=party, source=holding.account.registry_id, target=entry.target.registry_id, day=entry.occurred_on
            )
