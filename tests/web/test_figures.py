"""Figures on the pages are those of the record, with their grades; what nobody knows is worded and never zero."""

from __future__ import annotations

import re
from html import unescape

import pytest
from fastapi.testclient import TestClient

from openjcm.world import public_record


def words(client: TestClient, path: str) -> str:
    """The text of a page without its markup."""
    body = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", client.get(path).text)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def test_home_shows_the_key_figures(client: TestClient) -> None:
    text = words(client, "/en/")
    known = sum(one.total for one in public_record.decisions() if one.total is not None)
    assert "817,247 tCO2" in text
    assert f"{known:,} tCO2" in text
    assert "94 of 147" in text
    assert "31 countries" in text
    assert "Issued 0.82 Mt" in text
    assert "from Mongolia in 2013 to India in 2025" in text


def test_home_in_japanese_shows_the_same(client: TestClient) -> None:
    text = words(client, "/ja/")
    assert "817,247 tCO2" in text
    assert "31 か国" in text
    assert "2013年のモンゴルから2025年のインドまで" in text


def test_public_figures_leave_the_demonstration_out(client: TestClient) -> None:
    for path in ("/en/", "/en/projects", "/en/issuances"):
        assert "XD001" not in re.sub(r"(?s)(The demonstration project|Demonstration).*", "", words(client, path))
    assert client.get("/api/v1/projects?q=XD001").json()["count"] == 0


def test_the_chart_by_year_counts_unknown_decisions_and_says_so(client: TestClient) -> None:
    page = client.get("/en/").text
    title = re.search(r"<title[^>]*>(Tonnes the Joint Committees.*?)</title>", page)
    assert title
    unknown = sum(int(one) for one in re.findall(r"decisions of unknown amount: (\d+)", title[1]))
    assert unknown == sum(one.total is None for one in public_record.decisions())
    assert page.count('stroke-dasharray="2 1.6"') == unknown
    assert "2021: none on record." in title[1]


def test_a_project_shows_what_is_missing(client: TestClient) -> None:
    text = words(client, "/en/projects/TH014")
    assert "2,017 tCO2" in text
    assert "1,009 t reached Japan" in text
    assert "JCM-TH-JP-2018-3026-01401" in text
    assert "Whether these credits were used was looked for and not found" in text
    assert "Cannot tell" in text


def test_conflicts_are_shown_with_both_sources(client: TestClient) -> None:
    text = words(client, "/en/projects/MN007")
    assert "Sources disagree on" in text
    assert "only credits of a registered project can be issued" in text
    assert "Validation" in text
    assert "2.1 MW" in words(client, "/ja/projects/MN003")


def test_unknown_amounts_are_words_and_never_zero(client: TestClient) -> None:
    rows = re.findall(r'(?s)<tr role="row" id="PW001-2025-07-26">(.*?)</tr>', client.get("/en/issuances").text)
    assert len(rows) == 1
    assert rows[0].count("ev-u") == 3
    assert ">0<" not in rows[0]


def test_zero_is_shown_as_zero(client: TestClient) -> None:
    rows = re.findall(r'(?s)<tr role="row" id="MN005-2019-05-17">(.*?)</tr>', client.get("/en/issuances").text)
    assert '<span class="num">0</span>' in rows[0]
    assert "nothing due" in rows[0]


def test_the_waterfall_credits_the_bridged_gap_and_draws_it_so(client: TestClient) -> None:
    page = client.get("/en/explain/JCM-JP-XD001-2022-4").text
    title = re.search(r"<title[^>]*>(Waterfall.*?)</title>", page)
    assert title
    for figure in ("Bridged XD001-M2 45.102", "Exact 60.322", "Rounding −0.322", "Verified 60"):
        assert figure in title[1]
    assert 'class="f-jps dash"' in page


def test_a_period_shows_how_far_the_errors_on_record_reach(client: TestClient) -> None:
    text = client.get("/en/projects/XD001/periods/2022-03-06").text
    _, _, section = text.partition('id="uncertainty"')
    assert "60.322 tCO2e ± 0.316 tCO2e" in section
    assert text.index("± 0.316") < text.index('id="uncertainty"'), "as a key figure too"
    assert section.index("EG_i_p[2]") < section.index("EG_i_p[1]"), "the largest share first"


def test_an_explained_tonne_says_how_we_know(client: TestClient) -> None:
    text = words(client, "/en/explain/JCM-JP-XD001-2022-4")
    assert "Yes Recomputed" in text
    assert "No Every hour measured" in text
    assert "Cannot tell Factor 0.797 read in the official text" in text
    assert "Yes In the log" in text
    assert "For the target year 2030" in text


def test_a_real_tonne_is_dashed_from_where_the_record_ends(client: TestClient) -> None:
    page = client.get("/ja/explain/JCM-JP-TH014-2021-1").text
    assert page.count('<li class="q">') == 5
    assert "報告書は公開されていません" in page
    assert "出典が正しいことの証明ではありません" in page


def test_formulas_are_typeset_from_the_code(client: TestClient) -> None:
    page = client.get("/en/methodologies/MN_AM003").text
    assert "<math" in page
    assert "0.797" in page
    assert "Results are provisional" in page


def test_methodologies_are_counted_and_found(client: TestClient) -> None:
    on_file = len(client.get("/api/v1/methodologies").json())
    running = len(client.get("/api/v1/methodologies?runs=yes").json())
    assert f"{on_file} methodologies are on file; {running} of them can be calculated here." in words(
        client, "/en/methodologies"
    )
    assert "Macro" not in client.get("/ja/methodologies").text
    found = client.get("/en/methodologies?q=loom&runs=yes").text
    assert "ID_AM011" in found
    assert "MN_AM003" not in found
    assert client.get("/api/v1/methodologies/BD_AM002").json()["title"]["en"] is None
    assert client.get("/api/v1/methodologies/ZZ_AM999").status_code == 404


def test_two_versions_stand_side_by_side(client: TestClient) -> None:
    page = client.get("/en/methodologies/MN_AM003/diff?a=02.0&b=03.0").text
    assert "0.797 tCO2e/MWh (secondary)" in page
    assert "value_not_read" in page
    assert "0.999" in client.get("/en/methodologies/MN_AM003/diff?a=02.0&b=02.0").text, "no tonne is rounded up"
    for wrong in ("MN_AM003/diff?a=09.9", "ZZ_AM999/diff", "MN_AM003/diff?other=..%2Fdraft.py"):
        assert client.get(f"/en/methodologies/{wrong}").status_code == 404


@pytest.mark.parametrize(
    ("day", "count"), [("2015-06-06", 14), ("2022-12-31", 25), ("2024-03-01", 29), ("2026-01-14", 31)]
)
def test_rules_count_the_partners_of_a_day(client: TestClient, day: str, count: int) -> None:
    assert f"{count} partner countries" in words(client, f"/en/rules?on={day}")


def test_each_key_figure_has_a_provenance_line(client: TestClient) -> None:
    for path in ("/en/", "/en/projects", "/en/projects/MN004", "/en/issuances", "/en/registries/JPN"):
        page = client.get(path).text
        figures = re.findall(r'(?s)<dl class="kf.*?</dl>', page)
        assert figures
        for block in figures:
            assert block.count("<dt>") == block.count('class="prov p"')
            assert block.count("<dt>") <= block.count('class="ev ') + block.count("none on record")
