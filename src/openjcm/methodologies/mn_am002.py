"""MN_AM002 Replacement and Installation of High Efficiency Heat Only Boiler (HOB) for Hot Water Suppl (Mongolia)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.trace import Traced

m = Methodology(
    "MN_AM002",
    title=("Replacement and Installation of High Efficiency Heat Only Boiler (HOB) for Hot Water Supply Systems"),
    title_ja="温水供給システムへの高効率熱供給専用ボイラ (HOB) の更新・導入",
    country="MNG",
    scope="1. Energy industries",
    summary="An efficient coal-fired heat only boiler supplies the same heat with less coal.",
    summary_ja="高効率の石炭焚き熱供給専用ボイラが、同じ熱をより少ない石炭で供給します。",
    evidence=Grade.INFERRED,
    text_source=Citation(
        "Draft criteria of the study of 2013 and the list of methodologies (copy)",
        url="http://www2.gec.jp/main.nsf/en/Activities-Climate_Change_Mitigation-jcm2013ds02",
        note="the calculation was not seen; it is the generic form for boilers",
    ),
)

m.version(
    "01.0",
    approved="2015-01-28",
    source=Citation("create-to-solve/carbon-registry-intelligence-db@e1fd796, methodologies.csv (copy of jcm.go.jp)"),
    grade=Grade.SECONDARY,
)

m.criterion(
    1,
    ("A coal-fired heat only boiler for hot water of 0.10 to 3.15 MW is newly installed, replaced or added."),
    ja="温水供給用の石炭焚き熱供給専用ボイラ (0.10〜3.15 MW) を新設、更新または増設する。",
    grade=Grade.SECONDARY,
    shown_by="Type plate and certificate of the boiler",
    shown_by_ja="ボイラの銘板と検査証",
)
m.criterion(
    2,
    "The boiler has a dust collector.",
    ja="ボイラに集じん装置を備える。",
    grade=Grade.SECONDARY,
    shown_by="Photograph, specification of the maker",
    shown_by_ja="写真、製造者の仕様書",
)
m.criterion(
    3,
    "Manuals of operation and maintenance are on hand (the rest of the criterion is cut off).",
    ja="運転・保守マニュアルがある (以降は途切れている)。",
    grade=Grade.SECONDARY,
    shown_by="The manuals",
    shown_by_ja="マニュアル",
)
m.emission_source("reference", "CO2", "Coal of the reference boiler", ja="リファレンスボイラの石炭")
m.emission_source("project", "CO2", "Coal of the project boiler", ja="プロジェクトボイラの石炭")
m.emission_source("project", "CO2", "Electricity of the project boiler", ja="プロジェクトボイラの電力消費")

m.monitored(
    "PH_p",
    "GJ",
    "Heat that the project boiler supplied in period p",
    ja="期間 p のプロジェクトボイラの供給熱量",
    clause="monitored parameter",
    option="C",
)
m.monitored(
    "EC_PJ_p",
    "MWh",
    "Electricity of the project boiler in period p",
    ja="期間 p のプロジェクトボイラの電力消費量",
    clause="monitored parameter",
    option="C",
)
m.factor(
    "eta_PJ",
    "-",
    "Efficiency of the project boiler",
    ja="プロジェクトボイラの効率",
    clause="efficiency of the project boiler",
    read_on="validation",
)
m.fixed(
    "eta_RE",
    "-",
    "Efficiency of the reference boiler",
    ja="リファレンスボイラの効率",
    clause="efficiency of the reference boiler",
)
m.factor(
    "EF_coal",
    "tCO2e/GJ",
    "CO2 emission factor of the coal",
    ja="石炭の CO2 排出係数",
    clause="emission factor of coal",
    read_on="monitoring",
)
m.factor(
    "EF_elec",
    "tCO2e/MWh",
    "CO2 emission factor of the electricity",
    ja="電力の CO2 排出係数",
    clause="emission factor of electricity",
    read_on="validation",
)


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(PH_p: Traced, eta_RE: Traced, EF_coal: Traced) -> Traced:
    """Heat over the efficiency of the reference boiler, times the factor of coal."""
    return PH_p / eta_RE * EF_coal


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(PH_p: Traced, eta_PJ: Traced, EF_coal: Traced, EC_PJ_p: Traced, EF_elec: Traced) -> Traced:
    """Heat over the efficiency of the project boiler times the factor of coal, and electricity times its factor."""
    return PH_p / eta_PJ * EF_coal + EC_PJ_p * EF_elec


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
