"""TN_PM001 Introduction of semi-aerobic landfill technology in solid waste disposal site (Tunisia, proposed)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.declarations import Suggestion
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import constant, first_order_decay, sum_over
from openjcm.mrv.trace import Traced

_SUMMARY = Citation(
    "jcm.go.jp, summary of the proposed methodology TN_PM001",
    url="https://www.jcm.go.jp/tn-jp/methodologies/163",
    note="the symbolic form is written from the wording of the summary; the text itself was not read",
)
_IPCC = "table solid_waste of this software (IPCC 2006 and 2019); which values the text takes was not read"

m = Methodology(
    "TN_PM001",
    title="Introduction of semi-aerobic landfill technology in solid waste disposal site (SWDS)",
    title_ja="廃棄物処分場への準好気性埋立技術の導入",
    country="TUN",
    scope="13. Waste handling and disposal",
    summary="Waste is placed in a semi-aerobic landfill, which emits less methane than an anaerobic managed one.",
    summary_ja="廃棄物を準好気性埋立で処分し、嫌気性の管理型処分場よりメタンの発生を抑えます。",
    evidence=Grade.SECONDARY,
    text_source=_SUMMARY,
)

m.version("01.0", approved=None, source=_SUMMARY, grade=Grade.SECONDARY)

m.criterion(
    1,
    "Municipal solid waste is disposed of in a semi-aerobic landfill (the full criteria were not read).",
    ja="都市固形廃棄物を準好気性埋立処分場で処分する (適格性要件の全文は未確認)。",
    grade=Grade.INFERRED,
    shown_by="Design of the landfill, permit",
    shown_by_ja="処分場の設計図書、許可証",
)
m.emission_source(
    "reference", "CH4", "Decay of the waste in an anaerobic managed site", ja="嫌気性管理型処分場での廃棄物の分解"
)
m.emission_source("project", "CH4", "Decay of the waste in the semi-aerobic site", ja="準好気性処分場での廃棄物の分解")
m.emission_source("project", "CO2", "Electricity of the site", ja="処分場の電力消費")
m.emission_source("project", "CO2", "Fuel of the site", ja="処分場の燃料消費")

m.index("x", "calendar year of disposal", ja="処分した暦年")
m.index("j", "kind of waste", ja="廃棄物の種類")

m.monitored("y_p", "year", "Calendar year of the period", ja="期間の暦年", clause="first order decay", option="C")
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
    "Waste disposed of in year x, from the start of the project on (wet weight)",
    ja="プロジェクト開始以降の年 x の処分量 (湿重量)",
    clause="monitored parameter",
    index=("x",),
)
m.label("X_x", "year", "Year of disposal", ja="処分した年", clause="first order decay", index="x", of="W_x")
m.monitored(
    "P_x_j",
    "-",
    "Share of kind j in the waste of year x",
    ja="年 x の処分量に占める種類 j の割合",
    clause="monitored parameter",
    index=("x", "j"),
    maximum="1",
)
m.monitored("EC_PJ_p", "MWh", "Electricity of the site", ja="処分場の電力消費量", clause="monitored parameter")
m.monitored("FC_PJ_p", "t", "Fuel of the site", ja="処分場の燃料消費量", clause="monitored parameter", option="B")

for name, unit, english, japanese, index, most, value in (
    ("DOC_j", "tC/t", "Degradable organic carbon of kind j", "種類 j の分解性有機炭素", ("j",), "1", "food 0.15 …"),
    ("k_j", "1/year", "Rate of decay of kind j", "種類 j の分解速度定数", ("j",), None, "food, tropical wet 0.4 …"),
    ("DOC_f_j", "-", "Fraction of DOC that decomposes", "DOC のうち分解する割合", ("j",), "1", "0.5; food 0.7 …"),
    ("F_CH4", "-", "Methane in landfill gas, by volume", "埋立ガス中のメタンの割合 (体積)", (), "1", "0.5"),
    ("MCF_RE", "-", "Methane correction factor, anaerobic", "嫌気性処分場のメタン補正係数", (), "1", "1"),
    (
        "MCF_PJ",
        "-",
        "Methane correction factor, semi-aerobic",
        "準好気性処分場のメタン補正係数",
        (),
        "1",
        "0.5; 0.7 if poorly run",
    ),
):
    m.factor(
        name,
        unit,
        english,
        ja=japanese,
        clause="first order decay",
        read_on="validation",
        index=index,
        maximum=most,
        suggestion=Suggestion(value, unit, Grade.SECONDARY, _IPCC),
    )
for name, english, japanese in (
    ("OX_RE", "Oxidation in the cover of the reference site", "リファレンス処分場の覆土での酸化率"),
    ("OX_PJ", "Oxidation in the cover of the project site", "プロジェクト処分場の覆土での酸化率"),
    ("f_RE", "Share of methane that would be captured and burnt", "回収・燃焼されるはずのメタンの割合"),
):
    m.factor(name, "-", english, ja=japanese, clause="first order decay", read_on="validation", maximum="1")
m.factor(
    "GWP_CH4",
    "tCO2e/tCH4",
    "Global warming potential of methane",
    ja="メタンの地球温暖化係数",
    clause="global warming potential",
    read_on="validation",
    suggestion=Suggestion("28", "tCO2e/tCH4", Grade.RECALLED, "AR5; the report that the text names was not read"),
)
m.factor(
    "EF_elec",
    "tCO2e/MWh",
    "CO2 emission factor of the electricity",
    ja="電力の CO2 排出係数",
    clause="emission factor of electricity",
    read_on="validation",
)
m.factor("NCV_fuel", "GJ/t", "Net calorific value", ja="燃料の真発熱量", clause="fuel", read_on="validation")
m.factor("EF_fuel", "tCO2e/GJ", "CO2 factor of the fuel", ja="燃料の CO2 排出係数", clause="fuel", read_on="validation")

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


@m.formula("d_x_j", "-", index=("x", "j"), clause="first order decay")
def share_that_decays(k_j: Traced, y_p: Traced, X_x: Traced, delay: Traced) -> Traced:
    """The share of the waste of year x and kind j that decays in the year of the period."""
    return first_order_decay(k_j, y_p - X_x - delay * constant("1", "year"))


@m.formula("DDOC_p", "tC", clause="first order decay")
def decayed_carbon(W_x: Traced, P_x_j: Traced, DOC_j: Traced, DOC_f_j: Traced, d_x_j: Traced, h_p: Traced) -> Traced:
    """Organic carbon that decays in the period's part of its year, over all years of disposal and kinds of waste."""
    return h_p * sum_over("x", sum_over("j", W_x * P_x_j * DOC_j * DOC_f_j * d_x_j))


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(
    DDOC_p: Traced, MCF_RE: Traced, F_CH4: Traced, f_RE: Traced, OX_RE: Traced, GWP_CH4: Traced
) -> Traced:
    """Methane of the same waste in an anaerobic managed site, less what would be captured and oxidised."""
    return DDOC_p * MCF_RE * F_CH4 * constant("16/12", "tCH4/tC") * (1 - f_RE) * (1 - OX_RE) * GWP_CH4


@m.formula("PE_CH4_p", "tCO2e", clause="project emissions, CH4")
def project_methane(DDOC_p: Traced, MCF_PJ: Traced, F_CH4: Traced, OX_PJ: Traced, GWP_CH4: Traced) -> Traced:
    """Methane of the waste in the semi-aerobic site, less what is oxidised."""
    return DDOC_p * MCF_PJ * F_CH4 * constant("16/12", "tCH4/tC") * (1 - OX_PJ) * GWP_CH4


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(
    PE_CH4_p: Traced, EC_PJ_p: Traced, EF_elec: Traced, FC_PJ_p: Traced, NCV_fuel: Traced, EF_fuel: Traced
) -> Traced:
    """Methane of the semi-aerobic site, its electricity and its fuel."""
    return PE_CH4_p + EC_PJ_p * EF_elec + FC_PJ_p * NCV_fuel * EF_fuel


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
