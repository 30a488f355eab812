"""Authorizations of use: immutable versions, what they cover, and which version binds a block.

A change of an authorization is a further version. It reaches only outcomes that are not yet first transferred
(decision 4/CMA.6 as known to the OpenJCM domain research of 2026-11-21, recalled): an outcome that was first
transferred stays bound to the version of that day.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import chain

from openjcm.dated import Answer, Grade
from openjcm.frozen import frozen
from openjcm.refusals import refusal
from openjcm.registry.serials import Series, Vintage

PURPOSES = ("NDC", "OIMP", "IMP", "OP", "NDC and OIMP", "NDC and IMP", "NDC and OP")
"""The purposes of an authorization as the AEF's code list spells them (4/CMA.6 annex II, common nomenclatures)."""

ACQUIRING_SIDE = "JPN"
"""In the JCM the acquiring side is Japan, whose authorizations may speak of every partner at once."""

NOT_STATED = "not stated"
"""How an authorization without a known number begins its label. Such a label never reaches a filed report."""

UNKNOWN_PURPOSE = refusal(
    "unknown_authorization_purpose",
    en="“{purpose}” is not a purpose for which mitigation outcomes are authorized.",
    ja="「{purpose}」は緩和成果の承認目的として定められていません。",
    remedy_en="Use one of: {known}.",
    remedy_ja="次のいずれかを指定してください: {known}。",
    clause="2/CMA.3 annex para 1(d), (f); AEF common nomenclatures, purposes for authorization",
)


class FirstTransferDefinition(StrEnum):
    """What the first transferring Party takes as first transfer for other international mitigation purposes.

    2/CMA.3 annex para 2(b).
    """

    AUTHORIZATION = "authorization"
    ISSUANCE = "issuance"
    USE_OR_CANCELLATION = "use or cancellation"

    @classmethod
    def read(cls, text: str | None) -> FirstTransferDefinition | None:
        """Read any of the spellings in use (Authorisation, Use or Cancellation, use_or_cancellation …)."""
        if text is None or not text.strip():
            return None
        word = text.strip().lower().replace("_", " ").replace("authoris", "authoriz")
        return next((item for item in cls if word.startswith(item.value.split()[0])), None)


@dataclass(frozen=True)
class Entity:
    """An authorized entity, as Table 5 of the AEF asks for it. ``None``: not known."""

    name: str
    country: str | None = None
    identification: str | None = None
    conditions: str | None = None
    change_conditions: str | None = None
    note: str | None = None

    @classmethod
    def from_data(cls, data: Mapping[str, object] | str) -> Entity:
        """Read one entity of an authorization's body: a name, or an object with the fields of this class."""
        if isinstance(data, str):
            return cls(data)
        fields = {name: _text(data.get(name)) for name in cls.__dataclass_fields__ if name != "name"}
        return cls(_text(data.get("name")) or "", **fields)


