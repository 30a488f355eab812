"""Serial numbers of credits: one name per tonne, for ever.

A *series* is everything that numbered credits have in common: the side that issued them, the project (or projects,
where the record does not split an issuance by project) and the vintage. Within a series the credits are numbered
1, 2, 3 …, and a later issuance of the same series goes on where the last one stopped. A transfer splits a block
without renumbering anything, so the name of a tonne never changes.

The form ``JCM-<side>-<project>-<vintage>-<first>-<last>`` is a proposal of this project, not an official format:
the elements of the official serial number could not be read (OpenJCM domain research, 2026-11-21).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from openjcm.frozen import frozen
from openjcm.refusals import refusal

HIGHEST_SERIAL = 10**15
"""No series runs further: far above any tonnage, far below the end of a 64-bit integer."""

PROJECT_REFERENCE = r"[A-Z]{2}[A-Z0-9]{1,12}"
VINTAGE = r"(?:[0-9]{4}(?:to[0-9]{4})?|unknown)"
_PROJECT = re.compile(rf"^{PROJECT_REFERENCE}$", re.ASCII)
_VINTAGE = re.compile(rf"^{VINTAGE}$", re.ASCII)
_BLOCK = re.compile(
    rf"^JCM-([A-Z]{{2}}-{PROJECT_REFERENCE}(?:\.{PROJECT_REFERENCE})*-{VINTAGE})"
    r"-([1-9][0-9]{0,15})(?:-([1-9][0-9]{0,15}))?$",
    re.ASCII,
)
"""Series, first serial, last serial."""

BLOCK_NOT_READABLE = refusal(
    "block_not_readable",
    en="“{text}” is not a serial number or a run of serial numbers.",
    ja="「{text}」は識別番号または識別番号の範囲として読み取れません。",
    remedy_en="Write JCM-<side>-<project>-<vintage>-<first>-<last>, for example JCM-JP-XD001-2022-1-40.",
    remedy_ja="JCM-<側>-<プロジェクト>-<年>-<始番>-<終番> の形で記入してください (例: JCM-JP-XD001-2022-1-40)。",
    clause="OpenJCM: form of serial numbers (own proposal, not official)",
)
VINTAGE_NOT_READABLE = refusal(
    "vintage_not_readable",
    en="“{text}” is not a vintage.",
    ja="「{text}」は排出削減年として読み取れません。",
    remedy_en="Write a year (2021), a span whose split by year is not known (2021to2022), or unknown.",
    remedy_ja="年 (2021)、年別内訳が不明な期間 (2021to2022)、または unknown を記入してください。",
    clause="OpenJCM: form of serial numbers (own proposal, not official)",
)


@dataclass(frozen=True, order=True)
class Vintage:
    """The calendar year or years in which the reductions happened; ``None`` for both ends: not known."""

    first_year: int | None
    last_year: int | None

    @classmethod
    def parse(cls, text: str) -> Vintage:
        """Read ``2021``, ``2021to2022`` or ``unknown``.

        Raises:
            Refused: ``vintage_not_readable``.
        """
        if not _VINTAGE.fullmatch(text):
            raise VINTAGE_NOT_READABLE(text=text)
        if text == "unknown":
            return cls(None, None)
        first, _, last = text.partition("to")
        if last and int(last) <= int(first):
            raise VINTAGE_NOT_READABLE(text=text)
        return cls(int(first), int(last or first))

    def __str__(self) -> str:
        if self.first_year is None:
            return "unknown"
        return f"{self.first_year}" if self.first_year == self.last_year else f"{self.first_year}to{self.last_year}"


@dataclass(frozen=True, order=True)
class Series:
    """What numbered credits have in common. ``side`` is the ISO 3166-1 alpha-2 code of the issuing side."""

    side: str
    projects: tuple[str, ...]
    vintage: str

    @cached_property
    def _text(self) -> str:
        return f"{self.side}-{'.'.join(self.projects)}-{self.vintage}"

    def __str__(self) -> str:
        return self._text

    def __hash__(self) -> int:
        return hash(self._text)  # which a text computes once

    @classmethod
    def of(cls, side: str, projects: Iterable[str], vintage: str) -> Series:
        """The series of one issuance; projects are put in order so that one set of projects has one name.

        Raises:
            Refused: ``vintage_not_readable``, ``block_not_readable`` for a side or project that is no reference.
        """
        Vintage.parse(vintage)
        series = cls(side, tuple(sorted(set(projects))), vintage)
        if not all(_PROJECT.fullmatch(project) for project in series.projects) or not _BLOCK.fullmatch(
            f"JCM-{series}-1"
        ):
            raise BLOCK_NOT_READABLE(text=f"JCM-{series}-1")
        return series

    @classmethod
    def parse(cls, text: str) -> Series:
        """Read the text form ``JP-MN004-2017``.

        Raises:
            Refused: ``block_not_readable``.
        """
        return parse_block(f"JCM-{text}-1").series


@frozen(order=True)
class Block:
    """A run of serials of one series, both ends included."""

    series: Series
    first: int
    last: int

    def __post_init__(self) -> None:
        if not 0 < self.first <= self.last <= HIGHEST_SERIAL:
            raise BLOCK_NOT_READABLE(text=f"JCM-{self.series}-{self.first}-{self.last}")

    @property
    def quantity(self) -> int:
        """How many credits (tonnes of CO2 equivalent) the block holds."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"JCM-{self.series}-{self.first}-{self.last}"

    def overlaps(self, other: Block) -> bool:
        """Whether the two blocks share a serial."""
        if self.first > other.last or other.first > self.last:
            return False
        return self.series is other.series or self.series == other.series

    def within(self, other: Block) -> bool:
        """Whether every serial of this block is a serial of the other."""
        return self.series == other.series and other.first <= self.first and self.last <= other.last

    def shared_with(self, other: Block) -> Block | None:
        """The serials in both blocks, or ``None``."""
        if not self.overlaps(other):
            return None
        if other.first <= self.first and self.last <= other.last:
            return self
        return Block(self.series, max(self.first, other.first), min(self.last, other.last))

    def without(self, other: Block) -> tuple[Block, ...]:
        """What is left of this block when the other's serials are taken out: none, one or two blocks."""
        if not self.overlaps(other):
            return (self,)
        left = (Block(self.series, self.first, other.first - 1),) if self.first < other.first else ()
        right = (Block(self.series, other.last + 1, self.last),) if other.last < self.last else ()
        return left + right


