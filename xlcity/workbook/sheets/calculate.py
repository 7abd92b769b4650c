"""`Cleaned`, `Normalised`, `Scores`, `Ranks`: the index in native cells."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import Area, Block, cell
from xlcity.workbook.layout import (
    CODE,
    FIRST,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_HIGH,
    ROW_LOW,
    ROW_MAX,
    ROW_MEAN,
    ROW_MIN,
    ROW_N,
    ROW_NAME,
    ROW_RANGE,
    ROW_SD,
    ROW_WEIGHT,
)
from xlcity.workbook.sheets.cities import POPULATIONS
from xlcity.workbook.steps import missing_rule, node_native, normaliser_for, weighs_by_leaves

SCORE = "0.00"
VALUE = "General"
COUNT_ROWS = ((ROW_WEIGHT, "ok"), (ROW_FIXED_LOW, "NA"), (ROW_FIXED_HIGH, "blank"), (ROW_N, "bad"))
COUNTED = ("ok", "NA", "blank", "bad")


def unit_columns(book: Book, canvas: Canvas, last: int | None = None) -> None:
    """Write id and name of the city of each row, and what they are above them."""
    unit_names(book, canvas, last)
    for column, key in ((1, "data.id"), (2, "data.name")):
        canvas.label(ROW_NAME, column, key, "header")
        canvas.label(CODE, column, key, "stub_code")


def unit_names(book: Book, canvas: Canvas, last: int | None = None) -> None:
    """Write id and name of the city of each row."""
    layout = book.layout
    for row in range(FIRST, (last or layout.last) + 1):
        unit = layout.city_cell("id", row)
        canvas.formula(row, 1, f'IF({unit}="","",{unit})', "id")
        canvas.formula(row, 2, layout.city_cell("display", row), "name")


def block_header(book: Book, canvas: Canvas, block: Block, what: str = "") -> None:
    """Write names and codes above a block; `what` is the label of what its columns hold."""
    before = f'{book.labels.ref(what)}&" · "&' if what else ""
    for code in block.codes:
        column = block.column(code)
        name = book.layout.framework_cell(code, "display")
        canvas.formula(ROW_NAME, column, before + name, "header", font_size=9)
        canvas.text(CODE, column, code, "stub_code")


def stubs(canvas: Canvas, rows: Sequence[tuple[int, str]], columns: Sequence[int]) -> None:
    """Write row labels of the header in the name column, and empty stubs beside."""
    for row, key in rows:
        canvas.blank(row, 1, "stub")
        canvas.label(row, 2, key, "stub_line")
        for column in columns:
            canvas.blank(row, column, "stub")


def draw_cleaned(book: Book) -> None:
    """Draw `Cleaned`: state, value and status letter of every input, found by city id."""
    canvas, layout = book.canvas("Cleaned"), book.layout
    canvas.heading("cleaned", "cleaned.note", banner_column=layout.states.left + 2)
    canvas.widths([16, 20, 10, 9, 9, 9])
    for block in (layout.states, layout.cleaned, layout.letters):
        canvas.columns(block.left, block.right, 14)
        canvas.columns(block.right + 1, block.right + 1, 2)
    for block, key in (
        (layout.states, "cleaned.states"),
        (layout.cleaned, "cleaned.values"),
        (layout.letters, "cleaned.letters"),
    ):
        block_header(book, canvas, block, key)
    canvas.fit_names(ROW_NAME, layout.indicators, 14, 9, extra=book.labels.texts["cleaned.letters"])
    canvas.thin(range(ROW_MEAN, CODE))
    unit_columns(book, canvas)
    for column, key in (
        (layout.CLEANED_POPULATION, "cleaned.population"),
        (layout.CLEANED_POSITION, "cleaned.position"),
        (layout.CLEANED_COUNT, "cleaned.count"),
        (layout.CLEANED_DEFAULT, "cleaned.default"),
    ):
        canvas.label(ROW_NAME, column, key, "header", font_size=9)
        canvas.label(CODE, column, key, "stub_code")
    counts_left = layout.counts_left
    canvas.columns(counts_left, counts_left + 3, 9)
    for offset, state in enumerate(COUNTED):
        key = f"cleaned.n_{state.lower()}"
        canvas.label(ROW_NAME, counts_left + offset, key, "header", font_size=9)
        canvas.text(CODE, counts_left + offset, f"n {state}", "stub_code")
    canvas.label(CODE, layout.first_column, "cleaned.first", "stub_code")
    stubs(canvas, [(row, f"cleaned.n_{state.lower()}") for row, state in COUNT_ROWS], ())
    for code in layout.inputs:
        for row, state in COUNT_ROWS:
            canvas.formula(
                row,
                layout.states.column(code),
                f'COUNTIF({layout.states.over(code, "Cleaned")},"{state}")',
                "calculation_center",
            )
    for row in range(FIRST, layout.last + 1):
        _cleaned_row(book, canvas, row, counts_left)
    for block, criteria, mark in (
        (layout.states, '"bad"', "bad"),
        (layout.states, '"blank"', "note"),
        (layout.states, '"NA"', "missing"),
        (layout.letters, '"D"', "derived"),
        (layout.letters, '"Y"', "synthetic"),
        (layout.letters, '"!"', "bad"),
        (layout.letters, '"S"', "note"),
        (layout.cleaned, '"NA"', "missing"),
    ):
        canvas.mark(block.span(), f"{cell(FIRST, block.left)}={criteria}", mark)
    book.define("xl_cleaned", layout.cleaned.span())
    book.define("xl_raw", layout.raw.span())
    canvas.frame(ROW_NAME, 2)
    canvas.page(
        Area("Cleaned", 1, 1, layout.last, layout.first_column),
        landscape=False,
        split=(layout.cleaned.left, layout.letters.left),
    )
    canvas.protect()


def _cleaned_row(book: Book, canvas: Canvas, row: int, counts_left: int) -> None:
    layout = book.layout
    population = layout.city_cell("population", row)
    unit, scored = cell(row, 1, "c"), cell(row, layout.CLEANED_POPULATION, "c")
    position = cell(row, layout.CLEANED_POSITION, "c")
    default = cell(row, layout.CLEANED_DEFAULT, "c")
    first = cell(row, layout.first_column, "c")
    canvas.formula(
        row,
        layout.CLEANED_POPULATION,
        # A city that stands a second time and a word that names no population are not scored.
        f'IF({unit}="","",IF(AND({population}="{POPULATIONS[0]}",{first}=1),"{POPULATIONS[0]}",""))',
        "calculation_center",
    )
    canvas.formula(
        row,
        layout.CLEANED_POSITION,
        f'IF(OR({unit}="",{scored}=""),"",IFERROR(MATCH({unit},in_units,0),""))',
        "calculation_center",
    )
    canvas.formula(
        row,
        layout.CLEANED_COUNT,
        # Exact, as MATCH is: COUNTIF would count the number 110000 for the text "110000".
        f'IF({unit}="","",IFERROR(SUMPRODUCT((in_units={unit})*1),COUNTIF(in_units,{unit})))',
        "calculation_center",
    )
    has_defaults = bool(layout.default_values.codes)
    if has_defaults:
        canvas.formula(
            row,
            layout.CLEANED_DEFAULT,
            f'IF({scored}="","",IFERROR(MATCH({unit},{layout.published_ids.ref()},0),""))',
            "calculation_center",
        )
    else:
        canvas.blank(row, layout.CLEANED_DEFAULT, "calculation_center")
    for code in layout.inputs:
        raw = f"INDEX({layout.data_column(code).ref('r')},{position})"
        state = layout.states.at(code, row, "Cleaned")
        value = layout.cleaned.at(code, row, "Cleaned")
        refused = layout.framework_cell(code, "no_data")
        blank = _blank_state(book, code, row)
        number = f'IF({refused}="","ok",IF({raw}={refused},"bad","ok"))'
        canvas.formula(
            row,
            layout.states.column(code),
            f'IF({scored}="","",IF({position}="",{blank},IFERROR(IF(TYPE({raw})=1,'
            f'IF({raw}="",{blank},{number}),IF(TRIM({raw})="",{blank},'
            f'IF(SUMPRODUCT((par_missing=TRIM({raw}))*1)>0,"NA","bad"))),"bad")))',
            "calculation_center",
        )
        canvas.formula(
            row,
            layout.cleaned.column(code),
            f'IF({state}="ok",{raw},IF({state}="NA","NA",""))',
            "calculation",
            VALUE,
        )
        letter = '"E"'
        if has_defaults:
            shipped = f"INDEX({layout.default_values.over(code, 'Cleaned', 'rc')},{default})"
            shipped_letter = (
                f"INDEX({layout.default_letters.over(code, 'Cleaned', 'rc')},{default})"
            )
            letter = f'IF({default}="","E",IF({value}={shipped},{shipped_letter},"E"))'
        code_cell = cell(CODE, layout.states.column(code), "r")
        canvas.formula(
            row,
            layout.letters.column(code),
            f'IF({state}="ok",IFERROR(INDEX(xl_exception_letters,MATCH({unit}&"|"&{code_cell},'
            f'xl_exception_keys,0)),{letter}),IF({state}="NA","M",IF({state}="bad","!","")))',
            "calculation_center",
        )
    ids = Area("Cleaned", FIRST, 1, layout.last, 1).ref("rc", "Cleaned")
    canvas.formula(
        row,
        layout.first_column,
        f'IF({unit}="","",IF(MATCH({unit},{ids},0)=ROWS({cell(FIRST, 1, "rc")}:{unit}),1,0))',
        "calculation_center",
    )
    states = Area("Cleaned", row, layout.states.left, row, layout.states.right).ref("c", "Cleaned")
    for offset, state_name in enumerate(COUNTED):
        canvas.formula(
            row, counts_left + offset, f'COUNTIF({states},"{state_name}")', "calculation_center"
        )


def _blank_state(book: Book, code: str, row: int) -> str:
    """Return the state of an empty input: "blank", or "" where no value is needed there.

    A direct value makes what it replaces unneeded; a place for a direct value is never needed. A
    recipe that takes a blank as a missing code has no draft and no "blank".
    """
    layout, framework = book.layout, book.spec.framework
    empty = '"NA"' if book.spec.recipe.blank == "missing" else '"blank"'
    if code in book.spec.direct_nodes:
        return '""'
    of = next((i.of for i in framework.ingredients if i.code == code), None)
    if of is None and layout.ingredients_of(code):
        return '""'
    above = [node.code for node in framework.path(of or code)]
    covers = [c for c in above if c in book.spec.direct_nodes] + ([of] if of else [])
    given = [f'{layout.states.at(c, row, "Cleaned")}="ok"' for c in covers]
    if of:
        # An indicator that is confirmed missing needs no ingredients either.
        given.append(f'{layout.states.at(of, row, "Cleaned")}="NA"')
    if code in layout.item_codes:
        given.append(f"{layout.item_count(code)}>0")
    if not given:
        return empty
    return f'IF(OR({",".join(given)}),"",{empty})'


def statistics(canvas: Canvas, block: Block, code: str, sheet: str) -> None:
    """Write n, mean, sd, min, max of a column above it."""
    values, column = block.over(code, sheet), block.column(code)
    canvas.formula(ROW_N, column, f"COUNT({values})", "calculation_center")
    for row, function in (
        (ROW_MEAN, "AVERAGE"),
        (ROW_SD, "_xlfn.STDEV.P"),
        (ROW_MIN, "MIN"),
        (ROW_MAX, "MAX"),
    ):
        canvas.formula(
            row,
            column,
            f'IF({cell(ROW_N, column, "r")}=0,"",{function}({values}))',
            "calculation",
            "0.0000",
        )


def weight_row(book: Book, canvas: Canvas, block: Block) -> None:
    """Write the weight of each node inside its parent above its column."""
    for code in block.codes:
        source = book.layout.framework_cell(code, "weight")
        parent = book.spec.framework[code].parent
        if parent is None:
            canvas.blank(ROW_WEIGHT, block.column(code), "stub")
        elif weighs_by_leaves(book.spec, parent):
            leaves = len(book.spec.framework.leaves_below(code))
            canvas.number(ROW_WEIGHT, block.column(code), leaves, "calculation_center", "0")
        else:
            canvas.formula(
                ROW_WEIGHT,
                block.column(code),
                f'IF({source}="","",{source})',
                "calculation_center",
                "0.####",
            )


def draw_normalised(book: Book) -> None:
    """Draw `Normalised`: statistics, bounds and the normalised indicators."""
    canvas, layout = book.canvas("Normalised"), book.layout
    block = layout.normalised
    canvas.heading("normalised", "normalised.note", banner_column=block.left + 2)
    canvas.widths([16, 24, *[16] * len(block.codes)])
    canvas.fit_names(ROW_NAME, block.codes, 16, 9)
    block_header(book, canvas, block)
    weight_row(book, canvas, block)
    unit_columns(book, canvas)
    stubs(
        canvas,
        [
            (ROW_WEIGHT, "stat.weight"),
            (ROW_FIXED_LOW, "stat.fixed_low"),
            (ROW_FIXED_HIGH, "stat.fixed_high"),
            (ROW_N, "stat.raw_n"),
            (ROW_MEAN, "stat.raw_mean"),
            (ROW_SD, "stat.raw_sd"),
            (ROW_MIN, "stat.raw_min"),
            (ROW_MAX, "stat.raw_max"),
            (ROW_LOW, "stat.low"),
            (ROW_HIGH, "stat.high"),
            (ROW_RANGE, "stat.range"),
        ],
        (),
    )
    for code in block.codes:
        column = block.column(code)
        normaliser = normaliser_for(book.spec, code)
        raw = layout.raw.over(code, "Normalised")
        for row, name in ((ROW_FIXED_LOW, "low"), (ROW_FIXED_HIGH, "high")):
            source = layout.framework_cell(code, name)
            canvas.formula(row, column, f'IF(ISNUMBER({source}),{source},"")', "calculation", VALUE)
        canvas.formula(ROW_N, column, f"COUNT({raw})", "calculation_center")
        for row, function in (
            (ROW_MEAN, "AVERAGE"),
            (ROW_SD, "_xlfn.STDEV.P"),
            (ROW_MIN, "MIN"),
            (ROW_MAX, "MAX"),
        ):
            canvas.formula(
                row,
                column,
                f'IF({cell(ROW_N, column, "r")}=0,"",{function}({raw}))',
                "calculation",
                "0.0000",
            )
        canvas.formula(ROW_LOW, column, normaliser.low_formula(column, raw), "calculation", VALUE)
        canvas.formula(ROW_HIGH, column, normaliser.high_formula(column, raw), "calculation", VALUE)
        low, high = cell(ROW_LOW, column), cell(ROW_HIGH, column)
        canvas.formula(
            ROW_RANGE,
            column,
            f'IF(COUNT({low}:{high})=2,IF({high}>{low},{high}-{low},""),"")',
            "calculation",
            VALUE,
        )
        for row in range(FIRST, layout.last + 1):
            canvas.formula(
                row,
                column,
                normaliser.native(column, layout.raw.at(code, row, "Normalised")),
                "calculation",
                SCORE,
            )
    here = cell(FIRST, block.left)
    canvas.mark(block.span(), f'{here}="NA"', "missing")
    _mark_unrated(book, canvas)
    define_normalised(book)
    canvas.frame(ROW_NAME, 2)
    canvas.page(Area("Normalised", 1, 1, layout.last, block.right), landscape=False)
    canvas.protect()


def define_normalised(book: Book) -> None:
    """Define the names by which normalised values are found."""
    block = book.layout.normalised
    book.define("out_normalised", block.span())
    book.define("out_leaves", Area("Normalised", CODE, block.left, CODE, block.right))


def _mark_unrated(book: Book, canvas: Canvas) -> None:
    """Mark scores that stand for a confirmed missing value."""
    layout = book.layout
    block = layout.normalised
    here = cell(FIRST, block.left)
    canvas.mark(
        block.span(),
        f'AND(ISNUMBER({here}),INDEX(xl_raw,ROW()-{FIRST - 1},COLUMN()-{block.left - 1})="NA")',
        "note",
    )


def draw_scores(book: Book) -> None:
    """Draw `Scores` where nodes are not rescaled: each from its children and their weights."""
    draw_nodes(book, "scores")


def draw_aggregates(book: Book) -> None:
    """Draw `Aggregates`: every composite node before it is rescaled."""
    draw_nodes(book, "aggregates")


def draw_nodes(book: Book, key: str) -> None:
    """Draw the sheet of composite nodes computed from their children."""
    layout, spec = book.layout, book.spec
    block, carried = layout.aggregates, layout.carried
    sheet, final = block.sheet, block is layout.scores or block.sheet == "Scores"
    canvas = book.canvas(sheet)
    canvas.heading(key, f"{key}.note", banner_column=block.left + 2)
    canvas.widths([16, 24, *[14] * len(block.codes), 2, *[14] * len(carried.codes)])
    canvas.fit_names(ROW_NAME, (*block.codes, *carried.codes), 14, 9)
    canvas.thin((ROW_FIXED_LOW, ROW_FIXED_HIGH, ROW_LOW, ROW_HIGH, ROW_RANGE))
    unit_columns(book, canvas)
    node_stubs(canvas)
    for part in (block, carried):
        block_header(book, canvas, part)
        weight_row(book, canvas, part)
        for code in part.codes:
            statistics(canvas, part, code, sheet)
    number = SCORE if final else "0.0000"
    if layout.computed.codes:
        block_header(book, canvas, layout.computed)
        canvas.label(ROW_RANGE, layout.computed.left, "scores.computed", "section")
        canvas.sheet.set_column(layout.computed.left - 1, layout.computed.right - 1, 14)
    for code in carried.codes:
        source = layout.normalised if spec.framework.is_indicator(code) else block
        for row in range(FIRST, layout.last + 1):
            canvas.formula(
                row, carried.column(code), source.at(code, row, sheet), "calculation", number
            )
    for code in block.codes:
        source, children = layout.children(code)
        rule = missing_rule(spec, code)
        weights = source.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref("rc", sheet)
        role = "output" if final and code == spec.framework.root.code else "calculation"
        for row in range(FIRST, layout.last + 1):
            values = source.rows_of(children, row, row).ref("c", sheet)
            formula = node_native(values, weights, rule)
            if code in spec.direct_nodes:
                # A value of its own is used, whatever is below it.
                column = layout.computed.column(code)
                canvas.formula(row, column, formula, "calculation", number)
                state, given = (
                    part.at(code, row, sheet) for part in (layout.states, layout.cleaned)
                )
                made = layout.computed.at(code, row, sheet)
                formula = f'IF({state}="ok",{given},{made})'
            canvas.formula(row, block.column(code), formula, role, number)
    canvas.mark(block.span(), f'{cell(FIRST, block.left)}="NA"', "missing")
    if final:
        define_outputs(book)
    canvas.frame(ROW_NAME, 2)
    right = max(block.right, *(part.right for part in (carried, layout.computed) if part.codes), 0)
    canvas.page(Area(sheet, 1, 1, layout.last, right))
    canvas.protect()


def node_stubs(canvas: Canvas) -> None:
    """Write the row labels of a sheet of nodes."""
    rows = (
        (ROW_WEIGHT, "stat.weight"),
        (ROW_N, "stat.n"),
        (ROW_MEAN, "stat.mean"),
        (ROW_SD, "stat.sd"),
        (ROW_MIN, "stat.min"),
        (ROW_MAX, "stat.max"),
    )
    stubs(canvas, rows, ())


def define_outputs(book: Book) -> None:
    """Define the names by which scores are found."""
    block = book.layout.scores
    book.define("out_units", Area("Scores", FIRST, 1, book.layout.last, 1))
    book.define("out_nodes", Area("Scores", CODE, block.left, CODE, block.right))
    book.define("out_scores", block.span())


def draw_ranks(book: Book) -> None:
    """Draw `Ranks`: rank key, competition rank, and the order inside ties."""
    canvas, layout = book.canvas("Ranks"), book.layout
    canvas.heading("ranks", "ranks.note", banner_column=layout.keys.left + 2)
    canvas.widths([16, 20])
    canvas.fit_names(ROW_NAME, layout.composites, 14, 9, extra=book.labels.texts["ranks.positions"])
    canvas.thin(range(ROW_WEIGHT, CODE))
    unit_columns(book, canvas)
    for block, key in (
        (layout.keys, "ranks.keys"),
        (layout.ranks, "ranks.ranks"),
        (layout.positions, "ranks.positions"),
    ):
        canvas.columns(block.left, block.right, 14)
        canvas.columns(block.right + 1, block.right + 1, 2)
        block_header(book, canvas, block, key)
    chosen = layout.chosen_position_column
    canvas.columns(chosen, chosen, 16)
    canvas.label(ROW_NAME, chosen, "ranks.chosen", "header", font_size=9)
    canvas.text(CODE, chosen, "chosen", "stub_code")
    for row in range(FIRST, layout.last + 1):
        for code in layout.composites:
            score = layout.scores.at(code, row, "Ranks")
            key, rank = layout.keys.at(code, row, "Ranks"), layout.ranks.at(code, row, "Ranks")
            rounded = f"ROUND({score},par_rank_digits)"
            if "rank_round" in book.parameters:
                rounded = f"ROUND({rounded},par_rank_round)"
            if book.spec.family == "zscore":
                # A small negative score rounds to -0, which engines count below 0 as a criterion.
                rounded = f"{rounded}+0"
            canvas.formula(
                row,
                layout.keys.column(code),
                f'IF(ISNUMBER({score}),{rounded},"")',
                "calculation",
                "0.000000000",
            )
            keys, own = layout.keys.over(code, "Ranks"), "1"
            if book.spec.consecutive_ranks:
                top = cell(FIRST, layout.keys.column(code), "r")
                own = f"COUNTIF({top}:{key},{key})"
            canvas.formula(
                row,
                layout.ranks.column(code),
                f'IF(ISNUMBER({key}),COUNTIF({keys},">"&{key})+{own},"")',
                "calculation_center",
                "0",
            )
            column = layout.ranks.column(code)
            before = f"{cell(FIRST, column, 'r')}:{cell(row, column)}"
            canvas.formula(
                row,
                layout.positions.column(code),
                f'IF(ISNUMBER({rank}),{rank}+COUNTIF({before},{rank})-1,"")',
                "calculation_center",
                "0",
            )
        places = Area("Ranks", row, layout.positions.left, row, layout.positions.right)
        canvas.formula(
            row,
            chosen,
            f"INDEX({places.ref('c', 'Ranks')},1,xl_ranking_column)",
            "calculation_center",
            "0",
        )
    book.define("out_ranks", layout.ranks.span())
    canvas.frame(ROW_NAME, 2)
    canvas.page(
        Area("Ranks", 1, 1, layout.last, chosen),
        landscape=False,
        split=(layout.ranks.left, layout.positions.left),
    )
    canvas.protect()
