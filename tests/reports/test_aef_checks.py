"""Each check passes on a sound report and fails on the fault it is made for: delete one, and a test turns red."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from openjcm.article6.actions import ActionType, Subtype
from openjcm.article6.authorization import FirstTransferDefinition
from openjcm.dated import Answer
from openjcm.registry.serials import Block, Series, Vintage
from openjcm.reports.aef import Aef, Table, build_aef
from openjcm.reports.aef_checks import CHECKS, run_checks
from openjcm.reports.article6_lines import ActionLine, PartyLines

from .article6_world import DATA, GIVEN, HOST, JAPAN, SERIES, TAKEN, UNKNOWN

SOUND = build_aef(JAPAN, 2025, DATA, submitted_on=date(2026, 4, 10))
SOUND_HOST = build_aef(HOST, 2025, DATA, submitted_on=date(2026, 4, 10))
ACQUIRED, USED, CANCELLED = SOUND.lines.actions


def answers(aef: Aef) -> dict[str, Answer]:
    return {result.code: result.answer for result in run_checks(aef)}


def with_lines(change: Callable[[PartyLines], PartyLines], aef: Aef = SOUND) -> Aef:
    return replace(aef, lines=change(aef.lines))


def with_actions(*actions: ActionLine, aef: Aef = SOUND) -> Aef:
    return with_lines(lambda lines: replace(lines, actions=actions), aef)


@pytest.mark.parametrize("aef", [SOUND, build_aef(JAPAN, 2026, DATA, submitted_on=date(2027, 4, 1))])
def test_a_sound_report_passes_every_check(aef: Aef) -> None:
    assert {code: answer for code, answer in answers(aef).items() if answer is not Answer.YES} == {}


def test_an_ndc_period_that_the_rulebook_does_not_know_is_left_empty() -> None:
    """Japan's period is known from a secondary source, a partner's stands in an initial report that was not read."""
    fields = ("FirstYearOfNDCPeriod", "LastYearOfNDCPeriod")
    assert [SOUND.tables[0].rows[0][name] for name in fields] == [2021, 2030]
    assert [SOUND_HOST.tables[0].rows[0][name] for name in fields] == [None, None]
    assert {code for code, answer in answers(SOUND_HOST).items() if answer is not Answer.YES} == {"SYNTAX"}
    assert answers(SOUND_HOST)["SYNTAX"] is Answer.CANNOT_TELL


def test_a_use_by_a_party_of_unknown_ndc_period_cannot_be_told() -> None:
    foreign = replace(SOUND, party="MNG")
    assert answers(foreign)["STC03"] is Answer.CANNOT_TELL


def test_the_codes_are_the_published_ones_and_ours() -> None:
    assert [check.code for check in CHECKS] == [
        "SYNTAX", *(f"II0{number}" for number in range(1, 8)), *(f"STC0{number}" for number in range(1, 5)), "ISC01",
        *(f"X{number:02}" for number in range(1, 11)),
    ]  # fmt: skip


def _bound(line: ActionLine, **changes: object) -> ActionLine:
    """The line with the host's authorization changed."""
    first = line.first_transfer
    given = replace(first.bound.authorization, **changes)  # type: ignore[arg-type]
    return replace(line, first_transfer=replace(first, bound=replace(first.bound, authorization=given)))


def _itmo(line: ActionLine, **changes: object) -> ActionLine:
    return replace(line, itmo=replace(line.itmo, **changes))  # type: ignore[arg-type]


def _with_cell(name: str, value: object, number: int = 2) -> Aef:
    table = SOUND.tables[number]
    rows = ({**table.rows[0], name: value}, *table.rows[1:])
    tables = list(SOUND.tables)
    tables[number] = Table(table.layout, rows, table.sources)  # type: ignore[arg-type]
    return replace(SOUND, tables=tuple(tables))


