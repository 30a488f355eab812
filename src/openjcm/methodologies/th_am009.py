"""TH_AM009 Installation of gas engine cogeneration system to supply electricity and heat (Thailand)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology, Suggestion
from openjcm.mrv.trace import Traced

m = Methodology(
    "TH_AM009",
    title="Installation of gas engine cogeneration system to supply electricity and heat",
    title_ja="電気及び熱を供給するガスエンジンコージェネレーションシステムの導入",
    country="THA",
    scope="1. Energy industries",
    summary=("A gas engine supplies electricity and heat together, which the grid and a boiler supplied before."),
    summary_ja="ガスエンジンが電気と熱を同時に供給し、系統電力とボイラを代替します。",
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Official summary page of TH_AM009",
        url="https://www.jcm.go.jp/th-jp/methodologies/90",
        note=("formula written from the summary in words; the official PDF and its clause numbers were not read"),
    ),
)

m.version(
    "01.0",
    approved="2019-01-14",
    source=Citation(
        "Official page on jcm.go.jp (methodology TH_AM009)", url="https://www.jcm.go.jp/th-jp/methodologies/90"
    ),
    grade=Grade.READ,
)

m.criterion(
    1,
    ("A gas engine cogeneration system supplies electricity and heat (the full wording of the criteria was not read)."),
    ja=("ガスエンジンコージェネレーションシステムが電気と熱を供給する (適格性要件の全文は未確認)。"),
    grade=Grade.INFERRED,
    shown_by="Specification of the maker, heat and electricity balance",
    shown_by_ja="製造者の仕様書、熱電バランス図",
)
m.emission_source(
    "reference", "CO2", "Grid or captive electricity of the recipients", ja="供給先の系統電力または自家発電電力"
)
m.emission_source("reference", "CO2", "Fuel of the reference boiler", ja="リファレンスボイラの燃料")
m.emission_source("project", "CO2", "Gas of the cogeneration system", ja="コージェネレーションシステムのガス")

m.monitored(
    "EG_CGS_p",
    "MWh",
    "Electricity of the cogeneration system that the recipients consumed in period p",
    ja="期間 p に供給先が消費したコージェネレーションの電力量",
    clause="monitored parameter",
    option="C",
)
m.monitored(
    "HG_CGS_p",
    "GJ",
    "Heat of the cogeneration system that the recipients consumed in period p",
    ja="期間 p に供給先が消費したコージェネレーションの熱量",
    clause="monitored parameter",
    option="C",
)
m.monitored(
    "FC_CGS_p",
    "m**3",
    "Gas that the cogeneration system burnt in period p",
    ja="期間 p のコージェネレーションのガス消費量",
    clause="monitored parameter",
    option="B",
)
m.factor(
    "NCV_gas",
    "GJ/m**3",
    "Net calorific value of the gas",
    ja="ガスの真発熱量",
    clause="net calorific value of gas",
    read_on="monitoring",
)
m.factor(
    "EF_gas",
    "tCO2e/GJ",
    "CO2 emission factor of the gas",
    ja="ガスの CO2 排出係数",
    clause="emission factor of gas",
    read_on="monitoring",
)
m.fixed(
    "eta_RE",
    "-",
    "Efficiency of the reference boiler",
    ja="リファレンスボイラの効率",
    clause="efficiency of the reference boiler",
    suggestion=Suggestion(
        "0.89",
        "-",
        Grade.RECALLED,
        ("0.89 or 0.92 is recalled for gas boilers, for which methodology is not known; never used by itself"),
    ),
)
m.factor(
    "EF_RE_fuel",
    "tCO2e/GJ",
    "CO2 emission factor of the fuel of the reference boiler",
    ja="リファレンスボイラの燃料の CO2 排出係数",
    clause="emission factor of fuel",
    read_on="validation",
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
def reference_emissions(
    EG_CGS_p: Traced, EF_elec: Traced, HG_CGS_p: Traced, eta_RE: Traced, EF_RE_fuel: Traced
) -> Traced:
    """Electricity times its factor, and heat over the boiler efficiency times the factor of its fuel."""
    return EG_CGS_p * EF_elec + HG_CGS_p / eta_RE * EF_RE_fuel


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(FC_CGS_p: Traced, NCV_gas: Traced, EF_gas: Traced) -> Traced:
    """Gas of the cogeneration system times its factor."""
    return FC_CGS_p * NCV_gas * EF_gas


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
