"""MM_AM002 Installation of Energy-efficient Refrigerators Using Natural Refrigerant at Cold Storage (Myanmar)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import sum_over
from openjcm.mrv.trace import Traced

m = Methodology(
    "MM_AM002",
    title="Installation of Energy-efficient Refrigerators Using Natural Refrigerant at Cold Storage",
    title_ja="冷蔵倉庫における自然冷媒を用いた省エネ型冷凍機の導入",
    country="MMR",
    scope="3. Energy demand",
    summary=(
        "A refrigerator with natural refrigerant does the cooling of a reference refrigerator with less electricity."
    ),
    summary_ja="自然冷媒を用いた冷凍機が、リファレンス冷凍機と同じ冷却をより少ない電力で行います。",
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Official summary page of MM_AM002",
        url="https://www.jcm.go.jp/mm-jp/methodologies/99",
        note=("formula written from the summary in words; the official PDF and its clause numbers were not read"),
    ),
)

m.version(
    "01.0",
    approved="2020-01-16",
    source=Citation(
        "Official page on jcm.go.jp (methodology MM_AM002)", url="https://www.jcm.go.jp/mm-jp/methodologies/99"
    ),
    grade=Grade.READ,
)

m.criterion(
    1,
    ("The refrigerator serves a cold storage for food and uses a natural refrigerant (the full wording was not read)."),
    ja="冷凍機は食品の冷蔵倉庫に設置し、自然冷媒を用いる (全文は未確認)。",
    grade=Grade.INFERRED,
    shown_by="Contract of installation, specification of the maker",
    shown_by_ja="設置契約書、製造者の仕様書",
)
m.emission_source(
    "reference", "CO2", "Electricity use of the reference refrigerator", ja="リファレンス冷凍機の電力消費"
)
m.emission_source("project", "CO2", "Electricity use of the project refrigerator", ja="プロジェクト冷凍機の電力消費")

m.index("i", "refrigerator", ja="冷凍機")
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
