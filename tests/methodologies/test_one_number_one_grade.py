"""A number that stands in a methodology and in a table of factors has one value and one grade."""

from __future__ import annotations

from datetime import date

import pytest

from openjcm.factors import look_up
from openjcm.methodologies import METHODOLOGIES


@pytest.mark.parametrize("case", ["national_grid", "captive_or_off_grid"])
def test_mongolias_grid_factor_is_known_equally_well_in_both_places(case: str) -> None:
    printed = METHODOLOGIES["MN_AM003"].printed_in("EF_RE_i", "02.0")
    assert printed is not None
    in_table = look_up("grid_emission_factor", "MN_AM003 ver02.0", date(2022, 6, 1), case)
    assert (printed.values[case], printed.grade) == (in_table.value, in_table.grade)
