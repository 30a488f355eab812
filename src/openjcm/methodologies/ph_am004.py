"""PH_AM004 Methane Emission Reduction by Water Management in Rice Paddy Fields (Philippines)."""

from openjcm.dated import Citation, Grade
from openjcm.mrv.methodology import Methodology
from openjcm.mrv.techniques import KG_TO_TONNE, constant, sum_over
from openjcm.mrv.trace import Traced

_TRANSCRIPTION = Citation(
    "Transcription of PH_AM004 ver 01.0 in a third party's published software",
    note="the official PDF was not read; flat text loses superscripts",
)

m = Methodology(
    "PH_AM004",
    title="Methane Emission Reduction by Water Management in Rice Paddy Fields",
    title_ja="水田の水管理によるメタン排出削減",
    country="PHL",
    scope="15. Agriculture",
    summary="Paddies that were continuously flooded are drained once or more often in a season and emit less methane.",
    summary_ja="連続湛水であった水田で 1 回または複数回の落水を行い、メタンの排出を減らします。",
    evidence=Grade.SECONDARY,
    text_source=_TRANSCRIPTION,
)

m.version("01.0", approved=None, source=_TRANSCRIPTION, grade=Grade.SECONDARY)

for number, english, japanese, shown_by, shown_by_ja in (
    (
        1,
        "The water regime of the paddies changes from continuously flooded to single or multiple drainage, "
        "or from single to multiple drainage.",
        "水田の水管理が、連続湛水から 1 回または複数回の落水へ、もしくは 1 回から複数回の落水へ変わる。",
        "Records of the water regime before and in the project, maps of the fields",
        "プロジェクト前後の水管理記録、圃場図",
    ),
    (
        2,
        "In the two years before the start the farmers did not practise the drainage that the project introduces.",
        "開始前 2 年間、農家はプロジェクトが導入する落水を行っていない。",
        "Statements of the farmers, records of the irrigation association",
        "農家の申告書、水利組合の記録",
    ),
    (
        3,
        "Drainage is complete: the water stands 15 cm below the soil surface.",
        "落水は水位が地表面下 15 cm に達した時点で完了とする。",
        "Readings of the water gauges",
        "水位計の記録",
    ),
    (
        4,
        "Fields are irrigated within two days after drainage is complete.",
        "落水完了後 2 日以内に灌漑する。",
        "Log of drainage and irrigation",
        "落水・灌漑の記録簿",
    ),
    (
        5,
        "No national or local law requires the drainage.",
        "国または地方の法令で落水が義務付けられていない。",
        "Statement of the law that applies",
        "適用法令の確認書",
    ),
):
    m.criterion(number, english, ja=japanese, grade=Grade.SECONDARY, shown_by=shown_by, shown_by_ja=shown_by_ja)

for side, gas, english, japanese in (
    ("reference", "CH4", "Anaerobic decomposition in flooded soil", "湛水土壌での嫌気性分解"),
    ("reference", "N2O", "Nitrogen applied to continuously flooded fields", "連続湛水田への窒素施用"),
    ("reference", "CO2", "Fuel of pumps (optional)", "ポンプの燃料 (任意)"),
    ("project", "CH4", "Anaerobic decomposition in drained soil", "落水を行う土壌での嫌気性分解"),
    ("project", "N2O", "Nitrogen applied to drained fields", "落水を行う水田への窒素施用"),
    ("project", "CO2", "Fuel of drainage pumps (irrigation pumps optional)", "排水ポンプの燃料 (灌漑ポンプは任意)"),
):
    m.emission_source(side, gas, english, ja=japanese)

m.index("s", "cropping season", ja="作期")
m.index("st", "stratum", ja="階層 (ストラータ)")
m.index("f", "field", ja="圃場")
m.index("a", "kind of organic amendment", ja="有機物の種類")

# Cases that the text distinguishes

