# ruff: noqa: E501 - each sentence stands on one line, so that the two languages can be read side by side
"""Error limits of accuracy classes, and what each finding on a meter's record says, with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from openjcm.mrv.quality_rules import FindingText, RuleText
from openjcm.refusals import Finding, Severity

BLOCKS, EXPLAIN, INFORMS = Severity.BLOCKS, Severity.EXPLAIN, Severity.INFORMS
NOTICES = "UNFCCC completeness notices of issuance requests (cdm.unfccc.int, IRCheck)"


@dataclass(frozen=True)
class ErrorLimit:
    """The maximum permissible error of an accuracy class at reference conditions, in percent."""

    name: str
    percent: Fraction
    source: str
    grade: str = "recalled"


_IEC = (
    "IEC 62053-21/-22 (and -11): the class index is the limit of percentage error at unity power factor; text not read"
)
_MID = "EN 50470 / directive 2014/32/EU, annex V: classes A, B, C; text not read"
ACCURACY_CLASSES = {
    limit.name: limit
    for limit in (
        ErrorLimit("0.1S", Fraction(1, 10), _IEC),
        ErrorLimit("0.2S", Fraction(2, 10), _IEC),
        ErrorLimit("0.2", Fraction(2, 10), _IEC),
        ErrorLimit("0.5S", Fraction(5, 10), _IEC),
        ErrorLimit("0.5", Fraction(5, 10), _IEC),
        ErrorLimit("1", Fraction(1), _IEC),
        ErrorLimit("2", Fraction(2), _IEC),
        ErrorLimit("A", Fraction(2), _MID),
        ErrorLimit("B", Fraction(1), _MID),
        ErrorLimit("C", Fraction(5, 10), _MID),
    )
}
"""Accuracy classes of electricity meters. Another instrument states its limit in percent."""


def record_finding(rule: str, meter: str, facts: Mapping[str, object], variant: str = "") -> Finding:
    """A finding on a meter's record, its facts as text."""
    text = RECORD_FINDINGS[rule].variants.get(variant) or RECORD_FINDINGS[rule].text
    known = {"meter": meter, **{name: str(value) for name, value in facts.items()}}
    return Finding(rule, text.severity, text.en, text.ja, RECORD_FINDINGS[rule].clause, known)


def _text(severity: Severity, en: str, ja: str) -> FindingText:
    return FindingText(severity, en, ja)


