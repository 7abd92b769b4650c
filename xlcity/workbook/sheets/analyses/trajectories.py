"""`Trajectories`: scores and ranks of a node over editions, growth, convergence, breaks of series.

Numbers of past editions are stored on the right, as they were; those of this edition and all that
follows from both are formulas. The next edition appends this one to what is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain, compress

from xlcity.index.panel import has_fixed_bounds
from xlcity.model.dataset import State
from xlcity.model.panel import edition_times
from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.charts import lines
from xlcity.workbook.drawing.grid import Fix, cell, pick
from xlcity.workbook.drawing.number_formats import (
    AS_TEXT,
    FOUR_DECIMALS,
    GENERAL,
    INTEGER,
    THREE_DECIMALS,
)
from xlcity.workbook.drawing.styles import (
    CENTER,
    OUTPUT_CENTER,
    PUBLISHED_CENTER,
    SMALL,
    TINY,
)
from xlcity.workbook.labels import quoted
from xlcity.workbook.layout.rows import CODE, FIRST
from xlcity.workbook.sheets.calculation.calculate import SCORE
from xlcity.workbook.sheets.results.ranking import CHOSEN, order_column
from xlcity.workbook.sheets.table import (
    RISE_AND_FALL,
    Column,
    RowCells,
    Table,
    field_of,
    gap,
)
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.spec.previous_edition import Past, PastEdition, past_of

SHEET = "Trajectories"
#: Rows above the table: the node, a note, then numbers of each edition.
NODE = 4
NOTE = 5
TIME = 6
BREAKS = 7
N = 8
SD = 9
CV = 10
HEADER = CODE - 1
#: Column of the first edition's scores.
FIRST_SCORE = 3
#: Cities in the chart at most, lines of breaks or a multiple of that, columns below the chart.
CHARTED = 6
BREAK_LINES = 20
CHART_WIDTHS = (44, 17, 14, 14, 12)
#: Numbers of convergence, and how they are written.
CONVERGENCE = {
    "n": "0",
    "beta": "0.00000",
    "se": "0.00000",
    "r2": "0.000",
    "speed": "0.00%",
    "half_life": "0.0",
    "logarithms": "0",
}
#: Label of a speed that is not defined: cities overtake the common level within the time.
NO_SPEED = "trajectories.no_speed"
#: Remarks on a city's growth, see `xlcity.assess.editions.Development`.
REMARKS = ("missing", "entered", "left", "below_zero", "not_positive", "break", "gap")


class TrajectoryTables:
    """The tables of the sheet, from left to right."""

    def __init__(self, book: Book, canvas: Canvas) -> None:
        self.book = book
        self.canvas = canvas
        self.layout = book.layout
        self.past = past_of(book.spec)
        self.nodes = book.layout.scores.codes
        now = book.spec.edition or book.labels.text("trajectories.now")
        self.editions = (*(past.edition for past in self.past.editions), now)
        scores = chain.from_iterable(past.scores for past in self.past.editions)
        units = tuple(dict.fromkeys(unit for unit, _ in scores))
        current = {unit.id for unit in book.spec.dataset.units}
        #: Cities of past editions that are not in this one.
        self.former_units = [unit for unit in units if unit not in current]
        rows = self.layout.slots + len(self.former_units)
        breaks = self.past.breaks
        self.cities = self._table(1, self._city_columns(), rows)
        self.chart_left = self.cities.right + 2
        left = self.chart_left + len(CHART_WIDTHS) + 1
        # As many as before where a person fills a free line.
        count = BREAK_LINES * (1 + len(breaks) // BREAK_LINES)
        self.breaks = self._table(
            left, self._break_columns(), count, breaks, define="in_breaks"
        )
        self.workings = self._table(
            self.breaks.right + 2, self._working_columns(), rows
        )
        left = self.workings.right + 2
        self.store = self._table(
            left, self._stored_columns(), len(units), units, define="xl_past"
        )

    def _table(
        self,
        left: int,
        columns: Iterator[Column],
        rows: int,
        items: tuple[object, ...] = (),
        define: str = "",
    ) -> Table:
        last = FIRST + max(rows, 1) - 1
        return Table(
            self.canvas,
            HEADER,
            first=FIRST,
            last=last,
            columns=tuple(columns),
            left=left,
            codes=CODE,
            items=items,
            define=define,
        )

    def names(self, kind: str) -> list[str]:
        """Return the columns of each edition: scores, ranks, or scores that are compared."""
        return [f"{kind}|{edition}" for edition in self.editions]

    def cell_above(self, row: int, end: int) -> str:
        """Return the cell in a row above the scores of an edition; of the last one for -1."""
        return cell(row, FIRST_SCORE + end % len(self.editions), Fix.BOTH)

    @property
    def duration(self) -> str:
        """The formula of the time from the first edition to the last."""
        return f"({self.cell_above(TIME, -1)}-{self.cell_above(TIME, 0)})"

    @property
    def lowest_score(self) -> str:
        """The cell with the lowest score of all cities and editions."""
        return cell(NODE, self.workings.left, Fix.BOTH)

    def convergence_cell(self, name: str) -> str:
        """Return the cell with one of the numbers of `CONVERGENCE`."""
        return cell(
            TIME + 1 + [*CONVERGENCE].index(name), self.chart_left + 1, Fix.BOTH
        )

    # -- cities --------------------------------------------------------------------------------
    def _city_columns(self) -> Iterator[Column]:
        """Yield city, scores and ranks by edition, growth, places gained, remark."""
        yield Column("id", "data.id", self._id, "id", width=14, code="id")
        yield Column("name", "data.name", self._name, "name", width=30, code="name")
        for kind, number, role in (
            ("score", SCORE, "output"),
            ("rank", "0", OUTPUT_CENTER),
        ):
            word = self.book.labels.text(f"trajectories.{kind}")
            for position, name in enumerate(self.names(kind)):
                formula = partial(self._number, kind, position)
                head = quoted(f"{word} {self.editions[position]}")
                yield Column(
                    name,
                    formula=formula,
                    role=role,
                    number=number,
                    width=11,
                    head=head,
                    code=name,
                )
            yield gap()
        marks = [(f"AND(ISNUMBER({{0}}),{self._broken}>0)", "note")]
        yield Column(
            "cagr",
            "trajectories.cagr",
            self._growth,
            role="output",
            number="0.0%",
            width=12,
            code="cagr",
            marks=marks,
        )
        yield Column(
            "gain",
            "change.change",
            self._gain,
            role=CENTER,
            number="+0;-0;0",
            width=14,
            code="gain",
            marks=RISE_AND_FALL,
        )
        yield Column(
            "remark",
            "correlation.remark",
            self._remark,
            role="name",
            width=34,
            style=SMALL,
            code="remark",
        )

    def _id(self, cells: RowCells) -> str:
        if cells.slot >= self.layout.slots:
            return quoted(self.former_units[cells.slot - self.layout.slots])
        unit = self.layout.city_cell("id", cells.row)
        return f'IF({unit}="","",{unit})'

    def _name(self, cells: RowCells) -> str:
        row = self.workings.address("row_now", cells.row)
        return f'IF({row}="",{cells.id},INDEX({self.layout.names()},{row}))'

    def _number(self, kind: str, position: int, cells: RowCells) -> str:
        """Return the formula of a city's number in an edition, of the node chosen on `Ranking`."""
        if position == len(self.past.editions):
            block = self.layout.scores if kind == "score" else self.layout.ranks
            area = block.span().ref()
            row = self.workings.address("row_now", cells.row)
        else:
            past = self.past.editions[position].edition
            last = len(self.nodes) - 1
            ends = (f"{kind}|{self.nodes[end]}|{past}" for end in (0, last))
            area = self.store.area(*ends).ref(home=SHEET)
            row = self.workings.address("row_then", cells.row)
        number = f"INDEX({area},{row},xl_ranking_column)"
        return f'IF({row}="","",IF(ISNUMBER({number}),{number},""))'

    def _ends(self, kind: str, cells: RowCells) -> tuple[str, str]:
        """Return the cells of a city in the first and in the last edition."""
        names = self.names(kind)
        return cells[names[0]], cells[names[-1]]

    def _growth(self, cells: RowCells) -> str:
        first, last = self._ends("score", cells)
        rate = f"({last}/{first})^(1/{self.duration})-1"
        is_given = f"AND({self.lowest_score}>=0,MIN({first},{last})>0)"
        return f'IF(COUNT({first},{last})=2,IF({is_given},{rate},""),"")'

    def _gain(self, cells: RowCells) -> str:
        first, last = self._ends("rank", cells)
        return f'IF(COUNT({first},{last})=2,{first}-{last},"")'

    @property
    def _broken(self) -> str:
        """The formula of the number of breaks below the node after the first edition."""
        return f"SUM({self.cell_above(BREAKS, 1)}:{self.cell_above(BREAKS, -1)})"

    def _remark(self, cells: RowCells) -> str:
        """Return the formula of why there is no growth, or how it is to be read."""
        words = {word: self.book.labels.ref(f"trajectories.{word}") for word in REMARKS}
        first, last = self._ends("score", cells)
        has_gap = f"COUNT({first}:{last})<COLUMNS({first}:{last})"
        read = f'IF({self._broken}>0,{words["break"]}&" ","")&IF({has_gap},{words["gap"]},"")'
        positive = f"IF(MIN({first},{last})<=0,{words['not_positive']},TRIM({read}))"
        both = f"IF({self.lowest_score}<0,{words['below_zero']},{positive})"
        either = f"IF(ISNUMBER({first}),{words['left']},{words['entered']})"
        some = f"IF(COUNT({first},{last})=0,{words['missing']},{either})"
        return f'IF({cells.id}="","",IF(COUNT({first},{last})=2,{both},{some}))'

    # -- breaks --------------------------------------------------------------------------------
    def _break_columns(self) -> Iterator[Column]:
        """Yield indicator, edition and note of breaks, and whether they are below the node."""
        for name, width in (("code", 16), ("edition", 12), ("note", 34)):
            yield Column(
                name,
                f"trajectories.break_{name}",
                role="input",
                number=AS_TEXT,
                width=width,
                code=name,
                value=field_of(name),
            )
        tree = self.book.spec.framework
        nodes = self.layout.scores.rows_of(self.nodes, CODE, CODE)
        chosen = (
            f"INDEX({nodes.ref()},1,xl_ranking_column)"
            if nodes.columns > 1
            else nodes.ref()
        )

        def path(cells: RowCells) -> object:
            code = getattr(cells.item, "code", "")
            if code not in tree:
                return None
            codes = [node.code for node in tree.path(code)]
            return "|".join(["", *codes, ""])

        def is_below(cells: RowCells) -> str:
            # What is typed has no path yet: it counts for every node.
            names = cells.code, chosen
            named, below = (
                f'ISNUMBER(FIND("|"&{name}&"|",{cells.path}))' for name in names
            )
            return f'IF({cells.code}="",0,IF({named},IF({below},1,0),1))'

        yield Column("path", helper=True, value=path)
        yield Column("is_below", formula=is_below, number=INTEGER, helper=True)

    # -- workings ------------------------------------------------------------------------------
    def _working_columns(self) -> Iterator[Column]:
        """Yield rows of a city then and now, scores where it has all, and both axes of beta."""
        spec = self.book.spec
        scores = self.names("score")

        def row_of_city(kind: str, cells: RowCells) -> str:
            unit = self.cities.address("id", cells.row)
            ids = (
                self.layout.ids()
                if kind == "now"
                else self.store.area("unit").ref(home=SHEET)
            )
            return f'IF({unit}="","",IFERROR(MATCH({unit},{ids},0),""))'

        def compared(score: str, cells: RowCells) -> str:
            ends = (scores[0], scores[-1])
            first, last = (self.cities.address(name, cells.row) for name in ends)
            test = f"COUNT({first}:{last})={len(scores)}"
            if spec.apart and cells.slot < self.layout.slots:
                test = f'AND({test},{self.layout.population(cells.row)}="{spec.populations[0]}")'
            return f'IF({test},{self.cities.address(score, cells.row)},"")'

        def axis(of_growth: bool, cells: RowCells) -> str:
            first, last = self._ends("compared", cells)
            logarithm = f"LN({first})"
            plain = first
            divided = ""
            if of_growth:
                logarithm = f"LN({last}/{first})"
                plain = f"({last}-{first})"
                divided = f"/{self.duration}"
            chosen = f"IF({self.convergence_cell('logarithms')}=1,{logarithm},{plain})"
            return f'IF({first}="","",{chosen}{divided})'

        def order(cells: RowCells) -> str:
            """Return the formula of the place on `Ranking`, of a city with all scores."""
            row = self.workings.address("row_now", cells.row)
            has_all = f'{self._ends("compared", cells)[0]}<>""'
            return f'IF({has_all},INDEX({order_column(self.book).ref()},{row}),"")'

        for kind in ("then", "now"):
            formula = partial(row_of_city, kind)
            yield Column(
                f"row_{kind}",
                formula=formula,
                number=INTEGER,
                helper=True,
                code=f"row_{kind}",
            )
        for name, score in zip(self.names("compared"), scores, strict=True):
            yield Column(
                name,
                formula=partial(compared, score),
                number=SCORE,
                helper=True,
                code=name,
            )
        yield Column("order", formula=order, number=INTEGER, helper=True, code="order")
        for name in ("initial", "growth"):
            formula = partial(axis, name == "growth")
            yield Column(
                name,
                formula=formula,
                number=FOUR_DECIMALS,
                helper=True,
                code=name,
            )

    def _stored_columns(self) -> Iterator[Column]:
        """Yield what is stored: cities, then the scores and ranks of every node by edition."""

        def value(past: PastEdition, kind: str, node: str, cells: RowCells) -> object:
            return getattr(past, f"{kind}s").get((cells.item, node))

        yield Column(
            "unit",
            "data.id",
            helper=True,
            code="unit",
            value=lambda cells: cells.item,
        )
        for kind, number in (("score", SCORE), ("rank", "0")):
            for past in self.past.editions:
                for node in self.nodes:
                    is_invented = node in past.invented
                    name = f"{kind}|{node}|{past.edition}"
                    yield Column(
                        name,
                        number=number,
                        width=9,
                        style=TINY,
                        helper=True,
                        value=partial(value, past, kind, node),
                        code=f"{name}|{'Y' * is_invented}",
                        head=quoted(name),
                        marks=[("TRUE", "synthetic")] * is_invented,
                    )


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas = titled_sheet(book, SHEET, banner=True)
    tables = TrajectoryTables(book, canvas)
    for column, width in enumerate((2, *CHART_WIDTHS, 2), tables.chart_left - 1):
        canvas.columns(column, column, width)
    for table in (tables.cities, tables.breaks, tables.workings, tables.store):
        table.draw()
    canvas.formula(NODE, 1, CHOSEN, "title", font_size=12)
    scores = tables.names("score")
    every_score = tables.cities.area(scores[0], scores[-1])
    lowest = f"MIN({every_score.ref(home=SHEET)})"
    canvas.formula(NODE, tables.workings.left, lowest, "helper", number=SCORE)
    if not has_fixed_bounds(book.spec.framework, book.spec.recipe):
        canvas.label(NOTE, 1, "trajectories.bounds", "warning")
    _draw_editions(canvas, tables)
    _draw_convergence(canvas, tables)
    _draw_chart(canvas, tables)
    canvas.close(CODE, 2, titles=(HEADER, CODE))


