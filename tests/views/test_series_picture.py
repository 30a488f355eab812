"""The picture of an upload: figures by day are those of the readings, marks are those of the report's own findings."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from loaded_record import LoadedRecord
from openjcm.views import series_picture as module
from openjcm.views.series_picture import SeriesPicture, _by_day, _power, series_picture
from openjcm.views.upload import UploadPage, upload_page
from openjcm.web.charts.series_days import LEFT, MOST_COLUMNS, Days, Lane, series_days

NAMES = ("739e898f2bb08852ccf917cf68b46ae8c719447a398ad9af3f6a4b8e34f86fda",
         "c44f7001e4c7efc116cecf24ae4d86d78dc06045adb32e1906eb61f1cc50e3d2")  # fmt: skip
HOUR, DAY = 3_600_000_000, 86_400_000_000


@pytest.fixture(params=NAMES)
def upload(request: pytest.FixtureRequest, connection: Any) -> UploadPage:
    """Each file of the demonstration."""
    found = upload_page(connection, request.param)
    assert found is not None
    return found


def shown(record: LoadedRecord, upload: UploadPage) -> SeriesPicture:
    found = series_picture(record.office.files, upload, upload.meters[0])
    assert found is not None
    return found


def test_marks_count_what_the_report_found(record: LoadedRecord, upload: UploadPage) -> None:
    (use,) = upload.uses
    picture = shown(record, upload)
    marks = {mark.rule: mark for mark in picture.marks}
    stated: dict[str, int] = {}
    for finding in use.findings:
        if finding["row_count"] and finding["rule"] != "Q03":
            stated[finding["rule"]] = stated.get(finding["rule"], 0) + finding["row_count"]
    assert stated
    assert {rule: mark.count for rule, mark in marks.items()} == stated
    for mark in marks.values():
        assert mark.first <= mark.last
        assert 1 <= len(mark.days) <= mark.count
        assert max(mark.days) < len(picture.counts) == (use.last - use.first).days + 1


def test_what_lies_in_another_reports_period_is_no_fault(record: LoadedRecord, upload: UploadPage) -> None:
    (use,) = upload.uses
    middle = date(2022, 6, 30)
    halves = (replace(use, last=middle), replace(use, first=middle + timedelta(days=1)))
    picture = shown(record, replace(upload, uses=halves))
    assert len(picture.counts) == (use.last - use.first).days + 1
    assert picture.judged
    assert "Q03" not in {mark.rule for mark in picture.marks}


def test_what_is_too_large_is_drawn_and_not_judged(
    record: LoadedRecord, upload: UploadPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = shown(record, upload)
    assert picture.judged
    assert picture.marks
    monkeypatch.setattr(module, "LARGEST_JUDGED", upload.readings - 1)
    drawn = shown(record, upload)
    assert (drawn.judged, drawn.marks) == (False, ())
    assert np.array_equal(drawn.counts, picture.counts)


def test_a_file_that_no_report_used_is_drawn_over_its_own_days(record: LoadedRecord, upload: UploadPage) -> None:
    picture = series_picture(record.office.files, replace(upload, uses=()), upload.meters[0])
    assert picture is not None
    assert picture.counts[0] and picture.counts[-1]
    assert int(picture.counts.sum()) == upload.readings
    assert not picture.judged
    assert series_picture(record.office.files, replace(upload, uses=()), "no such meter") is None


def test_a_file_on_record_is_found_by_its_hash_alone(connection: Any, upload: UploadPage) -> None:
    assert upload_page(connection, "0" * 64) is None
    assert upload_page(connection, upload.parquet_sha256) is None, "the stored form is no upload"
    assert upload.mapping["kind"] == "cumulative" or upload.mapping["interval_seconds"]
    assert upload.uses[0].project == "XD001"


def random_days() -> Iterator[np.random.Generator]:
    yield from (np.random.default_rng(seed) for seed in range(30))


def test_figures_by_day_are_those_of_the_readings() -> None:
    for dice in random_days():
        starts = np.cumsum(dice.integers(1, 3, 12)) * DAY
        at = np.sort(dice.integers(0, 30 * DAY, int(dice.integers(0, 40))))
        value = dice.normal(size=len(at))
        counts, low, mean, high = _by_day(starts, at, value)
        for place in range(len(starts) - 1):
            inside = value[(at >= starts[place]) & (at < starts[place + 1])]
            assert counts[place] == len(inside)
            if not len(inside):
                assert math.isnan(low[place]) and math.isnan(mean[place]) and math.isnan(high[place])
            else:
                assert (low[place], high[place]) == (inside.min(), inside.max())
                assert mean[place] == pytest.approx(inside.mean())


def test_power_of_a_register_is_stated_between_near_readings_only() -> None:
    mapping = {"kind": "cumulative", "least_unit": "kWh"}
    t_us = np.array([0, HOUR, HOUR, 2 * HOUR, 3 * HOUR, 40 * HOUR, 41 * HOUR])
    value = np.array([10, 12, 12, 15, 14, 100, 101])
    at, power = _power(mapping, t_us, value)
    assert at.tolist() == [HOUR, 2 * HOUR, 3 * HOUR, 41 * HOUR]
    assert power.tolist() == [2000, 3000, -1000, 1000]
    seconds = {"least_unit": "Wh", "interval_seconds": 900}
    assert _power({**seconds, "kind": "interval_energy"}, t_us[:2], value[:2])[1].tolist() == [40, 48]
    assert list(_power({"least_unit": "0.1 W", "kind": "interval_power"}, t_us[:2], value[:2])[1]) == pytest.approx(
        [1, 1.2]
    )


def drawn(high: list[float], lanes: list[Lane]) -> str:
    mean = [watt / 2 for watt in high]
    return series_days(Days([0.0] * len(high), mean, high), lanes, title="<t>", desc="<d>", labels=[(0, "<l>")])


def test_marks_stand_under_their_days() -> None:
    picture = drawn([1000.0] * 100, [Lane("Q10", (0, 1, 2, 50)), Lane("<Q>", (99,))])
    step = (640 - LEFT) / 100
    bars = [(float(x), float(width)) for x, width in re.findall(r'x="([\d.]+)" y="\d+" width="([\d.]+)"', picture)]
    wanted = [(LEFT, 3 * step), (LEFT + 50 * step, step), (LEFT + 99 * step, step)]
    assert bars == [pytest.approx(one, abs=0.1) for one in wanted]
    assert "<t>" not in picture and "<d>" not in picture and "<l>" not in picture and "<Q>" not in picture


def test_a_spike_does_not_flatten_the_series_and_forty_years_stay_light() -> None:
    usual = [1000.0] * 365
    assert drawn([*usual, 1e12], []).count(">1,000<") == drawn(usual, []).count(">1,000<") == 1
    many = [float(place % 977) for place in range(40 * 365)]
    lanes = [Lane(f"Q{number:02d}", tuple(range(number, 40 * 365, 17))) for number in range(10)]
    picture = drawn(many, lanes)
    assert len(picture) < 60_000
    assert picture.count("h2") <= MOST_COLUMNS
    holes = series_days(Days(*([math.nan] * 9,) * 3), [], title="t", desc="", labels=[])
    assert "nan" not in holes
    assert "<path" in drawn([0.0], [])
