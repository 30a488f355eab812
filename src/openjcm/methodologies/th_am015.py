"""TH_AM015 Introduction of High Efficiency Electrolyzer in Caustic Soda Production Plant (Thailand)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import sum_over
from openjcm.mrv.trace import Traced

m = Methodology(
    "TH_AM015",
    title="Introduction of High Efficiency Electrolyzer in Caustic Soda Production Plant",
    title_ja="苛性ソーダ製造プラントへの高効率電解槽の導入",
    country="THA",
    scope="5. Chemical industry",
    summary=("An efficient ion-exchange membrane electrolyser makes the same product with less electricity."),
    summary_ja="高効率のイオン交換膜電解槽が、同じ製品をより少ない電力で製造します。",
    evidence=Grade.INFERRED,
    text_source=Citation(
        "Decisions of the Joint Committees on jcm.go.jp (title)",
        url="https://www.jcm.go.jp/th-jp/jc_decisions",
        note="only the title was read; the formula is inferred from SA_AM001",
    ),
)

m.version(
    "01.0",
    approved="2021-09-20",
    source=Citation("Decisions of the Joint Committees on jcm.go.jp", url="https://www.jcm.go.jp/th-jp/jc_decisions"),
    grade=Grade.READ,
)

m.criterion(
    1,
    ("An efficient electrolyser is installed in a caustic soda plant (the full wording was not read)."),
    ja="苛性ソーダプラントに高効率電解槽を導入する (全文は未確認)。",
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
m.factor(
    "EF_elec",
    "tCO2e/MWh",
    "CO2 emission factor of the electricity used",
    ja="消費電力の CO2 排出係数",
    clause="emission factor of electricity",
    read_on="validation",
)


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
