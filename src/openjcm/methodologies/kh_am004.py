"""KH_AM004 Reducing deforestation and forest degradation through forest conservation (REDD-plus, Cambodia)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import constant, larger, nothing, sum_over
from openjcm.mrv.trace import Traced

_PROPOSAL = Citation(
    "jcm.go.jp, summary of the proposal KH_PM004",
    url="https://www.jcm.go.jp/kh-jp/methodologies/97",
    note="the symbolic form is written from the wording of the summary; the text itself was not read",
)
_DECISIONS = Citation("jcm.go.jp, decisions of the Joint Committee", url="https://www.jcm.go.jp/kh-jp/jc_decisions")

m = Methodology(
    "KH_AM004",
    title="Reducing deforestation and forest degradation through forest conservation in Cambodia",
    title_ja="カンボジアにおける森林保全による森林減少・劣化の抑制",
    country="KHM",
    scope="14. REDD-plus",
    summary="Conservation keeps forest standing. Growth is not credited; displaced emissions are added.",
    summary_ja="森林保全により森林減少・劣化を抑えます。吸収は対象とせず、排出の移転 (リーケージ) を加算します。",
    evidence=Grade.SECONDARY,
    text_source=_PROPOSAL,
    results=("PRL_p", "PNE_p", "ER_p"),
)

m.version("01.0", approved=None, source=_PROPOSAL, grade=Grade.SECONDARY)
m.version("01.1", approved="2021-02-27", source=_DECISIONS, grade=Grade.SECONDARY)

m.criterion(
    1,
    "Forest conservation activities, such as law enforcement and livelihoods, are carried out (the rest was not read).",
    ja="法執行や生計支援などの森林保全活動を実施する (他の要件は未確認)。",
    grade=Grade.SECONDARY,
    shown_by="Plan of the activities, agreements with the communities",
    shown_by_ja="活動計画、地域との合意書",
)
m.emission_source(
    "reference", "CO2", "Change from forest to other land, and degradation", ja="森林から他の土地への変化と劣化"
)
m.emission_source(
    "project", "CO2", "Change from forest to other land, and degradation", ja="森林から他の土地への変化と劣化"
)
m.emission_source("project", "CO2", "Displaced emissions", ja="移転した排出 (リーケージ)")

m.index("c", "transition from one class of land to another", ja="土地区分の遷移")

m.choice(
    "OPTION",
    {
        "deforestation_only": ("Transitions from forest to non-forest only", "森林から非森林への遷移のみ"),
        "with_degradation": (
            "All transitions that emit, also between classes of forest",
            "排出を伴うすべての遷移 (森林区分間を含む)",
        ),
    },
    "Option of the project reference level",
    ja="プロジェクト参照レベルの選択肢",
    clause="project reference level, two options",
)
m.choice(
    "KIND_c",
    {
        "forest_to_non_forest": ("Forest to non-forest", "森林から非森林"),
        "forest_to_forest": ("One class of forest to another", "森林区分間"),
    },
    "Kind of transition c",
    ja="遷移 c の種類",
    clause="project reference level, two options",
    index=("c",),
)
m.fixed(
    "s_c",
    "-",
    "Whether transition c counts under the option (1) or not (0)",
    ja="選択肢のもとで遷移 c を計上するか (1 または 0)",
    clause="project reference level, two options",
    index=("c",),
    by=("OPTION", "KIND_c"),
)
m.printed(
    "s_c",
    {
        "deforestation_only/forest_to_non_forest": "1",
        "deforestation_only/forest_to_forest": "0",
        "with_degradation/forest_to_non_forest": "1",
        "with_degradation/forest_to_forest": "1",
    },
    versions=("01.0", "01.1"),
    source=_PROPOSAL,
    grade=Grade.SECONDARY,
)

m.factor(
    "A0_c",
    "ha",
    "Area of the class that transition c starts from, in the project area",
    ja="プロジェクト対象地域のうち遷移 c の起点となる区分の面積",
    clause="project reference level",
    read_on="validation",
    index=("c",),
)
m.factor(
    "TP_c",
    "1/year",
    "Probability of transition c per year, from Cambodia's forest reference level",
    ja="遷移 c の年間遷移確率 (カンボジアの森林参照レベル)",
    clause="project reference level",
    read_on="validation",
    index=("c",),
    maximum="1",
)
m.monitored("Y_p", "year", "Length of the period in years", ja="期間の長さ (年)", clause="project reference level")
m.monitored(
    "A_PJ_c", "ha", "Area of transition c in the period", ja="期間中の遷移 c の面積",
    clause="monitored area by class", option="C", index=("c",),
)  # fmt: skip
for name, english, japanese in (
    ("AGB_from_c", "Carbon above ground before transition c", "遷移 c 前の地上部炭素"),
    ("AGB_to_c", "Carbon above ground after transition c", "遷移 c 後の地上部炭素"),
):
    m.factor(name, "tC/ha", english, ja=japanese, clause="emission factor", read_on="validation", index=("c",))
m.factor(
    "R_BA", "-", "Ratio of biomass below ground to above ground", ja="地上部に対する地下部バイオマスの比",
    clause="emission factor", read_on="validation",
)  # fmt: skip
m.monitored(
    "E_belt_p",
    "tCO2e",
    "Emissions in the area to which activities may be displaced",
    ja="活動が移転しうる地域の排出量",
    clause="displaced emissions",
    option="A",
)
m.factor(
    "RL_belt",
    "tCO2e/year",
    "Reference level of that area per year",
    ja="同地域の年間参照レベル",
    clause="displaced emissions",
    read_on="validation",
)

m.interpretation(
    "belt",
    "Are displaced emissions all emissions of the area around, or those above its own reference level?",
    ja="移転した排出は、周辺地域の全排出量か、その参照レベルを超える分か。",
    clause="displaced emissions",
    answers={
        "above_reference": (
            "1",
            "those above its reference level, never below zero",
            "参照レベルを超える分 (ゼロ未満にはしない)",
        ),
        "all": ("0", "all of them", "全排出量"),
    },
    taken="above_reference",
)


@m.formula("EF_c", "tCO2e/ha", index=("c",), clause="emission factor")
def emission_factor(AGB_from_c: Traced, AGB_to_c: Traced, R_BA: Traced) -> Traced:
    """Carbon lost above and below ground, as carbon dioxide; a gain is not credited and counts as nothing."""
    lost = larger(AGB_from_c - AGB_to_c, nothing("tC/ha"))
    return lost * (1 + R_BA) * constant("44/12", "tCO2e/tC")


@m.formula("PRL_p", "tCO2e", clause="project reference level")
def project_reference_level(s_c: Traced, A0_c: Traced, TP_c: Traced, EF_c: Traced, Y_p: Traced) -> Traced:
    """Area that would have changed in the years of the period, by the probabilities of the national level."""
    return sum_over("c", s_c * A0_c * TP_c * EF_c) * Y_p


@m.formula("DE_p", "tCO2e", clause="displaced emissions")
def displaced_emissions(E_belt_p: Traced, belt: Traced, RL_belt: Traced, Y_p: Traced) -> Traced:
    """Emissions of the area around, as the open question says; never negative."""
    return larger(E_belt_p - belt * RL_belt * Y_p, nothing("tCO2e"))


@m.formula("PNE_p", "tCO2e", clause="project net emissions")
def project_net_emissions(s_c: Traced, A_PJ_c: Traced, EF_c: Traced, DE_p: Traced) -> Traced:
    """Area that changed times its factor, and the displaced emissions."""
    return sum_over("c", s_c * A_PJ_c * EF_c) + DE_p


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(PRL_p: Traced, PNE_p: Traced) -> Traced:
    """Project reference level less project net emissions."""
    return PRL_p - PNE_p
