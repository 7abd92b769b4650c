"""Reading links between cities: one line per indicator and pair, all faults at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xlcity.errors import Problem, Where
from xlcity.model.dataset import Link, State, Status, Unit
from xlcity.model.framework import Framework, Node
from xlcity.model.links import SYMMETRIC, flow_of, link_codes, link_step
from xlcity.model.recipe import Recipe
from xlcity.model.tables import Table, as_text
from xlcity.model.units import UnitMatcher
from xlcity.model.values import Converted, Refusal

#: Columns that a table of links must have.
COLUMNS = ("code", "from", "to", "value")

#: Reads the value of a link: `data_reader.check_value` with the recipe's missing codes.
ReadValue = Callable[[object, Node], Converted | Refusal]


@dataclass(frozen=True, slots=True)
class LinkTable:
    """The links by indicator, what cannot be used, what is doubtful, and converted texts.

    `converted` holds (address, text, result, note).
    """

    links: dict[str, tuple[Link, ...]]
    problems: tuple[Problem, ...]
    doubtful: tuple[Problem, ...] = ()
    converted: tuple[tuple[Where, str, str, str], ...] = ()


def is_header(cells: Sequence[object]) -> bool:
    """Tell whether a row names the columns of a table of links."""
    return set(COLUMNS) <= {as_text(cell).lower() for cell in cells}


def read_links(
    table: Table,
    framework: Framework,
    recipe: Recipe,
    units: Sequence[Unit],
    basis: str,
    read_value: ReadValue,
) -> LinkTable:
    """Read lines of `code`, `from`, `to`, `value`, and `basis` where lines differ in status.

    A line with an empty value is not filled yet and is left out. A link from a city to itself is
    told and left out. Of a symmetric indicator a pair may stand twice, once each way, with one
    value; of a directed one both ways are links of their own.

    Parameters
    ----------
    units
        The known units.
    basis
        Status of lines that name none.
    """
    header = [name.strip().lower() for name in table.header]
    if not is_header(header):
        message = f"a table of links needs the columns {', '.join(COLUMNS)}."
        where = Where(file=table.file, sheet=table.sheet)
        return LinkTable({}, (Problem("XC328", message, "Name the columns.", where),))
    return _Reader(table, framework, recipe, units, basis, read_value).read(header)


class _Reader:
    def __init__(
        self,
        table: Table,
        framework: Framework,
        recipe: Recipe,
        units: Sequence[Unit],
        basis: str,
        read_value: ReadValue,
    ) -> None:
        self.table, self.framework, self.recipe = table, framework, recipe
        self.basis, self.read_value = basis, read_value
        self.matcher = UnitMatcher(units)
        self.made = link_codes(framework, recipe)
        self.problems: list[Problem] = []
        self.doubtful: list[Problem] = []
        self.converted: list[tuple[Where, str, str, str]] = []
        self.links: dict[str, list[Link]] = {}
        #: (code, start, end) -> its value and address.
        self.seen: dict[tuple[str, str, str], tuple[float, str]] = {}

    def read(self, header: Sequence[str]) -> LinkTable:
        at = {name: header.index(name) for name in (*COLUMNS, "basis") if name in header}
        for row in range(len(self.table.rows)):
            if any(as_text(self.table.cell(row, at[name])) for name in COLUMNS):
                self._row(row, at)
        links = {code: tuple(of) for code, of in self.links.items()}
        return LinkTable(links, tuple(self.problems), tuple(self.doubtful), tuple(self.converted))

    def _wrong(self, code: str, message: str, hint: str, where: Where) -> None:
        self.problems.append(Problem(code, message, hint, where))

    def _row(self, row: int, at: dict[str, int]) -> None:
        """Read a line; whatever is wrong in it is told, not the first fault alone."""
        table = self.table
        code = as_text(table.cell(row, at["code"]))
        node = self.framework.inputs.get(code)
        known = isinstance(node, Node) and (not self.made or code in self.made)
        if not known:
            hint = f"Made from links: {', '.join(self.made) or 'none'}."
            where = table.where(row, at["code"])
            self._wrong("XC314", f"{code!r} is made from no links.", hint, where)
        ends = [self._city(row, at[name], code) for name in ("from", "to")]
        status = (as_text(table.cell(row, at["basis"])).lower() if "basis" in at else "") or (
            self.basis
        )
        if status not in frozenset(Status):
            where = table.where(row, at["basis"])
            self._wrong("XC316", f"{status!r} is no status.", ", ".join(Status), where)
        where = table.where(row, at["value"], indicator=code)
        value = self._value(row, at["value"], node if isinstance(node, Node) else None, where)
        start, end = ends
        if value is None or not known or start is None or end is None:
            return
        if start == end:
            message = f"a link from {start} to itself is not counted."
            self.doubtful.append(Problem("XC329", message, "Leave the line out.", where))
        elif not self._repeats(code, start, end, value, where):
            self.seen[code, start, end] = value, where.cell or ""
            self.links.setdefault(code, []).append(Link(start, end, value, status))

    def _city(self, row: int, column: int, code: str) -> str | None:
        raw = self.table.cell(row, column)
        where = self.table.where(row, column, unit=as_text(raw), indicator=code)
        found = self.matcher.match(raw if raw is not None else "")
        if isinstance(found, Refusal):
            self._wrong(found.code, found.message, found.hint, where)
            return None
        if found.how == "tolerant":
            note = "name matched without case, spaces or 市"
            self.converted.append((where, str(raw), found.unit.id, note))
        return found.unit.id

    def _value(self, row: int, column: int, node: Node | None, where: Where) -> float | None:
        """Return the value of a line, None where there is none; NaN is a missing code."""
        raw = self.table.cell(row, column)
        if node is None:
            return None
        read = self.read_value(raw, node)
        if isinstance(read, Refusal):
            self._wrong(read.code, read.message, read.hint, where)
            return None
        if read.note is not None:
            shown = f"{read.value:.15g}" if read.state is State.VALUE else read.state.name.lower()
            self.converted.append((where, str(raw), shown, read.note))
        return None if read.state is State.BLANK else read.value

    def _repeats(self, code: str, start: str, end: str, value: float, where: Where) -> bool:
        """Tell whether a pair stands in the table already, in a way that allows no second line."""
        if (code, start, end) in self.seen:
            first = self.seen[code, start, end][1]
            message = f"{code}: {start} to {end} stands here again, first in {first}."
            self._wrong("XC313", message, "Remove one of the lines.", where)
            return True
        step = link_step(self.recipe, code)
        back = self.seen.get((code, end, start))
        if step is None or flow_of(step) != SYMMETRIC or back is None:
            return False
        # Two missing codes are one value, too.
        if back[0] != value and not (back[0] != back[0] and value != value):
            message = (
                f"{code} is the same both ways, but {start} to {end} is {value:g} and "
                f"{end} to {start} ({back[1]}) {back[0]:g}."
            )
            self._wrong("XC330", message, "Correct one of the two, or leave it out.", where)
            return True
        return False
