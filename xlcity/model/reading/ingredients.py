"""Reading the table of ingredients: what constructed indicators are made from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from xlcity.errors import FrameworkError, Problem
from xlcity.model.framework import Framework, Ingredient, table_columns
from xlcity.model.reading.tables import (
    FileTable,
    as_text,
    number_in,
    parse_csv,
    read_csv,
    require_columns,
)

_BOUNDS = ("valid_low", "valid_high", "no_data")
_TEXT = tuple(n for n in table_columns(Ingredient) if n not in {"code", "of", *_BOUNDS})


def with_ingredients(framework: Framework, source: str | Path) -> Framework:
    r"""Return a framework with the ingredients of a CSV file or text (anything with a line break).

    Columns: `code` ("B2.1.a"), `of` (the indicator), names in both languages and the descriptive
    columns of `Ingredient`; others are ignored.

    Raises
    ------
    FrameworkError
        With every row that has no code, a bound that is not a number, or an indicator that is none.

    Examples
    --------
    >>> from xlcity.model.reading.framework import read_framework_csv
    >>> framework = read_framework_csv("code,parent\nX,\nX1,X\n")
    >>> with_ingredients(framework, "code,of\nX1.a,X1\n").ingredients_of("X1")[0].name
    'a'
    """
    if isinstance(source, str) and "\n" in source:
        return framework_with(framework, parse_csv(source, "ingredients"))
    return framework_with(framework, read_csv(source))


def framework_with(framework: Framework, table: FileTable) -> Framework:
    """Return a framework with the ingredients of a table that was read already (CSV or sheet)."""
    columns = [name.strip().lower() for name in table.header]
    require_columns(table, "a table of ingredients", columns, "code", "of")
    problems: list[Problem] = []
    found = []
    for position in range(len(table.rows)):
        row = {name: as_text(table.cell(position, at)) for at, name in enumerate(columns) if name}
        where = table.where(position, indicator=row["code"])
        if not row["code"]:
            problems.append(Problem("XC221", "an ingredient without a code.", "Give one.", where))
        texts: dict[str, Any] = {name: row.get(name, "") for name in _TEXT}
        bounds: dict[str, Any] = {n: number_in(row, n, None, where, problems) for n in _BOUNDS}
        found.append(Ingredient(row["code"], row["of"], **texts, **bounds))
    if problems:
        raise FrameworkError(problems)
    return replace(framework, ingredients=tuple(found))
