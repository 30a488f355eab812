"""The verifier's opinion: a product that names the report it is about, the rerun, and who stands for it.

Software checks; the third-party entity verifies. A positive opinion needs a byte-equal rerun.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from openjcm.canonical import canonical_bytes
from openjcm.dated import Answer
from openjcm.refusals import refusal
from openjcm.verification.rerun import Rerun, read_report

SCHEMA = {"name": "openjcm/verification-opinion", "version": 1}
OPINIONS = ("positive", "negative")

RERUN_NOT_EQUAL = refusal(
    "rerun_not_byte_equal",
    en="A positive opinion needs a byte-equal rerun of report {report}. Byte-equal: {answer} ({place}).",
    ja="肯定意見には、報告書 {report} の再計算がバイト単位で一致する必要があります。一致: {answer} ({place})。",
    remedy_en="Clear up the difference: submit the report anew, or supply the files and the methodology text it names.",
    remedy_ja="相違を解消してください。報告書を再提出するか、ファイルと方法論の本文を用意してください。",
    clause="OpenJCM: the verifier's own rerun must be byte-equal",
)
OPINION_INCOMPLETE = refusal(
    "opinion_incomplete",
    en="The opinion lacks {field}.",
    ja="意見書に {field} がありません。",
    remedy_en="Name the verifier, say “positive” or “negative”, and state in words what was concluded.",
    remedy_ja="検証機関名、positive または negative、結論の文章を記入してください。",
    clause="JCM: a verification report concludes with an opinion",
)


def make_opinion(
    report: bytes, rerun: Rerun, *, verifier: str, opinion: str, statement: str, concluded_on: date
) -> bytes:
    """The canonical bytes of the opinion on a report.

    Raises:
        Refused: ``opinion_incomplete``; ``rerun_not_byte_equal`` for a positive opinion without an equal rerun;
            ``report_not_understood``.
    """
    for field, text in (("verifier", verifier), ("statement", statement)):
        if not text.strip():
            raise OPINION_INCOMPLETE(field=field)
    if opinion not in OPINIONS:
        raise OPINION_INCOMPLETE(field="opinion")
    data = read_report(report)
    place = rerun.difference.place if rerun.difference else "–"
    if opinion == "positive" and rerun.answer is not Answer.YES:
        raise RERUN_NOT_EQUAL(report=rerun.report_sha256, answer=rerun.answer, place=place)
    return canonical_bytes(_opinion(data, rerun, verifier, opinion, statement, concluded_on))


def _opinion(
    data: dict[str, Any], rerun: Rerun, verifier: str, opinion: str, statement: str, concluded_on: date
) -> dict[str, Any]:
    return {
        "schema": dict(SCHEMA),
        "report_sha256": rerun.report_sha256,
        "project": data["project"],
        "monitoring_period": data["monitoring_period"],
        "verifier": verifier,
        "opinion": opinion,
        "statement": statement,
        "concluded_on": concluded_on,
        "verified": [{"year": year["year"], "credited_tonnes": year["credited_tonnes"]} for year in data["years"]]
        if opinion == "positive"
        else [],
        "emission_reductions": data["emission_reductions"] if opinion == "positive" else 0,
        "grade": data["grade"],
        "provisional": data["provisional"],
        "rerun": rerun.as_data(),
    }
