"""The desk of the demonstration: two people move a holder's credits; no role of another world exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from openjcm.commands.demonstration_people import demonstration_public_key
from openjcm.web.app import create_app
from openjcm.world.demonstration import load_demonstration
from trial_office import Trial

POWER, TRADING = "JPN-demonstration/demo-power", "JPN-demonstration/demo-trading"
SATO = f"holder:{POWER}:demo-power.sato"
SUZUKI = f"holder:{POWER}:demo-power.suzuki"
ADMINISTRATOR = "administrator:JPN-demonstration:"


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """The demonstration, and a public account with a representative of its own beside it."""
    made = Trial(database_url, tmp_path)
    load_demonstration(made.office)
    made.do("open_registry", "2015-11-01", registry_id="JPN", party="JPN", world="public")
    made.do(
        "open_account", "2015-11-02", account_id="JPN/acme", registry_id="JPN", account_type="entity_holding",
        holder="Acme",
    )  # fmt: skip
    made.do(
        "register_representative", "2026-01-05", account_id="JPN/acme", representative="acme.sato", person_name="Sato",
        rights=["propose"], public_key=demonstration_public_key("acme.sato"), document_sha256="0" * 64, reason="named",
    )  # fmt: skip
    yield made
    made.close()


@pytest.fixture
def desk(trial: Trial) -> Iterator[TestClient]:
    """A reader of the pages."""
    app = create_app(trial.office.database_url)
    app.state.office = trial.office
    with TestClient(app, raise_server_exceptions=False, follow_redirects=True) as opened:
        yield opened


def take(desk: TestClient, role: str) -> str:
    """Take a role; gives its page."""
    answer = desk.post("/en/desk/role", data={"role": role})
    assert answer.status_code == 200, answer.text
    return answer.text


def word_of(page: str) -> str:
    found = re.search(r'name="word" value="([^"]+)"', page)
    assert found is not None, "the page has a form"
    return unescape(found[1])


def nonces(page: str) -> list[str]:
    return re.findall(r'name="nonce" value="([0-9a-f]{32})"', page)


def proposed(desk: TestClient, page: str, **fields: str) -> Response:
    wanted = {"act": "transfer", "group": "XD001|2022", "quantity": "5", "target": TRADING, **fields}
    return desk.post("/en/desk/propose", data={"word": word_of(page), "nonce": nonces(page)[0], **wanted})


def waiting(trial: Trial) -> list[str]:
    """The proposals of Demo Power that wait, the story's first."""
    return [
        row[0]
        for row in trial.all(
            "select proposal from proposal p where account_id = %s and not exists"
            " (select from proposal_step s where s.proposal = p.proposal) order by entry_no",
            POWER,
        )
    ]


def test_one_proposes_and_another_approves(desk: TestClient, trial: Trial) -> None:
    page = take(desk, SATO)
    answer = proposed(desk, page)
    assert answer.status_code == 200
    assert "Recorded as entry" in answer.text
    assert trial.held(POWER) == 8, "nothing moved yet"
    assert "JCM-JP-XD001-2022-14-18" in str(
        trial.one("select outcome from journal where act = 'propose' order by entry_no desc limit 1")
    ), "what the story's proposal reserved is passed over"
    _, mine = waiting(trial)
    page = take(desk, SUZUKI)
    answer = desk.post("/en/desk/answer", data={"word": word_of(page), "proposal": mine, "answer": "approve"})
    assert answer.status_code == 200, answer.text
    assert (trial.held(POWER), trial.held(TRADING)) == (3, 9)
    assert trial.one("select actor from journal order by entry_no desc limit 1") == "demonstration: demo-power.suzuki"
    assert trial.clean()


def test_the_same_form_sent_twice_is_one_proposal(desk: TestClient, trial: Trial) -> None:
    page = take(desk, SATO)
    first, again = proposed(desk, page), proposed(desk, page)
    assert first.url == again.url
    assert len(waiting(trial)) == 2
    assert proposed(desk, page, quantity="1").status_code == 409, "another quantity is another wish, and none is left"


