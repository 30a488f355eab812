"""Certificates of issuance, retirement and cancellation, and statements of holdings, as PDF in both languages.

A certificate is a pure function of the signed statement (``log.statement``): the same statement gives the same bytes,
so whoever has the PDF can take the statement out of it, make the PDF again and compare. It is PDF/A-3a (the
statement is attached, which PDF/A-2 does not allow) and PDF/UA-1. Texts of others are set as text, never read as Typst.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import threading
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import segno
import typst

from openjcm.log import statement as signed_statements
from openjcm.log.check_proof import CANNOT_TELL, NO, YES, Unreadable
from openjcm.refusals import refusal
from openjcm.reports.certificate_texts import ACCOUNT_TYPES, ANSWERS, LABELS, NOTES, PURPOSES, SERVES, TITLES
from openjcm.units import display_text

HERE = Path(__file__).parent
STANDARDS = ["a-3a", "ua-1"]
BREAK_AFTER = 32
"""A word longer than this may be broken after so many characters."""
MOST_BYTES = 16 * 2**20
"""A certificate is smaller than this; what is larger is not read."""
JAPAN_TIME = timezone(timedelta(hours=9), "JST")

CHARACTER_NOT_IN_FONTS = refusal(
    "character_not_in_fonts",
    en="The certificate cannot be set: the fonts have no sign for {characters}.",
    ja="証明書を作成できません: 書体にない文字があります ({characters})。",
    remedy_en="The signed statement is given as JSON, with its whole text. Ask the holder for a name in common "
    "characters.",
    remedy_ja="署名付き証明内容 (JSON) には全文が含まれています。表示可能な文字による名称を名義人に確認してください。",
    clause="OpenJCM: a missing sign is refused, never shown as an empty box",
)
CERTIFICATE_NOT_SET = refusal(
    "certificate_not_set",
    en="The certificate cannot be set: {reason}.",
    ja="証明書を作成できません: {reason}。",
    remedy_en="Take the signed statement as JSON, and report this as an error.",
    remedy_ja="署名付き証明内容 (JSON) を利用し、不具合として報告してください。",
    clause="OpenJCM: a certificate is set from its signed statement",
    status=500,
)

Pair = list[str]
"""Japanese and English."""
_SETTING = threading.Lock()


@cache
def renderer() -> str:
    """What sets certificates: the compiler, the template and the fonts, by version and hash. Part of the statement."""
    found = hashlib.sha256()
    for path in (HERE / "certificate.typ", HERE / "certificate_texts.py", Path(__file__), *_fonts()):
        found.update(path.read_bytes())
    return f"typst {version('typst')}, sha256 {found.hexdigest()[:16]}"


def _fonts() -> list[Path]:
    return sorted((HERE / "fonts").glob("*.ttf"))


@cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(HERE / "fonts")])
    return typst.Compiler(b"", root=str(HERE / "fonts"), font_paths=fonts, ignore_system_fonts=True)


def certificate(signed: bytes) -> bytes:
    """The PDF of a signed statement. The same bytes give the same bytes.

    Raises:
        Refused: ``character_not_in_fonts``, ``certificate_not_set``.
        Unreadable, KeyError, TypeError, ValueError: if it is no statement of ours.
    """
    found: bytes = _set(signed, "pdf")
    return found


def picture(signed: bytes, ppi: int = 110) -> list[bytes]:
    """The pages as PNG, for a look."""
    found = _set(signed, "png", ppi=ppi)
    return found if isinstance(found, list) else [found]


def _set(signed: bytes, form: Literal["pdf", "png"], **more: Any) -> Any:
    file = signed_statements.read(signed)
    said = json.loads(file["statement"])
    with io.BytesIO() as code:
        segno.make(said["record"], error="m").save(code, kind="svg", scale=4, border=2, xmldecl=False)
        drawn = code.getvalue().decode()
    inputs = {
        "sheet": json.dumps(sheet(said, file), ensure_ascii=False),
        "qr": drawn,
        "statement": signed.decode(),
    }
    if form == "pdf":
        moment = datetime.fromisoformat(said["recorded_at"])
        more |= {"pdf_standards": STANDARDS, "timestamp": int(moment.timestamp())}
    try:
        with _SETTING:
            source = (HERE / "certificate.typ").read_bytes()
            return _compiler().compile(source, format=form, sys_inputs=inputs, **more)
    except typst.TypstError as error:
        missing = re.search(r"the text `\"(.+?)\"` could not be displayed", error.message, re.DOTALL)
        if missing:
            raise CHARACTER_NOT_IN_FONTS(characters=[f"U+{ord(one):04X}" for one in missing[1][:8]]) from error
        raise CERTIFICATE_NOT_SET(reason=error.message[:200]) from error


# What stands on the sheet ---------------------------------------------------------------------------------------------


def sheet(said: Mapping[str, Any], file: Mapping[str, Any]) -> dict[str, Any]:
    """What the template sets: every text in Japanese and English."""
    kind = said["kind"]
    title, lead = TITLES[kind]
    demonstration = said["world"] == "demonstration"
    number = f"{said['registry_id']} / {said['entry_no']}"
    return {
        "title": title,
        "lead": lead,
        "summary": f"{title[1]}: {said['quantity']} tCO2e, {number}",
        "header": f"OpenJCM  {title[0]} / {title[1]}  {number}",
        "footer": " / ".join(NOTES["demonstration" if demonstration else "footer"]),
        "watermark": "DEMONSTRATION" if demonstration else "",
        "record": said["record"],
        "qr": ["公開記録", "Public record"],
        "quantity": {"label": LABELS["quantity"], "value": _figure(said["quantity"])},
        "rows": list(_rows(said)),
        "tables": [table for table in _tables(said) if table["body"]],
        "proof": {"title": ["証明", "Proof"], "rows": list(_proof(said, file))},
        "notes": [NOTES[name] for name in ("check", kind, "not_official")],
    }


def _row(label: str, ja: str, en: str | None = None) -> dict[str, Any]:
    texts = [_breakable(ja)] + ([_breakable(en)] if en is not None and en != ja else [])
    return {"label": LABELS[label], "value": texts}


def _rows(said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if said["kind"] == "holding":
        if said["as_of"]:
            yield _row("as_of", f"{said['as_of']} 日本時間 24 時", f"{said['as_of']}, 24:00 Japan time")
        if said["recorded_by"]:
            yield _row("recorded_by", _moment(said["recorded_by"]))
        yield _row("until_entry", str(said["entry_no"]))
        yield from _account("account", said["account"])
    else:
        yield _row("occurred_on", said["occurred_on"])
        if said["source_account"]:
            yield from _account("holder", said["source_account"])
        if said["kind"] != "issuance":
            yield _row("target", said["target_account"]["id"])
        for name in ("purpose", "used_for_year", "serves", "served", "reason", "reversal_id", "decision_id"):
            if said.get(name) is not None:
                yield _row(
                    name, *{"purpose": PURPOSES, "serves": SERVES}.get(name, {}).get(said[name], [str(said[name])])
                )
    yield _row("registry", said["registry_id"])


def _account(label: str, account: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    if account["type"] == "holder_not_stated":
        yield _row(label, "公開記録に記載なし", "not stated in the public record")
    else:
        yield _row(label, account["holder"])
    kind = ACCOUNT_TYPES.get(account["type"], [account["type"], account["type"]])
    yield _row("account_id", account["id"])
    yield _row("account_type", *kind)


def _tables(said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    issuance, holding = said["kind"] == "issuance", said["kind"] == "holding"
    names = [
        "serials",
        "vintage",
        *(["account_id"] if issuance else []),
        *(["since", "itmo"] if holding else []),
        "tonnes",
    ]
    body = []
    for one in said["blocks"]:
        cells = [one["block"], "不明 / unknown" if one["vintage"] == "unknown" else one["vintage"].replace("to", "–")]
        cells += [one["account"]] if issuance else []
        cells += [one["since"], " / ".join(ANSWERS[one["itmo"]])] if holding else []
        body.append([_breakable(cell) for cell in [*cells, _figure(one["quantity"])]])
    widths = {"serials": 0, "vintage": 22, "account_id": 46, "since": 25, "itmo": 24, "tonnes": 22}
    yield {
        "title": LABELS["serials"],
        "widths": [widths[name] for name in names],  # in millimetres; 0: what is left
        "head": [LABELS[name] for name in names],
        "body": body,
    }
    yield {
        "title": LABELS["projects"],
        "widths": [28, 0, 22],
        "head": [LABELS["project"], LABELS["project_title"], LABELS["tonnes"]],
        "body": [
            [_breakable(one["project"]), _breakable(one["title"]), _figure(one["quantity"])] for one in said["projects"]
        ],
    }


def _proof(said: Mapping[str, Any], file: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    checkpoint = file["checkpoint"].split("\n")
    yield _row("entry", f"{said['entry_no']} ({_moment(said['recorded_at'])})")
    yield _row("statement_hash", hashlib.sha256(file["statement"].encode()).hexdigest())
    yield _row("signature", file["signature"].rstrip().rpartition(" ")[2])
    yield _row("checkpoint", f"{checkpoint[1]}: {checkpoint[2]}")
    yield _row("log_key", file["public_key"])
    yield _row("record", said["record"])


def _figure(value: int) -> str:
    return display_text(Fraction(value), 0)


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(JAPAN_TIME):%Y-%m-%d %H:%M:%S} JST"


def _breakable(text: str) -> str:
    """Long words may be broken: a line's end is offered within them (U+200B has no sign and no width)."""
    return re.sub(rf"[!-~]{{{BREAK_AFTER}}}(?=[!-~])", lambda found: f"{found[0]}\u200b", text)


