"""Reading what a framework is made of from tables: nodes, ingredients, named sets of weights."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xlcity.errors import FrameworkError, Problem, Where, did_you_mean
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
from xlcity.model.reading.coin_tool import framework_table, is_coin_tool
from xlcity.model.reading.tables import (
    FileTable,
    as_text,
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


def framework_tables(path: Path) -> Iterator[tuple[str, FileTable]]:
    """Yield the table of nodes of a CSV file, a folder or an xlsx file, then what is beside it.

    Each with its kind: "framework", "ingredients" or "weights". A folder has `framework.csv`,
    `ingredients.csv` where indicators are constructed, and `weights.csv` with named sets of
    weights; an xlsx file the sheets `framework` (or `iMeta`), `ingredients` and `weights`, or it is
    a deck of the COIN Tool.
    """
    if path.is_dir():
        yield "framework", read_csv(path / "framework.csv")
        for kind in ("ingredients", "weights"):
            if (path / f"{kind}.csv").is_file():
                yield kind, read_csv(path / f"{kind}.csv")
        return
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        yield "framework", read_csv(path)
        return
    sheets = read_plain_cells(path)
    if is_coin_tool(sheets):
        yield "framework", framework_table(str(path), sheets)
        return
    names = (name for name in sheets if name.lower() in ("framework", "imeta"))
    title = next(names, next(iter(sheets)))
    cells = sheets[title]
    if not cells:
        where = Where(file=str(path), sheet=title)
        raise FrameworkError("the sheet is empty.", "Put a table there.", "XC322", where)
    header_row = next((position for position, row in enumerate(cells) if _is_header(row)), 0)
    yield "framework", sheet_table(str(path), title, cells, header_row)
    for name, rows in sheets.items():
        if name.lower() in ("ingredients", "weights") and rows and name != title:
            yield name.lower(), sheet_table(str(path), name, rows)


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
    problems += _weight_problems(nodes, rows, read.rows_by_code)
    problems += _denominator_problems(nodes, read.variables, read.rows_by_code)
    columns = _weight_set_columns(table.header)
    sets = _read_sets(table, columns, fields.index("code"), nodes, problems) if columns else {}
    texts = text_problems((*nodes, *read.variables), table.file)
    for problem in (*texts, *structure_problems(nodes, table.file)):
        problems.append(_address_problem(problem, read.rows_by_code))
    parents = frozenset(node.parent for node in nodes if node.parent is not None)
    if problems:
        error = FrameworkError(problems)
        error.parents = parents if coinr else frozenset()
        error.uoms = {node.code: node.uom for node in nodes if node.code not in parents}
        error.words, error.weight_sets = tuple(read.words), tuple(sets)
        raise error
    stated = {row["code"] for row in rows if row.get("direction", "") not in _NOTHING}
    return {
        "nodes": tuple(_parents_first(nodes)),
        "file": table.file,
        "variables": tuple(read.variables),
        "groups": tuple(read.groups),
        "own_values": not coinr,
        "words": tuple(read.words),
        "weight_sets": sets,
        "undirected": tuple(
            node.code for node in nodes if node.code not in parents and node.code not in stated
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
        no_parent = _words_for_no_parent(rows)
        if NA in no_parent and any(row.get("code") == NA for row in rows):
            where = table.where([row.get("code") for row in rows].index(NA), indicator=NA)
            message = "NA is the code of a node, and the parent of the root is NA as well."
            hint = "Leave the parent of the root blank, or give the node another code."
            self.problems.append(Problem("XC217", message, hint, where))
        for position, row in enumerate(rows):
            kind, code = row.get("type", "").lower(), row.get("code", "")
            if kind == _GROUP:
                self.groups.append(code)
                continue
            where = table.where(position, indicator=code)
            if (node := _read_node(row, where, self.problems, no_parent)) is None:
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
    nodes: list[Node], rows: list[dict[str, str]], rows_by_code: dict[str, list[Where]]
) -> list[Problem]:
    """Return nodes without a weight beside others of their group that have one.

    Parameters
    ----------
    rows, rows_by_code
        Field -> text of each row, and code -> addresses of its rows.
    """
    weighed = {
        row["code"] for row in rows if row.get("code") and row.get("weight", "") not in _NOTHING
    }
    groups = {node.parent for node in nodes if node.code in weighed}
    return [
        Problem(
            "XC212",
            f"{node.code} has no weight, but others under {node.parent} have one.",
            "Give it a weight; 0 leaves it out.",
            rows_by_code[node.code][0],
        )
        for node in nodes
        if node.parent is not None and node.parent in groups and node.code not in weighed
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


def _words_for_no_parent(rows: list[dict[str, str]]) -> tuple[str, ...]:
    """Return what stands for no parent: a node may be called NA where the root's is blank."""
    outside = (_GROUP, _DENOMINATOR, _OTHER)
    inside = [row for row in rows if row.get("type", "").lower() not in outside]
    named = any(row.get("code") == NA for row in inside)
    blank = any(row.get("code") and not row.get("parent") for row in inside)
    return ("",) if named and blank else _NOTHING


