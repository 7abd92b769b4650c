"""Supplementary indices: `Satellites`, `Fields` with their inputs, and `Disciplines`.

`Satellites` has means of z-scores or nodes, put on one scale of 0 to 100 inside each population.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from xlcity.methods.formulas import ANY_NUMBER, varies_condition
from xlcity.model.nodes import SupplementaryIndex
from xlcity.reports.gihi2023.supplementary import (
    FIELD,
    GROWTH,
    GROWTH_YEARS,
    MEAN_SHARE,
    TOP_FIELDS,
    TOP_PLACES,
)
from xlcity.reports.gihi2023.supplementary_layout import (
    FIELD_SHEET,
    INPUT_LEFT,
    INPUT_SHEET,
    JOINT_SHEET,
    POSITION,
    TABLE,
    SupplementaryLayout,
)
from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Block, Fix, cell
from xlcity.workbook.labels import in_language, quoted
from xlcity.workbook.layout.groups import Populations, populations_of
from xlcity.workbook.layout.rows import (
    CODE,
    IN_CODE,
    IN_FIRST,
    ROW_FIXED_LOW,
    ROW_MAX,
    ROW_MEAN,
    ROW_MIN,
    ROW_N,
    ROW_NAME,
    ROW_WEIGHT,
)
from xlcity.workbook.sheets.calculation.calculate import above
from xlcity.workbook.sheets.inputs.input_rows import (
    count_invented,
    input_content,
    unit_columns,
)
from xlcity.workbook.sheets.table import (
    Above,
    Column,
    RowCells,
    Table,
    draw_block,
    unit_sheet,
    unit_table,
)

#: Statistics and their labels; each has a row per population, from the fourth of the sheet on.
STATISTICS = {
    "n": "stat.n",
    "min": "stat.min",
    "max": "stat.max",
    "low": "satellites.low",
    "high": "satellites.high",
}
SCORE = "0.00"
#: Row of the tenth value of a field on `Disciplines`.
ROW_TENTH = ROW_MEAN


def _define(book: Book, kind: str, scores: Block, ranks: Block) -> None:
    """Define the names of the scores of a kind, of their ranks, and of the codes above them."""
    book.define(f"sat_{kind}_scores", scores.span())
    book.define(f"sat_{kind}_ranks", ranks.span())
    book.define(f"sat_{kind}_nodes", scores.rows_of(scores.codes, CODE, CODE))


def name_of(book: Book, index: SupplementaryIndex) -> str:
    """Return a formula for the name of a supplementary index in the chosen language."""
    return quoted(in_language(index.name_zh, index.name_en, book.spec.language, " / "))


def row_of(statistic: str, position: int, count: int) -> int:
    """Return the header row of a statistic of a population."""
    return ROW_WEIGHT + [*STATISTICS].index(statistic) * count + position


def draw(book: Book) -> None:
    """Draw `Satellites`."""
    layout = book.layout
    indices = SupplementaryLayout(book.layout)
    populations = populations_of(layout)
    means = indices.means
    count = len(populations.names)
    members = populations.members.ref()
    canvas = unit_sheet(book, JOINT_SHEET, [16, 24], banner=True)
    index_by_code = {index.code: index for index in indices.joint}
    blocks = dict.fromkeys(layout.indicators, layout.normalised)
    blocks |= dict.fromkeys(layout.composites, layout.aggregates)

    def name(code: str) -> str:
        return name_of(book, index_by_code[code])

    def mean(code: str, row: int) -> str:
        """Return the mean of the parts of a supplementary index, NA where one lacks."""
        codes = index_by_code[code].parts
        parts = [blocks[part].at(part, row, JOINT_SHEET) for part in codes]
        complete = f"COUNT({','.join(parts)})={len(parts)}"
        mean = f"({'+'.join(parts)})/{len(parts)}" if len(parts) > 1 else parts[0]
        return f'IF({populations.number(row)}="","",IF({complete},{mean},"NA"))'

    def score(code: str, row: int) -> str:
        """Return the mean on the scale of its population."""
        x = means.at(code, row, JOINT_SHEET)
        column = means.column(code)
        number = populations.number(row)
        tops = (row_of(name, 0, count) for name in ("low", "high"))
        low, high = (
            f"INDEX({canvas.range(top, column, top + count - 1, fix=Fix.ROW)},{number})"
            for top in tops
        )
        scaled = f"IF({varies_condition(low, high)},100*({x}-{low})/({high}-{low}),0)"
        return (
            f'IF({number}="","",IF(AND(ISNUMBER({x}),ISNUMBER({low})),{scaled},"NA"))'
        )

    def rank(code: str, row: int) -> str:
        score = indices.joint_scores.at(code, row, JOINT_SHEET)
        scores = indices.joint_scores.over(code, JOINT_SHEET)
        better = f"COUNTIFS({members},{layout.population(row)},{scores},{above(score)})"
        return f'IF(ISNUMBER({score}),{better}+1,"")'

    for block, formula, role, number, what in (
        (means, mean, "calculation", "0.0000", "mean"),
        (indices.joint_scores, score, "output", SCORE, "score"),
        (indices.joint_ranks, rank, "output_center", "0", "rank"),
    ):
        draw_block(
            canvas,
            block,
            formula,
            role,
            number,
            key=f"satellites.{what}",
            width=13,
            name=name,
        )
    for position, population in enumerate(populations.names):
        for statistic, key in STATISTICS.items():
            row = row_of(statistic, position, count)
            canvas.stub(row, f"{book.labels.text(key)} · {population}")
        for index in indices.joint:
            _draw_statistics(canvas, indices, index, populations, position)
    _define(book, "joint", indices.joint_scores, indices.joint_ranks)
    _table(canvas, indices)
    canvas.close(ROW_NAME, 2, head=CODE)


def _draw_statistics(
    canvas: Canvas,
    indices: SupplementaryLayout,
    index: SupplementaryIndex,
    populations: Populations,
    position: int,
) -> None:
    """Write above a column of means what they are scaled by in one population."""
    means = indices.means
    members = populations.members.ref()
    name = populations.name(position)
    column = means.column(index.code)
    values = means.over(index.code, JOINT_SHEET)
    rows = {name: row_of(name, position, len(populations.names)) for name in STATISTICS}
    count = f"COUNTIFS({members},{name},{values},{ANY_NUMBER})"
    canvas.formula(rows["n"], column, count, "calculation_center", "0")
    same = tuple(s.code for s in indices.joint if s.scale == index.scale)
    size = populations.size(position)
    counts = means.rows_of(same, rows["n"], rows["n"])
    is_complete = f"AND({size}>0,MIN({counts.ref(home=JOINT_SHEET)})={size})"
    for bound, end in (("low", "min"), ("high", "max")):
        inside = f"{end.upper()}(IF({members}={name},{values}))"
        formula = f'IF({cell(rows["n"], column, Fix.ROW)}=0,"",{inside})'
        canvas.array(canvas.area(rows[end], column), formula, "calculation", "0.0000")
        ends = means.rows_of(same, rows[end], rows[end]).ref(home=JOINT_SHEET)
        formula = f'IF({is_complete},{end.upper()}({ends}),"")'
        canvas.formula(rows[bound], column, formula, "calculation", "0.0000")


def _table(canvas: Canvas, indices: SupplementaryLayout) -> None:
    """List the supplementary indices, by which a workbook tells of them."""
    left = indices.joint_ranks.right + 2
    canvas.last_printed = indices.joint_ranks.right
    canvas.label(ROW_NAME, left, "satellites.table", "section")

    def text(name: str, cells: RowCells) -> str:
        value = getattr(cells.item, name)
        return " ".join(value) if name == "parts" else value

    columns = (
        Column(
            name,
            role="stub",
            width=width,
            style={"font_size": 9},
            value=partial(text, name),
            code=name,
        )
        for name, width in TABLE.items()
    )
    Table(
        canvas,
        ROW_NAME,
        CODE + 1,
        CODE + len(indices.all),
        tuple(columns),
        left,
        CODE,
        items=indices.all,
        define="xl_satellites",
    ).draw()


def draw_inputs(book: Book) -> None:
    """Draw `Fields`: inputs that no other sheet names but by whole columns."""
    layout = book.layout
    indices = SupplementaryLayout(book.layout)
    dataset = book.spec.dataset
    canvas = titled_sheet(book, INPUT_SHEET, [16, 18], banner=True)
    canvas.gap(IN_CODE - 1)
    right = INPUT_LEFT + len(indices.inputs) - 1

    def column(code: str) -> Column:
        head = _field_head(book, indices, "", code)
        return Column(
            code,
            role="input",
            number="General",
            width=11,
            head=head,
            code=code,
            value=lambda cells: input_content(dataset, cells.slot, code),
            head_style={"font_size": 8},
        )

    columns = (*unit_columns(layout), *map(column, indices.inputs))
    units = [unit.id for unit in dataset.units]
    Table(
        canvas, IN_CODE - 2, IN_FIRST, layout.in_last, columns, 1, IN_CODE, items=units
    ).draw()
    book.counts.input_cells += layout.slots * len(indices.inputs)
    canvas.closing(layout.closing, "data.closing", right)
    book.define("in_field_units", indices.input_ids)
    book.define("in_fields", canvas.area(IN_CODE, INPUT_LEFT, layout.closing, right))
    book.define("xl_field_codes", canvas.area(IN_CODE, INPUT_LEFT, IN_CODE, right))
    values = canvas.area(IN_FIRST, INPUT_LEFT, layout.in_last, right)
    here = cell(IN_FIRST, INPUT_LEFT)
    canvas.mark(
        values, f'AND(TYPE({here})=2,TRIM({here})<>"",TRIM({here})<>"NA")', "bad"
    )
    if (invented := indices.invented_values) is not None:
        count_invented(canvas, values, indices.shipped_left, invented)
        shipped = cell(IN_FIRST, indices.shipped_left)
        canvas.mark(values, f'AND({here}={shipped},{shipped}<>"")', "synthetic")
    canvas.close(IN_CODE, 2, protected=False)


def draw_fields(book: Book) -> None:
    """Draw `Disciplines`: scores of fields and what follows from them."""
    layout = book.layout
    indices = SupplementaryLayout(book.layout)
    values = indices.values
    scores = indices.field_scores
    canvas = unit_sheet(book, FIELD_SHEET, banner=True)
    canvas.widths({POSITION: 8})
    parameters = {"top": TOP_PLACES, "years": GROWTH_YEARS}
    for row, (name, number) in enumerate(parameters.items(), ROW_FIXED_LOW):
        canvas.stub(row, book.labels.text(f"disciplines.{name}"))
        canvas.put(row, POSITION, number, "stub_center", "0")
        book.define(f"par_fields_{name}", canvas.area(row, POSITION))
    # Counted once: every cell of the scores asks for it.
    scored = f"COUNT({populations_of(layout).numbers.ref()})"
    canvas.formula(ROW_N, POSITION, scored, "calculation_center", "0", font_size=8)
    position = Column(
        "",
        "disciplines.position",
        partial(_position, indices),
        "calculation_center",
        head_style={"font_size": 8},
    )
    unit_table(canvas, (position,), left=POSITION).draw()
    kinds = {index.code: index.kind for index in indices.others}
    formats = {
        code: "0" if kind == TOP_FIELDS else SCORE for code, kind in kinds.items()
    }

    def value(code: str, row: int) -> str:
        return _number_at(
            indices.input(code).ref(Fix.ROW), cell(row, POSITION, Fix.COLUMN)
        )

    def statistic(formula: str, code: str) -> str:
        n = values.at(code, ROW_N, FIELD_SHEET, Fix.ROW)
        over = values.over(code, FIELD_SHEET)
        text = formula.format(over, n)
        return text if formula.startswith("COUNT") else f'IF({n}=0,"",{text})'

    above = [
        Above(row, key, partial(statistic, formula), role, "0", style={"font_size": 8})
        for row, key, formula, role in (
            (ROW_N, "stat.n", "COUNT({0})", "calculation_center"),
            (
                ROW_TENTH,
                "disciplines.tenth",
                "LARGE({0},MIN(par_fields_top,{1}))",
                "calculation",
            ),
            (ROW_MIN, "stat.min", "MIN({0})", "calculation"),
            (ROW_MAX, "stat.max", "MAX({0})", "calculation"),
        )
    ]
    score, rank = (partial(of, indices, kinds) for of in (_field_score, _field_rank))
    for block, formula, role, form, key in (
        (values, value, "calculation", "0", ""),
        (scores, score, "output", formats.__getitem__, "score"),
        (indices.field_ranks, rank, "output_center", "0", "rank"),
    ):
        head = partial(_field_head, book, indices, key)
        draw_block(
            canvas,
            block,
            formula,
            role,
            form,
            name=head,
            width=9,
            head_size=8,
            above=() if key else above,
        )
    _define(book, "field", scores, indices.field_ranks)
    canvas.close(ROW_NAME, 2, head=CODE)


def _number_at(source: str, position: str) -> str:
    """Return the formula of a number at a position, "" where there is another thing or none."""
    # Not TYPE, which Gnumeric takes for that of an array where INDEX is its argument; LibreOffice
    # takes a logical value for a number.
    entry = f"INDEX({source},{position})"
    number = f'IF(ISNUMBER({entry}),IF(ISLOGICAL({entry}),"",{entry}),"")'
    return f'IF({position}="","",IFERROR({number},""))'


def _field_head(book: Book, indices: SupplementaryLayout, key: str, code: str) -> str:
    """Return the heading of a column: what it holds, without a key by its code, and of which."""
    of, _, kind = (code, "", key) if key else code.rpartition(".")
    index = next(each for each in indices.all if each.code == of)
    return f'{book.labels.ref(f"disciplines.{kind}")}&" · "&{name_of(book, index)}'


def _position(indices: SupplementaryLayout, cells: RowCells) -> str:
    """Return the formula of a scored city's position on `Fields`."""
    where = f"MATCH({cell(cells.row, 1, Fix.COLUMN)},{indices.input_ids.ref()},0)"
    number = populations_of(indices.layout).number(cells.row)
    return f'IF({number}="","",IFERROR({where},""))'


