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
    "run": Part("serve", "run", "Start the database, load what is missing, and serve the pages."),
    "serve": Part("serve", "serve", "Start the database and serve the pages; load nothing."),
    "db": Part("database", "", "Start, stop, find and migrate the database."),
    "act": Part("act", "", "Do an act: open an account, decide an issuance, transfer, retire …"),
    "readings": Part("readings", "", "Look at a meter file, propose a mapping, judge its readings."),
    "methodology": Part("methodology", "", "List, show, test and explain methodologies."),
    "bundle": Part("bundle", "", "Export a monitoring report for recalculation, or recompute one offline."),
    "report": Part("report", "", "Make a report, such as the agreed electronic format (AEF)."),
    "prove": Part("log", "prove", "Write the proof of one serial from the transparency log."),
    "check-proof": Part("log", "check-proof", "Check a proof offline."),
    "log": Part("log", "", "Checkpoints and proofs of the transparency log."),
    "audit": Part("audit", "", "Rebuild everything from the journal, and name each difference."),
    "world": Part("world", "", "Load the public record and the demonstration; play the demonstration."),
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


app = typer.Typer(cls=Parts, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def options(
    spoken: Annotated[Language | None, typer.Option("--language", help="The language of the messages.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a refusal as one line of JSON.")] = False,
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
