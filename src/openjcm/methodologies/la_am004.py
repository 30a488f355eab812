"""LA_AM004 Controlling shifting cultivation in Phonxay District, Luang Prabang Province (REDD-plus, Lao PDR)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import KG_TO_TONNE, constant, larger, nothing, smaller, sum_over
from openjcm.mrv.trace import Traced

_SUMMARY = Citation(
    "jcm.go.jp, summary of LA_AM004",
    url="https://www.jcm.go.jp/la-jp/methodologies/139",
    note="the symbolic form is written from the wording of the summary; the text itself was not read",
)

m = Methodology(
    "LA_AM004",
    title=(
        "Reducing GHG emissions from deforestation and forest degradation through controlling shifting cultivation in "
        "Phonxay District, Luang Prabang Province of Lao PDR"
    ),
    title_ja="ラオス国ルアンパバーン県ポンサイ郡における焼畑耕作の抑制による森林減少・劣化からの温室効果ガス排出削減",
    country="LAO",
    scope="14. REDD-plus",
    summary="Other livelihoods ease shifting cultivation; the reference level is the mean of 2005 to 2014.",
    summary_ja="代替生計により焼畑耕作の圧力を下げます。参照レベルは 2005〜2014 年の平均です。",
    evidence=Grade.SECONDARY,
    text_source=_SUMMARY,
    results=("PRL_p", "PNE_p", "ER_p"),
)

m.version("01.0", approved=None, source=_SUMMARY, grade=Grade.SECONDARY)

m.criterion(
    1,
    "Alternative livelihoods lower the pressure of shifting cultivation in Phonxay District (the rest was not read).",
    ja="ポンサイ郡において代替生計により焼畑耕作の圧力を下げる (他の要件は未確認)。",
    grade=Grade.SECONDARY,
    shown_by="Plan of the activities, agreements with the villages",
    shown_by_ja="活動計画、村落との合意書",
)
m.emission_source("reference", "CO2", "Change of carbon stock, 2005 to 2014", ja="2005〜2014 年の炭素蓄積の変化")
m.emission_source("reference", "CH4", "Burning of biomass, 2005 to 2014", ja="2005〜2014 年のバイオマス燃焼")
m.emission_source("reference", "N2O", "Burning of biomass, 2005 to 2014", ja="2005〜2014 年のバイオマス燃焼")
m.emission_source("project", "CO2", "Change of carbon stock", ja="炭素蓄積の変化")
m.emission_source("project", "CH4", "Burning of biomass; rice", ja="バイオマス燃焼、稲作")
m.emission_source("project", "N2O", "Burning of biomass", ja="バイオマス燃焼")
m.emission_source("project", "CO2", "Fossil fuel caused by the project", ja="プロジェクトに伴う化石燃料")

m.index("c", "change from one class of land to another", ja="土地区分の変化")
m.index("b", "class of land burnt", ja="燃焼する土地区分")

_GOVERNMENT = "activity data of the Government of Lao PDR"
m.monitored(
    "A_RL_c",
    "ha",
    "Area of change c in the project area over 2005 to 2014, national data behind the FREL/FRL",
    ja="2005〜2014 年のプロジェクト対象地域における変化 c の面積 (FREL/FRL の国データ)",
    clause=_GOVERNMENT,
    option="A",
    index=("c",),
)
m.monitored(
    "A_PJ_c",
    "ha",
    "Area of change c in the period, national forest monitoring system",
    ja="期間中の変化 c の面積 (国家森林モニタリングシステム)",
    clause=_GOVERNMENT,
    option="A",
    index=("c",),
)
m.factor(
    "EF_c",
    "tCO2e/ha",
    "Emission of change c per hectare; negative where carbon is gained",
    ja="変化 c の 1 ha 当たり排出量 (吸収は負)",
    clause="FREL/FRL of Lao PDR",
    read_on="validation",
    index=("c",),
    minimum=None,
)
m.monitored(
    "AB_RL_b", "ha", "Area burnt in class b over 2005 to 2014", ja="2005〜2014 年の区分 b の燃焼面積",
    clause=_GOVERNMENT, option="A", index=("b",),
)  # fmt: skip
m.monitored(
    "AB_PJ_b", "ha", "Area burnt in class b in the period", ja="期間中の区分 b の燃焼面積",
    clause=_GOVERNMENT, option="A", index=("b",),
)  # fmt: skip
for name, unit, english, japanese, index in (
    ("M_B_b", "t/ha", "Fuel available for burning in class b (dry matter)", "区分 b の可燃物量 (乾物)", ("b",)),
    ("C_f_b", "-", "Combustion factor of class b", "区分 b の燃焼係数", ("b",)),
    ("G_CH4", "kgCH4/t", "Methane per tonne of dry matter burnt", "乾物 1 t 当たり CH4 排出量", ()),
    ("G_N2O", "kgN2O/t", "Nitrous oxide per tonne of dry matter burnt", "乾物 1 t 当たり N2O 排出量", ()),
):
    m.factor(
        name,
        unit,
        english,
        ja=japanese,
        clause="burning of biomass, IPCC 2006 vol. 4, eq. 2.27",
        read_on="validation",
        index=index,
        maximum="1" if name == "C_f_b" else None,
    )
for gas, words in (("CH4", "メタン"), ("N2O", "一酸化二窒素")):
    m.factor(
        f"GWP_{gas}",
        f"tCO2e/t{gas}",
        f"Global warming potential of {gas}",
        ja=f"{words}の地球温暖化係数",
        clause="global warming potential",
        read_on="validation",
    )
m.monitored(
    "E_rice_p", "tCO2e", "Emissions of rice cultivation caused by the project", ja="プロジェクトに伴う稲作の排出量",
    clause="project emissions", option="A",
)  # fmt: skip
m.monitored(
    "E_fuel_p", "tCO2e", "Emissions of fossil fuel caused by the project", ja="プロジェクトに伴う化石燃料の排出量",
    clause="project emissions", option="B",
)  # fmt: skip
m.monitored("Y_p", "year", "Length of the period in years", ja="期間の長さ (年)", clause="project reference level")
m.fixed(
    "N_RL",
    "year",
    "Years of the reference, 2005 to 2014",
    ja="参照期間の年数 (2005〜2014 年)",
    clause="reference years",
)
m.printed("N_RL", "10", versions=("01.0",), source=_SUMMARY, grade=Grade.SECONDARY)


m.interpretation(
    "removals",
    "Do gains of carbon stock count? The summary speaks of net emission, other texts of emissions only.",
    ja="炭素蓄積の増加を計上するか。要約は純排出量とするが、排出のみを対象とする方法論もある。",
    clause="project reference level",
    answers={
        "net": ("1", "gains count on both sides, as net emission", "両側で計上する (純排出量)"),
        "emissions_only": ("0", "only losses count, on both sides", "両側とも減少のみ計上する"),
    },
    taken="net",
)


def _burning(area: Traced, fuel: Traced, burnt: Traced, factor: Traced, gwp: Traced, gas: str) -> Traced:
    return sum_over("b", area * fuel * burnt) * factor * constant(KG_TO_TONNE, f"t{gas}/kg{gas}") * gwp


@m.formula("EC_c", "tCO2e/ha", index=("c",), clause="FREL/FRL of Lao PDR")
def counted_factor(EF_c: Traced, removals: Traced) -> Traced:
    """A loss of carbon counts whole; a gain counts as the open question says."""
    zero = nothing("tCO2e/ha")
    return larger(EF_c, zero) + removals * smaller(EF_c, zero)


@m.formula("PRL_CO2_p", "tCO2e", clause="project reference level")
def reference_stock_change(A_RL_c: Traced, EC_c: Traced) -> Traced:
    """Change of carbon stock of the project area over the reference years."""
    return sum_over("c", A_RL_c * EC_c)


@m.formula("PRL_burn_p", "tCO2e", clause="project reference level")
def reference_burning(
    AB_RL_b: Traced, M_B_b: Traced, C_f_b: Traced, G_CH4: Traced, G_N2O: Traced, GWP_CH4: Traced, GWP_N2O: Traced
) -> Traced:
    """Methane and nitrous oxide of biomass burnt over the reference years."""
    methane = _burning(AB_RL_b, M_B_b, C_f_b, G_CH4, GWP_CH4, "CH4")
    return methane + _burning(AB_RL_b, M_B_b, C_f_b, G_N2O, GWP_N2O, "N2O")


@m.formula("PRL_p", "tCO2e", clause="project reference level")
def project_reference_level(PRL_CO2_p: Traced, PRL_burn_p: Traced, N_RL: Traced, Y_p: Traced) -> Traced:
    """Mean annual net emission of the reference years, times the years of the period."""
    return (PRL_CO2_p + PRL_burn_p) / N_RL * Y_p


@m.formula("PNE_CO2_p", "tCO2e", clause="project net emissions")
def project_stock_change(A_PJ_c: Traced, EC_c: Traced) -> Traced:
    """Change of carbon stock of the project area in the period."""
    return sum_over("c", A_PJ_c * EC_c)


@m.formula("PNE_burn_p", "tCO2e", clause="project net emissions")
def project_burning(
    AB_PJ_b: Traced, M_B_b: Traced, C_f_b: Traced, G_CH4: Traced, G_N2O: Traced, GWP_CH4: Traced, GWP_N2O: Traced
) -> Traced:
    """Methane and nitrous oxide of biomass burnt in the period."""
    methane = _burning(AB_PJ_b, M_B_b, C_f_b, G_CH4, GWP_CH4, "CH4")
    return methane + _burning(AB_PJ_b, M_B_b, C_f_b, G_N2O, GWP_N2O, "N2O")


@m.formula("PNE_p", "tCO2e", clause="project net emissions")
def project_net_emissions(PNE_CO2_p: Traced, PNE_burn_p: Traced, E_rice_p: Traced, E_fuel_p: Traced) -> Traced:
    """Change of carbon stock, burning, and what the project itself causes by rice and fuel."""
    return PNE_CO2_p + PNE_burn_p + E_rice_p + E_fuel_p


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(PRL_p: Traced, PNE_p: Traced) -> Traced:
    """Project reference level less project net emissions."""
    return PRL_p - PNE_p
