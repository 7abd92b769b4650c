"""`Published`: printed numbers, their differences from the cells, and the shipped values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from xlcity.model.dataset import Dataset, State, Status
from xlcity.reports.report import PublishedScores
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, Block, cell, pick
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    INDEX,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_HIGH,
    ROW_LOW,
    ROW_NAME,
    ROW_WEIGHT,
)
from xlcity.workbook.sheets.calculation.calculate import unit_heads
from xlcity.workbook.sheets.inputs.framework import parameter_values
from xlcity.workbook.sheets.inputs.methods import built_address, flag_cells
from xlcity.workbook.sheets.inputs.sources import LETTERS, letter_count
from xlcity.workbook.sheets.table import Column, RowCells, Table
from xlcity.workbook.steps.method_table import methods_of, shared_values, step_of

COLUMN = 14
#: How far a computed number may be from the printed one.
BOUND = "par_print_tolerance+par_udf_tolerance"


def draw(book: Book) -> None:
    """Draw printed against computed numbers, and the values that the template ships with."""
    layout, spec = book.layout, book.spec
    canvas = titled_sheet(book, "Published", [16, 18])
    canvas.fit_names(ROW_NAME, (*layout.indicators, *layout.composites), COLUMN)
    unit_heads(canvas)
    english = spec.language == "en"
    for row, unit in enumerate(spec.published_units, FIRST):
        canvas.text(row, 1, unit.id, "id")
        names = (unit.name_en, unit.name_zh) if english else (unit.name_zh, unit.name_en)
        canvas.text(row, 2, names[0] or names[1], "name")
    cuts = [layout.default_values.left]
    if spec.printed:
        cuts += _draw_comparison(book, canvas)
    else:
        canvas.thin(range(ROW_FIXED_HIGH, CODE))
    if spec.defaults is not None:
        _draw_defaults(book, canvas, spec.defaults)
    right = max(layout.printed.right, layout.default_letters.right)
    canvas.finish(layout.published_last, right, ROW_WEIGHT, 2, a3=True, cuts=sorted(cuts))


def _draw_section(book: Book, canvas: Canvas, block: Block, key: str) -> None:
    if not block.codes:
        return
    canvas.block_columns(block, COLUMN)
    canvas.label(ROW_FIXED_LOW, block.left, key, "section")
    canvas.node_heads(ROW_NAME, block.codes, block.left, 9, CODE)


def _draw_defaults(book: Book, canvas: Canvas, defaults: Dataset) -> None:
    """Write shipped values and, in a block of their own, their status letters."""
    values, letters = book.layout.default_values, book.layout.default_letters
    _draw_section(book, canvas, values, "published.defaults")
    _draw_section(book, canvas, letters, "published.letters")
    rows = {unit.id: position for position, unit in enumerate(defaults.units)}
    for code in values.codes:
        if code not in defaults.codes:
            continue
        source = defaults.column(code)
        for row, unit in enumerate(book.spec.published_units, FIRST):
            position = rows.get(unit.id)
            value: object = None
            letter = ""
            if position is not None and defaults.states[position, source] == State.VALUE:
                value = float(np.float64(defaults.values[position, source]))
                letter = LETTERS[str(defaults.basis[position, source])]
            canvas.static(row, values.column(code), value, "published")
            canvas.static(row, letters.column(code), letter, "published_center")


#: Rows above the comparison: the method as built and now, then how many differences lie within the
#: tolerance, are compared and were as built, and the table that the numbers are from.
METHOD, BOUND_CODES, LOW, LOW_NOW, HIGH, HIGH_NOW, COUNTED, TABLE = 5, 6, 7, 8, 9, 10, 11, 14
#: Columns about a city: whether it is compared, its row on `Index`, how many values are those
#: shipped.
COMPARABLE, INDEX_ROW, SHIPPED_VALUES = 3, 4, 5
#: What is counted above a node: numbers within the tolerance, compared, and comparable as built.
COUNTS = tuple(f"compare.{name}" for name in ("within", "of", "built"))
#: What the values of a report rest on that need no letter of `METHOD`.
_OF_PRINT = (Status.PRINTED, Status.DERIVED)


def compared_nodes(book: Book) -> list[str]:
    """Return the composite nodes whose printed numbers are compared, in framework order."""
    printed = {p.node for p in book.spec.printed if p.ranks or not p.by_construction}
    return [code for code in book.layout.composites if code in printed]


def _comparable_as_built(book: Book, printed: PublishedScores) -> int:
    """Count the printed numbers of a node to compare with scores of the values as shipped.

    A city with an invented value or a missing code is not compared; where every city says something
    to every other, none is then. What rests on a blank has no score.
    """
    defaults, codes = book.spec.defaults, book.layout.default_values.codes
    if defaults is None or not codes:
        return 0
    columns = [defaults.column(code) for code in codes if code in defaults.codes]
    states, basis = defaults.states[:, columns], defaults.basis[:, columns]
    scored = _scored(book, defaults, printed.node)
    filled, blank = states == State.VALUE, states == State.BLANK
    usable = ((filled & (basis != Status.SYNTHETIC)) | blank).all(axis=1)
    if not _bounded_codes(book) and not ((filled & np.isin(basis, _OF_PRINT)) | blank).all():
        return 0
    numbers = printed.ranks if printed.compares_ranks else printed.scores
    compared = zip(defaults.units, usable & scored, strict=True)
    return sum(bool(numbers.get(unit.id)) for unit, yes in compared if yes)


def _scored(book: Book, defaults: Dataset, code: str) -> NDArray[np.bool_]:
    """Return which cities have a value of a node that is given, or of all that it is made of."""
    if code in defaults.codes:
        return np.equal(defaults.states[:, defaults.column(code)], State.VALUE)
    children = book.spec.framework.children(code)
    scored = np.full(len(defaults.units), bool(children))
    for child in children:
        scored &= _scored(book, defaults, child.code)
    return scored


def count_cells(book: Book, count: int) -> list[str]:
    """Return the cells with one of `COUNTS` of each compared node."""
    lefts = (_printed_columns(book, code)[0][1] for code in compared_nodes(book))
    return [f"Published!{cell(COUNTED + count, left, 'rc')}" for left in lefts]


def _printed_columns(book: Book, code: str) -> list[tuple[str, int]]:
    """Return the columns of a node: names and numbers on the sheet."""
    block = book.layout.printed
    name_parts = [name.split(" ") for name in block.codes]
    return [(name, block.column(f"{node} {name}")) for node, name in name_parts if node == code]


def _draw_comparison(book: Book, canvas: Canvas) -> list[int]:
    """Draw printed against computed, only where the data are the published ones.

    Return the first column of each node.
    """
    layout = book.layout
    canvas.columns(COMPARABLE, COMPARABLE, 15)
    canvas.columns(INDEX_ROW, SHIPPED_VALUES, 9)
    canvas.columns(SHIPPED_VALUES + 1, SHIPPED_VALUES + 1, 2)
    canvas.columns(layout.printed.left, layout.printed.right, 10)
    canvas.columns(layout.printed.right + 1, layout.printed.right + 1, 2)
    _draw_method_changes(book, canvas)
    canvas.label(ROW_NAME, COMPARABLE, "compare.comparable", "header")
    canvas.label(CODE, COMPARABLE, "compare.comparable", "stub_code")
    canvas.band(ROW_WEIGHT, (1, 2, COMPARABLE), "header")
    _draw_city_columns(book, canvas)
    for row, key in enumerate(COUNTS, COUNTED):
        canvas.label(row, 1, key, "plain", font_size=9)
    names = dict.fromkeys(f"compare.{code.split(' ')[1]}" for code in layout.printed.codes)
    canvas.fit_labels(ROW_WEIGHT, [(key, 9.0) for key in (*names, "compare.place")], 9)
    for printed in book.spec.printed:
        _draw_node(book, canvas, printed)
    flags = canvas.area(FIRST, COMPARABLE, layout.published_last)
    canvas.mark(flags, f"{cell(FIRST, COMPARABLE)}={book.labels.ref('compare.no')}", "skipped")
    return [_printed_columns(book, printed.node)[0][1] for printed in book.spec.printed]


def _draw_method_changes(book: Book, canvas: Canvas) -> None:
    """Write how weights, bounds and parameters differ from those as built."""
    layout = book.layout
    codes, moving = _bounded_codes(book), _moving_parameters(book)
    rows = {BOUND_CODES: "codes", LOW: "low", LOW_NOW: "low_now"} if codes or moving else {}
    rows |= {HIGH: "high", HIGH_NOW: "high_now"} if codes else {}
    for row, name in rows.items():
        canvas.label(row, 1, f"compare.{name}", "plain", font_size=9)
    # Bounds of one column are all that other cities' data say to a city's min-max score; in
    # z-scores and ranks every city says something to every other.
    for column, code in enumerate(codes, layout.printed.left):
        _draw_bounds(book, canvas, column, code)
    # Parameters that move scores or ranks stand behind the bounds: as built, and now.
    values = parameter_values(book)
    for column, name in enumerate(moving, layout.printed.left + len(codes)):
        canvas.text(BOUND_CODES, column, f"par_{name}", "stub_code")
        canvas.static(LOW, column, values[name], "published_center", "General", font_size=8)
        now = f'IF(par_{name}="","",par_{name})'
        canvas.formula(LOW_NOW, column, now, "calculation_center", "General", font_size=8)
    counts_values = not codes and bool(layout.default_values.codes)
    key = "compare.method_and_values" if counts_values else "compare.method"
    canvas.fit_labels(METHOD, [(key, 50.0)], 9)
    canvas.merged(METHOD, 1, 3, book.labels.ref(key), "plain", font_size=9, text_wrap=True)
    changed = layout.framework_column("changed").ref()
    differences = [f"SUM({changed})", f"SUM({flag_cells(book, 'changed')})"]
    if counts_values:
        differences += [letter_count(letter) for letter in ("E", "S", "Y", "M")]
    left = layout.printed.left
    for row, count in ((LOW, len(codes) + len(moving)), (HIGH, len(codes))):
        if count:
            built, now = (
                canvas.range(line, left, line, left + count - 1) for line in (row, row + 1)
            )
            differences.append(f"SUM(({built}<>{now})*1)")
    count_cell = canvas.area(METHOD, 4)
    canvas.array(count_cell, "+".join(differences), "calculation_center", "0")
    canvas.mark(count_cell, f"{cell(METHOD, 4, 'rc')}>0", "note")


def _bounded_codes(book: Book) -> Sequence[str]:
    """Return the indicators whose bounds stand above the cities."""
    scaled = methods_of(book.spec) <= {"minmax", "rating"}
    return book.layout.indicators if scaled and book.layout.default_values.codes else ()


def _moving_parameters(book: Book) -> list[str]:
    """Return the parameters that affect scores or ranks."""
    return [name for name in parameter_values(book) if not name.endswith("tolerance")]


def changed_parameters(book: Book) -> str:
    """Return the formula that counts changed parameters that no indicator shows; "" if none.

    Their columns come after those that indicators show.
    """
    # Sub-measures of constructed indicators have one of them that is not there.
    parts = any(s.method == "zscore_index" for s in book.spec.recipe.steps_doing("construct"))
    shown, moving = 0 if parts else len(shared_values(book.spec)), _moving_parameters(book)
    if len(moving) <= shown:
        return ""
    left = book.layout.printed.left + len(_bounded_codes(book)) + shown
    right = left + len(moving) - shown - 1
    built, now = (Area("Published", row, left, row, right).ref() for row in (LOW, LOW_NOW))
    return f"SUMPRODUCT(({built}<>{now})*1)"


def changed_method(book: Book) -> str:
    """Return the formula that counts the weights and parameters that are not those as built."""
    changed = book.layout.framework_column("changed").ref()
    counts = [f"SUM({changed})", f"SUM({flag_cells(book, 'changed')})"]
    if book.spec.printed:
        counts += filter(None, [changed_parameters(book)])
    return "+".join(counts)


def _draw_bounds(book: Book, canvas: Canvas, column: int, code: str) -> None:
    """Write both bounds of an indicator's scale as the values were shipped, and now."""
    shipped = book.layout.default_values.over(code, "Published", "rc")
    source, rated = book.layout.normalised.column(code), step_of(book.spec, code).method == "rating"
    canvas.text(BOUND_CODES, column, code, "stub_code")
    for row, name, function, bound in ((LOW, "a", "MIN", ROW_LOW), (HIGH, "b", "MAX", ROW_HIGH)):
        now = f"{INDEX}!{cell(bound, source, 'rc')}"
        fixed = built_address(book, code, name)
        built = f'IF({fixed}="",{function}({shipped}),{fixed})'
        if name == "a" and rated:
            built = now
        canvas.formula(row, column, built, "published_center", "General", font_size=8)
        canvas.formula(row + 1, column, now, "calculation_center", "General", font_size=8)


