"""Where does what a reader typed lead: to a serial, a project, a methodology, a country, or a list?"""

from __future__ import annotations

import re
from typing import Any

import psycopg

SERIAL = re.compile(r"JCM-[A-Z]{2}-[A-Z0-9.]+-[0-9a-z]+-\d+(-\d+)?", re.ASCII)
REFERENCE = re.compile(r"[A-Z]{2}\d{3}", re.ASCII)
METHODOLOGY = re.compile(r"[A-Z]{2}_AM\d{3}", re.ASCII)
HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


def destination(connection: psycopg.Connection[Any], typed: str) -> str:
    """The path (below the language) of the page that answers; the list of projects where nothing fits exactly."""
    text = typed.strip()
    upper = text.upper()
    serial = re.sub(r"(?i)^jcm", "JCM", text)
    if SERIAL.fullmatch(serial):
        return f"/explain/{serial}"
    if METHODOLOGY.fullmatch(upper.replace(" ", "_")):
        return f"/methodologies/{upper.replace(' ', '_')}"
    if REFERENCE.fullmatch(upper):
        row = connection.execute("select reference from project where reference = %s", (upper,)).fetchone()
        if row:
            return f"/projects/{upper}"
    return ""
