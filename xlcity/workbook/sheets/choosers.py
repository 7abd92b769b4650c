"""Formulas for what people type into a chooser: a city or a node, by its code or by a name."""

from __future__ import annotations

from xlcity.workbook.layout import Layout
from xlcity.workbook.wildcards import is_plain

#: What is said of an entry that is not on the list: nothing, where the chooser finds it as well.
CITIES, NODES = "城市代码或名称 / id or name of a city", "指标代码或名称 / code or name of a node"


#: Columns of `Cities` with what a city is called, in the order in which they are searched.
_NAMES = ("id", "name_zh", "name_en", "alias_1", "alias_2")


def city_position(layout: Layout, chosen: str) -> str:
    """Return the formula for the place of a city in `Cities`, by id, name or alias; "" if none."""
    return f'IF({is_plain(chosen)},{city_match(layout, chosen)},"")'


def city_match(layout: Layout, chosen: str) -> str:
    """Return this formula for a text without wildcards."""
    return _match(chosen, [layout.city(name).ref() for name in _NAMES], '""')


def typed_city(layout: Layout, typed: str) -> str:
    """Return the formula for the place of a city as `fill` finds it; "" if there is none.

    Spaces around a name and a 市 behind it make no other city.
    """
    bare = f'SUBSTITUTE(SUBSTITUTE(TRIM({typed})&"|","市|",""),"|","")'
    ids, names = layout.city("id").ref(), layout.city("name_zh").ref()
    whole = f'IFERROR(MATCH({bare}&"市",{names},0),MATCH({bare}&"市",{ids},0))'
    columns = [layout.city(name).ref() for name in _NAMES]
    return f'IF({is_plain(typed)},IFERROR({_match(bare, columns, whole)},""),"")'


def node_code(layout: Layout, chosen: str) -> str:
    """Return the formula for the code of a node, by its code or name; "" if there is none."""
    codes = layout.framework_column("code").ref()
    found = f"INDEX({codes},{node_match(layout, chosen)})"
    return f'IFERROR(IF({is_plain(chosen)},IF({chosen}="","",{found}),""),"")'


def node_match(layout: Layout, chosen: str) -> str:
    """Return the formula for the place of a node on `Framework`, #N/A if there is none."""
    columns = ("code", "name_zh", "name_en", "display")
    *first, last = (layout.framework_column(name).ref() for name in columns)
    return _match(chosen, first, f"MATCH({chosen},{last},0)")


def _match(chosen: str, columns: list[str], otherwise: str) -> str:
    found = otherwise
    for column in reversed(columns):
        found = f"IFERROR(MATCH({chosen},{column},0),{found})"
    return found
