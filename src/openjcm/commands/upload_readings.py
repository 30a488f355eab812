"""Store a meter file as it is, with its confirmed mapping and its readings as integers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from openjcm.canonical import Plain, canonical_bytes, plain, sha256_hex
from openjcm.commands.framework import Act, Decision, Desk, ExactJson, Name, Request
from openjcm.commands.record_reading_profile import ProfileName, profile_mapping
from openjcm.mrv.mapping import MAPPING_INCOMPLETE, MAPPING_INVALID, Mapping
from openjcm.mrv.readings import Readings, read_meter_file, readings_to_parquet
from openjcm.refusals import refusal
from openjcm.store.journal import NewFile, Product

PARQUET = "application/vnd.apache.parquet"

CONTENT_NOT_BASE64 = refusal(
    "content_not_base64",
    en="The content of {name} is not base64 text.",
    ja="{name} の内容が base64 ではありません。",
    remedy_en="Encode the bytes of the file in base64 (RFC 4648, section 4).",
    remedy_ja="ファイルのバイト列を base64 (RFC 4648 第4節) で符号化してください。",
    clause="OpenJCM: files are kept as they are, byte for byte",
)
FILE_STORED_ALREADY = refusal(
    "file_stored_already",
    en="The very same file is stored already, as “{name}”, by entry {entry_no}.",
    ja="同一のファイルがすでに「{name}」として保管されています (記録番号 {entry_no})。",
    remedy_en="Use the stored file by its SHA-256, {sha256}. A file is uploaded once, with one mapping.",
    remedy_ja="保管済みのファイルを SHA-256 ({sha256}) で指定してください。同じファイルの登録は1回だけです。",
    clause="OpenJCM: no reading is counted twice",
    status=409,
)
READINGS_STORED_ALREADY = refusal(
    "readings_stored_already",
    en="“{name}” holds the very same readings as a file stored by entry {entry_no}, in other bytes.",
    ja="「{name}」の計測値は、記録番号 {entry_no} で保管済みのファイルとすべて同一です (ファイルのバイト列のみ相違)。",
    remedy_en="Use the file that is stored. If these are another meter's readings, name that meter in the mapping.",
    remedy_ja="保管済みのファイルを使用してください。別の計量器の計測値である場合は、読み取り設定で計量器を指定してください。",
    clause="OpenJCM: no reading is counted twice",
    status=409,
)

LARGEST_FILE = 192 * 1024 * 1024
"""Bytes of a file that one request brings."""
Base64 = Annotated[str, StringConstraints(max_length=LARGEST_FILE // 3 * 4, pattern=r"^[A-Za-z0-9+/]*={0,2}$")]


class UploadReadings(Request):
    """A meter file arrives, with the mapping that somebody confirmed."""

    name: Name = Field(description="Name of the file.")
    media_type: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,100}$")] = Field(
        description="Media type, for example text/csv."
    )
    content_base64: Base64 = Field(description="The bytes of the file in base64.", repr=False)
    mapping: dict[str, ExactJson] | None = Field(
        default=None, description="How the file is to be read: the data of a confirmed mapping; null: by a profile."
    )
    profile: ProfileName | None = Field(default=None, description="The profile whose mapping is used; null: none.")
    profile_version: Annotated[int, Field(ge=1, le=10**6)] | None = Field(
        default=None, description="The version of the profile; null: the latest."
    )
    is_public: bool = Field(default=False, description="Whether the file may be shown to everybody.")


@dataclass(frozen=True)
class Taken:
    """A file that was read from the first row to the last."""

    mapping: Mapping
    readings: Readings
    parquet: bytes
    profile: dict[str, Any]
    """Name and version of the profile that was used; empty where the mapping came with the request."""


@dataclass(frozen=True)
class State:
    """What the act looks at: what is on record with the same bytes, or the same readings, as (name, entry)."""

    data: bytes
    stored: tuple[str, int] | None
    taken: Taken | None
    same_readings: tuple[str, int] | None


def content(request: UploadReadings) -> bytes:
    """The bytes of the file.

    Raises:
        Refused: ``content_not_base64``.
    """
    try:
        return base64.b64decode(request.content_base64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CONTENT_NOT_BASE64(name=request.name) from error


def journal_form(request: UploadReadings) -> Plain:
    """The request with the hash of the file in the place of its bytes."""
    data = content(request)
    unsaid = {name for name in ("profile", "profile_version") if getattr(request, name) is None}
    unsaid |= {"mapping"} if request.mapping is None else set()
    form = request.model_dump(mode="json", exclude={"content_base64", *unsaid})
    return plain({**form, "content_sha256": sha256_hex(data), "content_bytes": len(data)})


def load(desk: Desk, request: UploadReadings) -> State:
    """The file, read, and whether its bytes or its readings are stored.

    Raises:
        Refused: by the intake, with the place in the file.
    """
    data = content(request)
    if stored := _on_record(desk, data):
        return State(data, stored, None, None)
    mapping, profile = _mapping(desk, request)
    readings = read_meter_file(data, request.name, mapping)
    taken = Taken(mapping, readings, readings_to_parquet(readings), profile)
    same = _on_record(desk, taken.parquet)
    # While it was read, the same file may have been brought by another: then its bytes are what is told of.
    return State(data, _on_record(desk, data) if same else None, taken, same)


def _mapping(desk: Desk, request: UploadReadings) -> tuple[Mapping, dict[str, Any]]:
    """The mapping of the request, or of the profile that it names, with the profile's name and version.

    Raises:
        Refused: ``mapping_incomplete`` where neither is given, ``mapping_invalid`` where both are,
            ``unknown_reading_profile``, and what the mapping refuses.
    """
    if request.profile is None:
        if request.mapping is None or request.profile_version is not None:
            raise MAPPING_INCOMPLETE(field="mapping / profile", allowed="a mapping, or the name of a profile")
        return Mapping.from_data(request.mapping), {}
    if request.mapping is not None:
        raise MAPPING_INVALID(field="profile", value=request.profile, allowed="a mapping or a profile, not both")
    version, data = profile_mapping(desk, request.profile, request.profile_version)
    return Mapping.from_data(data), {"profile": request.profile, "profile_version": version}


def _on_record(desk: Desk, data: bytes) -> tuple[str, int] | None:
    row = desk.connection.execute(
        "select name, entry_no from stored_file where sha256 = %s", [sha256_hex(data)]
    ).fetchone()
    return (row[0], row[1]) if row else None


def decide(request: UploadReadings, state: State) -> Decision:
    """The file is readable by the mapping from the first row to the last, and new, and so are its readings."""
    sha256 = sha256_hex(state.data)
    if state.stored is not None:
        raise FILE_STORED_ALREADY(name=state.stored[0], entry_no=state.stored[1], sha256=sha256)
    if state.same_readings is not None:
        raise READINGS_STORED_ALREADY(name=request.name, entry_no=state.same_readings[1])
    assert state.taken is not None, "what is not stored was read"
    mapping, readings, parquet = state.taken.mapping, state.taken.readings, state.taken.parquet
    meters = meters_of(readings)
    outcome = {
        "file_sha256": sha256,
        "file_bytes": len(state.data),
        "parquet_sha256": sha256_hex(parquet),
        "readings": int(readings.table.num_rows),
        "meters": meters,
        **state.taken.profile,
    }
    upload = {
        "kind": "readings_upload",
        "name": request.name,
        "mapping": mapping.as_data(),
        **outcome,
    }
    files = (
        NewFile(state.data, request.media_type, request.name, request.is_public),
        NewFile(parquet, PARQUET, f"{request.name}.readings.parquet", request.is_public),
    )
    return Decision(outcome, products=(Product("readings_upload", canonical_bytes(upload)),), files=files)


def meters_of(readings: Readings) -> list[str]:
    """The meters whose readings a file holds, in order."""
    return sorted(str(name) for name in readings.table.column("meter").unique().to_pylist())


def uploads_of(desk: Desk, sha256s: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What was recorded at upload of each file: name, mapping, readings, by the file's SHA-256."""
    rows = desk.connection.execute(
        "select u.body from (select convert_from(body, 'UTF8')::jsonb as body from product"
        " where kind = 'readings_upload') u where u.body->>'file_sha256' = any(%s)",
        [list(sha256s)],
    ).fetchall()
    return {body["file_sha256"]: body for (body,) in rows}


ACT = Act(
    name="upload_readings",
    title_en="Upload a meter file",
    title_ja="計量ファイルの登録",
    permission="operator",
    request=UploadReadings,
    load=load,
    decide=decide,
    journal_form=journal_form,
)
