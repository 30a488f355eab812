"""The consistency checks of an AEF, run before it is filed. Three-valued: yes (passes), no, cannot tell.

Codes II01 to II07, STC01 to STC04 and ISC01 are those of the secretariat-side checking scripts (read by the OpenJCM
domain research, 2026-11-21); where a script there is a stub or errs (STC02 compares purposes as texts), the rule is
what its name says. Codes beginning with X are ours, after the rules of 2/CMA.3 annex and the AEF itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

from openjcm.article6.actions import EARLIEST_VINTAGE, SINKS, ActionType, Subtype
from openjcm.article6.authorization import Authorization, FirstTransferDefinition, in_force
from openjcm.dated import Answer
from openjcm.registry.serials import Vintage
from openjcm.reports.aef import Aef
from openjcm.reports.aef_syntax import Problem, structure
from openjcm.reports.article6_lines import ActionLine, Line, PartyLines, ndc_period
from openjcm.reports.collector import collector_paused


@dataclass(frozen=True)
class Check:
    """A check: its code, and what it asks, in both languages."""

    code: str
    en: str
    ja: str
    find: Callable[[Aef], Iterable[Problem]]


@dataclass(frozen=True)
class Result:
    """What a check found. *Yes*: passes. The problems name rows as ``T3 row 2`` and runs by their serials."""

    code: str
    answer: Answer
    en: str
    ja: str
    problems: tuple[str, ...]

    def as_data(self) -> dict[str, object]:
        """The result as plain data."""
        return {
            "code": self.code,
            "answer": self.answer.value,
            "en": self.en,
            "ja": self.ja,
            "problems": list(self.problems),
        }


@collector_paused()
def run_checks(aef: Aef) -> tuple[Result, ...]:
    """All checks, in the order of their declaration. One *no* makes a check *no*; else one doubt *cannot tell*."""
    results = []
    for check in CHECKS:
        problems = list(check.find(aef))
        answers = {answer for answer, _ in problems}
        answer = Answer.NO if Answer.NO in answers else Answer.CANNOT_TELL if answers else Answer.YES
        results.append(Result(check.code, answer, check.en, check.ja, tuple(text for _, text in problems)))
    return tuple(results)


# Checks with the secretariat's codes ------------------------------------------------------------------------------


def _own_approaches(aef: Aef) -> Iterable[Problem]:
    own = {item.cooperative_approach_id for item in aef.lines.authorizations}
    for place, line in _all(aef.lines):
        approach = line.itmo.cooperative_approach
        if approach is None:
            yield Answer.CANNOT_TELL, f"{place}: cooperative approach not known"
        elif approach not in own and aef.party not in line.first_transfer.bound.authorization.authorized_parties:
            yield Answer.NO, f"{place}: {approach}"


def _reported_once(aef: Aef) -> Iterable[Problem]:
    """Key: entry, date, type, subtype, registry, first, last. Two acts of one day are two actions."""
    seen: dict[tuple[object, ...], str] = {}
    for place, line in _actions(aef.lines):
        key = (
            line.entry_no, line.occurred_on, line.action_type, line.subtype, line.itmo.registry, line.block,
        )  # fmt: skip
        if key in seen:
            yield Answer.NO, f"{place} repeats {seen[key]}"
        seen.setdefault(key, place)


def _sectors_stay(aef: Aef) -> Iterable[Problem]:
    for place, line in _all(aef.lines):
        host = line.first_transfer.bound.authorization
        own = line.bound.authorization if line.bound else None
        if not host.sectors or own is None or not own.sectors:
            yield Answer.CANNOT_TELL, f"{place}: sector not stated by both Parties"
        elif (set(host.sectors), set(host.activity_types)) != (set(own.sectors), set(own.activity_types)):
            yield Answer.NO, f"{place}: {host.sectors} / {own.sectors}"


def _one_metric(aef: Aef) -> Iterable[Problem]:
    yield from _overlaps_agree(aef.lines, lambda line: line.metric)


def _underlying_agree(aef: Aef) -> Iterable[Problem]:
    """Where ITMO runs overlap, the JCM serials overlap by the same amount and at the same distance."""
    runs = []
    for place, line in _all(aef.lines):
        itmo = line.itmo
        key = (itmo.cooperative_approach or "", itmo.registry or "", itmo.first_party, itmo.vintage)
        runs.append(Run(key, itmo.first, itmo.last, (place, line)))
    for (place, one), (other_place, other) in _meeting(runs):
        same_offset = one.block.first - one.itmo.first == other.block.first - other.itmo.first
        if one.block.series != other.block.series or not same_offset:
            yield Answer.NO, f"{place} and {other_place}"


def _user_is_authorized(aef: Aef) -> Iterable[Problem]:
    entities = {entity.identification for item in aef.lines.authorizations for entity in item.entities}
    for place, line in _actions(aef.lines):
        if line.action_type not in SINKS:
            continue
        allowed = line.first_transfer.bound.authorization.authorized_parties
        if line.action_type is ActionType.USE and line.using_party is None:
            yield Answer.NO, f"{place}: no using Party"
        if line.using_party is not None and allowed and line.using_party not in allowed:
            yield Answer.NO, f"{place}: {line.using_party} not in {', '.join(allowed)}"
        if line.using_entity is not None and line.using_entity not in entities:
            yield Answer.NO, f"{place}: entity {line.using_entity}"


def _one_approach(aef: Aef) -> Iterable[Problem]:
    yield from _overlaps_agree(aef.lines, lambda line: line.itmo.cooperative_approach)


def _year_of_action(aef: Aef) -> Iterable[Problem]:
    for place, line in _actions(aef.lines):
        if line.occurred_on.year != aef.year:
            yield Answer.NO, f"{place}: {line.occurred_on}"


def _purpose_allows(aef: Aef) -> Iterable[Problem]:
    """By inclusion: “NDC and OIMP” allows use towards an NDC."""
    for place, line in _actions(aef.lines):
        given = line.first_transfer.bound.authorization
        if line.action_type is ActionType.USE and not given.for_ndc:
            yield Answer.NO, f"{place}: {', '.join(given.purposes)} does not include NDC"
        if line.action_type is ActionType.CANCELLATION and line.other_purpose and not given.for_other:
            yield Answer.NO, f"{place}: {', '.join(given.purposes)} includes no other purpose"


def _same_ndc_period(aef: Aef) -> Iterable[Problem]:
    """The outcome's year and the year of use lie in one NDC implementation period."""
    first, last = ndc_period(aef.party, aef.year)
    for place, line in _actions(aef.lines):
        if line.action_type is not ActionType.USE:
            continue
        vintage = Vintage.parse(line.itmo.vintage)
        if first is None or last is None:
            yield Answer.CANNOT_TELL, f"{place}: NDC period of {aef.party} not known"
        elif line.used_for_year is None or not first <= line.used_for_year <= last:
            yield Answer.NO, f"{place}: used for {line.used_for_year}"
        elif vintage.first_year is None or vintage.last_year is None:
            yield Answer.CANNOT_TELL, f"{place}: vintage not known"
        elif not (first <= vintage.first_year and vintage.last_year <= last):
            yield Answer.NO, f"{place}: vintage {vintage}"


