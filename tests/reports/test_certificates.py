"""Certificates: the same bytes each time, checked offline, refused when anything in them was changed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from databases import migrated_database
from openjcm.canonical import canonical_bytes
from openjcm.log import statement as statements
from openjcm.log.check_proof import Unreadable
from openjcm.log.checkpoint import verifier_key
from openjcm.refusals import Refused
from openjcm.reports import certificate as certificates
from openjcm.views.certificate import Signed, entry_statement, holding_statement
from openjcm.views.holdings_as_of import Cut
from trial_office import KEY, Trial

TRUSTED = verifier_key("trial.example/log", KEY.public_key())
NOW = Cut()
NAMES = {
    "company": "髙﨑𠮷野家グループ株式会社 (Takasaki & Co., Ltd.)",
    "hostile": '#eval("1") $x$ *a* _b_ \\ ] } #import "@preview/x" <l> @r // /* `code` ~ -- https://example.org',
    "long": "長い名称の株式会社" * 30 + "W" * 30,
}


class Books:
    """A market with every kind of entry, and short words for statements of it."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        trial.open_bilateral()
        trial.project()
        for slug, name in NAMES.items():
            if slug != "company":
                trial.do("open_account", "2015-11-02", account_id=f"JPN/{slug}", registry_id="JPN",
                         account_type="entity_holding", holder=name)  # fmt: skip
        trial.decide("D1", "2025-01-10", 40, 10)
        self.issue = trial.do("issue", "2025-01-20", decision_id="D1", side="JPN").entry_no
        trial.authorize("JPN"), trial.authorize("MNG")
        self.transfer = trial.do(
            "transfer", "2025-02-01", blocks=["JCM-JP-MN901-2022-1-20"], target_account="JPN/hostile"
        ).entry_no
        self.retire = trial.do(
            "retire", "2025-05-01", blocks=["JCM-JP-MN901-2022-1-6", "JCM-JP-MN901-2022-9"],
            retirement_account="JPN/retirement", used_for_year=2030, purpose="ndc",
        ).entry_no  # fmt: skip
        self.cancel = trial.do(
            "cancel", "2025-05-02", blocks=["JCM-JP-MN901-2022-31-40"], cancellation_account="JPN/cancellation",
            purpose="omge", reason="#panic[x] $ \\" * 20,
        ).entry_no  # fmt: skip

    def entry(self, entry_no: int) -> Signed:
        """The statement of an entry."""
        with self.trial.office.transaction() as connection:
            return entry_statement(
                connection, entry_no, signer=self.trial.office.signer, address="https://registry.example",
                renderer=certificates.renderer(),
            )  # fmt: skip

    def holding(self, account: str, cut: Cut = NOW, **more: Any) -> Signed:
        """The statement of an account."""
        with self.trial.office.transaction() as connection:
            return holding_statement(
                connection, account, cut, signer=self.trial.office.signer, address="https://registry.example",
                renderer=certificates.renderer(), **more,
            )  # fmt: skip


