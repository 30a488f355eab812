"""ID_AM011 Installation of energy saving air jet loom at textile factory (Indonesia)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import sum_over
from openjcm.mrv.trace import Traced

m = Methodology(
    "ID_AM011",
    title="Installation of energy saving air jet loom at textile factory",
    title_ja="繊維工場における省エネ型エアジェット織機の導入",
    country="IDN",
    scope="4. Manufacturing industries",
    summary=("Air jet looms that need less air weave the same cloth with less electricity for compressed air."),
    summary_ja="省エネ型エアジェット織機が、同じ織物をより少ない圧縮空気用電力で織ります。",
    evidence=Grade.INFERRED,
    text_source=Citation(
        "GEC, page of the project at textile factories in Indonesia (ID015)",
        url="https://gec.jp/jcm/projects/14pro_ina_06/",
        note=(
            "estimates of reference and project emissions are printed there; the formula is inferred "
            "as a ratio of specific consumptions"
        ),
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

m.criterion(
    1,
    "Energy saving air jet looms are installed at a textile factory.",
    ja="繊維工場に省エネ型エアジェット織機を導入する。",
    grade=Grade.INFERRED,
    shown_by="Contract of supply, specification of the maker",
    shown_by_ja="供給契約書、製造者の仕様書",
)
m.emission_source(
    "reference",
    "CO2",
    "Electricity of the air compressors for the reference looms",
    ja="リファレンス織機の空気圧縮機の電力消費",
)
m.emission_source(
    "project",
    "CO2",
    "Electricity of the air compressors for the project looms",
    ja="プロジェクト織機の空気圧縮機の電力消費",
)

m.index("i", "kind of loom", ja="織機の種類")
m.monitored(
    "EC_PJ_i_p",
    "MWh",
    "Electricity of the air compressors for project looms i in period p",
    ja="期間 p のプロジェクト織機 i の空気圧縮機の電力消費量",
    clause="monitored parameter",
    option="C",
    index=("i",),
)
m.factor(
    "AC_PJ_i",
    "m**3/hour",
    "Specific air consumption of project loom i",
    ja="プロジェクト織機 i の空気消費原単位",
    clause="specific air consumption",
    read_on="validation",
    index=("i",),
)
m.fixed(
    "AC_RE_i",
    "m**3/hour",
    "Specific air consumption of the reference loom that stands for i",
    ja="織機 i に対応するリファレンス織機の空気消費原単位",
    clause="specific air consumption",
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
m.factor(
    "SE_PJ_i",
    "kWh/m**2",
    "Specific electricity of project loom i by cloth",
    ja="プロジェクト織機 i の織物当たり電力原単位",
    clause="specific electricity",
    read_on="validation",
    index=("i",),
)
m.fixed(
    "SE_RE_i",
    "kWh/m**2",
    "Specific electricity of the reference loom that stands for i, by cloth",
    ja="織機 i に対応するリファレンス織機の織物当たり電力原単位",
    clause="specific electricity",
    index=("i",),
)
m.interpretation(
    "ratio_basis",
    (
        "By what are both looms compared? The page prints results only, and says that the "
        "project loom needs over 20 % less air."
    ),
    ja=("両織機は何によって比較されるのか。資料には結果と、空気消費が 20% 以上少ないことのみ記載。"),
    clause="reference emissions",
    answers={
        "air_consumption": ("1", "by their specific air consumption", "空気消費原単位の比"),
        "electricity_by_cloth": ("0", "by their specific electricity by cloth", "織物当たり電力原単位の比"),
    },
    taken="air_consumption",
)


@m.formula("RE_p", "tCO2e", clause="reference emissions", when={"ratio_basis": ("air_consumption",)})
def reference_emissions(EC_PJ_i_p: Traced, AC_RE_i: Traced, AC_PJ_i: Traced, EF_elec: Traced) -> Traced:
    """Electricity that the reference looms would have needed for their air, times the factor."""
    return sum_over("i", EC_PJ_i_p * (AC_RE_i / AC_PJ_i) * EF_elec)


@m.formula("RE_p", "tCO2e", clause="reference emissions", when={"ratio_basis": ("electricity_by_cloth",)})
def reference_emissions_by_cloth(EC_PJ_i_p: Traced, SE_RE_i: Traced, SE_PJ_i: Traced, EF_elec: Traced) -> Traced:
    """Electricity that the reference looms would have needed for the same cloth, times the factor."""
    return sum_over("i", EC_PJ_i_p * (SE_RE_i / SE_PJ_i) * EF_elec)


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(EC_PJ_i_p: Traced, EF_elec: Traced) -> Traced:
    """Electricity of the compressors for the project looms times the factor."""
    return sum_over("i", EC_PJ_i_p * EF_elec)


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