_DEFINED_BY = {
    Subtype.AUTHORIZATION: FirstTransferDefinition.AUTHORIZATION,
    Subtype.ISSUANCE: FirstTransferDefinition.ISSUANCE,
    Subtype.USE_OR_CANCELLATION: FirstTransferDefinition.USE_OR_CANCELLATION,
}


def _definition_holds(aef: Aef) -> Iterable[Problem]:
    for place, line in _actions(aef.lines):
        if line.action_type is not ActionType.FIRST_TRANSFER:
            continue
        given = line.first_transfer.bound.authorization
        if line.subtype is Subtype.TO_ANOTHER_PARTY:
            if line.acquiring in (None, line.party):
                yield Answer.NO, f"{place}: acquiring Party {line.acquiring}"
        elif line.subtype not in _DEFINED_BY or not given.for_other:
            yield Answer.NO, f"{place}: {line.subtype} without an authorization for other purposes"
        elif given.first_transfer_definition is not _DEFINED_BY[line.subtype]:
            yield Answer.NO, f"{place}: {line.subtype}, defined as {given.first_transfer_definition}"


def _holdings_reconcile(aef: Aef) -> Iterable[Problem]:
    """Opening + in − out = closing, for every single serial."""
    lines = aef.lines
    change: Counter[tuple[str, int]] = Counter()
    for line, sign in (
        *((item, 1) for item in lines.opening),
        *((item, _flow(item)) for item in lines.actions),
        *((item, -1) for item in lines.holdings),
    ):
        change[str(line.block.series), line.block.first] += sign
        change[str(line.block.series), line.block.last + 1] -= sign
    for (series, number), difference in sorted(change.items()):
        if difference:
            yield Answer.NO, f"JCM-{series}-{number}: {difference:+d} from here on"


