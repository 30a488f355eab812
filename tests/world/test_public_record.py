"""The public record as planned acts: grades, conflicts, unknowns, sums, order. No database."""

from collections import Counter, defaultdict
from datetime import date
from typing import Any

import pytest

from openjcm.dated import Grade
from openjcm.world import public_record, tables


def said(kind: str, subject: str, field: str) -> list[tuple[Any, str]]:
    statements = public_record.statements_by_subject()[kind, subject]
    return [(item["value"], item["grade"]) for item in statements if item["field"] == field]


def test_every_subject_is_stated() -> None:
    counts = Counter(kind for kind, _ in public_record.statements_by_subject())
    assert counts["project"] == 147
    assert counts["issuance"] == 33 + 1  # the Mongolian decision of 2026 stands in no row of the table
    assert counts["adoption"] == 227
    assert counts["itmo_transfer"] == 4


def test_every_statement_has_a_source_and_unknown_has_no_value() -> None:
    for subject, statements in public_record.statements_by_subject().items():
        for item in statements:
            assert item["source"].strip(), subject
            assert (item["value"] is None) == (item["grade"] == Grade.UNKNOWN), (subject, item)


def test_a_scraped_page_is_secondary_and_an_official_page_is_read() -> None:
    assert public_record.source_grade("https://www.jcm.go.jp/jc/mn-projects-issues (as parsed in x)") is Grade.SECONDARY
    assert public_record.source_grade("https://www.jcm.go.jp/jc/pw-jc-decisions") is Grade.READ
    assert public_record.source_grade("METI JCM slides 2026-01-14 (METI 2026-01-14)") is Grade.READ
    assert public_record.source_grade("METI JCM slides 2026-01-14 ; https://ep-commons.com/?p=5890") is Grade.SECONDARY
    assert public_record.source_grade("https://tenbou.nies.go.jp/news/jnews/detail.php?i=18897") is Grade.SECONDARY


def test_derived_figures_are_inferred() -> None:
    assert said("issuance", "MN004-2025-03-27", "total") == [(44817, "inferred")]
    assert said("issuance", "MN004-2025-03-27", "japan_side") == [(35854, "secondary")]
    assert said("issuance", "MN002-2018-11-06", "host_side") == [(42, "inferred")]
    assert said("issuance", "MN001-2018-11-06", "total") == [(118, "secondary"), (118, "read")]


def test_what_a_row_calls_inferred_is_inferred() -> None:
    """Which four projects, and the year in which VN001's period began, are no words of the sources."""
    four = "ID001+ID004+ID005+ID006"
    (subject,) = (row.subject for row in tables.issuances() if row.reference == four)
    assert said("issuance", subject, "projects") == [(four, "inferred")]
    assert said("issuance", subject, "total") == [(705, "secondary")]
    assert said("issuance", "VN001-2017-10-10", "monitoring_start") == [("2015-08-01", "inferred")]
    assert said("issuance", "VN001-2017-10-10", "monitoring_end") == [("2016-06-30", "secondary")]


def test_unknown_amounts_stay_unknown() -> None:
    assert said("issuance", "PW001-2025-07-26", "total") == [(None, "unknown")]
    assert said("itmo_transfer", "MNG-2026-07-06", "quantity_by_project") == [(None, "unknown")]
    assert said("project", "BD001", "location") == [(None, "unknown")]


def test_conflicts_are_kept() -> None:
    conflicts = {(kind, subject, field): values for kind, subject, field, values in public_record.conflicts()}
    assert conflicts == {
        ("project", "MN003", "title"): (
            "Installation of 12.7 MW Solar Power Plant for Power Supply In Ulaanbaatar Suburb",
            "Installation of 2.1 MW Solar Power Plant for Power Supply In Ulaanbaatar Suburb",
        ),
        ("project", "MN007", "status"): ("Validation", "Project registered"),
        ("project", "TH001", "estimated_tco2e_per_year"): (440, 491),
        ("issuance", "TH001-2018-04", "japan_government"): (150, 151),
        ("issuance", "MV002-2025-12-16", "issued_on_japan"): ("2025-12-16", "2025-12-17"),
        ("itmo_transfer", "MV002-2025-12-16", "transferred_on"): ("2025-12-16", "2025-12-17"),
        ("mechanism", "MEX", "signed"): ("2014-07-25", "2014-07-26"),
        ("mechanism", "LKA", "signed"): ("2022-10-10", "2022-10-11"),
    }


def test_the_ministrys_day_is_preferred_to_the_secondary_list() -> None:
    assert public_record.best_known("issuance", "MV002-2025-12-16", "issued_on_japan") == ("2025-12-16", Grade.READ)
    assert public_record.best_known("issuance", "PW001-2025-07-26", "total") is None


def test_mongolian_totals() -> None:
    totals: dict[str, int] = defaultdict(int)
    for decision in public_record.decisions():
        if decision.host_party == "MNG" and len(decision.projects) == 1:
            assert decision.total is not None
            totals[decision.projects[0]] += decision.total
    assert totals == {"MN001": 307, "MN002": 637, "MN003": 44_299, "MN004": 53_764, "MN005": 1, "MN006": 30_312}


