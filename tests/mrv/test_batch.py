"""Signed batches: one form of bytes, read as signed or not at all; rules, chain and order of arrival."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches import HOUR, QUARTER, START, TrialGateway
from openjcm.canonical import canonical_bytes
from openjcm.mrv.batch import (
    Batch,
    Series,
    SignedBatch,
    line_of,
    read_batch,
    schema,
    sign_batch,
)
from openjcm.mrv.batch_rules import BATCH_RULES, Arrival, Chain, KeyFacts, Status, Verdict, place
from openjcm.refusals import Refused
from openjcm.signed import key_id_of, read_public_key


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def resigned(gateway: TrialGateway, payload: bytes, header: bytes | None = None) -> str:
    """A line over any bytes, rightly signed."""
    head = header or canonical_bytes({"alg": "EdDSA", "kid": gateway.key_id, "typ": "openjcm-batch-1"})
    return resigned_text(gateway, f"{base64url(head)}.{base64url(payload)}")


def resigned_text(gateway: TrialGateway, signed: str) -> str:
    """A line over any text, rightly signed."""
    return f"{signed}.{base64url(gateway.key.sign(signed.encode()))}"


def test_a_batch_is_the_line_that_was_signed() -> None:
    gateway = TrialGateway()
    signed = gateway.batch()
    again = read_batch(signed.line)
    assert again == signed and again.is_signed_by(gateway.key.public_key())
    assert line_of(signed.key_id, signed.payload, signed.signature) == signed.line
    header, payload, signature = signed.line.split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {
        "alg": "EdDSA", "kid": gateway.key_id, "typ": "openjcm-batch-1",
    }  # fmt: skip
    assert json.loads(signed.payload) == signed.batch.as_data()
    gateway.key.public_key().verify(base64.urlsafe_b64decode(signature + "=="), f"{header}.{payload}".encode())
    assert not TrialGateway(seed=2).batch().is_signed_by(gateway.key.public_key())


def test_the_thumbprint_is_that_of_the_standard() -> None:
    """RFC 8037, appendix A.3."""
    assert key_id_of("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo") == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def spare_bit(text: str) -> str:
    """The text with a bit behind its last byte set: another text that a lenient decoder takes for the same bytes."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + letters[letters.index(text[-1]) ^ 1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        spare_bit(TrialGateway().public_key),
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUR",
        "é" * 43,
        "A" * 44,
        "+" * 43,
    ],
)
def test_what_is_no_public_key(text: str) -> None:
    with pytest.raises(Refused) as caught:
        read_public_key(text)
    assert caught.value.code == "public_key_not_understood"


def test_the_schema_describes_the_payload() -> None:
    checker = jsonschema_rs.Draft202012Validator(schema())
    power = Series("M2", "interval_power", "W", [START, START + QUARTER], [5, 0], 900, "end")
    signed = TrialGateway().batch(series=[TrialGateway().series(START), power])
    assert checker.is_valid(json.loads(signed.payload))
    passing = set()
    for name, change in CHANGES.items():
        data = signed.batch.as_data()
        change(data)
        if checker.is_valid(data):
            passing.add(name)
    assert passing == BEYOND_A_SCHEMA


def _series(data: dict[str, Any], **fields: Any) -> None:
    data["series"][0].update(fields)


