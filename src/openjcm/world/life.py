"""The life of the demonstration's tonne in ten steps, with what each step produced. Every figure is read, none retold.

The steps are those of the architecture: readings, quality, calculation, report, verification, decision, issuance, use,
Article 6, UN reports. ``openjcm world play`` prints them; ``docs/the_life_of_a_tonne.md`` quotes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from openjcm.article6.actions import ActionType, Article6Action, history
from openjcm.article6.corresponding_adjustment import Kind
from openjcm.article6.ndc_balance import flows_of
from openjcm.canonical import sha256_hex
from openjcm.commands import Office, Receipt
from openjcm.dated import Grade
from openjcm.reports.aef import build_aef, write_aef
from openjcm.reports.article6_lines import Article6Data, article6_data, party_lines
from openjcm.reports.mirror import mirror
from openjcm.units import display_text, exact
from openjcm.views import journal_state
from openjcm.views.article6_actions import article6_entries
from openjcm.views.explain_tonne import COUNTED
from openjcm.world import demonstration

Line = tuple[str, str]
"""One thing that a step produced, in English and Japanese."""


@dataclass(frozen=True)
class Step:
    """One of the ten steps."""

    number: int
    title_en: str
    title_ja: str
    produced: tuple[Line, ...]


def steps(office: Office, done: Mapping[str, Receipt]) -> tuple[Step, ...]:
    """The ten steps, from the receipts of the demonstration's acts and the products they name."""
    with office.transaction() as connection:
        report = journal_state.product(connection, demonstration.report_sha256(done))
        article6 = tuple(_article6(connection))
        workbooks = tuple(_workbooks(connection))
    return (
        Step(
            1, "Readings: the meter files become whole numbers", "計測値: 計量ファイルを整数に", tuple(_readings(done))
        ),
        Step(
            2,
            "Quality: rules find faults and name the rows",
            "品質: 規則が問題を見つけ、行を示す",
            tuple(_quality(report)),
        ),
        Step(
            3, "Calculation: from energy to tonnes, step by step", "算定: 電力量からトンへ", tuple(_calculation(report))
        ),
        Step(
            4,
            "Monitoring report: frozen, named by its hash",
            "モニタリング報告書: ハッシュ値で特定",
            tuple(_report(done, report)),
        ),
        Step(5, "Verification: computed again, byte for byte", "検証: バイト単位で再計算", tuple(_verification(done))),
        Step(6, "Decision: whole numbers for both sides", "決定: 両側への整数の配分", tuple(_decision(done))),
        Step(7, "Issuance: each side on its own day", "発行: それぞれの日に", tuple(_issuance(done))),
        Step(8, "Use: transfer, retire, cancel", "使用: 振替・無効化・取消し", tuple(_use(done))),
        Step(9, "Article 6: first transfer and adjustment", "第6条: 最初の移転と相当調整", article6),
        Step(10, "UN reports: both Parties' annual workbooks", "国連への報告: 両国の年次報告", workbooks),
    )


def _short(sha256: str) -> str:
    return f"{sha256[:12]}…"


def _readings(done: Mapping[str, Receipt]) -> Iterator[Line]:
    for name in ("readings/inverter", "readings/register"):
        outcome = done[name].outcome
        count, meters, sha256 = outcome["readings"], ", ".join(outcome["meters"]), _short(outcome["file_sha256"])
        yield f"{count:,} readings of {meters}, file {sha256}", f"{meters} の計測値 {count:,} 件、ファイル {sha256}"


def _quality(report: Mapping[str, Any]) -> Iterator[Line]:
    for finding in sorted(report["findings"], key=lambda item: (item["rule"], str(item["facts"].get("meter", "")))):
        yield f"{finding['rule']}: {finding['message']['en']}", f"{finding['rule']}: {finding['message']['ja']}"


def meter_energy(report: Mapping[str, Any]) -> dict[str, Fraction]:
    """The energy that counts, in kWh, by meter, over all months of a report."""
    total: dict[str, Fraction] = {}
    for line in report["energy"]:
        counted = sum((exact(line["kwh"][part]) for part in COUNTED), Fraction(0))
        total[line["meter"]] = total.get(line["meter"], Fraction(0)) + counted
    return total


def _calculation(report: Mapping[str, Any]) -> Iterator[Line]:
    for meter, kwh in sorted(meter_energy(report).items()):
        line = f"{meter}: {display_text(kwh, 2)} kWh"
        yield line, line
    for year in report["years"]:
        exactly, whole = display_text(exact(year["reductions"]), 4), year["whole_tonnes"]
        name, grade = report["rules"]["rounding"]["name"], Grade(year["grade"])
        yield (
            f"{year['year']}: {exactly} t CO2e, {whole} t by the rule {name} (grade: {grade})",
            f"{year['year']} 年: {exactly} t CO2e、規則 {name} により {whole} t (根拠区分: {GRADE_WORDS_JA[grade]})",
        )


