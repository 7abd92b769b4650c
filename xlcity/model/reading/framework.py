"""Reading what a framework is made of from tables: nodes with sets of weights, ingredients."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xlcity.errors import FrameworkError, Problem, Where
from xlcity.messages import Message, joined
from xlcity.methods.registry import OPTIONS
from xlcity.model.nodes import (
    Direction,
    Ingredient,
    Measure,
    MethodWord,
    Node,
    structure_problems,
    table_columns,
    text_problems,
)
from xlcity.model.reading.sheets import open_extra_table, open_first_table
from xlcity.model.reading.tables import (
    FileTable,
    as_text,
    read_csv,
    read_number_field,
    require_columns,
)

#: Header spellings -> fields of `Node`. COINr's iMeta names are understood too.
_FIELD_OF_HEADING = {
    **{name: name for name in (*table_columns(Node), "type", "level", *OPTIONS)},
    "icode": "code",
    "name": "name_en",
    "iname": "name_en",
    "unit": "uom",
    "goalpost_lower": "goalpost_low",
    "goalpost_upper": "goalpost_high",
    "normalize": "normalise",
}
#: Fields of records that are not texts, and those that are not taken as they are.
_NUMBER_FIELDS = {
    "valid_low",
    "valid_high",
    "no_data",
    "goalpost_low",
    "goalpost_high",
    "target",
}
_FIELDS_READ_APART = {"code", "of", "parent", "weight", "direction"}
#: COINr's rows that are not nodes of the tree.
_GROUP = "group"
_DENOMINATOR = "denominator"
_OTHER = "other"
#: COINr writes NA where there is nothing.
NA = "NA"
_EMPTY_TEXTS = ("", NA)
#: The root that a table without any parent is given.
FLAT_ROOT = "INDEX"
#: Before the name of a set of weights, in the heading of its column.
SET_PREFIX = "weight_"


def framework_tables(path: Path) -> tuple[FileTable, FileTable | None]:
    """Return the table of nodes of a CSV file, a folder or an xlsx file, and that of ingredients.

    A folder has `framework.csv`, and `ingredients.csv` where indicators are constructed; an xlsx
    file has the sheets `framework` (or `iMeta`) and `ingredients`.
    """
    # No row is a header below titles: the first filled row of a sheet of ingredients is it.
    ingredients = open_extra_table(path, "ingredients", lambda row: False)
    if path.is_dir():
        return read_csv(path / "framework.csv"), ingredients
    return open_first_table(path, ("framework", "imeta"), _is_header), ingredients


def _is_header(row: Sequence[object]) -> bool:
    """Tell whether a row has headings of both a code and a parent, as a table of nodes."""
    fields = {_FIELD_OF_HEADING.get(as_text(cell).lower()) for cell in row}
    return {"code", "parent"} <= fields


def read_nodes(table: FileTable) -> dict[str, Any]:
    """Return the arguments of `Framework` that its table gives.

    Raises
    ------
    FrameworkError
        With every problem: no code column, a weight that is not a number, an unknown direction, and
        whatever keeps the rows from being one tree.
    """
    reader = _NodeReader(table)
    reader.read_weight_sets()
    reader.check_tree()
    nodes = reader.nodes
    parents = {node.parent for node in nodes}
    return {
        "nodes": tuple(_sort_parents_first(nodes)),
        "file": table.file,
        "variables": tuple(reader.variables),
        "groups": tuple(reader.groups),
        "own_values": not reader.is_coinr,
        "words": tuple(reader.words),
        "weight_sets": reader.weight_sets,
        "undirected": tuple(
            node.code
            for node in nodes
            if node.code not in parents
            and node.code not in reader.codes_with("direction")
        ),
    }


def _rows_by_field(table: FileTable, fields: Sequence[str]) -> list[dict[str, str]]:
    """Return each row as field -> text, "" for a blank; of columns of one field the last counts.

    `fields` has the field of each column, "" for those that are not read.
    """
    columns = [(column, field) for column, field in enumerate(fields) if field]
    blank = dict.fromkeys((field for _, field in columns), "")
    rows = []
    for number in range(len(table.rows)):
        row = blank.copy()
        for column, field in columns:
            text = as_text(table.cell(number, column))
            if text:
                row[field] = text
        rows.append(row)
    return rows


def _read_measure_fields(
    record: type[Measure],
    row: Mapping[str, str],
    where: Where,
    problems: list[Problem],
) -> dict[str, Any]:
    """Return fields of a node or ingredient from its row: names, descriptions and bounds.

    Codes, parents, weights and directions are read elsewhere.

    Parameters
    ----------
    record
        The class that the fields belong to.
    row, where
        Field -> text, and its address.
    problems
        What is not a number is added to it.
    """
    fields: dict[str, Any] = {}
    for name in table_columns(record):
        if name in _NUMBER_FIELDS:
            fields[name] = read_number_field(
                row, name, None, where=where, problems=problems
            )
        elif name not in _FIELDS_READ_APART:
            fields[name] = row.get(name, "")
    return fields


class _NodeReader:
    """Reads the nodes, variables and groups of a table, and collects what is wrong in `problems`.

    `Framework` has the meaning of its attributes; `is_coinr` tells a table as COINr writes them.
    """

    def __init__(self, table: FileTable) -> None:
        """Read all rows of a table of nodes; its sets of weights and the tree come later."""
        fields = [
            _FIELD_OF_HEADING.get(name.strip().lower(), "") for name in table.header
        ]
        what = Message("table.of_framework")
        require_columns(table, what, fields, *("code", "parent"))
        self.table = table
        self.rows = _rows_by_field(table, fields)
        self.is_coinr = {"type", "level"} <= set(fields)
        self.problems: list[Problem] = []
        self.nodes: list[Node] = []
        self.variables: list[Node] = []
        self.groups: list[str] = []
        self.words: list[MethodWord] = []
        self.weight_sets: dict[str, dict[str, float]] = {}
        #: Code -> the rows that have it; one unless it is used twice.
        self.addresses_by_code: dict[str, list[Where]] = {}
        for position, row in enumerate(self.rows):
            self._read_row(row, table.where(position, indicator=row["code"]))
        if (
            self.is_coinr
            and len(self.nodes) > 1
            and not any(node.parent for node in self.nodes)
        ):
            # A flat table: every row is an indicator of one index.
            indicators = [replace(node, parent=FLAT_ROOT) for node in self.nodes]
            self.nodes = [Node(FLAT_ROOT, None, FLAT_ROOT, FLAT_ROOT), *indicators]

    def refuse(self, key: str, where: Where, /, **values: Any) -> None:
        """Add the problem of a key."""
        self.problems.append(Problem.of(key, where, **values))

    def codes_with(self, field: str) -> set[str]:
        """Return the codes of the rows in which a field, such as "weight", is not empty."""
        return {
            row["code"] for row in self.rows if row.get(field, "") not in _EMPTY_TEXTS
        }

    def _read_direction(self, sign: str, where: Where) -> Direction:
        """Return the direction that a text says; more is better where it is refused."""
        try:
            return Direction.parse("" if sign == NA else sign)
        except ValueError:
            self.refuse("XC223.no_direction", where, sign=sign)
            return Direction.POSITIVE

    def _read_row(self, row: Mapping[str, str], where: Where) -> None:
        """Add the node, variable or group of a row, with defaults for what is faulty."""
        kind = row.get("type", "").lower()
        code = row["code"]
        if kind == _GROUP:
            self.groups.append(code)
            return
        if not code:
            self.refuse("XC221.node", where)
        elif code != "".join(code.split()):
            self.refuse("XC213.space", where, code=code)
        weight = read_number_field(
            row, "weight", 1.0, where=where, problems=self.problems
        )
        fields = _read_measure_fields(Node, row, where, self.problems)
        direction = self._read_direction(row.get("direction", ""), where)
        if not code:
            return
        # What is faulty has its default, so that the tree is looked at as well.
        assert weight is not None  # its default is 1.0
        if fields["denominator"] == NA:
            fields["denominator"] = ""
        parent = None if row["parent"] in _EMPTY_TEXTS else row["parent"]
        node = Node(
            code=code, parent=parent, weight=weight, direction=direction, **fields
        )
        is_variable = kind in (_DENOMINATOR, _OTHER)
        (self.variables if is_variable else self.nodes).append(node)
        self.addresses_by_code.setdefault(code, []).append(where)
        self.words += [
            MethodWord(option, code, row[option], where)
            for option in OPTIONS
            if row.get(option, "") not in _EMPTY_TEXTS
        ]

    def read_weight_sets(self) -> None:
        """Read the sets of weights in columns of the table.

        A set has weights for all nodes with the same parent or for none of them.
        """
        self._refuse_partial_weights(self.codes_with("weight"), "")
        codes = {node.code for node in self.nodes}
        for column, title in enumerate(map(str.strip, self.table.header)):
            name = title[len(SET_PREFIX) :]
            if not title.lower().startswith(SET_PREFIX) or not name:
                continue
            weights = self.weight_sets.setdefault(name, {})
            for position, row in enumerate(self.rows):
                where = self.table.where(position, indicator=row["code"])
                text = as_text(self.table.cell(position, column))
                number = read_number_field(
                    {title: text}, title, None, where=where, problems=self.problems
                )
                if number is None or row["code"] not in codes:
                    continue
                weights[row["code"]] = number
                if not 0 <= number < math.inf:
                    values = {"title": title, "code": row["code"], "number": number}
                    self.refuse("XC218.weight_of_set", where, **values)
            self._refuse_partial_weights(weights, name)

    def _refuse_partial_weights(
        self, weighted_codes: Collection[str], set_name: str
    ) -> None:
        """Refuse nodes without a weight beside others of their group that have one.

        `set_name` is that of the set of weights, "" for the framework's own.
        """
        groups = {node.parent for node in self.nodes if node.code in weighted_codes} - {
            None
        }
        for node in self.nodes:
            if node.parent not in groups or node.code in weighted_codes:
                continue
            where = self.addresses_by_code[node.code][0]
            key = "XC212.no_weight_in_set" if set_name else "XC212.no_weight"
            values = {"code": node.code, "parent": node.parent, "set_name": set_name}
            self.refuse(key, where, **values)

    def check_tree(self) -> None:
        """Look at the tree and its texts; raise `FrameworkError` with all problems, if any.

        Its `readable` has a framework without tree, so that data can be checked all the same.
        """
        with_texts = (*self.nodes, *self.variables)
        codes = {node.code for node in with_texts}
        for node in self.nodes:
            if node.denominator and node.denominator not in codes:
                self.refuse(
                    "XC214.no_denominator",
                    self.addresses_by_code[node.code][0],
                    code=node.code,
                    denominator=node.denominator,
                )
        file = self.table.file
        for problem in (
            *text_problems(with_texts, file),
            *structure_problems(self.nodes, file),
        ):
            self.problems.append(self._locate_problem(problem))
        if self.problems:
            error = FrameworkError(self.problems)
            error.readable = self._flat_tree()
            raise error

    def _flat_tree(self) -> dict[str, Any]:
        """Return arguments of a framework that can be built in spite of the problems of its table.

        Data can then be checked against it. Each code is there once: leaves below their parent, all
        others below an added root, so that there are no loops.
        """
        by_code = {node.code: node for node in self.nodes}
        # Longer than the longest code: no node has this one.
        root = Node(max(by_code, default="", key=len) + "_", None, "", "")
        parents = {node.parent for node in self.nodes} & by_code.keys()
        nodes = [
            Node(
                node.code,
                node.parent
                if node.code not in parents and node.parent in parents
                else root.code,
                node.name_zh,
                node.name_en,
                uom=node.uom,
                uom_zh=node.uom_zh,
            )
            for node in by_code.values()
        ]
        return {
            "nodes": (root, *nodes),
            "own_values": not self.is_coinr,
            "words": tuple(self.words),
            "weight_sets": self.weight_sets,
        }

    def _locate_problem(self, problem: Problem) -> Problem:
        """Return a problem of the tree with the address of its node's row in the table.

        A code that is used twice names both rows.
        """
        code = problem.where.indicator or ""
        addresses = self.addresses_by_code.get(code)
        if not addresses:
            return problem
        if problem.code == "XC201":
            rows = joined([where.cell or "" for where in addresses], "list.and")
            return Problem.of("XC201.two_rows", addresses[-1], code=code, rows=rows)
        return replace(problem, where=addresses[0])


def _sort_parents_first(nodes: list[Node]) -> list[Node]:
    """Return nodes in an order with parents before their children, else in reading order."""
    codes = {node.code for node in nodes}
    sorted_nodes: dict[str, Node] = {}
    waiting = list(nodes)
    while waiting:
        ready = (
            node
            for node in waiting
            if node.parent in sorted_nodes or node.parent not in codes
        )
        following = next(
            ready, waiting[0]
        )  # in a loop no node is ready: the first goes on
        waiting.remove(following)
        sorted_nodes[following.code] = following
    return [*sorted_nodes.values()]


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
    what = Message("table.of_ingredients")
    require_columns(table, what, columns, *("code", "of"))
    problems: list[Problem] = []
    ingredients = []
    for position, row in enumerate(_rows_by_field(table, columns)):
        where = table.where(position, indicator=row["code"])
        if not row["code"]:
            problems.append(Problem.of("XC221.ingredient", where))
        fields = _read_measure_fields(Ingredient, row, where, problems)
        ingredients.append(Ingredient(row["code"], row["of"], **fields))
    FrameworkError.raise_for(problems)
    return tuple(ingredients)
