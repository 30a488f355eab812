"""``openjcm prove``, ``check-proof``, and ``openjcm log``: the transparency log for everybody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openjcm.cli_parts.speaking import language, tell
from openjcm.commands import ready_office
from openjcm.log import check_proof as checker
from openjcm.log import checkpoint as notes
from openjcm.log.tree import verify_consistency
from openjcm.refusals import Refused
from openjcm.views import proof as proofs
from openjcm.views.published_log import check_published, static_files
from openjcm.views.witnesses import published_note

app = typer.Typer(
    help=tell("The transparency log: proofs and checkpoints.", "透明性ログ: 証明とチェックポイント。"),
    no_args_is_help=True,
    add_completion=False,
)

AsJson = Annotated[bool, typer.Option("--json", help=tell("Print JSON.", "JSON で出力します。"))]


@app.command("prove")
def prove(
    serial: Annotated[str, typer.Argument(help=tell("A serial number.", "識別番号。"))],
    output: Annotated[Path, typer.Option("--output", "-o", help=tell("File to write.", "出力するファイル。"))],
) -> None:
    """Write the proof of one serial: from its issuance back to the meter files, and on to its use."""
    office = ready_office()
    try:
        key = notes.verifier_key(office.signer.origin, office.signer.private_key.public_key())
        with office.transaction() as connection:
            data = proofs.serial_proof(connection, serial, key)
    finally:
        office.close()
    output.write_bytes(data)
    print(tell(f"{output}: {len(data)} bytes. The log's key: {key}", f"{output}: {len(data)} バイト。ログの鍵: {key}"))


@app.command("check-proof")
def check_proof(
    proof: Annotated[Path, typer.Argument(help=tell("A proof.", "証明ファイル。"))],
    key: Annotated[
        str | None, typer.Option("--key", help=tell("The log's key that you trust.", "信頼するログの鍵。"))
    ] = None,
    witness: Annotated[
        str | None,
        typer.Option("--witness", help=tell("The key of a witness that you trust.", "信頼する監視者の鍵。")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a proof offline: 0 all yes, 1 some no, 2 not a proof, 3 some cannot be told."""
    raise typer.Exit(checker.run(str(proof), key, as_json, witness))


@app.command("checkpoint")
def checkpoint(
    key: Annotated[bool, typer.Option("--key", help=tell("Print the public key.", "公開鍵を出力します。"))] = False,
) -> None:
    """Print the newest signed checkpoint, or the log's public key."""
    office = ready_office()
    try:
        with office.transaction() as connection:
            note = proofs.newest_checkpoint(connection)[1]
        text = notes.verifier_key(office.signer.origin, office.signer.private_key.public_key()) + "\n" if key else note
    finally:
        office.close()
    print(text, end="")


@app.command("consistency")
def consistency(
    old: Annotated[Path, typer.Argument(help=tell("A checkpoint kept earlier.", "以前に保存したチェックポイント。"))],
) -> None:
    """Show that the log only grew since a checkpoint that you kept: 0 yes, 1 no."""
    office = ready_office()
    try:
        public_key = office.signer.private_key.public_key()
        earlier = notes.open(old.read_text(encoding="utf-8"), public_key)
        with office.transaction() as connection:
            now = notes.open(proofs.newest_checkpoint(connection)[1], public_key)
            steps = proofs.consistency(connection, earlier.size, now.size)
    finally:
        office.close()
    proof = [bytes.fromhex(step) for step in steps]
    grew = verify_consistency(earlier.size, now.size, proof, earlier.root, now.root)
    print(tell("yes" if grew else "no", "はい" if grew else "いいえ"), f"{earlier.size} → {now.size}", *steps, sep="\n")
    raise typer.Exit(0 if grew else 1)


@app.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help=tell("Folder to write to.", "出力先のフォルダー。"))],
) -> None:
    """Write the log as static files that any web server can publish and other people's tools read (C2SP tlog-tiles).

    Again into the same folder, only what is new is written.
    """
    office = ready_office()
    written = 0
    try:
        with office.transaction() as connection:
            size, note = published_note(connection)
            for path, data in static_files(connection, size, lambda path: (folder / path).is_file()):
                write_whole(folder / path, data)
                written += 1
    finally:
        office.close()
    write_whole(folder / "checkpoint", note.encode())
    print(
        tell(f"{folder}: {size} leaves, {written} new files.", f"{folder}: 葉 {size} 件、新規ファイル {written} 件。")
    )


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(data)
    beside.replace(path)


@app.command("check")
def check(
    where: Annotated[
        str,
        typer.Argument(
            help=tell(
                "Folder of a published log, or its address, which ends in /log.",
                "公開ログのフォルダー、または /log で終わるアドレス。",
            )
        ),
    ],
    key: Annotated[
        str | None,
        typer.Option("--key", help=tell("The log's key that you trust.", "信頼するログの鍵。")),
    ] = None,
) -> None:
    """Recompute a published log from its entries, offline: 0 all fits, 1 something does not, 2 it cannot be read."""
    try:
        signed, faults = check_published(where, key or own_key())
        print(tell(f"{signed.origin}: {signed.size} leaves, root {signed.root.hex()}",
                   f"{signed.origin}: 葉 {signed.size} 件、ルート {signed.root.hex()}"))  # fmt: skip
        found = 0
        for fault in faults:
            found += 1
            print(f"{fault.path}: {tell(fault.en, fault.ja)}")
    except Refused as refused:
        print(refused.message(language()), refused.remedy(language()), sep="\n")
        raise typer.Exit(1 if refused.code == "checkpoint_not_signed" else 2) from None
    print(tell("yes" if not found else "no", "はい" if not found else "いいえ"))
    raise typer.Exit(1 if found else 0)


def own_key() -> str:
    """The verifier key of this installation's log."""
    office = ready_office()
    try:
        return notes.verifier_key(office.signer.origin, office.signer.private_key.public_key())
    finally:
        office.close()
