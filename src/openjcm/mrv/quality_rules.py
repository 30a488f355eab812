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
    ),
    "Q12": RuleText(
        "freeze", "停止後の追いつき", "accept", f"{RESEARCH}, Q12",
        _text(EXPLAIN, "The register of “{meter}” stood still and then made up for it {count} times" + _WHEN_EN + "; capacity allows each jump over the whole frozen time, so its energy counts as bridged.",
              "計量器「{meter}」の積算値が {count} 回、止まった後に追いつきました" + _WHEN_JA + "。止まっていた時間全体で見れば容量の範囲内のため、その電力量を「積算値で確定」として数えました。"),
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
}  # fmt: skip
"""The rules by identifier, in the order in which they are applied."""
