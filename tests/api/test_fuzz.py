"""The API fuzzed from its own OpenAPI document: no failure of ours, and every answer as described."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as fixed_seed
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from openjcm.api import PREFIX
from openjcm.commands import ACTS
from openjcm.web.app import create_app

if TYPE_CHECKING:
    from conftest import Caller

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    negative_data_rejection,
]  # fmt: skip
EXAMPLES = 20
"""For each operation; enough to find a missing bound, few enough for every run."""


@cache
def read_description() -> Any:
    """What an application says of itself: the same for each of them, and long to read."""
    return schemathesis.openapi.from_asgi("/api/openapi.json", create_app("postgresql:///nowhere"))


@pytest.mark.parametrize("name", [*sorted(f"/{name}" for name in ACTS), ""], ids=lambda name: name[1:] or "many")
def test_fuzz(name: str, caller: Caller) -> None:
    """Described and broken requests alike: never a 5xx, and the books stay in order."""
    schema = read_description()
    schema.app = caller.app
    operation = schema[f"{PREFIX}{name}"]["POST"]
    headers = {"Authorization": f"Bearer {caller.token}"}

    answers: set[int] = set()

    @fixed_seed(20261121)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def call(case: schemathesis.Case) -> None:
        answers.add(case.call_and_validate(headers=headers, checks=CHECKS).status_code)

    from hypothesis import given

    for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
        given(case=operation.as_strategy(generation_mode=mode))(call)()
    assert answers - {401}, "requests came to the acts, and not to a closed door alone"
    assert caller.trial.clean()
