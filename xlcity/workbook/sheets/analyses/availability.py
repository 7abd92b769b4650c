"""How much of the data is there: by city, by pillar, and by a group of cities that is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from xlcity.assess.statistics import SAME
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.rows import CITY_COLUMNS, FIRST, IN_CODE, INDEX, POPULATION_COLUMN
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table, item_table

#: Share of the indicators below which data are called few.
LEAST = 0.65
#: Groups that the sheet has room for, and pillars with columns of their own.
GROUPS, MOST_PILLARS = 12, 12
#: How the attribute begins that cities are grouped by, where no report says which.
GROUP = "group"
NARROW = 9.5
PERCENT = "0.0%"


@dataclass(frozen=True)
class AvailabilityTables:
    """The tables of one template.

    Parameters
    ----------
    least
        Address of the share below which data are called few.
    """

    book: Book
    canvas: Canvas
    least: str

    @cached_property
    def shares(self) -> dict[str, tuple[str, ...]]:
        """Column -> indicators that it counts: all of them, and those below each pillar."""
        framework, found = self.book.spec.framework, {"share": self.book.layout.indicators}
        pillars = [
            child.code
            for child in framework.children(framework.root.code)
            if not framework.is_indicator(child.code)
        ]
        for code in pillars if 1 < len(pillars) <= MOST_PILLARS else ():
            found[code] = tuple(leaf.code for leaf in framework.leaves_below(code))
        return found

    def draw(self, top: int, aside: int) -> tuple[Table, Table]:
        """Draw the tables from a row on; return that of cities and its workings.

        `aside` is the first column of the workings.
        """
        canvas, grouped = self.canvas, bool(self.book.spec.attributes)
        header = top + 1 + (GROUPS + 4 if grouped else 0)
        chosen = self._chooser(top) if grouped else ""
        canvas.label(header - 1, 1, "availability.cities", "section")
        rows = range(self.book.layout.slots)
        cities = item_table(canvas, header, rows, self._cities(chosen)).draw()
        workings = item_table(canvas, header, rows, self._workings(cities), left=aside).draw()
        heads = [header]
        if grouped:
            heads.append(top + 2)
            item_table(canvas, top + 2, range(GROUPS), self._groups(cities, workings)).draw()
        for row in heads:
            canvas.fit_names(row, [code for code in self.shares if code != "share"], NARROW)
        return cities, workings

    def _chooser(self, top: int) -> str:
        """Write by what cities are grouped and return the formula for the place of its column."""
        canvas, spec = self.canvas, self.book.spec
        names = [kind.attribute for kind in spec.group_types] or [
            name for name in spec.attributes if name.lower().startswith(GROUP)
        ]
        canvas.label(top, 1, "availability.groups", "section")
        canvas.label(top + 1, 1, "availability.by", "stub_line")
        heads = self._attributes(IN_CODE)
        canvas.chooser(top + 1, 2, (names or spec.attributes)[0], f"={heads}")
        return f"MATCH({cell(top + 1, 2, 'rc')},{heads},0)"

    def _attributes(self, row: int) -> str:
        """Return the cells with the attributes in a row of `Cities`."""
        left = len(CITY_COLUMNS) + 1
        right = left + len(self.book.spec.attributes) - 1
        return f"Cities!{cell(row, left, 'rc')}:{cell(row, right, 'rc')}"

    def _share(self, name: str, formula: Formula) -> Column:
        """Return the column of one of the shares."""
        display = self.book.layout.framework_cell
        head = "" if name == "share" else display(name, "display")
        few = f"AND(ISNUMBER({{0}}),{{0}}<{self.least})"
        return Column(name, "" if head else "statistics.share", formula, "calculation_center",
                      PERCENT, head=head, marks=[(few, "note")])  # fmt: skip

    def _remark(self) -> Column:
        words = self.book.labels.ref("statistics.few")

        def formula(at: RowCells) -> str:
            return f'IF(ISNUMBER({at.share}),IF({at.share}<{self.least},{words},""),"")'

        return Column("remark", "statistics.remark", formula, "name", style={"font_size": 9})

    def _cities(self, chosen: str) -> list[Column]:
        """Return the columns of the table of cities; `chosen` is the place of their groups."""
        layout = self.book.layout

        def of(column: int, at: RowCells) -> str:
            return f"{INDEX}!{cell(FIRST + at.slot, column, 'c')}"

        def scored(at: RowCells, formula: str) -> str:
            return f'IF({of(POPULATION_COLUMN, at)}="","",{formula})'

        def counted(at: RowCells, codes: tuple[str, ...]) -> str:
            row = FIRST + at.slot
            return f"COUNT({layout.raw.counted(codes, row, '')})"

        def part(codes: tuple[str, ...]) -> Formula:
            return lambda at: scored(at, f"{counted(at, codes)}/{len(codes)}")

        def group(at: RowCells) -> str:
            row = layout.city_row(FIRST + at.slot)
            found = f"Cities!{cell(row, len(CITY_COLUMNS) + 1, 'rc')}"
            if len(self.book.spec.attributes) > 1:
                found = f"INDEX({self._attributes(row)},1,{chosen})"
            return scored(at, f'IFERROR(IF({found}="","",{found}),"")')

        grouped = [Column("group", "availability.group", group, "name", style={"font_size": 9})]
        return [
            Column("unit", "data.id", lambda at: scored(at, of(1, at)), "id"),
            Column("name", "data.name", lambda at: scored(at, of(2, at)), "name"),
            Column("n", "statistics.n", lambda at: scored(at, counted(at, layout.indicators)),
                   "calculation_center", "0"),
            *(self._share(name, part(codes)) for name, codes in self.shares.items()),
            self._remark(),
            *(grouped if chosen else ()),
        ]  # fmt: skip

    def _workings(self, cities: Table) -> list[Column]:
        """Return the columns that other tables count by."""

        def first(at: RowCells) -> str:
            # The first city of each group has its place among the cities.
            group, groups = cities.address("group", at.row), cities.whole("group")
            met = f'IF(MATCH({group},{groups},0)={at.ordinal},{at.ordinal},"")'
            return f'IF({group}="","",{met})'

        found = [self._met(code) for code in self.book.layout.indicators]
        if "group" in [column.name for column in cities.columns]:
            found.insert(0, Column("first", "availability.first", first, "id", helper=True))
        return found

    def _met(self, code: str) -> Column:
        """Return the column with a number's part in the count of different ones: 1 among n equal.

        Whole columns are counted, which programs do faster than ranges that grow row by row.
        """
        layout = self.book.layout
        values = layout.raw.over(code, self.canvas.name, "r")
        members = populations_of(layout).members

        def formula(at: RowCells) -> str:
            here = layout.raw.at(code, FIRST + at.slot, self.canvas.name)
            # Programs differ in whether numbers are equal that differ in their last bit.
            near = f"{SAME:.0E}*ABS({here})"
            low, high = f'{values},">="&{here}-{near}', f"{here}+{near}"
            count = f'(COUNTIF({low})-COUNTIF({values},">"&{high}))'
            if self.book.spec.apart:
                own = f"{members.ref()},{layout.population(FIRST + at.slot)}"
                count = f'COUNTIFS({own},{low},{values},"<="&{high})'
            return f"IF(ISNUMBER({here}),1/{count},0)"

        return Column(f"met {code}", "", formula, "id", head=f'"{code}"', helper=True)

    def _groups(self, cities: Table, workings: Table) -> list[Column]:
        """Return the columns of the table of groups, in the order in which cities have them."""
        groups = cities.whole("group")

        def name(at: RowCells) -> str:
            place = f"SMALL({workings.whole('first')},{at.ordinal})"
            return f'IFERROR(INDEX({groups},{place}),"")'

        def shown(at: RowCells) -> str:
            if "group" not in self.book.words:
                return f"{at.unit}"
            value = f'{cell(at.row - at.slot - 2, 2, "rc")}&"."&{at.unit}'
            return f'IF({at.unit}="","",IFERROR({self.book.word_of("group", value)},{at.unit}))'

        def mean(source: str) -> Formula:
            return lambda at: (
                f'IF({at.unit}="","",AVERAGEIF({groups},{at.unit},{cities.whole(source)}))'
            )

        return [
            Column("unit", "availability.group", name, "id"),
            Column("name", "framework.display", shown, "name"),
            Column("n", "availability.size",
                   lambda at: f'IF({at.unit}="","",COUNTIF({groups},{at.unit}))',
                   "calculation_center", "0"),
            *(self._share(name, mean(name)) for name in self.shares),
            self._remark(),
        ]  # fmt: skip
