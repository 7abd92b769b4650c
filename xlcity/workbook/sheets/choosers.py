"""Formulas for what people type into a chooser: a city or a node, by its code or by a name."""

from __future__ import annotations

from xlcity.workbook.layout import Layout


def city_position(layout: Layout, chosen: str) -> str:
    """Return the formula for the place of a city in `Cities`, by id, name or alias; "" if none."""
    columns = ("id", "name_zh", "name_en", "alias_1", "alias_2")
    found = _match(chosen, [layout.city(name).ref() for name in columns], '""')
    return f'IF({_plain(chosen)},{found},"")'


def node_code(layout: Layout, chosen: str, home: str = "") -> str:
    """Return the formula for the code of a node, by its code or name; "" if there is none."""
    columns = ("code", "name_zh", "name_en", "display")
    codes, *names = (layout.framework_column(name).ref("rc", home) for name in columns)
    *first, last = [codes, *names]
    found = f"INDEX({codes},{_match(chosen, first, f'MATCH({chosen},{last},0)')})"
    return f'IFERROR(IF({_plain(chosen)},IF({chosen}="","",{found}),""),"")'


def _match(chosen: str, columns: list[str], otherwise: str) -> str:
    found = otherwise
    for column in reversed(columns):
        found = f"IFERROR(MATCH({chosen},{column},0),{found})"
    return found


def _plain(chosen: str) -> str:
    # MATCH takes "*" and "?" for any text; nothing is called so.
    return f'SUBSTITUTE(SUBSTITUTE({chosen}&"","*",""),"?","")={chosen}&""'
