"""Filled workbooks are read back: every changed cell is named, and a hostile file is refused or harmless."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts import report as report_part
from openjcm.dated import Citation
from openjcm.methodologies import METHODOLOGIES
from openjcm.mrv.calculation import Given, Result, calculate
from openjcm.mrv.cases import Case
from openjcm.mrv.intake_excel import cell_name
from openjcm.mrv.meters import Calibration, Meter
from openjcm.mrv.plan import MonitoringPlan, PlanMeter
from openjcm.refusals import Refused, Severity
from openjcm.reports import spreadsheet_reading
from openjcm.reports.monitoring_spreadsheet import write_spreadsheet
from openjcm.reports.spreadsheet_cells import Book, Cell, Place
from openjcm.reports.spreadsheet_check import Checked, Standards, check_filled, check_spreadsheet
from openjcm.reports.spreadsheet_facts import Facts
from openjcm.reports.spreadsheet_layout import lay_out
from openjcm.reports.spreadsheet_reading import Filled, Found, read_workbook
from openjcm.reports.spreadsheet_rules import RULES
from openjcm.reports.spreadsheet_sizes import power_of_ten
from openjcm.reports.spreadsheet_sources import read_plan, read_standard

from .sheets import CASES, PERIOD, book_of, cases_with_results, first_cases, without_values, written

SOURCE = Citation("a test")
INPUT, CALC = "MRS(input)", "MRS(calc_process)"


def solar(*mwh: str, systems: str = "national_grid") -> Result:
    values = {str(number): one for number, one in enumerate(mwh, 1)}
    given_values = {
        "EG_i_p": Given(values, "MWh", SOURCE),
        "CASE_i": Given(dict.fromkeys(values, systems), source=SOURCE),
    }
    return calculate(METHODOLOGIES["MN_AM003"], "02.0", given_values)


def solar_book(*mwh: str, period: str = PERIOD) -> Book:
    return lay_out(Facts("MRS", "XD001", ((period, solar(*mwh)),)))


def checked(book: Book, **options: Any) -> Checked:
    return check_spreadsheet(write_spreadsheet(book), "book.xlsx", **options)


def found(result: Checked) -> list[tuple[str, str, str]]:
    return [(one.rule, one.facts["sheet"], one.facts["cell"]) for one in result.findings]


def place_of(book: Book, sheet: str, words: str, column: int) -> Place:
    """The place in the row that holds these words."""
    cells = next(one for one in book.sheets if one.name == sheet).cells
    return next((row, column) for (row, _), cell in sorted(cells.items()) if cell.content == words)


def changed(book: Book, sheet: str, place: Place, **fields: Any) -> Book:
    """The workbook with one cell changed, before it is written: nothing is calculated anew."""
    cells = next(one for one in book.sheets if one.name == sheet).cells
    cells[place] = replace(cells.get(place, Cell("", "text")), **fields)
    return book


EACH = [(("MRS", "MPS")[number % 2], case) for number, case in enumerate(first_cases(2))]


@pytest.mark.parametrize(("kind", "case"), EACH, ids=lambda one: one if isinstance(one, str) else one.name)
def test_a_workbook_as_it_was_written_agrees(kind: str, case: Case) -> None:
    result = check_spreadsheet(written(case, kind), "book.xlsx")
    assert [one.message("en") for one in result.findings if one.rule not in {"S10", "S17"}] == []
    assert result.agrees == "yes"
    (sheet,) = result.sheets
    again, before = sheet.results[0][1], case.calculate(METHODOLOGIES[case.methodology])
    assert again.reductions == pytest.approx(before.reductions, rel=1e-12, abs=1e-12)


# Every cell -----------------------------------------------------------------------------------------------------------


def tampered(cell: Cell) -> Iterator[tuple[str, Cell, set[str]]]:
    """Ways to change a cell, with the rules that may name it."""
    if cell.formula:
        yield "another formula", replace(cell, formula=f"{cell.formula}+1"), {"S05"}
        yield "no formula", replace(cell, formula=""), {"S05"}
        if isinstance(cell.content, Fraction):
            yield "another result", replace(cell, content=cell.content * Fraction("1.00001") + 1), {"S06"}
    elif cell.style == "value":
        assert isinstance(cell.content, Fraction)
        yield "another value", replace(cell, content=cell.content + Fraction(1, 1000)), {"S07"}
        yield "a formula", replace(cell, formula="1+1"), {"S07"}
        yield "zero", replace(cell, content=Fraction(0) if cell.content else Fraction(1)), {"S07"}
    elif cell.style not in {"input", "free", "open"} and cell.content:
        yield "other words", replace(cell, content=f"{cell.content}!"), {"S04", "S07"}
    elif cell.style == "text":
        yield "words in an empty cell", replace(cell, content="!"), {"S08"}


def as_read(book: Book) -> Filled:
    """The workbook as a reader finds it in its file, without writing one."""
    stored = {
        sheet.name: {
            place: Found(cell.formula, float_of(cell.content))
            for place, cell in sheet.cells.items()
            if cell.formula or cell.content not in {None, ""}
        }
        for sheet in book.sheets
    }
    return Filled(stored, ())


def float_of(content: Fraction | str | None) -> Fraction | str | None:
    return Fraction(float(content)) if isinstance(content, Fraction) else content


def test_a_workbook_in_memory_is_that_of_its_file() -> None:
    book = solar_book("1000", "12.5")
    from_file = read_workbook(write_spreadsheet(book), "b.xlsx")
    assert {name: cells.keys() for name, cells in from_file.sheets.items()} == {
        name: cells.keys() for name, cells in as_read(book).sheets.items()
    }
    assert check_filled(as_read(book), "b.xlsx", Standards()).findings == ()


HEADINGS = {1, 2, 5}
"""Rows that say which methodology, version and layout it is: another one there is another workbook, or none."""


def test_every_cell_that_is_changed_is_named() -> None:
    original = solar_book("1000")
    tried = 0
    for number, sheet in enumerate(original.sheets):
        for place, cell in sheet.cells.items():
            for _, other, rules in tampered(cell):
                if (number == 0 and place[1] == 1 and place[0] in HEADINGS | {4}) or cell.content in {"EG_i_p[1]"}:
                    continue
                book = solar_book("1000")
                book.sheets[number].cells[place] = other
                result = check_filled(as_read(book), "b.xlsx", Standards())
                names = {rule for rule, *where in found(result) if where == [sheet.name, cell_name(*place)]}
                if _is_structure(cell):
                    assert result.agrees == "no"
                else:
                    assert names & rules, (sheet.name, cell_name(*place), cell, names)
                tried += 1
    assert tried > 100


def _is_structure(cell: Cell) -> bool:
    """Words by which the tables and rows themselves are found; without them other findings say that inputs lack."""
    words = str(cell.content)
    return words.startswith(("Table 1", "Table 2", "EG_i_p", "CASE_i", "all periods"))


@pytest.mark.parametrize("case", first_cases(), ids=lambda case: f"{case.methodology}: {case.name}")
def test_changed_cells_of_every_methodology_are_named(case: Case) -> None:
    sizes = [(number, place) for number, sheet in enumerate(book_of(case).sheets[:2]) for place in sorted(sheet.cells)]

    @given(st.data())
    @settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
    def named(data: st.DataObject) -> None:
        book = book_of(case)
        number, place = data.draw(st.sampled_from(
            [(n, p) for n, p in sizes if book.sheets[n].cells[p].formula or book.sheets[n].cells[p].style == "value"]
        ))  # fmt: skip
        _, other, rules = data.draw(st.sampled_from(list(tampered(book.sheets[number].cells[place]))))
        book.sheets[number].cells[place] = other
        at = book.sheets[number].name, cell_name(*place)
        result = check_filled(as_read(book), "b.xlsx", Standards())
        assert {rule for rule, *where in found(result) if tuple(where) == at} & rules

    named()


@pytest.mark.parametrize("case", first_cases(), ids=lambda case: f"{case.methodology}: {case.name}")
def test_an_input_changed_without_calculating_anew_shows_in_the_results(case: Case) -> None:
    book = book_of(case)
    cells = book.sheets[0].cells
    numbers = [place for place, cell in cells.items() if cell.style == "input" and isinstance(cell.content, Fraction)]
    seen = 0
    for place in numbers[:: max(1, len(numbers) // 4)]:
        other = book_of(case)
        before = cells[place].content
        assert isinstance(before, Fraction)
        other.sheets[0].cells[place] = replace(cells[place], content=before * 2 + 1)
        seen += any(rule in {"S06", "S12"} for rule, _, _ in found(check_filled(as_read(other), "b.xlsx", Standards())))
    assert seen


# Rule by rule ---------------------------------------------------------------------------------------------------------


def test_a_missing_value_is_named_and_gives_no_tonnes() -> None:
    book = solar_book("1000", "12.5")
    place = place_of(book, INPUT, "EG_i_p[2]", 4)
    result = checked(changed(book, INPUT, place, content=None))
    assert found(result) == [("S02", INPUT, cell_name(*place))]
    assert result.as_data()["sheets"][0]["periods"] == []
    assert result.agrees == "no"


@pytest.mark.parametrize("words", ["1,000", "n/a", "2022-01-01", "1 000 MWh"])
def test_words_in_place_of_a_number_are_named(words: str) -> None:
    book = solar_book("1000")
    place = place_of(book, INPUT, "EG_i_p[1]", 4)
    assert found(checked(changed(book, INPUT, place, content=words)))[0] == ("S03", INPUT, cell_name(*place))


def test_a_number_in_place_of_an_answer_and_an_unknown_answer_are_named() -> None:
    for content, rule in ((Fraction(1), "S03"), ("moon", "S12")):
        book = solar_book("1000")
        place = place_of(book, INPUT, "CASE_i[1]", 4)
        rules = {one for one, _, at in found(checked(changed(book, INPUT, place, content=content))) if at == cell_name(
            *place)}  # fmt: skip
        assert rule in rules


def test_a_wrong_unit_says_by_how_much_it_is_off() -> None:
    book = solar_book("1000")
    place = place_of(book, INPUT, "EG_i_p[1]", 5)
    (finding,) = checked(changed(book, INPUT, place, content="kWh")).findings
    assert (finding.rule, finding.facts["cell"]) == ("S04", "F12")
    assert "1 kWh is 0.001 MWh" in finding.message("en")
    assert "1 kWh は 0.001 MWh" in finding.message("ja")
    book = solar_book("1000")
    (other,) = checked(changed(book, INPUT, place, content="bananas")).findings
    assert "0.001" not in other.message("en")


def test_a_negative_quantity_is_refused_as_by_the_engine() -> None:
    book = solar_book("1000")
    place = place_of(book, INPUT, "EG_i_p[1]", 4)
    result = checked(changed(book, INPUT, place, content=Fraction(-1)))
    assert ("S12", INPUT, cell_name(*place)) in found(result)
    assert result.sheets[0].results == ()


def test_a_parameter_that_is_none_or_stands_twice_is_named() -> None:
    for words in ("XX_p", "EF_RE_i[1]", "EG_i_p[2/3]", "EG_i_p", "EG_i_p[1]"):
        book = solar_book("1000", "2000")
        place = place_of(book, INPUT, "EG_i_p[2]", 2)
        assert ("S16", INPUT, cell_name(*place)) in found(checked(changed(book, INPUT, place, content=words))), words


def test_a_missing_and_a_hidden_sheet_are_named() -> None:
    book = solar_book("1000")
    book.sheets = book.sheets[:1]
    book.sheets[0].cells = {place: replace(cell, formula="") for place, cell in book.sheets[0].cells.items()}
    assert ("S01", CALC, "–") in found(checked(book))
    data = write_spreadsheet(solar_book("1000"))
    hidden = repacked(data, lambda name, body: body.replace(b'<sheet name="MRS(calc_process)" ',
        b'<sheet state="hidden" name="MRS(calc_process)" ') if name == "xl/workbook.xml" else body)  # fmt: skip
    assert ("S01", CALC, "–") in found(check_spreadsheet(hidden, "b.xlsx"))


def test_what_stands_beside_the_tables_is_named() -> None:
    book = changed(solar_book("1000"), INPUT, (60, 3), content="a remark")
    result = checked(book)
    assert found(result) == [("S08", INPUT, "D61")]
    assert result.agrees == "yes"
    book = changed(solar_book("1000"), INPUT, (60, 3), content=Fraction(0))
    assert found(checked(book)) == [("S08", INPUT, "D61")]
    book = changed(solar_book("1000"), CALC, (60, 3), content=Fraction(1), formula="1+0")
    assert found(checked(book)) == [("S08", CALC, "D61")]


@pytest.mark.parametrize(
    "formula",
    ["cmd|' /C calc'!A0", "[1]Sheet1!A1", "'[other.xlsx]S'!A1", 'WEBSERVICE("http://x")', 'HYPERLINK("http://x")',
     'DDE("a","b","c")', 'INDIRECT("A1")', "RTD(1,2,3)"],
)  # fmt: skip
@pytest.mark.parametrize("where", ["beside", "in place of a formula", "as an input", "among the words"])
def test_a_formula_that_reaches_outside_is_named_and_not_run(formula: str, where: str) -> None:
    book = solar_book("1000")
    places = {
        "beside": (INPUT, (60, 3)),
        "in place of a formula": (CALC, place_of(book, CALC, "ER_p", 2)),
        "as an input": (INPUT, place_of(book, INPUT, "EG_i_p[1]", 4)),
        "among the words": (INPUT, place_of(book, INPUT, "EG_i_p[1]", 10)),
    }
    sheet, place = places[where]
    result = checked(changed(book, sheet, place, content=Fraction(1000), formula=formula))
    assert ("S11", sheet, cell_name(*place)) in found(result)
    assert result.agrees == "no"


def test_a_formula_as_input_is_read_by_its_value_and_named() -> None:
    book = solar_book("1000")
    place = place_of(book, INPUT, "EG_i_p[1]", 4)
    result = checked(changed(book, INPUT, place, formula="500+500"))
    assert found(result) == [("S08", INPUT, cell_name(*place))]
    assert result.sheets[0].results[0][1].reductions == 797


def test_a_value_without_source_asks_to_be_explained() -> None:
    book = solar_book("1000")
    result = checked(changed(book, INPUT, place_of(book, INPUT, "EG_i_p[1]", 7), content=""))
    assert [(one.rule, one.severity) for one in result.findings] == [("S15", Severity.EXPLAIN)]


def test_a_workbook_that_was_never_calculated_cannot_be_compared() -> None:
    result = checked(without_values(solar_book("1000")))
    assert result.agrees == "cannot tell"
    assert {one.rule for one in result.findings} == {"S14"}
    stream = io.BytesIO()
    made = openpyxl.load_workbook(io.BytesIO(write_spreadsheet(solar_book("1000"))))
    made.save(stream)  # that library stores no values
    assert check_spreadsheet(stream.getvalue(), "b.xlsx").agrees == "cannot tell"


def test_the_edge_between_double_precision_and_the_exact_rule_is_named() -> None:
    just_below = str(Fraction(1000) / Fraction("0.797") / 1000 * (1 - Fraction(1, 10**8)))
    result = checked(solar_book(just_below))
    assert found(result) == [("S17", INPUT, "–")]
    assert result.as_data()["sheets"][0]["periods"][0]["whole_tonnes"] == 0


# Sizes ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "power"),
    [("1", 0), ("3.1", 0), ("3.2", 1), ("0.32", 0), ("0.31", -1), ("1000", 3), ("999", 3), ("0.001", -3), ("1e30", 30)],
)
def test_the_nearest_power_of_ten(ratio: str, power: int) -> None:
    assert power_of_ten(Fraction(ratio)) == power


@pytest.mark.parametrize(("mwh", "power"), [("1000000", "3"), ("1", "-3"), ("2500", None), ("0", None)])
def test_a_size_off_by_a_power_of_ten_from_the_plan_is_named(mwh: str, power: str | None, tmp_path: Path) -> None:
    plan_book = write_spreadsheet(lay_out(Facts("MPS", "XD001", (("", solar("1000")),))))
    standard = read_standard(plan_book, "plan.xlsx")
    result = checked(solar_book(mwh), expected=standard.expected())
    assert [one.facts["power"] for one in result.findings if one.rule == "S09"] == ([power] if power else [])
    if power:
        assert f"10^{power} times 1,000 MWh (as expected)" in result.findings[0].message("en")
        assert result.agrees == "yes"  # it asks to be explained, it may be right


def test_a_size_unlike_the_other_years_is_named() -> None:
    years = tuple((f"{year}-01-01 – {year}-12-31", solar(mwh)) for year, mwh in
                  ((2021, "1000"), (2022, "1100"), (2023, "1050000")))  # fmt: skip
    result = checked(lay_out(Facts("MRS", "XD001", years)))
    assert [(one.facts["cell"], one.facts["power"]) for one in result.findings if one.rule == "S09"] == [("E14", "3")]


def plan_with(capacity_w: int) -> MonitoringPlan:
    day = date(2021, 1, 1)
    calibration = (Calibration(day, date(2024, 1, 1), "certificate 5"),)
    meter = Meter("M1", "generation", capacity_w, 900, installed_on=day, calibration=calibration, documents=("sheet",))
    return MonitoringPlan(
        "XD001", "MN_AM003", "02.0", (day, date(2030, 12, 31)), "Asia/Ulaanbaatar", (PlanMeter(meter, "EG_i_p", "1"),),
        {"CASE_i": Given({"1": "national_grid"}, source=SOURCE)},
    )  # fmt: skip


@pytest.mark.parametrize(("mwh", "named"), [("8760", False), ("8760.1", True)])
def test_more_than_the_meters_can_carry_is_named(mwh: str, named: bool) -> None:
    result = checked(solar_book(mwh), plan=plan_with(1_000_000))
    assert [one.rule for one in result.findings] == (["S10"] if named else [])
    assert not checked(solar_book("999999", period="no days"), plan=plan_with(1)).findings
    assert not checked(solar_book("999999", period="2022-13-01 – 2022-99-31"), plan=plan_with(1)).findings


@pytest.mark.parametrize(("factor", "named"), [("0.8", False), ("800", True), ("0.0008", True)])
def test_an_absurd_factor_is_named(factor: str, named: bool) -> None:
    inputs = {
        "EC_PJ_i_p": Given({"1": "100"}, "MWh", SOURCE), "COP_PJ_i": Given({"1": "6"}, "-", SOURCE),
        "COP_RE_i": Given({"1": "5"}, "-", SOURCE), "EF_elec": Given({"": factor}, "tCO2e/MWh", SOURCE),
    }  # fmt: skip
    result = calculate(METHODOLOGIES["ID_AM002"], "02.0", inputs)
    rules = [one.rule for one in checked(lay_out(Facts("MRS", "", ((PERIOD, result),)))).findings]
    assert rules == (["S10"] if named else [])


# Against what it must repeat ------------------------------------------------------------------------------------------


def test_a_workbook_that_repeats_a_report_agrees_and_one_that_does_not_is_named() -> None:
    book = solar_book("1000", "12.5")
    same = [("2022", solar("1000", "12.5"))]
    assert checked(book, against=same, against_name="report.json").findings == ()
    other = [("2022", solar("1000", "12.6"))]
    assert found(checked(book, against=other, against_name="report.json")) == [("S13", INPUT, "E13")]
    fewer = [("2022", solar("1000"))]
    result = checked(book, against=fewer, against_name="report.json")
    assert {one.facts["symbol"] for one in result.findings} == {"EG_i_p[2]", "CASE_i[2]"}
    assert "report.json" in result.findings[0].message("ja")
    more = checked(solar_book("1000"), against=same, against_name="report.json")
    assert {(one.rule, one.facts["cell"]) for one in more.findings} == {("S13", "–")}


def test_a_standard_is_a_report_a_workbook_or_a_case() -> None:
    case = next(case for case in cases_with_results() if case.methodology == "MN_AM003")
    result = case.calculate(METHODOLOGIES["MN_AM003"])
    report = {
        "schema": {"name": "openjcm/monitoring-report", "version": 1},
        "methodology": {"id": "MN_AM003", "version": "02.0"},
        "years": [{"year": 2022, "trace": [one.as_data() for one in result.trace], "reductions": "797"}],
    }
    from_case = read_standard((CASES / "mn_am003.yaml").read_bytes(), "cases.yaml", case.name)
    from_report = read_standard(canonical_bytes(report), "report.json")
    from_book = read_standard(written(case), "book.xlsx")
    assert from_case.expected() == from_report.expected() == from_book.expected() == {("EG_i_p", "1"): 1000}
    empty = without_inputs(written(case))
    assert read_standard(empty, "book.xlsx").expected() == {}


def without_inputs(data: bytes) -> bytes:
    made = openpyxl.load_workbook(io.BytesIO(data))
    made[INPUT]["E12"] = None
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def test_every_rule_is_tried_somewhere_here_and_has_both_languages() -> None:
    text = Path(__file__).read_text("utf-8")
    for name, rule in RULES.items():
        assert f'"{name}"' in text, name
        assert rule.en != rule.ja and rule.clause


def test_every_rule_has_its_line_in_the_docs() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "spreadsheets.md").read_text("utf-8")
    for name in RULES:
        assert f"| `{name}` |" in page, name


# Hostile files --------------------------------------------------------------------------------------------------------


def repacked(data: bytes, change: Callable[[str, bytes], bytes], extra: dict[str, bytes] | None = None) -> bytes:
    """The workbook's parts changed, with further parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, body in (extra or {}).items():
            new.writestr(name, body)
    return stream.getvalue()


