"""What an act is, and how one is done: one transaction, once, whatever happens on the way.

An act has a frozen request with described fields, a ``load`` that reads (and locks) what it needs, a pure ``decide``
that gives what will be recorded or refuses, and a ``record`` that writes it. :func:`perform` does it idempotently:
the same key with the same request gives the same receipt, and with another request is refused.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args, get_origin
from zoneinfo import ZoneInfo

import psycopg
from psycopg import errors, sql
from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import to_json
from typing_extensions import TypeAliasType

from openjcm.canonical import Plain, canonical_bytes, canonical_text, plain
from openjcm.commands.noticing import tell_partners
from openjcm.commands.office import Office
from openjcm.frozen import frozen
from openjcm.refusals import Refused, refusal
from openjcm.store import journal
from openjcm.store.disk import DISK_FULL, trouble
from openjcm.store.files import FileStore
from openjcm.store.journal import NewFile, Product, Receipt

ATTEMPTS = 8
"""How often an act is tried again after a deadlock, a lost connection or a race that a constraint caught."""

REQUEST_NOT_UNDERSTOOD = refusal(
    "request_not_understood",
    en="The request for “{act}” is not well-formed: {places}.",
    ja="「{act}」の請求の形式が正しくありません: {places}。",
    remedy_en="Send the fields that the description of the act names, with the types it names.",
    remedy_ja="手続の説明にある項目を、そこに示された型で送信してください。",
    clause="OpenJCM: every act has a described request",
)
UNKNOWN_ACT = refusal(
    "unknown_act",
    en="There is no act “{act}”.",
    ja="「{act}」という手続はありません。",
    remedy_en="Choose one of: {acts}.",
    remedy_ja="次のいずれかを指定してください: {acts}。",
    clause="OpenJCM: acts are listed",
    status=404,
)
IDEMPOTENCY_KEY_REUSED = refusal(
    "idempotency_key_reused",
    en="The key “{key}” stands for another request, recorded as entry {entry_no}.",
    ja="キー「{key}」は別の請求 (記録番号 {entry_no}) で使用済みです。",
    remedy_en="Repeat the very same request, or use a new key for a new one.",
    remedy_ja="同じ請求を再送するか、新しい請求には新しいキーを使用してください。",
    clause="OpenJCM: an act is done once, by its key",
    status=409,
)
DATED_IN_THE_FUTURE = refusal(
    "dated_in_the_future",
    en="{day} has not come yet; today is {today} in Tokyo.",
    ja="{day} は未来の日付です (東京の本日は {today})。",
    remedy_en="Record an act when it has happened.",
    remedy_ja="手続は、行われた後に記録してください。",
    clause="OpenJCM: the journal records what has happened",
)
REFUSED_BY_DATABASE = refusal(
    "refused_by_database",
    en="The database refused the act by its rule “{rule}”.",
    ja="データベースの制約「{rule}」により、この手続は受け付けられませんでした。",
    remedy_en="Look at the present state and send the request again; if it repeats, report it as an error.",
    remedy_ja="現在の状態を確認して再度請求してください。繰り返す場合は不具合として報告してください。",
    clause="OpenJCM: the database promises the same as the ledger",
    status=409,
)
TRY_AGAIN = refusal(
    "try_again",
    en="The database is too busy or not reachable; nothing is known to be recorded.",
    ja="データベースが混雑しているか、接続できません。記録されたかどうかは未確認です。",
    remedy_en="Send the same request with the same key again: it is done once.",
    remedy_ja="同じキーで同じ請求を再送してください。二重に処理されることはありません。",
    clause="OpenJCM: an act is done once, by its key",
    status=503,
)

LOOK_AGAIN = {"not_held_back", "account_may_send_or_receive", "closed_account_holds_nothing", "four_eyes_kept"}
"""Walls of the database that stop who read just before another wrote: the next look refuses by the proper rule."""

# Requests ------------------------------------------------------------------------------------------------------------

HIGHEST_NUMBER = 10**15
_TURNING = r"\u202a-\u202e\u2066-\u2069"
"""Marks that turn the direction of what follows: a text that holds one can show another text."""
_UNSEEN = _TURNING + r"\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2060-\u2065\ufeff"
"""Control and zero-width characters: two names that differ only in them look the same. (Joiners are letters' parts.)"""

Words = Annotated[str, StringConstraints(max_length=4000, pattern=rf"^[^\x00{_TURNING}]*$")]
"""Text that may be empty."""
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=300, pattern=rf"^[^{_UNSEEN}]*[^\s{_UNSEEN}][^{_UNSEEN}]*$")
]
"""Text of one line that shows something."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Party = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 3166-1 alpha-3."""
ProjectReference = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[A-Z0-9]{1,12}$")]
Whole = Annotated[int, Field(ge=-HIGHEST_NUMBER, le=HIGHEST_NUMBER)]
Year = Annotated[int, Field(ge=1990, le=2200)]
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2200, 12, 31))]
"""A day of a period."""
World = Literal["public", "demonstration"]
GradeName = Literal["read", "secondary", "recalled", "inferred", "unknown"]
ExactJson = TypeAliasType(
    "ExactJson",
    "None | bool | Whole | Words | list[ExactJson] | dict[Words, ExactJson]",
)
"""JSON without floating-point numbers: exact decimals are text."""


