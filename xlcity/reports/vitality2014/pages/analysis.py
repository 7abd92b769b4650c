"""`Analysis`: workings of the pages of correlations, regressions and regional tables.

One row per city, as on every calculation sheet: outside variables as read from `Cities`, scores as
deviations from their mean with a 1 for every city that counts, and positions in regional tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, Block, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.blocks import block_on
from xlcity.workbook.layout.rows import CODE, FIRST, INDEX, ROW_MEAN, ROW_N, ROW_NAME
from xlcity.workbook.sheets.checking.published import COMPARABLE
from xlcity.workbook.sheets.table import draw_block, unit_sheet

SHEET = "Analysis"
WIDTH = 16
#: Columns of the workings of a pair of columns.
PAIR = ("n", "mean_x", "mean_y", "sxx", "syy", "sxy", "r", "p")
PAIR_WIDTH = 13.0
PAIR_NUMBERS = ("0", "0.00", "0.00", "0.0", "0.0", "0.0", "0.0000", "0.0000")


@dataclass(frozen=True, slots=True)
class RegionalTable:
    """A table with the units of one region as columns.

    Parameters
    ----------
    label
        What the report calls it.
    conditions
        (Attribute, value) pairs that its units have, all of them.
    """

    label: str
    conditions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Analysis:
    """The nodes, outside variables and tables that are analysed, and blocks of their workings."""

    layout: Layout
    codes: tuple[str, ...]
    outside: tuple[str, ...] = ()
    tables: tuple[RegionalTable, ...] = ()

    #: Outside variables: a number, "NA", "bad" or "".
    given = block_on(SHEET, "outside")
    #: Deviations from the mean of the column.
    centred = block_on(SHEET, lambda analysis: (*analysis.codes, *analysis.outside), after="given")
    #: 1 where there is a number.
    counted = block_on(SHEET, "centred.codes", after="centred")
    #: Position of every unit in its regional table.
    places = block_on(
        SHEET, lambda analysis: tuple(t.label for t in analysis.tables), after="counted"
    )

    def name(self, book: Book, code: str) -> str:
        """Return the reference to the name of a node or an outside variable."""
        if code in self.outside:
            return book.labels.ref(f"attribute.{code}")
        return node_name(book, code)

    def mean(self, code: str) -> str:
        """Return the reference to the mean that deviations are taken from."""
        return f"{SHEET}!{cell(ROW_MEAN, self.centred.column(code), 'rc')}"


def node_name(book: Book, code: str) -> str:
    """Return the reference to the name of a node; that of the root is often too long here."""
    if code == book.spec.framework.root.code:
        return book.labels.ref("analysis.total")
    return book.layout.framework_cell(code, "display")


def draw(book: Book, analysis: Analysis) -> None:
    """Draw the sheet."""
    layout = book.layout
    canvas = unit_sheet(book, SHEET)
    canvas.fit_names(ROW_NAME, analysis.codes, WIDTH, extra=(book.labels.text("analysis.centred"),))
    canvas.thin([row for row in range(ROW_NAME + 1, CODE) if row not in (ROW_N, ROW_MEAN)])
    canvas.stubs(((ROW_N, "stat.n"), (ROW_MEAN, "stat.mean")))
    tables = {table.label: table for table in analysis.tables}

    def source_block(code: str) -> Block:
        return analysis.given if code in analysis.outside else layout.scores

    def given(code: str, row: int) -> str:
        """Return an outside variable as a number, "NA", "bad" (some other text) or ""."""
        scored = layout.population(row)
        raw = layout.city_cell(code, row)
        return (
            f'IF({scored}="","",IFERROR(IF(TYPE({raw})=1,IF({raw}="","",{raw}),IF(TRIM({raw})="",'
            f'"",IF(SUMPRODUCT((par_missing=TRIM({raw}))*1)>0,"NA","bad"))),"bad"))'
        )

    def centred(code: str, row: int) -> str:
        value, counted = (
            source_block(code).at(code, row, SHEET),
            analysis.counted.at(code, row, SHEET),
        )
        mean = cell(ROW_MEAN, analysis.centred.column(code), "r")
        return f"IF({counted}=1,{value}-{mean},0)"

    def position_in_table(label: str, row: int) -> str:
        return _table_position(analysis, tables[label], row)

    name = partial(analysis.name, book)
    marks = [('{0}="bad"', "bad"), ('{0}="NA"', "missing")]
    draw_block(canvas, analysis.given, given, number="General", key="analysis.given", name=name,
               width=WIDTH, marks=marks)  # fmt: skip
    draw_block(canvas, analysis.centred, centred, number="0.00;-0.00;0", key="analysis.centred",
               name=name, width=WIDTH)  # fmt: skip
    draw_block(
        canvas, analysis.counted,
        lambda code, row: f"IF(ISNUMBER({source_block(code).at(code, row, SHEET)}),1,0)",
        "calculation_center", "0", key="analysis.counted", name=name, width=WIDTH,
    )  # fmt: skip
    draw_block(canvas, analysis.places, position_in_table, "calculation_center", "0",
               key="analysis.places", name='"{}"'.format, width=WIDTH)  # fmt: skip
    for code in analysis.centred.codes:
        values, column = source_block(code).over(code, SHEET), analysis.centred.column(code)
        canvas.formula(ROW_N, column, f"COUNT({values})", "calculation_center", "0")
        mean = f'IF({cell(ROW_N, column, "r")}=0,"",AVERAGE({values}))'
        canvas.formula(ROW_MEAN, column, mean, "calculation", "0.0000")
    right = max(analysis.counted.right, analysis.places.right)
    canvas.finish(layout.last, right, ROW_NAME, 2, a3=True)


def _table_position(analysis: Analysis, table: RegionalTable, row: int) -> str:
    """Return the formula of the position of a city that meets the conditions of a table."""
    layout, root = analysis.layout, analysis.layout.spec.framework.root.code
    ranks, rank = layout.ranks.over(root, SHEET, "rc"), layout.ranks.at(root, row, SHEET)
    before = f"{layout.ranks.at(root, FIRST, SHEET, 'rc')}:{layout.ranks.at(root, row, INDEX)}"
    inside, earlier = [], []
    for attribute, value in table.conditions:
        groups, city_row = layout.city(attribute), layout.city_row(row)
        # The first city's is a range as well: no engine is known to take a single cell for one.
        top, left = groups.r1, groups.c1
        first = Area(groups.sheet, top, left, top, left).ref()
        inside.append(f'{groups.ref()},"{value}"')
        earlier.append(f'{first}:{cell(city_row, left, "c")},"{value}"')
    meets_all = ",".join(f'{layout.city_cell(a, row)}="{v}"' for a, v in table.conditions)
    better = f'COUNTIFS({",".join(inside)},{ranks},"<"&{rank})'
    equal = f"COUNTIFS({','.join(earlier)},{before},{rank})"
    return f'IF(AND({meets_all},ISNUMBER({rank})),{better}+{equal},"")'


def pair_heads(book: Book, canvas: Canvas, row: int) -> None:
    """Write the column titles of workings."""
    keys = ("analysis.x", "analysis.y", *(f"analysis.pair.{name}" for name in PAIR))
    canvas.fit_labels(row, [(key, PAIR_WIDTH) for key in keys], 9, least=30)
    canvas.heads(row, keys, font_size=9)


def pair_row(book: Book, canvas: Canvas, analysis: Analysis, row: int, x: str, y: str) -> None:
    """Write the workings of two columns: sums over the units that have both, r and its p.

    A column counts as constant where its spread is nothing beside its size; it has no r then.
    """
    zx, zy = (analysis.centred.over(code, canvas.name, "rc") for code in (x, y))
    nx, ny = (analysis.counted.over(code, canvas.name, "rc") for code in (x, y))
    workings = {name: cell(row, 3 + offset, "c") for offset, name in enumerate(PAIR)}
    n, mean_x, mean_y, sxx, syy, r = (workings[name] for name in PAIR if name not in ("sxy", "p"))
    # Deviations sum to 0 over all cities, but not over those that have both values.
    sum_x, sum_y = f"SUMPRODUCT({zx},{ny})", f"SUMPRODUCT({zy},{nx})"

    def if_any(formula: str) -> str:
        return f'IF({n}=0,"",{formula})'

    formulas = {
        "n": f"SUMPRODUCT({nx},{ny})",
        "mean_x": if_any(f"{analysis.mean(x)}+{sum_x}/{n}"),
        "mean_y": if_any(f"{analysis.mean(y)}+{sum_y}/{n}"),
        "sxx": if_any(f"MAX(0,SUMPRODUCT({zx},{zx},{ny})-{sum_x}^2/{n})"),
        "syy": if_any(f"MAX(0,SUMPRODUCT({zy},{zy},{nx})-{sum_y}^2/{n})"),
        "sxy": if_any(f"SUMPRODUCT({zx},{zy})-{sum_x}*{sum_y}/{n}"),
        "r": f'IF({n}<2,"",IF(OR({flat(sxx, n, mean_x)},{flat(syy, n, mean_y)}),"",'
        f"MAX(-1,MIN(1,{workings['sxy']}/(SQRT({sxx})*SQRT({syy}))))))",
        "p": f'IF(OR({n}<3,{r}=""),"",IF({nearly_perfect(r, n)},0,'
        f"TDIST(ABS({r})*SQRT(({n}-2)/(1-{r}^2)),{n}-2,2)))",
    }
    if x == y:
        # With itself a column has no significance.
        formulas["p"] = '""'
    for offset, code in enumerate((x, y)):
        name = analysis.name(book, code)
        canvas.formula(row, 1 + offset, name, "stub", font_size=9, text_wrap=False, shrink=True)
    for offset, (name, number) in enumerate(zip(PAIR, PAIR_NUMBERS, strict=True)):
        role = "calculation_center" if name == "n" else "calculation"
        canvas.formula(row, 3 + offset, formulas[name], role, number)


def flat(squares: str, n: str, mean: str) -> str:
    """Return the condition that a column is constant: its spread is rounding beside its size."""
    return f"{squares}<=par_udf_tolerance^3*{n}*{mean}^2"


def pair_cell(analysis_row: int, name: str) -> str:
    """Return the address of one number of a pair's workings, on their own sheet."""
    return cell(analysis_row, 3 + PAIR.index(name), "rc")


