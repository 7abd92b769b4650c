"""Reading the lists behind indicators: one line per institution, with its ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlcity.errors import FunctionError, Problem, Where
from xlcity.functions.bands import read_rank
from xlcity.model.dataset import Item, Status, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.lines import LineReader
from xlcity.model.reading.tables import FileTable, as_text
from xlcity.model.reading.units import UnitMatcher
from xlcity.model.recipe import Recipe

#: Columns that are not rankings.
_DESCRIPTIVE = frozenset(
    {"unit", "city_id", "id", "item", "name", "code", "basis", "note", "notes", "name_zh"}
)
#: Columns of a template's sheet: the rankings in the order of the recipe, and what is worked out.
_PLACED = ("rank_a", "rank_b")
_WORKED_OUT = frozenset({"last_a", "last_b", "weight_a", "weight_b", "weight"})
_UNIT, _ITEM = ("unit", "city_id", "id"), ("item", "name")


@dataclass(frozen=True, slots=True)
class ItemTable:
    """The lists by indicator, and every line that cannot be used."""

    items: dict[str, tuple[Item, ...]]
    problems: tuple[Problem, ...]


def read_items(
    table: FileTable,
    framework: Framework,
    recipe: Recipe | None,
    units: Sequence[Unit],
    basis: str = Status.ENTERED,
) -> ItemTable:
    """Read lines of `unit`, `item`, `code` and one column per ranking.

    Parameters
    ----------
    table
        `code` may be left out where the recipe has one indicator made from a list; `basis` where
        all lines have the same status.
    units
        The known units.
    """
    lines = LineReader(table, recipe, UnitMatcher(units), basis)
    at = lines.columns
    listed = _listed(framework, recipe)
    unit_at = next((at[name] for name in _UNIT if name in at), None)
    item_at = next((at[name] for name in _ITEM if name in at), None)
    if unit_at is None or item_at is None:
        where = Where(file=table.file, sheet=table.sheet)
        message = "a list of institutions needs the columns unit and item."
        return ItemTable({}, (Problem("XC326", message, "Name the columns.", where),))
    ranked = _rankings(at, recipe, listed)
    found: dict[str, list[Item]] = {}
    for row in range(len(table.rows)):
        typed, name = lines.text(row, unit_at), lines.text(row, item_at)
        ranks = {key: lines.text(row, place) for key, place in ranked.items()}
        if not typed and not name and not any(ranks.values()):
            continue
        if (unit := lines.city(row, unit_at)) is None:
            continue
        code = lines.text(row, at.get("code")) or (listed[0] if len(listed) == 1 else "")
        if code not in framework.inputs or (listed and code not in listed):
            hint = f"Made from lists: {', '.join(listed) or 'none'}."
            where = table.where(row, unit_at, unit=typed)
            lines.refuse("XC314", f"{code!r} does not use a list.", hint, where)
            continue
        status = lines.status(row, at.get("basis"), typed) or basis
        for key, place in ranked.items():
            try:
                read_rank(table.cell(row, place))
            except FunctionError as error:
                cell = table.where(row, place, unit=typed, indicator=code)
                hint = "Write a rank, a band such as 101–150, or leave the cell blank."
                lines.refuse("XC306", f"{error} ({key}).", hint, cell)
        found.setdefault(code, []).append(Item(unit, name, ranks, status))
    return ItemTable({code: tuple(of) for code, of in found.items()}, tuple(lines.problems))


def is_header(cells: Sequence[object]) -> bool:
    """Tell whether a row names the columns of a list."""
    names = {as_text(cell).lower() for cell in cells}
    return bool(names & set(_UNIT)) and bool(names & set(_ITEM))


def _rankings(at: dict[str, int], recipe: Recipe | None, listed: list[str]) -> dict[str, int]:
    """Return the columns of rankings by name; on a template's sheet in the recipe's order."""
    if not {*_PLACED, *_WORKED_OUT} <= at.keys():
        places = sorted(at.items(), key=lambda pair: pair[1])
        return {name: place for name, place in places if name not in _DESCRIPTIVE}
    step = recipe.step_for("construct", listed[0]) if recipe is not None and listed else None
    names = step.get("lists") if step is not None else None
    lists = tuple(map(str, names)) if isinstance(names, tuple) else ()
    return {name: at[column] for name, column in zip(lists, _PLACED, strict=False)}


def _listed(framework: Framework, recipe: Recipe | None) -> list[str]:
    """Return the indicators that the recipe makes from a list."""
    steps = recipe.steps_doing("construct") if recipe is not None else ()
    return [
        code
        for step in steps
        if step.method == "bands"
        for code in step.codes
        if code in framework and framework.is_indicator(code)
    ]
