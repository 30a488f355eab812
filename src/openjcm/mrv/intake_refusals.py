"""What the reading of cells refuses, whatever the file's format: the texts, each with file, sheet, row and column."""

from __future__ import annotations

from openjcm.mrv.intake_bytes import CLAUSE
from openjcm.refusals import refusal

UNPARSABLE_NUMBER = refusal(
    "unparsable_number",
    en="“{text}” in column “{column}”, row {row} of “{file}” ({sheet}) is not a number.",
    ja="「{file}」({sheet}) の {row} 行目、列「{column}」の「{text}」は数値として読めません。",
    remedy_en="Write plain decimal numbers with the stated decimal mark and no thousands separators or units. If the "
    "text stands for a missing value, name it in missing_texts. Scientific notation has usually lost digits.",
    remedy_ja="桁区切りや単位を付けず、指定した小数点の数値で書いてください。欠測を表す文字なら missing_texts に"
    "指定してください。指数表記の数値は桁が失われていることがあります。",
    clause=CLAUSE,
)
UNPARSABLE_TIME = refusal(
    "unparsable_time",
    en="“{text}” in column “{column}”, row {row} of “{file}” ({sheet}) is not a time of the form {time_format}.",
    ja="「{file}」({sheet}) の {row} 行目、列「{column}」の「{text}」は書式 {time_format} の時刻として読めません。",
    remedy_en="State the format that the file uses; every row must have the same. 24:00 and second 60 are not read.",
    remedy_ja="時刻の書式を指定してください。全行が同じ書式である必要があります。24:00 と 60 秒は読めません。",
    clause=CLAUSE,
)
BLANK_VALUE = refusal(
    "blank_value",
    en="Column “{column}” is blank in row {row} of “{file}” ({sheet}; {count} such rows).",
    ja="「{file}」({sheet}) の {row} 行目の列「{column}」が空欄です (該当 {count} 行)。",
    remedy_en="Write 0 where the meter showed zero. If the value is missing, state blank = missing: it becomes a "
    "finding, never zero.",
    remedy_ja="計測値がゼロなら 0 と書いてください。欠測なら blank = missing を指定してください。"
    "指摘事項として記録され、ゼロとはみなされません。",
    clause="OpenJCM: a missing value is refused, never zero; zero is a value",
)
NOT_WHOLE = refusal(
    "not_whole_least_unit",
    en="{text} {unit} in column “{column}”, row {row} of “{file}” ({sheet}) is not a whole number of {least_unit} "
    "({count} such rows).",
    ja="「{file}」({sheet}) の {row} 行目、列「{column}」の {text} {unit} は {least_unit} の整数倍ではありません "
    "(該当 {count} 行)。",
    remedy_en="State the least unit that the meter really shows, or name the rounding rule down_to_whole_unit.",
    remedy_ja="計量器が実際に表示する最小単位を指定するか、端数処理規則 down_to_whole_unit を指定してください。",
    clause="OpenJCM: readings are exact integers in the meter's least unit",
)
TOO_LARGE = refusal(
    "reading_too_large",
    en="“{text}” in column “{column}”, row {row} of “{file}” ({sheet}) is too large for a meter reading.",
    ja="「{file}」({sheet}) の {row} 行目、列「{column}」の「{text}」は計測値として大きすぎます。",
    remedy_en="Check the unit and the decimal mark; no meter shows 900,000,000,000,000,000 of its least unit.",
    remedy_ja="単位と小数点を確認してください。最小単位で 90 京を超える計測値は扱えません。",
    clause="OpenJCM: readings are exact integers in the meter's least unit",
)
HEADER_REPEATED = refusal(
    "header_repeated",
    en="Row {row} of “{file}” ({sheet}) repeats the column names.",
    ja="「{file}」({sheet}) の {row} 行目に見出しがもう一度あります。",
    remedy_en="The file was joined from several exports: upload each export by itself, or remove the extra header.",
    remedy_ja="複数の書き出しをつないだファイルです。別々にアップロードするか、余分な見出し行を除いてください。",
    clause=CLAUSE,
)
DOUBTFUL_TIME = refusal(
    "doubtful_local_time",
    en="The local time {text} in row {row} of “{file}” ({sheet}) occurs {how} in {zone} ({count} such rows).",
    ja="「{file}」({sheet}) の {row} 行目の現地時刻 {text} は {zone} では {how} (該当 {count} 行)。",
    remedy_en="Export in UTC or with the offset, or state the zone that the logger's clock really kept (often a fixed "
    "offset). doubtful_times = leave_out leaves these readings out and says so.",
    remedy_ja="UTC または時差付きで書き出すか、記録装置の時計の実際の時差 (固定が多い) を指定してください。"
    "doubtful_times = leave_out とすると、これらを除外し、その旨を指摘事項に残します。",
    clause="OpenJCM: daylight saving is never guessed",
)
WRONG_TIME_ZONE = refusal(
    "wrong_time_zone",
    en="Row {row} of “{file}” ({sheet}) states the offset {found} s from UTC, but {zone} has {expected} s at {time}.",
    ja="「{file}」({sheet}) の {row} 行目の時差は {found} 秒ですが、{zone} の {time} の時差は {expected} 秒です。",
    remedy_en="State the zone that the file itself states, or “file” to take each time's own offset.",
    remedy_ja="ファイルが示すタイムゾーンを指定するか、各時刻の時差をそのまま使う「file」を指定してください。",
    clause="OpenJCM: every reading has a stated time zone",
)
ZONE_NOT_IN_FILE = refusal(
    "zone_not_in_file",
    en="The mapping takes the time zone from “{file}”, but row {row} ({sheet}) states no offset: {text}.",
    ja="タイムゾーンを「{file}」から取る設定ですが、{row} 行目 ({sheet}) に時差がありません: {text}。",
    remedy_en="State the IANA zone or the fixed offset of the logger's clock.",
    remedy_ja="記録装置の時計の IANA タイムゾーンまたは固定の時差を指定してください。",
    clause="OpenJCM: every reading has a stated time zone",
)
