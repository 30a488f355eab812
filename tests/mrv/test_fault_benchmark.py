"""What the fault benchmark promises, held on a part of it: real data with known answers, one site with every fault."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.faults import cases, known, ours
from benchmarks.faults.run import Score, episodes, over, told, touching
from tools import document_quality_rules

from .site_files import precision_recall, serf

SEED = 4_711
"""Another than those of the benchmark."""


def test_the_gap_of_23_days_is_bridged_and_three_zero_readings_are_harmless() -> None:
    found = list(known.revenue_meter())
    assert [(counted, bridged) for _, counted, bridged, _ in found] == [(68_697_000, 56_590_000)] * 2


def test_nine_registers_that_pass_their_end_are_right_or_left_as_an_event() -> None:
    """Eight are right. The ninth, on substituted reads almost a year apart, could have turned more than once."""
    turns = known.turns()
    assert len(turns) == 22
    assert [one.verdict for one in turns if one.turned].count("right") == 8
    assert [one.reads for one in turns if one.turned and one.verdict != "right"] == ["55278.0 → 01739.0"]
    assert {one.verdict for one in turns if not one.turned} == {"event, nothing credited"}
    assert "wrong" not in {one.verdict for one in turns}


@pytest.mark.parametrize("one", list(known.labelled()), ids=lambda one: one.name)
def test_labelled_rows(one: known.Labelled) -> None:
    precision, recall = precision_recall(one.found(), one.case.faulty)
    assert precision >= 0.95
    assert recall >= (0.94 if one.name == "interpolated, all labels" else 0.95)


@pytest.mark.parametrize(
    ("form", "faults"),
    [("register", cases.REGISTER_FAULTS), ("record", cases.POWER_FAULTS)],
    ids=["register", "record"],
)
def test_every_fault_in_one_site(form: str, faults: tuple[cases.Fault, ...]) -> None:
    """Found, nothing else marked, and no more than 0.1 % over-credited (single values between clouds apart)."""
    site = cases.as_register(serf()) if form == "register" else serf()
    rows = np.zeros(len(site.values), dtype=np.bool_)
    clean = cases.Case("none", site, 0, site.seconds, site.values, rows, 0)
    usual = ours.verdict(clean)
    for number, fault in enumerate(faults):
        here = cases.half_loaded(site) if fault in cases.ROOM else site
        case = fault(np.random.default_rng([SEED, number]), here)
        assert case is not None
        found, score = ours.verdict(case), Score()
        before = np.zeros(len(case.values), dtype=np.bool_)
        score.add(case, found.marks, before if form == "register" else _standing(usual, case), told(found, usual))
        if case.fault != "values at full power":
            assert score.found == score.events > 0, case.fault
            assert found.blocked or over(case, found.measured_wh) <= 0.1, case.fault
        assert score.right == score.marked, case.fault


def _standing(usual: ours.Verdict, case: cases.Case) -> cases.Marks:
    if len(usual.marks) == len(case.values):
        return usual.marks
    place = np.searchsorted(case.site.seconds, case.seconds, side="right") - 1
    return usual.marks[np.clip(place, 0, len(usual.marks) - 1)]


def test_a_plain_sum_is_fooled() -> None:
    site = cases.as_register(serf())
    case = cases.zeros(np.random.default_rng(SEED), site)
    assert over(case, ours.naive(case)) > 1_000
    assert over(case, ours.verdict(case).measured_wh) == 0


def test_episodes_are_counted_as_the_page_says() -> None:
    marks = np.zeros(40, dtype=np.bool_)
    marks[[2, 5, 20, 21, 39]] = True
    assert episodes(marks) == [(2, 5), (20, 21), (39, 39)]
    assert touching([(24, 24), (30, 33)], [(20, 21)]) == 1
    case = cases.Case("x", serf(), 0, np.arange(40), np.arange(40), marks, 100)
    score = Score()
    score.add(case, np.roll(marks, 10), np.zeros(40, dtype=np.bool_))
    assert (score.recall, score.precision) == ("0.00", "0.00")
    score.add(replace(case, whole=True), marks, marks, True)
    assert score.recall == "0.25"


def test_the_page_of_the_rules_says_what_the_rules_say() -> None:
    text = document_quality_rules.PAGE.read_text(encoding="utf-8")
    assert document_quality_rules.page(text) == text, "run tools/document_quality_rules.py"
