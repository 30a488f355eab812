"""The database keeps what storage promises, for whoever writes past the ledger."""

from __future__ import annotations

import base64
from pathlib import Path

import psycopg
import pytest

from trial_office import Trial

ATTACKS = {
    "more than escaped": "insert into reversal_settlement select 'R', 'reserve', 6, max(entry_no) from journal",
    "more in two parts": "insert into reversal_settlement values ('R', 'reserve', 3, 1), ('R', 'replaced', 3, 2)",
    "nothing": "insert into reversal_settlement values ('R', 'reserve', 0, 1)",
    "a phase twice": "insert into storage_phase select project, phase, since + 1, source, grade, 1 from storage_phase",
    "a phase moved": "update storage_phase set since = since - 1",
    "a phase removed": "delete from storage_phase",
    "a reversal made smaller": "update reversal set tonnes = 1",
    "a reversal removed": "delete from reversal",
    "a settlement removed": "delete from reversal_settlement",
    "all settlements at once": "truncate reversal_settlement",
}  # fmt: skip


def test_storage_stands_in_the_database_too(database_url: str, tmp_path: Path) -> None:
    trial = Trial(database_url, tmp_path)
    trial.do(
        "register_project", "2025-01-01", reference="ID901", world="public", host_party="IDN", status="registered",
        title="A store", methodologies=[{"id": "ID_CCS", "version": "01.0"}],
    )  # fmt: skip
    phase = {"phase": "injection", "source": "s", "grade": "read"}
    trial.refused("unknown_project", "record_storage_phase", "2025-01-01", project="ID902", **phase)
    trial.do("record_storage_phase", "2025-01-01", project="ID901", phase="injection", source="s", grade="read")
    content = base64.b64encode(b"letter").decode()
    trial.do(
        "record_reversal", "2025-02-01", reversal_id="R", project="ID901", tonnes=5, name="l.pdf",
        media_type="application/pdf", content_base64=content,
    )  # fmt: skip
    with trial.office.transaction() as connection:
        connection.execute("insert into reversal_settlement values ('R', 'reserve', 1, 1)")
        for name, attack in ATTACKS.items():
            with pytest.raises(psycopg.errors.IntegrityError), connection.transaction():
                connection.execute(attack.encode())
                pytest.fail(f"not refused: {name}")
        connection.rollback()
    assert trial.clean()
    trial.close()
