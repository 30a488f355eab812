"""``openjcm prove``, ``check-proof``, ``checkpoint``, ``consistency``: the transparency log for everybody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openjcm.cli_parts.speaking import tell
from openjcm.commands import ready_office
from openjcm.log import check_proof as checker
from openjcm.log import checkpoint as notes
from openjcm.log.tree import verify_consistency
from openjcm.views import proof as proofs

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
    as_json: AsJson = False,
) -> None:
    """Check a proof offline: 0 all yes, 1 some no, 2 not a proof, 3 some cannot be told."""
    raise typer.Exit(checker.run(str(proof), key, as_json))


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
