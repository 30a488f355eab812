"""The names of all rules that differ between partner countries or change over time.

A country file may depart only from a rule that stands here. Each rule has its meaning in English and Japanese, the
type of its value, its unit and the place in the JCM's rules where it belongs. The values stand in ``common.py`` and
in the files of the countries.
"""

from __future__ import annotations

from collections.abc import Iterator

from openjcm.rulebook.model import RuleName

YES_NO = "flag"

VERSIONED_DOCUMENTS = (
    ("rules_of_implementation", "Rules of Implementation", "実施規則"),
    ("project_cycle_procedure", "Project Cycle Procedure", "プロジェクトサイクル手続"),
    ("committee_rules", "Rules of Procedures for the Joint Committee", "合同委員会運営規則"),
    ("methodology_guidelines", "guidelines for developing methodologies", "方法論作成ガイドライン"),
    (
        "pdd_monitoring_guidelines",
        "guidelines for PDD and monitoring report",
        "PDD・モニタリング報告書ガイドライン",
    ),
    (
        "sustainable_development_guidelines",
        "guidelines for the sustainable development documents",
        "持続可能な開発文書ガイドライン",
    ),
    ("tpe_guidelines", "guidelines for designation as a third-party entity", "第三者機関指定ガイドライン"),
    (
        "validation_verification_guidelines",
        "guidelines for validation and verification",
        "妥当性確認・検証ガイドライン",
    ),
    ("registry_specification", "common specifications of the registry", "登録簿共通仕様書"),
    ("glossary", "glossary of terms", "用語集"),
)
"""The documents whose version is a rule (``<identifier>_version``), with their names in English and Japanese."""


def _documents() -> Iterator[RuleName]:
    topic = "Documents and forms"
    yield RuleName(
        "rules_layout",
        topic,
        "choice",
        "Whether the rules are separate documents or one consolidated “Rules and Guidelines”.",
        "規則類が個別文書か、一体化した「Rules and Guidelines」か。",
        "Rules and guidelines of each Joint Committee",
        allowed=("separate_documents", "consolidated_rules_and_guidelines"),
    )
    yield RuleName(
        "rule_tracks",
        topic,
        "list",
        "The parallel tracks of rules; a project follows one of them.",
        "並行して存在する手続の区分。案件はそのいずれかに従う。",
        "Rules of Implementation",
    )
    yield RuleName(
        "special_rule_sets",
        topic,
        "list",
        "Additional sets of rules for one kind of activity (REDD-plus, CCS/CCUS …).",
        "特定分野 (REDD+、CCS/CCUS など) のための追加の規則類。",
        "Rules and guidelines of each Joint Committee",
    )
    yield RuleName(
        "form_set",
        topic,
        "list",
        "The codes of the forms in use. Key on the code: annex numbers shift between countries.",
        "使用される様式の記号。附属書番号は国により異なるため、記号で識別する。",
        "Rules package, annexes 3.1 to 3.15",
    )
    yield RuleName(
        "form_versions",
        topic,
        "list",
        "The versions of the forms in force.",
        "有効な様式の版。",
        "Rules package, annexes",
    )
    for document, en, ja in VERSIONED_DOCUMENTS:
        yield RuleName(
            f"{document}_version",
            topic,
            "text",
            f"The version in force of the {en}.",
            f"{ja}の有効な版。",
            "Rules and guidelines page of each Joint Committee",
        )
    for rule, en, ja in (
        ("implementation_rules_name", "The name of the Rules of Implementation.", "実施規則の名称。"),
        ("committee_rules_name", "The name of the Joint Committee's rules of procedure.", "合同委員会運営規則の名称。"),
        ("idea_note_name", "The name of the Project Idea Note.", "事業構想書 (PIN) の名称。"),
        ("allocation_form_name", "The name of the form for the allocation of credits.", "クレジット配分様式の名称。"),
        (
            "sustainable_development_document_name",
            "The name of the plan and report on sustainable development.",
            "持続可能な開発に関する計画書・報告書の名称。",
        ),
    ):
        yield RuleName(rule, topic, "text", en, ja, "Rules package")
    yield RuleName(
        "confidential_documents_need_public_copy",
        topic,
        YES_NO,
        "A submission with confidential parts comes twice: public, with those parts made illegible, and complete.",
        "秘密情報を含む提出書類は、該当部分を判読不能にした公開版と完全版の二つを提出する。",
        "Rules and guidelines pages, confidentiality note",
    )
    yield RuleName(
        "filing_recipients",
        topic,
        "list",
        "To whom applications are sent.",
        "申請書類の提出先。",
        "Contact page of each Joint Committee",
    )


