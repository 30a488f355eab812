"""Whole columns as parameters: many rows to the database in one statement, at the cost of joining texts.

A list parameter is escaped item by item; a column is one text, cut by the server at a control character that no value
holds (names, keys and canonical JSON are free of them).
"""

from __future__ import annotations

from collections.abc import Iterable

SEPARATOR, NOTHING = "\x1f", "\x1e"


def column(values: Iterable[object]) -> str:
    """A column of values as one text; ``None`` is SQL's null.

    Raises:
        ValueError: if a value holds a separator: it would be read as two; or if an empty text stands alone: it would be
            read as no value.
    """
    items = list(values)
    nothings = items.count(None)
    try:
        text = SEPARATOR.join(items)  # type: ignore[arg-type]  # texts, most often: joined as they are
    except TypeError:
        text = SEPARATOR.join([NOTHING if value is None else str(value) for value in items])
    if text.count(SEPARATOR) != max(len(items) - 1, 0) or text.count(NOTHING) != nothings:
        raise ValueError("a value holds a separator of columns")
    if items and not text:
        raise ValueError("an empty text is no column")
    return text


def columns_of(*types: str) -> str:
    """SQL: rows of as many columns, each from one parameter made by :func:`column`, of these types."""
    return "unnest(" + ", ".join(f"string_to_array(%s, e'\\x1f', e'\\x1e')::{name}[]" for name in types) + ")"
