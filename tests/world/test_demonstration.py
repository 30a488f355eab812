"""The demonstration world: the story's figures, on a real database, and the page that tells them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import psycopg
import pytest

from openjcm.canonical import plain
from openjcm.commands import Office, Receipt, audit_office, is_clean
from openjcm.mrv.mapping import Mapping as FileMapping
from openjcm.mrv.plan import MonitoringPlan
from openjcm.units import exact
from openjcm.world import demonstration, life, load, public_record, tables

PAGE = (Path(__file__).parents[2] / "docs" / "the_life_of_a_tonne.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def told(world_office: Office) -> tuple[Office, Mapping[str, Receipt]]:
    """The office with both worlds loaded, and the receipts of the demonstration."""
    load.load(world_office, public_record.planned())
    loaded, receipts = demonstration.load_demonstration(world_office)
    assert loaded == load.Loaded(recorded=len(demonstration.story()), on_record=0)
    return world_office, receipts


def rows(office: Office, query: str) -> list[Any]:
    with psycopg.connect(office.database_url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def report(told: tuple[Office, Mapping[str, Receipt]]) -> dict[str, Any]:
    """The monitoring report."""
    office, receipts = told
    sha256 = demonstration.report_sha256(receipts)
    body = rows(office, f"select body from product where sha256 = '{sha256}'")[0][0]
    found: dict[str, Any] = json.loads(bytes(body))
    return found


def test_mappings_and_plan_survive_their_plain_form() -> None:
    for data in (demonstration.inverter_mapping(), demonstration.register_mapping()):
        mapping = FileMapping.from_data(data)
        assert FileMapping.from_data(mapping.as_data()) == mapping
        assert "Demonstration only" in mapping.clock_correction_reason
    plan = demonstration.monitoring_plan()
    assert MonitoringPlan.from_data(plain(plan.as_data())).sha256 == plan.sha256  # type: ignore[arg-type]


def test_everything_invented_says_so() -> None:
    assert "fictitious" in demonstration.TITLE
    for _, _, _, holder in demonstration.ACCOUNTS:
        assert "fictitious" in holder or "demonstration" in holder
    for act in demonstration.story():
        if act.act == "record_authorization":
            assert "Fictitious" in str(act.request({})["terms"])


def test_the_registers_energy_is_its_difference(report: dict[str, Any]) -> None:
    lines = tables.data_bytes(demonstration.REGISTER_FILE).decode("utf-8").splitlines()[1:]
    register = [int(line.split(",")[4]) for line in lines]
    assert register[-1] - register[0] == 68_697
    assert life.meter_energy(report)["XD001-M2"] == 68_697
    bridged = sum(exact(line["kwh"]["bridged"]) for line in report["energy"] if line["meter"] == "XD001-M2")
    assert bridged == 56_590


def test_the_inverters_energy_is_the_sum_of_its_samples(report: dict[str, Any]) -> None:
    """Recomputed from the file with nothing of ours: 0.1 W for five minutes each, cut to Wh per local month."""
    import pyarrow.parquet as pq

    table = pq.read_table((tables.DATA / "meters").joinpath("TAEFC1044741.parquet"))  # type: ignore[arg-type]
    shifted = [
        (stamp.timestamp(), round(value * 10_000))
        for stamp, value in zip(table["ts"].to_pylist(), table["meas_val_f"].to_pylist(), strict=True)
        if value > -1 and stamp.year == 2016
    ]
    total = sum(value for _, value in shifted)
    wh = Fraction(total, 10) * 300 / 3600
    counted = life.meter_energy(report)["XD001-M1"] * 1000
    assert 0 <= wh - counted < 8, "eight months, each cut down by less than 1 Wh"


def test_sixty_tonnes(report: dict[str, Any]) -> None:
    (year,) = report["years"]
    assert year["reductions"] == "60.32159854"
    assert exact(year["reductions"]) == sum(life.meter_energy(report).values()) * Fraction(797, 1_000_000)
    assert report["emission_reductions"] == demonstration.TOTAL == 60
    assert report["grade"] == "secondary"
    assert report["provisional"]


def test_both_sides_and_the_uses(told: tuple[Office, Mapping[str, Receipt]]) -> None:
    office, _ = told
    held = dict(
        rows(
            office,
            "select account_id, sum(upper(serials) - lower(serials))::bigint from holding"
            " where account_id like '%demonstration%' group by 1",
        )
    )
    assert held == {
        "JPN-demonstration/demo-power": 8,
        "JPN-demonstration/demo-trading": 4,
        "JPN-demonstration/government": 30,
        "JPN-demonstration/retirement": 6,
        "MNG-demonstration/demo-solar": 6,
        "MNG-demonstration/government": 4,
        "MNG-demonstration/cancellation": 2,
    }


def test_the_demonstration_never_touches_the_public_registries(told: tuple[Office, Mapping[str, Receipt]]) -> None:
    office, _ = told
    assert rows(office, "select distinct registry_id from block_origin where 'XD001' = any(projects) order by 1") == [
        ("JPN-demonstration",),
        ("MNG-demonstration",),
    ]
    public = rows(
        office,
        "select sum(upper(serials) - lower(serials))::bigint from block_origin join registry using (registry_id)"
        " where world = 'public'",
    )
    assert public == [(191_651 + 19_645,)]


def test_audit_is_clean(told: tuple[Office, Mapping[str, Receipt]]) -> None:
    findings, entries = audit_office(told[0])
    assert is_clean(findings), [item.message("en") for item in findings]
    assert entries == len(public_record.planned()) + len(demonstration.story())


def test_a_second_load_changes_nothing(told: tuple[Office, Mapping[str, Receipt]]) -> None:
    office, receipts = told
    before = rows(office, "select count(*) from journal")
    loaded, again = demonstration.load_demonstration(office)
    assert loaded == load.Loaded(recorded=0, on_record=len(demonstration.story()))
    assert rows(office, "select count(*) from journal") == before
    assert {name: receipt.entry_no for name, receipt in again.items()} == {
        name: receipt.entry_no for name, receipt in receipts.items()
    }


def test_may_load_only_an_empty_book_or_our_own(told: tuple[Office, Mapping[str, Receipt]]) -> None:
    assert load.may_load(told[0])


def test_nothing_is_loaded_beside_the_entries_of_others(fresh_office: Office) -> None:
    from openjcm.commands import run

    assert load.may_load(fresh_office)
    request = {"registry_id": "MNG", "party": "MNG", "world": "public", "occurred_on": "2016-09-29"}
    run("open_registry", request, office=fresh_office, actor="somebody")
    assert not load.may_load(fresh_office)


def test_ten_steps_each_with_something_produced(told: tuple[Office, Mapping[str, Receipt]]) -> None:
    steps = life.steps(*told)
    assert [step.number for step in steps] == list(range(1, 11))
    for step in steps:
        assert step.produced, step.title_en
        for en, ja in step.produced:
            assert en.strip()
            assert ja.strip()


def test_the_page_tells_what_the_system_computes(
    told: tuple[Office, Mapping[str, Receipt]], report: dict[str, Any]
) -> None:
    _, receipts = told
    energy = life.meter_energy(report)
    facts = {(item["rule"], item["facts"].get("meter")): item for item in report["findings"]}
    percent = {meter: facts["Q22", meter]["facts"]["percent"] for meter in ("XD001-M1", "XD001-M2")}
    for quoted in (
        f"{receipts['readings/inverter'].outcome['readings']:,} readings",
        f"{receipts['readings/register'].outcome['readings']:,} readings",
        f"| Q02 sentinel | XD001-M1 | {facts['Q02', 'XD001-M1']['row_count']} readings",
        f"| Q03 outside the period | XD001-M1 | {facts['Q03', 'XD001-M1']['row_count']} readings",
        f"| Q22 completeness | XD001-M1 | {percent['XD001-M1']} %",
        f"| Q26 gaps | XD001-M1 | {facts['Q26', 'XD001-M1']['row_count']} gaps",
        f"| Q22 completeness | XD001-M2 | {percent['XD001-M2']} %",
        f"| Q26 gaps | XD001-M2 | {facts['Q26', 'XD001-M2']['row_count']} gap of",
        f"| XD001-M1 | {float(energy['XD001-M1']):,.2f} |",
        f"| XD001-M2 | {int(energy['XD001-M2']):,} |",
        f"exactly {report['total']['reductions']}",
        f"`{report['rules']['rounding']['name']}`",
        f"decides {receipts['decision'].outcome['total']} t on {demonstration.DECISION.removeprefix('XD001-')}",
        f"`{demonstration.TRANSFERRED}`",
        f"`{demonstration.RETIRED}`",
        f"`{demonstration.CANCELLED}`",
        f"for the year {demonstration.USED_FOR_YEAR}",
    ):
        assert quoted in PAGE, quoted
    for slug, quantity in demonstration.JAPAN_SHARES + demonstration.HOST_SHARES:
        holder = slug.replace("demo-power", "Demo Power").replace("demo-solar", "Demo Solar").replace("gov", "Gov")
        assert re.search(rf"^\| (Japan|Mongolia) \| {holder}[^|]*\| {quantity} \|$", PAGE, re.MULTILINE), slug
