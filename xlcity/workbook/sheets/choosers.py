"""Formulas for what people type into a chooser: a city or a node, by its code or by a name."""

from __future__ import annotations

from xlcity.workbook.layout import Layout

#: What is said of an entry that is not on the list: nothing, where the chooser finds it as well.
CITIES, NODES = "城市代码或名称 / id or name of a city", "指标代码或名称 / code or name of a node"


def city_position(layout: Layout, chosen: str) -> str:
    """Return the formula for the place of a city in `Cities`, by id, name or alias; "" if none."""
    return f'IF({plain(chosen)},{city_match(layout, chosen)},"")'


def city_match(layout: Layout, chosen: str) -> str:
    """Return this formula for a text without wildcards."""
    columns = ("id", "name_zh", "name_en", "alias_1", "alias_2")
    return _match(chosen, [layout.city(name).ref() for name in columns], '""')


def node_code(layout: Layout, chosen: str) -> str:
    """Return the formula for the code of a node, by its code or name; "" if there is none."""
    codes = layout.framework_column("code").ref()
    found = f"INDEX({codes},{node_match(layout, chosen)})"
    return f'IFERROR(IF({plain(chosen)},IF({chosen}="","",{found}),""),"")'


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


def plain(chosen: str) -> str:
    """Return the condition that a text has no wildcards: nothing is called so."""
    return f'SUBSTITUTE(SUBSTITUTE({chosen}&"","*",""),"?","")={chosen}&""'