def _flow(line: ActionLine) -> int:
    """+1 where the units come into the Party's holdings, −1 where they leave, 0 where neither."""
    kind = line.action_type
    if kind is ActionType.ACQUISITION:
        return 1
    if kind is ActionType.FIRST_TRANSFER:
        return 1 if line.acquiring is None and line.subtype is not Subtype.USE_OR_CANCELLATION else 0
    if kind in SINKS and line.first_transfer.entry_no == line.entry_no:
        return 0 if line.first_transfer.subtype is Subtype.USE_OR_CANCELLATION else -1
    return -1


# Checks of our own ------------------------------------------------------------------------------------------------


def _authorization_listed(aef: Aef) -> Iterable[Problem]:
    listed = set(aef.lines.authorizations)
    for place, line in _all(aef.lines):
        if line.bound is None:
            yield Answer.CANNOT_TELL, f"{place}: no authorization of {aef.party} on file"
        elif line.bound.authorization not in listed:
            yield Answer.NO, f"{place}: {line.bound.authorization.authorization_id} is not in Table 2"


def _no_double_holding(aef: Aef) -> Iterable[Problem]:
    for (place, one), (other_place, other) in _meeting(_runs(_holdings(aef.lines))):
        yield Answer.NO, f"{place} and {other_place}: {one.block.shared_with(other.block)}"


def _consumed_not_held(aef: Aef) -> Iterable[Problem]:
    consumed = [(str(line.occurred_on), line) for line in _ever(aef.lines) if line.action_type in SINKS]
    for pair in _meeting(_runs([*consumed, *_holdings(aef.lines)])):
        sunk = [(day, line) for day, line in pair if isinstance(line, ActionLine)]
        held = [(place, line) for place, line in pair if not isinstance(line, ActionLine)]
        if sunk and held:
            shared = sunk[0][1].block.shared_with(held[0][1].block)
            yield Answer.NO, f"{held[0][0]}: {shared} was consumed on {sunk[0][0]}"


def _facts_stay(aef: Aef) -> Iterable[Problem]:
    yield from _overlaps_agree(aef.lines, lambda line: (line.itmo.vintage, line.itmo.first_party))


def _count_is_quantity(aef: Aef) -> Iterable[Problem]:
    for place, line in _all(aef.lines):
        if line.itmo.last - line.itmo.first + 1 != line.quantity or line.block.quantity != line.quantity:
            yield Answer.NO, f"{place}: {line.quantity}"


def _within_authorized_quantity(aef: Aef) -> Iterable[Problem]:
    totals: dict[Authorization, int] = defaultdict(int)
    for first in aef.lines.history.first_transfers:
        totals[first.bound.authorization] += first.block.quantity
    by_number: dict[tuple[str, str], int] = defaultdict(int)
    for given, total in totals.items():
        by_number[given.key] += total
    for given in totals:
        if given.quantity is not None and by_number[given.key] > given.quantity:
            yield Answer.NO, f"{given.authorization_id} v{given.version}: {by_number[given.key]} of {given.quantity}"


