"""``openjcm readings``: what a meter file says of itself, and what its readings say when judged. It records nothing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts import fleet
from openjcm.cli_parts.speaking import language, tell
from openjcm.mrv.mapping import Mapping, Proposal
from openjcm.refusals import refusal

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
    if json_output:
        typer.echo(canonical_bytes(_proposal_data(proposal)))
        return
    spoken = 1 if language() == "ja" else 0
    console = Console()
    found = Table(tell("Field", "項目"), tell("Proposed", "提案"), tell("Because", "理由"))
    for name, value in proposal.fields.items():
        found.add_row(name, json.dumps(value, ensure_ascii=False), proposal.reasons[name][spoken])
    console.print(found)
    rows = Table(*(column or "–" for column in proposal.columns[:8]), title=tell("First rows", "最初の行"))
    for row in proposal.first_rows:
        rows.add_row(*(cell or "–" for cell in row[:8]))
    if proposal.columns:
        console.print(rows)
    for question in proposal.questions:
        asked = question.ja if spoken else question.en
        console.print(f"? {question.field}: {asked} [{' | '.join(proposal.choices[question.field])}]", markup=False)


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
    zone: Annotated[str, typer.Option("--zone", help=tell("Zone of the local days.", "現地日のタイムゾーン。"))] = "",
    json_output: AsJson = False,
) -> None:
    """Read a meter file with a confirmed mapping, judge its readings, and show findings and energy per month."""
    from openjcm.mrv.mapping import ZONE_IN_FILE
    from openjcm.mrv.meters import Meter
    from openjcm.mrv.quality import judge
    from openjcm.mrv.readings import read_meter_file

    chosen = Mapping.from_data(_object(mapping, _json(mapping)))
    meters = [Meter.from_data(_object(path, item)) for path in meter for item in _listed(_json(path))]
    readings = read_meter_file(file, file.name, chosen)
    local = zone or ("+00:00" if chosen.time_zone == ZONE_IN_FILE else chosen.time_zone)
    instants = readings.column("t_us")
    period = (_day(first, int(instants.min()), local, file), _day(last, int(instants.max()), local, file))
    judgement = judge(readings, meters, period, local)
    if json_output:
        rows = {f"{item.rule} {item.facts['meter']}": list(item.rows) for item in judgement.findings}
        typer.echo(canonical_bytes({**judgement.canonical(), "rows": rows, "sha256": readings.source_sha256}))
        return
    console = Console()
    console.print(f"{file.name}  SHA-256 {readings.source_sha256}  {len(readings):,}", markup=False)
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
