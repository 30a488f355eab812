"""Waste by first-order decay against the recursion of the IPCC, written plainly and sharing no code."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjcm.dated import Citation
from openjcm.factors import look_up
from openjcm.methodologies import methodology
from openjcm.mrv.calculation import Given, Result, calculate
from openjcm.units import exact_text

SOURCE = Citation("a test")
DAY = date(2026, 1, 1)
KINDS = ("food", "garden", "paper", "wood", "textiles", "nappies")
ZERO = ("EC_PJ_p", "FC_PJ_p", "OX_RE", "OX_PJ", "f_RE")
UNITS = {"EC_PJ_p": "MWh", "FC_PJ_p": "t"}


def of_table(column: str) -> dict[str, str]:
    return {kind: exact_text(look_up("solid_waste", kind, DAY, column).value) for kind in KINDS}


TABLE = {name: of_table(column) for name, column in (("DOC_j", "DOC_default"), ("DOC_f_j", "DOC_f_default"))}


def landfill(waste: dict[int, int], climate: str, year: int) -> Result:
    """A semi-aerobic site with a sixth of each kind of waste and the defaults of the IPCC."""
    shares = {f"{x}/{kind}": "1/6" for x in waste for kind in KINDS}
    one = {"F_CH4": "0.5", "MCF_RE": "1", "MCF_PJ": "0.5", "h_p": "1"} | dict.fromkeys(ZERO, "0")
    given_ = {name: Given({"": value}, UNITS.get(name, "-"), SOURCE) for name, value in one.items()}
    given_ |= {
        "y_p": Given({"": str(year)}, "year", SOURCE),
        "W_x": Given({str(x): str(tonnes) for x, tonnes in waste.items()}, "t", SOURCE),
        "P_x_j": Given(shares, "-", SOURCE),
        "DOC_j": Given(TABLE["DOC_j"], "tC/t", SOURCE),
        "DOC_f_j": Given(TABLE["DOC_f_j"], "-", SOURCE),
        "k_j": Given(of_table(f"k_{climate}_default"), "1/year", SOURCE),
        "GWP_CH4": Given({"": "28"}, "tCO2e/tCH4", SOURCE),
        "EF_elec": Given({"": "0.5"}, "tCO2e/MWh", SOURCE),
        "NCV_fuel": Given({"": "43"}, "GJ/t", SOURCE),
        "EF_fuel": Given({"": "0.0741"}, "tCO2e/GJ", SOURCE),
    }
    return calculate(methodology("TN_PM001"), "01.0", given_)


def decayed(waste: dict[int, int], climate: str, year: int) -> Decimal:
    """Carbon that decays in a year: accumulate, let a share go, add the year's waste at the end of the year."""
    with localcontext(prec=50):
        total = Decimal(0)
        for kind in KINDS:
            rate = Decimal(of_table(f"k_{climate}_default")[kind])
            carbon = Decimal(TABLE["DOC_j"][kind]) * Decimal(TABLE["DOC_f_j"][kind]) / 6
            store = gone = Decimal(0)
            for now in range(min(waste), year + 1):
                gone = store * (1 - (-rate).exp())
                store = store - gone + waste.get(now, 0) * carbon
            total += gone
        return total


history = st.dictionaries(st.integers(2015, 2030), st.integers(0, 10**6), min_size=1, max_size=5)


@given(history, st.integers(2015, 2040), st.sampled_from(["tropical_wet", "boreal_temperate_dry"]))
def test_the_site_emits_what_the_recursion_gives(waste: dict[int, int], year: int, climate: str) -> None:
    found, wanted = landfill(waste, climate, year).value("DDOC_p"), decayed(waste, climate, year)
    assert abs(Decimal(found.numerator) / Decimal(found.denominator) - wanted) < Decimal("1e-15")


def test_a_wetter_climate_emits_earlier() -> None:
    wet, dry = (landfill({2020: 1000}, climate, 2021).reductions for climate in ("tropical_wet", "tropical_dry"))
    assert wet > dry


@pytest.mark.parametrize("later", [{2031: 500_000}, {2031: 1, 2040: 2}])
def test_waste_of_later_years_changes_no_earlier_result(later: dict[int, int]) -> None:
    assert landfill({2020: 1000}, "tropical_wet", 2025).reductions == (
        landfill({2020: 1000, **later}, "tropical_wet", 2025).reductions
    )