def _version_in_force(aef: Aef) -> Iterable[Problem]:
    known = _known(aef)

    @cache
    def was_in_force(given: Authorization, day: date) -> bool:
        return given in in_force(known | {given}, day)

    for place, line in _actions(aef.lines):
        if line.bound is None:
            continue
        given = line.bound.authorization
        if given.authorized_on > line.occurred_on:
            yield Answer.NO, f"{place}: {given.authorization_id} v{given.version} is of {given.authorized_on}"
        elif given.authorized_on > line.first_transfer.on:
            yield Answer.CANNOT_TELL, f"{place}: authorized on {given.authorized_on}, after the first transfer"
        elif not was_in_force(given, line.first_transfer.on):
            yield Answer.NO, f"{place}: v{given.version} was not in force on {line.first_transfer.on}"


def _vintage_fits(aef: Aef) -> Iterable[Problem]:
    for place, line in _all(aef.lines):
        vintage = Vintage.parse(line.itmo.vintage)
        if vintage.first_year is None:
            yield Answer.CANNOT_TELL, f"{place}: vintage not known"
        elif vintage.first_year < EARLIEST_VINTAGE:
            yield Answer.NO, f"{place}: vintage {vintage}"
        elif line.bound is not None and line.bound.covers is not Answer.YES:
            yield Answer.CANNOT_TELL, f"{place}: vintage {vintage} and the authorized years"


def _first_transfer_once(aef: Aef) -> Iterable[Problem]:
    firsts = [(str(line.occurred_on), line) for line in _ever(aef.lines) if _is_first(line)]
    for (day, one), (other_day, other) in _meeting(_runs(firsts)):
        yield Answer.NO, f"{one.block.shared_with(other.block)}: {day} and {other_day}"


def _nothing_after_consumption(aef: Aef) -> Iterable[Problem]:
    told = [(f"{number:09}", line) for number, line in enumerate(_ever(aef.lines))]
    for pair in _meeting(_runs(told)):
        (_, before), (_, after) = sorted(pair, key=lambda item: item[0])
        if before.action_type in SINKS:
            shared = after.block.shared_with(before.block)
            yield Answer.NO, f"{shared}: {after.action_type} after {before.action_type}"


# Helpers ------------------------------------------------------------------------------------------------------------


def _actions(lines: PartyLines) -> Iterable[tuple[str, ActionLine]]:
    return ((f"T3 row {number}", line) for number, line in enumerate(lines.actions, 1))


def _holdings(lines: PartyLines) -> list[tuple[str, Line]]:
    return [(f"T4 row {number}", line) for number, line in enumerate(lines.holdings, 1)]


def _all(lines: PartyLines) -> Iterable[tuple[str, Line]]:
    yield from _actions(lines)
    yield from _holdings(lines)


def _ever(lines: PartyLines) -> tuple[ActionLine, ...]:
    return (*lines.earlier, *lines.actions)


def _is_first(line: ActionLine) -> bool:
    return line.action_type is ActionType.FIRST_TRANSFER


def _known(aef: Aef) -> set[Authorization]:
    """The versions in Table 2, and those by which anything was transferred first."""
    return {*aef.lines.authorizations, *(first.bound.authorization for first in aef.lines.history.first_transfers)}


def _overlaps_agree(lines: PartyLines, fact: Callable[[Line], object]) -> Iterable[Problem]:
    """Lines that share a serial give the same answer. Where all lines give one, nothing needs to be compared."""
    if len({fact(line) for _, line in _all(lines)}) < 2:
        return
    for (place, one), (other_place, other) in _meeting(_runs(_all(lines))):
        if fact(one) != fact(other):
            yield Answer.NO, f"{place} and {other_place}: {fact(one)} / {fact(other)}"


AnyLine = TypeVar("AnyLine", bound=Line)


class Run(NamedTuple, Generic[AnyLine]):
    """Numbers of one kind, both ends included, with the place and the line that they stand in."""

    key: tuple[str, ...]
    first: int
    last: int
    line: tuple[str, AnyLine]


def _runs(lines: Iterable[tuple[str, AnyLine]]) -> list[Run[AnyLine]]:
    """The serials of some lines."""
    return [Run((str(line.block.series),), line.block.first, line.block.last, (place, line)) for place, line in lines]