m.choice(
    "APPROACH",
    {
        "country_factor_every_5_years": (
            "Country-specific factor, renewed every five years",
            "国別係数 (5 年ごとに更新)",
        ),
        "per_season_every_3_years": ("Measured per season, every three years", "作期ごとの実測 (3 年ごと)"),
        "per_season_every_4_or_5_years": (
            "Measured per season, every four or five years",
            "作期ごとの実測 (4〜5 年ごと)",
        ),
        "per_day_every_3_years": ("Measured per day, every three years", "1 日当たりの実測 (3 年ごと)"),
        "per_day_every_4_or_5_years": ("Measured per day, every four or five years", "1 日当たりの実測 (4〜5 年ごと)"),
    },
    "How the methane factors are had, and how often",
    ja="メタン排出係数の求め方と頻度",
    clause="options of the methane factor",
)
_COUNTRY = ("country_factor_every_5_years",)
_PER_SEASON = ("per_season_every_3_years", "per_season_every_4_or_5_years")
_PER_DAY = ("per_day_every_3_years", "per_day_every_4_or_5_years")

m.choice(
    "SEASON_s",
    {"dry": ("Dry season", "乾期"), "wet": ("Wet season", "雨期")},
    "Which season s is",
    ja="作期 s の区分",
    clause="country-specific factors",
    index=("s",),
)
m.choice(
    "WATER_R_st",
    {"continuous_flooding": ("Continuously flooded", "連続湛水"), "single_drainage": ("Single drainage", "1 回落水")},
    "Water regime of stratum st before the project",
    ja="プロジェクト前の階層 st の水管理",
    clause="Table 1, on-season water regime w",
    index=("st",),
)
m.choice(
    "WATER_P_st",
    {"single_drainage": ("Single drainage", "1 回落水"), "multiple_drainage": ("Multiple drainage", "複数回落水")},
    "Water regime of stratum st in the project",
    ja="プロジェクトでの階層 st の水管理",
    clause="Table 1, on-season water regime w",
    index=("st",),
)
m.choice(
    "PRESEASON_s_st",
    {
        "non_flooded_under_180_days": ("Not flooded, less than 180 days", "非湛水 180 日未満"),
        "non_flooded_over_180_days": ("Not flooded, more than 180 days", "非湛水 180 日超"),
        "flooded_over_30_days": ("Flooded, more than 30 days", "湛水 30 日超"),
        "non_flooded_over_365_days": ("Not flooded, more than 365 days", "非湛水 365 日超"),
    },
    "Water regime before the season",
    ja="作期前の水管理",
    clause="Table 1, pre-season water regime p",
    index=("s", "st"),
)

# Monitored parameters

m.monitored(
    "A_s_st_f",
    "ha",
    "Area of field f of stratum st in season s",
    ja="作期 s・階層 st の圃場 f の面積",
    clause="monitored parameter A",
    option="C",
    index=("s", "st", "f"),
)
m.monitored(
    "D_s_st_f",
    "day",
    "Days of the cropping season on field f",
    ja="圃場 f の作期の日数",
    clause="monitored parameter D",
    option="C",
    index=("s", "st", "f"),
)
m.monitored(
    "ROA_s_st_a",
    "t/ha",
    "Application rate of organic amendment a",
    ja="有機物 a の施用量",
    clause="monitored parameter ROA",
    option="C",
    index=("s", "st", "a"),
)
for side, english, japanese in (("R", "reference", "リファレンス"), ("P", "project", "プロジェクト")):
    m.monitored(
        f"EF_CH4_{side}_s_st",
        "kgCH4/ha",
        f"Measured methane factor of the {english} fields, per season",
        ja=f"{japanese}圃場のメタン排出係数の実測値 (作期当たり)",
        clause="monitored parameter EF_CH4",
        option="C",
        index=("s", "st"),
    )
    m.monitored(
        f"EFM_CH4_{side}_s_st",
        "kgCH4/ha/day",
        f"Measured methane factor of the {english} fields, per day",
        ja=f"{japanese}圃場のメタン排出係数の実測値 (1 日当たり)",
        clause="monitored parameter EF_CH4",
        option="C",
        index=("s", "st"),
    )
    m.monitored(
        f"Q_F_{side}_p",
        "TJ",
        f"Fuel of pumps, {english}",
        ja=f"ポンプの燃料 ({japanese})",
        clause="monitored parameter Q_F",
        option="B",
    )