BOOK = write_spreadsheet(solar_book("1000"))
LINK = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" '
    b'Target="http://example.org/x" TargetMode="External"/></Relationships>'
)
RELS = "xl/worksheets/_rels/sheet1.xml.rels"
ACTIVE = {
    "macros": {"xl/vbaProject.bin": b"x"},
    "external links": {"xl/externalLinks/externalLink1.xml": b"<a/>"},
    "macro sheets": {"xl/macrosheets/sheet1.xml": b"<a/>"},
    "ActiveX": {"xl/activeX/activeX1.xml": b"<a/>"},
    "embedded": {"xl/embeddings/oleObject1.bin": b"x"},
    "connections": {"xl/connections.xml": b"<a/>"},
    "queries": {"xl/queryTables/queryTable1.xml": b"<a/>"},
    "custom UI": {"customUI/customUI.xml": b"<a/>"},
    "a picture from elsewhere": {RELS: LINK % b"image"},
    "document type": {"xl/extra.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'},
    "another encoding": {"xl/extra.xml": "<!DOCTYPE a><a/>".encode("utf-16")},
}


@pytest.mark.parametrize("parts", ACTIVE.values(), ids=ACTIVE.keys())
def test_a_workbook_with_active_content_is_refused(parts: dict[str, bytes]) -> None:
    with pytest.raises(Refused) as refused:
        check_spreadsheet(repacked(BOOK, lambda _, body: body, parts), "b.xlsx")
    assert refused.value.code == "spreadsheet_with_active_content"


def test_a_macro_workbook_by_its_type_and_an_entity_in_its_strings_are_refused() -> None:
    def macro(name: str, body: bytes) -> bytes:
        plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        return body.replace(plain, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml") if "Types" in name else body

    def entity(name: str, body: bytes) -> bytes:
        return body.replace(b"<sst", b'<!DOCTYPE a [<!ENTITY b "cc">]><sst') if "sharedStrings" in name else body

    for change in (macro, entity):
        with pytest.raises(Refused) as refused:
            check_spreadsheet(repacked(BOOK, change), "b.xlsx")
        assert refused.value.code == "spreadsheet_with_active_content"


def test_a_link_in_a_cell_is_harmless() -> None:
    """A spreadsheet program makes one of every address that somebody types."""
    made = openpyxl.load_workbook(io.BytesIO(BOOK))
    made[INPUT]["H12"].hyperlink = "http://example.org/certificate"
    stream = io.BytesIO()
    made.save(stream)
    assert check_spreadsheet(stream.getvalue(), "b.xlsx").agrees == "cannot tell"


def test_bombs_and_oversized_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = repacked(BOOK, lambda _, body: body, {"xl/media/a.bin": bytes(60 << 20)})
    with pytest.raises(Refused) as refused:
        check_spreadsheet(bomb, "b.xlsx")
    assert refused.value.code == "spreadsheet_unpacks_too_large"
    monkeypatch.setattr(spreadsheet_reading, "MAX_BYTES", 100)
    with pytest.raises(Refused) as refused:
        check_spreadsheet(BOOK, "b.xlsx")
    assert refused.value.code == "spreadsheet_unpacks_too_large"


def test_a_cell_far_away_is_refused_before_it_is_read() -> None:
    far = repacked(BOOK, lambda name, body: body.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v>'
        b"</c></row></sheetData>") if name.endswith("sheet1.xml") else body)  # fmt: skip
    with pytest.raises(Refused) as refused:
        check_spreadsheet(far, "b.xlsx")
    assert refused.value.code == "meter_file_unpacks_too_large"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no workbook", BOOK[:-200], BOOK[: len(BOOK) // 2]],
                         ids=["empty", "begin", "text", "cut", "half"])  # fmt: skip
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        check_spreadsheet(data, "b.xlsx")
    assert refused.value.code == "spreadsheet_not_readable"


