"""Which entries of the journal are reported to a partner, and as what: a pure function of the entry.

``decide_issuance`` gives a *decision*, ``issue`` gives *issued*, ``record_authorization`` an *authorization*; whatever
else moves credits gives a notice named after its kind (*retired*, *cancelled* …), with the state in which each run of
serials is afterwards. Transfers between holding accounts are a registry's own matter. A further act that moves credits
is reported without anything being added here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openjcm.registry.accounts import Kind
from openjcm.registry.serials import Block, parse_block

NAMES = {"issue": "issued", "retire": "retired", "cancel": "cancelled", "reserve": "reserved", "release": "released"}
"""Kind of a movement → kind of its notice; others keep their name."""
STATES = {
    **dict.fromkeys(("government_holding", "entity_holding", "holder_not_stated"), "held"),
    "retirement": "retired",
    "cancellation": "cancelled",
}
"""Type of an account → state of what lies in it; other types are states of their own."""
FIRST_TRANSFER_BY = {
    "japan_side_issuance": Kind.ISSUE,
    "retirement": Kind.RETIRE,
    "international_transfer": Kind.INTERNATIONAL_TRANSFER,
}
"""Rule of a partner for the first transfer towards an NDC → kind of movement that it names."""
_REPORTED = frozenset(Kind) - {Kind.TRANSFER}
ALLOCATION_FACTS = ("decision_id", "world", "projects", "monitoring_start", "monitoring_end", "total")


def state_of(account_type: str) -> str:
    """The state of credits in an account of that type."""
    return STATES.get(account_type, account_type)


@dataclass(frozen=True)
class Entry:
    """An entry of the journal, as far as a notice looks at it."""

    entry_no: int
    act: str
    request: Mapping[str, Any]
    outcome: Mapping[str, Any]
    occurred_on: date


Trigger = Callable[[str, date], str]
"""``(host Party, day)`` → the partner's rule for the first transfer towards an NDC."""


@dataclass(frozen=True)
class Around:
    """What the journal says of what the entry names."""

    hosts: Mapping[str, str]
    """Project → host Party."""
    account_types: Mapping[str, str]
    registries: frozenset[str]
    """The registries kept here."""
    trigger: Trigger


@dataclass(frozen=True)
class Body:
    """A notice before it has a recipient. ``about`` is the Parties concerned; ``None``: everyone of the world."""

    kind: str
    world: str
    about: frozenset[str] | None
    ranges: tuple[tuple[Block, str, str], ...] = ()
    """Block, registry, state."""
    facts: Mapping[str, Any] = field(default_factory=dict)


def may_be_reported(act: str, outcome: Mapping[str, Any]) -> bool:
    """Whether the entry needs a look: it decides, authorizes or moves credits otherwise than between holders."""
    if act in ("decide_issuance", "record_authorization"):
        return True
    if (inner := _executed(outcome)) is not None:
        return may_be_reported(str(outcome.get("act", "")), inner)
    if act == Kind.TRANSFER or not {"blocks", "registry_id"} <= outcome.keys():
        return False
    return act == Kind.ISSUE or outcome.get("kind") in _REPORTED


def bodies(entry: Entry, around: Around) -> list[Body]:
    """What is reported of an entry: nothing, one notice, or two (an issuance that is a first transfer)."""
    if entry.act == "decide_issuance":
        return _decision(entry, around)
    if entry.act == "record_authorization":
        return _authorization(entry, around)
    if not may_be_reported(entry.act, entry.outcome):
        return []
    return _moved(executed_in(entry), around)


def executed_in(entry: Entry) -> Entry:
    """The act that an entry did: an approved proposal is told as the act that it proposed, on that act's day."""
    inner = _executed(entry.outcome)
    if inner is None:
        return entry
    day = date.fromisoformat(entry.outcome["executed_on"])
    return Entry(entry.entry_no, str(entry.outcome.get("act", "")), {}, inner, day)


