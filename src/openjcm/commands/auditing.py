"""The audit of an office's books, seen at one moment."""

from __future__ import annotations

import psycopg

from openjcm.commands.live_audit import check_batches
from openjcm.commands.lookups import retirement_rules
from openjcm.commands.noticing import first_transfer_trigger
from openjcm.commands.office import Office
from openjcm.refusals import Finding
from openjcm.store.audit import audit, read_journal
from openjcm.store.audit_notices import check_notices


def audit_office(office: Office) -> tuple[list[Finding], int]:
    """What is wrong with the books, and how many entries were replayed."""
    with office.connect(office.database_url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        found = audit(connection, office.files, office.signer.private_key.public_key(), retirement_rules)
        found += check_batches(connection)
        found += check_notices(connection, read_journal(connection), first_transfer_trigger)
        row = connection.execute("select count(*) from journal").fetchone()
        return found, row[0] if row else 0
