"""Reading what a framework is made of from tables: nodes with sets of weights, ingredients."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xlcity.errors import FrameworkError, Problem, Where
from xlcity.methods.registry import OPTIONS
from xlcity.model.nodes import (
    Direction,
    Ingredient,
    MethodWord,
    Node,
    structure_problems,
    table_columns,
    text_problems,
)
from xlcity.model.reading.tables import (
    FileTable,
    as_text,
    extra_table,
    number_in,
    read_csv,
    require_columns,
    sheet_table,
)
from xlcity.xlsx.plain_cells import read_plain_cells

#: Header spellings -> fields of `Node`. COINr's iMeta names are understood too.
_FIELDS = {
    **{name: name for name in (*table_columns(Node), "type", "level", *OPTIONS)},
    "icode": "code",
    "name": "name_en",
    "iname": "name_en",
    "unit": "uom",
    "goalpost_lower": "goalpost_low",
    "goalpost_upper": "goalpost_high",
    "normalize": "normalise",
}
_NODE_BOUNDS = ("valid_low", "valid_high", "no_data", "goalpost_low", "goalpost_high", "target")
_NOT_TEXTS = {"code", "parent", "weight", "direction", "type", "level", *OPTIONS, *_NODE_BOUNDS}
_NODE_TEXTS = sorted(set(_FIELDS.values()) - _NOT_TEXTS)
_INGREDIENT_BOUNDS = ("valid_low", "valid_high", "no_data")
_INGREDIENT_TEXTS = [
    name for name in table_columns(Ingredient) if name not in {"code", "of", *_INGREDIENT_BOUNDS}
]
#: COINr's rows that are not nodes of the tree.
_GROUP, _DENOMINATOR, _OTHER = "group", "denominator", "other"
#: COINr writes NA where there is nothing.
NA = "NA"
_NOTHING = ("", NA)
#: The root that a table without any parent is given.
FLAT_ROOT = "INDEX"
#: Before the name of a set of weights, in the heading of its column.
SET_PREFIX = "weight_"

WeightSets = dict[str, dict[str, float]]


def framework_tables(path: Path) -> tuple[FileTable, FileTable | None]:
    """Return the table of nodes of a CSV file, a folder or an xlsx file, and that of ingredients.

    A folder has `framework.csv`, and `ingredients.csv` where indicators are constructed; an xlsx
    file has the sheets `framework` (or `iMeta`) and `ingredients`.
    """
    parts = extra_table(path, "ingredients", lambda row: False)
    if path.is_dir():
        return read_csv(path / "framework.csv"), parts
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return read_csv(path), parts
    sheets = read_plain_cells(path)
    names = (name for name in sheets if name.lower() in ("framework", "imeta"))
    title = next(names, next(iter(sheets)))
    cells = sheets[title]
    if not cells:
        where = Where(file=str(path), sheet=title)
        raise FrameworkError("the sheet is empty.", "Put a table there.", "XC322", where)
    header_row = next((position for position, row in enumerate(cells) if _is_header(row)), 0)
    return sheet_table(str(path), title, cells, header_row), parts


def _is_header(row: tuple[Any, ...]) -> bool:
    """Tell whether a row has headings of both a code and a parent."""
    fields = {_FIELDS.get(as_text(cell).lower()) for cell in row}
    return {"code", "parent"} <= fields


def read_nodes(table: FileTable) -> dict[str, Any]:
    """Return the arguments of `Framework` that its table gives.

    Raises
    ------
    FrameworkError
        With every problem: no code column, a weight that is not a number, an unknown direction, and
        whatever keeps the rows from being one tree.
    """
    fields = [_FIELDS.get(name.strip().lower(), "") for name in table.header]
    require_columns(table, "a framework", fields, "code", "parent")
    rows = [
        {
            field: as_text(cell)
            for column, field in enumerate(fields)
            if field and (cell := table.cell(position, column)) is not None
        }
        for position in range(len(table.rows))
    ]
    read = _NodeRows(table, rows)
    problems, nodes = read.problems, read.nodes
    coinr = {"type", "level"} <= set(fields)
    if coinr and len(nodes) > 1 and all(node.parent is None for node in nodes):
        # A flat table: every row is an indicator of one index.
        nodes = [Node(FLAT_ROOT, None, FLAT_ROOT, FLAT_ROOT)] + [
            replace(node, parent=FLAT_ROOT) for node in nodes
        ]
    stated = [row for row in rows if row.get("weight", "") not in _NOTHING]
    weighed = {row["code"] for row in stated if row.get("code")}
    problems += _weight_problems(nodes, weighed, "", read.rows_by_code)
    problems += _denominator_problems(nodes, read.variables, read.rows_by_code)
    sets = _read_sets(table, rows, nodes, read.rows_by_code, problems)
    texts = text_problems((*nodes, *read.variables), table.file)
    for problem in (*texts, *structure_problems(nodes, table.file)):
        problems.append(_address_problem(problem, read.rows_by_code))
    if problems:
        raise FrameworkError(problems)
    parents = {node.parent for node in nodes}
    directed = {row["code"] for row in rows if row.get("direction", "") not in _NOTHING}
    return {
        "nodes": tuple(_parents_first(nodes)),
        "file": table.file,
        "variables": tuple(read.variables),
        "groups": tuple(read.groups),
        "own_values": not coinr,
        "words": tuple(read.words),
        "weight_sets": sets,
        "undirected": tuple(
            node.code for node in nodes if node.code not in parents and node.code not in directed
        ),
    }


class _NodeRows:
    """Nodes, variables and groups of the rows of a table, with what is wrong in them."""

    def __init__(self, table: FileTable, rows: list[dict[str, str]]) -> None:
        self.problems: list[Problem] = []
        self.nodes: list[Node] = []
        self.variables: list[Node] = []
        self.groups: list[str] = []
        self.rows_by_code: dict[str, list[Where]] = {}
        self.words: list[MethodWord] = []
        for position, row in enumerate(rows):
            kind, code = row.get("type", "").lower(), row.get("code", "")
            if kind == _GROUP:
                self.groups.append(code)
                continue
            where = table.where(position, indicator=code)
            if (node := _read_node(row, where, self.problems)) is None:
                continue
            self.rows_by_code.setdefault(node.code, []).append(where)
            self.words += [
                MethodWord(option, node.code, row[option], where)
                for option in OPTIONS
                if row.get(option, "") not in _NOTHING
            ]
            (self.variables if kind in (_DENOMINATOR, _OTHER) else self.nodes).append(node)


def _address_problem(problem: Problem, rows_by_code: dict[str, list[Where]]) -> Problem:
    """Return a problem with the row of its node; a code that is used twice names both rows."""
    rows = rows_by_code.get(problem.where.indicator or "")
    if not rows:
        return problem
    if problem.code == "XC201":
        cells = " and ".join(str(where.cell) for where in rows)
        message = f"code {problem.where.indicator} is used twice: {cells}."
        return replace(problem, message=message, where=rows[-1])
    return replace(problem, where=rows[0])


def _weight_problems(
    nodes: Sequence[Node],
    weighed: Collection[str],
    which: str,
    rows_by_code: Mapping[str, Sequence[Where]],
) -> list[Problem]:
    """Return nodes without a weight beside others of their group that have one.

    Parameters
    ----------
    weighed
        Codes of the nodes that have a weight.
    which
        Of which set, "" for the framework's own.
    rows_by_code
        Code -> addresses of its rows.
    """
    groups = {node.parent for node in nodes if node.code in weighed} - {None}
    return [
        Problem(
            "XC212",
            f"{node.code} has no weight{which}, but others under {node.parent} have one.",
            "Give it a weight; 0 leaves it out.",
            rows_by_code[node.code][0],
        )
        for node in nodes
        if node.parent in groups and node.code not in weighed
    ]


def _denominator_problems(
    nodes: list[Node], variables: list[Node], rows_by_code: dict[str, list[Where]]
) -> list[Problem]:
    """Return nodes whose denominator is neither a node nor a variable."""
    codes = {node.code for node in (*nodes, *variables)}
    return [
        Problem(
            "XC214",
            f"the denominator of {node.code} is {node.denominator!r}, which has no row.",
            "Add it with the type Denominator, or correct the code.",
            rows_by_code[node.code][0],
        )
        for node in nodes
        if node.denominator and node.denominator not in codes
    ]


def _read_node(row: dict[str, str], where: Where, problems: list[Problem]) -> Node | None:
    """Return the node of a row, with defaults for what is faulty; None without a code."""
    if not row.get("code"):
        problems.append(Problem("XC221", "a node without a code.", "Give it one.", where))
    weight = number_in(row, "weight", 1.0, where, problems)
    bounds: dict[str, Any] = {n: number_in(row, n, None, where, problems) for n in _NODE_BOUNDS}
    direction = Direction.POSITIVE
    try:
        direction = Direction.parse("" if row.get("direction") == "NA" else row.get("direction"))
    except ValueError:
        message = f"{row['direction']!r} is not a direction."
        problems.append(Problem("XC223", message, "Write 1 or -1.", where))
    code = row.get("code", "")
    if code != "".join(code.split()):
        message = f"the code {code!r} has a space in it."
        problems.append(Problem("XC213", message, "Write it without; names may have them.", where))
    if not code:
        return None
    # What is faulty has its default, so that the tree is looked at as well.
    assert weight is not None
    texts: dict[str, Any] = {name: row.get(name, "") for name in _NODE_TEXTS}
    texts["denominator"] = "" if texts["denominator"] in _NOTHING else texts["denominator"]
    return Node(
        code=row["code"],
        parent=None if row.get("parent", "") in _NOTHING else row["parent"],
        weight=weight,
        direction=direction,
        **texts,
        **bounds,
    )


def _parents_first(nodes: list[Node]) -> list[Node]:
    """Move nodes behind their parents, otherwise in reading order; loops keep their place."""
    codes = {node.code for node in nodes}
    placed: set[str] = set()
    ordered: list[Node] = []
    waiting = list(nodes)
    while waiting:
        ready = (node for node in waiting if node.parent in placed or node.parent not in codes)
        following = next(ready, waiting[0])
        waiting.remove(following)
        placed.add(following.code)
        ordered.append(following)
    return ordered


def read_ingredients(table: FileTable) -> tuple[Ingredient, ...]:
    """Return the ingredients of a table: what constructed indicators are made from.

    Columns: `code` ("B2.1.a"), `of` (the indicator), names in both languages and the descriptive
    columns of `Ingredient`; others are ignored.

    Raises
    ------
    FrameworkError
        With every row that has no code, and every bound that is not a number.
    """
    columns = [name.strip().lower() for name in table.header]
    require_columns(table, "a table of ingredients", columns, "code", "of")
    problems: list[Problem] = []
    ingredients = []
    for position in range(len(table.rows)):
        row = {
            name: as_text(table.cell(position, column))
            for column, name in enumerate(columns)
            if name
        }
        where = table.where(position, indicator=row["code"])
        if not row["code"]:
            problems.append(Problem("XC221", "an ingredient without a code.", "Give one.", where))
        texts: dict[str, Any] = {name: row.get(name, "") for name in _INGREDIENT_TEXTS}
        for name in _INGREDIENT_BOUNDS:
            texts[name] = number_in(row, name, None, where, problems)
        ingredients.append(Ingredient(row["code"], row["of"], **texts))
    if problems:
        raise FrameworkError(problems)
    return tuple(ingredients)


def _read_sets(
    table: FileTable,
    rows: Sequence[Mapping[str, str]],
    nodes: Sequence[Node],
    rows_by_code: Mapping[str, Sequence[Where]],
    problems: list[Problem],
) -> WeightSets:
    """Return the sets of weights in columns of a table; what is wrong is added to `problems`.

    A set has weights for all nodes with the same parent or for none of them.
    """
    sets: WeightSets = {}
    codes = {node.code for node in nodes}
    for column, title in enumerate(map(str.strip, table.header)):
        name = title[len(SET_PREFIX) :]
        if not title.lower().startswith(SET_PREFIX) or not name:
            continue
        weights = sets.setdefault(name, {})
        for position, row in enumerate(rows):
            where = table.where(position, indicator=row.get("code", ""))
            text = as_text(table.cell(position, column))
            number = number_in({title: text}, title, None, where, problems)
            if number is None or row.get("code") not in codes:
                continue
            weights[row["code"]] = number
            if not 0 <= number < math.inf:
                message = f"{title} of {row['code']} is {number:g}."
                problems.append(Problem("XC218", message, "Give a number of 0 or more.", where))
        problems += _weight_problems(nodes, weights, f" in the set {name}", rows_by_code)
    return sets