def _read_node(
    row: dict[str, str], where: Where, problems: list[Problem], no_parent: tuple[str, ...]
) -> Node | None:
    """Return the node of a row, with defaults for what is faulty; None without a code.

    Parameters
    ----------
    row
        Field -> text.
    problems
        Takes what is wrong.
    no_parent
        What a root has in place of a parent.
    """
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
        parent=None if row.get("parent", "") in no_parent else row["parent"],
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


def read_weight_sets(
    table: FileTable, nodes: Collection[Node], taken: Collection[str]
) -> WeightSets:
    """Return the sets of weights of a table: a column `code`, and one per set.

    Raises
    ------
    FrameworkError
        With every weight and code that cannot be used, and every name that is taken.
    """
    header = [title.strip() for title in table.header]
    lower = [title.lower() for title in header]
    require_columns(table, "a table of weights", lower, "code")
    code_column = lower.index("code")
    prefixed = _weight_set_columns(header)
    columns = {column: prefixed.get(column, title) for column, title in enumerate(header) if title}
    del columns[code_column]
    problems: list[Problem] = []
    sets = _read_sets(table, columns, code_column, nodes, problems)
    for name in sorted(set(columns.values())):
        if name in taken or [*columns.values()].count(name) > 1:
            message = f"the set of weights {name} is there twice."
            problems.append(Problem("XC218", message, "Rename one of them.", table.where(0)))
    if problems:
        raise FrameworkError(problems)
    return sets


def _weight_set_columns(header: Collection[str]) -> dict[int, str]:
    """Return the columns of a framework that hold a set of weights: position -> its name."""
    titles = {column: title.strip() for column, title in enumerate(header)}
    return {
        column: title[len(SET_PREFIX) :]
        for column, title in titles.items()
        if title.lower().startswith(SET_PREFIX) and len(title) > len(SET_PREFIX)
    }


def _read_sets(
    table: FileTable,
    columns: Mapping[int, str],
    code_column: int,
    nodes: Collection[Node],
    problems: list[Problem],
) -> WeightSets:
    """Return the sets of weights in columns of a table; what is wrong is added to `problems`.

    A set has weights for all nodes with the same parent or for none of them.
    """
    sets: WeightSets = {name: {} for name in columns.values()}
    parents = {node.code: node.parent for node in nodes}
    where_by_code: dict[str, Where] = {}
    for row in range(len(table.rows)):
        code = as_text(table.cell(row, code_column))
        where = table.where(row, indicator=code)
        for column, name in columns.items():
            heading = table.header[column].strip()
            text = as_text(table.cell(row, column))
            number = number_in({heading: text}, heading, None, where, problems)
            if number is None:
                continue
            if code not in parents:
                hint = did_you_mean(code, parents)
                problems.append(Problem("XC218", f"{code!r} is not a node.", hint, where))
            elif not 0 <= number < math.inf:
                message = f"{heading} of {code} is {number:g}."
                problems.append(Problem("XC218", message, "Give a number of 0 or more.", where))
            else:
                sets[name][code] = number
        where_by_code.setdefault(code, where)
    for name, weights in sets.items():
        groups = {parents[code] for code in weights} - {None}
        problems += [
            Problem(
                "XC212",
                f"{code} has no weight in the set {name}, but others under {parent} have one.",
                "Give it a weight; 0 leaves it out.",
                where_by_code.get(code, Where(file=table.file, indicator=code)),
            )
            for code, parent in parents.items()
            if parent in groups and code not in weights
        ]
    return sets