# Checking -------------------------------------------------------------------------------------------------------------

PRINTED = "What is printed is what is signed.", "表示内容が署名された内容と一致している。"


def taken_out(pdf: bytes) -> bytes:
    """The signed statement that is attached to a certificate. Raises ``Unreadable``.

    Every compressed stream is looked at, none further than a statement may be long; what is found decides nothing until
    the certificate made from it is the same, byte for byte.
    """
    if len(pdf) > MOST_BYTES or not pdf.startswith(b"%PDF-"):
        raise Unreadable("not a certificate / 証明書ではありません")
    whole = memoryview(pdf)
    for found in re.finditer(rb"stream\r?\n", pdf):
        try:
            beginning = zlib.decompressobj().decompress(whole[found.end() : found.end() + 256], 64)
            if beginning.startswith(b'{\n "checkpoint":'):
                return zlib.decompressobj().decompress(whole[found.end() :], signed_statements.MOST_BYTES)
        except zlib.error:
            continue
    raise Unreadable("no signed statement is attached / 署名付き証明内容が添付されていません")


def check(data: bytes, trusted_key: str | None = None) -> list[dict[str, str]]:
    """Check a certificate (PDF) or a signed statement (JSON), offline. Each step: yes, no or cannot tell.

    Raises:
        Unreadable: if it is neither.
    """
    is_pdf = data.startswith(b"%PDF-")
    signed = taken_out(data) if is_pdf else data
    steps = signed_statements.check(signed, trusted_key)
    return [*steps, _printed(data, signed)] if is_pdf else steps


def _printed(pdf: bytes, signed: bytes) -> dict[str, str]:
    """Whether the certificate is, byte for byte, what this program makes of the statement."""
    step = {"en": PRINTED[0], "ja": PRINTED[1]}
    try:
        by = str(json.loads(signed_statements.read(signed)["statement"])["renderer"])
        if certificate(signed) == pdf:
            return {**step, "answer": YES, "detail": f"made again, byte for byte ({by})"}
    except (Unreadable, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        return {**step, "answer": NO, "detail": f"cannot be made again: {error} / 再作成できません"}
    if by != renderer():
        return {
            **step,
            "answer": CANNOT_TELL,
            "detail": f"made by {by}, this is {renderer()}; compare by eye with --render / 作成した版が異なります",
        }
    return {**step, "answer": NO, "detail": "the PDF is not what the statement gives / PDF が改変されています"}
