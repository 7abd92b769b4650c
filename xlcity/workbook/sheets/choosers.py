"""Formulas for what people type into a chooser: a city or a node, by its code or by a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from xlcity.model.dataset import Unit
from xlcity.workbook.labels import in_language
from xlcity.workbook.layout import Layout
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.wildcards import is_plain

#: Warnings when an entry is not on the list of a chooser.
CITIES = "城市代码或名称 / id or name of a city"
NODES = "指标代码或名称 / code or name of a node"

#: Columns of `Cities` with what a city is called, in the order in which they are searched.
_NAMES = ("id", "name_zh", "name_en", "alias_1", "alias_2")


def city_match(layout: Layout, chosen: str) -> str:
    """Return the formula for the position of a city in `Cities`, by id, name or alias; else "".

    The text has no wildcards.
    """
    columns = [layout.city(name).ref() for name in _NAMES]
    if layout.spec.language == "both":
        columns.append(layout.names())  # the list has both names in one text
    return _first_match(chosen, columns, '""')


def typed_name(spec: TemplateSpec) -> Callable[[Unit], str]:
    """Return what gives the text by which a city is chosen: its name, or its id without one.

    Cities of one name are told apart by their ids.
    """
    names = Counter(
        in_language(u.name_zh, u.name_en, spec.language) for u in spec.dataset.units
    )

    def typed(unit: Unit) -> str:
        name = in_language(unit.name_zh, unit.name_en, spec.language)
        return name if name and names[name] == 1 else unit.id

    return typed


def bare_name(typed: str) -> str:
    """Return the formula of a name without spaces around it and a 市 behind it.

    It is "" for one with wildcards, which would match any city.
    """
    bare = f'SUBSTITUTE(SUBSTITUTE(TRIM({typed})&"|","市|",""),"|","")'
    return f'IF({is_plain(typed)},{bare},"")'


def typed_city(layout: Layout, bare: str) -> str:
    """Return the formula for the position of a city as `fill` matches it; "" if there is none.

    `bare` is the cell of its `bare_name`.
    """
    ids = layout.city("id").ref()
    names = layout.city("name_zh").ref()
    with_suffix = f'IFERROR(MATCH({bare}&"市",{names},0),MATCH({bare}&"市",{ids},0))'
    columns = [layout.city(name).ref() for name in _NAMES]
    return f'IF({bare}="","",IFERROR({_first_match(bare, columns, with_suffix)},""))'


def node_code(layout: Layout, chosen: str) -> str:
    """Return the formula for the code of a node, by its code or name; "" if there is none."""
    codes = layout.framework_column("code").ref()
    code = f"INDEX({codes},{node_match(layout, chosen)})"
    return f'IFERROR(IF({is_plain(chosen)},IF({chosen}="","",{code}),""),"")'


def node_match(layout: Layout, chosen: str) -> str:
    """Return the formula for the position of a node on `Framework`, #N/A if there is none."""
    columns = ("code", "name_zh", "name_en", "display")
    *first, last = (layout.framework_column(name).ref() for name in columns)
    return _first_match(chosen, first, f"MATCH({chosen},{last},0)")


def _first_match(chosen: str, columns: list[str], otherwise: str) -> str:
    """Return the formula of the position in the first of some columns that has a text."""
    formula = otherwise
    for column in reversed(columns):
        formula = f"IFERROR(MATCH({chosen},{column},0),{formula})"
    return formula
