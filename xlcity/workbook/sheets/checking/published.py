"""`Published` and `Compare`: what the report printed, and how the cells differ from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from xlcity.model.dataset import Dataset, State, Status
from xlcity.reports.report import PublishedScores
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, Block, cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.labels import quoted
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_HIGH,
    ROW_LOW,
    ROW_NAME,
    ROW_WEIGHT,
)
from xlcity.workbook.layout.supplementary import SatelliteLayout
from xlcity.workbook.sheets.calculation.calculate import unit_columns, unit_heads
from xlcity.workbook.sheets.inputs.framework import parameter_values
from xlcity.workbook.sheets.inputs.methods import built_address, flags
from xlcity.workbook.sheets.inputs.sources import LETTERS, letter_count
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table
from xlcity.workbook.steps.method_table import methods_of, shared_values, step_of

COLUMN = 14


def draw_published(book: Book) -> None:
    """Draw `Published`: printed scores and ranks, and the values that the template ships with."""
    canvas, layout, spec = titled_sheet(book, "Published", [16, 18]), book.layout, book.spec
    canvas.fit_names(ROW_NAME, (*layout.indicators, *layout.composites), COLUMN)
    canvas.thin(range(ROW_FIXED_HIGH, CODE))
    unit_heads(canvas)
    for row, unit in enumerate(spec.published_units, FIRST):
        canvas.text(row, 1, unit.id, "id")
        name = quoted(unit.name_zh or unit.name_en)
        canvas.formula(row, 2, f"IFERROR({layout.name_of(cell(row, 1, 'c'))},{name})", "name")
    _section(book, canvas, layout.printed_scores, "published.scores")
    _section(book, canvas, layout.printed_ranks, "published.ranks")
    for printed in spec.printed:
        decimals = max((len(t.partition(".")[2]) for t in printed.scores.values()), default=0)
        form = "0." + "0" * decimals if decimals else "0"
        for block, numbers, number in (
            (layout.printed_scores, printed.scores, form),
            (layout.printed_ranks, printed.ranks, "0"),
        ):
            if printed.node not in block.codes:
                continue
            column = block.column(printed.node)
            canvas.text(ROW_WEIGHT, column, printed.table, "stub_center", font_size=8)
            for row, unit in enumerate(spec.published_units, FIRST):
                canvas.printed(row, column, str(numbers.get(unit.id, "")), number)
    if spec.defaults is not None:
        _defaults(book, canvas)
    fields = SatelliteLayout(layout)
    right = max(layout.printed_scores.right, layout.default_letters.right)
    if fields.shipped_values.codes:
        right = fields.shipped_letters.right
    canvas.finish(layout.published_last, right, ROW_NAME, 2, a3=True)


def _section(book: Book, canvas: Canvas, block: Block, key: str) -> None:
    if not block.codes:
        return
    canvas.block_columns(block, COLUMN)
    canvas.label(ROW_FIXED_LOW, block.left, key, "section")
    # Inputs of satellites have no row on `Framework`.
    on_framework = {*book.layout.inputs, *(node.code for node in book.spec.framework.nodes)}
    for code in block.codes:
        column = block.column(code)
        if code in on_framework:
            name = book.layout.framework_cell(code, "display")
            canvas.formula(ROW_NAME, column, name, "header", font_size=9)
        canvas.text(CODE, column, code, "stub_code")


def _defaults(book: Book, canvas: Canvas) -> None:
    layout, defaults = book.layout, book.spec.defaults
    if defaults is None:
        return
    fields = SatelliteLayout(layout)
    blocks = ((layout.default_values, layout.default_letters),
              (fields.shipped_values, fields.shipped_letters))  # fmt: skip
    for values, letters in blocks:
        _section(book, canvas, values, "published.defaults")
        _section(book, canvas, letters, "published.letters")
        _shipped(book, canvas, defaults, values, letters)


def _shipped(book: Book, canvas: Canvas, defaults: Dataset, values: Block, letters: Block) -> None:
    """Write shipped values and, in a block of their own, what each of them is."""
    rows = {unit.id: position for position, unit in enumerate(defaults.units)}
    for code in values.codes:
        if code not in defaults.codes:
            continue
        source = defaults.column(code)
        for row, unit in enumerate(book.spec.published_units, FIRST):
            at = rows.get(unit.id)
            value: object = None
            letter = ""
            if at is not None and defaults.states[at, source] == State.VALUE:
                value = float(np.float64(defaults.values[at, source]))
                letter = LETTERS[str(defaults.basis[at, source])]
            canvas.static(row, values.column(code), value, "published")
            canvas.static(row, letters.column(code), letter, "published_center")


#: Rows of `Compare` between the frozen header and the cities: the method as built and now, then
#: how many differences lie within the tolerance.
METHOD, BOUND_CODES, LOW, LOW_NOW, HIGH, HIGH_NOW, COMPARE_HEADER = 5, 6, 7, 8, 9, 10, 11
#: Columns of a node.
COMPARED = tuple(
    f"compare.{name}" for name in ("printed", "computed", "difference", "printed_rank", "order")
)
PER_NODE = len(COMPARED)
#: What is counted above them: numbers within the tolerance, compared, and comparable as built.
COUNTS = tuple(f"compare.{name}" for name in ("within", "of", "built"))
#: What the values of a report rest on that need no letter of `METHOD`.
_OF_PRINT = (Status.PRINTED, Status.DERIVED)


def compared_nodes(book: Book) -> list[str]:
    """Return the composite nodes with printed numbers that say something, in framework order."""
    printed = {p.node for p in book.spec.printed if p.ranks or not p.by_construction}
    return [code for code in book.layout.composites if code in printed]


def _by_rank(printed: PublishedScores) -> bool:
    return not printed.scores or printed.by_construction


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
    if not _bounded(book) and not ((filled & np.isin(basis, _OF_PRINT)) | blank).all():
        return 0
    numbers = printed.ranks if _by_rank(printed) else printed.scores
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


def draw_compare(book: Book) -> None:
    """Draw `Compare`: printed against computed, only where the data are the published ones."""
    layout = book.layout
    nodes = compared_nodes(book)
    right = 3 + PER_NODE * len(nodes)
    canvas = titled_sheet(book, "Compare", [16, 20, 15, *[10, 10, 10, 9, 9] * len(nodes)], 6)
    _same_method(book, canvas)
    unit_columns(book, canvas, layout.compare_last)
    canvas.label(ROW_NAME, 3, "compare.comparable", "header")
    canvas.label(CODE, 3, "compare.comparable", "stub_code")
    canvas.band(ROW_WEIGHT, (1, 2, 3), "header")
    canvas.thin((COMPARE_HEADER + 2, COMPARE_HEADER + 3))
    helpers = _helpers(book, canvas, right + 2)
    for row in range(FIRST, layout.compare_last + 1):
        _comparable(book, canvas, row, helpers)
    canvas.fit_names(ROW_NAME, nodes, 45, 10)
    canvas.fit_labels(ROW_WEIGHT, [(key, 9.0) for key in COMPARED], 9)
    canvas.fit_labels(COMPARE_HEADER + 1, [(key, 10.0) for key in COUNTS], 8)
    for offset, code in enumerate(nodes):
        left = 4 + PER_NODE * offset
        _node(book, canvas, code, left, helpers)
    flags = canvas.area(FIRST, 3, layout.compare_last)
    canvas.mark(flags, f"{cell(FIRST, 3)}={book.labels.ref('compare.no')}", "skipped")
    canvas.finish(
        layout.compare_last, right, ROW_WEIGHT, 3, a3=True, cuts=range(4, right, PER_NODE)
    )


def _same_method(book: Book, canvas: Canvas) -> None:
    """Write whether weights, bounds and scale are those the shipped values were computed with."""
    layout = book.layout
    rows = ((LOW, "low"), (LOW_NOW, "low_now"), (HIGH, "high"), (HIGH_NOW, "high_now"))
    for row, name in rows:
        canvas.label(row, 1, f"compare.{name}", "plain", font_size=9)
    # Bounds of one column are all that other cities' data say to a city's min-max score; in
    # z-scores and ranks every city says something to every other.
    codes = _bounded(book)
    for column, code in enumerate(codes, 4):
        _bounds(book, canvas, column, code)
    # Parameters that move scores or ranks stand behind the bounds: as built, and now.
    values, moving = parameter_values(book), _moving(book)
    for column, name in enumerate(moving, 4 + len(codes)):
        canvas.text(BOUND_CODES, column, f"par_{name}", "stub_code")
        canvas.static(LOW, column, values[name], "published_center", "General", font_size=8)
        now = f'IF(par_{name}="","",par_{name})'
        canvas.formula(LOW_NOW, column, now, "calculation_center", "General", font_size=8)
    key = "compare.method"
    canvas.fit_labels(METHOD, [(key, 50.0)], 9)
    canvas.merged(METHOD, 1, 3, book.labels.ref(key), "plain", font_size=9, text_wrap=True)
    changed = layout.framework_column("changed").ref()
    differences = [f"SUM({changed})", f"SUM({flags(book, 'changed')})"]
    if not codes and layout.default_values.codes:
        differences += [letter_count(letter) for letter in ("E", "S", "Y", "M")]
    for row, right in ((LOW, 3 + len(codes) + len(moving)), (HIGH, 3 + len(codes))):
        if right > 3:
            built, now = (canvas.range(at, 4, at, right) for at in (row, row + 1))
            differences.append(f"SUM(({built}<>{now})*1)")
    here = canvas.area(METHOD, 4)
    canvas.array(here, "+".join(differences), "calculation_center", "0")
    canvas.mark(here, f"{cell(METHOD, 4, 'rc')}>0", "note")


def _bounded(book: Book) -> Sequence[str]:
    """Return the indicators whose bounds stand above the cities."""
    scaled = methods_of(book.spec) <= {"minmax", "rating"}
    return book.layout.indicators if scaled and book.layout.default_values.codes else ()


def _moving(book: Book) -> list[str]:
    """Return the parameters that move scores or ranks."""
    return [name for name in parameter_values(book) if not name.endswith("tolerance")]


def changed_parameters(book: Book) -> str:
    """Return the formula that counts changed parameters which `Methods` does not show; "" if none.

    Those come after the ones that `Methods` shows.
    """
    # Sub-measures of constructed indicators have one of them that is not there.
    parts = any(s.method == "zscore_index" for s in book.spec.recipe.steps_doing("construct"))
    shown, moving = 0 if parts else len(shared_values(book.spec)), _moving(book)
    if len(moving) <= shown:
        return ""
    left = 4 + len(_bounded(book)) + shown
    right = left + len(moving) - shown - 1
    built, now = (Area("Compare", row, left, row, right).ref() for row in (LOW, LOW_NOW))
    return f"SUMPRODUCT(({built}<>{now})*1)"


def changed_method(book: Book) -> str:
    """Return the formula that counts the weights and parameters that are not those as built."""
    changed = book.layout.framework_column("changed").ref()
    counts = [f"SUM({changed})", f"SUM({flags(book, 'changed')})"]
    if book.spec.printed:
        counts += filter(None, [changed_parameters(book)])
    return "+".join(counts)


def _bounds(book: Book, canvas: Canvas, column: int, code: str) -> None:
    """Write both bounds of an indicator's scale as the values were shipped, and now."""
    shipped = book.layout.default_values.over(code, "Compare", "rc")
    source, rated = book.layout.normalised.column(code), step_of(book.spec, code).method == "rating"
    canvas.text(BOUND_CODES, column, code, "stub_code")
    for row, name, function, bound in ((LOW, "a", "MIN", ROW_LOW), (HIGH, "b", "MAX", ROW_HIGH)):
        now = f"Normalised!{cell(bound, source, 'rc')}"
        fixed = built_address(book, code, name)
        built = f'IF({fixed}="",{function}({shipped}),{fixed})'
        if name == "a" and rated:
            built = now
        canvas.formula(row, column, built, "published_center", "General", font_size=8)
        canvas.formula(row + 1, column, now, "calculation_center", "General", font_size=8)


