"""The recalculation bundle: everything that a monitoring report was made from, in one file that anybody can recompute.

A ZIP file without compression (so that its bytes are the same on every machine and nothing in it can swell), members in
the order of their names, all dated 1980-01-01::

    bundle.json            manifest: engine, report's hash, and each member with its size and SHA-256
    report.json            the monitoring report
    plan.json              the monitoring plan
    methodology.py         the text of the methodology; compared by hash, never executed
    files/<sha256>         the meter files as they were handed in
    readings/<sha256>.parquet   the readings taken from each of them
    facts/<sha256>.json    the facts of meters that were recorded after registration
    proofs/<name>.json     proofs from the transparency log, if any
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.refusals import refusal

SCHEMA = {"name": "openjcm/recalculation-bundle", "version": 2}
MEMBERS_MAX = 10_000
MANIFEST, REPORT, PLAN, METHODOLOGY = "bundle.json", "report.json", "plan.json", "methodology.py"
REQUIRED = (MANIFEST, REPORT, PLAN, METHODOLOGY)
_NAME = re.compile(
    r"bundle\.json|report\.json|plan\.json|methodology\.py|files/[0-9a-f]{64}|readings/[0-9a-f]{64}\.parquet"
    r"|facts/[0-9a-f]{64}\.json|proofs/[A-Za-z0-9._-]{1,100}\.json"
)
_CLAUSE = "OpenJCM: a bundle is read as written or not at all"

BUNDLE_NOT_UNDERSTOOD = refusal(
    "bundle_not_understood",
    en="The file is no recalculation bundle of this software: {reason}.",
    ja="このソフトウェアの再計算パッケージとして読めません: {reason}。",
    remedy_en="Give a file written by `openjcm bundle export`, unchanged.",
    remedy_ja="`openjcm bundle export` が出力したファイルをそのまま指定してください。",
    clause=_CLAUSE,
)
BUNDLE_MEMBER_REFUSED = refusal(
    "bundle_member_refused",
    en="The bundle's member “{member}” is refused: {reason}.",
    ja="再計算パッケージの構成ファイル「{member}」は受け付けられません: {reason}。",
    remedy_en="A bundle holds only the members that its description names, each once, stored without compression.",
    remedy_ja="再計算パッケージには、定められた構成ファイルだけを 1 回ずつ、無圧縮で格納してください。",
    clause=_CLAUSE,
)
BUNDLE_MEMBER_MISSING = refusal(
    "bundle_member_missing",
    en="The bundle lacks its member “{member}”.",
    ja="再計算パッケージに構成ファイル「{member}」がありません。",
    remedy_en="Export the bundle again; every file that the report names must be in it.",
    remedy_ja="再計算パッケージを再度出力してください。報告書が示すファイルはすべて必要です。",
    clause=_CLAUSE,
)


@dataclass(frozen=True)
class Bundle:
    """The parts of a bundle, as bytes. ``files`` by SHA-256; ``readings`` (Parquet) by the SHA-256 of their file;
    ``facts`` of meters by SHA-256."""

    report: bytes
    plan: bytes
    methodology_text: bytes
    files: Mapping[str, bytes]
    readings: Mapping[str, bytes]
    proofs: Mapping[str, bytes] = field(default_factory=dict)
    facts: Mapping[str, bytes] = field(default_factory=dict)

    def members(self) -> dict[str, bytes]:
        """Everything but the manifest, by member name."""
        return {
            REPORT: self.report,
            PLAN: self.plan,
            METHODOLOGY: self.methodology_text,
            **{f"files/{sha256}": data for sha256, data in self.files.items()},
            **{f"readings/{sha256}.parquet": data for sha256, data in self.readings.items()},
            **{f"facts/{sha256}.json": data for sha256, data in self.facts.items()},
            **{f"proofs/{name}.json": data for name, data in self.proofs.items()},
        }


@dataclass(frozen=True)
class OpenedBundle:
    """A bundle that was read, its manifest, and the members whose bytes are not those that the manifest names."""

    bundle: Bundle
    manifest: Mapping[str, Any]
    changed: tuple[str, ...]


def write_bundle(bundle: Bundle) -> bytes:
    """The bytes of the bundle: the same parts give the same bytes.

    Raises:
        Refused: ``bundle_member_refused`` for a name that no bundle may hold.
    """
    members = bundle.members()
    for name in members:
        _refuse_name(name)
    report = json.loads(bundle.report)
    manifest = {
        "schema": dict(SCHEMA),
        "engine": report["engine"],
        "methodology": report["methodology"],
        "report_sha256": sha256_hex(bundle.report),
        "members": {name: {"sha256": sha256_hex(data), "size": len(data)} for name, data in members.items()},
    }
    return _pack({MANIFEST: canonical_bytes(manifest), **members})


def _pack(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, members[name])
    return out.getvalue()


def read_bundle(data: bytes) -> OpenedBundle:
    """Take a bundle apart, safely: nothing is unpacked to disk, nothing in it is executed, nothing can swell.

    Raises:
        Refused: ``bundle_not_understood``, ``bundle_member_refused``, ``bundle_member_missing``.
    """
    members = _members(data)
    for name in REQUIRED:
        if name not in members:
            raise BUNDLE_MEMBER_MISSING(member=name)
    if _pack(members) != data:
        raise BUNDLE_NOT_UNDERSTOOD(reason="its bytes are not those of its members in the one form a bundle has")
    manifest = _manifest(members.pop(MANIFEST))
    named = manifest["members"]
    for name in sorted(named.keys() - members.keys()):
        raise BUNDLE_MEMBER_MISSING(member=name)
    for name in sorted(members.keys() - named.keys()):
        raise BUNDLE_MEMBER_REFUSED(member=name, reason="the manifest does not name it")
    changed = tuple(name for name in sorted(members) if sha256_hex(members[name]) != named[name]["sha256"])
    return OpenedBundle(_bundle(members), manifest, changed)


def _members(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MEMBERS_MAX:
                raise BUNDLE_NOT_UNDERSTOOD(reason=f"more than {MEMBERS_MAX} members")
            _refuse_entries(entries)
            return {entry.filename: _member(archive, entry) for entry in entries}
    except (zipfile.BadZipFile, EOFError, ValueError, OverflowError, NotImplementedError) as error:
        raise BUNDLE_NOT_UNDERSTOOD(reason=str(error)[:200] or "ZIP") from error


def _refuse_entries(entries: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in entries:
        _refuse_name(entry.filename)
        if entry.filename in seen:
            raise BUNDLE_MEMBER_REFUSED(member=entry.filename, reason="it stands twice / 重複")
        seen.add(entry.filename)
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size or entry.flag_bits & 1:
            raise BUNDLE_MEMBER_REFUSED(member=entry.filename, reason="compressed or encrypted / 圧縮または暗号化")


def _refuse_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise BUNDLE_MEMBER_REFUSED(member=name[:200], reason="no bundle holds such a name / 名前が不正")


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(entry)
    except zipfile.BadZipFile as error:
        raise BUNDLE_MEMBER_REFUSED(member=entry.filename, reason=str(error)[:200]) from error


def _manifest(data: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(data)
        if canonical_bytes(manifest) != data or manifest["schema"] != SCHEMA:
            raise ValueError("not canonical, or of another schema")
        for entry in manifest["members"].values():
            str.strip(entry["sha256"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BUNDLE_NOT_UNDERSTOOD(reason=f"bundle.json: {type(error).__name__} {error}"[:200]) from error
    return dict(manifest)


def _bundle(members: Mapping[str, bytes]) -> Bundle:
    def inside(folder: str, ending: str) -> dict[str, bytes]:
        return {
            name.removeprefix(folder).removesuffix(ending): data
            for name, data in members.items()
            if name.startswith(folder)
        }

    return Bundle(
        report=members[REPORT],
        plan=members[PLAN],
        methodology_text=members[METHODOLOGY],
        files=inside("files/", ""),
        readings=inside("readings/", ".parquet"),
        proofs=inside("proofs/", ".json"),
        facts=inside("facts/", ".json"),
    )
