"""Indicators built from their ingredients, or given directly, and the list `Items`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from xlcity.functions.construct import BAND_UPPERS, BAND_WEIGHTS, PM25_MULTIPLES
from xlcity.methods.construct.zscore_index import part_score_formula, part_statistics
from xlcity.model.dataset import Dataset
from xlcity.model.recipe import Step
from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Area, Block, Fix, cell
from xlcity.workbook.drawing.number_formats import (
    FOUR_DECIMALS,
    GENERAL,
    INTEGER,
    THREE_DECIMALS,
    value_formats,
)
from xlcity.workbook.drawing.styles import CENTER, INPUT_CENTER, SMALL, STUB_CENTER
from xlcity.workbook.labels import quoted
from xlcity.workbook.layout.inputs import ITEM_COLUMNS
from xlcity.workbook.layout.rows import (
    INDEX,
    ROW_FIXED_LOW,
    ROW_MEAN,
    ROW_N,
    ROW_NAME,
    ROW_SD,
    ROW_WEIGHT,
)
from xlcity.workbook.live_recipe import list_names, names_of_cells, part_name
from xlcity.workbook.sheets.calculation.calculate import VALUE, rows_above
from xlcity.workbook.sheets.inputs.input_rows import line_status
from xlcity.workbook.sheets.table import (
    MISSING,
    Above,
    Column,
    Content,
    RowCells,
    Table,
    draw_above,
    draw_block,
    fields,
    gap,
    item_table,
    unit_table,
)
from xlcity.workbook.steps.construct import (
    ROW_LIMIT,
    ROW_PARTS,
    ROW_PARTS_WEIGHT,
    line_key,
    native,
    weight_range,
)

#: Format of weights.
WEIGHT = "0.####"
#: Column of the lines as shipped, right of the printed ones.
LINE = len(ITEM_COLUMNS) + 2
#: What stands for no rank: it is beyond all bands.
_NO_RANK = "9E+99"
#: A format that hides it, in digits that programs write as they read them.
_RANKS = '[<1000000]0;""'


def draw(book: Book, canvas: Canvas) -> None:
    """Draw how indicators are constructed, and the value every indicator goes on with."""
    layout = book.layout
    built = book.layout.constructed_values
    form = value_formats(book.spec.framework)
    steps = {code: layout.construct_of(code) for code in layout.constructed}
    limits = {code: layout.construction_of(code).native.limit for code in steps}
    limited = {code: parameter for code, parameter in limits.items() if parameter}
    for code, block in layout.weighted_parts.items():
        _draw_parts(book, canvas, code, block, step=steps[code])

    def limit(code: str) -> Content:
        return steps[code].number(limited[code], 0.0) if code in limited else None

    def total(function: str) -> Callable[[str], Content]:
        weighted = layout.weighted_parts

        def total_of(code: str) -> Content:
            if code not in weighted:
                return None
            return f"{function}({weight_range(layout, code, INDEX)})"

        return total_of

    def value(code: str, row: int) -> str:
        # A value of its own is used, whatever it could be made of.
        given = layout.typed.at(code, row, INDEX)
        return f'IF({given}="",{native(layout, code, row)},{given})'

    draw_block(
        canvas,
        built,
        value,
        number=form,
        key="constructed.built",
        marks=[MISSING],
        above=[
            Above(
                ROW_FIXED_LOW,
                "constructed.method",
                lambda code: quoted(steps[code].method),
                "stub_code",
            ),
            Above(
                ROW_LIMIT,
                "constructed.limit",
                of=limit,
                role=STUB_CENTER,
                number=VALUE,
            ),
            Above(
                ROW_PARTS,
                "constructed.number",
                of=total("COUNT"),
                role=CENTER,
                number=WEIGHT,
            ),
            Above(
                ROW_PARTS_WEIGHT,
                "constructed.total",
                of=total("SUM"),
                role=CENTER,
                number=WEIGHT,
            ),
        ],
    )
    for code, parameter in limited.items():
        name = names_of_cells(steps[code], code).get(parameter)
        if name is None:
            continue
        column = built.column(code)
        canvas.input(ROW_LIMIT, column, limit(code), INPUT_CENTER, number=VALUE)
        book.define(name, canvas.area(ROW_LIMIT, column))

    def source(code: str, row: int) -> str:
        return (built if code in built.codes else layout.typed).at(code, row, INDEX)

    draw_block(
        canvas, layout.blocks["raw"], source, number=form, key="constructed.values"
    )
    if layout.item_codes:

        def scored_id(cells: RowCells) -> str:
            group = layout.population(cells.row, INDEX)
            return f'IF({group}="","",{cell(cells.row, 1, Fix.COLUMN)})'

        listed = Column(
            key="constructed.scored",
            formula=scored_id,
            role="id",
            code=book.labels.text("data.id"),
        )
        unit_table(canvas, [listed], left=layout.listed_ids.c1).draw()


def _draw_parts(
    book: Book,
    canvas: Canvas,
    of: str,
    block: Block,
    step: Step,
) -> None:
    """Draw the weights above an indicator's ingredients, and their z-scores where it has these."""
    layout = book.layout
    parts = book.layout.ingredients_of(of)
    weights = dict(
        zip(parts, step.numbers("weights") or [1.0] * len(parts), strict=True)
    )
    weight_row = Above(
        ROW_WEIGHT,
        "constructed.weight",
        of=weights.get,
        role=INPUT_CENTER,
        number=WEIGHT,
    )
    if block is layout.typed:
        draw_above(canvas, block, weight_row)
        return
    limit = layout.constructed_values.at(of, ROW_LIMIT, INDEX, Fix.BOTH)

    def statistic(code: str) -> dict[int, str]:
        n = block.at(code, ROW_N, INDEX, Fix.ROW)
        formulas = part_statistics(layout.typed.over(code, INDEX), n, "par_ddof")
        return dict(zip((ROW_N, ROW_MEAN, ROW_SD), formulas, strict=True))

    def subscore(part: str, row: int) -> str:
        x = layout.typed.at(part, row, INDEX)
        mean, sd = (
            block.at(part, header_row, INDEX, Fix.ROW)
            for header_row in (ROW_MEAN, ROW_SD)
        )
        return part_score_formula(x, mean, sd, limit)

    rows = {ROW_N: "stat.n", ROW_MEAN: "stat.mean", ROW_SD: "stat.sd_ddof"}
    formulas = {code: statistic(code) for code in parts}
    draw_block(
        canvas,
        block,
        subscore,
        number=THREE_DECIMALS,
        key="constructed.parts",
        above=[weight_row, *rows_above(formulas, rows)],
    )
    title = f"{book.labels.text('constructed.parts')} → {of}"
    canvas.put(ROW_NAME, block.left - 1, title, "section", **SMALL, text_wrap=True)
    book.define(part_name("weights", of), block.rows_of(parts, ROW_WEIGHT, ROW_WEIGHT))


