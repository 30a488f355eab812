"""A program that transfers one credit after the other for ever, and says each that was acknowledged.

Started by ``test_crash.py`` in a process of its own, to be killed: ``python crash_writer.py URL FOLDER``. It prints
``<number> <entry>`` after each acknowledged act, flushed, so that what was printed was promised.
"""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from openjcm.commands import run
from trial_office import Trial


def transfer(number: int) -> dict[str, object]:
    """The n-th transfer: the n-th credit goes to the company."""
    return {"blocks": [f"JCM-JP-MN901-2022-{number}"], "target_account": "JPN/company", "occurred_on": "2025-02-01"}


def upload(number: int) -> dict[str, object]:
    """The n-th upload: a file of its own."""
    text = f"time,kWh\n2022-01-01 00:00,{number}\n2022-01-01 01:00,{number + 5}\n"
    mapping = {
        "format": "csv", "layout": "long", "encoding": "utf-8", "delimiter": ",", "decimal_mark": ".",
        "time_column": "time", "time_format": "%Y-%m-%d %H:%M", "value_columns": [["kWh", "M1"]],
        "kind": "cumulative", "unit": "kWh", "least_unit": "kWh", "time_zone": "Asia/Ulaanbaatar",
    }  # fmt: skip
    content = base64.b64encode(text.encode()).decode()
    return {"name": f"{number}.csv", "media_type": "text/csv", "content_base64": content, "mapping": mapping,
            "occurred_on": "2025-02-01"}  # fmt: skip


def act(number: int) -> tuple[str, dict[str, object]]:
    """The n-th act: every fifth is an upload."""
    return ("upload_readings", upload(number)) if number % 5 == 0 else ("transfer", transfer(number))


def main(url: str, folder: str) -> None:
    """Write until killed."""
    trial = Trial(url, Path(folder))
    for number in range(1, 100_000):
        name, request = act(number)
        receipt = run(name, request, office=trial.office, key=f"act {number}", actor="writer")
        os.write(1, f"{number} {receipt.entry_no}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
