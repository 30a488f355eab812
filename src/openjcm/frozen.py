"""Frozen dataclasses that are made by the thousand: as frozen as any other, and made at the cost of a plain object.

The ``__init__`` that ``dataclasses`` writes for a frozen class sets each field by a call of ``object.__setattr__``,
which takes six times as long as the object itself. This one writes the fields into the object's dictionary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(*, order: bool = False) -> Callable[[type[T]], type[T]]:
    """``@dataclass(frozen=True)`` with a quick ``__init__``; for classes without slots and default factories."""
    return lambda cls: _with_quick_init(dataclass(frozen=True, order=order)(cls))


def _with_quick_init(cls: type[T]) -> type[T]:
    made: Any = cls
    given = [one for one in fields(made) if one.init]
    assert all(one.default_factory is MISSING for one in fields(made))
    # A field that is not given stands on the class with its default.
    parameters = [one.name if one.default is MISSING else f"{one.name}=_{one.name}" for one in given]
    body = [f"_d[{one.name!r}] = {one.name}" for one in given]
    if hasattr(made, "__post_init__"):
        body.append("self.__post_init__()")
    text = f"def __init__(self, {', '.join(parameters)}):\n _d = self.__dict__\n " + "\n ".join(body)
    names: dict[str, Any] = {f"_{one.name}": one.default for one in given}
    exec(text, names)  # noqa: S102 - the class's own field names, as dataclasses itself does
    made.__init__ = names["__init__"]
    return cls
