"""The desk of the demonstration: pages on which holders, representatives and administrators do their acts.

Until people sign in, the desk exists for the demonstration world alone (see :mod:`openjcm.web.desk.switch`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openjcm.web.desk.account import account_page
from openjcm.web.desk.acting import administer, answer, propose
from openjcm.web.desk.home import desk, take_role
from openjcm.web.desk.registry import registry_desk

PAGES: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("/desk", desk),
    ("/desk/account", account_page),
    ("/desk/registry", registry_desk),
)
"""Pages below ``/ja`` and ``/en``."""
FORMS: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("/desk/role", take_role),
    ("/desk/propose", propose),
    ("/desk/answer", answer),
    ("/desk/administer", administer),
)
"""Where the pages' forms go."""
