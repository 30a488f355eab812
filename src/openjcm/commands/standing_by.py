"""The stand-by of an installation: made, looked at, taken away, promoted and audited."""

from __future__ import annotations

from pathlib import Path

from openjcm.commands.auditing import audit_books
from openjcm.commands.office import open_office
from openjcm.refusals import Finding
from openjcm.store import standby
from openjcm.store.database import migrate
from openjcm.store.server import Server
from openjcm.store.standby import State


def create_standby(data_dir: Path, folder: Path) -> State:
    """Make a stand-by of a data folder (embedded database) in another folder.

    Raises:
        Refused: what ``store.standby`` refuses.
    """
    office = open_office(data_dir)  # so that the log has its key, which the stand-by needs as well
    migrate(office.database_url)
    server = Server(data_dir)
    server.start()
    state = standby.create(server, folder)
    office.close()
    return state


def standby_state(data_dir: Path) -> State:
    """How the stand-by follows. Refuses ``no_standby``."""
    server = Server(data_dir)
    server.start(alone=True)
    return standby.state(server)


def remove_standby(data_dir: Path) -> Path:
    """Let the installation go on alone; gives the folder of the former stand-by. Refuses ``no_standby``."""
    server = Server(data_dir)
    server.start(alone=True)
    return standby.remove(server)


def promote_standby(folder: Path) -> tuple[list[Finding], int]:
    """Let a stand-by take over; gives what its audit finds, and its number of entries.

    Raises:
        Refused: what ``store.standby`` refuses.
    """
    standby.promote(folder)
    office = open_office(folder)
    found = audit_books(office.database_url, office.files, office.signer.private_key.public_key())
    office.close()
    return found