def _idea_note() -> Iterator[RuleName]:
    topic = "Project idea note"
    yield RuleName(
        "idea_note_required",
        topic,
        YES_NO,
        "Whether a project idea note goes to the Joint Committee before the methodology and the PDD.",
        "方法論・PDD に先立ち、PIN を合同委員会に提出する必要があるか。",
        "Project Cycle Procedure, steps 1 and 2",
    )
    yield RuleName(
        "idea_note_may_be_waived",
        topic,
        YES_NO,
        "Whether the Joint Committee may exempt an existing project from the idea note.",
        "合同委員会が既存案件の PIN 提出を免除できるか。",
        "Joint Committee decisions",
    )
    yield RuleName(
        "idea_note_one_side_may_object",
        topic,
        YES_NO,
        "Whether the objection of one side is enough to refuse an idea note, with its reason published.",
        "一方の側の異議だけで PIN が認められず、理由が公表されるか。",
        "Joint Committee decisions",
    )
    yield RuleName(
        "no_objection_before_grant",
        topic,
        YES_NO,
        "Whether “no objection” to the idea note must stand before a subsidised project is selected.",
        "補助事業の採択前に PIN への「異議なし」が必要か。",
        "GEC notice, call for FY2023",
    )


def _deadlines() -> Iterator[RuleName]:
    topic = "Deadlines"
    for rule, en, ja, clause in (
        (
            "idea_note_completeness_check_days",
            "Days for the secretariat to check that an idea note is complete.",
            "事務局による PIN の完全性確認の日数。",
            "Project Cycle Procedure (D1)",
        ),
        (
            "idea_note_objection_days",
            "Days for the Joint Committee to decide on objection to an idea note.",
            "PIN に対する合同委員会の異議の有無の決定までの日数。",
            "Project Cycle Procedure (D2)",
        ),
        (
            "methodology_completeness_check_days",
            "Days for the secretariat to check that a proposed methodology is complete.",
            "事務局による提案方法論の完全性確認の日数。",
            "Project Cycle Procedure (D3)",
        ),
        (
            "public_input_days_methodology",
            "Days of public input on a proposed methodology, first and last day included.",
            "提案方法論のパブリックインプットの日数 (初日・最終日を含む)。",
            "Project Cycle Procedure (D4)",
        ),
        (
            "methodology_consideration_days",
            "Days in which the Joint Committee normally considers a methodology.",
            "合同委員会が方法論を検討する通常の日数。",
            "Project Cycle Procedure (D5)",
        ),
        (
            "methodology_consideration_days_at_most",
            "Days to which that consideration may be extended.",
            "方法論の検討を延長できる上限の日数。",
            "Project Cycle Procedure (D5)",
        ),
        (
            "public_input_days_pdd",
            "Days of public input on a project design document.",
            "PDD のパブリックインプットの日数。",
            "Project Cycle Procedure 1.6.1.2 (D6)",
        ),
        (
            "registration_completeness_check_days",
            "Days for the secretariat to check that a registration request is complete.",
            "事務局による登録申請の完全性確認の日数。",
            "Project Cycle Procedure (D7)",
        ),
        (
            "registration_decision_days",
            "Days for the Joint Committee to decide on registration.",
            "合同委員会の登録決定までの日数。",
            "Project Cycle Procedure (D8)",
        ),
        (
            "issuance_completeness_check_days",
            "Days for the secretariat to check that an issuance request is complete.",
            "事務局による発行申請の完全性確認の日数。",
            "Project Cycle Procedure (D9)",
        ),
        (
            "issuance_decision_days",
            "Days for the Joint Committee to decide on issuance.",
            "合同委員会の発行量決定までの日数。",
            "Project Cycle Procedure (D10)",
        ),
        (
            "change_request_completeness_check_days",
            "Days for the secretariat to check a request for change, renewal or revision.",
            "事務局による変更・更新・改訂申請の完全性確認の日数。",
            "Project Cycle Procedure (D11)",
        ),
        (
            "publication_days",
            "Days in which the secretariat publishes a decision.",
            "事務局が決定を公表するまでの日数。",
            "Project Cycle Procedure (D12)",
        ),
        (
            "electronic_decision_silence_days",
            "Days of silence after which an electronic decision stands.",
            "電磁的決定における異議申立期間の日数。",
            "Rules of Procedures (D13)",
        ),
        (
            "renewal_reminder_days",
            "Days before the end of the crediting period on which we remind of renewal.",
            "クレジット期間終了前に更新を促す日数。",
            "OpenJCM",
        ),
    ):
        yield RuleName(rule, topic, "count", en, ja, clause, unit="day")
    yield RuleName(
        "overdue_blocks",
        topic,
        YES_NO,
        "Whether a step that is overdue blocks the next one. If not, the overrun is computed and flagged.",
        "期限超過が次の手続を妨げるか。妨げない場合、超過日数を計算して表示する。",
        "Project Cycle Procedure",
    )
    yield RuleName(
        "extension_needs_reason",
        topic,
        YES_NO,
        "Whether extending the consideration of a methodology needs a recorded reason.",
        "方法論の検討期間の延長に理由の記録が必要か。",
        "Project Cycle Procedure (D5)",
    )


