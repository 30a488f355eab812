"""VN_AM004 Anaerobic digestion of organic waste for biogas utilization within wholesale markets (Viet Nam)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.declarations import Suggestion
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import constant, first_order_decay, sum_over
from openjcm.mrv.trace import Traced

_SUMMARY = Citation(
    "jcm.go.jp, summary of VN_AM004 in its form before approval",
    url="https://www.jcm.go.jp/vn-jp/methodologies/23",
    note="the symbolic form is written from the wording of the summary; the text itself was not read",
)
_IPCC = "table solid_waste of this software (IPCC 2006 and 2019); which values the text takes was not read"

m = Methodology(
    "VN_AM004",
    title="Anaerobic digestion of organic waste for biogas utilization within wholesale markets",
    title_ja="卸売市場における有機廃棄物の嫌気性消化によるバイオガス利用",
    country="VNM",
    scope="13. Waste handling and disposal",
    summary="Organic waste of a market is digested, not landfilled, and its biogas replaces fossil fuel for heat.",
    summary_ja="市場の有機性廃棄物を埋め立てずに嫌気性消化し、バイオガスで熱用の化石燃料を代替します。",
    evidence=Grade.SECONDARY,
    text_source=_SUMMARY,
)

m.version("01.0", approved=None, source=_SUMMARY, grade=Grade.INFERRED)

m.criterion(
    1,
    "Organic waste is digested anaerobically within a wholesale market (the full criteria were not read).",
    ja="卸売市場内で有機性廃棄物を嫌気性消化する (適格性要件の全文は未確認)。",
    grade=Grade.SECONDARY,
    shown_by="Contract of installation, agreements with the market",
    shown_by_ja="設置契約書、市場との合意書",
)
m.emission_source("reference", "CH4", "Decay of the waste in a landfill", ja="埋立処分場での廃棄物の分解")
m.emission_source("reference", "CO2", "Fossil fuel that the biogas replaces", ja="バイオガスが代替する化石燃料")
m.emission_source("project", "CO2", "Electricity of the digester", ja="消化施設の電力消費")

m.index("x", "calendar year in which waste was kept from the landfill", ja="埋立を回避した暦年")

m.monitored("y_p", "year", "Calendar year of the period", ja="期間の暦年", clause="first order decay")
m.monitored(
    "h_p",
    "-",
    "Part of the calendar year that the period covers (days of the period by days of the year)",
    ja="期間が暦年に占める割合 (期間の日数 ÷ 年の日数)",
    clause="first order decay",
    maximum="1",
)
m.monitored(
    "W_x",
    "t",
    "Organic waste digested in year x, sludge excluded (wet weight)",
    ja="年 x に消化した有機性廃棄物 (汚泥を除く、湿重量)",
    clause="monitored parameter",
    index=("x",),
)
m.label("X_x", "year", "Year of diversion", ja="埋立を回避した年", clause="first order decay", index="x", of="W_x")
m.monitored(
    "BG_p", "m**3", "Processed biogas supplied to heat equipment", ja="熱利用設備への精製バイオガス供給量",
    clause="monitored parameter",
)  # fmt: skip
m.monitored("EC_p", "MWh", "Electricity of the digester", ja="消化施設の電力消費量", clause="monitored parameter")

for name, unit, english, japanese, most, value in (
    ("DOC_org", "tC/t", "Degradable organic carbon of the waste", "廃棄物の分解性有機炭素", "1", "food 0.15"),
    ("k_org", "1/year", "Rate of decay of the waste", "廃棄物の分解速度定数", None, "food, tropical wet 0.4"),
    ("DOC_f", "-", "Fraction of DOC that decomposes", "DOC のうち分解する割合", "1", "food 0.7 (2019), 0.5 (2006)"),
    ("F_CH4", "-", "Methane in landfill gas, by volume", "埋立ガス中のメタンの割合 (体積)", "1", "0.5"),
    (
        "MCF_RE",
        "-",
        "Methane correction factor of the landfill",
        "埋立処分場のメタン補正係数",
        "1",
        "managed 1; deep 0.8",
    ),
):
    m.factor(
        name,
        unit,
        english,
        ja=japanese,
        clause="first order decay",
        read_on="validation",
        maximum=most,
        suggestion=Suggestion(value, unit, Grade.SECONDARY, _IPCC),
    )
for name, english, japanese in (
    ("OX_RE", "Oxidation in the cover of the landfill", "埋立処分場の覆土での酸化率"),
    ("f_RE", "Share of landfill methane that would be captured and burnt", "回収・燃焼されるはずのメタンの割合"),
):
    m.factor(name, "-", english, ja=japanese, clause="first order decay", read_on="validation", maximum="1")
m.factor(
    "GWP_CH4",
    "tCO2e/tCH4",
    "Global warming potential of methane",
    ja="メタンの地球温暖化係数",
    clause="global warming potential",
    read_on="validation",
    suggestion=Suggestion(
        "25", "tCO2e/tCH4", Grade.RECALLED, "AR4 or AR5; the report that the text names was not read"
    ),
)
m.fixed("NCV_BG", "GJ/m**3", "Net calorific value of the biogas", ja="バイオガスの真発熱量", clause="fixed parameter")
m.fixed(
    "EF_FF", "tCO2e/GJ", "CO2 factor of the fuel replaced", ja="代替される燃料の CO2 排出係数", clause="fixed parameter"
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
    "delay",
    "From when does waste decay: in its year of disposal (CDM tool 04), or from the next 1 January on (IPCC 2006)?",
    ja="廃棄物の分解はいつから数えるか。処分した年から (CDM ツール 04) か、翌年 1 月 1 日から (IPCC 2006) か。",
    clause="first order decay",
    answers={
        "same_year": (
            "0",
            "in the year of disposal, as CDM tool 04 (recalled)",
            "処分した年から (CDM ツール 04、記憶による)",
        ),
        "next_year": ("1", "from the next year on, as IPCC 2006", "翌年から (IPCC 2006)"),
    },
    taken="next_year",
)
m.interpretation(
    "phi",
    "Is the model corrected for its uncertainty, as in CDM tool 04 (0.85)? The summary has no correction.",
    ja="モデルの不確実性に対する補正 (CDM ツール 04 では 0.85) を乗じるか。要約には記載がない。",
    clause="first order decay",
    answers={
        "none": ("1", "no correction, as the summary", "補正なし (要約どおり)"),
        "cdm_tool_wet": (
            "0.85",
            "0.85, CDM tool 04, application B, wet (recalled)",
            "0.85 (CDM ツール 04 適用 B 湿潤、記憶による)",
        ),
    },
    taken="none",
)


@m.formula("d_x", "-", index=("x",), clause="first order decay")
def share_that_decays(k_org: Traced, y_p: Traced, X_x: Traced, delay: Traced) -> Traced:
    """The share of the waste of year x that would decay in the year of the period."""
    return first_order_decay(k_org, y_p - X_x - delay * constant("1", "year"))


@m.formula("RE_CH4_p", "tCO2e", clause="reference emissions, CH4")
def landfill_methane(
    W_x: Traced,
    d_x: Traced,
    DOC_org: Traced,
    DOC_f: Traced,
    MCF_RE: Traced,
    F_CH4: Traced,
    f_RE: Traced,
    OX_RE: Traced,
    h_p: Traced,
    phi: Traced,
    GWP_CH4: Traced,
) -> Traced:
    """Methane that the waste would have emitted from a landfill in the period, less what is captured and oxidised."""
    carbon = h_p * sum_over("x", W_x * d_x) * DOC_org * DOC_f * MCF_RE * F_CH4
    return phi * carbon * constant("16/12", "tCH4/tC") * (1 - f_RE) * (1 - OX_RE) * GWP_CH4


@m.formula("RE_heat_p", "tCO2e", clause="reference emissions, heat")
def replaced_fuel(BG_p: Traced, NCV_BG: Traced, EF_FF: Traced) -> Traced:
    """Fossil fuel that would have given the heat of the biogas."""
    return BG_p * NCV_BG * EF_FF


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(RE_CH4_p: Traced, RE_heat_p: Traced) -> Traced:
    """Methane of the landfill and carbon dioxide of the fuel replaced."""
    return RE_CH4_p + RE_heat_p


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(EC_p: Traced, EF_elec: Traced) -> Traced:
    """Electricity of the digester times its factor."""
    return EC_p * EF_elec


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
