"""End to end on a real database: both worlds through the ordinary acts, then reports, proofs and commands."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from openjcm.article6.corresponding_adjustment import Kind, Method, YearBasis
from openjcm.commands import Office
from openjcm.dated import Answer
from openjcm.reports.aef import Aef, build_aef, write_aef
from openjcm.reports.aef_checks import run_checks
from openjcm.reports.article6_lines import Article6Data, article6_data, party_lines
from openjcm.reports.balance import balance_table
from openjcm.reports.mirror import mirror
from openjcm.views.article6_actions import article6_entries


@pytest.fixture
def data_of(both_worlds: Office) -> Callable[[str], Article6Data]:
    def read(world: str) -> Article6Data:
        with both_worlds.transaction() as connection:
            entries = article6_entries(connection, world)
        return article6_data(entries.world, entries.movements, entries.authorizations)

    return read


def rows(aef: Aef) -> list[tuple[object, object, object]]:
    return [(row["ActionType"], row["QuantityCO2"], row["Vintage"]) for row in aef.tables[2].rows]


def test_the_real_transfers_of_2025_and_2026(data_of: Callable[[str], Article6Data]) -> None:
    """TH014 1,009 t and MV002 433 t in 2025; Palau 194 t and Mongolia 86,564 t in 2026: 88,200 t in all."""
    data = data_of("public")
    in_2025, in_2026 = build_aef("JPN", 2025, data), build_aef("JPN", 2026, data)
    assert rows(in_2025) == [("Acquisition", 1009, 2021), ("Acquisition", 433, None)]
    assert rows(in_2026) == [
        ("Acquisition", 32, 2021), ("Acquisition", 12, 2021), ("Acquisition", 34, 2021), ("Acquisition", 116, 2021),
        ("Acquisition", 86564, None),
    ]  # fmt: skip
    assert sum(line.quantity for line in in_2026.lines.holdings) == 88200
    assert rows(build_aef("THA", 2025, data)) == [("First transfer", 1009, 2021)]
    assert rows(build_aef("MDV", 2025, data)) == [("First transfer", 433, None)]
    assert rows(build_aef("MNG", 2026, data)) == [("First transfer", 86564, None)]
    assert sum(row["QuantityCO2"] for row in build_aef("PLW", 2026, data).tables[2].rows) == 194  # type: ignore[misc]


def test_what_the_record_does_not_say_is_empty_and_nothing_fails(data_of: Callable[[str], Article6Data]) -> None:
    data = data_of("public")
    for party, year in (("JPN", 2025), ("JPN", 2026), ("THA", 2025), ("MDV", 2025), ("PLW", 2026), ("MNG", 2026)):
        aef = build_aef(party, year, data)
        assert all(row["CooperativeApproachID"] is None for row in aef.tables[2].rows)
        answers = {result.code: result.answer for result in run_checks(aef)}
        assert Answer.NO not in answers.values(), (party, year, answers)
        assert answers["SYNTAX"] is Answer.CANNOT_TELL
        assert answers["ISC01"] is Answer.YES
    thai = build_aef("THA", 2025, data).tables[2].rows[0]
    assert thai["AuthorizationID"] == "JCM-TH-JP-2018-3026-01401"


def test_both_sides_mirror_each_other(data_of: Callable[[str], Article6Data]) -> None:
    public = data_of("public")
    for host, year, tonnes in (("THA", 2025, 1009), ("MDV", 2025, 433), ("PLW", 2026, 194), ("MNG", 2026, 86564)):
        found = mirror(party_lines("JPN", year, public).actions, party_lines(host, year, public).actions, "JPN", host)
        assert (found.agreed, found.differences) == (tonnes, ())


def test_worlds_are_never_mixed(data_of: Callable[[str], Article6Data]) -> None:
    projects = {
        name: {item.block.series.projects for item in data_of(name).movements} for name in ("public", "demonstration")
    }
    assert projects["demonstration"] == {("XD001",), ("XD002",)} and projects["public"].isdisjoint(
        projects["demonstration"]
    )


def test_the_demonstrations_report_passes_every_check(data_of: Callable[[str], Article6Data]) -> None:
    data = data_of("demonstration")
    for party in ("JPN", "MNG"):
        aef = build_aef(party, 2025, data, "checker")
        failing = {item.code: item.problems for item in run_checks(aef) if item.answer is not Answer.YES}
        empty = ["Date of submission"]
        if party == "MNG":
            empty += ["First year of the NDC implementation period", "Last year of the NDC implementation period"]
        assert failing == {"SYNTAX": tuple(f"T1 row 1 {label}: empty" for label in empty)}
        assert aef.tables[2].rows[0]["FirstID"] == "CA9999-JPN99-MNG-1-2022"
        assert write_aef(aef) == write_aef(build_aef(party, 2025, data, "checker"))


def test_balances_of_the_real_record(data_of: Callable[[str], Article6Data]) -> None:
    """Acquired is not used: Japan's adjustment is zero until credits are retired."""
    data = data_of("public")
    japan = balance_table("JPN", data, Method.AVERAGING)
    assert [row.adjustment.applied for row in japan.rows] == [0] * 10
    thailand = balance_table("THA", data, Method.TRAJECTORY)
    assert thailand.quantities[Kind.FIRST_TRANSFERRED][2021] == 1009
    mongolia = balance_table("MNG", data, Method.TRAJECTORY)
    assert mongolia.quantities[Kind.FIRST_TRANSFERRED][2021] is None
    by_event = balance_table("MNG", data, Method.TRAJECTORY, basis=YearBasis.EVENT)
    assert by_event.quantities[Kind.FIRST_TRANSFERRED][2026] == 86564


