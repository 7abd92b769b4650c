"""Reading a framework from a CSV table: one row per node."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from xlcity.errors import FrameworkError, Problem, Where
from xlcity.methods.registry import OPTIONS
from xlcity.model.framework import Direction, Framework, Node, table_columns
from xlcity.model.framework_checks import structure_problems, text_problems
from xlcity.model.method_words import MethodWord
from xlcity.model.reading.coin_tool import framework_table, is_coin_tool
from xlcity.model.reading.ingredients import framework_with, with_ingredients
from xlcity.model.reading.tables import (
    FileTable,
    as_text,
    number_in,
    parse_csv,
    read_csv,
    require_columns,
    sheet_table,
)
from xlcity.model.reading.weight_sets import read_sets, set_columns, with_weight_sets
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
_BOUNDS = ("valid_low", "valid_high", "no_data", "goalpost_low", "goalpost_high", "target")
_NO_TEXT = frozenset({"code", "parent", "weight", "direction", "type", "level", *OPTIONS, *_BOUNDS})
_TEXT = sorted(set(_FIELDS.values()) - _NO_TEXT)
#: Sheets beside the one with the tree.
_MORE_SHEETS = {"ingredients": framework_with, "weights": with_weight_sets}
#: COINr's rows that are not nodes of the tree.
_GROUP, _DENOMINATOR, _OTHER = "group", "denominator", "other"
#: COINr writes NA where there is nothing.
NA = "NA"
_NOTHING = ("", NA)
#: The root that a table without any parent is given.
FLAT_ROOT = "INDEX"


def read_framework_csv(source: str | Path) -> Framework:
    r"""Read a framework from a CSV file, or from a CSV text (anything with a line break).

    Columns: `code`, `parent` (blank for the root), `weight` (a number or a fraction such as 1/6),
    `direction`, names in both languages and the descriptive columns of `Node`, and a method of its
    own for the row in the columns of `OPTIONS`; others are ignored, and so is the order of rows.

    Raises
    ------
    FrameworkError
        With every problem: no code column, a weight that is not a number, an unknown direction, and
        whatever keeps the rows from being one tree.

    Examples
    --------
    >>> read_framework_csv("code,parent,weight\nX,,1\nX1,X,1/2\nX2,X,1/2\n")["X1"].weight
    0.5
    """
    if isinstance(source, str) and "\n" in source:
        return framework_from_table(parse_csv(source, "framework"))
    return framework_from_table(read_csv(source))


def read_framework(path: str | Path) -> Framework:
    """Read a framework from a CSV file, a folder or an xlsx file.

    A folder holds `framework.csv`, `ingredients.csv` where indicators are constructed, and
    `weights.csv` with named sets of weights; an xlsx file the sheets `framework` (or `iMeta`),
    `ingredients` and `weights`, or it is a deck of the COIN Tool.

    Raises
    ------
    FrameworkError
        As `read_framework_csv` and `with_ingredients`.
    """
    if Path(path).is_dir():
        framework = read_framework_csv(Path(path) / "framework.csv")
        parts, sets = (Path(path) / name for name in ("ingredients.csv", "weights.csv"))
        if parts.is_file():
            framework = with_ingredients(framework, parts)
        return with_weight_sets(framework, read_csv(sets)) if sets.is_file() else framework
    if Path(path).suffix.lower() not in (".xlsx", ".xlsm"):
        return read_framework_csv(path)
    sheets = read_plain_cells(path)
    if is_coin_tool(sheets):
        return framework_from_table(framework_table(str(path), sheets))
    names = (name for name in sheets if name.lower() in ("framework", "imeta"))
    title = next(names, next(iter(sheets)))
    cells = sheets[title]
    header_at = next((at for at, row in enumerate(cells) if _is_header(row)), 0)
    if not cells:
        where = Where(file=str(path), sheet=title)
        raise FrameworkError("the sheet is empty.", "Put a table there.", "XC322", where)
    framework = framework_from_table(sheet_table(str(path), title, cells, header_at))
    for name, rows in sheets.items():
        reader = _MORE_SHEETS.get(name.lower())
        if reader is not None and rows and name != title:
            framework = reader(framework, sheet_table(str(path), name, rows))
    return framework


def _is_header(row: tuple[Any, ...]) -> bool:
    fields = {_FIELDS.get(as_text(cell).lower()) for cell in row}
    return {"code", "parent"} <= fields


def framework_from_table(table: FileTable) -> Framework:
    """Return the framework of a table that was read already (CSV or sheet)."""
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
    found = _Rows(table, rows)
    problems, nodes, places = found.problems, found.nodes, found.places
    coinr = {"type", "level"} <= set(fields)
    if coinr and len(nodes) > 1 and all(node.parent is None for node in nodes):
        # A flat table: every row is an indicator of one index.
        nodes = [Node(FLAT_ROOT, None, FLAT_ROOT, FLAT_ROOT)] + [
            replace(node, parent=FLAT_ROOT) for node in nodes
        ]
    problems += _weight_problems(nodes, rows, places)
    problems += _denominator_problems(nodes, found.variables, places)
    columns = set_columns(table.header)
    sets = read_sets(table, columns, fields.index("code"), nodes, problems) if columns else {}
    texts = text_problems((*nodes, *found.variables), table.file)
    for problem in (*texts, *structure_problems(nodes, table.file)):
        problems.append(_addressed(problem, places))
    if problems:
        error = FrameworkError(problems)
        parents = frozenset(node.parent for node in nodes if node.parent is not None)
        error.parents = parents if coinr else frozenset()
        error.uoms = {node.code: node.uom for node in nodes if node.code not in parents}
        error.words, error.weight_sets = tuple(found.words), tuple(sets)
        raise error
    inner = {node.parent for node in nodes}
    stated = {row["code"] for row in rows if row.get("direction", "") not in _NOTHING}
    return Framework(
        tuple(_parents_first(nodes)),
        file=table.file,
        variables=tuple(found.variables),
        groups=tuple(found.groups),
        own_values=not coinr,
        words=tuple(found.words),
        weight_sets=sets,
        undirected=tuple(n.code for n in nodes if n.code not in inner and n.code not in stated),
    )


class _Rows:
    """Nodes, variables and groups of the rows of a table, with what is wrong in them."""

    def __init__(self, table: FileTable, rows: list[dict[str, str]]) -> None:
        self.problems: list[Problem] = []
        self.nodes: list[Node] = []
        self.variables: list[Node] = []
        self.groups: list[str] = []
        self.places: dict[str, list[Where]] = {}
        self.words: list[MethodWord] = []
        nothing = _no_parent(rows)
        if NA in nothing and any(row.get("code") == NA for row in rows):
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
            if (node := _node(row, where, self.problems, nothing)) is None:
                continue
            self.places.setdefault(node.code, []).append(where)
            named = ((option, row.get(option, "")) for option in OPTIONS)
            self.words += [
                MethodWord(option, node.code, text, where)
                for option, text in named
                if text not in _NOTHING
            ]
            (self.variables if kind in (_DENOMINATOR, _OTHER) else self.nodes).append(node)


def _addressed(problem: Problem, places: dict[str, list[Where]]) -> Problem:
    """Return a problem with the row of its node; a code that is used twice names both rows."""
    found = places.get(problem.where.indicator or "")
    if not found:
        return problem
    if problem.code == "XC201":
        rows = " and ".join(str(where.cell) for where in found)
        message = f"code {problem.where.indicator} is used twice: {rows}."
        return replace(problem, message=message, where=found[-1])
    return replace(problem, where=found[0])


def _weight_problems(
    nodes: list[Node], rows: list[dict[str, str]], places: dict[str, list[Where]]
) -> list[Problem]:
    """Return nodes without a weight beside others of their group that have one."""
    weighed = {
        row["code"] for row in rows if row.get("code") and row.get("weight", "") not in _NOTHING
    }
    groups = {node.parent for node in nodes if node.code in weighed}
    return [
        Problem(
            "XC212",
            f"{node.code} has no weight, but others under {node.parent} have one.",
            "Give it a weight; 0 leaves it out.",
            places[node.code][0],
        )
        for node in nodes
        if node.parent is not None and node.parent in groups and node.code not in weighed
    ]


def _denominator_problems(
    nodes: list[Node], variables: list[Node], places: dict[str, list[Where]]
) -> list[Problem]:
    known = {node.code for node in (*nodes, *variables)}
    return [
        Problem(
            "XC214",
            f"the denominator of {node.code} is {node.denominator!r}, which has no row.",
            "Add it with the type Denominator, or correct the code.",
            places[node.code][0],
        )
        for node in nodes
        if node.denominator and node.denominator not in known
    ]


def _no_parent(rows: list[dict[str, str]]) -> tuple[str, ...]:
    """Return what stands for no parent: a node may be called NA where the root's is blank."""
    outside = (_GROUP, _DENOMINATOR, _OTHER)
    inside = [row for row in rows if row.get("type", "").lower() not in outside]
    named = any(row.get("code") == NA for row in inside)
    blank = any(row.get("code") and not row.get("parent") for row in inside)
    return ("",) if named and blank else _NOTHING


