"""Rendering: the Jinja environment, what every page knows, and the conditional answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from openjcm.units import display_text
from openjcm.web.assets import Assets
from openjcm.web.messages import LANGUAGES, Speaker

NAVIGATION = (
    ("home", ""),
    ("projects", "/projects"),
    ("issuances", "/issuances"),
    ("registries", "/registries"),
    ("methodologies", "/methodologies"),
    ("rules", "/rules"),
    ("explain", "/explain"),
    ("log", "/log"),
    ("api", "/api"),
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(value: object, places: int = 0) -> str:
    """A figure for the eye, with thousands separators; exact values are rounded half up to ``places``.

    Raises:
        TypeError: for ``None``: unknown is worded by the template, never printed as a figure.
    """
    if isinstance(value, bool) or not isinstance(value, int | Fraction | Decimal):
        raise TypeError(f"not a figure: {value!r}")
    text = display_text(Fraction(value), places)
    return text.replace("-", "−")


def long_day(value: date | str, language: str) -> str:
    """A day in running text: 2025年10月30日, or 30 Oct 2025. Text of a month or year is set the same way."""
    text = value.isoformat() if isinstance(value, date) else str(value)
    found = re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", text[:10])
    if not found:
        return text
    year, month, day = found.groups()
    if language == "ja":
        return f"{year}年" + (f"{int(month)}月" if month else "") + (f"{int(day)}日" if day else "")
    return " ".join(
        part for part in (str(int(day)) if day else "", MONTHS[int(month) - 1] if month else "", year) if part
    )


def instant(value: datetime) -> str:
    """An instant to the second, with its zone."""
    return value.strftime("%Y-%m-%d %H:%M:%S UTC") if value.utcoffset() is not None else value.isoformat(" ")


def short_hash(value: str) -> str:
    """First and last eight characters; the whole stays in the copy button and in the proof."""
    return f"{value[:8]}…{value[-8:]}" if len(value) > 20 else value


@cache
def assets() -> Assets:
    """The static files, read once."""
    return Assets()


@cache
def environment() -> Environment:
    """The templates. A name that a template does not know is an error, not a blank."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {"n": number, "short": short_hash, "instant": instant}
    made.globals |= {"static": assets().url, "NAVIGATION": NAVIGATION, "now_year": lambda: date.today().year}  # noqa: DTZ011
    for name in made.list_templates(extensions=["j2"]):
        made.get_template(name)
    return made


@dataclass(frozen=True)
class Page:
    """What every template knows of its page: language, addresses, texts."""

    language: str
    path: str
    query: str
    here: str

    @property
    def other(self) -> str:
        """The other language."""
        return "en" if self.language == "ja" else "ja"

    @property
    def other_url(self) -> str:
        """The same page in the other language."""
        return f"/{self.other}{self.path or '/'}{'?' + self.query if self.query else ''}"

    def url(self, path: str = "", **query: object) -> str:
        """An address in this language."""
        text = urlencode({key: value for key, value in query.items() if value not in {"", None}})
        return f"/{self.language}{path}{'?' + text if text else ''}"


def render(request: Request, template: str, here: str, *, http_status: int = 200, **context: Any) -> Response:
    """A page in the language of its address, or 304 when the reader already has it."""
    language = request.url.path.split("/")[1]
    language = language if language in LANGUAGES else preferred_language(request)
    path = request.url.path.removeprefix(f"/{language}")
    page = Page(language, path if path != "/" else "", request.url.query, here)
    say = Speaker(language)
    text = (
        environment()
        .get_template(template)
        .render(page=page, t=say, lang=language, day=lambda value: long_day(value, language), **context)
    )
    return conditional(request, re.sub(r"\n\s*\n+", "\n", text), http_status)


def conditional(request: Request, text: str, status: int = 200) -> Response:
    """The page with an entity tag; 304 without a body if the reader's copy is the same."""
    tag = f'W/"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if status == 200 and tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return HTMLResponse(text, status, headers)


def preferred_language(request: Request) -> str:
    """Japanese or English from the Accept-Language header; Japanese where the reader states neither."""
    best, language = Decimal(-1), "ja"
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, quality = part.strip().partition(";q=")
        name = tag.strip().lower().split("-")[0]
        weight = Decimal(quality) if re.fullmatch(r"[01](\.\d+)?", quality) else Decimal(1)
        if name in LANGUAGES and weight > best:
            best, language = weight, name
    return language


def svg(text: str) -> Markup:
    """A chart of ours as markup; charts escape what they are given."""
    return Markup(text)  # noqa: S704 - drawn by web/charts, which escapes every text


def names_in(language: str, names: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Country names by ISO code in one language, from pairs of English and Japanese."""
    return {code: pair[1] if language == "ja" else pair[0] for code, pair in names.items()}