def _committee() -> Iterator[RuleName]:
    topic = "Joint Committee"
    yield RuleName(
        "electronic_decisions",
        topic,
        YES_NO,
        "Whether the Joint Committee decides electronically between meetings.",
        "会合を開かずに電磁的決定を行うか。",
        "Rules of Procedures",
    )
    yield RuleName(
        "committee_meetings_per_year_at_least",
        topic,
        "count",
        "How often the Joint Committee meets in a year, at least.",
        "合同委員会の年間最低開催回数。",
        "Rules of Procedures",
        unit="meeting",
    )
    yield RuleName(
        "committee_members_per_side_at_most",
        topic,
        "count",
        "How many members a side may name.",
        "一方の側の委員数の上限。",
        "Rules of Procedures",
        unit="member",
    )
    yield RuleName(
        "committee_decides_by",
        topic,
        "choice",
        "How the Joint Committee decides.",
        "合同委員会の決定方法。",
        "Rules of Procedures",
        allowed=("consensus", "vote"),
    )
    yield RuleName(
        "conflict_of_interest_declaration",
        topic,
        YES_NO,
        "Whether members file a declaration on conflicts of interest.",
        "委員が利益相反の申告書を提出するか。",
        "Rules of Procedures, annex 1.1",
    )


def _third_party() -> Iterator[RuleName]:
    topic = "Third-party entities"
    yield RuleName(
        "tpe_designated_by",
        topic,
        "choice",
        "Who designates a third-party entity.",
        "第三者機関を指定する主体。",
        "Guidelines for designation as a third-party entity",
        allowed=("each_joint_committee", "one_for_all"),
    )
    yield RuleName(
        "tpe_designation_mode",
        topic,
        "list",
        "How designations are decided.",
        "第三者機関の指定の決定方法。",
        "Joint Committee decisions",
    )
    yield RuleName(
        "tpe_scopes_apart_for_validation_and_verification",
        topic,
        YES_NO,
        "Whether sectoral scopes are designated apart for validation and for verification.",
        "セクトラルスコープの指定が妥当性確認と検証で別か。",
        "List of third-party entities",
    )
    yield RuleName(
        "tpe_accreditation",
        topic,
        "text",
        "The accreditation that a third-party entity needs.",
        "第三者機関に求められる認定。",
        "Guidelines for designation as a third-party entity",
    )
    yield RuleName(
        "same_tpe_may_validate_and_verify",
        topic,
        YES_NO,
        "Whether one third-party entity may both validate and verify a project.",
        "同一の第三者機関が妥当性確認と検証の両方を行えるか。",
        "Guidelines for validation and verification",
    )
    yield RuleName(
        "validation_and_verification_may_coincide",
        topic,
        YES_NO,
        "Whether validation and verification may be done at the same time.",
        "妥当性確認と検証を同時に行えるか。",
        "Guidelines for validation and verification",
    )
    yield RuleName(
        "on_site_assessment",
        topic,
        "choice",
        "Whether the third-party entity visits the site.",
        "第三者機関による現地審査の要否。",
        "Guidelines for validation and verification",
        allowed=("required", "relaxed_by_interim_measure"),
    )
    yield RuleName(
        "validation_names_contracting_participant",
        topic,
        YES_NO,
        "Whether the validation report names the participant who contracts the third-party entity.",
        "妥当性確認報告書に第三者機関と契約する参加者を記載するか。",
        "Validation Report form, A.1",
    )
    yield RuleName(
        "positive_opinion_needs_all_items_closed",
        topic,
        YES_NO,
        "Whether the opinion is positive only if no request for correction or clarification remains on any item.",
        "全項目で是正・明確化要求が解消された場合に限り肯定意見となるか。",
        "Validation Report form, A.2 and A.3",
    )
    yield RuleName(
        "materiality_threshold",
        topic,
        "share",
        "The error, as a share of the reductions, from which a misstatement is material.",
        "重要な虚偽表示とみなす誤差の排出削減量に対する割合。",
        "Guidelines for validation and verification",
    )


