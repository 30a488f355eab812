"""The rulebook's own guards: a mistake in a rule or in a country file stops the import and says where."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from openjcm.dated import Citation, Dated, Grade, Timeline
from openjcm.rulebook import common, names
from openjcm.rulebook.model import Country, Departure, RuleName, RuleValue

SOURCE = Citation("a document")


def _rule(**changes: Any) -> RuleName:
    fields: dict[str, Any] = {
        "name": "a_rule", "topic": "Topic", "kind": "count", "en": "Meaning.", "ja": "意味。", "clause": "para 1",
    }  # fmt: skip
    return RuleName(**(fields | changes))


def _country(**changes: Any) -> Country:
    status: Timeline[str] = Timeline("status", (Dated("adopted", SOURCE, Grade.READ),))
    fields: dict[str, Any] = {
        "iso2": "XC", "iso3": "XCC", "name_en": "Examplia", "name_ja": "エグザンプリア", "centroid": ("1.0", "2.0"),
        "signed": Dated(date(2027, 4, 1), SOURCE, Grade.READ), "signing_place": None, "article6_status": status,
        "pin_status": status,
    }  # fmt: skip
    return Country(**(fields | changes))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kind": "number"}, "no kind of value"),
        ({"ja": " "}, "both languages"),
        ({"clause": ""}, "a clause"),
        ({"kind": "choice"}, "lists its allowed values"),
        ({"allowed": ("one",)}, "only a choice"),
    ],
)
def test_a_rule_name_checks_itself(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        _rule(**changes)


@pytest.mark.parametrize(
    ("rule", "value", "grade", "says"),
    [
        (_rule(), None, Grade.READ, "do not go together"),
        (_rule(), 7, Grade.UNKNOWN, "do not go together"),
        (_rule(), "7", Grade.READ, "not a count"),
        (_rule(), True, Grade.READ, "not a count"),
        (_rule(kind="flag"), 1, Grade.READ, "not a flag"),
        (_rule(kind="share"), 0.5, Grade.READ, "not a share"),
        (_rule(kind="choice", allowed=("up", "down")), "sideways", Grade.READ, "up, down"),
        (_rule(kind="list"), ("a", 1), Grade.READ, "texts only"),
    ],
)
def test_a_value_must_fit_its_rule(rule: RuleName, value: Any, grade: Grade, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        rule.check(Dated(value, SOURCE, grade))


def test_values_that_fit_are_taken() -> None:
    _rule().check(Dated(7, SOURCE, Grade.RECALLED))
    _rule().check(Dated(None, SOURCE, Grade.UNKNOWN))
    _rule(kind="share").check(Dated(Fraction(1, 2), SOURCE, Grade.READ))
    _rule(kind="day").check(Dated(date(2013, 1, 1), SOURCE, Grade.READ))


def test_a_departure_needs_a_citation() -> None:
    with pytest.raises(ValueError, match="without a citation"):
        Departure("aef_deadline", "04-15", None, Grade.READ)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no citation"):
        Departure("aef_deadline", "04-15", Citation(" "), Grade.READ)


def test_a_rule_is_named_once() -> None:
    twice = {"One topic": names._TOPICS["Use of credits"], "Another": names._TOPICS["Use of credits"]}
    with pytest.raises(ValueError, match="named twice"):
        names._named(twice)


def _days(value: RuleValue, since: date | None, until: date | None = None) -> Departure:
    return Departure("public_input_days_methodology", value, SOURCE, Grade.READ, since, until)


def test_a_misspelt_rule_fails() -> None:
    with pytest.raises(ValueError, match=r"Examplia: there is no rule 'public_input_day'"):
        _country(departures=(Departure("public_input_day", 20, SOURCE, Grade.READ),))


def test_two_departures_on_one_day_fail() -> None:
    first, last = date(2027, 5, 1), date(2027, 6, 1)
    with pytest.raises(ValueError, match="two values on one day"):
        _country(departures=(_days(20, first), _days(21, last)))
    with pytest.raises(ValueError, match="two values on one day"):
        _country(departures=(_days(20, first, last), _days(21, last)))
    after = _country(departures=(_days(20, first, date(2027, 5, 31)), _days(21, last)))
    assert [dated.value for dated in after.timelines["public_input_days_methodology"]] == [20, 21]


def test_a_departure_that_does_not_fit_fails_and_names_the_country() -> None:
    with pytest.raises(ValueError, match="Examplia: public_input_days_methodology: '20' is not a count"):
        _country(departures=(_days("20", None),))


@pytest.mark.parametrize("codes", [{"iso2": "XCC"}, {"iso3": "XC"}, {"iso2": "xc"}])
def test_codes_are_those_of_iso_3166(codes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="ISO 3166-1"):
        _country(**codes)


@pytest.mark.parametrize("field", ["article6_status", "pin_status"])
def test_a_status_is_one_of_four(field: str) -> None:
    wrong: Timeline[str] = Timeline(field, (Dated("perhaps", SOURCE, Grade.READ),))
    with pytest.raises(ValueError, match="'perhaps' is not one of"):
        _country(**{field: wrong})


def test_a_common_value_stands_in_one_place_and_every_rule_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(common, "_GROUPS", (*common._GROUPS, common._USE))
        with pytest.raises(ValueError, match="two places"):
            common._common_values()
    with monkeypatch.context() as patch:
        patch.setattr(common, "_GROUPS", common._GROUPS[:-1])
        with pytest.raises(ValueError, match="gx_ets_credit_cap"):
            common._common_values()
    wrong = common._USE | {"gx_ets_credit_cap": Dated[RuleValue](10, SOURCE, Grade.READ)}
    with monkeypatch.context() as patch:
        patch.setattr(common, "_GROUPS", (*common._GROUPS[:-1], wrong))
        with pytest.raises(ValueError, match="not a share"):
            common._common_values()
