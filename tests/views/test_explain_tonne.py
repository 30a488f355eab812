"""One tonne: how far its way can be followed, and that the parts add up to the whole."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from loaded_record import LoadedRecord
from openjcm.log.leaf import leaf_hash
from openjcm.log.tree import verify_consistency, verify_inclusion
from openjcm.refusals import Refused
from openjcm.units import exact
from openjcm.views import log_state
from openjcm.views.day_readings import day_readings
from openjcm.views.explain_tonne import Explanation, _days, _portion, explain_tonne


def explained(connection: Any, serial: str) -> Explanation:
    found = explain_tonne(connection, serial)
    assert found is not None
    return found


def test_the_parts_add_up_to_the_reductions(connection: Any) -> None:
    made = explained(connection, "JCM-JP-XD001-2022-4").calculated
    assert made is not None
    assert sum((part.tonnes for part in made.parts), Fraction(0)) == exact(made.body["total"]["reductions"])
    bridged = [part for part in made.parts if part.kind == "bridged"]
    assert [(part.meter, part.kwh) for part in bridged] == [("XD001-M2", Fraction(56590))]


def test_every_tonne_of_a_decision_has_its_days_and_they_follow_each_other(connection: Any) -> None:
    japan = [explained(connection, f"JCM-JP-XD001-2022-{number}") for number in range(1, 49)]
    partner = [explained(connection, f"JCM-MN-XD001-2022-{number}") for number in range(1, 13)]
    portions = [one.calculated.portion for one in japan + partner if one.calculated]
    assert [portion.number for portion in portions if portion] == list(range(1, 61))
    for before, after in pairwise(portions):
        assert before is not None
        assert after is not None
        assert before.last_day <= after.last_day
        assert (
            after.first_day in {before.last_day, *(day.day for day in after.month)} or after.first_day > before.last_day
        )


def test_the_days_of_a_month_add_up_to_all_that_counts_in_it() -> None:
    """Another factor in each month, and energy taken off for a lapsed calibration."""
    nothing = dict.fromkeys(("bridged", "substituted", "calibration"), "0")

    def line(month: int, kwh: str, tco2e: str, calibration: tuple[str, str]) -> dict[str, Any]:
        parts = [
            {**nothing, "measured": one, "calibration": off} for one, off in zip((kwh, tco2e), calibration, strict=True)
        ]
        return {"meter": "M1", "year": 2024, "month": month, "kwh": parts[0], "tco2e": parts[1]}

    body = {
        "energy": [line(1, "4000", "2", ("-40", "-0.02")), line(2, "1000", "0.25", ("0", "0"))],
        "daily": [
            {"meter": "M1", "first_day": "2024-01-30", "measured_wh": [10**6, 3 * 10**6, 10**6], "bridged_wh": [0] * 3}
        ],
    }
    days = _days(body)
    assert [day.tonnes for day in days] == [Fraction("0.495"), Fraction("1.485"), Fraction("0.25")]
    assert sum(day.tonnes for day in days) == exact("2") - exact("0.02") + exact("0.25")
    portion = _portion(body, 1)
    assert portion is not None and (portion.first_day, portion.last_day) == (date(2024, 1, 30), date(2024, 1, 31))
    assert _portion(body, 3) is None, "two tonnes and a quarter hold no third"


def test_a_tonne_that_was_used_says_so(connection: Any) -> None:
    used = explained(connection, "JCM-JP-XD001-2022-4")
    assert [one.kind for one in used.movements] == ["issue", "transfer", "retire"]
    assert used.holder_type == "retirement"
    assert used.movements[-1].details["used_for_year"] == 2030


def test_a_credit_of_the_real_record_ends_where_the_record_ends(connection: Any) -> None:
    real = explained(connection, "JCM-JP-TH014-2021-1009")
    assert real.calculated is None
    assert real.decision.total == 2017
    assert real.log is not None
    assert real.as_data()["report"] is None


@pytest.mark.parametrize("serial", ["JCM-JP-TH014-2021-1010", "JCM-JP-MN999-2021-1"])
def test_what_was_never_issued_is_none(connection: Any, serial: str) -> None:
    assert explain_tonne(connection, serial) is None


def test_a_text_that_is_no_serial_is_refused(connection: Any) -> None:
    with pytest.raises(Refused) as caught:
        explain_tonne(connection, "four tonnes")
    assert caught.value.code == "block_not_readable"


def test_the_readings_of_a_day_carry_the_energy_of_the_report(connection: Any, record: LoadedRecord) -> None:
    made = explained(connection, "JCM-JP-XD001-2022-7").calculated
    assert made is not None
    assert made.portion is not None
    file = next(one for one in made.files if "XD001-M2" in one.meters)
    day = day_readings(record.office.files, file, "XD001-M2", date(2022, 9, 17), made.body["time_zone"])
    told = next(one for one in made.portion.month if one.day == date(2022, 9, 17))
    inverter = next(one for one in made.body["daily"] if one["meter"] == "XD001-M1")
    place = (date(2022, 9, 17) - date.fromisoformat(inverter["first_day"])).days
    assert round(sum(one.energy_wh or 0 for one in day.readings)) == told.measured_wh - inverter["measured_wh"][place]
    assert day.gap is None


def test_a_day_inside_the_gap_shows_the_register_on_both_sides(connection: Any, record: LoadedRecord) -> None:
    made = explained(connection, "JCM-JP-XD001-2022-20").calculated
    assert made is not None
    file = next(one for one in made.files if "XD001-M2" in one.meters)
    day = day_readings(record.office.files, file, "XD001-M2", date(2022, 9, 24), made.body["time_zone"])
    assert day.readings == ()
    assert day.gap is not None
    assert day.gap.after_value - day.gap.before_value == 56590


def test_the_path_in_the_log_leads_to_the_signed_root(connection: Any) -> None:
    found = explained(connection, "JCM-JP-XD001-2022-4").log
    assert found is not None
    assert leaf_hash(found.leaf.body.encode()).hex() == found.leaf.leaf_hash
    assert verify_inclusion(
        bytes.fromhex(found.leaf.leaf_hash),
        found.leaf.leaf_index,
        found.checkpoint.tree_size,
        [bytes.fromhex(one) for one in found.hashes],
        bytes.fromhex(found.checkpoint.root_hash),
    )


def test_the_log_is_shown_to_have_only_grown(connection: Any) -> None:
    head = log_state.checkpoint(connection)
    assert head is not None
    old = log_state.checkpoint_at_or_before(connection, 100)
    assert old is not None
    found = log_state.consistency(connection, old.tree_size, head.tree_size)
    assert found is not None
    hashes = [bytes.fromhex(one) for one in found.hashes]
    roots = bytes.fromhex(old.root_hash), bytes.fromhex(head.root_hash)
    assert verify_consistency(old.tree_size, head.tree_size, hashes, *roots)
    assert not verify_consistency(old.tree_size, head.tree_size, hashes, roots[1], roots[0])
    assert log_state.consistency(connection, head.tree_size, old.tree_size) is None
    assert log_state.consistency(connection, 0, head.tree_size) is None