@dataclass(frozen=True)
class Authorization:
    """One version of one Party's authorization. ``None`` and empty tuples mean: not stated, except where said.

    ``purposes`` empty means that this version withdraws the authorization. ``projects`` empty means every project
    of the bilateral. ``first_transferring_party`` left open means the Party itself, and for an authorization of the
    acquiring side every host. ``vintages`` is the first and last calendar year in which the outcome may have occurred.
    ``quantity`` is the most that may be used, in t CO2 eq.
    """

    party: str
    authorization_id: str
    version: int
    authorized_on: date
    first_transferring_party: str | None
    purposes: tuple[str, ...] = ("NDC",)
    cooperative_approach_id: str | None = None
    first_transfer_definition: FirstTransferDefinition | None = None
    authorized_parties: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    vintages: tuple[int, int] | None = None
    quantity: int | None = None
    sectors: tuple[str, ...] = ()
    activity_types: tuple[str, ...] = ()
    terms: str | None = None
    entities: tuple[Entity, ...] = ()
    grade: Grade = Grade.READ
    source: str = ""
    entry_no: int = 0

    def __post_init__(self) -> None:
        for purpose in self.purposes:
            if purpose not in PURPOSES:
                raise UNKNOWN_PURPOSE(purpose=purpose, known=PURPOSES)

    def __hash__(self) -> int:
        """Of the name alone: a hundred thousand rows rest on a handful of these, and ask for it each time."""
        return hash((self.party, self.authorization_id, self.version))

    @property
    def key(self) -> tuple[str, str]:
        """Party and number: a number is unique only within its Party."""
        return self.party, self.authorization_id

    @property
    def stated_id(self) -> str | None:
        """The number as the Party gave it, or ``None`` where no source states one."""
        return None if self.authorization_id.lower().startswith(NOT_STATED) else self.authorization_id

    @property
    def for_ndc(self) -> bool:
        """Whether use towards a nationally determined contribution is authorized."""
        return any(purpose.startswith("NDC") for purpose in self.purposes)

    @property
    def for_other(self) -> bool:
        """Whether another international mitigation purpose (OIMP: IMP or OP) is authorized."""
        return any(purpose != "NDC" for purpose in self.purposes)

    @property
    def withdrawn(self) -> bool:
        """Whether this version withdraws what earlier ones gave."""
        return not self.purposes

    @classmethod
    def from_body(cls, body: Mapping[str, object], entry_no: int = 0) -> Authorization:
        """Read the body of a recorded authorization (the request of the act ``record_authorization``).

        Raises:
            Refused: ``unknown_authorization_purpose``.
            KeyError, ValueError: if a field that every authorization has is missing or malformed.
        """
        vintages = body.get("vintages")
        day = body.get("authorized_on") or body["occurred_on"]
        return cls(
            party=str(body["party"]),
            authorization_id=str(body["authorization_id"]),
            version=_whole(body.get("version")) or 1,
            authorized_on=date.fromisoformat(str(day)),
            first_transferring_party=_text(body.get("first_transferring_party")),
            purposes=_texts(body.get("purposes")),
            cooperative_approach_id=_text(body.get("cooperative_approach_id")),
            first_transfer_definition=FirstTransferDefinition.read(_text(body.get("first_transfer_definition"))),
            authorized_parties=_texts(body.get("authorized_parties")),
            projects=_texts(body.get("projects")),
            vintages=_years(vintages) if isinstance(vintages, Mapping) else None,
            quantity=_whole(body.get("quantity")),
            sectors=_texts(body.get("sectors")),
            activity_types=_texts(body.get("activity_types")),
            terms=_text(body.get("terms")),
            entities=tuple(Entity.from_data(item) for item in _items(body.get("entities"))),
            grade=Grade(str(body.get("grade") or "unknown")),
            source=_text(body.get("source")) or "",
            entry_no=entry_no,
        )


@frozen()
class Outcome:
    """What an authorization may cover: where the outcome occurred, by which projects, in which years."""

    host: str
    projects: tuple[str, ...]
    vintage: Vintage


@lru_cache(4096)
def outcome_of(host: str, series: Series, monitored: Vintage) -> Outcome:
    """The outcome of a series: one object for all its movements. ``monitored`` stands in for a vintage not known."""
    vintage = Vintage.parse(series.vintage)
    return Outcome(host, series.projects, monitored if vintage.first_year is None else vintage)


@frozen()
class Binding:
    """The version that binds an outcome, and whether it surely covers it (*cannot tell*: the vintage is unknown)."""

    authorization: Authorization
    covers: Answer


def covers(authorization: Authorization, outcome: Outcome, user: str | None = None) -> Answer:
    """Whether a version covers an outcome, and its use by the Party ``user`` if one is named. Three-valued.

    No Party named in the authorization means any Party (AEF Table 2, Authorized Party(ies) ID).
    """
    if authorization.withdrawn or not _is_of_the_host(authorization, outcome.host):
        return Answer.NO
    if authorization.projects and not set(outcome.projects) <= set(authorization.projects):
        return Answer.NO
    if user is not None and authorization.authorized_parties and user not in authorization.authorized_parties:
        return Answer.NO
    return _years_within(outcome.vintage, authorization.vintages)


def in_force(authorizations: Iterable[Authorization], day: date) -> tuple[Authorization, ...]:
    """The version of each authorization that was in force on that day: the latest given on or before it."""
    latest: dict[tuple[str, str], Authorization] = {}
    for item in sorted(authorizations, key=lambda item: (item.authorized_on, item.version)):
        if item.authorized_on <= day:
            latest[item.key] = item
    return tuple(latest.values())


