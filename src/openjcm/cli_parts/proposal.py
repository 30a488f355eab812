"""``openjcm proposal``: sign, answer and check offline; record what was signed; execute what is due."""

from __future__ import annotations

import json
import os
import secrets
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openjcm.cli_parts.speaking import tell
from openjcm.commands import execute_due, ready_office, run
from openjcm.commands.proposals_desk import UNKNOWN_PROPOSAL
from openjcm.refusals import Refused, refusal
from openjcm.registry.proposals import (
    ANSWERS,
    LONGEST_FILE,
    Answer,
    Proposal,
    SignedFile,
    envelope,
    read_envelope,
    sign,
    signature_fits,
)
from openjcm.signed import key_id_of, public_text

NO_SIGNING_KEY = refusal(
    "no_signing_key",
    en="There is no signing key in {file}, or what lies there is no key.",
    ja="{file} に署名鍵がないか、読み取れません。",
    remedy_en="Make one with `openjcm proposal key FILE`, and have its public half registered.",
    remedy_ja="`openjcm proposal key FILE` で作成し、公開鍵の登録を受けてください。",
    clause="OpenJCM: docs/accounts.md, keys of representatives",
)
ANSWER_TO_ANOTHER = refusal(
    "answer_to_another",
    en="The answer names the proposal {answered}, the file holds {proposal}.",
    ja="回答の対象は提案 {answered} ですが、ファイルの提案は {proposal} です。",
    remedy_en="Lay the answer beside the proposal that it names.",
    remedy_ja="回答が対象とする提案のファイルを指定してください。",
    clause="OpenJCM: an answer names its proposal",
)

app = typer.Typer(
    help=tell("Proposals and their answers, as signed files.", "署名付きファイルとしての提案と回答。"),
    no_args_is_help=True,
    add_completion=False,
)
File = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)]
Key = Annotated[Path, typer.Option("--key", help=tell("The file of your signing key.", "署名鍵のファイル。"))]
Out = Annotated[Path, typer.Option("--out", help=tell("The file to write.", "出力ファイル。"))]
Person = Annotated[
    str, typer.Option("--representative", help=tell("Your name as registered.", "登録された代表者の識別名。"))
]


def _read(path: Path) -> SignedFile:
    with path.open("rb") as file:
        return read_envelope(file.read(LONGEST_FILE + 1))


def _key(path: Path) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text(encoding="ascii").strip()))
    except (OSError, ValueError) as error:
        raise NO_SIGNING_KEY(file=str(path)) from error


def _write(signed: Proposal | Answer, key: Ed25519PrivateKey, out: Path) -> None:
    public = public_text(key.public_key())
    out.write_bytes(envelope(signed, public, sign(signed, key)) + b"\n")


@app.command(help=tell("Make a signing key; prints its public half.", "署名鍵を作成し、公開鍵を表示します。"))
def key(file: Path) -> None:
    """A new key in a file that only its owner may read; one that is there is never overwritten."""
    made = Ed25519PrivateKey.generate()
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as written:
        written.write(made.private_bytes_raw().hex() + "\n")
    print(public_text(made.public_key()))


@app.command("sign", help=tell("Sign a proposal (offline).", "提案に署名します (オフライン)。"))
def sign_proposal(
    account: Annotated[str, typer.Option("--account", help=tell("The account.", "口座番号。"))],
    act: Annotated[
        str, typer.Option("--act", help=tell("transfer, retire, cancel …", "transfer、retire、cancel など。"))
    ],
    request: Annotated[
        Path,
        typer.Option(
            "--request", help=tell("The act's request without its day (JSON).", "手続の請求 (JSON、日付なし)。")
        ),
    ],
    representative: Person,
    key: Key,
    out: Out,
) -> None:
    """The signed file; its name is the SHA-256 that is printed."""
    made = Proposal(account, act, _json(request), representative, secrets.token_hex(16))
    _write(made, _key(key), out)
    print(made.sha256)


def _json(path: Path) -> dict[str, Any]:
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise typer.BadParameter(tell("an object is needed", "オブジェクトが必要です"), param_hint="--request")
    data.pop("occurred_on", None)
    return data


