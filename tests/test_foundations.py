"""What everything stands on refuses what it cannot hold: numbers, dates, canonical bytes, declared refusals, facts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from openjcm.canonical import canonical_bytes, decimal_text
from openjcm.dated import Citation, Dated, Grade
from openjcm.methodologies.catalogue import _entry
from openjcm.mrv.cases import read_given
from openjcm.mrv.lines import Sums
from openjcm.mrv.meter_facts import MeterFact
from openjcm.mrv.meters import Meter
from openjcm.refusals import Refused, refusal
from openjcm.reports.report_results import MAX_REPORT
from openjcm.reports.report_results import read_report as read_results
from openjcm.units import exact
from openjcm.verification.rerun import read_facts
from openjcm.web.pages import number

TEXTS = {"ja": "「{name}」です。", "remedy_en": "Do.", "remedy_ja": "してください。", "clause": "none"}


def declared(code: str, **change: str) -> Any:
    return refusal(code, **{"en": "It is “{name}”.", **TEXTS, **change})


@pytest.mark.parametrize(
    ("make", "error", "reason"),
    [
        (lambda: decimal_text(Decimal("Infinity")), TypeError, "Infinity is not a value"),
        (lambda: decimal_text(Decimal("NaN")), TypeError, "NaN is not a value"),
        (lambda: canonical_bytes(0.5), TypeError, "no canonical form"),
        (
            lambda: Dated(1, Citation("s"), Grade.READ, date(2025, 1, 2), date(2025, 1, 1)),
            ValueError,
            r"ends \(2025-01-01\) before it begins",
        ),
        (lambda: declared("port_in_use"), ValueError, "is declared twice"),
        (lambda: declared("of_these_tests", ja=" "), ValueError, "has an empty text"),
        (lambda: declared("of_these_tests", ja="空"), ValueError, "different facts in Japanese and English"),
        (lambda: _entry({"id": "XX_AM001", "family": "magic"}, ()), ValueError, "is none of the families"),
        (lambda: Sums.empty(1).reading, AttributeError, "reading"),
        (lambda: number(None), TypeError, "not a figure: None"),
        (lambda: number(True), TypeError, "not a figure: True"),
        (lambda: number("7"), TypeError, "not a figure: '7'"),
    ],
)
def test_what_cannot_be_is_an_error(make: Callable[[], object], error: type[Exception], reason: str) -> None:
    import openjcm.cli_parts.serve  # noqa: F401 - declares port_in_use

    with pytest.raises(error, match=reason):
        make()


def test_a_refusal_says_all_its_facts() -> None:
    from openjcm.refusals import REFUSALS

    made = declared("of_these_tests")
    try:
        assert made(name="x").message("ja") == "「x」です。"
        with pytest.raises(KeyError, match="lacks the facts"):
            made(other="x")
    finally:
        del REFUSALS["of_these_tests"]


@pytest.mark.parametrize(
    ("read", "code", "reason"),
    [
        (lambda: exact(0.5), "not_a_number", "0.5"),  # type: ignore[arg-type]
        (lambda: exact(True), "not_a_number", "True"),
        (lambda: exact(None), "not_a_number", "None"),  # type: ignore[arg-type]
        (lambda: read_given("a: ["), "cases_not_understood", "expected"),
        (lambda: read_given("- a"), "cases_not_understood", "AttributeError"),
        (lambda: read_results(b" " * (MAX_REPORT + 1)), "monitoring_report_not_readable", f"more than {MAX_REPORT}"),
        (lambda: read_facts({"meter_facts": [{"sha256": "0"}]}, {}), "report_not_understood", "KeyError"),
        (lambda: read_facts({"meter_facts": [{"sha256": "0"}]}, {"0": b"["}), "report_not_understood", "JSONDecode"),
        (
            lambda: MeterFact.from_data({"meter": "M", "kind": "firmware", "documents": [7]}),
            "meter_fact_invalid",
            "document",
        ),
        (lambda: Meter.from_data({**meter(), "facts": ["x"]}), "meter_facts_invalid", "facts"),
        (lambda: Meter.from_data({**meter(), "calibration": ["x"]}), "meter_facts_invalid", "calibration"),
        (lambda: Meter.from_data({**meter(), "capacity_w": None}), "meter_facts_invalid", "“capacity_w” is “–”"),
    ],
)
def test_what_cannot_be_read_is_refused(read: Callable[[], object], code: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        read()
    assert refused.value.code == code and reason in str(refused.value)


def meter() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(canonical_bytes(Meter("M1", "generation", 1000, 900).as_data()))
    return made
