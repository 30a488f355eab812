"""VN_AM001 Eco-driving by utilizing digital tachographs (Viet Nam)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import sum_over
from openjcm.mrv.trace import Traced

_PROJECT = Citation(
    "Title of project VN001, which applies version 02.0",
    url="https://www.jcm.go.jp/projects/7",
    note="the methodology was not read; the form is that of its kind: activity times an earlier intensity",
)

m = Methodology(
    "VN_AM001",
    title="Eco-driving by digital tachographs (from project VN001; the title was not read)",
    title_ja="デジタルタコグラフによるエコドライブ (プロジェクト VN001 による。名称は未確認)",
    country="VNM",
    scope="7. Transport",
    summary="Trucks with digital tachographs do the same transport with less fuel.",
    summary_ja="デジタルタコグラフを備えたトラックが、同じ輸送をより少ない燃料で行います。",
    evidence=Grade.RECALLED,
    text_source=_PROJECT,
)

m.version("02.0", approved=None, source=_PROJECT, grade=Grade.RECALLED)

m.criterion(
    1,
    "Trucks are fitted with digital tachographs and drivers are advised by their records (the criteria were not read).",
    ja="トラックにデジタルタコグラフを装着し、記録に基づき運転者を指導する (適格性要件は未確認)。",
    grade=Grade.RECALLED,
    shown_by="List of vehicles and devices, records of the advice",
    shown_by_ja="車両・機器一覧、指導記録",
)
m.emission_source("reference", "CO2", "Fuel that the trucks would have used", ja="トラックが消費するはずの燃料")
m.emission_source("project", "CO2", "Fuel of the trucks", ja="トラックの燃料消費")

m.index("i", "group of trucks with one fuel", ja="燃料を同じくする車両群")

m.choice(
    "ACTIVITY",
    {
        "distance": ("Distance driven", "走行距離"),
        "transport_work": ("Transport work (tonnes times kilometres)", "輸送量 (トンキロ)"),
    },
    "What the earlier intensity of fuel refers to (the text was not read)",
    ja="従前の燃料原単位の対象 (本文は未確認)",
    clause="reference emissions",
)
m.monitored("L_i_p", "km", "Distance of group i", ja="車両群 i の走行距離", clause="monitored parameter", index=("i",))
m.monitored(
    "TK_i_p", "t*km", "Transport work of group i", ja="車両群 i の輸送量", clause="monitored parameter", index=("i",)
)
m.monitored(
    "FC_i_p", "L", "Fuel of group i", ja="車両群 i の燃料消費量", clause="monitored parameter", option="B", index=("i",)
)
m.factor(
    "SL_RE_i", "L/km", "Fuel per kilometre before the project", ja="プロジェクト前の走行距離当たり燃料消費量",
    clause="reference emissions", read_on="validation", index=("i",),
)  # fmt: skip
m.factor(
    "ST_RE_i", "L/t/km", "Fuel per tonne-kilometre before the project", ja="プロジェクト前のトンキロ当たり燃料消費量",
    clause="reference emissions", read_on="validation", index=("i",),
)  # fmt: skip
m.factor(
    "NCV_i",
    "GJ/L",
    "Net calorific value of the fuel",
    ja="燃料の真発熱量",
    clause="fuel",
    read_on="validation",
    index=("i",),
)
m.factor(
    "EF_i",
    "tCO2e/GJ",
    "CO2 factor of the fuel",
    ja="燃料の CO2 排出係数",
    clause="fuel",
    read_on="validation",
    index=("i",),
)

m.interpretation(
    "autonomous",
    "Is an improvement that would have come by itself taken off the earlier intensity (here: 1 % of it)?",
    ja="プロジェクトがなくても生じる改善を従前の原単位から差し引くか (ここでは 1 %)。",
    clause="reference emissions",
    answers={
        "none": ("0", "nothing is taken off", "差し引かない"),
        "one_per_cent": (
            "0.01",
            "one per cent, as CDM methodologies of transport have it (recalled)",
            "1 % (CDM の運輸方法論、記憶による)",
        ),
    },
    taken="one_per_cent",
)


@m.formula("FC_RE_i", "L", index=("i",), clause="reference emissions, by distance", when={"ACTIVITY": ("distance",)})
def reference_fuel_by_distance(L_i_p: Traced, SL_RE_i: Traced) -> Traced:
    """Distance times the fuel per kilometre before the project."""
    return L_i_p * SL_RE_i


@m.formula(
    "FC_RE_i",
    "L",
    index=("i",),
    clause="reference emissions, by transport work",
    when={"ACTIVITY": ("transport_work",)},
)
def reference_fuel_by_work(TK_i_p: Traced, ST_RE_i: Traced) -> Traced:
    """Transport work times the fuel per tonne-kilometre before the project."""
    return TK_i_p * ST_RE_i


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(FC_RE_i: Traced, autonomous: Traced, NCV_i: Traced, EF_i: Traced) -> Traced:
    """Fuel that the trucks would have used, less what would have improved by itself, times its factor."""
    return sum_over("i", FC_RE_i * (1 - autonomous) * NCV_i * EF_i)


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(FC_i_p: Traced, NCV_i: Traced, EF_i: Traced) -> Traced:
    """Fuel of the trucks times its factor."""
    return sum_over("i", FC_i_p * NCV_i * EF_i)


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced) -> Traced:
    """Reference emissions less project emissions."""
    return RE_p - PE_p
