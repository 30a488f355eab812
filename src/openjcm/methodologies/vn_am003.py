"""VN_AM003 Improving the energy efficiency of commercial buildings by utilization of high efficiency  (Viet Nam)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import sum_over
from openjcm.mrv.trace import Traced

m = Methodology(
    "VN_AM003",
    title=("Improving the energy efficiency of commercial buildings by utilization of high efficiency equipment"),
    title_ja="高効率機器の利用による商業建物のエネルギー効率改善",
    country="VNM",
    scope="3. Energy demand",
    summary=("Efficient equipment of a commercial building does the same service with less electricity and fuel."),
    summary_ja="商業建物の高効率機器が、同じサービスをより少ない電力と燃料で提供します。",
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Official summary page of VN_AM003",
        url="https://www.jcm.go.jp/vn-jp/methodologies/17",
        note=("formula written from the summary in words; the official PDF and its clause numbers were not read"),
    ),
)

m.version(
    "01.0",
    approved="2015-01-14",
    source=Citation(
        "Official page on jcm.go.jp (methodology VN_AM003)", url="https://www.jcm.go.jp/vn-jp/methodologies/17"
    ),
    grade=Grade.READ,
)

m.criterion(
    1,
    (
        "Equipment of a commercial building is replaced by equipment of the kinds that a table "
        "of the text names (the table was not read)."
    ),
    ja="商業建物の機器を、本文の表に掲げる種類の機器に更新する (表は未確認)。",
    grade=Grade.SECONDARY,
    shown_by="List of equipment before and after, specifications",
    shown_by_ja="更新前後の機器一覧、仕様書",
)
m.emission_source(
    "reference", "CO2", "Electricity and fuel of the reference equipment", ja="リファレンス機器の電力及び燃料"
)
m.emission_source(
    "project", "CO2", "Electricity and fuel of the project equipment", ja="プロジェクト機器の電力及び燃料"
)

m.index("i", "electric equipment", ja="電気機器")
m.index("j", "equipment burning fuel", ja="燃焼機器")
m.index("k", "kind of lamp", ja="照明器具の種類")
m.monitored(
    "EC_PJ_i_p",
    "MWh",
    "Power consumption of project equipment i in period p",
    ja="期間 p のプロジェクト機器 i の電力消費量",
    clause="monitored parameter",
    option="C",
    index=("i",),
)
m.monitored(
    "FC_PJ_j_p",
    "t",
    "Fuel of project equipment j in period p",
    ja="期間 p のプロジェクト機器 j の燃料消費量",
    clause="monitored parameter",
    option="B",
    index=("j",),
)
m.monitored(
    "EL_PJ_p",
    "MWh",
    "Electricity of the project lighting in period p",
    ja="期間 p のプロジェクト照明の電力消費量",
    clause="monitored parameter",
    option="C",
)
m.monitored(
    "h_k_p",
    "hour",
    "Operating hours of lamps k in period p",
    ja="期間 p の照明 k の点灯時間",
    clause="monitored parameter",
    option="C",
    index=("k",),
)
m.factor(
    "eta_PJ_i",
    "-",
    "Efficiency of project equipment i",
    ja="プロジェクト機器 i の効率",
    clause="efficiency of the equipment",
    read_on="validation",
    index=("i",),
)
m.fixed(
    "eta_RE_i",
    "-",
    "Efficiency of the reference equipment that stands for i",
    ja="機器 i に対応するリファレンス機器の効率",
    clause="efficiency of the equipment",
    index=("i",),
)
m.factor(
    "eta_PJ_j",
    "-",
    "Efficiency of project equipment j",
    ja="プロジェクト機器 j の効率",
    clause="efficiency of the equipment",
    read_on="validation",
    index=("j",),
)
m.fixed(
    "eta_RE_j",
    "-",
    "Efficiency of the reference equipment that stands for j",
    ja="機器 j に対応するリファレンス機器の効率",
    clause="efficiency of the equipment",
    index=("j",),
)
m.factor(
    "P_RE_k",
    "kW",
    "Rated power of the reference lamps that stand for k",
    ja="照明 k に対応するリファレンス照明の定格電力",
    clause="rated power of the reference lamps",
    read_on="validation",
    index=("k",),
)
m.factor(
    "NCV_j",
    "GJ/t",
    "Net calorific value of the fuel of equipment j",
    ja="機器 j の燃料の真発熱量",
    clause="net calorific value of fuel",
    read_on="monitoring",
    index=("j",),
)
m.factor(
    "EF_fuel_j",
    "tCO2e/GJ",
    "CO2 emission factor of the fuel of equipment j",
    ja="機器 j の燃料の CO2 排出係数",
    clause="emission factor of fuel",
    read_on="monitoring",
    index=("j",),
)
m.factor(
    "EF_elec",
    "tCO2e/MWh",
    "CO2 emission factor of the electricity used",
    ja="消費電力の CO2 排出係数",
    clause="emission factor of electricity",
    read_on="validation",
)


@m.formula("RE_elec_p", "tCO2e", clause="reference emissions, electric equipment")
def reference_electric(EC_PJ_i_p: Traced, eta_PJ_i: Traced, eta_RE_i: Traced, EF_elec: Traced) -> Traced:
    """Electricity that the reference equipment would have used, times the factor."""
    return sum_over("i", EC_PJ_i_p * (eta_PJ_i / eta_RE_i)) * EF_elec


@m.formula("RE_fuel_p", "tCO2e", clause="reference emissions, fuel")
def reference_fuel(FC_PJ_j_p: Traced, eta_PJ_j: Traced, eta_RE_j: Traced, NCV_j: Traced, EF_fuel_j: Traced) -> Traced:
    """Fuel that the reference equipment would have used, times its factor."""
    return sum_over("j", FC_PJ_j_p * (eta_PJ_j / eta_RE_j) * NCV_j * EF_fuel_j)


@m.formula("RE_light_p", "tCO2e", clause="reference emissions, lighting")
def reference_lighting(P_RE_k: Traced, h_k_p: Traced, EF_elec: Traced) -> Traced:
    """Rated power of the reference lamps times operating hours, times the factor."""
    return sum_over("k", P_RE_k * h_k_p) * EF_elec


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(RE_elec_p: Traced, RE_fuel_p: Traced, RE_light_p: Traced) -> Traced:
    """Electric equipment, fuel and lighting."""
    return RE_elec_p + RE_fuel_p + RE_light_p


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(
    EC_PJ_i_p: Traced, EL_PJ_p: Traced, FC_PJ_j_p: Traced, NCV_j: Traced, EF_fuel_j: Traced, EF_elec: Traced
) -> Traced:
    """Monitored electricity and fuel, each times its factor."""
    return (sum_over("i", EC_PJ_i_p) + EL_PJ_p) * EF_elec + sum_over("j", FC_PJ_j_p * NCV_j * EF_fuel_j)


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