def draw_items(book: Book) -> None:
    """Draw `Items`: the list of institutions with their ranks, bands and weights."""
    layout = book.layout
    header = book.layout.ITEM_HEADER
    canvas = titled_sheet(book, "Items", banner=True)
    _draw_bands(book, canvas)
    lines = _lines(book, book.spec.dataset)
    shipped = _lines(book, book.spec.defaults) if book.spec.defaults else []
    first = layout.ITEM_FIRST

    def typed(name: str, width: float, number: str = GENERAL, **options: Any) -> Column:
        position = ITEM_COLUMNS.index(name)

        def value(cells: RowCells) -> object:
            text = lines[cells.slot][position] if cells.slot < len(lines) else ""
            is_number = position > 2 and text.replace(".", "", 1).isdigit()
            return float(text) if is_number else text

        return Column(value=value, role="input", number=number, width=width, **options)

    def last(rank: str) -> Column:
        return Column(
            formula=lambda cells: _last_rank(cells[rank]),
            role=CENTER,
            number=_RANKS,
            width=11,
        )

    def weight(cells: RowCells) -> str:
        # A rank beyond all bands, and no rank at all, have no weight.
        bands = (
            f'COUNTIF(par_band_upper,"<"&{cells[name]})+1'
            for name in ("last_a", "last_b")
        )
        first, second = (f"IFERROR(INDEX(par_band_weight,{band}),0)" for band in bands)
        return f"MAX({first},{second})"

    def basis(cells: RowCells) -> str:
        # The status belongs to the line: whatever is typed over in it makes it an entered one.
        line = line_key(*(cells[name] for name in ITEM_COLUMNS[:5]))
        return f'IF({cells.code}="","",{line_status(canvas, first, len(shipped), LINE, line=line)})'

    def stored(part: slice, cells: RowCells) -> str | None:
        """Return the typed part of a line as shipped, or its status."""
        return (
            "|".join(shipped[cells.slot][part]) if cells.slot < len(shipped) else None
        )

    columns = fields(
        "items",
        code=typed("code", 12, "@", choices=list(layout.item_codes)),
        unit=typed("unit", 18, "@", choices="=xl_units"),
        item=typed("item", 44, "@"),
        **{name: typed(name, 14) for name in ("rank_a", "rank_b")},
        last_a=last("rank_a"),
        last_b=last("rank_b"),
        weight=Column(formula=weight, number=FOUR_DECIMALS, width=11),
        basis=Column(formula=basis, role=CENTER, width=14),
    )
    if shipped:
        typed_part = partial(stored, slice(5))
        status_part = partial(stored, slice(5, 6))
        line = Column(value=typed_part, width=60, helper=True)
        status = Column(value=status_part, width=14, helper=True)
        columns += gap(), *fields("items", line=line, line_basis=status)
    table = Table(
        canvas,
        header - 1,
        first=first,
        last=first + layout.item_rows - 1,
        columns=columns,
        codes=header,
    ).draw()
    book.define("in_items", canvas.area(header, 1, table.last, len(ITEM_COLUMNS)))
    is_synthetic = f'{table.address("basis", first)}="synthetic"'
    canvas.mark(table.area("code", "basis"), is_synthetic, "synthetic")
    canvas.close(header - 1, 3)


