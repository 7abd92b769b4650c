"""Availability of data: by city, by pillar, and by a chosen attribute of cities."""

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
        """Column -> the indicators that it counts: all of them, and those below each pillar."""
        framework, shares = self.book.spec.framework, {"share": self.book.layout.indicators}
        pillars = [
            child.code
            for child in framework.children(framework.root.code)
            if not framework.is_indicator(child.code)
        ]
        for code in pillars if 1 < len(pillars) <= MOST_PILLARS else ():
            shares[code] = tuple(leaf.code for leaf in framework.leaves_below(code))
        return shares

    def draw(self, top: int, aside: int) -> tuple[Table, Table]:
        """Draw the tables from a row on; return that of cities and its workings.

        `aside` is the first column of the workings.
        """
        canvas, grouped = self.canvas, bool(self.book.spec.attributes)
        header = top + 1 + (GROUPS + 4 if grouped else 0)
        chosen = self._draw_chooser(top) if grouped else ""
        canvas.label(header - 1, 1, "availability.cities", "section")
        rows = range(self.book.layout.slots)
        cities = item_table(canvas, header, rows, self._city_columns(chosen)).draw()
        workings = item_table(
            canvas, header, rows, self._working_columns(cities), left=aside
        ).draw()
        heads = [header]
        if grouped:
            heads.append(top + 2)
            item_table(canvas, top + 2, range(GROUPS), self._group_columns(cities, workings)).draw()
        for row in heads:
            canvas.fit_names(row, [code for code in self.shares if code != "share"], NARROW)
        return cities, workings

    def _draw_chooser(self, top: int) -> str:
        """Write the chooser of the attribute, and return the formula of its column's position."""
        canvas, spec = self.canvas, self.book.spec
        names = [kind.attribute for kind in spec.group_types] or [
            name for name in spec.attributes if name.lower().startswith(GROUP)
        ]
        canvas.label(top, 1, "availability.groups", "section")
        canvas.label(top + 1, 1, "availability.by", "stub_line")
        heads = self._attribute_cells(IN_CODE)
        canvas.chooser(top + 1, 2, (names or spec.attributes)[0], f"={heads}")
        return f"MATCH({cell(top + 1, 2, 'rc')},{heads},0)"

    def _attribute_cells(self, row: int) -> str:
        """Return the cells with the attributes in a row of `Cities`."""
        left = len(CITY_COLUMNS) + 1
        right = left + len(self.book.spec.attributes) - 1
        return f"Cities!{cell(row, left, 'rc')}:{cell(row, right, 'rc')}"

    def _share_column(self, name: str, formula: Formula) -> Column:
        """Return the column of one of the shares."""
        display = self.book.layout.framework_cell
        head = "" if name == "share" else display(name, "display")
        few = f"AND(ISNUMBER({{0}}),{{0}}<{self.least})"
        return Column(name, "" if head else "statistics.share", formula, "calculation_center",
                      PERCENT, head=head, marks=[(few, "note")])  # fmt: skip

    def _remark_column(self) -> Column:
        words = self.book.labels.ref("statistics.few")

        def formula(cells: RowCells) -> str:
            return f'IF(ISNUMBER({cells.share}),IF({cells.share}<{self.least},{words},""),"")'

        return Column("remark", "statistics.remark", formula, "name", style={"font_size": 9})

    def _city_columns(self, chosen: str) -> list[Column]:
        """Return the columns of the table of cities; `chosen` locates their groups."""
        layout = self.book.layout

        def index_cell(column: int, cells: RowCells) -> str:
            return f"{INDEX}!{cell(FIRST + cells.slot, column, 'c')}"

        def if_scored(cells: RowCells, formula: str) -> str:
            return f'IF({index_cell(POPULATION_COLUMN, cells)}="","",{formula})'

        def count_of(cells: RowCells, codes: tuple[str, ...]) -> str:
            row = FIRST + cells.slot
            return f"COUNT({layout.raw.counted(codes, row, '')})"

        def share_of(codes: tuple[str, ...]) -> Formula:
            return lambda cells: if_scored(cells, f"{count_of(cells, codes)}/{len(codes)}")

        def group(cells: RowCells) -> str:
            row = layout.city_row(FIRST + cells.slot)
            value = f"Cities!{cell(row, len(CITY_COLUMNS) + 1, 'rc')}"
            if len(self.book.spec.attributes) > 1:
                value = f"INDEX({self._attribute_cells(row)},1,{chosen})"
            return if_scored(cells, f'IFERROR(IF({value}="","",{value}),"")')

        grouped = [Column("group", "availability.group", group, "name", style={"font_size": 9})]
        return [
            Column("unit", "data.id", lambda cells: if_scored(cells, index_cell(1, cells)), "id"),
            Column("name", "data.name", lambda cells: if_scored(cells, index_cell(2, cells)),
                   "name"),
            Column("n", "statistics.n",
                   lambda cells: if_scored(cells, count_of(cells, layout.indicators)),
                   "calculation_center", "0"),
            *(self._share_column(name, share_of(codes)) for name, codes in self.shares.items()),
            self._remark_column(),
            *(grouped if chosen else ()),
        ]  # fmt: skip

    def _working_columns(self, cities: Table) -> list[Column]:
        """Return the columns that other tables count by."""

        def first_of_group(cells: RowCells) -> str:
            # The first city of each group gets its position among the cities.
            group, groups = cities.address("group", cells.row), cities.column_ref("group")
            position = f'IF(MATCH({group},{groups},0)={cells.ordinal},{cells.ordinal},"")'
            return f'IF({group}="","",{position})'

        columns = [self._distinct_column(code) for code in self.book.layout.indicators]
        if "group" in [column.name for column in cities.columns]:
            columns.insert(
                0, Column("first", "availability.first", first_of_group, "id", helper=True)
            )
        return columns

    def _distinct_column(self, code: str) -> Column:
        """Return the column with a number's part in the count of different ones: 1 among n equal.

        Whole columns are counted, which programs do faster than ranges that grow row by row.
        """
        layout = self.book.layout
        values = layout.raw.over(code, self.canvas.name, "r")
        members = populations_of(layout).members

        def formula(cells: RowCells) -> str:
            value = layout.raw.at(code, FIRST + cells.slot, self.canvas.name)
            # Programs differ in whether numbers are equal that differ in their last bit.
            near = f"{SAME:.0E}*ABS({value})"
            low, high = f'{values},">="&{value}-{near}', f"{value}+{near}"
            count = f'(COUNTIF({low})-COUNTIF({values},">"&{high}))'
            if self.book.spec.apart:
                own = f"{members.ref()},{layout.population(FIRST + cells.slot)}"
                count = f'COUNTIFS({own},{low},{values},"<="&{high})'
            return f"IF(ISNUMBER({value}),1/{count},0)"

        return Column(f"met {code}", "", formula, "id", head=f'"{code}"', helper=True)

    def _group_columns(self, cities: Table, workings: Table) -> list[Column]:
        """Return the columns of the table of groups, in the order in which cities have them."""
        groups = cities.column_ref("group")

        def group_value(cells: RowCells) -> str:
            city_position = f"SMALL({workings.column_ref('first')},{cells.ordinal})"
            return f'IFERROR(INDEX({groups},{city_position}),"")'

        def group_name(cells: RowCells) -> str:
            if "group" not in self.book.words:
                return f"{cells.unit}"
            value = f'{cell(cells.row - cells.slot - 2, 2, "rc")}&"."&{cells.unit}'
            word = self.book.word_of("group", value)
            return f'IF({cells.unit}="","",IFERROR({word},{cells.unit}))'

        def mean_share(source: str) -> Formula:
            shares = cities.column_ref(source)
            return lambda cells: f'IF({cells.unit}="","",AVERAGEIF({groups},{cells.unit},{shares}))'

        return [
            Column("unit", "availability.group", group_value, "id"),
            Column("name", "framework.display", group_name, "name"),
            Column("n", "availability.size",
                   lambda cells: f'IF({cells.unit}="","",COUNTIF({groups},{cells.unit}))',
                   "calculation_center", "0"),
            *(self._share_column(name, mean_share(name)) for name in self.shares),
            self._remark_column(),
        ]  # fmt: skip