def _field_score(
    indices: SupplementaryLayout, kinds: Mapping[str, str], code: str, row: int
) -> str:
    """Return the formula of a field's score, or of what follows from all fields."""
    values = indices.values
    size = cell(ROW_N, POSITION, Fix.BOTH)
    if kinds[code] == GROWTH:
        first, last = (
            values.at(f"{code}.{n}", row, FIELD_SHEET) for n in ("first", "last")
        )
        grown = f"100*(({last}/{first})^(1/par_fields_years)-1)"
        return f'IF(COUNT({first},{last})=2,IF({first}>0,{grown},""),"")'
    if kinds[code] == FIELD:
        x = values.at(f"{code}.hcp", row, FIELD_SHEET)
        column = values.column(f"{code}.hcp")
        low, high, n = (cell(r, column, Fix.ROW) for r in (ROW_MIN, ROW_MAX, ROW_N))
        share = f"({x}-{low})/({high}-{low})"
        scaled = f"100-par_omega+IF({varies_condition(low, high)},par_omega*{share},0)"
        return f'IF(AND(ISNUMBER({x}),{n}={size}),{scaled},"")'

    def across(line: int, *names: str) -> str:
        codes = tuple(
            f"{field.code}.{name}" for name in names for field in indices.fields
        )
        return values.rows_of(codes, line, line).ref(
            Fix.COLUMN if line == row else Fix.BOTH, FIELD_SHEET
        )

    papers = across(row, "papers")
    cited = across(row, "hcp")
    fields = f"COLUMNS({papers})"
    counts = across(ROW_N, "papers", "hcp")
    complete = (
        f"AND(COUNT({papers})={fields},COUNT({cited})={fields},MIN({counts})={size})"
    )
    # Each share over all fields; a field without papers adds nothing.
    result = f"100*SUMPRODUCT(({papers}>0)*{cited}/({papers}+({papers}=0)))/{fields}"
    if kinds[code] == TOP_FIELDS:
        result = f"SUMPRODUCT(({cited}>={across(ROW_TENTH, 'hcp')})*1)"
    return f'IF({complete},{result},"")'


def _field_rank(
    indices: SupplementaryLayout, kinds: Mapping[str, str], code: str, row: int
) -> str:
    """Return the formula of a rank; a field is ranked by its counts, a tie of fields by share."""
    scores = indices.field_scores
    score = scores.at(code, row, FIELD_SHEET)
    over = scores.over(code, FIELD_SHEET)
    better = f"COUNTIF({over},{above(score)})"
    if kinds[code] == FIELD:
        cited = indices.values.over(f"{code}.hcp", FIELD_SHEET)
        own = indices.values.at(f"{code}.hcp", row, FIELD_SHEET)
        better = f"COUNTIF({cited},{above(own)})"
    elif kinds[code] == TOP_FIELDS:
        share = next(other for other, kind in kinds.items() if kind == MEAN_SHARE)
        own = scores.at(share, row, FIELD_SHEET)
        shares = scores.over(share, FIELD_SHEET)
        better = f'COUNTIF({over},">"&{score})+COUNTIFS({over},{score},{shares},{above(own)})'
    return f'IF(ISNUMBER({score}),{better}+1,"")'