CHANGES: dict[str, Any] = {
    "another format": lambda data: data.update(format="openjcm-batch-2"),
    "a field more": lambda data: data.update(more=1),
    "a field less": lambda data: data.pop("gateway"),
    "gateway empty": lambda data: data.update(gateway=""),
    "gateway a number": lambda data: data.update(gateway=1),
    "gateway with a blank": lambda data: data.update(gateway="a b"),
    "sequence zero": lambda data: data.update(sequence=0),
    "sequence a truth": lambda data: data.update(sequence=True),
    "sequence a text": lambda data: data.update(sequence="1"),
    "sequence huge": lambda data: data.update(sequence=10**16),
    "previous short": lambda data: data.update(previous="0" * 63),
    "previous upper case": lambda data: data.update(previous="A" * 64),
    "first with a previous": lambda data: data.update(previous="a" * 64),
    "second without a previous": lambda data: data.update(sequence=2),
    "created before 1970": lambda data: data.update(created_us=-1),
    "created after 2100": lambda data: data.update(created_us=5 * 10**15),
    "no series": lambda data: data.update(series=[]),
    "series an object": lambda data: data.update(series={}),
    "a meter twice": lambda data: data["series"].append(dict(data["series"][0])),
    "kind unknown": lambda data: _series(data, kind="guess"),
    "unit unknown": lambda data: _series(data, unit="J"),
    "unit of power for energy": lambda data: _series(data, unit="kW"),
    "meter empty": lambda data: _series(data, meter=""),
    "meter blank": lambda data: _series(data, meter=" "),
    "meter with a control character": lambda data: _series(data, meter="M\x001"),
    "meter with a turning mark": lambda data: _series(data, meter="M\u202e1"),
    "no readings": lambda data: _series(data, t_us=[], values=[]),
    "a value too few": lambda data: data["series"][0]["values"].pop(),
    "a value null": lambda data: data["series"][0]["values"].__setitem__(1, None),
    "a value a truth": lambda data: data["series"][0]["values"].__setitem__(1, True),
    "a value a text": lambda data: data["series"][0]["values"].__setitem__(1, "7"),
    "a value too large": lambda data: data["series"][0]["values"].__setitem__(1, 10**18),
    "an instant twice": lambda data: data["series"][0]["t_us"].__setitem__(1, START),
    "instants backwards": lambda data: data["series"][0]["t_us"].reverse(),
    "an instant before 1970": lambda data: data["series"][0]["t_us"].__setitem__(0, -5),
    "an instant after 2100": lambda data: data["series"][0]["t_us"].__setitem__(3, 5 * 10**15),
    "a register with an interval": lambda data: _series(data, interval_seconds=900, interval_stamp="end"),
    "an interval without its length": lambda data: _series(data, kind="interval_energy"),
    "an interval of no length": lambda data: _series(
        data, kind="interval_energy", interval_seconds=0, interval_stamp="end"
    ),
    "an interval of unknown stamp": lambda data: _series(
        data, kind="interval_energy", interval_seconds=900, interval_stamp="middle"
    ),
}


BEYOND_A_SCHEMA = {
    "first with a previous", "second without a previous", "a meter twice", "unit of power for energy", "meter blank",
    "meter with a control character", "meter with a turning mark", "a value too few", "an instant twice",
    "instants backwards",
}  # fmt: skip
"""What a schema of one JSON value cannot say, and the reader refuses all the same."""


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_signed_but_no_batch(name: str) -> None:
    gateway = TrialGateway()
    data = gateway.batch().batch.as_data()
    CHANGES[name](data)
    with pytest.raises(Refused) as caught:
        read_batch(resigned(gateway, canonical_bytes(data)))
    assert caught.value.code == "batch_not_understood" and caught.value.message("ja")
    if name.startswith("previous"):
        assert "not a SHA-256 in hexadecimal" in str(caught.value)


def test_other_bytes_of_the_same_content_are_no_batch() -> None:
    gateway = TrialGateway()
    signed = gateway.batch()
    data = signed.batch.as_data()
    header, payload, signature = signed.line.split(".")
    doubled = signed.payload[:-1] + b',"sequence":1}'
    exact = signed.payload.replace(b"1000", b"1000.0")
    tails = [signed.payload + b" " * more for more in range(3)]
    wrong = [
        resigned(gateway, json.dumps(data).encode()),
        resigned(gateway, doubled),
        resigned(gateway, exact),
        resigned(gateway, signed.payload.replace(b"1000", b"NaN")),
        resigned(gateway, b"[" * 100_000),
        *(resigned(gateway, tail) for tail in tails[1:]),
        resigned(gateway, signed.payload, json.dumps({"alg": "EdDSA", "kid": gateway.key_id}).encode()),
        resigned(gateway, signed.payload, canonical_bytes({"alg": "none", "kid": gateway.key_id})),
        f"{header}.{payload}.{signature}=",
        f"{header}.{payload}.{signature[:-1]}{chr(ord(signature[-1]) + 1)}",
        f"{header}.{payload}+.{signature}",
        f"{header}.{payload}\n.{signature}",
        resigned_text(gateway, f"{header}.{payload[:40]}\n\n\n\n{payload[40:]}"),
        resigned_text(gateway, f"{header}.{payload[:40]}!!!!{payload[40:]}"),
        f"{header}.{signature}",
        f"{header}.{payload}.{signature[:-4]}",
        signed.line + "." * 600_000,
        "",
        "..",
        "é",
    ]
    for line in wrong:
        with pytest.raises(Refused) as caught:
            read_batch(line)
        assert caught.value.code == "batch_not_understood"
    with pytest.raises(Refused):
        read_batch("é.é.é".encode())


