"""Confirm a mapping once and keep it for a logger, under a name. A new version supersedes the one before it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from openjcm.canonical import canonical_bytes
from openjcm.commands.framework import Act, Decision, Desk, ExactJson, Name, Request, Rows, Words
from openjcm.mrv.mapping import Mapping
from openjcm.mrv.profile import check_columns, header_fingerprint
from openjcm.refusals import refusal
from openjcm.store.journal import Product

PROFILE_UNCHANGED = refusal(
    "reading_profile_unchanged",
    en="Version {version} of the profile “{profile}” says the very same (entry {entry_no}).",
    ja="プロファイル「{profile}」の第 {version} 版と内容が同一です (記録番号 {entry_no})。",
    remedy_en="Use that version. A new version is recorded when the mapping or the columns change.",
    remedy_ja="その版を使用してください。新しい版は、読み取り設定または列が変わるときに記録します。",
    clause="OpenJCM: what is written stays written; a new version supersedes",
    status=409,
)
UNKNOWN_PROFILE = refusal(
    "unknown_reading_profile",
    en="There is no profile “{profile}” of version {version}.",
    ja="プロファイル「{profile}」の第 {version} 版はありません。",
    remedy_en="“openjcm readings profiles” lists them; confirm a mapping by the act record_reading_profile.",
    remedy_ja="「openjcm readings profiles」で一覧を確認するか、"
    "手続 record_reading_profile で読み取り設定を登録してください。",
    clause="OpenJCM: a mapping is proposed from the file and confirmed by a person, never guessed",
    status=404,
)
PROFILE_BEFORE_ITS_TIME = refusal(
    "reading_profile_before_its_time",
    en="Version {version} of the profile “{profile}” was confirmed on {latest}; {day} is before that.",
    ja="プロファイル「{profile}」の第 {version} 版の確認日は {latest} で、{day} はそれより前です。",
    remedy_en="Versions follow one another in time: give the day on which this one was confirmed.",
    remedy_ja="版は時間の順に続きます。この版を確認した日を指定してください。",
    clause="OpenJCM: what is written stays written; a new version supersedes",
)
ProfileName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]


class RecordReadingProfile(Request):
    """A person confirms how the files of a logger are read."""

    profile: ProfileName = Field(description="Name of the profile: small letters, digits, point, dash.")
    logger: Name = Field(description="The logger or portal that writes such files: make, model, place.")
    columns: Annotated[tuple[Words, ...], Field(min_length=1, max_length=4096)] = Field(
        description="The names of the file's columns (or data streams) in order, as the proposal shows them."
    )
    mapping: dict[str, ExactJson] = Field(description="How the file is to be read: the data of a confirmed mapping.")


@dataclass(frozen=True)
class State:
    """The latest version of the profile: number, hash of what it says, entry, day; ``None`` where there is none."""

    latest: tuple[int, dict[str, Any], int, Any] | None


def load(desk: Desk, request: RecordReadingProfile) -> State:
    """The latest version."""
    row = desk.connection.execute(
        "select r.version, p.body, r.entry_no, r.confirmed_on from reading_profile r"
        " join product p on p.sha256 = r.profile_sha256 where r.name = %s order by r.version desc limit 1",
        [request.profile],
    ).fetchone()
    return State((row[0], json.loads(bytes(row[1])), row[2], row[3]) if row else None)


def decide(request: RecordReadingProfile, state: State) -> Decision:
    """The mapping is complete, fits its columns, and is not what the latest version says already."""
    mapping = Mapping.from_data(request.mapping)
    check_columns(mapping, request.columns, request.profile)
    version = 1
    said = {"logger": request.logger, "columns": list(request.columns), "mapping": mapping.as_data()}
    if state.latest is not None:
        version, body, entry_no, day = state.latest[0] + 1, *state.latest[1:]
        if canonical_bytes({name: body[name] for name in said}) == canonical_bytes(said):
            raise PROFILE_UNCHANGED(profile=request.profile, version=version - 1, entry_no=entry_no)
        if request.occurred_on < day:
            raise PROFILE_BEFORE_ITS_TIME(
                profile=request.profile, version=version - 1, latest=day, day=request.occurred_on
            )
    fingerprint = header_fingerprint(mapping.format, request.columns)
    body = {"kind": "reading_profile", "profile": request.profile, "version": version, **said}
    product = Product("reading_profile", canonical_bytes({**body, "fingerprint": fingerprint}))
    row = {
        "name": request.profile, "version": version, "fingerprint": fingerprint, "profile_sha256": product.sha256,
        "confirmed_on": request.occurred_on,
    }  # fmt: skip
    picked = {name: row[name] for name in ("version", "profile_sha256", "fingerprint")}
    outcome = {"profile": request.profile, **picked}
    return Decision(outcome, (Rows("reading_profile", (row,)),), products=(product,))


def profile_mapping(desk: Desk, name: str, version: int | None) -> tuple[int, dict[str, Any]]:
    """A version of a profile (``None``: the latest) and the data of its mapping.

    Raises:
        Refused: ``unknown_reading_profile``.
    """
    row = desk.connection.execute(
        "select r.version, p.body from reading_profile r join product p on p.sha256 = r.profile_sha256"
        " where r.name = %s and r.version = coalesce(%s, r.version) order by r.version desc limit 1",
        [name, version],
    ).fetchone()
    if row is None:
        raise UNKNOWN_PROFILE(profile=name, version=version or "–")
    return int(row[0]), json.loads(bytes(row[1]))["mapping"]


ACT = Act(
    name="record_reading_profile",
    title_en="Keep a confirmed mapping for a logger",
    title_ja="記録装置の読み取り設定の登録",
    permission="operator",
    request=RecordReadingProfile,
    load=load,
    decide=decide,
)
