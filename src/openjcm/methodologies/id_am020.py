"""ID_AM020 Introduction of energy efficient and high color rendering LED downlight/spotlight (Indonesia)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import sum_over
from openjcm.mrv.trace import Traced

m = Methodology(
    "ID_AM020",
    title="Introduction of energy efficient and high color rendering LED downlight/spotlight",
    title_ja="高効率・高演色 LED ダウンライト/スポットライトの導入",
    country="IDN",
    scope="3. Energy demand",
    summary="LED lamps give the light of reference lamps with less electricity.",
    summary_ja="LED 照明が、リファレンス照明と同じ光をより少ない電力で供給します。",
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Official summary page of ID_AM020",
        url="https://www.jcm.go.jp/id-jp/methodologies/98",
        note=("formula written from the summary in words; the official PDF and its clause numbers were not read"),
    ),
)

m.version(
    "01.0",
    approved="2019-10-31",
    source=Citation(
        "Official page on jcm.go.jp (methodology ID_AM020)", url="https://www.jcm.go.jp/id-jp/methodologies/98"
    ),
    grade=Grade.READ,
)

m.criterion(
    1,
    ("LED downlights or spotlights of high colour rendering are installed indoors (the full wording was not read)."),
    ja="高演色 LED ダウンライトまたはスポットライトを屋内に導入する (全文は未確認)。",
    grade=Grade.INFERRED,
    shown_by="Specification of the maker, plan of the lighting",
    shown_by_ja="製造者の仕様書、照明配置図",
)
m.emission_source("reference", "CO2", "Electricity use of the reference lighting", ja="リファレンス照明の電力消費")
m.emission_source("project", "CO2", "Electricity use of the project lighting", ja="プロジェクト照明の電力消費")

m.index("i", "kind of lamp", ja="照明器具の種類")
m.choice(
    "METERING",
    {
        "metered": ("Power consumption is metered", "電力消費量を計測する"),
        "opening_days": (
            "Power consumption follows from the days on which the facility is open",
            "施設の営業日数から電力消費量を求める",
        ),
    },
    "How the power consumption is monitored",
    ja="電力消費量のモニタリング方法",
    clause="monitored parameter",
)
m.monitored(
    "ECM_PJ_i_p",
    "MWh",
    "Metered power consumption of project lamps i in period p",
    ja="期間 p のプロジェクト照明 i の電力消費量 (計測値)",
    clause="monitored parameter",
    option="C",
    index=("i",),
)
m.monitored(
    "D_p",
    "day",
    "Days of period p on which the facility was open",
    ja="期間 p の施設の営業日数",
    clause="monitored parameter",
    option="B",
)
m.factor(
    "P_PJ_i",
    "kW",
    "Rated power of all project lamps i",
    ja="プロジェクト照明 i の定格電力の合計",
    clause="power consumption by opening days",
    read_on="validation",
    index=("i",),
)
m.factor(
    "HD_i",
    "hour/day",
    "Hours a day for which lamps i are lit on an opening day",
    ja="営業日に照明 i を点灯する 1 日当たりの時間",
    clause="power consumption by opening days",
    read_on="validation",
    index=("i",),
)
m.factor(
    "eta_PJ_i",
    "lumen/W",
    "Luminous efficiency of project lamps i",
    ja="プロジェクト照明 i の発光効率",
    clause="luminous efficiency of the project lamp",
    read_on="validation",
    index=("i",),
)
m.fixed(
    "eta_RE_i",
    "lumen/W",
    "Luminous efficiency of the reference lamps that stand for i",
    ja="照明 i に対応するリファレンス照明の発光効率",
    clause="luminous efficiency of the reference lamp",
    index=("i",),
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
    "opening_days_to_energy",
    "How do opening days become energy? The summary names the days only.",
    ja="営業日数からどのように電力量を求めるのか。概要には日数の記載のみ。",
    clause="power consumption by opening days",
    answers={
        "rated_power_and_hours": ("1", "rated power times hours a day times days", "定格電力×1 日の点灯時間×日数"),
    },
    taken="rated_power_and_hours",
)


@m.formula("EC_PJ_i_p", "MWh", index=("i",), clause="monitored parameter", when={"METERING": ("metered",)})
def metered_consumption(ECM_PJ_i_p: Traced) -> Traced:
    """The metered consumption."""
    return ECM_PJ_i_p


@m.formula(
    "EC_PJ_i_p",
    "MWh",
    index=("i",),
    clause="power consumption by opening days",
    when={"METERING": ("opening_days",), "opening_days_to_energy": ("rated_power_and_hours",)},
)
def consumption_by_days(P_PJ_i: Traced, HD_i: Traced, D_p: Traced) -> Traced:
    """Rated power times hours a day times opening days."""
    return P_PJ_i * HD_i * D_p


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(EC_PJ_i_p: Traced, eta_PJ_i: Traced, eta_RE_i: Traced, EF_elec: Traced) -> Traced:
    """Electricity that the reference lamps would have used for the same light, times the factor."""
    return sum_over("i", EC_PJ_i_p * (eta_PJ_i / eta_RE_i) * EF_elec)


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(EC_PJ_i_p: Traced, EF_elec: Traced) -> Traced:
    """Electricity of the project lamps times the factor."""
    return sum_over("i", EC_PJ_i_p * EF_elec)


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