def _methodology() -> Iterator[RuleName]:
    topic = "Methodology and calculation"
    yield RuleName(
        "methodology_validity_date",
        topic,
        "choice",
        "The day on which the applied version of the methodology must be valid.",
        "適用する方法論の版が有効でなければならない日。",
        "Validation Report form, A.3, application of methodology",
        allowed=("submission_for_validation", "registration_request"),
    )
    yield RuleName(
        "reference_emissions_follow_latest_ndc",
        topic,
        YES_NO,
        "Whether reference emissions are set with the host's latest NDC in view.",
        "リファレンス排出量をホスト国の最新の NDC を踏まえて設定するか。",
        "Guidelines for developing methodologies",
    )
    yield RuleName(
        "reference_emissions_assessment_trigger",
        topic,
        "text",
        "When reference emissions are assessed again (form F_Asst_Req), and for how long that holds.",
        "リファレンス排出量の再評価 (F_Asst_Req) の契機と有効期間。",
        "Project Cycle Procedure, annex 3.3",
    )
    yield RuleName(
        "sectoral_scopes",
        topic,
        "list",
        "The sectoral scopes and their names.",
        "セクトラルスコープとその名称。",
        "Guidelines for designation as a third-party entity",
    )
    yield RuleName(
        "greenhouse_gases",
        topic,
        "list",
        "The gases that count.",
        "対象とする温室効果ガス。",
        "Rules of Implementation",
    )
    yield RuleName(
        "gwp_report",
        topic,
        "text",
        "The IPCC assessment report whose global warming potentials are used where the methodology names none.",
        "方法論に定めがない場合に用いる地球温暖化係数の IPCC 評価報告書。",
        "Decision 18/CMA.1, annex",
    )
    yield RuleName(
        "monitoring_options",
        topic,
        "list",
        "The ways to monitor a parameter.",
        "パラメータのモニタリング方法の区分。",
        "Methodology spreadsheet, Monitoring Plan Sheet",
    )
    yield RuleName(
        "accuracy_level_required",
        topic,
        YES_NO,
        "Whether own measurement needs a stated accuracy level besides calibration.",
        "自ら計測する場合に、校正に加えて精度水準の明示が必要か。",
        "Guidelines for PDD and monitoring report, appendix",
    )
    yield RuleName(
        "correction_of_measured_values",
        topic,
        YES_NO,
        "Whether measured values may be corrected; raw value, corrected value and reason are then kept.",
        "計測値の補正が認められるか (生値・補正値・理由を保存する)。",
        "Guidelines for PDD and monitoring report, 5.2",
    )
    yield RuleName(
        "gap_rules",
        topic,
        "list",
        "The rules by which missing readings may be bridged.",
        "欠測値の補完に用いてよい規則。",
        "OpenJCM, ladder of gap rules",
    )
    yield RuleName(
        "emission_reduction_rounding",
        topic,
        "text",
        "The rounding rule that makes emission reductions whole tonnes.",
        "排出削減量を整数トンにする端数処理規則。",
        "Methodology, calculation of emission reductions",
    )
    yield RuleName(
        "negative_year_treatment",
        topic,
        "choice",
        "What happens to a calendar year in which project emissions exceed reference emissions.",
        "プロジェクト排出量がリファレンス排出量を上回る暦年の扱い。",
        "Rules of Implementation",
        allowed=("kept_and_not_credited", "set_off_against_other_years"),
    )
    yield RuleName(
        "reductions_stated_per",
        topic,
        "choice",
        "The time step in which verified reductions are stated.",
        "検証済み排出削減量を示す期間の単位。",
        "Guidelines for validation and verification",
        allowed=("calendar_year", "monitoring_period"),
    )
    yield RuleName(
        "monitoring_period_may_cross_2020_end",
        topic,
        YES_NO,
        "Whether one monitoring period may hold days of 2020 and of 2021.",
        "一つのモニタリング期間が 2020 年末をまたぐことができるか。",
        "Joint Committee decisions on issuance",
    )
    yield RuleName(
        "monitoring_periods_may_overlap",
        topic,
        YES_NO,
        "Whether two monitoring periods of a project may share a day.",
        "同一案件のモニタリング期間の重複が認められるか。",
        "Project Cycle Procedure",
    )