class Request(BaseModel):
    """What a caller sends for an act."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    occurred_on: date = Field(description="The day on which it happened (YYYY-MM-DD). The rules use this day.")


class Part(BaseModel):
    """A part of a request."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# Acts ----------------------------------------------------------------------------------------------------------------

R = TypeVar("R", bound=Request)
S = TypeVar("S")


@dataclass(frozen=True)
class Desk:
    """What an act may read: the database inside its transaction, and the stored files."""

    connection: psycopg.Connection
    files: FileStore
    now: datetime
    """When the act is recorded: the office's clock, which no request can set back."""


@dataclass(frozen=True)
class Rows:
    """Rows to insert into one table; the column ``entry_no`` is added where they are ``numbered``."""

    table: str
    rows: tuple[Mapping[str, object], ...]
    numbered: bool = True


@frozen()
class Decision:
    """What an act will record: nothing is written yet. ``details`` is what a ``record`` of its own needs."""

    outcome: dict[str, Any]
    rows: tuple[Rows, ...] = ()
    products: tuple[Product, ...] = ()
    files: tuple[NewFile, ...] = ()
    details: Any = None


def insert_rows(connection: psycopg.Connection, entry_no: int, decision: Decision) -> None:
    """Write the rows of a decision, all rows of one part having the same columns."""
    for part in decision.rows:
        if not part.rows:
            continue
        number = {"entry_no": entry_no} if part.numbered else {}
        rows = [{**row, **number} for row in part.rows]
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(part.table),
            sql.SQL(", ").join(map(sql.Identifier, rows[0])),
            sql.SQL(", ").join([sql.Placeholder()] * len(rows[0])),
        )
        with connection.cursor() as cursor:
            cursor.executemany(statement, [list(map(_column, row.values())) for row in rows])


def _column(value: object) -> object:
    return Jsonb(plain(value.value)) if isinstance(value, JsonColumn) else value


@dataclass(frozen=True)
class JsonColumn:
    """A value for a JSON column (a list or a null would otherwise become an array or an SQL null)."""

    value: object


def whole_request(request: Request) -> Plain:
    """The request as the journal keeps it."""
    return plain(request.model_dump(mode="json"))


@dataclass(frozen=True)
class LeavingOut:
    """The request as the journal keeps it, without those of its fields that came later and say nothing.

    So a request of before reads and hashes as it did.
    """

    names: frozenset[str]

    def __call__(self, request: Request) -> Plain:
        whole = request.model_dump(mode="json")
        return plain({name: value for name, value in whole.items() if name not in self.names or value is not None})


def leaving_out(*names: str) -> LeavingOut:
    """A form of the journal that leaves those fields out where they are not used."""
    return LeavingOut(frozenset(names))


