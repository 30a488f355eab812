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

from openjcm.article6.actions import history
from openjcm.canonical import plain
from openjcm.commands import Office, Receipt, audit_office, is_clean
from openjcm.mrv.mapping import Mapping as FileMapping
from openjcm.mrv.plan import MonitoringPlan
from openjcm.reports.article6_lines import article6_data
from openjcm.units import exact
from openjcm.views.article6_actions import article6_entries
from openjcm.world import demonstration, life, load, public_record, tables

COMPARISON, BATCHES = 1, 1
"""What is done beside the story: the books compared with the other system's, and the gateway's batches in one entry."""
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def told(world_office: Office) -> tuple[Office, Mapping[str, Receipt]]:
    """The office with both worlds loaded, and the receipts of the demonstration."""
    load.load(world_office, public_record.planned())
    loaded, receipts = demonstration.load_demonstration(world_office)
    assert loaded == load.Loaded(recorded=len(demonstration.story()) + COMPARISON, on_record=0)
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


def test_whether_the_shifted_clocks_show_energy_at_night_cannot_be_told(report: dict[str, Any]) -> None:
    night = [item for item in report["findings"] if item["rule"] == "Q13"]
    assert [item["facts"]["meter"] for item in night] == ["XD001-M1", "XD001-M2"]
    assert all(item["severity"] == "informs" and "座標がない" in item["message"]["ja"] for item in night)


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
        "JPN-demonstration/cancellation": 20,
        "JPN-demonstration/demo-power": 8,
        "JPN-demonstration/demo-storage": 769,
        "JPN-demonstration/demo-trading": 4,
        "JPN-demonstration/government": 30,
        "JPN-demonstration/reserve": 11,
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
    assert entries == len(public_record.planned()) + len(demonstration.story()) + COMPARISON + BATCHES


def test_a_second_load_changes_nothing(told: tuple[Office, Mapping[str, Receipt]]) -> None:
    office, receipts = told
    before = rows(office, "select count(*) from journal")
    loaded, again = demonstration.load_demonstration(office)
    assert loaded == load.Loaded(recorded=0, on_record=len(demonstration.story()) + COMPARISON)
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


def quoted_facts(receipts: Mapping[str, Receipt], report: dict[str, Any]) -> list[str]:
    """The figures that both pages quote, as the system computes them."""
    facts = {(item["rule"], item["facts"].get("meter")): item for item in report["findings"]}
    counts = [(*key, facts[key]["row_count"]) for key in (("Q02", "XD001-M1"), ("Q03", "XD001-M1"))]
    counts += [(*key, facts[key]["row_count"]) for key in (("Q26", "XD001-M1"), ("Q26", "XD001-M2"))]
    counts += [(*key, facts[key]["facts"]["percent"]) for key in (("Q22", "XD001-M1"), ("Q22", "XD001-M2"))]
    energy = life.meter_energy(report)
    quoted = [rf"^\| {rule} [^|]+\| {meter} \|.*\b{re.escape(str(count))} " for rule, meter, count in counts]
    quoted.append(r"^\| Q13 [^|]+\| (both|両方) \|")
    quoted += [rf"\b{receipts[f'readings/{name}'].outcome['readings']:,} " for name in ("inverter", "register")]
    quoted += [
        rf"^\| XD001-M1 \| {float(energy['XD001-M1']):,.2f} \|",
        rf"^\| XD001-M2 \| {int(energy['XD001-M2']):,} \|",
        re.escape(str(report["total"]["reductions"])),
        re.escape(f"**{float(exact(report['total']['reductions'])):.4f} t CO2e**"),
        f"`{report['rules']['rounding']['name']}`",
        rf"\b{demonstration.DECISION.removeprefix('XD001-')}\b.*\b{receipts['decision'].outcome['total']} t"
        rf"|\b{receipts['decision'].outcome['total']} t on {demonstration.DECISION.removeprefix('XD001-')}",
        f"`{demonstration.TRANSFERRED}`",
        f"`{demonstration.RETIRED}`",
        f"`{demonstration.CANCELLED}`",
        str(demonstration.USED_FOR_YEAR),
    ]
    quoted += [
        rf"\b{days:,} " for days in (demonstration.INVERTER_SHIFT // 86_400, demonstration.REGISTER_SHIFT // 86_400)
    ]
    holders = {"demo-power": "Demo Power", "demo-solar": "Demo Solar", "government": "Government"}
    for slug, quantity in demonstration.JAPAN_SHARES + demonstration.HOST_SHARES:
        quoted.append(rf"^\| [^|]+ \| {holders[slug]}[^|]*\| {quantity} \|$")
    for act in demonstration.story():
        if act.step >= 5:
            quoted.append(str(act.request(receipts)["occurred_on"]))
    return quoted


@pytest.mark.parametrize("page", ["the_life_of_a_tonne.md", "the_life_of_a_tonne.ja.md"])
def test_the_page_tells_what_the_system_computes(
    told: tuple[Office, Mapping[str, Receipt]], report: dict[str, Any], page: str
) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    for quoted in quoted_facts(told[1], report):
        assert re.search(quoted, text, re.MULTILINE), quoted


@pytest.mark.parametrize("page", ["the_life_of_a_tonne.md", "the_life_of_a_tonne.ja.md"])
def test_the_page_tells_how_the_nations_adjust(told: tuple[Office, Mapping[str, Receipt]], page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    with told[0].transaction() as connection:
        entries = article6_entries(connection, demonstration.WORLD)
    data = article6_data(entries.world, entries.movements, entries.authorizations)
    actions = history(data.movements, data.authorizations, data.trigger).actions
    assert life.flow_sums("MNG", actions) == (48, 0)
    assert life.flow_sums("JPN", actions) == (0, 6)
    for quoted in ("48 t", "6 t", "42 t"):
        assert quoted in text