def binding(
    authorizations: Iterable[Authorization],
    party: str,
    outcome: Outcome,
    day: date,
    *,
    first_transferred_on: date | None = None,
    user: str | None = None,
) -> Binding | None:
    """The version of a Party's authorization that binds an outcome on a day, or ``None`` if none covers it.

    An outcome already first transferred stays bound to the version of that day; a version given later does not
    reach it, whether it widens, narrows or withdraws. Only where the Party had given nothing by then does its first
    version after that day bind. Of several authorizations that cover the outcome, the surest, then the most
    particular, then the latest is taken.
    """
    own = [item for item in authorizations if item.party == party]
    settled = min(day, first_transferred_on) if first_transferred_on else day
    found = _best(in_force(own, settled), outcome, user)
    if found is not None or first_transferred_on is None:
        return found
    early_keys = {item.key for item in own if item.authorized_on <= settled}
    late = [item for item in own if item.key not in early_keys and item.authorized_on <= day]
    return _best(in_force(late, day), outcome, user)


class Bindings:
    """:func:`binding` over one body of authorizations, remembered: the same answer between two authorizations.

    A year has a hundred thousand actions and a handful of authorizations: an answer changes only on the days on which
    the Party gave one.
    """

    def __init__(self, authorizations: Iterable[Authorization]) -> None:
        self.authorizations = tuple(authorizations)
        by_party: dict[str, list[Authorization]] = defaultdict(list)
        for item in self.authorizations:
            by_party[item.party].append(item)
        self._own = {
            party: (own, sorted({item.authorized_on for item in own})) for party, own in sorted(by_party.items())
        }
        self._known: dict[tuple[str, Outcome, int, int | None], Binding | None] = {}

    def of(
        self, party: str, outcome: Outcome, day: date, *, first_transferred_on: date | None = None
    ) -> Binding | None:
        """As :func:`binding`."""
        own, days = self._own.get(party, _NOTHING)
        settled = None if first_transferred_on is None else bisect_right(days, first_transferred_on)
        key = (party, outcome, bisect_right(days, day), settled)
        if key not in self._known:
            self._known[key] = binding(own, party, outcome, day, first_transferred_on=first_transferred_on)
        return self._known[key]


_NOTHING: tuple[list[Authorization], list[date]] = ([], [])


def first_covering_day(
    authorizations: Iterable[Authorization], party: str, outcome: Outcome, after: date
) -> date | None:
    """The first day after ``after`` on which a version of the Party covers the outcome, or ``None``."""
    days = sorted({item.authorized_on for item in authorizations if item.party == party and item.authorized_on > after})
    return next((day for day in days if binding(authorizations, party, outcome, day)), None)


def _best(candidates: Iterable[Authorization], outcome: Outcome, user: str | None) -> Binding | None:
    answers = [Binding(item, covers(item, outcome, user)) for item in candidates]
    possible = [item for item in answers if item.covers is not Answer.NO]
    return max(possible, key=_preference, default=None)


def _preference(item: Binding) -> tuple[bool, bool, date, str]:
    given = item.authorization
    return item.covers is Answer.YES, bool(given.projects), given.authorized_on, given.authorization_id


def _is_of_the_host(authorization: Authorization, host: str) -> bool:
    if authorization.first_transferring_party is not None:
        return authorization.first_transferring_party == host
    return authorization.party in {host, ACQUIRING_SIDE}


def _years_within(vintage: Vintage, years: tuple[int, int] | None) -> Answer:
    if years is None:
        return Answer.YES
    if vintage.first_year is None or vintage.last_year is None:
        return Answer.CANNOT_TELL
    if years[0] <= vintage.first_year and vintage.last_year <= years[1]:
        return Answer.YES
    return Answer.NO if vintage.last_year < years[0] or years[1] < vintage.first_year else Answer.CANNOT_TELL


def _text(value: object) -> str | None:
    return str(value) if value not in (None, "") else None


def _whole(value: object) -> int | None:
    return int(str(value)) if value is not None else None


def _items(value: object) -> list[Mapping[str, object] | str]:
    return list(value) if isinstance(value, list | tuple) else []


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()


def _years(value: Mapping[str, object]) -> tuple[int, int] | None:
    ends = tuple(chain((value.get("first"),), (value.get("last"),)))
    return (int(str(ends[0])), int(str(ends[1]))) if None not in ends else None