def _crediting_period() -> Iterator[RuleName]:
    topic = "Crediting period"
    yield RuleName(
        "earliest_operation_start",
        topic,
        "day",
        "The first day on which an eligible project may have started operation.",
        "対象案件の稼働開始日の下限。",
        "Rules of Implementation",
    )
    yield RuleName(
        "crediting_period_years",
        topic,
        "count",
        "The length of a crediting period.",
        "クレジット期間の長さ。",
        "Project Cycle Procedure",
        unit="year",
    )
    yield RuleName(
        "crediting_period_renewals_at_most",
        topic,
        "count",
        "How often a crediting period may be renewed.",
        "クレジット期間の更新回数の上限。",
        "Project Cycle Procedure, annex 3.10",
        unit="renewal",
    )


def _allocation() -> Iterator[RuleName]:
    topic = "Allocation"
    yield RuleName(
        "allocation_rounding",
        topic,
        "choice",
        "How the parts of an issuance become whole: taken as decided, with only the sum checked.",
        "発行量の配分の端数処理。決定値をそのまま用い、合計のみ確認する。",
        "Joint Committee decisions on issuance",
        allowed=("decided_only_sum_checked",),
    )
    yield RuleName(
        "allocation_fixed_at",
        topic,
        "choice",
        "The step at which the percentages are fixed.",
        "配分割合が確定する段階。",
        "Project Cycle Procedure, annex 3.5",
        allowed=("registration", "issuance"),
    )
    yield RuleName(
        "government_share_at_least",
        topic,
        "share",
        "The least share of the credits of a subsidised project that goes to the Government of Japan.",
        "補助事業のクレジットのうち日本政府に納入される最低割合。",
        "MOFA, first issuance of JCM credits",
    )
    yield RuleName(
        "government_share_base",
        topic,
        "choice",
        "Of what that share is taken.",
        "その割合の分母。",
        "Subsidy rules",
        allowed=("all_issued", "japan_side"),
    )
    yield RuleName(
        "private_jcm_credits_go_to",
        topic,
        "choice",
        "Who receives the Japanese side's credits of a privately financed project.",
        "民間資金を中心とする案件の日本側クレジットの取得者。",
        "Private JCM guidance",
        allowed=("companies", "government"),
    )
    yield RuleName(
        "host_recipient_policy",
        topic,
        "choice",
        "Who may receive the host side's credits.",
        "ホスト国側クレジットの受領者。",
        "Law of the host country",
        allowed=("state_only", "as_decided"),
    )