def test_a_payload_has_one_base64_text() -> None:
    """The bits behind the last byte are zero, so that the stored payload gives the signed text again."""
    gateway = TrialGateway()
    tried = 0
    for name in ("a", "ab", "abc"):
        signed = gateway.batch(gateway=name, sequence=1, previous="0" * 64)
        header, payload, _ = signed.line.split(".")
        if len(signed.payload) % 3:
            tried += 1
            other = f"{header}.{spare_bit(payload)}"
            with pytest.raises(Refused):
                read_batch(f"{other}.{base64url(gateway.key.sign(other.encode()))}")
    assert tried == 2


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400))
def test_noise_is_refused_and_nothing_else(noise: bytes, place: int) -> None:
    line = TrialGateway().batch().line.encode()
    for text in (noise, line[:place] + noise + line[place + len(noise) :]):
        try:
            signed = read_batch(text)
        except Refused as refused:
            assert refused.code == "batch_not_understood"
        else:
            assert signed.line.encode() == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["created_us", "format", "gateway", "previous", "sequence", "series"]), JSON)
def test_any_json_in_any_field(name: str, value: Any) -> None:
    gateway = TrialGateway()
    data = gateway.batch().batch.as_data() | {name: value}
    try:
        read_batch(resigned(gateway, canonical_bytes(data)))
    except Refused as refused:
        assert refused.code == "batch_not_understood"


def test_the_longest_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from openjcm.mrv import batch

    line = TrialGateway().batch().line
    for longest, refused in ((len(line), False), (len(line) - 1, True)):
        monkeypatch.setattr(batch, "LONGEST_LINE", longest)
        if refused:
            with pytest.raises(Refused):
                read_batch(line)
        else:
            assert read_batch(line).line == line


def test_two_of_one_number_at_once() -> None:
    """Whichever came first in the commit, the same one stands in the chain."""
    gateway = TrialGateway()
    twins = [gateway.batch(sequence=1, created_us=START + HOUR + step) for step in range(6)]
    first = min(one.sha256 for one in twins)
    for order in (twins, twins[::-1]):
        chain, verdicts = place(Chain(), [Arrival(one, NOW) for one in order], facts(gateway), lambda _: False)
        assert chain.head == first
        assert [one.status for one in verdicts].count(Status.ACCEPTED) == 1


def test_nothing_unreadable_is_signed() -> None:
    with pytest.raises(Refused):
        sign_batch(Batch("roof", 1, "0" * 64, 5, ()), TrialGateway().key)


# Rules ----------------------------------------------------------------------------------------------------------------

NOW = START + 30 * 24 * HOUR


def facts(gateway: TrialGateway, **more: Any) -> KeyFacts:
    usual = KeyFacts(gateway.key_id, gateway.name, START - HOUR, meters=((0, frozenset({"M1", "M2"})),))
    return replace(usual, **more)


def judged(
    signed: list[SignedBatch], known: KeyFacts, received_us: int = NOW, chain: Chain | None = None
) -> tuple[Chain, dict[int, tuple[str, str]]]:
    """Chain and verdicts (status, rule) by number."""
    after, verdicts = place(chain or Chain(), [Arrival(one, received_us) for one in signed], known, lambda _: False)
    return after, {one.arrival.signed.batch.sequence: _short(one) for one in verdicts}