def test_a_workbook_of_somebody_else_is_refused() -> None:
    made = openpyxl.Workbook()
    stream = io.BytesIO()
    made.save(stream)
    with pytest.raises(Refused) as refused:
        check_spreadsheet(stream.getvalue(), "b.xlsx")
    assert refused.value.code == "spreadsheet_not_recognised"
    for content in ("another layout 9", ""):
        with pytest.raises(Refused) as refused:
            checked(changed(solar_book("1"), INPUT, (5, 1), content=content))
        assert refused.value.code == "spreadsheet_not_recognised"
    for place, code in (((1, 1), "unknown_methodology"), ((2, 1), "unknown_methodology_version")):
        with pytest.raises(Refused) as refused:
            checked(changed(solar_book("1"), INPUT, place, content="99"))
        assert refused.value.code == code
    assert ("S07", INPUT, "B5") in found(checked(changed(solar_book("1"), INPUT, (4, 1), content="by feeling")))


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_any_damage_is_refused_or_found_or_harmless(data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/workbook.xml",
                                      "xl/sharedStrings.xml", "xl/styles.xml", "[Content_Types].xml"]))  # fmt: skip
    at, piece = data.draw(st.integers(0, 4000)), data.draw(st.binary(max_size=6))
    size = data.draw(st.integers(0, 40))

    def damage(name: str, body: bytes) -> bytes:
        return body[:at] + piece + body[at + size :] if name == part else body

    try:
        check_spreadsheet(repacked(BOOK, damage), "b.xlsx")
    except Refused as refused:
        assert refused.message("ja")


