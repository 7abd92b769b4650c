"""Lines of lists of institutions and of links between cities, with every problem in them."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.errors import FunctionError, Problem, Where
from xlcity.functions.construct import read_rank
from xlcity.methods.construct import SYMMETRIC
from xlcity.model.dataset import Item, Link, State, Status, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient, Node
from xlcity.model.reading.tables import FileTable, as_text
from xlcity.model.reading.units import Match, UnitMatcher
from xlcity.model.reading.values import Conversion, Converted, Refusal, check_value
from xlcity.model.recipe import Recipe, flow_of, link_codes, link_step

_STATUSES = frozenset(Status)
#: Columns that are not rankings.
_DESCRIPTIVE = frozenset(
    {"unit", "city_id", "id", "item", "name", "code", "basis", "note", "notes", "name_zh"}
)
#: Columns of a template's sheet: the rankings in the order of the recipe, and what is worked out.
_PLACED = ("rank_a", "rank_b")
_WORKED_OUT = frozenset({"weight_a", "weight_b", "weight"})
_UNIT, _ITEM = ("unit", "city_id", "id"), ("item", "name")
#: Columns that a table of links must have.
LINK_COLUMNS = ("code", "from", "to", "value")


class LineReader:
    """Reads the lines of one table.

    Parameters
    ----------
    table
        The table.
    recipe
        For its missing codes.
    matcher
        Finds the known cities.
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
        self, table: FileTable, recipe: Recipe | None, matcher: UnitMatcher | None, basis: str
    ) -> None:
        self.table, self.matcher, self.basis = table, matcher, basis
        self.missing_codes = (recipe or Recipe(id="", steps=())).missing_codes
        header = [name.strip().lower() for name in table.header]
        self.columns = {name: position for position, name in reversed([*enumerate(header)]) if name}
        self.problems: list[Problem] = []
        self.converted: list[Conversion] = []

    def refuse(self, code: str, message: str, hint: str, where: Where) -> None:
        """Note a problem; `code` is that of the message."""
        self.problems.append(Problem(code, message, hint, where))

    def require_headings(self, row: int) -> None:
        """Note a line with more cells than the header: a number in it may be two of them."""
        cells, headings = self.table.rows[row], len(self.table.header)
        if any(map(as_text, cells[headings:])):
            message = f"the row has {len(cells)} cells, the header {headings}."
            hint = 'Put cells that contain the separator in quotes: "1,234".'
            self.refuse("XC338", message, hint, self.table.where(row))

    def text(self, row: int, column: int | None) -> str:
        """Return the text of a cell, "" where the table has no such column."""
        return "" if column is None else as_text(self.table.cell(row, column))

    def city(self, row: int, column: int, indicator: str = "") -> str | None:
        """Return the id of the city that a cell names, None for an unknown one."""
        raw = self.table.cell(row, column)
        assert self.matcher is not None  # readers of lists and links know the cities
        match = self.matcher.match(raw)
        if isinstance(match, Match) and match.is_exact:
            return match.unit.id
        where = self.table.where(row, column, unit=as_text(raw), indicator=indicator)
        if isinstance(match, Refusal):
            self.refuse(match.code, match.message, match.hint, where)
            return None
        note = "name matched without case, spaces or 市"
        self.converted.append(Conversion(where, str(raw), match.unit.id, note))
        return match.unit.id

    def status(self, row: int, column: int | None, unit: str = "") -> str | None:
        """Return the status that a line names, else that of the table; None for an unknown one."""
        status = self.text(row, column).lower() or self.basis
        if status in _STATUSES:
            return status
        where = self.table.where(row, column, unit=unit)
        self.refuse("XC316", f"{status!r} is not a status.", ", ".join(Status), where)
        return None

    def value(
        self, row: int, column: int, node: Node | Ingredient, where: Where
    ) -> Converted | None:
        """Return what a cell says of an indicator, None where it cannot be used."""
        raw = self.table.cell(row, column)
        read = check_value(raw, node, self.missing_codes)
        if isinstance(read, Refusal):
            self.refuse(read.code, read.message, read.hint, where)
            return None
        if read.note is not None:
            self.note(raw, read, read.note, where)
        return read

    def note(self, raw: object, read: Converted, note: str, where: Where) -> None:
        """Note how a text was read."""
        shown = f"{read.value:.15g}" if read.state is State.VALUE else read.state.name.lower()
        self.converted.append(Conversion(where, str(raw), shown, note))


def read_items(
    table: FileTable,
    framework: Framework,
    recipe: Recipe | None,
    units: Sequence[Unit],
    basis: str = Status.ENTERED,
) -> tuple[dict[str, tuple[Item, ...]], list[Problem]]:
    """Read lines of `unit`, `item`, `code` and one column per ranking; say what cannot be used.

    Parameters
    ----------
    table
        `code` may be left out where the recipe has one indicator made from a list; `basis` where
        all lines have the same status.
    units
        The known units.
    """
    lines = LineReader(table, recipe, UnitMatcher(units), basis)
    columns = lines.columns
    listed = _list_indicators(framework, recipe)
    unit_at = next((columns[name] for name in _UNIT if name in columns), None)
    item_at = next((columns[name] for name in _ITEM if name in columns), None)
    if unit_at is None or item_at is None:
        where = Where(file=table.file, sheet=table.sheet)
        message = "a list of institutions needs the columns unit and item."
        return {}, [Problem("XC326", message, "Name the columns.", where)]
    ranked = _rankings(columns, recipe, listed)
    items: dict[str, list[Item]] = {}
    for row in range(len(table.rows)):
        typed, name = lines.text(row, unit_at), lines.text(row, item_at)
        ranks = {key: lines.text(row, column) for key, column in ranked.items()}
        if not typed and not name and not any(ranks.values()):
            continue
        if (unit := lines.city(row, unit_at)) is None:
            continue
        code = lines.text(row, columns.get("code")) or (listed[0] if len(listed) == 1 else "")
        if code not in framework.inputs or (listed and code not in listed):
            hint = f"Made from lists: {', '.join(listed) or 'none'}."
            where = table.where(row, unit_at, unit=typed)
            lines.refuse("XC314", f"{code!r} does not use a list.", hint, where)
            continue
        status = lines.status(row, columns.get("basis"), typed) or basis
        for key, column in ranked.items():
            try:
                read_rank(table.cell(row, column))
            except FunctionError as error:
                cell = table.where(row, column, unit=typed, indicator=code)
                hint = "Write a rank, a band such as 101–150, or leave the cell blank."
                lines.refuse("XC306", f"{error} ({key}).", hint, cell)
        items.setdefault(code, []).append(Item(unit, name, ranks, status))
    return {code: tuple(of) for code, of in items.items()}, lines.problems