def _draw_editions(canvas: Canvas, tables: TrajectoryTables) -> None:
    """Write above each column of scores the time of its edition, breaks and sigma convergence."""
    text = canvas.book.labels.text
    times = edition_times(tables.editions)
    for row, key in enumerate(("time", "breaks", "n", "sd", "cv"), TIME):
        canvas.stub(row, text(f"trajectories.{key}"))
    names = zip(tables.editions, tables.names("compared"), strict=True)
    for column, (edition, name) in enumerate(names, FIRST_SCORE):
        canvas.put(TIME, column, times[edition], PUBLISHED_CENTER, number=GENERAL)
        if column > FIRST_SCORE:
            _draw_breaks(canvas, tables, column, edition)
        n = cell(N, column)
        sd = cell(SD, column)
        scores = tables.workings.area(name).ref()
        canvas.formula(N, column, f"COUNT({scores})", CENTER, number=INTEGER)
        deviation = f'IF({n}<2,"",SQRT(DEVSQ({scores})/({n}-1)))'
        canvas.formula(SD, column, deviation, number=SCORE)
        share = f'IF({n}<2,"",IF(AVERAGE({scores})>0,{sd}/AVERAGE({scores}),""))'
        canvas.formula(CV, column, share, number=THREE_DECIMALS)


