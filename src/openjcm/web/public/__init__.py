"""Pages that anyone may read. One module per page or family of pages; this table says which address is whose."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request
from fastapi.responses import Response

from openjcm.web.public.home import home
from openjcm.web.public.projects import project_list

PAGES: tuple[tuple[str, Callable[[Request], Response]], ...] = (
    ("/", home),
    ("/projects", project_list),
)
"""Every page below ``/ja`` and ``/en``."""