RECORD_FINDINGS: dict[str, RuleText] = {
    "Q21": RuleText(
        "calibration lapsed", "校正の期限切れ", "correct", f"OpenJCM domain research, 2026-11-21, Q21 and section 5.4; {NOTICES}: L9MSXVQNE4AOH25",
        _text(EXPLAIN, "No valid calibration of “{meter}” covers {days} days on which it was used ({first} to {last}). {wh} Wh of {base} Wh are counted to the conservative side (±{percent} %, by {because}).",
              "計量器「{meter}」の使用日のうち {days} 日 ({first}～{last}) は有効な校正の対象外です。{base} Wh のうち {wh} Wh を保守的な側に補正しました (±{percent}%、根拠: {because})。"),
        {
            "none": _text(EXPLAIN, "No valid calibration of “{meter}” covers {days} days on which it was used ({first} to {last}). The plan's basis asks for no correction: {because}.",
                          "計量器「{meter}」の使用日のうち {days} 日 ({first}～{last}) は有効な校正の対象外です。計画の根拠により補正はしていません: {because}。"),
            "no_limit": _text(BLOCKS, "No valid calibration of “{meter}” covers {days} days on which it was used ({first} to {last}), and its error limit is not on record: record its accuracy class.",
                              "計量器「{meter}」の使用日のうち {days} 日 ({first}～{last}) は有効な校正の対象外で、許容誤差も記録されていません。精度階級を記録してください。"),
        },
    ),
    "M01": RuleText(
        "calibration not on record", "校正の記録なし", "flag", f"OpenJCM: what is not on record cannot be told; {NOTICES}: YG56RCI1X7JU2Z0",
        _text(EXPLAIN, "Whether “{meter}” was calibrated on the days it was used ({days}) cannot be told: neither calibration nor accuracy is on record.",
              "計量器「{meter}」が使用日 ({days} 日) に校正済みであったかどうかは判断できません。校正も精度も記録されていません。"),
        {"refused": _text(BLOCKS, "Neither calibration nor accuracy of “{meter}” is on record for the {days} days it was used.",
                          "計量器「{meter}」の使用日 ({days} 日) について、校正も精度も記録されていません。")},
    ),
    "M02": RuleText(
        "calibration without day or end", "日付または期限のない校正", "flag", f"{NOTICES}: OGW6N5C3E40DQXR",
        _text(EXPLAIN, "The calibration “{document}” of “{meter}” has no date: it covers no day.",
              "計量器「{meter}」の校正「{document}」に日付がなく、どの日も対象になりません。"),
        {"no_end": _text(EXPLAIN, "The calibration “{document}” of “{meter}” states no end of validity, and no calibration interval is planned: it covers its own day only.",
                         "計量器「{meter}」の校正「{document}」に有効期限がなく、校正間隔の計画もないため、当日だけを対象とします。")},
    ),
    "M03": RuleText(
        "accuracy in dispute", "精度の記載の不一致", "larger limit", f"{NOTICES}: PUGAX0RIEJ6Q28N",
        _text(EXPLAIN, "Documents on “{meter}” state different accuracies: {stated}. The larger limit, ±{percent} %, is used.",
              "計量器「{meter}」の精度が書類により異なります: {stated}。大きい方の ±{percent}% を用います。"),
    ),
    "M04": RuleText(
        "calibrated less often than planned", "計画より長い校正間隔", "flag", f"{NOTICES}: 1M7FLIJ0S92WVZ5",
        _text(EXPLAIN, "“{meter}” was calibrated on {earlier} and then on {later}; the plan asks for every {months} months.",
              "計量器「{meter}」は {earlier} の次に {later} に校正されました。計画では {months} か月ごとです。"),
    ),
    "M05": RuleText(
        "larger error found", "許容誤差を超える器差", "flag", "OpenJCM domain research, 2026-11-21, section 5.4 (recalled: CDM guidelines on calibration frequency)",
        _text(EXPLAIN, "The calibration of “{meter}” on {day} found an error of {error} %, more than ±{percent} %. The days not covered before it are corrected by ±{percent} %; by the error found it would be {wh} Wh.",
              "{day} の校正で、計量器「{meter}」に ±{percent}% を超える {error}% の器差が見つかりました。それ以前の校正対象外の日は ±{percent}% で補正しました。器差で補正すると {wh} Wh になります。"),
        {"applied": _text(EXPLAIN, "The calibration of “{meter}” on {day} found an error of {error} %, more than ±{percent} %. The days not covered before it are corrected by the error found: {wh} Wh.",
                          "{day} の校正で、計量器「{meter}」に ±{percent}% を超える {error}% の器差が見つかりました。それ以前の校正対象外の日は、この器差で補正しました: {wh} Wh。")},
    ),
    "M06": RuleText(
        "change without approval", "承認のない変更", "flag", f"{NOTICES}: YG56RCI1X7JU2Z0, 1M7FLIJ0S92WVZ5",
        _text(EXPLAIN, "The fact “{kind}” of “{meter}” from {day} departs from the registered plan and cites no decision that approved it.",
              "計量器「{meter}」の {day} からの「{kind_ja}」は登録済みの計画と異なりますが、承認した決定の引用がありません。"),
    ),
    "M07": RuleText(
        "delayed calibration", "校正の遅れ", "flag", f"{NOTICES}: OGW6N5C3E40DQXR",
        _text(EXPLAIN, "“{meter}” was calibrated on {later}, {days} days after the validity of the calibration before it ended ({end}).",
              "計量器「{meter}」の {later} の校正は、前回の校正の有効期限 ({end}) の {days} 日後です。"),
    ),
    "M08": RuleText(
        "billing cycles do not fit", "請求期間の不一致", "flag", f"{NOTICES}: HMBC0ANU91LGVQI",
        _text(EXPLAIN, "Invoices on “{meter}” do not fit together in the period {start} to {end}: {what}.",
              "計量器「{meter}」の請求書の対象期間が、期間 {start}～{end} の中で整合していません: {what}。"),
    ),
    "M09": RuleText(
        "calibration not passed", "校正の不合格", "flag", "OpenJCM: a calibration that was not passed covers nothing",
        _text(EXPLAIN, "The calibration of “{meter}” on {day} was not passed: it covers no day.",
              "計量器「{meter}」の {day} の校正は不合格のため、どの日も対象になりません。"),
    ),
    "M10": RuleText(
        "gaps not filled", "補完しなかった欠測区間", "flag", "OpenJCM: a gap is filled only where it is seen alike by both ways of looking",
        _text(EXPLAIN, "The gaps of “{meter}” were left to rule G4: {seconds} s are open by its readings, {judged} s by the judgement.",
              "計量器「{meter}」の欠測区間には規則 G4 を適用しました。計測値からは {seconds} 秒、判定からは {judged} 秒が未計測です。"),
        {"changed": _text(EXPLAIN, "The gaps of “{meter}” were left to rule G4: its register, ratio or instrument changed in the period.",
                          "計量器「{meter}」の欠測区間には規則 G4 を適用しました。期間中に積算値・変流比等・計量器の変更があったためです。")},
    ),
}  # fmt: skip
"""The findings on a meter's record by identifier: M01 onwards are this program's own."""
