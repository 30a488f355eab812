"""The real application over a real database, and a caller with or without the operator's token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from openjcm.api import PREFIX, operator_token
from openjcm.web.app import create_app
from trial_office import Trial


@dataclass
class Caller:
    """Calls acts."""

    app: FastAPI
    client: TestClient
    trial: Trial
    token: str

    def act(self, name: str, body: Any, *, token: str | None = "right", **headers: str) -> Any:
        """POST an act with JSON."""
        shown = self.token if token == "right" else token
        given = {"Authorization": f"Bearer {shown}"} if shown is not None else {}
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(f"{PREFIX}/{name}", json=body, headers={**given, **names})

    def raw(self, name: str, content: bytes, media_type: str = "application/json") -> Any:
        """POST bytes."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": media_type}
        return self.client.post(f"{PREFIX}/{name}", content=content, headers=headers)


@pytest.fixture
def caller(database_url: str, tmp_path: Path) -> Iterator[Caller]:
    """A caller of the application over a market of forty credits."""
    trial = Trial(database_url, tmp_path)
    trial.market()
    app = create_app(database_url)
    app.state.office = trial.office
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Caller(app, client, trial, operator_token(tmp_path))
    trial.close()
