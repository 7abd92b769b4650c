"""`Groups`: the cities in the order of `Ranking` with their tiers, and groups side by side.

Tiers are cut by the last ranks typed, by scores typed, or at the largest drops. Each city has eight
cells at most; what is told of a group is looked up among them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Fix, cell
from xlcity.workbook.drawing.number_formats import INTEGER, TWO_DECIMALS
from xlcity.workbook.drawing.styles import (
    CENTER,
    INPUT_CENTER,
    OUTPUT_CENTER,
    STUB_CENTER,
)
from xlcity.workbook.labels import quoted
from xlcity.workbook.layout import Layout
from xlcity.workbook.sheets.inputs.record import WORD_KEYS
from xlcity.workbook.sheets.results.ranking import CHOSEN, ranking_cell
from xlcity.workbook.sheets.table import (
    Column,
    Formula,
    RowCells,
    Table,
    gap,
    item_table,
)
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.wildcards import criterion

SHEET = "Groups"
#: Row of the choices, and of the headings right above the first city.
CHOICE = 4
HEADER = 6
#: Height of the rows of cities in points, whatever stands beside these.
ROW_HEIGHT = 18
#: Rows of a printed page; a few more are made to stand on it, too.
PAGE_ROWS = 72
#: Ways of cutting, as they are chosen, and tiers that there can be.
WAYS = ("ranks", "scores", "drops")
TIERS = 5
#: Last ranks of the tiers but the last one, as a book is made.
LAST_RANKS = (10, 20)
#: Places that count as being on top.
TOP = 10
#: Lines for groups at least where these are typed by hand, and beyond those that there are.
OWN_GROUPS = 20
FREE_GROUPS = 5
#: Decimals to which drops are compared: equal ones make a tier more.
DROP_DECIMALS = 9
#: A drop that there is none of.
NEVER = "9E+99"


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas = titled_sheet(book, SHEET, banner=True)
    sheet = _GroupsSheet(book, canvas)
    cities = sheet.cities()
    tiers = sheet.tiers(cities)
    sheet.choose(tiers)
    for table in (cities, tiers):
        table.draw()
    first_tier = cities.address("tier", cities.first)
    for number in (1, 2, 3):
        canvas.mark(
            cities.area("rank", "tier"), f"{first_tier}={number}", f"tier{number}"
        )
    if sheet.has_groups:
        canvas.note += sheet.text("groups.compared")
        sheet.choose_attribute(tiers.last + 3)
        sheet.groups(tiers.last + 5).draw()
    canvas.gap(HEADER - 1)
    for row in range(HEADER + 1, cities.last + 1):
        canvas.sheet.set_row(row - 1, ROW_HEIGHT)
    blank = f'{cell(cities.first, 1, Fix.COLUMN)}=""'
    right = cities.column("tier") + sheet.has_groups
    canvas.mark(canvas.area(cities.first, 1, cities.last, right), blank, "blank")
    pages = round(book.layout.slots / PAGE_ROWS)
    canvas.close(HEADER, 2, landscape=False, tall=max(1, pages))


def offered(layout: Layout) -> tuple[str, ...]:
    """Return the attributes of cities that can be chosen: those of a report that have groups."""
    spec = layout.spec
    named = tuple(kind.attribute for kind in spec.group_types)
    return named or spec.attributes


def _most_groups(spec: TemplateSpec) -> int:
    """Return for how many groups there is a line."""
    if spec.group_types:
        return max(len(kind.groups) for kind in spec.group_types)
    present = (_groups_present(spec, attribute) for attribute in spec.attributes)
    return max(OWN_GROUPS, max(present) + FREE_GROUPS)


def _groups_present(spec: TemplateSpec, attribute: str) -> int:
    """Count the groups that the cities have by an attribute."""
    return len({unit.attributes.get(attribute) for unit in spec.dataset.units})


@dataclass(frozen=True)
class _GroupsSheet:
    """The tables of the sheet, which read one another."""

    book: Book
    canvas: Canvas

    @property
    def has_groups(self) -> bool:
        return bool(self.book.spec.attributes)

    @property
    def right(self) -> int:
        """First column of the tables beside the cities."""
        return 8 if self.has_groups else 7

    @property
    def last(self) -> int:
        """Row of the last city."""
        return HEADER + self.book.layout.slots

    def column(self, number: int) -> str:
        """Return the cells of a column of cities."""
        return self.canvas.range(HEADER + 1, number, self.last)

    # -- cities --------------------------------------------------------------------------------
    def cities(self) -> Table:
        """Return the list of cities."""
        book = self.book
        columns = [
            self._city("rank", "0", 7, OUTPUT_CENTER),
            self._city("name", "", 20, "name"),
            self._city("score", "0.00", 9, "output"),
            Column(
                "drop",
                "groups.drop",
                self._drop,
                role=CENTER,
                number=TWO_DECIMALS,
                width=9,
            ),
            Column(
                "tier", "groups.tier", self._tier, role=CENTER, number=INTEGER, width=7
            ),
        ]
        if self.has_groups:
            columns += [
                Column(
                    "group",
                    "groups.group",
                    self._group,
                    role="name",
                    width=16,
                )
            ]
        columns += [gap(2)]
        beyond = self.right + 8
        columns += [Column() for _ in range(len(columns) + 1, beyond)]
        if self.has_groups:
            columns += [
                Column(
                    "place",
                    "groups.place",
                    self._place,
                    number=INTEGER,
                    helper=True,
                ),
                Column(
                    "number",
                    "groups.number",
                    self._number,
                    number=INTEGER,
                    helper=True,
                ),
            ]
        lines = range(book.layout.slots)
        return Table(
            self.canvas,
            HEADER,
            HEADER + 1,
            last=self.last,
            columns=tuple(columns),
            head_style={},
            items=lines,
        )

    def _city(self, name: str, number: str, width: float, role: str) -> Column:
        """Return a column that repeats one of `Ranking`."""

        def formula(cells: RowCells) -> str:
            return ranking_cell(self.book, name, cells.slot)

        return Column(
            name, f"groups.{name}", formula, role=role, number=number, width=width
        )

    def _drop(self, cells: RowCells) -> str | None:
        if cells.row == self.last:
            return '""'
        own = cells.score
        below = cell(cells.row + 1, 3, Fix.COLUMN)
        both = f"COUNT({own},{below})=2"
        return f'IF({both},ROUND({own}-{below},{DROP_DECIMALS}),"")'

    def _tier(self, cells: RowCells) -> str:
        """Cut by ranks, by scores, or where the drop above is one of the largest."""
        by_rank = f'COUNTIF({self.tier_cells("last_rank")},"<"&{cells.rank})+1'
        by_score = f'COUNTIF({self.tier_cells("cut")},">"&{cells.score})+1'
        by_drop = "1"
        if cells.slot:
            drop = cell(cells.row - 1, 4, Fix.COLUMN)
            tier = cell(cells.row - 1, 5, Fix.COLUMN)
            by_drop = f"MIN({TIERS},{tier}+IF({drop}>={self.least_drop},1,0))"
        chosen = f"CHOOSE({self.way},{by_rank},{by_score},{by_drop})"
        return f'IF(ISNUMBER({cells.rank}),{chosen},"")'

    def _group(self, cells: RowCells) -> str:
        """Name the group of a city by the attribute chosen."""
        layout = self.book.layout
        position = ranking_cell(self.book, "position", cells.slot)
        first_column = layout.city(layout.spec.attributes[0])
        last_column = layout.city(layout.spec.attributes[-1])
        block = replace(first_column, c2=last_column.c2).ref()
        value = f"INDEX({block},{position},{self.attribute_number})"
        name = value
        if WORD_KEYS in self.book.words:
            keys, texts = self.book.words[WORD_KEYS]
            key = f'{self.attribute}&"."&{value}'
            name = f"IFERROR(INDEX({texts},MATCH({key},{keys},0)),{value})"
        return f'IF(ISNUMBER({cells.rank}),IF({value}="","",{name}),"")'

    def _place(self, cells: RowCells) -> str:
        """Count the cities of the group down to this one."""
        alike = f"SUMPRODUCT(({cells.group.so_far}={cells.group})*1)"
        return f'IF({cells.group}="","",{alike})'

    def _number(self, cells: RowCells) -> str:
        """Give each group a number, in the order of their best cities."""
        place = cells.place
        first = cell(HEADER + 1, self.right + 8, Fix.BOTH)
        return f'IF({place}=1,COUNTIF({first}:{place},1),"")'

    # -- tiers ---------------------------------------------------------------------------------
    def tier_cells(self, name: str) -> str:
        """Return the cells of a column of the table of tiers, all but the last tier."""
        offset = {"last_rank": 1, "cut": 4}[name]
        column = self.right + offset
        return self.canvas.range(HEADER + 1, column, HEADER + TIERS - 1)

    def tiers(self, cities: Table) -> Table:
        """Return the table of tiers: where they end, and how many cities they have."""
        scores = self.column(cities.column("score"))
        own_tiers = self.column(cities.column("tier"))

        def suggested(cells: RowCells) -> str | None:
            """Suggest cuts half a deviation around the mean."""
            if cells.slot > 1:
                return None
            deviations = "0.5" if cells.slot == 0 else "-0.5"
            cut = f"AVERAGE({scores})+{deviations}*_xlfn.STDEV.S({scores})"
            return f'IF(COUNT({scores})<2,"",{cut})'

        def cut(cells: RowCells) -> str | None:
            """Return the score typed, or else the one suggested, where tiers go by scores."""
            if cells.slot == TIERS - 1:
                return None
            typed = cells.from_score
            suggested = cells.suggested
            used = f'IF({typed}="",IF({suggested}="","",{suggested}),{typed})'
            return f'IF({self.way}=2,{used},"")'

        def count(cells: RowCells) -> str:
            return f"COUNTIF({own_tiers},{cells.number})"

        def last_rank(cells: RowCells) -> float | None:
            return dict(enumerate(LAST_RANKS)).get(cells.slot)

        def typed_role(number: int) -> str:
            return INPUT_CENTER if number < TIERS else CENTER

        columns = (
            Column(
                "number",
                "groups.tier",
                width=16,
                value=lambda c: c.item,
                role=STUB_CENTER,
            ),
            Column(
                "last_rank",
                "groups.last_rank",
                role=typed_role,
                number=INTEGER,
                width=11,
                value=last_rank,
            ),
            Column(
                "from_score",
                "groups.from_score",
                role=typed_role,
                number="0.##",
                width=11,
                value=lambda cells: None,
            ),
            Column(
                "suggested",
                "groups.suggested",
                suggested,
                role=CENTER,
                number=TWO_DECIMALS,
                width=11,
            ),
            Column(
                "cut", "groups.cut", cut, role=CENTER, number=TWO_DECIMALS, width=11
            ),
            Column("count", "groups.n", count, role=CENTER, number=INTEGER, width=9),
        )
        return item_table(
            self.canvas,
            HEADER,
            range(1, TIERS + 1),
            columns,
            left=self.right,
            head_style={},
        )

    @property
    def way(self) -> str:
        """Address of the number of the way of cutting."""
        return cell(CHOICE, self.right + 7, Fix.BOTH)

    @property
    def least_drop(self) -> str:
        """Address of the least drop that parts two tiers."""
        return cell(CHOICE + 1, self.right + 7, Fix.BOTH)

    def choose(self, tiers: Table) -> None:
        """Write the choices of how tiers are cut, and what follows for the tiers."""
        canvas = self.canvas
        canvas.formula(CHOICE, 1, CHOSEN, "title", font_size=12)
        words = [self.text(f"groups.by_{way}") for way in WAYS]
        canvas.heading(CHOICE, self.right, "groups.way")
        canvas.chooser(CHOICE, self.right + 1, words[0], words)
        canvas.label(CHOICE, self.right + 2, "groups.tier_count", "note")
        canvas.input(
            CHOICE,
            self.right + 4,
            len(LAST_RANKS) + 1,
            role=INPUT_CENTER,
            number=INTEGER,
        )
        chosen = cell(CHOICE, self.right + 1, Fix.BOTH)
        tier_count = {
            "validate": "integer",
            "criteria": "between",
            "minimum": 2,
            "maximum": TIERS,
            "error_title": "xlcity",
            "error_message": f"2–{TIERS}",
        }
        canvas.validate(canvas.area(CHOICE, self.right + 4), tier_count)
        second, third = (quoted(word) for word in words[1:])
        way = f"IF({chosen}={third},3,IF({chosen}={second},2,1))"
        canvas.formula(CHOICE, self.right + 7, way, role="helper", number=INTEGER)
        drops = self.column(4)
        count = cell(CHOICE, self.right + 4, Fix.BOTH)
        least = f"IFERROR(LARGE({drops},MIN({TIERS},{count})-1),{NEVER})"
        canvas.formula(
            CHOICE + 1, self.right + 7, least, role="helper", number=TWO_DECIMALS
        )

    def text(self, key: str) -> str:
        """Return a label in the language of the book."""
        return self.book.labels.text(key)

    # -- groups --------------------------------------------------------------------------------
    @property
    def attribute(self) -> str:
        """Address of the code of the attribute chosen."""
        return cell(CHOICE, self.right + 8, Fix.BOTH)

    @property
    def attribute_number(self) -> str:
        """Address of its position on `Cities`."""
        return cell(CHOICE + 1, self.right + 8, Fix.BOTH)

    def choose_attribute(self, row: int) -> None:
        """Write the choice of an attribute, and which it is."""
        canvas = self.canvas
        codes = offered(self.book.layout)
        names = [self.text(f"attribute.{code}") for code in codes]
        listed = self.right + 10
        for below, (name, code) in enumerate(zip(names, codes, strict=True), CHOICE):
            canvas.put(below, listed, name, "helper")
            canvas.put(below, listed + 1, code, "helper")
            position = self.book.spec.attributes.index(code) + 1
            canvas.put(below, listed + 2, position, role="helper", number=INTEGER)
        columns = [
            canvas.range(CHOICE, column, CHOICE + len(codes) - 1)
            for column in (listed, listed + 1, listed + 2)
        ]
        canvas.heading(row, self.right, "groups.by")
        canvas.chooser(row, self.right + 1, names[0], f"={columns[0]}")
        chosen = cell(row, self.right + 1, Fix.BOTH)
        match = f"IFERROR(MATCH({chosen},{columns[0]},0),1)"
        for below, column in enumerate(columns[1:], CHOICE):
            formula = f"INDEX({column},{match})"
            canvas.formula(below, self.right + 8, formula, "helper")

    def groups(self, header: int) -> Table:
        """Return the table of groups."""
        cities = _Cities(self)

        def first(values: str, cells: RowCells) -> str:
            position = f"MATCH({cells.slot + 1},{cities.numbers},0)"
            return f'IFERROR(INDEX({values},{position}),"")'

        def measure(name: str, formula: Formula, number: str = INTEGER) -> Column:
            def guarded(cells: RowCells) -> str:
                return f'IF({cells.group}="","",{formula(cells)})'

            key = f"groups.{name}"
            return Column(name, key, guarded, role=CENTER, number=number)

        def equals_own(cells: RowCells) -> str:
            own = criterion(cells.group)
            return f'IF({cells.group}="","",{own})'

        columns = (
            Column("group", "groups.group", partial(first, cities.groups), "name"),
            measure("n", cities.count),
            measure("mean", cities.mean, "0.00"),
            measure("median", cities.median, "0.00"),
            Column("best", "groups.best", partial(first, cities.names), "name"),
            measure("top", cities.count_top),
            measure("first_tier", cities.count_first_tier),
            Column("criterion", "groups.criterion", equals_own, helper=True, width=10),
        )
        return item_table(
            self.canvas,
            header,
            range(_most_groups(self.book.spec)),
            columns,
            left=self.right,
            head_style={},
        )


class _Cities:
    """The columns of the cities, and what is told of a group by its criterion."""

    def __init__(self, sheet: _GroupsSheet) -> None:
        self.ranks = sheet.column(1)
        self.names = sheet.column(2)
        self.scores = sheet.column(3)
        self.tiers = sheet.column(5)
        self.groups = sheet.column(6)
        self.places = sheet.column(sheet.right + 8)
        self.numbers = sheet.column(sheet.right + 9)

    def count(self, cells: RowCells) -> str:
        """Count the cities of a group."""
        return f"COUNTIF({self.groups},{cells.criterion})"

    def mean(self, cells: RowCells) -> str:
        """Average their scores."""
        return f"AVERAGEIF({self.groups},{cells.criterion},{self.scores})"

    def median(self, cells: RowCells) -> str:
        """Average the scores of the one or two cities in the middle of a group."""
        own = f"{self.groups},{cells.criterion}"
        middle = f'{self.places},">="&{cells.n}/2,{self.places},"<="&{cells.n}/2+1'
        return f"AVERAGEIFS({self.scores},{own},{middle})"

    def count_top(self, cells: RowCells) -> str:
        """Count those on top."""
        return f'COUNTIFS({self.groups},{cells.criterion},{self.ranks},"<={TOP}")'

    def count_first_tier(self, cells: RowCells) -> str:
        """Count those in the first tier."""
        return f"COUNTIFS({self.groups},{cells.criterion},{self.tiers},1)"
