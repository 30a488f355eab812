"""Notices between two installations: written with the acts, taken once and in order, stated in the mirror."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from openjcm.commands.courier import take
from two_offices import JAPAN, MONGOLIA, Side, story


def test_what_is_told_and_stated(sides: tuple[Side, Side]) -> None:
    japan, mongolia = sides
    story(japan, mongolia)
    assert japan.kinds_for(mongolia) == ["decision", "issued", "first_transfer", "authorization", "retired"]
    assert mongolia.kinds_for(japan) == ["decision", "issued", "authorization", "cancelled"]
    assert {one.status for one in japan.send(mongolia).results} == {"accepted"}
    assert {one.status for one in mongolia.send(japan).results} == {"accepted"}
    assert mongolia.mirror_of(japan) == [
        ("JCM-JP-MN901-2022-1-7", "retired", "2025-04-01", "ndc 2030"),
        ("JCM-JP-MN901-2022-8-40", "held", "2025-01-20", ""),
    ]
    assert japan.mirror_of(mongolia) == [
        ("JCM-MN-MN901-2022-1-3", "held", "2025-01-20", ""),
        ("JCM-MN-MN901-2022-4-6", "cancelled", "2025-05-01", "oimp"),
        ("JCM-MN-MN901-2022-7-10", "held", "2025-01-20", ""),
    ]
    assert japan.held("MNG/government") == 0
    assert japan.clean()
    assert mongolia.clean()


def test_a_partner_that_comes_late_is_told_everything(
    database_url: str, second_database_url: str, tmp_path: Path
) -> None:
    japan, mongolia = Side(database_url, tmp_path / "j", "JPN"), Side(second_database_url, tmp_path / "m", "MNG")
    for side in (japan, mongolia):
        side.open_own()
    japan.knows(mongolia, keeps=["THA"])  # then nothing that happens concerns it
    mongolia.knows(japan)
    mongolia.decide_own("D1", "2025-01-10", 40, 10)
    mongolia.do("issue", "2025-01-20", decision_id="D1", side="MNG")
    japan.do("revoke_partner", "2025-02-01", partner=mongolia.name, reason="a mistake")
    japan.refused("unknown_partner", "revoke_partner", "2025-02-01", partner=mongolia.name, reason="again")
    assert japan.kinds_for(mongolia) == []
    with pytest.raises(AssertionError):
        japan.lines_for(mongolia)
    japan.knows(mongolia)
    japan.decide_own("D1", "2025-01-10", 40, 10)
    japan.do("issue", "2025-01-20", decision_id="D1", side="JPN")
    japan.knows(mongolia, our_name="tokyo.example", key="again")  # a further version repeats nothing
    assert japan.kinds_for(mongolia) == ["decision", "issued", "first_transfer"]
    mongolia.send(japan)
    assert japan.clean()
    japan.close()
    mongolia.close()


def test_a_backlog_is_written_when_a_partner_is_registered(
    database_url: str, second_database_url: str, tmp_path: Path
) -> None:
    japan, mongolia = Side(database_url, tmp_path / "j", "JPN"), Side(second_database_url, tmp_path / "m", "MNG")
    japan.market()
    mongolia.open_own()
    assert japan.one("select count(*) from notice_out") == 0
    japan.refused("registry_kept_here", "register_partner", "2025-02-01", partner=mongolia.name, our_name=japan.name,
                  address="files", notice_key=mongolia.key, keeps=["MNG"])  # fmt: skip
    japan.close()
    mongolia.decide_own("D1", "2025-01-10", 0, 10)
    mongolia.do("issue", "2025-01-20", decision_id="D1", side="MNG")
    assert mongolia.one("select count(*) from notice_out") == 0
    other = Side(database_url, tmp_path / "k", "JPN")
    mongolia.knows(other)
    assert mongolia.kinds_for(other) == ["decision", "issued"]
    assert mongolia.clean()
    mongolia.close()
    other.close()


def test_each_in_its_turn_and_once(sides: tuple[Side, Side]) -> None:
    japan, mongolia = sides
    story(japan, mongolia)
    lines = japan.lines_for(mongolia)

    assert [one.status for one in take(mongolia.office, lines[1:2]).results] == ["waits"]
    answer = take(mongolia.office, [lines[0], lines[2], lines[0], lines[1]])
    assert [one.status for one in answer.results] == ["accepted", "waits", "already_known", "accepted"]
    assert japan.one("select count(*) from notice_delivery") == 0, "the answer was lost"
    answer = japan.send(mongolia)
    assert [one.status for one in answer.results] == ["already_known"] * 2 + ["accepted"] * 3
    assert japan.lines_for(mongolia) == []
    assert take(mongolia.office, lines).results[-1].status == "already_known"
    assert mongolia.clean()


def test_a_tampered_notice_is_refused_and_changes_nothing(sides: tuple[Side, Side]) -> None:
    from openjcm.registry.notices import sign_notice
    from openjcm.signed import read_line

    japan, mongolia = sides
    story(japan, mongolia)
    lines = japan.lines_for(mongolia)
    before = mongolia.fingerprint()
    signed, _ = read_line("openjcm-notice-1", lines[0], 10**6)
    forged = sign_notice(signed.payload, mongolia.office.notice_key)
    more = sign_notice(signed.payload.replace(b'"JPN":40', b'"JPN":41'), mongolia.office.notice_key)
    found = [
        one.refused.code for one in take(mongolia.office, [forged, more, lines[0][:-2], "x"]).results if one.refused
    ]
    assert found == ["notice_signature_wrong"] * 2 + ["notice_not_understood"] * 2
    assert take(mongolia.office, [forged]).acknowledgement is None
    assert mongolia.fingerprint() == before
    mongolia.do("revoke_partner", "2025-06-01", partner=japan.name, reason="trial")
    assert take(mongolia.office, lines[:1]).results[0].refused.code == "unknown_partner"  # type: ignore[union-attr]


def test_a_new_key_signs_the_same_notices(sides: tuple[Side, Side]) -> None:
    japan, mongolia = sides
    story(japan, mongolia)
    (japan.office.data_dir / "keys" / "notice.key").unlink()  # type: ignore[operator]
    assert {one.status for one in japan.send(mongolia).results} == {"refused"}
    mongolia.knows(japan)
    assert {one.status for one in japan.send(mongolia).results} == {"accepted"}
    assert mongolia.clean()


def test_a_false_acknowledgement_is_not_believed(sides: tuple[Side, Side]) -> None:
    from openjcm.commands.courier import known_partner, note_acknowledgement
    from openjcm.refusals import Refused
    from openjcm.registry.notices import ACKNOWLEDGEMENT, Acknowledgement, sign_acknowledgement

    japan, mongolia = sides
    story(japan, mongolia)
    partner = known_partner(japan.office, mongolia.name)

    def refused(key: Any, **more: Any) -> str:
        fields = {"format": ACKNOWLEDGEMENT, "sender": mongolia.name, "recipient": japan.name, "next_sequence": 2,
                  "head": "0" * 64} | more  # fmt: skip
        with pytest.raises(Refused) as caught:
            note_acknowledgement(japan.office, partner, sign_acknowledgement(Acknowledgement(**fields), key))
        return caught.value.code

    head = japan.one("select sha256 from notice_out where sequence = 1")
    for key, more in (
        (japan.office.notice_key, {"head": head}),
        (japan.office.notice_key, {}),
        (mongolia.office.notice_key, {}),
        (mongolia.office.notice_key, {"next_sequence": 99}),
        (mongolia.office.notice_key, {"next_sequence": 1, "recipient": "x"}),
    ):
        assert refused(key, **more) == "acknowledgement_wrong"


def test_as_files_on_a_stick(sides: tuple[Side, Side], tmp_path: Path) -> None:
    from openjcm.commands.stick import export, read_folder

    japan, mongolia = sides
    story(japan, mongolia)
    stick = tmp_path / "stick"
    paths, count = export(japan.office, mongolia.name, stick)
    assert (len(paths), count) == (2, 5)
    assert read_folder(japan.office, stick) == [], "what one wrote is for the other"
    assert sorted(len(one.taken) for one in read_folder(mongolia.office, stick)) == [0, 5]
    export(mongolia.office, japan.name, stick)
    found = read_folder(japan.office, stick)
    assert {one.acknowledged for one in found} == {5, None}
    assert sum(len(one.taken) for one in found) == 4
    _, count = export(japan.office, mongolia.name, stick)
    assert count == 0
    (stick / "x.notices.txt").write_text("x")
    assert [one.refused.code for one in read_folder(japan.office, stick) if one.refused] == ["notice_not_understood"]
    assert japan.clean() and mongolia.clean()


def test_acts_done_together_are_told(sides: tuple[Side, Side]) -> None:
    from openjcm.commands import ACTS
    from openjcm.commands.together import ask, perform_together

    japan, mongolia = sides
    japan.decide_own("D1", "2025-01-10", 40, 10)
    japan.do("issue", "2025-01-20", decision_id="D1", side="JPN")
    asked = [
        ask(ACTS["cancel"], {"blocks": [f"JCM-JP-MN901-2022-{number}"], "cancellation_account": "JPN/cancellation",
                             "purpose": "other", "reason": "r", "occurred_on": "2025-02-01"}, None, "t")
        for number in (3, 3, 4, 5)
    ]  # fmt: skip
    asked[2] = ask(ACTS["transfer"], {"blocks": ["JCM-JP-MN901-2022-4"], "target_account": "JPN/company",
                                      "occurred_on": "2025-02-01"}, None, "t")  # fmt: skip
    perform_together(asked, japan.office)
    assert japan.kinds_for(mongolia) == ["decision", "issued", "first_transfer", "cancelled", "cancelled"]
    assert japan.clean()


def test_the_audit_sees_what_was_changed(sides: tuple[Side, Side]) -> None:
    japan, mongolia = sides
    story(japan, mongolia)
    japan.send(mongolia)

    def spoilt(side: Side, *statements: str) -> list[str]:
        with side.office.transaction() as connection:
            for table in ("mirror_holding", "notice_in", "notice_out"):
                connection.execute(f"alter table {table} disable trigger user".encode())
            for statement in statements:
                connection.execute(statement.encode())
        return [line.split(":")[0] for line in side.findings() if not line.startswith("schema_wrong")]

    assert spoilt(mongolia, "update mirror_holding set since = since + 1 where state = 'retired'") == [
        "row_missing", "row_not_from_journal",
    ]  # fmt: skip
    assert "notice_wrong" in spoilt(mongolia, "update notice_in set sum = 1 where sequence = 2")
    assert "outbox_wrong" in spoilt(japan, "update notice_out set kind = 'x' where sequence = 2")
    assert "outbox_wrong" in spoilt(japan, "delete from notice_out where sequence = 5")


def test_registries_are_kept_in_one_place(sides: tuple[Side, Side]) -> None:
    japan, mongolia = sides
    more = {"partner": "x.example", "our_name": japan.name, "notice_key": mongolia.key, "address": "files"}
    japan.refused(
        "registry_kept_elsewhere", "open_registry", "2025-01-01", registry_id="MNG", party="MNG", world="public"
    )
    japan.refused("registry_kept_here", "register_partner", "2025-01-01", **more, keeps=["JPN"])
    japan.refused("registry_kept_by_another", "register_partner", "2025-01-01", **more, keeps=["MNG"])
    japan.refused("own_name", "register_partner", "2025-01-01", **more | {"partner": japan.name}, keeps=["THA"])
    japan.refused(
        "public_key_not_understood", "register_partner", "2025-01-01", **more | {"notice_key": "x"}, keeps=["THA"]
    )
    japan.refused("not_a_verifier_key", "register_partner", "2025-01-01", **more, log_key="x", keeps=["THA"])
    for address in ("http://other.example/", "https://", "ftp://x/", "https://a@b/", "file:///etc", "https://x/?a"):
        japan.refused(
            "address_not_safe", "register_partner", "2025-01-01", **more | {"address": address}, keeps=["THA"]
        )
    japan.decide_own("D1", "2025-01-10", 40, 10)
    japan.refused("registry_kept_elsewhere", "issue", "2025-01-20", decision_id="D1", side="MNG")


def test_a_partner_that_is_away_or_refuses(sides: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from brokers import free_port
    from openjcm.commands import courier
    from openjcm.commands.courier import deliver_all

    japan, mongolia = sides
    story(japan, mongolia)
    japan.knows(mongolia, address=f"http://127.0.0.1:{free_port()}")
    assert [one.error.code for one in deliver_all(japan.office) if one.error] == ["partner_unreachable"]
    assert deliver_all(japan.office, now=False) == [], "not due yet"
    now = japan.office.clock()
    japan.office.clock = lambda: now + timedelta(seconds=3)
    monkeypatch.setattr(
        courier, "post", lambda partner, path, body: wire(take(mongolia.office, body["notices"]))
    )  # fmt: skip
    assert [(one.sent, one.left, one.error) for one in deliver_all(japan.office, now=False)] == [(5, 0, None)]
    mongolia.do("revoke_partner", "2025-06-01", partner=japan.name, reason="trial")
    japan.do(
        "cancel", "2025-05-01", blocks=["JCM-JP-MN901-2022-8"], cancellation_account="JPN/cancellation",
        purpose="oimp", reason="flights",
    )  # fmt: skip
    [ended] = deliver_all(japan.office)
    assert ended.error is not None and ended.error.code == "notice_refused_there"
    assert "unknown_partner" not in ended.error.message("en") and ended.left == 1
    monkeypatch.setattr(courier, "post", lambda *_: {"results": []})
    [ended] = deliver_all(japan.office)
    assert ended.error is not None and ended.error.code == "acknowledgement_wrong"


def wire(answer: Any) -> dict[str, Any]:
    """The answer as it comes over the wire."""
    return {"results": [one.as_data() for one in answer.results], "acknowledgement": answer.acknowledgement}


def test_an_office_without_a_folder_has_no_key(sides: tuple[Side, Side]) -> None:
    from openjcm.refusals import Refused

    japan, _ = sides
    japan.office.data_dir = None
    with pytest.raises(Refused, match="no_data_folder"):
        japan.office.notice_key  # noqa: B018


def test_a_proposal_is_told_when_it_is_executed(sides: tuple[Side, Side]) -> None:
    from signing import DAY, KATO, SATO, answer, representatives

    japan, mongolia = sides
    japan.decide_own("D1", "2025-01-10", 40, 10)
    japan.do("issue", "2025-01-20", decision_id="D1", side="JPN")
    representatives(japan)
    fields = SATO.proposal(
        "JPN/government", "cancel", blocks=["JCM-JP-MN901-2022-1-5"], cancellation_account="JPN/cancellation",
        purpose="other", reason="r",
    )  # fmt: skip
    name = str(japan.do("propose", DAY, **fields).outcome["proposal"])
    assert japan.kinds_for(mongolia)[-1] == "first_transfer", "nothing has moved yet"
    answer(japan, KATO, name)
    assert japan.kinds_for(mongolia)[-1] == "cancelled"
    japan.send(mongolia)
    assert mongolia.mirror_of(japan)[0] == ("JCM-JP-MN901-2022-1-5", "cancelled", DAY, "other")
    assert japan.clean() and mongolia.clean()


def test_a_correction_is_told(sides: tuple[Side, Side]) -> None:
    from base64 import b64encode

    from ledger_guards import PEOPLE, signed
    from openjcm.canonical import canonical_bytes, sha256_hex
    from openjcm.registry.correction import statement_of

    japan, mongolia = sides
    story(japan, mongolia)
    entry, blocks = japan.one("select entry_no from journal where act = 'retire'"), ["JCM-JP-MN901-2022-1-3"]
    text = canonical_bytes(statement_of(entry, blocks, date(2025, 6, 3), "a mistake", sha256_hex(b"letter")))
    japan.do(
        "correct_mistake", "2025-06-03", corrects=entry, blocks=blocks, reason="a mistake", name="letter.pdf",
        media_type="application/pdf", content_base64=b64encode(b"letter").decode(),
        consents=[vars(signed(side, name, number, text)) for side, name, number in PEOPLE],
    )  # fmt: skip
    assert japan.kinds_for(mongolia)[-1] == "correction"
    japan.send(mongolia)
    assert mongolia.mirror_of(japan) == [
        ("JCM-JP-MN901-2022-1-3", "held", "2025-06-03", ""),
        ("JCM-JP-MN901-2022-4-7", "retired", "2025-04-01", "ndc 2030"),
        ("JCM-JP-MN901-2022-8-40", "held", "2025-01-20", ""),
    ]
    assert japan.clean() and mongolia.clean()


def test_the_ten_lines_of_the_page(
    database_url: str, second_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shell reads what docs/two_registries.md says; what it would call is called here, but for the serving."""
    import subprocess

    from typer.testing import CliRunner

    from openjcm.cli_parts import act

    page = Path(__file__).resolve().parent.parent.parent / "docs" / "two_registries.md"
    lines = page.read_text(encoding="utf-8").split("```\n", 2)[1]
    double = """exec 3>&1; openjcm() { case $1 in
        notices) echo "KEY-$OPENJCM_DATA";;
        act) printf '%s\\t' "$OPENJCM_DATA" "${@:2}" >&3; echo >&3;;
    esac; }\n"""
    asked = subprocess.run(["bash", "-c", double + lines], capture_output=True, text=True, check=True, cwd=tmp_path)
    urls = {"japan": database_url, "mongolia": second_database_url}
    sides = {name: Side(urls[name], tmp_path / name, party) for name, party in (("japan", "JPN"), ("mongolia", "MNG"))}
    for line in asked.stdout.splitlines():
        folder, *words = line.rstrip("\t").split("\t")
        monkeypatch.setenv("OPENJCM_DATA", str(tmp_path / folder))
        monkeypatch.setenv("OPENJCM_DATABASE_URL", urls[folder])
        keys = {f"KEY-{name}": side.key for name, side in sides.items()}
        done = CliRunner().invoke(act.app, [keys.get(word, word) for word in words])
        assert done.exit_code == 0, (words, done.output, done.exception)
    japan, mongolia = sides["japan"], sides["mongolia"]
    assert japan.all("select partner, keeps, notice_key from partner") == [(MONGOLIA, ["MNG"], mongolia.key)]
    assert mongolia.all("select partner, keeps, notice_key from partner") == [(JAPAN, ["JPN"], japan.key)]
    japan.close()
    mongolia.close()
