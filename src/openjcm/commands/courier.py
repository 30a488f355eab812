"""The courier: brings notices to the partners, in order and at least once, over HTTPS or as files.

What is not acknowledged is sent again; the partner takes it once. A partner that is away is asked again after longer
and longer pauses, up to ten minutes; nothing is lost meanwhile, since the outbox is part of the record. What comes from
a partner is taken in its order; a gap waits until the missing notice comes.
"""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from openjcm.commands.framework import perform
from openjcm.commands.office import Office
from openjcm.commands.receive_notice import ACT as RECEIVE
from openjcm.commands.revoke_partner import UNKNOWN_PARTNER
from openjcm.refusals import Refused, refusal
from openjcm.registry.notices import (
    ACKNOWLEDGEMENT,
    ACKNOWLEDGEMENT_WRONG,
    NO_NOTICE,
    Acknowledgement,
    read_acknowledgement,
    read_notice,
    sign_acknowledgement,
    sign_notice,
)
from openjcm.signed import public_text, read_public_key
from openjcm.store.notices import FILES, Partner, inbox_place, outstanding, partner_named, partners

NOTICES_PATH = "/api/v1/notices"
MOST_IN_A_DELIVERY = 100
MOST_BYTES_IN_A_DELIVERY = 4 * 1024 * 1024
"""A delivery holds one notice at least, whatever its length."""
LARGEST_ANSWER = 16 * 1024 * 1024
LONGEST_PAUSE = timedelta(minutes=10)
SECONDS_TO_WAIT = 60

PARTNER_UNREACHABLE = refusal(
    "partner_unreachable",
    en="{partner} does not answer at {address}: {reason}.",
    ja="{partner} ({address}) から応答がありません: {reason}。",
    remedy_en="Nothing is lost; it is tried again by itself. Ask the partner, or send the notices as files.",
    remedy_ja="失われた通知はなく、自動的に再試行します。相手方に確認するか、ファイルで送付してください。",
    clause="OpenJCM: notices are delivered at least once",
    status=503,
)
NOTICE_REFUSED_THERE = refusal(
    "notice_refused_there",
    en="{partner} refuses notice {sequence}: {reason}",
    ja="{partner} が通知 {sequence} を受け付けません: {reason}",
    remedy_en="Speak with the partner; what it says names the rule. The notice stays in the outbox.",
    remedy_ja="相手方に確認してください。理由に規則が示されています。通知は送付控えに残ります。",
    clause="OpenJCM: notices are delivered at least once",
    status=502,
)


def public_notice_key(office: Office) -> str:
    """The public key of the office's notices, as the partner registers it."""
    return public_text(office.notice_key.public_key())


# Taking ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """What became of one line: ``accepted``, ``already_known``, ``waits`` (a gap before it) or ``refused``."""

    status: str
    sequence: int | None = None
    refused: Refused | None = None

    def as_data(self) -> dict[str, Any]:
        """The answer as plain data."""
        data: dict[str, Any] = {"status": self.status}
        if self.sequence is not None:
            data["sequence"] = self.sequence
        if self.refused is not None:
            data["refusal"] = self.refused.as_data()
        return data


@dataclass(frozen=True)
class Answer:
    """The answers to the lines of a delivery, and how far the inbox of their sender has come, signed."""

    results: tuple[Taken, ...]
    acknowledgement: str | None


def take(office: Office, lines: Sequence[str], actor: str = "partner") -> Answer:
    """Take a partner's notices; what is answered ``accepted`` or ``already_known`` is durably on record."""
    results = [_take_one(office, line, actor) for line in lines]
    sender = next((read_notice(line).notice.sender for line, one in zip(lines, results, strict=True)
                   if one.status != "refused"), None)  # fmt: skip
    return Answer(tuple(results), acknowledgement(office, sender) if sender else None)


def _take_one(office: Office, line: str, actor: str) -> Taken:
    day = office.clock().astimezone(ZoneInfo("Asia/Tokyo")).date()
    sequence: int | None = None
    try:
        sequence = read_notice(line).notice.sequence
        receipt = perform(RECEIVE, {"line": line, "occurred_on": day}, office=office, key=None, actor=actor)
    except Refused as refused:
        return Taken(_STATUS.get(refused.code, "refused"), sequence, refused)
    return Taken("already_known" if receipt.replayed else "accepted", sequence)


