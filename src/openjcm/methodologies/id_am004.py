"""ID_AM004 Installation of Inverter-Type Air Conditioning System for Cooling for Grocery Store (Indonesia)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import sum_over
from openjcm.mrv.trace import Traced

m = Methodology(
    "ID_AM004",
    title="Installation of Inverter-Type Air Conditioning System for Cooling for Grocery Store",
    title_ja="食料品店へのインバーター式空調システム (冷房用) の導入",
    country="IDN",
    scope="3. Energy demand",
    summary=(
        "Air conditioners with inverter do the cooling of air conditioners without inverter with less electricity."
    ),
    summary_ja="インバーター式の空調機が、非インバーター式と同じ冷房をより少ない電力で行います。",
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Official summary page of ID_AM004",
        url="https://www.jcm.go.jp/id-jp/methodologies/27",
        note=("formula written from the summary in words; the official PDF and its clause numbers were not read"),
    ),
)

m.version(
    "02.0",
    approved="2015-11-10",
    source=Citation(
        "Official page on jcm.go.jp (methodology ID_AM004)", url="https://www.jcm.go.jp/id-jp/methodologies/27"
    ),
    grade=Grade.READ,
)

m.criterion(
    1,
    "Air conditioners with inverter cool a grocery store (the full wording was not read).",
    ja="食料品店にインバーター式空調機 (冷房用) を導入する (全文は未確認)。",
    grade=Grade.INFERRED,
    shown_by="Contract of installation, specification of the maker",
    shown_by_ja="設置契約書、製造者の仕様書",
)
m.emission_source(
    "reference", "CO2", "Electricity use of the reference air conditioner", ja="リファレンス空調機の電力消費"
)
m.emission_source("project", "CO2", "Electricity use of the project air conditioner", ja="プロジェクト空調機の電力消費")

m.index("i", "air conditioner", ja="空調機")
m.monitored(
    "EC_PJ_i_p",
    "MWh",
    "Power consumption of project air conditioner i in period p",
    ja="期間 p のプロジェクト空調機 i の電力消費量",
    clause="monitored parameter",
    option="C",
    index=("i",),
)
m.factor(
    "COP_PJ_i",
    "-",
    "COP of project air conditioner i, from its specification",
    ja="プロジェクト空調機 i の COP (仕様値)",
    clause="COP of the project air conditioner",
    read_on="validation",
    index=("i",),
)
m.fixed(
    "COP_RE_i",
    "-",
    "COP of the reference air conditioner that stands for air conditioner i",
    ja="空調機 i に対応するリファレンス空調機の COP",
    clause="COP of the reference air conditioner",
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
    """Electricity that the reference air conditioners would have used for the same cooling, times the factor."""
    return sum_over("i", EC_PJ_i_p * (COP_PJ_i / COP_RE_i) * EF_elec)


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(EC_PJ_i_p: Traced, EF_elec: Traced) -> Traced:
    """Electricity of the project air conditioners times the factor."""
    return sum_over("i", EC_PJ_i_p * EF_elec)


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
