"""`UDF`: the same steps as calls of the function library over whole columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from xlcity.methods.formulas import gap_formula, text_condition
from xlcity.methods.normalise.record import LITERAL_STARTS, SKIPPED
from xlcity.workbook import preparations
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, Fix, cell
from xlcity.workbook.drawing.number_formats import INTEGER
from xlcity.workbook.drawing.styles import CENTER, MARKS, SMALL, TINY
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.layout import FUNCTIONS
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    INDEX,
    ROW_HIGH,
    ROW_LOW,
    ROW_MEAN,
    ROW_NAME,
    ROW_SD,
    ROW_WEIGHT,
)
from xlcity.workbook.methods_in_cells import aggregation_of
from xlcity.workbook.sheets.calculation.by_function import ROW_CALL, draw_calls
from xlcity.workbook.sheets.calculation.calculate import SCORE
from xlcity.workbook.sheets.table import Above, draw_block, unit_sheet
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.construct import rule_of, sources_of
from xlcity.workbook.steps.construct import udf as construct_udf
from xlcity.workbook.steps.means import mean_udf, threshold_of, turned_nodes
from xlcity.workbook.steps.method_table import LISTS, Bands
from xlcity.workbook.steps.native_support import not_loaded
from xlcity.workbook.steps.nodes import missing_rule, node_udf
from xlcity.workbook.steps.normalising import Normalising, runs
from xlcity.workbook.steps.prepare import impute_udf, list_prepare_calls
from xlcity.workbook.steps.rescale import rescale_udfs
from xlcity.workbook.steps.weigh import weighted_nodes

#: Header rows of this sheet.
ROW_DIFFERENCE = 6
ROW_STATUS = 7
ROW_OPTIONS = 8
COLUMN = 14


NO_CELLS = Area("", r1=0, c1=0, r2=0, c2=0)


class Call(NamedTuple):
    """One call of a library function: its cells, its formula, and the native cells it repeats."""

    title: str
    native: Area
    codes: tuple[str, ...]
    formula: str
    #: What stands in place of the native cells' formulas where the call gives no number, and what
    #: the whole stands in there.
    otherwise: str = ""
    around: str = "{}"
    #: Cells of given values, which replace computed ones.
    given: Area | None = None
    #: Columns of `Framework` whose values are above the call.
    options: tuple[str, ...] = ()
    number: str = SCORE
    area: Area = NO_CELLS

    @property
    def in_place(self) -> str:
        """What fills the native cells, where they are calls themselves."""
        return self.around.format(f"IFERROR({self.formula},{self.otherwise})")


def list_calls(spec: TemplateSpec, layout: Layout) -> Iterator[Call]:
    """Yield every call with its cells on `UDF`, from left to right."""
    left = layout.held.right + 2 if layout.held.codes else 3
    for call in _list_steps(spec, layout):
        area = Area(
            "UDF",
            r1=FIRST,
            c1=left,
            r2=layout.last,
            c2=left + call.native.columns - 1,
        )
        placed = call._replace(area=area)
        formula = call.formula
        for name in call.options:
            cells = _option_area(layout, placed, name, call.codes).ref()
            formula = formula.replace(f"[{name}]", cells)
        yield placed._replace(formula=formula)
        left = area.c2 + 2


def _list_steps(spec: TemplateSpec, layout: Layout) -> Iterator[Call]:
    yield from _construct_calls(spec, layout)
    for code, native, formula, sources in list_prepare_calls(layout):
        otherwise = _without_number(native, sources)
        yield Call("udf.prepare", native, (code,), formula, otherwise=otherwise)
    for first, codes in runs(layout):
        if first.call() is not None:
            yield from _normalising_calls(layout, first, codes)
    if spec.imputes:
        native = layout.normalised.span()
        otherwise = _without_number(native, (layout.scores_before_imputing.span(),))
        formula = impute_udf(layout)
        yield Call(
            "udf.impute", native, layout.indicators, formula, otherwise=otherwise
        )
    groups = populations_of(layout).members.ref() if spec.apart else ""
    yield from _node_calls(spec, layout, groups)
    for codes, formula, source in rescale_udfs(layout) if spec.rescales else ():
        native = layout.scores.span(codes)
        otherwise = _without_number(native, (source,))
        yield Call("udf.rescale", native, codes, formula, otherwise=otherwise)
    yield _rank_call(spec, layout, groups)


def _construct_calls(spec: TemplateSpec, layout: Layout) -> Iterator[Call]:
    """Yield the calls that construct indicators; a value of their own is used before it."""
    for code in layout.constructed:
        if code in spec.matrices:
            # The call stands beside its matrix.
            continue
        native = layout.constructed_values.span((code,))
        given = layout.typed.span((code,))
        rule = rule_of(layout.construct_of(code))
        yield Call(
            "udf.construct",
            native,
            (code,),
            construct_udf(layout, code),
            otherwise=_without_number(native, sources_of(layout, code), missing=rule),
            around=f'IF({given.ref()}="",{{}},{given.ref()})',
            given=given,
        )


def _normalising_calls(
    layout: Layout, first: Normalising, codes: tuple[str, ...]
) -> Iterator[Call]:
    """Yield the call that normalises some indicators, and that which standardises once more."""
    call = _normalising_call(layout, first, codes)
    yield call
    if not first.again:
        return
    values = layout.clipped.span(codes)
    native = layout.scores_before_imputing.span(codes)
    mean, sd = (
        layout.clipped.rows_of(codes, row, row).ref() for row in (ROW_MEAN, ROW_SD)
    )
    otherwise = _without_number(native, (values,), f'({sd}<>"")+({mean}="")')
    formula = f"ZSCORE_WINSOR({values.ref()},0,1,[base])"
    yield call._replace(native=native, formula=formula, otherwise=otherwise)


def _rank_call(spec: TemplateSpec, layout: Layout, groups: str) -> Call:
    """Return the call that ranks cities, in each group of cities by itself."""
    keys = layout.keys.span()
    ranks = layout.ranks.span()
    ordinal = ',1,"ordinal"' if spec.consecutive_ranks else ""
    if groups:
        ties = "ordinal" if spec.consecutive_ranks else "min"
        ordinal = f',1,"{ties}","",{groups}'
    return Call(
        "udf.rank",
        ranks,
        layout.ranks.codes,
        f"RANK_COMPETITION({keys.ref()}{ordinal})",
        otherwise=_without_number(ranks, (keys,)),
        number=INTEGER,
    )


def _without_number(
    native: Area, sources: tuple[Area, ...], passing: str = "", missing: str = "na"
) -> str:
    """Return what stands where a call gives no number, as the native formulas have it.

    A text passes, under the condition `passing`; of several entries "NA" stands where one is
    confirmed missing and none is blank, or where all are if the others alone would do. Where a
    number has no result, #NAME? shows that the functions are not loaded.
    """
    refs = [source.ref() for source in sources]
    if len(refs) == 2:
        blank = "+".join(f'({text_condition(ref)})*({ref}<>"NA")' for ref in refs)
        return f'IF({blank},xl_functions,"NA")'
    if not refs:
        return "xl_functions"
    if sources[0].columns == native.columns:
        # A condition for each cell: formualizer does not repeat one for each column.
        is_gap = f'{refs[0]}="NA"'
        text = (
            f'IF(({passing})*({is_gap}),"NA","")' if passing else gap_formula(refs[0])
        )
        return f"IF({text_condition(refs[0])},{text},xl_functions)"
    other = "-1" if missing == "renormalise" else f"IF({text_condition(refs[0])},-1,1)"
    return f'IF(MIN_INDEX(IF({refs[0]}="NA",0,{other}))=0,"NA","")'


def _node_calls(spec: TemplateSpec, layout: Layout, groups: str) -> Iterator[Call]:
    """Yield the calls of the nodes that a function aggregates."""
    turned = turned_nodes(layout)
    for code in layout.from_below:
        block, children = layout.children(code)
        native = layout.aggregates.span((code,))
        values = block.span(children)
        weights = block.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref()
        rule = missing_rule(spec, code)
        around = "{}"
        given = None
        call: str | None = node_udf(values.ref(), weights, rule, groups)
        if not aggregation_of(spec, code).adds_up or threshold_of(spec, code):
            power = turned[code].power if code in turned else ""
            home = f"{layout.aggregates.sheet}!{power}" if power else ""
            call = mean_udf(spec, code, values.ref(), weights, power=home)
        if call is None:
            continue
        otherwise = _without_number(native, (values,), missing=rule)
        if rule == "refuse":
            otherwise = f'IF({groups}="","","NA")'
        if code in weighted_nodes(spec):
            around = f'IF(COUNT({weights})=0,"",{{}})'
        if code in spec.direct_nodes:
            given = layout.typed.span((code,))
            around = f"IF({text_condition(given.ref())},{around},{given.ref()})"
        yield Call(
            "udf.aggregate",
            native,
            (code,),
            call,
            otherwise=otherwise,
            around=around,
            given=given,
        )


def _normalising_call(
    layout: Layout, first: Normalising, codes: tuple[str, ...]
) -> Call:
    """Return the call that normalises some adjacent indicators, and its options.

    An option that is typed stands above the call, a cell per indicator: a call takes them as a row.
    In the formula it is `[NAME]` until the call has its cells.
    """
    function_call = first.call()
    assert function_call is not None
    name, *arguments = function_call
    values = layout.prepared.span(codes)
    options: list[str] = []
    written = [values.ref()]
    for argument in arguments:
        cells = _argument_cells(layout, first, codes, argument)
        if cells is None:
            options.append(argument)
        written.append(f"[{argument}]" if cells is None else cells)
    while written[-1] == SKIPPED:
        written.pop()
    block = layout.clipped if first.again else layout.scores_before_imputing
    native = block.span(codes)
    return Call(
        "udf.normalise",
        native,
        codes,
        f"{name}({','.join(written)})",
        otherwise=_without_number(native, (values,), first.passing(codes)),
        options=tuple(options),
    )


def _argument_cells(
    layout: Layout, first: Normalising, codes: tuple[str, ...], argument: str
) -> str | None:
    """Return where an argument of a normalising call stands; None for an option above the call."""
    populations = populations_of(layout)
    if argument in ("groups", "pools"):
        whose = populations.members if argument == "groups" else populations.pools
        return whose.ref() if layout.spec.apart else SKIPPED
    if first.native.by_bands and argument in LISTS:
        bands = Bands.of(layout.spec, first.code)
        return bands.ref(0 if argument == LISTS[0] else 2)
    is_typed = argument in first.plain.word_of
    if argument == "high" or (is_typed and argument in ("a", "b")):
        # By a rule: the bound stands above the column.
        row = ROW_LOW if argument == "a" else ROW_HIGH
        return layout.scores_before_imputing.rows_of(codes, row, row).ref()
    if argument[0] in LITERAL_STARTS:
        return argument
    return layout.framework_cell(first.code, argument) if is_typed else None


def _option_area(
    layout: Layout,
    call: Call,
    name: str,
    codes: tuple[str, ...],
) -> Area:
    """Return the cells of an option of some of the indicators that are called at once.

    They stand above the call, or on `Index` where the call stands there in place of formulas.
    """
    row = ROW_OPTIONS + call.options.index(name)
    if layout.spec.calls_in_place:
        return layout.options.rows_of(codes, row, row)
    ends = (codes[0], codes[-1])
    first, last = (call.area.c1 + call.codes.index(code) for code in ends)
    return Area.of_row("UDF", row, first, last)


def draw(book: Book) -> None:
    """Draw the sheet; `Checks` reads the status of every call."""
    canvas = unit_sheet(book, "UDF", [16, 26])
    layout = book.layout
    drawn_calls = tuple(list_calls(book.spec, layout))
    rows = {ROW_CALL: "call", ROW_DIFFERENCE: "difference", ROW_STATUS: "status"}
    if any(call.options for call in drawn_calls):
        rows[ROW_OPTIONS] = "options"
    for row, key in rows.items():
        canvas.stub(row, book.labels.text(f"udf.{key}"))
    draw_calls(canvas)
    for call in drawn_calls:
        left = call.area.c1
        canvas.columns(left, call.area.c2, COLUMN)
        canvas.columns(call.area.c2 + 1, call.area.c2 + 1, 2)
        canvas.node_heads(ROW_NAME, call.codes, left, CODE)
        canvas.heading(ROW_WEIGHT, left, call.title, **SMALL)
        canvas.put(
            ROW_CALL,
            left,
            call.formula.split("(")[0],
            "note",
            **TINY,
        )
        _draw_options(canvas, call, left)
        _compare_call(canvas, call)
    right = drawn_calls[-1].area.c2
    canvas.mark(
        canvas.area(FIRST, 3, layout.last, right),
        f"ISERROR({cell(FIRST, 3)})",
        "absent",
    )
    canvas.close(ROW_NAME, 2, head=CODE)


def _draw_options(canvas: Canvas, call: Call, left: int) -> None:
    for row, name in enumerate(call.options, ROW_OPTIONS):
        for column, code in enumerate(call.codes, left):
            source = canvas.book.layout.framework_cell(code, name)
            shown = f'IF({source}="","",{source})' if name in "ab" else source
            # The format says what the number is.
            form = f'"{name} "General;"{name} "-General;"{name} "0;"{name} "@'
            canvas.formula(row, column, shown, CENTER, number=form, **TINY)


def draw_in_place(canvas: Canvas) -> None:
    """Draw the calls over the formulas of `Index` that they repeat, and their options."""
    book = canvas.book
    options = canvas.book.layout.options
    # A text without signs where functions answer; else the error that a cell shows for a call.
    answers = {options.codes[0]: 'LEFT("",RANK_COMPETITION(1))'}
    draw_block(
        canvas,
        options,
        key="udf.options",
        prefix=False,
        above=[Above(ROW_WEIGHT, "udf.loaded", answers.get, "udf")],
    )
    loaded = canvas.area(ROW_WEIGHT, options.left)
    book.counts.udf_cells += 1
    book.define("xl_functions", loaded)
    for call in list_calls(book.spec, book.layout):
        canvas.overlay(call.native, call.in_place.replace(f"{INDEX}!", ""))
        if call.options:
            _draw_options(canvas, call, options.column(call.codes[0]))


def list_formula_codes(spec: TemplateSpec, layout: Layout) -> tuple[str, ...]:
    """Return the codes that formulas compute in some step, as no function does."""
    columns: set[int] = set()
    for call in list_calls(spec, layout):
        columns.update(call.native.column_numbers)
    blocks = {
        layout.constructed_values: layout.constructed,
        layout.scores_before_imputing: layout.indicators,
        layout.normalised: layout.indicators,
        layout.aggregates: set(layout.composites).difference(
            layout.blocks[FUNCTIONS].codes
        ),
    }
    for do in spec.preparing:
        blocks[layout.blocks[do]] = tuple(
            c for c in layout.indicators if preparations.by_formula(spec, do, c)
        )
    by_formula: dict[str, None] = {}
    for block, codes in blocks.items():
        for code in block.codes:
            if code in codes and block.column(code) not in columns:
                by_formula[code] = None
    return tuple(by_formula)


def _compare_call(canvas: Canvas, call: Call) -> None:
    """Write a call, its distance from the native cells, and its status.

    The status is among those that `Checks` counts.
    """
    area = call.area
    home = canvas.name
    canvas.array(area, call.formula, "udf", call.number)
    native = call.native.ref(home=home)
    udf = area.ref(home=home)
    absent = not_loaded(cell(area.r1, area.c1, Fix.BOTH))
    distance = f"IFERROR(({native}-{udf})^2/(1+{native}^2),0)"
    counts_differ = f"COUNT({native})<>COUNT({udf})"
    if call.given is not None:
        is_blank = f'({call.given.ref(home=home)}="")'
        distance = f"{is_blank}*{distance}"
        counts = (f"SUM({is_blank}*IFERROR({cells}*0+1,0))" for cells in (native, udf))
        counts_differ = "<>".join(counts)
    formula = f'IF({absent},"",MAX({distance})+({counts_differ})*1)'
    difference = canvas.area(ROW_DIFFERENCE, area.c1)
    canvas.array(difference, formula, "calculation", "0.0E+00")
    verdict = (
        f'IF({absent},"skipped",IF(IFERROR({cell(ROW_DIFFERENCE, area.c1)},1)<='
        f'par_udf_tolerance^2,"pass","fail"))'
    )
    canvas.formula(ROW_STATUS, area.c1, verdict, "check")
    status_cell = canvas.area(ROW_STATUS, area.c1)
    mark_absent(canvas, status_cell, cell(area.r1, area.c1, Fix.BOTH))
    canvas.mark_status(status_cell)
    canvas.book.statuses.append(status_cell)


def mark_absent(
    canvas: Canvas, area: Area, call: str, key: str = "udf.skipped"
) -> None:
    """Let cells say that a call was not checked, or why: its functions are not loaded.

    A format sees the error as soon as a file is opened; LibreOffice keeps stored values of formulas
    until everything is calculated again.
    """
    word = canvas.book.labels.text(key)
    look = {**MARKS["skipped"], "num_format": f';;;"{word}"'}
    canvas.mark(area, not_loaded(call), look, stop=True)