_STATUS = {"notice_already_known": "already_known", "notice_out_of_turn": "waits"}


def acknowledgement(office: Office, partner: str) -> str | None:
    """How far the inbox of a partner has come, signed."""
    with office.transaction() as connection:
        known = partner_named(connection, partner)
        place = inbox_place(connection, partner)
    if known is None:
        return None
    said = Acknowledgement(
        format=ACKNOWLEDGEMENT, sender=known.our_name, recipient=partner, next_sequence=place.sequence + 1,
        head=place.head,
    )  # fmt: skip
    return sign_acknowledgement(said, office.notice_key)


# Bringing -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Delivered:
    """How a try to deliver ended."""

    partner: str
    sent: int
    left: int
    error: Refused | None = None


def deliver_all(office: Office, *, now: bool = True) -> list[Delivered]:
    """Deliver what is outstanding to every partner with an address; unless ``now``, only where it is due."""
    with office.transaction() as connection:
        due = [
            one
            for one in partners(connection)
            if one.address != FILES and (now or _is_due(connection, one.partner, office))
        ]
    return [deliver(office, one) for one in due]


def _is_due(connection: Any, partner: str, office: Office) -> bool:
    row = connection.execute(
        "select exists (select 1 from notice_out o where o.partner = %(partner)s and o.sequence >"
        "   coalesce((select acknowledged from notice_delivery where partner = %(partner)s), 0))"
        " and not exists (select 1 from notice_delivery where partner = %(partner)s and next_attempt_at > %(now)s)",
        {"partner": partner, "now": office.clock()},
    ).fetchone()
    return bool(row and row[0])


def deliver(office: Office, partner: Partner) -> Delivered:
    """Deliver what is outstanding to one partner; a failure is put down, with the time of the next try."""
    sent = stalls = 0
    error: Refused | None = None
    try:
        while lines := next_lines(office, partner):
            before = acknowledged(office, partner.partner)
            answer = post(partner, NOTICES_PATH, {"notices": lines})
            if line := answer.get("acknowledgement"):
                newest = note_acknowledgement(office, partner, str(line))
                sent += max(newest - before, 0)
                stalls = 0 if newest > before else stalls + 1  # a partner restored from a backup asks for earlier ones
            raise_refusal(partner, answer)
            if not line or stalls > 1:
                raise ACKNOWLEDGEMENT_WRONG(partner=partner.partner, reason=str(before))
    except Refused as refused:
        error = refused
    _note_try(office, partner.partner, error)
    return Delivered(partner.partner, sent, _left(office, partner.partner), error)


def next_lines(office: Office, partner: Partner, most: int = MOST_IN_A_DELIVERY, after: int | None = None) -> list[str]:
    """The next notices for a partner, signed: those after a number, else those that it has not acknowledged."""
    with office.transaction() as connection:
        start = _acknowledged(connection, partner.partner) if after is None else after
        found = outstanding(connection, partner.partner, start, most)
    lines: list[str] = []
    size = 0
    for _, payload in found:
        size += len(payload)
        if lines and size > MOST_BYTES_IN_A_DELIVERY:
            break
        lines.append(sign_notice(payload, office.notice_key))
    return lines


def note_acknowledgement(office: Office, partner: Partner, line: str) -> int:
    """Believe an acknowledgement, if it is the partner's and fits what was sent; gives the newest number on record.

    Raises:
        Refused: ``acknowledgement_wrong``.
    """
    said, signed = read_acknowledgement(line, partner.partner)
    if not signed.is_signed_by(read_public_key(partner.notice_key)):
        raise ACKNOWLEDGEMENT_WRONG(partner=partner.partner, reason="signature / 署名")
    if (said.sender, said.recipient) != (partner.partner, partner.our_name):
        raise ACKNOWLEDGEMENT_WRONG(partner=partner.partner, reason=f"{said.sender} → {said.recipient}")
    newest = said.next_sequence - 1
    with office.transaction() as connection:
        row = connection.execute(
            "select sha256 from notice_out where partner = %s and sequence = %s", [partner.partner, newest]
        ).fetchone()
        head = row[0] if row else NO_NOTICE
        if head != said.head or (newest > 0 and row is None):
            raise ACKNOWLEDGEMENT_WRONG(partner=partner.partner, reason=f"{newest}: {said.head[:16]}…")
        connection.execute(
            "insert into notice_delivery (partner, acknowledged, delivered_at) values (%s, %s, %s)"
            " on conflict (partner) do update set acknowledged = excluded.acknowledged,"
            " delivered_at = excluded.delivered_at",
            [partner.partner, newest, office.clock()],
        )
    return newest