def test_sums_over_projects_agree_with_their_parts() -> None:
    """The aggregate rows are independent voices: the ministries' press pages against the registries' table."""
    rows = {row.subject: row for row in tables.issuances()}
    first = [rows["MN001-2016-09-29"], rows["MN002-2016-09-29"]]
    together = rows["MN001+MN002-2016-09-29"]
    assert sum(row.total or 0 for row in first) == together.total == 157
    assert sum(row.japan_side or 0 for row in first) == together.japan_side == 125
    second = [rows[f"{name}-2018-11-06"] for name in ("MN001", "MN002", "MN003")]
    assert sum(row.total or 0 for row in second) == rows["MN001+MN002+MN003-2018-11-06"].total == 9_206


def test_at_least_half_went_to_the_government_of_japan() -> None:
    """The scheme's rule (mofa.go.jp page22_002709): one half or more, wherever both figures are known."""
    known = [row for row in tables.issuances() if row.total and row.japan_government]
    assert len(known) == 11
    for row in known:
        assert row.total is not None
        assert row.japan_government is not None
        assert 2 * row.japan_government >= row.total, row.subject


def test_known_sides_sum_to_the_total() -> None:
    for decision in public_record.decisions():
        if decision.total is not None and decision.host_amount is not None and decision.japan_amount is not None:
            assert decision.host_amount + decision.japan_amount == decision.total, decision.decision_id


def test_sums_over_projects_are_never_replayed() -> None:
    aggregates = {row.subject for row in tables.issuances() if row.is_aggregate}
    replayed = {decision.decision_id for decision in public_record.decisions()}
    assert not aggregates & replayed
    assert len(replayed) == 26
    assert "TH001-2018-04" not in replayed, "the day of that decision is not known"


def test_shares_sum_to_their_side() -> None:
    for decision in public_record.decisions():
        for side in public_record.decision_request(decision)["sides"]:
            assert sum(share["quantity"] for share in side["shares"]) == (side["amount"] or 0)


def test_holders_of_parts_that_are_not_stated() -> None:
    requests = {item.decision_id: public_record.decision_request(item) for item in public_record.decisions()}

    def shares(decision_id: str, side: int) -> dict[str, int]:
        return {s["account_id"]: s["quantity"] for s in requests[decision_id]["sides"][side]["shares"]}

    assert shares("MN001-2018-11-06", 1) == {"JPN/government": 82, "JPN/holder-not-stated": 12}
    assert shares("MN003-2022-02-08", 1) == {"JPN/government": 21_251, "JPN/holder-not-stated": 7_084}
    assert shares("MN004-2025-03-27", 0) == {"MNG/holder-not-stated": 8_963}
    assert shares("TH014-2025-10-30", 1) == {"JPN/government": 1_009}
    assert shares("MN005-2019-05-17", 1) == {}


def test_only_what_has_an_amount_and_a_day_is_issued() -> None:
    issued = {(act.request["decision_id"], act.request["side"]) for act in public_record.replay() if act.act == "issue"}
    assert ("MN006-2026-01-24", "JPN") in issued
    assert ("MN006-2026-01-24", "MNG") not in issued, "notified, not yet issued"
    assert ("MN005-2019-05-17", "JPN") not in issued, "Japan's side is zero"
    assert ("VN001-2017-10-10", "JPN") not in issued, "amount of the side and day not known"
    assert ("MN001-2018-11-06", "MNG") not in issued, "day not known"
    assert len(issued) == 25


@pytest.mark.parametrize(
    ("start", "end", "vintage"),
    [
        (date(2017, 1, 1), date(2017, 7, 31), "2017"),
        (date(2017, 8, 1), date(2020, 12, 31), "2017to2020"),
        (None, None, "unknown"),
        (date(2017, 1, 1), None, "unknown"),
    ],
)
def test_vintages(start: date | None, end: date | None, vintage: str) -> None:
    assert public_record.vintage_text(start, end) == vintage


def test_a_vintage_that_can_only_be_inferred_says_so() -> None:
    """MN002's second period was not seen; it lies between its neighbours and before its decision."""
    assert said("issuance", "MN002-2018-11-06", "vintage") == [("2016to2018", "inferred")]
    vintages = {item.decision_id: item.vintage for item in public_record.decisions()}
    assert vintages["MN002-2018-11-06"] == "2016to2018"
    assert vintages[public_record.MONGOLIA_2026] == "unknown"


def test_the_replay_runs_in_the_order_of_history_and_keys_are_unique() -> None:
    acts = public_record.replay()
    days = [act.occurred_on for act in acts]
    assert days == sorted(days)
    keys = [act.key for act in public_record.planned()]
    assert len(keys) == len(set(keys))


def test_planning_twice_gives_the_same() -> None:
    first = public_record.planned()
    public_record.statements_by_subject.cache_clear()
    assert public_record.planned() == first


def test_both_authorizations_cover_what_japan_received_after_2020() -> None:
    acts = [act.request for act in public_record.replay() if act.act == "record_authorization"]
    of_japan = [act for act in acts if act["party"] == "JPN"]
    of_hosts = {act["party"]: act for act in acts if act["party"] != "JPN"}
    assert {act["first_transferring_party"] for act in of_japan} == set(of_hosts) == {"THA", "MDV", "PLW", "MNG"}
    assert {act["grade"] for act in of_japan} == {"inferred"}, "read: the approach. Inferred: the use of these credits"
    assert of_hosts["THA"]["authorization_id"] == "JCM-TH-JP-2018-3026-01401"
    assert {act["grade"] for act in of_hosts.values()} == {"inferred"}, "the day of none of them was found"
    assert all(act["authorization_id"].startswith("not stated") for act in acts if act["party"] != "THA")
