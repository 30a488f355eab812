"""Reconciliation: what each of two installations says of the same serials, laid side by side, every difference named.

Each side writes a *statement*: a signed head, and plain lines in order — its own book, its mirror of the other's book,
and the decisions that concern both. A line names a run of serials, the registry, the state, the day and the purpose, as
both sides can know them. Lines that both sides have are in order without a second look; what is left is cut into runs
on which each side says one thing, and each such run on which they differ is a difference.

A difference that a notice under way explains is named as such: then one side is merely behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from typing import Annotated, Any, Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from openjcm.canonical import canonical_bytes
from openjcm.refusals import refusal
from openjcm.registry.notices import InstallationName
from openjcm.signed import SignedLine, read_line, sign_line

STATEMENT: Final = "openjcm-statement-1"
STATEMENT_REQUEST: Final = "openjcm-statement-request-1"
BOOK, DECISION, MIRROR = "b", "d", "m"
"""The first character of a line: the sender's own book, a decision, the sender's mirror of the recipient's book."""
MOST_NAMED = 10_000
"""Differences that a report names one by one; their number and tonnes count all."""

_CLAUSE = "OpenJCM: each side proves what it holds by serial ranges (docs/two_registries.md)"
STATEMENT_NOT_UNDERSTOOD = refusal(
    "statement_not_understood",
    en="The statement cannot be read: {place}.",
    ja="照合用の明細を読み取れません: {place}。",
    remedy_en="Take the statement that the partner's program writes, whole and unchanged.",
    remedy_ja="相手方のプログラムが出力した明細を、変更せずにそのまま使用してください。",
    clause=_CLAUSE,
)
STATEMENT_NOT_OF_PARTNER = refusal(
    "statement_not_of_partner",
    en="The statement is not {partner}'s for this installation: {reason}.",
    ja="この明細は、{partner} がこのシステムに宛てたものではありません: {reason}。",
    remedy_en="Ask the partner for its statement, and check that its key on record is the present one.",
    remedy_ja="相手方に明細を請求し、登録済みの鍵が現在のものか確認してください。",
    clause=_CLAUSE,
    status=403,
)

_Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class StatementHead(_Part):
    """What a statement says of itself; the lines follow it and are bound to it by their hash."""

    format: Literal["openjcm-statement-1"]
    sender: InstallationName
    recipient: InstallationName
    made_at: str = Field(max_length=40, description="When it was made, by the sender's clock (ISO 8601).")
    on: _Day | None = Field(description="The day at whose end the book stood so; null: the moment of making.")
    sent: int = Field(ge=0, description="Notices written for the recipient until then.")
    sent_head: _Hash = Field(description="SHA-256 of the payload of the newest of them; zeros: none.")
    received: int = Field(ge=0, description="Notices of the recipient on record until then.")
    received_head: _Hash
    lines: int = Field(ge=0)
    tonnes: int = Field(ge=0, description="Tonnes in the sender's own book.")
    lines_sha256: _Hash = Field(description="SHA-256 of the lines, each ended by a line feed.")


class StatementRequest(_Part):
    """A partner asks for a statement."""

    format: Literal["openjcm-statement-request-1"]
    sender: InstallationName
    recipient: InstallationName
    made_at: str = Field(max_length=40)
    on: _Day | None


@dataclass(frozen=True)
class Statement:
    """A statement taken apart, its lines bound to its head. The signature is checked by the reader."""

    head: StatementHead
    line: SignedLine
    lines: tuple[str, ...]


def write_statement(head: StatementHead, body: bytes, key: Ed25519PrivateKey) -> bytes:
    """The statement as it is sent: the signed head, then the lines."""
    return sign_line(STATEMENT, canonical_bytes(head.model_dump(mode="json")), key).encode() + b"\n" + body


def read_statement(data: bytes) -> Statement:
    """The statement of its bytes; the lines are those that the head names.

    Raises:
        Refused: ``statement_not_understood``.
    """
    first, _, body = data.partition(b"\n")
    try:
        signed, _ = read_line(STATEMENT, first, 10_000)
        head = StatementHead.model_validate_json(signed.payload)
        if sha256(body).hexdigest() != head.lines_sha256:
            raise ValueError("the lines are not those of the head")
        lines = tuple(body.decode("utf-8").split("\n")[:-1])
        if len(lines) != head.lines or (body and not body.endswith(b"\n")):
            raise ValueError("the number of lines is another")
        if tonnes_of(line for line in lines if line.startswith(BOOK)) != head.tonnes:
            raise ValueError("the tonnes are others")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, IndexError) as error:
        raise STATEMENT_NOT_UNDERSTOOD(place=str(error)[:200]) from error
    return Statement(head, signed, lines)