@dataclass(frozen=True)
class Moves:
    """What makes an act that moves credits fit to be done together with others (see ``commands.together``)."""

    target: str
    """The field of the request that names the receiving account; ``blocks`` names the credits."""
    complete: Callable[[Desk, Any, Any], Any]
    """From (desk, request, accounts and holdings) to all that the act decides on."""


@dataclass(frozen=True)
class Act(Generic[R, S]):
    """One act: who may do it, what it asks, how it decides, what it writes."""

    name: str
    title_en: str
    title_ja: str
    permission: str
    request: type[R]
    load: Callable[[Desk, R], S]
    decide: Callable[[R, S], Decision]
    record: Callable[[psycopg.Connection, int, Decision], None] = insert_rows
    journal_form: Callable[[R], Plain] = field(default=whole_request)
    moves: Moves | None = None

    def read(self, data: object) -> R:
        """The request, from a model, from JSON bytes, or from plain data.

        Raises:
            Refused: ``request_not_understood`` with the places that are wrong.
        """
        if isinstance(data, self.request):
            return data
        try:
            text = bytes(data) if isinstance(data, bytes | bytearray) else canonical_bytes(data)
            found = self.request.model_validate_json(text, strict=True)
            if text.count(b":") != len(found.model_fields_set):
                refuse_doubles(self.name, text)
            return found
        except ValidationError as error:
            refuse_doubles(self.name, text)
            raise REQUEST_NOT_UNDERSTOOD(act=self.name, places=wrong_places(error)) from error
        except (TypeError, UnicodeError, RecursionError) as error:
            raise REQUEST_NOT_UNDERSTOOD(act=self.name, places=str(error)[:300]) from error

    def form_text(self, request: R) -> str:
        """The canonical text of the request as the journal keeps it."""
        values = request.__dict__
        form: object = self.journal_form
        later = form.names if isinstance(form, LeavingOut) else frozenset[str]()
        as_before = (later or form is whole_request) and all(values[name] is None for name in later)
        if as_before and (names := _flat_names(self.request, later)):
            return to_json({name: values[name] for name in names}).decode()
        return canonical_text(self.journal_form(request))


@lru_cache(256)
def _flat_names(model: type[Request], later: frozenset[str]) -> tuple[str, ...]:
    """The names of a model's fields in canonical order, if each is a text, a day, a whole number or a list of texts,
    whose one spelling in JSON is the canonical one; else nothing. What came later and is not used is not looked at."""
    fields = {name: info for name, info in model.model_fields.items() if name not in later}
    flat = all(_is_flat(info.annotation) for info in fields.values())
    return tuple(sorted(fields)) if flat else ()


def _is_flat(annotation: object) -> bool:
    if get_origin(annotation) is tuple:
        return get_args(annotation) in {(str, ...), (Name, ...), (Words, ...)}
    return annotation in {str, int, date}


class _Twice(ValueError):
    """A name stands twice in an object."""


def _no_name_twice(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))


_DECODE = json.JSONDecoder(object_pairs_hook=_no_name_twice).decode


def refuse_doubles(act: str, text: str | bytes) -> None:
    """A name stands once in an object: with two of one name, two readers could see two requests.

    What is no JSON at all is left to the reader of the request. Each member of an object has a colon, so a text with as
    many colons as the fields that were read from it holds no name twice, and need not come here.
    Refuses ``request_not_understood``.
    """
    try:
        _DECODE(text if isinstance(text, str) else text.decode())
    except _Twice as twice:
        raise REQUEST_NOT_UNDERSTOOD(act=act, places=f"{str(twice)[:80]}: stands twice / 重複しています") from None
    except (ValueError, RecursionError):
        return


