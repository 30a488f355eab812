"""SA_AM001 Introduction of High Efficiency Electrolyzer in Chlor-Alkali Processing Plant (Saudi Arabia)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import sum_over, weighted_mean
from openjcm.mrv.trace import Traced

m = Methodology(
    "SA_AM001",
    title="Introduction of High Efficiency Electrolyzer in Chlor-Alkali Processing Plant",
    title_ja="塩素アルカリ (食塩電解) プラントにおける高効率電解槽の導入",
    country="SAU",
    scope="5. Chemical industry",
    summary=("An efficient ion-exchange membrane electrolyser makes the same product with less electricity."),
    summary_ja="高効率のイオン交換膜電解槽が、同じ製品をより少ない電力で製造します。",
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Official summary page of SA_AM001",
        url="https://www.jcm.go.jp/sa-jp/methodologies/63",
        note=("formula written from the summary in words; the official PDF and its clause numbers were not read"),
    ),
)

m.version(
    "01.0",
    approved="2017-10-18",
    source=Citation(
        "Official page on jcm.go.jp (methodology SA_AM001)", url="https://www.jcm.go.jp/sa-jp/methodologies/63"
    ),
    grade=Grade.READ,
)

m.criterion(
    1,
    (
        "An efficient ion-exchange membrane electrolyser is installed in a chlor-alkali plant "
        "(the full wording was not read)."
    ),
    ja="塩素アルカリプラントに高効率のイオン交換膜電解槽を導入する (全文は未確認)。",
    grade=Grade.INFERRED,
    shown_by="Contract of supply with the guaranteed specific consumption",
    shown_by_ja="原単位保証値を含む供給契約書",
)
m.emission_source(
    "reference", "CO2", "Electricity use of the reference electrolyser", ja="リファレンス電解槽の電力消費"
)
m.emission_source("project", "CO2", "Electricity use of the project electrolyser", ja="プロジェクト電解槽の電力消費")

m.index("i", "electrolyser", ja="電解槽")
m.monitored(
    "EC_PJ_i_p",
    "MWh",
    "Power consumption of project electrolyser i in period p",
    ja="期間 p のプロジェクト電解槽 i の電力消費量",
    clause="monitored parameter",
    option="C",
    index=("i",),
)
m.factor(
    "SC_PJ_i",
    "kWh/t",
    "Specific consumption of project electrolyser i, the initial guarantee in new state",
    ja="プロジェクト電解槽 i の電力原単位 (新品時の保証値)",
    clause="specific consumption",
    read_on="validation",
    index=("i",),
)
m.fixed(
    "SC_RE_i",
    "kWh/t",
    ("Specific consumption of the reference electrolyser that stands for i, the initial guarantee in new state"),
    ja="電解槽 i に対応するリファレンス電解槽の電力原単位 (新品時の保証値)",
    clause="specific consumption",
    index=("i",),
)
m.choice(
    "POWER",
    {
        "grid": ("Electricity of the grid only", "系統電力のみ"),
        "grid_and_captive": (
            "Electricity of the grid and of captive generation, by the amounts of both",
            "系統電力と自家発電 (両者の量で加重)",
        ),
        "captive_fuel": ("Captive generation only, by its fuel and generation", "自家発電のみ (燃料と発電量から算定)"),
    },
    "Where the electricity comes from",
    ja="電力の供給源",
    clause="emission factor of electricity, captive power",
)
m.factor(
    "EF_grid",
    "tCO2e/MWh",
    "CO2 emission factor of the grid",
    ja="系統電力の CO2 排出係数",
    clause="emission factor of electricity",
    read_on="validation",
)
m.factor(
    "EF_captive",
    "tCO2e/MWh",
    "CO2 emission factor of the captive generation",
    ja="自家発電の CO2 排出係数",
    clause="emission factor of electricity, captive power",
    read_on="validation",
)
m.monitored(
    "EI_grid_p",
    "MWh",
    "Electricity imported from the grid to the site in period p",
    ja="期間 p に系統から受電した電力量",
    clause="monitored parameter, captive power",
    option="B",
)
m.monitored(
    "EG_captive_p",
    "MWh",
    "Electricity of the captive generation in period p",
    ja="期間 p の自家発電電力量",
    clause="monitored parameter, captive power",
    option="C",
)
m.monitored(
    "FC_captive_p",
    "t",
    "Fuel of the captive generation in period p",
    ja="期間 p の自家発電の燃料消費量",
    clause="monitored parameter, captive power",
    option="B",
)
m.factor(
    "NCV_captive",
    "GJ/t",
    "Net calorific value of the fuel of the captive generation",
    ja="自家発電の燃料の真発熱量",
    clause="emission factor of electricity, captive power",
    read_on="monitoring",
)
m.factor(
    "EF_fuel_captive",
    "tCO2e/GJ",
    "CO2 emission factor of the fuel of the captive generation",
    ja="自家発電の燃料の CO2 排出係数",
    clause="emission factor of electricity, captive power",
    read_on="monitoring",
)


@m.formula("EF_elec", "tCO2e/MWh", clause="emission factor of electricity", when={"POWER": ("grid",)})
def factor_of_grid(EF_grid: Traced) -> Traced:
    """The factor of the grid."""
    return EF_grid


@m.formula(
    "EF_elec",
    "tCO2e/MWh",
    clause="emission factor of electricity, captive power",
    when={"POWER": ("grid_and_captive",)},
)
def factor_of_grid_and_captive(EF_grid: Traced, EI_grid_p: Traced, EF_captive: Traced, EG_captive_p: Traced) -> Traced:
    """The mean of both factors by the electricity of each."""
    return weighted_mean(EF_grid, EI_grid_p, EF_captive, EG_captive_p)


@m.formula(
    "EF_elec", "tCO2e/MWh", clause="emission factor of electricity, captive power", when={"POWER": ("captive_fuel",)}
)
def factor_of_captive_fuel(
    FC_captive_p: Traced, NCV_captive: Traced, EF_fuel_captive: Traced, EG_captive_p: Traced
) -> Traced:
    """Fuel of the captive generation times its factor, by the electricity it made."""
    return FC_captive_p * NCV_captive * EF_fuel_captive / EG_captive_p


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(EC_PJ_i_p: Traced, SC_RE_i: Traced, SC_PJ_i: Traced, EF_elec: Traced) -> Traced:
    """Electricity that the reference electrolysers would have used for the same product, times the factor."""
    return sum_over("i", EC_PJ_i_p * (SC_RE_i / SC_PJ_i) * EF_elec)


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(EC_PJ_i_p: Traced, EF_elec: Traced) -> Traced:
    """Electricity of the project electrolysers times the factor."""
    return sum_over("i", EC_PJ_i_p * EF_elec)


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
