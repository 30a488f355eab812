"""The partner countries, one file each. A new file in this folder is a new partner; nothing else is edited."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pkgutil import iter_modules

from openjcm.rulebook.model import Country


def load(paths: Iterable[str]) -> tuple[Country, ...]:
    """The countries of the files in some folders, in order of signing, then of code.

    Raises:
        ValueError: a file without ``COUNTRY``, a code used twice, or whatever a country's own checks say.
    """
    folders = list(paths)
    found: dict[str, Country] = {}
    for info in iter_modules(folders):
        spec = PathFinder.find_spec(info.name, folders)
        if spec is None or spec.loader is None:
            raise ValueError(f"{info.name} cannot be loaded")
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        country = getattr(module, "COUNTRY", None)
        if not isinstance(country, Country):
            raise ValueError(f"{info.name}.py has no COUNTRY")
        for code in (country.iso2, country.iso3):
            if code in found:
                raise ValueError(f"{info.name}.py: the code {code} is used twice")
            found[code] = country
    return tuple(sorted(set_of(found), key=lambda item: (item.signed.value, item.iso3)))


def set_of(found: dict[str, Country]) -> list[Country]:
    """Each country once."""
    return [country for code, country in found.items() if code == country.iso3]
