"""``openjcm act``: every act as a command, with an option for each field of its request."""

from __future__ import annotations

import base64
import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import typer
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts.speaking import Language, language, tell
from openjcm.commands import ACTS, Act, Receipt, ready_office, run
from openjcm.commands.field_texts import FIELDS_JA
from openjcm.commands.framework import REQUEST_NOT_UNDERSTOOD, refuse_doubles, wrong_places
from openjcm.commands.upload_readings import LARGEST_FILE

app = typer.Typer(
    help=tell("Do an act; each is recorded once.", "手続を行います。各手続は1回だけ記録されます。"),
    no_args_is_help=True,
    add_completion=False,
)

Json = Annotated[
    Path | None,
    typer.Option(
        "--json",
        metavar="FILE|-",
        help=tell(
            "The whole request, or what the options leave out, as JSON.",
            "請求全体、またはオプション以外の項目 (JSON)。",
        ),
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        help=tell("Idempotency key; else the hash of the request.", "冪等キー。省略時は請求のハッシュ値。"),
    ),
]
JsonOutput = Annotated[
    bool, typer.Option("--json-output", help=tell("Print the receipt as JSON.", "受付票を JSON で出力します。"))
]
Content = Annotated[
    Path | None,
    typer.Option("--content", metavar="FILE", help=tell("The file to upload.", "登録するファイル。"), exists=True),
]


def is_structured(field: FieldInfo) -> bool:
    """Whether a field holds parts or free data, so that its option takes JSON."""
    return any(isinstance(kind, type) and issubclass(kind, BaseModel | dict) for kind in _kinds(field.annotation))


def is_list(field: FieldInfo) -> bool:
    """Whether a field holds several plain values, so that its option may be repeated."""
    return tuple in _kinds(field.annotation) and not is_structured(field)


def _kinds(annotation: object) -> list[object]:
    """Every type that an annotation mentions."""
    origin = get_origin(annotation)
    own = [origin] if origin is not None else [annotation]
    inner = get_args(annotation)[:1] if origin is Annotated else get_args(annotation)
    return own + [kind for part in inner if part is not Ellipsis for kind in _kinds(part)]


def _option(name: str, field: FieldInfo) -> inspect.Parameter:
    text = FIELDS_JA.get(name, field.description or "") if language() is Language.JA else field.description or ""
    kind: Any = list[str] if is_list(field) else str
    metavar = "JSON" if is_structured(field) else None
    option = typer.Option(f"--{name.replace('_', '-')}", help=text, metavar=metavar, show_default=False)
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option]
    )


def request_from(act: Act[Any, Any], options: dict[str, Any], file: Path | None) -> Any:
    """The request that options and JSON make together; an option goes before the same field of the JSON.

    Raises:
        Refused: ``request_not_understood``.
    """
    data = _json(act, file) if file is not None else {}
    for name, value in options.items():
        if value is None or value == []:
            continue
        structured = is_structured(act.request.model_fields[name])
        data[name] = _parsed(act, name, value) if structured else value
    if file is not None and not any(options.values()):
        return act.read(canonical_bytes(data))
    try:
        return act.request.model_validate(data)
    except ValidationError as error:
        raise REQUEST_NOT_UNDERSTOOD(act=act.name, places=wrong_places(error)) from error


def _json(act: Act[Any, Any], file: Path) -> dict[str, Any]:
    text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    data = _parsed(act, "body", text)
    if not isinstance(data, dict):
        raise REQUEST_NOT_UNDERSTOOD(act=act.name, places="body: object expected / オブジェクトが必要です")
    return data


def _parsed(act: Act[Any, Any], place: str, text: str) -> Any:
    refuse_doubles(act.name, text)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise REQUEST_NOT_UNDERSTOOD(act=act.name, places=f"{place}: {error}") from error


def receipt_text(act: Act[Any, Any], receipt: Receipt) -> str:
    """The receipt for people."""
    title = tell(act.title_en, act.title_ja)
    done = (
        tell("was recorded before as", "は次のとおり記録済みです:")
        if receipt.replayed
        else tell("recorded as", "を次のとおり記録しました:")
    )
    lines = [f"{title} {done} {tell('entry', '記録番号')} {receipt.entry_no}"]
    lines += [f"  {name}: {_shown(value)}" for name, value in receipt.outcome.items()]
    lines.append(f"  {tell('log leaf', 'ログの葉')}: {receipt.leaf_index} ({receipt.leaf_hash})")
    lines.append(f"  {tell('key', 'キー')}: {receipt.key}")
    return "\n".join(lines)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else canonical_bytes(value).decode()


def _command(act: Act[Any, Any]) -> Callable[..., None]:
    fields = {name: field for name, field in act.request.model_fields.items() if name != "content_base64"}
    has_content = "content_base64" in act.request.model_fields

    def command(**given: Any) -> None:
        file, key, as_json = given.pop("json_file"), given.pop("key"), given.pop("json_output")
        content: Path | None = given.pop("content", None)
        if content is not None:
            given["content_base64"] = encoded(act, content)
            given["name"] = given["name"] or content.name
        request = request_from(act, given, file)
        receipt = run(act.name, request, office=ready_office(), key=key, actor="operator (command line)")
        print(canonical_bytes(receipt.as_data()).decode() if as_json else receipt_text(act, receipt))

    shared = [("json_file", Json, None), ("key", Key, None), ("json_output", JsonOutput, False)]
    shared += [("content", Content, None)] if has_content else []
    parameters = [_option(name, field) for name, field in fields.items()]
    parameters += [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, kind, default in shared
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    command.__doc__ = tell(f"{act.title_en}.", f"{act.title_ja}。")
    return command


def encoded(act: Act[Any, Any], content: Path) -> str:
    """The bytes of a file as base64 text; a file beyond the limit is refused unread."""
    if (size := content.stat().st_size) > LARGEST_FILE:
        raise REQUEST_NOT_UNDERSTOOD(act=act.name, places=f"content: {size} > {LARGEST_FILE} B ({content.name[:200]})")
    return base64.b64encode(content.read_bytes()).decode("ascii")


for _act in ACTS.values():
    app.command(_act.name.replace("_", "-"))(_command(_act))
    if "_" in _act.name:  # the name as the API and the journal write it
        app.command(_act.name, hidden=True)(_command(_act))