def read_request(line: str) -> tuple[StatementRequest, SignedLine]:
    """A partner's request for a statement.

    Raises:
        Refused: ``statement_not_understood``.
    """
    try:
        signed, _ = read_line(STATEMENT_REQUEST, line, 10_000)
        return StatementRequest.model_validate_json(signed.payload), signed
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise STATEMENT_NOT_UNDERSTOOD(place=str(error)[:200]) from error


def sign_request(request: StatementRequest, key: Ed25519PrivateKey) -> str:
    """A request as it is sent."""
    return sign_line(STATEMENT_REQUEST, canonical_bytes(request.model_dump(mode="json")), key)


def tonnes_of(lines: Iterable[str]) -> int:
    """Sum of the quantities of lines of a book."""
    total = 0
    for line in lines:
        _, _, first, last, _ = line.split("\t", 4)
        total += int(last) - int(first) + 1
    return total


# Comparing ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class Said:
    """What one side says of a run: registry, state, day, purpose."""

    registry: str
    state: str
    day: str
    purpose: str


@dataclass(frozen=True, order=True)
class Span:
    """A run of serials of one series."""

    series: str
    first: int
    last: int

    @property
    def quantity(self) -> int:
        """Tonnes."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Difference:
    """A run of serials of which the two sides say different things; or a decision (then ``span`` is ``None``).

    ``book`` is whose book it is: ``ours`` or ``theirs``; ``both`` for a decision, ``notices`` for the chains.
    ``behind`` is the side that lacks what the other has: ``here`` or ``there``; empty: they contradict each other.
    """

    book: str
    span: Span | None
    here: Said | None
    there: Said | None
    behind: str = ""
    explained: bool = False
    """Whether a notice under way explains it, so that it blocks nothing."""
    decision: str = ""
    said_here: str = ""
    said_there: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """What differs: ``range`` where only one side knows the serials."""
        if self.span is None:
            return ("decision" if self.book == "both" else "notices",)
        if self.here is None or self.there is None:
            return ("range",)
        pairs = [(name, getattr(self.here, name), getattr(self.there, name)) for name in Said.__dataclass_fields__]
        return tuple(name for name, here, there in pairs if here != there)

    def as_data(self) -> dict[str, Any]:
        """The difference as plain data."""
        data: dict[str, Any] = {
            "book": self.book,
            "fields": list(self.fields),
            "behind": self.behind,
            "under_way": self.explained,
        }
        if self.span is None:
            return data | {"decision": self.decision, "here": self.said_here, "there": self.said_there}
        vintage = self.span.series.rsplit("-", 1)[-1]
        return data | {
            "block": f"JCM-{self.span.series}-{self.span.first}-{self.span.last}",
            "quantity": self.span.quantity,
            "vintage": vintage,
            "here": None if self.here is None else dict(self.here.__dict__),
            "there": None if self.there is None else dict(self.there.__dict__),
        }


@dataclass(frozen=True)
class UnderWay:
    """What notices explain: the serials in notices that one side does not have yet."""

    there: Sequence[Span] = ()
    """In notices of ours that the partner did not have when it made its statement."""
    here: Sequence[Span] = ()
    """In notices of the partner that came after it made its statement."""
    decisions_there: frozenset[str] = frozenset()
    all_of_theirs: bool = False
    """The partner wrote notices that have not come, so nothing is known of what they tell."""


@dataclass(frozen=True)
class Books:
    """One side's lines: own book, mirror of the other's book, decisions."""

    book: Sequence[str]
    mirror: Sequence[str]
    decisions: Sequence[str]


def books_of(lines: Sequence[str]) -> Books:
    """The lines by their first character."""
    found: dict[str, list[str]] = {BOOK: [], MIRROR: [], DECISION: []}
    for line in lines:
        found.get(line[:1], []).append(line[2:])
    return Books(found[BOOK], found[MIRROR], found[DECISION])


def differences(ours: Books, theirs: Books, under_way: UnderWay) -> Iterator[Difference]:
    """Every difference: of the decisions, of our book as they see it, of their book as we see it."""
    yield from _decisions(ours.decisions, theirs.decisions, under_way)
    for found in compared("ours", ours.book, theirs.mirror):
        yield from cut(found, under_way.there, "there")
    for found in compared("theirs", ours.mirror, theirs.book):
        if under_way.all_of_theirs:
            yield replace(found, behind="here", explained=True)
        else:
            yield from cut(found, under_way.here, "there")


def _decisions(ours: Sequence[str], theirs: Sequence[str], under_way: UnderWay) -> Iterator[Difference]:
    here = {line.partition("\t")[0]: line for line in ours}
    there = {line.partition("\t")[0]: line for line in theirs}
    for name in sorted(here.keys() | there.keys()):
        if here.get(name) != there.get(name):
            said_here, said_there = here.get(name, ""), there.get(name, "")
            behind = "here" if not said_here else "there" if not said_there else ""
            explained = behind == "there" and name in under_way.decisions_there
            explained = explained or (behind == "here" and under_way.all_of_theirs)
            yield Difference("both", None, None, None, behind, explained, name, said_here, said_there)


def compared(book: str, here: Sequence[str], there: Sequence[str]) -> Iterator[Difference]:
    """The runs on which the lines of the two sides differ. Lines that are equal need no second look."""
    only_here, only_there = set(here), set(there)
    only_here, only_there = only_here - only_there, only_there - only_here
    left = _by_series(only_here)
    right = _by_series(only_there)
    for series in sorted(left.keys() | right.keys()):
        yield from _swept(book, series, left.get(series, []), right.get(series, []))


_Runs = list[tuple[int, int, Said]]


def _by_series(lines: Iterable[str]) -> dict[str, _Runs]:
    found: dict[str, _Runs] = {}
    for line in lines:
        series, first, last, registry, state, day, purpose = line.split("\t")
        found.setdefault(series, []).append((int(first), int(last), Said(registry, state, day, purpose)))
    for runs in found.values():
        runs.sort(key=lambda run: run[0])
    return found


def _swept(book: str, series: str, here: _Runs, there: _Runs) -> Iterator[Difference]:
    """One sweep over both sides' runs of a series, which do not overlap on either side."""
    edges = sorted({edge for first, last, _ in (*here, *there) for edge in (first, last + 1)})
    last: Difference | None = None
    left, right = 0, 0
    for start, end in pairwise(edges):
        left, said_here = _at(here, left, start)
        right, said_there = _at(there, right, start)
        if said_here == said_there:
            continue
        if last is not None and last.span is not None and last.span.last + 1 == start and (
            (last.here, last.there) == (said_here, said_there)
        ):  # fmt: skip
            last = replace(last, span=replace(last.span, last=end - 1))
            continue
        if last is not None:
            yield last
        last = Difference(book, Span(series, start, end - 1), said_here, said_there)
    if last is not None:
        yield last


