"""Long work with its progress: what is read, put in order or judged, how fast, and how much time is left."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response

from openjcm.views.jobs import jobs
from openjcm.web.pages import render


def jobs_page(request: Request) -> Response:
    """``/ja/jobs`` and ``/en/jobs``."""
    return render(request, "jobs.html.j2", "jobs", jobs=jobs(Path(os.environ.get("OPENJCM_DATA") or ".data")))