def _executed(outcome: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What came of the act that an approved proposal proposed, if the entry executed it."""
    done = outcome.get("executed")
    inner = done.get("outcome") if isinstance(done, dict) else None
    return inner if isinstance(inner, dict) else None


def _decision(entry: Entry, around: Around) -> list[Body]:
    request = entry.request
    sides = {side["side"]: side["amount"] for side in request["sides"]}
    hosts = {around.hosts[project] for project in request["projects"]}
    facts = {name: request[name] for name in ALLOCATION_FACTS} | {
        "sides": sides,
        "projects": sorted(set(request["projects"])),
    }
    return [Body("decision", request["world"], frozenset({*sides, *hosts}), facts=facts)]


def _authorization(entry: Entry, around: Around) -> list[Body]:
    """A Party's authorization is reported by whoever keeps its registry, to those whom it concerns."""
    request = entry.request
    world, party = request["world"], request["party"]
    if not any(registry_party(registry) == (party, world) for registry in around.registries):
        return []
    about: frozenset[str] | None = frozenset({"JPN", *(around.hosts[project] for project in request["projects"])})
    if not request["projects"] and party == "JPN":
        about = None
    facts = {name: value for name, value in request.items() if name not in ("occurred_on", "world")}
    return [Body("authorization", world, about, facts=facts)]


def _moved(entry: Entry, around: Around) -> list[Body]:
    outcome = entry.outcome
    kind = str(outcome.get("kind", entry.act))
    target = outcome.get("target_account")
    registry = str(outcome["registry_id"])
    runs = [_run(item, str(target), around) for item in outcome["blocks"]]
    projects = {project for block, _, _ in runs for project in block.series.projects}
    about = frozenset({"JPN", *(around.hosts[project] for project in projects)})
    party, world = registry_party(registry)
    facts = {name: value for name, value in outcome.items() if name not in _NOT_FACTS}
    found = [Body(NAMES.get(kind, kind), world, about, joined(runs), facts)]
    first = [run for run in runs if _is_first_transfer(run[0], party, kind, entry.occurred_on, around)]
    if first:
        rules = {around.trigger(host, entry.occurred_on) for host in about - {"JPN"}}
        found.append(Body("first_transfer", world, about, joined(first), {"rule": sorted(rules)[0]}))
    return found


def _run(item: str | Mapping[str, str], target: str, around: Around) -> tuple[Block, str, str]:
    """A run of serials with the registry and the state in which it is after the entry."""
    block, account = (item, target) if isinstance(item, str) else (item["block"], item["account_id"])
    return parse_block(block), account.partition("/")[0], state_of(around.account_types[account])


_NOT_FACTS = {"kind", "registry_id", "source_account", "target_account", "quantity", "blocks", "side"}


def _is_first_transfer(block: Block, party: str, kind: str, day: date, around: Around) -> bool:
    """Whether the partner's rule says that this movement is the first transfer towards an NDC."""
    if party != "JPN" and kind != Kind.INTERNATIONAL_TRANSFER:
        return False
    hosts = {around.hosts[project] for project in block.series.projects}
    return all(FIRST_TRANSFER_BY.get(around.trigger(host, day)) == kind for host in hosts)


def registry_party(registry_id: str) -> tuple[str, str]:
    """Party and world of a registry, from its name."""
    return registry_id[:3], "demonstration" if registry_id.endswith("-demonstration") else "public"


def joined(runs: Sequence[tuple[Block, str, str]]) -> tuple[tuple[Block, str, str], ...]:
    """The runs in order, neighbours of one registry and state made one."""
    found: list[tuple[Block, str, str]] = []
    for block, registry, state in sorted(runs):
        if found:
            last, *same = found[-1]
            if same == [registry, state] and last.series == block.series and last.last + 1 == block.first:
                found[-1] = (Block(block.series, last.first, block.last), registry, state)
                continue
        found.append((block, registry, state))
    return tuple(found)


def concerns(body: Body, keeps: Iterable[str]) -> bool:
    """Whether a notice is for a partner that keeps those registries."""
    parties = {party for party, world in map(registry_party, keeps) if world == body.world}
    return bool(parties) and (body.about is None or bool(parties & body.about))