m.monitored(
    "Q_N2O_s_st",
    "kgN/ha",
    "Nitrogen applied per hectare in season s",
    ja="作期 s の 1 ha 当たり窒素施用量",
    clause="monitored parameter Q_N2O",
    option="C",
    index=("s", "st"),
)
m.factor(
    "EF_F",
    "tCO2e/TJ",
    "CO2 emission factor of the pumps' fuel",
    ja="ポンプ燃料の CO2 排出係数",
    clause="emission factor of fuel",
    read_on="validation",
)

# Values printed in the text

m.fixed(
    "GWP_CH4",
    "tCO2e/tCH4",
    "Global warming potential of methane (AR5)",
    ja="メタンの地球温暖化係数 (AR5)",
    clause="fixed parameters",
)
m.fixed(
    "GWP_N2O",
    "tCO2e/tN2O",
    "Global warming potential of nitrous oxide (AR5)",
    ja="一酸化二窒素の地球温暖化係数 (AR5)",
    clause="fixed parameters",
)
m.fixed(
    "EF_CH4_c_s",
    "kgCH4/ha/day",
    "Country-specific methane factor of the season",
    ja="作期別の国別メタン排出係数",
    clause="country-specific factors",
    index=("s",),
    by="SEASON_s",
)
m.fixed(
    "SF_R_w_st",
    "-",
    "Scaling factor of the reference water regime",
    ja="リファレンスの水管理の補正係数",
    clause="scaling factors",
    index=("st",),
    by="WATER_R_st",
)
m.fixed(
    "SF_P_w_st",
    "-",
    "Scaling factor of the project water regime",
    ja="プロジェクトの水管理の補正係数",
    clause="scaling factors",
    index=("st",),
    by="WATER_P_st",
)
m.fixed(
    "SF_p_s_st",
    "-",
    "Scaling factor of the water regime before the season",
    ja="作期前の水管理の補正係数",
    clause="scaling factors",
    index=("s", "st"),
    by="PRESEASON_s_st",
)
m.fixed(
    "CFOA_a",
    "ha/t",
    "Conversion factor of organic amendment a (printed without unit: per tonne on a hectare)",
    ja="有機物 a の換算係数 (本文では単位なし。1 ha 当たり 1 t につき)",
    clause="conversion factors of organic amendments",
    index=("a",),
)
m.fixed(
    "EF_N2O_C",
    "kgN2O_N/kgN",
    "N2O factor of continuously flooded fields",
    ja="連続湛水田の N2O 排出係数",
    clause="fixed parameters",
)
m.fixed(
    "EF_N2O_D",
    "kgN2O_N/kgN",
    "N2O factor of drained fields",
    ja="落水を行う水田の N2O 排出係数",
    clause="fixed parameters",
)
m.fixed(
    "Ud", "-", "Deduction for uncertainty", ja="不確実性に対する控除率", clause="uncertainty deduction", by="APPROACH"
)

for symbol, printed in (
    ("GWP_CH4", "28"),
    ("GWP_N2O", "265"),
    ("EF_CH4_c_s", {"dry": "1.46", "wet": "2.95"}),
    ("SF_R_w_st", {"continuous_flooding": "1.00"}),
    ("SF_P_w_st", {"single_drainage": "0.71", "multiple_drainage": "0.55"}),
    (
        "SF_p_s_st",
        {
            "non_flooded_under_180_days": "1.00",
            "non_flooded_over_180_days": "0.89",
            "flooded_over_30_days": "2.41",
            "non_flooded_over_365_days": "0.59",
        },
    ),
    (
        "CFOA_a",
        {
            "straw_under_30_days": "1.00",
            "straw_over_30_days": "0.19",
            "compost": "0.17",
            "farmyard_manure": "0.21",
            "green_manure": "0.45",
        },
    ),
    ("EF_N2O_C", "0.003"),
    ("EF_N2O_D", "0.005"),
    (
        "Ud",
        {
            "per_season_every_3_years": "0.05",
            "per_day_every_3_years": "0.05",
            "per_season_every_4_or_5_years": "0.10",
            "per_day_every_4_or_5_years": "0.10",
            "country_factor_every_5_years": "0.15",
        },
    ),
):
    m.printed(symbol, printed, versions=("01.0",), source=_TRANSCRIPTION, grade=Grade.SECONDARY)

