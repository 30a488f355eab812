"""Two books compared: they agree, one is behind, or they contradict each other, and then what differs is held back."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from openjcm.commands.courier import known_partner
from openjcm.commands.statements_of_books import answer_request, compare_statement, report_of, statement_for
from openjcm.refusals import Refused
from openjcm.registry.reconciliation import STATEMENT_REQUEST, StatementRequest, read_statement, sign_request
from two_offices import Side, story


@pytest.fixture
def sides(sides: tuple[Side, Side]) -> tuple[Side, Side]:
    """The two installations after the story, all notices brought."""
    japan, mongolia = sides
    story(japan, mongolia)
    japan.send(mongolia)
    mongolia.send(japan)
    return sides


def statement(of: Side, to: Side, on: date | None = None) -> bytes:
    return statement_for(of.office, known_partner(of.office, to.name), on)


def reconcile(here: Side, there: Side, on: date | None = None, data: bytes | None = None) -> dict[str, Any]:
    """The report of ``here`` on the statement of ``there``, with what was held and released."""
    receipt = compare_statement(here.office, there.name, data or statement(there, here, on), on, "trial")
    report: dict[str, Any] = json.loads(report_of(here.office, receipt.outcome["report_sha256"]))
    return report | {"held": receipt.outcome["held"], "released": receipt.outcome["released"]}


def later(side: Side) -> None:
    """The least time passes; statements differ all the same, so no answer to one is taken for that to another."""
    from datetime import timedelta

    now = side.office.clock() + timedelta(microseconds=1)
    side.office.clock = lambda: now


def tamper(side: Side, table: str, statement: str) -> None:
    """What an administrator of the database can do."""
    with side.office.transaction() as connection:
        connection.execute(f"alter table {table} disable trigger user".encode())
        connection.execute(statement.encode())
        connection.execute(f"alter table {table} enable trigger user".encode())


def test_the_books_agree(sides: tuple[Side, Side]) -> None:
    japan, mongolia = sides
    for here, there in (sides, sides[::-1]):
        report = reconcile(here, there)
        assert report["agrees"] and report["named"] == [] and report["held"] == []
        assert here.clean()
    lines = read_statement(statement(japan, mongolia)).lines
    assert lines == (
        "b\tJP-MN901-2022\t1\t7\tJPN\tretired\t2025-04-01\tndc 2030",
        "b\tJP-MN901-2022\t8\t40\tJPN\theld\t2025-01-20\t",
        "d\tD1\t50\t\\N\tMN901\tJPN=40,MNG=10\t2025-01-10\t",
        "m\tMN-MN901-2022\t1\t3\tMNG\theld\t2025-01-20\t",
        "m\tMN-MN901-2022\t4\t6\tMNG\tcancelled\t2025-05-01\toimp",
        "m\tMN-MN901-2022\t7\t10\tMNG\theld\t2025-01-20\t",
    ), "transfers inside a registry leave no trace"


def test_as_of_a_day(sides: tuple[Side, Side]) -> None:
    japan, mongolia = sides
    for day in (date(2025, 1, 15), date(2025, 3, 1), date(2025, 4, 10), date(2025, 12, 31)):
        assert reconcile(japan, mongolia, day)["agrees"], day
    lines = read_statement(statement(japan, mongolia, date(2025, 3, 1))).lines
    assert lines[0] == "b\tJP-MN901-2022\t1\t40\tJPN\theld\t2025-01-20\t"
    now, then = (read_statement(statement(japan, mongolia, day)).lines for day in (None, date(2026, 1, 1)))
    assert now == then


def test_a_side_that_is_behind_is_named_and_nothing_is_blocked(sides: tuple[Side, Side]) -> None:
    japan, mongolia = sides
    japan.do(
        "cancel", "2025-06-01", blocks=["JCM-JP-MN901-2022-21-22"], cancellation_account="JPN/cancellation",
        purpose="other", reason="r",
    )  # fmt: skip
    [found] = reconcile(japan, mongolia)["named"]
    assert (found["block"], found["behind"], found["under_way"]) == ("JCM-JP-MN901-2022-21-22", "there", True)
    assert (found["here"]["state"], found["there"]["state"]) == ("cancelled", "held")
    report = reconcile(mongolia, japan)
    assert report["agrees"] and report["under_way"] == 1 and report["named"][0]["behind"] == "here"
    old = statement(mongolia, japan)
    later(mongolia)
    mongolia.do(
        "cancel", "2025-06-01", blocks=["JCM-MN-MN901-2022-1"], cancellation_account="MNG/cancellation",
        purpose="other", reason="r",
    )  # fmt: skip
    japan.send(mongolia)
    mongolia.send(japan)
    report = reconcile(japan, mongolia, data=old)
    assert report["agrees"] and {one["behind"] for one in report["named"]} == {"there"}
    later(mongolia)
    assert reconcile(japan, mongolia)["named"] == []


def test_a_difference_is_named_blocked_and_healed(sides: tuple[Side, Side]) -> None:
    japan, mongolia = sides
    tamper(mongolia, "mirror_holding", "update mirror_holding set since = '2025-04-02', purpose = 'ndc 2031'"
           " where state = 'retired'")  # fmt: skip
    tamper(japan, "holding", "update holding set serials = int8range(lower(serials), 38) where upper(serials) = 41")
    report = reconcile(japan, mongolia)
    assert not report["agrees"] and (report["differences"], report["tonnes"]) == (2, 10)
    retired, lost = report["named"]
    assert (retired["block"], retired["fields"], retired["behind"]) == (
        "JCM-JP-MN901-2022-1-7", ["day", "purpose"], "",
    )  # fmt: skip
    assert (lost["block"], lost["fields"], lost["here"], lost["vintage"]) == (
        "JCM-JP-MN901-2022-38-40", ["range"], None, "2022",
    )  # fmt: skip
    assert report["held"] == ["JCM-JP-MN901-2022-1-7"]
    holds = japan.all("select scope, ground, lower(serials), upper(serials) from block_hold")
    assert holds == [("international", "difference", 1, 8)]
    japan.do("transfer", "2025-07-01", blocks=["JCM-JP-MN901-2022-8-9"], target_account="JPN/trader")

    tamper(mongolia, "mirror_holding", "update mirror_holding set since = '2025-04-01', purpose = 'ndc 2030'"
           " where state = 'retired'")  # fmt: skip
    tamper(japan, "holding", "update holding set serials = int8range(lower(serials), 41) where upper(serials) = 38")
    later(mongolia)
    report = reconcile(japan, mongolia)
    assert report["agrees"] and report["held"] == [] and len(report["released"]) == 1
    assert japan.one("select count(*) from block_hold where released_entry_no is null") == 0
    assert japan.clean() and mongolia.clean()


def test_a_decision_that_one_side_lacks_or_tells_otherwise(sides: tuple[Side, Side]) -> None:
    japan, mongolia = sides
    japan.decide_own("D2", "2025-05-10", 5, 5, vintage="2023")
    japan.do("issue", "2025-05-20", decision_id="D2", side="JPN")
    assert reconcile(japan, mongolia)["agrees"], "the notice is under way"
    japan.send(mongolia)
    later(mongolia)
    report = reconcile(japan, mongolia)
    [found] = report["named"]
    assert (found["decision"], found["fields"], found["behind"]) == ("D2", ["decision"], "there")
    assert report["held"] == ["JCM-JP-MN901-2023-1-5"]
    mongolia.decide_own("D2", "2025-05-11", 5, 5, vintage="2023")
    mongolia.send(japan)
    later(mongolia)
    [found] = reconcile(japan, mongolia)["named"]
    assert "2025-05-10" in found["here"] and "2025-05-11" in found["there"] and found["behind"] == ""
    assert japan.one("select count(distinct hold_id) from block_hold where released_entry_no is null") == 1
    assert japan.clean()


def test_a_history_that_was_changed_is_shouted(sides: tuple[Side, Side]) -> None:
    japan, mongolia = sides
    tamper(japan, "notice_out", "update notice_out set sha256 = repeat('9', 64) where sequence = 5")
    report = reconcile(japan, mongolia)
    assert [one["fields"] for one in report["named"]] == [["notices"]]


def test_whose_statement_it_is(sides: tuple[Side, Side]) -> None:
    japan, mongolia = sides

    def refused(data: bytes, **more: Any) -> str:
        with pytest.raises(Refused) as caught:
            compare_statement(japan.office, more.get("name", mongolia.name), data, more.get("on"), "trial")
        return caught.value.code

    good = statement(mongolia, japan)
    assert refused(good, on=date(2025, 1, 1)) == "statement_not_of_partner"
    assert refused(statement(japan, mongolia)) == "statement_not_of_partner"
    assert refused(good, name="x") == "unknown_partner"
    head, _, body = good.partition(b"\n")
    for wrong in (b"", head, head + b"\n" + body[:-1], good.replace(b"\t10\t", b"\t11\t", 1), b"\xff\n", body):
        assert refused(wrong) == "statement_not_understood"
    compare_statement(japan.office, mongolia.name, good, None, "trial")
    assert compare_statement(japan.office, mongolia.name, good, None, "trial").replayed
    japan.refused("already_on_record", "reconcile", "2025-06-01", partner=mongolia.name,
                  statement_sha256=japan.one("select statement_sha256 from reconciliation"))  # fmt: skip


def test_who_may_ask_for_a_statement(sides: tuple[Side, Side]) -> None:
    japan, mongolia = sides

    def asked(key: Any, **more: Any) -> str:
        fields = {"format": STATEMENT_REQUEST, "sender": mongolia.name, "recipient": japan.name, "on": None,
                  "made_at": japan.office.clock().isoformat()} | more  # fmt: skip
        try:
            answer_request(japan.office, sign_request(StatementRequest(**fields), key))
        except Refused as refused:
            return refused.code
        return ""

    ours, theirs = japan.office.notice_key, mongolia.office.notice_key
    assert asked(theirs) == ""
    assert asked(ours) == "statement_not_of_partner"
    assert asked(theirs, recipient="x") == "statement_not_of_partner"
    assert asked(theirs, made_at="2026-11-01T00:00:00+00:00") == "statement_not_of_partner"
    assert asked(theirs, made_at="2026-11-21") == "statement_not_of_partner"
    assert asked(theirs, sender="x") == "unknown_partner"
    assert asked(theirs, on="2025-02-30") == "statement_not_understood"
    with pytest.raises(Refused, match="statement_not_understood"):
        answer_request(japan.office, "a.b.c")


def over_the_wire(monkeypatch: pytest.MonkeyPatch, *offices: Side) -> None:
    """Deliveries and requests go straight to the other office, as they would over HTTP."""
    import io

    from openjcm.commands import courier, statements_of_books

    by_name = {side.name: side.office for side in offices}

    def post(partner: Any, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = courier.take(by_name[partner.partner], body["notices"])
        return {"results": [one.as_data() for one in answer.results], "acknowledgement": answer.acknowledgement}

    def opened(partner: Any, path: str, body: dict[str, Any]) -> Any:
        return io.BytesIO(answer_request(by_name[partner.partner], body["request"]))

    monkeypatch.setattr(courier, "post", post)
    monkeypatch.setattr(statements_of_books, "open_address", opened)


def test_the_rounds_deliver_and_compare_once_a_day(
    sides: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from datetime import timedelta

    from openjcm.commands.rounds import Rounds

    japan, mongolia = sides
    over_the_wire(monkeypatch, japan, mongolia)
    japan.knows(mongolia, address="https://mongolia.example")
    japan.do(
        "cancel", "2025-06-01", blocks=["JCM-JP-MN901-2022-21-22"], cancellation_account="JPN/cancellation",
        purpose="other", reason="r",
    )  # fmt: skip
    rounds = Rounds(lambda: japan.office, 0)
    for _ in range(3):
        rounds._round(japan.office)
    assert japan.one("select acknowledged from notice_delivery") == 6
    assert japan.all("select differences, under_way from reconciliation") == [(0, 0)]
    tomorrow = japan.office.clock() + timedelta(days=1)
    japan.office.clock = lambda: tomorrow
    rounds._round(japan.office)
    assert japan.one("select count(*) from reconciliation") == 1, "asked again an hour later, and no sooner"
    rounds._asked_again.clear()
    rounds._round(japan.office)
    assert "statement_not_of_partner" in caplog.text, "a request of another day is not answered"
    mongolia.office.clock = japan.office.clock
    rounds._asked_again.clear()
    rounds._round(japan.office)
    assert japan.one("select count(*) from reconciliation") == 2
    rounds.close()


def test_the_command_line(
    sides: tuple[Side, Side], second_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from openjcm.cli_parts import notices
    from openjcm.cli_parts import reconcile as part

    japan, mongolia = sides
    monkeypatch.setenv("OPENJCM_DATABASE_URL", second_database_url)
    monkeypatch.setenv("OPENJCM_DATA", str(tmp_path / "mongolia"))
    monkeypatch.setenv("OPENJCM_LANGUAGE", "en")

    def said(app: Any, *words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, list(words))
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    assert said(notices.app, "key").strip() == mongolia.key
    table = json.loads(said(notices.app, "status", "--json-output"))
    assert [(one["partner"], one["sent"], one["left"], one["received"]) for one in table] == [(japan.name, 4, 0, 5)]
    assert japan.name in said(notices.app, "status")
    assert said(notices.app, "send") == "", "this partner is told by files"
    stick = tmp_path / "stick"
    assert "0 notices written" in said(notices.app, "export", japan.name, str(stick))
    (stick / "x.notices.txt").write_text("x")
    assert "notice_not_understood" in said(notices.app, "import", str(stick), code=1)

    statement_of_japan, ours = tmp_path / "japan.txt", tmp_path / "ours.txt"
    statement_of_japan.write_bytes(statement(japan, mongolia))
    said(part.app, japan.name, "--write", str(ours))
    assert read_statement(ours.read_bytes()).head.sender == mongolia.name
    assert "The books agree" in said(part.app, japan.name, "--statement", str(statement_of_japan))
    later(japan)
    tamper(mongolia, "holding", "update holding set since = since + 1 where since = '2025-05-01'")
    statement_of_japan.write_bytes(statement(japan, mongolia))
    told = said(part.app, japan.name, "--statement", str(statement_of_japan), code=1)
    assert "our book: JCM-MN-MN901-2022-4-6 (3 t): day: here MNG cancelled 2025-05-02 oimp" in told
    assert "Held back from international acts: JCM-MN-MN901-2022-4-6" in told
