"""`UDF`: the same steps as calls of the function library over whole columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from xlcity.methods.normalise.record import LITERAL, SKIPPED
from xlcity.workbook.aggregations import mean_of
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, Block, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.prepared import prepare_layout
from xlcity.workbook.layout.rows import CODE, FIRST, ROW_HIGH, ROW_NAME, ROW_WEIGHT
from xlcity.workbook.sheets.calculation.calculate import SCORE
from xlcity.workbook.sheets.table import unit_sheet
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.construct import udf as construct_udf
from xlcity.workbook.steps.impute import impute_udf
from xlcity.workbook.steps.known import not_loaded
from xlcity.workbook.steps.means import mean_udf, threshold_of, turned_nodes
from xlcity.workbook.steps.method_table import Bands, method_address
from xlcity.workbook.steps.nodes import missing_rule, node_udf
from xlcity.workbook.steps.normalising import Normalising, runs
from xlcity.workbook.steps.rescale import rescale_udfs

#: Header rows of this sheet.
ROW_CALL, ROW_DIFFERENCE, ROW_STATUS, ROW_OPTIONS = 5, 6, 7, 8
COLUMN = 14


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a library function: its cells, its formula, and the native cells it repeats."""

    title: str
    area: Area
    formula: str
    native: Area
    codes: tuple[str, ...]
    number: str
    #: Columns of `Framework` whose values are above the call.
    options: tuple[str, ...] = ()
    #: Cells of given values, which replace computed ones.
    given: Area | None = None


def list_calls(spec: TemplateSpec, layout: Layout) -> Iterator[Call]:
    """Yield every call with its cells, from left to right."""
    left = 3
    groups = populations_of(layout).members.ref() if spec.apart else ""

    def next_area(columns: int) -> Area:
        nonlocal left
        area = Area("UDF", FIRST, left, layout.last, left + columns - 1)
        left += columns + 1
        return area

    def next_call(
        native: Area, codes: tuple[str, ...], title: str, formula: str, number: str
    ) -> Call:
        return Call(title, next_area(native.columns), formula, native, codes, number)

    for code in layout.constructed:
        if code in spec.matrices:
            # The call stands beside its matrix.
            continue
        native_cells, formula = layout.constructed_values.span((code,)), construct_udf(layout, code)
        call = next_call(native_cells, (code,), "udf.construct", formula, SCORE)
        yield replace(call, given=layout.typed.span((code,)))
    prepared = prepare_layout(layout)
    for code, native_cells, formula in prepared.calls():
        yield next_call(native_cells, (code,), "udf.prepare", formula, SCORE)
    for first, codes in runs(layout):
        if first.call() is not None:
            yield _normalising_call(layout, first, codes, next_area(len(codes)))
            if first.again:
                values = layout.clipped.span(codes).ref()
                ddof = option_cells(layout, codes, "base")
                formula = f"ZSCORE_WINSOR({values},0,1,{ddof})"
                native_cells = layout.scores_before_imputing.span(codes)
                yield next_call(native_cells, codes, "udf.normalise", formula, SCORE)
    if spec.imputes:
        native_cells, codes = layout.normalised.span(), layout.indicators
        yield next_call(native_cells, codes, "udf.impute", impute_udf(layout), SCORE)
    for code, formula in _node_calls(spec, layout, groups):
        native_cells = layout.aggregates.span((code,))
        call = next_call(native_cells, (code,), "udf.aggregate", formula, SCORE)
        given = layout.typed.span((code,)) if code in spec.direct_nodes else None
        yield replace(call, given=given)
    if spec.rescales:
        for codes, formula in rescale_udfs(layout):
            yield next_call(layout.scores.span(codes), codes, "udf.rescale", formula, SCORE)
    ranks: Block = layout.ranks
    ordinal = ',1,"ordinal"' if spec.consecutive_ranks else ""
    if groups:
        ties = "ordinal" if spec.consecutive_ranks else "min"
        ordinal = f',1,"{ties}","",{groups}'
    yield next_call(
        ranks.span(),
        ranks.codes,
        "udf.rank",
        f"RANK_COMPETITION({layout.keys.span().ref()}{ordinal})",
        "0",
    )


def _node_calls(spec: TemplateSpec, layout: Layout, groups: str) -> Iterator[tuple[str, str]]:
    """Yield the nodes that a function aggregates, and its calls."""
    turned = turned_nodes(layout)
    for code in layout.composites:
        block, children = layout.children(code)
        values = block.span(children).ref()
        weights = block.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref()
        call: str | None = node_udf(values, weights, missing_rule(spec, code), groups)
        if mean_of(spec, code) != "arithmetic" or threshold_of(spec, code):
            power = turned[code].power if code in turned else ""
            home = f"{layout.aggregates.sheet}!{power}" if power else ""
            call = mean_udf(spec, code, values, weights, home)
        if call is not None:
            yield code, call