def _meeting(runs: Iterable[Run[AnyLine]]) -> Iterable[tuple[tuple[str, AnyLine], tuple[str, AnyLine]]]:
    """Every two lines whose runs share a number: sorted, so that far runs are never compared."""
    open_runs: list[Run[AnyLine]] = []
    for run in sorted(runs, key=itemgetter(0, 1, 2)):
        open_runs = [item for item in open_runs if item.key == run.key and item.last >= run.first]
        yield from ((item.line, run.line) for item in open_runs)
        open_runs.append(run)


CHECKS = (
    Check(
        "SYNTAX",
        "Sheets, columns and cells have the form asked for.",
        "シート、列、セルが求められた形式である。",
        structure,
    ),
    Check(
        "II01",
        "The Party reports only cooperative approaches in which it takes part.",
        "自らが参加する協力的アプローチのみを報告している。",
        _own_approaches,
    ),
    Check(
        "II02",
        "An action on a block is reported once.",
        "一つのブロックに対する行為を一度だけ報告している。",
        _reported_once,
    ),
    Check(
        "II03",
        "Sectors and activity types are the same for both Parties.",
        "分野と活動種別が両締約国で一致している。",
        _sectors_stay,
    ),
    Check("II04", "Overlapping blocks have one metric.", "重なるブロックの指標が一致している。", _one_metric),
    Check(
        "II05",
        "Overlapping ITMO runs have the same underlying units.",
        "重なるITMO番号の元の単位が一致している。",
        _underlying_agree,
    ),
    Check(
        "II06",
        "The user is covered by the authorization, and every use names its Party.",
        "使用者が承認の対象であり、使用国が明記されている。",
        _user_is_authorized,
    ),
    Check("II07", "A unit keeps its cooperative approach.", "単位の協力的アプローチが変わっていない。", _one_approach),
    Check("STC01", "Actions lie in the reported year.", "行為が報告年に属している。", _year_of_action),
    Check(
        "STC02",
        "The use or cancellation is among the authorized purposes.",
        "使用または取消しが承認された目的に含まれている。",
        _purpose_allows,
    ),
    Check(
        "STC03",
        "Outcome and use lie in one NDC implementation period.",
        "排出削減年と使用年が同じNDC実施期間に属している。",
        _same_ndc_period,
    ),
    Check(
        "STC04",
        "First transfers follow the authorization's definition.",
        "最初の移転が承認の定義に従っている。",
        _definition_holds,
    ),
    Check(
        "ISC01",
        "Holdings reconcile with actions: opening + in − out = closing.",
        "保有量と行為が整合している (期首＋受入－払出＝期末)。",
        _holdings_reconcile,
    ),
    Check(
        "X01", "Every authorization quoted stands in Table 2.", "引用した承認がすべて表2にある。", _authorization_listed
    ),
    Check("X02", "No unit is held twice.", "同じ単位が二重に保有されていない。", _no_double_holding),
    Check(
        "X03",
        "What was used or cancelled is not held.",
        "使用・取消し済みの単位が保有されていない。",
        _consumed_not_held,
    ),
    Check(
        "X04",
        "A unit keeps its vintage and its first transferring Party.",
        "単位の排出削減年と最初の移転国が変わっていない。",
        _facts_stay,
    ),
    Check(
        "X05",
        "Last number − first number + 1 is the quantity.",
        "終番－始番＋1が数量と一致している。",
        _count_is_quantity,
    ),
    Check(
        "X06",
        "First transfers stay within the authorized quantity.",
        "最初の移転の累計が承認量以内である。",
        _within_authorized_quantity,
    ),
    Check(
        "X07", "The authorization version was in force on the day.", "その日に有効な承認の版である。", _version_in_force
    ),
    Check(
        "X08",
        "Vintages are of 2021 or later and within the authorized years.",
        "排出削減年が2021年以降で承認期間内である。",
        _vintage_fits,
    ),
    Check("X09", "A unit is first transferred once.", "最初の移転は単位ごとに一度だけである。", _first_transfer_once),
    Check(
        "X10",
        "Nothing happens to a unit after its use or cancellation.",
        "使用・取消し後に行為がない。",
        _nothing_after_consumption,
    ),
)
"""All checks of one report. The mirror check needs two reports: ``reports.mirror``."""
