"""ID_CCS Carbon dioxide capture and storage under the guidelines of Indonesia (no approved methodology is known)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import smaller, sum_over
from openjcm.mrv.trace import Traced

_GUIDELINES = Citation(
    "Joint Committee of Indonesia and Japan, 10th meeting, guidelines for CCS and CCUS",
    url="https://www.jcm.go.jp/id-jp/rules_and_guidelines",
    note="adopted 2024-12-18; their contents are known from a summary; the guidelines for methodologies were not read",
)

m = Methodology(
    "ID_CCS",
    title="Capture and storage of carbon dioxide, by the guidelines of Indonesia (not an approved methodology)",
    title_ja="インドネシアのガイドラインに基づく二酸化炭素の回収・地中貯留 (承認方法論ではない)",
    country="IDN",
    scope="CCS and CCUS",
    summary="Carbon dioxide is injected for good. Net reductions are ensured in one of three ways.",
    summary_ja="二酸化炭素を地中に圧入・貯留します。純削減は三つの方法のいずれかで確保します。",
    evidence=Grade.SECONDARY,
    text_source=_GUIDELINES,
)

m.version("01.0", approved="2024-12-18", source=_GUIDELINES, grade=Grade.SECONDARY)

for number, english, japanese in (
    (
        1,
        "The participants hold the rights of access to the site and to the data that monitoring needs.",
        "参加者は、サイトおよびモニタリングに必要なデータへのアクセス権を有する。",
    ),
    (
        2,
        "Storage follows the practice of ISO 27914; quantities with EOR follow ISO 27916.",
        "貯留は ISO 27914 に、EOR を伴う場合の定量化は ISO 27916 に従う。",
    ),
    (
        3,
        "The crediting period runs from the start of injection to its end.",
        "クレジット期間は圧入の開始から終了までとする。",
    ),
    (
        4,
        "The methodology sets the criteria of closure; monitoring runs until the closure preparation period.",
        "閉鎖の基準は方法論が定め、モニタリングは終了準備期間まで行う。",
    ),
    (
        5,
        "A reserve account is opened; in principle 3 % of the credits go there against reversal.",
        "反転リスクに備えてリザーブ口座を開設し、原則としてクレジットの 3 % を留保する。",
    ),
):
    m.criterion(number, english, ja=japanese, grade=Grade.SECONDARY)
m.emission_source("reference", "CO2", "Carbon dioxide that would have been emitted", ja="排出されるはずの二酸化炭素")
m.emission_source("project", "CO2", "Fossil fuel used by the project", ja="プロジェクトの化石燃料消費")
m.emission_source("project", "CO2", "Electricity used by the project", ja="プロジェクトの電力消費")
m.emission_source("project", "CO2", "Leaked carbon dioxide", ja="漏洩した二酸化炭素")
m.emission_source(
    "project",
    "CO2",
    "Not counted: combustion of fuels produced by EOR or EGR",
    ja="対象外: EOR・EGR により生産された燃料の燃焼",
)

m.index("f", "fuel", ja="燃料")

m.choice(
    "NET_OPTION",
    {
        "reference_below_bau": ("The reference is set below business as usual", "リファレンスを BaU より低く設定する"),
        "project_marked_up": ("Project emissions are marked up", "プロジェクト排出量を割り増す"),
        "discount_factor": ("Reductions are multiplied by a discount factor", "削減量に割引係数を乗じる"),
    },
    "How net reductions are ensured: one of three options",
    ja="純削減を確保する方法 (三つから一つを選択)",
    clause="net reductions",
)
m.monitored(
    "Q_INJ_p", "tCO2e", "Carbon dioxide injected, at the wellhead", ja="坑口での二酸化炭素圧入量", clause="injection"
)
m.monitored("Q_LEAK_p", "tCO2e", "Carbon dioxide leaked", ja="二酸化炭素の漏洩量", clause="leaked carbon dioxide")
m.monitored("EC_p", "MWh", "Electricity used by the project", ja="プロジェクトの電力消費量", clause="electricity")
m.monitored(
    "FC_f_p", "GJ", "Fossil fuel f used by the project", ja="プロジェクトの燃料 f の消費量", clause="fossil fuel",
    option="B", index=("f",),
)  # fmt: skip
m.factor(
    "EF_elec", "tCO2e/MWh", "CO2 emission factor of the electricity", ja="電力の CO2 排出係数", clause="electricity",
    read_on="validation",
)  # fmt: skip
m.factor(
    "EF_f", "tCO2e/GJ", "CO2 factor of fuel f", ja="燃料 f の CO2 排出係数", clause="fossil fuel", read_on="validation",
    index=("f",),
)  # fmt: skip
for name, english, japanese in (
    (
        "r_below",
        "How far the reference lies below business as usual, as a share of it",
        "リファレンスの BaU からの引下げ率",
    ),
    ("r_markup", "By how much project emissions are marked up, as a share of them", "プロジェクト排出量の割増率"),
    ("DF", "Discount factor", "割引係数"),
):
    m.factor(
        name,
        "-",
        english,
        ja=japanese,
        clause="net reductions",
        read_on="validation",
        maximum=None if name == "r_markup" else "1",
    )

m.interpretation(
    "basis",
    "Is business as usual what was injected, or only what stays stored (injected less leaked)?",
    ja="BaU は圧入量か、貯留されたままの量 (圧入量 − 漏洩量) か。",
    clause="leaked carbon dioxide",
    answers={
        "injected": ("0", "what was injected; leaks are project emissions", "圧入量。漏洩はプロジェクト排出量とする"),
        "stored_and_leaks_counted_too": (
            "1",
            "what stays stored; leaks are project emissions as well, so that each leaked tonne counts twice",
            "貯留量。さらに漏洩をプロジェクト排出量とし、漏洩 1 t を 2 回数える",
        ),
    },
    taken="injected",
)


@m.formula("BaU_p", "tCO2e", clause="reference emissions")
def business_as_usual(Q_INJ_p: Traced, basis: Traced, Q_LEAK_p: Traced) -> Traced:
    """Carbon dioxide that would have been emitted."""
    return Q_INJ_p - basis * Q_LEAK_p


@m.formula("RE_p", "tCO2e", clause="net reductions, option 1", when={"NET_OPTION": ("reference_below_bau",)})
def reference_below_business_as_usual(BaU_p: Traced, r_below: Traced) -> Traced:
    """Business as usual, lowered by a share."""
    return BaU_p * (1 - r_below)


@m.formula("RE_p", "tCO2e", clause="reference emissions", when={"NET_OPTION": ("project_marked_up", "discount_factor")})
def reference_emissions(BaU_p: Traced) -> Traced:
    """Business as usual."""
    return BaU_p


@m.formula("PE_counted_p", "tCO2e", clause="sources of emissions")
def counted_emissions(FC_f_p: Traced, EF_f: Traced, EC_p: Traced, EF_elec: Traced, Q_LEAK_p: Traced) -> Traced:
    """Fossil fuel, electricity and leaked carbon dioxide; not the combustion of fuels produced by EOR or EGR."""
    return sum_over("f", FC_f_p * EF_f) + EC_p * EF_elec + Q_LEAK_p


@m.formula("PE_p", "tCO2e", clause="net reductions, option 2", when={"NET_OPTION": ("project_marked_up",)})
def marked_up_emissions(PE_counted_p: Traced, r_markup: Traced) -> Traced:
    """Project emissions, raised by a share."""
    return PE_counted_p * (1 + r_markup)


@m.formula("PE_p", "tCO2e", clause="project emissions", when={"NET_OPTION": ("reference_below_bau", "discount_factor")})
def project_emissions(PE_counted_p: Traced) -> Traced:
    """Project emissions as counted."""
    return PE_counted_p


@m.formula("ER_p", "tCO2e", clause="net reductions, option 3", when={"NET_OPTION": ("discount_factor",)})
def discounted_reductions(RE_p: Traced, PE_p: Traced, DF: Traced) -> Traced:
    """Reductions times the discount factor; a negative figure is not made smaller by it."""
    return smaller(RE_p - PE_p, (RE_p - PE_p) * DF)


@m.formula(
    "ER_p", "tCO2e", clause="emission reductions", when={"NET_OPTION": ("reference_below_bau", "project_marked_up")}
)
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