def _registry() -> Iterator[RuleName]:
    topic = "Registry"
    yield RuleName(
        "registry_account_types",
        topic,
        "list",
        "The types of account in the registry.",
        "登録簿の口座の種類。",
        "Common specifications of the registry",
    )
    yield RuleName(
        "registry_system",
        topic,
        "text",
        "The system on which the side's registry runs.",
        "登録簿を運用するシステム。",
        "jcmregistry.go.jp",
    )
    yield RuleName(
        "registries_may_share_a_system",
        topic,
        YES_NO,
        "Whether both sides may use one system, as long as each registry stays distinct.",
        "各登録簿の独立性を保つ限り、両国が一つのシステムを共用できるか。",
        "Common specifications of the registry",
    )
    yield RuleName(
        "cross_registry_transfer_allowed",
        topic,
        YES_NO,
        "Whether credits may move from an account of one registry to an account of another.",
        "異なる登録簿の口座間でクレジットを移転できるか。",
        "Common specifications of the registry",
    )
    yield RuleName(
        "registry_public_information",
        topic,
        "list",
        "What the registry publishes.",
        "登録簿が公表する情報。",
        "jcmregistry.go.jp",
    )
    yield RuleName(
        "registry_time_zone",
        topic,
        "text",
        "The time zone of the registry's day.",
        "登録簿の日付の基準となる時間帯。",
        "OpenJCM",
    )
    yield RuleName(
        "serial_format",
        topic,
        "text",
        "The official form of a credit's identification number.",
        "クレジットの識別番号の公式な書式。",
        "Common specifications of the registry",
    )
    yield RuleName(
        "entity_accounts_open_to",
        topic,
        "list",
        "Who may open an entity account.",
        "法人等保有口座を開設できる者。",
        "Act, account book of international credits",
    )
    yield RuleName(
        "transfer_started_by",
        topic,
        "choice",
        "Whose request starts a transfer.",
        "振替を申請する者。",
        "Act, Art. 57-11 (2025 numbering); common specifications",
        allowed=("account_that_decreases", "either_account"),
    )
    yield RuleName(
        "retired_and_cancelled_stay",
        topic,
        YES_NO,
        "Whether retirement and cancellation are final.",
        "無効化・取消しが最終的で、以後の移転ができないか。",
        "Common specifications; Act, Art. 57-11 (2025 numbering)",
    )
    yield RuleName(
        "retirement_needs_both_authorizations",
        topic,
        YES_NO,
        "Whether a credit may be retired only if Japan and the partner have authorized it under Article 6.",
        "日本と相手国双方のパリ協定第 6 条に基づく承認がなければ無効化できないか。",
        "Act, Art. 57-18 area (2025 numbering)",
    )
    yield RuleName(
        "pledge_allowed",
        topic,
        YES_NO,
        "Whether credits may be pledged.",
        "クレジットへの質権設定が認められるか。",
        "Implementation Guidelines of 2015; Act",
    )
    yield RuleName(
        "trust_recorded",
        topic,
        YES_NO,
        "Whether the registry records that credits are trust property.",
        "信託財産である旨を登録簿に記録するか。",
        "Ordinance on the account book",
    )
    yield RuleName(
        "disposal_restriction_stops_transfers",
        topic,
        YES_NO,
        "Whether a recorded restriction on disposal (seizure) stops transfers from the account.",
        "処分の制限 (差押え等) の記録により口座からの振替を停止できるか。",
        "Cabinet Order No. 8 of 2025",
    )
    yield RuleName(
        "account_opening_fee_exists",
        topic,
        YES_NO,
        "Whether opening an entity account costs a fee.",
        "法人等保有口座の開設に手数料がかかるか。",
        "Cabinet Order No. 8 of 2025",
    )
    yield RuleName(
        "account_opening_fee",
        topic,
        "count",
        "The fee for opening an entity account.",
        "法人等保有口座の開設手数料。",
        "Cabinet Order No. 8 of 2025",
        unit="yen",
    )
    yield RuleName(
        "issuance_not_before_decision",
        topic,
        YES_NO,
        "Whether a side issues only on or after the Joint Committee's decision, and no more than notified.",
        "各側の発行が合同委員会の決定以後、かつ通知量以下に限られるか。",
        "Joint Committee decisions on issuance",
    )
    yield RuleName(
        "sides_issue_independently",
        topic,
        YES_NO,
        "Whether each side issues on its own day; a side may be pending or zero.",
        "各側が独立した日に発行するか (一方が未発行・ゼロの場合を含む)。",
        "Joint Committee decisions on issuance",
    )


