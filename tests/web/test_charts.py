"""Charts: what is drawn is what was given, unknown is dashed, and every text is escaped."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjcm.views.decisions import Year
from openjcm.web.charts.day_curve import day_curve
from openjcm.web.charts.gains import Gain, Words, alone, gains
from openjcm.web.charts.month_days import DayBar, month_days
from openjcm.web.charts.partner_map import natural_earth, world_place
from openjcm.web.charts.shares import decided_squares, split, status_strip
from openjcm.web.charts.svg import nice_ceiling, picture, text
from openjcm.web.charts.targets import SIDE, targets
from openjcm.web.charts.time_axis import Event, Span, time_axis
from openjcm.web.charts.waterfall import Bar, waterfall
from openjcm.web.charts.years import years

MINT = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def heights(svg: str, css: str) -> list[float]:
    return [float(one.get("height", "0")) for one in parsed(svg).iter("rect") if one.get("class") == css]


@given(st.integers(0, 200_000_000))
def test_the_filled_squares_hold_exactly_what_was_issued(tonnes: int) -> None:
    issued = Fraction(tonnes, 1_000_000)
    drawn = targets(issued, None, title="t", first="a", second="b")
    assert sum(heights(drawn, "f-jp")) == pytest.approx(float(issued) * SIDE, abs=SIDE * 0.11)
    assert len(heights(drawn, "f-sunk s-line")) == 200


def test_unknown_issued_fills_nothing() -> None:
    drawn = targets(None, Fraction(23), title="t", first="a", second="b")
    assert heights(drawn, "f-jp") == []
    assert len(heights(drawn, "f-jps")) == 23


@given(st.lists(st.tuples(st.integers(0, 60_000), st.integers(0, 6)), min_size=1, max_size=20))
def test_years_draw_bars_in_proportion_and_a_box_for_each_unknown(rows: list[tuple[int, int]]) -> None:
    given_ = [Year(2010 + place, tonnes, int(tonnes > 0), unknown) for place, (tonnes, unknown) in enumerate(rows)]
    drawn = years(given_, title="t", language="en")
    bars = heights(drawn, "f-jp")
    tall = [row.tonnes for row in given_ if row.tonnes]
    assert len(bars) == len(tall)
    assert len(heights(drawn, "f-tellbg s-tell")) == sum(unknown for _, unknown in rows)
    for (one, first), (other, second) in zip(
        zip(bars, tall, strict=True), list(zip(bars, tall, strict=True))[1:], strict=False
    ):
        if one > 2 and other > 2:
            assert one / other == pytest.approx(first / second, rel=0.1)


@given(st.floats(0.1, 10**9))
def test_the_top_of_an_axis_is_at_or_above_the_value(value: float) -> None:
    assert value <= nice_ceiling(value) <= max(1, value * 10)


def test_the_projection_is_that_of_the_outline() -> None:
    assert natural_earth(0, 0) == (0, 0)
    x, y = world_place(145, 0)
    assert (x, y) == (480, 248)
    # the same places by d3-geo 3.1.1, which drew the outline
    assert world_place(-70, -30) == pytest.approx((847.0228, 340.0718), abs=0.01)
    assert world_place(103.8, 46.9) == pytest.approx((382.8481, 104.2923), abs=0.01)
    assert world_place(-70, -30)[0] > world_place(140, 0)[0], "Chile lies east of Japan on this map"


def test_a_split_draws_the_unknown_rest_dashed() -> None:
    drawn = split(1009, None, 1008, names=("Japan", "Thailand", "Rest"), note="", title="t")
    assert len([one for one in parsed(drawn).iter("rect") if "dash" in str(one.get("class"))]) == 1
    unknown = split(86564, None, None, names=("Japan", "Mongolia", "Rest"), note="", title="t")
    assert "?" in unknown


def test_a_decision_is_drawn_tonne_by_tonne() -> None:
    drawn = decided_squares(48, 12, 4, labels=("a", "b"), title="t")
    assert len(heights(drawn, "f-jp")) == 1
    assert len(heights(drawn, "f-jps")) == 47
    assert len(heights(drawn, "f-pts")) == 12
    big = decided_squares(7158, 1789, 7158, labels=("a", "b"), title="t")
    assert len(heights(big, "f-jps")) == len(heights(big, "f-pts")) == 1


def test_the_waterfall_joins_its_bars() -> None:
    bars = [
        Bar(("Measured", "M1"), "5", Fraction(0), Fraction(5), "given"),
        Bar(("Bridged", "M1"), "3", Fraction(5), Fraction(8), "bridged"),
        Bar(("Whole",), "8", Fraction(0), Fraction(8), "sum"),
    ]
    drawn = waterfall(bars, title="t")
    measured, bridged, whole = heights(drawn, "f-jps")[0], heights(drawn, "f-jps dash")[0], heights(drawn, "f-jp")[0]
    assert measured + bridged == pytest.approx(whole, abs=0.2)


def test_days_distinguish_measured_bridged_and_chosen() -> None:
    days = [DayBar(date(2022, 9, day), 1000 * day, 500 if day > 20 else 0, day == 3) for day in range(1, 31)]
    drawn = month_days(days, title="t", axis="{kwh} kWh", labels=[(1, "1"), (15, "15")])
    assert len(heights(drawn, "f-jp")) == 1
    assert len(heights(drawn, "f-jps")) == 29
    assert len(heights(drawn, "f-jps dash")) == 10


def test_nothing_is_drawn_across_an_hour_without_readings() -> None:
    points = [(1.0, 2.0), (1.25, 3.0), (5.0, 1.0), (5.25, 2.0)]
    drawn = day_curve(points, None, title="t", label="", axis="{kw} kW")
    lines = [one.get("d") for one in parsed(drawn).iter("path") if "f-no" in str(one.get("class"))]
    assert len(lines) == 2


def test_labels_of_the_time_axis_do_not_meet() -> None:
    events = [Event(date(2020, 1, day), f"event number {day}") for day in (1, 5, 9, 13)]
    drawn = time_axis(
        events, [Span(date(2019, 1, 1), date(2019, 12, 31))], date(2026, 1, 1), title="t", today_label="now"
    )
    rows = [one.get("y") for one in parsed(drawn).iter("text") if "event" in str(one.text)]
    assert len(set(rows)) == 4


@given(st.text(max_size=40))
def test_texts_are_escaped(words: str) -> None:
    words = "".join(character for character in words if character.isprintable())
    drawn = picture("0 0 1 1", [text(0, 0, words)], title=words, desc=words)
    assert parsed(drawn)[0].text == (words or None)


def test_a_strip_is_cut_in_proportion() -> None:
    drawn = status_strip([(94, "a"), (49, "b"), (4, "c"), (0, "d")], title="t")
    widths = [float(one.get("width", "0")) for one in parsed(drawn).iter("rect")]
    assert len(widths) == 3
    assert widths[0] / widths[1] == pytest.approx(94 / 49, rel=0.02)
    assert re.search(r'preserveAspectRatio="none"', drawn)


def test_gains_and_losses_are_drawn_to_both_sides_with_their_sign() -> None:
    words = Words("lost", "gained", "in part", "and {count} more")
    rows = [Gain("MN003", 1200, 0), Gain("MN004", 0, 4000), Gain("XD001", 0, 0, 1), Gain("TH014", 0, 0)]
    drawn = gains(rows, words, title="the finding")
    assert "<title" in drawn and "the finding" in drawn
    for part in ("+1,200", "−4,000", "XD001 (in part)", "±0"):
        assert part in drawn
    assert drawn.index("MN004") < drawn.index("MN003"), "the largest change first"
    assert "more" not in drawn


def test_only_the_largest_changes_are_drawn_and_the_rest_is_counted() -> None:
    words = Words("lost", "gained", "in part", "and {count} more")
    drawn = gains([Gain(f"<{n}>", n, 0) for n in range(50)], words, title="t")
    assert "and 10 more" in drawn
    assert "&lt;49&gt;" in drawn
    assert "&lt;9&gt;" not in drawn
    file = ET.fromstring(alone(drawn))
    assert file.tag == "{http://www.w3.org/2000/svg}svg"
    assert file.find("{http://www.w3.org/2000/svg}style") is not None
    assert gains([], words, title="t").startswith("<svg")
