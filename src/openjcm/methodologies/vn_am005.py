"""VN_AM005 Amorphous transformers in Viet Nam (title not read) (Viet Nam)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import sum_over
from openjcm.mrv.trace import Traced

m = Methodology(
    "VN_AM005",
    title="Amorphous transformers in Viet Nam (title not read)",
    title_ja="ベトナムのアモルファス変圧器 (名称は未確認)",
    country="VNM",
    scope="2. Energy distribution",
    summary="Transformers with amorphous cores lose less electricity without load.",
    summary_ja="アモルファス鉄心の変圧器により、無負荷損を減らします。",
    evidence=Grade.RECALLED,
    text_source=Citation(
        "jcm.go.jp, list of projects (methodology and version applied)",
        url="https://www.jcm.go.jp/jc/mn-projects/",
        note=(
            "number and version only; the titles of its projects name amorphous transformers, and "
            "the formula is recalled"
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
    "Transformers with amorphous cores are installed in the distribution grid.",
    ja="配電系統にアモルファス変圧器を導入する。",
    grade=Grade.RECALLED,
    shown_by="Contract of supply, test report of each type",
    shown_by_ja="供給契約書、型式ごとの試験成績書",
)
m.criterion(
    2,
    "Their load loss is not above that of the reference transformers.",
    ja="負荷損はリファレンス変圧器以下である。",
    grade=Grade.RECALLED,
    shown_by="Test reports: load loss",
    shown_by_ja="試験成績書 (負荷損)",
)
m.emission_source(
    "reference",
    "CO2",
    "Generation of the electricity that reference transformers lose",
    ja="リファレンス変圧器の損失電力の発電",
)
m.emission_source(
    "project",
    "CO2",
    "Generation of the electricity that project transformers lose",
    ja="プロジェクト変圧器の損失電力の発電",
)

m.index("k", "transformer", ja="変圧器")
m.monitored(
    "MP_k",
    "hour",
    "Hours of the period for which transformer k was in service",
    ja="期間中の変圧器 k の供用時間",
    clause="monitored parameter",
    option="C",
    index=("k",),
)
m.factor(
    "NLL_PJ_k",
    "W",
    "No-load loss of project transformer k, as tested",
    ja="プロジェクト変圧器 k の無負荷損 (試験値)",
    clause="no-load loss",
    read_on="validation",
    index=("k",),
)
m.fixed(
    "NLL_RE_k",
    "W",
    "No-load loss of the reference transformer of the type and capacity of k",
    ja="変圧器 k と同じ型式・容量のリファレンス変圧器の無負荷損",
    clause="no-load loss",
    index=("k",),
)
m.factor(
    "Br",
    "-",
    "Black-out rate: share of the hours without voltage",
    ja="停電率",
    clause="black-out rate",
    read_on="monitoring",
    maximum="1",
)
m.factor(
    "EF_grid",
    "tCO2e/MWh",
    "CO2 emission factor of the grid",
    ja="系統電力の CO2 排出係数",
    clause="emission factor of the grid",
    read_on="validation",
)


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(NLL_RE_k: Traced, Br: Traced, MP_k: Traced, EF_grid: Traced) -> Traced:
    """No-load loss of the reference transformers over the hours with voltage, times the factor."""
    return sum_over("k", NLL_RE_k * (1 - Br) * MP_k) * EF_grid


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(NLL_PJ_k: Traced, Br: Traced, MP_k: Traced, EF_grid: Traced) -> Traced:
    """No-load loss of the project transformers over the hours with voltage, times the factor."""
    return sum_over("k", NLL_PJ_k * (1 - Br) * MP_k) * EF_grid


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
