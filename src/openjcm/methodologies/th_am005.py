"""TH_AM005 Energy Saving by Introduction of High Efficiency Non-Inverter Type Centrifugal Chiller (Thailand)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology, Suggestion
from openjcm.mrv.techniques import at_standard_lift, sum_over, weighted_mean
from openjcm.mrv.trace import Traced

m = Methodology(
    "TH_AM005",
    title="Energy Saving by Introduction of High Efficiency Non-Inverter Type Centrifugal Chiller",
    title_ja="高効率非インバーター式ターボ冷凍機の導入による省エネルギー",
    country="THA",
    scope="3. Energy demand",
    summary="An efficient chiller does the cooling of a reference chiller with less electricity.",
    summary_ja="高効率冷凍機が、リファレンス冷凍機と同じ冷却をより少ない電力で行います。",
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Official summary page of TH_AM005",
        url="https://www.jcm.go.jp/th-jp/methodologies/144",
        note=("formula written from the summary in words; the official PDF and its clause numbers were not read"),
    ),
)

_PROJECT_LIST = Citation(
    "jcm.go.jp, list of projects (methodology and version applied)", url="https://www.jcm.go.jp/jc/mn-projects/"
)

m.version(
    "01.0",
    approved=None,
    source=Citation(
        "Official page on jcm.go.jp (methodology TH_AM005)", url="https://www.jcm.go.jp/th-jp/methodologies/144"
    ),
    grade=Grade.READ,
)
m.version(
    "02.0",
    approved=None,
    source=_PROJECT_LIST,
    grade=Grade.SECONDARY,
)
m.version(
    "03.0",
    approved="2023-10-11",
    source=Citation(
        "Official page on jcm.go.jp (methodology TH_AM005)", url="https://www.jcm.go.jp/th-jp/methodologies/144"
    ),
    grade=Grade.READ,
)

m.criterion(
    1,
    ("The project chiller is a centrifugal chiller without inverter (the full wording of the criteria was not read)."),
    ja="プロジェクト冷凍機はインバーターのないターボ冷凍機である (適格性要件の全文は未確認)。",
    grade=Grade.INFERRED,
    shown_by="Specification of the maker, type plate",
    shown_by_ja="製造者の仕様書、銘板",
)
m.criterion(
    2,
    "The chiller is checked regularly by the maker or its agent.",
    ja="製造者またはその代理店が定期点検を行う。",
    grade=Grade.RECALLED,
    shown_by="Contract of maintenance, records of the checks",
    shown_by_ja="保守契約書、点検記録",
)
m.criterion(
    3,
    ("The refrigerant has no ozone depletion potential, and a plan keeps it from being released."),
    ja="冷媒のオゾン破壊係数はゼロであり、放出を防ぐ計画がある。",
    grade=Grade.RECALLED,
    shown_by="Safety data sheet of the refrigerant, plan of recovery",
    shown_by_ja="冷媒の安全データシート、回収計画",
)
m.emission_source("reference", "CO2", "Electricity use of the reference chiller", ja="リファレンス冷凍機の電力消費")
m.emission_source("project", "CO2", "Electricity use of the project chiller", ja="プロジェクト冷凍機の電力消費")

m.index("i", "chiller", ja="冷凍機")
m.monitored(
    "EC_PJ_i_p",
    "MWh",
    "Power consumption of project chiller i in period p",
    ja="期間 p のプロジェクト冷凍機 i の電力消費量",
    clause="monitored parameter",
    option="C",
    index=("i",),
)
m.factor(
    "COP_PJ_i",
    "-",
    "COP of project chiller i, from its specification",
    ja="プロジェクト冷凍機 i の COP (仕様値)",
    clause="COP of the project chiller",
    read_on="validation",
    index=("i",),
)
m.fixed(
    "COP_RE_i",
    "-",
    "COP of the reference chiller that stands for chiller i",
    ja="冷凍機 i に対応するリファレンス冷凍機の COP",
    clause="COP of the reference chiller",
    index=("i",),
    suggestion=Suggestion(
        "5.59",
        "-",
        Grade.RECALLED,
        ("recalled with low confidence for 300 to 450 USRt, rising to 6.06 above 825; never used by itself"),
    ),
)
m.monitored(
    "T_cool_out_i",
    "K",
    (
        "Temperature of the cooling water that leaves project chiller i; in degrees Celsius as "
        "well, since only its difference to the other enters"
    ),
    ja="プロジェクト冷凍機 i の冷却水出口温度 (差のみを用いるため摂氏の値でもよい)",
    clause="temperature correction (recalled)",
    option="C",
    index=("i",),
)
m.monitored(
    "T_chill_out_i",
    "K",
    ("Temperature of the chilled water that leaves project chiller i; in degrees Celsius as well"),
    ja="プロジェクト冷凍機 i の冷水出口温度 (摂氏の値でもよい)",
    clause="temperature correction (recalled)",
    option="C",
    index=("i",),
)
m.fixed(
    "TD",
    "K",
    "Approach of both heat exchangers together",
    ja="両熱交換器の温度差の合計",
    clause="temperature correction (recalled)",
    suggestion=Suggestion("3.0", "K", Grade.RECALLED, "recalled as 1.5 for each of the two; never used by itself"),
)
m.fixed(
    "TL_std",
    "K",
    "Difference of the standard temperatures of cooling and chilled water",
    ja="冷却水と冷水の標準温度の差",
    clause="temperature correction (recalled)",
    suggestion=Suggestion("30", "K", Grade.RECALLED, "recalled as 37 less 7 degrees Celsius; never used by itself"),
)
m.interpretation(
    "temperature_correction",
    (
        "Is the COP of the project chiller brought to standard temperatures before it is "
        "compared? It is recalled so; the summary does not say."
    ),
    ja=("プロジェクト冷凍機の COP は標準温度に補正してから比較するのか。補正する記憶はあるが、概要に記載はない。"),
    clause="COP of the project chiller",
    answers={
        "as_specified": ("0", "the COP of the specification is compared", "仕様の COP をそのまま比較する"),
        "corrected_to_standard": (
            "1",
            "the COP is corrected by the ratio of temperature lifts (recalled)",
            "温度差の比で補正する (記憶による)",
        ),
    },
    taken="as_specified",
)


@m.formula(
    "COP_PJ_tc_i",
    "-",
    index=("i",),
    clause="COP of the project chiller",
    when={"temperature_correction": ("as_specified",)},
)
def cop_as_specified(COP_PJ_i: Traced) -> Traced:
    """The COP of the specification."""
    return COP_PJ_i


@m.formula(
    "COP_PJ_tc_i",
    "-",
    index=("i",),
    clause="COP of the project chiller",
    when={"temperature_correction": ("corrected_to_standard",)},
)
def cop_corrected(COP_PJ_i: Traced, T_cool_out_i: Traced, T_chill_out_i: Traced, TD: Traced, TL_std: Traced) -> Traced:
    """The COP brought to standard temperatures by the ratio of the lifts."""
    return at_standard_lift(COP_PJ_i, T_cool_out_i, T_chill_out_i, TD, TL_std)


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
def reference_emissions(EC_PJ_i_p: Traced, COP_PJ_tc_i: Traced, COP_RE_i: Traced, EF_elec: Traced) -> Traced:
    """Electricity that the reference chillers would have used for the same cooling, times the factor."""
    return sum_over("i", EC_PJ_i_p * (COP_PJ_tc_i / COP_RE_i) * EF_elec)


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(EC_PJ_i_p: Traced, EF_elec: Traced) -> Traced:
    """Electricity of the project chillers times the factor."""
    return sum_over("i", EC_PJ_i_p * EF_elec)


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
