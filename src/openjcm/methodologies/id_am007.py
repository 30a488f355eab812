"""ID_AM007 GHG emission reductions through optimization of boiler operation in Indonesia (Indonesia)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import sum_over
from openjcm.mrv.trace import Traced

m = Methodology(
    "ID_AM007",
    title="GHG emission reductions through optimization of boiler operation in Indonesia",
    title_ja="インドネシアにおけるボイラ運転の最適化による温室効果ガス排出削減",
    country="IDN",
    scope="1. Energy industries",
    summary=("Software distributes the load among the steam boilers of a site so that the same steam needs less fuel."),
    summary_ja=("ソフトウェアが複数の蒸気ボイラの負荷配分を最適化し、同じ蒸気をより少ない燃料で供給します。"),
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Copy of the opening of ID_AM007 version 01.1 on scribd.com",
        url="https://www.scribd.com/document/650775038/JCM-ID-AM007-ver01-1-track",
        note="the copy breaks off; symbols are ours, the structure is that of its sentences",
    ),
)

_PROJECT_LIST = Citation(
    "jcm.go.jp, list of projects (methodology and version applied)", url="https://www.jcm.go.jp/jc/mn-projects/"
)

m.version(
    "01.0",
    approved=None,
    source=_PROJECT_LIST,
    grade=Grade.SECONDARY,
)
m.version(
    "01.1",
    approved=None,
    source=Citation("www.scribd.com", url="https://www.scribd.com/document/650775038/JCM-ID-AM007-ver01-1-track"),
    grade=Grade.SECONDARY,
)

m.criterion(
    1,
    ("Steam boilers are optimised by software for the operation of utilities that uses linear or other programming."),
    ja=("蒸気ボイラを、線形計画法等を用いるユーティリティ設備運転最適化ソフトウェアにより最適化する。"),
    grade=Grade.SECONDARY,
    shown_by="Contract and description of the software",
    shown_by_ja="ソフトウェアの契約書及び説明書",
)
m.criterion(
    2,
    "The site exists and has two or more steam boilers.",
    ja="既存の事業所であり、2 基以上の蒸気ボイラを有する。",
    grade=Grade.SECONDARY,
    shown_by="Plant layout, boiler certificates",
    shown_by_ja="設備配置図、ボイラ検査証",
)
m.criterion(
    3,
    (
        "Historical data of fuel consumption, kind of fuel and calorific value are on hand (the "
        "rest of the criterion is cut off)."
    ),
    ja="燃料消費量、燃料種、発熱量の過去のデータがある (以降は途切れている)。",
    grade=Grade.SECONDARY,
    shown_by="Records of the boilers before the project",
    shown_by_ja="プロジェクト前のボイラ運転記録",
)
m.emission_source("reference", "CO2", "Fuel of the boilers as operated before", ja="従来運転のボイラの燃料")
m.emission_source("project", "CO2", "Fuel of the optimised boilers", ja="最適化後のボイラの燃料")

m.index("b", "band of steam generation", ja="蒸気発生量の区分")
m.monitored(
    "PS_p",
    "t",
    "Steam that the project boilers generated in period p",
    ja="期間 p のプロジェクトボイラの蒸気発生量",
    clause="monitored parameter",
    option="C",
)
m.monitored(
    "PS_b_p",
    "t",
    "Steam that the project boilers generated in period p while the rate lay in band b",
    ja="期間 p に蒸気発生量が区分 b にあったときの蒸気発生量",
    clause="monitored parameter, by band",
    option="C",
    index=("b",),
)
m.record_count(
    "HR_PS_p",
    "hour",
    "Hours of period p for which steam generation was recorded",
    ja="期間 p の蒸気発生量の記録時間数",
    clause="monitored parameter, hours recorded",
    of="PS_p",
    versions=("01.1",),
)
m.record_count(
    "HR_PS_b_p",
    "hour",
    "Hours of period p for which steam generation in band b was recorded",
    ja="期間 p の区分 b の蒸気発生量の記録時間数",
    clause="monitored parameter, hours recorded",
    of="PS_b_p",
    versions=("01.1",),
)
m.index("k", "fuel by mass", ja="燃料 (質量)")
m.index("g", "fuel by volume", ja="燃料 (体積)")
m.monitored(
    "FC_PJ_k_p",
    "t",
    "Fuel k of the project boilers in period p, by mass",
    ja="期間 p のプロジェクトボイラの燃料 k の消費量 (質量)",
    clause="monitored parameter",
    option="B",
    index=("k",),
)
m.monitored(
    "FV_PJ_g_p",
    "m**3",
    "Fuel g of the project boilers in period p, by volume",
    ja="期間 p のプロジェクトボイラの燃料 g の消費量 (体積)",
    clause="monitored parameter",
    option="B",
    index=("g",),
)
m.factor(
    "NCV_k",
    "GJ/t",
    "Net calorific value of fuel k",
    ja="燃料 k の真発熱量",
    clause="net calorific value of fuel",
    read_on="monitoring",
    index=("k",),
)
m.factor(
    "NCV_g",
    "GJ/m**3",
    "Net calorific value of fuel g",
    ja="燃料 g の真発熱量",
    clause="net calorific value of fuel",
    read_on="monitoring",
    index=("g",),
)
m.factor(
    "EF_k",
    "tCO2e/GJ",
    "CO2 emission factor of fuel k",
    ja="燃料 k の CO2 排出係数",
    clause="emission factor of fuel",
    read_on="monitoring",
    index=("k",),
)
m.factor(
    "EF_g",
    "tCO2e/GJ",
    "CO2 emission factor of fuel g",
    ja="燃料 g の CO2 排出係数",
    clause="emission factor of fuel",
    read_on="monitoring",
    index=("g",),
)
m.factor(
    "SE_hist",
    "tCO2e/t",
    "Historical CO2 emissions of the boilers per tonne of steam",
    ja="過去の蒸気 1 トン当たり CO2 排出量",
    clause="historical relation of fuel and steam",
    read_on="validation",
)
m.factor(
    "SE_hist_b",
    "tCO2e/t",
    "Historical CO2 emissions of the boilers per tonne of steam in band b",
    ja="区分 b の過去の蒸気 1 トン当たり CO2 排出量",
    clause="historical relation of fuel and steam",
    read_on="validation",
    index=("b",),
)
m.interpretation(
    "steam_relation",
    (
        "Is the historical relation of fuel and steam one mean, or a function of the rate of "
        "steam? The copy breaks off before it."
    ),
    ja="過去の燃料と蒸気の関係は平均値一つか、蒸気発生量の関数か。写しはその前で途切れている。",
    clause="historical relation of fuel and steam",
    answers={
        "one_mean": ("1", "one mean of the history", "過去の平均値一つ"),
        "by_band": ("0", "a mean for each band of the rate", "発生量の区分ごとの平均値"),
    },
    taken="one_mean",
)


@m.formula("RE_p", "tCO2e", clause="reference emissions", when={"steam_relation": ("one_mean",)})
def reference_emissions(PS_p: Traced, SE_hist: Traced) -> Traced:
    """Steam times the historical emissions per tonne of steam."""
    return PS_p * SE_hist


@m.formula("RE_p", "tCO2e", clause="reference emissions", when={"steam_relation": ("by_band",)})
def reference_emissions_by_band(PS_b_p: Traced, SE_hist_b: Traced) -> Traced:
    """Steam of each band times the historical emissions per tonne of steam in that band."""
    return sum_over("b", PS_b_p * SE_hist_b)


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(
    FC_PJ_k_p: Traced, NCV_k: Traced, EF_k: Traced, FV_PJ_g_p: Traced, NCV_g: Traced, EF_g: Traced
) -> Traced:
    """Each fuel times its calorific value and factor."""
    return sum_over("k", FC_PJ_k_p * NCV_k * EF_k) + sum_over("g", FV_PJ_g_p * NCV_g * EF_g)


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
