"""What is given for a symbol, and every reason why a calculation refuses it.

Nothing is filled in: a missing value is refused, zero is a value, and a value without a source is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from openjcm.dated import Citation, Grade
from openjcm.refusals import refusal

_MISSING_CLAUSE = "OpenJCM: a missing value is refused, never zero; zero is a value"

GIVEN_NOT_UNDERSTOOD = refusal(
    "given_not_understood",
    en="What is given for {symbol} is not well formed: {place}.",
    ja="{symbol} の入力の形式が正しくありません: {place}。",
    remedy_en="State value (or values by index), unit, source and grade; since and until are days.",
    remedy_ja="value (または添字ごとの values)、unit、source、grade を記入してください。since と until は日付です。",
    clause="OpenJCM: every value has a unit and a source",
)
UNKNOWN_SYMBOL = refusal(
    "unknown_symbol",
    en="{methodology} {version} has no symbol “{symbol}”.",
    ja="{methodology} {version} に記号「{symbol}」はありません。",
    remedy_en="Use the symbols of the methodology: {known}.",
    remedy_ja="方法論の記号を使ってください: {known}。",
    clause="OpenJCM: a value that no formula uses is refused, so that nothing is silently ignored",
)
UNUSED_SYMBOL = refusal(
    "unused_symbol",
    en="{methodology} {version} does not use {symbol} with the choices made here.",
    ja="{methodology} {version} では、ここでの選択において {symbol} は使われません。",
    remedy_en="Remove the value, or make the choice that needs it.",
    remedy_ja="その値を削除するか、それを必要とする選択に変更してください。",
    clause="OpenJCM: a value that no formula uses is refused, so that nothing is silently ignored",
)
MISSING_SYMBOL = refusal(
    "missing_symbol",
    en="{methodology} {version}, {clause}: no value is given for {symbol} ({meaning}).",
    ja="{methodology} {version} {clause}: {symbol} ({meaning}) の値がありません。",
    remedy_en="Give {symbol} in {unit} with its source. If it is zero, say 0.",
    remedy_ja="{symbol} を単位 {unit} で、出典とともに入力してください。ゼロの場合は 0 と記入してください。",
    clause=_MISSING_CLAUSE,
)
VALUE_NOT_READ = refusal(
    "value_not_read",
    en="{methodology} {version}, {clause}: the text prints a value for {symbol}{case}, but it has not been read.",
    ja="{methodology} {version} {clause}: {symbol}{case} の値は本文に記載がありますが、まだ確認されていません。",
    remedy_en="Give {symbol} in {unit} as printed in the official document, with its source. {suggestion}",
    remedy_ja="公式文書に記載された {symbol} の値を単位 {unit} で、出典とともに入力してください。{suggestion}",
    clause="OpenJCM: a value printed in one version is never taken for another",
)
FIXED_VALUE_GIVEN = refusal(
    "fixed_value_given",
    en="{symbol} is printed in {methodology} {version} ({clause}); it cannot be given anew.",
    ja="{symbol} は {methodology} {version} ({clause}) に記載された固定値であり、別の値を入力できません。",
    remedy_en="Remove the value: the one of the text is used.",
    remedy_ja="入力値を削除してください。本文の値が使われます。",
    clause="OpenJCM: printed values belong to the version bound at registration",
)
INPUT_WRONG_UNIT = refusal(
    "input_wrong_unit",
    en="{symbol} ({clause}) is given in “{given}”; the methodology wants {wanted}.",
    ja="{symbol} ({clause}) の単位が「{given}」ですが、方法論では {wanted} です。",
    remedy_en="State the value in {wanted} or in a unit of the same dimension.",
    remedy_ja="{wanted} または同じ次元の単位で入力してください。",
    clause="OpenJCM: dimensions are checked",
)
VALUE_NOT_A_NUMBER = refusal(
    "value_not_a_number",
    en="{symbol} ({clause}){at}: “{text}” is not a number.",
    ja="{symbol} ({clause}){at}: 「{text}」は数値ではありません。",
    remedy_en="Write a decimal number with a point and without thousands separators.",
    remedy_ja="小数点にはピリオドを使い、桁区切りなしの数値で記入してください。",
    clause=_MISSING_CLAUSE,
)
VALUE_BELOW_MINIMUM = refusal(
    "value_below_minimum",
    en="{symbol} ({clause}){at} is {value} {unit}; less than {minimum} is not possible.",
    ja="{symbol} ({clause}){at} の値は {value} {unit} ですが、{minimum} 未満にはなりません。",
    remedy_en="Check the sign and the source of the value.",
    remedy_ja="符号と出典を確認してください。",
    clause="OpenJCM: a quantity that cannot be negative is refused when it is",
)
VALUE_ABOVE_MAXIMUM = refusal(
    "value_above_maximum",
    en="{symbol} ({clause}){at} is {value} {unit}; more than {maximum} is not possible.",
    ja="{symbol} ({clause}){at} の値は {value} {unit} ですが、{maximum} を超えることはありません。",
    remedy_en="Check the unit of the value: a share is at most 1, and 50 % is 0.5.",
    remedy_ja="値の単位を確認してください。割合は 1 以下で、50 % は 0.5 です。",
    clause="OpenJCM: a share that cannot exceed the whole is refused when it does",
)
QUANTITY_WITHOUT_RECORD = refusal(
    "quantity_without_record",
    en="{symbol} ({clause}){at} has a value, but {count} says that nothing was recorded.",
    ja="{symbol} ({clause}){at} に値がありますが、{count} によれば有効な記録がありません。",
    remedy_en="State the hours or days with a valid record, or 0 for the quantity.",
    remedy_ja="有効な記録のある時間数または日数を記入するか、その量を 0 としてください。",
    clause="OpenJCM: a quantity rests on records",
)
VALUE_WITHOUT_SOURCE = refusal(
    "value_without_source",
    en="{symbol} ({clause}) is given without a source.",
    ja="{symbol} ({clause}) の値に出典がありません。",
    remedy_en="Name the document, page or file that the value comes from.",
    remedy_ja="値の根拠となる文書、ページ、またはファイルを記入してください。",
    clause="OpenJCM: every value has a source",
)
WRONG_INDEX = refusal(
    "wrong_index",
    en="{symbol} ({clause}) runs over {wanted}; “{at}” does not fit.",
    ja="{symbol} ({clause}) の添字は {wanted} です。「{at}」は合いません。",
    remedy_en="Write one part for each index, in that order, with / between: dry/st1.",
    remedy_ja="添字ごとに 1 つずつ、その順に / で区切って記入してください (例: dry/st1)。",
    clause="OpenJCM: symbols carry the indices of the text",
)
INDEX_WITHOUT_VALUE = refusal(
    "index_without_value",
    en="{methodology} {version}, {clause}, {symbol}: “{term}” has no value at {at}.",
    ja="{methodology} {version} {clause} {symbol}: 「{term}」に {at} の値がありません。",
    remedy_en="Give a value for every system, stratum or season; if it is zero, say 0.",
    remedy_ja="すべてのシステム・区分・作期について値を入力してください。ゼロの場合は 0 と記入してください。",
    clause=_MISSING_CLAUSE,
)
UNKNOWN_ANSWER = refusal(
    "unknown_answer",
    en="{symbol} ({clause}){at}: “{answer}” is none of its cases.",
    ja="{symbol} ({clause}){at}: 「{answer}」という区分はありません。",
    remedy_en="Choose one of: {known}.",
    remedy_ja="次から選んでください: {known}。",
    clause="OpenJCM: a case distinction has the cases of the text only",
)
DIVISION_BY_ZERO = refusal(
    "division_by_zero",
    en="{methodology} {version}, {clause}, {symbol}{at}: “{term}” divides by zero.",
    ja="{methodology} {version} {clause} {symbol}{at}: 「{term}」で 0 による除算になります。",
    remedy_en="Correct the divisor; it cannot be zero here.",
    remedy_ja="除数を見直してください。ここではゼロにできません。",
    clause="OpenJCM: what has no value is refused",
)
POWER_WITHOUT_VALUE = refusal(
    "power_without_value",
    en="{methodology} {version}, {clause}, {symbol}{at}: “{term}” has no real value for a negative base.",
    ja="{methodology} {version} {clause} {symbol}{at}: 「{term}」は底が負のため実数の値がありません。",
    remedy_en="Check the values inside the power.",
    remedy_ja="累乗の中の値を確認してください。",
    clause="OpenJCM: what has no value is refused",
)
EXPONENT_TOO_LARGE = refusal(
    "exponent_too_large",
    en="{methodology} {version}, {clause}, {symbol}{at}: “{term}” raises e to more than 1,000 or to less than −1,000.",
    ja="{methodology} {version} {clause} {symbol}{at}: 「{term}」の指数が −1,000〜1,000 の範囲を外れています。",
    remedy_en="Check rates and years: a rate of decay is per year, and years are calendar years.",
    remedy_ja="速度定数と年を確認してください。速度定数は 1 年当たり、年は西暦です。",
    clause="OpenJCM: what has no value is refused",
)
DAY_NOT_NAMED = refusal(
    "day_not_named",
    en="{symbol} ({clause}) is given with the days on which it holds, but the day of “{which}” is not named.",
    ja="{symbol} ({clause}) には適用期間がありますが、「{which}」の日付が指定されていません。",
    remedy_en="Name the day under days: {which}.",
    remedy_ja="days に {which} の日付を指定してください。",
    clause="OpenJCM: a look-up names its day, and the nearest value is never taken instead",
)
UNKNOWN_DAY = refusal(
    "unknown_day",
    en="{methodology} reads no value on the day of “{which}”.",
    ja="{methodology} に「{which}」時点で読む値はありません。",
    remedy_en="Name one of: {known}.",
    remedy_ja="次のいずれかを指定してください: {known}。",
    clause="OpenJCM: a look-up names its day, and the nearest value is never taken instead",
)
VALUE_NOT_IN_FORCE = refusal(
    "value_not_in_force",
    en="{symbol} ({clause}) is to be read on {day} ({which}); the given value holds {since} – {until}.",
    ja="{symbol} ({clause}) は {day} ({which}) 時点の値ですが、入力値の適用期間は {since} – {until} です。",
    remedy_en="Give the value that held on {day}, with its source.",
    remedy_ja="{day} に有効であった値を、出典とともに入力してください。",
    clause="OpenJCM: a look-up names its day, and the nearest value is never taken instead",
)

VERSION_NOT_APPROVED_YET = refusal(
    "version_not_approved_yet",
    en="{methodology} {version} was approved on {approved}; the registration is of {day}.",
    ja="{methodology} {version} の承認日は {approved} ですが、登録日は {day} です。",
    remedy_en="Use the version under which the project was registered, or correct the day.",
    remedy_ja="登録時の版を使用するか、日付を修正してください。",
    clause="JCM: a project applies the version of the approved methodology that it was registered under",
)

_FIELDS = {"value", "values", "unit", "source", "clause", "url", "note", "grade", "since", "until"}


@dataclass(frozen=True)
class Given:
    """What somebody states for one symbol: value(s) as text by key, unit, source and grade.

    ``values`` maps ``""`` to the single value, or ``"1"``, ``"dry/st1"`` … to the value of each system or stratum. A
    choice has answers instead of numbers and no unit. ``since`` and ``until`` say on which days the value holds.
    """

    values: Mapping[str, str]
    unit: str = ""
    source: Citation | None = None
    grade: Grade = Grade.READ
    since: date | None = None
    until: date | None = None

    @classmethod
    def from_data(cls, data: object, symbol: str = "–") -> Given:
        """From plain data: ``{"value": "0.797", "unit": "tCO2e/MWh", "source": "…", "grade": "secondary"}``.

        ``values`` with a mapping stands for several values, ``clause``, ``url`` and ``note`` belong to the source.

        Raises:
            Refused: ``given_not_understood``.
        """
        if not isinstance(data, Mapping):
            raise GIVEN_NOT_UNDERSTOOD(symbol=symbol, place=f"{data!r}"[:100])
        if unknown := sorted(str(name) for name in data.keys() - _FIELDS):
            raise GIVEN_NOT_UNDERSTOOD(symbol=symbol, place=", ".join(unknown)[:100])
        if ("value" in data) == ("values" in data) or not isinstance(data.get("values", {}), Mapping):
            raise GIVEN_NOT_UNDERSTOOD(symbol=symbol, place="value / values")
        try:
            return cls._read(data)
        except ValueError as error:
            raise GIVEN_NOT_UNDERSTOOD(symbol=symbol, place=str(error)[:100]) from error

    @classmethod
    def _read(cls, data: Mapping[str, object]) -> Given:
        raw = data["values"] if "values" in data else {"": data["value"]}
        assert isinstance(raw, Mapping)
        since, until = (date.fromisoformat(str(data[name])) if data.get(name) else None for name in ("since", "until"))
        text = {name: str(data.get(name) or "") for name in ("source", "clause", "url", "note")}
        source = Citation(**text) if text["source"].strip() else None
        values = {str(key): str(value) for key, value in raw.items()}
        return cls(values, str(data.get("unit") or ""), source, Grade(str(data.get("grade") or "read")), since, until)

    def as_data(self) -> dict[str, object]:
        """Plain data, the inverse of :meth:`from_data`."""
        values: dict[str, object] = {"value": self.values[""]} if set(self.values) == {""} else {}
        data: dict[str, object] = values or {"values": dict(self.values)}
        data |= {"unit": self.unit, "grade": self.grade.value}
        if self.source:
            parts = {"source": self.source.source, "clause": self.source.clause, "url": self.source.url}
            data |= {name: text for name, text in {**parts, "note": self.source.note}.items() if text}
        data |= {name: day.isoformat() for name, day in (("since", self.since), ("until", self.until)) if day}
        return data


def citation_text(citation: Citation) -> str:
    """A citation on one line: source, clause, address, note."""
    return ", ".join(part for part in (citation.source, citation.clause, citation.url, citation.note) if part)