def test_nobody_answers_his_own_proposal(desk: TestClient, trial: Trial) -> None:
    page = take(desk, SATO)
    assert "Approve" not in page
    (story,) = waiting(trial)
    answer = desk.post("/en/desk/answer", data={"word": word_of(page), "proposal": story, "answer": "approve"})
    assert answer.status_code == 403
    assert trial.held(POWER) == 8
    withdrawn = desk.post("/en/desk/answer", data={"word": word_of(page), "proposal": story, "answer": "withdraw"})
    assert withdrawn.status_code == 200
    assert waiting(trial) == []


def test_more_than_is_free_is_refused_with_the_figure(desk: TestClient, trial: Trial) -> None:
    answer = proposed(desk, take(desk, SATO), quantity="6")
    assert answer.status_code == 409
    assert "5 of 6" in answer.text
    for quantity in ("0", "-1", "1.5", "", "٣", "9" * 20):
        assert proposed(desk, take(desk, SATO), quantity=quantity).status_code in {409, 422}
    assert len(waiting(trial)) == 1


def test_no_role_of_another_world_exists(desk: TestClient, trial: Trial) -> None:
    for role in (
        "holder:JPN/acme:acme.sato", "administrator:JPN:", "holder:JPN-demonstration/government:demo-power.sato",
        f"holder:{POWER}:acme.sato", "operator::", "administrator:",
    ):  # fmt: skip
        assert desk.post("/en/desk/role", data={"role": role}).status_code == 403, role
    forged = "holder:JPN%2Facme:acme.sato:word"
    desk.cookies.set("openjcm_desk", forged)
    assert desk.get("/en/desk/account").status_code == 403
    fields = {"word": "word", "nonce": "0" * 32, "act": "transfer", "group": "MN001|2021", "quantity": "1"}
    assert desk.post("/en/desk/propose", data={**fields, "target": "JPN/acme"}).status_code == 403
    desk.cookies.set("openjcm_desk", "administrator:JPN:administrator:word")
    assert desk.get("/en/desk/registry").status_code == 403, "who applied at the public registry is nobody's to read"
    suspend = {"word": "word", "act": "suspend_account", "account_id": "JPN/acme", "direction": "out", "reason": "x"}
    assert desk.post("/en/desk/administer", data=suspend).status_code == 403
    desk.cookies.set("openjcm_desk", "administrator:JPN-demonstration:administrator:word")
    assert desk.post("/en/desk/administer", data=suspend).status_code == 403
    assert trial.one("select count(*) from account_bar") == 0


def test_a_form_of_another_site_does_nothing(desk: TestClient, trial: Trial) -> None:
    page = take(desk, SATO)
    fields = {"nonce": nonces(page)[0], "act": "transfer", "group": "XD001|2022", "quantity": "1", "target": TRADING}
    for more, headers in (
        ({}, {}),
        ({"word": "a guess"}, {}),
        ({"word": word_of(page)}, {"Sec-Fetch-Site": "cross-site"}),
    ):
        assert desk.post("/en/desk/propose", data={**fields, **more}, headers=headers).status_code == 403
    desk.cookies.clear()
    assert desk.post("/en/desk/propose", data={**fields, "word": word_of(page)}).status_code == 403
    assert desk.post("/en/desk/propose", content=b"\xff=%ff&;" * 20_000).status_code == 403
    assert len(waiting(trial)) == 1


def test_the_administrator_suspends_and_lifts(desk: TestClient, trial: Trial) -> None:
    page = take(desk, ADMINISTRATOR)
    assert "waits for an answer" in page
    fields = {"word": word_of(page), "account_id": POWER, "reason": "an inquiry <b>"}
    more = {"nonce": nonces(page)[0], "act": "suspend_account", "direction": "out"}
    page = desk.post("/en/desk/administer", data={**fields, **more}).text
    assert "an inquiry &lt;b&gt;" in page
    assert proposed(desk, take(desk, SATO)).status_code == 409, "a suspended account gives nothing away"
    page = take(desk, ADMINISTRATOR)
    fields |= {"word": word_of(page), "nonce": "f" * 32, "act": "lift_suspension"}
    assert desk.post("/en/desk/administer", data=fields).status_code == 200
    assert proposed(desk, take(desk, SATO)).status_code == 200
    assert desk.post("/en/desk/administer", data={**fields, "act": "transfer"}).status_code == 403


