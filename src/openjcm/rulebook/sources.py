"""The documents that the rulebook cites, each named once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from openjcm.dated import Citation

RESEARCHED_ON = date(2026, 11, 21)
"""The day up to which the public record was searched."""
METI_2026_DAY = date(2026, 1, 14)
"""The day of the METI slides that list the state of every partner's rules."""

Cite = Callable[..., Citation]


def _source(name: str, url: str = "") -> Cite:
    return partial(Citation, name, url=url)


# Slides and pages of the ministries
MOE_2022 = _source("MOE JCM slides December 2022")
METI_2026 = _source("METI JCM slides 2026-01-14")
MOE_2024 = _source("MOE JCM slides February-March 2024")
MOE_PAGE = _source("MOE JCM page (2025)")
MOFA_2016 = _source(
    "MOFA press page 2016-10-04 (first issuance, Mongolia)", "https://www.mofa.go.jp/mofaj/ic/ch/page22_002709.html"
)
METI_INDIA = _source("METI page on the 1st Joint Committee with India, 2025-09-22")
METI_1113 = _source("METI press release 2015-11-13", "https://www.meti.go.jp/press/2015/11/20151113001")
MOE_A6_GUIDE = _source("MOE Article 6 Rule Guide Book slides, 2022-02-16")
FAQ = _source("JCM FAQ of the carbon markets platform", "https://www.carbon-markets.go.jp/faq/jcm.html")
CARBON_MARKETS = _source(
    "carbon-markets.go.jp, JCM in detail", "https://www.carbon-markets.go.jp/jcm/about/jcm_detail.html"
)
SIDE_EVENT_2015 = _source("SB42 side-event report on the JCM, 2015")
FGAS_QA = _source(
    "MOE page on F-gas recovery, questions and answers FY2021", "https://www.env.go.jp/earth/ozone/post_99"
)


def moe_press(number: str, **details: str) -> Citation:
    """A press release of the Ministry of the Environment, by its number (``03301``)."""
    return Citation(f"MOE press release {number}", url=f"https://www.env.go.jp/press/press_{number}.html", **details)


def jcm_page(path: str, **details: str) -> Citation:
    """A page of the JCM website, by its path (``lk-jp/jc_decisions``)."""
    return Citation(f"jcm.go.jp/{path}", url=f"https://www.jcm.go.jp/{path}", **details)


def page(name: str, **details: str) -> Citation:
    """A page or copy that is cited once only, named by its address or site."""
    return Citation(name, **details)


# Japanese law
ACT = _source("Act on Promotion of Global Warming Countermeasures (Act 117 of 1998, as amended by Act 56 of 2024)")
BILL = _source("House of Representatives, summary of the bill that became Act 56 of 2024")
RECORDING_ORDINANCE = _source("Ordinance on recording (MAFF, METI, MOE Ordinance 1 of 2025; 507M60001600001)")
ACCOUNT_ORDINANCE = _source("Ordinance on the account book (METI, MOE Ordinance 1 of 2025; 507M60001400001)")
FEE_ORDER = _source("Cabinet Order No. 8 of 2025-01-22 (comparison table, sn-hoki.co.jp)")
CARBONWEALTHLAB = _source("carbonwealthlab.com ?p=1949 on the account-book law")
GUIDELINES_2015 = _source("newskankyobu.com 2015-11-13 on the Implementation Guidelines for the JCM in Japan")

# JCM documents and their mirrors
SPEC_V1 = _source("JCM_ID_Spec_Registry_ver01.0, first part (mirror: scribd.com 367121996)")
REGISTRY_SUMMARY = _source("jcmregistry.go.jp, Summary page (state of 2022)")
VALIDATION_FORM = _source("JCM_ID_F_Val_Rep_ver01.0 (mirror: studylib.net 7133377)")
PCP_PALAU = _source("JCM_PW_PCP, table of contents (mirror: pdfslide.net)")
GL_PDD_MR = _source("JCM_MN_GL_PDD_MR, table of contents (mirror: vdocuments.mx)")
GL_VV = _source("JCM_MN_GL_VV_ver01.0, table of contents (mirror: kipdf.com)")
MN_TPE = _source("jcm-mongolia.com, third-party entities", "https://www.jcm-mongolia.com/?page_id=12455")
MN_OLD = _source("jcm-mongolia.com, rules and guidelines", "https://www.jcm-mongolia.com/?page_id=12453")
GEC_NOTICE = _source("GEC notice on the call for FY2023 (jcm-mongolia.com)", "https://www.jcm-mongolia.com/?p=16800")
MN_ROI = _source("OECC draft translation of Mongolia's Rules of Implementation v1 (mirror: paperzz.com 6451391)")
CRI = _source(
    "github.com/create-to-solve/carbon-registry-intelligence-db at 5a701a3 (2026-06-04), tables taken from jcm.go.jp"
)
ADB_HANDBOOK = _source("ADB Handbook for Developing JCM Projects, section 4.6 (excerpt)")
EKON = _source("jcm.ekon.go.id", "https://jcm.ekon.go.id")

# Article 6
CMA3 = _source("Decision 2/CMA.3, annex (as quoted in UNDP's Article 6.2 compliance plan)")
CMA6 = _source("Decision 4/CMA.6 (as summarised by the Gold Standard/Verra reporting tool and an Article 6 wiki)")
UNFCCC_FAQ = _source("UNFCCC, Article 6.2 submissions FAQ", "https://unfccc.int/node/637979")
CHECKER = _source("Secretariat-side consistency scripts for the AEF")
NOMENCLATURE = _source("UNFCCC common nomenclatures, 2026-02-17 (as transcribed in carbon-registry-undp, libs/aef-v2)")
A6_WIKI = _source("freeflowercarbon/article6-wiki, 2026-08-02, citing the ministry's questions and answers of Dec 2025")

UNEP = _source("UNEP-CCC list of partners (via hirotomurayama-coder/carbon-intelligence)")
ISO = _source("ISO 3166-1")
TZ = _source("IANA time zone database")
RESEARCH = _source("OpenJCM domain research, 2026-11-21")