m.interpretation(
    "n_o",
    "Does SF_o carry an exponent? IPCC 2006 (volume 4, equation 5.3) has 0.59; the transcription shows none.",
    ja="SF_o に指数はあるか。IPCC 2006 (第 4 巻 式 5.3) では 0.59、転記された本文には指数がない。",
    clause="scaling factor of organic amendments",
    answers={
        "as_transcribed": ("1", "no exponent, as transcribed", "指数なし (転記どおり)"),
        "ipcc_2006": ("0.59", "exponent 0.59, as IPCC 2006 has it (recalled)", "指数 0.59 (IPCC 2006、記憶による)"),
    },
    taken="as_transcribed",
)


# Formulas


@m.formula("SF_o_s_st", "-", index=("s", "st"), clause="scaling factor of organic amendments")
def organic_amendments(ROA_s_st_a: Traced, CFOA_a: Traced, n_o: Traced) -> Traced:
    """One plus the application rates times their conversion factors."""
    return (1 + sum_over("a", ROA_s_st_a * CFOA_a)) ** n_o


@m.formula(
    "EF_CH4_R_d_s_st", "kgCH4/ha/day", index=("s", "st"), clause="country-specific option", when={"APPROACH": _COUNTRY}
)
def reference_factor(EF_CH4_c_s: Traced, SF_R_w_st: Traced, SF_p_s_st: Traced, SF_o_s_st: Traced) -> Traced:
    """Country-specific factor scaled for the water regime before the project."""
    return EF_CH4_c_s * SF_R_w_st * SF_p_s_st * SF_o_s_st


@m.formula(
    "EF_CH4_P_d_s_st", "kgCH4/ha/day", index=("s", "st"), clause="country-specific option", when={"APPROACH": _COUNTRY}
)
def project_factor(EF_CH4_c_s: Traced, SF_P_w_st: Traced, SF_p_s_st: Traced, SF_o_s_st: Traced) -> Traced:
    """Country-specific factor scaled for the water regime of the project."""
    return EF_CH4_c_s * SF_P_w_st * SF_p_s_st * SF_o_s_st


@m.formula(
    "EF_CH4_R_d_s_st",
    "kgCH4/ha/day",
    index=("s", "st"),
    clause="direct measurement per day",
    when={"APPROACH": _PER_DAY},
)
def measured_reference_factor(EFM_CH4_R_s_st: Traced) -> Traced:
    """The factor measured on reference fields."""
    return EFM_CH4_R_s_st


@m.formula(
    "EF_CH4_P_d_s_st",
    "kgCH4/ha/day",
    index=("s", "st"),
    clause="direct measurement per day",
    when={"APPROACH": _PER_DAY},
)
def measured_project_factor(EFM_CH4_P_s_st: Traced) -> Traced:
    """The factor measured on project fields."""
    return EFM_CH4_P_s_st


def _methane_by_days(factor: Traced, days: Traced, area: Traced, gwp: Traced) -> Traced:
    per_field = factor * days * area * constant(KG_TO_TONNE, "tCH4/kgCH4") * gwp
    return sum_over("s", sum_over("st", sum_over("f", per_field)))


def _methane_by_season(factor: Traced, area: Traced, gwp: Traced) -> Traced:
    per_field = factor * area * constant(KG_TO_TONNE, "tCH4/kgCH4") * gwp
    return sum_over("s", sum_over("st", sum_over("f", per_field)))


@m.formula("RE_CH4_p", "tCO2e", clause="reference emissions, CH4", when={"APPROACH": _COUNTRY + _PER_DAY})
def reference_methane(EF_CH4_R_d_s_st: Traced, D_s_st_f: Traced, A_s_st_f: Traced, GWP_CH4: Traced) -> Traced:
    """Daily factor times days times area, over fields, strata and seasons."""
    return _methane_by_days(EF_CH4_R_d_s_st, D_s_st_f, A_s_st_f, GWP_CH4)


