"""VN_AM007 Installation of Solar PV System (Viet Nam)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology, Suggestion
from openjcm.mrv.techniques import nothing, sum_over
from openjcm.mrv.trace import Traced

m = Methodology(
    "VN_AM007",
    title="Installation of Solar PV System",
    title_ja="太陽光発電システムの導入",
    country="VNM",
    scope="1. Energy industries",
    summary=("Electricity of photovoltaic systems displaces electricity of the grid or of captive generators."),
    summary_ja="太陽光発電の電力が、系統電力または自家発電の電力を代替します。",
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Official summary page of VN_AM007",
        url="https://www.jcm.go.jp/vn-jp/methodologies/45",
        note=("formula written from the summary in words; the official PDF and its clause numbers were not read"),
    ),
)

m.version(
    "01.0",
    approved="2017-10-10",
    source=Citation(
        "Official page on jcm.go.jp (methodology VN_AM007)", url="https://www.jcm.go.jp/vn-jp/methodologies/45"
    ),
    grade=Grade.READ,
)

m.criterion(
    1,
    "The project installs solar PV systems (the full wording of the criteria was not read).",
    ja="プロジェクトは太陽光発電システムを導入する (適格性要件の全文は未確認)。",
    grade=Grade.INFERRED,
    shown_by="Contract of installation, single-line diagram",
    shown_by_ja="設置契約書、単線結線図",
)
m.criterion(
    2,
    "Modules are certified by IEC 61215, 61646 or 62108 and by IEC 61730-1 and -2.",
    ja="モジュールは IEC 61215、61646 または 62108、及び IEC 61730-1・-2 の認証を受けている。",
    grade=Grade.RECALLED,
    shown_by="Certificates of the module type",
    shown_by_ja="モジュール型式の認証書",
)
m.criterion(
    3,
    "Meters for output and irradiance are installed at the site.",
    ja="発電出力と日射量の計測器が設置されている。",
    grade=Grade.RECALLED,
    shown_by="Type plates and certificates of calibration of the meters",
    shown_by_ja="計測器の銘板と校正証明書",
)
m.emission_source("reference", "CO2", "Use of grid or captive electricity", ja="系統電力または自家発電電力の消費")
m.emission_source("project", "CO2", "None: generation by PV emits nothing", ja="なし (太陽光発電は排出なし)")

m.index("i", "PV system", ja="太陽光発電システム")
m.choice(
    "CASE_i",
    {
        "national_grid": ("The national grid", "国の系統"),
        "captive_diesel": ("A captive diesel generator, or a grid apart", "自家用ディーゼル発電、または独立系統"),
    },
    "Which electricity system i displaces",
    ja="システム i が代替する電力",
    clause="reference emission factor",
    index=("i",),
)
m.monitored(
    "EG_i_p",
    "MWh",
    ("Electricity of project PV system i in period p that was consumed or sold to the power company"),
    ja="期間 p のシステム i の発電電力量のうち、消費または電力会社に販売された量",
    clause="monitored parameter",
    option="C",
    index=("i",),
)
m.fixed(
    "EF_RE_i",
    "tCO2e/MWh",
    "Reference CO2 emission factor of the electricity that system i displaces",
    ja="システム i が代替する電力のリファレンス CO2 排出係数",
    clause="reference emission factor",
    index=("i",),
    by="CASE_i",
    suggestion=Suggestion(
        "0.333",
        "tCO2e/MWh",
        Grade.RECALLED,
        "recalled for the national grid, in no source that could be read; never used by itself",
    ),
)


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(EG_i_p: Traced, EF_RE_i: Traced) -> Traced:
    """Generation of each system times the reference factor of the electricity that it displaces."""
    return sum_over("i", EG_i_p * EF_RE_i)


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions() -> Traced:
    """Project emissions are zero."""
    return nothing("tCO2e")


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
