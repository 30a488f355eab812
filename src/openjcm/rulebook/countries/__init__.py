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
    countries: list[Country] = []
    codes: set[str] = set()
    for info in iter_modules(folders):
        country = _country(info.name, folders)
        for code in (country.iso2, country.iso3):
            if code in codes:
                raise ValueError(f"{info.name}.py: the code {code} is used twice")
            codes.add(code)
        countries.append(country)
    return tuple(sorted(countries, key=lambda item: (item.signed.value, item.iso3)))


def _country(name: str, folders: list[str]) -> Country:
    spec = PathFinder.find_spec(name, folders)
    assert spec is not None and spec.loader is not None, "the folder has just been listed"
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    country = getattr(module, "COUNTRY", None)
    if not isinstance(country, Country):
        raise ValueError(f"{name}.py has no COUNTRY")
    return country
