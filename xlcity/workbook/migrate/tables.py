"""A template's content as plain tables, in the formats that `new`, `fill` and `index` read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import chain, product
from typing import Any

from xlcity.model.dataset import Item, Unit
from xlcity.model.nodes import Ingredient, Node, table_columns
from xlcity.model.reading.tables import csv_text
from xlcity.model.reading.units import ALIAS_SEPARATOR
from xlcity.model.recipe_toml import recipe_lines
from xlcity.workbook.checking.contract import DATA
from xlcity.workbook.migrate.change_log import LOG_COLUMNS, read_log
from xlcity.workbook.migrate.content import Content
from xlcity.workbook.migrate.release import list_private
from xlcity.workbook.sheets.inputs.input_rows import input_content
from xlcity.workbook.spec import Remark, TemplateSpec

_NODE = table_columns(Node)
_INGREDIENT = table_columns(Ingredient)
_REMARK = tuple(field.name for field in fields(Remark))
_EXCEPTION = (
    "unit",
    "code",
    "value",
    "basis",
    "year",
    "url",
    "entered_by",
    "checked_by",
    "remark_zh",
)
_LEFTOVER = ("what", "sheet", "cell", "unit", "code", "content")

#: Cells of a row as texts.
_Row = Sequence[str]
#: Heading and rows of a table.
_Rows = tuple[_Row, list[_Row]]


def tables_of(content: Content) -> dict[str, str]:
    """Return file name -> text of everything people put into a template.

    `framework.csv`, `ingredients.csv`, `cities.csv`, `data.csv`, `items.csv`, `links.csv` and
    `recipe.toml` are what the command line reads; `exceptions.csv`, `review.csv`, `changes.csv`,
    `comments.csv` and `leftovers.csv`, all that was typed beside the inputs, are for people. Empty
    tables are left out, numbers have full precision.
    """
    spec = content.spec
    tables = {
        "framework.csv": csv_text([_NODE, *_records(spec.framework.nodes, _NODE)]),
        "cities.csv": _cities(spec.dataset.units),
        "data.csv": _data(content),
        "recipe.toml": "\n".join(recipe_lines(spec.recipe)) + "\n",
    }
    for name, (head, rows) in (_lists(spec) | _notes(content)).items():
        if rows:
            tables[name] = csv_text([head, *rows])
    return tables


def _lists(spec: TemplateSpec) -> dict[str, _Rows]:
    """Return the heads and the rows of the tables that a template may have."""
    ingredients = _records(spec.framework.ingredients, _INGREDIENT)
    items = _with_codes(spec.dataset.items)
    lists = list(dict.fromkeys(chain.from_iterable(item.ranks for _, item in items)))
    links: list[Sequence[str]] = []
    for code, link in _with_codes(spec.dataset.links):
        links.append((code, link.start, link.end, _cell(link.value)))
    exceptions = [name.removesuffix("_zh") for name in _EXCEPTION]
    return {
        "ingredients.csv": (_INGREDIENT, ingredients),
        "items.csv": (
            ("unit", "code", "item", *lists),
            [_item_row(code, item, lists) for code, item in items],
        ),
        "links.csv": (("code", "from", "to", "value"), links),
        "exceptions.csv": (exceptions, _records(spec.exceptions, _EXCEPTION)),
        "review.csv": (_REMARK, _records(spec.remarks, _REMARK)),
    }


def _notes(content: Content) -> dict[str, _Rows]:
    """Return the heads and the rows of what was typed beside the inputs."""
    source = content.source
    changes = () if source is None else read_log(source.template.book)
    comments: list[Sequence[str]] = []
    for edit in content.edits_of("comment"):
        if edit.about:
            place = (edit.about.sheet, edit.about.unit, edit.about.code)
            comments.append((*place, edit.value.author, edit.value.text))
    beside = [line for line in list_private(content) if line.what != "review"]
    return {
        "changes.csv": (LOG_COLUMNS, [[*map(_cell, line)] for line in changes]),
        "comments.csv": (("sheet", "unit", "code", "author", "text"), comments),
        "leftovers.csv": (_LEFTOVER, _records(beside, _LEFTOVER)),
    }


def _records(records: Iterable[object], names: Iterable[str]) -> list[_Row]:
    rows: list[_Row] = []
    for record in records:
        rows.append([_cell(getattr(record, name)) for name in names])
    return rows


def _with_codes(
    lines: Mapping[str, Sequence[Any]],
) -> list[tuple[str, Any]]:
    """Return lines of indicators, each with the code of its indicator."""
    coded = (product([code], several) for code, several in lines.items())
    return [*chain.from_iterable(coded)]


def _item_row(code: str, item: Item, lists: Iterable[str]) -> _Row:
    ranks = (item.ranks.get(name, "") for name in lists)
    return item.unit, code, item.name, *ranks


def _cities(units: Sequence[Unit]) -> str:
    attributes = [*dict.fromkeys(chain.from_iterable(u.attributes for u in units))]
    head = ("id", "name_zh", "name_en", "aliases", "population", *attributes)
    rows = []
    for unit in units:
        aliases = ALIAS_SEPARATOR.join(unit.aliases)
        others = unit.attributes
        names = (unit.id, unit.name_zh, unit.name_en, aliases, unit.population)
        rows.append((*names, *(others.get(name, "") for name in attributes)))
    return csv_text([head, *rows])


def _data(content: Content) -> str:
    dataset = content.spec.dataset
    texts = {
        (edit.about.unit, edit.about.code): edit.entry.value
        for edit in content.edits_of("cell")
        if edit.sheet in DATA and edit.about is not None and edit.entry.formula is None
    }
    rows = []
    for row, unit in enumerate(dataset.units):
        cells = (
            texts.get((unit.id, c), input_content(dataset, row, c))
            for c in dataset.codes
        )
        rows.append((unit.id, *map(_cell, cells)))
    return csv_text([("unit", *dataset.codes), *rows])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return (
            str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        )
    return str(int(value)) if isinstance(value, int) else str(value)
