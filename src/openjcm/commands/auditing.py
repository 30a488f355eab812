"""The audit of an office's books, seen at one moment."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from openjcm.commands.live_audit import check_batches
from openjcm.commands.lookups import retirement_rules
from openjcm.commands.noticing import first_transfer_trigger
from openjcm.commands.office import Office
from openjcm.refusals import Finding
from openjcm.store.audit import Journal, audit, whole
from openjcm.store.audit_notices import check_notices
from openjcm.store.database import connect as connect_to
from openjcm.store.files import FileStore


def audit_office(office: Office) -> tuple[list[Finding], int]:
    """What is wrong with the books, and how many entries were replayed."""
    return audit_books(office.database_url, office.files, office.signer.private_key.public_key(), office.connect)


def audit_books(
    url: str,
    files: FileStore,
    public_key: Ed25519PublicKey,
    connect: Callable[[str], psycopg.Connection] = connect_to,
) -> tuple[list[Finding], int]:
    """The same for books that nobody acts on: all that is needed of the log's key is the public one."""
    with connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        found = audit_all(connection, files, public_key)
        row = connection.execute("select count(*) from journal").fetchone()
        return found, row[0] if row else 0


def audit_all(connection: psycopg.Connection, files: FileStore, public_key: Ed25519PublicKey) -> list[Finding]:
    """Everything that is wrong, as one transaction sees it."""
    found = audit(connection, files, public_key, retirement_rules)
    found += whole("batches", connection, check_batches(connection))
    found += whole("notices", connection, check_notices(connection, Journal(connection), first_transfer_trigger))
    return found