def _draw_breaks(
    canvas: Canvas, tables: TrajectoryTables, column: int, edition: str
) -> None:
    """Write whether indicators below the node are not comparable with the edition before."""
    listed = tables.breaks.area("edition").ref(home=SHEET)
    below = tables.breaks.area("is_below").ref(home=SHEET)
    broken = f"SUMIF({listed},{quoted(edition)},{below})"
    word = canvas.book.labels.text("trajectories.break")
    canvas.formula(BREAKS, column, broken, CENTER, number=f'"{word}";;')
    canvas.mark(canvas.area(BREAKS, column), f"{cell(BREAKS, column)}>0", "note")


def _draw_convergence(canvas: Canvas, tables: TrajectoryTables) -> None:
    """Write beta convergence, and in words what both kinds of convergence say."""
    left = tables.chart_left
    canvas.heading(NOTE, left, "trajectories.convergence")
    rows = zip(CONVERGENCE.items(), _convergence_formulas(canvas, tables), strict=True)
    for row, ((name, number), formula) in enumerate(rows, TIME + 1):
        canvas.label(row, left, f"trajectories.{name}", "stub_line")
        canvas.formula(row, left + 1, formula, CENTER, number=number)
    text = canvas.book.labels.ref

    def either(test: str, word: str) -> str:
        return f"IF({test},{text(f'trajectories.{word}')},{text(f'trajectories.no_{word}')})"

    first = tables.cell_above(CV, 0)
    last = tables.cell_above(CV, -1)
    nearer = f'IF(COUNT({first},{last})<2,"",{either(f"{last}<{first}", "sigma")})'
    beta = tables.convergence_cell("beta")
    verdict = f'IF({beta}="","",{either(f"{beta}<0", "catch_up")})&" "&{nearer}'
    canvas.formula(TIME, left, verdict, "plain", bold=True)