def _short(verdict: Verdict) -> tuple[str, str]:
    if verdict.finding is not None:
        assert verdict.finding.message("en") and verdict.finding.message("ja")
    return verdict.status.value, verdict.finding.rule if verdict.finding else ""


def one_rule(signed: SignedBatch, known: KeyFacts, received_us: int = NOW) -> tuple[str, str]:
    return judged([signed], known, received_us)[1][signed.batch.sequence]


GOOD = ("accepted", "")


def test_a_good_batch() -> None:
    gateway = TrialGateway()
    chain, verdicts = judged(gateway.batches(3), facts(gateway))
    assert verdicts == {1: GOOD, 2: GOOD, 3: GOOD} and (chain.next_sequence, chain.head) == (4, gateway.head)


def test_another_gateways_name() -> None:
    gateway = TrialGateway()
    assert one_rule(gateway.batch(gateway="field"), facts(gateway)) == ("quarantined", "B03")


def test_validity_of_the_key_to_the_microsecond() -> None:
    signed = TrialGateway().batch()
    created, known = signed.batch.created_us, facts(TrialGateway())
    assert one_rule(signed, replace(known, since_us=created)) == GOOD
    assert one_rule(signed, replace(known, since_us=created + 1)) == ("quarantined", "B04")
    assert one_rule(signed, replace(known, until_us=created)) == GOOD
    assert one_rule(signed, replace(known, until_us=created - 1)) == ("quarantined", "B04")
    assert one_rule(signed, replace(known, revoked_us=NOW + 1)) == GOOD
    assert one_rule(signed, replace(known, revoked_us=NOW)) == ("quarantined", "B04")


def test_meters_by_the_instant_of_the_reading() -> None:
    gateway, known = TrialGateway(), facts(TrialGateway())
    signed = gateway.batch()
    first, last = signed.batch.series[0].t_us[0], signed.batch.series[0].t_us[-1]
    only = frozenset({"M1"})
    assert one_rule(signed, replace(known, meters=())) == ("quarantined", "B05")
    assert one_rule(signed, replace(known, meters=((first, only),))) == GOOD
    assert one_rule(signed, replace(known, meters=((first + 1, only),))) == ("quarantined", "B05")
    assert one_rule(signed, replace(known, meters=((0, only), (last, frozenset())))) == ("quarantined", "B05")
    assert one_rule(signed, replace(known, meters=((0, only), (last + 1, frozenset())))) == GOOD
    other = TrialGateway(meter="M9").batch()
    assert one_rule(other, known) == ("quarantined", "B05")


def test_clocks_at_the_edge() -> None:
    gateway, known = TrialGateway(), facts(TrialGateway())
    ahead = 120 * 1_000_000
    signed = gateway.batch(created_us=NOW + ahead, sequence=1)
    assert one_rule(signed, known) == GOOD
    assert one_rule(gateway.batch(created_us=NOW + ahead + 1, sequence=1), known) == ("quarantined", "B09")
    last = START + 3 * QUARTER
    assert one_rule(gateway.batch(created_us=last - ahead, sequence=1), known) == GOOD
    assert one_rule(gateway.batch(created_us=last - ahead - 1, sequence=1), known) == ("quarantined", "B09")


def test_a_clock_set_back() -> None:
    gateway = TrialGateway()
    first = gateway.batch(created_us=START + 9 * HOUR)
    for back, expected in ((120_000_000, GOOD), (120_000_001, ("quarantined", "B09"))):
        second = gateway.batch(created_us=START + 9 * HOUR - back, sequence=2)
        assert judged([first, second], facts(gateway))[1] == {1: GOOD, 2: expected}


def test_late_by_age_and_by_closing() -> None:
    gateway, known = TrialGateway(), facts(TrialGateway())
    signed = gateway.batch()
    days = 24 * HOUR
    assert one_rule(signed, known, START + 45 * days) == GOOD
    assert one_rule(signed, known, START + 45 * days + 1) == ("quarantined", "B10")
    late = ("quarantined", "B10")
    last = START + 3 * QUARTER
    for span, expected in (
        ((START - 9, START), GOOD),
        ((START - 9, START + 1), late),
        ((last, last + 9), late),
        ((last + 1, last + 9), GOOD),
        ((START + 1, last), late),
    ):
        assert one_rule(signed, replace(known, closed=(span,))) == expected


