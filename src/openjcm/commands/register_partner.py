"""Put another installation that keeps registries on record, or its changed name, address, keys or registries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints

from openjcm.commands.framework import Act, Decision, Desk, Request, Rows
from openjcm.commands.open_registry import RegistryId
from openjcm.log.checkpoint import read_verifier_key
from openjcm.refusals import refusal
from openjcm.registry.notices import InstallationName
from openjcm.signed import key_id_of, read_public_key
from openjcm.store.notices import FILES, kept_by

REGISTRY_KEPT_HERE = refusal(
    "registry_kept_here",
    en="The registry {registry} is kept in this installation.",
    ja="登録簿 {registry} は、このシステムで管理しています。",
    remedy_en="Name only registries that the partner keeps; a registry is kept in one place.",
    remedy_ja="相手方が管理する登録簿だけを指定してください。1つの登録簿を管理するシステムは1つです。",
    clause="OpenJCM: a registry is kept in one installation (docs/two_registries.md)",
    status=409,
)
REGISTRY_KEPT_BY_ANOTHER = refusal(
    "registry_kept_by_another",
    en="The registry {registry} is kept by {partner}.",
    ja="登録簿 {registry} は {partner} が管理しています。",
    remedy_en="Revoke that partner first, or name the registries that this one keeps.",
    remedy_ja="先にその相手方を失効させるか、この相手方が管理する登録簿を指定してください。",
    clause="OpenJCM: a registry is kept in one installation (docs/two_registries.md)",
    status=409,
)
ADDRESS_NOT_SAFE = refusal(
    "address_not_safe",
    en="“{address}” is no address to which notices can be sent.",
    ja="「{address}」は通知の送付先として使用できません。",
    remedy_en="Give https://… (http:// only on this machine itself), or “files” to exchange messages as files.",
    remedy_ja="https:// で始まるアドレス (http:// は同じ機器の中に限ります)、またはファイルで交換する場合は「files」を"
    "指定してください。",
    clause="OpenJCM: what two governments tell each other is not sent in the clear",
)
OWN_NAME = refusal(
    "own_name",
    en="The partner and this installation are both called {name}.",
    ja="相手方とこのシステムの名称がいずれも {name} です。",
    remedy_en="Agree on two different names.",
    remedy_ja="異なる名称を取り決めてください。",
    clause="OpenJCM: a notice says who speaks to whom",
)

_AT_HOME = {"127.0.0.1", "localhost", "::1"}


class RegisterPartner(Request):
    """Another installation is put on record, or its newer version replaces the one before."""

    partner: InstallationName = Field(description="How the other installation names itself in its notices.")
    our_name: InstallationName = Field(description="How it names this installation.")
    address: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[!-~]+$")] = Field(
        description="Address of its pages, https://…; “files”: messages are exchanged as files."
    )
    notice_key: Annotated[str, StringConstraints(max_length=100, pattern=r"^[!-~]*$")] = Field(
        description="Ed25519 public key with which it signs notices, base64url, as `openjcm notices key` prints it."
    )
    log_key: Annotated[str, StringConstraints(max_length=300, pattern=r"^[!-~]*$")] | None = Field(
        default=None, description="Verifier key of its log (C2SP signed-note); null: not known."
    )
    keeps: Annotated[tuple[RegistryId, ...], Field(min_length=1, max_length=100)] = Field(
        description="The registries that it keeps."
    )


@dataclass(frozen=True)
class State:
    """What the act looks at: the registries that are kept, and the newest version of this partner."""

    here: frozenset[str]
    elsewhere: dict[str, str]
    version: int


def load(desk: Desk, request: RegisterPartner) -> State:
    """Who keeps the registries, and what is on record of the partner."""
    here = desk.connection.execute(
        "select registry_id from registry where registry_id = any(%s)", [list(request.keeps)]
    )
    elsewhere = {registry: kept_by(desk.connection, registry) for registry in request.keeps}
    row = desk.connection.execute(
        "select coalesce(max(version), 0) from partner where partner = %s", [request.partner]
    ).fetchone()
    return State(
        frozenset(item[0] for item in here), {name: by for name, by in elsewhere.items() if by}, row[0] if row else 0
    )


def decide(request: RegisterPartner, state: State) -> Decision:
    """The newest version is in force from its entry on; the chains of notices go on."""
    read_public_key(request.notice_key)
    two_names(request)
    address_is_safe(request)
    log_key_is_one(request)
    not_kept_here(request, state)
    not_kept_by_another(request, state)
    row = {
        "partner": request.partner,
        "version": state.version + 1,
        "our_name": request.our_name,
        "address": request.address,
        "notice_key": request.notice_key,
        "log_key": request.log_key,
        "keeps": sorted(set(request.keeps)),
        "valid_since": request.occurred_on,
    }
    outcome = {
        "partner": request.partner,
        "version": state.version + 1,
        "key_id": key_id_of(request.notice_key),
        "keeps": sorted(set(request.keeps)),
    }
    return Decision(outcome, (Rows("partner", (row,)),))


def two_names(request: RegisterPartner) -> None:
    """Partner and installation have names of their own. Refuses ``own_name``."""
    if request.partner == request.our_name:
        raise OWN_NAME(name=request.partner)


def address_is_safe(request: RegisterPartner) -> None:
    """Nothing is sent in the clear but within one machine. Refuses ``address_not_safe``."""
    try:
        parts = urlsplit(request.address)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _AT_HOME)
        safe = (
            safe and bool(parts.hostname) and parts.port != 0 and not (parts.query or parts.fragment or parts.username)
        )
    except ValueError:
        safe = False
    if not safe and request.address != FILES:
        raise ADDRESS_NOT_SAFE(address=request.address)


def log_key_is_one(request: RegisterPartner) -> None:
    """A log's key is one, and no weak one. Refuses ``not_a_verifier_key``."""
    if request.log_key is not None:
        read_verifier_key(request.log_key)


def not_kept_here(request: RegisterPartner, state: State) -> None:
    """A registry opened here is kept here. Refuses ``registry_kept_here``."""
    for registry in sorted(state.here):
        raise REGISTRY_KEPT_HERE(registry=registry)


def not_kept_by_another(request: RegisterPartner, state: State) -> None:
    """A registry is kept by one partner. Refuses ``registry_kept_by_another``."""
    for registry, partner in sorted(state.elsewhere.items()):
        if partner != request.partner:
            raise REGISTRY_KEPT_BY_ANOTHER(registry=registry, partner=partner)


ACT = Act(
    name="register_partner",
    title_en="Register a partner installation",
    title_ja="相手方システムの登録",
    permission="operator",
    request=RegisterPartner,
    load=load,
    decide=decide,
)