def _draw_city_columns(book: Book, canvas: Canvas) -> None:
    """Write whether each city is compared, its row on `Index`, and its count of shipped values.

    Values themselves are compared with the shipped ones, as letters may be set by hand.
    """
    layout, shipped = book.layout, book.layout.default_values
    ids, letters = layout.ids(), layout.letters.span().ref()
    yes, no = book.labels.ref("compare.yes"), book.labels.ref("compare.no")

    def index_row(cells: RowCells) -> str:
        return f'IFERROR(MATCH({cell(cells.row, 1, "c")},{ids},0),"")'

    def equal_values(cells: RowCells) -> str:
        values = shipped.rows_of(shipped.codes, cells.row, cells.row).ref("c", "Published")
        equal = f"({layout.typed.span(shipped.codes).ref()}={values})"
        return f"SUMPRODUCT(({ids}={cell(cells.row, 1, 'c')})*{equal})"

    def comparable_text(cells: RowCells) -> str:
        # One IF in the other: the values need not be compared where the method differs.
        equal = f"IF({cells.same}={len(shipped.codes)},{yes},{no})" if shipped.codes else yes
        method = cell(METHOD, 4, "rc")
        invented = f'SUMPRODUCT(({ids}={cell(cells.row, 1, "c")})*({letters}="Y"))'
        if_comparable = f"IF({method}<>0,{no},IF({invented}>0,{no},{equal}))"
        return f'IF({cells.index_row}="","",{if_comparable})'

    small = {"font_size": 9, "shrink": True}
    columns = [
        Column("comparable", "", comparable_text, "calculation_center", style=small),
        Column("index_row", "compare.place", index_row, "id", "0", helper=True),
    ]
    if shipped.codes:
        columns.append(Column("same", "compare.same", equal_values, "id", "0", helper=True))
    Table(canvas, ROW_WEIGHT, FIRST, layout.published_last, tuple(columns), COMPARABLE).draw()


