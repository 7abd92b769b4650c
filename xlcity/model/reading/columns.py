"""Which column of a table holds what."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches

from xlcity.errors import Problem, first_of
from xlcity.grouping import grouped
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient, Node
from xlcity.model.reading.tables import ID_COLUMNS, FileTable, as_text
from xlcity.model.reading.units import NAME_COLUMNS, fold_name
from xlcity.model.reading.values import DESCRIBES
from xlcity.model.reading.words import city_heading_score, is_rank_heading

#: Columns that describe a unit or a value, unless the framework declares one of that name.
_DESCRIPTIVE = frozenset(
    {"name_zh", "name_en", "name", "uname", "note", "notes", "population"}
)
#: Why a column is not used that nothing of the framework is called like.
UNKNOWN_REASON = "the framework has nothing of this code or name"
NO_HEADING = "it has no heading"
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
        # A name that the framework declares as a code always wins, whatever tables use it for.
        header = [
            "" if name in framework.inputs else name.strip().lower()
            for name in table.header
        ]
        self.names = _codes_by_name(framework)
        self.basis = header.index("basis") if "basis" in header else None
        # Reversed, so that of equal headings the first one stays.
        self.names_of_units = {
            NAME_COLUMNS[word]: position
            for position, word in reversed([*enumerate(header)])
            if word in NAME_COLUMNS
        }
        self.code_and_value: tuple[int, int] | None = None
        if "code" in header and "value" in header:
            self.code_and_value = (header.index("code"), header.index("value"))
        # COINr's uCode wins over uName.
        id_columns = [
            header.index(name) for name in ("ucode", *ID_COLUMNS) if name in header
        ]
        self.unit = id_columns[0] if id_columns else self._find_cities()
        if id_columns and not self.names_of_units and self._counts_rows(self.unit):
            name_column = self._find_cities(self.unit)
            self.names_of_units = (
                {"name": name_column} if name_column != self.unit else {}
            )
        self.nodes: dict[int, str] = {}
        self.attributes: dict[int, str] = {}
        self.renamed: list[tuple[str, str]] = []
        self.unused: list[tuple[str, str]] = []
        self.misspelt: list[tuple[int, str]] = []
        self.problems: list[Problem] = []
        is_first_column = bool(table.header) and not id_columns and self.unit == 0
        first_code = self.code_of(table.header[0]) if is_first_column else None
        if first_code is not None and framework.is_indicator(first_code):
            message = (
                f"the first column is the indicator "
                f"{first_code}, and no column is headed unit."
            )
            hint = "Put the column of cities first, or head it unit."
            self._refuse("XC310", message, hint, 0, first_code)
            return
        other_roles = {
            self.unit,
            self.basis,
            *(self.code_and_value or ()),
            *self.names_of_units.values(),
        }
        end = len(header)
        heading = table.header[self.unit] if table.header else ""
        if heading and heading in table.header[self.unit + 1 :]:
            end = table.header.index(heading, self.unit + 1)
            message = f"another table is beside the first one: two columns are headed {heading!r}."
            hint = "Put its rows below those of the first table."
            self._refuse("XC313", message, hint, end)
        for position, title in enumerate(table.header[:end]):
            if position not in other_roles:
                self._add_role(position, title)
        self._find_misspelt()
        if self.code_and_value is None and not self.nodes and not self.problems:
            codes = [node.code for node in framework.indicators]
            hint = f"Head the columns with codes or names ({first_of(codes, 8)})."
            firsts = table.texts(0)
            if 2 * sum(bool(self.code_of(text)) for text in firsts) > len(firsts):
                hint = "The indicators are in rows: transpose the table (Paste Special, Transpose)."
            self._refuse("XC319", "no column is an indicator of the framework.", hint)

    def _refuse(
        self,
        code: str,
        message: str,
        hint: str,
        column: int | None = None,
        indicator: str = "",
    ) -> None:
        """Add a problem with the table or with one of its columns.

        Parameters
        ----------
        code, message, hint
            Code of the message, what is wrong, and what to do.
        column, indicator
            Position of the column, None for the whole table; the indicator that it is about.
        """
        where = self.table.where(column=column, indicator=indicator)
        self.problems.append(Problem(code, message, hint, where))

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
        indicators = [
            column for column, title in enumerate(header) if self.code_of(title)
        ]
        scores = {
            column: city_heading_score(title)
            for column, title in enumerate(header)
            if column not in indicators
        }
        headed = [column for column, score in scores.items() if score > 1]
        is_numbered = self._counts_rows(otherwise)
        if (
            is_numbered
            and self.names_of_units
            and not is_rank_heading(header[otherwise])
        ):
            return otherwise  # codes of cities, with their names
        end = min(indicators, default=0)
        others = [c for c, s in scores.items() if c < end or s] if is_numbered else [0]
        columns = (*headed, *others, *self.names_of_units.values())
        name_counts = {
            column: len({*self.table.texts(column)})
            for column in columns
            if not self._counts_rows(column)
        }
        return max(name_counts, key=name_counts.__getitem__, default=otherwise)

    def _counts_rows(self, column: int) -> bool:
        """Tell whether a column counts or ranks the rows, by its heading or its cells."""
        if is_rank_heading("".join(self.table.header[column : column + 1]).strip()):
            return True
        texts = (
            as_text(self.table.cell(row, column)) for row in range(len(self.table.rows))
        )
        return all(map(_ROW_NUMBER.fullmatch, filter(None, texts)))

    def _add_role(self, column: int, title: str) -> None:
        """Record what a column holds: a group of units, an indicator, or nothing that is read."""
        table = self.table
        framework = self.framework
        if not title:
            if any(table.texts(column)):
                self.unused.append((table.column_name(column), NO_HEADING))
            return
        is_code = title in framework.inputs
        if title in framework.groups or (
            title.startswith(GROUP_PREFIX) and not is_code
        ):
            self.attributes[column] = title
            return
        possible_codes = self.names.get(fold_name(title), ())
        code = title if is_code else self.code_of(title)
        if self.code_and_value is not None or not possible_codes:
            describes = not is_code and title.strip().lower() in _DESCRIPTIVE
            reason = (
                "a table with code and value has its values there"
                if self.code_and_value
                else UNKNOWN_REASON
            )
            self.unused.append((title, DESCRIBES if describes else reason))
        elif code is None:
            message = f"the column {title!r} may be {', '.join(possible_codes)}."
            self._refuse("XC315", message, "Use the code as heading.", column)
        elif (
            not framework.own_values
            and title in framework
            and not framework.is_indicator(title)
        ):
            message = f"the column {title!r} holds values of {code}, which is computed from others."
            hint = "Remove the column, or give the node another code."
            self._refuse("XC309", message, hint, column, code)
        elif code in self.nodes.values():
            self._refuse(
                "XC313", f"{code} has two columns.", "Remove one of them.", column, code
            )
        else:
            self.nodes[column] = code
            if title != code:
                self.renamed.append((title, code))

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


def _codes_by_name(framework: Framework) -> dict[str, tuple[str, ...]]:
    """Return folded code or name -> the codes that it may mean, the likeliest alone.

    Codes of ingredients come first, then codes and names of nodes, those of variables, names of
    ingredients, and last names with their measure: 人均GDP（元）, but not 人均GDP（万元）.
    """
    parts = (*framework.ingredients, *framework.supplementary_inputs)
    names_with_measure = (
        (f"{name}({uom})", node.code)
        for node in framework.inputs.values()
        for uom in (node.uom, node.uom_zh)
        for name in (node.code, node.name_zh, node.name_en)
        if uom and name
    )
    codes_by_name: dict[str, tuple[str, ...]] = {}
    for names_and_codes in (
        [(part.code, part.code) for part in parts],
        _name_code_pairs(framework.nodes),
        _name_code_pairs(framework.variables),
        _name_code_pairs(parts),
        names_with_measure,
    ):
        codes_of_name = grouped(
            (fold_name(name), code) for name, code in names_and_codes
        )
        for key, codes in codes_of_name.items():
            # A node and the indicator below it often share a name: the indicator is meant.
            leaves = {
                code
                for code in codes
                if code in framework and framework.is_indicator(code)
            }
            likeliest = leaves if len(leaves) == 1 else codes
            codes_by_name.setdefault(key, tuple(dict.fromkeys(likeliest)))
    return codes_by_name


def _name_code_pairs(nodes: Sequence[Node | Ingredient]) -> Iterator[tuple[str, str]]:
    """Yield each code and name of nodes, with the code."""
    for node in nodes:
        yield from (
            (name, node.code)
            for name in (node.code, node.name_zh, node.name_en)
            if name
        )