# Commands -------------------------------------------------------------------------------------------------------------


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(report_part.app, ["spreadsheet", *words])
    if isinstance(done.exception, Refused):
        raise done.exception
    return done.exit_code, done.output


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    path.write_bytes(canonical_bytes(plan_with(1_000_000).as_data()))
    return path


def test_the_commands_write_and_check(tmp_path: Path, plan_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    book, case = str(tmp_path / "b.xlsx"), str(CASES / "mn_am003.yaml")
    assert run("write", "--case", case, "--project", "XD001", "-o", book)[0] == 0
    code, text = run("check", book, "--against", case, "--expected", case, "--plan", str(plan_file))
    assert (code, "797 tCO2e" in text) == (0, True), text
    code, text = run("check", book, "--against", case, "--name", "zero is a value")
    assert (code, "S13" in text) == (1, True)
    assert run("template", "mn_am003", "--version", "02.0", "--set", "i=roof,camp", "-o", book)[0] == 0
    code, text = run("check", book, "--json")
    data = json.loads(text)
    assert (code, data["agrees"], data["findings"][0]["cell"]) == (1, "no", "E12")
    monkeypatch.setenv("OPENJCM_LANGUAGE", "ja")
    assert "方法論と一致: いいえ" in run("check", book)[1]


def test_the_command_writes_plan_and_structure_sheets(tmp_path: Path, plan_file: Path) -> None:
    book, estimates, people = tmp_path / "b.xlsx", tmp_path / "estimates.yaml", tmp_path / "people.yaml"
    estimates.write_text("EG_i_p: {values: {1: 1000}, unit: MWh, source: yield study}")
    people.write_text("[{person: Manager of the plant, role: Reads the meter every month}]")
    words = ["write", "--plan", str(plan_file), "--estimates", str(estimates), "--people", str(people), "-o", str(book)]
    assert run(*words)[0] == 0
    made = openpyxl.load_workbook(book)
    assert made.sheetnames == ["MPS(input)", "MPS(calc_process)", "MSS"]
    assert made["MPS(input)"]["H12"].value == "meter M1, up to 1000000 W"
    texts = [str(cell.value) for row in made["MSS"].iter_rows() for cell in row]
    assert {"Manager of the plant", "certificate 5"} <= {part for text in texts for part in text.split(": ")}
    assert run("check", str(book))[0] == 0
    people.write_text("[{person: nobody}]")
    with pytest.raises(Refused) as refused:
        run(*words)
    assert refused.value.code == "people_not_understood"
    estimates.write_text("{}")
    with pytest.raises(Refused) as refused:
        run(*words)
    assert refused.value.code == "missing_symbol"


@pytest.mark.parametrize(
    "sources", [[], ["--case", "C", "--report", "C"], ["--plan", "P"], ["--case", "C", "--plan", "P"]]
)
def test_a_workbook_has_one_source(sources: list[str], tmp_path: Path, plan_file: Path) -> None:
    names = {"C": str(CASES / "mn_am003.yaml"), "P": str(plan_file)}
    with pytest.raises(Refused) as refused:
        run("write", *(names.get(one, one) for one in sources), "-o", str(tmp_path / "b.xlsx"))
    assert refused.value.code == "one_source_of_a_workbook"
    assert not (tmp_path / "b.xlsx").exists()


def test_a_case_that_is_not_there_and_a_torn_plan_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        read_standard((CASES / "mn_am003.yaml").read_bytes(), "cases.yaml", "no such case")
    assert refused.value.code == "case_to_write_missing"
    for data in (b"", b"[]", b"{}", b"[" * 100_000):
        with pytest.raises(Refused) as refused:
            read_plan(data)
        assert refused.value.code == "plan_not_understood"
