"""The fault benchmark: how well faults are seen, and what they do to the energy that is credited.

    make bench-faults [ARGS="--seeds 3 --write docs/fault_benchmark.md --references PYTHON"]

Every kind of fault is put into real series (seeded), as a record of power and as a register; labelled real rows are
asked for beside them. Ours against a plain sum, and against pvanalytics and pecos where their Python is named.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.faults import cases as made  # noqa: E402 - the checkout is put on the path first
from benchmarks.faults import known  # noqa: E402
from benchmarks.faults.cases import Case, Marks  # noqa: E402
from benchmarks.faults.ours import WHOLE, Verdict, naive, verdict  # noqa: E402
from tests.mrv.site_files import precision_recall  # noqa: E402

NEAR = 3
"""An episode is found if a row within so many rows of it is marked; marks so near to each other are one episode."""
REFERENCE_SITES = {"serf-east", "inverter-2173", "R10", "uk-0"}
"""The references are slow: they see these sites, with the first seed."""
Episodes = list[tuple[int, int]]


def episodes(marks: Marks) -> Episodes:
    """Stretches of marked rows, first and last."""
    found: Episodes = []
    for row in np.flatnonzero(marks).tolist():
        if found and row - found[-1][1] <= NEAR:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found


def touching(these: Episodes, those: Episodes) -> int:
    """How many of these lie near one of those."""
    return sum(any(a <= d + NEAR and c <= b + NEAR for c, d in those) for a, b in these)


@dataclass
class Score:
    """The figures of one kind of fault in one form of series."""

    cases: int = 0
    events: int = 0
    found: int = 0
    marked: int = 0
    right: int = 0

    def add(self, case: Case, marks: Marks, usual: Marks, told: bool | None = None) -> None:
        """Take in a case; ``usual``: the marks without the fault; ``told``: for a fault of the whole series."""
        self.cases += 1
        if case.whole:
            self.events += 1
            self.found += bool(told)
            return
        events, ours = episodes(case.faulty), episodes(marks)
        self.events += len(events)
        self.found += touching(events, ours)
        fresh = [one for one in ours if touching([one], events) or not touching([one], episodes(usual))]
        self.marked += len(fresh)
        self.right += touching(fresh, events)

    @property
    def recall(self) -> str:
        """Found of all events."""
        return f"{self.found / self.events:.2f}" if self.events else "–"

    @property
    def precision(self) -> str:
        """Right of all fresh episodes."""
        return f"{self.right / self.marked:.2f}" if self.marked else "–"


def over(case: Case, counted_wh: int) -> float:
    """How much too much is credited, in percent of the true energy: counted too high, or consumption too low."""
    sign = 1 if case.site.meter.direction == "generation" else -1
    return 100 * sign * (counted_wh - case.true_wh) / max(case.true_wh, 1)


def told(verdict_: Verdict, usual: Verdict) -> bool:
    """Whether a rule tells of a fault of the whole series that was silent about the clean one."""
    return bool((verdict_.rules & WHOLE) - usual.rules)


def full_step(case: Case) -> float:
    """Capacity as a step of the series."""
    site = case.site
    if site.kind == "cumulative":
        return site.meter.capacity_w * site.interval / 3600
    return made.full(site)


def references(python: Path, all_cases: Sequence[Case]) -> tuple[dict[str, list[Marks]], list[float]]:
    """The marks of the field's libraries, in their own environment."""
    data: dict[str, np.ndarray] = {"count": np.array(len(all_cases))}
    for number, case in enumerate(all_cases):
        data[f"seconds_{number}"], data[f"values_{number}"] = case.seconds, case.values
        facts = [full_step(case), float(case.site.interval), float(case.site.kind == "cumulative")]
        data[f"facts_{number}"] = np.array(facts)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "cases.npz", Path(folder) / "marks.npz"
        np.savez_compressed(source, **data)  # type: ignore[arg-type]
        program = Path(__file__).with_name("references.py")
        subprocess.run([str(python), str(program), str(source), str(target)], check=True)
        found = np.load(target)
        marks = {
            name: [found[f"{name}_{number}"] for number in range(len(all_cases))] for name in ("pvanalytics", "pecos")
        }
        return marks, found["spent"].tolist()