def _draw_bands(book: Book, canvas: Canvas) -> None:
    """Write the bands of ranks and their weights."""
    canvas.heading(3, 1, "items.bands")
    step = book.layout.construct_of(book.layout.item_codes[0])
    uppers = step.numbers("uppers") or BAND_UPPERS
    weights = step.numbers("weights") or BAND_WEIGHTS
    item_table(
        canvas,
        4,
        [*zip(uppers, weights, strict=True)],
        (
            Column(
                "upper",
                "items.upper",
                value=lambda cells: cells.item[0],
                role=INPUT_CENTER,
                number=INTEGER,
                define="par_band_upper",
            ),
            Column(
                "weight",
                "items.bandweight",
                value=lambda cells: cells.item[1],
                role=INPUT_CENTER,
                number=FOUR_DECIMALS,
                define="par_band_weight",
            ),
        ),
    ).draw()


def _lines(book: Book, dataset: Dataset) -> list[tuple[str, ...]]:
    """Return what stands in the first five columns of each line, and its status."""
    names = {
        code: list_names(book.spec.recipe, code) for code in book.layout.item_codes
    }
    lines = []
    for code in book.layout.item_codes:
        for item in dataset.items.get(code, ()):
            typed = [item.ranks.get(name, "") for name in names[code]]
            ranks = [*typed, "", ""][:2]
            lines.append((code, item.unit, item.name, *ranks, item.basis))
    return lines


def _last_rank(typed: str) -> str:
    """Return the number of a typed rank, or the last of a band ("101–150"); else a number beyond.

    Programs differ in the value of an empty text, so that it is not asked for.
    """
    dashed = typed
    for dash in ("–", "—"):
        dashed = f'SUBSTITUTE({dashed},"{dash}","-")'
    number = f'VALUE(TRIM(RIGHT(SUBSTITUTE({dashed},"-","{" " * 6}"),6)))'
    return f'IF(TRIM({typed})="",{_NO_RANK},IFERROR({number},{_NO_RANK}))'


def draw_parameters(book: Book, canvas: Canvas, row: int) -> int:
    """Write the bounds of the PM2.5 grades on `Framework`; return the last row."""
    steps = (book.layout.construct_of(code) for code in book.layout.constructed)
    step = next(step for step in steps if "guideline" in step.record.names)
    canvas.heading(row, 1, "constructed.pm25")
    canvas.put(row + 1, 1, "par_pm25_guideline", "stub")
    canvas.input(row + 1, 2, step.number("guideline"), number=GENERAL)
    book.define(
        "par_pm25_guideline",
        Area(
            "Framework",
            r1=row + 1,
            c1=2,
            r2=row + 1,
            c2=2,
        ),
    )
    last = row + 1 + len(PM25_MULTIPLES)
    for bound_row, multiple in enumerate(PM25_MULTIPLES, row + 2):
        canvas.put(bound_row, 1, multiple, STUB_CENTER, number=INTEGER)
        bound = f"{cell(bound_row, 1)}*par_pm25_guideline"
        canvas.formula(bound_row, 2, bound, number=GENERAL)
    book.define(
        "par_pm25",
        Area.of_column("Framework", 2, row + 2, last),
    )
    return last
