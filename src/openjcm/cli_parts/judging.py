"""Judge a store bucket by bucket, keep each bucket's result, and go on where a stopped attempt left off.

A result is kept under what it depends on: the bucket's hash, the plans and their rules, the period, and the program
itself. Whoever runs the same command again reads what is kept and judges the rest; the files at the end are the same,
byte for byte, as those of an attempt that was never stopped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import pyarrow as pa

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.cli_parts.progress import Job
from openjcm.mrv.engine.clustered import Bucket, Store
from openjcm.mrv.engine.fleet import Cases, Engine, all_together
from openjcm.mrv.engine.parts import Part, table_bytes, table_from
from openjcm.refusals import refusal

TABLES = ("energy", "daily", "findings")

ANOTHER_QUESTION = refusal(
    "results_of_another_question",
    en="“{folder}” holds results of other readings, plans, rules, period or another version of the program.",
    ja="「{folder}」には、別の計測値・計画・規則・期間、または別の版のプログラムによる結果があります。",
    remedy_en="Name a new folder for these results; the others stay as they are.",
    remedy_ja="この結果用に新しいフォルダを指定してください。既存の結果はそのまま残ります。",
    clause="OpenJCM: nothing is ever edited",
)


@dataclass(frozen=True)
class Kept:
    """The folder where results are kept, for one question."""

    folder: Path
    question: dict[str, object]

    def begin(self) -> None:
        """Make the folder, or find it begun for the very same question.

        Raises:
            Refused: ``results_of_another_question``.
        """
        path, wanted = self.folder / "question.json", canonical_bytes(self.question)
        if self.folder.exists() and any(self.folder.iterdir()):
            if not path.exists() or path.read_bytes() != wanted:
                raise ANOTHER_QUESTION(folder=self.folder)
            return
        (self.folder / "parts").mkdir(parents=True)
        _write(path, wanted)

    def part(self, bucket: Bucket) -> Part | None:
        """What is kept of a bucket; ``None`` where nothing is, or not what was written."""
        try:
            said = json.loads(self._path(bucket, "json").read_bytes())
            if said["bucket"] != bucket.sha256:
                return None
            tables = {}
            for name in TABLES:
                data = self._path(bucket, f"{name}.parquet").read_bytes()
                if sha256_hex(data) != said[name]:
                    return None
                tables[name] = table_from(data, name)
            return Part(**tables)
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
            return None

    def keep(self, bucket: Bucket, part: Part) -> None:
        """Write what was found in a bucket; its last file makes it count."""
        said = {"bucket": bucket.sha256}
        for name, table in part.tables().items():
            data = table_bytes(table)
            said[name] = sha256_hex(data)
            _write(self._path(bucket, f"{name}.parquet"), data)
        _write(self._path(bucket, "json"), canonical_bytes(said))

    def _path(self, bucket: Bucket, ending: str) -> Path:
        return self.folder / "parts" / f"{bucket.file.removesuffix('.parquet')}.{ending}"


def question(store: Store, cases: Cases) -> dict[str, object]:
    """All that the results depend on, as plain data."""
    return {
        "schema": {"name": "openjcm/judged-store", "version": 1},
        "store_sha256": sha256_hex(canonical_bytes(store.as_data())),
        "cases_sha256": cases.sha256,
        "program_sha256": program_sha256(),
    }


def program_sha256() -> str:
    """SHA-256 over the sources of ``openjcm.mrv``: the program that judges."""
    sources: list[list[str]] = []

    def look(place: Traversable, path: str) -> None:
        for item in sorted(place.iterdir(), key=lambda one: one.name):
            if item.is_dir() and not item.name.startswith("__"):
                look(item, f"{path}/{item.name}")
            elif item.name.endswith(".py"):
                sources.append([f"{path}/{item.name}", sha256_hex(item.read_bytes())])

    look(resources.files("openjcm.mrv"), "mrv")
    return sha256_hex(canonical_bytes(sources))


def judge_kept(engine: Engine, store: Store, cases: Cases, kept: Kept, job: Job) -> Part:
    """Judge what is not kept yet, and give everything together, in order.

    Raises:
        Refused: ``results_of_another_question``, ``bucket_changed``.
    """
    kept.begin()
    there = {bucket.file for bucket in store.buckets if kept.part(bucket) is not None}
    done = sum(bucket.readings for bucket in store.buckets if bucket.file in there)
    job.step("judge", done, store.readings)
    chosen = [bucket for bucket in store.buckets if bucket.file not in there]
    for bucket, part in engine.parts(store, cases, chosen):
        kept.keep(bucket, part)
        done += bucket.readings
        job.step("judge", done, store.readings)
    whole = all_together(store, cases, _all(store, kept))
    for name, table in whole.tables().items():
        _write(kept.folder / f"{name}.parquet", table_bytes(table))
    return whole


def _all(store: Store, kept: Kept) -> Iterator[Part]:
    for bucket in store.buckets:
        part = kept.part(bucket)
        assert part is not None, "it was kept a moment ago"
        yield part


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_bytes(data)
    unfinished.replace(path)