@m.formula("PE_CH4_p", "tCO2e", clause="project emissions, CH4", when={"APPROACH": _COUNTRY + _PER_DAY})
def project_methane(EF_CH4_P_d_s_st: Traced, D_s_st_f: Traced, A_s_st_f: Traced, GWP_CH4: Traced) -> Traced:
    """Daily factor times days times area, over fields, strata and seasons."""
    return _methane_by_days(EF_CH4_P_d_s_st, D_s_st_f, A_s_st_f, GWP_CH4)


@m.formula("RE_CH4_p", "tCO2e", clause="reference emissions, CH4 (per season)", when={"APPROACH": _PER_SEASON})
def reference_methane_per_season(EF_CH4_R_s_st: Traced, A_s_st_f: Traced, GWP_CH4: Traced) -> Traced:
    """Seasonal factor times area, over fields, strata and seasons."""
    return _methane_by_season(EF_CH4_R_s_st, A_s_st_f, GWP_CH4)


@m.formula("PE_CH4_p", "tCO2e", clause="project emissions, CH4 (per season)", when={"APPROACH": _PER_SEASON})
def project_methane_per_season(EF_CH4_P_s_st: Traced, A_s_st_f: Traced, GWP_CH4: Traced) -> Traced:
    """Seasonal factor times area, over fields, strata and seasons."""
    return _methane_by_season(EF_CH4_P_s_st, A_s_st_f, GWP_CH4)


def _nitrous_oxide(nitrogen: Traced, area: Traced, factor: Traced, gwp: Traced) -> Traced:
    gas = nitrogen * area * factor * constant("44/28", "kgN2O/kgN2O_N") * constant(KG_TO_TONNE, "tN2O/kgN2O") * gwp
    return sum_over("s", sum_over("st", sum_over("f", gas)))


@m.formula("RE_N2O_p", "tCO2e", clause="reference emissions, N2O")
def reference_nitrous_oxide(Q_N2O_s_st: Traced, A_s_st_f: Traced, EF_N2O_C: Traced, GWP_N2O: Traced) -> Traced:
    """Nitrogen applied, times the factor of flooded fields, as N2O."""
    return _nitrous_oxide(Q_N2O_s_st, A_s_st_f, EF_N2O_C, GWP_N2O)


@m.formula("PE_N2O_p", "tCO2e", clause="project emissions, N2O")
def project_nitrous_oxide(Q_N2O_s_st: Traced, A_s_st_f: Traced, EF_N2O_D: Traced, GWP_N2O: Traced) -> Traced:
    """Nitrogen applied, times the factor of drained fields, as N2O."""
    return _nitrous_oxide(Q_N2O_s_st, A_s_st_f, EF_N2O_D, GWP_N2O)


@m.formula("RE_CO2_p", "tCO2e", clause="reference emissions, CO2")
def reference_pumps(Q_F_R_p: Traced, EF_F: Traced) -> Traced:
    """Fuel of pumps times its factor."""
    return Q_F_R_p * EF_F


@m.formula("PE_CO2_p", "tCO2e", clause="project emissions, CO2")
def project_pumps(Q_F_P_p: Traced, EF_F: Traced) -> Traced:
    """Fuel of pumps times its factor."""
    return Q_F_P_p * EF_F


@m.formula("RE_p", "tCO2e", clause="reference emissions")
def reference_emissions(RE_CH4_p: Traced, RE_N2O_p: Traced, RE_CO2_p: Traced) -> Traced:
    """Methane, nitrous oxide and the pumps' carbon dioxide."""
    return RE_CH4_p + RE_N2O_p + RE_CO2_p


@m.formula("PE_p", "tCO2e", clause="project emissions")
def project_emissions(PE_CH4_p: Traced, PE_N2O_p: Traced, PE_CO2_p: Traced) -> Traced:
    """Methane, nitrous oxide and the pumps' carbon dioxide."""
    return PE_CH4_p + PE_N2O_p + PE_CO2_p


@m.formula("ER_p", "tCO2e", clause="emission reductions")
def emission_reductions(RE_p: Traced, PE_p: Traced, Ud: Traced) -> Traced:
    """Reference less project emissions, less the deduction for uncertainty."""
    return (RE_p - PE_p) * (1 - Ud)