def test_the_administrator_sees_whether_the_books_agree(desk: TestClient) -> None:
    books = take(desk, ADMINISTRATOR).partition('aria-labelledby="books"')[2].partition("</section>")[0]
    assert "jakarta.demonstration" in books and "5 outstanding" in books
    assert "Differences: 1 (10 t)" in books


def test_the_administrator_opens_an_account_that_was_applied_for(desk: TestClient, trial: Trial) -> None:
    page = take(desk, ADMINISTRATOR)
    assert "Demo Retail LLC" in page
    fields = {
        "word": word_of(page), "nonce": nonces(page)[0], "act": "review_account_application", "verdict": "accept",
        "application_id": "XD-2025-0001", "reason": "complete",
    }  # fmt: skip
    unnamed = desk.post("/en/desk/administer", data=fields)
    assert unnamed.status_code == 422
    assert "account_id_goes_with_acceptance" in unnamed.text
    fields |= {"account_id": "JPN-demonstration/demo-retail", "holder": "Demo Retail LLC (fictitious)"}
    opened = desk.post("/en/desk/administer", data=fields)
    assert opened.status_code == 200
    assert desk.post("/en/desk/administer", data=fields).url == opened.url, "sent twice, done once"
    assert trial.one("select account_type from account where account_id = 'JPN-demonstration/demo-retail'")
    assert "No application waits" in desk.get("/en/desk/registry").text
    other = {**fields, "word": word_of(take(desk, "administrator:MNG-demonstration:"))}
    assert desk.post("/en/desk/administer", data=other).status_code == 403
    assert trial.clean()


def test_without_the_demonstration_there_is_no_desk(database_url: str, tmp_path: Path) -> None:
    bare = Trial(database_url, tmp_path)
    app = create_app(database_url)
    app.state.office = bare.office
    with TestClient(app, follow_redirects=False) as client:
        assert client.get("/ja/desk").status_code == 404
        assert client.get("/ja/desk/account").headers["location"] == "/ja/desk"
        assert client.post("/ja/desk/role", data={"role": ADMINISTRATOR}).status_code == 403
    bare.close()


def test_the_pages_say_whose_they_are_in_both_languages(desk: TestClient) -> None:
    take(desk, SATO)
    for language, word in (("ja", "実演デスク"), ("en", "desk of the demonstration")):
        page = desk.get(f"/{language}/desk/account").text
        assert word in page
        assert "demo-power.sato" in page
        assert len(page) < 80_000
    page = desk.get("/en/desk/account").text
    statement = re.search(r'href="(/api/v1/statements/holding.pdf[^"]+)"', page)
    assert statement is not None
    assert desk.get(unescape(statement[1])).content.startswith(b"%PDF-")
    for path in set(re.findall(r'href="(/en/(?:certificates|history)/[^"]+)"', page)):
        assert desk.get(path).status_code == 200, path
    assert 'value=""' in desk.get("/en/desk").text, "the role can be given up"
    desk.post("/en/desk/role", data={"role": ""})
    assert "You act as" not in desk.get("/en/desk").text


def test_what_the_desk_has_no_form_for_is_refused(desk: TestClient, trial: Trial) -> None:
    """Another act than a holder's, another answer than there is, and bytes that are no form."""
    page = take(desk, SATO)
    before = trial.fingerprint()
    for answer in (
        proposed(desk, page, act="issue"),
        desk.post("/en/desk/answer", data={"word": word_of(page), "answer": "forget", "proposal": waiting(trial)[0]}),
        desk.post(
            "/en/desk/answer", content=b"\xff\xfe", headers={"content-type": "application/x-www-form-urlencoded"}
        ),
        desk.post("/en/desk/answer", data={f"f{number}": "x" for number in range(70)}),
        proposed(desk, page, more="x" * 70_000),
    ):
        assert "form_not_of_this_desk" in answer.text and answer.status_code >= 400
    assert trial.fingerprint() == before


def test_a_holders_statement_is_not_for_everybody(desk: TestClient) -> None:
    """Until holders sign in, anybody may have a statement of the demonstration and of governments, and no other."""
    for form in ("json", "pdf"):
        refused = desk.get(f"/api/v1/statements/holding.{form}", params={"account": "JPN/acme"})
        assert (refused.status_code, refused.json()["code"]) == (403, "statement_needs_sign_in")
    assert desk.get("/api/v1/statements/holding.json", params={"account": POWER}).status_code == 200
