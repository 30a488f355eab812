"""ID_AM022 Introduction of Absorption Chiller (Indonesia)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.trace import Traced

m = Methodology(
    "ID_AM022",
    title="Introduction of Absorption Chiller",
    title_ja="吸収式冷凍機の導入",
    country="IDN",
    scope="3. Energy demand",
    summary=(
        "An absorption chiller driven by heat does the cooling that electric centrifugal chillers would have done."
    ),
    summary_ja="熱で駆動する吸収式冷凍機が、電動ターボ冷凍機の冷却を代替します。",
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Official summary page of ID_AM022",
        url="https://www.jcm.go.jp/id-jp/methodologies/109",
        note=("formula written from the summary in words; the official PDF and its clause numbers were not read"),
    ),
)

m.version(
    "01.0",
    approved=None,
    source=Citation(
        "Official page on jcm.go.jp (methodology ID_AM022)", url="https://www.jcm.go.jp/id-jp/methodologies/109"
    ),
    grade=Grade.READ,
)

m.criterion(
    1,
    "An absorption chiller is installed where centrifugal chillers are the reference.",
    ja="ターボ冷凍機をリファレンスとする場所に吸収式冷凍機を導入する。",
    grade=Grade.READ,
    shown_by="Specification of the maker, flow diagram",
    shown_by_ja="製造者の仕様書、系統図",
)
m.criterion(
    2,
    "Pumps of chilled and cooling water and the cooling tower count on neither side.",
    ja="冷水ポンプ、冷却水ポンプ及び冷却塔は、両側とも算定に含めない。",
    grade=Grade.READ,
    shown_by="Single-line diagram with the boundary of the meters",
    shown_by_ja="計測範囲を示す単線結線図",
)
m.emission_source(
    "reference", "CO2", "Electricity of the reference centrifugal chillers", ja="リファレンスのターボ冷凍機の電力消費"
)
m.emission_source(
    "project",
    "CO2",
    "Electricity of the pumps inside the chiller, and of its hot-water pump",
    ja="冷凍機内部のポンプ及び温水ポンプの電力消費",
)
m.emission_source("project", "CO2", "Gas of the chiller", ja="冷凍機のガス")

m.monitored(
    "CE_p",
    "MWh",
    "Cooling energy of the absorption chiller in period p",
    ja="期間 p の吸収式冷凍機の冷却熱量",
    clause="monitored parameter",
    option="C",
)
m.monitored(
    "EC_PJ_p",
    "MWh",
    (
        "Electricity of the solution and refrigerant pumps inside the chiller, and of the "
        "hot-water pump where there is one, in period p"
    ),
    ja="期間 p の冷凍機内部の溶液ポンプ・冷媒ポンプ及び温水ポンプ (該当する場合) の電力消費量",
    clause="monitored parameter",
    option="C",
)
m.monitored(
    "FC_PJ_p",
    "m**3",
    "Gas that the chiller burnt in period p",
    ja="期間 p の冷凍機のガス消費量",
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
    "COP_RE",
    "-",
    "COP of the reference centrifugal chiller",
    ja="リファレンスのターボ冷凍機の COP",
    clause="COP of the reference chiller",
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
def reference_emissions(CE_p: Traced, COP_RE: Traced, EF_elec: Traced) -> Traced:
    """Cooling energy over the COP of the reference chiller, times the factor of electricity."""
    return CE_p / COP_RE * EF_elec


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(EC_PJ_p: Traced, EF_elec: Traced, FC_PJ_p: Traced, NCV_gas: Traced, EF_gas: Traced) -> Traced:
    """Electricity and gas of the absorption chiller, each times its factor."""
    return EC_PJ_p * EF_elec + FC_PJ_p * NCV_gas * EF_gas


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
