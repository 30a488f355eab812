"""The rerun is byte-equal, or names the first difference, or says why it cannot tell."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.dated import Answer
from openjcm.methodologies import methodology
from openjcm.refusals import Refused
from openjcm.verification.opinion import make_opinion
from openjcm.verification.rerun import Difference, first_difference, rerun

SOLAR = methodology("MN_AM003")


def run(story: Any, report: bytes) -> Any:
    return rerun(report, story.plan, story.files, SOLAR)


def changed(story: Any, *path: Any, value: Any) -> bytes:
    """The report with one value changed."""
    data = json.loads(story.report())
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return canonical_bytes(data)


def test_a_rerun_of_an_honest_report_is_byte_equal(story: Any) -> None:
    report = story.report(earlier=[(date(2021, 1, 1), date(2021, 6, 30))])
    answer = run(story, report)
    assert answer.answer is Answer.YES
    assert answer.report_sha256 == answer.recomputed_sha256 == sha256_hex(report)
    assert answer.difference is None


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("emission_reductions",), 7, "/emission_reductions"),
        (("years", 1, "reductions"), "4.8256", "/years/1/reductions"),
        (("years", 0, "trace", 0, "value"), "5.8", "/years/0/trace/0/value"),
        (("energy", 0, "kwh", "measured"), "4801", "/energy/0/kwh/measured"),
        (("grade",), "read", "/grade"),
        (("provisional",), False, "/provisional"),
        (("findings",), [], "/findings/0"),
        (("rules", "rounding", "name"), "half_up_to_whole_tonne", "/rules/rounding/name"),
        (("plan_sha256",), "0" * 64, "/plan_sha256"),
        (("extra",), 1, "/extra"),
    ],
)
def test_a_changed_report_names_the_first_difference(story: Any, path: Any, value: Any, place: str) -> None:
    answer = run(story, changed(story, *path, value=value))
    assert answer.answer is Answer.NO
    assert answer.difference is not None
    assert answer.difference.place == place
    assert place in answer.reason_ja


def test_a_changed_input_period_is_a_difference_or_a_refusal(story: Any) -> None:
    answer = run(story, changed(story, "monitoring_period", "end", value="2022-01-01"))
    assert answer.answer is Answer.NO
    outside = run(story, changed(story, "monitoring_period", "end", value="2035-01-01"))
    assert outside.answer is Answer.NO
    assert "monitoring_period_outside_crediting_period" in outside.reason_en


def test_a_missing_file_or_another_text_cannot_tell(story: Any) -> None:
    report = story.report()
    assert rerun(report, story.plan, {}, SOLAR).answer is Answer.CANNOT_TELL
    assert rerun(report, story.plan, story.files, methodology("TH_AM001")).answer is Answer.CANNOT_TELL
    other_text = run(story, changed(story, "methodology", "source_sha256", value="1" * 64))
    assert other_text.answer is Answer.CANNOT_TELL
    assert "MN_AM003" in other_text.reason_ja


@pytest.mark.parametrize(
    "report",
    [
        b"", b"{}", b"[1]", b"not json", b'{"schema": {"name": "openjcm/monitoring-report", "version": 1}}',
        b'{"schema":{"name":"openjcm/monitoring-report","version":2}}', b"[" * 100_000, b'{"a":1.5}', b"\xff\xfe",
    ],
    ids=["empty", "object", "list", "words", "blanks", "version", "deep", "float", "bytes"],
)  # fmt: skip
def test_bytes_that_are_no_report_are_refused(story: Any, report: bytes) -> None:
    with pytest.raises(Refused) as refused:
        run(story, report)
    assert refused.value.code == "report_not_understood"


def test_a_true_report_in_another_spelling_or_of_another_schema_is_refused(story: Any) -> None:
    spaced = json.dumps(json.loads(story.report()), ensure_ascii=False, sort_keys=True).encode()
    for report in (spaced, changed(story, "schema", value={"name": "openjcm/monitoring-report", "version": 99})):
        with pytest.raises(Refused) as refused:
            run(story, report)
        assert refused.value.code == "report_not_understood"


def test_a_mapping_whose_parts_have_a_wrong_shape_is_never_equal(story: Any) -> None:
    mapping = json.loads(story.report())["files"][0]["mapping"]
    for wrong in ({"value_columns": 5}, {"interval_seconds": "x"}, {"header_row": {}}):
        report = changed(story, "files", 0, "mapping", value={**mapping, **wrong})
        try:
            assert run(story, report).answer is Answer.NO
        except Refused as refused:
            assert refused.code == "report_not_understood"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("files", 0, "mapping"), 3),
        (("files", 0, "sha256"), None),
        (("monitoring_period", "start"), "yesterday"),
        (("earlier_periods",), [{"start": 1}]),
        (("engine",), "openjcm"),
        (("inputs",), []),
        (("years",), [{"year": "2022"}]),
        (("methodology", "id"), 7),
    ],
)
def test_a_report_of_a_wrong_shape_is_refused(story: Any, path: Any, value: Any) -> None:
    with pytest.raises(Refused) as refused:
        run(story, changed(story, *path, value=value))
    assert refused.value.code == "report_not_understood"


def test_a_wrong_mapping_inside_the_report_is_no_equality(story: Any) -> None:
    answer = run(story, changed(story, "files", 0, "mapping", value={"format": "clay tablet"}))
    assert answer.answer is Answer.NO


def test_differences_are_found_in_canonical_order() -> None:
    assert first_difference({"b": 1, "a": [1, 2]}, {"b": 2, "a": [1, 3]}) == Difference("/a/1", "2", "3")
    assert first_difference([1], [1, 2]) == Difference("/1", "—", "2")
    assert first_difference({"a/b": 1}, {"a/b": "1"}) == Difference("/a~1b", "1", '"1"')
    assert first_difference(True, 1) == Difference("/", "true", "1")
    with pytest.raises(ValueError, match="equal"):
        first_difference({"a": [1]}, {"a": [1]})


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


wild = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=3,
)


STATED = {"engine", "files", "inputs", "earlier_periods"}
"""What a rerun takes from the report as stated: which engine, how a file was called, read and stored, other inputs. The
hash of the report, which is in the log, is what holds these."""


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_report_with_anything_anywhere_is_refused_or_not_equal(story: Any, data: st.DataObject) -> None:
    honest = story.report()
    report = json.loads(honest)
    *path, last = data.draw(st.sampled_from(places(report)[1:]))
    inner = report
    for step in path:
        inner = inner[step]
    inner[last] = data.draw(wild)
    made = canonical_bytes(report)
    try:
        equal = run(story, made).answer is Answer.YES
    except Refused as refused:
        assert refused.code == "report_not_understood"
    else:
        assert equal == (made == honest) or (equal and [*path, last][0] in STATED)


# The opinion


def opinion(story: Any, report: bytes, **changes: Any) -> dict[str, Any]:
    usual = {
        "verifier": "Test Verifier", "opinion": "positive", "statement": "Nothing stands against it.",
        "concluded_on": date(2022, 5, 1),
    }  # fmt: skip
    return dict(json.loads(make_opinion(report, run(story, report), **{**usual, **changes})))


def test_a_positive_opinion_names_report_rerun_and_verified_tonnes(story: Any) -> None:
    report = story.report()
    made = opinion(story, report)
    assert made["report_sha256"] == sha256_hex(report)
    assert made["rerun"]["answer"] == "yes"
    assert made["emission_reductions"] == 6
    assert made["verified"] == [{"year": 2021, "credited_tonnes": 3}, {"year": 2022, "credited_tonnes": 3}]
    assert made["provisional"] is True


def test_a_negative_opinion_verifies_nothing(story: Any) -> None:
    made = opinion(story, changed(story, "emission_reductions", value=7), opinion="negative")
    assert made["emission_reductions"] == 0
    assert made["verified"] == []
    assert made["rerun"]["difference"]["place"] == "/emission_reductions"


def test_a_positive_opinion_without_an_equal_rerun_is_refused(story: Any) -> None:
    with pytest.raises(Refused) as refused:
        opinion(story, changed(story, "emission_reductions", value=7))
    assert refused.value.code == "rerun_not_byte_equal"
    assert "/emission_reductions" in refused.value.message("ja")


@pytest.mark.parametrize("missing", [{"verifier": " "}, {"statement": ""}, {"opinion": "perhaps"}])
def test_an_incomplete_opinion_is_refused(story: Any, missing: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        opinion(story, story.report(), **missing)
    assert refused.value.code == "opinion_incomplete"
