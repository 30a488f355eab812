"""``openjcm readings``: what a meter file says of itself, and what its readings say when judged. It records nothing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts import fleet
from openjcm.cli_parts.speaking import language, tell
from openjcm.mrv.mapping import OWN_FORMS, Mapping, Proposal
from openjcm.refusals import Refused, refusal

if TYPE_CHECKING:
    from openjcm.views.reading_profiles import ReadingProfile

if TYPE_CHECKING:
    from openjcm.mrv.quality import Judgement

app = typer.Typer(
    help=tell("Look at a meter file before it is recorded.", "記録する前に計量ファイルを確認します。"),
    no_args_is_help=True,
    add_completion=False,
)

File = Annotated[
    Path,
    typer.Argument(metavar="FILE", exists=True, dir_okay=False, help=tell("The meter file.", "計量ファイル。")),
]
app.command()(fleet.cluster)
app.command()(fleet.judge)

AsJson = Annotated[bool, typer.Option("--json-output", help=tell("Print as JSON.", "JSON で出力します。"))]

JSON_NOT_UNDERSTOOD = refusal(
    "json_file_not_understood",
    en="“{file}” is not the JSON that is needed here: {why}.",
    ja="「{file}」は必要な形の JSON ではありません: {why}。",
    remedy_en="Write one JSON object (for --meter also a list of them); “openjcm readings propose FILE --json-output” "
    "prints one to start from.",
    remedy_ja="JSON オブジェクト (--meter はその配列も可) を書いてください。"
    "「openjcm readings propose FILE --json-output」の出力を元にできます。",
    clause="OpenJCM: a mapping is proposed from the file and confirmed by a person, never guessed",
)


@app.command()
def propose(file: File, json_output: AsJson = False) -> None:
    """Propose how a meter file is to be read, with the reasons and the open questions."""
    from openjcm.mrv.proposal import propose_mapping

    proposal = propose_mapping(file, file.name)
    profiles = _profiles(proposal)
    if json_output:
        data = {**_proposal_data(proposal), "profiles": [profile.as_data() for profile in profiles]}
        typer.echo(canonical_bytes(data))
        return
    spoken = 1 if language() == "ja" else 0
    console = Console()
    found = Table(tell("Field", "項目"), tell("Proposed", "提案"), tell("Because", "理由"))
    for name, value in proposal.fields.items():
        found.add_row(*_plain(name, json.dumps(value, ensure_ascii=False), proposal.reasons[name][spoken]))
    console.print(found)
    own_form = proposal.fields.get("format") in OWN_FORMS
    if own_form:
        console.print(f"{tell('Data streams', 'データ系列')}: {', '.join(proposal.columns)}", markup=False)
    names = [""] * 8 if own_form else proposal.columns[:8]
    rows = Table(*(Column(name) for name in _plain(*names)), title=tell("First rows", "最初の行"))
    for row in proposal.first_rows:
        rows.add_row(*_plain(*(cell or "–" for cell in row[:8])))
    if proposal.columns:
        console.print(rows)
    for profile in profiles:
        _offer(console, profile)
    for question in proposal.questions:
        asked = question.ja if spoken else question.en
        console.print(f"? {question.field}: {asked} [{' | '.join(proposal.choices[question.field])}]", markup=False)


def _plain(*cells: str) -> list[Text]:
    """Cells as they stand: what a file holds is never markup."""
    return [Text(cell) for cell in cells]


def _profiles(proposal: Proposal) -> list[ReadingProfile]:
    """The profiles kept for exactly these columns; none where this installation has no database that answers."""
    import psycopg

    from openjcm.commands import office_if_any
    from openjcm.views.reading_profiles import profiles_for

    try:
        office = office_if_any()
        if office is None:
            return []
        with office.transaction() as connection:
            return profiles_for(connection, str(proposal.fields.get("format")), proposal.columns)
    except (Refused, psycopg.Error) as error:
        why = error.message(language()) if isinstance(error, Refused) else str(error)
        told = tell(f"Profiles were not looked up: {why}", f"プロファイルは検索していません: {why}")
        Console(stderr=True).print(told, markup=False)
        return []


def _offer(console: Console, profile: ReadingProfile) -> None:
    """A profile is offered with its reason; whoever uses it names it."""
    en = (
        f"Profile “{profile.name}” version {profile.version} ({profile.logger}, confirmed on {profile.confirmed_on}) "
        f"is for a file with exactly these columns. To use it: openjcm act upload-readings --profile {profile.name} "
        f"--profile-version {profile.version} …"
    )
    ja = (
        f"プロファイル「{profile.name}」第 {profile.version} 版 ({profile.logger}、{profile.confirmed_on} 確認) は、"
        f"列がこれとまったく同じファイルのものです。使用する場合: openjcm act upload-readings --profile {profile.name} "
        f"--profile-version {profile.version} …"
    )
    console.print(tell(en, ja), markup=False)


@app.command()
def profiles(json_output: AsJson = False) -> None:
    """List the mappings kept for loggers: the latest version of each profile."""
    from openjcm.commands import ready_office
    from openjcm.views.reading_profiles import reading_profiles

    with ready_office().transaction() as connection:
        kept = reading_profiles(connection)
    if json_output:
        typer.echo(canonical_bytes([{**profile.as_data(), "columns": profile.columns} for profile in kept]))
        return
    table = Table(
        tell("Profile", "プロファイル"), tell("Version", "版"), tell("Logger", "記録装置"), tell("Confirmed", "確認日")
    )
    for profile in kept:
        table.add_row(*_plain(profile.name, str(profile.version), profile.logger, str(profile.confirmed_on)))
    Console().print(table)


def _proposal_data(proposal: Proposal) -> dict[str, object]:
    return {
        "mapping": proposal.fields,
        "reasons": {name: {"en": en, "ja": ja} for name, (en, ja) in proposal.reasons.items()},
        "questions": [
            {"field": item.field, "en": item.en, "ja": item.ja, "choices": proposal.choices[item.field]}
            for item in proposal.questions
        ],
        "columns": proposal.columns,
        "first_rows": proposal.first_rows,
    }


@app.command()
def check(
    file: File,
    mapping: Annotated[
        Path,
        typer.Option(
            "--mapping", metavar="M.json", exists=True, help=tell("The complete mapping.", "完成した読み取り設定。")
        ),
    ],
    meter: Annotated[
        list[Path],
        typer.Option(
            "--meter", metavar="METER.json", exists=True, help=tell("The facts of a meter.", "計量器の情報。")
        ),
    ],
    first: Annotated[str, typer.Option("--from", metavar="YYYY-MM-DD", help=tell("First day.", "最初の日。"))] = "",
    last: Annotated[str, typer.Option("--to", metavar="YYYY-MM-DD", help=tell("Last day.", "最後の日。"))] = "",
    compare: Annotated[
        Path | None,
        typer.Option(
            "--compare",
            metavar="C.json",
            exists=True,
            help=tell("Expected yields and independent totals.", "期待発電量と独立した合計値。"),
        ),
    ] = None,
    zone: Annotated[str, typer.Option("--zone", help=tell("Zone of the local days.", "現地日のタイムゾーン。"))] = "",
    json_output: AsJson = False,
) -> None:
    """Read a meter file with a confirmed mapping, judge its readings, and show findings and energy per month."""
    from openjcm.mrv.mapping import ZONE_IN_FILE
    from openjcm.mrv.meters import Meter
    from openjcm.mrv.plausibility.among import Group, compare_meters
    from openjcm.mrv.plausibility.comparisons import Comparisons
    from openjcm.mrv.quality import judge
    from openjcm.mrv.readings import read_meter_file

    chosen = Mapping.from_data(_object(mapping, _json(mapping)))
    meters = [Meter.from_data(_object(path, item)) for path in meter for item in _listed(_json(path))]
    readings = read_meter_file(file, file.name, chosen)
    local = zone or ("+00:00" if chosen.time_zone == ZONE_IN_FILE else chosen.time_zone)
    instants = readings.column("t_us")
    period = (_day(first, int(instants.min()), local, file), _day(last, int(instants.max()), local, file))
    others = Comparisons.from_data(_object(compare, _json(compare))) if compare else None
    judgement = judge(readings, meters, period, local, comparisons=others)
    judgement = compare_meters([Group(readings, judgement)], meters)[0]
    if json_output:
        rows = {f"{item.rule} {item.facts['meter']}": list(item.rows) for item in judgement.findings}
        typer.echo(canonical_bytes({**judgement.canonical(), "rows": rows, "sha256": readings.source_sha256}))
        return
    _show(file, readings.source_sha256, len(readings), judgement)


def _show(file: Path, sha256: str, count: int, judgement: Judgement) -> None:
    console = Console()
    console.print(f"{file.name}  SHA-256 {sha256}  {count:,}", markup=False)
    energy = Table(
        tell("Meter", "計量器"), tell("Month", "月"), tell("Measured Wh", "計測 Wh"),
        tell("Bridged Wh", "積算値で確定 Wh"), tell("Substituted Wh", "代替 Wh"), tell("Covered", "充足率"),
    )  # fmt: skip
    for line in judgement.energy:
        covered = f"{line.completeness.numerator * 1000 // line.completeness.denominator / 10:.1f} %"
        counts = (f"{value:,}" for value in (line.measured_wh, line.bridged_wh, line.substituted_wh))
        energy.add_row(line.meter_id, f"{line.year}-{line.month:02d}", *counts, covered)
    console.print(energy)
    for finding in judgement.findings:
        shown = ", ".join(str(row) for row in finding.rows[:10]) + (" …" if finding.row_count > 10 else "")
        where = f" [{tell('rows', '行')} {shown}]" if finding.rows else ""
        console.print(f"{finding.rule} {finding.severity}: {finding.message(language())}{where}", markup=False)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise JSON_NOT_UNDERSTOOD(file=path.name, why=str(error)[:120]) from error


def _object(path: Path, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise JSON_NOT_UNDERSTOOD(file=path.name, why=type(value).__name__)
    return value


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _day(text: str, instant_us: int, zone: str, file: Path) -> date:
    """The stated day, or the local day of an instant of the file."""
    from openjcm.mrv.zones import zone_of

    if not text:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant_us)).astimezone(zone_of(zone)).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise JSON_NOT_UNDERSTOOD(file=file.name, why=str(error)) from error
