"""A filled workbook as cells, read without trusting it: bounded, nothing evaluated, nothing followed.

Formulas are read as text and their values as they were stored by whatever program calculated them last. A workbook with
macros, external links, data connections, embedded objects or document type declarations is refused before it is parsed.
"""

from __future__ import annotations

import io
import math
import re
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import openpyxl
from defusedxml import ElementTree

from openjcm.mrv.intake_bytes import Source
from openjcm.mrv.intake_excel import inflate_bounded
from openjcm.refusals import Refused, refusal
from openjcm.reports.spreadsheet_cells import Place

MAX_BYTES = 20 << 20
MAX_UNPACKED = 48 << 20
_ACTIVE = re.compile(
    r"(^|/)(vbaproject|externallinks/|macrosheets/|dialogsheets/|activex/|embeddings/|connections\.xml|querytables/"
    r"|customui|ctrlprops/|webextensions/|model/|xlm|attachedtoolbars)",
)
_CLAUSE = "OpenJCM: a workbook is read, never run"

ACTIVE_CONTENT = refusal(
    "spreadsheet_with_active_content",
    en="“{file}” holds {part}, which could run, or fetch data from elsewhere.",
    ja="「{file}」には、実行や外部からの取得が可能な部分 {part} が含まれています。",
    remedy_en="Save it as a plain workbook (.xlsx) without macros, external links, connections and embedded objects.",
    remedy_ja="マクロ、外部リンク、データ接続、埋め込みオブジェクトのない .xlsx として保存し直してください。",
    clause=_CLAUSE,
)
NOT_READABLE = refusal(
    "spreadsheet_not_readable",
    en="“{file}” cannot be read as a workbook: {why}.",
    ja="「{file}」をワークブックとして読み取れません: {why}。",
    remedy_en="Open it in a spreadsheet program, save it again as .xlsx, and give that file.",
    remedy_ja="表計算ソフトで開いて .xlsx として保存し直し、そのファイルを指定してください。",
    clause=_CLAUSE,
)
TOO_LARGE = refusal(
    "spreadsheet_unpacks_too_large",
    en="“{file}” has {found} bytes, packed or unpacked; the limit is {limit}.",
    ja="「{file}」の大きさは (展開前または展開後で) {found} バイトで、上限 {limit} バイトを超えています。",
    remedy_en="Remove pictures and unused sheets, or write one workbook for each period.",
    remedy_ja="画像や不要なシートを除くか、期間ごとにワークブックを分けてください。",
    clause="OpenJCM: unpacking is bounded",
    status=413,
)


@dataclass(frozen=True)
class Found:
    """A cell that was found: the formula's text without its sign (empty: none), and the value it shows.

    A number is exact, as the shortest decimal that means the stored one; a text is a text; ``None`` is nothing.
    """

    formula: str
    value: Fraction | str | None


@dataclass(frozen=True)
class Filled:
    """The sheets of a filled workbook by name, and those that are hidden."""

    sheets: Mapping[str, Mapping[Place, Found]]
    hidden: tuple[str, ...]

    def text(self, sheet: str, row: int, column: int) -> str:
        """The text of a cell; empty for anything else."""
        value = self.sheets[sheet].get((row, column), Found("", None)).value
        return value.strip() if isinstance(value, str) else ""


def read_workbook(data: bytes, name: str) -> Filled:
    """The cells of a workbook.

    Raises:
        Refused: with a code of this module, or of unpacking (``meter_file_unpacks_too_large`` …).
    """
    if len(data) > MAX_BYTES:
        raise TOO_LARGE(file=name, found=len(data), limit=MAX_BYTES)
    _refuse_size(data, name)
    inflate_bounded(Source(data, name))
    _refuse_active_content(data, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a lost style or an unknown extension changes no cell
            formulas, values = (
                openpyxl.load_workbook(io.BytesIO(data), data_only=shown, keep_links=False) for shown in (False, True)
            )
            return _filled(formulas, values)
    except Exception as error:
        # A workbook from anywhere can break its reader in any way; nothing was changed, and the sender is told.
        raise NOT_READABLE(file=name, why=f"{type(error).__name__} {error}"[:160]) from error


def _refuse_size(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise NOT_READABLE(file=name, why=f"{type(error).__name__} {error}"[:160]) from error
    if unpacked > MAX_UNPACKED:
        raise TOO_LARGE(file=name, found=unpacked, limit=MAX_UNPACKED)


def _refuse_active_content(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for item in archive.infolist():
                part = item.filename.lower()
                if _ACTIVE.search(part):
                    raise ACTIVE_CONTENT(file=name, part=item.filename[:100])
                if part.endswith((".xml", ".rels", ".vml")):
                    _refuse_xml(archive.read(item), item.filename, name)
    except Refused:
        raise
    except Exception as error:
        raise NOT_READABLE(file=name, why=f"{type(error).__name__} {error}"[:160]) from error


def _refuse_xml(body: bytes, part: str, name: str) -> None:
    """Refuse document types, other encodings that could hide one, macro types, and targets outside the file."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body or body[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00" in body:
        raise ACTIVE_CONTENT(file=name, part=f"{part[:100]}: document type")
    if b"macroEnabled" in body and part == "[Content_Types].xml":
        raise ACTIVE_CONTENT(file=name, part=f"{part}: macroEnabled")
    if not part.lower().endswith(".rels"):
        return
    for link in ElementTree.fromstring(body):
        outside = link.get("TargetMode", "").lower() == "external"
        if outside and not link.get("Type", "").endswith("/hyperlink"):
            raise ACTIVE_CONTENT(file=name, part=f"{part[:60]}: {link.get('Target', '')[:60]}")


def _filled(formulas: Any, values: Any) -> Filled:
    sheets: dict[str, dict[Place, Found]] = {}
    hidden: list[str] = []
    for sheet in formulas.worksheets:
        shown = values[sheet.title]
        if sheet.sheet_state != "visible":
            hidden.append(sheet.title)
        sheets[sheet.title] = dict(_cells(sheet.iter_rows(), shown.iter_rows()))
    return Filled(sheets, tuple(hidden))


def _cells(formulas: Iterable[Any], values: Iterable[Any]) -> Iterable[tuple[Place, Found]]:
    for row, shown in zip(formulas, values, strict=True):
        for cell, value in zip(row, shown, strict=True):
            if cell.value is not None:
                formula = _formula(cell)
                yield (cell.row - 1, cell.column - 1), Found(formula, _value(value.value if formula else cell.value))


def _formula(cell: Any) -> str:
    """The formula's text without its sign; a formula over a range (array, data table) says so."""
    if cell.data_type != "f":
        return ""
    if isinstance(cell.value, str):
        return cell.value.removeprefix("=")
    return f"{type(cell.value).__name__} {getattr(cell.value, 'text', None) or cell.value.ref}"


def _value(value: object) -> Fraction | str | None:
    """A stored value: the shortest decimal of a number. A date, an error or a truth value is the text that it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    if isinstance(value, float):
        return Fraction(Decimal(repr(value))) if math.isfinite(value) else str(value)
    return None if value is None else str(value)
