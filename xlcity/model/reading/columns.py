"""Which column of a table holds what."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from xlcity.errors import Problem, Where, first_of
from xlcity.grouping import grouped
from xlcity.messages import Message
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient, Node
from xlcity.model.reading.tables import ID_COLUMNS, FileTable
from xlcity.model.reading.units import NAME_COLUMNS, fold_name
from xlcity.model.reading.values import DESCRIBES
from xlcity.model.reading.words import city_heading_score, is_rank_heading

#: Columns that describe a unit or a value, unless the framework declares one of that name.
_DESCRIPTIVE = frozenset(
    {"name_zh", "name_en", "name", "uname", "note", "notes", "population"}
)
#: Why a column is not used that nothing of the framework is called like.
UNKNOWN_REASON = Message("unused.unknown")
NO_HEADING = Message("unused.no_heading")
_IN_LONG_TABLE = Message("unused.in_long_table")
#: Headings of ids, best first: COINr's uCode wins over uName.
_ID_HEADINGS = ("ucode", *ID_COLUMNS)
#: Heading of the column with the statuses of values.
STATUS_HEADING = "basis"
#: Codes that a hint lists.
_LISTED = 8
#: From which likeness on (0 to 1) a heading is taken for a misspelt name.
LIKENESS = 0.8
#: A number of a row or a rank: 1, 2., (3), =4.
_ROW_NUMBER = re.compile(r"\W*\d[\d.,]*\W*")
#: Columns that begin so are groups of units, as older tables of COINr have them.
GROUP_PREFIX = "Group_"


class ColumnRoles:
    """Which column of a table of values holds what.

    Unknown columns are listed as unused; ambiguous and repeated ones are problems.

    Attributes
    ----------
    unit, basis
        Column of the unit and of the values' status (None: none).
    names_of_units
        "name_zh", "name_en" or "name" (in either language) -> column.
    nodes
        Column -> code, for a wide table.
    attributes
        Column -> attribute of the unit that it tells.
    code_and_value
        Columns of code and value, for a long table, else None.
    names
        Folded code or name -> codes that it may mean.
    renamed
        (header, code) of columns found by name or in another spelling.
    unused
        (header, reason) of columns that are not read.
    misspelt
        (column, code) of columns that are not read, with the indicator they probably hold.
    problems
        What is wrong with the columns.
    """

    def __init__(self, table: FileTable, framework: Framework) -> None:
        """Find the role of each column of a table of values, by the framework's codes and names."""
        self.table = table
        self.framework = framework
        header = _plain_headings(table, framework)
        #: Heading in lower case -> its column; the first of equal ones.
        positions = {name: header.index(name) for name in header}
        self.names = _codes_by_name(framework)
        self.basis = positions.get(STATUS_HEADING)
        self.names_of_units = {
            NAME_COLUMNS[name]: positions[name]
            for name in reversed(header)
            if name in NAME_COLUMNS
        }
        #: The columns of code and value of a table with a value a row; None for another.
        self.code_and_value: tuple[int, int] | None = None
        if {"code", "value"} <= positions.keys():
            self.code_and_value = (positions["code"], positions["value"])
        self.nodes: dict[int, str] = {}
        self.attributes: dict[int, str] = {}
        self.renamed: list[tuple[str, str]] = []
        self.unused: list[tuple[str, str]] = []
        self.misspelt: list[tuple[int, str]] = []
        self.problems: list[Problem] = []
        ids = [positions[name] for name in _ID_HEADINGS if name in positions]
        self.unit = ids[0] if ids else self._find_cities()
        if ids and not self.names_of_units and self._counts_rows(self.unit):
            self._name_numbers()
        if ids or not self._refuse_first_indicator():
            self._read_headings()

    def _name_numbers(self) -> None:
        """Find the column that names cities whose ids are numbers."""
        name_column = self._find_cities(self.unit)
        if name_column != self.unit:
            self.names_of_units = {"name": name_column}

    def _refuse_first_indicator(self) -> bool:
        """Tell whether the first column, not headed as that of cities, is an indicator."""
        code = self.code_of(self.table.header[0]) if self.table.header else None
        is_indicator = code is not None and self.framework.is_indicator(code)
        if code is None or self.unit or not is_indicator:
            return False
        where = self.table.where(column=0, indicator=code)
        self._refuse("XC310.first_is_indicator", where, code=code)
        return True

    def _read_headings(self) -> None:
        """Find what the columns beside that of the cities hold."""
        other_roles = {
            self.unit,
            self.basis,
            *(self.code_and_value or ()),
            *self.names_of_units.values(),
        }
        for position, title in enumerate(self.table.header[: self._end()]):
            if position not in other_roles:
                self._add_role(position, title)
        self._find_misspelt()
        if self.code_and_value is None and not self.nodes and not self.problems:
            self._refuse_without_indicators()

    def _end(self) -> int:
        """Return the column after the last one; a table beside the first one is refused."""
        header = self.table.header
        heading = header[self.unit] if header else ""
        if not heading or heading not in header[self.unit + 1 :]:
            return len(header)
        end = header.index(heading, self.unit + 1)
        where = self.table.where(column=end)
        self._refuse("XC313.two_tables", where, heading=heading)
        return end

    def _refuse_without_indicators(self) -> None:
        codes = [node.code for node in self.framework.indicators]
        hint = Message("hint.head_columns", codes=first_of(codes, _LISTED))
        firsts = self.table.texts(0)
        if 2 * len([*filter(self.code_of, firsts)]) > len(firsts):
            hint = Message("hint.transpose")
        self._refuse("XC319.no_indicator", self.table.where(), hint=hint)

    def _refuse(
        self,
        key: str,
        where: Where,
        /,
        *,
        hint: str | None = None,
        **values: Any,
    ) -> None:
        """Add the problem of a key with the table or with one of its columns."""
        self.problems.append(Problem.of(key, where, hint=hint, **values))

    @property
    def values(self) -> Collection[int]:
        """The columns that hold values."""
        return self.nodes if self.code_and_value is None else self.code_and_value[1:]

    def code_of(self, text: str) -> str | None:
        """Return the one code that a heading or name means, None if there is none or several."""
        codes = self.names.get(fold_name(text), ())
        return codes[0] if len(codes) == 1 else None

    def _find_cities(self, otherwise: int = 0) -> int:
        """Return the column that names most cities, one that is headed so before the others.

        Others are the first one or, where that counts or ranks the rows, those before the
        indicators and those of regions.
        """
        header = self.table.header
        counts_rows = self._counts_rows(otherwise)
        may_be_codes = counts_rows and bool(self.names_of_units)
        if may_be_codes and not is_rank_heading(header[otherwise]):
            return otherwise
        scores = {
            column: city_heading_score(title)
            for column, title in enumerate(header)
            if self.code_of(title) is None
        }
        others = [0]
        if counts_rows:
            indicators = set(range(len(header))) - scores.keys()
            end = min(indicators, default=0)
            others = [column for column in scores if column < end or scores[column]]
        headed = [column for column, score in scores.items() if score > 1]
        possible = (*headed, *others, *self.names_of_units.values())
        return self._column_of_most_names(possible, otherwise)

    def _column_of_most_names(self, columns: Iterable[int], otherwise: int) -> int:
        """Return the column with most different texts of some that do not count the rows."""
        count_of_names = {
            column: len({*self.table.texts(column)})
            for column in columns
            if not self._counts_rows(column)
        }
        return max(count_of_names, key=count_of_names.__getitem__, default=otherwise)

    def _counts_rows(self, column: int) -> bool:
        """Tell whether a column counts or ranks the rows, by its heading or its cells."""
        headings = self.table.header[column : column + 1]
        if any(is_rank_heading(heading.strip()) for heading in headings):
            return True
        return all(map(_ROW_NUMBER.fullmatch, filter(None, self.table.texts(column))))

    def _add_role(self, column: int, title: str) -> None:
        """Record what a column holds: a group of units, an indicator, or nothing that is read."""
        if not title:
            if any(self.table.texts(column)):
                self.unused.append((self.table.column_name(column), NO_HEADING))
            return
        is_code = title in self.framework.inputs
        is_group = title.startswith(GROUP_PREFIX) and not is_code
        if is_group or title in self.framework.groups:
            self.attributes[column] = title
            return
        possible_codes = self.names.get(fold_name(title), ())
        if self.code_and_value is not None or not possible_codes:
            self.unused.append((title, self._reason(title)))
            return
        code = title if is_code else self.code_of(title)
        if code is None:
            where = self.table.where(column=column)
            codes = [*possible_codes]
            self._refuse("XC315.several", where, title=title, codes=codes)
        else:
            self._add_node(column, title, code)

    def _reason(self, title: str) -> str:
        """Return why a column is not read that is not an indicator."""
        is_code = title in self.framework.inputs
        if not is_code and title.strip().lower() in _DESCRIPTIVE:
            return DESCRIBES
        return UNKNOWN_REASON if self.code_and_value is None else _IN_LONG_TABLE

    def _add_node(self, column: int, title: str, code: str) -> None:
        """Take a column for that of a node, unless it is computed or has a column already."""
        where = self.table.where(column=column, indicator=code)
        if self._is_computed(title):
            self._refuse("XC309.computed", where, title=title, code=code)
        elif code in self.nodes.values():
            self._refuse("XC313.two_columns", where, code=code)
        else:
            self.nodes[column] = code
            if title != code:
                self.renamed.append((title, code))

    def _is_computed(self, title: str) -> bool:
        framework = self.framework
        if framework.own_values or title not in framework:
            return False
        return not framework.is_indicator(title)

    def _find_misspelt(self) -> None:
        """Fill `misspelt`: unread columns whose heading nearly names an indicator without one."""
        if self.code_and_value is not None:
            return
        codes_without_column = {node.code for node in self.framework.indicators} - set(
            self.nodes.values()
        )
        code_by_name = {
            name: codes[0]
            for name, codes in self.names.items()
            if codes_without_column.issuperset(codes)
        }
        unknown_headings = {
            heading for heading, reason in self.unused if reason == UNKNOWN_REASON
        }
        for column, heading in enumerate(self.table.header):
            if heading in unknown_headings:
                close_names = get_close_matches(
                    fold_name(heading), code_by_name, n=1, cutoff=LIKENESS
                )
                self.misspelt.extend(
                    (column, code_by_name[name]) for name in close_names
                )