def _article6() -> Iterator[RuleName]:
    topic = "Article 6"
    yield RuleName(
        "first_transfer_trigger",
        topic,
        "choice",
        "The event that is the first international transfer of a credit authorized for use towards an NDC.",
        "NDC 利用のために承認されたクレジットの最初の国際移転とみなす事象。",
        "Decision 2/CMA.3, annex, para 2(a)",
        allowed=("japan_side_issuance", "international_transfer", "retirement"),
    )
    yield RuleName(
        "first_transfer_for_other_purposes",
        topic,
        "choice",
        "The event that is the first transfer for other international mitigation purposes.",
        "NDC 以外の国際的な緩和目的の場合の最初の移転とみなす事象。",
        "Decision 2/CMA.3, annex, para 2(b)",
        allowed=("as_the_authorization_states",),
    )
    yield RuleName(
        "first_transfer_if_authorized_for_both",
        topic,
        "choice",
        "Which event counts when a credit is authorized for an NDC and for other purposes.",
        "NDC と他の目的の双方で承認された場合の最初の移転。",
        "Decision 4/CMA.6",
        allowed=("the_earlier_event",),
    )
    yield RuleName(
        "earliest_article6_vintage",
        topic,
        "count",
        "The first year whose reductions can be internationally transferred mitigation outcomes.",
        "国際的に移転される緩和成果となり得る排出削減の最初の年。",
        "Decision 2/CMA.3, annex, para 1",
        unit="calendar year",
    )
    yield RuleName(
        "transfer_flag_needs_host_authorization",
        topic,
        YES_NO,
        "Whether Japan's credits count as internationally transferred only with the host's authorization on file.",
        "ホスト国の国際移転の承認がある場合に限り日本側クレジットを ITMO とするか。",
        "Joint Committee practice, TH014",
    )
    yield RuleName(
        "authorization_written_into_rules",
        topic,
        YES_NO,
        "Whether authorization under Article 6 is written into the Rules of Implementation.",
        "パリ協定第 6 条に基づく承認が実施規則に明記されているか。",
        "Rules of Implementation",
    )
    yield RuleName(
        "acquisition_adjusts",
        topic,
        YES_NO,
        "Whether acquiring credits lowers a Party's emissions balance. Only use does.",
        "取得だけで排出バランスが減るか (減るのは利用時のみ)。",
        "Decision 2/CMA.3, annex, para 8",
    )
    yield RuleName(
        "use_within_same_ndc_period",
        topic,
        YES_NO,
        "Whether credits are used in the NDC period in which the reductions occurred.",
        "排出削減が生じた NDC 期間内に利用しなければならないか。",
        "Secretariat check STC03",
    )
    yield RuleName(
        "corresponding_adjustment_method",
        topic,
        "choice",
        "The method by which the Party adjusts.",
        "相当調整の方法。",
        "Decision 2/CMA.3, annex, para 7",
        allowed=("averaging", "trajectory", "multi_year"),
    )
    yield RuleName(
        "ndc_period_first_year",
        topic,
        "count",
        "The first year of the Party's NDC period.",
        "締約国の NDC 期間の最初の年。",
        "AEF, table 1",
        unit="calendar year",
    )
    yield RuleName(
        "ndc_period_last_year",
        topic,
        "count",
        "The last year of the Party's NDC period.",
        "締約国の NDC 期間の最後の年。",
        "AEF, table 1",
        unit="calendar year",
    )
    yield RuleName(
        "authorization_change_after_first_transfer",
        topic,
        "choice",
        "What a changed or revoked authorization does to credits already first transferred.",
        "承認の変更・撤回が、既に最初の移転を経たクレジットに及ぼす効果。",
        "Decision 4/CMA.6",
        allowed=("no_effect_unless_its_terms_say_so", "effect"),
    )
    yield RuleName(
        "initial_report_before_authorization",
        topic,
        YES_NO,
        "Whether the initial report is due no later than the authorization.",
        "初期報告の提出期限が承認時までか。",
        "Decision 2/CMA.3, annex, para 18",
    )
    yield RuleName(
        "aef_deadline",
        topic,
        "text",
        "Month and day by which the annual information on the year before is due.",
        "前年の年次情報 (AEF) の提出期限の月日。",
        "Decision 2/CMA.3, annex, para 20",
    )
    yield RuleName(
        "aef_cut_off",
        topic,
        "text",
        "The offset from UTC of the instant that ends the reported year.",
        "報告年の終わりとみなす時刻の協定世界時からの時差。",
        "AEF, table 4",
    )
    yield RuleName(
        "party_registry_id",
        topic,
        "text",
        "The Party's ITMO registry identifier in the AEF (three letters and two digits).",
        "AEF における締約国の ITMO 登録簿の識別子。",
        "AEF, tables 3 and 4",
    )
    yield RuleName(
        "cooperative_approach_id",
        topic,
        "text",
        "The identifier of the cooperative approach, given by the UNFCCC platform.",
        "協力的アプローチの識別子 (UNFCCC のプラットフォームが付与)。",
        "AEF, tables 2 to 5",
    )
    yield RuleName(
        "levies_are_voluntary",
        topic,
        YES_NO,
        "Whether cancellation for overall mitigation (2 %) and share of proceeds (5 %) are voluntary.",
        "世界全体の排出の総体的な緩和 (2%) と収益の一部 (5%) が任意か。",
        "Decision 2/CMA.3, annex, paras 37 and 39",
    )


