"""Lines of lists of institutions and of links between cities, with every problem in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from xlcity.errors import FunctionError, Problem, Where
from xlcity.functions.construct import read_rank
from xlcity.messages import Message
from xlcity.methods.construct.links import SYMMETRIC
from xlcity.methods.construct.record import Construction
from xlcity.model.dataset import Item, Link, State, Status, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient, Node
from xlcity.model.reading.tables import CommaNumber, FileTable, as_text
from xlcity.model.reading.units import Match, UnitMatcher
from xlcity.model.reading.values import (
    Conversion,
    Converted,
    Refusal,
    read_indicator_value,
)
from xlcity.model.recipe import Recipe, link_codes, link_step

_STATUSES = frozenset(Status)
#: Columns that are not rankings.
_DESCRIPTIVE = frozenset(
    {
        "unit",
        "city_id",
        "id",
        "item",
        "name",
        "code",
        "basis",
        "note",
        "notes",
        "name_zh",
    }
)
#: Columns of a template's sheet: the rankings in the order of the recipe, and what is worked out.
_TEMPLATE_RANKS = ("rank_a", "rank_b")
_TEMPLATE_WEIGHTS = frozenset({"last_a", "last_b", "weight"})
_UNIT_HEADINGS = ("unit", "city_id", "id")
_ITEM_HEADINGS = ("item", "name")
#: Columns that a table of links must have.
LINK_COLUMNS = ("code", "from", "to", "value")


class LineReader:
    """Reads the lines of one table.

    Parameters
    ----------
    table
        The table.
    missing_codes
        What stands for "confirmed missing".
    matcher
        Finds the known cities; None where no list names them.
    basis
        Status of lines that name none.

    Attributes
    ----------
    columns
        Heading in lower case -> column; the first of equal ones.
    problems, converted
        What cannot be used, and what was read as what it evidently means.
    """

    def __init__(
        self,
        table: FileTable,
        missing_codes: tuple[str, ...],
        matcher: UnitMatcher | None,
        basis: str,
    ) -> None:
        """Read the header; `basis` is the status of values whose line names none."""
        self.table = table
        self.matcher = matcher
        self.basis = basis
        self.missing_codes = missing_codes
        header = [name.strip().lower() for name in table.header]
        # Of two columns of one name the first counts.
        self.columns = {name: header.index(name) for name in header if name}
        self.problems: list[Problem] = []
        self.converted: list[Conversion] = []

    def refuse(
        self,
        key: str,
        where: Where,
        /,
        *,
        hint: str | None = None,
        related: Where | None = None,
        **values: Any,
    ) -> None:
        """Record the problem of a key, as `Problem.of` takes it."""
        problem = Problem.of(key, where, hint=hint, related=related, **values)
        self.problems.append(problem)

    def refuse_surplus_cells(self, row: int) -> None:
        """Refuse a line with more cells than the header: a number in it may be split into two."""
        cells = self.table.rows[row]
        headings = len(self.table.header)
        if any(map(as_text, cells[headings:])):
            where = self.table.where(row)
            self.refuse("XC338.surplus", where, cells=len(cells), headings=headings)

    def text(self, row: int, column: int | None) -> str:
        """Return the text of a cell, "" where the table has no such column."""
        return "" if column is None else as_text(self.table.cell(row, column))

    def find_city(self, row: int, column: int, indicator: str = "") -> str | None:
        """Return the id of the city that a cell names; None, refused, for an unknown one.

        A name that is matched in another spelling is recorded as converted. `indicator` is for
        messages.
        """
        raw = self.table.cell(row, column)
        assert self.matcher is not None  # readers of lists and links know the cities
        match = self.matcher.match(raw)
        if isinstance(match, Match) and match.is_exact:
            return match.unit.id
        where = self.table.where(row, column, unit=as_text(raw), indicator=indicator)
        if isinstance(match, Refusal):
            self.problems.append(match.problem(where))
            return None
        note = Message("conversion.by_tolerant_name")
        self.converted.append(Conversion(where, str(raw), match.unit.id, note))
        return match.unit.id

    def read_status(
        self,
        row: int,
        column: int | None,
        unit: str = "",
    ) -> str | None:
        """Return where the value of a line comes from: its own `Status`, else that of the table.

        None, refused, for an unknown one. `column` is that of the statuses, None without one;
        `unit` is for messages.
        """
        status = self.text(row, column).lower() or self.basis
        if status in _STATUSES:
            return status
        where = self.table.where(row, column, unit=unit)
        statuses = Message("list.all", words=[each.value for each in Status])
        self.refuse("XC316.no_status", where, hint=statuses, status=status)
        return None

    def read_value(
        self, row: int, column: int, node: Node | Ingredient, where: Where
    ) -> Converted | None:
        """Return what a cell says of an indicator; None, refused, where it cannot be used."""
        raw = self.table.cell(row, column)
        converted = read_indicator_value(raw, node, self.missing_codes)
        if isinstance(converted, Refusal):
            self.problems.append(converted.problem(where))
            return None
        if converted.note is not None:
            self.record_conversion(raw, converted, converted.note, where)
        return converted

    def record_conversion(
        self, raw: object, converted: Converted, note: str, where: Where
    ) -> None:
        """Record how a text was read, for the list of conversions that people see.

        Parameters
        ----------
        raw, converted
            What the cell holds, and what it was read as.
        note
            How it was changed.
        where
            Address of the cell.
        """
        result = f"{converted.value:.15g}"
        if converted.state is not State.VALUE:
            result = Message("conversion.to_missing")
        if isinstance(raw, CommaNumber):
            raw = raw.typed
        shown = f"{raw:.15g}" if isinstance(raw, float) else str(raw)
        self.converted.append(Conversion(where, shown, result, note))


@dataclass(frozen=True, slots=True)
class KnownLines:
    """What lines of lists and links are read by.

    Attributes
    ----------
    framework, recipe
        The indicators, and how they are made.
    units
        The known units.
    basis
        Status of lines that name none.
    """

    framework: Framework
    recipe: Recipe
    units: Sequence[Unit]
    basis: str = Status.ENTERED

    def reader_arguments(self) -> tuple[tuple[str, ...], UnitMatcher, str]:
        """Return what a `LineReader` takes beside its table."""
        return self.recipe.missing_codes, UnitMatcher(self.units), self.basis


class ItemReader(LineReader):
    """Reads lines of `unit`, `item`, `code` and rankings.

    `code` may be left out where the recipe has one indicator made from a list, `basis` where all
    lines have the same status.
    """

    def __init__(self, table: FileTable, known: KnownLines) -> None:
        """Find the columns of a list of institutions."""
        super().__init__(table, *known.reader_arguments())
        self.framework = known.framework
        self.codes = _list_indicators(known.framework, known.recipe)
        self.unit_column = self._first_column(_UNIT_HEADINGS)
        self.item_column = self._first_column(_ITEM_HEADINGS)
        self.rank_columns = _ranking_columns(self.columns, known.recipe, self.codes)

    def _first_column(self, names: Sequence[str]) -> int | None:
        columns = (self.columns[name] for name in names if name in self.columns)
        return next(columns, None)

    def read(self) -> dict[str, tuple[Item, ...]]:
        """Return code -> items."""
        if self.unit_column is None or self.item_column is None:
            self.refuse("XC326.no_columns", self.table.where())
            return {}
        items: dict[str, list[Item]] = {}
        for row in range(len(self.table.rows)):
            name = self.text(row, self.item_column)
            city = self.text(row, self.unit_column)
            ranks = {
                key: self.text(row, column) for key, column in self.rank_columns.items()
            }
            if not any((name, city, *ranks.values())):
                continue
            unit = self.find_city(row, self.unit_column)
            code = None if unit is None else self._read_code(row, self.unit_column)
            if unit is not None and code is not None:
                status = self._read_line(row, code, city)
                items.setdefault(code, []).append(Item(unit, name, ranks, status))
        return {code: tuple(lines) for code, lines in items.items()}

    def _read_code(self, row: int, unit_column: int) -> str | None:
        """Return the indicator of a line; None, refused, for one that uses no list."""
        only_code = self.codes[0] if len(self.codes) == 1 else ""
        code = self.text(row, self.columns.get("code")) or only_code
        if code in self.framework.inputs and (not self.codes or code in self.codes):
            return code
        hint = Message("hint.made_from_no_lists")
        if self.codes:
            hint = Message("hint.made_from_lists", codes=self.codes)
        typed = self.text(row, unit_column)
        where = self.table.where(row, unit_column, unit=typed)
        self.refuse("XC314.without_list", where, hint=hint, code=code)
        return None

    def _read_line(self, row: int, code: str, typed: str) -> str:
        """Return the status of a line, and refuse what is not a rank; `typed` is its city."""
        status = self.read_status(row, self.columns.get("basis"), typed)
        for key, column in self.rank_columns.items():
            try:
                read_rank(self.table.cell(row, column))
            except FunctionError as error:
                cell = self.table.where(row, column, unit=typed, indicator=code)
                fault = error.problems[0].message
                self.refuse("XC306.no_rank", cell, fault=fault, ranking=key)
        return status or self.basis


def is_item_header(cells: Sequence[object]) -> bool:
    """Tell whether a row names the columns of a list."""
    names = {as_text(cell).lower() for cell in cells}
    return bool(names & set(_UNIT_HEADINGS)) and bool(names & set(_ITEM_HEADINGS))


def _ranking_columns(
    columns: dict[str, int], recipe: Recipe, list_codes: list[str]
) -> dict[str, int]:
    """Return the columns of a list's ranks, by the names of the rankings.

    Every column that is not descriptive is one. On a template's sheet they are `_TEMPLATE_RANKS`,
    named as the recipe's step names its lists.

    Parameters
    ----------
    columns
        Heading in lower case -> column.
    list_codes
        Indicators made from lists; the step of the first one counts.
    """
    if not {*_TEMPLATE_RANKS, *_TEMPLATE_WEIGHTS} <= columns.keys():
        in_order = sorted(columns.items(), key=lambda pair: pair[1])
        return {name: column for name, column in in_order if name not in _DESCRIPTIVE}
    step = recipe.step_for("construct", list_codes[0]) if list_codes else None
    names = step.get("lists") if step is not None else None
    lists = tuple(map(str, names)) if isinstance(names, tuple) else ()
    return {
        name: columns[column]
        for name, column in zip(lists, _TEMPLATE_RANKS, strict=False)
    }


def _list_indicators(framework: Framework, recipe: Recipe) -> list[str]:
    """Return the codes of the indicators that the recipe makes from a list of institutions."""
    steps = recipe.steps_doing("construct")
    listing = [
        step
        for step in steps
        if isinstance(step.record, Construction) and step.record.items
    ]
    named = chain.from_iterable(step.codes for step in listing)
    return [
        code for code in named if code in framework and framework.is_indicator(code)
    ]


def is_link_header(cells: Sequence[object]) -> bool:
    """Tell whether a row names the columns of a table of links."""
    return set(LINK_COLUMNS) <= {as_text(cell).lower() for cell in cells}


class LinkTableReader(LineReader):
    """Reads lines of `code`, `from`, `to`, `value`, and `basis` where lines differ in status.

    A line with an empty value is not filled yet and is left out. A link from a city to itself is
    reported and ignored. Of a symmetric indicator a pair may appear twice, once each way, with one
    value; of a directed one both ways are links of their own.

    Parameters
    ----------
    units
        The known units.
    basis
        Status of lines that name none.

    Attributes
    ----------
    links
        Code -> links.
    doubtful
        What was ignored.
    """

    def __init__(self, table: FileTable, known: KnownLines) -> None:
        """Read all lines of a table of links between cities."""
        super().__init__(table, *known.reader_arguments())
        self.framework = known.framework
        self.recipe = known.recipe
        self.linked_codes = link_codes(known.framework, known.recipe)
        self.doubtful: list[Problem] = []
        self.links: dict[str, list[Link]] = {}
        #: (code, start, end) -> its value and address.
        self.first_lines: dict[tuple[str, str, str], tuple[float, str]] = {}
        if not is_link_header(table.header):
            where = table.where()
            self.refuse("XC328.no_columns", where, columns=[*LINK_COLUMNS])
            return
        for row in range(len(table.rows)):
            if any(self.text(row, self.columns[name]) for name in LINK_COLUMNS):
                self._read_row(row)

    def _read_row(self, row: int) -> None:
        """Read one link; all problems of its line are reported, not the first alone."""
        columns = self.columns
        code = self.text(row, columns["code"])
        node = self._find_node(row, code)
        start = self.find_city(row, columns["from"], code)
        end = self.find_city(row, columns["to"], code)
        status = self.read_status(row, columns.get("basis"))
        where = self.table.where(row, columns["value"], indicator=code)
        if node is None:
            return
        converted = self.read_value(row, columns["value"], node, where)
        # A missing code is a link too, with the value NaN.
        if converted is None or converted.state is State.BLANK:
            return
        if start is None or end is None:
            return
        if self._is_linked(code):
            link = Link(start, end, converted.value, status or self.basis)
            self._add_link(code, link, where)

    def _add_link(self, code: str, link: Link, where: Where) -> None:
        """Add a link; remark on one of a city with itself, refuse a second one of two cities."""
        start = link.start
        end = link.end
        if start == end:
            self.doubtful.append(Problem.of("XC329.itself", where, city=start))
        elif not self._refuse_second(code, link, where):
            self.first_lines[code, start, end] = (link.value, where.cell or "")
            self.links.setdefault(code, []).append(link)

    def _is_linked(self, code: str) -> bool:
        return not self.linked_codes or code in self.linked_codes

    def _find_node(self, row: int, code: str) -> Node | None:
        """Return the node of a code, None without one; what uses no links is refused."""
        node = self.framework.inputs.get(code)
        is_node = isinstance(node, Node)
        if not is_node or not self._is_linked(code):
            hint = Message("hint.made_from_no_links")
            if self.linked_codes:
                hint = Message("hint.made_from_links", codes=[*self.linked_codes])
            where = self.table.where(row, self.columns["code"])
            self.refuse("XC314.without_links", where, hint=hint, code=code)
        return node if isinstance(node, Node) else None

    def _refuse_second(self, code: str, link: Link, where: Where) -> bool:
        """Tell whether an earlier line gives the same link, or a symmetric one another value.

        Then it is refused. Of a symmetric indicator a link may be written once each way, with one
        value.

        Parameters
        ----------
        code, link, where
            Indicator and link, and the address of its value.
        """
        start = link.start
        end = link.end
        value = link.value
        if (code, start, end) in self.first_lines:
            _, address = self.first_lines[code, start, end]
            self.refuse(
                "XC313.link", where, code=code, start=start, end=end, address=address
            )
            return True
        step = link_step(self.recipe, code)
        opposite = self.first_lines.get((code, end, start))
        if step is None or step.text("flow") != SYMMETRIC or opposite is None:
            return False
        opposite_value, opposite_address = opposite
        # Two missing codes are one value, too: only NaN differs from itself.
        are_missing = opposite_value != opposite_value and value != value
        if opposite_value == value or are_missing:
            return False
        self.refuse(
            "XC330.differs",
            where,
            code=code,
            start=start,
            end=end,
            value=value,
            address=opposite_address,
            opposite=opposite_value,
        )
        return True
