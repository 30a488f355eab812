"""Findings that are explained on record: which they are, on which days, and what is counted then."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from openjcm.mrv.explanations import explained, explanations_of
from openjcm.mrv.meter_facts import Document, MeterFact
from openjcm.mrv.meters import Meter
from openjcm.mrv.quality import QualityRules
from openjcm.mrv.timeline import timeline_of
from openjcm.refusals import Finding, Refused, Severity

from .site_files import labelled
from .test_plausibility import FLAGS_ONLY, finding, seen, site, sunny, total

LETTER = (Document("completion certificate"),)


def explanation(rule: str, first: date, last: date, meter: str = "M1", **more: Any) -> MeterFact:
    value = {"rule": rule, "start": first.isoformat(), "end": last.isoformat(), "reason": "a second array"}
    return MeterFact(meter, "explanation", first, value, LETTER, **more)


DOUBLED = [value * (1 if place < 30 * 96 else 2) for place, value in enumerate(sunny())]


def doubled(*facts: MeterFact, rules: QualityRules | None = None) -> Finding:
    """What is found of a plant whose level doubles after thirty days."""
    return finding(site(DOUBLED, capacity_w=200_000, facts=facts).judged(rules=rules), "Q32")


def test_a_change_of_level_is_explained_on_its_day() -> None:
    alone = doubled()
    day = date.fromisoformat(alone.facts["day"])
    assert alone.severity is Severity.BLOCKS
    answered = doubled(explanation("Q32", day, day))
    assert answered.severity is Severity.EXPLAIN
    assert answered.message("en").endswith("Explained on record by “completion certificate”: a second array")
    assert "completion certificate" in answered.message("ja")
    assert (answered.rows, answered.row_count) == (alone.rows, alone.row_count)
    assert answered.facts["fact"] == explanation("Q32", day, day).id


@pytest.mark.parametrize("case", ["the day before", "the day after", "another rule", "not explainable"])
def test_what_does_not_explain_it(case: str) -> None:
    day = date.fromisoformat(doubled().facts["day"])
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    facts = {
        "the day before": (explanation("Q32", before, before),),
        "the day after": (explanation("Q32", after, after),),
        "another rule": (explanation("Q33", before, after),),
        "not explainable": (explanation("Q32", day, day),),
    }[case]
    rules = QualityRules(explainable=("Q33",)) if case == "not explainable" else None
    assert doubled(*facts, rules=rules).severity is Severity.BLOCKS


def test_copied_days_must_be_covered_from_the_first_to_the_last() -> None:
    values = sunny()
    values[40 * 96 : 41 * 96] = values[20 * 96 : 21 * 96]
    found = finding(site(values).judged(), "Q19")
    assert found.severity is Severity.BLOCKS
    line = timeline_of(Meter("M1", "generation", 1, 900))
    first, last = date(2018, 1, 21), date(2018, 2, 10)
    facts = {"meter": "M1", "first": "2018-01-21T07:00:00Z", "last": "2018-02-11T07:00:00Z"}
    made = Finding("Q19", Severity.BLOCKS, "en.", "ja。", "clause", facts)
    for begin, end, ends, severity in (
        (first, last, True, Severity.EXPLAIN),
        (first, last, False, Severity.BLOCKS),  # the last reading begins at the midnight after the last day
        (first, last + timedelta(days=1), False, Severity.EXPLAIN),
        (first + timedelta(days=1), last + timedelta(days=1), False, Severity.BLOCKS),
        (first - timedelta(days=1), last - timedelta(days=1), True, Severity.BLOCKS),
    ):
        given = explanations_of([timeline_of(line.meter, [explanation("Q19", begin, end)])], ["Q19"])
        shifted = made if not ends else Finding(**{**vars(made), "facts": {**facts, "first": "2018-01-21T07:15:00Z"}})
        (answered,) = explained([shifted], given, "-07:00", ends=ends)
        assert answered.severity is severity, (begin, end, ends)


def test_values_count_on_the_days_that_are_explained() -> None:
    """Three stale stretches: all withheld, one explained, all explained."""
    stale = labelled("ac_power_inv_2173_stale_data", "stale_data_mask")
    assert stale.labels is not None
    days = np.unique(stale.seconds[stale.labels] // 86_400)
    first, last = (date(1970, 1, 1) + timedelta(days=int(day)) for day in (days[0], days[-1]))
    name = stale.meter.meter_id

    def judged(*facts: MeterFact) -> Any:
        return stale.judged(meter=Meter(**{**vars(stale.meter), "facts": facts}))

    nothing, all_of_them = judged(), judged(explanation("Q12", first, last, name))
    some = judged(explanation("Q12", first, first, name))
    assert total(nothing) < total(some) < total(all_of_them) == total(stale.judged(rules=FLAGS_ONLY))
    variants = [[rule for rule, _, _ in one.seen if rule.startswith("Q12")] for one in (nothing, some, all_of_them)]
    assert variants == [["Q12 stuck withheld"], ["Q12 stuck withheld", "Q12 stuck"], ["Q12 stuck"]]
    assert seen(some) == seen(nothing)


def test_a_withdrawn_explanation_explains_nothing() -> None:
    day = date(2022, 7, 1)
    given = explanation("Q32", day, day)
    gone = MeterFact("M1", "explanation", day, {}, LETTER, corrects=given.id, withdrawn=True)
    meter = Meter("M1", "generation", 1, 900)
    assert [one.rule for one in explanations_of([timeline_of(meter, [given])], ["Q32"])["M1"]] == ["Q32"]
    assert explanations_of([timeline_of(meter, [given, gone])], ["Q32"]) == {"M1": ()}


def test_only_some_rules_can_be_explained() -> None:
    with pytest.raises(Refused) as refused:
        explanation("Q11", date(2024, 1, 1), date(2024, 1, 2))
    assert refused.value.facts["field"] == "rule"
    with pytest.raises(Refused) as refused:
        QualityRules.from_data({"explainable": ["Q10"]})
    assert refused.value.code == "quality_rules_invalid"
    assert QualityRules.from_data({"explainable": []}).explainable == ()