def _host() -> Iterator[RuleName]:
    topic = "Host country's own law"
    yield RuleName(
        "host_law",
        topic,
        "text",
        "The host's own law on international transfers or on the JCM.",
        "国際移転または JCM に関するホスト国の国内法。",
        "Law of the host country",
    )
    yield RuleName(
        "host_competent_authority",
        topic,
        "text",
        "The host's competent authority.",
        "ホスト国の所管当局。",
        "Law of the host country",
    )
    yield RuleName(
        "japan_national_authority",
        topic,
        "text",
        "Japan's national authority as the memorandum of cooperation names it.",
        "協力覚書が定める日本側の国家当局。",
        "Memorandum of cooperation",
    )
    yield RuleName(
        "host_positive_list",
        topic,
        "list",
        "The project types whose credits the host lets go abroad.",
        "ホスト国が国際移転を認める事業種別。",
        "Law of the host country",
    )
    yield RuleName(
        "mutual_recognition",
        topic,
        "text",
        "The host's own scheme that is mutually recognised with the JCM.",
        "JCM と相互承認されたホスト国の制度。",
        "Mutual recognition arrangement",
    )


def _permanence() -> Iterator[RuleName]:
    topic = "Storage and forests"
    yield RuleName(
        "ccs_crediting_period",
        topic,
        "choice",
        "The crediting period of a CCS or CCUS project.",
        "CCS/CCUS 案件のクレジット期間。",
        "CCS/CCUS rules, item 1",
        allowed=("start_to_end_of_injection",),
    )
    yield RuleName(
        "ccs_net_reduction_options",
        topic,
        "list",
        "The ways to reach net reductions; one is chosen.",
        "純削減を実現する方法。いずれか一つを選ぶ。",
        "CCS/CCUS rules, item 5",
    )
    yield RuleName(
        "ccs_monitoring_until",
        topic,
        "choice",
        "Until when the JCM requires monitoring of a storage site.",
        "JCM として貯留地のモニタリングを求める終期。",
        "CCS/CCUS rules, item 6",
        allowed=("closure_preparation_period", "post_closure_period"),
    )
    yield RuleName(
        "ccs_reserve_share",
        topic,
        "share",
        "The share of credits that goes to the reserve account of the participants.",
        "参加者のリザーブ口座に留保するクレジットの割合。",
        "CCS/CCUS rules, item 9",
    )
    yield RuleName(
        "ccs_reserve_base",
        topic,
        "text",
        "Of what the reserve share is taken.",
        "リザーブ割合の分母。",
        "CCS/CCUS rules, item 9",
    )
    yield RuleName(
        "ccs_reserve_rounding",
        topic,
        "choice",
        "How the reserve becomes whole tonnes.",
        "リザーブの端数処理。",
        "CCS/CCUS rules, item 9",
        allowed=("up", "down", "nearest"),
    )
    yield RuleName(
        "ccs_reserve_release",
        topic,
        "text",
        "When and to whom the reserve is released.",
        "リザーブの解除の時期と帰属。",
        "CCS/CCUS rules, item 9",
    )
    yield RuleName(
        "redd_plus_buffer_share",
        topic,
        "share",
        "The share of REDD-plus credits kept against reversals. There is no default.",
        "REDD+ クレジットのうち反転に備えて留保する割合。既定値は置かない。",
        "REDD-plus guidelines",
    )
    yield RuleName(
        "redd_plus_discount_share",
        topic,
        "share",
        "The discount on REDD-plus reductions for displacement. There is no default.",
        "REDD+ の移転 (リーケージ) に対する割引率。既定値は置かない。",
        "REDD-plus guidelines",
    )
    yield RuleName(
        "afforestation_non_permanence",
        topic,
        "text",
        "How non-permanence of afforestation and reforestation is met.",
        "植林案件の非永続性への対応方法。",
        "Afforestation and reforestation guidelines",
    )


def _use() -> Iterator[RuleName]:
    topic = "Use of credits"
    yield RuleName(
        "gx_ets_credit_cap",
        topic,
        "share",
        "The share of actual emissions that retired credits may cover in the GX-ETS.",
        "GX-ETS において無効化クレジットを充当できる実排出量に対する割合の上限。",
        "GX-ETS, use of credits",
    )


_GROUPS = (
    _documents, _idea_note, _deadlines, _committee, _third_party, _methodology, _crediting_period, _allocation,
    _registry, _article6, _host, _permanence, _use,
)  # fmt: skip

RULES: dict[str, RuleName] = {}
"""Every rule that may differ, by its name, in the order of the project cycle."""

for _group in _GROUPS:
    for _rule in _group():
        if _rule.name in RULES:
            raise ValueError(f"the rule {_rule.name!r} is named twice")
        RULES[_rule.name] = _rule