@pytest.fixture(scope="module")
def books(servers: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """Books that the tests only read, except for adding at their end."""
    with migrated_database(servers("embedded"), f"certificates_{os.getpid()}") as url:
        trial = Trial(url, tmp_path_factory.mktemp("certificates"))
        yield Books(trial)
        trial.close()


KINDS: dict[str, Callable[[Books], Signed]] = {
    "issuance": lambda books: books.entry(books.issue),
    "retirement": lambda books: books.entry(books.retire),
    "cancellation": lambda books: books.entry(books.cancel),
    "holding": lambda books: books.holding("JPN/hostile", Cut(date(2025, 4, 30))),
}


def answers(data: bytes, key: str | None = TRUSTED) -> list[str]:
    """The answers of the steps."""
    return [step["answer"] for step in certificates.check(data, key)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_certificate_repeats_and_is_confirmed_offline(books: Books, kind: str) -> None:
    signed = KINDS[kind](books)
    pdf = certificates.certificate(signed.file)
    assert signed.kind == kind and certificates.certificate(signed.file) == pdf
    books.trial.do("record_statement", "2025-06-01", subject_kind="project", subject="MN901",
                   fields=[{"field": kind, "value": 0, "source": "s", "grade": "read"}])  # fmt: skip
    if kind != "holding":  # a holding statement without a time of recording is of the book as it is now
        assert KINDS[kind](books).file == signed.file, "later entries change nothing"
    assert answers(pdf) == ["yes"] * 5 and answers(signed.file) == ["yes"] * 4
    assert certificates.taken_out(pdf) == signed.file
    if folder := os.environ.get("OPENJCM_PICTURES"):
        for place, page in enumerate(certificates.picture(signed.file)):
            with open(f"{folder}/{kind}-{place}.png", "wb") as out:  # noqa: PTH123
                out.write(page)


def test_what_is_said(books: Books) -> None:
    said = books.entry(books.retire).statement
    assert said["quantity"] == 7 and [one["block"] for one in said["blocks"]] == [
        "JCM-JP-MN901-2022-1-6", "JCM-JP-MN901-2022-9-9",
    ]  # fmt: skip
    assert said["source_account"]["holder"] == NAMES["hostile"] and said["used_for_year"] == 2030
    assert said["record"] == f"https://registry.example/ja/certificates/{books.retire}"
    then, now = books.holding("JPN/hostile", Cut(date(2025, 4, 30))), books.holding("JPN/hostile")
    assert (then.statement["quantity"], now.statement["quantity"]) == (20, 13)
    assert books.holding("JPN/long").statement["blocks"] == []
    assert books.holding("JPN/hostile", vintage="2021").statement["quantity"] == 0


def test_refused(books: Books) -> None:
    for entry in (books.transfer, 1, 10**9):
        with pytest.raises(Refused, match="no_certificate"):
            books.entry(entry)
    with pytest.raises(Refused, match="no_such_account"):
        books.holding("JPN/nobody")
    with pytest.raises(Refused, match="nothing_recorded_yet"):
        books.holding("JPN/hostile", Cut(None, datetime(2020, 1, 1, tzinfo=UTC)))


def test_a_statement_of_too_many_blocks_is_refused(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openjcm.views.certificate.MOST_BLOCKS", 0)
    with pytest.raises(Refused) as refused:
        books.holding("JPN/government")
    assert refused.value.code == "statement_too_long" and refused.value.remedy("ja")


def resigned(signed: Signed, change: Callable[[dict[str, Any]], Any], key: Ed25519PrivateKey = KEY) -> bytes:
    """The statement changed, and signed again as only the holder of the key could."""
    file = json.loads(signed.file)
    said = json.loads(file["statement"])
    change(said)
    text = canonical_bytes(said)
    file["statement"] = text.decode()
    file["signature"] = statements.sign("trial.example/log", text, key)
    return (json.dumps(file, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


LIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "quantity": lambda said: said.update(quantity=8),
    "a block": lambda said: said["blocks"][0].update(block="JCM-JP-MN901-2022-1-7"),
    "a block's quantity": lambda said: said["blocks"][0].update(quantity=7),
    "a block too many": lambda said: said["blocks"].append(said["blocks"][0]),
    "day": lambda said: said.update(occurred_on="2025-05-02"),
    "time": lambda said: said.update(recorded_at="2025-05-02T00:00:00+00:00"),
    "kind": lambda said: said.update(kind="cancellation"),
    "year": lambda said: said.update(used_for_year=2031),
    "purpose": lambda said: said.update(purpose="oimp"),
    "another use": lambda said: said.update(serves="gx_ets"),
    "source": lambda said: said.update(source="JPN/company"),
    "a reversal": lambda said: said.update(reversal_id="XD002-2026-05-10"),
    "registry": lambda said: said.update(registry_id="MNG"),
    "another entry": lambda said: said.update(entry_no=said["entry_no"] - 1),
    "no blocks": lambda said: said.pop("blocks"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_statement_that_differs_from_the_log_is_refused(books: Books, lie: str) -> None:
    """Even signed with the right key: the log says otherwise."""
    said = certificates.check(resigned(books.entry(books.retire), LIES[lie]), TRUSTED)
    assert [step["answer"] for step in said] == ["yes", "yes", "yes", "no"], said


HOLDING_LIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "quantity": lambda said: said.update(quantity=21),
    "a block never brought": lambda said: said["blocks"][0].update(block="JCM-JP-MN901-2022-21-40"),
    "another account": lambda said: said["account"].update(id="JPN/company"),
    "by another entry": lambda said: said["blocks"][0].update(entry_no=1),
    "an earlier end": lambda said: said.update(entry_no=said["blocks"][0]["entry_no"]),
}


@pytest.mark.parametrize("lie", HOLDING_LIES)
def test_a_holding_that_no_entry_brought_is_refused(books: Books, lie: str) -> None:
    signed = books.holding("JPN/hostile", Cut(date(2025, 4, 30)))
    assert answers(resigned(signed, HOLDING_LIES[lie]))[3] == "no"


def test_another_key(books: Books) -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signed = books.entry(books.retire)
    assert answers(resigned(signed, lambda said: None, other))[0] == "no"
    assert answers(signed.file, verifier_key("trial.example/log", other.public_key()))[0] == "no"
    assert answers(signed.file, None) == ["yes"] * 4


def test_a_changed_file_is_refused(books: Books) -> None:
    """Any byte of the PDF, any part of the JSON."""
    signed = books.entry(books.retire)
    pdf = certificates.certificate(signed.file)
    for place in (9, len(pdf) // 3, len(pdf) // 2, len(pdf) - 10):
        changed = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
        with contextlib.suppress(Unreadable):
            assert "no" in answers(changed), place
    assert answers(pdf + b"\n%%EOF")[-1] == "no", "something was added at the end"
    for old, new in (
        (rb"\"path\": \[\s+\"[0-9a-f]", b'"path": [\n"0'),
        (rb"trial.example/log\\n[0-9]", b"trial.example/log\\\\n9"),
        (rb"MN901-2022-1-6", b"MN901-2022-1-5"),
    ):
        text = re.sub(old, new, signed.file, count=1)
        assert text != signed.file or old.startswith(rb"\"path")
        assert text == signed.file or "no" in answers(text)


def test_another_page_around_the_right_statement_is_refused(books: Books) -> None:
    """A PDF that shows something else and carries a good statement."""
    file = books.entry(books.retire).file
    fake = b"%PDF-1.7\n1 0 obj\n<< >>\nstream\n" + zlib.compress(file) + b"\nendstream\nendobj\n%%EOF"
    assert answers(fake) == ["yes", "yes", "yes", "yes", "no"]


def test_what_another_version_set_cannot_be_told(books: Books) -> None:
    file = resigned(books.entry(books.retire), lambda said: said.update(renderer="typst 0.0.1, sha256 0"))
    fake = b"%PDF-1.7\nstream\n" + zlib.compress(file) + b"\nendstream\n"
    assert answers(fake)[-1] == "cannot tell"


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"{}", b"[]", b"%PDF-1.7\nstream\n\xff\xff", b"\x00", b'{"a":1,"a":2}']
)
def test_what_is_no_certificate(data: bytes) -> None:
    with pytest.raises(Unreadable):
        certificates.check(data)


def test_a_character_without_a_sign_is_refused_not_shown_as_a_box(books: Books) -> None:
    file = resigned(books.entry(books.retire), lambda said: said["source_account"].update(holder="Emoji 😀 株式会社"))
    with pytest.raises(Refused, match="character_not_in_fonts") as caught:
        certificates.certificate(file)
    assert "U+1F600" in caught.value.message("en")


def test_text_is_text(books: Books) -> None:
    """What somebody wrote as Typst is printed as he wrote it: the pages hold it letter by letter, nothing is run."""
    pages = certificates.picture(books.entry(books.cancel).file)
    assert pages and all(page.startswith(b"\x89PNG") for page in pages)