def _draw_node(book: Book, canvas: Canvas, printed: PublishedScores) -> None:
    """Draw the columns of a node, and above them how many of its cells agree."""
    layout, code, columns = book.layout, printed.node, _printed_columns(book, printed.node)
    left, right = columns[0][1], columns[-1][1]
    decimals = max((len(t.partition(".")[2]) for t in printed.scores.values()), default=0)
    beyond_tolerance = [(f"AND(ISNUMBER({{0}}),ABS({{0}})>{BOUND})", "note")]

    def printed_numbers(numbers: Mapping[str, object]) -> Callable[[RowCells], object]:
        texts = [str(numbers.get(unit.id, "")) for unit in book.spec.published_units]
        return lambda cells: (
            float(texts[cells.slot]) if cells.slot < len(texts) and texts[cells.slot] else None
        )

    def score_now(cells: RowCells) -> str:
        scores = layout.scores.over(code, "Published", "rc")
        return f"INDEX({scores},{cell(cells.row, INDEX_ROW, 'c')})"

    def rank_now(cells: RowCells) -> str:
        return pick(layout.ranks.over(code, "Published", "rc"), cell(cells.row, INDEX_ROW, "c"))

    def difference(cells: RowCells) -> str:
        yes = f"{cell(cells.row, COMPARABLE, 'c')}={book.labels.ref('compare.yes')}"
        if printed.compares_ranks:
            return _rank_difference(book, code, cells, yes)
        computed = score_now(cells)
        return f'IFERROR(IF(AND({yes},ISNUMBER({cells.printed})),{computed}-{cells.printed},""),"")'

    number_format = "0." + "0" * decimals if decimals else "0"
    columns_by_name = {
        "printed": Column(
            role="published", number=number_format, value=printed_numbers(printed.scores)
        ),
        "difference": Column(
            formula=difference,
            number="0;-0;0" if printed.compares_ranks else "0.000;-0.000;0.000",
            marks=beyond_tolerance,
        ),
        "printed_rank": Column(
            role="published_center", number="0", value=printed_numbers(printed.ranks)
        ),
        "rank": Column(formula=rank_now, role="calculation_center", number="0"),
    }
    named = tuple(
        replace(columns_by_name[name], name=name, key=f"compare.{name}") for name, _ in columns
    )
    table = Table(canvas, ROW_WEIGHT, FIRST, layout.published_last, named, left).draw()
    for column in range(left, right + 1):
        canvas.text(CODE, column, code if column == left else "", "stub_code")
    # A number alone would read as one of the column.
    prefix = f"{book.labels.text('groups.table')} " if printed.table.isdecimal() else ""
    canvas.text(TABLE, left, f"{prefix}{printed.table}", "stub_center", font_size=8)
    if code in {*layout.inputs, *(node.code for node in book.spec.framework.nodes)}:
        name = layout.framework_cell(code, "display")
        canvas.merged(ROW_NAME, left, right, name, "header_left", font_size=9, text_wrap=True)
    if code in compared_nodes(book):
        _draw_counts(book, canvas, printed, table)


