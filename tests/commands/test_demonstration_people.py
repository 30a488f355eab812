"""The invented people of the demonstration act for its accounts alone, wherever their keys are registered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openjcm.commands.demonstration_people import (
    answer_as,
    demonstration_public_key,
    of_the_demonstration,
    propose_as,
)
from openjcm.refusals import Refused
from trial_office import Trial


@pytest.fixture
def trial(database_url: str, tmp_path: Path) -> Iterator[Trial]:
    """A public account with a representative whose key is made from public words, and an empty demonstration."""
    made = Trial(database_url, tmp_path)
    for registry, world in (("JPN", "public"), ("JPN-demonstration", "demonstration")):
        made.do("open_registry", "2015-11-01", registry_id=registry, party="JPN", world=world)
    made.do(
        "open_account", "2015-11-02", account_id="JPN/acme", registry_id="JPN", account_type="entity_holding",
        holder="Acme",
    )  # fmt: skip
    made.do(
        "register_representative", "2026-01-05", account_id="JPN/acme", representative="acme.sato", person_name="Sato",
        rights=["propose"], public_key=demonstration_public_key("acme.sato"), document_sha256="0" * 64, reason="named",
    )  # fmt: skip
    yield made
    made.close()


def test_the_people_of_the_demonstration_sign_for_no_other_account(trial: Trial) -> None:
    with pytest.raises(Refused, match="not_of_the_demonstration"):
        propose_as("acme.sato", "JPN/acme", "transfer", {}, "0" * 32, day="2026-11-20", key="k", office=trial.office)
    with pytest.raises(Refused, match="not_of_the_demonstration"):
        answer_as("acme.sato", "0" * 64, "approve", day="2026-11-20", office=trial.office)
    for account in ("JPN", "", "JPN-demonstration", "JPN-demonstration-2/x", "%"):
        with pytest.raises(Refused, match="not_of_the_demonstration"):
            of_the_demonstration(trial.office, account)
    assert of_the_demonstration(trial.office, "JPN-demonstration/anybody") is None