@app.command(help=tell("Sign an answer to a proposal (offline).", "提案への回答に署名します (オフライン)。"))
def answer(
    word: Annotated[str, typer.Argument(metavar="|".join(ANSWERS))],
    file: File,
    representative: Person,
    key: Key,
    out: Out,
) -> None:
    """The signed answer to the proposal in a file, whose signature is looked at first."""
    if word not in ANSWERS:
        raise typer.BadParameter(" | ".join(ANSWERS), param_hint="word")
    found = _read(file)
    found.check()
    if not isinstance(found.signed, Proposal):
        raise typer.BadParameter(tell("the file holds no proposal", "提案のファイルではありません"), param_hint="FILE")
    _write(Answer(found.signed.sha256, word, representative), _key(key), out)


@app.command(help=tell("Check a proposal and its answer (offline).", "提案と回答を確かめます (オフライン)。"))
def check(
    file: File,
    answer: Annotated[
        Path | None, typer.Option("--answer", exists=True, help=tell("The answer.", "回答のファイル。"))
    ] = None,
    public_key: Annotated[
        list[str] | None,
        typer.Option("--public-key", help=tell("A registered key; else the file's own.", "登録済みの公開鍵。")),
    ] = None,
) -> None:
    """Says what was signed and by which key. With ``--public-key`` no other key counts."""
    found = _read(file)
    _check(found, public_key)
    if answer is None:
        return
    other = _read(answer)
    proposal = found.signed.sha256 if isinstance(found.signed, Proposal) else "–"
    if not isinstance(other.signed, Answer) or other.signed.proposal != proposal:
        answered = other.signed.proposal if isinstance(other.signed, Answer) else "–"
        raise ANSWER_TO_ANOTHER(answered=answered, proposal=proposal)
    _check(other, public_key)


def _check(found: SignedFile, registered: list[str] | None) -> None:
    if registered and found.public_key not in registered:
        signature_fits(found.signed, registered[0], found.signature)
    found.check()
    for name, value in found.signed.as_data().items():
        print(f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)}")
    if isinstance(found.signed, Proposal):
        print(f"sha256: {found.signed.sha256}")
    print(f"{tell('signed by key', '署名鍵')}: {key_id_of(found.public_key)}")


@app.command(help=tell("Record a signed proposal or answer.", "署名済みの提案または回答を記録します。"))
def record(
    file: File,
    day: Annotated[
        str | None, typer.Option("--occurred-on", help=tell("The day; else today.", "日付。省略時は本日。"))
    ] = None,
) -> None:
    """The act ``propose``, ``approve_proposal``, ``reject_proposal`` or ``withdraw_proposal`` from the file."""
    found = _read(file)
    office = ready_office()
    today = date.fromisoformat(day) if day else office.clock().astimezone(ZoneInfo("Asia/Tokyo")).date()
    said = found.signed.as_data()
    del said["format"]
    act = f"{said.pop('answer')}_proposal" if isinstance(found.signed, Answer) else "propose"
    request = {**said, "signature": found.signature, "occurred_on": today.isoformat()}
    receipt = run(act, request, office=office, actor=found.signed.representative)
    print(json.dumps(receipt.as_data(), ensure_ascii=False, sort_keys=True))


@app.command(
    help=tell("Write a kept proposal and its answers into files.", "保管中の提案と回答をファイルに出力します。")
)
def export(proposal: str, folder: Annotated[Path, typer.Option("--out")]) -> None:
    """The bytes as they were signed, for a check without the registry."""
    from openjcm.views.accounts import signed_files

    with ready_office().transaction() as connection:
        files = signed_files(connection, proposal)
    if not files:
        raise UNKNOWN_PROPOSAL(proposal=proposal[:80])
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in files:
        (folder / name).write_bytes(body + b"\n")
        print(folder / name)


@app.command(
    "execute-due", help=tell("Execute approved proposals that are due.", "期日の到来した承認済み提案を実行します。")
)
def execute() -> None:
    """In the order of their time; what is refused stays approved and is tried again the next time."""
    for proposal, told in execute_due(ready_office()):
        said = f"{told.code}: {told}" if isinstance(told, Refused) else tell("executed as entry", "実行済み 記録番号")
        print(f"{proposal}: {said}" + ("" if isinstance(told, Refused) else f" {told.entry_no}"))