def _node(
    row: dict[str, str], where: Where, problems: list[Problem], nothing: tuple[str, ...]
) -> Node | None:
    if not row.get("code"):
        problems.append(Problem("XC221", "a node without a code.", "Give it one.", where))
    weight = number_in(row, "weight", 1.0, where, problems)
    bounds: dict[str, Any] = {n: number_in(row, n, None, where, problems) for n in _BOUNDS}
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
    texts: dict[str, Any] = {name: row.get(name, "") for name in _TEXT}
    texts["denominator"] = "" if texts["denominator"] in _NOTHING else texts["denominator"]
    return Node(
        code=row["code"],
        parent=None if row.get("parent", "") in nothing else row["parent"],
        weight=weight,
        direction=direction,
        **texts,
        **bounds,
    )


def _parents_first(nodes: list[Node]) -> list[Node]:
    """Move nodes behind their parents, otherwise in reading order; loops keep their place."""
    known = {node.code for node in nodes}
    placed: set[str] = set()
    ordered: list[Node] = []
    waiting = list(nodes)
    while waiting:
        ready = (node for node in waiting if node.parent in placed or node.parent not in known)
        chosen = next(ready, waiting[0])
        waiting.remove(chosen)
        placed.add(chosen.code)
        ordered.append(chosen)
    return ordered