@pytest.fixture
def call(
    both_worlds: Office, openjcm_command: list[str], tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``openjcm`` on the shared database in a process of its own."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*openjcm_command, *words], cwd=tmp_path, capture_output=True, text=True, check=False,
            env={
                "OPENJCM_DATABASE_URL": both_worlds.database_url,
                "OPENJCM_DATA": str(both_worlds.data_dir),
                "OPENJCM_LOG_ORIGIN": "openjcm.test/log",
                "OPENJCM_LANGUAGE": "en",
                "PATH": "/usr/bin:/bin",
                "COLUMNS": "200",
            },
        )  # fmt: skip

    return run


def test_the_report_commands(call: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    words = ("report", "aef", "--party", "JPN", "--year", "2025", "--world", "demonstration")
    done = call(*words, "--submitted-on", "2026-04-10", "-o", "JPN.2025.1.0.xlsx")
    assert done.returncode == 0, done.stderr
    assert "ISC01" in done.stdout and "cannot tell" not in done.stdout
    again = call(*words, "--submitted-on", "2026-04-10", "-o", "again.xlsx")
    assert again.returncode == 0
    assert (tmp_path / "JPN.2025.1.0.xlsx").read_bytes() == (tmp_path / "again.xlsx").read_bytes()
    explained = json.loads(call(*words, "--explain").stdout)
    assert explained["tables"][2]["rows"][0]["sources"]["decision"] == "XD001-2025-05-20"
    sides = ("--party-a", "JPN", "--party-b", "MNG")
    mirrored = call("report", "mirror", *sides, "--year", "2025", "--world", "demonstration", "--json")
    assert json.loads(mirrored.stdout) == {"agreed": 48, "differences": []}
    assert "agreed: 86564" in call("report", "mirror", *sides, "--year", "2026").stdout
    balanced = call("report", "balance", "--party", "JPN", "--emissions", "2030=760000000", "--json")
    assert json.loads(balanced.stdout)["rows"][9]["balance"] == "760000000"
    assert "cannot tell" in call("report", "balance", "--party", "JPN").stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("report", "aef", "--party", "JPN", "--year", "2025", "--profile", "old"), "unknown_aef_profile"),
        (("report", "balance", "--party", "JPN", "--emissions", "much"), "inventory_not_readable"),
        (("report", "balance", "--party", "MNG"), "adjustment_method_not_known"),
        (("prove", "JCM-JP-XD001-2022-99999", "-o", "P.json"), "serial_not_issued"),
        (("prove", "JCM-JP-XD001-2022-1-9", "-o", "P.json"), "block_not_readable"),
    ],
)
def test_refused_commands_say_why(
    call: Callable[..., subprocess.CompletedProcess[str]], words: tuple[str, ...], code: str
) -> None:
    done = call(*words)
    assert done.returncode == 2
    assert code in done.stderr


def test_the_log_commands(call: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    key = call("log", "checkpoint", "--key").stdout.strip()
    note = call("log", "checkpoint").stdout
    assert note.startswith("openjcm.test/log\n")
    (tmp_path / "old.txt").write_text(note, encoding="utf-8")
    grown = call("log", "consistency", "old.txt")
    assert (grown.returncode, grown.stdout.split("\n")[0]) == (0, "yes"), grown.stderr
    (tmp_path / "old.txt").write_text(note.replace("openjcm.test", "openjcm.toast"), encoding="utf-8")
    refused = call("log", "consistency", "old.txt")
    assert refused.returncode == 2 and "checkpoint_not_signed" in refused.stderr
    made = call("prove", "JCM-JP-XD001-2022-4", "-o", "P.json")
    assert made.returncode == 0, made.stderr
    checked = call("check-proof", "P.json", "--key", key)
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count("[yes / はい]") == 9
    assert call("check-proof", "P.json", "--key", key.replace("openjcm", "other")).returncode == 1
    public = call("prove", "JCM-JP-TH014-2021-1", "-o", "Q.json")
    assert public.returncode == 0
    assert call("check-proof", "Q.json", "--key", key).returncode == 3
    (tmp_path / "R.json").write_text("{}", encoding="utf-8")
    assert call("check-proof", "R.json").returncode == 2
