"""Reading the lists behind indicators: one line per institution, with its ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlcity.errors import FunctionError, Problem, Where
from xlcity.functions.bands import read_rank
from xlcity.model.dataset import Item, Status, Unit
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe
from xlcity.model.tables import Table, as_text
from xlcity.model.units import UnitMatcher
from xlcity.model.values import Refusal

#: Columns that are no ranking.
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
    table: Table,
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
    header = [name.strip().lower() for name in table.header]
    listed = _listed(framework, recipe)
    problems: list[Problem] = []
    at = {name: place for place, name in enumerate(header)}
    unit_at = next((at[name] for name in _UNIT if name in at), None)
    item_at = next((at[name] for name in _ITEM if name in at), None)
    if unit_at is None or item_at is None:
        where = Where(file=table.file, sheet=table.sheet)
        message = "a list of institutions needs the columns unit and item."
        return ItemTable({}, (Problem("XC326", message, "Name the columns.", where),))
    if {*_PLACED, *_WORKED_OUT} <= at.keys():
        placed = zip(_lists(recipe, listed), _PLACED, strict=False)
        ranked = {name: at[column] for name, column in placed}
    else:
        ranked = {name: place for name, place in at.items() if name and name not in _DESCRIPTIVE}
    matcher = UnitMatcher(units)
    found: dict[str, list[Item]] = {}
    for row in range(len(table.rows)):
        typed, name = as_text(table.cell(row, unit_at)), as_text(table.cell(row, item_at))
        ranks = {key: as_text(table.cell(row, place)) for key, place in ranked.items()}
        if not typed and not name and not any(ranks.values()):
            continue
        where = table.where(row, unit_at, unit=typed)
        matched = matcher.match(typed)
        if isinstance(matched, Refusal):
            problems.append(Problem(matched.code, matched.message, matched.hint, where))
            continue
        code = as_text(table.cell(row, at["code"])) if "code" in at else ""
        code = code or (listed[0] if len(listed) == 1 else "")
        if code not in framework.inputs or (listed and code not in listed):
            hint = f"Made from lists: {', '.join(listed) or 'none'}."
            problems.append(Problem("XC314", f"{code!r} is made from no list.", hint, where))
            continue
        status = (as_text(table.cell(row, at["basis"])).lower() if "basis" in at else "") or basis
        if status not in frozenset(Status):
            known = ", ".join(Status)
            problems.append(Problem("XC316", f"{status!r} is no status.", known, where))
        for key, place in ranked.items():
            try:
                read_rank(table.cell(row, place))
            except FunctionError as error:
                cell = table.where(row, place, unit=typed, indicator=code)
                hint = "Write a rank, a band such as 101–150, or leave the cell blank."
                problems.append(Problem("XC306", f"{error} ({key}).", hint, cell))
        found.setdefault(code, []).append(Item(matched.unit.id, name, ranks, status))
    return ItemTable({code: tuple(lines) for code, lines in found.items()}, tuple(problems))


def is_header(cells: Sequence[object]) -> bool:
    """Tell whether a row names the columns of a list."""
    names = {as_text(cell).lower() for cell in cells}
    return bool(names & set(_UNIT)) and bool(names & set(_ITEM))


def _lists(recipe: Recipe | None, listed: list[str]) -> tuple[str, ...]:
    """Return the names of the rankings in the order of the recipe."""
    step = recipe.step_for("construct", listed[0]) if recipe is not None and listed else None
    names = step.get("lists") if step is not None else None
    return tuple(map(str, names)) if isinstance(names, tuple) else ()


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