def _draw_counts(book: Book, canvas: Canvas, printed: PublishedScores, table: Table) -> None:
    """Write above a node how many of its numbers agree, are compared, and were when built."""
    layout, left = book.layout, table.left
    inside = table.area("difference").ref("r", "Published")
    within = f'COUNTIFS({inside},">="&-par_print_tolerance-par_udf_tolerance,{inside},"<="&{BOUND})'
    canvas.formula(COUNTED, left, within, "output_center", "0")
    canvas.formula(COUNTED + 1, left, f"COUNT({inside})", "output_center", "0")
    # With another method or only other values, nothing is to be compared.
    built = _comparable_as_built(book, printed)
    if built:
        same = Area("Published", FIRST, SHIPPED_VALUES, layout.published_last, SHIPPED_VALUES).ref(
            "rc", "Published"
        )
        shipped = f"COUNTIF({same},{len(layout.default_values.codes)})"
        canvas.formula(
            COUNTED + 2, left, f"IF(OR({changed_method(book)}>0,{shipped}=0),0,{built})",
            "output_center", "0",
        )  # fmt: skip
    else:
        canvas.static(COUNTED + 2, left, 0, "published_center", "0")


def _rank_difference(book: Book, code: str, cells: RowCells, yes: str) -> str:
    """Return computed less printed rank; 0 for any place inside a tie of computed scores."""
    printed, rank = cells.printed_rank, cells.rank
    ties = f"COUNTIF({book.layout.ranks.over(code, 'Published', 'rc')},{rank})"
    return (
        f"IF(AND({yes},COUNT({printed},{rank})=2),IF(AND({printed}>={rank},"
        f'{printed}<{rank}+{ties}),0,{rank}-{printed}),"")'
    )
