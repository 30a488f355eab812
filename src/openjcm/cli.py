"""The command ``openjcm``: one table of its parts, each imported only when it is asked for.

A refused request ends with exit code 2 and says on the error stream what was wrong, how to mend it and by which rule,
in the language of ``--language`` (else ``OPENJCM_LANGUAGE``, else ``LANG``); with ``--json`` as one line of JSON.
"""

from __future__ import annotations

import importlib
import os
import sys
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from openjcm.canonical import canonical_bytes
from openjcm.cli_parts.speaking import Language, language, tell
from openjcm.refusals import Refused

EXIT_REFUSED = 2
AS_JSON: ContextVar[bool] = ContextVar("as_json", default=False)


@dataclass(frozen=True)
class Part:
    """What a word after ``openjcm`` calls: a module of ``cli_parts``, one command of its ``app`` (empty: all), help."""

    module: str
    command: str
    help: str


PARTS: dict[str, Part] = {
    "run": Part(
        "serve",
        "run",
        tell(
            "Start the database, load what is missing, and serve the pages.",
            "データベースを起動し、足りないデータを読み込み、画面を公開します。",
        ),
    ),
    "serve": Part(
        "serve",
        "serve",
        tell(
            "Start the database and serve the pages; load nothing.",
            "データベースを起動し、画面を公開します (読み込みはしません)。",
        ),
    ),
    "db": Part(
        "database",
        "",
        tell("Start, stop, find and migrate the database.", "データベースの起動・停止・アドレス表示・移行。"),
    ),
    "act": Part(
        "act",
        "",
        tell(
            "Do an act: open an account, decide an issuance, transfer, retire …",
            "手続を行います: 口座の開設、発行の決定、振替、無効化など。",
        ),
    ),
    "proposal": Part(
        "proposal",
        "",
        tell(
            "Sign, answer and check proposals offline; record them; execute what is due.",
            "提案への署名・回答・確認 (オフライン)、記録、期日の到来した提案の実行。",
        ),
    ),
    "history": Part(
        "history",
        "history",
        tell("Print what happened to a block since it was issued.", "識別番号の範囲の来歴を表示します。"),
    ),
    "readings": Part(
        "readings",
        "",
        tell(
            "Look at a meter file, propose a mapping, judge its readings.",
            "計量ファイルの確認、読み取り設定の提案、計測値の判定。",
        ),
    ),
    "meter": Part(
        "meter",
        "",
        tell(
            "Show what is known of a meter over time, and what later facts would change.",
            "計量器の情報の推移と、後から分かった情報による影響を示します。",
        ),
    ),
    "gateway": Part(
        "gateway",
        "",
        tell(
            "Beside the meters: read them, sign batches, forward them.",
            "計量器の側で、読み取り・署名・送信を行います。",
        ),
    ),
    "mqtt": Part(
        "mqtt",
        "mqtt",
        tell("Take batches of live meters from an MQTT broker.", "MQTT ブローカーからライブ計測バッチを受信します。"),
    ),
    "live": Part(
        "live",
        "",
        tell(
            "Gateways and their batches: status, quarantine, export, check.",
            "ゲートウェイとバッチの状態、隔離、書き出し、検査。",
        ),
    ),
    "methodology": Part(
        "methodology", "", tell("List, show, test and explain methodologies.", "方法論の一覧・表示・試験・説明。")
    ),
    "bundle": Part(
        "bundle",
        "",
        tell(
            "Export a monitoring report for recalculation, or recompute one offline.",
            "再計算パッケージの出力と、オフラインでの再計算。",
        ),
    ),
    "report": Part(
        "report",
        "",
        tell("Make a report, such as the agreed electronic format (AEF).", "報告書 (AEF など) を作成します。"),
    ),
    "holdings": Part(
        "holdings",
        "holdings",
        tell("What lay in which account as of an instant.", "ある時点の口座別保有量を示します。"),
    ),
    "certificate": Part(
        "certificate",
        "",
        tell(
            "Certificates of issuance, retirement, cancellation; statements of account.",
            "発行・無効化・取消しの証明書と口座記録事項証明書。",
        ),
    ),
    "check": Part("certificate", "check", tell("Check a certificate offline.", "証明書をオフラインで確かめます。")),
    "prove": Part(
        "log",
        "prove",
        tell(
            "Write the proof of one serial from the transparency log.", "透明性ログから、識別番号の証明を書き出します。"
        ),
    ),
    "check-proof": Part("log", "check-proof", tell("Check a proof offline.", "証明をオフラインで確かめます。")),
    "log": Part(
        "log", "", tell("Checkpoints and proofs of the transparency log.", "透明性ログのチェックポイントと証明。")
    ),
    "witness": Part("witness", "", tell("Watch another log and co-sign it.", "他のログを監視し、連署します。")),
    "audit": Part(
        "audit",
        "",
        tell(
            "Rebuild everything from the journal, and name each difference.",
            "記録簿からすべてを作り直し、相違を示します。",
        ),
    ),
    "notices": Part(
        "notices",
        "",
        tell(
            "Notices to and from partner installations: key, status, send, export, import.",
            "相手方システムとの通知: 鍵、状況、送付、ファイルでの受け渡し。",
        ),
    ),
    "reconcile": Part(
        "reconcile",
        "",
        tell(
            "Compare the books with a partner's, and name every difference.",
            "相手方の帳簿と照合し、相違をすべて示します。",
        ),
    ),
    "backup": Part(
        "backup",
        "backup",
        tell(
            "Back up database and files into a folder; rehearse the way back.",
            "データベースとファイルをフォルダーにバックアップし、復元を予行します。",
        ),
    ),
    "restore": Part(
        "backup",
        "restore",
        tell(
            "Make a data folder from a backup: all of it, or as of an entry or an instant.",
            "バックアップからデータフォルダーを復元します (全体、または記録番号・時刻の時点)。",
        ),
    ),
    "standby": Part(
        "standby",
        "",
        tell(
            "A second data folder that has every act before it is acknowledged.",
            "すべての手続を回答前に受け取る、待機系のデータフォルダー。",
        ),
    ),
    "world": Part(
        "world",
        "",
        tell(
            "Load the public record and the demonstration; play the demonstration.",
            "公開記録と実演データの読み込み、実演の再生。",
        ),
    ),
}


