"""MN_AM001 Installation of energy-saving transmission lines in the Mongolian Grid (Mongolia)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import sum_over
from openjcm.mrv.trace import Traced

m = Methodology(
    "MN_AM001",
    title="Installation of energy-saving transmission lines in the Mongolian Grid",
    title_ja="モンゴル系統における省エネ送電線の導入",
    country="MNG",
    scope="2. Energy distribution",
    summary="Conductors of lower resistance lose less electricity between both ends of a line.",
    summary_ja="抵抗の低い電線により、送電線両端間の電力損失を減らします。",
    evidence=Grade.SECONDARY,
    text_source=Citation(
        "Official summary page of MN_AM001",
        url="https://www.jcm.go.jp/mn-jp/methodologies/5",
        note=("formula written from the summary in words; the official PDF and its clause numbers were not read"),
    ),
)

m.version(
    "01.0",
    approved="2014-02-20",
    source=Citation(
        "Official page on jcm.go.jp (methodology MN_AM001)", url="https://www.jcm.go.jp/mn-jp/methodologies/5"
    ),
    grade=Grade.READ,
)

m.criterion(
    1,
    (
        "LL-ACSR/SA conductors are installed in the Mongolian grid instead of ACSR (the full "
        "wording of the criteria was not read)."
    ),
    ja="モンゴルの系統に ACSR に代えて LL-ACSR/SA 電線を導入する (適格性要件の全文は未確認)。",
    grade=Grade.INFERRED,
    shown_by="Contract of supply, line plan, test report of the conductor",
    shown_by_ja="供給契約書、線路図、電線の試験成績書",
)
m.emission_source(
    "reference", "CO2", "Generation of the electricity that ACSR lines lose", ja="ACSR 送電線の損失電力の発電"
)
m.emission_source(
    "project",
    "CO2",
    "Generation of the electricity that the project lines lose",
    ja="プロジェクト送電線の損失電力の発電",
)

m.index("L", "line", ja="送電線")
m.monitored(
    "E_sent_L_p",
    "MWh",
    "Electricity sent at the origin of line L in period p",
    ja="期間 p の送電線 L の送電端電力量",
    clause="monitored parameter",
    option="C",
    index=("L",),
)
m.monitored(
    "E_received_L_p",
    "MWh",
    "Electricity received at the end of line L in period p",
    ja="期間 p の送電線 L の受電端電力量",
    clause="monitored parameter",
    option="C",
    index=("L",),
)
m.factor(
    "R_PJ_L",
    "ohm/km",
    "DC resistance of the conductor of project line L",
    ja="プロジェクト送電線 L の電線の直流抵抗",
    clause="DC resistance",
    read_on="validation",
    index=("L",),
)
m.fixed(
    "R_RE_L",
    "ohm/km",
    "DC resistance of the ACSR conductor that stands for line L, by MNS 5870:2008",
    ja="送電線 L に対応する ACSR 電線の直流抵抗 (MNS 5870:2008)",
    clause="DC resistance",
    index=("L",),
)
m.factor(
    "EF_grid",
    "tCO2e/MWh",
    "CO2 emission factor of the grid",
    ja="系統電力の CO2 排出係数",
    clause="emission factor of the grid",
    read_on="monitoring",
)


@m.formula("LOSS_PJ_L_p", "MWh", index=("L",), clause="losses of the project lines")
def project_losses(E_sent_L_p: Traced, E_received_L_p: Traced) -> Traced:
    """What was sent less what was received."""
    return E_sent_L_p - E_received_L_p


@m.formula("LOSS_RE_L_p", "MWh", index=("L",), clause="losses of the reference lines")
def reference_losses(LOSS_PJ_L_p: Traced, R_RE_L: Traced, R_PJ_L: Traced) -> Traced:
    """Losses of the project line, by the ratio of the resistances."""
    return LOSS_PJ_L_p * (R_RE_L / R_PJ_L)


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(LOSS_RE_L_p: Traced, EF_grid: Traced) -> Traced:
    """Losses of the reference lines times the factor of the grid."""
    return sum_over("L", LOSS_RE_L_p) * EF_grid


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(LOSS_PJ_L_p: Traced, EF_grid: Traced) -> Traced:
    """Losses of the project lines times the factor of the grid."""
    return sum_over("L", LOSS_PJ_L_p) * EF_grid


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