def raise_refusal(partner: Partner, answer: dict[str, Any]) -> None:
    """What came before a refused notice counts, what comes after it waits. Refuses ``notice_refused_there``."""
    for one in answer.get("results", []):
        if isinstance(one, dict) and one.get("status") == "refused":
            message = one.get("refusal", {}).get("message", {})
            reason = " / ".join(str(message.get(language, ""))[:300] for language in ("en", "ja"))
            raise NOTICE_REFUSED_THERE(partner=partner.partner, sequence=one.get("sequence", "–"), reason=reason)


def acknowledged(office: Office, partner: str) -> int:
    """The number of the newest notice that the partner has on record, as far as is known here."""
    with office.transaction() as connection:
        return _acknowledged(connection, partner)


def _acknowledged(connection: Any, partner: str) -> int:
    row = connection.execute("select acknowledged from notice_delivery where partner = %s", [partner]).fetchone()
    return int(row[0]) if row else 0


def _left(office: Office, partner: str) -> int:
    with office.transaction() as connection:
        row = connection.execute(
            "select count(*) from notice_out where partner = %s and sequence > %s",
            [partner, _acknowledged(connection, partner)],
        ).fetchone()
    return int(row[0]) if row else 0


def _note_try(office: Office, partner: str, error: Refused | None) -> None:
    now = office.clock()
    with office.transaction() as connection:
        row = connection.execute("select attempts from notice_delivery where partner = %s", [partner]).fetchone()
        attempts = (row[0] if row else 0) + 1 if error else 0
        pause = min(timedelta(seconds=2 ** min(attempts, 20)), LONGEST_PAUSE)
        connection.execute(
            "insert into notice_delivery (partner, attempts, next_attempt_at, last_error) values (%s, %s, %s, %s)"
            " on conflict (partner) do update set attempts = excluded.attempts,"
            " next_attempt_at = excluded.next_attempt_at, last_error = excluded.last_error",
            [partner, attempts, now + pause if error else None, str(error)[:2000] if error else ""],
        )


def known_partner(office: Office, name: str) -> Partner:
    """The partner of that name.

    Raises:
        Refused: ``unknown_partner``.
    """
    with office.transaction() as connection:
        found = partner_named(connection, name)
    if found is None:
        raise UNKNOWN_PARTNER(partner=name)
    return found


# HTTP -----------------------------------------------------------------------------------------------------------------


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An address is where it was put on record, and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def open_address(partner: Partner, path: str, body: dict[str, Any]) -> Any:
    """POST JSON to a partner; gives the open answer, whatever its status.

    Raises:
        Refused: ``partner_unreachable``.
    """
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked when the partner was registered
        partner.address.rstrip("/") + path,
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Accept": "application/json, text/plain"},
        method="POST",
    )
    opener = urllib.request.build_opener(
        _NoRedirect(), urllib.request.HTTPSHandler(context=ssl.create_default_context()), urllib.request.ProxyHandler()
    )
    try:
        return opener.open(request, timeout=SECONDS_TO_WAIT)
    except urllib.error.HTTPError as error:
        with error:
            reason = f"{error.code} {error.read(2000).decode('utf-8', 'replace')}"
        raise PARTNER_UNREACHABLE(partner=partner.partner, address=partner.address, reason=reason[:500]) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise PARTNER_UNREACHABLE(partner=partner.partner, address=partner.address, reason=str(error)[:500]) from error


def post(partner: Partner, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST JSON to a partner; gives the JSON of its answer.

    Raises:
        Refused: ``partner_unreachable``.
    """
    try:
        with open_address(partner, path, body) as answer:
            found = json.loads(answer.read(LARGEST_ANSWER))
        if not isinstance(found, dict):
            raise ValueError("no object")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise PARTNER_UNREACHABLE(partner=partner.partner, address=partner.address, reason=str(error)[:500]) from error
    return found