def wrong_places(error: ValidationError) -> str:
    """Where a request is wrong and why, the first five places."""
    found = [
        f"{'.'.join(str(step) for step in item['loc']) or 'body'}: {item['msg']}"
        for item in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return "; ".join(found[:5]) + (f" (+{len(found) - 5})" if len(found) > 5 else "")


# Doing an act --------------------------------------------------------------------------------------------------------


def perform(act: Act[R, Any], data: object, *, office: Office, key: str | None, actor: str) -> Receipt:
    """Do the act once. See :func:`openjcm.commands.run`."""
    request = act.read(data)
    form = act.journal_form(request)
    sha256 = journal.request_hash(act.name, form)
    key = checked_key(act, key) if key is not None else sha256
    recorded_at = office.clock()
    not_in_the_future(request.occurred_on, recorded_at)
    for attempt in range(ATTEMPTS):
        try:
            return _once(act, request, form, sha256, office, key, actor, recorded_at)
        except (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable):
            pass
        except (errors.UniqueViolation, errors.ExclusionViolation) as error:
            # Another writer was first. The next look sees what it wrote, and refuses (or replays) by the proper rule.
            if attempt == ATTEMPTS - 1:
                raise REFUSED_BY_DATABASE(rule=error.diag.constraint_name or type(error).__name__) from error
        except errors.IntegrityError as error:
            if error.diag.constraint_name in LOOK_AGAIN and attempt < ATTEMPTS - 1:
                continue
            raise REFUSED_BY_DATABASE(rule=error.diag.constraint_name or error.diag.message_primary or "–") from error
        except errors.DataError as error:
            raise REQUEST_NOT_UNDERSTOOD(act=act.name, places=error.diag.message_primary or "–") from error
        except errors.DiskFull as error:
            raise DISK_FULL(folder=office.data_dir or "PostgreSQL") from error
        except (psycopg.OperationalError, psycopg.InterfaceError):
            # The connection broke, perhaps after the commit: the key tells on the next try.
            office.drop_connections()
        pause(attempt)
    raise not_reached(office)


def not_reached(office: Office) -> Refused:
    """Why an act did not come through: the disk, where it is to blame, else a database that is busy or away."""
    return trouble(office.data_dir) or TRY_AGAIN()


def pause(attempt: int) -> None:
    """Wait a little before the next try, longer with each, and not as long as another that waits."""
    time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - waiting, not a secret


def today_in_tokyo(now: datetime) -> date:
    """The day of the mechanism's clock."""
    return now.astimezone(ZoneInfo("Asia/Tokyo")).date()


def not_in_the_future(day: date, now: datetime) -> None:
    """What has not happened is not recorded. Refuses ``dated_in_the_future``."""
    today = today_in_tokyo(now)
    if day > today:
        raise DATED_IN_THE_FUTURE(day=day, today=today)


def checked_key(act: Act[Any, Any], key: str) -> str:
    if not 0 < len(key) <= 200 or not key.isprintable():
        raise REQUEST_NOT_UNDERSTOOD(act=act.name, places="key: 1–200 printable characters / 印字可能な1〜200文字")
    return key


def _once(
    act: Act[R, Any],
    request: R,
    form: Plain,
    sha256: str,
    office: Office,
    key: str,
    actor: str,
    recorded_at: datetime,
) -> Receipt:
    with office.transaction() as connection:
        if done := journal.find(connection, key):
            return _replay(done, key, sha256)
        try:
            decision = act.decide(request, act.load(Desk(connection, office.files, recorded_at), request))
        except Refused:
            # The same request may have been done by a twin of this one while it waited for locks.
            if done := journal.find(connection, key):
                return _replay(done, key, sha256)
            raise
        for file in decision.files:
            office.files.put(file.data)
        receipt = journal.append(
            connection, act.name, key, form, decision.outcome, request.occurred_on, recorded_at, actor,
            decision.products, office.signer, decision.files,
        )  # fmt: skip
        act.record(connection, receipt.entry_no, decision)
        tell_partners(connection, [(act.name, _fields(form), request.occurred_on, receipt)])
        return receipt


def _fields(form: Plain) -> dict[str, Any]:
    return form if isinstance(form, dict) else {}


def _replay(done: tuple[str, Receipt], key: str, sha256: str) -> Receipt:
    recorded, receipt = done
    same_request_under_key(recorded, sha256, key, receipt.entry_no)
    return receipt


def same_request_under_key(recorded: str, asked: str, key: str, entry_no: int) -> None:
    """A key stands for one request. Refuses ``idempotency_key_reused``."""
    if recorded != asked:
        raise IDEMPOTENCY_KEY_REUSED(key=key, entry_no=entry_no)
