"""``openjcm world``: load the public record and the demonstration; tell the ten steps of the demonstration's tonne."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from openjcm.cli_parts.speaking import language, tell
from openjcm.commands import ready_office
from openjcm.world import demonstration, public_record
from openjcm.world.life import Step, steps
from openjcm.world.load import Loaded, Progress, may_load
from openjcm.world.load import load as load_acts
from openjcm.world.planned import PlannedAct

app = typer.Typer(help="The public record and the demonstration.", no_args_is_help=True)
IfEmpty = Annotated[
    bool, typer.Option("--if-empty", help="Do nothing where the journal holds something that we did not load.")
]


@app.command()
def load(if_empty: IfEmpty = False) -> None:
    """Load the public record and the demonstration, each act once. A load that was cut off goes on where it stopped."""
    began = time.monotonic()
    office = ready_office()
    try:
        if if_empty and not may_load(office):
            say("the journal holds other entries; nothing was loaded", "記録簿に別の記録があるため、読み込みません")
            return
        done = load_acts(office, public_record.planned(), teller("public record", "公開記録"))
        done += demonstration.load_demonstration(office, teller("demonstration", "デモンストレーション"))[0]
    finally:
        office.close()
    say(*summary(done, time.monotonic() - began))
    if done.differing:
        say(
            f"{done.differing} acts stand on record in the words of an earlier edition; they stay as they are",
            f"{done.differing} 件は以前の版の内容で記録されています。記録はそのまま残ります",
        )


def summary(done: Loaded, seconds: float) -> tuple[str, str]:
    """What a load did, in both languages."""
    return (
        f"{done.recorded} acts recorded, {done.on_record} were on record already ({seconds:.1f} s)",
        f"{done.recorded} 件を記録しました。{done.on_record} 件は記録済みでした ({seconds:.1f} 秒)",
    )


def say(en: str, ja: str) -> None:
    """Print one line of the progress."""
    print(f"openjcm: {tell(en, ja)}", flush=True)


def teller(en: str, ja: str) -> Progress:
    """A progress that speaks at every quarter, and only of what is newly recorded."""

    def progress(done: int, total: int, act: PlannedAct, on_record: bool) -> None:
        quarter = max(1, total // 4)
        if not on_record and (done % quarter == 0 or done == total):
            say(f"{en}: {done} of {total} acts", f"{ja}: {total} 件中 {done} 件")

    return progress


@app.command()
def play() -> None:
    """Tell the ten steps of the demonstration's tonne, with what each produced."""
    office = ready_office()
    try:
        _, receipts = demonstration.load_demonstration(office)
        told = steps(office, receipts)
    finally:
        office.close()
    say(
        "the project is fictitious, the meter readings are real (docs/the_life_of_a_tonne.md)",
        "プロジェクトは架空、計測値は実測です (docs/the_life_of_a_tonne.md)",
    )
    for step in told:
        print(step_text(step))
    print()
    say("to prove the first of these credits, without trusting us:", "最初の1トンを、当方を信頼せずに証明するには:")
    for command in PROOF_COMMANDS:
        print(f"    {command}")


PROOF_COMMANDS = (f"openjcm prove {demonstration.FOLLOWED} -o P.json", "openjcm check-proof P.json")


def step_text(step: Step) -> str:
    """One step for people: number, title, and a line for each thing that it produced."""
    spoken = language()
    title = tell(step.title_en, step.title_ja, spoken)
    lines = [tell(en, ja, spoken) for en, ja in step.produced]
    return "\n".join((f"\n{step.number:>2}. {title}", *(f"    {line}" for line in lines)))
