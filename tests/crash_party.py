"""A party that does acts directly, one after the other for ever, and says each that was acknowledged; to be killed.

``python crash_party.py URL FOLDER FIRST NUMBER`` begins with its act of that number. Every seventh act is a batch of
eight done together, every fifth an upload with its file, the others are transfers of one credit each. It prints the
receipts as lines of JSON, flushed, so that what was printed was promised.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from crash_writer import upload
from openjcm.commands import Office, act, run
from openjcm.commands.office import now_utc
from openjcm.commands.together import ask, perform_together
from openjcm.refusals import Refused
from openjcm.store.journal import Receipt
from trial_office import Trial

TOGETHER = 8
Wish = tuple[str, dict[str, Any], str]
"""Act, request, key."""


def wishes(first: int, number: int) -> list[Wish]:
    """The acts of one step. ``first`` is the first serial of the party; a step has eight serials of its own."""
    serials = range(first + number * TOGETHER, first + (number + 1) * TOGETHER)
    moves: list[Wish] = [
        ("transfer", {"blocks": [f"JCM-JP-MN901-2022-{serial}"], "target_account": "JPN/company",
                      "occurred_on": "2025-02-01"}, f"direct {serial}")
        for serial in serials
    ]  # fmt: skip
    if number % 7 == 0:
        return moves
    if number % 5 == 0:
        return [("upload_readings", upload(first + number), f"direct {serials[0]}")]
    return moves[:1]


def do(office: Office, first: int, number: int) -> list[list[Any]]:
    """Do one step; gives key, entry, index and hash of the leaf of each act."""
    wanted = wishes(first, number)
    if len(wanted) == 1:
        name, fields, key = wanted[0]
        answers: list[Any] = [run(name, fields, office=office, key=key, actor="direct")]
    else:
        answers = perform_together([ask(act(name), fields, key, "direct") for name, fields, key in wanted], office)
    for answer in answers:
        if not isinstance(answer, Receipt):
            assert answer.code == "try_again", answer
            raise answer
    return [[answer.key, answer.entry_no, answer.leaf_index, answer.leaf_hash] for answer in answers]


def main(url: str, folder: str, first: int, number: int) -> None:
    """Act until killed."""
    office = dataclasses.replace(Trial(url, Path(folder)).office, clock=now_utc)
    while True:
        with suppress(Refused):  # the database is away: the same step again, under the same keys
            os.write(1, (json.dumps([number, do(office, first, number)]) + "\n").encode())
            number += 1


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
