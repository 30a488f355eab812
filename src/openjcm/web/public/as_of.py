"""The form that asks what lay in which account as of an instant, and the answer."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from openjcm.refusals import Refused
from openjcm.views.holdings_as_of import AsOf, Cut, KeptBlock, Wanted, blocks_as_of, holdings_as_of, read_cut
from openjcm.views.registries import account_named, registries
from openjcm.web.pages import render
from openjcm.web.public.common import names_for, today
from openjcm.web.signed import is_open

CHOICES = ("account", "type", "registry", "project", "vintage", "itmo", "project,vintage", "account,vintage")
FIELDS = ("as_of", "recorded_by", "world", "side", "account", "project", "vintage", "itmo")
MOST_ROWS = 300
ANSWERS = ("yes", "no", "cannot tell")


def holdings_page(request: Request) -> Response:
    """``/ja/holdings``: the form; with any field given, the answer too. What cannot be read is said at the form."""
    given = {name: request.query_params.get(name, "").strip()[:300] for name in FIELDS}
    by = request.query_params.get("by", "")
    by = by if by in CHOICES else "account"
    world = given["world"] if given["world"] in {"public", "demonstration"} else "public"
    itmo = given["itmo"] if given["itmo"] in ANSWERS else ""
    given |= {"world": world, "itmo": itmo}
    wanted = Wanted(world, given["side"], "", given["account"], given["project"], given["vintage"], itmo)
    refused, found, blocks, account = None, None, list[KeptBlock](), None
    with request.app.state.database.reading() as connection:
        parties = sorted({one.party for one in registries(connection)})
        try:
            cut = read_cut(given["as_of"], given["recorded_by"])
        except Refused as error:
            refused = error
        else:
            if request.query_params:
                found = holdings_as_of(connection, cut, wanted, by.split(","))
                account = account_named(connection, given["account"]) if given["account"] else None
                if account is not None:
                    blocks = blocks_as_of(connection, cut, wanted, MOST_ROWS)
    return render(
        request,
        "holdings.html.j2",
        "registries",
        given=given,
        by=by,
        choices=CHOICES,
        parties=parties,
        names=names_for(request),
        answers=ANSWERS,
        refused=refused,
        found=found,
        rows=found.groups[:MOST_ROWS] if found else (),
        more=len(found.groups) > MOST_ROWS if found else False,
        blocks=blocks,
        account=account,
        open_=account is not None and is_open(account.account_type, world),
        query=_query(given, by),
        clock=_clock(found),
        today=today(),
    )


def _query(given: dict[str, str], by: str) -> str:
    """The question as it stands in an address of the API."""
    return urlencode({**{name: value for name, value in given.items() if value}, "by": by})


def _clock(found: AsOf | None) -> str:
    """Which clocks were asked: day, recorded, both or now."""
    cut = found.cut if found else Cut()
    return {(True, True): "both", (True, False): "day", (False, True): "recorded", (False, False): "now"}[
        cut.day is not None, cut.recorded_by is not None
    ]
