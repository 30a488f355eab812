"""The fixed texts of certificates, each in Japanese and English."""

from __future__ import annotations

Pair = list[str]

TITLES: dict[str, tuple[Pair, Pair]] = {
    "retirement": (
        ["無効化証明書", "Certificate of retirement"],
        [
            "次のクレジットが無効化されたことを、口座簿の記録により示します。",
            "The account book records that the following credits were retired.",
        ],
    ),
    "cancellation": (
        ["取消証明書", "Certificate of cancellation"],
        [
            "次のクレジットが取り消されたことを、口座簿の記録により示します。",
            "The account book records that the following credits were cancelled.",
        ],
    ),
    "issuance": (
        ["発行証明書", "Certificate of issuance"],
        [
            "次のクレジットが発行されたことを、口座簿の記録により示します。",
            "The account book records that the following credits were issued.",
        ],
    ),
    "holding": (
        ["口座記録事項証明書", "Statement of account"],
        [
            "次の時点で口座に記録されていたクレジットを示します。",
            "The credits that the account book recorded in this account as of the time below.",
        ],
    ),
}
"""By kind: title, and the sentence under it."""

LABELS: dict[str, Pair] = {
    "quantity": ["数量", "Quantity"],
    "as_of": ["時点 (記録上の日付)", "As of (day of entry)"],
    "recorded_by": ["時点 (記録時刻)", "As of (recording)"],
    "until_entry": ["対象とした最後の記録番号", "Read to entry"],
    "account": ["口座名義人", "Account holder"],
    "holder": ["請求者 (口座名義人)", "Account holder"],
    "account_id": ["口座番号", "Account"],
    "account_type": ["口座の種類", "Type of account"],
    "target": ["受入口座", "Received by"],
    "occurred_on": ["日付", "Date"],
    "purpose": ["目的", "Purpose"],
    "used_for_year": ["使用する年 (NDC)", "NDC year"],
    "serves": ["併せて用いる制度", "Serves besides"],
    "served": ["用いる者・対象", "Who or what is served"],
    "reason": ["理由", "Reason"],
    "reversal_id": ["補う漏出", "Makes good for"],
    "decision_id": ["合同委員会の決定", "JC decision"],
    "registry": ["登録簿", "Registry"],
    "serials": ["識別番号", "Serial numbers"],
    "vintage": ["排出削減年", "Vintage"],
    "since": ["受入日", "Received on"],
    "itmo": ["ITMO 承認", "Authorized"],
    "tonnes": ["トン (tCO2e)", "t (tCO2e)"],
    "projects": ["プロジェクト", "Projects"],
    "project": ["番号", "Reference"],
    "project_title": ["名称", "Title"],
    "entry": ["記録番号 (記録時刻)", "Journal entry"],
    "statement_hash": ["証明内容の SHA-256", "Statement"],
    "signature": ["ログの鍵による署名", "Log signature"],
    "checkpoint": ["チェックポイント", "Checkpoint (leaves: root)"],
    "log_key": ["ログの公開鍵", "Public key of the log"],
    "record": ["公開記録の所在", "Public record"],
}

PURPOSES: dict[str, Pair] = {
    "ndc": ["日本の NDC の達成", "towards Japan's NDC"],
    "omge": ["世界全体の排出の緩和 (OMGE)", "overall mitigation in global emissions (OMGE)"],
    "oimp": ["その他の国際的な緩和目的 (OIMP)", "other international mitigation purposes (OIMP)"],
    "corsia": ["国際航空 (CORSIA)", "international aviation (CORSIA)"],
    "reversal": ["漏出した貯留量の補い", "makes good for escaped tonnes"],
    "other": ["その他", "other"],
}
SERVES: dict[str, Pair] = {
    "gx_ets": ["排出量取引制度 (GX-ETS)", "emissions trading (GX-ETS)"],
    "shk": ["算定・報告・公表制度 (SHK)", "mandatory reporting (SHK)"],
    "offset_statement": ["オフセットの表明", "a statement of offsetting"],
}
ACCOUNT_TYPES: dict[str, Pair] = {
    "government_holding": ["政府保有口座", "government holding account"],
    "entity_holding": ["法人等保有口座", "entity holding account"],
    "holder_not_stated": ["名義人の記載なし", "holder not stated"],
    "reserve": ["リザーブ口座", "reserve account"],
    "buffer": ["バッファー口座", "buffer account"],
    "retirement": ["無効化口座", "retirement account"],
    "cancellation": ["取消口座", "cancellation account"],
}
ANSWERS: dict[str, Pair] = {
    "yes": ["あり", "yes"],
    "no": ["なし", "no"],
    "cannot tell": ["判断できない", "cannot tell"],
}

NOTES: dict[str, Pair] = {
    "check": [
        "この PDF には署名付きの証明内容が添付されています。openjcm check により、署名、ログへの記録、表示内容の一致を"
        "オフラインで確認できます。ログの公開鍵は別の経路でも確認してください。",
        "The signed statement is attached to this PDF. openjcm check confirms offline the signature, the entry in the "
        "log, and that what is printed is what is signed. Get the log's public key from a second source too.",
    ],
    "retirement": [
        "無効化されたクレジットは再び振替できません。使用は一度限りです。",
        "Retired credits never move again. They are used once.",
    ],
    "cancellation": ["取り消されたクレジットは再び振替できません。", "Cancelled credits never move again."],
    "issuance": [
        "発行後の振替・無効化・取消しは公開記録で確認できます。",
        "What happened to the credits later stands in the public record.",
    ],
    "holding": [
        "上記の時点の記録を示すもので、その後の変動は含みません。",
        "It shows the record as of the time above, and nothing that came later.",
    ],
    "not_official": [
        "識別番号の様式は OpenJCM の提案であり、公式の様式ではありません。",
        "The form of the serial numbers is a proposal of OpenJCM, not an official one.",
    ],
    "footer": [
        "OpenJCM による記録の表示。政府が発行する証明書ではありません。",
        "Made by OpenJCM from the record. Not a certificate issued by a government.",
    ],
    "demonstration": [
        "実演用の架空のデータです。実在の者・取引とは関係ありません。",
        "Demonstration: fictitious data. No real person or transaction.",
    ],
}
