# ruff: noqa: E501 - each question stands on one line, so that the two languages can be read side by side
"""What a proposal is made of: the fields found, each with its reason, and the questions that only a person can answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from openjcm.mrv.mapping import ALLOWED, Proposal, Question

SHOWN_ROWS = 5

QUESTIONS = {
    "unit": ("In which unit are the values of “{about}”?", "「{about}」の値の単位は何ですか。"),
    "time_zone": ("Which time zone does the logger's clock keep?", "記録装置の時計はどのタイムゾーンですか。"),
    "time_format": ("Which of these is the form of the times in “{about}”?", "「{about}」の時刻の書式はどれですか。"),
    "time_column": ("Which column holds the time?", "時刻の列はどれですか。"),
    "value_columns": ("Which column holds the values, and of which meter?", "値の列はどれで、どの計量器のものですか。"),
    "meter_column": ("Which column names the meter, or of which meter is the file?", "計量器を示す列はどれですか。または、どの計量器のファイルですか。"),
    "kind": ("Is “{about}” a cumulative register, energy per interval or power?", "「{about}」は積算値、区間の電力量、電力のどれですか。"),
    "least_unit": ("What is the smallest step that the meter shows?", "計量器が表示する最小単位は何ですか。"),
    "interval_seconds": ("How many seconds lie between two values?", "値と値の間隔は何秒ですか。"),
    "interval_stamp": ("Is the time of a value the start or the end of its interval?", "値の時刻は区間の開始と終了のどちらですか。"),
    "delimiter": ("Which sign separates the cells?", "セルの区切り文字はどれですか。"),
    "decimal_mark": ("Is the decimal mark a point or a comma?", "小数点はピリオドとカンマのどちらですか。"),
    "sheet": ("Which sheet holds the readings?", "計測値はどのシートにありますか。"),
    "clock_column": ("Which column holds the time of day?", "時刻の列はどれですか。"),
    "multiplier": ("By what are the values of “{about}” multiplied (CT or VT ratio, weight of a pulse), and for what reason?", "「{about}」の値には何を乗じますか (変流比、変圧比、パルス定数など)。その理由は何ですか。"),
    "blank": ("Some values of “{about}” are blank or no numbers: are they missing?", "「{about}」に空欄または数値でない値があります。欠測として扱いますか。"),
    "header_row": ("Which row holds the column names?", "見出しは何行目ですか。"),
}  # fmt: skip


@dataclass
class Draft:
    """A proposal in the making."""

    fields: dict[str, object] = field(default_factory=dict)
    reasons: dict[str, tuple[str, str]] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def found(self, name: str, value: object, en: str, ja: str) -> None:
        """A field that the file itself states, and why."""
        self.fields[name], self.reasons[name] = value, (en, ja)

    def ask(self, name: str, about: str = "", choices: tuple[str, ...] = ()) -> None:
        """A field that a person must state; ``choices`` where the file narrows the answers down."""
        en, ja = QUESTIONS[name]
        self.questions.append(Question(name, en.format(about=about), ja.format(about=about)))
        self.choices[name] = choices or (ALLOWED.get(name, ""),)

    def proposal(self, columns: list[str], rows: list[list[str]]) -> Proposal:
        """The proposal, with the columns and the first rows."""
        shown = tuple(tuple(row) for row in rows[:SHOWN_ROWS])
        return Proposal(self.fields, self.reasons, tuple(self.questions), tuple(columns), shown, self.choices)
