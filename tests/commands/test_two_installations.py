"""Two governments, two processes, two databases, two data folders, and real HTTP between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from installations import Installation, wait_for


@pytest.fixture
def both(tmp_path: Path, openjcm_command: list[str]) -> Iterator[tuple[Installation, Installation]]:
    """Japan's and Mongolia's installations, serving, each knowing the other."""
    japan = Installation("JPN", tmp_path / "japan", openjcm_command)
    mongolia = Installation("MNG", tmp_path / "mongolia", openjcm_command)
    japan.start()
    mongolia.start()
    try:
        for one in (japan, mongolia):
            one.ready()
            one.open_own()
        japan.knows(mongolia)
        mongolia.knows(japan)
        yield japan, mongolia
    finally:
        for one in (japan, mongolia):
            one.stop()


def test_two_governments(both: tuple[Installation, Installation]) -> None:
    japan, mongolia = both
    for one in both:
        one.decide("D1", "2025-01-10", 40, 10)
        one.done("issue", "2025-01-20", decision_id="D1", side=one.party)
        one.authorize()
    wait_for(lambda: japan.received() == 3 and mongolia.received() == 4)
    refused = japan.act("issue", "2025-01-20", decision_id="D1", side="MNG")
    assert refused["code"] == "registry_kept_elsewhere"

    mongolia.stop()  # away for a while
    japan.done("retire", "2025-04-01", blocks=["JCM-JP-MN901-2022-1-7"], retirement_account="JPN/retirement",
               used_for_year=2030, purpose="ndc")  # fmt: skip
    wait_for(lambda: japan.sql("select attempts from notice_delivery")[0][0] > 0)
    assert "partner_unreachable" in japan.run("notices", "send", code=1)
    mongolia.start()
    mongolia.ready()
    japan.sql("update notice_delivery set next_attempt_at = null")  # nobody waits for the end of a pause in a test
    wait_for(lambda: mongolia.received() == 5, 60)
    state = "select state, purpose, upper(serials) - lower(serials) from mirror_holding order by serials"
    assert mongolia.sql(state) == [("retired", "ndc 2030", 7), ("held", "", 33)]

    japan.sql("update notice_delivery set acknowledged = 0")  # as if every answer had been lost
    wait_for(lambda: japan.sql("select acknowledged from notice_delivery")[0][0] == 5)
    assert mongolia.received() == 5

    line = japan.lines(mongolia)[4]
    assert mongolia.deliver([line[:-8] + "AAAAAAAA"])["results"][0]["status"] == "refused"
    assert mongolia.deliver([line])["results"][0]["status"] == "already_known"

    assert japan.reconcile(mongolia)["agrees"]
    japan.tamper("holding", "update holding set since = '2025-04-02' where since = '2025-04-01'")
    said = japan.run("reconcile", mongolia.name, code=1)
    assert "JCM-JP-MN901-2022-1-7 (7 t): day" in said and "Held back from international acts" in said
    assert japan.sql("select scope, lower(serials), upper(serials) from block_hold") == [("international", 1, 8)]
    japan.done("transfer", "2025-07-01", blocks=["JCM-JP-MN901-2022-8-9"], target_account="JPN/company")
    japan.tamper("holding", "update holding set since = '2025-04-01' where since = '2025-04-02'")
    assert japan.reconcile(mongolia)["agrees"]
    assert japan.sql("select count(*) from block_hold where released_entry_no is null") == [(0,)]
    for one in both:
        assert one.audit() == []
        for path in ("", "registries", "issuances", "projects/MN901", "log"):
            assert one.status(f"/en/{path}") == 200, path
