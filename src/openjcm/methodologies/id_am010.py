"""ID_AM010 Introducing double-bundle modular electric heat pumps to a new building (Indonesia)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import constant
from openjcm.mrv.trace import Traced

m = Methodology(
    "ID_AM010",
    title="Introducing double-bundle modular electric heat pumps to a new building",
    title_ja="新築建物へのダブルバンドル型モジュール式電動ヒートポンプの導入",
    country="IDN",
    scope="3. Energy demand",
    summary=(
        "Double-bundle heat pumps make the heat and cold of a new building, which a boiler and "
        "chillers would have made."
    ),
    summary_ja="ダブルバンドル型ヒートポンプが新築建物に温熱と冷熱を供給し、ボイラと冷凍機を代替します。",
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Official summary page of ID_AM010",
        url="https://www.jcm.go.jp/id-jp/methodologies/22",
        note=("formula written from the summary in words; the official PDF and its clause numbers were not read"),
    ),
)

m.version(
    "01.0",
    approved="2015-08-06",
    source=Citation(
        "Official page on jcm.go.jp (methodology ID_AM010)", url="https://www.jcm.go.jp/id-jp/methodologies/22"
    ),
    grade=Grade.READ,
)

m.criterion(
    1,
    "Double-bundle modular electric heat pumps are installed in a new building.",
    ja="新築建物にダブルバンドル型モジュール式電動ヒートポンプを導入する。",
    grade=Grade.READ,
    shown_by="Building permit, specification of the maker",
    shown_by_ja="建築許可、製造者の仕様書",
)
m.emission_source("reference", "CO2", "Oil of the reference boiler", ja="リファレンスボイラの燃料油")
m.emission_source("reference", "CO2", "Electricity of the reference chillers", ja="リファレンス冷凍機の電力消費")
m.emission_source(
    "project",
    "CO2",
    "Electricity of heat pumps, other chillers and their auxiliaries",
    ja="ヒートポンプ、その他の冷凍機及び補機の電力消費",
)
m.emission_source("project", "CO2", "Oil of the boilers that remain", ja="残るボイラの燃料油")

m.monitored(
    "HQ_p",
    "GJ",
    "Heat that the building used in period p",
    ja="期間 p の建物の温熱使用量",
    clause="monitored parameter",
    option="C",
)
m.monitored(
    "CQ_p",
    "GJ",
    "Cold that the building used in period p",
    ja="期間 p の建物の冷熱使用量",
    clause="monitored parameter",
    option="C",
)
m.monitored(
    "EC_HP_p",
    "MWh",
    "Electricity of the heat pumps in period p",
    ja="期間 p のヒートポンプの電力消費量",
    clause="monitored parameter",
    option="C",
)
m.monitored(
    "EC_HP_aux_p",
    "MWh",
    "Electricity of the auxiliaries of the heat pumps in period p",
    ja="期間 p のヒートポンプ補機の電力消費量",
    clause="monitored parameter",
    option="C",
)
m.monitored(
    "EC_other_p",
    "MWh",
    "Electricity of the other chillers in period p",
    ja="期間 p のその他の冷凍機の電力消費量",
    clause="monitored parameter",
    option="C",
)
m.monitored(
    "EC_other_aux_p",
    "MWh",
    "Electricity of the auxiliaries of the other chillers in period p",
    ja="期間 p のその他の冷凍機の補機の電力消費量",
    clause="monitored parameter",
    option="C",
)
m.monitored(
    "FC_oil_p",
    "t",
    "Oil of the boilers in period p",
    ja="期間 p のボイラの燃料油消費量",
    clause="monitored parameter",
    option="B",
)
m.fixed(
    "eta_RE",
    "-",
    "Efficiency of the reference boiler, a default of a CDM tool",
    ja="リファレンスボイラの効率 (CDM ツールの既定値)",
    clause="efficiency of the reference boiler",
)
m.fixed(
    "COP_RE",
    "-",
    "COP of the reference chiller, a default by the Indonesian standard",
    ja="リファレンス冷凍機の COP (インドネシア規格による既定値)",
    clause="COP of the reference chiller",
)
m.factor(
    "NCV_oil",
    "GJ/t",
    "Net calorific value of the oil",
    ja="燃料油の真発熱量",
    clause="net calorific value of oil",
    read_on="monitoring",
)
m.factor(
    "EF_oil",
    "tCO2e/GJ",
    "CO2 emission factor of the oil",
    ja="燃料油の CO2 排出係数",
    clause="emission factor of oil",
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
def reference_emissions(
    HQ_p: Traced, eta_RE: Traced, EF_oil: Traced, CQ_p: Traced, COP_RE: Traced, EF_elec: Traced
) -> Traced:
    """Heat over the boiler efficiency times the factor of oil; cold over the COP times that of electricity."""
    return HQ_p / eta_RE * EF_oil + CQ_p / constant("3.6", "GJ/MWh") / COP_RE * EF_elec


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(
    EC_HP_p: Traced,
    EC_HP_aux_p: Traced,
    EC_other_p: Traced,
    EC_other_aux_p: Traced,
    EF_elec: Traced,
    FC_oil_p: Traced,
    NCV_oil: Traced,
    EF_oil: Traced,
) -> Traced:
    """The four meters of electricity times its factor, and oil times its factor."""
    return (EC_HP_p + EC_HP_aux_p + EC_other_p + EC_other_aux_p) * EF_elec + FC_oil_p * NCV_oil * EF_oil


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
