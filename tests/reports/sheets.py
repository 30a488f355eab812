"""What the tests of the monitoring spreadsheet share: workbooks of every methodology, and programs that calculate."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import formualizer
import ironcalc
import openpyxl

from openjcm.methodologies import METHODOLOGIES
from openjcm.mrv.cases import Case, read_cases
from openjcm.reports.monitoring_spreadsheet import write_spreadsheet
from openjcm.reports.spreadsheet_cells import Book, Cell, Place
from openjcm.reports.spreadsheet_facts import Facts
from openjcm.reports.spreadsheet_layout import lay_out

CASES = Path(__file__).parent.parent / "cases"
PERIOD = "2022-01-01 – 2022-12-31"
TOLERANCE = Fraction(1, 10**12)
Values = Mapping[tuple[str, Place], object]


@cache
def cases_with_results() -> list[Case]:
    """Every case of every methodology that ends in a number."""
    files = sorted(CASES.glob("*.yaml"))
    return [case for path in files for case in read_cases(path.read_text("utf-8")) if not case.refused]


def first_cases(each: int = 1) -> list[Case]:
    """The first cases of each methodology."""
    found: dict[str, list[Case]] = {}
    for case in cases_with_results():
        found.setdefault(case.methodology, []).append(case)
    return [case for cases in found.values() for case in cases[:each]]


def book_of(case: Case, kind: str = "MRS") -> Book:
    """The workbook of a case."""
    result = case.calculate(METHODOLOGIES[case.methodology])
    return lay_out(Facts(kind, "XD001", ((PERIOD if kind == "MRS" else "", result),), case.rounding))


def without_values(book: Book) -> Book:
    """The same workbook with nothing stored beside its formulas, so that whoever shows a number has calculated it."""
    for sheet in book.sheets:
        for place, cell in sheet.cells.items():
            if cell.formula:
                sheet.cells[place] = replace(cell, content=None)
    return book


def formulas_of(book: Book) -> dict[tuple[str, Place], Cell]:
    """Every formula cell by sheet and place."""
    return {(sheet.name, place): cell for sheet in book.sheets for place, cell in sheet.cells.items() if cell.formula}


def differences(book: Book, values: Values) -> list[str]:
    """Where a program's values are not the exact ones: more than the tolerance away, or another text."""
    found = []
    for (sheet, place), cell in formulas_of(book).items():
        value = values[sheet, place]
        if isinstance(cell.content, Fraction):
            room = TOLERANCE * max(cell.scale, abs(cell.content))
            whole = cell.style == "whole"
            agrees = isinstance(value, int | float) and (
                Fraction(value) == cell.content if whole else abs(Fraction(value) - cell.content) <= room
            )
        else:
            agrees = (value or "") == (cell.content or "")
        if not agrees:
            found.append(f"{sheet} {place} ={cell.formula}: {value!r}, exactly {cell.content}")
    return found


# Programs that calculate ----------------------------------------------------------------------------------------------


def by_formualizer(data: bytes, book: Book) -> Values:
    made = formualizer.Workbook.from_bytes(data)
    return {(sheet, place): made.evaluate_cell(sheet, place[0] + 1, place[1] + 1) for sheet, place in formulas_of(book)}


def by_ironcalc(data: bytes, book: Book) -> Values:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        path.write_bytes(data)
        made = ironcalc.load_from_xlsx(str(path))
    made.evaluate()
    numbers = {sheet.name: number for number, sheet in enumerate(book.sheets)}
    return {
        (sheet, place): made.get_cell_value(numbers[sheet], place[0] + 1, place[1] + 1)
        for sheet, place in formulas_of(book)
    }


ENGINES: dict[str, Callable[[bytes, Book], Values]] = {"formualizer": by_formualizer, "ironcalc": by_ironcalc}
SOFFICE = shutil.which("soffice")
ALWAYS_CALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""


def through_libreoffice(files: Mapping[str, bytes], folder: Path) -> dict[str, bytes]:
    """The workbooks as LibreOffice saves them after calculating everything anew."""
    assert SOFFICE
    profile, out = folder / "profile" / "user", folder / "out"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(ALWAYS_CALCULATE)
    for name, data in files.items():
        (folder / f"{name}.xlsx").write_bytes(data)
    words = [SOFFICE, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to"]
    words += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), *(str(folder / f"{name}.xlsx") for name in files)]
    subprocess.run(words, check=True, capture_output=True, timeout=240)
    return {name: (out / f"{name}.xlsx").read_bytes() for name in files}


def stored_values(data: bytes, book: Book, folder: Path) -> Values:
    """The values stored beside the formulas of a file."""
    path = folder / "stored.xlsx"
    path.write_bytes(data)
    made: Any = openpyxl.load_workbook(path, data_only=True)
    return {(sheet, place): made[sheet].cell(place[0] + 1, place[1] + 1).value for sheet, place in formulas_of(book)}


def written(case: Case, kind: str = "MRS") -> bytes:
    """The workbook of a case as a file."""
    return write_spreadsheet(book_of(case, kind))
