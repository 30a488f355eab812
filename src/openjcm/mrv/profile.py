"""A confirmed mapping kept for a logger: it is offered again for a file whose columns are the very same, never applied.

What is compared is the file's format and the names of its columns in their order (for formats of their own: its data
streams). One name more, less or written otherwise is another header.
"""

from __future__ import annotations

from collections.abc import Sequence

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.mrv.intake_csv import find_columns
from openjcm.mrv.mapping import OWN_FORMS, Mapping


def header_fingerprint(form: str, columns: Sequence[str]) -> str:
    """SHA-256 over the canonical JSON of a file's format and its columns' names, in order."""
    return sha256_hex(canonical_bytes([form, [name.strip() for name in columns]]))


def check_columns(mapping: Mapping, columns: Sequence[str], name: str) -> None:
    """A mapping fits the columns that it is kept for.

    Raises:
        Refused: ``meter_column_missing``, ``meter_column_twice``, ``too_many_columns``.
    """
    own = mapping.format in OWN_FORMS
    wanted = tuple(column for column, _ in mapping.value_columns) if own else mapping.columns
    find_columns(list(columns), wanted, file=name, row=mapping.header_row, sheet=mapping.format)
