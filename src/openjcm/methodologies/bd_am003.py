"""BD_AM003 Energy efficiency improvement through the introduction of energy efficient looms (Bangladesh)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import sum_over
from openjcm.mrv.trace import Traced

m = Methodology(
    "BD_AM003",
    title=(
        "Energy efficiency improvement through the introduction of energy efficient looms in the "
        "textile industry of Bangladesh"
    ),
    title_ja="バングラデシュ繊維産業における省エネ型織機の導入によるエネルギー効率改善",
    country="BGD",
    scope="4. Manufacturing industries",
    summary="Air jet looms weave the same quantity of fabric as rapier looms with less electricity.",
    summary_ja="エアジェット織機が、レピア織機と同じ量の織物をより少ない電力で織ります。",
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "GEC, page of the project in Bangladesh, and an attachment of the methodology (copies)",
        url="http://gec.jp/jcm/projects/15pro_ban_01.html",
        note="the calculation is described there in words; the methodology itself was not read",
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
    (
        "Energy efficient looms are installed where rapier looms are the reference; they made up "
        "91 % of the looms imported in 2014."
    ),
    ja=("レピア織機をリファレンスとする場所に省エネ型織機を導入する (2014 年の輸入織機の 91% がレピア織機)。"),
    grade=Grade.SECONDARY,
    shown_by="Contract of supply, specification of the maker",
    shown_by_ja="供給契約書、製造者の仕様書",
)
m.emission_source(
    "reference", "CO2", "Electricity of rapier looms for the same fabric", ja="同量の織物に対するレピア織機の電力消費"
)
m.emission_source(
    "project",
    "CO2",
    "Electricity of the project looms and their compressors",
    ja="プロジェクト織機及び圧縮機の電力消費",
)

m.index("i", "kind of fabric", ja="織物の種類")
m.monitored(
    "Q_i_p",
    "m**2",
    "Fabric i woven by the project looms in period p",
    ja="期間 p にプロジェクト織機が織った織物 i の量",
    clause="monitored parameter",
    option="C",
    index=("i",),
)
m.monitored(
    "EC_PJ_p",
    "MWh",
    "Electricity of the project looms in period p",
    ja="期間 p のプロジェクト織機の電力消費量",
    clause="monitored parameter",
    option="C",
)
m.fixed(
    "SC_RE_i",
    "kWh/m**2",
    "Specific electricity of a rapier loom for fabric i",
    ja="織物 i に対するレピア織機の電力原単位",
    clause="specific consumption of the reference loom",
    index=("i",),
)
m.factor(
    "EF_elec",
    "tCO2e/MWh",
    "CO2 emission factor of the electricity",
    ja="電力の CO2 排出係数",
    clause="emission factor of electricity",
    read_on="validation",
)
m.interpretation(
    "fabric_by",
    (
        "By what is the quantity of fabric measured? The page compares by square metre; by "
        "length or by picks is possible."
    ),
    ja="織物の量は何で測るのか。資料は面積当たりで比較しているが、長さや打込み数もあり得る。",
    clause="monitored parameter, quantity of fabric",
    answers={
        "area": ("1", "by area", "面積"),
    },
    taken="area",
)


@m.formula("EC_RE_p", "MWh", clause="reference emissions, electricity", when={"fabric_by": ("area",)})
def reference_electricity(Q_i_p: Traced, SC_RE_i: Traced) -> Traced:
    """Fabric times the specific electricity of the rapier loom."""
    return sum_over("i", Q_i_p * SC_RE_i)


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(EC_RE_p: Traced, EF_elec: Traced) -> Traced:
    """Electricity of rapier looms for the same fabric, times the factor."""
    return EC_RE_p * EF_elec


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(EC_PJ_p: Traced, EF_elec: Traced) -> Traced:
    """Electricity of the project looms times the factor."""
    return EC_PJ_p * EF_elec


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
