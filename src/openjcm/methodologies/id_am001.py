"""ID_AM001 Power Generation by Waste Heat Recovery in Cement Industry (Indonesia)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import constant, nothing
from openjcm.mrv.trace import Traced

_SOURCE = Citation(
    "Project design document of ID013 (copy, beginning only)",
    url="https://businessdocbox.com/Green_Solutions/89142596-Jcm-project-design-document-form.html",
    note="it says that net electricity replaces imported grid electricity; the methodology itself was not read",
)

m = Methodology(
    "ID_AM001",
    title="Power Generation by Waste Heat Recovery in Cement Industry",
    title_ja="セメント産業における廃熱回収発電",
    country="IDN",
    scope="1. Energy industries",
    summary="Waste heat of a cement plant makes electricity that replaces grid electricity.",
    summary_ja="セメント工場の廃熱で発電し、系統電力を代替します。",
    evidence=Grade.SECONDARY,
    text_source=_SOURCE,
)

m.version("01.0", approved=None, source=_SOURCE, grade=Grade.SECONDARY)

m.criterion(
    1,
    "Only waste heat of the cement process is used, without fossil fuel as a source of heat (the rest was not read).",
    ja="セメント製造工程の廃熱のみを利用し、化石燃料を熱源としない (他の要件は未確認)。",
    grade=Grade.RECALLED,
    shown_by="Flow diagram of the plant, fuel records",
    shown_by_ja="工場の系統図、燃料記録",
)
m.emission_source("reference", "CO2", "Grid electricity that the plant would use", ja="工場が使用するはずの系統電力")

m.monitored(
    "EG_SUP_p",
    "MWh",
    "Electricity supplied by the heat recovery system to the plant",
    ja="廃熱回収発電設備から工場への供給電力量",
    clause="monitored parameter",
)
m.monitored("D_p", "day", "Days of the period", ja="期間の日数", clause="monitored parameter")
m.factor(
    "EC_CAP",
    "MW",
    "Rated capacity of all auxiliaries of the heat recovery system",
    ja="廃熱回収発電設備の補機の定格容量の合計",
    clause="electricity of auxiliaries",
    read_on="validation",
)
m.factor(
    "EF_elec",
    "tCO2e/MWh",
    "CO2 emission factor of the electricity replaced",
    ja="代替される電力の CO2 排出係数",
    clause="emission factor of electricity",
    read_on="validation",
)

m.interpretation(
    "aux_hours",
    "How many hours a day do the auxiliaries run? 24 is recalled; the project document says “net” only.",
    ja="補機は 1 日に何時間、定格で運転するとみなすか。24 時間は記憶による。ID013 の PDD には「正味」とのみある。",
    clause="electricity of auxiliaries",
    answers={
        "around_the_clock": (
            "24",
            "24 hours at rated capacity (recalled; the cautious reading)",
            "定格で 24 時間 (記憶による、保守的)",
        ),
        "already_net": ("0", "the meter already shows net electricity", "計量値が既に正味である"),
    },
    taken="around_the_clock",
)


@m.formula("EC_AUX_p", "MWh", clause="electricity of auxiliaries")
def auxiliaries(EC_CAP: Traced, aux_hours: Traced, D_p: Traced) -> Traced:
    """Rated capacity of the auxiliaries times the hours of the period's days."""
    return EC_CAP * aux_hours * constant("1", "hour/day") * D_p


@m.formula("EG_p", "MWh", clause="net electricity")
def net_electricity(EG_SUP_p: Traced, EC_AUX_p: Traced) -> Traced:
    """Electricity supplied less that of the auxiliaries."""
    return EG_SUP_p - EC_AUX_p


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(EG_p: Traced, EF_elec: Traced) -> Traced:
    """Net electricity times the factor of the electricity it replaces."""
    return EG_p * EF_elec


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions() -> Traced:
    """None: no fossil fuel is a source of heat."""
    return nothing("tCO2e")


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions; negative where the auxiliaries take more than is supplied."""
    return RE_p - PE_p
