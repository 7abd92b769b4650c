"""`UDF`: the same steps as calls of the function library over whole columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import Area, Block, cell
from xlcity.workbook.layout import CODE, FIRST, ROW_NAME, ROW_WEIGHT, Layout
from xlcity.workbook.populations import Populations
from xlcity.workbook.prepare_layout import PrepareLayout
from xlcity.workbook.sheets.calculate import SCORE, unit_columns
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps import apart, missing_rule, node_udf, normaliser_runs
from xlcity.workbook.steps.construct import udf as construct_udf
from xlcity.workbook.steps.general import general_udfs
from xlcity.workbook.steps.means import mean_of, mean_udf, threshold_of, turned_nodes
from xlcity.workbook.steps.rescale import rescale_udfs
from xlcity.workbook.steps.uniform import rank_udfs
from xlcity.workbook.steps.zscore import again_udf, impute_udf, zscore_udf

#: Header rows of this sheet.
ROW_CALL, ROW_DIFFERENCE, ROW_STATUS = 5, 6, 7
COLUMN = 14


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a library function: where it stands, what it says, what it repeats."""

    title: str
    area: Area
    formula: str
    native: Area
    codes: tuple[str, ...]
    number: str


def calls(spec: TemplateSpec, layout: Layout) -> Iterator[Call]:
    """Yield every call with its place, from left to right."""
    left = 3
    groups = Populations(layout).members.ref() if spec.apart else ""

    def place(native: Area, codes: tuple[str, ...], title: str, formula: str, number: str) -> Call:
        nonlocal left
        area = Area("UDF", FIRST, left, layout.last, left + native.columns - 1)
        left += native.columns + 1
        return Call(title, area, formula, native, codes, number)

    for code in layout.constructed:
        if code in spec.matrices:
            # The call stands beside its matrix.
            continue
        yield place(
            layout.built.span((code,)), (code,), "udf.construct", construct_udf(layout, code), SCORE
        )
    for codes, native, formula, title in _normalising(spec, layout):
        yield place(native, codes, title, formula, SCORE)
    turned = turned_nodes(layout)
    for code in layout.composites:
        block, children = layout.children(code)
        values = block.span(children).ref()
        weights = block.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref()
        made = layout.computed if code in layout.computed.codes else layout.aggregates
        call: str | None = node_udf(values, weights, missing_rule(spec, code), groups)
        if mean_of(spec, code) != "arithmetic" or threshold_of(spec, code):
            power = turned[code].power if code in turned else ""
            home = f"{layout.aggregates.sheet}!{power}" if power else ""
            call = mean_udf(spec, code, values, weights, home)
        if call is not None:
            yield place(made.span((code,)), (code,), "udf.aggregate", call, SCORE)
    if spec.rescales:
        for codes, formula in rescale_udfs(layout):
            yield place(layout.scores.span(codes), codes, "udf.rescale", formula, SCORE)
    ranks: Block = layout.ranks
    ordinal = ',1,"ordinal"' if spec.consecutive_ranks else ""
    if groups:
        ties = "ordinal" if spec.consecutive_ranks else "min"
        ordinal = f',1,"{ties}","",{groups}'
    yield place(
        ranks.span(),
        ranks.codes,
        "udf.rank",
        f"RANK_COMPETITION({layout.keys.span().ref()}{ordinal})",
        "0",
    )


def _normalising(
    spec: TemplateSpec, layout: Layout
) -> Iterator[tuple[tuple[str, ...], Area, str, str]]:
    """Yield (codes, native cells, call, title) of the steps that normalise."""
    if spec.apart:
        yield layout.indicators, layout.normalised.span(), apart.zscore_udf(layout), "udf.normalise"
    elif spec.family == "zscore":
        codes = layout.indicators
        yield codes, layout.clipped.span(), zscore_udf(layout), "udf.normalise"
        if spec.standardises_again:
            yield codes, layout.oriented.span(), again_udf(layout), "udf.normalise"
        if spec.imputes:
            yield codes, layout.normalised.span(), impute_udf(layout), "udf.impute"
    elif spec.family == "general":
        prepared = PrepareLayout(layout)
        for code, native, call in prepared.calls():
            yield (code,), native, call, "udf.prepare"
        for codes, native, call in general_udfs(layout, prepared.last):
            yield codes, native, call, "udf.normalise"
        if spec.imputes:
            yield layout.indicators, layout.normalised.span(), impute_udf(layout), "udf.impute"
    elif spec.family == "rank":
        for codes, formula in rank_udfs(layout):
            yield codes, layout.normalised.span(codes), formula, "udf.normalise"
    else:
        for normaliser, codes in normaliser_runs(spec, layout):
            call = normaliser.udf(layout, codes)
            yield codes, layout.normalised.span(codes), call, "udf.normalise"