def is_item_header(cells: Sequence[object]) -> bool:
    """Tell whether a row names the columns of a list."""
    names = {as_text(cell).lower() for cell in cells}
    return bool(names & set(_UNIT)) and bool(names & set(_ITEM))


def _rankings(columns: dict[str, int], recipe: Recipe | None, listed: list[str]) -> dict[str, int]:
    """Return ranking -> column; on a template's sheet in the order of the recipe."""
    if not {*_PLACED, *_WORKED_OUT} <= columns.keys():
        places = sorted(columns.items(), key=lambda pair: pair[1])
        return {name: column for name, column in places if name not in _DESCRIPTIVE}
    step = recipe.step_for("construct", listed[0]) if recipe is not None and listed else None
    names = step.get("lists") if step is not None else None
    lists = tuple(map(str, names)) if isinstance(names, tuple) else ()
    return {name: columns[column] for name, column in zip(lists, _PLACED, strict=False)}


def _list_indicators(framework: Framework, recipe: Recipe | None) -> list[str]:
    """Return the indicators that the recipe makes from a list."""
    steps = recipe.steps_doing("construct") if recipe is not None else ()
    return [
        code
        for step in steps
        if step.method == "bands"
        for code in step.codes
        if code in framework and framework.is_indicator(code)
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

    def __init__(
        self,
        table: FileTable,
        framework: Framework,
        recipe: Recipe,
        units: Sequence[Unit],
        basis: str,
    ) -> None:
        super().__init__(table, recipe, UnitMatcher(units), basis)
        self.framework, self.recipe = framework, recipe
        self.made = link_codes(framework, recipe)
        self.doubtful: list[Problem] = []
        self.links: dict[str, list[Link]] = {}
        #: (code, start, end) -> its value and address.
        self.seen: dict[tuple[str, str, str], tuple[float, str]] = {}
        if not is_link_header(table.header):
            message = f"a table of links needs the columns {', '.join(LINK_COLUMNS)}."
            where = Where(file=table.file, sheet=table.sheet)
            self.refuse("XC328", message, "Name the columns.", where)
            return
        for row in range(len(table.rows)):
            if any(self.text(row, self.columns[name]) for name in LINK_COLUMNS):
                self._read_row(row)

    def _read_row(self, row: int) -> None:
        """Read a line; all its problems are reported, not the first alone."""
        table, columns = self.table, self.columns
        code = self.text(row, columns["code"])
        node = self.framework.inputs.get(code)
        is_linked = isinstance(node, Node) and (not self.made or code in self.made)
        if not is_linked:
            hint = f"Made from links: {', '.join(self.made) or 'none'}."
            where = table.where(row, columns["code"])
            self.refuse("XC314", f"{code!r} does not use links.", hint, where)
        start, end = (self.city(row, columns[name], code) for name in ("from", "to"))
        status = self.status(row, columns.get("basis"))
        where = table.where(row, columns["value"], indicator=code)
        read = self.value(row, columns["value"], node, where) if isinstance(node, Node) else None
        unusable = read is None or read.state is State.BLANK or not is_linked
        if unusable or start is None or end is None:
            return
        assert read is not None
        # A missing code is NaN.
        if start == end:
            message = f"a link from {start} to itself is not counted."
            self.doubtful.append(Problem("XC329", message, "Remove the line.", where))
        elif not self._repeats(code, start, end, read.value, where):
            self.seen[code, start, end] = read.value, where.cell or ""
            link = Link(start, end, read.value, status or self.basis)
            self.links.setdefault(code, []).append(link)

    def _repeats(self, code: str, start: str, end: str, value: float, where: Where) -> bool:
        """Tell whether a link has a line already that allows no second one; reports it then."""
        if (code, start, end) in self.seen:
            first = self.seen[code, start, end][1]
            message = f"duplicate link of {code} from {start} to {end} (first in {first})."
            self.refuse("XC313", message, "Remove one of the lines.", where)
            return True
        step = link_step(self.recipe, code)
        back = self.seen.get((code, end, start))
        if step is None or flow_of(step) != SYMMETRIC or back is None:
            return False
        # Two missing codes are one value, too.
        if back[0] == value or (back[0] != back[0] and value != value):
            return False
        message = (
            f"{code} is the same both ways, but {start} to {end} is {value:g} and "
            f"{end} to {start} ({back[1]}) {back[0]:g}."
        )
        self.refuse("XC330", message, "Correct one of the two, or leave it out.", where)
        return True