def kept_wh(case: Case, marks: Marks) -> int:
    """The energy of what a library leaves unmarked: values, or a register's rises."""
    order = np.argsort(case.seconds, kind="stable")
    values, good = case.values[order], ~marks[order]
    if case.site.kind == "cumulative":
        steps = np.diff(values)
        return int(steps[(steps > 0) & good[1:]].sum())
    return made.energy_of(case.site, np.where(good, values, 0))


class Report:
    """The tables, as Markdown."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, *lines: str) -> None:
        self.lines += lines

    def table(self, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        self.say("| " + " | ".join(head) + " |", "|" + "---|" * len(head))
        self.say(*("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows), "")

    def text(self) -> str:
        return "\n".join(self.lines).rstrip() + "\n"


def injected(report: Report, seeds: int, python: Path | None) -> None:
    """The tables of faults put in, and of the sites as they are."""
    plain = list(made.clean())
    faulted = list(made.all_cases(tuple(range(seeds))))
    usual = {(case.site.name, case.site.kind): verdict(case) for case in plain}
    base_true = {(case.site.name, case.site.kind): case.true_wh for case in plain}
    shown = [case for case in (*plain, *faulted) if case.seed == 0 and case.site.name in REFERENCE_SITES]
    marks, spent = references(python, shown) if python else ({}, [])
    by_reference = {
        name: {id(case): one for case, one in zip(shown, each, strict=True)} for name, each in marks.items()
    }
    scores: dict[tuple[str, str, str], dict[str, Score]] = defaultdict(lambda: defaultdict(Score))
    errors: dict[tuple[str, str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for case in faulted:
        key = ("register" if case.site.kind == "cumulative" else "record", case.fault, made.group(case))
        base, found = usual[case.site.name, case.site.kind], verdict(case)
        before = _aligned(base.marks, case)
        scores[key]["ours"].add(case, found.marks, before, told(found, base))
        wrong = over(case, found.counted_wh - base.counted_wh + base_true[case.site.name, case.site.kind])
        errors[key]["ours"].append(wrong)
        errors[key]["credited"].append(min(wrong, 0) if found.blocked else wrong)
        errors[key]["naive"].append(over(case, naive(case)))
        for name, known_marks in by_reference.items():
            if id(case) in known_marks:
                clean_case = next(
                    one for one in plain if (one.site.name, one.site.kind) == (case.site.name, case.site.kind)
                )
                mine = known_marks[id(case)]
                scores[key][name].add(case, mine, _aligned(known_marks[id(clean_case)], case), None)
                errors[key][name].append(over(case, kept_wh(case, mine)))
    _table_of_faults(report, scores, errors)
    _table_of_alarms(report, plain, usual, by_reference)
    if spent:
        report.say(
            f"The references took {spent[0]:.0f} s (pvanalytics) and {spent[1]:.0f} s (pecos) of wall time for "
            f"{len(shown)} series.", "",
        )  # fmt: skip


def _aligned(marks: Marks, case: Case) -> Marks:
    """The marks of the clean series at the rows of a case that has other rows: by the nearest time at or before."""
    if len(marks) == len(case.values):
        return marks
    place = np.clip(np.searchsorted(case.site.seconds, case.seconds, side="right") - 1, 0, len(marks) - 1)
    return marks[place]


def _percent(value: float) -> str:
    return "0" if abs(value) < 0.005 else f"{value:+.2f}" if abs(value) < 1_000 else f"{value:+.1e}"


def _table_of_faults(report: Report, scores: dict, errors: dict) -> None:  # type: ignore[type-arg]
    others = [name for name in ("pvanalytics", "pecos") if any(name in each for each in scores.values())]
    for form in ("register", "record"):
        report.say(f"### Faults put into {'registers' if form == 'register' else 'records of power or energy'}", "")
        rows = []
        for key in (key for key in scores if key[0] == form):
            ours, wrong = scores[key]["ours"], errors[key]
            row = [
                key[1], key[2], ours.cases, ours.recall, ours.precision, _percent(max(wrong["ours"])),
                _percent(max(wrong["credited"])), _percent(sum(wrong["ours"]) / len(wrong["ours"])),
                _percent(max(wrong["naive"])),
            ]  # fmt: skip
            for name in others:
                known_here = name in scores[key]
                row.append(f"{scores[key][name].recall} / {scores[key][name].precision}" if known_here else "–")
                row.append(_percent(max(wrong[name])) if known_here else "–")
            rows.append(row)
        head = [
            "fault", "meters", "cases", "recall", "precision", "most over-counted %", "most over-credited %",
            "mean error %", "plain sum: most over %",
        ]  # fmt: skip
        for name in others:
            head += [f"{name}: recall / precision", f"{name}: most over %"]
        report.table(head, rows)


def _table_of_alarms(report: Report, plain: Sequence[Case], usual: dict, by_reference: dict) -> None:  # type: ignore[type-arg]
    report.say("### False alarms on the sites as they are", "")
    rows = []
    for case in plain:
        years = (int(case.seconds[-1]) - int(case.seconds[0])) / (365.25 * 86_400)
        found = usual[case.site.name, case.site.kind]
        alarms = len(episodes(found.marks & ~known_gaps(case)))
        row: list[object] = [
            case.site.name, "register" if case.site.kind == "cumulative" else "record", len(case.values),
            f"{years:.2f}", f"{alarms / years:.1f}", _percent(over(case, found.measured_wh)),
        ]  # fmt: skip
        for each in by_reference.values():
            row.append(f"{len(episodes(each[id(case)])) / years:.0f}" if id(case) in each else "–")
        rows.append(row)
    head = ["site", "form", "rows", "years", "episodes marked a year", "error %"]
    report.table([*head, *(f"{name}: a year" for name in by_reference)], rows)


def known_gaps(case: Case) -> Marks:
    """Rows after a real gap: that these are named is no false alarm."""
    marks: Marks = np.zeros(len(case.values), dtype=np.bool_)
    marks[1:] = np.diff(case.seconds) * 2 >= 3 * case.site.interval
    return marks


def labelled_rows(report: Report, python: Path | None) -> None:
    """The tables of real data with known answers."""
    report.say("### Labelled rows of real series", "")
    sets = list(known.labelled())
    marks = references(python, [one.case for one in sets])[0] if python else {}
    rows = []
    for number, one in enumerate(sets):
        row: list[object] = [one.name, len(one.case.values), int(one.case.faulty.sum())]
        row += [f"{figure:.3f}" for figure in precision_recall(one.found(), one.case.faulty)]
        for each in marks.values():
            precision, recall = precision_recall(each[number], one.case.faulty)
            row.append(f"{precision:.3f} / {recall:.3f}")
        rows.append(row)
    report.table(["labels", "rows", "labelled", "precision", "recall", *(f"{name}: P / R" for name in marks)], rows)
    judged = known.site_files
    clock = next(item for item in judged.system_50().judged().findings if item.rule == "Q15")
    shift = next(item for item in judged.data_shift().judged().findings if item.rule == "Q32")
    report.say(
        f"- Clock left on daylight saving time (system 50): {clock.facts['months']} of 23 months of summer time "
        f"named, {clock.facts['least']} to {clock.facts['most']} minutes, and none of the 10 others.",
        f"- Step in simulated daily energy: labelled 2015-10-28, found {shift.facts['day']} "
        f"(× {shift.facts['ratio']}).",
    )
    for file, counted, bridged, rules in known.revenue_meter():
        report.say(f"- `{file}`: {counted / 1000:,.0f} kWh, of which {bridged / 1000:,.0f} bridged ({rules}).")
    report.say("", "### Registers of NEM13 that go backward", "")
    report.table(
        ["reads", "agreed energy, kWh", "a turn", "counted, kWh", "verdict"],
        [[one.reads, float(one.quantity), "yes" if one.turned else "no", float(one.counted), one.verdict]
         for one in known.turns()],
    )  # fmt: skip


def main(words: Sequence[str]) -> int:
    """Print the report, and write it between the markers of a page if one is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--references", type=Path)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args(words)
    report = Report()
    report.say(f"Run on {datetime.now(UTC).date().isoformat()} with {given.seeds} seeds.", "")
    labelled_rows(report, given.references)
    injected(report, given.seeds, given.references)
    sys.stdout.write(report.text())
    if given.write:
        page = given.write.read_text(encoding="utf-8")
        before, _, rest = page.partition("<!-- faults: begin -->")
        _, _, after = rest.partition("<!-- faults: end -->")
        text = f"{before}<!-- faults: begin -->\n{report.text()}<!-- faults: end -->{after}"
        given.write.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