def _helpers(book: Book, canvas: Canvas, left: int) -> Table:
    """Draw where a city stands on `Published`, and how many of its values are the shipped ones.

    That is asked of the values, as a letter may be set by hand.
    """
    layout = book.layout
    shipped, ids = layout.default_values, layout.published_ids.ref()

    def same(at: RowCells) -> str:
        values = layout.cleaned.rows_of(shipped.codes, at.row, at.row).ref("c", "Compare")
        equal = f"({shipped.span().ref()}={values})"
        return f"SUMPRODUCT(({ids}={cell(at.row, 1, 'c')})*{equal})"

    def place(at: RowCells) -> str:
        return f'IFERROR(MATCH({cell(at.row, 1, "c")},{ids},0),"")'

    columns = [Column("place", "", place, "id", "0", 6, helper=True)]
    if shipped.codes:
        columns.append(Column("same", "compare.same", same, "id", "0", 6, helper=True))
    canvas.columns(left - 1, left - 1, 2)
    return Table(canvas, ROW_WEIGHT, FIRST, layout.compare_last, tuple(columns), left).draw()


def _comparable(book: Book, canvas: Canvas, row: int, helpers: Table) -> None:
    layout = book.layout
    same = cell(METHOD, 4, "rc")
    invented = layout.fact_cell("n synthetic", row)
    codes = layout.default_values.codes
    yes, no = book.labels.ref("compare.yes"), book.labels.ref("compare.no")
    shipped = f"IF({helpers.address('same', row)}={len(codes)},{yes},{no})" if codes else yes
    # One IF in the other: the values need not be compared where the method or one of them differs.
    formula = f'IF({cell(row, 1, "c")}="","",IF({same}<>0,{no},IF({invented}>0,{no},{shipped})))'
    canvas.formula(row, 3, formula, "calculation_center", font_size=9, shrink=True)