def _normalising_call(
    layout: Layout, first: Normalising, codes: tuple[str, ...], area: Area
) -> Call:
    """Return the call that normalises some adjacent indicators, and its options.

    An option that is typed stands above the call, a cell per indicator: a call takes them as a row.
    """
    spec, function_call, populations = layout.spec, first.call(), populations_of(layout)
    assert function_call is not None
    name, *arguments = function_call
    options: list[str] = []
    written = [prepare_layout(layout).last.span(codes).ref()]
    bands = Bands.of(spec, first.code) if first.method == "bands" else None
    for argument in arguments:
        if argument in ("groups", "pools"):
            whose = populations.members if argument == "groups" else populations.pools
            written.append(whose.ref() if spec.apart else SKIPPED)
        elif argument in ("cuts", "scores"):
            assert bands is not None
            written.append(bands.ref(0 if argument == "cuts" else 2))
        elif argument == "high":
            written.append(layout.scores_before_imputing.rows_of(codes, ROW_HIGH, ROW_HIGH).ref())
        elif argument[0] in LITERAL:
            written.append(argument)
        elif argument in first.plain.words:
            written.append(method_address(spec, first.code, argument))
        else:
            row = ROW_OPTIONS + len(options)
            options.append(argument)
            left, right = area.c1, area.c2
            written.append(Area("UDF", row, left, row, right).ref())
    while written[-1] == SKIPPED:
        written.pop()
    native = (layout.clipped if first.again else layout.scores_before_imputing).span(codes)
    formula = f"{name}({','.join(written)})"
    return Call("udf.normalise", area, formula, native, codes, SCORE, tuple(options))


def option_cells(layout: Layout, codes: tuple[str, ...], name: str) -> str:
    """Return the cells of an option above the call that normalises these indicators, or none."""
    for call in list_calls(layout.spec, layout):
        if call.options and set(codes) <= set(call.codes):
            if name not in call.options:
                return SKIPPED
            row, left = ROW_OPTIONS + call.options.index(name), call.area.c1
            first, last = (left + call.codes.index(code) for code in (codes[0], codes[-1]))
            return Area("UDF", row, first, row, last).ref()
    return SKIPPED


def draw(book: Book) -> None:
    """Draw the sheet; `Checks` reads the status of every call."""
    canvas, layout = unit_sheet(book, "UDF", [16, 26]), book.layout
    names = (*layout.indicators, *layout.composites)
    canvas.fit_names(ROW_NAME, names, COLUMN)
    drawn_calls = tuple(list_calls(book.spec, layout))
    most = max(len(call.options) for call in drawn_calls)
    canvas.thin(range(ROW_OPTIONS + most, CODE))
    rows = {ROW_CALL: "call", ROW_DIFFERENCE: "difference", ROW_STATUS: "status"}
    rows |= {ROW_OPTIONS: "options"} if most else {}
    canvas.stubs((row, f"udf.{key}") for row, key in rows.items())
    right = 2
    for call in drawn_calls:
        _draw_call(book, canvas, call)
        right = call.area.c2
    canvas.mark(canvas.area(FIRST, 3, layout.last, right), f"ISERROR({cell(FIRST, 3)})", "faint")
    canvas.finish(layout.last, right, ROW_NAME, 2, a3=True)


def _draw_call(book: Book, canvas: Canvas, call: Call) -> None:
    area = call.area
    canvas.columns(area.c1, area.c2, COLUMN)
    canvas.columns(area.c2 + 1, area.c2 + 1, 2)
    canvas.node_heads(ROW_NAME, call.codes, area.c1, 9, CODE)
    canvas.label(ROW_WEIGHT, area.c1, call.title, "section", font_size=9)
    canvas.text(ROW_CALL, area.c1, call.formula.split("(")[0], "note", font_size=8)
    for row, name in enumerate(call.options, ROW_OPTIONS):
        for offset, code in enumerate(call.codes):
            source = method_address(book.spec, code, name)
            shown = f'IF({source}="","",{source})' if name in "ab" else source
            # The format says what the number is.
            form = f'"{name} "General;"{name} "-General;"{name} "0;"{name} "@'
            column = area.c1 + offset
            canvas.formula(row, column, shown, "calculation_center", form, font_size=8)
    left = area.c1
    compare_call(book, canvas, call, (ROW_DIFFERENCE, left), (ROW_STATUS, left))


def compare_call(
    book: Book, canvas: Canvas, call: Call, difference: tuple[int, int], status: tuple[int, int]
) -> None:
    """Write a call on any sheet, its distance from the native cells, and its status.

    The status is among those that `Checks` counts.
    """
    area, home = call.area, canvas.name
    canvas.array(area, call.formula, "udf", call.number)
    native, udf = call.native.ref("rc", home), area.ref("rc", home)
    absent = not_loaded(cell(area.r1, area.c1, "rc"))
    distance = f"IFERROR(({native}-{udf})^2/(1+{native}^2),0)"
    counts_differ = f"COUNT({native})<>COUNT({udf})"
    if call.given is not None:
        is_blank = f'({call.given.ref("rc", home)}="")'
        distance = f"{is_blank}*{distance}"
        counts = (f"SUM({is_blank}*IFERROR({cells}*0+1,0))" for cells in (native, udf))
        counts_differ = "<>".join(counts)
    formula = f'IF({absent},"",MAX({distance})+({counts_differ})*1)'
    canvas.array(Area(home, *difference, *difference), formula, "calculation", "0.0E+00")
    verdict = (
        f'IF({absent},"skipped",IF(IFERROR({cell(*difference)},1)<='
        f'par_udf_tolerance^2,"pass","fail"))'
    )
    canvas.formula(*status, verdict, "check")
    status_cell = Area(home, *status, *status)
    canvas.mark_status(status_cell)
    book.statuses.append(status_cell)