def test_chain_replay_gap_and_repetition() -> None:
    gateway = TrialGateway()
    known = facts(gateway)
    first, second, third = gateway.batches(3)
    chain, _ = judged([first], known)
    other = gateway.batch(sequence=1, previous="0" * 64, created_us=first.batch.created_us + 7)
    assert judged([other], known, chain=chain) == (chain, {1: ("quarantined", "B06")})
    broken = gateway.batch(sequence=2, previous="a" * 64)
    assert judged([broken], known, chain=chain) == (chain, {2: ("quarantined", "B07")})
    after, verdicts = judged([third], known, chain=chain)
    assert (after, verdicts) == (chain, {3: ("held", "B08")})
    after, verdicts = judged([third, second, broken], known, chain=chain)
    assert after.head == third.sha256 and verdicts[3] == GOOD
    again = gateway.batch(series=first.batch.series, created_us=third.batch.created_us)
    assert judged([first, second, third, again], known)[1][4] == ("quarantined", "B11")
    _, made = place(after, [Arrival(gateway.batch(), NOW)], known, lambda _: True)
    assert [_short(one) for one in made] == [("held", "B08")]


def test_a_batch_out_of_rule_still_stands_in_the_chain() -> None:
    gateway = TrialGateway()
    first = gateway.batch(series=[gateway.series(START, meter="M9")])
    chain, verdicts = judged([first, gateway.batch()], facts(gateway))
    assert verdicts == {1: ("quarantined", "B05"), 2: GOOD} and chain.next_sequence == 3


def test_numbers_declared_lost() -> None:
    gateway = TrialGateway()
    made = gateway.batches(5)
    known = facts(gateway, lost=((2, 3),))
    chain, verdicts = judged([made[0], made[3], made[4]], known)
    assert verdicts == {1: GOOD, 4: GOOD, 5: GOOD} and chain.next_sequence == 6
    assert judged([made[1]], known, chain=chain) == (chain, {2: ("quarantined", "B12")})
    assert judged([made[0]], known)[0] == Chain(4, "", made[0].batch.created_us)


def test_every_rule_has_its_sentences_and_a_trial() -> None:
    assert all(rule.en and rule.ja and rule.clause and rule.name_ja for rule in BATCH_RULES.values())
    assert sorted(BATCH_RULES) == [f"B{number:02}" for number in range(1, 13)]


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.integers(0, 2**32), st.integers(1, 4))
def test_any_order_with_any_repetition_gives_the_same(count: int, seed: int, pieces: int) -> None:
    """Batches that break rules of contents are among them; what is delivered twice is known by its name."""
    chance = random.Random(seed)
    gateway = TrialGateway()
    made = []
    for _ in range(count):
        wrong = chance.random() < 0.2
        made.append(gateway.batch(series=[gateway.series(START + len(made) * HOUR, meter="M9")] if wrong else None))
    expected_chain, expected = judged(made, facts(gateway))
    delivered = made + chance.choices(made, k=chance.randrange(5))
    chance.shuffle(delivered)
    chain, waiting, known = Chain(), dict[str, Arrival](), set[str]()
    final: dict[int, tuple[str, str]] = {}
    for start in range(0, len(delivered), pieces):
        new = {one.sha256: Arrival(one, NOW) for one in delivered[start : start + pieces] if one.sha256 not in known}
        known |= new.keys()
        chain, verdicts = place(chain, [*waiting.values(), *new.values()], facts(gateway), lambda _: False)
        for one in verdicts:
            name = one.arrival.signed.sha256
            waiting.pop(name, None)
            if one.status is Status.HELD:
                waiting[name] = replace(one.arrival, waited=True)
            final[one.arrival.signed.batch.sequence] = _short(one)
    assert (chain, final, waiting) == (expected_chain, expected, {})