def comparable(book: Book, canvas: Canvas, row: int, width: float) -> str:
    """Write whether the data are the report's own, and return the condition for formulas.

    Whether a city's are, `Published` says. Without printed numbers nothing is comparable. `width`
    is that of the first column, where the words stand.
    """
    layout = book.layout
    root = layout.scores.over(book.spec.framework.root.code, canvas.name, "rc")
    formula = book.labels.ref("compare.no")
    if book.spec.printed:
        flags = Area("Published", FIRST, COMPARABLE, layout.published_last, COMPARABLE)
        yes = book.labels.ref("compare.yes")
        formula = (
            f"IF(AND(COUNTIF({flags.ref()},{yes})={flags.rows},COUNT({root})={flags.rows}),{yes},"
            f"{formula})"
        )
    canvas.fit_labels(row, [("analysis.comparable", width)], 9)
    canvas.label(row, 1, "analysis.comparable", "stub", font_size=9)
    canvas.formula(row, 2, formula, "check", shrink=True)
    state_cell = canvas.area(row, 2)
    state = state_cell.ref("rc", canvas.name)
    canvas.mark(state_cell, f"{state}={book.labels.ref('compare.no')}", "skipped")
    return f"{state}={book.labels.ref('compare.yes')}"


def difference(condition: str, computed: str, printed: str) -> str:
    """Return the formula for computed less printed, "" where they are not to be compared."""
    return f'IF(AND({condition},COUNT({computed},{printed})=2),{computed}-{printed},"")'


def mark_difference(canvas: Canvas, area: Area, decimals: int) -> None:
    """Mark what does not round to the printed number: half a unit of its last digit and more."""
    here = cell(area.r1, area.c1)
    half = 0.5 * 10.0**-decimals
    canvas.mark(area, f"AND(ISNUMBER({here}),ABS({here})>{half:.10f}+par_udf_tolerance)", "note")


def decimals(texts: Sequence[str]) -> int:
    """Return how many decimals printed numbers have."""
    return max((len(text.partition(".")[2]) for text in texts), default=0)


def nearly_perfect(r: str, n: str) -> str:
    """Return the condition that p of a correlation is 0: below 1E-11, with t above 1000.

    Engines are not known to agree that far out.
    """
    return f"1-{r}^2<=IF({n}>5,{r}^2*({n}-2)/1000000,0)"
