"""What a source says is kept in the form that the pages and reports read; other words have their place in the note."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from trial_office import Trial


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """An empty office."""
    trial = Trial(database_url, tmp_path)
    yield trial
    trial.close()


WRONG = [
    ("project", "title", 5),
    ("project", "title", " "),
    ("project", "url", ["https://example.org"]),
    ("project", "estimated_tco2e_per_year", "1,000"),
    ("project", "estimated_tco2e_per_year", True),
    ("project", "registration_date", "2021-02-30"),
    ("project", "registration_date", "２０２１"),
    ("project", "methodologies", "MN_AM003"),
    ("issuance", "total", -1),
    ("issuance", "aggregate", "yes"),
    ("issuance", "issued_on_host", "soon"),
    ("itmo_transfer", "quantity_by_project", {"MN001": "5"}),
    ("mechanism", "target_fy2030", {"value": 5}),
    ("mechanism", "issued_total", {"value": "5", "as_of": "2026"}),
]


@pytest.mark.parametrize(("kind", "field", "value"), WRONG)
def test_a_value_of_another_form_is_refused(trial: Trial, kind: str, field: str, value: object) -> None:
    """The journal keeps what it takes, so it takes nothing that no page could read."""
    said = {"field": field, "value": value, "source": "s", "grade": "read"}
    refused = trial.refused(
        "statement_of_other_form", "record_statement", "2025-01-01", subject_kind=kind, subject="S", fields=[said]
    )
    assert refused.facts["field"] == field


def test_unknown_values_and_other_fields_are_kept(trial: Trial) -> None:
    """Null is always an answer; a field that nothing reads may say anything exact; days may be known to the month."""
    said = [
        ("title", None), ("registration_date", "2021-05"), ("estimated_tco2e_per_year", 0), ("of our own", {"a": [1]}),
    ]  # fmt: skip
    fields = [{"field": name, "value": value, "source": "s", "grade": "read"} for name, value in said]
    trial.do("record_statement", "2025-01-01", subject_kind="project", subject="MN901", fields=fields)
    assert trial.one("select count(*) from statement") == 4
    assert trial.clean()
