"""The names of the rules on storage, forests and the use of credits; ``names.py`` has all the others."""

from __future__ import annotations

from functools import partial

from openjcm.rulebook.model import RuleName

CANCELLED_FOR = (
    ("corsia", "CORSIA (international aviation)", "CORSIA (国際航空)"),
    ("oimp", "other international mitigation purposes", "NDC 以外の国際的な緩和目的"),
    ("omge", "overall mitigation in global emissions", "世界全体の排出の全体的な緩和"),
    ("reversal", "a reversal of stored tonnes", "貯留の反転"),
    ("other", "any other purpose", "その他の目的"),
)
"""The purposes of a cancellation, with their names in English and Japanese."""


def waiting_rule(
    name: str, kind: str, clause: str, en: str, ja: str, unit: str = "", allowed: tuple[str, ...] = ()
) -> partial[RuleName]:
    """A rule that waits for the topic it stands under."""
    return partial(RuleName, name, kind=kind, en=en, ja=ja, clause=clause, unit=unit, allowed=allowed)


_rule = waiting_rule


def _needs() -> tuple[partial[RuleName], ...]:
    return tuple(
        _rule(f"cancellation_{purpose}_needs", "list", "Decision 2/CMA.3, annex, para 1(f)",
              f"The host must have authorized one of these before credits are cancelled for {en}; none: no need.",
              f"{ja}のための取消しに先立ちホスト国の承認を要する目的 (いずれか一つ)。空欄は承認不要。")
        for purpose, en, ja in CANCELLED_FOR
    )  # fmt: skip


# Three lines a rule, where the formatter would need ten.
# fmt: off
TOPICS_OF_STORAGE_AND_USE: dict[str, tuple[partial[RuleName], ...]] = {
    "Storage and forests": (
        _rule("ccs_crediting_period", "choice", "CCS/CCUS rules, item 1", allowed=("start_to_end_of_injection",),
              en="The crediting period of a CCS or CCUS project.",
              ja="CCS/CCUS 案件のクレジット期間。"),
        _rule("ccs_net_reduction_options", "list", "CCS/CCUS rules, item 5",
              en="The ways to reach net reductions; one is chosen.",
              ja="純削減を実現する方法。いずれか一つを選ぶ。"),
        _rule("ccs_monitoring_until", "choice", "CCS/CCUS rules, item 6",
              en="Until when the JCM requires monitoring of a storage site.",
              ja="JCM として貯留地のモニタリングを求める終期。",
              allowed=("closure_preparation_period", "post_closure_period")),
        _rule("ccs_reserve_share", "share", "CCS/CCUS rules, item 9",
              en="The share of credits that goes to the reserve account of the participants.",
              ja="参加者のリザーブ口座に留保するクレジットの割合。"),
        _rule("ccs_reserve_base", "text", "CCS/CCUS rules, item 9",
              en="Of what the reserve share is taken.",
              ja="リザーブ割合の分母。"),
        _rule("ccs_reserve_rounding", "choice", "CCS/CCUS rules, item 9", allowed=("up", "down", "nearest"),
              en="How the reserve becomes whole tonnes.",
              ja="リザーブの端数処理。"),
        _rule("ccs_reversal_during_injection", "choice", "CCS/CCUS rules, item 9",
              en="How tonnes that escape during injection are made good.",
              ja="圧入中に漏洩した量の扱い。",
              allowed=("current_period_then_reserve", "reserve_first")),
        _rule("ccs_reversal_after_injection", "choice", "CCS/CCUS rules, item 9",
              en="How tonnes that escape after injection are made good.",
              ja="圧入終了後に漏洩した量の扱い。",
              allowed=("reserve_then_participants", "participants_first")),
        _rule("ccs_reserve_release", "text", "CCS/CCUS rules, item 9",
              en="When and to whom the reserve is released.",
              ja="リザーブの解除の時期と帰属。"),
        _rule("redd_plus_buffer_share", "share", "REDD-plus guidelines",
              en="The share of REDD-plus credits kept against reversals. There is no default.",
              ja="REDD+ クレジットのうち反転に備えて留保する割合。既定値は置かない。"),
        _rule("redd_plus_discount_share", "share", "REDD-plus guidelines",
              en="The discount on REDD-plus reductions for displacement. There is no default.",
              ja="REDD+ の排出の移転 (リーケージ) に対する割引率。既定値は置かない。"),
        _rule("afforestation_non_permanence", "text", "Afforestation and reforestation guidelines",
              en="How non-permanence of afforestation and reforestation is met.",
              ja="植林案件の非永続性への対応方法。"),
    ),
    "Use of credits": (
        _rule("gx_ets_credit_cap", "share", "GX-ETS, use of credits",
              en="The share of actual emissions that retired credits may cover in the GX-ETS.",
              ja="GX-ETS において無効化クレジットを充当できる実排出量に対する割合の上限。"),
        _rule("retirement_for_gx_ets", "flag", "GX-ETS, use of credits",
              en="Whether a retirement in this registry may also serve a duty under the GX-ETS.",
              ja="この登録簿での無効化を GX-ETS の義務の履行にも充てられるか。"),
        _rule("retirement_for_shk", "flag", "Act, mandatory reporting of emissions (SHK)",
              en="Whether a retirement in this registry may also lower a reporter's adjusted emissions (SHK).",
              ja="この登録簿での無効化を、算定・報告・公表制度の調整後排出量から控除できるか。"),
        _rule("retirement_for_offset_statement", "flag", "Guidelines on carbon offsetting in Japan",
              en="Whether a retirement in this registry may also stand behind a public statement of offsetting.",
              ja="この登録簿での無効化を、カーボン・オフセットの表明にも用いられるか。"),
        *_needs(),
        _rule("corsia_eligible", "flag", "ICAO, CORSIA eligible emissions units",
              en="Whether JCM credits are on the list of units that airlines may use under CORSIA.",
              ja="JCM クレジットが CORSIA 適格排出単位の一覧に掲載されているか。"),
    ),
}
# fmt: on
