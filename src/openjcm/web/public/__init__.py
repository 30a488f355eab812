"""Pages that anyone may read. One module per page or family of pages; this table says which address is whose."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request
from fastapi.responses import Response

from openjcm.web.public.aef import aef_page
from openjcm.web.public.api_docs import api
from openjcm.web.public.as_of import holdings_page
from openjcm.web.public.certificates import certificate_page, uses_page
from openjcm.web.public.completeness import completeness_page, completeness_picture
from openjcm.web.public.downloads import downloads
from openjcm.web.public.explain import explain, explain_index
from openjcm.web.public.gateways import gateways_page
from openjcm.web.public.history import history_page
from openjcm.web.public.home import home
from openjcm.web.public.issuances import issuances
from openjcm.web.public.jobs import jobs_page
from openjcm.web.public.log import log, log_leaf
from openjcm.web.public.meter import meter
from openjcm.web.public.methodologies import methodologies, methodology_page
from openjcm.web.public.methodology_diff import methodology_diff_page
from openjcm.web.public.partners import partners_page
from openjcm.web.public.period import period_page
from openjcm.web.public.project import project_page
from openjcm.web.public.projects import project_list
from openjcm.web.public.registries import registry_list, registry_page
from openjcm.web.public.replay import replay
from openjcm.web.public.rules import rules, rules_page
from openjcm.web.public.search import search
from openjcm.web.public.upload import upload

PAGES: tuple[tuple[str, Callable[[Request], Response]], ...] = (
    ("/", home),
    ("/projects", project_list),
    ("/projects/{reference}", project_page),
    ("/projects/{reference}/meters/{meter}", meter),
    ("/projects/{reference}/periods/{start}", period_page),
    ("/projects/{reference}/periods/{start}/completeness", completeness_page),
    ("/projects/{reference}/periods/{start}/completeness.png", completeness_picture),
    ("/readings/{sha256}", upload),
    ("/gateways", gateways_page),
    ("/issuances", issuances),
    ("/registries", registry_list),
    ("/registries/{registry}", registry_page),
    ("/registries/{registry}/uses", uses_page),
    ("/partners", partners_page),
    ("/certificates/{entry_no:int}", certificate_page),
    ("/holdings", holdings_page),
    ("/history/{block}", history_page),
    ("/methodologies", methodologies),
    ("/methodologies/{methodology}", methodology_page),
    ("/methodologies/{methodology}/diff", methodology_diff_page),
    ("/methodologies/{methodology}/replay", replay),
    ("/rules", rules),
    ("/rules/{country}", rules_page),
    ("/explain", explain_index),
    ("/explain/{serial}", explain),
    ("/log", log),
    ("/log/{index:int}", log_leaf),
    ("/api", api),
    ("/downloads", downloads),
    ("/jobs", jobs_page),
    ("/reports/aef/{party}/{year}", aef_page),
    ("/search", search),
)
"""Every page below ``/ja`` and ``/en``."""
