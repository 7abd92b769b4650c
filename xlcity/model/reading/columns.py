"""Which column of a table holds what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from xlcity.errors import Problem, Where
from xlcity.model.framework import Framework
from xlcity.model.reading.notes import DESCRIBES
from xlcity.model.reading.tables import ID_COLUMNS, FileTable, as_text
from xlcity.model.reading.units import fold_name

#: Columns that describe a unit or a value, unless the framework declares one of that name.
_DESCRIPTIVE = frozenset({"name_zh", "name_en", "name", "uname", "note", "notes", "population"})
#: Columns that name a unit -> in which language, "name" for either.
_NAMED = {"name_zh": "name_zh", "name_en": "name_en", "uname": "name", "name": "name"}
#: Why a column is not used that nothing of the framework is called like.
UNKNOWN = "the framework has nothing of this code or name"
#: From which likeness on (0 to 1) a heading is taken for a misspelt name.
LIKENESS = 0.8
#: Headings of the cities' names.
_CITY = ("城市", "城市名称", "city", "city name")
#: Columns that begin so are groups of units, as older tables of COINr have them.
GROUP_PREFIX = "Group_"


@dataclass(frozen=True, slots=True)
class ColumnRoles:
    """The roles of a table's columns.

    Parameters
    ----------
    unit, basis
        Column of the unit and of the values' status (None: none).
    names_of_units
        "name_zh", "name_en" or "name" (in either language) -> column.
    nodes
        Column -> code, for a wide table.
    words
        Column -> attribute of the unit that it tells.
    long
        Columns of code and value, for a long table, else None.
    names
        Folded code or name -> codes that it may mean.
    renamed
        (header, code) of columns found by name or in another spelling.
    unused
        (header, reason) of columns that are not read.
    misspelt
        (column, code) of columns that are not read, with the indicator they probably hold.
    """

    unit: int
    names_of_units: dict[str, int]
    basis: int | None
    nodes: dict[int, str]
    words: dict[int, str]
    long: tuple[int, int] | None
    names: dict[str, tuple[str, ...]]
    renamed: list[tuple[str, str]]
    unused: list[tuple[str, str]]
    misspelt: list[tuple[int, str]]
    problems: list[Problem]

    def refuse(
        self,
        table: FileTable,
        code: str,
        message: str,
        hint: str,
        column: int | None = None,
        indicator: str | None = None,
    ) -> None:
        """Add a problem with a table or one of its columns; `code` is that of the message."""
        cell = None if column is None else table.column_name(column)
        where = Where(file=table.file, sheet=table.sheet, cell=cell, indicator=indicator)
        self.problems.append(Problem(code, message, hint, where))

    @property
    def values(self) -> Collection[int]:
        """The columns that hold values."""
        return self.nodes if self.long is None else self.long[1:]

    def code_of(self, text: str) -> str | None:
        """Return the one code that a text means, None if there is none or several."""
        meant = self.names.get(fold_name(text), ())
        return meant[0] if len(meant) == 1 else None


def find_columns(table: FileTable, framework: Framework) -> ColumnRoles:
    """Find the columns of a table; unlisted ones are accepted, not ambiguous or repeated ones."""
    # A name that the framework declares as a code always wins, whatever tables use it for.
    header = ["" if name in framework.inputs else name.strip().lower() for name in table.header]
    names = _codes_by_name(framework)
    # COINr's uCode wins over uName; without a known heading the first column names the unit, which
    # may be the number of the row.
    headed = [header.index(name) for name in ("ucode", *ID_COLUMNS, *_CITY) if name in header]
    unit = next(iter(headed), 0)
    basis = header.index("basis") if "basis" in header else None
    named = {
        _NAMED[word]: position
        for position, word in reversed([*enumerate(header)])
        if word in _NAMED
    }
    long = None
    if "code" in header and "value" in header:
        long = (header.index("code"), header.index("value"))
    taken = {unit, basis, *(long or ()), *named.values()}
    roles = ColumnRoles(unit, named, basis, {}, {}, long, names, [], [], [], [])
    first = roles.code_of(table.header[0]) if table.header and not headed else None
    if first is not None and framework.is_indicator(first):
        message = f"the first column is the indicator {first}, and no column is headed unit."
        hint = "Put the column of cities first, or head it unit."
        roles.refuse(table, "XC310", message, hint, 0, first)
        return roles
    for position, title in enumerate(table.header):
        if position not in taken:
            _add_role(roles, table, framework, position, title)
    _find_misspelt(roles, table, framework)
    if long is None and not roles.nodes and not roles.problems:
        codes = [node.code for node in framework.indicators]
        shown = ", ".join((*codes[:8], "…") if len(codes) > 8 else codes)
        roles.refuse(
            table,
            "XC319",
            "no column is an indicator of the framework.",
            f"Head the columns with codes or names ({shown}).",
        )
    return roles


def _add_role(
    roles: ColumnRoles, table: FileTable, framework: Framework, column: int, title: str
) -> None:
    """Add what a column holds: a group of units, an indicator, or nothing that is read."""
    if not title:
        if any(as_text(table.cell(row, column)) for row in range(len(table.rows))):
            roles.unused.append((table.column_name(column), "it has no heading"))
        return
    declared = title in framework.inputs
    if title in framework.groups or (title.startswith(GROUP_PREFIX) and not declared):
        roles.words[column] = title
        return
    meant = roles.names.get(fold_name(title), ())
    code = title if declared else roles.code_of(title)
    is_long = roles.long is not None
    if is_long or not meant:
        describes = not declared and title.strip().lower() in _DESCRIPTIVE
        reason = "a table with code and value has its values there" if is_long else UNKNOWN
        roles.unused.append((title, DESCRIBES if describes else reason))
    elif code is None:
        message = f"the column {title!r} may be {', '.join(meant)}."
        roles.refuse(table, "XC315", message, "Use the code as heading.", column)
    elif not framework.own_values and title in framework and not framework.is_indicator(title):
        message = f"the column {title!r} holds values of {code}, which is computed from others."
        hint = "Remove the column, or give the node another code."
        roles.refuse(table, "XC309", message, hint, column, code)
    elif code in roles.nodes.values():
        message = f"{code} has two columns."
        roles.refuse(table, "XC313", message, "Remove one of them.", column, code)
    else:
        roles.nodes[column] = code
        if title != code:
            roles.renamed.append((title, code))


def _find_misspelt(roles: ColumnRoles, table: FileTable, framework: Framework) -> None:
    """Add headings that nearly name an indicator which has no column."""
    if roles.long is not None:
        return
    lacking = {node.code for node in framework.indicators} - set(roles.nodes.values())
    names = {key: codes[0] for key, codes in roles.names.items() if lacking.issuperset(codes)}
    unknown = {heading for heading, reason in roles.unused if reason == UNKNOWN}
    for column, heading in enumerate(table.header):
        if heading in unknown:
            near = get_close_matches(fold_name(heading), names, 1, LIKENESS)
            roles.misspelt.extend((column, names[name]) for name in near)


def _codes_by_name(framework: Framework) -> dict[str, tuple[str, ...]]:
    """Return folded code or name -> the codes that it may mean, the likeliest alone."""
    codes_by_name: dict[str, list[str]] = {}
    for node in framework.nodes:
        for text in (node.code, node.name_zh, node.name_en):
            codes = codes_by_name.setdefault(fold_name(text), [])
            if text and node.code not in codes:
                codes.append(node.code)
    # A node and the indicator below it often share a name: the indicator is meant.
    for key, codes in codes_by_name.items():
        leaves = [code for code in codes if framework.is_indicator(code)]
        codes_by_name[key] = leaves if len(leaves) == 1 else codes
    # An ingredient's name means the ingredient unless a node bears it too.
    parts = (*framework.ingredients, *framework.satellite_inputs)
    for ingredient in parts:
        codes_by_name[fold_name(ingredient.code)] = [ingredient.code]
    for variable in framework.variables:
        for text in (variable.code, variable.name_zh, variable.name_en):
            if text:
                codes_by_name.setdefault(fold_name(text), [variable.code])
    taken = set(codes_by_name)
    for ingredient in parts:
        for text in (ingredient.name_zh, ingredient.name_en):
            if text and fold_name(text) not in taken:
                codes_by_name.setdefault(fold_name(text), []).append(ingredient.code)
    _add_measured(codes_by_name, framework)
    return {key: tuple(codes) for key, codes in codes_by_name.items() if codes}


def _add_measured(codes_by_name: dict[str, list[str]], framework: Framework) -> None:
    """Add names with their measure in brackets: 人均GDP（元）, but not 人均GDP（万元）."""
    measured: dict[str, list[str]] = {}
    for node in framework.inputs.values():
        for text in {node.code, node.name_zh, node.name_en} - {""}:
            for uom in {node.uom, node.uom_zh} - {""}:
                codes = measured.setdefault(fold_name(f"{text}({uom})"), [])
                if node.code not in codes:
                    codes.append(node.code)
    for key, codes in measured.items():
        codes_by_name.setdefault(key, codes)