def _convergence_formulas(canvas: Canvas, tables: TrajectoryTables) -> tuple[str, ...]:
    """Return the formulas of `CONVERGENCE`: growth regressed on the initial score."""

    def cells_of(name: str, last: str = "") -> str:
        return tables.workings.area(name, last).ref(home=SHEET)

    x = cells_of("initial")
    growth = cells_of("growth")
    compared = tables.names("compared")
    n, beta, speed = map(tables.convergence_cell, ("n", "beta", "speed"))
    remaining = f"1+{beta}*{tables.duration}"
    residual = f"MAX(0,DEVSQ({growth})-{beta}^2*DEVSQ({x}))/({n}-2)"
    no_speed = canvas.book.labels.ref(NO_SPEED)
    return (
        f"COUNT({x})",
        f'IF({n}>2,IF(MAX({x})>MIN({x}),SLOPE({growth},{x}),""),"")',
        f'IF({beta}="","",SQRT({residual}/DEVSQ({x})))',
        f'IF({beta}="","",IF(DEVSQ({growth})>0,{beta}^2*DEVSQ({x})/DEVSQ({growth}),""))',
        f'IF({beta}="","",IF({remaining}>0,-LN({remaining})/{tables.duration},{no_speed}))',
        f'IF(ISNUMBER({speed}),IF({speed}>0,LN(2)/{speed},""),"")',
        f"IF(MIN({cells_of(compared[0], compared[-1])})>0,1,0)",
    )