_first = SOUND_HOST.lines.actions[0]
FAULTS = {
    "SYNTAX a malformed identifier": ("SYNTAX", _with_cell("CooperativeApproachID", "CA12")),
    "SYNTAX a Party in words": ("SYNTAX", _with_cell("TransferringPartyID", "Mongolia")),
    "SYNTAX a sector outside the list": ("SYNTAX", _with_cell("Sectors", "Other", 1)),
    "SYNTAX an unknown column": ("SYNTAX", _with_cell("Surprise", "x")),
    "II01 an approach of others": (
        "II01",
        with_actions(_itmo(_bound(ACQUIRED, authorized_parties=()), cooperative_approach="CA0001")),
    ),
    "II02 told twice": ("II02", with_actions(ACQUIRED, ACQUIRED)),
    "II03 other sectors": ("II03", with_actions(_bound(ACQUIRED, sectors=("Transportation",)))),
    "II04 two metrics": ("II04", with_actions(ACQUIRED, replace(USED, metric="non-GHG"))),
    "II05 other units underneath": (
        "II05",
        with_actions(ACQUIRED, replace(USED, block=Block(SERIES, 2, 401))),
    ),
    "II06 a user who is not authorized": ("II06", with_actions(replace(USED, using_party="CHE"))),
    "II06 a use by nobody": ("II06", with_actions(replace(USED, using_party=None))),
    "II06 an entity that nobody authorized": ("II06", with_actions(replace(USED, using_entity="42"))),
    "II07 two approaches": ("II07", with_actions(ACQUIRED, _itmo(USED, cooperative_approach="CA0001"))),
    "STC01 another year": ("STC01", with_actions(replace(USED, occurred_on=date(2024, 1, 1)))),
    "STC02 use without the purpose": ("STC02", with_actions(_bound(USED, purposes=("OIMP",)))),
    "STC02 another purpose unauthorized": (
        "STC02",
        with_actions(replace(CANCELLED, action_type=ActionType.CANCELLATION, other_purpose="CORSIA")),
    ),
    "STC03 use after the period": ("STC03", with_actions(replace(USED, used_for_year=2031))),
    "STC03 use for no year": ("STC03", with_actions(replace(USED, used_for_year=None))),
    "STC03 an outcome before the period": ("STC03", with_actions(_itmo(USED, vintage="2020"))),
    "STC04 to nobody abroad": ("STC04", with_actions(replace(_first, acquiring=HOST), aef=SOUND_HOST)),
    "STC04 without other purposes": ("STC04", with_actions(replace(_first, subtype=Subtype.ISSUANCE), aef=SOUND_HOST)),
    "STC04 otherwise than defined": (
        "STC04",
        with_actions(
            replace(
                _bound(_first, purposes=("OIMP",), first_transfer_definition=FirstTransferDefinition.AUTHORIZATION),
                subtype=Subtype.ISSUANCE,
            ),
            aef=SOUND_HOST,
        ),
    ),
    "ISC01 an acquisition is missing": ("ISC01", with_actions(USED, CANCELLED)),
    "ISC01 a use is missing": ("ISC01", with_actions(ACQUIRED, CANCELLED)),
    "ISC01 held too much": ("ISC01", with_lines(lambda lines: replace(lines, holdings=lines.holdings * 2))),
    "X01 not in Table 2": ("X01", with_lines(lambda lines: replace(lines, authorizations=()))),
    "X02 held twice": ("X02", with_lines(lambda lines: replace(lines, holdings=lines.holdings * 2))),
    "X03 used and held": (
        "X03",
        with_lines(lambda lines: replace(lines, earlier=(replace(USED, block=Block(SERIES, 401, 410)),))),
    ),
    "X04 two vintages": ("X04", with_actions(ACQUIRED, _itmo(USED, vintage="2023"))),
    "X05 a wrong count": ("X05", with_actions(replace(ACQUIRED, quantity=999))),
    "X06 more than authorized": (
        "X06",
        build_aef(JAPAN, 2025, replace(DATA, authorizations=(replace(GIVEN, quantity=999), TAKEN))),
    ),
    "X07 a version of later": (
        "X07",
        with_actions(
            replace(
                USED,
                bound=replace(USED.bound, authorization=replace(TAKEN, authorized_on=date(2025, 12, 1))),  # type: ignore[type-var]
            )
        ),
    ),
    "X08 too early": ("X08", with_actions(_itmo(USED, vintage="2020"))),
    "X09 first transferred twice": ("X09", with_actions(_first, _first, aef=SOUND_HOST)),
    "X10 used twice": ("X10", with_actions(ACQUIRED, USED, replace(USED, entry_no=99))),
}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_each_fault_is_found_by_its_check(name: str) -> None:
    code, aef = FAULTS[name]
    result = next(result for result in run_checks(aef) if result.code == code)
    assert result.answer is Answer.NO, result
    assert result.problems and result.en and result.ja
    assert result.as_data()["answer"] == "no"


