"""ID_AM009 Replacement of conventional burners with regenerative burners for aluminum holding furnace (Indonesia)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import constant
from openjcm.mrv.trace import Traced

m = Methodology(
    "ID_AM009",
    title=("Replacement of conventional burners with regenerative burners for aluminum holding furnaces"),
    title_ja="アルミ保持炉における従来型バーナーのリジェネレイティブバーナーへの更新",
    country="IDN",
    scope="3. Energy demand",
    summary="Regenerative burners give an aluminium holding furnace its heat with less natural gas.",
    summary_ja="リジェネレイティブバーナーが、アルミ保持炉に同じ熱をより少ない天然ガスで供給します。",
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Copy of the opening of ID_AM009 on businessdocbox.com",
        url="http://businessdocbox.com/Green_Solutions/",
        note=("the copy breaks off; the formula is written from its words, and a monitored number is cut off"),
    ),
)

_PROJECT_LIST = Citation(
    "jcm.go.jp, list of projects (methodology and version applied)", url="https://www.jcm.go.jp/jc/mn-projects/"
)

m.version(
    "01.0",
    approved=None,
    source=Citation("Copy on businessdocbox.com", url="http://businessdocbox.com/Green_Solutions/"),
    grade=Grade.SECONDARY,
)
m.version(
    "03.0",
    approved=None,
    source=_PROJECT_LIST,
    grade=Grade.SECONDARY,
)

m.criterion(
    1,
    (
        "Conventional burners, which do not preheat air, of an aluminium holding furnace are "
        "replaced by regenerative burners."
    ),
    ja="アルミ保持炉の従来型バーナー (空気予熱なし) をリジェネレイティブバーナーに更新する。",
    grade=Grade.SECONDARY,
    shown_by="Drawings before and after, specification of the maker",
    shown_by_ja="更新前後の図面、製造者の仕様書",
)
m.criterion(
    2,
    "The furnace is checked periodically by the maker or an authorised agent.",
    ja="製造者または認定代理店が炉の定期点検を行う。",
    grade=Grade.SECONDARY,
    shown_by="Contract of maintenance, records of the checks",
    shown_by_ja="保守契約書、点検記録",
)
m.emission_source(
    "reference", "CO2", "Natural gas of the furnace with conventional burners", ja="従来型バーナーの炉の天然ガス"
)
m.emission_source(
    "project",
    "CO2",
    "Natural gas of the furnace with regenerative burners",
    ja="リジェネレイティブバーナーの炉の天然ガス",
)
m.emission_source("project", "CO2", "Electricity of the project furnace", ja="プロジェクト炉の電力消費")

m.monitored(
    "FC_PJ_p",
    "m**3",
    "Natural gas of the project furnace in period p",
    ja="期間 p のプロジェクト炉の天然ガス消費量",
    clause="monitored parameter",
    option="B",
)
m.monitored(
    "EC_PJ_p",
    "MWh",
    "Electricity of the project furnace in period p, metered",
    ja="期間 p のプロジェクト炉の電力消費量 (計測値)",
    clause="monitored parameter",
    option="C",
)
m.monitored(
    "N_p",
    "day",
    "Number of days on which the burners ran in period p",
    ja="期間 p のバーナー稼働日数",
    clause="monitored parameter, number (cut off)",
    option="C",
)
m.factor(
    "P_PJ",
    "kW",
    "Rated power of the electric equipment of the burners",
    ja="バーナーの電気設備の定格電力",
    clause="electricity of the project furnace",
    read_on="validation",
)
m.factor(
    "NCV_gas",
    "GJ/m**3",
    "Net calorific value of natural gas",
    ja="天然ガスの真発熱量",
    clause="net calorific value of natural gas",
    read_on="monitoring",
)
m.factor(
    "EF_gas",
    "tCO2e/GJ",
    "CO2 emission factor of natural gas",
    ja="天然ガスの CO2 排出係数",
    clause="emission factor of natural gas",
    read_on="monitoring",
)
m.fixed(
    "eta_PJ",
    "-",
    "Energy efficiency of the project burner",
    ja="プロジェクトバーナーのエネルギー効率",
    clause="energy efficiency of the burners",
)
m.fixed(
    "eta_RE",
    "-",
    "Energy efficiency of the reference burner",
    ja="リファレンスバーナーのエネルギー効率",
    clause="energy efficiency of the burners",
)
m.factor(
    "EF_elec",
    "tCO2e/MWh",
    "CO2 emission factor of the electricity used",
    ja="消費電力の CO2 排出係数",
    clause="emission factor of electricity",
    read_on="validation",
)
m.interpretation(
    "cut_off_number",
    (
        "What is the monitored number that is cut off in the copy? Days of operation are the "
        "most likely (inferred); then electricity follows from rated power."
    ),
    ja=(
        "写しで途切れている「…の数」とは何か。稼働日数である可能性が高く (推定)、その場合の電力量は定格電力から求める。"
    ),
    clause="monitored parameter, number (cut off)",
    answers={
        "electricity_metered": (
            "0",
            "electricity is metered; the number does not enter",
            "電力量は計測し、数は式に入らない",
        ),
        "rated_power_by_days": (
            "1",
            "electricity is rated power times 24 hours times days",
            "電力量=定格電力×24 時間×日数",
        ),
    },
    taken="electricity_metered",
)


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(FC_PJ_p: Traced, NCV_gas: Traced, EF_gas: Traced, eta_PJ: Traced, eta_RE: Traced) -> Traced:
    """Gas that the conventional burners would have used for the same heat, times its factor."""
    return FC_PJ_p * NCV_gas * EF_gas * (eta_PJ / eta_RE)


@m.formula(
    "EC_p", "MWh", clause="electricity of the project furnace", when={"cut_off_number": ("electricity_metered",)}
)
def metered_electricity(EC_PJ_p: Traced) -> Traced:
    """The metered electricity."""
    return EC_PJ_p


@m.formula(
    "EC_p", "MWh", clause="electricity of the project furnace", when={"cut_off_number": ("rated_power_by_days",)}
)
def rated_electricity(P_PJ: Traced, N_p: Traced) -> Traced:
    """Rated power for 24 hours of every day of operation."""
    return P_PJ * constant("24", "hour/day") * N_p


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(FC_PJ_p: Traced, NCV_gas: Traced, EF_gas: Traced, EC_p: Traced, EF_elec: Traced) -> Traced:
    """Gas and electricity of the project furnace, each times its factor."""
    return FC_PJ_p * NCV_gas * EF_gas + EC_p * EF_elec


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
