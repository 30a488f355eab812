"""``openjcm witness``: watch the partner's log, co-sign it, and shout where it tells two stories."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from openjcm.cli_parts.speaking import language, tell
from openjcm.commands import Office, ready_office
from openjcm.commands.witnessing import Partner, Seen, partners, witness_once
from openjcm.log.checkpoint import read_verifier_key
from openjcm.log.witness import View
from openjcm.refusals import Refused
from openjcm.views.witnesses import witnesses

app = typer.Typer(
    help=tell("Watch another log and co-sign it.", "他のログを監視し、連署します。"),
    no_args_is_help=True,
    add_completion=False,
)

From = Annotated[
    str | None,
    typer.Option(
        "--from",
        help=tell(
            "Folder of the published log, or its address ending in /log; else all partners on record.",
            "公開ログのフォルダー、または /log で終わるアドレス。省略時は登録済みの相手方すべて。",
        ),
    ),
]
Key = Annotated[str | None, typer.Option("--log", help=tell("Verifier key of that log.", "そのログの検証鍵。"))]

VIEWS = {
    View.NEW: ("seen, consistent, co-signed", "確認・整合・連署済み"),
    View.SAME: ("nothing new", "変化なし"),
    View.OLDER: ("older than what was seen, consistent", "以前の確認より古いが整合"),
    View.SPLIT: ("TOLD TWO STORIES; the evidence is recorded", "二重提示あり。証拠を記録"),
}


@app.command("once")
def once(where: From = None, key: Key = None) -> None:
    """Look once: 0 all is well, 1 a log told two stories or did not show that it only grew, 2 it cannot be read."""
    office = ready_office()
    try:
        raise typer.Exit(look(office, where, key))
    finally:
        office.close()


@app.command("loop")
def loop(
    where: From = None,
    key: Key = None,
    every: Annotated[int, typer.Option("--every", min=1, help=tell("Seconds between looks.", "間隔 (秒)。"))] = 300,
    times: Annotated[
        int, typer.Option("--times", min=0, help=tell("How often; 0: for ever.", "回数。0 は無期限。"))
    ] = 0,
) -> None:
    """Look again and again; ends with 1 when a log told two stories."""
    office = ready_office()
    looked = 0
    try:
        while True:
            code = look(office, where, key)
            looked += 1
            if code == 1 or looked == times:
                raise typer.Exit(code)
            time.sleep(every)
    finally:
        office.close()


@app.command("status")
def status() -> None:
    """Who watches whom: exit code 1 if a log told two stories."""
    office = ready_office()
    try:
        with office.transaction() as connection:
            now = witnesses(connection)
    finally:
        office.close()
    for one in now.watched:
        print(tell(f"watched  {one.origin}: {one.tree_size} leaves, seen {one.seen_at:%Y-%m-%d %H:%M:%S} UTC",
                   f"監視  {one.origin}: 葉 {one.tree_size} 件、確認 {one.seen_at:%Y-%m-%d %H:%M:%S} UTC"))  # fmt: skip
    for item in now.cosigned:
        print(tell(f"co-signed by  {item.witness}: {item.tree_size} of {now.tree_size} leaves",
                   f"連署  {item.witness}: 葉 {now.tree_size} 件中 {item.tree_size} 件"))  # fmt: skip
    if not now.watched and not now.cosigned:
        print(tell("Nobody watches, nobody is watched.", "監視している相手も、監視されている相手もありません。"))
    for split in now.split_views:
        print(shout(split.origin, split.smaller, split.larger, split.evidence_sha256))
    raise typer.Exit(1 if now.split_views else 0)


def look(office: Office, where: str | None, key: str | None) -> int:
    """Look at one log, or at those of all partners; gives the exit code."""
    codes = [0]
    for partner in wanted(office, where, key):
        try:
            codes.append(tell_seen(witness_once(office, partner.where, partner.key)))
        except Refused as refused:
            print(f"{partner.name}: {refused.message(language())}", refused.remedy(language()), sep="\n")
            codes.append(2 if refused.code in {"published_log_not_read", "address_of_log_not_safe"} else 1)
    return 1 if 1 in codes else max(codes)


def wanted(office: Office, where: str | None, key: str | None) -> list[Partner]:
    """The log that is named, else those of all partners on record."""
    if where is not None and key is not None:
        trusted = read_verifier_key(key)
        return [Partner(trusted.name, where, trusted)]
    with office.transaction() as connection:
        known = [one for one in partners(connection) if where is None and one.where]
    if not known:
        raise typer.BadParameter(
            tell(
                "Name a log with --from and --log: no partner with an address and a log key is on record.",
                "--from と --log でログを指定してください。アドレスとログの鍵がある相手方の登録がありません。",
            )
        )
    return known


def tell_seen(seen: Seen) -> int:
    """Say what was seen; gives the exit code."""
    line = f"{seen.origin}: {seen.size} – {tell(*VIEWS[seen.view])}"
    if seen.cosigned_by_them is not None:
        line += tell(
            f"; it co-signed this log at {seen.cosigned_by_them}",
            f"。先方は当方のログを {seen.cosigned_by_them} 件まで連署",
        )
    print(line)
    return 1 if seen.view is View.SPLIT else 0


def shout(origin: str, smaller: int, larger: int, sha256: str) -> str:
    """A split view as a line that cannot be overlooked."""
    return tell(
        f"!!! {origin} TOLD TWO STORIES: checkpoints over {smaller} and {larger} leaves. Evidence: product {sha256}",
        f"!!! {origin} の二重提示: 葉 {smaller} 件と {larger} 件のチェックポイントが矛盾。証拠: 生成物 {sha256}",
    )