class Parts(TyperGroup):
    """A group that imports the module of a command only when the command is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The real command of a word; an unknown word is left to Typer, which suggests a known one."""
        if spoken := ctx.params.get("spoken"):  # help texts are made when a part is imported
            os.environ["OPENJCM_LANGUAGE"] = Language(spoken).value
        if args[0] in PARTS:
            return args[0], load(args[0]), args[1:]
        return super().resolve_command(ctx, args)


def load(word: str) -> Any:
    """The command of a word, from its module."""
    part = PARTS[word]
    module = importlib.import_module(f"openjcm.cli_parts.{part.module}")
    command: Any = typer.main.get_command(module.app)
    return command.commands[part.command] if part.command and hasattr(command, "commands") else command


app = typer.Typer(
    help=tell(
        "OpenJCM: the life of a tonne, from the meter reading to the national account.",
        "OpenJCM: 計量器の読み取りから国の口座まで、1 トンの一生。",
    ),
    cls=Parts,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def options(
    spoken: Annotated[
        Language | None, typer.Option("--language", help=tell("The language of the messages.", "表示の言語。"))
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help=tell("Print a refusal as one line of JSON.", "受付不可を 1 行の JSON で表示します。")
        ),
    ] = False,
) -> None:
    """OpenJCM: the life of a tonne, from the meter reading to the national account."""
    if spoken is not None:
        os.environ["OPENJCM_LANGUAGE"] = spoken.value
    AS_JSON.set(as_json)


def _list_part(word: str, part: Part) -> None:
    """Put a word into the overview; what it does is imported by :class:`Parts`."""
    app.command(word, help=part.help)(lambda: None)


for _word, _part in PARTS.items():
    _list_part(_word, _part)


def refusal_text(refused: Refused, spoken: Language) -> str:
    """A refusal for people: code and message, remedy, rule."""
    remedy, rule = tell("Remedy", "対処", spoken), tell("Rule", "根拠", spoken)
    return (
        f"{refused.code}: {refused.message(spoken)}\n"
        f"  {remedy}: {refused.remedy(spoken)}\n"
        f"  {rule}: {refused.declaration.clause}"
    )


def main() -> None:
    """Run the command line; exit code 2 for a refused request, 130 when interrupted."""
    try:
        app(prog_name="openjcm")
    except Refused as refused:
        if AS_JSON.get():
            print(canonical_bytes(refused.as_data()).decode("utf-8"), file=sys.stderr)
        else:
            print(refusal_text(refused, language()), file=sys.stderr)
        sys.exit(EXIT_REFUSED)
    except KeyboardInterrupt:
        sys.exit(130)