def test_every_check_has_a_fault_that_it_finds() -> None:
    assert {code for code, _ in FAULTS.values()} == {check.code for check in CHECKS}


def test_ignorance_is_neither_pass_nor_fail() -> None:
    """Defect F13: no check passes silently for lack of data."""
    unsure = answers(build_aef(JAPAN, 2025, UNKNOWN))
    assert {code for code, answer in unsure.items() if answer is Answer.CANNOT_TELL} == {
        "SYNTAX",
        "II01",
        "II03",
        "X01",
    }
    assert Answer.NO not in unsure.values()


def test_a_vintage_that_is_not_known_cannot_be_judged() -> None:
    unknown = replace(USED, itmo=replace(USED.itmo, vintage="unknown"))
    found = answers(with_actions(unknown))
    assert (found["STC03"], found["X08"]) == (Answer.CANNOT_TELL, Answer.CANNOT_TELL)


def test_purposes_are_compared_by_inclusion() -> None:
    both = replace(
        GIVEN, purposes=("NDC and OIMP",), first_transfer_definition=FirstTransferDefinition.USE_OR_CANCELLATION
    )
    assert answers(build_aef(JAPAN, 2025, replace(DATA, authorizations=(both, TAKEN))))["STC02"] is Answer.YES


def test_a_late_authorization_of_ones_own_is_told() -> None:
    late = replace(TAKEN, authorized_on=date(2025, 7, 1))
    found = build_aef(JAPAN, 2025, replace(DATA, authorizations=(GIVEN, late)))
    result = next(result for result in run_checks(found) if result.code == "X07")
    assert result.answer is Answer.CANNOT_TELL


def test_an_old_version_is_found() -> None:
    second = replace(TAKEN, version=2, authorized_on=date(2025, 3, 1))
    line = replace(ACQUIRED, bound=replace(ACQUIRED.bound, authorization=TAKEN))  # type: ignore[type-var]
    stale = with_lines(lambda lines: replace(lines, actions=(line,), authorizations=(TAKEN, second)))
    assert answers(stale)["X07"] is Answer.NO


def test_two_acts_of_one_day_are_two_actions() -> None:
    """The date alone is no key: two transfers of one day are not one."""
    assert answers(with_actions(USED, replace(USED, entry_no=99)))["II02"] is Answer.YES


def test_use_or_cancellation_as_first_transfer_reconciles() -> None:
    given = replace(GIVEN, purposes=("OIMP",), first_transfer_definition=FirstTransferDefinition.USE_OR_CANCELLATION)
    for party in (JAPAN, HOST):
        found = answers(
            build_aef(party, 2025, replace(DATA, authorizations=(given, replace(TAKEN, purposes=("OIMP",)))))
        )
        assert found["ISC01"] is Answer.YES
        assert found["STC04"] is Answer.YES


def test_monitored_years_stand_in_for_a_vintage() -> None:
    moved = replace(
        DATA.movements[0], block=Block(Series.of("JP", ["XD001"], "unknown"), 1, 5), monitored=Vintage(2023, 2023)
    )
    aef = build_aef(JAPAN, 2025, replace(DATA, movements=(moved,)))
    assert aef.tables[2].rows[0]["Vintage"] == 2023
    assert answers(aef)["X08"] is Answer.YES