def _draw_chart(canvas: Canvas, tables: TrajectoryTables) -> None:
    """Draw the scores of the first cities, of those that have all, over the editions."""
    book = canvas.book
    helper = tables.workings.left
    editions = len(tables.editions)
    order = tables.workings.area("order").ref(home=SHEET)
    series = []
    charted = min(CHARTED, _count_complete(book.spec, tables.past))
    for row in range(TIME, TIME + charted):
        position = cell(row, helper, Fix.BOTH)
        # Where fewer cities have all scores, the last of them is drawn again: a text would be 0.
        otherwise = '""' if row == TIME else cell(row - 1, helper, Fix.BOTH)
        first_city = f"MATCH(SMALL({order},{row - TIME + 1}),{order},0)"
        canvas.formula(row, helper, f"IFERROR({first_city},{otherwise})", "helper")
        for column, name in enumerate((*tables.names("score"), "name"), helper + 1):
            shown = pick(tables.cities.area(name).ref(home=SHEET), position)
            canvas.formula(row, column, shown, "helper", number=SCORE)
        line = canvas.area(row, helper + 1, row, helper + editions)
        series.append((f"={SHEET}!{cell(row, helper + editions + 1, Fix.BOTH)}", line))
    heads = canvas.area(TIME, FIRST_SCORE, TIME, FIRST_SCORE + editions - 1)
    title = f'{CHOSEN}&" · "&{book.labels.ref("trajectories.chart")}'
    canvas.insert_chart(
        lines(book, heads, series),
        title,
        FIRST,
        tables.chart_left,
        width=700,
        height=360,
    )


def _count_complete(spec: TemplateSpec, past: Past) -> int:
    """Return how many cities with data have a score in all past editions."""
    dataset = spec.dataset
    has_data = (dataset.states == State.VALUE).any(axis=1)
    # Before values are filled in, any city may have one.
    units = [*compress(dataset.units, has_data)] or dataset.units
    root = spec.framework.root.code
    complete = {(unit.id, root) for unit in units}
    for edition in past.editions:
        complete &= edition.scores.keys()
    return len(complete)
