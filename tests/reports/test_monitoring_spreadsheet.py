"""The workbook says what the methodology says: two formula engines and LibreOffice agree with the exact result."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import zipfile
from fractions import Fraction
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from openjcm.dated import Citation
from openjcm.methodologies import METHODOLOGIES
from openjcm.mrv.calculation import Given, Result, calculate
from openjcm.mrv.cases import Case
from openjcm.mrv.trace import Number, key_text
from openjcm.refusals import Refused
from openjcm.reports.monitoring_spreadsheet import MAX_TEXT, shortened, write_spreadsheet
from openjcm.reports.spreadsheet_cells import Cell, Formulas, Term, literal
from openjcm.reports.spreadsheet_check import check_spreadsheet
from openjcm.reports.spreadsheet_facts import Facts, Note, rows_of, whole_tonnes
from openjcm.reports.spreadsheet_layout import TOO_MANY_ROWS, lay_out
from openjcm.reports.spreadsheet_template import facts_of_template
from openjcm.units import ROUNDING_RULES, exact, exact_text

from .sheets import (
    ENGINES,
    PERIOD,
    SOFFICE,
    book_of,
    cases_with_results,
    differences,
    first_cases,
    stored_values,
    through_libreoffice,
    without_values,
    written,
)

SOURCE = Citation("a test")


def named(case: Case) -> str:
    return f"{case.methodology}: {case.name}"


@pytest.mark.parametrize("case", cases_with_results(), ids=named)
def test_every_case_of_every_methodology_comes_out_of_its_workbook(case: Case) -> None:
    book = book_of(case)
    data = write_spreadsheet(without_values(book_of(case)))
    for engine in ENGINES.values():
        assert differences(book, engine(data, book)) == []


LIBREOFFICE = "libreoffice" if SOFFICE else "libreoffice is not installed here: the engines alone were compared"


@pytest.mark.parametrize("program", [LIBREOFFICE])
def test_libreoffice_agrees_and_what_it_saves_is_read_back_without_a_finding(program: str, tmp_path: Path) -> None:
    cases = {f"case{number}": case for number, case in enumerate(first_cases()[::4], 1)} if SOFFICE else {}
    files = {name: write_spreadsheet(without_values(book_of(case))) for name, case in cases.items()}
    saved = through_libreoffice(files, tmp_path) if files else {}
    for name, data in saved.items():
        book = book_of(cases[name])
        assert differences(book, stored_values(data, book, tmp_path)) == []
        checked = check_spreadsheet(data, name)
        assert [one.message("en") for one in checked.findings if one.rule not in {"S10", "S15"}] == []
    assert bool(saved) == bool(SOFFICE), program


# Random inputs --------------------------------------------------------------------------------------------------------

factors = st.decimals(min_value="0.01", max_value="3", places=4).map(Fraction)
UNMOVED = {"year", "day"}


@st.composite
def random_results(draw: st.DrawFn, name: str) -> Result:
    """A worked case with every number multiplied by a random one, and readings of open questions chosen at random."""
    m = METHODOLOGIES[name]
    case = draw(st.sampled_from([case for case in cases_with_results() if case.methodology == name]))
    readings = {of: draw(st.sampled_from(sorted(one.answers))) for of, one in m.interpretations.items()}
    inputs = {}
    for symbol, given_values in case.given.items():
        values = dict(given_values.values)
        if m.parameters[symbol].kind != "choice" and m.parameters[symbol].unit not in UNMOVED:
            values = {at: exact_text(exact(one) * draw(factors)) for at, one in values.items()}
        inputs[symbol] = Given(values, given_values.unit, SOURCE)
    try:
        return calculate(m, case.version, inputs, interpretations=readings)
    except Refused:
        assume(False)
        raise


@pytest.mark.parametrize("name", METHODOLOGIES)
def test_random_inputs_come_out_of_sheet_and_engine_alike(name: str) -> None:
    @given(random_results(name))
    @settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
    def agree(result: Result) -> None:
        facts = Facts("MRS", "XD001", ((PERIOD, result),))
        book, blank = lay_out(facts), without_values(lay_out(facts))
        for engine in ENGINES.values():
            assert differences(book, engine(write_spreadsheet(blank), book)) == []
        checked = check_spreadsheet(write_spreadsheet(book), "book.xlsx")
        assert [one for one in checked.findings if one.rule not in {"S10", "S17"}] == []
        ((sheet,),) = [checked.sheets]
        assert [found.reductions for _, found in sheet.results] == [
            pytest.approx(result.reductions, rel=1e-12, abs=1e-9)
        ]

    agree()


@given(st.fractions(min_value=-1000, max_value=1000, max_denominator=10**4), st.sampled_from(sorted(ROUNDING_RULES)))
def test_whole_tonnes_of_a_worksheet_are_those_of_the_rule(value: Fraction, rounding: str) -> None:
    """Whatever is not within half a millionth of the edge comes out alike."""
    assume(rounding.endswith("_whole_tonne"))
    rule = ROUNDING_RULES[rounding]
    if rule(value - Fraction(1, 2 * 10**6)) == rule(value + Fraction(1, 2 * 10**6)):
        assert whole_tonnes(value, rounding) == rule(value)


@pytest.mark.parametrize("rounding", ["down_to_whole_tonne", "half_up_to_whole_tonne"])
@pytest.mark.parametrize("mwh", ["0.3", "1000/797", "1.254705144", "1.88205", "37.6411", "0"])
def test_a_whole_tonne_is_whole_in_double_precision(rounding: str, mwh: str) -> None:
    inputs = {"EG_i_p": Given({"1": mwh}, "MWh", SOURCE), "CASE_i": Given({"1": "national_grid"}, source=SOURCE)}
    result = calculate(METHODOLOGIES["MN_AM003"], "02.0", inputs)
    facts = Facts("MRS", "", ((PERIOD, result),), rounding)
    data = write_spreadsheet(without_values(lay_out(facts)))
    for engine in ENGINES.values():
        assert differences(lay_out(facts), engine(data, lay_out(facts))) == []


def test_several_years_stand_in_one_workbook_and_their_whole_tonnes_are_added() -> None:
    def year(mwh: str) -> Result:
        inputs = {"EG_i_p": Given({"1": mwh}, "MWh", SOURCE), "CASE_i": Given({"1": "national_grid"}, source=SOURCE)}
        return calculate(METHODOLOGIES["MN_AM003"], "02.0", inputs)

    spans = ("2022-03-06 – 2022-12-31", "2023-01-01 – 2023-12-31", "2024-01-01 – 2024-06-30")
    facts = Facts("MRS", "XD001", tuple(zip(spans, (year("2"), year("3"), year("4.5")), strict=True)))
    book = lay_out(facts)
    data = write_spreadsheet(without_values(lay_out(facts)))
    for engine in ENGINES.values():
        values = engine(data, book)
        assert differences(book, values) == []
        assert 1 + 2 + 3 in values.values()
    checked = check_spreadsheet(write_spreadsheet(book), "book.xlsx")
    assert checked.findings == ()
    assert [one["whole_tonnes"] for one in checked.as_data()["sheets"][0]["periods"]] == [1, 2, 3]


def test_a_factor_that_differs_between_years_has_a_row_for_each() -> None:
    name = next(one for one in ("EF_RE_i", "EF_RE") if one in METHODOLOGIES["TH_AM001"].parameters)
    index = METHODOLOGIES["TH_AM001"].parameters[name].index

    def of(factor: str) -> Result:
        key = "1" if index else ""
        inputs = {"EG_i_p": Given({"1": "100"}, "MWh", SOURCE), name: Given({key: factor}, "tCO2e/MWh", SOURCE)}
        return calculate(METHODOLOGIES["TH_AM001"], "01.0", inputs)

    facts = Facts("MRS", "XD001", (("2022", of("0.5")), ("2023", of("0.6"))))
    checked = check_spreadsheet(write_spreadsheet(lay_out(facts)), "book.xlsx")
    assert checked.findings == ()
    assert [one["reductions"] for one in checked.as_data()["sheets"][0]["periods"]] == ["50", "60"]


# The file -------------------------------------------------------------------------------------------------------------


def test_the_same_facts_give_the_same_bytes_in_another_process() -> None:
    program = (
        "import sys, hashlib; sys.path.insert(0, 'tests')\n"
        "from reports.sheets import first_cases, written\n"
        "print(hashlib.sha256(b''.join(written(case) for case in first_cases()[:3])).hexdigest())"
    )
    root = Path(__file__).parent.parent.parent
    other = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(root / "src"), "PYTHONHASHSEED": "1", "PATH": "/usr/bin:/bin"},
    ).stdout  # fmt: skip
    assert other.strip() == hashlib.sha256(b"".join(written(case) for case in first_cases()[:3])).hexdigest()


@pytest.mark.parametrize("kind", ["MPS", "MRS"])
def test_the_sheets_and_columns_are_those_of_the_form(kind: str) -> None:
    case = first_cases()[0]
    book = book_of(case, kind)
    names = [sheet.name for sheet in book.sheets]
    assert names == [f"{kind}(input)", f"{kind}(calc_process)"] + (["MSS"] if kind == "MPS" else [])
    letters = [cell.content for (row, _), cell in sorted(book.sheets[0].cells.items()) if row == 9]
    assert letters == [f"({letter})" for letter in ("abcdefghijk" if kind == "MRS" else "abcdefghij")]
    heads = [str(cell.content) for (row, _), cell in sorted(book.sheets[0].cells.items()) if row == 10]
    assert heads[0].startswith("Monitoring period" if kind == "MRS" else "Monitoring point no.")
    assert ("Monitored values" if kind == "MRS" else "Estimated values") in " ".join(heads)
    assert all(re.search("[ぁ-んァ-ヶ一-龠]", head) for head in heads)


@pytest.mark.parametrize("name", METHODOLOGIES)
def test_an_empty_workbook_of_every_version_lacks_values_and_nothing_else(name: str) -> None:
    for version, kind in zip(METHODOLOGIES[name].versions, cycle(["MRS", "MPS"]), strict=False):
        facts = facts_of_template(name, version, kind)
        data = write_spreadsheet(lay_out(facts))
        found = check_spreadsheet(data, "empty.xlsx")
        assert {one.rule for one in found.findings} <= {"S02", "S15"}
        assert any(one.rule == "S02" for one in found.findings)
        assert found.as_data()["sheets"][0]["periods"] == []


def test_an_empty_workbook_shows_no_tonnes_and_counts_what_is_missing() -> None:
    book = lay_out(facts_of_template("MN_AM003", "02.0", "MRS", {"i": "roof,camp"}))
    data = write_spreadsheet(book)
    for engine in ENGINES.values():
        values = {place: value for (sheet, place), value in engine(data, book).items() if sheet == "MRS(input)"}
        assert 2 in values.values()
        assert not any(isinstance(value, int | float) and value not in {2} for value in values.values())


@pytest.mark.parametrize(
    ("settings_given", "good"),
    [
        ({"i": "roof,camp"}, True),
        ({"CASE_i": "captive_or_off_grid"}, True),
        ({"i": "roof,roof"}, False),
        ({"i": "a/b"}, False),
        ({"i": "a[1]"}, False),
        ({"CASE_i": "moon"}, False),
        ({"z": "1"}, False),
        ({"EG_i_p": "1"}, False),
    ],
    ids=str,
)
def test_labels_and_answers_of_an_empty_workbook(settings_given: dict[str, str], good: bool) -> None:
    if good:
        assert facts_of_template("MN_AM003", "02.0", "MPS", settings_given)
        return
    with pytest.raises(Refused) as refused:
        facts_of_template("MN_AM003", "02.0", "MPS", settings_given)
    assert refused.value.code == "template_index_not_understood"


def test_too_many_labels_together_are_refused() -> None:
    many = ",".join(str(n) for n in range(23))
    with pytest.raises(Refused) as refused:
        facts_of_template("PH_AM004", "01.0", "MPS", {"s": many, "st": many})
    assert refused.value.code == "spreadsheet_too_large"


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        facts_of_template("MN_AM003", "", "XLS")
    assert refused.value.code == "unknown_spreadsheet_kind"


HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x","y")', "http://example.org",
           "{=1}", "\x00\x07text", "a" * 40_000, "]]><x>&\"'", "😀")  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: repr(words)[:20])
def test_words_of_people_stay_words(words: str) -> None:
    case = first_cases()[0]
    result = case.calculate(METHODOLOGIES[case.methodology])
    row = next(rows_of([(PERIOD, result)], True))
    notes = {("", row.parameter.name, key_text(row.key)): Note(words, words, words, words)}
    book = lay_out(Facts("MRS", words, ((PERIOD, result),), notes=notes, people=((words, words),)))
    data = write_spreadsheet(book)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        names = archive.namelist()
    formulas = re.findall(r"<f>([^<]*)</f>", sheet)
    assert sorted(formulas) == sorted(
        one.formula.replace("&", "&amp;").replace('"', "&quot;").replace("&quot;", '"').replace(">", "&gt;")
        for one in book.sheets[0].cells.values() if one.formula
    )  # fmt: skip
    assert not [name for name in names if "rels" in name and "sheet" in name]
    assert "S11" not in {one.rule for one in check_spreadsheet(data, "book.xlsx").findings}


def test_long_words_are_cut_where_one_can_see_it() -> None:
    assert shortened("a" * MAX_TEXT) == "a" * MAX_TEXT
    assert shortened("a" * (MAX_TEXT + 1)).endswith("…") and len(shortened("a" * 9999)) == MAX_TEXT


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openjcm.reports.spreadsheet_layout.MAX_ROWS", 20)
    with pytest.raises(Refused) as refused:
        book_of(first_cases()[0])
    assert refused.value.code == TOO_MANY_ROWS.code


def test_a_number_that_no_worksheet_holds_is_refused() -> None:
    inputs = {"EG_i_p": Given({"1": "1e301"}, "MWh", SOURCE), "CASE_i": Given({"1": "national_grid"}, source=SOURCE)}
    result = calculate(METHODOLOGIES["MN_AM003"], "02.0", inputs)
    with pytest.raises(Refused) as refused:
        write_spreadsheet(lay_out(Facts("MRS", "", ((PERIOD, result),))))
    assert refused.value.code == "spreadsheet_number_too_large"


# Texts of formulas ----------------------------------------------------------------------------------------------------

ARITHMETIC = Formulas(lambda at, term: 1)
A, B = (Term(name, 4, Fraction(value), Fraction(value)) for name, value in (("A1", 3), ("B1", 2)))


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda: ARITHMETIC.combine("-", A, ARITHMETIC.combine("-", A, B)), "A1-(A1-B1)"),
        (lambda: ARITHMETIC.combine("-", ARITHMETIC.combine("-", A, B), B), "A1-B1-B1"),
        (lambda: ARITHMETIC.combine("*", ARITHMETIC.combine("+", A, B), B), "(A1+B1)*B1"),
        (lambda: ARITHMETIC.combine("/", A, ARITHMETIC.combine("*", A, B)), "A1/(A1*B1)"),
        (lambda: ARITHMETIC.combine("^", ARITHMETIC.combine("^", A, B), B), "(A1^B1)^B1"),
        (lambda: ARITHMETIC.combine("^", A, ARITHMETIC.combine("^", A, B)), "A1^(A1^B1)"),
        (lambda: ARITHMETIC.combine("+", A, literal(Fraction(-2))), "A1+(-2)"),
        (lambda: ARITHMETIC.number(Number(Fraction(11, 7), "44/28")), "(44/28)"),
        (lambda: ARITHMETIC.number(Number(Fraction(1, 3), "one third")), "(1/3)"),
        (lambda: ARITHMETIC.scale(A, Fraction(1, 1000)), "A1/1000"),
        (lambda: ARITHMETIC.scale(A, Fraction(1000)), "A1*1000"),
        (lambda: ARITHMETIC.scale(A, Fraction(36, 10)), "A1/5*18"),
        (lambda: ARITHMETIC.function("max", (A, literal(Fraction(0)))), "MAX(A1,0)"),
        (lambda: ARITHMETIC.function("exp", (literal(Fraction(-1)),)), "EXP((-1))"),
    ],
)  # fmt: skip
def test_brackets_stand_where_they_are_needed(made: object, text: str) -> None:
    assert callable(made)
    assert made().text == text


def test_a_cell_is_a_value() -> None:
    assert Cell("a", "text") == Cell("a", "text")
    assert written(first_cases()[0])[:2] == b"PK"
