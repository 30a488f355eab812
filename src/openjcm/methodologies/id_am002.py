"""ID_AM002 Energy Saving by Introduction of High Efficiency Centrifugal Chiller (Indonesia)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import sum_over
from openjcm.mrv.trace import Traced

m = Methodology(
    "ID_AM002",
    title="Energy Saving by Introduction of High Efficiency Centrifugal Chiller",
    title_ja="高効率ターボ冷凍機の導入による省エネルギー",
    country="IDN",
    scope="3. Energy demand",
    summary="An efficient centrifugal chiller does the cooling of a reference chiller with less electricity.",
    summary_ja="高効率のターボ冷凍機が、リファレンス冷凍機と同じ冷却をより少ない電力で行います。",
    evidence=Grade.INFERRED,
    text_source=Citation(
        "Monitoring report sheet of project ID009 (parameters)",
        url="https://pdfslide.net/documents/monitoring-report-sheet-input-sheet-for-verification.html",
        note="parameters were seen there; the formula is inferred by analogy with TH_AM005; the PDF was not read",
    ),
)

_PROJECT_LIST = Citation(
    "jcm.go.jp, list of projects (methodology and version applied)", url="https://www.jcm.go.jp/jc/mn-projects/"
)

m.version("01.0", approved=None, source=_PROJECT_LIST, grade=Grade.SECONDARY)
m.version("02.0", approved=None, source=_PROJECT_LIST, grade=Grade.SECONDARY)

m.criterion(
    1,
    "The project chiller is an electric centrifugal chiller (the full wording of the criteria was not read).",
    ja="プロジェクト冷凍機は電動ターボ冷凍機である (適格性要件の全文は未確認)。",
    grade=Grade.INFERRED,
    shown_by="Specification of the maker, type plate",
    shown_by_ja="製造者の仕様書、銘板",
)
m.emission_source("reference", "CO2", "Electricity use of the reference chiller", ja="リファレンス冷凍機の電力消費")
m.emission_source("project", "CO2", "Electricity use of the project chiller", ja="プロジェクト冷凍機の電力消費")

m.index("i", "chiller", ja="冷凍機")
m.monitored(
    "EC_PJ_i_p",
    "MWh",
    "Power consumption of project chiller i in period p",
    ja="期間 p のプロジェクト冷凍機 i の電力消費量",
    clause="monitored parameter",
    option="C",
    index=("i",),
)
m.factor(
    "COP_PJ_i",
    "-",
    "COP of project chiller i, from its specification",
    ja="プロジェクト冷凍機 i の COP (仕様値)",
    clause="COP of the project chiller",
    read_on="validation",
    index=("i",),
)
m.fixed(
    "COP_RE_i",
    "-",
    "COP of the reference chiller that stands for chiller i",
    ja="冷凍機 i に対応するリファレンス冷凍機の COP",
    clause="COP of the reference chiller",
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
    """Electricity that the reference chillers would have used for the same cooling, times the factor."""
    return sum_over("i", EC_PJ_i_p * (COP_PJ_i / COP_RE_i) * EF_elec)


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(EC_PJ_i_p: Traced, EF_elec: Traced) -> Traced:
    """Electricity of the project chillers times the factor."""
    return sum_over("i", EC_PJ_i_p * EF_elec)


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions; negative where the project chiller is the worse one."""
    return RE_p - PE_p