def _node(book: Book, canvas: Canvas, code: str, left: int, helpers: Table) -> None:
    """Draw the columns of a node, and above them how many of its cells agree."""
    layout, ref, center = book.layout, book.labels.ref, "calculation_center"
    given = next(p for p in book.spec.printed if p.node == code)
    by_rank = _by_rank(given)

    def of_print(block: Block) -> Formula:
        def formula(at: RowCells) -> str | None:
            if code not in block.codes:
                return None
            place = helpers.address("place", at.row)
            found = f"INDEX({block.over(code, 'Compare', 'rc')},{place})"
            return f'IF({place}="","",IF({found}="","",{found}))'

        return formula

    def difference(at: RowCells) -> str:
        yes, (a, b) = f"{cell(at.row, 3, 'c')}={ref('compare.yes')}", (at.printed, at.computed)
        if by_rank:
            return _rank_difference(book, code, at.row, at.printed_rank, yes)
        return f'IF(AND({yes},COUNT({a}:{b})=2),{b}-{a},"")'

    scores, positions = layout.scores, layout.positions
    bound = "par_print_tolerance+par_udf_tolerance"
    far = [(f"AND(ISNUMBER({{0}}),ABS({{0}})>{bound})", "note")]
    columns = (
        Column("printed", COMPARED[0], of_print(layout.printed_scores), "published", "0.00"),
        Column("computed", COMPARED[1], lambda at: scores.at(code, at.row, "Compare"),
               number="0.00"),
        Column("difference", COMPARED[2], difference, number="0.000;-0.000;0.000", marks=far),
        Column("printed_rank", COMPARED[3], of_print(layout.printed_ranks), "published_center",
               "0"),
        Column("order", COMPARED[4], lambda at: positions.at(code, at.row, "Compare"), center, "0"),
    )  # fmt: skip
    table = Table(canvas, ROW_WEIGHT, FIRST, layout.compare_last, columns, left).draw()
    for column in range(left, table.right + 1):
        canvas.text(CODE, column, code if column == left else "", "stub_code")
    name = layout.framework_cell(code, "display")
    canvas.merged(ROW_NAME, left, table.right, name, "header_left")
    inside = table.area("difference").ref("r", "Compare")
    within = f'COUNTIFS({inside},">="&-par_print_tolerance-par_udf_tolerance,{inside},"<="&{bound})'
    canvas.formula(COMPARE_HEADER, left, within, "output_center", "0")
    canvas.formula(COMPARE_HEADER, left + 1, f"COUNT({inside})", "output_center", "0")
    # With another method or only other values, nothing is to be compared.
    built = _comparable_as_built(book, given)
    if built:
        shipped = f"COUNTIF({helpers.area('same').ref()},{len(layout.default_values.codes)})"
        canvas.formula(
            COMPARE_HEADER, left + 2, f"IF(OR({changed_method(book)}>0,{shipped}=0),0,{built})",
            "output_center", "0",
        )  # fmt: skip
    else:
        canvas.static(COMPARE_HEADER, left + 2, 0, "published_center", "0")
    for column, key in enumerate(COUNTS, left):
        canvas.label(COMPARE_HEADER + 1, column, key, "note", font_size=8, text_wrap=True)


def _rank_difference(book: Book, code: str, row: int, printed: str, yes: str) -> str:
    """Return computed less printed rank; 0 for any place inside a tie of computed scores."""
    layout = book.layout
    rank = layout.ranks.at(code, row, "Compare")
    ties = f"COUNTIF({layout.ranks.over(code, 'Compare', 'rc')},{rank})"
    return (
        f"IF(AND({yes},COUNT({printed},{rank})=2),IF(AND({printed}>={rank},"
        f'{printed}<{rank}+{ties}),0,{rank}-{printed}),"")'
    )
