# ruff: noqa: E501 - each sentence stands on one line, so that the two languages can be read side by side
"""What each rule's finding says, in English and Japanese, how severe it is, and where the rule comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

from openjcm.refusals import Severity

RESEARCH = "OpenJCM domain research, 2026-11-21, meter rule set"
OWN = "OpenJCM meter rule set 2026.2"


@dataclass(frozen=True)
class FindingText:
    """The sentence of a finding in both languages and what it asks for."""

    severity: Severity
    en: str
    ja: str


@dataclass(frozen=True)
class RuleText:
    """One rule: its short names, its action, its source, its sentence, and other sentences for special cases."""

    name_en: str
    name_ja: str
    action: str
    """What happens to the reading: quarantine, reject, collapse, accept, segment break, count as zero, flag."""
    clause: str
    text: FindingText
    variants: dict[str, FindingText] = field(default_factory=dict)


def _text(severity: Severity, en: str, ja: str) -> FindingText:
    return FindingText(severity, en, ja)


BLOCKS, EXPLAIN, INFORMS = Severity.BLOCKS, Severity.EXPLAIN, Severity.INFORMS
_WHEN_EN, _WHEN_JA = " (first {first}, last {last})", " (最初 {first}、最後 {last})"

FINDINGS: dict[str, RuleText] = {
    "Q01": RuleText(
        "unknown meter", "未登録の計量器", "quarantine", f"{RESEARCH}, Q01",
        _text(EXPLAIN, "{count} readings of “{meter}”, which is not a meter of the plan, are kept apart and count nowhere.",
              "計画にない計量器「{meter}」の計測値 {count} 件は隔離し、どこにも算入していません。"),
        {"absent": _text(BLOCKS, "The meter “{meter}” of the plan has no readings in this file.",
                         "計画の計量器「{meter}」の計測値がこのファイルにありません。")},
    ),
    "Q02": RuleText(
        "sentinel", "番兵値", "reject", f"{RESEARCH}, Q02",
        _text(EXPLAIN, "{count} readings of “{meter}” hold a logger's error code instead of a value and are rejected" + _WHEN_EN + ".",
              "計量器「{meter}」の {count} 件は計測値ではなく記録装置のエラーコードのため除外しました" + _WHEN_JA + "。"),
    ),
    "Q03": RuleText(
        "outside the period", "期間外", "reject", f"{RESEARCH}, Q03",
        _text(INFORMS, "{count} readings of “{meter}” lie outside the monitoring period and do not count" + _WHEN_EN + ".",
              "計量器「{meter}」の {count} 件はモニタリング期間外のため算入していません" + _WHEN_JA + "。"),
    ),
    "Q04": RuleText(
        "exact duplicate", "完全な重複", "collapse", f"{RESEARCH}, Q04",
        _text(INFORMS, "{count} readings of “{meter}” repeat another with the same time and value and count once" + _WHEN_EN + ".",
              "計量器「{meter}」の {count} 件は時刻と値が同じ計測値の重複で、1 件として数えました" + _WHEN_JA + "。"),
    ),
    "Q05": RuleText(
        "conflict", "矛盾", "reject", f"{RESEARCH}, Q05",
        _text(EXPLAIN, "{count} readings of “{meter}” share a time with a different value; all of them are rejected" + _WHEN_EN + ".",
              "計量器「{meter}」の {count} 件は同じ時刻に異なる値があり、すべて除外しました" + _WHEN_JA + "。"),
    ),
    "Q06": RuleText(
        "out of order", "順序の乱れ", "flag", f"{RESEARCH}, Q06",
        _text(INFORMS, "In {count} rows of “{meter}” the time goes backward in the file; the readings were sorted by time" + _WHEN_EN + ".",
              "計量器「{meter}」の {count} 行で時刻が前に戻っています。時刻順に並べ替えました" + _WHEN_JA + "。"),
    ),
    "Q07": RuleText(
        "recorded change", "記録済みの変更", "segment break", f"{RESEARCH}, Q07",
        _text(INFORMS, "From {count} recorded changes of “{meter}” on (replacement, ratio or register), its readings are judged by other facts" + _WHEN_EN + ".",
              "計量器「{meter}」に記録済みの変更 (交換、変流比・変圧比、積算値の上限) が {count} 件あり、以後の計測値は変更後の情報で判定しました" + _WHEN_JA + "。"),
    ),
    "Q08": RuleText(
        "rollover", "桁あふれ", "accept", f"{RESEARCH}, Q08",
        _text(EXPLAIN, "The register of “{meter}” passed its end and began again from zero {count} times" + _WHEN_EN + "; the energy across fits its span and capacity.",
              "計量器「{meter}」の積算値が {count} 回、上限を超えてゼロに戻りました" + _WHEN_JA + "。前後の電力量は桁数と容量に合います。"),
    ),
    "Q09": RuleText(
        "low glitch", "一時的な低下", "reject", f"{RESEARCH}, Q09",
        _text(EXPLAIN, "{count} readings of “{meter}” fall below the register's line and are rejected" + _WHEN_EN + ".",
              "計量器「{meter}」の {count} 件は積算値の推移から一時的に低下しており、除外しました" + _WHEN_JA + "。"),
    ),
    "Q10": RuleText(
        "reset or replacement", "リセットまたは交換", "segment break", f"{RESEARCH}, Q10",
        _text(BLOCKS, "The register of “{meter}” jumps to a new level {count} times" + _WHEN_EN + "; energy across counts as zero until a signed replacement record gives the end and start index.",
              "計量器「{meter}」の積算値が {count} 回、別の水準に移りました" + _WHEN_JA + "。署名された交換記録で終了値と開始値が示されるまで、前後の電力量はゼロとします。"),
    ),
    "Q11": RuleText(
        "over range", "容量超過", "reject", f"{RESEARCH}, Q11",
        _text(EXPLAIN, "{count} readings of “{meter}” exceed what its capacity allows and are rejected" + _WHEN_EN + ".",
              "計量器「{meter}」の {count} 件は容量からあり得ない値のため除外しました" + _WHEN_JA + "。"),
        {"many": _text(BLOCKS, "{count} readings of “{meter}”, a twentieth of those above zero or more, exceed what its capacity allows and are rejected" + _WHEN_EN + ". The capacity, the unit or a factor of the meter may be wrong.",
                       "計量器「{meter}」の {count} 件 (正の値の 20 分の 1 以上) は容量からあり得ない値のため除外しました" + _WHEN_JA + "。計量器の容量、単位、または倍率が誤っている可能性があります。")},
    ),
    "Q12": RuleText(
        "freeze", "停止後の追いつき", "accept", f"{RESEARCH}, Q12",
        _text(EXPLAIN, "The register of “{meter}” stood still and then made up for it {count} times" + _WHEN_EN + "; capacity allows each jump over the whole frozen time, so its energy counts as bridged.",
              "計量器「{meter}」の積算値が {count} 回、止まった後に追いつきました" + _WHEN_JA + "。止まっていた時間全体で見れば容量の範囲内のため、その電力量を「積算値で確定」として数えました。"),
        {"stuck": _text(EXPLAIN, "“{meter}” shows one and the same value for long {runs} times, {count} readings in all and up to {readings} in a row" + _WHEN_EN + ", neither at zero nor at its limit: the logger repeated itself.",
                        "計量器「{meter}」は同じ値を長く示す箇所が {runs} か所あります (計 {count} 件、最長 {readings} 件連続)" + _WHEN_JA + "。ゼロでも上限でもなく、記録装置が同じ値を繰り返しています。"),
         "stuck withheld": _text(EXPLAIN, "“{meter}” shows one and the same value for long {runs} times, {count} readings in all and up to {readings} in a row" + _WHEN_EN + ", neither at zero nor at its limit: the logger repeated itself, and these values do not count until they are explained.",
                                 "計量器「{meter}」は同じ値を長く示す箇所が {runs} か所あります (計 {count} 件、最長 {readings} 件連続)" + _WHEN_JA + "。ゼロでも上限でもなく、記録装置が同じ値を繰り返しているため、説明されるまで算入しません。"),
         "frozen": _text(INFORMS, "The register of “{meter}” stood still {count} times and then moved further at once than it ever does otherwise" + _WHEN_EN + "; capacity allows it, and the energy counts.",
                          "計量器「{meter}」の積算値は {count} 回、止まった後に、ほかにない大きさで一度に進みました" + _WHEN_JA + "。容量の範囲内であり、電力量は算入しています。"),
         "idle": _text(INFORMS, "“{meter}” gave nothing on {days} days (first {day}) on which most of its {peers} neighbours did.",
                       "計量器「{meter}」は、近隣 {peers} 基の過半が発電した日のうち {days} 日 (最初 {day}) に発電していません。")},
    ),
    "Q13": RuleText(
        "night", "夜間の発電", "flag", f"{RESEARCH}, Q13",
        _text(BLOCKS, "{count} readings of “{meter}” show solar generation at night" + _WHEN_EN + ". The stated time zone, the clock or the coordinates may be wrong.",
              "計量器「{meter}」の {count} 件は夜間の太陽光発電を示しています" + _WHEN_JA + "。タイムゾーン、時計、または座標が誤っている可能性があります。"),
        {"no_place": _text(INFORMS, "Whether “{meter}” shows solar generation at night cannot be told: the plan gives no coordinates of the meter. The rule did not run, so a wrong time zone or clock would not show here.",
                           "計量器「{meter}」に夜間の太陽光発電の記録があるかどうかは判断できません。計画に計量器の座標がないため、この規則は適用していません。タイムゾーンや時計の誤りがあっても、ここには現れません。")},
    ),
    "Q14": RuleText(
        "negative", "負の値", "count as zero", f"{RESEARCH}, Q14",
        _text(EXPLAIN, "{count} values of “{meter}” are negative, together {negative} Wh" + _WHEN_EN + "; they count as zero and are not netted against other readings.",
              "計量器「{meter}」の {count} 件は負の値で、合計 {negative} Wh です" + _WHEN_JA + "。ゼロとして数え、他の計測値と相殺していません。"),
    ),
    "Q15": RuleText(
        "clock by the sun", "太陽による時計の確認", "flag", f"{RESEARCH}, Q15",
        _text(EXPLAIN, "In {months} months the working day of “{meter}” lies {least} to {most} minutes (median by month) off solar noon" + _WHEN_EN + ". The clock, the time zone, daylight saving or the longitude may be wrong.",
              "計量器「{meter}」の発電時間帯の中央は、{months} か月にわたり南中時刻から {least} 分から {most} 分 (月の中央値) ずれています" + _WHEN_JA + "。時計、タイムゾーン、夏時間、または経度が誤っている可能性があります。"),
    ),
    "Q16": RuleText(
        "clear-sky ceiling", "快晴時の上限", "flag", f"{RESEARCH}, Q16; B. Haurwitz, J. Meteorology 2 (1945) and 3 (1946)",
        _text(EXPLAIN, "In {hours} hours “{meter}” shows more than a clear sky can give a plane that faces the sun" + _WHEN_EN + ".",
              "計量器「{meter}」は {hours} 時間にわたり、快晴時に太陽を向いた面が受けられる量を超えています" + _WHEN_JA + "。"),
    ),
    "Q17": RuleText(
        "yield", "発電量の水準", "flag", f"{RESEARCH}, Q17",
        _text(EXPLAIN, "In {month} “{meter}” gave {yield} Wh, {percent} % of the {expected} Wh that {source} expects.",
              "計量器「{meter}」の {month} の発電量 {yield} Wh は、{source} による期待値 {expected} Wh の {percent} % です。"),
        {"peers": _text(EXPLAIN, "The yield of “{meter}” stands out among its {peers} neighbours in {months}.",
                        "計量器「{meter}」の {months} の発電量は、近隣 {peers} 基から大きく外れています。")},
    ),
    "Q18": RuleText(
        "clipping", "出力の頭打ち", "inform", f"{RESEARCH}, Q18",
        _text(INFORMS, "{count} values of “{meter}” lie on a plateau at its limit" + _WHEN_EN + ": the inverter's limit explains why they hardly differ.",
              "計量器「{meter}」の {count} 件は上限で一定です" + _WHEN_JA + "。値がほぼ同じなのはパワーコンディショナの出力上限によるものです。"),
    ),
    "Q19": RuleText(
        "repeated series", "計測値の繰り返し", "flag", f"{RESEARCH}, Q19",
        _text(BLOCKS, "{blocks} days of “{meter}” equal another day value by value ({count} readings)" + _WHEN_EN + ": they were copied, not measured.",
              "計量器「{meter}」の {blocks} 日分が、別の日とすべての値で一致します ({count} 件)" + _WHEN_JA + "。計測値ではなく複写です。"),
        {"elsewhere": _text(EXPLAIN, "{blocks} days of “{meter}”, or eighths of days, equal others value by value ({count} readings)" + _WHEN_EN + ". A measured load seldom repeats itself so.",
                            "計量器「{meter}」の {blocks} 区間 (1 日またはその 8 分の 1) が、別の区間とすべての値で一致します ({count} 件)" + _WHEN_JA + "。実測の負荷ではまれです。"),
         "part": _text(BLOCKS, "{blocks} eighths of a day of “{meter}” equal those of another day value by value ({count} readings)" + _WHEN_EN + ": they were copied, not measured.",
                       "計量器「{meter}」の 1 日を 8 等分した区間のうち {blocks} 区間が、別の日とすべての値で一致します ({count} 件)" + _WHEN_JA + "。計測値ではなく複写です。"),
         "straight": _text(EXPLAIN, "{count} values of “{meter}” lie on straight lines or keep the same power ({runs} stretches)" + _WHEN_EN + ": they were interpolated, not measured.",
                           "計量器「{meter}」の {count} 件は直線上に並ぶか、電力が一定です ({runs} 区間)" + _WHEN_JA + "。計測値ではなく補間です。"),
         "straight withheld": _text(EXPLAIN, "{count} values of “{meter}” lie on straight lines ({runs} stretches)" + _WHEN_EN + ": they were interpolated, not measured, and do not count until they are explained.",
                                    "計量器「{meter}」の {count} 件は直線上に並んでいます ({runs} 区間)" + _WHEN_JA + "。計測値ではなく補間のため、説明されるまで算入しません。"),
         "clone elsewhere": _text(EXPLAIN, "On {days} days the values of “{meter}” equal those of {others} ({count} readings)" + _WHEN_EN + ".",
                                  "計量器「{meter}」の値は {days} 日にわたり {others} の値と一致します ({count} 件)" + _WHEN_JA + "。"),
         "clone": _text(BLOCKS, "On {days} days the values of “{meter}” equal those of {others} ({count} readings)" + _WHEN_EN + ": one series stands for two meters.",
                        "計量器「{meter}」の値は {days} 日にわたり {others} の値と一致します ({count} 件)" + _WHEN_JA + "。1 つの系列が 2 つの計量器として使われています。"),
         "monotony": _text(EXPLAIN, "The {count} values of “{meter}” spread like only {variety} different ones" + _WHEN_EN + ": too few for a measurement.",
                           "計量器「{meter}」の {count} 件の値の種類は、実質 {variety} 通りしかありません" + _WHEN_JA + "。計測値としては少なすぎます。")},
    ),
    "Q20": RuleText(
        "independent total", "独立した合計値", "use the conservative one", f"{RESEARCH}, Q20",
        _text(EXPLAIN, "From {from} to {to} “{meter}” shows {register} Wh and {document} says {total} Wh, further apart than their errors allow; {counted} Wh count.",
              "{from} から {to} まで、計量器「{meter}」は {register} Wh、{document} は {total} Wh で、誤差の範囲を超えて異なります。保守的な {counted} Wh を算入しました。"),
    ),
    "Q22": RuleText(
        "completeness", "充足率", "flag", f"{RESEARCH}, Q22",
        _text(INFORMS, "Accepted energy of “{meter}” covers {percent} % of the period ({hours} h uncovered): measured {measured} Wh, bridged {bridged} Wh, substituted {substituted} Wh.",
              "計量器「{meter}」の電力量を確認できた時間は期間の {percent} % です (未計測 {hours} 時間): 計測 {measured} Wh、積算値で確定 {bridged} Wh、代替 {substituted} Wh。"),
    ),
    "Q23": RuleText(
        "overlapping intervals", "区間の重なり", "reject", OWN,
        _text(BLOCKS, "{count} values of “{meter}” begin before the interval before them ends" + _WHEN_EN + "; they are rejected, as their energy would count twice. The stated interval may be wrong.",
              "計量器「{meter}」の {count} 件は前の区間が終わる前に始まっています" + _WHEN_JA + "。二重計上となるため除外しました。区間の長さの指定が誤っている可能性があります。"),
    ),
    "Q24": RuleText(
        "impossible register", "あり得ない積算値", "reject", OWN,
        _text(EXPLAIN, "{count} readings of “{meter}” are negative or beyond the register's span and are rejected" + _WHEN_EN + ".",
              "計量器「{meter}」の {count} 件は積算値が負、または桁数を超えているため除外しました" + _WHEN_JA + "。"),
    ),
    "Q25": RuleText(
        "missing value", "欠測", "reject", OWN,
        _text(EXPLAIN, "{count} rows of “{meter}” hold no value. They are missing, not zero.",
              "計量器「{meter}」の {count} 行に値がありません。欠測であり、ゼロではありません。"),
        {
            "missing_time": _text(EXPLAIN, "{count} rows hold no time and are no readings.", "{count} 行に時刻がなく、計測値として扱えません。"),
            "missing_meter": _text(EXPLAIN, "{count} rows name no meter and are no readings.", "{count} 行に計量器の名前がなく、計測値として扱えません。"),
        },
    ),
    "Q26": RuleText(
        "gap", "欠測区間", "accept", f"{OWN}; gap rules G0 and G4",
        _text(EXPLAIN, "Gaps without readings of “{meter}”: {count} (readings resume first {first}, last {last}). Across gaps the register carried {bridged} Wh; {hours} h of the period stay uncovered.",
              "計量器「{meter}」の計測値のない区間: {count} か所 (再開は最初 {first}、最後 {last})。区間をまたぐ積算値の差は {bridged} Wh、期間のうち {hours} 時間は未計測です。"),
        {"interval": _text(EXPLAIN, "Gaps without values of “{meter}”: {count} (values resume first {first}, last {last}). {hours} h of the period stay uncovered; {substituted} Wh stand in for them.",
                           "計量器「{meter}」の値のない区間: {count} か所 (再開は最初 {first}、最後 {last})。期間のうち {hours} 時間は未計測で、その代替は {substituted} Wh です。")},
    ),
    "Q27": RuleText(
        "doubtful local time", "不確かな現地時刻", "reject", OWN,
        _text(EXPLAIN, "{count} rows have a local time that occurs twice or never (daylight saving) and are left out.",
              "{count} 行の現地時刻は夏時間の切り替えにより 2 回あるか存在しないため、除外しました。"),
    ),
    "Q28": RuleText(
        "open end", "末尾の改行なし", "flag", OWN,
        _text(INFORMS, "The last line of the file has no line end: the file may have been cut off there.",
              "ファイルの最終行に改行がありません。そこで途切れた可能性があります。"),
    ),
    "Q29": RuleText(
        "not as read", "検針値以外の値", "flag", OWN,
        _text(EXPLAIN, "{count} readings of “{meter}” are stated by the file itself to be questionable" + _WHEN_EN + ".",
              "計量器「{meter}」の {count} 件は、ファイル自体が信頼性に疑義のある値としています" + _WHEN_JA + "。"),
        {
            "final_substituted": _text(EXPLAIN, "{count} readings of “{meter}” are stated by the file itself to be final substitutes, not readings" + _WHEN_EN + ".",
                                       "計量器「{meter}」の {count} 件は、ファイル自体が検針値ではなく確定した代替値としています" + _WHEN_JA + "。"),
            "substituted": _text(EXPLAIN, "{count} readings of “{meter}” are stated by the file itself to be substitutes, not readings" + _WHEN_EN + ".",
                                 "計量器「{meter}」の {count} 件は、ファイル自体が検針値ではなく代替値としています" + _WHEN_JA + "。"),
            "estimated": _text(EXPLAIN, "{count} readings of “{meter}” are stated by the file itself to be estimates, not readings" + _WHEN_EN + ".",
                               "計量器「{meter}」の {count} 件は、ファイル自体が検針値ではなく推定値としています" + _WHEN_JA + "。"),
        },
    ),
    "Q30": RuleText(
        "stated energy", "記載された電力量", "flag", OWN,
        _text(EXPLAIN, "In {count} rows of “{meter}” the energy that the file states is not the difference of the two register readings beside it.",
              "計量器「{meter}」の {count} 行で、ファイルに記載された電力量が前後の積算値の差と一致しません。"),
        {"quantity_rolls_over": _text(INFORMS, "In {count} rows of “{meter}” the energy that the file states is the difference of the two register readings beside it only if the register passed its end between them.",
                                      "計量器「{meter}」の {count} 行に記載された電力量は、積算値がその間に上限を超えてゼロに戻ったと考えた場合にのみ、前後の積算値の差と一致します。")},
    ),
    "Q31": RuleText(
        "spike", "突出した値", "flag", f"{OWN}; verification item E4",
        _text(EXPLAIN, "{count} values of “{meter}” stand far above a smooth stretch around them" + _WHEN_EN + ".",
              "計量器「{meter}」の {count} 件は、前後のなめらかな推移から大きく上に外れています" + _WHEN_JA + "。"),
        {"withheld": _text(EXPLAIN, "{count} values of “{meter}” stand far above a smooth stretch around them" + _WHEN_EN + "; they do not count until they are explained.",
                           "計量器「{meter}」の {count} 件は、前後のなめらかな推移から大きく上に外れています" + _WHEN_JA + "。説明されるまで算入しません。"),
         "low": _text(INFORMS, "{count} values of “{meter}” stand far below a smooth stretch around them, or far below zero" + _WHEN_EN + ".",
                      "計量器「{meter}」の {count} 件は、前後のなめらかな推移から大きく下に外れているか、大きな負の値です" + _WHEN_JA + "。")},
    ),
    "Q32": RuleText(
        "change of level", "水準の変化", "query", f"{OWN}; verification items E7 and E9",
        _text(BLOCKS, "From {day} on the level of “{meter}” is {ratio} times what it was before. A changed ratio of its transformers, a wrong factor or an added plant would show so.",
              "計量器「{meter}」の水準は {day} から以前の {ratio} 倍になりました。変流比などの変更、倍率の誤り、または設備の増設が考えられます。"),
        {"down": _text(EXPLAIN, "From {day} on the level of “{meter}” is {ratio} times what it was before.",
                       "計量器「{meter}」の水準は {day} から以前の {ratio} 倍になりました。")},
    ),
    "Q33": RuleText(
        "size of the yield", "発電量の桁", "query", f"{OWN}; verification item E9",
        _text(BLOCKS, "On its best days “{meter}” gives as much as {hours} hours at full power, more than the sun allows. The unit, a factor or the capacity may be wrong.",
              "計量器「{meter}」の最良の日の発電量は定格出力の {hours} 時間分で、日射からあり得ません。単位、倍率、または容量が誤っている可能性があります。"),
        {"hardly used": _text(BLOCKS, "On most days “{meter}” never takes more than {percent} % of its capacity. The unit, a factor or the capacity may be wrong; consumption that is stated too low would be credited.",
                              "計量器「{meter}」の最大電力は、ほとんどの日で容量の {percent} % 以下です。単位、倍率、または容量が誤っている可能性があります。消費量が過小であれば、その分が過大にクレジットとなります。"),
         "low": _text(EXPLAIN, "On its best days “{meter}” gives no more than {hours} hours at full power. The unit, a factor or the capacity may be wrong.",
                      "計量器「{meter}」の最良の日の発電量は定格出力の {hours} 時間分しかありません。単位、倍率、または容量が誤っている可能性があります。")},
    ),
}  # fmt: skip
"""The rules by identifier, in the order in which they are applied."""