def _report(done: Mapping[str, Receipt], report: Mapping[str, Any]) -> Iterator[Line]:
    outcome = done["report"].outcome
    period = f"{outcome['monitoring_start']} – {outcome['monitoring_end']}"
    sha256 = outcome["report_sha256"]
    yield f"{period}: {outcome['emission_reductions']} t", f"{period}: {outcome['emission_reductions']} t"
    yield f"report {sha256}", f"報告書 {sha256}"
    yield f"made from plan {_short(report['plan_sha256'])}", f"計画 {_short(report['plan_sha256'])} に基づく"


def _verification(done: Mapping[str, Receipt]) -> Iterator[Line]:
    outcome = done["verification"].outcome
    sha256 = _short(outcome["opinion_sha256"])
    yield f"rerun: the same bytes; opinion: positive ({sha256})", f"再計算: 同一バイト列、意見: 肯定的 ({sha256})"


def _decision(done: Mapping[str, Receipt]) -> Iterator[Line]:
    outcome = done["decision"].outcome
    sides = outcome["sides"]
    japan, host = sides["JPN"], sides[demonstration.HOST]
    yield (
        f"{outcome['total']} t: Japan {japan}, Mongolia {host} ({outcome['decision_id']})",
        f"{outcome['total']} t: 日本 {japan}、モンゴル {host} ({outcome['decision_id']})",
    )


def _issuance(done: Mapping[str, Receipt]) -> Iterator[Line]:
    days = {act.name: str(act.request(done)["occurred_on"]) for act in demonstration.story() if act.act == "issue"}
    for name, day in days.items():
        for item in done[name].outcome["blocks"]:
            line = f"{day}: {item['block']} → {item['account_id']}"
            yield line, line


def _use(done: Mapping[str, Receipt]) -> Iterator[Line]:
    words = {"transfer": ("transferred", "振替"), "retire": ("retired", "無効化"), "cancel": ("cancelled", "取消し")}
    for name, (en, ja) in words.items():
        outcome = done[name].outcome
        blocks, target = ", ".join(outcome["blocks"]), outcome["target_account"]
        yield (
            f"{en}: {blocks} → {target} ({outcome['quantity']} t)",
            f"{ja}: {blocks} → {target} ({outcome['quantity']} t)",
        )


def _data(connection: Any) -> Article6Data:
    entries = article6_entries(connection, demonstration.WORLD)
    return article6_data(entries.world, entries.movements, entries.authorizations)


ACTION_WORDS_JA = {
    ActionType.FIRST_TRANSFER: "最初の移転",
    ActionType.TRANSFER: "移転",
    ActionType.ACQUISITION: "取得",
    ActionType.USE: "使用",
    ActionType.CANCELLATION: "取消し",
    ActionType.VOLUNTARY_CANCELLATION: "自主的な取消し",
}
GRADE_WORDS_JA = {
    Grade.READ: "原本確認",
    Grade.SECONDARY: "二次資料",
    Grade.RECALLED: "記憶のみ",
    Grade.INFERRED: "推定",
    Grade.UNKNOWN: "不明",
}
NAMES = {"JPN": ("Japan", "日本"), demonstration.HOST: ("Mongolia", "モンゴル")}


def _article6(connection: Any) -> Iterator[Line]:
    data = _data(connection)
    past = history(data.movements, data.authorizations, data.trigger)
    for action in past.actions:
        name_en, name_ja = NAMES[action.party]
        what = f"{action.block} ({action.block.quantity} t)"
        yield (
            f"{action.occurred_on}, {name_en}: {action.action_type.value}, {what}",
            f"{action.occurred_on} {name_ja}: {ACTION_WORDS_JA[action.action_type]}、{what}",
        )
    for party, (name_en, name_ja) in NAMES.items():
        added, used = flow_sums(party, past.actions)
        yield (
            f"{name_en}: adds {tonnes(added)} t, subtracts {tonnes(used)} t",
            f"{name_ja}: 加算 {tonnes(added)} t、減算 {tonnes(used)} t",
        )


def flow_sums(party: str, actions: Iterable[Article6Action]) -> tuple[Fraction, Fraction]:
    """What a Party adds (first transferred) and what it subtracts (used), in t CO2e, over all years."""
    flows = flows_of(party, actions)
    used = sum((flow.quantity for flow in flows if flow.kind is Kind.USED), Fraction(0))
    return sum((flow.quantity for flow in flows), Fraction(0)) - used, used


def _workbooks(connection: Any) -> Iterator[Line]:
    data = _data(connection)
    for party in NAMES:
        made = build_aef(party, 2025, data)
        actions, holdings = (len(table.rows) for table in made.tables if table.layout.number in {3, 4})
        sha256 = _short(sha256_hex(write_aef(made)))
        yield (
            f"{made.file_name}: {actions} actions, {holdings} holdings, workbook {sha256}",
            f"{made.file_name}: 行為 {actions} 行、保有 {holdings} 行、ブック {sha256}",
        )
    lines = [party_lines(party, 2025, data).actions for party in NAMES]
    compared = mirror(lines[0], lines[1], *NAMES)
    differences = len(compared.differences)
    yield (
        f"mirror check: {compared.agreed} t agree, {differences} differences",
        f"突合: {compared.agreed} t が一致、相違 {differences} 件",
    )


def tonnes(value: Fraction) -> str:
    """Tonnes for people."""
    return f"{value.numerator:,}" if value.denominator == 1 else display_text(value, 2)
