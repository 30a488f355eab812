"""TH_FGAS Recovery and destruction of fluorocarbons (Thailand; an adopted scheme, no methodology is known)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import smaller, sum_over
from openjcm.mrv.trace import Traced

_LIST = Citation(
    "Ministry of the Environment of Japan, list of adopted projects, December 2022",
    note="only the names of the schemes in Thailand, Viet Nam and the Philippines were seen; the form is inferred",
)

m = Methodology(
    "TH_FGAS",
    title="Recovery and destruction of fluorocarbons from used equipment (not an approved methodology)",
    title_ja="使用済機器からのフロン回収・破壊 (承認方法論ではない)",
    country="THA",
    scope="11. Fugitive emissions from halocarbons and SF6",
    summary="Refrigerant of used equipment is recovered and destroyed instead of being let off.",
    summary_ja="使用済機器の冷媒を大気に放出せず、回収して破壊します。",
    evidence=Grade.INFERRED,
    text_source=_LIST,
)

m.version("01.0", approved=None, source=_LIST, grade=Grade.INFERRED)

m.criterion(
    1,
    "Refrigerant comes from used equipment, and no law requires its recovery (inferred; no text was seen).",
    ja="冷媒は使用済機器に由来し、法令で回収が義務付けられていない (推定。本文は未確認)。",
    grade=Grade.INFERRED,
    shown_by="Records of collection, statement of the law that applies",
    shown_by_ja="回収記録、適用法令の確認書",
)
m.emission_source("reference", "HFC", "Refrigerant that would be let off", ja="放出されるはずの冷媒")
m.emission_source("project", "HFC", "Refrigerant that destruction leaves", ja="破壊されずに残る冷媒")
m.emission_source("project", "CO2", "Carbon of the refrigerant, fuel and electricity", ja="冷媒由来の炭素、燃料、電力")

m.index("g", "refrigerant", ja="冷媒の種類")
m.index("f", "fuel", ja="燃料")

m.monitored("Q_REC_g_p", "t", "Refrigerant g recovered", ja="冷媒 g の回収量", clause="recovery", index=("g",))
m.monitored("Q_DES_g_p", "t", "Refrigerant g destroyed", ja="冷媒 g の破壊量", clause="destruction", index=("g",))
m.factor(
    "GWP_g", "tCO2e/t", "Global warming potential of refrigerant g", ja="冷媒 g の地球温暖化係数",
    clause="global warming potential", read_on="validation", index=("g",),
)  # fmt: skip
m.factor(
    "c_g", "tCO2e/t", "Carbon dioxide that refrigerant g gives when it burns", ja="冷媒 g の破壊に伴う CO2 排出量",
    clause="destruction", read_on="validation", index=("g",),
)  # fmt: skip
m.factor(
    "u_RE", "-", "Share that would be let off without the project", ja="プロジェクトがない場合に放出される割合",
    clause="reference emissions", read_on="validation", maximum="1",
)  # fmt: skip
m.factor(
    "DRE", "-", "Destruction efficiency of the plant", ja="破壊施設の破壊効率", clause="destruction",
    read_on="validation", maximum="1",
)  # fmt: skip
m.monitored("EC_p", "MWh", "Electricity of recovery and destruction", ja="回収・破壊の電力消費量", clause="electricity")
m.monitored(
    "FC_f_p", "GJ", "Fuel f of transport and destruction", ja="運搬・破壊の燃料 f の消費量", clause="fuel", option="B",
    index=("f",),
)  # fmt: skip
m.factor(
    "EF_elec", "tCO2e/MWh", "CO2 emission factor of the electricity", ja="電力の CO2 排出係数", clause="electricity",
    read_on="validation",
)  # fmt: skip
m.factor(
    "EF_f", "tCO2e/GJ", "CO2 factor of fuel f", ja="燃料 f の CO2 排出係数", clause="fuel", read_on="validation",
    index=("f",),
)  # fmt: skip

m.interpretation(
    "stock",
    "Refrigerant destroyed in excess of that recovered in the period: does it count (it may lie in store from before)?",
    ja="期間中の回収量を超える破壊量を計上するか (前期からの在庫の可能性がある)。",
    clause="reference emissions",
    answers={
        "not_counted": ("0", "only the smaller of both quantities counts", "両者の小さい方のみ計上する"),
        "counted": ("1", "all that was destroyed counts", "破壊量をすべて計上する"),
    },
    taken="not_counted",
)


@m.formula("Q_g_p", "t", index=("g",), clause="reference emissions")
def counted_quantity(Q_REC_g_p: Traced, Q_DES_g_p: Traced, stock: Traced) -> Traced:
    """The smaller of what was recovered and what was destroyed, and the rest as the open question says."""
    both = smaller(Q_DES_g_p, Q_REC_g_p)
    return both + stock * (Q_DES_g_p - both)


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(Q_g_p: Traced, GWP_g: Traced, u_RE: Traced) -> Traced:
    """Refrigerant that would have been let off, times its global warming potential."""
    return sum_over("g", Q_g_p * GWP_g) * u_RE


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(
    Q_g_p: Traced, GWP_g: Traced, DRE: Traced, c_g: Traced, EC_p: Traced, EF_elec: Traced, FC_f_p: Traced, EF_f: Traced
) -> Traced:
    """What destruction leaves, the carbon of the refrigerant, electricity and fuel."""
    left = sum_over("g", Q_g_p * GWP_g) * (1 - DRE) + sum_over("g", Q_g_p * c_g) * DRE
    return left + EC_p * EF_elec + sum_over("f", FC_f_p * EF_f)


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