def parse_block(text: str) -> Block:
    """Read one serial (``JCM-JP-XD001-2022-4``) or a run of serials (``JCM-JP-XD001-2022-1-40``).

    Raises:
        Refused: ``block_not_readable``, ``vintage_not_readable``.
    """
    match = _BLOCK.fullmatch(text)
    if match is None:
        raise BLOCK_NOT_READABLE(text=text[:200])
    name, first_text, last_text = match.groups()
    first = int(first_text)
    return Block(_series(name), first, int(last_text) if last_text else first)


@lru_cache(4096)
def _series(name: str) -> Series:
    """The series of a name that has its form: one object for each, since thousands of blocks share it."""
    side, projects, vintage = name.split("-")
    Vintage.parse(vintage)
    return Series(side, tuple(projects.split(".")), vintage)


def parse_serial(text: str) -> tuple[Series, int]:
    """Read one serial number.

    Raises:
        Refused: ``block_not_readable``, also for a run of more than one serial.
    """
    block = parse_block(text)
    if block.quantity != 1:
        raise BLOCK_NOT_READABLE(text=text[:200])
    return block.series, block.first


def serial_text(series: Series | str, number: int) -> str:
    """The name of one credit: ``JCM-JP-XD001-2022-4``."""
    return f"JCM-{series}-{number}"
