"""Reading links between cities: one line per indicator and pair, all faults at once."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.errors import Problem, Where
from xlcity.model.dataset import Link, State, Unit
from xlcity.model.framework import Framework, Node
from xlcity.model.links import SYMMETRIC, flow_of, link_codes, link_step
from xlcity.model.reading.lines import LineReader
from xlcity.model.reading.tables import FileTable, as_text
from xlcity.model.reading.units import UnitMatcher
from xlcity.model.recipe import Recipe

#: Columns that a table of links must have.
COLUMNS = ("code", "from", "to", "value")


def is_header(cells: Sequence[object]) -> bool:
    """Tell whether a row names the columns of a table of links."""
    return set(COLUMNS) <= {as_text(cell).lower() for cell in cells}


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
        if not is_header(table.header):
            message = f"a table of links needs the columns {', '.join(COLUMNS)}."
            where = Where(file=table.file, sheet=table.sheet)
            self.refuse("XC328", message, "Name the columns.", where)
            return
        for row in range(len(table.rows)):
            if any(self.text(row, self.columns[name]) for name in COLUMNS):
                self._row(row)

    def _row(self, row: int) -> None:
        """Read a line; all its problems are reported, not the first alone."""
        table, at = self.table, self.columns
        code = self.text(row, at["code"])
        node = self.framework.inputs.get(code)
        known = isinstance(node, Node) and (not self.made or code in self.made)
        if not known:
            hint = f"Made from links: {', '.join(self.made) or 'none'}."
            where = table.where(row, at["code"])
            self.refuse("XC314", f"{code!r} does not use links.", hint, where)
        start, end = (self.city(row, at[name], code) for name in ("from", "to"))
        status = self.status(row, at.get("basis"))
        where = table.where(row, at["value"], indicator=code)
        read = self.value(row, at["value"], node, where) if isinstance(node, Node) else None
        if read is None or read.state is State.BLANK or not known or start is None or end is None:
            return
        # A missing code is NaN.
        if start == end:
            message = f"a link from {start} to itself is not counted."
            self.doubtful.append(Problem("XC329", message, "Remove the line.", where))
        elif not self._repeats(code, start, end, read.value, where):
            self.seen[code, start, end] = read.value, where.cell or ""
            link = Link(start, end, read.value, status or self.basis)
            self.links.setdefault(code, []).append(link)

    def _repeats(self, code: str, start: str, end: str, value: float, where: Where) -> bool:
        """Tell whether a pair has a line already, in a way that allows no second one."""
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
        if back[0] != value and not (back[0] != back[0] and value != value):
            message = (
                f"{code} is the same both ways, but {start} to {end} is {value:g} and "
                f"{end} to {start} ({back[1]}) {back[0]:g}."
            )
            self.refuse("XC330", message, "Correct one of the two, or leave it out.", where)
            return True
        return False
