"""Names of cities that are known here, and names that are nearly one of them: 昆名 for 昆明."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain

from xlcity.data_files import text_beside
from xlcity.model.dataset import Unit
from xlcity.model.reading.units import fold_name, near_two_letter_names, read_units_csv
from xlcity.reports import report_folder, report_ids

#: Most known names that a name is compared with in a sentence.
_NAMED = 3
#: How alike names are at least, Chinese ones of three or more characters and others: a third of
#: 石家装 is wrong.
_ALIKE_HAN = 0.65
_ALIKE = 0.8


@cache
def known_city_names() -> frozenset[str]:
    """Return every id, name and alias of a city in the reports, folded as names are compared."""
    names = chain.from_iterable(unit.spellings for unit in _units())
    return frozenset(map(fold_city, names))


def misspelt_cities(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the names that are no known city's but nearly one's -> the known names.

    Known are the cities of the reports, and in China the units right below the provinces. A known
    city that is among the names itself is not meant by another one. Where most names are unknown,
    so may be the rest: nothing is said of countries or districts.
    """
    spellings = _spellings()
    given = {*map(fold_city, names)}
    unknown = [name for name in names if fold_city(name) not in spellings]
    if 2 * len(unknown) >= len(names):
        return {}
    absent = {
        folded: shown for folded, shown in spellings.items() if folded not in given
    }
    meant: dict[str, tuple[str, ...]] = {}
    for name in unknown:
        near = near_city_names(name, absent)
        if near:
            meant[name] = tuple(absent[folded] for folded in near)
    return meant


@cache
def _units_by_name() -> dict[str, Unit]:
    """Return every name of a city in the reports, folded -> the city."""
    named: dict[str, Unit] = {}
    for unit in _units():
        for name in unit.names:
            named.setdefault(fold_city(name), unit)
    return named


def with_known_names(unit: Unit) -> Unit:
    """Return a city with both names, as far as the reports know them.

    >>> with_known_names(Unit("北京", "北京")).name_en
    'Beijing'
    """
    found = map(_units_by_name().get, map(fold_city, unit.names))
    known = next(filter(None, found), None)
    if known is None:
        return unit
    zh = unit.name_zh or known.name_zh
    return replace(unit, name_zh=zh, name_en=unit.name_en or known.name_en)


@cache
def _spellings() -> dict[str, str]:
    """Return the names of known cities, as folded and as written; ids are left out."""
    names = [*chain.from_iterable(unit.names for unit in _units())]
    names += text_beside(__file__, "prefectures.txt").split()
    return {fold_city(name): name for name in names}


def _units() -> Iterator[Unit]:
    """Yield the cities of every report."""
    for report_id in report_ids():
        yield from read_units_csv(report_folder(report_id) / "cities.csv")


def near_city_names(name: str, folded_names: Collection[str]) -> list[str]:
    """Return the names of cities, folded, that a name is nearly: at most a few.

    >>> near_city_names("昆名", ["北京", "昆明"])
    ['昆明']
    """
    typed = fold_city(name)
    if typed.isascii() or len(typed) != 2:
        least = _ALIKE if typed.isascii() else _ALIKE_HAN
        return difflib.get_close_matches(typed, folded_names, _NAMED, least)
    # Chinese names of two characters differ by half when one is wrong.
    return near_two_letter_names(typed, folded_names)[:_NAMED]


def fold_city(name: str) -> str:
    """Return what spellings of one city have alike: width, case, spaces, a final 市."""
    return fold_name(name.removesuffix("市"))
