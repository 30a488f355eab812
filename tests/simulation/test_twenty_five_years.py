"""The simulation of decades, at the smallest size: what it says it does is in the book, and the audit is clean."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

from benchmarks.twenty_five_years import Plan, Simulation, ratios, simulate, today

from openjcm.commands import open_office

YEARS = 2


def test_two_years_at_todays_size(database_url: str, tmp_path: Path) -> None:
    """As many acts of each kind as the assumptions say, every tonne in one account, and a clean audit."""
    office, said = open_office(tmp_path, database_url), list[str]()
    plan, now = Plan(size=1, years=YEARS), today()
    result = simulate(office, plan, said.append)
    with office.transaction() as connection:
        done = dict(connection.execute("select act, count(*) from journal group by 1").fetchall())
        days = connection.execute("select max(occurred_on)::text, max(recorded_at)::date::text from journal").fetchone()
        issued, held = connection.execute(
            "select (select sum(upper(serials) - lower(serials)) from movement where kind = 'issue'),"
            " (select sum(upper(serials) - lower(serials)) from holding)"
        ).fetchone() or (0, 1)
    office.close()
    issuances = now.decisions * YEARS
    assert (done["decide_issuance"], done["issue"]) == (issuances, 2 * issuances)
    assert done["register_project"] == now.registered + YEARS * int(now.registrations)
    assert done["open_account"] == done["open_registry"] + 2 + int(done["register_project"] * now.accounts)
    assert (done["transfer"], done["retire"]) == (issuances * plan.transfers, issuances * plan.retirements)
    assert days == ("2028-12-31", "2028-12-31")
    assert issued == held > 0
    assert result.clean and result.audited == result.years[-1].entries == sum(done.values())
    assert [item.year for item in result.reports] == [2027, 2028]
    assert result.reports[-1].actions > result.reports[0].actions > 0
    assert any(sentence.startswith("assumed") for sentence in said)
    assert len(ratios(result)) == 8


def test_the_moves_follow_the_rates_and_the_seed() -> None:
    """A tenth of a cancellation an issuance: none or one of few; the same seed gives the same."""

    def kinds() -> list[str]:
        chance = random.Random(7)
        return Simulation(None, Plan(), today(), chance, date(2026, 12, 31)).kinds(25)  # type: ignore[arg-type]

    found = kinds()
    assert found == kinds()
    assert (found.count("transfer"), found.count("retire")) == (75, 25)
    assert found.count("cancel") in {2, 3}
