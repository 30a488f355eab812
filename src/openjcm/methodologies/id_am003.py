"""ID_AM003 Installation of Energy-efficient Refrigerators Using Natural Refrigerant at Food Industry  (Indonesia)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology, Suggestion
from openjcm.mrv.techniques import sum_over
from openjcm.mrv.trace import Traced

m = Methodology(
    "ID_AM003",
    title=(
        "Installation of Energy-efficient Refrigerators Using Natural Refrigerant at Food "
        "Industry Cold Storage and Frozen Food Processing Plant"
    ),
    title_ja="食品産業の冷蔵倉庫及び冷凍食品加工工場における自然冷媒を用いた省エネ型冷凍機の導入",
    country="IDN",
    scope="3. Energy demand",
    summary=(
        "A refrigerator with natural refrigerant does the cooling of a reference refrigerator with less electricity."
    ),
    summary_ja="自然冷媒を用いた冷凍機が、リファレンス冷凍機と同じ冷却をより少ない電力で行います。",
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Design document of project ID003 (copy of its opening on businessdocbox.com)",
        url="http://businessdocbox.com/Green_Solutions/91152413-Jcm-project-design-document-form.html",
        note=("the direction of the ratio follows from the printed numbers; the methodology itself was not read"),
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
        "The refrigerator serves a cold storage of the food industry or a frozen food processing "
        "plant and uses a natural refrigerant."
    ),
    ja="冷凍機は食品産業の冷蔵倉庫または冷凍食品加工工場に設置し、自然冷媒を用いる。",
    grade=Grade.INFERRED,
    shown_by="Contract of installation, specification of the maker",
    shown_by_ja="設置契約書、製造者の仕様書",
)
m.criterion(
    2,
    ("The COP of the project refrigerator is at least 1.5 for an individual quick freezer and 2.0 for a cold storage."),
    ja="プロジェクト冷凍機の COP は、個別急速凍結装置で 1.5 以上、冷蔵倉庫で 2.0 以上である。",
    grade=Grade.RECALLED,
    shown_by="Catalogue or specification: cooling capacity by power",
    shown_by_ja="カタログまたは仕様書 (冷却能力÷消費電力)",
)
m.emission_source(
    "reference", "CO2", "Electricity use of the reference refrigerator", ja="リファレンス冷凍機の電力消費"
)
m.emission_source("project", "CO2", "Electricity use of the project refrigerator", ja="プロジェクト冷凍機の電力消費")

m.index("i", "refrigerator", ja="冷凍機")
m.choice(
    "KIND_i",
    {
        "individual_quick_freezer": (
            "Individual quick freezer of a frozen food processing plant",
            "冷凍食品加工工場の個別急速凍結装置",
        ),
        "cold_storage": ("Cold storage of the food industry", "食品産業の冷蔵倉庫"),
    },
    "What refrigerator i serves",
    ja="冷凍機 i の用途",
    clause="COP of the reference refrigerator",
    index=("i",),
)
m.monitored(
    "EC_PJ_i_p",
    "MWh",
    "Power consumption of project refrigerator i in period p",
    ja="期間 p のプロジェクト冷凍機 i の電力消費量",
    clause="monitored parameter",
    option="C",
    index=("i",),
)
m.factor(
    "COP_PJ_i",
    "-",
    "COP of project refrigerator i, from its specification",
    ja="プロジェクト冷凍機 i の COP (仕様値)",
    clause="COP of the project refrigerator",
    read_on="validation",
    index=("i",),
)
m.fixed(
    "COP_RE_i",
    "-",
    "COP of the reference refrigerator that stands for refrigerator i",
    ja="冷凍機 i に対応するリファレンス冷凍機の COP",
    clause="COP of the reference refrigerator",
    index=("i",),
    by="KIND_i",
    suggestion=Suggestion("1.71", "-", Grade.RECALLED, "recalled for cold storage; never used by itself"),
)
m.printed(
    "COP_RE_i",
    {"individual_quick_freezer": "1.32"},
    versions=("01.0",),
    source=Citation(
        "Design document of project ID003 (copy of its opening on businessdocbox.com)",
        url="http://businessdocbox.com/Green_Solutions/91152413-Jcm-project-design-document-form.html",
        note="the largest value of a market survey, printed there as the default of the methodology",
    ),
    grade=Grade.SECONDARY,
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
def reference_emissions(EC_PJ_i_p: Traced, COP_PJ_i: Traced, COP_RE_i: Traced, EF_elec: Traced) -> Traced:
    """Electricity that the reference refrigerators would have used for the same cooling, times the factor."""
    return sum_over("i", EC_PJ_i_p * (COP_PJ_i / COP_RE_i) * EF_elec)


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(EC_PJ_i_p: Traced, EF_elec: Traced) -> Traced:
    """Electricity of the project refrigerators times the factor."""
    return sum_over("i", EC_PJ_i_p * EF_elec)


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
