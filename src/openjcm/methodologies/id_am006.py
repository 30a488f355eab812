"""ID_AM006 GHG emission reductions through optimization of refinery plant operation in Indonesia (Indonesia)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import sum_over
from openjcm.mrv.trace import Traced

m = Methodology(
    "ID_AM006",
    title="GHG emission reductions through optimization of refinery plant operation in Indonesia",
    title_ja="インドネシアにおける製油所プラントの運転最適化による温室効果ガス排出削減",
    country="IDN",
    scope="1. Energy industries",
    summary=(
        "Optimising control makes the hydrogen and hydrocracking units of a refinery emit less for the same feed."
    ),
    summary_ja=("最適化制御により、製油所の水素製造装置と水素化分解装置が、同じ原料処理量に対する排出を減らします。"),
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Official summary page of ID_AM006",
        url="https://www.jcm.go.jp/id-jp/methodologies/54",
        note=("formula written from the summary in words; the official PDF and its clause numbers were not read"),
    ),
)

m.version(
    "02.0",
    approved="2017-12-04",
    source=Citation(
        "Official page on jcm.go.jp (methodology ID_AM006)", url="https://www.jcm.go.jp/id-jp/methodologies/54"
    ),
    grade=Grade.READ,
)
m.version(
    "02.1",
    approved="2019-05-09",
    source=Citation(
        "Official page on jcm.go.jp (methodology ID_AM006)", url="https://www.jcm.go.jp/id-jp/methodologies/96"
    ),
    grade=Grade.READ,
)

m.criterion(
    1,
    ("Optimising control is installed for the hydrogen production unit and the hydrocracking unit of a refinery."),
    ja="製油所の水素製造装置及び水素化分解装置に最適化制御を導入する。",
    grade=Grade.READ,
    shown_by="Contract and description of the control system",
    shown_by_ja="制御システムの契約書及び説明書",
)
m.emission_source("reference", "CO2", "Fuel of both units as operated before", ja="従来運転の両装置の燃料")
m.emission_source("project", "CO2", "Fuel of both units under optimising control", ja="最適化制御下の両装置の燃料")

m.index("u", "unit", ja="装置")
m.index("b", "band of feed", ja="原料処理量の区分")
m.choice(
    "BASIS",
    {
        "feed": ("Emissions per feed", "原料処理量当たり"),
        "hydrogen": (
            "Emissions per hydrogen: made by the hydrogen unit, used by the hydrocracking unit",
            "水素量当たり (水素製造装置は製造量、水素化分解装置は使用量)",
        ),
    },
    "What the historical specific emissions are stated by",
    ja="過去の排出原単位の基準",
    clause="historical specific emission",
)
m.monitored(
    "FEED_u_p",
    "t",
    "Feed of unit u in period p",
    ja="期間 p の装置 u の原料処理量",
    clause="monitored parameter",
    option="C",
    index=("u",),
)
m.monitored(
    "H2_u_p",
    "t",
    "Hydrogen that the hydrogen unit made, or that the hydrocracking unit used, in period p",
    ja="期間 p の水素製造量 (水素製造装置) または水素使用量 (水素化分解装置)",
    clause="monitored parameter",
    option="C",
    index=("u",),
)
m.record_count(
    "D_FEED_u_p",
    "day",
    "Days of period p for which the feed of unit u was recorded",
    ja="期間 p の装置 u の原料処理量の記録日数",
    clause="monitored parameter, days recorded",
    of="FEED_u_p",
    versions=("02.1",),
)
m.record_count(
    "D_H2_u_p",
    "day",
    "Days of period p for which the hydrogen of unit u was recorded",
    ja="期間 p の装置 u の水素量の記録日数",
    clause="monitored parameter, days recorded",
    of="H2_u_p",
    versions=("02.1",),
)
m.monitored(
    "FC_u_p",
    "t",
    "Fuel of unit u in period p",
    ja="期間 p の装置 u の燃料消費量",
    clause="monitored parameter",
    option="C",
    index=("u",),
)
m.factor(
    "NCV_u",
    "GJ/t",
    "Net calorific value of the fuel of unit u",
    ja="装置 u の燃料の真発熱量",
    clause="net calorific value of fuel",
    read_on="monitoring",
    index=("u",),
)
m.factor(
    "EF_u",
    "tCO2e/GJ",
    "CO2 emission factor of the fuel of unit u",
    ja="装置 u の燃料の CO2 排出係数",
    clause="emission factor of fuel",
    read_on="monitoring",
    index=("u",),
)
m.factor(
    "SE_hist_u_b",
    "tCO2e/t",
    "Mean historical specific emission of unit u in band b",
    ja="装置 u の区分 b における過去の平均排出原単位",
    clause="historical specific emission",
    read_on="validation",
    index=("u", "b"),
)
m.factor(
    "FEED_hist_u_b",
    "t",
    "Historical feed of unit u in band b",
    ja="装置 u の区分 b における過去の原料処理量",
    clause="historical specific emission",
    read_on="validation",
    index=("u", "b"),
)
m.interpretation(
    "mean_of_bands",
    (
        "Averaged over bands of feed: is each band weighted equally, or by its historical feed? "
        "The summary says averaged over bands."
    ),
    ja=(
        "原料処理量の区分にわたる平均では、各区分を等しく加重するのか、過去の処理量で加重するのか"
        "。概要には区分にわたる平均とのみ記載。"
    ),
    clause="historical specific emission",
    answers={
        "equal_weight": ("1", "each band is weighted equally", "各区分を等しく加重する"),
        "by_feed": ("0", "each band is weighted by its historical feed", "各区分を過去の処理量で加重する"),
    },
    taken="equal_weight",
)


@m.formula(
    "W_u_b", "-", index=("u", "b"), clause="historical specific emission", when={"mean_of_bands": ("equal_weight",)}
)
def equal_weights(FEED_hist_u_b: Traced) -> Traced:
    """One for each band that has a history."""
    return FEED_hist_u_b / FEED_hist_u_b


@m.formula("W_u_b", "-", index=("u", "b"), clause="historical specific emission", when={"mean_of_bands": ("by_feed",)})
def weights_by_feed(FEED_hist_u_b: Traced) -> Traced:
    """The share of the band in the historical feed of the unit."""
    return FEED_hist_u_b / sum_over("b", FEED_hist_u_b)


@m.formula("SE_hist_u", "tCO2e/t", index=("u",), clause="historical specific emission")
def mean_over_bands(SE_hist_u_b: Traced, W_u_b: Traced) -> Traced:
    """The weighted mean of the bands."""
    return sum_over("b", SE_hist_u_b * W_u_b) / sum_over("b", W_u_b)


@m.formula("RE_p", "tCO2e", clause="reference emissions", when={"BASIS": ("feed",)})
def reference_emissions_by_feed(FEED_u_p: Traced, SE_hist_u: Traced) -> Traced:
    """Feed of each unit times its historical specific emission."""
    return sum_over("u", FEED_u_p * SE_hist_u)


@m.formula("RE_p", "tCO2e", clause="reference emissions", when={"BASIS": ("hydrogen",)})
def reference_emissions_by_hydrogen(H2_u_p: Traced, SE_hist_u: Traced) -> Traced:
    """Hydrogen of each unit times its historical specific emission."""
    return sum_over("u", H2_u_p * SE_hist_u)


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(FC_u_p: Traced, NCV_u: Traced, EF_u: Traced) -> Traced:
    """Fuel of each unit times its calorific value and factor."""
    return sum_over("u", FC_u_p * NCV_u * EF_u)


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
