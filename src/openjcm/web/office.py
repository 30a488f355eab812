"""The installation behind the pages, for the two things that the database does not hold: kept files and the log's name.

The pages never act. They read files by their hash and the public half of the log's key.
"""

from __future__ import annotations

import threading

from fastapi import Request

from openjcm.commands import Office, open_office

_OPENING = threading.Lock()


def office_of(request: Request) -> Office:
    """The application's office, opened at the first call."""
    state = request.app.state
    with _OPENING:
        if getattr(state, "office", None) is None:
            state.office = open_office(database_url=state.database.url)
    office: Office = state.office
    return office
