"""TH_AM008 Introducing heat recovery heat pumps with natural refrigerants for the food manufacturing  (Thailand)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import constant, sum_over
from openjcm.mrv.trace import Traced

m = Methodology(
    "TH_AM008",
    title=("Introducing heat recovery heat pumps with natural refrigerants for the food manufacturing industries"),
    title_ja="食品製造業への自然冷媒を用いた熱回収ヒートポンプの導入",
    country="THA",
    scope="3. Energy demand",
    summary=("An electric heat pump makes hot and chilled water at once, which a boiler and a chiller made before."),
    summary_ja="電動ヒートポンプが温水と冷水を同時に供給し、ボイラと冷凍機を代替します。",
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Official summary page of TH_AM008",
        url="https://www.jcm.go.jp/th-jp/methodologies/89",
        note=("formula written from the summary in words; the official PDF and its clause numbers were not read"),
    ),
)

m.version(
    "01.0",
    approved="2019-01-14",
    source=Citation(
        "Official page on jcm.go.jp (methodology TH_AM008)", url="https://www.jcm.go.jp/th-jp/methodologies/89"
    ),
    grade=Grade.READ,
)

m.criterion(
    1,
    (
        "A heat recovery heat pump with natural refrigerant supplies hot and chilled water to a "
        "food factory (the full wording was not read)."
    ),
    ja="自然冷媒を用いた熱回収ヒートポンプが食品工場に温水と冷水を供給する (全文は未確認)。",
    grade=Grade.INFERRED,
    shown_by="Specification of the maker, flow diagram",
    shown_by_ja="製造者の仕様書、系統図",
)
m.emission_source("reference", "CO2", "Fuel of the reference boiler", ja="リファレンスボイラの燃料")
m.emission_source("reference", "CO2", "Electricity of the reference chiller", ja="リファレンス冷凍機の電力消費")
m.emission_source(
    "project", "CO2", "Electricity of the heat pump and its auxiliaries", ja="ヒートポンプ及び補機の電力消費"
)

m.index("i", "heat pump", ja="ヒートポンプ")
m.monitored(
    "EC_PJ_i_p",
    "MWh",
    "Power consumption of project heat pump i in period p",
    ja="期間 p のプロジェクトヒートポンプ i の電力消費量",
    clause="monitored parameter",
    option="C",
    index=("i",),
)
m.monitored(
    "EC_aux_p",
    "MWh",
    "Power consumption of the auxiliary equipment in period p",
    ja="期間 p の補機の電力消費量",
    clause="monitored parameter",
    option="C",
)
m.factor(
    "COP_heat_i",
    "-",
    "COP of heat pump i for heating",
    ja="ヒートポンプ i の加熱 COP",
    clause="COP of the project heat pump",
    read_on="validation",
    index=("i",),
)
m.factor(
    "COP_cool_i",
    "-",
    "COP of heat pump i for cooling",
    ja="ヒートポンプ i の冷却 COP",
    clause="COP of the project heat pump",
    read_on="validation",
    index=("i",),
)
m.fixed(
    "eta_RE",
    "-",
    "Efficiency of the reference boiler",
    ja="リファレンスボイラの効率",
    clause="efficiency of the reference boiler",
)
m.fixed(
    "COP_RE",
    "-",
    "COP of the reference chiller",
    ja="リファレンス冷凍機の COP",
    clause="COP of the reference chiller",
)
m.factor(
    "EF_fuel",
    "tCO2e/GJ",
    "CO2 emission factor of the fuel of the reference boiler",
    ja="リファレンスボイラの燃料の CO2 排出係数",
    clause="emission factor of fuel",
    read_on="validation",
)
m.factor(
    "EF_elec",
    "tCO2e/MWh",
    "CO2 emission factor of the electricity used",
    ja="消費電力の CO2 排出係数",
    clause="emission factor of electricity",
    read_on="validation",
)


@m.formula("RE_heat_p", "tCO2e", clause="reference emissions, heat")
def reference_heat(EC_PJ_i_p: Traced, COP_heat_i: Traced, eta_RE: Traced, EF_fuel: Traced) -> Traced:
    """Heat that the heat pumps made, over the boiler efficiency, times the factor of its fuel."""
    return sum_over("i", EC_PJ_i_p * constant("3.6", "GJ/MWh") * COP_heat_i / eta_RE * EF_fuel)


@m.formula("RE_cool_p", "tCO2e", clause="reference emissions, cold")
def reference_cold(EC_PJ_i_p: Traced, COP_cool_i: Traced, COP_RE: Traced, EF_elec: Traced) -> Traced:
    """Cold that the heat pumps made, over the COP of the chiller, times the factor of electricity."""
    return sum_over("i", EC_PJ_i_p * COP_cool_i / COP_RE * EF_elec)


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(RE_heat_p: Traced, RE_cool_p: Traced) -> Traced:
    """Heat and cold."""
    return RE_heat_p + RE_cool_p


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(EC_PJ_i_p: Traced, EC_aux_p: Traced, EF_elec: Traced) -> Traced:
    """Electricity of heat pumps and auxiliaries times the factor."""
    return (sum_over("i", EC_PJ_i_p) + EC_aux_p) * EF_elec


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
