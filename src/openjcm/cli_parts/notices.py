"""``openjcm notices``: the key, how the exchange stands, and bringing notices by wire or as files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts.speaking import language, tell
from openjcm.commands import ready_office
from openjcm.commands.stick import Imported
from openjcm.refusals import Refused

app = typer.Typer(
    help=tell("Notices to and from partners.", "相手方との通知。"), no_args_is_help=True, add_completion=False
)
PartnerName = Annotated[str, typer.Argument(metavar="PARTNER", help=tell("The partner's name.", "相手方の名称。"))]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", file_okay=False, help=tell("The folder.", "フォルダー。"))]


@app.command()
def key() -> None:
    """Print the public key with which this installation signs notices: the partner registers it."""
    from openjcm.commands.courier import public_notice_key

    office = ready_office()
    typer.echo(public_notice_key(office))
    office.close()


@app.command()
def status(
    json_output: Annotated[
        bool, typer.Option("--json-output", help=tell("Print as JSON.", "JSON で出力します。"))
    ] = False,
) -> None:
    """How the exchange with each partner stands."""
    from openjcm.views.exchange import exchanges

    office = ready_office()
    with office.transaction() as connection:
        found = exchanges(connection)
    office.close()
    if json_output:
        typer.echo(canonical_bytes([{**one.__dict__, "left": one.left} for one in found]))
        return
    for one in found:
        revoked = "" if one.in_force else tell(" (revoked)", " (失効)")
        said = tell(
            f"{one.sent} sent, {one.left} not acknowledged; {one.received} received",
            f"送付 {one.sent} 件、受領確認待ち {one.left} 件、受領 {one.received} 件",
        )
        typer.echo(f"{one.partner} [{', '.join(one.keeps)}]{revoked}: {said}")
        if one.last_error:
            at = one.next_attempt_at.isoformat(timespec="seconds") if one.next_attempt_at else "–"
            typer.echo(tell(f"  next try {at}: {one.last_error}", f"  次の試行 {at}: {one.last_error}"))


@app.command()
def send() -> None:
    """Send what is outstanding to every partner with an address, now; exit code 1 if something stays."""
    from openjcm.commands.courier import deliver_all

    office = ready_office()
    ended = deliver_all(office)
    office.close()
    for one in ended:
        said = tell(f"{one.sent} notices sent, {one.left} left", f"送付 {one.sent} 件、残り {one.left} 件")
        typer.echo(f"{one.partner}: {said}")
        if one.error is not None:
            typer.echo(f"  {one.error.code}: {one.error.message(language().value)}")
    if any(one.left for one in ended):
        raise typer.Exit(1)


@app.command()
def export(partner: PartnerName, folder: Folder) -> None:
    """Write what is outstanding for a partner, and the acknowledgement of its own notices, as files."""
    from openjcm.commands.stick import export as write

    office = ready_office()
    paths, count = write(office, partner, folder)
    office.close()
    for path in paths:
        typer.echo(path)
    typer.echo(tell(f"{count} notices written", f"通知 {count} 件を書き出しました"))


@app.command(name="import")
def import_(folder: Folder) -> None:
    """Read the files of a folder that are for this installation; exit code 1 if one is refused or waits."""
    from openjcm.commands.stick import read_folder

    office = ready_office()
    found = read_folder(office, folder)
    office.close()
    for one in found:
        counts = Counter(item.status for item in one.taken)
        said = ", ".join(f"{name} {count}" for name, count in counts.items())
        if one.acknowledged is not None:
            said = tell(f"acknowledged up to {one.acknowledged}", f"{one.acknowledged} まで受領確認済み")
        if (refused := _refusal(one)) is not None:
            said = f"{said} {refused.code}: {refused.message(language().value)}".strip()
        typer.echo(f"{one.path.name}: {said or '–'}")
    if any(_refusal(one) for one in found):
        raise typer.Exit(1)


def _refusal(one: Imported) -> Refused | None:
    """The first reason why not everything in a file was taken."""
    return one.refused or next((item.refused for item in one.taken if item.status in ("waits", "refused")), None)
