"""A project whose host's registry another installation keeps: what its notices tell, and nothing guessed beside it."""

from __future__ import annotations

from openjcm.views.project import Told, project
from openjcm.web.database import Database
from two_offices import MONGOLIA, Side


def told(side: Side) -> Told | None:
    """What is told of the project."""
    database = Database(side.office.database_url)
    try:
        with database.reading() as connection:
            found = project(connection, "MN901")
    finally:
        database.close()
    assert found is not None
    return found.told


def test_what_the_notices_tell(sides: tuple[Side, Side]) -> None:
    japan, mongolia = sides
    for number, vintage in ((1, "2022"), (2, "2023")):
        for side in sides:
            side.decide_own(f"D{number}", "2025-01-10", 40, 10, vintage)
    found = told(japan)
    assert found is not None
    assert (found.partner, found.quantity, found.due, found.first_issued_on) == (MONGOLIA, 0, 20, None)
    mongolia.do("issue", "2025-01-20", decision_id="D1", side="MNG")
    mongolia.send(japan)
    found = told(japan)
    assert found is not None
    assert (found.quantity, found.due, str(found.first_issued_on)) == (10, 20, "2025-01-20")
    mongolia.do("issue", "2025-02-20", decision_id="D2", side="MNG")
    mongolia.do(
        "cancel", "2025-05-01", blocks=["JCM-MN-MN901-2022-4-6"], cancellation_account="MNG/cancellation",
        purpose="omge", reason="a gift",
    )  # fmt: skip
    mongolia.send(japan)
    found = told(japan)
    assert found is not None, "what is cancelled was issued"
    assert (found.quantity, str(found.first_issued_on), str(found.last_issued_on)) == (20, "2025-01-20", "2025-02-20")
    unknown = japan.decision("D3", 5, 0) | {"total": None}
    unknown["sides"] = [unknown["sides"][0], {"side": "MNG", "amount": None, "shares": []}]
    japan.do("decide_issuance", "2025-06-01", **unknown)
    found = told(japan)
    assert found is not None
    assert (found.quantity, found.due) == (20, None), "one amount is not known, so the sum is not"


def test_a_decision_that_does_not_name_the_side_says_nothing_of_it(sides: tuple[Side, Side]) -> None:
    japan = sides[0]
    silent = japan.decision("D1", 5, 0) | {"total": None}
    silent["sides"] = silent["sides"][:1]
    japan.do("decide_issuance", "2025-01-10", **silent)
    found = told(japan)
    assert found is not None
    assert found.due is None, "what is not said is not zero"


def test_a_registry_that_is_kept_here_is_not_told_of(sides: tuple[Side, Side]) -> None:
    assert told(sides[1]) is None
    sides[0].do("revoke_partner", "2025-02-01", partner=MONGOLIA, reason="a mistake")
    assert told(sides[0]) is None
