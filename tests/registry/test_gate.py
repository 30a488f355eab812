"""The retirement gate over time: which version of an authorization stands by which credits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger_guards import DAY, GOVERNMENT, ORIGIN, RETIREMENT, RULES, authorizations, block, retire
from openjcm.refusals import Refused
from openjcm.registry.accounts import Account
from openjcm.registry.gate import AuthorizationOnFile
from openjcm.registry.ledger import Holding, Holdings, apply
from openjcm.registry.serials import Block, Series

REVOKED = AuthorizationOnFile("MNG", "M", 2, date(2025, 2, 1), ())
HELD = Holdings([Holding(block(1, 20), GOVERNMENT, DAY, ORIGIN)])


def retires(holdings: Holdings, *on_file: AuthorizationOnFile, issuance_is_first_transfer: bool = True) -> bool:
    """Whether one credit may be retired on 1 March 2025."""
    rules = replace(RULES, issuance_is_first_transfer=issuance_is_first_transfer)
    first = next(iter(holdings)).block
    target = replace(RETIREMENT, registry_id=next(iter(holdings)).account.registry_id)
    entry = retire(replace(first, last=first.first), on_file=on_file, rules=rules, target=target)
    try:
        apply(holdings, entry)
    except Refused as refused:
        assert refused.code == "not_authorized"
        return False
    return True


def test_a_revocation_spares_what_was_first_transferred() -> None:
    """Japan issued while version 1 was in force: version 2, which revokes, comes too late for these credits."""
    assert retires(HELD, *authorizations(), REVOKED)


def test_it_does_not_where_issuance_is_no_first_transfer() -> None:
    """By another trigger the credits were not transferred yet, and the revocation counts."""
    assert not retires(HELD, *authorizations(), REVOKED, issuance_is_first_transfer=False)


def test_it_does_not_for_the_hosts_own_credits() -> None:
    """Issuing in the host's registry transfers nothing abroad."""
    government = Account("MNG/government", "MNG", GOVERNMENT.account_type, GOVERNMENT.opened_on)
    own = Block(Series("MN", ("MN901",), "2022"), 1, 20)
    holdings = Holdings([Holding(own, government, DAY, replace(ORIGIN, block=own, registry_id="MNG"))])
    assert retires(holdings, *authorizations())
    assert not retires(holdings, *authorizations(), REVOKED)


@pytest.mark.parametrize(("made_on", "allowed"), [(date(2025, 3, 1), True), (date(2025, 3, 2), False)])
def test_the_day_of_an_authorization_counts(made_on: date, allowed: bool) -> None:
    """An authorization of the very day is in force; one of tomorrow is not."""
    assert retires(HELD, *authorizations(authorized_on=made_on)) == allowed


def test_one_of_several_authorizations_is_enough() -> None:
    """Another authorization of the same Party may cover what the first does not."""
    other = AuthorizationOnFile("MNG", "N", 1, DAY, ("NDC and IMP",), ("MN901", "MN902"), 2021, 2030)
    assert not retires(HELD, *authorizations(purposes=("OP",)))
    assert retires(HELD, *authorizations(purposes=("OP",)), other)


def test_a_vintage_within_open_ends() -> None:
    """An authorization without last year covers all later ones."""
    assert retires(HELD, *authorizations(first_vintage=2021))
    assert retires(HELD, *authorizations(last_vintage=2022))