def _at(runs: _Runs, place: int, number: int) -> tuple[int, Said | None]:
    while place < len(runs) and runs[place][1] < number:
        place += 1
    if place < len(runs) and runs[place][0] <= number:
        return place, runs[place][2]
    return place, None


def cut(found: Difference, spans: Sequence[Span], behind: str) -> Iterator[Difference]:
    """The difference, cut where notices under way explain a part of it."""
    whole = found.span
    if whole is None or not spans:
        yield found
        return
    place = whole.first
    for span in merged_spans(span for span in spans if span.series == whole.series):
        first, last = max(span.first, place), min(span.last, whole.last)
        if first > last:
            continue
        if first > place:
            yield replace(found, span=replace(whole, first=place, last=first - 1))
        yield replace(found, span=replace(whole, first=first, last=last), behind=behind, explained=True)
        place = last + 1
    if place <= whole.last:
        yield replace(found, span=replace(whole, first=place))


def merged_spans(spans: Iterable[Span]) -> list[Span]:
    """Spans of one series in order, without overlaps."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.first <= found[-1].last + 1:
            found[-1] = replace(found[-1], last=max(found[-1].last, span.last))
        else:
            found.append(span)
    return found


# The report -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Report:
    """What a reconciliation found."""

    facts: Mapping[str, Any]
    differences: tuple[Difference, ...]

    @property
    def unexplained(self) -> list[Difference]:
        """Those that no notice under way explains: they block."""
        return [one for one in self.differences if not one.explained]

    def as_data(self) -> dict[str, Any]:
        """The report as a product."""
        blocking = self.unexplained
        return {
            "kind": "reconciliation_report",
            **self.facts,
            "agrees": not blocking,
            "differences": len(blocking),
            "under_way": len(self.differences) - len(blocking),
            "tonnes": sum(one.span.quantity for one in blocking if one.span is not None),
            "named": [one.as_data() for one in self.differences[:MOST_NAMED]],
        }
