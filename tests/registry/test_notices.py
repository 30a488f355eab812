"""Notices as lines of text: what is read, what is not, the schema, and what is reported of which entry."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from notice_guards import DATA, KEY, OTHER, PARTNER, changed
from openjcm.canonical import canonical_bytes
from openjcm.commands import receive_notice
from openjcm.refusals import Refused
from openjcm.registry.accounts import Kind
from openjcm.registry.mirror import Mirror, Run, laid_over, merged, runs_of
from openjcm.registry.noticed import Around, Entry, bodies, concerns, may_be_reported
from openjcm.registry.notices import FORMAT, NO_NOTICE, Notice, read_notice, schema, sign_notice
from openjcm.signed import read_line, sign_line
from openjcm.store.notices import Place


def line_of(data: Any, key: Ed25519PrivateKey = KEY) -> str:
    """Any data, rightly signed."""
    return sign_notice(canonical_bytes(data), key)


def refusal_of(line: str | bytes) -> str:
    with pytest.raises(Refused) as caught:
        read_notice(line)
    assert caught.value.message("ja")
    return caught.value.code


def test_a_notice_is_read_as_it_was_signed() -> None:
    signed = read_notice(line_of(DATA))
    assert signed.notice.payload == canonical_bytes(DATA)
    assert signed.line.is_signed_by(KEY.public_key())
    assert not signed.line.is_signed_by(OTHER.public_key())
    assert [block.quantity for block in signed.blocks] == [7, 1]
    assert signed.sha256 == read_notice(line_of(DATA, OTHER)).sha256, "named by what is said, not by who signs"


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no fields": lambda data: data.clear(),
    "another format": lambda data: data.update(format="openjcm-notice-2"),
    "a field too many": lambda data: data.update(note="x"),
    "a field too few": lambda data: data.pop("facts"),
    "a name with blanks": lambda data: data.update(sender="a b"),
    "number nought": lambda data: data.update(sequence=0),
    "a number as text": lambda data: data.update(sequence="2"),
    "a hash too short": lambda data: data.update(previous="a"),
    "a kind in capitals": lambda data: data.update(kind="Retired"),
    "another world": lambda data: data.update(world="trial"),
    "no leaf": lambda data: data.update(reported={"entry_no": 1}),
    "a day with slashes": lambda data: data.update(occurred_on="2025/04/01"),
    "a range that is none": lambda data: data["ranges"][0].update(block="JCM-JP-MN901-2022-1"),
    "a negative quantity": lambda data: data["ranges"][0].update(quantity=-7),
    "a range of no registry": lambda data: data["ranges"][0].update(registry="jpn"),
    "facts as a list": lambda data: data.update(facts=[]),
    # Beyond a schema:
    "the thirtieth of February": lambda data: data.update(occurred_on="2025-02-30"),
    "zeros in the second": lambda data: data.update(previous=NO_NOTICE),
    "no zeros in the first": lambda data: data.update(sequence=1),
    "a range that runs backwards": lambda data: data["ranges"][0].update(block="JCM-JP-MN901-2022-7-1"),
}
BEYOND_A_SCHEMA = {
    "the thirtieth of February", "zeros in the second", "no zeros in the first", "a range that runs backwards",
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_signed_but_no_notice(name: str) -> None:
    data = changed()
    CHANGES[name](data)
    assert refusal_of(line_of(data)) == "notice_not_understood"
    assert jsonschema_rs.Draft202012Validator(schema()).is_valid(data) == (name in BEYOND_A_SCHEMA)


def test_the_schema_is_that_of_the_reader() -> None:
    head = {"$schema", "$id", "title"}
    made = {name: value for name, value in Notice.model_json_schema().items() if name not in head}
    assert {name: value for name, value in schema().items() if name not in head} == made
    assert jsonschema_rs.Draft202012Validator(schema()).is_valid(DATA)


def test_the_example_of_the_page_is_a_notice() -> None:
    page = (Path(__file__).resolve().parent.parent.parent / "docs" / "notices.md").read_text(encoding="utf-8")
    example = json.loads(page.split("```json\n", 1)[1].split("```", 1)[0])
    assert read_notice(line_of(example)).notice.kind == "retired"
    assert jsonschema_rs.Draft202012Validator(schema()).is_valid(example)


@pytest.mark.parametrize(
    "more",
    [
        {"sum": 9},
        {"ranges": [{**DATA["ranges"][0], "quantity": 8}], "sum": 8},
        {"ranges": [{**DATA["ranges"][0], "quantity": 8}], "sum": 7},
        {"ranges": [DATA["ranges"][0], DATA["ranges"][0]], "sum": 14},
        {"ranges": [], "sum": 1},
    ],
)
def test_sums_must_agree(more: dict[str, Any]) -> None:
    assert refusal_of(line_of(changed(**more))) == "notice_sum_wrong"


@pytest.mark.parametrize(
    "line",
    [
        "", ".", "..", "a.b.c", "é", line_of(DATA)[:-1], line_of(DATA) + "=", line_of(DATA).replace(".", ".."),
        sign_line("openjcm-batch-1", canonical_bytes(DATA), KEY),
        sign_line(FORMAT, json.dumps(DATA).encode(), KEY),
        sign_line(FORMAT, b"[]", KEY), sign_line(FORMAT, b'{"a":1.5}', KEY), sign_line(FORMAT, b"\xff", KEY),
        sign_line(FORMAT, b"[" * 100_000, KEY),
    ],
)  # fmt: skip
def test_what_is_no_line(line: str) -> None:
    assert refusal_of(line) == "notice_not_understood"


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_refused_or_read(data: bytes) -> None:
    for line in (data, sign_line(FORMAT, data, KEY)):
        with pytest.raises(Refused):
            read_notice(line)


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["JPN", "held", "public"])
ANY = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)


@given(st.sampled_from(sorted(DATA)), ANY)
@settings(max_examples=300, deadline=None)
def test_reader_and_schema_agree(field: str, value: Any) -> None:
    """What the schema refuses the reader refuses; what it lets pass fails at most for what a schema cannot say."""
    data = changed(**{field: value})
    valid = jsonschema_rs.Draft202012Validator(schema()).is_valid(data)
    try:
        line = line_of(data)
    except UnicodeError:
        return
    try:
        read_notice(line)
    except Refused as refused:
        beyond = {"sequence", "previous", "occurred_on", "sum", "ranges"}
        assert not valid or field in beyond or refused.code == "notice_sum_wrong", (field, value)
    else:
        assert valid


@given(st.integers(0, 2000), st.integers(1, 255))
@settings(max_examples=200, deadline=None)
def test_a_changed_byte_is_noticed(place: int, change: int) -> None:
    line = bytearray(line_of(DATA).encode())
    line[place % len(line)] ^= change
    try:
        signed = read_notice(bytes(line))
    except Refused:
        return
    assert not signed.line.is_signed_by(KEY.public_key())


# The guards of the inbox ----------------------------------------------------------------------------------------------


def decided(data: dict[str, Any] = DATA, key: Ed25519PrivateKey = KEY, **more: Any) -> str:
    """The code with which a notice is refused; empty if it is taken."""
    signed = read_notice(line_of(data, key))
    fields = {"partner": PARTNER, "place": Place(1, "a" * 64), "same_number": None, "mirror": ()} | more
    request = receive_notice.ReceiveNotice(line=line_of(data, key), occurred_on=date(2025, 5, 1))
    try:
        receive_notice.decide(request, receive_notice.State(signed, **fields))
    except Refused as refused:
        return refused.code
    return ""


def test_the_guards_of_the_inbox() -> None:
    name = read_notice(line_of(DATA)).sha256
    assert decided() == ""
    assert decided(partner=None) == "unknown_partner"
    assert decided(changed(recipient="thailand.example")) == "notice_not_for_us"
    assert decided(key=OTHER) == "notice_signature_wrong"
    assert decided(same_number="c" * 64) == "notice_contradicts"
    assert decided(same_number=name) == "notice_already_known"
    assert decided(place=Place()) == "notice_out_of_turn"
    assert decided(place=Place(1, "c" * 64)) == "notice_contradicts"
    first = changed(sequence=1, previous=NO_NOTICE)
    assert decided(first, place=Place()) == ""


# What is reported -----------------------------------------------------------------------------------------------------

AROUND = Around(
    {"MN901": "MNG", "TH901": "THA"},
    {"JPN/a": "entity_holding", "JPN/r": "retirement", "JPN/reserve": "reserve", "JPN/c": "cancellation"},
    frozenset({"JPN"}),
    lambda host, day: "japan_side_issuance" if host == "MNG" else "retirement",
)


def moved(kind: str, target: str, *blocks: str, act: str = "") -> Entry:
    outcome = {
        "kind": kind, "registry_id": "JPN", "source_account": "JPN/a", "target_account": target, "quantity": 1,
        "blocks": list(blocks), "purpose": "ndc",
    }  # fmt: skip
    return Entry(1, act or kind, {}, outcome, date(2025, 4, 1))


def test_every_kind_of_movement_but_the_transfer_is_reported() -> None:
    for kind in Kind:
        entry = moved(kind.value, "JPN/a", "JCM-JP-MN901-2022-1-7")
        assert may_be_reported(entry.act, entry.outcome) == (kind is not Kind.TRANSFER), kind


def test_a_retirement_is_told_with_its_state_and_facts() -> None:
    [body] = bodies(moved("retire", "JPN/r", "JCM-JP-MN901-2022-1-7", "JCM-JP-MN901-2022-8-9"), AROUND)
    assert (body.kind, body.world, body.facts) == ("retired", "public", {"purpose": "ndc"})
    assert [(str(block), registry, state) for block, registry, state in body.ranges] == [
        ("JCM-JP-MN901-2022-1-9", "JPN", "retired")
    ]
    assert concerns(body, ["MNG"]) and concerns(body, ["THA", "MNG"])
    assert not concerns(body, ["THA"]) and not concerns(body, ["MNG-demonstration"])


def test_the_rule_of_the_partner_says_which_movement_is_the_first_transfer() -> None:
    kinds = [body.kind for body in bodies(moved("retire", "JPN/r", "JCM-JP-TH901-2022-1"), AROUND)]
    assert kinds == ["retired", "first_transfer"]
    assert [body.kind for body in bodies(moved("cancel", "JPN/c", "JCM-JP-TH901-2022-1"), AROUND)] == ["cancelled"]


def test_other_accounts_are_states_of_their_own() -> None:
    [body] = bodies(moved("reserve", "JPN/reserve", "JCM-JP-TH901-2022-1"), AROUND)
    assert (body.kind, body.ranges[0][2]) == ("reserved", "reserve")


# The mirror -----------------------------------------------------------------------------------------------------------


def run(first: int, last: int, state: str = "held", issued: str = "2025-01-20", since: str = "2025-01-20") -> Run:
    return Run("JP-MN901-2022", first, last, "JPN", state, issued, since)


def test_a_run_is_laid_over_others() -> None:
    new = run(5, 12, "retired", "", "2025-04-01")
    found = laid_over([run(1, 7), run(10, 20)], new)
    assert [(one.first, one.last, one.state, one.issued_on) for one in found] == [
        (1, 4, "held", "2025-01-20"),
        (5, 7, "retired", "2025-01-20"),
        (8, 9, "retired", ""),
        (10, 12, "retired", "2025-01-20"),
        (13, 20, "held", "2025-01-20"),
    ]


def test_a_first_transfer_moves_nothing() -> None:
    assert runs_of(read_notice(line_of(changed(kind="first_transfer"))).notice) == []


SPANS = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 9), st.sampled_from("abc")), max_size=12)


@given(SPANS)
@settings(max_examples=200, deadline=None)
def test_the_mirror_says_of_each_serial_what_was_said_last(spans: list[tuple[int, int, str]]) -> None:
    mirror, plain = Mirror(), {}
    for first, more, state in spans:
        mirror.lay(run(first, first + more, state))
        plain |= dict.fromkeys(range(first, first + more + 1), state)
    runs = list(mirror)
    assert all(left.last < right.first for left, right in pairwise(runs))
    assert {number: one.state for one in runs for number in range(one.first, one.last + 1)} == plain
    joined = list(merged(runs))
    assert {number: one.state for one in joined for number in range(one.first, one.last + 1)} == plain


def test_a_line_has_one_form() -> None:
    with pytest.raises(ValueError, match="longer"):
        read_line(FORMAT, "a" * 11, 10)