def draw(book: Book) -> None:
    """Draw the sheet; `Checks` reads the status of every call."""
    canvas, layout = book.canvas("UDF"), book.layout
    canvas.heading("udf", "udf.note")
    canvas.widths([16, 26])
    names = (*layout.indicators, *layout.composites)
    canvas.fit_names(ROW_NAME, names, COLUMN)
    canvas.thin(range(ROW_STATUS + 1, CODE))
    unit_columns(book, canvas)
    for row, key in (
        (ROW_CALL, "udf.call"),
        (ROW_DIFFERENCE, "udf.difference"),
        (ROW_STATUS, "udf.status"),
    ):
        canvas.blank(row, 1, "stub")
        canvas.label(row, 2, key, "stub_line")
    right = 2
    for call in calls(book.spec, layout):
        _draw_call(book, canvas, call)
        right = call.area.last_column
    canvas.mark(Area("UDF", FIRST, 3, layout.last, right), f"ISERROR({cell(FIRST, 3)})", "faint")
    canvas.frame(ROW_NAME, 2)
    canvas.page(Area("UDF", 1, 1, layout.last, right), a3=True)
    canvas.protect()


def _draw_call(book: Book, canvas: Canvas, call: Call) -> None:
    layout, area = book.layout, call.area
    canvas.columns(area.first_column, area.last_column, COLUMN)
    canvas.columns(area.last_column + 1, area.last_column + 1, 2)
    for offset, code in enumerate(call.codes):
        column = area.first_column + offset
        name = layout.framework_cell(code, "display")
        canvas.formula(ROW_NAME, column, name, "header", font_size=9)
        canvas.text(CODE, column, code, "stub_code")
    canvas.label(ROW_WEIGHT, area.first_column, call.title, "section", font_size=9)
    canvas.text(ROW_CALL, area.first_column, call.formula.split("(")[0], "note", font_size=8)
    left = area.first_column
    compare_call(book, canvas, call, (ROW_DIFFERENCE, left), (ROW_STATUS, left))


def compare_call(
    book: Book, canvas: Canvas, call: Call, difference: tuple[int, int], status: tuple[int, int]
) -> None:
    """Write a call on any sheet, how far it is from the native cells, and what that amounts to.

    The status is among those that `Checks` counts.
    """
    area, home = call.area, canvas.name
    canvas.array(area, call.formula, "udf", call.number)
    native, udf = call.native.ref("rc", home), area.ref("rc", home)
    anchor = cell(area.first_row, area.first_column, "rc")
    canvas.array(
        Area(home, *difference, *difference),
        # Nothing to compare where the functions are not loaded.
        f'IF(IFERROR(ERROR.TYPE({anchor}),0)=5,"",'
        f"MAX(IFERROR(({native}-{udf})^2/(1+{native}^2),0))+(COUNT({native})<>COUNT({udf}))*1)",
        "calculation",
        "0.0E+00",
    )
    canvas.formula(
        *status,
        f'IF(IFERROR(ERROR.TYPE({anchor}),0)=5,"skipped",IF(IFERROR({cell(*difference)},1)<='
        f'par_udf_tolerance^2,"pass","fail"))',
        "check",
    )
    here = Area(home, *status, *status)
    for word, mark in (("pass", "good"), ("fail", "bad"), ("skipped", "skipped")):
        canvas.mark(here, f'{cell(*status)}="{word}"', mark)
    book.statuses.append(here)