def _plain_headings(table: FileTable, framework: Framework) -> list[str]:
    """Return the headings of a table in lower case, "" for the codes of the framework.

    A name that the framework declares as a code always wins, whatever tables use it for.
    """
    return [
        "" if name in framework.inputs else name.strip().lower()
        for name in table.header
    ]


def _codes_by_name(framework: Framework) -> dict[str, tuple[str, ...]]:
    """Return folded code or name -> the codes that it may mean, the likeliest alone.

    Codes of ingredients come first, then codes and names of nodes, those of variables, names of
    ingredients, and last names with their measure: 人均GDP（元）, but not 人均GDP（万元）.
    """
    parts = (*framework.ingredients, *framework.supplementary_inputs)
    codes_by_name: dict[str, tuple[str, ...]] = {}
    for names_and_codes in (
        [(part.code, part.code) for part in parts],
        _name_code_pairs(framework.nodes),
        _name_code_pairs(framework.variables),
        _name_code_pairs(parts),
        _names_with_measure(framework.inputs.values()),
    ):
        codes_of_name = grouped(
            (fold_name(name), code) for name, code in names_and_codes
        )
        for key, codes in codes_of_name.items():
            codes_by_name.setdefault(key, _likeliest(codes, framework))
    return codes_by_name


def _likeliest(codes: Sequence[str], framework: Framework) -> tuple[str, ...]:
    """Return the one indicator among codes of one name, else all of them.

    A node and the indicator below it often share a name: the indicator is meant.
    """
    nodes = {code for code in codes if code in framework}
    leaves = tuple(code for code in nodes if framework.is_indicator(code))
    return leaves if len(leaves) == 1 else tuple(dict.fromkeys(codes))


def _names_with_measure(
    nodes: Iterable[Node | Ingredient],
) -> Iterator[tuple[str, str]]:
    """Yield each code and name of nodes with a measure behind it, with the code."""
    for name, node in _named(nodes):
        for uom in filter(None, (node.uom, node.uom_zh)):
            yield f"{name}({uom})", node.code


def _named(
    nodes: Iterable[Node | Ingredient],
) -> Iterator[tuple[str, Node | Ingredient]]:
    """Yield each code and name of nodes, with the node."""
    for node in nodes:
        for name in filter(None, (node.code, node.name_zh, node.name_en)):
            yield name, node


def _name_code_pairs(nodes: Sequence[Node | Ingredient]) -> Iterator[tuple[str, str]]:
    """Yield each code and name of nodes, with the code."""
    return ((name, node.code) for name, node in _named(nodes))
